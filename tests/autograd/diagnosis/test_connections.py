"""What a gradient does not reach, by name."""

import pytest

import autograd as ag
from autograd import Value
from autograd.diagnosis.connections import check_connections
from autograd.path_search import paths
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
