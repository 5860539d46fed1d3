"""The package as a whole: its names, and what it may import."""

import ast
import importlib
import pathlib
import re
import subprocess
import sys
from importlib.util import find_spec

import pytest

import nn
from autograd.installing import repair

PACKAGE = pathlib.Path(nn.__file__).parent


def test_all_names_exist_and_are_sorted():
    assert len(set(nn.__all__)) == len(nn.__all__)
    for name in nn.__all__:
        assert hasattr(nn, name)
    public = {name for name, thing in vars(nn).items() if not name.startswith("_")}
    modules = {path.stem for path in PACKAGE.glob("*.py")}
    modules |= {path.parent.name for path in PACKAGE.glob("*/__init__.py")} | {"autograd"}
    loaded = {name for name in public if name not in nn.__all__}
    assert loaded <= modules
    assert public | set(nn._LATER) | set(nn._MODULES) >= set(nn.__all__)
    assert set(dir(nn)) == set(nn.__all__)


def test_all_is_a_literal():
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    [names] = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
    ]
    assert ast.literal_eval(names) == nn.__all__


def test_no_module_has_the_name_of_a_public_function():
    modules = {path.stem for path in PACKAGE.glob("*.py")}
    without = {"__init__", *({"sklearn"} if find_spec("sklearn") is None else ())}
    for module in modules - without:
        room = importlib.import_module(f"nn.{module}")
        functions = {name for name, thing in vars(room).items() if callable(thing)}
        assert not modules & functions


def test_typed():
    assert (PACKAGE / "py.typed").exists()


def test_the_other_autograd_is_recognised(tmp_path):
    (tmp_path / "autograd").mkdir()
    (tmp_path / "autograd" / "__init__.py").write_text("def grad(f): return f\n")
    program = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(PACKAGE.parent)!r}]\n"
        "try:\n    import nn\nexcept ImportError as error:\n    print(error)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "nn belongs to the distribution 'chainrule'" in result.stdout
    assert repair() in result.stdout


@pytest.mark.parametrize(("name", "words"), [
    ("Linear", 'Layer(nin, nout, "linear")'), ("CrossEntropyLoss", 'loss="cross_entropy"'),
    ("optim", "Adam(0.01)"), ("load", "load_model(path)"), ("Value", "from autograd import Value"),
])  # fmt: skip
def test_names_of_other_libraries_say_what_to_write(name, words):
    assert not hasattr(nn, name)
    with pytest.raises(AttributeError, match=re.escape(words)):
        getattr(nn, name)
    with pytest.raises(AttributeError, match=r"has no attribute 'Liner'$"):
        _ = nn.Liner


def test_what_is_said_of_other_names_exists():
    for name, instead in nn._ELSEWHERE.items():
        assert name not in nn.__all__
        named = re.search(r"`(\w+)\(", instead)
        assert named is None or hasattr(nn, named[1]) or hasattr(nn.MLP, named[1]), instead


def test_one_activation_is_not_several():
    with pytest.raises(TypeError, match=r"one for all hidden layers.*activations=\[\.\.\.\]"):
        nn.MLP(3, [4, 4, 1], ["relu", "relu", "linear"])
