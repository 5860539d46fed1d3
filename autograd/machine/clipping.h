/* Gradients made smaller before a step, as autograd/optimizers/clipping.py does, bit for bit. */

typedef struct {
    double value, norm; /* the largest size of a number, and of all together; 0: any */
} Limits;

/* The norm: infinite or NaN only if a number is, or if the norm exceeds the largest double. */
static double norm_of(const Kernels *kernels, const double *gradient, ptrdiff_t n) {
    double total = kernels->squares(gradient, n, 1.0);
    if (total >= 0x1p-900 && total <= 0x1p1000) return sqrt(total);
    double largest = 0.0;
    for (ptrdiff_t k = 0; k < n; k++)
        if (fabs(gradient[k]) > largest) largest = fabs(gradient[k]);
    if (total != total || largest == 0.0 || isinf(largest)) return total;
    int exponent;
    frexp(largest, &exponent);
    double scale = ldexp(1.0, exponent > 1000 ? -1000 : exponent < -1000 ? 1000 : -exponent);
    return sqrt(kernels->squares(gradient, n, scale)) / scale;
}

/* Returns the gradient within its limits, in `room` if it is another; NULL if it is not finite, or
   not to be limited. The room may be where the gradient is. */
static const double *clipped(const Kernels *kernels, const Limits *limits, double norm,
                             const double *gradient, ptrdiff_t n, double *room) {
    if (limits->value) {
        double most = limits->value;
        if (!kernels->all_finite(gradient, n)) return NULL;
        for (ptrdiff_t k = 0; k < n; k++) {
            double x = gradient[k];
            room[k] = x > most ? most : x < -most ? -most : x;
        }
        gradient = room;
        if (limits->norm) norm = norm_of(kernels, gradient, n);
    }
    if (!limits->norm) return gradient;
    if (norm - norm != 0.0) return NULL;
    if (norm > limits->norm) {
        double factor = limits->norm / norm;
        for (ptrdiff_t k = 0; k < n; k++) room[k] = factor * gradient[k];
        gradient = room;
    }
    return gradient;
}
