/* Sections as functions: void (Memory *, double *U, double *V, int64_t vectors), as System V has it.

   At points a function is one straight line, with loops over the elements of packs. Over rows, steps
   between packs that are left to the interpreter are the body of a loop over vectors of rows. Both
   call the interpreter for the rest. */

/* Keeps what functions that are called leave alone: memory in r14, U in rbx, V in rbp, the number
   of vectors in r15. */
static void enter(Emitter *emitter) {
    Writer *writer = &emitter->writer;
    FIXED(writer, "push rbx", "\x53");
    FIXED(writer, "push rbp", "\x55");
    FIXED(writer, "push r14", "\x41\x56");
    FIXED(writer, "push r15", "\x41\x57");
    FIXED(writer, "sub rsp,0x8", "\x48\x83\xEC\x08");
    FIXED(writer, "mov r14,rdi", "\x49\x89\xFE");
    FIXED(writer, "mov rbx,rsi", "\x48\x89\xF3");
    FIXED(writer, "mov rbp,rdx", "\x48\x89\xD5");
    FIXED(writer, "mov r15,rcx", "\x49\x89\xCF");
}

static void leave_function(Emitter *emitter, int entered) {
    Writer *writer = &emitter->writer;
    if (emitter->lanes > 1) FIXED(writer, "vzeroupper", "\xC5\xF8\x77");
    if (entered) {
        FIXED(writer, "add rsp,0x8", "\x48\x83\xC4\x08");
        FIXED(writer, "pop r15", "\x41\x5F");
        FIXED(writer, "pop r14", "\x41\x5E");
        FIXED(writer, "pop rbp", "\x5D");
        FIXED(writer, "pop rbx", "\x5B");
    }
    FIXED(writer, "ret", "\xC3");
}

static void interpret(Emitter *emitter, const Step *step) {
    Writer *writer = &emitter->writer;
    int in_rows = emitter->lanes > 1;
    if (in_rows) FIXED(writer, "vzeroupper", "\xC5\xF8\x77");
    FIXED(writer, "mov rdi,r14", "\x4C\x89\xF7");
    if (in_rows) FIXED(writer, "mov rsi,rbp", "\x48\x89\xEE");
    else FIXED(writer, "mov rsi,rbx", "\x48\x89\xDE");
    load_whole(writer, RDX, "edx", (uint32_t)step->from);
    load_whole(writer, RCX, "ecx", (uint32_t)step->to);
    call(writer, (uintptr_t)(in_rows ? emitter->kernels->lanes : emitter->kernels->points));
}

static int has_calls(const Emitter *emitter) {
    if (emitter->lanes > 1) return 1;
    for (int32_t k = 0; k < emitter->count; k++) {
        int operation = emitter->steps[k].operation;
        if (operation == INTERPRET) return 1;
        if (operation > 0 && function_of(operation)) return 1;
    }
    return 0;
}

static int loop_has_powers(const Emitter *emitter, const Step *loop) {
    const int32_t *words = emitter->program->words;
    for (int32_t at = loop->from; at < loop->to; at += pack_size(words[at]))
        if (words[at] == OP_pow) return 1;
    return 0;
}

/* Writes what the section's code calls for powers, unless it is written. */
static void write_calls(Emitter *emitter) {
    for (int32_t k = 0; k < emitter->count && emitter->lanes == 1; k++) {
        const Step *step = emitter->steps + k;
        if (step->operation == WHOLE_POWER && !emitter->power_at[0]) write_power_call(emitter, 1);
        if (step->operation == LOOP && !emitter->power_at[1] && loop_has_powers(emitter, step))
            write_power_call(emitter, WIDEST);
    }
}

static void begin_loop(Emitter *emitter) {
    FIXED(&emitter->writer, "mov rdx,rbp", "\x48\x89\xEA");
    FIXED(&emitter->writer, "mov rcx,r15", "\x4C\x89\xF9");
}

static void end_loop(Emitter *emitter, int32_t start) {
    save_all(emitter);
    FIXED(&emitter->writer, "add rdx,0x20", "\x48\x83\xC2\x20");
    FIXED(&emitter->writer, "dec rcx", "\x48\xFF\xC9");
    jump(&emitter->writer, "jne", 5, start);
}

/* The loop's steps, and who reads their results from memory. */
static void take_loop(Emitter *emitter, int32_t from, int32_t to, int32_t count) {
    int32_t slot;
    emitter->count = 0;
    for (int32_t at = from; at < to; at += pack_size(emitter->program->words[at]))
        take_looped(emitter, emitter->program->words + at);
    for (int32_t k = 0; k < emitter->count; k++) {
        int32_t out = emitter->steps[k].out, size = slots_of(emitter, out, count, &slot);
        emitter->kept[out] = KEPT_NEVER;
        for (int32_t i = slot; i < slot + size; i++) keep(emitter, out, emitter->kept[i]);
        emitter->written[out] = 1;
    }
    look_ahead(emitter);
}

/* Packs at points as a loop over their elements: rdx has where it is in U, ecx how many bytes are
   left behind that. Where four elements are not left, the last four are computed again. */
static void write_loop(Emitter *emitter, const Step *loop, int entered) {
    Writer *writer = &emitter->writer;
    int32_t count = emitter->program->words[loop->from + 1], start;
    turn_aside(emitter);
    take_loop(emitter, loop->from, loop->to, count);
    emitter->lanes = WIDEST, emitter->apart = sizeof(double);
    if (entered) FIXED(writer, "mov rdx,rbx", "\x48\x89\xDA");
    else FIXED(writer, "mov rdx,rsi", "\x48\x89\xF2");
    load_whole(writer, RCX, "ecx", (uint32_t)(count - WIDEST) * 8);
    start = writer->size;
    for (int32_t k = 0; k < emitter->count && !writer->full; k++)
        define(emitter, emitter->steps + k, compute(emitter, emitter->steps + k));
    save_all(emitter);
    load_whole(writer, RAX, "eax", WIDEST * 8);
    FIXED(writer, "cmp ecx,eax", "\x39\xC1");
    FIXED(writer, "cmovb eax,ecx", "\x0F\x42\xC1");
    FIXED(writer, "add rdx,rax", "\x48\x01\xC2");
    FIXED(writer, "sub ecx,eax", "\x29\xC1");
    FIXED(writer, "test eax,eax", "\x85\xC0");
    jump(writer, "jne", 5, start);
    FIXED(writer, "vzeroupper", "\xC5\xF8\x77");
    emitter->lanes = 1;
    turn_aside(emitter);
}

/* Writes a section; returns where its function starts, or -1 if it is left to the interpreter. */
static int32_t write_section(Emitter *emitter, int section) {
    Writer *writer = &emitter->writer;
    int32_t start, loop = -1;
    int entered;
    emitter->lanes = section == ROWS_SECTION ? WIDEST : 1;
    emitter->fuses = section == ROWS_SECTION;
    emitter->apart = LANE_COUNT * sizeof(double);
    take_section(emitter, section);
    if (!emitter->computed) return -1;
    for (int reg = 0; reg < 16; reg++) emitter->holds[reg] = -1, emitter->dirty[reg] = 0;
    emitter->pinned = 0;
    write_calls(emitter);
    align(writer, 32);
    start = writer->size;
    if (writer->lists) say(writer, "%s:\n", (const char *[]){"before", "rows", "after"}[section]);
    FIXED(writer, "endbr64", "\xF3\x0F\x1E\xFA");
    entered = has_calls(emitter);
    if (entered) enter(emitter);
    emitter->u_base = entered ? RBX : RSI;
    emitter->v_base = RDX;
    for (int32_t k = 0; k < emitter->count && !writer->full; k++) {
        Step *step = emitter->steps + k;
        if (step->operation == INTERPRET) {
            if (loop >= 0) end_loop(emitter, loop);
            save_all(emitter);
            loop = -1;
            interpret(emitter, step);
            continue;
        }
        if (step->operation == COPY && step->next_out == NEVER && !is_stored(emitter, step))
            continue; /* of a constant, which is read where it is */
        if (step->operation == LOOP) {
            save_all(emitter);
            write_loop(emitter, step, entered);
            continue;
        }
        if (loop < 0 && emitter->lanes > 1) {
            begin_loop(emitter);
            loop = writer->size;
        }
        define(emitter, step, compute(emitter, step));
    }
    if (loop >= 0) end_loop(emitter, loop);
    for (int reg = 0; reg < 16; reg++) drop(emitter, reg);
    leave_function(emitter, entered);
    return start;
}
