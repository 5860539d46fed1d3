"""The rule book's values on NumPy's arrays: an operation of many rows at once.

What an entry says of NumPy is taken as said. Else the operation is NumPy's function where it is one
of `math`, or `forward` itself, read from its source: a choice becomes `where`.
"""

from __future__ import annotations

import ast
import builtins
import math
import sys
from collections.abc import Callable
from copy import deepcopy
from functools import reduce
from types import BuiltinFunctionType, FunctionType
from typing import Any

from autograd.primitive import Primitive
from autograd.primitives import RULES
from autograd.program.emission.forwards import node_of

Function = Callable[..., Any]

_OF_FORWARD: dict[Any, Primitive] = {rule.forward: rule for rule in RULES.values()}
_HARMLESS = (abs, len, range)  # builtins that take arrays, or look at none
_READ_AS_THEY_ARE = (
    *(ast.Return, ast.Assign, ast.Slice, ast.UnaryOp, ast.USub, ast.UAdd, ast.BinOp, ast.Constant),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Load, ast.Store),
)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


def on_arrays(operation: Primitive, numpy: Any) -> Function | None:
    """Return an operation as a function of arrays and floats, or None where nothing says it.

    Example:
        >>> import numpy
        >>> from autograd import primitives
        >>> on_arrays(primitives.relu, numpy)(numpy.array([-1.0, 2.0])).tolist()
        [0.0, 2.0]
        >>> on_arrays(primitives.digamma, numpy)
    """
    if operation.numpy:
        names = operation.operand_names
        text = operation.numpy.format(**dict(zip(names, names, strict=True)))
        stated = f"lambda {', '.join(names) or '*x'}: {text}"
        found: Function = eval(stated, {**vars(numpy), "reduce": reduce})
        return found
    if isinstance(operation.forward, BuiltinFunctionType):
        return _of_math(operation.forward, operation.arity, numpy)
    try:
        return _Source(operation.forward, numpy).compiled()
    except _OnlyForNumbersError:
        return None


def _of_math(function: Any, arity: int, numpy: Any) -> Function | None:
    twin: Any = getattr(numpy, function.__name__, None)
    is_twin = function.__module__ == "math" and isinstance(twin, numpy.ufunc)
    found: Function | None = twin if is_twin and twin.nin == arity else None
    return found


class _OnlyForNumbersError(Exception):
    """The source of a value cannot be read, or does what arrays do not."""


class _Source(ast.NodeTransformer):
    """The definition of a function of floats, made one of arrays."""

    def __init__(self, forward: Any, numpy: Any) -> None:
        definition = node_of(forward)
        if definition is None or forward.__closure__ or forward.__defaults__:
            raise _OnlyForNumbersError
        self.numpy = numpy
        self.definition = deepcopy(definition)
        self.home = vars(sys.modules[forward.__module__])
        self.local = forward.__code__.co_varnames
        self.namespace: dict[str, Any] = {"_where": numpy.where}

    def compiled(self) -> Function:
        body = self.definition.body
        lines = body if isinstance(body, list) else [ast.Return(body)]
        parameters = self.definition.args
        for parameter in [*parameters.args, *filter(None, [parameters.vararg])]:
            parameter.annotation = None
        made = ast.parse("def _of_arrays(): pass")
        function: Any = made.body[0]
        function.args = parameters
        function.body = [self.visit(line) for line in lines if not _is_docstring(line)]
        exec(compile(ast.fix_missing_locations(made), "<arrays>", "exec"), self.namespace)
        found: Function = self.namespace["_of_arrays"]
        return found

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, _READ_AS_THEY_ARE):
            raise _OnlyForNumbersError
        return super().generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        # Not in place: what is added to may be an operand.
        before = ast.parse(ast.unparse(node.target), mode="eval").body
        return self.visit(ast.Assign([node.target], ast.BinOp(before, node.op, node.value)))

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        many = self.definition.args.vararg
        if many is None or not isinstance(node.value, ast.Name) or node.value.id != many.arg:
            raise _OnlyForNumbersError
        return ast.Subscript(node.value, self.visit(node.slice), node.ctx)

    def visit_For(self, node: ast.For) -> ast.For:
        many = self.definition.args.vararg
        over_operands = isinstance(node.iter, ast.Name) and many and node.iter.id == many.arg
        if node.orelse or not (over_operands or isinstance(node.iter, ast.Call)):
            raise _OnlyForNumbersError
        return ast.For(node.target, self.visit(node.iter), [*map(self.visit, node.body)], [])

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        return self.generic_visit(node) if _asks_for_numbers(node) else node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        test = node.test
        chosen = [self.visit(node.body), self.visit(node.orelse)]
        if not _asks_for_numbers(test):
            return ast.IfExp(test, *chosen)
        # NumPy computes both: the one that is not wanted must not raise a flag of its own.
        parts = [part for side in (node.body, node.orelse) for part in ast.walk(side)]
        if any(isinstance(part, (ast.Call, ast.Div)) for part in parts):
            raise _OnlyForNumbersError
        return ast.Call(ast.Name("_where", ast.Load()), [self._condition(test), *chosen], [])

    def _condition(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.BoolOp):
            kind = ast.BitOr() if isinstance(node.op, ast.Or) else ast.BitAnd()
            parts = [self._condition(part) for part in node.values]
            return reduce(lambda one, other: ast.BinOp(one, kind, other), parts)
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], _COMPARISONS):
            raise _OnlyForNumbersError
        if len(node.ops) > 1:
            raise _OnlyForNumbersError
        return ast.Compare(self.visit(node.left), node.ops, [self.visit(node.comparators[0])])

    # --- What names stand for ---------------------------------------------------------------------

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if node.id not in self.local:
            self._bind(node.id, self._number(self.home.get(node.id)))
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.Name:
        return self._bind(f"math_{node.attr}", self._number(self._in_math(node)))

    def visit_Call(self, node: ast.Call) -> ast.Call:
        if node.keywords:
            raise _OnlyForNumbersError
        if isinstance(node.func, ast.Name) and node.func.id not in self.local:
            name = node.func.id
            thing = self.home.get(name, getattr(builtins, name, None))
        else:
            thing = self._in_math(node.func)
            name = f"math_{thing.__name__}"
        if thing in _HARMLESS:
            return ast.Call(self._bind(name, thing), [*map(self._argument, node.args)], [])
        found = self._function(thing, len(node.args))
        return ast.Call(self._bind(name, found), [*map(self._argument, node.args)], [])

    def _argument(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Starred):
            return ast.Starred(self.visit(node.value), ast.Load())
        found: ast.expr = self.visit(node)
        return found

    def _function(self, thing: Any, operands: int) -> Function:
        found: Function | None = None
        if isinstance(thing, (FunctionType, BuiltinFunctionType)):
            operation = _OF_FORWARD.get(thing)
            if operation is None:
                found = _of_math(thing, operands, self.numpy)
            elif operation.arity in (operands, -1):
                found = on_arrays(operation, self.numpy)
        if found is None:
            raise _OnlyForNumbersError
        return found

    def _in_math(self, node: ast.expr) -> Any:
        is_math = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if not is_math or self.home.get(node.value.id) is not math:  # type: ignore[attr-defined]
            raise _OnlyForNumbersError
        return getattr(math, node.attr)  # type: ignore[attr-defined]

    def _number(self, thing: Any) -> float:
        if not isinstance(thing, (float, int)):
            raise _OnlyForNumbersError
        return thing

    def _bind(self, name: str, thing: Any) -> ast.Name:
        self.namespace[name] = thing
        return ast.Name(name, ast.Load())


def _asks_for_numbers(node: ast.AST) -> bool:
    """Whether an expression asks for more of its operands than how many they are."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len":
        return False
    if isinstance(node, ast.Name):
        return True
    return any(map(_asks_for_numbers, ast.iter_child_nodes(node)))


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
