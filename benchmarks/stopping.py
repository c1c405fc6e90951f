"""How near the automatic stop comes to the best update of plain Richardson–Lucy, over specimens, optics and photons.

    python benchmarks/stopping.py stopping.jsonl            # measures what is not yet in the file, and prints the
    tables python benchmarks/stopping.py stopping.jsonl --minutes 5  # the default is 20

Every line of the file is one case; a run that was interrupted goes on where it was. The loss is

    20 log10( NRMSE of the result / NRMSE of the best of the first 500 plain iterations ),    in dB, each NRMSE after
    one fitted scale

Specimens are drawn on a finer grid, go on beyond the field and are blurred by an independent path (`acquire`); no
detail of theirs is as small as a voxel.
"""

import argparse
import itertools
import json
import math
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

from napari_deconvolution import Camera, Deconvolution, Grid, Microscope, Result, psf
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.optics.psf import MODELS
from napari_deconvolution.simulation.acquisition import acquire
from napari_deconvolution.simulation.specimens import SPECIMENS

SPECIMEN = {
    "filaments": SPECIMENS["filaments"].replace(width=0.3),
    "beads": SPECIMENS["beads"].replace(diameter=0.5, concentration=100.0),
    "nucleus": SPECIMENS["nucleus"],
    "bars": SPECIMENS["bars"].replace(wall=0.3),
}
OPTICS = Microscope(na=1.3, wavelength=0.52, n_immersion=1.515, n_sample=1.515)
MODEL = {"widefield": MODELS["born-wolf"], "confocal": MODELS["confocal"].replace(detection="born-wolf")}
GRID = {
    2: Grid(shape=(192, 192), spacing=(0.1, 0.1)),
    3: Grid(shape=(12, 96, 96), spacing=(0.3, 0.1, 0.1)),
}
CAMERA = Camera(offset=100.0, background=2.0, gain=0.5)
PHOTONS = (5, 50, 500, 5000)
PLAIN = 500


@dataclass(frozen=True)
class Case:
    """One image."""

    specimen: str
    model: str
    axes: int
    photons: int
    seed: int = 1

    @property
    def key(self) -> str:
        return f"{self.axes}-D {self.model} {self.specimen} {self.photons} seed {self.seed}"

    def acquired(self, optics: Microscope = OPTICS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Truth, image and PSF."""
        settings = {"photons": float(self.photons), "seed": self.seed, "camera": CAMERA}
        return acquire(SPECIMEN[self.specimen], MODEL[self.model], optics, GRID[self.axes], **settings)


MAIN = [Case(*case) for case in itertools.product(SPECIMEN, MODEL, GRID, PHOTONS)]
WRONG = [Case(specimen, "widefield", 3, 500) for specimen in SPECIMEN]
JOB = Deconvolution(camera=CAMERA, threads=1).assign(algorithm="maximum-likelihood-good-roughness")
STOP = JOB.assign(algorithm="richardson-lucy", acceleration="momentum", stop="held-out")
DEEP = OPTICS.replace(n_sample=1.38, depth=10.0)

Scene = tuple[np.ndarray, np.ndarray, np.ndarray, Camera]
"""Truth, image, the PSF that is believed, the camera that is believed."""


def as_it_is(case: Case) -> Scene:
    return *case.acquired(), CAMERA


def with_psf_of(true: Microscope, believed: Microscope, model: str) -> Callable[[Case], Scene]:
    """An image through one microscope, deconvolved with the PSF of another."""

    def made(case: Case) -> Scene:
        settings = {"photons": float(case.photons), "seed": case.seed, "camera": CAMERA}
        truth, image, kernel = acquire(SPECIMEN[case.specimen], model, true, GRID[case.axes], **settings)
        return truth, image, psf(model, believed, Grid(shape=kernel.shape, spacing=GRID[case.axes].spacing)), CAMERA

    return made


def smoothed(case: Case) -> Scene:
    truth, image, kernel = case.acquired()
    return truth, gaussian_filter(image, (0, 0.5, 0.5)[-image.ndim :]), kernel, CAMERA


def with_gain(gain: float | None, read_noise: float = 0.0) -> Callable[[Case], Scene]:
    def made(case: Case) -> Scene:
        settings = {"photons": float(case.photons), "seed": case.seed, "camera": CAMERA.replace(read_noise=read_noise)}
        truth, image, kernel = acquire(SPECIMEN[case.specimen], MODEL[case.model], OPTICS, GRID[case.axes], **settings)
        return truth, image, kernel, CAMERA.replace(gain=gain, read_noise=None if gain is None else read_noise)

    return made


VARIANTS = {
    "all known": as_it_is,
    "gain from the image": with_gain(None),
    "gain and read noise (1.5 e) from the image": with_gain(None, 1.5),
    "gain x 0.8": with_gain(0.8 * 0.5),
    "gain x 1.25": with_gain(1.25 * 0.5),
    "NA 5 % too low": with_psf_of(OPTICS, OPTICS.replace(na=1.235), "born-wolf"),
    "NA 5 % too high": with_psf_of(OPTICS, OPTICS.replace(na=1.365), "born-wolf"),
    "depth 5 um too small": with_psf_of(DEEP, DEEP.replace(depth=5.0), "gibson-lanni"),
    "correlated noise (smoothed by half a pixel)": smoothed,
}


def finished(job: Deconvolution, image: np.ndarray, kernel: np.ndarray, axes: int) -> Result:
    """The result of all steps."""
    walk = job.steps(image, kernel, spacing=GRID[axes].spacing)
    while True:
        try:
            next(walk)
        except StopIteration as end:
            result: Result = end.value
            return result


def errors(job: Deconvolution, image: np.ndarray, kernel: np.ndarray, truth: np.ndarray) -> list[float]:
    """The error after every update."""
    walk = job.steps(image, kernel)
    return [fitted_error(step.estimate[step.inside], truth) for step in walk if step.iteration]


def measure(case: Case, variant: str) -> dict[str, Any]:
    """The best plain update, the best accelerated one, the stop alone, and the default; losses in dB, negative is
    better.
    """
    truth, image, kernel, camera = VARIANTS[variant](case)
    known = {"camera": camera if camera.gain else camera.replace(gain=CAMERA.gain)}
    plain = errors(JOB.assign(algorithm="richardson-lucy", iterations=PLAIN, **known), image, kernel, truth)
    moved = errors(JOB.assign(algorithm="richardson-lucy", acceleration="momentum", **known), image, kernel, truth)
    best = min(plain)
    line: dict[str, Any] = {"plain iterations": int(np.argmin(plain)) + 1, "error": best}
    line |= {"momentum iterations": int(np.argmin(moved)) + 1, "momentum": db(min(moved), best)}
    for name, job in (("stop", STOP), ("default", JOB)):
        began = time.perf_counter()
        result = finished(job.assign(camera=camera), image, kernel, case.axes)
        line[name] = db(fitted_error(result.image, truth), best)
        line[f"{name} iterations"] = result.iterations
        line[f"{name} seconds"] = time.perf_counter() - began
        line[f"{name} searched"] = sum(trial.curve[-1][0] for trial in result.search)
        line["told"] = result.record.get("estimated_from_image", {})
    line["roughness"] = result.record.get("algorithm", {}).get("roughness")
    return line


def db(error: float, best: float) -> float:
    return 20 * math.log10(error / best)


def jobs() -> Iterator[tuple[Case, str]]:
    """What is measured: the main table first, then what is wrong with image or PSF."""
    yield from ((case, "all known") for case in sorted(MAIN, key=lambda case: case.axes))
    yield from ((case, variant) for variant in VARIANTS for case in WRONG if variant != "all known")


def row(name: str, losses: list[float]) -> str:
    values = np.array(losses)
    within = [f"{np.mean(values <= limit):.0%}" for limit in (0.1, 0.3)]
    return (
        f"| {name} | {values.size} | {values.mean():+.2f} | {' | '.join(within)} | {values.max():+.2f} | "
        f"{values.min():+.2f} |"
    )


def tables(lines: dict[str, dict[str, Any]]) -> str:
    """What is in the file, as two tables."""
    head = "| | cases | mean dB | within 0.1 | within 0.3 | worst | best |\n|---|---|---|---|---|---|---|"
    what = "The stop alone (Richardson–Lucy with momentum), and the default (roughness and stop)"
    out = [f"{what}, against the best plain iteration:\n", head]
    for axes, model in itertools.product(GRID, MODEL):
        some = [
            lines[key(case, "all known")]
            for case in MAIN
            if (case.axes, case.model) == (axes, model) and key(case, "all known") in lines
        ]
        for name in ("momentum", "stop", "default"):
            if some:
                kind = {"momentum": "best momentum iteration", "stop": "stop alone", "default": "default"}[name]
                out.append(row(f"{axes}-D {model}, {kind}", [line[name] for line in some]))
    every = [lines[key(case, "all known")] for case in MAIN if key(case, "all known") in lines]
    for name in ("stop", "default"):
        if every:
            out.append(row(f"all, {'stop alone' if name == 'stop' else 'default'}", [line[name] for line in every]))
    out += [
        "\n3-D widefield, 500 photons, four specimens; against the best plain iteration with the same PSF and image:\n",
        head,
    ]
    for variant in VARIANTS:
        some = [lines[key(case, variant)] for case in WRONG if key(case, variant) in lines]
        for name in ("stop", "default"):
            if some:
                out.append(
                    row(f"{variant}, {'stop alone' if name == 'stop' else 'default'}", [line[name] for line in some])
                )
    return "\n".join(out)


def key(case: Case, variant: str) -> str:
    return f"{case.key}, {variant}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--minutes", type=float, default=20.0, help="end with the case during which this time is up")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    lines = {}
    if given.file.exists():
        lines = {
            line.pop("case"): line for line in map(json.loads, given.file.read_text(encoding="utf-8").splitlines())
        }
    began = time.perf_counter()
    for case, variant in jobs():
        if key(case, variant) not in lines and time.perf_counter() - began < 60 * given.minutes:
            lines[key(case, variant)] = measure(case, variant)
            with given.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"case": key(case, variant), **lines[key(case, variant)]}) + "\n")
            print(
                key(case, variant),
                {name: round(lines[key(case, variant)][name], 2) for name in ("momentum", "stop", "default")},
                flush=True,
            )
    print(tables(lines))


if __name__ == "__main__":
    main()
