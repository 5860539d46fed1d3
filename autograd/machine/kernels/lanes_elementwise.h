/* Over lanes: operands, operations on vectors, elementwise packs. A part of lanes.h, see there. */

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
/* e^x / (e^x + e^y) */
ALWAYS_INLINE Doubles LANES(sigmoid_difference)(Doubles x, Doubles y) {
    Doubles decay = LANES(exp_difference)(LANES(minimum)(x, y), LANES(maximum)(x, y));
    return LANES(select)(x < y, decay, ONE) / (ONE + decay);
}
/* e^(x y), where x y is rounded too */
ALWAYS_INLINE Doubles LANES(exp_product)(Doubles x, Doubles y) {
    Doubles lost, rounded, whole = LANES(two_product)(x, y, &lost);
    lost = LANES(select)(LESS(LANES(magnitude)(whole), 750.0), lost, ZERO);
    whole = LANES(at_least)(LANES(at_most)(whole, 710), -746);
    Doubles mantissa = LANES(exp_mantissa)(whole, lost, &rounded);
    return LANES(scaled)(mantissa, rounded);
}
ALWAYS_INLINE Doubles LANES(one_minus_square)(Doubles x) { return (ONE - x) * (ONE + x); }
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
        fill_up(out, memory->rows);
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
