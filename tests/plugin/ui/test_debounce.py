"""What waits for a pause in typing happens once."""


def test_many_starts_are_one_call(screen, qtbot):
    from napari_deconvolution.plugin.ui.debounce import Debounce

    calls = []
    debounce = Debounce(lambda: calls.append(1), 50)
    for _ in range(5):
        debounce.start()
        qtbot.wait(10)
    assert not calls
    qtbot.waitUntil(lambda: bool(calls), timeout=2000)
    qtbot.wait(100)
    assert calls == [1]
