"""One image in several files: a list, a pattern, a folder of planes."""

import re
from collections.abc import Sequence
from contextlib import nullcontext
from glob import glob
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from ..lazy import by_planes
from .base import Found
from .registry import FORMATS, looks_readable, stem

Paths = str | Path | Sequence[str | Path]

WORDS = {
    "t": ("t", "tp", "time", "frame"),
    "c": ("c", "ch", "channel", "w"),
    "z": ("z", "slice", "plane", "section"),
}
"""What stands before the number of a file along an axis, as in cell_t001_z023.tif."""

NUMBERED = re.compile(r"(?<![A-Za-z])([A-Za-z]+)[_-]?(\d+)(?!\d)")
AXIS_OF = {word: axis for axis, words in WORDS.items() for word in words}


def members(path: Paths) -> list[Path]:
    """The files that a path, a pattern, a folder or a list names, in the order of the numbers in their names.

    Raises
    ------
    FileNotFoundError
        If a pattern fits no file.
    IsADirectoryError
        If a folder holds no image.
    """
    if not isinstance(path, (str, Path)):
        return [Path(each) for each in path]
    single = Path(path)
    if single.is_dir() and not any(each.folders and each.recognises(single, b"") for each in FORMATS):
        inside = [each for each in single.iterdir() if looks_readable(each) and not each.name.startswith(".")]
        if not inside:
            raise IsADirectoryError(f"{single} is a folder without an image in it: name a file.")
        return sorted(inside, key=_by_number)
    if not single.exists() and any(letter in str(path) for letter in "*?["):
        fitting = [Path(each) for each in glob(str(path))]
        if not fitting:
            raise FileNotFoundError(f"there is no file that fits {path}.")
        return sorted(fitting, key=_by_number)
    return [single]


def joined(files: Sequence[Path], contents: Sequence[Sequence[Found]]) -> Found:
    """One image out of files that each hold a part of it, along the axes that their names tell.

    Parameters
    ----------
    files
        In order.
    contents
        What is in each of them.

    Raises
    ------
    ValueError
        If the parts do not fit each other, or some are missing.
    """
    parts = [next((each for each in found if each.own), found[0]) for found in contents]
    first = parts[0]
    for file, part in zip(files, parts, strict=True):
        if part.samples.shape != first.samples.shape or part.samples.dtype != first.samples.dtype:
            raise ValueError(
                f"{file} has {part.describe()} of {part.samples.dtype}, {files[0]} has {first.describe()} of "
                f"{first.samples.dtype}: they are not parts of one image. Name the files that are."
            )
    if len(files) == 1:
        return first
    singles = tuple(at for at, size in enumerate(first.samples.shape) if size == 1 and first.axes[at] not in "yx")
    inner = "".join(axis for at, axis in enumerate(first.axes) if at not in singles)
    axes, shape, order = _laid_out(files, inner)

    def part_of(number: int) -> Any:
        return np.asarray(parts[order[number]].samples).squeeze(singles)

    plane = tuple(size for at, size in enumerate(first.samples.shape) if at not in singles)
    samples = by_planes(shape, plane, first.samples.dtype, lambda: nullcontext(part_of))
    kept = "".join(axis for axis in first.kept if axis in axes + inner)
    return first.replace(
        samples=samples, axes=axes + inner, kept=kept, files=tuple(files), name=set_name(files), record={}
    )  # fmt: skip


def sets_among(files: Sequence[Path]) -> list[list[Path]]:
    """Files by the images that they are parts of: planes, numbered as such in their names, belong together.

    >>> files = [Path(name) for name in ("a_z0.tif", "a_z1.tif", "b_z0.tif", "c1.tif", "c2.tif")]
    >>> [[file.name for file in group] for group in sets_among(files)]
    [['a_z0.tif', 'a_z1.tif'], ['b_z0.tif'], ['c1.tif'], ['c2.tif']]
    """
    groups: dict[tuple[Path, str], list[Path]] = {}
    for file in files:
        planes = "z" in _numbers(file)
        groups.setdefault((file.parent, _without_numbers(file) if planes else file.name), []).append(file)
    return [sorted(group, key=_by_number) for group in groups.values()]


def set_name(files: Sequence[Path]) -> str:
    """What to call the image in some files: their name without the numbers along axes.

    >>> set_name([Path("cell_t0_z0.tif"), Path("cell_t0_z1.tif")]), set_name([Path("cell/z1.tif"), Path("cell/z2.tif")])
    ('cell', 'cell')
    """
    if len(files) == 1:
        return stem(files[0])
    name = NUMBERED.sub(lambda found: "" if found[1].lower() in AXIS_OF else found[0], stem(files[0]))
    return name.strip("_- .") or files[0].parent.name


def _numbers(file: Path) -> dict[str, int]:
    """The number of a file along each axis that its name tells."""
    found = [(AXIS_OF.get(word.lower()), int(number)) for word, number in NUMBERED.findall(stem(file))]
    return {axis: number for axis, number in found if axis is not None}


def _without_numbers(file: Path) -> str:
    return NUMBERED.sub(lambda found: found[1] if found[1].lower() in AXIS_OF else found[0], file.name)


def _laid_out(files: Sequence[Path], inner: str) -> tuple[str, tuple[int, ...], list[int]]:
    """Axes along which files follow each other, their sizes, and the number of the file at each place."""
    numbers = [_numbers(file) for file in files]
    values = {axis: sorted({each[axis] for each in numbers if axis in each}) for axis in "tcz"}
    axes = "".join(axis for axis in "tcz" if len(values[axis]) > 1 and all(axis in each for each in numbers))
    if not axes:
        return "q", (len(files),), list(range(len(files)))
    if doubled := set(axes) & set(inner):
        raise ValueError(
            f"{files[0]} has an axis {min(doubled)} of its own, and its name numbers it along that axis: name fewer "
            "files."
        )
    places = {tuple(each[axis] for axis in axes): at for at, each in enumerate(numbers)}
    grid = list(product(*(values[axis] for axis in axes)))
    if len(places) != len(files) or len(grid) != len(files):
        sizes = " ".join(f"{axis}={len(values[axis])}" for axis in axes)
        raise ValueError(
            f"{files[0]} and {len(files) - 1} others are not one image: their names tell of {sizes}, which "
            f"{len(grid)} files make. Add those that are missing, or name fewer."
        )
    return axes, tuple(len(values[axis]) for axis in axes), [places[place] for place in grid]


def _by_number(path: Path) -> tuple[Any, ...]:
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", path.name) if part
    )
