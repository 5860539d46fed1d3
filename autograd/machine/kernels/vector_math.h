/* Elementary functions of vectors of doubles: exponentials, logarithms, powers, roots.
 *
 * The machine includes this file once for each kind of processor, after vector_words.h, in whose
 * words it is written; so only the part shared by the copies has an include guard. The logarithms
 * and powers and the circular and error functions are in the two files included at the end.
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

/* Every second (fourth) coefficient by Horner's rule in x² (x⁴): one long chain would wait for each
 * of its steps. */
ALWAYS_INLINE Doubles LANES(polynomial)(Doubles x, const double *coefficients, int count) {
    int strands = count > 12 ? 4 : 2;
    Doubles square = x * x, step = square, sums[4];
    if (strands == 4) step = square * square;
#pragma GCC unroll 4
    for (int strand = 0; strand < strands; strand++) {
        int i = count - 1 - (count - 1 - strand) % strands;
        Doubles sum = SPREAD(coefficients[i]);
#pragma GCC unroll 16
        for (i -= strands; i >= 0; i -= strands)
            sum = MULADD(sum, step, SPREAD(coefficients[i]));
        sums[strand] = sum;
    }
    Doubles low = MULADD(sums[1], x, sums[0]);
    if (strands == 2) return low;
    return MULADD(MULADD(sums[3], x, sums[2]), square, low);
}

/* The product and what its rounding lost (Dekker; halves by masks, which cannot overflow). */
ALWAYS_INLINE Doubles LANES(two_product)(Doubles a, Doubles b, Doubles *lost) {
    Doubles product = a * b;
#if HAS_FMA
    *lost = MULADD(a, b, -product);
#else
    Doubles a_high = (Doubles)((Bits)a & 0xfffffffff8000000ULL), a_low = a - a_high;
    Doubles b_high = (Doubles)((Bits)b & 0xfffffffff8000000ULL), b_low = b - b_high;
    *lost = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
#endif
    return product;
}

/* The sum and what its rounding lost, where |a| >= |b| or a = 0. */
ALWAYS_INLINE Doubles LANES(two_sum)(Doubles a, Doubles b, Doubles *lost) {
    Doubles sum = a + b;
    *lost = (a - sum) + b;
    return sum;
}

/* (above + above_low) / (below + below_low) for low parts lost in roundings, rounded hardly more
 * than once. */
ALWAYS_INLINE Doubles LANES(quotient)(Doubles above, Doubles above_low, Doubles below,
                                      Doubles below_low) {
    Doubles lost, inverse = 1.0 / below, rough = above * inverse;
    Doubles back = LANES(two_product)(rough, below, &lost);
    Doubles rest = ((above - back) - lost) + (above_low - rough * below_low);
    return MULADD(rest, inverse, rough);
}

/* ---- Exponentials: x = k ln 2 + r with |r| <= ½ ln 2, and exp(r) = 1 + r + tail ---- */

/* Returns r, for x + low; k is left in the low bits of `rounded`. */
ALWAYS_INLINE Doubles LANES(exp_reduced)(Doubles x, Doubles low, Doubles *tail, Doubles *rounded) {
    *rounded = MULADD(x, SPREAD(LOG2_E), SPREAD(ROUNDER));
    Doubles k = *rounded - ROUNDER, lost;
    Doubles rough = MULADD(k, SPREAD(-LN2_HIGH), x); /* exact */
    Doubles r = LANES(two_sum)(rough, MULADD(k, SPREAD(-LN2_LOW), low), &lost);
    *tail = MULADD(r * r, POLYNOMIAL(r, EXP_TAIL), lost);
    return r;
}

ALWAYS_INLINE Doubles LANES(two_to)(Doubles rounded) { /* 2^k, where that is a normal number */
    return (Doubles)(((Bits)rounded - 1023) << 52);
}

ALWAYS_INLINE Doubles LANES(two_to_minus)(Doubles rounded) {
    return (Doubles)((2046 + 1023 - (Bits)rounded) << 52);
}

/* x·2^k in two steps: a result among the subnormal numbers is rounded once, and one too large
 * overflows as it should. */
ALWAYS_INLINE Doubles LANES(scaled)(Doubles x, Doubles rounded) {
    Bits exponent = (Bits)rounded, half = exponent >> 1;
    return x * (Doubles)(half << 52) * (Doubles)((exponent - half) << 52);
}

/* exp(x + low)·2^-k, rounded hardly more than once. */
ALWAYS_INLINE Doubles LANES(exp_mantissa)(Doubles x, Doubles low, Doubles *rounded) {
    Doubles tail, lost, r = LANES(exp_reduced)(x, low, &tail, rounded);
    Doubles sum = LANES(two_sum)(SPREAD(1.0), r, &lost);
    return sum + (lost + tail);
}

ALWAYS_INLINE Doubles LANES(exp)(Doubles x) {
    Doubles rounded;
    x = LANES(at_least)(LANES(at_most)(x, 710), -746);
    Doubles mantissa = LANES(exp_mantissa)(x, SPREAD(0.0), &rounded);
    return LANES(scaled)(mantissa, rounded);
}

/* 2^k·((1 - 2^-k) + r + tail); from k = 63 on the 1 is lost anyway. */
ALWAYS_INLINE Doubles LANES(expm1)(Doubles x) {
    Doubles tail, rounded, lost, size = LANES(at_least)(LANES(at_most)(x, 710), -40);
    Doubles r = LANES(exp_reduced)(size, SPREAD(0.0), &tail, &rounded);
    Doubles inverse = (Doubles)((Mask)LANES(two_to_minus)(rounded) & LESS(size, 43.0));
    Doubles sum = LANES(two_sum)(1.0 - inverse, r, &lost);
    return LANES(with_sign)(LANES(scaled)(sum + (lost + tail), rounded), x);
}

/* (exp(2a) - 1) / (exp(2a) + 1) for a = |x|, both times 2^-k. */
ALWAYS_INLINE Doubles LANES(tanh)(Doubles x) {
    Doubles tail, rounded, above_lost, below_lost;
    Doubles twice = 2.0 * LANES(at_most)(LANES(magnitude)(x), 22);
    Doubles r = LANES(exp_reduced)(twice, SPREAD(0.0), &tail, &rounded);
    Doubles inverse = LANES(two_to_minus)(rounded);
    Doubles above = LANES(two_sum)(1.0 - inverse, r, &above_lost);
    Doubles below = LANES(two_sum)(1.0 + inverse, r, &below_lost);
    above += above_lost + tail;
    below += below_lost + tail;
    return LANES(with_sign)(above / below, x);
}

/* 4 exp(-2|x|) / (1 + exp(-2|x|))² */
ALWAYS_INLINE Doubles LANES(sech_squared)(Doubles x) {
    Doubles decay = LANES(exp)(-2.0 * LANES(magnitude)(x)), below = 1.0 + decay;
    return 4.0 * decay / (below * below);
}

/* Both, by one exponential and one division: with e = exp(2|x|), tanh|x| is (e - 1) / (e + 1) and
 * sech² is 4 e / (e + 1)². */
ALWAYS_INLINE Doubles LANES(tanh_and_slope)(Doubles x, Doubles *slope) {
    Doubles tail, rounded, grown_lost, above_lost, below_lost, size = LANES(magnitude)(x);
    if (!LANES(all)(LESS(size, 350.0))) { /* else e or 1 / e is no normal number */
        *slope = LANES(sech_squared)(x);
        return LANES(tanh)(x);
    }
    Doubles r = LANES(exp_reduced)(2.0 * size, SPREAD(0.0), &tail, &rounded);
    Doubles scale = LANES(two_to_minus)(rounded); /* of everything */
    Doubles grown = LANES(two_sum)(SPREAD(1.0), r, &grown_lost);
    Doubles above = LANES(two_sum)(1.0 - scale, r, &above_lost);
    Doubles below = LANES(two_sum)(1.0 + scale, r, &below_lost);
    grown += grown_lost + tail;
    above += above_lost + tail;
    below += below_lost + tail;
    Doubles inverse = 1.0 / below;
    *slope = (4.0 * grown * inverse) * (scale * inverse);
    return LANES(with_sign)(above * inverse, x);
}

ALWAYS_INLINE Doubles LANES(sinh)(Doubles x) {
    Doubles size = LANES(magnitude)(x);
    if (!LANES(all)(LESS(size, 709.0))) return LANES(each)(sinh, x);
    Doubles grown = LANES(expm1)(size);
    return LANES(with_sign)(0.5 * (grown + grown / (grown + 1.0)), x);
}

ALWAYS_INLINE Doubles LANES(cosh)(Doubles x) {
    Doubles size = LANES(magnitude)(x);
    if (!LANES(all)(LESS(size, 709.0))) return LANES(each)(cosh, x);
    Doubles grown = LANES(exp)(size);
    return 0.5 * grown + 0.5 / grown;
}

/* exp(-|x|) never overflows: 1 / (1 + exp(-x)) or, for x < 0, exp(x) / (1 + exp(x)). */
ALWAYS_INLINE Doubles LANES(sigmoid)(Doubles x) {
    Doubles lost, zero = SPREAD(0.0), one = SPREAD(1.0);
    Doubles small = LANES(exp)(-LANES(magnitude)(x));
    Doubles below = LANES(two_sum)(one, small, &lost);
    return LANES(quotient)(LANES(select)(LESS(x, 0.0), small, one), zero, below, lost);
}

/* x·sigmoid(x), for x < 0 scaled by 2^k last: exp(x) alone may be subnormal, with bits lost. */
ALWAYS_INLINE Doubles LANES(silu)(Doubles x) {
    Doubles rounded, lost, size = LANES(magnitude)(x), zero = SPREAD(0.0), one = SPREAD(1.0);
    Mask negative = LESS(x, 0.0);
    if (!LANES(all)(LESS(size, 1e300))) return x * LANES(sigmoid)(x);
    Doubles mantissa = LANES(exp_mantissa)(-LANES(at_most)(size, 800), zero, &rounded);
    Doubles below = LANES(two_sum)(one, LANES(scaled)(mantissa, rounded), &lost);
    Doubles above = LANES(select)(negative, mantissa, one);
    Doubles product = LANES(at_least)(x, -800) * LANES(quotient)(above, zero, below, lost);
    return LANES(select)(negative, LANES(scaled)(product, rounded), product);
}

#include "vector_logarithms.h"
#include "vector_special.h"
