"""The parameters of an optimizer: checked when it gets them, and its model's when it is copied.

A model owns its parameters, an optimizer steps them. A copy of the two, in one `deepcopy` or one
pickle, has parameters that the copied model owns. A copy of the optimizer alone has none: it refers
to its parameters weakly until it is first used, so that those nobody else holds are gone with the
end of copying, and using them is an error. Its settings, memory and `state_dict()` are whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, overload
from weakref import ref

from autograd.optimizers.settings import described
from autograd.selection import Value


class Parameters:
    """The attribute `parameters` of an optimizer: a list of Values, empty before there are any.

    Set once, by the constructor or by what binds an optimizer that was made without parameters.
    """

    @overload
    def __get__(self, optimizer: None, owner: type) -> Parameters: ...

    @overload
    def __get__(self, optimizer: Any, owner: type | None = None) -> list[Value]: ...

    def __get__(self, optimizer: Any, owner: type | None = None) -> list[Value] | Parameters:
        if optimizer is None:
            return self
        own = vars(optimizer)
        if own["_references"]:
            held = [reference() for reference in own["_references"]]
            if any(value is None for value in held):
                raise ValueError(
                    f"this {type(optimizer).__name__} was copied or pickled without its model, or "
                    "its model is gone: nobody uses the parameters it would step. Copy or pickle "
                    "both together, (model, optimizer), or make an optimizer of "
                    "model.parameters() and give it the state_dict() of this one"
                )
            own.update(_parameters=held, _references=[], _expected=None)
        found: list[Value] = own["_parameters"]
        return found

    def __set__(self, optimizer: Any, parameters: Iterable[Value] | float | None) -> None:
        own = vars(optimizer)
        if own.get("_parameters") or own.get("_references"):
            raise AttributeError("an optimizer keeps its parameters; make another for others")
        checked = []
        if parameters is not None:
            hint = f"settings have names: {type(optimizer).__name__}(lr=0.1)"
            checked = checked_parameters(parameters, hint)
        own.update(_parameters=checked, _references=[])
        if checked and own.get("_expected") is None:
            own["_remembered"] = []  # of nothing: room is made for these


def nobody() -> None:
    """What a weak reference says whose Value is gone."""


def references(values: Iterable[Value | None]) -> list[Callable[[], Value | None]]:
    """Return weak references to Values, of which some may be gone."""
    return [nobody if value is None else ref(value) for value in values]


def checked_parameters(parameters: Any, hint: str) -> list[Value]:
    """Return a list of leaves, each once; the hint is for those who gave something else first.

    Raises:
        TypeError: If this is something else than a list of Values.
        ValueError: If there are none, or one is computed, constant or there twice.
    """
    if callable(getattr(parameters, "parameters", None)):
        raise TypeError(
            f"parameters must be a list of Values; pass model.parameters(), not {parameters!r}"
        )
    if isinstance(parameters, (Value, str)) or not isinstance(parameters, Iterable):
        raise TypeError(f"parameters must be a list of Values, got {described(parameters)}; {hint}")
    checked = list(parameters)
    if not checked:
        raise ValueError("parameters is empty; there is nothing to optimize")
    seen: set[int] = set()
    for position, parameter in enumerate(checked):
        if not isinstance(parameter, Value):
            raise TypeError(f"parameters[{position}] must be a Value, got {described(parameter)}")
        if parameter.is_constant or not parameter.is_leaf:
            raise ValueError(
                f"{named(parameter, position)} is not a parameter: it is computed or constant, and "
                "only a Value made by Value(number) can be stepped"
            )
        if id(parameter) in seen:
            raise ValueError(
                f"{named(parameter, position)} occurs twice and would be stepped twice"
            )
        seen.add(id(parameter))
    return checked


def named(parameter: Value, position: int) -> str:
    """Return how errors name a parameter."""
    place = f"parameters[{position}]"
    return place if not parameter.label else f"{place} ({parameter.label})"
