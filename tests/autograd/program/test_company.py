"""Programs among threads, forked processes, finalisers, and modules that are half loaded."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import textwrap
import threading
import types
from array import array
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

import autograd
from autograd import Value
from autograd.machine import native_machine
from autograd.program import SGD
from autograd.program.compiling import compile

ROOT = Path(__file__).parents[3]
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked on Unix")
needs_machine = pytest.mark.skipif(native_machine() is None, reason="the machine is not built")


def in_another_process(script, timeout=60):
    finished = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(script)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=timeout,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr[-2000:]
    return finished.stdout.split()


# --- Forks ----------------------------------------------------------------------------------------

BUSY = {
    "calls": "while True: program(1.0, 2.0); program.value_and_grad(1.0, 2.0)",
    "rows": "while True: program.rows(column, column, threads=2)",
    "training": "while True: trainer.run(steps=200)",
    "compiling": "while True: compile(lambda x, y: f(x, y) * f(y, x))(1.0, 2.0)",
    "sweeps": "while True: f(Value(1.0), Value(2.0)).backward()",
}


@needs_fork
@pytest.mark.parametrize("busy", BUSY)
def test_a_child_of_a_busy_process_works(busy):
    found = in_another_process(
        f"""
        import gc, os, signal, sys, threading, time
        from array import array
        import autograd
        from autograd import Value
        from autograd.program import SGD
        from autograd.program.compiling import compile

        w = Value(0.5)
        def f(x, y):
            for _ in range(40):
                x = autograd.tanh(x * w) + y if x > -5.0 else y
            return x
        program = compile(f)
        expected = program(1.0, 2.0)
        column = array("d", [1.0]) * 3_000
        trainer = program.trainer(column, column, optimizer=SGD(lr=1e-9), batch_size=100)

        def work():
            {BUSY[busy]}

        # CPython hangs where a process is forked while one of its threads imports something.
        assert program.rows([1.0], [2.0]) == [expected]
        threading.Thread(target=work, daemon=True).start()
        results = []
        for _ in range(12):
            time.sleep(0.01)
            child = os.fork()
            if not child:
                signal.alarm(20)
                gc.collect()
                w.data = 0.5
                assert program(1.0, 2.0) == expected
                assert program.rows([1.0, 1.0], [2.0, 2.0]) == [expected] * 2
                program.rows(column, column, threads=2)
                assert compile(f)(1.0, 2.0) == expected
                assert gc.isenabled()
                f(Value(1.0), Value(2.0)).backward()
                program.train(column, column, optimizer=SGD(lr=1e-9), steps=2)
                try:
                    trainer.run(steps=1)
                except RuntimeError as error:
                    assert "already at work" in str(error)
                os._exit(0)
            results.append(os.waitpid(child, 0)[1])
        print(*results, flush=True)
        os._exit(0)
        """
    )
    assert found == ["0"] * 12


def test_rows_at_the_end_of_the_process():
    found = in_another_process(
        """
        import atexit
        from autograd.program.compiling import compile
        program = compile(lambda x: x * x)
        column = [float(k) for k in range(5_000)]
        @atexit.register
        def last():
            print(sum(program.rows(column, threads=4)) == sum(x * x for x in column))
        program.rows(column, threads=4)
        """
    )
    assert found == ["True"]


@needs_machine
def test_rows_where_no_thread_can_be_had():
    found = in_another_process(
        """
        import resource
        from autograd.program.compiling import compile
        program = compile(lambda x: x * x)
        column = [float(k) for k in range(5_000)]
        program(1.0)
        size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + (4 << 20), -1))  # no room for a stack
        print(program.rows(column, threads=4) == [x * x for x in column])
        """
    )
    assert found == ["True"]


# --- Entered again --------------------------------------------------------------------------------


class Reentering:
    """Claims, when asked for its class, to be whatever comes of calling a program."""

    def __init__(self, call):
        self.call = call
        self.told = []

    @property
    def __class__(self):
        try:
            self.call()
        except RuntimeError as error:
            self.told.append(str(error))
        return Reentering


@needs_machine
def test_a_program_entered_again_from_an_argument_says_so():
    pytest.importorskip("numpy")
    program = compile(lambda x: x[0] * x[1])
    program([1.0, 2.0])
    argument = Reentering(lambda: program([3.0, 4.0]))
    done = threading.Event()

    def work():
        with pytest.raises(TypeError):
            program(argument)
        done.set()

    threading.Thread(target=work, daemon=True).start()
    assert done.wait(10.0)
    assert program([3.0, 4.0]) == 12.0


@needs_machine
def test_programs_entered_again_from_finalisers():
    w = Value(1.0)
    program = compile(lambda x: [x, x * w, x + w])
    program(1.0)
    found, told = [], []

    class Dying:
        def __init__(self):
            self.me = self

        def __del__(self):
            try:
                found.append(program(5.0))
            except RuntimeError as error:
                told.append(str(error))

    before = gc.get_threshold()
    gc.set_threshold(5)
    try:
        for k in range(2_000):
            Dying()
            assert program(float(k)) == [k, k * 1.0, k + 1.0]
            assert program.rows([float(k)], threads=1) == [[k, k * 1.0, k + 1.0]]
    finally:
        gc.set_threshold(*before)
    assert found
    assert all(result == [5.0, 5.0, 6.0] for result in found)
    assert all("already running in this thread" in message for message in told)


def test_a_trainer_entered_again_says_so():
    w = Value(1.0)
    told = []

    def f(x):
        if trainers:
            try:
                trainers[0].step()  # a list that is filled later: what f gives is the same
            except RuntimeError as error:
                told.append(str(error))
        return (w * x) ** 2 if x > 0.0 else w * x * x  # the second way is recorded while training

    trainers = []
    program = compile(f)
    trainer = program.trainer([1.0, -1.0], optimizer=SGD(lr=0.1), batch_size=1, shuffle=False)
    trainers.append(trainer)
    trainer.run(steps=4)
    assert trainer.steps == 4
    assert told
    assert all("already at work" in message for message in told)


# --- Threads --------------------------------------------------------------------------------------


def test_compiling_in_several_threads_leaves_the_collector_on():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        assert gc.isenabled()

        def work(number):
            for k in range(30):
                assert compile(lambda x, k=k: autograd.sin(x * k) + number)(0.0) == number
            return True

        with ThreadPoolExecutor(6) as pool:
            assert all(pool.map(work, range(6)))
        assert gc.isenabled()
    finally:
        sys.setswitchinterval(interval)


def test_two_trainers_of_one_program_in_two_threads():
    """Each goes on from the Values as it finds them; no step of either is lost or mixed."""
    w = Value(0.0)
    program = compile(lambda x: w * x)  # the slope is x, whatever w is
    trainers = [program.trainer([1.0], optimizer=SGD(lr=1.0)) for _ in range(2)]
    threads = [threading.Thread(target=t.run, kwargs={"steps": 50}) for t in trainers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [t.steps for t in trainers] == [50, 50]
    if native_machine() is not None:  # in Python two steps may begin from the same numbers
        assert w.data == -100.0


@pytest.mark.parametrize("attributes", [{}, {"ndarray": float}])
def test_numpy_while_another_thread_loads_it(monkeypatch, attributes):
    half = types.ModuleType("numpy")
    half.__spec__ = ModuleSpec("numpy", None)
    half.__spec__._initializing = True
    vars(half).update(attributes)
    program = compile(lambda x: x[0] * x[1])
    column = compile(lambda x, y: x * y)
    monkeypatch.setitem(sys.modules, "numpy", half)
    assert program([3.0, 4.0]) == 12.0
    assert program(array("d", [3.0, 4.0])) == 12.0
    assert program((3.0, 4.0)) == 12.0
    if native_machine() is None:
        return  # rows run on NumPy, and wait in its import until it is there
    assert column.rows([1.0, 2.0], 3.0) == [3.0, 6.0]
    assert column.rows(array("d", [1.0] * 5000), memoryview(array("d", [2.0] * 5000)))[0] == 2.0
    assert program.rows([[1.0, 2.0], [3.0, 4.0]]) == [2.0, 12.0]
