/* Steps of optimizers, from gradients to the parameters that come next; nothing is changed yet.

   Included twice by vectors.h. The arithmetic is that of the optimizers in Python. */

/* g ← g + decay p,  v ← momentum v + g,  p ← p - rate v, or p - rate (g + momentum v). */
static void LANES(sgd)(const Rule *rule, ptrdiff_t n, const double *restrict gradients,
                       const double *restrict p, const double *restrict state,
                       double *restrict next, double *restrict next_state) {
    const double rate = rule->rate, momentum = rule->momentum, decay = rule->decay;
    if (momentum == 0.0 && decay == 0.0) { /* the same bits: p is finite */
        for (ptrdiff_t k = 0; k < n; k++) next[k] = p[k] - rate * gradients[k];
        return;
    }
    if (momentum == 0.0) {
        for (ptrdiff_t k = 0; k < n; k++) next[k] = p[k] - rate * (gradients[k] + decay * p[k]);
        return;
    }
    for (ptrdiff_t k = 0; k < n; k++) {
        double slope = gradients[k] + decay * p[k];
        double velocity = momentum * state[k] + slope;
        next_state[k] = velocity;
        next[k] = p[k] - rate * (rule->nesterov ? slope + momentum * velocity : velocity);
    }
}

/* Kingma and Ba 2015, algorithm 1; the decay added to the gradient, or taken off the parameter
   (Loshchilov and Hutter 2019, algorithm 2). */
static void LANES(adam)(const Rule *rule, ptrdiff_t n, const double *restrict gradients,
                        const double *restrict p, const double *restrict state,
                        double *restrict next, double *restrict next_state) {
    const double rate = rule->rate, beta1 = rule->beta1, beta2 = rule->beta2;
    const double epsilon = rule->epsilon, first = rule->correction1, second = rule->correction2;
    const double coupled = rule->decoupled ? 0.0 : rule->decay;
    const double kept = rule->decoupled ? 1.0 - rate * rule->decay : 1.0;
    const double *restrict mean = state, *restrict square = state + n;
    double *restrict next_mean = next_state, *restrict next_square = next_state + n;
    for (ptrdiff_t k = 0; k < n; k++) {
        double slope = gradients[k] + coupled * p[k];
        double m = beta1 * mean[k] + (1.0 - beta1) * slope;
        double v = beta2 * square[k] + (1.0 - beta2) * (slope * slope);
        next_mean[k] = m;
        next_square[k] = v;
        next[k] = p[k] * kept - rate * (m / first) / (sqrt(v / second) + epsilon);
    }
}

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
