"""Activations: values and slopes against mpmath, and how they are chosen."""

import copy
import pickle

import mpmath
import pytest

import autograd
from autograd import Value
from nn import MLP, Activation, Layer, Neuron, activations

SELU_SCALE = mpmath.mpf("1.0507009873554804934193349852946")
SELU_ALPHA = mpmath.mpf("1.6732632423543772848170429916717")

EXACT = {
    "linear": lambda z: z,
    "step": lambda z: mpmath.mpf(z > 0),
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "relu": lambda z: z if z > 0 else mpmath.mpf(0),
    "leaky_relu": lambda z: z if z > 0 else mpmath.mpf(0.01) * z,
    "elu": lambda z: z if z > 0 else mpmath.expm1(z),
    "selu": lambda z: SELU_SCALE * (z if z > 0 else SELU_ALPHA * mpmath.expm1(z)),
    "gelu": lambda z: z * mpmath.erfc(-z / mpmath.sqrt(2)) / 2,
    "silu": lambda z: z / (1 + mpmath.exp(-z)),
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
}
POINTS = [-4.0, -1.5, -0.25, 0.125, 1.0, 3.5]


def test_every_activation_is_tested():
    assert {*EXACT, "softmax"} == set(activations.BY_NAME)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("name", EXACT)
def test_value_and_slope_of_a_neuron(name, point):
    neuron = Neuron(1, activation=name, initializer=lambda *_: 1.0)
    x = Value(point)
    a = neuron([x])
    a.backward()
    with mpmath.workdps(40):
        assert a.data == pytest.approx(float(EXACT[name](mpmath.mpf(point))), rel=1e-14, abs=1e-300)
        slope = float(mpmath.diff(EXACT[name], point))
    assert x.grad == pytest.approx(slope, rel=1e-12, abs=1e-25)


@pytest.mark.parametrize("label", range(3))
def test_softmax_layer(label):
    layer = Layer(3, 3, activation="softmax", initializer="zeros")
    for j, neuron in enumerate(layer.neurons):
        neuron.weights[j].data = 1.0
    z = [Value(0.5), Value(-2.0), Value(3.0)]
    a = layer(z)
    a[label].backward()
    with mpmath.workdps(40):
        exact = [mpmath.exp(v.data) for v in z]
        p = [e / mpmath.fsum(exact) for e in exact]
        slopes = [p[label] * ((k == label) - p[k]) for k in range(3)]
    assert [v.data for v in a] == pytest.approx([float(v) for v in p], rel=1e-14)
    assert [v.grad for v in z] == pytest.approx([float(v) for v in slopes], rel=1e-13)


def test_aliases():
    assert activations.activation("identity").name == "linear"
    assert activations.activation("logistic").name == "sigmoid"


def test_a_linear_unit_adds_no_node():
    z = Neuron(2, activation="identity", seed=0)([1.0, 2.0])
    assert (z.op, z.label) == ("dot", "z")


def test_a_function_of_ones_own():
    neuron = Neuron(1, activation=lambda z: z * z + 1.0, initializer=lambda *_: 3.0)
    x = Value(2.0)
    a = neuron([x])
    a.backward()
    assert (a.data, x.grad) == (37.0, 36.0)
    assert repr(neuron) == "Neuron(1 → <lambda>, 2 parameters)"


def test_functions_of_autograd_keep_their_names():
    assert activations.activation(autograd.tanh) is activations.BY_NAME["tanh"]
    assert repr(Layer(1, 2, activation=autograd.softmax)) == "Layer(1 → 2 softmax, 4 parameters)"
    assert repr(Neuron(1, activation=autograd.sin)) == "Neuron(1 → sin, 2 parameters)"


def test_a_layer_wide_function_of_ones_own():
    def centred(net_inputs):
        middle = autograd.mean(net_inputs)
        return [z - middle for z in net_inputs]

    layer = Layer(1, 3, activation=Activation("centred", centred, whole_layer=True), seed=0)
    assert sum(a.data for a in layer([1.0])) == pytest.approx(0.0, abs=1e-15)


def test_named_activations_travel_by_name():
    for chosen in activations.BY_NAME.values():
        assert pickle.loads(pickle.dumps(chosen)) is chosen
        assert copy.deepcopy(chosen) is chosen
    own = Activation("own", autograd.sin)
    assert pickle.loads(pickle.dumps(own)).function is autograd.sin


@pytest.mark.parametrize(("known_as", "name"), [("ReLU", "relu"), ("Identity", "linear")])
def test_names_are_known_in_any_case(known_as, name):
    assert activations.activation(known_as) is activations.BY_NAME[name]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: Neuron(2, activation="rellu"),
            ValueError,
            "'rellu' is unknown.*sigmoid.*logistic",
        ),
        (lambda: MLP(2, [2], ["relu"]), TypeError, r"one per layer write activations=\[...\]"),
        (lambda: Neuron(2, activation=3), TypeError, "name or a function, got int 3"),
        (lambda: Neuron(2, activation="softmax"), ValueError, "needs a whole layer"),
        (lambda: Layer(2, 1, activation="softmax"), ValueError, "single unit is always 1"),
        (lambda: MLP(2, [2, 1], output_activation="x"), ValueError, "output_activation 'x'"),
        (lambda: MLP(2, [2], activations=["x"]), ValueError, r"activations\[0\] 'x'"),
        (lambda: Neuron(1, activation=lambda z: z.data)([1.0]), TypeError, "must return a Value"),
    ],
)
def test_bad_choices(make, error, message):
    with pytest.raises(error, match=message):
        make()
