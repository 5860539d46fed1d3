"""What lights up and what the panel says are the paths that Python finds."""

import math
import re

import pytest

from autograd import Value, explore, path_sum, paths
from autograd.graph import topological_order
from autograd.lettering import format_number, typeset
from autograd.page.graph_table import GraphTable
from nn import MLP
from tests.random_graphs import random_graph

MOST = 3000  # paths that are listed to be compared
LIT = """() => {
    const {figure} = window.page;
    const lit = [...figure.element.querySelectorAll(".line.lit")];
    return lit.flatMap((line) => figure.level.lines[Number(line.dataset.line)].edges);
}"""
FOUND = """(node) => {
    window.page.store.set({picked: node, pointed: null});
    const found = window.page.found;
    return {
        count: String(found.count), gradient: found.gradient, remainder: found.remainder,
        products: found.paths.map((path) => path.product),
        edges: found.paths.map((path) => path.edges),
    };
}"""


def edges_of(table, path):
    heads = zip(path.nodes[1:], path.operands, strict=True)
    return [table.edge(node, operand) for node, operand in heads]


def compare(page, table, output, source, *, exact_products):
    found = page.evaluate(FOUND, table.place[source])
    right = path_sum(source, output)
    assert int(found["count"]) == right.count
    assert math.isclose(found["gradient"], right.gradient, rel_tol=1e-12, abs_tol=1e-300)
    total = math.fsum([*found["products"], found["remainder"]])
    scale = max(map(abs, found["products"]), default=0.0)
    assert math.isclose(total, right.gradient, rel_tol=1e-12, abs_tol=1e-12 * scale)
    wanted = [path.product for path in right.paths]
    for got, product in zip(found["products"], wanted, strict=True):
        assert math.isclose(got, product, rel_tol=1e-12)
    if exact_products:  # no two are equal but for rounding, so the order is one
        assert found["edges"] == [edges_of(table, path) for path in right.paths]
    if right.count <= MOST:
        every = {edge for path in paths(source, output) for edge in edges_of(table, path)}
        assert set(page.evaluate(LIT)) == every
    return found


@pytest.mark.parametrize("seed", range(50))
def test_lit_edges_are_those_of_paths(seed, opened):
    leaves, output = random_graph(seed)
    page = opened(explore(output, level="operation"))
    table = GraphTable(output, topological_order(output))
    for leaf in leaves:
        if leaf in table.place and leaf is not output:
            compare(page, table, output, leaf, exact_products=False)


def test_every_weight_of_a_network(opened):
    model = MLP(2, [4, 4, 1], "tanh", seed=3)
    loss = (model([0.5, -1.0]) - 1.0) ** 2
    page = opened(explore(loss, level="operation"))
    table = GraphTable(loss, topological_order(loss))
    for weight in model.parameters():
        compare(page, table, loss, weight, exact_products=True)


def test_the_panel_says_what_path_sum_says(opened):
    model = MLP(2, [4, 4, 1], "tanh", seed=3)
    loss = (model([0.5, -1.0]) - 1.0) ** 2
    loss.label = "L"
    page = opened(explore(loss))
    weight = model.parameters()[0]
    right = path_sum(weight, loss)
    page.evaluate(FOUND, GraphTable(loss, topological_order(loss)).place[weight])
    shown = page.locator(".paths .product").all_inner_texts()
    assert shown == [f"= {typeset(format_number(path.product))}" for path in right.paths]
    assert page.locator(".sum b").inner_text() == typeset(format_number(right.gradient))
    page.wait_for_function("() => document.querySelector('.heard').textContent.includes('Sum')")
    heard = page.locator(".heard").inner_text()
    for path in right.paths:
        assert f"= {typeset(format_number(path.product))}," in heard
    assert heard.endswith(f"{typeset(format_number(right.gradient))}.")


def test_paths_that_add_nothing_are_told_in_one_line(opened):
    """Half of this loss has the factor 1 − t, which is 0 for an example of the second class."""
    model = MLP(2, [4, 4, 1], "tanh", seed=3)
    page = opened(explore(model, [[0.5, -1.0], [1.0, 0.5]], [1, 0], loss="bce_with_logits"))
    weight = page.evaluate("() => window.page.learning.descent.lesson.parameters[0]")
    found = page.evaluate(FOUND, weight)
    assert int(found["count"]) == 8
    assert page.locator(".paths li").count() == 4
    assert "4 more paths, adding 0: a factor is 0, as in" in page.locator(".rest").inner_text()
    assert page.locator(".strand.dashed").count() == 0
    shown = page.locator(".sum .formula").inner_text()
    assert len(re.findall(r"[+\u2212] ", shown)) == 3


def test_a_unit_that_is_dead_shows_its_paths(opened):
    w, x = Value(-2.0, label="w"), Value(1.0, label="x")
    hidden = (w * x).relu()
    page = opened(explore(hidden * 3.0 + hidden * 4.0, level="operation"))
    page.evaluate(FOUND, 0)
    assert page.locator(".paths li").count() == 2
    assert page.locator(".strand.dashed").count() > 0


def test_so_many_paths_that_only_a_rest_tells_of_them(opened):
    x = Value(1.01, label="x")
    y = x
    for _ in range(60):
        y = y * y if _ % 20 == 19 else 0.5 * (y + y)
    page = opened(explore(y, level="operation"))
    found = compare(page, GraphTable(y, topological_order(y)), y, x, exact_products=False)
    assert int(found["count"]) == 2**60
    assert "1.15e18" in page.locator(".lede").inner_text()
    assert page.locator(".rest").is_visible()
