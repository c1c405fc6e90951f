"""A microscope dims small things: what is left of the contrast of ever finer stripes."""

import numpy as np

from napari_deconvolution import Camera, Grid, Microscope
from napari_deconvolution.simulation.acquisition import acquire
from napari_deconvolution.simulation.specimens import Chirp

stripes = Chirp(
    coarsest=2.5, finest=0.115
)  # periods in µm; the stripes go on beyond the field by half a PSF on each side
microscope = Microscope(na=1.4, wavelength=0.51)
grid = Grid(shape=(96, 256), spacing=(0.05, 0.05))
truth, image, psf = acquire(
    stripes, "gibson-lanni", microscope, grid, photons=1000, camera=Camera(gain=1, background=20)
)

seen = image.mean(axis=0) - 20  # all rows show the same stripes: their mean has less noise
drawn = truth[0]
cut_off = 2 * microscope.na / microscope.wavelength
print(f"The cut-off is at {cut_off:.2f} / µm: stripes closer than {1000 / cut_off:.0f} nm do not pass.")
for period in (1.2, 0.8, 0.5, 0.35, 0.25, 0.2, 0.17):
    middle = (256 + psf.shape[1] - 1) * np.log(period / 2.5) / np.log(0.115 / 2.5) - psf.shape[
        1
    ] // 2  # equal ratios along x
    half = max(period / 0.05, 4)
    part = slice(round(middle - half), round(middle + half))
    share = min(1 / period / cut_off, 1)
    theory = 2 / np.pi * (np.arccos(share) - share * np.sqrt(1 - share**2))  # the transfer of an ideal lens
    print(
        f"period {1000 * period:4.0f} nm: {np.ptp(seen[part]) / np.ptp(drawn[part]):4.0%} of the contrast is left; "
        f"theory {theory:4.0%}"
    )
