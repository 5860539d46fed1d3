/* Training without leaving the machine: gather a batch, run, step the parameters, again. */

typedef struct {
    Program *program;
    const Kernels *kernels;
    Memory *memory;
    Inputs inputs;        /* with the order of the rows, batch after batch */
    const int64_t *sizes; /* of the batches */
    const double *factors; /* of the learning rate, one a step from step first_factor on; or NULL */
    int64_t first_factor;
    int64_t steps;
    int64_t step, position; /* done so far: steps, and rows in the order */
    int is_mean;            /* whether a batch's loss is the mean over its rows, or the sum */
    int check;              /* whether floating-point trouble ends the training */
    int rule, memories;   /* an update rule; how many numbers it remembers for each parameter */
    double learning_rate;
    double *settings;     /* of the optimizer, the learning rate of the step first */
    Limits limits;        /* of the gradient */
    int64_t steps_before; /* of the optimizer, since its state was new */
    ptrdiff_t trained;
    const int32_t *trained_slots, *gradient_slots; /* in U; NULL: one after the other from … */
    int32_t trained_at, gradients_at, loss_at;
    double *state;  /* of the optimizer, per parameter */
    double *losses; /* one a step */
    double *norms;  /* of the gradients, likewise, or NULL */
    double *room; /* 2 · trained doubles gathered, the parameters before a step, room for a state */
    double *next_state; /* where the next step's state goes; then it changes places with the last */
    Look look;
} Training;

/* One row, of which V has one double a slot. */
static inline void take_row(const Program *program, const Inputs *inputs, Memory *memory,
                            int64_t row) {
    ptrdiff_t number = (ptrdiff_t)inputs->order[row];
    double *numbers = memory->V + program->inputs_at;
    for (int k = 0; k < program->inputs; k++)
        numbers[k] = inputs->columns[k][number * inputs->strides[k]];
    memory->rows = 1;
}

/* Rows first … first + rows of the order, through V. */
static int train_block(const Training *training, int64_t first, int rows) {
    const Program *program = training->program;
    Memory *memory = training->memory;
    ptrdiff_t slot_size = rows == 1 ? 1 : LANE_COUNT;
    if (rows == 1)
        take_row(program, &training->inputs, memory, first);
    else
        training->kernels->gather_rows(program, &training->inputs, memory, first, rows);
    return run_block(program, training->kernels, memory, slot_size, NULL);
}

static int train_rows(Training *training, int64_t size) {
    const Program *program = training->program;
    Memory *memory = training->memory;
    double *own = memory->totals, *totals = program->U + program->totals_at;
    int status = 0;
    for (int64_t chunk = 0; chunk < size; chunk += CHUNK_ROWS) {
        int64_t end = size - chunk < CHUNK_ROWS ? size : chunk + CHUNK_ROWS;
        memory->totals = chunk ? own : totals; /* the first chunk adds to zeros */
        if (chunk) memset(own, 0, sizeof(double) * (size_t)program->totals);
        for (int64_t row = chunk; row < end; row += LANE_COUNT) {
            int rows = end - row < LANE_COUNT ? (int)(end - row) : LANE_COUNT;
            if (has_to_stop(&training->look, program)) {
                memory->totals = own;
                return STOPPED;
            }
            status |= train_block(training, training->position + row, rows);
        }
        if (chunk)
            for (int32_t k = 0; k < program->totals; k++) totals[k] += own[k];
    }
    memory->totals = own;
    return status;
}

/* Computes the loss and the gradients of the next batch; returns the status. */
static int train_gradients(Training *training, int64_t size) {
    const Program *program = training->program;
    Memory *memory = training->memory;
    int status;
    memory->trouble = 0;
    memory->stores_totals = size == 1 && !program->adds_twice;
    begin(program, training->is_mean ? 1.0 / (double)size : 1.0, (double)size,
          !memory->stores_totals);
    lower_flags();
    if (program->ends[0]) run_section(program, training->kernels, memory, BEFORE_SECTION);
    status = train_rows(training, size);
    memory->stores_totals = 0;
    if (program->ends[1] < program->ends[2])
        run_section(program, training->kernels, memory, AFTER_SECTION);
    if (memory->trouble || raised_flags()) status |= SUSPECT;
    if (program->guard_count && uniform_guards_fail(program)) status |= OTHER_BRANCH;
    return training->check ? status : status & ~SUSPECT;
}

/* The parameters: where they are, or gathered in the room. */
static double *parameters_of(const Training *training) {
    double *u = training->program->U;
    if (!training->trained_slots) return u + training->trained_at;
    for (ptrdiff_t k = 0; k < training->trained; k++)
        training->room[k] = u[training->trained_slots[k]];
    return training->room;
}

/* The gradients, likewise, never among the parameters. */
static const double *gradients_of(const Training *training) {
    const double *u = training->program->U;
    const ptrdiff_t n = training->trained, apart = training->gradients_at - training->trained_at;
    double *room = training->room + n;
    if (!training->gradient_slots && (training->trained_slots || apart >= n || apart <= -n))
        return u + training->gradients_at;
    for (ptrdiff_t k = 0; k < n; k++)
        room[k] = u[training->gradient_slots ? training->gradient_slots[k]
                                             : training->gradients_at + k];
    return room;
}

/* Steps the parameters, all or none of them; returns whether they stay finite. */
static int step_parameters(Training *training) {
    double *u = training->program->U;
    const ptrdiff_t n = training->trained;
    double *p = parameters_of(training), *before = training->room + 2 * n;
    const double *gradients = gradients_of(training);
    double norm = 0.0;
    if (training->norms || training->limits.norm)
        norm = norm_of(training->kernels, gradients, n);
    if (training->norms) training->norms[training->step] = norm;
    gradients =
        clipped(training->kernels, &training->limits, norm, gradients, n, training->room + n);
    if (!gradients) return 0;
    training->settings[0] = training->learning_rate;
    if (training->factors)
        training->settings[0] *= training->factors[training->step - training->first_factor];
    /* A gradient that is not finite makes its parameter not finite; one too large to be squared
       only what is remembered of it. */
    if (!training->kernels->steps[training->rule](
            training->settings, (double)(training->steps_before + training->step + 1), n,
            gradients, p, before, training->state, training->next_state)) {
        memcpy(p, before, sizeof(double) * (size_t)n);
        return 0;
    }
    if (training->trained_slots)
        for (ptrdiff_t k = 0; k < n; k++) u[training->trained_slots[k]] = p[k];
    double *state = training->state;
    training->state = training->next_state;
    training->next_state = state;
    return 1;
}

/* Takes the steps up to number `last`; returns why it ended before, 0 if it did not. A step that is
   stopped leaves the parameters as the one before it did. */
static int train(Training *training, int64_t last) {
    while (training->step < last) {
        int64_t size = training->sizes[training->step];
        count_runs(training->program, training->kernels, (size + LANE_COUNT - 1) / LANE_COUNT);
        int status = train_gradients(training, size);
        double loss = training->program->U[training->loss_at];
        if (status & STOPPED) return STOPPED;
        training->losses[training->step] = loss;
        if (loss - loss != 0.0) status |= SUSPECT;
        if (status) return status;
        if (!step_parameters(training)) return SUSPECT;
        training->position += size;
        training->step++;
    }
    return 0;
}
