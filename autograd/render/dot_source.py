"""Writes a picture as DOT statements for Graphviz."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html import escape as html_escape

from autograd.render import palette
from autograd.render.picture import Arrow, Box, CaptionLine, Picture

FONT = "Arial"
GRAPH_ATTRIBUTES = {
    "rankdir": "LR",
    "bgcolor": palette.PAPER,
    "pad": "0.2",
    "nodesep": "0.14",
    "ranksep": "0.32",
    "fontname": FONT,
    "fontsize": "12",
    "labelloc": "b",
    "labeljust": "l",
}
NODE_ATTRIBUTES = {"fontname": FONT, "fontsize": "12", "height": "0.3", "margin": "0.09,0.04"}
EDGE_ATTRIBUTES = {"fontname": FONT, "fontsize": "10.5", "arrowsize": "0.6"}

# dot keeps arrows of great weight short and straight: these only bind an operation to its value.
_BINDING_WEIGHT = "20"

Attributes = dict[str, str]


def caption_label(caption: tuple[CaptionLine, ...]) -> str:
    """The caption as an HTML-like label: one left-aligned line each, in its colour."""
    lines = []
    for line in caption:
        text = html_escape(line.text)
        if line.bold:
            text = f"<B>{text}</B>"
        cell = f'<TD ALIGN="LEFT"><FONT COLOR="{line.colour}">{text}</FONT></TD>'
        lines.append(f"<TR>{cell}</TR>")
    table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">'
    return f"<{table}{''.join(lines)}</TABLE>>" if lines else ""


def node_statements(picture: Picture) -> Iterator[tuple[str, Attributes]]:
    """Yield (node name, attributes): a record for each value, an ellipse for each operation."""
    operands = Counter(arrow.head for arrow in picture.arrows)
    for place, box in enumerate(picture.boxes):
        if box.operation:
            yield operation_name(box), _operation(box, operands[place])
        yield box.name, _record(box)


def edge_statements(picture: Picture) -> Iterator[tuple[str, str, Attributes]]:
    """Yield (tail, head, attributes): operand to operation, then operation to value."""
    for arrow in picture.arrows:
        tail, head = picture.boxes[arrow.tail], picture.boxes[arrow.head]
        yield tail.name, operation_name(head) if head.operation else head.name, _operand(arrow)
    for box in picture.boxes:
        if box.operation:
            yield operation_name(box), box.name, _binding(box)


def operation_name(box: Box) -> str:
    """The name of the ellipse before a value."""
    return f"{box.name}_op"


def escape_label(text: str) -> str:
    r"""The text with everything escaped that means something in a record label.

    Example:
        >>> print(escape_label('a|b {c} <d> \\ &'))
        a\|b \{c\} \<d\> \\ &amp;
    """
    for sign in "\\{}|<>":
        text = text.replace(sign, "\\" + sign)
    return text.replace("&", "&amp;")


def _record(box: Box) -> Attributes:
    rows = "|".join(escape_label(f"{word} {number}".strip()) for word, number in box.rows)
    # In a drawing from left to right, braces turn the direction of fields: label left of a column.
    name = escape_label(box.label or box.called)
    label = f"{{{name}|{{{rows}}}}}" if name else rows
    return {
        "label": label,
        "shape": "record",
        "style": "filled,rounded",
        "fillcolor": box.fill,
        "color": box.border,
        "fontcolor": box.ink,
        "penwidth": f"{box.outline:g}",
        "id": box.name,
        "tooltip": escape_label(box.hint),
    }


def _operation(box: Box, operands: int) -> Attributes:
    return {
        "label": escape_label(box.operation),
        "shape": "ellipse",
        "width": "0.3",
        "height": f"{max(0.3, 0.17 * operands):.3g}",
        "style": "filled",
        "fillcolor": palette.DIM_FILL if box.emphasis == "dim" else palette.OPERATION_FILL,
        "color": box.border,
        "fontcolor": box.ink,
        "penwidth": f"{box.outline:g}",
        "id": operation_name(box),
        "tooltip": escape_label(box.hint),
    }


def _operand(arrow: Arrow) -> Attributes:
    attributes = {
        "color": ":".join(arrow.stroke.colours),
        "penwidth": f"{max(arrow.stroke.widths):.3g}",
        "id": arrow.name,
        "tooltip": escape_label(arrow.hint) or " ",
    }
    if arrow.text:
        attributes |= {"label": f" {escape_label(arrow.legend)} ", "fontcolor": arrow.ink}
    return attributes


def _binding(box: Box) -> Attributes:
    attributes = {
        "color": ":".join(box.stroke.colours),
        "penwidth": f"{max(box.stroke.widths):.3g}",
        "weight": _BINDING_WEIGHT,
        "arrowhead": "none",
    }
    if box.badge:
        attributes |= {"label": f" {box.badge} ", "fontcolor": palette.INK}
    return attributes
