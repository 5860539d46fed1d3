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
    from pathlib import Path as _Path
    from runpy import run_path as _run_path

    _installing = _run_path(str(_Path(__file__).resolve().parents[1] / "autograd/installing.py"))
    raise ImportError(_installing["not_ours"](getattr(autograd, "__file__", None), "nn belongs to"))

from autograd import SGD, Adagrad, Adam, AdamW, Lion, NAdam, Optimizer, RMSprop
from nn import activations, initializers, losses
from nn.activations import Activation
from nn.layers import Layer
from nn.losses import bce, bce_with_logits, cross_entropy, hinge, mse, nll, squared_error
from nn.module import Module
from nn.networks import MLP
from nn.neurons import Neuron

if _typing.TYPE_CHECKING:
    from nn import data, layerwise
    from nn.charts import Chart
    from nn.export import (
        export_model,
        load_model,
        load_state_dict,
        save_model,
        state_dict,
        verify_export,
    )
    from nn.measuring.confusion import confusion_matrix
    from nn.measuring.label_metrics import accuracy
    from nn.measuring.reports import report
    from nn.relu_units import dead_units
    from nn.textbook.activation_charts import activation_chart
    from nn.textbook.collapsing import collapse
    from nn.textbook.descents import descent_paths
    from nn.textbook.flat_gradients import output_gradients
    from nn.textbook.layer_gradients import gradient_by_layer
    from nn.textbook.perceptron import Perceptron
    from nn.textbook.segments import convexity
    from nn.textbook.surfaces import loss_surface
    from nn.textbook.weight_histories import watch_weights
    from nn.training import schedules
    from nn.training.audits import AuditError
    from nn.training.divergence import DivergenceError
    from nn.training.fitting import fit, partial_fit
    from nn.training.history import History
    from nn.training.minimizing import minimize
    from nn.training.rate_ranges import lr_range
    from nn.training.restarting import restarts
    from nn.training.runs import Training
    from nn.training.sharding import fit_shards

# Rooms that building a network never enters are loaded when a name of theirs is first asked for.
_ROOMS = {
    "nn.charts": "Chart",
    "nn.export": "export_model load_model load_state_dict save_model state_dict verify_export",
    "nn.relu_units": "dead_units",
    "nn.textbook.activation_charts": "activation_chart",
    "nn.textbook.collapsing": "collapse",
    "nn.textbook.descents": "descent_paths",
    "nn.textbook.layer_gradients": "gradient_by_layer",
    "nn.textbook.flat_gradients": "output_gradients",
    "nn.textbook.perceptron": "Perceptron",
    "nn.textbook.segments": "convexity",
    "nn.textbook.surfaces": "loss_surface",
    "nn.textbook.weight_histories": "watch_weights",
    "nn.training.audits": "AuditError",
    "nn.measuring.confusion": "confusion_matrix",
    "nn.training.divergence": "DivergenceError",
    "nn.training.fitting": "fit partial_fit",
    "nn.training.history": "History",
    "nn.measuring.label_metrics": "accuracy",
    "nn.training.minimizing": "minimize",
    "nn.training.rate_ranges": "lr_range",
    "nn.measuring.reports": "report",
    "nn.training.restarting": "restarts",
    "nn.training.runs": "Training",
    "nn.training.sharding": "fit_shards",
}
# Modules are named as they are.
_MODULES = {"data": "nn.data", "layerwise": "nn.layerwise", "schedules": "nn.training.schedules"}
_LATER = {name: room for room, names in _ROOMS.items() for name in names.split()}


# What other libraries call what is here.
_ELSEWHERE = {
    **dict.fromkeys(("Linear", "Dense"), 'write `Layer(nin, nout, "linear")`'),
    "Sequential": "write `MLP(nin, [nout, ...], activation)`",
    **dict.fromkeys(("ReLU", "Tanh", "Sigmoid", "Softmax"), 'an activation is a name: "relu"'),
    **dict.fromkeys(("MSELoss", "L1Loss"), 'a loss is a name: `fit(X, y, loss="mse")`'),
    "CrossEntropyLoss": 'a loss is a name: `fit(X, y, loss="cross_entropy")`',
    "BCELoss": 'a loss is a name: `fit(X, y, loss="bce")`',
    "BCEWithLogitsLoss": 'a loss is a name: `fit(X, y, loss="bce_with_logits")`',
    "optim": "optimizers are here: `Adam(0.01)`",
    "functional": "operations are functions of autograd: `autograd.relu(x)`",
    "Parameter": "a parameter is a Value: `from autograd import Value`",
    "Value": "a number is a Value of autograd: `from autograd import Value`",
    "load": "write `load_model(path)`",
    "save": "write `model.save(path)`",
}


def __getattr__(name: str) -> _typing.Any:
    if name in _MODULES:
        found = _import_module(_MODULES[name])
    elif name in _LATER:
        found = getattr(_import_module(_LATER[name]), name)
    else:
        instead = f": {_ELSEWHERE[name]}" if name in _ELSEWHERE else ""
        raise AttributeError(f"module 'nn' has no attribute {name!r}{instead}")
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
    "AuditError",
    "Chart",
    "DivergenceError",
    "History",
    "Layer",
    "Lion",
    "Module",
    "NAdam",
    "Neuron",
    "Optimizer",
    "Perceptron",
    "RMSprop",
    "Training",
    "accuracy",
    "activation_chart",
    "activations",
    "bce",
    "bce_with_logits",
    "collapse",
    "confusion_matrix",
    "convexity",
    "cross_entropy",
    "data",
    "dead_units",
    "descent_paths",
    "export_model",
    "fit",
    "fit_shards",
    "gradient_by_layer",
    "hinge",
    "initializers",
    "layerwise",
    "load_model",
    "load_state_dict",
    "loss_surface",
    "losses",
    "lr_range",
    "minimize",
    "mse",
    "nll",
    "output_gradients",
    "partial_fit",
    "report",
    "restarts",
    "save_model",
    "schedules",
    "squared_error",
    "state_dict",
    "verify_export",
    "watch_weights",
]
