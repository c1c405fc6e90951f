"""What every penalty is, and the registry that lists them."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ...arrays import ALONE, Array, Workers
from ...parameters import Parameters
from ...registry import Registry


class Penalty(Parameters):
    """What every penalty is. `spacing` is the size of a voxel relative to the lateral pixel."""

    in_electrons: ClassVar[bool] = False
    """Its weight suits electrons: for counts, see `of_counts`."""

    def value(self, x: Array, spacing: tuple[float, ...]) -> float:
        """The penalty of an estimate."""
        raise NotImplementedError

    def gradient(self, x: Array, spacing: tuple[float, ...], out: Array | None = None) -> Array:
        """Its derivative by every voxel, stored in `out` if given."""
        raise NotImplementedError

    def prox(self, x: Array, step: float, spacing: tuple[float, ...], positive: bool = False, kept: Any = None) -> Any:
        """Move x, in place, to the minimum of ‖u − x‖² / 2 + step · penalty(u), over u ≥ 0 if `positive`.

        Where that takes iterations of its own, it does some of them; what it returns, given as `kept`, lets the next
        call go on.
        """
        raise NotImplementedError

    def volumes(self, shape: tuple[int, ...], prox: bool) -> float:
        """Arrays of this shape that the proximal step, or the gradient, takes at its peak beside the estimate, with
        what it keeps.
        """
        raise NotImplementedError

    def of_counts(self, gain: float) -> "Penalty":
        """The same penalty for numbers of which each stands for `gain` electrons: itself, where its weight has no
        unit.
        """
        return self

    def parts(
        self, x: Array, spacing: tuple[float, ...], out: tuple[Array, Array] | None = None, workers: Workers = ALONE
    ) -> tuple[Array, Array] | None:
        """What lowers and what raises every voxel, neither ever negative, whose difference is the gradient; None where
        it is not split.
        """
        return None

    def late_limit(self, shape: tuple[int, ...], spacing: tuple[float, ...]) -> float:
        """The weight from which on the one-step-late update of Richardson–Lucy could turn negative."""
        return math.inf


PENALTIES: Registry[Penalty] = Registry(Penalty, "penalty")


@PENALTIES.register("none")
@dataclass(frozen=True)
class NoPenalty(Penalty):
    """No penalty: the likelihood alone.

    Source: none needed; the maximum-likelihood estimate, Richardson 1972, doi:10.1364/JOSA.62.000055.

    >>> import numpy as np
    >>> NoPenalty().value(np.ones((4, 4), np.float32), (1.0, 1.0))
    0.0
    """

    def value(self, x: Array, spacing: tuple[float, ...]) -> float:
        return 0.0

    def gradient(self, x: Array, spacing: tuple[float, ...], out: Array | None = None) -> Array:
        return np.broadcast_to(np.float32(0), x.shape) if out is None else out

    def prox(self, x: Array, step: float, spacing: tuple[float, ...], positive: bool = False, kept: Any = None) -> Any:
        if positive:
            np.maximum(x, 0, out=x)
        return kept

    def volumes(self, shape: tuple[int, ...], prox: bool) -> float:
        return 0
