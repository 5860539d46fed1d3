"""Formulas: they say what the rules compute."""

import math
import random

import pytest

from autograd import Primitive
from autograd.formula import Symbol, code, documentation, partial_formulas, text
from autograd.many_operands import Elementwise, Pairwise
from autograd.primitives import RULES

FIXED = [primitive for primitive in RULES.values() if not primitive.is_variadic]
POINT = {
    "x": 0.4,
    "y": 0.7,
    "z": 1.3,
    "slope": 0.2,
    "alpha": 1.5,
    "low": 0.1,
    "high": 0.9,
    "n": 2.0,
    "m": 1.0,
}


def in_python(formula):
    return code(
        formula, lambda operation, xs: f"RULES[{operation.name!r}].apply(({', '.join(xs)},))"
    )


@pytest.mark.parametrize("primitive", FIXED, ids=lambda primitive: primitive.name)
def test_a_formula_computes_what_its_rule_computes(primitive):
    names = primitive.operand_names
    point = {name: POINT.get(name, 0.6) for name in names}
    if primitive.name == "acosh":
        point = {"x": 1.8}
    out = primitive(*point.values())
    values = {"RULES": RULES, "out": out, **point}
    wanted = [partial is not None for partial in primitive.partials]
    rules = primitive.derivatives(out, list(point.values()), wanted)
    rules = dict(zip(names, rules, strict=True))
    for name, formula in partial_formulas(primitive).items():
        assert eval(in_python(formula), values) == rules[name]


@pytest.mark.parametrize(("formula", "shown"), [
    (lambda x, y: x - (y - 1.0), "x − (y − 1)"),
    (lambda x, y: x - y - 1.0, "x − y − 1"),
    (lambda x, y: x / (y * 2.0), "x / (y·2)"),
    (lambda x, y: (x + y) ** 2.0, "(x + y)^2"),
    (lambda x, y: x ** (y**2.0), "x^(y^2)"),
    (lambda x, y: (x**y) ** 2.0, "(x^y)^2"),
    (lambda x, y: -(x + y) * 3.0, "−(x + y)·3"),
    (lambda x, y: -x * y, "−x·y"),
    (lambda x, y: x.tanh() * math.log(2.0), "tanh(x)·ln 2"),
    (lambda x, y: x + (y + 1.0), "x + y + 1"),
    (lambda x, y: x * (y * 2.0), "x·y·2"),
    (lambda x, y: x / (y / 2.0), "x / (y / 2)"),
    (lambda x, y: x * (y / 2.0), "x·y / 2"),
    (lambda x, y: x ** -y, "x^(−y)"),
    (lambda x, y: (-x) ** y, "(−x)^y"),
    (lambda x, y: -(x**y), "−x^y"),
    (lambda x, y: -(x * y), "−x·y"),
    (lambda x, y: (x + y).exp() ** 2.0, "exp(x + y)^2"),
    (lambda x, y: x.atan2(y + 1.0), "atan2(x, y + 1)"),
])  # fmt: skip
def test_brackets_stand_where_they_are_needed_and_only_there(formula, shown):
    assert text(formula(Symbol("x"), Symbol("y"))) == shown


def test_text_means_what_the_formula_means():
    # Random formulas, read back as Python: brackets must not change the value.
    source = random.Random(4)

    def grown(depth):
        if depth == 0:
            return source.choice([Symbol("x"), Symbol("y"), 2.0])
        left, right = grown(depth - 1), grown(depth - 1)
        if not isinstance(left, Symbol):
            left = Symbol("x")
        return source.choice([
            lambda: left + right, lambda: left - right, lambda: left * right, lambda: left / right,
            lambda: -left,
        ])()  # fmt: skip

    for _ in range(300):
        formula = grown(4)
        values = {"RULES": RULES, "x": source.uniform(0.5, 2.0), "y": source.uniform(2.5, 4.0)}
        readable = text(formula).replace("−", "-").replace("·", "*")
        try:
            exact = eval(in_python(formula), values)
        except ZeroDivisionError:
            continue
        assert eval(readable, values) == pytest.approx(exact, rel=1e-9, abs=1e-9)


HOSTILE = ['"""', "'''", "\\", "\\N{DUCK}", 'a"b', "line\nbreak", "{x}", "%s", "</svg>", "🦆", ""]


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_stands_in_a_formula_as_it_is(name):
    symbol = Symbol(name)
    assert text(symbol + 1.0) == str(symbol + 1.0) == f"{name} + 1"
    assert text(2.0 * symbol.exp()) == f"2·exp({name})"
    assert code(symbol - 1.0, lambda operation, xs: "|".join(xs)) == f"{name}|1.0"


def test_partials_of_pairs_get_the_result_then_left_then_right():
    pairs = Primitive(
        "pairs",
        lambda *xs: 0.0,
        Pairwise(lambda out, x, y: out * x - y, lambda out, x, y: x - out * y),
    )
    found = {name: text(formula) for name, formula in partial_formulas(pairs).items()}
    assert found == {"xᵢ": "out·xᵢ − yᵢ", "yᵢ": "xᵢ − out·yᵢ"}
    each = Primitive("each", lambda *xs: 0.0, Elementwise(lambda out, x, n: out * x / n))
    assert text(partial_formulas(each)["xᵢ"]) == "out·xᵢ / n"


def test_the_help_of_an_operation():
    half_line = Primitive("f", math.sqrt, (lambda out, x: 0.5 / out,), domain="x > 0", note="Note.")
    assert documentation(half_line).splitlines() == [
        "Return f(x) of a number or Value.", "", "∂/∂x = 0.5 / out", "Defined where x > 0", "Note.",
    ]  # fmt: skip
    assert documentation(RULES["logsumexp"]).startswith("Return logsumexp(x1 … xn) of a number")
    assert documentation(RULES["atan2"]).startswith("Return atan2(y, x) of a number or Value.\n\n∂")
    assert documentation(RULES["prod"]).count("∂") == 2  # those of its note


def test_a_rule_that_looks_at_numbers_is_refused():
    looking = Primitive("looking", abs, (lambda out, x: 1.0 if x > 0 else -1.0,))
    with pytest.raises(TypeError, match="branched"):
        partial_formulas(looking)


def test_rules_of_any_number_of_operands_are_stated_for_one_of_them():
    assert (
        text(partial_formulas(RULES["logsumexp"])["xᵢ"]) == "softmax_component(xᵢ, shift, excess)"
    )
    assert {k: text(f) for k, f in partial_formulas(RULES["dot"]).items()} == {
        "xᵢ": "yᵢ", "yᵢ": "xᵢ",
    }  # fmt: skip
    with pytest.raises(TypeError, match="together"):
        partial_formulas(RULES["prod"])
