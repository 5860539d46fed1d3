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
ALWAYS_INLINE Doubles LANES(log_reduced)(Doubles x, Doubles *k, Bits *exponent) {
    Bits biased = (Bits)x + (ONE_BITS - SQRT_HALF_BITS);
    *exponent = biased & EXPONENT_BITS; /* k + 1023 */
    *k = (Doubles)((biased >> 52) | 0x4330000000000000ULL) - (0x1p52 + 1023);
    return (Doubles)((Bits)x - *exponent + ONE_BITS) - 1.0;
}

/* k ln 2 + log(1 + f) + low, summed in the order of fdlibm's log: small parts first. */
ALWAYS_INLINE Doubles LANES(log_sum)(Doubles k, Doubles f, Doubles low) {
    Doubles s = f / (2.0 + f), z = s * s, half_square = 0.5 * f * f;
    Doubles bent = half_square + z * POLYNOMIAL(z, LOG_TAIL);
    Doubles small = half_square - MULADD(s, bent, MULADD(k, SPREAD(LN2_LOW), low));
    return MULADD(k, SPREAD(LN2_HIGH), -(small - f));
}

ALWAYS_INLINE Mask LANES(is_positive_normal)(Doubles x) {
    return AT_MOST(DBL_MIN, x) & AT_MOST(x, DBL_MAX);
}

ALWAYS_INLINE Doubles LANES(log)(Doubles x) {
    Doubles k;
    Bits exponent;
    if (!LANES(all)(LANES(is_positive_normal)(x))) return LANES(each)(log, x);
    Doubles f = LANES(log_reduced)(x, &k, &exponent);
    return LANES(log_sum)(k, f, SPREAD(0.0));
}

ALWAYS_INLINE Doubles LANES(log2)(Doubles x) {
    Doubles k;
    Bits exponent;
    if (!LANES(all)(LANES(is_positive_normal)(x))) return LANES(each)(log2, x);
    Doubles f = LANES(log_reduced)(x, &k, &exponent);
    return MULADD(LANES(log_sum)(SPREAD(0.0), f, SPREAD(0.0)), SPREAD(LOG2_E), k);
}

ALWAYS_INLINE Doubles LANES(log10)(Doubles x) {
    Doubles k;
    Bits exponent;
    if (!LANES(all)(LANES(is_positive_normal)(x))) return LANES(each)(log10, x);
    Doubles f = LANES(log_reduced)(x, &k, &exponent);
    Doubles small = LANES(log_sum)(SPREAD(0.0), f, SPREAD(0.0)) * LOG10_E;
    return MULADD(k, SPREAD(LOG10_2_HIGH), MULADD(k, SPREAD(LOG10_2_LOW), small));
}

/* log(1 + x + low) for -1 < x: the rounding of 1 + x is kept, as a part of m - 1. */
ALWAYS_INLINE Doubles LANES(log1p_sum)(Doubles x, Doubles low) {
    Doubles k, lost;
    Bits exponent;
    Doubles one_more = 1.0 + x, back = one_more - 1.0;
    Doubles rest = ((1.0 - (one_more - back)) + (x - back)) + low;
    Doubles f = LANES(log_reduced)(one_more, &k, &exponent);
    Bits shrink = (2 * ONE_BITS - exponent) & (Bits)LESS(x, 0x1p60); /* 2^-k */
    f = LANES(two_sum)(f, rest * (Doubles)shrink, &lost);
    return LANES(log_sum)(k, f, lost);
}

ALWAYS_INLINE Doubles LANES(log1p)(Doubles x) {
    if (!LANES(all)(LESS(-1.0, x) & AT_MOST(x, DBL_MAX))) return LANES(each)(log1p, x);
    return LANES(with_sign)(LANES(log1p_sum)(x, SPREAD(0.0)), x);
}

/* max(x, 0) + log(1 + exp(-|x|)) */
ALWAYS_INLINE Doubles LANES(softplus)(Doubles x) {
    Doubles small = LANES(exp)(-LANES(magnitude)(x));
    return LANES(select)(LESS(0.0, x), x, SPREAD(0.0)) +
           LANES(log1p_sum)(small, SPREAD(0.0));
}

/* The larger + log(1 + exp(-|x - y|)). Where the two parts cancel, it is right to 4 ulp of them. */
ALWAYS_INLINE Doubles LANES(logaddexp)(Doubles x, Doubles y) {
    Mask usual = LESS(LANES(magnitude)(x), 1e300) & LESS(LANES(magnitude)(y), 1e300);
    if (!LANES(all)(usual)) return LANES(each_pair)(logaddexp_of_extremes, x, y);
    Mask ordered = LESS(y, x);
    Doubles larger = LANES(select)(ordered, x, y), smaller = LANES(select)(ordered, y, x), rounded;
    Doubles gap = smaller - larger, back = gap + larger;
    Doubles lost = (smaller - back) - (larger - (back - gap));
    Mask near = LESS(-750.0, gap);
    gap = LANES(at_least)(gap, -750);
    Doubles mantissa = LANES(exp_mantissa)(gap, (Doubles)(near & (Mask)lost), &rounded);
    return larger + LANES(log1p_sum)(LANES(scaled)(mantissa, rounded), SPREAD(0.0));
}

/* asinh(a) = log1p(a + a² / (1 + √(1 + a²))) for a = |x| */
ALWAYS_INLINE Doubles LANES(asinh)(Doubles x) {
    Doubles low, size = LANES(magnitude)(x);
    if (!LANES(all)(LESS(size, 1e150))) return LANES(each)(asinh, x);
    Doubles square = size * size;
    Doubles above = LANES(two_sum)(size, square / (1.0 + LANES(sqrt)(1.0 + square)), &low);
    return LANES(with_sign)(LANES(log1p_sum)(above, low), x);
}

/* acosh(1 + t) = log1p(t + √(t (t + 2))) */
ALWAYS_INLINE Doubles LANES(acosh)(Doubles x) {
    if (!LANES(all)(AT_MOST(1.0, x) & LESS(x, 1e150))) return LANES(each)(acosh, x);
    Doubles above_one = x - 1.0;
    Doubles root = LANES(sqrt)(above_one * (above_one + 2.0));
    return LANES(log1p_sum)(above_one + root, SPREAD(0.0));
}

/* atanh(a) = ½ log1p(2a / (1 - a)) for a = |x| */
ALWAYS_INLINE Doubles LANES(atanh)(Doubles x) {
    Doubles size = LANES(magnitude)(x);
    if (!LANES(all)(LESS(size, 1.0))) return LANES(each)(atanh, x);
    Doubles above = 2.0 * size / (1.0 - size);
    return LANES(with_sign)(0.5 * LANES(log1p_sum)(above, SPREAD(0.0)), x);
}

/* ---- Powers and roots ---- */

/* log(x) as a sum of two doubles, right to about 2^-66, for a normal x > 0. */
ALWAYS_INLINE Doubles LANES(log_in_two)(Doubles x, Doubles *low) {
    Doubles k, lost, total_lost;
    Bits exponent;
    Doubles f = LANES(log_reduced)(x, &k, &exponent);
    Doubles below = 2.0 + f, below_low = (2.0 - below) + f, inverse = 1.0 / below;
    Doubles s = f * inverse;
    Doubles back = LANES(two_product)(s, below, &lost);
    Doubles s_low = ((f - back) - lost - s * below_low) * inverse;
    Doubles square = LANES(two_product)(s, s, &lost);
    Doubles square_low = lost + 2.0 * s * s_low;
    Doubles cube = LANES(two_product)(s, square, &lost);
    Doubles cube_low = lost + s * square_low + s_low * square;
    Doubles third = LANES(two_product)(cube, SPREAD(0x1.5555555555555p-1), &lost); /* 2/3 s³ */
    Doubles third_low = lost + cube * 0x1.5555555555555p-55 + cube_low * 0x1.5555555555555p-1;
    Doubles small = 2.0 * s_low + third_low + cube * square * POLYNOMIAL(square, LOG_FINE_TAIL);
    Doubles sum = LANES(two_sum)(k * LN2_HIGH, 2.0 * s, &total_lost);
    sum = LANES(two_sum)(sum, third, &lost);
    return LANES(two_sum)(sum, MULADD(k, SPREAD(LN2_LOW), small) + total_lost + lost, low);
}

/* exp(y log x). Other x than positive ones, and results out of range, are left to libm. */
ALWAYS_INLINE Doubles LANES(pow)(Doubles x, Doubles y) {
    Doubles log_low, lost, rounded;
    Mask usual = LANES(is_positive_normal)(x) & LESS(LANES(magnitude)(y), 1e100);
    if (!LANES(all)(usual)) return LANES(each_pair)(pow, x, y);
    Doubles logarithm = LANES(log_in_two)(x, &log_low);
    Doubles product = LANES(two_product)(y, logarithm, &lost);
    if (!LANES(all)(LESS(LANES(magnitude)(product), 746.0))) return LANES(each_pair)(pow, x, y);
    Doubles mantissa = LANES(exp_mantissa)(product, lost + y * log_low, &rounded);
    return LANES(scaled)(mantissa, rounded);
}

/* xⁿ by squaring, for an n shared by all lanes; the errors add up, so only for small |n|. */
ALWAYS_INLINE Doubles LANES(whole_power)(Doubles x, int n) {
    Doubles size = LANES(magnitude)(x), power = x, square = x;
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
    return n < 0 ? (Doubles)(1.0 / power) : power;
}

ALWAYS_INLINE Doubles LANES(hypot)(Doubles x, Doubles y) {
    Doubles first = LANES(magnitude)(x), second = LANES(magnitude)(y);
    Mask wide = LESS(1e-140, first) | LESS(1e-140, second);
    if (!LANES(all)(wide & LESS(first, 1e150) & LESS(second, 1e150)))
        return LANES(each_pair)(hypot, x, y);
    return LANES(sqrt)(MULADD(x, x, y * y));
}
