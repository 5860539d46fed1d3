"""An optimizer is one entry: a toy, added to a copy of the package, and what follows from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograd

HERE = Path(autograd.__file__).parents[1]

TOY = '''

class Toy(Optimizer):
    """Steps that shrink with the distance they have covered, and with the number of the step."""

    patience: float = setting(default=2.0, limit=positive)
    bold: bool = setting(default=False, limit=truth)

    def rule(self, p: Any, g: Any, t: Any, covered: Any = 1.0) -> Any:
        """Return p and what was covered so far."""
        step = self.lr * self.patience ** -t * g / covered
        if self.bold:
            step = maximum(step, 0.125)
        return p - step, covered + step * step


class Keywords(Optimizer):
    """Names that C, or what is generated, has for something else."""

    n: float = setting(default=0.5, limit=share)
    settings: float = setting(default=0.5, limit=share)

    def rule(self, p: Any, g: Any, t: Any, long: Any = 0.0, zip: Any = 0.0, k: Any = 1.0) -> Any:
        """Return p and a long and a short mean."""
        long = self.n * long + g
        zip = self.settings * zip + long
        return p - self.lr * zip, long, zip, k * self.n
'''

USE = """
import sys
from array import array
from copy import deepcopy
from autograd import Value, compile, optimizers
from autograd.machine import native_machine
from autograd.optimizers.rules import Toy

def expected(lr, patience, bold, starts, steps):
    found, covered = list(starts), [1.0] * len(starts)
    for t in range(1, steps + 1):
        for k, p in enumerate(found):
            step = lr * patience ** -t * (2.0 * p) / covered[k]
            step = max(step, 0.125) if bold else step
            found[k], covered[k] = p - step, covered[k] + step * step
    return found

for bold in (False, True):
    settings = {"lr": 0.5, "patience": 1.5, "bold": bold}
    truth = expected(**settings, starts=[1.0, -2.0], steps=6)
    w = [Value(1.0), Value(-2.0)]
    optimizer = Toy(w, **settings)
    for _ in range(6):
        optimizer.zero_grad()
        (w[0] * w[0] + w[1] * w[1]).backward()
        optimizer.step()
    assert [p.data for p in w] == truth, ("eager", w, truth)

    w = [Value(1.0), Value(-2.0)]
    program = compile(lambda x: (w[0] * w[0] + w[1] * w[1]) * x, parameters=w)
    optimizer = Toy(**settings)
    program.train([1.0], optimizer=optimizer, steps=2)
    program, optimizer = deepcopy((program, optimizer))
    program.train([1.0], optimizer=optimizer, steps=4)
    assert [p.data for p in program.parameters] == truth, ("program", w, truth)
    if native_machine():
        assert not native_machine().knows_update_rule(optimizer._ready().text)

for wrong in ({"patience": 0.0}, {"lr": -1.0}):
    try:
        Toy(**wrong)
    except ValueError as error:
        assert next(iter(wrong)) in str(error)
    else:
        raise AssertionError(wrong)
"""

# What setup.py writes, compiled by itself: a machine of the loops alone.
LOOPS = """
import ctypes, math, subprocess, sys
from array import array
from pathlib import Path
from autograd.generate import engine_rules, update_rules

forms = update_rules.forms()
source = "#include <stdint.h>\\n" + engine_rules.rules_header() + '''
#include <string.h>
#define LANES(name) name
typedef int Stepping(const double *, double, ptrdiff_t, const double *, double *, double *,
                     const double *, double *);
static uint64_t zero_if_finite(double x) {
    uint64_t bits;
    x -= x;
    memcpy(&bits, &x, 8);
    return bits;
}
''' + update_rules.update_rules() + '''
int step(int rule, const double *settings, double t, ptrdiff_t n, const double *gradients,
         double *p, double *before, const double *state, double *next_state) {
    return steps[rule](settings, t, n, gradients, p, before, state, next_state);
}
'''
folder = Path(sys.argv[1])
(folder / "loops.c").write_text(source, encoding="utf-8")
subprocess.run(
    ["cc", "-O3", "-ffp-contract=off", "-shared", "-fPIC", "-w", "-oloops.so", "loops.c", "-lm"],
    cwd=folder, check=True,
)
step = ctypes.CDLL(str(folder / "loops.so")).step
step.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_double, ctypes.c_ssize_t,
                 *[ctypes.c_void_p] * 5]

def at(numbers):
    return numbers.buffer_info()[0]

n, toys = 13, 0
for rule, form in enumerate(forms):
    settings = [0.25 + 0.03 * k for k, _ in enumerate(form.settings)]
    p = [math.sin(k) for k in range(n)]
    g = [math.cos(3 * k) for k in range(n)]
    memories = [[abs(math.sin(k + 5 * m)) / 3 + m + 0.5 for k in range(n)]
                for m, _ in enumerate(form.memories)]
    expected, after = form.in_python(p, g, memories, settings, 3.0)
    given = [array("d", x) for x in (settings, g, p, sum(memories, []))]
    next_state = array("d", bytes(8 * n * len(memories)))
    rates, slopes, numbers, state = given
    before = array("d", bytes(8 * n))
    where = [at(numbers), at(before), at(state), at(next_state)]
    assert step(rule, at(rates), 3.0, n, at(slopes), *where) == 1, form.text
    assert list(numbers) == expected, form.text
    assert list(before) == p, form.text
    assert list(next_state) == sum(after, []), form.text
    for k in range(n):
        for wrong in (math.inf, -math.inf, math.nan):
            slopes[k], numbers[:] = wrong, array("d", p)
            assert step(rule, at(rates), 3.0, n, at(slopes), *where) == 0, form.text
        slopes[k] = g[k]
    toys += "patience" in form.settings or "n" in form.settings
print(toys)
"""


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the package, with the toy at the end of the family's file."""
    folder = tmp_path_factory.mktemp("copy")
    for package in ("autograd", "nn"):
        shutil.copytree(
            HERE / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "*.c")
        )
    with (folder / "autograd" / "optimizers" / "rules.py").open("a", encoding="utf-8") as file:
        file.write(TOY)
    return folder


def run(source, folder, *arguments):
    finished = subprocess.run(
        [sys.executable, "-c", source, *arguments],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_it_steps_eagerly_and_in_programs_without_building_anything(copied):
    run(USE, copied)


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_when_it_is_built_its_loops_have_the_bits_of_python(copied, tmp_path):
    """Those of all other rules, too."""
    # Two toys: if bold, neither p nor what is covered shows a NaN; that one is stepped in Python.
    assert run(LOOPS, copied, str(tmp_path)) == "2\n"
