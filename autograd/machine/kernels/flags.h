/* The sticky floating-point flags of this thread: overflow, division by zero, invalid operation.

   The functions are not inlined, and the arithmetic between them is called through pointers, so
   the compiler cannot move one past the other. */

#if defined(__x86_64__)
#include <xmmintrin.h>

enum { INVALID_FLAG = 1, DIVISION_FLAG = 4, OVERFLOW_FLAG = 8 };

/* MXCSR is slow to write and quick to read: it is written only when a flag is up. */
static __attribute__((noinline)) void lower_flags(void) {
    unsigned state = _mm_getcsr(), flags = INVALID_FLAG | DIVISION_FLAG | OVERFLOW_FLAG;
    if (state & flags) _mm_setcsr(state & ~flags);
}

static __attribute__((noinline)) int raised_flags(void) {
    return (int)(_mm_getcsr() & (INVALID_FLAG | DIVISION_FLAG | OVERFLOW_FLAG));
}

static __attribute__((noinline)) void raise_invalid(void) {
    _mm_setcsr(_mm_getcsr() | INVALID_FLAG);
}

#else
#include <fenv.h>

enum { INVALID_FLAG = 1, DIVISION_FLAG = 4, OVERFLOW_FLAG = 8 };

static __attribute__((noinline)) void lower_flags(void) {
    feclearexcept(FE_OVERFLOW | FE_DIVBYZERO | FE_INVALID);
}

static __attribute__((noinline)) int raised_flags(void) {
    int raised = fetestexcept(FE_OVERFLOW | FE_DIVBYZERO | FE_INVALID);
    return (raised & FE_INVALID ? INVALID_FLAG : 0) | (raised & FE_DIVBYZERO ? DIVISION_FLAG : 0) |
           (raised & FE_OVERFLOW ? OVERFLOW_FLAG : 0);
}

static __attribute__((noinline)) void raise_invalid(void) { feraiseexcept(FE_INVALID); }
#endif

/* A NaN that a rule writes down as a constant raises no flag by itself. */
static inline double flagged(double out) {
    if (out != out) raise_invalid();
    return out;
}
