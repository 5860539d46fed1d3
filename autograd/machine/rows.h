/* Rows taken to lanes and run block by block; how they get there in their order, and their results to
   columns: kernels/columns.h. */

/* Whether `rows` numbers of a column are finite. */
static int column_is_finite(const double *column, ptrdiff_t stride, ptrdiff_t rows) {
    uint64_t found = 0; /* as in columns.h */
    for (ptrdiff_t r = 0; r < rows; r++)
        found |= (bits_of(column[r * stride]) & 0x7FF0000000000000) + 0x0010000000000000;
    return !(found >> 63);
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
