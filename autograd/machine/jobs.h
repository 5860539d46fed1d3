/* Jobs: many rows, block by block and chunk by chunk. */

/* One job over many rows, shared by threads: each takes the next chunk until none is left. */
typedef struct {
    const Program *program;
    const Kernels *kernels;
    Inputs inputs;
    int64_t rows;
    Results results;
    char *failing;        /* rows, or NULL */
    double *chunk_totals; /* of the chunks since first_chunk, one after the other */
    int64_t first_chunk, end_chunk, next_chunk;
    int looks_at_inputs; /* whether those that are not finite are trouble */
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
        int are_finite = job->kernels->take_rows(program, &job->inputs, memory, first, rows);
        if (job->looks_at_inputs && !are_finite) status |= SUSPECT;
        status |= run_block(program, job->kernels, memory, LANE_COUNT,
                            job->failing ? job->failing + first : NULL);
        if (job->results.columns &&
            !job->kernels->give_rows(program, memory, &job->results, first))
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
    begin(program, scale, (double)job->rows, 1);
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
