"""Simulate a nucleus, deconvolve it, and compare image and result with the truth."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from ..algorithms.metrics.errors import fitted_error
from ..images.image import Image
from ..options import PROGRAM
from ..parameters import Parameters
from ..recipes.recipe import Recipe
from ..recipes.record import Record
from ..recipes.volumes import run_image
from ..simulation.acquisition import Acquisition
from ..simulation.sample_data import simulated
from .options import CommandLine
from .progress import follow

NAMES = ("truth", "image", "psf", "result")


def run(argv: Sequence[str]) -> None:
    """Write truth, image, PSF and result, and a picture of them."""
    line = CommandLine("demo", "[-o FOLDER] [options]", f"{__doc__} Everything is computed; nothing is downloaded.")
    about = "folder to write to; made if missing (default: demo)"
    line.add_argument("-o", "--output", default="demo", metavar="FOLDER", help=about)
    line.add_argument("--overwrite", action="store_true", default=False, help="replace files of an earlier demo")
    line.add_argument("--show", action="store_true", default=False, help="open the images in napari")
    options = line.read(argv, Parameters())[2]
    _check_installed("matplotlib", "plot", "the picture of the demo")
    if options.show:
        _check_installed("napari", "napari", "--show")
    with _folder(Path(options.output)) as folder:
        images = _demonstrate(folder, options.overwrite)
    if options.show:
        _show(images)


def _demonstrate(folder: Path, overwrite: bool) -> dict[str, Image]:
    from ..images.files import check_writable, write
    from ..plots.comparison import before_after

    paths = {name: check_writable(folder / f"{name}.ome.tif", overwrite) for name in NAMES}
    picture = folder / "before-after.png"
    if picture.exists() and not overwrite:
        raise FileExistsError(f"{picture} exists already: choose another folder or add --overwrite.")
    acquisition = Acquisition()
    camera = acquisition.camera.known
    image, truth, psf = simulated("nucleus")
    photons = f"{acquisition.photons:g} photons in its bright voxels"
    print(f"a simulated nucleus, {image.describe()}, {photons}, whose truth is known")
    began = time.perf_counter()
    recipe = Recipe(camera=acquisition.camera)
    result = follow(run_image(image, recipe, psf)).image
    seconds = time.perf_counter() - began
    before = fitted_error(image.samples - np.float32(camera.offset + camera.background), truth.samples)
    after = fitted_error(result.samples, truth.samples)
    print(f"{recipe.algorithm.name}, {Record.of(result.record).runs[0].reason} in {seconds:.1f} s")
    print(f"error against the truth (0: perfect, 1: no agreement): {before:.2f} before, {after:.2f} after")
    images = dict(zip(NAMES, (truth, image, psf, result), strict=True))
    for name, path in paths.items():
        write(images[name], path, overwrite)
    title = f"A simulated nucleus: error {before:.2f} before, {after:.2f} after {recipe.algorithm.name}"
    before_after(picture, image.samples, result.samples, truth.samples, spacing=image.voxel or (), title=title)
    print(f"written: {', '.join(path.name for path in (*paths.values(), picture))} in {folder}")
    settings = " ".join(f"--{name.replace('_', '-')} {value:g}" for name, value in camera._asdict().items())
    print(
        f"the same by hand:\n  {PROGRAM} deconvolve {paths['image']} -o again.ome.tif --psf {paths['psf']} {settings}"
    )
    return images


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    """A folder to write to; one that was made in vain is removed."""
    made = not path.exists()
    if made:
        path.mkdir()
    try:
        yield path
    except BaseException:
        if made:
            with suppress(OSError):
                path.rmdir()
        raise


def _check_installed(package: str, extra: str, what: str) -> None:
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise ImportError(f"{package} is needed for {what}: pip install '{PROGRAM}[{extra}]'.")


def _show(images: Mapping[str, Image]) -> None:
    import napari

    viewer = napari.Viewer()
    for name, image in images.items():
        units = ("µm",) * len(image.spatial)
        viewer.add_image(image.samples, name=name, scale=image.voxel, units=units, visible=name != "psf")
    napari.run()
