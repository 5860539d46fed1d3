"""`explain`: what is printed is computed again, and gives the gradient."""

from __future__ import annotations

import math
import re

import pytest

import autograd
from autograd import Value, explain, path_sum
from autograd.explanation.quantities import evaluated
from nn import MLP, Neuron, bce, cross_entropy, mse, nll, squared_error
from tests.autograd.explanation.cases import CASES, net, weight
from tests.autograd.explanation.reading import NUMBERS, PATHS, SYMBOLS, computed, equations, part


def close(found, expected):
    return math.isclose(found, expected, rel_tol=6e-4, abs_tol=1e-12)


@pytest.fixture(params=CASES, ids=list(CASES))
def case(request):
    output, source = CASES[request.param]()
    output.backward()
    return output, source


def test_every_line_of_numbers_gives_its_value_and_the_last_one_the_gradient(case):
    output, source = case
    explanation = explain(output, source)
    assert explanation.gradient == source.grad
    found = equations(part(explanation.text, NUMBERS))
    assert found
    for left, rights in found:
        values = [computed(right) for right in rights]
        assert all(close(value, values[-1]) for value in values), (left, rights)
    assert close(computed(found[-1][1][-1]), source.grad)
    assert found[-1][1][-1] == f"{source.grad + 0.0:.4g}".replace("-", "−")


def test_every_form_of_every_equation_has_the_value_of_the_adjoint(case):
    output, source = case
    for equation in explain(output, source).equations:
        for form in equation.forms:
            assert evaluated(form) == pytest.approx(equation.value, rel=1e-9, abs=1e-12)


def test_adjoints_are_those_of_the_reverse_sweep(case):
    output, source = case
    for equation in explain(output, source).equations[1:]:
        node = equation.left.adjoint_of
        scale = 1.0
        if (
            "[1]/∂" in (equation.left if equation.meaning is None else equation.meaning).name
        ):  # of the loss of one example
            scale = len(output.parents)
        assert equation.value == pytest.approx(scale * node.grad, rel=1e-9)


def test_paths_have_their_products_and_add_up_to_the_gradient(case):
    output, source = case
    found = equations(part(explain(output, source).text, PATHS))
    paths = path_sum(source, output)
    listed = [rights for left, rights in found if left.startswith("path ")]
    assert len(listed) == len(paths.paths)
    for rights, path in zip(listed, paths.paths, strict=True):
        assert close(computed(rights[-1]), path.product)
        if "more factors" not in rights[0]:
            assert close(computed(rights[-2]) if len(rights) > 2 else path.product, path.product)
    rest = [rights for left, rights in found if "more path" in left]
    assert bool(rest) == (paths.count > len(paths.paths))
    if rest:
        assert close(computed(rest[0][0]), paths.remainder)
    for right in found[-1][1]:
        assert close(computed(right), source.grad)


def test_the_costs_are_those_of_multiplications(case):
    output, source = case
    cost = autograd.multiplications(output, source)
    said = explain(output, source).text.splitlines()[-1]
    if cost.reverse == cost.path_by_path:
        assert f"takes {cost.reverse} multiplication" in said
    else:
        ending = f"multiplies {cost.reverse} times instead of {cost.path_by_path}"
        assert said.endswith(ending)


def test_latex_is_balanced_and_plain_enough(case):
    text = explain(*case).latex()
    assert text.startswith("\\begin{align*}\n")
    assert text.endswith("\\end{align*}\n")
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    assert text.count(r"\left") - text.count(r"\leftarrow") == text.count(r"\right")
    assert text.isascii()
    rows = re.sub(r"\\begin\{array\}.*?\\end\{array\}", "", text, flags=re.DOTALL)
    for line in re.split(r"\\\\(?:\[1.5ex\])?\n", rows):
        assert line.count("&") == 1
    notebook = explain(*case)._repr_latex_()
    assert notebook.startswith("$\\displaystyle\n\\begin{aligned}")
    assert notebook.endswith("\\end{aligned}$")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "two losses",
            "L contains squared_error: ½ Σ (t − y)² and bce: −t log p − (1 − t) log(1 − p)",
        ),
        ("regularised batch", "L contains mse: mean of (t − y)²"),
        ("batch of 3", "the loss of an example is squared_error: ½ Σ (t − y)²"),
        ("batch of 3, mse", "the loss of an example is mse: mean of (t − y)²"),
        ("bce, target 1", "L is bce: −t log p − (1 − t) log(1 − p)"),
    ],
)
def test_every_loss_in_the_output_is_told(name, sentence):
    assert part(explain(*CASES[name]()).text, SYMBOLS)[0].strip() == sentence


def test_shares_of_attention_have_names_and_lines_stay_short():
    text = explain(*CASES["attention of layers"]()).text
    lines = part(text, SYMBOLS)
    assert "v₁ · (1 − v₁) · ∂L/∂v₁" in text
    assert any(line.strip().startswith("v₁ ") and "= softmax((z₁" in line for line in lines)
    assert max(map(len, lines)) < 400


def test_the_lecture_in_its_own_symbols():
    output, source = CASES["2-2-2-1, squared error"]()
    lines = part(explain(output, source).text, SYMBOLS)
    shown = [re.sub(r"  +", "  ", line).strip() for line in lines]
    for expected in (
        "L is squared_error: ½ Σ (t − y)²",
        "∂L/∂w₁₁⁽¹⁾ = x₁ · δ₁⁽¹⁾  δ₁⁽¹⁾ = ∂L/∂z₁⁽¹⁾",
        "= x₁ · f′(z₁⁽¹⁾) · [ w₁₁⁽²⁾ · δ₁⁽²⁾ + w₁₂⁽²⁾ · δ₂⁽²⁾ ]",
        "└───────── computed once ─────────┘",
        "δ₂⁽²⁾  = ∂L/∂z₂⁽²⁾ = f′(z₂⁽²⁾) · w₂₁⁽³⁾ · δ₁⁽³⁾",
        "= z₁⁽³⁾ − t  computed once, used 2 times",
        "f′(z₁⁽¹⁾)  = 1 − (a₁⁽¹⁾)²  f is tanh",
    ):
        assert expected in shown
    text = explain(output, source).latex()
    assert r"\underbrace{\left[ w_{11}^{(2)} \cdot \delta_{1}^{(2)} + " in text
    assert r"\frac{\partial L}{\partial w_{11}^{(1)}} &= x_{1} \cdot \delta_{1}^{(1)}" in text
    assert (
        "2 paths share 5 of 11 local derivatives: reverse mode multiplies 10 times instead of 14"
        in (explain(output, source).text)
    )


def delta(explanation):
    """The equation in which something cancels."""
    return next(e for e in explanation.equations if len(e.forms) > 1 and not e.is_substituted)


def shown(form):
    from autograd.explanation.text_page import plain

    return plain(form)


@pytest.mark.parametrize(("name", "forms"), [
    ("bce, target 1", [
        "f′(z₁⁽³⁾) · (−(1 / a₁⁽³⁾))",
        "(−(t / a₁⁽³⁾) + (1 − t) / (1 − a₁⁽³⁾)) · a₁⁽³⁾ · (1 − a₁⁽³⁾)",
        "(1 − t) · a₁⁽³⁾ − t · (1 − a₁⁽³⁾)",
        "a₁⁽³⁾ + t · a₁⁽³⁾ − t · a₁⁽³⁾ − t",
        "a₁⁽³⁾ − t",
    ]),
    ("bce, target 0", ["a₁⁽³⁾ − t"]),
    ("bce, soft target", [
        "a₁⁽³⁾ · (1 − a₁⁽³⁾) · ((1 − t) / (1 − a₁⁽³⁾) − (t / a₁⁽³⁾))", "a₁⁽³⁾ − t",
    ]),
    ("logits, target 1", ["−(1 − a₁⁽³⁾)", "a₁⁽³⁾ − t"]),
    ("logits, target 0", ["a₁⁽³⁾ − t"]),
    ("logits, soft target", ["a₁⁽³⁾ − t"]),
    ("softmax, nll", ["a₁⁽²⁾ − t₁"]),
    ("cross-entropy", ["a₁⁽²⁾ · (1 − t₁) − t₁ · (1 − a₁⁽²⁾)", "a₁⁽²⁾ − t₁"]),
    ("cross-entropy, shares", ["a₁⁽²⁾ − t₁"]),
    ("2-2-2-1, squared error", ["−0.5 · 2 · (t − z₁⁽³⁾)", "z₁⁽³⁾ − t"]),
])  # fmt: skip
def test_what_cancels_is_shown_down_to_a_minus_t(name, forms):
    output, source = CASES[name]()
    explanation = explain(output, source)
    equation = next(e for e in explanation.equations if shown(e.forms[-1]) == forms[-1])
    written = [shown(form) for form in equation.forms]
    places = [written.index(form) for form in forms]
    assert places == sorted(places)
    output.backward()
    z = equation.left.adjoint_of
    assert z.grad == pytest.approx(equation.value, rel=1e-12)


def test_a_minus_t_is_said_of_log_likelihoods_only():
    output, source = CASES["sigmoid, squared error"]()
    assert not any(shown(e.forms[-1]) == "a₁⁽³⁾ − t" for e in explain(output, source).equations)


@pytest.mark.parametrize("loss", [
    lambda a, t: -(t * a.log() + (1.0 - t) * (1.0 - a).log()),
    lambda a, t: -(t * a.log()) - (1.0 - t) * (1.0 - a).log(),
    lambda a, t: (1.0 - t) * -(1.0 - a).log() - t * a.log(),
])  # fmt: skip
def test_a_cancellation_is_found_in_losses_of_ones_own(loss):
    neuron = Neuron(2, activation="sigmoid", seed=1)
    t = Value(0.25, "t")
    output = loss(neuron([0.5, -1.0]), t)
    equation = explain(output, neuron.weights[0]).equations[1]
    assert shown(equation.forms[-1]) == "a − t"


def test_every_other_class_of_a_softmax_has_its_share():
    model = net("tanh", "softmax", sizes=(4, 3), nin=4)
    output = nll(model([0.5, -1.0, 0.25, 2.0]), 2)
    output.backward()
    found = explain(output, weight(model)).equations[1:]
    assert sorted(shown(e.forms[-1]) for e in found) == [
        "a₁⁽²⁾ − t₁", "a₂⁽²⁾ − t₂", "a₃⁽²⁾ − t₃",
    ]  # fmt: skip


# --- Batches --------------------------------------------------------------------------------------


def test_a_batch_is_a_sum_over_examples():
    output, source = CASES["batch of 3"]()
    output.backward()
    explanation = explain(output, source)
    assert "∂L/∂w₁₁⁽¹⁾    = (1 / 3) · Σₙ x₁[n] · δ₁⁽¹⁾[n]" in explanation.text
    assert r"\frac{1}{3} \cdot \sum_n x_{1}^{[n]} \cdot \delta_{1}^{(1)[n]}" in explanation.latex()
    rows = re.findall(r"^ +(\d|sum)  ([^=\n]*)$", explanation.text, re.MULTILINE)
    numbers = {key: [computed(x) for x in row.split()] for key, row in rows}
    for key in "123":
        x, adjoint, product = numbers[key]
        assert close(x * adjoint, product)
    assert numbers["sum"][0] / 3.0 == pytest.approx(source.grad, rel=1e-3)


def test_an_example_can_be_chosen():
    model = net("tanh")
    rows = [[0.1 * k, 1.0 - k] for k in range(20)]
    output = mse([model(x) for x in rows], [0.5] * 20)
    output.backward()
    source = weight(model)
    explanation = explain(output, source, example=18)
    assert "x₁[18]" in explanation.text
    assert explanation.gradient == source.grad
    assert re.search(r"^ +18 ", explanation.text, re.MULTILINE)
    table = re.findall(r"^ +(?:\d+|15 more)  ([^=\n]*)$", explanation.text, re.MULTILINE)
    total = sum(computed(row.split()[-1]) for row in table)
    assert total / 20.0 == pytest.approx(source.grad, rel=1e-2)
    alone = (model(rows[17]) - 0.5) ** 2
    source.grad = 0.0
    alone.backward()
    assert explanation.equations[0].value == pytest.approx(source.grad, rel=1e-12)
    for wrong in (21, 0, -1):
        with pytest.raises(ValueError, match="examples 1 to 20"):
            explain(output, source, example=wrong)
    with pytest.raises(TypeError, match="whole number"):
        explain(output, source, example="first")


def test_brackets_are_those_of_labels():
    model = net("tanh")
    outputs = model([[0.5, -1.0], [1.0, 1.0], [0.2, 0.3]])
    output = mse([outputs[2], outputs[1]], [0.1, 0.2])
    output.backward()
    source = weight(model)
    explanation = explain(output, "w_11^(1)")
    assert explanation.gradient == source.grad
    assert "x₁[2] · δ₁⁽¹⁾[2]" in explanation.text
    assert "n = 2 … 3" in explanation.text
    assert "[1]" not in explanation.text
    assert "x₁[3] · δ₁⁽¹⁾[3]" in explain(output, source, example=3).text
    with pytest.raises(ValueError, match="no example 1"):
        explain(output, source, example=1)


def test_what_belongs_to_one_example_has_the_gradient_of_the_whole_loss():
    model = net("tanh")
    output = mse(model([[0.5, -1.0], [1.0, 1.0]]), [0.1, 0.2])
    output.backward()
    for name in ("z_1^(1)[2]", "a_2^(2)[1]"):
        node = autograd.find(output, name)
        explanation = explain(output, node)
        assert explanation.gradient == node.grad
        last = equations(part(explanation.text, NUMBERS))[-1][1][-1]
        assert close(computed(last), node.grad)
        assert "∂L[" not in explanation.text


def test_names_are_taken():
    output, source = CASES["2-2-2-1, squared error"]()
    assert explain(output, "w_11^(1)").text == explain(output, source).text
    with pytest.raises(LookupError, match="w_31"):
        explain(output, "w_31^(1)")


def test_a_penalty_stands_beside_the_sum():
    output, source = CASES["regularised batch"]()
    text = explain(output, source).text
    assert "Σₙ x₁[n] · δ₁⁽¹⁾[n] + " in text


# --- What else can be explained -------------------------------------------------------------------


def test_biases_inputs_and_values_in_between():
    model = net("tanh")
    x = [Value(0.5, "x_1"), Value(-1.0, "x_2")]
    output = squared_error(model(x), 0.7)
    output.backward()
    unit = model.layers[0].neurons[0]
    z = output.parents[1].parents[0].parents[1]
    for source in (unit.bias, x[0], x[1], z, model.layers[1].neurons[1].bias):
        explanation = explain(output, source)
        assert explanation.gradient == source.grad
        assert computed(equations(part(explanation.text, NUMBERS))[-1][1][-1]) == pytest.approx(
            source.grad, rel=1e-3
        )
    assert "∂L/∂b₁⁽¹⁾ = δ₁⁽¹⁾" in explain(output, unit.bias).text
    assert "∂L/∂x₁ = w₁₁⁽¹⁾ · δ₁⁽¹⁾ + w₁₂⁽¹⁾ · δ₂⁽¹⁾" in re.sub(
        " +", " ", explain(output, x[0]).text
    )
    assert repr(explain(output, z)).startswith("<Explanation: ∂L/∂z₁⁽³⁾ = ")


def test_the_output_itself():
    x = Value(2.0, label="x")
    y = x * x
    assert "∂y/∂y = 1" in explain(y, y).text
    assert explain(y, y).gradient == 1.0
    assert explain(x, x).gradient == 1.0


def test_a_weight_used_in_several_turns_has_a_term_for_each():
    output, source = CASES["recurrent"]()
    assert "∂L/∂w₂   = x⟨1⟩ · δ⟨1⟩ + a⟨1⟩ · δ⟨2⟩ + a⟨2⟩ · δ⟨3⟩" in explain(output, source).text


def test_what_cuts_every_path_is_told():
    model = net("relu", sizes=(1, 1))
    model.layers[0].neurons[0].bias.data = -100.0
    output = squared_error(model([1.0, 1.0]), 0.5)
    text = explain(output, weight(model)).text
    assert "nothing passes from z₁⁽¹⁾ to a₁⁽¹⁾: f′(z₁⁽¹⁾) = 0" in text
    assert "[−99" in text or "[−100" in text


def test_no_path_is_an_error_that_says_what_may_be_meant():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    y = a * a
    y.label = "y"
    with pytest.raises(ValueError, match=r"no path leads from leaf 'b'.* to mul 'y'"):
        explain(y, b)
    with pytest.raises(ValueError, match=r"did you mean explain\(y, a\)\?"):
        explain(a, y)
    with pytest.raises(ValueError, match="a constant has no gradient"):
        explain(net("tanh")([0.5, 1.0]), net("tanh")([0.5, 1.0]).parents[-1].detach())
    for wrong in ((y, 1.0), (1.0, a), (None, a)):
        with pytest.raises(TypeError):
            explain(*wrong)
    with pytest.raises(ValueError, match="negative"):
        explain(y, a, limit=-1)


def test_errors_of_the_sweep_are_passed_on():
    x = Value(0.0, "x")
    with pytest.raises(ArithmeticError, match="sqrt"):
        explain(x.sqrt(), x)
    w = Value(1.0, "w")
    y = w * w
    w.data = 2.0
    with pytest.raises(ValueError, match="edited"):
        explain(y, w)


def test_a_gradient_that_is_no_number_is_said_to_be_none():
    x, y = Value(math.nan, "x"), Value(2.0, "y")
    text = explain(x * y, y).text
    assert "nan" in text
    assert "blame(loss)" in text


def test_saturated_units_show_their_derivative_as_it_is():
    # 1 - a² is 0 in floats, the derivative is not.
    x = Value(25.0, "x")
    y = x.tanh()
    y.label = "y"
    y.backward()
    explanation = explain(y, x)
    assert explanation.gradient == x.grad > 0.0
    assert f"∂y/∂x = {x.grad:.4g}".replace("-", "−") in explanation.text


def test_an_operation_of_ones_own_is_spelled_from_its_rule_or_named():
    square = autograd.Primitive("square", lambda x: x * x, (lambda out, x: 2.0 * x,))
    looks = autograd.Primitive("looks", abs, (lambda out, x: 1.0 if x > 0.0 else -1.0,))
    x = Value(3.0, "x")
    assert "∂y/∂x = 2 · x" in explain(square(x), x).text
    assert explain(looks(x), x).gradient == 1.0
    assert "∂y/∂x" in explain(looks(x), x).text


def test_nodes_of_equal_data_are_told_apart():
    a, b = Value(1.0, "a"), Value(1.0, "a")
    text = explain(a * b, a).text
    assert "a#2" in text
    u, v = Value(1.0), Value(1.0)
    assert explain(u * v * v, v).gradient == 2.0


def test_explaining_changes_nothing():
    output, source = CASES["batch of 3"]()
    before = [node.grad for node in autograd.graph.topological_order(output)]
    explain(output, source)
    assert before == [node.grad for node in autograd.graph.topological_order(output)]


# --- Large graphs ---------------------------------------------------------------------------------


def test_text_stays_short_however_large_the_graph_is():
    w = y = Value(0.5, "w")
    for _ in range(30_000):
        y = y * 1.0001 + 1e-5
    explanation = explain(y, w)
    assert len(explanation.text) < 5000
    assert "of 60001 nodes on the paths are not written out" in explanation.text
    many = Value(1.0, "a")
    output = autograd.sum([many * float(k) for k in range(5000)])
    text = explain(output, many).text
    assert "(4997 more terms)" in text
    assert len(text) < 3000
    x = total = Value(1.0, "x")
    for _ in range(60):
        total = total + total
    assert "1.15e18 paths share 120 of 120 local derivatives" in explain(total, x).text


def test_wide_sums_show_the_largest_terms_and_the_rest_exactly():
    output, source = CASES["2-16-16-1"]()
    text = explain(output, source).text
    assert "(13 more terms)" in text


def test_deep_graphs_need_no_recursion():
    w = y = Value(1.0, "w")
    for _ in range(5000):
        y = y.tanh() + w
    explanation = explain(y, w)
    assert len(explanation.text) < 8000
    factors = [Value(1.0, f"p_{k}") for k in range(3000)]
    assert explain(autograd.prod(factors), factors[0]).gradient == 1.0


def test_models_of_several_networks_keep_their_names_apart():
    first, second = MLP(1, [1], "tanh", seed=1), MLP(1, [1], "tanh", seed=2)
    output = squared_error(second([first([0.5])]), 0.1)
    text = explain(output, weight(first)).text
    assert "z₁⁽¹⁾#2" in text or "δ₁⁽¹⁾#2" in text


def test_losses_without_a_network():
    p, t = Value(0.25, "p"), 1
    assert "L is" not in explain(bce(p, t), p).text
    logits = [Value(0.5, "u"), Value(1.5, "v")]
    explanation = explain(cross_entropy(logits, 1), logits[0])
    explanation.text.encode()
    assert evaluated(explanation.equations[0].forms[-1]) == pytest.approx(explanation.gradient)
    assert "softmax(u)" in explanation.text
    assert mse(p, 0.5).data == (0.25) ** 2
