"""sparse_jacobian and sparse_hessian: the dense matrices, without what is 0 at every point."""

from __future__ import annotations

import math
import pickle
import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, compile, grad, hessian, jacobian, sparse_hessian, sparse_jacobian
from autograd.graph import dependents, topological_order
from autograd.lifting import Lifted
from autograd.sparse_matrices import Pattern, SparseMatrix
from autograd.sparsity import _by_sweeps, _forward, entries
from autograd.structure import flatten


def rosenbrock(v):
    return sum(100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2 for a, b in pairwise(v))


def springs(v):
    return [autograd.sin(b - a) / (2.0 + a * a) for a, b in pairwise(v)]


def with_a_hub(v):
    """Everything meets the first number, and the second nothing."""
    return sum(autograd.exp(v[0] * x) for x in v[2:]) + 3.0 * v[1]


def stencil(field):
    inside = field[1:-1, 1:-1]
    around = field[2:, 1:-1] + field[:-2, 1:-1] + field[1:-1, 2:] + field[1:-1, :-2]
    return around - 4.0 * inside + inside**3


def long_way(v):
    deep = v[0]
    for _ in range(30):
        deep = autograd.sin(deep)
    return [deep * x for x in v[1:]]


def all_of_all(v):
    return [autograd.sum(v) * x for x in v]


def fields(size):
    source = random.Random(size)
    return [source.uniform(-1.2, 1.2) for _ in range(size)]


POINT = fields(7)
FIELD = np.array(fields(30)).reshape(5, 6)
JACOBIANS = {
    "a band": (springs, POINT, [2] * 6),
    "one column for all": (long_way, POINT, [2] * 6),
    "dense": (all_of_all, POINT, [7] * 7),
    "a stencil on an array": (stencil, FIELD, [5] * 12),
    "one number by one": (lambda x: x**3, 2.0, [1]),
    "no result": (lambda v: [], POINT, []),
    "the argument itself": (lambda v: [v[2], v[2], 1.0], POINT, [1, 1, 0]),
    "nested": (lambda v: {"a": [v[0], {"b": v[1] * v[2]}]}, POINT, [1, 2]),
    "one long sum": (sum, fields(40), [40]),
}
HESSIANS = {
    "rosenbrock": (rosenbrock, POINT, 19),
    "a hub and a zero row": (with_a_hub, POINT, 1 + 3 * 5),
    "linear": (lambda v: autograd.dot(v, v[::-1]) - autograd.dot(v, v[::-1]) + v[0], POINT, None),
    "of an array": (lambda x: np.sum(stencil(x) ** 2), FIELD, None),
    "one number": (lambda x: x**4, 2.0, 1),
}


def dense(matrix):
    return np.array(matrix.dense(), dtype=float).reshape(matrix.shape)


def as_matrix(tree, shape):
    return np.array(flatten(tree, "it")[0], dtype=float).reshape(shape)


def numbers(data):
    return [x.data if isinstance(x, Value) else float(x) for x in data]


# --- Against the dense ones and finite differences ------------------------------------------------


@pytest.mark.parametrize("name", JACOBIANS)
def test_a_jacobian_is_the_dense_one_without_zeros(name):
    f, point, row_lengths = JACOBIANS[name]
    found = sparse_jacobian(f)(point)
    assert np.diff(found.pattern.indptr).tolist() == row_lengths
    truth = as_matrix(jacobian(f)(point), found.shape)
    np.testing.assert_allclose(dense(found), truth, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", HESSIANS)
def test_a_hessian_is_the_dense_one_without_zeros(name):
    f, point, count = HESSIANS[name]
    found = sparse_hessian(f)(point)
    assert count is None or len(found.data) == count
    truth = as_matrix(hessian(f)(point), found.shape)
    np.testing.assert_allclose(dense(found), truth, rtol=1e-12, atol=1e-12)
    assert (dense(found) == dense(found).T).all()


@pytest.mark.parametrize("name", ["a band", "one column for all", "a stencil on an array"])
def test_a_jacobian_against_finite_differences(name):
    f, point, _ = JACOBIANS[name]
    flat, structure = flatten(point, "point")
    step = 1e-6

    def column(j):
        ends = []
        for side in (step, -step):
            moved = [x + side * (i == j) for i, x in enumerate(flat)]
            ends.append(np.array(flatten(f(structure.build(moved)), "f")[0], dtype=float))
        return (ends[0] - ends[1]) / (2 * step)

    truth = np.array([column(j) for j in range(len(flat))]).T
    np.testing.assert_allclose(dense(sparse_jacobian(f)(point)), truth, atol=1e-8)


def test_a_hessian_against_finite_differences_of_gradients():
    step = 1e-5
    for j in range(len(POINT)):
        ahead, behind = (
            np.array(grad(rosenbrock)([x + s * (i == j) for i, x in enumerate(POINT)]))
            for s in (step, -step)
        )
        truth = (ahead - behind) / (2 * step)
        np.testing.assert_allclose(dense(sparse_hessian(rosenbrock)(POINT))[:, j], truth, atol=1e-5)


@given(st.integers(0, 2**32 - 1))
def test_random_functions_have_no_entry_too_few(seed):
    source = random.Random(seed)
    binary = [lambda a, b: a * b, lambda a, b: a - b, lambda a, b: a / (2.0 + b * b)]
    unary = [autograd.sin, autograd.tanh, autograd.relu, abs, autograd.step, lambda a: 3.0]

    def f(v):
        source = random.Random(seed)
        known = list(v)
        for _ in range(8):
            a, b = source.choice(known), source.choice(known)
            if source.random() < 0.6:
                known.append(source.choice(binary)(a, b))
            else:
                known.append(source.choice(unary)(a))
        return known[4:]

    point = [source.uniform(-1.0, 1.0) for _ in range(4)]
    found = sparse_jacobian(f)(point)
    truth = as_matrix(jacobian(f)(point), found.shape)
    np.testing.assert_allclose(dense(found), truth, rtol=1e-12, atol=1e-12)

    def total(v):
        return autograd.sum(autograd.sin(x) for x in f(v))

    second = sparse_hessian(total)(point)
    truth = as_matrix(hessian(total)(point), second.shape)
    np.testing.assert_allclose(dense(second), truth, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", [name for name in JACOBIANS if name != "no result"])
def test_both_ways_to_the_entries_agree(name):
    f, point, _ = JACOBIANS[name]
    lifted = Lifted(f, (point,), 0)
    outputs = flatten(lifted.call({}), "f")[0]
    outputs = [x for x in dict.fromkeys(outputs) if isinstance(x, Value)]
    depending = dependents(topological_order(*outputs), lifted.nodes)
    order = [node for node in topological_order(*outputs) if node in depending]
    forward = _forward(order, outputs, lifted.nodes, depending)
    by_sweeps = _by_sweeps(outputs, lifted.nodes, depending)
    chosen = entries(outputs, lifted.nodes)
    for output, row in zip(outputs, chosen, strict=True):
        ways = [forward[output], by_sweeps[output], row]
        assert len({tuple(sorted(way)) for way in ways}) == 1
        for place in row:
            assert np.ptp(numbers([way[place] for way in ways])) < 1e-14


# --- What is left out -----------------------------------------------------------------------------


def test_an_entry_that_happens_to_be_zero_stays():
    assert sparse_jacobian(lambda v: [v[0] * v[1]])([0.0, 0.0]).data == [0.0, 0.0]
    assert sparse_hessian(lambda v: v[0] ** 3)([0.0]).data == [0.0]


def test_what_no_path_leads_to_is_left_out():
    found = sparse_jacobian(lambda v: [v[0].detach() * v[1], autograd.sign(v[2]) * v[0]])(POINT)
    assert (found.rows, found.columns) == ([0, 1], [1, 0])
    assert sparse_hessian(lambda v: autograd.sum(autograd.relu(x) for x in v))(POINT).data == []


def test_a_number_that_is_no_argument_leaves_out_what_it_cancels():
    weights = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]])
    point = np.array([1.0, 2.0, 3.0])
    for door in (sparse_jacobian, lambda f: compile(sparse_jacobian(f))):
        found = door(lambda x: weights @ x)(point)
        assert found.data.tolist() == [1.0, 2.0, 3.0]
        assert found.columns.tolist() == [0, 2, 1]


def test_a_gradient_that_was_lost_is_told():
    def lost(v):
        return [v[0].data * 2.0]

    with pytest.warns(autograd.LostGradientWarning):
        assert sparse_jacobian(lost)([1.0]).data == []


# --- Arguments and results ------------------------------------------------------------------------


def test_columns_of_several_arguments_stand_side_by_side():
    def f(x, scale, y):
        return [scale * x * y["a"], y["b"][1]]

    given = (2.0, 10.0, {"a": 3.0, "b": [4.0, 5.0]})
    found = sparse_jacobian(f, (0, 2))(*given)
    assert found.dense() == [[30.0, 20.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
    assert sparse_jacobian(f, -1)(*given).dense() == [[20.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    second = sparse_hessian(lambda x, y: x**2 * y, (1, 0))(3.0, 5.0)
    assert second.dense() == [[0.0, 6.0], [6.0, 10.0]]
    assert (second.rows, second.columns) == ([0, 1, 1], [1, 0, 1])


def test_keywords_are_handed_on_and_the_names_are_told():
    def f(v, power=1.0):
        return [v[0] ** power]

    assert sparse_jacobian(f)([3.0], power=2.0).data == [6.0]
    assert sparse_jacobian(f).__name__ == "sparse_jacobian(f)"
    assert sparse_hessian(rosenbrock).__name__ == "sparse_hessian(rosenbrock)"


def test_refusals_are_those_of_grad_and_jacobian():
    with pytest.raises(TypeError, match="one number as its result"):
        sparse_hessian(springs)(POINT)
    with pytest.raises(ValueError, match="argnums has 1"):
        sparse_jacobian(springs, 1)(POINT)
    with pytest.raises(ArithmeticError, match="sqrt"):
        sparse_jacobian(lambda v: [autograd.sqrt(x) for x in v])([1.0, 0.0])


@pytest.mark.parametrize("f", [lambda v: [v[0] * 1e200 * 1e200], lambda v: [v[0], v[1] / 1e-320]])
def test_an_overflow_is_an_error_or_the_infinity_of_floats(f):
    def outcome(door):
        try:
            return as_matrix(door(f)([1e-300, 1e-300]), (-1, 2)).tolist()
        except ArithmeticError as error:
            return str(error)

    assert outcome(lambda f: lambda v: sparse_jacobian(f)(v).dense()) == outcome(jacobian)


# --- Composed -------------------------------------------------------------------------------------


def test_values_give_values_that_are_differentiated_again():
    x = Value(2.0)
    found = sparse_jacobian(lambda v: [v[0] ** 3, 5.0 * v[1]])([x, Value(1.0)])
    assert [entry.data for entry in found.data] == [12.0, 5.0]
    assert autograd.gradients(found.data[0], [x])[0].data == 12.0


def test_it_composes_with_other_transformations():
    def trace(v):
        return sum(sparse_hessian(rosenbrock)(v).data)

    def dense_trace(v):
        return sum(x for row in hessian(rosenbrock)(v) for x in row)

    point = POINT[:4]
    np.testing.assert_allclose(grad(trace)(point), grad(dense_trace)(point), rtol=1e-12)
    for ways in (trace, dense_trace):
        assert autograd.jvp(ways, (point,), ([1.0, 0.0, 2.0, 0.0],))[1] == pytest.approx(
            np.dot(grad(dense_trace)(point), [1.0, 0.0, 2.0, 0.0])
        )
    nested = jacobian(sparse_jacobian(springs))(point)
    assert isinstance(nested, SparseMatrix)
    assert np.shape(nested.data) == (6, 4)


# --- Compiled -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", JACOBIANS)
def test_compiled_jacobians_have_the_bits_of_eager_ones(name):
    f, point, _ = JACOBIANS[name]
    program = compile(sparse_jacobian(f))
    eager = sparse_jacobian(f)(point)
    for _ in range(3):  # the first call records, the others run on the machine
        found = program(point)
        assert list(found.data) == list(eager.data)
        assert found.pattern == eager.pattern
        assert type(found.data) is type(eager.data)


@pytest.mark.parametrize("name", HESSIANS)
def test_compiled_hessians_have_the_bits_of_eager_ones(name):
    f, point, _ = HESSIANS[name]
    program = compile(sparse_hessian(f))
    eager = sparse_hessian(f)(point)
    for _ in range(3):
        found = program(point)
        assert list(found.data) == list(eager.data)
        assert found.pattern == eager.pattern


def test_a_branch_changes_the_pattern():
    def f(v):
        return [v[0] * v[1] if v[0] > 0.0 else v[1], v[2] ** 2]

    program = compile(sparse_jacobian(f))
    for first in (1.0, -1.0, 2.0, -3.0):
        found, eager = program([first, 5.0, 2.0]), sparse_jacobian(f)([first, 5.0, 2.0])
        assert (found.data, found.pattern) == (eager.data, eager.pattern)
    assert len(program.variants) == 2


def test_only_entries_are_computed_and_constants_are_folded():
    code = compile(sparse_hessian(rosenbrock)).record(fields(50)).value.code
    assert len(code.outputs) == 50 + 2 * 49
    assert len(code.instructions) <= 8 * 50
    assert set(code.constants) == {-400.0, -200.0, 2.0, 200.0, 400.0}


def test_recording_takes_memory_for_entries_only():
    size = 400
    recorded = compile(sparse_hessian(rosenbrock)).record(fields(size)).recorded
    assert len(recorded.instructions) < 50 * size
    assert len(recorded.outputs) == 3 * size - 2


def test_rows_have_one_pattern():
    program = compile(sparse_hessian(rosenbrock))
    rows = np.array([fields(4), fields(5)[:4]])
    found = program.rows(rows)
    assert found.shape == (4, 4)
    for data, row in zip(found.data, rows, strict=True):
        np.testing.assert_allclose(data, sparse_hessian(rosenbrock)(row).data, rtol=1e-12)
    in_lists = program.rows(rows.tolist())
    np.testing.assert_allclose(in_lists.data, found.data)


def test_a_saved_program_gives_the_entries(tmp_path):
    program = compile(sparse_jacobian(springs))
    entries = program(POINT).data
    program.save(tmp_path / "springs.json")
    assert autograd.load_program(tmp_path / "springs.json")(POINT) == entries


def test_a_dense_hessian_is_filled_with_zeros():
    point = np.array(fields(12))
    program = compile(hessian(rosenbrock))
    for shift in (0.0, 0.5, 0.0):
        found = program(point + shift)
        np.testing.assert_array_equal(found, hessian(rosenbrock)(point + shift))
    both = compile(lambda v: (grad(rosenbrock)(v), hessian(rosenbrock)(v), 0.0, v[:0], -0.0 * v))
    for _ in range(2):
        slope, second, zero, empty, negative = both(point)
        np.testing.assert_array_equal(slope, grad(rosenbrock)(point))
        np.testing.assert_array_equal(second, hessian(rosenbrock)(point))
        assert (zero, empty.shape) == (0.0, (0,))
        assert np.signbit(negative[negative == 0.0]).tolist() == np.signbit(-0.0 * point).tolist()


# --- With SciPy -----------------------------------------------------------------------------------

sparse = pytest.importorskip("scipy.sparse")
optimize = pytest.importorskip("scipy.optimize")


@pytest.mark.parametrize("door", [lambda f: f, compile])
@pytest.mark.parametrize("point", [POINT, np.array(POINT)], ids=["lists", "arrays"])
def test_scipy_takes_both_forms(door, point):
    found = door(sparse_jacobian(springs))(point)
    truth = np.array(jacobian(springs)(POINT))
    for matrix in (
        sparse.csr_array(found.csr, found.shape),
        sparse.coo_array(found.coo, found.shape),
    ):
        np.testing.assert_allclose(matrix.toarray(), truth, rtol=1e-13)
    csr = sparse.csr_array(found.csr, found.shape)
    assert csr.has_canonical_format
    csr.indices[:] = 0  # of this one alone
    np.testing.assert_allclose(dense(found), truth, rtol=1e-13)


def in_csr(program):
    def matrix(*args):
        found = program(*args)
        return sparse.csr_array(found.csr, found.shape)

    return matrix


@pytest.mark.parametrize("method", ["trust-constr", "trust-ncg"])
def test_minimize_with_a_sparse_hessian(method):
    def chained(v):
        return rosenbrock(v)

    matrix = in_csr(compile(sparse_hessian(chained)))
    second = {"hess": matrix}
    if method == "trust-ncg":  # its `hess` has to be dense
        second = {"hessp": lambda x, direction: matrix(x) @ direction}
    found = optimize.minimize(
        compile(chained), np.full(8, 1.3), jac=compile(grad(chained)), method=method, **second
    )
    np.testing.assert_allclose(found.x, np.ones(8), atol=1e-3)


def test_least_squares_with_a_sparse_jacobian():
    def residuals(v):
        return [10.0 * (b - a * a) for a, b in pairwise(v)] + [1.0 - a for a in v]

    program = compile(sparse_jacobian(residuals))
    found = optimize.least_squares(
        compile(residuals), np.full(6, 1.3), jac=in_csr(program), tr_solver="lsmr"
    )
    np.testing.assert_allclose(found.x, np.ones(6), atol=1e-6)
    first = program(np.full(6, 1.3))
    where = sparse.csr_array((np.ones(len(first.data)), *first.csr[1:]), first.shape)
    differences = optimize.least_squares(compile(residuals), np.full(6, 1.3), jac_sparsity=where)
    np.testing.assert_allclose(differences.x, np.ones(6), atol=1e-6)


# --- The matrices ---------------------------------------------------------------------------------


def test_matrices_are_pickled_nested_and_compared_by_pattern():
    found = sparse_jacobian(springs)(POINT)
    again = pickle.loads(pickle.dumps(found))
    assert again.data == found.data
    assert again.pattern == found.pattern
    assert hash(again.pattern) == hash(found.pattern)
    assert again.pattern != Pattern.of_rows([[0]], 1)
    numbers, structure = flatten({"m": found}, "it")
    assert numbers == found.data
    assert structure.names("it")[3] == "it['m'].data[3]"
    assert structure.build(numbers)["m"].dense() == found.dense()
    assert structure.numbers_of({"m": again}, "it") == numbers
    other = Pattern.of_rows([[0]], 1).matrix([1.0])
    with pytest.raises(TypeError, match="sparse matrix of shape"):
        structure.numbers_of({"m": other}, "it")


def test_a_pattern_of_many_entries_has_wide_numbers():
    pattern = Pattern((1, 1 << 40), [0, 1], [(1 << 40) - 1])
    assert pattern.indices.itemsize == 8
    assert pattern.indptr.itemsize == 4
    assert math.isclose(pattern.matrix([2.0]).csr[1][0], (1 << 40) - 1)
