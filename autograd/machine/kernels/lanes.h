/* Packs over the lanes of a block of rows: vectors run over rows.

   Included twice by vectors.h. A lane past the last row (a block's rows rounded up to whole
   vectors) holds a copy of a real row, so it raises no flag of its own; totals leave it out. */

/* --- Operands -------------------------------------------------------------------------------- */

typedef struct {
    const double *lanes;
    ptrdiff_t step; /* VECTOR, or 0 where one number stands for all lanes */
} LANES(Lanes);

/* The lanes of an operand's place; a number from U is spread over `room`. */
ALWAYS_INLINE LANES(Lanes) LANES(lanes_at)(const Places *places, ptrdiff_t j, ptrdiff_t i,
                                           Doubles *room) {
    ptrdiff_t slot = slot_of(places, j, i);
    LANES(Lanes) found = {places->base + slot * LANE_COUNT, VECTOR};
    if (!places->varies) {
        *room = SPREAD(places->base[slot]);
        found.lanes = (const double *)room;
        found.step = 0;
    }
    return found;
}

/* The lanes of element k of an operand of words, which are quicker to read than Places to make. */
ALWAYS_INLINE LANES(Lanes) LANES(lanes_of)(const Memory *memory, const int32_t *operand,
                                           ptrdiff_t k, Doubles *room) {
    ptrdiff_t slot = operand[0] & LISTED ? memory->words[operand[1] + k]
                                         : operand[1] + k * operand[2];
    if (operand[0] & IN_V) return (LANES(Lanes)){memory->V + slot * LANE_COUNT, VECTOR};
    *room = SPREAD(memory->U[slot]);
    return (LANES(Lanes)){(const double *)room, 0};
}

ALWAYS_INLINE int LANES(vectors_of)(const Memory *memory) {
    return (memory->rows + VECTOR - 1) / VECTOR;
}

/* --- Operations on vectors ------------------------------------------------------------------- */

#define ONE SPREAD(1.0)
#define ZERO SPREAD(0.0)
ALWAYS_INLINE Doubles LANES(pos)(Doubles x) { return x; }
ALWAYS_INLINE Doubles LANES(neg)(Doubles x) { return -x; }
ALWAYS_INLINE Doubles LANES(add)(Doubles x, Doubles y) { return x + y; }
ALWAYS_INLINE Doubles LANES(sub)(Doubles x, Doubles y) { return x - y; }
ALWAYS_INLINE Doubles LANES(mul)(Doubles x, Doubles y) { return x * y; }
ALWAYS_INLINE Doubles LANES(div)(Doubles x, Doubles y) { return x / y; }
ALWAYS_INLINE Doubles LANES(abs)(Doubles x) { return (Doubles)((Mask)x & INT64_MAX); }
ALWAYS_INLINE Doubles LANES(sign)(Doubles x) {
    return LANES(select)(x > ZERO, ONE, LANES(select)(x < ZERO, -ONE, x));
}
ALWAYS_INLINE Doubles LANES(step)(Doubles x) {
    return LANES(select)(x > ZERO, ONE, LANES(select)(x <= ZERO, ZERO, x));
}
ALWAYS_INLINE Doubles LANES(nonzero)(Doubles x) { return (Doubles)((x != ZERO) & (Mask)ONE); }
ALWAYS_INLINE Doubles LANES(compare)(Doubles x, Doubles y) {
    Mask less = x < y, greater = x > y, equal = x == y;
    Doubles known = (Doubles)((greater & (Mask)ONE) | (less & (Mask)-ONE));
    return LANES(select)(less | greater | equal, known, SPREAD(NAN));
}
ALWAYS_INLINE Doubles LANES(where)(Doubles x, Doubles y, Doubles z) {
    return LANES(select)(x != ZERO, y, z);
}
ALWAYS_INLINE Doubles LANES(relu)(Doubles x) { return (Doubles)(~(x <= ZERO) & (Mask)x); }
ALWAYS_INLINE Doubles LANES(leaky_relu)(Doubles x, Doubles slope) {
    return LANES(select)(x > ZERO, x, slope * x);
}
ALWAYS_INLINE Doubles LANES(maximum)(Doubles x, Doubles y) {
    return LANES(select)((x >= y) | (x != x), x, y);
}
ALWAYS_INLINE Doubles LANES(minimum)(Doubles x, Doubles y) {
    return LANES(select)((x <= y) | (x != x), x, y);
}
ALWAYS_INLINE Doubles LANES(elu)(Doubles x, Doubles alpha) {
    return LANES(select)(x > ZERO, x, alpha * LANES(expm1)(LANES(minimum)(x, ZERO)));
}
ALWAYS_INLINE Doubles LANES(selu)(Doubles x) {
    return SPREAD(1.0507009873554805) * LANES(elu)(x, SPREAD(1.6732632423543772));
}
/* e^(x - y), where x - y is rounded too; 1 where x = y. */
ALWAYS_INLINE Doubles LANES(exp_difference)(Doubles x, Doubles y) {
    Doubles rounded, whole = x - y;
    /* What the rounding lost (Knuth's two-sum), where x is not infinite: that would raise a flag. */
    Doubles near = LANES(select)(LESS(LANES(magnitude)(whole), 750.0), x, y);
    Doubles difference = near - y, back = difference - near;
    Doubles lost = (near - (difference - back)) - (y + back);
    whole = LANES(at_least)(LANES(at_most)(LANES(select)(x == y, ZERO, whole), 710), -746);
    Doubles mantissa = LANES(exp_mantissa)(whole, lost, &rounded);
    return LANES(scaled)(mantissa, rounded);
}
ALWAYS_INLINE Doubles LANES(softmax_component)(Doubles x, Doubles shift, Doubles excess) {
    return LANES(exp_difference)(x, shift) / (ONE + excess);
}
ALWAYS_INLINE Doubles LANES(softmax_complement)(Doubles x, Doubles shift, Doubles excess) {
    Doubles difference = LANES(select)(x == shift, ZERO, x - shift);
    return (excess - LANES(expm1)(difference)) / (ONE + excess);
}
#undef ONE
#undef ZERO

/* What has no vector function is computed lane by lane, from the rule's text in C. */
#define EACH_LANE1(name, value)                                                                   \
    static Doubles LANES(name)(Doubles x) {                                                       \
        Doubles out = x;                                                                          \
        for (int lane = 0; lane < VECTOR; lane++) out[lane] = value(x[lane]);                     \
        return out;                                                                               \
    }
#define EACH_LANE2(name, value)                                                                   \
    static Doubles LANES(name)(Doubles x, Doubles y) {                                            \
        Doubles out = x;                                                                          \
        for (int lane = 0; lane < VECTOR; lane++) out[lane] = value(x[lane], y[lane]);            \
        return out;                                                                               \
    }
#define EACH_LANE3(name, value)                                                                   \
    static Doubles LANES(name)(Doubles x, Doubles y, Doubles z) {                                 \
        Doubles out = x;                                                                          \
        for (int lane = 0; lane < VECTOR; lane++) out[lane] = value(x[lane], y[lane], z[lane]);   \
        return out;                                                                               \
    }
#define EACH_LANE4(name, value)                                                                   \
    static Doubles LANES(name)(Doubles x, Doubles y, Doubles z, Doubles w) {                      \
        Doubles out = x;                                                                          \
        for (int lane = 0; lane < VECTOR; lane++)                                                 \
            out[lane] = value(x[lane], y[lane], z[lane], w[lane]);                                \
        return out;                                                                               \
    }
SCALAR_OPERATIONS1(EACH_LANE1)
SCALAR_OPERATIONS2(EACH_LANE2)
SCALAR_OPERATIONS3(EACH_LANE3)
SCALAR_OPERATIONS4(EACH_LANE4)
#undef EACH_LANE1
#undef EACH_LANE2
#undef EACH_LANE3
#undef EACH_LANE4

/* --- Elementwise ----------------------------------------------------------------------------- */

/* Elements from … to of a pack, each for all vectors before the next; if all operands of a full
   block lie side by side, the pack is one long element. */
#define ELEMENTS(name, arity, expression)                                                         \
    static void LANES(lanes_##name)(const Memory *memory, double *results, const int32_t *w,      \
                                    ptrdiff_t from, ptrdiff_t to, int vectors) {                  \
        const int32_t *operands = w + 3;                                                          \
        double *out = results + (w[2] + from) * LANE_COUNT;                                       \
        ptrdiff_t lanes = (ptrdiff_t)vectors * VECTOR;                                            \
        for (ptrdiff_t k = from; k < to; k++, out += LANE_COUNT) {                                \
            Doubles rooms[arity];                                                                 \
            LANES(Lanes) x[arity];                                                                \
            for (int a = 0; a < arity; a++)                                                       \
                x[a] = LANES(lanes_of)(memory, operands + 3 * a, k, &rooms[a]);                   \
            for (ptrdiff_t lane = 0; lane < lanes; lane += VECTOR) {                              \
                STORE(out + lane, expression);                                                    \
                for (int a = 0; a < arity; a++) x[a].lanes += x[a].step;                          \
            }                                                                                     \
        }                                                                                         \
    }
#define TAKE(a) LOAD(x[a].lanes)
#define LANES_PACK1(name) ELEMENTS(name, 1, LANES(name)(TAKE(0)))
#define LANES_PACK2(name) ELEMENTS(name, 2, LANES(name)(TAKE(0), TAKE(1)))
#define LANES_PACK3(name) ELEMENTS(name, 3, LANES(name)(TAKE(0), TAKE(1), TAKE(2)))
#define LANES_PACK4(name) ELEMENTS(name, 4, LANES(name)(TAKE(0), TAKE(1), TAKE(2), TAKE(3)))
LANES_OPERATIONS1(LANES_PACK1)
LANES_OPERATIONS2(LANES_PACK2)
LANES_OPERATIONS3(LANES_PACK3)
LANES_OPERATIONS4(LANES_PACK4)
ELEMENTS(copy, 1, TAKE(0))
#undef LANES_PACK1
#undef LANES_PACK2
#undef LANES_PACK3
#undef LANES_PACK4
#undef ELEMENTS
#undef TAKE

/* The number of lane r at a place. */
ALWAYS_INLINE double LANES(number_at)(const Places *places, ptrdiff_t j, ptrdiff_t i, int r) {
    ptrdiff_t slot = slot_of(places, j, i);
    return places->varies ? places->base[slot * LANE_COUNT + r] : places->base[slot];
}

/* Lanes past the last row get a copy of it. */
ALWAYS_INLINE void LANES(fill_up)(double *lanes, int rows, int vectors) {
    for (int r = rows; r < vectors * VECTOR; r++) lanes[r] = lanes[rows - 1];
}

static void LANES(lanes_in_python)(Memory *memory, double *results, const int32_t *w) {
    int code = w[0], arity = ARITY[code];
    double x[MOST_OPERANDS], *out = results + (ptrdiff_t)w[2] * LANE_COUNT;
    Places places[MOST_OPERANDS];
    for (int a = 0; a < arity; a++) places[a] = operand_of(memory, w + 3 + 3 * a, LANE_COUNT);
    for (ptrdiff_t k = 0; k < w[1]; k++, out += LANE_COUNT) {
        for (int r = 0; r < memory->rows; r++) {
            for (int a = 0; a < arity; a++) x[a] = LANES(number_at)(&places[a], k, 0, r);
            out[r] = value_in_python(memory, code, x, (size_t)arity);
        }
        LANES(fill_up)(out, memory->rows, LANES(vectors_of)(memory));
    }
}

/* pow with one exponent for all rows, if that is a small whole number or a half; 0 if it is not. */
static int LANES(lanes_power)(double *out, LANES(Lanes) base, double exponent, int vectors) {
    ptrdiff_t step = base.step;
    if (exponent == 2.0) {
        for (int v = 0; v < vectors; v++) {
            Doubles number = LOAD(base.lanes + v * step);
            STORE(out + VECTOR * v, number * number);
        }
    } else if (exponent == 0.5) { /* 0.0: the root of -0.0 is -0.0, its power 0.0 */
        for (int v = 0; v < vectors; v++)
            STORE(out + VECTOR * v, LANES(sqrt)(LOAD(base.lanes + v * step)) + SPREAD(0.0));
    } else if (exponent == floor(exponent) && fabs(exponent) <= 100.0) {
        for (int v = 0; v < vectors; v++)
            STORE(out + VECTOR * v,
                  LANES(whole_power)(LOAD(base.lanes + v * step), (int)exponent));
    } else {
        return 0;
    }
    return 1;
}

static void LANES(lanes_powers)(const Memory *memory, double *results, const int32_t *w,
                                int vectors) {
    for (ptrdiff_t k = 0; k < w[1]; k++) {
        Doubles rooms[2];
        LANES(Lanes) base = LANES(lanes_of)(memory, w + 3, k, &rooms[0]);
        LANES(Lanes) exponent = LANES(lanes_of)(memory, w + 6, k, &rooms[1]);
        double *out = results + (w[2] + k) * LANE_COUNT;
        if (exponent.step || !LANES(lanes_power)(out, base, exponent.lanes[0], vectors))
            LANES(lanes_pow)(memory, results, w, k, k + 1, vectors);
    }
}

static void LANES(lanes_elementwise)(Memory *memory, double *results, const int32_t *w) {
    int vectors = LANES(vectors_of)(memory);
    switch (w[0]) {
#define CASE(name)                                                                                \
    case OP_##name: LANES(lanes_##name)(memory, results, w, 0, w[1], vectors); break;
        LANES_OPERATIONS1(CASE)
        LANES_OPERATIONS2(CASE)
        LANES_OPERATIONS3(CASE)
        LANES_OPERATIONS4(CASE)
#undef CASE
    default: LANES(lanes_in_python)(memory, results, w);
    }
}

/* A pack of tanh and the one behind it of its derivatives, if that is what it is: the same operands
   in the same order. */
static int LANES(lanes_tanh_and_slope)(const Memory *memory, double *results, const int32_t *w,
                                       const int32_t *end, int vectors) {
    const int32_t *next = w + 6;
    if (next >= end || next[0] != OP_sech_squared || next[1] != w[1]) return 0;
    if (memcmp(next + 3, w + 3, 3 * sizeof(int32_t)) != 0) return 0;
    for (ptrdiff_t k = 0; k < w[1]; k++) {
        double *out = results + (w[2] + k) * LANE_COUNT;
        double *slopes = results + (next[2] + k) * LANE_COUNT;
        Doubles room, slope;
        LANES(Lanes) x = LANES(lanes_of)(memory, w + 3, k, &room);
        for (int v = 0; v < vectors; v++) {
            STORE(out + VECTOR * v, LANES(tanh_and_slope)(LOAD(x.lanes + v * x.step), &slope));
            STORE(slopes + VECTOR * v, slope);
        }
    }
    return 1;
}

/* --- Any number of operands ------------------------------------------------------------------ */

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
    LANES(fill_up)(out, memory->rows, LANES(vectors_of)(memory));
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

/* --- Dots ------------------------------------------------------------------------------------ */

/* Elements j … j + rows of weights (in U) times activations (in V, shared by all j), for `vectors`
   vectors from `lane` on; all sums stay in registers. */
ALWAYS_INLINE void LANES(weights_tile)(double *out, const Places *bias, const Places *weights,
                                       const Places *activations, ptrdiff_t j, ptrdiff_t n,
                                       int lane, int rows, int vectors, int listed) {
    Doubles sums[8][VECTORS];
    const double *weight = weights->base + j * weights->step_j;
    const double *lanes = activations->base + lane;
    const ptrdiff_t step_j = weights->step_j, step_i = weights->step_i;
    const ptrdiff_t lanes_step = activations->step_i * LANE_COUNT;
    for (int e = 0; e < rows; e++)
        for (int v = 0; v < vectors; v++) {
            Doubles room = SPREAD(0.0);
            LANES(Lanes) start = {(const double *)&room, 0};
            if (!bias->absent) start = LANES(lanes_at)(bias, j + e, 0, &room);
            sums[e][v] = LOAD(start.lanes + (lane / VECTOR + v) * start.step);
        }
    for (ptrdiff_t i = 0; i < n; i++) {
        if (listed) lanes = activations->base + slot_of(activations, 0, i) * LANE_COUNT + lane;
        for (int e = 0; e < rows; e++) {
            Doubles spread = SPREAD(listed ? weights->base[slot_of(weights, j + e, i)]
                                      : weight[e * step_j]);
            for (int v = 0; v < vectors; v++)
                sums[e][v] = MULADD(spread, LOAD(lanes + VECTOR * v), sums[e][v]);
        }
        weight += step_i, lanes += lanes_step;
    }
    for (int e = 0; e < rows; e++)
        for (int v = 0; v < vectors; v++)
            STORE(out + (j + e) * LANE_COUNT + lane + VECTOR * v, sums[e][v]);
}

/* `rows` elements for all vectors of the block, `wide` vectors at a time. */
ALWAYS_INLINE void LANES(weights_strip)(double *out, const Places *bias, const Places *weights,
                                        const Places *activations, ptrdiff_t j, ptrdiff_t n,
                                        int vectors, int rows, int wide, int listed) {
    int v = 0;
    for (; v + wide <= vectors; v += wide)
        LANES(weights_tile)(out, bias, weights, activations, j, n, VECTOR * v, rows, wide, listed);
    for (; v < vectors; v++)
        LANES(weights_tile)(out, bias, weights, activations, j, n, VECTOR * v, rows, 1, listed);
}

ALWAYS_INLINE void LANES(weights_strips)(double *out, const Places *bias, const Places *weights,
                                         const Places *activations, ptrdiff_t m, ptrdiff_t n,
                                         int vectors, int listed) {
    ptrdiff_t j = 0;
    for (; j + 4 <= m; j += 4)
        LANES(weights_strip)(out, bias, weights, activations, j, n, vectors, 4, 2, listed);
    for (; j + 2 <= m; j += 2)
        LANES(weights_strip)(out, bias, weights, activations, j, n, vectors, 2, 4, listed);
    for (; j < m; j++)
        LANES(weights_strip)(out, bias, weights, activations, j, n, vectors, 1, 8, listed);
}

static void LANES(weights_times_activations)(double *out, const Places *bias,
                                             const Places *weights, const Places *activations,
                                             ptrdiff_t m, ptrdiff_t n, int vectors) {
    if (weights->list || activations->list)
        LANES(weights_strips)(out, bias, weights, activations, m, n, vectors, 1);
    else
        LANES(weights_strips)(out, bias, weights, activations, m, n, vectors, 0);
}

/* One element of any places, `wide` vectors from vector `first` on. */
ALWAYS_INLINE void LANES(any_lanes)(double *out, const Places *bias, const Places *a,
                                    const Places *b, ptrdiff_t j, ptrdiff_t n, int first,
                                    int wide) {
    Doubles sums[VECTORS], room = SPREAD(0.0), other;
    LANES(Lanes) x = {(const double *)&room, 0}, y;
    if (!bias->absent) x = LANES(lanes_at)(bias, j, 0, &room);
    for (int v = 0; v < wide; v++) sums[v] = LOAD(x.lanes + (first + v) * x.step);
    for (ptrdiff_t i = 0; i < n; i++) {
        x = LANES(lanes_at)(a, j, i, &room);
        y = LANES(lanes_at)(b, j, i, &other);
        for (int v = 0; v < wide; v++)
            sums[v] = MULADD(LOAD(x.lanes + (first + v) * x.step),
                             LOAD(y.lanes + (first + v) * y.step), sums[v]);
    }
    for (int v = 0; v < wide; v++)
        STORE(out + j * LANE_COUNT + VECTOR * (first + v), sums[v]);
}

static void LANES(lanes_dots)(Memory *memory, double *results, const int32_t *w) {
    int vectors = LANES(vectors_of)(memory);
    ptrdiff_t m = w[1], n = w[2];
    double *out = results + (ptrdiff_t)w[3] * LANE_COUNT;
    Places bias = operand_of(memory, w + 4, LANE_COUNT);
    Places a = grid_of(memory, w + 7, n, LANE_COUNT), b = grid_of(memory, w + 11, n, LANE_COUNT);
    if (!a.varies && b.varies && LANES(is_shared)(&b)) {
        LANES(weights_times_activations)(out, &bias, &a, &b, m, n, vectors);
        return;
    }
    if (!b.varies && a.varies && LANES(is_shared)(&a)) {
        LANES(weights_times_activations)(out, &bias, &b, &a, m, n, vectors);
        return;
    }
    for (ptrdiff_t j = 0; j < m; j++) {
        int v = 0;
        for (; v + 8 <= vectors; v += 8) LANES(any_lanes)(out, &bias, &a, &b, j, n, v, 8);
        for (; v + 2 <= vectors; v += 2) LANES(any_lanes)(out, &bias, &a, &b, j, n, v, 2);
        for (; v < vectors; v++) LANES(any_lanes)(out, &bias, &a, &b, j, n, v, 1);
    }
}

/* --- Totals over the rows -------------------------------------------------------------------- */

/* All bits in the lanes of the last vector that are rows. */
ALWAYS_INLINE Mask LANES(rows_of_last)(int rows) {
    return LANES(first_lanes)(rows % VECTOR ? rows % VECTOR : VECTOR);
}

/* Σ over rows and terms of element j, by lanes. */
ALWAYS_INLINE Doubles LANES(total_of)(const Places *a, const Places *b, ptrdiff_t j,
                                      ptrdiff_t n, int vectors, Mask mask) {
    Doubles sums = SPREAD(0.0), others = SPREAD(0.0), room, other;
    for (ptrdiff_t i = 0; i < n; i++) {
        LANES(Lanes) y = LANES(lanes_at)(b, j, i, &other), x;
        Doubles last = LANES(masked)(LOAD(y.lanes + (vectors - 1) * y.step), mask);
        int v = 0;
        if (a->absent) {
            for (; v + 2 < vectors; v += 2) {
                sums += LOAD(y.lanes + v * y.step);
                others += LOAD(y.lanes + (v + 1) * y.step);
            }
            if (v + 1 < vectors) sums += LOAD(y.lanes + v * y.step);
            others += last;
            continue;
        }
        x = LANES(lanes_at)(a, j, i, &room);
        for (; v + 2 < vectors; v += 2) {
            sums = MULADD(LOAD(x.lanes + v * x.step), LOAD(y.lanes + v * y.step), sums);
            others =
                MULADD(LOAD(x.lanes + (v + 1) * x.step), LOAD(y.lanes + (v + 1) * y.step), others);
        }
        if (v + 1 < vectors)
            sums = MULADD(LOAD(x.lanes + v * x.step), LOAD(y.lanes + v * y.step), sums);
        /* Both factors are masked: 0 · inf would be NaN. */
        others = MULADD(LANES(masked)(LOAD(x.lanes + (vectors - 1) * x.step), mask), last, others);
    }
    return sums + others;
}

static void LANES(lanes_totals)(Memory *memory, const int32_t *w) {
    int vectors = LANES(vectors_of)(memory);
    Mask mask = LANES(rows_of_last)(memory->rows);
    ptrdiff_t m = w[1], n = w[2];
    double *out = memory->totals + (w[3] - memory->totals_at);
    Places a = grid_of(memory, w + 4, n, LANE_COUNT), b = grid_of(memory, w + 8, n, LANE_COUNT);
    for (ptrdiff_t j = 0; j < m; j++) {
        Doubles sums = LANES(total_of)(&a, &b, j, n, vectors, mask);
        out[j] += LANES(sum_of)(sums);
    }
}

ALWAYS_INLINE void LANES(add_at)(double *out, ptrdiff_t step, Doubles sums) {
    if (step == 1) {
        STORE(out, LOAD(out) + sums);
        return;
    }
    for (int lane = 0; lane < VECTOR; lane++) out[lane * step] += sums[lane];
}

ALWAYS_INLINE const double *LANES(lanes_of_operand)(const Places *places, ptrdiff_t k) {
    return places->base + slot_of(places, k, 0) * LANE_COUNT;
}

#define HEIGHT (8 / VECTOR)

/* Σ over rows of a_k b_l for `height` k and VECTOR l: all sums stay in registers over the block
   and are added across lanes together, vector by vector. */
ALWAYS_INLINE void LANES(outer_tile)(double *out, ptrdiff_t step_a, ptrdiff_t step_b,
                                     const Places *a, ptrdiff_t k, const Places *b, ptrdiff_t l,
                                     int vectors, Mask mask, int height) {
    const double *left[HEIGHT], *right[VECTOR];
    Doubles sums[HEIGHT][VECTOR];
    for (int e = 0; e < height; e++) left[e] = LANES(lanes_of_operand)(a, k + e);
    for (int f = 0; f < VECTOR; f++) right[f] = LANES(lanes_of_operand)(b, l + f);
    {
        int lane = VECTOR * (vectors - 1);
        Doubles y[VECTOR];
        for (int f = 0; f < VECTOR; f++) y[f] = LANES(masked)(LOAD(right[f] + lane), mask);
        for (int e = 0; e < height; e++) {
            Doubles x = LANES(masked)(LOAD(left[e] + lane), mask);
            for (int f = 0; f < VECTOR; f++) sums[e][f] = x * y[f];
        }
    }
    for (int lane = 0; lane < VECTOR * (vectors - 1); lane += VECTOR) {
        Doubles y[VECTOR];
        for (int f = 0; f < VECTOR; f++) y[f] = LOAD(right[f] + lane);
        for (int e = 0; e < height; e++) {
            Doubles x = LOAD(left[e] + lane);
            for (int f = 0; f < VECTOR; f++) sums[e][f] = MULADD(x, y[f], sums[e][f]);
        }
    }
    for (int e = 0; e < height; e++)
        LANES(add_at)(out + (k + e) * step_a + l * step_b, step_b,
                      LANES(sums_of)(sums[e]));
}

/* Elements k … p of a with element l of b. */
static void LANES(outer_rest)(double *out, ptrdiff_t step_a, ptrdiff_t step_b, const Places *a,
                              ptrdiff_t k, ptrdiff_t p, const Places *b, ptrdiff_t l, int vectors,
                              Mask mask) {
    const double *right = LANES(lanes_of_operand)(b, l);
    int last = VECTOR * (vectors - 1);
    for (; k < p; k++) {
        const double *left = LANES(lanes_of_operand)(a, k);
        Doubles sums =
            LANES(masked)(LOAD(left + last), mask) * LANES(masked)(LOAD(right + last), mask);
        for (int lane = 0; lane < last; lane += VECTOR)
            sums = MULADD(LOAD(left + lane), LOAD(right + lane), sums);
        out[k * step_a + l * step_b] += LANES(sum_of)(sums);
    }
}

static void LANES(lanes_outer)(Memory *memory, const int32_t *w) {
    int vectors = LANES(vectors_of)(memory);
    Mask mask = LANES(rows_of_last)(memory->rows);
    ptrdiff_t p = w[1], q = w[2], step_a = w[4], step_b = w[5], k = 0, l;
    double *out = memory->totals + (w[3] - memory->totals_at);
    Places a = operand_of(memory, w + 6, LANE_COUNT), b = operand_of(memory, w + 9, LANE_COUNT);
    if (q < VECTOR || (step_b != 1 && step_a == 1 && p >= VECTOR)) { /* the product commutes */
        Places places = a;
        ptrdiff_t step = step_a, size = p;
        a = b, b = places;
        step_a = step_b, step_b = step;
        p = q, q = size;
    }
    for (; k + HEIGHT <= p; k += HEIGHT)
        for (l = 0; l + VECTOR <= q; l += VECTOR)
            LANES(outer_tile)(out, step_a, step_b, &a, k, &b, l, vectors, mask, HEIGHT);
    for (; k < p; k++)
        for (l = 0; l + VECTOR <= q; l += VECTOR)
            LANES(outer_tile)(out, step_a, step_b, &a, k, &b, l, vectors, mask, 1);
    for (l = q - q % VECTOR; l < q; l++)
        LANES(outer_rest)(out, step_a, step_b, &a, 0, p, &b, l, vectors, mask);
}

#undef HEIGHT

/* --- The interpreter ------------------------------------------------------------------------- */

/* Packs of quick operations run without a call. Addresses are taken out of the loops over vectors:
   for all the compiler knows, what is stored may change the words. */
#define SLOT(operand)                                                                             \
    ((ptrdiff_t)(w[operand] & LISTED ? memory->words[w[operand + 1] + k]                          \
                                     : w[operand + 1] + k * w[operand + 2]))
#define LANES_AT(operand) (memory->V + SLOT(operand) * LANE_COUNT)
#define EACH_VECTOR(value)                                                                        \
    if (vectors == VECTORS)                                                                       \
        for (int v = 0; v < VECTORS; v++) STORE(out + VECTOR * v, value);                         \
    else                                                                                          \
        for (int v = 0; v < vectors; v++) STORE(out + VECTOR * v, value);
#define QUICK1(name)                                                                              \
    case ROW_SINGLE + OP_##name:                                                                  \
    case OP_##name: {                                                                             \
        double *out = results + (ptrdiff_t)w[2] * LANE_COUNT;                                     \
        for (ptrdiff_t k = 0; k < w[1]; k++, out += LANE_COUNT) {                                 \
            const double *x = LANES_AT(3);                                                        \
            EACH_VECTOR(LANES(name)(LOAD(x + VECTOR * v)))                                        \
        }                                                                                         \
        w += 6;                                                                                   \
        break;                                                                                    \
    }
#define QUICK2(name)                                                                              \
    case ROW_SINGLE + OP_##name:                                                                  \
    case OP_##name: {                                                                             \
        double *out = results + (ptrdiff_t)w[2] * LANE_COUNT;                                     \
        for (ptrdiff_t k = 0; k < w[1]; k++, out += LANE_COUNT) {                                 \
            if (w[3] & w[6] & IN_V) {                                                             \
                const double *x = LANES_AT(3), *y = LANES_AT(6);                                  \
                EACH_VECTOR(LANES(name)(LOAD(x + VECTOR * v), LOAD(y + VECTOR * v)))              \
            } else if (w[3] & IN_V) {                                                             \
                const double *x = LANES_AT(3);                                                    \
                Doubles y = SPREAD(memory->U[SLOT(6)]);                                           \
                EACH_VECTOR(LANES(name)(LOAD(x + VECTOR * v), y))                                 \
            } else {                                                                              \
                const double *y = LANES_AT(6);                                                    \
                Doubles x = SPREAD(memory->U[SLOT(3)]);                                           \
                EACH_VECTOR(LANES(name)(x, LOAD(y + VECTOR * v)))                                 \
            }                                                                                     \
        }                                                                                         \
        w += 9;                                                                                   \
        break;                                                                                    \
    }

static void LANES(run_lanes)(Memory *memory, double *results, int32_t from, int32_t to) {
    const int32_t *w = memory->words + from, *end = memory->words + to;
    const int vectors = LANES(vectors_of)(memory);
    while (w < end) {
        switch (w[0]) {
            QUICK_OPERATIONS1(QUICK1)
            QUICK_OPERATIONS2(QUICK2)
        case COPY:
            LANES(lanes_copy)(memory, results, w, 0, w[1], vectors);
            w += 6;
            break;
        case TOTALS:
            LANES(lanes_totals)(memory, w);
            w += 12;
            break;
        case OUTER:
            LANES(lanes_outer)(memory, w);
            w += 12;
            break;
        case OP_dot:
            LANES(lanes_dots)(memory, results, w);
            w += 15;
            break;
        case OP_tanh:
            if (LANES(lanes_tanh_and_slope)(memory, results, w, end, vectors)) w += 6;
            else LANES(lanes_tanh)(memory, results, w, 0, w[1], vectors);
            w += 6;
            break;
        case OP_pow:
            LANES(lanes_powers)(memory, results, w, vectors);
            w += 9;
            break;
        default:
            if (ARITY[w[0]] < 0) {
                LANES(lanes_variadic)(memory, results, w);
                w += 8;
            } else {
                LANES(lanes_elementwise)(memory, results, w);
                w += 3 + 3 * ARITY[w[0]];
            }
        }
    }
}

#undef SLOT
#undef LANES_AT
#undef EACH_VECTOR
#undef QUICK1
#undef QUICK2
