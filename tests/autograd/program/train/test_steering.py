"""Schedules, limits and norms of gradients inside the machine, against the same steps by hand."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import SGD, Adagrad, Adam, AdamW, Lion, NAdam, RMSprop, Value, clip_gradients
from autograd.machine import native_machine
from autograd.optimizers.clipping import norm_of
from autograd.primitive import Primitive
from autograd.program.compiling import compile

# One that the machine does not know: its programs are trained step by step in Python.
SAME = Primitive("same", lambda x: x, (lambda out, x: 1.0,))
ENGINES = ["machine", "python"]

MAKERS = {
    "sgd": lambda: SGD(lr=0.05),
    "momentum": lambda: SGD(lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adam": lambda: Adam(lr=0.02, weight_decay=0.1),
    "adamw": lambda: AdamW(lr=0.02, weight_decay=0.1),
    "nadam": lambda: NAdam(lr=0.02),
    "rmsprop": lambda: RMSprop(lr=0.02, momentum=0.5, centered=True),
    "adagrad": lambda: Adagrad(lr=0.1, lr_decay=0.1),
    "lion": lambda: Lion(lr=0.01, weight_decay=0.1),
}
POINTS = [float(k) / 7.0 - 0.5 for k in range(11)]
TARGETS = [math.sin(3.0 * x) for x in POINTS]


def line(engine):
    """A program of three parameters, and these, on the machine or in the fallback."""
    own = [Value(0.5, "a"), Value(-0.25, "b"), Value(0.125, "c")]
    a, b, c = own
    last = SAME if engine == "python" else lambda x: x
    return compile(lambda x, y: (last(a * x * x + b * x + c) - y) ** 2, parameters=own), own


def weighing(engine, count):
    """A program whose gradient is the row, exactly: it has the same bits on any engine."""
    own = [Value(1.0, f"w{k}") for k in range(count)]
    last = SAME if engine == "python" else lambda x: x
    return compile(lambda x: last(autograd.dot(own, x)), parameters=own), own


def numbers(own):
    return [p.data for p in own]


def cosine(step):
    return 0.5 * (1.0 + math.cos(math.pi * min(step, 30) / 30))


# --- Schedules ------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_schedule_is_the_learning_rate_set_before_every_step(engine, make):
    program, own = line(engine)
    optimizer = make()
    rate = optimizer.lr
    trainer = program.trainer(POINTS, TARGETS, optimizer=optimizer, batch_size=4, schedule=cosine)
    losses = trainer.run(steps=7) + [trainer.step() for _ in range(8)] + trainer.run(steps=22)
    assert optimizer.lr == rate

    other, twins = line(engine)
    by_hand = make()
    trainer = other.trainer(POINTS, TARGETS, optimizer=by_hand, batch_size=4)
    expected = []
    for step in range(37):
        by_hand.lr = rate * cosine(step)
        expected.append(trainer.step())
    assert (losses, numbers(own)) == (expected, numbers(twins))
    assert list(optimizer.state) == list(by_hand.state)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_schedule_is_asked_about_each_step_that_is_taken_and_no_other(engine):
    program, _ = line(engine)
    optimizer, asked = SGD(lr=0.01), []

    def schedule(step):
        asked.append(step)
        return 1.0

    settings = {"optimizer": optimizer, "batch_size": 4, "schedule": schedule}
    trainer = program.trainer(POINTS, TARGETS, **settings)
    trainer.run(steps=10)
    trainer.step()
    trainer.run(epochs=2)
    program.train(POINTS, TARGETS, epochs=1, **settings)  # the optimizer's steps, not the trainer's
    assert asked == list(range(20)) == list(range(optimizer.steps))


@pytest.mark.skipif(native_machine() is None, reason="so many steps take long without the machine")
def test_a_long_training_asks_in_parts():
    program, own = line("machine")
    asked, optimizer = [], SGD(lr=0.01)

    def schedule(step):
        asked.append(step)
        return 1.0 / (1.0 + step)

    losses = program.train(
        POINTS, TARGETS, optimizer=optimizer, steps=10_000, batch_size=4, schedule=schedule
    )
    assert asked == list(range(10_000))
    assert len(losses) == 10_000
    other, twins = line("machine")
    trainer = other.trainer(
        POINTS, TARGETS, optimizer=SGD(lr=0.01), batch_size=4, schedule=lambda k: 1.0 / (1.0 + k)
    )
    pieces = [loss for size in (1, 4095, 5_000, 904) for loss in trainer.run(steps=size)]
    assert (pieces, numbers(twins)) == (losses, numbers(own))


def test_steps_of_eager_code_in_between_do_not_ask_again():
    w = Value(-3.0)

    def huber(x):
        error = w * x - 2.0 * x
        return 0.5 * error**2 if abs(error) < 1.0 else abs(error) - 0.5

    asked = []
    compile(huber).train(
        [random.Random(1).gauss(0.0, 1.0) for _ in range(20)],
        optimizer=SGD(lr=0.2), steps=60, batch_size=5, schedule=lambda k: asked.append(k) or 0.9**k,
    )  # fmt: skip
    assert asked == list(range(60))


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_schedule_answers_may_change_between_calls(engine):
    program, own = line(engine)
    factor = [1.0]
    trainer = program.trainer(
        POINTS, TARGETS, optimizer=SGD(lr=0.1), schedule=lambda step: factor[0]
    )
    trainer.run(steps=3)
    factor[0] = 0.0
    before = numbers(own)
    trainer.run(steps=3)
    assert numbers(own) == before
    factor[0] = 2
    trainer.step()
    assert numbers(own) != before


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("schedule", "error", "message"),
    [
        (lambda k: -0.5 if k == 3 else 1.0, ValueError, r"schedule\(3\) must not be negative, got"),
        (lambda k: math.nan, ValueError, r"schedule\(0\) must be a finite number, got nan"),
        (lambda k: math.inf, ValueError, r"schedule\(0\) must be a finite number, got inf"),
        (lambda k: None, TypeError, r"schedule\(0\) must be a real number, got NoneType None"),
        (lambda k: "1", TypeError, r"schedule\(0\) must be a real number, got str"),
        (lambda k: [1.0, 0.5][k], IndexError, "list index"),
        (lambda k: 1e308 * 10.0**k, ValueError, r"schedule\(1\) must be a finite number"),
        (lambda k: 1e308, ValueError, r"schedule\(0\) is 1e\+308: times lr=100 it is too large"),
    ],
)
def test_a_schedule_that_fails_is_told_before_anything_happens(engine, schedule, error, message):
    program, own = line(engine)
    optimizer = SGD(lr=100.0)
    trainer = program.trainer(POINTS, TARGETS, optimizer=optimizer, schedule=schedule)
    before = numbers(own)
    with pytest.raises(error, match=message):
        trainer.run(steps=5)
    assert (numbers(own), optimizer.steps, trainer.steps) == (before, 0, 0)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"schedule": 0.5}, TypeError, "schedule must be a function of the number of steps"),
        ({"clip_norm": 0.0}, ValueError, "clip_norm must be above 0, got 0"),
        ({"clip_norm": math.inf}, ValueError, "clip_norm must be a finite number"),
        ({"clip_value": -1.0}, ValueError, "clip_value must be above 0, got -1"),
        ({"clip_value": "1"}, TypeError, "clip_value must be a real number, got str"),
        ({"norms": "yes"}, TypeError, "norms must be True or False"),
    ],
)
def test_bad_settings_are_named(given, error, message):
    program, _ = line("machine")
    with pytest.raises(error, match=message):
        program.trainer(POINTS, TARGETS, optimizer=SGD(lr=0.1), **given)


# --- Limits ---------------------------------------------------------------------------------------

SLOPES = st.floats(-1e160, 1e160) | st.floats(-1e3, 1e3)
LIMITS = st.none() | st.sampled_from([1e-200, 0.5, 3.0, 1e155])


@settings(max_examples=30)
@given(st.lists(SLOPES, min_size=1, max_size=37), LIMITS, LIMITS)
@example([1e200, -3e200], 1.0, None)
@example([1e-200, 1e-310], 1e-200, None)
@example([float(k) for k in range(33)], 0.5, 20.0)
@example([math.sin(k * k) for k in range(1, 32)], 0.5, 0.75)
@example([math.sin(k * k) for k in range(1, 38)], 0.25, None)
@example([math.sin(k * k) * 1e200 for k in range(1, 38)], 0.25, None)
def test_the_machine_clips_bit_for_bit_as_python_does(row, clip_norm, clip_value):
    found = []
    for engine in ENGINES:
        program, own = weighing(engine, len(row))
        trainer = program.trainer(
            [row], optimizer=SGD(lr=1.0), clip_norm=clip_norm, clip_value=clip_value, norms=True
        )
        trainer.step()
        found.append((numbers(own), trainer.gradient_norms))
    assert found[0] == found[1]
    for p, slope in zip(own, row, strict=True):
        p.data, p.grad = 1.0, slope
    assert [clip_gradients(own, clip_norm, clip_value)] == found[0][1] == [norm_of(row)]
    assert [1.0 - p.grad for p in own] == found[0][0]


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize(
    "limits", [{"clip_norm": 0.3}, {"clip_value": 0.1}, {"clip_norm": 0.2, "clip_value": 0.15}]
)
def test_clipped_training_is_the_eager_loop(make, limits):
    points = [[0.3 * k - 1.0, math.cos(k)] for k in range(9)]
    targets = [math.sin(5.0 * x) * 3.0 for x, _ in points]

    def network():
        return nn.MLP(2, [4, 1], activation="tanh", seed=3)

    model = network()
    program = compile(lambda x, y: (model(x) - y) ** 2, parameters=model.parameters())
    trainer = program.trainer(
        points, targets, optimizer=make(), batch_size=4, shuffle=False, norms=True, **limits
    )
    losses = trainer.run(steps=25)

    eager = network()
    optimizer = make()
    optimizer = type(optimizer)(
        eager.parameters(), **{name: getattr(optimizer, name) for name in optimizer._settings}
    )
    expected, norms = [], []
    batches = [range(4), range(4, 8), range(8, 9)]
    for step in range(25):
        rows = batches[step % 3]
        loss = autograd.mean([(eager(points[r]) - targets[r]) ** 2 for r in rows])
        optimizer.zero_grad()
        loss.backward()
        expected.append(loss.data)
        norms.append(clip_gradients(eager.parameters(), limits.get("clip_norm"),
                                    limits.get("clip_value")))  # fmt: skip
        optimizer.step()
    assert min(norms) > 0.3  # the limits had something to do
    assert losses == pytest.approx(expected, rel=1e-7)
    assert trainer.gradient_norms == pytest.approx(norms, rel=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_clipping_saves_a_training_from_a_cliff(engine):
    w = Value(10.0)
    last = SAME if engine == "python" else lambda x: x
    program = compile(lambda x: last((w - x) ** 4))
    with pytest.raises(ArithmeticError):
        program.train([1.0], optimizer=SGD(lr=0.5), steps=40)
    w.data = 10.0
    losses = program.train([1.0], optimizer=SGD(lr=0.5), steps=40, clip_norm=1.0)
    assert losses[-1] < 1e-3


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("limits", [{"clip_value": 1.0}, {"clip_norm": 1.0}])
def test_a_gradient_that_is_not_finite_is_not_clipped_to_one_that_is(engine, limits):
    program, own = weighing(engine, 2)
    for p in own:
        p.data = 1e-200  # the loss stays finite
    optimizer = SGD(lr=1.0)
    trainer = program.trainer([[1.5e308, 1.0]] * 2, optimizer=optimizer, reduce="sum", **limits)
    with pytest.raises(ArithmeticError):
        trainer.step()
    assert (numbers(own), optimizer.steps, trainer.gradient_norms) == ([1e-200, 1e-200], 0, [])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_norm_above_the_largest_float(engine):
    program, own = weighing(engine, 2)
    for p in own:
        p.data = 1e-200
    row = [1.7e308, -1.7e308]
    trainer = program.trainer([row], optimizer=SGD(lr=1e-300), clip_norm=1.0)
    with pytest.raises(ArithmeticError, match="step 1: the norm of the gradient is infinite"):
        trainer.step()
    assert numbers(own) == [1e-200, 1e-200]
    trainer = program.trainer([row], optimizer=SGD(lr=1e-300), norms=True)  # a norm changes nothing
    trainer.step()
    assert trainer.gradient_norms == [math.inf]
    assert numbers(own) == [-1.7e8, 1.7e8]


# --- Norms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_norms_are_those_of_the_latest_call(engine):
    program, _ = weighing(engine, 2)
    rows = [[3.0, 4.0], [6.0, 8.0], [0.0, 0.0], [5.0, 12.0]]
    call = {"optimizer": SGD(lr=1e-3), "batch_size": 1, "shuffle": False}
    trainer = program.trainer(rows, norms=True, **call)
    assert trainer.gradient_norms == []
    trainer.step()
    assert trainer.gradient_norms == [5.0]
    trainer.run(steps=6)
    assert trainer.gradient_norms == [10.0, 0.0, 13.0, 5.0, 10.0, 0.0]
    kept = trainer.gradient_norms
    seen = []
    trainer.run(
        epochs=1, callback=lambda step, loss: seen.append(list(trainer.gradient_norms)), every=3
    )
    assert seen == [[13.0, 5.0, 10.0], [13.0, 5.0, 10.0, 0.0]]
    assert kept == [10.0, 0.0, 13.0, 5.0, 10.0, 0.0]
    for limits, expected in [({}, []), ({"clip_value": 1.0}, []), ({"clip_norm": 1.0}, [5.0])]:
        trainer = program.trainer(rows, **{**call, "optimizer": SGD(lr=1e-3)}, **limits)
        trainer.step()
        assert trainer.gradient_norms == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_norms_until_a_step_fails(engine):
    w = Value(1.0, "w")
    last = SAME if engine == "python" else lambda x: x
    program = compile(lambda x: last(w * x))
    trainer = program.trainer(
        [1.0, 2.0, math.inf], optimizer=SGD(lr=0.1), batch_size=1, shuffle=False, norms=True
    )
    with pytest.raises(ArithmeticError):
        trainer.run(steps=5)
    assert trainer.gradient_norms == [1.0, 2.0]


def test_norms_of_steps_that_eager_code_takes_stand_in_their_places():
    w = Value(1.0)
    program = compile(lambda x: w * x if x > 0.0 else w * x * 2.0)
    trainer = program.trainer(
        [1.0, -2.0, 3.0], optimizer=SGD(lr=1e-3), batch_size=1, shuffle=False, norms=True
    )
    assert len(trainer.run(steps=6)) == 6
    assert trainer.gradient_norms == [1.0, 4.0, 3.0] * 2


# --- Rows and steps that come next ----------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("shuffle", [True, False])
def test_the_next_rows_are_those_the_next_step_takes(engine, shuffle):
    w = Value(0.0)
    last = SAME if engine == "python" else lambda x: x
    program = compile(lambda x: last(w * 0.0 + x))
    rows = [2.0**k for k in range(7)]
    call = {"batch_size": 3, "shuffle": shuffle, "reduce": "sum"}
    optimizer = SGD(lr=1e-3)
    trainer = program.trainer(rows, optimizer=optimizer, **call)
    twin = program.trainer(rows, optimizer=SGD(lr=1e-3), **call)
    assert trainer.epoch_steps == 3
    for step in range(80):
        coming = trainer.next_rows()
        assert trainer.next_rows() == coming
        assert trainer.step() == sum(rows[k] for k in coming) == twin.step()
        if step % 7 == 0:
            assert trainer.run(steps=step + 1) == twin.run(steps=step + 1)
        if step == 50:  # another trainer goes on from here
            other = program.trainer(rows, optimizer=optimizer, **call)
            assert other.next_rows() == trainer.next_rows()


def test_a_failing_step_leaves_its_rows_the_next():
    w = Value(1.0, "w")
    program = compile(lambda x: w * x)
    rows = [1.0, math.inf, 3.0, 4.0]
    trainer = program.trainer(rows, optimizer=SGD(lr=0.1), batch_size=1, seed=3)
    with pytest.raises(ArithmeticError):
        trainer.run(epochs=1)
    assert trainer.next_rows() == [1]


# --- Settings that change -------------------------------------------------------------------------


@pytest.mark.skipif(native_machine() is None, reason="courses are the machine's")
def test_a_course_goes_on_with_other_settings_of_the_same_form():
    program, _ = line("machine")
    optimizer = SGD(lr=0.1, momentum=0.5)
    trainer = program.trainer(POINTS, TARGETS, optimizer=optimizer)
    trainer.step()
    course = trainer._course
    for change in ({"lr": 0.2}, {"momentum": 0.9}, {"lr": 0.1, "momentum": 0.1}):
        for name, setting in change.items():
            setattr(optimizer, name, setting)
        trainer.step()
        assert trainer._course is course
    optimizer.weight_decay = 0.1  # another form of the rule
    trainer.step()
    assert trainer._course is not course


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@settings(max_examples=8)
@given(data=st.data())
def test_settings_set_between_steps_are_those_of_a_trainer_made_anew(make, data):
    """The machine that goes on and one that begins with these settings and this memory."""
    program, own = line("machine")
    other, twins = line("machine")
    optimizer, anew = make(), make()
    trainer = program.trainer(POINTS, TARGETS, optimizer=optimizer, batch_size=4)
    names = [name for name, s in type(optimizer)._settings.items() if type(s.default) is float]
    for _ in range(data.draw(st.integers(1, 5))):
        name = data.draw(st.sampled_from(names))
        number = data.draw(st.sampled_from([0.01, 0.02, 0.1]) | st.just(getattr(optimizer, name)))
        setattr(optimizer, name, number)
        setattr(anew, name, number)
        steps = data.draw(st.integers(1, 3))
        losses = trainer.run(steps=steps)
        call = {"optimizer": anew, "batch_size": 4, "steps": steps}
        assert losses == other.train(POINTS, TARGETS, **call)
    assert numbers(own) == numbers(twins)
