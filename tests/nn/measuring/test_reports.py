"""Reports: classes, the confusion matrix, the hardest examples, and their pictures."""

import math

import pytest

from nn import MLP, cross_entropy
from nn.measuring.reports import HardExample, report
from nn.measuring.row_pictures import image_shape, svg_picture, text_pictures

X = [[-1.0, 0.0], [2.0, 1.0], [3.0, -1.0], [0.5, 0.5]]


@pytest.fixture
def line():
    """Return a model whose outputs are 0 and the first number of the row."""
    model = MLP(2, [2], initializer="zeros")
    model["w_12^(1)"] = 1.0
    return model


def softplus(z):
    return math.log1p(math.exp(z))


class TestClasses:
    Y = ("no", "yes", "no", "no")

    def test_the_hardest_come_first(self, line):
        found = report(line, X, self.Y).hardest
        assert [one.row for one in found] == [2, 3, 0, 1]
        assert found[0] == HardExample(2, "no", "yes", found[0].loss, found[0].probability, X[2])
        assert found[0].loss == pytest.approx(softplus(3.0), rel=1e-12)
        assert found[0].probability == pytest.approx(math.exp(-softplus(3.0)), rel=1e-12)
        assert len(report(line, X, self.Y, hardest=1).hardest) == 1
        assert report(line, X, self.Y, hardest=0).hardest == []

    def test_equal_losses_stand_in_order(self, line):
        found = report(line, [X[1], X[2], X[1]], [0, 0, 0])
        assert [one.row for one in found.hardest] == [1, 0, 2]

    def test_metrics(self, line):
        found = report(line, X, self.Y)
        losses = [softplus(-1.0), softplus(-2.0), softplus(3.0), softplus(0.5)]
        assert found.metrics["loss"] == pytest.approx(sum(losses) / 4, rel=1e-12)
        assert found.metrics["accuracy"] == 0.5
        assert found.confusion.counts == [[1, 2], [0, 1]]
        assert found.rows == 4

    def test_it_prints_itself(self, line):
        text = str(report(line, X, self.Y, hardest=2))
        assert text.startswith("4 rows: loss 1.116, accuracy 0.5\n")
        lines = [line.split() for line in text.splitlines()]
        assert ["no", "1", "0.3333", "0.5", "3"] in lines
        assert ["mean", "0.6667", "0.6667", "0.5", "4"] in lines
        assert ["yes", "0", "1", "1", "1"] in lines
        assert ["2", "no", "yes", "0.04743", "3.049"] in lines
        assert repr(report(line, X, self.Y)) == "<report on 4 rows: loss 1.116, accuracy 0.5>"

    def test_a_page(self, line):
        page = report(line, X, ["<b>", "yes", "<b>", "yes"])._repr_html_()
        assert page.count("<table>") == 3
        assert "<b>" not in page
        assert "&lt;b&gt;" in page

    def test_arrays(self, line):
        numpy = pytest.importorskip("numpy")
        found = report(line, numpy.array(X), numpy.array(self.Y))
        assert str(found) == str(report(line, X, self.Y))
        assert type(found.hardest[0].predicted) is str
        assert type(found.hardest[0].loss) is float

    @pytest.mark.parametrize(
        ("loss", "activation"), [("bce_with_logits", "linear"), ("bce", "sigmoid")]
    )
    def test_one_output(self, loss, activation):
        model = MLP(2, [1], activation, initializer="zeros")
        model["w_11^(1)"] = 1.0
        found = report(model, X, self.Y, loss=loss)
        assert [one.row for one in found.hardest] == [2, 3, 0, 1]
        assert found.hardest[0].probability == pytest.approx(1 / (1 + math.exp(3)), rel=1e-9)

    def test_scores_have_no_probabilities(self):
        model = MLP(2, [1], initializer="zeros")
        model["w_11^(1)"] = 1.0
        found = report(model, X, self.Y, loss="hinge")
        assert found.hardest[0].loss == 4.0
        assert found.hardest[0].probability is None
        assert "p(true)" not in str(found)

    def test_independent_outputs(self):
        model = MLP(2, [2], "sigmoid", initializer="zeros")
        found = report(model, X, [[0, 1], [1, 1], [0, 0], [1, 0]], loss="bce")
        assert found.confusion is None
        assert found.hardest[0].predicted == [0, 0]
        assert found.metrics == {"loss": pytest.approx(math.log(2))}


class TestNumbers:
    def test_the_largest_residuals(self):
        model = MLP(2, [1], initializer="zeros")
        found = report(model, X, [1.0, -3.0, 2.0, 0.0])
        assert [(one.row, one.true, one.predicted) for one in found.hardest] == [
            (1, -3.0, 0.0), (2, 2.0, 0.0), (0, 1.0, 0.0), (3, 0.0, 0.0),
        ]  # fmt: skip
        assert found.metrics == {"loss": 3.5, "r2": 0.0, "mean_absolute_error": 1.5}
        assert "1    -3          0        -3     9" in str(found)
        assert "residual" in str(found)
        assert found._repr_html_().count("<table>") == 1

    def test_several_outputs(self):
        model = MLP(2, [2], initializer="zeros")
        found = report(model, X, [[0.0, 1.5], [0.0, 0.5], [0.0, 0.5], [2.5, 0.5]])
        assert found.hardest[0].true == [2.5, 0.5]
        assert "[2.5, 0.5]" in str(found)

    def test_a_loss_of_ones_own(self):
        model = MLP(2, [1], initializer="zeros")
        found = report(model, X, [1.0, -3.0, 2.0, 0.0], loss=lambda y, t: abs(y - t))
        assert found.metrics == {"loss": 1.5}
        assert found.hardest[0].loss == 3.0

    def test_a_loss_of_ones_own_of_several_outputs(self, line):
        found = report(line, X, [0, 1, 0, 1], loss=lambda z, t: cross_entropy(z, t))
        assert [one.row for one in found.hardest] == [2, 3, 0, 1]
        assert "[0, 3]" in str(found)


class TestManyClasses:
    def test_the_most_frequent_mistakes(self):
        model = MLP(1, [100], initializer="zeros")
        y = [99, 7, 7, 0, *range(1, 31)]
        found = report(model, [[0.0]] * len(y), y)
        assert len(found.confusion) == 100
        text = str(found)
        assert "the most frequent mistakes among 100 classes" in text
        assert ["7", "0", "3"] in [line.split() for line in text.splitlines()]
        assert "and 11 less frequent ones" in text
        assert "and 40 more classes" in text


class TestRefused:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"y": [0, 1]}, "X has 4 rows, but y has 2"),
            ({"hardest": -1}, "hardest must be at least 1"),
            ({"hardest": 1.5}, "hardest must be an integer"),
            ({"shape": (8, 8)}, "shape is 8 x 8, but rows have 2 numbers"),
            ({"shape": 2}, r"a height and a width, such as \(8, 8\), got int 2"),
            ({"X": [[1.0]] * 4}, "X has 1 column, the model has 2 inputs"),
        ],
    )
    def test_what_does_not_fit(self, line, options, message):
        given = {"X": X, "y": [0, 1, 0, 1], **options}
        with pytest.raises((TypeError, ValueError), match=message):
            report(line, given.pop("X"), given.pop("y"), **given)


class TestPictures:
    def test_side_by_side(self):
        found = text_pictures([[0.0, 4.0, 4.0, 2.0], [1.0, 1.0, 1.0, 1.0]], 2, ["3: a", "5: b"])
        assert found.splitlines() == ["3: a   5: b", "  ██", "██▒▒"]

    def test_svg(self):
        found = svg_picture([0.0, 1.0, 0.5, 0.0], 2, pixel=3)
        assert found == (
            '<svg width="6" height="6" fill="currentColor">'
            '<rect x="3" y="0" width="3" height="3" opacity="1"/>'
            '<rect x="0" y="3" width="3" height="3" opacity="0.5"/></svg>'
        )

    def test_numbers_of_any_size(self):
        assert svg_picture([-1e308, 1e308], 2).count("<rect") == 0
        assert text_pictures([[-1e308, 1e308]], 2, [""]).strip() == ""

    def test_shapes(self):
        assert image_shape(None, 5) is None
        assert image_shape([1, 5], 5) == (1, 5)

    def test_in_a_report(self, line):
        found = report(line, X, ["no", "yes", "no", "no"], hardest=3, shape=(1, 2))
        assert "2: no as yes   3: no as yes   0: no" in str(found)
        assert found._repr_html_().count("<svg") == 3
