/* Signals during long work: Python's handlers run now and then, and may end it. */
#include <time.h>

enum { TERMS_BETWEEN_CLOCKS = 1 << 20 }; /* about a millisecond */
static const double SECONDS_BETWEEN_LOOKS = 0.05; /* each may wait for the interpreter's lock */

/* Whether a signal's handler in Python has raised, asked now and then during long work. */
typedef struct {
    int (*ask)(void); /* takes the interpreter's lock and lets handlers run; NULL: nobody asks */
    int64_t terms;    /* to be computed before the next glance at the clock */
    double next;      /* when to ask again */
} Look;

static double seconds_now(void) {
    struct timespec now;
#ifdef CLOCK_MONOTONIC
    clock_gettime(CLOCK_MONOTONIC, &now);
#else
    timespec_get(&now, TIME_UTC);
#endif
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static Look first_look(int (*ask)(void)) {
    return (Look){ask, TERMS_BETWEEN_CLOCKS, ask ? seconds_now() + SECONDS_BETWEEN_LOOKS : 0.0};
}

static int look_at_signals(Look *look) {
    double now;
    look->terms = TERMS_BETWEEN_CLOCKS;
    if (!look->ask || (now = seconds_now()) < look->next) return 0;
    look->next = now + SECONDS_BETWEEN_LOOKS;
    return look->ask() != 0;
}

/* Returns whether work is to end; called before every block of rows. */
static inline int has_to_stop(Look *look, const Program *program) {
    look->terms -= (program->work + 1) * LANE_COUNT;
    return look->terms < 0 && look_at_signals(look);
}
