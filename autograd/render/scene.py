"""A picture laid out: marks with their final places, from which every file format is written.

A scene knows no format and no value. Lengths are in pixels at the picture's own size, y grows
downwards, everything lies between (0, 0) and (width, height), and `palette.PAPER` is behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from autograd.render.palette import Colour
from autograd.render.typography import BOLDER, has_known_width, text_width

Point = tuple[float, float]
# Move to a point, a line or a Bézier curve (two controls, then the end), back to the last move.
Segment = (
    tuple[Literal["M"], float, float]
    | tuple[Literal["L"], float, float]
    | tuple[Literal["C"], float, float, float, float, float, float]
    | tuple[Literal["Z"]]
)


@dataclass(frozen=True)
class Rectangle:
    """A rectangle with its upper left corner at (x, y); `radius` rounds its corners."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    fill: Colour | None
    stroke: Colour | None = None
    stroke_width: float = 0.0
    opacity: float = 1.0


@dataclass(frozen=True)
class Circle:
    """A circle around (x, y); `dash` are the lengths of strokes and gaps of its outline."""

    x: float
    y: float
    radius: float
    fill: Colour | None
    stroke: Colour | None = None
    stroke_width: float = 0.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Curve:
    """Lines and Bézier curves, stroked, filled, or both."""

    segments: tuple[Segment, ...]
    stroke: Colour | None
    width: float = 0.0
    fill: Colour | None = None
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    cap: Literal["butt", "round"] = "butt"


@dataclass(frozen=True)
class Words:
    """One line of text; (x, y) is on its baseline, where `anchor` says.

    A halo in the colour of the paper keeps a text legible that stands on lines.
    """

    x: float
    y: float
    text: str
    colour: Colour
    size: float
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False
    italic: bool = False
    halo: bool = False

    @property
    def room(self) -> float:
        """How wide the text is at most, in the widest of the usual fonts."""
        return text_width(self.text, self.size) * (BOLDER if self.bold else 1.0)

    @property
    def must_fit(self) -> bool:
        """Whether fonts differ so much here that the text has to be set as wide as its room."""
        return not has_known_width(self.text)

    @property
    def left(self) -> float:
        """Where its room begins."""
        return self.x - self.room * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]


Mark = Rectangle | Circle | Curve | Words


@dataclass(frozen=True)
class Cluster:
    """Marks that are one thing to a reader, who may point at it.

    Attributes:
        id: Its name within the picture; may be empty.
        hint: What is said when the reader points at it; may be empty.
    """

    id: str
    hint: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Scene:
    """Clusters in the order of drawing: later ones lie above."""

    title: str
    width: float
    height: float
    clusters: tuple[Cluster, ...]

    def colours(self) -> Iterator[Colour]:
        """Every colour of every mark."""
        for cluster in self.clusters:
            for mark in cluster.marks:
                if isinstance(mark, Words):
                    yield mark.colour
                else:
                    yield from (colour for colour in (mark.fill, mark.stroke) if colour is not None)


def scaled(scene: Scene, factor: float) -> Scene:
    """Return the scene with all lengths multiplied.

    Example:
        >>> scaled(Scene("a dot", 4.0, 2.0, ()), 2.0).width
        8.0
    """
    if factor == 1.0:
        return scene
    clusters = tuple(
        replace(cluster, marks=tuple(_scaled(mark, factor) for mark in cluster.marks))
        for cluster in scene.clusters
    )
    return replace(
        scene, width=scene.width * factor, height=scene.height * factor, clusters=clusters
    )


_LENGTHS = ("x", "y", "width", "height", "radius", "stroke_width", "size")


def _scaled(mark: Mark, factor: float) -> Mark:
    changed: dict[str, Any] = {
        name: getattr(mark, name) * factor for name in _LENGTHS if hasattr(mark, name)
    }
    if isinstance(mark, (Circle, Curve)):
        changed["dash"] = tuple(length * factor for length in mark.dash)
    if isinstance(mark, Curve):
        changed["segments"] = tuple(
            (letter, *(length * factor for length in lengths)) for letter, *lengths in mark.segments
        )
    return replace(mark, **changed)
