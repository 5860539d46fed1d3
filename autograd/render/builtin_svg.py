"""Draws a picture as SVG with the built-in layout: needs no program and no font file.

An operation is a pill that stands before its value. Every operand has a port of its own on the
pill, and its local derivative stands on the last, level stretch of its arrow, so that no two texts
can meet.
"""

from __future__ import annotations

import math
from html import escape

from autograd.render import palette
from autograd.render.layered import Point, layered_layout
from autograd.render.picture import Arrow, Box, Picture, Stroke
from autograd.render.typography import BOLDER, has_known_width, text_width

FONTS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
TEXT, LABEL, SMALL, CAPTION = 12.0, 13.0, 10.5, 12.0
ROW, PADDING = 15.0, 6.0
PORT_GAP = 15.0
PILL_HEIGHT = 26.0
CONNECTOR, BADGED_CONNECTOR = 14.0, 40.0
ARROWHEAD = 7.0
MARGIN = 14.0
CAPTION_LEADING = 17.0
BOLD = ' font-weight="bold"'


def svg_text(picture: Picture) -> str:
    """Return the picture as the text of an SVG document, the same on every machine.

    Boxes have the ids `n0`, `n1`, ... and arrows `e0`, `e1`, ...

    Example:
        >>> from autograd.render.picture import Picture
        >>> drawn = svg_text(Picture("nothing", (), (), ()))
        >>> drawn.startswith("<svg ")
        True
    """
    stamps = _stamps(picture)
    layout = layered_layout(
        [(stamp.width, stamp.height) for stamp in stamps],
        [(arrow.tail, arrow.head) for arrow in picture.arrows],
        port_gap=PORT_GAP,
        thickness=[_extra_thickness(arrow) for arrow in picture.arrows],
    )
    drawn = []
    # Marked paths lie above the rest, boxes above all arrows.
    for arrow, route in sorted(
        zip(picture.arrows, layout.routes, strict=True), key=lambda pair: pair[0].emphasis == "lit"
    ):
        drawn += _arrow(arrow, route, stamps[arrow.head], layout.corners[arrow.head])
    for stamp, corner in zip(stamps, layout.corners, strict=True):
        drawn += stamp.draw(*corner)
    for place, line in enumerate(picture.caption):
        y = layout.height + 10 + CAPTION_LEADING * (place + 0.8)
        drawn.append(_text(0.0, y, line.text, line.colour, CAPTION, extra=BOLD * line.bold))
    below = CAPTION_LEADING * len(picture.caption) + 10 if picture.caption else 0.0
    return _document(
        picture.title, drawn, max(layout.width, _caption_width(picture)), layout.height + below
    )


def _document(title: str, drawn: list[str], width: float, height: float) -> str:
    size = f"{_n(width + 2 * MARGIN)}", f"{_n(height + 2 * MARGIN)}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" '
        f'viewBox="0 0 {size[0]} {size[1]}" role="img" font-family="{FONTS}" '
        f'font-size="{_n(TEXT)}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="100%" height="100%" fill="{palette.PAPER}"/>',
        f'<g transform="translate({_n(MARGIN)} {_n(MARGIN)})">',
        *drawn,
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _caption_width(picture: Picture) -> float:
    widths = [
        text_width(line.text, CAPTION) * (BOLDER if line.bold else 1.0) for line in picture.caption
    ]
    return max(widths, default=0.0)


def _stamps(picture: Picture) -> list[_Stamp]:
    rooms = [0.0] * len(picture.boxes)
    lanes = [0.0] * len(picture.boxes)
    for arrow in picture.arrows:
        rooms[arrow.head] += PORT_GAP + _extra_thickness(arrow)
        lane = text_width(arrow.legend, SMALL) + 10 + ARROWHEAD
        lanes[arrow.head] = max(lanes[arrow.head], lane)
    return [
        _Stamp(box, room, lane) for box, room, lane in zip(picture.boxes, rooms, lanes, strict=True)
    ]


def _extra_thickness(arrow: Arrow) -> float:
    """How much thicker than an ordinary arrow."""
    return len(arrow.stroke.colours) * arrow.stroke.width - Stroke().width


class _Stamp:
    """A box with its measures: [lane of local derivatives | pill | connector | label | rows]."""

    def __init__(self, box: Box, room: float, lane: float) -> None:
        self.box = box
        self.words = max((text_width(word, SMALL) for word, _ in box.rows if word), default=-5.0)
        numbers = max(text_width(number, TEXT) for _, number in box.rows)
        self.rows_width = 2 * PADDING + self.words + 5 + numbers
        self.label_width = text_width(box.label, LABEL) * BOLDER + 2 * PADDING if box.label else 0.0
        self.card_width = self.label_width + self.rows_width
        self.card_height = max(ROW * len(box.rows) + 6, 22.0)
        self.width, self.height = self.card_width, self.card_height
        self.lane = self.pill_width = self.pill_height = self.connector = 0.0
        if box.operation:
            self.lane = lane
            self.pill_width = max(text_width(box.operation, TEXT) + 16, PILL_HEIGHT)
            self.pill_height = max(PILL_HEIGHT, room + 2)
            self.connector = BADGED_CONNECTOR if box.badge else CONNECTOR
            if box.badge:
                self.connector = max(self.connector, text_width(box.badge, SMALL) + 24)
            self.width += lane + self.pill_width + self.connector
            self.height = max(self.height, self.pill_height)

    def pill_entry(self, rise: float) -> float:
        """How far right of the pill's left side its outline is, at a height off its middle."""
        radius = min(self.pill_width, self.pill_height) / 2
        beyond = abs(rise) - (self.pill_height / 2 - radius)
        return radius - math.sqrt(max(radius**2 - beyond**2, 0.0)) if beyond > 0 else 0.0

    def draw(self, x: float, y: float) -> list[str]:
        box = self.box
        lines = [f'<g id="{box.name}"><title>{escape(box.hint)}</title>']
        middle = y + self.height / 2
        if box.operation:
            pill, card = x + self.lane, x + self.width - self.card_width
            end = pill + self.pill_width
            lines += _strands(box.stroke, [(end, middle), (card, middle)])
            fill = palette.DIM_FILL if box.emphasis == "dim" else palette.OPERATION_FILL
            radius = min(self.pill_width, self.pill_height) / 2
            lines.append(
                f'<rect x="{_n(pill)}" y="{_n(middle - self.pill_height / 2)}" '
                f'width="{_n(self.pill_width)}" height="{_n(self.pill_height)}" rx="{_n(radius)}" '
                f'fill="{fill}" stroke="{box.border}" stroke-width="{_n(box.outline)}"/>'
            )
            centre = pill + self.pill_width / 2
            lines.append(_text(centre, middle + 4.2, box.operation, box.ink, TEXT, "middle"))
            if box.badge:
                lines += self._badge(end + self.connector / 2, middle)
        lines += self._card(x + self.width - self.card_width, middle)
        return [*lines, "</g>"]

    def _badge(self, x: float, y: float) -> list[str]:
        width = text_width(self.box.badge, SMALL) + 8
        return [
            f'<rect x="{_n(x - width / 2)}" y="{_n(y - 8)}" width="{_n(width)}" height="16" rx="8" '
            f'fill="{palette.INK}"/>',
            _text(
                x, y + 3.7, self.box.badge, palette.PAPER, SMALL, "middle", ' font-weight="bold"'
            ),
        ]

    def _card(self, x: float, middle: float) -> list[str]:
        box, top = self.box, middle - self.card_height / 2
        lines = [
            f'<rect x="{_n(x)}" y="{_n(top)}" width="{_n(self.card_width)}" '
            f'height="{_n(self.card_height)}" rx="4" fill="{box.fill}" stroke="{box.border}" '
            f'stroke-width="{_n(box.outline)}"/>'
        ]
        split = x + self.label_width
        if box.label:
            lines.append(
                _text((x + split) / 2, middle + 4.5, box.label, box.ink, LABEL, "middle", BOLD)
            )
            lines.append(
                f'<path d="M{_n(split)} {_n(top)}v{_n(self.card_height)}" stroke="{box.border}" '
                'stroke-width="0.8" opacity="0.55"/>'
            )
        start = middle - ROW * (len(box.rows) - 1) / 2 + 4.2
        for place, (word, number) in enumerate(box.rows):
            line = start + ROW * place
            if word:
                lines.append(_text(split + PADDING, line, word, box.quiet_ink, SMALL))
            right = x + self.card_width - PADDING
            lines.append(_text(right, line, number, box.ink, TEXT, "end"))
        return lines


def _arrow(arrow: Arrow, route: list[Point], stamp: _Stamp, corner: Point) -> list[str]:
    _, end_y = route[-1]
    rise = end_y - (corner[1] + stamp.height / 2)
    tip = corner[0] + stamp.lane + stamp.pill_entry(rise) - stamp.box.outline / 2
    reach = ARROWHEAD + 1.2 * _extra_thickness(arrow)
    path = [*route, (tip - reach * 0.8, end_y)]
    lines = [f'<g id="{arrow.name}">']
    if arrow.hint:
        lines.append(f"<title>{escape(arrow.hint)}</title>")
    lines += _strands(arrow.stroke, path)
    half = reach * 0.45
    lines.append(
        f'<path d="M{_n(tip)} {_n(end_y)}l{_n(-reach)} {_n(-half)}v{_n(2 * half)}z" '
        f'fill="{arrow.ink if arrow.emphasis == "lit" else arrow.stroke.colours[0]}"/>'
    )
    if arrow.text:
        x = corner[0] + (stamp.lane - ARROWHEAD) / 2
        halo = (
            f' stroke="{palette.PAPER}" stroke-width="3" stroke-linejoin="round" '
            'paint-order="stroke"'
        )
        thickness = len(arrow.stroke.colours) * arrow.stroke.width
        base = end_y - 2.0 - thickness / 2
        lines.append(_text(x, base, arrow.legend, arrow.ink, SMALL, "middle", halo))
    return [*lines, "</g>"]


def _strands(stroke: Stroke, points: list[Point]) -> list[str]:
    lines = []
    middle = (len(stroke.colours) - 1) / 2
    for place, colour in enumerate(stroke.colours):
        shift = (place - middle) * stroke.width
        lines.append(
            f'<path d="{_curve(points, shift)}" fill="none" stroke="{colour}" '
            f'stroke-width="{_n(stroke.width)}"/>'
        )
    return lines


def _curve(points: list[Point], shift: float) -> str:
    """The way through the points, level at each, moved by `shift` to keep strands parallel."""
    x, y = points[0]
    parts = [f"M{_n(x)} {_n(y + shift)}"]
    for right, lower in points[1:]:
        if abs(lower - y) < 0.05:
            parts.append(f"H{_n(right)}")
        else:
            turn = (x + right) / 2 - (shift if lower > y else -shift)
            parts.append(
                f"C{_n(turn)} {_n(y + shift)} {_n(turn)} {_n(lower + shift)} "
                f"{_n(right)} {_n(lower + shift)}"
            )
        x, y = right, lower
    return "".join(parts)


def _text(
    x: float, y: float, text: str, colour: str, size: float, anchor: str = "start", extra: str = ""
) -> str:
    where = f' text-anchor="{anchor}"' if anchor != "start" else ""
    if not has_known_width(text):
        width = text_width(text, size) * (BOLDER if BOLD in extra else 1.0)
        where += f' textLength="{_n(width)}" lengthAdjust="spacingAndGlyphs"'
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" fill="{colour}" font-size="{_n(size)}"{where}{extra}>'
        f"{escape(text, quote=False)}</text>"
    )


def _n(number: float) -> str:
    """A coordinate: one decimal, and no minus zero, so that pictures are equal byte for byte."""
    return f"{round(number, 1) + 0.0:g}" if abs(number) < 1e5 else f"{number:.1f}"
