"""Something that is done when nothing has changed for a moment."""

from collections.abc import Callable

from qtpy.QtCore import QTimer

MOMENT = 600
"""Milliseconds: a person who types has then stopped."""


class Pause(QTimer):
    """Calls a function once, a moment after it was started last."""

    def __init__(self, function: Callable[[], None]) -> None:
        super().__init__()
        self.setSingleShot(True)
        self.setInterval(MOMENT)
        self.timeout.connect(function)
