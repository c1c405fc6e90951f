"""Compute the point spread function of a microscope."""

from collections.abc import Iterable, Mapping, Sequence

from ..images.image import Image
from ..optics.microscope import Microscope
from ..optics.models import Model
from ..scale.recipe import PsfRecipe
from . import files
from .options import CommandLine, as_text


def run(argv: Sequence[str]) -> None:
    """Write a PSF: sum 1, origin at n // 2."""
    line = CommandLine("psf", "-o OUT.ome.tif [options]", f"{__doc__} It sums to 1 and has its origin at n // 2.")
    files.add_output(line, dtype=False)
    line.add_argument("--report", action="store_true", default=False, help="print what the PSF is like")
    recipe, values, options = line.read(argv, PsfRecipe())
    path = files.output(options)
    recipe = recipe.assign(**values)
    print(stated(recipe.model, recipe.microscope, dict.fromkeys(values, "option")))
    image = recipe.make()
    files.write(image, path, options, "psf", argv)
    if options.report:
        print("\n".join(report(image)))
    print(f"{path}: {image.describe()}")


def stated(model: Model, microscope: Microscope, source: Mapping[str, str]) -> str:
    """The optics in one line, each value with where it comes from."""
    values = {"model": model.name, **{name: as_text(parameter, value) for name, (parameter, value) in microscope.flat().items()}}
    return "optics: " + ", ".join(f"{name} {value} ({source.get(name, 'default')})" for name, value in values.items())


def report(image: Image) -> Iterable[str]:
    """What a PSF is like, in words."""
    from ..optics.quality import centre_offset, fwhm, pedestal, plane_energy

    voxel = image.voxel or ()
    yield f"full width at half maximum: {_row(image, fwhm(image.samples, voxel), '.0f', 1e3)} nm"
    yield f"centre, from index n // 2: {_row(image, centre_offset(image.samples), '+.2f')} voxels"
    yield f"border, of the peak: {pedestal(image.samples) / float(image.samples.max()):.2g}"
    energy = plane_energy(image.samples)
    energy /= energy[len(energy) // 2]
    yield f"light in a plane, of the middle one's: {energy.min():.3g} to {energy.max():.3g}"


def _row(image: Image, values: Iterable[float], form: str, factor: float = 1.0) -> str:
    return ", ".join(f"{axis} {value * factor:{form}}" for axis, value in zip(image.spatial, values, strict=True))
