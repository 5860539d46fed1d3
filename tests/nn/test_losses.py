"""Losses: values and gradients against mpmath, shapes, extreme logits, and what is refused."""

import math
import random

import mpmath
import pytest

import autograd
from autograd import Value, jvp, sigmoid, softmax
from nn import MLP, bce, bce_with_logits, cross_entropy, hinge, mse, nll, squared_error


def exact_mean(terms):
    return mpmath.fsum(terms) / len(terms)


def exact_cross_entropy(z, label):
    return mpmath.log(mpmath.fsum(mpmath.exp(v) for v in z)) - z[label]


def exact_bce(p, t):
    return -sum(weight * mpmath.log(q) for weight, q in ((t, p), (1 - t, 1 - p)) if weight)


# name: the loss, predictions and targets of one call, and the exact loss of a flat list.
CASES = {
    "squared_error of one output": (
        squared_error, [0.3], [1.0], lambda y: (1 - y[0]) ** 2 / 2,
    ),
    "squared_error of one example": (
        squared_error, [0.3, -1.5, 2.0], [1.0, 0.5, 2.5],
        lambda y: ((1 - y[0]) ** 2 + (0.5 - y[1]) ** 2 + (2.5 - y[2]) ** 2) / 2,
    ),
    "squared_error of a batch": (
        squared_error, [[0.3, -1.5], [2.0, 0.0]], [[1.0, 0.5], [2.5, 1.0]],
        lambda y: exact_mean([
            ((1 - y[0]) ** 2 + (0.5 - y[1]) ** 2) / 2, ((2.5 - y[2]) ** 2 + (1 - y[3]) ** 2) / 2,
        ]),
    ),
    "mse": (
        mse, [0.3, -1.5, 2.0], [1.0, 0.5, 2.5],
        lambda y: exact_mean([(1 - y[0]) ** 2, (0.5 - y[1]) ** 2, (2.5 - y[2]) ** 2]),
    ),
    "mse of a batch": (
        mse, [[0.3, -1.5], [2.0, 0.0]], [[1.0, 0.5], [2.5, 1.0]],
        lambda y: exact_mean(
            [(1 - y[0]) ** 2, (0.5 - y[1]) ** 2, (2.5 - y[2]) ** 2, (1 - y[3]) ** 2]
        ),
    ),
    "hinge": (
        hinge, [0.3, -1.5, 2.0, -0.5], [1, 1, 1, -1],
        lambda s: exact_mean([
            max(mpmath.mpf(0), 1 - s[0]), max(mpmath.mpf(0), 1 - s[1]),
            max(mpmath.mpf(0), 1 - s[2]), max(mpmath.mpf(0), 1 + s[3]),
        ]),
    ),
    "bce": (
        bce, [0.3, 0.9, 1e-9, 0.6], [1, 0, 0, 0.25],
        lambda p: exact_mean([exact_bce(p[k], t) for k, t in enumerate((1, 0, 0, 0.25))]),
    ),
    "bce_with_logits": (
        bce_with_logits, [0.3, 40.0, -40.0, 1.5], [1, 1, 0, 0.25],
        lambda z: exact_mean([
            exact_bce(1 / (1 + mpmath.exp(-z[k])), t) for k, t in enumerate((1, 1, 0, 0.25))
        ]),
    ),
    "nll": (
        nll, [0.25, 0.5, 0.25], 1, lambda p: -mpmath.log(p[1]),
    ),
    "nll of a batch": (
        nll, [[0.25, 0.75], [0.5, 0.5]], [0, 1],
        lambda p: exact_mean([-mpmath.log(p[0]), -mpmath.log(p[3])]),
    ),
    "cross_entropy": (
        cross_entropy, [0.25, -3.0, 2.0], 1, lambda z: exact_cross_entropy(z, 1),
    ),
    "cross_entropy of a batch": (
        cross_entropy, [[0.25, -3.0, 2.0], [1.0, 1.5, 0.0]], [2, 0],
        lambda z: exact_mean([exact_cross_entropy(z[:3], 2), exact_cross_entropy(z[3:], 0)]),
    ),
}  # fmt: skip


def in_shape(predictions):
    """Return the predictions as Values in their shape, and the flat list of these Values."""
    if isinstance(predictions[0], list):
        rows = [[Value(number) for number in row] for row in predictions]
        return rows, [value for row in rows for value in row]
    row = [Value(number) for number in predictions]
    return row, row


@pytest.mark.parametrize("case", CASES)
def test_value_and_gradient(case):
    loss, predictions, targets, exact = CASES[case]
    given, flat = in_shape(predictions)
    result = loss(given, targets)
    result.backward()
    with mpmath.workdps(50):
        point = [mpmath.mpf(value.data) for value in flat]
        assert result.data == pytest.approx(float(exact(point)), rel=1e-14)
        for k, value in enumerate(flat):
            partial = [0] * len(point)
            partial[k] = 1
            slope = float(mpmath.diff(lambda *z: exact(list(z)), tuple(point), tuple(partial)))
            assert value.grad == pytest.approx(slope, rel=1e-12, abs=1e-20), k


@pytest.mark.parametrize("case", CASES)
def test_gradient_against_finite_differences(case):
    loss, predictions, targets, _ = CASES[case]
    given, flat = in_shape(predictions)
    loss(given, targets).backward()
    # Probabilities that nll accepts add up to 1 within 1e-6, and 1e-9 is one of those of bce.
    step = {nll: 1e-7, bce: 1e-10}.get(loss, 1e-6)
    tolerance = {nll: 1e-7, bce: 1e-4}.get(loss, 1e-8)
    for value in flat:
        start, around = value.data, []
        for shift in (step, -step):
            value.data = start + shift
            around.append(loss(given, targets).data)
        value.data = start
        slope = (around[0] - around[1]) / (2 * step)
        assert value.grad == pytest.approx(slope, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("case", [name for name in CASES if name.startswith(("mse", "cross"))])
def test_forward_mode_agrees(case):
    loss, predictions, targets, _ = CASES[case]
    given, flat = in_shape(predictions)
    loss(given, targets).backward()
    direction = [[0.5] * len(row) for row in given] if given is not flat else [0.5] * len(flat)
    _, slope = jvp(lambda y: loss(y, targets), (predictions,), (direction,))
    assert slope == pytest.approx(0.5 * sum(value.grad for value in flat), rel=1e-12)


def test_one_prediction_and_a_list_of_one_are_the_same():
    for loss, target in [(squared_error, 2.0), (mse, 2.0), (hinge, 1), (bce_with_logits, 1)]:
        assert loss(Value(0.5), target) == loss([Value(0.5)], [target])
    assert bce(Value(0.5), 1) == bce([Value(0.5)], [1])


def test_plain_numbers_give_plain_numbers():
    assert squared_error([1.0, 2.0], [0.0, 4.0]) == 2.5
    assert cross_entropy([0.0, 0.0], 0) == math.log(2)


def test_by_hand():
    assert squared_error([Value(0.5), Value(0.5)], [1.0, 0.0]).data == 0.25
    assert mse([Value(0.5), Value(0.5)], [1.0, 0.0]).data == 0.25
    assert hinge([Value(1.0), Value(-1.0)], [1, 1]).data == 1.0
    assert bce_with_logits(Value(0.0), 1).data == math.log(2)
    assert cross_entropy([Value(0.0)] * 4, 3).data == math.log(4)


@pytest.mark.parametrize("z", [1000.0, -1000.0, 750.0, -750.0])
@pytest.mark.parametrize("t", [0, 1])
def test_extreme_logits_of_the_sigmoid(z, t):
    logit = Value(z)
    loss = bce_with_logits(logit, t)
    loss.backward()
    wrong = (z > 0) != (t == 1)
    assert loss.data == (abs(z) if wrong else 0.0)
    assert logit.grad == (math.copysign(1.0, z) if wrong else 0.0)


@pytest.mark.parametrize("label", [0, 1, 2])
def test_extreme_logits_of_the_softmax(label):
    logits = [Value(1000.0), Value(-1000.0), Value(0.0)]
    loss = cross_entropy(logits, label)
    loss.backward()
    assert loss.data == 1000.0 - logits[label].data
    assert [z.grad for z in logits] == [
        1.0 - (label == 0),
        -1.0 * (label == 1),
        -1.0 * (label == 2),
    ]


def test_small_losses_of_logits_keep_their_digits():
    loss = bce_with_logits(Value(40.0), 1)
    with mpmath.workdps(40):
        assert loss.data == pytest.approx(float(mpmath.log1p(mpmath.exp(-40))), rel=1e-15)


def test_small_losses_of_probabilities_keep_their_digits():
    p = Value(1e-18)
    loss = bce(p, 0)
    loss.backward()
    assert (loss.data, p.grad) == (1e-18, 1.0)


def test_a_sigmoid_with_bce_has_the_slope_a_minus_t():
    source = random.Random(1)
    for _ in range(20):
        z, t = Value(source.uniform(-4, 4)), source.randrange(2)
        bce(sigmoid(z), t).backward()
        slope = z.grad
        z.zero_grad()
        bce_with_logits(z, t).backward()
        a = 1 / (1 + math.exp(-z.data))
        assert slope == pytest.approx(a - t, rel=1e-12)
        assert z.grad == pytest.approx(a - t, rel=1e-12)


def test_softmax_with_nll_is_cross_entropy_with_the_slope_p_minus_one_hot():
    source = random.Random(2)
    for _ in range(20):
        z = [Value(source.uniform(-4, 4)) for _ in range(4)]
        label = source.randrange(4)
        through, direct = nll(softmax(z), label), cross_entropy(z, label)
        assert through.data == pytest.approx(direct.data, rel=1e-12)
        exponentials = [math.exp(v.data) for v in z]
        expected = [e / sum(exponentials) - (k == label) for k, e in enumerate(exponentials)]
        for loss in (through, direct):
            for v in z:
                v.zero_grad()
            loss.backward()
            assert [v.grad for v in z] == pytest.approx(expected, rel=1e-11)


def test_bce_is_the_nll_of_two_classes():
    for t in (0, 1):
        p = Value(0.3)
        assert bce(p, t).data == pytest.approx(nll([1 - p, p], t).data, rel=1e-15)


def test_a_certain_and_right_prediction_costs_nothing():
    right = [Value(1.0), Value(0.0)]
    loss = bce(right, [1, 0])
    loss.backward()
    assert loss.data == 0.0
    assert [p.grad for p in right] == [-0.5, 0.5]
    assert nll(right, 0).data == 0.0


def test_labels_and_targets_of_numpy():
    numpy = pytest.importorskip("numpy")
    logits = [Value(0.5), Value(-0.5)]
    assert cross_entropy(logits, numpy.int64(1)) == cross_entropy(logits, 1)
    batch = [logits, logits]
    assert cross_entropy(batch, numpy.array([0, 1])) == cross_entropy(batch, [0, 1])
    assert hinge(logits, numpy.array([1, -1])) == hinge(logits, [1, -1])
    assert mse(logits, numpy.array([1.0, 2.0])) == mse(logits, [1.0, 2.0])


V = Value(0.5)
NAN, INFINITY = math.nan, math.inf


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: mse([V], [1, 2]), ValueError, "outputs and targets .* length, got 1 and 2"),
        (lambda: mse([V], 1.0), ValueError, "outputs is a list but targets is one number"),
        (lambda: mse(V, [1.0]), ValueError, "targets is a list but outputs is one number"),
        (lambda: mse([], []), ValueError, "outputs is empty"),
        (lambda: mse([V], ["1"]), TypeError, r"targets\[0\] must be a real number, got str '1'"),
        (lambda: mse([V], [[1.0]]), TypeError, r"targets\[0\] must be a real number, got list"),
        (lambda: mse("ab", [1, 2]), TypeError, "outputs must be a list of numbers, got str"),
        (lambda: mse([V], "a"), TypeError, "targets must be a list of numbers, got str"),
        (lambda: mse([V], [NAN]), ValueError, r"targets\[0\] must be a finite number, got nan"),
        (lambda: mse([V], [INFINITY]), ValueError, r"targets\[0\] must be a finite number"),
        (lambda: mse([Value(NAN)], [1]), ValueError, r"outputs\[0\] must be a finite number"),
        (lambda: mse([[V, V]], [[1]]), ValueError, r"outputs\[0\] and targets\[0\] .*got 2 and 1"),
        (lambda: mse([[V], V], [[1], 1]), TypeError, r"outputs\[1\] must be a list of numbers"),
        (lambda: squared_error([[V]], [1]), ValueError, r"outputs\[0\] is a list but targets\[0\]"),
        (lambda: squared_error([[V]], 1), TypeError, "targets must be a list of lists"),
        (lambda: hinge([V], [0]), ValueError, r"targets\[0\] must be -1 or \+1, got 0.*2 \* t - 1"),
        (lambda: bce([V], [2]), ValueError, r"targets\[0\] must be between 0 and 1, got 2"),
        (lambda: bce([Value(1.5)], [1]), ValueError, r"probabilities\[0\] must be between 0 and 1"),
        (lambda: bce([Value(0.0)], [1]), ValueError, "infinite.*bce_with_logits"),
        (lambda: bce([Value(1.0)], [0.5]), ValueError, "infinite.*bce_with_logits"),
        (lambda: bce_with_logits([V], [-1]), ValueError, r"targets\[0\] must be between 0 and 1"),
        (lambda: nll([V, V], 2), ValueError, "labels is 2, but there are 2 classes"),
        (lambda: nll([V, Value(0.7)], 0), ValueError, "add up to 1.2, not 1.*cross_entropy"),
        (lambda: nll([Value(-1.0), Value(2.0)], 0), ValueError, r"probabilities\[0\] must be betw"),
        (lambda: nll([Value(0.0), Value(1.0)], 0), ValueError, "infinite.*cross_entropy"),
        (lambda: cross_entropy([V, V], -1), ValueError, "labels is -1, but there are 2 classes"),
        (lambda: cross_entropy([V, V], 1.0), TypeError, "labels must be a class, an integer"),
        (lambda: cross_entropy([V, V], Value(1.5)), ValueError, "labels is 1.5.*whole numbers"),
        (lambda: cross_entropy([V, V], "1"), TypeError, "labels must be a class, an integer"),
        (lambda: cross_entropy([V, V], [1, 0]), TypeError, "labels must be a class, an integer"),
        (lambda: cross_entropy([[V, V]], [5]), ValueError, r"labels\[0\] is 5, but there are 2"),
        (lambda: cross_entropy([[V, V]], 1), TypeError, "labels must be a list of classes"),
        (lambda: cross_entropy([[V, V]], [1, 1]), ValueError, "logits and labels .*got 1 and 2"),
        (lambda: cross_entropy([], []), ValueError, "logits is empty"),
        (lambda: cross_entropy(V, 0), TypeError, "one number per class.*bce_with_logits"),
        (lambda: cross_entropy([V], 0), ValueError, "at least two.*bce_with_logits"),
        (lambda: cross_entropy([Value(NAN), V], 1), ValueError, r"logits\[0\] must be a finite"),
        (lambda: cross_entropy([["a", V]], [1]), TypeError, r"logits\[0\]\[0\] must be a real"),
    ],
)
def test_bad_arguments(make, error, message):
    with pytest.raises(error, match=message):
        make()


# --- Probabilities in place of a class ------------------------------------------------------------


@pytest.mark.parametrize("label", [0, 1, 2])
def test_a_row_with_a_single_one_is_a_class(label):
    logits = [Value(0.5), Value(-1.0), Value(2.0)]
    shares = [float(k == label) for k in range(3)]
    one, other = cross_entropy(logits, label), cross_entropy(logits, shares)
    assert other.data == pytest.approx(one.data, rel=1e-15)
    one.backward()
    expected = [z.grad for z in logits]
    for z in logits:
        z.zero_grad()
    other.backward()
    assert [z.grad for z in logits] == pytest.approx(expected, abs=1e-15)


def test_soft_labels_mix_with_classes_in_a_list_of_examples():
    logits = [[Value(0.0), Value(2.0)], [Value(1.0), Value(0.0)]]
    mixed = cross_entropy(logits, [[0.25, 0.75], 1]).data
    lse = [math.log(1.0 + math.exp(2.0)), math.log(math.e + 1.0)]
    assert mixed == pytest.approx(((lse[0] - 1.5) + (lse[1] - 0.0)) / 2.0, rel=1e-14)


@pytest.mark.parametrize(
    ("shares", "error", "message"),
    [
        ([0.5, 0.6], ValueError, "add up to 1"),
        ([1.5, -0.5], ValueError, "add up to 1"),
        ([1.0], ValueError, "1 probabilities for 2 classes"),
        ([0.5, math.nan], ValueError, r"labels\[1\]"),
        ("ab", TypeError, "labels"),
    ],
)
def test_bad_probabilities_are_refused(shares, error, message):
    with pytest.raises(error, match=message):
        cross_entropy([Value(0.0), Value(1.0)], shares)


def test_a_compiled_cross_entropy_takes_the_class_as_an_input():
    model = MLP(2, [3], activation="linear", seed=1)
    program = autograd.compile(lambda x, t: cross_entropy(model(x), t))
    for label in range(3):
        t = [float(k == label) for k in range(3)]
        expected = cross_entropy(model([0.5, -1.0]), label).data
        assert program([0.5, -1.0], t) == pytest.approx(expected, rel=1e-15)
    assert len(program.variants) == 1
