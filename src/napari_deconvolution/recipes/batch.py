"""Files, one after the other, with one recipe: a file that fails stops no other, finished files are skipped."""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from ..runs import finished, relayed
from .given_psfs import Psfs
from .progress import Progress
from .recipe import Recipe
from .record import Record
from .volumes import Deconvolved, run_image

ENDING = "_deconvolved.ome.tif"
"""Names of results end so."""


@dataclass(frozen=True)
class FileProgress:
    """Where a run over files is."""

    number: int
    """Files done."""
    files: int
    path: Path
    progress: Progress

    @property
    def share(self) -> float:
        """Of the whole, 0 to 1."""
        return (self.number + self.progress.share) / self.files

    @property
    def words(self) -> str:
        """The same for a person."""
        return f"file {self.number + 1} of {self.files}, {self.path.name}: {self.progress.words}"


@dataclass(frozen=True)
class Outcome:
    """What came of one file."""

    source: Path
    output: Path
    state: Literal["done", "skipped", "failed", "left out"]
    why: str = ""
    """Why it failed, or was left out."""

    def __str__(self) -> str:
        if self.state == "skipped":
            return f"{self.source}: skipped, {self.output} is finished"
        return f"{self.source}: {self.state}, {self.why or self.output}"


def deconvolve_file(path: str | Path | Sequence[Path], recipe: Recipe, psf: Psfs = None) -> Deconvolved:
    """Deconvolve the image in a file, every channel and every time point of it.

    Parameters
    ----------
    path
        Of the image, or of all its files.
    recipe
        What to do. Its optics count before those in the file, but for the wavelengths of several channels.
    psf
        In place of the files of the recipe: one for each channel, as images of one volume or along an axis c.

    Returns
    -------
    Deconvolved
        Its `image` has the axes of the file; it is not yet written. `others` are the maps that the recipe asks for.

    Raises
    ------
    ValueError, OSError
        If image or PSF cannot be read or used.
    MemoryError
        If a volume needs more memory than is free; the message says what to do.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from napari_deconvolution import write
    >>> from napari_deconvolution.images.image import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write(Image(np.eye(16), "yx", {"y": 0.1, "x": 0.1}, name="line"), f"{folder}/line.ome.tif")
    ...     result = deconvolve_file(path, Recipe().assign(na=0.9, n_immersion=1, iterations=3)).image
    >>> result.axes, result.samples.shape
    ('yx', (16, 16))
    """
    return finished(run_file(path, recipe, psf))


def run_file(
    path: str | Path | Sequence[Path], recipe: Recipe, psf: Psfs = None
) -> Generator[Progress, None, Deconvolved]:
    """Do the same step by step: yield after each iteration, return the result; closing the generator cancels."""
    image = recipe.read_image(path)
    psfs = recipe.read_psfs(image) if psf is None else psf
    return (yield from run_image(image, recipe, psfs, recipe.read_truth(image)))


def run_files(
    recipe: Recipe, paths: Iterable[str | Path], folder: str | Path | None = None, overwrite: bool = False
) -> Generator[FileProgress, None, tuple[Outcome, ...]]:
    """Deconvolve files one after the other and write each result as soon as it is finished.

    Parameters
    ----------
    recipe
        For all of them.
    paths
        Files, folders for the images in them, and patterns; files that are parts of one image are done as one.
    folder
        Where results go, made if need be; None for the folders of their images. They end in "_deconvolved.ome.tif".
    overwrite
        Replace files of such names; otherwise those that this recipe made are skipped, others are failures.

    Returns
    -------
    tuple of Outcome
        One for each image, and for each file of a folder that is left out.

    Raises
    ------
    ValueError
        If there is no file, or two would be written to the same place.
    OSError
        If the folder cannot be made.
    """
    from ..images.files import check_writable, write

    pairs, skipped = _pairs(paths, folder)
    outcomes = [Outcome(path, path, "left out", why) for path, why in skipped.items()]
    for number, (files, output) in enumerate(pairs):
        source = files[0]
        try:
            if not overwrite and _made_by(recipe, source, output):
                outcomes.append(Outcome(source, output, "skipped"))
                continue
            check_writable(output, overwrite)
            others = other_paths(output, recipe, overwrite)
            result = yield from relayed(
                run_file(files if len(files) > 1 else source, recipe), partial(FileProgress, number, len(pairs), source)
            )
            for name in others.keys() & result.others.keys():
                write(result.others[name], others[name], overwrite)
            write(result.image, output, overwrite)  # last, for it says that this image is done
            outcomes.append(Outcome(source, output, "done"))
        except (ValueError, OSError, MemoryError) as error:
            outcomes.append(Outcome(source, output, "failed", " ".join(str(error).split()) or "not enough memory"))
    return tuple(outcomes)


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


def _pairs(
    paths: Iterable[str | Path], folder: str | Path | None
) -> tuple[list[tuple[tuple[Path, ...], Path]], dict[Path, str]]:
    """The files of every image with where its result goes, and why other files are skipped."""
    from ..images.formats.sets import set_name
    from .sources import images_of

    sources, skipped = images_of(paths, ENDING.removesuffix(".ome.tif"))
    if not sources:
        why = "".join(f" {reason}" for reason in list(skipped.values())[:3])
        raise ValueError(f"there is no image to deconvolve: name files, or a folder that holds some.{why}")
    if folder is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
    places: dict[Path, tuple[Path, ...]] = {}
    for files in sources:
        output = (files[0].parent if folder is None else Path(folder)) / f"{set_name(files)}{ENDING}"
        if output in places:
            both = f"{files[0]} and {places[output][0]} would both be written to {output}"
            raise ValueError(f"{both}: take them one by one, or rename one.")
        places[output] = files
    return [(files, output) for output, files in places.items()], skipped


def _made_by(recipe: Recipe, source: Path, output: Path) -> bool:
    """Whether a file is there that this very recipe made of this very image."""
    if not output.exists():
        return False
    from ..images.files import read

    record = Record.of(read(output).record)
    remedy = "choose another folder, or overwrite it (--overwrite)."
    if record.source is None or Path(record.source).resolve() != source.resolve():
        raise FileExistsError(f"{output} exists already, and was made of {record.source}: {remedy}")
    if not _same(recipe, record):
        raise FileExistsError(f"{output} exists already, and another recipe made it: {remedy}")
    return True


def _same(recipe: Recipe, record: Record) -> bool:
    """Whether a record is of this recipe; one of an earlier version may lack what has its default."""
    try:
        return record.recipe is not None and Recipe.of(record.recipe) == recipe
    except ValueError:
        return False
