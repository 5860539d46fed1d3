"""Summaries of paths: against every path of a batch walked one by one."""

import html.parser
import itertools
import math
import random
import re

import pytest

import autograd
from autograd import PathSum, Value, path_sum
from autograd.graph import topological_order
from autograd.reverse import adjoints, local_derivatives
from nn import MLP, Layer
from nn.initializers import constant

UNIT = re.compile(r"[za]_(?P<unit>\d+)\^\((?P<layer>\d+)\)")


def unit_of(node):
    """(layer, unit) from the label, which is not what the summaries go by."""
    match = UNIT.match(node.label or "")
    return None if match is None else (int(match["layer"]), int(match["unit"]))


def walk(source, output):
    """Every path as its nodes and local derivatives, straight from the definition."""
    found = []
    pending = [([output], [])]
    while pending:
        nodes, factors = pending.pop()
        if nodes[0] is source:
            found.append((nodes, factors))
        elif not nodes[0].is_constant:
            for parent, factor in zip(nodes[0].parents, local_derivatives(nodes[0]), strict=True):
                if factor is not None:
                    pending.append(([parent, *nodes], [factor, *factors]))
    return found


def batch(sizes, examples, activation, seed, loss=autograd.mean):
    generator = random.Random(seed)
    model = MLP(2, sizes, activation=activation, initializer="he", seed=seed)
    rows = [[generator.uniform(-2, 2), generator.uniform(-2, 2)] for _ in range(examples)]
    predictions = [model(row) for row in rows]
    output = loss([(p - generator.uniform(-1, 1)) ** 2 for p in predictions])
    return model, predictions, output


def grouped(walked, key):
    """Σ product, Σ |product| and number for each key."""
    products, counts = {}, {}
    for nodes, factors in walked:
        products.setdefault(key(nodes), []).append(math.prod(factors))
        counts[key(nodes)] = counts.get(key(nodes), 0) + 1
    return {
        each: (math.fsum(some), math.fsum(map(abs, some)), counts[each])
        for each, some in products.items()
    }


def passed(nodes):
    stops = [stop for stop in map(unit_of, nodes) if stop is not None]
    return tuple(stop for stop, _ in itertools.groupby(stops))


def named(group):
    return tuple((stop.around("layer").index, stop.index) for stop in group.stops)


def assert_groups(found, expected, key):
    magnitude = math.fsum(size for _, size, _ in expected.values())
    assert found.group_count == len(expected)
    assert len(found.groups) == min(6, len(expected))
    for group in found.groups:
        total, size, count = expected[key(group)]
        assert group.contribution == pytest.approx(total, rel=1e-10, abs=1e-13 * magnitude)
        assert group.share == pytest.approx(size / magnitude if magnitude else 0.0, rel=1e-10)
        assert group.count == count
    largest = sorted((abs(total) for total, _, _ in expected.values()), reverse=True)
    sizes = [abs(group.contribution) for group in found.groups]
    assert sizes == pytest.approx(largest[:6], rel=1e-10, abs=1e-13 * magnitude)
    assert found.magnitude == pytest.approx(magnitude, rel=1e-10)
    assert found.count == sum(count for _, _, count in expected.values())


CASES = [
    (sizes, activation, seed)
    for sizes in ([2, 1], [3, 2, 1], [2, 3, 2, 1])
    for activation in ("tanh", "relu")
    for seed in (1, 2, 3)
]


@pytest.mark.parametrize(("sizes", "activation", "seed"), CASES)
def test_groups_are_the_sums_of_their_paths(sizes, activation, seed):
    model, predictions, output = batch(sizes, 8, activation, seed)
    place = {prediction: row for row, prediction in enumerate(predictions)}
    for weight in model.parameters()[:: 1 + len(sizes)]:
        walked = walk(weight, output)
        by_unit = path_sum(weight, output, by="unit")
        assert_groups(by_unit, grouped(walked, passed), named)
        by_layer = path_sum(weight, output, by="layer")
        layers = grouped(walked, lambda nodes: tuple(dict.fromkeys(x for x, _ in passed(nodes))))
        assert_groups(by_layer, layers, lambda group: tuple(stop.index for stop in group.stops))
        by_example = path_sum(weight, output, by="example")
        examples = grouped(walked, lambda nodes: next(place[x] for x in nodes if x in place))
        assert_groups(by_example, examples, lambda group: group.stops[0])
        for found in (by_unit, by_layer, by_example):
            assert found.gradient == adjoints(output)[weight]
            everything = path_sum(weight, output, by=found.by, limit=10**6)
            assert everything.remainder == 0.0
            scale = found.magnitude or 1.0
            total = math.fsum(group.contribution for group in everything.groups)
            assert total == pytest.approx(found.gradient, abs=1e-12 * scale)
            shares = math.fsum(group.share for group in everything.groups)
            assert shares == pytest.approx(1.0 if found.magnitude else 0.0)
            shown = math.fsum(group.contribution for group in found.groups)
            if found.group_count > 6:
                assert found.remainder == found.gradient - shown


@pytest.mark.parametrize("seed", range(8))
def test_dead_units_cut_what_every_path_tells(seed):
    model, predictions, output = batch([3, 3, 1], 5, "relu", seed)
    place = {prediction: row for row, prediction in enumerate(predictions)}
    for weight in model.parameters()[::3]:
        walked = walk(weight, output)
        everything, cut = [], []
        units = {}
        for nodes, factors in walked:
            # A dead ReLU: where its net input is not positive.
            dead = {node for node in nodes if node.op == "ReLU" and node.parents[0].data <= 0.0}
            would = 1.0
            for node, factor in zip(nodes[1:], factors, strict=True):
                would *= 1.0 if node in dead else abs(factor)
            everything.append(would)
            if dead:
                cut.append(would)
            row = next(place[x] for x in nodes if x in place)
            for node in dead:
                sizes, rows = units.setdefault(unit_of(node), ([], set()))
                sizes.append(would)
                rows.add(row)
        total = math.fsum(everything) or 1.0
        found = path_sum(weight, output, by="unit")
        assert found.share_cut == pytest.approx(math.fsum(cut) / total, abs=1e-12)
        names = [(each.unit.around("layer").index, each.unit.index) for each in found.dead]
        assert sorted(names) == sorted(units)
        for name, each in zip(names, found.dead, strict=True):
            sizes, rows = units[name]
            assert each.share == pytest.approx(math.fsum(sizes) / total, abs=1e-12)
            assert each.count == len(sizes)
            assert each.examples == tuple(sorted(rows))
        shares = [each.share for each in found.dead]
        assert shares == sorted(shares, reverse=True)


def by_hand(z):
    """A ReLU of two nodes: the derivative is that of a product."""
    return z * autograd.step(z)


def test_a_dead_unit_may_be_made_of_several_operations():
    model, _, output = batch([3, 1], 6, by_hand, 2)
    alike, _, expected = batch([3, 1], 6, "relu", 2)
    for weight, other in zip(model.parameters(), alike.parameters(), strict=True):
        found, wanted = path_sum(weight, output, by="unit"), path_sum(other, expected, by="unit")
        assert found.share_cut == pytest.approx(wanted.share_cut)
        assert [each.examples for each in found.dead] == [each.examples for each in wanted.dead]
        assert [each.share for each in found.dead] == pytest.approx(
            [each.share for each in wanted.dead]
        )


def test_no_unit_of_a_smooth_network_is_dead():
    model, _, output = batch([3, 3, 1], 5, "tanh", 1)
    for weight in model.parameters():
        found = path_sum(weight, output, by="unit")
        assert (found.dead, found.share_cut) == ((), 0.0)


def test_units_that_share_a_softmax_are_not_called_dead():
    layer = Layer(2, 3, activation="softmax", seed=1)
    outputs = layer([0.3, -0.2])
    found = path_sum(layer.parameters()[0], autograd.log(outputs[1]), by="unit")
    assert found.dead == ()
    assert found.gradient == adjoints(autograd.log(outputs[1]))[layer.parameters()[0]]


def test_paths_around_the_network_are_a_group_of_their_own():
    model, _, output = batch([2, 1], 3, "tanh", 1)
    weight = model.parameters()[0]
    decayed = output + 0.1 * weight * weight
    for by in ("unit", "example", "layer"):
        found = path_sum(weight, decayed, by=by)
        (around,) = [group for group in found.groups if group.stops == ()]
        assert around.name == f"no {by}"
        assert around.count == 2
        assert around.contribution == pytest.approx(0.2 * weight.data)


def test_two_networks_are_told_apart():
    first, second = MLP(1, [2, 1], seed=1), MLP(1, [2, 1], seed=2)
    x = Value(0.5, label="x")
    found = path_sum(x, first([x]) + second([x]), by="unit")
    names = [group.name for group in found.groups]
    assert len(set(names)) == 4
    assert sum(name.startswith("MLP 1: a_") for name in names) == 2


def test_the_table():
    model, _, output = batch([16, 16, 1], 100, "tanh", 1)
    weight = model.parameters()[0]
    found = path_sum(weight, output, by="unit", limit=2)
    lines = str(found).splitlines()
    assert lines[0] == "1,600 paths in 16 routes"
    assert lines[1].split() == ["units", "passed", "contribution", "share", "paths"]
    assert len({len(line) for line in lines[1:6]}) == 1  # columns
    assert lines[2].startswith(f"{found.groups[0].name}  ")
    assert lines[4].split()[:3] == ["14", "more", "routes"]
    assert lines[4].split()[3] == f"{found.remainder:.4g}"
    assert lines[4].endswith("1,400")
    assert lines[5].split() == ["sum", f"{found.gradient:.4g}", "1,600"]
    cancels = 1.0 - abs(found.gradient) / found.magnitude
    assert lines[6] == (
        f"sum of |contributions| of all paths: {found.magnitude:.4g}, of which {cancels:.1%} "
        "cancels"
    )
    assert found.cancelled == cancels
    assert (
        repr(found) == f"<PathSummary by unit: 1,600 paths in 16 routes, sum {found.gradient:.4g}>"
    )
    assert "1 more route " in str(path_sum(weight, output, by="unit", limit=15))
    assert "more" not in str(path_sum(weight, output, by="unit", limit=16))


class Cells(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows, self.tags = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])

    def handle_data(self, data):
        if self.tags[-1] in ("td", "th"):
            self.rows[-1].append(data)


def test_html_has_the_rows_of_the_text_and_no_markup_of_a_label():
    model, _, output = batch([3, 1], 4, "relu", 1)
    found = path_sum(model.parameters()[0], output, by="unit")
    cells = Cells()
    cells.feed(found._repr_html_())
    assert cells.rows[0] == ["units passed", "contribution", "share", "paths"]
    assert cells.rows[1][0] == found.groups[0].name
    assert len(cells.rows) == 2 + len(found.groups)

    class Hostile(MLP):
        pass

    Hostile.__name__ = "<script>alert('1')</script>"
    first, second = Hostile(1, [1], seed=1), Hostile(1, [1], seed=2)
    x = Value(0.5)
    shown = path_sum(x, first([x]) + second([x]), by="unit")._repr_html_()
    assert "<script" not in shown
    assert "&lt;script" in shown


def test_without_by_nothing_changes():
    w = Value(3.0, label="w")
    assert type(path_sum(w, w * w)) is PathSum


def test_what_by_cannot_be():
    w = Value(3.0, label="w")
    for by in ("unit", "example", "layer"):
        with pytest.raises(ValueError, match=r"units of a network.*nn"):
            path_sum(w, w * w, by=by)
    for wrong in ("units", "", 3, ["unit"]):
        with pytest.raises(ValueError, match="'unit', 'example', 'layer'"):
            path_sum(w, w * w, by=wrong)
    model, _, output = batch([2, 1], 2, "tanh", 1)
    weight = model.parameters()[0]
    with pytest.raises(ValueError, match="did you mean path_sum"):
        path_sum(output, weight, by="unit")
    with pytest.raises(ValueError, match="negative"):
        path_sum(weight, output, limit=-1, by="unit")
    with pytest.raises(TypeError, match="must be a Value"):
        path_sum(3.0, output, by="unit")
    stranger = path_sum(w, output, by="unit")
    assert str(stranger).startswith("no path leads")
    assert "no path leads" in stranger._repr_html_()
    assert (stranger.gradient, stranger.count, stranger.cancelled) == (0.0, 0, 0.0)


def test_results_cannot_be_edited():
    model, _, output = batch([2, 1], 2, "relu", 1)
    found = path_sum(model.parameters()[0], output, by="unit")
    for result in (found, found.groups[0]):
        with pytest.raises(AttributeError):
            result.count = 0


def test_nothing_that_is_no_number_is_hidden():
    model, _, output = batch([2, 1], 2, "tanh", 1)
    output = output * Value(math.nan).detach()
    found = path_sum(model.parameters()[0], output, by="unit")
    assert math.isnan(found.gradient)
    assert "nan" in str(found)


def test_the_whole_graph_is_asked_for_once():
    # A deep chain after the network, which no recursion could follow.
    model, _, output = batch([2, 1], 2, "tanh", 1)
    for _ in range(20_000):
        output = output + 1.0
    found = path_sum(model.parameters()[0], output, by="unit")
    assert found.group_count == 1
    assert len(topological_order(output)) > 20_000


def test_long_routes_and_hostile_names_stay_in_their_line():
    model, _, output = batch([1] * 20, 2, "tanh", 1)
    (group,) = path_sum(model.parameters()[0], output, by="unit").groups
    assert len(group.stops) == 20
    assert group.name.count("→") == 12
    assert group.name.startswith("a_1^(1) → ")
    assert group.name.endswith(" → a_1^(20)")

    class Hostile(MLP):
        pass

    Hostile.__name__ = "two\nlines\t| <b>"
    x = Value(0.5)
    found = path_sum(x, Hostile(1, [1], seed=1)([x]) + Hostile(1, [1], seed=2)([x]), by="unit")
    assert [group.name[:16] for group in found.groups] == ["two lines | <b> "] * 2
    assert len(str(found).splitlines()) == 6


def test_a_unit_that_is_passed_several_times_is_one_group_of_paths():
    layer = Layer(1, 1, activation="tanh", seed=1)
    state = Value(0.3, label="state")
    for _ in range(3):
        state = layer([state])
    found = path_sum(layer.parameters()[0], state * 1.0, by="unit")
    (group,) = found.groups
    assert len(group.stops) == 1
    assert group.count == 3
    assert group.contribution == pytest.approx(found.gradient, rel=1e-14)


def test_examples_are_called_what_the_batch_calls_them():
    model = MLP(2, [3, 1], "tanh", seed=2)
    outputs = model([[0.5, 1.0], [1.5, -1.0], [2.5, 0.25], [-0.5, 0.75]])
    # Row 1 is missing, and row 3 comes first in the graph.
    loss = outputs[2] * 2.0 + outputs[1] + outputs[3]
    weight = model.layers[0].neurons[0].weights[0]
    summary = path_sum(weight, loss, by="example")
    each = {"[2]": outputs[1], "[3]": outputs[2] * 2.0, "[4]": outputs[3]}
    assert {group.name for group in summary.groups} == set(each)
    for group in summary.groups:
        alone = autograd.gradients(each[group.name], [weight])[0]
        assert group.contribution == pytest.approx(alone, rel=1e-12)


def test_dead_units_are_told_at_the_numbers_of_the_batch():
    model = Layer(1, 1, activation="relu", initializer=constant(1.0))
    outputs = model([[1.0], [-1.0], [2.0], [-2.0]])
    loss = outputs[3] + outputs[2] + outputs[1]
    weight = model.neurons[0].weights[0]
    for by in ("unit", "layer", "example"):
        text = str(path_sum(weight, loss, by=by))
        assert "at [4, 2]" in text or "at [2, 4]" in text
