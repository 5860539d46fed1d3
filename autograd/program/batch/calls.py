"""Running a program on batches: rows in; columns, or their sum or mean, out."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from autograd.program.batch.grouping import Run
from autograd.program.columns.batch import Batch
from autograd.program.columns.layout import Column, as_arrays, layout_of_arguments
from autograd.program.record.arguments import Handed
from autograd.program.variants.recorder import Recorder
from autograd.program.variants.variant import Variant
from autograd.selection import Value, add_to_gradients


def rows(
    recorder: Recorder,
    given: Handed,
    reduce: str | None,
    not_finite: str,
    threads: int | None,
) -> Any:
    """See `Program.rows`."""
    run = Run(recorder, given, reduce, not_finite, threads, differentiated=False)
    if reduce is None:
        return run.spread(run.layout)
    parts = run.parts()
    totals = [sum(each) for each in zip(*[part.totals for part in parts], strict=True)]
    found = run.structure.build(totals)
    return as_arrays(found) if run.batch.from_arrays else found


def value_and_gradient(
    recorder: Recorder,
    given: Handed,
    reduce: str | None,
    not_finite: str,
    threads: int | None,
) -> tuple[Any, Any]:
    """See `Program.rows_value_and_grad`."""
    run = Run(recorder, given, reduce, not_finite, threads, differentiated=True)
    if reduce is None:
        structures = [x.structure for x in run.batch.varying]
        return run.spread((Column(0), layout_of_arguments(structures, 1)))  # type: ignore[no-any-return]
    value, own, captured, derivatives = run.gradient()
    uniform = [x.like(own) for x in run.batch.uniform]
    parameters = recorder.parameters if len(recorder.variants) > 1 else captured
    if not uniform and not parameters:
        raise TypeError(
            f"{recorder.name} has nothing that is the same for all rows to differentiate by: name "
            "such arguments with compile(..., uniform=...), or leave reduce out for derivatives by "
            "row"
        )
    of_arguments = uniform[0] if len(uniform) == 1 else tuple(uniform)
    if not parameters:
        return value, of_arguments
    known = derivatives.tolist()
    if parameters is not captured:
        place = dict(zip(captured, known, strict=True))
        known = [place.get(parameter, 0.0) for parameter in parameters]
    return value, (of_arguments, known) if uniform else known


def backward(
    recorder: Recorder, given: Handed, reduce: str, not_finite: str, threads: int | None
) -> float:
    """See `Program.rows_backward`."""
    if reduce is None:
        raise ValueError("backward of rows needs one number: reduce is 'sum' or 'mean'")
    run = Run(recorder, given, reduce, not_finite, threads, differentiated=True)
    value, _, captured, derivatives = run.gradient()
    add_to_gradients(captured, derivatives)
    return value


def batch_for_training(recorder: Recorder, given: Handed) -> tuple[Batch, Variant]:
    """Return the arguments of a call on rows and a variant recorded for them.

    Raises:
        TypeError: If the result is not one number.
    """
    run = Run(recorder, given, "mean", "raise", None, differentiated=True)
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
    run = Run(recorder, given, "sum", "raise", None, differentiated=True)
    run.eager = eager
    run.scale = 1.0 / len(rows) if is_mean else 1.0
    value, _, captured, derivatives = run.gradient(rows)
    place = dict(zip(captured, derivatives, strict=True))
    return value, array("d", [place.get(parameter, 0.0) for parameter in values])
