"""Files, one after the other, with one recipe: a file that fails stops no other, finished files are skipped."""

import time
import warnings
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from ..images.image import Image
from ..runs import begun, finished, relayed
from .checks import concerns
from .given_psfs import Psfs
from .known_optics import fitted
from .outcome import LOG, Outcome, account, account_files, failures
from .partial_result import partial_result
from .progress import Progress
from .recipe import Recipe
from .record import Record
from .sources import ENDING, images_of, outputs
from .volumes import Deconvolved, run_image
from .written import content_of, other_paths, with_known, write_result

__all__ = ["ENDING", "Outcome", "deconvolve_file", "run_file", "run_files"]


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
    result = yield from run_image(image, recipe, psfs, recipe.read_truth(image))
    return with_known(result, content=content_of(path, recipe))


def run_files(
    recipe: Recipe,
    paths: Iterable[str | Path],
    folder: str | Path | None = None,
    overwrite: bool = False,
    told: Callable[[Outcome], object] = lambda outcome: None,
) -> Generator[FileProgress, None, tuple[Outcome, ...]]:
    """Deconvolve files one after the other and write each result as soon as it is finished.

    What is finished survives whatever ends the run, and the next run goes on from there: with files that are not done,
    and within a file with volumes that are not done. `FOLDER_batch.csv` and `FOLDER_batch.log`, next to the folder of
    the results, or `deconvolution_batch.csv` and `.log` next to the first image, tell what came of each file.

    Parameters
    ----------
    recipe
        For all of them. Where its model is the usual one, a file that tells that it was taken in another way, as with
        a confocal microscope, has the model for that.
    paths
        Files, folders for the images in them, and patterns; files that are parts of one image are done as one.
    folder
        Where results go, made if need be; None for the folders of their images. They end in "_deconvolved.ome.tif".
    overwrite
        Replace files of such names; otherwise those that this recipe made of these images are skipped, those that it
        made of an image or a PSF that has changed since are made again, and others are failures.
    told
        Called with each outcome as soon as it is known.

    Returns
    -------
    tuple of Outcome
        One for each image, and for each file of a folder that is left out.

    Raises
    ------
    ValueError
        If there is no file.
    OSError
        If the folder cannot be made, or the account of the batch cannot be written to it.
    """
    sources, skipped = images_of(paths, recipe, folder)
    if not sources:
        why = "".join(f" {reason}" for reason in list(skipped.values())[:3])
        raise ValueError(f"there is no image to deconvolve: name files, or a folder that holds some.{why}")
    if folder is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
    with account(*account_files(None if folder is None else Path(folder), sources[0][0].parent)) as found:
        for path, why in skipped.items():
            told(found.add(Outcome(path, path, "left out", why)))
        for number, (files, output) in enumerate(zip(sources, outputs(sources, folder), strict=True)):
            run = _run_one(files, output, recipe, overwrite)
            told(found.add((yield from relayed(run, partial(FileProgress, number, len(sources), files[0])))))
        return tuple(found.outcomes)


def _run_one(
    files: tuple[Path, ...], output: Path, recipe: Recipe, overwrite: bool
) -> Generator[Progress, None, Outcome]:
    """Do one file, whatever is wrong with it."""
    began, heard = time.time(), dict[str, None]()
    try:
        outcome = yield from _heard(_deconvolved(files, output, recipe, overwrite, heard), heard)
    except Exception as error:  # of whatever kind: the next file may be sound
        LOG.debug("%s", files[0], exc_info=True)
        said = " ".join(str(error).split())
        why = said if isinstance(error, (ValueError, OSError)) else f"{type(error).__name__} {said}".strip()
        outcome = Outcome(files[0], output, "failed", why)
    return replace(outcome, warnings=tuple(heard), started=began, seconds=time.time() - began)


def _deconvolved(
    files: tuple[Path, ...], output: Path, recipe: Recipe, overwrite: bool, heard: dict[str, None]
) -> Generator[Progress, None, Outcome]:
    from ..images.files import check_writable

    source = files if len(files) > 1 else files[0]
    image = recipe.read_image(source)
    recipe, remarks = fitted(recipe, image)
    heard |= dict.fromkeys(remarks)
    content = content_of(source, recipe)
    why = ""
    if not overwrite and output.exists():
        record, why = _made_before(recipe, files[0], output, content)
        if not why:
            return Outcome(files[0], output, "skipped", failures(record), record=record)
        overwrite = True
    check_writable(output, overwrite)
    with partial_result(output, {"recipe": recipe.to_dict(), "content": content}, overwrite) as store:
        others = other_paths(output, recipe, overwrite or store.resumed)
        psfs = recipe.read_psfs(image)
        run = run_image(image, recipe, psfs, recipe.read_truth(image), store)
        result = yield from begun(run, lambda: heard.update(_findings(image, recipe, psfs)))
        result = with_known(result, content=content)
        write_result(result, output, others, overwrite or store.resumed)
    record = Record.of(result.image.record)
    lost = failures(record)
    return Outcome(files[0], output, "incomplete" if lost else "done", lost or why, record=record)


def _findings(image: Image, recipe: Recipe, psfs: Psfs) -> dict[str, None]:
    """What may be wrong with an image, in sentences."""
    with suppress(ValueError, OSError):  # of a first volume that cannot be used: the run says so
        return dict.fromkeys(f"{each.sentence} {each.remedy}".strip() for each in concerns(image, recipe, psfs))
    return {}


def _heard(run: Generator[Progress, None, Outcome], heard: dict[str, None]) -> Generator[Progress, None, Outcome]:
    """A run whose warnings are kept with the outcome of its file."""
    while True:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", UserWarning)
            try:
                progress = next(run)
            except StopIteration as end:
                return end.value
            finally:
                heard |= dict.fromkeys(str(each.message) for each in caught)
        yield progress


def _made_before(recipe: Recipe, source: Path, output: Path, content: dict[str, Any]) -> tuple[Record, str]:
    """The record of a result that this very recipe made of this very image, and why it is to be made again, if it is.

    Raises
    ------
    OSError
        If it was made of another image, or by another recipe.
    """
    from ..images.files import read

    record = Record.of(read(output).record)
    remedy = "choose another folder, or overwrite it (--overwrite)."
    before = record.content
    if record.source is None or Path(record.source).resolve() != source.resolve():
        same = [_start(content, "image")] == [_start(before, "image")] and before
        if not same:
            raise FileExistsError(f"{output} exists already, and was made of {record.source}: {remedy}")
        before = {**before, "image": content["image"]}
    if not _same(recipe, record):
        raise FileExistsError(f"{output} exists already, and another recipe made it: {remedy}")
    titles = {"image": "image", "psf": "PSF"}
    changed = [titles[what] for what in content if before and before.get(what) != content[what]]
    return record, f"made again, for the {' and the '.join(changed)} changed" if changed else ""


def _start(content: Any, what: str) -> Any:
    """What a copy of a file has in common with it."""
    return {name: value for name, value in content.get(what, {}).items() if name != "modified"}


def _same(recipe: Recipe, record: Record) -> bool:
    """Whether a record is of this recipe; one of an earlier version may lack what has its default."""
    try:
        return record.recipe is not None and Recipe.of(record.recipe) == recipe
    except ValueError:
        return False
