/* Circular functions and the error function: a part of vector_math.h, see there. */

#ifndef CHAINRULE_VECTOR_SPECIAL
#define CHAINRULE_VECTOR_SPECIAL
#define SHIFTER 0x1.8p52 /* added to a small double it rounds to a whole number, in the low bits */
#define LARGEST_ANGLE 1e5 /* up to here k·PI_HALF_1 and k·PI_HALF_2 are exact */
#define PI_HALF_1 0x1.921fb54400000p+0
#define PI_HALF_2 0x1.0b4611a600000p-34
#define PI_HALF_3 0x1.3198a2e037073p-69
#define PI_HALF_HIGH 0x1.921fb54442d18p+0
#define PI_HALF_LOW 0x1.1a62633145c07p-54
#define TWO_OVER_PI 0x1.45f306dc9c883p-1
#define NEAR_ZERO 0.75 /* for erf */
#define SQRT_HALF 0x1.6a09e667f3bcdp-1
#define SQRT_HALF_LOW -0x1.bdd3413b26456p-55

/* (r - sin(r)) / r³ in powers of r² <= (π/4)²; 2^-58 */
static const double SIN_TAIL[] = {
    0.16666666666666632, -0.008333333333322385, 0.00019841269829781234, -2.75573136814447e-06,
    2.5050756298735006e-08, -1.589668132487616e-10,
};
/* (cos(r) - 1 + r²/2) / r⁴, likewise; 2^-64 */
static const double COS_TAIL[] = {
    0.0416666666666666, -0.001388888888887407, 2.4801587289445687e-05, -2.7557314341108906e-07,
    2.0875721666539696e-09, -1.1359560855937157e-11,
};
/* (atan(q) - q) / q³ in powers of q² <= tan²(π/8); 2^-59 */
static const double ATAN_TAIL[] = {
    -0.333333333333332, 0.19999999999954254, -0.1428571428026502, 0.11111110786898833,
    -0.09090897856019613, 0.07692061939071816, -0.06663123264618383, 0.05848025835358652,
    -0.050399039305085845, 0.038079371100015864, -0.017922979578471707,
};
/* (asin(s) - s) / s³ in powers of s² <= 1/4; 2^-60 */
static const double ASIN_TAIL[] = {
    0.16666666666666763, 0.07499999999970218, 0.04464285717516802, 0.030381942680992605,
    0.022372215745933163, 0.017351598324676264, 0.013980985542344608, 0.011397554168817782,
    0.010787914245250744, 0.003677266366091829, 0.0217788802895814, -0.02110093428989936,
    0.03269283763951563,
};
/* erf(x) / x - 1 in powers of x² <= 9/16; 2^-60 */
static const double ERF_TAIL[] = {
    0.1283791670955126, -0.37612638903183715, 0.11283791670952613, -0.026866170644431985,
    0.00522397761545656, -0.0008548326190858428, 0.00012055289640578579, -1.4924197838837216e-05,
    1.6430702932225407e-06, -1.5940186876554249e-07, 1.1472795669785033e-08,
};
/* (1 + 2a) exp(a²) erfc(a) - 1 in powers of (a - 3.5) / (a + 3.5), a from 0 to 28.5; 2^-56 */
static const double ERFC_TAIL[] = {
    0.24234924487115436, -0.14000918013761926, -0.010555596332215283, 0.09751909515324045,
    -0.11508959816037193, 0.0879831538254951, -0.04882332582361939, 0.019099330932550267,
    -0.004215019960993977, -0.00030226779382807147, 0.0005643848094849266, -0.0001215128424696733,
    -4.2784052733533925e-05, 2.426225015734177e-05, 2.3337963877352476e-06,
    -3.8169739294834794e-06, -5.491794450242618e-08, 6.03264301075126e-07, 5.027087031481059e-09,
    -9.509943540842072e-08, -8.335682543042152e-09, 1.0993201734254703e-08,
    2.6511111413635622e-09,
};
/* (1 + 2a) exp(a²) erfc(a) - 1 in powers of (a - 3) / (a + 3), a from 0.75 to 6; 2^-58 of erf(a) */
static const double ERF_FAR_TAIL[] = {
    0.2530080582698438, -0.1356211061220673, -0.047562294413571835, 0.12964515617451816,
    -0.11927369948585649, 0.06830774219152853, -0.02377191821560115, 0.0025249800971035696,
    0.001880306517315283, -0.0007865985166976788, -9.673300001976218e-05, 0.00015580211616070329,
    4.227375589600713e-05,
};
#endif

/* ---- Circular functions: x = k π/2 + r + low, |r| <= π/4 ---- */

/* Returns r; k is left in the low bits of `quadrant`. π/2 comes in three parts, of 33, 33 and 53
 * bits: 119 bits are enough for the double nearest to a multiple of π/2 below LARGEST_ANGLE. */
ALWAYS_INLINE Doubles LANES(angle_reduced)(Doubles x, Doubles *low, Bits *quadrant) {
    Doubles rounded = MULADD(x, SPREAD(TWO_OVER_PI), SPREAD(SHIFTER));
    Doubles k = rounded - SHIFTER, second = k * PI_HALF_2;
    Doubles rough = MULADD(k, SPREAD(-PI_HALF_1), x);
    Doubles r = rough - second;
    Doubles excess = MULADD(k, SPREAD(PI_HALF_3), (r - rough) + second);
    Doubles angle = r - excess;
    *low = (r - angle) - excess;
    *quadrant = (Bits)rounded;
    return angle;
}

ALWAYS_INLINE Doubles LANES(sin_near_zero)(Doubles r, Doubles low) {
    Doubles square = r * r;
    Doubles bent = low * MULADD(square, SPREAD(-0.5), SPREAD(1.0));
    return r - MULADD(r * square, POLYNOMIAL(square, SIN_TAIL), -bent);
}

ALWAYS_INLINE Doubles LANES(cos_near_zero)(Doubles r, Doubles low) {
    Doubles square = r * r, half = 0.5 * square, lost;
    Doubles sum = LANES(two_sum)(SPREAD(1.0), -half, &lost);
    Doubles tail = MULADD(square * square, POLYNOMIAL(square, COS_TAIL), -(r * low));
    return sum + (lost + tail);
}

/* Quadrants 0 1 2 3 are sin cos -sin -cos. */
ALWAYS_INLINE Doubles LANES(sin_of)(Doubles r, Doubles low, Bits quadrant) {
    Doubles sine = LANES(sin_near_zero)(r, low), cosine = LANES(cos_near_zero)(r, low);
    Doubles value = LANES(select)(-(Mask)(quadrant & 1), cosine, sine);
    return (Doubles)((Bits)value ^ ((quadrant & 2) << 62));
}

ALWAYS_INLINE Doubles LANES(sin)(Doubles x) {
    Doubles low, size = LANES(magnitude)(x);
    Bits quadrant;
    if (!LANES(all)(AT_MOST(size, LARGEST_ANGLE))) return LANES(each)(sin, x);
    Doubles r = LANES(angle_reduced)(x, &low, &quadrant);
    return LANES(select)(LESS(size, 0x1p-27), x, LANES(sin_of)(r, low, quadrant)); /* keeps -0 */
}

ALWAYS_INLINE Doubles LANES(cos)(Doubles x) {
    Doubles low;
    Bits quadrant;
    if (!LANES(all)(AT_MOST(LANES(magnitude)(x), LARGEST_ANGLE))) return LANES(each)(cos, x);
    Doubles r = LANES(angle_reduced)(x, &low, &quadrant);
    return LANES(sin_of)(r, low, quadrant + 1);
}

/* sin / cos or, in the odd quadrants, -cos / sin. */
ALWAYS_INLINE Doubles LANES(tan)(Doubles x) {
    Doubles low, size = LANES(magnitude)(x);
    Bits quadrant;
    if (!LANES(all)(AT_MOST(size, LARGEST_ANGLE))) return LANES(each)(tan, x);
    Doubles r = LANES(angle_reduced)(x, &low, &quadrant);
    Doubles sine = LANES(sin_near_zero)(r, low), cosine = LANES(cos_near_zero)(r, low);
    Mask odd = -(Mask)(quadrant & 1);
    Doubles ratio = LANES(select)(odd, -cosine, sine) / LANES(select)(odd, sine, cosine);
    return LANES(select)(LESS(size, 0x1p-27), x, ratio);
}

/* atan(a) is π/2 + atan(-1/a) or π/4 + atan((a - 1) / (a + 1)) or atan(a), all near zero. */
ALWAYS_INLINE Doubles LANES(atan)(Doubles x) {
    Doubles size = LANES(magnitude)(x), one = SPREAD(1.0);
    Mask large = LESS(2.414213562373095, size), middle = LESS(0.41421356237309503, size);
    Doubles above = LANES(select)(large, -one, LANES(select)(middle, size - 1.0, size));
    Doubles below = LANES(select)(large, size, LANES(select)(middle, size + 1.0, one));
    Doubles turns = LANES(select)(large, one, (Doubles)(middle & (Mask)SPREAD(0.5))); /* of π/2 */
    Doubles q = above / below, square = q * q;
    Doubles tail = MULADD(q * square, POLYNOMIAL(square, ATAN_TAIL), turns * PI_HALF_LOW);
    return LANES(with_sign)(turns * PI_HALF_HIGH + (q + tail), x);
}

ALWAYS_INLINE Doubles LANES(asin_tail)(Doubles s, Doubles square) {
    return s * square * POLYNOMIAL(square, ASIN_TAIL);
}

/* asin(a) = π/2 - 2 asin(√((1 - a) / 2)) for a > ½ */
ALWAYS_INLINE Doubles LANES(asin)(Doubles x) {
    Doubles size = LANES(magnitude)(x);
    if (!LANES(all)(AT_MOST(size, 1.0))) return LANES(each)(asin, x);
    Mask large = LESS(0.5, size);
    Doubles square = LANES(select)(large, 0.5 - 0.5 * size, size * size);
    Doubles s = LANES(select)(large, LANES(sqrt)(square), size);
    Doubles tail = LANES(asin_tail)(s, square);
    Doubles far = PI_HALF_HIGH - 2.0 * (s + (tail - 0.5 * PI_HALF_LOW));
    return LANES(with_sign)(LANES(select)(large, far, s + tail), x);
}

/* acos(x) = 2 asin(√((1 - x) / 2)) for x > ½, π less that of -x for x < -½, else π/2 - asin(x) */
ALWAYS_INLINE Doubles LANES(acos)(Doubles x) {
    Doubles size = LANES(magnitude)(x);
    if (!LANES(all)(AT_MOST(size, 1.0))) return LANES(each)(acos, x);
    Mask large = LESS(0.5, size);
    Doubles square = LANES(select)(large, 0.5 - 0.5 * size, size * size);
    Doubles s = LANES(select)(large, LANES(sqrt)(square), x);
    Doubles tail = LANES(asin_tail)(s, square);
    Doubles twice = 2.0 * (s + tail);
    Doubles far = LANES(select)(LESS(x, 0.0), 2 * PI_HALF_HIGH - (twice - 2 * PI_HALF_LOW), twice);
    return LANES(select)(large, far, PI_HALF_HIGH - (s + (tail - PI_HALF_LOW)));
}

/* ---- The error function: erfc(a) = exp(-a²)·(1 + tail) / (1 + 2a) for a >= 0 ---- */

ALWAYS_INLINE Doubles LANES(erf_near_zero)(Doubles x, Doubles low, Doubles square) {
    return x + MULADD(x, POLYNOMIAL(square, ERF_TAIL), low);
}

/* erfc(a + a_low)·2^-k, given the square as well: its error counts a² times in the result. Near
 * zero, where three factors about 1 would each add an error of their own, 1 - erf(a). */
ALWAYS_INLINE Doubles LANES(erfc_mantissa)(Doubles a, Doubles a_low, Doubles square,
                                           Doubles square_low, Doubles *rounded) {
    Doubles above_low, below_low;
    Mask near = LESS(a, NEAR_ZERO);
    Doubles exponential = LANES(exp_mantissa)(-square, -square_low, rounded);
    Doubles tail = POLYNOMIAL((a - 3.5) / (a + 3.5), ERFC_TAIL);
    Doubles above = LANES(two_sum)(exponential, exponential * tail, &above_low);
    Doubles below = LANES(two_sum)(2.0 * a, SPREAD(1.0), &below_low);
    Doubles far = LANES(quotient)(above, above_low, below, below_low + 2.0 * a_low);
    *rounded = LANES(select)(near, SPREAD(ROUNDER), *rounded);
    return LANES(select)(near, 1.0 - LANES(erf_near_zero)(a, a_low, square), far);
}

ALWAYS_INLINE Doubles LANES(erfc)(Doubles x) {
    Doubles low, rounded, size = LANES(at_most)(LANES(magnitude)(x), 28);
    Doubles square = LANES(two_product)(size, size, &low);
    Doubles mantissa = LANES(erfc_mantissa)(size, SPREAD(0.0), square, low, &rounded);
    Doubles right = LANES(scaled)(mantissa, rounded);
    return LANES(select)(LESS(x, 0.0), 2.0 - right, right);
}

/* From NEAR_ZERO on 1 - erfc(a): of the errors of erfc(a) < 0.29 less than a third counts, so one
 * division does for both quotients. */
ALWAYS_INLINE Doubles LANES(erf)(Doubles x) {
    Doubles none = SPREAD(0.0), small, rounded;
    Doubles size = LANES(at_most)(LANES(magnitude)(x), 6), square = size * size;
    Doubles r = LANES(exp_reduced)(-square, none, &small, &rounded);
    Doubles exponential = (1.0 + (r + small)) * LANES(two_to)(rounded);
    Doubles twice = 1.0 + 2.0 * size, above = size + 3.0, inverse = 1.0 / (twice * above);
    Doubles tail = POLYNOMIAL((size - 3.0) * (twice * inverse), ERF_FAR_TAIL);
    Doubles scale = exponential * (above * inverse);
    Doubles far = 1.0 - MULADD(scale, tail, scale);
    Doubles near = LANES(erf_near_zero)(size, none, square);
    return LANES(with_sign)(LANES(select)(LESS(size, NEAR_ZERO), near, far), x);
}

/* x Φ(x) = ½ x erfc(-x / √2); the square of x / √2 is half that of x, exactly. On the left x enters
 * before the scaling; only -∞ takes the other way, to be undefined as -∞·0 of the rule book. */
ALWAYS_INLINE Doubles LANES(gelu)(Doubles x) {
    Doubles low, lost, rounded, size = LANES(at_most)(LANES(magnitude)(x), 39.5);
    Mask negative = LESS(x, 0.0);
    Doubles square = LANES(two_product)(size, size, &low);
    Doubles a = LANES(two_product)(size, SPREAD(SQRT_HALF), &lost);
    Doubles a_low = MULADD(size, SPREAD(SQRT_HALF_LOW), lost);
    Doubles mantissa = LANES(erfc_mantissa)(a, a_low, 0.5 * square, 0.5 * low, &rounded);
    Doubles left = LANES(scaled)(-0.5 * size * mantissa, rounded);
    Doubles above = 0.5 * LANES(scaled)(mantissa, rounded);
    Doubles right = x * LANES(select)(negative, above, 1.0 - above);
    return LANES(select)(negative & AT_MOST(-DBL_MAX, x), left, right);
}
