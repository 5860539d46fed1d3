"""Long calls interrupted at any moment: what they change is as before, or as after them.

CHAINRULE_INTERRUPTS=1000 interrupts each call that often; CI does a few times.
"""

from __future__ import annotations

import copy
import gc
import itertools
import math
import pickle
import random
import threading
from array import array

import pytest

import autograd
import nn
from autograd import Value, no_grad, switches
from autograd.machine import native_machine
from autograd.program import SGD, Adam
from autograd.program.compiling import compile
from nn.training import runs as runs_module
from nn.training.standing import set_numbers
from tests.interrupting import MANY, NOT_HERE, interrupted, interrupted_at, moments

# An interrupt may fall into a callback of the collector or of a weak reference, Hypothesis's among
# them; Python can then only report it, and the call goes on.
pytestmark = [
    NOT_HERE,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
# Seconds after the signal. Slow machines, with other work to do, are patient: no call hangs.
PATIENCE = 5.0 if MANY else 60.0


def chain(length):
    x, w = Value(0.3, "x"), Value(0.7, "w")
    node = x
    for _ in range(length):
        node = autograd.sin(node * w) + x
    return node, (x, w)


def tried(make, repeat=False):
    """Interrupt `work` of fresh `(work, state)` everywhere; return the states that were found."""
    work, state = make()
    _, duration = interrupted(work, 1000.0)
    after = state()
    times = []
    for moment in moments(duration):
        work, state = make()
        before = state()
        was, took = interrupted(work, moment)
        if autograd.engine == "python":  # see `no_grad`
            switches.current.graph, switches.current.watch = True, None
        times.append(took - moment)
        found = state()
        assert found in (before, after) if was else found == after
        assert gc.isenabled()
        if repeat:
            work()
            assert state() == after
    assert max(times) < PATIENCE


def test_backward():
    def make():
        out, leaves = chain(20_000)
        return out.backward, lambda: (out.grad, [leaf.grad for leaf in leaves])

    tried(make)


def test_gradients():
    out, leaves = chain(3_000)
    graph = autograd.gradients(out, list(leaves))

    def make():
        found = []
        return (
            lambda: found.append([g.data for g in autograd.gradients(out, list(leaves))]),
            lambda: found[:1] and (found[0] == [g.data for g in graph]),
        )

    tried(make)


@pytest.mark.skipif(autograd.engine == "python", reason="see `no_grad`")
def test_switches_are_back_wherever_an_interrupt_falls():
    source = random.Random(5)

    def work():
        for _ in range(100_000):  # an end, should the signal fall where Python only reports it
            with no_grad(), switches.watching(None):
                pass

    times, hits = 50 * max(MANY, 10), 0
    for _ in range(times):
        hits += interrupted(work, source.uniform(1e-5, 2e-4))[0]
        assert switches.current.graph
        assert switches.current.watch is None
        assert not switches.watchers
    assert hits > 0.9 * times


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies(copied):
    out, leaves = chain(5_000)

    def make():
        found = []
        return lambda: found.append(copied(out).data), lambda: found[:1]

    tried(make, repeat=True)
    assert [leaf.data for leaf in leaves] == [0.3, 0.7]


def test_check_grads():
    x, y = Value(0.4), Value(1.3)

    def make():
        found = []

        def work():
            for _ in range(5):
                report = autograd.check_grads(lambda a, b: autograd.tanh(a * b) / b, x, y)
            found.append(bool(report))

        return work, lambda: (found[:1], x.data, y.data, x.grad, y.grad)

    tried(make)


def test_draw():
    out, _ = chain(20)

    def make():
        found = []
        return (
            lambda: found.append(autograd.draw(out, drawn_by="built-in", max_nodes=1000).svg()),
            lambda: found[:1],
        )

    tried(make)


def test_recording_and_compiling():
    w = Value(0.5, "w")

    def f(x):
        node = x
        for _ in range(300):
            node = autograd.tanh(node * w) + x if node > 0.0 else node * w
        return node

    expected = f(Value(0.7)).data

    def make():
        program = compile(f)
        return lambda: program.value_and_grad(0.7), lambda: program(0.7) == expected

    tried(make, repeat=True)


@pytest.mark.parametrize("threads", [None, 1, 3])
@pytest.mark.parametrize("reduce", [None, "sum"])
def test_rows(threads, reduce):
    rows = 60_000 if native_machine() else 2_000
    column = array("d", [random.Random(3).random() for _ in range(rows)])
    w = Value(0.5)
    program = compile(lambda x: autograd.erf(autograd.sin(x * w) + autograd.exp(-x)) / (1 + x * x))
    expected = program.rows(column, reduce=reduce)

    def make():
        found = []
        return (
            lambda: found.append(program.rows(column, reduce=reduce, threads=threads) == expected),
            lambda: found[:1],
        )

    tried(make, repeat=True)


def test_rows_that_ask_python():
    column = array("d", [0.001 * k + 0.5 for k in range(20_000)])
    program = compile(lambda x: autograd.lgamma(x) + autograd.digamma(x))
    expected = program.rows(column)

    def make():
        found = []
        return lambda: found.append(program.rows(column) == expected), lambda: found[:1]

    tried(make, repeat=True)


# --- Training -------------------------------------------------------------------------------------

OPTIMIZERS = {
    "sgd": lambda: SGD(lr=0.01, momentum=0.9),
    "adam": lambda: Adam(lr=0.01),
    "steered": lambda: Adam(lr=0.02),
    "set before every step": lambda: Adam(lr=0.02),
}
STEERED = {"schedule": lambda step: 1.0 / (1.0 + 0.01 * step), "clip_norm": 0.5, "clip_value": 0.3}


def training(kind, batch_size=7, rows=40, one_by_one=False):
    """Return a trainer, what of it can be seen, and what takes its steps."""
    source = random.Random(5)
    model = nn.MLP(2, [4, 1], activation="tanh", seed=7)
    points = [[source.gauss(0.0, 1.0), source.gauss(0.0, 1.0)] for _ in range(rows)]
    targets = [x * y for x, y in points]
    program = compile(lambda x, y: (model(x) - y) ** 2, parameters=model.parameters())
    optimizer = OPTIMIZERS[kind]()
    trainer = program.trainer(
        points, targets, optimizer=optimizer, batch_size=batch_size,
        **(STEERED if kind == "steered" else {}),
    )  # fmt: skip

    def state():
        numbers = [p.data for p in model.parameters()]
        return trainer.steps, optimizer.steps, list(optimizer.state), numbers

    def take(steps):
        if kind == "set before every step":
            for _ in range(steps):
                optimizer.lr = 0.02 / (1.0 + optimizer.steps)
                trainer.step()
        elif one_by_one:
            for _ in range(steps):
                trainer.step()
        else:
            trainer.run(steps=steps)

    return trainer, state, take


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("one_by_one", [False, True])
def test_training(kind, one_by_one):
    is_slow = one_by_one or kind == "set before every step"
    steps = (3_000 if is_slow else 20_000) if native_machine() else 100
    steps //= 5 if MANY else 1
    durations = []
    for _ in range(2):  # the first may be slow
        _, state, take = training(kind, one_by_one=one_by_one)
        durations.append(interrupted(lambda take=take: take(steps), 1000.0)[1])
    after = state()
    assert after[:2] == (steps, steps)
    hits = 0
    to_come = moments(min(durations))
    for moment in to_come:
        trainer, state, take = training(kind, one_by_one=one_by_one)
        was, took = interrupted(lambda take=take: take(steps), moment)
        hits += was
        if not was and len(to_come) < 100:  # it is faster than when it was timed
            to_come.append(moment / 2)
        assert took - moment < PATIENCE
        assert trainer.steps == state()[1]
        assert len(trainer.gradient_norms) <= trainer.steps
        if trainer.steps < steps:
            _, twin_state, twin_take = training(kind)
            if trainer.steps:
                twin_take(trainer.steps)
            assert state() == twin_state()  # of as many steps as were taken
            take(steps - trainer.steps)
        assert state() == after  # and it goes on as if nothing had been
    assert hits > 3


@pytest.mark.skipif(native_machine() is None, reason="there signals wait while a step is kept")
@pytest.mark.parametrize("kind", ["sgd", "steered", "set before every step"])
def test_training_interrupted_at_calls(kind):
    _, state, take = training(kind, one_by_one=True)
    take(3)
    after = state()
    for event in itertools.count(0, 1 if MANY else 6):
        trainer, state, take = training(kind, one_by_one=True)
        was = interrupted_at(event, lambda take=take: take(3))
        assert trainer.steps == state()[1]
        for _ in range(3 - trainer.steps):
            take(1)
        assert state() == after, event
        if not was:
            break
    assert event > 100


def fitting(epochs, **settings):
    """Return a model, what fits it, and a list for the histories that came back."""
    source = random.Random(5)
    X = [[source.gauss(0.0, 1.0), source.gauss(0.0, 1.0)] for _ in range(40)]
    y = [x1 * x2 for x1, x2 in X]
    model = nn.MLP(2, [4, 1], activation="tanh", seed=7)
    found = []

    def work():
        options = {"batch_size": 7, "validation": (X[:5], y[:5]), "progress": False, **settings}
        found.append(model.fit(X, y, loss="mse", epochs=epochs, **options))

    return model, work, found


def numbers_of(model):
    return [parameter.data for parameter in model.parameters()]


def holds_after(interrupt, whole, epochs):
    """Interrupt a call of `fit`, hold what it leaves against a whole one; return if it was cut."""
    model, work, found = fitting(epochs)
    # Ctrl-C before the first step, or after the last one, ends the call as any other.
    assert interrupt(work) or found[0].stopped in ("interrupt", "epochs")
    cut = bool(found) and found[0].stopped == "interrupt"
    for history in found:
        assert history["loss"] == whole["loss"][: len(history)]
        assert history["number"] == list(range(1, len(history) + 1))
        assert history.stopped == "epochs" or history.best is None or len(history) == epochs
    assert all(map(math.isfinite, numbers_of(model)))
    found.clear()
    work()  # once more, to its end
    assert (len(found[0]), found[0].stopped) == (epochs, "epochs")
    assert all(map(math.isfinite, model.predict([[0.1, 0.2], [0.3, 0.4]])))
    return cut


def test_fit():
    epochs = 200 if native_machine() else 4
    for _ in range(2):  # the first may be slow
        _, work, found = fitting(epochs)
        _, duration = interrupted(work, 1000.0)
    whole = found[0]
    assert (len(whole), whole.stopped) == (epochs, "epochs")

    def at(moment):
        def interrupt(work):
            was, took = interrupted(work, moment, KeyboardInterrupt)
            assert took - moment < PATIENCE
            return was

        return interrupt

    for moment in moments(duration, few=4):
        holds_after(at(moment), whole, epochs)


@pytest.mark.skipif(native_machine() is None, reason="there signals wait while a step is kept")
def test_fit_interrupted_at_calls():
    _, work, found = fitting(4)
    work()
    whole, cuts, calls = found[0], 0, []

    def at(event):
        def interrupt(work):
            calls.append(interrupted_at(event, work, KeyboardInterrupt))
            return calls[-1]

        return interrupt

    for event in itertools.count(0, 1 if MANY else 397):
        cut = holds_after(at(event), whole, 4)
        cuts += cut
        if not calls[-1] and not cut:
            break
    assert cuts > 3


@pytest.mark.skipif(native_machine() is None, reason="there signals wait while a step is kept")
def test_fit_goes_on_from_a_checkpoint_wherever_it_was_interrupted(tmp_path):
    model, work, _ = fitting(3)
    work()
    after = numbers_of(model)
    path, cut = tmp_path / "training", 0
    for event in itertools.count(0, 1 if MANY else 397):
        path.unlink(missing_ok=True)
        _, work, found = fitting(3, checkpoint=path)
        was = interrupted_at(event, work, KeyboardInterrupt)
        cut += bool(found) and found[0].stopped == "interrupt"
        assert {each.name for each in tmp_path.iterdir()} <= {path.name}, event
        model, resume, _ = fitting(3, checkpoint=path)
        resume()
        assert numbers_of(model) == after, event
        if not was and found[0].stopped != "interrupt":
            break
    assert cut > 3


def test_fit_interrupted_while_it_puts_back_the_best_does_so(monkeypatch):
    model, work, found = fitting(30)
    work()
    expected, calls = numbers_of(model), []

    def half(values, numbers):
        calls.append(len(values))
        if len(calls) > 1:
            return set_numbers(values, numbers)
        set_numbers(values[:4], numbers[:4])
        raise KeyboardInterrupt

    monkeypatch.setattr(runs_module, "set_numbers", half)
    model, work, again = fitting(30)
    work()
    assert (again[0].stopped, again[0].best) == ("interrupt", found[0].best)
    assert numbers_of(model) == expected


def test_a_step_over_many_rows_is_left_undone():
    if native_machine() is None:
        pytest.skip("steps in Python are interrupted between any two instructions")
    w = Value(0.1)
    rows = array("d", [0.5]) * 200_000

    def f(x):
        for _ in range(100):
            x = autograd.erf(autograd.sin(x * w))
        return x

    program = compile(f)
    trainer = program.trainer(rows, optimizer=SGD(lr=1e-3))
    was, took = interrupted(lambda: trainer.run(steps=3), 0.2)
    assert was
    assert took - 0.2 < PATIENCE
    assert (trainer.steps, trainer.optimizer.steps, w.data) == (0, 0, 0.1) or trainer.steps > 0


def test_a_second_thread_in_a_trainer_is_told():
    trainer, state, _ = training("adam", batch_size=None, rows=4_000)
    told, losses = [], []

    def work():
        try:
            losses.extend(trainer.run(steps=3_000 if native_machine() else 20))
        except RuntimeError as error:
            told.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told
    assert all("already at work" in message for message in told)
    assert trainer.steps == len(losses) == state()[1]


def test_a_trainer_says_that_it_cannot_be_copied():
    trainer, _, _ = training("sgd")
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="make a trainer of the copy"):
            copied(trainer)
