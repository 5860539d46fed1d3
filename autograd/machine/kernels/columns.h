/* Numbers on their way between columns and lanes, looked at as they pass.

   Included twice by vectors.h. */

/* Collects in the highest bit whether a number is infinite or NaN, by its exponent alone: a test in
   floating point would raise flags. */
#define BEYOND_FINITE(bits) (((bits) & 0x7FF0000000000000) + 0x0010000000000000)

/* to[r * to_step] = from[r * from_step]; returns whether all of the numbers are finite. */
static int LANES(copy_column)(double *to, ptrdiff_t to_step, const double *from,
                              ptrdiff_t from_step, ptrdiff_t count) {
    Bits found = {0};
    uint64_t any = 0;
    ptrdiff_t r = 0;
    if (to_step == 1 && from_step == 1)
        for (; r + VECTOR <= count; r += VECTOR) {
            Doubles x = LOAD(from + r);
            STORE(to + r, x);
            found |= BEYOND_FINITE((Bits)x);
        }
    for (; r < count; r++) {
        double x = from[r * from_step];
        to[r * to_step] = x;
        any |= BEYOND_FINITE(bits_of(x));
    }
    for (int lane = 0; lane < VECTOR; lane++) any |= found[lane];
    return !(any >> 63);
}

#undef BEYOND_FINITE
