/* x² and x³ at points, with pow's bits: `power.h` in instructions.

   The error of a product is exact, thanks to fused products, if neither leaves the range. Of one
   number, the product stands if 5/4 of its error do not change it either: then any function that is
   within 0.05 units before it rounds gives it. Else C's `power` is called. Squares of whole vectors
   are tested as in `second_powers`; only of lanes that fail pow is called. */

/* The frame of calls has the registers from its start on, whole vectors, and behind them those that
   point to numbers and count. */
static void begin_call(Emitter *emitter, const char *name, int lanes) {
    Writer *writer = &emitter->writer;
    align(writer, 32);
    emitter->power_at[lanes > 1] = writer->size;
    if (writer->lists) say(writer, "%s:\n", name);
    FIXED(writer, "push rbp", "\x55");
    FIXED(writer, "mov rbp,rsp", "\x48\x89\xE5");
    FIXED(writer, "and rsp,0xffffffffffffffe0", "\x48\x83\xE4\xE0");
    FIXED(writer, "sub rsp,0x1e0", "\x48\x81\xEC\xE0\x01\0\0");
    for (int reg = 0; reg < REGISTERS; reg++)
        move_at(writer, lanes, reg, in_memory(RSP, 32 * reg), 1);
    FIXED(writer, "mov QWORD PTR [rsp+0x1c0],rsi", "\x48\x89\xB4\x24\xC0\x01\0\0");
    FIXED(writer, "mov QWORD PTR [rsp+0x1c8],rdx", "\x48\x89\x94\x24\xC8\x01\0\0");
    FIXED(writer, "mov QWORD PTR [rsp+0x1d0],rcx", "\x48\x89\x8C\x24\xD0\x01\0\0");
}

static void end_call(Writer *writer, int lanes) {
    FIXED(writer, "mov rsi,QWORD PTR [rsp+0x1c0]", "\x48\x8B\xB4\x24\xC0\x01\0\0");
    FIXED(writer, "mov rdx,QWORD PTR [rsp+0x1c8]", "\x48\x8B\x94\x24\xC8\x01\0\0");
    FIXED(writer, "mov rcx,QWORD PTR [rsp+0x1d0]", "\x48\x8B\x8C\x24\xD0\x01\0\0");
    for (int reg = 0; reg < REGISTERS; reg++)
        move_at(writer, lanes, reg, in_memory(RSP, 32 * reg), 0);
    FIXED(writer, "leave", "\xC9");
    FIXED(writer, "ret", "\xC3");
}

/* From code at points: to register 15 the power, or from loops the squares, of 14. At points 15 has
   the exponent; in loops the squares, and eax which of them pow is to give. All other vector
   registers, and those that loops count with, stay. */
static void write_power_call(Emitter *emitter, int lanes) {
    Writer *writer = &emitter->writer;
    begin_call(emitter, lanes == 1 ? "power" : "squares", lanes);
    apply(writer, MOVE, lanes, 0, NO_SOURCE, REG(TEMPORARY), IMMEDIATE_NONE);
    apply(writer, MOVE, lanes, 1, NO_SOURCE, REG(SECOND_TEMPORARY), IMMEDIATE_NONE);
    FIXED(writer, "mov edi,eax", "\x89\xC7");
    call(writer, lanes == 1 ? function_of(OP_pow) : (uintptr_t)squares_with_powers_on_avx2);
    apply(writer, MOVE, lanes, SECOND_TEMPORARY, NO_SOURCE, REG(0), IMMEDIATE_NONE);
    end_call(writer, lanes);
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

/* The bits of the lanes that are not known to be squares, in eax: flags for a jump if there are
   none. */
static void compare_squares(Emitter *emitter, int x, int out) {
    Writer *writer = &emitter->writer;
    DO(MOVE, TEMPORARY, NO_SOURCE, REG(out));
    DO(MULSUB_TO, TEMPORARY, x, REG(x));
    DO(MULADD, TEMPORARY, out, pooled(MARGINS));
    DO_BY(COMPARE, TEMPORARY, TEMPORARY, REG(out), EQUAL);
    DO_BY(COMPARE, SECOND_TEMPORARY, out, pooled(LEAST_SQUARES), GREATER);
    DO(AND, TEMPORARY, TEMPORARY, REG(SECOND_TEMPORARY));
    DO_BY(COMPARE, SECOND_TEMPORARY, out, pooled(MOST_SQUARES), LESS);
    DO(AND, TEMPORARY, TEMPORARY, REG(SECOND_TEMPORARY));
    int32_t start = writer->size;
    put_vex(writer, 1, 1, 0, emitter->lanes, 0x50, RAX, NO_SOURCE, REG(TEMPORARY), 0);
    LIST(writer, start, "vmovmskpd eax,ymm%d", TEMPORARY);
    FIXED(writer, "xor eax,0xf", "\x83\xF0\x0F");
}

static void call_power(Emitter *emitter, const Step *step, int x, int out) {
    int in_vectors = emitter->lanes > 1;
    DO(MOVE, TEMPORARY, NO_SOURCE, REG(x));
    if (in_vectors) DO(MOVE, SECOND_TEMPORARY, NO_SOURCE, REG(out));
    else move_at(&emitter->writer, 1, SECOND_TEMPORARY, home_of(emitter, step->exponent_at), 0);
    call_at(&emitter->writer, emitter->power_at[in_vectors]);
    DO(MOVE, out, NO_SOURCE, REG(SECOND_TEMPORARY));
}

/* How many bytes a part of the code of a power takes. */
typedef void Part(Emitter *emitter, const Step *step, int x, int out);

static int32_t length_of(Emitter *emitter, Part *part, const Step *step, int x, int out) {
    Writer *writer = &emitter->writer;
    int32_t start = writer->size, lists = writer->lists, length;
    writer->lists = 0;
    part(emitter, step, x, out);
    length = writer->size - start;
    writer->size = start, writer->lists = lists;
    return length;
}

static int small_power(Emitter *emitter, const Step *step) {
    Writer *writer = &emitter->writer;
    int x = fetch(emitter, step, 0), out = free_register(emitter);
    if (emitter->lanes == 1 && step->exponent == 3) {
        DO(MUL, SECOND_TEMPORARY, x, REG(x));
        DO(MUL, out, SECOND_TEMPORARY, REG(x));
    } else {
        DO(MUL, out, x, REG(x));
    }
    if (emitter->lanes > 1) {
        compare_squares(emitter, x, out);
    } else {
        compare_exponent(writer, out);
        int32_t test = length_of(emitter, compare_error, step, x, out);
        jump(writer, "ja", 7, writer->size + JUMP_BYTES + test + JUMP_BYTES);
        compare_error(emitter, step, x, out);
    }
    int32_t slow = length_of(emitter, call_power, step, x, out);
    jump(writer, "je", 4, writer->size + JUMP_BYTES + slow);
    call_power(emitter, step, x, out);
    release(emitter, step);
    return out;
}
