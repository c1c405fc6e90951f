"""Lost planes, dead lines, fill and saturation: found by what they do to the data, and left out as if they were
missing."""

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal

from napari_deconvolution import Camera, deconvolve
from napari_deconvolution.algorithms.camera.defects import find_defects
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.algorithms.inspection import inspected

PSF = scipy.ndimage.gaussian_filter(np.pad([[[1.0]]], ((6, 6), (8, 8), (8, 8))), (2.5, 1.6, 1.6)).astype(np.float32)
FORMATION = StationaryPsf(PSF)


def seen(level, shape=(16, 64, 64), seed=0):
    """A stack of blobs behind the PSF with shot noise, on an offset of 100, and the truth; the blobs go on beyond
    the field."""
    rng = np.random.default_rng(seed)
    wide = tuple(n + 2 * m for n, m in zip(shape, (6, 8, 8), strict=True))
    truth = scipy.ndimage.gaussian_filter(rng.random(wide), 2)
    truth = np.clip((truth - truth.mean()) / truth.std(), 0, None) * level + level / 10
    light = scipy.signal.fftconvolve(truth, PSF, mode="valid")
    return truth[6:-6, 8:-8, 8:-8], rng.poisson(np.maximum(light, 0)).astype(np.float32) + 100


def dead_column(image):
    image[:, :, 32] = 0


def two_dark_columns(image):
    image[:, :, 32:34] = 100


def two_hot_rows(image):
    image[:, 20:22] = 3000


def lost_plane(image):
    image[7] = 0


def repeated_plane(image):
    image[7] = image[6]


def skewed_border(image):
    z, _, x = np.indices(image.shape)
    image[x - z < 12] = 0


SPOILT = {
    dead_column: "lines",
    two_dark_columns: "lines",
    two_hot_rows: "lines",
    lost_plane: "planes",
    repeated_plane: "planes",
    skewed_border: "fill",
}


@pytest.mark.parametrize("spoil", SPOILT)
@pytest.mark.parametrize("level", [60.0, 600.0])
@pytest.mark.parametrize("scale", [1.0, 1 / 4096])
def test_what_is_spoilt_is_left_out_and_nothing_else(spoil, level, scale):
    _, image = seen(level)
    clean, where = image.copy(), np.full(image.shape, -1.0)
    spoil(image)
    spoil(where)
    bad = np.broadcast_to(np.arange(16)[:, None, None] == 7, image.shape) if spoil is repeated_plane else where != -1
    found = find_defects(image * np.float32(scale), FORMATION, offset=100 * scale)
    np.testing.assert_array_equal(found._asdict()[SPOILT[spoil]], bad)
    assert found.any.sum() == bad.sum()
    assert not find_defects(clean * np.float32(scale), FORMATION, offset=100 * scale).any.any()


@pytest.mark.parametrize("spoil", [two_dark_columns, lost_plane, skewed_border])
def test_the_result_is_as_good_as_with_the_defect_marked_as_missing(spoil):
    truth, image = seen(600.0)
    clean = image.copy()
    spoil(image)
    known = np.where(image == clean, image, np.nan)
    by_itself, told = (
        deconvolve(
            data, PSF, "richardson-lucy", iterations=15, offset=100, background=0, missing=True, flicker=False
        ).image
        for data in (image, known)
    )
    near = scipy.ndimage.binary_dilation(image != clean, iterations=4)
    error, best = (np.linalg.norm((result - truth)[near]) for result in (by_itself, told))
    assert error < 1.02 * best


@pytest.mark.parametrize(("scale", "offset"), [(1.0, 100.0), (16.0, 1600.0), (1 / 4095, 100 / 4095)])
def test_saturation_is_found_at_any_maximum(scale, offset):
    _, image = seen(5000.0)
    full = np.minimum(image - 0, 4000.0)
    found = find_defects((full * scale).astype(np.float32), FORMATION, offset=offset)
    np.testing.assert_array_equal(found.saturated, full == 4000)
    assert 3 < found.saturated.sum() < 0.2 * image.size


@pytest.mark.parametrize("photons", [0.3, 2.0, 30.0])
def test_many_equal_numbers_of_few_photons_are_no_saturation(photons):
    image = np.random.default_rng(0).poisson(photons, (8, 64, 64))
    assert not find_defects(image, FORMATION).any.any()


def test_a_dark_surrounding_is_no_fill():
    """Zeros thin out towards the specimen where a camera, or a threshold, cut the noise off."""
    _, y, x = np.indices((12, 64, 64))
    light = 50 * np.exp(-((y - 32) ** 2 + (x - 32) ** 2) / 200)
    assert not find_defects(np.random.default_rng(0).poisson(light), FORMATION).fill.any()
    noisy = np.random.default_rng(0).normal(light, np.sqrt(light + 4))
    assert not find_defects(np.maximum(noisy, 0), FORMATION).fill.any()


def test_hot_voxels_do_not_spoil_the_gain():
    _, image = seen(600.0)
    rng = np.random.default_rng(1)
    for values in (image, image / np.float32(4096)):
        unit = float(values.max() - values.min()) / float(image.max() - image.min())
        spoilt = values.copy()
        spoilt[tuple(rng.integers(0, n, 15) for n in image.shape)] += np.float32(20_000 * unit)
        clean, hot = (inspected(data, None, FORMATION, Camera(offset=100 * unit), True) for data in (values, spoilt))
        assert hot.left_out["hot"] >= 14
        assert hot.camera.camera.gain == pytest.approx(clean.camera.camera.gain, rel=0.1)


def test_fill_does_not_spoil_the_gain():
    _, image = seen(600.0, (16, 64, 96))
    whole = inspected(image, None, FORMATION, Camera(offset=100), True).camera
    skewed_border(image)
    part = inspected(image, None, FORMATION, Camera(offset=100), True).camera
    assert whole.raw
    assert part.raw
    assert part.camera.gain == pytest.approx(whole.camera.gain, rel=0.15)
