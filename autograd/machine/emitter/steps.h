/* A section taken to pieces: one step for each number that is computed, and one for all packs in
   between that are left to the interpreter.

   Values have numbers: slot s of U is s, slot v of V is uniforms + v. */

enum {
    MOST_STEPS = 1 << 14,  /* of a section; the packs behind them are left to the interpreter */
    MOST_VALUES = 1 << 18, /* of a program that is emitted at all */
    MOST_TERMS = 1 << 20,  /* likewise: beyond, the kernels' own loops take all the time */
    MOST_ELEMENTS = 128,   /* of a pack whose elements are not side by side */
    MOST_SIDE_BY_SIDE = 48, /* beyond, a loop over vectors is as quick */
    MOST_OVER_ROWS = 32,   /* likewise; and the most terms of a pack of sums */
    NEVER = INT32_MAX,
};

/* Who reads a value from memory: nobody; whoever looks when the section is done; packs in it that
   are left to the interpreter. */
enum { KEPT_NEVER, KEPT_AT_END, KEPT_ALWAYS };

/* What a step does: an operation of the rule book or COPY, or else */
enum { INTERPRET = -10, LOOP, ZERO, ADD_PRODUCT, WHOLE_POWER };

typedef struct {
    int operation, arity;
    int32_t out, in[3];
    int32_t next[3], next_out; /* the step that reads the value next, or NEVER */
    int is_last;               /* no later step writes `out` */
    int32_t from, to;          /* words left to the interpreter, or of a loop */
    int32_t exponent_at;       /* the value that is the exponent of a power */
    int exponent;
} Step;

typedef struct {
    Writer writer;
    const Program *program;
    const Kernels *kernels;
    int section, lanes;
    int32_t values;       /* of U, of V, and those that stand for slots in loops */
    Step *steps, *aside;  /* of the section, and of a loop (loops.h): at work, and not */
    int32_t count, count_aside;
    int computed;         /* how many steps are not left to the interpreter */
    char *kept;           /* of values: who else reads them, from memory */
    char *written;        /* of values: by a step so far */
    char *changes;        /* of slots of U: they are no constants */
    int32_t *reading;     /* of values, scanning backwards: the next step that reads it */
    int32_t *same;        /* of values: the constant that it is a copy of by now, or -1 */
    int8_t *place;        /* of values: the register, or -1 */
    int32_t holds[16];    /* of registers: the value, or -1 */
    int32_t next[16];     /* likewise: the step that reads it next */
    char dirty[16];       /* likewise: memory does not have it yet */
    unsigned pinned;      /* registers of the step's operands */
    int u_base, v_base;   /* registers that point to U, and to the numbers of V */
    int fuses;            /* sums of products are rounded once a term, as those of rows */
    int32_t apart;        /* bytes from one value to the next in V */
    int32_t *touched;     /* of values: by which loop, and how; NULL: there are no loops */
    int32_t loops;        /* so far */
    int32_t power_at[2];  /* where code that calls C's `power` is, and that for squares of
                             vectors; 0 is nowhere */
} Emitter;

static int plain_code(int code) {
    return code > 2 * OPERATIONS ? code - ROW_SINGLE : code >= SINGLE ? code - SINGLE : code;
}

static int32_t value_at(const Emitter *emitter, int32_t mode, int32_t slot) {
    return mode & IN_V ? emitter->program->uniforms + slot : slot;
}

/* Element k of an operand. */
static int32_t element_of(const Emitter *emitter, const int32_t *w, int32_t k) {
    int32_t slot = w[0] & LISTED ? emitter->program->words[w[1] + k] : w[1] + k * w[2];
    return value_at(emitter, w[0], slot);
}

/* Term i of element j of a grid of n terms each. */
static int32_t term_of(const Emitter *emitter, const int32_t *w, int32_t n, int32_t j, int32_t i) {
    int32_t slot = w[0] & LISTED ? emitter->program->words[w[1] + (w[2] ? j * n : 0) + i]
                                 : w[1] + j * w[2] + i * w[3];
    return value_at(emitter, w[0], slot);
}

/* --- What is read elsewhere ------------------------------------------------------------------ */

static void keep(Emitter *emitter, int32_t value, char how) {
    if (emitter->kept[value] < how) emitter->kept[value] = how;
}

static void keep_operand(Emitter *emitter, const int32_t *w, int32_t count, char how) {
    if (w[0] == ABSENT) return;
    for (int32_t k = 0; k < count; k++) keep(emitter, element_of(emitter, w, k), how);
}

static void keep_grid(Emitter *emitter, const int32_t *w, int32_t m, int32_t n, char how) {
    if (w[0] == ABSENT) return;
    for (int32_t j = 0; j < m; j++)
        for (int32_t i = 0; i < n; i++) keep(emitter, term_of(emitter, w, n, j, i), how);
}

/* Keeps everything a pack reads. */
static void keep_read(Emitter *emitter, const int32_t *w, char how) {
    int code = plain_code(w[0]);
    if (code == TOTALS) {
        keep_grid(emitter, w + 4, w[1], w[2], how);
        keep_grid(emitter, w + 8, w[1], w[2], how);
    } else if (code == OUTER) {
        keep_operand(emitter, w + 6, w[1], how);
        keep_operand(emitter, w + 9, w[2], how);
    } else if (code == OUTERS) {
        keep_grid(emitter, w + 7, w[1], w[3], how);
        keep_grid(emitter, w + 11, w[2], w[3], how);
    } else if (code == PRODUCT) {
        keep_operand(emitter, w + 5, w[1], how);
        keep_grid(emitter, w + 8, w[1], w[2], how);
        keep_grid(emitter, w + 12, w[3], w[2], how);
    } else if (code == OP_dot) {
        keep_operand(emitter, w + 4, w[1], how);
        keep_grid(emitter, w + 7, w[1], w[2], how);
        keep_grid(emitter, w + 11, w[1], w[2], how);
    } else if (code != COPY && ARITY[code] < 0) {
        keep_grid(emitter, w + 4, w[1], w[2], how);
    } else {
        int arity = code == COPY ? 1 : ARITY[code];
        for (int a = 0; a < arity; a++) keep_operand(emitter, w + 3 + 3 * a, w[1], how);
    }
}

static void keep_region(Emitter *emitter, int32_t at, int32_t count, int may_vary) {
    int32_t first = may_vary && emitter->program->varying ? emitter->program->uniforms : 0;
    for (int32_t k = 0; k < count; k++) {
        keep(emitter, first + at + k, KEPT_AT_END);
        if (!first) emitter->changes[at + k] = 1;
    }
}

typedef struct {
    int32_t first;
    int64_t count;
} Written;

/* The slots that a pack writes; those of totals over rows are none of its section's. */
static Written written_by(const int32_t *w) {
    int code = plain_code(w[0]), is_many = code > 0 && (code == OP_dot || ARITY[code] < 0);
    if (code == TOTALS || code == OUTER || code == OUTERS) return (Written){0, 0};
    if (code == PRODUCT) return (Written){w[4], (int64_t)w[1] * w[3]};
    return (Written){w[2 + is_many], w[1]};
}

/* Keeps what is read by Python, by guards, and by the other sections. */
static void keep_what_others_read(Emitter *emitter) {
    const Program *program = emitter->program;
    memset(emitter->kept, program->all_is_read ? KEPT_AT_END : KEPT_NEVER,
           (size_t)program->uniforms);
    memset(emitter->kept + program->uniforms, KEPT_NEVER, (size_t)program->varying);
    keep_region(emitter, program->parameters_at, program->parameters, 0);
    keep_region(emitter, program->totals_at, program->totals, 0);
    keep_region(emitter, program->inputs_at, program->inputs, 1);
    if (program->scale_at >= 0) keep_region(emitter, program->scale_at, 1, 0);
    if (program->rows_at >= 0) keep_region(emitter, program->rows_at, 1, 0);
    for (int32_t k = 0; k < program->output_count; k++)
        keep(emitter, program->outputs[k], KEPT_AT_END);
    for (int32_t k = 0; k < program->row_output_count; k++) {
        int32_t slot = program->row_outputs[k];
        keep(emitter, slot < 0 ? -1 - slot : program->uniforms + slot, KEPT_AT_END);
    }
    for (int32_t g = 0; g < program->guard_count; g++)
        for (int side = 0; side < 4; side += 3) {
            const int32_t *compared = program->guards + 6 * g + side;
            keep(emitter, value_at(emitter, compared[0], compared[1]), KEPT_AT_END);
        }
    int32_t at = 0;
    for (int section = BEFORE_SECTION; section <= AFTER_SECTION; section++)
        for (; at < program->ends[section]; at += pack_size(plain_code(program->words[at]))) {
            const int32_t *w = program->words + at;
            if (section != emitter->section) keep_read(emitter, w, KEPT_AT_END);
            if (section == ROWS_SECTION) continue;
            Written to = written_by(w);
            for (int64_t k = 0; k < to.count; k++) emitter->changes[to.first + k] = 1;
        }
}

/* --- Packs to steps -------------------------------------------------------------------------- */

/* The number that a value has in every run, NaN if it may change. */
static double constant(const Emitter *emitter, int32_t value) {
    const Program *program = emitter->program;
    int64_t k = (int64_t)value - program->constants_at;
    return k >= 0 && k < program->constants && !emitter->changes[value] ? program->U[value] : NAN;
}

/* The value that a step reads instead of one, to know which. */
static int32_t reads(Emitter *emitter, int32_t value) {
    if (emitter->same[value] >= 0) return emitter->same[value];
    if (!emitter->written[value]) keep(emitter, value, KEPT_AT_END); /* what another run left */
    return value;
}

static Step *new_step(Emitter *emitter, int operation, int arity, int32_t out) {
    Step *step = emitter->steps + emitter->count++;
    *step = (Step){.operation = operation, .arity = arity, .out = out};
    if (out >= 0) emitter->same[out] = -1;
    emitter->computed++;
    return step;
}

static void take_elements(Emitter *emitter, int code, const int32_t *w, int32_t first) {
    int arity = code == COPY ? 1 : ARITY[code];
    for (int32_t k = 0; k < w[1]; k++) {
        Step *step = new_step(emitter, code, arity, first + w[2] + k);
        for (int a = 0; a < arity; a++)
            step->in[a] = reads(emitter, element_of(emitter, w + 3 + 3 * a, k));
        if (code == COPY && !isnan(constant(emitter, step->in[0])))
            emitter->same[step->out] = step->in[0];
    }
    for (int32_t k = 0; k < w[1]; k++) emitter->written[first + w[2] + k] = 1;
}

/* sum + a·b; a product with one needs no multiplication. */
static void take_term(Emitter *emitter, int32_t sum, int32_t a, int32_t b) {
    a = reads(emitter, a), b = reads(emitter, b);
    int a_is_one = constant(emitter, a) == 1.0, is_product = !a_is_one && constant(emitter, b) != 1.0;
    Step *step = new_step(emitter, is_product ? ADD_PRODUCT : OP_add, 2 + is_product, sum);
    step->in[0] = sum;
    step->in[1] = a_is_one ? b : a;
    step->in[2] = b;
}

/* Sums of terms, or of products where there are two grids. */
static void take_sums(Emitter *emitter, const int32_t *w, int32_t first, const int32_t *bias,
                      const int32_t *a, const int32_t *b) {
    int32_t n = w[2];
    for (int32_t j = 0; j < w[1]; j++) {
        int32_t out = first + w[3] + j;
        if (bias && bias[0] != ABSENT)
            new_step(emitter, COPY, 1, out)->in[0] = reads(emitter, element_of(emitter, bias, j));
        else
            new_step(emitter, ZERO, 0, out);
        for (int32_t i = 0; i < n; i++) {
            int32_t term = term_of(emitter, a, n, j, i);
            if (b) {
                take_term(emitter, out, term, term_of(emitter, b, n, j, i));
                continue;
            }
            Step *step = new_step(emitter, OP_add, 2, out);
            step->in[0] = out, step->in[1] = reads(emitter, term);
        }
    }
    for (int32_t j = 0; j < w[1]; j++) emitter->written[first + w[3] + j] = 1;
}

/* Powers with the same small whole exponent, a constant. */
static int take_powers(Emitter *emitter, const int32_t *w, int32_t first) {
    if (w[1] == 0 || w[1] > MOST_OVER_ROWS) return 0;
    int32_t value = element_of(emitter, w + 6, 0), most = emitter->lanes > 1 ? 6 : 3;
    double exponent = constant(emitter, value);
    for (int32_t k = 1; k < w[1]; k++)
        if (element_of(emitter, w + 6, k) != value) return 0;
    if (!(exponent >= 2.0 && exponent <= most) || exponent != floor(exponent)) return 0;
    if (emitter->lanes == 1 && !SMALL_POWERS_ARE_KNOWN) return 0;
    for (int32_t k = 0; k < w[1]; k++) {
        Step *step = new_step(emitter, WHOLE_POWER, 1, first + w[2] + k);
        step->in[0] = reads(emitter, element_of(emitter, w + 3, k));
        step->exponent_at = value;
        step->exponent = (int)exponent;
    }
    for (int32_t k = 0; k < w[1]; k++) emitter->written[first + w[2] + k] = 1;
    return 1;
}

static int is_emitted(int code) {
    switch (code) {
#define CASE(name) case OP_##name:
        QUICK_OPERATIONS1(CASE)
        QUICK_OPERATIONS2(CASE)
        CASE(pos) CASE(where)
        case COPY: return 1;
#undef CASE
    default: return 0;
    }
}

static int32_t most_elements(const Emitter *emitter, const int32_t *w, int arity) {
    if (emitter->lanes > 1) return MOST_OVER_ROWS;
    for (int a = 0; a < arity; a++)
        if ((w[3 + 3 * a] & LISTED) || (w[5 + 3 * a] != 0 && w[5 + 3 * a] != 1))
            return MOST_ELEMENTS;
    return MOST_SIDE_BY_SIDE;
}

/* Whether the steps of a pack were taken. */
static int take_pack(Emitter *emitter, const int32_t *w) {
    int code = plain_code(w[0]), in_rows = emitter->section == ROWS_SECTION;
    int32_t first = in_rows ? emitter->program->uniforms : 0;
    if (code == TOTALS || code == OUTER || code == OUTERS || code == PRODUCT) return 0;
    if (is_emitted(code)) {
        if (w[1] > most_elements(emitter, w, code == COPY ? 1 : ARITY[code])) return 0;
        take_elements(emitter, code, w, first);
        return 1;
    }
    if (code == OP_dot || code == OP_sum) {
        /* Where sums may be added in another order, those of long ones do. */
        int regroups = !in_rows && w[0] == OP_dot && emitter->program->varying > 0;
        if (w[2] == 0 || (int64_t)w[1] * w[2] > MOST_OVER_ROWS || regroups) return 0;
        if (code == OP_dot)
            take_sums(emitter, w, first, w + 4, w + 7, w + 11);
        else
            take_sums(emitter, w, first, NULL, w + 4, NULL);
        return 1;
    }
    if (code == OP_pow && take_powers(emitter, w, first)) return 1;
    if (!in_rows && w[0] >= SINGLE && function_of(code)) {
        take_elements(emitter, code, w, first);
        return 1;
    }
    return 0;
}

/* Notes that a pack writes what no step does: none of that is the copy of a constant any more. */
static void note_written(Emitter *emitter, const int32_t *w) {
    Written by = written_by(w);
    int32_t first = emitter->section == ROWS_SECTION ? emitter->program->uniforms : 0;
    for (int64_t k = 0; k < by.count; k++) emitter->same[first + by.first + k] = -1;
}
