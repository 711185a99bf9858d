"""Files to import, made by the tests."""

import io
import json
import tempfile
import zipfile
from pathlib import Path

import numpy
import pyogrio.raw
from openpyxl import Workbook

from tests.ranchers.shapes import square

HEADER = ["DNI", "Apellidos", "Nombres", "Distrito", "Predio", "Contorno"]


def outline(n=0):
    return square(lon=-69.65 + n * 0.012, lat=-11.35).wkt


def people(n):
    return [
        [f"{i:08d}", f"Quispe {chr(65 + i)}", "Rosa", "Iberia", "La Esperanza", outline(i)]
        for i in range(1, n + 1)
    ]


def csv_file(rows, *, header=HEADER, separator=";", encoding="utf-8"):
    lines = [separator.join(f'"{cell}"' for cell in row) for row in [header, *rows]]
    return "\r\n".join(lines).encode(encoding)


def xlsx_file(rows, *, header=HEADER):
    book = Workbook()
    for row in [header, *rows]:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def geojson_file(shapes, **extra):
    features = [
        {"type": "Feature", "properties": properties, "geometry": json.loads(shape.geojson)}
        for properties, shape in shapes
    ]
    return json.dumps({"type": "FeatureCollection", "features": features, **extra}).encode()


def kml_file(shapes):
    marks = ""
    for properties, shape in shapes:
        ring = " ".join(f"{x},{y},0" for x, y in shape.coords[0])
        data = "".join(f'<Data name="{k}"><value>{v}</value></Data>' for k, v in properties.items())
        marks += (
            f"<Placemark><ExtendedData>{data}</ExtendedData><Polygon><outerBoundaryIs><LinearRing>"
            f"<coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        )
    space = "http://www.opengis.net/kml/2.2"
    return f'<?xml version="1.0"?><kml xmlns="{space}"><Document>{marks}</Document></kml>'.encode()


def gpx_file(name, shape):
    points = "".join(f'<trkpt lon="{x}" lat="{y}"/>' for x, y in shape.coords[0][:-1])
    return f"<gpx><trk><name>{name}</name><trkseg>{points}</trkseg></trk></gpx>".encode()


def _written(shapes, path, driver, crs):
    names = list(shapes[0][0])
    pyogrio.raw.write(
        path,
        geometry=numpy.array([bytes(shape.wkb) for _p, shape in shapes], dtype=object),
        field_data=[numpy.array([p[n] for p, _s in shapes], dtype=object) for n in names],
        fields=names,
        geometry_type="Polygon",
        crs=crs,
        driver=driver,
    )


def gpkg_file(shapes, crs="EPSG:4326"):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plots.gpkg"
        _written(shapes, path, "GPKG", crs)
        return path.read_bytes()


def shapefile(shapes, crs="EPSG:4326", without=()):
    with tempfile.TemporaryDirectory() as folder:
        _written(shapes, Path(folder) / "plots.shp", "ESRI Shapefile", crs)
        return zipped(
            {
                f"predios/{p.name}": p.read_bytes()
                for p in Path(folder).iterdir()
                if p.suffix not in without
            }
        )


def zipped(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()
