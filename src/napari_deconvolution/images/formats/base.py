"""What a file format has to tell, and how its failures are said."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Self

from ..image import Channel, Image


@dataclass(frozen=True, eq=False)
class Found:
    """An image as its file tells of it, before its axes are settled.

    Parameters
    ----------
    samples
        An array, mostly a lazy one.
    axes
        A small letter per dimension, as the file says it; letters other than t, c, z, y, x are possible.
    spacing, channels, optics, record, name
        As in `Image`, as far as the file tells them.
    kept
        Axes that are there although their size is 1.
    origins
        Where a value comes from, by axis or by name: {"z": "plane positions"}; whatever is not listed comes from the
        metadata of the format.
    files
        What the image was put together from, if from more than one file.
    own
        False for an image that the file tells of and that lies in other files.
    """

    samples: Any
    axes: str
    spacing: Mapping[str, float] = field(default_factory=dict)
    channels: tuple[Channel, ...] = ()
    optics: Mapping[str, float] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    kept: str = ""
    origins: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    own: bool = True

    def describe(self) -> str:
        """Axes and sizes, without those of size 1 that are not kept."""
        sizes = zip(self.axes, self.samples.shape, strict=True)
        return " ".join(f"{axis}={size}" for axis, size in sizes if size > 1 or axis in "yx" + self.kept)

    def replace(self, **changes: Any) -> Self:
        """The same with other fields."""
        return replace(self, **changes)


class Format(ABC):
    """A format of files. A new one is a file with such a class, and a row in `registry.FORMATS`.

    What a class needs beyond numpy it imports when `images` is called, so that an import of this package stays light.
    """

    name: ClassVar[str]
    """For people."""
    suffixes: ClassVar[tuple[str, ...]]
    """Of its files, in small letters."""
    writes: ClassVar[tuple[str, ...]] = ()
    """Suffixes under which it writes."""
    versions: ClassVar[tuple[str, ...]] = ()
    """Of those that it writes, if one can be chosen: `write` then takes a `version`; the first one is the usual one."""
    starts: ClassVar[tuple[bytes, ...]] = ()
    """How its files begin."""
    folders: ClassVar[bool] = False
    """Whether its images are folders."""
    extra: ClassVar[str] = ""
    """The extra of this package that it needs: `pip install "napari-deconvolution[formats]"`."""
    tells: ClassVar[str] = ""
    """What its files tell beyond the samples, for the documentation."""

    def recognises(self, path: Path, start: bytes) -> bool:
        """Whether this is a file of the format, by its first bytes (none for a folder)."""
        return bool(start) and start.startswith(self.starts) if self.starts else path.suffix.lower() in self.suffixes

    @abstractmethod
    def images(self, path: Path) -> list[Found]:
        """Every image in a file; samples are read later, when they are needed."""

    def write(self, image: Image, path: Path, dtype: str | None) -> None:
        """Write an image, where `writes` names the suffix of the path."""
        raise NotImplementedError

    def needed(self, package: str) -> Any:
        """Import a package that comes with the extra.

        Raises
        ------
        ImportError
            If it is not installed; the message says how to get it.
        """
        try:
            return import_module(package)
        except ImportError as error:
            remedy = f'pip install "napari-deconvolution[{self.extra}]"'
            raise ImportError(
                f"{self.name} files need the package {package}, which is not installed: {remedy}."
            ) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever a library raises about a file into one sentence that names the file and says what to do.

    Raises
    ------
    ValueError
        If the file is damaged, or of a kind that its library does not know.
    """
    try:
        yield
    except (ImportError, MemoryError):
        raise
    except Exception as error:
        said = " ".join(str(error).split())
        if isinstance(error, (ValueError, OSError)) and path.name in said:
            raise
        if "imagecodecs" in said:
            remedy = 'pip install "napari-deconvolution[formats]"'
            raise ValueError(f"{path} is compressed in a way that needs the package imagecodecs: {remedy}.") from error
        what = f"{type(error).__name__}: {said[:200]}" if said else type(error).__name__
        remedy = "copy it again from where it came, or save it as OME-TIFF in the program that wrote it"
        raise ValueError(f"{path} cannot be read; it is damaged, or of an unusual kind ({what}): {remedy}.") from error
