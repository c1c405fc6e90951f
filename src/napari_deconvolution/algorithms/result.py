"""What comes out of a run."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from ..arrays import Array
from .diagnostics import Photons, Residual
from .driver import History
from .forward.formation import Region
from .metrics.fourier_correlation import Reproducibility
from .stopping.held_out import Trial


@dataclass(frozen=True)
class Result:
    """What came out of a run."""

    image: Array
    """The estimate where the data are: float32, in the image's units above offset and background."""
    reason: str
    """Why it stopped."""
    iterations: int
    """Iterations done."""
    history: History
    """Of every iteration: seconds since the start, and what was measured (see `Step`)."""
    record: dict[str, Any]
    """Everything that decided the result and what came of it, fit for JSON."""
    search: tuple[Trial, ...] = ()
    """The criterion by iterations, for every setting that was tried, where held-out photons told the stop."""
    masked: np.ndarray | None = None
    """The voxels left out of the likelihood: saturated, hot and dead ones. None if there are none."""
    photons: Photons | None = None
    """Where the light is; None for direct filters."""
    residual: Residual | None = None
    """What the model does not explain, if `residual` asks for it."""
    uncertainty: Array | None = None
    """Relative standard deviation of every voxel, if `uncertainty` asks for it."""
    reproducibility: Reproducibility | None = None
    """Fourier correlation of the results of two halves of the photons, if `reproducibility` asks for it."""
    kept: tuple[tuple[int, Array], ...] = ()
    """Iterations and estimates, if `keep` asks for them."""

    def cut(self, region: Region, data: Callable[[Array], Array]) -> Self:
        """The same of a part of the field; sums and spectra stay those of the whole.

        Parameters
        ----------
        region
            Along the axes of the field.
        data
            Cuts the same out of what has the shape of the data.
        """
        return replace(
            self,
            image=self.image[region],
            masked=None if self.masked is None else data(self.masked),
            residual=None if self.residual is None else self.residual._replace(map=data(self.residual.map)),
            uncertainty=None if self.uncertainty is None else self.uncertainty[region],
            kept=tuple((iterations, estimate[region[-estimate.ndim :]]) for iterations, estimate in self.kept),
        )
