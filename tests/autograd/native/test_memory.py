"""What the compiled engine holds and gives back: no growth, small nodes, deep deaths."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import subprocess
import sys
import textwrap
import weakref
from pathlib import Path

import pytest

import autograd  # with AUTOGRAD_ENGINE=native a missing extension is an error, not a skip
from autograd import primitives
from autograd.primitive import Primitive
from tests.shallow import DEEP, on_a_small_stack

engine = pytest.importorskip(
    "autograd.native.engine", reason="the compiled engine is not built (setup.py build_ext)"
)
Value = engine.Value
ROOT = Path(__file__).parents[3]
STATM = Path("/proc/self/statm")
needs_statm = pytest.mark.skipif(
    not STATM.exists() or "libasan" in os.environ.get("LD_PRELOAD", ""),
    reason="resident memory is read from /proc, and a sanitizer takes more",
)

_RESIDENT = """
import gc, resource
gc.disable()
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
"""


def measured(script):
    """Run a script in a fresh process and return the number it prints."""
    finished = subprocess.run(
        [sys.executable, "-c", _RESIDENT + textwrap.dedent(script)],
        cwd=ROOT,
        env=dict(os.environ, AUTOGRAD_ENGINE="native"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return float(finished.stdout)


@needs_statm
def test_ten_thousand_training_steps_do_not_grow():
    growth = measured(
        """
        from autograd import Value, dot, exp, hypot, logsumexp, no_grad, softmax, values
        parameters = values([0.1 * i - 0.5 for i in range(12)])
        examples = [([1.0, -0.5, 0.25], 0), ([-1.0, 0.5, 2.0], 1)]
        def step():
            losses = []
            for x, target in examples:
                hidden = [dot(parameters[3 * i : 3 * i + 3], x, 1).tanh() for i in range(4)]
                logits = [hidden[0] * hidden[1] + 2, hypot(hidden[2], hidden[3]) - 1]
                losses.append(logsumexp(logits) - logits[target] + softmax(logits)[0] ** 2)
                assert losses[-1].parents[0].parents
            loss = sum(losses) / len(losses)
            loss.backward()
            for parameter in parameters:
                parameter.data -= 0.001 * parameter.grad
                parameter.zero_grad()
            try:
                (loss - loss.data).log().backward()
            except ValueError:
                pass
            try:
                (exp(loss) / 0).backward()
            except ZeroDivisionError:
                pass
            with no_grad():
                return (loss * 2).data
        for _ in range(1000):
            step()
        before = resident()
        for _ in range(10000):
            step()
        print(resident() - before)
        """
    )
    assert growth < 200_000  # 20 bytes a step; one forgotten node would be 100


@needs_statm
@pytest.mark.parametrize(
    "graph",
    [
        "node = Value(1.0)\nfor _ in range(n): node = node + 1.0",
        "node = Value(1.0)\nfor _ in range(n): node = node.relu()",
        "x = Value(1.0)\nnode = sum([x * 0.5 for _ in range(n)])",
    ],
    ids=["chain", "unary chain", "sum"],
)
def test_a_node_takes_at_most_a_hundred_bytes(graph):
    taken = measured(
        f"""
        from autograd import Value
        n = 1
        {textwrap.indent(graph, " " * 8).strip()}
        n = 300_000
        before = resident()
        {textwrap.indent(graph, " " * 8).strip()}
        nodes = 2 * n if "sum(" in {graph!r} else n  # the products, and the additions of sum()
        lists = 8 * n if "sum(" in {graph!r} else 0
        print((resident() - before - lists) / nodes)
        """
    )
    assert 60 < taken <= 100


def test_the_size_that_python_reports():
    assert sys.getsizeof(Value(1.0)) <= 100
    assert not gc.is_tracked(Value(1.0) + 1.0)


def leaked(work, times=300):
    """Return the memory blocks that `times` calls leave behind, in the best of several rounds."""
    spares = engine.values(range(10_000))  # the engine keeps some dead nodes for later
    del spares
    growth = []
    for _ in range(5):
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(times):
            work()
        gc.collect()
        growth.append(sys.getallocatedblocks() - before)
    return min(growth)


def raising(function):
    try:
        function()
    except (ArithmeticError, ValueError, TypeError, OverflowError):
        return
    raise AssertionError("no error")


@pytest.mark.parametrize(
    "work",
    [
        lambda: (Value(2.0, "x") * 3.0 + 1).backward(),
        lambda: (Value(2.0) ** Value(3.0)).parents[1].parents,
        lambda: primitives.dot(engine.values(range(200)), [2.0] * 200, 1.0).backward(),
        lambda: primitives.dot([Value(1.0), 2.0, 3.0], [4.0, Value(5.0), 6.0]).parents[1].data,
        lambda: primitives.prod([Value(1.5), 2.0, Value(3.0)]).backward(),
        lambda: primitives.softmax(engine.values([1.0, 2.0, 3.0]))[0].backward(),
        lambda: (Value(2.0) * 3.0).adjoints_of([Value(1.0)]),
        lambda: raising(lambda: Value(-1.0).log()),
        lambda: raising(lambda: primitives.norm([Value(0.0), Value(0.0)]).backward()),
        lambda: raising(lambda: primitives.sum([Value(1.0), "2", Value(3.0)])),
        lambda: raising(lambda: primitives.sum([Value(float(i)) for i in range(99)] + [None])),
        lambda: raising(lambda: Value(1.0) + 10**400),
        lambda: raising(lambda: Value("1")),
        lambda: raising(lambda: (Value(0.0).sqrt() + 1.0).backward()),
        lambda: raising(lambda: Value(1.0) * [1.0]),
        lambda: weakref.ref(Value(1.0) * 2.0),
        lambda: [Value(1.0) == 1, Value(1.0) < 2.0, hash(Value(1.0)), bool(Value(1.0)), +Value(1)],
        lambda: engine.restored((1.0, 0.0, "x", None, False, None, 0, ())),
    ],
)
def test_nothing_is_left_behind(work):
    assert leaked(work) < 100


def test_deep_copies_and_pickles_leave_nothing_behind():
    def work():
        node = Value(1.0, "x")
        for _ in range(5):
            node = primitives.dot([node, 1.0], [node, 2.0], 3.0)
        copy.deepcopy(node)
        pickle.loads(pickle.dumps(node))

    assert leaked(work, 100) < 50


@pytest.mark.parametrize(
    "step",
    [
        lambda node: node + 1.0,
        lambda node: node.sin(),
        lambda node: node * node,
        lambda node: primitives.sum([node, 1.0, node]),
        lambda node: primitives.where(1.0, node, 2.0),
    ],
    ids=["+", "sin", "shared", "n-ary", "ternary"],
)
def test_a_deep_chain_dies_without_recursion(step):
    def work():
        node = Value(0.5)
        first = weakref.ref(node)
        for _ in range(DEEP):
            node = step(node)
            if abs(node.data) > 1e100:
                node = node * 0.0 + 0.5
        assert first() is not None
        del node
        assert first() is None

    on_a_small_stack(work)


def test_death_comes_with_the_last_reference_and_without_the_collector():
    gc.disable()
    try:
        x = Value(2.0)
        middle = x * 3.0
        out = primitives.sum([middle, x, middle])
        watched = [weakref.ref(node) for node in (x, middle, out)]
        out.backward()
        del middle
        assert [ref() is None for ref in watched] == [False, False, False]
        del out
        assert [ref() is None for ref in watched] == [False, True, True]
        del x
        assert watched[0]() is None
    finally:
        gc.enable()


def test_callbacks_run_once_for_every_node_of_a_dying_graph():
    died = []
    node = Value(0.0)
    watched = []
    for number in range(1000):
        node = node + 1.0
        watched.append(weakref.ref(node, lambda _, number=number: died.append(number)))
    del node
    assert sorted(died) == list(range(1000))


def test_a_callback_may_build_and_drop_graphs_of_its_own():
    found = []

    def callback(_):
        x = Value(3.0)
        out = primitives.sum([x * x, x, 1.0])
        out.backward()
        found.append(x.grad)

    node = Value(0.0)
    watched = []
    for _ in range(200):
        node = node * 1.0
        watched.append(weakref.ref(node, callback))
    del node
    assert found == [7.0] * 200


def test_a_reused_node_has_forgotten_everything():
    with autograd.record_locations():
        for _ in range(50):
            node = primitives.where(1.0, Value(2.0, "two"), 3.0)
            node.label = "old"
            node.backward()
            kept = weakref.ref(node)
            del node
            assert kept() is None
    fresh = [Value(1.0) for _ in range(50)] + [Value(1.0).detach() for _ in range(50)]
    for node in fresh:
        assert (node.label, node.location, node.grad, node.op, node.parents) == (
            *("", None, 0.0, "", ()),
        )
    assert sum(node.is_constant for node in fresh) == 50


def test_the_references_of_labels_are_balanced():
    label = "".join(["a ", "label"])  # not interned
    before = sys.getrefcount(label)
    for _ in range(3):
        nodes = [Value(1.0, label) for _ in range(10_000)]
        nodes += [node * 2.0 for node in nodes]
        nodes[0].label = label
        nodes[1].label = None
        del nodes
    assert sys.getrefcount(label) == before


def test_the_references_of_none_are_balanced_once_the_spare_nodes_are_there():
    def work():
        nodes = [Value(1.0, "x") * 2.0 for _ in range(10_000)]
        nodes[0].label = None
        nodes[1].label = "y"

    work()
    before = sys.getrefcount(None)
    for _ in range(5):
        work()
    assert abs(sys.getrefcount(None) - before) < 50


@needs_statm
def test_a_large_sweep_gives_its_memory_back():
    growth = measured(
        """
        from autograd import Value
        def grown(n):
            node = Value(1.0)
            for _ in range(n):
                node = node + 1.0
            node.backward()
        for _ in range(3):  # until the allocator has settled on what it keeps
            grown(400_000)
        before = resident()
        for _ in range(3):
            grown(400_000)
        print(resident() - before)
        """
    )
    assert growth < 2_000_000


def test_an_operand_that_empties_its_list_while_it_is_read():
    class Emptying(float):
        def __float__(self):
            operands.clear()
            return 2.0

    for size in (1, 2, 5, 100):
        operands = [Emptying(1.0), *engine.values(range(size))]
        total = engine.FUNCTIONS["sum"](operands)
        others = engine.values([0.5] * 500)  # would lie where freed operands lay
        assert operands == []
        assert total.data == 2.0 + sum(range(size))
        assert [parent.data for parent in total.parents] == [2.0, *range(size)]
        total.backward()
        assert all(other.grad == 0.0 for other in others)


def test_a_sweep_within_a_sweep():
    inner = []

    def partial(out, x):
        y = Value(4.0)
        (y * y + y).backward()
        inner.append(y.grad)
        return 2.0 * x

    square = Primitive("square", lambda x: x * x, (partial,))
    x = Value(3.0)
    node = square(x * 2.0) + x
    node.backward()
    assert x.grad == 2.0 * 6.0 * 2.0 + 1.0
    assert inner == [9.0]


def test_adjoints_are_found_though_another_sweep_met_the_same_nodes():
    x, y, stranger = Value(3.0), Value(5.0), Value(1.0)
    inner = x * y

    def partial(out, a):
        inner.backward()  # it gives every node below `inner` another place
        return 2.0 * a

    square = Primitive("square", lambda a: a * a, (partial,))
    output = x + square(inner)
    assert output.adjoints_of([y, stranger, x, inner, output]) == [
        30.0 * 3.0, 0.0, 1.0 + 30.0 * 5.0, 30.0, 1.0,
    ]  # fmt: skip
    assert (x * y).adjoints_of([stranger, y, y]) == [0.0, 3.0, 3.0]
