/* Packs over the lanes of a block of rows: vectors run over rows.

   Included twice by vectors.h. A lane past the last row (a block's rows rounded up to whole
   vectors) holds a copy of a real row, so it raises no flag of its own; totals leave it out. */

#include "lanes_elementwise.h"
#include "lanes_variadic.h"
#include "lanes_dots.h"

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
        case OUTERS:
            LANES(lanes_outers)(memory, w);
            w += 15;
            break;
        case PRODUCT:
            LANES(lanes_product)(memory, results, w);
            w += 16;
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
