"""How an image was made: what the files of results and PSFs hold, and the metadata of their layers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from importlib.metadata import version
from typing import Any, Self

from ..arrays import best_engine
from .record_form import checked
from .record_upgrade import VERSION, upgraded

Settings = Mapping[str, Any]
"""A set of parameters in its JSON form, as `Parameters.to_dict` gives it and `Parameters.of` takes it."""


@dataclass(frozen=True)
class _Part:
    """A part of a record. Its JSON form is a dictionary of its fields, without those that hold their default."""

    further: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    """Other entries, of whatever made or stored the image."""

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            plain = tuple(map(_plain, value)) if isinstance(value, (tuple, list)) else _plain(value)
            object.__setattr__(self, item.name, plain)

    @classmethod
    def of(cls, form: Mapping[str, Any]) -> Self:
        """Read the JSON form; what no field is named after is kept in `further`."""
        names = {item.name for item in fields(cls)} - {"further"}
        known = {name: value for name, value in form.items() if name in names}
        return cls(**known, further={name: value for name, value in form.items() if name not in names})

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: dictionaries, lists, texts, numbers."""
        usual = type(self)()
        changed = [name for item in fields(self) if getattr(self, name := item.name) != getattr(usual, name)]
        form = {name: _json(getattr(self, name)) for name in changed if name != "further"}
        return {**_json(self.further), **form}

    def replace(self, **changes: Any) -> Self:
        """The same with other fields."""
        return replace(self, **changes)


@dataclass(frozen=True)
class PsfOrigin(_Part):
    """Where a PSF came from.

    >>> PsfOrigin(given="bead", file="bead.tif").to_dict()
    {'given': 'bead', 'file': 'bead.tif'}
    """

    given: str | None = None
    """Name of the layer or file that it was given as; None if it was computed for the occasion."""
    file: str | None = None
    """Path of the file that it was read from."""
    computed: Settings | None = None
    """Model, microscope and grid that it was computed from, as `PsfRecipe.of` takes them; None if measured."""
    best_focus: float | None = None
    """Stage position of its best focus in µm, from the focus on the coverslip, where it was computed."""
    modes: int | None = None
    """Of how many it is a sum, where it varies with depth; `computed` then has the depth of the first plane."""
    model_error: float | None = None
    """How far that sum is from the PSFs, relative to them."""


@dataclass(frozen=True)
class VolumeRecord(_Part):
    """How one volume was deconvolved. Sums are in counts above offset and background.

    >>> VolumeRecord.of({"index": {"t": 1}, "iterations": 12, "reason": "12 iterations done"}).index["t"]
    1
    """

    index: Mapping[str, int] = field(default_factory=dict)
    """Which volume, along t and c; empty for the only one."""
    iterations: int = 0
    """Iterations done."""
    reason: str = ""
    """Why it stopped."""
    stop: str = ""
    """Which criterion decided, and why that one, if none was asked for by name."""
    sum_before: float = 0.0
    sum_after: float = 0.0
    reduced_chi_square: float | None = None
    """Of the misfit after the last iteration, where the gain is known."""
    algorithm: Settings | None = None
    """The method with the settings that the search chose, if they are not those of the recipe."""
    estimated_from_image: Mapping[str, float] = field(default_factory=dict)
    """Properties of the camera that were estimated from the image: `offset`, `background`, `gain`,
    `read_noise`; `gain_by_fit` where only a fit shows the gain."""
    haze: str = ""
    """Light in the darkest region that was left in the image because it is likely haze, in a sentence; else empty."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Voxels left out of the likelihood, by kind: `saturated`, `hot`, `dead`, `lines`, `planes`, `fill`, `missing`."""
    exposure: tuple[float, ...] = ()
    """Brightness of the planes against that of planes evenly lit, mean 1; empty where no flicker was found."""
    processed: str = ""
    """Why the noise of the image is not that of a camera, in a sentence; empty if it is raw."""
    gain_doubt: str = ""
    """What is wrong with a gain or SNR that was given, and what was used, in a sentence; else empty."""
    photons: Mapping[str, float] | None = None
    """Where the light is, see `Photons`."""
    residual: Mapping[str, Any] | None = None
    """`chi_square`, and `power` of the residual by `frequency` in cycles per voxel."""
    reproducibility: Mapping[str, Any] | None = None
    """Fourier `correlation` of two halves of the photons by `frequency`, and the shortest `period` in µm."""
    failed: str = ""
    """Why it could not be deconvolved, in a sentence; empty if it was."""
    against_truth: Mapping[str, float] | None = None
    """`nrmse`, `snr`, `psnr` in dB and `ssim`, where the truth is known."""
    search: tuple[Mapping[str, Any], ...] = ()
    """For every setting tried: the `algorithm`, and its `curve` of (iterations, held-out criterion)."""
    history: tuple[list[Any], ...] = ()
    """A row for each iteration: seconds, misfit, I-divergence, squared misfit, change, gradient."""


@dataclass(frozen=True)
class Record(_Part):
    """How an image was made: a result, a PSF, a simulation.

    The JSON form, which OME-TIFFs hold in a map annotation and layers in their metadata, has these keys; empty
    ones are left out:

        {
          "version": 2,
          "software": {"napari-deconvolution": "0.2.0", "numpy": "2.4.6", ...},
          "recipe": {"algorithm": {"name": "richardson-lucy", ...}, "iterations": 50, ...},
          "psf": [{"computed": {"model": {...}, "microscope": {...}, "grid": {...}}, "best_focus": 0.0}],
          "voxel": [0.3, 0.1, 0.1],
          "runs": [{"index": {"t": 0}, "iterations": 50, "reason": "50 iterations done", "sum_before": 1e6, ...}],
          "name": "cells", "source": "cells.tif", "image": {...}, "command": "napari-deconvolution deconvolve ..."
        }

    `psf` is a list: one for each channel, in their order, or one for all. See `PsfOrigin` for what is in it and
    `VolumeRecord` for the runs. `of` reads this form and that of version 0.1.0, which had no version number.

    Examples
    --------
    >>> made = Record(name="cells", psf=(PsfOrigin(given="bead"),))
    >>> made.to_dict()["psf"]
    [{'given': 'bead'}]
    >>> Record.of(made.to_dict()) == made
    True
    >>> Record.of({"runs": [{"updates": 5, "sum before": 9.0}], "psf": {"given": "bead"}}).runs[0].iterations
    5
    """

    software: Mapping[str, str] = field(default_factory=dict)
    """Versions of what made it."""
    recipe: Settings | None = None
    """The settings of a deconvolution, as `Recipe.of` takes them; None for other images."""
    psf: tuple[PsfOrigin, ...] = ()
    """Origins of the PSFs; in the file of a PSF, its own."""
    voxel: tuple[float, ...] | None = None
    """Distance of voxels along (z) y x in µm; None where unknown."""
    runs: tuple[VolumeRecord, ...] = ()
    """What came of each volume, in the order t, c."""
    name: str = ""
    """Of the image that it was made from."""
    source: str | None = None
    """Its file."""
    content: Mapping[str, Any] = field(default_factory=dict)
    """Size, time and first bytes of the files of the image, and of those of its PSF, see `fingerprint`."""
    image: Mapping[str, Any] = field(default_factory=dict)
    """Its record, in JSON form."""
    command: str = ""
    """The command line that wrote the file."""

    @classmethod
    def of(cls, form: Mapping[str, Any]) -> Self:
        """Read the JSON form of this version or an earlier one.

        Parameters
        ----------
        form
            For instance `image.record`; an empty one gives an empty record.

        Raises
        ------
        ValueError
            If a later version of this package wrote it, or it is damaged; the message says where.
        """
        now = checked(_upgraded(form))
        now["psf"] = tuple(map(PsfOrigin.of, now.get("psf", ())))
        now["runs"] = tuple(map(VolumeRecord.of, now.get("runs", ())))
        del now["version"]
        return super().of(now)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: dictionaries, lists, texts, numbers."""
        return {"version": VERSION, **super().to_dict()}

    @property
    def settings(self) -> Settings:
        """The recipe of a result.

        Raises
        ------
        ValueError
            If the record is of another image.
        """
        if self.recipe is None:
            raise ValueError("this image is not the result of a deconvolution: it has no recipe.")
        return self.recipe

    @property
    def is_result(self) -> bool:
        """A deconvolution made it."""
        return self.recipe is not None and bool(self.runs)

    @property
    def is_psf(self) -> bool:
        """It is the record of a computed PSF, not of an image made with one."""
        return len(self.psf) == 1 and self.psf[0].computed is not None and self.recipe is None and not self.image


def _upgraded(form: Any) -> dict[str, Any]:
    """The form of this version."""
    try:
        return upgraded(form)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"the record is damaged: it has not the form of version {VERSION} or 1 ({error}).") from error


def software() -> dict[str, str]:
    """Versions of what computes, for a record."""
    names = ("napari-deconvolution", "numpy", "scipy")
    return {**{name: version(name) for name in names}, "transforms": best_engine().name}


def _json(value: Any) -> Any:
    """A field in its JSON form."""
    if isinstance(value, _Part):
        return value.to_dict()
    return [_json(item) for item in value] if isinstance(value, tuple) else value


def _plain(value: Any) -> Any:
    """Dictionaries and lists for mappings and tuples, as JSON gives them back."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
