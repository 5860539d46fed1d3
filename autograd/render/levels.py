"""Chooses how much a picture shows: every operation, every unit, or every layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

from autograd.render import palette
from autograd.render.blocks.figure import AllAlike, BlockMarks, block_picture, title_of
from autograd.render.blocks.layout import block_scene
from autograd.render.blocks.lit import LitBlocks
from autograd.render.blocks.reading import block_view
from autograd.render.compose import NOT_YET, adjoints_in, compose, gradients_of
from autograd.render.network.captions import SHOWS
from autograd.render.network.figure import Marks, Unmarked, network_picture
from autograd.render.network.layout import network_scene, network_size
from autograd.render.network.lit import Lit
from autograd.render.network.reading import NetworkView, network_view
from autograd.render.operation_scene import operation_scene
from autograd.render.picture import LEVELS, CaptionLine, Picture
from autograd.render.scene import Scene, scaled

AUTO = "auto"
MOST_BOXES = 500
FEW_BOXES = 60  # so many operations are drawn, however wide they are
WIDEST = 1000.0
MOST_SEARCHED = 200_000  # nodes: beyond, no paths are searched, and no units unless asked for
TOO_MANY = "paths are marked in graphs of up to {most:,} nodes"


def picture_of(
    output: Any,
    sources: Sequence[Any] | None,
    level: str,
    example: int | None = None,
    max_nodes: int = MOST_BOXES,
    show: str = "numbers",
    narrow: bool = False,
) -> Picture:
    """Describe the picture of a graph at a level.

    Args:
        output: The value on the right.
        sources: The values whose paths are marked, or None.
        level: "operation", "neuron", "layer", or "auto": the finest that stays within 500 boxes
            and 1,000 pixels, but for a network of `nn` its figure rather than its operations.
        example: The example whose numbers a figure of a network shows, as labels have it in
            brackets: counted from 1.
        max_nodes: The most operations to draw.
        show: "numbers", "symbols" or "both": how products are written below a figure of a network.
        narrow: Whether the circles of a network have to be small.

    Raises:
        TypeError: If example is not a whole number.
        ValueError: If the level is unknown, or the graph cannot be drawn at it; if there is no such
            example.
    """
    if level not in (AUTO, *LEVELS):
        raise ValueError(f"level must be one of {', '.join((AUTO, *LEVELS))}, not {level!r}")
    if show not in SHOWS:
        raise ValueError(f"show must be one of {', '.join(SHOWS)}, not {show!r}")
    if level in ("operation", "layer") and show != "numbers":
        raise ValueError(
            f'show={show!r} is for figures at level="neuron"; explain(output, source) writes the '
            "products of any graph in symbols"
        )
    if level == "operation":
        return compose(output, sources, max_nodes)
    if level == AUTO:
        count = _counted(output, max(max_nodes, MOST_SEARCHED) + 1)
        small = count <= max_nodes
        if small:
            picture = compose(output, sources, max_nodes)
            scene = operation_scene(picture)
            if scene.width <= WIDEST and scene.height <= WIDEST and not _is_network(output):
                return picture
    # In an enormous graph units are found in a minute, layers in seconds.
    coarse = level == "layer" or (level == AUTO and count > MOST_SEARCHED)
    view = None if coarse else network_view(output)
    if view is not None and (level == "neuron" or _has_room(view)):
        return _network(view, sources, example, show, narrow)
    if level == "neuron":
        raise ValueError(
            f"the graph of {output.describe()} has no units to draw: they are marked where a Layer "
            'or MLP of nn computes; level="operation" and level="layer" draw any graph'
        )
    if level == AUTO and view is None and small and len(picture.boxes) <= FEW_BOXES:
        return picture
    return _blocks(output, sources)


def scene_of(picture: Picture) -> Scene:
    """Lay out a picture as its level asks."""
    return scaled(_SCENES[picture.level](picture), picture.font_size / Picture.font_size)


def _counted(output: Any, most: int) -> int:
    """The number of nodes in a graph, counted no further than `most`."""
    seen = {output}
    pending = [output]
    while pending and len(seen) < most:
        for parent in pending.pop().parents:
            if parent not in seen:
                seen.add(parent)
                pending.append(parent)
    return len(seen)


def _is_network(output: Any) -> bool:
    """Whether there are units in layers of a network: their figure says more."""
    pending, seen = [output], {output}
    while pending:
        node = pending.pop()
        if node.group is not None and node.group.around("network") is not None:
            return True
        new = [parent for parent in node.parents if parent not in seen]
        seen.update(new)
        pending.extend(new)
    return False


def _has_room(view: NetworkView) -> bool:
    columns = [len(column) for column in view.columns]
    width, height = network_size(columns)
    return sum(columns) <= MOST_BOXES and width <= WIDEST and height <= WIDEST


def _network(
    view: NetworkView, sources: Sequence[Any] | None, example: int | None, show: str, narrow: bool
) -> Picture:
    chosen = None if example is None else _chosen(view, example)
    gradients, trouble = gradients_of(view.output, view.order)
    caption = [CaptionLine(line, palette.PATHS[1], bold=True) for line in trouble]
    shown = gradients if view.output.grad != 0.0 else {}
    if not shown and not trouble:
        caption.append(CaptionLine(NOT_YET, palette.INK))
    marks: Marks = Unmarked(view)
    if sources is not None and not trouble:
        marks = Lit(view, sources, show)
    marks.caption = [*caption, *marks.caption]
    return network_picture(view, shown, marks, chosen, narrow)


def _chosen(view: NetworkView, example: Any) -> tuple[int, int]:
    """An example as its number in brackets, and as units count it."""
    if isinstance(example, bool) or not isinstance(example, int):
        raise TypeError(f"example must be the number of an example, not {example!r:.80}")
    numbers = {number: k for k, number in view.units.numbers.items()}
    if example not in numbers:
        first, last = min(numbers, default=1), max(numbers, default=0)
        raise ValueError(
            f"there is no example [{example}]: the graph has {len(numbers)}, [{first}] to [{last}]"
        )
    return example, numbers[example]


def _blocks(output: Any, sources: Sequence[Any] | None) -> Picture:
    view = block_view(output)
    listed, trouble = adjoints_in(output, view.nodes)
    caption = [CaptionLine(line, palette.PATHS[1], bold=True) for line in trouble]
    has_units = any(group is not None and group.kind == "net input" for group in view.groups)
    if all(math.isnan(number) for number in listed):
        listed = []
    marks: BlockMarks = AllAlike()
    if sources is not None and not trouble and len(view.nodes) <= MOST_SEARCHED:
        marks = LitBlocks(view, sources, partial(title_of, view))
    elif sources is not None and not trouble:
        caption.append(CaptionLine(TOO_MANY.format(most=MOST_SEARCHED)))
    return block_picture(view, listed, marks, [*caption, *marks.caption], has_units)


_SCENES = {"operation": operation_scene, "neuron": network_scene, "layer": block_scene}
