"""After any edit the page shows what Python computes with the same numbers."""

import math
import random

import pytest

import autograd
from autograd import Value, explore
from autograd.graph import topological_order
from nn import MLP, losses

CLOSE = 1e-12
EDIT = "([leaf, number]) => window.page.edit(leaf, number)"
EDITS = """(edits) => edits.map(([leaf, number]) => {
    window.page.edit(leaf, number);
    const {values, adjoints} = window.page.tape;
    return [[...values].map(String), [...adjoints].map(String)];
})"""


def recorded_again(order, numbers):
    """The same graph at other leaves, made by the rule book of Python."""
    made = {}
    for place, node in enumerate(order):
        if node.parents:
            made[node] = node.primitive.apply([made[parent] for parent in node.parents])
        elif node.is_constant:
            made[node] = numbers[place]
        else:
            made[node] = Value(numbers[place])
    return [made[node] for node in order]


def compare(page, output, edits, seed):
    order = topological_order(output)
    generator = random.Random(seed)
    editable = page.evaluate("window.page.model.nodes.editable")
    numbers = {place: node.data for place, node in enumerate(order) if not node.parents}
    made = [
        (generator.choice(editable), round(generator.uniform(-2.0, 2.0), 3)) for _ in range(edits)
    ]
    for (leaf, number), (values, adjoints) in zip(made, page.evaluate(EDITS, made), strict=True):
        numbers[leaf] = number
        again = recorded_again(order, numbers)
        right = again[-1].adjoints_of([v for v in again if isinstance(v, Value)])
        gradients = iter(right)
        for place, value in enumerate(again):
            data = value.data if isinstance(value, Value) else value
            assert math.isclose(float(values[place]), data, rel_tol=CLOSE, abs_tol=CLOSE)
            if isinstance(value, Value):
                got, wanted = float(adjoints[place]), next(gradients)
                assert math.isclose(got, wanted, rel_tol=CLOSE, abs_tol=CLOSE)


def network_loss():
    model = MLP(2, [4, 4, 1], "tanh", seed=3)
    return losses.squared_error(model([0.5, -1.0]), 1.0)


def classes():
    model = MLP(3, [4, 3], "sigmoid", seed=1)
    return losses.cross_entropy([model([0.5, -1.0, 0.25])], [2])


def formula():
    a, b, c = (Value(x, label=name) for name, x in (("a", 0.7), ("b", -1.2), ("c", 0.4)))
    y = autograd.dot([a, b, c], [c, a, b], a) * autograd.mean([a, b * c]) - (a * b).tanh()
    y = y + autograd.prod([a, b, c]) + autograd.logsumexp([a, b, c, y]) + autograd.norm([a, b, 2.0])
    return y + autograd.sum([a, b]) ** 2 + autograd.maximum(a, c) * autograd.exp(b) / (c * c + 1.0)


@pytest.mark.parametrize(
    ("make", "edits"), [(network_loss, 200), (classes, 60), (formula, 200)],
    ids=["network", "classes", "formula"],
)  # fmt: skip
def test_random_edits(make, edits, opened):
    output = make()
    compare(opened(explore(output)), output, edits, seed=1)


def test_typing_and_sliding(opened):
    a = Value(2.0, label="a")
    y = a * a
    y.label = "y"
    page = opened(explore(y))
    field = page.locator("#leaf-number")
    field.fill("5")
    assert "= 10" in page.locator(".sum").inner_text()
    field.press("ArrowUp")
    assert float(field.input_value()) > 5.0
    slider = page.locator("#leaf-slider")
    slider.focus()
    before = float(field.input_value())
    slider.press("ArrowLeft")
    assert float(field.input_value()) < before
    page.get_by_role("button", name="undo", exact=True).click()
    assert page.evaluate("window.page.tape.values[0]") == 2.0


def test_a_number_that_is_not_finite_is_shown_at_its_node(opened):
    a = Value(2.0, label="a")
    y = autograd.log(a) * a
    page = opened(explore(y))
    page.locator("#leaf-number").fill("-1")
    trouble = page.locator(".trouble")
    assert "log is defined where x > 0" in trouble.inner_text()
    assert page.locator(".box.blamed").get_attribute("data-box") == "1"
    assert "is nan here" in page.locator(".lede").inner_text()
    page.locator("#leaf-number").fill("1")
    assert not trouble.is_visible()
    assert page.locator(".box.blamed").count() == 0


@pytest.mark.parametrize("make", [network_loss, classes, formula])
def test_the_screen_as_python(make, opened, tmp_path, monkeypatch):
    output = make()
    page = opened(explore(output))
    leaf = page.evaluate("window.page.model.nodes.editable[0]")
    page.evaluate(EDIT, [leaf, 0.625])
    code = page.evaluate("window.page.python()")
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(code, names)
    assert (tmp_path / "explored.html").exists()
    last = names[f"n{len(topological_order(output)) - 1}"]
    shown = page.evaluate("[...window.page.tape.values].pop()")
    assert math.isclose(last.data, shown, rel_tol=CLOSE)


def test_the_address_keeps_the_screen(opened):
    exploration = explore(network_loss())
    page = opened(exploration)
    page.evaluate("""() => {
        window.page.edit(window.page.model.nodes.editable[0], 0.375);
        window.page.store.set({level: "operation", picked: 5, time: 7, manner: "assign"});
    }""")
    page.wait_for_function("() => location.hash.includes('set=')")
    again = opened(exploration, page.evaluate("location.hash"))
    state = "() => ['level', 'picked', 'time', 'manner'].map((key) => window.page.store.state[key])"
    assert again.evaluate(state) == page.evaluate(state)
    assert again.evaluate("window.page.tape.values[window.page.model.nodes.editable[0]]") == 0.375
