"""Recorder: a function, the ways through it that were recorded, and which of them a call takes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from types import FunctionType, MappingProxyType
from typing import Any

from autograd.machine.words import OTHER_BRANCH, SUSPECT
from autograd.program.outside.fixed import is_gone
from autograd.program.outside.world import World, roots_of
from autograd.program.record.arguments import Arguments, CallForm
from autograd.program.record.repeating import repeatedly
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
        checked: Whether what f reads from outside is compared at each call; None, if it is little.
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
        checked: bool | None = None,
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
        self.checked = checked
        self.row_calls: dict[Any, Any] = {}  # how calls on rows go that are like earlier ones
        self.is_asked_twice = True  # where another recording might give another code
        self._lock = ProcessLock()
        self._worlds: dict[Hashable, World] = {}
        self.changes = 0  # of what f reads from outside, since it was compiled
        self.latest_change: str | None = None
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
        call = taken_apart(*self.arguments.given(args, by_name, self.name))
        if self.checked is not False:
            self.look_outside(call.form)
        return call

    def shared(self, names: Sequence[str]) -> list[int]:
        """Return the positions of arguments that are the same for all rows, among these."""
        return [position for position, name in enumerate(names) if name in self.uniform]

    # --- What the function reads from outside -----------------------------------------------------

    def look_outside(self, form: CallForm) -> None:
        """Forget what was recorded for such calls if something that f reads has changed since.

        Raises:
            ValueError: If it was one of the parameters that are listed.
        """
        if self.f is None:
            return
        world = self._worlds.get(form.key)
        if world is None and any(v.signature.key == form.key for v in self.variants):
            # Made elsewhere: where a function is found by its name, its world may be another.
            if isinstance(self.f, FunctionType):
                self._forget(form.key, None)
            else:
                world = self._world_of(form)
        if world is None or world.holds():
            return
        with self._lock.here:
            changed = world.changed()
            if changed is not None:
                self._forget(form.key, changed)
                self._refuse_replaced(world, changed)

    def steps_of(self, variant: Variant) -> Any:
        """Return what tells at each call whether the world of a variant is as it was."""
        world = self._worlds.get(variant.signature.key)
        if world is None or self.checked is False:
            return None
        return (
            world.steps
            if self.checked or world.is_small(len(variant.recorded.instructions))
            else None
        )

    def steps_at_batches(self, variant: Variant) -> Any:
        """Return what tells the same at each batch."""
        world = self._worlds.get(variant.signature.key)
        return None if world is None else world.steps

    def watch_of(self, form: CallForm) -> tuple[Any, list[Any]] | None:
        """Return what tells that f reads what it did at the last look; None if nothing does.

        Returns:
            Steps that hold, or None for nothing to look at; and dictionaries with a key each, and
            what has to be there.
        """
        own = vars(self)
        same = [own, "changes", self.changes, own, "_worlds", self._worlds]
        world = self._worlds.get(form.key)
        if world is None:
            return None if self.f is not None else (None, same)
        return world.steps, same

    def _forget(self, key: Hashable, changed: str | None) -> None:
        self.row_calls.clear()
        self.variants = [v for v in self.variants if v.signature.key != key]
        self._known = dict.fromkeys(self.listed or ())
        for variant in self.variants:
            self._take_in(variant)
        self.changes += 1
        self.latest_change = changed

    def _refuse_replaced(self, world: World, changed: str) -> None:
        replaced = world.replaced
        if any(parameter is replaced for parameter in self.listed or ()):
            raise ValueError(
                f"{changed} was replaced; {self.name} was compiled to differentiate by the Value "
                "that was there before. Set its data instead, or compile again with parameters="
            )

    def _world_of(self, form: CallForm) -> World:
        """Return what f reads for such calls."""
        key = form.key
        if key not in self._worlds:
            living = {k: world for k, world in self._worlds.items() if not is_gone(k)}
            world = World(roots_of(self.f, self.name, form.fixed))
            self._worlds = {**living, key: world}
        return self._worlds[key]

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
        run = partial(call.form.call, self.f)
        world = self._world_of(call.form)
        made = partial(record, run, how.placed, inputs, own, labels, listed)
        with as_numbers(self.f, call, self.name):
            found = repeatedly(made, world, self.name) if self.is_asked_twice else made()
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
