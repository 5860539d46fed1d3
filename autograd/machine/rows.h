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

/* Fills in lanes past the last row, see lanes.h. */
static inline void fill_up(double *lanes, int rows) {
    for (int r = rows; r % WIDEST; r++) lanes[r] = lanes[rows - 1];
}

/* Takes rows of columns to lanes; returns whether all numbers are finite. */
static int take_rows(const Program *program, const Kernels *kernels, const Inputs *inputs,
                     Memory *memory, int64_t first, int rows) {
    double *lanes = memory->V + (ptrdiff_t)program->inputs_at * LANE_COUNT;
    int are_finite = 1;
    memory->rows = rows;
    for (int k = 0; k < program->inputs; k++, lanes += LANE_COUNT) {
        ptrdiff_t stride = inputs->strides[k];
        const double *column = inputs->columns[k] + (ptrdiff_t)first * stride;
        are_finite &= kernels->copy_column(lanes, 1, column, stride, rows);
        fill_up(lanes, rows);
    }
    return are_finite;
}

/* The same for rows in an order, which were looked at before. */
static void gather_rows(const Program *program, const Inputs *inputs, Memory *memory, int64_t first,
                        int rows) {
    double *lanes = memory->V + (ptrdiff_t)program->inputs_at * LANE_COUNT;
    ptrdiff_t numbers[LANE_COUNT];
    memory->rows = rows;
    for (int r = 0; r < rows; r++) numbers[r] = (ptrdiff_t)inputs->order[first + r];
    for (int k = 0; k < program->inputs; k++, lanes += LANE_COUNT) {
        for (int r = 0; r < rows; r++)
            lanes[r] = inputs->columns[k][numbers[r] * inputs->strides[k]];
        fill_up(lanes, rows);
    }
}

/* Whether `rows` numbers of a column are finite. */
static int column_is_finite(const double *column, ptrdiff_t stride, ptrdiff_t rows) {
    uint64_t found = 0; /* as in columns.h */
    for (ptrdiff_t r = 0; r < rows; r++)
        found |= (bits_of(column[r * stride]) & 0x7FF0000000000000) + 0x0010000000000000;
    return !(found >> 63);
}

/* Writes the results of the block's rows, of which the first is that number; returns whether all are
   finite. */
static int give_rows(const Program *program, const Kernels *kernels, const Memory *memory,
                     const Results *results, int64_t first) {
    int are_finite = 1;
    for (int k = 0; k < program->row_output_count; k++) {
        ptrdiff_t slot = program->row_outputs[k], stride = results->strides[k];
        const double *from = slot < 0 ? memory->U - 1 - slot : memory->V + slot * LANE_COUNT;
        are_finite &= kernels->copy_column(results->columns[k] + (ptrdiff_t)first * stride, stride,
                                           from, slot >= 0, memory->rows);
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
