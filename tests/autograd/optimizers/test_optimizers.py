"""Optimizers in an eager loop: closed-form trajectories, what they refuse, copies and states."""

import copy
import json
import math
import pickle

import pytest

import autograd
import nn
from autograd import Value
from autograd.primitives import sign
from nn import MLP, SGD, Adam


def parabola(curvature, start):
    """Return a parameter and the function that computes its gradient of curvature/2 p²."""
    p = Value(start, "p")

    def differentiate():
        p.zero_grad()
        (p * p * (curvature / 2)).backward()

    return p, differentiate


@pytest.mark.parametrize("lr", [0.01, 0.3, 1.0, 1.9])
def test_gradient_descent_on_a_parabola(lr):
    p, differentiate = parabola(1.0, 2.0)
    optimizer = SGD([p], lr)
    for step in range(1, 30):
        differentiate()
        optimizer.step()
        assert p.data == pytest.approx(2.0 * (1 - lr) ** step, rel=1e-12, abs=1e-300)


def powers(matrix, vector, count):
    """Yield matrix^1 vector, matrix^2 vector, ... for a 2 x 2 matrix."""
    (a, b), (c, d) = matrix
    x, y = vector
    for _ in range(count):
        x, y = a * x + b * y, c * x + d * y
        yield x, y


@pytest.mark.parametrize("momentum", [0.5, 0.9])
def test_momentum_is_a_linear_map_of_parameter_and_velocity(momentum):
    lr, k = 0.1, 3.0
    p, differentiate = parabola(k, 2.0)
    optimizer = SGD([p], lr, momentum=momentum)
    # v' = momentum v + k p;  p' = p - lr v'
    step = ((1 - lr * k, -lr * momentum), (k, momentum))
    for expected, _ in powers(step, (2.0, 0.0), 40):
        differentiate()
        optimizer.step()
        assert p.data == pytest.approx(expected, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("momentum", [0.5, 0.9])
def test_nesterov_is_a_linear_map_of_parameter_and_velocity(momentum):
    lr, k = 0.1, 3.0
    p, differentiate = parabola(k, 2.0)
    optimizer = SGD([p], lr, momentum=momentum, nesterov=True)
    # v' = momentum v + k p;  p' = p - lr (k p + momentum v')
    step = ((1 - lr * k * (1 + momentum), -lr * momentum**2), (k, momentum))
    for expected, _ in powers(step, (2.0, 0.0), 40):
        differentiate()
        optimizer.step()
        assert p.data == pytest.approx(expected, rel=1e-11, abs=1e-13)


def test_weight_decay_is_the_gradient_of_a_penalty():
    lr, k, decay = 0.1, 2.0, 0.5
    p, differentiate = parabola(k, 1.0)
    optimizer = SGD([p], lr, weight_decay=decay)
    for step in range(1, 20):
        differentiate()
        optimizer.step()
        assert p.data == pytest.approx((1 - lr * (k + decay)) ** step, rel=1e-12)


def test_several_parameters_keep_their_own_velocities():
    p, q = Value(1.0), Value(-2.0)
    optimizer = SGD([p, q], 0.1, momentum=0.5)
    for _ in range(2):
        optimizer.zero_grad()
        (p * 3.0 + q * 5.0).backward()
        optimizer.step()
    # Constant gradient g: velocities g, 1.5 g; moved 0.1 (g + 1.5 g) = 0.25 g.
    assert p.data == pytest.approx(1.0 - 0.75, rel=1e-15)
    assert q.data == pytest.approx(-2.0 - 1.25, rel=1e-15)


def test_the_learning_rate_may_change():
    p = Value(1.0)
    optimizer = SGD([p], 0.5)
    p.grad = 1.0
    optimizer.step()
    optimizer.lr = 0.25
    optimizer.step()
    assert p.data == 0.25
    with pytest.raises(ValueError, match="lr must not be negative, got -1"):
        optimizer.lr = -1
    assert optimizer.lr == 0.25


def test_zero_grad_and_a_rate_of_zero():
    p = Value(1.0)
    p.grad = 3.0
    optimizer = SGD([p], 0)
    optimizer.step()
    assert p.data == 1.0
    optimizer.zero_grad()
    assert p.grad == 0.0


def test_any_iterable_of_parameters():
    model = MLP(2, [1])
    optimizer = SGD((p for p in model.parameters()), 0.1)
    assert [id(p) for p in optimizer.parameters] == [id(p) for p in model.parameters()]


def test_a_model_and_its_optimizer_are_copied_together():
    model = MLP(2, [1], seed=0)
    optimizer = SGD(model.parameters(), 0.1, momentum=0.9)
    for p in model.parameters():
        p.grad = 1.0
    optimizer.step()
    twin, its_optimizer = copy.deepcopy((model, optimizer))
    for stepped in (optimizer, its_optimizer):
        stepped.step()
    assert [p.data for p in twin.parameters()] == [p.data for p in model.parameters()]
    its_optimizer.step()
    assert [p.data for p in twin.parameters()] != [p.data for p in model.parameters()]


def test_an_optimizer_of_ones_own():
    class SignDescent(nn.Optimizer):
        def rule(self, p, g, t):
            return p - self.lr * sign(g)

    p, differentiate = parabola(1.0, 1.0)
    optimizer = SignDescent([p], 0.25)
    differentiate()
    optimizer.step()
    assert p.data == 0.75
    # A program steps it in Python: the machine was not built with it.
    autograd.compile(lambda x: p * p * x).train([1.0], optimizer=optimizer, steps=2)
    assert (p.data, optimizer.steps) == (0.25, 3)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_not_finite_is_named_and_nothing_moves(bad):
    model = MLP(2, [1], seed=0)
    optimizer = SGD(model.parameters(), 0.1, momentum=0.9)
    before = [p.data for p in model.parameters()]
    for p in model.parameters():
        p.grad = 1.0
    model.parameters()[1].grad = bad
    with pytest.raises(ArithmeticError, match=r"parameters\[1\] \(w_21\^\(1\)\) is .*(nan|inf)"):
        optimizer.step()
    assert [p.data for p in model.parameters()] == before
    model.parameters()[1].grad = 1.0
    optimizer.step()
    # The velocity is that of a first step: the failed one left no trace.
    assert [p.data for p in model.parameters()] == [number - 0.1 for number in before]


def test_a_step_that_overflows_is_named_and_nothing_moves():
    p, q = Value(1.0), Value(1.0, "q")
    p.grad, q.grad = 1.0, 1e300
    optimizer = SGD([p, q], 1e10)
    with pytest.raises(ArithmeticError, match=r"make parameters\[1\] \(q\) -inf; nothing was upd"):
        optimizer.step()
    assert (p.data, q.data) == (1.0, 1.0)


P = Value(1.0, "twice")


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: SGD([], 0.1), ValueError, "parameters is empty"),
        (lambda: SGD(MLP(2, [1]), 0.1), TypeError, r"pass model.parameters\(\), not MLP"),
        (lambda: SGD(P, 0.1), TypeError, "must be a list of Values, got Value"),
        (lambda: SGD(0.1, 0.2), TypeError, r"got float 0.1; settings have names: SGD\(lr=0.1\)"),
        (lambda: SGD([P], speed=0.1), TypeError, "unexpected keyword argument 'speed'"),
        (lambda: SGD(lr=0.1).step(), ValueError, r"SGD\(lr=0.1\) has no parameters yet"),
        (lambda: SGD([P, 1.0], 0.1), TypeError, r"parameters\[1\] must be a Value, got float 1.0"),
        (lambda: SGD([P, P], 0.1), ValueError, r"parameters\[1\] \(twice\) occurs twice"),
        (lambda: SGD([P * P], 0.1), ValueError, r"parameters\[0\] is not a parameter"),
        (lambda: SGD([P.detach()], 0.1), ValueError, r"parameters\[0\] is not a parameter"),
        (lambda: SGD([P], -0.1), ValueError, "lr must not be negative, got -0.1"),
        (lambda: SGD([P], math.nan), ValueError, "lr must be a finite number"),
        (lambda: SGD([P], "0.1"), TypeError, "lr must be a real number, got str"),
        (lambda: SGD([P], 0.1, momentum=1.0), ValueError, "momentum must be below 1"),
        (lambda: SGD([P], 0.1, momentum=-0.5), ValueError, "momentum must not be negative"),
        (lambda: SGD([P], 0.1, nesterov=True), ValueError, "nesterov needs momentum"),
        (lambda: SGD([P], 0.1, weight_decay=-1), ValueError, "weight_decay must not be negative"),
        (lambda: nn.Optimizer([P], 0.1), TypeError, "abstract"),
    ],
)
def test_bad_arguments(make, error, message):
    with pytest.raises(error, match=message):
        make()


# --- Copies, pickles, states ----------------------------------------------------------------------


def stepped(seed=0, steps=3):
    model = MLP(2, [2, 1], seed=seed)
    optimizer = SGD(model.parameters(), 0.1, momentum=0.9, weight_decay=0.01)
    for step in range(steps):
        gradients_of(model, step)
        optimizer.step()
    return model, optimizer


def gradients_of(model, step):
    for position, p in enumerate(model.parameters()):
        p.grad = math.sin(position + 10.0 * step)


def numbers(model):
    return [p.data for p in model.parameters()]


def pickled(thing):
    return pickle.loads(pickle.dumps(thing))


@pytest.mark.parametrize("way", [copy.deepcopy, pickled])
@pytest.mark.parametrize(
    "use", [SGD.step, SGD.zero_grad, lambda x: x.parameters, lambda x: x._take(x.parameters)]
)
def test_a_copy_alone_has_no_parameters(way, use):
    model, optimizer = stepped()
    before = numbers(model)
    for alone in (
        way(optimizer), way([optimizer, optimizer])[1], copy.copy(way(optimizer)),
        way(way(optimizer)), way((way((model, optimizer))[1],))[0],
    ):  # fmt: skip
        for _ in range(2):
            with pytest.raises(
                ValueError, match="this SGD was copied or pickled without its model"
            ):
                use(alone)
        # What it was and remembers is there, for an optimizer of a model.
        assert alone.state_dict() == optimizer.state_dict()
        assert repr(alone) == repr(optimizer)
    assert numbers(model) == before


@pytest.mark.parametrize("way", [copy.deepcopy, pickled])
def test_optimizers_copied_together_without_their_model_are_alone(way):
    model, optimizer = stepped()
    for alone in way([optimizer, SGD(model.parameters(), 0.5)]):
        with pytest.raises(ValueError, match="without its model"):
            alone.step()


@pytest.mark.parametrize("way", [copy.deepcopy, pickled])
def test_a_copy_whose_model_goes_before_its_first_step_is_alone_too(way):
    twin, its_optimizer = way(stepped())
    del twin
    with pytest.raises(ValueError, match="or its model is gone"):
        its_optimizer.step()


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, pickled])
def test_a_copy_without_parameters_waits_for_them_as_the_original_does(way):
    optimizer = way(SGD(lr=0.5, momentum=0.5))
    p = Value(1.0)
    autograd.compile(lambda x: p * x).train([1.0], optimizer=optimizer, steps=1)
    assert (p.data, optimizer.parameters) == (0.5, [p])


@pytest.mark.parametrize("way", [copy.deepcopy, pickled])
@pytest.mark.parametrize("order", [1, -1])
def test_together_with_its_model_a_copy_goes_on(way, order):
    model, optimizer = stepped()
    twin, its_optimizer = way((model, optimizer)[::order])[::order]
    for m, o in ((model, optimizer), (twin, its_optimizer)):
        for step in range(3, 6):
            gradients_of(m, step)
            o.step()
    assert numbers(twin) == numbers(model)


def test_half_of_a_copy_is_an_orphan_too():
    model, other = MLP(2, [1], seed=0), MLP(1, [1], seed=1)
    optimizer = SGD([*model.parameters(), *other.parameters()], 0.1)
    twin, its_optimizer = copy.deepcopy((model, optimizer))
    gradients_of(twin, 1)
    with pytest.raises(ValueError, match="without its model"):
        its_optimizer.step()


def test_a_shallow_copy_steps_the_same_parameters_with_a_memory_of_its_own():
    model, optimizer = stepped()
    twin = copy.copy(optimizer)
    before, memory = numbers(model), optimizer.state_dict()
    gradients_of(model, 3)
    twin.step()
    after = numbers(model)
    assert optimizer.state_dict() == memory
    for p, number in zip(model.parameters(), before, strict=True):
        p.data = number
    gradients_of(model, 3)
    optimizer.step()
    assert numbers(model) == after != before


def test_a_state_goes_to_a_model_made_anew():
    model, optimizer = stepped(steps=6)
    half, its_optimizer = stepped()
    text = json.dumps([numbers(half), its_optimizer.state_dict()])
    again = MLP(2, [2, 1], seed=5)
    data, state = json.loads(text)
    for p, number in zip(again.parameters(), data, strict=True):
        p.data = number
    resumed = SGD(again.parameters(), 1.0)
    resumed.load_state_dict(state)
    for step in range(3, 6):
        gradients_of(again, step)
        resumed.step()
    assert numbers(again) == numbers(model)
    assert resumed.state_dict() == optimizer.state_dict()


def states_that_do_not_fit():
    good = stepped()[1].state_dict()
    count = len(good["parameters"])
    yield {**good, "kind": "Adam"}, "state of 'Adam', not of 'SGD'"
    yield {**good, "parameters": good["parameters"][1:]}, "of 8 parameters"
    yield {**good, "parameters": good["parameters"][::-1]}, "other parameters"
    yield {**good, "memory": {"velocity": [0.0] * (count - 1)}}, "list of 9 numbers"
    yield {**good, "memory": {"velocity": [math.nan] * count}}, "finite"
    yield {**good, "memory": {}}, "has to have velocity"
    yield {**good, "settings": {**good["settings"], "momentum": 2.0}}, "momentum must be below 1"
    yield {**good, "settings": {"lr": 0.1}}, "has lr, momentum, nesterov"
    yield {"kind": "SGD"}, "state of an optimizer has kind"
    yield None, "state of an optimizer has kind"


@pytest.mark.parametrize(
    ("state", "message"), list(states_that_do_not_fit()), ids=lambda x: x if type(x) is str else ""
)
def test_a_state_that_does_not_fit_changes_nothing(state, message):
    _, optimizer = stepped(seed=3, steps=2)
    before = optimizer.state_dict()
    with pytest.raises(ValueError, match=message):
        optimizer.load_state_dict(state)
    assert optimizer.state_dict() == before


def test_a_step_that_overflows_leaves_the_memory_as_it_was():
    p, q = Value(1.0), Value(1.0)
    optimizer = SGD([p, q], 1e10, momentum=0.9)
    p.grad, q.grad = 1e-12, 1e-12
    optimizer.step()
    before = optimizer.state_dict()
    p.grad, q.grad = 1.0, 1e300
    with pytest.raises(ArithmeticError, match="nothing was updated"):
        optimizer.step()
    assert optimizer.state_dict() == before


def test_a_number_alone_is_the_learning_rate():
    assert repr(SGD(0.25)) == repr(SGD(lr=0.25)) == "SGD(lr=0.25)"
    assert SGD(1).lr == 1.0
    with pytest.raises(ValueError, match="lr must"):
        SGD(-1.0)


@pytest.mark.parametrize("make", [lambda: SGD(lr=0.1, momentum=0.9), lambda: Adam(lr=0.1)])
def test_parameters_may_come_later(make):
    one, other = Value(1.0, "w"), Value(1.0, "w")
    optimizer, whole = make(), type(make())([other], **make().state_dict()["settings"])
    optimizer.parameters = [one]
    for _ in range(3):
        one.grad = other.grad = 2.0
        optimizer.step()
        whole.step()
    assert one.data == other.data != 1.0
