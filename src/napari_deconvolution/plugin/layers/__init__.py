"""Napari layers: what they tell, and how results become layers."""
