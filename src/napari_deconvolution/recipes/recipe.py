"""A recipe: all that turns an image into its deconvolution, as one set of parameters that survives JSON."""

import warnings
from dataclasses import dataclass, replace
from typing import Literal, Self

from ..algorithms.deconvolve import Deconvolution
from ..algorithms.forward.formation import ImageFormation, StationaryPsf
from ..algorithms.forward.varying import VaryingPsf
from ..arrays import Array
from ..images.image import Channel, Image
from ..optics.measured_psf import conditioned
from ..optics.microscope import Grid, Microscope
from ..optics.psf import MODELS, Model
from ..optics.psf_by_depth import psf_by_depth
from ..parameters import param
from .channels import Channels
from .inputs import Reading, with_spacing
from .psf_recipe import PsfRecipe
from .record import PsfOrigin, Record

UNKNOWN_VOXEL = "The voxel size of the PSF is not known: that of the image is taken."


@dataclass(frozen=True)
class Recipe(Reading, Deconvolution):
    """How to deconvolve an image: the method, and the PSF, which is measured, or made from the optics.

    >>> Recipe.of(Recipe(iterations=7).to_dict()).iterations
    7
    """

    model: Model = param(MODELS["gibson-lanni"], "PSF model, where no PSF is supplied", label="PSF model")
    model_from_file: bool = param(
        True,
        "In a batch, replace the usual PSF model, for widefield, by that of the modality in the file of an image",
        label="Model from the file",
        importance="advanced",
    )
    microscope: Microscope = param(
        Microscope(), "Optics of the microscope, where no PSF is supplied", label="Microscope"
    )
    depth_varying: bool = param(
        False,
        "Let a computed PSF change with depth along a stack; depth is then that of the plane nearest to the coverslip",
        label="PSF varies with depth",
        importance="advanced",
    )
    channels: Channels = param(Channels(), "Settings that differ between channels", label="Channels")
    search: Literal["channel", "volume"] = param(
        "channel",
        "Choose stop and weight once per channel, on its first volume, or for every volume (always in a warm start)",
        label="Automatic choices",
        importance="advanced",
        choices={"channel": "Once per channel", "volume": "For every volume"},
    )
    memory: float | None = param(
        None,
        "Memory limit of a run; none: all that is free",
        label="Memory limit",
        importance="advanced",
        low=0.01,
        unit="GB",
    )
    unusable: Literal["nan", "image"] = param(
        "nan",
        "What a volume becomes in the result that cannot be deconvolved: not a number, or what it was",
        label="Volumes that fail",
        importance="advanced",
        choices={"nan": "Not a number", "image": "As they were"},
    )
    warm_start: bool = param(
        False, "Start each time point from the result of the previous one", label="Warm start", importance="advanced"
    )

    @property
    def most(self) -> float | None:
        """Bytes that a run may take; None for all that is free."""
        return None if self.memory is None else 1e9 * self.memory

    def for_channel(self, number: int, count: int, channel: Channel | None = None) -> Self:
        """The same for one of several channels: with its own settings, and otherwise the wavelengths of the image.

        Parameters
        ----------
        number, count
            Which channel of how many.
        channel
            As the image describes it; None if the wavelengths of this recipe are those of the channel.
        """
        own = self.channels.chosen(number, count)
        optics = PsfRecipe(self.model, self.microscope).for_channel(channel or Channel())
        return self.replace(model=optics.model, microscope=optics.microscope).assign(**own)

    def excited(self, channel: Channel | None) -> Self:
        """The same at the excitation of a channel, and with its pinhole, if they are known and the model has such.

        >>> Recipe().assign(model="confocal").excited(Channel(excitation=0.561)).model.excitation
        0.561
        """
        optics = PsfRecipe(self.model, self.microscope)
        return (
            self if channel is None else self.replace(model=optics.for_channel(replace(channel, emission=None)).model)
        )

    def grid(self, image: Image) -> Grid:
        """Where the PSF for the volumes of an image is to be computed.

        Raises
        ------
        ValueError
            If the voxel size of the image is not known.
        """
        if image.voxel is None:
            missing = " ".join(axis for axis in image.spatial if axis not in image.spacing)
            raise ValueError(
                f"The voxel size of the image is not known along {missing} ({image.describe()}): give spacing in µm, "
                f"{' '.join(image.spatial)} (--spacing on the command line, which a saved recipe keeps)."
            )
        return Grid.for_image(image.volume, image.voxel, self.microscope)

    def formation(self, image: Image, given: Image | None) -> tuple[ImageFormation, PsfOrigin]:
        """How the volumes of an image of one channel were formed, and where its PSF comes from.

        Raises
        ------
        ValueError
            As `kernel`.
        """
        planes = image.samples.shape[image.axes.index("z")] if "z" in image.axes else 1
        if given is not None or planes == 1 or not self.depth_varying:
            kernel, origin = self.kernel(image, given)
            return StationaryPsf(kernel), origin
        optics = PsfRecipe(self.model, self.microscope, self.grid(image))
        formation = VaryingPsf(*psf_by_depth(optics.model, optics.microscope, optics.grid, planes))
        modes = len(formation.modes)
        return formation, PsfOrigin(computed=optics.to_dict(), modes=modes, model_error=formation.errors[modes - 1])

    def kernel(self, image: Image, given: Image | None) -> tuple[Array, PsfOrigin]:
        """The PSF for the volumes of an image of one channel, at its voxel size, and where it comes from.

        Raises
        ------
        ValueError
            If voxel sizes that are needed are not known, or the PSF cannot be used.
        """
        if given is None:
            made = PsfRecipe(self.model, self.microscope, self.grid(image)).make()
            return made.samples, Record.of(made.record).psf[0]
        if given.axes != image.spatial:
            raise ValueError(
                f"psf: it has axes {given.describe()}, but the image has volumes in {' '.join(image.spatial)}; give a "
                "PSF of one time, with the image's dimensions."
            )
        if given.voxel is not None and image.voxel is None:
            raise ValueError(
                f"The voxel size of the image is not known, that of the PSF is {given.voxel} µm: give it (spacing, "
                "--spacing), to compare them."
            )
        if given.voxel is None and image.voxel is not None:
            warnings.warn(f"{UNKNOWN_VOXEL} If it is another, give it (psf_spacing, --psf-spacing).", stacklevel=2)
            given = with_spacing(given, image.voxel)
        samples = conditioned(given.samples, self.measured, spacing=given.voxel, image_spacing=image.voxel)
        record = Record.of(given.record)
        own = record.psf[0] if record.is_psf else PsfOrigin()
        file = None if given.source is None else str(given.source)
        return samples, own.replace(given=given.name, file=file, further={} if record.is_result else record.further)
