"""Operations that JavaScript cannot compute: the page shows Python's numbers, and says why."""

import math

import pytest

from autograd import Primitive, Value, explore
from autograd.graph import topological_order
from nn import MLP

# The one has no spelling in JavaScript, the rule of the other looks at its numbers.
UNSPELLED = Primitive("unspelled", lambda x: math.fsum([x, x * x]), (lambda out, x: 1.0 + 2.0 * x,))
LOOKING = Primitive(
    "looking", lambda x: max(x, 2.0 * x), (lambda out, x: 2.0 if x > 0.0 else 1.0,), c="fmax({x})"
)


def graph_with(primitive):
    a, b = Value(3.0, label="a"), Value(-1.0, label="b")
    y = primitive(a * b) * b + (a * b).tanh()
    y.label = "y"
    return y


@pytest.mark.parametrize("primitive", [UNSPELLED, LOOKING])
def test_the_page_opens_with_python_s_numbers(primitive, opened):
    output = graph_with(primitive)
    order = topological_order(output)
    page = opened(explore(output))
    values, adjoints = page.evaluate(
        "() => [[...window.page.tape.values], [...window.page.tape.adjoints]]"
    )
    assert values == [node.data for node in order]
    assert adjoints == output.adjoints_of(order)
    page.evaluate("() => window.page.store.set({picked: 0})")
    assert page.locator(".paths li").count() == 2
    assert page.locator("#leaf-number").is_hidden()
    assert primitive.name in page.locator(".near").inner_text()
    assert "none can be changed" in page.locator(".near").inner_text()


def test_no_edit_reaches_it(opened):
    page = opened(explore(graph_with(UNSPELLED)), "#set=0:7.5")
    page.evaluate("() => window.page.edit(0, 2.5)")
    assert page.evaluate("() => window.page.tape.values[0]") == 3.0
    page.evaluate("() => window.page.reset()")
    assert page.evaluate("() => window.page.tape.values[0]") == 3.0


def test_steps_and_wrong_orders_work(opened):
    page = opened(explore(graph_with(UNSPELLED)), "#time=0")
    count = page.evaluate("() => window.page.events.count")
    for _ in range(count):
        page.get_by_role("button", name="one event on").click()
    assert page.evaluate("() => window.page.store.state.time") is None
    page.get_by_role("button", name="= in place of +=").click()
    assert page.locator("b.wrong").first.is_visible()


def test_the_screen_as_python_names_what_is_missing(opened):
    code = opened(explore(graph_with(UNSPELLED))).evaluate("() => window.page.python()")
    names = {"unspelled": UNSPELLED}
    exec(code.rpartition("explore(")[0], names)
    assert names["n0"].label == "a"
    assert "# unspelled: an operation of your own" in code


def test_a_page_that_learns_needs_to_compute():
    model = MLP(2, [2, 1], "tanh", seed=1)
    unspelled = lambda predicted, target: UNSPELLED(predicted - target)
    with pytest.raises(ValueError, match="unspelled"):
        explore(model, [[0.5, -1.0], [1.0, 0.0]], [1.0, 0.0], loss=unspelled)
