"""Model files: architecture and parameters in one file, exact, whole or not there, never executed.

A `.json` file is text; a `.safetensors` file has the same head among its metadata, and any tool
that knows the format reads its tensors.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from autograd.files import Path, read_file, replace_file
from autograd.strict_json import shown
from nn.activations import activation
from nn.export.dense import neurons_of, sources_of
from nn.export.storage.bounded_json import MOST_BYTES, MOST_NUMBERS, json_of, json_text, refuse_huge
from nn.export.storage.heads import Head, head_in, head_of
from nn.export.storage.tensor_files import tensor_bytes, tensors_in
from nn.export.storage.tensors import Tensor, parameter_tensors, set_parameters
from nn.layers import Layer
from nn.networks import MLP
from nn.neurons import Neuron

SUFFIXES = (".json", ".safetensors")


def save_model(model: Any, path: Path, scaler: Any = None) -> None:
    """Write a model to a file, which `load_model` reads back, bit for bit.

    The file holds the sizes, the names of the activations, which layers have biases, the
    parameters, and what `fit` noted on the model: its classes, task and loss, the names of the
    columns; and its scaler. It is written all at once or not at all.

    Args:
        model: An MLP, a Layer or a Neuron with activations of `nn.activations`.
        path: A name that ends with `.json` or `.safetensors`.
        scaler: The `Scaler` that the model's inputs go through; it is `model.scaler` when the model
            is loaded. `model.scaler`, where there is one, if not given.

    Raises:
        TypeError: If the model is of another class; `state_dict(model)` keeps the parameters of
            any module.
        ValueError: If the suffix is another, an activation is not one of `nn.activations`,
            parameters are shared, NaN or infinite, or there are more than 2²².
        OSError: If the file cannot be written; what was there is still there.

    Example:
        >>> import os, tempfile
        >>> model = MLP(2, [3, 1], "tanh", seed=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_model(model, os.path.join(folder, "model.json"))
        ...     again = load_model(os.path.join(folder, "model.json"))
        >>> again, again([1.0, 2.0]).data == model([1.0, 2.0]).data
        (MLP(2 → 3 tanh → 1 linear, 13 parameters), True)
    """
    suffix = _suffix(path)
    head = head_of(model, scaler)
    tensors = {
        name: Tensor(tensor.shape, [value.data for value in tensor.items])
        for name, tensor in parameter_tensors(model).items()
    }
    if sum(len(tensor.items) for tensor in tensors.values()) > MOST_NUMBERS:
        raise ValueError(f"a model file has at most {MOST_NUMBERS} parameters")
    if suffix == ".json":
        numbers = {name: tensor.nested() for name, tensor in tensors.items()}
        data = _lines({**head, "parameters": numbers}).encode("ascii")
        try:
            refuse_huge(data)
        except ValueError as error:
            raise ValueError(f"as JSON it has {error}; write .safetensors instead") from None
    else:
        data = tensor_bytes(tensors, {"chainrule": json_text(head)})
    replace_file(path, data)


def load_model(path: Path) -> Any:
    """Return the model in a file that `save_model` wrote.

    Nothing in the file is executed, and nothing is believed: reading takes bounded memory and time
    whatever it holds. The tensors of a `.safetensors` file may have 32 or 16 bits, too.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not a model file, was damaged, or a newer version of chainrule wrote
            it, saying what is wrong and where.

    Example:
        >>> load_model("model.pickle")
        Traceback (most recent call last):
          ...
        ValueError: the name of a model file ends with .json or .safetensors, got 'model.pickle'
    """
    _suffix(path)
    try:
        head, tensors = contents(path)
        if head is None:
            raise ValueError(
                "it holds parameters and no architecture; build the model, then "
                "load_state_dict(model, path)"
            )
        return _built(head, tensors)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{os.fsdecode(path)!r} is not a model file: {error}") from None


def contents(path: Path) -> tuple[Head | None, dict[str, Any]]:
    """Return the head of a model file, None in a file without, and its parameters by name.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is neither JSON nor safetensors, by its suffix.
    """
    suffix = _suffix(path)
    data = read_file(path, MOST_BYTES)
    if suffix == ".safetensors":
        tensors, metadata = tensors_in(data)
        text = metadata.get("chainrule")
        if text is None:
            return None, dict(tensors)
        head = json_of(text.encode("utf-8", "surrogatepass"))
        return head_in(head), dict(tensors)
    found = json_of(data)
    if not isinstance(found, dict):
        raise ValueError(f"it has to be an object, got {shown(found)}")
    if "format" not in found:
        return None, found
    parameters = found.pop("parameters", None)
    head = head_in(found)
    if not isinstance(parameters, dict):
        raise ValueError(f"parameters has to be an object, got {shown(parameters)}")
    return head, parameters


# --- Writing --------------------------------------------------------------------------------------


def _suffix(path: Path) -> str:
    name = os.fsdecode(path)
    suffix = os.path.splitext(name)[1].lower()
    if suffix not in SUFFIXES:
        raise ValueError(
            f"the name of a model file ends with {' or '.join(SUFFIXES)}, got {name!r}"
        )
    return suffix


def _lines(head: Mapping[str, Any]) -> str:
    """Return JSON with a line for each field, and for each row of a matrix."""
    fields = []
    for name, thing in head.items():
        text = json_text(thing)
        if name == "parameters":
            text = text.replace("], [", "],\n[").replace(": [", ":\n[").replace('], "', '],\n"')
        fields.append(f"{json_text(name)}: {text}")
    return "{\n" + ",\n".join(fields) + "\n}\n"


# --- Reading --------------------------------------------------------------------------------------


def _built(head: Head, parameters: dict[str, Any]) -> Any:
    # Nothing is made of a size that the file has no numbers for.
    found = sum(map(_numbers_in, parameters.values()))
    if found != head.parameter_count:
        raise ValueError(f"it has {found} parameters; the layers need {head.parameter_count}")
    model = _empty(head)
    for (_, source), layer in zip(sources_of(model), head.layers, strict=True):
        if not layer.bias:
            for neuron in neurons_of(source):
                neuron.bias = None
    set_parameters(model, parameters)
    noted = {
        "classes": head.classes,
        "task": head.task,
        "loss_name": head.loss,
        "feature_names": head.features,
        "scaler": head.scaler,
    }
    for name, thing in noted.items():
        if thing is not None:
            setattr(model, name, thing)
    return model


def _empty(head: Head) -> Any:
    first = head.layers[0]
    if head.kind == "Neuron":
        return Neuron(first.inputs, activation=activation(first.activation), initializer="zeros")
    if head.kind == "Layer":
        return Layer(
            first.inputs,
            first.units,
            activation=activation(first.activation),
            initializer="zeros",
            index=head.layer_index,
        )
    return MLP(
        first.inputs,
        [layer.units for layer in head.layers],
        activations=[activation(layer.activation) for layer in head.layers],
        initializer="zeros",
    )


def _numbers_in(thing: Any) -> int:
    if isinstance(thing, Tensor):
        return len(thing.items)
    rows = thing if isinstance(thing, list) else [thing]
    return sum(len(row) if isinstance(row, list) else 1 for row in rows)
