"""Experiments with a known truth: what they are made of, what is found, and what the lessons claim."""

import contextlib
import io
import runpy
from pathlib import Path

import numpy as np
import pytest

from napari_deconvolution import deconvolve, psf
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.optics.microscope import Grid
from napari_deconvolution.runs import finished
from napari_deconvolution.simulation.acquisition import acquire
from napari_deconvolution.simulation.specimens import SPECIMENS
from napari_deconvolution.teaching.experiment import LARGEST, Experiment
from napari_deconvolution.teaching.lessons import LESSONS

SCRIPTS = sorted((Path(__file__).resolve().parents[2] / "docs" / "lessons").glob("*.py"))
SMALL = Experiment().assign(shape=(32, 64), iterations=12)


@pytest.fixture(scope="module")
def found():
    """The findings of all lessons."""
    return [finished(lesson.experiment.run()) for lesson in LESSONS]


def test_an_experiment_is_what_its_parts_do():
    findings = finished(SMALL.run())
    truth, image, kernel = acquire(
        SMALL.specimen, SMALL.model, SMALL.microscope, SMALL.grid, photons=1000, camera=SMALL.camera
    )
    assert all(map(np.array_equal, (findings.truth, findings.image, findings.psf), (truth, image, kernel)))
    assert findings.assumed is findings.psf
    errors = []
    settings = {"iterations": 12, "camera": SMALL.camera, "spacing": SMALL.grid.spacing, "threads": 1}
    watch = lambda step: errors.append(fitted_error(step.estimate[step.inside], truth))  # noqa: E731
    assert np.array_equal(
        findings.result.image, deconvolve(image, kernel, "richardson-lucy", watch=watch, **settings).image
    )
    assert findings.errors == tuple(errors)
    assert len(errors) == 13
    assert findings.errors[findings.best] == min(errors)
    assert findings.before == fitted_error(image - 20, truth)


@pytest.mark.parametrize("name", SPECIMENS)
def test_every_specimen(name):
    findings = finished(SMALL.assign(specimen=name, shape=(12, 32, 40), spacing=(0.3, 0.1, 0.1), iterations=3).run())
    assert findings.result.image.shape == findings.truth.shape == (12, 32, 40)
    assert all(np.isfinite(curve).all() for curve in findings.spectra)
    assert {curve.size for curve in findings.profiles.values()} == {40}
    assert np.ptp(findings.profiles["truth"]) > 0


def test_an_assumed_depth_changes_the_psf_of_the_deconvolution_only():
    deep = SMALL.assign(shape=(12, 16, 20), spacing=(0.3, 0.1, 0.1), na=1.2, n_sample=1.333, depth=10.0, iterations=2)
    right, wrong = finished(deep.run()), finished(deep.assign(assumed_depth=0.0).run())
    assert np.array_equal(right.image, wrong.image)
    shallow = psf(deep.model, deep.microscope.replace(depth=0), Grid(shape=right.psf.shape, spacing=deep.grid.spacing))
    assert np.array_equal(wrong.assumed, shallow)
    assert not np.array_equal(wrong.psf, wrong.assumed)


def test_a_search_for_the_stop_is_no_part_of_the_errors():
    findings = finished(SMALL.assign(stop="held-out", iterations=20).run())
    assert len(findings.errors) == findings.result.iterations + 1
    assert findings.errors[-1] == fitted_error(findings.result.image, findings.truth)


def test_along_z():
    deep = SMALL.assign(shape=(16, 12, 20), spacing=(0.3, 0.1, 0.1), axis="z", specimen="bars", iterations=2)
    findings = finished(deep.run())
    assert {curve.size for curve in findings.profiles.values()} == {16}
    assert findings.scales == {"axis": "z", "step": 0.3, "cut_off": findings.cut_off}
    assert findings.spectra.frequency[-1] == pytest.approx(1 / 0.6)
    axial, lateral = (1 / (2 * step) for step in deep.model.nyquist(deep.microscope))
    assert findings.cut_off == axial
    assert finished(deep.assign(axis="x").run()).cut_off == lateral


def test_what_cannot_be_done_is_said():
    with pytest.raises(ValueError, match="the field of \\(32, 64\\) has no z; choose x"):
        finished(SMALL.assign(axis="z").run())
    with pytest.raises(ValueError, match=f"of {LARGEST} voxels at most"):
        finished(SMALL.assign(shape=(4096, 4096)).run())


def test_cancelling_closes_the_run():
    walk = SMALL.assign(iterations=1000).run()
    for _ in range(5):
        progress = next(walk)
    assert progress.words == "iteration 3 of 1000"
    walk.close()
    with pytest.raises(StopIteration):
        next(walk)


def test_lessons_survive_json():
    for lesson in LESSONS:
        assert Experiment.of(lesson.experiment.to_dict()) == lesson.experiment
        assert 2 <= lesson.text.count(".") <= 6


def test_lessons_teach_what_is_so(found):
    contrast, tempting, noisy, iterated, wrong, right = found
    light = contrast.spectra
    inside, beyond = light.frequency < 0.8 * contrast.cut_off, light.frequency > 1.05 * contrast.cut_off
    profiles = contrast.profiles
    assert np.ptp(profiles["image"][:40]) > 0.7 * np.ptp(profiles["truth"][:40])
    assert np.ptp(profiles["image"][-20:]) < 0.25 * np.ptp(profiles["truth"][-20:])
    assert light.transfer[beyond].max() < 0.02
    assert light.snr[inside][3:].min() > 1 > np.median(light.snr[beyond])
    assert tempting.errors[-1] < 0.7 * tempting.before
    assert tempting.spectra.found[inside].min() > 0.97
    assert noisy.errors[-1] > noisy.errors[0] > noisy.before
    last = len(iterated.errors) - 1
    assert iterated.errors[iterated.best] < 0.8 * iterated.before < iterated.errors[last]
    assert 5 < iterated.best < 60 < last
    assert np.array_equal(wrong.image, right.image)
    assert right.errors[-1] < 0.55 * right.before
    assert wrong.errors[-1] > 1.5 * right.errors[-1]


def test_scripts_are_the_lessons(found):
    """Each runs as it stands, makes the image of its lesson, and prints the error that the lesson finds."""
    assert len(SCRIPTS) == len(LESSONS)
    for script, lesson, findings in zip(SCRIPTS, LESSONS, found, strict=True):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            made = runpy.run_path(str(script))
        assert np.array_equal(made["image"], findings.image), script.name
        if lesson is not LESSONS[0]:
            assert made["estimate"] == pytest.approx(
                findings.result.image, rel=1e-3, abs=1e-3 * float(findings.truth.max())
            )
            assert f"{findings.errors[-1]:.3f}" in said.getvalue(), script.name
