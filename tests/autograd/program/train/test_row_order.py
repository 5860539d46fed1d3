"""The order in which training takes its rows."""

import itertools
import random
from array import array

import pytest

from autograd.program.train.row_order import RowOrder
from tests.interrupting import interrupted_at


def batches(order, count, ahead=1):
    return [taken(order, ahead).tolist() for _ in range(count)]


def taken(order, ahead):
    batch = order.next_batch(ahead)
    order.taken(1)
    return batch


def test_rows_come_in_turn_and_the_last_batch_may_be_smaller():
    order = RowOrder(5, 2, shuffle=False, seed=0)
    assert batches(order, 4) == [[0, 1], [2, 3], [4], [0, 1]]


def test_epochs_are_shuffled_as_the_docstring_says():
    order, source = RowOrder(7, 3, shuffle=True, seed=9), random.Random(9)
    for _ in range(50):  # more epochs than are laid out at once
        epoch = sorted(range(7), key=lambda row: source.random())
        assert [row for batch in batches(order, 3) for row in batch] == epoch


@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_ahead_are_those_that_are_taken(shuffle):
    one, other = (RowOrder(10, 4, shuffle, seed=1) for _ in range(2))
    for count in (1, 5, 2, 60, 3):
        rows, sizes = one.ahead(count)
        count = min(count, len(sizes))
        one.taken(count)
        assert rows[: sum(sizes[:count])] == sum(
            [taken(other, 1) for _ in range(count)], array("q")
        )


def test_one_batch_of_all_rows_stays_in_order():
    assert batches(RowOrder(3, 3, shuffle=True, seed=0), 2) == [[0, 1, 2], [0, 1, 2]]


def test_at_least_one_batch_is_laid_out_however_large():
    rows, sizes = RowOrder(3 << 20, 2 << 20, shuffle=False, seed=0).ahead(1000)
    assert sizes.tolist() == [2 << 20, 1 << 20]
    assert len(rows) == 3 << 20


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("before", [0, 1, 64])
def test_interrupted_anywhere_the_same_rows_come_next(shuffle, before):
    def made():
        order = RowOrder(3, 2, shuffle, 5)
        for _ in range(before):
            order.next_batch(1)
            order.taken(1)
        return order

    whole, expected = made(), []
    for _ in range(70):
        expected.append(whole.next_batch(1))
        whole.taken(1)
    for event in itertools.count():
        order = made()
        was = interrupted_at(event, lambda order=order: order.next_batch(1))
        found = []
        for _ in range(70):
            found.append(order.next_batch(1))
            order.taken(1)
        assert found == expected, event
        if not was:
            break
    assert event > (10 if before != 1 else 1)
