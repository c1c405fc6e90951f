"""From a blurred image to an estimate of the specimen: pure numpy."""

from .methods import additive, direct, gradient_consensus, krylov, proximal, van_cittert  # noqa: F401  they list what they hold
from .penalties import good_roughness, hessian_schatten, intensity, total_variation, wavelet_l1  # noqa: F401
from .stopping import held_out, rules, usual  # noqa: F401  in the order in which they are offered
