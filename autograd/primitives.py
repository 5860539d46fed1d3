"""The rule book: every operation, stated once.

An entry gives the value (a function of floats) and one partial derivative per operand, written only
with operators, other primitives and float constants. Eager evaluation, backward, higher order,
forward mode, formulas, generated code, the operation table and the tests all derive from it.

In a partial, `out` is the operation's result and `x, y, z` are its operands. Kinks stay inside the
algebra: `step`, `sign` and `nonzero` have derivative 0.

To add an operation, add one entry here.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any

from autograd.primitive import Elementwise, Pairwise, Primitive
from autograd.special_functions import cube_root
from autograd.special_functions import digamma as _digamma
from autograd.special_functions import polygamma as _polygamma

_LN2, _LN10 = math.log(2.0), math.log(10.0)
_TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)
_INVERSE_SQRT_2, _INVERSE_SQRT_2PI = math.sqrt(0.5), 1.0 / math.sqrt(2.0 * math.pi)
# Klambauer et al. 2017, "Self-normalizing neural networks", equation 14.
_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
_SINCE_3_11 = sys.version_info >= (3, 11)  # before, math had an erf of its own and no cbrt

# Entries are laid out by hand: one operation reads as one short table row.
# fmt: off

# --- Piecewise constant ---------------------------------------------------------------------------


def _sign(x: float) -> float:
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else x


def _step(x: float) -> float:
    return 1.0 if x > 0.0 else 0.0 if x <= 0.0 else x


def _nonzero(x: float) -> float:
    return 1.0 if x != 0.0 else 0.0


def _compare(x: float, y: float) -> float:
    return 1.0 if x > y else -1.0 if x < y else 0.0 if x == y else math.nan


def _where(condition: float, x: float, y: float) -> float:
    return x if condition != 0.0 else y


sign = Primitive(
    "sign", _sign, (lambda out, x: 0.0,),
    note="sign(0) = 0, derivative 0 everywhere",
    c="({x} > 0 ? 1.0 : {x} < 0 ? -1.0 : {x})", latex=r"\operatorname{{sign}}\left({x}\right)",
)
step = Primitive(
    "step", _step, (lambda out, x: 0.0,),
    note="step(0) = 0, derivative 0 everywhere",
    c="({x} > 0 ? 1.0 : {x} <= 0 ? 0.0 : {x})", latex=r"\left[{x} > 0\right]",
)
nonzero = Primitive(
    "nonzero", _nonzero, (lambda out, x: 0.0,),
    note="derivative 0 everywhere",
    c="({x} != 0 ? 1.0 : 0.0)", latex=r"\left[{x} \neq 0\right]",
)
compare = Primitive(
    "compare", _compare, (lambda out, x, y: 0.0, lambda out, x, y: 0.0),
    note="1 where x > y, −1 where x < y, 0 where equal, infinities too; derivative 0 everywhere",
    c="({x} > {y} ? 1.0 : {x} < {y} ? -1.0 : {x} == {y} ? 0.0 : NAN)",
    javascript="({x} > {y} ? 1.0 : {x} < {y} ? -1.0 : {x} == {y} ? 0.0 : NaN)",
    latex=r"\operatorname{{sign}}\left({x} - {y}\right)",
)
where = Primitive(
    "where",
    _where,
    (
        lambda out, x, y, z: 0.0,
        lambda out, x, y, z: nonzero(x),
        lambda out, x, y, z: 1.0 - nonzero(x),
    ),
    note="y where x ≠ 0, else z; the choice itself has derivative 0",
    c="({x} != 0 ? {y} : {z})",
    latex=r"\left({y} \text{{ if }} {x} \neq 0 \text{{ else }} {z}\right)",
)

# --- Arithmetic -----------------------------------------------------------------------------------


def _pow(x: float, y: float) -> float:
    power = x**y
    if isinstance(power, complex):  # Python's float ** float leaves the reals here
        raise ValueError(
            f"math domain error: {x!r} ** {y!r} is not a real number; "
            "a negative base needs a whole exponent (autograd.cbrt is the real cube root)"
        )
    return float(power)


def _abs(x: float) -> float:
    return math.fabs(x)


def _undefined_at_zero_to_zero(x: Any, y: Any) -> Any:
    # log(x), except that d/dy 0**y = 0 for y > 0; log(0) still raises at 0**0: no limit there.
    return log(x + (1.0 - nonzero(x)) * step(y))


pos = Primitive("pos", lambda x: x, (lambda out, x: 1.0,), symbol="copy", c="{x}", latex="{x}")
neg = Primitive("neg", lambda x: -x, (lambda out, x: -1.0,), c="(-{x})", latex="-{x}")
add = Primitive(
    "add", lambda x, y: x + y, (lambda out, x, y: 1.0, lambda out, x, y: 1.0),
    symbol="+", c="({x} + {y})", latex="{x} + {y}",
)
sub = Primitive(
    "sub", lambda x, y: x - y, (lambda out, x, y: 1.0, lambda out, x, y: -1.0),
    symbol="-", c="({x} - {y})", latex="{x} - {y}",
)
mul = Primitive(
    "mul", lambda x, y: x * y, (lambda out, x, y: y, lambda out, x, y: x),
    symbol="*", c="({x} * {y})", latex=r"{x} \cdot {y}",
)
div = Primitive(
    "div", lambda x, y: x / y, (lambda out, x, y: 1.0 / y, lambda out, x, y: -out / y),
    symbol="/", domain="y != 0", c="({x} / {y})", latex=r"\frac{{{x}}}{{{y}}}",
)
pow = Primitive(
    "pow",
    _pow,
    (
        # The exponent is y - 1, but 0 for y = 0: then x**0 has derivative 0 at x = 0 too.
        lambda out, x, y: y * x ** (y - nonzero(y)),
        lambda out, x, y: out * _undefined_at_zero_to_zero(x, y),
    ),
    symbol="**",
    domain="x > 0",
    note="negative x with a whole number y too; d/dy at x = 0 is 0 for y > 0",
    c="pow({x}, {y})",
    javascript="Math.pow({x}, {y})",
    latex="{{{x}}}^{{{y}}}",
)
abs = Primitive(
    "abs", _abs, (lambda out, x: sign(x),),
    note="|x|′(0) = 0", c="fabs({x})", javascript="Math.abs({x})", latex=r"\left|{x}\right|",
)

# --- Exponentials, logarithms, roots --------------------------------------------------------------

exp = Primitive("exp", math.exp, (lambda out, x: out,), latex="e^{{{x}}}")
expm1 = Primitive("expm1", math.expm1, (lambda out, x: exp(x),), latex="e^{{{x}}} - 1")
log = Primitive("log", math.log, (lambda out, x: 1.0 / x,), domain="x > 0")
log1p = Primitive(
    "log1p", math.log1p, (lambda out, x: 1.0 / (1.0 + x),),
    domain="x > -1", latex=r"\log\left(1 + {x}\right)",
)
log2 = Primitive(
    "log2", math.log2, (lambda out, x: 1.0 / (x * _LN2),),
    domain="x > 0", latex=r"\log_2\left({x}\right)",
)
log10 = Primitive(
    "log10", math.log10, (lambda out, x: 1.0 / (x * _LN10),),
    domain="x > 0", latex=r"\log_{{10}}\left({x}\right)",
)
sqrt = Primitive(
    "sqrt", math.sqrt, (lambda out, x: 0.5 / out,),
    domain="x > 0", note="the derivative at 0 is infinite: an error", latex=r"\sqrt{{{x}}}",
)
cbrt = Primitive(
    "cbrt", cube_root, (lambda out, x: 1.0 / (3.0 * out * out),),
    domain="x != 0", note="the derivative at 0 is infinite: an error", latex=r"\sqrt[3]{{{x}}}",
    same_bits_in_c=_SINCE_3_11,
)

# --- Trigonometric and hyperbolic -----------------------------------------------------------------

sin = Primitive("sin", math.sin, (lambda out, x: cos(x),))
cos = Primitive("cos", math.cos, (lambda out, x: -sin(x),))
tan = Primitive("tan", math.tan, (lambda out, x: 1.0 + out * out,))
# Factored, so that nothing cancels near the ends of the domain.
asin = Primitive(
    "asin", math.asin, (lambda out, x: 1.0 / sqrt((1.0 - x) * (1.0 + x)),),
    domain="-1 < x < 1", numpy="arcsin", latex=r"\arcsin\left({x}\right)",
)
acos = Primitive(
    "acos", math.acos, (lambda out, x: -1.0 / sqrt((1.0 - x) * (1.0 + x)),),
    domain="-1 < x < 1", numpy="arccos", latex=r"\arccos\left({x}\right)",
)
atan = Primitive(
    "atan", math.atan, (lambda out, x: 1.0 / (1.0 + x * x),),
    numpy="arctan", latex=r"\arctan\left({x}\right)",
)
atan2 = Primitive(
    "atan2",
    math.atan2,
    (
        # x / (x² + y²), divided twice so that squares neither overflow nor vanish.
        lambda out, y, x: x / hypot(x, y) / hypot(x, y),
        lambda out, y, x: -y / hypot(x, y) / hypot(x, y),
    ),
    domain="x != 0 or y != 0",
    note="operands in the order y, x, as in math",
    numpy="arctan2",
    latex=r"\operatorname{{atan2}}\left({y}, {x}\right)",
)
sinh = Primitive("sinh", math.sinh, (lambda out, x: cosh(x),))
cosh = Primitive("cosh", math.cosh, (lambda out, x: sinh(x),))
tanh = Primitive("tanh", math.tanh, (lambda out, x: 1.0 - out * out,))
asinh = Primitive(
    "asinh", math.asinh, (lambda out, x: 1.0 / hypot(1.0, x),),
    numpy="arcsinh", latex=r"\operatorname{{arsinh}}\left({x}\right)",
)
acosh = Primitive(
    "acosh", math.acosh, (lambda out, x: 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0)),),
    domain="x > 1", numpy="arccosh", latex=r"\operatorname{{arcosh}}\left({x}\right)",
)
atanh = Primitive(
    "atanh", math.atanh, (lambda out, x: 1.0 / ((1.0 - x) * (1.0 + x)),),
    domain="-1 < x < 1", numpy="arctanh", latex=r"\operatorname{{artanh}}\left({x}\right)",
)

# --- Sigmoids and activations ---------------------------------------------------------------------


def _sigmoid(x: float) -> float:
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    growth = math.exp(x)
    return growth / (1.0 + growth)


def _softplus(x: float) -> float:
    return (0.0 if x <= 0.0 else x) + math.log1p(math.exp(-math.fabs(x)))


def _logaddexp(x: float, y: float) -> float:
    if x == y:
        return x + _LN2
    return (x if x > y else y) + math.log1p(math.exp(-math.fabs(x - y)))


def _relu(x: float) -> float:
    return 0.0 if x <= 0.0 else x


def _leaky_relu(x: float, slope: float) -> float:
    return x if x > 0.0 else slope * x


def _elu(x: float, alpha: float) -> float:
    return x if x > 0.0 else alpha * math.expm1(x)


def _selu(x: float) -> float:
    return _SELU_SCALE * (x if x > 0.0 else _SELU_ALPHA * math.expm1(x))


def _gelu(x: float) -> float:
    return 0.5 * x * math.erfc(-x * _INVERSE_SQRT_2)


def _silu(x: float) -> float:
    return x * _sigmoid(x)


sigmoid = Primitive(
    "sigmoid", _sigmoid, (lambda out, x: out * (1.0 - out),),
    c="({x} >= 0 ? 1.0 / (1.0 + exp(-{x})) : exp({x}) / (1.0 + exp({x})))",
    latex=r"\sigma\left({x}\right)",
)
softplus = Primitive(
    "softplus", _softplus, (lambda out, x: sigmoid(x),),
    c="(({x} <= 0 ? 0.0 : {x}) + log1p(exp(-fabs({x}))))",
    latex=r"\log\left(1 + e^{{{x}}}\right)",
)
logaddexp = Primitive(
    "logaddexp", _logaddexp, (lambda out, x, y: sigmoid(x - y), lambda out, x, y: sigmoid(y - x)),
    c="({x} == {y} ? {x} + 0.6931471805599453 : "
      "({x} > {y} ? {x} : {y}) + log1p(exp(-fabs({x} - {y}))))",
    latex=r"\log\left(e^{{{x}}} + e^{{{y}}}\right)",
)
relu = Primitive(
    "relu", _relu, (lambda out, x: step(x),), symbol="ReLU",
    note="relu′(0) = 0", c="({x} <= 0 ? 0.0 : {x})", latex=r"\max\left(0, {x}\right)",
)
leaky_relu = Primitive(
    "leaky_relu",
    _leaky_relu,
    (
        lambda out, x, slope: step(x) + (1.0 - step(x)) * slope,
        lambda out, x, slope: (1.0 - step(x)) * x,
    ),
    note="at 0 the left slope",
    defaults=(0.01,),
    c="({x} > 0 ? {x} : {slope} * {x})",
    latex=r"\operatorname{{leaky\,relu}}_{{{slope}}}\left({x}\right)",
)
elu = Primitive(
    "elu",
    _elu,
    (
        lambda out, x, alpha: step(x) + (1.0 - step(x)) * alpha * exp(minimum(x, 0.0)),
        lambda out, x, alpha: (1.0 - step(x)) * expm1(minimum(x, 0.0)),
    ),
    note="at 0 the left slope alpha",
    defaults=(1.0,),
    c="({x} > 0 ? {x} : {alpha} * expm1({x}))",
    latex=r"\operatorname{{elu}}_{{{alpha}}}\left({x}\right)",
)
selu = Primitive(
    "selu",
    _selu,
    (
        lambda out, x: _SELU_SCALE
        * (step(x) + (1.0 - step(x)) * _SELU_ALPHA * exp(minimum(x, 0.0))),
    ),
    note="at 0 the left slope",
    c="(1.0507009873554805 * ({x} > 0 ? {x} : 1.6732632423543772 * expm1({x})))",
)
gelu = Primitive(
    "gelu",
    _gelu,
    (
        lambda out, x: 0.5 * erfc(-_INVERSE_SQRT_2 * x)
        + _INVERSE_SQRT_2PI * x * exp(-0.5 * (x * x)),
    ),
    note="the exact x Φ(x), not the tanh approximation",
    same_bits_in_c=_SINCE_3_11,
    c="(0.5 * {x} * erfc(-{x} * 0.7071067811865476))",
)
silu = Primitive(
    "silu", _silu, (lambda out, x: sigmoid(x) + out * sigmoid(-x),),
    note="x σ(x), also called swish",
    c="({x} * ({x} >= 0 ? 1.0 / (1.0 + exp(-{x})) : exp({x}) / (1.0 + exp({x}))))",
)

# --- Error and gamma functions --------------------------------------------------------------------

erf = Primitive(
    "erf", math.erf, (lambda out, x: _TWO_OVER_SQRT_PI * exp(-(x * x)),),
    same_bits_in_c=_SINCE_3_11,
)
erfc = Primitive(
    "erfc", math.erfc, (lambda out, x: -_TWO_OVER_SQRT_PI * exp(-(x * x)),),
    same_bits_in_c=_SINCE_3_11,
)
lgamma = Primitive(
    "lgamma", math.lgamma, (lambda out, x: digamma(x),),
    domain="x > 0", note="negative x too, except whole numbers", same_bits_in_c=False,
    latex=r"\log\left|\Gamma\left({x}\right)\right|",
)
digamma = Primitive(
    "digamma", _digamma, (lambda out, x: polygamma(1.0, x),),
    domain="x > 0", note="negative x too, except whole numbers", same_bits_in_c=False,
    latex=r"\psi\left({x}\right)",
)
polygamma = Primitive(
    "polygamma", _polygamma, (None, lambda out, n, x: polygamma(n + 1.0, x)),
    domain="n in (0, 1, 2, 3) and x > 0", note="no derivative in the order n", same_bits_in_c=False,
    latex=r"\psi^{{({n})}}\left({x}\right)",
)

# --- Comparisons ----------------------------------------------------------------------------------


def _maximum(x: float, y: float) -> float:
    return x if x >= y or x != x else y


def _minimum(x: float, y: float) -> float:
    return x if x <= y or x != x else y


def _clip(x: float, low: float, high: float) -> float:
    if low > high:
        raise ValueError(f"clip needs low <= high, got low = {low!r}, high = {high!r}")
    return _minimum(_maximum(x, low), high)


def _share(x: Any, y: Any) -> Any:
    # 1 where x > y, 0 where x < y, 1/2 at a tie.
    return 0.5 + 0.5 * compare(x, y)


maximum = Primitive(
    "maximum", _maximum, (lambda out, x, y: _share(x, y), lambda out, x, y: _share(y, x)),
    note="1/2 to each operand at a tie", c="({x} >= {y} || {x} != {x} ? {x} : {y})",
    latex=r"\max\left({x}, {y}\right)",
)
minimum = Primitive(
    "minimum", _minimum, (lambda out, x, y: _share(y, x), lambda out, x, y: _share(x, y)),
    note="1/2 to each operand at a tie", c="({x} <= {y} || {x} != {x} ? {x} : {y})",
    latex=r"\min\left({x}, {y}\right)",
)
clip = Primitive(
    "clip",
    _clip,
    (
        lambda out, x, low, high: _share(x, low) * _share(high, maximum(x, low)),
        lambda out, x, low, high: _share(low, x) * _share(high, maximum(x, low)),
        lambda out, x, low, high: _share(maximum(x, low), high),
    ),
    domain="low <= high",
    note="minimum(maximum(x, low), high), with 1/2 at a border",
    c="({low} <= {high} ? {x} < {low} ? {low} : {x} > {high} ? {high} : {x} : NAN)",
    javascript="({low} <= {high} ? {x} < {low} ? {low} : {x} > {high} ? {high} : {x} : NaN)",
)
hypot = Primitive(
    "hypot", math.hypot, (lambda out, x, y: x / out, lambda out, x, y: y / out),
    domain="x != 0 or y != 0", same_bits_in_c=False, latex=r"\sqrt{{{x}^2 + {y}^2}}",
)

# --- Any number of operands, one node -------------------------------------------------------------


def _sum(*xs: float) -> float:
    total = 0.0
    for x in xs:  # left to right, as written: the builtin compensates from Python 3.12 on
        total += x
    return total


def _mean(*xs: float) -> float:
    return _sum(*xs) / len(xs)


def _dot(*operands: float) -> float:
    size = len(operands) // 2
    total = operands[-1] if len(operands) % 2 else 0.0
    for position in range(size):
        total += operands[position] * operands[size + position]
    return total


def _prod_partials(_: Any, *xs: Any) -> Sequence[Any]:
    # The product of all other factors, without dividing by a factor that may be zero.
    before = accumulate(xs[:-1], mul, initial=1.0)
    after = list(accumulate(reversed(xs[1:]), mul, initial=1.0))
    return [mul(left, right) for left, right in zip(before, reversed(after), strict=True)]


def _logsumexp(*xs: float) -> float:
    largest = max(xs)
    if math.isinf(largest):
        return largest if not any(map(math.isnan, xs)) else math.nan
    return largest + math.log(_sum(*[math.exp(x - largest) for x in xs]))


def _sequence(name: str, at_least: int = 0) -> Callable[[Iterable[Any]], Sequence[Any]]:
    def pack(xs: Iterable[Any]) -> Sequence[Any]:
        operands = listed(name, "xs", xs)
        if len(operands) < at_least:
            raise ValueError(f"{name}(xs) needs at least {at_least} operand, got none")
        return operands

    return pack


def _pack_dot(a: Iterable[Any], b: Iterable[Any], bias: Any = None) -> Sequence[Any]:
    left, right = listed("dot", "a", a), listed("dot", "b", b)
    if len(left) != len(right):
        raise ValueError(f"dot(a, b) needs equal lengths, got {len(left)} and {len(right)}")
    return (*left, *right) if bias is None else (*left, *right, bias)


def listed(name: str, argument: str, xs: Any) -> Sequence[Any]:
    """Return the operands of an operation that takes a sequence of them."""
    if isinstance(xs, (str, bytes)) or not hasattr(xs, "__iter__"):
        raise TypeError(f"{name}() needs a sequence of numbers for {argument}, got {xs!r}")
    return tuple(xs)


# The C text of a variadic value is the body of a function of `const double *x` and `size_t n`.
sum = Primitive(
    "sum", _sum, Elementwise(lambda out, x, n: 1.0), pack=_sequence("sum"),
    c="double total = 0.0; for (size_t i = 0; i < n; i++) total += x[i]; return total;",
)
mean = Primitive(
    "mean", _mean, Elementwise(lambda out, x, n: 1.0 / n), pack=_sequence("mean", 1),
    c="double total = 0.0; for (size_t i = 0; i < n; i++) total += x[i]; return total / (double)n;",
)
prod = Primitive(
    "prod", lambda *xs: math.prod(xs, start=1.0), _prod_partials, pack=_sequence("prod"),
    note="∂/∂xᵢ is the product of the other factors, right also where factors are 0",
    c="double total = 1.0; for (size_t i = 0; i < n; i++) total *= x[i]; return total;",
)
dot = Primitive(
    "dot", _dot, Pairwise(lambda out, x, y: y, lambda out, x, y: x), pack=_pack_dot,
    note="operands x1 … xn, y1 … yn and perhaps a bias",
    c="size_t size = n / 2; double total = n % 2 ? x[n - 1] : 0.0; "
      "for (size_t i = 0; i < size; i++) total += x[i] * x[size + i]; return total;",
)
logsumexp = Primitive(
    "logsumexp", _logsumexp, Elementwise(lambda out, x, n: exp(x - out)),
    pack=_sequence("logsumexp", 1),
    c="double largest = x[0], total = 0.0; "
      "for (size_t i = 1; i < n; i++) if (x[i] > largest) largest = x[i]; "
      "for (size_t i = 0; i < n; i++) total += exp(x[i] - largest); return largest + log(total);",
)
norm = Primitive(
    "norm", math.hypot, Elementwise(lambda out, x, n: x / out), pack=_sequence("norm"),
    note="the derivative at the origin is undefined: an error", same_bits_in_c=False,
)
softmax_component = Primitive(
    "softmax_component", lambda x, total: math.exp(x - total),
    (lambda out, x, total: out, lambda out, x, total: -out),
    symbol="softmax", note="total = logsumexp of all logits",
    c="exp({x} - {total})", latex="e^{{{x} - {total}}}",
)
# fmt: on


def softmax(xs: Iterable[Any]) -> list[Any]:
    """Return the softmax of xs: e^(x_i - logsumexp(xs)) for every i, positive and with sum 1.

    Each result is one node with two parents, x_i and the shared logsumexp, so n classes cost n + 1
    nodes; it survives logits of +-1000 and keeps their gradients.

    Raises:
        ValueError: If xs is empty.

    Example:
        >>> [round(p, 12) for p in softmax([1000.0, 1000.0])]
        [0.5, 0.5]
    """
    logits = listed("softmax", "xs", xs)
    total = logsumexp(logits)
    return [softmax_component(x, total) for x in logits]


RULES: dict[str, Primitive] = {
    entry.name: entry for entry in tuple(globals().values()) if isinstance(entry, Primitive)
}

globals()["__all__"] = [*RULES, "softmax"]  # set so, a type checker still sees every name
