"""Parts of an image along its axes, as a person types them."""

import re
from collections.abc import Mapping

from ..images.image import Image

RANGE = re.compile(r"\s*(-?\d+)?\s*(:)?\s*(-?\d+)?\s*")


def part(axis: str, text: str) -> slice | int:
    """What a text says: a range, or one index.

    Raises
    ------
    ValueError
        If it says neither; along y and x only a range leaves an image.

    >>> part("t", "0:10"), part("z", "5:"), part("t", "3")
    (slice(0, 10, None), slice(5, None, None), 3)
    """
    found = RANGE.fullmatch(text)
    first, colon, last = found.groups() if found else (None, None, None)
    if colon:
        return slice(None if first is None else int(first), None if last is None else int(last))
    if first is None or last is not None or axis in "yx":
        single = "" if axis in "yx" else ", or one number"
        raise ValueError(f"{axis} = {text}: give a range, for instance 0:10, 5: or :-1{single}.")
    return int(first)


def cut(image: Image, parts: Mapping[str, str]) -> Image:
    """The part of an image in some ranges; an axis of which one index is taken is gone. Nothing is read.

    Parameters
    ----------
    image
        Any.
    parts
        What is taken along t, z, y, x, as `part` reads it. A range may go beyond the image.

    Raises
    ------
    ValueError
        If the image has no such axis, or nothing of it is left.

    >>> import numpy as np
    >>> cut(Image(np.zeros((9, 6, 8, 8)), "tzyx"), {"t": "2:4", "z": "1:", "x": ":5"}).describe()
    't=2 z=5 y=8 x=5'
    """
    for axis, text in parts.items():
        found = part(axis, text)
        if axis not in image.axes:
            raise ValueError(f"{axis} = {text}: the image has no axis {axis}; it has {image.describe()}.")
        if isinstance(found, int):
            image = image.select(**{axis: found})
            continue
        at = image.axes.index(axis)
        samples = image.samples[(slice(None),) * at + (found,)]
        if not samples.shape[at]:
            raise ValueError(f"{axis} = {text}: nothing is left; the image has {image.describe()}.")
        image = image.replace(samples=samples)
    return image
