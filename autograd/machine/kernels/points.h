/* Packs at one point: every result has the bits of Python's floats, whatever the processor.

   Included twice by vectors.h. Sums keep their order and nothing is fused: vectors run
   over the elements of a pack, never along a sum. The same code runs the rows of a block of one
   row (then V has one double a slot). In a machine over rows, where no bits are promised, a long
   sum may be regrouped, and what one row computes is as vectors compute it (single_rows.h). */

enum { LANES(SLICE) = 128 }; /* elements of a pack whose listed operands are gathered at a time */

static int LANES(row_apply)(int code, double *out, ptrdiff_t n, const double *const *x,
                            const ptrdiff_t *steps);
static int LANES(row_variadic)(const Memory *memory, int code, double *out, const Places *places,
                               ptrdiff_t count, ptrdiff_t n);

/* --- Elementwise ----------------------------------------------------------------------------- */

/* Elements first … first + n of an operand: contiguous in `room` if they are listed. */
ALWAYS_INLINE const double *LANES(slice)(const Places *places, ptrdiff_t first, ptrdiff_t n,
                                         double *room, ptrdiff_t *step) {
    *step = 1;
    if (!places->list) {
        *step = places->step_j;
        return places->base + first * places->step_j;
    }
    for (ptrdiff_t k = 0; k < n; k++) room[k] = places->base[places->list[first + k]];
    return room;
}

#define EACH(step_x, step_y, value)                                                               \
    for (ptrdiff_t k = 0; k < n; k++) out[k] = value(x[k * (step_x)], y[k * (step_y)]);

#define POINTS1(name, value)                                                                      \
    ALWAYS_INLINE double LANES(value_of_##name)(double x) { return value(x); }                    \
    static void LANES(points_##name)(double *restrict out, ptrdiff_t n, const double *x,          \
                                     ptrdiff_t step) {                                            \
        if (step == 1)                                                                            \
            for (ptrdiff_t k = 0; k < n; k++) out[k] = value(x[k]);                               \
        else                                                                                      \
            for (ptrdiff_t k = 0; k < n; k++) out[k] = value(x[k * step]);                        \
    }
#define POINTS2(name, value)                                                                      \
    ALWAYS_INLINE double LANES(value_of_##name)(double x, double y) { return value(x, y); }       \
    static void LANES(points_##name)(double *restrict out, ptrdiff_t n, const double *x,          \
                                     ptrdiff_t step_x, const double *y, ptrdiff_t step_y) {       \
        if (step_x == 1 && step_y == 1) {                                                         \
            EACH(1, 1, value)                                                                     \
        } else if (step_x == 1 && step_y == 0) {                                                  \
            EACH(1, 0, value)                                                                     \
        } else if (step_x == 0 && step_y == 1) {                                                  \
            EACH(0, 1, value)                                                                     \
        } else {                                                                                  \
            EACH(step_x, step_y, value)                                                           \
        }                                                                                         \
    }
#define POINTS3(name, value)                                                                      \
    static void LANES(points_##name)(double *restrict out, ptrdiff_t n, const double *x,          \
                                     ptrdiff_t step_x, const double *y, ptrdiff_t step_y,         \
                                     const double *z, ptrdiff_t step_z) {                         \
        for (ptrdiff_t k = 0; k < n; k++)                                                         \
            out[k] = value(x[k * step_x], y[k * step_y], z[k * step_z]);                          \
    }
#define POINTS4(name, value)                                                                      \
    static void LANES(points_##name)(double *restrict out, ptrdiff_t n, const double *const *x,   \
                                     const ptrdiff_t *step) {                                     \
        for (ptrdiff_t k = 0; k < n; k++)                                                         \
            out[k] = value(x[0][k * step[0]], x[1][k * step[1]], x[2][k * step[2]],               \
                           x[3][k * step[3]]);                                                    \
    }
POINT_OPERATIONS1(POINTS1)
POINT_OPERATIONS2(POINTS2)
POINT_OPERATIONS3(POINTS3)
POINT_OPERATIONS4(POINTS4)
#undef EACH
#undef POINTS1
#undef POINTS2
#undef POINTS3
#undef POINTS4

#if HAS_FMA
/* The squares, but of the lanes whose bits are set pow(x, 2). */
static NOINLINE Doubles LANES(squares_with_powers)(Doubles x, Doubles squares, unsigned lanes) {
    double numbers[VECTOR], two = hidden_two();
    STORE(numbers, x);
    for (; lanes; lanes &= lanes - 1) {
        int e = __builtin_ctz(lanes);
        Mask lane = LANES(first_lanes)(e + 1) & ~LANES(first_lanes)(e);
        squares = LANES(select)(lane, SPREAD(pow(numbers[e], two)), squares);
    }
    return squares;
}

/* x ** 2.0 with the bits of pow: the square, where its error is too small for pow to be another
   double. Results within 2^±32 are less than 0.512 units off (glibc's e_pow.c: 0.511 and 2^-68 of
   the exponent), so 0.488 units of error are, and 1.0246 times as much rounds to the square. Below
   a power of two units are halved, and so is the way to the next double. */
static NOINLINE void LANES(second_powers)(double *restrict out, ptrdiff_t n, const double *x,
                                    ptrdiff_t step) {
    ptrdiff_t k = 0;
    for (; k + VECTOR <= n; k += VECTOR) {
        Doubles from;
        if (step == 1)
            from = LOAD(x + k);
        else /* a vector there may reach beyond the room */
            for (int e = 0; e < VECTOR; e++) from[e] = x[(k + e) * step];
        Doubles square = from * from, error = MULADD(from, from, -square);
        Mask clear = (Mask)(MULADD(error, SPREAD(SQUARE_MARGIN), square) == square) &
                     LESS(SPREAD(LEAST_SQUARE), square) & LESS(square, SPREAD(MOST_SQUARE));
        unsigned doubtful = ~(unsigned)_mm256_movemask_pd((__m256d)clear) & 15;
        if (doubtful) square = LANES(squares_with_powers)(from, square, doubtful);
        STORE(out + k, square);
    }
    for (; k < n; k++) out[k] = power(x[k * step], hidden_two());
}
#endif

/* An operation without a C twin, of `arity` operands. */
static void LANES(points_in_python)(Memory *memory, int code, int arity, double *out, ptrdiff_t n,
                                    const Places *places) {
    double x[MOST_OPERANDS];
    for (ptrdiff_t k = 0; k < n; k++) {
        for (int a = 0; a < arity; a++) x[a] = places[a].base[slot_of(&places[a], k, 0)];
        out[k] = value_in_python(memory, code, x, (size_t)arity);
    }
}

/* Applies an operation to n elements whose operands are a step apart. */
static void LANES(points_apply)(int code, double *out, ptrdiff_t n, const double *const *x,
                                const ptrdiff_t *steps, int is_row) {
    if (is_row && n > 1 && LANES(row_apply)(code, out, n, x, steps)) return;
#if HAS_FMA
    if (SMALL_POWERS_ARE_KNOWN && code == OP_pow && steps[1] == 0 && x[1][0] == 2.0) {
        LANES(second_powers)(out, n, x[0], steps[0]);
        return;
    }
#endif
    switch (code) {
#define CASE1(name, value)                                                                        \
    case OP_##name: LANES(points_##name)(out, n, x[0], steps[0]); break;
#define CASE2(name, value)                                                                        \
    case OP_##name: LANES(points_##name)(out, n, x[0], steps[0], x[1], steps[1]); break;
#define CASE3(name, value)                                                                        \
    case OP_##name:                                                                               \
        LANES(points_##name)(out, n, x[0], steps[0], x[1], steps[1], x[2], steps[2]);             \
        break;
        POINT_OPERATIONS1(CASE1)
        POINT_OPERATIONS2(CASE2)
#define CASE4(name, value)                                                                        \
    case OP_##name: LANES(points_##name)(out, n, x, steps); break;
        POINT_OPERATIONS3(CASE3)
        POINT_OPERATIONS4(CASE4)
#undef CASE1
#undef CASE2
#undef CASE3
#undef CASE4
    }
}

static NOINLINE void LANES(points_elementwise)(Memory *memory, double *results, const int32_t *w) {
    int code = w[0], arity = ARITY[code], listed = IN_PYTHON[code], is_row = results == memory->V;
    ptrdiff_t count = w[1], steps[MOST_OPERANDS] = {0};
    double *out = results + w[2], rooms[MOST_OPERANDS][LANES(SLICE)];
    const double *x[MOST_OPERANDS] = {0};
    Places places[MOST_OPERANDS];
    for (int a = 0; a < arity; a++) {
        const int32_t *operand = w + 3 + 3 * a;
        listed |= operand[0] & LISTED;
        x[a] = (operand[0] & IN_V ? memory->V : memory->U) + operand[1];
        steps[a] = operand[2];
    }
    if (!listed) {
        LANES(points_apply)(code, out, count, x, steps, is_row);
        return;
    }
    for (int a = 0; a < arity; a++) places[a] = operand_of(memory, w + 3 + 3 * a, 1);
    if (IN_PYTHON[code]) {
        LANES(points_in_python)(memory, code, arity, out, count, places);
        return;
    }
    for (ptrdiff_t first = 0; first < count; first += LANES(SLICE)) {
        ptrdiff_t n = count - first < LANES(SLICE) ? count - first : LANES(SLICE);
        for (int a = 0; a < arity; a++)
            x[a] = LANES(slice)(&places[a], first, n, rooms[a], &steps[a]);
        LANES(points_apply)(code, out + first, n, x, steps, is_row);
    }
}

/* Packs of quick operations, whose operands mostly lie a step apart, take a shorter way. */
#define AT(operand) ((w[operand] & IN_V ? memory->V : memory->U) + w[operand + 1])
#define QUICK1(name)                                                                              \
    static NOINLINE void LANES(quick_##name)(Memory *memory, double *results, const int32_t *w) { \
        if (w[3] & LISTED) LANES(points_elementwise)(memory, results, w);                         \
        else LANES(points_##name)(results + w[2], w[1], AT(3), w[5]);                             \
    }
#define QUICK2(name)                                                                              \
    static NOINLINE void LANES(quick_##name)(Memory *memory, double *results, const int32_t *w) { \
        if ((w[3] | w[6]) & LISTED) LANES(points_elementwise)(memory, results, w);                \
        else LANES(points_##name)(results + w[2], w[1], AT(3), w[5], AT(6), w[8]);                \
    }
QUICK_OPERATIONS1(QUICK1)
QUICK_OPERATIONS2(QUICK2)
#undef AT
#undef QUICK1
#undef QUICK2

static NOINLINE void LANES(points_copy)(Memory *memory, double *results, const int32_t *w) {
    Places from = operand_of(memory, w + 3, 1);
    double *out = results + w[2];
    for (ptrdiff_t k = 0; k < w[1]; k++) out[k] = from.base[slot_of(&from, k, 0)];
}

/* --- Any number of operands ------------------------------------------------------------------ */

/* The n terms of element j of a grid, contiguous: where they are, or gathered in `room`. */
static const double *LANES(terms)(const Places *places, ptrdiff_t j, ptrdiff_t n, double *room) {
    if (!places->list && places->step_i == 1) return places->base + j * places->step_j;
    for (ptrdiff_t i = 0; i < n; i++) room[i] = places->base[slot_of(places, j, i)];
    return room;
}

/* Sums side by side, term by term: none waits for its own additions. */
static void LANES(points_sums)(double *restrict out, ptrdiff_t count, ptrdiff_t n,
                               const Places *places) {
    for (ptrdiff_t k = 0; k < count; k++) out[k] = 0.0;
    for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t k = 0; k < count; k++) out[k] += places->base[slot_of(places, k, i)];
}

static NOINLINE void LANES(points_variadic)(Memory *memory, double *results, const int32_t *w) {
    int code = w[0];
    ptrdiff_t count = w[1], n = w[2];
    double *out = results + w[3];
    Places places = grid_of(memory, w + 4, n, 1);
    if (code == OP_sum && count > 1 && n) {
        LANES(points_sums)(out, count, n, &places);
        return;
    }
    if (results == memory->V && LANES(row_variadic)(memory, code, out, &places, count, n)) return;
    for (ptrdiff_t k = 0; k < count; k++) {
        const double *x = LANES(terms)(&places, k, n, memory->scratch);
        switch (n ? code : 0) { /* of nothing: Python knows what that is, or raises */
#define CASE(name, value)                                                                         \
    case OP_##name: out[k] = value(x, (size_t)n); break;
            POINT_VARIADIC(CASE)
#undef CASE
        default: out[k] = value_in_python(memory, code, x, (size_t)n);
        }
    }
}

#include "points_dots.h"
#include "points_products.h"

/* --- The interpreter ------------------------------------------------------------------------- */

/* Operations that take longer than a call are called: what is left in the interpreter is so small
   that it keeps its place in a register. */
#define CALLED1(name, value)                                                                      \
    static NOINLINE void LANES(single_##name)(double *u, const int32_t *w) {                      \
        u[w[2]] = value(u[w[4]]);                                                                 \
    }
#define CALLED2(name, value)                                                                      \
    static NOINLINE void LANES(single_##name)(double *u, const int32_t *w) {                      \
        u[w[2]] = value(u[w[4]], u[w[7]]);                                                        \
    }
#define CALLED3(name, value)                                                                      \
    static NOINLINE void LANES(single_##name)(double *u, const int32_t *w) {                      \
        u[w[2]] = value(u[w[4]], u[w[7]], u[w[10]]);                                              \
    }
#define CALLED4(name, value)                                                                      \
    static NOINLINE void LANES(single_##name)(double *u, const int32_t *w) {                      \
        u[w[2]] = value(u[w[4]], u[w[7]], u[w[10]], u[w[13]]);                                    \
    }
CALLED_OPERATIONS1(CALLED1)
CALLED_OPERATIONS2(CALLED2)
CALLED_OPERATIONS3(CALLED3)
CALLED_OPERATIONS4(CALLED4)
#undef CALLED1
#undef CALLED2
#undef CALLED3
#undef CALLED4

static NOINLINE void LANES(single_dot)(double *u, const int32_t *words, const int32_t *w) {
    const int32_t *a = words + w[8], *b = words + w[12];
    double sum = w[4] == ABSENT ? 0.0 : u[w[5]];
    for (ptrdiff_t i = 0; i < w[2]; i++) {
        double left = u[w[7] & LISTED ? a[i] : w[8] + i * w[10]];
        double right = u[w[11] & LISTED ? b[i] : w[12] + i * w[14]];
        sum += left * right;
    }
    u[w[3]] = sum;
}

static void LANES(run_points)(Memory *memory, double *results, int32_t from, int32_t to) {
    const int32_t *w = memory->words + from, *end = memory->words + to;
    double *u = memory->U;
    while (w < end) {
        int code = w[0];
        switch (code) {
#define CASE1(name)                                                                               \
    case SINGLE + OP_##name:                                                                      \
        u[w[2]] = LANES(value_of_##name)(u[w[4]]);                                                \
        w += 6;                                                                                   \
        break;
#define CASE2(name)                                                                               \
    case SINGLE + OP_##name:                                                                      \
        u[w[2]] = LANES(value_of_##name)(u[w[4]], u[w[7]]);                                       \
        w += 9;                                                                                   \
        break;
            QUICK_OPERATIONS1(CASE1)
            QUICK_OPERATIONS2(CASE2)
#undef CASE1
#undef CASE2
#define CASE(name, words)                                                                         \
    case OP_##name:                                                                               \
        LANES(quick_##name)(memory, results, w);                                                  \
        w += words;                                                                               \
        break;
#define CASE1(name) CASE(name, 6)
#define CASE2(name) CASE(name, 9)
            QUICK_OPERATIONS1(CASE1)
            QUICK_OPERATIONS2(CASE2)
#undef CASE
#undef CASE1
#undef CASE2
#define CASE(name, words)                                                                         \
    case SINGLE + OP_##name:                                                                      \
        LANES(single_##name)(u, w);                                                               \
        w += words;                                                                               \
        break;
#define CASE1(name, value) CASE(name, 6)
#define CASE2(name, value) CASE(name, 9)
#define CASE3(name, value) CASE(name, 12)
#define CASE4(name, value) CASE(name, 15)
            CALLED_OPERATIONS1(CASE1)
            CALLED_OPERATIONS2(CASE2)
            CALLED_OPERATIONS3(CASE3)
            CALLED_OPERATIONS4(CASE4)
#undef CASE
#undef CASE1
#undef CASE2
#undef CASE3
#undef CASE4
#define AT(operand) (w[operand] & IN_V ? memory->V : u)[w[operand + 1]]
#define CASE1(name)                                                                               \
    case ROW_SINGLE + OP_##name:                                                                  \
        results[w[2]] = LANES(value_of_##name)(AT(3));                                            \
        w += 6;                                                                                   \
        break;
#define CASE2(name)                                                                               \
    case ROW_SINGLE + OP_##name:                                                                  \
        results[w[2]] = LANES(value_of_##name)(AT(3), AT(6));                                     \
        w += 9;                                                                                   \
        break;
            QUICK_OPERATIONS1(CASE1)
            QUICK_OPERATIONS2(CASE2)
#undef CASE1
#undef CASE2
#undef AT
        case SINGLE + OP_dot:
            LANES(single_dot)(u, memory->words, w);
            w += 15;
            break;
        case COPY:
            LANES(points_copy)(memory, results, w);
            w += 6;
            break;
        case TOTALS:
            LANES(points_totals)(memory, w);
            w += 12;
            break;
        case OUTER:
            LANES(points_outer)(memory, w);
            w += 12;
            break;
        case OUTERS:
            LANES(points_outers)(memory, w);
            w += 15;
            break;
        case PRODUCT:
            LANES(points_product)(memory, results, w);
            w += 16;
            break;
        case OP_dot:
            LANES(points_dots)(memory, results, w);
            w += 15;
            break;
        default:
            if (ARITY[code] < 0) {
                LANES(points_variadic)(memory, results, w);
                w += 8;
            } else {
                LANES(points_elementwise)(memory, results, w);
                w += 3 + 3 * ARITY[code];
            }
        }
    }
}
