"""The rule book's values as Python text: read from its own source, so that they are stated once."""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import sys
from collections.abc import Iterator
from functools import cache
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from autograd.primitive import Primitive
from autograd.program.code.computed_once import kept_with

_Function = ast.Lambda | ast.FunctionDef


class Template(NamedTuple):
    """An operation as one expression.

    Attributes:
        text: The expression, with {0}, {1}, … in the places of the operands.
        names: The globals it reads.
        is_arithmetic: Whether it consists of nothing but + - * /.
    """

    text: str
    names: tuple[str, ...]
    is_arithmetic: bool


def template(primitive: Primitive) -> Template | None:
    """Return an operation's value as one expression, or None if it is more than that.

    Example:
        >>> from autograd import primitives
        >>> template(primitives.relu).text
        '0.0 if {0} <= 0.0 else {0}'
    """
    return kept_with(primitive, "template", lambda: _template(primitive))


def _template(primitive: Primitive) -> Template | None:
    node = _node_of(primitive.forward)
    if node is None or node.args.vararg is not None or node.args.defaults:
        return None
    body = node.body
    if isinstance(body, list):
        if len(body) != 1 or not isinstance(body[0], ast.Return) or body[0].value is None:
            return None
        body = body[0].value
    operands = {argument.arg: position for position, argument in enumerate(node.args.args)}
    renaming = _Renaming(operands)
    expression = renaming.visit(ast.parse(ast.unparse(body), mode="eval").body)
    text = ast.unparse(expression)
    if text.count("{") != renaming.found:
        return None
    parts = (ast.BinOp, ast.UnaryOp, ast.Name, ast.operator, ast.unaryop, ast.expr_context)
    is_arithmetic = not renaming.names and all(isinstance(p, parts) for p in ast.walk(expression))
    return Template(text, tuple(dict.fromkeys(renaming.names)), is_arithmetic)


class _Renaming(ast.NodeTransformer):
    def __init__(self, operands: dict[str, int]) -> None:
        self.operands = operands
        self.found = 0
        self.names: list[str] = []

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if node.id in self.operands:
            self.found += 1
            return ast.Name(f"{{{self.operands[node.id]}}}", ast.Load())
        self.names.append(node.id)
        return node


class Sources:
    """Definitions copied out of modules: every function asked for, and whatever it uses."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._homes: dict[str, ModuleType] = {}

    def add(self, primitive: Primitive) -> str:
        """Copy the value of an operation; return the name by which the copy calls it.

        Raises:
            ValueError: If its source cannot be read, or needs more than `math` and builtins.
        """
        forward: Any = primitive.forward
        if isinstance(forward, BuiltinFunctionType) and forward.__module__ == "math":
            return f"math.{forward.__name__}"
        if getattr(forward, "__closure__", None):
            names = ", ".join(forward.__code__.co_freevars)
            raise ValueError(
                f"the value of {primitive!r} uses {names} of the function around it, which source "
                "text cannot carry; write numbers or operands instead"
            )
        node = _node_of(forward)
        if node is None or not isinstance(forward, FunctionType):
            raise ValueError(
                f"the Python source of {primitive!r} cannot be read; state its value as a function "
                "in a file"
            )
        module = sys.modules[forward.__module__]
        if isinstance(node, ast.FunctionDef):
            self._define(node.name, node, module)
            return node.name
        for name in _names_read(node):
            self._need(name, module, primitive.name)
        self._keep(primitive.name, module)
        arguments = ast.unparse(node.args)
        text = f"def {primitive.name}({arguments}):\n    return {ast.unparse(node.body)}"
        self.texts.setdefault(primitive.name, text)
        return primitive.name

    def _need(self, name: str, module: ModuleType, user: str) -> None:
        """Copy what a name stands for in a module."""
        is_builtin = hasattr(builtins, name) and not hasattr(module, name)
        thing = getattr(module, name, None)
        if is_builtin or thing is math:
            return
        for node in _tree(module)[1].body:
            defines = isinstance(node, ast.FunctionDef) and node.name == name
            assigns = isinstance(node, (ast.Assign, ast.AnnAssign)) and name in _targets(node)
            if defines or assigns:
                self._define(name, node, module)
                return
            if isinstance(node, ast.ImportFrom) and isinstance(thing, FunctionType):
                alias = next((a for a in node.names if (a.asname or a.name) == name), None)
                if alias is not None:
                    self._need(alias.name, sys.modules[thing.__module__], user)
                    if alias.name != name:
                        self.texts.setdefault(name, f"{name} = {alias.name}")
                    return
        raise ValueError(
            f"the value of {user} uses {name!r}, which source text without dependencies cannot "
            "carry; use `math`, numbers and functions of the same file"
        )

    def _define(self, name: str, node: ast.stmt, module: ModuleType) -> None:
        is_known = name in self._homes
        self._keep(name, module)
        if is_known:
            return
        for needed in _names_read(node):
            if needed != name:
                self._need(needed, module, name)
        self.texts[name] = _text(node, _tree(module)[0])

    def _keep(self, name: str, module: ModuleType) -> None:
        if self._homes.setdefault(name, module) is not module:
            raise ValueError(
                f"two operations use different things by the name {name!r}; rename one"
            )


@cache
def _tree(module: ModuleType) -> tuple[list[str], ast.Module, dict[int, list[_Function]]]:
    source = inspect.getsource(module)
    tree = ast.parse(source)
    functions: dict[int, list[_Function]] = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Lambda, ast.FunctionDef)):
            functions.setdefault(node.lineno, []).append(node)
    return source.splitlines(), tree, functions


def _node_of(function: Any) -> _Function | None:
    """Return the definition of a function, if its source can be read."""
    if not isinstance(function, FunctionType):
        return None
    try:
        _, tree, functions = _tree(sys.modules[function.__module__])
    except (OSError, TypeError, KeyError, SyntaxError):
        return None
    # Two lambdas may share a line, and a file may have been edited since its import: the code must
    # be that of the function. The compiler treats imported names in its own way.
    imports = [n for n in tree.body if isinstance(n, (ast.Import, ast.ImportFrom))]
    before = "\n".join([ast.unparse(node) for node in imports])
    for node in functions.get(function.__code__.co_firstlineno, ()):
        name = node.name if isinstance(node, ast.FunctionDef) else "<lambda>"
        if name == function.__name__:
            outer = compile(f"{before}\n{ast.unparse(node)}", "", "exec", dont_inherit=True)
            codes = [c for c in outer.co_consts if isinstance(c, CodeType) and c.co_name == name]
            if any(_same(code, function.__code__) for code in codes):
                return node
    return None


def _same(one: CodeType, other: CodeType) -> bool:
    if one.co_code != other.co_code or one.co_names != other.co_names:
        return False
    if one.co_varnames != other.co_varnames or len(one.co_consts) != len(other.co_consts):
        return False
    pairs = zip(one.co_consts, other.co_consts, strict=True)
    return all(
        _same(a, b) if isinstance(a, CodeType) and isinstance(b, CodeType) else repr(a) == repr(b)
        for a, b in pairs
    )


def _targets(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}


def _names_read(node: ast.AST) -> Iterator[str]:
    """Global names that a definition reads, annotations aside."""
    own: set[str] = set()
    parts: list[ast.AST] = [node]
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        body = node.body if isinstance(node.body, list) else [node.body]
        parts = [*body, *node.args.defaults]
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        own = {a.arg for a in [*arguments, node.args.vararg] if a is not None}
    elif isinstance(node, ast.AnnAssign):
        parts = [node.value] if node.value is not None else []
    names = [n for part in parts for n in ast.walk(part) if isinstance(n, ast.Name)]
    own |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
    yield from dict.fromkeys(n.id for n in names if n.id not in own)


def _text(node: ast.stmt, lines: list[str]) -> str:
    """The lines of a definition, with the comment above it."""
    first, last = node.lineno - 1, node.end_lineno or node.lineno
    while first and lines[first - 1].startswith("# ") and not lines[first - 1].startswith("# ---"):
        first -= 1
    return inspect.cleandoc("\n" + "\n".join(lines[first:last]))


def always_real(exponent: str) -> bool:
    """Whether float ** exponent is real whatever the float: then no check is needed."""
    try:
        return float(exponent).is_integer()
    except ValueError:
        return False
