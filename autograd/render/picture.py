"""What is to be drawn, before anyone decides where: boxes, arrows and a caption.

Both ways to draw, DOT text for Graphviz and the built-in layout, read this description; neither
reads values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autograd.render import palette
from autograd.render.palette import Colour

Kind = Literal["parameter", "constant", "computed", "operation"]
Level = Literal["operation", "neuron", "layer"]
LEVELS = ("operation", "neuron", "layer")
Emphasis = Literal["plain", "lit", "dim"]


@dataclass(frozen=True)
class Stroke:
    """How a line is drawn: one strand per colour, side by side.

    Attributes:
        colours: A colour for each strand.
        widths: The width of each strand; a single one is that of all.
        hollow: Whether each strand has a light core, as negative contributions have; may be empty.
        dashed: Whether nothing gets through along each strand; may be empty.
    """

    colours: tuple[Colour, ...] = (palette.LINE,)
    widths: tuple[float, ...] = (1.1,)
    hollow: tuple[bool, ...] = ()
    dashed: tuple[bool, ...] = ()

    def strands(self) -> list[tuple[Colour, float, bool, bool]]:
        """Colour, width, whether it is hollow, and whether it is dashed, for each strand."""
        count = len(self.colours)
        widths = self.widths if len(self.widths) == count else self.widths * count
        hollow = self.hollow or (False,) * count
        dashed = self.dashed or (False,) * count
        return list(zip(self.colours, widths, hollow, dashed, strict=True))

    @property
    def thickness(self) -> float:
        """The width of all strands together."""
        return sum(width for _, width, _, _ in self.strands())

    @property
    def colour(self) -> Colour:
        """Its colour; dark if it has several."""
        return self.colours[0] if len(set(self.colours)) == 1 else palette.INK


@dataclass(frozen=True)
class Box:
    """A value, with the operation that made it.

    Attributes:
        name: `n0`, `n1`, ... in topological order.
        label: The value's name, ready to print; may be empty.
        rows: Pairs (word, number) such as ("data", "0.5").
        operation: The symbol of the operation; empty for a leaf.
        hint: The unrounded numbers, shown when the reader points at the box.
        stroke: The border, and the connector from the operation to the value.
        badge: How many paths run through here, such as `×2`; empty where it is nothing to tell.
        shape: `card`, or in the figure of a network `disc` for a unit or input.
        column: Where it stands in the figure of a network, counted from the left.
        bold: The row to read first, or None.
        below: What stands below a disc: its bias.
        below_lit: Whether that is asked about.
        called: What text calls it, where its place says so in the picture.
    """

    name: str
    label: str
    rows: tuple[tuple[str, str], ...]
    operation: str
    kind: Kind
    emphasis: Emphasis
    hint: str
    stroke: Stroke
    badge: str = ""
    shape: Literal["card", "disc"] = "card"
    column: int = 0
    bold: int | None = None
    below: str = ""
    below_lit: bool = False
    called: str = ""

    @property
    def fill(self) -> Colour:
        """The colour of the ground."""
        if self.emphasis == "dim":
            return palette.DIM_FILL
        return {
            "parameter": palette.PARAMETER_FILL,
            "constant": palette.CONSTANT_FILL,
            "computed": palette.COMPUTED_FILL,
            "operation": palette.OPERATION_FILL,
        }[self.kind]

    @property
    def border(self) -> Colour:
        """The colour of the outline: of the only path through here, or dark if several share it."""
        return self.stroke.colour

    @property
    def outline(self) -> float:
        """The width of the outline."""
        return 1.1 if self.emphasis != "lit" else 2.0

    @property
    def ink(self) -> Colour:
        """The colour of the text."""
        if self.emphasis == "dim":
            return palette.DIM_INK
        return palette.CONSTANT_INK if self.kind == "constant" else palette.INK

    @property
    def quiet_ink(self) -> Colour:
        """The colour of the words `data` and `grad`."""
        return palette.DIM_INK if self.emphasis == "dim" else palette.QUIET_INK


@dataclass(frozen=True)
class Arrow:
    """One use of a value as an operand.

    Attributes:
        name: `e0`, `e1`, ... in topological order of heads, then of operands.
        tail: Index of the box used.
        head: Index of the box whose operation uses it.
        text: The local derivative, or the weight; empty where no gradient flows.
        mark: The number of the only path that runs here, such as `①`; may be empty.
        label: The name of the weight, where it is asked about.
        badge: As of a box.
        note: What is handed on along it now; stands in place of the text, and may be longer.
    """

    name: str
    tail: int
    head: int
    text: str
    emphasis: Emphasis
    stroke: Stroke
    hint: str
    mark: str = ""
    label: str = ""
    badge: str = ""
    note: str = ""

    @property
    def ink(self) -> Colour:
        """The colour of the text."""
        if self.emphasis == "lit":
            return self.stroke.colour
        return palette.DIM_INK if self.emphasis == "dim" else palette.QUIET_INK

    @property
    def legend(self) -> str:
        """What is written at the arrow."""
        return self.note or f"{self.text} {self.mark}".strip()


@dataclass(frozen=True)
class CaptionLine:
    """One line below the picture."""

    text: str
    colour: Colour = palette.QUIET_INK
    bold: bool = False


@dataclass(frozen=True)
class Picture:
    """Boxes in topological order, arrows, and the lines below the picture.

    Attributes:
        level: What a box is.
        headings: What stands above each column of the figure of a network.
        font_size: Of its text, in pixels; everything else grows with it.
        narrow: Whether it is for a narrow column, such as a telephone's.
        measured: A picture by whose texts this one is laid out, so that it looks like others of the
            same graph; None for its own.
    """

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    caption: tuple[CaptionLine, ...]
    level: Level = "operation"
    headings: tuple[str, ...] = ()
    font_size: float = 12.0
    narrow: bool = False
    measured: Picture | None = None
