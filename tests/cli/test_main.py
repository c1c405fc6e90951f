"""The command line as a whole: help, the installed script, interruption."""

import io
import os
import re
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from napari_deconvolution.cli import main
from napari_deconvolution.images.files import read, write
from napari_deconvolution.images.image import Image

from .conftest import stack

SCRIPT = Path(sysconfig.get_path("scripts"), "napari-deconvolution")


def test_help_and_version(command):
    for text in ("", "--help"):
        code, said, _ = command(text)
        assert code == 0
        for name in ("psf", "deconvolve", "blur", "list", "demo"):
            assert f"\n  {name} " in said
    assert re.fullmatch(r"napari-deconvolution \d\S*\n", command("--version")[1])


def test_the_installed_script(folder):
    argv = [SCRIPT, *"psf -o out.ome.tif --shape 9 9 --spacing 0.1 0.1".split()]
    done = subprocess.run(argv, cwd=folder, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert read(folder / "out.ome.tif").samples.sum() == pytest.approx(1)


def test_whoever_reads_the_output_may_stop_reading():
    with subprocess.Popen([SCRIPT, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_control_c_ends_without_a_file(folder):
    write(Image(stack(30, 128, 128), "zyx"), folder / "long.tif")
    before = sorted(folder.rglob("*"))
    argv = [
        SCRIPT,
        *"deconvolve long.tif -o out.ome.tif --psf psf.tif --spacing 0.4 0.15 0.12".split(),
        *"--stop none --iterations 100000".split(),
    ]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(argv, cwd=folder, env={**os.environ, "PYTHONUNBUFFERED": "1"}, **pipes) as process:
        assert process.stdout.readline().startswith("image: long.tif")
        assert process.stdout.readline().startswith("PSF: psf.tif")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (130, "napari-deconvolution: interrupted; nothing was written.\n")
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("encoding", ["ascii", "cp437"])
def test_terminals_of_other_encodings(encoding, monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    assert main(["list"]) == 0
    assert main(["deconvolve", "--help"]) == 0
    sys.stdout.flush()
    assert b"?" in written.getvalue()
