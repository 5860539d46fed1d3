"""Targets and losses: labels of any kind, what does not fit, and which loss is meant."""

import enum
import math
import pickle
import random
import warnings

import pytest

from autograd import Value
from nn import MLP, Layer, Module, Neuron, cross_entropy, losses, mse
from nn.reading.default_losses import default_loss, warn_of_labels
from nn.reading.labels import loss_named, read_targets
from nn.reading.loss_table import ALIASES, LOSSES, loss_called, outputs_of_model

NAN = math.nan
E1, E2, E3 = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]


def rows(targets):
    return [targets.row(number) for number in range(targets.rows)]


class TestClasses:
    @pytest.mark.parametrize(
        ("y", "loss", "outputs", "classes", "codes"),
        [
            ([0, 2, 1], "cross_entropy", 3, (0, 1, 2), [0, 2, 1]),
            ([0, 2, 2], "cross_entropy", 4, (0, 1, 2, 3), [0, 2, 2]),
            ([2.0, 0.0], "cross_entropy", 3, (0, 1, 2), [2, 0]),
            ([7, 3, 3], "cross_entropy", 2, (3, 7), [1, 0, 0]),
            (["b", "a", "c"], "nll", 3, ("a", "b", "c"), [1, 0, 2]),
            ([True, False], "cross_entropy", 2, (False, True), [1, 0]),
            ([True, True], "nll", 2, (False, True), [1, 1]),
            ([E2, E1, E3], "cross_entropy", 3, (0, 1, 2), [1, 0, 2]),
            (([0, 0, 1], (0, 1, 0)), "nll", 3, (0, 1, 2), [2, 1]),
            ([[2], [0]], "cross_entropy", 3, (0, 1, 2), [2, 0]),
            ([0, 1, 1], "bce", 1, (0, 1), [0, 1, 1]),
            ([1, 1], "bce_with_logits", 1, (0, 1), [1, 1]),
            (["no", "yes"], "bce", 1, ("no", "yes"), [0, 1]),
            ([3, 7], "bce", 1, (3, 7), [0, 1]),
            ([1, -1], "bce", 1, (-1, 1), [1, 0]),
            ([-1, -1], "hinge", 1, (-1, 1), [0, 0]),
            ([0, 1], "hinge", 1, (0, 1), [0, 1]),
            ([True], "bce", 1, (False, True), [1]),
            ([0, 3], "cross_entropy", None, (0, 1, 2, 3), [0, 3]),
            (["x", "y"], "nll", None, ("x", "y"), [0, 1]),
            (range(3), "cross_entropy", 3, (0, 1, 2), [0, 1, 2]),
        ],
    )
    def test_labels_of_any_kind(self, y, loss, outputs, classes, codes):
        targets = read_targets(y, loss, outputs)
        assert targets.classes == classes
        assert list(map(type, targets.classes)) == list(map(type, classes))
        assert targets.codes == codes
        assert targets.rows == len(targets) == len(codes)
        assert targets.labels() == [classes[code] for code in codes]

    @pytest.mark.parametrize(
        ("y", "loss", "outputs", "expected"),
        [
            ([2, 0], "cross_entropy", 3, [E3, E1]),
            ([E3, E1], "cross_entropy", 3, [E3, E1]),
            ([2, 0], "nll", 3, [2.0, 0.0]),
            (["no", "yes"], "bce", 1, [0.0, 1.0]),
            (["no", "yes"], "bce_with_logits", 1, [0.0, 1.0]),
            (["no", "yes"], "hinge", 1, [-1.0, 1.0]),
            ([1.5, 2], "mse", 1, [1.5, 2.0]),
            ([[1.5], [2]], "mse", 1, [1.5, 2.0]),
            ([[1.5, 2]], "squared_error", 2, [[1.5, 2.0]]),
            ([[0, 1], [1, 1]], "bce", 2, [[0.0, 1.0], [1.0, 1.0]]),
            ([[0, 1], [1, 1]], "hinge", 2, [[-1.0, 1.0], [1.0, 1.0]]),
            ([True, False], "mse", 1, [1.0, 0.0]),
        ],
    )
    def test_the_form_that_a_loss_takes(self, y, loss, outputs, expected):
        targets = read_targets(y, loss, outputs)
        assert rows(targets) == expected
        columns = targets.columns
        assert columns.tolist() == expected
        assert memoryview(columns).format == "d"
        turned = list(reversed(range(targets.rows)))
        assert rows(targets.take(turned)) == expected[::-1]
        assert targets.take(turned).labels() == targets.labels()[::-1]
        again = pickle.loads(pickle.dumps(targets))
        assert (rows(again), again.classes) == (expected, targets.classes)

    def test_enumerations(self):
        class Kind(enum.IntEnum):
            LOW = 3
            HIGH = 7

        targets = read_targets([Kind.HIGH, Kind.LOW], "bce", 1)
        assert targets.labels() == [Kind.HIGH, Kind.LOW]
        assert targets.codes == [1, 0]

    def test_every_loss_takes_them(self):
        for name, choice in LOSSES.items():
            binary, several = choice.task == "binary", choice.task == "classification"
            y = [0, 1, 1] if binary or several else [0.5, 1.5, -2.0]
            targets = read_targets(y, name, 3 if several else 1)
            given = 0.5 if choice.takes == "probabilities" else 0.25
            outputs = [0.25, 0.25, 0.5] if several else given
            for row in range(3):
                assert choice.function(outputs, targets.row(row)) >= 0
                turned = targets.take([row])
                assert choice.function(outputs, turned.row(0)) >= 0

    def test_classes_of_another_set(self):
        targets = read_targets(["b"], "bce", 1, classes=("a", "b"))
        assert (targets.classes, targets.codes) == (("a", "b"), [1])
        targets = read_targets([E2], "cross_entropy", 3, classes=("x", "y", "z"))
        assert (targets.classes, targets.labels()) == (("x", "y", "z"), ["y"])
        with pytest.raises(ValueError, match=r"validation y has the label 'q' in row 1.*'a', 'b'"):
            read_targets(["a", "q"], "bce", 1, classes=("a", "b"), name="validation y")

    def test_targets_stay_what_they_are(self):
        targets = read_targets([0, 1], "bce", 1)
        assert read_targets(targets, "bce", 1) is targets

    @pytest.mark.parametrize(
        ("y", "loss", "outputs", "expected"),
        [
            ([1.0, 3.0], "mse", 1, 1.0),
            ([[1.0, 0.0], [3.0, 0.0]], "mse", 2, 0.5),
            ([1e200, -1e200], "mse", 1, math.inf),
            ([0, 1, 2], "cross_entropy", 3, math.log(3)),
            ([0, 0], "bce", 1, math.log(2)),
        ],
    )
    def test_what_guessing_costs(self, y, loss, outputs, expected):
        assert read_targets(y, loss, outputs).spread == expected


class TestRefusedTargets:
    @pytest.mark.parametrize(
        ("y", "loss", "outputs", "message"),
        [
            ([0, 1, 2, 3, 4], "cross_entropy", 3, r"5 classes \(0, 1, 2, 3, 4\).* 3 outputs$"),
            ([0, 5], "cross_entropy", 3, "2 classes .* 3 outputs; labels .* 5, in row 1"),
            ([0, 3], "cross_entropy", 3, "labels from 0 to 2 may be absent, but 3, in row 1"),
            ([-1, 1], "cross_entropy", 3, "labels from 0 to 2 may be absent, but -1, in row 0"),
            (list("abcdefgh"), "nll", 3, "'f', ..."),
            (["a"], "bce", 1, r"1 class \('a'\), but a model with one output tells 2 apart"),
            (["a", "b", "c"], "bce", 1, "3 classes .* one output tells 2 apart"),
            ([0.5, 1.0], "bce", 1, "0.5 in row 0, but bce takes labels.*loss=\"mse\""),
            ([0.0, NAN], "bce", 1, "y has nan in row 1"),
            ([0, NAN], "bce", 1, "y has nan in row 1"),
            ([0, None], "bce", 1, "y has None in row 1"),
            (["a", None], "bce", 1, "y has None in row 1"),
            ([0, "a"], "bce", 1, "mixes int 0 in row 0 and str 'a' in row 1"),
            ([0, True], "bce", 1, "mixes int 0 in row 0 and bool True in row 1"),
            ([0, 1j], "bce", 1, "complex 1j in row 1; labels are whole numbers, texts or truth"),
            ([0, [1]], "bce", 1, r"mixes int 0 in row 0 and list \[1\] in row 1"),
            ([[1, 0], [1, 1]], "cross_entropy", 2, r"\[1.0, 1.0\] in row 1, which does not name"),
            ([[1, 0], [0, 0]], "nll", 2, r"\[0.0, 0.0\] in row 1, which does not name a class"),
            ([[0, 2]], "nll", 2, r"\[0.0, 2.0\] in row 0, which does not name a class"),
            ([[0.5, 0.5]], "cross_entropy", 2, "does not name a class: a single 1"),
            ([E1], "cross_entropy", 4, "rows of 3 numbers, but the model has 4 outputs"),
            ([[1, 0]], "bce", 1, "rows of 2 numbers, .* 1 output; give one label for each row"),
            ([[1, 0], [1]], "cross_entropy", 2, "different lengths"),
            ([0, 1], "bce", 2, "one label for each row, .* 2 outputs.*cross_entropy"),
            ([[0, 2]], "bce", 2, r"\[0.0, 2.0\] in row 0; bce takes 0 and 1"),
            ([[0, 1]], "bce", 3, "rows of 2 numbers, but the model has 3 outputs"),
            ([1.0], "mse", 2, "one number for each row, but the model has 2 outputs"),
            ([[1.0, 2.0]], "mse", 3, "rows of 2 numbers, but the model has 3 outputs"),
            ([1.0, NAN], "mse", 1, r"y\[1\] is nan"),
            ([1.0, math.inf], "mse", 1, r"y\[1\] must be a finite number"),
            ([1.0, None], "mse", 1, r"y\[1\] is None"),
            ([1.0, "b"], "mse", 1, r"y\[1\] is the text 'b', but mse takes numbers.*cross_entropy"),
            ([1.0, 1j], "mse", 1, r"y\[1\] must be a real number"),
            ([1.0, Value(1.0)], "mse", 1, r"y\[1\] must be a real number"),
            ([[1.0, NAN]], "mse", 2, "y has nan in row 0, column 1"),
            ([[[1.0]], [[2.0]]], "mse", 1, r"rows within rows; give y.reshape\(2, -1\)"),
            (["a", "a"], "bce", 1, r"1 class \('a'\).*name them all: classes=\[...\]"),
            (["a", "a"], "cross_entropy", 2, r"1 class \('a'\).*classes=\[...\]"),
            ([], "mse", 1, "y is empty"),
            ("abc", "bce", 1, "a target for every row, got str"),
            (3, "mse", 1, "a target for every row, got int 3"),
            ({0: 1}, "mse", 1, "a target for every row, got dict"),
            ({0, 1}, "mse", 1, "a target for every row, got set"),
        ],
    )  # fmt: skip
    def test_what_came_and_where(self, y, loss, outputs, message):
        with pytest.raises((TypeError, ValueError), match=message):
            read_targets(y, loss, outputs)

    def test_a_loss_of_ones_own_takes_numbers(self):
        own = loss_called(lambda outputs, target: outputs - target)
        assert rows(read_targets([0, 2], own, 3)) == [0.0, 2.0]
        assert rows(read_targets([[0, 2]], own, 3)) == [[0.0, 2.0]]
        with pytest.raises(TypeError, match="takes numbers"):
            read_targets(["a"], own, 3)


class TestArrays:
    @pytest.fixture
    def numpy(self):
        return pytest.importorskip("numpy")

    @pytest.mark.parametrize("kind", ["i1", "u8", "f4", "O", "bool"])
    def test_labels(self, numpy, kind):
        y = numpy.array([0, 1, 1]).astype(kind)
        targets = read_targets(y, "cross_entropy", 2)
        assert targets.codes == [0, 1, 1]
        assert targets.columns.tolist() == [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
        assert isinstance(targets.columns, numpy.ndarray)
        assert targets.take([2, 0]).columns.tolist() == [[0.0, 1.0], [1.0, 0.0]]

    def test_texts_and_columns(self, numpy):
        assert read_targets(numpy.array(["b", "a"]), "bce", 1).columns.tolist() == [1.0, 0.0]
        assert read_targets(numpy.array([[1], [0]]), "nll", 2).codes == [1, 0]
        assert read_targets(numpy.eye(3), "cross_entropy", 3).codes == [0, 1, 2]
        assert read_targets([numpy.int64(1), numpy.int64(0)], "nll", 2).classes == (0, 1)

    def test_numbers(self, numpy):
        targets = read_targets(numpy.array([1.0, 2.0]), "mse", 1)
        assert targets.columns.tolist() == [1.0, 2.0]
        assert targets.row(1) == 2.0
        assert targets.take([1]).labels() == [2.0]
        assert read_targets(numpy.ones((2, 3)), "mse", 3).row(0) == [1.0, 1.0, 1.0]

    def test_what_is_refused(self, numpy):
        with pytest.raises(ValueError, match=r"y\[1\] is nan"):
            read_targets(numpy.array([1.0, NAN]), "mse", 1)
        with pytest.raises(ValueError, match=r"y\[1\] is None"):
            read_targets(numpy.ma.masked_equal([1, 2], 2), "mse", 1)

    def test_pandas(self):
        pandas = pytest.importorskip("pandas")
        assert read_targets(pandas.Series(["b", "a"]), "bce", 1).classes == ("a", "b")
        kinds = pandas.Categorical(["x", "y"], categories=["z", "y", "x"])
        assert read_targets(kinds, "nll", 3).classes == ("x", "y", "z")
        assert read_targets(pandas.Series(kinds), "nll", 3).codes == [0, 1]
        hot = pandas.get_dummies(pandas.Series(["u", "v", "u"]))
        targets = read_targets(hot, "cross_entropy", 2)
        assert (targets.classes, targets.labels()) == (("u", "v"), ["u", "v", "u"])
        with pytest.raises(ValueError, match=r"y has \w+ in row 1"):
            read_targets(pandas.Series(["a", None]), "bce", 1)
        with pytest.raises(ValueError, match=r"y\[1\] is nan"):
            read_targets(pandas.Series([1.0, None]), "mse", 1)


class Own(Module):
    """A network that only a call tells about."""

    def __init__(self, nin, sizes, *activations):
        self.inner = MLP(nin, sizes, *activations, seed=1)

    def __call__(self, x):
        return self.inner(x)


class TestLosses:
    def test_names_and_aliases(self):
        for name in LOSSES:
            assert loss_called(name).function is getattr(losses, name)
            assert loss_called(getattr(losses, name)) is LOSSES[name]
        for alias, name in ALIASES.items():
            assert loss_called(alias) is LOSSES[name]
            assert loss_called(alias.upper()) is LOSSES[name]

    @pytest.mark.parametrize(
        ("loss", "message"),
        [
            ("crossentropy", "loss 'crossentropy' is unknown; did you mean 'cross_entropy'"),
            ("rmse", "loss 'rmse' is unknown; did you mean 'mse'"),
            ("xyz", "loss 'xyz' is unknown; there are squared_error, mse"),
            (3, "a name or a function of outputs and target, got int 3"),
            (Value(1.0), "a name or a function of outputs and target, got Value"),
            (Value, "a name or a function of outputs and target, got type"),
        ],
    )
    def test_unknown_names(self, loss, message):
        with pytest.raises((TypeError, ValueError), match=message):
            loss_called(loss)

    @pytest.mark.parametrize(
        ("loss", "activation", "outputs", "message"),
        [
            ("cross_entropy", "softmax", 3, 'use loss="nll"'),
            ("cross_entropy", "sigmoid", 3, 'use output_activation="linear"'),
            ("cross_entropy", "linear", 1, 'one output per class.*loss="bce_with_logits"'),
            ("nll", "sigmoid", 1, 'one output per class.*loss="bce"'),
            ("nll", "linear", 3, 'use loss="cross_entropy", or output_activation="softmax"'),
            ("nll", "tanh", 3, 'use output_activation="softmax"'),
            ("bce", "linear", 1, 'use loss="bce_with_logits", or output_activation="sigmoid"'),
            ("bce", "relu", 1, 'use output_activation="sigmoid"'),
            ("bce_with_logits", "sigmoid", 1, 'use loss="bce", or output_activation="linear"'),
            ("bce_with_logits", "relu", 1, 'use output_activation="linear"'),
            ("hinge", "sigmoid", 1, 'use loss="bce"'),
            ("hinge", "step", 1, 'use output_activation="linear"'),
        ],
    )
    def test_models_that_do_not_suit(self, loss, activation, outputs, message):
        for model in (MLP(2, [outputs], activation), MLP(2, [4, outputs], "tanh", activation)):
            with pytest.raises(ValueError, match=message):
                loss_named(loss, model)

    @pytest.mark.parametrize(
        ("loss", "activation", "outputs"),
        [
            ("cross_entropy", "linear", 3),
            ("cross_entropy", "tanh", 3),
            ("nll", "softmax", 3),
            ("bce", "sigmoid", 1),
            ("bce", "sigmoid", 3),
            ("bce_with_logits", "linear", 1),
            ("hinge", "linear", 1),
            ("hinge", "tanh", 1),
            ("mse", "relu", 1),
            ("squared_error", "sigmoid", 3),
        ],
    )
    def test_models_that_suit(self, loss, activation, outputs):
        choice = loss_named(loss, MLP(2, [4, outputs], "tanh", activation))
        assert (choice.name, choice.outputs, choice.activation) == (loss, outputs, activation)

    def test_layers_neurons_and_functions(self):
        assert outputs_of_model(Layer(2, 3, activation="softmax")) == (3, "softmax")
        assert outputs_of_model(Neuron(2)) == (1, "relu")
        assert outputs_of_model(MLP(2, [3], lambda z: z)) == (3, None)
        assert outputs_of_model(lambda x: x) == (None, None)

    @pytest.mark.parametrize("activation", ["linear", "sigmoid", "tanh", "relu", "softmax"])
    def test_a_call_tells_of_other_models(self, activation):
        own = Own(2, [4, 3], "tanh", activation)
        assert outputs_of_model(own) == (None, None)
        assert outputs_of_model(own, [0.5, 1.0]) == (3, activation)
        with pytest.raises(ValueError, match="use"):
            loss_named("nll" if activation != "softmax" else "cross_entropy", own, [0.5, 1.0])

    def test_functions_of_ones_own(self):
        def own(outputs, target):
            return mse(outputs, target)

        choice = loss_named(own, MLP(2, [1], "softplus"))
        assert (choice.name, choice.task, choice.function) == ("own", None, own)
        assert loss_named(cross_entropy, MLP(2, [3], "linear")).name == "cross_entropy"


class TestDefaultLoss:
    @pytest.mark.parametrize(
        ("activation", "outputs", "y", "expected"),
        [
            ("softmax", 3, [0, 1, 2], "nll"),
            ("softmax", 3, [E1, E2], "nll"),
            ("linear", 3, [0, 1, 2], "cross_entropy"),
            ("linear", 3, ["a", "b", "c"], "cross_entropy"),
            ("linear", 3, [E1, E2], "cross_entropy"),
            ("linear", 3, [[0.5, 2.0, 1.0]], "mse"),
            ("linear", 3, [[1, 1, 0]], "mse"),
            ("sigmoid", 3, [[1, 1, 0]], "bce"),
            ("sigmoid", 3, [[0.5, 1, 0]], "mse"),
            ("sigmoid", 1, [0, 1], "bce"),
            ("sigmoid", 1, ["a", "b"], "bce"),
            ("sigmoid", 1, [0.25, 0.5], "mse"),
            ("linear", 1, [0, 1], "bce_with_logits"),
            ("linear", 1, [0.0, 1.0], "bce_with_logits"),
            ("linear", 1, [-1.0, 1.0], "bce_with_logits"),
            ("linear", 1, [True, False], "bce_with_logits"),
            ("linear", 1, [0, 1, 2], "mse"),
            ("linear", 1, [3, 7], "mse"),
            ("linear", 1, [[0.5], [0.25]], "mse"),
            ("tanh", 1, [-1.0, 1.0], "mse"),
            ("tanh", 3, [[-1.0, 0.5, 1.0]], "mse"),
        ],
    )
    def test_what_is_meant(self, activation, outputs, y, expected):
        choice = default_loss(MLP(2, [4, outputs], "tanh", activation), y)
        assert choice.name == expected
        assert choice.outputs == outputs
        assert (
            default_loss(Own(2, [4, outputs], "tanh", activation), y, [0.5, 1.0]).name == expected
        )

    @pytest.mark.parametrize(
        ("activation", "outputs", "y", "message"),
        [
            ("sigmoid", 3, [0, 1, 2], "several outputs, of sigmoid, for labels.*name a loss"),
            ("tanh", 1, ["a", "b"], "one output, of tanh, for labels"),
            ("linear", 1, ["a", "b", "c"], "3 classes .* one output tells 2 apart"),
            ("linear", 1, ["a"], "1 class .* one output tells 2 apart"),
        ],
    )
    def test_what_has_to_be_said(self, activation, outputs, y, message):
        with pytest.raises(ValueError, match=message):
            default_loss(MLP(2, [4, outputs], "tanh", activation), y)

    def test_a_model_that_nothing_is_known_of(self):
        with pytest.raises(ValueError, match="how many outputs the model has is not known"):
            default_loss(Own(2, [3]), [0, 1])

    def test_categories_of_pandas_are_labels(self):
        pandas = pytest.importorskip("pandas")
        y = pandas.Series([3, 7, 3], dtype="category")
        assert default_loss(MLP(2, [1]), y).name == "bce_with_logits"


REPEATED = [0, 1, 2] * 20
COUNTS = [0] * 30 + [1] * 37 + [2] * 21 + [3] * 9 + [4] * 3  # as a Poisson distribution gives them


class TestLabelsOnOneOutput:
    """Labels 0, 1, 2 fitted by one output as numbers: said, where nobody named the loss."""

    @pytest.mark.parametrize(
        "y",
        [
            REPEATED,
            [label + 1 for label in REPEATED],
            [label - 1 for label in REPEATED],
            [[label] for label in REPEATED],
            [0] * 59 + [1] * 71 + [2] * 48,  # wine
            list(range(10)) * 12,  # digits
        ],
    )
    def test_they_are_told(self, y):
        model = MLP(1, [1], seed=1)
        classes = len(set(map(str, y)))
        with pytest.warns(UserWarning, match=f"give the model {classes} outputs") as found:
            model.fit([[0.01 * row] for row in range(len(y))], y, epochs=1, progress=False)
        assert len(found) == 1
        assert 'loss="mse"' in str(found[0].message)
        assert found[0].filename == __file__

    @pytest.mark.parametrize("form", ["array", "column", "pandas"])
    def test_in_arrays_and_tables(self, form):
        numpy = pytest.importorskip("numpy")
        y = numpy.array(REPEATED)
        if form == "column":
            y = y.reshape(-1, 1)
        if form == "pandas":
            y = pytest.importorskip("pandas").Series(y)
        with pytest.warns(UserWarning, match="labels of 3 classes"):
            MLP(1, [1], seed=1).fit(numpy.zeros((60, 1)), y, epochs=1, progress=False)

    @pytest.mark.parametrize(
        "y",
        [
            COUNTS,
            [float(label) for label in REPEATED],  # whole, but numbers
            [0, 1, 2, 3],  # a line, point by point
            [x + z for x in range(6) for z in range(6)],
            [0] * 80 + [1] * 15 + [2] * 5,
            [3, 5, 9] * 20,
            [2020, 2021, 2022] * 20,
            [0, 1, 3] * 20,
            list(range(40)) * 6,
            [0, 1] * 30,
        ],
    )
    def test_counts_ratings_and_years_are_numbers(self, y):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model = MLP(1, [1], seed=1)
            model.fit([[0.01 * row] for row in range(len(y))], y, epochs=1, progress=False)

    @pytest.mark.parametrize("source", range(30))
    def test_random_counts_are_numbers(self, source):
        random_numbers = random.Random(source)
        heads = [sum(random_numbers.random() < 0.5 for _ in range(4)) for _ in range(200)]
        waits = [min(9, int(random_numbers.expovariate(0.7))) for _ in range(200)]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for y in (heads, waits):
                warn_of_labels(default_loss(MLP(1, [1]), y), y)

    def test_a_named_loss_is_meant(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model = MLP(1, [1], seed=1)
            model.fit([[1.0]] * 60, REPEATED, loss="mse", epochs=1, progress=False)
