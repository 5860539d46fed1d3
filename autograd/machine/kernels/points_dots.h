/* At a point: sums of products, and totals. A part of points.h, see there. */

/* --- Dots ------------------------------------------------------------------------------------ */

/* VECTOR elements whose left operands are rows of memory (contiguous terms) and whose right operand
   b is shared: products of VECTOR terms each, transposed, are added term by term. */
ALWAYS_INLINE Doubles LANES(rows_times)(Doubles sums, const double *a, ptrdiff_t step_j,
                                        const double *b, ptrdiff_t n) {
    ptrdiff_t i = 0;
    for (; i + VECTOR <= n; i += VECTOR) {
        Doubles terms = LOAD(b + i), products[VECTOR];
        for (int e = 0; e < VECTOR; e++) products[e] = LOAD(a + e * step_j + i) * terms;
        LANES(transpose)(products);
        for (int e = 0; e < VECTOR; e++) sums += products[e];
    }
    for (; i < n; i++) {
        Doubles terms = sums;
        for (int e = 0; e < VECTOR; e++) terms[e] = a[e * step_j + i];
        sums += terms * SPREAD(b[i]);
    }
    return sums;
}

/* The same in partial sums, of which each row has a vector. */
ALWAYS_INLINE Doubles LANES(rows_regrouped)(Doubles sums, const double *a, ptrdiff_t step_j,
                                            const double *b, ptrdiff_t n) {
    Doubles parts[VECTOR];
    ptrdiff_t i = 0;
    for (int e = 0; e < VECTOR; e++) parts[e] = SPREAD(0.0);
    for (; i + VECTOR <= n; i += VECTOR) {
        Doubles terms = LOAD(b + i);
        for (int e = 0; e < VECTOR; e++)
            parts[e] = MULADD(LOAD(a + e * step_j + i), terms, parts[e]);
    }
    LANES(transpose)(parts);
    for (int e = 0; e < VECTOR; e++) sums += parts[e];
    return LANES(rows_times)(sums, a + i, step_j, b + i, n - i);
}

/* `groups` vectors of elements, contiguous in j on the left; b is shared or contiguous in j too. */
ALWAYS_INLINE void LANES(columns)(double *out, const double *a, ptrdiff_t step_i, const double *b,
                                  ptrdiff_t b_step_i, int b_is_shared, ptrdiff_t n, int groups) {
    Doubles sums[4];
    for (int g = 0; g < groups; g++) sums[g] = LOAD(out + VECTOR * g);
    for (ptrdiff_t i = 0; i < n; i++, a += step_i, b += b_step_i) {
        Doubles shared = SPREAD(b[0]);
        for (int g = 0; g < groups; g++)
            sums[g] += LOAD(a + VECTOR * g) * (b_is_shared ? shared : LOAD(b + VECTOR * g));
    }
    for (int g = 0; g < groups; g++) STORE(out + VECTOR * g, sums[g]);
}

/* The same in two partial sums each, which do not wait for each other. */
ALWAYS_INLINE void LANES(columns_regrouped)(double *out, const double *a, ptrdiff_t step_i,
                                            const double *b, ptrdiff_t b_step_i, int b_is_shared,
                                            ptrdiff_t n, int groups) {
    Doubles even[4], odd[4];
    for (int g = 0; g < groups; g++) even[g] = LOAD(out + VECTOR * g), odd[g] = SPREAD(0.0);
    ptrdiff_t i = 0;
    for (; i + 2 <= n; i += 2, a += 2 * step_i, b += 2 * b_step_i)
        for (int g = 0; g < groups; g++) {
            const double *left = a + VECTOR * g, *right = b_is_shared ? b : b + VECTOR * g;
            const double *next = right + b_step_i;
            even[g] = MULADD(LOAD(left), b_is_shared ? SPREAD(*right) : LOAD(right), even[g]);
            odd[g] =
                MULADD(LOAD(left + step_i), b_is_shared ? SPREAD(*next) : LOAD(next), odd[g]);
        }
    for (int g = 0; g < groups; g++) {
        const double *left = a + VECTOR * g, *right = b_is_shared ? b : b + VECTOR * g;
        if (i < n)
            even[g] = MULADD(LOAD(left), b_is_shared ? SPREAD(*right) : LOAD(right), even[g]);
        STORE(out + VECTOR * g, even[g] + odd[g]);
    }
}

ALWAYS_INLINE ptrdiff_t LANES(all_columns)(double *out, const Places *a, const Places *b,
                                           int b_is_shared, ptrdiff_t m, ptrdiff_t n,
                                           int may_regroup) {
    ptrdiff_t j = 0, step_b = b_is_shared ? 0 : 1;
#define TAKE(name, groups)                                                                        \
    for (; j + groups * VECTOR <= m; j += groups * VECTOR)                                        \
        LANES(name)(out + j, a->base + j, a->step_i, b->base + j * step_b, b->step_i,             \
                    b_is_shared, n, groups);
    if (may_regroup) {
        TAKE(columns_regrouped, 4)
        TAKE(columns_regrouped, 1)
    } else {
        TAKE(columns, 4)
        TAKE(columns, 1)
    }
#undef TAKE
    return j;
}

/* `count` elements of any places, side by side so that their additions overlap. */
ALWAYS_INLINE void LANES(any_dots)(double *out, const Places *a, const Places *b, ptrdiff_t j,
                                   ptrdiff_t n, int count) {
    double sums[4];
    for (int e = 0; e < count; e++) sums[e] = out[j + e];
    for (ptrdiff_t i = 0; i < n; i++)
        for (int e = 0; e < count; e++)
            sums[e] += a->base[slot_of(a, j + e, i)] * b->base[slot_of(b, j + e, i)];
    for (int e = 0; e < count; e++) out[j + e] = sums[e];
}

ALWAYS_INLINE int LANES(is_shared)(const Places *places) {
    return places->list ? places->list_j == 0 : places->step_j == 0;
}

/* A long sum of products, in partial sums. */
static double LANES(regrouped)(const double *a, const double *b, ptrdiff_t n) {
    Doubles sums[4] = {SPREAD(0.0), SPREAD(0.0), SPREAD(0.0), SPREAD(0.0)};
    double sum = 0.0;
    ptrdiff_t i = 0;
    for (; i + 4 * VECTOR <= n; i += 4 * VECTOR)
        for (int g = 0; g < 4; g++)
            sums[g] = MULADD(LOAD(a + i + VECTOR * g), LOAD(b + i + VECTOR * g), sums[g]);
    for (; i < n; i++) sum += a[i] * b[i];
    sums[0] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    return sum + LANES(sum_of)(sums[0]);
}

/* What sums j … m start from; few as they mostly are, a call of memset or memcpy would take longer. */
ALWAYS_INLINE void LANES(put_biases)(double *out, const Places *bias, ptrdiff_t j, ptrdiff_t m) {
    if (bias->absent) {
        for (; j + VECTOR <= m; j += VECTOR) STORE(out + j, SPREAD(0.0));
        for (; j < m; j++) out[j] = 0.0;
    } else {
        for (; !bias->list && bias->step_j == 1 && j + VECTOR <= m; j += VECTOR)
            STORE(out + j, LOAD(bias->base + j));
        for (; j < m; j++) out[j] = bias->base[slot_of(bias, j, 0)];
    }
}

/* Term i of VECTOR elements from j on. */
ALWAYS_INLINE Doubles LANES(gathered)(const Places *places, ptrdiff_t j, ptrdiff_t i,
                                      int side_by_side) {
    Doubles found = SPREAD(0.0);
    if (side_by_side) return LOAD(places->base + j + i * places->step_i);
    for (int e = 0; e < VECTOR; e++) found[e] = places->base[slot_of(places, j + e, i)];
    return found;
}

ALWAYS_INLINE void LANES(gathered_dots)(double *out, const Places *a, const Places *b, ptrdiff_t j,
                                        ptrdiff_t n, int b_is_side_by_side) {
    Doubles sums = LOAD(out + j);
    for (ptrdiff_t i = 0; i < n; i++)
        sums = MULADD(LANES(gathered)(a, j, i, 0), LANES(gathered)(b, j, i, b_is_side_by_side),
                      sums);
    STORE(out + j, sums);
}

/* Elements j … j + VECTOR whose terms on the left are contiguous, those on the right too and shared
   by all. */
ALWAYS_INLINE void LANES(row_dots)(double *out, const Places *a, const Places *b, ptrdiff_t j,
                                   ptrdiff_t n, int regroups) {
    const double *rows = a->base + j * a->step_j;
    STORE(out + j, regroups ? LANES(rows_regrouped)(LOAD(out + j), rows, a->step_j, b->base, n)
                            : LANES(rows_times)(LOAD(out + j), rows, a->step_j, b->base, n));
}

static ptrdiff_t LANES(all_row_dots)(double *out, const Places *a, const Places *b, ptrdiff_t m,
                                     ptrdiff_t n, int may_regroup) {
    int regroups = may_regroup && n >= 2 * VECTOR;
    ptrdiff_t j = 0;
    for (; n < VECTOR && j < m; j++) {
        double sum = out[j];
        for (ptrdiff_t i = 0; i < n; i++) sum += a->base[j * a->step_j + i] * b->base[i];
        out[j] = sum;
    }
    for (; regroups && j + VECTOR <= m; j += VECTOR) LANES(row_dots)(out, a, b, j, n, 1);
    for (; j + 2 * VECTOR <= m; j += 2 * VECTOR) {
        LANES(row_dots)(out, a, b, j, n, 0);
        LANES(row_dots)(out, a, b, j + VECTOR, n, 0);
    }
    for (; j + VECTOR <= m; j += VECTOR) LANES(row_dots)(out, a, b, j, n, 0);
    return j;
}

static NOINLINE void LANES(points_dots)(Memory *memory, double *results, const int32_t *w) {
    const ptrdiff_t m = w[1], n = w[2];
    const int may_regroup = memory->may_regroup;
    ptrdiff_t j = 0;
    double *out = results + w[3];
    Places bias = operand_of(memory, w + 4, 1);
    Places a = grid_of(memory, w + 7, n, 1), b = grid_of(memory, w + 11, n, 1);
    if (m == 1 && may_regroup && !a.list && !b.list && a.step_i == 1 && b.step_i == 1) {
        double start = bias.absent ? 0.0 : bias.base[slot_of(&bias, 0, 0)];
        out[0] = start + LANES(regrouped)(a.base, b.base, n);
        return;
    }
    LANES(put_biases)(out, &bias, 0, m);
    if (m >= VECTOR) {
        if (LANES(is_shared)(&a) && !LANES(is_shared)(&b)) { /* products commute */
            Places swapped = a;
            a = b;
            b = swapped;
        }
        int is_plain = !b.list && (b.step_i == 1 || a.step_j == 1);
        if (LANES(is_shared)(&b) && !is_plain && !a.list) {
            b.base = LANES(terms)(&b, 0, n, memory->scratch);
            b.list = NULL;
            b.step_i = 1;
        }
        if (a.list || b.list)
            ;
        else if (b.step_j == 0 && a.step_i == 1 && a.step_j != 1)
            j = LANES(all_row_dots)(out, &a, &b, m, n, may_regroup);
        else if (a.step_j == 1 && b.step_j == 0)
            j = LANES(all_columns)(out, &a, &b, 1, m, n, may_regroup);
        else if (a.step_j == 1 && b.step_j == 1)
            j = LANES(all_columns)(out, &a, &b, 0, m, n, may_regroup);
        for (int side_by_side = !b.list && b.step_j == 1; may_regroup && j < m; j += VECTOR) {
            if (j + VECTOR > m) { /* the last ones, of which some are computed again */
                j = m - VECTOR;
                LANES(put_biases)(out, &bias, j, m);
            }
            if (side_by_side)
                LANES(gathered_dots)(out, &a, &b, j, n, 1);
            else
                LANES(gathered_dots)(out, &a, &b, j, n, 0);
        }
    }
    for (; j + 4 <= m; j += 4) LANES(any_dots)(out, &a, &b, j, n, 4);
    for (; j < m; j++) LANES(any_dots)(out, &a, &b, j, n, 1);
}

/* --- Totals over one row: added to what is there, or stored --------------------------------- */

static NOINLINE void LANES(points_totals)(Memory *memory, const int32_t *w) {
    ptrdiff_t m = w[1], n = w[2];
    double *out = memory->totals + (w[3] - memory->totals_at);
    Places a = grid_of(memory, w + 4, n, 1), b = grid_of(memory, w + 8, n, 1);
    if (memory->stores_totals)
        for (ptrdiff_t j = 0; j < m; j++) out[j] = 0.0;
    if (a.absent && n == 1 && !b.list) { /* of a bias, say */
        for (ptrdiff_t j = 0; j < m; j++) out[j] += b.base[j * b.step_j];
        return;
    }
    for (ptrdiff_t j = 0; j < m; j++) {
        double sum = 0.0;
        for (ptrdiff_t i = 0; i < n; i++) {
            double term = b.base[slot_of(&b, j, i)];
            sum += a.absent ? term : a.base[slot_of(&a, j, i)] * term;
        }
        out[j] += sum;
    }
}

/* a[k] b[l] to out[k step_p + l] for all k and `groups` vectors of l, which stay in registers. */
ALWAYS_INLINE void LANES(outer_columns)(double *out, ptrdiff_t step_p, const double *a,
                                        ptrdiff_t step_a, ptrdiff_t p, const double *b, int groups,
                                        int stores) {
    Doubles rights[4];
    for (int g = 0; g < groups; g++) rights[g] = LOAD(b + VECTOR * g);
    for (ptrdiff_t k = 0; k < p; k++, out += step_p, a += step_a) {
        Doubles left = SPREAD(*a);
        for (int g = 0; g < groups; g++)
            STORE(out + VECTOR * g, stores ? left * rights[g]
                                           : MULADD(left, rights[g], LOAD(out + VECTOR * g)));
    }
}

/* The same for two l. */
ALWAYS_INLINE void LANES(outer_pairs)(double *out, ptrdiff_t step_p, const double *a,
                                      ptrdiff_t step_a, ptrdiff_t p, const double *b, int stores) {
    const Doubles2 right = *(const DoublesAnywhere2 *)b;
    for (ptrdiff_t k = 0; k < p; k++, out += step_p, a += step_a) {
        DoublesAnywhere2 *pair = (DoublesAnywhere2 *)out;
        Doubles2 products = *a * right;
        if (!stores) products += *pair;
        *pair = products;
    }
}

ALWAYS_INLINE void LANES(outer_of_places)(double *out, ptrdiff_t step_p, ptrdiff_t step_q,
                                          const Places *a, ptrdiff_t p, const Places *b,
                                          ptrdiff_t q, int stores) {
    ptrdiff_t l = 0;
    if (!a->list && step_q == 1 && !b->list && b->step_j == 1) {
        const double *left = a->base, *right = b->base;
        for (; l + 4 * VECTOR <= q; l += 4 * VECTOR)
            LANES(outer_columns)(out + l, step_p, left, a->step_j, p, right + l, 4, stores);
        for (; l + VECTOR <= q; l += VECTOR)
            LANES(outer_columns)(out + l, step_p, left, a->step_j, p, right + l, 1, stores);
        for (; l + 2 <= q; l += 2)
            LANES(outer_pairs)(out + l, step_p, left, a->step_j, p, right + l, stores);
    }
    for (; l < q; l++) {
        double right = b->base[slot_of(b, l, 0)], *column = out + l * step_q;
        for (ptrdiff_t k = 0; k < p; k++) {
            double product = a->base[slot_of(a, k, 0)] * right, *place = column + k * step_p;
            *place = stores ? product : *place + product;
        }
    }
}

static NOINLINE void LANES(points_outer)(Memory *memory, const int32_t *w) {
    ptrdiff_t p = w[1], q = w[2], step_p = w[4], step_q = w[5];
    double *out = memory->totals + (w[3] - memory->totals_at);
    Places a = operand_of(memory, w + 6, 1), b = operand_of(memory, w + 9, 1);
    if (step_p == 1 && step_q != 1) { /* products commute; totals side by side come last */
        Places places = a;
        ptrdiff_t size = p;
        a = b, b = places;
        p = q, q = size;
        step_p = step_q, step_q = 1;
    }
    if (memory->stores_totals)
        LANES(outer_of_places)(out, step_p, step_q, &a, p, &b, q, 1);
    else
        LANES(outer_of_places)(out, step_p, step_q, &a, p, &b, q, 0);
}
