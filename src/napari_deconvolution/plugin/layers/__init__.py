"""Layers of napari: their content, and how results become layers."""
