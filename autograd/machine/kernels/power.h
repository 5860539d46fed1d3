/* pow(x, 2) and pow(x, 3) with pow's bits, without calling pow. */

/* glibc's pow is within 0.52 units in the last place since 2.28 (its manual, "Known Maximum Errors
   in Math Functions"): 0.02 before it rounds. Elsewhere they are left to pow. */
#if defined(__GLIBC__) && (__GLIBC__ > 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ >= 28))
#define SMALL_POWERS_ARE_KNOWN 1
#else
#define SMALL_POWERS_ARE_KNOWN 0
#endif

static inline uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* The error of the product x * y, exactly, where nothing underflows or overflows: Dekker's, with
   Veltkamp's split in halves of 26 bits (2²⁷ + 1). */
static inline double error_of_product(double x, double y, double product) {
    double split_x = x * 134217729.0, split_y = y * 134217729.0;
    double high_x = split_x - (split_x - x), high_y = split_y - (split_y - y);
    double low_x = x - high_x, low_y = y - high_y;
    return ((high_x * high_y - product) + high_x * low_y + low_x * high_y) + low_x * low_y;
}

/* Whether any function that is within 0.05 units before it rounds gives `result` for the number
   result + error: borders between doubles are half a unit away, below a power of two a quarter. */
static inline int is_clear(double result, double error) {
    uint64_t bits = bits_of(result), unit_bits;
    int exponent = (int)(bits >> 52 & 0x7FF);
    double unit;
    /* Far from underflow, where a product's error would not be a double, and from overflow. */
    if (exponent < 200 || exponent > 1900) return 0;
    unit_bits = (uint64_t)(exponent - 52) << 52;
    memcpy(&unit, &unit_bits, sizeof unit);
    return fabs(error) < (bits << 12 ? 0.45 : 0.2) * unit;
}

/* Of the test of whole vectors of squares, second_powers in points.h: what their errors are scaled
   by, and the range in which it tells. */
static const double SQUARE_MARGIN = 1.0246, LEAST_SQUARE = 0x1p-32, MOST_SQUARE = 0x1p32;

/* 2.0, hidden from compilers, which take pow(x, 2.0) for x * x. */
static inline double hidden_two(void) {
    double two = 2.0;
    __asm__("" : "+m"(two));
    return two;
}

static inline double power(double x, double y) {
    if (SMALL_POWERS_ARE_KNOWN && y == 2.0) {
        double square = x * x;
        if (is_clear(square, error_of_product(x, x, square))) return square;
    }
    if (SMALL_POWERS_ARE_KNOWN && y == 3.0) {
        double square = x * x, cube = square * x;
        double error = error_of_product(square, x, cube) + error_of_product(x, x, square) * x;
        if (is_clear(cube, error)) return cube;
    }
    return pow(x, y);
}
