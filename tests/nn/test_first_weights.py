"""First weights by activation: signals keep their size through layers, and wide networks learn."""

import importlib.util
import math
import random
import statistics
from pathlib import Path

import pytest

from nn import MLP

BENCHMARK = Path(__file__).parents[1] / "benchmarks" / "initializers.py"


@pytest.fixture(scope="module")
def trainings():
    specification = importlib.util.spec_from_file_location("initializers_benchmark", BENCHMARK)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def gains(activation, initializer, width=40, depth=4):
    """The mean square of each layer's activations over that of its inputs, in plain floats."""
    model = MLP(width, [width] * depth, activations=[activation] * depth, seed=1,
                initializer=initializer)  # fmt: skip
    source = random.Random(2)
    rows = [[source.gauss(0.0, 1.0) for _ in range(width)] for _ in range(12)]
    function = {"relu": lambda z: max(0.0, z), "tanh": math.tanh, "linear": float}[activation]
    found = []
    for layer in model.layers:
        weights = [[w.data for w in neuron.weights] for neuron in layer.neurons]
        outputs = [
            [function(sum(map(float.__mul__, unit, row))) for unit in weights] for row in rows
        ]
        squares = [statistics.fmean(x * x for row in each for x in row) for each in (rows, outputs)]
        found.append(squares[1] / squares[0])
        rows = outputs
    return found


@pytest.mark.any_engine
def test_signals_keep_their_size_through_relu_and_linear_layers():
    # E z² = nin Var w E x² (He et al., 2015, eq. 7-9): 2 E x² before relu, which halves it.
    for activation in ("relu", "linear"):
        assert all(0.7 < gain < 1.4 for gain in gains(activation, None)), activation
    assert all(gain > 5.0 for gain in gains("relu", "micrograd"))  # 40 / 3 / 2


@pytest.mark.any_engine
def test_tanh_is_not_saturated_by_its_first_weights():
    assert min(gains("tanh", None)) > 0.3
    mean_squares = math.prod(gains("tanh", "micrograd"))
    assert mean_squares > 0.6  # most units of the last layer are near -1 or 1
    assert math.prod(gains("tanh", None)) < 0.3


@pytest.mark.any_engine
def test_digits_are_learned_sooner_from_weights_by_activation(trainings):
    pytest.importorskip("sklearn")
    wrong = {choice: trainings.ten_digits(choice, 1) for choice in trainings.CHOICES}
    assert wrong["auto"] < 0.16
    assert wrong["micrograd"] > wrong["auto"] + 0.04


@pytest.mark.any_engine
def test_moons_and_the_lecture_are_learned_from_most_seeds(trainings):
    assert max(trainings.two_moons("auto", seed) for seed in range(2)) < 0.1
    ends = [trainings.lecture("auto", seed) for seed in range(10)]
    assert sum(end < 1.0 for end in ends) >= 7
