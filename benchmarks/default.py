"""What the default reaches when nothing is tuned: against the best count of plain Richardson–Lucy, which only the truth
can choose.

    python benchmarks/default.py default.jsonl               # measures what is not yet in the file, prints the tables
    python benchmarks/default.py default.jsonl --minutes 5   # the default is 20
    python benchmarks/default.py default.jsonl --set tuning  # the specimens and seeds that the weights were chosen on

Every line of the file is one case; a run that was interrupted goes on where it was. Numbers are

    20 log10( NRMSE of the result / NRMSE of the best plain count ),    in dB, each NRMSE after one fitted scale;
    negative is better

What is reached where nothing is said is held against what is reached where all is told, each after a fitted scale and
level: a dim even pedestal of the specimen cannot be told from a background.

Specimens are drawn on a finer grid, go on beyond the field and are blurred by an independent path (`acquire`). Those of
the set `judging`, their seeds and their field were used for nothing but the tables.
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

from napari_deconvolution import Camera, Deconvolution, Grid, Microscope
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.optics.models.base import MODELS
from napari_deconvolution.parameters import param
from napari_deconvolution.runs import finished
from napari_deconvolution.simulation.acquisition import acquire
from napari_deconvolution.simulation.specimens import SPECIMENS, Edges, Specimen

OPTICS = Microscope(na=1.3, wavelength=0.52, n_immersion=1.515, n_sample=1.515)
MODEL = {"widefield": MODELS["born-wolf"], "confocal": MODELS["confocal"].replace(detection="born-wolf")}
CAMERA = Camera(offset=100.0, background=2.0, gain=0.5)
TOLD = Deconvolution(camera=CAMERA, threads=1)
UNTOLD = Deconvolution(threads=1)
PLAIN = 300


@dataclass(frozen=True)
class Membranes(Specimen):
    """Thin shells of cells, on a dim pedestal."""

    cells: int = param(6, "Number of cells in 100 µm² of the field", low=1, high=1000)
    wall: float = param(0.3, "Thickness of a membrane", low=0.01, high=5, unit="µm")

    def density(self, edges: Edges, rng: np.random.Generator) -> np.ndarray:
        z, y, x = np.ix_(*((edge[1:] + edge[:-1]) / 2 for edge in edges))
        box = np.array([2 * edge[-1] for edge in edges])
        drawn = np.zeros([edge.size - 1 for edge in edges])
        for _ in range(max(3, round(self.cells * box[1] * box[2] / 100))):
            centre, radius, form = rng.uniform(-box / 2, box / 2), rng.uniform(0.8, 2.2), rng.uniform(0.7, 1.3, 3)
            distance = np.sqrt(sum(((axis - c) / f) ** 2 for axis, c, f in zip((z, y, x), centre, form, strict=True)))
            drawn = np.maximum(drawn, np.exp(-(((distance - radius) / (self.wall / 2)) ** 4)) * rng.uniform(0.4, 1))
        return drawn + 0.02


@dataclass(frozen=True)
class Mitochondria(Specimen):
    """Filled tubes in a dim cytoplasm, with puncta."""

    width: float = param(0.5, "Width of a tube", low=0.05, high=5, unit="µm")

    def density(self, edges: Edges, rng: np.random.Generator) -> np.ndarray:
        tubes = SPECIMENS["filaments"].replace(width=self.width, threads=12.0, length=4.0, persistence=3.0)
        drawn = np.minimum(tubes.density(edges, rng), 0.8)
        drawn += 0.8 * SPECIMENS["beads"].replace(diameter=0.4, concentration=40.0).density(edges, rng)
        z, y, x = np.ix_(*((edge[1:] + edge[:-1]) / 2 for edge in edges))
        return drawn + 0.1 * ((z / 4) ** 2 + (y / 3.5) ** 2 + (x / 5) ** 2 < 1)


@dataclass(frozen=True)
class Set:
    """Specimens and what is taken of them."""

    seed: int
    shapes: dict[int, tuple[int, ...]]
    specimens: dict[str, Specimen]
    photons: dict[int, tuple[tuple[int, ...], ...]]
    """For the axes: pairs of brightnesses, which the specimens take in turn."""


SETS = {
    "tuning": Set(
        11,
        {3: (16, 72, 72), 2: (128, 128)},
        {
            "filaments": SPECIMENS["filaments"].replace(width=0.3),
            "beads": SPECIMENS["beads"].replace(diameter=0.5, concentration=100.0),
            "nucleus": SPECIMENS["nucleus"],
            "bars": SPECIMENS["bars"].replace(wall=0.3),
            "membranes": Membranes(),
            "mitochondria": Mitochondria(),
        },
        {3: ((8, 200), (30, 1000), (60, 3000)), 2: ((5, 200), (20, 2000), (10, 500))},
    ),
    "judging": Set(
        926,
        {3: (14, 76, 76), 2: (136, 136)},
        {
            "filaments": SPECIMENS["filaments"].replace(width=0.25, threads=18.0, persistence=8.0),
            "beads": SPECIMENS["beads"].replace(diameter=0.6, concentration=60.0),
            "nucleus": SPECIMENS["nucleus"].replace(grain=0.9, width=8.0),
            "bars": SPECIMENS["bars"].replace(wall=0.35, width=1.5, distance=2.8),
            "membranes": Membranes(cells=4),
            "mitochondria": Mitochondria(width=0.6),
        },
        {3: ((30, 1000), (8, 300), (100, 3000)), 2: ((20, 1000), (5, 100), (50, 2000))},
    ),
}
SPACING = {2: (0.1, 0.1), 3: (0.3, 0.1, 0.1)}


@dataclass(frozen=True)
class Case:
    """One image."""

    of: str
    axes: int
    specimen: str
    model: str
    photons: int

    @property
    def key(self) -> str:
        return f"{self.of} {self.axes}-D {self.model} {self.specimen} {self.photons}"

    @property
    def asked(self) -> bool:
        """It is also tried without a word: every third."""
        return [*cases(self.of)].index(self) % 3 == 0

    def acquired(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Truth, image and PSF."""
        chosen = SETS[self.of]
        grid = Grid(shape=chosen.shapes[self.axes], spacing=SPACING[self.axes])
        settings: dict[str, Any] = {
            "photons": float(self.photons),
            "seed": chosen.seed + len(self.specimen),
            "camera": CAMERA,
        }
        return acquire(chosen.specimens[self.specimen], MODEL[self.model], OPTICS, grid, **settings)


def cases(of: str) -> Iterator[Case]:
    """Stacks first."""
    for axes in (3, 2):
        for number, (specimen, model) in enumerate(itertools.product(SETS[of].specimens, MODEL)):
            for photons in SETS[of].photons[axes][(number + number // 2) % 3]:
                yield Case(of, axes, specimen, model, photons)


WEIGHTS, USUAL = (0.2, 0.4, 0.8, 1.6), {3: 0.4, 2: 0.8}
SAID: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "offset 0": lambda image: image - 100,
    "offset 100": lambda image: image,
    "offset 1000": lambda image: image + 900,
    "offset 32768": lambda image: image + 32668,
    "0 to 1": lambda image: image / image.max(),
    "8 bit": lambda image: np.round(255 * image / image.max()),
}
"""What is done to the numbers of an image before the default sees it without a word."""


def error(job: Deconvolution, image: np.ndarray, kernel: np.ndarray, truth: np.ndarray) -> tuple[float, float, Any]:
    """NRMSE, processor seconds, and the result."""
    began = time.process_time()
    result = finished(job.steps(image, kernel, spacing=SPACING[image.ndim]))
    return fitted_error(result.image, truth), time.process_time() - began, result


def measured(case: Case, short: bool) -> dict[str, Any]:
    """All of one image; in short, the default and its usual weight alone."""
    truth, image, kernel = case.acquired()
    walk = TOLD.assign(algorithm="richardson-lucy", iterations=PLAIN).steps(image, kernel)
    began, plain = time.process_time(), []
    for step in walk:
        if step.iteration <= 20 or step.iteration % 5 == 0:
            plain.append((fitted_error(step.estimate[step.inside], truth), step.iteration))
    seconds = (time.process_time() - began) / PLAIN
    best, count = min(plain[1:])
    line: dict[str, Any] = {"error": best, "count": count, "image": fitted_error(image - 102, truth)}
    for weight in (USUAL[case.axes],) if short else WEIGHTS:
        line[f"weight {weight:g}"] = db(
            error(TOLD.assign(weight=weight, stop="none", iterations=30), image, kernel, truth)[0], best
        )
    found, took, result = error(TOLD, image, kernel, truth)
    line |= {"told": db(found, best), "iterations": result.iterations, "plain iterations in that time": took / seconds}
    line["weight"] = result.record.get("algorithm", {}).get("weight")
    for name, change in SAID.items() if case.asked and not short else ():
        line[name] = db(
            levelled(error(UNTOLD, change(image), kernel, truth)[2].image, truth), levelled(result.image, truth)
        )
    return line


def levelled(image: np.ndarray, truth: np.ndarray) -> float:
    """NRMSE after a fitted scale and level."""
    spread = truth - truth.mean()
    return fitted_error(image - image.mean(), spread)


def db(error: float, best: float) -> float:
    return 20 * math.log10(error / best)


def tables(lines: dict[str, dict[str, Any]], of: str) -> str:
    """What is in the file."""
    out = ["| | cases | mean dB | 90 % | worst | best |", "|---|---|---|---|---|---|"]
    for axes in (3, 2):
        some = [lines[case.key] for case in cases(of) if case.axes == axes and case.key in lines]
        if not some:
            continue
        usual = f"weight {USUAL[axes]:g}"
        names = {"told": "default", usual: f"quick look ({usual}, 30 iterations)"}
        out += [row(f"{axes}-D, {what}", [line[name] for line in some]) for name, what in names.items()]
        fixed = [f"weight {weight:g}" for weight in WEIGHTS]
        lost = [line["told"] - min(line["told"], *map(line.get, fixed)) for line in some if line.keys() >= {*fixed}]
        columns = {"loss of the default against the best of four weights and itself": lost}
        columns |= {
            f"{name}: nothing said against all told": [line[name] for line in some if name in line] for name in SAID
        }
        out += [row(f"{axes}-D, {what}", values) for what, values in columns.items() if values]
        took = [line["plain iterations in that time"] for line in some]
        out.append(
            f"\n{axes}-D: the default takes the processor time of {np.median(took):.0f} plain iterations (median), "
            f"{max(took):.0f} at most.\n"
        )
    return "\n".join(out)


def row(name: str, values: list[float]) -> str:
    v = np.array(values)
    return f"| {name} | {v.size} | {v.mean():+.2f} | {np.quantile(v, 0.9):+.2f} | {v.max():+.2f} | {v.min():+.2f} |"


def times() -> str:
    """Processor time of the whole default over 50 plain iterations."""
    out = ["| size | default ÷ 50 plain iterations | an update with the penalty ÷ plain |", "|---|---|---|"]
    for shape in ((32, 128, 128), (40, 201, 101)):
        grid = Grid(shape=shape, spacing=SPACING[3])
        truth, image, kernel = acquire(
            SPECIMENS["nucleus"], MODEL["confocal"], OPTICS, grid, photons=200.0, camera=CAMERA
        )
        plain = error(TOLD.assign(algorithm="richardson-lucy", iterations=50), image, kernel, truth)[1]
        fixed = error(TOLD.assign(stop="none", iterations=50), image, kernel, truth)[1]
        out.append(
            f"| {'x'.join(map(str, shape))} | {error(TOLD, image, kernel, truth)[1] / plain:.2f} | "
            f"{fixed / plain:.2f} |"
        )
    return "\n".join(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--minutes", type=float, default=20.0, help="end with the case during which this time is up")
    parser.add_argument("--set", choices=SETS, default="judging", help="the specimens and seeds")
    parser.add_argument("--short", action="store_true", help="the default and its usual weight alone, everything told")
    parser.add_argument("--times", action="store_true", help="measure processor times too, on a quiet machine")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    lines = {}
    if given.file.exists():
        lines = {
            line.pop("case"): line for line in map(json.loads, given.file.read_text(encoding="utf-8").splitlines())
        }
    began = time.perf_counter()
    for case in cases(given.set):
        if case.key not in lines and time.perf_counter() - began < 60 * given.minutes:
            lines[case.key] = measured(case, given.short)
            with given.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"case": case.key, **lines[case.key]}) + "\n")
            print(case.key, {name: round(lines[case.key][name], 2) for name in ("told", "iterations")}, flush=True)
    print(tables(lines, given.set))
    if given.times:
        print(times())


if __name__ == "__main__":
    main()
