"""A recipe as the texts that repeat it: a command line, and a script."""

import json
import re
import shlex
from typing import Any

from ..options import PROGRAM, Option, options_of
from ..parameters import Parameters
from .batch import ENDING
from .psf_recipe import PsfRecipe
from .recipe import Recipe
from .record import Record

OPTICS = ("model", "microscope")
"""Given even where they are defaults: those in the file of the image must not be used."""


def as_command(record: Record) -> str:
    """The command line that makes a result again.

    Parameters
    ----------
    record
        Of the result.

    >>> recipe = Recipe(psf=("psf.tif",), iterations=30)
    >>> print(as_command(Record(recipe=recipe.to_dict(), source="cells.tif")))
    napari-deconvolution deconvolve cells.tif -o cells_deconvolved.ome.tif --iterations 30 --psf psf.tif
    """
    recipe, source, given = Recipe.of(record.settings), _source(record), unsaved_psfs(record)
    lines = _remarks(record)
    for file, made in given.items():
        if made is not None:
            lines.append(shlex.join([PROGRAM, "psf", "-o", file, *_typed(_chosen(made, OPTICS))]))
    recipe = recipe.replace(psf=recipe.psf or tuple(given))
    lines.append(shlex.join([PROGRAM, "deconvolve", source, "-o", _output(source), *_typed(_options(recipe, record))]))
    return "\n".join(lines)


def as_python(record: Record) -> str:
    """The script that makes a result again, and writes it.

    Parameters
    ----------
    record
        Of the result.

    >>> recipe = Recipe(psf=("psf.tif",), iterations=30)
    >>> print(as_python(Record(recipe=recipe.to_dict(), source="cells.tif")))
    from napari_deconvolution import Recipe, deconvolve_file, write
    <BLANKLINE>
    recipe = Recipe().assign(**{
        "iterations": 30,
        "psf": ['psf.tif'],
    })
    result = deconvolve_file('cells.tif', recipe)
    write(result.image, 'cells_deconvolved.ome.tif')
    <BLANKLINE>
    """
    recipe, source, given = Recipe.of(record.settings), _source(record), unsaved_psfs(record)
    settings = {option.name: _plain(option.value) for option in _options(recipe, record)}
    values = "".join(f"\n    {json.dumps(name)}: {value!r}," for name, value in settings.items())
    psfs = [
        f"read({file!r})" if made is None else f"PsfRecipe.of({made.to_dict()!r}).make()"
        for file, made in given.items()
    ]
    read = "read, " if None in given.values() else ""
    lines = [
        f"from napari_deconvolution import Recipe, deconvolve_file, {read}write",
        *(["from napari_deconvolution.recipes.psf_recipe import PsfRecipe"] if any(given.values()) else []),
        "",
        *_remarks(record),
        f"recipe = Recipe().assign(**{{{values}\n}})",
        *([f"psf = [{', '.join(psfs)}]"] if psfs else []),
        f"result = deconvolve_file({source!r}, recipe{', psf' if psfs else ''})",
        f"write(result.image, {_output(source)!r})",
    ]
    return "\n".join(lines) + "\n"


def _source(record: Record) -> str:
    return record.source or f"{_fit(record.name or 'image')}.ome.tif"


def _output(source: str) -> str:
    from ..images.files import stem

    return stem(source) + ENDING


def unsaved_psfs(record: Record) -> dict[str, PsfRecipe | None]:
    """PSFs that came from no file, by the file that they are to have, with how they are made, where that is known."""
    if record.settings.get("psf"):
        return {}
    found: dict[str, PsfRecipe | None] = {}
    for number, psf in enumerate(record.psf):
        if psf.given is not None:
            name = f"{_fit(psf.given or 'psf')}{number if len(record.psf) > 1 else ''}.ome.tif"
            found[name] = None if psf.computed is None else PsfRecipe.of(psf.computed)
    return found


def _remarks(record: Record) -> list[str]:
    """What has to be saved first."""
    files = [] if record.source else [f"the layer {record.name!r} as {_source(record)}"]
    files += [f"the PSF as {file}" for file, made in unsaved_psfs(record).items() if made is None]
    return [f"# First save {file}." for file in files]


def _fit(name: str) -> str:
    """A name fit for a file."""
    return re.sub(r"[^\w.-]+", "_", name).strip("_") or "image"


def _options(recipe: Recipe, record: Record) -> list[Option]:
    """The options that a recipe needs. The wavelengths of several channels are those of the file, or `emissions`."""
    several = len(record.psf) > 1
    idle = (
        (*OPTICS, "depth_varying") if recipe.psf else ("measured", "psf_axes", "psf_spacing")
    )  # what is not used, and refused
    found = _chosen(recipe, () if recipe.psf else OPTICS)
    used = [option for option in found if (option.name if option.home is None else option.home.name) not in idle]
    return [option for option in used if not (several and option.name == "wavelength")]


def _chosen(settings: Parameters, always: tuple[str, ...]) -> list[Option]:
    """The options that differ from the defaults of what is chosen, and those of some groups in any case."""
    usual, found = type(settings)(), []
    for option in options_of(settings):
        value = {each.strings[0]: each.value for each in options_of(usual)}[option.strings[0]]
        home = "" if option.home is None else option.home.name
        if option.parameter.group is None:
            changed = option.value != value
        elif changed := option.value.name != value.name:
            usual = usual.assign(**{option.name: option.value.name})
        if changed or home in always:
            found.append(option)
    return found


def _typed(options: list[Option]) -> list[str]:
    words = []
    for option in options:
        value = _plain(option.value)
        words.append(option.strings[0])
        words += [_word(item) for item in (value if isinstance(value, list) else [value])]
    return words


def _plain(value: Any) -> Any:
    return value.name if isinstance(value, Parameters) else list(value) if isinstance(value, tuple) else value


def _word(value: Any) -> str:
    """With every digit, so that the very same number is read."""
    return "none" if value is None else ("no", "yes")[value] if isinstance(value, bool) else str(value)
