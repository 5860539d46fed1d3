"""Workers: order kept, deaths survived, errors of the work its own."""

import os
import pathlib
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from nn.training.workers import WorkerError, gathered

# None of it asks a node for anything.
pytestmark = pytest.mark.any_engine


def square(number):
    return number * number


def dies_once(number, mark):
    """Kill the process the first time."""
    path = pathlib.Path(mark)
    if number == 2 and not path.exists():
        path.touch()
        os._exit(1)
    return number * number


def dies(number):
    if number == 2:
        os._exit(1)
    return number * number


def fails(number):
    raise ValueError(f"{number} is bad")


@pytest.mark.parametrize("pool", [None, ThreadPoolExecutor, ProcessPoolExecutor])
def test_results_are_in_order(pool):
    if pool is None:
        assert gathered(None, square, [(3,), (1,)]) == [9, 1]
        return
    with pool(2) as executor:
        assert gathered(executor, square, [(k,) for k in range(6)]) == [0, 1, 4, 9, 16, 25]


def test_a_worker_that_dies_once_is_replaced(tmp_path):
    with ProcessPoolExecutor(2) as executor:
        found = gathered(executor, dies_once, [(k, str(tmp_path / "mark")) for k in range(4)])
    assert found == [0, 1, 4, 9]


def test_a_worker_that_dies_twice_is_told_and_the_others_are_there():
    with ProcessPoolExecutor(2) as executor:
        found = gathered(executor, dies, [(k,) for k in range(4)])
        assert [found[0], found[1], found[3]] == [0, 1, 9]
        assert isinstance(found[2], WorkerError)
        assert "died" in str(found[2])
        # The pool is broken for good; what is asked of it later still gets done.
        assert gathered(executor, square, [(2,), (3,)]) == [4, 9]


def test_what_the_work_raises_is_raised():
    with ThreadPoolExecutor(1) as executor, pytest.raises(ValueError, match="1 is bad"):
        gathered(executor, fails, [(1,)])


def test_what_is_no_executor():
    with pytest.raises(TypeError, match=r"submit\(function"):
        gathered(4, square, [(1,)])
