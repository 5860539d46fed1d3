/* The words that lanes.h and the vector mathematics are written in.
 *
 * Included once for each copy of the kernels by vectors.h, which has defined for it
 *     LANES(name)       the name of a function in this copy
 *     VECTOR            how many lanes a vector has: what the processor has registers for, as
 *                       compilers take wider vectors to pieces one lane at a time
 *     Doubles, Mask, Bits, DoublesAnywhere
 *                       vectors of double, int64_t and uint64_t; the last is at any double
 *     MULADD(a, b, c)   a·b + c, rounded once or twice
 *     HAS_FMA           1 where MULADD rounds once, else 0 */

#define VECTORS (LANE_COUNT / VECTOR)
#define LOAD(place) ((Doubles)(*(const DoublesAnywhere *)(place)))
#define STORE(place, vector) (*(DoublesAnywhere *)(place) = (vector))

#if VECTOR == 4
#define SPREAD(number) ((Doubles){(number), (number), (number), (number)})
#else
#define SPREAD(number) ((Doubles){(number), (number)})
#endif

#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLE(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
#else
#define SHUFFLE(x, y, ...) __builtin_shuffle(x, y, (Mask){__VA_ARGS__})
#endif

/* All bits of a lane set where it holds; subtracting 0 makes vectors of numbers, and no code. */
#define LESS(x, y) ((Mask)((x) - (Doubles){0} < (y) - (Doubles){0}))
#define AT_MOST(x, y) ((Mask)((x) - (Doubles){0} <= (y) - (Doubles){0}))

ALWAYS_INLINE Doubles LANES(masked)(Doubles x, Mask mask) { return (Doubles)((Mask)x & mask); }

ALWAYS_INLINE Doubles LANES(select)(Mask mask, Doubles yes, Doubles no) {
#if VECTOR == 4
    return (Doubles)_mm256_blendv_pd((__m256d)no, (__m256d)yes, (__m256d)mask);
#else
    return (Doubles)((mask & (Mask)yes) | (~mask & (Mask)no));
#endif
}

ALWAYS_INLINE int LANES(all)(Mask mask) {
#if VECTOR == 4
    return __builtin_expect(_mm256_movemask_pd((__m256d)mask) == 15, 1);
#elif defined(__x86_64__)
    return __builtin_expect(_mm_movemask_pd((__m128d)mask) == 3, 1);
#else
    return __builtin_expect((mask[0] & mask[1]) != 0, 1);
#endif
}

ALWAYS_INLINE Doubles LANES(each)(double function(double), Doubles x) {
    Doubles out = x;
    for (int lane = 0; lane < VECTOR; lane++) out[lane] = function(x[lane]);
    return out;
}

ALWAYS_INLINE Doubles LANES(each_pair)(double function(double, double), Doubles x, Doubles y) {
    Doubles out = x;
    for (int lane = 0; lane < VECTOR; lane++) out[lane] = function(x[lane], y[lane]);
    return out;
}

ALWAYS_INLINE Doubles LANES(magnitude)(Doubles x) {
    return (Doubles)((Bits)x & 0x7fffffffffffffffULL);
}

/* The magnitude of the first with the sign of the second, which may be that of a zero. */
ALWAYS_INLINE Doubles LANES(with_sign)(Doubles size, Doubles x) {
    return (Doubles)((Bits)LANES(magnitude)(size) | ((Bits)x & 0x8000000000000000ULL));
}

ALWAYS_INLINE Doubles LANES(at_most)(Doubles x, double limit) { /* NaN stays */
#if VECTOR == 4
    return (Doubles)_mm256_min_pd(_mm256_set1_pd(limit), (__m256d)x);
#elif defined(__x86_64__)
    return (Doubles)_mm_min_pd(_mm_set1_pd(limit), (__m128d)x);
#else
    return LANES(select)(LESS(limit, x), SPREAD(limit), x);
#endif
}

ALWAYS_INLINE Doubles LANES(at_least)(Doubles x, double limit) {
#if VECTOR == 4
    return (Doubles)_mm256_max_pd(_mm256_set1_pd(limit), (__m256d)x);
#elif defined(__x86_64__)
    return (Doubles)_mm_max_pd(_mm_set1_pd(limit), (__m128d)x);
#else
    return LANES(select)(LESS(x, limit), SPREAD(limit), x);
#endif
}

ALWAYS_INLINE Doubles LANES(sqrt)(Doubles x) {
#if VECTOR == 4
    return (Doubles)_mm256_sqrt_pd((__m256d)x);
#elif defined(__x86_64__)
    return (Doubles)_mm_sqrt_pd((__m128d)x);
#else
    return LANES(each)(sqrt, x);
#endif
}

/* Lane l of vector k becomes lane k of vector l. */
ALWAYS_INLINE void LANES(transpose)(Doubles *x) {
#if VECTOR == 4
    Doubles low01 = SHUFFLE(x[0], x[1], 0, 4, 2, 6), high01 = SHUFFLE(x[0], x[1], 1, 5, 3, 7);
    Doubles low23 = SHUFFLE(x[2], x[3], 0, 4, 2, 6), high23 = SHUFFLE(x[2], x[3], 1, 5, 3, 7);
    x[0] = SHUFFLE(low01, low23, 0, 1, 4, 5);
    x[1] = SHUFFLE(high01, high23, 0, 1, 4, 5);
    x[2] = SHUFFLE(low01, low23, 2, 3, 6, 7);
    x[3] = SHUFFLE(high01, high23, 2, 3, 6, 7);
#else
    Doubles low = SHUFFLE(x[0], x[1], 0, 2);
    x[1] = SHUFFLE(x[0], x[1], 1, 3);
    x[0] = low;
#endif
}

/* Lane k is the sum of the lanes of x[k]. */
ALWAYS_INLINE Doubles LANES(sums_of)(const Doubles *x) {
#if VECTOR == 4
    Doubles sum01 = SHUFFLE(x[0], x[1], 0, 4, 2, 6) + SHUFFLE(x[0], x[1], 1, 5, 3, 7);
    Doubles sum23 = SHUFFLE(x[2], x[3], 0, 4, 2, 6) + SHUFFLE(x[2], x[3], 1, 5, 3, 7);
    return SHUFFLE(sum01, sum23, 0, 1, 4, 5) + SHUFFLE(sum01, sum23, 2, 3, 6, 7);
#else
    return SHUFFLE(x[0], x[1], 0, 2) + SHUFFLE(x[0], x[1], 1, 3);
#endif
}

ALWAYS_INLINE double LANES(sum_of)(Doubles x) {
#if VECTOR == 4
    return (x[0] + x[1]) + (x[2] + x[3]);
#else
    return x[0] + x[1];
#endif
}

/* All bits of the first `count` lanes, 1 to VECTOR. */
ALWAYS_INLINE Mask LANES(first_lanes)(int count) {
    return (Mask)LOAD(LANE_BITS + WIDEST - count);
}
