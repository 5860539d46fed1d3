/* Where the outputs of a program are: in runs that lie side by side in U, such as a gradient, or a
   diagonal of a Hessian. */

enum {
    MOST_SEARCHED = 32, /* runs, among which those of a part of the outputs are looked for */
    FEW_OUTPUTS = 8     /* that are not worth a look at their runs */
};

typedef struct {
    int32_t rank, place, output; /* rank: how many outputs before it have the same place */
} Output;

static int by_place(const void *one, const void *other) {
    const Output *x = one, *y = other;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    if (x->place != y->place) return x->place < y->place ? -1 : 1;
    return x->output < y->output ? -1 : x->output > y->output;
}

/* Whether a slot is the constant 0.0, as most outputs are of a Hessian of a chain. */
static int is_zero(const Program *program, int32_t slot) {
    int32_t constant = slot - program->constants_at;
    return constant >= 0 && constant < program->constants && program->U[slot] == 0.0 &&
           !signbit(program->U[slot]);
}

static void add_to_runs(Program *program, const Output *output) {
    Run *last = program->runs + program->run_count - 1;
    int32_t step = 0; /* from the last output */
    if (program->run_count) step = output->output - (last->first + (last->count - 1) * last->step);
    if (step > 0 && output->place == last->place + last->count &&
        (last->count == 1 || last->step == step))
        last->count++, last->step = step;
    else
        program->runs[program->run_count++] = (Run){output->output, 1, 1, output->place};
}

/* Finds the runs of all outputs but zeros; returns 0 if there is no memory. */
static int find_runs(Program *program) {
    size_t count = 0, size = (size_t)program->output_count + 1;
    Output *found = PyMem_RawMalloc(sizeof(Output) * size);
    program->runs = PyMem_RawMalloc(sizeof(Run) * size);
    for (int32_t k = 0; found && k < program->output_count; k++)
        if (!is_zero(program, program->outputs[k]))
            found[count++] = (Output){0, program->outputs[k], k};
    program->has_zeros = count < (size_t)program->output_count;
    if (found && program->runs) {
        qsort(found, count, sizeof(Output), by_place);
        for (size_t k = 1; k < count; k++)
            if (found[k].place == found[k - 1].place) found[k].rank = found[k - 1].rank + 1;
        qsort(found, count, sizeof(Output), by_place);
        for (size_t k = 0; k < count; k++) {
            add_to_runs(program, found + k);
            if (found[k].rank == 0) program->distinct_runs = program->run_count;
        }
    }
    PyMem_RawFree(found);
    return found && program->runs;
}

static int all_finite(const double *x, ptrdiff_t n) { return kernels_of(0).all_finite(x, n); }

/* Copies numbers; returns whether all are finite. */
static int copy_finite(double *to, const double *from, ptrdiff_t n) {
    return kernels_of(0).copy(to, from, n);
}

/* Writes so many outputs from one on. */
static void copy_outputs(const Program *program, int32_t first, int64_t count, double *into) {
    int is_part = count < program->output_count;
    if (count <= FEW_OUTPUTS || (is_part && program->run_count > MOST_SEARCHED)) {
        for (int64_t k = 0; k < count; k++) into[k] = program->U[program->outputs[first + k]];
        return;
    }
    if (program->has_zeros) memset(into, 0, sizeof(double) * (size_t)count);
    for (const Run *run = program->runs, *end = run + program->run_count; run < end; run++) {
        int64_t before = first - (int64_t)run->first, left = before + count;
        int64_t from = before <= 0 ? 0 : (before + run->step - 1) / run->step;
        int64_t to = run->count;
        if (left <= (to - 1) * run->step) to = left <= 0 ? 0 : (left + run->step - 1) / run->step;
        if (from >= to) continue;
        const double *x = program->U + run->place + from;
        double *out = into + (from * run->step - before);
        if (run->step == 1 && to - from > 8)
            copy_finite(out, x, to - from);
        else
            for (int64_t k = 0; k < to - from; k++) out[k * run->step] = x[k];
    }
}

static int outputs_are_finite(const Program *program) {
    double sum = 0.0;
    if (program->output_count <= FEW_OUTPUTS) {
        for (int32_t k = 0; k < program->output_count; k++) {
            double x = program->U[program->outputs[k]];
            sum += x - x;
        }
        return sum == 0.0;
    }
    for (const Run *run = program->runs, *end = run + program->distinct_runs; run < end; run++) {
        const double *x = program->U + run->place;
        if (run->count >= 8 && !all_finite(x, run->count)) return 0;
        for (int32_t k = 0; k < run->count && run->count < 8; k++) sum += x[k] - x[k];
    }
    return sum == 0.0;
}
