"""Lays out the figure of a network: columns of discs, straight lines, a box for the loss."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import partial

from autograd.render import palette
from autograd.render.caption import MARGIN, with_caption
from autograd.render.cards import ROW, SMALL, TEXT, card, card_size
from autograd.render.network.line_labels import Sheet
from autograd.render.picture import Arrow, Box, Picture
from autograd.render.scene import Circle, Cluster, Mark, Point, Rectangle, Scene, Segment, Words
from autograd.render.strokes import strands
from autograd.render.typography import BOLDER, shortened, text_width, typeset

WIDTH, NARROW = 832.0, 440.0  # without margins
HEADING = 12.0
MOST_LABELLED_LINES, MOST_LABELLED_BESIDE_LIT = 20, 8  # in a gap between two columns
BELOW = 13.5  # from a disc to the line its bias stands on
STEEPEST = math.radians(40)  # how far off the level a line leaves a disc: it misses the next
LEAST_GAP, LEAST_NARROW_GAP, WIDEST_GAP = 64.0, 56.0, 170.0


@dataclass(frozen=True)
class Size:
    """How large discs are drawn: the more in a column, the smaller.

    Attributes:
        most: The largest number in a column that are drawn so.
        radius: Of a disc.
        gap: Between two discs of a column.
        rows: Whether a disc holds all its numbers; if not, it holds the one to read first.
    """

    most: float
    radius: float
    gap: float
    rows: bool
    number: bool = True


SIZES = (
    Size(5, 38.5, 33.0, rows=True),
    Size(22, 20.0, 7.0, rows=False),
    Size(math.inf, 8.0, 6.0, rows=False, number=False),
)
NARROW_SIZES = (Size(6, 22.0, 36.0, rows=False), *SIZES[1:])


def network_scene(picture: Picture) -> Scene:
    """Place every disc, box and line of the figure of a network.

    Discs and boxes have the ids `n0`, `n1`, ... and lines `e0`, `e1`, ...
    """
    return _Layout(picture).scene()


def size_for(most: int, narrow: bool = False) -> Size:
    """How large discs are drawn if there are so many in a column."""
    return next(size for size in (NARROW_SIZES if narrow else SIZES) if most <= size.most)


def network_size(columns: list[int]) -> tuple[float, float]:
    """About how wide and high a figure with so many discs in each column becomes."""
    size = size_for(max(columns))
    width = len(columns) * 2 * size.radius + (len(columns) - 1) * LEAST_GAP
    return max(width, WIDTH), max(columns) * (2 * size.radius + size.gap)


class _Layout:
    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        count = 1 + max(box.column for box in picture.boxes)
        self.columns: list[list[int]] = [[] for _ in range(count)]
        for place, box in enumerate(picture.boxes):
            self.columns[box.column].append(place)
        self.size = size_for(max(map(len, self.columns)), picture.narrow)
        self.widest = NARROW if picture.narrow else WIDTH
        self.rooms = [self._room(box) for box in picture.boxes]
        self.centres: list[Point] = [(0.0, 0.0)] * len(picture.boxes)
        self._place()

    def _room(self, box: Box) -> Point:
        """Width and height of a disc or box."""
        if box.shape == "disc":
            return 2 * self.size.radius, 2 * self.size.radius
        return card_size(box)

    def _place(self) -> None:
        widths = [max(self.rooms[place][0] for place in column) for column in self.columns]
        heights = [self._height(column) for column in self.columns]
        self.headings = [self._heading(column) for column in range(len(self.columns))]
        gaps = self._gaps(self.widest - sum(widths))
        # A heading may be wider than its column.
        overhang = max(
            [text_width(line, HEADING) for lines in self.headings[:1] for line in lines], default=0
        )
        self.top = MARGIN + (HEADING + 3) * max(map(len, self.headings)) + 12
        middle = self.top + max(heights) / 2
        names = [] if self.size.rows else [self.picture.boxes[p].label for p in self.columns[0]]
        room = max([text_width(name, SMALL) * BOLDER + 6 for name in names], default=0.0)
        x = MARGIN + max((overhang - widths[0]) / 2, room, 0.0)
        for column, width, height, gap in zip(self.columns, widths, heights, gaps, strict=True):
            y = middle - height / 2
            for place in column:
                room = self.rooms[place][1]
                self.centres[place] = x + width / 2, y + room / 2
                y += room + self.size.gap
            x += width + gap
        overhang = max([text_width(line, HEADING) for line in self.headings[-1]], default=0)
        self.width = x + max((overhang - widths[-1]) / 2, 0.0) + MARGIN
        self.bottom = middle + max(heights) / 2
        if self.size.rows:
            self.bottom += 16  # the biases of the lowest

    def _gaps(self, room: float) -> list[float]:
        """The room behind each column: the more lines are to be labelled, the more."""
        heads = [arrow.head for arrow in self.picture.arrows if arrow.text]
        labelled = Counter(self.picture.boxes[head].column for head in heads)
        columns = range(1, len(self.columns))
        need = [0.75 + min(labelled[column], MOST_LABELLED_LINES) / 6 for column in columns]
        least = LEAST_NARROW_GAP if self.picture.narrow else LEAST_GAP
        gaps = [min(max(room * one / sum(need), least), WIDEST_GAP) for one in need]
        return [*gaps, 0.0]

    def _height(self, column: list[int]) -> float:
        return sum(self.rooms[place][1] for place in column) + self.size.gap * (len(column) - 1)

    def _heading(self, column: int) -> list[str]:
        headings = self.picture.headings
        text = headings[column] if column < len(headings) else ""
        if text_width(text, HEADING) > 2 * self.size.radius + LEAST_GAP - 8:
            first, _, last = text.rpartition(" ")
            return [first, last]
        return [text] if text else []

    def scene(self) -> Scene:
        picture = self.picture
        clusters = [
            Cluster("", "", (self._heading_words(column, place, line),))
            for column, lines in enumerate(self.headings)
            for place, line in enumerate(lines)
        ]
        # Marked paths lie above the rest, discs above all lines, words above everything.
        arrows = sorted(picture.arrows, key=lambda arrow: arrow.emphasis == "lit")
        ways = {arrow.name: self._way(arrow) for arrow in arrows}
        clusters += [self._line(arrow, ways[arrow.name]) for arrow in arrows]
        clusters += [self._box(place) for place in range(len(picture.boxes))]
        clusters += self._labels(arrows, ways)
        width, height = self.width - 2 * MARGIN, self.bottom - MARGIN
        return with_caption(picture, clusters, width, height, self.widest)

    def _heading_words(self, column: int, place: int, line: str) -> Words:
        x = self.centres[self.columns[column][0]][0]
        y = MARGIN + HEADING + (HEADING + 3) * place
        return Words(x, y, line, palette.QUIET_INK, HEADING, "middle")

    def _way(self, arrow: Arrow) -> list[Point]:
        """The points of a line: where it leaves, where it arrives; between, how far it bends."""
        tail, head = self.centres[arrow.tail], self.centres[arrow.head]
        boxes = self.picture.boxes
        if boxes[arrow.head].column - boxes[arrow.tail].column > 1 and self._is_blocked(arrow):
            lowest = max(self.centres[place][1] for c in self.columns for place in c)
            highest = min(self.centres[place][1] for c in self.columns for place in c)
            up = tail[1] + head[1] < highest + lowest + 1
            reach = self.size.radius + self.size.gap * 0.4
            y = highest - reach if up else lowest + reach
            return [self._edge(arrow.tail, (tail[0], y)), (tail[0], y), (head[0], y),
                    self._edge(arrow.head, (head[0], y))]  # fmt: skip
        return [self._edge(arrow.tail, head), self._edge(arrow.head, tail)]

    def _is_blocked(self, arrow: Arrow) -> bool:
        (x1, y1), (x2, y2) = self.centres[arrow.tail], self.centres[arrow.head]
        boxes = self.picture.boxes
        for column in self.columns[boxes[arrow.tail].column + 1 : boxes[arrow.head].column]:
            for place in column:
                x, y = self.centres[place]
                on_line = y1 + (y2 - y1) * (x - x1) / (x2 - x1)
                if abs(on_line - y) < self.rooms[place][1] / 2 + 4:
                    return True
        return False

    def _edge(self, place: int, towards: Point) -> Point:
        """Where the line from a centre towards a point leaves the disc or box."""
        x, y = self.centres[place]
        run, rise = towards[0] - x, towards[1] - y
        if self.picture.boxes[place].shape == "disc":
            radius, angle = self.size.radius, math.atan2(rise, abs(run))
            if run:
                angle = min(max(angle, -STEEPEST), STEEPEST)
            return x + math.copysign(math.cos(angle), run) * radius, y + math.sin(angle) * radius
        width, height = self.rooms[place]
        share = min(
            width / 2 / abs(run) if run else math.inf, height / 2 / abs(rise) if rise else math.inf
        )
        return x + run * share, y + rise * share

    def _line(self, arrow: Arrow, way: list[Point]) -> Cluster:
        lines = strands(arrow.stroke, partial(_shifted, way))
        return Cluster(arrow.name, arrow.hint, tuple(lines))

    def _labels(self, arrows: list[Arrow], ways: dict[str, list[Point]]) -> list[Cluster]:
        """Weights at their lines, each where it is in nobody's way."""
        gap_of = {arrow.name: self.picture.boxes[arrow.head].column for arrow in arrows}
        lines_in = Counter(gap_of.values())
        lit = any(arrow.emphasis == "lit" for arrow in arrows)
        most = MOST_LABELLED_LINES if not lit else MOST_LABELLED_BESIDE_LIT
        told = [
            arrow
            for arrow in arrows
            if lines_in[gap_of[arrow.name]] <= most
            or (arrow.emphasis == "lit" and (arrow.label or self.size.rows))
        ]
        # Of a great many thin lines no text can keep clear.
        seen = [a for a in arrows if a.emphasis == "lit" or lines_in[gap_of[a.name]] <= most]
        sheet = Sheet([(ways[arrow.name], arrow.stroke.thickness) for arrow in seen], self.width)
        sheet.block((0.0, 0.0, self.width, self.top - 12))  # the headings
        for place, box in enumerate(self.picture.boxes):
            (x, y), (width, height) = self.centres[place], self.rooms[place]
            if box.shape == "disc":
                sheet.block_disc((x, y), self.size.radius + 1.5)
            else:
                sheet.block((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
            if self.size.rows and box.below:
                half = text_width(box.below, SMALL) * BOLDER / 2
                base = y + self.size.radius + BELOW
                sheet.block((x - half, base - 11, x + half, base + 3))
        clusters = []
        for arrow in sorted(told, key=lambda arrow: (arrow.emphasis != "lit", not arrow.label)):
            marks = self._label(arrow, ways[arrow.name], sheet)
            if marks:
                clusters.append(Cluster("", arrow.hint, tuple(marks)))
        return clusters

    def _label(self, arrow: Arrow, way: list[Point], sheet: Sheet) -> list[Mark]:
        marks: list[Mark] = []
        thickness = arrow.stroke.thickness
        if arrow.badge:
            width = text_width(arrow.badge, SMALL) * BOLDER + 9
            x, y = sheet.place(way, thickness, (width, 17.0), 0.85, on_line=True)
            marks += [
                Rectangle(x - width / 2, y - 8.5, width, 17, 8.5, palette.INK),
                Words(x, y + 4, arrow.badge, palette.PAPER, SMALL, "middle", bold=True),
            ]
        number = arrow.text
        if self.picture.narrow:  # with as many digits as there is room for
            mark = text_width(f" {arrow.mark}", SMALL) if arrow.mark else 0.0
            number = _fitting("", number, LEAST_NARROW_GAP + 4.0 - mark, SMALL)
        text = f"{arrow.label} = {number}" if arrow.label else number
        text = typeset(f"{text} {arrow.mark}".strip())
        if not text:
            return marks
        bold = bool(arrow.label)
        ink = palette.INK if bold else arrow.ink
        room = text_width(text, SMALL) * (BOLDER if bold else 1.0) + 2
        x, y = sheet.place(way, thickness, (room, 12.0), 0.5)
        marks.append(Words(x, y + 4, text, ink, SMALL, "middle", bold=bold, halo=True))
        return marks

    def _box(self, place: int) -> Cluster:
        box = self.picture.boxes[place]
        if box.shape == "disc":
            return Cluster(box.name, box.hint, tuple(self._disc(place)))
        (x, y), (width, height) = self.centres[place], self.rooms[place]
        return card(box, x - width / 2, y - height / 2, (width, height))

    def _disc(self, place: int) -> list[Mark]:
        box, (x, y), radius = self.picture.boxes[place], self.centres[place], self.size.radius
        dash = (4.0, 3.0) if box.stroke.dashed else ()
        marks: list[Mark] = [
            Circle(x, y, radius, box.fill, box.border, 1.3 if box.emphasis != "lit" else 2.4, dash)
        ]
        rows = box.rows
        if not self.size.rows:
            if self.size.number and box.label:
                # An input goes by its name, which stands beside it.
                left = x - radius - 5
                marks.append(
                    Words(left, y + 4, box.label, box.ink, SMALL, "end", bold=True, halo=True)
                )
            if self.size.number:
                room = _chord(radius, 0.36 * SMALL) - 2
                number = _fitting("", box.rows[box.bold or 0][1], room, SMALL)
                marks.append(Words(x, y + 4, number, box.ink, SMALL, "middle"))
            return marks
        lines = [(word, number, row == box.bold) for row, (word, number) in enumerate(rows)]
        if box.label:
            lines.insert(0, ("", box.label, True))
        for row, (word, written, bold) in enumerate(lines):
            rise = ROW * (row - (len(lines) - 1) / 2)
            size = TEXT if bold else SMALL
            room = _chord(radius, abs(rise) + 0.36 * size) - 1
            line = _fitting(word, written, room / (BOLDER if bold else 1.0), size)
            ink = box.ink if bold or not rows[0][0] else box.quiet_ink
            marks.append(Words(x, y + 4.2 + rise, line, ink, size, "middle", bold=bold))
        if box.below:
            ink, base = palette.INK if box.below_lit else box.quiet_ink, y + radius + BELOW
            marks.append(
                Words(x, base, typeset(box.below), ink, SMALL, "middle", box.below_lit, halo=True)
            )
        return marks


def _fitting(word: str, written: str, room: float, size: float) -> str:
    """A word and a number, or a name, with as many digits or letters as there is room for."""
    try:
        number = float(written)
    except ValueError:
        tries = [written, *(shortened(written, most) for most in range(len(written) - 1, 1, -1))]
    else:
        tries = [written, *(f"{number:.{digits}g}".replace("e+", "e") for digits in (3, 2, 1))]
        tries.append(tries[-1].replace("0.", ".", 1))
    lines = [typeset(f"{word} {text}".strip()) for text in tries]
    return next((line for line in lines if text_width(line, size) <= room), typeset(tries[-1]))


def _chord(radius: float, height: float) -> float:
    """How wide a disc is so far above or below its middle."""
    return 2 * math.sqrt(max(radius**2 - height**2, 0.0))


def _shifted(way: list[Point], shift: float) -> tuple[Segment, ...]:
    """The line through two points, or bent by four, moved to its side."""
    (x1, y1), (x2, y2) = way[0], way[-1]
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    dx, dy = -(y2 - y1) / length * shift, (x2 - x1) / length * shift
    moved = [(x + dx, y + dy) for x, y in way]
    if len(moved) == 2:
        return ("M", *moved[0]), ("L", *moved[1])
    (a, b), (c, d), (e, f), (g, h) = moved
    return ("M", a, b), ("C", c, d, e, f, g, h)
