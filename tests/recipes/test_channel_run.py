"""One channel: its PSF is made when the first volume comes, and what the first volume settles holds for the rest."""

import numpy as np
import pytest

from napari_deconvolution import Camera, Microscope
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.recipes.channel_run import channel_runs
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.runs import finished

SPACING = {"z": 0.3, "y": 0.1, "x": 0.1}
OPTICS = Microscope(na=1.2, n_immersion=1.333, n_sample=1.333)
PLAIN = Recipe().assign(algorithm="richardson-lucy", iterations=2, model="gaussian", microscope=OPTICS)


@pytest.fixture
def image():
    samples = np.random.default_rng(1).poisson(20 + 300 * (np.random.default_rng(2).random((2, 2, 4, 16, 16)) > 0.97))
    return Image(samples, "tczyx", SPACING, (Channel("DAPI", 0.461), Channel("GFP", 0.509)))


def test_a_psf_is_computed_when_its_first_volume_comes(image):
    runs = channel_runs(image, PLAIN, None)
    assert {number: run.formation for number, run in runs.items()} == {0: None, 1: None}
    finished(runs[1].steps(image.samples[0, 1]))
    assert runs[0].formation is None
    assert runs[1].origin.computed["microscope"]["wavelength"] == 0.509


def test_a_psf_that_is_given_is_taken_at_once(image):
    given = PLAIN.replace(channel=0).kernel(image.select(c=0), None)[0]
    runs = channel_runs(image.select(c=0), PLAIN, Image(given, "zyx", SPACING, name="bead"))
    assert runs[0].formation is not None
    assert runs[0].origin.given == "bead"


def test_the_stop_of_the_first_volume_is_that_of_the_others(image):
    (run,) = channel_runs(
        image.select(c=0), Recipe(iterations=12, microscope=OPTICS, camera=Camera(gain=1.0)), None
    ).values()
    first = finished(run.steps(image.samples[0, 0]))
    assert run.reason(first) == first.reason
    second = finished(run.steps(image.samples[1, 0]))
    assert (len(second.search), second.iterations) == (0, first.iterations)
    assert run.reason(second) == f"{first.iterations} iterations, as found on the first volume"


def test_an_unknown_wavelength_is_asked_for_before_anything_is_computed(image):
    with pytest.raises(ValueError, match="emission wavelength of channel 1 is not known: give emissions"):
        channel_runs(image.replace(channels=(Channel("DAPI", 0.461), Channel())), PLAIN, None)
