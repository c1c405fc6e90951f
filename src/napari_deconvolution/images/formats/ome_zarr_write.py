"""Write OME-Zarr: an image with a pyramid, in chunks that lie in shards, with axes, scale, channels and record.

A store is made empty and filled part by part, by one process or several: parts that are whole shards do not touch each
other.

Source: https://ngff.openmicroscopy.org/specifications.
"""

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..image import AXES, Image
from .ome_zarr import OWN

VERSIONS = {"0.5": 3, "0.4": 2}
"""Versions of NGFF that are written, with the version of Zarr that they lie on."""

CHUNK, SHARD = (16, 128, 128), (64, 512, 512)
"""Along z, y, x: what is read at once, and what is written at once. Small pieces for a viewer, few files for the disk
(measured in docs/guides/larger-than-memory.md).
"""

COARSEST = 256
"""The pyramid ends where y and x are no longer than this."""

UNITS = {"t": "second", "z": "micrometer", "y": "micrometer", "x": "micrometer"}
TYPES = {"t": "time", "c": "channel"}


def create(path: Path, image: Image, version: str = "0.5", edge: int | None = None) -> Any:
    """Make a store for an image, all its samples zero; only shape and type of those of the image are looked at.

    Parameters
    ----------
    path
        The folder, which is made.
    image
        Its axes are in the order t c z y x.
    version
        Of NGFF, from `VERSIONS`.
    edge
        Length of a shard along y and x, instead of the usual one.

    Returns
    -------
    zarr.Group
        Its arrays "0", "1" ... are the levels, the finest first.
    """
    import zarr

    shape, axes = image.samples.shape, image.axes
    with quiet():
        root = zarr.open_group(str(path), mode="w-", zarr_format=VERSIONS[version])  # type: ignore[arg-type]
        for number, level in enumerate(_shapes(shape)):
            chunk, shard = _pieces(level, axes, edge)
            kind: dict[str, Any] = {"shards": shard, "dimension_names": list(axes)}
            if version == "0.4":
                kind = {"chunk_key_encoding": {"name": "v2", "separator": "/"}}
            root.create_array(
                str(number), shape=level, dtype=image.samples.dtype, chunks=chunk, compressors=_codec(version),
                fill_value=0, **kind,
            )  # fmt: skip
    return root


def fill(root: Any, image: Image) -> None:
    """Write the finest level volume by volume, so that lazy samples are never all in memory."""
    outer = [axis for axis in image.axes if axis not in image.spatial]
    for index, volume in image.volumes():
        root["0"][tuple(index[axis] for axis in outer)] = np.asarray(volume)


def finish(root: Any, image: Image, version: str = "0.5") -> None:
    """Make the coarser levels from the finest one, shard by shard, and write the metadata: the store is then whole."""
    with quiet():
        levels = [root[str(number)] for number in range(len(_shapes(image.samples.shape)))]
        for fine, coarse in pairwise(levels):
            _shrink(fine, coarse)
        multiscale = _multiscale(image, len(levels)) | ({"version": version} if version == "0.4" else {})
        said = {"multiscales": [multiscale], "omero": _omero(image, levels[-1])}
        own = {"record": image.record, "optics": image.optics, "channels": [asdict(each) for each in image.channels]}
        root.attrs.update({**(said if version == "0.4" else {"ome": {"version": version, **said}}), OWN: _json(own)})


def shards(array: Any) -> tuple[int, ...]:
    """The shape of what is written at once: a shard, or a chunk where there are none."""
    return tuple(array.shards or array.chunks)


@contextmanager
def quiet() -> Iterator[None]:
    """Without what zarr warns of codecs and versions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def _shapes(shape: Sequence[int]) -> list[tuple[int, ...]]:
    """Of all levels: y and x are halved, z is not, for it is sampled more coarsely as it is."""
    found = [tuple(shape)]
    while max(found[-1][-2:]) > COARSEST and min(found[-1][-2:]) > 1:
        *outer, rows, columns = found[-1]
        found.append((*outer, -(-rows // 2), -(-columns // 2)))
    return found


def _pieces(shape: Sequence[int], axes: str, edge: int | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Chunk and shard: a whole number of chunks, each along z, y, x no longer than need be."""
    chunk, shard = [], []
    for axis, n in zip(axes, shape, strict=True):
        if axis in "tc":
            chunk.append(1)
            shard.append(1)
            continue
        usual, most = (size["zyx".index(axis)] for size in (CHUNK, SHARD))
        whole = most if axis == "z" or edge is None else edge
        one = min(math.gcd(usual, whole), n)
        chunk.append(one)
        shard.append(one * min(max(whole // one, 1), -(-n // one)))
    return tuple(chunk), tuple(shard)


def _codec(version: str) -> Any:
    if version == "0.4":
        from numcodecs import Blosc

        return Blosc(cname="lz4", clevel=5, shuffle=Blosc.SHUFFLE)
    from zarr.codecs import BloscCodec

    return BloscCodec(cname="lz4", clevel=5, shuffle="shuffle")


def _shrink(fine: Any, coarse: Any) -> None:
    """The mean of two by two voxels, shard by shard; a few planes are read at a time."""
    size = shards(coarse)
    for starts in product(*(range(0, n, step) for n, step in zip(coarse.shape, size, strict=True))):
        at = [slice(a, min(a + step, n)) for a, step, n in zip(starts, size, coarse.shape, strict=True)]
        block = np.empty([part.stop - part.start for part in at], coarse.dtype)
        wide = [slice(2 * part.start, 2 * part.stop) for part in at[-2:]]
        outer, planes = at[:-3], at[-3] if len(at) > 2 else slice(0, 1)
        for first in range(planes.start, planes.stop, CHUNK[0]):
            some = slice(first, min(first + CHUNK[0], planes.stop))
            inside = (..., slice(first - planes.start, some.stop - planes.start)) if len(at) > 2 else (...,)
            source = (*outer, some, *wide) if len(at) > 2 else tuple(wide)
            block[(*inside, slice(None), slice(None))] = _halved(fine[source])
        coarse[tuple(at)] = block


def _halved(fine: NDArray[Any]) -> NDArray[Any]:
    """A row or column without a partner is its own."""
    *_, rows, columns = fine.shape
    edges = [(0, 0)] * (fine.ndim - 2) + [(0, rows % 2), (0, columns % 2)]
    even = np.pad(fine, edges, mode="edge") if rows % 2 or columns % 2 else fine
    kind = np.float32 if fine.dtype == np.float32 else np.float64
    mean: NDArray[Any] = np.zeros((*even.shape[:-2], even.shape[-2] // 2, even.shape[-1] // 2), kind)
    for row, column in product((0, 1), (0, 1)):
        mean += even[..., row::2, column::2]
    mean *= kind(0.25)
    return (mean if fine.dtype.kind == "f" else np.rint(mean)).astype(fine.dtype)


def _multiscale(image: Image, levels: int) -> dict[str, Any]:
    axes = [{"name": axis, "type": TYPES.get(axis, "space")} for axis in image.axes]
    for axis in axes:
        if axis["name"] in image.spacing:
            axis["unit"] = UNITS[axis["name"]]
    datasets = []
    for level in range(levels):
        wide = {axis: 2**level if axis in "yx" else 1 for axis in image.axes}
        scale = [float(image.spacing.get(axis, 1.0) * wide[axis]) for axis in image.axes]
        shift = [float(image.spacing.get(axis, 1.0) * (wide[axis] - 1) / 2) for axis in image.axes]
        steps: list[dict[str, Any]] = [{"type": "scale", "scale": scale}]
        steps += [{"type": "translation", "translation": shift}] if level else []
        datasets.append({"path": str(level), "coordinateTransformations": steps})
    return {"name": image.name, "axes": axes, "datasets": datasets, "type": "mean of 2 x 2 voxels"}


def _omero(image: Image, coarsest: Any) -> dict[str, Any]:
    """How channels are shown: from the darkest to the brightest voxel of the coarsest level, read time by time."""
    found = []
    for number in range(image.channel_count):
        at = tuple(number if axis == "c" else slice(None) for axis in image.axes)
        times = [(t, *at[1:]) for t in range(coarsest.shape[0])] if "t" in image.axes else [at]
        low, high = np.array([_range(coarsest[each]) for each in times]).T
        known = image.channels[number] if image.channels else None
        colour = (known.colour if known else None) or "#ffffff"
        window = dict.fromkeys(("start", "min"), float(low.min())) | dict.fromkeys(("end", "max"), float(high.max()))
        name = known.name if known else ""
        found.append({"label": name, "color": colour[1:].upper(), "window": window, "active": True})
    return {"channels": found}


def _range(values: NDArray[Any]) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _json(value: Any) -> Any:
    """Mappings and tuples as JSON has them."""
    if isinstance(value, Mapping):
        return {str(key): _json(item) for key, item in value.items()}
    return [_json(item) for item in value] if isinstance(value, (list, tuple)) else value


def in_order(image: Image) -> Image:
    """The image with its axes in the order t c z y x."""
    axes = "".join(axis for axis in AXES if axis in image.axes)
    return image.replace(samples=image.samples.transpose([image.axes.index(axis) for axis in axes]), axes=axes)
