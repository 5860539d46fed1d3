/* Numbers that instructions read, four times each, at the start of the code: some of its own, and
   the program's constants, which need not be spread over lanes then. */

enum {
    SIGNS, MAGNITUDES, ZEROS, ONES, FIVE_QUARTERS, MARGINS, LEAST_SQUARES, MOST_SQUARES,
    OWN_NUMBERS, MOST_POOLED = 256,
};

static Operand pooled(int number) { return in_memory(RIP, number * WIDEST * 8); }

static void put_pool(Writer *writer, const Program *program) {
    const uint64_t numbers[OWN_NUMBERS] = {
        [SIGNS] = (uint64_t)1 << 63,
        [MAGNITUDES] = ((uint64_t)1 << 63) - 1,
        [ONES] = bits_of(1.0),
        [FIVE_QUARTERS] = bits_of(1.25),
        [MARGINS] = bits_of(SQUARE_MARGIN),
        [LEAST_SQUARES] = bits_of(LEAST_SQUARE),
        [MOST_SQUARES] = bits_of(MOST_SQUARE),
    };
    int32_t constants = program->constants;
    const double *constant = program->U + program->constants_at;
    if (constants > MOST_POOLED) constants = MOST_POOLED;
    for (int32_t k = 0; k < WIDEST * OWN_NUMBERS; k++) put_number(writer, numbers[k / WIDEST], 8);
    for (int32_t k = 0; k < WIDEST * constants; k++)
        put_number(writer, bits_of(constant[k / WIDEST]), 8);
}

/* Whether a value is a constant of the pool. */
static int is_pooled(const Emitter *emitter, int32_t value) {
    double number = emitter->lanes > 1 ? constant(emitter, value) : NAN;
    return number == number && value - emitter->program->constants_at < MOST_POOLED;
}

static Operand pooled_constant(const Emitter *emitter, int32_t value) {
    return pooled(OWN_NUMBERS + value - emitter->program->constants_at);
}
