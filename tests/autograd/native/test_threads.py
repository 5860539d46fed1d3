"""The compiled engine under real threads: graphs of their own, shared parameters, own switches."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import autograd  # with AUTOGRAD_ENGINE=native a missing extension is an error, not a skip
from autograd import primitives

engine = pytest.importorskip(
    "autograd.native.engine", reason="the compiled engine is not built (setup.py build_ext)"
)
Value = engine.Value
THREADS = 6


@pytest.fixture(autouse=True)
def _switching_often():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def at_once(work):
    """Run `work(number)` in threads that start together; return what each returned."""
    ready = threading.Barrier(THREADS)

    def started(number):
        ready.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(started, range(THREADS)))


def network(parameters, x):
    """Return a small graph with operations in C and in Python (hypot, prod, lgamma)."""
    hidden = [primitives.tanh(primitives.dot(parameters[:2], [x, w], x)) for w in parameters]
    parts = [primitives.hypot(hidden[0], x), primitives.prod(hidden), sum(hidden) ** 2]
    return primitives.logsumexp([*parts, primitives.lgamma(parameters[0] + 3.0)])


def gradients_at(number):
    parameters = engine.values([0.3, -0.5, 0.1 * number])
    out = network(parameters, 0.2 + number)
    out.backward()
    return [out.data, *(p.grad for p in parameters)]


def test_independent_graphs():
    alone = [gradients_at(number) for number in range(THREADS)]
    for found in at_once(lambda number: [gradients_at(number) for _ in range(60)]):
        assert found == [found[0]] * 60
        assert found[0] in alone


def test_many_short_lives_in_every_thread():
    def work(number):
        total = 0.0
        for step in range(300):
            chain = Value(float(number))
            for _ in range(100):
                chain = chain + 1.0
            total += chain.data - step
        return total

    assert at_once(work) == [300 * (n + 100.0) - sum(range(300)) for n in range(THREADS)]


def test_graphs_of_shared_parameters_read_without_writing():
    parameters = engine.values([0.3, -0.5, 0.7])
    alone = [network(parameters, 0.2 + n).adjoints_of(parameters) for n in range(THREADS)]

    def work(number):
        return [network(parameters, 0.2 + number).adjoints_of(parameters) for _ in range(60)]

    assert at_once(work) == [[expected] * 60 for expected in alone]
    assert [p.grad for p in parameters] == [0.0, 0.0, 0.0]


def test_sweeps_into_shared_parameters_all_arrive():
    x, y = Value(2.0), Value(3.0)

    def work(number):
        for _ in range(500):
            (x * y + y * number).backward()

    at_once(work)
    assert x.grad == THREADS * 500 * 3.0
    assert y.grad == sum(500 * (2.0 + number) for number in range(THREADS))


def test_one_graph_differentiated_by_all():
    parameters = engine.values([0.3, -0.5, 0.7])
    out = network(parameters, 0.9)
    alone = out.adjoints_of(parameters)
    assert at_once(lambda _: [out.adjoints_of(parameters) for _ in range(60)]) == (
        [[alone] * 60] * THREADS
    )


def test_plain_numbers_among_shared_operands_become_the_same_nodes_in_all():
    for _ in range(50):
        node = primitives.dot(engine.values([1.0, 2.0]), [3.0, 4.0], 5.0)
        found = at_once(lambda _, node=node: node.parents)
        assert {tuple(map(id, parents)) for parents in found} == {tuple(map(id, found[0]))}


def test_switches_hold_for_their_thread_only():
    x = Value(2.0)

    def work(number):
        recorded = set()
        for _ in range(200):
            if number % 2:
                with autograd.no_grad():
                    recorded.add((x * x).is_constant)
                    with autograd.enable_grad():
                        assert not (x * x).is_constant
            else:
                recorded.add((x * x).is_constant)
            if number == 0:
                with autograd.record_locations():
                    assert (x * x).location is not None
            else:
                assert (x * x).location is None
        return recorded

    assert at_once(work) == [{bool(number % 2)} for number in range(THREADS)]


def test_a_new_thread_starts_with_recording_on():
    found = []
    with autograd.no_grad():
        thread = threading.Thread(target=lambda: found.append((Value(1.0) + 1.0).is_constant))
        thread.start()
        thread.join()
        assert (Value(1.0) + 1.0).is_constant
    assert found == [False]


def test_graphs_made_here_may_die_there():
    for _ in range(20):
        graphs = []
        for number in range(THREADS):
            node = Value(float(number))
            for _ in range(2000):
                node = node * 1.0
            graphs.append(node)
        del node
        at_once(lambda _, graphs=graphs: graphs.pop())
        assert graphs == []
