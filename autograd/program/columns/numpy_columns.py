"""Columns of NumPy's arrays, read in place wherever they can be."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

from autograd.loaded_numpy import require_real
from autograd.machine import native_machine
from autograd.program.columns.columns import Column, Columns, are_finite, nan_at
from autograd.structure import NUMBER, Array, Structure

_DOUBLE = 12  # NumPy's number of the type double
_READABLE = 0x101  # NumPy's flags of arrays that are aligned and contiguous, in C's order


def doubles(numpy: Any, argument: Any, name: str) -> Any:
    """Return an array of real numbers as one of native doubles, itself if it is one."""
    kind = argument.dtype
    if kind.num == _DOUBLE and kind.isnative and type(argument) is numpy.ndarray:
        return argument
    require_real(argument, name)
    if not kind.isnative:
        raise TypeError(
            f"{name} is an array of {kind}, in the byte order of another machine; convert it with "
            f"{name}.astype(float)"
        )
    return numpy.asarray(argument, dtype=numpy.float64)


def columns_of_array(numpy: Any, argument: Any, name: str, check: bool) -> Columns:
    """Return an array of one axis or more, whose first axis counts the rows, as columns.

    Raises:
        TypeError: If it is not of real numbers.
        ValueError: If there are no rows, or one holds NaN and `check` says to look.
    """
    x = doubles(numpy, argument, name)
    axes = x.shape
    rows = axes[0]
    if rows == 0:
        raise ValueError(f"{name} has no rows; a batch needs at least one")
    if check and not _is_finite(numpy, x):
        is_nan = numpy.isnan(x)
        if is_nan.any():
            row, *place = numpy.argwhere(is_nan)[0].tolist()
            raise ValueError(nan_at(name, "".join([f"[{i}]" for i in place]), row))
        return columns_of_array(numpy, x, name, False)._replace(is_finite=False)
    if x.flags.num & _READABLE != _READABLE:
        found = _in_place(numpy, x)
        if found is not None:
            return Columns(_of_row(axes[1:]), len(found), rows, None, True, found)
        x = numpy.array(x)
    if len(axes) == 1:
        return Columns(NUMBER, 1, rows, x, True)
    return Columns(_of_row(axes[1:]), x.size // rows, rows, x, True)


def _is_finite(numpy: Any, x: Any) -> bool:
    if x.size and x.flags.num & _READABLE == _READABLE and native_machine() is not None:
        return are_finite([(x, 0, 1)], x.size)
    return bool(numpy.isfinite(x).all())


def _of_row(axes: tuple[int, ...]) -> Structure:
    return Structure(Array, prod(axes), axes) if axes else NUMBER


def _in_place(numpy: Any, x: Any) -> list[Column] | None:
    """Return the columns of a strided view within the array it is a view of, if they can be."""
    base = x
    while isinstance(base.base, numpy.ndarray):
        base = base.base
    flags, kind = base.flags, base.dtype
    if kind.num != _DOUBLE or not kind.isnative or not flags.aligned:
        return None
    if not flags.c_contiguous:
        if not flags.f_contiguous:
            return None
        base = base.T
    start = x.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    if start % 8 or any(step % 8 for step in x.strides):
        return None
    stride, *steps = [step // 8 for step in x.strides]
    return [
        (base, start // 8 + sum([i * step for i, step in zip(place, steps, strict=True)]), stride)
        for place in product(*map(range, x.shape[1:]))
    ]
