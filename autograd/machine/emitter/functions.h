/* Functions of C that code at points calls: those the interpreter calls, with the same bits. */

#define CALLED1(name, value)                                                                      \
    static double called_##name(double x) { return value(x); }
#define CALLED2(name, value)                                                                      \
    static double called_##name(double x, double y) { return value(x, y); }
CALLED_OPERATIONS1(CALLED1)
CALLED_OPERATIONS2(CALLED2)
#undef CALLED1
#undef CALLED2

/* Where the function of an operation is; 0 if code at points does not call it. */
static uintptr_t function_of(int code) {
    switch (code) {
#define CASE(name, value) case OP_##name: return (uintptr_t)called_##name;
        CALLED_OPERATIONS1(CASE)
        CALLED_OPERATIONS2(CASE)
#undef CASE
    default: return 0;
    }
}
