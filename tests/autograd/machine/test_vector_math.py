"""The machine's functions of vectors are right to a few ulp and raise the flags that are due.

They are compared with mpmath at 50 digits, in both copies: for every processor and for AVX2.
"""

from __future__ import annotations

import math
import random
from array import array

import mpmath
import pytest

machine = pytest.importorskip(
    "autograd.machine.interpreter", reason="the machine is not built (setup.py build_ext)"
)
INFINITY, NAN = math.inf, math.nan
TINY, HUGE = 5e-324, 1.7976931348623157e308
POINTS = 250  # random arguments from every range

# Most ulp each may be off: measured over tens of thousands of arguments, and a little more.
BOUNDS = {
    **{"exp": 1, "expm1": 1.3, "log": 1, "log1p": 1, "log2": 1.8, "log10": 1.9, "sqrt": 0.51},
    **{"sin": 1, "cos": 1, "tan": 2.3, "asin": 1.9, "acos": 1.4, "atan": 2, "hypot": 1.3},
    **{"sinh": 2.2, "cosh": 2, "tanh": 2.7, "asinh": 1.4, "acosh": 2.6, "atanh": 2, "pow": 1},
    **{"sigmoid": 1.8, "softplus": 1.7, "silu": 2.5, "erf": 1.7, "erfc": 2.4, "gelu": 2.8},
    **{"logaddexp": 2},
}


def exact_erfc(x):
    return mpmath.erfc(max(min(x, 1000), -1000))  # beyond, mpmath cannot


EXACT = {
    **{name: getattr(mpmath, name) for name in BOUNDS if hasattr(mpmath, name)},
    "log2": lambda x: mpmath.log(x, 2),
    "pow": mpmath.power,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: max(x, 0) + mpmath.log1p(mpmath.exp(-abs(x))),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "erfc": exact_erfc,
    "gelu": lambda x: x * exact_erfc(-x / mpmath.sqrt(2)) / 2,
    "logaddexp": lambda x, y: max(x, y) + mpmath.log1p(mpmath.exp(-abs(x - y))),
}

# Ranges around the hard points: uniform between two numbers.
RANGES = {
    "exp": [(-746, 709.7), (-746, -707), (-1, 1)],
    "expm1": [(-40, 60), (-1, 1.2), (600, 709.7)],
    "log": [(0.5, 2), (0.99, 1.01), (1.4, 1.43)],
    "log1p": [(-0.9999, -0.5), (-0.5, 2), (-1e-3, 1e-3)],
    "sin": [(-10, 10), (-1e5, 1e5), (-1e7, 1e7)],
    "asin": [(-1, 1), (0.49, 0.51), (0.9999, 1), (-1, -0.9999)],
    "atan": [(-3, 3), (0.4, 0.43), (2.4, 2.43)],
    "sinh": [(-3, 3), (-710, 710), (705, 710)],
    "tanh": [(-2, 2), (-23, 23), (17, 23)],
    "asinh": [(-3, 3), (-100, 100)],
    "acosh": [(1, 1.01), (1, 3), (1, 1000)],
    "sigmoid": [(-746, -700), (-40, 40), (-5, 5)],
    "erf": [(-1, 1), (0.7, 0.8), (-7, 7)],
    "erfc": [(-7, 7), (0.7, 0.8), (5, 27), (26, 27.3)],
    "gelu": [(-5, 5), (0.9, 1.2), (-39, 9), (-38.7, -37)],
}
for _name, _like in {
    **{"log2": "log", "log10": "log", "sqrt": "log", "cos": "sin", "tan": "sin", "acos": "asin"},
    **{"cosh": "sinh", "atanh": "asin", "softplus": "sigmoid", "silu": "sigmoid"},
}.items():
    RANGES[_name] = RANGES[_like]
POSITIVE = {"log", "log2", "log10", "sqrt"}
NEARLY = 0.9999999999999999
DOMAIN = {
    **{"asin": (-1, 1), "acos": (-1, 1), "atanh": (-NEARLY, NEARLY)},
    **{"log1p": (-NEARLY, HUGE), "acosh": (1, HUGE)},
}


def spread(source, low, high, count=POINTS):
    """Numbers of both signs with exponents from low to high."""
    return [
        source.choice([1.0, -1.0]) * math.ldexp(source.uniform(0.5, 1), source.randint(low, high))
        for _ in range(count)
    ]


def arguments(name):
    source = random.Random(name)
    found = [source.uniform(*ends) for ends in RANGES[name] for _ in range(POINTS)]
    found += [*spread(source, -1073, 1024), *spread(source, -30, 12), *spread(source, -60, -40)]
    found += [1.0 + x for x in spread(source, -52, -3)]
    found += [TINY, -TINY, HUGE, -HUGE, 2.0**-1022, 1.0, -1.0, 0.75, 0.5, 22.0, 1e5, 36.7]
    if name in ("sin", "cos", "tan"):  # the doubles nearest to multiples of a quarter turn
        found += [source.randint(-60000, 60000) * (math.pi / 2) for _ in range(POINTS)]
        found += [source.randint(-99, 99) * (math.pi / 4) for _ in range(POINTS)]
    if name in POSITIVE:
        found = [abs(x) for x in found]
    low, high = DOMAIN.get(name, (-HUGE, HUGE))
    return [x for x in found if low <= x <= high]


def pairs(name):
    source = random.Random(name)
    if name == "pow":
        bases = [abs(x) for x in spread(source, -1073, 1024, 2 * POINTS)]
        found = [(x, source.uniform(-740, 709) / (math.log(x) or 1.0)) for x in bases]
        found += [(1.0 + x, y) for x in spread(source, -52, -2) for y in spread(source, 0, 9, 1)]
        found += [(1.0 + x, y) for x in spread(source, -52, -40) for y in spread(source, 40, 46, 1)]
        return found + [(abs(x), float(n)) for x in spread(source, -9, 9) for n in (2, 3, -1, 0.5)]
    found = list(zip(spread(source, -9, 9), spread(source, -9, 9), strict=True))
    found += zip(spread(source, -60, 60), spread(source, -60, 60), strict=True)
    if name == "hypot":
        found += zip(spread(source, -1073, 1022), spread(source, -1073, 1022), strict=True)
    else:
        found += [(1e308, -1e308), (-1e308, 1e308), (300.0, 300.0), (1e300, -700.0)]
    return found


def computed(name, columns, plain):
    return list(machine.elementwise(name, *(array("d", x) for x in columns), plain=plain))


def flags(name, *numbers, plain):
    return set(machine.elementwise_flags(name, *(array("d", [x]) for x in numbers), plain=plain))


def ulp(exact):
    return math.ulp(min(abs(float(exact)), HUGE))


@pytest.mark.parametrize("name", BOUNDS)
def test_right_to_a_few_ulp(name):
    rows = pairs(name) if name in ("pow", "hypot", "logaddexp") else [(x,) for x in arguments(name)]
    with mpmath.workdps(50):
        wide = mpmath.mpf(HUGE)
        exact = [(row, EXACT[name](*map(mpmath.mpf, row))) for row in rows]
        exact = [(row, value) for row, value in exact if abs(value) < wide]
        assert len(exact) > 500
        columns = list(zip(*(row for row, _ in exact), strict=True))
        for plain in (True, False):
            for (row, value), got in zip(exact, computed(name, columns, plain), strict=True):
                unit = ulp(value)
                if name == "logaddexp":  # the larger part may cancel the other
                    unit = max(unit, ulp(max(row)))
                error = abs(got - value) / unit
                assert error <= BOUNDS[name], f"{name}{row} = {got!r} is {float(error):.2f} ulp off"
            tables = (array("d", column) for column in columns)
            raised = machine.elementwise_flags(name, *tables, plain=plain)
            assert not raised, f"{name} raised {raised} where all results are finite"


SPECIAL = [
    *(("exp", x, y) for x, y in [(INFINITY, INFINITY), (-INFINITY, 0.0), (-800.0, 0.0)]),
    *(("expm1", x, y) for x, y in [(INFINITY, INFINITY), (-INFINITY, -1.0), (-0.0, -0.0)]),
    *(("log", x, y) for x, y in [(INFINITY, INFINITY), (1.0, 0.0), (0.0, -INFINITY)]),
    *(("log1p", x, y) for x, y in [(INFINITY, INFINITY), (-0.0, -0.0), (-1.0, -INFINITY)]),
    *(("log2", x, y) for x, y in [(INFINITY, INFINITY), (8.0, 3.0), (2.0**-1074, -1074.0)]),
    *(("log10", x, y) for x, y in [(INFINITY, INFINITY), (1000.0, 3.0), (0.0, -INFINITY)]),
    *(("sqrt", x, y) for x, y in [(INFINITY, INFINITY), (-0.0, -0.0), (4.0, 2.0)]),
    *((name, -0.0, -0.0) for name in ("sin", "tan", "asin", "atan", "sinh", "asinh", "atanh")),
    *((name, -0.0, -0.0) for name in ("tanh", "erf", "gelu", "silu")),
    *((name, 0.0, 0.0) for name in ("sin", "tan", "asin", "atan", "sinh", "tanh", "erf", "gelu")),
    *((name, NAN, NAN) for name in BOUNDS if name in RANGES),
    *((name, INFINITY, NAN) for name in ("sin", "cos", "tan", "asin", "acos", "atanh")),
    *((name, -1.5, NAN) for name in ("log", "log1p", "log2", "log10", "sqrt", "asin", "acos")),
    *((name, 0.0, 1.0) for name in ("cos", "cosh", "exp", "erfc")),
    *(("tanh", x, y) for x, y in [(INFINITY, 1.0), (-INFINITY, -1.0), (1e300, 1.0)]),
    *(("erf", x, y) for x, y in [(INFINITY, 1.0), (-INFINITY, -1.0), (1e300, 1.0)]),
    *(("erfc", x, y) for x, y in [(INFINITY, 0.0), (-INFINITY, 2.0), (1e300, 0.0)]),
    *(("sigmoid", x, y) for x, y in [(INFINITY, 1.0), (-INFINITY, 0.0), (-1e300, 0.0)]),
    *(("softplus", x, y) for x, y in [(INFINITY, INFINITY), (-INFINITY, 0.0), (1e308, 1e308)]),
    *(("gelu", x, y) for x, y in [(INFINITY, INFINITY), (-INFINITY, NAN), (-1e308, -0.0)]),
    *(("silu", x, y) for x, y in [(INFINITY, INFINITY), (-INFINITY, NAN), (-1e308, -0.0)]),
    *(("atan", x, y) for x, y in [(INFINITY, math.pi / 2), (-INFINITY, -math.pi / 2)]),
    *(("asin", 1.0, math.pi / 2), ("acos", -1.0, math.pi), ("acos", 1.0, 0.0)),
    *(("sinh", -INFINITY, -INFINITY), ("cosh", -INFINITY, INFINITY), ("asinh", INFINITY, INFINITY)),
    *(("acosh", 1.0, 0.0), ("acosh", INFINITY, INFINITY), ("acosh", 0.5, NAN)),
    *(("atanh", 1.0, INFINITY), ("atanh", -1.0, -INFINITY), ("atanh", 2.0, NAN)),
]


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize(("name", "x", "expected"), SPECIAL)
def test_special_values(name, x, expected, plain):
    got, ordinary = computed(name, [[x, 1.0]], plain)
    assert math.isnan(got) if math.isnan(expected) else got == expected
    assert math.isnan(expected) or math.copysign(1, got) == math.copysign(1, expected)
    assert ordinary == pytest.approx(computed(name, [[1.0]], plain)[0], rel=1e-15)


PAIRS = [
    *(("pow", *row) for row in [(0.0, -1.0, INFINITY), (-2.0, 3.0, -8.0), (-8.0, 0.5, NAN)]),
    *(("pow", *row) for row in [(NAN, 0.0, 1.0), (1.0, NAN, 1.0), (0.5, -INFINITY, INFINITY)]),
    *(("pow", *row) for row in [(10.0, 400.0, INFINITY), (10.0, -400.0, 0.0), (-0.0, 3.0, -0.0)]),
    *(("hypot", *row) for row in [(0.0, -0.0, 0.0), (INFINITY, NAN, INFINITY), (3.0, -4.0, 5.0)]),
    *(("logaddexp", *row) for row in [(INFINITY, INFINITY, INFINITY), (-INFINITY, 3.0, 3.0)]),
    *(("logaddexp", *row) for row in [(-INFINITY, -INFINITY, -INFINITY), (NAN, 1.0, NAN)]),
]


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize(("name", "x", "y", "expected"), PAIRS)
def test_special_values_of_two(name, x, y, expected, plain):
    (got,) = computed(name, [[x], [y]], plain)
    assert math.isnan(got) if math.isnan(expected) else got == expected
    assert math.isnan(expected) or math.copysign(1, got) == math.copysign(1, expected)


FLAGS = {
    "overflow": [
        *(("exp", 800.0), ("exp", 709.79), ("expm1", 800.0), ("sinh", -800.0), ("cosh", 711.0)),
        *(("pow", 10.0, 400.0), ("pow", 1.0000000000000002, 1e300), ("hypot", 1.5e308, 1.5e308)),
    ],
    "division by zero": [
        *(("log", 0.0), ("log", -0.0), ("log2", 0.0), ("log10", 0.0), ("log1p", -1.0)),
        *(("atanh", 1.0), ("atanh", -1.0), ("pow", 0.0, -1.0)),
    ],
    "invalid": [
        *(("log", -1.0), ("log1p", -2.0), ("sqrt", -1.0), ("asin", 1.5), ("acos", -1.5)),
        *(("acosh", 0.5), ("atanh", 2.0), ("sin", INFINITY), ("cos", -INFINITY)),
        *(("tan", INFINITY), ("pow", -8.0, 0.5)),
    ],
}


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("flag", FLAGS)
def test_flags_that_are_due(flag, plain):
    # "In", for the machine's own look at infinite results raises invalid as well.
    for name, *numbers in FLAGS[flag]:
        assert flag in flags(name, *numbers, plain=plain), f"{name}{numbers}"


@pytest.mark.parametrize("plain", [True, False])
def test_no_flags_for_extreme_arguments_with_ordinary_results(plain):
    bounded = ("tanh", "sigmoid", "erf", "erfc", "atan", "sin", "cos", "softplus", "gelu", "silu")
    for x in (HUGE, -HUGE, TINY, -TINY, -0.0, 1e300, -750.0, 750.0, 40.0, -40.0):
        for name in bounded:
            assert flags(name, x, plain=plain) == set(), f"{name}({x})"
    for name in ("exp", "expm1"):
        for x in (-HUGE, -INFINITY, -1e5, 709.78, TINY):
            assert flags(name, x, plain=plain) == set(), f"{name}({x})"
    for row in [(1e-300, 1e10), (0.5, 1e300), (1.0, HUGE), (HUGE, -1.0), (TINY, TINY), (2.0, -2e3)]:
        assert flags("pow", *row, plain=plain) == set(), f"pow{row}"
    assert flags("logaddexp", 1e308, -1e308, plain=plain) == set()
    assert flags("hypot", 1e-300, 1e300, plain=plain) == set()
