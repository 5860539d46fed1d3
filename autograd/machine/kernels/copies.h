/* Copies of numbers. Included twice by vectors.h.

   The C library's memcpy copies a few thousand bytes by `rep movs`, which takes four times as long
   on some processors where one place is a few bytes behind the other, a multiple of 4096 apart. */

/* Copies numbers; returns whether all are finite. */
static int LANES(copy)(double *restrict to, const double *restrict from, ptrdiff_t n) {
    Bits found = {0}; /* of x - x, as in all_finite */
    double sum = 0.0;
    uint64_t any = 0;
    ptrdiff_t k = 0;
    for (; k + 4 * VECTOR <= n; k += 4 * VECTOR)
        for (int g = 0; g < 4; g++) {
            Doubles x = LOAD(from + k + VECTOR * g);
            STORE(to + k + VECTOR * g, x);
            found |= (Bits)(x - x);
        }
    for (; k < n; k++) to[k] = from[k], sum += from[k] - from[k];
    for (int e = 0; e < VECTOR; e++) any |= found[e];
    return any == 0 && sum == 0.0;
}
