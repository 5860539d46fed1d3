"""The lecture's picture: what it says is true, by hand."""

import math
from itertools import pairwise

import pytest

from autograd import count_paths, paths
from nn import MLP


def test_a_first_layer_weight_has_two_paths_that_add_up_to_its_gradient(demo):
    loss, weight = demo.lecture_network()
    assert count_paths(weight, loss) == 2
    products = [path.product for path in paths(weight, loss)]
    assert math.fsum(products) == pytest.approx(weight.grad, rel=1e-15)


def test_the_gradient_is_the_one_written_out_by_hand(demo):
    # The textbook's deltas, in plain floats: no line of the engine takes part.
    loss, weight = demo.lecture_network()
    layers = [
        [([w.data for w in neuron.weights], neuron.bias.data) for neuron in layer.neurons]
        for layer in MLP(2, [2, 2, 1], activation="tanh", seed=3).layers
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


def test_both_paths_share_the_first_unit_and_no_other(demo):
    assert demo.shared(*demo.lecture_network()) == {"a_1^(1)": 2, "a_1^(2)": 1, "a_2^(2)": 1}


def test_paths_triple_with_every_layer_while_reverse_mode_adds_the_same(demo):
    rows = demo.costs()
    assert [count for _, count, *_ in rows] == [3 ** (depth - 1) for depth, *_ in rows]
    reverse = [row[-1] for row in rows]
    assert {after - before for before, after in pairwise(reverse)} == {24}
    assert all(by_path > forward > reverse for _, _, by_path, forward, reverse in rows[1:])


def test_every_slope_is_used_by_all_paths_through_its_unit(demo):
    # A layer of n units with 3 parameters each: 3 paths of its own, and all that come from below.
    uses = {name: count for name, _, count in demo.reused()}
    first, second, last = 3 * 2, 3 + 6, 3 + 2 * 9
    assert uses == {
        "z_1^(3)": last, "z_1^(2)": second, "z_2^(2)": second, "z_1^(1)": first, "z_2^(1)": first
    }  # fmt: skip
    assert all(slope != 0.0 for _, slope, _ in demo.reused())
