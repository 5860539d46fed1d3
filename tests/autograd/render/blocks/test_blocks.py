"""Pictures of blocks: of random graphs with random groups, and of models."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, group, no_grad
from autograd.path_finding.routes import routes
from autograd.render import palette
from autograd.render.blocks.reading import block_view
from autograd.render.levels import picture_of, scene_of
from nn import MLP, Layer, mse
from tests.autograd.render.legible import faults
from tests.autograd.render.network.nets import NETS, rows

STEPS = st.lists(
    st.tuples(
        st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from("+*t"),
        st.lists(st.sampled_from(["a", "b", 'c <&> "d"\n🎉']), max_size=2),
    ),
    min_size=1, max_size=40,
)  # fmt: skip


def random_graph(steps):
    values = [Value(0.5, "x"), Value(-0.25, "y")]
    for left, right, sign, names in steps:
        with contextlib.ExitStack() as entered:
            for name in names:
                entered.enter_context(group(name))
            a, b = values[left % len(values)], values[right % len(values)]
            values.append(a + b if sign == "+" else a * b if sign == "*" else a.tanh() * b)
    output = autograd.sum(values[2:])
    output.backward()
    return values[0], output


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_blocks_form_no_circle_hold_every_operation_and_their_shares_add_up(steps):
    x, output = random_graph(steps)
    view = block_view(output)
    place = {block: number for number, block in enumerate(view.blocks)}
    assert all(place[tail] < place[head] for tail, head in view.links)
    held = sorted(member for members in view.members.values() for member in members)
    operations = [k for k, node in enumerate(view.nodes) if node.parents]
    assert held == operations
    uses = sum(
        view.block_of[operand] is not None and view.block_of[operand] != view.block_of[k]
        for k in operations for operand in view.operands[k]
    )  # fmt: skip
    assert sum(view.links.values()) == uses

    picture = picture_of(output, [x], "layer")
    assert faults(scene_of(picture), crowded=True) == []
    block_of = dict(zip(view.nodes, view.block_of, strict=True))
    found = routes(x, output, block_of.get, limit=0)
    if not found.magnitude:
        return
    # Whatever set of blocks is cut off at the output's side, all of the gradient enters it: from
    # the blocks before it, or straight from the parameter.
    shares = {(view.blocks[a.tail], view.blocks[a.head]): a.text for a in picture.arrows}
    for cut in range(1, len(view.blocks)):
        ahead = set(view.blocks[cut:])
        entering = [flow for (tail, head), flow in found.flows.items()
                    if tail not in ahead and (head in ahead or head not in place)]  # fmt: skip
        assert sum(entering) == pytest.approx(found.magnitude, rel=1e-9)
    for (tail, head), text in shares.items():
        flow = found.flows.get((tail, head))
        if flow:
            expected = 100 * flow / found.magnitude
            assert float(text.removesuffix(" %")) == pytest.approx(expected, rel=1e-2)
        else:
            assert text == ("" if flow is None else "0")


@pytest.mark.parametrize("name", NETS)
def test_every_network_has_legible_blocks(name):
    output, sources = NETS[name]()
    for asked in ((), *[(source,) for source in sources]):
        assert faults(scene_of(picture_of(output, list(asked) or None, "layer"))) == []


def test_a_layer_tells_its_size_its_parameters_its_mean_delta_and_its_dead_units():
    model = MLP(2, [16, 16, 1], "relu", "linear", seed=3)
    for neuron in model.layers[0].neurons[:3]:
        neuron.bias.data = -100.0
    loss = mse([model(x) for x in rows(10)], [0.0] * 10)
    loss.label = "L"
    loss.backward()
    boxes = {box.label: box.rows for box in picture_of(loss, None, "layer").boxes}
    first = dict(boxes["layer (1)"])
    assert ("", "16 relu") in boxes["layer (1)"]
    assert ("", "48 parameters") in boxes["layer (1)"]
    assert ("", "272 parameters") in boxes["layer (2)"]
    assert first["dead"].endswith(" of 16")
    assert int(first["dead"].split()[0]) >= 3
    nodes = [node for node in block_view(loss).nodes
             if node.group is not None and node.group.kind == "net input"
             and node.group.around("layer").index == 1]  # fmt: skip
    deltas = [abs(delta) for delta in loss.adjoints_of(nodes)]
    mean = math.fsum(deltas) / len(deltas)
    assert float(first["mean |δ|"]) == pytest.approx(mean, rel=1e-3)
    assert dict(boxes["mse"])["L"] == f"{loss.data:.4g}"


def test_units_behind_weights_of_zero_are_not_dead():
    model = MLP(2, [3, 1], "tanh", "linear", seed=3)
    for first in model.layers[1].neurons[0].weights:
        first.data = 0.0
    loss = mse([model(x) for x in rows(3)], [0.5] * 3)
    loss.backward()
    words = [word for box in picture_of(loss, None, "layer").boxes for word, _ in box.rows]
    assert "dead" not in words
    assert words.count("mean |δ|") == 2


def test_what_repeats_is_folded_unless_another_block_lies_between():
    x = Value(0.5, "x")
    maps = []
    for _ in range(40):
        with group("feature map"):
            maps.append(x.tanh() * 2.0)
    y = autograd.sum(maps)
    for name in ("step", "step", "shift", "step"):
        with group(name):
            y = y.tanh()
    y.backward()
    boxes = {box.label: box.rows for box in picture_of(y, [x], "layer").boxes}
    assert set(boxes) == {"feature map", "operations", "step (1)", "shift", "step (2)"}
    assert ("", "×40") in boxes["feature map"]
    assert ("", "×2") in boxes["step (1)"]


def test_constants_and_undefined_numbers_have_blocks_too():
    model = MLP(2, [2, 1], "tanh", seed=3)
    with no_grad():
        constant = model([0.5, -1.0])
    assert faults(scene_of(picture_of(constant, None, "layer"))) == []
    output, (first, _) = NETS["undefined"]()
    picture = picture_of(output, [first], "layer")
    assert {arrow.stroke.colours[0] for arrow in picture.arrows if arrow.text} <= {
        palette.MANY_PATHS
    }
    assert faults(scene_of(picture)) == []


@pytest.mark.parametrize("as_values", [True, False])
def test_inputs_of_a_layer_are_no_parameters_of_it(as_values):
    layer = Layer(3, 2, "tanh", seed=1)
    x = [0.5, -1.0, 0.2]
    output = autograd.sum(layer([Value(number) for number in x] if as_values else x))
    texts = [text for box in picture_of(output, None, "layer").boxes for _, text in box.rows]
    assert "8 parameters" in texts


def test_stages_are_not_called_layers():
    y = Value(0.5, "x")
    for _ in range(100):
        y = (y * 1.1).tanh()
    assert "one box per stage" in picture_of(y, None, "layer").caption[-1].text
