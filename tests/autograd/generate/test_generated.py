"""The compiled engine's rules are the rule book's: nothing is stated twice or left behind."""

from __future__ import annotations

import ctypes
import itertools
import math
import random
import re
import shutil
import struct
import subprocess

import pytest

from autograd.generate import engine_rules
from autograd.many_operands import Elementwise
from autograd.primitive import Primitive
from autograd.primitives import RULES

COMPILER = next(filter(shutil.which, ("cc", "gcc", "clang")), None)
_DOORS = """
int value1(int op, double x, double *out) { return forward1(op, x, out); }
int value2(int op, double x, double y, double *out) { return forward2(op, x, y, out); }
int value3(int op, double x, double y, double z, double *out) {
    return forward3(op, x, y, z, out);
}
int value4(int op, double x, double y, double z, double w, double *out) {
    return forward4(op, x, y, z, w, out);
}
int value_many(int op, const double *x, size_t n, double *out) { return forward_n(op, x, n, out); }
int slope1(int op, double out, double x, double *d) { return partials1(op, 1, out, x, d); }
"""


def compiled(header, folder):
    """Compile a generated header, with the flags of setup.py, into functions for ctypes."""
    (folder / "rules.h").write_text(header, encoding="utf-8")
    (folder / "doors.c").write_text('#include "rules.h"\n' + _DOORS, encoding="utf-8")
    library = folder / "doors.so"
    command = [COMPILER, "-O3", "-ffp-contract=off", "-shared", "-fPIC", "-Wall", "-Wno-unused"]
    subprocess.run([*command, str(folder / "doors.c"), "-o", str(library), "-lm"], check=True)
    doors = ctypes.CDLL(str(library))
    doors.value1.argtypes = [ctypes.c_int, ctypes.c_double, ctypes.c_void_p]
    doors.value2.argtypes = [ctypes.c_int, *[ctypes.c_double] * 2, ctypes.c_void_p]
    doors.value3.argtypes = [ctypes.c_int, *[ctypes.c_double] * 3, ctypes.c_void_p]
    doors.value4.argtypes = [ctypes.c_int, *[ctypes.c_double] * 4, ctypes.c_void_p]
    doors.value_many.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
    doors.slope1.argtypes = [ctypes.c_int, *[ctypes.c_double] * 2, ctypes.c_void_p]
    return doors


needs_compiler = pytest.mark.skipif(COMPILER is None, reason="no C compiler here")


@pytest.fixture(scope="module")
def doors(tmp_path_factory):
    return compiled(engine_rules.rules_header(), tmp_path_factory.mktemp("rules"))


def code_of(header, name):
    return int(re.search(rf"#define OP_{name} (\d+)\n", header)[1])


def test_every_operation_has_a_code_of_its_own():
    header, codes = engine_rules.rules_header(), engine_rules.cython_codes()
    numbered = [code_of(header, name) for name in RULES]
    assert numbered == list(range(1, len(RULES) + 1))
    assert f"#define OPERATIONS {len(RULES) + 1}\n" in header
    assert re.findall(r"int OP_(\w+)", codes) == list(RULES)


def test_an_operation_added_to_the_rule_book_appears_everywhere(monkeypatch):
    quadrate = Primitive("quadrate", lambda x: x * x, (lambda out, x: 2.0 * x,), c="({x} * {x})")
    range_ = Primitive(
        "spread",
        lambda *xs: max(xs) - min(xs),
        lambda out, *xs: [0.0] * len(xs),
        same_bits_in_c=False,
        pack=tuple,
    )
    before = engine_rules.rules_header()
    monkeypatch.setattr(engine_rules, "RULES", {**RULES, "quadrate": quadrate, "spread": range_})
    header, functions = engine_rules.rules_header(), engine_rules.cython_functions()
    assert "quadrate" not in before
    assert "case OP_quadrate: *out = value_quadrate(x0); return 1;" in header
    assert "if (wanted & 1) *d0 = value_mul(2.0, x0);" in header.rpartition("case OP_quadrate:")[2]
    assert "int OP_quadrate\n    int OP_spread" in engine_rules.cython_codes()
    assert "quadrate(x):" in functions
    assert "spread(xs):" in functions
    assert "value_spread" not in header
    assert "case OP_spread" not in header


@needs_compiler
def test_an_added_operation_computes_in_c(monkeypatch, tmp_path):
    rule = Primitive(
        "bump",
        lambda x: 1.0 / (1.0 + x * x),
        (lambda out, x: -2.0 * x * out * out,),
        c="(1.0 / (1.0 + {x} * {x}))",
    )
    monkeypatch.setattr(engine_rules, "RULES", {"bump": rule, **RULES})
    header = engine_rules.rules_header()
    doors, out = compiled(header, tmp_path), ctypes.c_double()
    assert doors.value1(code_of(header, "bump"), 0.7, ctypes.byref(out))
    assert out.value == 1.0 / (1.0 + 0.7 * 0.7)
    assert doors.slope1(code_of(header, "bump"), out.value, 0.7, ctypes.byref(out))
    assert out.value == -2.0 * 0.7 * (1.0 / (1.0 + 0.7 * 0.7)) ** 2
    assert doors.value1(code_of(header, "tanh"), 0.7, ctypes.byref(out))
    assert out.value == math.tanh(0.7)


def test_a_rule_through_an_operation_with_other_bits_is_left_to_python(monkeypatch):
    exact = Primitive("exact", math.fabs, (lambda out, x: x / out,), c="fabs({x})")
    through = Primitive(
        "through", math.fabs, (lambda out, x: RULES["hypot"](x, out),), c="fabs({x})"
    )
    many = Primitive(
        "many",
        lambda *xs: 0.0,
        Elementwise(lambda out, x, n: RULES["lgamma"](x)),
        c="return 0.0;",
        pack=tuple,
    )
    added = {"exact": exact, "through": through, "many": many}
    monkeypatch.setattr(engine_rules, "RULES", {**RULES, **added})
    header = engine_rules.rules_header()
    partials = header.partition("partials1(")[2].partition("default:")[0]
    assert "case OP_exact:" in partials
    assert "case OP_through:" not in partials
    assert "case OP_many:" not in header.partition("partials_n(")[2]


def test_c_is_asked_for_exactly_the_operations_that_claim_the_same_bits():
    header = engine_rules.rules_header()
    defined = set(re.findall(r"double value_(\w+)\(", header))
    assert defined == {name for name, rule in RULES.items() if rule.same_bits_in_c}


def operands_of(rule):
    for operands in _operands_of(rule):
        if rule.name == "power_derivative":
            x, y, n, m = operands
            operands = [x, y, float(len(repr(n)) % 4), float(len(repr(m)) % 3)]
        if rule.name == "softmax_cross_entropy" and len(operands) % 2:
            operands = operands[1:] or operands * 2
        yield operands


def _operands_of(rule):
    source = random.Random(rule.name)
    special = [
        *(0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, 700.0, -745.0),
        *(5e-324, -1e-310, 1e-8, 1e155, 1e308, -1e308, math.inf, -math.inf, math.nan),
    ]
    sizes = [1, 2, 3, 5, 40, 65] if rule.is_variadic else [rule.arity]
    for size in sizes:
        if size == 1:
            yield from ([x] for x in special)
        elif size <= 3:
            yield from itertools.product(special, repeat=size)
        for scale in (1e-9, 1.0, 30.0, 1e3, 1e200):
            for _ in range(100):
                yield [source.gauss(0.0, scale) for _ in range(size)]
                yield [source.choice([*special, source.uniform(0, 1)]) for _ in range(size)]


@needs_compiler
@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.same_bits_in_c])
def test_the_same_bits_claim_is_honest(name, doors):
    """Where C gives a finite number, Python's forward gives that number and raises nothing."""
    rule, code = RULES[name], code_of(engine_rules.rules_header(), name)
    out, compared = ctypes.c_double(), 0
    for operands in operands_of(rule):
        if rule.is_variadic:
            block = (ctypes.c_double * len(operands))(*operands)
            known = doors.value_many(code, block, len(operands), ctypes.byref(out))
        else:
            door = getattr(doors, f"value{rule.arity}")
            known = door(code, *operands, ctypes.byref(out))
        assert known
        if math.isfinite(out.value):
            compared += 1
            expected = rule.forward(*operands)
            assert struct.pack("d", out.value) == struct.pack("d", expected), operands
    assert compared > 20


def test_the_files_of_a_build_are_those_of_this_rule_book():
    written = {
        "rules.h": engine_rules.rules_header(),
        "codes.pxi": engine_rules.cython_codes(),
        "functions.pxi": engine_rules.cython_functions(),
    }
    found = {name for name in written if (engine_rules.ENGINE / name).exists()}
    built = engine_rules.ENGINE.glob("engine.*")
    engine = [path for path in built if path.suffix in (".so", ".pyd")]
    if not engine or not found:
        pytest.skip("nothing was built in this folder")
    for name in found:
        text = (engine_rules.ENGINE / name).read_text(encoding="utf-8")
        assert text == written[name], f"{name} is older than the rule book: build again"
