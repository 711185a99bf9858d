from datetime import date
from decimal import Decimal

import pytest
from django.contrib.gis.geos import GEOSGeometry
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ranchers.boundaries import InvalidBoundary, check_boundary, same_shape, set_boundary
from ranchers.models import PlotBoundary
from ranchers.places import load_places
from ranchers.plots import InvalidPlot, close_plot, open_plot
from tests.ranchers.shapes import bow_tie, square


def codes(geometry):
    return [p.code for p in check_boundary(geometry=geometry).problems]


def test_a_good_square_has_its_geodesic_area(places):
    check = check_boundary(geometry=square())
    assert check.acceptable and not check.repaired
    assert check.area_ha == pytest.approx(Decimal("120.9"), abs=Decimal("0.5"))


def test_a_bow_tie_is_offered_repaired_and_kept_only_when_accepted(rancher):
    plot = open_plot(rancher=rancher, name="Uno", by=None)
    check = check_boundary(geometry=bow_tie())
    assert check.repaired and check.acceptable and check.boundary.valid
    with pytest.raises(InvalidBoundary):
        set_boundary(plot=plot, geometry=bow_tie(), since=date(2020, 1, 1), by=None)
    kept = set_boundary(
        plot=plot, geometry=bow_tie(), since=date(2020, 1, 1), by=None, accept_repaired=True
    )
    assert kept.boundary.valid and len(kept.boundary) == 2


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (square(lon=-75), "outside"),
        (square(lon=-69.36, lat=-11.2, side=0.05), "partly_outside"),
        (square(side=0.0001), "too_small"),
        (square(lon=-71, lat=-11.7, side=0.3), "too_large"),
        (GEOSGeometry("SRID=4326;POLYGON((-11.35 -69.6,-11.34 -69.6,-11.34 -69.59,-11.35 -69.6))"), "swapped"),
        (GEOSGeometry("SRID=4326;POINT(-69.6 -11.3)"), "not_polygon"),
        (GEOSGeometry("SRID=4326;LINESTRING(-69.6 -11.3,-69.5 -11.3)"), "not_polygon"),
        (GEOSGeometry("SRID=4326;POLYGON EMPTY"), "empty"),
        (GEOSGeometry("POLYGON((450000 8700000,460000 8700000,460000 8710000,450000 8700000))"), "not_degrees"),
        (GEOSGeometry("SRID=4326;POLYGON((-69.6 -11.3,-69.5 -11.3,-69.6 -11.3,-69.6 -11.3))"), "not_valid"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_plot_is_named(places, shape, code):
    assert codes(shape) == [code]


def test_a_shape_with_heights_is_kept_flat(rancher):
    shape = GEOSGeometry(
        "SRID=4326;POLYGON Z((-69.6 -11.35 200,-69.59 -11.35 200,-69.59 -11.34 210,-69.6 -11.35 200))"
    )
    plot = open_plot(rancher=rancher, name="Uno", geometry=shape, since=date(2020, 1, 1), by=None)
    assert not plot.boundaries.get().boundary.hasz


def test_other_plots_on_the_same_land_are_listed_but_not_closed_ones(rancher):
    one = open_plot(rancher=rancher, name="Uno", geometry=square(), since=date(2020, 1, 1), by=None)
    overlaps = check_boundary(geometry=square(lon=-69.595)).overlaps
    assert [(o.plot, round(o.area_ha)) for o in overlaps] == [(one, 60)]
    assert check_boundary(geometry=square(lon=-69.59)).overlaps == []  # only touches
    assert check_boundary(geometry=square(), plot=one).overlaps == []
    close_plot(plot=one, on=date(2021, 1, 1))
    assert check_boundary(geometry=square(lon=-69.595)).overlaps == []


def test_a_new_boundary_supersedes_and_a_redraw_on_the_same_day_corrects(rancher):
    plot = open_plot(
        rancher=rancher, name="Uno", geometry=square(), since=date(2020, 1, 1), by=None
    )
    first = plot.boundaries.get()
    set_boundary(plot=plot, geometry=square(side=0.012), since=date(2022, 1, 1), by=None)
    set_boundary(plot=plot, geometry=square(side=0.011), since=date(2022, 1, 1), by=None)
    rows = list(PlotBoundary.objects.filter(plot=plot).order_by("period"))
    assert rows[0].pk == first.pk
    assert [(r.period.lower, r.period.upper) for r in rows] == [
        (date(2020, 1, 1), date(2022, 1, 1)),
        (date(2022, 1, 1), None),
    ]
    assert same_shape(rows[1].boundary, square(side=0.011))


def test_the_same_shape_again_changes_nothing(rancher):
    plot = open_plot(
        rancher=rancher, name="Uno", geometry=square(), since=date(2020, 1, 1), by=None
    )
    turned = GEOSGeometry(
        "SRID=4326;POLYGON((-69.59 -11.34,-69.6 -11.34,-69.6 -11.35,-69.59 -11.35,-69.59 -11.34))"
    )
    set_boundary(plot=plot, geometry=turned, since=date(2023, 1, 1), by=None)
    assert plot.boundaries.count() == 1


def test_a_plot_takes_the_district_it_lies_in(rancher):
    plot = open_plot(
        rancher=rancher, name="Uno", geometry=square(lat=-11.65), since=date(2020, 1, 1), by=None
    )
    assert plot.district.name == "Tahuamanu"


def test_two_plots_of_a_rancher_cannot_share_a_name(rancher):
    open_plot(rancher=rancher, name="Uno", by=None)
    with pytest.raises(InvalidPlot):
        open_plot(rancher=rancher, name=" Uno ", by=None)


class AnyRing(TestCase):
    @settings(max_examples=80)
    @given(
        st.lists(
            st.tuples(
                st.floats(-69.7, -69.5, allow_nan=False), st.floats(-11.45, -11.3, allow_nan=False)
            ),
            min_size=3,
            max_size=9,
        )
    )
    def test_any_ring_is_either_refused_with_a_reason_or_valid_and_stored(self, points):
        load_places()
        ring = [*points, points[0]]
        shape = GEOSGeometry(
            "SRID=4326;POLYGON((" + ",".join(f"{x!r} {y!r}" for x, y in ring) + "))"
        )
        check = check_boundary(geometry=shape)
        if check.acceptable:
            assert check.boundary.valid and check.area_ha >= Decimal("0.05")
        else:
            assert all(problem.message for problem in check.problems)
