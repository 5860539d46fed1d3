"""Whatever writes a file, and what happens to the file where it is killed, or the disk is full.

`killed` and `on_a_full_disk` fork: call them in a process without threads of others.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import time
from array import array
from functools import cache
from importlib.util import find_spec

import autograd
import nn
from autograd import Value
from autograd.files import replace_file
from nn.training.checkpoints import Checkpoint, write_checkpoint


@cache
def drawing():
    x = Value(3.0, "x")
    return autograd.draw(x * x)


@cache
def program():
    found = autograd.compile(lambda x: x * 2.0)
    found(1.0)
    return found


@cache
def model():
    return nn.MLP(2, [3, 1], "tanh", seed=1)


@cache
def lesson():
    X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    return autograd.explore(model(), X, y)


@cache
def page():
    return autograd.explore(Value(3.0, "x") * 2.0)


def checkpoint():
    numbers = {"parameters": array("d", range(10_000)), "losses": array("d", [0.5])}
    return Checkpoint({"the model": "as it was"}, {"epochs": []}, numbers)


# By name: a name with a dot is the file's, since its suffix tells what to write.
WRITERS = {
    "replace_file": lambda path: replace_file(path, b"new" * 100_000),
    "program": lambda path: program().save(path),
    "svg": lambda path: drawing().save_svg(path),
    "html": lambda path: drawing().save_html(path),
    **dict.fromkeys(
        ("it.gv", "it.svg", "it.png", "it.pdf", "it.tex", "it.txt", "it.html"),
        lambda path: drawing().save(path),
    ),
    "render.svg": lambda path: drawing().render(outfile=path, cleanup=True),
    "page.html": lambda path: page().save(path),
    "lesson.html": lambda path: lesson().save(path),
    "checkpoint": lambda path: write_checkpoint(path, checkpoint()),
    **dict.fromkeys(("model.json", "model.safetensors"), lambda path: model().save(path)),
    **dict.fromkeys(
        ("net.py", "net.h", "net.c", "net.mjs", *["net.onnx"] * (find_spec("onnx") is not None)),
        lambda path: model().export(path),
    ),
}
if find_spec("matplotlib") is not None:
    CHART = nn.activation_chart(["tanh"])
    WRITERS |= dict.fromkeys(("chart.svg", "chart.png", "chart.pdf"), CHART.save)


NOT_AFTER_A_FORK = {"it.pdf"}  # made by threads: nobody makes one before


def target(folder, writer):
    """What it writes to."""
    return folder / (writer if "." in writer else "it")


def in_a_child(work):
    """Call a function in a forked process; return its exit code, or minus the signal."""
    child = os.fork()
    if not child:
        code = 1
        try:
            code = work() or 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def content(path):
    with open(path, "rb") as file:
        return file.read()


def killed(writer, path, kills):
    """Kill a process while it writes a file again and again; return how often it was damaged."""

    def write():
        WRITERS[writer](path)

    began = time.perf_counter()
    assert in_a_child(write) == 0
    whole = content(path)
    if writer not in NOT_AFTER_A_FORK:
        write()  # what is made once is made
        began = time.perf_counter()
        write()
    duration = time.perf_counter() - began
    source, damaged = random.Random(7), 0
    for _ in range(kills):
        child = os.fork()
        if not child:
            try:
                while True:
                    write()
            finally:
                os._exit(1)
        time.sleep(source.uniform(0.0, 2.0) * duration)
        os.kill(child, signal.SIGKILL)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), "it ended before"
        damaged += content(path) != whole
    return damaged


def on_a_full_disk(writer, path):
    """Write a file again where there is room for 20 bytes; return what became of it."""

    def write():
        WRITERS[writer](path)

    def without_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))
        try:
            write()
        except (OSError, subprocess.CalledProcessError):
            return 3
        return 2

    assert in_a_child(write) == 0
    whole = content(path)
    found = {2: "written", 3: "refused"}.get(in_a_child(without_room), "another error")
    return found if content(path) == whole else "damaged"
