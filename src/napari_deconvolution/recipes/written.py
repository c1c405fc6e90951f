"""Results as files: the maps that were asked for next to them, and what they were made of."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from ..images.formats.sets import Paths
from ..images.image import Image
from .recipe import Recipe
from .record import Record
from .volumes import Deconvolved

Dtype = Literal["float32", "uint16"] | None


def content_of(path: Paths, recipe: Recipe) -> dict[str, Any]:
    """The fingerprints of the files that a result is made of, see `fingerprint`: of the image and of its PSFs."""
    from ..images.files import files_of
    from ..images.fingerprint import fingerprint

    found = {"image": fingerprint(files_of(path))}
    return found | ({"psf": fingerprint([Path(psf) for psf in recipe.psf])} if recipe.psf else {})


def other_paths(path: Path, recipe: Recipe, overwrite: bool = False) -> dict[str, Path]:
    """Where to write what is asked for next to a result: names that begin like its own.

    Raises
    ------
    OSError
        If a file of such a name exists and is not to be overwritten.
    """
    from ..images.files import check_writable, stem

    asked = recipe.report
    wanted = {
        "residual": asked.residual,
        "left out": asked.residual,
        "uncertainty": asked.uncertainty,
        "kept": asked.keep,
    }
    names = [name for name, yes in wanted.items() if yes]
    files = {name: path.with_name(f"{stem(path)}_{name.replace(' ', '_')}.ome.tif") for name in names}
    return {name: check_writable(file, overwrite) for name, file in files.items()}


def with_known(result: Deconvolved, **known: Any) -> Deconvolved:
    """A result with fields of its record that a run itself does not know: `content`, `command`."""

    def known_of(image: Image) -> Image:
        return image.replace(record=Record.of(image.record).replace(**known).to_dict())

    return Deconvolved(known_of(result.image), {name: known_of(each) for name, each in result.others.items()})


def write_result(
    result: Deconvolved,
    path: Path,
    others: Mapping[str, Path],
    overwrite: bool,
    dtype: Dtype = None,
    version: str | None = None,
) -> None:
    """Write a result, last, for it says that all is done; before it what was asked for next to it.

    Parameters
    ----------
    result, path, others
        What is written, and where.
    overwrite
        Whether files of such names may be replaced.
    dtype
        Of the result.
    version
        Of OME-Zarr, for a result in that.
    """
    from ..images.files import write

    for name in others.keys() & result.others.keys():
        write(result.others[name], others[name], overwrite)
    write(result.image, path, overwrite, dtype, version)
