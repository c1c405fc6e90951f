"""Tiles: parts of the volumes of an image that are deconvolved one by one, each with a margin that is cut off again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from ..algorithms.forward.formation import Region


@dataclass(frozen=True)
class Tile:
    """One part of one volume; z is whole."""

    number: int
    index: Mapping[str, int]
    """Of the volume, along time and channel."""
    core: Region
    """What is kept of it, along (z,) y, x of the volume."""
    window: Region
    """What is read: the core and its margin."""

    @property
    def inside(self) -> Region:
        """Where the core lies in the window."""
        pairs = zip(self.core, self.window, strict=True)
        return tuple(slice(core.start - out.start, core.stop - out.start) for core, out in pairs)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the window."""
        return tuple(part.stop - part.start for part in self.window)

    @property
    def words(self) -> str:
        """Which one, for a person."""
        where = [f"{axis}={at}" for axis, at in self.index.items()]
        where += [f"{axis} {part.start} to {part.stop - 1}" for axis, part in zip("yx", self.core[-2:], strict=True)]
        return f"tile {self.number} ({', '.join(where)})"


@dataclass(frozen=True)
class Tiling:
    """How an image is cut: the cores lie on a grid of squares, the margins overlap.

    >>> tiling = Tiling({"t": 2}, (5, 100, 60), 64, (16, 16))
    >>> len(tiling), [tile.window[-1] for tile in tiling][:2]
    (4, [slice(0, 60, None), slice(0, 60, None)])
    >>> tiling[1].core[1], tiling[1].window[1], tiling[1].inside[1]
    (slice(64, 100, None), slice(48, 100, None), slice(16, 52, None))
    """

    outer: Mapping[str, int]
    """Lengths of the axes t and c, as far as there are any."""
    shape: tuple[int, ...]
    """Of a volume, along (z,) y, x."""
    edge: int
    """Of a core, along y and x; those at the far edges of the image may be shorter."""
    margin: tuple[int, int]
    """Along y and x, where there are neighbours: at the edges of the image there are none."""

    def __len__(self) -> int:
        count = 1
        for n in self.outer.values():
            count *= n
        for n in self.shape[-2:]:
            count *= -(-n // self.edge)
        return count

    def __iter__(self) -> Iterator[Tile]:
        starts = [range(0, n, self.edge) for n in self.shape[-2:]]
        places = product(*(range(n) for n in self.outer.values()), *starts)
        for number, place in enumerate(places):
            index = dict(zip(self.outer, place, strict=False))
            yield self._tile(number, index, place[len(index) :])

    def __getitem__(self, number: int) -> Tile:
        rest, place = number, list[int]()
        counts = [*self.outer.values(), *(-(-n // self.edge) for n in self.shape[-2:])]
        for count in reversed(counts):
            rest, at = divmod(rest, count)
            place.insert(0, at)
        if rest:
            raise IndexError(f"there are {len(self)} tiles, and no number {number}")
        return self._tile(number, dict(zip(self.outer, place, strict=False)), [at * self.edge for at in place[-2:]])

    def _tile(self, number: int, index: Mapping[str, int], start: Sequence[int]) -> Tile:
        whole = tuple(slice(0, n) for n in self.shape[:-2])
        core = tuple(slice(a, min(a + self.edge, n)) for a, n in zip(start, self.shape[-2:], strict=True))
        window = tuple(
            slice(max(part.start - by, 0), min(part.stop + by, n))
            for part, by, n in zip(core, self.margin, self.shape[-2:], strict=True)
        )
        return Tile(number, index, (*whole, *core), (*whole, *window))

    def windows(self) -> tuple[list[int], list[int]]:
        """Lengths of the windows along y and x: what they take and cost follows from these, however many they are."""
        found = []
        for n, by in zip(self.shape[-2:], self.margin, strict=True):
            found.append([min(a + self.edge + by, n) - max(a - by, 0) for a in range(0, n, self.edge)])
        return found[0], found[1]
