"""Reads a graph of values and describes its picture: the only file here that looks at values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd.graph import topological_order
from autograd.render import palette
from autograd.render.highlights import Highlight, highlight_paths
from autograd.render.picture import Arrow, Box, CaptionLine, Emphasis, Kind, Picture, Stroke
from autograd.render.typography import format_number, pretty_label, printable, shortened
from autograd.reverse import local_derivatives

NOT_YET = "no gradients yet: call backward() first"
ACCUMULATED = ".grad differs from grad: it keeps adding until zero_grad()"
COARSER = 'one box per operation; level="neuron" draws every unit, level="layer" every layer'
LEGEND = "on the arrows: local derivatives; multiply along a path, add over paths"


def compose(output: Any, sources: Sequence[Any] | None, max_nodes: int) -> Picture:
    """Describe the picture of the graph below `output`, with the paths from the sources marked.

    Raises:
        ValueError: If the graph has more than `max_nodes` nodes.
    """
    order = topological_order(output)
    if len(order) > max_nodes:
        raise ValueError(
            f"the graph of {output.describe()} has {len(order)} nodes, more than the "
            f"{max_nodes} that a picture shows; draw a value inside it, or pass a larger max_nodes="
        )
    gradients, trouble = gradients_of(output, order)
    names = {node: box_label(node) for node in order if node.label}
    names.setdefault(output, "the output")
    marked = None
    if sources is not None:
        marked = highlight_paths(sources, output, names, weighed=not trouble)
    shown = {} if output.grad == 0.0 else gradients
    index = {node: place for place, node in enumerate(order)}
    caption = [CaptionLine(line, palette.PATHS[1], bold=True) for line in trouble]
    if not shown and not trouble:
        caption.append(CaptionLine(NOT_YET, palette.INK))
    if marked is not None:
        caption += marked.caption
    elif any(not parent.is_constant for node in order for parent in node.parents):
        caption.append(CaptionLine(LEGEND))
    if any(_accumulated(node, shown) for node in order):
        caption.append(CaptionLine(ACCUMULATED))
    if any(node.group is not None and node.group.kind == "net input" for node in order):
        caption.append(CaptionLine(COARSER))
    return Picture(
        title=f"graph of {names[output]}, {len(order)} nodes",
        boxes=tuple(_box(node, index[node], shown, marked) for node in order),
        arrows=tuple(_arrows(order, index, marked)),
        caption=tuple(caption),
    )


def box_label(node: Any) -> str:
    """A value's label as a picture shows it: on one line, indices as indices, not too long."""
    return shortened(pretty_label(printable(node.label)))


def gradients_of(output: Any, order: Sequence[Any]) -> tuple[dict[Any, float], list[str]]:
    """Return the adjoint of each node of the graph, or none and what is wrong with them."""
    nodes = [node for node in order if not node.is_constant]
    found, trouble = adjoints_in(output, nodes)
    return dict(zip(nodes, found, strict=bool(found))), trouble


def adjoints_in(output: Any, nodes: Sequence[Any]) -> tuple[list[float], list[str]]:
    """Return the adjoints of these nodes in their order, or none and what is wrong with them."""
    if output.is_constant:
        return [], []
    try:
        return output.adjoints_of(nodes), []
    except (ArithmeticError, ValueError) as error:
        # A drawing is how one looks for the culprit, so it must not fail with it.
        return [], [f"no gradients: {printable(str(error))}"]


def _accumulated(node: Any, gradients: dict[Any, float]) -> bool:
    if node.parents or node not in gradients:
        return False
    return not math.isclose(node.grad, gradients[node], rel_tol=1e-9, abs_tol=0.0)


def _box(node: Any, place: int, gradients: dict[Any, float], marked: Highlight | None) -> Box:
    kind: Kind = "computed" if node.parents else "parameter"
    if node.is_constant:
        kind = "constant"
    number = format_number(node.data)
    rows = [("", number) if kind == "constant" else ("data", number)]
    called = " = ".join([name for name in (node.label, node.op) if name]) or "value"
    hint = f"{called} (n{place}): data {node.data!r}"
    if node in gradients and not node.is_constant:
        rows.append(("grad", format_number(gradients[node])))
        hint += f", grad {gradients[node]!r}"
    if _accumulated(node, gradients):
        rows.append((".grad", format_number(node.grad)))
        hint += f", .grad {node.grad!r}"
    emphasis: Emphasis = "plain"
    stroke, badge = _plain_stroke(kind), ""
    if marked is not None:
        uses = marked.nodes.get(node, 0)
        emphasis = "lit" if uses else "dim"
        stroke = marked.outline(node) if uses else Stroke((palette.DIM_LINE,))
        badge = marked.badge(uses)
    return Box(
        name=f"n{place}",
        label=box_label(node),
        rows=tuple(rows),
        operation=shortened(printable(node.op), 12),
        kind=kind,
        emphasis=emphasis,
        hint=printable(hint),
        stroke=stroke,
        badge=badge,
    )


def _plain_stroke(kind: Kind) -> Stroke:
    return Stroke(
        (
            {
                "parameter": palette.PARAMETER_LINE,
                "constant": palette.CONSTANT_LINE,
                "computed": palette.LINE,
            }[kind],
        )
    )


def _arrows(order: list[Any], index: dict[Any, int], marked: Highlight | None) -> list[Arrow]:
    arrows: list[Arrow] = []
    for node in order:
        if not node.parents:
            continue
        derivatives = _derivatives(node)
        first = len(arrows)
        for operand in _reading_order(node):
            parent, derivative = node.parents[operand], derivatives[operand]
            name, text, hint = f"e{first + operand}", "", ""
            if derivative is not None:
                text = derivative if isinstance(derivative, str) else format_number(derivative)
                hint = f"local derivative for operand {operand}: {derivative!s}"
            emphasis: Emphasis = "plain"
            stroke = Stroke() if derivative is not None else Stroke((palette.CONSTANT_LINE,))
            mark = ""
            if marked is not None:
                edge = (node, operand)
                uses = marked.edges.get(edge, 0)
                emphasis = "lit" if uses else "dim"
                stroke = marked.stroke(edge) if uses else Stroke((palette.DIM_LINE,))
                mark = marked.mark(edge) if uses else ""
            arrows.append(
                Arrow(name, index[parent], index[node], text, emphasis, stroke, hint, mark)
            )
    return arrows


def _derivatives(node: Any) -> Sequence[float | str | None]:
    if node.is_constant:
        return [None] * len(node.parents)
    try:
        return local_derivatives(node)
    except (ArithmeticError, ValueError):
        return [None if parent.is_constant else "undefined" for parent in node.parents]


def _reading_order(node: Any) -> list[int]:
    """Operands in the order to read them: a dot product as w, x, w, x, ..., bias."""
    count = len(node.parents)
    if node.op != "dot":
        return list(range(count))
    half = count // 2
    pairs = [place for first in range(half) for place in (first, first + half)]
    return [*pairs, *range(2 * half, count)]
