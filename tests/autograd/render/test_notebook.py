"""In notebooks: trusted, with tooltips and in the page's colours; stripped, with what stands in."""

import base64
import sys
from html.parser import HTMLParser

import pytest

from autograd import Value, draw

# What the sanitizer of JupyterLab 4 leaves, of what is used here.
KEPT = {"div", "img", "pre"}
KEPT_ATTRIBUTES = {"class", "hidden", "style", "title", "src", "alt"}
SILENT = {"style", "script"}


class Sanitized(HTMLParser):
    """What a reader sees of HTML in a notebook that is not trusted."""

    def __init__(self):
        super().__init__()
        self.hidden, self.silent, self.seen, self.images = 0, 0, [], []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        if tag in SILENT:
            self.silent += 1
        if tag == "div" and (self.hidden or "hidden" in names):
            self.hidden += 1
        if tag == "img" and not self.hidden:
            self.images.append(names["src"])

    def handle_endtag(self, tag):
        self.silent -= tag in SILENT
        self.hidden -= tag == "div" and self.hidden > 0

    def handle_data(self, data):
        if not self.hidden and not self.silent:
            self.seen.append(data.strip())


def sanitized(html):
    reader = Sanitized()
    reader.feed(html)
    return "".join(reader.seen), reader.images


def drawing(label="w < 1"):
    x = Value(3.0, label=label)
    return draw(x * x)


def test_a_trusted_notebook_gets_an_svg_with_tooltips():
    bundle = drawing()._repr_mimebundle_()
    assert bundle["text/plain"] == drawing().tree()
    html = bundle["text/html"]
    assert "<title>w &lt; 1 (n0): data 3.0</title>" in html
    assert '[data-jp-theme-light="false"]' in html
    assert bundle["image/svg+xml"].startswith("<svg")


@pytest.mark.parametrize("label", ["w < 1", "</div><b>out</b>", "</style><p>", "<!--"])
def test_an_untrusted_one_gets_a_png_and_no_heap_of_words(label):
    words, pictures = sanitized(drawing(label)._repr_mimebundle_()["text/html"])
    assert words == ""
    (address,) = pictures
    assert base64.b64decode(address.partition(",")[2]).startswith(b"\x89PNG")


def test_the_png_is_made_once_for_a_display(monkeypatch):
    made = []
    monkeypatch.setattr(
        "autograd.render.drawing.png_bytes", lambda *args: made.append(args) or b"\x89PNG"
    )
    shown = drawing()
    for _ in range(2):
        assert {"text/html", "image/png"} <= set(shown._repr_mimebundle_())
    assert len(made) == 1


def test_without_the_extra_it_gets_the_tree(monkeypatch):
    for name in ("resvg_py", "typst"):
        monkeypatch.setitem(sys.modules, name, None)
    bundle = drawing()._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/svg+xml", "text/plain"}
    words, pictures = sanitized(bundle["text/html"])
    assert words == drawing().tree()
    assert pictures == []


def test_a_large_picture_has_no_png_that_takes_long_at_every_display(monkeypatch):
    monkeypatch.setattr("autograd.render.drawing._MOST_SHOWN", 10_000.0)
    bundle = drawing()._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/svg+xml", "text/plain"}
    words, pictures = sanitized(bundle["text/html"])
    assert (words, pictures) == (drawing().tree(), [])


@pytest.mark.parametrize("kind", ["image/png", "text/html"])
def test_only_what_is_asked_for_is_made(kind):
    assert set(drawing()._repr_mimebundle_(include=[kind])) == {kind}
    assert kind not in drawing()._repr_mimebundle_(exclude=[kind])
