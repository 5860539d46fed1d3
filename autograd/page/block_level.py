"""Every layer, loss and group: a card for each, with places for its numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autograd.page.geometry import Binding, laid_out, line_of, outlined, placeholder, texts_of
from autograd.page.graph_table import GraphTable
from autograd.render.blocks.figure import AllAlike, block_picture
from autograd.render.blocks.reading import BlockView, GraphBlock
from autograd.render.picture import Box

_WIDE = 5
_MEAN, _DEAD = "mean |δ|", "dead"


def block_level(table: GraphTable, view: BlockView) -> dict[str, Any]:
    """Return the picture of the blocks of a graph, and where their texts stand."""
    has_units = any(group is not None and group.kind == "net input" for group in view.groups)
    # There is a row for δ wherever there is a gradient to show.
    ones = [1.0] * len(view.nodes)
    picture = block_picture(view, ones, AllAlike(), [], has_units)
    picture = replace(picture, boxes=tuple(map(_for_any_numbers, picture.boxes)))
    rows = [_bound(table, view, *pair) for pair in zip(view.blocks, picture.boxes, strict=True)]
    picture = replace(picture, boxes=tuple(map(_with_room, picture.boxes, rows)))
    scene, clusters = laid_out(picture)
    boxes = []
    for block, box, bindings in zip(view.blocks, picture.boxes, rows, strict=True):
        found = clusters[box.name]
        members = view.members[block] + view.parameters.get(block, [])
        nodes = [table.place[view.nodes[place]] for place in members]
        boxes.append(
            {
                **outlined(box, found),
                "called": box.label,
                "nodes": nodes,
                "pick": table.place[view.nodes[view.members[block][-1]]],
                "texts": texts_of(found, bindings, {}),
            }
        )
    edges = _edges(table, view)
    index = {block: place for place, block in enumerate(view.blocks)}
    pairs = sorted(view.links, key=lambda link: (index[link[1]], index[link[0]]))
    lines = [
        {
            **line_of(clusters[arrow.name]),
            "head_box": arrow.head,
            "edges": edges.get(pair, []),
            "texts": [],
        }
        for arrow, pair in zip(picture.arrows, pairs, strict=True)
    ]
    return {
        "name": "layer",
        "title": "layers" if has_units else "blocks",
        "width": round(scene.width, 1),
        "height": round(scene.height, 1),
        "boxes": boxes,
        "lines": lines,
        "words": [],
    }


def _bound(table: GraphTable, view: BlockView, block: GraphBlock, box: Box) -> dict[int, Binding]:
    found = {}
    for row, (word, _) in enumerate(box.rows):
        if word == _MEAN:
            net_inputs = [
                place for place in view.members[block]
                if (group := view.groups[place]) is not None and group.kind == "net input"
            ]  # fmt: skip
            found[row] = Binding("m", [table.place[view.nodes[place]] for place in net_inputs])
    if box.bold is not None:
        found[box.bold] = Binding("v", [table.place[view.nodes[-1]]])
    return found


def _for_any_numbers(box: Box) -> Box:
    """The box without the row of dead units: they may live after the next edit."""
    rows = tuple(row for row in box.rows if row[0] != _DEAD)
    bold = None if box.bold is None else box.bold - (len(box.rows) - len(rows))
    return replace(box, rows=rows, bold=bold)


def _with_room(box: Box, bindings: dict[int, Binding]) -> Box:
    rows = [
        (word, placeholder(row, _WIDE) if row in bindings else text)
        for row, (word, text) in enumerate(box.rows)
    ]
    return replace(box, rows=tuple(rows))


def _edges(table: GraphTable, view: BlockView) -> dict[tuple[GraphBlock, GraphBlock], list[int]]:
    """The edges of the graph that each arrow stands for."""
    found: dict[tuple[GraphBlock, GraphBlock], list[int]] = {}
    block_of = dict(zip(view.nodes, view.block_of, strict=True))
    for node, head in block_of.items():
        for operand, parent in enumerate(node.parents):
            tail = block_of.get(parent)
            if tail is not None and head is not None and tail != head:
                found.setdefault((tail, head), []).append(table.edge(node, operand))
    return found
