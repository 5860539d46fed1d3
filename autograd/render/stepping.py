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
from autograd.render.picture import Arrow, Box, CaptionLine, Picture, Stroke
from autograd.render.typography import format_number, printable
from autograd.sweeps import BackwardStep, BackwardSteps, backward_steps
from autograd.sweeps.tables import arithmetic, waiting

NOW = palette.PATHS[0]
IN_PROGRESS = palette.PATHS[1]
KEY = "thick outline: complete; so far: in progress; pale: nothing has arrived yet"
_THICK = 2.6


def sweep_picture(
    output: Any, step: Any, sources: Sequence[Any] | None, level: str, max_nodes: int
) -> Picture:
    """Describe the picture at a step of the sweep from a value, or of the sweep that is given.

    Raises:
        TypeError: If step is no whole number.
        IndexError: If there is no such step.
        ValueError: If something is asked for that does not go with steps; if the graph is too large.
    """
    if sources:
        raise ValueError("draw either highlight= or step=: a picture shows paths or a sweep")
    if level not in ("auto", "operation"):
        raise ValueError(f'steps are drawn at level="operation", not {level!r}')
    steps = output.whole if isinstance(output, BackwardSteps) else None
    output = output if steps is None else steps.output
    picture = compose(output, None, max_nodes)
    steps = backward_steps(output) if steps is None else steps
    return at_step(
        picture, topological_order(output), steps, number_of_step(-1 if step is None else step, steps)
    )


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
        picture: Of the whole graph.
        order: The node of each of its boxes.
        steps: All steps of a sweep.
    """
    now = steps[number - 1] if number else None
    latest = {step.target: step for step in steps[:number]}
    boxes = [_box(box, node, steps, latest) for box, node in zip(picture.boxes, order, strict=True)]
    uses = _uses(order)
    done = {(step.node, step.operand) for step in steps[:number]}
    arrows = [_arrow(arrow, uses[arrow.name], now, done) for arrow in picture.arrows]
    title = f"{picture.title}, step {number} of {len(steps)}"
    return Picture(title, tuple(boxes), tuple(arrows), _caption(steps, number, latest))


def _uses(order: Sequence[Any]) -> dict[str, tuple[Any, int]]:
    """Arrow's name to the node and the operand it stands for."""
    pairs = [(node, operand) for node in order for operand in range(len(node.parents))]
    return {f"e{place}": pair for place, pair in enumerate(pairs)}


def _box(box: Box, node: Any, steps: BackwardSteps, latest: dict[Any, BackwardStep]) -> Box:
    rows, hint = box.rows[:1], f"{box.hint.partition(',')[0]}"
    if node.is_constant:
        return replace(box, rows=rows)
    step = latest.get(node)
    if step is None and node is not steps.output:
        rows += (("grad", "–"),)
        stroke = Stroke((palette.DIM_LINE,))
        return replace(box, rows=rows, emphasis="dim", stroke=stroke, hint=f"{hint}, untouched")
    total = steps.seed if step is None else step.total
    number, hint = format_number(total), f"{hint}, {total!r} so far"
    if step is not None and step.pending:
        rows += (("so far", number), ("waits for", waiting(step.pending)))
        return replace(box, rows=rows, stroke=Stroke((IN_PROGRESS,)), hint=hint)
    rows += (("grad", number),)
    return replace(box, rows=rows, emphasis="lit", stroke=Stroke((palette.INK,)), hint=hint)


def _arrow(
    arrow: Arrow, use: tuple[Any, int], now: BackwardStep | None, done: set[tuple[Any, int]]
) -> Arrow:
    node, operand = use
    if now is not None and node is now.node and operand == now.operand:
        stroke = Stroke((NOW,), _THICK)
        return replace(arrow, emphasis="lit", stroke=stroke, text=f"← {arithmetic(now)}")
    if (node, operand) in done:
        return arrow
    return replace(arrow, emphasis="dim", stroke=Stroke((palette.DIM_LINE,)))


def _caption(
    steps: BackwardSteps, number: int, latest: dict[Any, BackwardStep]
) -> tuple[CaptionLine, ...]:
    names = NodeNames(steps.gradients)
    manner = f" ({steps.manner})" if steps.manner else ""
    head = f"step {number} of {len(steps)}{manner}: "
    if not number:
        output, seed = names[steps.output], format_number(steps.seed)
        lines = [CaptionLine(f"{head}{output} begins with {seed}", NOW, bold=True)]
        return (*lines, CaptionLine(KEY)) if steps else tuple(lines)
    now = steps[number - 1]
    node, target, total = names[now.node], names[now.target], format_number(now.total)
    then = f"still waits for {waiting(now.pending)}" if now.pending else "is complete"
    lines = [
        CaptionLine(f"{head}{node} hands on to its operand {now.operand}, {target}", NOW, True),
        CaptionLine(f"{arithmetic(now)}; {target} has {total} and {then}", palette.INK),
    ]
    if now.flaw:
        lines.append(CaptionLine(printable(now.flaw), IN_PROGRESS, True))
    return (*lines, CaptionLine(KEY))
