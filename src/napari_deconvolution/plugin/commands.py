"""Commands for scripts and batches: arrays or layers in, layer data out, without Qt."""

from collections.abc import Sequence
from typing import Any

from ..algorithms.methods.base import Algorithm
from ..optics.microscope import Grid
from ..optics.psf import Model
from ..recipes.batch import run_files
from ..recipes.known_optics import with_optics
from ..recipes.psf_recipe import PsfRecipe
from ..recipes.recipe import Recipe
from ..recipes.recipe_file import read_recipe
from ..runs import finished
from .deconvolve.job import Job
from .layers.layer_data import LayerData, psf_layer_data
from .layers.layer_source import Source


def psf(
    model: str | Model = "gibson-lanni",
    shape: Sequence[int] = Grid().shape,
    spacing: Sequence[float] = Grid().spacing,
    **parameters: Any,
) -> list[LayerData]:
    """Make a point spread function.

    Parameters
    ----------
    model
        A name from `MODELS`, or such an object.
    shape, spacing
        Samples and their distance in µm, along (z,) y, x.
    **parameters
        Any field of `Microscope` or of the model, by name.

    Returns
    -------
    list
        One layer: sum 1, origin at index n // 2.

    Examples
    --------
    >>> [(samples, attributes, kind)] = psf("born-wolf", (5, 9, 9), (0.3, 0.1, 0.1), na=1.2)
    >>> samples.shape, attributes["scale"]
    ((5, 9, 9), (0.3, 0.1, 0.1))
    """
    return [
        psf_layer_data(PsfRecipe().assign(model=model, shape=tuple(shape), spacing=tuple(spacing), **parameters).make())
    ]


def deconvolve(
    image: Any,
    psf: Any = None,
    algorithm: str | Algorithm = Recipe().algorithm,
    **settings: Any,
) -> list[LayerData]:
    """Deconvolve an image.

    Parameters
    ----------
    image
        An array, (z,) y, x, or an image layer, or its layer data. A layer of more than two dimensions needs
        axis labels.
    psf
        The same, of two or three dimensions, or one for each channel; None to compute them from the optics.
    algorithm
        A name from `ALGORITHMS`, or such an object.
    **settings
        Any field of `Recipe`, of its camera, its algorithm, its microscope or its PSF model, by name. `axes` (a letter
        per dimension out of `tczyx`), `spacing` and `psf_spacing` (µm, (z) y x) describe arrays and layers without
        them; `channel` chooses one. The optics in the metadata of the image hold where they are not given here.

    Returns
    -------
    list
        A layer at the place of the image for each channel, with the record of how it was made in its metadata;
        followed by additional results (residual, uncertainty).

    Raises
    ------
    ValueError
        If the image, the PSF or a setting cannot be used.

    Examples
    --------
    >>> import numpy as np
    >>> [(samples, attributes, kind)] = deconvolve(np.ones((16, 16)), np.pad(np.ones((3, 3)), 2), iterations=2)
    >>> samples.shape, attributes["metadata"]["napari-deconvolution"]["recipe"]["iterations"]
    ((16, 16), 2)
    """
    source = Source.of(image)
    if "axes" not in settings and not source.scale:
        settings["axes"] = "zyx"[-source.data.ndim :]
    psfs = psf if isinstance(psf, list) else [] if psf is None else [psf]
    recipe = with_optics(Recipe(), source.optics, source.channel, {"algorithm": algorithm, **settings}, source.modality)
    return finished(Job(source, recipe, tuple(map(Source.of, psfs))).run())


def batch(
    recipe: str | Recipe, files: str | Sequence[str], folder: str | None = None, overwrite: bool = False
) -> list[str]:
    """Deconvolve files, and folders of TIFF files, one after the other; a file that fails does not stop the others.

    Parameters
    ----------
    recipe
        A recipe, or its file: JSON, or a result.
    files
        Files and folders. Finished files are skipped.
    folder
        Folder for results, named after their images; None: next to them.
    overwrite
        Overwrite existing results.

    Returns
    -------
    list of str
        A line for each file: its outcome, and the path of the result.

    Raises
    ------
    ValueError, OSError
        If the recipe cannot be read, or there is no file.
    """
    job = recipe if isinstance(recipe, Recipe) else read_recipe(recipe)
    return [
        str(outcome)
        for outcome in finished(run_files(job, [files] if isinstance(files, str) else files, folder, overwrite))
    ]
