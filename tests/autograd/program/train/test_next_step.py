"""One step a call: quick as long as nothing happened in between, and right whatever did."""

from __future__ import annotations

import itertools
import math
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Value, sin
from autograd.machine import native_machine
from autograd.primitive import Primitive
from autograd.program import SGD, Adam
from autograd.program.compiling import compile

POINTS = [float(k) / 7.0 - 0.5 for k in range(11)]
TARGETS = [math.sin(3.0 * x) for x in POINTS]
SAME = Primitive("same", lambda x: x, (lambda out, x: 1.0,))  # only Python knows it
ON_MACHINE = pytest.mark.skipif(native_machine() is None, reason="next steps are the machine's")


def line(way="machine", **options):
    """A trainer of three parameters, these, its optimizer, and what the loss reads from outside."""
    own = [Value(0.5, "a"), Value(-0.25, "b"), Value(0.125, "c")]
    fixed, rates = Value(0.25, "fixed"), [1.0]
    a, b, c = own
    last = SAME if way == "python" else lambda x: x

    def loss(x, y):
        return (last(a * x * x + b * x + c) - y) ** 2 * rates[0] + fixed * a * a

    program = compile(loss, parameters=own)
    optimizer = options.pop("optimizer", None) or SGD(lr=0.05, momentum=0.5)
    settings = {"batch_size": 3, "seed": 1, **options}
    trainer = program.trainer(POINTS, TARGETS, optimizer=optimizer, **settings)
    return trainer, own, optimizer, (fixed, rates)


def seen(trainer, own, optimizer):
    """Everything that a step changes."""
    orders = optimizer.state_dict()["orders"]
    return [v.data for v in own], list(optimizer.state), optimizer.steps, trainer.steps, orders


def quick(trainer):
    """Count what the long way is taken for."""
    taken, advance = [], trainer._advance

    def counted(*args):
        taken.append(args)
        return advance(*args)

    trainer._advance = counted
    return taken


# --- What may happen between two steps ------------------------------------------------------------

CHANGES = {
    "nothing": lambda trainer, own, optimizer, outside: None,
    "learning rate": lambda trainer, own, optimizer, outside: setattr(
        optimizer, "lr", optimizer.lr * 0.75
    ),
    "momentum": lambda trainer, own, optimizer, outside: setattr(optimizer, "momentum", 0.25),
    "another form": lambda trainer, own, optimizer, outside: setattr(
        optimizer, "momentum", 0.0 if optimizer.momentum else 0.5
    ),
    "weight": lambda trainer, own, optimizer, outside: setattr(own[1], "data", 0.75),
    "fixed Value": lambda trainer, own, optimizer, outside: setattr(outside[0], "data", 0.5),
    "run": lambda trainer, own, optimizer, outside: trainer.run(steps=2),
    "rows asked for": lambda trainer, own, optimizer, outside: trainer.next_rows(),
    "state": lambda trainer, own, optimizer, outside: optimizer.load_state_dict(
        optimizer.state_dict()
    ),
    "memory": lambda trainer, own, optimizer, outside: setattr(
        optimizer, "state", optimizer.state[:]
    ),
    "eager step": lambda trainer, own, optimizer, outside: eager_step(own, optimizer),
    "another optimizer": lambda trainer, own, optimizer, outside: setattr(
        trainer, "optimizer", SGD(own, lr=0.125)
    ),
}


def eager_step(own, optimizer):
    optimizer.zero_grad()
    (own[0] * own[1] + own[2]).backward()
    optimizer.step()


@settings(max_examples=40)
@given(st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=12))
def test_whatever_happens_steps_are_those_of_python(changes):
    machine, python = line(), line("python")
    for change in changes:
        losses = [made[0].step() for made in (machine, python)]
        assert losses[0] == pytest.approx(losses[1], rel=1e-12)
        for made in (machine, python):
            CHANGES[change](*made)
            if change == "another optimizer":
                continue
        one, other = [seen(made[0], made[1], made[0].optimizer) for made in (machine, python)]
        assert one[0] == pytest.approx(other[0], rel=1e-12)
        assert one[1] == pytest.approx(other[1], rel=1e-12)
        assert one[2:] == other[2:]


@ON_MACHINE
@pytest.mark.parametrize(
    "change", ["nothing", "learning rate", "momentum", "weight", "fixed Value"]
)
def test_what_is_no_other_training_takes_no_long_way(change):
    made = line()
    trainer, _, _, _ = made
    trainer.step()
    taken = quick(trainer)
    for _ in range(5):
        CHANGES[change](*made)
        trainer.step()
    assert not taken


@ON_MACHINE
@pytest.mark.parametrize("options", [{"schedule": lambda step: 0.5}, {"clip_norm": 1.0}])
def test_what_is_steered_takes_the_long_way(options):
    trainer, _, _, _ = line(**options)
    trainer.step()
    taken = quick(trainer)
    trainer.step()
    assert len(taken) == 1


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("make", [lambda: SGD(lr=0.05), lambda: Adam(lr=0.02, weight_decay=0.1)])
def test_step_by_step_is_one_run(make, shuffle):
    first, second = line(optimizer=make(), shuffle=shuffle), line(optimizer=make(), shuffle=shuffle)
    losses = [first[0].step() for _ in range(300)]
    assert losses == second[0].run(steps=300)
    one, other = seen(*first[:3]), seen(*second[:3])
    assert one[:4] == other[:4]
    assert first[0].next_rows() == second[0].next_rows()
    assert first[0].run(steps=20) == second[0].run(steps=20)


def test_two_trainers_of_one_optimizer_take_turns():
    trainer, own, optimizer, _ = line()
    other = compile(lambda x: (own[0] + own[1] * own[2] - x) ** 2, parameters=own).trainer(
        POINTS, optimizer=optimizer, batch_size=2
    )
    alone, _, _, _ = line()
    for _ in range(6):
        alone.step()
        trainer.step()
        other.step()
    assert (optimizer.steps, trainer.steps, other.steps) == (12, 6, 6)
    assert trainer.next_rows() == alone.next_rows()


# --- What is refused ------------------------------------------------------------------------------


def test_what_the_function_reads_is_looked_at_before_every_step():
    trainer, own, _, (_, rates) = line()
    for _ in range(3):
        trainer.step()
    before = [v.data for v in own]
    rates[0] = 2.0
    with pytest.raises(ValueError, match=r"rates\[0\], which loss reads, changed"):
        trainer.step()
    assert [v.data for v in own] == before
    rates[0] = 1.0
    trainer.step()


def test_a_step_that_fails_changes_nothing():
    trainer, own, optimizer, _ = line()
    for _ in range(3):
        trainer.step()
    own[2].data = 1e200
    before = seen(trainer, own, optimizer)
    for _ in range(2):
        with pytest.raises(ArithmeticError, match="out of range"):
            trainer.step()
        assert seen(trainer, own, optimizer) == before
    own[2].data = 0.125
    trainer.step()
    assert trainer.steps == 4


def test_one_call_works_at_a_time():
    trainer, _, _, _ = line()
    trainer.step()
    with trainer._lock, pytest.raises(RuntimeError, match="already at work"):
        trainer.step()
    trainer.step()


def test_threads_take_whole_steps():
    trainer, own, optimizer, _ = line()
    alone, others, _, _ = line()
    refused = itertools.count()

    def work():
        for _ in range(50):
            try:
                trainer.step()
            except RuntimeError:
                next(refused)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trainer.steps == optimizer.steps == 200 - next(refused)
    alone.run(steps=trainer.steps)
    assert [v.data for v in own] == [v.data for v in others]


DURING_A_STEP = {
    "learning rate": lambda optimizer, fixed, number: setattr(optimizer, "lr", 1e-3 * number),
    "weight decay": lambda optimizer, fixed, number: setattr(optimizer, "weight_decay", number),
    "a Value that is not trained": lambda optimizer, fixed, number: setattr(fixed, "data", number),
}


@pytest.mark.parametrize("change", DURING_A_STEP.values(), ids=DURING_A_STEP)
def test_what_a_thread_changes_during_a_step_holds_for_the_next(change):
    w, fixed = Value(0.5), Value(0.25)

    def loss(x):
        for _ in range(50):
            x = sin(x + w)
        return x * fixed

    program = compile(loss, parameters=[w])
    rows = [k / 4000.0 for k in range(4000)]
    optimizer = SGD(lr=1e-3, weight_decay=0.5)
    trainer = program.trainer(rows, optimizer=optimizer)
    for _ in range(3):
        trainer.step()
    for round_ in range(6):
        thread = threading.Thread(target=trainer.step)
        thread.start()  # whether the change falls into its step is chance
        change(optimizer, fixed, 1.0 + round_)
        thread.join()
        before = w.data
        trainer.step()
        after, w.data = w.data, before
        settings = {"lr": optimizer.lr, "weight_decay": optimizer.weight_decay}
        program.trainer(rows, optimizer=SGD(**settings)).step()
        assert w.data == after


@ON_MACHINE
def test_a_next_step_needs_what_it_is_told():
    trainer, _, optimizer, _ = line()
    trainer.step()
    machine, course = native_machine(), trainer._course._course
    own = vars(optimizer)
    with pytest.raises(ValueError, match="three things each"):
        machine.NextStep(course, trainer._lock, None, [own], own, ("lr",), {"taken": 0})
    with pytest.raises(TypeError, match="no dictionary"):
        machine.NextStep(course, trainer._lock, None, [1, 2, 3], own, ("lr",), {"taken": 0})
    other = {"taken": 0}
    step = machine.NextStep(course, trainer._lock, None, [], own, ("lr",), other)
    optimizer.lr = 0.5  # the rule takes more than this one
    assert step.take() is None
    other["taken"] = 5
    assert step.take() is None
