"""The textbook's backpropagation against the engine, and its own formulas against measurements."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import Value, check_gradient, value_and_grad
from nn import MLP, Activation, Layer, Neuron, activations, initializers, layerwise, losses
from nn.textbook import comparing, matrix_form, node_form, output_errors, unit_slopes
from nn.textbook.unit_slopes import UNIT_FUNCTIONS

POINTS = [-700.0, -40.0, -3.0, -0.5, -1e-9, 0.0, 1e-9, 0.5, 3.0, 40.0, 700.0]
FORMS = ("nodes", "matrices")
# The loss, the output activation, the targets of one example with two outputs, or with one.
LOSSES = [
    ("squared_error", "linear", [0.5, -1.0]),
    ("squared_error", "softmax", [0.0, 1.0]),
    ("mse", "tanh", [0.5, -1.0]),
    ("nll", "softmax", 1),
    ("cross_entropy", "linear", 0),
    ("cross_entropy", "linear", [0.25, 0.75]),
    ("bce", "sigmoid", [1.0, 0.0]),
    ("bce_with_logits", "linear", [0.3, 1.0]),
    ("hinge", "linear", [1.0, -1.0]),
]
SINGLE = [
    ("squared_error", "sigmoid", 1.0),
    ("mse", "linear", 2.0),
    ("bce", "sigmoid", 0.0),
    ("bce_with_logits", "linear", 1.0),
    ("hinge", "linear", -1.0),
]
ROWS = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.75], [-0.1, 0.6, 0.9]]


def close(found, expected, tolerance=1e-12):
    return math.isclose(found, expected, rel_tol=tolerance, abs_tol=1e-13)


def by_engine(model, x, t, loss):
    model.zero_grad()
    output = getattr(losses, loss)(model(x), t)
    output.backward()
    found = [parameter.grad for parameter in model.parameters()]
    model.zero_grad()
    return output.data, found


@pytest.mark.parametrize("name", sorted(set(activations.BY_NAME) - {"softmax"}))
def test_slopes_stated_by_hand_are_those_of_the_engine(name):
    function = UNIT_FUNCTIONS[name]
    for z in POINTS:
        value, slope = value_and_grad(activations.BY_NAME[name].function)(z)
        assert math.isclose(function.value(z), value, rel_tol=4e-15, abs_tol=1e-300), z
        assert math.isclose(function.slope(z), slope, rel_tol=1e-14, abs_tol=1e-300), z


@pytest.mark.parametrize("name", sorted(UNIT_FUNCTIONS))
@settings(max_examples=20)
@given(z=st.floats(-6.0, 6.0).filter(lambda z: abs(z) > 1e-2))
def test_slopes_stated_by_hand_are_measured(name, z):
    f, h = UNIT_FUNCTIONS[name].value, 1e-3
    measured = (8 * (f(z + h) - f(z - h)) - (f(z + 2 * h) - f(z - 2 * h))) / (12 * h)
    assert math.isclose(UNIT_FUNCTIONS[name].slope(z), measured, rel_tol=1e-8, abs_tol=1e-9)


def test_every_activation_by_name_is_known():
    assert {*UNIT_FUNCTIONS, "softmax"} == set(activations.BY_NAME)
    assert set(output_errors.LOSSES) == set(losses.BY_NAME)


@pytest.mark.parametrize(("loss", "output", "t"), LOSSES)
@pytest.mark.parametrize("hidden", sorted(activations.BY_NAME))
def test_gradients_are_those_of_the_engine(hidden, loss, output, t):
    model = MLP(3, [4, 3, 2], activations=[hidden, "tanh", output], seed=5)
    for position, bias in enumerate(p for name, p in model.named_parameters() if "bias" in name):
        bias.data = 0.1 * position - 0.3
    value, expected = by_engine(model, ROWS[0], t, loss)
    for form in FORMS:
        found = layerwise.gradients(model, ROWS[0], t, loss, form)
        assert close(found.loss, value)
        assert all(map(close, found.parameters, expected))
        assert len(found.parameters) == len(expected)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("loss", "output", "t"), SINGLE)
def test_a_single_output_and_batches(loss, output, t, form):
    model = MLP(3, [3, 1], "tanh", output, seed=2)
    for x, target in [(ROWS[0], t), (ROWS, [t, t, t]), (ROWS[:1], [t])]:
        found = layerwise.gradients(model, x, target, loss, form)
        value, expected = by_engine(model, x, target, loss)
        assert close(found.loss, value)
        assert all(map(close, found.parameters, expected))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("loss", "output", "t"),
    [(*one[:2], [one[2]] * 3) for one in LOSSES if not one[0].startswith(("bce", "hinge"))],
)
def test_batches_of_several_outputs(loss, output, t, form):
    model = MLP(3, [4, 2], "sigmoid", output, seed=2)
    found = layerwise.gradients(model, ROWS, t, loss, form)
    value, expected = by_engine(model, ROWS, t, loss)
    assert close(found.loss, value)
    assert all(map(close, found.parameters, expected))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("x", [ROWS[0], ROWS])
def test_z_a_and_delta_are_those_of_a_trace(x, form):
    model = MLP(3, [4, 3, 2], "silu", "softmax", seed=1)
    trace = model.trace(x)
    labels = [1, 0, 1] if x is ROWS else 1
    losses.nll(trace.output, labels).backward()
    found = layerwise.gradients(model, x, labels, "nll", form)

    def flat(numbers):
        if isinstance(numbers, list):
            return [number for item in numbers for number in flat(item)]
        return [numbers.data if isinstance(numbers, Value) else numbers]

    for name in ("z", "a", "delta"):
        assert all(map(close, flat(getattr(found, name)), flat(getattr(trace, name))))
        assert len(getattr(found, name)) == len(getattr(trace, name)) == 4
    if x is ROWS:
        assert [len(layer) for layer in found.delta] == [3, 3, 3, 3]


@settings(max_examples=25)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    names=st.lists(st.sampled_from(sorted(UNIT_FUNCTIONS)), min_size=4, max_size=4),
    seed=st.integers(0, 999),
    bias=st.booleans(),
)
def test_nodes_and_matrices_agree_on_any_network(sizes, names, seed, bias):
    model = MLP(3, sizes, activations=names[: len(sizes)], seed=seed, bias=bias)
    t = [[0.5] * sizes[-1]] * 3 if sizes[-1] > 1 else [0.5] * 3
    nodes, matrices = (layerwise.gradients(model, ROWS, t, form=form) for form in FORMS)
    assert all(map(close, nodes.parameters, matrices.parameters))
    assert all(map(close, nodes.parameters, by_engine(model, ROWS, t, "squared_error")[1]))


@pytest.mark.parametrize(
    "model",
    [
        Neuron(3, activation="tanh", seed=1),
        Layer(3, 1, activation="tanh", seed=1),
        MLP(3, [1], activation="tanh", seed=1, bias=False),
    ],
    ids=lambda model: type(model).__name__,
)
def test_neurons_and_layers_are_networks_of_one_layer(model):
    found = layerwise.gradients(model, ROWS[0], 1.0)
    _, expected = by_engine(model, ROWS[0], 1.0, "squared_error")
    assert all(map(close, found.parameters, expected))
    assert len(found.parameters) == len(expected)
    assert layerwise.compare(model, ROWS, [0.0, 1.0, 0.5]).agrees


def test_the_lecture_counts_and_signs():
    model = MLP(2, [2, 1], "sigmoid", "sigmoid", seed=4)
    found = layerwise.gradients(model, [0.5, -1.0], 1.0)
    y, hidden = found.a[2][0], found.a[1]
    delta = (1.0 - y) * y * (1.0 - y)  # δ_k = (t_k − y_k) f′(net_k)
    assert math.isclose(found.sensitivities[2][0], delta, rel_tol=1e-14)
    w = [parameter.data for parameter in model.layers[1].neurons[0].weights]
    for j in range(2):  # δ_j = f′(net_j) sum_k w_jk δ_k
        expected = hidden[j] * (1.0 - hidden[j]) * w[j] * delta
        assert math.isclose(found.sensitivities[1][j], expected, rel_tol=1e-13)
        # Δw_ij = η δ_j y_i is the step down.
        assert math.isclose(-found.weights[2][0][j], delta * hidden[j], rel_tol=1e-13)
    assert found.factors == [0, 5, 3]
    assert layerwise.factors_by_layer(4) == [0, 9, 7, 5, 3]


def test_shared_weights_have_the_sum_of_their_gradients():
    model = MLP(2, [2, 2, 1], "tanh", seed=6)
    model.layers[1].neurons[0].weights[0] = model.layers[0].neurons[0].weights[0]
    table = layerwise.compare(model, [0.5, -1.0], 1.0)
    assert table.agrees
    assert table.measured == len(table.rows) == model.parameter_count


def test_comparing_leaves_everything_as_it_was():
    model = MLP(2, [3, 1], "tanh", seed=6)
    for parameter in model.parameters():
        parameter.grad = 7.0
    before = [parameter.data for parameter in model.parameters()]
    table = layerwise.compare(model, [0.5, -1.0], 1.0)
    assert [parameter.grad for parameter in model.parameters()] == [7.0] * 13
    assert [parameter.data for parameter in model.parameters()] == before
    assert [row.name for row in table.rows] == [p.label for p in model.parameters()]


def test_the_table_says_what_it_should():
    table = layerwise.compare(
        MLP(2, [2, 2, 1], "tanh", initializer="glorot", seed=3), [0.5, -1.0], 1.0
    )
    text = repr(table)
    assert text.startswith("MLP(2 → 2 tanh → 2 tanh → 1 linear, 15 parameters), squared_error 0.86")
    assert re.search(r"w_11\^\(1\) +-0\.373595 +-0\.373595 +-0\.373595 +-0\.373595 +agree", text)
    assert "layer (1) 7, (2) 5, (3) 3" in text
    assert "f′(z^(1)) W^(2)ᵀ f′(z^(2)) W^(3)ᵀ f′(z^(3)) ∂L/∂a^(3)" in text
    assert "(t − y) f′(net)" in text
    assert table._repr_html_().count("<tr>") == 16


def test_a_kink_is_no_disagreement():
    table = layerwise.compare(MLP(2, [2, 1], initializer="zeros"), [0.5, -1.0], 1.0)
    assert table.agrees
    assert [row.verdict for row in table.rows].count("agree, at a kink") == 6
    step = layerwise.compare(MLP(2, [2, 1], "step", seed=1), [0.5, -1.0], 1.0)
    assert step.agrees


def test_large_models_are_measured_in_part():
    model = MLP(8, [16, 2], "tanh", seed=1)
    table = layerwise.compare(model, [0.1] * 8, 1, "cross_entropy", differences=10)
    assert table.agrees
    assert table.measured == 10
    assert "10 of 178 measured" in repr(table)
    assert "more in .rows" in repr(table)
    assert layerwise.compare(model, [0.1] * 8, 1, "cross_entropy", differences=0).agrees


# --- Planted faults ------------------------------------------------------------------------------


def verdicts(model, loss="squared_error", t=0.5):
    table = layerwise.compare(model, [0.5, -1.0], t, loss)
    assert not table.agrees
    assert str(len(table.differing)) + " of" in repr(table)
    return {row.verdict for row in table.differing}


def test_a_wrong_slope_is_found(monkeypatch):
    wrong = UNIT_FUNCTIONS["tanh"]._replace(slope=lambda z: 1.0 - math.tanh(z))
    monkeypatch.setitem(UNIT_FUNCTIONS, "tanh", wrong)
    assert verdicts(MLP(2, [2, 1], "tanh", seed=1)) == {"engine and finite differences differ"}


def test_a_wrong_loss_is_found(monkeypatch):
    def half(outputs, targets, is_batch):
        error = output_errors._mse(outputs, targets, is_batch)
        return error._replace(slopes=[[slope / 2 for slope in row] for row in error.slopes])

    monkeypatch.setitem(output_errors.LOSSES, "mse", output_errors.Loss(half, "wrong"))
    assert verdicts(MLP(2, [2, 1], "tanh", seed=1), "mse") == {
        "engine and finite differences differ"
    }


def test_a_wrong_matrix_formula_is_found(monkeypatch):
    monkeypatch.setattr(matrix_form, "_through", lambda name, z, a, arriving: arriving)
    assert verdicts(MLP(2, [2, 1], "tanh", seed=1)) == {"matrices differ"}


def test_a_wrong_node_formula_is_found(monkeypatch):
    monkeypatch.setattr(node_form, "_sensitivities", lambda name, z, a, arriving: arriving)
    assert verdicts(MLP(2, [2, 1], "tanh", seed=1)) == {
        "matrices and engine and finite differences differ"
    }


def test_a_wrong_engine_is_found(monkeypatch):
    original = comparing.engine_gradients
    monkeypatch.setattr(
        comparing,
        "engine_gradients",
        lambda output, inputs: [
            Value(found.data * (1.0 + 1e-6) if position == 4 else found.data)
            for position, found in enumerate(original(output, inputs))
        ],
    )
    assert verdicts(MLP(2, [2, 1], "tanh", seed=1)) == {"engine differ"}


@pytest.mark.parametrize("form", FORMS)
def test_the_gradient_checker_passes_the_textbook_as_foreign_code(form):
    model = MLP(2, [3, 2], "gelu", "softmax", seed=1)
    point = [parameter.data for parameter in model.parameters()]

    def found(numbers):
        for parameter, number in zip(model.parameters(), numbers, strict=True):
            parameter.data = number
        return layerwise.gradients(model, [0.5, -1.0], 1, "nll", form)

    assert check_gradient(lambda numbers: found(numbers).loss, found(point).parameters, point)


# --- Bad input -----------------------------------------------------------------------------------


# Its output is above 1 for positive inputs.
LARGE = MLP(2, [1], initializer=initializers.constant(5.0))


class Odd(Neuron):
    def activate(self, net_input):
        return net_input * 2.0


@pytest.mark.parametrize(
    ("model", "x", "t", "options", "error", "words"),
    [
        (MLP(2, [1]), [1.0], 1.0, {}, ValueError, "inputs has 1 number"),
        (MLP(2, [1]), [], 1.0, {}, ValueError, "inputs is empty"),
        (MLP(2, [1]), [[1.0, 2.0], [1.0]], [1.0, 1.0], {}, ValueError, r"inputs\[1\] has 1 number"),
        (MLP(2, [1]), [1.0, math.nan], 1.0, {}, ValueError, r"inputs\[1\] must be a finite"),
        (MLP(2, [1]), [1.0, 2.0], [1.0, 2.0], {}, ValueError, "targets is a list"),
        (LARGE, [1.0, 2.0], 1.0, {"loss": "bce"}, ValueError, "between 0"),
        (MLP(2, [1]), [1.0, 2.0], 1.0, {"loss": "mes"}, ValueError, "did you mean 'mse'"),
        (MLP(2, [1]), [1.0, 2.0], 1.0, {"loss": nn.mse}, TypeError, "loss must be a name"),
        (MLP(2, [1]), [1.0, 2.0], 1.0, {"form": "sums"}, ValueError, "form must be"),
        (MLP(2, [3]), [1.0, 2.0], 3, {"loss": "nll"}, ValueError, "labels is 3"),
        (MLP(2, [3], seed=1), [1.0, 2.0], 1, {"loss": "nll"}, ValueError, "add up to"),
        (MLP(2, [1]), [1.0, 2.0], 3.0, {"loss": "hinge"}, ValueError, "-1 or"),
        (MLP(2, [1]), [1.0, 2.0], 3.0, {"loss": "bce_with_logits"}, ValueError, "between 0"),
        (MLP(2, [2]), [[1.0, 2.0]], [1.0], {"loss": "hinge"}, ValueError, "one output per"),
        (MLP(2, [1], lambda z: z * z), [1.0, 2.0], 1.0, {}, ValueError, r"layer \(1\) has the"),
        (Odd(2), [1.0, 2.0], 1.0, {}, TypeError, "a way of its own|has its own way"),
        ("model", [1.0, 2.0], 1.0, {}, TypeError, "MLP, Layer and Neuron"),
    ],
)
def test_bad_input(model, x, t, options, error, words):
    with pytest.raises(error, match=words):
        layerwise.gradients(model, x, t, **options)


def test_an_activation_that_only_has_a_known_name_is_refused():
    model = MLP(2, [1], activations=[Activation("tanh", lambda z: z)])
    with pytest.raises(ValueError, match="tanh, a function whose derivative"):
        layerwise.forward(model, [1.0, 2.0])


def test_infinite_losses_are_refused():
    model = MLP(1, [1], "sigmoid", seed=1)
    model["w_11^(1)"] = 1.0
    with pytest.raises(ValueError, match="the loss is infinite"):
        layerwise.gradients(model, [800.0], 0.0, "bce")
    softmax = MLP(1, [2], "softmax", initializer="zeros")
    softmax["w_11^(1)"] = 1.0
    with pytest.raises(ValueError, match="the loss is infinite"):
        layerwise.gradients(softmax, [800.0], 1, "nll")


def test_a_parameter_beside_the_layers_is_refused():
    model = MLP(2, [1], seed=1)
    model.temperature = Value(1.0)
    with pytest.raises(ValueError, match="temperature is a parameter"):
        layerwise.gradients(model, [1.0, 2.0], 1.0)


@pytest.mark.parametrize("differences", [-1, 1.5, "all"])
def test_differences_are_a_count(differences):
    with pytest.raises(ValueError, match="differences must be a count"):
        layerwise.compare(MLP(2, [1]), [1.0, 2.0], 1.0, differences=differences)


def test_forward_prints_as_a_table():
    text = repr(layerwise.forward(MLP(2, [2, 1], "tanh", initializer="zeros"), [0.5, -1.0]))
    assert "by node formulas" in text
    assert "δ" not in text
    batch = layerwise.forward(MLP(2, [2, 1], "tanh", seed=1), [[0.5, -1.0]] * 20, "matrices")
    assert "[12]" in repr(batch)
    assert "more rows" in repr(batch)
    assert batch._repr_html_().startswith("<table>")
    assert batch.output == batch.a[2]


def test_softmax_by_hand():
    assert unit_slopes.softmax([0.0, math.log(3.0)]) == pytest.approx([0.25, 0.75], rel=1e-15)
