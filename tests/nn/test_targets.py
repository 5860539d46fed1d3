"""Predictions beside their targets: shapes, classes and probabilities at their borders."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd import Value
from nn import bce, cross_entropy, hinge, nll
from nn.targets import examples_with_targets, labelled, paired

A, B = Value(1.0), Value(2.0)
NAMES = ("outputs", "targets")


def refused(error, words, call, *arguments, **named):
    with pytest.raises(error) as caught:
        call(*arguments, **named)
    assert str(caught.value).startswith(words)


def test_numbers_lists_and_lists_of_examples():
    assert examples_with_targets(A, 1) == [[(A, 1.0)]]
    assert examples_with_targets([A, B], [1, 2]) == [[(A, 1.0), (B, 2.0)]]
    assert examples_with_targets([[A], [B]], [[1], [2]]) == [[(A, 1.0)], [(B, 2.0)]]
    assert examples_with_targets(np.ones((2, 1)), [[1], [2]]) == [[(1.0, 1.0)], [(1.0, 2.0)]]
    nodes = examples_with_targets([A], [B])[0][0]
    assert nodes[0] is A
    assert nodes[1] is B


def test_shapes_that_do_not_fit():
    for call in (paired, lambda p, t, *names: examples_with_targets(p, t)):
        refused(ValueError, "targets is a list but outputs is one number;", call, A, [1], *NAMES)
        refused(ValueError, "outputs is a list but targets is one number;", call, [A], 1, *NAMES)
        refused(
            ValueError, "outputs and targets must have the same length, got 2 and 1",
            call, [A, B], [1], *NAMES,
        )  # fmt: skip
        refused(ValueError, "outputs is empty; a loss needs at least one", call, [], [], *NAMES)
    refused(
        ValueError, "outputs[1] and targets[1] must have the same length, got 1 and 2",
        examples_with_targets, [[A, B], [A]], [[1, 2], [1, 2]],
    )  # fmt: skip
    refused(
        ValueError, "outputs[0] is a list but targets[0] is one number",
        examples_with_targets, [[A]], [1],
    )  # fmt: skip
    refused(
        TypeError, "targets must be a list of lists, one per example", examples_with_targets,
        [[A]], 1,
    )  # fmt: skip
    words = "outputs[1] must be a real number, got str"
    refused(TypeError, words, paired, [A, "x"], [1, 2], *NAMES)
    words = "targets[1] must be a real number, got str"
    refused(TypeError, words, paired, [A, B], [1, "x"], *NAMES)
    words = "targets[0] must be a finite number, got nan"
    refused(ValueError, words, paired, [A], [math.nan], *NAMES)


@pytest.mark.parametrize("label", [0, 1, 2, np.int64(2), True])
def test_classes_are_counted_from_zero(label):
    (found,) = labelled([A, B, 3.0], label, "logits")
    assert found == ([A, B, 3.0], int(label), "logits")
    both = labelled([[A, B, 3.0], [A, A, 1.0]], [label, 0], "logits")
    assert [(label, name) for _, label, name in both] == [
        (int(label), "logits[0]"), (0, "logits[1]"),
    ]  # fmt: skip


@pytest.mark.parametrize("label", [-1, 3, -3, 100])
def test_classes_there_are_not(label):
    words = f" is {label}, but there are 3 classes, counted from 0"
    refused(ValueError, "labels" + words, labelled, [A, B, A], label, "logits")
    refused(ValueError, "labels[1]" + words, labelled, [[A, B, A]] * 2, [0, label], "logits")


@pytest.mark.parametrize("label", [1.0, "1", None, [0.0, 1.0, 0.0], [1]])
def test_what_is_no_class(label):
    words = "labels must be a class, an integer, got "
    refused(TypeError, words, labelled, [A, B, A], label, "probabilities")
    both = "labels must be a class, an integer, or the probabilities of all classes"
    if not isinstance(label, list):
        refused(TypeError, both, labelled, [A, B, A], label, "logits", shares=True)


def test_two_classes_are_the_least():
    assert labelled([A, B], 1, "logits")[0][1] == 1
    words = "logits must have one number per class, at least two, got 1"
    refused(ValueError, words, labelled, [A], 0, "logits")
    words = "logits[1] must have one number per class, at least two, got 1"
    refused(ValueError, words, labelled, [[A, B], [A]], [0, 0], "logits")
    words = "logits must be a list of one number per class, got Value"
    refused(TypeError, words, labelled, A, 0, "logits")
    refused(ValueError, "logits is empty; a loss needs", labelled, [], [], "logits")
    words = "logits and labels must have the same length, got 1 and 2"
    refused(ValueError, words, labelled, [[A, B]], [0, 1], "logits")


@pytest.mark.parametrize(
    "shares", [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.5, 0.5 + 9e-7], [0.5, 0.5 - 9e-7], (1, 0.0)]
)
def test_shares_of_the_classes(shares):
    ((_, found, _),) = labelled([A, B], shares, "logits", shares=True)
    assert found == [float(share) for share in shares]
    assert cross_entropy([A, B], shares).data == pytest.approx(
        sum(shares) * math.log(math.e + math.e**2) - shares[0] - 2 * shares[1]
    )


@pytest.mark.parametrize(
    ("shares", "error", "words"),
    [
        ([0.5, 0.5 + 3e-6], ValueError, "labels must be probabilities that add up to 1, got "),
        ([0.5, 0.5 - 3e-6], ValueError, "labels must be probabilities that add up to 1, got "),
        ([1.5, -0.5], ValueError, "labels must be probabilities that add up to 1, got "),
        ([1.0 + 1e-9, -1e-9], ValueError, "labels must be probabilities that add up to 1, got "),
        ([1.0], ValueError, "labels has 1 probabilities for 2 classes"),
        ([0.5, 0.25, 0.25], ValueError, "labels has 3 probabilities for 2 classes"),
        ([1, 0], TypeError, "labels must be a class, an integer, or the probabilities of all"),
        ([0.5, "x"], TypeError, "labels[1] must be a real number, got str"),
        ([0.5, math.nan], ValueError, "labels[1] must be a finite number"),
    ],
)
def test_what_are_no_shares(shares, error, words):
    refused(error, words, labelled, [A, B], shares, "logits", shares=True)


def test_probabilities_at_their_borders():
    for edge in (0.0, 1.0):
        assert bce([edge], [edge]) == 0.0
        refused(ValueError, "the loss is infinite: probabilities[0] is ", bce, [edge], [1.0 - edge])
        refused(ValueError, "the loss is infinite: probabilities[0] is ", bce, [edge], [0.5])
    for outside in (-5e-324, 1.0000000000000002):
        words = f"probabilities[0] must be between 0 and 1, got {outside}"
        refused(ValueError, words, bce, [outside], [1])
        refused(ValueError, words, bce, [Value(outside)], [1])
        words = f"targets[0] must be between 0 and 1, got {outside}"
        refused(ValueError, words, bce, [0.5], [outside])
    assert nll([0.5, 0.5 + 9e-7], 0) == math.log(2.0)
    assert nll([0.5, 0.5 - 9e-7], 0) == math.log(2.0)
    for total in (3e-6, -3e-6):
        refused(ValueError, "probabilities add up to ", nll, [0.5, 0.5 + total], 0)
    assert nll([1.0, 0.0], 0) == 0.0
    refused(ValueError, "the loss is infinite: probabilities[1] is 0, and 1 is", nll, [1.0, 0.0], 1)


@pytest.mark.parametrize(("score", "loss", "slope"), [
    (1.0, 0.0, 0.0), (0.9999999999999999, 1.1102230246251565e-16, -1.0), (1.5, 0.0, 0.0),
    (-1.0, 2.0, -1.0),
])  # fmt: skip
def test_the_margin_of_a_hinge(score, loss, slope):
    for target in (1, -1):
        s = Value(target * score)
        found = hinge(s, target)
        assert found.data == loss
        found.backward()
        assert s.grad == slope * target
    for wrong in (0, 2, 0.5, -1.0000000000000002):
        refused(ValueError, f"targets[0] must be -1 or +1, got {float(wrong)}", hinge, [A], [wrong])
