/* Proof that the places of a pack's operands are within the machine's memory. A part of verify.h. */

static int slot_fits(Check *check, int32_t word, int in_v, int64_t slot) {
    Program *program = check->program;
    int64_t slots = in_v ? program->varying : program->uniforms;
    if (slot < 0 || slot >= slots)
        return refuse(program, "word %d: slot %lld is not within 0 to %lld of %c", (int)word,
                      (long long)slot, (long long)slots, in_v ? 'V' : 'U');
    if (in_v == check->writes_v && slot >= check->dst && slot < check->dst + check->written)
        return refuse(program, "word %d: the pack at word %d reads slot %lld, which it writes",
                      (int)word, (int)check->at, (long long)slot);
    return 1;
}

static int mode_fits(Check *check, int32_t word, int may_be_absent) {
    int32_t mode = check->program->words[word];
    if (mode == ABSENT && may_be_absent) return 1;
    if (mode < 0 || mode > (IN_V | LISTED))
        return refuse(check->program, "word %d: no mode is %d", (int)word, (int)mode);
    if ((mode & IN_V) && check->section != ROWS_SECTION)
        return refuse(check->program, "word %d: V is read outside the rows section", (int)word);
    return 1;
}

/* Whether a list of `count` slots lies behind the sections, and every slot in range. */
static int list_fits(Check *check, int32_t word, int64_t count) {
    Program *program = check->program;
    int64_t base = program->words[word + 1];
    int in_v = (program->words[word] & IN_V) != 0;
    if (base < program->ends[2] || base + count > program->word_count)
        return refuse(program, "word %d: a list of %lld words at %lld is not within the lists",
                      (int)word + 1, (long long)count, (long long)base);
    for (int64_t k = 0; k < count; k++)
        if (!slot_fits(check, (int32_t)(base + k), in_v, program->words[base + k])) return 0;
    return 1;
}

/* Whether slots base + k * step, k < count, are in range and not written by the pack. */
static int run_fits(Check *check, int32_t word, int in_v, int64_t base, int64_t step,
                    int64_t count) {
    int64_t first = base, last = base + step * (count - 1);
    if (count == 0) return 1;
    if (!slot_fits(check, word, in_v, first) || !slot_fits(check, word, in_v, last)) return 0;
    if (in_v != check->writes_v || check->written == 0 || step == 0) return 1;
    if (step < 0) {
        int64_t swapped = first;
        first = last, last = swapped, step = -step;
    }
    if (first >= check->dst) return 1; /* behind what is written, or refused above */
    int64_t next = first + (check->dst - first + step - 1) / step * step;
    return next > last || slot_fits(check, word, in_v, next);
}

static int operand_fits(Check *check, int32_t word, int64_t count, int may_be_absent) {
    const int32_t *w = check->program->words + word;
    if (!mode_fits(check, word, may_be_absent)) return 0;
    if (w[0] == ABSENT) return 1;
    if (w[0] & LISTED) return list_fits(check, word, count);
    return run_fits(check, word + 1, (w[0] & IN_V) != 0, w[1], w[2], count);
}

static int grid_fits(Check *check, int32_t word, int64_t m, int64_t n, int may_be_absent) {
    const int32_t *w = check->program->words + word;
    if (!mode_fits(check, word, may_be_absent)) return 0;
    if (w[0] == ABSENT || m == 0 || n == 0) return 1;
    if (w[0] & LISTED) return list_fits(check, word, w[2] ? m * n : n);
    if (n <= m) {
        for (int64_t i = 0; i < n; i++)
            if (!run_fits(check, word + 1, (w[0] & IN_V) != 0, w[1] + i * w[3], w[2], m)) return 0;
    } else {
        for (int64_t j = 0; j < m; j++)
            if (!run_fits(check, word + 1, (w[0] & IN_V) != 0, w[1] + j * w[2], w[3], n)) return 0;
    }
    return 1;
}
