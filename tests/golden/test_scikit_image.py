"""The textbook update as scikit-image has it, on a specimen clear of the edges, where the two treatments of edges
cannot differ.
"""

import numpy as np
import pytest

from napari_deconvolution import deconvolve

restoration = pytest.importorskip("skimage.restoration")


def test_richardson_lucy_is_that_of_scikit_image():
    y, x = np.indices((48, 52)) - 24.0
    specimen = 300 * np.exp(-(x * x + y * y) / 10) + 200 * np.exp(-((x - 5) ** 2 + (y + 4) ** 2) / 3)
    psf = np.exp(-(np.add.outer((np.arange(17) - 8) ** 2, (np.arange(17) - 8) ** 2)) / 5)
    psf /= psf.sum()
    image = np.random.default_rng(0).poisson(specimen).astype(float) * (specimen > 0.05)
    # A little light everywhere, else both divide by the ratio of nothing to nothing out there.
    image += 1e-3
    for iterations in (1, 5, 25):
        want = restoration.richardson_lucy(image, psf, num_iter=iterations, clip=False)
        settings = {"start": np.full(image.shape, 0.5), "boundary": "zero", "stop": "none", "gain": 1, "mask": False}
        ours = deconvolve(image, psf, "richardson-lucy", iterations=iterations, background=0, **settings).image
        inner = (slice(8, -8), slice(8, -8))
        np.testing.assert_allclose(ours[inner], want[inner], atol=2e-3 * want.max())
