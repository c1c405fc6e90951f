"""The Python door: settings by name, stops, starts, and every bad input answered by one sentence."""

import numpy as np
import pytest

from napari_deconvolution import ALGORITHMS, Camera, Deconvolution, deconvolve

PSF = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0]) / 16.0
PLAIN = "richardson-lucy"


@pytest.fixture
def image():
    return np.random.default_rng(0).poisson(20, (16, 18)).astype(np.float32)


def test_names_and_objects_are_the_same(image):
    by_name = deconvolve(
        image, PSF, "richardson-lucy", penalty="total-variation", iterations=3, offset=1, gain=0.5, read_noise=1
    )
    penalty = ALGORITHMS["richardson-lucy"].assign(penalty="total-variation")
    by_object = deconvolve(image, PSF, penalty, iterations=3, camera=Camera(offset=1, gain=0.5, read_noise=1))
    assert (by_name.image == by_object.image).all()
    assert by_name.record == by_object.record


def test_the_record_repeats_the_run(image):
    result = deconvolve(image, PSF, "tikhonov", weight=0.02)
    again = Deconvolution.of(result.record["deconvolution"])
    assert (
        deconvolve(image, PSF, again.algorithm, iterations=again.iterations, camera=again.camera).image == result.image
    ).all()


def test_deeper_parameters_by_dots(image):
    job = Deconvolution().assign(algorithm="richardson-lucy", **{"penalty": "total-variation", "penalty.weight": 0.01})
    assert job.algorithm.penalty.weight == 0.01


def test_stops(image):
    assert deconvolve(image, PSF, PLAIN, iterations=4).iterations == 4
    changed = deconvolve(image, PSF, PLAIN, iterations=500, stop="relative-change", **{"stop.tolerance": 0.01})
    assert 1 < changed.iterations < 500
    assert "relative change" in changed.reason
    timed = deconvolve(image, PSF, PLAIN, iterations=100_000, seconds=0.2)
    assert "time limit" in timed.reason
    assert timed.history[-1].seconds >= 0.2
    assert deconvolve(image, PSF, "tikhonov").iterations == 1


def test_history_has_a_line_per_update(image):
    result = deconvolve(image, PSF, PLAIN, iterations=6)
    assert len(result.history) == 6
    misfits = [update.misfit for update in result.history]
    assert misfits == sorted(misfits, reverse=True)
    assert misfits[-1] < 1.2


def test_starts(image):
    flat, from_image = (
        deconvolve(image, PSF, start=start, iterations=1, background=0).image for start in ("flat", "image")
    )
    given = deconvolve(image, PSF, start=image, iterations=1, background=0).image
    np.testing.assert_allclose(from_image, given, rtol=1e-5)
    assert abs(flat - from_image).max() > 1


def test_going_on_from_a_result_is_going_on(image):
    far = deconvolve(image, PSF, PLAIN, iterations=20, boundary="periodic").image
    half = deconvolve(image, PSF, PLAIN, iterations=10, boundary="periodic").image
    np.testing.assert_allclose(
        deconvolve(image, PSF, PLAIN, start=half, iterations=10, boundary="periodic").image, far, rtol=1e-3, atol=1e-2
    )


def test_closing_the_run_cancels_it(image):
    walk = Deconvolution(iterations=1000).steps(image, PSF)
    next(walk)
    next(walk)
    walk.close()
    with pytest.raises(StopIteration):
        next(walk)


def test_units_do_not_change_the_specimen(image):
    """The same photons in counts of another gain, on an offset, give the same specimen in those counts."""
    electrons = deconvolve(image, PSF, PLAIN, iterations=5, gain=1, read_noise=2, background=1).image
    counts = deconvolve(
        image / 0.25 + 100, PSF, PLAIN, iterations=5, offset=100, gain=0.25, read_noise=2, background=4
    ).image
    np.testing.assert_allclose(counts * 0.25, electrons, rtol=1e-4)


def test_whole_numbers_lists_and_other_types_are_images(image):
    want = deconvolve(image, PSF, PLAIN, iterations=2).image
    for kind in (np.uint8, np.uint16, np.int32, np.float64):
        np.testing.assert_allclose(deconvolve(image.astype(kind), PSF, PLAIN, iterations=2).image, want, rtol=1e-5)
    np.testing.assert_allclose(deconvolve(image.tolist(), PSF.tolist(), PLAIN, iterations=2).image, want, rtol=1e-5)


def test_what_is_masked_is_left_out(image):
    debris = image.copy()
    debris[5:8, 5:8] = 4000
    masked = np.ma.masked_equal(debris, 4000)
    result = deconvolve(masked, PSF, PLAIN, iterations=5)
    as_gaps = deconvolve(masked.filled(np.nan), PSF, PLAIN, iterations=5, missing=True)
    assert (result.image == as_gaps.image).all()
    assert not np.allclose(result.image, deconvolve(debris, PSF, PLAIN, iterations=5).image)
    counts = np.ma.masked_equal(debris.astype(np.uint16), 4000)
    assert (deconvolve(counts, PSF, PLAIN, iterations=5).image == result.image).all()
    assert (
        deconvolve(np.ma.asarray(image), PSF, PLAIN, iterations=5).image
        == deconvolve(image, PSF, PLAIN, iterations=5).image
    ).all()


def holes(image, value):
    bad = image.copy()
    bad[3, 4] = value
    return bad


BAD = {
    "nan": (lambda i: (holes(i, np.nan), PSF, {}), r"image: 1 of its 288 values are NaN or infinite; use missing=True"),
    "infinity": (lambda i: (holes(i, np.inf), PSF, {}), r"image: 1 of its 288 values are NaN or infinite"),
    "negative": (lambda i: (i - 30, PSF, {}), r"negative values.*offset and\s+read_noise"),
    "empty": (lambda i: (i[:0], PSF, {}), r"image: it is empty"),
    "1-d": (lambda i: (i[0], PSF, {}), r"image: it has 1 dimensions"),
    "rgb": (lambda i: (np.zeros((20, 20, 3), np.uint8), PSF, {}), r"RGB photograph"),
    "complex": (lambda i: (i * 1j, PSF, {}), r"image: its type is complex"),
    "psf dimensions": (lambda i: (i, PSF[None], {}), r"psf: it has 3 dimensions and the image 2"),
    "psf zeros": (lambda i: (i, PSF * 0, {}), r"psf is zero everywhere: choose another"),
    "psf negative": (lambda i: (i, PSF - 1, {}), r"psf sums to -24"),
    "psf nan": (lambda i: (i, PSF * np.nan, {}), r"psf holds NaN or infinity in 25 of 25 voxels"),
    "start": (lambda i: (i, PSF, {"start": i[:4]}), r"start: its shape \(4, 18\) is not that of the image"),
    "start name": (lambda i: (i, PSF, {"start": "flatt"}), r"start = 'flatt': choose one of flat, image"),
    "algorithm": (
        lambda i: (i, PSF, {"algorithm": "richardson-lucie"}),
        r"no algorithm 'richardson-lucie'; did you mean richardson-lucy",
    ),
    "setting": (lambda i: (i, PSF, {"iteration": 4}), r"no parameter 'iteration' here; did you mean iterations"),
    "value": (lambda i: (i, PSF, {"iterations": 0}), r"iterations = 0: must be 1 to"),
    "whole": (lambda i: (i, PSF, {"iterations": 2.5}), r"iterations = 2.5: must be a whole number"),
    "offset": (lambda i: (i, PSF, {"offset": 500}), r"image is dark: .* not above offset = 500"),
    "background": (lambda i: (i, PSF, {"background": 500}), r"background = 500: the brightest voxel is"),
    "boundary": (lambda i: (i, PSF, {"boundary": "wrap"}), r"boundary = 'wrap': choose one of open"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_answered_by_one_sentence(case, image):
    make, sentence = BAD[case]
    data, psf, settings = make(image)
    with pytest.raises(ValueError, match=sentence) as error:
        deconvolve(data, psf, **{"iterations": 2, **settings})
    assert "\n" not in str(error.value)


def test_negative_values_are_fine_where_the_camera_explains_them(image):
    assert np.isfinite(deconvolve(image - 30, PSF, iterations=3, offset=-30).image).all()
    assert np.isfinite(deconvolve(holes(image, -2), PSF, iterations=3, read_noise=3).image).all()
    assert np.isfinite(deconvolve(image - 30, PSF, "tikhonov").image).all()


def test_one_plane_for_a_stack_is_warned_of():
    image, plane = (
        np.random.default_rng(0).poisson(20, (4, 12, 12)),
        np.pad(np.ones((1, 3, 3)), ((0, 0), (2, 2), (2, 2))),
    )
    with pytest.warns(UserWarning, match="the PSF has one plane, and the image 4"):
        deconvolve(image, plane, "richardson-lucy", iterations=1)
    deconvolve(image[:1], plane, "richardson-lucy", iterations=1)
