"""SVG as text: every mark as it is told, light attributes on each, one style sheet of its own."""

import re
from xml.etree import ElementTree

import pytest

from autograd import Value, draw
from autograd.render import palette
from autograd.render.scene import Circle, Cluster, Curve, Rectangle, Scene, Words
from autograd.render.typography import text_width
from autograd.render.writers.svg import source as svg_text

SVG = "{http://www.w3.org/2000/svg}"
MARKS = (
    Rectangle(1, 2, 30, 20, 4, palette.PARAMETER_FILL, palette.INK, 1.1, 0.5),
    Circle(50, 20, 9.06, None, palette.PATHS[1], 2.2, (4, 2)),
    Curve(
        (("M", 0, 0), ("L", 5, 0), ("L", 5, 7), ("C", 1, 2, 3, 4, 5, 6), ("Z",)),
        palette.LINE, 1.0, palette.PAPER, (3,), 0.25, "round",
    ),
    Words(9, 9, "<&> \u2202", palette.INK, 11.0, "middle", bold=True, italic=True, halo=True),
)  # fmt: skip


def drawn(*marks, hint="", name="it"):
    return ElementTree.fromstring(svg_text(Scene("s", 90, 40, (Cluster(name, hint, marks),))))


def test_marks_are_drawn_as_they_are_told():
    group = drawn(*MARKS, hint='say "<hi>"').find(f"{SVG}g")
    title, rectangle, circle, path, text = group
    assert title.text == 'say "<hi>"'
    assert group.get("id") == "it"
    assert rectangle.attrib == {
        "x": "1", "y": "2", "width": "30", "height": "20", "rx": "4", "fill": "#FFF4D1",
        "stroke": "#1F2933", "stroke-width": "1.1", "opacity": "0.5",
    }  # fmt: skip
    assert circle.attrib == {
        "cx": "50", "cy": "20", "r": "9.1", "fill": "none", "stroke": "#C85200",
        "stroke-width": "2.2", "stroke-dasharray": "4 2",
    }  # fmt: skip
    assert path.get("d") == "M0 0H5V7C1 2 3 4 5 6Z"
    assert (path.get("stroke-linecap"), path.get("opacity")) == ("round", "0.25")
    assert (path.get("stroke-dasharray"), path.get("fill")) == ("3", "#FFFFFF")
    assert text.text == "<&> \u2202"
    assert (text.get("text-anchor"), text.get("font-weight")) == ("middle", "bold")
    assert (text.get("font-style"), text.get("paint-order")) == ("italic", "stroke")


def test_what_has_neither_name_nor_hint_stands_in_no_group():
    root = drawn(*MARKS, name="")
    assert root.find(f"{SVG}g") is None
    assert [child.tag[len(SVG) :] for child in root][2:] == [
        "rect",
        "rect",
        "circle",
        "path",
        "text",
    ]


def sheet(svg):
    return ElementTree.fromstring(svg).find(f"{SVG}style").text


def test_every_colour_has_a_variable_and_a_dark_side():
    svg = svg_text(Scene("s", 90, 40, (Cluster("", "", MARKS),)))
    system, *rest = sheet(svg).split("\n")
    assert system.startswith("@media screen and (prefers-color-scheme:dark){")
    for colour in {mark for mark in svg_colours(svg) if mark != "none"}:
        assert f'="{colour}"]' in sheet(svg)
    for colour in (palette.INK, palette.PAPER, palette.PATHS[1], palette.LINE):
        assert f"--chainrule-{colour.name}:{colour.dark};" in system
        assert f"var(--chainrule-{colour.name},{colour})" in "".join(rest)
    assert "--chainrule-path-3" not in svg


def svg_colours(svg):
    root = ElementTree.fromstring(svg)
    return {element.get(how) for element in root.iter() for how in ("fill", "stroke")} - {None}


def test_a_sheet_touches_only_its_own_picture():
    """Each rule speaks of the class that follows from the sheet, and of nothing else."""
    x = Value(3.0, "x")
    one, other = draw(x * x).svg(), draw((x * x).tanh() * 2.0, x).svg()
    names = [ElementTree.fromstring(svg).get("class") for svg in (one, other)]
    assert names[0] != names[1]
    for svg, name in zip((one, other), names, strict=True):
        inside = re.sub(r"@media [^{]*\{", "", sheet(svg))
        for selector in re.findall(r"([^{}]+)\{[^{}]*\}", inside):
            assert f".{name}" in selector.strip().split(") ")[-1], selector
    assert names[0] == ElementTree.fromstring(draw(x * x).svg()).get("class")


def test_a_picture_fits_what_it_stands_in():
    root = drawn(*MARKS)
    assert root.get("style") == "max-width:100%;height:auto"
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"


@pytest.mark.parametrize("number", [0.04, -0.04, 123456.789, 1e-9, 99999.96])
def test_coordinates_have_one_decimal(number):
    x = drawn(Rectangle(number, 0, 1, 1, 0, palette.INK)).find(f"{SVG}g/{SVG}rect").get("x")
    assert float(x) == pytest.approx(number, abs=0.05001)
    assert "e" not in x
    assert x != "-0"


def written(text, **look):
    words = Words(50.0, 20.0, text, palette.INK, 10.0, **look)
    scene = Scene("s", 90.0, 40.0, (Cluster("", "", (words,)),))
    return list(ElementTree.fromstring(svg_text(scene)).iter(f"{SVG}text"))


@pytest.mark.parametrize(
    ("text", "plain", "heights"),
    [
        ("w", "w", []),
        ("x₁", "x1", [2.0]),
        ("w₁₁⁽²⁾ = 3", "w11(2) = 3", [2.0, -3.6, 0.0]),
        ("∂L/∂b₁", "∂L/∂b1", [2.0]),
        ("½ Σ (t − y)²", "½ Σ (t − y)2", [-3.6]),
        ("a⁽¹⁾<b>₁", "a(1)<b>1", [-3.6, 0.0, 2.0]),
    ],
)
def test_indices_are_letters_of_the_same_font_below_and_above_the_line(text, plain, heights):
    (element,) = written(text)
    assert "".join(element.itertext()) == plain
    assert (element.get("aria-label") or element.text) == text
    y, found = 0.0, []
    for part in element.iter(f"{SVG}tspan"):
        y += float(part.get("dy"))
        found.append(pytest.approx(y, abs=0.01))
        assert (part.get("font-size") == "74%") is (abs(y) > 0.01)
    assert heights == found


@pytest.mark.parametrize("anchor", ["start", "middle", "end"])
@pytest.mark.parametrize("text", ["① 0.5 × 2 = 1", "−1.192 ②"])
def test_the_mark_of_a_path_is_a_text_of_its_own(text, anchor):
    words = Words(50.0, 20.0, text, palette.INK, 10.0, anchor)
    first, second = written(text, anchor=anchor)
    assert f"{first.text} {second.text}" == text
    ends = []
    for element in (first, second):
        x, width = float(element.get("x")), text_width(element.text, 10.0)
        left = x - width * {"end": 1.0}.get(element.get("text-anchor"), 0.0)
        ends += [left, left + width]
    assert ends == sorted(ends)
    assert ends[0] == pytest.approx(words.left, abs=0.1)
    assert ends[-1] == pytest.approx(words.left + words.room, abs=0.1)
