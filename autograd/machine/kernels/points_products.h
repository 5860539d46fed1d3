/* At a point: products of matrices, and sums of outer products. A part of points.h, see there.

   Two vectors of elements at a time, a panel, are laid side by side for every term, and then meet
   one column on the right after the other: the sums of a few columns stay in registers. */

#define PANEL (2 * VECTOR)

/* Elements j … j + width of m, those past the last being copies of it: returns where the first term
   of the first lies; those of the next term are a step further. */
static const double *LANES(panel)(const Places *a, ptrdiff_t j, ptrdiff_t m, ptrdiff_t n,
                                  ptrdiff_t width, double *room, ptrdiff_t *step) {
    int is_whole = !a->list && j + width <= m;
    if (is_whole && a->step_j == 1) {
        *step = a->step_i;
        return a->base + j;
    }
    *step = width;
    for (ptrdiff_t e = 0; e < width; e += VECTOR) {
        ptrdiff_t done = 0;
        for (; is_whole && a->step_i == 1 && done + VECTOR <= n; done += VECTOR) {
            const double *rows = a->base + (j + e) * a->step_j + done;
            Doubles square[VECTOR];
            for (int f = 0; f < VECTOR; f++) square[f] = LOAD(rows + f * a->step_j);
            LANES(transpose)(square);
            for (int f = 0; f < VECTOR; f++) STORE(room + (done + f) * width + e, square[f]);
        }
        for (ptrdiff_t f = e; f < e + VECTOR; f++) {
            ptrdiff_t row = j + f < m ? j + f : m - 1;
            for (ptrdiff_t i = done; i < n; i++) room[i * width + f] = a->base[slot_of(a, row, i)];
        }
    }
    return room;
}

/* A product: element j of column c goes to out[c step_c + j step_j]. */
typedef struct {
    double *out;
    ptrdiff_t step_c, step_j;
    int adds;              /* to what is there; else sums start from a bias */
    ptrdiff_t count, n;    /* columns; terms */
    const double *columns; /* term i of column c is columns[c column_step + i term_step] */
    ptrdiff_t column_step, term_step;
} LANES(Product);

/* `groups` vectors of elements from j on, of which `left` are wanted, in `height` columns from c. */
ALWAYS_INLINE void LANES(product_tile)(const LANES(Product) *product, const double *bias,
                                       const double *panel, ptrdiff_t step, ptrdiff_t c,
                                       ptrdiff_t j, ptrdiff_t left, int height, int groups,
                                       int fused) {
    Doubles sums[8];
    const ptrdiff_t n = product->n, column_step = product->column_step;
    const ptrdiff_t term_step = product->term_step;
    const double *factors = product->columns + c * column_step;
    for (int e = 0; e < height; e++)
        for (int g = 0; g < groups; g++) sums[e * groups + g] = LOAD(bias + VECTOR * g);
    for (ptrdiff_t i = 0; i < n; i++, panel += step, factors += term_step)
        for (int e = 0; e < height; e++) {
            Doubles factor = SPREAD(factors[e * column_step]);
            for (int g = 0; g < groups; g++) {
                Doubles terms = LOAD(panel + VECTOR * g), *sum = &sums[e * groups + g];
                *sum = fused ? MULADD(terms, factor, *sum) : *sum + terms * factor;
            }
        }
    for (int e = 0; e < height; e++) {
        double *out = product->out + (c + e) * product->step_c + j * product->step_j;
        if (product->step_j == 1 && left >= VECTOR * groups) {
            for (int g = 0; g < groups; g++) {
                Doubles sum = sums[e * groups + g];
                STORE(out + VECTOR * g, product->adds ? LOAD(out + VECTOR * g) + sum : sum);
            }
            continue;
        }
        for (ptrdiff_t f = 0; f < VECTOR * groups && f < left; f++) {
            double sum = sums[e * groups + f / VECTOR][f % VECTOR];
            double *place = out + f * product->step_j;
            *place = product->adds ? *place + sum : sum;
        }
    }
}

ALWAYS_INLINE void LANES(product_panel)(const LANES(Product) *product, const double *bias,
                                        const double *panel, ptrdiff_t step, ptrdiff_t j,
                                        ptrdiff_t left, int groups, int fused) {
    const int height = 8 / groups; /* eight sums at a time */
    ptrdiff_t c = 0;
    for (; c + height <= product->count; c += height)
        LANES(product_tile)(product, bias, panel, step, c, j, left, height, groups, fused);
    for (; c < product->count; c++)
        LANES(product_tile)(product, bias, panel, step, c, j, left, 1, groups, fused);
}

/* All m elements of all columns; element j of column c is Σ over i of a(j, i) b(c, i). */
static void LANES(multiply)(Memory *memory, LANES(Product) *product, const Places *bias,
                            const Places *a, ptrdiff_t m, const Places *b) {
    double *room = memory->scratch, start[PANEL] = {0.0};
    const ptrdiff_t n = product->n;
    product->columns = b->base, product->column_step = b->step_j, product->term_step = b->step_i;
    if (b->list) {
        product->columns = room, product->column_step = n, product->term_step = 1;
        for (ptrdiff_t c = 0; c < product->count; c++)
            for (ptrdiff_t i = 0; i < n; i++) *room++ = b->base[slot_of(b, c, i)];
    }
    for (ptrdiff_t j = 0; j < m; j += PANEL) {
        ptrdiff_t left = m - j, step;
        int groups = left <= VECTOR ? 1 : 2;
        const double *panel = LANES(panel)(a, j, m, n, groups * VECTOR, room, &step);
        for (ptrdiff_t e = 0; !bias->absent && e < PANEL; e++)
            start[e] = bias->base[slot_of(bias, e < left ? j + e : m - 1, 0)];
        if (groups == 1 && memory->may_regroup)
            LANES(product_panel)(product, start, panel, step, j, left, 1, 1);
        else if (groups == 1)
            LANES(product_panel)(product, start, panel, step, j, left, 1, 0);
        else if (memory->may_regroup)
            LANES(product_panel)(product, start, panel, step, j, left, 2, 1);
        else
            LANES(product_panel)(product, start, panel, step, j, left, 2, 0);
    }
}

static NOINLINE void LANES(points_product)(Memory *memory, double *results, const int32_t *w) {
    ptrdiff_t m = w[1], n = w[2];
    Places bias = operand_of(memory, w + 5, 1);
    Places a = grid_of(memory, w + 8, n, 1), b = grid_of(memory, w + 12, n, 1);
    LANES(Product) product = {results + w[4], m, 1, .count = w[3], .n = n};
    LANES(multiply)(memory, &product, &bias, &a, m, &b);
}

/* Adds to out[k step_p + l step_q], or stores there, Σ over n terms of a(k, i) b(l, i), k < p and
   l < q. */
static void LANES(add_product)(Memory *memory, double *out, ptrdiff_t step_p, ptrdiff_t step_q,
                               const Places *a, ptrdiff_t p, const Places *b, ptrdiff_t q,
                               ptrdiff_t n) {
    const Places none = {.absent = 1};
    LANES(Product) product = {out, step_p, step_q, .adds = !memory->stores_totals, .count = p,
                              .n = n};
    if (step_p == 1) { /* what lies side by side are elements, the others columns */
        product.step_c = step_q, product.step_j = step_p, product.count = q;
        LANES(multiply)(memory, &product, &none, a, p, b);
    } else {
        LANES(multiply)(memory, &product, &none, b, q, a);
    }
}

static NOINLINE void LANES(points_outers)(Memory *memory, const int32_t *w) {
    Places a = grid_of(memory, w + 7, w[3], 1), b = grid_of(memory, w + 11, w[3], 1);
    LANES(add_product)(memory, memory->totals + (w[4] - memory->totals_at), w[5], w[6], &a, w[1],
                       &b, w[2], w[3]);
}

#undef PANEL
