"""Second opinions: each oracle agrees with what is right, refutes what is wrong, or abstains."""

import math
import random
from fractions import Fraction

import mpmath
import pytest

import autograd as ag
from autograd import Primitive, Value, primitives
from autograd.verification.oracles import opinions
from autograd.verification.oracles.complex_step import COMPLEX
from autograd.verification.oracles.intervals import INTERVALS, Interval, widened
from autograd.verification.oracles.jets import Jet
from autograd.verification.oracles.kinds import UnsupportedError, whole_power
from autograd.verification.oracles.opinions import second_opinion

POINTS = [(0.37, 1.7, 2.9), (1.7, 0.37, 0.6), (0.6, -0.4, 0.8), (-0.6, 1.0, 2.0)]
# That softmax_shift has derivative 0 is stated, not found.
FLAT = ("sign", "step", "nonzero", "rint", "compare", "polygamma", "softmax_shift")


def applied(primitive, point):
    """The primitive of new leaves at one of the points, and those leaves."""
    if primitive.name == "softmax_cross_entropy":
        point = (*point, 0.45)
    orders = [1.0, 1.0] if primitive.name == "power_derivative" else []
    arity = len(point) if primitive.is_variadic else primitive.arity - len(orders)
    inputs = [Value(x) for x in point[:arity]]
    return primitive.apply([*inputs, *orders]), inputs


def first_point(primitive):
    for point in POINTS:
        try:
            output, inputs = applied(primitive, point)
            if any(output.adjoints_of(inputs)):
                return point
        except (ArithmeticError, ValueError):
            continue
    raise AssertionError(primitive)


TRIED = [p for p in primitives.RULES.values() if p.name not in FLAT]


@pytest.mark.parametrize("primitive", TRIED, ids=lambda p: p.name)
def test_every_rule_is_confirmed_and_not_by_duals_alone(primitive):
    output, inputs = applied(primitive, first_point(primitive))
    found = second_opinion(output * 2.0, inputs)
    assert found.verdict == "PASS", found
    agreeing = {o.oracle for o in found.opinions if o.verdict == "PASS"}
    assert "high precision" in agreeing, found
    assert agreeing >= {"complex step", "high precision", "intervals"}, found


@pytest.mark.parametrize("factor", [-1.0, 1.0 + 1e-6, 0.0])
@pytest.mark.parametrize("primitive", TRIED, ids=lambda p: p.name)
def test_every_wrong_rule_is_refuted(primitive, factor):
    partials = primitive.partials
    point = first_point(primitive)
    if isinstance(partials, tuple):
        true = list(partials)
        changed = tuple(lambda out, *xs, p=p: p(out, *xs) * factor for p in true)
    else:

        def changed(out, *xs):
            return [slope * factor for slope in partials(out, *xs)]

    output, inputs = applied(primitive.replace(partials=changed), point)
    found = second_opinion(output * 2.0, inputs)
    assert found["high precision"].verdict == "FAIL", found
    assert found["complex step"].verdict in ("FAIL", "ABSTAIN")
    assert found["exact fractions"].verdict in ("FAIL", "ABSTAIN")


def test_fractions_have_no_tolerance():
    # Wrong by one part in 10²⁰, which no float can see.
    almost = Primitive("pow", lambda x, y: x**y, (lambda out, x, y: y * x + x / 1e20, None))
    x = Value(3.0)
    output = almost(x, 2.0)
    assert output.adjoints_of([x]) == [6.0]
    found = second_opinion(output, [x])
    assert found["exact fractions"].verdict == "FAIL"
    assert "exactly it is 6" in found["exact fractions"].reason
    assert found["complex step"].verdict == "PASS"


def test_fractions_are_the_derivative_worked_out_by_hand():
    x, y = Value(3.0), Value(7.0)
    output = (x - 1.0) / (y * y) + ag.dot([x, y], [y, x], 1.0) + ag.mean([x, y, x]) ** 3
    found = second_opinion(output, [x, y])["exact fractions"]
    mean = Fraction(13, 3)
    assert found.gradient == (
        Fraction(1, 49) + 14 + 3 * mean**2 * Fraction(2, 3),
        Fraction(-4, 343) + 6 + 3 * mean**2 * Fraction(1, 3),
    )


def random_graph(source):
    inputs = [Value(source.uniform(0.2, 2.0)) for _ in range(3)]
    nodes = list(inputs)
    unary = [ag.exp, ag.log, ag.sin, ag.tanh, ag.asinh, ag.atan, ag.sigmoid, ag.softplus, ag.erf]
    for _ in range(source.randint(3, 12)):
        x, y = source.choice(nodes), source.choice(nodes)
        step = source.choice(["+", "*", "-", "/", "f"])
        try:
            node = {
                "+": lambda x=x, y=y: x + y,
                "*": lambda x=x, y=y: x * y,
                "-": lambda x=x, y=y: x - y,
                "/": lambda x=x, y=y: x / (y * y + 1.0),
                "f": lambda x=x: source.choice(unary)(x),
            }[step]()
        except (ArithmeticError, ValueError):
            continue
        if abs(node.data) < 1e3:
            nodes.append(node)
    return ag.sum(nodes), inputs


@pytest.mark.parametrize("seed", range(30))
def test_intervals_enclose_what_high_precision_finds(seed):
    output, inputs = random_graph(random.Random(seed))
    found = second_opinion(output, inputs)
    assert found.verdict == "PASS", found
    assert found["intervals"].verdict == "PASS", found
    assert found["high precision"].verdict == "PASS", found
    truths = found["high precision"].gradient
    for interval, truth in zip(found["intervals"].gradient, truths, strict=True):
        assert truth in widened(interval.low, interval.high)
        assert interval.high - interval.low < 1e-6 * (1.0 + abs(truth))


@pytest.mark.parametrize("seed", range(200))
def test_interval_arithmetic_encloses_exact_arithmetic(seed):
    source = random.Random(seed)
    x, y = (source.uniform(-1, 1) * 10.0 ** source.randint(-8, 8) for _ in range(2))
    for operate in (
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a * b,
        lambda a, b: a / b,
        lambda a, b: (a * b + a) * a - b,
    ):
        exact = operate(Fraction(x), Fraction(y))
        found = operate(Interval.of(x), Interval.of(y))
        assert Fraction(found.low) <= exact <= Fraction(found.high)


@pytest.mark.parametrize(
    ("output_of", "point"),
    [(abs, 0.0), (ag.relu, 0.0), (lambda x: ag.maximum(x, 2.0 * x), 0.0)],
)
def test_at_a_kink_oracles_abstain(output_of, point):
    x = Value(point)
    found = second_opinion(output_of(x), [x])
    for oracle in ("exact fractions", "complex step", "high precision"):
        assert found[oracle].verdict == "ABSTAIN"
        assert "kink" in found[oracle].reason
    assert found.verdict == "PASS"


def test_without_mpmath_its_oracle_abstains(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(opinions, "import_module", missing)
    x = Value(0.5)
    found = second_opinion(ag.exp(x), [x])
    assert found["high precision"].reason == "mpmath is not installed"
    assert found.verdict == "PASS"


def test_the_graph_chooses():
    x = Value(0.5)
    for operation in (ag.exp, ag.lgamma, ag.digamma):
        reason = second_opinion(operation(x), [x])["exact fractions"].reason
        assert reason == f"exact fractions: no {operation(x).op}: its values are not rational"
    assert "whole powers" in second_opinion(x**0.5, [x])["exact fractions"].reason
    crossing = second_opinion(1.0 / (ag.sin(x) - ag.sin(x) + 1e-18), [x])["intervals"]
    assert (crossing.verdict, "around 0" in crossing.reason) == ("ABSTAIN", True)


def test_the_graph_chooses_where_gamma_functions_end():
    x = Value(-0.5)
    found = second_opinion(ag.lgamma(x), [x])
    assert {o.oracle for o in found.opinions if o.verdict == "PASS"} >= {
        "complex step",
        "intervals",
        "high precision",
    }
    # Its derivative, ψ′, has no single direction to the left of 0.
    reason = second_opinion(ag.digamma(x), [x])["intervals"].reason
    assert reason == "intervals: polygamma only to the right of 0"
    far = Value(-1e6 - 0.5)
    assert "only from -1000 on" in second_opinion(ag.lgamma(far), [far])["complex step"].reason


def test_an_operation_of_ones_own_is_left_to_duals():
    square = Primitive("square", lambda x: x * x, (lambda out, x: 2.0 * x,))
    x = Value(3.0)
    found = second_opinion(square(x), [x])
    assert found["complex step"].reason == "square is not in the rule book"
    assert (found["dual numbers"].verdict, found.verdict) == ("PASS", "PASS")


# Function of one argument, its derivative in mpmath, and where it is tried.
CONTINUED = {
    "erf": (lambda x: mpmath.erf(x), (-6.0, 6.0)),
    "erfc": (lambda x: mpmath.erfc(x), (-6.0, 14.0)),
    "lgamma": (lambda x: mpmath.log(abs(mpmath.gamma(x))), (-30.0, 60.0)),
    "digamma": (lambda x: mpmath.digamma(x), (-30.0, 60.0)),
    "gelu": (lambda x: x * mpmath.ncdf(x), (-8.0, 8.0)),
}


@pytest.mark.parametrize("name", CONTINUED)
def test_the_complex_step_of_special_functions_is_their_derivative(name):
    truth, (low, high) = CONTINUED[name]
    source = random.Random(name)
    for _ in range(60):
        x = source.uniform(low, high)
        found = COMPLEX.values[name](complex(x, 1e-100)).imag / 1e-100
        with mpmath.workdps(40):
            expected = mpmath.diff(truth, mpmath.mpf(x))
        size = max(1.0, abs(math.lgamma(abs(x) + 1.0))) if name == "lgamma" else 1.0
        assert abs(found - expected) <= 1e-11 * (abs(expected) + (name != "erfc") * size), x


@pytest.mark.parametrize("n", [1, 2, 3])
def test_polygamma_of_complex_numbers(n):
    source = random.Random(n)
    for _ in range(30):
        x = source.uniform(-5.0, 30.0)
        found = COMPLEX.values["polygamma"](complex(n), complex(x, 1e-100))
        with mpmath.workdps(30):
            assert found.real == pytest.approx(float(mpmath.psi(n, x)), rel=1e-9)
            slope = float(mpmath.psi(n + 1, x))
        assert found.imag / 1e-100 == pytest.approx(slope, rel=1e-9)


@pytest.mark.parametrize("name", ["lgamma", "digamma", "polygamma"])
def test_intervals_of_gamma_functions_enclose_the_truth_and_are_narrow(name):
    source = random.Random(name)
    for _ in range(400):
        x = source.choice([source.uniform(0.01, 30.0), source.uniform(-20.0, 0.0), 1.4616321449683])
        if name == "polygamma":
            x = abs(x)
        operands = [Interval.of(x)] if name != "polygamma" else [Interval.of(1.0), Interval.of(x)]
        found = INTERVALS.values[name](*operands)
        with mpmath.workdps(40):
            truth = {
                "lgamma": lambda x: mpmath.log(abs(mpmath.gamma(x))),
                "digamma": mpmath.digamma,
                "polygamma": lambda x: mpmath.psi(1, x),
            }[name](mpmath.mpf(x))
            assert mpmath.mpf(found.low) <= truth <= mpmath.mpf(found.high), x
            assert found.high - found.low <= 1e-10 * max(abs(truth), 1.0), x


@pytest.mark.parametrize("name", ["lgamma", "digamma"])
def test_an_interval_around_a_pole_is_refused(name):
    for low, high in ((-1.5, -0.5), (-0.25, 0.25), (0.0, 1.0), (-2.0, -1.75)):
        with pytest.raises(UnsupportedError, match="pole"):
            INTERVALS.values[name](Interval(low, high))


def test_jets_are_numbers_with_epsilon():
    one = Jet(Fraction(2), Fraction(1))
    cube = whole_power(one, Fraction(3))
    assert (cube.a, cube.b) == (8, 12)
    inverse = whole_power(one, Fraction(-2))
    assert (inverse.a, inverse.b) == (Fraction(1, 4), Fraction(-1, 4))
    with pytest.raises(UnsupportedError):
        whole_power(one, Fraction(1, 2))


def test_high_precision_leaves_the_working_precision_as_it_was():
    before = mpmath.mp.dps
    x = Value(2.0)
    second_opinion(ag.log(x), [x])
    assert mpmath.mp.dps == before


def test_an_input_that_is_not_connected():
    x, y = Value(2.0), Value(3.0)
    found = second_opinion(x * x, [x, y])
    assert found.gradient == (4.0, 0.0)
    assert found.verdict == "PASS"
    assert math.isclose(found["complex step"].gradient[1], 0.0)


@pytest.mark.parametrize(
    ("error", "output", "inputs"),
    [
        (TypeError, 1.0, []),
        (TypeError, Value(1.0), [1.0]),
        (ValueError, Value(1.0), [Value(1.0) * 2.0]),
        (ValueError, Value(1.0), [Value(1.0).detach()]),
    ],
)
def test_bad_input(error, output, inputs):
    with pytest.raises(error):
        second_opinion(output, inputs)


@pytest.mark.parametrize("offset", [0.0, 1e6, 1e10, 1e13, -1e15])
def test_digits_confirm_what_is_right_at_any_offset(offset):
    # The step of the differences follows the size of x, which says nothing of the scale of f.
    x = [Value(offset), Value(offset + 1.0)]
    for output in (ag.logsumexp(x), ag.tanh(x[1] - x[0]), ag.sin(x[0] - offset)):
        found = second_opinion(output, x)
        assert found["high precision"].verdict == "PASS", found
