"""The catalogue as files: principles.toml, practices/*.toml, manuals/<language>/*.md."""

from practices.catalogue.loading import CatalogueError, Loaded, load

__all__ = ["CatalogueError", "Loaded", "load"]
