"""The wrong PSF: an oil objective looks 15 µm deep into water, and the deconvolution does not know it."""

from napari_deconvolution import Camera, Deconvolution, Grid, Microscope, psf
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.runs import finished
from napari_deconvolution.simulation.acquisition import acquire
from napari_deconvolution.simulation.specimens import Bars

hollow_bars = Bars(width=2.2, wall=0.6, distance=2.7, spread=3.0)
microscope = Microscope(na=1.2, wavelength=0.51, n_immersion=1.515, n_sample=1.333, depth=15)
grid = Grid(shape=(48, 24, 96), spacing=(0.2, 0.06, 0.06))
camera = Camera(gain=1, background=20)
truth, image, true = acquire(hollow_bars, "confocal", microscope, grid, photons=2000, camera=camera)

wrong = psf("confocal", microscope.replace(depth=0), Grid(shape=true.shape, spacing=grid.spacing))
method = Deconvolution().assign(algorithm="richardson-lucy", acceleration="momentum", iterations=40, camera=camera)
estimate = finished(method.steps(image, wrong, spacing=grid.spacing)).image
print(f"error of the image:              {fitted_error(image - 20, truth):.3f}")
print(f"deconvolved with the wrong PSF:  {fitted_error(estimate, truth):.3f}")
print(f"brightest voxel of the true PSF: {true.max() / wrong.max():.0%} of that without aberration")
