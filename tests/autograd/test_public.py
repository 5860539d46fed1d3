"""What users import: complete, documented, and out of the way of Python's own names."""

from __future__ import annotations

import builtins
import inspect
import os
import re
import subprocess
import sys

import pytest

import autograd
from autograd.installing import repair
from autograd.primitives import RULES

SHADOWING = {"abs", "compile", "pow", "sum"}


def test_every_promised_name_exists_once():
    assert len(autograd.__all__) == len(set(autograd.__all__))
    for name in autograd.__all__:
        assert hasattr(autograd, name), name


def test_every_operation_is_public_and_star_import_leaves_pythons_own_alone():
    scope: dict[str, object] = {}
    exec("from autograd import *", scope)
    for name in (*RULES, "softmax"):
        assert hasattr(autograd, name)
        assert (name in scope) == (name not in SHADOWING)
    assert not {name for name in autograd.__all__ if hasattr(builtins, name)} - {
        "__doc__",
        "__name__",
    }


@pytest.mark.parametrize("name", [
    "Value", "grad", "value_and_grad", "gradients", "jacobian", "hessian", "hvp", "jvp", "vjp",
    "sparse_jacobian", "sparse_hessian", "SparseMatrix",
    "no_grad", "enable_grad", "record_locations", "softmax", "dot", "exp", "tanh",
])  # fmt: skip
def test_the_names_of_the_design_are_promised(name):
    assert name in autograd.__all__


@pytest.mark.parametrize("name", sorted({*autograd.__all__, *SHADOWING}))
def test_every_public_callable_is_documented(name):
    thing = getattr(autograd, name)
    if callable(thing):
        text = inspect.getdoc(thing)
        assert text
        assert text.split("\n")[0].endswith((".", ":"))


@pytest.mark.parametrize("name", [
    "data", "grad", "label", "op", "is_leaf", "backward", "zero_grad", "detach", "tanh", "exp",
    "relu",
])  # fmt: skip
def test_the_attributes_of_a_value_are_documented(name):
    text = inspect.getdoc(getattr(autograd.Value, name))
    assert text
    assert len(text) > 10


def test_nothing_public_is_forgotten():
    ours = {
        name
        for name, thing in vars(autograd).items()
        if not name.startswith("_") and getattr(thing, "__module__", "").startswith("autograd")
    }
    assert ours - SHADOWING <= set(autograd.__all__)


def test_version_and_distribution():
    assert autograd.__distribution__ == "chainrule"
    assert autograd.__version__.count(".") >= 1
    assert autograd.__version__[0].isdigit()


def _python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=os.path.dirname(os.path.dirname(autograd.__file__)),
        env={**os.environ, **environment},
        timeout=60,
    )


def test_the_other_distribution_of_this_import_name_is_noticed():
    pretend = (
        "import os.path, warnings\n"
        "exists = os.path.exists\n"
        "os.path.exists = lambda path: str(path).endswith('wrap_util.py') or exists(path)\n"
        "warnings.simplefilter('always')\n"
        "import autograd\n"
    )
    noticed = _python(pretend)
    assert noticed.returncode == 0
    assert "Warning: the distribution `autograd` is installed over `chainrule`" in noticed.stderr
    assert repair() in noticed.stderr
    assert _python("import autograd").stderr == ""


def test_the_engine_can_be_chosen_and_a_wrong_choice_is_refused():
    chosen = _python("import autograd; print(autograd.engine)", AUTOGRAD_ENGINE="python")
    assert chosen.stdout.strip() == "python"
    wrong = _python("import autograd", AUTOGRAD_ENGINE="fortran")
    assert wrong.returncode != 0
    assert "'fortran'" in wrong.stderr


def test_numpy_is_not_needed():
    code = (
        "import sys; sys.modules['numpy'] = None; import autograd\n"
        "x = autograd.Value(2.0); (x * x).backward(); print(x.grad)"
    )
    assert _python(code).stdout.strip() == "4.0"


def test_importing_leaves_what_takes_long_to_those_who_need_it():
    heavy = "{'dataclasses', 'inspect', 'decimal', 'autograd.program', 'autograd.render'}"
    loaded = _python(f"import sys, autograd; print(sorted({heavy} & set(sys.modules)))")
    assert loaded.stdout.strip() == "[]"


def test_completion_offers_what_is_public_also_before_it_is_loaded():
    assert set(autograd.__all__) <= set(dir(autograd))
    assert "copying" not in dir(autograd)


def test_help_shows_the_derivative_of_an_operation():
    if autograd.engine == "native":
        assert "∂/∂x = sech_squared(x)" in autograd.tanh.__doc__
        assert "∂/∂x = sech_squared(x)" in autograd.Value.tanh.__doc__
        assert "number" in autograd.Value.__doc__


def test_names_of_other_libraries_say_what_to_write():
    for name, instead in autograd._ELSEWHERE.items():
        assert name not in autograd.__all__
        assert not hasattr(autograd, name)
        with pytest.raises(AttributeError, match=re.escape(instead)):
            getattr(autograd, name)
        for named in re.findall(r"`(\w+)(?:\(|`)", instead):
            assert hasattr(autograd, named), instead
