"""Calls on rows that went straight through one variant: the next ones go to the machine."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable
from typing import Any, NamedTuple

from autograd.loaded_numpy import loaded_numpy
from autograd.machine import native_machine
from autograd.program.batch.collecting import room_for
from autograd.program.batch.grouping import Run
from autograd.program.columns.batch import Uniform
from autograd.program.columns.layout import has_matrix, parts_of, spread
from autograd.program.record.arguments import Handed
from autograd.program.run.row_runner import NativeRows
from autograd.program.variants.recorder import Recorder
from autograd.structure import Array, Structure

_WIDEST = 64  # numbers of a row that are found quicker one by one than copied together


class KnownCall(NamedTuple):
    """How the next call like one goes.

    Attributes:
        call: Returns the results, or None where it is another call after all.
        finish: Makes what the caller gets of the totals and the recorder; None: results are ready.
    """

    call: Any
    finish: Callable[[Recorder, array[float]], Any] | None


def remember(recorder: Recorder, given: Handed, run: Run, finish: Any = None) -> None:
    """Let the next call like this one go straight to the machine, if that was its way.

    Args:
        recorder: Of the program.
        given: The arguments.
        run: The call, done.
        finish: See `KnownCall`.
    """
    call = _row_call(recorder, given, run)
    if call is not None:
        recorder.row_calls[run.asked.way] = KnownCall(call, finish)


def _row_call(recorder: Recorder, given: Handed, run: Run) -> Any:
    """Return the machine's call for arguments of these types, or None if it takes others."""
    if run.only is None or not given.form.is_plain:
        return None
    variant, runner = run.only
    asked, batch = run.asked, run.batch
    steps = recorder.steps_at_batches(variant)
    if not isinstance(runner, NativeRows) or (steps is None and recorder.f is not None):
        return None
    kinds = tuple(map(type, given.args))
    forms = list(map(_form, given.args, batch.arguments))
    if None in forms:
        return None
    parts = [] if asked.is_reduced else parts_of(run.layout)
    numpy = sys.modules["numpy"] if batch.from_arrays else None
    if numpy is None and not asked.is_reduced and (any(parts) or not batch.from_buffers):
        return None  # lists are to be made
    if not asked.is_reduced and has_matrix(run.layout):
        return None
    return native_machine().RowCall(
        runner.machine,
        kinds,
        tuple(forms),
        variant.captured,
        steps,
        tuple(parts),
        None if asked.is_reduced else spread(run.layout, range(len(parts))),
        room_for(parts, numpy),
        None if numpy is None else numpy.empty,
        asked.reduce == "mean",
        asked.not_finite == "keep",
    )


def _form(argument: Any, read: Any) -> tuple[Any, ...] | None:
    """Return the axes of an argument as the machine has them, None if it does not read such."""
    structure: Structure = read.structure
    axes = structure.axes
    kind = type(argument)
    numpy = loaded_numpy()
    is_array = numpy is not None and kind is numpy.ndarray
    if axes is None or not (is_array or kind in (float, int, array, memoryview, list)):
        return None
    if is_array and argument.dtype != numpy.float64:
        return None
    if isinstance(read, Uniform):
        if (kind is list and len(axes) != 1) or kind is memoryview:
            return None
        return (..., *axes)
    if kind is list or (axes and structure.kind is not Array) or structure.size > _WIDEST:
        return None
    return axes
