"""Images larger than memory: seams, peaks of memory, time against the plan, kills, workers, long series.

    python benchmarks/scale.py scale.jsonl                    # measures what is not yet in the file, and prints it
    python benchmarks/scale.py scale.jsonl --only seam kills  # some of it
    python benchmarks/scale.py scale.jsonl --folder /scratch  # where images and results lie meanwhile

Every line of the file is one case; a run that was interrupted goes on where it was. Each run is a process of its own,
whose peak is what the system says of it (VmHWM). The specimen is drawn and blurred once, periodic in y and x; it is
repeated over the field, each time with noise of its own. Beads lie on all lines at multiples of 64 voxels, so that they
lie on every seam.
"""

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.fft

from napari_deconvolution import Grid, Microscope, Recipe, psf, read, write
from napari_deconvolution.images.formats.ome_zarr_write import create, finish
from napari_deconvolution.images.image import Image
from napari_deconvolution.images.lazy import LazySamples

OPTICS = Microscope(na=1.2, wavelength=0.52, n_immersion=1.333, n_sample=1.333)
VOXEL = (0.3, 0.11, 0.11)
BLOCK = 512

RUN = """
import json, re, sys, time
from pathlib import Path
from napari_deconvolution import Recipe
from napari_deconvolution.runs import finished
from napari_deconvolution.scale.run import TiledRun

if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    recipe = Recipe.of(asked["recipe"])
    run = TiledRun.planned(asked["image"], asked["output"], recipe, **asked["about"])
    began = time.perf_counter()
    result = finished(run.steps())
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
    print(json.dumps({"seconds": time.perf_counter() - began, "told_seconds": run.plan.seconds, "peak": peak,
                      "told_peak": run.plan.memory, "tiles": len(run.plan.tiling), "edge": run.plan.tiling.edge,
                      "seam": result.record["tiles"]["seam"], "reason": result.record["runs"][0]["reason"]}))
"""


def optics(shape: tuple[int, ...]) -> Grid:
    return Grid.for_image(shape, VOXEL, OPTICS)


def specimen(planes: int) -> np.ndarray:
    """What the microscope makes of a block, periodic along y and x."""
    rng, shape = np.random.default_rng(0), (planes, BLOCK, BLOCK)
    drawn = np.zeros(shape, np.float32)
    many = 40 * planes
    drawn[tuple(rng.integers(0, n, many) for n in shape)] = rng.uniform(2e3, 2e4, many)
    for line in range(0, BLOCK, 64):
        drawn[planes // 2, line, 16::64] = drawn[planes // 2, 16::64, line] = 2e4
        drawn[0, line, 48::64] = drawn[-1, 48::64, line] = 1e4
    kernel = psf("gibson-lanni", OPTICS, optics((planes, BLOCK, BLOCK)))
    deep = scipy.fft.next_fast_len(planes + kernel.shape[0] - 1, real=True)
    placed = np.zeros((deep, BLOCK, BLOCK), np.float32)
    placed[tuple(slice(0, n) for n in kernel.shape)] = kernel
    placed = np.roll(placed, [-(n // 2) for n in kernel.shape], (0, 1, 2))
    padded = np.zeros((deep, BLOCK, BLOCK), np.float32)
    padded[:planes] = drawn
    blurred = scipy.fft.irfftn(scipy.fft.rfftn(padded) * scipy.fft.rfftn(placed), padded.shape)
    return np.maximum(blurred[:planes], 0).astype(np.float32)


def image_of(folder: Path, shape: tuple[int, int, int]) -> Path:
    """An OME-Zarr of uint16, made once."""
    path = folder / f"image_{'x'.join(map(str, shape))}.ome.zarr"
    if not path.exists():
        light, partial = specimen(shape[0]), path.with_name(f"{path.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        empty: Any = LazySamples(shape, np.uint16, lambda at: None)
        image = Image(empty, "zyx", dict(zip("zyx", VOXEL, strict=True)), name="generated")
        root = create(partial, image)
        for number, (y, x) in enumerate(np.ndindex(-(-shape[1] // BLOCK), -(-shape[2] // BLOCK))):
            rows, columns = min(BLOCK, shape[1] - y * BLOCK), min(BLOCK, shape[2] - x * BLOCK)
            counts = np.random.default_rng(number).poisson(light[:, :rows, :columns] + 5).astype(np.uint16) + 100
            at = (slice(None), slice(y * BLOCK, y * BLOCK + rows), slice(x * BLOCK, x * BLOCK + columns))
            root["0"][at] = counts
        finish(root, image)
        partial.rename(path)
    return path


def recipe(**more: Any) -> Recipe:
    optics = {"na": OPTICS.na, "wavelength": OPTICS.wavelength, "n_immersion": OPTICS.n_immersion}
    return Recipe().assign(**optics, n_sample=OPTICS.n_sample, offset=100.0, background=5.0, **more)


def request(image: Path, output: Path, settings: Recipe, **about: Any) -> list[str]:
    asked = {"image": str(image), "output": str(output), "recipe": settings.to_dict(), "about": about}
    return [sys.executable, str(script()), json.dumps(asked)]


def script() -> Path:
    """A file, for spawned workers import it again."""
    path = Path(tempfile.gettempdir(), f"scale_run_{os.getpid()}.py")
    path.write_text(RUN)
    return path


def timed(image: Path, output: Path, settings: Recipe, **about: Any) -> dict[str, Any]:
    shutil.rmtree(output, ignore_errors=True)
    done = subprocess.run(request(image, output, settings, **about), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def seam(folder: Path) -> dict[str, Any]:
    """Tiles against the whole, with the same settings."""
    path, found = image_of(folder, (16, 512, 512)), {}
    for algorithm in ("maximum-likelihood", "richardson-lucy"):
        settings = recipe(algorithm=algorithm, iterations=30)
        results = {}
        for edge in (512, 256):
            output = folder / f"seam_{edge}.ome.zarr"
            told = timed(path, output, settings, edge=edge, overwrite=True)
            results[edge] = np.asarray(read(output).samples), told
        (whole, _), (tiled, told) = results[512], results[256]
        apart = np.abs(tiled - whole)
        found[algorithm] = {
            "worst_of_peak": float(apart.max() / whole.max()),
            "nrmse": float(np.sqrt(np.square(apart).mean() / np.square(whole).mean())),
            "told_seam": told["seam"],
            "tiles": told["tiles"],
            "reason": [results[edge][1]["reason"] for edge in results],
        }
    return found


def peaks(folder: Path) -> dict[str, Any]:
    """The peak of the process against what was said before."""
    found = {}
    for shape, edge in (((16, 512, 512), 256), ((50, 1024, 1024), 512)):
        path = image_of(folder, shape)
        for algorithm in ("maximum-likelihood", "richardson-lucy"):
            told = timed(path, folder / "peak.ome.zarr", recipe(algorithm=algorithm, iterations=3), edge=edge)
            found[f"{algorithm} {shape} edge {edge}"] = {
                "told": told["told_peak"], "peak": told["peak"], "ratio": told["told_peak"] / told["peak"],
            }  # fmt: skip
    return found


def large(folder: Path, shape: tuple[int, int, int] = (50, 2048, 2048), limit: float = 4.0) -> dict[str, Any]:
    """A day's stack within a limit, and what an untiled run of 64x512x512 costs by voxel and iteration: about two hours
    on two free cores.
    """
    path = image_of(folder, shape)
    told = timed(path, folder / "large.ome.zarr", recipe(memory=limit))
    small = image_of(folder, (64, 512, 512))
    whole = timed(small, folder / "small.ome.zarr", recipe(memory=20.0), edge=512)
    for each, voxels in ((told, np.prod(shape)), (whole, 64 * 512 * 512)):
        iterations = int(each["reason"].split()[0])
        each["ns_per_voxel_and_iteration"] = 1e9 * each["seconds"] / (iterations * float(voxels))
    return {"tiled": told, "untiled 64x512x512": whole}


def kills(folder: Path, count: int = 20) -> dict[str, Any]:
    """-9 at random moments, of the job or of a worker, until the run is done; the result has to be the same."""
    path, settings = image_of(folder, (8, 256, 256)), recipe(algorithm="richardson-lucy", iterations=20)
    about: dict[str, Any] = {"edge": 32, "workers": 2}
    undisturbed, disturbed = folder / "undisturbed.ome.zarr", folder / "disturbed.ome.zarr"
    if not undisturbed.exists():
        timed(path, undisturbed, settings, **about)
    shutil.rmtree(disturbed, ignore_errors=True)
    dice, killed, orphans = random.Random(0), {"job": 0, "worker": 0}, 0
    command = request(path, disturbed, settings, **about)
    while not disturbed.exists():
        job = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        early, began = dice.random() < 0.2, time.monotonic()
        while not early and job.poll() is None and not children(job.pid) and time.monotonic() < began + 120:
            time.sleep(0.2)
        time.sleep(dice.uniform(1, 9))
        while sum(killed.values()) < count and job.poll() is None:
            workers = children(job.pid)
            victim = dice.choice([job.pid, *workers])
            os.kill(victim, signal.SIGKILL)
            killed["job" if victim == job.pid else "worker"] += 1
            if victim == job.pid:
                job.wait()
                time.sleep(10)  # on a busy machine a worker needs its time to see that its job is gone
                orphans += sum(Path(f"/proc/{worker}").exists() for worker in workers)
                break
            time.sleep(dice.uniform(1, 9))
        if sum(killed.values()) >= count:
            job.wait()
    return {"killed": killed, "orphans": orphans, "identical": digest(undisturbed) == digest(disturbed),
            "tiles": read(disturbed).record["tiles"]["count"], "left": [p.name for p in folder.glob(".*")]}  # fmt: skip


def children(parent: int) -> list[int]:
    """Worker processes, without the tracker that multiprocessing starts."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            status, line = (path / "status").read_text(), (path / "cmdline").read_text()
        except OSError:
            continue
        if re.search(rf"PPid:\s+{parent}\b", status) and "spawn_main" in line:
            found.append(int(path.name))
    return found


def digest(store: Path) -> str:
    """Of all files of a store."""
    total = hashlib.sha256()
    for path in sorted(path for path in store.rglob("*") if path.is_file()):
        total.update(str(path.relative_to(store)).encode() + path.read_bytes())
    return total.hexdigest()


def workers(folder: Path) -> dict[str, Any]:
    """Two cores: one process with two threads, two with one, four with one."""
    path, settings = image_of(folder, (16, 1024, 1024)), recipe(algorithm="richardson-lucy", iterations=30, threads=2)
    return {
        f"{count} processes": timed(path, folder / "w.ome.zarr", settings, edge=256, workers=count)["seconds"]
        for count in (1, 2, 4)
    }


def series(folder: Path) -> dict[str, Any]:
    """Volumes of a long series: the peak must not grow with their number."""
    found = {}
    for count in (10, 100, 1000):
        path = folder / f"series_{count}.ome.zarr"
        if not path.exists():
            light = specimen(16)[:, :128, :128] + 5
            samples: Any = LazySamples((count, 16, 128, 128), np.uint16, lambda at, light=light: noisy(at, light))
            write(Image(samples, "tzyx", dict(zip("zyx", VOXEL, strict=True))), path)
        told = timed(
            path, folder / "series_result.ome.zarr", recipe(algorithm="richardson-lucy", iterations=2), edge=128
        )
        found[f"{count} volumes"] = {"peak": told["peak"], "seconds": told["seconds"]}
    return found


def noisy(at: tuple[Any, ...], light: np.ndarray) -> np.ndarray:
    return np.random.default_rng(at[0]).poisson(light).astype(np.uint16)[at[1:]] + 100


def middle(folder: Path) -> dict[str, Any]:
    """The same of a quarter of its field, with ten iterations."""
    path = image_of(folder, (50, 1024, 1024))
    return timed(path, folder / "middle.ome.zarr", recipe(memory=2.0, algorithm="richardson-lucy", iterations=10))


CASES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "seam": seam, "peaks": peaks, "kills": kills, "workers": workers, "series": series, "middle": middle,
    "large": large,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--only", nargs="*", choices=CASES, default=list(CASES))
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    lines = options.file.read_text().splitlines() if options.file.exists() else []
    known = {case["name"]: case for case in map(json.loads, lines)}
    folder = options.folder or Path(tempfile.gettempdir(), "napari-deconvolution-scale")
    folder.mkdir(parents=True, exist_ok=True)
    for name in options.only:
        if name not in known:
            began = time.perf_counter()
            known[name] = {"name": name, **CASES[name](folder), "took": round(time.perf_counter() - began, 1)}
            with options.file.open("a") as file:
                file.write(json.dumps(known[name]) + "\n")
        print(json.dumps(known[name], indent=2))


if __name__ == "__main__":
    main()
