"""Sample images: a real one that is downloaded, and simulated ones with a known truth."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..images.image import Channel, Image
from ..optics.microscope import Grid, Microscope
from ..optics.psf import MODELS
from .acquisition import Acquisition, acquire
from .specimens import SPECIMENS

FOLDER = "NAPARI_DECONVOLUTION_DATA"
"""The environment variable that names a folder with the files of the samples, to be used instead of the network."""


@dataclass(frozen=True)
class Sample:
    """A real image on the internet, with what its file does not say."""

    title: str
    path: str
    """Folder and file below the folder of samples."""
    address: str
    sha256: str
    licence: str
    axes: str
    spacing: tuple[float, ...]
    channel: Channel
    optics: tuple[tuple[str, float], ...]


SAMPLES = {
    "dapi": Sample(
        title="Nucleus stained with DAPI, widefield",
        path="deconwolf-dapi/dapi_001.tif",
        address="https://raw.githubusercontent.com/elgw/deconwolf/fa528d4023dca95858a29224d1fe257e8cbd629f/"
        "demo/dapi_001.tif",
        sha256="2e02e2fe0fb2d3e43a78b4fd2e12bdd56e0ae70ec2d985c34c4ca68333a2d6fc",
        licence="GPL-3.0, from the demo of deconwolf",
        axes="zyx",
        spacing=(0.3, 0.13, 0.13),
        channel=Channel("DAPI", emission=0.461),
        optics=(("na", 1.45), ("n_immersion", 1.512)),
    )
}


def real(name: str) -> Image:
    """A real image with its voxel size and optics, from the folder NAPARI_DECONVOLUTION_DATA or else from the internet.

    A downloaded file is kept in the cache of the user.

    Raises
    ------
    ValueError
        If there is no such sample, or the file in the folder is another one.
    ConnectionError
        If it is neither in the folder nor available from the internet.
    ImportError
        If it must be downloaded and pooch is not installed.
    """
    if name not in SAMPLES:
        raise ValueError(f"there is no sample {name!r}; there are {', '.join(SAMPLES)}.")
    from ..images.files import read

    sample = SAMPLES[name]
    image = read(_locate(sample) or _fetch(sample), sample.axes, sample.spacing)
    record = {"sample": name, "address": sample.address, "licence": sample.licence}
    return image.replace(name=sample.title, channels=(sample.channel,), optics=dict(sample.optics), record=record)


def simulated(name: str, **values: Any) -> tuple[Image, Image, Image]:
    """An image of a drawn specimen, the specimen, and the PSF: 32 x 128 x 128 voxels of 250 x 100 x 100 nm, in water.

    Parameters
    ----------
    name
        Of a specimen in `SPECIMENS`.
    **values
        Photons, camera and seed, as `acquire` takes them.

    Returns
    -------
    image, truth, psf
        As `Image`, with spacing, optics and the record of how they were made.

    Raises
    ------
    ValueError
        If there is no such specimen or value.
    """
    specimen, model, acquisition = SPECIMENS[name], MODELS["gibson-lanni"], Acquisition().assign(**values)
    microscope = Microscope(na=1.2, wavelength=0.525, n_immersion=1.333, n_sample=1.333)
    grid = Grid(shape=(32, 128, 128), spacing=(0.25, 0.1, 0.1))
    truth, image, kernel = acquire(specimen, model, microscope, grid, acquisition)
    parts = {"specimen": specimen, "model": model, "microscope": microscope, "grid": grid, "acquisition": acquisition}
    record = {"simulated": {part: settings.to_dict() for part, settings in parts.items()}}
    spacing = dict(zip("zyx", grid.spacing, strict=True))
    optics = {"na": microscope.na, "n_immersion": microscope.n_immersion, "n_sample": microscope.n_sample}
    channels = (Channel(emission=microscope.wavelength),)
    made = Image(image, "zyx", spacing, channels, optics, record, name=name)
    return made, made.replace(samples=truth, name=f"{name} truth"), made.replace(samples=kernel, name=f"{name} psf")


def _locate(sample: Sample) -> Path | None:
    """The file in the user's folder, if there is one."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return None
    for path in (Path(folder, sample.path), Path(folder, Path(sample.path).name)):
        if path.is_file():
            if hashlib.sha256(path.read_bytes()).hexdigest() != sample.sha256:
                raise ValueError(
                    f"{path} is not the sample of that name (its sha256 differs): replace it by {sample.address}."
                )
            return path
    return None


def _fetch(sample: Sample) -> Path:
    try:
        import pooch
    except ImportError as error:
        raise ImportError(
            f"pooch downloads samples: pip install pooch, or name a folder with {sample.path} in {FOLDER}."
        ) from error
    try:
        cache = pooch.os_cache("napari-deconvolution")
        return Path(pooch.retrieve(sample.address, f"sha256:{sample.sha256}", fname=Path(sample.path).name, path=cache))
    except OSError as error:
        raise ConnectionError(
            f"{sample.address} cannot be downloaded ({type(error).__name__}): connect to the internet, "
            f"or put the file into a folder and name that folder in {FOLDER}."
        ) from error
