"""Training inside the machine against the same steps taken one by one in eager code."""

from __future__ import annotations

import math
import os
import random
import signal
import threading
import time
from array import array

import pytest

import autograd
import nn
from autograd import Value, relu, tanh
from autograd.machine import native_machine
from autograd.program import SGD, Adam
from autograd.program.compiling import compile


def data(rows=11, seed=3):
    source = random.Random(seed)
    points = [[source.gauss(0.0, 1.0), source.gauss(0.0, 1.0)] for _ in range(rows)]
    return points, [math.sin(x) * y for x, y in points]


def network():
    return nn.MLP(2, [5, 1], activation="tanh", seed=7)


def compiled(model):
    return compile(lambda x, y: (model(x) - y) ** 2, parameters=model.parameters())


class Textbook:
    """The optimizers once more, parameter by parameter, as their papers have them."""

    def __init__(self, optimizer, size):
        self.settings = optimizer
        self.moments = [[0.0, 0.0] for _ in range(size)]
        self.steps = 0

    def step(self, numbers, gradient):
        self.steps += 1
        return [self.one(*each) for each in zip(numbers, gradient, self.moments, strict=True)]

    def one(self, p, g, moments):
        s = self.settings
        if isinstance(s, SGD):
            g = g + s.weight_decay * p
            moments[0] = s.momentum * moments[0] + g
            return p - s.lr * (g + s.momentum * moments[0] if s.nesterov else moments[0])
        if s.decoupled:
            p = p * (1.0 - s.lr * s.weight_decay)
        else:
            g = g + s.weight_decay * p
        beta1, beta2 = s.betas
        moments[0] = beta1 * moments[0] + (1.0 - beta1) * g
        moments[1] = beta2 * moments[1] + (1.0 - beta2) * g * g
        m = moments[0] / (1.0 - beta1**self.steps)
        v = moments[1] / (1.0 - beta2**self.steps)
        return p - s.lr * m / (math.sqrt(v) + s.epsilon)


def eager_training(optimizer, batches, points, targets, reduce="mean"):
    model = network()
    parameters = model.parameters()
    textbook = Textbook(optimizer, len(parameters))
    losses = []
    for rows in batches:
        weight = 1.0 / len(rows) if reduce == "mean" else 1.0
        total = autograd.sum([(model(points[r]) - targets[r]) ** 2 * weight for r in rows])
        model.zero_grad()
        total.backward()
        losses.append(total.data)
        moved = textbook.step([p.data for p in parameters], [p.grad for p in parameters])
        for p, number in zip(parameters, moved, strict=True):
            p.data = number
    return losses, [p.data for p in parameters]


OPTIMIZERS = [
    lambda: SGD(lr=0.1),
    lambda: SGD(lr=0.05, momentum=0.9),
    lambda: SGD(lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.01),
    lambda: Adam(lr=0.02),
    lambda: Adam(lr=0.02, betas=(0.8, 0.95), epsilon=1e-6, weight_decay=0.1),
    lambda: Adam(lr=0.02, weight_decay=0.1, decoupled=True),
]


@pytest.mark.parametrize("make", OPTIMIZERS, ids=range(len(OPTIMIZERS)))
@pytest.mark.parametrize(("batch_size", "reduce"), [(None, "mean"), (4, "sum"), (1, "mean")])
def test_steps_are_those_of_the_textbook(make, batch_size, reduce):
    points, targets = data()
    model = network()
    program = compiled(model)
    size = batch_size or len(points)
    epoch = [list(range(k, min(k + size, len(points)))) for k in range(0, len(points), size)]
    batches = (epoch * 20)[:20]
    losses = program.train(
        points, targets, optimizer=make(), steps=20, batch_size=batch_size, shuffle=False,
        reduce=reduce,
    )  # fmt: skip
    expected, parameters = eager_training(make(), batches, points, targets, reduce)
    assert losses == pytest.approx(expected, rel=1e-9)
    assert [p.data for p in model.parameters()] == pytest.approx(parameters, rel=1e-9, abs=1e-12)


def test_shuffled_epochs_take_every_row_once_and_repeat_with_the_seed():
    points, targets = data(10)
    found = []
    for seed in (1, 1, 2):
        model = network()
        optimizer = SGD(lr=0.01)
        compiled(model).train(
            points, targets, optimizer=optimizer, epochs=3, batch_size=4, seed=seed
        )
        assert optimizer.steps == 9
        found.append([p.data for p in model.parameters()])
    assert found[0] == found[1] != found[2]
    w = Value(0.0)
    counting = compile(lambda x: x * w)  # the gradient of w is the sum of the rows
    counting.train([1.0, 10.0, 100.0, 1000.0], optimizer=SGD(lr=1.0), epochs=1, batch_size=2,
                   reduce="sum")  # fmt: skip
    assert w.data == -1111.0


def test_one_step_at_a_time_is_the_same_as_many():
    points, targets = data()
    one, many = network(), network()
    trainer = compiled(one).trainer(points, targets, optimizer=Adam(lr=0.01), batch_size=4, seed=5)
    losses = [trainer.step() for _ in range(200)]
    assert losses == compiled(many).train(
        points, targets, optimizer=Adam(lr=0.01), batch_size=4, seed=5, steps=200
    )
    assert [p.data for p in one.parameters()] == [p.data for p in many.parameters()]
    assert trainer.steps == 200


def test_settings_and_values_may_be_changed_between_steps():
    w = Value(1.0)
    program = compile(lambda x: w * x)
    optimizer = SGD(lr=0.5)
    trainer = program.trainer([1.0, 3.0], optimizer=optimizer)
    trainer.step()
    assert w.data == 0.0
    optimizer.lr = 0.25
    trainer.step()
    assert w.data == -0.5
    w.data = 10.0
    assert trainer.step() == 20.0
    assert w.data == 9.5


@pytest.mark.parametrize(
    ("make", "name", "setting"),
    [
        (lambda: SGD(lr=0.1, momentum=0.5), "lr", 0.3),
        (lambda: SGD(lr=0.1, momentum=0.5), "momentum", 0.9),
        (lambda: SGD(lr=0.1, momentum=0.5), "nesterov", True),
        (lambda: SGD(lr=0.1), "weight_decay", 0.5),
        (lambda: Adam(lr=0.1), "lr", 0.3),
        (lambda: Adam(lr=0.1), "betas", (0.5, 0.6)),
        (lambda: Adam(lr=0.1), "epsilon", 0.1),
        (lambda: Adam(lr=0.1), "weight_decay", 0.5),
        (lambda: Adam(lr=0.1, weight_decay=0.5), "decoupled", True),
    ],
)
def test_every_setting_is_that_of_the_next_step(make, name, setting):
    """A step inside the machine is the optimizer's own step, in Python, of the same gradient."""
    w, optimizer, own = Value(1.0), make(), make()
    trainer = compile(lambda x: w * w * x).trainer([1.0, 3.0], optimizer=optimizer)
    own._take([w])
    at = [1.0]
    for step in range(5):
        if step == 2:
            setattr(optimizer, name, setting)
            setattr(own, name, setting)
        trainer.step()
        at, state = own._moved(at, [4.0 * at[0]])
        own._remember(state)  # the mean of 2 w x over the rows
        assert w.data == pytest.approx(at[0], rel=1e-12)


def test_settings_are_checked_when_they_are_changed():
    sgd, adam = SGD(lr=0.5), Adam(lr=0.5)
    for optimizer, name, bad in [
        (sgd, "lr", -0.5), (sgd, "momentum", 1.0), (sgd, "weight_decay", -1.0),
        (adam, "lr", math.nan), (adam, "betas", (0.9, 1.5)), (adam, "epsilon", 0.0),
    ]:  # fmt: skip
        before = getattr(optimizer, name)
        with pytest.raises(ValueError, match=name):
            setattr(optimizer, name, bad)
        assert getattr(optimizer, name) == before
    with pytest.raises(TypeError, match=r"betas must be two numbers, got float 0\.9"):
        adam.betas = 0.9


def test_optimizers_show_what_is_not_as_usual():
    assert repr(SGD(None, 0.1, 0.9, True, 0.01)) == (
        "SGD(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01)"
    )
    assert repr(Adam(weight_decay=0.01, decoupled=True)) == (
        "Adam(lr=0.001, weight_decay=0.01, decoupled=True)"
    )


def test_an_optimizer_goes_on_through_several_programs():
    w = Value(1.0)
    add, double = compile(lambda x: w * x), compile(lambda x: w * x * 2.0)
    optimizer = SGD(lr=0.1, momentum=0.5)
    add.train([1.0], optimizer=optimizer, steps=1)
    assert w.data == 0.9
    double.train([1.0], optimizer=optimizer, steps=1)
    assert w.data == pytest.approx(0.9 - 0.1 * 2.5)
    add.train([1.0], optimizer=optimizer, steps=1)
    assert w.data == pytest.approx(0.65 - 0.1 * 2.25)
    assert optimizer.steps == 3


def test_an_optimizer_keeps_to_its_parameters():
    v, w = Value(1.0), Value(1.0)
    optimizer = SGD(lr=0.1)
    compile(lambda x: w * x).train([1.0], optimizer=optimizer, steps=1)
    with pytest.raises(ValueError, match="steps 1 other parameters"):
        compile(lambda x: v * x).train([1.0], optimizer=optimizer, steps=1)
    with pytest.raises(ValueError, match="other parameters"):
        compile(lambda x: v * x + w).train([1.0], optimizer=optimizer, steps=1)


def test_parameters_that_are_not_listed_are_read_and_not_trained():
    v, w = Value(2.0), Value(1.0)
    program = compile(lambda x: (v * w * x - 8.0) ** 2, parameters=[w])
    program.train([1.0], optimizer=SGD(lr=0.1), steps=50)
    assert (v.data, w.data) == (2.0, pytest.approx(4.0))


def test_uniform_arguments_stay_as_they_are_given():
    w = Value(1.0)
    program = compile(lambda x, scale: (w * x - scale) ** 2, uniform=1)
    program.train([1.0, 1.0], 3.0, optimizer=SGD(lr=0.1), steps=100)
    assert w.data == pytest.approx(3.0)


def test_a_loss_with_branches_is_trained_by_its_branches():
    source = random.Random(1)
    xs = [source.gauss(0.0, 1.0) for _ in range(20)]

    def huber(w):
        def loss(x):
            error = w * x - 2.0 * x
            return 0.5 * error**2 if abs(error) < 1.0 else abs(error) - 0.5

        return loss

    w, v = Value(-3.0), Value(-3.0)
    losses = compile(huber(w)).train(xs, optimizer=SGD(lr=0.2), steps=30, batch_size=5, seed=2)
    eager = []
    order = random.Random(2)
    for _ in range(30 * 5 // 20 + 1):
        rows = sorted(range(20), key=lambda row: order.random())
        for k in range(0, 20, 5):
            total = autograd.mean([huber(v)(Value(xs[r])) for r in rows[k : k + 5]])
            v.zero_grad()
            total.backward()
            if len(eager) < 30:
                eager.append(total.data)
                v.data -= 0.2 * v.grad
    assert losses == pytest.approx(eager, rel=1e-12)
    assert w.data == pytest.approx(v.data, rel=1e-12)


def test_a_trainer_says_what_it_trains():
    w = Value(0.0)
    program = compile(lambda x: (w - x) ** 2, name="distance")
    trainer = program.trainer([1.0, 2.0, 3.0], optimizer=SGD(lr=0.1), batch_size=2)
    trainer.run(steps=5)
    assert repr(trainer) == (
        "Trainer(distance: 1 parameters, 3 rows, 2 at a time, 5 steps taken, SGD(lr=0.1))"
    )


def test_callbacks_see_the_steps_and_may_stop():
    w = Value(0.0)
    program = compile(lambda x: (w - x) ** 2)
    seen = []

    def look(steps, loss):
        seen.append((steps, round(loss, 6), w.data))
        return steps >= 6

    losses = program.train([1.0], optimizer=SGD(lr=0.25), steps=100, callback=look, every=3)
    assert [steps for steps, _, _ in seen] == [3, 6]
    assert len(losses) == 6
    assert seen[0][1] == round(sum(losses[:3]) / 3, 6)
    assert seen[-1][2] == w.data == 1.0 - 0.5**6


def test_a_loss_that_explodes_ends_training_with_the_last_whole_step():
    w = Value(1.0, "w")
    program = compile(lambda x: w**4 * x)
    with pytest.raises(ArithmeticError) as found:
        program.train([1.0], optimizer=SGD(lr=1e3), steps=100)
    assert "OverflowError" in repr(found.type) or "step" in str(found.value)
    assert math.isfinite(w.data)
    assert w.data != 1.0


def test_a_row_that_fails_is_named_as_in_a_batch():
    w = Value(1.0)
    program = compile(lambda x: autograd.log(x * w))
    with pytest.raises(ValueError, match="row 1"):
        program.train([1.0, -1.0], optimizer=SGD(lr=0.1), steps=3)
    assert w.data == 1.0


@pytest.mark.skipif(os.name == "nt", reason="signals as on Unix")
def test_ctrl_c_keeps_the_parameters_reached():
    w = Value(0.0)
    program = compile(lambda x: (w - x) ** 2)
    program.train([1.0], optimizer=SGD(lr=1e-9), steps=1)

    before = w.data

    def interrupt():
        while w.data == before:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    began = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        program.train([1.0], optimizer=SGD(lr=1e-9), steps=10**8 if native_machine() else 10**6)
    assert time.perf_counter() - began < 30.0
    assert before < w.data < 1.0
    after = w.data
    assert program.train([1.0], optimizer=SGD(lr=0.5), steps=1) == [pytest.approx((after - 1) ** 2)]


def test_data_of_every_kind():
    points, targets = data()
    model = network()
    reference = compiled(model).train(points, targets, optimizer=SGD(lr=0.1), steps=3)
    numpy = pytest.importorskip("numpy")
    for xs, ys in [
        (numpy.array(points), numpy.array(targets)),
        (numpy.array(points)[::-1][::-1], array("d", targets)),
        ([tuple(point) for point in points], memoryview(array("d", targets))),
    ]:
        other = network()
        assert compiled(other).train(xs, ys, optimizer=SGD(lr=0.1), steps=3) == reference


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"steps": 3}, TypeError, "optimizer"),
        ({"optimizer": "sgd", "steps": 3}, TypeError, "optimizer must be one, such as SGD"),
        ({"optimizer": SGD(lr=0.1)}, TypeError, "steps or epochs"),
        ({"optimizer": SGD(lr=0.1), "steps": 1, "epochs": 1}, TypeError, "steps or epochs"),
        ({"optimizer": SGD(lr=0.1), "steps": 0}, ValueError, "steps must be at least 1"),
        ({"optimizer": SGD(lr=0.1), "steps": 1.5}, TypeError, "steps must be a whole number"),
        ({"optimizer": SGD(lr=0.1), "steps": 1, "batch_size": 0}, ValueError, "batch_size"),
        ({"optimizer": SGD(lr=0.1), "steps": 1, "batch_size": 3}, ValueError, "there are 2 rows"),
        ({"optimizer": SGD(lr=0.1), "steps": 1, "reduce": "max"}, ValueError, "'mean' or 'sum'"),
    ],
)
def test_bad_settings_are_named(arguments, error, message):
    w = Value(1.0)
    with pytest.raises(error, match=message):
        compile(lambda x: w * x).train([1.0, 2.0], **arguments)
    assert w.data == 1.0


def test_there_must_be_something_to_train_and_one_number_to_train_it_by():
    with pytest.raises(ValueError, match="nothing to train"):
        compile(lambda x: x * x).train([1.0], optimizer=SGD(lr=0.1), steps=1)
    w = Value(1.0)
    with pytest.raises(TypeError, match="one number"):
        compile(lambda x: [w * x]).train([1.0], optimizer=SGD(lr=0.1), steps=1)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: SGD(lr=-0.1), ValueError),
        (lambda: SGD(lr=math.nan), ValueError),
        (lambda: SGD(lr="fast"), TypeError),
        (lambda: SGD(lr=0.1, momentum=1.0), ValueError),
        (lambda: SGD(lr=0.1, nesterov=True), ValueError),
        (lambda: SGD(lr=0.1, weight_decay=-1.0), ValueError),
        (lambda: Adam(betas=(0.9, 1.0)), ValueError),
        (lambda: Adam(epsilon=0.0), ValueError),
        (lambda: Adam(lr=True), TypeError),
    ],
)
def test_bad_optimizers_are_refused(make, error):
    with pytest.raises(error):
        make()


def test_a_network_learns():
    source = random.Random(0)
    xs = [source.uniform(-2.0, 2.0) for _ in range(64)]
    ys = [x * x for x in xs]
    model = nn.MLP(1, [8, 1], activation="tanh", seed=0)
    program = compile(lambda x, y: (model([x]) - y) ** 2)
    losses = program.train(xs, ys, optimizer=Adam(lr=0.02), epochs=150, batch_size=16)
    assert sum(losses[-4:]) / 4 < 0.05 * losses[0]


def test_custom_primitives_are_trained_without_the_machine():
    cube = autograd.Primitive("cube", lambda x: x * x * x, (lambda out, x: 3.0 * x * x,))
    w = Value(1.0)
    program = compile(lambda x: cube(w) * x)
    assert program(2.0) == 2.0
    assert program.rows([1.0, 2.0]) == [1.0, 2.0]
    program.train([1.0], optimizer=SGD(lr=0.1), steps=1)
    assert w.data == pytest.approx(0.7)


def test_relu_networks_train_too():
    w = Value(0.5)
    program = compile(lambda x, y: relu(1.0 - y * tanh(w * x)))
    losses = program.train([1.0, -2.0], [1.0, -1.0], optimizer=SGD(lr=0.5), steps=40)
    assert losses[-1] < losses[0]


def test_counts_are_whole_numbers_of_any_library():
    numpy = pytest.importorskip("numpy")
    w = Value(0.0)
    program = compile(lambda x: (w - x) ** 2)
    trainer = program.trainer([5.0, 6.0, 7.0], optimizer=SGD(lr=0.1), batch_size=numpy.int64(2))
    assert len(trainer.run(numpy.int32(3))) == trainer.steps == 3
    for wrong in (True, numpy.True_, 2.0, "3"):
        with pytest.raises(TypeError, match="steps must be a whole number"):
            trainer.run(wrong)
