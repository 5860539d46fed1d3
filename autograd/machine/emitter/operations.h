/* Steps to instructions, each with the bits and the flags of the interpreter's C. */

#define DO(instruction, result, source, operand)                                                  \
    apply(&emitter->writer, instruction, emitter->lanes, result, source, operand, IMMEDIATE_NONE)
#define DO_BY(instruction, result, source, operand, immediate)                                    \
    apply(&emitter->writer, instruction, emitter->lanes, result, source, operand, immediate)
#define REG(number) in_register(number)

static void move(Emitter *emitter, int to, Operand from) {
    if (from.in_memory)
        move_at(&emitter->writer, emitter->lanes, to, from, 0);
    else if (from.number != to)
        DO(MOVE, to, NO_SOURCE, from);
}

/* Operands that commute change places where the second is better in a register than the first. */
static void order_operands(Emitter *emitter, Step *step, int a, int b) {
    int32_t first = step->in[a], second = step->in[b], next = step->next[a];
    if (emitter->place[first] >= 0) return;
    if (emitter->place[second] < 0 && !is_pooled(emitter, first)) return;
    step->in[a] = second, step->next[a] = step->next[b];
    step->in[b] = first, step->next[b] = next;
}

/* x ∘ y */
static int binary(Emitter *emitter, Step *step, Instruction it, int commutes) {
    if (commutes) order_operands(emitter, step, 0, 1);
    int x = fetch(emitter, step, 0);
    Operand y = fetch_or_home(emitter, step, 1);
    release(emitter, step);
    int out = free_register(emitter);
    DO(it, out, x, y);
    return out;
}

static int bits(Emitter *emitter, Step *step, Instruction it, int mask) {
    int x = fetch(emitter, step, 0);
    release(emitter, step);
    int out = free_register(emitter);
    DO(it, out, x, pooled(mask));
    return out;
}

/* x where it compares so with y or is no number, else y. */
static int larger(Emitter *emitter, Step *step, int comparison) {
    int x = fetch(emitter, step, 0), y = fetch(emitter, step, 1);
    release(emitter, step);
    int out = free_register(emitter);
    DO_BY(COMPARE, TEMPORARY, x, REG(y), comparison);
    DO_BY(COMPARE, SECOND_TEMPORARY, x, REG(x), UNORDERED);
    DO(OR, TEMPORARY, TEMPORARY, REG(SECOND_TEMPORARY));
    DO_BY(BLEND, out, y, REG(x), TEMPORARY);
    return out;
}

/* Sum + x·y: rounded once over rows, as dots are there, twice at points. */
static int add_product(Emitter *emitter, Step *step) {
    order_operands(emitter, step, 1, 2);
    int sum = fetch(emitter, step, 0), x = fetch(emitter, step, 1);
    Operand y = fetch_or_home(emitter, step, 2);
    if (!emitter->fuses) {
        release(emitter, step);
        int out = free_register(emitter);
        DO(MUL, TEMPORARY, x, y);
        DO(ADD, out, sum, REG(TEMPORARY));
        return out;
    }
    DO(MULADD_TO, sum, x, y); /* what the sum was is read by no other step */
    release(emitter, step);
    return sum;
}

/* xⁿ over lanes: `whole_power`'s products. */
static int whole_power(Emitter *emitter, Step *step) {
    int x = fetch(emitter, step, 0), square = x, is_one = step->exponent % 2 == 0;
    release(emitter, step);
    int out = free_register(emitter);
    if (!is_one) DO(MOVE, TEMPORARY, NO_SOURCE, REG(x));
    for (int32_t left = step->exponent / 2; left; left /= 2) {
        DO(MUL, SECOND_TEMPORARY, square, REG(square));
        square = SECOND_TEMPORARY;
        if (left % 2 && is_one) DO(MOVE, TEMPORARY, NO_SOURCE, REG(square));
        else if (left % 2) DO(MUL, TEMPORARY, TEMPORARY, REG(square));
        if (left % 2) is_one = 0;
    }
    DO(MOVE, out, NO_SOURCE, REG(TEMPORARY));
    return out;
}

/* Calls a function of one or two numbers; registers are the function's. */
static int call_function(Emitter *emitter, const Step *step, uintptr_t function) {
    Operand x = fetch_or_home(emitter, step, 0), y = x;
    if (step->arity == 2) y = fetch_or_home(emitter, step, 1);
    release(emitter, step);
    save_all(emitter);
    if (step->arity == 2 && !y.in_memory && y.number == 0) {
        move(emitter, TEMPORARY, y);
        y = REG(TEMPORARY);
    }
    move(emitter, 0, x);
    if (step->arity == 2) move(emitter, 1, y);
    call(&emitter->writer, function);
    return 0;
}

#include "powers.h"

/* The instructions of a step; returns the register of its result. */
static int compute(Emitter *emitter, Step *step) {
    int x, out;
    switch (step->operation) {
    case OP_add: return binary(emitter, step, ADD, 1);
    case OP_mul: return binary(emitter, step, MUL, 1);
    case OP_sub: return binary(emitter, step, SUB, 0);
    case OP_div: return binary(emitter, step, DIV, 0);
    case OP_neg: return bits(emitter, step, XOR, SIGNS);
    case OP_abs: return bits(emitter, step, AND, MAGNITUDES);
    case OP_maximum: return larger(emitter, step, AT_LEAST);
    case OP_minimum: return larger(emitter, step, LESS_OR_EQUAL);
    case ADD_PRODUCT: return add_product(emitter, step);
    case ZERO:
        out = free_register(emitter);
        DO(XOR, out, out, REG(out));
        return out;
    case OP_where: { /* x ≠ 0 ? y : z */
        int y = fetch(emitter, step, 1), z = fetch(emitter, step, 2);
        x = fetch(emitter, step, 0);
        release(emitter, step);
        out = free_register(emitter);
        DO_BY(COMPARE, TEMPORARY, x, pooled(ZEROS), NOT_EQUAL);
        DO_BY(BLEND, out, z, REG(y), TEMPORARY);
        return out;
    }
    case WHOLE_POWER:
        if (emitter->fuses) return whole_power(emitter, step);
        return small_power(emitter, step);
    case OP_sqrt: case OP_relu: case OP_step: case OP_pos: case COPY: break;
    default: return call_function(emitter, step, function_of(step->operation));
    }
    x = fetch(emitter, step, 0);
    release(emitter, step);
    out = free_register(emitter);
    if (step->operation == OP_sqrt) {
        DO(SQRT, out, emitter->lanes == 1 ? x : NO_SOURCE, REG(x));
    } else if (step->operation == OP_relu) { /* x ≤ 0 ? 0 : x */
        DO_BY(COMPARE, TEMPORARY, x, pooled(ZEROS), LESS_OR_EQUAL);
        DO(AND_NOT, out, TEMPORARY, REG(x));
    } else if (step->operation == OP_step) { /* x > 0 ? 1 : x ≤ 0 ? 0 : x */
        DO_BY(COMPARE, SECOND_TEMPORARY, x, pooled(ZEROS), LESS_OR_EQUAL);
        DO(AND_NOT, SECOND_TEMPORARY, SECOND_TEMPORARY, REG(x));
        DO_BY(COMPARE, TEMPORARY, x, pooled(ZEROS), GREATER);
        DO_BY(BLEND, out, SECOND_TEMPORARY, pooled(ONES), TEMPORARY);
    } else {
        DO(MOVE, out, NO_SOURCE, REG(x));
    }
    return out;
}
