"""The rows of a batch, grouped by the branches they take.

All run through the first recorded variant; those that would branch
otherwise run through the next, and where no variant fits, the function is recorded on the first
such row. Rows that overflow, divide by zero or leave a domain are run again eagerly, so that the
user sees eager code's error, with the row's number.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Any, NamedTuple, NoReturn

from autograd.graph import topological_order
from autograd.program.batches import Batch
from autograd.program.points import OTHER_BRANCH, SUSPECT
from autograd.program.recorder import Recorder
from autograd.program.results import Column, layout_of, spread
from autograd.program.rows import Rows, threads_for
from autograd.program.signature import Call, with_lists
from autograd.program.variant import Variant
from autograd.reverse import gradient_graph
from autograd.selection import Value, numbers_of
from autograd.structure import flatten

_SINGLE = Column(0)
_SEARCHED = 64  # rows at a time, when looking for the one that failed
_RECORDED = 32  # ways that a batch may take before the rest of its rows are left to eager code
_ROOM = array("d", [0.0, 0.0])  # for what a row counts, and the number of rows


class Part(NamedTuple):
    """The totals of the rows that took one way, with derivatives by these Values at the end."""

    captured: Sequence[Value]
    totals: array[float]


class Run:
    """One call on rows."""

    def __init__(
        self,
        recorder: Recorder,
        args: Sequence[Any] | Batch,
        reduce: str | None,
        not_finite: str,
        threads: int | None,
        differentiated: bool,
    ) -> None:
        if reduce not in (None, "sum", "mean"):
            raise ValueError(f"reduce is None, 'sum' or 'mean', not {reduce!r}")
        if not_finite not in ("raise", "keep"):
            raise ValueError(f"not_finite is 'raise' or 'keep', not {not_finite!r}")
        if threads is not None and (not isinstance(threads, int) or threads < 1):
            raise ValueError(f"threads is a number of threads or None, not {threads!r}")
        self.recorder = recorder
        self.keep = not_finite == "keep"
        if isinstance(args, Batch):
            self.batch = args
        else:
            names: Sequence[str] = recorder.arguments.names
            if len(args) != len(names):
                names = recorder.arguments.named(len(args), recorder.name)
            self.batch = Batch(args, names, recorder.uniform, recorder.name, not self.keep)
        self.reduced = reduce is not None
        self.differentiated = differentiated
        self.threads = threads
        self.scale = 1.0 / self.batch.rows if reduce == "mean" else 1.0
        self.layout: Any = None
        self.rebuild: Any = None
        self.results: Any = None
        self.width = 0
        self.offenders: list[tuple[int, Exception]] = []

    # --- What is asked ----------------------------------------------------------------------------

    def spread(self, layout: Any) -> Any:
        """Return what was computed for every row; the layout None stands for the results'."""
        self.parts()
        numpy = sys.modules.get("numpy") if self.batch.from_arrays else None
        return spread(layout or self.layout, self.results, self.width, numpy)

    def gradient(
        self, rows: Sequence[int] | None = None
    ) -> tuple[float, array[float], Sequence[Value], array[float]]:
        """Return the value, its derivatives by uniform arguments; Values, and those by them."""
        parts = self.parts(rows)
        size = len(self.batch.numbers) + 1
        if len(parts) == 1:
            captured, totals = parts[0]
            return totals[0], totals[1:size], captured, totals[size:]
        by_value: dict[Value, float] = {}
        for captured, totals in parts:
            for parameter, derivative in zip(captured, totals[size:], strict=True):
                by_value[parameter] = by_value.get(parameter, 0.0) + derivative
        first = array("d", map(sum, zip(*[totals[:size] for _, totals in parts], strict=True)))
        return first[0], first[1:], list(by_value), array("d", by_value.values())

    # --- Rows by branch ---------------------------------------------------------------------------

    def first_variant(self) -> Variant:
        """Return the variant that is tried first, recorded if need be."""
        variants = self._matching()
        if not variants and self._record(variants, range(1)) is None:
            _refuse(*self.offenders[0])
        self._check_results(variants[0])
        return variants[0]

    def parts(self, rows: Sequence[int] | None = None) -> list[Part]:
        """Run rows, all if none are given, each through the variant that fits it."""
        variants = self._matching()
        found: list[Part] = []
        pending = rows
        fresh: int | None = None
        position = 0
        most = len(variants) + _RECORDED
        while pending is None or len(pending):
            if position == most:
                self._singly(
                    variants[-1], range(self.batch.rows) if pending is None else pending, found
                )
                break
            if position == len(variants):
                fresh = self._record(
                    variants, range(self.batch.rows) if pending is None else pending
                )
                if fresh is None:
                    break
            variant = variants[position]
            self._check_results(variant)
            position += 1
            pending = self._through(variant, pending, found)
            if fresh is not None and fresh in pending:
                # A branch that rounding decides: eager code alone can say which way it goes.
                pending = [row for row in pending if row != fresh]
                self._singly(variant, [fresh], found)
            fresh = None
        if self.offenders:
            _refuse(*min(self.offenders, key=lambda offender: offender[0]))
        return found

    def _matching(self) -> list[Variant]:
        shape = self.batch.shape
        found = [v for v in self.recorder.variants if v.signature.shape == shape]
        if not found and self.recorder.f is None:
            alike = with_lists(shape)
            found = [v for v in self.recorder.variants if with_lists(v.signature.shape) == alike]
            if not found:
                self.recorder.recorded(self.batch.call(0))  # raises
        return found

    def _record(self, variants: list[Variant], rows: Sequence[int]) -> int | None:
        """Record the function on the first of the rows; return it, or None if that failed."""
        failed: tuple[int, Exception] | None = None
        for row in rows:
            try:
                variants.append(self.recorder.recorded(self.batch.call(row)))
                return row
            except Exception as error:
                failed = failed or (row, error)
                if not self.keep:
                    break
        assert failed is not None
        self.offenders.append(failed)
        return None

    def _check_results(self, variant: Variant) -> None:
        layout = variant.layout
        if self.differentiated and layout != _SINGLE:
            raise TypeError(
                "a gradient needs one number as the result; compile jacobian(f) for several"
            )
        if self.layout is None:
            self.layout = layout
            self.rebuild = variant.rebuild
        elif self.layout != layout:
            self._refuse_structure()

    def _refuse_structure(self) -> NoReturn:
        raise TypeError(
            f"the branches of {self.recorder.name} give results of different structure; in a batch "
            "all rows need the same"
        )

    def _through(
        self, variant: Variant, pending: Sequence[int] | None, found: list[Part]
    ) -> Sequence[int]:
        """Run rows through a variant; return those that it does not fit."""
        runner = variant.runner(self.reduced, self.differentiated)
        parameters = self.batch.numbers + _ROOM
        if variant.captured:
            parameters = self.batch.numbers + numbers_of(variant.captured) + _ROOM
        batch = self.batch
        count = batch.rows if pending is None else len(pending)
        failing = bytearray(count) if variant.recorded.guards else None
        columns = batch.source if pending is None else batch.some(pending)
        results = None if self.reduced else self._room(variant, count)
        threads = threads_for(runner, count, self.threads)
        status, totals = runner.run(
            columns, count, parameters, self.scale, threads, results, failing
        )
        if not status and pending is None:
            if self.reduced:
                found.append(Part(variant.trained, totals))
            self.results = results
            return ()
        rows: Sequence[int] = range(count) if pending is None else pending
        rest: Sequence[int] = ()
        if status & OTHER_BRANCH and failing is not None:
            rest, rows = _parted(rows, failing)
            if not len(rows):
                return rest
            if self.reduced or status & SUSPECT:
                results = None if self.reduced else self._room(variant, len(rows))
                status, totals = runner.run(
                    batch.some(rows), len(rows), parameters, self.scale, threads, results
                )
            else:
                results = self._picked(results, failing)
        if not self.reduced:
            self._place(rows, results)
        if status & SUSPECT and not self.keep:
            accepted = self._examine(variant, runner, rows, parameters)
            if accepted:
                self._keep_eager(variant, accepted, found)
                if self.reduced:
                    rows = [row for row in rows if row not in accepted]
                    if not len(rows):
                        return rest
                    _, totals = runner.run(
                        batch.some(rows), len(rows), parameters, self.scale, threads
                    )
        if self.reduced:
            found.append(Part(variant.trained, totals))
        return rest

    # --- Results of every row ---------------------------------------------------------------------

    def _set_width(self, variant: Variant) -> None:
        self.width = len(variant.recorded.outputs)
        if self.differentiated:
            self.width += variant.recorded.inputs

    def _room(self, variant: Variant, count: int) -> Any:
        self._set_width(variant)
        if self.batch.from_arrays:
            return sys.modules["numpy"].empty((count, self.width))
        return array("d", bytes(8 * count * self.width))

    def _picked(self, results: Any, failing: bytearray) -> Any:
        _, fit = _parted(range(len(failing)), failing)
        if self.batch.from_arrays:
            return results[fit]
        width = self.width
        picked = array("d")
        for row in fit:
            picked.extend(results[row * width : (row + 1) * width])
        return picked

    def _place(self, rows: Sequence[int], results: Any) -> None:
        """Put the results of some rows in their places among those of all."""
        if len(rows) == self.batch.rows:
            self.results = results
            return
        width = self.width
        if self.batch.from_arrays:
            if self.results is None:
                self.results = sys.modules["numpy"].empty((self.batch.rows, width))
            self.results[rows] = results
            return
        if self.results is None:
            self.results = array("d", bytes(8 * self.batch.rows * width))
        for position, row in enumerate(rows):
            self.results[row * width : (row + 1) * width] = results[
                position * width : (position + 1) * width
            ]

    # --- Rows that fail ---------------------------------------------------------------------------

    def _examine(
        self, variant: Variant, runner: Rows, rows: Sequence[int], parameters: array[float]
    ) -> dict[int, Part]:
        """Run suspicious rows eagerly; return the results of those that eager code accepts."""
        accepted: dict[int, Part] = {}
        for row in self._suspects(variant, runner, rows, parameters):
            try:
                accepted[row] = self._in_eager_code(variant, row)
            except Exception as error:
                self.offenders.append((row, error))
                break
        return accepted

    def _suspects(
        self, variant: Variant, runner: Rows, rows: Sequence[int], parameters: array[float]
    ) -> Iterator[int]:
        for first in range(0, len(rows), _SEARCHED):
            some = rows[first : first + _SEARCHED]
            if self._is_suspect(variant, runner, some, parameters):
                for row in some:
                    if self._is_suspect(variant, runner, [row], parameters):
                        yield row

    def _is_suspect(
        self, variant: Variant, runner: Rows, rows: Sequence[int], parameters: array[float]
    ) -> bool:
        results = None if self.reduced else self._room(variant, len(rows))
        columns = self.batch.some(rows)
        status, _ = runner.run(columns, len(rows), parameters, self.scale, 1, results)
        return bool(status & SUSPECT)

    def _in_eager_code(self, variant: Variant, row: int) -> Part:
        """Return the results of a row, and the derivatives, that eager code gives."""
        how = variant.signature
        numbers = self.batch.call(row).numbers
        given = [Value(x, name) for x, name in zip(numbers, how.names, strict=True)]
        result = self.recorder.eagerly(Call(how.shape, given, how.rebuild))
        outputs, rebuild = flatten(result, "the result")
        if layout_of(rebuild(range(len(outputs)))) != self.layout:
            self._refuse_structure()
        found = [_number(output) for output in outputs]
        if not self.differentiated:
            return Part((), array("d", found))
        (output,) = outputs
        is_constant = not isinstance(output, Value) or output.is_constant
        captured: list[Value] = []
        wanted = [given[place] for place in (how.parameters if self.reduced else how.inputs)]
        if self.reduced and not is_constant:
            known = set(given)
            leaves = [x for x in topological_order(output) if x.is_leaf and not x.is_constant]
            captured = [x for x in leaves if x not in known]
            if len(variant.trained) < len(variant.captured):
                captured = variant.trained
        if is_constant:
            found += [0.0] * len(wanted)
        else:
            found += map(_number, gradient_graph(output, [*wanted, *captured]))
        return Part(captured, array("d", found))

    def _singly(self, variant: Variant, rows: Sequence[int], found: list[Part]) -> None:
        accepted = {}
        for row in rows:
            try:
                accepted[row] = self._in_eager_code(variant, row)
            except Exception as error:
                self.offenders.append((row, error))
                break
        self._keep_eager(variant, accepted, found)

    def _keep_eager(self, variant: Variant, accepted: dict[int, Part], found: list[Part]) -> None:
        for row, (captured, numbers) in accepted.items():
            if self.reduced:
                totals = array("d", [self.scale * number for number in numbers])
                found.append(Part(captured, totals))
                continue
            results: Any = numbers
            self._set_width(variant)
            if self.batch.from_arrays:
                results = sys.modules["numpy"].array([numbers])
            self._place([row], results)


_INVERTED = bytes([1, 0, *range(2, 256)])


def _parted(rows: Sequence[int], failing: bytearray) -> tuple[Sequence[int], Sequence[int]]:
    """Return the rows that are marked as failing, and the others."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return (
            list(compress(rows, failing)),
            list(compress(rows, failing.translate(_INVERTED))),
        )
    numbers = numpy.arange(len(rows)) if isinstance(rows, range) else numpy.asarray(rows)
    is_failing = numpy.frombuffer(failing, dtype=bool)
    return numbers[is_failing], numbers[~is_failing]


def _number(thing: Any) -> float:
    return thing.data if isinstance(thing, Value) else float(thing)


_BUILT_IN = (
    ArithmeticError, OverflowError, ZeroDivisionError, FloatingPointError, ValueError, TypeError,
    RuntimeError, IndexError, AssertionError,
)  # fmt: skip


def _refuse(row: int, error: Exception) -> NoReturn:
    """Raise an error of eager code again, with the row's number in front."""
    if type(error) in _BUILT_IN:
        raise type(error)(f"row {row}: {error}") from error
    if hasattr(error, "add_note"):
        error.add_note(f"in row {row} of the batch")
    raise error
