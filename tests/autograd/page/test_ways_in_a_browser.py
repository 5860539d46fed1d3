"""Points on a line are where the browser has them; of a vast drawing what is in view is drawn."""

import pytest

from autograd import Value, explore
from autograd.lettering import format_number
from autograd.page.sources import script
from nn import MLP

WAYS = [
    "M10 20L110 20", "M0 0L30 40L30 100", "M10 10C60 10 60 90 110 90L140 90",
    "M5 80C20 0 90 160 130 20",
]  # fmt: skip
POINTS = """(d) => {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    return [0, 0.2, 0.35, 0.5, 0.82, 1].map((share) => {
        const {x, y} = path.getPointAtLength(share * path.getTotalLength());
        const ours = window.pointAlong(d, share);
        return Math.hypot(ours.x - x, ours.y - y);
    });
}"""


@pytest.mark.parametrize("way", WAYS)
def test_points_along_a_way(way, usual):
    page = usual.new_page()
    page.evaluate(
        f"() => {{ window.pointAlong = (() => {{ {script('ways')} return pointAlong; }})(); }}"
    )
    assert max(page.evaluate(POINTS, way)) < 1.0
    page.close()


def long_chain(steps=200):
    x = Value(0.5, label="x")
    y = x
    for _ in range(steps):
        y = (y * 0.99 + 0.01).tanh()
    return y


DRAWN = """() => [...window.page.figure.element.querySelectorAll(".box")].filter(
    (box) => box.getBoundingClientRect().width > 0).map((box) => Number(box.dataset.box))"""


def test_a_vast_drawing_is_drawn_where_it_is_seen(opened):
    page = opened(explore(long_chain(), level="operation"))
    assert page.evaluate("() => window.page.figure.culling.isNeeded")
    count = page.evaluate("() => window.page.figure.boxes.length")
    first = set(page.evaluate(DRAWN))
    assert 0 < len(first) < count // 2
    page.evaluate("() => window.page.store.set({picked: window.page.model.output})")
    page.evaluate("() => { window.page.view.frame(0, 0, 1e6, 1e3); window.page.view.fit(true); }")
    assert page.evaluate("() => window.page.figure.element.classList.contains('far')")
    last = page.evaluate("() => window.page.stations[window.page.stations.length - 1]")
    page.evaluate("() => { window.page.view.zoom(1 / window.page.view.scale); }")
    page.evaluate("([x, y]) => window.page.view.reveal(x, y)", [last["x"], last["y"]])
    now = set(page.evaluate(DRAWN))
    assert now
    assert now != first
    # The stop of Tab is drawn wherever it is: else the keyboard could not reach the figure.
    assert page.evaluate("() => window.page.tabStop.getBoundingClientRect().width > 0")


def test_the_keyboard_walks_out_of_view(opened):
    page = opened(explore(long_chain(), level="operation"))
    page.evaluate("() => window.page.tabStop.focus()")
    for _ in range(30):  # long chains are folded into rows
        page.keyboard.press("ArrowDown")
    assert page.evaluate("() => document.activeElement === window.page.tabStop")
    assert page.evaluate("() => window.page.store.state.picked") > 100


WRITTEN = """() => [...window.page.figure.element.querySelectorAll(".box")].filter(
    (box) => box.getBoundingClientRect().width > 0).map((box) => box.textContent)"""


def test_what_comes_into_view_after_an_edit_has_its_numbers(opened):
    chain = long_chain()
    page = opened(explore(chain, level="operation"))
    page.evaluate("() => window.page.edit(0, 0.25)")
    end = page.evaluate("() => window.page.stations[window.page.stations.length - 1]")
    page.evaluate("([x, y]) => window.page.view.reveal(x, y)", [end["x"], end["y"]])
    seen = page.evaluate(WRITTEN)
    fragment = f"#level=operation&set=0:0.25&at={end['pick']}"
    again = opened(explore(chain, level="operation"), fragment).evaluate(WRITTEN)
    assert set(again) & set(seen)
    told = page.evaluate(
        "(pick) => window.page.words.name(pick) && window.page.figure.boxes"
        ".find((box) => box.pick === pick).element.getAttribute('aria-label')",
        end["pick"],
    )
    value = page.evaluate("(pick) => window.page.tape.values[pick]", end["pick"])
    assert f"value {format_number(value)}" in told.replace("\u2212", "-")


@pytest.mark.parametrize("width", [1240, 500])
def test_arrow_keys_lead_along_a_chain_from_row_to_row(width, opened):
    viewport = {"width": width, "height": 780}
    page = opened(explore(long_chain(steps=25), level="operation"), viewport=viewport)
    assert page.evaluate("() => new Set(window.page.stations.map(({y}) => y)).size") > 3
    page.evaluate("() => window.page.tabStop.focus()")
    picked = "() => window.page.store.state.picked"
    output = page.evaluate("() => window.page.model.output")
    for key, end in (("ArrowRight", output), ("ArrowLeft", 0)):
        for _ in range(100):
            page.keyboard.press(key)
            if page.evaluate(picked) == end:
                break
        assert page.evaluate(picked) == end


def test_a_network_of_many_lines_opens_as_layers(opened):
    y = MLP(2, [60, 40, 1], "tanh", seed=1)([0.5, -1.0])
    page = opened(explore(y))
    assert page.evaluate("() => window.page.store.state.level") == "layer"
    page.evaluate("() => window.page.store.set({level: 'neuron'})")
    assert page.evaluate("() => window.page.figure.culling.isNeeded")
    weight = page.evaluate("() => window.page.model.nodes.editable[5]")
    page.evaluate("(weight) => window.page.store.set({picked: weight})", weight)
    assert page.locator(".line.asked").count() == 1
