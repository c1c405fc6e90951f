"""From a blurred image to an estimate of the specimen: pure numpy."""

# ruff: noqa: F401  each lists what it holds, in the order in which that is offered
from .methods import (
    additive,
    direct,
    gradient_consensus,
    krylov,
    maximum_likelihood_good_roughness,
    proximal,
    van_cittert,
)
from .penalties import good_roughness, hessian_schatten, intensity, root_total_variation, total_variation, wavelet_l1
from .stopping import held_out, refined, rules, usual
