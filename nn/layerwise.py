"""Backpropagation as the textbook has it, layer by layer, with every derivative stated by hand.

`forward` and `gradients` compute with plain floats, by node formulas or by matrices, and without
the engine; `compare` holds both against it, and against finite differences.
"""

from __future__ import annotations

from nn.textbook.comparing import ComparedGradient, LayerwiseComparison, compare
from nn.textbook.layerwise_gradients import (
    LayerwiseForward,
    LayerwiseGradients,
    factors_by_layer,
    forward,
    gradients,
)

__all__ = [
    "ComparedGradient",
    "LayerwiseComparison",
    "LayerwiseForward",
    "LayerwiseGradients",
    "compare",
    "factors_by_layer",
    "forward",
    "gradients",
]
