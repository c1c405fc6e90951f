"""Whether a file may be written: asked before a long computation, not after it."""

import tempfile
from pathlib import Path


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
    if not path.parent.exists():
        raise FileNotFoundError(f"there is no folder {path.parent}: make it first.")
    if not path.parent.is_dir():
        raise NotADirectoryError(f"{path.parent} is a file, not a folder: choose another path than {path}.")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: choose another name for the file.")
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
    return path
