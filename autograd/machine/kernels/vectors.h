/* The kernels, compiled twice on x86-64: for every processor, and for those with AVX2 and FMA. */

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))

typedef double Doubles2 __attribute__((vector_size(16)));
typedef int64_t Mask2 __attribute__((vector_size(16)));
typedef uint64_t Bits2 __attribute__((vector_size(16)));
typedef double DoublesAnywhere2 __attribute__((vector_size(16), aligned(8), may_alias));

static const int64_t LANE_BITS[] = {-1, -1, -1, -1, 0, 0, 0, 0};

#if defined(__x86_64__)
#define TWO_KINDS 1
#include <immintrin.h>

typedef double Doubles4 __attribute__((vector_size(32)));
typedef int64_t Mask4 __attribute__((vector_size(32)));
typedef uint64_t Bits4 __attribute__((vector_size(32)));
typedef double DoublesAnywhere4 __attribute__((vector_size(32), aligned(8), may_alias));
#else
#define TWO_KINDS 0
#endif

/* Step number t: from gradients, p and what is remembered to the p and memory that come next;
   returns whether they are finite. The p before are kept, and no memory may overlap another. */
typedef int Stepping(const double *settings, double t, ptrdiff_t n, const double *gradients,
                     double *p, double *before, const double *state, double *next_state);

/* The bits of 0 or of a NaN. Bits are joined sooner than numbers are added. */
static inline uint64_t zero_if_finite(double x) { return bits_of(x - x); }

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"

#define LANES(name) name##_on_any
#define VECTOR 2
#define Doubles Doubles2
#define Mask Mask2
#define Bits Bits2
#define DoublesAnywhere DoublesAnywhere2
#define HAS_FMA 0
#define MULADD(x, y, z) ((x) * (y) + (z))
#include "kernels.h"

#if TWO_KINDS
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#define LANES(name) name##_on_avx2
#define VECTOR 4
#define Doubles Doubles4
#define Mask Mask4
#define Bits Bits4
#define DoublesAnywhere DoublesAnywhere4
#define HAS_FMA 1
#define MULADD(x, y, z) ((Doubles)_mm256_fmadd_pd((__m256d)(x), (__m256d)(y), (__m256d)(z)))
#include "kernels.h"
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

#pragma GCC diagnostic pop

/* Runs the packs of words[from … to) at one point, or for all rows of a block. */
typedef void Kernel(Memory *memory, double *results, int32_t from, int32_t to);

typedef struct {
    Kernel *points, *lanes;
    Stepping *const *steps; /* by the number of an update rule */
    int (*all_finite)(const double *numbers, ptrdiff_t n);
    double (*squares)(const double *numbers, ptrdiff_t n, double scale);
    int (*take_rows)(const Program *program, const Inputs *inputs, Memory *memory, int64_t first,
                     int rows);
    void (*gather_rows)(const Program *program, const Inputs *inputs, Memory *memory, int64_t first,
                        int rows);
    int (*give_rows)(const Program *program, const Memory *memory, const Results *results,
                     int64_t first);
    int (*copy)(double *restrict to, const double *restrict from, ptrdiff_t n);
} Kernels;

#define KERNELS(kind)                                                                             \
    ((Kernels){run_points_##kind, run_lanes_##kind, steps_##kind, all_finite_##kind,              \
               squares_##kind, take_rows_##kind, gather_rows_##kind, give_rows_##kind,            \
               copy_##kind})

static Kernels kernels_of(int plain) {
#if TWO_KINDS
    if (!plain && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return KERNELS(on_avx2);
#endif
    (void)plain;
    return KERNELS(on_any);
}
