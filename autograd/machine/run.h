/* Runs a verified program: at one point, or over rows, block by block and chunk by chunk. */
#include <time.h>

/* Where rows come from: input k of row r is columns[k][number of the row * strides[k]]. */
typedef struct {
    const double **columns;
    ptrdiff_t *strides;
    const int64_t *order; /* NULL: the row's number is r, else order[r] */
} Inputs;

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

static int all_finite(const double *x, ptrdiff_t n) {
    double sums[4] = {0.0}; /* of x - x, which is 0 or NaN; one sum would wait for its additions */
    ptrdiff_t k = 0;
    for (; k + 4 <= n; k += 4)
        for (int e = 0; e < 4; e++) sums[e] += x[k + e] - x[k + e];
    for (; k < n; k++) sums[0] += x[k] - x[k];
    return sums[0] + sums[1] + sums[2] + sums[3] == 0.0;
}

static int outputs_are_finite(const Program *program) {
    double sums[4] = {0.0}; /* as above; a Hessian's zeros are not looked at */
    const int32_t *changing = program->changing;
    for (int k = 0; k < program->changing_count; k++) {
        double x = program->U[program->outputs[changing[k]]];
        sums[k & 3] += x - x;
    }
    return sums[0] + sums[1] + sums[2] + sums[3] == 0.0;
}

static void begin(const Program *program, double scale, double rows) {
    if (program->scale_at >= 0) program->U[program->scale_at] = scale;
    if (program->rows_at >= 0) program->U[program->rows_at] = rows;
    memset(program->U + program->totals_at, 0, sizeof(double) * (size_t)program->totals);
}

static void run_packs(const Program *program, const Kernels *kernels, Memory *memory) {
    memory->trouble = 0;
    if (program->scale_at >= 0 || program->rows_at >= 0 || program->totals)
        begin(program, 1.0, 1.0);
    run_section(program, kernels, memory, BEFORE_SECTION);
    if (program->ends[1] < program->ends[2])
        run_section(program, kernels, memory, AFTER_SECTION);
}

/* Runs a point machine whose inputs are in U. */
static int run_point(Program *program, const Kernels *kernels, Memory *memory) {
    int status = 0;
    count_runs(program, kernels, 1);
    run_packs(program, kernels, memory);
    if (raised_flags()) { /* perhaps long ago: looking before every run would take longer */
        lower_flags();
        run_packs(program, kernels, memory);
    }
    if (memory->trouble || raised_flags() || !outputs_are_finite(program)) status = SUSPECT;
    if (program->guard_count && uniform_guards_fail(program)) status |= OTHER_BRANCH;
    return status;
}

/* --- Rows ------------------------------------------------------------------------------------ */

static void take_rows(const Program *program, const Inputs *inputs, Memory *memory, int64_t first,
                      int rows, ptrdiff_t slot_size) {
    int filled = slot_size == 1 ? 1 : (rows + WIDEST - 1) / WIDEST * WIDEST;
    ptrdiff_t numbers[LANE_COUNT];
    for (int r = 0; r < filled; r++) {
        int64_t row = first + (r < rows ? r : rows - 1); /* lanes past the last repeat it */
        numbers[r] = (ptrdiff_t)(inputs->order ? inputs->order[row] : row);
    }
    double *lanes = memory->V + program->inputs_at * slot_size;
    for (int k = 0; k < program->inputs; k++, lanes += slot_size) {
        const double *column = inputs->columns[k];
        ptrdiff_t stride = inputs->strides[k];
        if (stride == 1 && !inputs->order && rows == LANE_COUNT)
            memcpy(lanes, column + numbers[0], LANE_COUNT * sizeof(double));
        else
            for (int r = 0; r < filled; r++) lanes[r] = column[numbers[r] * stride];
    }
    memory->rows = rows;
}

/* Writes the block's row results; returns whether all are finite. */
static int give_rows(const Program *program, const Memory *memory, double *results) {
    int count = program->row_output_count, rows = memory->rows;
    double sums[4] = {0.0}; /* of x - x, which is 0 or NaN; one sum would wait for its additions */
    for (int k = 0; k < count; k++) {
        int32_t slot = program->row_outputs[k];
        if (slot < 0) {
            double x = memory->U[-1 - (ptrdiff_t)slot];
            for (int r = 0; r < rows; r++) results[(ptrdiff_t)r * count + k] = x;
            sums[0] += x - x;
            continue;
        }
        const double *lanes = memory->V + (ptrdiff_t)slot * LANE_COUNT;
        double *out = results + k;
        int r = 0;
        for (; r + 4 <= rows; r += 4) {
            for (int e = 0; e < 4; e++) sums[e] += lanes[r + e] - lanes[r + e];
            for (int e = 0; e < 4; e++, out += count) *out = lanes[r + e];
        }
        for (; r < rows; r++, out += count) {
            sums[0] += lanes[r] - lanes[r];
            *out = lanes[r];
        }
    }
    return sums[0] + sums[1] + sums[2] + sums[3] == 0.0;
}

/* --- Signals --------------------------------------------------------------------------------- */

enum { TERMS_BETWEEN_CLOCKS = 1 << 20 }; /* about a millisecond */
static const double SECONDS_BETWEEN_LOOKS = 0.05; /* each may wait for the interpreter's lock */

/* Whether a signal's handler in Python has raised, asked now and then during long work. */
typedef struct {
    int (*ask)(void); /* takes the interpreter's lock and lets handlers run; NULL: nobody asks */
    int64_t terms;    /* to be computed before the next glance at the clock */
    double next;      /* when to ask again */
} Look;

static double seconds_now(void) {
    struct timespec now;
#ifdef CLOCK_MONOTONIC
    clock_gettime(CLOCK_MONOTONIC, &now);
#else
    timespec_get(&now, TIME_UTC);
#endif
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static Look first_look(int (*ask)(void)) {
    return (Look){ask, TERMS_BETWEEN_CLOCKS, ask ? seconds_now() + SECONDS_BETWEEN_LOOKS : 0.0};
}

static int look_at_signals(Look *look) {
    double now;
    look->terms = TERMS_BETWEEN_CLOCKS;
    if (!look->ask || (now = seconds_now()) < look->next) return 0;
    look->next = now + SECONDS_BETWEEN_LOOKS;
    return look->ask() != 0;
}

/* Returns whether work is to end; called before every block of rows. */
static inline int has_to_stop(Look *look, const Program *program) {
    look->terms -= (program->work + 1) * LANE_COUNT;
    return look->terms < 0 && look_at_signals(look);
}

/* One job over many rows, shared by threads: each takes the next chunk until none is left. */
typedef struct {
    const Program *program;
    const Kernels *kernels;
    Inputs inputs;
    int64_t rows;
    double *results;      /* rows × row_outputs, or NULL */
    char *failing;        /* rows, or NULL */
    double *chunk_totals; /* of the chunks since first_chunk, one after the other */
    int64_t first_chunk, end_chunk, next_chunk;
    int status, flags;
    int stop; /* whether all are to leave the rest undone */
} Job;

/* Works on a chunk; `look` is that of the thread that hears signals, NULL in others. */
static int run_chunk(Job *job, Memory *memory, int64_t chunk, Look *look) {
    const Program *program = job->program;
    int status = 0;
    int64_t end = (chunk + 1) * CHUNK_ROWS < job->rows ? (chunk + 1) * CHUNK_ROWS : job->rows;
    for (int64_t first = chunk * CHUNK_ROWS; first < end; first += LANE_COUNT) {
        int rows = end - first < LANE_COUNT ? (int)(end - first) : LANE_COUNT;
        if (look && has_to_stop(look, program)) __atomic_store_n(&job->stop, 1, __ATOMIC_RELAXED);
        if (__atomic_load_n(&job->stop, __ATOMIC_RELAXED)) break;
        take_rows(program, &job->inputs, memory, first, rows, LANE_COUNT);
        run_section(program, job->kernels, memory, ROWS_SECTION);
        if (program->guard_count &&
            row_guards_fail(program, memory, LANE_COUNT,
                            job->failing ? job->failing + first : NULL))
            status |= OTHER_BRANCH;
        if (job->results &&
            !give_rows(program, memory, job->results + first * program->row_output_count))
            status |= SUSPECT;
    }
    return status;
}

static void work_on(Job *job, Memory *memory, Look *look) {
    int32_t totals = job->program->totals;
    double *own = memory->totals;
    int status = 0;
    memory->trouble = 0;
    lower_flags();
    for (;;) {
        int64_t chunk = __atomic_fetch_add(&job->next_chunk, 1, __ATOMIC_RELAXED);
        if (chunk >= job->end_chunk || __atomic_load_n(&job->stop, __ATOMIC_RELAXED)) break;
        memory->totals = job->chunk_totals + (chunk - job->first_chunk) * totals;
        memset(memory->totals, 0, sizeof(double) * (size_t)totals);
        status |= run_chunk(job, memory, chunk, look);
    }
    memory->totals = own;
    __atomic_fetch_or(&job->flags, raised_flags(), __ATOMIC_RELAXED);
    if (memory->trouble || raised_flags()) status |= SUSPECT;
    __atomic_fetch_or(&job->status, status, __ATOMIC_RELAXED);
}

static void run_before(Job *job, Memory *memory, double scale) {
    const Program *program = job->program;
    memory->trouble = 0;
    begin(program, scale, (double)job->rows);
    lower_flags();
    run_section(program, job->kernels, memory, BEFORE_SECTION);
    job->status = memory->trouble || raised_flags() ? SUSPECT : 0;
}

/* Chunks are added in their order, so the sum does not depend on who computed them. */
static void add_chunks(const Job *job) {
    const Program *program = job->program;
    double *totals = program->U + program->totals_at;
    const double *chunk = job->chunk_totals;
    for (int64_t c = job->first_chunk; c < job->end_chunk; c++, chunk += program->totals)
        for (int32_t k = 0; k < program->totals; k++) totals[k] += chunk[k];
}

static void run_after(Job *job, Memory *memory) {
    const Program *program = job->program;
    memory->trouble = 0;
    lower_flags();
    run_section(program, job->kernels, memory, AFTER_SECTION);
    if (memory->trouble || raised_flags() || !outputs_are_finite(program)) job->status |= SUSPECT;
    if (program->guard_count && uniform_guards_fail(program)) {
        job->status |= OTHER_BRANCH;
        if (job->failing) memset(job->failing, 1, (size_t)job->rows);
    }
}
