/* Sections taken to pieces: loops, steps of single numbers, and what is left to the interpreter. */

static void leave(Emitter *emitter, int32_t from, int32_t to) {
    note_written(emitter, emitter->program->words + from);
    Step *last = emitter->steps + emitter->count - 1;
    if (emitter->count && last->operation == INTERPRET && last->to == from) {
        last->to = to;
    } else {
        last = new_step(emitter, INTERPRET, 0, -1);
        last->from = from, last->to = to;
        emitter->computed--;
    }
}

/* Fills in, backwards, what of a step depends on later ones; `written` is true of all results. */
static void look_ahead(Emitter *emitter) {
    for (int32_t k = 0; k < emitter->count; k++) {
        const Step *step = emitter->steps + k;
        if (step->out >= 0) emitter->reading[step->out] = NEVER;
        for (int a = 0; a < step->arity; a++) emitter->reading[step->in[a]] = NEVER;
    }
    for (int32_t k = emitter->count - 1; k >= 0; k--) {
        Step *step = emitter->steps + k;
        if (step->out >= 0) {
            step->is_last = emitter->written[step->out];
            emitter->written[step->out] = 0;
            step->next_out = emitter->reading[step->out];
            emitter->reading[step->out] = NEVER;
        }
        for (int a = 0; a < step->arity; a++) step->next[a] = emitter->reading[step->in[a]];
        for (int a = 0; a < step->arity; a++) emitter->reading[step->in[a]] = k;
    }
}

/* Takes a section to pieces. */
static void take_section(Emitter *emitter, int section) {
    const Program *program = emitter->program;
    int32_t at = section ? program->ends[section - 1] : 0, end = program->ends[section];
    emitter->section = section;
    emitter->count = emitter->computed = 0;
    memset(emitter->written, 0, (size_t)emitter->values);
    memset(emitter->same, -1, sizeof(int32_t) * (size_t)emitter->values);
    keep_what_others_read(emitter);
    while (at < end) {
        const int32_t *w = program->words + at;
        int32_t next = loop_end(emitter, at, end);
        if (next > at) {
            Step *loop = new_step(emitter, LOOP, 0, -1);
            loop->from = at, loop->to = at = next;
            continue;
        }
        next = at + pack_size(plain_code(w[0]));
        if (emitter->count > MOST_STEPS - 3 * MOST_ELEMENTS - 2 || !take_pack(emitter, w)) {
            keep_read(emitter, w, KEPT_ALWAYS);
            leave(emitter, at, next);
        }
        at = next;
    }
    look_ahead(emitter);
}
