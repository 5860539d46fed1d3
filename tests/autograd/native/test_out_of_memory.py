"""Every allocation of engine and machine fails once: a MemoryError, and everything as it was."""

from __future__ import annotations

import copy
import functools
import os
import pickle
import subprocess
import sys
import textwrap
from array import array
from pathlib import Path

import pytest

import autograd
from autograd import Value, switches, values
from autograd.machine import native_machine
from autograd.primitive import Primitive
from autograd.program import SGD, Adam
from autograd.program.compiling import compile

# What is in no module of ours, with every allocation failing once.
OF_PYTHON = """
import _testcapi
def work():
    numbers = [float(k) for k in range(40)]
    pairs = list(map(lambda x, y: (x, y), numbers, numbers))
    def are_floats(kind=float, *, more=()):
        return all(isinstance(number, (kind, *more)) for number in numbers)
    class Named:
        def __init__(self, **named): self.__dict__.update(named)
    text = "".join(f"{x!r}" for x in numbers)
    return [are_floats(), Named(a=1, b=[2]), {x: [y] for x, y in pairs}, text]
work()
for failing in range(400):
    _testcapi.set_nomemory(failing, failing + 1)
    try: work()
    except (MemoryError, RuntimeError, SystemError): pass
    finally: _testcapi.remove_mem_hooks()
"""


@functools.cache
def python_survives():
    """Return whether this Python itself lives on without memory: 3.12.1 and 3.13.0 do not."""
    return subprocess.run([sys.executable, "-c", OF_PYTHON], capture_output=True).returncode == 0


@pytest.fixture(autouse=True)
def _python_survives():
    if not python_survives():
        pytest.skip("this Python crashes on its own where an allocation of its own fails")


testcapi = pytest.importorskip("_testcapi", reason="this Python has no hooks for its allocators")
engine = pytest.importorskip("autograd.native.engine", reason="the compiled engine is not built")
pytestmark = [
    pytest.mark.skipif(autograd.engine != "native", reason="allocations in C are those meant here"),
    pytest.mark.skipif(
        "libasan" in os.environ.get("LD_PRELOAD", ""), reason="a sanitizer allocates on its own"
    ),
    # What Python itself could not do without memory, in generators say.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
ROOT = Path(__file__).parents[3]
PATIENT = "CHAINRULE_PATIENT" in os.environ  # every allocation, not one in some


def without_memory(work, state, most=400):
    """Let allocation 0, 1, … of `work` fail, each in a call of its own; return how many failed.

    After each failure `state()` has to be as before, and at the end `work()` has to succeed.
    """
    failures = 0
    before = state()
    most = most if not PATIENT else 100_000
    kept = [None] * most  # results stay, so that no spare memory comes of them
    for failing in range(most):
        failed = True
        testcapi.set_nomemory(failing, failing + 1)
        try:
            kept[failing] = work()
            failed = False
        except MemoryError:
            pass
        except (RuntimeError, pickle.PicklingError) as error:  # what CPython makes of it
            if "allocate lock" not in str(error) and "import of module" not in str(error):
                raise
        except SystemError as error:  # what NumPy makes of it
            if "error return without exception set" not in str(error):
                raise
        finally:
            testcapi.remove_mem_hooks()
        if not failed:
            if failing > 30 or PATIENT:
                break
            continue  # it was a cache that went without
        failures += 1
        assert switches.current.graph
        assert switches.current.watch is None
        assert not switches.watchers
        found = state()
        assert found == before or same(found, before), f"allocation {failing} of the call"
    work()
    return failures


def same(one, other):
    return repr(one) == repr(other)


def nothing():
    return None


def filled():
    """Use up the engine's spare nodes, so that every new node is allocated."""
    return values(range(5_000))


SQUARE = Primitive("square", lambda x: x * x, (lambda out, x: 2.0 * x,))
TOTAL = Primitive("total", lambda *xs: float(sum(xs)), lambda out, *xs: [1.0] * len(xs))


@pytest.mark.parametrize(
    "work",
    [
        lambda x, y: x * y + 2.0,
        lambda x, y: autograd.sin(x),
        lambda x, y: autograd.where(x, y, 3.0),
        lambda x, y: autograd.sum([x, y] * 50),
        lambda x, y: autograd.dot([x, y], [1.0, y], x),
        lambda x, y: autograd.lgamma(x + 3.0),
        lambda x, y: SQUARE(x) + TOTAL.apply((x, y, 1.0)),
        lambda x, y: (x * y).parents,
        lambda x, y: autograd.dot([x, 2.0], [3.0, y]).parents,
        lambda x, y: autograd.gradients(x * y, [x, y]),
        lambda x, y: (x * y).adjoints_of([x, y]),
        lambda x, y: copy.deepcopy(autograd.sin(x) * y),
        lambda x, y: pickle.loads(pickle.dumps(autograd.sin(x) * y)),
        lambda x, y: values([1.0, 2.0, 3.0]),
        lambda x, y: x.describe(),
    ],
)
def test_recording(work):
    x, y = Value(2.0, "x"), Value(3.0, "y")
    kept = filled()
    assert without_memory(lambda: work(x, y), lambda: (x.data, x.grad, y.data, y.grad)) > 0
    del kept


def test_a_sweep_writes_all_or_nothing():
    leaves = values([0.1 * k for k in range(80)])
    out = autograd.sum([SQUARE(x) * autograd.prod(leaves[:3]) for x in leaves])

    def work():
        out.backward()
        for leaf in leaves:
            leaf.zero_grad()

    big = Value(0.0)
    for _ in range(2_200_000):  # a sweep that keeps no memory for the next
        big = big + 1.0
    big.backward()
    del big
    without_memory(work, lambda: [leaf.grad for leaf in leaves])


def test_numbers_set_all_or_nothing():
    leaves = values([1.0, 2.0, 3.0])
    numbers = array("d", [4.0, 5.0, 6.0])
    assert engine.numbers_of(leaves).tolist() == [1.0, 2.0, 3.0]
    without_memory(
        lambda: engine.set_numbers(tuple(leaves), numbers) or engine.set_numbers(leaves, ones),
        lambda: [leaf.data for leaf in leaves] in ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]),
    )


ones = array("d", [1.0, 2.0, 3.0])


def test_deep_graphs_die_without_memory():
    script = """
        import _testcapi, resource
        from autograd import Value
        _, most = resource.getrlimit(resource.RLIMIT_STACK)
        resource.setrlimit(resource.RLIMIT_STACK, (1 << 19, most))  # recursion ends soon
        for length in (1_000, 100_000):
            node = Value(0.5)
            for _ in range(length):
                node = node * 1.0 + node
            _testcapi.set_nomemory(0, 0)  # from now on there is none
            del node
            _testcapi.remove_mem_hooks()
        print("alive")
    """
    finished = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=ROOT, env=dict(os.environ, AUTOGRAD_ENGINE="native"), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert finished.stdout == "alive\n", finished.stderr[-500:]


# --- The machine ----------------------------------------------------------------------------------

needs_machine = pytest.mark.skipif(native_machine() is None, reason="the machine is not built")
W = Value(0.5, "w")


def f(x, y):
    return autograd.tanh(W * x) * y + autograd.dot([x, y], [y, W]) if x > -9.0 else y


@needs_machine
@pytest.mark.parametrize(
    "work",
    [
        lambda p: p(1.0, 2.0),
        lambda p: p.value_and_grad(1.0, 2.0),
        lambda p: p.rows([1.0] * 3000, [2.0] * 3000, threads=2),
        lambda p: p.rows([1.0, -10.0] * 30, [2.0] * 60),
        lambda p: p.rows_value_and_grad([1.0] * 50, [2.0] * 50, reduce="sum"),
        lambda p: p.source(),
        lambda p: p.listing(True),
        copy.deepcopy,
    ],
)
def test_programs(work):
    program = compile(f)
    expected = program(1.0, 2.0), program.rows([0.5, -10.0], [2.0, 3.0])
    work(program)
    state = lambda: (program(1.0, 2.0), program.rows([0.5, -10.0], [2.0, 3.0]), W.data) == (
        *expected, 0.5,
    )  # fmt: skip
    without_memory(lambda: work(program), state)
    assert state()


@needs_machine
def test_compiling():
    kept = []

    def work():
        kept[:] = [compile(f)]
        return kept[0](1.0, 2.0)

    expected = work()
    assert without_memory(work, lambda: (W.data, compile(f)(1.0, 2.0) == expected), 900) > 50


@needs_machine
@pytest.mark.parametrize("make", [lambda: SGD(lr=0.01, momentum=0.5), lambda: Adam(lr=0.01)])
@pytest.mark.parametrize(
    "steering", [{}, {"schedule": lambda step: 1.0 / (1.0 + step), "clip_norm": 0.1}]
)
def test_training_takes_whole_steps_only(make, steering):
    def fresh():
        w, b = Value(0.5), Value(0.1)
        program = compile(lambda x, y: (w * x + b - y) ** 2, parameters=[w, b])
        optimizer = make()
        trainer = program.trainer(
            [0.1 * k for k in range(30)], [0.2 * k for k in range(30)], optimizer=optimizer,
            batch_size=7, **steering,
        )  # fmt: skip
        return trainer, lambda: (optimizer.steps, list(optimizer.state), w.data, b.data)

    trainer, state = fresh()
    at = {0: state()}
    for step in range(1, 600):
        trainer.step()
        at[step] = state()
    failures = 0
    for failing in range(300 if not PATIENT else 5_000):
        trainer, state = fresh()
        for _ in range(3):
            trainer.step()
        trainer.optimizer.lr *= 2.0  # so that the settings are looked at again
        trainer.optimizer.lr /= 2.0
        testcapi.set_nomemory(failing, failing + 1)
        try:
            trainer.run(steps=20)
        except MemoryError:
            failures += 1
        finally:
            testcapi.remove_mem_hooks()
        assert state() == at[trainer.steps]
        assert trainer.steps in (3, 23)
        trainer.run(steps=10)
        assert state() == at[trainer.steps]
    assert failures > 5
