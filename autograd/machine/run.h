/* What a run works in, its guards, and a run of a verified program at one point. */

/* Room for `count` doubles at a multiple of 64 bytes, zero; `free_room` gives it back. Python's
   allocator makes it, so that tests can let any allocation fail; its own place is kept in front. */
static double *room_for(int64_t count) {
    size_t size = (size_t)(count ? count : 1) * sizeof(double);
    char *whole = PyMem_RawCalloc(1, size + 64);
    if (!whole) return NULL;
    char *room = whole + (64 - (uintptr_t)whole % 64);
    ((void **)room)[-1] = whole;
    return (double *)room;
}

static void free_room(double *room) {
    if (room) PyMem_RawFree(((void **)room)[-1]);
}

static void free_memory(Memory *memory) {
    free_room(memory->V);
    free_room(memory->scratch);
    free_room(memory->totals);
    memory->V = memory->scratch = memory->totals = NULL;
}

/* Memory for one thread, with totals of its own; 0 if there is none. */
static int take_memory(const Program *program, Memory *memory) {
    *memory = (Memory){.words = program->words, .U = program->U, .totals_at = program->totals_at,
                        .may_regroup = program->varying > 0};
    memory->V = room_for((int64_t)program->varying * LANE_COUNT);
    memory->scratch = room_for(program->scratch);
    memory->totals = room_for(program->totals);
    if (memory->V && memory->scratch && memory->totals) return 1;
    free_memory(memory);
    return 0;
}

/* --- Guards ---------------------------------------------------------------------------------- */

static inline int comparison(int code, double left, double right) {
    switch (code) {
#define CASE(number, sign) case number: return left sign right;
        COMPARISONS(CASE)
#undef CASE
    default: return 0;
    }
}

/* Guards among U alone; they hold for all rows at once. */
static int uniform_guards_fail(const Program *program) {
    for (const int32_t *g = program->guards, *end = g + 6 * program->guard_count; g < end; g += 6)
        if (g[0] == IN_U && g[3] == IN_U &&
            comparison(g[2], program->U[g[1]], program->U[g[4]]) != g[5])
            return 1;
    return 0;
}

/* Guards of the block's rows; sets failing[r] where one fails. */
static int row_guards_fail(const Program *program, const Memory *memory, ptrdiff_t slot_size,
                           char *failing) {
    int any = 0;
    for (const int32_t *g = program->guards, *end = g + 6 * program->guard_count; g < end; g += 6) {
        int left_varies = g[0] == IN_V, right_varies = g[3] == IN_V;
        if (!left_varies && !right_varies) continue;
        const double *left = left_varies ? memory->V + g[1] * slot_size : memory->U + g[1];
        const double *right = right_varies ? memory->V + g[4] * slot_size : memory->U + g[4];
        for (int r = 0; r < memory->rows; r++)
            if (comparison(g[2], left[r * left_varies], right[r * right_varies]) != g[5]) {
                any = 1;
                if (failing) failing[r] = 1;
            }
    }
    return any;
}

/* --- A point --------------------------------------------------------------------------------- */

static void begin(const Program *program, double scale, double rows, int clears_totals) {
    if (program->scale_at >= 0) program->U[program->scale_at] = scale;
    if (program->rows_at >= 0) program->U[program->rows_at] = rows;
    if (clears_totals)
        memset(program->U + program->totals_at, 0, sizeof(double) * (size_t)program->totals);
}

static void run_packs(const Program *program, const Kernels *kernels, Memory *memory) {
    memory->trouble = 0;
    if (program->scale_at >= 0 || program->rows_at >= 0 || program->totals)
        begin(program, 1.0, 1.0, 1);
    run_section(program, kernels, memory, BEFORE_SECTION);
    if (program->ends[1] < program->ends[2])
        run_section(program, kernels, memory, AFTER_SECTION);
}

/* Runs a point machine whose inputs are in U. */
static int run_point(Program *program, const Kernels *kernels, Memory *memory) {
    int status = 0, flags;
    count_runs(program, kernels, 1);
    run_packs(program, kernels, memory);
    flags = raised_flags(); /* reading them waits for all arithmetic: once, unless one is up */
    if (flags) { /* perhaps for long: looking before every run would take longer */
        lower_flags();
        run_packs(program, kernels, memory);
        flags = raised_flags();
    }
    if (memory->trouble || flags || !outputs_are_finite(program)) status = SUSPECT;
    if (program->guard_count && uniform_guards_fail(program)) status |= OTHER_BRANCH;
    return status;
}
