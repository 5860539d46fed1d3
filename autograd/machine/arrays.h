/* Where an array of NumPy has its numbers: what NumPy's own headers compile into every extension,
   and so cannot change (`PyArrayObject_fields`). `arrays.pxi` looks at arrays this way only once it
   saw that one is laid out so; buffers say the same, and take five times as long to ask. */
typedef struct {
    PyObject_HEAD
    char *data;
    int axes;
    Py_ssize_t *shape, *strides;
    PyObject *base, *items;
    int flags;
} ArrayOfNumpy;

enum { IS_BLOCK = 0x1, IS_ALIGNED = 0x100, IS_WRITABLE = 0x400, WARNS = (int)0x80000000u };

static inline int array_has_shape(const ArrayOfNumpy *a, int axes, const Py_ssize_t *shape) {
    if (a->axes != axes) return 0;
    for (int k = 0; k < axes; k++)
        if (a->shape[k] != shape[k]) return 0;
    return 1;
}
