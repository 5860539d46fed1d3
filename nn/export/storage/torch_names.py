"""Parameters as PyTorch keeps them: named by their place in `nn.Sequential(Linear, ReLU, …)`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from autograd.files import Path
from nn.export.dense import dense_layers, is_dense, sources_of
from nn.export.storage.model_files import contents
from nn.export.storage.tensors import parameter_tensors, set_parameters
from nn.validation import describe

# Modules of torch.nn with the same values; a step is none of them.
MODULES = {
    "linear": "",
    "sigmoid": "Sigmoid()",
    "tanh": "Tanh()",
    "relu": "ReLU()",
    "leaky_relu": "LeakyReLU(0.01)",
    "elu": "ELU()",
    "selu": "SELU()",
    "gelu": "GELU()",
    "silu": "SiLU()",
    "softplus": "Softplus()",
    "softmax": "Softmax(-1)",
}


def torch_state_dict(model: Any) -> dict[str, Any]:
    """Return the parameters as NumPy arrays, named as in an `nn.Sequential` of PyTorch.

    The modules are `Linear` and, where a layer is not linear, its activation: an MLP of 64 inputs,
    32 relu and 10 linear units is `Sequential(Linear(64, 32), ReLU(), Linear(32, 10))`, with the
    names 0.weight, 0.bias, 2.weight, 2.bias (`torch_modules` spells it out). In PyTorch:

        state = {name: torch.from_numpy(array) for name, array in torch_state_dict(model).items()}
        network.double().load_state_dict(state)

    Raises:
        ImportError: If NumPy is not installed.
        TypeError: If the model is no MLP, Layer or Neuron.

    Example:
        >>> from nn import MLP
        >>> state = torch_state_dict(MLP(2, [3, 1]))
        >>> {name: array.shape for name, array in state.items()}
        {'0.weight': (3, 2), '0.bias': (3,), '2.weight': (1, 3), '2.bias': (1,)}
    """
    try:
        import numpy
    except ImportError:
        raise ImportError("arrays need NumPy: pip install numpy") from None
    found = {}
    for place, layer in zip(_places(model), dense_layers(model), strict=True):
        found[f"{place}.weight"] = numpy.array(layer.weights)
        if layer.biases is not None:
            found[f"{place}.bias"] = numpy.array(layer.biases)
    return found


def torch_modules(model: Any) -> str:
    """Return the `nn.Sequential` that `torch_state_dict(model)` is for, as source text.

    Raises:
        TypeError: If the model is no MLP, Layer or Neuron.
        ValueError: If PyTorch has no such activation.

    Example:
        >>> from nn import MLP
        >>> torch_modules(MLP(2, [3, 1], "tanh", bias=False))
        'nn.Sequential(nn.Linear(2, 3, bias=False), nn.Tanh(), nn.Linear(3, 1, bias=False))'
    """
    modules = []
    for layer in dense_layers(model):
        bias = "" if layer.biases is not None else ", bias=False"
        modules.append(f"nn.Linear({layer.inputs}, {layer.units}{bias})")
        if layer.activation.name not in MODULES:
            raise ValueError(f"torch.nn has no activation {layer.activation.name!r}")
        if MODULES[layer.activation.name]:
            modules.append(f"nn.{MODULES[layer.activation.name]}")
    return f"nn.Sequential({', '.join(modules)})"


def load_torch_state_dict(model: Any, state: Mapping[str, Any] | Path) -> None:
    """Set a model's parameters to those of an `nn.Sequential`, all of them or none.

    Args:
        model: An MLP, Layer or Neuron of the same sizes.
        state: What `network.state_dict()` returns: tensors, arrays or lists by name, such as
            0.weight; or the path of a `.safetensors` file with them. Layers are taken in the order
            of their numbers, whatever stands between them.

    Raises:
        TypeError: If the model is no MLP, Layer or Neuron, or the state neither a dict nor a path.
        ValueError: If names or shapes differ, or a number is NaN or infinite; the model is as it
            was.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [1], "sigmoid")
        >>> load_torch_state_dict(model, {"0.weight": [[1.0, 2.0]], "0.bias": [0.5]})
        >>> model["b_1^(1)"].data
        0.5
    """
    slots = parameter_tensors(model)
    if not is_dense(model) or not all(tensor.shape for tensor in slots.values()):
        raise TypeError(f"only an MLP, Layer or Neuron has such names, got {describe(model)}")
    if not isinstance(state, Mapping):
        if not isinstance(state, (str, bytes, os.PathLike)):
            raise TypeError(f"a state is a dict or the path of a file, got {describe(state)}")
        state = contents(state)[1]
    prefixes: dict[str, None] = {}
    for name in state:
        prefix, dot, kind = str(name).rpartition(".")
        if kind not in ("weight", "bias") or not dot:
            raise ValueError(f"{name!r:.80} is neither a weight nor a bias of a numbered module")
        prefixes[prefix] = None
    places = sorted(prefixes, key=_order)
    sources = sources_of(model)
    if len(places) != len(sources):
        raise ValueError(
            f"the state has {len(places)} layers ({', '.join(places)}), the model {len(sources)}"
        )
    ours = {
        f"{place}.{kind}": f"{prefix}{kind}"
        for place, (prefix, _) in zip(places, sources, strict=True)
        for kind in ("weight", "bias")
    }
    set_parameters(model, {ours[name]: _plain(tensor) for name, tensor in state.items()})


def _places(model: Any) -> Iterator[int]:
    place = 0
    for layer in dense_layers(model):
        yield place
        place += 1 if layer.activation.name == "linear" else 2


def _order(prefix: str) -> list[tuple[int, str]]:
    """Order 10 after 2."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in prefix.split(".")]


def _plain(tensor: Any) -> Any:
    # A tensor that takes part in differentiation, or lies on another device, gives its numbers so.
    return tensor.detach().tolist() if hasattr(tensor, "detach") else tensor
