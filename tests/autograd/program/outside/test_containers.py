"""Containers of libraries, the environment and long lists are read again where they changed."""

from __future__ import annotations

import contextvars
import os
import sys
import types
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, defaultdict, deque
from os import getenv

import pytest

import autograd
from autograd import compile
from autograd.machine import in_python
from autograd.program.outside.steps import Steps
from autograd.program.outside.walking import Walk

numpy = pytest.importorskip("numpy")
module = types.ModuleType("module_of_containers")
sys.modules[module.__name__] = module

LEVEL = contextvars.ContextVar("LEVEL", default=2.0)
rate = 2.0


def imported(x):
    import module_of_containers

    return module_of_containers.rate * x


def _cases():
    queue, nested = deque([2.0]), deque([[2.0]])
    layers, user, users = ChainMap({"a": 2.0}), UserDict(a=2.0), UserList([2.0])
    counted, ordered, missing = Counter(a=2), OrderedDict(a=2.0), defaultdict(float, a=2.0)
    long, wide = [2.0] * 100_000, numpy.full(100_000, 2.0)
    table = numpy.arange(320_000.0).reshape(8000, 40)
    module.rate = 2.0

    def of_a_table(x):
        return autograd.sum([autograd.tanh(x * row[0]) for row in table])

    return {
        "deque": (lambda x: queue[0] * x, lambda: queue.__setitem__(0, 9.0)),
        "deque that grows": (lambda x: sum(queue) * x, lambda: queue.append(1.0)),
        "list in a deque": (lambda x: nested[0][0] * x, lambda: nested[0].__setitem__(0, 9.0)),
        "ChainMap": (lambda x: layers["a"] * x, lambda: layers.__setitem__("a", 9.0)),
        "ChainMap, longer": (lambda x: layers["a"] * x, lambda: layers.maps.insert(0, {"a": 7})),
        "UserDict": (lambda x: user["a"] * x, lambda: user.__setitem__("a", 9.0)),
        "UserList": (lambda x: users[0] * x, lambda: users.__setitem__(0, 9.0)),
        "Counter": (lambda x: counted["a"] * x, lambda: counted.update(a=1)),
        "OrderedDict": (lambda x: ordered["a"] * x, lambda: ordered.__setitem__("a", 9.0)),
        "defaultdict": (lambda x: missing["a"] * x, lambda: missing.__setitem__("a", 9.0)),
        "os.environ": (
            lambda x: float(os.environ["RATE_OF_A_TEST"]) * x,
            lambda: os.environ.__setitem__("RATE_OF_A_TEST", "3"),
        ),
        "os.getenv": (
            lambda x: float(os.getenv("RATE_OF_A_TEST")) * x,
            lambda: os.environ.__setitem__("RATE_OF_A_TEST", "4"),
        ),
        "getenv": (
            lambda x: float(getenv("RATE_OF_A_TEST")) * x,
            lambda: os.environ.__setitem__("RATE_OF_A_TEST", "5"),
        ),
        "sys.path": (lambda x: len(sys.path) * x, lambda: sys.path.append("nowhere")),
        "a module imported inside": (imported, lambda: setattr(module, "rate", 9.0)),
        "a context variable": (lambda x: LEVEL.get() * x, lambda: LEVEL.set(9.0)),
        "globals()": (lambda x: globals()["rate"] * x, lambda: globals().__setitem__("rate", 9.0)),
        "a long list": (lambda x: sum(long) * x, lambda: long.__setitem__(99_999, 0.0)),
        "a long array": (lambda x: wide.sum() * x, lambda: wide.__setitem__(99_999, 0.0)),
        "as much as is computed": (of_a_table, lambda: table.__setitem__((7999, 0), 0.0)),
    }  # fmt: skip


@pytest.mark.parametrize("name", _cases())
def test_what_changed_is_read_again(name, monkeypatch):
    monkeypatch.setenv("RATE_OF_A_TEST", "2")
    monkeypatch.setattr(sys, "path", list(sys.path))
    f, change = _cases()[name]
    program = compile(f)
    walk = Walk({"f": f})
    both = [Steps(), in_python["Steps"]() if in_python else Steps()]
    for steps in both:
        steps.load(walk.steps, walk.kept)
    assert [steps.hold() for steps in both] == [True, True]
    assert program(1.0) == f(1.0)
    before = program.variants
    assert program(1.0) == f(1.0)
    assert program.variants == before  # nothing is recorded anew without a reason
    change()
    assert [steps.hold() for steps in both] == [False, False]
    assert program(1.0) == f(1.0)
