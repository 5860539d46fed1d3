"""The shipped iris measurements against the published facts about them."""

import math
import statistics

import pytest

from nn.data import iris

# Species means as published by Fisher (1936): sepal length, sepal width, petal length, petal width.
MEANS = {
    "setosa": (5.006, 3.428, 1.462, 0.246),
    "versicolor": (5.936, 2.770, 4.260, 1.326),
    "virginica": (6.588, 2.974, 5.552, 2.026),
}


@pytest.fixture(scope="module")
def flowers():
    return iris()


def test_the_source_is_named(flowers):
    assert "R. A. Fisher" in flowers.source
    assert "E. Anderson" in flowers.source
    assert "#" not in flowers.source
    assert not any(line.startswith(("sepal", "5.1")) for line in flowers.source.splitlines())


def test_fifty_flowers_of_each_species(flowers):
    assert flowers.y == [species for species in range(3) for _ in range(50)]
    assert flowers.classes == list(MEANS)
    assert flowers.features == ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    assert all(type(x) is float for row in flowers.X for x in row)


@pytest.mark.parametrize("species", MEANS)
def test_means_of_the_species(flowers, species):
    code = flowers.classes.index(species)
    rows = [x for x, y in zip(*flowers, strict=True) if y == code]
    means = [statistics.fmean(column) for column in zip(*rows, strict=True)]
    assert means == pytest.approx(MEANS[species], abs=1e-9)


def test_the_rows_that_are_wrong_in_a_widespread_copy(flowers):
    assert flowers.X[34] == [4.9, 3.1, 1.5, 0.2]
    assert flowers.X[37] == [4.9, 3.6, 1.4, 0.1]


def test_deviations_and_correlation_as_published(flowers):
    # As R and every textbook print them: over n - 1, and between the lengths.
    columns = list(zip(*flowers.X, strict=True))
    deviations = [statistics.stdev(column) for column in columns]
    assert deviations == pytest.approx([0.8281, 0.4359, 1.7653, 0.7622], abs=5e-5)
    assert statistics.correlation(columns[0], columns[2]) == pytest.approx(0.8718, abs=5e-5)


def test_scaled_columns_have_mean_0_and_deviation_1():
    for column in zip(*iris(scaled=True).X, strict=True):
        assert math.isclose(statistics.fmean(column), 0.0, abs_tol=1e-14)
        assert statistics.pstdev(column) == pytest.approx(1.0, rel=1e-14)


def test_what_one_changes_another_does_not_see(flowers):
    iris().X[0][0] = 100.0
    assert iris().X[0][0] == flowers.X[0][0] == 5.1


def test_as_scikit_learn_has_them(flowers):
    datasets = pytest.importorskip("sklearn.datasets")
    theirs = datasets.load_iris()
    assert theirs.data.tolist() == flowers.X
    assert theirs.target.tolist() == flowers.y
