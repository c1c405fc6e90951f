"""The deconvolution lab: experiments with a known truth, and lessons."""
