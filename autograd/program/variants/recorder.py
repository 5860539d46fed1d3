"""Recorder: a function, the ways through it that were recorded, and which of them a call takes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from autograd.machine.words import OTHER_BRANCH, SUSPECT
from autograd.program.record.arguments import Arguments
from autograd.program.record.signature import Call, Signature, signature, taken_apart
from autograd.program.record.tracing import record
from autograd.program.record.whole_numbers import as_numbers
from autograd.program.run.point_runner import Points
from autograd.program.variants.locks import ProcessLock
from autograd.program.variants.on_values import derivatives, lifted, run_on_values, settled
from autograd.program.variants.variant import Variant
from autograd.selection import Value

_KEPT = 16  # variants of one call structure
_NONE: Mapping[str, Any] = MappingProxyType({})


class Recorder:
    """A function and its variants.

    Attributes:
        f: The function; None if only what was recorded is there.
        name: Its name.
        arguments: Those it takes.
        uniform: The names of those that are the same for all rows of a batch.
        variants: One for each structure of arguments and each way through the function's branches,
            the last used first.
        listed: The Values by which the result is differentiated; None for all it uses.
    """

    def __init__(
        self,
        f: Callable[..., Any] | None,
        name: str,
        arguments: Arguments,
        uniform: Sequence[str] = (),
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

    def call_of(self, args: tuple[Any, ...], by_name: Mapping[str, Any] = _NONE) -> Call:
        """Return the arguments of a call, taken apart and checked."""
        return taken_apart(*self.arguments.given(args, by_name, self.name))

    def shared(self, names: Sequence[str]) -> list[int]:
        """Return the positions of arguments that are the same for all rows, among these."""
        return [position for position, name in enumerate(names) if name in self.uniform]

    def run(
        self, call: Call, points_of: Callable[[Variant], Points]
    ) -> tuple[Variant, int, list[float]]:
        """Run the variant that fits, recorded if need be; return it, its status and outputs."""
        with self._lock.here:
            return self._run(call, points_of)

    def _run(
        self, call: Call, points_of: Callable[[Variant], Points]
    ) -> tuple[Variant, int, list[float]]:
        for variant in self.alike(call if self.f is not None else call.plain()):
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

    def alike(self, call: Call) -> list[Variant]:
        """Return the variants that were recorded for such calls, the last used first."""
        return [variant for variant in self.variants if variant.signature.fits(call)]

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
        how = self._signature(call)
        if self.f is None:
            raise ValueError(self._cannot_record(call, how))
        inputs, own = how.split(call.numbers)
        labels = [how.names[i] for i in (*how.inputs, *how.parameters)]
        listed = self.listed or ()
        with as_numbers(self.f, call, self.name):
            found = record(partial(call.form.call, self.f), how.placed, inputs, own, labels, listed)
        trained = None if self.listed is None else len(listed)
        variant = Variant(found.code, how, found.captured, found.structure, trained)
        alike = self.alike(call)
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

    def _signature(self, call: Call) -> Signature:
        names = call.form.names
        return signature(call.structure, names, self.shared(names), call.form.key)

    def _cannot_record(self, call: Call, how: Signature) -> str:
        if self.alike(call):
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
            return call.of(self.f)
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
        raise ValueError(self._cannot_record(call, self._signature(call)))

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
