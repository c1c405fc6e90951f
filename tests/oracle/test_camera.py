"""Units of the camera, and voxels that are not to be trusted."""

import numpy as np
import pytest

from napari_deconvolution import ALGORITHMS, Camera, deconvolve
from napari_deconvolution.algorithms.camera.defects import filled, find_defects
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.algorithms.forward.masked import Masked

PLAIN = "richardson-lucy"


def gaussian(shape, sigma):
    grid = np.indices(shape) - np.array([n // 2 for n in shape]).reshape(-1, *(1,) * len(shape))
    psf = np.exp(-np.square(grid / sigma).sum(0) / 2)
    return (psf / psf.sum()).astype(np.float32)


@pytest.fixture
def smooth():
    rng = np.random.default_rng(2)
    z, y, x = np.indices((6, 30, 32), float)
    light = sum(
        300 * np.exp(-(((z - a) / 2) ** 2 + ((y - b) / 2) ** 2 + ((x - c) / 2) ** 2) / 2)
        for a, b, c in rng.uniform(0, (6, 30, 32), (15, 3))
    )
    return rng.poisson(light + 20).astype(np.float32), gaussian((9, 13, 13), 2.0)


def test_snr_is_the_root_of_the_electrons_in_the_brightest_voxel(smooth):
    image, psf = smooth
    told = Camera(offset=10, snr=20).measured(image, StationaryPsf(psf), True)
    assert told.camera.gain * (image.max() - 10) == pytest.approx(400)
    with pytest.raises(ValueError, match=r"gain = 2 and snr = 20 both set"):
        Camera(gain=2, snr=20).measured(image, StationaryPsf(psf), True)


def test_snr_and_gain_are_two_names_of_one_thing(smooth):
    image, psf = smooth
    peak = float(image.max())
    by_gain = deconvolve(image, psf, PLAIN, read_noise=3, gain=900 / peak, iterations=4).image
    by_snr = deconvolve(image, psf, PLAIN, read_noise=3, snr=30, iterations=4).image
    np.testing.assert_allclose(by_snr, by_gain, rtol=1e-5)


@pytest.mark.parametrize("name", ["background", "gain", "read_noise", "snr", "saturation"])
def test_auto_may_be_said(name):
    assert getattr(Camera(**{name: "auto"}), name) is None
    assert Camera.of(Camera(**{name: "auto"}).to_dict()) == Camera(**{name: "auto"})


def test_a_good_image_has_no_defects(smooth):
    image, psf = smooth
    assert not find_defects(image, StationaryPsf(psf), gain=1).any.any()
    assert not find_defects(image, StationaryPsf(psf)).any.any()
    assert deconvolve(image, psf, PLAIN, iterations=2).masked is None


@pytest.mark.parametrize("photons", [0.05, 1.0, 30.0])
@pytest.mark.parametrize("unit", [1.0, 20.0])
def test_shot_noise_is_no_defect(photons, unit):
    """Single photons in the dark stand out, in whatever unit they are counted."""
    image = unit * np.random.default_rng(0).poisson(photons, (5, 100, 100))
    assert not find_defects(image, StationaryPsf(gaussian((3, 9, 9), 1.2))).any.any()


def test_all_kinds_are_found_and_told_apart(smooth):
    image, psf = smooth
    image = np.minimum(np.round(image), 255)
    saturated = image == 255
    assert saturated.sum() > 3
    grey = np.argwhere((image > 120) & (image < 200))[5]
    dim = np.argwhere(image < 25)[7]
    image[tuple(grey)], image[tuple(dim)] = 0, 240
    found = find_defects(image, StationaryPsf(psf), gain=1)
    assert (found.saturated == saturated).all()
    assert np.argwhere(found.dead).tolist() == [grey.tolist()]
    assert np.argwhere(found.hot).tolist() == [dim.tolist()]


def test_a_hot_voxel_is_found_but_a_point_of_light_is_not():
    psf = gaussian((9, 9), 1.0)
    H = Blur(psf, (32, 32), "zero")
    x = np.zeros(H.shape, np.float32)
    x[16, 16] = 20_000
    light = np.maximum(H.forward(x), 0) + 10
    image = np.random.default_rng(0).poisson(light).astype(np.float32)
    assert not find_defects(image, StationaryPsf(psf), gain=1).any.any()
    image[5, 5] = 3000
    assert np.argwhere(find_defects(image, StationaryPsf(psf), gain=1).hot).tolist() == [[5, 5]]


def test_where_a_point_looks_like_a_hot_voxel_none_is_found():
    image = np.full((20, 20), 10.0)
    image[4, 4] = 5000
    assert not find_defects(image, StationaryPsf(np.pad(np.ones((1, 1), np.float32), 1)), gain=1).any.any()


@pytest.mark.parametrize("boundary", ["open", "mirror", "zero", "periodic"])
def test_masked_forward_and_adjoint_belong_together(boundary):
    rng = np.random.default_rng(0)
    mask = rng.random((7, 12, 11)) < 0.1
    H = Masked(Blur(gaussian((5, 5, 5), 1.0), mask.shape, boundary), mask)
    x, y = rng.random(H.shape, np.float32), rng.random(H.data_shape, np.float32)
    assert np.vdot(H.forward(x), y) == pytest.approx(np.vdot(x, H.adjoint(y)), rel=1e-4)
    assert (H.forward(x)[mask] == 0).all()
    stored = np.empty(H.shape, np.float32)
    H.through(
        x, lambda blurred, at: np.multiply(blurred, y[at], out=blurred), lambda back, at: stored.__setitem__(at, back)
    )
    np.testing.assert_allclose(stored, H.adjoint(H.forward(x) * y), atol=1e-5)
    np.testing.assert_allclose(H.weight, np.maximum(H.adjoint(np.ones(H.data_shape, np.float32)), 0), atol=1e-5)


@pytest.mark.parametrize("name", [PLAIN, "landweber", "cgls", "maximum-likelihood"])
def test_what_is_masked_does_not_matter(name, smooth):
    """Two images that differ in hot voxels alone give one result, and it is near that of the image without them."""
    if name not in ALGORITHMS:
        pytest.skip(f"there is no {name}")
    image, psf = smooth
    places = (np.array([1, 3, 4]), np.array([7, 15, 22]), np.array([8, 20, 11]))
    results = []
    for value in (5000, 9000):
        spoiled = image.copy()
        spoiled[places] = value
        result = deconvolve(
            spoiled, psf, name, iterations=10, gain=1, stop="none", background=20, start=np.full(image.shape, 30.0)
        )
        assert np.argwhere(result.masked).tolist() == np.argwhere(spoiled == value).tolist()
        assert result.record["left_out"] == {"saturated": 0, "hot": 3, "dead": 0}
        results.append(result.image)
    np.testing.assert_allclose(*results, atol=1e-4 * abs(results[0]).max())
    clean = deconvolve(
        image, psf, name, iterations=10, gain=1, stop="none", background=20, start=np.full(image.shape, 30.0)
    ).image
    trusted = deconvolve(
        spoiled,
        psf,
        name,
        iterations=10,
        gain=1,
        stop="none",
        background=20,
        mask=False,
        start=np.full(image.shape, 30.0),
    )
    assert np.linalg.norm(results[0] - clean) < 0.2 * np.linalg.norm(trusted.image - clean)


def test_direct_filters_get_the_neighbourhood_in_place_of_a_hot_voxel(smooth):
    image, psf = smooth
    spoiled = image.copy()
    spoiled[3, 15, 20] = 9000
    clean, masked, trusted = (
        deconvolve(data, psf, "tikhonov", mask=mask).image
        for data, mask in ((image, True), (spoiled, True), (spoiled, False))
    )
    assert np.linalg.norm(masked - clean) < 0.05 * np.linalg.norm(trusted - clean)
    mask = np.zeros(image.shape, bool)
    mask[3, 15, 20] = True
    assert filled(spoiled, mask)[3, 15, 20] < 1000


def test_too_many_defects_are_refused():
    image = np.full((20, 20), 255, np.uint8)
    psf = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    with pytest.raises(ValueError, match=r"100% of the voxels are saturated, hot or dead.*mask=False"):
        deconvolve(image, psf, PLAIN, iterations=2)
    assert np.isfinite(deconvolve(image, psf, PLAIN, iterations=2, mask=False).image).all()


def test_an_off_centre_psf_makes_no_voxel_a_defect():
    from napari_deconvolution.algorithms.camera.defects import find_defects

    width = np.exp(-np.add.outer(*[np.arange(-8, 9) ** 2 / 4] * 2)).astype(np.float32)
    image = np.random.default_rng(0).poisson(200 + 5000 * np.pad(width, 8))
    for shift in (0, 4, 8):
        assert not find_defects(image, StationaryPsf(np.roll(width, shift, (0, 1)))).any.any()
