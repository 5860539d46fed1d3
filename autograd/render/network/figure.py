"""Describes the textbook's figure of a network: a disc for each unit, weights on the lines."""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from typing import Any, Protocol

from autograd.render import palette
from autograd.render.means import mean
from autograd.render.network.box_formulas import activation_word, formula_lines, targets_of
from autograd.render.network.captions import function_name
from autograd.render.network.layout import size_for
from autograd.render.network.reading import LOSS, Link, NetworkView, Stop, layer_of, wide_layers
from autograd.render.picture import Arrow, Box, CaptionLine, Emphasis, Kind, Picture, Stroke
from autograd.render.typography import format_number, printable, shown_label
from autograd.reverse import local_derivatives
from autograd.units import UnitAt

MEANS = "{count} examples: means of z and a, mean |δ|"
CHOSEN = "example [{chosen}], one of {count}"
ONE_OF = 'one circle per unit; level="operation" draws every operation, level="layer" every layer'
WEIGHTS = "on the lines: weights; δ = ∂{loss}/∂z"
IN_CIRCLES = "in the circles: a; point at one to see z and δ = ∂{loss}/∂z"
_ROWS_OF_A_LAYER = 6
_TARGETS = 3
_LINES_APART = 80


class Marks(Protocol):
    """What is emphasised in a figure of a network, and how."""

    caption: Sequence[CaptionLine]
    asked: Container[Any]  # the values that are asked about

    def of_stop(self, stop: Stop, /) -> tuple[Emphasis, Stroke, str]:
        """Return emphasis, outline and badge of a disc or box."""

    def used_in(self, stop: Stop, /) -> list[str]:
        """Return which of the values asked about a box uses itself, where no line shows it."""

    def of_link(
        self, tail: Stop, head: Stop, link: Link, /
    ) -> tuple[Emphasis, Stroke, str, str, str]:
        """Return emphasis, line, mark, label and badge of what leads from one stop to another."""


class Unmarked:
    """Nothing is asked about: lines are as wide as their weights are large."""

    caption: Sequence[CaptionLine] = ()
    asked: Container[Any] = ()

    def __init__(self, view: NetworkView) -> None:
        self._largest = max(map(self._size, view.links.values()), default=0.0) or 1.0
        # Hundreds of lines would be one dark patch.
        self._widest = 2.5 if len(view.links) <= _LINES_APART else 1.1

    def _size(self, link: Link) -> float:
        sizes = [abs(weight.data) for weight in link.weights if math.isfinite(weight.data)]
        return max(sizes, default=0.0)

    def of_stop(self, _: Stop) -> tuple[Emphasis, Stroke, str]:
        """Return a plain outline."""
        return "plain", Stroke((palette.LINE,)), ""

    def used_in(self, _: Stop) -> list[str]:
        """Return nothing."""
        return []

    def of_link(self, _: Stop, __: Stop, link: Link) -> tuple[Emphasis, Stroke, str, str, str]:
        """Return a line as wide as the weight is large."""
        width = (
            0.3 + (self._widest - 0.3) * self._size(link) / self._largest if link.weights else 1.1
        )
        return "plain", Stroke((palette.LINE,), (width,)), "", "", ""


def network_picture(
    view: NetworkView,
    gradients: dict[Any, float],
    marks: Marks,
    chosen: tuple[int, int] | None,
    narrow: bool = False,
) -> Picture:
    """Describe the figure of a network.

    Args:
        gradients: The adjoint of each node; empty where there are none to show.
        marks: What is emphasised.
        chosen: The example whose numbers are shown, as labels have it in brackets and as units
            count it; None for means over all.
        narrow: Whether it is for a narrow column, in which circles are small.
    """
    writer = _Writer(view, gradients, chosen, narrow)
    stops = [stop for column in view.columns for stop in column]
    index = {stop: place for place, stop in enumerate(stops)}
    boxes = [
        writer.box(f"n{index[stop]}", stop, column, marks)
        for column, entries in enumerate(view.columns)
        for stop in entries
    ]
    arrows: list[Arrow] = []
    for (tail, head), link in view.links.items():
        emphasis, stroke, mark, label, badge = marks.of_link(tail, head, link)
        asked = [weight for weight in link.weights if weight in marks.asked]
        shown = asked[0] if asked else link.weight
        weight = "" if shown is None else writer.weight(shown, emphasis)
        arrows.append(
            Arrow(
                f"e{len(arrows)}", index[tail], index[head], weight, emphasis, stroke,
                writer.link_hint(link), mark, label, badge,
            )
        )  # fmt: skip
    return Picture(
        title=f"network of {writer.name_of_output}, {len(view.order)} nodes",
        boxes=tuple(boxes),
        arrows=tuple(arrows),
        caption=(*marks.caption, *writer.caption()),
        level="neuron",
        headings=tuple(
            writer.heading(column, entries) for column, entries in enumerate(view.columns)
        ),
        narrow=narrow,
    )


class _Writer:
    """Finds the words and numbers of a figure."""

    def __init__(
        self,
        view: NetworkView,
        gradients: dict[Any, float],
        chosen: tuple[int, int] | None,
        narrow: bool,
    ) -> None:
        self.view = view
        self.size = size_for(max(map(len, view.columns)), narrow)
        self.gradients = gradients
        self.number = None if chosen is None else chosen[0]
        self.example = None if chosen is None else chosen[1]
        self.count = view.units.examples
        label = view.output.label
        self.name_of_output = shown_label(label) if label else "the output"
        self.wide = wide_layers(view)
        self.turns: dict[Any, int] = {}
        for at in view.units.all:
            layer = layer_of(at.unit)
            self.turns[layer] = max(at.turn, self.turns.get(layer, 0))

    def caption(self) -> list[CaptionLine]:
        """What the numbers are, and how to see more."""
        lines = []
        if self.count > 1:
            words = MEANS if self.example is None else CHOSEN
            lines.append(CaptionLine(words.format(count=self.count, chosen=self.number)))
        what = WEIGHTS if self.size.rows else IN_CIRCLES if self.size.number else ""
        if what:
            lines.append(CaptionLine(what.format(loss=self.name_of_output)))
        return [*lines, CaptionLine(ONE_OF)]

    def heading(self, column: int, entries: list[Stop]) -> str:
        """What stands above a column."""
        units = [stop for stop in entries if stop.kind == "unit"]
        if units and all(stop.kind in ("unit", "input") for stop in entries):
            for with_turn in (True, False):
                words = {self._layer_words(stop, with_turn) for stop in units}
                if len(words) == 1:
                    return words.pop()
            return ""
        if entries and all(stop.kind == "input" for stop in entries):
            return "input (0)" if column == 0 else "input"
        return ""

    def _layer_words(self, stop: Stop, with_turn: bool) -> str:
        layer = layer_of(stop.owner)
        words = layer.name
        if with_turn and self.turns.get(layer):
            words += f" ⟨{stop.turn + 1}⟩"
        return words if layer in self.wide else f"{words} {function_name(layer.detail)}"

    def box(self, name: str, stop: Stop, column: int, marks: Marks) -> Box:
        """One disc or box."""
        emphasis, stroke, badge = marks.of_stop(stop)
        label, rows, hint, bold = {
            "unit": self._unit, "input": self._input, "layer": self._layer,
        }.get(stop.kind, self._operations)(stop)  # fmt: skip
        if stop.kind == "unit" and self._is_dead(stop):
            stroke = Stroke(stroke.colours, stroke.widths, dashed=(True,) * len(stroke.colours))
            hint += "; dead: its derivative is 0, so nothing gets through"
        below, below_lit, called = "", False, ""
        if stop.kind == "unit":
            name_of_a = self.view.at[stop][0].activation.label
            called = shown_label(name_of_a.partition("[")[0] or name_of_a)
        bias = self.view.at[stop][0].bias if stop.kind == "unit" else None
        if bias is not None:
            below_lit = bias in marks.asked
            word = shown_label(bias.label or "b") if below_lit else "b"
            below = f"{word} {format_number(bias.data)}"
        disc = stop.kind in ("unit", "input")
        if not disc:
            rows += [("uses", name) for name in marks.used_in(stop)]
        kind: Kind = "computed" if stop.kind == "unit" else "constant" if disc else "operation"
        return Box(
            name=name, label=label, rows=tuple(rows), operation="", kind=kind, emphasis=emphasis,
            hint=printable(hint), stroke=stroke, badge=badge, shape="disc" if disc else "card",
            column=column, bold=bold, below=below, below_lit=below_lit, called=called,
        )  # fmt: skip

    def link_hint(self, link: Link) -> str:
        """The unrounded weights and their gradients."""
        hints = []
        for weight in link.weights:
            hint = f"{weight.label or 'weight'}: {weight.data!r}"
            if weight in self.gradients:
                hint += f", gradient {self.gradients[weight]!r}"
            hints.append(hint)
        return printable("; ".join(hints))

    def weight(self, weight: Any, emphasis: Emphasis) -> str:
        """A weight as it stands on its line: shorter where it is in no product below."""
        return format_number(weight.data) if emphasis == "lit" else f"{weight.data + 0.0:.3g}"

    def _unit(self, stop: Stop) -> tuple[str, list[tuple[str, str]], str, int | None]:
        every = self.view.at[stop]
        at = [one for one in every if self.example in (None, one.example)]
        z = mean([one.net_input.data for one in at])
        rows = [("z", format_number(z))]
        only_z = layer_of(every[0].unit) in self.wide
        group = every[0].unit
        where = f" of {layer_of(group).name}" if layer_of(group) is not group else ""
        hint = f"{group.name}{where}, {function_name(group.detail)}: z = {z!r}"
        if not only_z:
            a = mean([one.activation.data for one in at])
            rows.append((activation_word(every[0]), format_number(a)))
            hint += f", a = {a!r}"
        if every[0].bias is not None:
            hint += f", bias {every[0].bias.data!r}"
        deltas = [self.gradients[one.net_input] for one in at if one.net_input in self.gradients]
        if deltas:
            delta = deltas[0] if len(at) == 1 else mean([abs(delta) for delta in deltas])
            word = "δ" if len(at) == 1 else "|δ|"
            rows.append((word, format_number(delta)))
            hint += f", {word} = {delta!r}"
        return "", rows, hint, 0 if only_z else 1

    def _is_dead(self, stop: Stop) -> bool:
        at = [one for one in self.view.at[stop] if self.example in (None, one.example)]
        return bool(self.gradients) and all(map(self._lets_nothing_through, at))

    def _lets_nothing_through(self, at: UnitAt) -> bool:
        """Whether da/dz is 0."""
        if at.activation is at.net_input or at.whole_layer:
            return False
        if at.activation.parents == (at.net_input,):
            return local_derivatives(at.activation) == [0.0]
        onward, back = (self.gradients.get(node, 0.0) for node in (at.activation, at.net_input))
        return onward != 0.0 == back

    def _input(self, stop: Stop) -> tuple[str, list[tuple[str, str]], str, int | None]:
        nodes = self.view.members[stop]
        labels = {node.label.partition("[")[0] or node.label for node in nodes}
        label = labels.pop() if len(labels) == 1 else ""  # no name of one is that of all
        label = shown_label(label or f"x_{stop.place + 1}")
        shown = self._of_example(stop)
        number = mean([node.data for node in shown])
        return label, [("", format_number(number))], f"{label} = {number!r}", None

    def _layer(self, stop: Stop) -> tuple[str, list[tuple[str, str]], str, int | None]:
        layer: Any = stop.owner
        units = [
            (at[0].unit.index or 0, at) for key, at in self.view.at.items()
            if layer_of(key.owner) is layer and key.turn == stop.turn and at[0].whole_layer
        ]  # fmt: skip
        rows = []
        for number, every in sorted(units, key=lambda pair: pair[0]):
            at = [one for one in every if self.example in (None, one.example)]
            name = shown_label(
                f"a_{number}" if layer.index is None else f"a_{number}^({layer.index})"
            )
            rows.append((name, format_number(mean([one.activation.data for one in at]))))
        if len(rows) > _ROWS_OF_A_LAYER:
            left = len(rows) - _ROWS_OF_A_LAYER + 1
            rows = [*rows[: _ROWS_OF_A_LAYER - 1], (f"… {left} more", "")]
        return layer.detail, rows, f"{layer.detail} of {layer.name}", None

    def _operations(self, stop: Stop) -> tuple[str, list[tuple[str, str]], str, int | None]:
        nodes = self.view.members[stop]
        terms = formula_lines(self.view, stop)
        rows = [("", term) for term in terms]
        hint = f"{' '.join(terms)}: {len(nodes)} operations"
        if stop == LOSS:
            is_one = self.count <= 1 or self.example is not None
            targets = targets_of(self.view, nodes, self.example) if is_one else []
            if 0 < len(targets) <= _TARGETS:
                rows.append(("t", ", ".join(targets)))
            name = shown_label(self.view.output.label) if self.view.output.label else "loss"
            rows.append((name, format_number(self.view.output.data)))
            hint += f"; {name} = {self.view.output.data!r}"
        return "", rows, hint, len(rows) - 1

    def _of_example(self, stop: Stop) -> list[Any]:
        nodes = self.view.members[stop]
        if self.example is None:
            return nodes
        wanted = {x for at in self.view.units.all if at.example == self.example for x in at.inputs}
        return [node for node in nodes if node in wanted] or nodes
