"""Steps of a sweep, and what came of them, as text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import combining, east_asian_width

from autograd.html_table import html_table
from autograd.lettering import format_number
from autograd.node_names import NodeNames, node_name
from autograd.streams import for_stream
from autograd.sweeps.sweep import Flaw, SweepRecord

_ROWS_SHOWN = 40
_ROWS_AT_THE_END = 8
_LEAVES_SHOWN = 12
_HEADER = (
    "step", "from", "to", "upstream × local = contribution", "total so far", "still waiting for"
)  # fmt: skip
_LEAF_HEADER = ("leaf", "this sweep", "right")
_TO_THE_LEFT, _LEAVES_TO_THE_LEFT = (1, 2, 6), (0, 3)
Row = tuple[str, ...]


@dataclass(frozen=True)
class Manner:
    """In which way a sweep was run."""

    seed: float
    order: str | None
    accumulate: bool
    as_set: bool

    def __str__(self) -> str:
        parts = [
            self.order or "",
            "" if self.accumulate else "= in place of +=",
            "operands in a set" if self.as_set else "",
        ]
        return ", ".join([part for part in parts if part])

    @property
    def why_right(self) -> str:
        """What is so of a graph in which this manner does no harm."""
        parts = [
            "every node handed on once, after all its uses had arrived" if self.order else "",
            "" if self.accumulate else "no node has more than one use",
            "no node has an operand twice" if self.as_set else "",
        ]
        return ", and ".join([part for part in parts if part])


def arithmetic(step: Any) -> str:
    """The contribution of a step as a product, negative factors in parentheses."""
    upstream, local = format_number(step.upstream), _factor(step.local_derivative)
    return f"{upstream} × {local} = {format_number(step.contribution)}"


def waiting(pending: int) -> str:
    """How many uses a node still waits for."""
    return "complete" if not pending else f"{pending} use{'s' * (pending > 1)}"


def sentence(step: Any) -> str:
    """A step in one line, without the graph around it."""
    left = waiting(step.pending)
    return (
        f"step {step.number}: {node_name(step.node)} → {node_name(step.target)} "
        f"(operand {step.operand}): "
        f"{arithmetic(step)}, total {format_number(step.total)}, "
        f"{f'still waiting for {left}' if step.pending else left}"
        f"{f' ✗ {step.flaw}' if step.flaw else ''}"
    )


def flaw_in_words(done: SweepRecord, index: int) -> str:
    """What is wrong with a step."""
    flaw, turn = done.flaw[index], done.turn[index]
    words = []
    if flaw & Flaw.EARLY:
        words.append(f"hands on too early: {waiting(done.due[turn])} of it still to come")
    if flaw & Flaw.AGAIN:
        words.append("hands all of it on once more")
    if flaw & Flaw.LATE:
        words.append("too late: the operand has handed on without it")
    if flaw & Flaw.OVERWRITES:
        words.append(f"overwrites {format_number(done.before[index])}")
    if flaw & Flaw.DROPS:
        node = done.nodes[done.node[turn]]
        target = node.parents[done.operand[index]]
        uses = sum(parent is target for parent in node.parents)
        words.append(f"one share for {uses} operands: the set keeps one of them")
    return "; ".join(words)


def text(steps: Any) -> str:
    """The table for a terminal."""
    names = _names(steps)
    lines = [_title(steps, names), *_aligned([_HEADER, *_rows(steps, names)], _TO_THE_LEFT)]
    verdict, leaves, more = _verdict(steps, names)
    lines += [verdict] if verdict else []
    if leaves:
        lines += [f"  {line}" for line in _aligned([_LEAF_HEADER, *leaves], _LEAVES_TO_THE_LEFT)]
    lines += [f"  {more}"] if more else []
    return "\n".join(lines)


def html(steps: Any) -> str:
    """The table for a notebook."""
    names = _names(steps)
    verdict, leaves, more = _verdict(steps, names)
    title, rows = _title(steps, names), _rows(steps, names)
    below = [line for line in (verdict, "" if leaves else more) if line]
    page = html_table(title, _HEADER, rows, below, left=_TO_THE_LEFT)
    if leaves:
        below = [more] if more else []
        page += html_table("", _LEAF_HEADER, leaves, below, left=_LEAVES_TO_THE_LEFT)
    return page


def _names(steps: Any) -> NodeNames:
    return NodeNames(steps._sweep.nodes)


def _title(steps: Any, names: NodeNames) -> str:
    manner, whole = steps._manner, len(steps._sweep.turn)
    how = f", {manner}" if str(manner) else ""
    count = f"{whole} step{'s' * (whole != 1)}"
    if len(steps) != whole:
        count = f"{len(steps)} of {count}"
    return f"backward() from {names[steps.output]}{how}: {count}"


def _rows(steps: Any, names: NodeNames) -> list[Row]:
    """The rows: steps, and where some are left out a row of one cell that says how many."""
    seed = format_number(steps.seed)
    rows: list[Row] = []
    if not steps or steps[0].index == 0:
        rows.append(("0", "", f"   {names[steps.output]}", "seed", seed, "complete", ""))
    if len(steps) <= _ROWS_SHOWN:
        return [*rows, *[_cells(step, names) for step in steps]]
    head, tail = _ROWS_SHOWN - _ROWS_AT_THE_END, len(steps) - _ROWS_AT_THE_END
    rows += [_cells(step, names) for step in steps[:head]]
    rows.append((f"… {tail - head} steps left out: [{head}:{tail}] has them",))
    return rows + [_cells(step, names) for step in steps[tail:]]


def _cells(step: Any, names: NodeNames) -> Row:
    return (
        str(step.number),
        names[step.node],
        f"{step.operand}: {names[step.target]}",
        arithmetic(step),
        format_number(step.total),
        waiting(step.pending),
        f"✗ {step.flaw}" if step.flaw else "",
    )


def _verdict(steps: Any, names: NodeNames) -> tuple[str, list[Row], str]:
    """What came of another sweep than the usual one: a sentence, leaves, and how many more."""
    if not str(steps._manner):
        return "", [], ""
    first, wrong = steps.first_wrong, steps.wrong_leaves
    if first is None:
        return f"right: {steps._manner.why_right}", [], ""
    why = f"at step {first.number}, {names[first.node]} → {names[first.target]}: {first.flaw}"
    if not wrong:
        return f"right by luck; the first wrong step: {why}", [], ""
    leaves = [node for node in steps._sweep.nodes if not node.parents]
    shown = leaves if len(leaves) <= _LEAVES_SHOWN else wrong[:_LEAVES_SHOWN]
    is_wrong = set(wrong)
    rows = [_leaf(node, steps, names, node in is_wrong) for node in shown]
    left_out = len(leaves) - len(shown)
    more = (
        f"… {_leaves(left_out)} left out, {len(wrong) - len(is_wrong & set(shown))} of them wrong"
    )
    title = f"wrong for {len(wrong)} of {_leaves(len(leaves))}, first {why}"
    return title, rows, more if left_out else ""


def _leaves(count: int) -> str:
    return "1 leaf" if count == 1 else f"{count} leaves"


def _leaf(node: Any, steps: Any, names: NodeNames, is_wrong: bool) -> Row:
    numbers = steps.gradients[node], steps.right[node]
    got, want = map(format_number, numbers)
    if is_wrong and got == want:
        got, want = map(repr, numbers)
    return names[node], got, want, "✗ wrong" if is_wrong else ""


def _factor(number: float) -> str:
    shown = format_number(number)
    return f"({shown})" if shown.startswith("-") else shown


def _width(cell: str) -> int:
    return sum(
        0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in cell
    )


def _aligned(rows: Sequence[Row], to_the_left: Sequence[int]) -> list[str]:
    rows = [tuple(map(for_stream, row)) for row in rows]
    full = [row for row in rows if len(row) > 1]
    columns = max(map(len, full))
    widths = [max(_width(row[k]) for row in full if k < len(row)) for k in range(columns)]
    lines = []
    for row in rows:
        cells = []
        for k, cell in enumerate(row if len(row) > 1 else ()):
            room = " " * (widths[k] - _width(cell))
            cells.append(cell + room if k in to_the_left else room + cell)
        lines.append("  ".join(cells).rstrip() if cells else row[0])
    return lines
