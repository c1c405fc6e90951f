"""The PSF measured with beads."""
