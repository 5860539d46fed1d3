/* Logarithms, the inverse hyperbolic functions and powers: a part of vector_math.h, see there. */

#ifndef CHAINRULE_VECTOR_LOGARITHMS
#define CHAINRULE_VECTOR_LOGARITHMS
#define ONE_BITS 0x3ff0000000000000ULL
#define EXPONENT_BITS 0xfff0000000000000ULL
#define SQRT_HALF_BITS 0x3fe6a09e667f3bcdULL
#define LOG10_E 0x1.bcb7b1526e50ep-2
#define LOG10_2_HIGH 0x1.34413509f7800p-2
#define LOG10_2_LOW 0x1.fef311f12b358p-46

/* (log((1 + s) / (1 - s)) - 2s) / s³ in powers of s² <= 0.02945; 2^-58 */
static const double LOG_TAIL[] = {
    0.6666666666666734, 0.3999999999941543, 0.2857142874224048, 0.22222198585368505,
    0.18183563860404325, 0.15314058185233528, 0.1479591405085831,
};
/* (log((1 + s) / (1 - s)) - 2s - 2/3 s³) / s⁵, likewise; 2^-65 */
static const double LOG_FINE_TAIL[] = {
    0.40000000000002256, 0.2857142857010059, 0.22222222519788873, 0.18181784375352963,
    0.1538675708227409, 0.13256821129958282, 0.1319631513300038,
};

/* For one of them infinite or beyond 1e300, where x - y may overflow. */
static double logaddexp_of_extremes(double x, double y) {
    if (x == y) return x + 0.6931471805599453;
    double root = exp(-fabs(0.5 * x - 0.5 * y));
    return (x > y || x != x ? x : y) + log1p(root * root);
}
#endif

/* ---- Logarithms: x = 2^k·m with √½ <= m < √2, and log(m) by s = (m - 1) / (m + 1) ---- */

/* Returns m - 1 for a normal x > 0. */
ALWAYS_INLINE v4 LANES(log_reduced)(v4 x, v4 *k, v4u *exponent) {
    v4u biased = (v4u)x + (ONE_BITS - SQRT_HALF_BITS);
    *exponent = biased & EXPONENT_BITS; /* k + 1023 */
    *k = (v4)((biased >> 52) | 0x4330000000000000ULL) - (0x1p52 + 1023);
    return (v4)((v4u)x - *exponent + ONE_BITS) - 1.0;
}

/* k ln 2 + log(1 + f) + low, summed in the order of fdlibm's log: small parts first. */
ALWAYS_INLINE v4 LANES(log_sum)(v4 k, v4 f, v4 low) {
    v4 s = f / (2.0 + f), z = s * s, half_square = 0.5 * f * f;
    v4 bent = half_square + z * POLYNOMIAL(z, LOG_TAIL);
    v4 small = half_square - MULADD(s, bent, MULADD(k, SPREAD(LN2_LOW), low));
    return MULADD(k, SPREAD(LN2_HIGH), -(small - f));
}

ALWAYS_INLINE v4i LANES(is_positive_normal)(v4 x) {
    return AT_MOST(DBL_MIN, x) & AT_MOST(x, DBL_MAX);
}

ALWAYS_INLINE v4 LANES(log)(v4 x) {
    v4 k;
    v4u exponent;
    if (!LANES(all)(LANES(is_positive_normal)(x))) return LANES(each)(log, x);
    v4 f = LANES(log_reduced)(x, &k, &exponent);
    return LANES(log_sum)(k, f, SPREAD(0.0));
}

ALWAYS_INLINE v4 LANES(log2)(v4 x) {
    v4 k;
    v4u exponent;
    if (!LANES(all)(LANES(is_positive_normal)(x))) return LANES(each)(log2, x);
    v4 f = LANES(log_reduced)(x, &k, &exponent);
    return MULADD(LANES(log_sum)(SPREAD(0.0), f, SPREAD(0.0)), SPREAD(LOG2_E), k);
}

ALWAYS_INLINE v4 LANES(log10)(v4 x) {
    v4 k;
    v4u exponent;
    if (!LANES(all)(LANES(is_positive_normal)(x))) return LANES(each)(log10, x);
    v4 f = LANES(log_reduced)(x, &k, &exponent);
    v4 small = LANES(log_sum)(SPREAD(0.0), f, SPREAD(0.0)) * LOG10_E;
    return MULADD(k, SPREAD(LOG10_2_HIGH), MULADD(k, SPREAD(LOG10_2_LOW), small));
}

/* log(1 + x + low) for -1 < x: the rounding of 1 + x is kept, as a part of m - 1. */
ALWAYS_INLINE v4 LANES(log1p_sum)(v4 x, v4 low) {
    v4 k, lost;
    v4u exponent;
    v4 one_more = 1.0 + x, back = one_more - 1.0;
    v4 rest = ((1.0 - (one_more - back)) + (x - back)) + low;
    v4 f = LANES(log_reduced)(one_more, &k, &exponent);
    v4u shrink = (2 * ONE_BITS - exponent) & (v4u)LESS(x, 0x1p60); /* 2^-k */
    f = LANES(two_sum)(f, rest * (v4)shrink, &lost);
    return LANES(log_sum)(k, f, lost);
}

ALWAYS_INLINE v4 LANES(log1p)(v4 x) {
    if (!LANES(all)(LESS(-1.0, x) & AT_MOST(x, DBL_MAX))) return LANES(each)(log1p, x);
    return LANES(with_sign)(LANES(log1p_sum)(x, SPREAD(0.0)), x);
}

/* max(x, 0) + log(1 + exp(-|x|)) */
ALWAYS_INLINE v4 LANES(softplus)(v4 x) {
    v4 small = LANES(exp)(-LANES(magnitude)(x));
    return LANES(select)(LESS(0.0, x), x, SPREAD(0.0)) +
           LANES(log1p_sum)(small, SPREAD(0.0));
}

/* The larger + log(1 + exp(-|x - y|)). Where the two parts cancel, it is right to 4 ulp of them. */
ALWAYS_INLINE v4 LANES(logaddexp)(v4 x, v4 y) {
    v4i usual = LESS(LANES(magnitude)(x), 1e300) & LESS(LANES(magnitude)(y), 1e300);
    if (!LANES(all)(usual)) return LANES(each_pair)(logaddexp_of_extremes, x, y);
    v4i ordered = LESS(y, x);
    v4 larger = LANES(select)(ordered, x, y), smaller = LANES(select)(ordered, y, x), rounded;
    v4 gap = smaller - larger, back = gap + larger;
    v4 lost = (smaller - back) - (larger - (back - gap));
    v4i near = LESS(-750.0, gap);
    gap = LANES(at_least)(gap, -750);
    v4 mantissa = LANES(exp_mantissa)(gap, (v4)(near & (v4i)lost), &rounded);
    return larger + LANES(log1p_sum)(LANES(scaled)(mantissa, rounded), SPREAD(0.0));
}

/* asinh(a) = log1p(a + a² / (1 + √(1 + a²))) for a = |x| */
ALWAYS_INLINE v4 LANES(asinh)(v4 x) {
    v4 low, size = LANES(magnitude)(x);
    if (!LANES(all)(LESS(size, 1e150))) return LANES(each)(asinh, x);
    v4 square = size * size;
    v4 above = LANES(two_sum)(size, square / (1.0 + LANES(sqrt)(1.0 + square)), &low);
    return LANES(with_sign)(LANES(log1p_sum)(above, low), x);
}

/* acosh(1 + t) = log1p(t + √(t (t + 2))) */
ALWAYS_INLINE v4 LANES(acosh)(v4 x) {
    if (!LANES(all)(AT_MOST(1.0, x) & LESS(x, 1e150))) return LANES(each)(acosh, x);
    v4 above_one = x - 1.0;
    v4 root = LANES(sqrt)(above_one * (above_one + 2.0));
    return LANES(log1p_sum)(above_one + root, SPREAD(0.0));
}

/* atanh(a) = ½ log1p(2a / (1 - a)) for a = |x| */
ALWAYS_INLINE v4 LANES(atanh)(v4 x) {
    v4 size = LANES(magnitude)(x);
    if (!LANES(all)(LESS(size, 1.0))) return LANES(each)(atanh, x);
    v4 above = 2.0 * size / (1.0 - size);
    return LANES(with_sign)(0.5 * LANES(log1p_sum)(above, SPREAD(0.0)), x);
}

/* ---- Powers and roots ---- */

/* log(x) as a sum of two doubles, right to about 2^-66, for a normal x > 0. */
ALWAYS_INLINE v4 LANES(log_in_two)(v4 x, v4 *low) {
    v4 k, lost, total_lost;
    v4u exponent;
    v4 f = LANES(log_reduced)(x, &k, &exponent);
    v4 below = 2.0 + f, below_low = (2.0 - below) + f, inverse = 1.0 / below;
    v4 s = f * inverse;
    v4 back = LANES(two_product)(s, below, &lost);
    v4 s_low = ((f - back) - lost - s * below_low) * inverse;
    v4 square = LANES(two_product)(s, s, &lost);
    v4 square_low = lost + 2.0 * s * s_low;
    v4 cube = LANES(two_product)(s, square, &lost);
    v4 cube_low = lost + s * square_low + s_low * square;
    v4 third = LANES(two_product)(cube, SPREAD(0x1.5555555555555p-1), &lost); /* 2/3 s³ */
    v4 third_low = lost + cube * 0x1.5555555555555p-55 + cube_low * 0x1.5555555555555p-1;
    v4 small = 2.0 * s_low + third_low + cube * square * POLYNOMIAL(square, LOG_FINE_TAIL);
    v4 sum = LANES(two_sum)(k * LN2_HIGH, 2.0 * s, &total_lost);
    sum = LANES(two_sum)(sum, third, &lost);
    return LANES(two_sum)(sum, MULADD(k, SPREAD(LN2_LOW), small) + total_lost + lost, low);
}

/* exp(y log x). Other x than positive ones, and results out of range, are left to libm. */
ALWAYS_INLINE v4 LANES(pow)(v4 x, v4 y) {
    v4 log_low, lost, rounded;
    v4i usual = LANES(is_positive_normal)(x) & LESS(LANES(magnitude)(y), 1e100);
    if (!LANES(all)(usual)) return LANES(each_pair)(pow, x, y);
    v4 logarithm = LANES(log_in_two)(x, &log_low);
    v4 product = LANES(two_product)(y, logarithm, &lost);
    if (!LANES(all)(LESS(LANES(magnitude)(product), 746.0))) return LANES(each_pair)(pow, x, y);
    v4 mantissa = LANES(exp_mantissa)(product, lost + y * log_low, &rounded);
    return LANES(scaled)(mantissa, rounded);
}

/* xⁿ by squaring, for an n shared by all lanes; the errors add up, so only for small |n|. */
ALWAYS_INLINE v4 LANES(whole_power)(v4 x, int n) {
    v4 size = LANES(magnitude)(x), power = x, square = x;
    if (n == 0) return SPREAD(1.0);
    /* For n < 0 none of the powers to be divided by may leave the range. */
    if (n < -4 || n > 6 || (n < 0 && !LANES(all)(LESS(1e-70, size) & LESS(size, 1e70)))) {
        size = LANES(pow)(size, SPREAD((double)n));
        return n % 2 ? LANES(with_sign)(size, x) : size;
    }
    int left = n < 0 ? -n : n;
    if (left % 2 == 0) power = SPREAD(1.0);
    while (left >>= 1) {
        square = square * square;
        if (left % 2) power = power * square;
    }
    return n < 0 ? (v4)(1.0 / power) : power;
}

ALWAYS_INLINE v4 LANES(hypot)(v4 x, v4 y) {
    v4 first = LANES(magnitude)(x), second = LANES(magnitude)(y);
    v4i wide = LESS(1e-140, first) | LESS(1e-140, second);
    if (!LANES(all)(wide & LESS(first, 1e150) & LESS(second, 1e150)))
        return LANES(each_pair)(hypot, x, y);
    return LANES(sqrt)(MULADD(x, x, y * y));
}
