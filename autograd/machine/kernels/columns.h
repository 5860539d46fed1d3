/* Rows on their way between columns and lanes, looked at as they pass.

   Included twice by vectors.h. Whether a number is infinite or NaN is collected in the highest bit,
   by its exponent alone: a test in floating point would raise flags. */

#define BEYOND_FINITE(bits) (((bits) & 0x7FF0000000000000) + 0x0010000000000000)

ALWAYS_INLINE uint64_t LANES(any_of)(Bits found) {
    uint64_t any = 0;
    for (int lane = 0; lane < VECTOR; lane++) any |= found[lane];
    return any;
}

/* to[r * to_step] = from[r * from_step] for the rows from `first` on. */
ALWAYS_INLINE uint64_t LANES(copy_column)(double *to, ptrdiff_t to_step, const double *from,
                                          ptrdiff_t from_step, ptrdiff_t first, ptrdiff_t rows) {
    Bits found = {0};
    uint64_t any = 0;
    ptrdiff_t r = first;
    if (to_step == 1 && from_step == 1)
#pragma GCC unroll 4
        for (; r + VECTOR <= rows; r += VECTOR) {
            Doubles x = LOAD(from + r);
            STORE(to + r, x);
            found |= BEYOND_FINITE((Bits)x);
        }
    for (; r < rows; r++) {
        double x = from[r * from_step];
        to[r * to_step] = x;
        any |= BEYOND_FINITE(bits_of(x));
    }
    return any | LANES(any_of)(found);
}

/* Takes rows of columns to lanes; returns whether all numbers are finite. */
static int LANES(take_rows)(const Program *program, const Inputs *inputs, Memory *memory,
                            int64_t first, int rows) {
    double *lanes = memory->V + (ptrdiff_t)program->inputs_at * LANE_COUNT;
    uint64_t any = 0;
    memory->rows = rows;
    for (int k = 0; k < program->inputs; k++, lanes += LANE_COUNT) {
        ptrdiff_t stride = inputs->strides[k];
        const double *column = inputs->columns[k] + (ptrdiff_t)first * stride;
        any |= LANES(copy_column)(lanes, 1, column, stride, 0, rows);
        fill_up(lanes, rows);
    }
    return !(any >> 63);
}

/* Writes whole vectors of rows to columns side by side, in squares of which the last overlaps. */
static uint64_t LANES(give_table)(const Memory *memory, const int32_t *slots, int columns,
                                  double *out, ptrdiff_t stride) {
    Bits found = {0};
    for (ptrdiff_t r = 0; r + VECTOR <= memory->rows; r += VECTOR)
        for (int c = 0; c < columns; c += VECTOR) {
            int corner = c + VECTOR <= columns ? c : columns - VECTOR;
            Doubles square[VECTOR];
            for (int e = 0; e < VECTOR; e++) {
                square[e] = LOAD(memory->V + (ptrdiff_t)slots[corner + e] * LANE_COUNT + r);
                found |= BEYOND_FINITE((Bits)square[e]);
            }
            LANES(transpose)(square);
            for (int e = 0; e < VECTOR; e++) STORE(out + (r + e) * stride + corner, square[e]);
        }
    return LANES(any_of)(found);
}

/* How many results from number k on are lanes and go to columns side by side; at least one. */
ALWAYS_INLINE int LANES(side_by_side)(const Program *program, const Results *results, int k) {
    int n = 1;
    if (program->row_outputs[k] < 0) return 1;
    while (k + n < program->row_output_count && program->row_outputs[k + n] >= 0 &&
           results->columns[k + n] == results->columns[k] + n &&
           results->strides[k + n] == results->strides[k])
        n++;
    return n;
}

/* Writes the results of the block's rows, of which the first is that number; returns whether all are
   finite. */
static int LANES(give_rows)(const Program *program, const Memory *memory, const Results *results,
                            int64_t first) {
    const int32_t *slots = program->row_outputs;
    uint64_t any = 0;
    for (int k = 0; k < program->row_output_count;) {
        int columns = LANES(side_by_side)(program, results, k), written = 0;
        ptrdiff_t stride = results->strides[k];
        double *out = results->columns[k] + (ptrdiff_t)first * stride;
        if (columns >= VECTOR) {
            any |= LANES(give_table)(memory, slots + k, columns, out, stride);
            written = memory->rows / VECTOR * VECTOR;
        }
        for (int end = k + columns; k < end; k++, out++) {
            ptrdiff_t slot = slots[k];
            const double *from = slot < 0 ? memory->U - 1 - slot : memory->V + slot * LANE_COUNT;
            any |= LANES(copy_column)(out, stride, from, slot >= 0, written, memory->rows);
        }
    }
    return !(any >> 63);
}

#undef BEYOND_FINITE

/* How many columns from the first on are side by side, parts of rows of one matrix: whole vectors. */
static int LANES(matrix_width)(const double **columns, const ptrdiff_t *strides, int count) {
    int width = 1;
    while (width < count && columns[width] == columns[0] + width && strides[width] == strides[0])
        width++;
    return width / VECTOR * VECTOR;
}

/* Takes rows in their order, which were looked at before, to lanes; those of a matrix in squares,
   row after row. */
static void LANES(gather_rows)(const Program *program, const Inputs *inputs, Memory *memory,
                               int64_t first, int rows) {
    double *lanes = memory->V + (ptrdiff_t)program->inputs_at * LANE_COUNT;
    const int filled = (rows + WIDEST - 1) / WIDEST * WIDEST;
    ptrdiff_t numbers[LANE_COUNT];
    memory->rows = rows;
    for (int r = 0; r < filled; r++)
        numbers[r] = (ptrdiff_t)inputs->order[first + (r < rows ? r : rows - 1)];
    for (int k = 0, width; k < program->inputs; k += width, lanes += width * LANE_COUNT) {
        const ptrdiff_t stride = inputs->strides[k];
        const double *column = inputs->columns[k];
        width = LANES(matrix_width)(inputs->columns + k, inputs->strides + k, program->inputs - k);
        for (int r = 0; width && r < filled; r += VECTOR)
            for (int c = 0; c < width; c += VECTOR) {
                Doubles square[VECTOR];
                for (int e = 0; e < VECTOR; e++)
                    square[e] = LOAD(column + numbers[r + e] * stride + c);
                LANES(transpose)(square);
                for (int e = 0; e < VECTOR; e++)
                    STORE(lanes + (c + e) * LANE_COUNT + r, square[e]);
            }
        if (width) continue;
        for (int r = 0; r < filled; r++) lanes[r] = column[numbers[r] * stride];
        width = 1;
    }
}
