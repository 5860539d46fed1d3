"""fit: learns, stops, keeps, tells; refuses what does not fit before anything starts."""

import _thread
import dataclasses
import math
import random
import re
import threading
import warnings

import pytest

from autograd import SGD, Adam, Value
from nn import MLP, DivergenceError, Layer, Module, Training, fit, schedules
from nn.relu_units import DeadLayerWarning

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]]


def curve(rows=80, seed=1):
    """Rows of a smooth function of two numbers."""
    source = random.Random(seed)
    X = [[source.gauss(0, 1), source.gauss(0, 1)] for _ in range(rows)]
    return X, [math.sin(x) + 0.5 * z for x, z in X]


def network(outputs=1, seed=3, activation="tanh"):
    return MLP(2, [6, outputs], activation, seed=seed)


def numbers(model):
    return [parameter.data for parameter in model.parameters()]


def test_xor_is_learned_from_words():
    model = network(seed=1)
    history = fit(model, XOR, ["no", "yes", "yes", "no"], epochs=300, metrics=["accuracy"])
    assert history[-1].metrics == {"accuracy": 1.0}
    assert model.predict(XOR) == ["no", "yes", "yes", "no"]
    assert model.classes == ("no", "yes")
    assert [epoch.number for epoch in history] == list(range(1, 301))
    assert history["loss"][-1] < 0.1 < history["loss"][0]


@pytest.mark.parametrize(
    "targets",
    [[0, 1, 2, 1], ["a", "b", "c", "b"], [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]]],
    ids=["integers", "words", "one-hot"],
)
def test_classes_in_any_form_train_the_same_network(targets):
    model = network(outputs=3)
    fit(model, XOR, targets, loss="cross_entropy", epochs=20)
    other = network(outputs=3)
    fit(other, XOR, [0, 1, 2, 1], loss="cross_entropy", epochs=20)
    assert numbers(model) == numbers(other)


def test_the_method_and_the_function_are_one():
    X, y = curve()
    one, two = network(), network()
    assert [e.loss for e in one.fit(X, y, epochs=3)] == [e.loss for e in fit(two, X, y, epochs=3)]
    assert numbers(one) == numbers(two)


def test_the_steps_are_those_of_the_trainer():
    X, y = curve()
    model, other = network(), network()
    history = fit(model, X, y, loss="mse", optimizer=Adam(lr=0.01), epochs=4, batch_size=16)
    training = Training(other, X, y, loss="mse", optimizer=Adam(lr=0.01), epochs=4, batch_size=16)
    trainer = training.problem.row_loss.program.trainer(
        X, y, optimizer=Adam(other.parameters(), lr=0.01), batch_size=16, seed=0
    )
    losses = trainer.run(epochs=4)
    assert numbers(model) == numbers(other)
    means = [math.fsum(losses[k : k + 5]) / 5 for k in range(0, 20, 5)]
    assert history["loss"] == pytest.approx(means, rel=1e-14)


def test_the_history_adds_up():
    X, y = curve(rows=50)
    history = fit(network(), X, y, epochs=3, batch_size=16, schedule=schedules.Linear())
    assert history["steps"] == [4, 8, 12]
    assert history["lr"] == pytest.approx([0.01 * (1 - step / 12) for step in (3, 7, 11)])
    assert all(norm > 0.0 for norm in history["gradient_norm"])
    seconds = history["seconds"]
    assert seconds == sorted(seconds)


def test_the_first_gradient_norm_is_that_of_the_gradient():
    X, y = curve(rows=10)
    model = network()
    history = fit(model, X, y, loss="mse", optimizer=SGD(lr=0.0), epochs=1)
    loss = sum(((t - model(x)) ** 2 for x, t in zip(X, y, strict=True)), 0.0) / 10
    loss.backward()
    norm = math.hypot(*[parameter.grad for parameter in model.parameters()])
    assert history[0].gradient_norm == pytest.approx(norm, rel=1e-12)
    assert history[0].loss == pytest.approx(loss.data, rel=1e-12)


def test_eager_code_gives_the_same_numbers():
    X, y = curve(rows=12)
    one, two = network(), network()
    options = {"loss": "mse", "epochs": 2, "batch_size": 5, "schedule": "cosine", "clip": 0.5}
    compiled = fit(one, X, y, **options)
    eager = fit(two, X, y, compiled=False, **options)
    assert numbers(two) == pytest.approx(numbers(one), rel=1e-9)
    assert eager["loss"] == pytest.approx(compiled["loss"], rel=1e-12)
    assert eager["gradient_norm"] == pytest.approx(compiled["gradient_norm"], rel=1e-9)


# --- Validation, patience, callbacks --------------------------------------------------------------


def test_the_best_parameters_are_restored():
    X, y = curve()
    kept = {}
    model = network()

    def look(epoch):
        kept[epoch.number] = numbers(model)

    history = fit(
        model, X, y, epochs=60, validation=0.25, patience=5, callbacks=look,
        optimizer=Adam(lr=0.3),
    )  # fmt: skip
    losses = history["validation_loss"]
    assert history.best == 1 + losses.index(min(losses))
    assert numbers(model) == kept[history.best]
    assert history.stopped == "patience"
    assert len(history) == history.best + 5


def test_the_validation_loss_is_the_mean_over_the_rows_held_out():
    X, y = curve()
    model = network()
    history = fit(model, X[20:], y[20:], loss="mse", epochs=2, validation=(X[:20], y[:20]))
    assert history.best == 2
    errors = [(model(x).data - t) ** 2 for x, t in zip(X[:20], y[:20], strict=True)]
    assert history[-1].validation_loss == pytest.approx(math.fsum(errors) / 20, rel=1e-12)


def test_callbacks_stop():
    X, y = curve()
    seen = []
    history = fit(
        network(), X, y, callbacks=[seen.append, lambda epoch: epoch.number == 3], epochs=9
    )
    assert history.stopped == "callback"
    assert [epoch.number for epoch in seen] == [1, 2, 3]
    assert list(history) == seen


def test_epochs_can_be_walked_through():
    X, y = curve()
    training = Training(network(), X, y, epochs=5)
    assert len(training) == 5
    walked = [epoch.number for epoch in training]
    assert walked == [1, 2, 3, 4, 5]
    one = network()
    for epoch in Training(one, X, y, epochs=5):
        if epoch.number == 2:
            break
    two = network()
    fit(two, X, y, epochs=2)
    assert numbers(one) == numbers(two), "a loop that is left keeps the steps so far"


def test_metrics_are_those_of_the_rows_held_out():
    X, y = curve()
    labels = [number > 0.0 for number in y]
    model = network()
    history = fit(
        model, X, labels, epochs=3, validation=(X[:10], labels[:10]),
        metrics=["accuracy", "log_loss"],
    )  # fmt: skip
    right = sum(a == b for a, b in zip(model.predict(X[:10]), labels[:10], strict=True))
    assert history[history.best - 1].metrics["accuracy"] == right / 10
    assert set(history.columns()) >= {"accuracy", "log_loss"}


def test_a_plateau_lowers_the_rate_and_gives_it_back():
    X, y = curve()
    optimizer = SGD(lr=1e-30)
    rule = schedules.OnPlateau(by=0.5, patience=2)
    history = fit(network(), X, y, epochs=7, optimizer=optimizer, schedule=rule)
    assert history["lr"] == [1e-30] * 3 + [5e-31] * 2 + [2.5e-31] * 2
    assert optimizer.lr == 1e-30


# --- Orders, seeds --------------------------------------------------------------------------------


def orders(model, calls, **options):
    """The rows of every step, told by a loss that no step changes."""
    X, seen = [[float(k), 0.0] for k in range(12)], []
    for _ in range(calls):
        training = Training(model, X, [0.0] * 12, loss="mse", epochs=1, batch_size=3, **options)
        trainer = training.stepper.trainer
        run = trainer.run

        def run_and_look(steps, ahead, trainer=trainer, run=run):
            losses = []
            for _ in range(steps):
                seen.append(tuple(trainer.next_rows()))
                losses += run(steps=1)
            return losses

        class Looked:
            def __getattr__(self, name, trainer=trainer, look=run_and_look):
                return look if name == "run" else getattr(trainer, name)

        training.stepper.trainer = Looked()
        training.run()
    return seen


def test_the_order_differs_from_call_to_call_and_comes_from_one_seed():
    first = network()
    one = orders(first, 3, optimizer="sgd")
    assert len({tuple(one[k : k + 4]) for k in (0, 4, 8)}) == 3
    assert one == orders(network(), 3, optimizer="sgd")
    assert one != orders(network(), 3, optimizer="sgd", seed=1)
    for k in (0, 4, 8):
        assert sorted(row for batch in one[k : k + 4] for row in batch) == list(range(12))


def test_two_calls_are_one_for_an_optimizer_that_is_given_again():
    X, y = curve()
    one, two = network(), network()
    fit(one, X, y, epochs=6, optimizer=Adam(lr=0.02))
    optimizer = Adam(lr=0.02)
    fit(two, X, y, epochs=2, optimizer=optimizer)
    fit(two, X, y, epochs=4, optimizer=optimizer)
    assert numbers(one) == numbers(two)


# --- Trouble --------------------------------------------------------------------------------------


def test_divergence_names_step_example_node_and_a_rate_that_goes_well():
    X, y = curve()
    X[7] = [1e3, -1e3]
    model = network(activation="relu")
    with pytest.raises(DivergenceError) as caught:
        fit(model, X, y, loss="mse", optimizer=SGD(lr=10.0), epochs=30)
    error = caught.value
    assert error.history.stopped == "diverged"
    assert error.example is not None
    assert f"step {error.step}, example {error.example}" in str(error)
    assert error.node in str(error)
    assert all(map(math.isfinite, numbers(model)))
    assert 0.0 < error.largest_lr < 10.0
    again = SGD(lr=error.largest_lr)
    history = fit(network(activation="relu"), X, y, loss="mse", optimizer=again, epochs=2)
    assert history["loss"][1] <= history["loss"][0]


def test_a_loss_that_grows_without_end_is_found_while_it_is_finite():
    X, y = curve()
    model = MLP(2, [1], "linear", seed=1)
    with pytest.raises(DivergenceError, match=r"the loss has grown from .* to") as caught:
        fit(model, X, y, loss="mse", optimizer=SGD(lr=1.5), epochs=50, batch_size=4)
    assert all(abs(number) < 1e300 for number in numbers(model))
    assert "z_1" in str(caught.value)


def test_a_loss_without_a_lowest_value_is_divergence_too():
    X, y = curve()
    model = MLP(2, [1], "linear", seed=1)
    with pytest.raises(DivergenceError):
        fit(model, X, y, loss=lambda a, t: a - t, optimizer=SGD(lr=1e6), epochs=50)


def test_an_error_of_the_loss_itself_stays_itself():
    X, y = curve()

    def strange(output, target):
        raise ValueError("this loss wants something else")

    with pytest.raises(ValueError, match="wants something else"):
        fit(network(), X, y, loss=strange)


def test_an_interrupt_keeps_the_steps_so_far():
    X, y = curve()
    model = network()
    before = numbers(model)

    def interrupt(epoch):
        if epoch.number == 5:
            timer.start()

    timer = threading.Timer(0.02, _thread.interrupt_main)
    history = fit(model, X, y, epochs=10**7, callbacks=interrupt, progress=False)
    assert history.stopped == "interrupt"
    assert len(history) >= 5
    assert numbers(model) != before
    fit(model, X, y, epochs=1)


def test_a_dead_layer_is_told_once():
    X, y = curve()
    model = network(activation="relu")
    for neuron in model.layers[0].neurons:
        neuron.bias.data = -100.0
    with pytest.warns(DeadLayerWarning, match=r"layer \(1\)"):
        history = fit(model, X, y, epochs=1)
    assert history[0].dead_units == 6
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(model, X, y, epochs=1)


def test_a_layer_that_dies_in_training_is_told_with_what_helps():
    # micrograd's lecture, with relu: steps that are too long kill what was alive.
    X = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    y = [1.0, -1.0, -1.0, 1.0]
    options = {"loss": "mse", "optimizer": SGD(0.2), "epochs": 32}
    with pytest.warns(DeadLayerWarning, match=r"layer \(.\) .* a smaller learning rate, clip=1.0"):
        history = fit(MLP(3, [4, 4, 1], seed=1), X, y, **options)
    assert history[0].dead_units < history[-1].dead_units
    steered = fit(MLP(3, [4, 4, 1], seed=1), X, y, **options | {"optimizer": SGD(0.2), "clip": 1.0})
    assert steered[-1].loss < 0.5 < history[-1].loss


class Line(Module):
    """A model of one's own."""

    def __init__(self):
        self.slope, self.shift = Value(0.0, "slope"), Value(0.0, "shift")

    def __call__(self, x):
        return self.slope * x[0] + self.shift


def test_a_module_of_ones_own():
    line = Line()
    fit(line, [[1.0], [2.0], [3.0]], [3.0, 5.0, 7.0], epochs=400, optimizer=SGD(lr=0.1))
    assert numbers(line) == pytest.approx([2.0, 1.0], abs=1e-3)
    layer = Layer(2, 2, activation="linear", seed=1)
    fit(layer, XOR, [[0, 1], [1, 2], [2, 3], [3, 4]], epochs=300, optimizer=SGD(lr=0.3))
    assert [round(y, 3) for y in layer.rows([[1, 1]])[0]] == [3.0, 4.0]


# --- Bad input ------------------------------------------------------------------------------------

BAD = [
    ({"X": XOR[:3]}, ValueError, "X has 3 rows, but y has 4"),
    ({"X": [[1, 2, 3]] * 4}, ValueError, "X has 3 columns, the model has 2 inputs"),
    ({"X": [[1, math.nan]] * 4}, ValueError, "nan in row 0, column 1"),
    ({"X": [[1, "a"]] * 4}, TypeError, "row 0, column 1"),
    ({"X": []}, ValueError, "empty"),
    ({"y": [0, 1, 2, 7], "loss": "cross_entropy"}, ValueError, "one output per class|outputs"),
    ({"y": [0.0, 1.0, math.inf, 0.0], "loss": "mse"}, ValueError, "inf"),
    ({"loss": "crossentropy"}, ValueError, "did you mean 'cross_entropy'"),
    ({"optimizer": "addam"}, ValueError, "did you mean 'adam'"),
    ({"optimizer": Adam}, TypeError, re.escape("write Adam(lr=...)")),
    ({"metrics": ["accuracy"], "y": [0.5, 1.5, 1.0, 0.0]}, ValueError, "accuracy"),
    ({"metrics": ["acuracy"]}, ValueError, "did you mean 'accuracy'"),
    ({"schedule": "cosin"}, ValueError, "did you mean 'cosine'"),
    ({"epochs": 0}, ValueError, "epochs must be at least 1"),
    ({"epochs": 1.5}, TypeError, "epochs must be an integer"),
    ({"batch_size": 0}, ValueError, "batch_size must be at least 1"),
    ({"batch_size": 9}, ValueError, "batch_size is 9, but there are 4 rows"),
    ({"validation": 1.5}, ValueError, "between 0 and 1"),
    ({"validation": 0.01}, ValueError, "leaves 4 to train by and 0"),
    ({"validation": [1, 2, 3, 4]}, TypeError, "a pair"),
    ({"validation": ([[1, 2, 3]], [0])}, ValueError, "validation X has 3 columns"),
    ({"validation": (XOR, [0])}, ValueError, "validation X has 4 rows, but validation y has 1"),
    ({"patience": 3}, ValueError, "patience waits for a better validation loss"),
    ({"clip": -1.0}, ValueError, "clip must be above 0"),
    ({"clip": {"nrom": 1.0}}, ValueError, "clip has norm, value or both"),
    ({"seed": "a"}, TypeError, "seed must be an integer"),
    ({"callbacks": [3]}, TypeError, "a callback is a function"),
    ({"audit": 2}, ValueError, "audit must be between 0 and 1"),
    ({"compiled": 1}, TypeError, "compiled must be True or False"),
    ({"model": 3}, TypeError, "fit trains a Module"),
    ({"epoch": 3}, TypeError, "fit has no argument 'epoch'; write epochs="),
    ({"lr": 0.1}, TypeError, re.escape("no argument 'lr'; write optimizer=Adam(lr=...)")),
    ({"validation_data": 0.1}, TypeError, re.escape("write validation=(X, y)")),
    ({"y": ["a", None, "b", "a"]}, ValueError, "y has None in row 1"),
    ({"y": ["a", math.nan, "b", "a"]}, ValueError, "y has nan in row 1"),
    ({"y": [True, None, False, True]}, ValueError, "y has None in row 1"),
    ({"y": ["a", 1, "b", "a"]}, TypeError, "y mixes str 'a' in row 0 and int 1 in row 1"),
    ({"classes": ["no"]}, ValueError, "classes names 1 label, but the model tells 2 apart"),
    ({"classes": ["no", "no"]}, ValueError, "classes names 'no' twice"),
    ({"classes": "ab"}, TypeError, "classes must be the labels"),
    ({"classes": [2, 3]}, ValueError, "label 0 in row 0, which is none of the classes 2, 3"),
    ({"classes": [0, 1], "loss": "mse"}, ValueError, "classes is for labels, but mse takes"),
    ({"checkpoint": 3}, TypeError, "checkpoint must be the path of a file, got int 3"),
    ({"checkpoint": True}, TypeError, "checkpoint must be the path of a file"),
    ({"checkpoint": "/no/such/folder/run.ckpt"}, FileNotFoundError, "there is no folder"),
    ({"checkpoint": ""}, ValueError, "checkpoint is an empty path"),
]


@pytest.mark.parametrize(("changes", "kind", "words"), BAD)
def test_what_does_not_fit_is_refused_before_anything_starts(changes, kind, words):
    model = network()
    before = numbers(model)
    given = {"model": model, "X": XOR, "y": [0, 1, 1, 0]} | changes
    with pytest.raises(kind, match=words):
        fit(**given)
    assert numbers(model) == before
    assert not hasattr(model, "classes")


class Fixed(Module):
    """A model that gives what it was given for outputs."""

    def __init__(self, outputs):
        self.weight = Value(1.0)
        self.outputs = lambda: outputs

    def __call__(self, x):
        return self.outputs()


@pytest.mark.parametrize(
    ("outputs", "kind", "words"),
    [
        ([], ValueError, "returned an empty list"),
        (None, TypeError, "a number or a list of numbers, got NoneType None"),
        ("ab", TypeError, "a number or a list of numbers, got str 'ab'"),
        ({"a": 1.0}, TypeError, "a number or a list of numbers, got dict"),
        ([[1.0]], TypeError, r"its output 0 is list \[1.0\]"),
    ],
)
def test_what_is_no_output_is_told(outputs, kind, words):
    for ask in (
        lambda model: fit(model, XOR, [0.5] * 4),
        lambda model: fit(model, XOR, [0.5] * 4, loss="mse"),
        lambda model: model.rows(XOR),
        lambda model: model.predict(XOR),
        lambda model: model.evaluate(XOR, [0.5] * 4),
    ):
        with pytest.raises(kind, match=words):
            ask(Fixed(outputs))


def test_validation_and_metrics_of_eager_code_are_eager():
    class Noisy(Line):
        def __call__(self, x):
            return super().__call__(x) + random.random()

    X, y = [[float(k)] for k in range(8)], [0.0] * 8
    random.seed(3)
    history = fit(
        Noisy(), X, y, loss="mse", validation=(X, y), compiled=False, epochs=3,
        optimizer=SGD(0.0), metrics="mean_squared_error",
    )  # fmt: skip
    losses = [*history["validation_loss"], *history["mean_squared_error"]]
    assert len(set(losses)) == 6, "each epoch draws anew"
    assert all(0.05 < loss < 0.8 for loss in losses), "and each row: the mean of u² is 1/3"


def test_dead_units_are_counted_over_rows_from_all_over():
    model = MLP(1, [2, 1], "relu", seed=1)
    for place, sign in enumerate((1.0, -1.0)):  # one lives left of 0, one right of it
        model.layers[0].neurons[place].weights[0].data = sign
        model.layers[0].neurons[place].bias.data = -0.5
    X = [[-1.0]] * 200 + [[1.0]] * 200
    history = fit(model, X, [x for (x,) in X], epochs=1, optimizer=SGD(0.0))
    assert history[0].dead_units == 0


# --- What is shown --------------------------------------------------------------------------------


def test_arguments_that_are_missing_are_named():
    with pytest.raises(TypeError, match=r"fit\(model, X, y, name=...\): missing .* 'y'"):
        fit(network(), XOR)
    with pytest.raises(TypeError, match="too many positional arguments"):
        fit(network(), XOR, [0, 1, 1, 0], "mse")


def test_one_line_where_there_is_no_terminal(capsys):
    X, y = curve()
    fit(network(), X, y, epochs=2)
    assert capsys.readouterr() == ("", "")
    fit(network(), X, y, epochs=2, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"2 epochs in .* s; epoch 2, loss \S+\n", err)
    fit(network(), X, y, epochs=2, progress=False)
    assert capsys.readouterr() == ("", "")


@dataclasses.dataclass
class Slope(Module):
    """A module without a hash."""

    slope: Value

    def __call__(self, x):
        return self.slope * x[0]


def test_a_module_without_a_hash():
    model = Slope(Value(0.0, "slope"))
    for _ in range(2):
        fit(model, [[1.0], [2.0], [3.0]], [2.0, 4.0, 6.0], epochs=100, optimizer=SGD(0.05))
    assert model.slope.data == pytest.approx(2.0)
    assert model.predict([[4.0]]) == pytest.approx([8.0])
    assert model.evaluate([[1.0]], [2.0])["loss"] == pytest.approx(0.0, abs=1e-9)


def test_a_training_that_was_interrupted_does_not_go_on():
    X, y = curve()

    def interrupt(epoch):
        raise KeyboardInterrupt

    training = Training(network(), X, y, epochs=5, callbacks=interrupt)
    assert training.run().stopped == "interrupt"
    with pytest.raises(RuntimeError, match="was ended by an interrupt; make another"):
        training.run()


# --- Models and losses of one's own that cannot be trained ----------------------------------------


class Drawing(Line):
    """A model that draws random numbers."""

    def __call__(self, x):
        return super().__call__(x) * random.random()


class Cut(Line):
    """A model that gives plain numbers."""

    def __call__(self, x):
        return Value(super().__call__(x).data)


def test_random_numbers_are_refused_where_they_would_be_frozen():
    model = Drawing()
    model.slope.data = 1.0
    with pytest.raises(ValueError, match=r"draws? random numbers"):
        fit(model, [[1.0], [2.0]], [1.0, 2.0], loss="mse", epochs=1)
    fit(model, [[1.0], [2.0]], [1.0, 2.0], loss="mse", epochs=3, compiled=False)
    assert numbers(model) != [1.0, 0.0]


def test_a_loss_that_no_parameter_decides_is_refused():
    with pytest.raises(ValueError, match="does not depend on any parameter"):
        fit(Cut(), [[1.0], [2.0]], [1.0, 2.0], loss="mse", epochs=1)
    with pytest.raises(TypeError, match="has to be one Value"):
        fit(network(), XOR, [0.0] * 4, loss=lambda output, target: 3.0, epochs=1)


def test_columns_in_another_order_are_refused():
    pandas = pytest.importorskip("pandas")
    X, y = curve()
    frame = pandas.DataFrame(X, columns=["height", "weight"])
    model = network()
    fit(model, frame, y, epochs=2)
    assert model.predict(frame) == pytest.approx(numpy_free(model.predict(X)))
    with pytest.raises(ValueError, match="columns in another order"):
        model.predict(frame[["weight", "height"]])
    with pytest.raises(ValueError, match="columns other than those"):
        model.evaluate(frame.rename(columns={"height": "length"}), y)
    with pytest.raises(ValueError, match="validation X has its columns in another order"):
        fit(network(), frame, y, validation=(frame[["weight", "height"]], y))


def numpy_free(answers):
    return [float(answer) for answer in answers]


def test_a_parameter_that_is_no_number_predicts_nothing():
    X, y = curve()
    model = network()
    fit(model, X, [number > 0.0 for number in y], epochs=1)
    model.layers[0].neurons[0].weights[0].data = math.nan
    for answer in (model.predict, model.predict_proba, model.rows):
        with pytest.raises(ValueError, match=r"w_11\^\(1\) is nan"):
            answer(X)


def test_generators_and_numbers_of_numpy():
    numpy = pytest.importorskip("numpy")
    X, y = curve()
    one, two = network(), network()
    fit(
        one, (row for row in X), (number for number in y), batch_size=numpy.int64(16),
        validation=numpy.float32(0.25), epochs=numpy.int64(2), optimizer=Adam(numpy.float32(0.5)),
    )  # fmt: skip
    fit(two, X, y, batch_size=16, validation=0.25, epochs=2, optimizer=Adam(0.5))
    assert numbers(one) == numbers(two)
    assert one.evaluate(X, iter(y)) == two.evaluate(X, y)


def test_an_optimizer_of_another_model():
    optimizer = Adam(0.01)
    X, y = curve()
    fit(network(), X, y, epochs=1, optimizer=optimizer)
    with pytest.raises(ValueError, match="steps the parameters of another model; give a new one"):
        fit(network(), X, y, epochs=1, optimizer=optimizer)


def nothing_to_learn(kind):
    """A model without a slope, with the targets that it misses."""
    model = MLP(1, [1], output_activation="step", seed=1)
    if kind == "a function of the targets":
        return MLP(1, [1], seed=1), {"loss": lambda a, t: 0.0 * a + t * t}
    return model, {"loss": "mse"}


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("kind", ["step", "a function of the targets"])
def test_a_gradient_that_is_0_is_told_at_the_users_line(kind, compiled):
    model, options = nothing_to_learn(kind)
    with pytest.warns(UserWarning, match="the gradient was 0 in every step") as caught:
        fit(model, [[1.0], [-1.0]], [3.0, 4.0], epochs=2, compiled=compiled, **options)
    assert [warning.filename for warning in caught] == [__file__]


def test_a_loss_of_0_without_a_gradient_is_no_trouble():
    model = MLP(1, [1], "linear", seed=1)
    answers = [model([x]).data for x in (0.5, 1.0)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fit(model, [[0.5], [1.0]], answers, epochs=2)[-1].loss == 0.0


def test_a_warning_of_dead_units_is_at_the_users_line():
    model = MLP(1, [1, 1], "relu", seed=1)
    model["b_1^(1)"] = -50.0
    with pytest.warns(DeadLayerWarning, match=r"the only unit of layer \(1\) lets") as caught:
        model.fit([[1.0], [-1.0]], [3.0, 4.0], epochs=2)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("shuffle", False, "seed="),
        ("n_iter_no_change", 5, "patience="),
        ("weights", [1.0], "sample_weight="),
        ("criterion", "mse", "loss="),
        ("solver", "adam", "optimizer="),
        ("momentum", 0.9, "SGD(lr=..., momentum=...)"),
        ("alpha", 0.1, "AdamW(weight_decay=...)"),
        ("clipnorm", 1.0, 'clip={"norm"'),
    ],
)
def test_arguments_of_other_libraries_lead_to_ours(name, value, meant):
    with pytest.raises(TypeError, match=re.escape(meant)):
        fit(network(), XOR, [0, 1, 1, 0], **{name: value})
