"""What is told before a run, and that each remedy is one."""

import re

import numpy as np
import pytest

from napari_deconvolution import Grid, Microscope, deconvolve
from napari_deconvolution.algorithms import memory
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.recipes.checks import findings
from napari_deconvolution.recipes.psf_recipe import PsfRecipe
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.simulation.acquisition import acquire

STEPS = (0.25, 0.1, 0.1)
SPACING = dict(zip("zyx", STEPS, strict=True))
OPTICS = Microscope(na=0.9, wavelength=0.5, n_immersion=1.0)
PLAIN = Recipe().assign(model="gaussian", microscope=OPTICS, offset=100, background=20)


@pytest.fixture(scope="module")
def image():
    _, counts, _ = acquire("filaments", "gaussian", OPTICS, Grid(shape=(8, 48, 48), spacing=STEPS), photons=400, seed=3)
    return Image(counts, "zyx", SPACING)


def kernel(shape=(41, 81, 81), steps=STEPS, model="gaussian"):
    return PsfRecipe().assign(model=model, microscope=OPTICS, grid=Grid(shape=shape, spacing=steps)).make()


def holed(image):
    samples = image.samples.copy()
    samples[2, 3, 4:7] = np.nan
    return image.replace(samples=samples)


def full(image):
    return image.replace(samples=np.minimum(image.samples, 255).astype(np.uint8))


def shifted(psf):
    return psf.replace(samples=np.roll(psf.samples, 2, axis=2))


def raised(psf):
    return psf.replace(samples=psf.samples + 0.05 * psf.samples.max())


def skewed(image):
    samples = np.tile(image.samples, (1, 2, 2))
    samples[:, :, :30] = 0
    return image.replace(samples=samples)


def dropped(image):
    samples = image.samples.copy()
    samples[3] = 0
    return image.replace(samples=samples)


def bright_field(image):
    return image.replace(samples=3000 - image.samples)


CASES = {
    "fill": (lambda image: (skewed(image), PLAIN, None), "31.2 % of the voxels have one same value outside of the field", False),
    "lost plane": (lambda image: (dropped(image), PLAIN, None), "1 planes were lost", False),
    "bright field": (lambda image: (bright_field(image), PLAIN, None), "Dark structures on a bright ground", False),
    "NaN": (lambda image: (holed(image), PLAIN, None), "3 voxels are NaN or infinite: no method", True),
    "saturated": (lambda image: (full(image), PLAIN, None), "are saturated.*and are left out", False),
    "saturated and taken": (lambda image: (full(image), PLAIN.assign(mask=False), None), "are saturated", True),
    "background": (lambda image: (image, PLAIN.assign(offset=0, background=0), None), "above offset and background", True),
    "offset": (lambda image: (image, PLAIN.assign(offset=200), None), "above the darkest region: dim specimen", True),
    "coarse pixels": (lambda image: (image.replace(spacing={**SPACING, "y": 0.5, "x": 0.5}), PLAIN, None), "coarser than 0.139 µm", False),
    "coarse planes": (lambda image: (image.replace(spacing={**SPACING, "z": 2.0}), PLAIN, None), "planes, 2 µm apart", False),
    "z step": (lambda image: (image.replace(spacing={"y": 0.1, "x": 0.1}), PLAIN, None), "voxel size along z is not known", False),
    "pedestal": (lambda image: (image, PLAIN, raised(kernel())), "stands on a pedestal of 4.8 %", True),
    "off centre": (lambda image: (image, PLAIN, shifted(kernel())), r"off its centre \(z .*x \+2 voxels\)", True),
    "other voxels": (lambda image: (image, PLAIN, kernel((41, 161, 161), (0.25, 0.05, 0.05))), "the PSF is resampled to those", False),
    "one plane": (lambda image: (image, PLAIN, kernel((1, 41, 41))), "one plane, and the image is a stack", False),
    "small PSF": (lambda image: (image, PLAIN, kernel((7, 41, 41))), "too small for this image, which wants", True),
}


@pytest.mark.parametrize("case", CASES)
def test_each_is_told_and_its_remedy_mends_it(case, image):
    make, sentence, mended = CASES[case]
    picture, recipe, psf = make(image)
    told = findings(picture, recipe, psf=psf)
    (found,) = (each for each in told if re.search(sentence, each.sentence))
    assert bool(found.remedy) is mended
    if mended:
        again = findings(picture, recipe.assign(**found.changes), psf=None if "psf" in found.changes else psf)
        assert not [each for each in again if each.remedy and each.remedy == found.remedy]


def test_nothing_is_told_where_nothing_is_wrong(image):
    assert findings(image, PLAIN) == []
    assert findings(image, PLAIN, psf=kernel()) == []


def test_memory(image, monkeypatch):
    free = memory.memory(PLAIN.replace(boundary="periodic"), image.samples.shape, PLAIN.grid(image).shape)
    monkeypatch.setattr(memory, "available", lambda: free)
    (told,) = findings(image, PLAIN)
    assert "The run needs" in told.sentence
    assert findings(image, PLAIN.assign(**told.changes)) == []


def test_a_volume_of_a_series_with_the_psf_of_its_channel(image):
    colours = (Channel("a", 0.461), Channel("b", 0.66))
    series = Image(np.stack([image.samples, holed(image).samples]), "czyx", SPACING, colours)
    assert findings(series, PLAIN, {"c": 0}) == []
    assert "3 voxels are NaN" in findings(series, PLAIN, {"c": 1})[0].sentence


@pytest.mark.parametrize("algorithm", ["richardson-lucy", "landweber", "wiener"])
def test_missing_voxels_are_left_out(image, algorithm):
    psf = kernel().samples
    holes = holed(image).samples
    result = deconvolve(holes, psf, algorithm, iterations=5, offset=100, missing=True, mask=False)
    whole = deconvolve(image.samples, psf, algorithm, iterations=5, offset=100, mask=False)
    assert np.isfinite(result.image).all()
    assert result.record["left out"] == {"missing": 3}
    far = np.s_[:, 24:, 24:]
    assert abs(result.image[far] - whole.image[far]).max() < 0.02 * whole.image.max()
    with pytest.raises(ValueError, match=r"3 of its .* values are NaN or infinite"):
        deconvolve(holes, psf, algorithm, iterations=5, offset=100)


def test_which_channels_a_concern_is_about(image):
    from napari_deconvolution.recipes.checks import concerns

    series = Image(np.stack([image.samples, holed(image).samples]), "czyx", SPACING, (Channel("a", 0.5), Channel("b", 0.5)))
    told = concerns(series, PLAIN.assign(offset=0, background=0))
    assert [each.sentence.split(" voxels")[0] for each in told if "NaN" in each.sentence] == ["Channel 1 (b): 3"]
    assert not [
        each for each in concerns(series.replace(samples=np.stack([image.samples] * 2)), PLAIN) if each.sentence.startswith("Channel")
    ]
