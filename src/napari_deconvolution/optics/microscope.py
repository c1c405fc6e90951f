"""The optics of the microscope, and the sampling of the image."""

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..parameters import Parameters, param


def wavelength_in_vacuum(default: float, what: str) -> Any:
    """Declare a wavelength of "Emission", "Excitation" ..."""
    return param(
        default,
        f"{what} wavelength in vacuum",
        label=f"{what} wavelength",
        low=0.2,
        high=2.0,
        unit="µm",
        shown="nm",
        hint="Did you mean nm? Write for instance 525nm on the command line or 0.525 in Python.",
    )


@dataclass(frozen=True)
class Microscope(Parameters):
    """The objective, the light and the layers between the objective and the object.

    Raises
    ------
    ValueError
        If a value is out of its range, or the numerical aperture is not below the index of the immersion and of the
        coverslip.

    Examples
    --------
    >>> Microscope(na=1.2, n_immersion=1.333, n_sample=1.38, depth=5.0).na_sample
    1.2
    >>> Microscope(na=1.4, n_sample=1.33).na_sample
    1.33
    """

    na: float = param(1.4, "Numerical aperture of the objective", label="Numerical aperture", low=0.05, high=1.7)
    wavelength: float = wavelength_in_vacuum(0.525, "Emission")
    n_immersion: float = param(
        1.515,
        "Refractive index of the immersion medium: air 1, water 1.333, glycerol 1.47 (80 % in water 1.45), oil 1.515",
        label="Refractive index of immersion",
        low=1,
        high=2,
    )
    n_sample: float = param(
        1.515,
        "Refractive index of the sample: water 1.333, cells about 1.37, hard mounting media 1.52",
        label="Refractive index of sample",
        low=1,
        high=2,
    )
    n_coverslip: float = param(
        1.52,
        "Refractive index of the coverslip: 1.52 for borosilicate cover glass",
        label="Refractive index of coverslip",
        importance="advanced",
        low=1,
        high=2,
    )
    depth: float = param(
        0.0,
        "Depth of the object below the coverslip",
        label="Depth below coverslip",
        low=0,
        high=1e4,
        unit="µm",
        hint="It is counted from the coverslip into the sample.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for layer in ("n_immersion", "n_coverslip"):
            index = getattr(self, layer)
            if self.na >= index:
                raise ValueError(
                    f"na = {self.na:g} with {layer} = {index:g}: the aperture n·sin α must be below the index of every "
                    f"layer in front of the sample; correct na, or set {layer} to what the objective is used with."
                )

    @property
    def na_sample(self) -> float:
        """The aperture of the rays that travel in the sample: the smaller of `na` and `n_sample`."""
        return min(self.na, self.n_sample)


def nyquist(microscope: Microscope) -> tuple[float, float]:
    """The coarsest sampling (z, xy) in µm that keeps all that a widefield microscope transmits.

        dz = λ / (2 n (1 − cos α)),   dxy = λ / (4 NA),   sin α = NA / n

    with n of the immersion, since z is the travel of the stage.
    Source: Heintzmann & Sheppard 2007, doi:10.1016/j.micron.2006.07.017.

    >>> [round(step, 3) for step in nyquist(Microscope(na=1.4, wavelength=0.525, n_immersion=1.515))]
    [0.28, 0.094]
    """
    return microscope.wavelength / (2 * _axial_aperture(microscope)), microscope.wavelength / (4 * microscope.na)


def resolution(microscope: Microscope) -> tuple[float, float]:
    """The full width at half maximum (z, xy) in µm of the image of a point, without aberration.

        axial = 0.886 λ / (n (1 − cos α)),   lateral = 0.514 λ / NA

    The widths of sinc² along z and of the Airy disk, the focal distribution of a lens: Born & Wolf, Principles of
    Optics, section 8.8, doi:10.1017/CBO9781139644181; along z with the exact defocus n (1 − cos α) in place of its
    paraxial limit NA² / 2n.

    >>> [round(width, 3) for width in resolution(Microscope(na=1.4, wavelength=0.525, n_immersion=1.515))]
    [0.497, 0.193]
    """
    return 0.8859 * microscope.wavelength / _axial_aperture(microscope), 0.5145 * microscope.wavelength / microscope.na


def _axial_aperture(microscope: Microscope) -> float:
    """The factor n (1 − cos α)."""
    return microscope.n_immersion - math.sqrt(microscope.n_immersion**2 - microscope.na**2)


@dataclass(frozen=True)
class Grid(Parameters):
    """The samples of an image or of a PSF: how many, and how far apart, along (z,) y, x.

    Raises
    ------
    ValueError
        If there are not two or three axes, or the number of spacings differs from the number of axes.

    Examples
    --------
    >>> Grid(shape=(5, 4), spacing=(0.1, 0.1)).coordinates()[1].round(3).tolist()
    [-0.2, -0.1, 0.0, 0.1]
    """

    shape: tuple[int, ...] = param((63, 127, 127), "Number of voxels along (z,) y, x", label="Number of voxels", low=1)
    spacing: tuple[float, ...] = param(
        (0.2, 0.065, 0.065),
        "Distance between voxels along (z,) y, x",
        label="Voxel size",
        low=1e-4,
        high=1e3,
        unit="µm",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.shape) not in (2, 3):
            raise ValueError(f"shape = {self.shape}: a grid has two axes (y, x) or three (z, y, x); give one volume.")
        if len(self.spacing) != len(self.shape):
            raise ValueError(
                f"spacing = {self.spacing}: give one number for each of the {len(self.shape)} axes of "
                f"shape = {self.shape}."
            )

    def coordinates(self) -> tuple[NDArray[np.float64], ...]:
        """Positions in µm along each axis, zero at index n // 2."""
        return tuple(
            np.asarray((np.arange(n) - n // 2) * step) for n, step in zip(self.shape, self.spacing, strict=True)
        )

    @classmethod
    def for_image(cls, shape: tuple[int, ...], spacing: tuple[float, ...], microscope: Microscope) -> Self:
        """The grid of a PSF that is large enough for an image of this shape, with odd numbers of samples.

        Along z a stack of n planes needs 2n − 1: light from the first plane reaches the last one. The light of a
        widefield microscope does not fade with defocus, it only spreads over a disk of radius |z| tan α, so a PSF cut
        short in y and x loses light plane by plane. Its half width is therefore the radius of the cone at half the
        stack, and 5 λ / NA for diffraction; half the image is enough in any case.

        Parameters
        ----------
        shape
            Of the image, along (z,) y, x.
        spacing
            Of the image, in µm.
        microscope
            The optics.

        Examples
        --------
        >>> Grid.for_image((20, 512, 512), (0.3, 0.1, 0.1), Microscope(na=1.2, n_immersion=1.333, n_sample=1.333)).shape
        (39, 169, 169)
        """
        image = cls(shape=shape, spacing=spacing)
        steep = microscope.na_sample / math.sqrt(microscope.n_immersion**2 - microscope.na_sample**2)
        thickness = image.shape[0] * image.spacing[0] if len(image.shape) == 3 else 0.0
        radius = steep * thickness / 2 + 5 * microscope.wavelength / microscope.na_sample
        halves = [
            min(n // 2, math.ceil(radius / step)) for n, step in zip(image.shape[-2:], image.spacing[-2:], strict=True)
        ]
        planes = [2 * n - 1 for n in image.shape[:-2]]
        return cls(shape=(*planes, *(2 * half + 1 for half in halves)), spacing=image.spacing)
