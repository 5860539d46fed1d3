"""The chain rule as `explain` writes it, for the values that a reader is likely to ask about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd.explanation import explain
from autograd.page.graph_table import GraphTable

_MOST_ASKED, _EFFORT = 80, 12_000  # values, and values times nodes: about two seconds
_LARGEST_GRAPH = 2_000  # nodes: explaining takes longer the more there are


def derivations(table: GraphTable) -> dict[str, Any]:
    """Return lines of text, and for each value asked about which of them are its chain rule.

    They are in names, so that they stay true whatever numbers a reader puts in. Lines that several
    values share are there once.
    """
    lines: dict[str, int] = {}
    found: dict[int, list[int]] = {}
    if len(table.order) <= _LARGEST_GRAPH:
        for node in _asked_about(table):
            try:
                text = explain(table.output, node, limit=0).text
            except (ArithmeticError, ValueError):
                break  # without a gradient nothing is explained; the page says where it is lost
            found[table.place[node]] = [
                lines.setdefault(line, len(lines)) for line in _in_names(text)
            ]
    return {"lines": list(lines), "of": found}


def _asked_about(table: GraphTable) -> Iterable[Any]:
    """Leaves first, then what has a name; no constants, and not what leads nowhere."""
    nodes = [n for n in table.order if not n.is_constant and n is not table.output]
    named = [n for n in nodes if not n.parents] + [n for n in nodes if n.parents and n.label]
    return named[: min(_MOST_ASKED, _EFFORT // len(table.order))]


def _in_names(text: str) -> list[str]:
    """The lines of the first part, which has names in the place of numbers."""
    first, _, _ = text.partition("\n\n")
    _, *lines = first.splitlines()
    return [line.removeprefix("  ").rstrip() for line in lines]
