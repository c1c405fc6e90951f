"""A task runs, and is cancelled at its next step."""


def test_cancel_stops_at_the_next_update(screen, qtbot):
    import threading

    from napari_deconvolution.plugin.ui.task_panel import TaskPanel

    steps, gate, done = [], threading.Event(), []

    def work():
        for step in range(10):
            steps.append(step)
            yield None
            gate.wait(5)
        return "never"

    panel = TaskPanel("Run", lambda: work, done.append)
    qtbot.addWidget(panel)
    panel.run_button.click()
    qtbot.waitUntil(lambda: steps == [0])
    panel.cancel_button.click()
    gate.set()
    qtbot.waitUntil(lambda: not panel.running)
    assert len(steps) <= 2
    assert not done
