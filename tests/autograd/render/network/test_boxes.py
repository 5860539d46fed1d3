"""What stands in the boxes of a figure: losses, penalties, targets, weights that are used there."""

from __future__ import annotations

import pytest

import autograd
from autograd import Value, group, path_sum
from autograd.render.levels import picture_of
from nn import MLP, Layer, bce, mse, squared_error

MODEL = MLP(2, [2, 1], "tanh", seed=3)
PAIR = MLP(2, [2, 2], "tanh", "sigmoid", seed=3)
X = [0.5, -1.0]


def penalty(weights):
    return 0.01 * autograd.sum([weight * weight for weight in weights])


def two_losses():
    y = PAIR(X)
    return squared_error(y[0], 1.0) + bce(y[1], 0.0)


def rows_of_the_loss(output, *sources, **options):
    picture = picture_of(output, list(sources) or None, "neuron", **options)
    return [" ".join(row).strip() for row in picture.boxes[-1].rows]


@pytest.mark.parametrize(
    ("make", "rows"),
    [
        (lambda: squared_error(MODEL(X), 1.0), ["½ Σ (t − y)²", "t 1"]),
        (lambda: squared_error(PAIR(X), [1.0, -0.5]), ["½ Σ (t − y)²", "t 1, -0.5"]),
        (lambda: mse(MODEL([X, X]), [1.0, 2.0]), ["mean of (t − y)²"]),
        (two_losses, ["squared error", "+ bce"]),
        (
            lambda: squared_error(MODEL(X), 1.0) + penalty(MODEL.parameters()),
            ["squared error", "+ penalty", "t 1"],
        ),
        (
            lambda: squared_error(MODEL(X), 1.0) + penalty([Value(3.0)]),
            ["squared error", "+ …", "t 1"],
        ),
    ],
)
def test_a_loss_tells_its_terms_and_its_targets(make, rows):
    assert rows_of_the_loss(make())[:-1] == rows


def test_the_targets_of_a_chosen_example_are_its_own():
    loss = mse(MODEL([X, X]), [1.0, 2.0])
    assert "t 2" in rows_of_the_loss(loss, example=2)


def test_a_weight_in_a_penalty_is_shown_where_it_is_used():
    (weight, *_) = MODEL.parameters()
    loss = squared_error(MODEL(X), 1.0) + penalty(MODEL.parameters())
    picture = picture_of(loss, [weight], "neuron")
    (line,) = [line.text for line in picture.caption if "in the loss alone" in line.text]
    assert picture.boxes[-1].rows[-1] == ("uses", f"w₁₁⁽¹⁾ {line[0]}")
    assert 2 * 0.01 * weight.data == pytest.approx(
        sum(path.product for path in path_sum(weight, loss).paths if len(path.nodes) < 6)
    )
    assert rows_of_the_loss(squared_error(MODEL(X), 1.0), weight)[-1].startswith("loss")


def test_a_tied_weight_is_shown_in_the_group_that_uses_it_again():
    encoder = Layer(2, 1, "tanh", seed=1)
    hidden = encoder([Value(0.5, "x_1"), Value(-1.0, "x_2")])
    weight = encoder.neurons[0].weights[0]
    with group("decoder"):
        again = hidden * weight
    rows = rows_of_the_loss(again * again, weight)
    assert rows[-1].startswith("uses w₁₁ ")


def test_a_layer_passed_again_is_told_apart_from_an_example():
    layer = Layer(2, 2, "tanh", seed=1)
    output = autograd.sum(layer(layer(layer([Value(0.5, "x_1"), Value(-1.0, "x_2")]))))
    picture = picture_of(output, [layer.neurons[0].weights[0]], "neuron")
    assert picture.headings[1:3] == ("layer ⟨1⟩ tanh", "layer ⟨2⟩ tanh")
    assert any("a₁⟨1⟩ → a₁⟨2⟩ → " in line.text for line in picture.caption)


def test_one_layer_used_side_by_side_has_one_heading():
    layer, last = Layer(2, 2, "tanh", seed=1), Layer(4, 1, "linear", seed=2)
    x = [Value(0.5, "x_1"), Value(-1.0, "x_2")]
    assert picture_of(last([*layer(x), *layer(x)]), None, "neuron").headings[1] == "layer tanh"


def test_an_input_that_is_the_mean_of_several_has_the_name_of_none():
    layer = Layer(1, 1, "tanh", seed=1)
    output = autograd.sum([y for x in ("p", "q") for y in [layer([Value(0.5, x)])]])
    assert picture_of(output, None, "neuron").boxes[0].label == "x₁"
