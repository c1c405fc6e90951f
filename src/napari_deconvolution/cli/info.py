"""Tell what is in a file: its images, and what it tells of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..images.files import contents, format_of
from ..images.formats.base import Found
from ..images.image import Channel
from ..parameters import LENGTHS, Parameters
from .options import CommandLine


def run(argv: Sequence[str]) -> None:
    """Print every image of each file with axes, voxel size, channels and optics, and where each value comes from."""
    line = CommandLine("info", "FILES...", f"{__doc__} The number of an image is what --series takes.")
    line.add_argument(
        "files", metavar="FILES", nargs="+", help="files, OME-Zarr folders, folders or patterns of planes"
    )
    options = line.read(argv, Parameters())[2]
    for path in options.files:
        found = contents(path)
        kind = (
            format_of(Path(path)).name if Path(path).is_file() else "a set of files" if found[0].files else "a folder"
        )
        print(f"{path}: {kind}, {len(found)} image{'s' if len(found) > 1 else ''}")
        for number, image in enumerate(found):
            print(f"  {number} {image.name}".rstrip())
            for title, text in _described(image, kind):
                print(f"    {title:10}{text}")


def _described(image: Found, kind: str) -> Iterator[tuple[str, str]]:
    """What is told of one image: titles and texts."""
    origin = image.origins
    yield "axes", f"{image.describe()}, {image.samples.dtype}, {image.samples.nbytes / 1e6:.3g} MB"
    if image.files:
        yield "files", ", ".join(file.name for file in image.files[:4]) + (" ..." if len(image.files) > 4 else "")
    if not image.own:
        yield "", "in other files of the set"
    sizes = dict(zip(image.axes, image.samples.shape, strict=True))
    for axis in "zyxt":
        if axis in image.spacing and (sizes.get(axis, 1) > 1 or axis in "yx"):
            unit = "s" if axis == "t" else "µm"
            yield f"step {axis}", f"{image.spacing[axis]:g} {unit} ({origin.get(axis, kind)})"
        elif axis != "t" and sizes.get(axis, 1) > 1:
            yield f"step {axis}", "unknown"
    for number, channel in enumerate(image.channels):
        if channel != Channel():
            yield f"channel {number}", f"{_channel(channel)} ({origin.get('channels', kind)})"
    for name, value in image.optics.items():
        yield "optics", f"{name.replace('_', '-')} {value:g} ({origin.get(name, kind)})"


def _channel(channel: Channel) -> str:
    nanometres = {"emission": channel.emission, "excitation": channel.excitation}
    told = [channel.name] if channel.name else []
    told += [f"{word} {value / LENGTHS['nm']:g} nm" for word, value in nanometres.items() if value]
    told += [f"pinhole {channel.pinhole:.3g} Airy units"] if channel.pinhole else []
    told += [channel.modality] if channel.modality else []
    return ", ".join(told) or "nothing is told"
