"""Everything by keyboard, on any screen, in light and dark; axe finds nothing."""

import importlib.resources
import itertools

import pytest

from autograd import explore
from nn import MLP


def network():
    loss = (MLP(2, [4, 4, 1], "tanh", seed=3)([0.5, -1.0]) - 1.0) ** 2
    loss.label = "L"
    return explore(loss)


@pytest.fixture(scope="module")
def exploration():
    return network()


def violations(page):
    pytest.importorskip("axe_playwright_python", reason="needs the extra `browser`")
    source = importlib.resources.files("axe_playwright_python") / "axe.min.js"
    # By the debugger: the page itself may not be given any code.
    page.evaluate(source.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document)")
    return [
        (one["id"], [node["html"][:120] for node in one["nodes"]][:3])
        for one in found["violations"]
    ]


@pytest.mark.parametrize(
    ("scheme", "fragment", "width"),
    [
        ("light", "#level=neuron", 1240),
        ("dark", "#level=operation&sweep=assign&time=30", 1240),
        ("light", "#level=layer", 400),
    ],
)
def test_axe_finds_nothing(scheme, fragment, width, exploration, opened):
    viewport = {"width": width, "height": 780}
    page = opened(exploration, fragment, color_scheme=scheme, viewport=viewport)
    assert violations(page) == []


@pytest.mark.parametrize(("width", "height"), [(400, 800), (1000, 700), (2000, 1100)])
def test_nothing_is_cut_off(width, height, exploration, opened):
    page = opened(exploration, viewport={"width": width, "height": height})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    for name in ("play", "copy as Python", "zoom in", "neurons"):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_twice_the_size(exploration, opened):
    page = opened(exploration, viewport={"width": 620, "height": 390}, device_scale_factor=2)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 620
    page.get_by_role("button", name="copy as Python").scroll_into_view_if_needed()


@pytest.mark.parametrize(("width", "height"), [(400, 800), (620, 390), (800, 600)])
def test_on_a_narrow_screen_the_figure_is_whole_and_nothing_overlaps(
    width, height, exploration, opened
):
    page = opened(exploration, viewport={"width": width, "height": height})
    figure = page.locator(".figure").bounding_box()
    for box in page.locator(".box > .shape").all():
        assert_within(box.bounding_box(), figure)
    parts = ["header", ".figure", ".zooms", ".legend", ".time", ".why", ".change"]
    boxes = [page.locator(part).bounding_box() for part in parts]
    for upper, lower in itertools.pairwise(boxes):
        assert upper["y"] + upper["height"] <= lower["y"] + 1.0


def assert_within(inner, outer):
    assert inner["x"] >= outer["x"]
    assert inner["y"] >= outer["y"]
    assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]
    assert inner["y"] + inner["height"] <= outer["y"] + outer["height"]


def test_everything_by_keyboard(exploration, opened):
    page = opened(exploration)
    state = "() => window.page.store.state"
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("() => document.activeElement.closest('.figure') !== null"))
        if reached[-1]:
            break
    assert reached[-1]
    picked = {page.evaluate(state)["picked"]}
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowRight", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        picked.add(page.evaluate(state)["picked"])
    assert len(picked) >= 4
    page.keyboard.press(".")
    assert page.evaluate(state)["time"] == 1
    page.keyboard.press(",")
    assert page.evaluate(state)["time"] == 0
    scale = page.evaluate("() => window.page.view.scale")
    page.keyboard.press("+")
    assert page.evaluate("() => window.page.view.scale") > scale
    page.keyboard.press("Escape")
    assert page.evaluate(state)["picked"] is None
    page.locator(".finder input").focus()
    page.keyboard.type("w_32^(2)")
    assert page.evaluate("() => window.page.words.name(window.page.store.state.picked)") == "w₃₂⁽²⁾"


def test_focus_tells_the_sentences(exploration, opened):
    page = opened(exploration)
    page.locator("[tabindex='0'][data-pick]").focus()
    told = page.evaluate("() => document.activeElement.getAttribute('aria-label')")
    assert "value" in told
    page.wait_for_function("() => document.querySelector('.heard').textContent !== ''")


def test_reduced_motion_moves_nothing(exploration, opened):
    page = opened(exploration, reduced_motion="reduce")
    moving = "() => document.getAnimations().length"
    page.evaluate("() => window.page.store.set({pointed: window.page.model.output})")
    assert page.evaluate(moving) == 0
