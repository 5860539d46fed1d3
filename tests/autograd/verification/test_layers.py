"""Gradients of arrays, up to the size of real layers: faults that people make, found and named."""

import re

import numpy as np
import pytest

from autograd.verification.gradcheck import check_gradient
from autograd.verification.verdicts import GradientError

GRID = np.linspace(-1.0, 1.0, 25088).reshape(784, 32) + 0.013
SLOPES = np.cos(np.arange(25088) * 0.7).reshape(784, 32) + 1.5


def layer(w):
    return np.sum(SLOPES * w) + np.square(w).sum()


def layer_gradient(w):
    return SLOPES + 2.0 * w


def complaint(function, gradient, *point, **options):
    with pytest.raises(GradientError) as caught:
        check_gradient(function, gradient, *point, **options)
    return str(caught.value), caught.value.report


def test_a_layer_of_784_by_32_passes_along_two_directions_and_says_so():
    calls = []

    def counted(w):
        calls.append(w.shape)
        return layer(w)

    report = check_gradient(counted, layer_gradient, GRID)
    lines = repr(report).splitlines()
    assert lines[0] == "claimed gradient, 25088 inputs along 2 random directions: 2 PASS"
    assert "projections=0 takes each one" in report.notes[0]
    least, typical = map(float, re.findall(r"[0-9.e+-]+(?= would|$)", report.notes[1]))
    assert least < 1e-6 < 1.0 < typical
    assert len(calls) < 600


def test_one_wrong_entry_of_25088_is_found_and_named():
    def wrong(w):
        found = layer_gradient(w)
        found[300, 7] += 1e-4
        return found

    message, report = complaint(layer, wrong, GRID)
    assert [row.path for row in report.failures] == ["w[300, 7]"]
    assert message.splitlines()[-1].strip() == "only w[300, 7] is wrong"


# --- What people do to gradients ------------------------------------------------------------------


def one_entry(g):
    g[2, 1] *= 1.001
    return g


def one_row(g):
    g[2] = g[2] * 1.5 + 0.1
    return g


def zero_block(g):
    g[1:3, 1:3] = 0.0
    return g


def rounded(g):
    return g.astype(np.float32).astype(np.float64)


FAULTS = {
    "all claims are 2.000 x the differences": lambda g: 2.0 * g,
    "all claims are 32.000 x the differences: a sum for a mean over 32?": lambda g: 32.0 * g,
    "all claims are 1/32 of the differences: a mean over 32 for a sum?": lambda g: g / 32.0,
    "all claims are the negative of the differences: the sign": lambda g: -g,
    "all claims of w are 0": lambda g: 0.0 * g,
    "the claims of w are the transpose": lambda g: g.T.reshape(g.shape),
    "the claims of w are shifted by one row": lambda g: np.roll(g, 1, axis=0),
    "the claims of w are shifted by one column": lambda g: np.roll(g, -1, axis=1),
    "the claims of w are reversed along axis 1": lambda g: g[:, ::-1],
    "only w[2, 1] is wrong": one_entry,
    "only w[2, :] is wrong": one_row,
    "only w[1:3, 1:3] is wrong, where 0 is claimed": zero_block,
    "the claims have the 24 bits of float32: compute the gradient in float64, or ask for "
    "precision=1e-2": rounded,
}


def small(shape):
    size = shape[0] * shape[1]
    w = np.linspace(-1.0, 1.0, size).reshape(shape) + 0.013
    slopes = np.cos(np.arange(size) * 0.7).reshape(shape) + 1.5
    return w, lambda w: np.sum(slopes * w) + np.square(w).sum(), lambda w: slopes + 2.0 * w


@pytest.mark.parametrize("said", FAULTS)
def test_a_fault_is_named(said):
    w, f, gradient = small((4, 3))
    message, report = complaint(f, lambda w: FAULTS[said](gradient(w)), w)
    assert report.verdict == "FAIL"
    assert report.diagnosis == message.splitlines()[-1].strip() == said
    assert said in repr(report)


@pytest.mark.parametrize("said", [said for said in FAULTS if re.search(r"transpose|:\d", said)])
def test_a_fault_is_named_along_directions_too(said):
    w, f, gradient = small((20, 13))
    _, report = complaint(f, lambda w: FAULTS[said](gradient(w)), w)
    assert "260 inputs along 2 random directions" in report.subject
    assert report.verdict == "FAIL"
    assert report.diagnosis == said


def test_what_has_nothing_in_common_is_not_given_a_name():
    w, f, gradient = small((4, 3))
    noise = np.random.default_rng(3).normal(size=w.shape)
    assert complaint(f, lambda w: gradient(w) + noise, w)[1].diagnosis == ""


def test_one_number_alone_has_no_pattern():
    assert complaint(lambda x: x * x, lambda x: x, 3.0)[1].diagnosis == ""


# --- Several arguments ----------------------------------------------------------------------------

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7], [-0.2, 0.8, 0.1], [0.9, -0.4, -1.1]])


def loss(w, b, scale):
    return scale * np.mean(np.tanh(X @ w + b).sum(axis=1))


def backward(w, b, scale):
    a = np.tanh(X @ w + b)
    delta = scale * (1.0 - a * a) / len(X)
    return X.T @ delta, delta.sum(axis=0), np.mean(a.sum(axis=1))


ARGUMENTS = np.array([[0.1, -0.4], [0.7, 0.2], [-0.3, 0.5]]), np.array([0.1, -0.2]), 1.5


def test_several_arguments_have_their_names():
    report = check_gradient(loss, backward, *ARGUMENTS)
    names = [row.path for row in report.comparisons]
    assert names[:2] + names[-3:] == ["w[0, 0]", "w[0, 1]", "b[0]", "b[1]", "scale"]
    assert report.counts == {"PASS": 9}
    named = dict(zip(("w", "b", "scale"), backward(*ARGUMENTS), strict=True))
    assert check_gradient(loss, named, *ARGUMENTS).verdict == "PASS"
    assert check_gradient(lambda *a: loss(*a), backward, *ARGUMENTS).comparisons[0].path == (
        "args[0][0, 0]"
    )


def test_what_is_wrong_of_one_argument_is_told_of_it():
    def forgot_the_mean(w, b, scale):
        dw, db, ds = backward(w, b, scale)
        return dw, 4.0 * db, ds

    _, report = complaint(loss, forgot_the_mean, *ARGUMENTS)
    assert report.diagnosis == (
        "all claims of b are 4.000 x the differences: a sum for a mean over 4?; all else is right"
    )


def test_means_over_a_wrong_axis_and_claims_that_are_not_finite():
    def along_the_wrong_axis(w, b, scale):
        dw, db, ds = backward(w, b, scale)
        return dw, np.full(2, db.mean()), ds

    _, report = complaint(loss, along_the_wrong_axis, *ARGUMENTS)
    assert report.diagnosis == (
        "all claims of b are the same, which the slopes are not; all else is right"
    )
    overflown = [np.array([[np.nan, 1.0]] * 3), np.array([0.0, np.inf]), 1.0]
    _, report = complaint(loss, lambda w, b, scale: overflown, *ARGUMENTS)
    assert report.diagnosis == "4 of 9 claims are not finite, the first is nan for w[0, 0]"


def test_nothing_is_called_right_that_differences_cannot_tell():
    rng = np.random.default_rng(0)
    inputs, targets = rng.normal(size=(16, 30)), rng.normal(size=(16, 20))
    w, b = rng.normal(size=(30, 20)) * 0.2, rng.normal(size=20) * 0.1

    def printed(w, b):
        return round(float(np.mean((np.tanh(inputs @ w + b) - targets) ** 2)), 4)

    def tripled(w, b):
        a = np.tanh(inputs @ w + b)
        delta = 2.0 * (a - targets) / a.size * (1.0 - a * a)
        return 3.0 * inputs.T @ delta, delta.sum(axis=0)

    with pytest.raises(GradientError) as told:
        check_gradient(printed, tripled, w, b, f_error=5e-5)
    assert not told.value.report.diagnosis.startswith("only")


def test_a_gradient_of_another_shape_is_named_by_its_shape():
    w, b, _ = ARGUMENTS
    for gradient, words in (
        ((b, w, 1.0), r"the gradient by w has shape \(2,\), w \(3, 2\)"),
        ((w, b.sum(), 1.0), r"the gradient by b has shape \(\), b \(2,\)"),
        ((w.T, b, 1.0), r"the gradient by w has shape \(2, 3\), w \(3, 2\): it is transposed"),
        (w, r"the gradient is an array of shape \(3, 2\); of a function of 3 arguments it must"),
    ):
        with pytest.raises(ValueError, match=words):
            check_gradient(loss, lambda *_, found=gradient: found, *ARGUMENTS)


def test_gradients_in_the_order_of_other_arguments():
    def f(u, v):
        return np.sum(u * u) + np.sum(v**3)

    u, v = np.array([1.0, 2.0, 0.5]), np.array([0.3, -1.0, 2.0])
    _, report = complaint(f, lambda u, v: (3.0 * v * v, 2.0 * u), u, v)
    assert report.diagnosis == "the claims of u and v are swapped"


def test_kernels_that_are_turned():
    image = np.random.default_rng(0).normal(size=(6, 6))

    def correlate(k):
        rows = [[np.sum(k * image[i : i + 3, j : j + 3]) for j in range(4)] for i in range(4)]
        return np.sum(np.square(rows))

    def gradient(k):
        found = np.zeros((3, 3))
        for i in range(4):
            for j in range(4):
                patch = image[i : i + 3, j : j + 3]
                found += 2.0 * np.sum(k * patch) * patch
        return found

    k = np.arange(9.0).reshape(3, 3) / 7.0 - 0.4
    assert check_gradient(correlate, gradient, k).verdict == "PASS"
    _, report = complaint(correlate, lambda k: gradient(k)[::-1, ::-1], k)
    assert report.diagnosis == "the claims of k are reversed along axes 0 and 1"
