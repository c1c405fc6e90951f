"""Several channels: a PSF for each, settled once, and what comes out beside the estimate."""

import numpy as np
import pytest

from napari_deconvolution import Camera, Grid, Microscope, deconvolve, psf
from napari_deconvolution.algorithms.metrics.errors import compare
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.recipes.volumes import run_image
from napari_deconvolution.runs import finished

STEPS = (0.3, 0.1, 0.1)
SPACING = dict(zip("zyx", STEPS, strict=True))
OPTICS = Microscope(na=1.2, n_immersion=1.333, n_sample=1.333)
COLOURS = (Channel("DAPI", 0.461), Channel("GFP", 0.509), Channel("Cy5", 0.67))
PLAIN = Recipe().assign(algorithm="richardson-lucy", iterations=3, model="gaussian", microscope=OPTICS)


def cells(*shape):
    rng = np.random.default_rng(1)
    return rng.poisson(20 + 300 * (rng.random(shape) > 0.97)).astype(np.uint16)


@pytest.fixture
def image():
    return Image(cells(2, 3, 5, 16, 15), "tczyx", SPACING, COLOURS, name="cells")


def kernel(wavelength):
    optics = OPTICS.replace(wavelength=wavelength)
    return psf("gaussian", optics, Grid.for_image((5, 16, 15), STEPS, optics))


def test_each_channel_has_the_psf_of_its_emission(image):
    result = finished(run_image(image, PLAIN)).image
    assert result.axes == "tczyx"
    assert result.channels == COLOURS
    for c, channel in enumerate(COLOURS):
        for t in range(2):
            alone = deconvolve(
                image.samples[t, c], kernel(channel.emission), "richardson-lucy", iterations=3, spacing=STEPS
            )
            assert (result.samples[t, c] == alone.image).all()
    assert [made["computed"]["microscope"]["wavelength"] for made in result.record["psf"]] == [0.461, 0.509, 0.67]


def test_wavelengths_and_cameras_that_are_said_count_before_those_of_the_image(image):
    said = PLAIN.assign(emissions=(0.5, 0.6, 0.7), offsets=(1, 2, 3))
    result = finished(run_image(image, said)).image
    alone = deconvolve(image.samples[1, 2], kernel(0.7), "richardson-lucy", iterations=3, spacing=STEPS, offset=3)
    assert (result.samples[1, 2] == alone.image).all()


def test_a_chosen_channel_takes_its_part_of_what_is_said(image):
    result = finished(run_image(image, PLAIN.assign(emissions=(0.5, 0.6, 0.7), channel=1))).image
    alone = deconvolve(image.samples[0, 1], kernel(0.6), "richardson-lucy", iterations=3, spacing=STEPS)
    assert result.axes == "tzyx"
    assert (result.samples[0] == alone.image).all()


def test_a_psf_for_each_channel(image):
    single = [Image(kernel(w), "zyx", SPACING) for w in (0.4, 0.5, 0.6)]
    grid = Grid(shape=(9, 45, 45), spacing=STEPS)
    together = Image(
        np.stack([psf("gaussian", OPTICS.replace(wavelength=w), grid) for w in (0.4, 0.5, 0.6)]), "czyx", SPACING
    )
    for psfs, pick in ((single, lambda c: single[c].samples), (together, lambda c: together.samples[c])):
        result = finished(run_image(image, PLAIN, psfs)).image
        alone = deconvolve(image.samples[1, 2], pick(2), "richardson-lucy", iterations=3, spacing=STEPS)
        assert (result.samples[1, 2] == alone.image).all()
    chosen = finished(run_image(image, PLAIN.assign(channel=2), single)).image
    assert (chosen.samples == finished(run_image(image, PLAIN, single)).image.samples[:, 2]).all()


class Lazy:
    """Samples that count how much of them has been computed."""

    def __init__(self, array):
        self.array, self.computed = array, []
        self.shape, self.dtype, self.size, self.ndim = array.shape, array.dtype, array.size, array.ndim

    def transpose(self, order):
        turned = Lazy(self.array.transpose(order))
        turned.computed = self.computed
        return turned

    def __getitem__(self, at):
        part = Lazy(self.array[at])
        part.computed = self.computed
        return part

    def __array__(self, dtype=None, copy=None):
        self.computed.append(self.shape)
        return np.asarray(self.array, dtype)


def test_volumes_of_lazy_samples_are_computed_one_at_a_time(image):
    lazy = Lazy(image.samples)
    walk = run_image(image.replace(samples=lazy), PLAIN)
    next(walk)
    assert lazy.computed == []
    for progress in walk:
        assert len(lazy.computed) <= progress.volume + 1
    assert lazy.computed == [(5, 16, 15)] * 6


def test_dask(image):
    array = pytest.importorskip("dask.array")
    lazy = image.replace(samples=array.from_array(image.samples, chunks=(1, 1, 5, 16, 15)))
    expected = finished(run_image(image, PLAIN)).image
    assert (finished(run_image(lazy, PLAIN)).image.samples == expected.samples).all()


def test_stop_and_weight_are_found_once_for_each_channel(image):
    settled = Recipe(iterations=12, microscope=OPTICS, camera=Camera(gain=1.0))
    runs = finished(run_image(image, settled)).image.record["runs"]
    assert [(run["index"]["t"], run["index"]["c"]) for run in runs] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    for first, later in zip(runs[:3], runs[3:], strict=True):
        assert "search" in first
        assert "search" not in later
        assert later["iterations"] == first["iterations"]
        assert later["reason"] == f"{first['iterations']} iterations, as found on the first volume"
    anew = finished(run_image(image.select(c=0), settled.replace(search="volume"))).image.record["runs"]
    assert all("search" in run for run in anew)


def test_a_time_point_may_start_from_the_one_before(image):
    one = image.select(c=1)
    result = finished(run_image(one, PLAIN.replace(warm_start=True), Image(kernel(0.5), "zyx", SPACING))).image
    again = deconvolve(
        one.samples[1], kernel(0.5), "richardson-lucy", iterations=3, spacing=STEPS, start=result.samples[0]
    )
    cold = deconvolve(one.samples[1], kernel(0.5), "richardson-lucy", iterations=3, spacing=STEPS)
    assert (result.samples[1] == again.image).all()
    assert not np.allclose(again.image, cold.image)


def test_what_is_asked_for_beside_the_estimate(image):
    asked = PLAIN.assign(
        residual=True, uncertainty=2, reproducibility=True, gain=1.0, saturation=int(image.samples.max())
    )
    one = image.select(t=0)
    result = finished(run_image(one, asked))
    assert set(result.others) == {"residual", "uncertainty", "left out"}
    alone = deconvolve(
        one.samples[1],
        kernel(0.509),
        "richardson-lucy",
        iterations=3,
        spacing=STEPS,
        residual=True,
        uncertainty=2,
        gain=1.0,
        saturation=int(image.samples.max()),
    )
    assert (result.others["residual"].samples[1] == alone.residual.map).all()
    assert (result.others["uncertainty"].samples[1] == alone.uncertainty).all()
    assert (result.others["left out"].samples[1] == alone.masked).all()
    run = result.image.record["runs"][1]
    assert run["residual"]["chi_square"] == alone.residual.chi_square
    assert run["photons"] == alone.photons._asdict()
    assert len(run["reproducibility"]["correlation"]) > 3


def test_estimates_on_the_way(image):
    kept = finished(run_image(image.select(t=0, c=0), PLAIN.assign(iterations=4, keep=2))).others["kept"]
    assert kept.axes == "tzyx"
    assert kept.record["kept_iterations"] == [2, 4]
    flat = finished(run_image(image.select(t=0, c=0), PLAIN.assign(iterations=4, keep=2, projection=True))).others[
        "kept"
    ]
    assert flat.axes == "tyx"
    assert (flat.samples == kept.samples.max(axis=1)).all()
    with pytest.raises(ValueError, match=r"keep = 2: estimates are kept of one volume, and there are 6"):
        next(run_image(image, PLAIN.assign(keep=2)))


BAD = {
    "unknown emission": (
        lambda image: (image.replace(channels=(*COLOURS[:2], Channel())), PLAIN, None),
        r"3 channels, and the emission wavelength of channel 2 is not known: give emissions",
    ),
    "two wavelengths": (
        lambda image: (image, PLAIN.assign(emissions=(0.5, 0.6)), None),
        r"emissions = .0.5, 0.6.: give one number for each",
    ),
    "two PSFs": (
        lambda image: (image, PLAIN, [Image(kernel(0.5), "zyx", SPACING)] * 2),
        "psf: there are 2 for an image of 3 channels",
    ),
    "two for one": (
        lambda image: (image.select(c=0), PLAIN, [Image(kernel(0.5), "zyx", SPACING)] * 2),
        "psf: there are 2 for an image of one channel; give one",
    ),
    "no such channel": (lambda image: (image, PLAIN.assign(channel=3), None), "c = 3: the image has c from 0 to 2"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case, image):
    make, sentence = BAD[case]
    with pytest.raises(ValueError, match=sentence):
        next(run_image(*make(image)))


def test_against_the_truth(image):
    one = image.select(c=0)
    truth = one.replace(samples=one.samples.astype(np.float32) ** 2, channels=())
    result = finished(run_image(one, PLAIN, Image(kernel(0.5), "zyx", SPACING), truth)).image
    for t, run in enumerate(result.record["runs"]):
        assert run["against_truth"] == compare(result.samples[t], truth.samples[t])._asdict()
    with pytest.raises(ValueError, match="truth: it has z=5 y=16 x=14, which is not that of the image"):
        next(
            run_image(
                one,
                PLAIN,
                Image(kernel(0.5), "zyx", SPACING),
                truth.select(t=0).replace(samples=truth.samples[0, ..., :14]),
            )
        )


def test_psf_and_otf_are_made_once_for_each_channel(image, monkeypatch):
    from napari_deconvolution.algorithms.forward.blur import Blur
    from napari_deconvolution.recipes import recipe as recipes

    made = {"psf": 0, "otf": 0}
    transform, make = Blur._transform, recipes.PsfRecipe.make
    monkeypatch.setattr(Blur, "_transform", lambda self, psf: made.update(otf=made["otf"] + 1) or transform(self, psf))
    monkeypatch.setattr(recipes.PsfRecipe, "make", lambda self: made.update(psf=made["psf"] + 1) or make(self))
    finished(run_image(image, PLAIN))
    assert made == {"psf": 3, "otf": 3}


def test_the_pinhole_of_a_channel_fills_a_model_that_has_one_and_in_which_none_is_set():
    channel = Channel("a", 0.52, 0.488, pinhole=1.4)
    assert Recipe().assign(model="confocal").excited(channel).model.pinhole == 1.4
    assert Recipe().assign(model="confocal", pinhole=0.7).excited(channel).model.pinhole == 0.7
    assert Recipe().assign(model="gaussian").excited(channel).model.name == "gaussian"
