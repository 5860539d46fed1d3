"""Which engine is chosen, and what is said when it cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import autograd  # with AUTOGRAD_ENGINE=native a missing extension is an error, not a skip

engine = pytest.importorskip(
    "autograd.native.engine", reason="the compiled engine is not built (setup.py build_ext)"
)
ROOT = Path(__file__).parents[3]


def run(script, requested):
    environment = {key: text for key, text in os.environ.items() if key != "AUTOGRAD_ENGINE"}
    if requested is not None:
        environment["AUTOGRAD_ENGINE"] = requested
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("requested", "chosen"),
    [(None, "native"), ("", "native"), ("native", "native"), ("python", "python")],
)
def test_the_environment_chooses(requested, chosen):
    finished = run("import autograd; print(autograd.engine, autograd.Value.__module__)", requested)
    module = "autograd.native.engine" if chosen == "native" else "autograd.value"
    assert finished.stdout.split() == [chosen, module], finished.stderr


def test_an_unknown_engine_is_refused():
    finished = run("import autograd", "fast")
    assert finished.returncode != 0
    assert "AUTOGRAD_ENGINE is 'python', 'native' or unset, got 'fast'" in finished.stderr


_WITHOUT = """
import sys
sys.modules["autograd.native.engine"] = None
import autograd
print(autograd.engine, autograd.exp(autograd.Value(0.0)).data)
"""


def test_without_the_extension_the_reference_engine_computes():
    assert run(_WITHOUT, None).stdout.split() == ["python", "1.0"]


def test_without_the_extension_asking_for_it_is_an_error_that_says_what_to_do():
    finished = run(_WITHOUT, "native")
    assert finished.returncode != 0
    assert "the compiled engine was not built" in finished.stderr
    assert "unset AUTOGRAD_ENGINE" in finished.stderr


# Another rule book in the place of the one that the extension was built from: the codes of its
# operations would mean other operations.
_OTHER_RULES = """
from autograd import primitives
from autograd.primitive import Primitive
square = Primitive("square", lambda x: x * x, (lambda out, x: 2.0 * x,), c="({x} * {x})")
primitives.RULES = {"square": square, **primitives.RULES}
"""


@pytest.mark.parametrize("requested", [None, "native"])
def test_an_extension_built_from_another_rule_book_never_computes(requested):
    script = f"""
import sys, types
package = types.ModuleType("autograd")
package.__path__ = [{str(ROOT / "autograd")!r}]
sys.modules["autograd"] = package
{_OTHER_RULES}
from autograd import selection
print(selection.engine, selection.Value(3.0).exp().data == 2.718281828459045 ** 3)
"""
    finished = run(script, requested)
    if requested == "native":
        assert finished.returncode != 0
        assert "another rule book" in finished.stderr
    else:
        assert finished.stdout.split()[0] == "python", finished.stderr


def test_the_functions_of_the_package_are_those_of_the_engine():
    functions = engine.FUNCTIONS if autograd.engine == "native" else autograd.primitives.RULES
    assert all(getattr(autograd, name) is functions[name] for name in autograd.primitives.RULES)
