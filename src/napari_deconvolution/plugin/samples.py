"""Sample data: a real nucleus, and simulated specimens with ground truth and PSF."""

from .layers.layer_data import LayerData, layer_data, psf_layer_data


def filaments() -> list[LayerData]:
    """Filaments throughout the volume."""
    return _simulated("filaments")


def beads() -> list[LayerData]:
    """Fluorescent beads."""
    return _simulated("beads")


def nucleus() -> list[LayerData]:
    """A stained nucleus."""
    return _simulated("nucleus")


def dapi() -> list[LayerData]:
    """A real nucleus, widefield; fetched from the internet once, or taken from the folder NAPARI_DECONVOLUTION_DATA."""
    from ..simulation.sample_data import real

    return [layer_data(real("dapi"))]


def _simulated(specimen: str) -> list[LayerData]:
    """Ground truth and PSF below, the image on top; only the image is visible at first."""
    from ..simulation.sample_data import simulated

    image, truth, psf = simulated(specimen)
    hidden = [psf_layer_data(psf), layer_data(truth)]
    return [
        *((samples, attributes | {"visible": False}, kind) for samples, attributes, kind in hidden),
        layer_data(image),
    ]
