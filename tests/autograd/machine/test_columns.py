"""Rows on their way between columns and lanes: every number gets to its place, and is looked at."""

from __future__ import annotations

import math
from array import array

import pytest

machine = pytest.importorskip(
    "autograd.machine.interpreter", reason="the machine is not built (setup.py build_ext)"
)

SHARED = 7.5  # stands in U, for all rows
NOT_FINITE = [math.inf, -math.inf, math.nan]


def passing(order, plain):
    """Return a machine that gives its inputs in this order; None is the number that all share."""
    inputs = 1 + max(place for place in order if place is not None)
    return machine.Machine(
        words=array("i"), sections=(0, 0, 0), uniforms=1, varying=inputs, constants_at=0,
        constants=array("d", [SHARED]), parameters_at=0, parameters=0, inputs_at=0, inputs=inputs,
        scale_at=-1, rows_at=-1, totals_at=0, totals=0, outputs=array("i"),
        row_outputs=array("i", [-1 if place is None else place for place in order]),
        guards=array("i"), plain=plain,
    )  # fmt: skip


ORDERS = [
    [0],
    [1, 0],
    [2, 1, 0],
    [3, 0, 2, 1],
    [4, 3, 2, 1, 0],
    [0, None, 1, 2, 3, 4, 5, 6],
    [*range(11)],
]


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("order", ORDERS, ids=len)
@pytest.mark.parametrize("rows", [1, 3, 4, 6, 63, 64, 67, 200])
def test_numbers_get_to_their_places(order, rows, plain):
    one = passing(order, plain)
    inputs, outputs = max(place for place in order if place is not None) + 1, len(order)
    table = array("d", [r + k / 16.0 for r in range(rows) for k in range(inputs)])
    columns = [(array("d", table[k::inputs]), 0, 1) for k in range(inputs)]
    backwards = [(array("d", table[k::inputs][::-1]), rows - 1, -1) for k in range(inputs)]
    expected = [
        [SHARED if place is None else r + place / 16.0 for place in order] for r in range(rows)
    ]
    for given in (table, columns, backwards):
        found = array("d", bytes(8 * rows * outputs))
        assert one.run_rows(given, rows, 1.0, found) == 0
        assert [[*found[r * outputs : (r + 1) * outputs]] for r in range(rows)] == expected
        apart = [array("d", bytes(8 * rows)) for _ in order]
        one.run_rows(given, rows, 1.0, [(column, 0, 1) for column in apart])
        assert [[*row] for row in zip(*apart, strict=True)] == expected
        wide = array("d", [-1.0]) * (rows * (outputs + 2))  # with a margin on both sides
        places = [(wide, 1 + k, outputs + 2) for k in range(outputs)]
        one.run_rows(given, rows, 1.0, places)
        found = [[*wide[r * (outputs + 2) : (r + 1) * (outputs + 2)]] for r in range(rows)]
        assert found == [[-1.0, *row, -1.0] for row in expected]


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("rows", [1, 5, 70])
def test_what_is_not_finite_is_seen_at_every_place(rows, plain):
    one = passing([4, 3, 2, 1, 0], plain)
    room, largest = array("d", bytes(40 * rows)), 1.7976931348623157e308
    apart = [(array("d", bytes(8 * rows)), 0, 1) for _ in range(5)]
    for place in range(5 * rows):
        for number in (NOT_FINITE[place % 3], (-1.0) ** place * largest):
            table = array("d", [-5e-324, 0.5] * 3 * rows)[: 5 * rows]
            table[place] = number
            columns = [(array("d", table[k::5]), 0, 1) for k in range(5)]
            status = 0 if math.isfinite(number) else 2
            assert one.run_rows(table, rows, 1.0, room) == status
            assert one.run_rows(columns, rows, 1.0, apart) == status
            for given in (table, columns):
                assert one.run_rows(given, rows, 1.0) == 0  # nobody looks
                assert one.run_rows_at(given, rows, array("d"), 1.0)[0] == status
