"""Routes: against every path walked one by one, at sizes nobody walks, and at any scale."""

import itertools
import math
import random
from fractions import Fraction

import pytest

import autograd
from autograd import Primitive, Value
from autograd.graph import topological_order
from autograd.path_finding import routes as routing
from autograd.path_finding.routes import OUTPUT, routes
from autograd.reverse import adjoints, local_derivatives
from autograd.units import units_of
from nn import MLP
from tests.autograd.path_finding.test_paths import doubled, random_graph


def walked(source, output, key_of):
    """For each route Σ product, Σ |product| and number of its paths, straight from the definition.

    Exact rationals, so that what cancels is known.
    """
    found = {}

    def walk(node, stops, product):
        key = key_of(node)
        if node is output and key is None:
            key = OUTPUT
        if key is not None and (not stops or stops[0] != key):
            stops = (key, *stops)
        if node is source:
            entry = found.setdefault(stops, [Fraction(0), Fraction(0), 0])
            entry[0] += product
            entry[1] += abs(product)
            entry[2] += 1
        elif not node.is_constant:
            for parent, derivative in zip(node.parents, local_derivatives(node), strict=True):
                if derivative is not None:
                    walk(parent, stops, product * Fraction(derivative))

    walk(output, (), Fraction(1))
    return found


def counted(source, key_of, expected):
    """Flows and uses, from the same walk."""
    flows, uses = {}, {}
    for stops, (_, magnitude, _) in expected.items():
        for stop in stops:
            uses[stop] = uses.get(stop, 0) + 1
        passed = stops if key_of(source) is not None else (None, *stops)
        for pair in itertools.pairwise(passed):
            uses[pair] = uses.get(pair, 0) + 1
            flows[pair] = flows.get(pair, 0) + magnitude
    return flows, uses


def assert_right(source, output, key_of, limit):
    expected = walked(source, output, key_of)
    found = routes(source, output, key_of, limit)
    magnitude = sum(entry[1] for entry in expected.values())
    rounding = 1e-12 * float(magnitude)
    assert found.route_count == len(expected)
    assert found.count == sum(entry[2] for entry in expected.values())
    assert found.magnitude == pytest.approx(float(magnitude), rel=1e-12)
    assert found.gradient == adjoints(output).get(source, 0.0)
    assert found.are_largest
    assert len(found.routes) == len({route.stops for route in found.routes})
    assert len(found.routes) == min(limit, len(expected))
    for route in found.routes:
        contribution, size, count = expected[route.stops]
        assert route.contribution == pytest.approx(float(contribution), rel=1e-12, abs=rounding)
        assert route.count == count
        share = float(size / magnitude) if magnitude else 0.0
        assert route.share == pytest.approx(share, rel=1e-12)
    sizes = sorted((abs(float(entry[0])) for entry in expected.values()), reverse=True)
    shown = [abs(route.contribution) for route in found.routes]
    assert shown == pytest.approx(sizes[:limit], rel=1e-12, abs=rounding)
    assert shown == sorted(shown, reverse=True)
    if limit >= len(expected):
        assert found.remainder == 0.0
    else:
        total = math.fsum(route.contribution for route in found.routes)
        assert found.remainder == found.gradient - total
    flows, uses = counted(source, key_of, expected)
    assert found.uses == uses
    assert found.flows == pytest.approx({pair: float(flow) for pair, flow in flows.items()})


@pytest.mark.parametrize("seed", range(80))
def test_routes_are_what_walking_every_path_finds(seed):
    leaves, output = random_graph(seed)
    generator = random.Random(seed)
    choices = [None, None, "a", "b", ("c", 1), 2.5][: 2 + seed % 5]
    keys = {node: generator.choice(choices) for node in topological_order(output)}
    for source in leaves:
        for limit in (0, 1, 3, 1000):
            assert_right(source, output, keys.get, limit)


def batch(sizes, examples, activation="tanh", seed=1):
    """A network, its loss over some examples, and the stop of each node: the group of its unit."""
    generator = random.Random(seed)
    model = MLP(2, sizes, activation=activation, seed=seed)
    rows = [[generator.uniform(-1, 1), generator.uniform(-1, 1)] for _ in range(examples)]
    loss = autograd.mean([(model(row) - generator.uniform(-1, 1)) ** 2 for row in rows])
    units = units_of(loss).of_node
    return model, loss, lambda node: units[node].unit if node in units else None


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("seed", range(4))
def test_the_units_of_a_batch(seed, activation):
    model, loss, unit = batch([3, 2, 1], 4, activation, seed)
    for weight in model.parameters():
        assert_right(weight, loss, unit, limit=4)


def test_a_unit_is_one_stop_for_all_examples():
    model, loss, unit = batch([16, 16, 1], 100)
    weight = model.parameters()[0]
    found = routes(weight, loss, unit, limit=20)
    assert (found.route_count, found.count) == (16, 1600)
    assert [len(route.stops) for route in found.routes] == [4] * 16
    assert {route.count for route in found.routes} == {100}
    assert math.fsum(route.share for route in found.routes) == pytest.approx(1.0)
    total = math.fsum(route.contribution for route in found.routes)
    assert total == pytest.approx(found.gradient, abs=1e-13 * found.magnitude)


def test_more_routes_than_anybody_lists():
    model, loss, unit = batch([16] * 8 + [1], 20)
    found = routes(model.parameters()[0], loss, unit)
    assert (found.route_count, found.count) == (16**7, 20 * 16**7)
    assert len(found.routes) == 6
    assert sum(uses for stop, uses in found.uses.items() if stop is OUTPUT) == 16**7


def test_ties_come_in_the_order_of_the_graph_and_at_once():
    x = node = Value(1.0)
    keys = {}
    for stage in range(40):
        left, right = node * 1.0, node * 1.0
        keys[left], keys[right] = f"{stage} left", f"{stage} right"
        node = left + right
    found = routes(x, node, keys.get, limit=3)
    assert found.route_count == found.count == 2**40
    sides = [[stop.split()[1] for stop in route.stops[-4:-1]] for route in found.routes]
    assert sides == [["left"] * 3, ["left", "left", "right"], ["left", "right", "left"]]
    assert found.remainder == 2.0**40 - 3.0


def test_a_stop_that_is_left_in_silence_and_entered_again_is_not_underrated():
    x = Value(1.0)
    entered, rival = x * 1.0, x * 1.0
    silent = entered * 1.0
    again, aside = silent * 10.0, silent * 0.1
    output = autograd.sum([again, aside, rival])
    keys = {entered: "A", again: "A", aside: "B", rival: "C"}
    (route,) = routes(x, output, keys.get, limit=1).routes
    assert (route.stops, route.contribution) == (("A", OUTPUT), 10.0)
    assert_right(x, output, keys.get, limit=1)


def test_the_best_of_very_many_next_stops_is_not_underrated():
    x = Value(1.0)
    hub, rival = x * 1.0, x * 1.0
    ways = [hub * float(1 + 37 * place % 101) for place in range(100)]
    output = autograd.sum([*ways, rival * 90.0])
    keys = {node: place for place, node in enumerate([hub, rival, *ways])}
    for limit in (1, 5, 30):
        assert_right(x, output, keys.get, limit)


def test_one_stop_may_stand_for_astronomically_many_paths():
    x = Value(1.0)
    middle = doubled(x, 60)
    output = doubled(middle, 60)
    found = routes(x, output, {middle: "middle"}.get)
    (route,) = found.routes
    assert route.stops == ("middle", OUTPUT)
    assert (route.count, route.contribution, route.share) == (2**120, 2.0**120, 1.0)


EDGE = Primitive("edge", lambda x, factor: 1.0, (lambda out, x, factor: factor, None))


@pytest.mark.parametrize("seed", range(30))
def test_the_order_holds_at_any_scale(seed):
    generator = random.Random(seed)
    x = node = Value(1.0)
    keys = {}
    total = 1.0
    for stage in range(4):
        factors = [10.0 ** generator.uniform(-250, 200) for _ in range(3)]
        if total * sum(factors) > 1e280 or stage % 2:
            factors = [factor * 1e-200 for factor in factors]
        total *= sum(factors)
        edges = [EDGE(node, factor) for factor in factors]
        keys.update({edge: (stage, place) for place, edge in enumerate(edges)})
        node = autograd.sum(edges)
    assert_right(x, node, keys.get, limit=100)
    assert_right(x, node, keys.get, limit=5)


def test_a_source_with_a_key_is_the_first_stop():
    x = Value(2.0)
    found = routes(x, x * 3.0, {x: "x"}.get)
    assert [route.stops for route in found.routes] == [("x", OUTPUT)]
    assert found.flows == {("x", OUTPUT): 3.0}
    (route,) = routes(x, x, lambda node: None).routes
    assert (route.stops, route.contribution, route.count) == ((OUTPUT,), 1.0, 1)


def test_no_path_is_no_route():
    x, y = Value(2.0), Value(3.0)
    for source, output in ((y, x * x), (x.detach(), x * x), (x, (x * x).detach())):
        found = routes(source, output, lambda node: None)
        assert (found.routes, found.route_count, found.count) == ((), 0, 0)
        assert (found.gradient, found.magnitude, found.flows, found.uses) == (0.0, 0.0, {}, {})


def test_keys_are_told_apart_by_their_hash_as_in_a_dict():
    x = Value(2.0)
    same, other = x * 1.0, x * 1.0  # Values of equal data are different keys
    found = routes(x, same + other, {same: same, other: other}.get)
    assert found.route_count == 2


def test_what_nearly_cancels_ends_with_the_largest_found(monkeypatch):
    monkeypatch.setattr(routing, "_EFFORT", 2_000)
    model, loss, unit = batch([16] * 6 + [1], 10)
    found = routes(model.parameters()[0], loss, unit)
    assert not found.are_largest
    assert len({route.stops for route in found.routes}) == 6
    shown = [abs(route.contribution) for route in found.routes]
    assert shown == sorted(shown, reverse=True)
    monkeypatch.undo()
    best = routes(model.parameters()[0], loss, unit)
    assert best.are_largest
    assert abs(best.routes[0].contribution) >= shown[0] > 0.3 * abs(best.routes[0].contribution)


def test_stops_that_tell_too_much_apart_are_refused():
    # Whether stage k was passed on the left is remembered: 2^k sets of nodes may be reached.
    x = Value(1.0)
    keys, reached = {}, [x]
    for stage in range(24):
        left, right = ([node * 1.0 for node in reached] for _ in range(2))
        keys.update(dict.fromkeys(left, (stage, "left")))
        keys.update(dict.fromkeys(right, (stage, "right")))
        reached = [a + b for a, b in zip(left, right, strict=True)]
        reached.append(left[0] * 1.0)
    with pytest.raises(ValueError, match="the same key"):
        routes(x, autograd.sum(reached), keys.get)


def test_deep_graphs_need_no_recursion():
    x = node = Value(1.0)
    keys = {}
    for step in range(30_000):
        node = node + 1.0
        keys[node] = step
    found = routes(x, node, keys.get)
    assert (found.route_count, len(found.routes[0].stops)) == (1, 30_000)


def test_limits_are_checked():
    x = Value(1.0)
    with pytest.raises(ValueError, match="negative"):
        routes(x, x * x, lambda node: None, limit=-1)
    for wrong in (1.5, "2", True, None):
        with pytest.raises(TypeError, match="whole number"):
            routes(x, x * x, lambda node: None, limit=wrong)


def test_what_has_no_gradient_is_refused():
    x = Value(0.0, label="x")
    with pytest.raises(ArithmeticError, match="sqrt"):
        routes(x, x.sqrt(), lambda node: None)
    x = Value(2.0, label="x")
    output = x * x
    x.data = 5.0
    with pytest.raises(ValueError, match="edited"):
        routes(x, output, lambda node: None)
