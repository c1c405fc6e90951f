"""Measure the errors of the PSF models against quadrature written apart from them, and write docs/accuracy.md.

python benchmarks/accuracy.py
"""

import itertools
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy.special import jv

from napari_deconvolution import Grid, Microscope
from napari_deconvolution.optics.psf import MODELS, GibsonLanni, Model

CASES = [
    (0.3, 1.0, 1.33, 0.0),
    (0.3, 1.0, 1.33, 50.0),
    (0.75, 1.0, 1.4, 10.0),
    (0.95, 1.0, 1.33, 5.0),
    (1.0, 1.333, 1.36, 50.0),
    (1.2, 1.333, 1.333, 0.0),
    (1.2, 1.333, 1.38, 20.0),
    (1.3, 1.515, 1.33, 0.0),
    (1.3, 1.515, 1.33, 20.0),
    (1.33, 1.515, 1.33, 10.0),
    (1.4, 1.515, 1.515, 0.0),
    (1.4, 1.515, 1.515, 50.0),
    (1.49, 1.515, 1.33, 0.1),
    (1.49, 1.515, 1.33, 2.0),
    (1.49, 1.515, 1.515, 20.0),
]
"""NA, index of immersion and sample, depth in µm."""
SHAPES = [(41, 41), (40, 42)]
FOCI = {"in focus": 0.0, "2 steps": 2.0, "20 steps": 20.0}
"""Defocus in units of the axial Nyquist step."""


def rays(inner: float, outer: float, panels: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """Apertures and weights: panels of 16 Gauss–Legendre nodes, on a variable that smooths a critical ray at either
    end.
    """
    nodes, weights = np.polynomial.legendre.leggauss(16)
    u = ((np.arange(panels)[:, None] + (nodes + 1) / 2) / panels).ravel()
    weight = np.tile(weights / (2 * panels), panels)
    return inner + (outer - inner) * u**2 * (3 - 2 * u), weight * (outer - inner) * 6 * u * (1 - u)


def layer(n: float, s: np.ndarray) -> np.ndarray:
    """The optical path n cos θ through 1 µm."""
    return n * np.sqrt(1 - (s / n + 0j) ** 2)


def gibson_lanni(microscope: Microscope, s: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The path of Gibson & Lanni with coverslip and immersion as designed, one row a ray; the real part starts at 0."""
    used = microscope.depth * layer(microscope.n_sample, s)[:, None] - z * layer(microscope.n_immersion, s)[:, None]
    return used - (microscope.depth * microscope.n_sample - z * microscope.n_immersion)


def scalar(
    microscope: Microscope, r: np.ndarray, z: np.ndarray, path: Callable, weight: Callable, edge: float
) -> np.ndarray:
    """|(2 / NA²) ∫ weight e^{ik path} J₀ s ds|²."""
    s, share = rays(0, edge)
    k = 2 * np.pi / microscope.wavelength
    waves = (2 * s * share * weight(s) / microscope.na**2)[:, None] * np.exp(1j * k * path(microscope, s, z))
    return np.abs(jv(0, k * np.multiply.outer(r, s)) @ waves) ** 2


def born_wolf(microscope: Microscope, r: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Paraxial defocus."""

    def path(m: Microscope, s: np.ndarray, z: np.ndarray) -> np.ndarray:
        return (s**2 / 2)[:, None] * (z / m.n_immersion - m.depth / m.n_sample)

    return scalar(microscope, r, z, path, np.ones_like, min(microscope.na, microscope.n_sample))


def even(microscope: Microscope, r: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Gibson & Lanni."""
    return scalar(microscope, r, z, gibson_lanni, np.ones_like, min(microscope.na, microscope.n_sample))


def aplanatic(microscope: Microscope, r: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Gibson & Lanni with √cos θ sin θ dθ; dθ = ds / n cos θ."""
    s, share = rays(0, microscope.na)
    filled = np.sum(share * s / np.sqrt(np.sqrt(1 - (s / microscope.n_immersion) ** 2)))

    def weight(s: np.ndarray) -> np.ndarray:
        cosine = np.sqrt(1 - (s / microscope.n_immersion) ** 2)
        return np.sqrt(cosine) / cosine * microscope.na**2 / 2 / filled

    return scalar(microscope, r, z, gibson_lanni, weight, min(microscope.na, microscope.n_sample))


def dougherty(microscope: Microscope, r: np.ndarray, z: np.ndarray) -> np.ndarray:
    """∫ u J₀ e^{i k z cos θ} du over u = tan θ."""
    n, na = microscope.n_immersion, microscope.na
    top, edge = (aperture / np.sqrt(n**2 - aperture**2) for aperture in (na, min(na, microscope.n_sample)))
    u, share = rays(0, edge)
    k = 2 * np.pi * n / microscope.wavelength
    cosine = 1 / np.sqrt(1 + u**2)
    from_focus = z - microscope.depth * n / microscope.n_sample
    waves = (2 * u * share / top**2)[:, None] * np.exp(-1j * k * cosine[:, None] * from_focus)
    return np.abs(jv(0, k * np.multiply.outer(r, u * cosine)) @ waves) ** 2


def vectorial(microscope: Microscope, r: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Random dipoles, followed from the sample outwards: their plane waves, Fresnel's transmissions, the lens."""
    n1, n2, n3 = microscope.n_sample, microscope.n_coverslip, microscope.n_immersion
    parts = [rays(0, min(microscope.na, n1))] + ([rays(n1, microscope.na)] if microscope.na > n1 else [])
    s, share = np.concatenate(parts, axis=1)
    c1, c2, c3 = (np.sqrt(1 - (s / n + 0j) ** 2) for n in (n1, n2, n3))
    across = 2 * n1 * c1 / (n1 * c1 + n2 * c2) * 2 * n2 * c2 / (n2 * c2 + n3 * c3)
    along = 2 * n1 * c1 / (n2 * c1 + n1 * c2) * 2 * n2 * c2 / (n3 * c2 + n2 * c3)
    lens = n3 * c3 / (n1 * c1) / np.sqrt(c3)
    k = 2 * np.pi / microscope.wavelength
    waves = np.exp(1j * k * gibson_lanni(microscope, s, z))

    def integral(filling: np.ndarray, order: int) -> np.ndarray:
        return jv(order, k * np.multiply.outer(r, s)) @ ((s * share * lens * filling)[:, None] * waves)

    in_phase = np.sum(s * share * np.abs(lens * (across + along * c1)))
    fields = integral(across + along * c1, 0), integral(along * s / n1, 1), integral(across - along * c1, 2)
    return sum(weight * np.abs(field / in_phase) ** 2 for weight, field in zip((1, 2, 1), fields, strict=True))


REFERENCES: dict[str, tuple[Model, Callable]] = {
    "born-wolf": (MODELS["born-wolf"], born_wolf),
    "gibson-lanni": (MODELS["gibson-lanni"], even),
    "gibson-lanni, aplanatic": (GibsonLanni(apodisation="aplanatic"), aplanatic),
    "dougherty": (MODELS["dougherty"], dougherty),
    "richards-wolf": (MODELS["richards-wolf"], vectorial),
}


def error(model: Model, reference: Callable, microscope: Microscope, shape: tuple[int, int], defocus: float) -> float:
    """The greatest error relative to the peak of a plane, over pixels near the axis, on rings and in the corners, 10 ×
    10 nodes each.
    """
    axial, lateral = model.nyquist(microscope)
    grid = Grid(shape=(1, *shape), spacing=(axial, 1.3 * lateral, 0.8 * lateral))
    found = model.replace(defocus=defocus * axial).intensity(microscope, grid)[0]
    peak = model.intensity(microscope, Grid(shape=(1, 1), spacing=grid.spacing[1:])).item()
    z = np.array([model.best_focus(microscope) + defocus * axial])
    ny, nx = shape
    pixels = np.array([(ny // 2, nx // 2), (ny // 2, nx // 2 + 1), (ny // 2 + 2, nx // 2 + 3), (8, 30), (0, 0)])
    nodes, weights = np.polynomial.legendre.leggauss(10)
    y = (pixels[:, 0, None] - ny // 2 + nodes / 2) * grid.spacing[1]
    x = (pixels[:, 1, None] - nx // 2 + nodes / 2) * grid.spacing[2]
    points = reference(microscope, np.hypot(y[:, :, None], x[:, None, :]).ravel(), z).reshape(len(pixels), 10, 10)
    expected = np.einsum("pyx,y,x->p", points, weights / 2, weights / 2)
    return float(np.abs(found[pixels[:, 0], pixels[:, 1]] - expected).max() / peak)


def errors(every: int = 1) -> Iterator[tuple[str, tuple[float, ...], str, tuple[int, int], float]]:
    """Model, case, focus, shape and error of every so many rows of the table."""
    rows = itertools.product(REFERENCES, CASES, FOCI, SHAPES)
    for name, case, focus, shape in itertools.islice(rows, 0, None, every):
        na, immersion, sample, depth = case
        microscope = Microscope(na=na, n_immersion=immersion, n_sample=sample, depth=depth, wavelength=0.52)
        model, reference = REFERENCES[name]
        yield name, case, focus, shape, error(model, reference, microscope, shape, FOCI[focus])


def table() -> str:
    """The greatest error of each model at each defocus, and the worst case."""
    worst: dict[tuple[str, str], tuple[float, tuple[float, ...]]] = {}
    for name, case, focus, _, wrong in errors():
        worst[name, focus] = max(worst.get((name, focus), (0.0, case)), (wrong, case))
    lines = ["| model | " + " | ".join(FOCI) + " | worst case |", "|---" * (len(FOCI) + 2) + "|"]
    for name in REFERENCES:
        found = [worst[name, focus] for focus in FOCI]
        na, immersion, sample, depth = max(found)[1]
        case = f"NA {na:g}, {immersion:g} into {sample:g}, {depth:g} µm deep"
        lines.append(f"| {name} | " + " | ".join(f"{wrong:.1e}" for wrong, _ in found) + f" | {case} |")
    return "\n".join(lines)


TEXT = """# Accuracy of the PSF models

Written by `benchmarks/accuracy.py`. Greatest error of a pixel's intensity, relative to the peak at the best
focus, at the default accuracy (1e-4), against quadrature that is written apart from the models: 1280 nodes along the
pupil, 100 points in each pixel. {cases} microscopes from NA 0.3 to 1.49 with air, water and oil, depths of 0 to 50 µm,
pixels of 1.3 and 0.8 Nyquist steps, odd and even
sizes; defocus in steps of the axial Nyquist limit.

{table}
"""

if __name__ == "__main__":
    warnings.simplefilter("ignore", UserWarning)
    page = Path(__file__).parents[1] / "docs" / "accuracy.md"
    page.parent.mkdir(exist_ok=True)
    kept = page.read_text(encoding="utf-8").partition("\n## ") if page.exists() else ("", "", "")
    page.write_text(TEXT.format(cases=len(CASES), table=table()) + "".join(kept[1:]), encoding="utf-8")
    print(page.read_text(encoding="utf-8"))
