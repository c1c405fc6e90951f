"""The PSF generator widget."""
