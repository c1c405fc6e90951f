"""What a run is said to take against what it takes: in fresh processes by the system, for every algorithm by what numpy
asks for.
"""

import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import scipy.ndimage
import scipy.optimize  # noqa: F401  loaded now, so that it does not count as taken by a run

from napari_deconvolution import ALGORITHMS, Deconvolution
from napari_deconvolution.algorithms import memory as predicted
from napari_deconvolution.algorithms import system_memory
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.forward.formation import PlannedPsf, StationaryPsf
from napari_deconvolution.algorithms.memory import check_memory, memory
from napari_deconvolution.algorithms.system_memory import available
from napari_deconvolution.runs import finished

PSF = PlannedPsf((63, 127, 127))

ROUND = 8 << 20
"""Buffers of threads and what the system adds, which on volumes as small as these would count."""

FRESH = """
import re, sys
from pathlib import Path
import numpy as np
from napari_deconvolution import Deconvolution
from napari_deconvolution.algorithms.forward.formation import PlannedPsf
from napari_deconvolution.algorithms.memory import memory
from napari_deconvolution.runs import finished

def status(key):
    return 1024 * int(re.search(key + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

def bell(shape):
    psf = np.ones(())
    for n in shape:
        psf = np.multiply.outer(psf, np.exp(-8 * (2 * (np.arange(n) - n // 2) / n) ** 2))
    return (psf / psf.sum()).astype(np.float32)

job = Deconvolution().assign(algorithm=sys.argv[1], boundary=sys.argv[2], iterations=2, threads=1, stop=sys.argv[3])
image = np.random.default_rng(0).poisson(100, (40, 256, 256)).astype(np.uint16)
finished(job.replace(iterations=1).steps(image[:8, :32, :32], bell((5, 9, 9)), spacing=None))
before = status("VmRSS")
finished(job.steps(image, bell((39, 63, 63))))
print(memory(job, image.shape, PlannedPsf((39, 63, 63), symmetric=True)), status("VmHWM") - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of a process")
@pytest.mark.parametrize(
    ("algorithm", "boundary", "stop"),
    [
        pytest.param("landweber", "periodic", "none", marks=pytest.mark.slow),
        ("maximum-likelihood", "open", "auto"),
    ],
)
def test_the_peak_of_a_process_is_predicted(algorithm, boundary, stop):
    run = subprocess.run(
        [sys.executable, "-c", FRESH, algorithm, boundary, stop], capture_output=True, text=True, check=True
    )
    told, taken = map(int, run.stdout.split())
    assert taken <= told <= 1.2 * taken


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_algorithm_declares_what_it_takes(name):
    shape, size = (24, 96, 96), (23, 47, 47)
    psf = np.ones(size, np.float32) / np.prod(size, dtype=np.float32)
    image = np.random.default_rng(0).poisson(100, shape).astype(np.uint16)
    settings = (
        {"weight": 0.4}
        if name == "maximum-likelihood"
        else {"roughness": 0.003}
        if name.endswith("good-roughness")
        else {}
    )
    job = Deconvolution().assign(algorithm=name, iterations=3, threads=1, stop="none", gain=1.0, **settings)
    walk = job.steps(image, psf)
    tracemalloc.start()
    finished(walk)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    told = memory(job, shape, StationaryPsf(psf))
    # A volume of zeros is counted by numpy before it takes room.
    zeros = 4 * np.prod(Blur.work(shape, size, "open", True, 1).shape)
    assert taken - zeros <= told <= 1.2 * taken + ROUND


@pytest.mark.parametrize(
    "settings",
    [
        {"uncertainty": 2},
        {"reproducibility": True},
        {"residual": True},
        {"keep": 1},
        {"stop": "relative-change"},
        {"background": None},
        {"acceleration": "momentum"},
        {"penalty": "good-roughness"},
        {"start": "image"},
    ],
    ids=str,
)
def test_what_is_asked_for_beside_the_estimate_is_counted(settings):
    shape, size = (24, 128, 128), (23, 15, 15)
    psf = np.ones(size, np.float32) / np.prod(size, dtype=np.float32)
    image = np.random.default_rng(0).poisson(100, shape).astype(np.uint16)
    job = Deconvolution().assign(
        **{"algorithm": "richardson-lucy", "iterations": 3, "threads": 1, "gain": 1.0, **settings}
    )
    tracemalloc.start()
    finished(job.steps(image, psf))
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken <= memory(job, shape, PlannedPsf(size, symmetric=True)) <= 1.2 * taken + ROUND


def test_too_large_a_run_is_refused_with_a_way_out(monkeypatch):
    job = Deconvolution().assign(algorithm="richardson-lucy")
    monkeypatch.setattr(predicted, "available", lambda: 10**9)
    with pytest.raises(
        MemoryError, match=r"needs .* GB of memory and 1.0 GB are free: write an OME-Zarr, .*, crop the image, take "
    ):
        check_memory(job, (200, 1024, 1024), PSF)
    with pytest.raises(MemoryError) as refused:
        check_memory(job.replace(boundary="periodic"), (20000, 20000), PlannedPsf((127, 127)))
    assert "planes" not in str(refused.value)
    assert "periodic" not in str(refused.value)
    monkeypatch.setattr(predicted, "available", lambda: None)
    assert check_memory(job, (64, 512, 512), PSF) == memory(job, (64, 512, 512), PSF)


def test_limits_of_a_container_count(monkeypatch, tmp_path):
    monkeypatch.setattr(system_memory, "CONTAINER", tmp_path)
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("1000\n")
    (tmp_path / "memory.stat").write_text("anon 600\ninactive_file 300\n")
    without = available()
    (tmp_path / "memory.max").write_text("3000\n")
    assert available() == 2300
    assert without is None or without > 2300


def test_psutil_is_asked_where_the_system_has_no_file_about_it(tmp_path, monkeypatch):
    psutil = pytest.importorskip("psutil")
    monkeypatch.setattr(system_memory, "CONTAINER", tmp_path)
    monkeypatch.setattr(system_memory, "_meminfo", lambda: None)
    assert available() == pytest.approx(psutil.virtual_memory().available, rel=0.5)
