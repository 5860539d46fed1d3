"""Neural networks made of the nodes of `autograd`: layers, losses, and its optimizers.

The names follow micrograd (`Module`, `Neuron`, `Layer`, `MLP`); the notation follows the lectures:
layers are counted without the input, z_j^(l) is a net input, a_j^(l) an activation. This package
uses only public names of `autograd`.
"""

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

__all__ = [
    "MLP",
    "SGD",
    "Activation",
    "Adagrad",
    "Adam",
    "AdamW",
    "Layer",
    "Lion",
    "Module",
    "NAdam",
    "Neuron",
    "Optimizer",
    "RMSprop",
    "activations",
    "bce",
    "bce_with_logits",
    "cross_entropy",
    "hinge",
    "initializers",
    "losses",
    "mse",
    "nll",
    "squared_error",
]
