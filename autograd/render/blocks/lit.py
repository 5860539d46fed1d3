"""How much of a gradient comes which way through the blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.path_finding.routes import OUTPUT, Route, Routes, routes
from autograd.render import palette
from autograd.render.blocks.reading import BlockView, GraphBlock
from autograd.render.picture import CaptionLine, Emphasis, Stroke
from autograd.render.route_lines import route_lines, summary
from autograd.render.strands import COLOURED, WIDTHS, Strands

SHARES = "on the arrows: the share of Σ |contribution| that comes this way"


class LitBlocks:
    """The blocks on the way from one or several values to the output.

    Args:
        view: The blocks.
        sources: The values asked about.
        title: What a block is called.
    """

    def __init__(
        self, view: BlockView, sources: Sequence[Any], title: Callable[[GraphBlock], str]
    ) -> None:
        output = view.nodes[-1]
        block_of = dict(zip(view.nodes, view.block_of, strict=True))
        last = block_of[output]

        def places(_: int, tail: Any, head: Any) -> list[tuple[Any, Any]]:
            return [] if tail is None else [(tail, last if head is OUTPUT else head)]

        found = [routes(source, output, block_of.get, COLOURED) for source in sources]
        self._strands = Strands(found, places)
        self._passed = set(self._strands.uses)
        if OUTPUT in self._passed and last is not None:
            self._passed.add(last)
        self.caption: list[CaptionLine] = []
        for source, one, (first, shown) in zip(sources, found, self._strands.shown, strict=True):

            def told(route: Route, one: Routes = one) -> list[str]:
                stops = [stop for stop in route.stops if isinstance(stop, GraphBlock)]
                return [summary(route, one, [title(stop) for stop in stops], "at once")]

            self.caption += route_lines(source, output, one, first, shown, told, "blocks")
        if self._strands.flows:
            self.caption.append(CaptionLine(SHARES))
        if self._strands.count > 1:
            self.caption.append(CaptionLine(WIDTHS))

    def of_block(self, block: GraphBlock) -> Emphasis:
        """Return whether a path passes the block."""
        return "lit" if block in self._passed else "dim"

    def of_link(self, tail: GraphBlock, head: GraphBlock) -> tuple[Emphasis, Stroke, str, str]:
        """Return the strands of a line, and the share of the gradient that comes this way."""
        place = tail, head
        if place not in self._strands.flows:
            return "dim", Stroke((palette.DIM_LINE,)), "", ""
        share = f"{100 * self._strands.share(place):.3g} %" if self._strands.flows[place] else "0"
        return "lit", self._strands.stroke(place), share, self._strands.mark(place)
