"""Iterate, and know when to stop: the error falls, and rises again as the estimate begins to fit the noise."""

import numpy as np

from napari_deconvolution import Camera, Grid, Microscope, deconvolve
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.simulation.acquisition import acquire
from napari_deconvolution.simulation.specimens import Chirp

stripes = Chirp(coarsest=2.5, finest=0.115)
microscope = Microscope(na=1.4, wavelength=0.51)
grid = Grid(shape=(96, 256), spacing=(0.05, 0.05))
camera = Camera(gain=1, background=20)
truth, image, psf = acquire(stripes, "gibson-lanni", microscope, grid, photons=100, camera=camera)

errors = []
settings = {"spacing": grid.spacing, "camera": camera, "iterations": 200}
estimate = deconvolve(
    image,
    psf,
    "richardson-lucy",
    **settings,
    watch=lambda step: errors.append(fitted_error(step.estimate[step.inside], truth)),
).image
best = int(np.argmin(errors))
print(f"error of the image: {fitted_error(image - 20, truth):.3f}")
print(
    f"Richardson-Lucy: nearest to the truth after {best} iterations, {errors[best]:.3f}; after 200 iterations "
    f"{errors[-1]:.3f}"
)

stopped = deconvolve(image, psf, "richardson-lucy", stop="held-out", **settings)
print(
    f"stopped by photons held out, without the truth: {stopped.iterations} iterations, "
    f"{fitted_error(stopped.image, truth):.3f}"
)
