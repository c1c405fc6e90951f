"""How a command ends that was stopped, or that could not do everything."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Incomplete(Exception):
    """Something was written, but not everything could be done; the message says what is lacking."""


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM), for instance by a queue whose time was up."""


@contextmanager
def terminable() -> Iterator[None]:
    """Inside, SIGTERM ends a command as Ctrl-C does: what is finished is kept, and told."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: Any) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
