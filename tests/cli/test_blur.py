"""The blur command: a mirrored convolution, and the noise of a camera."""

import numpy as np
import pytest
from scipy.ndimage import convolve

from napari_deconvolution.images.files import read, write
from napari_deconvolution.images.image import Image

from .conftest import SPACING, kernel


def test_blur_is_the_mirrored_convolution_seen_by_the_camera(command):
    camera = "--read-noise 0 --offset 50 --background 3 --gain 2"
    code, said, errors = command(f"blur image.tif -o out.ome.tif --psf psf.tif --photons 1e8 {camera}")
    assert (code, errors) == (0, "")
    made, truth = read("out.ome.tif"), read("image.tif").samples.astype(float)
    signal = convolve(truth, kernel().astype(float), mode="reflect")
    unit = made.record["counts_per_unit"]
    assert unit == pytest.approx(1e8 / 2 / np.percentile(signal, 99.8), rel=1e-4)
    assert (made.samples - 53) / unit == pytest.approx(signal, rel=2e-3)
    assert f"{unit:.6g} counts" in said
    assert (made.axes, made.voxel) == ("zyx", pytest.approx(SPACING))


def test_blur_has_the_noise_of_its_seed_and_one_scale_for_all_times(command, folder):
    flat = np.full((2, 4, 40, 40), 7.0, np.float32)
    flat[1] *= 0.25
    write(Image(flat, "tzyx", dict(zip("zyx", SPACING, strict=True))), folder / "flat.tif")
    for seed in (1, 1, 2):
        assert (
            command(
                f"blur flat.tif -o out{seed}.ome.tif --psf psf.tif --photons 400 --gain 2 --seed {seed} --overwrite"
            )[0]
            == 0
        )
    first, second = read("out1.ome.tif").samples, read("out2.ome.tif").samples
    assert not np.array_equal(first, second)
    assert [volume.mean() - 120 for volume in first] == pytest.approx([200, 50], rel=0.02)
    assert first[0].var() == pytest.approx((400 + 40 + 1.5**2) / 4, rel=0.1)
    again = read("out1.ome.tif").samples
    assert command("blur flat.tif -o again.ome.tif --psf psf.tif --photons 400 --gain 2 --seed 1")[0] == 0
    assert np.array_equal(again, read("again.ome.tif").samples)
