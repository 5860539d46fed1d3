"""What runs code for batches: the native machine, arrays of NumPy, or row by row."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from importlib import import_module
from typing import Any, TypeAlias

from autograd.machine import native_machine
from autograd.program.assembly.assembler import assemble
from autograd.program.passes.derived import RowsCode
from autograd.program.run.array_rows import ArrayRows
from autograd.program.run.plain_rows import PlainRows
from autograd.program.run.point_runner import runs_on_machine
from autograd.program.run.sections import Sections


class NativeRows:
    """Code for batches on the native machine.

    Args:
        module: The module of the machine.
        rows_code: What to compute.
    """

    def __init__(self, module: Any, rows_code: RowsCode) -> None:
        code, row_outputs = rows_code
        self.machine = module.Machine(**vars(assemble(code, True, row_outputs)))

    def run(
        self,
        columns: Any,
        rows: int,
        parameters: Sequence[float],
        scale: float,
        threads: int = 1,
        results: Any = None,
        failing: bytearray | None = None,
    ) -> tuple[int, array[float]]:
        """Return a status and the totals over the rows; fill in results and failing.

        The status is SUSPECT where a parameter is not finite, too.

        Args:
            columns: A contiguous buffer of doubles, rows × inputs; or for every input a buffer, an
                offset and a stride.
            rows: How many rows.
            parameters: What is the same for all rows, and two places for `scale` and `rows`.
            scale: The weight of each row: 1, or 1/n for a mean.
            threads: How many threads share the rows; 0: as many as pay. The results do not depend
                on it.
            results: Where the row outputs go, likewise, to writable buffers.
            failing: One byte a row, set to 1 where the row takes another branch.
        """
        status, totals = self.machine.run_rows_at(
            columns, rows, parameters, scale, results, failing, threads
        )
        return status, totals


# Code for batches that is ready to run.
Rows: TypeAlias = NativeRows | Sections


def rows_of(rows_code: RowsCode) -> Rows:
    """Return code for batches, ready to run as well as it can be here."""
    if runs_on_machine(rows_code.code):
        return NativeRows(native_machine(), rows_code)
    try:
        return ArrayRows(rows_code, import_module("numpy"))
    except ModuleNotFoundError:
        return PlainRows(rows_code)
