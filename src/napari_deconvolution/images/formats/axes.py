"""Which axis of an image is which: as asked for, else as its file tells."""

from collections.abc import Sequence
from contextlib import nullcontext
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from ..image import AXES, check_axes
from ..lazy import by_planes
from .base import Found

LIKELY = {3: '"zyx" (--axes zyx) for a stack, "tyx" for a time series, "cyx" for channels'}
"""What to propose for samples of so many axes."""


def settled(found: Found, axes: str | None, sizes: Sequence[int] | None, source: Path) -> tuple[Any, str]:
    """The samples with their axes in the order t c z y x.

    Parameters
    ----------
    found
        What the file tells.
    axes, sizes
        What is asked for, as `images.files.read` takes it.
    source
        The file, for messages.

    Raises
    ------
    ValueError
        If neither tells the axes, or they do not fit the samples.
    """
    samples, letters = _named(found, axes, source) if sizes is None else _laid_out(found, axes, sizes, source)
    order = [letters.index(axis) for axis in AXES if axis in letters]
    return samples.transpose(order), "".join(letters[at] for at in order)


def _named(found: Found, axes: str | None, source: Path) -> tuple[Any, str]:
    letters, samples = found.axes, found.samples
    singles = [at for at, size in enumerate(samples.shape) if size == 1]
    if axes is not None:
        excess = max(samples.ndim - len(axes), 0)
        samples = samples.squeeze(tuple(sorted(singles, key=lambda at: letters[at] in axes)[:excess]))
        check_axes(axes, samples.shape)
        return samples, axes
    dropped = [at for at in singles if letters[at] not in "yx" + found.kept]
    samples = samples.squeeze(tuple(dropped))
    letters = "".join(letter for at, letter in enumerate(letters) if at not in dropped)
    letters = letters if "c" in letters else letters.replace("s", "c")
    if not set(letters) <= set(AXES) or len(set(letters)) != len(letters):
        shape = "x".join(map(str, samples.shape))
        usual = AXES[-samples.ndim :]
        likely = LIKELY.get(samples.ndim, f'"{usual}" (--axes {usual}) or the like, a letter per dimension')
        layout = "; planes of several axes in turn need sizes too (--axes zcyx --sizes 20 2 512 512)"
        raise ValueError(
            f"{source} has the shape {shape} and does not say what its axes are: give axes={likely}{layout}."
        )
    return samples, letters


def _laid_out(found: Found, axes: str | None, sizes: Sequence[int], source: Path) -> tuple[Any, str]:
    """Planes that follow each other in a file, along several axes."""
    samples = found.samples
    if axes is None or len(sizes) != len(axes) or axes[-2:] != "yx":
        raise ValueError(
            f"sizes = {tuple(sizes)}: give axes that end in yx with them (--axes zcyx), a letter per size."
        )
    plane, shape = tuple(samples.shape[-2:]), tuple(int(size) for size in sizes)
    if min(shape) < 1 or shape[-2:] != plane or samples.size != prod(shape):
        has = f"{samples.size // prod(plane)} planes of {plane[0]}x{plane[1]}"
        raise ValueError(f"sizes = {shape}: {source} has {has}; the product of the other sizes has to be their number.")
    check_axes(axes, shape)

    def plane_of(number: int) -> Any:
        return samples[tuple(int(at) for at in np.unravel_index(number, samples.shape[:-2]))]

    return by_planes(shape[:-2], plane, samples.dtype, lambda: nullcontext(plane_of)), axes
