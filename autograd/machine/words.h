/* The machine of compiled programs: an interpreter of packs of equal operations.

   Memory is U, one double a slot (the same for every row), and V, LANE_COUNT doubles a slot (one
   lane a row). The words of a program are int32 in three sections, run in this order:
     before : U -> U       once a run
     rows   : U, V -> V    once a block of LANE_COUNT rows, adding totals over rows to U
     after  : U -> U       once a run
   Results in U are those of Python's floats bit for bit (points.h); results in V may be
   vectorised, fused and a few units in the last place off (lanes.h).

   What no operation of the rule book is, and `dot`, in words behind the code (m, n, p, q, k count;
   `from` is an operand, `a`, `b` grids; both are described below):
     COPY    m dst from               dst[j] = from[j]
     dot     m n dst bias a b         dst[j] = bias[j] + sum over i of a[j, i] b[j, i]
     PRODUCT m n k dst bias a b       dst[c m + j] = bias[j] + sum over i of a[j, i] b[c, i]
   and, over the rows, added to totals:
     TOTALS  m n dst a b              dst[j] += sum over i of a[j, i] b[j, i]
     OUTER   p q dst steps from from  dst[j steps[0] + l steps[1]] += from[j] from[l]
     OUTERS  p q n dst steps a b      dst[j steps[0] + l steps[1]] += sum over i of a[j, i] b[l, i]

   Needs the vector types of GCC and Clang. Other compilers (MSVC) do not get this module, and
   programs run as generated Python source there.

   Codes, modes, sections and status bits are those of words.py. */
#ifndef MACHINE_H
#define MACHINE_H

#include <Python.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if !defined(__GNUC__)
#error "the machine needs the vector types of GCC or Clang"
#endif

#include "rules.h"
#include "flags.h"
#include "power.h"
#include "operation_lists.h"

/* A vector has VECTOR lanes, WIDEST at most (vectors.h). */
enum { WIDEST = 4 };

/* Elementwise packs of one element, rewritten once they are verified, are run without a call:
   SINGLE + code all in U, ROW_SINGLE + code one of QUICK_OPERATIONS in the rows section. */
enum { SINGLE = OPERATIONS, ROW_SINGLE = 2 * OPERATIONS, SHORT = 16 };

struct Memory;
typedef void NativeCode(struct Memory *memory, double *U, double *V, int64_t vectors);

/* Operations of at most so many operands are computed element beside element in a single row. */
enum { MOST_SPREAD = 1024 };

/* Outputs that lie side by side: those `first`, `first` + `step`, … are in U from `place` on. */
typedef struct {
    int32_t first, step, count, place;
} Run;

typedef struct {
    int32_t *words;
    int32_t word_count;
    int32_t ends[3]; /* of the sections */
    double *U;
    int32_t uniforms, varying;
    int32_t constants_at, constants;
    int32_t parameters_at, parameters;
    int32_t inputs_at, inputs;
    int32_t scale_at, rows_at;
    int32_t totals_at, totals;
    int32_t *outputs, *row_outputs, *guards;
    int32_t output_count, row_output_count, guard_count;
    Run *runs; /* of outputs that are not the constant 0.0 */
    int32_t run_count, distinct_runs; /* the first ones have every number that is an output */
    int has_zeros;                    /* some outputs are the constant 0.0 */
    int32_t scratch; /* doubles needed to gather the operands of one operation */
    int64_t work;    /* terms of all packs: how long a run is, roughly */
    int asks_python; /* an operation has no twin in C */
    int adds_twice;  /* two words may add to one total */
    int all_is_read; /* any slot of U may be looked at between two runs */
    /* Machine code (emitter/): of the sections, or NULL; the pages it is in; the runs until it is
       written, negative if it never is. */
    NativeCode *native[3];
    void *pages;
    size_t code_size;
    int32_t runs_before_emission;
    char problem[200];
} Program;

/* What one thread works in. */
typedef struct Memory {
    const int32_t *words;
    double *U, *V, *scratch;
    double *totals;    /* of the rows so far: what is added to U[totals_at …] */
    int32_t totals_at;
    int rows;          /* in the block */
    int stores_totals; /* those of the rows to come are all: nothing is to be added to */
    int trouble;       /* Python's forward raised an exception */
    int may_regroup;   /* sums may be added in another order: in a machine over rows */
} Memory;

/* Where rows come from: input k of row number r is columns[k][r * strides[k]]. */
typedef struct {
    const double **columns;
    ptrdiff_t *strides;
    const int64_t *order; /* the numbers of the rows of a training, in turn */
} Inputs;

/* Where their results go: number k of row r is columns[k][r * strides[k]]. */
typedef struct {
    double **columns; /* NULL: nowhere */
    ptrdiff_t *strides;
} Results;

/* Python's forward of an operation without a C twin; takes the interpreter's lock. What is no error
   of arithmetic (Ctrl-C) stays raised, for whoever runs the machine to see. */
static int (*ask_python)(int code, const double *x, size_t n, double *out);

static inline double value_in_python(Memory *memory, int code, const double *x, size_t n) {
    double out = NAN;
    /* Python raises no flag: what is not finite, and perhaps needed by nobody, is looked at. */
    if (ask_python(code, x, n, &out) || out - out != 0.0) memory->trouble = 1;
    return out;
}

/* The places of a pack's operands: element (j, i) is base[j * step_j + i * step_i] in slots, or
   base[list[j * list_j + i]]. */
typedef struct {
    const double *base;
    const int32_t *list;
    ptrdiff_t step_j, step_i, list_j;
    int varies, absent;
} Places;

static inline ptrdiff_t slot_of(const Places *places, ptrdiff_t j, ptrdiff_t i) {
    return places->list ? places->list[j * places->list_j + i]
                        : j * places->step_j + i * places->step_i;
}

static inline Places places_of(const Memory *memory, const int32_t *w, ptrdiff_t step_j,
                               ptrdiff_t step_i, ptrdiff_t list_j, ptrdiff_t slot_size) {
    Places found = {memory->U, NULL, step_j, step_i, list_j, 0, w[0] == ABSENT};
    if (found.absent) return found;
    if (w[0] & IN_V) {
        found.base = memory->V;
        found.varies = 1;
    }
    if (w[0] & LISTED)
        found.list = memory->words + w[1];
    else
        found.base += w[1] * (found.varies ? slot_size : 1);
    return found;
}

/* An operand: `mode, base, step`; element k is the place (k, 0). */
static inline Places operand_of(const Memory *memory, const int32_t *w, ptrdiff_t slot_size) {
    return places_of(memory, w, w[2], 0, 1, slot_size);
}

/* A grid: `mode, base, step_j, step_i`; a list is shared by all j if step_j is 0. */
static inline Places grid_of(const Memory *memory, const int32_t *w, ptrdiff_t n,
                             ptrdiff_t slot_size) {
    return places_of(memory, w, w[2], w[3], w[2] ? n : 0, slot_size);
}

/* Lanes past the last row get a copy of it. */
static inline void fill_up(double *lanes, int rows) {
    for (int r = rows; r % WIDEST; r++) lanes[r] = lanes[rows - 1];
}

#include "verify.h"
#include "vectors.h"
#include "emitter.h"
#include "outputs.h"
#include "run.h"
#include "rows.h"
#include "signals.h"
#include "jobs.h"
#include "threads.h"
#include "clipping.h"
#include "train.h"

#endif
