/* Over lanes: sums of products, and totals over the rows. A part of lanes.h, see there. */

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
    for (int e = 0; e < rows; e++) {
        ptrdiff_t slot = slot_of(bias, j + e, 0);
        const double *start = bias->base + slot * (bias->varies ? LANE_COUNT : 1);
        Doubles same = SPREAD(bias->absent ? 0.0 : *start);
        for (int v = 0; v < vectors; v++) sums[e][v] = same;
        if (bias->varies)
            for (int v = 0; v < vectors; v++) sums[e][v] = LOAD(start + lane + VECTOR * v);
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
    for (; rows == 4 && vectors - v != 4 && v + 3 <= vectors; v += 3)
        LANES(weights_tile)(out, bias, weights, activations, j, n, VECTOR * v, rows, 3, listed);
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

static void LANES(dots_of)(double *out, const Places *bias, const Places *a, const Places *b,
                           ptrdiff_t m, ptrdiff_t n, int vectors) {
    if (!a->varies && b->varies && LANES(is_shared)(b)) {
        LANES(weights_times_activations)(out, bias, a, b, m, n, vectors);
        return;
    }
    if (!b->varies && a->varies && LANES(is_shared)(a)) {
        LANES(weights_times_activations)(out, bias, b, a, m, n, vectors);
        return;
    }
    for (ptrdiff_t j = 0; j < m; j++) {
        int v = 0;
        for (; v + 8 <= vectors; v += 8) LANES(any_lanes)(out, bias, a, b, j, n, v, 8);
        for (; v + 2 <= vectors; v += 2) LANES(any_lanes)(out, bias, a, b, j, n, v, 2);
        for (; v < vectors; v++) LANES(any_lanes)(out, bias, a, b, j, n, v, 1);
    }
}

static void LANES(lanes_dots)(Memory *memory, double *results, const int32_t *w) {
    ptrdiff_t m = w[1], n = w[2];
    Places bias = operand_of(memory, w + 4, LANE_COUNT);
    Places a = grid_of(memory, w + 7, n, LANE_COUNT), b = grid_of(memory, w + 11, n, LANE_COUNT);
    LANES(dots_of)(results + (ptrdiff_t)w[3] * LANE_COUNT, &bias, &a, &b, m, n,
                   LANES(vectors_of)(memory));
}

/* Row j of a grid, as a grid that all elements share. */
ALWAYS_INLINE Places LANES(row_of)(Places places, ptrdiff_t j) {
    if (places.list) places.list += j * places.list_j;
    else places.base += j * places.step_j * (places.varies ? LANE_COUNT : 1);
    places.step_j = places.list_j = 0;
    return places;
}

static void LANES(lanes_product)(Memory *memory, double *results, const int32_t *w) {
    int vectors = LANES(vectors_of)(memory);
    ptrdiff_t m = w[1], n = w[2];
    double *out = results + (ptrdiff_t)w[4] * LANE_COUNT;
    Places bias = operand_of(memory, w + 5, LANE_COUNT);
    Places a = grid_of(memory, w + 8, n, LANE_COUNT), b = grid_of(memory, w + 12, n, LANE_COUNT);
    for (ptrdiff_t c = 0; c < w[3]; c++, out += m * LANE_COUNT) {
        Places column = LANES(row_of)(b, c);
        LANES(dots_of)(out, &bias, &a, &column, m, n, vectors);
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

static void LANES(outer_of)(double *out, ptrdiff_t step_a, ptrdiff_t step_b, Places a, ptrdiff_t p,
                            Places b, ptrdiff_t q, int vectors, Mask mask) {
    ptrdiff_t k = 0, l;
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

/* From so many elements on both sides it is worth laying those of one side side by side, row after
   row: the sums then run along the rows without being added across lanes. */
enum { LANES(MANY) = 24 };

static void LANES(lanes_outer)(Memory *memory, const int32_t *w) {
    double *out = memory->totals + (w[3] - memory->totals_at);
    Places a = operand_of(memory, w + 6, LANE_COUNT), b = operand_of(memory, w + 9, LANE_COUNT);
    if (w[1] >= LANES(MANY) && w[2] >= LANES(MANY) && !a.list && !b.list) {
        a.step_j *= LANE_COUNT, b.step_j *= LANE_COUNT, a.step_i = b.step_i = 1;
        LANES(add_product)(memory, out, w[4], w[5], &a, w[1], &b, w[2], memory->rows);
        return;
    }
    LANES(outer_of)(out, w[4], w[5], a, w[1], b, w[2], LANES(vectors_of)(memory),
                    LANES(rows_of_last)(memory->rows));
}

/* Column i of a grid in V. */
ALWAYS_INLINE Places LANES(column_of)(Places places, ptrdiff_t i) {
    if (places.list) places.list += i;
    else places.base += i * places.step_i * LANE_COUNT;
    return places;
}

static void LANES(lanes_outers)(Memory *memory, const int32_t *w) {
    int vectors = LANES(vectors_of)(memory);
    Mask mask = LANES(rows_of_last)(memory->rows);
    ptrdiff_t n = w[3];
    double *out = memory->totals + (w[4] - memory->totals_at);
    Places a = grid_of(memory, w + 7, n, LANE_COUNT), b = grid_of(memory, w + 11, n, LANE_COUNT);
    for (ptrdiff_t i = 0; i < n; i++)
        LANES(outer_of)(out, w[5], w[6], LANES(column_of)(a, i), w[1], LANES(column_of)(b, i),
                        w[2], vectors, mask);
}

#undef HEIGHT
