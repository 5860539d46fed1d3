/* Elementary functions of four doubles at a time: exponentials, logarithms, powers, roots.
 *
 * The machine includes this file twice: compiled for every processor and, between pragmas that
 * switch AVX2 and FMA on, once more. It has defined the vectors v4 (double) and v4i (int64_t),
 * ALWAYS_INLINE, SPREAD(number), and for each copy
 *     LANES(name)       the name of a function in this copy
 *     MULADD(a, b, c)   a·b + c, rounded once or twice
 *     HAS_FMA           1 where MULADD rounds once and AVX2 may be used, else 0
 * so only the part shared by both copies has an include guard. The logarithms and powers and the
 * circular and error functions are in the two files included at the end.
 *
 * Every function is right to 4 ulp (most to 2) over all doubles, subnormal ones included. Like libm
 * it raises the flags overflow, division by zero and invalid where the result is infinite or
 * undefined, and does not where the result is ordinary: the machine finds trouble by them. Lanes
 * out of use must therefore hold some ordinary argument. Arguments for which the straight path
 * would be wrong are rare; one of them sends its whole vector through libm, lane by lane. That is
 * said as `if (!LANES(all)(usual)) return LANES(each)(…)`.
 *
 * The methods are the classical ones: Cody and Waite, Software Manual for the Elementary Functions;
 * Muller, Elementary Functions; the notes in fdlibm; Cephes' reduction of atan; for erfc Shepherd
 * and Laframboise, Chebyshev Approximation of (1 + 2x) exp(x²) erfc x in 0 <= x < ∞ (1981).
 * Coefficients are minimax polynomials by Remez' algorithm in 40 digits, computed for these files
 * and rounded to double; the power of two beside each is its error. */

#ifndef CHAINRULE_VECTOR_MATH
#define CHAINRULE_VECTOR_MATH
#include <float.h>
#include <math.h>
#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Compilers warn that without AVX there is no agreed way to pass vectors; none is passed here. */
#pragma GCC diagnostic ignored "-Wpsabi"

typedef uint64_t v4u __attribute__((vector_size(32)));

/* Halves are what plain targets have registers for; compilers compare four lanes one by one. */
typedef double v2 __attribute__((vector_size(16)));
typedef union {
    v4 whole;
    v2 half[2];
} v4_halves;

/* All bits of a lane set where it holds; subtracting 0 makes vectors of numbers, and no code. */
#define LESS(x, y) LANES(less)((x) - (v4){0}, (y) - (v4){0})
#define AT_MOST(x, y) LANES(at_most_equal)((x) - (v4){0}, (y) - (v4){0})
#define POLYNOMIAL(x, coefficients) \
    LANES(polynomial)(x, coefficients, sizeof(coefficients) / sizeof(*(coefficients)))

/* Added to a small double it rounds to the whole number k and leaves k + 2046 in the low bits. */
#define ROUNDER 0x1.80000000007fep+52

/* Constants in two parts: the first ends in zeros where its product with k has to be exact. */
#define LOG2_E 0x1.71547652b82fep+0
#define LN2_HIGH 0x1.62e42fefa3800p-1
#define LN2_LOW 0x1.ef35793c76730p-45

/* (exp(r) - 1 - r) / r² on |r| <= 0.3475; 2^-61 */
static const double EXP_TAIL[] = {
    0.5, 0.16666666666666677, 0.0416666666666667, 0.008333333333321447,
    0.001388888888886678, 0.00019841269886685124, 2.4801587360697042e-05,
    2.7557243559943875e-06, 2.7557242610585104e-07, 2.5109290702134396e-08,
    2.092449810873283e-09,
};
#endif

/* ---- Words of the language below ---- */

ALWAYS_INLINE v4i LANES(less)(v4 x, v4 y) {
#if HAS_FMA
    return (v4i)(x < y);
#else
    v4_halves left = {x}, right = {y}, mask;
    mask.half[0] = (v2)(left.half[0] < right.half[0]);
    mask.half[1] = (v2)(left.half[1] < right.half[1]);
    return (v4i)mask.whole;
#endif
}

ALWAYS_INLINE v4i LANES(at_most_equal)(v4 x, v4 y) {
#if HAS_FMA
    return (v4i)(x <= y);
#else
    v4_halves left = {x}, right = {y}, mask;
    mask.half[0] = (v2)(left.half[0] <= right.half[0]);
    mask.half[1] = (v2)(left.half[1] <= right.half[1]);
    return (v4i)mask.whole;
#endif
}

ALWAYS_INLINE v4 LANES(select)(v4i mask, v4 yes, v4 no) {
#if HAS_FMA
    return (v4)_mm256_blendv_pd((__m256d)no, (__m256d)yes, (__m256d)mask);
#else
    return (v4)((mask & (v4i)yes) | (~mask & (v4i)no));
#endif
}

ALWAYS_INLINE int LANES(all)(v4i mask) {
#if HAS_FMA
    return __builtin_expect(_mm256_movemask_pd((__m256d)mask) == 15, 1);
#else
    return __builtin_expect((mask[0] & mask[1] & mask[2] & mask[3]) != 0, 1);
#endif
}

ALWAYS_INLINE v4 LANES(each)(double function(double), v4 x) {
    return (v4){function(x[0]), function(x[1]), function(x[2]), function(x[3])};
}

ALWAYS_INLINE v4 LANES(each_pair)(double function(double, double), v4 x, v4 y) {
    return (v4){function(x[0], y[0]), function(x[1], y[1]), function(x[2], y[2]),
                function(x[3], y[3])};
}

ALWAYS_INLINE v4 LANES(magnitude)(v4 x) {
    return (v4)((v4u)x & 0x7fffffffffffffffULL);
}

/* The magnitude of the first with the sign of the second, which may be that of a zero. */
ALWAYS_INLINE v4 LANES(with_sign)(v4 size, v4 x) {
    return (v4)((v4u)LANES(magnitude)(size) | ((v4u)x & 0x8000000000000000ULL));
}

ALWAYS_INLINE v4 LANES(at_most)(v4 x, double limit) { /* NaN stays */
#if HAS_FMA
    return (v4)_mm256_min_pd(_mm256_set1_pd(limit), (__m256d)x);
#else
    return LANES(select)(LESS(limit, x), SPREAD(limit), x);
#endif
}

ALWAYS_INLINE v4 LANES(at_least)(v4 x, double limit) {
#if HAS_FMA
    return (v4)_mm256_max_pd(_mm256_set1_pd(limit), (__m256d)x);
#else
    return LANES(select)(LESS(x, limit), SPREAD(limit), x);
#endif
}

/* Every second (fourth) coefficient by Horner's rule in x² (x⁴): one long chain would wait for each
 * of its steps. */
ALWAYS_INLINE v4 LANES(polynomial)(v4 x, const double *coefficients, int count) {
    int strands = count > 12 ? 4 : 2;
    v4 square = x * x, step = square, sums[4];
    if (strands == 4) step = square * square;
#pragma GCC unroll 4
    for (int strand = 0; strand < strands; strand++) {
        int i = count - 1 - (count - 1 - strand) % strands;
        v4 sum = SPREAD(coefficients[i]);
#pragma GCC unroll 16
        for (i -= strands; i >= 0; i -= strands)
            sum = MULADD(sum, step, SPREAD(coefficients[i]));
        sums[strand] = sum;
    }
    v4 low = MULADD(sums[1], x, sums[0]);
    if (strands == 2) return low;
    return MULADD(MULADD(sums[3], x, sums[2]), square, low);
}

/* The product and what its rounding lost (Dekker; halves by masks, which cannot overflow). */
ALWAYS_INLINE v4 LANES(two_product)(v4 a, v4 b, v4 *lost) {
    v4 product = a * b;
#if HAS_FMA
    *lost = MULADD(a, b, -product);
#else
    v4 a_high = (v4)((v4u)a & 0xfffffffff8000000ULL), a_low = a - a_high;
    v4 b_high = (v4)((v4u)b & 0xfffffffff8000000ULL), b_low = b - b_high;
    *lost = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
#endif
    return product;
}

/* The sum and what its rounding lost, where |a| >= |b| or a = 0. */
ALWAYS_INLINE v4 LANES(two_sum)(v4 a, v4 b, v4 *lost) {
    v4 sum = a + b;
    *lost = (a - sum) + b;
    return sum;
}

/* (above + above_low) / (below + below_low) for low parts lost in roundings, rounded hardly more
 * than once. */
ALWAYS_INLINE v4 LANES(quotient)(v4 above, v4 above_low, v4 below, v4 below_low) {
    v4 lost, inverse = 1.0 / below, rough = above * inverse;
    v4 back = LANES(two_product)(rough, below, &lost);
    v4 rest = ((above - back) - lost) + (above_low - rough * below_low);
    return MULADD(rest, inverse, rough);
}

ALWAYS_INLINE v4 LANES(sqrt)(v4 x) {
#if HAS_FMA
    return (v4)_mm256_sqrt_pd((__m256d)x);
#else
    return LANES(each)(sqrt, x);
#endif
}

/* ---- Exponentials: x = k ln 2 + r with |r| <= ½ ln 2, and exp(r) = 1 + r + tail ---- */

/* Returns r, for x + low; k is left in the low bits of `rounded`. */
ALWAYS_INLINE v4 LANES(exp_reduced)(v4 x, v4 low, v4 *tail, v4 *rounded) {
    *rounded = MULADD(x, SPREAD(LOG2_E), SPREAD(ROUNDER));
    v4 k = *rounded - ROUNDER, lost;
    v4 rough = MULADD(k, SPREAD(-LN2_HIGH), x); /* exact */
    v4 r = LANES(two_sum)(rough, MULADD(k, SPREAD(-LN2_LOW), low), &lost);
    *tail = MULADD(r * r, POLYNOMIAL(r, EXP_TAIL), lost);
    return r;
}

ALWAYS_INLINE v4 LANES(two_to)(v4 rounded) { /* 2^k, where that is a normal number */
    return (v4)(((v4u)rounded - 1023) << 52);
}

ALWAYS_INLINE v4 LANES(two_to_minus)(v4 rounded) {
    return (v4)((2046 + 1023 - (v4u)rounded) << 52);
}

/* x·2^k in two steps: a result among the subnormal numbers is rounded once, and one too large
 * overflows as it should. */
ALWAYS_INLINE v4 LANES(scaled)(v4 x, v4 rounded) {
    v4u exponent = (v4u)rounded, half = exponent >> 1;
    return x * (v4)(half << 52) * (v4)((exponent - half) << 52);
}

/* exp(x + low)·2^-k, rounded hardly more than once. */
ALWAYS_INLINE v4 LANES(exp_mantissa)(v4 x, v4 low, v4 *rounded) {
    v4 tail, lost, r = LANES(exp_reduced)(x, low, &tail, rounded);
    v4 sum = LANES(two_sum)(SPREAD(1.0), r, &lost);
    return sum + (lost + tail);
}

ALWAYS_INLINE v4 LANES(exp)(v4 x) {
    v4 rounded;
    x = LANES(at_least)(LANES(at_most)(x, 710), -746);
    v4 mantissa = LANES(exp_mantissa)(x, SPREAD(0.0), &rounded);
    return LANES(scaled)(mantissa, rounded);
}

/* 2^k·((1 - 2^-k) + r + tail); from k = 63 on the 1 is lost anyway. */
ALWAYS_INLINE v4 LANES(expm1)(v4 x) {
    v4 tail, rounded, lost, size = LANES(at_least)(LANES(at_most)(x, 710), -40);
    v4 r = LANES(exp_reduced)(size, SPREAD(0.0), &tail, &rounded);
    v4 inverse = (v4)((v4i)LANES(two_to_minus)(rounded) & LESS(size, 43.0));
    v4 sum = LANES(two_sum)(1.0 - inverse, r, &lost);
    return LANES(with_sign)(LANES(scaled)(sum + (lost + tail), rounded), x);
}

/* (exp(2a) - 1) / (exp(2a) + 1) for a = |x|, both times 2^-k. */
ALWAYS_INLINE v4 LANES(tanh)(v4 x) {
    v4 tail, rounded, above_lost, below_lost;
    v4 twice = 2.0 * LANES(at_most)(LANES(magnitude)(x), 22);
    v4 r = LANES(exp_reduced)(twice, SPREAD(0.0), &tail, &rounded);
    v4 inverse = LANES(two_to_minus)(rounded);
    v4 above = LANES(two_sum)(1.0 - inverse, r, &above_lost);
    v4 below = LANES(two_sum)(1.0 + inverse, r, &below_lost);
    above += above_lost + tail;
    below += below_lost + tail;
    return LANES(with_sign)(above / below, x);
}

ALWAYS_INLINE v4 LANES(sinh)(v4 x) {
    v4 size = LANES(magnitude)(x);
    if (!LANES(all)(LESS(size, 709.0))) return LANES(each)(sinh, x);
    v4 grown = LANES(expm1)(size);
    return LANES(with_sign)(0.5 * (grown + grown / (grown + 1.0)), x);
}

ALWAYS_INLINE v4 LANES(cosh)(v4 x) {
    v4 size = LANES(magnitude)(x);
    if (!LANES(all)(LESS(size, 709.0))) return LANES(each)(cosh, x);
    v4 grown = LANES(exp)(size);
    return 0.5 * grown + 0.5 / grown;
}

/* exp(-|x|) never overflows: 1 / (1 + exp(-x)) or, for x < 0, exp(x) / (1 + exp(x)). */
ALWAYS_INLINE v4 LANES(sigmoid)(v4 x) {
    v4 lost, zero = SPREAD(0.0), one = SPREAD(1.0);
    v4 small = LANES(exp)(-LANES(magnitude)(x));
    v4 below = LANES(two_sum)(one, small, &lost);
    return LANES(quotient)(LANES(select)(LESS(x, 0.0), small, one), zero, below, lost);
}

/* x·sigmoid(x), for x < 0 scaled by 2^k last: exp(x) alone may be subnormal, with bits lost. */
ALWAYS_INLINE v4 LANES(silu)(v4 x) {
    v4 rounded, lost, size = LANES(magnitude)(x), zero = SPREAD(0.0), one = SPREAD(1.0);
    v4i negative = LESS(x, 0.0);
    if (!LANES(all)(LESS(size, 1e300))) return x * LANES(sigmoid)(x);
    v4 mantissa = LANES(exp_mantissa)(-LANES(at_most)(size, 800), zero, &rounded);
    v4 below = LANES(two_sum)(one, LANES(scaled)(mantissa, rounded), &lost);
    v4 above = LANES(select)(negative, mantissa, one);
    v4 product = LANES(at_least)(x, -800) * LANES(quotient)(above, zero, below, lost);
    return LANES(select)(negative, LANES(scaled)(product, rounded), product);
}

#include "vector_logarithms.h"
#include "vector_special.h"
