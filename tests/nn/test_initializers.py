"""Initializers: ranges and variances from the papers, and repeatability."""

import math
import random
import statistics

import pytest

from nn import MLP, Layer, Neuron, initializers

DRAWS = 20_000
NIN, NOUT = 50, 30
VARIANCES = {
    "uniform": 1 / 3,
    "normal": 1.0,
    "xavier_uniform": 2 / (NIN + NOUT),
    "xavier_normal": 2 / (NIN + NOUT),
    "glorot_uniform": 2 / (NIN + NOUT),
    "glorot_normal": 2 / (NIN + NOUT),
    "he_uniform": 2 / NIN,
    "he_normal": 2 / NIN,
    "kaiming_uniform": 2 / NIN,
    "kaiming_normal": 2 / NIN,
    "lecun_uniform": 1 / NIN,
    "lecun_normal": 1 / NIN,
    "zeros": 0.0,
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


@pytest.mark.parametrize("name", [name for name in VARIANCES if name.endswith("uniform")])
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
