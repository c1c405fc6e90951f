"""The camera: from the numbers in a file to what the likelihood is about."""

from dataclasses import dataclass

import numpy as np

from ..arrays import Array
from ..parameters import Parameters, param


@dataclass(frozen=True)
class Camera(Parameters):
    """How photons became numbers.

        y = gain⁻¹ · Poisson( gain · (Hx + background) ) + offset + noise,    noise ~ Normal(0, read_noise / gain)

    With y' = y − offset and v = read_noise² / gain, the sum y' + v is nearly Poisson with mean Hx + background + v, in units of
    counts (Snyder et al. 1995, doi:10.1364/JOSAA.12.000272). The offset is taken away without clipping, the background stays in
    the model, and the estimate is in the image's own units: counts above offset and background.

    >>> import numpy as np
    >>> data, background = Camera(offset=100, gain=0.5, read_noise=1, background=3).expected(np.full((2, 2), 110.0), counts=True)
    >>> float(data[0, 0]), background
    (12.0, 5.0)
    """

    offset: float = param(0.0, "What the camera adds to every voxel, without shot noise", unit="counts")
    background: float = param(0.0, "Light that does not come from the specimen, above the offset", low=0, unit="counts")
    gain: float = param(1.0, "Photoelectrons per count; matters where there is read noise", low=1e-6, unit="electrons/count")
    read_noise: float = param(0.0, "Noise of the read-out, rms", low=0, unit="electrons")

    def expected(self, image: np.ndarray, counts: bool) -> tuple[Array, float]:
        """The data for an algorithm, and the background that belongs to them.

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
        shift = self.read_noise**2 / self.gain
        data = image.astype(np.float32)
        lowest = float(data.min())
        rounding = 1e-6 * float(data.max())
        if counts and lowest < -rounding and self.offset == 0 and self.read_noise == 0:
            raise ValueError(
                f"The image has negative values (down to {lowest:g}), which counts of photons cannot be: give the camera's offset and "
                "read_noise, or take a method that needs no counts, for instance tikhonov."
            )
        data += np.float32(shift - self.offset)
        mean = float(data.mean(dtype=np.float64)) - shift
        if counts and mean <= 0:
            raise ValueError(
                f"offset = {self.offset:g}: the image's mean is {mean + self.offset:g}, so that nothing would be left above it; "
                "give the camera's offset in counts."
            )
        if counts and self.background >= float(data.max()) - shift:
            raise ValueError(
                f"background = {self.background:g}: the brightest voxel is {float(data.max()) - shift:g} above the offset, so that no "
                "specimen would be left; give the level of the darkest region, above the offset."
            )
        if counts:
            np.maximum(data, 0, out=data)
        return data, self.background + shift
