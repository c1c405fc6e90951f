"""Measure a PSF with beads in napari."""
