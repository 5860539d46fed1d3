"""Recorder: a function, the ways through it that were recorded, and which of them a call takes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from autograd.machine.words import OTHER_BRANCH, SUSPECT
from autograd.operators import COMPARISONS
from autograd.program.record.signature import (
    Arguments,
    Call,
    Signature,
    signature,
    taken_apart,
)
from autograd.program.record.tracing import record
from autograd.program.run.point_runner import Points
from autograd.program.variants.locks import ProcessLock
from autograd.program.variants.variant import Variant
from autograd.reverse import gradient_graph
from autograd.selection import Value, constant
from autograd.structure import Structure, flatten
from autograd.switches import current

_KEPT = 16  # variants of one call structure


class Recorder:
    """A function and its variants.

    Attributes:
        f: The function; None if only what was recorded is there.
        name: Its name.
        arguments: The positional arguments it takes.
        uniform: The positions of those that are the same for all rows of a batch.
        variants: One for each structure of arguments and each way through the function's branches,
            the last used first.
        listed: The Values by which the result is differentiated; None for all it uses.
    """

    def __init__(
        self,
        f: Callable[..., Any] | None,
        name: str,
        arguments: Arguments,
        uniform: Sequence[int] = (),
        variants: Sequence[Variant] = (),
        listed: Sequence[Value] | None = None,
    ) -> None:
        self.f = f
        self.name = name
        self.arguments = arguments
        self.uniform = tuple(uniform)
        self.variants = list(variants)
        self.listed = None if listed is None else list(listed)
        self._known: dict[Value, None] = dict.fromkeys(self.listed or ())
        for variant in self.variants:
            self._take_in(variant)
        self._lock = ProcessLock()
        self._has_warned = False

    @property
    def parameters(self) -> list[Value]:
        """The Values from outside by which the result is differentiated, as they became known."""
        return list(self._known)

    def _take_in(self, variant: Variant) -> None:
        if self.listed is None:
            self._known.update(dict.fromkeys(variant.trained))

    def latest(self) -> Variant:
        """Return the variant used last.

        Raises:
            ValueError: If there is none.
        """
        if not self.variants:
            raise ValueError(
                f"{self.name} has not been called yet, so nothing is recorded; call it, or "
                "record(...) it, with arguments of the structure it is meant for"
            )
        return self.variants[0]

    def call_of(self, args: tuple[Any, ...]) -> Call:
        """Return the arguments of a call, taken apart and checked."""
        self.arguments.named(len(args), self.name)  # raises, if it does not take so many
        return taken_apart(args)

    def run(
        self, call: Call, points_of: Callable[[Variant], Points]
    ) -> tuple[Variant, int, list[float]]:
        """Run the variant that fits, recorded if need be; return it, its status and outputs."""
        with self._lock.here:
            return self._run(call, points_of)

    def _run(
        self, call: Call, points_of: Callable[[Variant], Points]
    ) -> tuple[Variant, int, list[float]]:
        structure = call.structure if self.f is not None else call.structure.plain()
        for variant in [v for v in self.variants if v.signature.structure == structure]:
            status, outputs = self._tried(variant, call, points_of)
            if not status & OTHER_BRANCH:
                self._use_first(variant)
                return variant, status, outputs
        if self.f is None:
            # Where something failed, a branch on it says nothing: eager code decides.
            return self._followed(lifted(call, self._fitting(call)[0]))[0], SUSPECT, []
        variant = self._recorded(call)
        status, outputs = self._tried(variant, call, points_of)
        if status & OTHER_BRANCH:
            raise RuntimeError(
                f"{self.name} branched one way when it was recorded and another way when its code "
                "ran on the same numbers; is it random, or does it depend on something else?"
            )
        return variant, status, outputs

    def _tried(
        self, variant: Variant, call: Call, points_of: Callable[[Variant], Points]
    ) -> tuple[int, list[float]]:
        inputs, own = variant.signature.split(call.numbers)
        return points_of(variant).run(inputs, variant.current_parameters(own))

    def _use_first(self, variant: Variant) -> None:
        if self.variants[0] is not variant:
            self.variants = [variant, *[v for v in self.variants if v is not variant]]

    def recorded(self, call: Call) -> Variant:
        """Record the function on the arguments of a call."""
        with self._lock.here:
            return self._recorded(call)

    def _recorded(self, call: Call) -> Variant:
        names = self.arguments.named(len(call.structure.parts), self.name)
        how = signature(call.structure, names, self.uniform)
        if self.f is None:
            raise ValueError(self._cannot_record(call.structure, how))
        inputs, own = how.split(call.numbers)
        labels = [how.names[i] for i in (*how.inputs, *how.parameters)]
        listed = self.listed or ()
        found = record(self.f, how.placed, inputs, own, labels, listed)
        trained = None if self.listed is None else len(listed)
        variant = Variant(found.code, how, found.captured, found.structure, trained)
        alike = [v for v in self.variants if v.signature.structure == call.structure]
        if len(alike) >= _KEPT:
            self.variants = [v for v in self.variants if v is not alike[-1]]
            self._warn_of_many()
        self.variants = [variant, *self.variants]
        self._take_in(variant)
        return variant

    def _warn_of_many(self) -> None:
        if not self._has_warned:
            self._has_warned = True
            warnings.warn(
                f"{self.name} took more than {_KEPT} different ways through its branches; each was "
                "recorded and compiled anew. A branch on many numbers, or reading .data or calling "
                "detach() inside the function, is better left to eager code",
                RuntimeWarning,
                stacklevel=5,
            )

    def _cannot_record(self, structure: Structure, how: Signature) -> str:
        if any(variant.signature.structure == structure for variant in self.variants):
            return (
                f"{self.name} was compiled without its function, and for these numbers a branch "
                "comes out differently from when it was recorded; its branches are frozen"
            )
        known = self.variants[0].signature
        return (
            f"{self.name} was compiled for other arguments: it takes "
            f"{', '.join(known.names)}, got {', '.join(how.names)}"
        )

    # --- Without the machine ----------------------------------------------------------------------

    def eagerly(self, call: Call) -> Any:
        """Return what eager code gives, recorded if the arguments or parameters are Values."""
        if self.f is not None:
            return self.f(*call.arguments())
        variant, outputs = self._followed(call)
        return variant.result.build(outputs)

    def _followed(self, call: Call) -> tuple[Variant, list[Any]]:
        """Return the variant whose branches come out again, and its outputs."""
        for variant in self._fitting(call):
            inputs, own = variant.signature.split(call.numbers)
            outputs = run_on_values(variant, [*inputs, *own])
            if outputs is not None:
                self._use_first(variant)
                return variant, outputs
        names = self.arguments.named(len(call.structure.parts), self.name)
        how = signature(call.structure, names, self.uniform)
        raise ValueError(self._cannot_record(call.structure, how))

    def _fitting(self, call: Call) -> list[Variant]:
        """Return the variants that were recorded for arguments of this structure."""
        structure = call.structure.plain()
        return [v for v in self.variants if v.signature.structure.plain() == structure] or [
            self.recorded(call)  # raises: there is no function
        ]

    def eager_gradient(self, call: Call) -> tuple[float, list[float]]:
        """Return eager code's result, and its derivatives by inputs and parameters."""
        variant = self.variants[0]
        with_values = lifted(call, variant)
        given = with_values.numbers
        output = self.eagerly(with_values)
        order = [*variant.signature.inputs, *variant.signature.parameters]
        return float(settled(output)), derivatives(output, [given[i] for i in order])


def lifted(call: Call, variant: Variant) -> Call:
    """Return a call with Values, named like the arguments, in place of the numbers."""
    return call._replace(numbers=list(map(Value, call.numbers, variant.signature.names)))


def as_constant(number: float, name: str) -> Value:
    """Return a number named like its argument, by which nothing is differentiated."""
    found = constant(number)
    found.label = name
    return found


def derivatives(output: Any, inputs: Sequence[Value]) -> list[float]:
    """Return eager code's derivatives of a result by Values; where they are zero, 0.0."""
    if not isinstance(output, Value) or output.is_constant:
        return [0.0] * len(inputs)
    if set(output.leaves()) <= set(inputs):  # as `value_and_grad` decides it
        return list(output.adjoints_of(inputs))
    return [settled(derivative) + 0.0 for derivative in gradient_graph(output, inputs)]


def run_on_values(variant: Variant, given: Sequence[Any]) -> list[Any] | None:
    """Return the outputs of recorded code for Values or other numbers that carry derivatives.

    None where a branch comes out differently. What fails behind it is then no error; what fails
    before it is, whatever the branches behind that were.
    """
    code = variant.recorded
    known: dict[int, Any] = dict(enumerate([*given, *variant.captured, *code.constants]))
    failure: Exception | None = None
    for slot, (operation, operands) in enumerate(code.instructions, start=code.first_result):
        if failure is not None and not known.keys() >= set(operands):
            continue
        try:
            known[slot] = operation.apply([known[operand] for operand in operands])
        except Exception as error:
            failure = failure or error
    for left, comparison, right, outcome in code.guards:
        if left not in known or right not in known:
            break
        if COMPARISONS[comparison](known[left], known[right]) is not outcome:
            return None
    if failure is not None:
        raise failure
    return [known[output] for output in code.outputs]


def carries(numbers: Sequence[Any]) -> bool:
    """Return whether a call has to be recorded.

    It has to if a number in it carries derivatives, or if it is made by a function that is being
    compiled: that one takes the weights of this one along.
    """
    return current.watch is not None or any(type(number) is not float for number in numbers)


def settled(tree: Any) -> Any:
    """Return a result of eager code with plain numbers in place of Values."""
    numbers, structure = flatten(tree, "the result")
    return structure.build([x.data if isinstance(x, Value) else float(x) for x in numbers])
