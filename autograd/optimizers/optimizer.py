"""What all optimizers share: parameters, settings, memory, and how a step is taken as a whole."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from copy import deepcopy
from math import isfinite
from typing import Any, ClassVar

from autograd.optimizers.forms import Form, Given
from autograd.optimizers.parameters import Parameters, named, references
from autograd.optimizers.row_streams import Streams
from autograd.optimizers.settings import Configured, not_negative, setting
from autograd.optimizers.states import (
    check_labels,
    fields_of,
    labels_of,
    memory_of,
    steps_of,
    streams_read,
    streams_written,
)
from autograd.primitive import PLAIN_ERRORS, reason
from autograd.real_numbers import is_real_number
from autograd.selection import Value, numbers_of, set_numbers


class Optimizer(Configured):
    """Base class: an optimizer is a subclass that states its settings and its `rule`.

    Made with parameters, or bound to those it first steps. It can step them in an eager loop and
    through several programs in turn, and goes on where it was, with its memory and with the order
    of the rows. Settings may be changed between steps, and are checked then as at first.

    To go on later or elsewhere, bit for bit: copy or pickle model and optimizer together, or give
    the `state_dict()` of this one to a new one. A copy of an optimizer alone steps nothing.

    Args:
        parameters: The parameters to step, as `model.parameters()` returns them; a number in their
            place is the learning rate.
        lr: The learning rate η; at 0 the memory changes and the parameters stay.

    Attributes:
        steps: How many steps were taken.
        state: What is remembered: for each memory one number per parameter, one after the other.
        orders: Where the orders of the rows left off, by seed.

    Raises:
        TypeError: If the parameters are not a list of Values, or a setting is no number.
        ValueError: If there are no parameters, one occurs twice or is not a leaf, or a setting is
            out of its range.

    Example:
        >>> from autograd.primitives import sign
        >>> class SignDescent(Optimizer):
        ...     def rule(self, p, g, t):
        ...         return p - self.lr * sign(g)
        >>> p = Value(1.0)
        >>> optimizer = SignDescent([p], lr=0.25)
        >>> (p * p).backward()
        >>> optimizer.step()
        >>> p.data
        0.75
    """

    _before_settings = ("parameters",)
    parameters: Parameters = Parameters()
    lr: float = setting(default=0.001, limit=not_negative)
    _forms: ClassVar[dict[tuple[bool, ...], Form]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._forms = {}

    def _configure(self, **given: Any) -> None:
        """Do what a constructor does."""
        if type(self) is Optimizer:
            raise TypeError("Optimizer is abstract: a subclass states the rule, such as SGD")
        first = given["parameters"]
        if is_real_number(first) and given["lr"] == self._settings["lr"].default:
            given.update(parameters=None, lr=first)  # Adam(0.01)
        super()._configure(**given)
        self.steps = 0
        self.state = array("d")
        self.orders: Streams = {}
        self._remembered: list[str] = []  # the memories in `state`
        self._expected: list[str | None] | None = None  # labels of parameters that are not there
        self._ready()

    def rule(self, *args: Any) -> Any:
        """Return parameter p and the memories after step number t, by gradient g.

        The signature is `rule(self, p, g, t, memory=0.0, …)`; a memory's default is what it begins
        with. Stated once as arithmetic, with operators and operations of `autograd.primitives`; it
        may ask whether a setting is zero, `if self.momentum:`, and not branch on anything else.

        Example:
            >>> from autograd.optimizers import SGD
            >>> SGD(lr=0.5, momentum=0.9).rule(1.0, 0.25, 1, 0.0)
            (0.875, 0.25)
        """
        raise NotImplementedError(f"{type(self).__name__} states no rule")

    # --- Steps ------------------------------------------------------------------------------------

    def step(self) -> None:
        """Change every parameter once, following its gradient.

        Raises:
            ArithmeticError: If a gradient, or a parameter or memory after the step, is NaN or
                infinite; then nothing is changed.
            ValueError: If there are no parameters, or this is a copy whose parameters nobody uses.
        """
        parameters = self.parameters
        if not parameters:
            raise ValueError(
                f"{self!r} has no parameters yet: make it with model.parameters(), or let it train "
                "a program"
            )
        gradient = [float(parameter.grad) for parameter in parameters]
        self._check_finite(gradient, "the gradient of {} is {}; nothing was updated")
        numbers, state = self._moved(numbers_of(parameters), gradient)
        advice = f"; nothing was updated, try a learning rate below {self.lr:g}"
        self._check_finite(numbers, "the step would make {} {}" + advice)
        self._check_finite(
            state, f"what {type(self).__name__} remembers of {{}} would be {{}}" + advice
        )
        set_numbers(parameters, array("d", numbers))
        self._remember(state)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero.

        Example:
            >>> from autograd import SGD, Value
            >>> p = Value(1.0)
            >>> (p * p).backward()
            >>> SGD([p], lr=0.25).zero_grad()
            >>> p.grad
            0.0
        """
        for parameter in self.parameters:
            parameter.grad = 0.0

    def _check_finite(self, numbers: Sequence[float], message: str) -> None:
        if isfinite(sum(numbers)):
            return
        for position, number in enumerate(numbers):
            if not isfinite(number):
                position %= len(self.parameters)
                parameter = named(self.parameters[position], position)
                raise ArithmeticError(message.format(parameter, number))

    def _moved(
        self, numbers: Sequence[float], gradient: Sequence[float], factor: float = 1.0
    ) -> tuple[list[float], array[float]]:
        """Return parameters and memory after one more step, at `factor` times the learning rate.

        `_remember` takes it.
        """
        form, size = self._ready(), len(numbers)
        settings = self._numbers()
        settings[0] *= factor  # the learning rate
        memories = [self.state[k : k + size] for k in range(0, len(self.state), size)]
        t = float(self.steps + 1)
        try:
            moved, after = form.in_python(numbers, gradient, memories, settings, t)
        except PLAIN_ERRORS as error:
            raise type(error)(
                f"the rule of {self!r} fails at step {t:.0f}: {reason(error)}; nothing was updated"
            ) from None
        state = array("d")
        for memory in after:
            state.extend(memory)
        return moved, state

    def _remember(self, state: array[float]) -> None:
        """Have taken one more step."""
        self.state = state
        self.steps += 1

    def _ready(self) -> Form:
        """Return the rule as it is under the present settings, with room for all it remembers."""
        form = type(self)._form(self._numbers())
        if [*form.memories] != self._remembered:
            count = len(self._labels())
            kept = {
                name: self.state[k * count : (k + 1) * count]
                for k, name in enumerate(self._remembered)
            }
            state = array("d")
            for name, begin in form.memories.items():
                state.extend(kept.get(name, [begin] * count))
            vars(self).update(state=state, _remembered=[*form.memories])
        return form

    @classmethod
    def _form(cls, numbers: Sequence[float]) -> Form:
        """Return the form of the rule for settings of these numbers: which are zero decides it."""
        truths = tuple(map(bool, numbers))
        if truths not in cls._forms:
            given = [Given(name, truth) for name, truth in zip(cls._names(), truths, strict=True)]
            stand_in, rest = object.__new__(cls), iter(given)
            for name, declared in cls._settings.items():
                several = isinstance(declared.default, tuple)
                own = tuple([next(rest) for _ in declared.default]) if several else next(rest)
                vars(stand_in)[name] = own
            cls._forms[truths] = Form(stand_in.rule, cls._names())
        return cls._forms[truths]

    # --- Parameters -------------------------------------------------------------------------------

    def _take(self, parameters: Sequence[Value]) -> list[Value]:
        """Make these the optimizer's parameters, or check that they are; return them in its order.

        Raises:
            ValueError: If it has others.
        """
        mine = self.parameters
        if mine and set(map(id, mine)) != set(map(id, parameters)):
            raise ValueError(
                f"this {type(self).__name__} steps {len(mine)} other parameters; name them when "
                "compiling, compile(f, parameters=model.parameters()), or make an optimizer for "
                "each program"
            )
        if not mine:
            if self._expected is not None:
                check_labels(self._expected, [value.label for value in parameters], repr(self))
            self.parameters = parameters
            self._expected = None
            self._ready()
        return self.parameters

    # --- States, copies, pickles ------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Return settings, memory, steps and orders: plain data, which JSON can hold as well.

        Example:
            >>> from autograd.optimizers import SGD
            >>> w = Value(1.0, "w")
            >>> w.grad = 2.0
            >>> optimizer = SGD([w], lr=0.5, momentum=0.9)
            >>> optimizer.step()
            >>> again = SGD([w])
            >>> again.load_state_dict(optimizer.state_dict())
            >>> again, again.state_dict()["memory"], again.steps
            (SGD(lr=0.5, momentum=0.9), {'velocity': [2.0]}, 1)
        """
        self._ready()
        numbers, size = self.state.tolist(), len(self._labels())
        return {
            "kind": type(self).__name__,
            "settings": {
                name: list(thing) if isinstance(thing, tuple) else thing
                for name, thing in [(name, vars(self)[name]) for name in self._settings]
            },
            "parameters": self._labels(),
            "memory": {
                name: numbers[k * size : (k + 1) * size] for k, name in enumerate(self._remembered)
            },
            "steps": self.steps,
            "orders": streams_written(self.orders),
        }

    def load_state_dict(self, state: Any) -> None:
        """Go on as the optimizer did whose `state_dict()` this is.

        It may have stepped other parameters, as long as there were as many, by the same labels.

        Raises:
            TypeError: If a setting in it is no number.
            ValueError: If the state is that of another kind of optimizer, or does not fit the
                parameters; then nothing is changed.

        Example:
            >>> from autograd import Adam, Value
            >>> p = Value(1.0, label="p")
            >>> first, later = Adam([p]), Adam([p])
            >>> (p * p).backward()
            >>> first.step()
            >>> later.load_state_dict(first.state_dict())
            >>> later.steps
            1
        """
        kind, settings, labels, memory, steps, orders = fields_of(
            state, "kind settings parameters memory steps orders"
        )
        if kind != type(self).__name__:
            raise ValueError(f"this is the state of {kind!r}, not of {type(self).__name__!r}")
        fields_of(settings, " ".join(self._settings))
        fresh = type(self)(**settings)
        labels = labels_of(labels)
        is_bound = bool(self.parameters)
        if is_bound:
            check_labels(labels, self._labels(), repr(self))
        loaded = {
            **{name: vars(fresh)[name] for name in self._settings},
            "_changes": self._changes + 1,
            "state": memory_of(memory, fresh._remembered, len(labels)),
            "steps": steps_of(steps),
            "_remembered": fresh._remembered,
            "_expected": None if is_bound or not labels else labels,
        }
        orders = streams_read(orders)
        vars(self).update(loaded)
        self.orders.clear()  # trainers that exist go on to say here where they are
        self.orders.update(orders)

    def _labels(self) -> list[str | None]:
        if self._expected is not None:
            return self._expected
        return [value.label or None for value in vars(self)["_parameters"]]

    def __getstate__(self) -> dict[str, Any]:
        own = {**vars(self), "_expected": self._labels() or None}
        references = own.pop("_references")
        if references:
            own["_parameters"] = [reference() for reference in references]
        return own

    def __setstate__(self, state: dict[str, Any]) -> None:
        own = {**state, "state": state["state"][:], "orders": deepcopy(state["orders"])}
        values = own.pop("_parameters")
        vars(self).update(own, _parameters=[], _references=references(values))
