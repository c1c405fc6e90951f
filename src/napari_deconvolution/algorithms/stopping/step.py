"""One iteration, as the driver reports it."""

from dataclasses import dataclass

from ...arrays import Array


@dataclass(frozen=True)
class Step:
    """One iteration, as the driver reports it.

    What is measured is measured on the way through H, of the estimate before this one.
    """

    number: int
    """Iterations done, or spared by an early end; 0 is the start."""
    total: int
    """Iterations at most."""
    seconds: float
    """Since the run began."""
    misfit: float | None
    """Mean of (y − m)² / m over the data, m = Hx + b; about 1/gain for pure photon noise."""
    estimate: Array
    """Borrowed: it changes with the next step. Copy it to keep it."""
    inside: tuple[slice, ...]
    """Where the data lie in the estimate."""
    iteration: int = 0
    """Iterations of this estimate; `number`, unless other runs went before."""
    phase: str = ""
    """What is being done, in words; empty for the run that gives the result."""
    divergence: float | None = None
    """I-divergence of y from m, per voxel: of counts only."""
    squares: float | None = None
    """Mean of (y − m)² over the data."""
    chi_square: float | None = None
    """Reduced χ²: `misfit` in units of the noise; 1 for the right specimen. Known where gain is."""
    change: float | None = None
    """‖x_k − x_(k−1)‖ / ‖x_k‖ of the last iteration, from the point of acceleration on."""
    gradient: float | None = None
    """Norm of the last Hᵀ(...), over that of the first: of least squares, the gradient."""
    criterion: float | None = None
    """What held-out photons say of the estimate, while the stop is searched for; lower is better."""
    ahead: int | None = None
    """Iterations of the run that follows, as expected, while the stop is searched for."""
