"""Wrong sweeps: held against engines that make the mistake, written as people write them."""

from __future__ import annotations

import math
import random
import re
from collections import Counter, deque

import pytest

import autograd
from autograd import Value, backward_steps
from autograd.graph import topological_order
from autograd.reverse import adjoints, local_derivatives
from autograd.verification.broken_sweeps import sweep_over_sets, sweep_overwriting
from tests.random_graphs import random_graph
from tests.shallow import DEEP, on_a_small_stack


def contributions(node, found):
    for parent, derivative in zip(node.parents, local_derivatives(node), strict=True):
        if derivative is not None:
            yield parent, derivative * found[node]


def hand_on(node, found):
    for parent, share in contributions(node, found):
        found[parent] = found.get(parent, 0.0) + share


def engine_depth_first(output):
    """micrograd's first draft: recursion with a set of visited nodes."""
    found, visited = {output: 1.0}, set()

    def backward(node):
        visited.add(node)
        hand_on(node, found)
        for operand in node.parents:
            if operand not in visited:
                backward(operand)

    backward(output)
    return found


def engine_breadth_first(output):
    found, visited, queue = {output: 1.0}, {output}, deque([output])
    while queue:
        node = queue.popleft()
        hand_on(node, found)
        for operand in node.parents:
            if operand not in visited:
                visited.add(operand)
                queue.append(operand)
    return found


def engine_recursive(output):
    found = {output: 1.0}

    def backward(node):
        hand_on(node, found)
        for operand in node.parents:
            backward(operand)

    backward(output)
    return found


ENGINES = {
    "depth-first": (engine_depth_first, {"order": "depth-first"}),
    "breadth-first": (engine_breadth_first, {"order": "breadth-first"}),
    "recursive": (engine_recursive, {"order": "recursive"}),
    "overwriting": (sweep_overwriting, {"accumulate": False}),
    "operands in a set": (sweep_over_sets, {"operands": "set"}),
}


@pytest.mark.parametrize("name", ENGINES)
def test_the_result_is_that_of_an_engine_with_this_mistake(name):
    engine, manner = ENGINES[name]
    outcomes = Counter()
    for seed in range(120):
        leaves, output = random_graph(seed, steps=7)
        steps = backward_steps(output, **manner)
        expected, right = engine(output), adjoints(output)
        reached = [node for node in topological_order(output) if not node.is_constant]
        got = {node: repr(steps.gradients[node] + 0.0) for node in reached}
        assert got == {node: repr(expected.get(node, 0.0) + 0.0) for node in reached}
        assert dict(steps.right) == right
        below = [leaf for leaf in leaves if leaf in right]
        if steps.first_wrong is None:
            assert steps.is_right
            for leaf in below:
                assert steps.gradients[leaf] == pytest.approx(right[leaf], rel=1e-9, abs=1e-12)
        else:
            wrong = [leaf for leaf in below if steps.gradients[leaf] != right[leaf]]
            assert set(steps.wrong_leaves) == set(wrong)
            assert steps.is_right == (not wrong)
        outcomes[steps.first_wrong is None, steps.is_right] += 1
        assert all(leaf.grad == 0.0 for leaf in leaves)
    assert outcomes[False, False] > 5
    assert outcomes[True, True] > 2


def uses_in(users, node):
    return sum(parent is node for user in users for parent in user.parents)


def first_early(order):
    """The first node of an order one of whose uses comes later, straight from the definition."""
    for position, node in enumerate(order):
        if uses_in(order[position:], node):
            return position
    return None


@pytest.mark.parametrize("seed", range(60))
def test_any_order_is_judged_by_its_first_node_that_hands_on_too_early(seed):
    generator = random.Random(seed)
    _, output = random_graph(seed, steps=6)
    computed = [node for node in topological_order(output) if node.parents]
    generator.shuffle(computed)
    steps = backward_steps(output, order=computed)
    culprit = first_early(computed)
    if culprit is None:
        assert steps.first_wrong is None
    else:
        assert steps.first_wrong.node is computed[culprit]
        due = uses_in(computed[culprit:], computed[culprit])
        uses = f"{due} use{'s' * (due > 1)} of it still to come"
        assert steps.first_wrong.flaw.startswith(f"hands on too early: {uses}")
    # What a node hands on is what had arrived by then.
    found = {output: 1.0}
    for node in computed:
        found.setdefault(node, 0.0)
        hand_on(node, found)
    assert {n: repr(steps.gradients[n]) for n in found} == {n: repr(found[n]) for n in found}


@pytest.mark.parametrize("seed", range(60))
def test_every_valid_order_is_right(seed):
    generator = random.Random(seed)
    _, output = random_graph(seed, steps=12)
    computed = [node for node in topological_order(output) if node.parents]
    order, waiting = [], list(computed)
    while waiting:
        ready = [place for place, node in enumerate(waiting) if not uses_in(waiting, node)]
        order.append(waiting.pop(generator.choice(ready)))
    steps = backward_steps(output, order=order)
    assert steps.first_wrong is None
    assert steps.is_right
    assert steps.wrong_leaves == ()
    assert not any(step.flaw for step in steps)
    for node, adjoint in steps.right.items():
        assert steps.gradients[node] == pytest.approx(adjoint, rel=1e-9, abs=1e-12)
    assert str(steps).endswith("right: every node handed on once, after all its uses had arrived")


def test_the_usual_order_as_a_list_with_its_leaves_and_constants_has_the_same_bits():
    _, output = random_graph(8)
    steps = backward_steps(output, order=reversed(topological_order(output)))
    assert dict(steps.gradients) == dict(steps.right)
    assert list(steps) == list(backward_steps(output))


def popular_port():
    """The graph on which a port of microgpt without the order gives 2 (true: 8)."""
    x = Value(1.0, label="x")
    a = 2 * x
    b = 3 * a
    a.label, b.label = "a", "b"
    return x, a, b, a + b


@pytest.mark.parametrize(("manner", "gradient", "number", "flaw"), [
    ({"order": "depth-first"}, 2.0, 3, "hands on too early: 1 use of it still to come"),
    ({"order": "breadth-first"}, 2.0, 3, "hands on too early: 1 use of it still to come"),
    ({"order": "recursive"}, 10.0, 3, "hands on too early: 1 use of it still to come"),
    ({"accumulate": False}, 6.0, 3, "overwrites 1"),
    ({"operands": "set"}, 8.0, None, ""),
    ({"accumulate": False, "order": "depth-first"}, 2.0, 3, "hands on too early: 1 use of it"),
])  # fmt: skip
def test_the_popular_port(manner, gradient, number, flaw):
    x, _, _, c = popular_port()
    steps = backward_steps(c, **manner)
    assert (steps.gradients[x], steps.right[x], steps.is_right) == (gradient, 8.0, gradient == 8.0)
    if number is None:
        assert steps.first_wrong is None
    else:
        assert steps.first_wrong.number == number
        assert steps.first_wrong.flaw.startswith(flaw)


def test_every_kind_of_flaw_says_what_it_is():
    x, a, b, c = popular_port()
    flaws = [step.flaw for step in backward_steps(c, order=[c, a, b])]
    assert flaws[2:] == [
        "hands on too early: 1 use of it still to come",
        "too late: the operand has handed on without it",
    ]
    again = [step.flaw for step in backward_steps(c, order="recursive")]
    assert again[4] == "hands all of it on once more"
    square = backward_steps(x * x, operands="set")
    assert [(step.operand, step.flaw) for step in square] == [
        (1, "one share for 2 operands: the set keeps one of them")
    ]
    assert (square.gradients[x], square.right[x]) == (1.0, 2.0)
    quotient = backward_steps(x / x, operands="set")
    assert (quotient.gradients[x], quotient.right[x]) == (-1.0, 0.0)
    assert [step.flaw for step in backward_steps(x * x, accumulate=False)] == ["", "overwrites 1"]


def test_right_by_luck_is_told_from_right():
    x = Value(2.0, label="x")
    a = x * 3.0
    steps = backward_steps(a + a * 0.0, order="depth-first")
    assert steps.first_wrong.node is a
    assert steps.is_right
    assert steps.wrong_leaves == ()
    assert "right by luck; the first wrong step: at step 3, * #1 → x: hands on" in str(steps)


@pytest.mark.parametrize(("order", "error", "words"), [
    (lambda x, a, b, c: [c, b], ValueError, "leaves out 1 of the nodes .*: mul 'a'"),
    (lambda x, a, b, c: [], ValueError, "leaves out 3 of the nodes"),
    (lambda x, a, b, c: [c, b, a, b], ValueError,
     r"order\[3\], mul 'b' .*, is order\[1\] once more"),
    (lambda x, a, b, c: [c, b, a, x, x], ValueError, r"order\[4\], leaf 'x' .* order\[3\] once"),
    (lambda x, a, b, c: [c, b, a, Value(7.0, "stranger")], ValueError,
     r"order\[3\], leaf 'stranger' \(data=7.0\), is not in the graph of add"),
    (lambda x, a, b, c: [c, b, a, 1.0], TypeError, r"order\[3\] must be a Value, not float 1.0"),
    (lambda x, a, b, c: [c, "b", "aa"], LookupError, "nothing here is called 'aa'"),
    (lambda x, a, b, c: [c, None, a], TypeError, r"order\[1\] must be a Value, not NoneType"),
])  # fmt: skip
def test_an_order_that_is_none_is_refused(order, error, words):
    x, a, b, c = popular_port()
    with pytest.raises(error, match=words):
        backward_steps(c, order=order(x, a, b, c))


def test_an_order_may_be_one_of_names():
    x, a, b, c = popular_port()
    c.label = "w_11^(1)"
    steps = backward_steps(c, order=["w_{11}^{(1)}", "a", b])
    assert list(steps) == list(backward_steps(c, order=[c, a, b]))
    assert steps.gradients[x] == 2.0


def test_what_a_long_order_leaves_out_is_counted():
    x = total = Value(1.0)
    for _ in range(5000):
        total = total * x
    with pytest.raises(
        ValueError, match=r"leaves out 4999 of the nodes .* and 4995 more$"
    ) as found:
        backward_steps(total, order=[total])
    assert len(str(found.value)) < 400


def test_a_recursion_that_would_not_end_is_refused_with_its_size():
    total = Value(1.0)
    for doublings in range(1, 400):
        total = total + total
        if doublings == 10:
            steps = backward_steps(total, order="recursive")
            assert len(steps) == sum(2 * 2**k for k in range(10))
        if doublings in (25, 50):
            with pytest.raises(ValueError, match=f"would enter {2**doublings - 1} nodes"):
                backward_steps(total, order="recursive")
    with pytest.raises(ValueError, match=r"would enter more than 10{18} nodes"):
        backward_steps(total, order="recursive")


@pytest.mark.parametrize("manner", [
    {"order": "depth-first"}, {"order": "breadth-first"}, {"order": "recursive"},
    {"accumulate": False}, {"operands": "set"},
])  # fmt: skip
def test_deep_graphs_need_no_recursion(manner):
    def work():
        x = total = Value(1.0, label="x")
        for _ in range(DEEP // 10):
            total = total * 1.0
        steps = backward_steps(total + x, **manner)
        return steps.is_right, steps.gradients[x], len(str(steps).splitlines())

    is_right, gradient, lines = on_a_small_stack(work)
    assert (is_right, gradient) == ((False, 1.0) if "accumulate" in manner else (True, 2.0))
    assert lines < 60


def test_a_wrong_sweep_that_overflows_is_shown():
    x = Value(1.0, label="x")
    a = x * 1e200
    b = a * 1e100
    output = (b - b * 1.0) * 1e100
    steps = backward_steps(
        output, order=[output, output.parents[0], b, a, output.parents[0].parents[1]]
    )
    assert steps.right[x] == 0.0
    assert steps.gradients[x] == float("inf")
    assert re.search(r"x +inf +0  ✗ wrong", str(steps))


def test_many_operands_in_a_set():
    x, y = Value(2.0), Value(3.0)
    steps = backward_steps(autograd.sum([x, y, x, 5.0, x, y]), operands="set")
    assert [(step.target, step.operand) for step in steps] == [(x, 4), (y, 5)]
    assert "one share for 3 operands" in steps[0].flaw
    assert "one share for 2 operands" in steps[1].flaw


def test_a_zero_is_right_whatever_its_sign_and_nan_where_nan_is():
    x = Value(2.0)
    backwards = -(x * 0.0) + x * 0.0
    steps = backward_steps(backwards, accumulate=False)
    assert steps.first_wrong is not None
    assert steps.is_right
    undefined = backward_steps(x * x, accumulate=False, seed=math.nan)
    assert undefined.first_wrong is not None
    assert undefined.is_right
