"""Run, cancel, progress and outcome of work that is a generator."""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, Self

from napari.qt.threading import create_worker
from napari.utils.notifications import show_error
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from ..field_error import field_of
from .parts import FAILURE, Note, column

EXPECTED = (ValueError, OSError, ImportError, MemoryError)
"""Errors whose message is for the user; any other is a bug, which napari shows with its traceback."""


class Progressing(Protocol):
    """How far work has come."""

    @property
    def share(self) -> float:
        """Of the whole, 0 to 1."""
        ...

    @property
    def words(self) -> str:
        """The same for a person."""
        ...


Work = Callable[[], Generator[Progressing | None, None, Any]]


class TaskPanel(QWidget):
    """Runs one piece of work at a time in a thread of its own.

    Parameters
    ----------
    verb
        Text of the button.
    prepare
        Called in the thread of the window when the button is pressed; returns the work, or raises a ValueError that is
        shown.
    finish
        Called in the thread of the window with what the work returned; returns a sentence about it.
    """

    advanced = Signal(object)
    """What the work yielded."""
    finished = Signal()
    """Nothing runs any more."""
    failed = Signal(str, str)
    """What is wrong, and the field that it is about, if it is about one."""

    def __init__(
        self, verb: str, prepare: Callable[[], Work], finish: Callable[[Any], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        running: list[Any] = []
        self.running = running
        self.destroyed.connect(lambda: [worker.quit() for worker in running])
        self.cancelled = False
        self.began = 0.0
        self.buttons, self.starters = QHBoxLayout(), list[QPushButton]()
        self.run_button, self.cancel_button = self.offer(verb, prepare, finish), QPushButton("Cancel")
        self.cancel_button.clicked.connect(self.cancel)
        self.bar, self.status = QProgressBar(), Note()
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.buttons.addWidget(self.cancel_button, 1)
        column(self, self.bar, self.status).insertLayout(0, self.buttons)
        self._end()

    def offer(self, verb: str, prepare: Callable[[], Work], finish: Callable[[Any], str]) -> QPushButton:
        """Add a button that starts work."""
        button = QPushButton(verb)
        button.clicked.connect(lambda: self.start(prepare, finish))
        self.buttons.insertWidget(len(self.starters), button, 2)
        self.starters.append(button)
        return button

    def start(self, prepare: Callable[[], Work], finish: Callable[[Any], str]) -> None:
        """Start, unless something is running."""
        if self.running:
            return
        try:
            work = prepare()
        except EXPECTED as error:
            self._refuse(Failure.of(error))
            return
        self.say("")
        self.cancelled, self.began = False, time.monotonic()
        worker = create_worker(
            _caught,
            work,
            _start_thread=False,
            _connect={"yielded": self._advance, "returned": partial(self._succeed, finish), "finished": self._end},
        )
        self.running.append(worker)
        self._enable(False)
        self.bar.setRange(0, 0)
        self.bar.setVisible(True)
        worker.start()

    def cancel(self) -> None:
        """Stop at the next iteration; nothing is added."""
        for worker in self.running:
            self.cancelled = True
            self.cancel_button.setEnabled(False)
            self.say("Stopping …")
            worker.quit()

    def say(self, sentence: str, failure: bool = False) -> None:
        """Show a sentence below the buttons."""
        self.status.say(sentence, FAILURE if failure else "")

    def show_failure(self, sentence: str) -> None:
        """Show an error, here and as a notification."""
        self.say(sentence, failure=True)
        show_error(sentence)

    def _refuse(self, failure: "Failure") -> None:
        self.show_failure(failure.sentence)
        self.failed.emit(failure.sentence, failure.field)

    def _advance(self, progress: Progressing | None) -> None:
        if progress is None or self.cancelled:
            return
        self.advanced.emit(progress)
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * progress.share))
        left = f", {spoken((time.monotonic() - self.began) * (1 / progress.share - 1))} left" if progress.share else ""
        self.bar.setFormat(progress.words + left)

    def _succeed(self, finish: Callable[[Any], str], result: Any) -> None:
        if isinstance(result, Failure):
            self._refuse(result)
        elif not self.cancelled:
            self.say(finish(result))

    def _end(self) -> None:
        if self.cancelled:
            self.say("Cancelled; no layer was changed.")
        self.running.clear()
        self.cancelled = False
        self._enable(True)
        self.bar.setVisible(False)
        self.finished.emit()

    def _enable(self, idle: bool) -> None:
        for button in self.starters:
            button.setEnabled(idle)
        self.cancel_button.setEnabled(not idle)


@dataclass(frozen=True)
class Failure:
    """What work returns instead of an expected error: napari would show a raised one with its traceback."""

    sentence: str
    field: str = ""
    """Of a form, that it is about; empty if it is about none."""

    @classmethod
    def of(cls, error: Exception) -> Self:
        """The error as a sentence."""
        return cls(str(error) or "Not enough memory: crop the image.", field_of(error))


def _caught(work: Work) -> Generator[Progressing | None, None, Any]:
    try:
        return (yield from work())
    except EXPECTED as error:
        return Failure.of(error)


def attempt(function: Callable[..., Any], *arguments: Any) -> Any:
    """What the function returns, or its failure."""
    try:
        return function(*arguments)
    except EXPECTED as error:
        return Failure.of(error)


def spoken(seconds: float) -> str:
    """A duration in words.

    >>> spoken(4.2), spoken(75), spoken(7300)
    ('4 s', '1 min 15 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"
