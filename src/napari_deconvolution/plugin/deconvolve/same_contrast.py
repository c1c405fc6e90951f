"""Two layers on one scale of grey, and back again."""

from typing import Any

import numpy as np
from qtpy.QtWidgets import QPushButton, QWidget

from ..layers.layer_source import SHOWN


class SameContrast(QPushButton):
    """A button: pressed, a count of light is as bright in both layers; released, they are as before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Same contrast", parent)
        self.kept: list[tuple[Any, tuple[float, float]]] = []
        self.setCheckable(True)
        self.setToolTip(
            "<p>Show image and result on the same scale: black is the background, and so many counts above it are as "
            "bright in both. It suits the plane on display. Press again to go back.</p>"
        )

    def equalise(self, image: Any, result: Any, planes: tuple[Any, Any], pedestal: float) -> None:
        """Give both layers limits that compare fairly.

        Parameters
        ----------
        image, result
            Layers in the same units; the result has no pedestal.
        planes
            What they show now: the brightest light in either is white.
        pedestal
            Counts of offset and background in every voxel of the image.
        """
        self.restore()
        lit = [plane[np.isfinite(plane)] - black for plane, black in zip(planes, (pedestal, 0.0), strict=True)]
        highest = max(float(np.percentile(light, SHOWN[1])) if light.size else 0.0 for light in lit)
        if highest <= 0:
            raise ValueError("There is no light in this plane: go to one where there is.")
        self.kept = [(layer, tuple(layer.contrast_limits)) for layer in (image, result)]
        for layer, black in ((image, pedestal), (result, 0.0)):
            layer.contrast_limits = (black, black + highest)
        self.setChecked(True)

    def restore(self) -> None:
        """Go back to the limits before."""
        for layer, limits in self.kept:
            layer.contrast_limits = limits
        self.kept = []
        self.setChecked(False)
