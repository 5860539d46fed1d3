"""Training inside the machine against the same loop in Python."""

from __future__ import annotations

import math
import random
import signal
import threading
import time
from array import array

import pytest

from autograd.optimizers import SGD, Adam
from autograd.primitives import RULES

machine = pytest.importorskip(
    "autograd.machine.interpreter", reason="the machine is not built (setup.py build_ext)"
)

CODES = {name: code for code, name in enumerate(RULES, start=1)}
U, V = 0, 2
ROWS = 90
source = random.Random(3)
DATA = array("d", [source.gauss(0.0, 1.0) for _ in range(3 * ROWS)])
WEIGHTS = [0.3, -0.2, 0.1]  # w1, w2, bias
SQUARED = [-2, 1, 1, 8, V, 4, 0, 0, V, 4, 0, 0]  # adds diff² to the loss


def regression(guards=(), more=()):
    """scale · Σ (w·x + b - y)² and its gradient; inputs x1, x2, y; more words for the rows.

    U: w1 w2 b, scale, rows, gradients 5 6 7, loss 8, 2·scale 9, 0.0 11.  V: x1 x2 y out diff d.
    """
    words = [
        *(CODES["add"], 1, 9, U, 3, 0, U, 3, 0),
        *(CODES["dot"], 1, 2, 3, U, 2, 0, U, 0, 2, 1, V, 0, 0, 1),
        *(CODES["sub"], 1, 4, V, 3, 0, V, 2, 0),
        *(CODES["mul"], 1, 5, V, 4, 0, U, 9, 0),
        *(-3, 1, 2, 5, 2, 1, V, 5, 1, V, 0, 1),
        *(-2, 1, 1, 7, -1, 0, 0, 0, V, 5, 0, 0),
        *SQUARED,
        *more,
        *(CODES["mul"], 1, 10, U, 8, 0, U, 3, 0),
    ]
    made = machine.Machine(
        words=array("i", words), sections=(9, len(words) - 9, len(words)), uniforms=12, varying=6,
        constants=array("d"), constants_at=0, parameters_at=0, parameters=3, inputs_at=0, inputs=3,
        scale_at=3, rows_at=4, totals_at=5, totals=4, outputs=array("i", [10, 5, 6, 7]),
        row_outputs=array("i"), guards=array("i", guards),
    )  # fmt: skip
    made.set_parameters(array("d", WEIGHTS))
    return made


def loss_and_gradient(weights, rows, scale):
    loss, gradient = [], [[], [], []]
    for r in rows:
        x1, x2, y = DATA[3 * r : 3 * r + 3]
        diff = weights[2] + weights[0] * x1 + weights[1] * x2 - y
        loss.append(diff * diff)
        for terms, factor in zip(gradient, (x1, x2, 1.0), strict=True):
            terms.append(2.0 * scale * diff * factor)
    return scale * math.fsum(loss), [math.fsum(terms) for terms in gradient]


def sgd(weights, gradient, state, lr=0.1, momentum=0.0, nesterov=False, weight_decay=0.0):
    for k, (p, g) in enumerate(zip(list(weights), gradient, strict=True)):
        slope = g + weight_decay * p
        state[k] = momentum * state[k] + slope
        weights[k] = p - lr * (slope + momentum * state[k] if nesterov else state[k])


def adam(
    weights, gradient, state, lr=0.1, betas=(0.9, 0.999), epsilon=1e-8, weight_decay=0.0,
    decoupled=False, step=1,
):  # fmt: skip
    n, (beta1, beta2) = len(weights), betas
    for k, (p, g) in enumerate(zip(list(weights), gradient, strict=True)):
        g += 0.0 if decoupled else weight_decay * p
        state[k] = beta1 * state[k] + (1.0 - beta1) * g
        state[n + k] = beta2 * state[n + k] + (1.0 - beta2) * g * g
        mean, square = state[k] / (1.0 - beta1**step), state[n + k] / (1.0 - beta2**step)
        if decoupled:
            p *= 1.0 - lr * weight_decay
        weights[k] = p - lr * mean / (math.sqrt(square) + epsilon)


def batches(sizes):
    return [[source.randrange(ROWS) for _ in range(size)] for size in sizes]


def course(made, order, optimizer, losses=None, **more):
    flat = array("q", [row for batch in order for row in batch])
    losses = array("d", bytes(8 * len(order))) if losses is None else losses
    return machine.Course(
        made, DATA, ROWS, flat, array("q", map(len, order)), *rule_of(optimizer),
        more.pop("gradients", 5), 10, losses, **more,
    )  # fmt: skip


def rule_of(optimizer):
    """What the machine is told of an optimizer: its rule, and the numbers of its settings."""
    return optimizer._ready().text, array("d", optimizer._numbers())


@pytest.mark.parametrize("mean", [True, False])
@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    ("optimizer", "settings", "states"),
    [
        (SGD, {"lr": 0.02}, 0),
        (SGD, {"lr": 0.02, "weight_decay": 0.1}, 0),
        (SGD, {"lr": 0.01, "momentum": 0.9}, 1),
        (SGD, {"lr": 0.01, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01}, 1),
        (Adam, {"lr": 0.05}, 2),
        (Adam, {"lr": 0.05, "betas": (0.8, 0.99), "epsilon": 1e-3, "weight_decay": 0.1}, 2),
        (Adam, {"lr": 0.05, "weight_decay": 0.1, "decoupled": True}, 2),
    ],
)
def test_training_is_the_loop_in_python(optimizer, settings, states, mean, listed):
    order = batches([1, 1, 5, 32, 33, 4, 90, 1, 2, 31, 1100, 2500])
    losses, state = array("d", bytes(8 * len(order))), array("d", bytes(8 * 3 * states))
    made = regression()
    places = {"gradients": array("i", [5, 6, 7]), "trained": array("i", [0, 1, 2])}
    more = {**(places if listed else {}), "mean": mean, "losses": losses, "state": state}
    if not mean:
        settings = {**settings, "lr": settings["lr"] / 500}
    trained = course(made, order, optimizer(**settings), **more)
    assert trained.run(5) == 0
    assert trained.steps_done == 5
    assert trained.run() == 0
    assert trained.steps_done == len(order)
    weights, mine, expected = list(WEIGHTS), [0.0] * 6, []
    for step, rows in enumerate(order, start=1):
        loss, gradient = loss_and_gradient(weights, rows, 1.0 / len(rows) if mean else 1.0)
        expected.append(loss)
        if optimizer is Adam:
            adam(weights, gradient, mine, **settings, step=step)
        else:
            sgd(weights, gradient, mine, **settings)
    assert list(losses) == pytest.approx(expected, rel=1e-11)
    assert list(made.parameters()) == pytest.approx(weights, rel=1e-10)
    assert list(state) == pytest.approx(mine[: 3 * states], rel=1e-10)


@pytest.mark.parametrize("size", [1, 2, 40])
def test_totals_to_which_two_words_add_are_their_sums(size):
    order = batches([size] * 4)
    found = []
    for more in ((), SQUARED):
        made, losses = regression(more=more), array("d", bytes(32))
        assert course(made, order, SGD(lr=0.01), losses).run() == 0
        found.append((list(losses), list(made.parameters())))
    once, twice = found
    assert twice[0] == pytest.approx([2.0 * loss for loss in once[0]], rel=1e-15)
    assert twice[1] == once[1]


@pytest.mark.parametrize("first", [0, 1, 2])
def test_gradients_that_are_parameters_are_those_before_the_step(first):
    made = regression()
    before = [*WEIGHTS, 0.5, 2.0]  # behind the parameters, the weight of a row and their number
    assert course(made, batches([2]), SGD(lr=0.25), gradients=first).run() == 0
    expected = [p - 0.25 * g for p, g in zip(before, before[first : first + 3], strict=False)]
    assert list(made.parameters()) == expected[:3]


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("size", [2, 3, 4, 5, 31, 72, 73, 90])
def test_rows_are_gathered_from_wherever_columns_are(size, plain):
    count, table = 11, array("d", [source.gauss(0.0, 1.0) for _ in range(11 * ROWS)])
    apart = [(array("d", table[k::count]), 0, 1) for k in range(count)]
    mixed = [(table, k, count) for k in range(6)] + apart[6:9] + [(table, 9, count), apart[10]]
    order = batches([size])
    (batch,) = order
    weights = [float(k + 1) for k in range(count)]
    expected = math.fsum(w * table[count * row + k] for row in batch for k, w in enumerate(weights))
    for columns in (table, apart, mixed):
        made = machine.Machine(
            words=array("i", [
                *(CODES["dot"], 1, count, count, -1, 0, 0, U, 0, 0, 1, V, 0, 0, 1),
                *(-2, 1, 1, 2 * count + 2, -1, 0, 0, 0, V, count, 0, 0),
            ]),
            sections=(0, 27, 27), uniforms=2 * count + 3, varying=count + 1,
            constants=array("d"), constants_at=0, parameters_at=0, parameters=count, inputs_at=0,
            inputs=count, scale_at=count, rows_at=count + 1, totals_at=count + 2,
            totals=count + 1, outputs=array("i", [2 * count + 2]), row_outputs=array("i"),
            guards=array("i"), plain=plain,
        )  # fmt: skip
        made.set_parameters(array("d", weights))
        losses = array("d", [0.0])
        steps = machine.Course(
            made, columns, ROWS, array("q", batch), array("q", [size]), *rule_of(SGD(lr=0.1)),
            count + 2, 2 * count + 2, losses,
        )  # fmt: skip
        assert steps.run() == 0
        assert losses[0] == pytest.approx(expected, rel=1e-12)


def test_factors_and_steps_before_and_fewer_parameters():
    order = batches([4, 4, 4])
    made = regression()
    rates, factors = [0.1, 0.01, 0.05], array("d", [0.1, 0.01, 0.05])
    state = array("d", bytes(32))
    trained = course(made, order, Adam(lr=1.0), state=state, steps_before=7, count=2)
    assert trained.run(factors=factors) == 0
    weights, mine = list(WEIGHTS), [0.0] * 4
    for step, rows in enumerate(order):
        gradient = loss_and_gradient(weights, rows, 0.25)[1]
        two = weights[:2]
        adam(two, gradient[:2], mine, lr=rates[step], step=8 + step)
        weights[:2] = two
    assert list(made.parameters()) == pytest.approx(weights, rel=1e-12)


@pytest.mark.parametrize("size", [1, 7])
def test_a_step_that_would_not_be_finite_is_not_taken(size):
    made, losses = regression(), array("d", bytes(24))
    steps = course(made, batches([size] * 3), SGD(lr=1e300), losses, check=False)
    assert steps.run() == 2
    assert steps.steps_done in (1, 2)  # 1e300 once is finite, its square is not
    assert all(map(math.isfinite, made.parameters()))
    before = made.parameters()
    assert steps.run() == 2
    assert made.parameters() == before


@pytest.mark.parametrize("limits", [{"clip_value": 1.0}, {"clip_norm": 1.0}])
def test_a_gradient_that_is_not_finite_is_not_clipped(limits):
    made = regression()
    made.set_parameters(array("d", [0.0, 0.0, 1.5e308]))  # the gradient is twice that
    steps = machine.Course(
        made, DATA, ROWS, array("q", [0]), array("q", [1]), *rule_of(SGD(lr=0.1)), 5, 0,
        array("d", [0.0]), check=False, **limits,
    )  # fmt: skip
    assert steps.run() == 2  # though the loss, said to be in slot 0, is finite
    assert steps.steps_done == 0
    assert list(made.parameters()) == [0.0, 0.0, 1.5e308]


def test_limits_norms_and_settings_that_change():
    order = batches([4, 4, 1, 40])
    made, norms = regression(), array("d", bytes(32))
    steps = course(made, order, SGD(lr=0.1), clip_value=0.3, clip_norm=0.4, norms=norms)
    rates = [0.1, 0.2 * 3.0, 0.2 * 5.0, 0.2]
    assert steps.run(1) == 0
    settings = rule_of(SGD(lr=0.2))[1]
    assert steps.run(2, settings=settings, factors=array("d", [3.0, 5.0])) == 0
    assert steps.run() == 0
    weights, expected = list(WEIGHTS), []
    for rows, rate in zip(order, rates, strict=True):
        gradient = loss_and_gradient(weights, rows, 1.0 / len(rows))[1]
        expected.append(math.hypot(*gradient))
        limited = [max(-0.3, min(0.3, g)) for g in gradient]
        factor = min(1.0, 0.4 / math.hypot(*limited))
        sgd(weights, [factor * g for g in limited], [0.0] * 3, lr=rate)
    assert list(norms) == pytest.approx(expected, rel=1e-11)
    assert list(made.parameters()) == pytest.approx(weights, rel=1e-10)


def test_a_run_needs_a_factor_for_every_step_and_the_settings_of_its_rule():
    steps = course(regression(), batches([2, 2, 2]), SGD(lr=0.1))
    with pytest.raises(ValueError, match="factors: needs 3 doubles, got 2"):
        steps.run(factors=array("d", [1.0, 1.0]))
    with pytest.raises(ValueError, match="settings: needs 4 doubles, got 1"):
        steps.run(settings=array("d", [1.0]))
    with pytest.raises(TypeError, match="factors: needs items of format 'd', got 'f'"):
        steps.run(factors=array("f", [1.0] * 3))
    assert steps.steps_done == 0


@pytest.mark.parametrize("size", [1, 3, 40])
def test_a_guard_ends_the_training_before_the_step(size):
    rows = [r for r in range(ROWS) if DATA[3 * r] > 0.0][:size]
    other = next(r for r in range(ROWS) if DATA[3 * r] < 0.0)
    made = regression(guards=[V, 0, 4, U, 11, 1])  # x1 > 0
    steps = course(made, [rows, [*rows[1:], other], rows], SGD(lr=0.01))
    assert steps.run() == 1
    assert steps.steps_done == 1
    weights = list(WEIGHTS)
    sgd(weights, loss_and_gradient(weights, rows, 1.0 / len(rows))[1], [0.0] * 3, lr=0.01)
    assert list(made.parameters()) == pytest.approx(weights, rel=1e-12)


def run_for_a_while(steps):
    steps.run()
    time.sleep(1.0)  # all steps were quicker than the signal


def test_ctrl_c_leaves_the_parameters_of_the_last_whole_step():
    count = 3_000_000
    made, losses = regression(), array("d", bytes(8 * count))
    steps = machine.Course(
        made, DATA, ROWS, array("q", [0]) * count, array("q", [1]) * count,
        *rule_of(SGD(lr=1e-6)), 5, 10, losses,
    )  # fmt: skip
    timer = threading.Timer(0.05, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run_for_a_while(steps)
    done = steps.steps_done
    assert 0 < done <= count
    again = regression()
    replay = machine.Course(
        again, DATA, ROWS, array("q", [0]) * count, array("q", [1]) * count,
        *rule_of(SGD(lr=1e-6)), 5, 10, losses,
    )  # fmt: skip
    replay.run(done)
    assert again.parameters() == made.parameters()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"order": [0, 90, 1]}, r"order\[1\]: there is no row 90 among 90"),
        ({"order": [0, -1, 1]}, r"order\[1\]: there is no row -1"),
        ({"order": [0, 1]}, r"sizes\[1\]: a batch of 2 of the 1 left"),
        ({"order": [0, 1, 2, 3]}, "sizes: 3 rows in batches, but 4 in the order"),
        ({"sizes": [0, 3]}, r"sizes\[0\]: a batch of 0"),
        ({"rule": "newton"}, "rule: the machine was not built with 'newton'"),
        ({"settings": array("d", [0.1])}, "settings: needs 4 doubles, got 1"),
        ({"gradients": 10}, "gradients: 10 to 13 are not within 12"),
        ({"gradients": array("i", [5, 6])}, "gradients: needs 3 slots, got 2"),
        ({"gradients": array("i", [5, 6, 12])}, r"gradients\[2\]: slot 12 is not within 12"),
        ({"loss": -1}, "loss: -1 to 0 are not within 12"),
        ({"losses": array("d", [0.0])}, "losses: needs 2 doubles, got 1"),
        ({"state": array("d", [0.0])}, "state: needs 3 × 0 doubles, got 1"),
        ({"norms": array("d", [0.1])}, "norms: needs 2 doubles, got 1"),
        ({"clip_norm": -1.0}, "clip_value, clip_norm: 0.0, -1.0 are not above 0"),
        ({"clip_value": math.nan}, "clip_value, clip_norm: nan, 0.0 are not above 0"),
        ({"count": 99}, "count: 99 parameters of 12 slots"),
    ],
)
def test_bad_courses(change, error):
    given = {
        **{"columns": DATA, "rows": ROWS, "order": [0, 1, 2], "sizes": [1, 2]},
        **dict(zip(("rule", "settings"), rule_of(SGD(lr=0.1)), strict=True)),
        **{"gradients": 5, "loss": 10, "losses": array("d", [0.0, 0.0])},
        **change,
    }
    given["order"], given["sizes"] = array("q", given["order"]), array("q", given["sizes"])
    with pytest.raises(ValueError, match=error):
        machine.Course(regression(), **given)
