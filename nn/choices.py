"""The names that stand for something, as type checkers and editors know them: typos are found.

At run time the tables say what there is, and a test holds these against them. A variable that holds
a name is annotated with its type: `names: list[ActivationName] = ["tanh", "relu"]`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypedDict

from autograd import Optimizer

ActivationName = Literal[
    "linear", "step", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu",
    "softplus", "softmax", "identity", "logistic",
]  # fmt: skip
InitializerName = Literal[
    "auto", "micrograd", "uniform", "normal", "xavier", "xavier_uniform", "xavier_normal", "glorot",
    "glorot_uniform", "glorot_normal", "he", "he_uniform", "he_normal", "kaiming",
    "kaiming_uniform", "kaiming_normal", "lecun", "lecun_uniform", "lecun_normal", "zeros",
]  # fmt: skip
LossName = Literal[
    "cross_entropy", "nll", "bce", "bce_with_logits", "hinge", "mse", "squared_error",
    "categorical_crossentropy", "sparse_categorical_crossentropy", "softmax_cross_entropy",
    "negative_log_likelihood", "binary_cross_entropy", "binary_crossentropy",
    "binary_cross_entropy_with_logits", "max_margin", "mean_squared_error",
]  # fmt: skip
OptimizerName = Literal[
    "adam", "adamw", "nadam", "rmsprop", "adagrad", "lion", "sgd", "momentum",
]  # fmt: skip

LossArgument = LossName | Callable[[Any, Any], Any]
OptimizerArgument = OptimizerName | Optimizer


class FitOptions(TypedDict, total=False):
    """The options of `nn.fit`, for `Module.fit`."""

    loss: LossArgument | None
    optimizer: OptimizerArgument
    epochs: int
    batch_size: int | None
    validation: Any
    patience: int | None
    metrics: Any
    schedule: Any
    clip: Any
    seed: int
    callbacks: Any
    checkpoint: Any
    audit: float
    compiled: bool
    progress: bool | None
    classes: Any
    sample_weight: Any
    class_weight: Any
