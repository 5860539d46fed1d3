"""The rule book: every operation, stated once.

An entry gives the value (a function of floats) and one partial derivative per operand, written only
with operators, other primitives and float constants. Eager evaluation, backward, higher order,
forward mode, formulas, generated code, the operation table and the tests all derive from it.

In a partial, `out` is the operation's result and `x, y, z` are its operands. Kinks stay inside the
algebra: `step`, `sign` and `nonzero` have derivative 0. They stand only where the operation has a
kink: used to steer around a point where it is smooth, they make the next derivative wrong there.

To add an operation, add one entry here.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any

from autograd.many_operands import Elementwise, Pairwise
from autograd.primitive import Primitive
from autograd.special_functions import cube_root
from autograd.special_functions import digamma as _digamma
from autograd.special_functions import exp_difference as _exp_difference
from autograd.special_functions import exp_product as _exp_product
from autograd.special_functions import polygamma as _polygamma
from autograd.special_functions import power as _pow
from autograd.special_functions import power_derivative as _power_derivative
from autograd.special_functions import sech_squared as _sech_squared
from autograd.special_functions import sigmoid_difference as _sigmoid_difference
from autograd.special_functions import softmax_excess as _softmax_excess
from autograd.special_functions import softmax_shift as _softmax_shift

_LN2, _LN10 = math.log(2.0), math.log(10.0)
_TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)
_INVERSE_SQRT_2, _INVERSE_SQRT_2PI = math.sqrt(0.5), 1.0 / math.sqrt(2.0 * math.pi)
# Klambauer et al. 2017, "Self-normalizing neural networks", equation 14.
_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
_TWO_TO_52 = 4503599627370496.0  # from here on all floats are whole numbers
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


def _rint(x: float) -> float:
    if not math.fabs(x) < _TWO_TO_52:
        return x  # has no digits behind the point, or is NaN
    return math.copysign(math.fabs(x) + _TWO_TO_52 - _TWO_TO_52, x)


def _compare(x: float, y: float) -> float:
    return 1.0 if x > y else -1.0 if x < y else 0.0 if x == y else math.nan


def _where(condition: float, x: float, y: float) -> float:
    return x if condition != 0.0 else y


sign = Primitive(
    "sign", _sign, (lambda out, x: 0.0,),
    note="sign(0) = 0, derivative 0 everywhere", is_bounded=True,
    numpy="where({x} > 0.0, 1.0, where({x} < 0.0, -1.0, {x}))",
    c="({x} > 0 ? 1.0 : {x} < 0 ? -1.0 : {x})", latex=r"\operatorname{{sign}}\left({x}\right)",
)
step = Primitive(
    "step", _step, (lambda out, x: 0.0,),
    note="step(0) = 0, derivative 0 everywhere", is_bounded=True, is_never_negative_zero=True,
    numpy="where({x} > 0.0, 1.0, where({x} <= 0.0, 0.0, {x}))",
    c="({x} > 0 ? 1.0 : {x} <= 0 ? 0.0 : {x})", latex=r"\left[{x} > 0\right]",
)
nonzero = Primitive(
    "nonzero", _nonzero, (lambda out, x: 0.0,),
    note="derivative 0 everywhere", is_bounded=True, is_never_negative_zero=True,
    numpy="where({x} != 0.0, 1.0, 0.0)",
    c="({x} != 0 ? 1.0 : 0.0)", latex=r"\left[{x} \neq 0\right]",
)
rint = Primitive(
    "rint", _rint, (lambda out, x: 0.0,),
    note="the nearest whole number, the even one of two; derivative 0 everywhere",
    numpy="rint",
    javascript="(Math.abs({x}) < 4503599627370496 ? Math.sign({x}) * "
               "(Math.abs({x}) + 4503599627370496 - 4503599627370496) : {x})",
    latex=r"\operatorname{{round}}\left({x}\right)",
)
compare = Primitive(
    "compare", _compare, (lambda out, x, y: 0.0, lambda out, x, y: 0.0),
    note="1 where x > y, −1 where x < y, 0 where equal, infinities too; derivative 0 everywhere",
    is_bounded=True,
    c="({x} > {y} ? 1.0 : {x} < {y} ? -1.0 : {x} == {y} ? 0.0 : NAN)",
    javascript="({x} > {y} ? 1.0 : {x} < {y} ? -1.0 : {x} == {y} ? 0.0 : NaN)",
    numpy="where({x} > {y}, 1.0, where({x} < {y}, -1.0, where({x} == {y}, 0.0, nan)))",
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
    numpy="where({x} != 0.0, {y}, {z})",
    latex=r"\left({y} \text{{ if }} {x} \neq 0 \text{{ else }} {z}\right)",
)

# --- Arithmetic -----------------------------------------------------------------------------------


def _abs(x: float) -> float:
    return math.fabs(x)


def _xlogy(x: float, y: float) -> float:
    return 0.0 if x == 0.0 and y == y else x * math.log(y)


def _divided(x: float, y: float) -> float:
    return math.nan if x == 0.0 or x != x else math.copysign(math.inf, x) * math.copysign(1.0, y)


def _raised(x: float, y: float) -> float:
    if x < 0.0 and y % 1.0 != 0.0:
        return math.nan
    return math.copysign(math.inf, x) if y % 2.0 == 1.0 else math.inf


def _falling_power(x: Any, y: Any, n: float, m: float) -> Any:
    if m != 0.0:
        return x**y * log(x) ** m if n == 0.0 else None
    falling = 1.0
    for k in range(int(n)):
        falling = falling * (y - float(k))
    return falling * x ** (y - n)


def _pole_at(pole: float) -> Callable[[float], float]:
    return lambda x: -math.inf if x == pole else math.nan


pos = Primitive("pos", lambda x: x, (lambda out, x: 1.0,), symbol="copy", c="{x}", latex="{x}")
neg = Primitive("neg", lambda x: -x, (lambda out, x: -1.0,), binding=2, c="(-{x})", latex="-{x}")
add = Primitive(
    "add", lambda x, y: x + y, (lambda out, x, y: 1.0, lambda out, x, y: 1.0),
    symbol="+", binding=1, is_commutative=True, c="({x} + {y})", latex="{x} + {y}",
)
sub = Primitive(
    "sub", lambda x, y: x - y, (lambda out, x, y: 1.0, lambda out, x, y: -1.0),
    symbol="-", binding=1, c="({x} - {y})", latex="{x} - {y}",
)
mul = Primitive(
    "mul", lambda x, y: x * y, (lambda out, x, y: y, lambda out, x, y: x),
    symbol="*", binding=2, is_commutative=True, c="({x} * {y})", latex=r"{x} \cdot {y}",
)
div = Primitive(
    "div", lambda x, y: x / y, (lambda out, x, y: 1.0 / y, lambda out, x, y: -out / y),
    symbol="/", binding=2, domain="y != 0", ieee=_divided, c="({x} / {y})",
    latex=r"\frac{{{x}}}{{{y}}}",
)
pow = Primitive(
    "pow",
    _pow,
    (
        lambda out, x, y: power_derivative(x, y, 1.0, 0.0),
        lambda out, x, y: power_derivative(x, y, 0.0, 1.0),
    ),
    symbol="**",
    binding=4,
    domain="x > 0",
    exists="x > 0 or y >= 0 and (x >= 0 or y % 1 == 0) or x != 0 and y % 1 == 0",
    ieee=_raised,
    note="∂/∂x = y·x^(y − 1), which is 0 for y = 0, and ∂/∂y = x^y·log x, which at x = 0 is 0 for "
         "y > 0; negative x with a whole number y too, but then without ∂/∂y",
    c="pow({x}, {y})",
    javascript="Math.pow({x}, {y})",
    # NumPy's power(x, 0.5) is the root, -0.0 at -0.0.
    numpy="sqrt({x}) + 0.0 if type({y}) is float and {y} == 0.5 else power({x}, {y})",
    latex="{{{x}}}^{{{y}}}",
)
power_derivative = Primitive(
    "power_derivative",
    _power_derivative,
    (
        lambda out, x, y, n, m: power_derivative(x, y, n + 1.0, m),
        lambda out, x, y, n, m: power_derivative(x, y, n, m + 1.0),
        None,
        None,
    ),
    symbol="∂ x**y",
    domain="x > 0 and n in (0, 1, 2, 3) and m in (0, 1, 2)",
    note="∂ⁿ/∂xⁿ ∂ᵐ/∂yᵐ of x^y; for m = 0 it is y (y − 1) … (y − n + 1)·x^(y − n), and 0 wherever "
         "that product is",
    means=_falling_power,
    latex=r"\partial_x^{{{n}}} \partial_y^{{{m}}} {{{x}}}^{{{y}}}",
)
abs = Primitive(
    "abs", _abs, (lambda out, x: sign(x),),
    note="|x|′(0) = 0", is_never_negative_zero=True,
    c="fabs({x})", javascript="Math.abs({x})", latex=r"\left|{x}\right|",
)

# --- Exponentials, logarithms, roots --------------------------------------------------------------

exp = Primitive(
    "exp", math.exp, (lambda out, x: out,), is_never_negative_zero=True, latex="e^{{{x}}}",
)
expm1 = Primitive("expm1", math.expm1, (lambda out, x: exp(x),), latex="e^{{{x}}} - 1")
log = Primitive("log", math.log, (lambda out, x: 1.0 / x,), domain="x > 0", ieee=_pole_at(0.0))
log1p = Primitive(
    "log1p", math.log1p, (lambda out, x: 1.0 / (1.0 + x),),
    domain="x > -1", ieee=_pole_at(-1.0), latex=r"\log\left(1 + {x}\right)",
)
log2 = Primitive(
    "log2", math.log2, (lambda out, x: 1.0 / (x * _LN2),),
    domain="x > 0", ieee=_pole_at(0.0), latex=r"\log_2\left({x}\right)",
)
log10 = Primitive(
    "log10", math.log10, (lambda out, x: 1.0 / (x * _LN10),),
    domain="x > 0", ieee=_pole_at(0.0), latex=r"\log_{{10}}\left({x}\right)",
)
xlogy = Primitive(
    "xlogy", _xlogy, (lambda out, x, y: log(y), lambda out, x, y: x / y),
    domain="y > 0", note="x log y, and 0 where x = 0: y may be 0 too",
    c="({x} == 0 && {y} == {y} ? 0.0 : {x} * log({y}))", latex=r"{x} \log\left({y}\right)",
)
sqrt = Primitive(
    "sqrt", math.sqrt, (lambda out, x: 0.5 / out,),
    domain="x > 0", note="the derivative at 0 is infinite: an error", latex=r"\sqrt{{{x}}}",
)
cbrt = Primitive(
    "cbrt", cube_root, (lambda out, x: out / x / 3.0,),
    domain="x != 0", note="the derivative at 0 is infinite: an error", latex=r"\sqrt[3]{{{x}}}",
    same_bits_in_c=_SINCE_3_11, exists="True", numpy="cbrt",
)

# --- Trigonometric and hyperbolic -----------------------------------------------------------------

sin = Primitive("sin", math.sin, (lambda out, x: cos(x),))
cos = Primitive("cos", math.cos, (lambda out, x: -sin(x),))
tan = Primitive("tan", math.tan, (lambda out, x: 1.0 + out * out,))
one_minus_square = Primitive(
    "one_minus_square", lambda x: (1.0 - x) * (1.0 + x), (lambda out, x: -2.0 * x,),
    symbol="1 − square",
    note="1 − x², factored: nothing cancels near 1 and −1, nor in its derivative near 0",
    c="((1.0 - {x}) * (1.0 + {x}))", latex="1 - {{{x}}}^2",
)
asin = Primitive(
    "asin", math.asin, (lambda out, x: 1.0 / sqrt(one_minus_square(x)),),
    domain="-1 < x < 1", numpy="arcsin", latex=r"\arcsin\left({x}\right)",
)
acos = Primitive(
    "acos", math.acos, (lambda out, x: -1.0 / sqrt(one_minus_square(x)),),
    domain="-1 < x < 1", numpy="arccos", latex=r"\arccos\left({x}\right)",
)
atan = Primitive(
    "atan", math.atan, (lambda out, x: 1.0 / (1.0 + x * x),),
    note="beyond 1e77, where (1 + x²)² overflows, the second derivative loses its digits",
    is_bounded=True, numpy="arctan", latex=r"\arctan\left({x}\right)",
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
    exists="True",
    is_bounded=True,
    note="operands in the order y, x, as in math",
    numpy="arctan2",
    latex=r"\operatorname{{atan2}}\left({y}, {x}\right)",
)
sinh = Primitive(
    "sinh", math.sinh, (lambda out, x: cosh(x),), ieee=lambda x: math.copysign(math.inf, x),
)
cosh = Primitive("cosh", math.cosh, (lambda out, x: sinh(x),), is_never_negative_zero=True)
# Not 1 - out², which is 0 from x = 19 on, where tanh is rounded to 1.
tanh = Primitive("tanh", math.tanh, (lambda out, x: sech_squared(x),), is_bounded=True)
sech_squared = Primitive(
    "sech_squared", _sech_squared, (lambda out, x: -2.0 * tanh(x) * out,),
    note="1/cosh², the derivative of tanh, with all its digits also where tanh is rounded to 1",
    means=lambda x: 1.0 - tanh(x) ** 2.0,
    is_bounded=True,
    numpy="4.0 * (decay := exp(-2.0 * abs({x}))) / ((1.0 + decay) * (1.0 + decay))",
    latex=r"\operatorname{{sech}}^2\left({x}\right)",
)
asinh = Primitive(
    "asinh", math.asinh, (lambda out, x: 1.0 / hypot(1.0, x),),
    numpy="arcsinh", latex=r"\operatorname{{arsinh}}\left({x}\right)",
)
acosh = Primitive(
    "acosh", math.acosh, (lambda out, x: 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0)),),
    domain="x > 1", numpy="arccosh", latex=r"\operatorname{{arcosh}}\left({x}\right)",
)
atanh = Primitive(
    "atanh", math.atanh, (lambda out, x: 1.0 / one_minus_square(x),),
    domain="-1 < x < 1", ieee=lambda x: math.copysign(math.inf, x) if x * x == 1.0 else math.nan,
    numpy="arctanh", latex=r"\operatorname{{artanh}}\left({x}\right)",
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


def _left_of_zero(x: Any) -> Any:
    # x for x <= 0, else 0, with the left slope at 0: what keeps exp from overflowing on the right.
    return where(step(x), 0.0, x)


def _left_rule(x: Any, left: Any) -> Any:
    # 1 on the right, `left` on the left and at 0; a NaN passes on.
    return where(step(x), step(x), left)


def _elu(x: float, alpha: float) -> float:
    return x if x > 0.0 else alpha * math.expm1(x)


def _selu(x: float) -> float:
    return _SELU_SCALE * (x if x > 0.0 else _SELU_ALPHA * math.expm1(x))


def _gelu(x: float) -> float:
    return 0.5 * x * math.erfc(-x * _INVERSE_SQRT_2)


def _silu(x: float) -> float:
    return x * _sigmoid(x)


sigmoid = Primitive(
    "sigmoid", _sigmoid, (lambda out, x: 0.25 * sech_squared(0.5 * x),),
    note="σ′(x) = σ(x) (1 − σ(x)) = sech²(x/2) / 4",
    c="({x} >= 0 ? 1.0 / (1.0 + exp(-{x})) : exp({x}) / (1.0 + exp({x})))",
    numpy="where({x} >= 0.0, 1.0, (decay := exp(-abs({x})))) / (1.0 + decay)",
    is_bounded=True,
    is_never_negative_zero=True,
    latex=r"\sigma\left({x}\right)",
)
softplus = Primitive(
    "softplus", _softplus, (lambda out, x: sigmoid(x),),
    c="(({x} <= 0 ? 0.0 : {x}) + log1p(exp(-fabs({x}))))",
    numpy="relu({x}) + log1p(exp(-abs({x})))",
    is_never_negative_zero=True,
    latex=r"\log\left(1 + e^{{{x}}}\right)",
)
logaddexp = Primitive(
    "logaddexp", _logaddexp,
    (lambda out, x, y: sigmoid_difference(x, y), lambda out, x, y: sigmoid_difference(y, x)),
    c="({x} == {y} ? {x} + 0.6931471805599453 : "
      "({x} > {y} ? {x} : {y}) + log1p(exp(-fabs({x} - {y}))))",
    numpy="logaddexp",
    latex=r"\log\left(e^{{{x}}} + e^{{{y}}}\right)",
)
sigmoid_difference = Primitive(
    "sigmoid_difference", _sigmoid_difference,
    (
        lambda out, x, y: out * sigmoid_difference(y, x),
        lambda out, x, y: -out * sigmoid_difference(y, x),
    ),
    note="σ(x − y), the softmax of two, also where x − y is rounded; 1/2 where x = y",
    means=lambda x, y: sigmoid(x - y),
    is_never_negative_zero=True,
    numpy="where({x} >= {y}, 1.0, (decay := exp_difference(minimum({x}, {y}), "
          "maximum({x}, {y})))) / (1.0 + decay)",
    latex=r"\sigma\left({x} - {y}\right)",
)
relu = Primitive(
    "relu", _relu, (lambda out, x: step(x),), symbol="ReLU",
    note="relu′(0) = 0", is_never_negative_zero=True,
    c="({x} <= 0 ? 0.0 : {x})", numpy="where({x} <= 0.0, 0.0, {x})",
    latex=r"\max\left(0, {x}\right)",
)
leaky_relu = Primitive(
    "leaky_relu",
    _leaky_relu,
    (
        lambda out, x, slope: _left_rule(x, slope),
        lambda out, x, slope: _left_of_zero(x),
    ),
    note="at 0 the left slope",
    defaults=(0.01,),
    c="({x} > 0 ? {x} : {slope} * {x})",
    numpy="where({x} > 0.0, {x}, {slope} * {x})",
    latex=r"\operatorname{{leaky\,relu}}_{{{slope}}}\left({x}\right)",
)
elu = Primitive(
    "elu",
    _elu,
    (
        lambda out, x, alpha: _left_rule(x, alpha * exp(_left_of_zero(x))),
        lambda out, x, alpha: expm1(_left_of_zero(x)),
    ),
    note="at 0 the left slope alpha",
    defaults=(1.0,),
    c="({x} > 0 ? {x} : {alpha} * expm1({x}))",
    numpy="where({x} > 0.0, {x}, {alpha} * expm1(where({x} > 0.0, 0.0, {x})))",
    latex=r"\operatorname{{elu}}_{{{alpha}}}\left({x}\right)",
)
selu = Primitive(
    "selu",
    _selu,
    (lambda out, x: _SELU_SCALE * _left_rule(x, _SELU_ALPHA * exp(_left_of_zero(x))),),
    note="at 0 the left slope",
    c="(1.0507009873554805 * ({x} > 0 ? {x} : 1.6732632423543772 * expm1({x})))",
    numpy="1.0507009873554805 * where({x} > 0.0, {x}, "
          "1.6732632423543772 * expm1(where({x} > 0.0, 0.0, {x})))",
)
gelu = Primitive(
    "gelu",
    _gelu,
    (
        lambda out, x: 0.5 * erfc(-_INVERSE_SQRT_2 * x)
        + _INVERSE_SQRT_2PI * x * exp_product(-0.5 * x, x),
    ),
    note="the exact x Φ(x), not the tanh approximation",
    same_bits_in_c=_SINCE_3_11,
    c="(0.5 * {x} * erfc(-{x} * 0.7071067811865476))",
)
silu = Primitive(
    "silu", _silu, (lambda out, x: sigmoid(x) + out * sigmoid(-x),),
    note="x σ(x), also called swish",
    c="({x} * ({x} >= 0 ? 1.0 / (1.0 + exp(-{x})) : exp({x}) / (1.0 + exp({x}))))",
    numpy="{x} * sigmoid({x})",
)

# --- Error and gamma functions --------------------------------------------------------------------

erf = Primitive(
    "erf", math.erf, (lambda out, x: _TWO_OVER_SQRT_PI * exp_product(-x, x),),
    is_bounded=True, same_bits_in_c=_SINCE_3_11,
)
erfc = Primitive(
    "erfc", math.erfc, (lambda out, x: -_TWO_OVER_SQRT_PI * exp_product(-x, x),),
    is_bounded=True, is_never_negative_zero=True, same_bits_in_c=_SINCE_3_11,
)
lgamma = Primitive(
    "lgamma", math.lgamma, (lambda out, x: digamma(x),),
    domain="x > 0", ieee=lambda x: math.inf,
    note="negative x too, except whole numbers", same_bits_in_c=False,
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
    note="1/2 to each operand at a tie", neutral=(-math.inf, -math.inf),
    c="({x} >= {y} || {x} != {x} ? {x} : {y})",
    numpy="where(({x} >= {y}) | ({x} != {x}), {x}, {y})",
    latex=r"\max\left({x}, {y}\right)",
)
minimum = Primitive(
    "minimum", _minimum, (lambda out, x, y: _share(y, x), lambda out, x, y: _share(x, y)),
    note="1/2 to each operand at a tie", neutral=(math.inf, math.inf),
    c="({x} <= {y} || {x} != {x} ? {x} : {y})",
    numpy="where(({x} <= {y}) | ({x} != {x}), {x}, {y})",
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
    neutral=(None, -math.inf, math.inf),
    note="minimum(maximum(x, low), high), with 1/2 at a border",
    c="({low} <= {high} ? {x} < {low} ? {low} : {x} > {high} ? {high} : {x} : NAN)",
    javascript="({low} <= {high} ? {x} < {low} ? {low} : {x} > {high} ? {high} : {x} : NaN)",
    # The square root of -1, not nan: what watches rows sees it, whatever becomes of the number.
    numpy="where({low} <= {high}, where({x} < {low}, {low}, where({x} > {high}, {high}, {x})), "
          "sqrt(where({low} > {high}, -1.0, nan)))",
)
hypot = Primitive(
    "hypot", math.hypot, (lambda out, x, y: x / out, lambda out, x, y: y / out),
    domain="x != 0 or y != 0", exists="True", same_bits_in_c=False, latex=r"\sqrt{{{x}^2 + {y}^2}}",
    note="∂²/∂x², 1/out − x²/out³, is right to a rounding of 1/out: 0 where x outweighs y",
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
    return largest + math.log1p(_softmax_excess(*xs, largest))


def _softmax_cross_entropy(*operands: float) -> float:
    size = len(operands) // 2
    logits, shares = operands[:size], operands[size:]
    if len(logits) != len(shares):
        raise ValueError(f"{len(operands)} operands are not as many logits as shares")
    shift = _softmax_shift(*logits)
    total = _sum(*shares) * math.log1p(_softmax_excess(*logits, shift))
    for logit, share in zip(logits, shares, strict=True):
        if share != 0.0 and logit != shift:  # equal infinities have no difference
            total += share * (shift - logit)
    return total


def _softmax_entropy(*logits: float) -> float:
    shift = _softmax_shift(*logits)
    excess = _softmax_excess(*logits, shift)
    total = math.log1p(excess)
    for logit in logits:
        share = _exp_difference(logit, shift) / (1.0 + excess)
        if share != 0.0 and logit != shift:
            total += share * (shift - logit)
    return total


def _entropy(*shares: float) -> float:
    total = 0.0
    for share in shares:
        total -= _xlogy(share, share)
    return total


def _softmax_complement(x: float, shift: float, excess: float) -> float:
    return (excess - (0.0 if x == shift else math.expm1(x - shift))) / (1.0 + excess)


def _softmax_times_log_plus(x: Any, shift: Any, excess: Any, entropy: Any) -> Any:
    share = softmax_component(x, shift, excess)
    return xlogy(share, share) + share * entropy


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


def _pack_cross_entropy(logits: Iterable[Any], shares: Iterable[Any]) -> Sequence[Any]:
    name = "softmax_cross_entropy"
    left, right = listed(name, "logits", logits), listed(name, "shares", shares)
    if len(left) != len(right) or not left:
        raise ValueError(
            f"{name}(logits, shares) needs equal lengths, at least 1, got {len(left)} and "
            f"{len(right)}"
        )
    return (*left, *right)


def _pack_excess(xs: Iterable[Any], shift: Any) -> Sequence[Any]:
    return (*_sequence("softmax_excess", 1)(xs), shift)


def listed(name: str, argument: str, xs: Any) -> Sequence[Any]:
    """Return the operands of an operation that takes a sequence of them."""
    if isinstance(xs, (str, bytes, bytearray)) or not hasattr(xs, "__iter__"):
        raise TypeError(f"{name}() needs a sequence of numbers for {argument}, got {xs!r}")
    if getattr(xs, "ndim", 1) != 1:
        raise TypeError(
            f"{name}() needs numbers in a row for {argument}, got an array of shape {xs.shape}: "
            "give them as .ravel()"
        )
    return tuple(xs)


# The C text of a variadic value is the body of a function of `const double *x` and `size_t n`.
sum = Primitive(
    "sum", _sum, Elementwise(lambda out, x, n: 1.0), pack=_sequence("sum"),
    is_never_negative_zero=True, numpy="reduce(add, x, 0.0)",
    c="double total = 0.0; for (size_t i = 0; i < n; i++) total += x[i]; return total;",
)
mean = Primitive(
    "mean", _mean, Elementwise(lambda out, x, n: 1.0 / n), pack=_sequence("mean", 1),
    is_never_negative_zero=True, numpy="reduce(add, x, 0.0) / len(x)",
    c="double total = 0.0; for (size_t i = 0; i < n; i++) total += x[i]; return total / (double)n;",
)
prod = Primitive(
    "prod", lambda *xs: math.prod(xs, start=1.0), _prod_partials, pack=_sequence("prod"),
    note="∂/∂xᵢ is the product of the other factors, right also where factors are 0",
    numpy="reduce(multiply, x, 1.0)",
    c="double total = 1.0; for (size_t i = 0; i < n; i++) total *= x[i]; return total;",
)
dot = Primitive(
    "dot", _dot, Pairwise(lambda out, x, y: y, lambda out, x, y: x), pack=_pack_dot,
    note="operands x1 … xn, y1 … yn and perhaps a bias",
    numpy="reduce(add, map(multiply, x[: len(x) // 2], x[len(x) // 2 :]), "
          "x[-1] if len(x) % 2 else 0.0)",
    c="size_t size = n / 2; double total = n % 2 ? x[n - 1] : 0.0; "
      "for (size_t i = 0; i < size; i++) total += x[i] * x[size + i]; return total;",
)
# Every rule of softmax computes with x - shift, where shift is the largest x: such differences are
# as exact for logits of 1e16 as for logits of 1, where e^(x - logsumexp) has lost all digits.
softmax_shift = Primitive(
    "softmax_shift", _softmax_shift, Elementwise(lambda out, x, n: 0.0),
    pack=_sequence("softmax_shift", 1), is_reference=True,
    note="the largest x, of derivative 0: what is computed relative to it does not depend on it",
    c="return softmax_shift_of(x, n);",
)
softmax_excess = Primitive(
    "softmax_excess", _softmax_excess,
    Elementwise(
        lambda out, x, n, shift: exp_difference(x, shift), of_last=lambda out, shift: -1.0 - out
    ),
    pack=_pack_excess,
    note="operands x1 … xn, shift; Σ e^(xᵢ − shift) − 1, with all its digits also where one term "
         "outweighs all others",
    c="return softmax_excess_of(x, n - 1, x[n - 1]);",
)
exp_difference = Primitive(
    "exp_difference", _exp_difference, (lambda out, x, y: out, lambda out, x, y: -out),
    note="e^(x − y), also where x − y is rounded; 1 where x = y, infinities too",
    means=lambda x, y: exp(x - y),
    # In steps, of which the last is the value.
    numpy="(apart := where({x} == {y}, 0.0, {x} - {y}), "
          "near := where(abs(apart) < 750.0, {x}, {y}), "
          "rounded := near - {y}, back := rounded - near, found := exp(apart), "
          "lost := (near - (rounded - back)) - ({y} + back), "
          "where(lost != 0.0, found + found * lost, found))[-1]",
    latex="e^{{{x} - {y}}}",
)
exp_product = Primitive(
    "exp_product", _exp_product, (lambda out, x, y: out * y, lambda out, x, y: out * x),
    note="e^(x y), also where x y is rounded: to 400 ulp at e^−700",
    means=lambda x, y: exp(x * y),
    is_commutative=True,
    is_never_negative_zero=True,
    numpy="(whole := {x} * {y}, found := exp(whole), "
          "high := 134217729.0 * {x}, high := high - (high - {x}), low := {x} - high, "
          "above := 134217729.0 * {y}, above := above - (above - {y}), below := {y} - above, "
          "lost := ((high * above - whole) + (high * below + low * above)) + low * below, "
          "where((abs(whole) < 750.0) & (lost == lost), found + found * lost, found))[-1]",
    latex=r"e^{{{x} \cdot {y}}}",
)
softmax_component = Primitive(
    "softmax_component",
    lambda x, shift, excess: _exp_difference(x, shift) / (1.0 + excess),
    (
        lambda out, x, shift, excess: out,
        lambda out, x, shift, excess: -out,
        lambda out, x, shift, excess: -out / (1.0 + excess),
    ),
    symbol="softmax",
    domain="excess >= 0",
    note="shift = softmax_shift and excess = softmax_excess of all logits; that of the "
         "largest has the derivative p − p² from two paths: right to a rounding of p, not of 1 − p",
    c="(exp_difference({x}, {shift}) / (1.0 + {excess}))",
    latex=r"\frac{{e^{{{x} - {shift}}}}}{{1 + {excess}}}",
)
softmax_complement = Primitive(
    "softmax_complement",
    _softmax_complement,
    (
        lambda out, x, shift, excess: -softmax_component(x, shift, excess),
        lambda out, x, shift, excess: softmax_component(x, shift, excess),
        lambda out, x, shift, excess: softmax_component(x, shift, excess) / (1.0 + excess),
    ),
    symbol="1 − softmax",
    means=lambda x, shift, excess: 1.0 - softmax_component(x, shift, excess),
    domain="excess >= 0",
    note="1 − softmax_component, with all its digits also where that is rounded to 1",
    c="(({excess} - ({x} == {shift} ? 0.0 : expm1({x} - {shift}))) / (1.0 + {excess}))",
    latex=r"1 - \frac{{e^{{{x} - {shift}}}}}{{1 + {excess}}}",
)
_SOFTMAX = (softmax_shift, softmax_excess)
logsumexp = Primitive(
    "logsumexp", _logsumexp,
    Elementwise(
        lambda out, x, n, shift, excess: softmax_component(x, shift, excess), shared=_SOFTMAX
    ),
    pack=_sequence("logsumexp", 1),
    note="∂/∂xᵢ is the softmax of xᵢ",
    c="return logsumexp_of(x, n);",
)
softmax_cross_entropy = Primitive(
    "softmax_cross_entropy", _softmax_cross_entropy,
    Pairwise(
        lambda out, x, y, shift, excess, total:
            softmax_component(x, shift, excess) * (total - y)
            - y * softmax_complement(x, shift, excess),
        lambda out, x, y, shift, excess, total: log1p(excess) + (shift - x),
        shared_left=_SOFTMAX, shared_right=(sum,),
    ),
    pack=_pack_cross_entropy,
    symbol="log loss",  # its other name: short enough for a drawing
    note="operands x1 … xn, the logits, and y1 … yn, the shares of the classes; "
         "−Σ yᵢ log softmaxᵢ, where a class of share 0 adds nothing",
    c="return softmax_cross_entropy_of(x, n);",
)
softmax_entropy = Primitive(
    "softmax_entropy", _softmax_entropy,
    Elementwise(
        lambda out, x, n, shift, excess: -_softmax_times_log_plus(x, shift, excess, out),
        shared=_SOFTMAX,
    ),
    pack=_sequence("softmax_entropy", 1),
    note="−Σ pᵢ log pᵢ of the softmax p of the logits x, where p = 0 adds nothing",
    c="return softmax_entropy_of(x, n);",
)
entropy = Primitive(
    "entropy", _entropy, Elementwise(lambda out, x, n: -1.0 - log(x)), pack=_sequence("entropy"),
    domain="xᵢ > 0",
    note="−Σ xᵢ log xᵢ, where x = 0 adds nothing; the derivative there is infinite: an error. "
         "Of a softmax take softmax_entropy of its logits",
    c="double total = 0.0; "
      "for (size_t i = 0; i < n; i++) total -= x[i] == 0.0 ? 0.0 : x[i] * log(x[i]); "
      "return total;",
)
norm = Primitive(
    "norm", math.hypot, Elementwise(lambda out, x, n: x / out), pack=_sequence("norm"),
    note="the derivative at the origin is undefined: an error", same_bits_in_c=False,
    numpy="reduce(hypot, x, 0.0)",
)
# fmt: on


def softmax(xs: Iterable[Any]) -> list[Any]:
    """Return the softmax of xs: e^x_i / Σ e^x_j for every i, positive and with sum 1.

    Each result is one node with three parents: x_i, the largest logit, and the sum of all
    e^(x - largest), less 1. So n classes cost n + 2 nodes, and adding a number to all logits
    changes nothing, however large they are.

    Raises:
        ValueError: If xs is empty, all of it is -inf, or more than one is inf.

    Example:
        >>> [round(p, 12) for p in softmax([1e16, 1e16, -1000.0])]
        [0.5, 0.5, 0.0]
    """
    logits = listed("softmax", "xs", xs)
    shift = softmax_shift(logits)
    excess = softmax_excess(logits, shift)
    return [softmax_component(x, shift, excess) for x in logits]


def log_softmax(xs: Iterable[Any]) -> list[Any]:
    """Return the logarithms of the softmax of xs: x_i - logsumexp(xs), also where that is rounded.

    Raises:
        ValueError: As `softmax`.

    Example:
        >>> log_softmax([1000.0, 0.0])
        [-0.0, -1000.0]
    """
    logits = listed("log_softmax", "xs", xs)
    shares = [[float(i == k) for i in range(len(logits))] for k in range(len(logits))]
    return [-softmax_cross_entropy(logits, share) for share in shares]


RULES: dict[str, Primitive] = {
    entry.name: entry for entry in tuple(globals().values()) if isinstance(entry, Primitive)
}

COMPOSED: dict[str, Callable[[Iterable[Any]], list[Any]]] = {
    function.__name__: function for function in (softmax, log_softmax)
}

globals()["__all__"] = [*RULES, *COMPOSED]  # set so, a type checker still sees every name
