"""Running a program on batches: rows in; columns, or their sum or mean, out."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from autograd.program.batch.asked import Asked
from autograd.program.batch.grouping import Run
from autograd.program.batch.remembering import remember
from autograd.program.columns.batch import Batch, Uniform
from autograd.program.columns.into import refuse_out, written
from autograd.program.columns.layout import as_arrays
from autograd.program.record.arguments import Handed
from autograd.program.variants.recorder import Recorder
from autograd.program.variants.variant import Variant
from autograd.selection import Value, add_to_gradients


def rows(recorder: Recorder, given: Handed, asked: Asked, out: Any) -> Any:
    """See `Program.rows`."""
    run = Run(recorder, given, asked)
    if not asked.is_reduced:
        found = run.all_rows()
        remember(recorder, given, run)
        return found if out is None else written(found, out)
    refuse_out(out)
    parts = run.parts()
    totals = [sum(each) for each in zip(*[part.totals for part in parts], strict=True)]
    structure, in_arrays = run.structure, run.batch.from_arrays

    def finish(_: Recorder, totals: Sequence[float]) -> Any:
        found = structure.build(totals)
        return as_arrays(found) if in_arrays else found

    remember(recorder, given, run, finish)
    return finish(recorder, totals)


def value_and_gradient(
    recorder: Recorder, given: Handed, asked: Asked, out: Any
) -> tuple[Any, Any]:
    """See `Program.rows_value_and_grad`."""
    run = Run(recorder, given, asked)
    batch = run.batch
    if not asked.is_reduced:
        if asked.by == "uniform" and not batch.uniform:
            raise TypeError(
                f"{recorder.name} has no argument that is the same for all rows; name such with "
                "compile(..., uniform=...)"
            )
        if asked.by == "rows" and not batch.varying:
            raise TypeError(f"{recorder.name} has no argument with rows to differentiate by")
        by_rows: tuple[Any, Any] = run.all_rows()
        remember(recorder, given, run)
        if out is not None:
            by_rows = written(by_rows, out)
        return by_rows
    refuse_out(out)
    value, own, captured, derivatives = run.gradient()
    uniform, size = batch.uniform, len(batch.numbers) + 1

    def finish(recorder: Recorder, totals: array[float]) -> tuple[float, Any]:
        own, rest = totals[1:size], totals[size:]
        return totals[0], _by_what_is_shared(recorder, uniform, own, captured, rest)

    found = value, _by_what_is_shared(recorder, uniform, own, captured, derivatives)
    remember(recorder, given, run, finish)
    return found


def _by_what_is_shared(
    recorder: Recorder,
    uniform: Sequence[Uniform],
    own: array[float],
    captured: Sequence[Value],
    derivatives: array[float],
) -> Any:
    """Return derivatives by uniform arguments, by Values from outside, or the pair of both."""
    of_arguments = [x.like(own) for x in uniform]
    parameters = recorder.parameters if len(recorder.variants) > 1 else captured
    if not of_arguments and not parameters:
        raise TypeError(
            f"{recorder.name} has nothing that is the same for all rows to differentiate by: name "
            "such arguments with compile(..., uniform=...), or leave reduce out for derivatives by "
            "row"
        )
    by_arguments = of_arguments[0] if len(of_arguments) == 1 else tuple(of_arguments)
    if not parameters:
        return by_arguments
    known = derivatives.tolist()
    if parameters is not captured:
        place = dict(zip(captured, known, strict=True))
        known = [place.get(parameter, 0.0) for parameter in parameters]
    return (by_arguments, known) if uniform else known


def backward(recorder: Recorder, given: Handed, asked: Asked) -> float:
    """See `Program.rows_backward`."""
    if not asked.is_reduced:
        raise ValueError("backward of rows needs one number: reduce is 'sum' or 'mean'")
    run = Run(recorder, given, asked)
    value, _, captured, derivatives = run.gradient()
    add_to_gradients(captured, derivatives)
    return value


def batch_for_training(recorder: Recorder, given: Handed) -> tuple[Batch, Variant]:
    """Return the arguments of a call on rows and a variant recorded for them.

    Raises:
        TypeError: If the result is not one number.
    """
    run = Run(recorder, given, Asked("mean", by="rows"))
    return run.batch, run.first_variant()


def gradient_of_rows(
    recorder: Recorder,
    given: Handed | Batch,
    rows: Sequence[int],
    is_mean: bool,
    values: Sequence[Value],
    eager: bool = False,
) -> tuple[float, array[float]]:
    """Return the mean or sum over some rows, and its derivatives by Values from outside.

    Args:
        recorder: What to run.
        given: The arguments, or the batch that was made of them.
        rows: The numbers of the rows.
        is_mean: Whether the mean is taken, or the sum.
        values: What to differentiate by.
        eager: Whether every row is run by the function itself.
    """
    run = Run(recorder, given, Asked("sum", by="rows"))
    run.eager = eager
    run.scale = 1.0 / len(rows) if is_mean else 1.0
    value, _, captured, derivatives = run.gradient(rows)
    place = dict(zip(captured, derivatives, strict=True))
    return value, array("d", [place.get(parameter, 0.0) for parameter in values])
