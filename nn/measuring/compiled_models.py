"""Models as programs: compiled when they are first asked, and kept as long as they live.

A program reads parameters at every call. It is used again only where nothing else can have changed:
for networks of ours with activations and losses of ours, made of the same parameters as before. A
model, an activation or a loss of somebody else may read anything, and is compiled anew each time.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autograd import Program, Value, compile
from nn.activations import BY_NAME
from nn.layers import Layer
from nn.losses import BY_NAME as LOSSES
from nn.module import Module
from nn.networks import MLP
from nn.neurons import Neuron
from nn.validation import describe, outputs_listed

_LOSSES = [known.function for known in LOSSES.values()]
_TWINS = threading.local()  # of each thread the latest
# For each model its programs by what they compute, with what the model was made of.
_PROGRAMS: weakref.WeakKeyDictionary[Any, dict[str, tuple[list[Any], Program]]] = (
    weakref.WeakKeyDictionary()
)


def program_of(model: Any) -> Program:
    """Return the program of a model's outputs for one example, as a list.

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
    if type(model) not in (MLP, Layer, Neuron):
        return compile(_listing(lambda: model), name="outputs")
    held = partial(_alive, weakref.ref(model))
    return _kept(model, "outputs", None, lambda: compile(_listing(held), name="outputs"))


def loss_program_of(
    model: Any,
    loss: Callable[[Any, Any], Any],
    parameters: Sequence[Value],
    is_weighted: bool = False,
) -> Program:
    """Return the program of the loss of a model at one row: a function of row and target.

    Of weighted rows it is a function of their weights, too, which multiply the losses.
    """
    may_be_kept = loss in _LOSSES and type(model) in (MLP, Layer, Neuron)
    held: Callable[[], Any] = partial(_alive, weakref.ref(model)) if may_be_kept else lambda: model

    def at(row: Any, target: Any) -> Any:
        return loss(held()(row), target)

    def weighted(row: Any, target: Any, weight: Any) -> Any:
        return weight * at(row, target)

    name = "weighted loss" if is_weighted else "loss"

    def made() -> Program:
        return compile(weighted if is_weighted else at, parameters=list(parameters), name=name)

    return _kept(model, name, loss, made) if may_be_kept else made()


def is_known(model: Any, loss: Callable[[Any, Any], Any]) -> bool:
    """Return whether model and loss are all our own code."""
    return loss in _LOSSES and _made_of(model) is not None


def _kept(model: Any, what: str, loss: Any, make: Callable[[], Program]) -> Program:
    """Return the program that was made before, if nothing that it depends on can have changed."""
    made_of = _made_of(model)
    if made_of is None:
        return make()
    made_of.append(loss)
    programs = _PROGRAMS.setdefault(model, {})
    known = programs.get(what)
    if known is None or not _are_same(known[0], made_of):
        known = programs[what] = made_of, make()
    return known[1]


def _are_same(some: list[Any], others: list[Any]) -> bool:
    return len(some) == len(others) and all(
        one is other or (type(one) is int and one == other)
        for one, other in zip(some, others, strict=True)
    )


def _alive(held: weakref.ref[Module]) -> Any:
    model = held()
    if model is None:
        raise ReferenceError("the model of this program is gone")
    return model


def _listing(model_of: Callable[[], Any]) -> Callable[[Any], list[Any]]:
    """Return a function that always returns a list; it keeps no model alive."""
    return lambda x: outputs_listed(model_of()(x))


def _made_of(model: Any) -> list[Any] | None:
    """Return all that a model's outputs depend on; None if somebody else's code may decide, too."""
    if type(model) not in (MLP, Layer, Neuron) or not model.is_plain:
        return None
    found: list[Any] = []
    for part in model.layers if type(model) is MLP else [model]:
        units: list[Any] = part.neurons if type(part) is Layer else [part]
        chosen = [part.activation, *[unit.activation for unit in units]]
        if not all(BY_NAME.get(activation.name) is activation for activation in chosen):
            return None
        found += (type(part), len(units), *chosen)
        for unit in units:
            found += (len(unit.weights), unit.bias, *unit.weights)
    return found


def twin_of(model: Any) -> Any:
    """Return a network that computes as a model does and may have been compiled; the model if none.

    Its parameters are set to those of the model. It belongs to whoever asked for it last.

    Example:
        >>> one, two = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=2)
        >>> kept = twin_of(one)
        >>> twin_of(two) is kept, kept([0.5, 1.0]).data == two([0.5, 1.0]).data
        (True, True)
    """
    made_of = _made_of(model)
    parameters = model.parameters()
    leaves = [x for x in made_of or () if isinstance(x, Value)]
    if made_of is None or [*map(id, leaves)] != [*map(id, dict.fromkeys(leaves))]:
        return model
    form = [type(model), *[None if isinstance(x, Value) else x for x in made_of]]
    form += [parameter.label for parameter in parameters]
    kept: tuple[list[Any], Any] | None = getattr(_TWINS, "latest", None)
    if kept is None or kept[0] != form:
        _TWINS.latest = form, model
        return model
    for own, other in zip(kept[1].parameters(), parameters, strict=True):
        own.data = other.data
    return kept[1]
