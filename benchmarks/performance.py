"""How fast an update is, and how many are needed: ratios taken in one run, interleaved, medians. Writes
docs/performance.md.

Run: python benchmarks/performance.py [row ...]      rows: see ROWS at the end; all of them without arguments.
Worker threads are pinned to their own processors, here only: some kernels pack the threads of a process onto one.
"""

import contextlib
import io
import itertools
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import scipy.fft

from napari_deconvolution import ALGORITHMS, Camera, Grid, Microscope, arrays, deconvolve
from napari_deconvolution.algorithms.forward.base import Forward
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.algorithms.methods.acceleration import ACCELERATIONS
from napari_deconvolution.algorithms.metrics.errors import divergence, fitted_error
from napari_deconvolution.algorithms.problem import Problem
from napari_deconvolution.arrays import DuccFFT, ScipyFFT, ducc
from napari_deconvolution.optics.psf import MODELS
from napari_deconvolution.simulation.acquisition import acquire
from napari_deconvolution.simulation.specimens import SPECIMENS, Specimen

ENGINES = [*([DuccFFT()] if ducc else []), ScipyFFT()]
LARGE, SMALL, FLAT = ((64, 512, 512), (63, 127, 127)), ((32, 256, 256), (31, 95, 95)), ((2048, 2048), (127, 127))


def bell(shape):
    psf = np.ones(())
    for n in shape:
        psf = np.multiply.outer(psf, np.exp(-(((np.arange(n) - n // 2) / (n / 8)) ** 2) / 2))
    return (psf / psf.sum()).astype(np.float32)


def pin():
    """Each thread but this one onto its own processor."""
    processors = sorted(os.sched_getaffinity(0))
    others = sorted(int(task) for task in os.listdir("/proc/self/task") if int(task) != threading.get_native_id())
    for number, thread in enumerate(others):
        with suppress(ProcessLookupError):  # a thread that has ended meanwhile
            os.sched_setaffinity(thread, {processors[number % len(processors)]})


class Pinned(ThreadPoolExecutor):
    """A pool whose threads go each onto their own processor when they start: for whole calls, which make their own
    pools.
    """

    def __init__(self, threads):
        processors = itertools.cycle(sorted(os.sched_getaffinity(0)))
        super().__init__(threads, initializer=lambda: os.sched_setaffinity(0, {next(processors)}))


def interleaved(works: dict[str, Callable[[], object]], runs: int, pinned: bool) -> dict[str, list[float]]:
    """Seconds of every work, one after the other, again and again, after a warm-up."""
    for work in works.values():
        work()
    if pinned:
        pin()
        for work in works.values():
            work()
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - began)
    return times


def ratio(times, name, other):
    """Median of the ratios, pair by pair, with their range."""
    ratios = np.array(times[name]) / np.array(times[other])
    return f"{np.median(ratios):.2f} ({ratios.min():.2f} to {ratios.max():.2f})"


def milliseconds(times, name):
    return f"{1e3 * np.median(times[name]):.0f} ms"


def iterations(case, threads, algorithm, engine, seen=lambda H: None):
    """A function that makes one more update; `seen` may put another H in place of the one it is given."""
    shape, size = case
    y = np.random.default_rng(0).poisson(100, shape).astype(np.float32)
    H = Blur(bell(size), shape, threads=threads, engine=engine)
    H = seen(H) or H
    walk = algorithm.iterates(y, H, np.full(H.shape, 100, np.float32))
    next(walk)
    return lambda: next(walk), H.padded


def pairs(padded, threads):
    """Two rfftn and irfftn, as the textbook update needs them."""
    a = np.random.default_rng(0).random(padded, np.float32)

    def work():
        for _ in range(2):
            scipy.fft.irfftn(scipy.fft.rfftn(a, workers=threads), padded, workers=threads)

    return work


def update(case, threads, runs):
    """One Richardson–Lucy update against two pairs of transforms of its padded size."""
    works = {}
    for engine in ENGINES:
        works[engine.name], padded = iterations(case, threads, ALGORITHMS["richardson-lucy"], engine)
    works["pairs"] = pairs(padded, threads)
    times = interleaved(works, runs, threads > 1)
    size = "x".join(map(str, padded))
    for engine in ENGINES:
        against = f"{milliseconds(times, engine.name)} ÷ {milliseconds(times, 'pairs')} at {size}"
        yield (
            f"{names(case)}, {threads} thread{'s' * (threads > 1)}, {engine.name}",
            ratio(times, engine.name, "pairs"),
            against,
        )


def names(case):
    return f"{'x'.join(map(str, case[0]))}, PSF {'x'.join(map(str, case[1]))}"


def update_rows():
    for case, threads, runs in ((LARGE, 2, 7), (LARGE, 1, 5), (SMALL, 2, 21), (FLAT, 2, 21)):
        yield from update(case, threads, runs)


PHASES = (
    "planes in",
    "columns times OTF",
    "planes of the data with the ratio",
    "columns times OTF, back",
    "planes out with the iteration",
)


def profile_rows():
    """Where the time of an update goes: its five walks over the volume."""
    times = []
    work, _ = iterations(LARGE, 2, ALGORITHMS["richardson-lucy"], ENGINES[0], lambda H: timed(H.workers, times))
    interleaved({"update": work}, 7, True)
    seconds = np.median(np.reshape(times[len(times) % len(PHASES) :], (-1, len(PHASES)))[-7:], axis=0)
    for name, value in zip(PHASES, seconds, strict=True):
        yield (
            f"an iteration of {names(LARGE)}, 2 threads, {ENGINES[0].name}: {name}",
            f"{value / seconds.sum():.2f} of it",
            f"{1e3 * value:.0f} ms",
        )


def timed(workers, times):
    each = workers.each

    def measured(*arguments):
        began = time.perf_counter()
        each(*arguments)
        times.append(time.perf_counter() - began)

    workers.each = measured


def acceleration_rows():
    """An accelerated update against a plain one."""
    for case, runs in ((LARGE, 7), (SMALL, 21)):
        works = {}
        for name in ACCELERATIONS:
            algorithm = ALGORITHMS["richardson-lucy"].assign(acceleration=name)
            works[name], _ = iterations(case, 2, algorithm, ENGINES[0])
        times = interleaved(works, runs, True)
        for name in list(ACCELERATIONS)[1:]:
            yield (
                f"{names(case)}: {name} ÷ plain, {ENGINES[0].name}",
                ratio(times, name, "none"),
                milliseconds(times, name),
            )


@dataclass(frozen=True)
class FilamentsAndBeads(Specimen):
    """Both in one field, and going on beyond it."""

    def density(self, edges, rng):
        return sum(specimen.density(edges, rng) for specimen in (FILAMENTS, BEADS))


FILAMENTS, BEADS = (
    SPECIMENS["filaments"].replace(width=0.3),
    SPECIMENS["beads"].replace(diameter=0.5, concentration=100.0),
)
SCENES = {
    "filaments and beads, 16x72x72": (
        FilamentsAndBeads(),
        Grid(shape=(16, 72, 72), spacing=(0.25, 0.1, 0.1)),
        3000,
        1000,
    ),
    "filaments and beads, 160x160": (FilamentsAndBeads(), Grid(shape=(160, 160), spacing=(0.1, 0.1)), 3000, 500),
    "beads, 160x160": (BEADS, Grid(shape=(160, 160), spacing=(0.1, 0.1)), 500, 500),
    "bars, 160x160": (SPECIMENS["bars"].replace(wall=0.3), Grid(shape=(160, 160), spacing=(0.1, 0.1)), 3000, 1000),
}


def convergence_rows():
    """How many iterations do what plain ones do, and what becomes of the best estimate."""
    optics = Microscope(na=1.3, wavelength=0.52, n_immersion=1.515, n_sample=1.515)
    for scene, (specimen, grid, photons, most) in SCENES.items():
        camera = Camera(offset=100.0, background=10.0, gain=1.0)
        truth, image, psf = acquire(
            specimen, MODELS["born-wolf"], optics, grid, photons=float(photons), seed=1, camera=camera
        )
        problem = Problem(image, StationaryPsf(psf / psf.sum()), camera, ALGORITHMS["richardson-lucy"], threads=2)
        plain, errors = curves(problem, truth, "none", most)
        for name in list(ACCELERATIONS)[1:]:
            fast, found = curves(problem, truth, name, 110)
            reached = np.flatnonzero(fast <= plain[100])
            what = (
                f"{scene}, {photons} photons, widefield, seed 1: {name}, iterations to the likelihood of 100 plain ones"
            )
            best = (
                f"best estimate {20 * np.log10(found.min() / errors.min()):+.2f} dB against the best of {most} "
                "plain ones"
            )
            yield (
                what,
                str(reached[0]) if reached.size else "not in 110",
                f"{best}, after {found.argmin()} for {errors.argmin()}",
            )


def curves(problem, truth, acceleration, most):
    """I-divergence and error of every estimate."""
    algorithm = ALGORITHMS["richardson-lucy"].assign(acceleration=acceleration)
    divergences, errors = [], []
    # What a step shows of Hx is that of the point its update began from: it is measured again, at the estimate.
    for number, x in enumerate(algorithm.iterates(problem.y, problem.H, problem.begin(problem.y))):
        errors.append(fitted_error(x[problem.H.inside], truth))
        if number <= 110:
            divergences.append(divergence(problem.y, problem.H.forward(x) + np.float32(problem.H.background)))
        if number == most:
            return np.array(divergences), np.array(errors)


class Counted(Forward):
    """H, counting convolutions."""

    def __init__(self, H):
        self.H, self.workers, self.count = H, H.workers, 0

    def __getattr__(self, name):
        return getattr(self.H, name)

    def _pass(self, number, method, *arguments):
        self.count += number
        return method(*arguments)

    def forward(self, *arguments):
        return self._pass(1, self.H.forward, *arguments)

    def adjoint(self, *arguments):
        return self._pass(1, self.H.adjoint, *arguments)

    def through(self, *arguments):
        return self._pass(2, self.H.through, *arguments)


def algorithm_rows():
    """One update of every algorithm that iterations an estimate and goes through H, against Richardson–Lucy's."""
    for name, algorithm in ALGORITHMS.items():
        if name == "richardson-lucy" or algorithm.needs_diagonal:
            continue
        counted = []
        plain, _ = iterations(SMALL, 2, ALGORITHMS["richardson-lucy"], ENGINES[0])
        work, _ = iterations(
            SMALL, 2, algorithm, ENGINES[0], lambda H, counted=counted: counted.append(Counted(H)) or counted[0]
        )
        counted[0].count = 0
        times = interleaved({"plain": plain, "other": work}, 5, True)
        each = counted[0].count / 7
        yield (
            f"one iteration of {name} ÷ richardson-lucy, {ENGINES[0].name}",
            ratio(times, "other", "plain"),
            f"{each:.3g} convolutions",
        )


MEMORY = """
import re, sys
from pathlib import Path
import numpy as np, scipy.optimize, scipy.ndimage
sys.path.insert(0, sys.argv[1])
from performance import bell
from napari_deconvolution import Deconvolution
from napari_deconvolution.algorithms.forward.padding import Layout
from napari_deconvolution.algorithms.forward.formation import PlannedPsf
from napari_deconvolution.algorithms.memory import memory
from napari_deconvolution.runs import finished

def status(key):
    return 1024 * int(re.search(key + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

shape, size = (tuple(map(int, text.split("x"))) for text in sys.argv[2:4])
job = Deconvolution().assign(algorithm=sys.argv[4], **dict([sys.argv[5:]] if sys.argv[5:] else []))
job = job.assign(iterations=4, threads=2, stop="none", gain=1.0)
small = np.random.default_rng(0).poisson(100, (8, 32, 32)).astype(np.uint16)
image = np.tile(small, [n // m for n, m in zip(shape, small.shape)])
finished(job.steps(small, bell((5, 9, 9))))
psf = bell(size)
before = status("VmRSS")
finished(job.steps(image, psf))
told, volume = memory(job, shape, PlannedPsf(size, symmetric=True)), 4 * np.prod(Layout.of(shape, size, "open").padded)
print(told, status("VmHWM") - before, volume)
"""


def memory_rows():
    """Peak of a whole call in a fresh process, beyond interpreter and image, against what is predicted."""
    if not Path("/proc/self/status").exists():
        yield "peak memory", "not measured: only Linux tells it", ""
        return
    cases = [(LARGE, "richardson-lucy", "acceleration", name) for name in ACCELERATIONS]
    cases += [(((48, 256, 256), (47, 95, 95)), name) for name in ALGORITHMS]
    for case, *setting in cases:
        sizes = ["x".join(map(str, shape)) for shape in case]
        command = [sys.executable, "-c", MEMORY, str(Path(__file__).parent), *sizes, *setting]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        told, taken, volume = map(int, run.stdout.split())
        what = f"peak memory, {names(case)}, symmetric: {' '.join(setting)}"
        yield (
            what,
            f"{taken / volume:.2f} padded volumes",
            f"{taken / 1e6:.0f} MB; predicted {told / 1e6:.0f} MB, {told / taken:.2f} of it",
        )


def peer_rows():
    """The whole call against what can be had from PyPI, where it is installed: ours on two threads, theirs on one, as
    they come.
    """
    arrays.ThreadPoolExecutor = Pinned
    for case, runs in ((SMALL, 5), (LARGE, 3)):
        image, psf = np.random.default_rng(0).poisson(100, case[0]).astype(np.float32), bell(case[1])
        for package, boundary, call in (
            ("RedLionfish", "periodic", red_lionfish),
            ("scikit-image", "open", scikit_image),
        ):
            what = f"whole call, {names(case)}, 10 iterations, {{}} on 1 thread ÷ ours ({boundary}) on 2"
            works = {
                "peer": partial(call, image, psf),
                "ours": partial(deconvolve, image, psf, "richardson-lucy", iterations=10, threads=2, boundary=boundary),
            }
            try:
                release = f"{package} {version(package)}"
                times = interleaved(works, runs, True)
            except (PackageNotFoundError, ImportError):
                yield what.format(package), "not installed", ""
                continue
            yield (
                what.format(release),
                ratio(times, "peer", "ours"),
                f"{milliseconds(times, 'peer')} ÷ {milliseconds(times, 'ours')}",
            )


def red_lionfish(image, psf):
    import RedLionfishDeconv

    with contextlib.redirect_stdout(io.StringIO()):
        return RedLionfishDeconv.doRLDeconvolutionFromNpArrays(image, psf, niter=10, method="cpu", resAsUint8=False)


def scikit_image(image, psf):
    from skimage.restoration import richardson_lucy

    return richardson_lucy(image, psf, num_iter=10, clip=False)


def import_rows():
    """What the package adds to importing numpy and scipy.fft."""

    code = (
        "import time, numpy, scipy.fft; a = time.perf_counter(); import napari_deconvolution; "
        "print(time.perf_counter() - a)"
    )
    with tempfile.TemporaryDirectory() as folder:
        # Compiled, as an installed package is.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        command = [sys.executable, "-c", code]
        runs = [subprocess.run(command, env=environment, capture_output=True, text=True, check=True) for _ in range(10)]
    times = [float(run.stdout) for run in runs[1:]]
    yield "import napari_deconvolution, beyond numpy and scipy.fft", f"{1e3 * np.median(times):.0f} ms", ""


ROWS = {
    "iterations": update_rows,
    "profile": profile_rows,
    "acceleration": acceleration_rows,
    "convergence": convergence_rows,
    "algorithms": algorithm_rows,
    "memory": memory_rows,
    "peers": peer_rows,
    "import": import_rows,
}


def machine():
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    processor = next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", *(["ducc0"] if ducc else [])))
    return (
        f"{os.cpu_count()} processors ({processor}), Python {platform.python_version()}, {packages}; threads "
        "pinned to their processors."
    )


def write(rows):
    """The table; what stands below it, from the first heading on, is written by hand and kept."""
    path = Path(__file__).parent.parent / "docs" / "performance.md"
    by_hand = path.read_text(encoding="utf-8").partition("\n## ")[2] if path.exists() else ""
    table = ["| what | ratio, median (range) | times |", "|---|---|---|", *rows]
    head = ["# Performance", "", "Written by `benchmarks/performance.py`. " + machine(), "", *table, ""]
    path.write_text("\n".join(head) + (f"\n## {by_hand}" if by_hand else ""), encoding="utf-8")


if __name__ == "__main__":
    lines = []
    for key in sys.argv[1:] or ROWS:
        for row in ROWS[key]():
            lines.append("| " + " | ".join(row) + " |")
            print(lines[-1], flush=True)
    if not sys.argv[1:]:
        write(lines)
