/* Packs at points as loops over vectors: consecutive packs of as many elements, whose operands lie
   side by side or are one number for all elements, are the steps of one loop. Their numbers stay in
   registers, and what nobody else reads is never written.

   In a loop, value s < uniforms is the number in slot s, the same for all elements; uniforms + s
   stands for slots s, s + 1, … of U, one for each element. */

enum {
    LEAST_LOOPED = 16, /* elements of the packs of a loop */
    MOST_LOOPED = 256, /* steps of one */
    MOST_SUMMED = 8,   /* terms of a sum in one */
};

/* The value of elements that were seen to start at `first`, `step` apart; -1 if there is none. */
static int32_t looped_value(const Emitter *emitter, int32_t first, int32_t step) {
    return step == 0 ? first : step == 1 ? emitter->program->uniforms + first : -1;
}

static int32_t looped_operand(const Emitter *emitter, const int32_t *w, int32_t count) {
    int32_t first = element_of(emitter, w, 0), step = element_of(emitter, w, 1) - first;
    for (int32_t k = 2; k < count; k++)
        if (element_of(emitter, w, k) != first + k * step) return -1;
    return looped_value(emitter, first, step);
}

static int32_t looped_term(const Emitter *emitter, const int32_t *w, int32_t count, int32_t n,
                           int32_t i) {
    int32_t first = term_of(emitter, w, n, 0, i), step = term_of(emitter, w, n, 1, i) - first;
    for (int32_t j = 2; j < count; j++)
        if (term_of(emitter, w, n, j, i) != first + j * step) return -1;
    return looped_value(emitter, first, step);
}

/* --- Packs to the steps of a loop ------------------------------------------------------------ */

/* Adds a step, unless an operand is no value of loops. */
static int take_looped_step(Emitter *emitter, int operation, int arity, int32_t out,
                            const int32_t *in) {
    for (int a = 0; a < arity; a++)
        if (in[a] < 0) return 0;
    memcpy(new_step(emitter, operation, arity, out)->in, in, sizeof(int32_t) * (size_t)arity);
    return 1;
}

static int take_looped_sum(Emitter *emitter, const int32_t *w, int32_t out) {
    int is_dot = w[0] == OP_dot;
    int32_t count = w[1], n = w[2], starts = is_dot && w[4] != ABSENT;
    int32_t in[3] = {starts ? looped_operand(emitter, w + 4, count) : out};
    if (n == 0 || n > MOST_SUMMED) return 0;
    if (!take_looped_step(emitter, starts ? COPY : ZERO, starts, out, in)) return 0;
    in[0] = out;
    for (int32_t i = 0; i < n; i++) {
        in[1] = looped_term(emitter, w + (is_dot ? 7 : 4), count, n, i);
        in[2] = is_dot ? looped_term(emitter, w + 11, count, n, i) : 0;
        if (!take_looped_step(emitter, is_dot ? ADD_PRODUCT : OP_add, 2 + is_dot, out, in)) return 0;
    }
    return 1;
}

/* Whether a pack is of squares. */
static int are_squares(const Emitter *emitter, const int32_t *w) {
    return w[0] == OP_pow && SMALL_POWERS_ARE_KNOWN && !(w[6] & LISTED) && w[8] == 0 &&
           constant(emitter, element_of(emitter, w + 6, 0)) == 2.0;
}

/* Whether the steps of a pack were taken: those of all elements at once. */
static int take_looped(Emitter *emitter, const int32_t *w) {
    int code = w[0], is_sum = code == OP_dot || code == OP_sum;
    int arity = code == COPY ? 1 : is_emitted(code) ? ARITY[code] : 0;
    int32_t in[3], out = emitter->program->uniforms + w[2 + is_sum];
    if (emitter->count > MOST_LOOPED - MOST_SUMMED - 1) return 0;
    if (is_sum) return take_looped_sum(emitter, w, out);
    if (are_squares(emitter, w)) code = WHOLE_POWER, arity = 1;
    for (int a = 0; a < arity; a++) in[a] = looped_operand(emitter, w + 3 + 3 * a, w[1]);
    return arity && take_looped_step(emitter, code, arity, out, in);
}

/* --- Which packs may be in one loop ---------------------------------------------------------- */

/* Notes in `touched` of slots, and of values that a step of the loop computes. */
enum { READ, WRITTEN };

static int32_t mark_of(const Emitter *emitter, int how) { return 2 * emitter->loops + how; }

static int is_computed(const Emitter *emitter, int32_t value) {
    return value >= emitter->program->uniforms &&
           emitter->touched[value] == mark_of(emitter, WRITTEN);
}

/* The slots of a value: sets the first, and returns how many. */
static int32_t slots_of(const Emitter *emitter, int32_t value, int32_t count, int32_t *first) {
    int32_t uniforms = emitter->program->uniforms;
    *first = value < uniforms ? value : value - uniforms;
    return value < uniforms ? 1 : count;
}

/* Whether what the steps from one on read from memory is what it would be without the loop: written
   neither before by an element of another number, nor behind them. Marks what they touch. */
static int steps_fit(Emitter *emitter, int32_t from, int32_t count) {
    int32_t out = emitter->steps[from].out, slot, size;
    for (int32_t k = from; k < emitter->count; k++)
        for (int a = 0; a < emitter->steps[k].arity; a++) {
            int32_t value = emitter->steps[k].in[a];
            if (is_computed(emitter, value) || (value == out && k > from)) continue;
            size = slots_of(emitter, value, count, &slot);
            for (int32_t i = slot; i < slot + size; i++) {
                if (emitter->touched[i] == mark_of(emitter, WRITTEN)) return 0;
                emitter->touched[i] = mark_of(emitter, READ);
            }
        }
    size = slots_of(emitter, out, count, &slot);
    for (int32_t i = slot; i < slot + size && !is_computed(emitter, out); i++)
        if (emitter->touched[i] >= mark_of(emitter, READ)) return 0;
    for (int32_t i = slot; i < slot + size; i++) emitter->touched[i] = mark_of(emitter, WRITTEN);
    emitter->touched[out] = mark_of(emitter, WRITTEN);
    return 1;
}

/* Keeps what the steps from one on read from memory. */
static void keep_looped(Emitter *emitter, int32_t from, int32_t count) {
    int32_t out = emitter->steps[from].out, slot;
    for (int32_t k = from; k < emitter->count; k++)
        for (int a = 0; a < emitter->steps[k].arity; a++) {
            int32_t value = emitter->steps[k].in[a];
            if (is_computed(emitter, value) || value == out) continue;
            int32_t size = slots_of(emitter, value, count, &slot);
            for (int32_t i = slot; i < slot + size; i++) keep(emitter, i, KEPT_ALWAYS);
        }
}

/* Where the steps of loops are taken and written: aside from those of the section. */
static void turn_aside(Emitter *emitter) {
    Step *steps = emitter->steps;
    int32_t count = emitter->count;
    emitter->steps = emitter->aside, emitter->count = emitter->count_aside;
    emitter->aside = steps, emitter->count_aside = count;
}

/* The end of the packs from `at` on that are one loop; `at` if there are none. */
static int32_t loop_end(Emitter *emitter, int32_t at, int32_t end) {
    const int32_t *words = emitter->program->words;
    int32_t count = words[at + 1], computed = emitter->computed;
    if (!emitter->touched || count < LEAST_LOOPED) return at;
    turn_aside(emitter);
    emitter->count = 0;
    emitter->loops++;
    while (at < end && words[at + 1] == count) {
        int32_t from = emitter->count;
        if (!take_looped(emitter, words + at) || !steps_fit(emitter, from, count)) break;
        keep_looped(emitter, from, count);
        note_written(emitter, words + at);
        at += pack_size(words[at]);
    }
    turn_aside(emitter);
    emitter->computed = computed;
    return at;
}
