"""Only the paths, what they cost, and text of another size."""

from __future__ import annotations

import math

import pytest

from autograd import Value, draw, multiplications, use_counts
from autograd.render.levels import scene_of
from autograd.render.scene import Circle, Curve, Rectangle, Words
from nn import MLP, squared_error
from tests.autograd.render.legible import faults, marks


@pytest.fixture
def loss():
    model = MLP(2, [2, 3, 1], "tanh", seed=3)
    y = model([0.5, -1.0])
    found = 0.5 * (1.0 - y) ** 2 + squared_error(y, 2.0)
    found.label = "L"
    found.backward()
    return found


@pytest.mark.parametrize("level", ["operation", "neuron", "layer"])
@pytest.mark.parametrize("name", ["w_11^(1)", "b_1^(3)", "z_1^(2)", "x_1"])
def test_what_is_on_no_path_is_left_out(loss, level, name):
    if name == "x_1":
        name = next(leaf for leaf in loss.leaves() if leaf.label == "w_21^(2)")
    whole = draw(loss, highlight=name, level=level)._picture
    only = draw(loss, highlight=name, level=level, only_paths=True)._picture
    lit = {box.name for box in whole.boxes if box.emphasis == "lit"}
    kept = {box.name for box in only.boxes}
    assert lit <= kept
    assert all(box.kind == "constant" for box in only.boxes if box.name not in lit)
    lines = {arrow.name for arrow in whole.arrows if arrow.emphasis == "lit"}
    assert lines <= {arrow.name for arrow in only.arrows}
    names = [box.name for box in whole.boxes]
    ends = {arrow.name: (names[arrow.tail], names[arrow.head]) for arrow in whole.arrows}
    for arrow in only.arrows:
        found = only.boxes[arrow.tail].name, only.boxes[arrow.head].name
        assert found == ends[arrow.name]
    assert {box.column for box in only.boxes} == set(range(1 + max(b.column for b in only.boxes)))
    small, large = scene_of(only), scene_of(whole)
    assert small.width * small.height <= large.width * large.height + 1e-6


def test_operations_that_are_left_are_those_on_paths(loss):
    w = next(leaf for leaf in loss.leaves() if leaf.label == "w_11^(1)")
    only = draw(loss, highlight=w, level="operation", only_paths=True)._picture
    lit = [box for box in only.boxes if box.emphasis == "lit"]
    assert len(lit) == len(use_counts(w, loss).nodes)


def test_without_a_highlight_there_are_no_paths_to_keep(loss):
    with pytest.raises(ValueError, match="needs a highlight"):
        draw(loss, only_paths=True)


@pytest.mark.parametrize("level", ["operation", "neuron", "layer"])
def test_costs_are_those_of_multiplications(loss, level):
    w = next(leaf for leaf in loss.leaves() if leaf.label == "w_11^(1)")
    found = multiplications(loss, w)
    assert draw(loss, highlight=w, level=level, costs=True).caption[-1] == (
        f"multiplications of local derivatives: path by path {found.path_by_path}, "
        f"forward mode {found.forward}, reverse mode {found.reverse}"
    )
    found = multiplications(loss)
    assert f"path by path {found.path_by_path}," in draw(loss, level=level, costs=True).caption[-1]


@pytest.mark.parametrize("level", ["operation", "neuron", "layer"])
def test_everything_grows_with_the_text(loss, level):
    small = scene_of(draw(loss, highlight="w_11^(1)", level=level)._picture)
    large = scene_of(draw(loss, highlight="w_11^(1)", level=level, font_size=18)._picture)
    assert large.width == pytest.approx(1.5 * small.width)
    assert large.height == pytest.approx(1.5 * small.height)
    for one, other in zip(small.clusters, large.clusters, strict=True):
        assert one.id == other.id
        for mark, grown in zip(one.marks, other.marks, strict=True):
            if isinstance(mark, Words):
                assert (grown.text, grown.size) == (mark.text, pytest.approx(1.5 * mark.size))
            if isinstance(mark, (Words, Rectangle, Circle)):
                assert math.hypot(grown.x, grown.y) == pytest.approx(
                    1.5 * math.hypot(mark.x, mark.y)
                )
            if isinstance(mark, Curve):
                assert grown.width == pytest.approx(1.5 * mark.width)
                for segment, longer in zip(mark.segments, grown.segments, strict=True):
                    assert longer[0] == segment[0]
                    assert longer[1:] == pytest.approx([1.5 * x for x in segment[1:]])


@pytest.mark.parametrize(
    ("size", "error"), [("12", TypeError), (True, TypeError), (None, TypeError), (3, ValueError),
                        (1000, ValueError), (math.nan, ValueError), (math.inf, ValueError)],
)  # fmt: skip
def test_sizes_that_no_text_has_are_refused(size, error):
    with pytest.raises(error, match="font_size"):
        draw(Value(1.0) * 2.0, font_size=size)


@pytest.mark.parametrize("level", ["operation", "neuron", "layer"])
def test_a_narrow_picture_can_be_read_in_a_column_of_400_pixels(loss, level):
    wide = scene_of(draw(loss, highlight="w_11^(1)", level=level)._picture)
    scene = scene_of(draw(loss, highlight="w_11^(1)", level=level, narrow=True)._picture)
    assert scene.width <= wide.width
    assert len(faults(scene)) <= len(faults(wide)) * (level == "operation")
    smallest = min(mark.size for _, mark in marks(scene, Words))
    if level != "operation":  # what cannot be cut into rows stays wide
        assert smallest * min(400.0 / scene.width, 1.0) > 7.5


def test_a_narrow_chain_of_operations_is_folded():
    y = Value(0.5)
    for _ in range(8):
        y = y.tanh()
    assert scene_of(draw(y)._picture).width > 500.0
    assert scene_of(draw(y, narrow=True)._picture).width <= 470.0


def test_in_a_narrow_network_circles_hold_a_and_the_caption_says_so(loss):
    said = draw(loss, highlight="w_11^(1)", narrow=True).caption
    assert any(line.startswith("in the circles: a;") for line in said)
    assert draw(loss, highlight="w_11^(1)").caption[:3] == said[:3]  # the same paths
    with pytest.raises(ValueError, match="narrow=True goes with the built-in layout"):
        draw(loss, narrow=True, drawn_by="dot")
