"""The estimate during a run."""

import threading
import time

import numpy as np

NAME, PREVIEW = "napari-deconvolution", "deconvolution preview"


class Pulse(threading.Thread):
    """Beats every 20 ms as the event loop is to do, and tells how long the machine let it wait."""

    def __init__(self):
        super().__init__(daemon=True)
        self.beats, self.over = [], threading.Event()

    def run(self):
        while not self.over.wait(0.02):
            self.beats.append(time.monotonic())

    def longest(self):
        self.over.set()
        self.join()
        return max(np.diff(self.beats))


def test_the_estimate_is_shown_while_it_improves_and_the_window_stays_alive(
    viewer, widget, qtbot, cells, add, finish, quick
):
    from qtpy.QtCore import QTimer

    add(viewer, cells)
    widget.recipe = widget.recipe.assign(**{**quick, "iterations": 100_000, "penalty": "total-variation"})
    turns, timer = [], QTimer()
    timer.timeout.connect(lambda: turns.append(time.monotonic()))
    timer.start(20)
    pulse = Pulse()
    pulse.start()
    widget.task.run_button.click()
    qtbot.waitUntil(lambda: PREVIEW in viewer.layers, timeout=30_000)
    first = viewer.layers[PREVIEW].data.copy()
    qtbot.waitUntil(lambda: not np.array_equal(viewer.layers[PREVIEW].data, first), timeout=30_000)
    assert first.shape == cells.shape
    assert len(widget.previews.spark.values) > 5
    widget.task.run_button.click()  # a second run while one is going: nothing happens
    assert len(widget.task.running) == 1
    widget.task.cancel_button.click()
    finish(qtbot, widget)
    timer.stop()
    assert max(np.diff(turns)) < 1.0 + pulse.longest(), "the event loop stood still"
    assert [layer.name for layer in viewer.layers] == ["cell"]
