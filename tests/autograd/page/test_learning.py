"""What a page that learns takes, what it refuses, and what it carries."""

import pytest

from autograd import SGD, Value, dot, explore
from autograd.page.exploring import Exploration
from autograd.page.learning import MOST_PARAMETERS, MOST_ROWS, Learning
from nn import MLP, Layer, Module, losses
from nn.data import moons

X, y = moons(20, seed=1)


def model():
    return MLP(2, [3, 1], "tanh", seed=1)


class Line(Module):
    """A model of somebody's own, of one argument."""

    def __init__(self):
        self.weights = [Value(0.5, "u"), Value(-0.25, "v")]

    def __call__(self, row):
        return dot(self.weights, row)


class TwoArguments(Line):
    """A model that takes two arguments itself."""

    def __call__(self, row, other):
        return dot(self.weights, row) * other


def test_rows_and_targets_are_learned_and_arguments_of_the_model_are_not():
    assert "learning 20 examples" in repr(explore(model(), X, y))
    assert "learning" not in repr(explore(model(), X[0]))
    assert "learning" not in repr(explore(TwoArguments(), X[0], 2.0))


@pytest.mark.parametrize("loss", [losses.squared_error, losses.bce_with_logits])
def test_a_page_is_small(loss):
    model = MLP(2, [4, 4, 1], "tanh", seed=3)
    for target in (model(X[0]), loss(model(X[0]), 1.0)):
        assert len(explore(target).html().encode()) <= 150_000


def test_arrays_are_taken_as_lists_are():
    numpy = pytest.importorskip("numpy")
    made = explore(model(), numpy.array(X), numpy.array(y)).html()
    assert made == explore(model(), X, y).html()


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        ((model(), X, y[:-1]), {}, ValueError, "20 rows"),
        ((model(), [[1.0, 2.0, 3.0]], [1]), {}, ValueError, "2"),
        ((model(), [["a", "b"]], [1]), {}, (TypeError, ValueError), "X"),
        ((model(), X, y), {"loss": "mess"}, ValueError, "mse"),
        ((model(), X, y), {"optimizer": "sdg"}, ValueError, "sgd"),
        ((model(), X, y), {"optimizer": SGD}, TypeError, r"SGD\(lr=\.\.\.\)"),
        ((model(), X, y), {"batch_size": 21}, ValueError, "there are 20 rows"),
        ((model(), X, y), {"batch_size": 0}, ValueError, "batch_size"),
        ((model(), X, y), {"seed": 0.5}, TypeError, "seed must be an integer"),
        ((model(), X), {"loss": "mse"}, TypeError, "takes rows and targets"),
        ((Value(1.0), X, y), {"loss": "mse"}, TypeError, "only a Module"),
        ((lambda x: x, X, y), {"loss": "mse"}, TypeError, "only a Module"),
        ((MLP(2, [100, 100, 1], seed=1), X, y), {}, ValueError, f"at most {MOST_PARAMETERS}"),
        ((model(), X * 300, y * 300), {}, ValueError, f"at most {MOST_ROWS} examples"),
    ],
)
def test_what_cannot_be_learned_is_refused_with_what_to_do(arguments, options, error, words):
    with pytest.raises(error, match=words):
        explore(*arguments, **options)


def test_a_value_that_is_no_parameter_is_named():
    scale = Value(2.0, "scale")

    def loss(output, target):
        return scale * (output - target) ** 2

    with pytest.raises(ValueError, match="scale"):
        explore(model(), X, y, loss=loss)


def test_neither_model_nor_optimizer_is_changed():
    learner, optimizer = model(), SGD(lr=0.5)
    before = [parameter.data for parameter in learner.parameters()]
    explore(learner, X, y, optimizer=optimizer)
    assert [parameter.data for parameter in learner.parameters()] == before
    assert not any(parameter.grad for parameter in learner.parameters())
    assert not optimizer.parameters
    assert optimizer.steps == 0


@pytest.mark.parametrize(
    "learner",
    [
        Line(),
        Layer(2, 1, activation="sigmoid", seed=1),
        MLP(2, [3, 2], activations=["relu", "softmax"], seed=1),
        MLP(2, [3, 1], seed=1, bias=False),
    ],
    ids=["own", "layer", "softmax", "without biases"],
)
def test_any_module_learns(learner):
    assert isinstance(explore(learner, X, y), Exploration)


def test_only_networks_of_ours_draw_other_weights():
    def carried(learner):
        return Learning(learner._lesson(X, y, loss="mse"), "", None).model.content["learning"]

    assert carried(Line())["draws"] is None
    assert carried(Line())["code"] is None
    limit = carried(model())["draws"][0][2]
    weights = [w.data for neuron in model().layers[0].neurons for w in neuron.weights]
    assert max(map(abs, weights)) <= limit
    assert (
        eval(carried(model())["code"].format(1)).layers[0].neurons[0].weights[0].data == weights[0]
    )


def test_numbers_of_the_example_have_no_gradient_and_what_follows_is_computed():
    content = Learning(model()._lesson(X, y), "", None).model.content
    nodes = content["nodes"]
    for place in content["learning"]["inputs"] + content["learning"]["targetNodes"]:
        assert place in nodes["constants"]
        assert place in nodes["editable"]
    computed = [place for place in nodes["constants"] if nodes["operation"][place] >= 0]
    assert computed  # 1 − t
    assert all(place not in order for order in content["orders"].values() for place in computed)
