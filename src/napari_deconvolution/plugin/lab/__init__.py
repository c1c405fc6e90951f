"""The deconvolution lab widget."""
