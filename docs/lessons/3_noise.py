"""Noise ruins the inverse filter: the same with fewer photons."""

from napari_deconvolution import Camera, Grid, Microscope, deconvolve
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.simulation.acquisition import acquire
from napari_deconvolution.simulation.specimens import Chirp

stripes = Chirp(coarsest=2.5, finest=0.115)
microscope = Microscope(na=1.4, wavelength=0.51)
grid = Grid(shape=(96, 256), spacing=(0.05, 0.05))
camera = Camera(gain=1, background=20)
for photons in (1e9, 1e7, 1e5, 1e3):
    truth, image, psf = acquire(stripes, "gibson-lanni", microscope, grid, photons=photons, camera=camera)
    estimate = deconvolve(image, psf, "naive-inverse", spacing=grid.spacing, camera=camera).image
    before, after = fitted_error(image - 20, truth), fitted_error(estimate, truth)
    print(f"{photons:13,.0f} photons: error of the image {before:.3f}, after an inverse filter {after:.3f}")
