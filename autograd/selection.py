"""Which engine computes: the compiled Value where it was built, else the one in plain Python.

The environment variable AUTOGRAD_ENGINE forces one: `python` or `native`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd import copying, reverse
from autograd import value as reference

__all__ = [
    "Value",
    "add_to_gradients",
    "cone",
    "constant",
    "edits",
    "engine",
    "functions",
    "numbers_of",
    "restored",
    "set_numbers",
    "values",
    "wiring",
]

_requested = os.environ.get("AUTOGRAD_ENGINE", "")
if _requested not in ("", "python", "native"):
    raise ImportError(f"AUTOGRAD_ENGINE is 'python', 'native' or unset, got {_requested!r}")

_engine: Any = reference
if _requested != "python":
    try:
        _engine = import_module("autograd.native.engine")
    except ModuleNotFoundError as _error:
        if _requested == "native":
            raise ImportError(
                "AUTOGRAD_ENGINE=native, but the compiled engine was not built: install again "
                "where a C compiler is available, or unset AUTOGRAD_ENGINE"
            ) from _error
    except ImportError as _error:  # built from another rule book, or for another machine
        if _requested == "native":
            raise
        warnings.warn(
            f"the compiled engine was not loaded, the one in plain Python is used: {_error}",
            RuntimeWarning,
            stacklevel=2,
        )

engine: str = "python" if _engine is reference else "native"

if TYPE_CHECKING:
    from autograd.value import (
        Value,
        add_to_gradients,
        constant,
        edits,
        numbers_of,
        restored,
        set_numbers,
        values,
    )
else:
    Value = _engine.Value
    constant = _engine.constant
    restored = _engine.restored
    values = _engine.values
    numbers_of = _engine.numbers_of
    set_numbers = _engine.set_numbers
    add_to_gradients = _engine.add_to_gradients
    edits = _engine.edits

copying.engine = _engine

# The operations as functions, where the engine has faster ones than the rule book's own.
functions: dict[str, Callable[..., Any]] = getattr(_engine, "FUNCTIONS", {})

# The wiring of a graph, where the engine reads its own nodes sooner.
wiring = getattr(_engine, "wiring", reverse.wiring)

# What lies between two values, where the engine finds it sooner (see `path_finding.cone`).
cone: Callable[[Any, Any], Any] | None = getattr(_engine, "cone", None)
