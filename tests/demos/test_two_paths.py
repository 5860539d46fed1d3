"""The lecture's picture: what it says is true, and the committed pictures are what it draws."""

import importlib.util
import math
from pathlib import Path

import pytest

from autograd import count_paths, paths

DEMOS = Path(__file__).resolve().parents[2] / "demos"


@pytest.fixture(scope="module")
def two_paths():
    specification = importlib.util.spec_from_file_location("two_paths", DEMOS / "two_paths.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_a_first_layer_weight_has_two_paths_that_add_up_to_its_gradient(two_paths):
    loss, weight = two_paths.lecture_network()
    assert count_paths(weight, loss) == 2
    products = [path.product for path in paths(weight, loss)]
    assert math.fsum(products) == pytest.approx(weight.grad, rel=1e-15)


def test_the_gradient_is_the_one_written_out_by_hand(two_paths):
    # The textbook's deltas, in plain floats: no line of the engine takes part.
    loss, weight = two_paths.lecture_network()
    layers = [
        [([w.data for w in neuron.weights], neuron.bias.data) for neuron in layer.neurons]
        for layer in two_paths.MLP(2, [2, 2, 1], activation="tanh", seed=3).layers
    ]
    activations = [[0.5, -1.0]]
    for number, layer in enumerate(layers):
        net = [sum(w * a for w, a in zip(ws, activations[-1], strict=True)) + b for ws, b in layer]
        activations.append(net if number == 2 else [math.tanh(z) for z in net])
    deltas = [activations[3][0] - 1.0]
    for number in (2, 1):
        deltas = [
            (1.0 - a * a)
            * sum(d * ws[j] for d, (ws, _) in zip(deltas, layers[number], strict=True))
            for j, a in enumerate(activations[number])
        ]
    assert loss.data == pytest.approx(0.5 * (1.0 - activations[3][0]) ** 2, rel=1e-14)
    assert weight.grad == pytest.approx(deltas[0] * 0.5, rel=1e-13)


def test_the_committed_pictures_are_what_is_drawn(two_paths, tmp_path, capsys):
    two_paths.main(["--output", str(tmp_path)])
    assert "along two paths" in capsys.readouterr().out
    for name in ("two_paths.svg", "expression.svg"):
        drawn = (tmp_path / name).read_text(encoding="utf-8")
        committed = (DEMOS / "pictures" / name).read_text(encoding="utf-8")
        assert drawn == committed, (
            f"run: python demos/two_paths.py --output demos/pictures ({name})"
        )
