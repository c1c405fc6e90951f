"""The images of a batch: which files are one image, which are left out, and why."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from glob import glob
from pathlib import Path

from ..images.files import contents, format_of, looks_readable
from ..images.formats.sets import sets_among

Sources = list[tuple[Path, ...]]


def images_of(paths: Iterable[str | Path], made: str) -> tuple[Sources, dict[Path, str]]:
    """The images in files, folders and patterns, each once, and why other files of the folders are skipped.

    Parameters
    ----------
    paths
        Files; folders for the images in them; patterns ("*.tif").
    made
        What the names of results have in them: they are no images to be deconvolved.

    Returns
    -------
    sources
        The files of each image: mostly one, several for a set.
    skipped
        Files that are no images that can be read, and why.
    """
    named: list[Path] = []
    skipped: dict[Path, str] = {}
    for path in map(Path, paths):
        if path.is_dir() and not _is_image(path):
            for each in sorted(path.iterdir()):
                if made in each.name or each.name.startswith(".") or (each.is_dir() and not looks_readable(each)):
                    continue
                why = "" if looks_readable(each) else _why_not(each)
                named += [] if why else [each]
                skipped |= {each: why} if why else {}
        else:
            fitting = [] if path.exists() else sorted(map(Path, glob(str(path))))
            named += [each for each in fitting or [path] if made not in each.name and not each.name.startswith(".")]
    return _once(sets_among(named)), skipped


def _is_image(folder: Path) -> bool:
    with suppress(ValueError, OSError):
        format_of(folder)
        return True
    return False


def _why_not(path: Path) -> str:
    try:
        format_of(path)
    except (ValueError, OSError) as error:
        return str(error)
    return ""


def _once(groups: Sequence[Sequence[Path]]) -> Sources:
    """Without files that are part of an image that another file has led to."""
    found: Sources = []
    seen: set[Path] = set()
    for group in groups:
        if len(group) == 1 and group[0].resolve() in seen:
            continue
        found.append(tuple(group))
        if len(group) == 1:
            with suppress(ValueError, OSError, ImportError):  # said when its turn comes
                seen.update(*(each.files for each in contents(group[0]) if each.own))
    return found
