"""Every unit of a network: the textbook's figure, with places for its numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from autograd.page.geometry import (
    Binding,
    headings_of,
    hidden_numbers,
    laid_out,
    line_of,
    outlined,
    placeholder,
    taken_apart,
    texts_of,
)
from autograd.page.graph_table import GraphTable
from autograd.render.network.figure import Unmarked, network_picture
from autograd.render.network.layout import Size, size_for
from autograd.render.network.reading import LOSS, NetworkView, Stop, layer_of
from autograd.render.picture import Box
from autograd.render.scene import Words

_WIDE = 3  # a number in a disc
_WEIGHT = 4
_BIAS = 31  # the row of the bias, which stands below its disc
_BELOW = 48.0  # how wide it may be


def network_level(table: GraphTable, view: NetworkView) -> dict[str, Any]:
    """Return the figure of a network: discs, boxes, lines, and where their texts stand."""
    # There is a row for δ wherever there is a gradient to show.
    gradients = dict.fromkeys([node for node in table.order if not node.is_constant], 1.0)
    picture = network_picture(view, gradients, Unmarked(view), None)
    stops = [stop for column in view.columns for stop in column]
    written = _Rows(table, view)
    rows = [written.of(stop, box) for stop, box in zip(stops, picture.boxes, strict=True)]
    size = size_for(max(map(len, view.columns)))
    picture = replace(
        picture,
        boxes=tuple(map(_with_room, picture.boxes, rows)),
        arrows=tuple(hidden_numbers(arrow, _WEIGHT) for arrow in picture.arrows),
    )
    scene, clusters = laid_out(picture)
    boxes = []
    for stop, box, bindings in zip(stops, picture.boxes, rows, strict=True):
        found = clusters[box.name]
        shape = outlined(box, found)
        rooms = _rooms(shape["disc"], found, size) if "disc" in shape else {}
        nodes = written.nodes(stop)
        boxes.append(
            {
                **shape,
                "called": box.called or box.label,
                "nodes": [table.place[node] for node in nodes],
                "pick": table.place[written.pick(stop)],
                "texts": texts_of(found, bindings, rooms),
            }
        )
    lines = []
    edges = _edges(table, view)
    for arrow, (pair, link) in zip(picture.arrows, view.links.items(), strict=True):
        found = clusters[arrow.name]
        weights = [table.place[weight] for weight in link.weights]
        line = {
            **line_of(found),
            "tail": arrow.tail,
            "head_box": arrow.head,
            "edges": edges.get(pair, []),
            "weights": weights,
            "texts": texts_of(found, {0: Binding("v", weights)}, {}),
        }
        lines.append(line)
    return {
        "name": "neuron",
        "title": "neurons",
        "width": round(scene.width, 1),
        "height": round(scene.height, 1),
        "boxes": boxes,
        "lines": lines,
        "words": headings_of(clusters.get("", [])),
    }


def network_inputs(view: NetworkView) -> list[Any]:
    """Return the plain numbers that are inputs of a network: a reader may change them."""
    return [node for stop, nodes in view.members.items() if stop.kind == "input" for node in nodes]


class _Rows:
    """Which numbers stand in which row of a disc or box."""

    def __init__(self, table: GraphTable, view: NetworkView) -> None:
        self.table = table
        self.view = view

    def of(self, stop: Stop, box: Box) -> dict[int, Binding]:
        """The bindings of a box by row; the rest stays as it is."""
        if stop.kind == "unit":
            return self._unit(stop, box)
        if stop.kind == "input":
            return {0: self._values(self.view.members[stop])}
        if stop.kind == "layer":
            return self._layer(stop, box)
        return {1: self._values([self.view.output])} if stop == LOSS else {}

    def nodes(self, stop: Stop) -> list[Any]:
        """All nodes that a disc or box stands for."""
        if stop.kind == "unit":
            return [node for node, found in self.view.stop_of.items() if found == stop]
        return self.view.members[stop]

    def pick(self, stop: Stop) -> Any:
        """The node that is asked about by pointing at a disc or box."""
        if stop.kind == "unit":
            return self.view.at[stop][0].activation
        return self.view.members[stop][-1 if stop.kind != "input" else 0]

    def _values(self, nodes: Iterable[Any], kind: str = "v") -> Binding:
        return Binding(kind, [self.table.place[node] for node in nodes])

    def _unit(self, stop: Stop, box: Box) -> dict[int, Binding]:
        at = self.view.at[stop]
        found = {}
        for row, (word, _) in enumerate(box.rows):
            if word in ("δ", "|δ|"):
                found[row] = self._values(
                    [one.net_input for one in at], "g" if len(at) == 1 else "m"
                )
            elif row == 0:
                found[row] = self._values([one.net_input for one in at])
            else:
                found[row] = self._values([one.activation for one in at])
        bias = at[0].bias
        if bias is not None:
            found[_BIAS] = self._values([bias])
        return found

    def _layer(self, stop: Stop, box: Box) -> dict[int, Binding]:
        layer = stop.owner
        units = [
            at for key, at in self.view.at.items()
            if layer_of(key.owner) is layer and key.turn == stop.turn and at[0].whole_layer
        ]  # fmt: skip
        units.sort(key=lambda at: at[0].unit.index or 0)
        return {
            row: self._values([one.activation for one in units[row]])
            for row, (_, number) in enumerate(box.rows)
            if number
        }


def _with_room(box: Box, bindings: dict[int, Binding]) -> Box:
    rows = tuple(
        (word, placeholder(row, _WIDE) if row in bindings else number)
        for row, (word, number) in enumerate(box.rows)
    )
    below = f"b {placeholder(_BIAS, _WIDE)}" if _BIAS in bindings else ""
    return replace(box, rows=rows, below=below)


def _rooms(disc: list[float], clusters: Iterable[Any], size: Size) -> dict[int, float]:
    """How wide a text in a disc may be, by row: where it stands, the disc is so wide."""
    _, middle, radius = disc
    inside = [mark for c in clusters for mark in c.marks if isinstance(mark, Words)]
    rooms = {_BIAS: _BELOW}
    for words in inside:
        _, row = taken_apart(words.text)
        if row is not None and row != _BIAS:
            rise = abs(words.y - 4.2 - middle) + 0.36 * words.size
            rooms[row] = 2.0 * math.sqrt(max(radius**2 - rise**2, 1.0)) - (
                2.0 if size.rows else 0.0
            )
    return rooms


def _edges(table: GraphTable, view: NetworkView) -> dict[tuple[Stop, Stop], list[int]]:
    """The edges of the graph that each line stands for."""
    found: dict[tuple[Stop, Stop], list[int]] = {}
    weights = {weight for link in view.links.values() for weight in link.weights}
    net_inputs = {at.net_input: at for at in view.units.all}
    for node in table.order:
        head = view.stop_of.get(node)
        if head is None:
            continue
        at = net_inputs.get(node)
        for operand, parent in enumerate(node.parents):
            tail = view.stop_of.get(parent)
            if tail is None and at is not None and parent in weights:
                # A weight is on the line from the input that it multiplies.
                tail = view.stop_of.get(at.inputs[operand])
            if tail is not None and tail != head and (tail, head) in view.links:
                found.setdefault((tail, head), []).append(table.edge(node, operand))
    return found
