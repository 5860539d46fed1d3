"""Models as programs: compiled when they are first asked, and kept as long as they live.

A program reads parameters at every call. What else a model is made of, its layers, activations,
plain numbers and arrays, is compared before a program is used again; what lies in other objects, or
outside of the model, is taken as it was.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from operator import is_
from typing import Any

from autograd import Program, Value, compile
from nn.layers import Layer
from nn.module import Module
from nn.networks import MLP
from nn.neurons import Neuron
from nn.validation import describe, is_scalar

_PLAIN = frozenset((str, bytes, int, float, bool, complex, type(None)))
_OF_TRAINING = ("classes", "task", "loss_name")
_PROGRAMS: weakref.WeakKeyDictionary[Any, tuple[list[Any], Program]] = weakref.WeakKeyDictionary()


def program_of(model: Any) -> Program:
    """Return the program of a model's outputs for one example, as a list.

    A model that is no `Module` is compiled anew each time: what it is made of cannot be compared.

    Raises:
        TypeError: If the model cannot be called.

    Example:
        >>> model = MLP(2, [3, 1], seed=1)
        >>> program_of(model) is program_of(model)
        True
        >>> program_of(model)([0.5, -1.0]) == [model([0.5, -1.0]).data]
        True
    """
    if not callable(model):
        raise TypeError(f"the model must be a Module or a function, got {describe(model)}")
    if not isinstance(model, Module):
        return compile(_listing(lambda: model), name="outputs")
    made_of: list[Any] = []
    _add(model, made_of, set())
    known = _PROGRAMS.get(model)
    if known is not None and _are_same(known[0], made_of):
        return known[1]
    program = compile(_listing(weakref.ref(model)), name="outputs")
    _PROGRAMS[model] = made_of, program
    return program


def _listing(model_of: Callable[[], Any]) -> Callable[[Any], list[Any]]:
    """Return a function that always returns a list; it keeps no model alive."""

    def outputs(x: Any) -> list[Any]:
        found = model_of()(x)
        listed = [found] if is_scalar(found) else list(found)
        for position, output in enumerate(listed):
            if not is_scalar(output):
                raise TypeError(
                    "for one example a model must return a number or a list of numbers; its "
                    f"output {position} is {describe(output)}"
                )
        return listed

    return outputs


def _are_same(some: list[Any], others: list[Any]) -> bool:
    if len(some) != len(others):
        return False
    if all(map(is_, some, others)):
        return True
    return all(
        one is other or (type(one) is type(other) and type(one) in _PLAIN and one == other)
        for one, other in zip(some, others, strict=True)
    )


def _add(thing: Any, found: list[Any], seen: set[int]) -> None:
    """Add all that a thing is made of: what is the same again is identical, or plain and equal."""
    kind = type(thing)
    if kind is Value or kind in _PLAIN or isinstance(thing, type):
        found.append(thing)
    elif kind is Neuron:
        found += thing.weights
        found += (thing.bias, thing.activation.function)
    elif id(thing) in seen:
        found.append("again")
    elif isinstance(thing, (Module, Mapping, list, tuple)):
        seen.add(id(thing))
        found.append(kind)
        for name, part in _parts(thing):
            found.append(name)
            _add(part, found, seen)
    elif hasattr(thing, "tobytes") and hasattr(thing, "dtype"):
        held = thing.tolist() if thing.dtype.kind == "O" else (str(thing.shape), thing.tobytes())
        _add(held, found, seen)
    else:
        found.append(_reference(thing))


def _parts(thing: Any) -> list[tuple[Any, Any]]:
    """Return the parts of a module or container with their names."""
    if isinstance(thing, Mapping):
        return list(thing.items())
    if not isinstance(thing, Module):
        return list(enumerate(thing))
    kept = vars(thing) if hasattr(thing, "__dict__") else {}
    if type(thing) in (MLP, Layer):  # names of nodes and of classes make no difference
        return [x for x in kept.items() if x[0][:1] != "_" and x[0] not in _OF_TRAINING]
    slots = [vars(base).get("__slots__", ()) for base in type(thing).__mro__]
    names = [name for of in slots for name in ((of,) if isinstance(of, str) else of)]
    return [(name, getattr(thing, name, None)) for name in names] + list(kept.items())


def _reference(thing: Any) -> Any:
    # There is one weak reference to a thing, as long as it lives: it tells it from others, and
    # keeps no model alive that the thing refers to.
    thing = getattr(thing, "__func__", thing)
    try:
        return weakref.ref(thing)
    except TypeError:
        return thing
