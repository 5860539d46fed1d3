"""Scalers: against scikit-learn's and exact fractions, on columns that are hard to scale."""

import math
import pickle
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn.data import Dataset, Scaler, iris, moons

NUMBERS = st.floats(-1e150, 1e150, allow_nan=False)


def rows_of(count, scales, seed=0):
    source = random.Random(seed)
    return [[source.gauss(mean, spread) for mean, spread in scales] for _ in range(count)]


def test_as_scikit_learn_scales():
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    train, test = (rows_of(40, [(0, 1), (50, 0.1), (-1e6, 3), (1e-9, 1e-12)], s) for s in (1, 2))
    ours, theirs = Scaler().fit(train), preprocessing.StandardScaler().fit(train)
    assert ours.means == pytest.approx(theirs.mean_.tolist(), rel=1e-14)
    assert ours.deviations == pytest.approx(theirs.scale_.tolist(), rel=1e-9)
    for mine, other in zip(ours.transform(test), theirs.transform(test).tolist(), strict=True):
        assert mine == pytest.approx(other, rel=1e-6, abs=1e-6)


@settings(max_examples=40)
@given(st.lists(NUMBERS, min_size=1, max_size=8))
def test_as_exact_fractions(column):
    scaler = Scaler().fit([[x] for x in column])
    [mean], [deviation] = scaler.means, scaler.deviations
    exact = [Fraction(x) for x in column]
    middle = sum(exact) / len(exact)
    variance = sum((x - middle) ** 2 for x in exact) / len(exact)
    size = max(map(abs, column))
    assert abs(mean - float(middle)) <= 4e-16 * max(size, 1e-300) * 2
    if deviation != 1.0 and size > 1e-140:
        assert deviation == pytest.approx(float(variance) ** 0.5, rel=1e-9, abs=4e-16 * size)


@pytest.mark.parametrize(
    "column",
    [[0.1] * 7, [0.0, -0.0], [1e308] * 3, [5.0], [0.1 + 0.2, 0.3, 0.3], [1e9 + 1e-7] * 2 + [1e9]],
)
def test_a_column_that_is_constant_becomes_zero(column):
    scaler = Scaler().fit([[x] for x in column])
    assert scaler.deviations == [1.0]
    transformed = scaler.transform([[x] for x in column])
    assert all(abs(x) <= 2e-16 * max(map(abs, column)) for (x,) in transformed)


@pytest.mark.parametrize("shift", [0.0, 1e3, 1e9, -1.7e12])
@pytest.mark.parametrize("spread", [1.0, 1e-2, 1e3])
def test_close_numbers_far_from_zero_keep_their_deviation(shift, spread):
    scaler = Scaler().fit([[shift + spread * x] for x in (-1.0, 0.0, 1.0)])
    error = abs(shift) * 2.3e-16
    assert scaler.means[0] == pytest.approx(shift, abs=error)
    assert scaler.deviations[0] == pytest.approx(spread * math.sqrt(2 / 3), rel=1e-12, abs=error)


def test_enormous_numbers_do_not_overflow():
    scaler = Scaler().fit([[-4e307], [4e307]])
    assert scaler.means == [0.0]
    assert scaler.deviations == pytest.approx([4e307], rel=1e-15)
    many = Scaler().fit([[-8e307], [8e307]] * 100)
    assert many.deviations == pytest.approx([8e307], rel=1e-14)
    with pytest.raises(ValueError, match="column 0 are too far apart: -1e\\+308 to 1e\\+308"):
        Scaler().fit([[-1e308], [1e308]])


def test_what_the_test_rows_are_is_not_learned():
    train, test = iris().split(0.2, seed=1)
    scaler = Scaler()
    scaled = scaler.fit_transform(train)
    before = repr(scaler)
    moved = scaler.transform(test)
    assert repr(scaler) == before
    assert scaled.y == train.y
    assert (moved.features, moved.classes, moved.source) == (
        test.features,
        test.classes,
        test.source,
    )
    assert sum(x for x, *_ in moved.X) != pytest.approx(0.0, abs=1e-3)
    for x, mean, deviation, z in zip(
        test.X[0], scaler.means, scaler.deviations, moved.X[0], strict=True
    ):
        assert z == (x - mean) / deviation


def test_back_again():
    data = moons(50)
    scaler = Scaler().fit(data)
    back = scaler.inverse_transform(scaler.transform(data))
    assert isinstance(back, Dataset)
    for mine, other in zip(back.X, data.X, strict=True):
        assert mine == pytest.approx(other, abs=1e-15)


def test_it_can_be_kept_and_read_back():
    scaler = Scaler().fit(iris())
    assert eval(repr(scaler)) == scaler
    assert pickle.loads(pickle.dumps(scaler)) == scaler
    assert Scaler(scaler.means, scaler.deviations) == scaler
    assert Scaler() != scaler
    assert repr(Scaler()) == "Scaler()"


def test_arrays_and_tables():
    numpy, pandas = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    rows = [[1.0, 2.0], [3.0, 6.0]]
    for kind in (numpy.array, pandas.DataFrame):
        assert Scaler().fit_transform(kind(rows)) == [[-1.0, -1.0], [1.0, 1.0]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Scaler().transform([[1.0]]), ValueError, "learned nothing yet"),
        (lambda: Scaler().fit([]), ValueError, "X"),
        (lambda: Scaler().fit([[1.0], [math.inf]]), ValueError, "inf"),
        (lambda: Scaler().fit([["a"]]), TypeError, "a"),
        (lambda: Scaler().fit(iris()).transform([[1.0]]), ValueError, "4"),
        (lambda: Scaler([1.0]), ValueError, "means and deviations, or neither"),
        (lambda: Scaler([1.0], [1.0, 2.0]), ValueError, "means has 1 number, deviations 2"),
        (lambda: Scaler([1.0], [0.0]), ValueError, r"deviations\[0\] must be positive"),
        (lambda: Scaler(["a"], [1.0]), TypeError, r"means\[0\] must be a real number"),
    ],
)
def test_bad_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_columns_in_another_order_are_refused():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"height": [1.0, 2.0], "weight": [50.0, 60.0]})
    scaler = Scaler().fit(table)
    assert scaler.transform(table[["height", "weight"]]) == scaler.transform(table.to_numpy())
    for change in (scaler.transform, scaler.inverse_transform):
        with pytest.raises(ValueError, match="in another order than the scaler was fitted to"):
            change(table[["weight", "height"]])
    data = Dataset([[1.0, 50.0], [2.0, 60.0]], [0, 1], ["height", "weight"])
    with pytest.raises(ValueError, match="column 0 is 'height', not 'weight'"):
        Scaler().fit(table[["weight", "height"]]).transform(data)
    counted = Dataset([[1.0, 50.0], [2.0, 60.0]], [0, 1])
    assert Scaler().fit(counted).transform(table) == scaler.transform(counted).X
