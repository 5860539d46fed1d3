"""The lectures' experiments: gradients by layer, at the outputs, equal weights, activations."""

import math

import pytest

from autograd import SGD, Adam, Value
from nn import MLP, Layer, Neuron, activations, initializers, layerwise, losses, mse
from nn.textbook.activation_charts import activation_chart
from nn.textbook.flat_gradients import CROSS, SQUARED, output_gradients
from nn.textbook.layer_gradients import gradient_by_layer
from nn.textbook.weight_histories import watch_weights

CORNERS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
XOR = [0.0, 1.0, 1.0, 0.0]


def deep(activation, initializer):
    return MLP(2, [8] * 7 + [1], activation, initializer=initializer, seed=1)


@pytest.mark.parametrize(("loss", "targets"), [("mse", XOR), ("hinge", [-1, 1, 1, -1])])
def test_means_are_those_of_the_textbook(loss, targets):
    model = MLP(2, [3, 2, 1], "tanh", seed=2)
    for parameter in model.parameters():
        parameter.grad = 2.0
    found = gradient_by_layer(model, CORNERS, targets, loss)
    assert {parameter.grad for parameter in model.parameters()} == {2.0}
    expected = layerwise.gradients(model, CORNERS, targets, loss)
    for one in found.models["MLP"]:
        deltas = [abs(d) for row in expected.delta[one.layer] for d in row]
        slopes = [abs(w) for row in expected.weights[one.layer] for w in row]
        assert one.delta == pytest.approx(math.fsum(deltas) / len(deltas), rel=1e-12)
        assert one.weights == pytest.approx(math.fsum(slopes) / len(slopes), rel=1e-12)
    assert found.loss["MLP"] == pytest.approx(expected.loss)
    assert gradient_by_layer(model, CORNERS, targets, getattr(losses, loss)).models == found.models


def test_sigmoids_shrink_gradients_and_the_right_initializer_keeps_them():
    found = gradient_by_layer(
        {
            "sigmoid": deep("sigmoid", "xavier_normal"),
            "tanh": deep("tanh", "xavier_normal"),
            "relu": deep("relu", "he_normal"),
            "small": deep("tanh", initializers.normal(0.0, 0.1)),
        },
        CORNERS,
        XOR,
    )
    assert found.shrinks["sigmoid"] < 1e-4
    assert found.shrinks["small"] < 1e-4
    assert found.shrinks["tanh"] > 0.02
    assert found.shrinks["relu"] > 0.005
    sigmoid = [one.delta for one in found.models["sigmoid"]]
    assert sigmoid == sorted(sigmoid)
    text = repr(found)
    assert text.count("sigmoid") > 8
    assert "from the last layer to the first |δ| becomes" in text
    pytest.importorskip("matplotlib")
    left, right = found.chart().figure.axes
    assert left.get_yscale() == right.get_yscale() == "log"
    assert [text.get_text() for text in right.texts].count("relu") == 1


def test_no_gradient_at_all():
    found = gradient_by_layer(MLP(2, [2, 1], "step", "step", seed=1), CORNERS, XOR)
    assert "no gradient at all" in repr(found)
    pytest.importorskip("matplotlib")
    assert found.chart().figure.axes
    assert gradient_by_layer(Layer(2, 1, activation="tanh", seed=1), CORNERS, XOR).models["Layer"]


@pytest.mark.parametrize(
    ("model", "loss", "error", "words"),
    [
        (MLP(2, [1]), "mes", ValueError, "did you mean 'mse'"),
        (MLP(2, [1]), 3, TypeError, "a name or a function"),
        (MLP(2, [1]), lambda output, y: 3.0, TypeError, "the loss must be a Value"),
        (Neuron(2), "mse", TypeError, "an MLP or a Layer"),
        ({}, "mse", ValueError, "no models"),
        (MLP(3, [1]), "mse", ValueError, "takes 3"),
    ],
)
def test_what_has_no_gradients_by_layer(model, loss, error, words):
    with pytest.raises(error, match=words):
        gradient_by_layer(model, CORNERS, XOR, loss)


# --- At the outputs ------------------------------------------------------------------------------


def test_gradients_after_a_sigmoid_are_the_closed_forms():
    found = output_gradients("sigmoid", span=6.0)
    for z, squared, cross in zip(found.z, *found.gradients.values(), strict=True):
        a = 1.0 / (1.0 + math.exp(-z))
        assert squared == pytest.approx((1.0 - a) * a * (1.0 - a), rel=1e-12)
        assert cross == pytest.approx(1.0 - a, rel=1e-12)


def test_gradients_after_a_softmax_are_the_closed_forms():
    found = output_gradients("softmax", span=6.0, classes=4)
    for z, squared, cross in zip(found.z, *found.gradients.values(), strict=True):
        a = math.exp(z) / (math.exp(z) + 3.0)
        other = (1.0 - a) / 3.0
        # sum_k (a_k − t_k) ∂a_k/∂z with ∂a/∂z = a (1 − a) and −a a_k.
        expected = (a - 1.0) * a * (1.0 - a) - 3.0 * other * a * other
        assert squared == pytest.approx(abs(expected), rel=1e-12)
        assert cross == pytest.approx(1.0 - a, rel=1e-12)


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_flat_where_it_is_most_wrong_against_steep(activation):
    found = output_gradients(activation)
    assert found.gradients[SQUARED][0] < 0.001 < 0.99 < found.gradients[CROSS][0]
    assert found.errors[SQUARED][-1] > 0.99
    assert found.errors[CROSS][-1] < 0.01
    assert all(len(errors) == 201 for errors in found.errors.values())
    assert f"after a {activation}" in repr(found)
    assert "squared error: from z = -8" in repr(found)
    assert found._repr_html_().startswith("<table>")
    pytest.importorskip("matplotlib")
    left, right = found.chart().figure.axes
    assert len(left.lines) == len(right.lines) == 2
    assert {text.get_text() for text in right.texts} == {SQUARED, CROSS}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"activation": "tanh"}, '"sigmoid" or "softmax"'),
        ({"span": 0}, "must be positive"),
        ({"rate": -1}, "must be positive"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"activation": "softmax", "classes": 1}, "at least two classes"),
    ],
)
def test_bad_outputs(options, words):
    with pytest.raises(ValueError, match=words):
        output_gradients(**options)


# --- Equal weights -------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", [None, SGD(lr=0.2, momentum=0.9), Adam(lr=0.05)])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_equal_units_stay_equal_to_the_last_bit(activation, optimizer):
    model = MLP(2, [3, 1], activation, initializer=initializers.constant(0.5))
    seen = watch_weights(model, lambda: mse(model(CORNERS), XOR), optimizer=optimizer, steps=50)
    assert seen.identical_units() == [[1, 2, 3]]
    assert seen.losses[-1] < seen.losses[0]
    first = seen.weights[0][0][0]
    assert len(first) == len(seen.losses) == 51
    assert first[0] == 0.5 != first[-1] == model["w_11^(1)"].data
    assert "units 1, 2, 3" in repr(seen)


def test_zeros_do_not_move_at_all_but_the_last_bias():
    model = MLP(2, [3, 1], "tanh", initializer="zeros")
    seen = watch_weights(model, lambda: mse(model(CORNERS), [0.0, 1.0, 1.0, 1.0]), steps=30)
    moving = [len(set(history)) > 1 for layer in seen.weights for unit in layer for history in unit]
    assert moving == [False] * 12 + [True]


def test_random_units_part_and_steps_are_those_of_the_optimizer():
    model, twin = (MLP(2, [3, 1], "tanh", seed=3) for _ in range(2))
    seen = watch_weights(model, lambda: mse(model(CORNERS), XOR), steps=20)
    assert seen.identical_units() == [[1], [2], [3]]
    optimizer = SGD(twin.parameters(), lr=0.1)
    for _ in range(20):
        optimizer.zero_grad()
        mse(twin(CORNERS), XOR).backward()
        optimizer.step()
    assert [p.data for p in model.parameters()] == [p.data for p in twin.parameters()]
    assert seen.losses[-1] == mse(twin(CORNERS), XOR).data


def test_pictures_of_weights():
    pytest.importorskip("matplotlib")
    model = MLP(2, [3, 1], "tanh", initializer=initializers.constant(0.5))
    seen = watch_weights(model, lambda: mse(model(CORNERS), XOR), steps=10)
    axes = seen.chart().figure.axes[0]
    assert len(axes.lines) == 3  # two weights and a bias, of the one group
    assert [text.get_text() for text in axes.texts] == ["units 1, 2, 3"]
    assert seen.chart(2).title == "Units go ways of their own"
    with pytest.raises(ValueError, match="layer must be one of 1 to 2, got int 3"):
        seen.chart(3)


def test_bad_training():
    model = MLP(2, [1])
    with pytest.raises(TypeError, match="loss must be a function"):
        watch_weights(model, 3.0)
    with pytest.raises(TypeError, match="optimizer must be an optimizer"):
        watch_weights(model, lambda: mse(model([1.0, 2.0]), 1.0), optimizer="adam")
    with pytest.raises(TypeError, match="MLP, Layer and Neuron"):
        watch_weights([Value(1.0)], lambda: 0.0)


# --- Activations ---------------------------------------------------------------------------------


def test_the_chart_of_activations():
    pytest.importorskip("matplotlib")
    chart = activation_chart()
    shown = [axes.get_title(loc="left") for axes in chart.figure.axes if axes.get_visible()]
    assert shown == [name for name in activations.BY_NAME if name != "softmax"]
    for name, axes in zip(shown, chart.figure.axes, strict=False):
        slope = layerwise_slope(name)
        for line in axes.lines[1::2]:
            z, drawn = line.get_data()
            assert drawn.tolist() == pytest.approx(list(map(slope, z)), rel=1e-12, abs=1e-12)


def layerwise_slope(name):
    def slope(z):
        unit = Neuron(1, activation=name, initializer=initializers.constant(1.0))
        found = layerwise.gradients(unit, [float(z)], 0.0)
        # L = a²/2: δ = a f′(z), so a target far away gives f′ itself.
        far = layerwise.gradients(unit, [float(z)], found.a[1][0] - 1.0)
        return far.delta[1][0]

    return slope


def test_the_words_of_the_chart_need_no_matplotlib():
    text = activation_chart(["relu", "softmax", lambda z: z * z]).text
    assert "relu: f from 0 to 4, f′ from 0 to 1" in text
    assert "softmax: f from 0.01799 to 0.982" in text
    assert "<lambda>: f from 0 to 16, f′ from -8 to 8" in text


@pytest.mark.parametrize(
    ("names", "error", "words"),
    [([], ValueError, "names is empty"), (["sin"], ValueError, r"names\[0\] 'sin' is unknown")],
)
def test_bad_names(names, error, words):
    with pytest.raises(error, match=words):
        activation_chart(names)
