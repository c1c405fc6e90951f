"""Nikon ND2: positions, channels, optics."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..image import Channel
from ..lazy import by_planes
from ..modality import modality
from ..objective import objective_optics
from .base import Format, Found

MODALITIES = ("sted", "multiphoton", "spinningDiskConfocal", "laserScanConfocal", "widefield", "fluorescence")
"""Flags of NIS-Elements that tell how a channel was taken, the more special ones first."""

FRAME = "CYXS"
"""Axes that lie within a frame; all others count frames."""


class Nd2(Format):
    """Every position of an ND2 file is an image."""

    name = "Nikon ND2"
    suffixes = (".nd2",)
    starts = (b"\xda\xce\xbe\x0a", b"\0\0\0\x0cjP  ")
    extra = "formats"
    tells = "voxel size, time step, channels, aperture, immersion, pinhole, modality"

    def images(self, path: Path) -> list[Found]:
        """One for each position."""
        nd2 = self.needed("nd2")
        with nd2.ND2File(path) as file:
            return list(images_of(file, lambda: nd2.ND2File(path), path))


def images_of(file: Any, reopen: Callable[[], Any], path: Path) -> Iterator[Found]:
    """The images in an open file.

    Parameters
    ----------
    file
        An `nd2.ND2File`.
    reopen
        Opens it again, when samples are wanted.
    path
        Of the file, for messages.
    """
    if file.is_rgb:
        raise ValueError(f"{path} is a colour photograph, not a set of channels: save each channel as grey values.")
    sizes = {axis: int(size) for axis, size in file.sizes.items() if axis != "S"}
    outer = [axis for axis in sizes if axis not in FRAME]
    inner = [axis for axis in sizes if axis in FRAME]
    frame, lengths = tuple(sizes[axis] for axis in inner), tuple(sizes[axis] for axis in outer)

    @contextmanager
    def session() -> Iterator[Callable[[int], Any]]:
        with reopen() as opened:
            yield lambda number: np.asarray(opened.read_frame(number)).reshape(frame)

    whole = by_planes(lengths, frame, file.dtype, session)
    letters = "".join((*outer, *inner))
    voxel = file.voxel_size()
    spacing = {axis: float(getattr(voxel, axis)) for axis in "zyx" if getattr(voxel, axis)}
    spacing |= _time_step(file)
    channels = tuple(_channel(each) for each in getattr(file.metadata, "channels", None) or ())
    known = Found(whole, letters.lower(), spacing, channels, _optics(file.metadata))
    if "P" not in outer:
        yield known
        return
    at = outer.index("P")
    for position in range(sizes["P"]):
        samples = whole[(slice(None),) * at + (position,)]
        yield known.replace(samples=samples, axes=letters.replace("P", "").lower(), name=f"position {position}")


def _channel(said: Any) -> Channel:
    about, microscope = said.channel, getattr(said, "microscope", None)
    flags = {flag.lower() for flag in getattr(microscope, "modalityFlags", None) or ()}
    named = [modality(flag) for flag in MODALITIES if flag.lower() in flags]
    na, magnification = (
        getattr(microscope, f"objective{word}", None) for word in ("NumericalAperture", "Magnification")
    )
    emission = _micrometres(about.emissionLambdaNm)
    pinhole = getattr(microscope, "pinholeDiameterUm", None)
    airy = 1.22 * emission * magnification / na if emission and magnification and na else 0.0
    colour = getattr(about, "color", None)
    return Channel(
        about.name or "",
        emission,
        _micrometres(about.excitationLambdaNm),
        f"#{colour.r:02x}{colour.g:02x}{colour.b:02x}" if colour is not None else None,
        float(f"{pinhole / airy:.6g}") if pinhole and pinhole > 0 and airy else None,
        next((each for each in named if each), None),
    )


def _optics(metadata: Any) -> dict[str, float]:
    channels = getattr(metadata, "channels", None) or ()
    microscope = getattr(channels[0], "microscope", None) if channels else None
    if microscope is None:
        return {}
    return objective_optics(microscope.objectiveNumericalAperture, microscope.immersionRefractiveIndex, None)


def _time_step(file: Any) -> dict[str, float]:
    """Seconds between time points, where the loop of the experiment tells them."""
    for loop in file.experiment or ():
        told = getattr(loop, "parameters", None)
        told = next(iter(getattr(told, "periods", ())), told)
        period = getattr(told, "periodMs", None)
        if period and period > 0:
            return {"t": period / 1e3}
    return {}


def _micrometres(nanometres: float | None) -> float | None:
    return float(f"{nanometres / 1e3:.6g}") if nanometres and nanometres > 0 else None
