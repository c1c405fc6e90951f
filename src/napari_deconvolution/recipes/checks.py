"""What may go wrong with an image, a PSF and a recipe, in plain words, and what fixes it: asked before a run."""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..algorithms.camera.bright_field import bright_ground
from ..algorithms.camera.defects import saturation_level
from ..algorithms.camera.fill import find_fill
from ..algorithms.camera.lines import find_planes
from ..algorithms.camera.noise import darkest
from ..algorithms.forward.formation import PlannedPsf
from ..algorithms.forward.varying import VaryingPsf
from ..algorithms.memory import check_memory, memory
from ..algorithms.system_memory import available, size_in_words
from ..images.image import Image
from ..optics.measured_psf import far_centre, high_pedestal, lacks_planes
from ..optics.microscope import Grid, resolution
from ..optics.psf import coarse_axes
from ..optics.psf_by_depth import psf_by_depth
from .given_psfs import Psfs, psf_at
from .known_optics import modality_of, model_of
from .preview import one_volume
from .psf_recipe import PsfRecipe
from .recipe import UNKNOWN_VOXEL, Recipe
from .record import Record

HAZE = 0.05
"""A background of less than this share of the brightest light changes little."""

COARSEST = 20.0
"""µm; no microscope that is worth deconvolving has larger pixels."""

ONE_PSF = 0.02
"""Where PSFs differ from their mean by less than this share, one is as good as many."""

MODES = 4
"""Of a PSF that varies with depth, at most, as a rule: for the memory, before it is made."""

FINE = 0.02
"""Voxel sizes that differ by less than this share count as the same."""


@dataclass(frozen=True)
class Finding:
    """One possible problem."""

    sentence: str
    remedy: str = ""
    """What fixes it, in a few words; empty if nothing here does."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """That, as values for `Recipe.assign`; `psf=()` computes the PSF instead of taking the one that is given."""


def findings(image: Image, recipe: Recipe, at: Mapping[str, int] | None = None, psf: Psfs = None) -> list[Finding]:
    """Look at one volume of an image, and at its PSF.

    Parameters
    ----------
    image, recipe, psf
        As `run_image` takes them.
    at
        Which volume, by its index along time and channel; by default the first one.

    Raises
    ------
    ValueError
        If they do not fit each other at all.

    Examples
    --------
    >>> image = Image(np.full((4, 16, 16), 4095), "zyx", {"z": 0.2, "y": 0.5, "x": 0.5})
    >>> for finding in findings(image, Recipe().assign(background=None)):
    ...     print(finding.sentence.split(":")[0])
    1024 voxels (100 %) are saturated
    The pixels of 0.5 µm are coarser than 0.0938 µm, the Nyquist step of gibson-lanni
    """
    where = at or {}
    (volume, single), given = one_volume(image, recipe, where), psf_at(psf, recipe, image, where)
    return [*_concerns(volume, single, given), *(() if given is None else _point(given, volume, single))]


def concerns(image: Image, recipe: Recipe, psf: Psfs = None) -> list[Finding]:
    """The same of the first volume of every channel, without what a run itself warns of.

    A run warns of a PSF that is off-centre, on a pedestal, or one plane for a stack.
    """
    count = image.channel_count if recipe.channel is None else 1
    found: dict[str, tuple[Finding, list[str]]] = {}
    for number in range(count):
        name = image.channels[number].name if image.channels else ""
        at = {"c": number} if count > 1 else {}
        for finding in _concerns(*one_volume(image, recipe, at), psf_at(psf, recipe, image, at)):
            found.setdefault(finding.sentence, (finding, []))[1].append(f"{number}{f' ({name})' if name else ''}")
    return [
        finding if len(which) == count else replace(finding, sentence=f"Channel {', '.join(which)}: {finding.sentence}")
        for finding, which in found.values()
    ]


def _concerns(volume: Image, recipe: Recipe, given: Image | None) -> list[Finding]:
    samples = np.asarray(volume.samples).transpose([volume.axes.index(axis) for axis in volume.spatial])
    found = [*_numbers(samples, recipe), *_sampling(volume, recipe, given)]
    if given is None:
        found += [*_modality(volume, recipe), *_depth(volume, recipe)]
    if given is not None:
        found += [*_voxels(given, volume), *_other_optics(given, volume)]
    return [*found, *_room(volume, recipe, given)]


def _numbers(samples: np.ndarray, recipe: Recipe) -> Iterator[Finding]:
    """Of the counts: gaps, saturation, offset and background."""
    camera = recipe.camera
    finite = np.isfinite(samples)
    if gaps := samples.size - int(np.count_nonzero(finite)):
        sentence = f"{gaps} voxels are NaN or infinite"
        if camera.missing:
            yield Finding(f"{sentence}: they are left out.")
        else:
            yield Finding(f"{sentence}: no method can use them.", "Leave them out", {"missing": True})
        samples = np.where(finite, samples, samples[finite].mean() if gaps < samples.size else 0)
    if lost := int(np.count_nonzero(samples >= saturation_level(samples, camera.saturation))):
        sentence = f"{lost} voxels ({100 * lost / samples.size:.3g} %) are saturated: their true brightness is unknown"
        if camera.mask:
            yield Finding(f"{sentence}, and they are left out. If there are many, acquire the image again.")
        else:
            yield Finding(f"{sentence}.", "Leave them out", {"mask": True})
    if camera.mask:
        yield from _areas(samples)
    if bright_ground(samples) is not None:
        yield Finding(
            "Dark structures on a bright ground: the image looks like bright field, where light is absorbed, not "
            "emitted. The models are for fluorescence; its absorbance, −ln(I / ground), is closer to that."
        )
    if camera.background is not None:
        level = darkest(samples) - camera.offset - camera.background
        if level > HAZE * (float(np.percentile(samples, 99.8)) - camera.offset) > 0:
            yield Finding(
                f"The darkest region is {level:.4g} counts above offset and background, which would be treated as "
                "signal.",
                "Estimate the background",
                {"background": None},
            )
        elif level < -HAZE * abs(camera.offset + camera.background):
            yield Finding(
                f"Offset and background are {-level:.4g} counts above the darkest region: dim signal would be lost.",
                "Estimate the background",
                {"offset": 0.0, "background": None},
            )


def _modality(volume: Image, recipe: Recipe) -> Iterator[Finding]:
    """That the model is for the way in which the image was taken, as far as its file tells."""
    name = recipe.model.name
    own, known = model_of(name) or "widefield", modality_of(volume)
    pinhole = volume.channels[0].pinhole if volume.channels else None
    known = known if volume.modality or own == "widefield" else None  # a pinhole is in other modalities too
    if known is None or known == own or (known != "widefield" and model_of(known) is None):
        return
    fact = f"was taken with a {known} microscope" if volume.modality else f"has a pinhole of {pinhole:.3g} Airy units"
    meant = f"{name} is a PSF of a widefield microscope" if own == "widefield" else f"the PSF model is {name}"
    better = "gibson-lanni" if known == "widefield" else known
    yield Finding(
        f"According to its file, the image {fact}, but {meant}.", f"Use the model {better}", {"model": better}
    )


def _depth(volume: Image, recipe: Recipe) -> Iterator[Finding]:
    """That one PSF will do for all depths of a stack, by PSFs of its first, its middle and its last plane."""
    optics, voxel = recipe.microscope, volume.voxel
    if recipe.depth_varying or voxel is None or len(voxel) < 3 or optics.n_sample == optics.n_immersion:
        return
    axial, lateral = (width / 3 for width in resolution(optics))
    travel = (volume.volume[0] - 1) * voxel[0]
    grid, planes = Grid(shape=(33, 33, 33), spacing=(axial, lateral, lateral)), 1 + round(travel / axial)
    if planes == 1:
        return
    model = getattr(recipe.model, "detection", recipe.model)  # that of the objective tells, and is made at once
    try:
        with warnings.catch_warnings(action="ignore"):  # a run says what is unusual, and what cannot be
            psfs, at = psf_by_depth(model.replace(focus="best"), optics, grid, planes, count=3)
    except ValueError:
        return
    error = VaryingPsf(psfs, at).errors[0]
    if error > ONE_PSF:
        yield Finding(
            f"Over the {travel:.3g} µm from the first to the last plane the PSF changes, and one is off by "
            f"{100 * error:.2g} %.",
            "Let it vary with depth",
            {"depth_varying": True},
        )


def _areas(samples: np.ndarray) -> Iterator[Finding]:
    """What the camera did not see."""
    if fill := float(find_fill(samples).mean()):
        yield Finding(f"{100 * fill:.3g} % of the voxels have one same value outside of the field: they are left out.")
    if lost := int(find_planes(samples).any(axis=(-2, -1)).sum()):
        planes = "1 plane was" if lost == 1 else f"{lost} planes were"
        yield Finding(f"{planes} lost (all of one value, or the same as the plane before) and left out.")


def _sampling(volume: Image, recipe: Recipe, given: Image | None) -> Iterator[Finding]:
    """Of the voxel size: known, plausible, fine enough."""
    voxel = volume.voxel
    if voxel is None:
        missing = " ".join(axis for axis in volume.spatial if axis not in volume.spacing)
        yield Finding(f"The voxel size along {missing} is not known: take it from the file, or enter it.")
        return
    if voxel[-1] > COARSEST:
        yield Finding(f"The pixels are {voxel[-1]:g} µm wide: was their size given in nm?")
        return
    optics = PsfRecipe(recipe.model, recipe.microscope) if given is None else _made(given)
    if optics is None:
        return
    grid = Grid(shape=volume.volume, spacing=voxel)
    coarse = coarse_axes(optics.model, optics.microscope, grid)
    if lateral := coarse.get("x") or coarse.get("y"):
        yield Finding(
            f"The pixels of {max(voxel[-2:]):.3g} µm are coarser than {lateral:.3g} µm, the Nyquist step of "
            f"{optics.model.name}: detail that was not sampled cannot be recovered."
        )
    if axial := coarse.get("z"):
        yield Finding(
            f"The planes, {voxel[0]:.3g} µm apart, are coarser than {axial:.3g} µm, the Nyquist step of "
            f"{optics.model.name} along z: expect less resolution there."
        )


def _point(given: Image, volume: Image, recipe: Recipe) -> Iterator[Finding]:
    """Of a PSF that is given: its voxel size where unknown, its planes, its pedestal and its centre."""
    values = np.asarray(given.samples, np.float32)
    if given.voxel is None and volume.voxel is not None:
        yield Finding(UNKNOWN_VOXEL)
    if given.axes == volume.spatial and lacks_planes(values.shape, volume.volume):
        yield Finding(
            "The PSF has one plane, and the image is a stack: every plane is deconvolved by itself, and the haze of "
            "the others stays."
        )
    known, floor = recipe.measured, high_pedestal(values)
    if known.psf_background is None and floor:
        share = 100 * floor / float(values.max())
        sentence = f"The PSF stands on a pedestal of {share:.2g} % of its peak, which would blur everything."
        yield Finding(sentence, "Subtract it", {"psf_background": floor})
    offset = far_centre(values)
    if known.psf_origin == "n//2" and offset:
        shift = " ".join(f"{axis} {by:+.2g}" for axis, by in zip(given.spatial, offset, strict=True))
        sentence = f"The PSF is off-centre ({shift} voxels): the result would be shifted."
        yield Finding(sentence, "Centre it", {"psf_origin": "centre"})


def _voxels(given: Image, volume: Image) -> Iterator[Finding]:
    """Of a PSF that is given: its voxel size and its extent."""
    if given.voxel is None or volume.voxel is None or given.axes != volume.spatial:
        return
    if any(abs(a / b - 1) > FINE for a, b in zip(given.voxel, volume.voxel, strict=True)):
        there, here = (" ".join(f"{step:.3g}" for step in voxel) for voxel in (given.voxel, volume.voxel))
        yield Finding(
            f"The voxels of the PSF are {there} µm, those of the image {here} µm: the PSF is resampled to these."
        )
    made = _made(given)
    if made is None:
        return
    wanted = Grid.for_image(volume.volume, volume.voxel, made.microscope).shape
    ratio = [step / here for step, here in zip(given.voxel, volume.voxel, strict=True)]
    if any(n * by < 0.9 * wish for n, by, wish in zip(given.samples.shape, ratio, wanted, strict=True)):
        has, wish = ("x".join(str(n) for n in shape) for shape in (given.samples.shape, wanted))
        sentence = (
            f"The PSF of {has} samples is too small for this image, which needs {wish}: light beyond it would be "
            "treated as signal."
        )
        changes = {"psf": (), "model": made.model, "microscope": made.microscope}
        yield Finding(sentence, "Compute a larger one", changes)


def _other_optics(given: Image, volume: Image) -> Iterator[Finding]:
    """A measured PSF keeps the optics of its beads; those of the image should be the same."""
    names = [("na", "numerical aperture", 0.02), ("n_immersion", "refractive index of immersion", 0.02)]
    compared = [(about, given.optics.get(name), volume.optics.get(name), spare) for name, about, spare in names]
    there, here = (one.channels[0].emission if len(one.channels) == 1 else None for one in (given, volume))
    compared.append(("emission wavelength", there, here, 0.1))
    for name, there, here, spare in compared:
        if there and here and abs(there / here - 1) > spare:
            yield Finding(
                f"The {name} is {there:g} for the PSF and {here:g} for the image: take a PSF of the same optics."
            )


def memory_needed(image: Image, recipe: Recipe, psf: Psfs = None) -> str:
    """How much memory a run needs, and how much is free, in a sentence; empty where the size of the PSF is not known.

    >>> image = Image(np.ones((4, 16, 16)), "zyx", {"z": 0.3, "y": 0.1, "x": 0.1})
    >>> memory_needed(image, Recipe()).split()[:4]
    ['The', 'run', 'needs', 'up']
    """
    volume, single = one_volume(image, recipe, {})
    sizes = _sizes(volume, single, psf_at(psf, recipe, image, {}))
    if sizes is None:
        return ""
    free = available()
    needed = size_in_words(memory(single, *sizes))
    return f"The run needs up to {needed} of memory{f'; {size_in_words(free)} are free' if free is not None else ''}."


def _sizes(volume: Image, recipe: Recipe, given: Image | None) -> tuple[tuple[int, ...], PlannedPsf] | None:
    """Of a volume and of its PSF; None where they do not fit or are not known."""
    if given is not None:
        return (volume.volume, PlannedPsf(tuple(given.samples.shape))) if given.axes == volume.spatial else None
    if volume.voxel is None:
        return None
    varies = recipe.depth_varying and len(volume.voxel) == 3
    return volume.volume, PlannedPsf(recipe.grid(volume).shape, modes=MODES if varies else 1)


def _room(volume: Image, recipe: Recipe, given: Image | None) -> Iterator[Finding]:
    sizes = _sizes(volume, recipe, given)
    if sizes is None:
        return
    try:
        check_memory(recipe, *sizes, most=recipe.most)
    except MemoryError as error:
        remedy = {} if recipe.boundary == "periodic" else {"boundary": "periodic"}
        yield Finding(str(error), "Use the periodic boundary" if remedy else "", remedy)


def _made(given: Image) -> PsfRecipe | None:
    """How a PSF was computed, if its record says."""
    try:
        record = Record.of(given.record)
        return PsfRecipe.of(record.psf[0].computed or {}) if record.is_psf else None
    except ValueError:
        return None
