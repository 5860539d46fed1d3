"""Paths: against brute-force enumeration, the reverse sweep, and at sizes nobody enumerates."""

import itertools
import math
import random
import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import autograd
from autograd import (
    Multiplications,
    Primitive,
    Value,
    count_paths,
    multiplications,
    path_sum,
    paths,
    use_counts,
)
from autograd.graph import topological_order
from autograd.path_finding import counts
from autograd.reverse import adjoints, local_derivatives


def random_graph(seed, steps=9):
    """A small graph with shared operands, equal operands, constants and dead branches."""
    generator = random.Random(seed)
    leaves = [Value(generator.uniform(-1.5, 1.5)) for _ in range(3)]
    nodes = list(leaves)
    for _ in range(steps):
        x, y = generator.choice(nodes), generator.choice(nodes[-4:])
        nodes.append(
            generator.choice(
                [
                    lambda x, y: x * y,
                    lambda x, y: x + y,
                    lambda x, y: x - 2.0 * y,
                    lambda x, y: x * x,
                    lambda x, y: y.tanh(),
                    lambda x, y: autograd.dot([x, y, 0.5], [y, x, x], bias=y),
                ]
            )(x, y)
        )
    return leaves, nodes[-1]


def enumerate_by_recursion(source, node):
    """Every path as (operand indices, derivatives), straight from the definition."""
    if node is source:
        return [((), ())]
    found = []
    if not node.is_constant and node.parents:
        derivatives = local_derivatives(node)
        for operand, parent in enumerate(node.parents):
            if derivatives[operand] is not None:
                for operands, factors in enumerate_by_recursion(source, parent):
                    found.append(((*operands, operand), (*factors, derivatives[operand])))
    return found


def doubled(start, times):
    total = start
    for _ in range(times):
        total = total + total
    return total


@pytest.mark.parametrize("seed", range(60))
def test_paths_are_all_paths_in_order_and_add_up_to_the_adjoint(seed):
    leaves, output = random_graph(seed)
    for source in leaves:
        expected = enumerate_by_recursion(source, output)
        found = list(paths(source, output))
        assert count_paths(source, output) == len(found) == len(expected)
        assert {(path.operands, path.local_derivatives) for path in found} == set(expected)
        sizes = [abs(path.product) for path in found]
        assert sizes == sorted(sizes, reverse=True)
        assert len({(path.nodes, path.operands) for path in found}) == len(found)
        for path in found:
            assert path.product == pytest.approx(math.prod(path.local_derivatives), rel=1e-12)
            assert path.nodes[0] is source
            assert path.nodes[-1] is output
            for node, after, operand in zip(
                path.nodes, path.nodes[1:], path.operands, strict=False
            ):
                assert after.parents[operand] is node
        total = math.fsum(path.product for path in found)
        scale = math.fsum(sizes) or 1.0
        assert total == pytest.approx(adjoints(output).get(source, 0.0), abs=1e-12 * scale)


EDGE = Primitive("edge", lambda x, factor: 1.0, (lambda out, x, factor: factor, None))
FACTORS = st.one_of(
    st.sampled_from([1e-200, 1e-160, 1e-110, 1e110, 1e160, 1e-300, 3e-308, 5e-324, 0.0, 1.0]),
    st.builds(lambda digits, scale: digits * 10.0**scale, st.floats(1, 9), st.integers(-315, 290)),
)


@example([[1e110, 1e-300], [1e-200, 1e201], [1e-200]])  # a ratio of two bounds underflows
@settings(max_examples=150)
@given(st.lists(st.lists(FACTORS, min_size=1, max_size=3), min_size=1, max_size=4))
def test_the_order_holds_at_any_scale(stages):
    # Every stage is a bundle of parallel edges with these derivatives, so all products occur.
    largest = 1.0
    for stage in reversed(stages):  # the sweep must not overflow, which is an error of its own
        largest *= math.fsum(stage)
        assume(largest < 1e300)
    x = node = Value(1.0)
    for stage in stages:
        node = autograd.sum([EDGE(node, factor) for factor in stage])
    sizes = [abs(path.product) for path in paths(x, node)]
    assert len(sizes) == math.prod(map(len, stages))
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("seed", range(30))
def test_use_counts_count_paths(seed):
    leaves, output = random_graph(seed)
    for source in leaves:
        nodes, edges = {}, {}
        for path in paths(source, output):
            for node in path.nodes:
                nodes[node] = nodes.get(node, 0) + 1
            for edge in zip(path.nodes[1:], path.operands, strict=True):
                edges[edge] = edges.get(edge, 0) + 1
        uses = use_counts(source, output)
        assert uses.nodes == nodes
        assert uses.edges == edges
        assert uses.count == count_paths(source, output)


def test_equal_operands_are_two_paths():
    x = Value(3.0, label="x")
    square = x * x
    assert count_paths(x, square) == 2
    assert [path.operands for path in paths(x, square)] == [(0,), (1,)]
    assert [path.product for path in paths(x, square)] == [3.0, 3.0]
    assert use_counts(x, square).edges == {(square, 0): 1, (square, 1): 1}


def test_a_value_reaches_itself_along_the_empty_path():
    x = Value(3.0, label="x")
    (path,) = paths(x, x)
    assert (path.nodes, path.operands, path.product) == ((x,), (), 1.0)
    assert str(path) == "x: 1 = 1"
    assert count_paths(x, x) == 1


def test_constants_and_strangers_have_no_path():
    x, stranger = Value(3.0), Value(3.0)
    output = x * 2.0 + x.detach()
    constants = [node for node in output.parents[0].parents if node.is_constant]
    for source in (stranger, output.parents[1], *constants):
        assert source.is_constant or source is stranger
        assert count_paths(source, output) == 0
        assert list(paths(source, output)) == []
        assert use_counts(source, output).nodes == {}
        assert path_sum(source, output).gradient == 0.0
    assert count_paths(x, output) == 1


def test_two_to_the_sixty_paths_are_counted_exactly_and_walked_lazily():
    x = Value(1.0)
    output = doubled(x, 60)
    assert count_paths(x, output) == 2**60
    first = list(paths(x, output, limit=4))
    assert [path.product for path in first] == [1.0] * 4
    # Ties in operand order: the last operands turn first, like the digits of a counter.
    assert [path.operands[-2:] for path in first] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    uses = use_counts(x, output)
    assert set(uses.nodes.values()) == {2**60}
    assert set(uses.edges.values()) == {2**59}


def test_the_largest_of_astronomically_many_contributions_come_first():
    x = Value(1.0)
    output = x
    for _ in range(40):
        output = output * 3.0 + output * 2.0
    found = [path.product for path in itertools.islice(paths(x, output), 1 + 40 + 780)]
    expected = [3.0**40] + [3.0**39 * 2.0] * 40 + [3.0**38 * 4.0] * 780
    assert found == pytest.approx(expected, rel=1e-12)
    assert found == sorted(found, reverse=True)


def test_the_order_is_exact_where_products_differ_by_rounding_only():
    generator = random.Random(5)
    x = Value(1.0)
    output = x
    for _ in range(9):
        factor = generator.uniform(0.9, 1.1)
        output = output * factor + output * math.nextafter(factor, 2.0)
    sizes = [path.product for path in paths(x, output)]
    assert len(sizes) == 2**9
    assert len(set(sizes)) > 2
    assert sizes == sorted(sizes, reverse=True)


def test_paths_of_no_contribution_come_last():
    x = Value(-1.0)
    found = list(paths(x, x.relu() * 5.0 + x))
    assert [path.product for path in found] == [1.0, 0.0]


def test_path_sum_has_an_exact_remainder():
    w = Value(3.0, label="w")
    output = 2.0 * w + w * w + w
    summed = path_sum(w, output, limit=2)
    assert (summed.count, summed.gradient, summed.remainder) == (4, 9.0, 3.0)
    assert str(summed).endswith("2 more paths: 3\nsum: 9")
    assert path_sum(w, output).remainder == 0.0


def test_a_path_prints_the_chain_rule():
    w = Value(0.5, label="w")
    output = (w * 3.0 + 1.0).tanh()
    output.label = "L"
    (path,) = paths(w, output)
    slope = 1 - math.tanh(2.5) ** 2
    assert str(path) == f"w → * → + → L: 3 × 1 × {slope:.4g} = {3 * slope:.4g}"
    assert repr(path) == f"<Path {path}>"


def test_every_node_of_a_path_has_a_name_for_print():
    x = Value(2.0)
    (path,) = paths(x, x.exp())
    assert str(path) == f"· → exp: {math.exp(2.0):.4g} = {math.exp(2.0):.4g}"
    assert repr(path) == f"<Path {path}>"
    (path,) = paths(x, -x)
    assert str(path) == "· → neg: -1 = -1"


@pytest.mark.parametrize("edges", [10, 11, 12, 13, 20])
def test_twelve_names_are_shown(edges):
    x = node = Value(1.0, label="x")
    for place in range(edges):
        node = node * 1.0
        node.label = f"n{place}"
    (path,) = paths(x, node)
    names = ["x", *(f"n{place}" for place in range(edges))]
    shown = names if len(names) <= 12 else [*names[:6], "…", *names[-6:]]
    assert str(path).split(": ")[0] == " → ".join(shown)
    factors = ["1"] * edges if edges <= 12 else [*["1"] * 6, "…", *["1"] * 6]
    assert str(path).split(": ")[1] == " × ".join(factors) + " = 1"


def test_results_can_not_be_edited_and_are_told_apart_by_identity():
    x = Value(3.0)
    found = [*paths(x, x * x), path_sum(x, x * x), use_counts(x, x * x)]
    for result in (*found, multiplications(x * x)):
        with pytest.raises(AttributeError):
            result.count = result.product = 0
    twins = [path_sum(x, x * x), use_counts(x, x * x)]
    assert len({*found, *twins}) == 6
    assert multiplications(x * x) == multiplications(x * x)


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_what_is_left_out_is_counted_and_added(limit):
    w = Value(3.0, label="w")
    summed = path_sum(w, 2 * w + w * w, limit=limit)
    assert summed.count == 3
    assert len(summed.paths) == min(limit, 3)
    assert summed.remainder == {1: 5.0, 2: 2.0}.get(limit, 0.0)
    more = {1: ["2 more paths: 5"], 2: ["1 more path: 2"]}.get(limit, [])
    assert str(summed).split("\n")[min(limit, 3) :] == [*more, "sum: 8"]


def test_a_long_path_prints_shortly():
    x = total = Value(1.0, label="x")
    for _ in range(3000):
        total = total + 1.0
    (path,) = paths(x, total)
    assert len(path.nodes) == 3001
    assert len(str(path)) < 200


def test_deep_graphs_need_no_recursion():
    x = total = Value(1.0)
    for _ in range(60_000):
        total = total + 1.0
    assert count_paths(x, total) == 1
    (path,) = paths(x, total)
    assert path.product == 1.0
    assert multiplications(total) == Multiplications(59_999, 59_999, 59_999)


def lecture_network():
    """The 2-2-2-1 network of the lecture, by hand, with squared error."""
    generator = random.Random(1)
    layer = [Value(0.5).detach(), Value(-0.8).detach()]
    weights = []
    for width in (2, 2, 1):
        rows = [[Value(generator.uniform(-1, 1)) for _ in layer] for _ in range(width)]
        weights.append(rows)
        layer = [autograd.dot(row, layer, Value(0.1)).tanh() for row in rows]
    return weights, (layer[0] - 1.0) ** 2 / 2


def test_the_lecture_has_two_paths_that_share_both_ends():
    weights, loss = lecture_network()
    weight = weights[0][0][0]
    assert count_paths(weight, loss) == 2
    first, second = paths(weight, loss)
    uses = use_counts(weight, loss)
    shared = {node for node, count in uses.nodes.items() if count == 2}
    assert shared == set(first.nodes) & set(second.nodes)
    assert set(first.nodes[:3]) <= shared  # w, z_1^(1), a_1^(1)
    assert set(first.nodes[-5:]) <= shared  # z_1^(3) to the loss
    assert first.product + second.product == pytest.approx(adjoints(loss)[weight], rel=1e-14)


def test_multiplications_count_every_way_of_computing():
    weights, loss = lecture_network()
    weight = weights[0][0][0]
    # w z a | z a (twice) | z a - ** / : 9 edges on each path, 12 edges on any.
    assert multiplications(loss, weight) == Multiplications(16, 11, 11)
    everything = multiplications(loss)
    assert everything.reverse < everything.forward < everything.path_by_path


@pytest.mark.parametrize("seed", range(20))
def test_multiplications_agree_with_enumeration(seed):
    leaves, output = random_graph(seed)
    found = {leaf: list(paths(leaf, output)) for leaf in leaves}
    edges = {
        leaf: {edge for path in found[leaf] for edge in zip(path.nodes[1:], path.operands)}  # noqa: B905
        for leaf in leaves
    }
    counts = multiplications(output, *leaves)
    assert counts.path_by_path == sum(
        len(path.operands) - 1 for leaf in leaves for path in found[leaf]
    )
    assert counts.forward == sum(
        node.parents[operand] is not leaf for leaf in leaves for node, operand in edges[leaf]
    )
    assert counts.reverse == sum(node is not output for node, _ in set().union(*edges.values()))


def test_many_sources_are_counted_together_as_one_by_one(monkeypatch):
    monkeypatch.setattr(counts, "_SOURCES_TOGETHER", 2)
    weights, loss = lecture_network()
    sources = [w for layer in weights for row in layer for w in row] + [loss, weights[0][0][0]]
    sources += [node for node in topological_order(loss) if node.op == "tanh"]
    together = multiplications(loss, *sources)
    alone = [multiplications(loss, source) for source in dict.fromkeys(sources)]
    assert together.path_by_path == sum(each.path_by_path for each in alone)
    assert together.forward == sum(each.forward for each in alone)
    uses = [use_counts(source, loss).edges for source in sources]
    assert together.reverse == sum(node is not loss for node, _ in set().union(*uses))


@pytest.mark.parametrize("function", [count_paths, paths, path_sum, use_counts])
def test_swapped_arguments_are_refused(function):
    w, x = Value(2.0, label="w"), Value(3.0)
    loss = (w * x).tanh()
    expected = (
        f"no path leads from {loss.describe()} to {w.describe()}; did you mean "
        f"{function.__name__}(w, tanh)?"
    )
    with pytest.raises(ValueError, match=re.escape(expected)):
        function(loss, w)
    with pytest.raises(ValueError, match="to leaf"):
        function(loss, x)
    for source, output in ((w, x), (x, w), (loss.detach(), w), (w, Value(1.0).detach())):
        function(source, output)  # neither way: the gradient is 0


def test_an_output_that_is_none_says_which_comes_first():
    with pytest.raises(TypeError, match=r"source comes first: \(source, output\)"):
        path_sum(Value(2.0), "w")


def test_multiplications_take_lists_of_sources_and_say_when_they_are_swapped():
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    loss = (w * x).tanh() * w
    for listed in ([w, x], (w, x), {"w": w, "x": x}.values(), ["w", [x]]):
        assert multiplications(loss, listed) == multiplications(loss, w, x)
    assert multiplications(loss, [w], x) == multiplications(loss, "w", "x")
    assert multiplications(loss, []).reverse == 0
    with pytest.raises(ValueError, match=r"did you mean multiplications\(\*, w\)\?"):
        multiplications(w, loss)
    with pytest.raises(TypeError, match="needs a Value as output, got list"):
        multiplications([w, x], loss)


def test_no_path_is_said():
    w, x = Value(2.0, label="w"), Value(3.0)
    assert (
        str(path_sum(w, x * x)) == "no path leads from the source to the output: the gradient is 0"
    )


def test_negative_factors_stand_in_parentheses():
    w = Value(3.0, label="w")
    (path,) = paths(w, -(w * -2.0) * 5.0)
    assert str(path) == "w → * → neg → *: (-2) × (-1) × 5 = 10"
    (path,) = paths(w, w * -2.0)
    assert str(path) == "w → *: -2 = -2"


@pytest.mark.parametrize("function", [count_paths, paths, path_sum, use_counts])
@pytest.mark.parametrize("bad", [3.0, None, b"w", [Value(1.0)]])
def test_only_values_have_paths(function, bad):
    with pytest.raises(TypeError, match="source of a path must be a Value"):
        function(bad, Value(1.0))
    with pytest.raises(TypeError, match="output of a path must be a Value"):
        function(Value(1.0), bad)


def test_limits_are_checked_at_the_call():
    x = Value(1.0)
    with pytest.raises(ValueError, match="negative"):
        paths(x, x * x, limit=-1)
    for wrong in (1.5, "2", True, False, [1]):
        with pytest.raises(TypeError, match="whole number"):
            paths(x, x * x, limit=wrong)
    assert list(paths(x, x * x, limit=0)) == []
    assert len(list(paths(x, x * x, limit=1))) == 1


def test_a_graph_whose_leaf_was_edited_is_refused():
    x = Value(2.0, label="x")
    output = x * x
    x.data = 5.0
    with pytest.raises(ValueError, match="edited"):
        paths(x, output)


def test_an_infinite_derivative_is_refused_by_name():
    x = Value(0.0, label="x")
    with pytest.raises(ArithmeticError, match="sqrt"):
        paths(x, x.sqrt())
    assert count_paths(x, x.sqrt()) == 1
