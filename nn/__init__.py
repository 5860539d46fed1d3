"""Neural networks made of the nodes of `autograd`: layers, losses, and its optimizers.

The names follow micrograd (`Module`, `Neuron`, `Layer`, `MLP`); the notation follows the lectures:
layers are counted without the input, z_j^(l) is a net input, a_j^(l) an activation. This package
uses only public names of `autograd`.
"""

import typing as _typing
from importlib import import_module as _import_module

import autograd

# Which package `autograd` is has to be settled before anything is taken from it.
if getattr(autograd, "__distribution__", None) != "chainrule":
    raise ImportError(
        "nn belongs to the distribution 'chainrule', but another package that is also imported as "
        f"'autograd' was found in {getattr(autograd, '__file__', None)}; repair it with: pip "
        "uninstall autograd && pip install --force-reinstall --no-deps chainrule"
    )

from autograd import SGD, Adagrad, Adam, AdamW, Lion, NAdam, Optimizer, RMSprop
from nn import activations, initializers, losses
from nn.activations import Activation
from nn.layers import Layer
from nn.losses import (
    bce,
    bce_with_logits,
    cross_entropy,
    hinge,
    mse,
    nll,
    squared_error,
)
from nn.module import Module
from nn.networks import MLP
from nn.neurons import Neuron

if _typing.TYPE_CHECKING:
    from nn import data, layerwise
    from nn.training import schedules
    from nn.training.divergence import DivergenceError
    from nn.training.fitting import Training, fit
    from nn.training.history import History
    from nn.training.metrics import accuracy, confusion_matrix
    from nn.training.minimizing import minimize
    from nn.training.rate_ranges import lr_range
    from nn.training.reports import report
    from nn.training.restarting import restarts
    from nn.training.sharding import fit_shards

# Rooms that building a network never enters are loaded when a name of theirs is first asked for.
_ROOMS = {
    "nn": ("data", "layerwise"),
    "nn.training": ("schedules",),
    "nn.training.divergence": ("DivergenceError",),
    "nn.training.fitting": ("Training", "fit"),
    "nn.training.history": ("History",),
    "nn.training.metrics": ("accuracy", "confusion_matrix"),
    "nn.training.minimizing": ("minimize",),
    "nn.training.rate_ranges": ("lr_range",),
    "nn.training.reports": ("report",),
    "nn.training.restarting": ("restarts",),
    "nn.training.sharding": ("fit_shards",),
}
_LATER = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> _typing.Any:
    if name not in _LATER:
        raise AttributeError(f"module 'nn' has no attribute {name!r}")
    room = _import_module(_LATER[name])
    is_room = name in ("data", "layerwise", "schedules")
    found = _import_module(f"{room.__name__}.{name}") if is_room else getattr(room, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)


__all__ = [
    "MLP",
    "SGD",
    "Activation",
    "Adagrad",
    "Adam",
    "AdamW",
    "DivergenceError",
    "History",
    "Layer",
    "Lion",
    "Module",
    "NAdam",
    "Neuron",
    "Optimizer",
    "RMSprop",
    "Training",
    "accuracy",
    "activations",
    "bce",
    "bce_with_logits",
    "confusion_matrix",
    "cross_entropy",
    "data",
    "fit",
    "fit_shards",
    "hinge",
    "initializers",
    "layerwise",
    "losses",
    "lr_range",
    "minimize",
    "mse",
    "nll",
    "report",
    "restarts",
    "schedules",
    "squared_error",
]
