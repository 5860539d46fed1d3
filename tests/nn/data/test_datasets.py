"""Datasets: what they hold and refuse, how they are split, told and drawn."""

import builtins
import math
import pickle

import pytest

from nn.data import Dataset, blobs, iris, moons, xor


def test_it_unpacks_as_rows_and_targets():
    data = moons(10)
    rows, targets = data
    assert rows is data.X
    assert targets is data.y
    assert len(data) == 10


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (moons(7), "Dataset(7 rows × 2 features; upper 3, lower 4)"),
        (Dataset([[1.0]], [0.5]), "Dataset(1 row × 1 feature; y from 0.5 to 0.5)"),
        (Dataset([[1, 2], [3, 4]], ["b", "a"]), "Dataset(2 rows × 2 features; a 1, b 1)"),
        (Dataset([[1], [2]], [1.5, -2e9]), "Dataset(2 rows × 1 feature; y from -2e+09 to 1.5)"),
        (Dataset([[1], [2]], [0, 0], classes=["x", "y"]), "Dataset(2 rows × 1 feature; x 2, y 0)"),
    ],
)
def test_it_tells_its_shape_and_its_classes(data, text):
    assert repr(data) == text


def test_arrays_and_tables_become_lists_of_floats():
    numpy, pandas = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    numbers = numpy.array([[1, 2], [3, 4], [5, 6]], dtype="int32")
    data = Dataset(numbers, numpy.array([1.0, 0.0, 1.0]), classes=numpy.array(["no", "yes"]))
    assert data == Dataset([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [1, 0, 1], [], ["no", "yes"])
    assert {type(x) for row in data.X for x in row} == {float}
    assert {type(y) for y in data.y} == {int}
    frame = pandas.DataFrame(numbers, columns=["height", "width"])
    assert Dataset(frame, pandas.Series([1, 0, 1])).features == ["height", "width"]
    assert Dataset(frame, [1, 0, 1], features=["a", "b"]).features == ["a", "b"]


@pytest.mark.parametrize("part", [0.2, 0.25, 0.5, 1 / 3])
@pytest.mark.parametrize("seed", range(3))
def test_a_split_shares_no_row_and_loses_none_and_keeps_proportions(part, seed):
    data = Dataset([[float(k)] for k in range(90)], [k // 30 for k in range(90)])
    train, test = data.split(part, seed)
    assert len(test) == round(90 * part)
    assert sorted(x for (x,) in train.X + test.X) == [float(k) for k in range(90)]
    assert all(y == x // 30 for piece in (train, test) for (x,), y in zip(*piece, strict=True))
    counts = list(test.counts.values())
    assert max(counts) - min(counts) <= 1


def test_uneven_classes_are_divided_in_proportion_and_may_be_left_to_chance():
    data = Dataset([[float(k)] for k in range(110)], [int(k >= 100) for k in range(110)])
    assert all(data.split(0.2, seed)[1].y.count(1) == 2 for seed in range(10))
    assert len({data.split(0.2, seed, stratify=False)[1].y.count(1) for seed in range(10)}) > 1


def test_numbers_are_split_as_they_come():
    data = Dataset([[float(k)] for k in range(10)], [k + 0.5 for k in range(10)])
    train, test = data.split(0.3)
    assert (len(train), len(test)) == (7, 3)
    assert all(y == x + 0.5 for (x,), y in zip(*test, strict=True))


def test_a_split_is_repeated_by_its_seed_and_shuffled():
    first, again, other = (iris().split(0.2, seed) for seed in (1, 1, 2))
    assert first == again
    assert first[1] != other[1]
    for piece in first:
        assert piece.y != sorted(piece.y)
        assert piece.source == iris().source


def test_rows_are_taken_in_the_order_of_their_places():
    data = iris()
    taken = data.take([149, 0, -1])
    assert [data.X[149], data.X[0], data.X[149]] == taken.X
    assert data.take(range(2)).features == data.features
    with pytest.raises(IndexError, match="no row 150; there are 150 rows"):
        data.take([0, 150])


def test_it_cannot_be_changed_and_can_be_pickled():
    data = xor()
    with pytest.raises(AttributeError):
        data.X = []
    assert pickle.loads(pickle.dumps(data)) == data


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([], []), ValueError, "X"),
        (([[1.0], [2.0]], [0]), ValueError, "X has 2 rows, but y 1 target"),
        (([[1.0], [2.0, 3.0]], [0, 1]), ValueError, "row 1|1"),
        (([[1.0], [math.nan]], [0, 1]), ValueError, "NaN|nan"),
        (([["red"]], [0]), TypeError, "red"),
        (([[1.0, 2.0]], [0], ["x"]), ValueError, "features has 1 name, but a row 2 numbers"),
        (([[1.0]], [2], [], ["no", "yes"]), ValueError, r"y\[0\] is 2, but .* below 2: no, yes"),
        (([[1.0]], [-1], [], ["no", "yes"]), ValueError, r"y\[0\] is -1"),
        (([[1.0]], ["yes"], [], ["no", "yes"]), ValueError, r"y\[0\] is 'yes'"),
        (([[1.0]], [0.5], [], ["no", "yes"]), ValueError, r"y\[0\] is 0.5"),
        (([[1.0]], 3), TypeError, "y must be a list"),
    ],
)
def test_what_is_no_table_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Dataset(*arguments)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"part": 0.0}, ValueError, "between 0 and 1"),
        ({"part": 1}, ValueError, "between 0 and 1"),
        ({"part": 0.001}, ValueError, "leaves rows on both sides, got 0.001 of 150 rows"),
        ({"part": 30}, ValueError, "between 0 and 1"),
        ({"part": "all"}, TypeError, "part must be a real number"),
        ({"seed": 0.5}, TypeError, "seed must be an integer"),
        ({"seed": True}, TypeError, "seed must be an integer"),
    ],
)
def test_what_cannot_be_split_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        iris().split(**options)


def test_a_summary_tells_where_the_numbers_lie():
    lines = iris().summary().splitlines()
    assert lines[0] == repr(iris())
    assert lines[2].split() == ["sepal_length", "5.843", "0.8253", "4.3", "7.9"]
    assert len(lines) == 2 + 4 + 1
    html = iris()._repr_html_()
    assert html.startswith("<table>")
    assert "petal_width" in html


def test_a_summary_of_many_features_ends():
    data = Dataset([[0.0] * 100, [1.0] * 100], [0, 1])
    assert "... and 40 more" in data.summary()


REGRESSION = Dataset([[0.0, 3.0], [1.0, 1.0], [2.0, 2.0]], [0.1, 1.0, 2.1], ["time", "luck"])


@pytest.mark.parametrize(
    ("data", "chosen", "axes"),
    [
        (iris(), (), ("petal_length", "petal_width")),
        (iris(), ("sepal_width",), ("sepal_width", "petal_length")),
        (iris(), (None, "petal_length"), ("petal_width", "petal_length")),
        (iris(), (0, -1), ("sepal_length", "petal_width")),
        (moons(10), (), ("x_1", "x_2")),
        (Dataset([[1.0], [2.0]], [0, 1]), (), ("x_1", "y")),
        (Dataset([[1.0], [2.0]], [0, 1]), (None, 0), ("x_1", "y")),
        (REGRESSION, (), ("time", "y")),
        (REGRESSION, ("luck",), ("luck", "y")),
        (REGRESSION, ("luck", "time"), ("luck", "time")),
    ],
)
def test_a_chart_says_and_draws_which_features_it_shows(data, chosen, axes):
    chart = data.chart(*chosen)
    assert f"{axes[0]} and {axes[1]}:" in chart.text
    pytest.importorskip("matplotlib")
    drawn = chart.figure.axes[0]
    assert (drawn.get_xlabel(), drawn.get_ylabel()) == axes
    columns = {name: [row[k] for row in data.X] for k, name in enumerate(data.features)}
    columns["y"] = data.y
    dots = [tuple(dot) for group in drawn.collections for dot in group.get_offsets().tolist()]
    assert sorted(dots) == sorted(zip(columns[axes[0]], columns[axes[1]], strict=True))


def test_classes_are_apart_in_colour_shape_and_name():
    pytest.importorskip("matplotlib")
    figure = iris().chart().figure
    groups = figure.axes[0].collections
    assert [len(group.get_offsets()) for group in groups] == [50, 50, 50]
    assert len({tuple(group.get_facecolor()[0]) for group in groups}) == 3
    assert len({group.get_paths()[0].vertices.tobytes() for group in groups}) == 3
    [legend] = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == iris().classes


def test_numbers_to_predict_are_told_by_colour_where_both_axes_are_taken():
    pytest.importorskip("matplotlib")
    axes, bar = REGRESSION.chart("luck", "time").figure.axes
    [dots] = axes.collections
    assert dots.get_array().tolist() == REGRESSION.y
    assert dots.get_cmap().name == "viridis"
    assert bar.get_ylabel() == "y"
    assert len(REGRESSION.chart().figure.axes) == 1


def test_many_classes_and_many_rows_are_drawn():
    pytest.importorskip("matplotlib")
    assert blobs(600, 12).chart().svg().startswith("<svg")


def test_a_chart_in_words_needs_no_matplotlib(monkeypatch):
    original = builtins.__import__

    def without(name, *arguments, **options):
        if name.partition(".")[0] == "matplotlib":
            raise ImportError(name)
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    chart = iris().chart()
    assert "virginica   50 rows, means 5.552 and 2.026" in str(chart)
    with pytest.raises(ImportError, match=r"\[plot\]"):
        chart.svg()


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("petals", ValueError, "no feature is called 'petals'; there are .*petal_length"),
        (4, IndexError, "no feature 4; there are 4"),
        (1.5, TypeError, "a feature is named by a str or its place"),
        (True, TypeError, "a feature is named by a str or its place"),
    ],
)
def test_features_that_are_not_there(name, error, message):
    with pytest.raises(error, match=message):
        iris().chart(name)


def test_targets_of_any_kind_are_told():
    assert "1 1, b 2" in repr(Dataset([[1.0], [2.0], [3.0]], ["b", 1, "b"]))
    several = Dataset([[1.0], [2.0]], [[0.0, 1.0], [2.0, 3.0]])
    assert "y of several numbers" in repr(several)
    assert several.counts is None
    with pytest.raises(ValueError, match="several numbers a row"):
        several.chart()
    with pytest.raises(ValueError, match=r"y\[1\] must be a finite number"):
        Dataset([[1.0], [2.0]], [0.5, float("nan")])
    with pytest.raises(TypeError, match="places must be row numbers, got float"):
        several.take([0.5])
