"""Small shapes near Iberia for the tests."""

from django.contrib.gis.geos import GEOSGeometry


def square(lon=-69.6, lat=-11.35, side=0.01):
    """A square whose south-west corner is given; 0.01 degrees is about 121 ha."""
    e, n = lon + side, lat + side
    return GEOSGeometry(f"SRID=4326;POLYGON(({lon} {lat},{e} {lat},{e} {n},{lon} {n},{lon} {lat}))")


def bow_tie(lon=-69.6, lat=-11.35, side=0.01):
    e, n = lon + side, lat + side
    return GEOSGeometry(f"SRID=4326;POLYGON(({lon} {lat},{e} {n},{e} {lat},{lon} {n},{lon} {lat}))")
