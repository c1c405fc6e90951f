"""Make the pictures of "What the default does to your image": images of which nothing is said, results, and truths.

    python docs/default_pictures.py [FOLDER]

It takes a minute or two, and needs the extra `plot`.
"""

import sys
from pathlib import Path

from napari_deconvolution import Camera, Grid, Microscope, deconvolve
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.plots.comparison import before_after
from napari_deconvolution.simulation.acquisition import acquire

OPTICS = Microscope(na=1.3, wavelength=0.52, n_immersion=1.515, n_sample=1.515)
CAMERA = Camera(offset=100.0, background=2.0, gain=0.5)
GRID = Grid(shape=(16, 96, 96), spacing=(0.3, 0.08, 0.08))
SCENES = {"confocal": ("filaments", "confocal", 100.0), "widefield": ("nucleus", "born-wolf", 500.0)}

if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("images"))
    for name, (specimen, model, photons) in SCENES.items():
        truth, image, psf = acquire(specimen, model, OPTICS, GRID, photons=photons, seed=8, camera=CAMERA)
        result = deconvolve(image, psf, spacing=GRID.spacing)
        before, after = fitted_error(image - 102, truth), fitted_error(result.image, truth)
        title = f"{name.capitalize()} {specimen} of {photons:g} photons: error {before:.2f} before, {after:.2f} after"
        print(
            before_after(folder / f"default-{name}.png", image, result.image, truth, spacing=GRID.spacing, title=title)
        )
        print(title, "|", result.reason, "|", result.record["estimated_from_image"], result.record.get("haze", ""))
