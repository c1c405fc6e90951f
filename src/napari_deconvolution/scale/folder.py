"""The folder of a run in tiles: the store that is being filled, and next to its arrays what every worker needs to know.

A worker needs the path of this folder and the number of a tile, nothing else. A tile that is done has a marker, so that
a run that was killed goes on where it was.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from ..algorithms.forward.formation import StationaryPsf
from ..images.image import Image
from ..images.output_path import write_text
from ..recipes.recipe import Recipe
from .tiles import Tile, Tiling

NOTES = "run"
"""The folder within the store; it goes when the run is done."""


@dataclass(frozen=True, eq=False)
class RunFolder:
    """An unfinished store. What is read from it is kept, for the next tile of the same worker."""

    path: Path

    @classmethod
    def beside(cls, output: Path) -> Self:
        """The one of a result of this name."""
        return cls(output.with_name(f".{output.name}.unfinished"))

    @property
    def notes(self) -> Path:
        """Where what belongs to the run lies."""
        return self.path / NOTES

    @property
    def begun(self) -> bool:
        """There is a run to go on with."""
        return (self.notes / "job.json").is_file()

    def begin(self, job: Mapping[str, Any], kernels: Mapping[int, np.ndarray]) -> None:
        """Write down what every worker needs; the job comes last, for it says that all is there."""
        (self.notes / "done").mkdir(parents=True)
        for channel, kernel in kernels.items():
            np.save(self.notes / f"psf_{channel}.npy", kernel)
        write_text(self.notes / "job.json", json.dumps(job))

    @cached_property
    def job(self) -> dict[str, Any]:
        """What was written down."""
        return json.loads((self.notes / "job.json").read_text("utf-8"))

    @cached_property
    def tiling(self) -> Tiling:
        """How the image is cut."""
        said = self.job["tiling"]
        return Tiling(said["outer"], tuple(said["shape"]), said["edge"], tuple(said["margin"]))

    @cached_property
    def image(self) -> Image:
        """The image, read again by this process."""
        recipe = Recipe.of(self.job["recipe"])
        files = [Path(name) for name in self.job["source"]]
        return recipe.taken(recipe.read_image(files if len(files) > 1 else files[0]))

    @cached_property
    def root(self) -> Any:
        """The store."""
        import zarr

        return zarr.open_group(str(self.path), mode="r+")

    def channel(self, tile: Tile) -> int:
        """The channel of a tile."""
        return tile.index["c"] if "c" in tile.index else next(iter(self.recipes))

    def formation(self, channel: int) -> StationaryPsf:
        """The PSF of a channel, which keeps its OTF from one tile to the next."""
        if channel not in self._formations:
            self._formations[channel] = StationaryPsf(np.load(self.notes / f"psf_{channel}.npy"))
        return self._formations[channel]

    @cached_property
    def _formations(self) -> dict[int, StationaryPsf]:
        return {}

    @cached_property
    def recipes(self) -> dict[int, tuple[Recipe, float]]:
        """The settings of every channel, and its mean light."""
        return {
            int(number): (Recipe.of(each["recipe"]), each["level"]) for number, each in self.job["channels"].items()
        }

    def mark(self, tile: Tile, told: Mapping[str, Any]) -> None:
        """Say that a tile is done and in the store."""
        write_text(self._marker(tile.number), json.dumps(told))

    def told(self, number: int) -> dict[str, Any]:
        """What was said of a tile that is done."""
        return json.loads(self._marker(number).read_text("utf-8"))

    def done(self) -> set[int]:
        """The numbers of the tiles that are."""
        return {int(path.stem) for path in (self.notes / "done").glob("*.json")}

    def _marker(self, number: int) -> Path:
        return self.notes / "done" / f"{number}.json"


def checksum(values: np.ndarray) -> int:
    """Of samples: whether an image is the one that a run began on."""
    return zlib.crc32(np.ascontiguousarray(values).tobytes())
