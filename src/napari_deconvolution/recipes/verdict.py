"""How well a result explains its image, in words."""

from .record import VolumeRecord

SURE = 1.25
"""Ratio by which the variance of what is left may differ from that of the noise: gains are not known better."""


def verdict(run: VolumeRecord) -> str:
    """What the residual says of a run: a sentence; empty where its variance was not measured.

    The reduced χ², the variance of the residual in units of that of the noise, is 1 where model, PSF and gain are right
    and the estimate has neither missed structure nor followed the noise.

    Parameters
    ----------
    run
        The record of a volume.

    Examples
    --------
    >>> verdict(VolumeRecord(reduced_chi_square=1.04))
    'What is left of the image looks like noise: the result explains it (reduced χ² 1.04).'
    >>> print(verdict(VolumeRecord(reduced_chi_square=2.3)))
    More is left than noise (reduced χ² 2.3): look at PSF, background and gain, or let it run longer.
    >>> print(verdict(VolumeRecord(reduced_chi_square=0.5)))
    Less is left than noise (reduced χ² 0.5): noise may be taken for structure, or the gain is wrong.
    """
    measured = _measured(run)
    if measured is None:
        return ""
    value = f"reduced χ² {measured:.3g}"
    if measured > SURE:
        return f"More is left than noise ({value}): look at PSF, background and gain, or let it run longer."
    if measured < 1 / SURE:
        return f"Less is left than noise ({value}): noise may be taken for structure, or the gain is wrong."
    return f"What is left of the image looks like noise: the result explains it ({value})."


def is_doubtful(run: VolumeRecord) -> bool:
    """The sentence is a warning.

    >>> is_doubtful(VolumeRecord(reduced_chi_square=2.3)), is_doubtful(VolumeRecord())
    (True, False)
    """
    measured = _measured(run)
    return measured is not None and not 1 / SURE <= measured <= SURE


def _measured(run: VolumeRecord) -> float | None:
    value: float | None = (run.residual or {}).get("chi_square", run.reduced_chi_square)
    return value
