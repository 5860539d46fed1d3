"""The two lectures, row by row: what a user can do of each, and what would show that it broke.

The numbers are those of the curriculum. Every gradient here is held against finite differences
(row 23): `verified` does so with the engine's own checker, which is tested elsewhere with planted
faults.
"""

import math
import random
import statistics

import pytest

import autograd
from autograd import (
    SGD,
    Adam,
    AdamW,
    Value,
    check_parameters,
    draw,
    explain,
    multiplications,
    path_sum,
    paths,
    sigmoid,
    softmax,
    use_counts,
)
from nn import (
    MLP,
    Layer,
    Neuron,
    activations,
    bce,
    bce_with_logits,
    cross_entropy,
    fit,
    initializers,
    layerwise,
    mse,
    nll,
    restarts,
    schedules,
    squared_error,
)
from nn.textbook.activation_charts import activation_chart
from nn.textbook.collapsing import collapse
from nn.textbook.constant_inputs import bias_as_input
from nn.textbook.descents import descent_paths
from nn.textbook.flat_gradients import output_gradients
from nn.textbook.layer_gradients import gradient_by_layer
from nn.textbook.perceptron import Perceptron
from nn.textbook.segments import convexity
from nn.textbook.separability import linear_separability
from nn.textbook.surfaces import loss_surface
from nn.textbook.weight_histories import watch_weights
from nn.training.settings import optimizer_named

CORNERS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
AND, OR, XOR = [0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0]


def verified(loss, model):
    """Row 23: the gradient of a loss by the parameters is what finite differences measure."""
    assert check_parameters(loss, model.named_parameters(), order=1)
    return loss()


def lecture_network():
    """The lecture's 2-2-2-1 network on one example, with its loss differentiated."""
    model = MLP(2, [2, 2, 1], "tanh", initializer="uniform", seed=3)
    loss = verified(lambda: squared_error(model([0.5, -1.0]), 1.0), model)
    loss.label = "L"
    loss.backward()
    return model, loss


# --- 1 to 8: the network -------------------------------------------------------------------------


def test_row_1_a_unit_sums_weighted_inputs_and_fires_past_a_threshold():
    neuron = Neuron(2, activation="step", initializer=initializers.constant(1.0))
    neuron.bias.data = -1.5
    assert [fired.data for fired in neuron(CORNERS)] == AND


@pytest.mark.parametrize("labels", [AND, OR])
def test_row_1_the_perceptron_rule_converges_where_a_plane_separates(labels):
    perceptron = Perceptron(2)
    run = perceptron.fit(CORNERS, labels)
    assert run.converged
    assert run.mistakes[-1] == 0
    assert perceptron.predict(CORNERS) == labels


def test_row_1_on_xor_it_does_not_and_no_plane_could():
    run = Perceptron(2).fit(CORNERS, XOR, epochs=100)
    assert not run.converged
    assert run.cycle is not None
    proof = linear_separability(CORNERS, XOR)
    assert not proof.separable
    for kind in (0, 1):
        own = {row: share for row, share in proof.shares.items() if XOR[row] == kind}
        mixture = [sum(share * CORNERS[row][i] for row, share in own.items()) for i in range(2)]
        assert mixture == proof.point
        assert sum(own.values()) == 1


@pytest.mark.parametrize("labels", [AND, OR, XOR])
def test_row_2_a_bias_is_an_input_that_is_always_1(labels):
    ones = [[1.0, *corner] for corner in CORNERS]
    layer = Layer(2, 3, activation="tanh", seed=1)
    for neuron in layer.neurons:
        neuron.bias.data = 0.3
    without = bias_as_input(layer)
    assert [[a.data for a in row] for row in layer(CORNERS)] == [
        [a.data for a in row] for row in without(ones)
    ]
    with_bias = Perceptron(2).fit(CORNERS, labels, epochs=20)
    as_input = Perceptron(3, bias=False).fit(ones, labels, epochs=20)
    assert with_bias.mistakes == as_input.mistakes
    assert with_bias.weights == [weights[1:] for weights in as_input.weights]


@pytest.mark.parametrize("sizes", [[1], [1, 1, 1], [5, 3], [2, 7, 4, 2], [1, 6]])
def test_row_3_fully_connected_layers_of_any_depth_and_width(sizes):
    model = MLP(3, sizes, "tanh", seed=1)
    outputs = model([0.1, 0.2, -0.3])
    outputs = outputs if isinstance(outputs, list) else [outputs]
    assert len(outputs) == sizes[-1]
    widths = [3, *sizes]
    assert [len(layer.neurons) for layer in model.layers] == sizes
    for layer, nin in zip(model.layers, widths, strict=False):
        assert all(len(neuron.weights) == nin for neuron in layer.neurons)
    # Fully connected: every output depends on every input, and every weight has a gradient.
    inputs = [Value(0.1 * (place + 1), f"x_{place + 1}") for place in range(3)]
    outputs = model(inputs)
    total = sum(outputs, Value(0.0)) if isinstance(outputs, list) else outputs
    total.backward()
    assert all(value.grad != 0.0 for value in (*inputs, *model.parameters()))


@pytest.mark.parametrize("name", sorted(set(activations.BY_NAME) - {"softmax"}))
def test_row_4_all_activations_in_any_layer_with_their_derivatives(name):
    model = MLP(2, [2, 2], activations=[name, "tanh"], seed=1)
    table = layerwise.compare(model, [0.7, -0.4], [0.1, 0.2])
    assert table.agrees
    assert table.measured == len(table.rows)
    assert name in activation_chart().text


@pytest.mark.any_engine
def test_row_4_they_are_plotted_with_their_derivatives(tmp_path):
    pytest.importorskip("matplotlib")
    chart = activation_chart(["step", "linear", "sigmoid", "tanh"])
    chart.save(tmp_path / "activations.svg")
    panels = [axes for axes in chart.figure.axes if axes.get_visible()]
    assert len(panels) == 4
    for axes in panels:
        assert len(axes.lines) == 4  # f and f′, left and right of 0
        for f, slope in (axes.lines[:2], axes.lines[2:]):
            z, a = map(list, f.get_data())
            rises = [(a[k + 1] - a[k - 1]) / (z[k + 1] - z[k - 1]) for k in range(1, len(z) - 1)]
            assert list(slope.get_ydata())[1:-1] == pytest.approx(rises, abs=0.01)


def test_row_5_linear_layers_collapse_to_one_matrix_and_others_do_not():
    model = MLP(3, [4, 5, 2], "linear", seed=1)
    for layer in model.layers:
        for place, neuron in enumerate(layer.neurons):
            neuron.bias.data = 0.5 - 0.3 * place
    matrix = collapse(model)
    x = [0.3, -0.7, 1.1]
    assert matrix(x) == pytest.approx([y.data for y in model(x)], rel=1e-14)
    assert [y.data for y in matrix.layer()(x)] == pytest.approx(matrix(x), rel=1e-14)
    with pytest.raises(ValueError, match=r"layer \(2\) is tanh"):
        collapse(MLP(3, [4, 5, 2], activations=["linear", "tanh", "linear"]))


def test_row_6_names_follow_the_lecture():
    model = MLP(2, [2, 1], "tanh", seed=1)
    trace = model.trace([0.5, -1.0])
    assert [[z.label for z in layer] for layer in trace.z[1:]] == [
        ["z_1^(1)", "z_2^(1)"],
        ["z_1^(2)"],
    ]
    assert trace.a[1][0].label == "a_1^(1)"
    assert [x.label for x in trace.a[0]] == ["x_1", "x_2"]
    w, b = model["w_21^(1)"].data, model["b_1^(1)"].data
    net = model["w_11^(1)"].data * 0.5 + w * -1.0 + b
    assert trace.z[1][0].data == pytest.approx(net, rel=1e-15)  # w_ij leads from i to j
    assert trace.a[1][0].data == math.tanh(trace.z[1][0].data)
    assert "a₁⁽¹⁾" in draw(trace.output, level="operation").tree()


def test_row_7_layers_are_counted_without_the_input():
    model = MLP(4, [8, 3])
    assert len(model.layers) == 2
    assert model.layers[0].neurons[0].weights[0].label == "w_11^(1)"
    logistic = MLP(2, [1], activation="sigmoid", seed=1)
    assert len(logistic.layers) == 1
    z = logistic["w_11^(1)"].data * 0.5 + logistic["w_21^(1)"].data * -1.0
    assert logistic([0.5, -1.0]).data == pytest.approx(1.0 / (1.0 + math.exp(-z)), rel=1e-15)


def test_row_8_parentheses_count_layers_and_brackets_examples():
    model = MLP(2, [2, 2], "tanh", seed=1)
    rows = [[0.1 * n, 0.2] for n in range(5)]
    outputs = model(rows)
    assert outputs[4][0].label == "z_1^(2)[5]"
    assert model.trace(rows).a[1][4][0].label == "a_1^(1)[5]"
    tex = explain(squared_error(outputs, [[0.0, 1.0]] * 5), outputs[4][0]).latex()
    assert r"z_{1}^{(2)[5]}" in tex.replace("z_1", "z_{1}")


# --- 9 to 14: backpropagation --------------------------------------------------------------------


def test_row_9_a_first_weight_reaches_the_loss_along_two_paths():
    model, loss = lecture_network()
    weight = model["w_11^(1)"]
    found = path_sum(weight, loss)
    assert found.count == len(found.paths) == 2
    products = [math.prod(map(float, path.local_derivatives)) for path in paths(weight, loss)]
    assert [path.product for path in paths(weight, loss)] == pytest.approx(products, rel=1e-15)
    assert math.fsum(products) == pytest.approx(weight.grad, rel=1e-15)
    drawing = draw(loss, highlight=weight)
    assert "--chainrule-path-1" in drawing.svg()
    assert "--chainrule-path-2" in drawing.svg()
    assert "--chainrule-path-3" not in drawing.svg()
    assert drawing.caption[0].startswith("2 paths from w₁₁⁽¹⁾ to L")


def test_row_10_what_paths_share_is_computed_once():
    model, loss = lecture_network()
    weight = model["w_11^(1)"]
    used = {node.label: count for node, count in use_counts(weight, loss).nodes.items()}
    assert used["z_1^(1)"] == used["z_1^(3)"] == 2
    assert used["a_1^(2)"] == used["a_2^(2)"] == 1
    costs = multiplications(loss)
    assert costs.reverse < costs.forward < costs.path_by_path
    told = " ".join(draw(loss, highlight=weight, costs=True, level="operation").caption)
    assert "×n: shared by n paths, computed once" in told
    assert "path by path 14, forward mode 10, reverse mode 10" in told


def test_row_11_backpropagation_computes_and_optimizers_learn():
    model, loss = lecture_network()
    before = [parameter.data for parameter in model.parameters()]
    gradient = [parameter.grad for parameter in model.parameters()]
    assert any(gradient)
    assert [parameter.data for parameter in model.parameters()] == before  # backward is no learner
    for optimizer in (SGD(model.parameters(), lr=0.1), Adam(model.parameters(), lr=0.1)):
        for parameter, number, slope in zip(model.parameters(), before, gradient, strict=True):
            parameter.data, parameter.grad = number, slope
        optimizer.step()
        steps = zip(model.parameters(), before, gradient, strict=True)
        assert all((parameter.data - number) * slope <= 0.0 for parameter, number, slope in steps)
        assert squared_error(model([0.5, -1.0]), 1.0).data < loss.data


def test_row_11_the_same_gradients_drive_scipy():
    optimize = pytest.importorskip("scipy.optimize")
    model = MLP(2, [3, 1], "tanh", seed=2)
    parameters = model.parameters()

    def value_and_slopes(numbers):
        for parameter, number in zip(parameters, numbers, strict=True):
            parameter.data = float(number)
        loss = mse(model(CORNERS), [float(label) for label in XOR])
        model.zero_grad()
        loss.backward()
        return loss.data, [parameter.grad for parameter in parameters]

    start = [parameter.data for parameter in parameters]
    found = optimize.minimize(value_and_slopes, start, jac=True, method="L-BFGS-B")
    assert found.fun < 1e-3 < value_and_slopes(start)[0]


def test_row_12_the_lectures_squared_error_and_the_mean():
    outputs, targets = [Value(1.0), Value(2.0)], [0.0, 4.0]
    assert squared_error(outputs, targets).data == 0.5 * ((0 - 1) ** 2 + (4 - 2) ** 2) == 2.5
    assert mse(outputs, targets).data == ((0 - 1) ** 2 + (4 - 2) ** 2) / 2 == 2.5
    model = MLP(2, [3, 2], "tanh", seed=1)
    for loss in (squared_error, mse):
        verified(lambda loss=loss: loss(model([0.5, -1.0]), [0.0, 1.0]), model)


def test_row_13_sensitivities_side_by_side():
    model = MLP(2, [3, 2], "sigmoid", "sigmoid", seed=1)
    found = layerwise.gradients(model, [0.5, -1.0], [1.0, 0.0])
    for k, (y, t) in enumerate(zip(found.a[2], (1.0, 0.0), strict=True)):
        delta = (t - y) * y * (1.0 - y)  # δ_k = (t_k − y_k) f′(net_k)
        assert found.sensitivities[2][k] == pytest.approx(delta, rel=1e-14)
    for j, y in enumerate(found.a[1]):
        carried = math.fsum(
            neuron.weights[j].data * delta
            for neuron, delta in zip(model.layers[1].neurons, found.sensitivities[2], strict=True)
        )  # δ_j = f′(net_j) sum_k w_jk δ_k
        assert found.sensitivities[1][j] == pytest.approx(y * (1.0 - y) * carried, rel=1e-13)
        # The update η δ_j y_i, here with η = 1 for the output layer.
        assert -found.weights[2][0][j] == pytest.approx(found.sensitivities[2][0] * y, rel=1e-14)
    trace = model.trace([0.5, -1.0])
    squared_error(trace.output, [1.0, 0.0]).backward()
    assert found.delta[1] == pytest.approx(trace.delta[1], rel=1e-13)
    table = layerwise.compare(model, [0.5, -1.0], [1.0, 0.0])
    assert table.agrees
    assert "(t − y) f′(net)" in repr(table)
    # The gradient of a batch is the mean of those of its examples.
    rows, targets = [[0.5, -1.0], [0.2, 0.7]], [[1.0, 0.0], [0.0, 1.0]]
    single = [layerwise.gradients(model, *pair) for pair in zip(rows, targets, strict=True)]
    means = [sum(both) / 2.0 for both in zip(*(one.parameters for one in single), strict=True)]
    assert layerwise.gradients(model, rows, targets).parameters == pytest.approx(means, rel=1e-13)


def test_row_14_matrices_agree_and_deeper_weights_have_more_factors():
    model = MLP(3, [4, 3, 2], "tanh", seed=1)
    rows, targets = [[0.1, 0.2, 0.3], [-0.5, 0.4, 1.0]], [[0.0, 1.0], [1.0, 0.0]]
    nodes, matrices = (
        layerwise.gradients(model, rows, targets, form=form) for form in ("nodes", "matrices")
    )
    assert nodes.parameters == pytest.approx(matrices.parameters, rel=1e-13, abs=1e-15)
    assert nodes.factors == [0, 7, 5, 3]
    assert "W^(2)ᵀ f′(z^(2)) W^(3)ᵀ" in repr(layerwise.compare(model, rows, targets))
    # Linear layers are W3 W2 W1 x, whose gradients are products of matrices written out.
    linear = MLP(2, [2, 2, 1], "linear", seed=2, bias=False)
    two, three = (
        [[w.data for w in neuron.weights] for neuron in layer.neurons]
        for layer in linear.layers[1:]
    )
    x, t = [0.5, -1.5], 1.0
    error = linear(x).data - t
    carried = [sum(three[0][k] * two[k][j] for k in range(2)) for j in range(2)]
    found = layerwise.gradients(linear, x, t)
    for j in range(2):
        for i in range(2):
            assert found.weights[1][j][i] == pytest.approx(error * carried[j] * x[i], rel=1e-13)


# --- 15 to 20: losses and landscapes -------------------------------------------------------------


@pytest.mark.parametrize("t", [0.0, 1.0])
@pytest.mark.parametrize("z", [-3.0, 0.3, 2.0])
def test_row_15_after_a_sigmoid_cross_entropy_leaves_a_minus_t(z, t):
    def slope(loss):
        node = Value(z, "z")
        loss(node).backward()
        return node.grad

    a = 1.0 / (1.0 + math.exp(-z))
    assert slope(lambda node: bce(sigmoid(node), t)) == pytest.approx(a - t, rel=1e-12)
    assert slope(lambda node: bce_with_logits(node, t)) == pytest.approx(a - t, rel=1e-12)
    assert bce(sigmoid(Value(z)), t).data == pytest.approx(bce_with_logits(Value(z), t).data)
    # Binary cross-entropy is the negative log-likelihood of two classes.
    both = [1.0 - sigmoid(Value(z)), sigmoid(Value(z))]
    assert nll(both, int(t)).data == pytest.approx(bce(sigmoid(Value(z)), t).data, rel=1e-12)
    model = MLP(1, [1], "sigmoid", seed=1)
    verified(lambda: bce(model([z]), t), model)


@pytest.mark.parametrize("t", [0.1, 0.5, 0.7])
def test_row_15_targets_may_be_probabilities(t):
    z = 0.3
    a = 1.0 / (1.0 + math.exp(-z))
    truth = -t * math.log(a) - (1.0 - t) * math.log1p(-a)
    for loss in (lambda node: bce(sigmoid(node), t), lambda node: bce_with_logits(node, t)):
        node = Value(z)
        found = loss(node)
        found.backward()
        assert found.data == pytest.approx(truth, rel=1e-12)
        assert node.grad == pytest.approx(a - t, rel=1e-12)


def test_row_15_the_cancellation_is_shown_symbolically():
    z = Value(0.3, "z")
    a = sigmoid(z)
    a.label = "a"
    through = explain(bce(a, 1), z).text
    assert "a · (1 − a) · (−(1 / a))" in through  # the factors that cancel to a − 1
    assert "= sigmoid(z)" in explain(bce_with_logits(z, 0), z).text  # a − 0, in one step


def test_row_16_softmax_for_classes_that_exclude_each_other():
    z = [Value(0.2), Value(-1.0), Value(0.7)]
    loss = cross_entropy(z, 2)
    loss.backward()
    a = [p.data for p in softmax([Value(node.data) for node in z])]
    assert math.fsum(a) == pytest.approx(1.0)
    assert [node.grad for node in z] == pytest.approx([a[0], a[1], a[2] - 1.0], rel=1e-12)
    assert nll(softmax(z), 2).data == pytest.approx(loss.data, rel=1e-14)
    model = MLP(2, [3], seed=1)
    assert len(model.layers) == 1  # softmax regression has no hidden layer
    verified(lambda: cross_entropy(model(CORNERS), [0, 1, 2, 1]), model)


@pytest.mark.any_engine
def test_row_16_softmax_regression_reads_digits():
    datasets = pytest.importorskip("sklearn.datasets")
    images, labels = datasets.load_digits(n_class=3, return_X_y=True)
    rows = (images / 16.0).tolist()
    model = MLP(64, [3], initializer="zeros")
    classes = [int(label) for label in labels]
    loss = lambda: cross_entropy(model(rows[:90]), classes[:90])
    program = autograd.compile(loss, parameters=model.parameters())
    optimizer = SGD(model.parameters(), lr=1.0)
    for _ in range(60):
        model.zero_grad()
        program.backward()
        optimizer.step()
    scores = [[score.data for score in found] for found in model(rows[90:190])]
    right = sum(s.index(max(s)) == c for s, c in zip(scores, classes[90:190], strict=True))
    assert right >= 90


def landscape_losses():
    source = random.Random(2)
    rows = [[source.uniform(-1.0, 1.0), source.uniform(-1.0, 1.0)] for _ in range(10)]
    numbers = [x - 0.5 * y for x, y in rows]
    sides = [float(x + y > 0.0) for x, y in rows]
    classes = [int(1.5 * (x + 1.0)) for x, _ in rows]
    line, unit, three = MLP(2, [1], seed=1), MLP(2, [1], seed=2), MLP(2, [3], seed=3)
    deep = MLP(2, [2, 1], "tanh", seed=4)
    return {
        "linear": (line, lambda: mse(line(rows), numbers), None),
        "adaline": (line, lambda: squared_error(line(rows), sides), None),
        "logistic": (unit, lambda: bce_with_logits(unit(rows), sides), None),
        "softmax": (
            three,
            lambda: cross_entropy(three(rows), classes),
            None,
        ),
        "network": (deep, lambda: mse(deep(rows), numbers), False),
        "network, cross-entropy": (deep, lambda: bce_with_logits(deep(rows), sides), False),
    }


@pytest.mark.parametrize("name", landscape_losses())
def test_row_17_the_loss_of_a_network_is_not_convex_those_of_regressions_are(name):
    model, loss, expected = landscape_losses()[name]
    verified(loss, model)
    verdict = convexity(loss, model.parameters())
    assert verdict.convex is expected
    if expected is False:
        found = verdict.counterexample
        assert found.loss > found.chord + 0.01 * abs(found.loss)


@pytest.mark.any_engine
@pytest.mark.parametrize("name", ["logistic", "network"])
def test_row_17_surface_over_two_weights(name, tmp_path):
    pytest.importorskip("matplotlib")
    model, loss, _ = landscape_losses()[name]
    first, second = model.parameters()[:2]
    surface = loss_surface(loss, first, second, span=4.0, steps=9)
    kept = first.data, second.data
    for j, i in ((0, 0), (0, 8), (8, 0), (3, 5)):
        first.data, second.data = surface.w1[i], surface.w2[j]
        assert surface.values[j][i] == pytest.approx(loss().data, rel=1e-12)
    first.data, second.data = kept
    below = [
        # The chord test on the grid itself, along its rows.
        line[i] - 0.5 * (line[i - 1] + line[i + 1])
        for line in surface.values
        for i in range(1, len(line) - 1)
    ]
    assert (max(below) > 1e-6) is (name == "network")
    if name == "network":
        surface.chart().save(tmp_path / "surface.png")
        assert (tmp_path / "surface.png").stat().st_size > 10_000


def test_row_18_different_starts_different_minima_the_best_three_with_mean_and_deviation():
    found = restarts(
        lambda seed: MLP(2, [2, 1], "tanh", seed=seed), CORNERS, XOR, seeds=10, keep=3,
        epochs=100, optimizer="adam",
    )  # fmt: skip
    losses = sorted(run.loss for run in found.runs)
    assert losses[-1] > 1.5 * losses[0], "different starts end in different minima"
    assert [run.loss for run in found.kept] == losses[:3]
    assert found.mean == statistics.fmean(losses[:3])
    assert found.deviation == statistics.stdev(losses[:3])
    assert f"best 3: loss {found.mean:.4g} ± {found.deviation:.2g}" in str(found)
    best = [parameter.data for parameter in found.model.parameters()]
    assert best == list(found.kept[0].parameters)


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_row_19_equal_weights_stay_equal(weight):
    model = MLP(2, [3, 1], "tanh", initializer=initializers.constant(weight))
    loss = lambda: mse(model(CORNERS), [0.0, 1.0, 1.0, 1.0])
    verified(loss, model)
    seen = watch_weights(model, loss, steps=20)
    assert seen.identical_units() == [[1, 2, 3]]
    moves = any(history[0] != history[-1] for unit in seen.weights[0] for history in unit)
    assert moves is (weight != 0.0)
    parted = MLP(2, [3, 1], "tanh", initializer=initializers.constant(0.5))
    parted["w_11^(2)"] = 0.9  # units that begin alike, one of which is told something else
    alone = watch_weights(parted, lambda: mse(parted(CORNERS), XOR), steps=20)
    assert alone.identical_units() == [[1], [2, 3]]
    other = MLP(2, [3, 1], "tanh", seed=1)
    assert len(watch_weights(other, lambda: mse(other(CORNERS), XOR)).identical_units()) == 3
    pytest.importorskip("matplotlib")
    assert [text.get_text() for text in seen.chart().figure.axes[0].texts] == ["units 1, 2, 3"]


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_row_20_squared_error_is_flat_where_it_is_most_wrong(activation):
    found = output_gradients(activation)
    squared, cross = found.gradients["squared error"], found.gradients["cross-entropy"]
    assert squared[0] < 0.001
    assert cross[0] > 0.99
    assert cross == sorted(cross, reverse=True)
    assert squared.index(max(squared)) not in (0, len(squared) - 1)
    assert found.errors["squared error"][-1] > 0.9
    assert found.errors["cross-entropy"][-1] < 0.01
    if activation == "sigmoid":
        pytest.importorskip("matplotlib")
        assert found.chart().svg()


def test_row_21_gradients_shrink_through_sigmoids():
    deep = {
        name: MLP(2, [6] * 6 + [1], name, initializer=initializer, seed=1)
        for name, initializer in (
            ("sigmoid", "xavier_normal"),
            ("tanh", "xavier_normal"),
            ("relu", "he_normal"),
        )
    }
    deep["tanh, small"] = MLP(
        2, [6] * 6 + [1], "tanh", initializer=initializers.normal(0, 0.1), seed=1
    )
    found = gradient_by_layer(deep, CORNERS, XOR)
    assert found.shrinks["sigmoid"] < 1e-3
    assert found.shrinks["tanh, small"] < 1e-3
    assert min(found.shrinks["tanh"], found.shrinks["relu"]) > 0.01
    for name, layers in found.models.items():
        delta = layerwise.gradients(deep[name], CORNERS, XOR, "mse").delta
        for layer in layers:
            sizes = [abs(number) for example in delta[layer.layer] for number in example]
            assert layer.delta == pytest.approx(statistics.fmean(sizes), rel=1e-9)
    for name in ("sigmoid", "relu"):
        assert layerwise.compare(deep[name], CORNERS, XOR, "mse", differences=5).agrees
    pytest.importorskip("matplotlib")
    left, right = found.chart().figure.axes
    assert "tanh, small" in {text.get_text() for text in right.texts}
    for line, layers in zip(left.lines, found.models.values(), strict=True):
        assert list(line.get_xdata()) == [layer.layer for layer in layers]
        assert list(line.get_ydata()) == [layer.delta for layer in layers]


def test_row_22_ways_of_optimizers_on_the_loss_surface():
    # Schedules and whole trainings are tested with `fit`; here is the picture.
    model = MLP(2, [2, 1], "tanh", seed=3)
    loss = lambda: mse(model(CORNERS), XOR)
    ways = descent_paths(
        loss,
        "w_11^(1)",
        "w_11^(2)",
        {"SGD": SGD(lr=0.1), "momentum": SGD(lr=0.1, momentum=0.9), "Adam": Adam(lr=0.1)},
        model=model,
        steps=40,
    )
    surface = loss_surface(loss, "w_11^(1)", "w_11^(2)", model=model, trajectories=ways, steps=9)
    assert surface.trajectories == ways
    ends = {way[-1] for way in ways.values()}
    assert len(ends) == 3
    for x, y in ends:
        model["w_11^(1)"], model["w_11^(2)"] = x, y
        assert loss().data < surface.present[2]


def test_row_22_momentum_nesterov_and_weight_decay_step_by_their_formulas():
    """Two steps with the gradients 3 and 1, from 2: v = 3, then 0.9 · 3 + 1 = 3.7."""
    for optimizer, place in (
        (SGD(lr=0.1), 2.0 - 0.1 * 3.0 - 0.1 * 1.0),
        (SGD(lr=0.1, momentum=0.9), 2.0 - 0.1 * 3.0 - 0.1 * 3.7),
        (
            SGD(lr=0.1, momentum=0.9, nesterov=True),
            2.0 - 0.1 * (3.0 + 0.9 * 3.0) - 0.1 * (1.0 + 0.9 * 3.7),
        ),
        (
            AdamW(lr=0.1, betas=(0.0, 0.0), weight_decay=0.5),
            (2.0 * (1.0 - 0.05) - 0.1) * (1.0 - 0.05) - 0.1,
        ),
    ):
        weight = Value(2.0)
        optimizer = type(optimizer)([weight], **optimizer.state_dict()["settings"])
        for gradient in (3.0, 1.0):
            weight.grad = gradient
            optimizer.step()
        assert weight.data == pytest.approx(place, rel=1e-7), optimizer


@pytest.mark.parametrize("schedule", [None, "cosine", "one_cycle", "step", "warm_up"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw", "rmsprop", "nadam"])
def test_row_22_optimizers_and_schedules_lower_the_loss(optimizer, schedule):
    model = MLP(2, [6, 1], "tanh", seed=1)
    history = fit(model, CORNERS, XOR, optimizer=optimizer, schedule=schedule, epochs=120)
    assert history["loss"][-1] < 0.9 * history["loss"][0]
    factor = 1.0 if schedule is None else schedules.schedule_named(schedule).over(120)(119)
    assert history["lr"][-1] == pytest.approx(factor * optimizer_named(optimizer).lr)


def test_row_23_a_wrong_gradient_would_be_noticed(monkeypatch):
    original = layerwise.gradients

    def wrong(*arguments):
        found = original(*arguments)
        found.parameters[0] *= 1.0 + 1e-5
        return found

    monkeypatch.setattr("nn.textbook.comparing.gradients", wrong)
    model = MLP(2, [2, 1], "tanh", seed=1)
    assert not layerwise.compare(model, [0.5, -1.0], 1.0).agrees


def test_row_23_finite_differences_alone_notice_what_all_formulas_have_wrong(monkeypatch):
    by_formulas, by_engine = layerwise.gradients, autograd.gradients

    def wrong(*arguments):
        found = by_formulas(*arguments)
        found.parameters[:] = [1.001 * slope for slope in found.parameters]
        return found

    monkeypatch.setattr("nn.textbook.comparing.gradients", wrong)
    monkeypatch.setattr(
        "nn.textbook.comparing.engine_gradients",
        lambda loss, nodes: [1.001 * slope for slope in by_engine(loss, nodes)],
    )
    table = layerwise.compare(MLP(2, [2, 1], "tanh", seed=1), [0.5, -1.0], 1.0)
    assert not table.agrees
    assert {row.verdict for row in table.differing} == {"finite differences differ"}


def test_row_23_the_checker_notices_a_ten_thousandth():
    model = MLP(2, [2, 1], "tanh", seed=1)
    weight = model["w_11^(1)"]
    # Half of the gradient of the last term is lost on the way.
    loss = lambda: mse(model(CORNERS), XOR) + 1e-4 * weight * weight.detach()
    with pytest.raises(autograd.GradientError, match=r"1 of 9 .*\n  FAIL"):
        check_parameters(loss, model.named_parameters(), order=1)
