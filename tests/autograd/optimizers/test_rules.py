"""Rules and their forms: what a rule may be, what is hoisted, what is remembered; and settings."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from functools import partial

import pytest

import autograd
from autograd import Value
from autograd.optimizers import SGD, Adagrad, Adam, AdamW, Lion, NAdam, Optimizer, RMSprop
from autograd.optimizers.settings import not_negative, setting
from autograd.primitives import log, maximum, sqrt

FAMILY = [SGD, Adagrad, Adam, AdamW, Lion, NAdam, RMSprop]


def test_what_does_not_depend_on_the_parameter_is_computed_once():
    form = Adam()._ready()
    assert not any(name in str(formula) for _, formula in form.each for name in ("^", "t)"))
    assert "β" not in form.text
    powers = [str(formula) for _, formula in form.once]
    assert "lr / (1 − betas_1^t)" in powers
    assert "1 / (1 − betas_2^t)" in powers


def test_a_memory_that_comes_back_as_it_went_is_not_remembered():
    p = Value(1.0)
    optimizer = RMSprop([p], lr=0.5)
    for change, names in [
        ({}, ["square"]), ({"momentum": 0.5}, ["square", "velocity"]),
        ({"centered": True}, ["square", "mean", "velocity"]),
        ({"momentum": 0.0}, ["square", "mean"]),
    ]:  # fmt: skip
        for name, value in change.items():
            setattr(optimizer, name, value)
        p.grad = 1.0
        optimizer.step()
        assert list(optimizer.state_dict()["memory"]) == names
    # Kept through all changes, by its name: 1 - 0.99^4.
    assert optimizer.state_dict()["memory"]["square"] == [pytest.approx(1.0 - 0.99**4)]


def test_a_memory_that_is_read_and_never_changed_stays_what_it_begins_with():
    class Sevens(Optimizer):
        def rule(self, p, g, t, seven=7.0):
            return p - self.lr * seven, seven

    p = Value(0.0)
    optimizer = Sevens([p], lr=1.0)
    for _ in range(3):
        optimizer.step()
    assert p.data == -21.0


class Branching(Optimizer):
    def rule(self, p, g, t):
        return p - self.lr * g if g > 0.0 else p


class Comparing(Optimizer):
    def rule(self, p, g, t):
        return p - g if self.lr > 0.5 else p


class Mathematical(Optimizer):
    def rule(self, p, g, t):
        return p - math.sqrt(g)


class Forgetful(Optimizer):
    def rule(self, p, g, t, mean=0.0):
        return p - g


class Clashing(Optimizer):
    def rule(self, p, g, t, lr=0.0):
        return p - g, lr


class Powered(Optimizer):
    p: float = setting(default=2.0, limit=not_negative)

    def rule(self, p, g, t):
        return p - g**self.p


class Numbered(Optimizer):
    def rule(self, p, g, t, x0=0.0):
        return p - g, x0 + g


@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [
        (Branching, TypeError, "branched on its operands"),
        (Comparing, TypeError, "branched on its operands"),
        (Mathematical, TypeError, "functions of math"),
        (Forgetful, TypeError, r"returns p and its memories \['mean'\]"),
        (Clashing, TypeError, "'lr' has a meaning in a rule"),
        (Numbered, TypeError, "'x0' has a meaning in a rule"),
        (Powered, TypeError, "'p' has a meaning in a rule"),
        (type("Silent", (Optimizer,), {}), NotImplementedError, "Silent states no rule"),
    ],
)
def test_rules_that_are_none_are_refused_when_an_optimizer_is_made(kind, error, message):
    with pytest.raises(error, match=message):
        kind(lr=0.1)


class Careful(Optimizer):
    """Needs operations with errors of their own."""

    def rule(self, p, g, t, total=0.0):
        return p - self.lr * log(g), total + sqrt(maximum(g, 0.0))


def test_a_step_whose_rule_raises_changes_nothing():
    p, q = Value(1.0), Value(2.0)
    optimizer = Careful([p, q], lr=1.0)
    p.grad, q.grad = 1.0, -1.0
    with pytest.raises(
        ValueError, match=r"rule of Careful\(lr=1.0\) fails at step 1: .*; nothing was"
    ):
        optimizer.step()
    assert (p.data, q.data, optimizer.steps, list(optimizer.state)) == (1.0, 2.0, 0, [0.0, 0.0])


@pytest.mark.parametrize("kind", FAMILY)
def test_memory_that_overflows_is_a_step_that_fails(kind):
    p, q = Value(1.0), Value(1.0, "q")
    optimizer = kind([p, q], **({"momentum": 0.5} if kind is SGD else {}))
    p.grad, q.grad = 1e-3, 1e300
    if kind in (SGD, Lion):
        optimizer.lr = 0.0
        optimizer.step()  # one number remembered, which is not squared
        return
    with pytest.raises(ArithmeticError, match=rf"{kind.__name__} remembers of .*\[1\] \(q\) would"):
        optimizer.step()
    assert (p.data, q.data, optimizer.steps) == (1.0, 1.0, 0)
    assert optimizer.state_dict() == kind([p, q]).state_dict()


# --- Settings -------------------------------------------------------------------------------------

NO_NUMBERS = ["0.1", None, True, 1j, [0.1], Value(0.1), math.nan, math.inf, 10**400]


@pytest.mark.parametrize("kind", FAMILY)
def test_settings_have_the_same_limits_whenever_they_are_set(kind):
    """In the constructor and when assigned: the same numbers, the same errors, which name it."""
    refused = 0
    for name, declared in kind._settings.items():
        if isinstance(declared.default, bool):
            wrong, right = ["yes", None, 2, 0.5, []], [True, False, 1, 0]
            right = right if name != "nesterov" else [False, 0]
        elif isinstance(declared.default, tuple):
            wrong = [0.9, (0.9,), (0.9, 0.9, 0.9), (0.9, 1.0), (-0.1, 0.9), ("0.9", 0.9), "ab"]
            wrong += [(0.5, bad) for bad in NO_NUMBERS]
            right = [(0.0, 0.5), [0.5, 0], (Fraction(1, 2), 0.5)]
        else:
            wrong, right = [*NO_NUMBERS, -1e-300, -1], [0.5, Fraction(1, 2), Decimal("0.5")]
            if name in ("momentum", "alpha"):
                wrong += [1, 1.0, 5.0]
            (wrong if name == "epsilon" else right).append(0.0)
        for bad in wrong:
            optimizer = kind()
            before = optimizer.state_dict()
            errors = []
            state = {**before, "settings": {**before["settings"], name: bad}}
            for attempt in (
                partial(kind, **{name: bad}),
                partial(setattr, optimizer, name, bad),
                partial(optimizer.load_state_dict, state),
            ):
                with pytest.raises((TypeError, ValueError), match=f"^{name}") as found:
                    attempt()
                errors.append((type(found.value), str(found.value)))
            assert len(set(errors)) == 1
            assert optimizer.state_dict() == before
            refused += 1
        for good in right:
            optimizer = kind()
            setattr(optimizer, name, good)
            assert getattr(optimizer, name) == getattr(kind(**{name: good}), name)
            assert type(getattr(optimizer, name)) is type(declared.default)
    assert refused > 10


def test_settings_that_do_not_go_together_are_refused_and_stay():
    optimizer = SGD(lr=0.1, momentum=0.5, nesterov=True)
    with pytest.raises(ValueError, match="nesterov needs momentum"):
        optimizer.momentum = 0.0
    assert optimizer.momentum == 0.5
    optimizer.nesterov = False
    optimizer.momentum = 0.0
    with pytest.raises(ValueError, match="nesterov needs momentum"):
        optimizer.nesterov = True
    assert optimizer.nesterov is False


def test_a_rate_of_zero_moves_nothing_and_remembers():
    p = Value(1.0)
    optimizer = SGD(lr=0.0, momentum=0.5)
    autograd.compile(lambda x: p * x).train([2.0], optimizer=optimizer, steps=2)
    assert (p.data, list(optimizer.state)) == (1.0, [3.0])
    optimizer.lr = 0.25
    p.grad = 1.0
    optimizer.step()
    assert p.data == 1.0 - 0.25 * 2.5


# --- One optimizer, eager and compiled ------------------------------------------------------------


@pytest.mark.parametrize("kind", FAMILY)
@pytest.mark.parametrize("bind", [True, False])
def test_an_optimizer_steps_programs_and_graphs_in_turn(kind, bind):
    """In any order of its parameters, with one memory."""
    found = []
    for ways in ("eeeeee", "pepepe", "pppppp"):
        w = [Value(1.0, "a"), Value(-2.0, "b"), Value(0.5, "c")]

        def loss(x, w=w):
            return (w[2] * x - 1.0) ** 2 + (w[0] * x + w[1]) ** 2

        program = autograd.compile(loss)
        optimizer = kind(w, lr=0.05) if bind or ways[0] == "e" else kind(lr=0.05)
        for way in ways:
            if way == "p":
                program.train([0.75], optimizer=optimizer, steps=1)
            else:
                for p in w:
                    p.grad = 0.0
                loss(0.75).backward()
                optimizer.step()
        assert optimizer.steps == 6
        found.append([p.data for p in w])
    assert found[0] == pytest.approx(found[1], rel=1e-12)
    assert found[0] == pytest.approx(found[2], rel=1e-12)


def test_a_program_of_other_parameters_is_refused():
    v, w = Value(1.0), Value(1.0)
    for own, others in [([v], [v, w]), ([v, w], [v]), ([v], [w])]:
        program = autograd.compile(lambda x, ps=others: autograd.sum(ps) * x)
        with pytest.raises(ValueError, match=f"steps {len(own)} other parameters"):
            program.train([1.0], optimizer=SGD(own, lr=0.1), steps=1)


class Sudden(Optimizer):
    """Neither p nor a memory would say that a gradient was infinite."""

    weight: float = setting(default=0.5, limit=not_negative)

    def rule(self, p, g, t):
        return p - self.lr / (1.0 + g * g)


def test_a_gradient_that_no_result_shows_is_refused_all_the_same():
    p = Value(1.0)
    optimizer = Sudden([p], lr=0.5)
    p.grad = math.inf
    with pytest.raises(ArithmeticError, match=r"the gradient of parameters\[0\] is inf"):
        optimizer.step()
    assert p.data == 1.0


def test_a_rule_is_known_by_what_it_says_not_by_its_name():
    """The machine was built with another Adam."""

    class Adam(autograd.Adam):
        def rule(self, p, g, t, mean=0.0, square=0.0):
            p, mean, square = super().rule(p, g, t, mean, square)
            return p + self.lr, mean, square

    found = []
    for kind in (autograd.Adam, Adam):
        p = Value(1.0)
        autograd.compile(lambda x, p=p: p * x).train([1.0], optimizer=kind(lr=0.25), steps=4)
        found.append(p.data)
    assert found == [pytest.approx(0.0, abs=1e-6), pytest.approx(1.0)]


@pytest.mark.parametrize("kind", FAMILY)
def test_an_optimizer_shows_what_its_users_call(kind):
    shown = {name for name in dir(kind(lr=0.1)) if not name.startswith("_")}
    assert shown == {
        *("parameters", "step", "steps", "zero_grad", "rule", "state", "orders"),
        *("state_dict", "load_state_dict"), *kind._settings,
    }  # fmt: skip
