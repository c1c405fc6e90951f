"""What the default reaches on images that are not what it expects: against the best plain count on that very image.

    python benchmarks/hard_images.py hard_images.jsonl               # measures what is not yet in the file, then prints
    python benchmarks/hard_images.py hard_images.jsonl --minutes 5   # the default is 20

Every line of the file is one image; a run that was interrupted goes on where it was. Numbers are dB, as in
`default.py`:

    20 log10( NRMSE of the result / NRMSE of the best of 200 plain Richardson–Lucy iterations on the same image )

with the camera told to both but where the row says otherwise, and the PSF that the row says given to both. The
specimens, their seed and their field were used for nothing but this table.
"""

import argparse
import json
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.ndimage
import scipy.signal
from default import CAMERA, MODEL, OPTICS, SPACING, TOLD, db, error

from napari_deconvolution import Grid, psf
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.simulation.acquisition import acquire
from napari_deconvolution.simulation.specimens import SPECIMENS

SEED, SHAPE, PLAIN = 3071, (14, 56, 56), 200
SCENES = {
    "filaments, confocal, 200": (SPECIMENS["filaments"].replace(width=0.25), "confocal", 200.0),
    "nucleus, confocal, 30": (SPECIMENS["nucleus"].replace(width=4.0), "confocal", 30.0),
    "beads, widefield, 200": (SPECIMENS["beads"].replace(diameter=0.6, concentration=60.0), "widefield", 200.0),
}
LEVEL = CAMERA.known.offset + CAMERA.known.background


@dataclass
class Scene:
    """An image, what it is of, and what is said of it."""

    truth: np.ndarray
    image: np.ndarray
    kernel: np.ndarray
    model: str
    said: dict[str, Any] = field(default_factory=dict)
    """To the default alone."""
    judged: tuple[Any, ...] = (...,)
    """Where the error counts."""


Change = Callable[[Scene, np.random.Generator], None]


def lit(factors: Callable[[Scene, np.random.Generator], np.ndarray]) -> Change:
    """What is above the offset, thinned to a share of its photons."""

    def change(scene: Scene, rng: np.random.Generator) -> None:
        share = factors(scene, rng)
        electrons = np.round((scene.image - 100) * 0.5).clip(0).astype(int)
        scene.image = (
            rng.binomial(electrons, np.broadcast_to(share / share.max(), scene.image.shape)) / 0.5 + 100
        ).astype(np.float32)

    return change


def processed(filtered: Callable[[np.ndarray], np.ndarray]) -> Change:
    """A filter, of which nobody tells."""

    def change(scene: Scene, rng: np.random.Generator) -> None:
        scene.image = filtered(scene.image).astype(np.float32)

    return change


def moved(image: np.ndarray, by: float) -> np.ndarray:
    """In the plane, by linear interpolation."""
    return scipy.ndimage.shift(image, (0, by, by), order=1, mode="nearest")


def said(**settings: Any) -> Change:
    """Settings that are not right."""

    def change(scene: Scene, rng: np.random.Generator) -> None:
        scene.said = settings

    return change


def another(
    optics: dict[str, float] | None = None, model: dict[str, Any] | None = None, stretch: float = 1.0
) -> Change:
    """Another PSF than that of the image."""

    def change(scene: Scene, rng: np.random.Generator) -> None:
        spacing = (SPACING[3][0] * stretch, *SPACING[3][1:])
        chosen = MODEL[scene.model].replace(**(model or {})) if scene.model == "confocal" else MODEL[scene.model]
        scene.kernel = psf(chosen, OPTICS.replace(**(optics or {})), Grid(shape=scene.kernel.shape, spacing=spacing))

    return change


def hot(scene: Scene, rng: np.random.Generator) -> None:
    scene.image.ravel()[rng.choice(scene.image.size, 20, replace=False)] += np.float32(4 * scene.image.max())


def widefield(scene: Scene, rng: np.random.Generator) -> None:
    scene.kernel = psf(MODEL["widefield"], OPTICS, Grid(shape=scene.kernel.shape, spacing=SPACING[3]))


def dim_beside_bright(scene: Scene, rng: np.random.Generator) -> None:
    """The dim half is the scene; a few points a thousand times brighter lie in the other."""
    side = scene.image.shape[2] // 2
    bright = np.zeros(scene.truth.shape, np.float32)
    bright[rng.integers(2, 12, 4), rng.integers(6, 50, 4), rng.integers(side + 16, 2 * side - 4, 4)] = 1
    blurred = scipy.signal.fftconvolve(bright, scene.kernel / scene.kernel.sum(), mode="same")
    light = 1000 * scene.truth.max() * 4 * blurred
    scene.image = scene.image + (rng.poisson(light.clip(0) * 0.5) / 0.5).astype(np.float32)
    scene.judged = (slice(None), slice(None), slice(0, side))


CHANGES: dict[str, Change] = {
    "clean": said(),
    "nothing said": said(offset=0.0, background=None, gain=None),
    "flicker of planes, 10 %": lit(lambda s, r: (1 + 0.1 * r.standard_normal(len(s.image)))[:, None, None].clip(0.3)),
    "flicker of planes, alternating ±10 %": lit(
        lambda s, r: (1 + 0.1 * (-1.0) ** np.arange(len(s.image)))[:, None, None]
    ),
    "stripes of columns, 5 %": lit(lambda s, r: 1 + 0.05 * r.standard_normal(s.image.shape[-1])),
    "20 hot voxels": hot,
    "median 3x3": processed(lambda image: scipy.ndimage.median_filter(image, (1, 3, 3))),
    "smoothed, σ 0.7": processed(lambda image: scipy.ndimage.gaussian_filter(image, 0.7)),
    "moved by half a pixel and back": processed(lambda image: moved(moved(image, 0.5), -0.5)),
    "gain said 4 times": said(gain=4 * 0.5),
    "gain said a quarter": said(gain=0.5 / 4),
    "PSF of NA + 8 %": another({"na": 1.4}),
    "PSF of NA − 12 %": another({"na": 1.15}),
    "PSF with z step x 2": another(stretch=2.0),
    "PSF with z step ÷ 2": another(stretch=0.5),
    "PSF of pinhole x 3": another(model={"pinhole": 3.0}),
    "widefield PSF": widefield,
    "dim beside bright": dim_beside_bright,
}


def measured(scene: Scene) -> dict[str, Any]:
    """Errors of the default and of the best plain count, and what was told."""
    at, best = scene.judged, (np.inf, 0)
    truth = scene.truth[at]
    for step in TOLD.assign(algorithm="richardson-lucy", iterations=PLAIN, flicker=False, mask=False).steps(
        scene.image, scene.kernel, spacing=SPACING[3]
    ):
        if 0 < step.iteration <= 20 or step.iteration % 5 == 0 < step.iteration:
            best = min(best, (fitted_error(step.estimate[step.inside][at], truth), step.iteration))
    result = error(TOLD.assign(**scene.said), scene.image, scene.kernel, scene.truth)[2]
    told = [name for name in ("processed", "exposure", "gain_doubt", "left_out") if name in result.record]
    before = fitted_error((scene.image - LEVEL)[at], truth)
    reached = fitted_error(result.image[at], truth)
    return {
        "dB": db(reached, best[0]),
        "count": best[1],
        "image": db(reached, before),
        "told": told,
        "why": result.reason,
    }


def table(lines: dict[str, dict[str, Any]]) -> str:
    """What is in the file."""
    scenes = [scene for scene in SCENES if any(key.endswith(scene) for key in lines)]
    out = [f"| | {' | '.join(scenes)} | told |", "|---" * (len(scenes) + 2) + "|"]
    for name in CHANGES:
        cells = [lines.get(f"{name}: {scene}") for scene in scenes]
        numbers = [f"{cell['dB']:+.2f} ({cell['image']:+.1f})" if cell else "" for cell in cells]
        told = sorted({word for cell in cells if cell for word in cell["told"]})
        out.append(f"| {name} | {' | '.join(numbers)} | {', '.join(told)} |")
    return "\n".join(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--minutes", type=float, default=20.0, help="end with the image during which this time is up")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    text = given.file.read_text(encoding="utf-8").splitlines() if given.file.exists() else []
    lines = {line.pop("case"): line for line in map(json.loads, text)}
    began = time.perf_counter()
    for name, (specimen, model, photons) in SCENES.items():
        made: tuple[np.ndarray, ...] = ()
        for what, change in CHANGES.items():
            key = f"{what}: {name}"
            needless = "pinhole" in what or "widefield PSF" in what
            if key in lines or time.perf_counter() - began > 60 * given.minutes or (needless and model == "widefield"):
                continue
            made = made or acquire(
                specimen,
                MODEL[model],
                OPTICS,
                Grid(shape=SHAPE, spacing=SPACING[3]),
                photons=photons,
                seed=SEED,
                camera=CAMERA,
            )
            scene = Scene(made[0], made[1].copy(), made[2], model)
            change(scene, np.random.default_rng(SEED))
            lines[key] = measured(scene)
            with given.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"case": key, **lines[key]}) + "\n")
            print(key, lines[key], flush=True)
    print(table(lines))


if __name__ == "__main__":
    main()
