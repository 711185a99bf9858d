"""The dashboard shows cells by cohort, hides small ones from the ministry, and says no more than it knows."""

import csv
import io
import re

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.test import Client
from openpyxl import load_workbook

from monitoring.dashboards import Difference, Query, Slice, difference, read
from monitoring.district_maps import district_map
from monitoring.figures import Board
from monitoring.indicators import get
from monitoring.models import Cell
from monitoring.quarters import current_quarter, label
from monitoring.readings import Reading
from monitoring.wording import difference_text
from ranchers.models import Cohort, District, Programme, Role
from tests.monitoring.cells import make_cell
from tests.people import client_of

pytestmark = pytest.mark.django_db
NOW = current_quarter()


@pytest.fixture
def cohorts():
    Cohort.objects.all().delete()
    return [
        Cohort.objects.create(code="piloto", name="Piloto", phase="pilot", starts_on="2018-01-01"),
        Cohort.objects.create(
            code="amp", name="Ampliación", phase="scale_up", starts_on="2020-07-01"
        ),
    ]


@pytest.fixture
def districts():
    rows = [("170302", "160302", "Iberia"), ("170303", "160303", "Tahuamanu")]
    return [
        District.objects.get_or_create(
            ubigeo=u,
            defaults={"ubigeo_reniec": r, "name": n, "province": "T", "department": "MdD"},
        )[0]
        for u, r, n in rows
    ]


@pytest.fixture
def cells(cohorts, districts):
    pilot, scale_up = cohorts
    for quarter in range(NOW - 3, NOW + 1):
        make_cell("active_share", value=40.0, n=10, quarter=quarter, cohort=pilot)
        make_cell("active_share", value=30.0, n=200, quarter=quarter, cohort=scale_up)
        make_cell("stocking_rate", value=1.25, n=10, quarter=quarter, cohort=pilot)
        make_cell("stocking_rate", value=2.70, n=200, quarter=quarter, cohort=scale_up)
    make_cell("stocking_rate", value=7.77, n=3, quarter=NOW, cohort=pilot, district=districts[0])
    make_cell("stocking_rate", value=6.66, n=7, quarter=NOW, cohort=pilot, district=districts[1])


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.MINISTRY, Role.COORDINATOR])
def test_ministry_and_coordinator_may_look_and_a_technician_may_not(role, cells):
    expected = 403 if role == Role.TECHNICIAN else 200
    assert client_of(role).get("/tablero/").status_code == expected


def test_nobody_is_asked_to_log_in():
    assert Client().get("/tablero/").status_code == 302


@pytest.mark.parametrize("page", ["resumen", "adopcion", "produccion", "arboles", "mapa"])
def test_each_page_opens_with_and_without_figures(page, cohorts):
    client = client_of(Role.MINISTRY)
    assert client.get(f"/tablero/{page}/").status_code == 200
    make_cell("active_share", value=40.0, quarter=NOW, cohort=cohorts[0])
    assert client.get(f"/tablero/{page}/").status_code == 200


def test_the_cohorts_stand_side_by_side_with_n_and_interval(cells):
    page = client_of(Role.MINISTRY).get("/tablero/produccion/").content.decode()
    assert "1,25" in page
    assert "2,70" in page
    assert "2,43 a 2,97" in page
    assert "n = 200" in page


def test_a_small_cell_and_what_would_give_it_away_are_hidden_from_the_ministry_only(
    cells, districts
):
    address = f"/tablero/produccion/?distrito={districts[1].pk}"
    ministry = client_of(Role.MINISTRY).get(address).content.decode()
    assert "6,66" not in ministry
    assert "reservado" in ministry
    assert "6,66" in client_of(Role.COORDINATOR).get(address).content.decode()


def test_no_file_gives_the_ministry_a_small_cell(cells):
    ministry, coordinator = client_of(Role.MINISTRY), client_of(Role.COORDINATOR)
    address = "/tablero/indicadores/stocking_rate/datos.csv"
    text = ministry.get(address).content.decode("utf-8-sig")
    assert "7.77" not in text
    assert "6.66" not in text
    assert "< 5" in text
    assert "reservado" in text
    assert "7.77" in coordinator.get(address).content.decode("utf-8-sig")


def test_as_of_a_past_quarter_shows_that_quarters_figure(cells, cohorts):
    Cell.objects.filter(indicator="stocking_rate", quarter=NOW, cohort=cohorts[1]).update(
        value=9.87
    )
    client = client_of(Role.MINISTRY)
    assert "9,87" in client.get("/tablero/produccion/").content.decode()
    past = client.get(f"/tablero/produccion/?hasta={label(NOW - 1)}").content.decode()
    assert "9,87" not in past
    assert "2,70" in past


def test_a_printed_page_says_what_it_is_of(cells):
    client = client_of(Role.MINISTRY)
    page = client.get(f"/tablero/produccion/?sexo=f&hasta={label(NOW - 1)}").content.decode()
    said = page.split("print-only")[1].split("</strong>")[0]
    assert said.endswith(f"Producción · Mujer · hasta {label(NOW - 1)}")


@pytest.mark.parametrize(
    "bad", ["distrito=999999", "sexo=x", "hasta=ayer", "desde=%00", "hasta=2024-T9"]
)
@pytest.mark.parametrize("path", ["/tablero/", "/tablero/indicadores/stocking_rate/datos.csv"])
def test_a_filter_that_makes_no_sense_is_said_in_spanish(bad, path, cells):
    response = client_of(Role.MINISTRY).get(f"{path}?{bad}")
    assert response.status_code == 400
    assert "Hay algo por corregir" in response.content.decode()


def test_csv_and_xlsx_hold_the_same_rows_and_spanish_headers(cells):
    client = client_of(Role.COORDINATOR)
    text = client.get("/tablero/indicadores/stocking_rate/datos.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    book = load_workbook(
        io.BytesIO(client.get("/tablero/indicadores/stocking_rate/datos.xlsx").content)
    )
    sheet = [[str(c) if c is not None else "" for c in r] for r in book.worksheets[0].values]
    assert rows[0][:4] == ["código", "indicador", "unidad", "trimestre"]
    assert len(rows) == len(sheet) == 11
    assert [row[15:] for row in rows] == [row[15:] for row in sheet]
    assert rows[-1][9] == sheet[-1][9]


@pytest.mark.parametrize("role", [Role.MINISTRY, Role.COORDINATOR])
@pytest.mark.parametrize("page", ["resumen", "produccion", "mapa", "adopcion"])
def test_a_page_takes_few_queries_however_many_figures_it_has(
    role, page, cells, django_assert_max_num_queries
):
    client = client_of(role)
    with django_assert_max_num_queries(17 if page == "mapa" else 12):  # where the plots are, too
        client.get(f"/tablero/{page}/")


def test_unchanged_figures_cost_no_body_and_changed_ones_arrive(cells, cohorts):
    client = client_of(Role.MINISTRY)
    first = client.get("/tablero/produccion/vivo/")
    again = client.get("/tablero/produccion/vivo/", headers={"if-none-match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert "private" in first["Cache-Control"]
    make_cell("milk_per_cow", value=4.56, quarter=NOW, cohort=cohorts[1])
    changed = client.get("/tablero/produccion/vivo/", headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert "4,6" in changed.content.decode()


def test_every_indicator_has_a_page_that_defines_it(cells):
    from monitoring.indicators import INDICATORS

    client = client_of(Role.MINISTRY)
    for indicator in INDICATORS:
        page = client.get(f"/tablero/indicadores/{indicator.code}/")
        assert page.status_code == 200, indicator.code
    assert client.get("/tablero/indicadores/nada/").status_code == 404


def reading(value, low, high):
    return Reading("x", NOW, 1, None, None, "", "", value, low, high, 50, 50, 0, 0, "wilson")


def test_newcombes_published_example_is_met():
    # Newcombe 1998, table II row (a), method 10: 56/70 - 48/80 -> 0.0524 to 0.3339
    found = difference(reading(48 / 80, 0.490328, 0.700280), reading(56 / 70, 0.691814, 0.876926))
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=2e-4)


@pytest.mark.parametrize(
    ("found", "said", "never"),
    [
        (Difference(5.0, -1.0, 11.0), "puede que no haya diferencia", "por encima"),
        (Difference(5.0, 1.0, 9.0), "por encima", "puede que no"),
        (Difference(-5.0, -9.0, -1.0), "por debajo", "puede que no"),
    ],
)
def test_a_difference_that_may_be_none_is_never_called_one(found, said, never):
    text = difference_text(found, get("active_share"), first="Piloto", second="Ampliación")
    assert said in text
    assert never not in text
    assert "mejor" not in text


def test_the_same_shade_is_the_same_value_on_the_maps_of_all_cohorts(cohorts, districts):
    for cohort, value in zip(cohorts, (0.5, 3.7), strict=True):
        make_cell("stocking_rate", value=value, quarter=NOW, cohort=cohort, district=districts[0])
    query = Query([get("stocking_rate")], NOW, NOW, by_district=True)
    slice_ = Slice(as_of=NOW, since=NOW)
    board = Board(read(query, slice_=slice_, sees_small_cells=True), cohorts, slice_)
    for district in districts:
        district.boundary = MultiPolygon(Polygon.from_bbox((-70, -11, -69, -10)))
    keys = [
        re.findall(
            r">([\d,]+)(?: UA/ha)?</text>",
            district_map(board, get("stocking_rate"), cohort=cohort, districts=districts).svg,
        )[-4:]
        for cohort in cohorts
    ]
    assert keys[0] == keys[1]
    assert len(keys[0]) == 4


def statuses(cohort, **counts):
    for status, n in counts.items():
        make_cell("enrolled", value=n, n=n, quarter=NOW, cohort=cohort, category=status)
    n = sum(counts.get(status, 0) for status in ("supported", "active", "paused"))
    share = 100 * counts["active"] / n
    cell = make_cell("active_share", value=share, n=n, quarter=NOW, cohort=cohort)
    Cell.objects.filter(pk=cell.pk).update(numerator=counts["active"] * 100, denominator=n * 100)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"active": 9, "supported": 1}, "60 a 90"),
        ({"active": 2, "supported": 18}, "5 a 20"),
        ({"active": 4, "supported": 3}, "reservado"),
    ],
)
def test_a_share_that_tells_what_the_funnel_hides_is_told_as_a_range_or_not_at_all(
    cohorts, counts, said
):
    statuses(cohorts[0], **counts)
    share = f"{100 * counts['active'] / sum(counts.values()):.1f}".replace(".", ",")
    ministry = client_of(Role.MINISTRY)
    for path in ("/tablero/", "/tablero/indicadores/active_share/"):
        page = ministry.get(path).content.decode()
        assert share not in page
        assert said in page


def test_a_nought_that_would_give_a_status_away_is_withheld_too(cohorts, districts):
    # Nine supported in Tahuamanu are withheld for the sake of three in Iberia. That nobody there is
    # paused would tell them: the share of active says how many are not.
    for district, n in ((districts[0], (3, 20, 6)), (districts[1], (9, 20, 0))):
        for status, count in zip(("supported", "active", "paused"), n, strict=True):
            if count:
                make_cell("enrolled", value=count, n=count, quarter=NOW, cohort=cohorts[0], category=status, district=district)  # fmt: skip
    for status, count in (("supported", 12), ("active", 40), ("paused", 6)):
        make_cell("enrolled", value=count, n=count, quarter=NOW, cohort=cohorts[0], category=status)
    query = Query([get("enrolled")], NOW, NOW, by_district=True)
    found = read(query, slice_=Slice(as_of=NOW, since=NOW), sees_small_cells=False)
    paused = found.get("enrolled", quarter=NOW, cohort=cohorts[0].pk, district=districts[1].pk, category="paused")  # fmt: skip
    assert paused is not None
    assert paused.is_hidden
    assert not paused.is_small


@pytest.mark.parametrize("is_synthetic", [True, False])
def test_a_file_says_what_its_figures_are_when_they_were_computed_and_whether_they_are_made_up(
    cells, is_synthetic
):
    Programme.objects.update_or_create(pk=1, defaults={"name": "P", "is_synthetic": is_synthetic})
    client = client_of(Role.MINISTRY)
    address = f"/tablero/indicadores/stocking_rate/datos.%s?hasta={label(NOW - 1)}"
    text = client.get(address % "csv").content.decode("utf-8-sig")
    for row in csv.DictReader(io.StringIO(text)):
        assert row["definición"].startswith("Unidades animales")
        assert row["datos"] == ("sintéticos: inventados" if is_synthetic else "observados")
        assert row["calculado el"].startswith("20")
        assert row["trimestre"] <= label(NOW - 1)
        assert row["n conocido"]
    book = load_workbook(io.BytesIO(client.get(address % "xlsx").content))
    notes = "\n".join(str(row[0]) for row in book.worksheets[1].values)
    assert f"Hasta {label(NOW - 1)}" in notes
    assert "Último cálculo" in notes
    assert ("Datos sintéticos" in notes) == is_synthetic


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "+1",
        "-1+1",
        "@SUM(A1)",
        "  =1+1",
        "\t=1+1",
        '=HYPERLINK("http://x","y")',
        "\uff1d1+1",
    ],
)
def test_no_name_becomes_a_formula_in_a_file(cells, cohorts, name):
    Cohort.objects.filter(pk=cohorts[0].pk).update(name=name)
    client = client_of(Role.COORDINATOR)
    address = "/tablero/indicadores/stocking_rate/datos."
    text = client.get(address + "csv").content.decode("utf-8-sig")
    book = load_workbook(io.BytesIO(client.get(address + "xlsx").content))
    found = [value for row in csv.reader(io.StringIO(text)) for value in row if name in value]
    found += [str(c.value) for row in book.worksheets[0].rows for c in row if name in str(c.value)]
    assert len(found) > 2
    assert all(value.startswith("'") for value in found)
    assert not any(c.data_type == "f" for sheet in book for row in sheet.rows for c in row)
