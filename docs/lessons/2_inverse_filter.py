"""Dividing the blur out is tempting: an inverse filter on an image that has hardly any noise."""

from napari_deconvolution import Camera, Grid, Microscope, deconvolve
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.simulation.acquisition import acquire
from napari_deconvolution.simulation.specimens import Chirp

stripes = Chirp(coarsest=2.5, finest=0.115)
microscope = Microscope(na=1.4, wavelength=0.51)
grid = Grid(shape=(96, 256), spacing=(0.05, 0.05))
camera = Camera(gain=1, background=20)
truth, image, psf = acquire(stripes, "gibson-lanni", microscope, grid, photons=1e9, camera=camera)

estimate = deconvolve(image, psf, "naive-inverse", spacing=grid.spacing, camera=camera).image
print(f"error of the image:      {fitted_error(image - 20, truth):.3f} (0 is perfect, 1 tells nothing)")
print(
    f"after an inverse filter: {fitted_error(estimate, truth):.3f}, with a thousand million photons in a bright voxel"
)
