"""SciPy's methods on our gradients, against closed forms."""

import random

import pytest

pytest.importorskip("scipy")
numpy = pytest.importorskip("numpy")

from nn import MLP, minimize


def line(rows=30, outputs=1, seed=2):
    source = random.Random(seed)
    X = [[source.gauss(0, 1), source.gauss(0, 1)] for _ in range(rows)]
    y = [[2 * x - z + k + source.gauss(0, 0.1) for k in range(outputs)] for x, z in X]
    return X, y if outputs > 1 else [row[0] for row in y]


def solved(X, y):
    columns = numpy.column_stack([X, numpy.ones(len(X))])
    return numpy.linalg.lstsq(columns, numpy.array(y), rcond=None)[0]


@pytest.mark.parametrize("method", ["L-BFGS-B", "BFGS", "CG", "SLSQP", "least_squares"])
def test_a_line_is_the_normal_equation_s(method):
    X, y = line()
    model = MLP(2, [1], "linear", seed=1)
    tight = {} if method == "least_squares" else {"tol": 1e-12}
    found = minimize(model, X, y, "mse", method=method, **tight)
    assert [p.data for p in model.parameters()] == pytest.approx(solved(X, y), abs=1e-5)
    assert found.loss < found.start
    assert found.evaluations >= 2
    assert "loss" in repr(found)


def test_several_outputs_by_least_squares():
    X, y = line(outputs=3)
    model = MLP(2, [3], "linear", seed=1)
    minimize(model, X, y, "mse", method="least_squares")
    ours = [[*[w.data for w in u.weights], u.bias.data] for u in model.layers[0].neurons]
    assert numpy.allclose(numpy.array(ours).T, solved(X, y), atol=1e-6)


def test_a_penalty_is_ridge_regression():
    X, y = line()
    model = MLP(2, [1], "linear", seed=1)
    minimize(model, X, y, "mse", penalty=0.7, tol=1e-14)
    columns, wanted = numpy.array(X), numpy.array(y)
    # d/dw of mean (Xw + b - y)² + 0.35 w²; b is free, so that columns and y are centred.
    centred, target = columns - columns.mean(axis=0), wanted - wanted.mean()
    matrix = 2 * centred.T @ centred / len(X) + 0.7 * numpy.eye(2)
    weights = numpy.linalg.solve(matrix, 2 * centred.T @ target / len(X))
    assert [w.data for w in model.layers[0].neurons[0].weights] == pytest.approx(weights, abs=1e-5)


def test_networks_and_classes():
    X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    model = MLP(2, [4, 1], "tanh", seed=2)
    found = minimize(model, X, ["no", "yes", "yes", "no"], penalty=1e-4)
    assert model.predict(X) == ["no", "yes", "yes", "no"]
    assert found.converged


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"method": 3}, TypeError, "the name of one of SciPy's"),
        ({"penalty": -1.0}, ValueError, "penalty must be at least 0"),
        ({"method": "least_squares", "loss": "hinge", "y": [0, 1]}, ValueError, "squared errors"),
        ({"method": "least_squares", "penalty": 1.0}, ValueError, "no penalty"),
        ({"X": [[1.0]] * 2}, ValueError, "X has 1 column, the model has 2 inputs"),
    ],
)
def test_bad_input(changes, kind, words):
    given = {"model": MLP(2, [1], "linear", seed=1), "X": [[1, 2], [3, 4]], "y": [0.5, 1.5]}
    with pytest.raises(kind, match=words):
        minimize(**(given | {"loss": "mse"} | changes))
