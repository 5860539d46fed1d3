"""The rows of a batch, grouped by the branches they take.

All run through the first recorded variant, those that would branch otherwise through the next, and
where no variant fits, the function is recorded on the first such row. Rows that overflow, divide by
zero or leave a domain are run again eagerly, so that the user sees eager code's error, with the
row's number.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from autograd.machine.words import OTHER_BRANCH, SUSPECT
from autograd.program.batch.asked import Asked
from autograd.program.batch.collecting import RowResults, parted
from autograd.program.batch.eager import Part, in_eager_code, refuse, refuse_structure
from autograd.program.columns.batch import Batch
from autograd.program.columns.layout import Column, layout_of_arguments
from autograd.program.record.arguments import Handed
from autograd.program.run.point_runner import are_finite
from autograd.program.run.row_runner import Rows
from autograd.program.variants.recorder import Recorder
from autograd.program.variants.variant import Variant
from autograd.selection import Value, numbers_of
from autograd.structure import NUMBER

_SINGLE = Column(0)
_SEARCHED = 64  # rows at a time, when looking for the one that failed
_RECORDED = 32  # ways that a batch may take before the rest of its rows are left to eager code
_ROOM = array("d", [0.0, 0.0])  # for the weight of a row, and the number of rows


class Run:
    """One call on rows."""

    def __init__(self, recorder: Recorder, given: Handed | Batch, asked: Asked) -> None:
        self.asked = asked.checked()
        self.recorder = recorder
        self.keep = asked.not_finite == "keep"
        if isinstance(given, Batch):
            self.batch = given
        else:
            recorder.look_outside(given.form)
            shared = recorder.shared(given.form.names)
            self.batch = Batch(given, shared, recorder.name, not self.keep)
        self.reduced = asked.is_reduced
        self.threads = 0 if asked.threads is None else asked.threads
        self.eager = False  # whether no machine is wanted
        self.scale = 1.0 / self.batch.rows if asked.reduce == "mean" else 1.0
        self.layout: Any = None  # of all that is wanted of a row
        self.only: tuple[Variant, Rows] | None = None  # what all rows went through, without trouble
        self.structure = NUMBER
        self.results: RowResults
        self.offenders: list[tuple[int, Exception]] = []

    # --- What is asked ----------------------------------------------------------------------------

    def all_rows(self) -> Any:
        """Return what was computed for every row, in its structure."""
        self.parts()
        return self.results.all()

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
            refuse(*self.offenders[0])
        self._check_results(variants[0])
        return variants[0]

    def parts(self, rows: Sequence[int] | None = None) -> list[Part]:
        """Run rows, all if none are given, each through the variant that fits it."""
        found: list[Part] = []
        pending = rows
        if self.eager:
            variant = self.first_variant()
            self._singly(variant, range(self.batch.rows) if rows is None else rows, found)
            pending = ()
        variants = self._matching()
        fresh: int | None = None
        position = 0
        most = len(variants) + _RECORDED
        while pending is None or len(pending):
            if position == (most if self.recorder.f is not None else len(variants)):
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
            refuse(*min(self.offenders, key=lambda offender: offender[0]))
        return found

    def _matching(self) -> list[Variant]:
        found = self.recorder.alike(self.batch.as_call)
        if not found and self.recorder.f is None:
            alike = self.batch.structure.with_lists()
            variants = self.recorder.variants
            found = [v for v in variants if v.signature.structure.with_lists() == alike]
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
        by = self.asked.by
        if by is not None and variant.layout != _SINGLE:
            raise TypeError(
                "a gradient needs one number as the result; compile jacobian(f) for several"
            )
        if self.layout is None:
            self.structure = variant.result
            self.layout = variant.layout
            if by is not None:
                batch = self.batch
                arguments: list[Any] = [*(batch.varying if by == "rows" else batch.uniform)]
                structures = [argument.structure for argument in arguments]
                self.layout = (_SINGLE, layout_of_arguments(structures, 1))
            self._layout = variant.layout
            numpy = sys.modules["numpy"] if self.batch.from_arrays else None
            in_buffers = self.batch.from_buffers
            self.results = RowResults(self.batch.rows, self.layout, numpy, in_buffers)
        elif self._layout != variant.layout:
            refuse_structure(self.recorder.name)

    def _through(
        self, variant: Variant, pending: Sequence[int] | None, found: list[Part]
    ) -> Sequence[int]:
        """Run rows through a variant; return those that it does not fit."""
        runner = variant.runner(self.reduced, self.asked.by)
        parameters = self.batch.numbers + _ROOM
        if variant.captured:
            parameters = self.batch.numbers + numbers_of(variant.captured) + _ROOM
        batch = self.batch
        count = batch.rows if pending is None else len(pending)
        failing = bytearray(count) if variant.recorded.guards else None
        columns = batch.source if pending is None else batch.some(pending)
        results = None if self.reduced else self.results.room(count)
        into = self.results.columns(results)
        status, totals = runner.run(
            columns, count, parameters, self.scale, self.threads, into, failing
        )
        status |= self._of_infinities()
        if not status and pending is None:
            if self.reduced:
                found.append(Part(variant.trained, totals))
            self.results.found = results
            self.only = variant, runner
            return ()
        rows: Sequence[int] = range(count) if pending is None else pending
        rest: Sequence[int] = ()
        if status & OTHER_BRANCH and failing is not None:
            rest, rows = parted(rows, failing)
            if not len(rows):
                return rest
            if results is None or status & SUSPECT:
                results = None if self.reduced else self.results.room(len(rows))
                into = self.results.columns(results)
                status, totals = runner.run(
                    batch.some(rows), len(rows), parameters, self.scale, self.threads, into
                )
                status |= self._of_infinities()
            else:
                results = self.results.fitting(results, failing)
        if results is not None:
            self.results.place(rows, results)
        if status & SUSPECT and not self.keep:
            accepted = self._examine(variant, runner, rows, parameters)
            if accepted:
                self._keep_eager(accepted, found)
                if self.reduced:
                    rows = [row for row in rows if row not in accepted]
                    if not len(rows):
                        return rest
                    _, totals = runner.run(
                        batch.some(rows), len(rows), parameters, self.scale, self.threads
                    )
        if self.reduced:
            found.append(Part(variant.trained, totals))
        return rest

    # --- Rows that fail ---------------------------------------------------------------------------

    def _examine(
        self, variant: Variant, runner: Rows, rows: Sequence[int], parameters: array[float]
    ) -> dict[int, Part]:
        """Run suspicious rows eagerly; return the results of those that eager code accepts."""
        return self._accepted(variant, self._suspects(runner, rows, parameters))

    def _suspects(
        self, runner: Rows, rows: Sequence[int], parameters: array[float]
    ) -> Iterator[int]:
        for first in range(0, len(rows), _SEARCHED):
            some = rows[first : first + _SEARCHED]
            if self._is_suspect(runner, some, parameters):
                for row in some:
                    if self._is_suspect(runner, [row], parameters):
                        yield row

    def _is_suspect(self, runner: Rows, rows: Sequence[int], parameters: array[float]) -> bool:
        results = None if self.reduced else self.results.room(len(rows))
        columns, into = self.batch.some(rows), self.results.columns(results)
        status, _ = runner.run(columns, len(rows), parameters, self.scale, 1, into)
        if status & SUSPECT or self.batch.is_finite:
            return bool(status & SUSPECT)
        return any(not are_finite(self.batch.call(row).numbers) for row in rows)

    def _of_infinities(self) -> int:
        # They are left to eager code, as on points.
        return 0 if self.batch.is_finite else SUSPECT

    def _accepted(self, variant: Variant, rows: Iterable[int]) -> dict[int, Part]:
        """Run rows eagerly, up to the first that fails; return the results of those before."""
        accepted: dict[int, Part] = {}
        asked = self._layout, self.asked.by, self.reduced
        for row in rows:
            try:
                accepted[row] = in_eager_code(self.recorder, variant, self.batch.call(row), *asked)
            except Exception as error:
                self.offenders.append((row, error))
                break
        return accepted

    def _singly(self, variant: Variant, rows: Iterable[int], found: list[Part]) -> None:
        self._keep_eager(self._accepted(variant, rows), found)

    def _keep_eager(self, accepted: dict[int, Part], found: list[Part]) -> None:
        for row, (captured, numbers) in accepted.items():
            if self.reduced:
                totals = array("d", [self.scale * number for number in numbers])
                found.append(Part(captured, totals))
                continue
            self.results.place_row(row, numbers)
