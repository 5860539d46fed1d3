"""chainrule: a scalar autograd engine that you can see through.

`Value` is a number that remembers how it was computed; `backward()` is the multivariable chain rule
in reverse topological order. Operations (`exp`, `tanh`, `dot`, ...) take Values and plain numbers;
`grad`, `jacobian`, `hessian`, `jvp`, `vjp`, `hvp` turn functions into their derivatives.
"""

import os as _os
import typing as _typing
import warnings as _warnings
from importlib import import_module as _import_module

from autograd import primitives
from autograd.functional import grad, gradients, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.graph import topological_order
from autograd.groups import Group, group
from autograd.primitive import Primitive
from autograd.primitives import *  # noqa: F403
from autograd.selection import Value, engine, values
from autograd.selection import functions as _functions
from autograd.switches import enable_grad, no_grad, record_locations
from autograd.version import __distribution__, __version__

globals().update(_functions)

if _os.path.exists(_os.path.join(_os.path.dirname(__file__), "wrap_util.py")):
    from autograd.installing import repair as _repair

    _warnings.warn(
        "the distribution `autograd` is installed over `chainrule` in the same folder; repair: "
        + _repair(),
        RuntimeWarning,
        stacklevel=2,
    )

# Rooms that a training script may never enter are loaded when a name of theirs is first asked for.
_ROOMS = {
    "autograd.diagnosis.anomalies": "Anomaly AnomalyError NoAnomaly blame detect_anomaly",
    "autograd.diagnosis.connections": "Connections check_connections",
    "autograd.explanation": "Explanation explain",
    "autograd.verification.gradcheck": "assert_grads check_gradient check_grads check_parameters",
    "autograd.verification.mutants": "SelfTest selftest",
    "autograd.verification.oracles.opinions": "SecondOpinion second_opinion",
    "autograd.optimizers": "SGD Adagrad Adam AdamW Lion NAdam Optimizer RMSprop clip_gradients",
    "autograd.leaving": "LostGradientWarning",
    "autograd.name_search": "find",
    "autograd.page": "Exploration explore",
    "autograd.path_finding.counts": (
        "Multiplications UseCounts count_paths multiplications use_counts"
    ),
    "autograd.path_finding.cuts": "DeadUnit",
    "autograd.path_finding.search": "Path PathSum paths",
    "autograd.path_finding.summaries": "PathGroup PathSummary path_sum",
    "autograd.program.compiling": "compile",
    "autograd.program.program": "Program load_program",
    "autograd.render": "Drawing draw",
    "autograd.sparse_derivatives": "sparse_hessian sparse_jacobian",
    "autograd.sparse_matrices": "SparseMatrix",
    "autograd.sweeps": "BackwardStep BackwardSteps backward_steps",
    "autograd.spellings": "plain_name",
    "autograd.verification.verdicts": "GradientError Report",
}
_LATER = {name: room for room, names in _ROOMS.items() for name in names.split()}


# What other libraries call what is here.
_ELSEWHERE = {
    **dict.fromkeys(("Tensor", "tensor", "Variable", "Parameter"), "a number is a `Value`"),
    "draw_dot": "write `draw(output)`",
    "trace": "write `topological_order(output)`",
    "numpy": "NumPy's own functions take arrays of Values: `import numpy as np`",
    "elementwise_grad": "write `grad` of a number, or `jacobian` of an array",
    "jit": "write `compile(f)`",
    "vmap": "write `compile(f).rows(...)`",
    "stop_gradient": "write `x.detach()`",
    "gradcheck": "write `check_grads(f, x)`, or of a gradient by hand `check_gradient(f, g, x)`",
    "nn": "networks are a package beside this one: `import nn`",
    "MLP": "networks are a package beside this one: `from nn import MLP`",
}


def __getattr__(name: str) -> _typing.Any:
    if name not in _LATER:
        instead = f": {_ELSEWHERE[name]}" if name in _ELSEWHERE else ""
        raise AttributeError(f"module 'autograd' has no attribute {name!r}{instead}")
    found = globals()[name] = getattr(_import_module(_LATER[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, "abs", "compile", "pow", "primitives", "sum"])


__all__ = [
    "Group",
    "Primitive",
    "Value",
    "__distribution__",
    "__version__",
    "enable_grad",
    "engine",
    "grad",
    "gradients",
    "group",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "no_grad",
    "record_locations",
    "topological_order",
    "value_and_grad",
    "values",
    "vjp",
]
# `from autograd import *` leaves Python's own abs, compile, pow and sum alone.
__all__ += [
    name
    for name in (*_LATER, *primitives.RULES, *primitives.COMPOSED)
    if name not in ("abs", "compile", "pow", "sum")
]
