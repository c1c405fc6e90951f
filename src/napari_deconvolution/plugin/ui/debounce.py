"""Do something once nothing has changed for a moment."""

from collections.abc import Callable

from qtpy.QtCore import QTimer

MOMENT = 600
"""Milliseconds: by then a person has stopped typing."""


class Debounce(QTimer):
    """Calls a function once, a moment after its last start."""

    def __init__(self, function: Callable[[], None], milliseconds: int = MOMENT) -> None:
        super().__init__()
        self.setSingleShot(True)
        self.setInterval(milliseconds)
        self.timeout.connect(function)
