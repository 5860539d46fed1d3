"""What a compiled function reads from outside is never frozen, and nothing false is told."""

from __future__ import annotations

import gc
import random
import sys
import time
import types
import weakref
from functools import partial

import pytest

import autograd
import nn
from autograd import SGD, Value, compile
from autograd.machine import in_python
from autograd.program.outside.steps import Steps
from autograd.program.outside.walking import Walk

numpy = pytest.importorskip("numpy")
config = types.ModuleType("config_of_this_test")
config.rate = 2.0
scale = 2.0
offsets = [1.0, [2.0]]
rates = {"a": {"b": 2.0}}
table = numpy.array([2.0, 3.0])
act = autograd.sin


def helper(x):
    return x * scale


class Inner:
    def __init__(self):
        self.weights = [Value(2.0), Value(3.0)]
        self.power = 2


class Outer:
    factor = 2.0

    def __init__(self):
        self.inner = Inner()
        self.named = {"bias": 1.0}
        self.seen = 0

    def __call__(self, x):
        w, b = self.inner.weights
        return (w * x + b) ** self.inner.power * self.factor + self.named["bias"]

    @property
    def doubled(self):
        return 2.0 * self.named["bias"]

    @compile
    def loss(self, x):
        return self(x) * 2.0


class Slotted:
    __slots__ = ("rate",)


def closure():
    rate = 2.0

    def f(x):
        return autograd.sum([y * rate for y in [x]])

    def change():
        nonlocal rate
        rate = 5.0

    return f, change


def module_global():
    def change():
        global scale
        scale += 3.0

    return lambda x: x * scale, change


def global_of_a_nested_function():
    def change():
        global scale
        scale += 5.0

    return lambda x: helper(x), change


def function_that_is_replaced():
    def change():
        global act
        act = autograd.cos if act is autograd.sin else autograd.sin

    return lambda x: act(x), change


def default():
    def f(x, rate=2.0):
        return x * rate

    def change():
        f.__defaults__ = (5.0,)

    return f, change


def default_list():
    def f(x, rates=[2.0], *, more={"a": 1.0}):  # noqa: B006
        return x * rates[0] + more["a"]

    return f, lambda: f.__kwdefaults__["more"].update(a=4.0)


def list_element():
    return lambda x: x * offsets[1][0], lambda: offsets[1].__setitem__(0, random.random())


def dict_entry():
    return lambda x: x * rates["a"]["b"], lambda: rates["a"].update(b=random.random())


def array_element():
    return lambda x: x * table[0] + table.sum(), lambda: table.__setitem__(0, random.random())


def module_attribute():
    return lambda x: x * config.rate, lambda: setattr(config, "rate", random.random())


def of_an_object(change):
    model = Outer()
    return lambda x: model(x) + model.doubled, lambda: change(model)


def getattr_by_name():
    thing = Slotted()
    thing.rate = 2.0
    return lambda x: x * getattr(thing, "rate"), lambda: setattr(thing, "rate", 5.0)  # noqa: B009


def bound():
    model = Outer()
    return partial(Outer.__call__, model), lambda: setattr(model.inner, "power", 3)


def of_a_network():
    model = nn.MLP(1, [2, 1], seed=1)
    unit = model.layers[0].neurons[1]
    return lambda x: model([x]), lambda: unit.weights.__setitem__(0, Value(5.0))


def of_a_gradient():
    rate = [2.0]
    slope = autograd.grad(lambda x: x**2 * rate[0])
    return lambda x: slope(x), lambda: rate.__setitem__(0, 3.0)


def program_inside():
    rate = [2.0]
    inner = compile(lambda x: x * rate[0])
    return lambda x: inner(x), lambda: rate.__setitem__(0, 3.0)


def set_members():
    chosen = {1, 2}
    return lambda x: x * float(sum(chosen)), lambda: chosen.add(3)


CHANGES = {
    "closure": closure,
    "global": module_global,
    "global of a nested function": global_of_a_nested_function,
    "function": function_that_is_replaced,
    "default": default,
    "list among the defaults": default_list,
    "list": list_element,
    "dict": dict_entry,
    "array": array_element,
    "module": module_attribute,
    "parameter": lambda: of_an_object(lambda m: m.inner.weights.__setitem__(1, Value(9.0))),
    "attribute": lambda: of_an_object(lambda m: setattr(m.inner, "power", m.inner.power + 1)),
    "class": lambda: of_an_object(lambda m: setattr(Outer, "factor", random.random())),
    "shadowed class": lambda: of_an_object(lambda m: setattr(m, "factor", m.factor + 3.0)),
    "property": lambda: of_an_object(lambda m: m.named.update(bias=m.named["bias"] + 4.0)),
    "object": lambda: of_an_object(lambda m: setattr(m, "named", {"bias": 6.0})),
    "getattr": getattr_by_name,
    "partial": bound,
    "network": of_a_network,
    "inside grad": of_a_gradient,
    "inside a program": program_inside,
    "set": set_members,
}


@pytest.mark.parametrize("kind", CHANGES)
def test_what_changed_is_recorded_anew(kind):
    f, change = CHANGES[kind]()
    program = compile(f)
    for _ in range(2):
        assert program(3.0) == f(Value(3.0)).data
        assert program.value_and_grad(3.0) == autograd.value_and_grad(lambda x: float_of(f, x))(3.0)
        assert len(program.variants) == 1
    before = program(3.0)
    change()
    assert program(3.0) == f(Value(3.0)).data != before
    change()
    assert program.rows([3.0]) == [f(Value(3.0)).data]


@pytest.mark.parametrize("kind", CHANGES)
def test_both_ways_to_compare_agree(kind):
    f, change = CHANGES[kind]()
    walk = Walk({"f": f})
    both = [Steps(), in_python["Steps"]() if in_python else Steps()]
    for steps in both:
        steps.load(walk.steps, walk.kept)
    for _ in range(3):  # the later times by what was noted at the first
        assert [steps.hold() for steps in both] == [True, True]
    change()
    for _ in range(2):
        assert [steps.hold() for steps in both] == [False, False]


def float_of(f, x):
    """A derivative by x alone, whatever Values f uses."""
    return f(x)


def test_nothing_is_recorded_anew_for_what_is_the_same(monkeypatch):
    model = Outer()
    count = []
    program = compile(lambda x: (count.append(1), model(x) * offsets[0])[1])
    program(1.0)
    recorded = len(count)
    for change in (
        lambda: setattr(model, "seen", 1),  # which nothing reads
        lambda: setattr(model.inner, "power", int("2")),
        lambda: offsets.__setitem__(0, float("1.0")),
        lambda: setattr(model, "named", {"bias": float("1.0")}),
        lambda: setattr(model.inner.weights[0], "data", 4.0),
        lambda: setattr(model.inner.weights[0], "grad", 4.0),
        lambda: setattr(sys.modules[__name__], "scale", 11.0),
    ):
        change()
        assert program(2.0) == model(Value(2.0)).data
    assert len(count) == recorded


def test_it_says_what_changed():
    w = Value(1.0, "w")
    box = [w]
    listed = compile(lambda x: (box[0] * x - 1.0) ** 2, parameters=[w])
    trainer = compile(lambda x: (box[0] * x - 1.0) ** 2).trainer([1.0, 2.0], optimizer=SGD(lr=0.1))
    trainer.step()
    listed(1.0)
    box[0] = Value(2.0)
    with pytest.raises(ValueError, match=r"box\[0\].*changed since this trainer"):
        trainer.step()
    with pytest.raises(ValueError, match=r"box\[0\] was replaced"):
        listed(1.0)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * random.random(),
        lambda x: x if random.random() < 0.5 else x * 2.0,
        lambda x: x * numpy.random.rand(),
        lambda x: x * time.perf_counter(),
    ],
    ids=["number", "branch", "numpy", "clock"],
)
def test_what_is_other_each_time_is_refused(f):
    with pytest.raises(ValueError, match="each time it is recorded"):
        compile(f)(1.0)


def test_a_count_that_enters_the_result_is_refused_and_one_that_does_not_is_not():
    calls = [0]

    def counted(x):
        calls[0] += 1
        return x * 2.0

    program = compile(counted)
    assert [program(1.0), program(2.0)] == [2.0, 4.0]
    assert len(program.variants) == 1

    def entering(x):
        calls[0] += 1
        return x * calls[0]

    with pytest.raises(ValueError, match=r"changes calls\[0\]"):
        compile(entering)(1.0)


def test_seeded_numbers_drawn_inside_are_the_function_s_own():
    program = compile(lambda x: x * random.Random(1).random())
    assert program(2.0) == 2.0 * random.Random(1).random()


def test_methods_belong_to_their_objects_and_keep_none_alive():
    one, other = Outer(), Outer()
    other.named["bias"] = 7.0
    assert one.loss(1.0) == one(Value(1.0)).data * 2.0
    assert other.loss(1.0) == other(Value(1.0)).data * 2.0
    one.inner.power = 1
    assert one.loss.rows([1.0]) == [one(Value(1.0)).data * 2.0]
    assert set(one.loss.parameters) == set(one.inner.weights)
    gone = weakref.ref(other)
    gc.disable()
    try:
        del other
        assert gone() is None
    finally:
        gc.enable()
    assert Outer().loss(1.0) == Outer()(Value(1.0)).data * 2.0
    with pytest.raises(TypeError, match="__weakref__"):
        type("Bare", (), {"__slots__": (), "f": compile(lambda self, x: x)})().f(1.0)
