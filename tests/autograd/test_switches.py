"""Switches: no_grad, enable_grad, record_locations; each for its own thread."""

from __future__ import annotations

import inspect
import threading
from functools import partial

import pytest

import autograd
from autograd import Value, enable_grad, no_grad, record_locations


def _records() -> bool:
    return not (Value(2.0) * 3.0).is_constant


def test_no_grad_results_are_constants_without_parents():
    x = Value(2.0)
    with no_grad():
        y = x * x
        assert (y.data, y.parents, y.is_constant, y.op) == (4.0, (), True, "")
        leaf = Value(1.0)
    assert not leaf.is_constant
    z = y * x
    z.backward()
    assert x.grad == 4.0


def test_switches_nest_and_come_back_after_an_error():
    assert _records()
    with no_grad():
        with enable_grad():
            assert _records()
            with no_grad():
                assert not _records()
            assert _records()
        assert not _records()
        with pytest.raises(ZeroDivisionError), enable_grad():
            Value(1.0) / 0.0
        assert not _records()
    assert _records()


def test_one_switch_object_may_be_entered_again_inside_itself():
    switch = no_grad()
    with switch:
        with switch:
            assert not _records()
        assert not _records()
    assert _records()


def test_as_a_decorator_it_holds_for_the_function_even_when_that_recurses_or_fails():
    @no_grad()
    def recorded(depth: int) -> bool:
        if depth == 0:
            raise KeyError
        return _records() or recorded(depth - 1)

    with pytest.raises(KeyError):
        recorded(3)
    assert _records()


def test_another_thread_is_not_switched():
    seen = []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append(_records()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_a_decorated_function_may_run_in_two_threads_at_once():
    first_is_in, second_is_in, first_is_out = (threading.Event() for _ in range(3))
    seen = {}

    @no_grad()
    def work(entered: threading.Event, leave: threading.Event) -> None:
        entered.set()
        assert leave.wait(10)

    def first() -> None:
        work(first_is_in, second_is_in)
        seen["first"] = _records()
        first_is_out.set()

    def second() -> None:
        assert first_is_in.wait(10)
        with no_grad():
            work(second_is_in, first_is_out)
            seen["second, still inside its own block"] = _records()
        seen["second"] = _records()

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert seen == {"first": True, "second, still inside its own block": False, "second": True}


def test_threads_record_their_own_graphs_at_the_same_time():
    results: dict[int, float] = {}

    def work(number: int) -> None:
        x = Value(float(number))
        for _ in range(50):
            x.zero_grad()
            (x * x * x).backward()
            x.data = x.data  # an edit in one thread is no edit in another
        results[number] = x.grad

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: 3.0 * number**2 for number in range(8)}


def test_locations_name_the_file_and_line_of_the_caller():
    with record_locations():
        x = Value(2.0)
        line = inspect.currentframe().f_lineno + 1
        nodes = [x * 3.0, autograd.exp(x), x.tanh(), autograd.sum([x, x]), autograd.softmax([x])[0]]
    assert {node.location for node in nodes} == {f"{__file__}:{line}"}
    assert (x * 3.0).location is None


def test_errors_name_the_line_while_locations_are_recorded():
    x = Value(0.0, label="x")
    with record_locations():
        line = inspect.currentframe().f_lineno + 1
        root = x.sqrt()
        with pytest.raises(ValueError, match=rf"{__name__.rpartition('.')[2]}\.py:\d+"):
            autograd.log(x)
    with pytest.raises(ArithmeticError, match=rf"\.py:{line}\b"):
        root.backward()
    assert f"{__file__}:{line}" in root.describe()


def test_a_generator_function_is_refused_because_its_body_would_record_all_the_same():
    with pytest.raises(TypeError, match="squares is a generator"):

        @no_grad()
        def squares(x):
            yield x * x

    def cubes(x):
        yield x**3

    with pytest.raises(TypeError, match=r"cubes.* is a generator"):
        no_grad()(partial(partial(cubes), 2.0))
    assert no_grad()(abs)(-2.0) == 2.0  # a function that Python knows no code of


# --- Who watches ----------------------------------------------------------------------------------


class Notes:
    """A watch that writes down what it is told."""

    def __init__(self):
        self.told = []

    def compared(self, left, comparison, right, outcome):
        self.told.append((comparison, outcome))

    def frozen(self, node):
        self.told.append(("frozen", node.label))

    def computed(self, nodes):
        self.told.append("computed")

    def later(self, call):
        self.told.append("later")

    def swept(self, what):
        self.told.append(what)


LOOKS = {
    "data": (lambda x: x.data, [("frozen", "x")]),
    "format": (lambda x: f"{x:.2f}", [("frozen", "x")]),
    "detach": (lambda x: x.detach(), [("frozen", "x")]),
    "less": (lambda x: x < 3.0, [("<", True)]),
    "equal": (lambda x: x == 3.0, [("==", False)]),
    "truth": (lambda x: bool(x), [("!=", True)]),
    "backward": (lambda x: x.backward(), ["backward()"]),
    "computing": (lambda x: autograd.sin(x) * 2.0, []),
    "label": (lambda x: x.label, []),
    "op": (lambda x: (x.op, x.parents), []),
}


@pytest.mark.parametrize("look", LOOKS)
def test_who_watches_is_told_of_every_number_that_leaves_the_graph(look):
    function, expected = LOOKS[look]
    x = Value(2.0, "x")
    notes = Notes()
    with autograd.switches.watching(notes):
        function(x)
    assert notes.told == expected
    function(x)
    assert notes.told == expected


def test_who_watches_in_another_thread_is_not_told():
    notes = Notes()
    with autograd.switches.watching(notes):
        thread = threading.Thread(target=lambda: Value(2.0).data)
        thread.start()
        thread.join()
    assert notes.told == []
