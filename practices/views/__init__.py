"""Pages under /practicas/."""
