"""Settings that all tiles share: camera, weight and number of iterations, found once on the brightest part.

What a part is deconvolved with must not depend on what lies in it, or the seams would show.
"""

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..algorithms.camera.defects import saturation_level
from ..algorithms.forward.formation import StationaryPsf
from ..algorithms.inspection import inspected
from ..algorithms.result import Result
from ..algorithms.stopping.base import STOPS
from ..algorithms.stopping.step import Step
from ..images.image import Image
from ..recipes.recipe import Recipe
from ..runs import relayed
from .survey import surveyed, window
from .tiles import Tiling

LARGEST_SEAM = 0.01
"""Difference at a seam, of the peak, from which on it is worth a warning."""


@dataclass(frozen=True)
class Settled:
    """What is used for all tiles of a channel."""

    recipe: Recipe
    """With everything chosen that the image was to tell."""
    level: float
    """Mean light of the channel, which every tile begins with."""
    told: dict[str, Any]
    """What was found, by fields of `VolumeRecord`."""
    seam: float
    """Largest difference at a seam that was laid through the brightest place, in shares of the peak."""
    rate: float
    """Seconds of a padded voxel in an iteration."""
    tile: int
    """Where it was found."""


def refuse_what_is_global(recipe: Recipe) -> None:
    """That tiles can be made with these settings.

    Raises
    ------
    ValueError
        If something asked for looks at a whole volume, or at one after the other.
    """
    report, algorithm = recipe.report, recipe.algorithm
    asked = [name for name in ("residual", "uncertainty", "reproducibility", "keep") if getattr(report, name)]
    asked += ["warm_start"] if recipe.warm_start else []
    asked += ["seconds"] if recipe.seconds is not None else []
    asked += ["truth"] if recipe.truth is not None else []
    if asked:
        raise ValueError(f"{asked[0]} looks at a whole volume, and this one is deconvolved in tiles: leave it out.")
    if algorithm.needs_diagonal and getattr(algorithm, "weight", 0.0) is None:
        raise ValueError(
            f"{algorithm.name} chooses its weight from the whole image, and this one is deconvolved in tiles: give "
            "weight (--weight), or take maximum-likelihood."
        )
    if recipe.boundary == "periodic":
        raise ValueError(
            "boundary = periodic wraps around the whole image, and this one is deconvolved in tiles: take open."
        )
    if recipe.depth_varying:
        raise ValueError(
            "depth_varying: all tiles have one PSF, and this image is deconvolved in tiles: leave it out, or take a "
            "part that fits into memory."
        )


def settle(
    image: Image, tiling: Tiling, recipe: Recipe, formation: StationaryPsf, channel: int | None
) -> Generator[tuple[int, Step], None, Settled]:
    """Find the settings of a channel on its first volume.

    Parameters
    ----------
    image
        All of it.
    tiling
        How it is cut.
    recipe
        For this channel.
    formation
        Its PSF.
    channel
        Its number; None where there is no such axis.

    Yields
    ------
    tuple of int and Step
        Of the part that is deconvolved (0), and of the one cut through by a seam (1).
    """
    seen = surveyed(image, tiling, channel)
    camera, told = recipe.camera, dict[str, Any]()
    if camera.background is None:
        looked = inspected(_finite(window(image, seen.dark)), None, formation, camera, recipe.needs_gain).camera
        told = {name: value for name, value in looked.told.items() if name in ("offset", "background")}
        camera = camera.replace(**told)
    part = window(image, seen.bright)
    if np.isfinite(saturation_level(part, camera.saturation)):
        camera = camera.replace(saturation=saturation_level(part, camera.saturation))
    level = max(seen.mean - camera.known.offset - camera.known.background, 0.0)
    trial = recipe.replace(camera=camera)
    run = trial.steps(part, formation, spacing=image.voxel, level=level)
    result: Result = yield from relayed(run, partial(_stage, 0))
    record = result.record
    told |= record.get("estimated_from_image", {})
    known = {name: told[name] for name in ("offset", "background", "gain", "read_noise") if name in told}
    if "gain_by_fit" in told:
        known["gain"] = told["gain_by_fit"]
    camera = camera.replace(**known, snr=None, flicker=camera.flicker and "exposure" in record)
    fixed = trial.replace(
        camera=camera,
        algorithm=record.get("algorithm", trial.algorithm),
        iterations=max(result.iterations, 1),
        stop=STOPS["none"],
    )
    work = formation.work(part.shape, fixed.boundary, diagonal=fixed.algorithm.needs_diagonal, threads=1)
    rate = 4 * result.history[-1].seconds / (result.iterations * work.estimate) if result.history else 0.0
    cut = _seam(part, result, fixed, formation, image.voxel, level, tiling.margin[1])
    seam = yield from relayed(cut, partial(_stage, 1))
    kept = ("algorithm", "search", "haze", "processed", "gain_doubt", "stop")
    about = {name: record[name] for name in kept if name in record} | {"estimated_from_image": told}
    return Settled(fixed, level, about, seam, rate, seen.bright.number)


def _finite(values: np.ndarray) -> np.ndarray:
    """With something plausible where voxels are missing."""
    there = np.isfinite(values)
    return values if there.all() or not there.any() else np.where(there, values, np.median(values[there]))


def _stage(number: int, step: Step) -> tuple[int, Step]:
    return number, step


def _seam(
    part: np.ndarray,
    whole: Result,
    recipe: Recipe,
    formation: StationaryPsf,
    voxel: tuple[float, ...] | None,
    level: float,
    margin: int,
) -> Generator[Step, None, float]:
    """Cut through the brightest place of the middle half: how far is a tile that ends there from the whole part?"""
    width = part.shape[-1]
    near = slice(width // 4, max(3 * width // 4, width // 4 + 1))
    at = near.start + int(np.unravel_index(whole.image[..., near].argmax(), whole.image[..., near].shape)[-1]) + 1
    end = min(at + margin, width)
    result = yield from recipe.steps(part[..., :end], formation, spacing=voxel, level=level, known=True)
    band = slice(max(at - max(margin, 1), 0), at)
    difference = np.abs(result.image[..., band] - whole.image[..., band])
    return float(difference.max() / max(float(whole.image.max()), 1e-30))
