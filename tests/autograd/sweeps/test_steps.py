"""Steps of the right sweep: held against `backward()`, bit for bit, and against the graph."""

from __future__ import annotations

import copy
import math
import pickle
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import BackwardSteps, Value, backward_steps
from autograd.graph import topological_order
from autograd.switches import inspect_sweeps
from tests.random_graphs import random_graph
from tests.shallow import DEEP, on_a_small_stack


def received(steps):
    """What each node receives, added up in the order of the steps."""
    totals = {steps.output: steps.seed}
    for step in steps:
        totals[step.target] = totals.get(step.target, 0.0) + step.contribution
    return totals


@pytest.mark.parametrize("seed", range(80))
@pytest.mark.parametrize("start", [1.0, -0.3, 0.0, 1e-320])
def test_contributions_add_up_to_what_backward_writes_bit_for_bit(seed, start):
    _, output = random_graph(seed)
    steps = backward_steps(output, seed=start)
    nodes = [node for node in topological_order(output) if not node.is_constant]
    assert all(node.grad == 0.0 for node in nodes)
    found = received(steps)
    output.backward(start)
    for kept in (found, steps.gradients, steps.right):
        assert {node: repr(kept[node]) for node in kept} == {n: repr(n.grad) for n in nodes}
    assert steps.is_right
    assert steps.first_wrong is None


@pytest.mark.parametrize("seed", range(40))
def test_every_use_is_a_step_and_is_waited_for(seed):
    _, output = random_graph(seed)
    uses = Counter()
    for node in topological_order(output):
        uses.update(parent for parent in node.parents if not parent.is_constant)
    steps = backward_steps(output)
    assert len(steps) == sum(uses.values())
    totals = {}
    for place, step in enumerate(steps):
        assert (step.index, step.number) == (place, place + 1)
        assert step.node.parents[step.operand] is step.target
        assert not step.target.is_constant
        assert uses[step.node] == 0, "a node hands on after all its uses"
        assert step.upstream == (1.0 if step.node is output else totals[step.node])
        derivatives = autograd.reverse.local_derivatives(step.node)
        assert step.local_derivative == derivatives[step.operand]
        assert step.contribution == step.upstream * step.local_derivative
        totals[step.target] = totals.get(step.target, 0.0) + step.contribution
        uses[step.target] -= 1
        assert (step.total, step.pending) == (totals[step.target], uses[step.target])
        assert step.flaw == ""
    assert not any(uses.values())


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40), st.integers(0, 3))
def test_operations_of_many_operands_and_repeated_ones(numbers, repeats):
    leaves = [Value(number) for number in numbers]
    operands = leaves + leaves[:repeats] + [2.0]
    output = autograd.sum(operands) * autograd.dot(operands, operands, leaves[0])
    found = received(backward_steps(output))
    output.backward()
    assert [repr(found[leaf]) for leaf in leaves] == [repr(leaf.grad) for leaf in leaves]


def test_grad_is_not_touched():
    x = Value(3.0)
    y = x * x
    y.backward()
    x.grad = 123.0
    steps = backward_steps(y)
    _ = list(steps), str(steps), steps.gradients, steps.right
    assert (x.grad, y.grad) == (123.0, 1.0)


def test_a_leaf_alone_has_no_steps():
    x = Value(2.0, label="x")
    steps = backward_steps(x, seed=5)
    assert (len(steps), list(steps), dict(steps.gradients)) == (0, [], {x: 5.0})
    assert steps.output is x
    assert not steps
    assert str(steps).startswith("backward() from x: 0 steps")
    with pytest.raises(IndexError, match="there are no steps"):
        steps[0]


def edited():
    x = Value(2.0, label="the edited one")
    y = x * x + 1.0
    x.data = 3.0
    return y


def unused_branch():
    x = Value(0.0, label="x")
    return autograd.where(False, x.sqrt(), x) + x


BAD = {
    "a constant": lambda: Value(2.0, label="x").detach(),
    "an edited leaf": edited,
    "an infinite derivative": lambda: Value(0.0, label="x").sqrt() * 3.0,
    "zero times infinity": unused_branch,
    "an overflow in a product": lambda: (Value(1e-200) * 1e200) * 1e200,
    "an overflow in a sum": lambda: (x := Value(1.0)) * 1.2e308 + x * 1.2e308 - 2.3e308,
}


@pytest.mark.parametrize("manner", [
    {}, {"order": "depth-first"}, {"order": "breadth-first"}, {"order": "recursive"},
    {"accumulate": False}, {"operands": "set"},
])  # fmt: skip
@pytest.mark.parametrize("name", BAD)
def test_what_backward_refuses_is_refused_in_the_same_words(name, manner):
    output = BAD[name]()
    with pytest.raises((ArithmeticError, ValueError)) as expected:
        output.backward()
    with pytest.raises(type(expected.value)) as found:
        backward_steps(output, **manner)
    assert str(found.value).replace("backward_steps()", "backward()") == str(expected.value)


@pytest.mark.parametrize("start", [math.inf, -math.inf, math.nan])
def test_infinite_seeds_pass_as_they_do_in_backward(start):
    x = Value(2.0)
    y = x * x + x.relu() * 0.0
    steps = backward_steps(y, seed=start)
    y.backward(start)
    assert repr(steps.gradients[x]) == repr(x.grad)


@pytest.mark.parametrize(("arguments", "error", "words"), [
    ({"output": 3.0}, TypeError, "needs a Value as output, not float"),
    ({"output": [Value(1.0)]}, TypeError, "needs a Value as output, not list"),
    ({"accumulate": 1}, TypeError, "accumulate must be True or False"),
    ({"accumulate": None}, TypeError, "accumulate must be True or False"),
    ({"operands": "list"}, ValueError, "operands must be 'tuple' or 'set', not 'list'"),
    ({"operands": None}, ValueError, "operands must be"),
    ({"seed": "1"}, TypeError, r"backward_steps\(seed\)"),
    ({"order": "sideways"}, ValueError, "'depth-first', 'breadth-first', 'recursive' or a list"),
    ({"order": 3}, TypeError, "order must be None, a name or a list of Values, not int"),
    ({"order": Value(1.0)}, TypeError, "order must be None, a name or a list"),
])  # fmt: skip
def test_arguments_are_checked(arguments, error, words):
    x = Value(2.0)
    with pytest.raises(error, match=words):
        backward_steps(**{"output": x * x, **arguments})


def test_an_inspector_sees_the_graph_once():
    seen = []
    x = Value(2.0)
    y = x * x
    with inspect_sweeps(lambda output, seed: seen.append((output, seed))):
        backward_steps(y, seed=2.0)
        backward_steps(y, order="depth-first")
    assert [(output is y, seed) for output, seed in seen] == [(True, 2.0), (True, 1.0)]


def test_a_function_that_is_being_compiled_does_not_freeze_its_steps():
    def frozen(x):
        return x * backward_steps(x * x).gradients[x]

    with pytest.raises(
        TypeError, match=r"backward_steps\(\) inside a function that is being compil"
    ):
        autograd.compile(frozen)(2.0)

    def drawn(x):
        autograd.draw(x * x, step=1)
        return x * x

    assert autograd.compile(drawn)(3.0) == 9.0


def test_a_sequence_of_steps():
    _, output = random_graph(3)
    steps = backward_steps(output)
    everything = list(steps)
    assert [steps[k] for k in range(len(steps))] == everything
    assert [steps[k] for k in range(-len(steps), 0)] == everything
    assert list(reversed(steps)) == everything[::-1]
    for part in (slice(2, 5), slice(None, None, -1), slice(-3, None), slice(5, 2), slice(1, 9, 3)):
        assert isinstance(steps[part], BackwardSteps)
        assert list(steps[part]) == everything[part]
        assert steps[part].output is output
        assert list(steps[part].whole) == everything
        assert steps[part].gradients == steps.gradients
    assert steps.index(everything[4]) == 4
    assert everything[4] in steps
    for wrong in (len(steps), -len(steps) - 1):
        with pytest.raises(IndexError, match=rf"no step {wrong}: .* from 0 to {len(steps) - 1}"):
            steps[wrong]
    with pytest.raises(TypeError):
        steps["1"]


def test_steps_are_told_apart_by_their_nodes():
    x, twin = Value(2.0), Value(2.0)
    one, same, other = (backward_steps(leaf * leaf) for leaf in (x, x, twin))
    graph = x * x
    first, again = backward_steps(graph)[0], backward_steps(graph)[0]
    assert first == again
    assert hash(first) == hash(again)
    assert len({first, again, one[0], same[0], other[0]}) == 4
    assert one[0] != one[1]
    assert first != "a step"
    not_a_number = backward_steps(graph, seed=math.nan)
    assert not_a_number[0] == not_a_number[0]


def test_results_can_not_be_edited():
    x = Value(2.0)
    steps = backward_steps(x * x)
    with pytest.raises(AttributeError):
        steps[0].total = 0.0
    with pytest.raises(AttributeError):
        steps.gradients = {}
    with pytest.raises(TypeError):
        steps.gradients[x] = 0.0
    with pytest.raises(TypeError):
        steps[0] = steps[1]


def test_steps_stay_what_they_were_when_a_leaf_moves():
    x = Value(2.0)
    steps = backward_steps(x * x)
    before = list(steps)
    x.data = 100.0
    assert list(steps) == before
    assert steps.gradients[x] == 4.0


@pytest.mark.parametrize("copied", [
    copy.copy, copy.deepcopy, lambda steps: pickle.loads(pickle.dumps(steps)),
])  # fmt: skip
@pytest.mark.parametrize("order", [None, "depth-first"])
def test_copies_and_pickles_keep_steps_and_nodes_together(copied, order):
    _, output = random_graph(5)
    steps = backward_steps(output, order=order)
    twin = copied(steps)
    assert str(twin) == str(steps)
    assert list(twin.gradients) == [n for n in topological_order(twin.output) if not n.is_constant]
    assert list(twin.gradients.values()) == list(steps.gradients.values())
    for step in twin:
        assert step.node in twin.gradients
        assert step.target in twin.gradients


def test_a_step_in_one_line():
    w = Value(0.5, label="w_1^(1)")
    steps = backward_steps(w * (-2.0 * w))
    assert [str(step) for step in steps] == [
        "step 1: * → w₁⁽¹⁾ (operand 0): 1 × (-1) = -1, total -1, still waiting for 1 use",
        "step 2: * → * (operand 1): 1 × 0.5 = 0.5, total 0.5, complete",
        "step 3: * → w₁⁽¹⁾ (operand 1): 0.5 × (-2) = -1, total -2, complete",
    ]
    assert repr(steps[0]) == f"<BackwardStep {steps[0]}>"


def test_deep_graphs_need_no_recursion_and_little_memory():
    def work():
        x = total = Value(1.0)
        for _ in range(DEEP // 2):
            total = (total * x) + 0.5
        steps = backward_steps(total)
        columns = [c for c in vars(steps._sweep).values() if hasattr(c, "itemsize")]
        assert sum(len(c) * c.itemsize for c in columns) <= 64 * len(steps)
        text = str(steps)
        total.backward()
        return len(steps), steps.gradients[x] == x.grad, text, steps._repr_html_()

    count, agrees, text, page = on_a_small_stack(work)
    assert count == 3 * (DEEP // 2)
    assert agrees
    (left_out,) = re.findall(r"… (\d+) steps left out", text)
    shown = sum(bool(re.match(r" *[1-9]\d* ", line)) for line in text.splitlines())
    assert int(left_out) + shown == count
    assert len(page) < 20_000
