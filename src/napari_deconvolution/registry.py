"""Alternatives by name: the algorithms, models, penalties and stops that a user can choose from."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from .parameters import Parameters, in_words, similar

P = TypeVar("P", bound=Parameters)


class Registry(Mapping[str, P]):
    """Names and what they stand for: `registry[name]` is the object with its default settings.

    An alias is a name of the field for a setting of another: it is found like the rest, and the object knows its own
    name.

    >>> from napari_deconvolution import ALGORITHMS
    >>> ALGORITHMS["richardson-lucy"].name
    'richardson-lucy'
    """

    def __init__(self, base: type[P], what: str) -> None:
        self.what = what
        self._members: dict[str, P] = {}
        self.aliases: set[str] = set()
        self._labels: dict[str, str] = {}
        base.registry = self

    def register(self, name: str, label: str = "") -> Callable[[type[P]], type[P]]:
        """Class decorator: list the class under this name, with a label for people where the name in words is none."""

        def listed(cls: type[P]) -> type[P]:
            cls.name = name
            self._members[name] = cls()
            self._labels[name] = label or in_words(name)
            return cls

        return listed

    def families(self) -> dict[str, list[str]]:
        """The names by family, each in the order in which they were listed.

        >>> from napari_deconvolution import PENALTIES
        >>> list(PENALTIES.families())
        ['']
        """
        found: dict[str, list[str]] = {}
        for name, member in self.items():
            found.setdefault(member.family, []).append(name)
        return found

    def alias(self, name: str, setting: P, label: str = "") -> None:
        """List a setting of a registered class under a name of its own."""
        self._members[name] = setting
        self._labels[name] = label or in_words(name)
        self.aliases.add(name)

    def label_of(self, name: str) -> str:
        """The name for people.

        >>> from napari_deconvolution import ALGORITHMS
        >>> ALGORITHMS.label_of("richardson-lucy"), ALGORITHMS.label_of("maximum-likelihood")
        ('Richardson–Lucy', 'Maximum likelihood')
        """
        return self._labels[name]

    def __getitem__(self, name: str) -> P:
        if not isinstance(name, str):
            raise ValueError(f"there is no {self.what} without a name; there are {', '.join(self._members)}.")
        if name not in self._members:
            raise ValueError(f"there is no {self.what} {name!r}; {similar(name, list(self._members))}")
        return self._members[name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)
