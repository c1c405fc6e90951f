"""From a blurred image to an estimate of the specimen: pure numpy."""

from .methods import additive, direct, gradient_consensus, krylov, maximum_likelihood_good_roughness, proximal, van_cittert  # noqa: F401  they list what they hold
from .penalties import good_roughness, hessian_schatten, intensity, root_total_variation, total_variation, wavelet_l1  # noqa: F401
