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
#endif

/* ---- Circular functions: x = k π/2 + r + low, |r| <= π/4 ---- */

/* Returns r; k is left in the low bits of `quadrant`. π/2 comes in three parts, of 33, 33 and 53
 * bits: 119 bits are enough for the double nearest to a multiple of π/2 below LARGEST_ANGLE. */
ALWAYS_INLINE v4 LANES(angle_reduced)(v4 x, v4 *low, v4u *quadrant) {
    v4 rounded = MULADD(x, SPREAD(TWO_OVER_PI), SPREAD(SHIFTER));
    v4 k = rounded - SHIFTER, second = k * PI_HALF_2;
    v4 rough = MULADD(k, SPREAD(-PI_HALF_1), x);
    v4 r = rough - second;
    v4 excess = MULADD(k, SPREAD(PI_HALF_3), (r - rough) + second);
    v4 angle = r - excess;
    *low = (r - angle) - excess;
    *quadrant = (v4u)rounded;
    return angle;
}

ALWAYS_INLINE v4 LANES(sin_near_zero)(v4 r, v4 low) {
    v4 square = r * r;
    v4 bent = low * MULADD(square, SPREAD(-0.5), SPREAD(1.0));
    return r - MULADD(r * square, POLYNOMIAL(square, SIN_TAIL), -bent);
}

ALWAYS_INLINE v4 LANES(cos_near_zero)(v4 r, v4 low) {
    v4 square = r * r, half = 0.5 * square, lost;
    v4 sum = LANES(two_sum)(SPREAD(1.0), -half, &lost);
    v4 tail = MULADD(square * square, POLYNOMIAL(square, COS_TAIL), -(r * low));
    return sum + (lost + tail);
}

/* Quadrants 0 1 2 3 are sin cos -sin -cos. */
ALWAYS_INLINE v4 LANES(sin_of)(v4 r, v4 low, v4u quadrant) {
    v4 sine = LANES(sin_near_zero)(r, low), cosine = LANES(cos_near_zero)(r, low);
    v4 value = LANES(select)(-(v4i)(quadrant & 1), cosine, sine);
    return (v4)((v4u)value ^ ((quadrant & 2) << 62));
}

ALWAYS_INLINE v4 LANES(sin)(v4 x) {
    v4 low, size = LANES(magnitude)(x);
    v4u quadrant;
    if (!LANES(all)(AT_MOST(size, LARGEST_ANGLE))) return LANES(each)(sin, x);
    v4 r = LANES(angle_reduced)(x, &low, &quadrant);
    return LANES(select)(LESS(size, 0x1p-27), x, LANES(sin_of)(r, low, quadrant)); /* keeps -0 */
}

ALWAYS_INLINE v4 LANES(cos)(v4 x) {
    v4 low;
    v4u quadrant;
    if (!LANES(all)(AT_MOST(LANES(magnitude)(x), LARGEST_ANGLE))) return LANES(each)(cos, x);
    v4 r = LANES(angle_reduced)(x, &low, &quadrant);
    return LANES(sin_of)(r, low, quadrant + 1);
}

/* sin / cos or, in the odd quadrants, -cos / sin. */
ALWAYS_INLINE v4 LANES(tan)(v4 x) {
    v4 low, size = LANES(magnitude)(x);
    v4u quadrant;
    if (!LANES(all)(AT_MOST(size, LARGEST_ANGLE))) return LANES(each)(tan, x);
    v4 r = LANES(angle_reduced)(x, &low, &quadrant);
    v4 sine = LANES(sin_near_zero)(r, low), cosine = LANES(cos_near_zero)(r, low);
    v4i odd = -(v4i)(quadrant & 1);
    v4 ratio = LANES(select)(odd, -cosine, sine) / LANES(select)(odd, sine, cosine);
    return LANES(select)(LESS(size, 0x1p-27), x, ratio);
}

/* atan(a) is π/2 + atan(-1/a) or π/4 + atan((a - 1) / (a + 1)) or atan(a), all near zero. */
ALWAYS_INLINE v4 LANES(atan)(v4 x) {
    v4 size = LANES(magnitude)(x), one = SPREAD(1.0);
    v4i large = LESS(2.414213562373095, size), middle = LESS(0.41421356237309503, size);
    v4 above = LANES(select)(large, -one, LANES(select)(middle, size - 1.0, size));
    v4 below = LANES(select)(large, size, LANES(select)(middle, size + 1.0, one));
    v4 turns = LANES(select)(large, one, (v4)(middle & (v4i)SPREAD(0.5))); /* of π/2 */
    v4 q = above / below, square = q * q;
    v4 tail = MULADD(q * square, POLYNOMIAL(square, ATAN_TAIL), turns * PI_HALF_LOW);
    return LANES(with_sign)(turns * PI_HALF_HIGH + (q + tail), x);
}

ALWAYS_INLINE v4 LANES(asin_tail)(v4 s, v4 square) {
    return s * square * POLYNOMIAL(square, ASIN_TAIL);
}

/* asin(a) = π/2 - 2 asin(√((1 - a) / 2)) for a > ½ */
ALWAYS_INLINE v4 LANES(asin)(v4 x) {
    v4 size = LANES(magnitude)(x);
    if (!LANES(all)(AT_MOST(size, 1.0))) return LANES(each)(asin, x);
    v4i large = LESS(0.5, size);
    v4 square = LANES(select)(large, 0.5 - 0.5 * size, size * size);
    v4 s = LANES(select)(large, LANES(sqrt)(square), size);
    v4 tail = LANES(asin_tail)(s, square);
    v4 far = PI_HALF_HIGH - 2.0 * (s + (tail - 0.5 * PI_HALF_LOW));
    return LANES(with_sign)(LANES(select)(large, far, s + tail), x);
}

/* acos(x) = 2 asin(√((1 - x) / 2)) for x > ½, π less that of -x for x < -½, else π/2 - asin(x) */
ALWAYS_INLINE v4 LANES(acos)(v4 x) {
    v4 size = LANES(magnitude)(x);
    if (!LANES(all)(AT_MOST(size, 1.0))) return LANES(each)(acos, x);
    v4i large = LESS(0.5, size);
    v4 square = LANES(select)(large, 0.5 - 0.5 * size, size * size);
    v4 s = LANES(select)(large, LANES(sqrt)(square), x);
    v4 tail = LANES(asin_tail)(s, square);
    v4 twice = 2.0 * (s + tail);
    v4 far = LANES(select)(LESS(x, 0.0), 2 * PI_HALF_HIGH - (twice - 2 * PI_HALF_LOW), twice);
    return LANES(select)(large, far, PI_HALF_HIGH - (s + (tail - PI_HALF_LOW)));
}

/* ---- The error function: erfc(a) = exp(-a²)·(1 + tail) / (1 + 2a) for a >= 0 ---- */

ALWAYS_INLINE v4 LANES(erf_near_zero)(v4 x, v4 low, v4 square) {
    return x + MULADD(x, POLYNOMIAL(square, ERF_TAIL), low);
}

/* erfc(a + a_low)·2^-k, given the square as well: its error counts a² times in the result. Near
 * zero, where three factors about 1 would each add an error of their own, 1 - erf(a). */
ALWAYS_INLINE v4 LANES(erfc_mantissa)(v4 a, v4 a_low, v4 square, v4 square_low, v4 *rounded) {
    v4 above_low, below_low;
    v4i near = LESS(a, NEAR_ZERO);
    v4 exponential = LANES(exp_mantissa)(-square, -square_low, rounded);
    v4 tail = POLYNOMIAL((a - 3.5) / (a + 3.5), ERFC_TAIL);
    v4 above = LANES(two_sum)(exponential, exponential * tail, &above_low);
    v4 below = LANES(two_sum)(2.0 * a, SPREAD(1.0), &below_low);
    v4 far = LANES(quotient)(above, above_low, below, below_low + 2.0 * a_low);
    *rounded = LANES(select)(near, SPREAD(ROUNDER), *rounded);
    return LANES(select)(near, 1.0 - LANES(erf_near_zero)(a, a_low, square), far);
}

ALWAYS_INLINE v4 LANES(erfc)(v4 x) {
    v4 low, rounded, size = LANES(at_most)(LANES(magnitude)(x), 28);
    v4 square = LANES(two_product)(size, size, &low);
    v4 mantissa = LANES(erfc_mantissa)(size, SPREAD(0.0), square, low, &rounded);
    v4 right = LANES(scaled)(mantissa, rounded);
    return LANES(select)(LESS(x, 0.0), 2.0 - right, right);
}

ALWAYS_INLINE v4 LANES(erf)(v4 x) {
    v4 none = SPREAD(0.0);
    v4 rounded, size = LANES(at_most)(LANES(magnitude)(x), 6), square = size * size;
    v4 mantissa = LANES(erfc_mantissa)(size, none, square, none, &rounded);
    v4 far = 1.0 - mantissa * LANES(two_to)(rounded);
    v4 near = LANES(erf_near_zero)(size, none, square);
    return LANES(with_sign)(LANES(select)(LESS(size, NEAR_ZERO), near, far), x);
}

/* x Φ(x) = ½ x erfc(-x / √2); the square of x / √2 is half that of x, exactly. On the left x enters
 * before the scaling; only -∞ takes the other way, to be undefined as -∞·0 of the rule book. */
ALWAYS_INLINE v4 LANES(gelu)(v4 x) {
    v4 low, lost, rounded, size = LANES(at_most)(LANES(magnitude)(x), 39.5);
    v4i negative = LESS(x, 0.0);
    v4 square = LANES(two_product)(size, size, &low);
    v4 a = LANES(two_product)(size, SPREAD(SQRT_HALF), &lost);
    v4 a_low = MULADD(size, SPREAD(SQRT_HALF_LOW), lost);
    v4 mantissa = LANES(erfc_mantissa)(a, a_low, 0.5 * square, 0.5 * low, &rounded);
    v4 left = LANES(scaled)(-0.5 * size * mantissa, rounded);
    v4 above = 0.5 * LANES(scaled)(mantissa, rounded);
    v4 right = x * LANES(select)(negative, above, 1.0 - above);
    return LANES(select)(negative & AT_MOST(-DBL_MAX, x), left, right);
}
