"""Functions of NumPy that are written anew for Values give what NumPy's own give, and slopes."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from autograd import compile, grad, jacobian
from autograd.arrays import array_of
from autograd.restated import RESTATED
from autograd.selection import values
from tests.array_differences import differences

GRID = np.array([-1.0, 0.0, 0.5, 2.0])
HEIGHTS = np.array([2.0, -1.0, 0.25, 3.0])
POINTS = np.array([-3.0, -1.0, -0.3, 0.0, 0.2, 0.5, 1.7, 2.0, 5.0])
VECTOR = np.array([0.3, -1.25, 2.0, 0.7, -0.4])
MATRIX = np.array([[0.3, -1.25, 2.0, 0.7], [1.5, 0.2, -0.6, 0.9], [-0.8, 1.1, 0.4, -2.0]])

CASES = {
    "interp at points": (lambda x: np.interp(x, GRID, HEIGHTS), POINTS + 0.01),
    "interp of heights": (lambda y: np.interp(POINTS, GRID, y), HEIGHTS),
    "interp of a grid": (lambda g: np.interp(POINTS + 0.01, g, HEIGHTS), GRID),
    "interp with ends": (lambda x: np.interp(x, GRID, HEIGHTS, 7.0, right=-7.0), POINTS + 0.01),
    "interp with an end that moves": (lambda y: np.interp(9.0, GRID, y, right=y[0] * 2), HEIGHTS),
    "interp of one point": (lambda y: np.interp(POINTS, [1.0], y), HEIGHTS[:1]),
    "interp of a matrix": (lambda x: np.interp(x, GRID, HEIGHTS), MATRIX + 0.01),
    "interp at a step": (lambda y: np.interp([0.5, 1.5], [0.0, 1.0, 1.0, 2.0], y), HEIGHTS),
    "gradient": (np.gradient, VECTOR),
    "gradient by a distance": (lambda y: np.gradient(y, 0.5), VECTOR),
    "gradient by places": (lambda y: np.gradient(y, [0.0, 1.0, 1.5, 4.0, 5.0]), VECTOR),
    "gradient along axes": (lambda y: np.stack(np.gradient(y)), MATRIX),
    "gradient along one": (lambda y: np.gradient(y, 2.0, axis=1), MATRIX),
    "gradient along the last": (lambda y: np.gradient(y, [0.0, 1.0, 3.0, 4.0], axis=-1), MATRIX),
    "gradient by distances": (lambda y: np.stack(np.gradient(y, 2.0, 0.5)), MATRIX),
    "gradient of two": (np.gradient, VECTOR[:2]),
    "quantile": (lambda x: np.quantile(x, 0.3), VECTOR),
    "quantiles": (lambda x: np.quantile(x, [[0.0, 0.1], [0.55, 1.0]]), VECTOR),
    "quantile along an axis": (lambda x: np.quantile(x, [0.3, 0.8], axis=1), MATRIX),
    "quantile kept": (lambda x: np.quantile(x, [0.3, 0.8], axis=0, keepdims=True), MATRIX),
    "quantile along both": (lambda x: np.quantile(x, 0.3, axis=(0, 1)), MATRIX),
    "quantile of all, kept": (lambda x: np.quantile(x, 0.3, keepdims=True), MATRIX),
    "percentile": (lambda x: np.percentile(x, [5, 50, 95]), MATRIX),
    "cov": (np.cov, MATRIX), "cov of a vector": (np.cov, VECTOR),
    "cov of columns": (lambda x: np.cov(x, rowvar=False), MATRIX),
    "cov of two": (lambda x: np.cov(x, x**2), VECTOR),
    "biased cov": (lambda x: np.cov(x, bias=True), MATRIX),
    "cov with ddof": (lambda x: np.cov(x, ddof=2), MATRIX),
    "corrcoef": (np.corrcoef, MATRIX), "corrcoef of two": (lambda x: np.corrcoef(x, x**2), VECTOR),
    "3-norm": (lambda x: np.linalg.norm(x, 3), VECTOR),
    "2.5-norm of rows": (lambda x: np.linalg.norm(x, 2.5, axis=1), MATRIX),
    "2.5-norm kept": (lambda x: np.linalg.norm(x, 2.5, axis=0, keepdims=True), MATRIX),
    "norm of NumPy": (lambda x: np.linalg.norm(x, np.inf, axis=1), MATRIX),
    "Frobenius": (lambda x: np.linalg.norm(x, "fro"), MATRIX),
    "nan_to_num": (np.nan_to_num, VECTOR),
}  # fmt: skip


@pytest.mark.parametrize(("f", "x"), CASES.values(), ids=CASES)
def test_values_and_slopes_are_those_of_numpy(f, x):
    program = compile(lambda x: f(x) * 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = program(x)
    assert np.shape(found) == np.shape(f(x))
    assert np.allclose(found, f(x), rtol=1e-14)
    assert np.allclose(jacobian(f)(x), differences(f, x), atol=1e-7)
    # Numbers on the other side of a branch: another way through the function.
    other = x[..., ::-1] * 1.1 if f not in (CASES["interp of a grid"][0],) else x * 1.5
    assert np.allclose(program(other), f(other), rtol=1e-13)


def test_every_restated_function_is_tried():
    tried = " ".join(CASES)
    assert all(
        name.rpartition(".")[2] in tried
        for name in RESTATED
        if not name.startswith("numpy.linalg") or name.endswith("norm")
    )


def test_at_the_points_of_a_line_interp_has_their_heights_and_the_slope_beside():
    x = array_of(values(GRID), (4,))
    assert [y.data for y in np.interp(x, GRID, HEIGHTS)] == list(HEIGHTS)
    slopes = np.diff(HEIGHTS) / np.diff(GRID)
    found = jacobian(lambda x: np.interp(x, GRID, HEIGHTS))(GRID)
    assert found.tolist() == np.diag([*slopes, slopes[-1]]).tolist()
    assert np.isnan(np.interp(array_of(values([np.nan]), (1,)), GRID, HEIGHTS)[0].data)


def test_infinities_become_numbers():
    given = np.array([np.nan, np.inf, -np.inf, 2.0])
    for options in ({}, {"nan": -1.0, "posinf": 5.0, "neginf": -5.0}):
        found = np.nan_to_num(array_of(values(given), (4,)), **options)
        assert [getattr(x, "data", x) for x in found] == np.nan_to_num(given, **options).tolist()
    assert grad(lambda x: np.sum(np.nan_to_num(x)))(given).tolist() == [0.0, 0.0, 0.0, 1.0]


@pytest.mark.parametrize(("f", "error", "words"), [
    (lambda x: np.interp(x, GRID, HEIGHTS, period=1.0), TypeError, "interp.*no period"),
    (lambda x: np.interp(x, GRID, HEIGHTS[:2]), ValueError, r"fp has the shape \(2,\), xp \(4,\)"),
    (lambda x: np.interp(x, [], []), ValueError, "interp"),
    (lambda x: np.gradient(x, edge_order=2), ValueError, "edges of the order 1"),
    (lambda x: np.gradient(x[:1]), ValueError, "at least two elements"),
    (lambda x: np.gradient(x, 1.0, 2.0), TypeError, "2 distances for 1 axes"),
    (lambda x: np.quantile(x, 1.5), ValueError, r"between 0 and 1, got 1\.5"),
    (lambda x: np.quantile(x, 0.5, method="nearest"), TypeError, "'linear', not 'nearest'"),
    (lambda x: np.quantile(x, x[0]), TypeError, "would lose the gradient"),
    (lambda x: np.cov(x, aweights=x), TypeError, "numpy.cov does not take.*aweights"),
])  # fmt: skip
def test_what_is_not_restated_is_refused(f, error, words):
    with pytest.raises(error, match=words):
        jacobian(f)(VECTOR)
