/* Rows: taken from columns into lanes, run block by block, and given to columns. */

/* Where rows come from: input k of row r is columns[k][number of the row * strides[k]]. */
typedef struct {
    const double **columns;
    ptrdiff_t *strides;
    const int64_t *order; /* NULL: the row's number is r, else order[r] */
} Inputs;

/* Where their results go: number k of row r is columns[k][r * strides[k]]. */
typedef struct {
    double **columns; /* NULL: nowhere */
    ptrdiff_t *strides;
} Results;

static void take_rows(const Program *program, const Inputs *inputs, Memory *memory, int64_t first,
                      int rows, ptrdiff_t slot_size) {
    int filled = slot_size == 1 ? 1 : (rows + WIDEST - 1) / WIDEST * WIDEST;
    double *lanes = memory->V + program->inputs_at * slot_size;
    memory->rows = rows;
    if (!inputs->order) {
        for (int k = 0; k < program->inputs; k++, lanes += slot_size) {
            ptrdiff_t stride = inputs->strides[k];
            const double *column = inputs->columns[k] + (ptrdiff_t)first * stride;
            if (stride == 1)
                memcpy(lanes, column, (size_t)rows * sizeof(double));
            else
                for (int r = 0; r < rows; r++) lanes[r] = column[r * stride];
            for (int r = rows; r < filled; r++) lanes[r] = lanes[rows - 1]; /* see lanes.h */
        }
        return;
    }
    ptrdiff_t numbers[LANE_COUNT];
    for (int r = 0; r < filled; r++)
        numbers[r] = (ptrdiff_t)inputs->order[first + (r < rows ? r : rows - 1)];
    for (int k = 0; k < program->inputs; k++, lanes += slot_size)
        for (int r = 0; r < filled; r++)
            lanes[r] = inputs->columns[k][numbers[r] * inputs->strides[k]];
}

/* Collects in the highest bit whether a number is infinite or NaN, by its exponent alone: a test in
   floating point would raise flags. */
static inline uint64_t beyond_finite(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (bits & 0x7FF0000000000000) + 0x0010000000000000;
}

static int lanes_are_finite(const double *lanes, int rows) {
    uint64_t found[4] = {0};
    int r = 0;
    for (; r + 4 <= rows; r += 4)
        for (int e = 0; e < 4; e++) found[e] |= beyond_finite(lanes[r + e]);
    for (; r < rows; r++) found[0] |= beyond_finite(lanes[r]);
    return !((found[0] | found[1] | found[2] | found[3]) >> 63);
}

/* Whether all inputs of the rows that were taken are finite. */
static int rows_are_finite(const Program *program, const Memory *memory) {
    const double *lanes = memory->V + (ptrdiff_t)program->inputs_at * LANE_COUNT;
    if (memory->rows == LANE_COUNT)
        return lanes_are_finite(lanes, LANE_COUNT * program->inputs);
    for (int k = 0; k < program->inputs; k++, lanes += LANE_COUNT)
        if (!lanes_are_finite(lanes, memory->rows)) return 0;
    return 1;
}

/* Whether `rows` numbers of a column are finite. */
static int column_is_finite(const double *column, ptrdiff_t stride, ptrdiff_t rows) {
    uint64_t found = 0;
    for (ptrdiff_t first = 0; first < rows && stride == 1; first += 1 << 16)
        if (!lanes_are_finite(column + first, rows - first < 1 << 16 ? (int)(rows - first) : 1 << 16))
            return 0;
    for (ptrdiff_t r = 0; r < rows && stride != 1; r++) found |= beyond_finite(column[r * stride]);
    return !(found >> 63);
}

/* Writes the results of the block's rows, of which the first is that number; returns whether all are
   finite. */
static int give_rows(const Program *program, const Memory *memory, const Results *results,
                     int64_t first) {
    int rows = memory->rows, are_finite = 1;
    for (int k = 0; k < program->row_output_count; k++) {
        int32_t slot = program->row_outputs[k];
        ptrdiff_t stride = results->strides[k];
        double *out = results->columns[k] + (ptrdiff_t)first * stride;
        if (slot < 0) {
            double x = memory->U[-1 - (ptrdiff_t)slot];
            for (int r = 0; r < rows; r++) out[r * stride] = x;
            are_finite &= lanes_are_finite(&x, 1);
            continue;
        }
        const double *lanes = memory->V + (ptrdiff_t)slot * LANE_COUNT;
        are_finite &= lanes_are_finite(lanes, rows);
        if (stride == 1)
            memcpy(out, lanes, (size_t)rows * sizeof(double));
        else
            for (int r = 0; r < rows; r++) out[r * stride] = lanes[r];
    }
    return are_finite;
}

/* The one place where a block of rows is run: those that `take_rows` took. Sets failing[r] where a
   guard fails. */
static int run_block(const Program *program, const Kernels *kernels, Memory *memory,
                     ptrdiff_t slot_size, char *failing) {
    /* One row of its own runs as a point does, one double a slot: a quarter of the work of a vector. */
    if (slot_size == 1)
        kernels->points(memory, memory->V, program->ends[0], program->ends[1]);
    else
        run_section(program, kernels, memory, ROWS_SECTION);
    if (program->guard_count && row_guards_fail(program, memory, slot_size, failing))
        return OTHER_BRANCH;
    return 0;
}
