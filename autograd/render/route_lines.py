"""The lines below a picture about the routes of one source, and their sum, the gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.path_finding.routes import Route, Routes
from autograd.render import palette
from autograd.render.picture import CaptionLine
from autograd.render.typography import CIRCLED, counted, format_number, shown_label, typeset


def route_lines(
    source: Any,
    output: Any,
    found: Routes,
    first: int,
    shown: Sequence[Route],
    told: Callable[[Route], Sequence[str]],
    passed: str,
) -> list[CaptionLine]:
    """Return the lines about one source.

    Args:
        first: The number of its first coloured route.
        shown: Its coloured routes.
        told: What there is to say of each of them, in one line or several.
        passed: What routes pass: "units" or "blocks".
    """
    start = shown_label(source.label) if source.label else "the marked value"
    end = shown_label(output.label) if output.label else "the output"
    if source.is_constant:
        return [_bold(f"{start} is a constant: no gradient flows to it")]
    if not found.count:
        return [_bold(f"no path leads from {start} to {end}: the gradient is 0")]
    one_each = found.count == found.route_count <= len(shown)
    what = counted(found.route_count, "path" if one_each else "route")
    rule = "multiply along it" if found.count == 1 else "multiply along a path, add over paths"
    title = f"{what} from {start} to {end}: {rule}"
    if not one_each:
        paths = counted(found.count, "path")
        title = f"{what} of {passed} from {start} to {end}, {paths}: {rule}"
    lines = [_bold(title)]
    for number, route in enumerate(shown, start=first):
        mark = f"{CIRCLED[number]} " if found.route_count > 1 else ""
        for text in told(route):
            lines.append(CaptionLine(typeset(f"{mark}{text}"), palette.PATHS[number]))
            mark = ""
    terms = [format_number(route.contribution) for route in shown]
    if found.route_count > len(shown):
        what = "path" if found.count == found.route_count else "route"
        more = counted(found.route_count - len(shown), f"more {what}")
        lines.append(CaptionLine(typeset(f"… and {more}, adding {format_number(found.remainder)}")))
        terms = [*terms[:3], "…"]
    total = format_number(found.gradient)
    if found.route_count > 1:
        name = f"∂{end}/∂{start}" if source.label and output.label else "gradient"
        parts = typeset(" + ".join(terms)).replace("+ −", "− ")
        lines.append(_bold(f"{name} = {parts} = {typeset(total)}"))
        kept = abs(found.gradient) / found.magnitude if found.magnitude else 1.0
        if kept < 0.5:
            size = typeset(format_number(found.magnitude))
            text = f"of Σ |contribution| = {size}, {100 * (1 - kept):.0f} % cancel"
            lines.append(CaptionLine(text))
    return lines


def summary(route: Route, found: Routes, via: Sequence[str], nowhere: str) -> str:
    """Return a route in one line: what it passes, its contribution, how many paths it is.

    Args:
        via: What it passes, by name.
        nowhere: What is said if it passes nothing that has a name.
    """
    way = f"via {' → '.join(via)}" if via else nowhere
    share = f"{100 * route.share:.0f} % of Σ |contribution|" if found.magnitude else "nothing"
    what = f"{counted(route.count, 'path')}, {share}"
    return f"{way}: {format_number(route.contribution)} ({what})"


def _bold(text: str) -> CaptionLine:
    return CaptionLine(typeset(text), palette.INK, True)
