"""Where in an array something is wrong: the smallest box that holds it, and how it is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograd.arrays import Shape
from autograd.verification.forms import Piece

Box = Sequence[range]


def box_of(axes: Shape, is_wrong: Callable[[list[int]], bool]) -> list[range]:
    """Return the smallest box that holds all that is wrong, found by halving along each axis.

    Args:
        axes: The lengths of the axes.
        is_wrong: Whether anything is, at these places of the array in C's order.

    Example:
        >>> box_of((10, 10), lambda places: any(place in places for place in (34, 37, 54)))
        [range(3, 6), range(4, 8)]
    """
    box = [range(length) for length in axes]

    def with_axis(axis: int, indices: range) -> bool:
        return is_wrong(places_of(axes, [*box[:axis], indices, *box[axis + 1 :]]))

    for axis in range(len(axes)):
        start, stop = 0, axes[axis]
        low, high = start, stop - 1
        while low < high:  # the first index up to which something is wrong
            middle = (low + high) // 2
            low, high = (
                (low, middle) if with_axis(axis, range(start, middle + 1)) else (middle + 1, high)
            )
        start = low
        low, high = start, stop - 1
        while low < high:  # the last one from which on something is
            middle = (low + high + 1) // 2
            low, high = (
                (middle, high) if with_axis(axis, range(middle, stop)) else (low, middle - 1)
            )
        box[axis] = range(start, low + 1)
    return box


def places_of(axes: Shape, box: Box) -> list[int]:
    """Return the places of a box in C's order.

    Example:
        >>> places_of((3, 4), [range(1, 3), range(0, 2)])
        [4, 5, 8, 9]
    """
    places = [0]
    for length, indices in zip(axes, box, strict=True):
        places = [place * length + index for place in places for index in indices]
    return places


def name_of(part: Piece, axes: Shape, box: Box) -> str:
    """Return how a box of a part is called: as a slice of it, if it has axes.

    Example:
        >>> from autograd.verification.forms import PointForm
        >>> (part,) = PointForm([[1.0, 2.0, 3.0, 4.0]], ["w"]).parts
        >>> name_of(part, (4,), [range(1, 3)])
        'w[1:3]'
    """
    if part.structure.axes != axes:
        names = part.structure.names(part.name)
        return f"{names[box[0].start]} to {names[box[0].stop - 1]}"
    steps = [_slice(indices, length) for indices, length in zip(box, axes, strict=True)]
    is_array = part.structure.kind is not list
    return f"{part.name}[{(', ' if is_array else '][').join(steps)}]"


def _slice(indices: range, length: int) -> str:
    if len(indices) == 1 < length:
        return str(indices.start)
    return ":" if len(indices) == length else f"{indices.start}:{indices.stop}"
