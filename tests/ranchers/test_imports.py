"""Importing ranchers and plots: what is read, what is refused, and that nothing doubles."""

import io
from datetime import date

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from ranchers.imports.batches import begin_applying, counts, receive_file, remap, work
from ranchers.imports.readers import read_file
from ranchers.imports.source import UnreadableFile
from ranchers.imports.undoing import undo_import
from ranchers.imports.workbooks import neutral
from ranchers.models import ImportBatch, Plot, PlotBoundary, Rancher
from ranchers.plots import open_plot
from tests.ranchers import files
from tests.ranchers.shapes import bow_tie, square

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(places, coordinator):
    def load(content, *, apply=True, skip_bad=False, name="archivo", **options):
        batch = receive_file(
            name=name,
            content=content,
            by=coordinator,
            **{"since": date(2022, 1, 1), "district": None, "accept_repaired": False, **options},
        )
        work(batch_id=batch.pk)
        if apply:
            batch.refresh_from_db()
            begin_applying(batch=batch, skip_bad=skip_bad)
            work(batch_id=batch.pk)
        batch.refresh_from_db()
        return batch

    return load


def outcome(batch):
    return {name: n for name, n in counts(batch).items() if n}


SHAPES = [
    ({"dni": "00000001", "nombres": "Rosa", "apellidos": "Ríos", "predio": "Uno"}, square()),
    ({"dni": "00000002", "nombres": "Luz", "apellidos": "Ñahui", "predio": "Dos"}, square(-69.5)),
]


@pytest.mark.parametrize(
    "content",
    [
        files.csv_file(files.people(2)),
        files.csv_file(files.people(2), separator=",", encoding="utf-8-sig"),
        files.csv_file(files.people(2), separator="\t", encoding="cp1252"),
        files.csv_file(files.people(2), encoding="utf-16"),
        files.xlsx_file(files.people(2)),
        files.geojson_file(SHAPES),
        files.kml_file(SHAPES),
        files.gpkg_file(SHAPES),
        files.shapefile(SHAPES),
        files.shapefile(SHAPES, without=[".prj"]),
    ],
    ids=["csv", "comma", "tab-cp1252", "utf16", "xlsx", "json", "kml", "gpkg", "shp", "no-prj"],
)
def test_every_kind_of_file_is_imported_and_a_second_time_changes_nothing(load, content):
    batch = load(content)
    assert (batch.state, outcome(batch)) == ("applied", {"new": 2})
    assert Rancher.objects.count() == Plot.objects.count() == PlotBoundary.objects.count() == 2
    assert 118 < PlotBoundary.objects.first().area_ha < 123
    assert outcome(load(content)) == {"unchanged": 2}
    assert Rancher.objects.count() == Plot.objects.count() == PlotBoundary.objects.count() == 2


def test_accents_survive_windows_encoding(load):
    row = ["00000001", "Ñahui Peña", "José", "Iñapari", "Año", ""]
    load(files.csv_file([row], encoding="cp1252"))
    assert Rancher.objects.get().full_name == "José Ñahui Peña"


def test_a_file_in_utm_metres_is_brought_to_degrees(load):
    flat = [(properties, shape.clone()) for properties, shape in SHAPES]
    for _properties, shape in flat:
        shape.transform(32719)
    load(files.gpkg_file(flat, crs="EPSG:32719"))
    west, south, _east, _north = Plot.objects.get(name="Uno").boundaries.get().boundary.extent
    assert (west, south) == (pytest.approx(-69.6, abs=1e-5), pytest.approx(-11.35, abs=1e-5))


def test_a_gps_track_becomes_the_plot_of_the_rancher_named_in_it(load, rancher):
    open_plot(rancher=rancher, name="El Cedro", by=None)
    source = read_file(name="x.gpx", content=files.gpx_file("El Cedro", square()))
    assert source.columns == ["name"] and source.rows[0].geometry.num_coords == 5


def test_a_spreadsheet_that_ate_the_zeros_of_a_dni_gets_them_back(load):
    load(files.xlsx_file([[1234567, "Ríos", "Luz", "Iberia", "", ""]]))
    assert Rancher.objects.get().dni == "01234567"


def test_checking_writes_nothing_and_tells_what_would_happen(load):
    batch = load(files.csv_file(files.people(3)), apply=False)
    assert outcome(batch) == {"new": 3}
    assert not Rancher.objects.exists()


WRONG = [
    ["123", "Ríos", "Luz", "Iberia", "", ""],
    ["00000007", "", "", "Iberia", "", ""],
    ["00000008", "Ríos", "Luz", "Lima", "", ""],
    ["00000009", "Ríos", "Luz", "Iberia", "A", bow_tie().wkt],
    ["00000010", "Ríos", "Luz", "Iberia", "A", square(lon=0).wkt],
    ["00000011", "Ríos", "Luz", "Iberia", "A", square(side=0.0001).wkt],
    ["00000012", "Ríos", "Luz", "Iberia", "A", square(lon=-71, lat=-11.7, side=0.3).wkt],
    ["00000013", "Ríos", "Luz", "Iberia", "A", "hola"],
    ["00000014", "Ríos", "Luz", "Iberia", "A" * 121, ""],
]


def test_one_wrong_row_stops_all_or_is_skipped_as_the_person_chose(load):
    content = files.csv_file([*files.people(2), *WRONG])
    batch = load(content)
    assert batch.state == "checked" and batch.message
    assert not Rancher.objects.exists()
    batch = load(content, skip_bad=True)
    assert outcome(batch) == {"new": 2, "error": len(WRONG)}
    assert Rancher.objects.count() == 2
    assert all(row.errors and row.errors[0] for row in batch.rows.filter(outcome="error"))


def test_errors_are_told_in_spanish_with_the_row_number_of_the_spreadsheet(load):
    batch = load(files.csv_file([*files.people(1), WRONG[0]]), apply=False)
    row = batch.rows.get(outcome="error")
    assert row.number == 3
    assert row.errors == ["El DNI tiene ocho dígitos (y, aparte, un carácter verificador)."]


def test_a_repaired_outline_needs_to_be_accepted(load):
    content = files.csv_file([WRONG[3]])
    assert outcome(load(content)) == {"error": 1}
    batch = load(content, accept_repaired=True)
    assert outcome(batch) == {"new": 1}
    assert batch.rows.get().notes
    assert outcome(load(content, accept_repaired=True)) == {"unchanged": 1}


def test_latitude_before_longitude_is_hinted_at(load):
    turned = [(SHAPES[0][0], square(lon=-11.35, lat=-69.6))]
    row = load(files.geojson_file(turned)).rows.get()
    assert "latitud" in row.errors[0]


def test_one_dni_with_two_names_in_a_file_is_an_error(load):
    rows = files.people(2)
    rows[1][0] = rows[0][0]
    assert outcome(load(files.csv_file(rows), skip_bad=True)) == {"new": 1, "error": 1}


def test_two_plots_of_one_rancher_are_two_rows(load):
    rows = files.people(2)
    rows[1][:5] = [*rows[0][:4], "El Cedro"]
    load(files.csv_file(rows))
    assert Rancher.objects.get().plots.count() == 2


def test_an_empty_cell_never_erases_and_a_new_value_changes(load):
    header = ["DNI", "Apellidos", "Nombres", "Distrito", "Celular"]
    row = ["00000001", "Ríos", "Luz", "Iberia", "982123456"]
    load(files.csv_file([row], header=header))
    assert outcome(load(files.csv_file([[*row[:4], ""]], header=header))) == {"unchanged": 1}
    assert Rancher.objects.get().phone == "+51982123456"
    assert outcome(load(files.csv_file([[*row[:4], "982123457"]], header=header))) == {"changed": 1}
    assert Rancher.objects.get().phone == "+51982123457"


def test_without_a_dni_the_name_finds_the_rancher_and_two_of_a_name_are_refused(load, iberia):
    header = ["Apellidos", "Nombres", "Distrito", "Comunidad"]
    rows = [["Ríos", "Luz", "Iberia", "Alerta"]]
    load(files.csv_file(rows, header=header))
    assert outcome(load(files.csv_file(rows, header=header))) == {"unchanged": 1}
    Rancher.objects.create(given_names="Luz", surnames="Ríos", district=iberia)
    assert outcome(load(files.csv_file(rows, header=header))) == {"error": 1}


def test_a_column_with_an_unknown_header_can_be_mapped_by_hand(load):
    header = ["XX", "Apellidos", "Nombres", "Distrito"]
    batch = load(
        files.csv_file([["00000001", "Ríos", "Luz", "Iberia"]], header=header), apply=False
    )
    remap(
        batch=batch,
        mapping={**batch.mapping, "XX": "dni"},
        since=batch.since,
        district=None,
        accept_repaired=False,
    )
    work(batch_id=batch.pk)
    begin_applying(batch=ImportBatch.objects.get(), skip_bad=False)
    work(batch_id=batch.pk)
    assert Rancher.objects.get().dni == "00000001"


def test_applying_twice_is_refused_and_working_twice_does_nothing(load):
    batch = load(files.csv_file(files.people(1)))
    work(batch_id=batch.pk)
    assert Rancher.objects.count() == 1
    with pytest.raises(Exception, match="import"):
        begin_applying(batch=batch, skip_bad=False)


def test_an_import_is_undone_as_long_as_nothing_rests_on_it(load, coordinator):
    phone = ["DNI", "Apellidos", "Nombres", "Distrito", "Celular"]
    load(files.csv_file([["00000001", "Quispe B", "Rosa", "Iberia", "982123456"]], header=phone))
    second = load(files.csv_file(files.people(2)))
    undo_import(batch=second)
    assert Rancher.objects.get().phone == "+51982123456"
    assert not Plot.objects.exists()


def test_an_import_on_which_something_rests_is_not_undone(load):
    from ranchers.consents import give_consent

    batch = load(files.csv_file(files.people(2)))
    give_consent(rancher=Rancher.objects.first(), scope="public", since=date(2022, 1, 1), by=None)
    with pytest.raises(Exception, match="deshacer|undone"):
        undo_import(batch=batch)
    assert Rancher.objects.count() == Plot.objects.count() == 2


def test_undoing_a_redrawn_outline_puts_the_earlier_one_back_in_force(load):
    load(files.csv_file(files.people(1)))
    rows = files.people(1)
    rows[0][5] = square(side=0.012).wkt
    batch = load(files.csv_file(rows), since=date(2023, 1, 1))
    undo_import(batch=batch)
    boundary = PlotBoundary.objects.get()
    assert boundary.period.upper is None and boundary.area_ha < 130


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ja"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    b"<kml><Placemark><name>&b;</name></Placemark></kml>"
)
BOMB = files.zipped({"a.shp": b"\x00" * (201 * 1024 * 1024)})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02\x03" * 40,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
        files.csv_file([]),
        b'"abierto;x\n1;2',
        files.xlsx_file(files.people(1))[:700],
        files.xlsx_file([]),
        files.zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}),
        files.zipped({"leame.txt": b"hola"}),
        files.zipped({"../../etc/x.shp": b"x"}),
        files.zipped({"/etc/x.shp": b"x"}),
        files.zipped({"a.shp": b"x", "a.shx": b"x", "a.dbf": b"x"}),
        files.zipped({f"{n}.shp": b"x" for n in range(400)}),
        BOMB,
        files.shapefile(SHAPES, without=[".dbf"]),
        files.shapefile(SHAPES, without=[".shx"]),
        files.shapefile(SHAPES)[:900],
        files.gpkg_file(SHAPES)[:3000],
        b"SQLite format 3\x00" + b"\x00" * 200,
        b'{"type":"FeatureCollection"',
        b'{"type":"FeatureCollection","features":{}}',
        b"[1,2,3]",
        b"[" * 100_000,
        b'{"type":"FeatureCollection","features":[],"crs":{"properties":{"name":"EPSG:999999"}}}',
        LAUGHS,
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><kml/>',
        b"<kml><Placemark>",
        b"<OGRVRTDataset><OGRVRTLayer name='x'><SrcDataSource>/vsicurl/http://x/y</SrcDataSource>"
        b"</OGRVRTLayer></OGRVRTDataset>",
        b"<svg onload='alert(1)'/>",
    ],
)
def test_a_broken_or_hostile_file_is_refused_with_a_reason_and_nothing_is_kept(
    client, coordinator, places, content
):
    with pytest.raises(UnreadableFile):
        read_file(name="archivo", content=content)
    client.force_login(coordinator)
    upload = io.BytesIO(content)
    upload.name = "archivo.bin"
    answer = client.post(reverse("ranchers:imports"), {"file": upload, "since": "2022-01-01"})
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3"])
def test_a_cell_that_looks_like_a_formula_leaves_as_text_and_comes_back_as_it_was(
    client, coordinator, load, cell
):
    header = ["DNI", "Apellidos", "Nombres", "Distrito"]
    batch = load(files.csv_file([["1", cell, "Luz", "Iberia"]], header=header), apply=False)
    client.force_login(coordinator)
    answer = client.get(reverse("ranchers:import_wrong_rows", args=[batch.pk]))
    book = load_workbook(io.BytesIO(answer.content))
    assert book.active["B2"].value == "'" + cell
    assert book.active["B2"].data_type == "s"
    assert neutral("-69.5") == "-69.5"


def test_wrong_rows_are_downloaded_mended_and_imported(client, coordinator, load):
    batch = load(files.csv_file([*files.people(1), WRONG[0]]), skip_bad=True)
    client.force_login(coordinator)
    answer = client.get(reverse("ranchers:import_wrong_rows", args=[batch.pk]))
    book = load_workbook(io.BytesIO(answer.content))
    assert book.active.max_row == 2
    book.active["A2"] = "00000099"
    mended = io.BytesIO()
    book.save(mended)
    assert outcome(load(mended.getvalue())) == {"new": 1}


def test_the_template_can_be_imported_as_it_is(client, coordinator, load):
    client.force_login(coordinator)
    content = client.get(reverse("ranchers:import_template")).content
    assert outcome(load(content)) == {"new": 1}


def test_the_pages_of_an_import_from_upload_to_undo(client, coordinator, places):
    client.force_login(coordinator)
    upload = io.BytesIO(files.csv_file([*files.people(2), WRONG[0]]))
    upload.name = "ganaderos.csv"
    answer = client.post(reverse("ranchers:imports"), {"file": upload, "since": "2022-01-01"})
    page = client.get(answer.url)
    assert "ganaderos.csv" in page.content.decode() and "ocho dígitos" in page.content.decode()
    pk = ImportBatch.objects.get().pk
    client.post(reverse("ranchers:import_apply", args=[pk]), {"mode": "skip"})
    assert Rancher.objects.count() == 2
    assert client.get(answer.url).status_code == 200
    client.post(reverse("ranchers:import_undo", args=[pk]))
    assert not Rancher.objects.exists()
    progress = client.get(reverse("ranchers:import_progress", args=[pk]))
    assert progress["HX-Refresh"] == "true"


def test_only_coordinators_import(client, technician, ministry, load):
    batch = load(files.csv_file(files.people(1)), apply=False)
    for user in (technician, ministry):
        client.force_login(user)
        for url in [
            reverse("ranchers:imports"),
            reverse("ranchers:import_template"),
            reverse("ranchers:import", args=[batch.pk]),
            reverse("ranchers:import_progress", args=[batch.pk]),
            reverse("ranchers:import_wrong_rows", args=[batch.pk]),
        ]:
            assert client.get(url).status_code == 403
        for name in ("import_apply", "import_undo"):
            assert client.post(reverse(f"ranchers:{name}", args=[batch.pk])).status_code == 403


def test_work_that_breaks_off_keeps_nothing_and_can_be_tried_again(load, monkeypatch):
    content = files.csv_file(files.people(2))
    batch = load(content, apply=False)
    begin_applying(batch=batch, skip_bad=False)
    with monkeypatch.context() as broken:
        broken.setattr("ranchers.imports.batches.write_record", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            work(batch_id=batch.pk)
    assert not Rancher.objects.exists()
    batch.refresh_from_db()
    assert batch.state == "checked" and batch.message
    begin_applying(batch=batch, skip_bad=False)
    work(batch_id=batch.pk)
    assert Rancher.objects.count() == 2
