/* Steps of optimizers, from gradients to parameters; those before are kept beside them.

   Included twice by vectors.h. The rules are those of autograd/optimizers/rules.py. */

#include "update_rules.h"

static int LANES(all_finite)(const double *numbers, ptrdiff_t n) {
    Bits found = {0}; /* of x - x, which is 0 or NaN; bits are joined sooner than numbers are added */
    double sum = 0.0;
    uint64_t any = 0;
    ptrdiff_t k = 0;
    for (; k + 4 * VECTOR <= n; k += 4 * VECTOR)
        for (int g = 0; g < 4; g++) {
            Doubles x = LOAD(numbers + k + VECTOR * g);
            found |= (Bits)(x - x);
        }
    for (; k < n; k++) sum += numbers[k] - numbers[k];
    for (int e = 0; e < VECTOR; e++) any |= found[e];
    return any == 0 && sum == 0.0;
}

/* Σ (scale · x)²: square k is added to sum k mod 16, then the sums are added from the first on,
   whatever a vector holds. */
static double LANES(squares)(const double *numbers, ptrdiff_t n, double scale) {
    enum { SUMS = 16 };
    Doubles found[SUMS / VECTOR] = {{0}};
    double sums[SUMS], total = 0.0;
    ptrdiff_t k = 0;
    for (; k + SUMS <= n; k += SUMS)
        for (int g = 0; g < SUMS / VECTOR; g++) {
            Doubles x = LOAD(numbers + k + VECTOR * g) * scale;
            found[g] += x * x;
        }
    for (int e = 0; e < SUMS; e++) sums[e] = found[e / VECTOR][e % VECTOR];
    for (int e = 0; k < n; k++, e++) sums[e] += (scale * numbers[k]) * (scale * numbers[k]);
    for (int e = 0; e < SUMS; e++) total += sums[e];
    return total;
}
