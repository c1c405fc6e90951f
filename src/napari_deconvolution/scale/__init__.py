"""Whole images: their axes, channels and time points, their files, and what was done to them."""
