"""A model's parameters by name, as matrices and vectors, and numbers put back into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite, prod
from typing import Any

from autograd import Value
from nn.export.dense import is_dense, neurons_of, sources_of
from nn.module import Module
from nn.validation import counted, describe, finite


@dataclass(frozen=True)
class Tensor:
    """Numbers, or Values, with a shape: () for one of them, (units, inputs) for a matrix.

    Example:
        >>> Tensor((2, 2), [1.0, 2.0, 3.0, 4.0]).nested()
        [[1.0, 2.0], [3.0, 4.0]]
    """

    shape: tuple[int, ...]
    items: Sequence[Any]

    def nested(self) -> Any:
        """Return the items as lists of lists; of the shape (), the item."""
        items = list(self.items)
        for size in reversed(self.shape[1:]):
            items = [items[start : start + size] for start in range(0, len(items), size)]
        return items if self.shape else items[0]


def parameter_tensors(model: Module) -> dict[str, Tensor]:
    """Return the parameters of a model by name.

    Of `MLP`, `Layer` and `Neuron` a weight, units × inputs, and a bias for every layer; of any
    other module each parameter by the name that `named_parameters` gives it.

    Raises:
        TypeError: If it is no module.

    Example:
        >>> from nn import MLP
        >>> {name: tensor.shape for name, tensor in parameter_tensors(MLP(2, [3, 1])).items()}
        {'layers.0.weight': (3, 2), 'layers.0.bias': (3,), 'layers.1.weight': (1, 3),
        'layers.1.bias': (1,)}
    """
    if not isinstance(model, Module):
        raise TypeError(f"a model is a Module, got {describe(model)}")
    named = model.named_parameters()
    if is_dense(model):
        found = dict(_of_layers(model))
        held = [value for tensor in found.values() for value in tensor.items]
        # With parameters that are shared, frozen or not of layers, names alone say which is which.
        if len(held) == len(named) and {*map(id, held)} == {id(value) for _, value in named}:
            complete = all(prod(tensor.shape) == len(tensor.items) for tensor in found.values())
            if complete:
                return found
    return {name: Tensor((), [value]) for name, value in named}


def _of_layers(model: Any) -> Iterator[tuple[str, Tensor]]:
    for prefix, source in sources_of(model):
        neurons = neurons_of(source)
        weights = [weight for neuron in neurons for weight in neuron.weights]
        yield f"{prefix}weight", Tensor((len(neurons), neurons[0].nin), weights)
        biases = [neuron.bias for neuron in neurons if neuron.bias is not None]
        if biases:
            yield f"{prefix}bias", Tensor((len(neurons),), biases)


def set_parameters(model: Module, state: Mapping[str, Any]) -> None:
    """Set a model's parameters to the numbers of these names, all of them or none.

    Args:
        model: Any module.
        state: A number, nested lists, an array or a `Tensor` for every name of
            `parameter_tensors(model)`.

    Raises:
        ValueError: If a name is missing or unknown, a shape differs, or a number is NaN or
            infinite; the model is as it was.
        TypeError: If something is no number.
    """
    slots = parameter_tensors(model)
    _refuse_other_names(slots, state, type(model).__name__)
    pairs = [
        (value, number)
        for name, slot in slots.items()
        for value, number in zip(slot.items, numbers_of(state[name], slot.shape, name), strict=True)
    ]
    for value, number in pairs:
        value.data = number


def numbers_of(given: Any, shape: tuple[int, ...], name: str) -> Sequence[float]:
    """Return the numbers of something that has to have a shape, row after row.

    Raises:
        ValueError: If its shape is another, or a number is NaN or infinite.
        TypeError: If something in it is no number.

    Example:
        >>> numbers_of([[1, 2], [3, 4]], (2, 2), "weight")
        [1.0, 2.0, 3.0, 4.0]
        >>> numbers_of([[1, 2], [3]], (2, 2), "weight")
        Traceback (most recent call last):
          ...
        ValueError: weight[1] has 1 number, expected 2; weight has the shape (2, 2)
    """
    if isinstance(given, Tensor):
        if given.shape != shape:
            raise ValueError(f"{name} has the shape {given.shape}, expected {shape}")
        for place, number in enumerate(given.items):
            if not isfinite(number):
                raise ValueError(f"{name}{_brackets(place, shape)} is {number}")
        return given.items
    if not isinstance(given, Value) and hasattr(given, "tolist"):
        given = given.tolist()
    return list(_flat(given, shape, 0, name, name))


def _flat(given: Any, shape: tuple[int, ...], depth: int, where: str, name: str) -> Iterator[float]:
    if depth == len(shape):
        if isinstance(given, (list, tuple)):
            raise ValueError(f"{where} is a list, expected a number; {name} has the shape {shape}")
        if isinstance(given, bool):
            raise ValueError(f"{where} is {given}, expected a number")
        yield finite(given, where)
        return
    if not isinstance(given, (list, tuple)):
        raise ValueError(
            f"{where} is {describe(given)}, expected a list; {name} has the shape {shape}"
        )
    if len(given) != shape[depth]:
        noun = "number" if depth == len(shape) - 1 else "row"
        raise ValueError(
            f"{where} has {counted(len(given), noun)}, expected {shape[depth]}; {name} has the "
            f"shape {shape}"
        )
    for position, part in enumerate(given):
        yield from _flat(part, shape, depth + 1, f"{where}[{position}]", name)


def _brackets(place: int, shape: tuple[int, ...]) -> str:
    text = ""
    for size in reversed(shape):
        place, index = divmod(place, size)
        text = f"[{index}]{text}"
    return text


def _refuse_other_names(slots: Mapping[str, Any], state: Mapping[str, Any], owner: str) -> None:
    missing = [name for name in slots if name not in state]
    unknown = [name for name in state if name not in slots]
    if not missing and not unknown:
        return
    parts = []
    if missing:
        parts.append(f"{_some(missing)} missing")
    if unknown:
        near = get_close_matches(str(unknown[0]), slots, n=1)
        hint = f" (the nearest is {near[0]!r})" if near else ""
        parts.append(f"{_some(unknown)} unknown to this {owner}{hint}")
    raise ValueError(f"the names differ: {'; '.join(parts)}. The model is as it was")


def _some(names: Sequence[Any]) -> str:
    more = f" and {len(names) - 3} more are" if len(names) > 3 else ""
    shown = ", ".join(f"{name!r:.80}" for name in names[:3])
    return f"{shown}{more}" if more else f"{shown} {'is' if len(names) == 1 else 'are'}"
