"""Right functions and wrong gradients: no false FAIL, no false PASS."""

import math
import random
import struct

import pytest

import autograd as ag
from autograd import Primitive, primitives
from autograd.verification.gradcheck import check_gradient, check_grads
from autograd.verification.verdicts import GradientError
from tests.shallow import PATIENT


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def scatter(x):
    """The same number in [0, 1) each time for the same x, without any system in it."""
    return random.Random(getattr(x, "data", x)).random()


def spread(size, seed=0):
    source = random.Random(seed)
    return [source.uniform(0.5, 1.5) * source.choice((-1.0, 1.0)) for _ in range(size)]


def recurrence(x):
    for _ in range(30):
        x = 3.2 * x * (1.0 - x)
    return x


def horner(x):
    total = 0.0
    for coefficient in (1.0, -3.0, 2.0, 5.0, -4.0, 0.5):
        total = total * x + coefficient
    return total


# --- Right: name -> function, point, what the verdict has to be -----------------------------------

SMOOTH = {
    "polynomial": (horner, (0.7,)),
    "quotient": (lambda x, y: (x - y) / (x * x + y * y), (1.5, -0.5)),
    "power tower": (lambda x, y: x ** (y**x), (1.3, 0.7)),
    "composed": (lambda x: ag.sin(ag.exp(ag.cos(x))), (0.9,)),
    "logistic map": (recurrence, (0.31,)),
    "a network's loss": (
        lambda w: (ag.tanh(w[0] * 0.3 + w[1]) * w[2] + w[3] - 1.0) ** 2,
        ([0.5, -0.2, 1.5, 0.1],),
    ),
    "rosenbrock": (lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2, (-1.2, 1.0)),
    "softmax": (lambda xs: ag.softmax(xs)[1], ([0.1, 2.0, -1.0],)),
    "logsumexp of large logits": (lambda xs: ag.logsumexp(xs), ([20.0, 21.0, 19.0],)),
    "product with a zero": (lambda xs: ag.prod(xs), ([2.0, 0.0, -3.0],)),
    "norm": (lambda xs: ag.norm(xs), ([3.0, 4.0, 12.0],)),
    "black-scholes": (
        lambda s, v: s * 0.5 * ag.erfc(-(ag.log(s / 100.0) / v + 0.5 * v) * 0.7071067811865476),
        (105.0, 0.2),
    ),
    "at a minimum": (lambda x: ag.cosh(x), (0.0,)),
    "at a saddle": (lambda x, y: x * x - y * y, (0.0, 0.0)),
    "flat to third order": (lambda x: x**4, (0.0,)),
    "constant": (lambda x: 3.0, (1.0,)),
    "not connected": (lambda x, y: x * x, (1.0, 2.0)),
    "gamma": (lambda x: ag.lgamma(x), (4.5,)),
    "oscillating": (lambda x: ag.sin(200.0 * x), (1.0,)),
    "steep": (lambda x: ag.sigmoid(1e4 * (x - 0.5)), (0.5001,)),
    "off by 1e12": (lambda x: ag.sin(x * 1e-12), (1e12,)),
    "scaled up 1e12": (lambda x: 1e12 * ag.exp(x), (0.5,)),
    "scaled down 1e-12": (lambda x: 1e-12 * ag.exp(x), (0.5,)),
    "tiny argument": (lambda x: ag.exp(1e12 * x), (1e-12,)),
    "huge and tiny together": (lambda x, y: x * y + ag.sin(x * 1e-12), (1e12, 1e-12)),
    "cancelling": (lambda x: (1.0 + x) ** 3 - 1.0 - 3.0 * x, (1e-2,)),
    "near a pole": (lambda x: 1.0 / (x - 1.0), (1.0001,)),
    "near the end of a domain": (lambda x: ag.asin(x), (0.99999,)),
    "after a branch": (lambda x: x * x if x > 0 else -x, (0.01,)),
    "across a where": (lambda x: ag.where(x > 1.0, x**3, x), (1.5,)),
    "argument of 1e150": (lambda x: x * 0.5, (1e150,)),
    "a square of 1e300": (lambda x: x * x * 1e200, (1e50,)),
    "a square of 1e-300": (lambda x: x * x * 1e-200, (1e-50,)),
    "argument of 1e-300": (lambda x: x * 2.0, (1e-300,)),
    "below the normal numbers": (lambda x: x * 1e-310, (1.0,)),
    "a period of the first step": (lambda x: ag.sin(x * 2.0 * math.pi / 0.1236068), (1.0,)),
    "a period of a 16th of it": (
        lambda x: x + 1e-3 * ag.sin(x * 32.0 * math.pi / 0.1236068),
        (1.0,),
    ),
    "sin of 1e12": (lambda x: ag.sin(x), (1e12,)),
    "a kink 1e-3 away": (lambda x: ag.relu(x - 1.0) * x, (0.999,)),
    "a cubic kink 1e-8 away": (lambda x: abs(x - 1.0) ** 3, (1.0 - 1e-8,)),
}
BORDERS = {
    "border on the right": (lambda x: x**1.5 + x, (0.0,)),
    "one-sided power": (lambda x: x**2.5, (0.0,)),
}
KINKED = {
    "|x|": (lambda x: abs(x), (0.0,)),
    "relu": (lambda x: ag.relu(x), (0.0,)),
    "|x| beside a parabola": (lambda x: abs(x) + x * x - 3.0 * x, (0.0,)),
    "maximum at a tie": (lambda x: ag.maximum(x * x, x), (1.0,)),
    "hinge": (lambda x: ag.relu(1.0 - x * 0.5), (2.0,)),
    "clip at its border": (lambda x: ag.clip(x, -1.0, 1.0), (-1.0,)),
    "steep kink": (lambda x: 1e12 * abs(x - 1.0), (1.0,)),
    "shallow kink": (lambda x: 1e-12 * ag.leaky_relu(x), (0.0,)),
}
NOISY = {
    "single precision": (lambda x: ag.sin(x) + single(x.data) * 0.0 + 1e-9 * scatter(x), (1.0,)),
    "noise of 1e-6": (lambda x: ag.exp(x) + 1e-6 * scatter(x), (0.5,)),
    "noise of 1e-12": (lambda x: ag.exp(x) + 1e-12 * scatter(x), (0.5,)),
    "noise and scale": (lambda x: 1e12 * (x * x + 1e-8 * scatter(x)), (0.5,)),
    "buried below an offset": (lambda x: 1e12 + ag.sin(x), (0.5,)),
    "rounded off entirely": (lambda x: 1e20 + ag.sin(x), (0.5,)),
    "a kink 1e-9 away": (lambda x: ag.relu(x - 1.0 - 1e-9) + x, (1.0,)),
    "a kink 1e-12 away": (lambda x: abs(x - 1.0 - 1e-12), (1.0,)),
    "a fine ripple": (lambda x: x + 1e-9 * ag.sin(1e9 * x), (1.0,)),
    "saturated": (lambda x: ag.softmax([x, 0.0])[0], (30.0,)),
    "digits cancelled": (lambda x: (1.0 - ag.cos(x)) / (x * x), (1e-3,)),
    "thousand terms": (lambda xs: ag.sum([ag.sin(x * 1e3) for x in xs]), (spread(60),)),
}


def verdict_of(check, *arguments, **options):
    try:
        return check(*arguments, **options).verdict
    except GradientError as error:
        return error.report.verdict


def test_there_are_enough_of_them():
    assert len(SMOOTH) + len(BORDERS) + len(KINKED) + len(NOISY) >= 40
    assert len(WRONG) >= 40


@pytest.mark.parametrize("projections", [None, 2])
@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_functions_pass_to_second_order(name, projections):
    f, args = SMOOTH[name]
    assert verdict_of(check_grads, f, *args, projections=projections) == "PASS"


@pytest.mark.parametrize("name", BORDERS)
def test_borders_pass(name):
    f, args = BORDERS[name]
    assert verdict_of(check_grads, f, *args, order=1) == "PASS"


@pytest.mark.parametrize("projections", [None, 2])
@pytest.mark.parametrize("name", KINKED)
def test_kinks_are_kinks(name, projections):
    f, args = KINKED[name]
    assert verdict_of(check_grads, f, *args, projections=projections) == "KINK"


@pytest.mark.parametrize("projections", [None, 2])
@pytest.mark.parametrize("name", NOISY)
def test_noise_never_fails_what_is_right(name, projections):
    f, args = NOISY[name]
    assert verdict_of(check_grads, f, *args, projections=projections) in ("PASS", "INCONCLUSIVE")


# --- Wrong: name -> a check that must not pass ----------------------------------------------------


def scaled(name, operand, factor):
    """The primitive with one partial times a factor."""
    right = primitives.RULES[name]
    partials = list(right.partials)
    true = partials[operand]
    partials[operand] = lambda out, *xs: true(out, *xs) * factor
    return right.replace(partials=tuple(partials))


def rule(name, *partials):
    """The primitive with other partials."""
    return primitives.RULES[name].replace(partials=partials)


def number(x):
    return getattr(x, "data", x)


def at_one_index(size, place, factor):
    def partials(out, *xs):
        return [2.0 * x * (factor if i == place else 1.0) for i, x in enumerate(xs)]

    return Primitive("squares", lambda *xs: math.fsum(x * x for x in xs), partials, pack=tuple)


def wrong_gradient_of_squares(place, change):
    def gradient(x):
        found = [2.0 * v for v in x]
        found[place] = change(found[place])
        return found

    return gradient


def squares(x):
    return math.fsum(v * v for v in x)


def claiming(f, slope):
    """f with a constant as its derivative."""
    return Primitive("claiming", f, (lambda out, x: slope + 0.0 * x,))


MILLIONTH = 1.0 + 1e-6
MANY = 1000 if PATIENT else 200
# What nobody can tell from values: function, claim; never a pass, and no failure.
UNDECIDABLE = {
    "rounding, straight through": (lambda x: float(round(x)), 1.0, 2.3),
    "rounding down, straight through": (lambda x: float(math.floor(x)), 1.0, 1000.7),
    "in units of 1e-3, no gradient": (lambda x: round(x * 1e3) / 1e3, 0.0, 1.2343),
    "in units of 1e-3, right on average": (lambda x: round(x * 1e3) / 1e3, 1.0, 1.2343),
    "half precision, no gradient": (
        lambda x: struct.unpack("e", struct.pack("e", x))[0],
        0.0,
        1.3,
    ),
    "a jump at the point": (lambda x: float(x >= 1.0), 0.0, 1.0),
    "a vertical tangent": (lambda x: math.copysign(abs(x) ** (1 / 3), x), 1.0, 0.0),
    "no slope on either side": (lambda x: x * math.sin(1.0 / x) if x else 0.0, 0.0, 0.0),
    "below an offset of 1e15": (lambda x: 1e15 + math.sin(x), 0.0, 1.0),
    "a millionth below an offset of 1e8": (
        lambda x: 1e8 + math.sin(x),
        math.cos(1.0) * MILLIONTH,
        1.0,
    ),
}
FIRST_ORDER = {
    **{
        f"{name}, operand {operand}, off by a millionth": (scaled(name, operand, MILLIONTH), point)
        for name, operand, point in [
            ("add", 1, (0.3, 0.8)),
            ("sub", 1, (0.3, 0.8)),
            ("mul", 0, (0.3, 0.8)),
            ("div", 1, (0.3, 0.8)),
            ("pow", 0, (1.3, 2.5)),
            ("pow", 1, (1.3, 2.5)),
            ("atan2", 0, (0.3, 0.8)),
            ("hypot", 1, (0.3, 0.8)),
            ("exp", 0, (1.0,)),
            ("log", 0, (1e12,)),
            ("tanh", 0, (1e-12,)),
            ("erf", 0, (0.7,)),
            ("sigmoid", 0, (-3.0,)),
            ("gelu", 0, (0.4,)),
            ("sqrt", 0, (1e-12,)),
        ]
    },
    "sign of cos": (rule("cos", lambda out, x: primitives.sin(x)), (0.9,)),
    "sign of a quotient": (scaled("div", 1, -1.0), (1.0, 3.0)),
    "swapped factors": (rule("mul", lambda out, x, y: x, lambda out, x, y: y), (2.0, 5.0)),
    "swapped atan2": (
        rule("atan2", primitives.atan2.partials[1], primitives.atan2.partials[0]),
        (2.0, 5.0),
    ),
    "forgotten factor": (
        rule("pow", lambda out, x, y: x ** (y - 1.0), primitives.pow.partials[1]),
        (1.7, 3.0),
    ),
    "tanh as 1 - x²": (rule("tanh", lambda out, x: 1.0 - x * x), (0.5,)),
    "sigmoid without its complement": (rule("sigmoid", lambda out, x: out), (0.5,)),
    "log2 as log": (rule("log2", lambda out, x: 1.0 / x), (3.0,)),
    "relu on the wrong side": (rule("relu", lambda out, x: 1.0 - primitives.step(x)), (1.0,)),
    "a subgradient that is none": (rule("relu", lambda out, x: -0.5), (0.0,)),
    "always zero": (rule("exp", lambda out, x: 0.0), (1.0,)),
    "badly scaled, 1e12": (lambda x: 1e12 * scaled("sin", 0, MILLIONTH)(x), (0.5,)),
    "badly scaled, 1e-12": (lambda x: 1e-12 * scaled("sin", 0, MILLIONTH)(x), (0.5,)),
    "the gradient lost on the way": (lambda x: x * number(x), (3.0,)),
    "one of two uses lost": (lambda x, y: x * y + number(x) * y, (3.0, 2.0)),
    "between the sides of a kink 1e-9 away": (
        claiming(lambda x: max(x - 1 - 1e-9, 0) + x, 1.5),
        (1.0,),
    ),
    "the other side of a kink 1e-9 away": (
        claiming(lambda x: max(x - 1 - 1e-9, 0) + x, 2.0),
        (1.0,),
    ),
    "the mean of a kink 1e-7 away": (claiming(lambda x: abs(x - 1 - 1e-7), 0.0), (1.0,)),
    "flat by resonance": (
        claiming(lambda x: math.sin(x * 2.0 * math.pi / 0.1236068), 0.0),
        (1.0,),
    ),
    "a bump beside the point": (
        claiming(lambda x: x + 1e-3 * math.exp(-((x - 1.0005) ** 2) * 1e7), 1.0),
        (1.0,),
    ),
    "below an offset of 1e10": (claiming(lambda x: 1e10 + math.sin(x), 0.0), (1.0,)),
    "single precision, no gradient": (claiming(lambda x: single(math.sin(x)), 0.0), (1.0,)),
    "1e-9 where it is 0": (claiming(lambda x: x**3, 1e-9), (0.0,)),
    "a millionth of 1e300": (
        Primitive("p", lambda x: 1e200 * x * x, (lambda out, x: 2e200 * x * MILLIONTH,)),
        (1e50,),
    ),
    "deep in a chain": (
        lambda x: ag.sin(ag.exp(scaled("tanh", 0, MILLIONTH)(ag.cos(x) * 2.0) + x)),
        (0.4,),
    ),
}
SECOND_ORDER = {
    "square, cut off": (
        Primitive("square", lambda x: x * x, (lambda out, x: 2.0 * number(x) + 0.0 * x,)),
        (1.5,),
    ),
    "tanh, result cut off": (
        rule("tanh", lambda out, x: 1.0 - number(out) * number(out) + 0.0 * x),
        (0.5,),
    ),
    "mul, one factor cut off": (
        rule("mul", lambda out, x, y: number(y) + 0.0 * x, lambda out, x, y: x),
        (2.0, 5.0),
    ),
    "exp, doubled in second order": (
        rule("exp", lambda out, x: out + (out - number(out))),
        (0.7,),
    ),
    "sin, off by a millionth in second order": (
        rule("sin", lambda out, x: primitives.cos(x) + 1e-6 * (x - number(x))),
        (0.7,),
    ),
    "softplus, sign in second order": (
        rule(
            "softplus", lambda out, x: 2.0 * number(primitives.sigmoid(x)) - primitives.sigmoid(x)
        ),
        (0.7,),
    ),
}
FOREIGN = {
    f"one of {size}: {name}": (squares, wrong_gradient_of_squares(place, change), spread(size))
    for name, size, place, change in [
        ("a millionth more", MANY, 0, lambda g: g * MILLIONTH),
        ("a millionth less", 1000, 500, lambda g: g / MILLIONTH),
        ("sign", MANY, MANY - 1, lambda g: -g),
        ("missing", MANY, 123, lambda g: 0.0),
        ("not finite", MANY, 7, lambda g: math.inf),
    ]
}
WRONG = {**FIRST_ORDER, **SECOND_ORDER, **FOREIGN}


@pytest.mark.parametrize("projections", [None, 1])
@pytest.mark.parametrize("name", FIRST_ORDER)
def test_wrong_in_first_order_fails(name, projections):
    f, args = FIRST_ORDER[name]
    options = {"modes": ("reverse",), "projections": projections}
    assert verdict_of(check_grads, lambda *xs: f(*xs), *args, **options) == "FAIL"


@pytest.mark.parametrize("projections", [None, 1])
@pytest.mark.parametrize("name", SECOND_ORDER)
def test_wrong_in_second_order_only_passes_the_first_and_fails_the_second(name, projections):
    f, args = SECOND_ORDER[name]
    assert verdict_of(check_grads, f, *args, order=1, modes=("reverse",)) == "PASS"
    options = {"modes": ("reverse",), "projections": projections}
    assert verdict_of(check_grads, f, *args, **options) == "FAIL"


@pytest.mark.parametrize("projections", [None, 1])
@pytest.mark.parametrize("name", UNDECIDABLE)
def test_what_values_cannot_tell_is_inconclusive(name, projections):
    f, slope, x = UNDECIDABLE[name]
    options = {"order": 1, "modes": ("reverse",), "projections": projections}
    assert verdict_of(check_grads, claiming(f, slope), x, **options) == "INCONCLUSIVE"


@pytest.mark.parametrize("name", FOREIGN)
def test_wrong_at_one_index_of_many_fails_there(name):
    with pytest.raises(GradientError) as caught:
        check_gradient(*FOREIGN[name], projections=1)
    (failure,) = caught.value.report.failures
    assert failure.verdict == "FAIL"


def test_wrong_at_one_index_is_no_pass_below_noise_either():
    noisy = Primitive(
        "noisy",
        lambda x: math.sin(x) + 1e-3 * scatter(x),
        (lambda out, x: 1.5 * math.cos(number(x)),),
    )
    assert verdict_of(check_grads, lambda x: noisy(x), 0.5, modes=("reverse",)) != "PASS"


@pytest.mark.parametrize("outer", ["tanh", "sin", "atan", "asinh", "expm1", "log1p"])
def test_where_slopes_cancel_at_zero_their_rounding_is_no_fault(outer):
    outer, found = getattr(math, outer), []
    for power in range(3, 12):
        for factor in (0.1, 0.3, 1.0, 3.0, 7.0):
            for k in (0.7, 1.0, 3.3):

                def f(x, p=power, c=factor, k=k):
                    return c * (outer(k * x + c * x**p) - k * x)

                found.append(verdict_of(check_gradient, f, 0.0, 0.0))
                assert verdict_of(check_gradient, f, 1e-7 * factor, 0.0) != "PASS"
    assert set(found) <= {"PASS", "INCONCLUSIVE"}
    assert found.count("PASS") > 0.9 * len(found)


@pytest.mark.parametrize("height", [1e-12, 1e-6, 1.0, 1e6, 1e12])
def test_a_constant_but_for_rounding_is_never_called_wrong(height):
    for k in range(-12, 8):
        x = 1.37 * 10.0**k
        for f in (lambda x: height * (1.0 / x) * x, lambda x: height / (x * 1.37) * x * 1.37):
            for claim in (0.0, height * (1.0 / x - (1.0 / x**2) * x), height * 2e-16 / x):
                verdict = verdict_of(check_gradient, f, claim, x)
                assert verdict == "PASS" or (verdict == "INCONCLUSIVE" and height > 1.0)
        assert verdict_of(check_gradient, f, height * 1e-7 / x, x) == "FAIL"
