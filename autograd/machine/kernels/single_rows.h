/* A block of one row: no bits are promised there, so what takes long is computed by lanes.h, with
   elements of a pack where a block has rows.

   Included twice by vectors.h. Past the last element stand copies of it, which raise no flag of
   their own. */

enum { LANES(ROW_OPERANDS) = MOST_OPERANDS + 1 }; /* and the result */

/* Applies an operation to n elements whose operands are a step apart; 0 if that is quick anyway. */
static int LANES(row_apply)(int code, double *out, ptrdiff_t n, const double *const *x,
                            const ptrdiff_t *steps) {
    double lanes[LANES(ROW_OPERANDS) * LANE_COUNT];
    int32_t words[3 + 3 * MOST_OPERANDS] = {code, 1, MOST_OPERANDS};
    Memory block = {.V = lanes};
    switch (code) {
#define CASE(name) case OP_##name:
        LANES_OPERATIONS1(CASE)
        LANES_OPERATIONS2(CASE)
        LANES_OPERATIONS3(CASE)
        LANES_OPERATIONS4(CASE)
#undef CASE
        break;
    default: return 0;
    }
    for (int a = 0; a < ARITY[code]; a++) words[3 + 3 * a] = IN_V, words[4 + 3 * a] = a;
    for (ptrdiff_t first = 0; first < n; first += LANE_COUNT) {
        block.rows = n - first < LANE_COUNT ? (int)(n - first) : LANE_COUNT;
        for (int a = 0; a < ARITY[code]; a++)
            for (int e = 0; e < LANES(vectors_of)(&block) * VECTOR; e++)
                lanes[a * LANE_COUNT + e] =
                    x[a][(first + (e < block.rows ? e : block.rows - 1)) * steps[a]];
        LANES(lanes_elementwise)(&block, lanes, words);
        memcpy(out + first, lanes + MOST_OPERANDS * LANE_COUNT,
               sizeof(double) * (size_t)block.rows);
    }
    return 1;
}

/* Elements of n operands each, as if they were the rows of a block; 0 if that would not pay. */
static int LANES(row_variadic)(const Memory *memory, int code, double *out, const Places *places,
                               ptrdiff_t count, ptrdiff_t n) {
    void (*function)(double *, const Places *, ptrdiff_t, ptrdiff_t, int);
    switch (count > 1 && n > 1 && n <= MOST_SPREAD ? code : 0) {
#define CASE(name)                                                                                \
    case OP_##name: function = LANES(lanes_##name); break;
        CASE(logsumexp)
        CASE(softmax_shift)
        CASE(softmax_excess)
        CASE(softmax_cross_entropy)
#undef CASE
    default: return 0;
    }
    const Places block = {.base = memory->scratch, .step_i = 1, .varies = 1};
    for (ptrdiff_t first = 0; first < count; first += LANE_COUNT) {
        double results[LANE_COUNT];
        ptrdiff_t wanted = count - first < LANE_COUNT ? count - first : LANE_COUNT;
        int vectors = (int)((wanted + VECTOR - 1) / VECTOR);
        for (ptrdiff_t e = 0; e < vectors * VECTOR; e++) {
            ptrdiff_t element = first + (e < wanted ? e : wanted - 1);
            for (ptrdiff_t i = 0; i < n; i++)
                memory->scratch[i * LANE_COUNT + e] = places->base[slot_of(places, element, i)];
        }
        function(results, &block, 0, n, vectors);
        memcpy(out + first, results, sizeof(double) * (size_t)wanted);
    }
    return 1;
}
