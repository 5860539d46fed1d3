"""How people get the gradient of an array wrong: transposed, reversed, shifted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import prod
from typing import NamedTuple

from autograd.arrays import Shape


class Alteration(NamedTuple):
    """What may have happened to an array.

    Attributes:
        words: What it then is.
        places: Where each number of the right one stands in it.
        unknown: The places whose numbers it has lost.
    """

    words: str
    places: list[int]
    unknown: frozenset[int] = frozenset()


def alterations(axes: Shape) -> Iterator[Alteration]:
    """Yield what may have happened to an array of these axes.

    Example:
        >>> for one in alterations((2, 3)):
        ...     print(one.words, one.places)
        the transpose [0, 2, 4, 1, 3, 5]
        reversed along axis 0 [3, 4, 5, 0, 1, 2]
        reversed along axis 1 [2, 1, 0, 5, 4, 3]
        reversed along axes 0 and 1 [5, 4, 3, 2, 1, 0]
        shifted by one column [1, 2, 0, 4, 5, 3]
        shifted by one column [2, 0, 1, 5, 3, 4]
    """
    size = prod(axes)
    strides = [prod(axes[axis + 1 :]) for axis in range(len(axes))]
    indices = [
        [place // stride % length for place in range(size)]
        for stride, length in zip(strides, axes, strict=True)
    ]

    def moved(changes: dict[int, list[int]]) -> list[int]:
        # With other indices along some axes.
        return [
            place + sum([(new[place] - indices[a][place]) * strides[a] for a, new in items])
            for items in [list(changes.items())]
            for place in range(size)
        ]

    if len(axes) == 2 and min(axes) > 1:
        rows, columns = axes
        yield Alteration("the transpose", [i % columns * rows + i // columns for i in range(size)])
    elif len(axes) > 2:
        for a, b in combinations(range(len(axes)), 2):
            if axes[a] == axes[b] > 1:
                swapped = moved({a: indices[b], b: indices[a]})
                yield Alteration(f"transposed in axes {a} and {b}", swapped)
    flips = [(a,) for a in range(len(axes))] + [tuple(range(len(axes)))[-2:]] * (len(axes) > 1)
    for flip in flips:
        if all(axes[a] > 1 for a in flip):
            turned = {a: [axes[a] - 1 - index for index in indices[a]] for a in flip}
            where = f"ax{'is' if len(flip) == 1 else 'es'} {' and '.join(map(str, flip))}"
            yield Alteration(f"reversed along {where}", moved(turned))
    for a, length in enumerate(axes):
        if length > 2:
            for step, end in ((1, length - 1), (-1, 0)):
                shifted = moved({a: [(index + step) % length for index in indices[a]]})
                lost = frozenset(place for place in range(size) if indices[a][place] == end)
                yield Alteration(f"shifted by one {_unit(len(axes), a)}", shifted, lost)


def _unit(count: int, axis: int) -> str:
    if count == 1:
        return "entry"
    return ("row", "column")[axis] if count == 2 else f"along axis {axis}"
