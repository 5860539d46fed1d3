/* The kernels, compiled twice on x86-64: for every processor, and for those with AVX2 and FMA. */

typedef double v4 __attribute__((vector_size(32)));
typedef int64_t v4i __attribute__((vector_size(32)));
typedef double v4_anywhere __attribute__((vector_size(32), aligned(8), may_alias));

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define LOAD(place) ((v4)(*(const v4_anywhere *)(place)))
#define STORE(place, vector) (*(v4_anywhere *)(place) = (vector))
#define SPREAD(number) ((v4){(number), (number), (number), (number)})

#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLE(x, y, a, b, c, d) __builtin_shufflevector(x, y, a, b, c, d)
#else
#define SHUFFLE(x, y, a, b, c, d) __builtin_shuffle(x, y, (v4i){a, b, c, d})
#endif

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"

#define LANES(name) name##_on_any
#define HAS_FMA 0
#define MULADD(x, y, z) ((x) * (y) + (z))
#include "machine_points.h"
#include "machine_lanes.h"
#include "machine_steps.h"
#undef LANES
#undef HAS_FMA
#undef MULADD

#if defined(__x86_64__)
#define TWO_KINDS 1
#include <immintrin.h>
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#define LANES(name) name##_on_avx2
#define HAS_FMA 1
#define MULADD(x, y, z) ((v4)_mm256_fmadd_pd((__m256d)(x), (__m256d)(y), (__m256d)(z)))
#include "machine_points.h"
#include "machine_lanes.h"
#include "machine_steps.h"
#undef LANES
#undef HAS_FMA
#undef MULADD
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#else
#define TWO_KINDS 0
#endif

#pragma GCC diagnostic pop

/* Runs the packs of words[from … to) at one point, or for all rows of a block. */
typedef void Kernel(Memory *memory, double *results, int32_t from, int32_t to);

typedef void Stepping(const Rule *rule, ptrdiff_t n, const double *gradients, const double *p,
                      const double *state, double *next, double *next_state);

typedef struct {
    Kernel *points, *lanes;
    Stepping *sgd, *adam;
    int (*all_finite)(const double *numbers, ptrdiff_t n);
} Kernels;

#define KERNELS(kind)                                                                             \
    ((Kernels){run_points_##kind, run_lanes_##kind, sgd_##kind, adam_##kind, all_finite_##kind})

static Kernels kernels_of(int plain) {
#if TWO_KINDS
    if (!plain && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return KERNELS(on_avx2);
#endif
    (void)plain;
    return KERNELS(on_any);
}
