"""Programs: a recorded graph as straight-line code that runs at native speed and can be read."""

from autograd.program.optimizers import SGD, Adam

__all__ = ["SGD", "Adam"]
