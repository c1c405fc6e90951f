"""The deconvolution methods."""
