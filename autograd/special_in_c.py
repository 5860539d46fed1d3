"""Special functions that C or JavaScript lacks, in C; the JavaScript is translated from it.

The text keeps to what `in_javascript` (in the emission of JavaScript) translates: one statement a
line, numbers and arrays of numbers, loops. Where Python raises, these return NaN or an infinity, as
`math.h` does.
"""

from __future__ import annotations

ERF = """\
/* The error function: near 0 by its series, farther out by its complement. */
static double erf(double x) {
    if (x > 6.0 || x < -6.0) return x > 0.0 ? 1.0 : -1.0;
    if (x >= 1.0) return 1.0 - erfc(x);
    if (x <= -1.0) return erfc(-x) - 1.0;
    return x + x * erf_excess(x);
}"""

ERF_EXCESS = """\
/* erf(x) / x - 1 for x from -1 to 1: Abramowitz and Stegun 7.1.5. */
static double erf_excess(double x) {
    double total = 0.0;
    for (int k = 20; k > 0; k--) total = (total + 1.0 / (2.0 * k + 1.0)) * (-x * x) / k;
    return 0.1283791670955126 + 1.1283791670955126 * total;
}"""

ERFC = """\
/* Its complement: from 1 on the continued fraction, Abramowitz and Stegun 7.1.14. The square in the
   exponent is that of half the digits of x, which is exact; what they leave out comes behind. */
static double erfc(double x) {
    double fraction = 0.0, high, rest, decay;
    if (x < 0.25) return 1.0 - erf(x);
    if (x < 1.0) return 0.5 - ((x - 0.5) + x * erf_excess(x));
    if (x > 28.0) return 0.0;
    for (int k = x < 2.0 ? 200 : 80; k > 0; k--) fraction = 0.5 * k / (x + fraction);
    high = 134217729.0 * x;
    high = high - (high - x);
    rest = (high - x) * (high + x);
    decay = exp(-high * high);
    decay += decay * (rest + rest * rest * (0.5 + rest / 6.0));
    return decay / (1.772453850905516 * (x + fraction));
}"""

LGAMMA = """\
/* log |Gamma(x)|: Abramowitz and Stegun 6.1.33 near 1 and 2, where z is small, 6.1.41 for large x,
   6.1.17 (reflection) for negative x. */
static double lgamma(double x) {
    const double zeta_less_one[30] = {
        ZETA
    };
    const double asymptotic[8] = {
        1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0,
        1.0 / 1188.0, -691.0 / 360360.0, 1.0 / 156.0, -3617.0 / 122400.0
    };
    double product = 1.0, total = 0.0, z = x, power;
    if (x != x) return x;
    if (x == INFINITY || x == -INFINITY || (x <= 0.0 && x == floor(x))) return INFINITY;
    if (fabs(x) < 1e-20) return -log(fabs(x)); /* below, x * x would underflow */
    if (x < 0.0) {
        z = fabs(x - floor(x + 0.5));
        return log(3.141592653589793 / (sin(3.141592653589793 * z) * -x)) - lgamma(-x);
    }
    if (x >= 10.0) {
        power = 1.0 / x;
        for (int k = 0; k < 8; k++) {
            total += asymptotic[k] * power;
            power /= x * x;
        }
        return (x - 0.5) * log(x) - x + 0.9189385332046728 + total;
    }
    if (x < 0.5) return lgamma(x + 1.0) - log(x);
    while (z > 2.5) {
        z -= 1.0;
        product *= z;
    }
    z = z < 1.5 ? z - 1.0 : z - 2.0;
    power = z;
    for (int k = 0; k < 30; k++) {
        power *= -z;
        total -= zeta_less_one[k] * power / (k + 2.0);
    }
    if (x < 1.5) total -= log1p(z);
    return log(product) + z * 0.42278433509846713 + total;
}"""

DIGAMMA = """\
/* The derivative of log |Gamma|: recurrence up to 15, then Abramowitz and Stegun 6.3.18;
   6.3.7 (reflection) for negative x. */
static double digamma(double x) {
    BERNOULLI
    double shift = 0.0, series = 0.0, z;
    if (x != x || x == -INFINITY || (x <= 0.0 && x == floor(x))) return NAN;
    if (x < 0.0) {
        z = x - floor(x + 0.5);
        z = fabs(z) == 0.5 ? 0.0 : 1.0 / tan(3.141592653589793 * z);
        return digamma(1.0 - x) - 3.141592653589793 * z;
    }
    if (x == INFINITY) return x;
    while (x < 15.0) {
        shift += 1.0 / x;
        x += 1.0;
    }
    for (int k = 10; k > 0; k--) series = (series + bernoulli[k - 1] / (2.0 * k)) / (x * x);
    return log(x) - 0.5 / x - series - shift;
}"""

POLYGAMMA = """\
/* The n-th derivative of digamma, n a whole number up to 100: Abramowitz and Stegun 6.4.6, 6.4.11;
   6.4.7 (reflection) for negative x, with the derivatives of the cotangent as polynomials in it. */
static double polygamma(double n, double x) {
    BERNOULLI
    double cotangent[104], slopes[104];
    double sign = 1.0, shift = 0.0, series = 0.0, below = 1.0, rising, power, z, total;
    if (!(n >= 0.0 && n <= 100.0 && n == floor(n))) return NAN;
    if (n == 0.0) return digamma(x);
    if (x != x || x == -INFINITY || (x <= 0.0 && x == floor(x))) return NAN;
    if (n / 2.0 == floor(n / 2.0)) sign = -1.0;
    if (x < 0.0) {
        for (int k = 0; k < 104; k++) cotangent[k] = 0.0;
        cotangent[1] = 3.141592653589793;
        for (int order = 1; order <= n; order++) {
            for (int k = 1; k < 104; k++) slopes[k - 1] = k * cotangent[k];
            for (int k = 0; k < 104; k++) cotangent[k] = 0.0;
            for (int k = 0; k < order; k++) {
                cotangent[k] -= 3.141592653589793 * slopes[k];
                cotangent[k + 2] -= 3.141592653589793 * slopes[k];
            }
        }
        z = x - floor(x + 0.5);
        z = fabs(z) == 0.5 ? 0.0 : 1.0 / tan(3.141592653589793 * z);
        total = 0.0;
        for (int k = 103; k >= 0; k--) total = total * z + cotangent[k];
        return -sign * polygamma(n, 1.0 - x) - total;
    }
    if (x == INFINITY) return 0.0;
    while (x < 15.0 + n) {
        shift += pow(x, -(n + 1.0));
        x += 1.0;
    }
    for (int k = 1; k < n; k++) below *= k;
    rising = below * n * (n + 1.0) / 2.0;
    power = pow(x, -n);
    for (int k = 1; k <= 10; k++) {
        power /= x * x;
        series += bernoulli[k - 1] * rising * power;
        rising *= (2.0 * k + n) * (2.0 * k + n + 1.0) / ((2.0 * k + 1.0) * (2.0 * k + 2.0));
    }
    total = below * pow(x, -n) + below * n / 2.0 * pow(x, -(n + 1.0));
    return sign * (total + series + below * n * shift);
}"""

NORM = """\
/* The square root of the sum of squares, scaled so that no square overflows. */
static double norm(const double *x, size_t n) {
    double largest = 0.0, total = 0.0;
    for (size_t i = 0; i < n; i++) if (fabs(x[i]) > largest) largest = fabs(x[i]);
    if (largest == INFINITY) return largest;
    if (largest == 0.0) largest = 1.0;
    for (size_t i = 0; i < n; i++) total += (x[i] / largest) * (x[i] / largest);
    return largest * sqrt(total);
}"""

SECH_SQUARED = """\
/* 1 / cosh(x)^2, of full relative accuracy and without overflow. */
static double sech_squared(double x) {
    double decay = exp(-2.0 * fabs(x));
    double below = 1.0 + decay;
    return 4.0 * decay / (below * below);
}"""

EXP_DIFFERENCE = """\
/* e^(x - y), with all its digits also where x - y is rounded; 1 where x = y. */
static double exp_difference(double x, double y) {
    double difference = x - y;
    double result = x == y ? 1.0 : exp(difference), back, lost;
    if (!(-750.0 < difference && difference < 750.0)) return result;
    back = difference - x;
    lost = (x - (difference - back)) - (y + back);
    return result + result * lost;
}"""

EXP_PRODUCT = """\
/* e^(x y), with all its digits also where x y is rounded: Dekker's product of halves. */
static double exp_product(double x, double y) {
    double product = x * y, high_x = 134217729.0 * x, high_y = 134217729.0 * y;
    double result = exp(product), low_x, low_y, lost;
    if (!(-750.0 < product && product < 750.0)) return result;
    high_x = high_x - (high_x - x);
    high_y = high_y - (high_y - y);
    low_x = x - high_x;
    low_y = y - high_y;
    lost = ((high_x * high_y - product) + (high_x * low_y + low_x * high_y)) + low_x * low_y;
    return lost == lost ? result + result * lost : result;
}"""

SIGMOID_DIFFERENCE = """\
/* e^x / (e^x + e^y), with all its digits also where x - y is rounded. */
static double sigmoid_difference(double x, double y) {
    double decay = x < y ? exp_difference(x, y) : exp_difference(y, x);
    if (x == y && (x == INFINITY || x == -INFINITY)) return NAN;
    return (x < y ? decay : 1.0) / (1.0 + decay);
}"""

LARGEST = """\
/* The largest x; NaN if one is NaN. */
static double largest_of(const double *x, size_t n) {
    double largest = -INFINITY;
    for (size_t i = 0; i < n; i++) if (x[i] > largest || x[i] != x[i]) largest = x[i];
    return largest;
}"""

SOFTMAX_SHIFT = """\
/* The largest x, relative to which softmax is computed; NaN where all are -inf or several inf. */
static double softmax_shift_of(const double *x, size_t n) {
    double largest = largest_of(x, n), ties = 0.0;
    for (size_t i = 0; i < n; i++) if (x[i] == largest) ties += 1.0;
    if (largest == -INFINITY || (largest == INFINITY && ties > 1.0)) return NAN;
    return largest;
}"""

LOGSUMEXP = """\
/* log of the sum of e^x. */
static double logsumexp_of(const double *x, size_t n) {
    double largest = largest_of(x, n);
    if (largest == INFINITY || largest == -INFINITY) return largest;
    return largest + log1p(softmax_excess_of(x, n, largest));
}"""

SOFTMAX_CROSS_ENTROPY = """\
/* The sum of -y log softmax(x), for logits x in the first half and shares y in the second. */
static double softmax_cross_entropy_of(const double *x, size_t n) {
    double shift = n % 2 == 1 ? NAN : softmax_shift_of(x, n / 2), total = 0.0;
    size_t size = n / 2;
    for (size_t i = 0; i < size; i++) total += x[size + i];
    total *= log1p(softmax_excess_of(x, size, shift));
    for (size_t i = 0; i < size; i++)
        if (x[size + i] != 0.0 && x[i] != shift) total += x[size + i] * (shift - x[i]);
    return total;
}"""

SOFTMAX_ENTROPY = """\
/* The sum of -p log p of the softmax p of x. */
static double softmax_entropy_of(const double *x, size_t n) {
    double shift = softmax_shift_of(x, n), excess = softmax_excess_of(x, n, shift), share;
    double total = log1p(excess);
    for (size_t i = 0; i < n; i++) {
        share = exp_difference(x[i], shift) / (1.0 + excess);
        if (share != 0.0 && x[i] != shift) total += share * (shift - x[i]);
    }
    return total;
}"""

SOFTMAX_EXCESS = """\
/* The sum of e^(x - shift), less 1: the term of an x that equals the shift is left out. Kahan. */
static double softmax_excess_of(const double *x, size_t n, double shift) {
    double total = 0.0, lost = 0.0, missing = 1.0, term, grown;
    for (size_t i = 0; i < n; i++) {
        if (x[i] == shift && missing == 1.0) {
            missing = 0.0;
        } else {
            term = exp_difference(x[i], shift) - lost;
            grown = total + term;
            lost = (grown - total) - term;
            total = grown;
        }
    }
    return missing == 1.0 ? total - 1.0 : total;
}"""

POWER_DERIVATIVE = """\
/* The n-th derivative by x of the m-th by y of x^y; n and m are whole numbers up to 100. */
static double power_derivative(double x, double y, double n, double m) {
    double falling[101];
    double scale = 1.0, total = 0.0, logarithm;
    if (m == 0.0 && n == 1.0) return y == 0.0 ? 0.0 : y * pow(x, y - 1.0);
    if (!(n >= 0.0 && n <= 100.0 && m >= 0.0 && m <= 100.0)) return NAN;
    if (n != floor(n) || m != floor(m)) return NAN;
    falling[0] = 1.0;
    for (int j = 1; j <= m; j++) falling[j] = 0.0;
    for (int k = 0; k < n; k++) {
        for (int j = m; j > 0; j--) falling[j] = falling[j] * (y - k) + falling[j - 1];
        falling[0] *= y - k;
    }
    if (m == 0.0) return falling[0] == 0.0 ? 0.0 : falling[0] * pow(x, y - n);
    if (x < 0.0) return NAN;
    if (x == 0.0) return y > n ? 0.0 : NAN;
    logarithm = log(x);
    for (int j = 0; j <= m; j++) {
        total += scale * falling[j] * pow(logarithm, m - j);
        scale *= m - j;
    }
    return pow(x, y - n) * total;
}"""

_BERNOULLI = """\
const double bernoulli[10] = {
        1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0,
        -691.0 / 2730.0, 7.0 / 6.0, -3617.0 / 510.0, 43867.0 / 798.0, -174611.0 / 330.0
    };"""
# fmt: off
_ZETA_LESS_ONE = (  # the Riemann zeta function at 2, 3, … 31, less one
    0.6449340668482264, 0.2020569031595943, 0.08232323371113819,
    0.03692775514336993, 0.01734306198444914, 0.008349277381922827,
    0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853,
    0.0004941886041194645, 0.0002460865533080483, 0.00012271334757848915,
    6.124813505870483e-05, 3.058823630702049e-05, 1.528225940865187e-05,
    7.637197637899763e-06, 3.81729326499984e-06, 1.908212716553939e-06,
    9.539620338727962e-07, 4.769329867878064e-07, 2.38450502727733e-07,
    1.1921992596531106e-07, 5.960818905125948e-08, 2.980350351465228e-08,
    1.4901554828365043e-08, 7.45071178983543e-09, 3.725334024788457e-09,
    1.862659723513049e-09, 9.313274324196682e-10, 4.656629065033784e-10,
)
# fmt: on


def _rows(numbers: tuple[float, ...], in_a_row: int) -> str:
    rows = [numbers[i : i + in_a_row] for i in range(0, len(numbers), in_a_row)]
    return ",\n        ".join([", ".join(map(repr, row)) for row in rows])


FUNCTIONS = {
    "erf": ERF,
    "erf_excess": ERF_EXCESS,
    "erfc": ERFC,
    "lgamma": LGAMMA.replace("ZETA", _rows(_ZETA_LESS_ONE, 3)),
    "digamma": DIGAMMA.replace("BERNOULLI", _BERNOULLI),
    "polygamma": POLYGAMMA.replace("BERNOULLI", _BERNOULLI),
    "norm": NORM,
    "sech_squared": SECH_SQUARED,
    "exp_difference": EXP_DIFFERENCE,
    "exp_product": EXP_PRODUCT,
    "sigmoid_difference": SIGMOID_DIFFERENCE,
    "largest_of": LARGEST,
    "softmax_shift_of": SOFTMAX_SHIFT,
    "softmax_excess_of": SOFTMAX_EXCESS,
    "logsumexp_of": LOGSUMEXP,
    "softmax_cross_entropy_of": SOFTMAX_CROSS_ENTROPY,
    "softmax_entropy_of": SOFTMAX_ENTROPY,
    "power_derivative": POWER_DERIVATIVE,
}
