"""Files that read well and hold what no registry should: told row by row, and nothing breaks or is kept."""

import io
import json
import zipfile

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from ranchers.imports.readers import read_file
from ranchers.imports.source import UnreadableFile
from ranchers.models import ImportBatch, ImportRow, Plot, Rancher
from tests.ranchers import files
from tests.ranchers.shapes import square

pytestmark = pytest.mark.django_db

HEADER = ["DNI", "Apellidos", "Nombres", "Distrito"]
PERSON = {"dni": "00000001", "nombres": "Rosa", "apellidos": "Ríos", "predio": "Uno"}
SQUARE = json.loads(square().geojson)


def collection(properties: dict, geometry: object = SQUARE) -> bytes:
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def kml(coordinates: str) -> bytes:
    return (
        "<kml><Placemark><name>Uno</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{coordinates}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>"
    ).encode()


def ring(points: int) -> list:
    import math

    turn = [2 * math.pi * n / points for n in range(points)]
    corners = [[-69.49 + 0.01 * math.cos(a), -11.4 + 0.01 * math.sin(a)] for a in turn]
    return [*corners, corners[0]]


def workbook(*rows: list) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def swollen_workbook() -> bytes:
    """A small .xlsx whose sheet is 150 MB once unpacked."""
    source = io.BytesIO(workbook(HEADER, ["1", "a", "b", "c"]))
    out = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            content = old.read(member)
            if member.endswith("sheet1.xml"):
                content = content.replace(b"<sheetData>", b"<sheetData>" + b" " * 150_000_000)
            new.writestr(member, content)
    return out.getvalue()


def upload(client, coordinator, content: bytes, name: str = "archivo") -> object:
    client.force_login(coordinator)
    file = io.BytesIO(content)
    file.name = name
    page = reverse("ranchers:imports")
    return client.post(page, {"file": file, "since": "2022-01-01"}, follow=True)


HOSTILE_RECORDS = {
    "NUL in a value": collection(PERSON | {"comunidad": "a\x00b"}),
    "NUL in a name": collection(PERSON | {"co\x00munidad": "x"}),
    "half a surrogate in a value": collection(PERSON | {"comunidad": "a\ud800"}),
    "half a surrogate in a name": collection(PERSON | {"x\udfff": "1"}),
    "nested values": collection(PERSON | {"comunidad": {"a": [1, {"b": None}]}}),
    "a name of 100,000 letters": collection(PERSON | {"nombres": "ñ" * 100_000}),
    "right to left and invisible": collection(PERSON | {"nombres": "\u202easoR\u200b\u2066"}),
    "only invisible": collection(PERSON | {"nombres": "\u200b\u200d\ufeff"}),
    "markup": collection(PERSON | {"nombres": "<script>alert(1)</script>"}),
    "numbers that are none": collection(PERSON, {"type": "Polygon", "coordinates": [[[float("nan"), 1], [2, 3], [4, 5], [float("nan"), 1]]]}),
    "infinite": collection(PERSON, {"type": "Polygon", "coordinates": [[[float("inf"), 1], [2, 3], [4, 5], [float("inf"), 1]]]}),
    "too deep": collection(PERSON, {"type": "MultiPolygon", "coordinates": [[[[[[[1]]]]]]]}),
    "no ring": collection(PERSON, {"type": "Polygon", "coordinates": []}),
    "a curve": collection(PERSON, {"type": "CircularString", "coordinates": [[1, 2]]}),
    "half a million corners": collection(PERSON, {"type": "Polygon", "coordinates": [ring(500_000)]}),
    "NaN in KML": kml("nan,nan -69.5,-11.4 -69.49,-11.41 nan,nan"),
    "too large in KML": kml("1e400,0 -69.5,-11.4 -69.49,-11.41 1e400,0"),
    "very far in KML": kml("1e300,1e300 -69.5,-11.4 -69.49,-11.41 1e300,1e300"),
    "control signs in CSV": files.csv_file([["1\x01", "R\x0bíos", "L\x1fuz", "Iberia\x7f"]], header=HEADER),
    "a cell of 1.9 MB": files.csv_file([["1", "x" * 1_900_000, "Luz", "Iberia"]], header=HEADER),
    "99 columns of the same name": files.csv_file([["1"] * 99], header=["DNI"] * 99),
    "WKT that is none": files.csv_file([["00000001", "Ríos", "Luz", "Iberia", "Uno", "POLYGON((nan nan, 1 1, 2 2, nan nan))"]]),
    "XLSX escapes": workbook(HEADER, ["1", "_x0000_Ríos", "Luz_x0001_", "_xD800_"]),
    "XLSX formula": workbook(HEADER, ["=1+1", "=HYPERLINK(\"http://x\")", "Luz", "Iberia"]),
}  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE_RECORDS.values(), ids=HOSTILE_RECORDS.keys())
def test_a_hostile_record_is_shown_and_its_rows_can_be_downloaded(
    client, coordinator, places, content
):
    answer = upload(client, coordinator, content)
    assert answer.status_code in (200, 422)
    assert "<script>alert" not in answer.content.decode()
    if answer.status_code == 200:
        batch = ImportBatch.objects.get()
        rows = client.get(reverse("ranchers:import_wrong_rows", args=[batch.pk]))
        load_workbook(io.BytesIO(rows.content))
        client.post(reverse("ranchers:import_apply", args=[batch.pk]), {"mode": "skip"})
    assert not Rancher.objects.filter(
        given_names__regex="[\u200b-\u200f\u202a-\u202e\u2066-\ufeff]"
    )
    assert Plot.objects.count() == Rancher.objects.count() <= 1


@pytest.mark.parametrize("content", [swollen_workbook()], ids=["XLSX that swells"])
def test_a_file_that_swells_is_refused_before_it_is_unpacked(client, coordinator, places, content):
    with pytest.raises(UnreadableFile):
        read_file(name="x.xlsx", content=content)
    answer = upload(client, coordinator, content)
    assert answer.status_code == 422
    assert not ImportRow.objects.exists()


@pytest.mark.parametrize(
    "name", ["ñ" * 250 + ".csv", "a\r\nX-Evil: 1.csv", "../../etc/passwd", "\u202evsc.exe", "", "."]
)
def test_the_name_of_a_file_is_only_a_name(client, coordinator, places, name):
    answer = upload(client, coordinator, files.csv_file(files.people(1)), name or " ")
    assert answer.status_code in (200, 422)
    for batch in ImportBatch.objects.all():
        assert batch.file_name.isprintable()
        assert "\u202e" not in batch.file_name
