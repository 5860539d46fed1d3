"""Draws the rooms of both packages and what imports what: `ROOMS.svg`, for CONTRIBUTING.md.

A folder is a room. Files beside the folders are rooms together: from one that is named here to the
next, in the order of the story that CONTRIBUTING.md tells. An arrow leads to a room that imports.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path
from textwrap import wrap
from typing import Any, NamedTuple

import autograd
from autograd.generate.rooms import ROOT, layers, modules_imported, story, tree
from autograd.render import palette
from autograd.render.caption import MARGIN, with_caption
from autograd.render.cards import card, card_size
from autograd.render.layered import layered_layout
from autograd.render.picture import Box, CaptionLine, Kind, Picture, Stroke
from autograd.render.scene import Cluster, Curve, Scene
from autograd.render.strokes import ARROWHEAD, arrowhead, curve
from autograd.render.writers import written

PICTURE = ROOT / "autograd" / "ROOMS.svg"
_CAPTION = (
    "An arrow leads to a room that imports from the one where it begins; where a longer way says "
    "so already, there is none."
)


class Room(NamedTuple):
    """A folder, or files beside the folders of a package."""

    package: str
    name: str


# The first file of each room of files, what the room is called, and what is there: where that is
# empty, the story says it.
FILES = {
    ("autograd", "callables"): ("ground", "graphs, texts, files"),
    ("autograd", "primitive"): ("the rule book", "values and derivatives"),
    ("autograd", "operators"): ("nodes", "Value, the reverse sweep"),
    ("autograd", "selection"): ("the engine", "compiled or not"),
    ("autograd", "forward"): ("functions", "grad, jacobian, jvp, hvp"),
    ("autograd", "__init__"): ("autograd", "its public names"),
    ("nn", "attributes"): ("networks", "neurons, layers, losses"),
    ("nn", "layerwise"): ("textbook", ""),  # with that folder
    ("nn", "sklearn"): ("sklearn", ""),
    ("nn", "__init__"): ("nn", "its public names"),
}
_WIDTH = 24  # of a card, in letters


def write() -> None:
    """Write the picture into the package."""
    PICTURE.write_text(room_picture(), encoding="utf-8", newline="\n")


def room_picture() -> str:
    """Return the picture as SVG, the same on every machine."""
    return written(_scene(reduced(links())), "svg")


def _scene(drawn: dict[Room, list[Room]]) -> Scene:
    """Place every room as in a house: on the rooms that it imports from."""
    order = list(TopologicalSorter(drawn).static_order())
    boxes = [_box(f"n{place}", room) for place, room in enumerate(order)]
    sizes = [card_size(box) for box in boxes]
    ends = [(order.index(tail), head) for head, room in enumerate(order) for tail in drawn[room]]
    # The layout goes from left to right: a house lies on its side there.
    layout = layered_layout(
        [(height, width) for width, height in sizes],
        ends,
        row_gap=16.0,
        port_gap=20.0,
        column_gap=30.0,
    )
    clusters = []
    for number, route in enumerate(layout.routes):
        x, y = route[-1]
        way = curve([*route[:-1], (x - 0.8 * ARROWHEAD, y)], 0.0)
        marks = [
            Curve(way, palette.LINE, Stroke().thickness),
            arrowhead(x, y, ARROWHEAD, palette.LINE),
        ]
        upright = tuple(_upright(mark, layout.width) for mark in marks)
        clusters.append(Cluster(f"e{number}", "", upright))
    for box, size, (x, y) in zip(boxes, sizes, layout.corners, strict=True):
        clusters.append(card(box, MARGIN + y, MARGIN + layout.width - x - size[1], size))
    title = "the rooms of autograd and nn, by their imports"
    picture = Picture(title, tuple(boxes), (), (CaptionLine(_CAPTION),), "layer")
    return with_caption(picture, clusters, layout.height, layout.width, layout.height)


def _upright(mark: Curve, height: float) -> Curve:
    """Return a line of a picture that lies on its side, set upright."""
    turned: list[Any] = []
    for letter, *numbers in mark.segments:
        pairs = zip(numbers[1::2], numbers[::2], strict=True)
        turned.append((letter, *chain(*((MARGIN + y, MARGIN + height - x) for y, x in pairs))))
    return replace(mark, segments=tuple(turned))


def links() -> dict[Room, list[Room]]:
    """Return for every room those it imports from, both in the order of the story."""
    homes = {package: _homes(package) for package in ("autograd", "nn")}
    below: dict[Room, set[Room]] = {
        room: set() for room in chain.from_iterable(table.values() for table in homes.values())
    }
    for package, table in homes.items():
        for path in sorted((ROOT / package).rglob("*")):
            place = path.relative_to(ROOT / package).parts[0].partition(".")[0]
            if path.suffix not in (".py", ".pyx", ".pxi") or place not in table:
                continue
            for name in _imported(path):
                first, second, *_ = [*name.split("."), "__init__", ""]
                other = homes[first].get(second, homes[first]["__init__"])
                if other != table[place]:
                    below[table[place]].add(other)
    used = {room for rooms in below.values() for room in rooms}
    order = list(below)
    return {
        room: sorted(rooms, key=order.index)
        for room, rooms in below.items()
        if rooms or room in used
    }


def _homes(package: str) -> dict[str, Room]:
    """Return the room of every file and folder of a package."""
    table, found, here = layers(package), {}, ""
    for name in sorted(table, key=lambda name: (table[name], list(table).index(name))):
        if (ROOT / package / name / "__init__.py").exists():
            found[name] = Room(package, name)
        else:
            here, _ = FILES.get((package, name), (here, ""))
            found[name] = Room(package, here)
    return found


def _imported(path: Path) -> set[str]:
    found = modules_imported(path)
    if path == Path(autograd.__file__):  # asked for late
        found |= set(vars(autograd)["_LATER"].values())
    if path.suffix == ".py":  # what may be missing is imported by its name
        texts = [node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant)]
        found |= {"autograd.native"} & {str(text).rpartition(".")[0] for text in texts}
    return found


def reduced(below: dict[Room, list[Room]]) -> dict[Room, list[Room]]:
    """Return links without those that a longer way implies.

    Raises:
        graphlib.CycleError: If rooms import each other.

    Example:
        >>> a, b, c = (Room("autograd", name) for name in "abc")
        >>> reduced({a: [], b: [a], c: [a, b]})[c]
        [Room(package='autograd', name='b')]
    """
    reached: dict[Room, set[Room]] = {}
    for room in TopologicalSorter(below).static_order():
        reached[room] = set(below[room]).union(*[reached[other] for other in below[room]])
    return {
        room: [other for other in rooms if not any(other in reached[another] for another in rooms)]
        for room, rooms in below.items()
    }


def purpose(room: Room) -> str:
    """Return what is in a room: of a folder, what the story of its package says."""
    own = dict(FILES.values()).get(room.name)
    told = [zip(names, said, strict=False) for names, said in story(room.package)]
    return own or dict(chain.from_iterable(told))[room.name].replace("`", "")


def _box(name: str, room: Room) -> Box:
    kind: Kind = "parameter" if room.package == "nn" else "operation"
    rows = tuple(("", line) for line in wrap(purpose(room), _WIDTH, break_on_hyphens=False))
    return Box(name, room.name, rows, "", kind, "plain", "", Stroke())
