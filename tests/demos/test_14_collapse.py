import pytest

from nn import MLP, collapse


def test_linear_layers_are_one_matrix(demo):
    model = MLP(3, [5, 4, 4, 2], "linear", seed=1)
    matrix = collapse(model)
    for x in ([0.3, -0.7, 1.1], [5.0, 0.0, -2.0]):
        products = [
            sum(w * number for w, number in zip(row, x, strict=True)) + bias
            for row, bias in zip(matrix.weights, matrix.bias, strict=True)
        ]
        assert [y.data for y in model(x)] == pytest.approx(products, rel=1e-12)


def test_depth_does_not_help_without_a_non_linearity(demo):
    shares = [demo.accuracy(demo.learn(name)) for name in demo.DEPTHS]
    assert max(shares) < 0.75
    assert demo.accuracy(demo.learn("tanh")) > 0.97


def test_with_a_non_linearity_there_is_no_matrix(demo):
    assert "is no matrix times x" in demo.refusal()
