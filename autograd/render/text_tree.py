"""The graph as a tree of text, for terminals and for display hooks that show no picture."""

from __future__ import annotations

from collections import Counter

from autograd.render.picture import Box, Picture

DEEPEST = 24


def text_tree(picture: Picture) -> str:
    """Return the picture as a tree in box characters, the output on top, operands below.

    What is used more than once is printed once, with its name `n3`, and referred to by that name
    afterwards. Branches deeper than 24 levels continue as a new tree below.
    """
    operands: list[list[int]] = [[] for _ in picture.boxes]
    for arrow in picture.arrows:
        operands[arrow.head].append(arrow.tail)
    uses = Counter(arrow.tail for arrow in picture.arrows)
    lines: list[str] = []
    told: set[int] = set()
    roots = [len(picture.boxes) - 1] if picture.boxes else []
    for root in roots:
        stack = [] if root in told else [(root, "", "", 0)]
        while stack:
            place, head, indent, depth = stack.pop()
            box = picture.boxes[place]
            shared = uses[place] > 1 and (box.kind != "constant" or bool(operands[place]))
            if place in told:
                lines.append(f"{head}{_name(box)} (see {box.name})")
                continue
            if depth == DEEPEST and operands[place]:
                lines.append(f"{head}{_name(box)} (continued as {box.name})")
                roots.append(place)
                continue
            if shared or (depth == 0 and lines):
                head += f"{box.name}: "
            lines.append(head + _line(box))
            if shared:
                told.add(place)
            below = [
                (
                    operand,
                    indent + ("└─ " if last else "├─ "),
                    indent + ("   " if last else "│  "),
                    depth + 1,
                )
                for position, operand in enumerate(operands[place])
                for last in [position == len(operands[place]) - 1]
            ]
            stack.extend(reversed(below))
    return "\n".join(lines)


def _name(box: Box) -> str:
    return box.label or box.called or box.operation or box.rows[0][1]


def _line(box: Box) -> str:
    facts = ", ".join(f"{word} {number}".strip() for word, number in box.rows)
    name = box.label or box.called
    if name and box.operation:
        return f"{name} = {box.operation}  {facts}"
    return f"{name or box.operation}  {facts}".strip()
