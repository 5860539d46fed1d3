import pytest


def test_the_unit_fires_past_its_threshold(demo):
    unit = demo.neuron([1.0, 1.0], -1.5)
    assert [unit(corner).data for corner in demo.CORNERS] == [0.0, 0.0, 0.0, 1.0]


@pytest.mark.parametrize("name", ["AND", "OR"])
def test_a_line_is_found_and_separates(demo, name):
    run = demo.learn(name)
    assert run.converged
    bias, first, second = run.weights[-1]
    sides = [bias + first * x + second * y > 0.0 for x, y in demo.CORNERS]
    assert sides == [bool(label) for label in demo.LABELS[name]]


@pytest.mark.parametrize("seed", [None, *range(10)])
def test_on_xor_no_start_helps(demo, seed):
    run = demo.learn("XOR", epochs=200, seed=seed)
    assert not run.converged
    assert not run.separability.separable


def test_the_bias_is_an_input_that_is_always_1(demo):
    with_bias, as_input = demo.two_forms()
    assert with_bias == as_input
    assert len(set(with_bias)) == 4


def test_the_line_it_draws_is_where_the_net_input_is_zero(demo):
    for weights in [(-1.5, 1.0, 1.0), (0.5, 1.0, -2.0), (-1.0, 2.0, 0.0)]:
        ends = demo.line(weights, -0.5, 1.5)
        assert len(ends) == 2
        assert all(weights[0] + weights[1] * x + weights[2] * y == 0.0 for x, y in ends)
