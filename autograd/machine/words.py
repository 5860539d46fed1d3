"""What Python and C call by the same numbers; `operation_lists.h` hands them to C.

The words of a program are described in `words.h`, and checked by `verify.h`.
"""

from __future__ import annotations

# First words of packs that are no operation of the rule book.
COPY, TOTALS, OUTER, PRODUCT, OUTERS = -1, -2, -3, -4, -5
# Modes of operands: in which memory they lie, and whether their places are listed.
ABSENT, IN_U, LISTED, IN_V = -1, 0, 1, 2
# Sections: what all rows share, the rows, what needs totals over them.
BEFORE_SECTION, ROWS_SECTION, AFTER_SECTION = 0, 1, 2
# Bits of the status of a run: a guard came out differently; something overflowed, was divided by
# zero, left its domain or is not finite; a signal's exception waits, which users see instead.
OTHER_BRANCH, SUSPECT, STOPPED = 1, 2, 4
# Rows that are computed together, so many that slots are an odd number of cache lines apart: short
# blocks then use all of a cache, not half of it; the unit of work for a thread.
LANE_COUNT, CHUNK_ROWS = 72, 1152
# Of an elementwise operation.
MOST_OPERANDS = 4

# A guard's comparison is its place here.
COMPARISONS = ("<", "<=", "==", "!=", ">", ">=")
