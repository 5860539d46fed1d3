"""How much of a gradient comes which way through the blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd.path_finding.routes import OUTPUT, routes
from autograd.render import palette
from autograd.render.blocks.reading import BlockView, GraphBlock
from autograd.render.picture import CaptionLine, Emphasis, Stroke
from autograd.render.typography import counted, format_number, shown_label, typeset

SHARES = "on the arrows: the share of Σ |contribution| that comes this way"
_THINNEST, _WIDER = 1.6, 8.0


class LitBlocks:
    """The blocks on the way from one or several values to the output."""

    def __init__(self, view: BlockView, sources: Sequence[Any]) -> None:
        output = view.nodes[-1]
        block_of = dict(zip(view.nodes, view.block_of, strict=True))
        self._flows: dict[Any, float] = {}
        self._passed: set[Any] = set()
        self._total = 0.0
        self.caption: list[CaptionLine] = []
        for source in sources:
            found = routes(source, output, block_of.get, limit=0)
            self._total += found.magnitude
            last = block_of[output]
            for (tail, head), flow in found.flows.items():
                ends = [last if end is OUTPUT else end for end in (tail, head)]
                self._flows[tuple(ends)] = self._flows.get(tuple(ends), 0.0) + flow
                self._passed.update(end for end in ends if end is not None)
            start = shown_label(source.label) if source.label else "the marked value"
            end = shown_label(output.label) if output.label else "the output"
            name = f"∂{end}/∂{start}" if source.label and output.label else "gradient"
            gradient = typeset(format_number(found.gradient))
            paths = counted(found.count, "path")
            text = f"{name} = {gradient}, the sum over {paths} from {start} to {end}"
            if not found.count:
                text = f"no path leads from {start} to {end}: the gradient is 0"
            self.caption.append(CaptionLine(text, palette.INK, True))
        if self._total:
            self.caption.append(CaptionLine(SHARES))

    def of_block(self, block: GraphBlock) -> Emphasis:
        """Return whether a path passes the block."""
        return "lit" if block in self._passed else "dim"

    def of_link(self, tail: GraphBlock, head: GraphBlock) -> tuple[Emphasis, Stroke, str]:
        """Return a line as wide as the share of the gradient that comes this way."""
        flow = self._flows.get((tail, head))
        if flow is None:
            return "dim", Stroke((palette.DIM_LINE,)), ""
        if not flow:
            return "lit", Stroke((palette.MANY_PATHS,), (_THINNEST,), dashed=(True,)), "0"
        share = flow / self._total
        width = _THINNEST + (_WIDER * share if math.isfinite(share) else 0.0)
        return "lit", Stroke((palette.MANY_PATHS,), (width,)), f"{100 * share:.3g} %"
