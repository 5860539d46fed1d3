"""Predictions: eager code's numbers, whatever the model; labels, probabilities, scores."""

import gc
import math
import random
import weakref

import pytest

from autograd import Value, softmax, tanh
from nn import MLP, Layer, Module, Neuron, cross_entropy, mse
from nn.measuring.compiled_models import program_of
from nn.measuring.predictions import (
    evaluate,
    outputs_of,
    predict,
    predict_proba,
    rows_of,
)
from nn.reading.labels import read_targets

SOURCE = random.Random(3)
X = [[SOURCE.gauss(0, 1), SOURCE.gauss(0, 1)] for _ in range(9)]


class Curve(Module):
    """A model of one's own: a number and a function that no program reads at every call."""

    def __init__(self, scale=1.0):
        self.weight = Value(0.5)
        self.scale = scale
        self.bend = tanh
        self.parts = {"more": [Value(0.25)]}

    def __call__(self, x):
        return self.bend(self.weight * x[0] * self.scale) + self.parts["more"][0] * x[1]


def plain(number):
    return number.data if isinstance(number, Value) else number


def eager(model, rows):
    """Return eager code's outputs: a number for every row, or a list."""
    found = [model(row) for row in rows]
    return [
        [plain(z) for z in outputs] if isinstance(outputs, (list, tuple)) else plain(outputs)
        for outputs in found
    ]


def trained_for(model, classes, task, loss_name):
    model.classes, model.task, model.loss_name = classes, task, loss_name
    return model


class TestOutputs:
    @pytest.mark.parametrize(
        "model",
        [
            MLP(2, [4, 3], "tanh", seed=1),
            MLP(2, [4, 1], "relu", "sigmoid", seed=1),
            MLP(2, [4, 3], "tanh", "softmax", seed=1),
            Layer(2, 3, activation="softmax", seed=1),
            Neuron(2, activation="tanh", seed=1),
            Curve(),
            lambda x: [x[0] * 2.0, x[1]],
            lambda x: (x[0], softmax(x)[0]),
        ],
        ids=lambda model: type(model).__name__,
    )
    def test_eager_codes_numbers(self, model):
        found = rows_of(model, X)
        for row, expected in zip(found, eager(model, X), strict=True):
            assert row == pytest.approx(expected, rel=1e-13, abs=1e-15)
        assert [len(row) for row in outputs_of(model, X)] == [
            len(row) if isinstance(row, list) else 1 for row in found
        ]

    def test_arrays_give_arrays(self):
        numpy = pytest.importorskip("numpy")
        model = MLP(2, [4, 3], "tanh", seed=1)
        found = rows_of(model, numpy.array(X))
        assert isinstance(found, numpy.ndarray)
        assert found.tolist() == rows_of(model, X)
        single = rows_of(MLP(2, [1], seed=1), numpy.array(X))
        assert single.shape == (9,)

    def test_tables_of_pandas(self):
        pandas = pytest.importorskip("pandas")
        model = MLP(2, [3], seed=1)
        frame = pandas.DataFrame(X, columns=["width", "height"])
        assert outputs_of(model, frame).tolist() == outputs_of(model, X)

    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            ([[1.0] * 13], "X has 13 columns, the model has 2 inputs"),
            ([1.0, 2.0], r"for one example give \[X\]"),
            ([[1.0, math.nan]], "X has nan in row 0, column 1"),
            ([], "X is empty"),
        ],
    )
    def test_what_is_refused(self, rows, message):
        model = MLP(2, [3], seed=1)
        for call in (outputs_of, rows_of, predict, predict_proba):
            with pytest.raises(ValueError, match=message):
                call(model, rows)

    def test_what_is_no_model(self):
        with pytest.raises(TypeError, match="must be a Module or a function, got int 3"):
            outputs_of(3, X)
        with pytest.raises(TypeError, match="output 0 is list"):
            outputs_of(lambda x: [[x[0]]], X)

    def test_many_rows(self):
        numpy = pytest.importorskip("numpy")
        model = MLP(64, [32, 10], seed=1)
        many = numpy.random.default_rng(1).normal(size=(20_000, 64))
        found = outputs_of(model, many)
        assert found.shape == (20_000, 10)
        last = outputs_of(model, many[-1:].tolist())[0]
        assert found[-1].tolist() == pytest.approx(last, rel=1e-12)


class TestChanges:
    """A model is compiled once, and what changes in it is seen nevertheless."""

    def test_parameters(self):
        model = MLP(2, [3, 1], seed=1)
        before = rows_of(model, X)
        for parameter in model.parameters():
            parameter.data *= 1.5
        assert rows_of(model, X) == pytest.approx(eager(model, X), rel=1e-13)
        assert rows_of(model, X) != before

    @pytest.mark.parametrize(
        "change",
        [
            lambda model: model.layers[0].neurons[1].weights.__setitem__(0, Value(3.0)),
            lambda model: setattr(model.layers[1].neurons[0], "bias", Value(3.0)),
            lambda model: setattr(model.layers[1].neurons[0], "bias", None),
            lambda model: setattr(
                model.layers[0].neurons[0], "activation", MLP(1, [1], "tanh").layers[0].activation
            ),
            lambda model: model.layers.insert(1, Layer(3, 3, activation="tanh", seed=5)),
            lambda model: model.layers.pop(),
            lambda model: setattr(model, "forward", lambda x: [x[0]]),
            lambda model: setattr(model.layers[0], "forward", lambda x: [x[0], x[1], x[0]]),
        ],
    )
    def test_parts_of_a_network(self, change):
        model = MLP(2, [3, 2], seed=1)
        outputs_of(model, X)
        change(model)
        for row, expected in zip(rows_of(model, X), eager(model, X), strict=True):
            assert row == pytest.approx(expected, rel=1e-13)

    @pytest.mark.parametrize(
        "change",
        [
            lambda model: setattr(model, "scale", 3.0),
            lambda model: setattr(model, "weight", Value(-2.0)),
            lambda model: setattr(model, "bend", lambda z: z * 2.0),
            lambda model: model.parts["more"].__setitem__(0, Value(9.0)),
            lambda model: setattr(model.weight, "data", 7.0),
        ],
    )
    def test_parts_of_a_model_of_ones_own(self, change):
        model = Curve()
        outputs_of(model, X)
        change(model)
        assert rows_of(model, X) == pytest.approx(eager(model, X), rel=1e-13)

    def test_functions_one_after_the_other(self):
        model = Curve()
        for factor in range(1, 6):
            model.bend = None  # whose place in memory the next one may take
            model.bend = lambda z, factor=factor: z * factor
            assert rows_of(model, X) == pytest.approx(eager(model, X), rel=1e-13)

    def test_arrays_in_a_model(self):
        numpy = pytest.importorskip("numpy")

        class Masked(Curve):
            mask = None

            def __call__(self, x):
                return super().__call__([x[0] * float(self.mask[0]), x[1]])

        model = Masked()
        model.mask = numpy.ones(2)
        outputs_of(model, X)
        model.mask[0] = 0.0
        assert rows_of(model, X) == pytest.approx(eager(model, X), rel=1e-13)

    def test_no_model_is_kept_alive(self):
        for model in (MLP(2, [3], seed=1), Curve()):
            model.itself = model
            outputs_of(model, X)
            known = weakref.ref(model)
            del model
        gc.collect()
        assert known() is None

    def test_asked_again_it_is_not_compiled_again(self):
        model = MLP(64, [32, 10], seed=1)
        row = [[0.5] * 64]
        outputs_of(model, row)
        program = program_of(model)
        for _ in range(3):
            outputs_of(model, row)
            model.layers[0].neurons[0].weights[0].data += 1.0
            trained_for(model, (0, 1), "binary", "bce")
        assert program_of(model) is program


class TestLabels:
    def test_of_several_outputs(self):
        model = trained_for(MLP(2, [3], seed=1), ("a", "b", "c"), "classification", "cross_entropy")
        expected = ["abc"[row.index(max(row))] for row in eager(model, X)]
        assert predict(model, X) == expected
        assert len(set(expected)) > 1

    @pytest.mark.parametrize(
        ("loss", "activation", "threshold"),
        [("bce_with_logits", "linear", 0.0), ("bce", "sigmoid", 0.5), ("hinge", "linear", 0.0)],
    )
    def test_of_one_output(self, loss, activation, threshold):
        model = trained_for(MLP(2, [1], activation, seed=1), ("no", "yes"), "binary", loss)
        expected = ["yes" if y > threshold else "no" for y in eager(model, X)]
        assert predict(model, X) == expected
        assert set(expected) == {"no", "yes"}

    def test_of_independent_outputs(self):
        model = trained_for(MLP(2, [3], "sigmoid", seed=1), None, "binary", "bce")
        assert predict(model, X) == [[int(p > 0.5) for p in row] for row in eager(model, X)]
        assert predict_proba(model, X) == outputs_of(model, X)

    def test_numbers(self):
        model = trained_for(MLP(2, [1], seed=1), None, "regression", "mse")
        assert predict(model, X) == rows_of(model, X)
        assert predict(MLP(2, [2], seed=1), X) == rows_of(MLP(2, [2], seed=1), X)

    def test_labels_in_arrays(self):
        numpy = pytest.importorskip("numpy")
        model = trained_for(MLP(2, [3], seed=1), ("a", "b", "c"), "classification", "cross_entropy")
        found = predict(model, numpy.array(X))
        assert found.tolist() == predict(model, X)
        model = trained_for(MLP(2, [1], seed=1), (-1, 1), "binary", "hinge")
        assert predict(model, numpy.array(X)).tolist() == predict(model, X)
        assert predict(model, numpy.array(X)).dtype.kind == "i"

    def test_nothing_but_classes_is_known(self):
        model = MLP(2, [3], seed=1)
        model.classes = ("a", "b", "c")
        assert set(predict(model, X)) <= set("abc")
        assert len(predict_proba(model, X)[0]) == 3

    def test_the_activation_tells(self):
        assert set(predict(MLP(2, [3], "softmax", seed=1), X)) <= {0, 1, 2}
        assert set(predict(MLP(2, [1], "sigmoid", seed=1), X)) <= {0, 1}


class TestProbabilities:
    @pytest.mark.parametrize(
        ("model", "task", "loss"),
        [
            (MLP(2, [3], seed=1), "classification", "cross_entropy"),
            (MLP(2, [3], "softmax", seed=1), "classification", "nll"),
            (MLP(2, [1], seed=1), "binary", "bce_with_logits"),
            (MLP(2, [1], "sigmoid", seed=1), "binary", "bce"),
        ],
    )
    def test_as_the_loss_sees_them(self, model, task, loss):
        classes = tuple(range(3 if task == "classification" else 2))
        found = predict_proba(trained_for(model, classes, task, loss), X)
        for row, outputs in zip(found, eager(model, X), strict=True):
            if loss == "cross_entropy":
                whole = sum(map(math.exp, outputs))
                expected = [math.exp(z) / whole for z in outputs]
            elif loss == "nll":
                expected = outputs
            else:
                p = 1 / (1 + math.exp(-outputs)) if loss == "bce_with_logits" else outputs
                expected = [1 - p, p]
            assert row == pytest.approx(expected, rel=1e-12)

    def test_net_inputs_of_any_size(self):
        model = trained_for(MLP(1, [1], initializer="zeros"), (0, 1), "binary", "bce_with_logits")
        model["b_1^(1)"] = 800.0
        assert predict_proba(model, [[0.0]]) == [[0.0, 1.0]]
        model["b_1^(1)"] = 50.0
        assert predict_proba(model, [[0.0]])[0][0] == pytest.approx(math.exp(-50), rel=1e-12)
        model = trained_for(MLP(1, [2], initializer="zeros"), (0, 1), "classification", None)
        model["b_1^(1)"] = 5000.0
        assert predict_proba(model, [[0.0]]) == [[1.0, 0.0]]

    @pytest.mark.parametrize(
        ("classes", "task", "loss", "message"),
        [
            (None, "regression", "mse", "no probabilities, since it is for numbers"),
            (None, None, "own", "no probabilities, since what it is for is not known"),
            ((0, 1), "binary", "hinge", "hinge trains are no probabilities"),
        ],
    )
    def test_what_has_none(self, classes, task, loss, message):
        with pytest.raises(ValueError, match=message):
            predict_proba(trained_for(MLP(2, [1], seed=1), classes, task, loss), X)

    def test_a_model_that_nobody_trained(self):
        with pytest.raises(ValueError, match="what it is for is not known"):
            predict_proba(MLP(2, [1], seed=1), X)


class TestEvaluate:
    Y = (0, 1, 2) * 3

    def test_classes(self):
        model = MLP(2, [3], seed=1)
        found = evaluate(model, X, self.Y)
        predicted = [row.index(max(row)) for row in eager(model, X)]
        right = sum(map(int.__eq__, predicted, self.Y))
        assert list(found) == ["loss", "accuracy"]
        assert found["accuracy"] == right / 9
        expected = cross_entropy([model(row) for row in X], self.Y).data
        assert found["loss"] == pytest.approx(expected, rel=1e-13)

    def test_numbers(self):
        model = MLP(2, [1], seed=1)
        y = [row[0] for row in X]
        found = evaluate(model, X, y)
        assert list(found) == ["loss", "r2", "mean_absolute_error"]
        expected = mse([model(row) for row in X], y).data
        assert found["loss"] == pytest.approx(expected, rel=1e-13)

    def test_metrics_of_ones_own(self):
        model = trained_for(MLP(2, [3], seed=1), tuple("abc"), "classification", "cross_entropy")
        seen = []

        def watched(y, predicted):
            seen.append((y, predicted))
            return 1

        y = ["abc"[label] for label in self.Y]
        found = evaluate(model, X, y, ["log_loss", "top_2", "roc_auc", "f1", watched])
        assert seen == [(y, predict(model, X))]
        assert found["log_loss"] == pytest.approx(found["loss"], rel=1e-12)
        assert found["watched"] == 1.0
        assert 0.0 <= found["top_2"] <= 1.0
        with pytest.raises(TypeError, match="metric 'bad' must return a number, got str"):
            evaluate(model, X, y, {"bad": lambda y, predicted: "well"})

    @pytest.mark.parametrize(
        ("model", "y", "loss"),
        [
            (MLP(2, [1], seed=1), [0, 1, 1] * 3, "bce_with_logits"),
            (MLP(2, [1], "sigmoid", seed=1), ["a", "b", "b"] * 3, "bce"),
            (MLP(2, [1], seed=1), [-1, 1, 1] * 3, "hinge"),
            (MLP(2, [3], "softmax", seed=1), [0, 1, 2] * 3, "nll"),
        ],
    )
    def test_every_loss(self, model, y, loss):
        found = evaluate(model, X, y, ["accuracy", "roc_auc"], loss=loss)
        targets = read_targets(y, loss, len(outputs_of(model, X)[0]))
        function = {
            "nll": lambda z, t: -math.log(z[int(t)]),
            "bce": lambda p, t: -math.log(p if t else 1 - p),
            "bce_with_logits": lambda z, t: math.log1p(math.exp(-z if t else z)),
            "hinge": lambda s, t: max(0.0, 1 - t * s),
        }[loss]
        expected = [function(z, targets.row(row)) for row, z in enumerate(eager(model, X))]
        assert found["loss"] == pytest.approx(sum(expected) / 9, rel=1e-12)

    def test_classes_in_the_numbers_of_a_regression(self):
        model = MLP(2, [3], "sigmoid", seed=1)
        y = [[float(place == label) for place in range(3)] for label in self.Y]
        found = evaluate(model, X, y, ["accuracy", "r2"], loss="squared_error")
        predicted = [row.index(max(row)) for row in eager(model, X)]
        assert found["accuracy"] == sum(map(int.__eq__, predicted, self.Y)) / 9
        single = MLP(2, [1], "tanh", seed=1)
        y = [1.0, -1.0, -1.0] * 3
        found = evaluate(single, X, y, "accuracy", loss="mse")
        assert (
            found["accuracy"]
            == sum((t > 0) == (s > 0) for t, s in zip(y, eager(single, X), strict=True)) / 9
        )

    def test_classes_in_the_targets_of_a_loss_of_ones_own(self):
        model = MLP(2, [3], seed=1)
        found = evaluate(model, X, self.Y, "accuracy", loss=lambda z, t: cross_entropy(z, t))
        assert found == pytest.approx(evaluate(model, X, self.Y), rel=1e-12)
        with pytest.raises(ValueError, match="'acc' is for classes, but y holds numbers"):
            evaluate(MLP(2, [1], seed=1), X, [0, 1, 1] * 3, "acc", loss=lambda z, t: mse(z, t))

    def test_independent_outputs(self):
        model = MLP(2, [2], "sigmoid", seed=1)
        y = [[1, 0], [0, 0], [1, 1]] * 3
        found = evaluate(model, X, y, ["accuracy"])
        both = [row == [t > 0.5 for t in p] for row, p in zip(y, eager(model, X), strict=True)]
        assert found["accuracy"] == sum(both) / 9

    @pytest.mark.parametrize(
        ("y", "metrics", "loss", "message"),
        [
            ([0, 1, 2] * 2, None, None, "X has 9 rows, but y has 6"),
            ([0, 1, 2] * 3, ["r2"], None, "metric 'r2' is for numbers, but y holds classes"),
            ([[0.5, 1, 2]] * 9, ["f1"], "mse", "metric 'f1' is for classes, but y holds numbers"),
            ([[1, 1, 0]] * 9, ["f1"], "bce_with_logits", "'f1' is for classes that exclude each"),
            ([[1, 1, 0]] * 9, ["log_loss"], "hinge", "'log_loss' is for classes that exclude each"),
            ([0, 1, 2] * 3, ["acurracy"], None, "did you mean 'accuracy'"),
            ([0, 1, 7] * 3, None, "nll", "nll takes probabilities"),
        ],
    )
    def test_what_is_refused(self, y, metrics, loss, message):
        with pytest.raises(ValueError, match=message):
            evaluate(MLP(2, [3], seed=1), X, y, metrics, loss)

    def test_scores_are_no_probabilities(self):
        with pytest.raises(ValueError, match="'log_loss' is for probabilities, but hinge gives"):
            evaluate(MLP(2, [1], seed=1), X, [0, 1, 1] * 3, "log_loss", loss="hinge")

    def test_labels_that_training_did_not_know(self):
        model = trained_for(MLP(2, [3], seed=1), tuple("abc"), "classification", "cross_entropy")
        with pytest.raises(ValueError, match="the label 'd' in row 0, which is none of"):
            evaluate(model, X, ["d"] * 9)

    def test_a_loss_of_ones_own_has_to_be_given_again(self):
        def own(outputs, target):
            return mse(outputs, target) * 2.0

        model = trained_for(MLP(2, [1], seed=1), None, None, "own")
        y = [1.0] * 9
        with pytest.raises(ValueError, match="trained by a function of one's own, 'own'"):
            evaluate(model, X, y)
        expected = 2.0 * mse([model(row) for row in X], y).data
        assert evaluate(model, X, y, loss=own)["loss"] == pytest.approx(expected, rel=1e-13)


class TestWhatIsOutside:
    """What a model of somebody else reads may change, and is seen."""

    def test_a_number_outside_of_a_model(self):
        scale = [1.0]

        class Scaled(Module):
            def __init__(self):
                self.inner = MLP(2, [1], "linear", seed=1)

            def __call__(self, x):
                return self.inner(x) * scale[0]

        model = Scaled()
        outputs_of(model, X)
        scale[0] = 5.0
        assert rows_of(model, X) == pytest.approx(eager(model, X), rel=1e-13)

    def test_a_number_outside_of_an_activation_and_of_a_loss(self):
        factor = [1.0]
        model = MLP(2, [1], activation=lambda z: z * factor[0], seed=1)
        outputs_of(model, X)

        def loss(output, target):
            return (output - target) ** 2 * factor[0]

        from nn import SGD, fit

        y = [0.0] * len(X)
        fit(model, X, y, loss=loss, optimizer=SGD(0.0), epochs=1)
        factor[0] = 5.0
        assert rows_of(model, X) == pytest.approx(eager(model, X), rel=1e-13)
        history = fit(model, X, y, loss=loss, optimizer=SGD(0.0), epochs=1)
        expected = sum(5.0 * each**2 for each in eager(model, X)) / len(X)
        assert history["loss"][0] == pytest.approx(expected, rel=1e-12)
