"""How fast an update is, and how many are needed: ratios taken in one run, interleaved, medians. Writes docs/performance.md.

Run: python benchmarks/performance.py [row ...]      rows: see ROWS at the end; all of them without arguments.
Worker threads are pinned to their own processors, here only: some kernels pack the threads of a process onto one.
"""

import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import scipy.fft

from napari_deconvolution import ALGORITHMS, deconvolve
from napari_deconvolution.algorithms.forward import Blur
from napari_deconvolution.arrays import DuccFFT, ScipyFFT, ducc

ENGINES = [*([DuccFFT()] if ducc else []), ScipyFFT()]
LARGE, SMALL, FLAT = ((64, 512, 512), (63, 127, 127)), ((32, 256, 256), (31, 95, 95)), ((2048, 2048), (127, 127))


def gaussian(shape):
    psf = np.ones(())
    for n in shape:
        psf = np.multiply.outer(psf, np.exp(-(((np.arange(n) - n // 2) / (n / 8)) ** 2) / 2))
    return (psf / psf.sum()).astype(np.float32)


def pin():
    """Each thread but this one onto its own processor."""
    processors = sorted(os.sched_getaffinity(0))
    others = sorted(int(task) for task in os.listdir("/proc/self/task") if int(task) != threading.get_native_id())
    for number, thread in enumerate(others):
        os.sched_setaffinity(thread, {processors[number % len(processors)]})


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


def updates(case, threads, algorithm, engine):
    """A function that makes one more update."""
    shape, size = case
    y = np.random.default_rng(0).poisson(100, shape).astype(np.float32)
    H = Blur(gaussian(size), shape, threads=threads, engine=engine)
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
        works[engine.name], padded = updates(case, threads, ALGORITHMS["richardson-lucy"], engine)
    works["pairs"] = pairs(padded, threads)
    times = interleaved(works, runs, threads > 1)
    size = "x".join(map(str, padded))
    for engine in ENGINES:
        against = f"{milliseconds(times, engine.name)} ÷ {milliseconds(times, 'pairs')} at {size}"
        yield f"{names(case)}, {threads} thread{'s' * (threads > 1)}, {engine.name}", ratio(times, engine.name, "pairs"), against


def names(case):
    return f"{'x'.join(map(str, case[0]))}, PSF {'x'.join(map(str, case[1]))}"


def update_rows():
    for case, threads, runs in ((LARGE, 2, 7), (LARGE, 1, 5), (SMALL, 2, 21), (FLAT, 2, 21)):
        yield from update(case, threads, runs)


def acceleration_rows():
    """An update with momentum against a plain one."""
    for case, runs in ((LARGE, 7), (SMALL, 21)):
        works = {}
        for name in ("none", "momentum", "biggs-andrews"):
            algorithm = ALGORITHMS["richardson-lucy"].assign(acceleration=name)
            works[name], _ = updates(case, 2, algorithm, ENGINES[0])
        times = interleaved(works, runs, True)
        for name in ("momentum", "biggs-andrews"):
            yield f"{names(case)}: {name} ÷ plain, {ENGINES[0].name}", ratio(times, name, "none"), milliseconds(times, name)


def peer_rows():
    """The whole call against what can be had from PyPI, where it is installed."""
    image = np.random.default_rng(0).poisson(100, SMALL[0]).astype(np.float32)
    psf = gaussian(SMALL[1])
    ours = {
        "open": lambda: deconvolve(image, psf, "richardson-lucy", iterations=10, threads=2),
        "periodic": lambda: deconvolve(image, psf, "richardson-lucy", iterations=10, threads=2, boundary="periodic"),
    }
    for package, boundary, call in (("RedLionfish", "periodic", red_lionfish), ("scikit-image", "open", scikit_image)):
        try:
            release = version(package)
        except PackageNotFoundError:
            yield f"whole call, 10 updates, {package} ÷ ours ({boundary})", "not installed", ""
            continue
        times = interleaved({"peer": lambda call=call: call(image, psf), "ours": ours[boundary]}, 5, True)
        against = f"{milliseconds(times, 'peer')} ÷ {milliseconds(times, 'ours')}"
        yield f"whole call, 10 updates, {package} {release} ÷ ours ({boundary})", ratio(times, "peer", "ours"), against


def red_lionfish(image, psf):
    import RedLionfishDeconv

    return RedLionfishDeconv.doRLDeconvolutionFromNpArrays(image, psf, niter=10, method="cpu", resAsUint8=False)


def scikit_image(image, psf):
    from skimage.restoration import richardson_lucy

    return richardson_lucy(image, psf, num_iter=10, clip=False)


def import_rows():
    """What the package adds to importing numpy and scipy.fft."""

    def seconds(statement):
        code = f"import time, numpy, scipy.fft; a = time.perf_counter(); {statement}; print(time.perf_counter() - a)"
        return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)

    times = [seconds("import napari_deconvolution") for _ in range(9)]
    yield "import napari_deconvolution, beyond numpy and scipy.fft", f"{1e3 * np.median(times):.0f} ms", ""


ROWS = {"updates": update_rows, "acceleration": acceleration_rows, "peers": peer_rows, "import": import_rows}


def machine():
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    processor = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", *(["ducc0"] if ducc else [])))
    return f"{os.cpu_count()} processors ({processor}), Python {platform.python_version()}, {packages}; threads pinned to their processors."


if __name__ == "__main__":
    chosen = sys.argv[1:] or list(ROWS)
    lines = [
        "# Performance",
        "",
        "Made by `benchmarks/performance.py`. " + machine(),
        "",
        "| what | ratio, median (range) | times |",
        "|---|---|---|",
    ]
    for key in chosen:
        for row in ROWS[key]():
            lines.append("| " + " | ".join(row) + " |")
            print(lines[-1], flush=True)
    if not sys.argv[1:]:
        Path(__file__).parent.parent.joinpath("docs", "performance.md").write_text("\n".join(lines) + "\n")
