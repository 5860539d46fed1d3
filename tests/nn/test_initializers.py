"""Initializers: ranges and variances from the papers, and repeatability."""

import math
import random
import statistics

import pytest

import autograd
from nn import MLP, Layer, Neuron, activations, initializers

DRAWS = 20_000
NIN, NOUT = 50, 30
PAPERS = {
    "xavier": 2 / (NIN + NOUT),
    "glorot": 2 / (NIN + NOUT),
    "he": 2 / NIN,
    "kaiming": 2 / NIN,
    "lecun": 1 / NIN,
}
VARIANCES = {
    "micrograd": 1 / 3,
    "uniform": 1 / 3,
    "normal": 1.0,
    **{name + kind: v for name, v in PAPERS.items() for kind in ("", "_uniform", "_normal")},
    "zeros": 0.0,
}
UNIFORM = ["micrograd", "uniform", *PAPERS, *(f"{name}_uniform" for name in PAPERS)]
# nin times the variance of a weight, of a layer with as many inputs as units.
BY_ACTIVATION = {
    "linear": 1,
    "step": 1,
    "sigmoid": 1,
    "tanh": 1,
    "softmax": 1,
    "relu": 2,
    "leaky_relu": 2,
    "elu": 2,
    "gelu": 2,
    "silu": 2,
    "softplus": 2,
    "selu": 1,
}


def test_every_name_is_listed_here():
    assert set(VARIANCES) == set(initializers.BY_NAME)


@pytest.mark.parametrize("name", VARIANCES)
def test_mean_and_variance(name):
    draw, source = initializers.initializer(name), random.Random(11)
    weights = [draw(source, NIN, NOUT) for _ in range(DRAWS)]
    deviation = math.sqrt(VARIANCES[name])
    # Five standard errors; the variance of a normal sample's variance is 2 sigma^4 / n.
    assert abs(statistics.fmean(weights)) <= 5 * deviation / math.sqrt(DRAWS)
    error = 5 * VARIANCES[name] * math.sqrt(2 / DRAWS)
    assert abs(statistics.pvariance(weights) - VARIANCES[name]) <= error


@pytest.mark.parametrize("name", UNIFORM)
def test_uniform_ones_stay_in_their_range_and_reach_its_ends(name):
    draw, source = initializers.initializer(name), random.Random(12)
    limit = math.sqrt(3 * VARIANCES[name])
    weights = [abs(draw(source, NIN, NOUT)) for _ in range(DRAWS)]
    assert 0.99 * limit < max(weights) <= limit * (1 + 1e-12)


def test_normal_with_mean_and_deviation():
    source = random.Random(13)
    draw = initializers.normal(3.0, 0.5)
    weights = [draw(source, 1, 1) for _ in range(DRAWS)]
    assert statistics.fmean(weights) == pytest.approx(3.0, abs=0.02)
    assert statistics.stdev(weights) == pytest.approx(0.5, abs=0.02)


def test_a_seed_repeats_a_model_and_another_does_not():
    def weights(seed):
        return [p.data for p in MLP(3, [4, 2], seed=seed).parameters()]

    assert weights(7) == weights(7)
    assert weights(7) != weights(8)
    assert weights(random.Random(7)) == weights(7)


def test_a_seed_leaves_the_global_generator_alone():
    random.seed(5)
    before = random.getstate()
    MLP(3, [4, 2], seed=7)
    MLP(3, [4, 2], initializer="he_normal", seed=7)
    assert random.getstate() == before


def test_without_a_seed_the_global_generator_decides():
    random.seed(1337)
    first = [p.data for p in MLP(2, [3, 1]).parameters()]
    second = [p.data for p in MLP(2, [3, 1]).parameters()]
    random.seed(1337)
    assert [p.data for p in MLP(2, [3, 1]).parameters()] == first
    assert first != second


def test_layers_sharing_a_generator_go_on_drawing():
    source = random.Random(3)
    first, second = Layer(2, 2, seed=source), Layer(2, 2, seed=source)
    assert [p.data for p in first.parameters()] != [p.data for p in second.parameters()]


def test_micrograds_weights_after_the_same_seed():
    random.seed(1337)
    expected = []
    for nin, nout in [(2, 16), (16, 16), (16, 1)]:
        for _ in range(nout):
            expected += [random.uniform(-1, 1) for _ in range(nin)] + [0.0]
    random.seed(1337)
    assert [p.data for p in MLP(2, [16, 16, 1]).parameters()] == expected
    model = MLP(2, [16, 16, 1], initializer="micrograd", seed=1337)
    assert [p.data for p in model.parameters()] == expected


def weights_of(model):
    return [w.data for w in model.parameters() if w.data != 0.0]


def test_every_activation_has_its_initializer():
    assert set(BY_ACTIVATION) == set(initializers.BY_ACTIVATION) == set(activations.BY_NAME)


@pytest.mark.parametrize("name", BY_ACTIVATION)
def test_by_activation_where_there_is_a_seed(name):
    size = 60
    limit = math.sqrt(3 * BY_ACTIVATION[name] / size)
    weights = weights_of(Layer(size, size, activation=name, seed=1))
    assert 0.99 * limit < max(map(abs, weights)) <= limit
    assert statistics.pvariance(weights) == pytest.approx(limit**2 / 3, rel=0.1)


def test_fan_out_counts_for_tanh_and_fan_in_for_relu_and_selu():
    for name, variance in [("tanh", 2 / 80), ("softmax", 2 / 80), ("relu", 2 / 20), ("selu", 0.05)]:
        weights = weights_of(Layer(20, 60, activation=name, seed=1))
        assert statistics.pvariance(weights) == pytest.approx(variance, rel=0.1)


def test_each_layer_of_a_network_by_its_own_activation():
    model = MLP(40, [40, 40, 40], activations=["relu", "tanh", lambda z: z * z], seed=2)
    reached = [max(map(abs, weights_of(layer))) * math.sqrt(40 / 3) for layer in model.layers]
    assert reached == pytest.approx([math.sqrt(2), 1.0, 1.0], rel=0.01)


def test_an_activation_of_your_own_gets_glorot_whatever_its_name():
    def relu(z):
        return z.relu()

    assert activations.activation(autograd.relu) is activations.BY_NAME["relu"]
    mine, glorot = (
        weights_of(Layer(20, 60, activation=relu, seed=1, initializer=choice))
        for choice in (None, "glorot")
    )
    assert mine == glorot


def test_the_same_numbers_are_drawn_whatever_they_are_scaled_to():
    # A seed stays what it is: one number per weight, in the same order.
    old = weights_of(MLP(3, [4, 4, 1], initializer="micrograd", seed=5))
    new = weights_of(MLP(3, [4, 4, 1], seed=5))
    limits = [math.sqrt(6 / 3)] * 12 + [math.sqrt(6 / 4)] * 16 + [math.sqrt(6 / 5)] * 4
    assert new == pytest.approx([w * limit for w, limit in zip(old, limits, strict=True)])


@pytest.mark.parametrize("seed", [None, random])
def test_without_a_seed_auto_asks_for_what_suits_the_activation(seed):
    random.seed(3)
    found = weights_of(MLP(3, [4, 4, 1], initializer="auto", seed=seed))
    assert found == weights_of(MLP(3, [4, 4, 1], seed=3))
    random.seed(3)
    plain = weights_of(MLP(3, [4, 4, 1], seed=seed))
    assert plain == weights_of(MLP(3, [4, 4, 1], initializer="uniform", seed=3))
    assert plain != found


@pytest.mark.parametrize("seed", [1, random.Random(1)])
def test_a_neuron_alone_counts_itself_as_its_layer(seed):
    neuron = Neuron(4, activation="tanh", seed=seed)
    source, limit = random.Random(1), math.sqrt(6 / 5)
    expected = [source.uniform(-limit, limit) for _ in range(4)]
    assert [w.data for w in neuron.weights] == pytest.approx(expected, rel=1e-15)


def test_biases_start_at_zero():
    model = MLP(2, [3, 1], initializer=initializers.constant(0.5))
    for name, parameter in model.named_parameters():
        assert parameter.data == (0.0 if name.endswith("bias") else 0.5)


def test_a_function_sees_the_sizes_of_its_layer():
    seen = []

    def draw(source, nin, nout):
        seen.append((nin, nout))
        return 0.0

    MLP(2, [3, 1], initializer=draw)
    assert seen == [(2, 3)] * 6 + [(3, 1)] * 3


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Neuron(2, initializer="gloriot"), ValueError, "gloriot.*xavier_uniform"),
        (lambda: Neuron(2, initializer=0.5), TypeError, "initializer must be a name"),
        (lambda: Neuron(2, initializer=lambda s, i, o: "x"), TypeError, "initializer's result"),
        (lambda: Neuron(2, initializer=lambda s, i, o: math.nan), ValueError, "result.*nan"),
        (lambda: Neuron(2, seed=1.5), TypeError, "seed must be an integer"),
        (lambda: Neuron(2, seed="abc"), TypeError, "seed must be an integer"),
        (lambda: Neuron(2, seed=True), TypeError, "seed must be an integer"),
        (lambda: initializers.uniform(1.0, -1.0), ValueError, "low must not be greater"),
        (lambda: initializers.uniform("a"), TypeError, "low must be a real number"),
        (lambda: initializers.normal(0.0, -1.0), ValueError, "deviation must not be negative"),
        (lambda: initializers.constant(math.inf), ValueError, "weight must be a finite"),
    ],
)
def test_bad_arguments(make, error, message):
    with pytest.raises(error, match=message):
        make()
