/* Which value is in which register: where none is free, the value that is read last makes room.

   A value's home is its slot. It is written there at once if it is kept (steps.h), else only if its
   register is needed before it is read for the last time. */

enum { REGISTERS = 14, TEMPORARY = 14, SECOND_TEMPORARY = 15 }; /* the last two hold no values */

static Operand home_of(const Emitter *emitter, int32_t value) {
    if (is_pooled(emitter, value)) return pooled_constant(emitter, value);
    int32_t uniforms = emitter->program->uniforms;
    if (value < uniforms) return in_memory(emitter->u_base, value * (int32_t)sizeof(double));
    return in_memory(emitter->v_base, (value - uniforms) * emitter->apart);
}

/* Whether a value has to be spread over the lanes. */
static int is_uniform(const Emitter *emitter, int32_t value) {
    return emitter->lanes > 1 && value < emitter->program->uniforms && !is_pooled(emitter, value);
}

static void drop(Emitter *emitter, int reg) {
    if (emitter->holds[reg] >= 0) emitter->place[emitter->holds[reg]] = -1;
    emitter->holds[reg] = -1;
    emitter->dirty[reg] = 0;
}

static void save(Emitter *emitter, int reg) {
    if (emitter->dirty[reg] && emitter->next[reg] != NEVER)
        move_at(&emitter->writer, emitter->lanes, reg, home_of(emitter, emitter->holds[reg]), 1);
    emitter->dirty[reg] = 0;
}

/* Empties all registers: at a call, and at the end of a loop. */
static void save_all(Emitter *emitter) {
    for (int reg = 0; reg < REGISTERS; reg++) save(emitter, reg);
    for (int reg = 0; reg < REGISTERS; reg++) drop(emitter, reg);
    emitter->pinned = 0;
}

static int free_register(Emitter *emitter) {
    int furthest = -1;
    for (int reg = 0; reg < REGISTERS; reg++) {
        if (emitter->pinned >> reg & 1) continue;
        if (emitter->holds[reg] < 0) return reg;
        if (furthest < 0 || emitter->next[reg] > emitter->next[furthest]) furthest = reg;
    }
    save(emitter, furthest);
    drop(emitter, furthest);
    return furthest;
}

static void hold(Emitter *emitter, int reg, int32_t value, int32_t next) {
    emitter->holds[reg] = value;
    emitter->place[value] = (int8_t)reg;
    emitter->next[reg] = next;
}

/* The register of operand `a` of a step, which stays there until the step is done. */
static int fetch(Emitter *emitter, const Step *step, int a) {
    int32_t value = step->in[a];
    int reg = emitter->place[value];
    if (reg < 0) {
        reg = free_register(emitter);
        if (is_uniform(emitter, value))
            apply(&emitter->writer, BROADCAST, emitter->lanes, reg, NO_SOURCE,
                  home_of(emitter, value), IMMEDIATE_NONE);
        else
            move_at(&emitter->writer, emitter->lanes, reg, home_of(emitter, value), 0);
    }
    hold(emitter, reg, value, step->next[a]);
    emitter->pinned |= 1u << reg;
    return reg;
}

/* The same, or the operand's home if it is read this once, or in the pool. */
static Operand fetch_or_home(Emitter *emitter, const Step *step, int a) {
    int32_t value = step->in[a];
    int is_far = emitter->place[value] < 0 && !is_uniform(emitter, value);
    if (is_far && (step->next[a] == NEVER || is_pooled(emitter, value)))
        return home_of(emitter, value);
    return in_register(fetch(emitter, step, a));
}

/* Unpins the operands; those that are not read again leave their registers. */
static void release(Emitter *emitter, const Step *step) {
    emitter->pinned = 0;
    for (int a = 0; a < step->arity; a++)
        if (emitter->place[step->in[a]] >= 0 && step->next[a] == NEVER)
            drop(emitter, emitter->place[step->in[a]]);
}

/* Whether a step's result is written to memory at once: sums when complete. */
static int is_stored(const Emitter *emitter, const Step *step) {
    int kept = emitter->kept[step->out];
    int grows = step->next_out == step - emitter->steps + 1 && step[1].out == step->out;
    return kept == KEPT_ALWAYS ? !grows : kept && step->is_last;
}

/* Notes that a register has the step's result. */
static void define(Emitter *emitter, const Step *step, int reg) {
    if (emitter->place[step->out] >= 0) drop(emitter, emitter->place[step->out]);
    hold(emitter, reg, step->out, step->next_out);
    emitter->dirty[reg] = 1;
    if (is_stored(emitter, step)) {
        move_at(&emitter->writer, emitter->lanes, reg, home_of(emitter, step->out), 1);
        emitter->dirty[reg] = 0;
    }
    if (step->next_out == NEVER) drop(emitter, reg);
}
