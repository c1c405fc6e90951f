"""What is told before a run, and that each remedy is one."""

import re

import numpy as np
import pytest

from napari_deconvolution import Grid, Microscope, deconvolve
from napari_deconvolution.algorithms import memory
from napari_deconvolution.algorithms.forward.formation import PlannedPsf
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.recipes.checks import findings
from napari_deconvolution.recipes.psf_recipe import PsfRecipe
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.simulation.acquisition import acquire

STEPS = (0.25, 0.1, 0.1)
SPACING = dict(zip("zyx", STEPS, strict=True))
OPTICS = Microscope(na=0.9, wavelength=0.5, n_immersion=1.0)
OIL_INTO_WATER = {"model": "gibson-lanni", "na": 1.3, "n_immersion": 1.515, "n_sample": 1.33}
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
    "fill": (
        lambda image: (skewed(image), PLAIN, None),
        "31.2 % of the voxels have one same value outside of the field",
        False,
    ),
    "lost plane": (lambda image: (dropped(image), PLAIN, None), "1 plane was lost", False),
    "bright field": (lambda image: (bright_field(image), PLAIN, None), "Dark structures on a bright ground", False),
    "NaN": (lambda image: (holed(image), PLAIN, None), "3 voxels are NaN or infinite: no method", True),
    "saturated": (lambda image: (full(image), PLAIN, None), "are saturated.*and they are left out", False),
    "saturated and taken": (lambda image: (full(image), PLAIN.assign(mask=False), None), "are saturated", True),
    "background": (
        lambda image: (image, PLAIN.assign(offset=0, background=0), None),
        "above offset and background",
        True,
    ),
    "offset": (lambda image: (image, PLAIN.assign(offset=200), None), "above the darkest region: dim signal", True),
    "coarse pixels": (
        lambda image: (image.replace(spacing={**SPACING, "y": 0.5, "x": 0.5}), PLAIN, None),
        "coarser than 0.139 µm",
        False,
    ),
    "coarse planes": (
        lambda image: (image.replace(spacing={**SPACING, "z": 2.0}), PLAIN, None),
        "planes, 2 µm apart",
        False,
    ),
    "z step": (
        lambda image: (image.replace(spacing={"y": 0.1, "x": 0.1}), PLAIN, None),
        "voxel size along z is not known",
        False,
    ),
    "depth": (
        lambda image: (image.replace(spacing={**SPACING, "z": 1.0}), PLAIN.assign(**OIL_INTO_WATER), None),
        r"Over the 7 µm from .* PSF changes, and one is off by 2\d %",
        True,
    ),
    "pedestal": (lambda image: (image, PLAIN, raised(kernel())), "stands on a pedestal of 4.8 %", True),
    "off centre": (lambda image: (image, PLAIN, shifted(kernel())), r"off-centre \(z .*x \+2 voxels\)", True),
    "other voxels": (
        lambda image: (image, PLAIN, kernel((41, 161, 161), (0.25, 0.05, 0.05))),
        "the PSF is resampled to these",
        False,
    ),
    "one plane": (lambda image: (image, PLAIN, kernel((1, 41, 41))), "one plane, and the image is a stack", False),
    "small PSF": (lambda image: (image, PLAIN, kernel((7, 41, 41))), "too small for this image, which needs", True),
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
    free = memory.memory(PLAIN.replace(boundary="periodic"), image.samples.shape, PlannedPsf(PLAIN.grid(image).shape))
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
    assert result.record["left_out"] == {"missing": 3}
    far = np.s_[:, 24:, 24:]
    assert abs(result.image[far] - whole.image[far]).max() < 0.02 * whole.image.max()
    with pytest.raises(ValueError, match=r"3 of its .* values are NaN or infinite"):
        deconvolve(holes, psf, algorithm, iterations=5, offset=100)


def test_which_channels_a_concern_is_about(image):
    from napari_deconvolution.recipes.checks import concerns

    series = Image(
        np.stack([image.samples, holed(image).samples]), "czyx", SPACING, (Channel("a", 0.5), Channel("b", 0.5))
    )
    told = concerns(series, PLAIN.assign(offset=0, background=0))
    assert [each.sentence.split(" voxels")[0] for each in told if "NaN" in each.sentence] == ["Channel 1 (b): 3"]
    assert not [
        each
        for each in concerns(series.replace(samples=np.stack([image.samples] * 2)), PLAIN)
        if each.sentence.startswith("Channel")
    ]


def taken(image, **channel):
    return image.replace(channels=(Channel(**channel),))


@pytest.mark.parametrize(
    ("channel", "model", "sentence", "better"),
    [
        (
            {"modality": "confocal"},
            "gibson-lanni",
            "with a confocal microscope, but gibson-lanni is a PSF of a wide",
            "confocal",
        ),
        ({"pinhole": 1.2}, "born-wolf", "has a pinhole of 1.2 Airy units, but born-wolf is", "confocal"),
        (
            {"modality": "widefield"},
            "confocal",
            "a widefield microscope, but the PSF model is confocal",
            "gibson-lanni",
        ),
        (
            {"modality": "spinning-disk"},
            "confocal",
            "a spinning-disk microscope, but the PSF model is",
            "spinning-disk",
        ),
    ],
)
def test_a_model_for_another_microscope_is_a_finding_that_changes_it(image, channel, model, sentence, better):
    recipe = PLAIN.assign(model=model)
    (found,) = (each for each in findings(taken(image, **channel), recipe) if "According to its file" in each.sentence)
    assert sentence in found.sentence
    assert found.changes == {"model": better}
    mended = recipe.assign(**found.changes)
    assert not any("According to its file" in each.sentence for each in findings(taken(image, **channel), mended))


def test_nothing_is_said_of_a_model_that_fits_or_a_file_that_does_not_tell(image):
    known = ({"modality": "widefield"}, {}, {"modality": "confocal", "pinhole": 1.0})
    for channel, model in zip(known, ("gibson-lanni", "zernike", "confocal"), strict=True):
        said = findings(taken(image, **channel), PLAIN.assign(model=model))
        assert not any("According to its file" in each.sentence for each in said), channel
    psf = kernel((5, 9, 9))
    assert not any("According" in each.sentence for each in findings(taken(image, modality="confocal"), PLAIN, psf=psf))


def test_a_psf_of_other_optics_is_found():
    spacing = {"z": 0.3, "y": 0.1, "x": 0.1}
    volume = np.random.default_rng(0).poisson(9, (9, 24, 24))
    image = Image(volume, "zyx", spacing, (Channel("GFP", emission=0.52),), {"na": 1.3, "n_immersion": 1.515})
    point = np.zeros((9, 25, 25), np.float32)
    point[4, 12, 12] = 1
    measured = Image(point, "zyx", spacing, (Channel("", emission=0.61),), {"na": 0.95, "n_immersion": 1.515})
    sentences = [finding.sentence for finding in findings(image, Recipe(), psf=measured)]
    assert any("numerical aperture is 0.95 for the PSF and 1.3 for the image" in sentence for sentence in sentences)
    assert any("emission wavelength is 0.61 for the PSF and 0.52 for the image" in sentence for sentence in sentences)
    assert not any("immersion" in sentence for sentence in sentences)
