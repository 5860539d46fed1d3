"""The shipped iris measurements against the published facts about them."""

import csv
import pathlib
import statistics

import pytest

FILE = pathlib.Path(__file__).parents[2] / "demos" / "data" / "iris.csv"

# Species means as published by Fisher (1936): sepal length, sepal width, petal length, petal width.
MEANS = {
    "setosa": (5.006, 3.428, 1.462, 0.246),
    "versicolor": (5.936, 2.770, 4.260, 1.326),
    "virginica": (6.588, 2.974, 5.552, 2.026),
}


@pytest.fixture(scope="module")
def rows():
    with FILE.open(encoding="ascii", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def test_the_source_is_named():
    text = FILE.read_text(encoding="ascii")
    assert "R. A. Fisher" in text
    assert "E. Anderson" in text


def test_fifty_flowers_of_each_species(rows):
    assert [row["species"] for row in rows] == [name for name in MEANS for _ in range(50)]
    columns = ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"]
    assert list(rows[0]) == columns


@pytest.mark.parametrize("species", MEANS)
def test_means_of_the_species(rows, species):
    flowers = [list(row.values())[:4] for row in rows if row["species"] == species]
    means = [statistics.fmean(map(float, column)) for column in zip(*flowers, strict=True)]
    assert means == pytest.approx(MEANS[species], abs=1e-9)


def test_the_rows_that_are_wrong_in_a_widespread_copy(rows):
    assert list(rows[34].values()) == ["4.9", "3.1", "1.5", "0.2", "setosa"]
    assert list(rows[37].values()) == ["4.9", "3.6", "1.4", "0.1", "setosa"]
