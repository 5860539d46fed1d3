/* Machine code for the arithmetic of verified programs, so that its numbers stay in registers.

   After a program has run often, its sections are written as functions: at points number by number,
   or, in packs of many, four numbers at a time; over rows four rows. Numbers and flags are those of
   the interpreter. It keeps what it does better, operations of many operands, and whole programs where the
   processor is another, the system refuses pages that can be run, or the switch says so.

   From the bottom up: writer.h bytes within their room; encoding.h instructions; functions.h what
   is called; steps.h packs as steps of single numbers; loops.h as steps of loops; pieces.h whole
   sections; pool.h constants; registers.h who is where; operations.h steps to instructions;
   sections.h functions; pages.h what can be run. */

enum { RUNS_BEFORE_EMISSION = 100, MOST_CODE = 1 << 17 };

#if defined(__x86_64__) && !defined(_WIN32)
#define EMITS 1
#include "writer.h"
#include "encoding.h"
#include "functions.h"
#include "steps.h"
#include "loops.h"
#include "pieces.h"
#include "pool.h"
#include "registers.h"
#include "operations.h"
#include "sections.h"
#include "pages.h"

/* Whether the processor has AVX and FMA, and the machine is to use them. */
static int has_wide_registers(const Kernels *kernels) {
    return kernels->lanes == run_lanes_on_avx2;
}

static void free_emitter(Emitter *emitter) {
    PyMem_RawFree(emitter->writer.bytes);
    PyMem_RawFree(emitter->writer.text);
    PyMem_RawFree(emitter->steps);
    PyMem_RawFree(emitter->aside);
    PyMem_RawFree(emitter->touched);
    PyMem_RawFree(emitter->reading);
    PyMem_RawFree(emitter->same);
    PyMem_RawFree(emitter->kept);
}

/* Writes all sections, and where each starts; returns whether there is something to be run. */
static int write_code(Emitter *emitter, const Program *program, const Kernels *kernels, int lists,
                      int32_t *starts) {
    int has_loops = !program->varying;
    size_t values = (size_t)program->uniforms + (size_t)program->varying;
    int any = 0;
    *emitter = (Emitter){.program = program, .kernels = kernels};
    if (!has_wide_registers(kernels) || values > MOST_VALUES || program->work > MOST_TERMS) return 0;
    if (has_loops) values *= 2;
    emitter->values = (int32_t)values;
    emitter->writer = (Writer){.bytes = PyMem_RawMalloc(MOST_CODE), .room = MOST_CODE,
                               .lists = lists};
    emitter->steps = PyMem_RawMalloc(MOST_STEPS * sizeof(Step));
    emitter->aside = PyMem_RawMalloc(MOST_LOOPED * sizeof(Step));
    emitter->reading = PyMem_RawMalloc((values + 1) * sizeof(int32_t));
    emitter->same = PyMem_RawMalloc((values + 1) * sizeof(int32_t));
    emitter->kept = PyMem_RawCalloc(4, values + 1);
    if (has_loops) emitter->touched = PyMem_RawCalloc(values + 1, sizeof(int32_t));
    if (!emitter->writer.bytes || !emitter->steps || !emitter->aside || !emitter->reading ||
        !emitter->same || !emitter->kept || (has_loops && !emitter->touched))
        return 0;
    emitter->written = emitter->kept + values;
    emitter->changes = emitter->written + values;
    emitter->place = (int8_t *)emitter->changes + values;
    memset(emitter->place, -1, values);
    put_pool(&emitter->writer, program);
    for (int section = BEFORE_SECTION; section <= AFTER_SECTION; section++) {
        starts[section] = write_section(emitter, section);
        any |= starts[section] >= 0;
    }
    return any && !emitter->writer.full;
}

/* Gives a program its machine code, if it can have some. */
static void emit(Program *program, const Kernels *kernels) {
    Emitter emitter;
    int32_t starts[3];
    program->runs_before_emission = -1;
    if (write_code(&emitter, program, kernels, 0, starts)) {
        size_t size = (size_t)emitter.writer.size;
        uint8_t *pages = pages_with(emitter.writer.bytes, size);
        for (int section = 0; pages && section < 3; section++)
            if (starts[section] >= 0)
                program->native[section] = (NativeCode *)(uintptr_t)(pages + starts[section]);
        program->pages = pages, program->code_size = pages ? size : 0;
    }
    free_emitter(&emitter);
}

/* The listing of the code that a program has or would get; NULL if it can have none. */
static char *listing_of(const Program *program, const Kernels *kernels) {
    Emitter emitter;
    int32_t starts[3];
    char *text = NULL;
    if (write_code(&emitter, program, kernels, 1, starts)) {
        text = emitter.writer.text;
        emitter.writer.text = NULL;
    }
    free_emitter(&emitter);
    return text;
}

static void free_code(Program *program) {
    if (program->pages) munmap(program->pages, program->code_size);
    memset(program->native, 0, sizeof program->native);
    program->pages = NULL, program->code_size = 0;
}
#else
#define EMITS 0
static void emit(Program *program, const Kernels *kernels) {
    (void)kernels;
    program->runs_before_emission = -1;
}

static void free_code(Program *program) { (void)program; }

static char *listing_of(const Program *program, const Kernels *kernels) {
    (void)program, (void)kernels;
    return NULL;
}
#endif

/* Counts runs, and emits when there were enough. */
static inline void count_runs(Program *program, const Kernels *kernels, int64_t runs) {
    if (program->runs_before_emission < 0) return;
    if (runs >= program->runs_before_emission) emit(program, kernels);
    else program->runs_before_emission -= (int32_t)runs;
}

static inline void run_section(const Program *program, const Kernels *kernels, Memory *memory,
                               int section) {
    int in_rows = section == ROWS_SECTION;
    if (program->native[section])
        program->native[section](memory, memory->U, memory->V, (memory->rows + WIDEST - 1) / WIDEST);
    else
        (in_rows ? kernels->lanes : kernels->points)(memory, in_rows ? memory->V : memory->U,
                                                     section ? program->ends[section - 1] : 0,
                                                     program->ends[section]);
}
