"""From a blurred image to an estimate of the specimen: pure numpy."""

from . import additive, direct, hessian, intensity, krylov, proximal, roughness, sparsity, vancittert  # noqa: F401  they list what they hold
