"""Training that goes on: from call to call, after a failure, in a copy, in another process."""

from __future__ import annotations

import copy
import itertools
import json
import math
import pickle
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value
from autograd.primitive import Primitive
from autograd.program import SGD, Adam
from autograd.program.compiling import compile
from autograd.program.train.row_order import RowOrder

MAKERS = [
    lambda: SGD(lr=0.05),
    lambda: SGD(lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    lambda: Adam(lr=0.02, weight_decay=0.1, decoupled=True),
]
POINTS = [float(k) / 7.0 - 0.5 for k in range(11)]
TARGETS = [math.sin(3.0 * x) for x in POINTS]

# One that the machine does not know: its programs are trained step by step in Python.
SAME = Primitive("same", lambda x: x, (lambda out, x: 1.0,))


def line(way):
    """A program of three parameters, and these, on the machine or in the fallback."""
    own = [Value(0.5, "a"), Value(-0.25, "b"), Value(0.125, "c")]
    a, b, c = own
    last = SAME if way == "python" else lambda x: x
    return compile(lambda x, y: (last(a * x * x + b * x + c) - y) ** 2, parameters=own), own


def restored(way, program, optimizer):
    if way == "same":
        return program, optimizer
    if way == "deepcopy":
        return copy.deepcopy((program, optimizer))
    if way == "deepcopy, optimizer first":
        return copy.deepcopy((optimizer, program))[::-1]
    if way == "pickle":
        return pickle.loads(pickle.dumps((program, optimizer)))
    if way == "copy":
        return program, copy.copy(optimizer)
    assert way == "state"
    state = json.loads(json.dumps(optimizer.state_dict()))
    optimizer = SGD(lr=1.0) if isinstance(optimizer, SGD) else Adam(lr=1.0)
    optimizer.load_state_dict(state)
    return copy.deepcopy(program), optimizer


WAYS = ["same", "deepcopy", "deepcopy, optimizer first", "pickle", "copy", "state"]


# No file holds an operation outside the rule book; the engine in Python takes all the other ways.
@pytest.mark.parametrize(
    ("engine", "way"), [*[("machine", way) for way in WAYS], ("python", "same"), ("python", "copy")]
)
@pytest.mark.parametrize("make", MAKERS, ids=range(len(MAKERS)))
def test_two_epochs_are_one_and_another_bit_for_bit(engine, way, make):
    settings = {"batch_size": 3, "seed": 4}
    program, own = line(engine)
    at_once = program.train(POINTS, TARGETS, optimizer=make(), epochs=5, **settings)
    expected = [p.data for p in own]

    program, own = line(engine)
    optimizer = make()
    losses = []
    for _ in range(5):
        losses += program.train(POINTS, TARGETS, optimizer=optimizer, epochs=1, **settings)
        program, optimizer = restored(way, program, optimizer)
    assert losses == at_once
    assert [p.data for p in program.parameters] == expected
    assert optimizer.steps == 20


@pytest.mark.parametrize("engine", ["machine", "python"])
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("cuts", [[1] * 20, [7, 6, 7], [3, 17], [19, 1]])
def test_a_training_may_be_cut_anywhere(engine, shuffle, cuts):
    settings = {"batch_size": 2, "shuffle": shuffle, "seed": 1}
    program, own = line(engine)
    at_once = program.train(POINTS, TARGETS, optimizer=Adam(lr=0.01), steps=20, **settings)
    expected = [p.data for p in own]
    program, own = line(engine)
    optimizer, losses = Adam(lr=0.01), []
    for steps in cuts:
        losses += program.train(POINTS, TARGETS, optimizer=optimizer, steps=steps, **settings)
    assert (losses, [p.data for p in own]) == (at_once, expected)


@pytest.mark.parametrize("engine", ["machine", "python"])
def test_calls_in_a_loop_take_other_orders_each_time(engine):
    """A row order is seen where a batch of one gives its row away."""
    w = Value(0.0)
    last = SAME if engine == "python" else lambda x: x
    program = compile(lambda x: last(w * 0.0 + x))
    optimizer, source = SGD(lr=1e-3), random.Random(0)
    rows = [float(k) for k in range(9)]
    for _ in range(20):
        epoch = sorted(range(9), key=lambda row: source.random())
        assert program.train(rows, optimizer=optimizer, epochs=1, batch_size=1) == epoch


@settings(max_examples=25)
@given(st.data())
def test_trainers_keep_their_places_and_new_ones_begin_where_the_last_left_off(data):
    """Trainers that share an optimizer, of other rows, batches and seeds, made anew or kept."""
    w = Value(0.0)
    program = compile(lambda x: w * 0.0 + x)
    optimizer = SGD(lr=1e-3)
    latest = {seed: (random.Random(seed), None, []) for seed in (0, 1)}
    kept = {}
    for _ in range(data.draw(st.integers(1, 12))):
        seed, rows, size = data.draw(
            st.tuples(st.sampled_from([0, 1]), st.sampled_from([3, 5]), st.sampled_from([1, 2]))
        )
        if data.draw(st.booleans()) or (seed, rows, size) not in kept:
            trainer = program.trainer(
                [float(k) for k in range(rows)], optimizer=optimizer, batch_size=size, seed=seed,
                reduce="sum",
            )  # fmt: skip
            source, layout, due = copy.deepcopy(latest[seed])
            kept[seed, rows, size] = trainer, source, due if layout == (rows, size) else []
        trainer, source, due = kept[seed, rows, size]
        for loss in trainer.run(data.draw(st.integers(1, 70))):
            if not due:
                epoch = sorted(range(rows), key=lambda row, s=source: s.random())
                due += [sum(epoch[k : k + size]) for k in range(0, rows, size)]
            assert loss == due.pop(0)
        latest[seed] = source, (rows, size), due


@pytest.mark.parametrize("shuffle", [True, False])
def test_trainers_that_take_turns_each_see_all_of_their_rows(shuffle):
    w = Value(0.0)
    program = compile(lambda x: w * 0.0 + x)
    optimizer = SGD(lr=1e-3)
    columns = [[0.0, 1.0, 2.0], [10.0, 11.0, 12.0], [20.0, 21.0, 22.0, 23.0, 24.0]]
    trainers = [
        program.trainer(rows, optimizer=optimizer, batch_size=1, shuffle=shuffle)
        for rows in columns
    ]
    seen = [[trainer.step() for trainer in trainers] for _ in range(15)]
    for rows, losses in zip(columns, zip(*seen, strict=True), strict=True):
        for first in range(0, 15, len(rows)):
            epoch = list(losses[first : first + len(rows)])
            assert sorted(epoch) == rows
            assert shuffle or epoch == rows


def test_without_a_seed_a_copy_goes_on_as_the_original():
    w = Value(0.0)
    program = compile(lambda x: w * 0.0 + x)
    optimizer = SGD(lr=1e-3)
    call = {"batch_size": 1, "seed": None, "epochs": 1}
    rows = [float(k) for k in range(30)]
    first = program.train(rows, optimizer=optimizer, **call)
    twin = copy.copy(optimizer)
    second = program.train(rows, optimizer=optimizer, **call)
    assert program.train(rows, optimizer=twin, **call) == second != first
    assert program.train(rows, optimizer=SGD(lr=1e-3), **call) not in (first, second)


def test_an_optimizer_forgets_seeds_it_was_not_asked_for():
    w = Value(0.0)
    program = compile(lambda x: w * x)
    optimizer = SGD(lr=1e-3)
    for seed in range(100):
        program.train(POINTS, optimizer=optimizer, epochs=1, batch_size=2, seed=seed)
    assert len(optimizer.orders) <= 8


# --- Copies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", MAKERS[1:], ids=range(2))
def test_a_copy_has_a_memory_of_its_own(make):
    program, own = line("machine")
    optimizer = make()
    program.train(POINTS, TARGETS, optimizer=optimizer, steps=3)
    twin = copy.copy(optimizer)
    numbers = [p.data for p in own]
    memory, steps = list(optimizer.state), optimizer.steps
    losses = program.train(POINTS, TARGETS, optimizer=twin, steps=5)
    assert (list(optimizer.state), optimizer.steps) == (memory, steps)
    for p, number in zip(own, numbers, strict=True):
        p.data = number
    assert program.train(POINTS, TARGETS, optimizer=optimizer, steps=5) == losses


@pytest.mark.parametrize(
    "alone", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"]
)
def test_an_optimizer_restored_alone_trains_nobodys_copies(alone):
    program, own = line("machine")
    optimizer = Adam()
    program.train(POINTS, TARGETS, optimizer=optimizer, steps=3)
    numbers = [p.data for p in own]
    orphan = alone(optimizer)
    with pytest.raises(ValueError, match=r"copied or pickled without its model.*state_dict"):
        program.train(POINTS, TARGETS, optimizer=orphan, steps=3)
    assert [p.data for p in own] == numbers
    again = Adam()
    again.load_state_dict(orphan.state_dict())
    losses = program.train(POINTS, TARGETS, optimizer=again, steps=3)
    for p, number in zip(own, numbers, strict=True):
        p.data = number
    assert losses == program.train(POINTS, TARGETS, optimizer=optimizer, steps=3)


def test_a_trainer_is_not_copied():
    program, _ = line("machine")
    trainer = program.trainer(POINTS, TARGETS, optimizer=SGD(lr=0.1))
    for way in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="cannot be copied or pickled"):
            way(trainer)


def states_that_do_not_fit():
    program, _ = line("machine")
    optimizer = Adam()
    program.train(POINTS, TARGETS, optimizer=optimizer, steps=3, batch_size=2)
    good = optimizer.state_dict()
    yield {**good, "kind": "SGD"}, "state of 'SGD', not of 'Adam'"
    yield {**good, "parameters": ["a", "b"]}, "of 2 parameters, not of 3"
    yield {**good, "parameters": ["a", "c", "b"]}, "number 1 was 'c', and is 'b'"
    yield {**good, "parameters": [1, 2, 3]}, "labels"
    memory = good["memory"]
    yield {**good, "memory": {**memory, "mean": memory["mean"][:-1]}}, "mean .* list of 3 numbers"
    yield {**good, "memory": {**memory, "square": [math.nan] * 3}}, r"square\[0\] .* finite"
    yield {**good, "memory": {"mean": memory["mean"]}}, r"has to have mean, square; got \['mean'\]"
    yield {**good, "memory": [0.0] * 6}, "has to have mean, square; got list"
    yield {**good, "steps": -1}, "whole number"
    yield {**good, "steps": 1.5}, "whole number"
    yield {**good, "settings": {**good["settings"], "lr": -1.0}}, "lr must not be negative"
    yield {**good, "settings": {}}, "lr, betas"
    yield {k: v for k, v in good.items() if k != "orders"}, "orders"
    yield {**good, "orders": [[0, [3, [1, 2], None], None, 0]]}, "orders of a state are damaged"
    yield {**good, "orders": 5}, "orders of a state are damaged"
    (order,) = good["orders"]
    yield {**good, "orders": [[*order[:3], 1 << 60]]}, "damaged"
    yield None, "NoneType"


@pytest.mark.parametrize(
    ("state", "message"), list(states_that_do_not_fit()), ids=lambda x: x if type(x) is str else ""
)
def test_a_state_that_does_not_fit_is_refused_and_nothing_changes(state, message):
    program, _ = line("machine")
    optimizer = Adam(lr=0.5)
    program.train(POINTS, TARGETS, optimizer=optimizer, steps=2, batch_size=3)
    before = optimizer.state_dict()
    with pytest.raises(ValueError, match=message):
        optimizer.load_state_dict(state)
    assert optimizer.state_dict() == before


def test_a_state_waits_for_its_parameters():
    program, _ = line("machine")
    optimizer = SGD(lr=0.1, momentum=0.5)
    program.train(POINTS, TARGETS, optimizer=optimizer, steps=3)
    waiting = SGD(lr=0.1)
    waiting.load_state_dict(optimizer.state_dict())
    assert waiting.state_dict() == optimizer.state_dict()
    w, v = Value(1.0, "a"), [Value(1.0, label) for label in "abx"]
    for other, message in [
        (compile(lambda x, y: w * x - y), "of 3 parameters, not of 1"),
        (compile(lambda x, y: x * v[0] * v[1] * v[2] - y, parameters=v), "was 'c', and is 'x'"),
    ]:
        with pytest.raises(ValueError, match=message):
            other.train(POINTS, TARGETS, optimizer=waiting, steps=1)


# --- A step that fails ----------------------------------------------------------------------------


def everything(optimizer, own):
    """All but the orders of rows, which may be laid out anew: what they are is seen by going on."""
    return [p.data for p in own], {**optimizer.state_dict(), "orders": None}


@pytest.mark.parametrize("engine", ["machine", "python"])
@pytest.mark.parametrize("make", MAKERS, ids=range(len(MAKERS)))
@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ((math.inf, 0.0), ArithmeticError),  # the loss is infinite
        ((1e200, 0.0), ArithmeticError),  # and its square, or that of a gradient
        ((-1.0, "log"), ValueError),  # eager code raises
    ],
)
def test_a_step_that_fails_changes_nothing(engine, make, bad, error):
    a, b = own = [Value(0.5, "a"), Value(1.5, "b")]
    last = SAME if engine == "python" else lambda x: x

    def loss(x, y):
        return last((a * x + b - y) ** 2 + (autograd.log(x + 1.0) if bad[1] == "log" else 0.0))

    program = compile(loss, parameters=own)
    optimizer = make()
    good = [0.1, 0.2, 0.3, 0.4]
    zeros = [0.0] * 4
    program.train(good, zeros, optimizer=optimizer, steps=7, batch_size=2, seed=3)
    before = everything(optimizer, own)
    number = bad[0]
    with pytest.raises(error):
        program.train([number] * 4, zeros, optimizer=optimizer, steps=5, batch_size=2, seed=3)
    assert everything(optimizer, own) == before
    again = program.train(good, zeros, optimizer=optimizer, steps=7, batch_size=2, seed=3)
    for p, data in zip(own, (0.5, 1.5), strict=True):
        p.data = data
    whole = program.train(good, zeros, optimizer=make(), steps=14, batch_size=2, seed=3)
    assert whole[7:] == again


@pytest.mark.parametrize("engine", ["machine", "python"])
def test_a_moment_that_overflows_is_a_step_that_fails(engine):
    """The square of the gradient is infinite, and the step by it would be a quiet zero."""
    w = Value(1.0, "w")
    last = SAME if engine == "python" else lambda x: x
    program = compile(lambda x: last(w * x))
    optimizer = Adam(lr=0.1)
    program.train([1.0], optimizer=optimizer, steps=2)
    before = everything(optimizer, [w])
    with pytest.raises(ArithmeticError, match="step 1: a parameter or its momentum"):
        program.train([1e160], optimizer=optimizer, steps=2)
    assert everything(optimizer, [w]) == before


@pytest.mark.parametrize("engine", ["machine", "python"])
def test_the_steps_before_the_one_that_fails_are_kept(engine):
    w = Value(1.0, "w")
    last = SAME if engine == "python" else lambda x: x
    program = compile(lambda x: last(w * x))
    rows = [1.0, 2.0, 3.0, math.inf, 5.0]
    optimizer, twin = (SGD(lr=0.1, momentum=0.5) for _ in range(2))
    trainer = program.trainer(rows, optimizer=optimizer, batch_size=1, shuffle=False)
    for _ in range(2):  # and again: the row that fails stays the next
        with pytest.raises(ArithmeticError, match="step 4"):
            trainer.run(steps=5)
        assert trainer.steps == optimizer.steps == 3
    reached = w.data
    w.data = 1.0
    program.train(rows[:3], optimizer=twin, batch_size=1, shuffle=False, epochs=1)
    assert (w.data, list(twin.state)) == (reached, list(optimizer.state))


# --- Networks -------------------------------------------------------------------------------------


def test_a_network_goes_on_in_another_process_that_builds_it_anew():
    """As a checkpoint does: numbers and state are text; model, program, optimizer are made anew."""

    def made():
        model = nn.MLP(1, [4, 1], activation="tanh", seed=2)
        return model, compile(lambda x, y: (model([x]) - y) ** 2, parameters=model.parameters())

    call = {"batch_size": 4, "seed": 9, "epochs": 1}
    model, program = made()
    optimizer = Adam(lr=0.05)
    expected = list(
        itertools.chain.from_iterable(
            program.train(POINTS, TARGETS, optimizer=optimizer, **call) for _ in range(6)
        )
    )
    losses, text = [], None
    for _ in range(6):
        model, program = made()
        optimizer = Adam(lr=0.05 if text is None else 1.0)
        if text is not None:
            numbers, state = json.loads(text)
            for p, number in zip(model.parameters(), numbers, strict=True):
                p.data = number
            optimizer.load_state_dict(state)
        losses += program.train(POINTS, TARGETS, optimizer=optimizer, **call)
        text = json.dumps([[p.data for p in model.parameters()], optimizer.state_dict()])
    assert losses == expected


@pytest.mark.skipif(autograd.engine != "native", reason="batches are laid out for the machine")
def test_no_more_is_laid_out_than_calls_to_come_will_take(monkeypatch):
    laid = []
    ahead = RowOrder.ahead

    def counted(order, steps):
        rows, sizes = ahead(order, steps)
        laid.append(len(sizes))
        return rows, sizes

    monkeypatch.setattr(RowOrder, "ahead", counted)
    w = Value(0.0)
    program = compile(lambda x, t: (w * x - t) ** 2)
    trainer = program.trainer(POINTS, TARGETS, optimizer=SGD(lr=0.05), batch_size=1)
    per_epoch, epochs, most = len(POINTS), 60, 20 * len(POINTS)
    for epoch in range(epochs):
        trainer.run(steps=per_epoch, ahead=min((epochs - 1 - epoch) * per_epoch, most))
    assert len(laid) > 1
    assert sum(laid) == epochs * per_epoch
