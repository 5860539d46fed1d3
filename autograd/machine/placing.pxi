# Between the numbers of Python and the doubles of a machine. Part of interpreter.pyx.

cdef extern from "Python.h":
    Py_ssize_t PySequence_Fast_GET_SIZE(object sequence)
    PyObject **PySequence_Fast_ITEMS(object sequence)
    double PyFloat_AS_DOUBLE(object number)
    double PyLong_AsDouble(object number) except? -1.0
    bint is_float "PyFloat_CheckExact"(PyObject *thing)
    double double_of "PyFloat_AS_DOUBLE"(PyObject *number)
    object PyTuple_New(Py_ssize_t size)
    PyObject *PyTuple_GET_ITEM(object items, Py_ssize_t i)
    void PyTuple_SET_ITEM(object items, Py_ssize_t i, object item)  # takes a reference
    ctypedef object (*vectorcallfunc)(PyObject *, PyObject **, size_t, PyObject *)
    ctypedef object (*PyCFunction)(PyObject *, PyObject *)
    ctypedef object (*ternaryfunc)(PyObject *, PyObject *, PyObject *)
    ctypedef struct PyTypeObject:
        object (*tp_alloc)(PyTypeObject *kind, Py_ssize_t size)
        ternaryfunc tp_call
        Py_ssize_t tp_vectorcall_offset
        unsigned long tp_flags
        PyObject *tp_dict
    ctypedef struct PyMethodDef:
        const char *ml_name
        PyCFunction ml_meth
        int ml_flags
        const char *ml_doc
    int METH_FASTCALL
    int METH_KEYWORDS
    unsigned long Py_TPFLAGS_HAVE_VECTORCALL
    PyTypeObject *Py_TYPE(PyObject *thing)
    Py_ssize_t PyVectorcall_NARGS(size_t count)
    object PyDescr_NewMethod(PyTypeObject *kind, PyMethodDef *method)
    void PyType_Modified(PyTypeObject *kind)

cdef inline int put(double *slots, object number) except -1:
    """Write a float or an int; return 0 if it is neither."""
    if type(number) is float:
        slots[0] = PyFloat_AS_DOUBLE(number)
        return slots[0] - slots[0] == 0.0  # the slow way leaves what is not finite to eager code
    if type(number) is int:
        try:
            slots[0] = PyLong_AsDouble(number)
        except OverflowError:
            return 0
        return 1
    return 0


cdef int put_row(double *slots, object items, Py_ssize_t size) except -1:
    """Write a list of floats, or an array of doubles; return 0 if it is none."""
    cdef Py_ssize_t i
    if type(items) is list:
        if PySequence_Fast_GET_SIZE(items) != size:
            return 0
        for i in range(size):
            if not put(slots + i, <object>PySequence_Fast_ITEMS(items)[i]):
                return 0
        return 1
    cdef const double *numbers = doubles_of(items, size)
    return numbers != NULL and copy_finite(slots, numbers, size)


cdef int put_array(double *slots, object items, tuple form) except -1:
    """Write an array of this shape, (..., axes); return 0 if it is none of real numbers."""
    cdef const ArrayOfNumpy *a = block_of_doubles(items)
    cdef Py_ssize_t axis, numbers = 1
    if a != NULL:
        if a.axes != len(form) - 1:
            return 0
        for axis in range(a.axes):
            if a.shape[axis] != <Py_ssize_t>form[axis + 1]:
                return 0
            numbers *= a.shape[axis]
        return copy_finite(slots, <double *>a.data, numbers)
    if not knows_numpy() or type(items) is not ndarray:
        return 0
    if put_buffer(slots, items, form):
        return 1
    if items.dtype.kind not in "biuf" or items.dtype == "d":
        return 0
    return put_buffer(slots, whole_numpy.asarray(items, dtype="d"), form)


cdef int put_buffer(double *slots, object items, tuple form) except -1:
    """Write the doubles of a buffer of this form, (..., axes); return 0 if it is another."""
    cdef Py_ssize_t i, axis, rest, offset, numbers = 1, next_axis = <Py_ssize_t>sizeof(double)
    cdef Py_ssize_t axes = len(form) - 1
    cdef bint is_block = True
    cdef Py_buffer view
    if PyObject_GetBuffer(items, &view, PyBUF_FORMAT | PyBUF_STRIDES) < 0:
        return 0
    try:
        if view.ndim != axes or not holds_doubles(&view):
            return 0
        for axis in range(axes - 1, -1, -1):
            if view.shape[axis] != <Py_ssize_t>form[axis + 1]:
                return 0
            is_block = is_block and view.strides[axis] == next_axis
            next_axis *= view.shape[axis]
            numbers *= view.shape[axis]
        if is_block:
            return copy_finite(slots, <double *>view.buf, numbers)
        for i in range(numbers):
            rest, offset = i, 0
            for axis in range(axes - 1, 0, -1):
                offset += rest % view.shape[axis] * view.strides[axis]
                rest //= view.shape[axis]
            if axes:
                offset += rest * view.strides[0]
            slots[i] = (<double *>(<char *>view.buf + offset))[0]
    finally:
        PyBuffer_Release(&view)
    return c_all_finite(slots, numbers)


cdef inline bint holds_doubles(const Py_buffer *view) noexcept:
    """Return whether the items of a buffer are doubles, as arrays of this machine have them."""
    return (
        view.itemsize == <Py_ssize_t>sizeof(double) and view.format != NULL
        and view.format[0] == c"d" and view.format[1] == 0
    )


cdef inline bint is_array(tuple form) except -1:
    """Return whether this is the form of an array: (..., axes)."""
    return len(form) > 0 and form[0] is ...


cdef inline bint is_made(tuple form) except -1:
    """Return whether this is the form of what a function makes: (the function, the form of its argument)."""
    return len(form) == 2 and callable(form[0])


cdef Py_ssize_t numbers_in(object structure) except -1:
    """Return how many numbers a shape or a structure stands for."""
    cdef Py_ssize_t axis, count = 1
    if type(structure) is tuple and is_array(<tuple>structure):
        for axis in range(1, len(<tuple>structure)):
            if structure[axis] < 0:
                raise ValueError(f"an array has no axis of length {structure[axis]}")
            count *= structure[axis]
        return count
    if type(structure) is tuple and is_made(<tuple>structure):
        return numbers_in(structure[1])
    if type(structure) is tuple or type(structure) is list:
        return sum([numbers_in(part) for part in structure])
    if type(structure) is not int or structure < -1:
        raise ValueError(
            f"a structure is -1, a count, (..., axes), or a tuple or list of structures, not "
            f"{structure!r}"
        )
    return 1 if structure == -1 else structure
