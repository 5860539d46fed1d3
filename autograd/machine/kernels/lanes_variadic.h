/* Over lanes: operations of any number of operands. A part of lanes.h, see there. */

static void LANES(lanes_sum)(double *out, const Places *places, ptrdiff_t k, ptrdiff_t n,
                             int vectors, double scale) {
    Doubles sums[VECTORS];
    for (int v = 0; v < vectors; v++) sums[v] = SPREAD(0.0);
    for (ptrdiff_t i = 0; i < n; i++) {
        Doubles room;
        LANES(Lanes) x = LANES(lanes_at)(places, k, i, &room);
        for (int v = 0; v < vectors; v++) sums[v] += LOAD(x.lanes + v * x.step);
    }
    for (int v = 0; v < vectors; v++) STORE(out + VECTOR * v, sums[v] / SPREAD(scale));
}

static void LANES(lanes_prod)(double *out, const Places *places, ptrdiff_t k, ptrdiff_t n,
                              int vectors) {
    Doubles products[VECTORS];
    for (int v = 0; v < vectors; v++) products[v] = SPREAD(1.0);
    for (ptrdiff_t i = 0; i < n; i++) {
        Doubles room;
        LANES(Lanes) x = LANES(lanes_at)(places, k, i, &room);
        for (int v = 0; v < vectors; v++) products[v] *= LOAD(x.lanes + v * x.step);
    }
    for (int v = 0; v < vectors; v++) STORE(out + VECTOR * v, products[v]);
}

/* The largest of n operands, for every lane; a NaN stays. */
static void LANES(largest_of)(Doubles *largest, const Places *places, ptrdiff_t k, ptrdiff_t n,
                              int vectors) {
    Doubles room;
    LANES(Lanes) x = LANES(lanes_at)(places, k, 0, &room);
    for (int v = 0; v < vectors; v++) largest[v] = LOAD(x.lanes + v * x.step);
    for (ptrdiff_t i = 1; i < n; i++) {
        x = LANES(lanes_at)(places, k, i, &room);
        for (int v = 0; v < vectors; v++) {
            Doubles term = LOAD(x.lanes + v * x.step);
            largest[v] = LANES(select)((term > largest[v]) | (term != term), term, largest[v]);
        }
    }
}

/* The sum of e^(x - shift) over n operands, less 1: `softmax_excess_of`, for every lane. */
static void LANES(excess_of)(Doubles *excess, const Places *places, ptrdiff_t k, ptrdiff_t n,
                             const Doubles *shift, int vectors) {
    const Doubles zero = SPREAD(0.0), one = SPREAD(1.0);
    Doubles lost[VECTORS], missing[VECTORS], room;
    for (int v = 0; v < vectors; v++) excess[v] = lost[v] = zero, missing[v] = one;
    for (ptrdiff_t i = 0; i < n; i++) {
        LANES(Lanes) x = LANES(lanes_at)(places, k, i, &room);
        for (int v = 0; v < vectors; v++) {
            Doubles term = LOAD(x.lanes + v * x.step);
            Mask is_largest = (term == shift[v]) & (missing[v] == one);
            Doubles added = LANES(exp_difference)(term, shift[v]) - lost[v];
            Doubles grown = excess[v] + added;
            lost[v] = LANES(select)(is_largest, lost[v], (grown - excess[v]) - added);
            excess[v] = LANES(select)(is_largest, excess[v], grown);
            missing[v] = LANES(select)(is_largest, zero, missing[v]);
        }
    }
    for (int v = 0; v < vectors; v++) excess[v] -= missing[v];
}

static void LANES(lanes_logsumexp)(double *out, const Places *places, ptrdiff_t k, ptrdiff_t n,
                                   int vectors) {
    Doubles largest[VECTORS], excess[VECTORS];
    LANES(largest_of)(largest, places, k, n, vectors);
    LANES(excess_of)(excess, places, k, n, largest, vectors);
    for (int v = 0; v < vectors; v++) {
        Doubles total = largest[v] + LANES(log1p)(excess[v]);
        Mask is_infinite = LANES(magnitude)(largest[v]) == SPREAD(INFINITY);
        STORE(out + VECTOR * v, LANES(select)(is_infinite, largest[v], total));
    }
}

/* NaN where all operands are -inf or several inf: what `softmax_shift_of` says. */
static void LANES(lanes_softmax_shift)(double *out, const Places *places, ptrdiff_t k,
                                       ptrdiff_t n, int vectors) {
    Doubles largest[VECTORS];
    LANES(largest_of)(largest, places, k, n, vectors);
    for (int v = 0; v < vectors; v++) {
        Mask is_infinite = LANES(magnitude)(largest[v]) == SPREAD(INFINITY);
        /* inf - inf is NaN, and raises the flag: Python then decides */
        STORE(out + VECTOR * v, LANES(select)(is_infinite, largest[v] - largest[v], largest[v]));
    }
}

/* The last of the n operands is the shift. */
static void LANES(lanes_softmax_excess)(double *out, const Places *places, ptrdiff_t k,
                                        ptrdiff_t n, int vectors) {
    Doubles shift[VECTORS] = {0}, excess[VECTORS], room;
    LANES(Lanes) last = LANES(lanes_at)(places, k, n - 1, &room);
    for (int v = 0; v < vectors; v++) shift[v] = LOAD(last.lanes + v * last.step);
    LANES(excess_of)(excess, places, k, n - 1, shift, vectors);
    for (int v = 0; v < vectors; v++) STORE(out + VECTOR * v, excess[v]);
}

/* Operands: logits, then the shares of the classes. */
static void LANES(lanes_softmax_cross_entropy)(double *out, const Places *places, ptrdiff_t k,
                                               ptrdiff_t n, int vectors) {
    const Doubles zero = SPREAD(0.0);
    Doubles largest[VECTORS], totals[VECTORS], shares[VECTORS], rooms[2];
    ptrdiff_t size = n / 2;
    LANES(largest_of)(largest, places, k, size, vectors);
    LANES(excess_of)(totals, places, k, size, largest, vectors);
    for (int v = 0; v < vectors; v++) shares[v] = zero;
    for (ptrdiff_t i = 0; i < size; i++) {
        LANES(Lanes) share = LANES(lanes_at)(places, k, size + i, &rooms[0]);
        for (int v = 0; v < vectors; v++) shares[v] += LOAD(share.lanes + v * share.step);
    }
    for (int v = 0; v < vectors; v++) {
        Mask is_infinite = LANES(magnitude)(largest[v]) == SPREAD(INFINITY);
        largest[v] = LANES(select)(is_infinite, largest[v] - largest[v], largest[v]);
        totals[v] = shares[v] * LANES(log1p)(totals[v]);
    }
    for (ptrdiff_t i = 0; i < size; i++) {
        LANES(Lanes) x = LANES(lanes_at)(places, k, i, &rooms[0]);
        LANES(Lanes) share = LANES(lanes_at)(places, k, size + i, &rooms[1]);
        for (int v = 0; v < vectors; v++) {
            Doubles y = LOAD(share.lanes + v * share.step);
            Doubles term = y * (largest[v] - LOAD(x.lanes + v * x.step));
            totals[v] += LANES(select)(y == zero, zero, term);
        }
    }
    for (int v = 0; v < vectors; v++) STORE(out + VECTOR * v, totals[v]);
}

/* An operation of many operands without vectors: lane by lane, in C or in Python. */
static void LANES(lanes_of_many)(Memory *memory, double *out, int code, const Places *places,
                                 ptrdiff_t k, ptrdiff_t n) {
    for (int r = 0; r < memory->rows; r++) {
        for (ptrdiff_t i = 0; i < n; i++)
            memory->scratch[i] = LANES(number_at)(places, k, i, r);
        if (!forward_n(code, memory->scratch, (size_t)n, &out[r]))
            out[r] = value_in_python(memory, code, memory->scratch, (size_t)n);
    }
    fill_up(out, memory->rows);
}

static void LANES(lanes_variadic)(Memory *memory, double *results, const int32_t *w) {
    int code = w[0], vectors = LANES(vectors_of)(memory);
    ptrdiff_t n = w[2];
    Places places = grid_of(memory, w + 4, n, LANE_COUNT);
    for (ptrdiff_t k = 0; k < w[1]; k++) {
        double *out = results + (w[3] + k) * LANE_COUNT;
        switch (n ? code : 0) {
        case OP_sum: LANES(lanes_sum)(out, &places, k, n, vectors, 1.0); break;
        case OP_mean: LANES(lanes_sum)(out, &places, k, n, vectors, (double)n); break;
        case OP_prod: LANES(lanes_prod)(out, &places, k, n, vectors); break;
#define CASE(name) case OP_##name: LANES(lanes_##name)(out, &places, k, n, vectors); break;
        CASE(logsumexp)
        CASE(softmax_shift)
        CASE(softmax_excess)
        CASE(softmax_cross_entropy)
#undef CASE
        default: LANES(lanes_of_many)(memory, out, code, &places, k, n);
        }
    }
}
