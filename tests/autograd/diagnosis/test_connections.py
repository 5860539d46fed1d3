"""What a gradient does not reach, by name."""

import random

import pytest

import autograd as ag
from autograd import Value
from autograd.diagnosis.connections import check_connections
from autograd.path_finding.search import paths
from autograd.selection import constant
from nn import MLP


def test_each_kind_of_trouble_is_named():
    used, dead, unused, edited = (Value(1.0, label=name) for name in ("u", "d", "n", "e"))
    output = used * 2.0 + ag.relu(dead - 5.0)
    found = check_connections(output, {"used": used, "dead": dead, "unused": unused})
    assert found.disconnected == ("unused",)
    assert found.without_gradient == ("dead",)
    assert found.stale == ()
    assert not found.is_sound
    stale = edited * 2.0
    edited.data = 3.0
    assert check_connections(stale, [edited]).stale == ("inputs[0] (e)",)
    assert check_connections(used * 2.0, [used]).is_sound


def test_detached_is_not_connected():
    x = Value(2.0)
    assert check_connections(x.detach() * Value(1.0), [x]).disconnected == ("inputs[0]",)


def walked_share(output, inputs):
    products = [path.local_derivatives for node in inputs for path in paths(node, output)]
    return sum(0.0 in factors for factors in products) / len(products)


@pytest.mark.parametrize("seed", range(6))
def test_the_share_of_cut_paths_is_what_walking_every_path_counts(seed):
    model = MLP(2, [4, 3, 1], "relu", seed=seed)
    output = model([0.7, -0.4])
    found = check_connections(output, model.parameters())
    weights = [p for p in model.parameters() if p in set(ag.graph.topological_order(output))]
    assert found.share_cut == pytest.approx(walked_share(output, weights), abs=1e-12)


def test_a_dead_unit_is_named_with_its_share():
    x, y = Value(-1.0, label="x"), Value(2.0, label="y")
    off, on = ag.relu(x), ag.relu(y)
    off.label, on.label = "a_1", "a_2"
    found = check_connections(off * 3.0 + on + y, [x, y])
    (cut,) = found.cuts
    assert (cut.name, cut.dead, cut.nodes) == ("relu 'a_1'", 1, 1)
    assert cut.share == pytest.approx(1 / 3)
    assert "relu 'a_1' passes no gradient: 33.3% of all paths are cut there" in str(found)


def test_units_of_one_name_are_counted_together():
    model = MLP(1, [3, 1], "relu", seed=1)
    for parameter in model.layers[0].parameters():
        parameter.data = -1.0
    output = ag.sum([model([x]) for x in (0.5, 1.0, 2.0)])
    found = check_connections(output, model.named_parameters())
    assert all(cut.dead == cut.nodes for cut in found.cuts)
    assert found.share_cut > 0.5
    assert len(found.without_gradient) == 6 + 3


def test_an_output_without_inputs():
    found = check_connections(Value(1.0) * 2.0, [])
    assert (found.inputs, found.share_cut, found.is_sound) == ((), 0.0, True)


@pytest.mark.parametrize(
    ("output", "inputs", "said"),
    [
        (1.0, [], "a Value as output"),
        (Value(1.0), Value(1.0), "a list of Values"),
        (Value(1.0), [1.0], "input 0 must be a Value"),
        (Value(1.0), {"w": 1.0}, "input w must be a Value"),
    ],
)
def test_bad_input(output, inputs, said):
    with pytest.raises(TypeError, match=said):
        check_connections(output, inputs)


# --- Against walking every path -------------------------------------------------------------------


def random_graph(source):
    """Leaves and an output, of operations some of which pass nothing at these numbers."""
    leaves = [Value(source.choice([-2.0, -0.5, 0.0, 0.5, 3.0]), label=f"x{k}") for k in range(3)]
    nodes = [*leaves, constant(2.0)]
    for place in range(source.randint(2, 9)):
        x, y = source.choice(nodes), source.choice(nodes)
        made = source.choice(
            [
                lambda x, y: ag.relu(x), lambda x, y: ag.clip(x, -1.0, 1.0), lambda x, y: x * y,
                lambda x, y: ag.step(x), lambda x, y: x - y, lambda x, y: x * x,
                lambda x, y: ag.maximum(x, y), lambda x, y: ag.where(x, y, 1.0),
            ]
        )(x, y)  # fmt: skip
        if source.random() < 0.3:
            made.label = f"h{place % 2}"
        nodes.append(made)
    return leaves, ag.sum(nodes[4:])


def name_of(node):
    return f"{node.primitive.name} {node.label!r}" if node.label else node.primitive.name


def is_dead(node):
    wanted = [d for d in ag.reverse.local_derivatives(node) if d is not None]
    return bool(wanted) and not any(wanted)


@pytest.mark.parametrize("seed", range(60))
def test_everything_said_of_a_graph_is_what_walking_every_path_counts(seed):
    leaves, output = random_graph(random.Random(seed))
    inputs = leaves[: 1 + seed % 3]
    found = check_connections(output, {leaf.label: leaf for leaf in inputs})
    ways = [path for leaf in inputs for path in paths(leaf, output)]
    assert found.inputs == tuple(leaf.label for leaf in inputs)
    in_graph = set(ag.graph.topological_order(output))
    away = [leaf.label for leaf in inputs if leaf not in in_graph]
    assert found.disconnected == tuple(away)
    slopes = dict(zip(inputs, ag.gradients(output, inputs), strict=True))
    silent = [leaf.label for leaf in inputs if leaf in in_graph and slopes[leaf].data == 0.0]
    assert found.without_gradient == tuple(silent)
    assert found.is_sound is (not away and not silent)
    cut = sum(0.0 in way.local_derivatives for way in ways)
    assert found.share_cut == (cut / len(ways) if ways else 0.0)
    by_name = {}
    for node in {node for way in ways for node in way.nodes if node.parents}:
        by_name.setdefault(name_of(node), []).append(node)
    expected = {}
    for name, nodes in by_name.items():
        dead = {node for node in nodes if is_dead(node)}
        if dead:
            through = sum(not dead.isdisjoint(way.nodes) for way in ways)
            expected[name] = (len(dead), len(nodes), through / len(ways))
    assert {one.name: (one.dead, one.nodes, one.share) for one in found.cuts} == expected
    shares = [one.share for one in found.cuts]
    assert shares == sorted(shares, reverse=True)


def test_a_path_that_is_cut_twice_counts_once():
    x = Value(-1.0)
    found = check_connections(ag.relu(ag.relu(x)) + x + x, [x])
    assert [(one.dead, one.nodes, one.share) for one in found.cuts] == [(2, 2, 1 / 3)]
    assert found.share_cut == 1 / 3


def test_more_paths_than_floats_can_count():
    x = Value(1.0)
    z = x
    for _ in range(1200):
        z = z * 0.5 + z * 0.5
    found = check_connections(z + ag.relu(z - 5.0), [x])
    assert found.share_cut == 0.5
    assert [one.share for one in found.cuts] == [0.5]


# --- What is shown --------------------------------------------------------------------------------


def test_long_lists_are_cut_short():
    used = Value(1.0)
    unused = [Value(0.0) for _ in range(13)]
    shown = str(check_connections(used * 2.0, [used, *unused])).split("\n")
    assert shown[0] == (
        "14 inputs: 13 disconnected, 0 without a gradient, 0 edited since; 0.0% of all paths are "
        "cut"
    )
    assert shown[1:13] == [f"  inputs[{k}]: not connected to the output" for k in range(1, 13)]
    assert shown[13:] == ["  ... and 1 more"]
    twelve = str(check_connections(used * 2.0, [used, *unused[:12]]))
    assert "more" not in twelve
    assert len(twelve.split("\n")) == 13


def test_no_more_cuts_than_fit_are_shown():
    x = Value(-1.0)
    units = [ag.relu(x * float(k)) for k in range(1, 15)]
    for k, unit in enumerate(units):
        unit.label = f"a_{k}"
    found = check_connections(ag.sum(units), [x])
    assert len(found.cuts) == 14
    assert repr(found).count("passes no gradient") == 12


def test_how_often_is_said_of_several_units_only():
    x, y = Value(-1.0), Value(1.0)
    alone = check_connections(ag.relu(x) + y, [x, y])
    assert str(alone.cuts[0]) == "relu passes no gradient: 50.0% of all paths are cut there"
    several = check_connections(ag.relu(x) + ag.relu(y), [x, y])
    assert str(several.cuts[0]) == (
        "relu passes no gradient 1 of 2 times: 50.0% of all paths are cut there"
    )


def test_a_unit_is_named_by_its_label_or_else_by_its_place():
    x = Value(-1.0)
    with ag.record_locations():
        (cut,) = check_connections(ag.relu(x) + x, [x]).cuts
        labelled = ag.relu(x)
        labelled.label = "a"
    assert cut.name.startswith("relu at ")
    assert "test_connections.py" in cut.name
    (cut,) = check_connections(labelled + x, [x]).cuts
    assert cut.name == "relu 'a'"


def test_inputs_are_named_by_place_label_or_as_given():
    x, y = Value(1.0, label="x"), Value(1.0)
    output = x * y
    assert check_connections(output, [x, y]).inputs == ("inputs[0] (x)", "inputs[1]")
    assert check_connections(output, {"a": x, 3: y}).inputs == ("a", "3")
    assert check_connections(output, [("a", x), ("b", y)]).inputs == ("a", "b")
    assert check_connections(output, iter([y])).inputs == ("inputs[0]",)


# --- Constants, and edits -------------------------------------------------------------------------


def test_a_constant_is_not_connected_and_has_no_paths():
    c, x = constant(2.0), Value(1.0)
    found = check_connections(ag.relu(c * -1.0) + x, [c, x])
    assert found.disconnected == ("inputs[0]",)
    assert (found.cuts, found.share_cut) == ((), 0.0)


def test_a_stale_graph_is_reported_without_adjoints():
    w, v, u = (Value(2.0, label=name) for name in "wvu")
    output = ag.relu(w * -1.0) + v
    v.data = 3.0
    found = check_connections(output, [w, v, u])
    assert found.stale == ("inputs[1] (v)",)
    assert found.disconnected == ("inputs[2] (u)",)
    assert found.without_gradient == ()  # of old and new numbers together nothing is said
    assert not found.is_sound
    assert "inputs[1] (v): edited after the graph was recorded" in str(found)
    assert "1 edited since" in str(found)


@pytest.mark.parametrize("trouble", ["unused", "dead", "edited"])
def test_one_trouble_is_enough_to_be_unsound(trouble):
    x, y = Value(1.0), Value(1.0)
    output = {"unused": x * 2.0, "dead": x + y * 0.0, "edited": x + y}[trouble]
    if trouble == "edited":
        y.data = 2.0
    assert not check_connections(output, [x, y]).is_sound


def test_an_undefined_local_derivative_is_an_error():
    x = Value(0.0)
    with pytest.raises(ArithmeticError):
        check_connections(ag.sqrt(x), [x])


def test_a_model_is_told_of_by_its_layers():
    model = MLP(3, [8, 8, 1], "relu", seed=1)
    for parameter in model.layers[1].neurons[2].parameters():
        parameter.data = -9.0
    model.layers[0].neurons[4].b.data = 9.0
    output = ag.sum([model([a, b, a * b]) for a in (0.1, -2.0, 1.0) for b in (0.3, -0.5)])
    found = check_connections(output, model)
    assert found.inputs == tuple(name for name, _ in model.named_parameters())
    told = str(found).split("\n")
    assert len(told) <= 6
    gone = [name for name in found.without_gradient if name.startswith("layers.1.")]
    (line,) = [line for line in told if "layers.1: " in line]
    assert f"layers.1: {len(gone)} of 72 connected, but the gradient is 0: " in line
    assert "neurons.2" in line
    (cut,) = [one for one in found.layers if one.name == "relu in layer (2)"]
    own = [one for one in found.cuts if one.layer == "layer (2)"]
    assert (cut.dead, cut.nodes) == (sum(one.dead for one in own), 48)
    assert max(one.share for one in own) <= cut.share <= sum(one.share for one in own)
    (line,) = [line for line in told if "relu in layer (2)" in line]
    assert "always at a_" in line
    assert "a_3^(2)" in line
    assert found._repr_html_().startswith("<pre>")
