"""From a laid-out scene to places: outlines, ways, and texts that are bound to numbers.

A picture is laid out with placeholders where numbers will stand, so that every number has room
wherever an edit takes it; the layout is the one of `draw`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograd.render import palette
from autograd.render.levels import scene_of
from autograd.render.palette import Colour
from autograd.render.picture import Arrow, Box, Picture
from autograd.render.scene import Circle, Cluster, Curve, Rectangle, Scene, Segment, Words
from autograd.render.typography import BOLDER, text_width

# The noncharacters of Unicode that lie together: `printable` leaves none of them in a label.
_FIRST, _ROWS = 0xFDD0, 32


@dataclass(frozen=True)
class Binding:
    """The number that stands in a place.

    Attributes:
        kind: "v" for values, "g" for adjoints, "m" for the mean |adjoint|, "e" for partials.
        of: The nodes over which it is the mean, or the edges.
    """

    kind: str
    of: Sequence[int]


def placeholder(row: int, width: int) -> str:
    """Return a text as wide as numbers are, which says in which row it stands."""
    return chr(_FIRST + row % _ROWS) * width


def taken_apart(text: str) -> tuple[str, int | None]:
    """Return what stands before a placeholder, and its row; the whole text if it has none.

    Example:
        >>> taken_apart("z " + placeholder(1, 3)), taken_apart("tanh")
        (('z ', 1), ('tanh', None))
    """
    for place, sign in enumerate(text):
        if _FIRST <= ord(sign) < _FIRST + _ROWS:
            return text[:place], ord(sign) - _FIRST
    return text, None


def laid_out(picture: Picture) -> tuple[Scene, dict[str, list[Cluster]]]:
    """Lay out a picture, and find the clusters of each box and each arrow by its name."""
    unnamed = replace(
        picture,
        caption=(),
        boxes=tuple(replace(box, hint=box.name) for box in picture.boxes),
        arrows=tuple(replace(arrow, hint=arrow.name) for arrow in picture.arrows),
    )
    scene = scene_of(unnamed)
    found: dict[str, list[Cluster]] = {}
    for cluster in scene.clusters:
        found.setdefault(cluster.hint, []).append(cluster)
    return scene, found


def outlined(box: Box, clusters: Sequence[Cluster]) -> dict[str, Any]:
    """Return the outline of a box: of a disc its middle and radius, of a card its corner and size.

    A plain number in the card of another has none.
    """
    tone = {"parameter": "leaf", "constant": "number"}.get(box.kind, box.kind)
    for cluster in clusters:
        for mark in cluster.marks:
            if isinstance(mark, Circle):
                return {"tone": tone, "disc": _rounded(mark.x, mark.y, mark.radius)}
            if isinstance(mark, Rectangle):
                shape = _rounded(mark.x, mark.y, mark.width, mark.height, mark.radius)
                return {"tone": tone, "card": shape}
    return {"tone": tone}


def bars_of(clusters: Sequence[Cluster]) -> dict[str, list[list[float]]]:
    """Return the coloured grounds on a card, such as that of its operation, if there are any."""
    rectangles = [m for c in clusters for m in c.marks if isinstance(m, Rectangle)]
    bars = [_rounded(m.x, m.y, m.width, m.height, m.radius) for m in rectangles[1:]]
    return {"bars": bars} if bars else {}


def texts_of(
    clusters: Sequence[Cluster], bindings: Mapping[int, Binding], rooms: Mapping[int, float]
) -> list[list[Any]]:
    """Return the texts of clusters: [x, y, size, anchor, look, words, room, kind, of].

    The last three only of what is bound to a number, which stands behind the words.

    Args:
        clusters: Of a box or arrow.
        bindings: By row.
        rooms: By row, how wide the text may be where that is less than its placeholder.
    """
    found = []
    for cluster in clusters:
        for words in cluster.marks:
            if isinstance(words, Words):
                found.append(_text(words, bindings, rooms))
    return found


def line_of(clusters: Sequence[Cluster]) -> dict[str, Any]:
    """Return the way of an arrow, its head if it has one, the side of a straight one."""
    curves = [mark for c in clusters for mark in c.marks if isinstance(mark, Curve)]
    found: dict[str, Any] = {"d": _path(curves[0].segments)}
    start, end = curves[0].segments[0], curves[0].segments[-1]
    dx, dy = _end(end)[0] - _end(start)[0], _end(end)[1] - _end(start)[1]
    if all(segment[0] != "C" for segment in curves[0].segments) and len(curves[0].segments) == 2:
        length = (dx * dx + dy * dy) ** 0.5 or 1.0
        found["side"] = _rounded(-dy / length, dx / length, digits=3)
    if len(curves) > 1 and curves[1].fill is not None:
        found["head"] = _path(curves[1].segments)
    return found


def headings_of(clusters: Sequence[Cluster]) -> list[list[Any]]:
    """Return texts that belong to no box and no arrow."""
    return texts_of(clusters, {}, {})


def hidden_numbers(arrow: Arrow, width: int) -> Arrow:
    """Return an arrow with a placeholder for its number, if it has one."""
    return replace(arrow, text=placeholder(0, width) if arrow.text else "")


def _text(words: Words, bindings: Mapping[int, Binding], rooms: Mapping[int, float]) -> list[Any]:
    said, row = taken_apart(words.text)
    look = _look(words)
    shown = [*_rounded(words.x, words.y, words.size), words.anchor[0], look, said]
    if row is None:
        return shown
    bound = bindings[row]
    size = words.size * (BOLDER if words.bold else 1.0)
    room = rooms.get(row, words.room) - text_width(said, size)
    return [*shown, *_rounded(room), bound.kind, list(bound.of)]


def _look(words: Words) -> str:
    """Which class of the style sheet a text has: bold, quiet, with a halo."""
    quiet: set[Colour] = {palette.QUIET_INK, palette.CONSTANT_INK}
    looks = {"b": words.bold, "q": words.colour in quiet, "h": words.halo, "i": words.italic}
    return "".join(look for look, has in looks.items() if has)


def _path(segments: Sequence[Segment]) -> str:
    parts = []
    for letter, *lengths in segments:
        parts.append(letter + " ".join(f"{length:.1f}".removesuffix(".0") for length in lengths))
    return "".join(parts)


def _end(segment: Segment) -> tuple[float, float]:
    numbers = [float(number) for number in segment[1:]]
    return numbers[-2], numbers[-1]


def _rounded(*numbers: float, digits: int = 1) -> list[float]:
    """The numbers as short as they can be written: whole ones without a point."""
    rounded = [round(float(number), digits) for number in numbers]
    return [int(number) if number.is_integer() else number for number in rounded]
