"""Digits that must not be lost: derivatives where a result saturates, softmax at any offset.

Everything is compared with mpmath in units in the last place, in eager code, in programs at a point
and over rows, and in emitted C and JavaScript.
"""

from __future__ import annotations

import ctypes
import json
import math
import random
import shutil
import subprocess
import sys

import mpmath
import pytest

import autograd
from autograd import Value, grad, gradients
from autograd.generate import machine_rules
from nn import cross_entropy

ULPS = 4
DIGITS = 700  # e^1400 beside 1, and some to spare
COMPILER = next(filter(shutil.which, ("cc", "gcc", "clang")), None)
NODE = shutil.which("node")


def ulps(got, truth):
    """Return how many units in the last place a number is off; those of a tiny one are 0.0's."""
    nearest = float(truth)
    return float(abs(mpmath.mpf(got) - truth) / max(math.ulp(nearest), sys.float_info.min))


def assert_near(got, truths, most=ULPS):
    with mpmath.workdps(DIGITS):
        for position, (number, truth) in enumerate(zip(got, truths, strict=True)):
            off = ulps(number, truth)
            assert off <= most, (position, number, mpmath.nstr(truth, 18), off)


# --- Where results saturate -----------------------------------------------------------------------


def _sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def _slope_of_sigmoid(x):
    return 1 / (2 + mpmath.exp(x) + mpmath.exp(-x))


# The function, which derivative, its truth, and where it has a zero, beside which digits go.
SATURATED = {
    "tanh′": (autograd.tanh, 1, lambda x: mpmath.sech(x) ** 2, ()),
    "tanh″": (autograd.tanh, 2, lambda x: -2 * mpmath.tanh(x) * mpmath.sech(x) ** 2, ()),
    "sigmoid′": (autograd.sigmoid, 1, _slope_of_sigmoid, ()),
    "sigmoid″": (
        autograd.sigmoid, 2, lambda x: -mpmath.tanh(x / 2) * _slope_of_sigmoid(x), (),
    ),
    "softplus′": (autograd.softplus, 1, _sigmoid, ()),
    "softplus″": (autograd.softplus, 2, _slope_of_sigmoid, ()),
    "log sigmoid′": (lambda x: autograd.log(autograd.sigmoid(x)), 1, lambda x: _sigmoid(-x), ()),
    "silu′": (
        autograd.silu, 1, lambda x: _sigmoid(x) + x * _slope_of_sigmoid(x), (-1.278464542761,),
    ),
    "silu″": (
        autograd.silu, 2,
        lambda x: _slope_of_sigmoid(x) * (2 - x * mpmath.tanh(x / 2)), (2.399357280, -2.399357280),
    ),
    "erf′": (autograd.erf, 1, lambda x: 2 * mpmath.exp(-x * x) / mpmath.sqrt(mpmath.pi), ()),
    "erfc″": (
        autograd.erfc, 2, lambda x: 4 * x * mpmath.exp(-x * x) / mpmath.sqrt(mpmath.pi), (),
    ),
    "gelu′": (
        autograd.gelu, 1, lambda x: mpmath.ncdf(x) + x * mpmath.npdf(x), (-0.7517915247,),
    ),
    "gelu″": (
        autograd.gelu, 2, lambda x: mpmath.npdf(x) * (2 - x * x), (2**0.5, -(2**0.5)),
    ),
    "logaddexp″": (lambda x: autograd.logaddexp(x, 0.0), 2, _slope_of_sigmoid, ()),
}  # fmt: skip
EVERYWHERE = [
    *(0.0, 1e-9, 0.3, 0.5493, 1.0, 2.0, 5.0, 9.0, 14.0, 18.9, 19.0, 20.0, 36.7, 37.0, 40.0, 100.0),
    *(250.0, 340.0, 349.0, 351.0, 353.0, 500.0, 700.0),
]


def _nth(f, order):
    for _ in range(order):
        f = grad(f)
    return f


def _points(name):
    _, _, truth, zeros = SATURATED[name]
    source = random.Random(name)
    found = [sign * x for x in EVERYWHERE for sign in (1.0, -1.0)]
    found += [source.choice((-1, 1)) * 10.0 ** source.uniform(-3, 2.8) for _ in range(60)]
    if name == "log sigmoid′":
        found = [x for x in found if x > -700.0]  # the sigmoid itself is no normal number below
    with mpmath.workdps(DIGITS):
        return [
            x
            for x in found
            if abs(truth(mpmath.mpf(x))) > 4 * sys.float_info.min
            and all(abs(x - zero) > 0.3 for zero in zeros)
        ]


def _truths(name, points):
    with mpmath.workdps(DIGITS):
        return [SATURATED[name][2](mpmath.mpf(x)) for x in points]


@pytest.mark.parametrize("name", SATURATED)
def test_derivatives_keep_their_digits_where_results_saturate(name):
    f, order, _, _ = SATURATED[name]
    points = _points(name)
    most = ULPS if order == 1 else 2 * ULPS  # a product of rounded factors
    assert_near([_nth(f, order)(x) for x in points], _truths(name, points), most)
    slopes = []
    for x in points:
        node = Value(x)
        slope = f(node)
        for _ in range(order):
            (slope,) = gradients(slope, [node])
        slopes.append(slope.data)
    assert_near(slopes, _truths(name, points), most)


@pytest.mark.parametrize("name", SATURATED)
def test_programs_keep_these_digits_at_points_and_over_rows(name):
    f, order, _, _ = SATURATED[name]
    points = _points(name)
    program = autograd.compile(_nth(f, order - 1))
    assert [program.value_and_grad(x)[1] for x in points] == [_nth(f, order)(x) for x in points]
    over_rows = program.rows_value_and_grad(points)[1]
    assert_near(over_rows, _truths(name, points), 2 * ULPS)


def test_tanh_and_its_slope_computed_together_are_each_of_them():
    # The machine computes both at once where a program needs both.
    source = random.Random(3)
    points = [source.choice((-1, 1)) * 10.0 ** source.uniform(-12, 2.6) for _ in range(4000)]
    points += [0.0, -0.0, 349.9, 350.0, 351.0, 400.0, 1e300, math.inf, -math.inf]
    program = autograd.compile(lambda x: autograd.tanh(x) * 3.0)
    values, slopes = program.rows_value_and_grad(points)
    with mpmath.workdps(60):
        assert_near(values, [3 * mpmath.tanh(mpmath.mpf(x)) for x in points])
        assert_near(slopes, [3 * mpmath.sech(mpmath.mpf(x)) ** 2 for x in points], 6)
    assert str(values[-5 - 3]) == "-0.0"


@pytest.mark.parametrize(
    ("f", "truth"),
    [
        (autograd.asin, lambda x: x / mpmath.sqrt(1 - x * x) ** 3),
        (autograd.acos, lambda x: -x / mpmath.sqrt(1 - x * x) ** 3),
        (autograd.atanh, lambda x: 2 * x / (1 - x * x) ** 2),
    ],
    ids=["asin", "acos", "atanh"],
)
def test_second_derivatives_keep_their_digits_near_zero_and_near_one(f, truth):
    points = [sign * 10.0**k for k in range(-300, 0, 7) for sign in (1.0, -1.0)]
    points += [sign * (1.0 - 10.0**k) for k in range(-15, -1) for sign in (1.0, -1.0)]
    with mpmath.workdps(DIGITS):
        assert_near([_nth(f, 2)(x) for x in points], [truth(mpmath.mpf(x)) for x in points], 8)


# --- Softmax at any offset and any spread ---------------------------------------------------------

OFFSETS = [0.0, 1000.0, -1000.0, 1e8, -1e8, 1e12, 1e16, -1e16, 1e300]
SPREADS = [
    (0.0, 0.0),
    (0.0, 1.0, 2.0),
    (0.0, -40.0, -36.0),
    (0.5, 0.25, 0.5, -3.0),
    (0.0, -700.0),
    (0.0, 700.0, 699.0, 1.0),
    (-650.0, 0.0, -700.0),
    (0.0, -1400.0, 3.0),
    (0.3, 0.1, 0.2, 0.7, -0.9, 5.1, 0.0, -2.2, 1.9, 0.4),
]


CASES = [
    pytest.param([offset + x for x in spread], id=f"{offset:g}+{spread}")
    for spread in SPREADS
    for offset in OFFSETS
]


def _exact_softmax(logits):
    largest = max(map(mpmath.mpf, logits))
    weights = [mpmath.exp(mpmath.mpf(x) - largest) for x in logits]
    total = mpmath.fsum(weights)
    return [w / total for w in weights]


def _exact_gradient(shares, label):
    others = mpmath.fsum([p for i, p in enumerate(shares) if i != label])
    return [-others if i == label else p for i, p in enumerate(shares)]


@pytest.mark.parametrize("logits", CASES)
def test_softmax_and_its_losses_do_not_depend_on_the_offset(logits):
    with mpmath.workdps(DIGITS):
        shares = _exact_softmax(logits)
        nodes = [Value(x) for x in logits]
        assert_near([p.data for p in autograd.softmax(nodes)], shares)
        assert_near(autograd.softmax(logits), shares)
        total = autograd.logsumexp(nodes)
        assert_near([g.data for g in gradients(total, nodes)], shares)
        total.backward()
        assert_near([x.grad for x in nodes], shares)
        for label in range(len(logits)):
            loss = cross_entropy(nodes, label)
            # Relative to the loss itself, however nearly certain the class is.
            others = _exact_gradient(shares, label)[label]
            exact = -mpmath.log1p(others) if -others < 0.5 else -mpmath.log(shares[label])
            assert_near([loss.data], [exact])
            found = [g.data for g in gradients(loss, nodes)]
            assert_near(found, _exact_gradient(shares, label), 6)


@pytest.mark.parametrize("logits", CASES)
def test_second_derivatives_of_the_losses_do_not_depend_on_the_offset(logits):
    with mpmath.workdps(DIGITS):
        shares = _exact_softmax(logits)
        nodes = [Value(x) for x in logits]
        for f in (autograd.logsumexp, lambda z: cross_entropy(z, 0)):
            for i, slope in enumerate(gradients(f(nodes), nodes)):
                row = [g.data for g in gradients(slope, nodes)]
                for j, found in enumerate(row):
                    if i != j:  # p_i (1 - p_i) cancels where p_i is nearly 1
                        assert_near([found], [-shares[i] * shares[j]], 16)
                    else:
                        truth = shares[i] * (1 - shares[i])
                        assert abs(found - truth) <= 8 * math.ulp(1.0) * shares[i] + 1e-300


@pytest.mark.parametrize("offset", OFFSETS)
def test_programs_over_rows_do_not_depend_on_the_offset(offset):
    rows = [[offset + x for x in spread] for spread in SPREADS if len(spread) == 3] * 30
    columns = [list(column) for column in zip(*rows, strict=True)]
    losses = autograd.compile(lambda a, b, c: cross_entropy([a, b, c], 1))
    values, slopes = losses.rows_value_and_grad(*columns)
    chosen = autograd.compile(
        lambda a, b, c, t, u, v: autograd.softmax_cross_entropy([a, b, c], [t, u, v])
    )
    hot = [[0.0] * len(rows), [1.0] * len(rows), [0.0] * len(rows)]
    by_shares, slopes_by_shares = chosen.rows_value_and_grad(*columns, *hot)
    first = autograd.compile(lambda a, b, c: autograd.softmax([a, b, c])[0]).rows(*columns)
    logarithm = autograd.compile(lambda a, b, c: autograd.logsumexp([a, b, c]))
    of_logarithm = logarithm.rows_value_and_grad(*columns)[1]
    with mpmath.workdps(DIGITS):
        for r, row in enumerate(rows[:6]):
            shares = _exact_softmax(row)
            gradient = _exact_gradient(shares, 1)
            exact = -mpmath.log1p(gradient[1])
            assert_near([values[r], by_shares[r]], [exact] * 2, 6)
            assert_near([column[r] for column in slopes], gradient, 8)
            assert_near([column[r] for column in slopes_by_shares[:3]], gradient, 8)
            assert_near([first[r]], [shares[0]], 6)
            assert_near([column[r] for column in of_logarithm], shares, 6)


@pytest.mark.parametrize("x", [0.0, 1e8, -1e16])
@pytest.mark.parametrize("spread", [0.0, 1.0, -3.0, 700.0, -650.0])
def test_logaddexp_has_these_derivatives_too(x, spread):
    y = x + spread
    with mpmath.workdps(DIGITS):
        shares = _exact_softmax([x, y])
    assert_near(autograd.value_and_grad(autograd.logaddexp, (0, 1))(x, y)[1], shares)


@pytest.mark.skipif(COMPILER is None, reason="no C compiler here")
def test_emitted_c_does_not_depend_on_the_offset(tmp_path):
    program = autograd.compile(lambda z: cross_entropy(z, 2), name="loss")
    program([1.0, 2.0, 3.0])
    source = tmp_path / "loss.c"
    source.write_text(program.source("c"), encoding="utf-8")
    library = tmp_path / "loss.so"
    command = [COMPILER, "-O2", "-shared", "-fPIC", str(source), "-o", str(library), "-lm"]
    subprocess.run(command, check=True)
    gradient = ctypes.CDLL(str(library)).loss_gradient
    gradient.restype = ctypes.c_double
    for offset in OFFSETS:
        logits = [offset, offset + 2.0, offset + 4.0]
        given, found = (ctypes.c_double * 3)(*logits), (ctypes.c_double * 3)()
        value = gradient(given, found)
        assert [value, list(found)] == list(program.value_and_grad(logits))


@pytest.mark.skipif(NODE is None, reason="no Node.js here")
def test_emitted_javascript_does_not_depend_on_the_offset(tmp_path):
    program = autograd.compile(lambda z: cross_entropy(z, 2), name="loss")
    cases = [[offset, offset + 2.0, offset + 4.0] for offset in OFFSETS]
    expected = [program.value_and_grad(logits) for logits in cases]
    text = program.source("javascript")
    text += f"\nconsole.log(JSON.stringify({json.dumps(cases)}.map(z => loss_gradient(z))));\n"
    (tmp_path / "loss.mjs").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [NODE, str(tmp_path / "loss.mjs")], capture_output=True, text=True, check=True
    )
    for found, (value, slopes) in zip(json.loads(done.stdout), expected, strict=True):
        assert found["value"] == pytest.approx(value, rel=1e-15)
        assert found["d_z"] == pytest.approx(slopes, rel=2e-15)


# --- Infinite logits ------------------------------------------------------------------------------


def test_infinite_logits_give_the_limits_or_a_clear_error():
    inf = math.inf
    assert autograd.softmax([0.0, -inf, 0.0]) == [0.5, 0.0, 0.5]  # a masked class
    assert autograd.softmax([0.0, inf, -inf]) == [0.0, 1.0, 0.0]
    assert autograd.logsumexp([-inf, -inf]) == -inf
    assert autograd.logsumexp([inf, 3.0]) == autograd.logsumexp([inf, inf]) == inf
    assert autograd.softmax_cross_entropy([0.0, -inf], [1.0, 0.0]) == 0.0
    assert autograd.softmax_cross_entropy([0.0, -inf], [0.0, 1.0]) == inf
    for logits, what in ([-inf, -inf], "all are -inf"), ([inf, 0.0, inf], "2 are inf"):
        with pytest.raises(ValueError, match=f"softmax of logits of which {what} is undefined"):
            autograd.softmax(logits)
        nodes = [Value(x) for x in logits]
        with pytest.raises(ArithmeticError, match=f"derivative of logsumexp .*{what}"):
            autograd.logsumexp(nodes).backward()
    nodes = [Value(0.0), Value(-inf), Value(1.0)]
    autograd.logsumexp(nodes).backward()
    assert nodes[1].grad == 0.0
    assert nodes[0].grad + nodes[2].grad == 1.0
    nodes = [Value(0.0), Value(inf)]
    autograd.logsumexp(nodes).backward()
    assert [x.grad for x in nodes] == [0.0, 1.0]


@pytest.mark.parametrize("logits", [(0.0, -math.inf, 2.0), (math.inf, 1.0, 0.0), (1.0, 2.0, 3.0)])
def test_programs_take_infinite_logits_as_eager_code_does(logits):
    for f in (lambda *z: autograd.logsumexp(z), lambda *z: autograd.softmax(z)[0] * 1.0):
        program = autograd.compile(lambda a, b, c, f=f: f(a, b, c))
        expected = autograd.value_and_grad(f, (0, 1, 2))(*logits)
        assert program.value_and_grad(*logits) == expected
        values, slopes = program.rows_value_and_grad(*[[x] * 70 for x in logits])
        assert values[5] == pytest.approx(expected[0], rel=1e-15)
        assert [column[5] for column in slopes] == pytest.approx(expected[1], rel=1e-15)


def test_the_machine_has_vectors_for_what_inner_loops_need():
    assert {"sech_squared", "exp_difference"} <= machine_rules.with_vectors()
    assert {"softmax_component", "softmax_complement"} <= machine_rules.with_vectors()


@pytest.mark.parametrize("others", [(0.0,), (0.0, 3.0), (-math.inf,), (1e300, -1e300)])
def test_one_infinite_logit_gives_what_the_limit_gives(others):
    logits = [math.inf, *others]
    certain = [1.0] + [0.0] * len(others)
    nodes = [Value(x) for x in logits]
    for loss, limit in (
        (autograd.log_softmax(nodes)[0], 0.0),
        (autograd.log_softmax(nodes)[1], -math.inf),
        (autograd.softmax_entropy(nodes), 0.0),
        (autograd.softmax_cross_entropy(nodes, certain), 0.0),
        (autograd.softmax_cross_entropy(nodes, [0.5] * len(nodes)), math.inf),
    ):
        assert loss.data == limit
    for program, limit in (
        (autograd.compile(lambda *xs: autograd.softmax_entropy(xs)), 0.0),
        (autograd.compile(lambda *xs: autograd.softmax_cross_entropy(xs, certain)), 0.0),
    ):
        assert program(*logits) == limit
    for total in (autograd.softmax_entropy(nodes), autograd.softmax_cross_entropy(nodes, certain)):
        assert [slope.data for slope in gradients(total, nodes)] == [0.0] * len(nodes)
