"""The rule book in JavaScript: values and partials are those of Python, for every operation."""

import math

import pytest

from autograd.page.operation_script import operation_script
from tests.autograd.page.checked_script import OPERATIONS

POINTS = [
    (0.3, 0.7, 0.9, 1.4), (1.7, 0.4, 2.5, 0.6), (-0.6, 1.3, 0.2, -0.8), (0.0, 0.5, 0.5, 1.0),
    (-2.5, -1.5, 3.0, 0.1), (3.0, 2.0, 1.0, 4.0), (0.5, 0.5, 0.25, 0.125), (25.0, -30.0, 2.0, 0.5),
]  # fmt: skip
# The C library's functions and the browser's differ in the last digits, which add up in polygamma.
CLOSE = 1e-13


@pytest.fixture(scope="module")
def rules(usual):
    page = usual.new_page()
    page.set_content("<p>rules</p>")
    page.evaluate(f"window.rules = (() => {{ {operation_script(OPERATIONS)} return RULES; }})()")
    yield page
    page.close()


def python_at(primitive, operands):
    try:
        value = primitive.value(operands)
        wanted = [True] * len(operands)
        partials = primitive.partials
        if isinstance(partials, tuple):
            wanted = [partial is not None for partial in partials]
        return value, primitive.derivatives(value, operands, wanted)
    except (ArithmeticError, ValueError):
        return None


IN_BROWSER = """([number, given, out]) => {
    const rule = window.rules[number];
    const value = rule.partials && rule.value.length === given.length
        ? rule.value(...given) : rule.value(given, given.length);
    const partials = rule.partials ? rule.partials.map((one) => one && one(out, ...given)) : null;
    return [String(value), partials && partials.map(String)];
}"""


@pytest.mark.parametrize(
    ("number", "primitive"), list(enumerate(one for one, _ in OPERATIONS)),
    ids=[one.name for one, _ in OPERATIONS],
)  # fmt: skip
def test_values_and_partials(number, primitive, rules):
    count = OPERATIONS[number][1]
    count = 4 if count < 0 else count
    compared = 0
    for point in POINTS:
        operands = [float(x) for x in point[:count]]
        if primitive.name == "polygamma":
            operands[0] = 1.0
        right = python_at(primitive, operands)
        if right is None:
            continue
        compared += 1
        value, partials = rules.evaluate(IN_BROWSER, [number, operands, right[0]])
        assert math.isclose(float(value), right[0], rel_tol=CLOSE, abs_tol=1e-13), operands
        for got, wanted in zip(partials or (), right[1], strict=False):
            if wanted is not None:
                assert math.isclose(float(got), wanted, rel_tol=CLOSE, abs_tol=1e-13), operands
    assert compared
