"""What may go wrong with an image, a PSF and a recipe, in plain words, and what would mend it: asked before a run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..algorithms.camera.bright_field import bright_ground
from ..algorithms.camera.defects import full_at
from ..algorithms.camera.fill import find_fill
from ..algorithms.camera.lines import find_planes
from ..algorithms.camera.noise import darkest
from ..algorithms.memory import check_memory, memory
from ..algorithms.system_memory import available, in_words
from ..images.image import Image
from ..optics.measured_psf import OFF_CENTRE, PEDESTAL
from ..optics.microscope import Grid
from ..optics.psf_measures import centre_offset, pedestal
from .preview import one_volume
from .psf_recipe import PsfRecipe
from .recipe import Recipe
from .volumes import chosen_psf

HAZE = 0.05
"""A background of less than this share of the brightest light changes little."""

COARSE = 1.05
"""Times the Nyquist step; less is a matter of taste."""

COARSEST = 20.0
"""µm; no microscope that is worth deconvolving has larger pixels."""

FINE = 0.02
"""Voxel sizes that differ by less than this are taken for the same."""


@dataclass(frozen=True)
class Finding:
    """One thing to think of."""

    sentence: str
    remedy: str = ""
    """What can be done about it, in a few words; empty if nothing can be done here."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """That, as values for `Recipe.assign`; `psf=()` computes the PSF instead of taking the one that is given."""


def findings(
    image: Image, recipe: Recipe, at: Mapping[str, int] | None = None, psf: Image | Sequence[Image] | None = None
) -> list[Finding]:
    """Look at one volume of an image, and at its PSF.

    Parameters
    ----------
    image, recipe, psf
        As `deconvolve_image` takes them.
    at
        Which volume, by its index along time and channel; the first one if it is not said.

    Raises
    ------
    ValueError
        If they do not fit each other at all.

    Examples
    --------
    >>> image = Image(np.full((4, 16, 16), 4095), "zyx", {"z": 0.2, "y": 0.5, "x": 0.5})
    >>> [finding.sentence.split(":")[0] for finding in findings(image, Recipe().assign(background=None))]
    ['1024 voxels (100 %) are saturated', 'The pixels of 0.5 µm are coarser than 0.0938 µm, the Nyquist step of gibson-lanni']
    """
    where = at or {}
    (volume, single), given = one_volume(image, recipe, where), chosen_psf(psf, recipe, image, where)
    return [*_concerns(volume, single, given), *(() if given is None else _point(given, volume, single))]


def concerns(image: Image, recipe: Recipe, psf: Image | Sequence[Image] | None = None) -> list[Finding]:
    """The same of the first volume of every channel, but for what a run itself warns of: a PSF that is off its centre or on a pedestal."""
    count = image.channel_count if recipe.channel is None else 1
    found: dict[str, tuple[Finding, list[str]]] = {}
    for number in range(count):
        name = image.channels[number].name if image.channels else ""
        at = {"c": number} if count > 1 else {}
        for finding in _concerns(*one_volume(image, recipe, at), chosen_psf(psf, recipe, image, at)):
            found.setdefault(finding.sentence, (finding, []))[1].append(f"{number}{f' ({name})' if name else ''}")
    return [
        finding if len(which) == count else replace(finding, sentence=f"Channel {', '.join(which)}: {finding.sentence}")
        for finding, which in found.values()
    ]


def _concerns(volume: Image, recipe: Recipe, given: Image | None) -> list[Finding]:
    samples = np.asarray(volume.samples).transpose([volume.axes.index(axis) for axis in volume.spatial])
    found = [*_numbers(samples, recipe), *_sampling(volume, recipe, given)]
    if given is not None:
        found += _voxels(given, volume)
    return [*found, *_room(volume, recipe, given)]


def _numbers(samples: np.ndarray, recipe: Recipe) -> Iterator[Finding]:
    camera = recipe.camera
    finite = np.isfinite(samples)
    if gaps := samples.size - int(np.count_nonzero(finite)):
        sentence = f"{gaps} voxels are NaN or infinite"
        if camera.missing:
            yield Finding(f"{sentence}: they are left out.")
        else:
            yield Finding(f"{sentence}: no method can take them.", "Leave them out", {"missing": True})
        samples = np.where(finite, samples, samples[finite].mean() if gaps < samples.size else 0)
    full = full_at(samples) if camera.saturation is None else camera.saturation
    lost = int(np.count_nonzero(samples >= full))
    if lost >= (3 if camera.saturation is None else 1):
        sentence = f"{lost} voxels ({100 * lost / samples.size:.3g} %) are saturated: they do not tell how bright they were"
        if camera.mask:
            yield Finding(f"{sentence}, and are left out. Take the image again if they are many.")
        else:
            yield Finding(f"{sentence}.", "Leave them out", {"mask": True})
    if camera.mask:
        yield from _areas(samples)
    if bright_ground(samples) is not None:
        yield Finding(
            "Dark structures on a bright ground: the image looks like bright field, where light is taken away and not given. The models "
            "are for fluorescence; its absorbance, −ln(I / ground), comes nearer to one."
        )
    if camera.background is not None:
        level = darkest(samples) - camera.offset - camera.background
        if level > HAZE * (float(np.percentile(samples, 99.8)) - camera.offset) > 0:
            sentence = f"The darkest region is at {level:.4g} above offset and background, which would be taken for specimen."
            yield Finding(sentence, "Measure the background", {"background": None})
        elif level < -HAZE * abs(camera.offset + camera.background):
            sentence = f"Offset and background are {-level:.4g} above the darkest region: dim specimen would be lost."
            yield Finding(sentence, "Measure the background", {"offset": 0.0, "background": None})


def _areas(samples: np.ndarray) -> Iterator[Finding]:
    """What the camera did not see."""
    if fill := float(find_fill(samples).mean()):
        yield Finding(f"{100 * fill:.3g} % of the voxels have one same value outside of the field: they are left out.")
    if lost := int(find_planes(samples).any(axis=(-2, -1)).sum()):
        yield Finding(f"{lost} planes were lost (all of one value, or the same as the plane before): they are left out.")


def _sampling(volume: Image, recipe: Recipe, given: Image | None) -> Iterator[Finding]:
    voxel = volume.voxel
    if voxel is None:
        missing = " ".join(axis for axis in volume.spatial if axis not in volume.spacing)
        yield Finding(f"The voxel size along {missing} is not known: take it from the file, or type it.")
        return
    if voxel[-1] > COARSEST:
        yield Finding(f"The pixels are {voxel[-1]:g} µm wide: were they given in nm?")
        return
    optics = PsfRecipe(recipe.model, recipe.microscope) if given is None else _made(given)
    if optics is None:
        return
    axial, lateral = optics.model.nyquist(optics.microscope)
    if voxel[-1] > COARSE * lateral:
        yield Finding(
            f"The pixels of {voxel[-1]:.3g} µm are coarser than {lateral:.3g} µm, the Nyquist step of {optics.model.name}: detail that was "
            "not sampled cannot come back."
        )
    if len(voxel) == 3 and volume.samples.shape[volume.axes.index("z")] > 1 and voxel[0] > COARSE * axial:
        yield Finding(
            f"The planes, {voxel[0]:.3g} µm apart, are coarser than {axial:.3g} µm, the Nyquist step of {optics.model.name} along z: "
            "expect less there."
        )


def _point(given: Image, volume: Image, recipe: Recipe) -> Iterator[Finding]:
    values = np.asarray(given.samples, np.float32)
    if given.axes == volume.spatial == "zyx" and len(values) == 1 < volume.samples.shape[volume.axes.index("z")]:
        yield Finding(
            "The PSF has one plane, and the image is a stack: every plane is deconvolved by itself, the haze of the others stays."
        )
    known, floor = recipe.measured, pedestal(values)
    if known.psf_background is None and floor > PEDESTAL * float(values.max()):
        sentence = f"The PSF stands on a pedestal of {100 * floor / float(values.max()):.2g} % of its peak, which would blur everything."
        yield Finding(sentence, "Subtract it", {"psf_background": floor})
    offset = centre_offset(values)
    if known.psf_origin == "n//2" and max(map(abs, offset)) > OFF_CENTRE:
        shift = " ".join(f"{axis} {by:+.2g}" for axis, by in zip(given.spatial, offset, strict=True))
        sentence = f"The PSF is off its centre ({shift} voxels): the result would be shifted."
        yield Finding(sentence, "Recentre it", {"psf_origin": "centre"})


def _voxels(given: Image, volume: Image) -> Iterator[Finding]:
    if given.voxel is None or volume.voxel is None or given.axes != volume.spatial:
        return
    if any(abs(a / b - 1) > FINE for a, b in zip(given.voxel, volume.voxel, strict=True)):
        there, here = (" ".join(f"{step:.3g}" for step in voxel) for voxel in (given.voxel, volume.voxel))
        yield Finding(f"The PSF has voxels of {there} µm, the image of {here} µm: the PSF is resampled to those of the image.")
    made = _made(given)
    if made is None:
        return
    sizes = tuple(volume.samples.shape[volume.axes.index(axis)] for axis in volume.spatial)
    wanted = Grid.for_image(sizes, volume.voxel, made.microscope).shape
    ratio = [step / here for step, here in zip(given.voxel, volume.voxel, strict=True)]
    if any(n * by < 0.9 * wish for n, by, wish in zip(given.samples.shape, ratio, wanted, strict=True)):
        has, wish = ("x".join(str(n) for n in shape) for shape in (given.samples.shape, wanted))
        sentence = f"The PSF of {has} samples is too small for this image, which wants {wish}: light beyond it is taken for specimen."
        yield Finding(sentence, "Compute a larger one", {"psf": (), "model": made.model, "microscope": made.microscope})


def room(image: Image, recipe: Recipe, psf: Image | Sequence[Image] | None = None) -> str:
    """How much memory a run will take, and how much is free, in a sentence; empty where the size of the PSF is not known.

    >>> image = Image(np.ones((4, 16, 16)), "zyx", {"z": 0.3, "y": 0.1, "x": 0.1})
    >>> room(image, Recipe()).split(" of memory")[0].split()[0:2]
    ['It', 'takes']
    """
    volume, single = one_volume(image, recipe, {})
    sizes = _sizes(volume, single, chosen_psf(psf, recipe, image, {}))
    if sizes is None:
        return ""
    free = available()
    return f"It takes up to {in_words(memory(single, *sizes))} of memory{f'; {in_words(free)} are free' if free is not None else ''}."


def _sizes(volume: Image, recipe: Recipe, given: Image | None) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Of a volume and of its PSF; None where they do not fit or are not known."""
    shape = tuple(volume.samples.shape[volume.axes.index(axis)] for axis in volume.spatial)
    if given is not None:
        return (shape, tuple(given.samples.shape)) if given.axes == volume.spatial else None
    return None if volume.voxel is None else (shape, recipe.grid(volume).shape)


def _room(volume: Image, recipe: Recipe, given: Image | None) -> Iterator[Finding]:
    sizes = _sizes(volume, recipe, given)
    if sizes is None:
        return
    try:
        check_memory(recipe, *sizes, most=recipe.most)
    except MemoryError as error:
        remedy = {} if recipe.boundary == "periodic" else {"boundary": "periodic"}
        yield Finding(str(error), "Take the periodic boundary" if remedy else "", remedy)


def _made(given: Image) -> PsfRecipe | None:
    """How a PSF was made, if its record tells."""
    try:
        return PsfRecipe.of(given.record["psf"])
    except (KeyError, ValueError, TypeError):
        return None
