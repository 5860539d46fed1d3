/* Proof, before anything runs, that no word can make the machine touch memory outside its own.

   Words may come from a file somebody else wrote. Sums of 32-bit numbers are taken in 64 bits. */
#include <stdarg.h>

enum {
    MOST_UNIFORMS = 1 << 27, /* 1 GiB */
    MOST_VARYING = 1 << 21,  /* 1.1 GiB at LANE_COUNT doubles a slot */
    PANEL_ROOM = 2 * WIDEST, /* elements of a product of matrices that are computed together */
};
static const int64_t MOST_WORK = (int64_t)1 << 33;

typedef struct {
    Program *program;
    int section;
    int32_t at;           /* the pack's first word */
    int64_t dst, written; /* slots it writes */
    int writes_v;
    char *added_to; /* of every total, whether a word adds to it; or NULL */
} Check;

__attribute__((format(printf, 2, 3))) static int refuse(Program *program, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(program->problem, sizeof program->problem, format, arguments);
    va_end(arguments);
    return 0;
}

static int region_fits(Program *program, const char *name, int64_t at, int64_t count,
                       int64_t slots) {
    if (count < 0 || (count && (at < 0 || at + count > slots)))
        return refuse(program, "%s: slots %lld to %lld are not within 0 to %lld", name,
                      (long long)at, (long long)(at + count), (long long)slots);
    return 1;
}

static int one_slot_fits(Program *program, const char *name, int64_t at, int64_t slots) {
    return at == -1 || region_fits(program, name, at, 1, slots);
}

#include "verify_places.h"

/* Sets what the pack writes: `count` slots from `dst`. */
static int results_fit(Check *check, int32_t word, int64_t count) {
    Program *program = check->program;
    int64_t dst = program->words[word];
    check->writes_v = check->section == ROWS_SECTION;
    int64_t slots = check->writes_v ? program->varying : program->uniforms;
    if (dst < 0 || dst + count > slots)
        return refuse(program, "word %d: results %lld to %lld are not within %c", (int)word,
                      (long long)dst, (long long)(dst + count), check->writes_v ? 'V' : 'U');
    check->dst = dst;
    check->written = count;
    return 1;
}

static int counts_fit(Check *check, int64_t m, int64_t n) {
    Program *program = check->program;
    if (m < 0 || n < 0)
        return refuse(program, "word %d: a count is negative", (int)check->at + 1);
    if (m && n > MOST_WORK / m)
        return refuse(program, "word %d: %lld times %lld terms are too many", (int)check->at + 1,
                      (long long)m, (long long)n);
    program->work += m * n + 1;
    if (program->work > MOST_WORK)
        return refuse(program, "word %d: the program has more than 2^33 terms", (int)check->at);
    return 1;
}

static int needs_scratch(Check *check, int64_t n) {
    Program *program = check->program;
    if (n > MOST_UNIFORMS)
        return refuse(program, "word %d: %lld operands are too many", (int)check->at + 2,
                      (long long)n);
    if (n > program->scratch) program->scratch = (int32_t)n;
    return 1;
}

/* Totals are written in U, within the region that is set to zero before a run. */
static int totals_fit(Check *check, int64_t lowest, int64_t highest) {
    Program *program = check->program;
    if (check->section != ROWS_SECTION)
        return refuse(program, "word %d: totals over rows outside the rows section",
                      (int)check->at);
    if (lowest < program->totals_at || highest >= (int64_t)program->totals_at + program->totals)
        return refuse(program, "word %d: totals %lld to %lld are not within their region",
                      (int)check->at + 3, (long long)lowest, (long long)highest);
    return 1;
}

/* Notes that a word adds to a total. */
static void add_to(Check *check, int64_t slot) {
    char *noted = check->added_to ? check->added_to + (slot - check->program->totals_at) : NULL;
    if (!noted || *noted) check->program->adds_twice = 1;
    else *noted = 1;
}

/* Totals k step_p + l step_q behind a first one, k < p and l < q. */
static int rectangle_fits(Check *check, int64_t p, int64_t q, const int32_t *dst) {
    int64_t step_p = dst[1], step_q = dst[2];
    if (p == 0 || q == 0)
        return totals_fit(check, check->program->totals_at, check->program->totals_at - 1);
    int64_t corner_p = (p - 1) * step_p, corner_q = (q - 1) * step_q;
    if (!totals_fit(check, dst[0] + (corner_p < 0 ? corner_p : 0) + (corner_q < 0 ? corner_q : 0),
                    dst[0] + (corner_p > 0 ? corner_p : 0) + (corner_q > 0 ? corner_q : 0)))
        return 0;
    for (int64_t k = 0; k < p && !check->program->adds_twice; k++)
        for (int64_t l = 0; l < q && !check->program->adds_twice; l++)
            add_to(check, dst[0] + k * step_p + l * step_q);
    return 1;
}

static int both_vary(Check *check, int32_t a, int32_t b) {
    const int32_t *words = check->program->words;
    if (!mode_fits(check, a, 0) || !mode_fits(check, b, 0)) return 0;
    if (!(words[a] & IN_V) || !(words[b] & IN_V))
        return refuse(check->program, "word %d: an outer product is of slots in V", (int)check->at);
    return 1;
}

/* Room for a panel on the left of a product of matrices, and so many columns on the right. */
static int factors_have_room(Check *check, int64_t count, int64_t n) {
    return needs_scratch(check, (PANEL_ROOM + count) * n);
}

static int outer_fits(Check *check) {
    int32_t at = check->at;
    const int32_t *w = check->program->words + at;
    return counts_fit(check, w[1], w[2]) && both_vary(check, at + 6, at + 9) &&
           factors_have_room(check, 0, LANE_COUNT) && rectangle_fits(check, w[1], w[2], w + 3) &&
           operand_fits(check, at + 6, w[1], 0) && operand_fits(check, at + 9, w[2], 0);
}

static int outers_fit(Check *check) {
    int32_t at = check->at;
    const int32_t *w = check->program->words + at;
    return counts_fit(check, w[1], w[2]) && counts_fit(check, (int64_t)w[1] * w[2], w[3]) &&
           factors_have_room(check, w[1] > w[2] ? w[1] : w[2], w[3]) &&
           both_vary(check, at + 7, at + 11) && rectangle_fits(check, w[1], w[2], w + 4) &&
           grid_fits(check, at + 7, w[1], w[3], 0) && grid_fits(check, at + 11, w[2], w[3], 0);
}

static int product_fits(Check *check) {
    int32_t at = check->at;
    const int32_t *w = check->program->words + at;
    return counts_fit(check, w[1], w[2]) && counts_fit(check, (int64_t)w[1] * w[2], w[3]) &&
           factors_have_room(check, w[3], w[2]) &&
           results_fit(check, at + 4, (int64_t)w[1] * w[3]) &&
           operand_fits(check, at + 5, w[1], 1) && grid_fits(check, at + 8, w[1], w[2], 0) &&
           grid_fits(check, at + 12, w[3], w[2], 0);
}

static int sum_of_products_fits(Check *check) {
    const int32_t *w = check->program->words + check->at;
    return counts_fit(check, w[1], w[2]) && needs_scratch(check, w[2]) &&
           results_fit(check, check->at + 3, w[1]) &&
           operand_fits(check, check->at + 4, w[1], 1) &&
           grid_fits(check, check->at + 7, w[1], w[2], 0) &&
           grid_fits(check, check->at + 11, w[1], w[2], 0);
}

static int totals_pack_fits(Check *check) {
    const int32_t *w = check->program->words + check->at;
    if (!counts_fit(check, w[1], w[2])) return 0;
    if (!totals_fit(check, w[1] ? w[3] : check->program->totals_at,
                    w[1] ? (int64_t)w[3] + w[1] - 1 : check->program->totals_at - 1))
        return 0;
    for (int32_t j = 0; j < w[1]; j++) add_to(check, (int64_t)w[3] + j);
    if (!grid_fits(check, check->at + 4, w[1], w[2], 1)) return 0;
    if (!mode_fits(check, check->at + 8, 0)) return 0;
    if (!(w[8] & IN_V))
        return refuse(check->program, "word %d: totals are of slots in V", (int)check->at + 8);
    return grid_fits(check, check->at + 8, w[1], w[2], 0);
}

/* An operation of the rule book, of a fixed number of operands or of any. */
static int operation_fits(Check *check, int arity) {
    const int32_t *w = check->program->words + check->at;
    if (arity < 0) {
        if (w[2] < 1) return refuse(check->program, "word %d: no operands", (int)check->at + 2);
        /* A block of one row may lay the operands of many elements side by side. */
        int lanes = check->section == ROWS_SECTION && w[2] <= MOST_SPREAD ? LANE_COUNT : 1;
        return counts_fit(check, w[1], w[2]) && needs_scratch(check, (int64_t)w[2] * lanes) &&
               results_fit(check, check->at + 3, w[1]) &&
               grid_fits(check, check->at + 4, w[1], w[2], 0);
    }
    int varies = 0;
    if (!counts_fit(check, w[1], 1) || !results_fit(check, check->at + 2, w[1])) return 0;
    for (int a = 0; a < arity; a++) {
        if (!operand_fits(check, check->at + 3 + 3 * a, w[1], 0)) return 0;
        varies |= w[3 + 3 * a] & IN_V;
    }
    if (check->section == ROWS_SECTION && w[0] != COPY && !varies)
        return refuse(check->program, "word %d: no operand varies, so it is no pack over rows",
                      (int)check->at);
    return 1;
}

static int pack_size(int code) {
    if (code == COPY) return 6;
    if (code == TOTALS || code == OUTER) return 12;
    if (code == OP_dot || code == OUTERS) return 15;
    if (code == PRODUCT) return 16;
    if (code < 1 || code >= OPERATIONS) return 0;
    return ARITY[code] < 0 ? 8 : 3 + 3 * ARITY[code];
}

static int pack_fits(Check *check, int32_t end) {
    Program *program = check->program;
    int code = program->words[check->at], size = pack_size(code);
    if (!size) return refuse(program, "word %d: no operation is %d", (int)check->at, code);
    if (size > end - check->at)
        return refuse(program, "word %d: the section ends within the pack", (int)check->at);
    check->dst = check->written = check->writes_v = 0;
    if (code == OUTER) return outer_fits(check);
    if (code == OUTERS) return outers_fit(check);
    if (code == TOTALS) return totals_pack_fits(check);
    if (code == PRODUCT) return product_fits(check);
    if (code == OP_dot) return sum_of_products_fits(check);
    const int is_of_nothing = code > 0 && ARITY[code] < 0 && program->words[check->at + 2] == 0;
    if (is_of_nothing || (code > 0 && IN_PYTHON[code])) program->asks_python = 1;
    return operation_fits(check, code == COPY ? 1 : ARITY[code]);
}

/* The one place that is listed stands for itself. */
static void unlist(const Program *program, int32_t *w, int arity) {
    for (int32_t *operand = w + 3; operand < w + 3 + 3 * arity; operand += 3)
        if (operand[0] & LISTED) {
            operand[0] &= ~LISTED;
            operand[1] = program->words[operand[1]];
        }
}

/* Packs of one element in U become `SINGLE + code`, their operands' lists replaced by the slot; a
   short dot keeps its words. */
static void make_single(Program *program, int32_t at) {
    int32_t *w = program->words + at;
    int code = w[0];
    if (code == OP_dot && w[1] == 1 && w[2] <= SHORT && w[4] != LISTED) w[0] = SINGLE + OP_dot;
    if (code < 1 || code == OP_dot || ARITY[code] < 0 || IN_PYTHON[code] || w[1] != 1) return;
    unlist(program, w, ARITY[code]);
    w[0] = SINGLE + code;
}

/* The same in the rows section: `ROW_SINGLE + code`. */
static void make_row_single(Program *program, int32_t at) {
    int32_t *w = program->words + at;
    switch (w[0]) {
#define CASE(name) case OP_##name:
        QUICK_OPERATIONS1(CASE)
        QUICK_OPERATIONS2(CASE)
#undef CASE
        if (w[1] != 1) return;
        unlist(program, w, ARITY[w[0]]);
        w[0] += ROW_SINGLE;
    }
}

static int section_fits(Program *program, int section, char *added_to) {
    int32_t at = section ? program->ends[section - 1] : 0;
    while (at < program->ends[section]) {
        Check check = {program, section, at, .added_to = added_to};
        int size = pack_size(program->words[at]);
        if (!pack_fits(&check, program->ends[section])) return 0;
        (section == ROWS_SECTION ? make_row_single : make_single)(program, at);
        at += size;
    }
    return 1;
}

static int packs_fit(Program *program) {
    char *added_to = PyMem_RawCalloc((size_t)program->totals + 1, 1);
    int fit = section_fits(program, BEFORE_SECTION, added_to) &&
              section_fits(program, ROWS_SECTION, added_to) &&
              section_fits(program, AFTER_SECTION, added_to);
    PyMem_RawFree(added_to);
    return fit;
}

static int slots_fit(Program *program, const char *name, const int32_t *slots, int count,
                     int may_vary) {
    for (int k = 0; k < count; k++) {
        int64_t slot = slots[k];
        if (!may_vary && (slot < 0 || slot >= program->uniforms))
            return refuse(program, "%s[%d]: slot %lld is not in U", name, k, (long long)slot);
        if (may_vary && (slot >= program->varying || -1 - slot >= program->uniforms))
            return refuse(program, "%s[%d]: %lld is neither in V nor in U", name, k,
                          (long long)slot);
    }
    return 1;
}

static int guards_fit(Program *program) {
    for (int g = 0; g < program->guard_count; g++) {
        const int32_t *guard = program->guards + 6 * g;
        for (int side = 0; side < 4; side += 3) {
            int64_t slots = guard[side] == IN_V ? program->varying : program->uniforms;
            if (guard[side] != IN_U && guard[side] != IN_V)
                return refuse(program, "guards[%d]: no mode is %d", 6 * g + side, guard[side]);
            if (guard[side + 1] < 0 || guard[side + 1] >= slots)
                return refuse(program, "guards[%d]: slot %d is not within 0 to %lld",
                              6 * g + side + 1, guard[side + 1], (long long)slots);
        }
        if (guard[2] < 0 || guard[2] > 5)
            return refuse(program, "guards[%d]: no comparison is %d", 6 * g + 2, guard[2]);
        if (guard[5] != 0 && guard[5] != 1)
            return refuse(program, "guards[%d]: an outcome is 0 or 1, not %d", 6 * g + 5, guard[5]);
    }
    return 1;
}

static int sections_nest(Program *program) {
    int32_t end = 0;
    for (int section = 0; section < 3; section++) {
        if (program->ends[section] < end || program->ends[section] > program->word_count)
            return refuse(program, "sections: %d, %d, %d do not nest in %d words", program->ends[0],
                          program->ends[1], program->ends[2], program->word_count);
        end = program->ends[section];
    }
    return 1;
}

/* Whether the program is safe to run; if not, `problem` says why. */
static int verify(Program *program) {
    int64_t uniforms = program->uniforms, varying = program->varying;
    if (uniforms < 0 || uniforms > MOST_UNIFORMS)
        return refuse(program, "uniforms: %lld is not within 0 to 2^27", (long long)uniforms);
    if (varying < 0 || varying > MOST_VARYING)
        return refuse(program, "varying: %lld is not within 0 to 2^21", (long long)varying);
    return region_fits(program, "constants", program->constants_at, program->constants, uniforms) &&
           region_fits(program, "parameters", program->parameters_at, program->parameters,
                       uniforms) &&
           region_fits(program, "totals", program->totals_at, program->totals, uniforms) &&
           region_fits(program, "inputs", program->inputs_at, program->inputs,
                       varying ? varying : uniforms) &&
           one_slot_fits(program, "scale_at", program->scale_at, uniforms) &&
           one_slot_fits(program, "rows_at", program->rows_at, uniforms) &&
           sections_nest(program) && packs_fit(program) &&
           slots_fit(program, "outputs", program->outputs, program->output_count, 0) &&
           slots_fit(program, "row_outputs", program->row_outputs, program->row_output_count, 1) &&
           guards_fit(program);
}
