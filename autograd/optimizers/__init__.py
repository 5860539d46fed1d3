"""Optimizers: what is done with the gradients that backpropagation computed.

An update rule is stated once, in `rules`, and everything follows from it: steps in an eager loop,
in programs on the machine, and in programs without it. From the bottom up:

    settings, forms, row_streams
                          settings with limits; a rule as straight-line code; where the orders of
                          rows left off
    parameters, states    parameters, and whose they are in a copy; what `state_dict` holds, read
                          with suspicion
    clipping, optimizer   gradients that are too large; what all optimizers share
    rules                 the family
"""

from autograd.optimizers.clipping import clip_gradients
from autograd.optimizers.optimizer import Optimizer
from autograd.optimizers.rules import SGD, Adagrad, Adam, AdamW, Lion, NAdam, RMSprop

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Lion",
    "NAdam",
    "Optimizer",
    "RMSprop",
    "clip_gradients",
]
