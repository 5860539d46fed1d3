"""Metrics against scikit-learn: ties, absent classes, divisions by zero; and by name."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn.measuring.metrics import (
    METRICS,
    ConfusionMatrix,
    Metric,
    accuracy,
    confusion_matrix,
    f1,
    log_loss,
    mean_absolute_error,
    mean_squared_error,
    metrics_named,
    precision,
    r2,
    recall,
    roc_auc,
    root_mean_squared_error,
    top_k,
)

# None of it asks a node for anything.
pytestmark = pytest.mark.any_engine

CLOSE = {"rel": 1e-12, "abs": 1e-12}


@pytest.fixture(scope="module")
def sklearn():
    return pytest.importorskip("sklearn.metrics")


def labels(source, kinds, rows):
    return [source.choice(kinds) for _ in range(rows)]


def shares(source, classes, rows, ties):
    """Return rows that add up to 1, of quarters if there shall be ties."""
    found = []
    for _ in range(rows):
        row = [source.randrange(4) / 4 if ties else source.random() for _ in range(classes)]
        whole = sum(row) or 1.0
        found.append([x / whole for x in row] if sum(row) else [1.0 / classes] * classes)
    return found


# true classes, predicted classes: also such as only one side has.
SETS = [
    ([0, 1], [0, 1]),
    ([0, 1, 2], [0, 1, 2]),
    ([0, 1, 2], [0]),
    ([3], [0, 1, 2]),
    ([0], [0]),
    (["cat", "dog", "emu"], ["dog", "emu", "yak"]),
    ([False, True], [True]),
    ([-1, 1], [-1, 1]),
]


@pytest.mark.parametrize("sets", SETS, ids=str)
@pytest.mark.parametrize("rows", [1, 7, 200])
class TestLabels:
    def both(self, sets, rows):
        source = random.Random(rows)
        return labels(source, sets[0], rows), labels(source, sets[1], rows)

    def test_accuracy(self, sklearn, sets, rows):
        y, predicted = self.both(sets, rows)
        assert accuracy(y, predicted) == pytest.approx(sklearn.accuracy_score(y, predicted))

    @pytest.mark.parametrize("average", ["macro", "weighted", "micro"])
    def test_averages(self, sklearn, sets, rows, average):
        y, predicted = self.both(sets, rows)
        for ours, theirs in (
            (precision, sklearn.precision_score),
            (recall, sklearn.recall_score),
            (f1, sklearn.f1_score),
        ):
            expected = theirs(y, predicted, average=average, zero_division=0)
            assert ours(y, predicted, average) == pytest.approx(expected, **CLOSE)

    def test_by_class(self, sklearn, sets, rows):
        y, predicted = self.both(sets, rows)
        names = sorted({*y, *predicted})
        expected = sklearn.precision_recall_fscore_support(
            y, predicted, labels=names, zero_division=0
        )
        for ours, theirs in zip((precision, recall, f1), expected, strict=False):
            found = ours(y, predicted, average=None)
            assert list(found) == names
            assert list(found.values()) == pytest.approx(list(theirs), **CLOSE)

    @pytest.mark.filterwarnings("ignore:A single label was found")
    def test_confusion_matrix(self, sklearn, sets, rows):
        y, predicted = self.both(sets, rows)
        found = confusion_matrix(y, predicted)
        assert found.counts == sklearn.confusion_matrix(y, predicted).tolist()
        names = [*found.classes][::-1]
        reversed_ = confusion_matrix(y, predicted, names)
        expected = sklearn.confusion_matrix(y, predicted, labels=names).tolist()
        assert reversed_.counts == list(reversed_) == expected
        assert found.accuracy == accuracy(y, predicted)


class TestConfusionMatrix:
    MATRIX = ConfusionMatrix(["cat", "dog"], [[3, 1], [0, 2]])

    def test_it_is_asked_by_labels(self):
        assert self.MATRIX["cat", "dog"] == 1
        assert self.MATRIX["dog", "cat"] == 0
        with pytest.raises(KeyError, match="'emu' is none of the classes 'cat', 'dog'"):
            self.MATRIX["emu", "cat"]

    def test_sums(self):
        assert self.MATRIX.true_counts == [4, 2]
        assert self.MATRIX.predicted_counts == [3, 3]
        assert self.MATRIX.right == [3, 2]

    def test_it_prints_itself(self):
        assert str(self.MATRIX).splitlines() == [
            "confusion matrix: a row for every true class, a column for every predicted one",
            "       cat  dog  rows  recall",
            "  cat    3    1     4    0.75",
            "  dog    0    2     2       1",
        ]
        assert repr(self.MATRIX) == "ConfusionMatrix(2 classes, 6 rows)"
        assert self.MATRIX._repr_html_().count("<tr>") == 3

    def test_arrays_are_made_of_it(self):
        numpy = pytest.importorskip("numpy")
        assert numpy.array(list(self.MATRIX)).tolist() == self.MATRIX.counts

    def test_labels_of_arrays(self):
        numpy = pytest.importorskip("numpy")
        found = confusion_matrix(numpy.array([0, 1, 1]), numpy.array([0, 1, 0]))
        assert found.classes == (0, 1)
        assert found.counts == [[1, 0], [1, 1]]


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("classes", [2, 3, 6])
@pytest.mark.parametrize("rows", [12, 300])
class TestProbabilities:
    def both(self, classes, rows, ties):
        source = random.Random(rows + classes)
        y = [*range(classes), *labels(source, range(classes), rows - classes)]
        return y, shares(source, classes, rows, ties)

    def test_log_loss(self, sklearn, classes, rows, ties):
        y, p = self.both(classes, rows, ties)
        assert log_loss(y, p) == pytest.approx(sklearn.log_loss(y, p), **CLOSE)

    def test_log_loss_of_a_class_that_is_absent(self, sklearn, classes, rows, ties):
        y, p = self.both(classes, rows, ties)
        y = [min(label, classes - 2) for label in y]
        every = list(range(classes))
        expected = sklearn.log_loss(y, p, labels=every)
        assert log_loss(y, p, every) == pytest.approx(expected, **CLOSE)

    def test_top_k(self, sklearn, classes, rows, ties):
        if classes == 2:
            pytest.skip("scikit-learn wants a column for two classes")
        y, p = self.both(classes, rows, ties)
        for k in range(1, classes):
            assert top_k(y, p, k) == pytest.approx(sklearn.top_k_accuracy_score(y, p, k=k))
        assert top_k(y, p, classes) == 1.0

    def test_roc_auc(self, sklearn, classes, rows, ties):
        y, p = self.both(classes, rows, ties)
        given = [row[1] for row in p] if classes == 2 else p
        expected = sklearn.roc_auc_score(y, given, multi_class="ovr")
        assert roc_auc(y, p) == pytest.approx(expected, **CLOSE)
        assert roc_auc(y, given) == pytest.approx(expected, **CLOSE)


class TestScores:
    @settings(max_examples=30)
    @given(st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=2, max_size=12))
    def test_roc_auc_counts_pairs(self, rows):
        y, scores = [int(label) for label, _ in rows], [float(score) for _, score in rows]
        pairs = [
            (scores[i] > scores[j]) + 0.5 * (scores[i] == scores[j])
            for i in range(len(y))
            for j in range(len(y))
            if y[i] == 1 and y[j] == 0
        ]
        found = roc_auc(y, scores)
        if not pairs:
            assert math.isnan(found)
        else:
            assert found == pytest.approx(sum(pairs) / len(pairs), **CLOSE)

    def test_a_column_is_of_the_second_class(self):
        assert log_loss(["no", "yes"], [0.25, 0.5]) == pytest.approx(
            (-math.log(0.75) - math.log(0.5)) / 2
        )
        assert roc_auc(["no", "yes"], [-3.0, 12.0]) == 1.0
        assert log_loss([0, 1], [[0.25], [0.5]]) == log_loss([0, 1], [0.25, 0.5])

    def test_an_impossible_truth_is_finite(self, sklearn):
        assert log_loss([0, 1], [1.0, 1.0]) == pytest.approx(
            sklearn.log_loss([0, 1], [1.0, 1.0]), **CLOSE
        )

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: log_loss([0, 1], [[0.5, 0.6, -0.1], [1, 0, 0]]), "3 numbers for 2 classes"),
            (lambda: log_loss([0, 1], [1.5, 0.0]), r"probabilities\[0\] must be between 0 and 1"),
            (lambda: log_loss([0, 1], [0.5]), "y has 2 rows, probabilities has 1"),
            (lambda: log_loss([], []), "no rows"),
            (lambda: log_loss(["a", "a"], [0.5, 0.5]), "2 numbers for 1 classes; name all"),
            (lambda: log_loss([0, 5], [0.5, 0.5], [0, 1]), "5 is none of the classes 0, 1"),
            (lambda: log_loss([0, 1], [0.5, math.nan]), r"probabilities\[1\] must be a finite"),
            (lambda: top_k([0, 1], [[0.5, 0.5], ["a", 1]]), r"scores\[1\] must be a real number"),
            (lambda: top_k([0, 1], [[0.5, 0.5], "ab"]), r"scores\[1\] must be a number or a row"),
            (lambda: top_k([0, 1], [[0.5, 0.5]] * 2, k=0), "k must be at least 1"),
            (lambda: accuracy([0, 1], [0]), "y has 2 rows, predicted has 1"),
            (lambda: accuracy(3, 3), "y must have an entry for every row, got int 3"),
            (lambda: accuracy("ab", "ab"), "y must have an entry for every row, got str 'ab'"),
            (lambda: f1([0, 1], [0, 1], average="mean"), '"macro", "weighted", "micro"'),
            (lambda: f1([0, "a"], [0, 1]), "labels must be single texts or numbers of one kind"),
            (lambda: f1([[0], [1]], [[0], [1]]), "labels must be single texts or numbers"),
        ],
    )
    def test_what_is_refused(self, call, message):
        with pytest.raises((TypeError, ValueError), match=message):
            call()


class TestNumbers:
    @pytest.mark.parametrize("outputs", [None, 1, 3])
    @pytest.mark.parametrize("rows", [2, 50])
    def test_as_scikit_learn(self, sklearn, outputs, rows):
        source = random.Random(rows)

        def numbers():
            if outputs is None:
                return [source.gauss(0, 3) for _ in range(rows)]
            return [[source.gauss(0, 3) for _ in range(outputs)] for _ in range(rows)]

        y, predicted = numbers(), numbers()
        for ours, theirs in (
            (r2, sklearn.r2_score),
            (mean_squared_error, sklearn.mean_squared_error),
            (root_mean_squared_error, sklearn.root_mean_squared_error),
            (mean_absolute_error, sklearn.mean_absolute_error),
        ):
            assert ours(y, predicted) == pytest.approx(theirs(y, predicted), **CLOSE)

    @pytest.mark.parametrize("predicted", [[2.0, 2.0], [2.0, 3.0]])
    def test_r2_of_a_constant(self, sklearn, predicted):
        assert r2([2.0, 2.0], predicted) == sklearn.r2_score([2.0, 2.0], predicted)

    def test_a_column_of_rows_of_one(self):
        assert mean_squared_error([1.0, 2.0], [[1.0], [4.0]]) == 2.0

    @pytest.mark.parametrize(
        ("y", "predicted", "message"),
        [
            ([1.0, "a"], [1.0, 2.0], r"y\[1\] must be a real number"),
            ([1.0, 2.0], [1.0, math.inf], r"predicted\[1\] must be a finite number"),
            ([[1.0, 2.0]], [[1.0]], r"different lengths: \[1, 2\]"),
            ([1.0], [1.0, 2.0], "y has 1 rows, predicted has 2"),
        ],
    )
    def test_what_is_refused(self, y, predicted, message):
        with pytest.raises((TypeError, ValueError), match=message):
            mean_squared_error(y, predicted)


class TestNames:
    def test_all_metrics_have_names(self):
        assert [metric.name for metric in metrics_named(list(METRICS))] == list(METRICS)
        assert METRICS["f1"].function is f1

    def test_functions_and_aliases(self):
        def half(y, predicted):
            return 0.5

        found = metrics_named(["acc", "top_2", half, r2, Metric("mine", f1, "labels")])
        assert [metric.name for metric in found] == ["acc", "top_2", "half", "r2", "mine"]
        assert [metric.takes for metric in found] == [
            "labels", "probabilities", None, "numbers", "labels",
        ]  # fmt: skip
        assert found[1].function([0, 1], [[0.1, 0.9], [0.9, 0.1]]) == 1.0

    def test_one_or_none(self):
        assert metrics_named(None) == metrics_named([]) == []
        assert [metric.name for metric in metrics_named("mae")] == ["mae"]
        assert [metric.name for metric in metrics_named(accuracy)] == ["accuracy"]

    def test_names_of_ones_own(self):
        found = metrics_named({"right": "accuracy", "wrong": lambda y, p: 1 - accuracy(y, p)})
        assert [metric.name for metric in found] == ["right", "wrong"]
        assert found[1].function([0, 1], [0, 0]) == 0.5

    @pytest.mark.parametrize(
        ("metrics", "message"),
        [
            ("accurracy", "metric 'accurracy' is unknown; did you mean 'accuracy'"),
            (["zzz"], "metric 'zzz' is unknown; There are accuracy"),
            ("top_0", "metric 'top_0' is unknown"),
            (3, "names or functions of what is true and what was predicted, got int 3"),
            ([3], "got int 3"),
            (["f1", "f1"], "metrics names 'f1' twice"),
        ],
    )
    def test_what_is_refused(self, metrics, message):
        with pytest.raises((TypeError, ValueError), match=message):
            metrics_named(metrics)
