"""Locks: two runs do not write the same result at the same time."""

import errno
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

BUSY = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


class Lock:
    """A file that the operating system keeps for one process, and frees when that ends, however it ends.

    Parameters
    ----------
    path
        Of the file.
    busy
        What to say if another run has it.

    Raises
    ------
    BlockingIOError
        If another run has it.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     first = Lock(Path(folder) / "lock", "another run has it.")
    ...     try:
    ...         Lock(Path(folder) / "lock", "another run has it.")
    ...     except BlockingIOError as error:
    ...         print(error)
    ...     first.release()
    another run has it.
    """

    def __init__(self, path: Path, busy: str) -> None:
        self._file: Any = path.open("a")
        try:
            if fcntl is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            else:
                import msvcrt

                msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError as error:
            if error.errno in BUSY:
                self._file.close()
                raise BlockingIOError(busy) from error
            # A file system without locks, as some on networks: then there is none to be had.

    def release(self) -> None:
        """Let another run have it."""
        self._file.close()
