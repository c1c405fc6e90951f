"""What every algorithm reaches at its defaults and at its best setting, over specimens, optics and photons.

    python benchmarks/algorithms.py algorithms.jsonl              # measures what is not yet in the file, and writes
    docs/algorithms.md python benchmarks/algorithms.py algorithms.jsonl --minutes 10   # ends after the algorithm during
    which this time is up

Every line of the file is one algorithm, or one preset, on one image; a run that was interrupted goes on where it was.
About an hour on one core. Times are those of the processor, so that what else runs on the machine does not matter.
"""

import argparse
import itertools
import json
import math
import statistics
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from algorithms_page import TEXT
from stopping import CAMERA, MODEL, OPTICS, SPECIMEN

from napari_deconvolution import ALGORITHMS, Deconvolution, Grid
from napari_deconvolution.algorithms.metrics.errors import compare, fitted_error
from napari_deconvolution.algorithms.presets import PRESETS
from napari_deconvolution.simulation.acquisition import acquire

PAGE = Path(__file__).parents[1] / "docs" / "algorithms.md"
GRID = Grid(shape=(24, 96, 96), spacing=(0.3, 0.1, 0.1))
PHOTONS = (20, 200, 2000)
JOB = Deconvolution(camera=CAMERA, threads=1)
BLURRED, REFERENCE = "identity", "richardson-lucy"


def each(name: str, *values: float | None, **more: Any) -> list[dict[str, Any]]:
    return [{name: value, **more} for value in values]


MOMENTUM: dict[str, Any] = {"acceleration": "momentum"}
TRIED: dict[str, list[dict[str, Any]]] = {
    "naive-inverse": each("floor", 1e-5, 1e-4, 1e-3, 1e-2, 1e-1),
    "tikhonov": each("weight", 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1),
    "regularized-inverse": each("weight", 1e-4, 1e-3, 1e-2, 1e-1, 1, 10),
    "wiener": each("falloff", 0, 1, 2, 3, 4),
    "landweber": [MOMENTUM],
    "non-negative-least-squares": [MOMENTUM],
    "bounded-least-squares": [MOMENTUM],
    "gold": [MOMENTUM],
    "tikhonov-miller": [MOMENTUM],
    "iterative-constrained-tikhonov-miller": each("weight", 1e-4, 1e-2),
    "iterative-deconvolve-3d": each("smooth_xy", 0, smooth_z=0, terminate=0),
    "cgls": each("preconditioner", None, 0.1),
    "mrnsd": each("preconditioner", None, 0.1),
    "richardson-lucy": [MOMENTUM],
    "richardson-lucy-total-variation": each("penalty.weight", 1e-3, 1e-2, **MOMENTUM),
    "maximum-likelihood": each("weight", 0.2, 0.8),
    "fista": each("penalty.weight", 1e-3),
    "primal-dual": each("penalty.weight", 1e-2),
}
"""Settings that are tried in addition to the default: weights in powers of ten. The best of at most 100 iterations is
read off each run.
"""
SLOW = ("ista", "fista", "primal-dual")
"""Five times as costly an update as the others: measured at 200 photons, on filaments and bars, alone."""


@dataclass(frozen=True)
class Case:
    """One image."""

    specimen: str
    optics: str
    photons: int
    seed: int = 1

    @property
    def key(self) -> str:
        return f"{self.specimen} {self.optics} {self.photons} seed {self.seed}"

    @cache  # noqa: B019
    def acquired(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Truth, image and PSF."""
        settings = {"photons": float(self.photons), "seed": self.seed, "camera": CAMERA}
        truth, image, kernel = acquire(SPECIMEN[self.specimen], MODEL[self.optics], OPTICS, GRID, **settings)
        return truth, image, compact(kernel)


CASES = [Case(*case) for case in itertools.product(SPECIMEN, MODEL, PHOTONS)]


def compact(kernel: np.ndarray, share: float = 0.01) -> np.ndarray:
    """The PSF without the margins that hold less than this share of its light along each axis: a confocal one is
    small.
    """
    for axis in range(kernel.ndim):
        sums = kernel.sum(axis=tuple(k for k in range(kernel.ndim) if k != axis), dtype=np.float64)
        middle = kernel.shape[axis] // 2
        within = [sums[middle - half : middle + half + 1].sum() for half in range(middle + 1)]
        half = next(half for half, light in enumerate(within) if light >= (1 - share) * sums.sum())
        kernel = kernel.swapaxes(0, axis)[middle - half : middle + half + 1].swapaxes(0, axis)
    return np.ascontiguousarray(kernel / kernel.sum(dtype=np.float64), np.float32)


def outcome(estimate: np.ndarray, truth: np.ndarray, iterations: int, seconds: float, **more: Any) -> dict[str, Any]:
    found = compare(estimate, truth)
    return {
        "psnr": round(found.psnr, 3),
        "ssim": round(found.ssim, 4),
        "iterations": iterations,
        "seconds": round(seconds, 3),
        **more,
    }


def followed(case: Case, job: Deconvolution, to_the_end: bool) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The outcome at the end, if it is run to the end, and that of the best update on the way."""
    truth, image, kernel = case.acquired()
    least, best, at, needed = math.inf, image, 0, 0.0
    began, watching = time.process_time(), 0.0
    walk = job.steps(image, kernel, spacing=GRID.spacing)
    while True:
        try:
            step = next(walk)
        except StopIteration as end:
            spent = time.process_time() - began - watching
            if not at:
                raise RuntimeError(f"{job.algorithm.name}: no estimate on {case.key}") from end
            final = outcome(end.value.image, truth, end.value.iterations, spent, reason=end.value.reason)
            return final if to_the_end else None, outcome(best, truth, at, needed)
        looked = time.process_time()
        if step.iteration and not step.phase:
            error = fitted_error(step.estimate[step.inside], truth)
            if error < least:
                least, best, at, needed = (
                    error,
                    step.estimate[step.inside].copy(),
                    step.iteration,
                    looked - began - watching,
                )
            elif not to_the_end and step.iteration > 1.3 * at + 5:
                walk.close()
                return None, outcome(best, truth, at, needed)
        watching += time.process_time() - looked


def measure(case: Case, name: str) -> dict[str, Any]:
    """An algorithm at its defaults and at every setting that is tried, or a preset as it stands."""
    if name not in ALGORITHMS:
        return {"default": followed(case, JOB.assign(**PRESETS[name.split()[1]].values), True)[0]}
    final, best = followed(case, JOB.assign(algorithm=name), True)
    tried = [{"settings": {}, **best}]
    for settings in TRIED.get(name, ()):
        found = followed(case, JOB.assign(algorithm=name, stop="none", iterations=100, **settings), False)[1]
        tried.append({"settings": settings, **found})
    return {"default": final, "tried": tried}


def preset(name: str) -> str:
    """How a preset is called in the file: with its values, so that other values are another; or as the default, if it
    is that.
    """
    values = PRESETS[name].values
    as_usual = JOB.assign(**values).replace(report=JOB.report) == JOB
    return JOB.algorithm.name if as_usual else f"preset {name} {json.dumps(dict(values))}"


def jobs() -> Iterator[tuple[Case, str]]:
    """What is measured, and in which order: 200 photons first, so that an unfinished file tells most."""
    names = [*(name for name in ALGORITHMS if name not in SLOW), *dict.fromkeys(map(preset, PRESETS))]
    first = [case for case in CASES if case.photons == 200]
    yield from itertools.product(first, names)
    yield from itertools.product([case for case in first if case.specimen in ("filaments", "bars")], SLOW)
    yield from itertools.product([case for case in CASES if case not in first], names)


Lines = dict[tuple[str, str], dict[str, Any]]
"""What is measured, by the key of the case and the name of algorithm or preset."""


def measured(file: Path, wanted: Iterable[tuple[Case, str]], seconds: float = math.inf) -> Lines:
    """What is in the file, and what was missing, which is appended to it."""
    kept = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    lines, began = {(line["case"], line["name"]): line for line in map(json.loads, kept)}, time.perf_counter()
    for case, name in wanted:
        if (case.key, name) in lines or time.perf_counter() - began > seconds:
            continue
        line = lines[case.key, name] = {"case": case.key, "name": name, **measure(case, name)}
        with file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")
        print(
            f"{case.key}, {name}: {line['default']['psnr']:.2f} dB in {line['default']['iterations']} iterations",
            flush=True,
        )
    return lines


def outcomes(lines: Lines, name: str, which: str, cases: Iterable[Case] = CASES) -> list[dict[str, Any]]:
    """At its "default", or the "best" of all that was tried; with `gain` over the image as it is and `time` over the
    reference's.
    """
    found = []
    for case in cases:
        if (case.key, name) not in lines or (case.key, REFERENCE) not in lines:
            continue
        line, plain = lines[case.key, name], lines[case.key, REFERENCE]["tried"][0]
        one = line["default"] if which == "default" else max(line["tried"], key=lambda some: some["psnr"])
        gain = one["psnr"] - lines[case.key, BLURRED]["default"]["psnr"]
        found.append({**one, "gain": gain, "time": one["seconds"] / plain["seconds"]})
    return found


def mean(some: Iterable[dict[str, Any]], what: str) -> float:
    values = [one[what] for one in some]
    return statistics.fmean(values) if values else math.nan


def median(some: Iterable[dict[str, Any]], what: str) -> float:
    return statistics.median(one[what] for one in some)


def told(settings: dict[str, Any]) -> str:
    words = [f"{name} {value}" for name, value in settings.items() if value is not None and name != "acceleration"]
    return ", ".join([*words, *(["momentum"] if "acceleration" in settings else [])]) or "as it is"


def summary(lines: Lines) -> str:
    rows = []
    for name in (name for name in ALGORITHMS if outcomes(lines, name, "default")):
        parts = []
        for some in (outcomes(lines, name, "default"), outcomes(lines, name, "best")):
            numbers = (mean(some, "ssim"), median(some, "iterations"), median(some, "time"))
            parts.append("| {:+.2f} | {:.3f} | {:.0f} | {:.3g} ".format(mean(some, "gain"), *numbers))
        usual = Counter(told(one["settings"]) for one in some).most_common(1)[0][0]
        mark = " *" if name in SLOW else ""
        rows.append((mean(some, "gain"), f"| {name}{mark} | {ALGORITHMS[name].family} {''.join(parts)}| {usual} |"))
    head = (
        "| | family | default: gain, dB | SSIM | iterations | time | best: gain, dB | SSIM | iterations | time | "
        "most often with |"
    )
    return "\n".join([head, "|---" * 11 + "|", *(row for _, row in sorted(rows, reverse=True))])


def by_light(lines: Lines) -> str:
    """Mean gain, default and best, by optics and photons."""
    columns = list(itertools.product(MODEL, PHOTONS))
    rows = [
        "| | " + " | ".join(f"{optics} {photons}" for optics, photons in columns) + " |",
        "|---" * (len(columns) + 1) + "|",
    ]
    for name in ALGORITHMS:
        cells = []
        for optics, photons in columns:
            cases = [case for case in CASES if (case.optics, case.photons) == (optics, photons)]
            both = [outcomes(lines, name, which, cases) for which in ("default", "best")]
            cells.append(" / ".join(f"{mean(some, 'gain'):+.1f}" for some in both) if both[0] else "")
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def by_case(lines: Lines, most: int = 4) -> str:
    """The image, the default, and the best methods."""
    rows = [f"| | image: PSNR | the default | the best {most}, each at its best setting |", "|---|---|---|---|"]
    for case in (case for case in CASES if (case.key, JOB.algorithm.name) in lines):
        found = [(outcomes(lines, name, "best", [case]), name) for name in ALGORITHMS]
        ranked = sorted(((some[0]["gain"], name) for some, name in found if some), reverse=True)[:most]
        best = ", ".join(f"{name} {gain:+.1f}" for gain, name in ranked)
        image, usual = (
            lines[case.key, BLURRED]["default"]["psnr"],
            outcomes(lines, JOB.algorithm.name, "default", [case]),
        )
        rows.append(
            f"| {case.specimen}, {case.optics}, {case.photons} | {image:.1f} | {usual[0]['gain']:+.1f} | {best} |"
        )
    return "\n".join(rows)


def of_presets(lines: Lines) -> str:
    groups = {f"{photons} photons": [case for case in CASES if case.photons == photons] for photons in PHOTONS}
    groups |= {specimen: [case for case in CASES if case.specimen == specimen] for specimen in SPECIMEN}
    rows = [f"| | {' | '.join(groups)} | SSIM | time |", "|---" * (len(groups) + 3) + "|"]
    for name in (name for name in PRESETS if outcomes(lines, preset(name), "default")):
        every = outcomes(lines, preset(name), "default")
        gains = [f"{mean(outcomes(lines, preset(name), 'default', cases), 'gain'):+.2f}" for cases in groups.values()]
        rows.append(f"| {name} | {' | '.join(gains)} | {mean(every, 'ssim'):.3f} | {median(every, 'time'):.3g} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="end with the algorithm during which this time is up"
    )
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    lines, wanted = measured(given.file, jobs(), 60 * given.minutes), {(case.key, name) for case, name in jobs()}
    done = len(wanted & lines.keys())
    print(
        f"{done} of {len(wanted)} are measured." + (" Run the same again for the others." if done < len(wanted) else "")
    )
    tables = {
        "summary": summary(lines),
        "light": by_light(lines),
        "cases": by_case(lines),
        "presets": of_presets(lines),
    }
    PAGE.write_text(TEXT.format(done=done, all=len(wanted), **tables), encoding="utf-8")


if __name__ == "__main__":
    main()
