"""Files, one after the other, with one recipe: what fails stops no other, what is done is not done again."""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..images.image import Image
from .recipe import Recipe
from .volumes import Deconvolved, Progress, deconvolve_image

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
    state: Literal["done", "done before", "failed"]
    why: str = ""
    """Why it failed."""

    def __str__(self) -> str:
        return f"{self.source}: {self.state}{f', {self.why}' if self.why else f', {self.output}'}"


def deconvolve_file(path: str | Path, recipe: Recipe, psf: Image | Sequence[Image] | None = None) -> Generator[Progress, None, Deconvolved]:
    """Deconvolve the image in a file; what the generator returns is the result, not yet written.

    Parameters
    ----------
    path
        Of the image.
    recipe
        What to do; its optics hold, whatever the file tells of them, but for the wavelengths of several channels.
    psf
        In place of the files of the recipe.

    Raises
    ------
    ValueError, OSError
        If image or PSF cannot be read or used; raised before anything is computed.
    """
    image = recipe.read_image(path)
    psfs = recipe.read_psfs(image) if psf is None else psf
    return (yield from deconvolve_image(image, recipe, psfs, recipe.read_truth(image)))


def deconvolve_files(
    recipe: Recipe, paths: Iterable[str | Path], folder: str | Path | None = None, overwrite: bool = False
) -> Generator[FileProgress, None, tuple[Outcome, ...]]:
    """Deconvolve files one after the other and write each result as it is done.

    Parameters
    ----------
    recipe
        For all of them.
    paths
        Files, and folders for the TIFF files in them.
    folder
        Where results go, made if need be; None for beside their images. They end in "_deconvolved.ome.tif".
    overwrite
        Replace files of such names; otherwise those that this recipe made are left as done, others are failures.

    Returns
    -------
    tuple of Outcome
        One for each file.

    Raises
    ------
    ValueError
        If there is no file, or two would be written to the same place.
    OSError
        If the folder cannot be made.
    """
    from ..images.formats.tiff import check_writable, write

    pairs = _pairs(paths, folder)
    outcomes = []
    for number, (source, output) in enumerate(pairs):
        try:
            if not overwrite and _made_by(recipe, source, output):
                outcomes.append(Outcome(source, output, "done before"))
                continue
            check_writable(output, overwrite)
            beside = paths_beside(output, recipe, overwrite)
            walk = deconvolve_file(source, recipe)
            while True:
                try:
                    progress = next(walk)
                except StopIteration as end:
                    result: Deconvolved = end.value
                    break
                yield FileProgress(number, len(pairs), source, progress)
            for name in beside.keys() & result.beside.keys():
                write(result.beside[name], beside[name], overwrite)
            write(result.image, output, overwrite)  # last, for it says that this image is done
            outcomes.append(Outcome(source, output, "done"))
        except (ValueError, OSError, MemoryError) as error:
            outcomes.append(Outcome(source, output, "failed", " ".join(str(error).split()) or "not enough memory"))
    return tuple(outcomes)


def paths_beside(path: Path, recipe: Recipe, overwrite: bool = False) -> dict[str, Path]:
    """Where to write what is asked for beside a result: names that begin like its own.

    Raises
    ------
    OSError
        If a file of such a name exists and is not to be overwritten.
    """
    from ..images.formats.tiff import check_writable

    stem = path.name.removesuffix(path.suffix).removesuffix(".ome")
    asked = recipe.report
    names = {"residual": asked.residual, "left out": asked.residual, "uncertainty": asked.uncertainty, "kept": asked.keep}
    files = {name: path.with_name(f"{stem}_{name.replace(' ', '_')}.ome.tif") for name, wanted in names.items() if wanted}
    return {name: check_writable(file, overwrite) for name, file in files.items()}


def _pairs(paths: Iterable[str | Path], folder: str | Path | None) -> list[tuple[Path, Path]]:
    """Every file with where its result goes."""
    from ..images.formats.tiff import looks_readable

    sources = []
    for path in map(Path, paths):
        inside = sorted(each for each in path.iterdir() if looks_readable(each)) if path.is_dir() else [path]
        sources += [each for each in inside if ENDING.removesuffix(".ome.tif") not in each.name and not each.name.startswith(".")]
    if not sources:
        raise ValueError("there is no TIFF file to deconvolve: name files, or a folder that holds some.")
    if folder is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
    places: dict[Path, Path] = {}
    for source in sources:
        stem = source.name.removesuffix(source.suffix).removesuffix(".ome")
        output = (source.parent if folder is None else Path(folder)) / f"{stem}{ENDING}"
        if output in places:
            raise ValueError(f"{source} and {places[output]} would both be written to {output}: take them one by one, or rename one.")
        places[output] = source
    return [(source, output) for output, source in places.items()]


def _made_by(recipe: Recipe, source: Path, output: Path) -> bool:
    """Whether a file is there that this very recipe made of this very image."""
    if not output.exists():
        return False
    from ..images.formats.tiff import read

    record = read(output).record
    if Path(record.get("source") or "").resolve() != source.resolve():
        made = f"{output} exists already, and was made of {record.get('source')}"
        raise FileExistsError(f"{made}: choose another folder, or overwrite it (--overwrite).")
    if record.get("recipe") != recipe.to_dict():
        raise FileExistsError(f"{output} exists already, and another recipe made it: choose another folder, or overwrite it (--overwrite).")
    return True
