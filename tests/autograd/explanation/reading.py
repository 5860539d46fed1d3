"""Explanations read back: the numbers that are printed, computed again by Python."""

from __future__ import annotations

import ast
import operator
import re

_OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow,
}  # fmt: skip


def computed(text):
    """The value of arithmetic as it is printed: 0.5 · (1 − 0.2²) · [ 2 · 3 + 1 ]."""
    text = re.sub(r"\[([^\[\]]*) > 0\]", r"(1.0 if \1 > 0 else 0.0)", text)
    signs = {"−": "-", "·": "*", "²": "**2", "³": "**3", "^": "**", "[": "(", "]": ")"}
    for sign, code in signs.items():
        text = text.replace(sign, code)
    return _value(ast.parse(text.strip(), mode="eval").body)


def _value(node):
    if isinstance(node, ast.Constant):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    if isinstance(node, ast.IfExp):
        chosen = node.body if _value(node.test.left) > 0 else node.orelse
        return _value(chosen)
    raise ValueError(f"not arithmetic: {ast.dump(node)}")


def part(text, heading):
    """The lines below a heading."""
    lines = text.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(heading)) + 1
    end = next((p for p in range(start, len(lines)) if not lines[p]), len(lines))
    return lines[start:end]


def equations(lines):
    """Left side and right sides of each equation; a line that goes on belongs to the one before."""
    found = []
    for line in lines:
        of_a_function = r"\([^()]*\)"  # what stands in brackets may be operands
        has_comma = ", " in re.sub(of_a_function, "", line)
        is_sentence = line.startswith(("  computed in", "  nothing", "  and ")) or has_comma
        if " = " not in line or is_sentence:
            continue
        left, *rights = (side.strip() for side in re.split(r" += ", line))
        if left or not found:
            found.append((left, rights))
        else:
            found[-1][1].extend(rights)
    return found


NUMBERS = "The same with numbers"
PATHS = "Path by path"
SYMBOLS = "The chain rule"
