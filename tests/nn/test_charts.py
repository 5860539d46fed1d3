"""Charts: saved whole or not at all, the same every time, legible everywhere, told in words."""

import builtins
import itertools
import os
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from nn import chart_svg
from nn.charts import INK, QUIET, SERIES, Chart, _apart, label_ends

pytestmark = pytest.mark.any_engine
LIGHT, DARK = "#FFFFFF", "#14181D"


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", [LIGHT, DARK])
def test_colours_keep_their_contrast(ground):
    assert min(contrast(colour, ground) for colour in SERIES) >= 3.0
    assert contrast(INK, ground) >= 4.0
    assert contrast(QUIET, ground) >= 2.4
    inks = {LIGHT: chart_svg._INK_ON_LIGHT, DARK: chart_svg._INK_ON_DARK}
    assert contrast(inks[ground], ground) > 12


def lines(figure):
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], [0, 1], [1, 0.99], [0, 1], [1, 0.98])
    axes.set_xlabel("a < b")
    label_ends(axes, [(1, 1, "one", SERIES[0]), (1, 0.99, "two", SERIES[1]), (1, 0.98, "3", INK)])


def dots(figure):
    figure.add_subplot().plot([0, 1], [0, 1], "o", color=INK)


@pytest.fixture
def chart():
    """Draw in a third of the time of `lines`."""
    pytest.importorskip("matplotlib")
    return Chart(dots, title="ends & <starts>", text="two < three")


@pytest.mark.parametrize(
    ("suffix", "start"), [("svg", b"<svg"), ("PNG", b"\x89PNG"), ("pdf", b"%PDF")]
)
def test_it_is_saved_in_the_format_of_the_suffix_the_same_every_time(
    chart, tmp_path, suffix, start
):
    path = tmp_path / f"picture.{suffix}"
    path.write_text("before")
    chart.save(path, dpi=50)
    first = path.read_bytes()
    assert first.startswith(start)
    Chart(dots, title=chart.title, text=chart.text).save(os.fsencode(path), dpi=50)
    assert path.read_bytes() == first
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["picture.gif", "picture", "svg"])
def test_an_unknown_suffix_is_refused_before_anything_is_drawn(name, tmp_path):
    chart = Chart(lambda figure: pytest.fail("drawn"))
    with pytest.raises(ValueError, match=r"one of \.svg, \.png, \.pdf"):
        chart.save(tmp_path / name)


def test_a_file_that_cannot_be_replaced_stays_and_nothing_is_left_beside(
    chart, tmp_path, monkeypatch
):
    path = tmp_path / "picture.svg"
    path.write_text("before")

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        chart.save(path)
    assert path.read_text() == "before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["picture.svg"]


def test_svg_is_well_formed_named_and_touches_only_itself(chart):
    svg = chart.svg()
    root = ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("width") == "614.4"
    assert root.find(f"{space}title").text == "ends & <starts>"
    assert root.find(f"{space}desc").text == "two < three"
    sheets = [sheet.text for sheet in root.iter(f"{space}style")]
    assert len(sheets) == 2
    assert all(".chainrule-chart" in sheet for sheet in sheets)
    assert "*{" not in sheets[1].replace(".chainrule-chart *{", "")
    assert f"stroke: {INK.lower()}" in svg or f"fill: {INK.lower()}" in svg
    assert chart._repr_html_() == chart._repr_svg_() == svg


def test_the_look_leaves_no_trace_and_wakes_no_backend(chart):
    import matplotlib

    before, had_pyplot = dict(matplotlib.rcParams), "matplotlib.pyplot" in sys.modules
    assert chart.figure is chart.figure
    chart.svg()
    assert dict(matplotlib.rcParams) == before
    assert ("matplotlib.pyplot" in sys.modules) == had_pyplot


def test_what_is_added_to_the_figure_is_saved(chart):
    before = chart.svg()
    chart.figure.axes[0].plot([0, 1], [0.5, 0.5])
    assert len(chart.svg()) > len(before)


def test_names_at_ends_do_not_overlap():
    pytest.importorskip("matplotlib")
    chart = Chart(lines)
    chart.figure.draw_without_rendering()
    boxes = sorted(text.get_window_extent().extents.tolist() for text in chart.figure.axes[0].texts)
    assert len(boxes) == 3
    bottoms = sorted((box[1], box[3]) for box in boxes)
    assert all(top <= bottom for (_, top), (bottom, _) in itertools.pairwise(bottoms))
    assert all(box[2] <= chart.figure.bbox.width for box in boxes)


@pytest.mark.parametrize(
    ("heights", "expected"),
    [([], []), ([1.0], [1.0]), ([0.0, 5.0], [0.0, 5.0]), ([1.0, 1.0, 1.0], [-1.0, 1.0, 3.0])],
)
def test_heights_are_moved_apart_and_no_further(heights, expected):
    assert _apart(heights, 2.0) == expected


def test_words_need_no_matplotlib(monkeypatch, tmp_path):
    original = builtins.__import__

    def without(name, *arguments):
        if name.partition(".")[0] == "matplotlib":
            raise ImportError(name)
        return original(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)
    chart = Chart(lines, title="ends", text="1 < 2")
    assert repr(chart) == "ends\n1 < 2"
    assert chart._repr_svg_() is None
    assert chart._repr_html_() == "<pre>ends\n1 &lt; 2</pre>"
    for ask in (lambda: chart.figure, chart.svg, lambda: chart.save(tmp_path / "a.svg")):
        with pytest.raises(ImportError, match=r"pip install .*\[plot\]'"):
            ask()


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((3,), TypeError, "draw must be a function"),
        ((lines, (1,)), ValueError, "width and height"),
        ((lines, (1, 0)), ValueError, "width and height"),
        ((lines, 4), TypeError, "size must be a list"),
        ((lines, ("a", 1)), TypeError, r"size\[0\] must be a real number"),
    ],
)
def test_bad_arguments(arguments, error, words):
    with pytest.raises(error, match=words):
        Chart(*arguments)


def test_a_chart_without_words():
    assert repr(Chart(lines)) == "<Chart>"
