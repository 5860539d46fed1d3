"""Events are those of `backward_steps`, right and wrong; whoever comes back finds all as it was."""

import math

import pytest

from autograd import backward_steps, explore
from autograd.graph import topological_order
from nn import MLP
from tests.random_graphs import random_graph

RUN = """(manner) => {
    window.page.store.set({manner});
    return window.page.events.steps;
}"""
SCREEN = """() => {
    const {figure, panel, timeline} = window.page;
    const sorted = (text) => text.split(" ").filter(Boolean).sort().join(" ");
    const drawn = [figure.element, ...figure.element.querySelectorAll("*")].map((element) => {
        const attributes = [...element.attributes].map((one) => `${one.name}=${sorted(one.value)}`);
        return [element.tagName, ...attributes.filter((one) => one !== "class=").sort()].join(" ");
    });
    const texts = [...figure.element.querySelectorAll("text")].map((text) => text.textContent);
    return [drawn, texts, panel.element.innerHTML, timeline.line.textContent];
}"""
PRESSED = """([name, times]) => {
    const button = document.querySelector(`.timeline button[aria-label="${name}"]`);
    const seen = [];
    for (let time = 0; time < times; time++) {
        button.click();
        seen.push(document.querySelector(".event").textContent);
    }
    return seen;
}"""


def wrong_order(page):
    return page.evaluate("() => Object.keys(window.page.model.orders)[0]")


def compare(page, output):
    order = topological_order(output)
    place = {node: number for number, node in enumerate(order)}
    manners = {"right": {}, "assign": {"accumulate": False}}
    if wrong_order(page):
        manners["order"] = {"order": wrong_order(page)}
    for manner, settings in manners.items():
        right = backward_steps(output, **settings)
        steps = page.evaluate(RUN, manner)
        assert len(steps) == len(right)
        for got, step in zip(steps, right, strict=True):
            assert (got["node"], got["target"]) == (place[step.node], place[step.target])
            assert got["pending"] == step.pending
            for name, wanted in (
                ("upstream", step.upstream), ("share", step.contribution), ("total", step.total),
            ):  # fmt: skip
                assert math.isclose(got[name], wanted, rel_tol=1e-9, abs_tol=1e-12)
            assert bool(got["flaw"]) == bool(step.flaw)


def network():
    loss = (MLP(2, [2, 2, 1], "tanh", seed=3)([0.5, -1.0]) - 1.0) ** 2
    loss.label = "L"
    return loss


def test_steps_of_a_network(opened):
    output = network()
    compare(opened(explore(output)), output)


@pytest.mark.parametrize("seed", range(5))
def test_steps_of_random_graphs(seed, opened):
    _, output = random_graph(seed)
    compare(opened(explore(output)), output)


def test_to_the_end_and_back(opened):
    page = opened(explore(network()))
    before = page.evaluate(SCREEN)
    count = page.evaluate("() => window.page.events.count")
    seen = page.evaluate(PRESSED, ["one event on", count])
    assert len(set(seen)) == count
    assert page.evaluate("() => window.page.store.state.time") is None
    assert page.evaluate(SCREEN) == before
    page.evaluate(PRESSED, ["one event back", count])
    assert page.evaluate("() => window.page.store.state.time") == 0
    page.evaluate(PRESSED, ["to the end", 1])
    assert page.evaluate(SCREEN) == before


def test_what_is_not_known_yet_is_not_shown(opened):
    page = opened(explore(network(), level="operation"))
    page.get_by_role("button", name="to the beginning").click()
    shown = (
        "() => window.page.figure.bound.filter((one) => one.kind !== 'e').map((one) => one.text)"
    )
    texts = page.evaluate(shown)
    assert sum(text.endswith("·") for text in texts) > len(texts) / 3
    assert page.locator(".box.future").count() > 0


def test_the_wrong_number_stands_beside_the_right_one(opened):
    output = network()
    page = opened(explore(output))
    page.get_by_role("button", name="= in place of +=").click()
    verdict = page.locator(".verdict").inner_text()
    assert "this sweep:" in verdict
    assert "right:" in verdict
    assert "✗" in verdict
    page.get_by_role("button", name="right order").click()
    assert page.locator(".verdict").count() == 0
