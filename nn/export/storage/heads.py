"""The head of a model file: all that it says of a model beside the parameters, checked."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

from autograd.strict_json import count_in, fields_in, flag_in, list_in, numbers_in, shown, text_in
from nn.activations import BY_NAME
from nn.data.scaling import Scaler
from nn.export.carried import scalar_of, scaler_of
from nn.export.dense import dense_layers
from nn.export.storage.tensors import parameter_tensors
from nn.layers import Layer
from nn.networks import MLP
from nn.neurons import Neuron
from nn.reading.loss_table import LOSSES
from nn.validation import describe

FORMAT = "chainrule model"
VERSION = 1
TASKS = ("classification", "binary", "regression")
_POSSIBLE = "index classes task loss features scaler"
KINDS = {"MLP": MLP, "Layer": Layer, "Neuron": Neuron}


class LayerHead(NamedTuple):
    """What a file says of a layer."""

    inputs: int
    units: int
    activation: str
    bias: bool


class Head(NamedTuple):
    """What a file says of a model."""

    kind: str
    layers: list[LayerHead]
    layer_index: int | None
    classes: tuple[Any, ...] | None
    task: str | None
    loss: str | None
    features: tuple[str, ...] | None
    scaler: Scaler | None

    @property
    def parameter_count(self) -> int:
        """The number of weights and biases."""
        return sum(layer.units * (layer.inputs + layer.bias) for layer in self.layers)


def head_of(model: Any, scaler: Any = None) -> dict[str, Any]:
    """Return what a file says of a model, as plain things.

    Raises:
        TypeError: If it is of a class that a file cannot name.
        ValueError: If a file cannot say all of it.
    """
    kind = type(model)
    if kind not in KINDS.values():
        raise TypeError(
            f"a model file holds an MLP, Layer or Neuron, got {describe(model)}; state_dict(model) "
            "keeps the parameters of any module"
        )
    layers = dense_layers(model)
    for place, layer in enumerate(layers):
        if BY_NAME.get(layer.activation.name) != layer.activation:
            raise ValueError(
                f"layer {place + 1} has the activation {layer.activation.name!r}, which is not one "
                "of nn.activations, so a file could not name it; keep the parameters with "
                "state_dict(model)"
            )
    count = sum(layer.parameter_count for layer in layers)
    if not all(tensor.shape for tensor in parameter_tensors(model).values()):
        raise ValueError(
            f"the layers have {count} weights and biases, the model {len(model.parameters())} "
            "parameters: some are shared, constant or not of its layers; keep them with "
            "state_dict(model)"
        )
    head: dict[str, Any] = {"format": FORMAT, "version": VERSION, "class": kind.__name__}
    if isinstance(model, Layer) and model._index is not None:
        head["index"] = model._index
    head["layers"] = [
        {
            "inputs": layer.inputs,
            "units": layer.units,
            "activation": layer.activation.name,
            "bias": layer.biases is not None,
        }
        for layer in layers
    ]
    classes = getattr(model, "classes", None)
    if classes is not None:
        head["classes"] = list(_classes(classes))
    task = getattr(model, "task", None)
    if task is not None:
        head["task"] = _task(task)
    loss = getattr(model, "loss_name", None)
    if isinstance(loss, str) and loss in LOSSES:
        head["loss"] = loss
    features = getattr(model, "feature_names", None)
    if features is not None:
        head["features"] = list(map(str, features))
    own = scaler_of(model, scaler)
    if own is not None:
        head["scaler"] = {"means": own.means, "deviations": own.deviations}
    return head


def head_in(thing: Any) -> Head:
    """Return what a file says of a model, checked.

    Raises:
        ValueError: If it is of another format or a newer version, or does not make a model.

    Example:
        >>> head_in({"format": "chainrule model", "version": 2})
        Traceback (most recent call last):
          ...
        ValueError: it has version 2; this chainrule reads version 1: update it
    """
    if not isinstance(thing, dict) or thing.get("format") != FORMAT:
        raise ValueError(f'it does not say "format": "{FORMAT}"')
    version = count_in(thing.get("version"), "version", 1)
    if version != VERSION:
        raise ValueError(
            f"it has version {version}; this chainrule reads version {VERSION}: update it"
        )
    fields = fields_in(thing, "the model", "format version class layers", _POSSIBLE)
    kind = fields["class"]
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"class has to be one of {', '.join(KINDS)}, got {shown(kind)}")
    layers = [
        _layer(layer, f"layers[{place}]")
        for place, layer in enumerate(list_in(fields["layers"], "layers"))
    ]
    if not layers or (kind != "MLP" and len(layers) > 1) or (kind == "Neuron" and layers[0][1] > 1):
        raise ValueError(f"layers, a list of {len(layers)}, do not make a {kind}")
    for place, (before, after) in enumerate(pairwise(layers), start=1):
        if before.units != after.inputs:
            raise ValueError(
                f"layers[{place}] takes {after.inputs} inputs, layers[{place - 1}] has "
                f"{before.units} units"
            )
    index = count_in(fields["index"], "index") if "index" in fields else None
    classes = _classes(list_in(fields["classes"], "classes")) if "classes" in fields else None
    task = _task(fields["task"]) if "task" in fields else None
    loss = fields.get("loss")
    if loss is not None and (not isinstance(loss, str) or loss not in LOSSES):
        raise ValueError(f"loss has to be one of {', '.join(LOSSES)}, got {shown(loss)}")
    features = _features(fields["features"], layers[0].inputs) if "features" in fields else None
    scaler = _scaler(fields["scaler"], layers[0].inputs) if "scaler" in fields else None
    return Head(kind, layers, index, classes, task, loss, features, scaler)


def _layer(thing: Any, where: str) -> LayerHead:
    fields = fields_in(thing, where, "inputs units activation bias")
    activation = text_in(fields["activation"], f"{where}.activation")
    if activation not in BY_NAME:
        raise ValueError(f"{where}.activation {shown(activation)} is none of nn.activations")
    units = count_in(fields["units"], f"{where}.units", 1)
    if BY_NAME[activation].whole_layer and units == 1:
        raise ValueError(f"{where} is {activation} over a single unit")
    return LayerHead(
        count_in(fields["inputs"], f"{where}.inputs", 1),
        units,
        activation,
        flag_in(fields["bias"], f"{where}.bias"),
    )


def _features(thing: Any, inputs: int) -> tuple[str, ...]:
    names = [text_in(name, f"features[{i}]") for i, name in enumerate(list_in(thing, "features"))]
    if len(names) != inputs:
        raise ValueError(f"features are {len(names)} names, the model takes {inputs} numbers")
    return tuple(names)


def _scaler(thing: Any, inputs: int) -> Scaler:
    fields = fields_in(thing, "scaler", "means deviations")
    found = Scaler(*(numbers_in(fields[x], f"scaler.{x}") for x in ("means", "deviations")))
    if len(found.means) != inputs:
        raise ValueError(f"the scaler has {len(found.means)} columns, the model takes {inputs}")
    return found


def _classes(labels: Iterable[Any]) -> tuple[Any, ...]:
    found = tuple(_label(label, f"classes[{i}]") for i, label in enumerate(labels))
    if len(set(found)) < len(found):
        raise ValueError("a label stands twice among the classes")
    return found


def _label(label: Any, where: str) -> Any:
    """Return a label as JSON keeps it: its type, too, comes back."""
    label = scalar_of(label)
    if type(label) is float and label - label == 0.0:
        return label
    if type(label) is int and abs(label) < 1 << 63:
        return label
    if type(label) in (str, bool):
        return label
    raise ValueError(
        f"{where} has to be text, True or False, a finite number, or an integer within 64 bits, "
        f"got {shown(label)}"
    )


def _task(task: Any) -> str:
    if not isinstance(task, str) or task not in TASKS:
        raise ValueError(f"task has to be one of {', '.join(TASKS)}, got {shown(task)}")
    return task
