"""Summaries: parts, counts and means against the parameters themselves."""

import pytest

from autograd import Value
from nn import MLP, Layer, Module, Neuron, mse


def mean_size(numbers):
    return sum(map(abs, numbers)) / len(numbers)


class TwoHeads(Module):
    def __init__(self):
        self.body = MLP(2, [3, 2], "tanh", seed=1)
        self.temperature = Value(2.0)
        self.heads = {"left": Neuron(2, seed=2), "right": [Layer(2, 3, activation="softmax")]}
        self.again = self.body.layers[0]


class Deep(Module):
    def __init__(self, inside):
        self.scale = Value(1.0)
        self.inside = inside


def test_the_layers_of_a_network():
    model = MLP(2, [16, 16, 1], "tanh", output_activation="sigmoid", seed=1)
    summary = model.summary()
    assert [(part.name, part.shape, part.activation) for part in summary.parts] == [
        ("layer (1)", "2 → 16", "tanh"),
        ("layer (2)", "16 → 16", "tanh"),
        ("layer (3)", "16 → 1", "sigmoid"),
    ]
    assert [(len(p.weights), len(p.biases)) for p in summary.parts] == [
        (32, 16),
        (256, 16),
        (16, 1),
    ]
    title, header, *rows = str(summary).splitlines()
    assert title == repr(model)
    assert header.split("  ")[-1] == "mean |w|"
    for row, layer in zip(rows, model.layers, strict=False):
        weights = [w.data for neuron in layer.neurons for w in neuron.weights]
        assert float(row.split()[-1]) == pytest.approx(mean_size(weights), rel=5e-4)
    assert rows[-1].split()[:2] == ["total", "337"]


def test_gradients_have_a_column_once_they_are_there():
    model = MLP(2, [3, 1], "tanh", seed=1)
    mse(model([[0.5, -1.0], [1.0, 2.0]]), [1.0, 0.0]).backward()
    _, header, *rows = str(model.summary()).splitlines()
    assert header.endswith("mean |∂L/∂w|")
    gradients = [w.grad for neuron in model.layers[0].neurons for w in neuron.weights]
    assert float(rows[0].split()[-1]) == pytest.approx(mean_size(gradients), rel=5e-4)
    model.zero_grad()
    assert "∂" not in str(model.summary())


def test_parts_of_a_module_of_ones_own():
    summary = TwoHeads().summary()
    assert [(part.name, len(part.weights), len(part.biases)) for part in summary.parts] == [
        ("TwoHeads", 1, 0),
        ("body: layer (1)", 6, 3),
        ("body: layer (2)", 6, 2),
        ("heads.left", 2, 1),
        ("heads.right.0", 6, 3),
    ]
    assert str(summary).startswith("TwoHeads(30 parameters)\n")


def everything():
    yield Neuron(3, seed=1)
    yield Layer(3, 2, bias=False, seed=1)
    yield MLP(2, [4, 4, 1], seed=1)
    yield TwoHeads()
    yield Deep(Deep(TwoHeads()))
    yield Deep([MLP(1, [1]), {"a.b": Neuron(1), "a": Deep(None)}])


@pytest.mark.parametrize("model", list(everything()), ids=lambda model: type(model).__name__)
def test_every_parameter_is_in_one_part(model):
    parts = model.summary().parts
    kept = [id(parameter) for part in parts for parameter in part.parameters]
    assert len(kept) == len(set(kept))
    assert set(kept) == set(map(id, model.parameters()))
    assert str(model.summary()).splitlines()[-1].split()[1] == str(model.parameter_count)


def test_a_module_without_parameters():
    assert Module().summary().parts == ()
    assert str(Module().summary()).splitlines() == [
        "Module(0 parameters)",
        "  layer  inputs → units  activation  parameters  weights + biases  mean |w|",
        "  total                                       0             0 + 0",
    ]


def test_a_chain_of_modules_deeper_than_the_recursion_limit_is_cut():
    chain = None
    for _ in range(1_500):
        chain = Deep(chain)
    lines = str(chain.summary()).splitlines()
    assert len(lines) == 2 + 60 + 1 + 1
    assert lines[-1] == "  ... and 1440 more in .parts"
    assert lines[-2].split()[:2] == ["total", "1500"]
    while chain is not None:
        chain = chain.inside


def test_names_are_text_and_not_markup():
    model = Deep({"<script>\n\x1b[2J": Neuron(1, activation=lambda z: z * 2.0)})
    summary = model.summary()
    assert "<script>" not in summary._repr_html_()
    assert "inside.&lt;script&gt; \ufffd[2J" in summary._repr_html_()
    assert "\x1b" not in str(summary)
    assert len(str(summary).splitlines()) == 5


def test_numbers_beyond_the_usual():
    model = Neuron(2, initializer="zeros")
    model.weights[0].data = model.weights[1].data = 1.7e308
    assert str(model.summary()).splitlines()[-1].split()[-1] == "1.7e+308"
    model.weights[1].data = float("nan")
    assert str(model.summary()).splitlines()[-1].split()[-1] == "nan"
