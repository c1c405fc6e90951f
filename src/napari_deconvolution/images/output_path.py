"""Whether a file may be written: asked before a long computation, not after it."""

import os
import re
import shutil
import tempfile
import uuid
from pathlib import Path

HIERARCHY = ("zarr.json", ".zgroup", ".zattrs", ".zarray")
"""Files of which one lies in every folder of a Zarr hierarchy."""


def check_free(path: str | Path, suffix: str = "", overwrite: bool = False) -> Path:
    """Return the path if a file may be written there, else raise.

    Parameters
    ----------
    path
        Of the file.
    suffix
        What its name has to end in; empty for anything.
    overwrite
        Whether a file of that name may be replaced.

    Raises
    ------
    ValueError
        If the name does not end in the suffix.
    OSError
        If the folder is missing or not writable, or the file exists and is not to be overwritten.

    Examples
    --------
    >>> check_free("psf.jpg", ".png")
    Traceback (most recent call last):
    ValueError: psf.jpg: end the name in .png.
    """
    path = Path(path)
    if path.suffix.lower() != suffix and suffix:
        raise ValueError(f"{path}: end the name in {suffix}.")
    _check_folder(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: choose another name for the file.")
    _check_new(path, overwrite)
    return path


def check_free_store(path: str | Path, overwrite: bool = False) -> Path:
    """The same for a folder that is one image, as an OME-Zarr: only one that this package wrote is ever replaced.

    Raises
    ------
    OSError
        As `check_free`; and if the path lies in another store, as a well in its plate, or leads to another computer.
    """
    if is_remote(path):
        raise OSError(f"{path} is not on a disk of this computer: write to a folder here, and copy it there.")
    path = Path(path)
    _check_folder(path)
    for parent in path.absolute().parents:
        if any((parent / mark).is_file() for mark in HIERARCHY):
            raise NotADirectoryError(
                f"{path} would lie inside {parent}, which is a Zarr store (a plate or an image): choose a path outside."
            )
    if path.exists() and overwrite and not _ours(path):
        raise FileExistsError(
            f"{path} exists already, and this program did not write it as an image: it is not replaced; choose another "
            "name."
        )
    _check_new(path, overwrite)
    return path


def is_remote(path: str | Path) -> bool:
    """Whether it is the address of something elsewhere; a `Path` has one slash less of it.

    >>> is_remote("s3://bucket/cell.zarr"), is_remote(Path("https://host/cell.zarr")), is_remote("C:/cell.zarr")
    (True, True, False)
    """
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", str(path)) is not None


def put_in_place(made: Path, path: Path) -> None:
    """Give what was made its name; what had it before is gone only once the new one is there."""
    if not path.is_dir():
        os.replace(made, path)
        return
    before = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    os.replace(path, before)
    try:
        os.replace(made, path)
    except OSError:
        os.replace(before, path)
        raise
    shutil.rmtree(before)


def write_text(path: Path, text: str) -> None:
    """Write a small file that is there whole or not at all, also after a crash of the system."""
    made = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with made.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(made, path)
    finally:
        made.unlink(missing_ok=True)


def remove(path: Path) -> None:
    """A file, or a folder with all that is in it; nothing if there is none."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _ours(path: Path) -> bool:
    """It is a store with the attribute that this package writes."""
    texts = [(path / mark).read_text("utf-8", "replace") for mark in HIERARCHY if (path / mark).is_file()]
    return any('"napari-deconvolution"' in text for text in texts)


def _check_folder(path: Path) -> None:
    if not path.parent.exists():
        raise FileNotFoundError(f"there is no folder {path.parent}: make it first.")
    if not path.parent.is_dir():
        raise NotADirectoryError(f"{path.parent} is a file, not a folder: choose another path than {path}.")


def _check_new(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise FileExistsError(
            f"{path} exists already: choose another name or ask to overwrite it (--overwrite, overwrite=True)."
        )
    try:  # what rights and mounts say is not the whole truth: only a file that was made shows that one can be
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise PermissionError(
            f"the folder {path.parent} cannot be written to: choose another one or ask for its permission."
        ) from error
