"""Runs at the command line that are stopped, killed, or cannot do everything: what is kept, and how they go on."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from napari_deconvolution.cli import deconvolve
from napari_deconvolution.cli.ending import Terminated
from napari_deconvolution.images.files import read, write
from napari_deconvolution.images.image import Image
from napari_deconvolution.recipes.lock import Lock

from .conftest import SPACING, stack
from .test_main import SCRIPT

OPTIONS = "-o out.ome.tif --psf psf.tif --algorithm richardson-lucy --iterations 3"


@pytest.fixture
def times(folder):
    image = Image(stack(4, 6, 20, 22), "tzyx", dict(zip("zyx", SPACING, strict=True)))
    write(image, folder / "times.tif")
    return image


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_says_what_is_kept_and_goes_on(command, folder, times, monkeypatch, number, code):
    def stopped(run):
        for progress in run:
            if progress.volume == 2:
                os.kill(os.getpid(), number)

    with monkeypatch.context() as stopping:
        stopping.setattr(deconvolve, "follow", stopped)
        found, _, errors = command(f"deconvolve times.tif {OPTIONS}")
    assert found == code
    assert (
        "interrupted; 2 finished volumes are kept in .out.ome.tif.partial; the same run goes on from there." in errors
    )
    assert not (folder / "out.ome.tif").exists()
    code, said, _ = command(f"deconvolve times.tif {OPTIONS}")
    assert code == 0
    assert "2 volumes are finished already" in said
    command(f"deconvolve times.tif {OPTIONS.replace('out', 'whole')}")
    assert (read(folder / "out.ome.tif").samples == read(folder / "whole.ome.tif").samples).all()
    assert not list(folder.glob(".*"))
    assert issubclass(Terminated, KeyboardInterrupt)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_run_that_was_killed_goes_on(command, folder, times):
    slow = OPTIONS.replace("3", "400")
    with subprocess.Popen([SCRIPT, "deconvolve", "times.tif", *slow.split()], cwd=folder) as process:
        kept = folder / ".out.ome.tif.partial"
        until = time.monotonic() + 60
        while not list(kept.glob("*.json")) and time.monotonic() < until:
            time.sleep(0.02)
        while not list(kept.glob("volume*.json")) and time.monotonic() < until:
            time.sleep(0.02)
        with pytest.raises(BlockingIOError, match="taken"):
            Lock(kept / "lock", "taken")
        process.kill()
    code, said, _ = command(f"deconvolve times.tif {slow}")
    assert code == 0
    assert "finished already" in said
    assert read(folder / "out.ome.tif").samples.shape == (4, 6, 20, 22)


def test_a_volume_that_fails_is_named_and_the_exit_code_says_so(command, folder, times):
    samples = times.samples.astype(np.float32)
    samples[2, 0, 0, 0] = np.nan
    write(times.replace(samples=samples), folder / "gap.tif")
    code, said, errors = command(f"deconvolve gap.tif {OPTIONS} --dtype uint16")
    assert code == 1
    assert "out.ome.tif: t=4 z=6 y=20 x=22" in said
    assert (
        "volumes of gap.tif could not be deconvolved, and are not a number in out.ome.tif. t=2: image: 1 of" in errors
    )
    assert "float32 is written" in errors
    assert np.isnan(read(folder / "out.ome.tif").samples[2]).all()
    code, _, errors = command(f"deconvolve gap.tif {OPTIONS} --dtype uint16 --unusable image --overwrite")
    assert code == 1
    assert "are as they were" in errors
