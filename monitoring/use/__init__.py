"""Farms that use a practice beside farms that do not, and beside themselves before they did."""
