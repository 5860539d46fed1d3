"""Labels are texts whatever is in them; a page asks for nothing, and could not."""

import pytest

from autograd import Value, explore, group
from nn import MLP

HOSTILE = [
    "</script><script>window.broken = 1</script>",
    "<img src=x onerror='window.broken = 1'>",
    "\"'><svg onload=window.broken=1>",
    "<!--<script>",
    "]]>&lt;b&gt;&amp;",
    "{{constructor.constructor('window.broken = 1')()}}",
    "\u202ereversed\u2028line\u0000",
    "x" * 5000,
    "\ud800",
    "javascript:window.broken=1",
    "__proto__",
    "\ue000\ue001",
]


def hostile_graph():
    leaves = [Value(0.5 + number, label=label) for number, label in enumerate(HOSTILE)]
    with group(HOSTILE[1]):
        y = leaves[0]
        for leaf in leaves[1:]:
            y = (y * leaf).tanh() + leaf
            y.label = leaf.label
    return y


@pytest.mark.parametrize("level", ["operation", "layer"])
def test_hostile_labels_are_inert(level, opened):
    page = opened(explore(hostile_graph(), level=level))
    for node in page.evaluate("() => window.page.model.nodes.editable"):
        page.evaluate("(node) => window.page.store.set({picked: node})", node)
    page.evaluate("() => window.page.python()")
    assert page.evaluate("() => window.broken") is None
    assert page.locator("img, iframe, object, embed").count() == 0
    assert page.evaluate("() => document.scripts.length") == 2


def test_hostile_labels_as_python(opened, tmp_path, monkeypatch):
    output = hostile_graph()
    code = opened(explore(output)).evaluate("() => window.page.python()")
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(code, names)
    made = names["n0"]
    assert made.label == HOSTILE[0]


TRIED = """async () => {
    const tried = [];
    try { await fetch(location.href); tried.push("fetch"); } catch { }
    const script = document.createElement("script");
    script.textContent = "window.broken = 1";
    document.head.append(script);
    if (window.broken) tried.push("script");
    const style = document.createElement("style");
    style.textContent = "body { outline: 7px solid red }";
    document.head.append(style);
    if (getComputedStyle(document.body).outlineWidth === "7px") tried.push("style");
    return tried;
}"""


def test_the_policy_refuses_what_is_not_the_page_s_own(usual, tmp_path):
    page = usual.new_page()
    page.goto(explore(Value(1.0, label="a") * 2.0).save(tmp_path / "page.html").as_uri())
    assert page.evaluate(TRIED) == []
    page.goto("about:blank")
    assert page.evaluate(TRIED) != []  # what is tried would work elsewhere
    page.close()


def test_in_a_notebook_the_page_takes_the_place_of_the_picture(usual, tmp_path):
    loss = (MLP(2, [2, 1], "tanh", seed=1)([0.5, -1.0]) - 1.0) ** 2
    shown = explore(loss)._repr_html_()
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8><div>{shown}</div>", encoding="utf-8")
    page = usual.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    assert frame.locator("h2").inner_text().startswith("Why does")
    assert not page.locator("img").is_visible()
    # Where a notebook is not trusted, frames go and pictures stay.
    page.evaluate("() => document.querySelector('iframe').remove()")
    page.evaluate("() => { document.querySelector('img').hidden = false; }")
    assert page.evaluate("() => document.querySelector('img').naturalWidth") > 0
    assert complaints == []
    page.close()
