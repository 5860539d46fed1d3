"""What a type checker says of programs that use the library, and whether it is true."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import autograd
from autograd.generate import stubs
from autograd.primitives import RULES

HERE = Path(autograd.__file__).parent

PRELUDE = """
import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import autograd
import nn
from autograd import *
from autograd import Program, Value, abs as absolute, compile, pow as power, sum as total

a, b = Value(0.5), Value(2.0)
xs, fs = [a, b], [1.0, 2.0]
mixed: Sequence[Value | float] = [a, 1.0]
unknown: Any = 0.25

def either(x: float) -> Value | float:
    return x if x > 0.0 else Value(x)

def square(x: float) -> float:
    return x * x

def cube(x: Value) -> Value:
    return (x * x * x).tanh()

def length(v: list[float]) -> float:
    return v[0] * v[0] + v[1] * v[1]

def product(v: Sequence[Value]) -> Value:
    return v[0] * v[1]

def scaled(x: float, by: str) -> float:
    return x * len(by)

def swapped(v: list[float]) -> list[float]:
    return [v[1], v[0]]

def slope_of_square(x: float) -> float:
    return grad(square)(x)

def output_and_slope(x: Value) -> tuple[Value, Value]:
    return value_and_grad(cube)(x)

def loss(model: nn.Module, weight: float) -> Value:
    return weight * total(p * p for p in model.parameters())

def on_values(x: Value, /) -> Value:
    return x.tanh()

model = nn.MLP(2, [3, 1])
program = compile(square)
"""

TYPES = [
    ("a + b", "Value"), ("a * 2", "Value"), ("2 * a", "Value"), ("a ** 2", "Value"),
    ("2.0 ** a", "Value"), ("a / Fraction(1, 2)", "Value"), ("Decimal(2) - a", "Value"),
    ("True - a", "Value"), ("-a", "Value"), ("+a", "Value"), ("abs(a)", "Value"),
    ("a < b", "bool"), ("1 >= a", "bool"), ("a == 1", "bool"), ("a != b", "bool"),
    ("f'{a:.3f}'", "str"), ("max(xs)", "Value"), ("sum(xs, a)", "Value"), ("sum([1, 2])", "int"),
    ("a.tanh()", "Value"), ("a.arctanh()", "Value"), ("a.leaky_relu(slope=0.1)", "Value"),
    ("a.clip(0.0, high=b)", "Value"), ("a.maximum(1)", "Value"), ("a.abs()", "Value"),
    ("tanh(a)", "Value"), ("tanh(0.5)", "float"), ("tanh(1)", "float"),
    ("tanh(either(1.0))", "Value | float"), ("tanh(unknown)", "Any"),
    ("maximum(a, 1)", "Value"), ("maximum(1, a)", "Value"), ("maximum(1, 2)", "float"),
    ("maximum(either(1.0), 2)", "Value | float"), ("clip(1.0, 0.0, high=a)", "Value"),
    ("leaky_relu(1.0)", "float"), ("leaky_relu(1.0, slope=a)", "Value"),
    ("leaky_relu(a)", "Value"), ("absolute(a)", "Value"), ("absolute(-1)", "float"),
    ("power(a, 2)", "Value"), ("power(2, 3)", "float"),
    ("total(xs)", "Value"), ("total(fs)", "float"), ("total([])", "float"),
    ("total([1, 2])", "float"), ("total([a, 1.0])", "Value"), ("total(mixed)", "Value"),
    ("total(x * 2 for x in xs)", "Value"), ("total(tuple(fs))", "float"),
    ("mean(xs)", "Value"), ("norm(fs)", "float"), ("logsumexp(mixed)", "Value"),
    ("dot(xs, fs)", "Value"), ("dot(fs, xs)", "Value"), ("dot(fs, fs)", "float"),
    ("dot(fs, fs, a)", "Value"), ("dot(fs, fs, bias=1.0)", "float"), ("dot(xs, xs)", "Value"),
    ("softmax(xs)", "list[Value]"), ("softmax(fs)", "list[float]"),
    ("softmax(mixed)", "list[Value]"),
    ("a.data", "float"), ("a.grad", "float"), ("a.label", "str"), ("a.op", "str"),
    ("a.parents", "tuple[Value, ...]"), ("a.detach()", "Value"), ("a.leaves()", "list[Value]"),
    ("values([1, 2.0])", "list[Value]"), ("gradients(a * b, xs)", "list[Value]"),
    ("grad(square)(2.0)", "float"), ("grad(length)([3.0, 4.0])", "list[float]"),
    ("grad(cube)(a)", "Value"), ("grad(cube)(0.5)", "Any"), ("grad(grad(cube))(0.5)", "Any"),
    ("grad(product)(xs)", "list[Value]"), ("grad(product)([1.0, 2.0])", "Any"),
    ("grad(scaled)(2.0, 'twice')", "float"), ("grad(scaled)(2.0, by='twice')", "float"),
    ("grad(square, (0,))(2.0)", "tuple[Any, ...]"), ("grad(lambda x: x**3)(2.0)", "Any"),
    ("grad(grad(lambda x: x**3))(2.0)", "Any"), ("grad(lambda x: a * x)(2.0)", "Any"),
    ("grad(lambda p: p['w'] * 2)({'w': 1.0})", "Any"),
    ("grad(lambda x, y: x * y, (0, 1))(1.0, 2.0)", "tuple[Any, ...]"),
    ("value_and_grad(square)(2.0)", "tuple[float, float]"),
    ("value_and_grad(length)([3.0, 4.0])", "tuple[float, list[float]]"),
    ("value_and_grad(cube)(a)", "tuple[Value, Value]"),
    ("value_and_grad(product)(xs)", "tuple[Value, list[Value]]"),
    ("value_and_grad(lambda x: x * x)(2.0)", "Any"),
    ("jacobian(swapped)([1.0, 2.0])", "list[list[float]]"),
    ("jacobian(grad(product))([1.0, 2.0])", "Any"), ("hessian(length)([1.0, 2.0])", "Any"),
    ("hessian(lambda v: v[0] ** 2 * v[1])([3.0, 5.0])", "Any"),
    ("jvp(square, (3.0,), (1.0,))", "tuple[float, float]"),
    ("vjp(square, 3.0)[0]", "float"), ("vjp(square, 3.0)[1](1.0)", "tuple[float, ...]"),
    ("hvp(square, (3.0,), (1.0,))", "tuple[float, ...]"),
    ("program", "Program"), ("program(2.0)", "Any"), ("program.parameters", "list[Value]"),
    ("model.parameters()", "list[Value]"), ("nn.Neuron(2)([1.0, a])", "Value"),
    ("nn.SGD(model.parameters(), 0.1, nesterov=False).momentum", "float"),
    ("nn.SGD(lr=0.1).parameters", "list[Value]"), ("Adam(lr=0.1).betas", "tuple[float, float]"),
    ("nn.mse([a], [1.0])", "Value"), ("loss(model, 0.5)", "Value"),
    ("slope_of_square(2.0)", "float"), ("output_and_slope(a)", "tuple[Value, Value]"),
    ("autograd.engine", "str"), ("autograd.sum(xs)", "Value"),
]  # fmt: skip

ERRORS = [
    ("a.tahn()", "attr-defined"), ("autograd.tahn(a)", "attr-defined"), ("tahn(a)", "name-defined"),
    ("a.gard = 1.0", "attr-defined"), ("a + 'x'", "operator"), ("'x' + a", "operator"),
    ("a * None", "operator"), ("1j * a", "operator"), ("a * [1.0]", "operator"),
    ("a < 'x'", "operator"), ("tanh('x')", "call-overload"), ("tanh(1j)", "call-overload"),
    ("tanh([a])", "call-overload"), ("a.tanh(1.0)", "call-arg"),
    ("a.leaky_relu(slpoe=0.1)", "call-arg"), ("total(a)", "call-overload"),
    ("total(a, b)", "call-overload"), ("dot(xs)", "call-overload"), ("float(a)", "arg-type"),
    ("math.sin(a)", "arg-type"), ("Value('1.0')", "arg-type"), ("Value(None)", "arg-type"),
    ("Value(a)", "arg-type"), ("a[0]", "index"), ("grad(square)('x')", "arg-type"),
    ("grad(square)(x=2.0)", "call-arg"), ("grad(3)", "call-overload"),
    ("gradients(a, a)", "call-overload"), ("on_values(1.0)", "arg-type"), ("program.tarin()",
    "attr-defined"), ("nn.SGD(xs, speed=0.1)", "call-arg"), ("nn.SGD(lr='fast')", "arg-type"),
    ("nn.SGD(a)", "arg-type"), ("Adam(betas=0.9)", "arg-type"),
    ("assert_type(a * 2, float)", "assert-type"),
]  # fmt: skip


def of_the_rule_book() -> list[tuple[str, str]]:
    """Every operation of a fixed number of operands, as method and as function."""
    cases = []
    for name, rule in RULES.items():
        if not rule.is_variadic:
            others = ", ".join(["0.5"] * (rule.arity - 1))
            cases.append((f"a.{name}({others})", "Value"))
            if rule.numpy_name:
                cases.append((f"a.{rule.numpy_name}({others})", "Value"))
            operands = ["0.5"] * rule.arity
            cases.append((f"autograd.{name}({', '.join(operands)})", "float"))
            for place in range(rule.arity):
                given = [*operands[:place], "a", *operands[place + 1 :]]
                cases.append((f"autograd.{name}({', '.join(given)})", "Value"))
            named = [f"{operand}=a" for operand in rule.operand_names]
            cases.append((f"autograd.{name}({', '.join(named)})", "Value"))
    return cases


EVERY = of_the_rule_book()
STATEMENTS = [
    *(f"assert_type({expression}, {kind})" for expression, kind in TYPES + EVERY),
    *(statement for statement, _ in ERRORS),
]


@pytest.fixture(scope="module")
def complaints(tmp_path_factory) -> dict[str, str]:
    """What `mypy --strict` says of a program with all statements, by statement."""
    pytest.importorskip("mypy")
    folder = tmp_path_factory.mktemp("user")
    prelude = f"from typing_extensions import assert_type\n{PRELUDE}"
    source = f"{prelude}{chr(10).join(STATEMENTS)}\n"
    (folder / "program.py").write_text(source, encoding="utf-8")
    checked = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"),
            *("--follow-imports=silent", "--hide-error-context"),
            *("--cache-dir", str(HERE.parent / ".mypy_cache" / "user")),
            "program.py",
        ],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(HERE.parent)},
        timeout=300,
    )
    assert not checked.stderr
    lines, said = source.split("\n"), {}
    for message in checked.stdout.splitlines():
        file, number, kind, text = message.split(":", 3)
        if kind.strip() == "error":
            assert file == "program.py", message
            said.setdefault(lines[int(number) - 1], text)
    return said


def test_a_strict_program_without_mistakes_has_no_complaints(complaints):
    assert set(complaints) <= set(STATEMENTS)


@pytest.mark.parametrize(("expression", "kind"), TYPES, ids=[case[0] for case in TYPES])
def test_types_are_exact(complaints, expression, kind):
    assert complaints.get(f"assert_type({expression}, {kind})") is None


def test_every_operation_is_typed(complaints):
    asked = [f"assert_type({expression}, {kind})" for expression, kind in EVERY]
    assert [statement for statement in asked if statement in complaints] == []
    assert len(asked) > 3 * len(RULES)


@pytest.mark.parametrize(("statement", "code"), ERRORS, ids=[case[0] for case in ERRORS])
def test_mistakes_are_found(complaints, statement, code):
    assert f"[{code}]" in complaints.get(statement, "no complaint")


@pytest.fixture(scope="module")
def scope() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(PRELUDE, names)
    return names


@pytest.mark.parametrize(("expression", "kind"), TYPES, ids=[case[0] for case in TYPES])
def test_what_is_said_of_types_is_true(scope, expression, kind):
    result = eval(expression, scope)
    assert is_of(result, ast.parse(kind, mode="eval").body, scope)


def is_of(thing: Any, kind: ast.expr, scope: dict[str, Any]) -> bool:
    """Whether a thing is of the type written so."""
    if isinstance(kind, ast.BinOp):
        return is_of(thing, kind.left, scope) or is_of(thing, kind.right, scope)
    if isinstance(kind, ast.Subscript):
        items = kind.slice.elts if isinstance(kind.slice, ast.Tuple) else [kind.slice]
        if len(items) < 2 or getattr(items[-1], "value", None) is ...:
            items = [items[0]] * len(thing)
        return is_of(thing, kind.value, scope) and all(
            map(is_of, thing, items, [scope] * len(items))
        )
    if isinstance(kind, ast.Constant):
        return thing is None
    name = ast.unparse(kind)
    return name == "Any" or type(thing) is eval(name, scope)


def test_the_comparison_of_things_with_types_can_fail(scope):
    assert not is_of([1.0, scope["a"]], ast.parse("list[float]", mode="eval").body, scope)
    assert not is_of((1.0, 2.0), ast.parse("tuple[float, Value]", mode="eval").body, scope)
    assert not is_of(1, ast.parse("Value | float", mode="eval").body, scope)


@pytest.mark.parametrize("name", ["operations", "package", "transformations"])
def test_the_stubs_are_up_to_date(name):
    file = HERE / f"{'__init__' if name == 'package' else name}.pyi"
    assert file.read_text(encoding="utf-8") == getattr(stubs, name)(), (
        "run: python -m autograd.generate"
    )


def by_hand() -> list[ast.FunctionDef]:
    stub = ast.parse((HERE / "transformations.pyi").read_text(encoding="utf-8"))
    return [node for node in stub.body if isinstance(node, ast.FunctionDef)]


def test_signatures_written_by_hand_are_those_of_the_functions():
    assert {stated.name for stated in by_hand()} == {
        "grad", "value_and_grad", "jacobian", "hessian", "jvp", "vjp", "hvp",
    }  # fmt: skip
    for stated in by_hand():
        given = stated.args
        names = [argument.arg for argument in (*given.args, *filter(None, [given.vararg]))]
        function = inspect.signature(getattr(autograd, stated.name))
        assert names == list(function.parameters), stated.name
        defaults = [ast.literal_eval(default) for default in given.defaults]
        real = [p.default for p in function.parameters.values() if p.default is not p.empty]
        assert defaults in (real, []), stated.name


def test_the_stub_of_the_package_has_what_the_package_has():
    stub = ast.parse((HERE / "__init__.pyi").read_text(encoding="utf-8")).body
    names = {
        alias.name for node in stub if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert names == {*autograd.__all__, "abs", "compile", "pow", "primitives", "sum"}
