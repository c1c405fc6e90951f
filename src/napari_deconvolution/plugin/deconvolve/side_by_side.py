"""Two layers next to each other, and back again."""

from typing import Any

from qtpy.QtWidgets import QPushButton, QWidget


class SideBySide(QPushButton):
    """A button: pressed, the viewer shows only two layers, in its grid; released, it is as before.

    Parameters
    ----------
    viewer
        Its grid is used.
    """

    def __init__(self, viewer: Any, parent: QWidget | None = None) -> None:
        super().__init__("Side by side", parent)
        self.viewer = viewer
        self.shown: list[tuple[Any, bool]] = []
        self.grid: dict[str, Any] = {}
        self.zoom = 1.0
        self.setCheckable(True)
        self.setToolTip("<p>Image and result next to each other, moved together. Press again to go back.</p>")

    def show_pair(self, left: Any, right: Any) -> None:
        """Hide all but two layers, and show them left and right."""
        grid, layers = self.viewer.canvas.grid, self.viewer.layers
        if not self.shown:
            self.shown = [(layer, layer.visible) for layer in layers]
            self.grid = {name: getattr(grid, name) for name in ("enabled", "stride", "shape")}
            self.zoom = self.viewer.scene.camera.zoom
        for layer in layers:
            layer.visible = layer in (left, right)
        grid.stride = 1 if layers.index(left) < layers.index(right) else -1
        grid.shape = (1, 2)
        grid.enabled = True
        self.viewer.scene.camera.zoom = self.zoom / 2  # the same field of view in half the width
        self.setChecked(True)

    def restore(self) -> None:
        """Go back to the view before."""
        for layer, visible in self.shown:
            layer.visible = visible
        for name, value in self.grid.items():
            setattr(self.viewer.canvas.grid, name, value)
        if self.shown:
            self.viewer.scene.camera.zoom = self.zoom
        self.shown, self.grid = [], {}
        self.setChecked(False)
