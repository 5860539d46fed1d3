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

/* One vector of them in two partial sums, which do not wait for each other. */
ALWAYS_INLINE void LANES(columns_regrouped)(double *out, const double *a, ptrdiff_t step_i,
                                            const double *b, ptrdiff_t b_step_i, int b_is_shared,
                                            ptrdiff_t n) {
    Doubles even = LOAD(out), odd = SPREAD(0.0);
    ptrdiff_t i = 0;
    for (; i + 2 <= n; i += 2, a += 2 * step_i, b += 2 * b_step_i) {
        even = MULADD(LOAD(a), b_is_shared ? SPREAD(b[0]) : LOAD(b), even);
        odd = MULADD(LOAD(a + step_i), b_is_shared ? SPREAD(b[b_step_i]) : LOAD(b + b_step_i), odd);
    }
    if (i < n) even = MULADD(LOAD(a), b_is_shared ? SPREAD(b[0]) : LOAD(b), even);
    STORE(out, even + odd);
}

ALWAYS_INLINE ptrdiff_t LANES(all_columns)(double *out, const Places *a, const Places *b,
                                           int b_is_shared, ptrdiff_t m, ptrdiff_t n,
                                           int may_regroup) {
    ptrdiff_t j = 0, step_b = b_is_shared ? 0 : 1;
    for (; j + 4 * VECTOR <= m; j += 4 * VECTOR)
        LANES(columns)(out + j, a->base + j, a->step_i, b->base + j * step_b, b->step_i,
                       b_is_shared, n, 4);
    for (; j + VECTOR <= m; j += VECTOR)
        if (may_regroup)
            LANES(columns_regrouped)(out + j, a->base + j, a->step_i, b->base + j * step_b,
                                     b->step_i, b_is_shared, n);
        else
            LANES(columns)(out + j, a->base + j, a->step_i, b->base + j * step_b, b->step_i,
                           b_is_shared, n, 1);
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

static NOINLINE void LANES(points_dots)(Memory *memory, double *results, const int32_t *w) {
    ptrdiff_t m = w[1], n = w[2], j = 0;
    double *out = results + w[3];
    Places bias = operand_of(memory, w + 4, 1);
    Places a = grid_of(memory, w + 7, n, 1), b = grid_of(memory, w + 11, n, 1);
    if (m == 1 && memory->may_regroup && !a.list && !b.list && a.step_i == 1 && b.step_i == 1) {
        double start = bias.absent ? 0.0 : bias.base[slot_of(&bias, 0, 0)];
        out[0] = start + LANES(regrouped)(a.base, b.base, n);
        return;
    }
    if (bias.absent)
        memset(out, 0, sizeof(double) * (size_t)m);
    else if (bias.list)
        for (ptrdiff_t k = 0; k < m; k++) out[k] = bias.base[bias.list[k]];
    else
        for (ptrdiff_t k = 0; k < m; k++) out[k] = bias.base[k * bias.step_j];
    if (m >= VECTOR) {
        if (LANES(is_shared)(&a) && !LANES(is_shared)(&b)) { /* products commute */
            Places swapped = a;
            a = b;
            b = swapped;
        }
        if (LANES(is_shared)(&b) && !(b.step_i == 1 && !b.list) && !a.list) {
            b.base = LANES(terms)(&b, 0, n, memory->scratch);
            b.list = NULL;
            b.step_i = 1;
        }
        if (!a.list && !b.list) {
            if (b.step_j == 0 && a.step_i == 1 && a.step_j != 1) {
                int regroups = memory->may_regroup && n >= 2 * VECTOR;
                for (; regroups && j + VECTOR <= m; j += VECTOR)
                    STORE(out + j, LANES(rows_regrouped)(LOAD(out + j), a.base + j * a.step_j,
                                                         a.step_j, b.base, n));
                for (; j + 2 * VECTOR <= m; j += 2 * VECTOR) {
                    const double *rows = a.base + j * a.step_j;
                    Doubles first = LANES(rows_times)(LOAD(out + j), rows, a.step_j, b.base, n);
                    Doubles second = LANES(rows_times)(
                        LOAD(out + j + VECTOR), rows + VECTOR * a.step_j, a.step_j, b.base, n);
                    STORE(out + j, first);
                    STORE(out + j + VECTOR, second);
                }
                for (; j + VECTOR <= m; j += VECTOR)
                    STORE(out + j, LANES(rows_times)(LOAD(out + j), a.base + j * a.step_j,
                                                    a.step_j, b.base, n));
            } else if (a.step_j == 1 && b.step_j == 0) {
                j = LANES(all_columns)(out, &a, &b, 1, m, n, memory->may_regroup);
            } else if (a.step_j == 1 && b.step_j == 1) {
                j = LANES(all_columns)(out, &a, &b, 0, m, n, memory->may_regroup);
            }
        }
    }
    for (; j + 4 <= m; j += 4) LANES(any_dots)(out, &a, &b, j, n, 4);
    for (; j < m; j++) LANES(any_dots)(out, &a, &b, j, n, 1);
}

/* --- Totals over one row --------------------------------------------------------------------- */

static NOINLINE void LANES(points_totals)(Memory *memory, const int32_t *w) {
    ptrdiff_t m = w[1], n = w[2];
    double *out = memory->totals + (w[3] - memory->totals_at);
    Places a = grid_of(memory, w + 4, n, 1), b = grid_of(memory, w + 8, n, 1);
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

/* out[k step_p + l] += a[k] b[l] for all k and `groups` vectors of l, which stay in registers. */
ALWAYS_INLINE void LANES(outer_columns)(double *out, ptrdiff_t step_p, const double *a,
                                        ptrdiff_t step_a, ptrdiff_t p, const double *b,
                                        int groups) {
    Doubles rights[4];
    for (int g = 0; g < groups; g++) rights[g] = LOAD(b + VECTOR * g);
    for (ptrdiff_t k = 0; k < p; k++, out += step_p, a += step_a) {
        Doubles left = SPREAD(*a);
        for (int g = 0; g < groups; g++)
            STORE(out + VECTOR * g, MULADD(left, rights[g], LOAD(out + VECTOR * g)));
    }
}

static NOINLINE void LANES(points_outer)(Memory *memory, const int32_t *w) {
    ptrdiff_t p = w[1], q = w[2], step_p = w[4], step_q = w[5], l = 0;
    double *out = memory->totals + (w[3] - memory->totals_at);
    Places a = operand_of(memory, w + 6, 1), b = operand_of(memory, w + 9, 1);
    if (step_p == 1 && step_q != 1) { /* products commute; totals side by side come last */
        Places places = a;
        ptrdiff_t size = p;
        a = b, b = places;
        p = q, q = size;
        step_p = step_q, step_q = 1;
    }
    if (a.list || b.list) {
        for (ptrdiff_t k = 0; k < p; k++)
            for (l = 0; l < q; l++)
                out[k * step_p + l * step_q] +=
                    a.base[slot_of(&a, k, 0)] * b.base[slot_of(&b, l, 0)];
        return;
    }
    if (step_q == 1 && b.step_j == 1) {
        for (; l + 4 * VECTOR <= q; l += 4 * VECTOR)
            LANES(outer_columns)(out + l, step_p, a.base, a.step_j, p, b.base + l, 4);
        for (; l + VECTOR <= q; l += VECTOR)
            LANES(outer_columns)(out + l, step_p, a.base, a.step_j, p, b.base + l, 1);
    }
    for (; l < q; l++) {
        double right = b.base[l * b.step_j], *column = out + l * step_q;
        for (ptrdiff_t k = 0; k < p; k++) column[k * step_p] += a.base[k * a.step_j] * right;
    }
}
