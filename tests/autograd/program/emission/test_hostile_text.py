"""Emitted text of operations and labels that are hard to carry: it runs, and means the same."""

from __future__ import annotations

import math
import shutil
import subprocess

import pytest

import autograd
from autograd import Primitive, Value
from autograd.program.compiling import compile

ONE = (lambda out, x: 1.0,)
# fmt: off
COS, SIN = Primitive("my_cos", lambda x: math.cos(x), ONE), Primitive("my_sin", lambda x: math.sin(x), ONE)  # noqa: E501
UP, MORE = Primitive("up", lambda x: x + 1.0, ONE), Primitive("more", lambda x: x + 2.0, ONE)
INT, FLOAT = Primitive("int_", lambda x: x * 2, ONE), Primitive("float_", lambda x: x * 2.0 + 0.0, ONE)  # noqa: E501
LOW, HIGH = Primitive("low", lambda x: x if x < 1.0 else 1.0, ONE), Primitive("high", lambda x: x if x > 1.0 else 1.0, ONE)  # noqa: E501
NESTED = [Primitive(f"n{k}", f, ONE) for k, f in enumerate([lambda x: max(x, 1.0), lambda x: min(x, 1.0)])]  # noqa: E501
# fmt: on
PAIRS = [COS, SIN, UP, MORE, INT, FLOAT, LOW, HIGH, *NESTED]


@pytest.mark.parametrize("operation", PAIRS, ids=lambda operation: operation.name)
def test_lambdas_on_one_line_are_not_mixed_up(operation):
    program = compile(lambda x: operation(x) * 3.0, name="f")
    for x in (0.25, 2.5):
        module = {}
        expected = operation(x) * 3.0
        assert program(x) == expected
        exec(program.source("python"), module)
        assert module["f"](x) == expected


LABELS = [
    'a"""b', '"""', "'''", "*/ #include <x>", "/*", "\\", "a\\", "`${1}`", "</script>", "x\ny",
    "x\u2028y", "//", "# a", '"', "??/", "%s{0}{}", "\x00", "\N{RIGHT-TO-LEFT OVERRIDE}", "\ud800",
]  # fmt: skip


def recorded(label):
    w = Value(2.0, label)

    def f(x, y):
        total = w * x
        if total > 0.0:
            inner = total + y
            inner.label = label
            return inner * 1.5
        return y

    program = compile(f, name="f")
    assert program(1.0, 2.0) == 6.0
    return program


@pytest.mark.parametrize("label", LABELS, ids=ascii)
def test_labels_cannot_leave_their_comments_in_python(label):
    module = {}
    exec(recorded(label).source("python"), module)
    assert module["f"](1.0, 2.0) == 6.0
    assert module["f_gradient"](1.0, 2.0)[0] == 6.0
    with pytest.raises(ValueError, match="another branch"):
        module["f"](-1.0, 2.0)


def written(language, extension, folder):
    files = []
    for number, label in enumerate(LABELS):
        files.append(folder / f"f{number}.{extension}")
        files[-1].write_bytes(recorded(label).source(language).encode("utf-8", "backslashreplace"))
    return files


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler here")
def test_labels_cannot_leave_their_comments_in_c(tmp_path):
    command = ["cc", "-Wall", "-Wextra", "-Werror", "-std=c99", "-fsyntax-only"]
    files = [str(file) for file in written("c", "c", tmp_path)]
    subprocess.run([*command, *files], check=True, capture_output=True, text=True)


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node here")
def test_labels_cannot_leave_their_comments_in_javascript(tmp_path):
    files = written("javascript", "mjs", tmp_path)
    script = tmp_path / "all.mjs"
    lines = [f'import {{ f as f{k} }} from "./{file.name}";' for k, file in enumerate(files)]
    lines += [f"console.log(f{k}(1.0, 2.0));" for k in range(len(files))]
    script.write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(["node", str(script)], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["6"] * len(files)


def test_a_graph_named_after_its_label_has_a_legal_name():
    for label in LABELS:
        x = Value(3.0, label)
        program = compile(autograd.exp(x) * 2.0, inputs=[x], name=label)
        module = {}
        exec(program.source("python"), module)
        assert any(callable(thing) for key, thing in module.items() if key != "__builtins__")
