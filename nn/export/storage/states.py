"""States: the parameters of any module as plain data, and plain data made its parameters."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from autograd.files import Path
from nn.export.storage.model_files import contents
from nn.export.storage.tensors import Tensor, parameter_tensors, set_parameters
from nn.module import Module
from nn.validation import describe


def state_dict(model: Module) -> dict[str, Any]:
    """Return the parameters of a model as plain data, which JSON can hold.

    Of an MLP, Layer or Neuron a weight, a list with a row per unit, and a bias, a list, for every
    layer; of other modules a number for each name of `named_parameters()`.

    Raises:
        TypeError: If it is no module.

    Example:
        >>> from nn import MLP
        >>> state_dict(MLP(2, [1], "sigmoid", initializer="zeros"))
        {'layers.0.weight': [[0.0, 0.0]], 'layers.0.bias': [0.0]}
    """
    return {
        name: Tensor(tensor.shape, [value.data for value in tensor.items]).nested()
        for name, tensor in parameter_tensors(model).items()
    }


def load_state_dict(model: Module, state: Mapping[str, Any] | Path) -> None:
    """Set the parameters of a model to those of a state, all of them or none.

    Args:
        model: Any module.
        state: What `state_dict` returns, with lists or arrays; or the path of a `.safetensors` or
            `.json` file that holds such, whoever wrote it.

    Raises:
        TypeError: If the model is no module, or the state neither a dict nor a path.
        ValueError: If names or shapes differ, or a number is NaN or infinite, saying where; the
            model is as it was.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [1], "sigmoid")
        >>> load_state_dict(model, {"layers.0.weight": [[1.0, 2.0]], "layers.0.bias": [0.5]})
        >>> model["w_21^(1)"].data
        2.0
        >>> load_state_dict(model, {"layers.0.weights": [[1.0, 2.0]], "layers.0.bias": [0.5]})
        Traceback (most recent call last):
          ...
        ValueError: the names differ: 'layers.0.weight' is missing; 'layers.0.weights' is unknown
        to this MLP (the nearest is 'layers.0.weight'). The model is as it was
    """
    if isinstance(state, Mapping):
        set_parameters(model, state)
        return
    if not isinstance(state, (str, bytes, os.PathLike)):
        raise TypeError(f"a state is a dict or the path of a file, got {describe(state)}")
    try:
        set_parameters(model, contents(state)[1])
    except (TypeError, ValueError) as error:
        raise ValueError(f"{os.fsdecode(state)!r}: {error}") from None
