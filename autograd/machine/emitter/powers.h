/* x² and x³ at points, with pow's bits: `power.h` in instructions.

   The error of a product is exact, thanks to fused products, if neither leaves the range. The
   product stands if 5/4 of its error do not change it either: then any function that is within
   0.05 units before it rounds gives it. Else C's `power` is called. */

/* From code at points: registers 14 and 15 to the power in 14. All other registers stay. */
static void write_power_call(Emitter *emitter) {
    Writer *writer = &emitter->writer;
    align(writer, 32);
    emitter->power_at = writer->size;
    if (writer->lists) say(writer, "power:\n");
    FIXED(writer, "push rbp", "\x55");
    FIXED(writer, "mov rbp,rsp", "\x48\x89\xE5");
    FIXED(writer, "and rsp,0xfffffffffffffff0", "\x48\x83\xE4\xF0");
    FIXED(writer, "add rsp,0xffffffffffffff80", "\x48\x83\xC4\x80");
    for (int reg = 0; reg < REGISTERS; reg++) move_at(writer, 1, reg, in_memory(RSP, 8 * reg), 1);
    FIXED(writer, "mov QWORD PTR [rsp+0x70],rsi", "\x48\x89\x74\x24\x70");
    DO(MOVE, 0, NO_SOURCE, REG(TEMPORARY));
    DO(MOVE, 1, NO_SOURCE, REG(SECOND_TEMPORARY));
    call(writer, function_of(OP_pow));
    DO(MOVE, TEMPORARY, NO_SOURCE, REG(0));
    FIXED(writer, "mov rsi,QWORD PTR [rsp+0x70]", "\x48\x8B\x74\x24\x70");
    for (int reg = 0; reg < REGISTERS; reg++) move_at(writer, 1, reg, in_memory(RSP, 8 * reg), 0);
    FIXED(writer, "leave", "\xC9");
    FIXED(writer, "ret", "\xC3");
}

/* Whether xⁿ, which is in `out`, is far from the ends of the range: flags for a jump if it is not. */
static void compare_exponent(Writer *writer, int out) {
    int32_t start = writer->size;
    put_vex(writer, 1, 1, 1, 1, 0x7E, out, NO_SOURCE, in_register(RAX), 0);
    LIST(writer, start, "vmovq rax,xmm%d", out);
    FIXED(writer, "add rax,rax", "\x48\x01\xC0");
    FIXED(writer, "shr rax,0x35", "\x48\xC1\xE8\x35");
    FIXED(writer, "sub eax,0xdf", "\x2D\xDF\0\0\0");
    FIXED(writer, "cmp eax,0x6a4", "\x3D\xA4\x06\0\0");
}

/* Adds 5/4 of the error to xⁿ, for n = 3 of both products. */
static void compare_error(Emitter *emitter, const Step *step, int x, int out) {
    int error = TEMPORARY, square = step->exponent == 2 ? out : SECOND_TEMPORARY;
    DO(MOVE, error, NO_SOURCE, REG(square));
    DO(MULSUB_TO, error, x, REG(x));
    if (step->exponent == 3) {
        DO(MUL, error, error, REG(x));
        DO(MULSUB, square, x, REG(out));
        DO(ADD, error, error, REG(square));
    }
    DO(MULADD, error, out, pooled(FIVE_QUARTERS));
    DO(ORDER, error, NO_SOURCE, REG(out));
}

static void call_power(Emitter *emitter, const Step *step, int x, int out) {
    DO(MOVE, TEMPORARY, NO_SOURCE, REG(x));
    move_at(&emitter->writer, 1, SECOND_TEMPORARY, home_of(emitter, step->exponent_at), 0);
    call_at(&emitter->writer, emitter->power_at);
    DO(MOVE, out, NO_SOURCE, REG(TEMPORARY));
}

static int small_power(Emitter *emitter, const Step *step) {
    Writer *writer = &emitter->writer;
    int x = fetch(emitter, step, 0), out = free_register(emitter);
    int32_t test = 0, slow = 0; /* how long the code of either is */
    if (step->exponent == 3) {
        DO(MUL, SECOND_TEMPORARY, x, REG(x));
        DO(MUL, out, SECOND_TEMPORARY, REG(x));
    } else {
        DO(MUL, out, x, REG(x));
    }
    compare_exponent(writer, out);
    for (int lists = writer->lists, last = 0; last < 2; last++) { /* first to learn the lengths */
        Writer before = *writer;
        writer->lists = last && lists;
        jump(writer, "ja", 7, writer->size + JUMP_BYTES + test);
        int32_t start = writer->size;
        compare_error(emitter, step, x, out);
        jump(writer, "je", 4, writer->size + JUMP_BYTES + slow);
        test = writer->size - start, start = writer->size;
        call_power(emitter, step, x, out);
        slow = writer->size - start;
        if (!last) writer->size = before.size;
    }
    release(emitter, step);
    return out;
}
