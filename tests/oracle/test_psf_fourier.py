"""Models with a scalar pupil against its Fourier transform in two dimensions, by chirp-z: no Bessel function, no radial
table.
"""

import numpy as np
import pytest
from scipy.signal import czt

from napari_deconvolution.optics.microscope import Grid, Microscope
from napari_deconvolution.optics.psf import BornWolf, GibsonLanni, Zernike

CELLS = 192
"""Cells along the diameter of the pupil. The transform repeats after CELLS λ / 2 NA, 30 µm and more here."""


def filling(wave, edge):
    """The mean of the pupil over each of its square cells: 4 × 4 Gauss–Legendre points inside, 24 × 24 on the rim."""

    def mean(row, column, points):
        nodes, weights = np.polynomial.legendre.leggauss(points)
        y, x = (-edge + (at[:, None] + (nodes + 1) / 2) * 2 * edge / CELLS for at in (row, column))
        sy, sx = y[:, :, None], x[:, None, :]
        inside = np.hypot(sy, sx) < edge
        return np.einsum("pyx,y,x->p", np.where(inside, wave(sy, sx), 0), weights / 2, weights / 2)

    corner = np.abs(np.arange(CELLS + 1) - CELLS / 2)
    near = np.hypot(np.minimum(corner[:-1], corner[1:])[:, None], np.minimum(corner[:-1], corner[1:]))
    far = np.hypot(np.maximum(corner[:-1], corner[1:])[:, None], np.maximum(corner[:-1], corner[1:]))
    cells = np.zeros((CELLS, CELLS), complex)
    for where, points in ((far <= CELLS / 2, 4), ((near < CELLS / 2) & (far > CELLS / 2), 24)):
        cells[where] = mean(*np.nonzero(where), points)
    return cells


def transformed(wave, microscope, grid):
    """|A|² on a plane. The mean over a cell multiplies the amplitude by a sinc, which is divided out; 1 is the focus in
    phase.
    """
    edge, k = microscope.na, 2 * np.pi / microscope.wavelength
    field, step = filling(wave, edge), 2 * edge / CELLS
    for axis, at in enumerate(grid.coordinates()):
        spacing = at[1] - at[0]
        first = (0.5 - CELLS / 2) * step
        field = czt(field, len(at), np.exp(1j * k * step * spacing), np.exp(-1j * k * step * at[0]), axis=axis)
        field = field * np.expand_dims(np.exp(1j * k * first * at) / np.sinc(k * step * at / (2 * np.pi)), 1 - axis)
    return np.abs(field * step**2 / (np.pi * edge**2)) ** 2


def layers(microscope, z, paraxial=False):
    def path(sy, sx):
        square = sy**2 + sx**2
        if paraxial:
            return square / 2 * (z / microscope.n_immersion - microscope.depth / microscope.n_sample)
        return microscope.depth * np.sqrt(microscope.n_sample**2 - square) - z * np.sqrt(
            microscope.n_immersion**2 - square
        )

    return path


@pytest.mark.parametrize("shape", [(21, 20), (16, 25)])
@pytest.mark.parametrize("from_focus", [0.0, 0.4, -1.5])
@pytest.mark.parametrize(
    ("model", "microscope"),
    [
        (BornWolf(), Microscope(na=0.5, wavelength=0.5, n_immersion=1.0, n_sample=1.33, depth=3)),
        (GibsonLanni(), Microscope(na=0.9, wavelength=0.5, n_immersion=1.0, n_sample=1.33, depth=5)),
        (GibsonLanni(), Microscope(na=1.2, wavelength=0.52, n_immersion=1.333, n_sample=1.38, depth=8)),
        (GibsonLanni(), Microscope(na=1.4, wavelength=0.6)),
        (
            Zernike(vertical_coma=0.2, oblique_astigmatism=-0.1),
            Microscope(na=1.2, wavelength=0.52, n_immersion=1.333, n_sample=1.36),
        ),
    ],
    ids=["born-wolf", "air", "water", "oil", "zernike"],
)
def test_it_is_the_transform_of_the_pupil(model, microscope, from_focus, shape):
    z = GibsonLanni().best_focus(microscope) + from_focus
    grid = Grid(shape=shape, spacing=(0.09, 0.11))
    path = layers(microscope, z, isinstance(model, BornWolf))

    def wave(sy, sx):
        x, y = sx / microscope.na, sy / microscope.na
        coma, astigmatism = np.sqrt(8) * (3 * (x**2 + y**2) - 2) * y, np.sqrt(6) * 2 * x * y
        aberration = 0.2 * coma - 0.1 * astigmatism if isinstance(model, Zernike) else 0.0
        return np.exp(2j * np.pi * (path(sy, sx) / microscope.wavelength + aberration))

    found = model.replace(sampling="centre", focus="stage", defocus=z, accuracy=1e-6).intensity(microscope, grid)
    np.testing.assert_allclose(found, transformed(wave, microscope, grid), rtol=0, atol=2e-5)
