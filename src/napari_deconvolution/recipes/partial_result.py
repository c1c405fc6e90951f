"""A result on its way: a folder next to it keeps every finished volume, whatever ends the run."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..images.lazy import by_planes
from ..images.output_path import write_text
from .lock import Lock
from .record import VolumeRecord
from .store import ESTIMATE, Store

WHAT = "run.json"
"""Of which image, with which recipe."""

LOCK = "lock"
"""The file that says whether a run is at it."""


class PartialResult(Store):
    """One file for each map of a volume, and then its record, each of which appears whole or not at all.

    A run that was killed, or found the disk full, goes on with the volumes that are not there. Only one run at a time
    may use the folder.

    Parameters
    ----------
    output
        Where the result is to be written; the folder lies next to it and is called like it, with a dot before.
    identity
        What makes the result what it is, in values that JSON knows: only a run of the same goes on.
    overwrite
        Whether what another run has left may be removed.

    Raises
    ------
    OSError
        If another run writes this result now, or volumes of another run are there and may not be removed.
    """

    def __init__(self, output: Path, identity: Mapping[str, Any], overwrite: bool = False) -> None:
        self.folder = output.with_name(f".{output.name}.partial")
        self.output = output
        self.folder.mkdir(exist_ok=True)
        self._lock = Lock(self.folder / LOCK, f"{output} is being written by another run: wait until it has ended.")
        try:
            self._claim(json.loads(json.dumps(identity)), overwrite)
        except BaseException:
            self._lock.release()
            raise

    def _claim(self, identity: Any, overwrite: bool) -> None:
        found = _read(self.folder / WHAT)
        self.resumed = found == identity
        """Whether a run of the same was here before."""
        if found is not None and not self.resumed:
            if self.done and not overwrite:
                raise FileExistsError(
                    f"{self.folder} holds {self.done} finished volumes of another image or recipe: repeat that run, "
                    "choose another name, or ask to overwrite it (--overwrite)."
                )
            for file in self.folder.glob("volume*"):
                file.unlink()
        write_text(self.folder / WHAT, json.dumps(identity))

    @property
    def done(self) -> int:
        """How many volumes are deconvolved."""
        return len(list(self.folder.glob("volume*.json")))

    @property
    def kept(self) -> str:
        """What is kept, in a sentence; empty if there is nothing."""
        count = self.done
        are = "volume is" if count == 1 else "volumes are"
        return f"{count} finished {are} kept in {self.folder}; the same run goes on from there." if count else ""

    def write(self, index: Mapping[str, int], maps: Mapping[str, NDArray[Any]], run: VolumeRecord) -> None:
        """Keep them; the record comes last, for it says that the volume is finished."""
        for name, samples in maps.items():
            path = self._path(index, f".{name.replace(' ', '_')}.npy")
            draft = path.with_suffix(".draft")
            with draft.open("wb") as file:
                np.save(file, np.asarray(samples, np.float32))
            os.replace(draft, path)
        write_text(self._path(index, ".failed" if run.failed else ".json"), json.dumps(run.to_dict()))

    def finished(self, index: Mapping[str, int]) -> VolumeRecord | None:
        """What came of a volume, unless it failed, or its estimate cannot be read."""
        form = _read(self._path(index, ".json"))
        with suppress(OSError, ValueError):
            if form is not None and self.read(index).shape == self.volume:
                return VolumeRecord.of(form)
        return None

    def read(self, index: Mapping[str, int]) -> NDArray[Any]:
        """The estimate, as a map of its file."""
        return np.asarray(np.load(self._path(index, f".{ESTIMATE}.npy"), mmap_mode="r"))

    def arrays(self) -> dict[str, Any]:
        """Every map, read when it is needed."""
        names = {file.name.split(".")[1] for file in self.folder.glob("volume*.npy")}
        return {name.replace("_", " "): self._array(name) for name in sorted(names)}

    def _array(self, name: str) -> Any:
        places = [dict(zip(self.outer, at, strict=True)) for at in product(*map(range, self.outer.values()))]

        def volume(number: int) -> NDArray[Any]:
            path = self._path(places[number], f".{name}.npy")
            return np.load(path, mmap_mode="r") if path.exists() else np.zeros(self.volume, np.float32)

        return by_planes(tuple(self.outer.values()), self.volume, np.float32, lambda: nullcontext(volume))

    def _path(self, index: Mapping[str, int], ending: str) -> Path:
        return self.folder / ("_".join(["volume", *(f"{axis}{at}" for axis, at in index.items())]) + ending)

    def close(self, written: bool) -> None:
        """Let other runs have it; once the result is written, nothing of it is needed any more."""
        if written or not self.done:
            for file in self.folder.iterdir():
                if file.name != LOCK:  # which others still see as theirs
                    file.unlink()
            self._lock.release()
            shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()


@contextmanager
def partial_result(output: Path, identity: Mapping[str, Any], overwrite: bool = False) -> Iterator[PartialResult]:
    """A `PartialResult` that is removed when all went well; else it is kept, and what ends the run says so."""
    store, written = PartialResult(output, identity, overwrite), False
    try:
        yield store
        written = True
    except KeyboardInterrupt as stop:
        raise type(stop)(store.kept) from stop
    except OSError as error:
        said = f"{error.filename or store.output}: {error.strerror}." if error.strerror else str(error)
        raise OSError(f"{said} {store.kept}".rstrip()) from error
    finally:
        store.close(written)


def _read(path: Path) -> Any:
    """What a JSON file holds; None if there is none that can be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
