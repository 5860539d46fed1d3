"""Which lines of the figure of a network belong to which route from a value to the output."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Any

from autograd.path_finding.routes import Routes, routes
from autograd.render import palette
from autograd.render.network.captions import told_of
from autograd.render.network.reading import Link, NetworkView, Stop
from autograd.render.picture import CaptionLine, Emphasis, Stroke
from autograd.render.route_lines import route_lines
from autograd.render.strands import COLOURED, WIDTHS, Strands
from autograd.render.typography import CIRCLED, format_count, shown_label

SHARED = "×n: shared by n {what}s, computed once"


class Lit:
    """The routes from one or several values to the output.

    Args:
        view: The network.
        sources: The values asked about.
        show: "numbers", "symbols" or "both": how products are written below the figure.
    """

    asked: Container[Any]
    caption: Sequence[CaptionLine]

    def __init__(self, view: NetworkView, sources: Sequence[Any], show: str) -> None:
        self.asked = frozenset(sources)
        # From a weight, the lines that it is; from a value in a disc or box, those that leave it.
        starts: list[list[tuple[Stop, Stop]]] = [
            [pair for pair, link in view.links.items() if source in link.weights]
            for source in sources
        ]
        self._own = own = [view.stop_of.get(source) for source in sources]

        def places(number: int, tail: Any, head: Any) -> list[tuple[Stop, Stop]]:
            if tail is not None:
                return [(tail, head)]
            mine = own[number]
            if mine is not None:
                return [(mine, head)] if head != mine else []
            return [pair for pair in starts[number] if pair[1] == head]

        found = [routes(source, view.output, view.stop_of.get, COLOURED) for source in sources]
        self._strands = Strands(found, places)
        # A weight whose gradient does not exist is asked about all the same.
        self._asked_lines = {pair for pairs in starts for pair in pairs}
        self._starts = {pair[0] for pair in self._asked_lines}
        self._used: dict[Any, list[str]] = {}
        self._find_uses(sources, found, places)
        lines: list[CaptionLine] = []
        for source, one, (first, shown) in zip(sources, found, self._strands.shown, strict=True):
            told = told_of(view, source, one, shown, show)
            lines += route_lines(source, view.output, one, first, shown, told, "units")
        shared = max(self._strands.uses.values(), default=0) > 1
        if shared or self._strands.count > 1:
            all_single = self._strands.count == sum(one.count for one in found)
            words = SHARED.format(what="path" if all_single else "route")
            lines.append(CaptionLine(f"{WIDTHS}; {words}" if shared else WIDTHS))
        self.caption = lines

    def _find_uses(
        self,
        sources: Sequence[Any],
        found: Sequence[Routes],
        places: Callable[[int, Any, Any], Sequence[tuple[Stop, Stop]]],
    ) -> None:
        """Where a source is used without a line that leads from it: a weight in a penalty."""
        each = zip(sources, found, self._strands.shown, strict=True)
        for number, (source, one, (first, shown)) in enumerate(each):
            for tail, head in one.flows:
                if tail is not None or head == self._own[number] or places(number, None, head):
                    continue
                marks = [
                    CIRCLED[place]
                    for place, route in enumerate(shown, start=first)
                    if route.stops[0] == head
                ]
                name = shown_label(source.label) if source.label else "the marked value"
                mark = "".join(marks) if self._strands.count > 1 else ""
                self._used.setdefault(head, []).append(f"{name} {mark}".strip())

    def used_in(self, stop: Stop) -> list[str]:
        """Return which sources a box uses itself, with the numbers of their routes."""
        return self._used.get(stop, [])

    def of_stop(self, stop: Stop) -> tuple[Emphasis, Stroke, str]:
        """Return whether the routes pass a disc or box."""
        if stop not in self._strands.uses and stop not in self._starts:
            return "dim", Stroke((palette.DIM_LINE,)), ""
        return "lit", Stroke((palette.INK,), (2.2,)), ""

    def of_link(self, tail: Stop, head: Stop, link: Link) -> tuple[Emphasis, Stroke, str, str, str]:
        """Return the strands of a line, one for each coloured route."""
        place = tail, head
        if place not in self._strands.flows and place not in self._asked_lines:
            return "dim", Stroke((palette.DIM_LINE,), (1.0,)), "", "", ""
        asked = [weight for weight in link.weights if weight in self.asked]
        label = shown_label(asked[0].label or "w") if asked else ""
        uses = self._strands.uses.get(place, 0)
        badge = f"×{format_count(uses)}" if uses > 1 and (self._strands.is_few or asked) else ""
        return "lit", self._strands.stroke(place), self._strands.mark(place), label, badge
