"""Figures of networks: every text in its place, every number that of a node."""

from __future__ import annotations

import pytest

from autograd.lettering import format_number
from autograd.render.levels import picture_of, scene_of
from autograd.render.network.reading import network_view
from autograd.render.scene import Words
from autograd.render.writers.svg import source as svg_text
from nn import MLP, mse
from tests.autograd.render.legible import faults
from tests.autograd.render.network.nets import NETS, lecture, rows, weight

# So many lines cross here that not every label finds a free place.
CROWDED = {"actor_and_critic", "gated", "regularised"}


def figure(output, *sources, **options):
    return picture_of(output, list(sources) or None, "neuron", **options)


@pytest.mark.parametrize("name", NETS)
def test_every_text_is_legible(name):
    output, sources = NETS[name]()
    for asked in ((), *[(source,) for source in sources], sources):
        assert faults(scene_of(figure(output, *asked)), name in CROWDED) == []


@pytest.mark.parametrize("name", NETS)
def test_lines_carry_their_weights_and_discs_the_numbers_of_their_units(name):
    output, _ = NETS[name]()
    view, picture = network_view(output), figure(output)
    stops = [stop for column in view.columns for stop in column]
    adjoints = dict(zip(view.order, output.adjoints_of(view.order), strict=True))
    for arrow in picture.arrows:
        link = view.links[stops[arrow.tail], stops[arrow.head]]
        expected = f"{link.weight.data + 0.0:.3g}" if link.weight is not None else ""
        assert arrow.text == expected
    for stop, box in zip(stops, picture.boxes, strict=True):
        if stop.kind == "unit":
            units = view.at[stop]
            numbers = dict(box.rows)
            count = len(units)
            z = sum(at.net_input.data for at in units) / count
            assert float(numbers["z"]) == pytest.approx(z, rel=1e-3, nan_ok=True)
            if not any(at.whole_layer for at in units) and "a" in numbers:
                a = sum(at.activation.data for at in units) / count
                assert float(numbers["a"]) == pytest.approx(a, rel=1e-3, nan_ok=True)
            deltas = [adjoints[at.net_input] for at in units]
            word, delta = "δ", deltas[0]
            if count > 1:
                word, delta = "|δ|", sum(map(abs, deltas)) / count
            assert numbers[word] == format_number(delta)


def test_a_chosen_example_shows_its_own_numbers():
    output, _ = NETS["batch"]()
    view = network_view(output)
    stops = [stop for column in view.columns for stop in column]
    for example in (1, 3, 4):
        picture = figure(output, example=example)
        for stop, box in zip(stops, picture.boxes, strict=True):
            if stop.kind == "unit":
                at = view.at[stop][example - 1]
                assert dict(box.rows)["z"] == format_number(at.net_input.data)
                assert dict(box.rows)["a"] == format_number(at.activation.data)
        assert f"example [{example}], one of 4" in [line.text for line in picture.caption]
    for strange in (0, 5, -1):
        with pytest.raises(ValueError, match=r"there is no example .* has 4, \[1\] to \[4\]"):
            figure(output, example=strange)
    for strange in (True, "1", 1.0):
        with pytest.raises(TypeError, match="number of an example"):
            figure(output, example=strange)


def test_an_example_is_chosen_by_the_brackets_of_its_nodes():
    model = MLP(2, [2, 1], "tanh", seed=1)
    outputs = model([[0.5, 1.0], [1.5, -1.0], [2.5, 0.25]])
    loss = outputs[2] * 2.0 + outputs[1]
    picture = figure(loss, example=3)
    numbers = {box.called: dict(box.rows) for box in picture.boxes if box.called}
    assert numbers["z₁⁽²⁾"]["a"] == format_number(outputs[2].data)
    with pytest.raises(ValueError, match=r"no example \[1\]"):
        figure(loss, example=1)


def test_the_lecture_s_figure_with_two_paths_fits_a_column():
    output, (first, *_) = lecture()
    scene = scene_of(figure(output, first))
    assert scene.width <= 860.0
    sizes = [mark.size for cluster in scene.clusters for mark in cluster.marks
             if isinstance(mark, Words)]  # fmt: skip
    assert min(sizes) >= 11.0


def test_a_hundred_examples_are_one_figure_of_modest_size():
    model = MLP(2, [16, 16, 1], "tanh", seed=3)
    loss = mse([model(x) for x in rows(100)], [0.0] * 100)
    loss.backward()
    for sources in ((), (weight(model),)):
        picture = picture_of(loss, list(sources) or None, "auto")
        assert picture.level == "neuron"
        assert "100 examples: means of z and a, mean |δ|" in [line.text for line in picture.caption]
        scene = scene_of(picture)
        assert faults(scene) == []
        assert scene.width <= 1000.0
        assert len(svg_text(scene).encode()) < 300_000


def test_networks_side_by_side_see_one_example():
    output, _ = NETS["actor_and_critic"]()
    assert not [line for line in figure(output).caption if "examples" in line.text]


def test_one_line_of_two_weights_shows_neither_but_what_is_asked_about():
    output, (second, x) = NETS["one_input_twice"]()
    assert {arrow.text for arrow in figure(output).arrows} == {""}
    arrow = next(arrow for arrow in figure(output, second).arrows if arrow.label)
    assert arrow.text == format_number(second.data)
    assert repr(second.data) in figure(output, x).arrows[0].hint


def test_what_has_no_gradient_says_why():
    output, (first, *_) = lecture()
    first.data = 7.0
    texts = [line.text for line in figure(output, first).caption]
    assert "was edited after" in texts[0]
    assert faults(scene_of(figure(output, first))) == []
    model = MLP(2, [2, 1], seed=1)
    assert "no gradients yet: call backward() first" in [
        line.text for line in figure(model([0.1, 0.2])).caption
    ]
