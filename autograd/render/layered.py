"""Layered layout: boxes of given sizes and arrows between them, placed from left to right.

The room knows nothing of values: it gets sizes and index pairs and answers with positions, so that
a picture is drawn where no `dot` is installed, and is the same, byte for byte, on every machine.

The method is the classical one of Sugiyama, Tagawa and Toda (1981): layers by longest path, dummy
boxes where an arrow passes a layer, an order with few crossings (`crossings`), then the
least-squares heights (`placement`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd.render.crossings import Mesh
from autograd.render.placement import Placement

Point = tuple[float, float]

COLUMN_GAP = 44.0
STEEPEST_GAP = 150.0


@dataclass(frozen=True)
class Layout:
    """Where everything goes; y grows downwards and the picture starts at (0, 0).

    Attributes:
        corners: Upper left corner of each box.
        routes: For each arrow the points it passes. Between two points of different height draw a
            curve that leaves and arrives horizontally; such curves never touch a box.
        layers: The layer of each box, 0 at the left.
        heights: The height of each box.
    """

    width: float
    height: float
    corners: list[Point]
    routes: list[list[Point]]
    layers: list[int]
    heights: list[float]


def layered_layout(
    sizes: Sequence[tuple[float, float]],
    edges: Sequence[tuple[int, int]],
    *,
    row_gap: float = 14.0,
    port_gap: float = 15.0,
    column_gap: float = COLUMN_GAP,
    thickness: Sequence[float] | None = None,
) -> Layout:
    """Place boxes in layers from left to right so that every edge runs to the right.

    Boxes stand flush right in their layer. An edge leaves at the middle of the right side of its
    tail and arrives at a port of its own on the left side of its head. Ports are `port_gap` apart,
    not counting the thickness of the edges, and ordered so that the arriving edges do not cross;
    parallel edges therefore stay apart.

    Args:
        sizes: Width and height of each box, in topological order. A box should be as high as its
            ports need: the sum of `port_gap` and thickness over its incoming edges.
        edges: Pairs (tail, head) of box indices with tail < head; equal pairs are parallel edges.
            Their order breaks ties, so that equal input gives an equal picture.
        row_gap: The least distance between boxes of a layer.
        column_gap: The least distance between layers.
        thickness: Of each edge, 0 by default.

    Raises:
        ValueError: If an edge does not run from an earlier box to a later one.

    Example:
        >>> layout = layered_layout([(40, 20), (40, 20)], [(0, 1), (0, 1)])
        >>> layout.layers, layout.corners[0][0] < layout.corners[1][0]
        ([0, 1], True)
    """
    for tail, head in edges:
        if not 0 <= tail < head < len(sizes):
            raise ValueError(
                f"edge {(tail, head)} does not run from an earlier box to a later one "
                f"of {len(sizes)}; give the boxes in topological order"
            )
    if not sizes:
        return Layout(0.0, 0.0, [], [], [], [])
    layers = _assign_layers(len(sizes), edges)
    mesh = Mesh(sizes, edges, layers)
    mesh.order()
    rooms = [port_gap + thick for thick in thickness or [0.0] * len(edges)]
    return _layout(mesh, Placement(mesh, row_gap, rooms), column_gap)


def _assign_layers(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Longest-path layers; then boxes with more arrows out than in move right, to their readers."""
    heads: list[list[int]] = [[] for _ in range(count)]
    fan_in = [0] * count
    for tail, head in edges:
        heads[tail].append(head)
        fan_in[head] += 1
    layers = [0] * count
    for tail in range(count):
        for head in heads[tail]:
            layers[head] = max(layers[head], layers[tail] + 1)
    for tail in reversed(range(count)):
        if heads[tail] and fan_in[tail] < len(heads[tail]):
            layers[tail] = min(layers[head] for head in heads[tail]) - 1
    return layers


def _layout(mesh: Mesh, placement: Placement, column_gap: float) -> Layout:
    """The columns' x, then corners and routes, shifted so that the picture starts at (0, 0)."""
    top = min(y - height / 2 for y, height in zip(placement.y, mesh.heights, strict=True))
    left, right = _columns(mesh, placement, column_gap)
    corners = [
        (
            right[mesh.layer_of[box]] - mesh.widths[box],
            placement.y[box] - mesh.heights[box] / 2 - top,
        )
        for box in range(mesh.boxes)
    ]
    routes = []
    for edge, chain in enumerate(mesh.chains):
        route = [(right[mesh.layer_of[chain[0]]], placement.y[chain[0]] - top)]
        for dummy in chain[1:-1]:
            layer = mesh.layer_of[dummy]
            route += [
                (left[layer], placement.y[dummy] - top),
                (right[layer], placement.y[dummy] - top),
            ]
        head = chain[-1]
        layer, arrival = mesh.layer_of[head], placement.y[head] + placement.port[edge] - top
        side = max(left[layer], right[layer] - mesh.widths[head])
        route += [(left[layer], arrival), (side, arrival)]
        routes.append(route)
    bottom = max(y + height / 2 for y, height in zip(placement.y, mesh.heights, strict=True))
    heights = list(mesh.heights[: mesh.boxes])
    return Layout(right[-1], bottom - top, corners, routes, mesh.box_layers, heights)


def _columns(
    mesh: Mesh, placement: Placement, column_gap: float
) -> tuple[list[float], list[float]]:
    """Left and right side of every column; steeper arrows get a wider gap to turn in."""
    steepest = [0.0] * len(mesh.rows)
    for edge, chain in enumerate(mesh.chains):
        for start, end in pairwise(chain):
            port = placement.port[edge] if end < mesh.boxes else 0.0
            layer = mesh.layer_of[start]
            steepest[layer] = max(
                steepest[layer], abs(placement.y[end] + port - placement.y[start])
            )
    left, right, x = [], [], 0.0
    for row, climb in zip(mesh.rows, steepest, strict=True):
        left.append(x)
        right.append(x + max(mesh.widths[item] for item in row))
        x = right[-1] + min(column_gap + 0.16 * climb, STEEPEST_GAP)
    return left, right
