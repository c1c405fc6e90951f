"""Any algorithm on a forward model of one's own."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..runs import finished
from .deconvolve import Deconvolution
from .forward.base import Forward
from .forward.formation import ImageFormation, Region, Shape
from .methods.base import Algorithm
from .result import Result
from .stopping.step import Step

DECIDED = {"boundary", "background", "threads", "measured", "psf_background", "psf_origin"}
"""Settings that the forward model stands for."""


@dataclass(frozen=True, eq=False)
class GivenModel(ImageFormation):
    """A forward model as it is: for data of one shape, and never for a part of them."""

    H: Forward

    @property
    def diagonal(self) -> bool:
        return self.H.diagonal

    @property
    def name(self) -> str:
        return type(self.H).__name__

    def check(self, shape: Shape) -> None:
        if shape != self.H.given_shape:
            raise ValueError(f"data: their shape {shape} is not that of the data of {self.name}, {self.H.given_shape}.")

    def field(self, shape: Shape) -> Shape:
        return tuple(len(range(n)[at]) for n, at in zip(self.H.shape, self.H.inside, strict=True))

    def model(
        self,
        shape: Shape,
        boundary: str,
        *,
        diagonal: bool = False,
        background: float = 0.0,
        gain: float = 1.0,
        spacing: Sequence[float] | None = None,
        threads: int = 0,
    ) -> Forward:
        if (self.H.background, self.H.gain) == (background, gain):
            return self.H
        H = copy(self.H)
        H.background, H.gain = background, gain
        return H

    def power(self, shape: Shape) -> NDArray[np.float32] | None:
        return self.H.power(shape)

    @property
    def tells_power(self) -> bool:
        return type(self.H).power is not Forward.power

    def brightest(self, data: NDArray[Any], voxels: int) -> Region:
        return tuple(slice(0, n) for n in self.field(data.shape))


def invert(
    data: ArrayLike,
    H: Forward,
    algorithm: str | Algorithm = "richardson-lucy",
    *,
    start: str | ArrayLike = "flat",
    watch: Callable[[Step], object] | None = None,
    **settings: Any,
) -> Result:
    """Estimate what a forward model made data of: find x, where the data are Hx + background with noise.

    Parameters
    ----------
    data
        Of the shape `H.data_shape`, any real type, in counts. Never modified.
    H
        A `Forward`: its `shape`, `forward` and `adjoint` (float32), and what else it says of itself: `data_shape` and
        `inside` where data and estimate differ in shape, `background` in counts, `spacing` for penalties, `through`
        where it can do both ways faster at once, and `power`, which the automatic stop needs.
    algorithm
        A name from `ALGORITHMS`, or such an object. Direct filters need an H that is diagonal, as `Spectral` is.
    start
        The estimate to begin with: "flat", "image" (the data, where they have the shape of the estimate), or an array
        of the shape of the estimate where the data lie in it.
    watch
        Called with every `Step`.
    **settings
        Any field of `Deconvolution` (stop, iterations, seconds), of its camera (gain, offset, read_noise), of the
        algorithm, and of its report (residual, uncertainty), by name; but for what H decides: boundary, background,
        threads and the handling of a PSF.

    Returns
    -------
    Result
        Its `image` is the estimate where the data lie in it, float32, in counts above offset and background.

    Raises
    ------
    ValueError
        If data or a setting cannot be used, or the algorithm needs another kind of H; the message says why.

    Notes
    -----
    Only what algorithms ask for is asked of H: Hx and Hᵀy. For noise that is Poisson, with `richardson-lucy`, that is

        x ← x · Hᵀ( y / (Hx + b) ) / Hᵀ1

    H and Hᵀ must be each other's transpose, ⟨Hx, y⟩ = ⟨x, Hᵀy⟩, or no algorithm converges to what it should.

    References
    ----------
    Richardson 1972, doi:10.1364/JOSA.62.000055; on forward models as all that an algorithm needs to know,
    Soubies et al. 2019, doi:10.1088/1361-6420/ab2ae9.

    Examples
    --------
    A camera that moved by five pixels while the shutter was open:

    >>> import numpy as np
    >>> from napari_deconvolution import Forward, invert
    >>> class Moved(Forward):
    ...     shape = (16, 32)
    ...
    ...     def forward(self, x, out=None):
    ...         return np.mean([np.roll(x, by, axis=1) for by in range(5)], axis=0, out=out)
    ...
    ...     def adjoint(self, y, out=None):
    ...         return np.mean([np.roll(y, -by, axis=1) for by in range(5)], axis=0, out=out)
    >>> specimen = np.zeros((16, 32), np.float32)
    >>> specimen[8, 10] = specimen[4, 20] = 100
    >>> result = invert(Moved().forward(specimen), Moved(), iterations=50)
    >>> bool(result.image[8, 10] > 80), result.reason
    (True, '50 iterations done')
    """
    if decided := DECIDED & settings.keys():
        raise ValueError(f"{sorted(decided)[0]}: the forward model decides that, so it cannot be chosen here.")
    named = isinstance(start, str)
    given: dict[str, Any] = {"start": start} if named else {}
    job = Deconvolution().assign(
        algorithm=algorithm, background=H.background, **{"gain": None, "mask": False, **given, **settings}
    )
    result = finished(job.steps(data, GivenModel(H), start=None if named else start), watch)
    record = dict(result.record)
    asked = {name: value for name, value in record.pop("deconvolution").items() if name not in DECIDED}
    return replace(result, record={"forward model": type(H).__name__, "inversion": asked, **record})
