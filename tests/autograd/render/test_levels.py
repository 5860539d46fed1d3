"""Which level `draw` chooses, and what it says when it cannot."""

from __future__ import annotations

import random

import pytest

import autograd
from autograd import Value, draw, no_grad
from autograd.render.levels import picture_of, scene_of
from nn import MLP, mse, squared_error
from tests.autograd.render.network.nets import lecture, rows


def chain(length):
    y = Value(0.5, "x")
    for _ in range(length):
        y = autograd.tanh(y)
    y.backward()
    return y


def test_auto_takes_the_finest_level_that_fits():
    x = Value(3.0, "x")
    assert picture_of(x * x, None, "auto").level == "operation"
    assert picture_of(lecture()[0], None, "auto").level == "neuron"
    assert picture_of(chain(2000), None, "auto").level == "layer"
    model = MLP(64, [32, 10], "relu", "linear", seed=1)
    loss = squared_error(model([0.1] * 64), [0.0] * 10)
    assert picture_of(loss, None, "auto").level == "layer"
    assert picture_of(loss, None, "neuron").level == "neuron"


def test_what_auto_takes_is_at_most_a_thousand_pixels_wide():
    outputs = [lecture()[0], chain(3), chain(100), chain(2000)]
    for sizes in ([1, 1, 1], [2] * 20, [16, 16, 1], [5, 5, 5, 5, 1], [40, 2], [3] * 8):
        model = MLP(2, sizes, "tanh", seed=1)
        outputs.append(autograd.sum(
            [y for x in rows(3) for y in (model(x) if sizes[-1] > 1 else [model(x)])]
        ))  # fmt: skip
    for output in outputs:
        assert scene_of(picture_of(output, None, "auto")).width <= 1000.0


def test_each_caption_tells_the_other_levels():
    output, _ = lecture()
    for level, others in (("neuron", ("operation", "layer")), ("layer", ("neuron",))):
        last = picture_of(output, None, level).caption[-1].text
        for other in others:
            assert f'level="{other}"' in last


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": "units"}, "level must be one of auto, operation, neuron, layer, not 'units'"),
        ({"level": ""}, "level must be one of"),
        ({"show": "letters"}, "show must be one of numbers, symbols, both, not 'letters'"),
        ({"example": 2}, "there is no example [2]: the graph has 1, [1] to [1]"),
        ({"level": "operation", "show": "both"}, "show='both' is for figures at level=\"neuron\""),
        ({"level": "operation", "max_nodes": 3}, "more than the 3 that a picture shows"),
    ],
)
def test_what_cannot_be_is_refused_in_words(options, message):
    output, _ = lecture()
    with pytest.raises(ValueError) as caught:
        draw(output, **options)
    assert message in str(caught.value)


def test_a_graph_without_units_has_no_figure_of_them():
    with pytest.raises(ValueError, match="has no units to draw: they are marked where a Layer"):
        picture_of(chain(3), None, "neuron")
    with no_grad():
        constant = squared_error(MLP(2, [2, 1], seed=1)([0.1, 0.2]), 1.0)
    with pytest.raises(ValueError, match="has no units to draw"):
        picture_of(constant, None, "neuron")


def test_paths_are_not_searched_in_enormous_graphs():
    output = chain(200_001)
    leaf = output
    while leaf.parents:
        (leaf,) = leaf.parents
    picture = picture_of(output, [leaf], "auto")
    assert picture.level == "layer"
    texts = [line.text for line in picture.caption]
    assert "paths are marked in graphs of up to 200,000 nodes" in texts
    assert len(picture.boxes) <= 500


def test_a_batch_of_a_layer_level_stays_small():
    model = MLP(2, [16, 16, 1], "tanh", seed=3)
    loss = mse([model(x) for x in rows(100)], [0.0] * 100)
    picture = picture_of(loss, None, "layer")
    assert [box.label for box in picture.boxes] == ["layer (1)", "layer (2)", "layer (3)", "mse"]


@pytest.mark.parametrize("seed", range(6))
def test_expressions_in_which_much_runs_side_by_side_are_folded_to_a_page(seed):
    source = random.Random(seed)
    values = [Value(source.uniform(-1, 1)) for _ in range(4)]
    for _ in range(30):
        left, right = source.choice(values[-8:]), source.choice(values[-8:])
        values.append(left * right if source.random() < 0.5 else (left + right).tanh())
    output = autograd.sum(values[-4:])
    assert scene_of(picture_of(output, None, "operation")).width <= 1000.0
