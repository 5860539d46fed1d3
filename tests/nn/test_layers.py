"""Neurons, layers and networks: what they compute, how they are called, what they refuse."""

import math
import random
from decimal import Decimal
from fractions import Fraction

import pytest

from autograd import Value, jvp, no_grad, tanh
from nn import MLP, Layer, Module, Neuron


def test_a_neuron_by_hand():
    neuron = Neuron(2, activation="tanh")
    for parameter, number in zip(neuron.parameters(), (-3.0, 1.0, 6.8813735870195432), strict=True):
        parameter.data = number
    x = [Value(2.0), Value(0.0)]
    a = neuron(x)
    a.backward()
    # The worked example of micrograd's lecture: tanh' = 1/2 exactly where z = asinh(1).
    assert a.data == pytest.approx(math.sqrt(0.5), rel=1e-15)
    assert [w.grad for w in neuron.weights] == pytest.approx([1.0, 0.0], rel=1e-14)
    assert [v.grad for v in x] == pytest.approx([-1.5, 0.5], rel=1e-14)
    assert neuron.bias.grad == pytest.approx(0.5, rel=1e-14)


def test_a_net_input_is_one_node():
    neuron = Neuron(3, activation="relu", seed=0)
    a = neuron([1.0, 2.0, 3.0])
    [z] = a.parents
    assert (a.op, z.op) == ("ReLU", "dot")
    assert len(z.parents) == 7
    assert all(z.parents[i] is w for i, w in enumerate(neuron.weights))
    assert z.parents[6] is neuron.bias
    assert [x.is_constant for x in z.parents[3:6]] == [True] * 3


def test_a_layer_shares_its_input_nodes():
    layer = Layer(2, 3, activation="linear", seed=0)
    first, *others = layer([1.0, 2.0])
    for other in others:
        pairs = zip(first.parents[2:4], other.parents[2:4], strict=True)
        assert all(mine is theirs for mine, theirs in pairs)


def test_bias_as_an_input_that_is_always_one():
    with_bias = MLP(2, [3, 1], activation="tanh", seed=1)
    without = Layer(3, 3, activation="tanh", bias=False)
    assert without.neurons[0].bias is None
    for ours, theirs in zip(without.neurons, with_bias.layers[0].neurons, strict=True):
        theirs.bias.data = 0.25
        for mine, number in zip(ours.weights, [*theirs.weights, theirs.bias], strict=True):
            mine.data = number.data
    x = [0.3, -0.8]
    expected = [a.data for a in with_bias.layers[0](x)]
    assert [a.data for a in without([*x, 1.0])] == pytest.approx(expected, rel=1e-15)


def plain_forward(model, x):
    """The lecture's formula on floats, as micrograd computes it."""
    for layer in model.layers:
        f = {"relu": lambda z: max(0.0, z), "linear": lambda z: z, "tanh": math.tanh}[
            layer.activation.name
        ]
        x = [
            f(sum((w.data * xi for w, xi in zip(n.weights, x, strict=True)), n.bias.data))
            for n in layer.neurons
        ]
    return x


@pytest.mark.parametrize("nouts", [[1], [3], [16, 16, 1], [16, 1, 1], [1, 1, 1, 1], [2, 1, 3]])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_any_depth_and_width(nouts, activation):
    model = MLP(2, nouts, activation=activation, initializer="normal", seed=4)
    assert len(model.layers) == len(nouts)
    assert (model.nin, model.nouts) == (2, nouts)
    x = [0.75, -1.25]
    outputs = model(x)
    assert isinstance(outputs, Value) if nouts[-1] == 1 else isinstance(outputs, list)
    outputs = [outputs] if nouts[-1] == 1 else outputs
    assert [a.data for a in outputs] == pytest.approx(plain_forward(model, x), rel=1e-13)


def test_single_unit_hidden_layers_learn():
    # micrograd: 'Value' object is not iterable, since a layer of one unit returned a bare Value.
    model = MLP(2, [16, 1, 1], activation="tanh", seed=2)
    model([1.0, 2.0]).backward()
    assert all(parameter.grad != 0.0 for parameter in model.parameters())


def test_gradients_of_a_network_against_finite_differences():
    model = MLP(2, [3, 2], activation="tanh", output_activation="sigmoid", seed=9)
    x = [0.5, -1.5]

    def output():
        first, second = model(x)
        return first * 2.0 - second

    output().backward()
    step = 1e-5
    for name, parameter in model.named_parameters():
        start = parameter.data
        parameter.data = start + step
        above = output().data
        parameter.data = start - step
        below = output().data
        parameter.data = start
        assert parameter.grad == pytest.approx((above - below) / (2 * step), abs=1e-9), name


def test_activations_of_the_layers():
    def names(*args, **kwargs):
        return [layer.activation.name for layer in MLP(2, *args, **kwargs).layers]

    assert names([4, 4, 1]) == ["relu", "relu", "linear"]
    assert names([1]) == ["linear"]
    assert names([4, 1], "tanh") == ["tanh", "linear"]
    assert names([4, 1], activation="tanh", output_activation="sigmoid") == ["tanh", "sigmoid"]
    assert names([1], activation="sigmoid") == ["sigmoid"]
    assert names([1], activation="tanh", output_activation="sigmoid") == ["sigmoid"]
    assert names([4, 3], activations=("elu", "softmax")) == ["elu", "softmax"]


def test_logistic_regression_is_a_network_of_one_layer():
    model = MLP(2, [1], activation="sigmoid", seed=0)
    w1, w2, b = (p.data for p in model.parameters())
    assert len(model.layers) == 1
    expected = 1 / (1 + math.exp(-(0.5 * w1 - 2.0 * w2 + b)))
    assert model([0.5, -2.0]).data == pytest.approx(expected, rel=1e-15)


def test_a_perceptron_fires_past_its_threshold():
    perceptron = Neuron(2, activation="step", initializer=lambda *_: 1.0)
    perceptron.bias.data = -1.5
    fired = [perceptron([x1, x2]).data for x1 in (0, 1) for x2 in (0, 1)]
    assert fired == [0.0, 0.0, 0.0, 1.0]
    perceptron([1, 1]).backward()
    assert [parameter.grad for parameter in perceptron.parameters()] == [0.0, 0.0, 0.0]


def learn_by_rosenblatts_rule(targets, epochs):
    perceptron = Neuron(2, activation="step", initializer="zeros")
    examples = [([x1, x2], t) for (x1, x2), t in targets.items()]
    for epoch in range(epochs):
        mistakes = 0
        for x, t in examples:
            error = t - perceptron(x).data
            mistakes += error != 0
            for w, xi in zip([*perceptron.weights, perceptron.bias], [*x, 1.0], strict=True):
                w.data += error * xi
        if not mistakes:
            return epoch
    return None


def test_the_perceptron_learns_and_but_not_xor():
    corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert learn_by_rosenblatts_rule({x: x[0] & x[1] for x in corners}, 50) is not None
    assert learn_by_rosenblatts_rule({x: x[0] ^ x[1] for x in corners}, 500) is None


def test_micrograds_keywords_and_names():
    assert Neuron(2).activation.name == "relu"
    assert Neuron(2, False).activation.name == "linear"
    assert Neuron(2, nonlin=True).nonlin
    assert not Layer(2, 3, nonlin=False).neurons[0].nonlin
    neuron = Neuron(2)
    assert neuron.w is neuron.weights
    assert neuron.b is neuron.bias
    assert isinstance(Layer(2, 1)([1.0, 2.0]), Value)
    assert len(MLP(2, [16, 16, 1]).parameters()) == 337


@pytest.mark.parametrize(
    "inputs",
    [
        [1, 2.0],
        (True, Fraction(1, 2)),
        [Decimal("1.5"), Value(2.0)],
        (x for x in (1.0, 2.0)),
        range(2),
    ],
)
def test_inputs_of_every_kind_of_real_number(inputs):
    assert isinstance(MLP(2, [3, 1])(inputs), Value)


def test_numpy_rows():
    numpy = pytest.importorskip("numpy")
    model = MLP(2, [3, 1], seed=0)
    expected = model([1.0, 2.0]).data
    for kind in ("float64", "float32", "int64"):
        assert model(numpy.array([[1, 2]], dtype=kind)[0]).data == expected
    assert model([numpy.array(1.0), numpy.float64(2.0)]).data == expected


def test_gradients_reach_the_inputs():
    x = [Value(1.0), Value(-2.0)]
    model = MLP(2, [4, 1], activation="tanh", seed=0)
    model(x).backward()
    step = 1e-5
    slope = (model([1.0 + step, -2.0]).data - model([1.0 - step, -2.0]).data) / (2 * step)
    assert x[0].grad == pytest.approx(slope, rel=1e-8)


def test_forward_mode_and_no_grad():
    model = MLP(2, [4, 1], activation="tanh", seed=0)
    x = [Value(0.5), Value(-2.0)]
    model(x).backward()
    value, slope = jvp(lambda a: model([a, -2.0]), (0.5,), (1.0,))
    assert value == model([0.5, -2.0])
    assert slope.data == pytest.approx(x[0].grad, rel=1e-14)
    with no_grad():
        out = model([0.5, -2.0])
    assert out.is_constant
    assert out == value


def test_layers_in_a_module_of_ones_own():
    class TwoHeads(Module):
        def __init__(self):
            source = random.Random(0)
            self.body = Layer(2, 4, activation="tanh", seed=source)
            self.heads = {"left": Neuron(4, seed=source), "right": Neuron(4, seed=source)}

        def __call__(self, x):
            hidden = self.body(x)
            return {side: head(hidden) for side, head in self.heads.items()}

    model = TwoHeads()
    assert model.parameter_count == 12 + 10
    assert set(model([1.0, 2.0])) == {"left", "right"}


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        (
            [1.0],
            ValueError,
            "inputs has 1 number, but this MLP takes 2; a batch is rows of 2",
        ),
        (
            [1.0, 2.0, 3.0],
            ValueError,
            "inputs has 3 numbers, but this MLP takes 2; a batch is rows of 2",
        ),
        (
            [],
            ValueError,
            "inputs has 0 numbers, but this MLP takes 2; a batch is rows of 2",
        ),
        ([1.0, math.nan], ValueError, r"inputs\[1\] must be a finite number, got nan"),
        ([-math.inf, 1.0], ValueError, r"inputs\[0\] must be a finite number, got -inf"),
        ([1.0, Value(math.nan)], ValueError, r"inputs\[1\] must be a finite number"),
        ([10**400, 1], ValueError, r"inputs\[0\] is too large for a float"),
        (["1.0", 2.0], TypeError, r"inputs\[0\] .*str"),
        ([None, 2.0], TypeError, r"inputs\[0\] must be a real number, got NoneType None"),
        ([1j, 2.0], TypeError, r"inputs\[0\] must be a real number, got complex"),
        ("12", TypeError, "one example, or of rows, a batch, got str '12'"),
        (1.0, TypeError, "one example, or of rows, a batch, got float 1.0"),
        ({0: 1.0, 1: 2.0}, TypeError, "one example, or of rows, a batch, got dict"),
        ({1.0, 2.0}, TypeError, "one example, or of rows, a batch, got set"),
        ([1.0, [3.0, 4.0]], TypeError, r"inputs\[1\] is a list, not a number; the MLP takes"),
    ],
)
def test_bad_inputs(inputs, error, message):
    with pytest.raises(error, match=message):
        MLP(2, [3, 1])(inputs)


@pytest.mark.parametrize("module", [Neuron(2), Layer(2, 3), MLP(2, [3])])
def test_every_module_says_how_many_inputs_it_takes(module):
    with pytest.raises(ValueError, match=f"3 numbers, but this {type(module).__name__} takes 2"):
        module([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Neuron(0), ValueError, "nin must be at least 1, got 0"),
        (lambda: Neuron(2.0), TypeError, "nin must be an integer of at least 1, got float 2.0"),
        (lambda: Neuron("2"), TypeError, "nin must be an integer of at least 1, got str '2'"),
        (lambda: Neuron(True), TypeError, "nin must be an integer"),
        (lambda: Neuron(Value(2.0)), TypeError, "nin must be an integer"),
        (lambda: Neuron(2, True, activation="tanh"), ValueError, "nonlin or activation, not both"),
        (lambda: Layer(2, 0), ValueError, "nout must be at least 1, got 0"),
        (lambda: Layer(-1, 2), ValueError, "nin must be at least 1, got -1"),
        (lambda: Layer(2, None), TypeError, "nout must be an integer"),
        (lambda: MLP(2, []), ValueError, "nouts is empty"),
        (lambda: MLP(2, 1), TypeError, "nouts must be a list of layer sizes, got int 1"),
        (lambda: MLP(2, "31"), TypeError, "nouts must be a list of layer sizes, got str"),
        (lambda: MLP(2, [3, 0, 1]), ValueError, r"nouts\[1\] must be at least 1, got 0"),
        (lambda: MLP(2, [3, 1.0]), TypeError, r"nouts\[1\] must be an integer"),
        (lambda: MLP(0, [1]), ValueError, "nin must be at least 1"),
        (lambda: MLP(2, [3, 1], activations=["relu"]), ValueError, "got 1 for 2 layers"),
        (lambda: MLP(2, [1], "relu", activations=["relu"]), ValueError, "not both"),
        (lambda: MLP(2, [1], activations="relu"), TypeError, "activations must be a list"),
    ],
)
def test_bad_sizes_and_choices(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_sizes_of_numpy():
    numpy = pytest.importorskip("numpy")
    assert MLP(numpy.int64(2), numpy.array([3, 1])).parameter_count == 13


def test_an_activation_in_the_place_of_the_switch_is_the_activation():
    built = Neuron(2, "tanh"), Layer(2, 3, "tanh"), Layer(2, 3, nonlin=tanh)
    assert [one.activation.name for one in built] == ["tanh"] * 3
    assert Layer(36, 10, "linear").activation.name == "linear"
    with pytest.raises(ValueError, match="not both"):
        Layer(2, 3, "tanh", activation="relu")
    with pytest.raises(ValueError, match="'linaer' is unknown"):
        Layer(2, 3, "linaer")
    with pytest.raises(TypeError, match="a name or a function, got float"):
        Neuron(2, 0.5)
