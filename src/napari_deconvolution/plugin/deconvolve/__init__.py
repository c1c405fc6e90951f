"""The Deconvolve widget."""
