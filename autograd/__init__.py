"""chainrule: a scalar autograd engine that you can see through.

`Value` is a number that remembers how it was computed; `backward()` is the multivariable chain rule
in reverse topological order. Operations (`exp`, `tanh`, `dot`, ...) take Values and plain numbers;
`grad`, `jacobian`, `hessian`, `jvp`, `vjp`, `hvp` turn functions into their derivatives.
"""

from __future__ import annotations

import os
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd import primitives
from autograd.forward import jvp
from autograd.functional import (
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    value_and_grad,
    vjp,
)
from autograd.path_counts import (
    Multiplications,
    UseCounts,
    count_paths,
    multiplications,
    use_counts,
)
from autograd.path_search import Path, PathSum, path_sum, paths
from autograd.primitives import *  # noqa: F403
from autograd.recording import enable_grad, no_grad, record_locations
from autograd.selection import Value, engine, functions, values
from autograd.version import __distribution__, __version__

if TYPE_CHECKING:
    from autograd.render import Drawing, draw

globals().update(functions)

if os.path.exists(os.path.join(os.path.dirname(__file__), "wrap_util.py")):
    warnings.warn(
        "the distribution `autograd` is installed over `chainrule` in the same folder; repair: "
        "pip uninstall autograd && pip install --force-reinstall --no-deps chainrule",
        ImportWarning,
        stacklevel=2,
    )

_DRAWING = ("Drawing", "draw")  # loaded when first asked for: graphviz takes longer than all else


def __getattr__(name: str) -> Any:
    if name in _DRAWING:
        return getattr(import_module("autograd.render"), name)
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")


__all__ = [
    "Drawing",
    "Multiplications",
    "Path",
    "PathSum",
    "UseCounts",
    "Value",
    "__distribution__",
    "__version__",
    "count_paths",
    "draw",
    "enable_grad",
    "engine",
    "grad",
    "gradients",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "multiplications",
    "no_grad",
    "path_sum",
    "paths",
    "record_locations",
    "use_counts",
    "value_and_grad",
    "values",
    "vjp",
]
# `from autograd import *` leaves Python's own abs, pow and sum alone.
__all__ += [name for name in (*primitives.RULES, "softmax") if name not in ("abs", "pow", "sum")]
