"""A picture in the middle of the reverse sweep: what is complete, in progress, and untouched.

Each state has words and a line of its own, so that it is seen without colours: complete is `grad`
and a thick outline; in progress `so far`, with the uses that are waited for; untouched is pale.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograd.graph import topological_order
from autograd.node_names import NodeNames
from autograd.render import palette
from autograd.render.compose import compose
from autograd.render.operation_scene import operation_scene
from autograd.render.picture import Arrow, Box, CaptionLine, Picture, Stroke
from autograd.render.typography import format_number, printable, text_width, typeset
from autograd.sweeps import BackwardStep, BackwardSteps, backward_steps
from autograd.sweeps.tables import arithmetic, waiting

NOW = palette.PATHS[0]
IN_PROGRESS = palette.PATHS[1]
KEY = "thick outline: complete; so far: in progress; pale: nothing has arrived yet"
_THICK = 2.6
_HIGHER = 1.2
Row = tuple[str, str]


def sweep_picture(
    output: Any, step: Any, sources: Sequence[Any] | None, level: str, max_nodes: int
) -> Picture:
    """Describe the picture at a step of the sweep from a value, or of the sweep that is given.

    Raises:
        TypeError: If step is no whole number.
        IndexError: If there is no such step.
        ValueError: If what is asked for does not go with steps, or the graph is too large.
    """
    if sources:
        raise ValueError("draw either highlight= or step=: a picture shows paths or a sweep")
    if level not in ("auto", "operation"):
        raise ValueError(f'steps are drawn at level="operation", not {level!r}')
    steps = output.whole if isinstance(output, BackwardSteps) else None
    output = output if steps is None else steps.output
    picture = compose(output, None, max_nodes)
    steps = backward_steps(output) if steps is None else steps
    number = number_of_step(-1 if step is None else step, steps)
    return at_step(picture, topological_order(output), steps, number)


def number_of_step(step: Any, steps: BackwardSteps) -> int:
    """Return which step is meant: 0 is the beginning, -1 the last.

    Raises:
        TypeError: If it is no whole number.
        IndexError: If there is no such step.
    """
    if isinstance(step, bool) or not hasattr(type(step), "__index__"):
        raise TypeError(f"step must be a whole number, not {type(step).__name__} {step!r:.80}")
    number, last = operator.index(step), len(steps)
    if not -last - 1 <= number <= last:
        raise IndexError(
            f"there is no step {number}: the sweep from {steps.output.describe()} has steps 0 (the "
            f"beginning) to {last}, or {-last - 1} to -1"
        )
    return number if number >= 0 else number + last + 1


def at_step(picture: Picture, order: Sequence[Any], steps: BackwardSteps, number: int) -> Picture:
    """Return the picture as it is after so many steps of a sweep.

    Args:
        picture: Of the whole graph, nothing highlighted.
        order: The node of each of its boxes.
        steps: All steps of a sweep.
    """
    now = steps[number - 1] if number else None
    latest = {step.target: step for step in steps[:number]}
    boxes = [_box(box, node, steps, latest) for box, node in zip(picture.boxes, order, strict=True)]
    uses = _uses(order)
    done = {(step.node, step.operand) for step in steps[:number]}
    arrows = [_arrow(arrow, uses[arrow.name], now, done) for arrow in picture.arrows]
    return Picture(
        f"{picture.title}, step {number} of {len(steps)}",
        tuple(boxes),
        tuple(arrows),
        _caption(steps, number),
        measured=_measured(_roomiest(picture, order, steps), arrows),
    )


def _measured(roomiest: Picture, arrows: Sequence[Arrow]) -> Picture:
    """The picture that room is left for: of all steps, unless that takes further rows."""
    now = [
        arrow if shown.note else replace(arrow, note="")
        for arrow, shown in zip(roomiest.arrows, arrows, strict=True)
    ]
    least = replace(roomiest, arrows=tuple(now))
    is_low = operation_scene(roomiest).height < _HIGHER * operation_scene(least).height
    return roomiest if is_low else least


def _roomiest(picture: Picture, order: Sequence[Any], steps: BackwardSteps) -> Picture:
    """A picture with the widest texts of all steps: by it nothing moves from step to step."""
    rows: dict[Any, list[tuple[Row, ...]]] = {}
    notes: dict[tuple[Any, int], list[str]] = {}
    for step in steps:
        rows.setdefault(step.target, []).append(_rows(step.total, step.pending))
        notes.setdefault((step.node, step.operand), []).append(arithmetic(step))
    boxes, uses = [], _uses(order)
    for box, node in zip(picture.boxes, order, strict=True):
        states = rows.get(node, [_rows(steps.seed, 0)] if node is steps.output else [])
        longest = max(states, key=len, default=())
        numbers = [number for state in states for _, number in state]
        widest = max(numbers, key=lambda number: text_width(number, 1.0), default="")
        boxes.append(replace(box, rows=(*box.rows[:1], *[(word, widest) for word, _ in longest])))
    arrows = [
        replace(
            arrow,
            note=max(notes.get(uses[arrow.name], [""]), key=lambda note: text_width(note, 1.0)),
            stroke=Stroke((NOW,), (_THICK,)),
        )
        for arrow in picture.arrows
    ]
    return replace(picture, boxes=tuple(boxes), arrows=tuple(arrows))


def _uses(order: Sequence[Any]) -> dict[str, tuple[Any, int]]:
    """Arrow's name to the node and the operand it stands for."""
    pairs = [(node, operand) for node in order for operand in range(len(node.parents))]
    return {f"e{place}": pair for place, pair in enumerate(pairs)}


def _rows(total: float, pending: int) -> tuple[Row, ...]:
    """What a box says of an adjoint that has begun to arrive."""
    number = format_number(total)
    if pending:
        return (("so far", number), ("waits for", waiting(pending)))
    return (("grad", number),)


def _box(box: Box, node: Any, steps: BackwardSteps, latest: dict[Any, BackwardStep]) -> Box:
    data = box.rows[:1]
    hint = f"{printable(node.label or node.op or 'value')} ({box.name}): data {node.data!r}"
    if node.is_constant:
        return replace(box, rows=data, hint=hint)
    step = latest.get(node)
    if step is None and node is not steps.output:
        return replace(
            box,
            rows=(*data, ("grad", "–")),
            emphasis="dim",
            stroke=Stroke((palette.DIM_LINE,)),
            hint=f"{hint}, nothing has arrived yet",
        )
    total, pending = (steps.seed, 0) if step is None else (step.total, step.pending)
    return replace(
        box,
        rows=(*data, *_rows(total, pending)),
        emphasis="plain" if pending else "lit",
        stroke=Stroke((IN_PROGRESS if pending else palette.INK,)),
        hint=f"{hint}, {total!r} so far, {waiting(pending)}{' to come' if pending else ''}",
    )


def _arrow(
    arrow: Arrow, use: tuple[Any, int], now: BackwardStep | None, done: set[tuple[Any, int]]
) -> Arrow:
    if now is not None and use[0] is now.node and use[1] == now.operand:
        stroke = Stroke((NOW,), (_THICK,))
        return replace(arrow, emphasis="lit", stroke=stroke, note=arithmetic(now))
    if use in done:
        return arrow
    return replace(arrow, emphasis="dim", stroke=Stroke((palette.DIM_LINE,)))


def _caption(steps: BackwardSteps, number: int) -> tuple[CaptionLine, ...]:
    names = NodeNames(steps.gradients)
    manner = f" ({steps.manner})" if steps.manner else ""
    head = f"step {number} of {len(steps)}{manner}: "
    if not number:
        output, seed = names[steps.output], typeset(format_number(steps.seed))
        lines = [CaptionLine(f"{head}{output} begins with {seed}", NOW, bold=True)]
        return (*lines, CaptionLine(KEY)) if steps else tuple(lines)
    now = steps[number - 1]
    node, target, total = names[now.node], names[now.target], typeset(format_number(now.total))
    then = f"still waits for {waiting(now.pending)}" if now.pending else "is complete"
    lines = [
        CaptionLine(f"{head}{node} hands on to its operand {now.operand}, {target}", NOW, True),
        CaptionLine(f"{typeset(arithmetic(now))}; {target} has {total} and {then}", palette.INK),
    ]
    if now.flaw:
        lines.append(CaptionLine(printable(now.flaw), IN_PROGRESS, True))
    return (*lines, CaptionLine(KEY))
