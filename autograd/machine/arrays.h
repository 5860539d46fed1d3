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

/* PyArray_NewFromDescr of NumPy's table of functions, whose places are part of its ABI; takes a
   reference to the type of the items. NULL where there is no such table. */
typedef PyObject *NewArray(PyTypeObject *kind, PyObject *items, int axes, const Py_ssize_t *shape,
                           const Py_ssize_t *strides, void *data, int flags, PyObject *owner);
enum { PLACE_OF_VERSION = 0, PLACE_OF_NEW_ARRAY = 94, MOST_AXES = 32 };
enum { ABI_OF_NUMPY_1 = 0x01000009, ABI_OF_NUMPY_2 = 0x02000000 };

static NewArray *new_array;

static void find_new_array(PyObject *table) {
    void **functions = PyCapsule_CheckExact(table) ? PyCapsule_GetPointer(table, NULL) : NULL;
    unsigned version = 0;
    if (functions) version = ((unsigned (*)(void))functions[PLACE_OF_VERSION])();
    else PyErr_Clear();
    new_array = NULL;
    if (version == ABI_OF_NUMPY_1 || version == ABI_OF_NUMPY_2)
        new_array = (NewArray *)functions[PLACE_OF_NEW_ARRAY];
}

/* An array whose numbers are to be written; `form` is (..., axes). */
static PyObject *array_of_form(PyObject *kind, PyObject *items, PyObject *form) {
    Py_ssize_t shape[MOST_AXES], axes = PyTuple_GET_SIZE(form) - 1;
    if (axes > MOST_AXES) return PyErr_Format(PyExc_ValueError, "%zd axes are too many", axes);
    for (Py_ssize_t k = 0; k < axes; k++)
        shape[k] = PyLong_AsSsize_t(PyTuple_GET_ITEM(form, k + 1));
    if (PyErr_Occurred()) return NULL;
    Py_INCREF(items);
    return new_array((PyTypeObject *)kind, items, (int)axes, shape, NULL, NULL, 0, NULL);
}

static inline int array_has_shape(const ArrayOfNumpy *a, int axes, const Py_ssize_t *shape) {
    if (a->axes != axes) return 0;
    for (int k = 0; k < axes; k++)
        if (a->shape[k] != shape[k]) return 0;
    return 1;
}
