"""The arguments of a batch: which rows there are, and what is the same for all of them."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from math import isfinite
from typing import Any

from autograd.loaded_numpy import loaded_numpy
from autograd.program.columns.columns import Column, Columns, common_rows, flat
from autograd.program.columns.numpy_columns import doubles
from autograd.program.columns.reading import columns_of, plain_number
from autograd.program.record.arguments import CallForm, Handed
from autograd.program.record.signature import Call, taken_apart
from autograd.structure import NUMBER, Array, Structure, container

# With few rows, copying many columns into one block is quicker than handing over each.
_FEW_ROWS, _FEW_COLUMNS = 512, 12


class Uniform:
    """An argument that is the same for all rows.

    Attributes:
        structure: How its numbers are nested.
        first: Where its numbers begin among those of all such arguments.
        size: How many there are.
        is_finite: Whether none was found to be infinite, if anybody looked.
    """

    def __init__(self, argument: Any, name: str, numbers: array[float], check: bool) -> None:
        self.first = len(numbers)
        self.is_finite = True
        self._axes: tuple[int, ...] | None = None
        total: float | None = None
        numpy = loaded_numpy()
        if numpy is not None and isinstance(argument, numpy.ndarray) and argument.ndim:
            x = doubles(numpy, argument, name)
            self._axes = x.shape
            self.structure = Structure(Array, x.size, x.shape)
            numbers.frombytes(x.tobytes())
            total = numpy.vdot(x, x)
        else:
            try:
                self.structure = _poured(argument, numbers)
            except TypeError:
                del numbers[self.first :]
                self.structure = _checked(argument, name, numbers)
        self.size = len(numbers) - self.first
        if not check or (total is not None and isfinite(total)):
            return
        is_list = self.structure == Structure(list, self.size)
        if not isfinite(sum(argument if is_list else numbers)):
            places = self.structure.names(name)
            for place, number in zip(places, numbers[self.first :], strict=True):
                if number != number:
                    raise ValueError(f"{place} is NaN")
                if not isfinite(number):
                    self.is_finite = False

    def like(self, numbers: array[float]) -> Any:
        """Return the part of `numbers` that belongs to this argument, in its structure."""
        part = numbers[self.first : self.first + self.size]
        if self._axes is not None:
            return sys.modules["numpy"].frombuffer(part).reshape(self._axes)
        return self.structure.build(part.tolist())


def _poured(tree: Any, numbers: array[float]) -> Structure:
    """Append the numbers of containers and return their structure; TypeError if in doubt."""
    kind = type(tree)
    if kind is list or kind is tuple:
        if not (tree and isinstance(tree[0], (list, tuple, dict))):
            numbers += array("d", tree)
            return Structure(kind, len(tree))
        return container(kind, [_poured(part, numbers) for part in tree])
    if kind is dict:
        parts = [_poured(part, numbers) for part in tree.values()]
        return Structure(dict, tuple(parts), tuple(tree))
    if hasattr(tree, "__len__"):
        raise TypeError("to be looked at closely")
    numbers.append(tree)
    return NUMBER


def _checked(argument: Any, name: str, numbers: array[float]) -> Structure:
    call = taken_apart((argument,), CallForm((name,), (0,)))
    (structure,) = call.structure.parts
    places = structure.names(name)
    numbers.extend([plain_number(x, place) for x, place in zip(call.numbers, places, strict=True)])
    return structure


class Batch:
    """The arguments of a call on rows.

    Args:
        given: The arguments.
        uniform: The positions of those that are the same for all rows.
        owner: The program's name.
        check: Whether NaN is refused.

    Attributes:
        rows: How many rows there are.
        numbers: Those of the arguments that are the same for all rows.
        structure: That of the call for one row.
        varying: The arguments that have rows.
        uniform: Those that are the same for all.
        from_arrays: Whether one with rows came from NumPy.
        from_buffers: Whether one came from another buffer.
        is_finite: Whether no number was found to be infinite, if anybody looked.

    Raises:
        TypeError: If something in the arguments is no real number.
        ValueError: If they have no rows, different numbers of rows, or rows of different structure.

    Example:
        >>> given = Handed(([1.0, 2.0], 3.0), CallForm(("x", "y"), (0, 1)))
        >>> batch = Batch(given, (), "f", True)
        >>> batch.rows, batch.call(1).numbers
        (2, [2.0, 3.0])
    """

    def __init__(self, given: Handed, uniform: Sequence[int], owner: str, check: bool) -> None:
        args, self._form = given
        names = self._form.names
        self.numbers = numbers = array("d")
        self.arguments: list[Columns | Uniform] = []
        self.varying: list[Columns] = []
        self.uniform: list[Uniform] = []
        self.from_arrays = self.from_buffers = False
        self.is_finite = True
        self._columns: list[Column] | None = None
        parts: list[Structure] = []
        rows: int | None = None
        for position, argument in enumerate(args):
            if position in uniform:
                same = Uniform(argument, names[position], numbers, check)
                self.is_finite &= same.is_finite
                self.uniform.append(same)
                self.arguments.append(same)
                parts.append(same.structure)
            else:
                found = columns_of(argument, names[position], check)
                self.varying.append(found)
                self.arguments.append(found)
                parts.append(found.structure)
                own = found.rows
                if own != rows and own is not None:
                    if rows is not None:
                        self._refuse_rows(names, uniform)
                    rows = own
                if found.from_array:
                    self.from_arrays = True
                elif found.from_buffer:
                    self.from_buffers = True
                if not found.is_finite:
                    self.is_finite = False
        if rows is None:
            raise ValueError(
                f"{owner} got no argument with rows; a batch needs at least one column of numbers"
            )
        self.rows = rows
        self.structure = container(tuple, parts)

    def _refuse_rows(self, names: Sequence[str], uniform: Sequence[int]) -> None:
        varying = [name for position, name in enumerate(names) if position not in uniform]
        common_rows(self.varying, varying[: len(self.varying)])

    @property
    def as_call(self) -> Call:
        """The call for any row, without its numbers."""
        return Call(self.structure, [], self._form)

    @property
    def columns(self) -> list[Column]:
        """Where each number of a row is."""
        if self._columns is None:
            columns: list[Column] = []
            for x in self.varying:
                columns += [(x.whole, 0, 1)] if x.is_plain else x.columns
            self._columns = columns  # whole or not there, wherever an interrupt falls
        return self._columns

    @property
    def source(self) -> Any:
        """The rows as the machine takes them: one block if there is one, else columns."""
        varying = self.varying
        if len(varying) == 1 and varying[0].whole is not None:
            return varying[0].whole
        if self.from_arrays and self.rows <= _FEW_ROWS:
            width = sum([x.width for x in varying])
            if width > _FEW_COLUMNS and all(x.from_array and x.apart is None for x in varying):
                block = sys.modules["numpy"].empty((self.rows, width))
                first = 0
                for x in varying:
                    last = first + x.width
                    block[:, first:last] = x.whole.reshape(self.rows, x.width)
                    first = last
                return block
        return self.columns

    def some(self, rows: Sequence[int]) -> list[Column]:
        """Return columns of copies of some rows."""
        found: list[Column] = []
        numpy = loaded_numpy()
        for buffer, offset, stride in self.columns:
            copy: Any
            if not stride:
                found.append((buffer, offset, 0))
                continue
            if numpy is not None and len(rows) > 1:
                copy = numpy.frombuffer(buffer)[offset + stride * numpy.asarray(rows)]
            else:
                numbers = flat(buffer)
                copy = array("d", [numbers[offset + row * stride] for row in rows])
            found.append((copy, 0, 1))
        return found

    def call(self, row: int) -> Call:
        """Return the call for one row."""
        numbers: list[float] = []
        for x in self.arguments:
            if type(x) is Columns:
                numbers += x.row(row)
            else:
                assert type(x) is Uniform
                numbers += self.numbers[x.first : x.first + x.size]
        return Call(self.structure, numbers, self._form)
