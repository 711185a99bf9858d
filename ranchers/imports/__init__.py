"""Ranchers and plots from files: read (readers), understood (mapping), judged (plan), written (apply)."""
