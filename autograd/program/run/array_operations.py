"""The rule book's values on NumPy's arrays: an operation of many rows at once.

What an entry says of NumPy is taken as said. Else the operation is NumPy's function where it is one
of `math`, or `forward` itself, if that is one expression: a choice becomes `where`.
"""

from __future__ import annotations

import ast
import builtins
import math
import sys
from collections.abc import Callable, Sequence
from functools import reduce
from types import BuiltinFunctionType, FunctionType
from typing import Any

from autograd.primitive import Primitive
from autograd.primitives import RULES
from autograd.program.emission.forwards import template

Function = Callable[..., Any]

_OF_FORWARD: dict[Any, Primitive] = {rule.forward: rule for rule in RULES.values()}
_ARITHMETIC = (
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.UnaryOp, ast.USub, ast.UAdd),
    *(ast.Constant, ast.Load),
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
        return _evaluated(names or ["*x"], text, {**vars(numpy), "reduce": reduce})
    if isinstance(operation.forward, BuiltinFunctionType):
        return _twin(operation.forward, operation.arity, numpy)
    known = template(operation) if operation in _OF_FORWARD.values() else None
    if known is None:  # a user's may read what changes
        return None
    names = tuple([f"x{position}" for position in range(operation.arity)])
    expression = ast.parse(known.text.format(*names), mode="eval").body
    reader = _OnArrays(names, vars(sys.modules[operation.forward.__module__]), numpy)
    try:
        return _evaluated(names, ast.unparse(reader.visit(expression)), reader.namespace)
    except _OnlyForNumbersError:
        return None


def _evaluated(operands: Sequence[str], text: str, namespace: dict[str, Any]) -> Function:
    found: Function = eval(f"lambda {', '.join(operands)}: {text}", namespace)
    return found


def _twin(function: Any, operands: int, numpy: Any) -> Function | None:
    """Return NumPy's function of the same name as one of `math`."""
    found: Any = getattr(numpy, function.__name__, None)
    is_twin = function.__module__ == "math" and isinstance(found, numpy.ufunc)
    twin: Function | None = found if is_twin and found.nin == operands else None
    return twin


class _OnlyForNumbersError(Exception):
    """An expression does what arrays do not."""


class _OnArrays(ast.NodeTransformer):
    """Makes an expression of floats one of arrays; `namespace` has what it reads."""

    def __init__(self, operands: Sequence[str], home: dict[str, Any], numpy: Any) -> None:
        self.operands = operands
        self.home = home
        self.numpy = numpy
        self.namespace = {"where": numpy.where}

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, _ARITHMETIC):
            raise _OnlyForNumbersError
        return super().generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        # NumPy computes both: the one that is not wanted must not raise a flag of its own.
        parts = [part for side in (node.body, node.orelse) for part in ast.walk(side)]
        if any(isinstance(part, (ast.Call, ast.Div)) for part in parts):
            raise _OnlyForNumbersError
        chosen = [self._condition(node.test), self.visit(node.body), self.visit(node.orelse)]
        return ast.Call(ast.Name("where", ast.Load()), chosen, [])

    def _condition(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.BoolOp):
            kind = ast.BitOr() if isinstance(node.op, ast.Or) else ast.BitAnd()
            parts = [self._condition(part) for part in node.values]
            return reduce(lambda one, other: ast.BinOp(one, kind, other), parts)
        if not isinstance(node, ast.Compare) or len(node.ops) > 1:
            raise _OnlyForNumbersError
        if not isinstance(node.ops[0], _COMPARISONS):
            raise _OnlyForNumbersError
        return ast.Compare(self.visit(node.left), node.ops, [self.visit(node.comparators[0])])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function, count = self._meant(node.func), len(node.args)
        found: Any = None
        if function is abs:
            found = self.numpy.abs
        elif isinstance(function, (FunctionType, BuiltinFunctionType)) and not node.keywords:
            operation = _OF_FORWARD.get(function)
            if operation is None:
                found = _twin(function, count, self.numpy)
            elif operation.arity == count:
                found = on_arrays(operation, self.numpy)
        if found is None:
            raise _OnlyForNumbersError
        return ast.Call(self._bound(found), [self.visit(argument) for argument in node.args], [])

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return node if node.id in self.operands else self._number(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return self._number(node)

    def _number(self, node: ast.expr) -> ast.expr:
        number = self._meant(node)
        if not isinstance(number, (float, int)):
            raise _OnlyForNumbersError
        return self._bound(number)

    def _meant(self, node: ast.expr) -> Any:
        """Return what a global name, or one of `math`, stands for."""
        if isinstance(node, ast.Name):
            return self.home.get(node.id, getattr(builtins, node.id, None))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = self.home.get(node.value.id)
            return getattr(math, node.attr) if module is math else None
        return None

    def _bound(self, thing: Any) -> ast.Name:
        name = f"_{len(self.namespace)}"
        self.namespace[name] = thing
        return ast.Name(name, ast.Load())
