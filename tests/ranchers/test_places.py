import pytest
from django.contrib.gis.db.models.functions import Area, Transform
from django.contrib.gis.geos import GEOSGeometry, Point

from ranchers.models import District, Programme
from ranchers.places import as_multipolygon, district_at, load_places

pytestmark = pytest.mark.django_db

OFFICIAL_KM2 = {"170301": 14854, "170302": 2549, "170303": 3794}


def test_loading_twice_gives_three_districts_with_both_ubigeos():
    load_places()
    load_places()
    assert sorted(District.objects.values_list("ubigeo", "ubigeo_reniec")) == [
        ("170301", "160301"),
        ("170302", "160302"),
        ("170303", "160303"),
    ]


def test_schematic_districts_do_not_overlap_hold_their_capital_and_have_about_the_official_area():
    districts = load_places()
    for district in District.objects.annotate(flat=Area(Transform("boundary", 32719))):
        assert district.boundary.valid
        assert district.boundary.covers(district.capital_point)
        official = OFFICIAL_KM2[district.ubigeo]
        assert district.flat.sq_km == pytest.approx(official, rel=0.02)
    for a in districts:
        for b in districts:
            if a != b:
                assert a.boundary.intersection(b.boundary).area < 1e-9


def test_an_official_boundary_and_a_region_set_by_hand_survive_the_next_load():
    load_places()
    square = as_multipolygon(
        GEOSGeometry("SRID=4326;POLYGON((-69.6 -11,-69.5 -11,-69.5 -10.9,-69.6 -10.9,-69.6 -11))")
    )
    District.objects.filter(pk="170301").update(boundary=square, boundary_is_schematic=False)
    Programme.objects.update(region=square)
    load_places()
    assert District.objects.get(pk="170301").boundary.equals(square)
    assert Programme.objects.get().region.equals(square)


def test_a_point_is_given_to_the_district_around_it():
    load_places()
    assert district_at(Point(-69.487, -11.411, srid=4326)).name == "Iberia"
    assert district_at(Point(0, 0, srid=4326)) is None


def test_only_polygons_are_kept_of_a_mixed_geometry():
    mixed = GEOSGeometry(
        "SRID=4326;GEOMETRYCOLLECTION(POINT(0 0),POLYGON((0 0,1 0,1 1,0 0)),LINESTRING(0 0,1 1))"
    )
    assert len(as_multipolygon(mixed)) == 1
    assert len(as_multipolygon(GEOSGeometry("POINT(0 0)"))) == 0
