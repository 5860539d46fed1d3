"""A program that reads many lists of numbers notices a change in any of them, at the next call."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from autograd import compile


def polynomials(rows):
    """Return a function of x that reads every number of every list, by its place."""

    def f(x):
        total = 0.0
        for row in rows:
            found = 0.0
            for number in row:
                found = found * x + number
            total = total + found
        return total

    return f


CHANGES = {
    "another number": lambda rows, k, i: rows[k].__setitem__(i, rows[k][i] + 1.0),
    "one more": lambda rows, k, i: rows[k].append(0.5),
    "one in between": lambda rows, k, i: rows[k].insert(i, 0.5),
    "one fewer": lambda rows, k, i: rows[k].pop(i) if len(rows[k]) > 1 else None,
    "the other way round": lambda rows, k, i: rows[k].reverse(),
    "another list": lambda rows, k, i: rows.__setitem__(k, [*rows[k][:i], 3.0, *rows[k][i:]]),
    "two lists change places": lambda rows, k, i: rows.insert(0, rows.pop(k)),
    "the same list twice": lambda rows, k, i: rows.__setitem__(k, rows[0]),
    "one list fewer": lambda rows, k, i: rows.pop(k) if len(rows) > 1 else None,
    "emptied and filled": lambda rows, k, i: rows.__setitem__(slice(None), [[1.0, 2.0], [3.0]]),
    "nothing": lambda rows, k, i: None,
}


@pytest.mark.parametrize(("lists", "size"), [(1, 1), (1, 300), (40, 3), (100, 2), (3, 2000)])
@pytest.mark.parametrize("kind", CHANGES)
def test_any_change_is_noticed(lists, size, kind):
    draw = random.Random(f"{lists} {size} {kind}")
    rows = [[draw.random() for _ in range(size)] for _ in range(lists)]
    f = polynomials(rows)
    program = compile(f)
    for _ in range(3):
        assert [program(0.7), program(0.7), program(0.7)] == [f(0.7)] * 3
        k = draw.randrange(len(rows))
        CHANGES[kind](rows, k, draw.randrange(len(rows[k])))


def test_changes_of_all_kinds_follow_each_other():
    draw = random.Random(18)
    rows = [[draw.random() for _ in range(4)] for _ in range(70)]
    f = polynomials(rows)
    program = compile(f)
    answers = []
    for _ in range(60):
        k = draw.randrange(len(rows))
        CHANGES[draw.choice(list(CHANGES))](rows, k, draw.randrange(len(rows[k])))
        answers.append(f(0.7))
        assert [program(0.7), program(0.7)] == [answers[-1]] * 2
    assert sum(one != other for one, other in pairwise(answers)) > 20
