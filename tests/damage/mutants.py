"""JSON with a value of it replaced: what hand-edited and damaged files look like."""

import copy

JUNK = (
    None, True, -1, 0, 7, 1e308, -1e-308, 10**400, float("nan"), float("inf"), "", "x", "none", [], {}, [1, "a"],
    "\ud800",
    {"name": "x"}, {"name": []}, {"name": {}}, [[]], [{}], {"": 0}, "richardson-lucy", "confocal", {"name": "gaussian"},
)  # fmt: skip


def places(form, at=()):
    """The way to every value, nested ones too."""
    items = form.items() if isinstance(form, dict) else enumerate(form) if isinstance(form, list) else ()
    for key, value in items:
        yield (*at, key)
        yield from places(value, (*at, key))


def mutant(form, rng):
    """A copy of which one to three values are junk, gone, or under another name."""
    found = copy.deepcopy(form)
    for _ in range(rng.integers(1, 4)):
        ways = list(places(found))
        if not ways:
            break
        way = ways[rng.integers(len(ways))]
        home = found
        for key in way[:-1]:
            home = home[key]
        kind = rng.integers(8)
        if kind == 0:
            del home[way[-1]]
        elif kind == 1 and isinstance(home, dict):
            home[["name", "turns", "", "version"][rng.integers(4)]] = home.pop(way[-1])
        else:
            home[way[-1]] = copy.deepcopy(JUNK[rng.integers(len(JUNK))])
    return found
