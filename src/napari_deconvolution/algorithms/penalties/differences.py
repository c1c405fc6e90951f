"""Finite differences and their adjoints, over the spacing of the voxels."""

from collections.abc import Sequence

import numpy as np

from ...arrays import Array


def differences(x: Array, spacing: Sequence[float], out: Array) -> Array:
    """∇x: forward differences along every axis over the spacing, zero at the end."""
    for axis, step in enumerate(spacing):
        a, o = x.swapaxes(0, axis), out[axis].swapaxes(0, axis)
        np.subtract(a[1:], a[:-1], out=o[:-1])
        o[:-1] *= np.float32(1 / step)
        o[-1] = 0
    return out


def add_differences_adjoint(flux: Array, spacing: Sequence[float], out: Array) -> Array:
    """Add ∇ᵀ flux, the negative divergence, to out."""
    for axis, step in enumerate(spacing):
        q, o = flux[axis].swapaxes(0, axis)[:-1], out.swapaxes(0, axis)
        if step != 1:
            q = q * np.float32(1 / step)
        o[1:] += q
        o[:-1] -= q
    return out


def add_laplacian(x: Array, spacing: tuple[float, ...], out: Array) -> Array:
    """Add Δx, without flow over the edges, to out."""
    if x.ndim == 3:  # plane by plane, which stay in the cache
        scale = np.float32(1 / spacing[0] ** 2)
        for k, plane in enumerate(x):
            add_laplacian(plane, spacing[1:], out[k])
            if k:
                flow = plane - x[k - 1]
                flow *= scale
                out[k] -= flow
                out[k - 1] += flow
        return out
    for axis, step in enumerate(spacing):
        a, o = x.swapaxes(0, axis), out.swapaxes(0, axis)
        flow = a[1:] - a[:-1]
        if step != 1:
            flow *= np.float32(1 / step**2)
        o[:-1] += flow
        o[1:] -= flow
    return out
