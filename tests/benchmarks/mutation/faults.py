"""Small faults, one at a time: what a slip of the hand would have left in a source text.

A fault replaces one stretch of the text and leaves every other character where it was, so that line
numbers, comments and doctests stay. Words for people (docstrings, messages), types and imports are
left alone: a test that holds their every letter would only be in the way.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

BORDERS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult,
}  # fmt: skip
EXCHANGED = {
    "min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list", "reversed": "list",
    "append": "extend", "floor": "ceil", "ceil": "floor", "startswith": "endswith",
    "bisect_right": "bisect_left", "issubset": "issuperset",
}  # fmt: skip
NOT_COMMUTATIVE = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
STATEMENTS = (ast.AugAssign, ast.Delete, ast.Raise)


@dataclass(frozen=True)
class Fault:
    """One change of a text: what kind, on which line, what stood there and what stands there."""

    kind: str
    line: int
    start: int
    end: int
    before: str
    after: str

    def planted(self, text: str) -> str:
        """Return the text with this fault."""
        source = text.encode()  # columns of `ast` count bytes
        return (source[: self.start] + self.after.encode() + source[self.end :]).decode()


def faults(text: str) -> list[Fault]:
    """Return every fault of a source text, each of which still compiles.

    Example:
        >>> [(fault.kind, fault.after) for fault in faults("y = x < 2")]
        [('border', '(x <= 2)'), ('constant', '3')]
        >>> faults("y = x < 2")[0].planted("y = x < 2")
        'y = (x <= 2)'
    """
    begins = [0]
    for line in text.encode().splitlines(keepends=True):
        begins.append(begins[-1] + len(line))
    found = {}
    for node, kind, changed in _walk(ast.parse(text)):
        start = begins[node.lineno - 1] + node.col_offset
        end = begins[node.end_lineno - 1] + node.end_col_offset
        after = ast.unparse(changed) if changed is not None else "pass"
        if isinstance(changed, (ast.expr)) and not isinstance(changed, (ast.Constant, ast.Name)):
            after = f"({after})"
        before = text.encode()[start:end].decode()
        fault = Fault(kind, node.lineno, start, end, before, after)
        try:
            compile(fault.planted(text), "planted", "exec")
        except SyntaxError:
            continue
        found.setdefault((start, end, after), fault)
    return sorted(found.values(), key=lambda fault: (fault.start, fault.kind, fault.after))


def _walk(tree: ast.AST) -> Iterator[tuple[ast.AST, str, ast.AST | None]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.JoinedStr)) or _is_for_types(node):
            continue
        if isinstance(node, ast.keyword) and node.arg == "strict":
            continue  # of `zip`: a check of the author's own
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        yield from _changes(node)
        if isinstance(node, ast.Raise):
            continue  # its words
        if isinstance(node, ast.AnnAssign):
            yield from _walk(ast.Expr(node.value)) if node.value else ()
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _defaults(node)
            yield from _walk(ast.Module(node.body, []))
        else:
            yield from _walk(node)


def _is_for_types(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    names = [node.targets[0]] if isinstance(node, ast.Assign) else []
    return any(isinstance(name, ast.Name) and name.id.startswith("__") for name in names)


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, str, ast.AST | None]]:
    """Yield (place, kind, what to put there); None for nothing at all."""
    if isinstance(node, ast.Compare):
        for position, operation in enumerate(node.ops):
            other = copy.deepcopy(node)
            other.ops[position] = BORDERS[type(operation)]()
            yield node, "border", other
    if isinstance(node, (ast.If, ast.While, ast.IfExp)):
        yield node.test, "negation", ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.comprehension):
        for test in node.ifs:
            yield test, "filter", ast.Constant(True)
    elif isinstance(node, ast.BoolOp):
        yield (
            node,
            "and/or",
            ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values),
        )
        for position in range(len(node.values)):
            rest = node.values[:position] + node.values[position + 1 :]
            yield node, "half a condition", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
    elif isinstance(node, ast.UnaryOp):
        yield node, "sign", node.operand
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in ARITHMETIC:
        other = copy.copy(node)
        other.op = ARITHMETIC[type(node.op)]()
        yield node, "operator", other
        if isinstance(node, ast.BinOp) and isinstance(node.op, NOT_COMMUTATIVE):
            yield node, "swapped operands", ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.Constant):
        yield from ((node, "constant", ast.Constant(number)) for number in _others(node.value))
    elif isinstance(node, (ast.Continue, ast.Break)):
        yield node, "jump", ast.Break() if isinstance(node, ast.Continue) else ast.Continue()
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    if _can_be_left_out(node):
        yield node, "dropped statement", None


def _can_be_left_out(node: ast.AST) -> bool:
    # Not the assignment of a name: whatever reads the name would fail, and prove nothing.
    if isinstance(node, ast.Assign):
        return not isinstance(node.targets[0], (ast.Name, ast.Tuple))
    if isinstance(node, ast.Expr):
        return isinstance(node.value, (ast.Call, ast.YieldFrom))
    return isinstance(node, STATEMENTS)


def _calls(node: ast.Call) -> Iterator[tuple[ast.AST, str, ast.AST | None]]:
    for position, keyword in enumerate(node.keywords):
        if keyword.arg == "strict":
            continue
        keywords = node.keywords[:position] + node.keywords[position + 1 :]
        yield node, "dropped keyword", ast.Call(node.func, node.args, keywords)
    if len(node.args) > 1 and not any(isinstance(x, ast.Starred) for x in node.args):
        swapped = [node.args[1], node.args[0], *node.args[2:]]
        yield node, "swapped arguments", ast.Call(node.func, swapped, node.keywords)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    if name in EXCHANGED:
        function = copy.copy(node.func)
        setattr(function, "attr" if isinstance(function, ast.Attribute) else "id", EXCHANGED[name])
        yield node, "other function", ast.Call(function, node.args, node.keywords)


def _defaults(node: ast.FunctionDef) -> Iterator[tuple[ast.AST, str, ast.AST | None]]:
    for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
        if isinstance(default, ast.Constant):
            for other in _others(default.value):
                yield default, "default", ast.Constant(other)


def _others(value: object) -> list[object]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1]
    if isinstance(value, float):
        return [value + 1.0, value * 0.5] if value else [1.0]
    return [value + "X"] if isinstance(value, str) and value.isidentifier() else []
