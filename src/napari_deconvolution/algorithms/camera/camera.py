"""The camera: from the numbers in a file to what the likelihood is about."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...arrays import Array
from ...parameters import Parameters, param
from ..forward.formation import ImageFormation
from ..forward.masked import Mask
from .background import background_of
from .noise import NotRaw, darkest, noise_of


@dataclass(frozen=True)
class Camera(Parameters):
    """How photons became numbers.

        y = gain⁻¹ · Poisson( gain · (Hx + background) ) + offset + noise,    noise ~ Normal(0, read_noise / gain)

    With y' = y − offset and v = read_noise² / gain, the sum y' + v is nearly Poisson with mean Hx + background + v, in
    units of counts (Snyder et al. 1995, doi:10.1364/JOSAA.12.000272). The offset is taken away without clipping, the
    background stays in the model, and the estimate is in the image's own units: counts above offset and background.
    What is "auto" (None) is told from the image by `measured`.

    >>> import numpy as np
    >>> camera = Camera(offset=100, gain=0.5, read_noise=1, background=3)
    >>> data, background = camera.expected(np.full((2, 2), 110.0), counts=True)
    >>> float(data[0, 0]), background
    (12.0, 5.0)
    >>> Camera(background="auto").background is None
    True
    """

    offset: float = param(
        0.0,
        "Constant that the camera adds to every voxel, without shot noise; 0 with an automatic background: estimated "
        "from the noise",
        label="Camera offset",
        unit="counts",
    )
    background: float | None = param(
        None,
        "Light that does not come from the specimen, above the offset; auto: estimated from the darkest region, haze "
        "left out",
        label="Background",
        low=0,
        unit="counts",
    )
    gain: float | None = param(
        None,
        "Photoelectrons per count; auto: estimated from the image noise, where needed and possible",
        label="Camera gain",
        low=1e-6,
        unit="electrons/count",
    )
    read_noise: float | None = param(
        0.0, "Read-out noise, rms; auto: estimated from dark regions", label="Read noise", low=0, unit="electrons"
    )
    snr: float | None = param(
        None,
        "Instead of the gain: the square root of the photoelectrons in the brightest voxel",
        label="Signal-to-noise ratio",
        importance="advanced",
        low=0.1,
        high=1e5,
    )
    saturation: float | None = param(
        None,
        "Count at which the camera saturates; auto: a maximum that far more voxels share than are just below it",
        label="Saturation level",
        importance="advanced",
        unit="counts",
    )
    mask: bool = param(
        True,
        "Exclude from the likelihood: saturated, hot and dead voxels, dead or hot lines, lost planes, fill outside "
        "the field",
        label="Exclude defective voxels",
        importance="advanced",
    )
    flicker: bool = param(
        True,
        "Give each plane of a stack a brightness of its own, where the image shows that the lamp flickered",
        label="Correct flicker of planes",
        importance="advanced",
    )
    missing: bool = param(
        False,
        "Treat voxels that are NaN or infinite as missing, and exclude them too",
        label="Accept missing voxels",
        importance="advanced",
    )

    def __post_init__(self) -> None:
        for name in ("background", "gain", "read_noise", "snr", "saturation"):
            if getattr(self, name) == "auto":
                object.__setattr__(self, name, None)
        super().__post_init__()

    def measured(
        self, image: np.ndarray, formation: ImageFormation, noise: bool, apart: Mask | None = None
    ) -> "Measured":
        """What is not given, told from an image.

        Parameters
        ----------
        image
            What the camera gave.
        formation
            How it was formed: where that passes no power, the image shows noise alone.
        noise
            The gain is needed.
        apart
            Areas to leave out.

        Raises
        ------
        ValueError
            If gain and snr are both given.
        """
        if self.gain is not None and self.snr is not None:
            raise ValueError(f"gain = {self.gain:g} and snr = {self.snr:g} both set the electrons per count: give one.")
        told: dict[str, float] = {}
        unknown, dark, haze, seen, raw, doubt = "", 0.0, 0.0, None, True, ""
        given = self.gain
        if self.snr is not None:
            given = self.snr**2 / max(float(image.max()) - self.offset, 1e-30)
        level = min(map(darkest, formation.views(image))) if self.background is None else 0.0
        open_ = self.background is None and self.offset == 0 and self.read_noise is not None
        if noise or self.read_noise is None or open_:
            try:
                seen = noise_of(image, formation, level if open_ else self.offset, apart)
            except ValueError as error:
                unknown, raw = str(error), not isinstance(error, NotRaw)
            else:
                seen = seen.at(level) if open_ else seen
        if self.background is None:
            told["background"] = 0.0
        # An image without any specimen is no darker anywhere than on average: there is nothing to take off.
        if self.background is None and level < float(image.mean(dtype=np.float64)):
            more, told["background"], haze = background_of(level, formation, self.offset, seen)
            if more:
                told["offset"] = self.offset + more
        gain = given
        if seen is not None:
            if noise or given is not None:
                gain, doubt = careful(
                    given, seen.gain, "snr" if self.gain is None else "gain", "the noise of the image"
                )
            if self.read_noise is None:
                told["read_noise"] = seen.read_noise * (gain or seen.gain) / seen.gain
            dark = max(seen.dark - told.get("offset", self.offset) + self.offset, 0.0)
        if gain is not None and gain != self.gain:
            told["gain"] = gain
        return Measured(self.replace(snr=None, **told), told, unknown, dark, haze, raw, doubt)

    @property
    def known(self) -> "Known":
        """Its numbers, with 0 for what is not known, and 1 electron per count."""
        return Known(self.offset, self.background or 0.0, self.gain or 1.0, self.read_noise or 0.0)

    def expected(self, image: np.ndarray, counts: bool) -> tuple[Array, float]:
        """The data for an algorithm, and the background that belongs to them. What is not known counts as in `known`.

        Parameters
        ----------
        image
            What the camera gave, any real type.
        counts
            The algorithm takes the data for counts of photons: they may not be negative.

        Raises
        ------
        ValueError
            If counts would be negative and neither offset nor read noise says why; if nothing is left above the offset.
        """
        _, background, gain, read_noise = self.known
        shift = read_noise**2 / gain
        data = image.astype(np.float32)
        lowest = float(data.min())
        rounding = 1e-6 * float(data.max())
        if counts and lowest < -rounding and self.offset == 0 and read_noise == 0:
            raise ValueError(
                f"The image has negative values (down to {lowest:g}), which photon counts cannot be: give the "
                "camera's offset and "
                "read_noise, or take a method that needs no counts, for instance tikhonov."
            )
        data += np.float32(shift - self.offset)
        mean = float(data.mean(dtype=np.float64)) - shift
        if counts and mean <= 0:
            raise ValueError(
                f"offset = {self.offset:g}: the image's mean is {mean + self.offset:g}, so that nothing would be left "
                "above it; "
                "give the camera's offset in counts."
            )
        if counts and background >= float(data.max()) - shift:
            raise ValueError(
                f"background = {background:g}: the brightest voxel is {float(data.max()) - shift:g} above the offset, "
                "so that no "
                "specimen would be left; give the level of the darkest region, above the offset."
            )
        if counts:
            np.maximum(data, 0, out=data)
        return data, background + shift


class Known(NamedTuple):
    """The numbers of a camera."""

    offset: float
    background: float
    gain: float
    read_noise: float


class Measured(NamedTuple):
    """A camera with what an image told of it."""

    camera: Camera
    told: dict[str, float]
    """What the image told."""
    unknown: str
    """Why it did not tell its gain."""
    dark: float
    """Counts above the offset without shot noise, as it seems: a larger offset would take them away."""
    haze: float
    """Counts of light of the darkest region that were left in the image, for they are likely the specimen's own."""
    raw: bool = True
    """The image was not processed, as far as its noise says."""
    doubt: str = ""
    """What is wrong with a gain or SNR that was given; empty if nothing is."""


def careful(given: float | None, seen: float, name: str, what: str, factor: float = 1.5) -> tuple[float, str]:
    """The gain to use, of one that was given and one that was seen, and a sentence if they contradict each other.

    A gain too high makes noise look like photons, so the lower of the two counts; but one that is far too low would
    smooth everything away, so not less than a quarter of what was seen.

    Parameters
    ----------
    given, seen
        Electrons per count; given None: nothing.
    name, what
        How the given one was given, and what shows the other.
    factor
        By how much they may differ without a contradiction.

    >>> careful(2.0, 1.8, "gain", "the noise of the image"), careful(None, 1.8, "gain", "the noise of the image")
    ((2.0, ''), (1.8, ''))
    >>> careful(8.0, 1.8, "gain", "the fit")
    (1.8, 'gain: it stands for 8 electrons per count, but the fit shows 1.8; 1.8 is used, the more careful of the two.')
    """
    if given is None or seen / factor <= given <= seen * factor:
        return (seen if given is None else given), ""
    used = min(max(given, seen / 4), seen)
    sentence = (
        f"{name}: it stands for {given:.3g} electrons per count, but {what} shows {seen:.3g}; {used:.3g} is used, "
    )
    return used, sentence + (
        "the more careful of the two." if used in (given, seen) else "as far below that as is careful."
    )
