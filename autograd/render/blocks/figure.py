"""Describes a graph by its blocks: a box for each layer, loss, group or stage."""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

from autograd.groups import Group
from autograd.render import palette
from autograd.render.blocks.reading import BlockView, GraphBlock
from autograd.render.means import mean
from autograd.render.picture import Arrow, Box, CaptionLine, Emphasis, Picture, Stroke
from autograd.render.typography import (
    counted,
    format_count,
    format_number,
    pretty_label,
    printable,
    shortened,
)
from autograd.reverse import local_derivatives

FINER = 'one box per {box}; level="{finer}" draws {what}'
_OPERATIONS_NAMED = 3


class BlockMarks(Protocol):
    """What is emphasised in a picture of blocks."""

    caption: list[CaptionLine]

    def of_block(self, block: GraphBlock, /) -> Emphasis:
        """Return how a box is emphasised."""

    def of_link(self, tail: GraphBlock, head: GraphBlock, /) -> tuple[Emphasis, Stroke, str, str]:
        """Return emphasis, line, text and mark of what leads from one block to another."""


class AllAlike:
    """Nothing is asked about."""

    def __init__(self) -> None:
        self.caption: list[CaptionLine] = []

    def of_block(self, _: GraphBlock) -> Emphasis:
        """Return that nothing is special."""
        return "plain"

    def of_link(self, _: GraphBlock, __: GraphBlock) -> tuple[Emphasis, Stroke, str, str]:
        """Return a plain line."""
        return "plain", Stroke(), "", ""


def block_picture(
    view: BlockView,
    gradients: list[float],
    marks: BlockMarks,
    caption: list[CaptionLine],
    has_units: bool,
) -> Picture:
    """Describe the blocks of a graph.

    Args:
        gradients: The adjoint of each node of the view; empty where there are none to show.
        marks: What is emphasised.
        caption: The first lines below.
        has_units: Whether the graph can be drawn at the level of neurons, too.
    """
    index = {block: place for place, block in enumerate(view.blocks)}
    boxes = [_box(view, block, f"n{index[block]}", gradients, marks) for block in view.blocks]
    arrows: list[Arrow] = []
    for tail, head in sorted(view.links, key=lambda link: (index[link[1]], index[link[0]])):
        emphasis, stroke, text, mark = marks.of_link(tail, head)
        uses = format_count(view.links[tail, head])
        hint = f"{uses} uses of values"
        name = f"e{len(arrows)}"
        arrows.append(Arrow(name, index[tail], index[head], text, emphasis, stroke, hint, mark))
    finer = ("neuron", "every unit") if has_units else ("operation", "every operation")
    in_stages = view.blocks and view.blocks[0].names[-1:] == ("stage",)
    what = "stage of the computation" if in_stages else "layer or group"
    output = view.nodes[-1]
    name = shortened(pretty_label(printable(output.label))) if output.label else "the output"
    return Picture(
        title=f"blocks of {name}, {len(view.nodes)} nodes",
        boxes=tuple(boxes),
        arrows=tuple(arrows),
        caption=(*caption, CaptionLine(FINER.format(box=what, finer=finer[0], what=finer[1]))),
        level="layer",
    )


def _box(
    view: BlockView, block: GraphBlock, name: str, gradients: list[float], marks: BlockMarks
) -> Box:
    emphasis = marks.of_block(block)
    members = view.members[block]
    what = Counter(view.nodes[place].op for place in members)
    rows = _rows(view, block, what)
    hint = "; ".join(f"{word} {text}".strip() for word, text in rows)
    parameters = view.parameters.get(block, [])
    if parameters:
        rows.append(("", counted(len(parameters), "parameter")))
    rows += _gradient_rows(view, block, gradients)
    output = len(view.nodes) - 1
    bold = None
    if members[-1] == output:
        bold = len(rows)
        label = view.nodes[output].label
        word = shortened(pretty_label(printable(label)), 14) if label else "value"
        rows.append((word, format_number(view.nodes[output].data)))
    counts = ", ".join(f"{count} {op}" for op, count in what.most_common(8))
    return Box(
        name=name, label=title_of(view, block), rows=tuple(rows), operation="", kind="operation",
        emphasis=emphasis, hint=printable(f"{hint}; {len(members)} operations: {counts}"),
        stroke=Stroke((palette.LINE,)), bold=bold,
    )  # fmt: skip


def title_of(view: BlockView, block: GraphBlock) -> str:
    """Return what a block is called."""
    last = block.names[-1] if block.names else ""
    if isinstance(last, Group):
        return last.name + (f" ⟨{block.rank + 1}⟩" if block.rank else "")
    if not block.names:
        return "operations"
    if last == "stage":
        return f"stage {block.rank + 1}"
    title = shortened(printable(last.replace("_", " ") if _is_loss(view, block) else last), 24)
    return f"{title} ({block.rank + 1})" if _is_repeated(view, block) else title


def _is_repeated(view: BlockView, block: GraphBlock) -> bool:
    return sum(other.names == block.names for other in view.blocks) > 1


def _is_loss(view: BlockView, block: GraphBlock) -> bool:
    group = view.groups[view.members[block][-1]]
    return group is not None and group.kind == "loss"


def _rows(view: BlockView, block: GraphBlock, what: Counter[str]) -> list[tuple[str, str]]:
    members = view.members[block]
    last = block.names[-1] if block.names else ""
    if isinstance(last, Group):
        groups = {view.groups[place] for place in members}
        units = {group.around("unit") for group in groups if group is not None}
        return [("", f"{len(units)} {last.detail}")]
    if _is_loss(view, block):
        group = view.groups[members[-1]]
        return [("", shortened(group.detail, 32))] if group is not None and group.detail else []
    rows = []
    times = view.times.get(block, 1)
    if times > 1 and block.names and last != "stage":
        rows.append(("", f"×{times}"))
    named = what.most_common(_OPERATIONS_NAMED)
    text = ", ".join(f"{format_count(count)} {op}" for op, count in named)
    rows.append(("", printable(text + (", …" if len(what) > len(named) else ""))))
    return rows


def _gradient_rows(
    view: BlockView, block: GraphBlock, gradients: list[float]
) -> list[tuple[str, str]]:
    """The mean |δ| of a layer, and how many of its units are dead at every example."""
    if not gradients or not isinstance(block.names[-1] if block.names else None, Group):
        return []
    deltas: list[float] = []
    passing: dict[Any, bool] = {}  # for each unit, whether anything gets through at any example
    for place in view.members[block]:
        group = view.groups[place]
        kind = group.kind if group is not None else ""
        if kind == "net input":
            deltas.append(abs(gradients[place]))
        elif kind == "unit" and not passing.get(group, False):
            node = view.nodes[place]
            if len(node.parents) == 1:
                passing[group] = local_derivatives(node) != [0.0]
    if not deltas:
        return []
    rows = [("mean |δ|", format_number(mean(deltas)))]
    dead = sum(not passes for passes in passing.values())
    if dead:
        rows.append(("dead", f"{dead} of {len(passing)}"))
    return rows
