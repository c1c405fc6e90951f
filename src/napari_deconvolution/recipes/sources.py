"""The images of a batch: which files are one image, which are left out, and why, and where their results go."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from glob import glob
from pathlib import Path

from ..images.files import contents, format_of, looks_readable
from ..images.formats.sets import set_name, sets_among
from .outcome import ENDINGS
from .recipe import Recipe
from .record import Record

Sources = list[tuple[Path, ...]]

ENDING = "_deconvolved.ome.tif"
"""Names of results end so."""


def images_of(
    paths: Iterable[str | Path], recipe: Recipe, folder: str | Path | None = None
) -> tuple[Sources, dict[Path, str]]:
    """The images in files, folders and patterns, each once, and why other files of the folders are skipped.

    Parameters
    ----------
    paths
        Files; folders for the images in them; patterns ("*.tif").
    recipe
        Its PSF and its truth are no images to be deconvolved; neither are results, and PSFs that this package made.
    folder
        That of the results.

    Returns
    -------
    sources
        The files of each image: mostly one, several for a set.
    skipped
        Files that are not deconvolved, and why.
    """
    used = {Path(psf).resolve(): "it is the PSF of the recipe." for psf in recipe.psf}
    used |= {Path(recipe.truth).resolve(): "it is the ground truth of the recipe."} if recipe.truth else {}
    named: list[Path] = []
    skipped: dict[Path, str] = {}
    for path in map(Path, paths):
        inside = path.is_dir() and not _is_image(path)
        fitting = sorted(path.iterdir()) if inside else [] if path.exists() else sorted(map(Path, glob(str(path))))
        for each in fitting:
            own = folder is not None and each.resolve() == Path(folder).resolve()
            if own or each.name.startswith(".") or each.name.endswith(ENDINGS):
                continue
            why = used.get(each.resolve(), "") or _why_not(each)
            named += [] if why else [each]
            skipped |= {each: why} if why else {}
        named += [] if fitting or inside else [path]
    return _once(sets_among(named)), skipped


def outputs(sources: Sources, folder: str | Path | None) -> list[Path]:
    """Where the result of each image goes, no two to the same place.

    Names that clash are told apart by the folders of the images, or by their suffixes.

    >>> sources = [(Path(name),) for name in ("a/cell.tif", "b/cell.tif", "c/film.tif", "c/film.lif")]
    >>> [path.name.removesuffix(ENDING) for path in outputs(sources, "out")]
    ['a_cell', 'b_cell', 'film_tif', 'film_lif']
    """
    parents = [files[0].parent.absolute() for files in sources]
    names = [set_name(files) for files in sources]
    places = parents if folder is None else [Path(folder)] * len(sources)
    beside = Counter(zip(parents, map(str.lower, names), strict=True))
    for at, files in enumerate(sources):
        if beside[parents[at], names[at].lower()] > 1:
            names[at] = files[0].name.replace(".", "_")
    own = names[:]
    for deeper in range(1, max((len(parent.parts) for parent in parents), default=0)):
        taken = Counter(zip(places, map(str.lower, names), strict=True))
        clashing = [at for at, name in enumerate(names) if taken[places[at], name.lower()] > 1]
        for at in clashing:
            names[at] = "_".join([*parents[at].parts[-deeper:], own[at]])
        if not clashing:
            break
    kept = [files[0].parent for files in sources] if folder is None else places
    return [place / f"{name}{ENDING}" for place, name in zip(kept, names, strict=True)]


def _is_image(folder: Path) -> bool:
    with suppress(ValueError, OSError):
        format_of(folder)
        return True
    return False


def _why_not(path: Path) -> str:
    """Why a file that nobody has named is not deconvolved; empty if it is."""
    made = ENDING.removesuffix(".ome.tif")
    if made in path.name and looks_readable(path):
        return f"it is a result, for its name has {made} in it."
    if path.is_dir() and not looks_readable(path):
        return "it is a folder: name it to have the images in it done."
    try:
        format_of(path)
    except (ValueError, OSError) as error:
        return "" if looks_readable(path) else str(error)
    with suppress(Exception):  # what is wrong with it is said when its turn comes
        record = Record.of(contents(path)[0].record)
        if record.is_result:
            return "it is a result of napari-deconvolution."
        if record.is_psf or "beads" in record.further:
            return "it is a PSF."
    return ""


def _once(groups: Sequence[Sequence[Path]]) -> Sources:
    """Without files that are part of an image that another file has led to."""
    found: Sources = []
    seen: set[Path] = set()
    for group in groups:
        if len(group) == 1 and group[0].resolve() in seen:
            continue
        found.append(tuple(group))
        if len(group) == 1:
            seen.update(_others(group[0]))
    return found


def _others(file: Path) -> Iterator[Path]:
    """The files of the set that a file leads to."""
    with suppress(Exception):  # said when its turn comes
        for each in contents(file):
            yield from each.files if each.own else ()
