"""The rule book's values on NumPy's arrays: an operation of many rows at once."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import reduce
from typing import Any

from autograd.primitive import Primitive
from autograd.primitives import RULES
from autograd.program.code.computed_once import kept_with

Function = Callable[..., Any]

_OPERAND = re.compile(r"\{\w+\}")
_NAME = re.compile(r"\b[A-Za-z_]\w*")
_OF_C_ALONE = {"remainder"}  # NumPy's function of that name is another one
_ARITHMETIC = re.compile(r"[\w\s.+\-*/(),]*")


def on_arrays(operation: Primitive, numpy: Any) -> Function | None:
    """Return an operation as a function of arrays and floats, or None where no text says it.

    The text in C says it, too, where it has nothing but arithmetic and functions of NumPy.

    Example:
        >>> import numpy
        >>> from autograd import primitives
        >>> on_arrays(primitives.relu, numpy)(numpy.array([-1.0, 2.0])).tolist()
        [0.0, 2.0]
        >>> on_arrays(primitives.digamma, numpy)
    """
    return kept_with(operation, "on_arrays", lambda: _on_arrays(operation, numpy))


def _on_arrays(operation: Primitive, numpy: Any) -> Function | None:
    names = operation.operand_names
    text = operation.numpy or operation.c
    if not text and operation.forward is getattr(math, operation.name, None):
        text = operation.name
    if text.isidentifier():
        text += f"({', '.join([f'{{{name}}}' for name in names]) or '*x'})"
    bare = _OPERAND.sub("", text)
    namespace: dict[str, Any] = {"reduce": reduce}
    for name in set(_NAME.findall(bare)):
        meant = getattr(numpy, name, None)
        is_stated = bool(operation.numpy) and not operation.numpy.isidentifier()
        if not is_stated and (name in _OF_C_ALONE or not isinstance(meant, numpy.ufunc)):
            meant = None
        if meant is None and name in RULES and name != operation.name:
            meant = on_arrays(RULES[name], numpy)
        if meant is not None:
            namespace[name] = meant
        elif not is_stated:
            return None
    if not operation.numpy and (not text or names == () or not _ARITHMETIC.fullmatch(bare)):
        return None
    stated = text.format(**dict(zip(names, names, strict=True)))
    found: Function = eval(f"lambda {', '.join(names) or '*x'}: {stated}", namespace)
    return found
