"""How good a result is: errors, resolution, spectra."""
