"""Read what TIFF files hold: the images in them, and what OME-XML, ImageJ and the tags tell of them."""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from .. import ome_xml
from ..lazy import LazySamples, by_planes, changed
from .base import Found
from .companion import Companion, companion_of
from .gaps import whole_times
from .tiff_pages import check_chain, truncated
from .tiff_tags import Told, told_by_tags

logging.getLogger("tifffile").addHandler(logging.NullHandler())  # what it prints we say, with a remedy

MOST_PLANES = 20_000_000
"""Of a set; they are listed one by one before any is looked for."""


def images(path: Path) -> list[Found]:
    """Every image in a file; those of a set that lie in other files are marked as not its own.

    Raises
    ------
    ValueError
        If it is truncated, incomplete or a colour photograph.
    """
    check_chain(path)
    with tifffile.TiffFile(path) as tiff:
        _check_planned(tiff, path)
        if tiff.is_ome and (set_of := _of_companion(tiff.ome_metadata or "", path)):
            return set_of
        every = tiff.series
        own = [any(_file_of(page) == path.resolve() for page in _pages(series) if page is not None) for series in every]
        described = tiff.ome_metadata if tiff.is_ome and "BinaryOnly" not in (tiff.ome_metadata or "") else None
        found = []
        for number, series in enumerate(every):
            if own[number] or described:
                found.append(_found(tiff, series, number, described, path).replace(own=own[number] or len(every) == 1))
        return found


def _of_companion(xml: str, path: Path) -> list[Found]:
    """The images of the set that a TIFF is part of, if its metadata are in a companion file."""
    companion = companion_of(xml, path) if "BinaryOnly" in xml else None
    if companion is None:
        return []
    if not companion.is_file():
        warnings.warn(f"{path} has its metadata in {companion.name}, which is not next to it.", stacklevel=5)
        return []
    return [found.replace(own=path.resolve() in found.files) for found in Companion().images(companion)]


def _found(tiff: Any, series: Any, number: int, described: str | None, path: Path) -> Found:
    axes = series.get_axes(squeeze=False).lower()
    composite = bool(tiff.is_imagej and (tiff.imagej_metadata or {}).get("mode") == "composite")
    if "S" in series.axes and series.dtype == np.uint8 and not composite:
        raise ValueError(
            f"{path} is a colour photograph (RGB, 8 bit), not a set of channels: save each channel as grey values."
        )
    pages = _pages(series)
    samples = _complete(series, pages, axes, path)
    files = tuple(sorted({_file_of(page) for page in pages if page is not None}))
    found = Found(
        samples, axes, name=series.name if len(tiff.series) > 1 else "", files=files if len(files) > 1 else ()
    )
    if described:
        try:
            said = ome_xml.parse(described, number)
        except ValueError as error:
            warnings.warn(f"{path}: {error} Voxel size and channels are unknown.", stacklevel=5)
            return found
        for contradiction in said.contradictions:
            warnings.warn(f"{path}: {contradiction}", stacklevel=5)
        # other programs call their images Image0, or by the path they once had
        name = said.name if said.axes or len(tiff.series) > 1 else ""
        return found.replace(
            spacing=said.spacing, channels=said.channels, optics=said.optics, record=said.record, name=name,
            kept=said.axes, origins=dict.fromkeys((*said.spacing, *said.optics, "channels"), "OME-XML") | said.origins,
        )  # fmt: skip
    told = told_by_tags(tiff)
    return found.replace(
        samples=_calibrated(samples, told), spacing=told.spacing, channels=told.channels, optics=told.optics,
        origins=told.origins,
    )  # fmt: skip


def _calibrated(samples: LazySamples, told: Told) -> LazySamples:
    """Values as ImageJ shows them, c0 + c1 · stored; whole numbers where the function keeps them whole."""
    if told.calibration is None:
        return samples
    c0, c1 = told.calibration
    whole = c1 == 1 and c0 == round(c0) and samples.dtype.kind in "ui"
    dtype = np.promote_types(np.int16, samples.dtype) if whole and samples.dtype.itemsize < 4 else np.dtype(np.float32)
    if whole and samples.dtype == np.uint16 and c0 == -32768:
        dtype = np.dtype(np.int16)

    return changed(samples, dtype, lambda part: part.astype(np.float64) * c1 + c0)


def _check_planned(tiff: Any, path: Path) -> None:
    """That a set is not of more planes than any disk holds: they would be listed one by one."""
    planned = 0
    if tiff.is_ome and tiff.ome_metadata:
        with suppress(ValueError):  # said when the samples are read
            planned = ome_xml.plane_count(tiff.ome_metadata)
    if planned > MOST_PLANES:
        raise ValueError(f"{path} is damaged: its OME-XML plans {planned} planes.")


def _complete(series: Any, pages: list[Any], axes: str, path: Path) -> LazySamples:
    """The samples of a series, without time points that lack planes; any other gap is refused."""
    _check_whole(series, pages, path)
    samples = _lazy(series, pages, path)
    if all(page is not None for page in pages):
        return samples
    outer = _outer(series.get_shape(squeeze=False), len(pages), path)
    there = np.array([page is not None for page in pages]).reshape(outer)
    complete: LazySamples = whole_times(samples, axes, there, path)
    return complete


def _pages(series: Any) -> list[Any]:
    """The pages of a series; of one that lies in one piece only the first, for it may have no others."""
    return [series.keyframe] if series.dataoffset is not None else list(series.pages)


def _outer(shape: tuple[int, ...], pages: int, path: Path) -> tuple[int, ...]:
    """The first axes, along which pages follow each other."""
    for count in range(len(shape)):
        if prod(shape[:count]) == pages:
            return shape[:count]
    raise ValueError(f"{path} tells of {'x'.join(map(str, shape))} samples, which its {pages} pages do not hold.")


def _lazy(series: Any, pages: list[Any], path: Path) -> LazySamples:
    first, shape, dtype = series.keyframe, series.get_shape(squeeze=False), series.dtype.newbyteorder("=")
    if (start := series.dataoffset) is not None:
        stored, file = series.dtype.newbyteorder(first.parent.byteorder), _file_of(first)

        def fetch(index: Any) -> Any:
            return np.asarray(np.memmap(file, stored, "r", start, shape)[index]).astype(dtype)

        return LazySamples(shape, dtype, fetch)
    outer = _outer(shape, len(pages), path)

    @contextmanager
    def session() -> Iterator[Callable[[int], Any]]:
        handles = {page.parent.filehandle for page in pages if page is not None}
        opened = [handle for handle in handles if handle.closed]
        for handle in opened:
            handle.open()
        try:
            yield lambda number: pages[number].asarray(maxworkers=1)
        finally:
            for handle in opened:
                handle.close()

    return by_planes(outer, shape[len(outer) :], dtype, session)


def _check_whole(series: Any, pages: list[Any], path: Path) -> None:
    """A stack without its last planes would be read as zeros, or as a shorter stack."""
    short = False
    for page in pages:
        if page is not None:
            ends = (offset + count for offset, count in zip(page.dataoffsets, page.databytecounts, strict=False))
            short = short or max(ends, default=0) > page.parent.filehandle.size
    if series.dataoffset is not None:
        short = short or series.dataoffset + series.nbytes > series.keyframe.parent.filehandle.size
    if short:
        raise truncated(path)


def _file_of(page: Any) -> Path:
    return Path(page.parent.filehandle.path).resolve()
