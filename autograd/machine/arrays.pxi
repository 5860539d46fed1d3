# The memory of arrays: Python's, and NumPy's, which nothing here imports. Part of interpreter.pyx.

from sys import modules

from autograd.loaded_numpy import loaded_numpy

cdef extern from "arrays.h":
    ctypedef struct ArrayOfNumpy:
        char *data
        int axes
        Py_ssize_t *shape
        Py_ssize_t *strides
        PyObject *items
        int flags
    int IS_BLOCK, IS_ALIGNED, IS_WRITABLE, WARNS
    bint array_has_shape(const ArrayOfNumpy *a, int axes, const Py_ssize_t *shape)
    void *new_array
    void find_new_array(object table)
    object array_of_form(object kind, object items, object form)

cdef object whole_numpy = object()
cdef object ndarray = None
cdef object empty_array = None
cdef object doubles = None  # NumPy's type of items that are doubles; None: arrays are laid out otherwise


cdef bint is_whole(numpy) except -1:
    """Return whether this is NumPy, and no other thread is still loading it."""
    global whole_numpy, ndarray, empty_array, doubles
    if numpy is None or loaded_numpy() is not numpy or not hasattr(numpy, "ndarray"):
        return False
    ndarray, empty_array = numpy.ndarray, numpy.empty
    multiarray = modules.get("numpy._core.multiarray") or modules.get("numpy.core.multiarray")
    find_new_array(getattr(multiarray, "_ARRAY_API", None))
    doubles = numpy.dtype("d") if is_as_declared(numpy) else None
    whole_numpy = numpy
    return True


cdef bint knows_numpy() except -1:
    """Return whether NumPy is loaded as a whole; then its arrays are looked into from now on."""
    cdef PyObject *numpy = item_of(<PyObject *>modules, <PyObject *>"numpy")
    return numpy == <PyObject *>whole_numpy or numpy != NULL and is_whole(<object>numpy)


cdef bint is_as_declared(numpy) except -1:
    """Return whether arrays are laid out as in arrays.h."""
    cdef Py_ssize_t shape[2]
    cdef ArrayOfNumpy *a
    probe = numpy.zeros((2, 3))
    turned = probe.T
    turned.flags.writeable = False
    shape[0], shape[1] = 2, 3
    if type(probe) is not ndarray or ndarray.__basicsize__ < sizeof(ArrayOfNumpy):
        return False
    a = <ArrayOfNumpy *><PyObject *>probe
    if a.axes != 2 or <uintptr_t>a.data != <uintptr_t>probe.__array_interface__["data"][0]:
        return False
    if not array_has_shape(a, 2, shape) or a.strides[0] != 24 or a.strides[1] != 8:
        return False
    if <object>a.items is not numpy.dtype("d") or a.flags & WARNS:
        return False
    if a.flags & (IS_BLOCK | IS_ALIGNED | IS_WRITABLE) != IS_BLOCK | IS_ALIGNED | IS_WRITABLE:
        return False
    a = <ArrayOfNumpy *><PyObject *>turned
    return a.flags & (IS_BLOCK | IS_ALIGNED | IS_WRITABLE) == IS_ALIGNED


cdef object empty_of(tuple form):
    """Return an array of doubles of this form, (..., axes), whatever they are."""
    if not knows_numpy():
        return modules["numpy"].empty(form[1:])
    if doubles is not None and new_array != NULL:
        return array_of_form(ndarray, doubles, form)
    return empty_array(form[1:])


cdef inline const ArrayOfNumpy *array_of_doubles(object items) noexcept:
    """Return an array, if it is one of aligned doubles, and of no subclass; NULL if not."""
    cdef const ArrayOfNumpy *a = <const ArrayOfNumpy *><PyObject *>items
    if doubles is None or type(items) is not ndarray or <object>a.items is not doubles:
        return NULL
    return a if a.flags & IS_ALIGNED else NULL


cdef inline const ArrayOfNumpy *block_of_doubles(object items) noexcept:
    """Return such an array, if its doubles are side by side; NULL if not."""
    cdef const ArrayOfNumpy *a = array_of_doubles(items)
    return a if a != NULL and a.flags & IS_BLOCK else NULL


cdef array A_FEW_DOUBLES = array("d")


cdef inline double *doubles_of(object items, Py_ssize_t count) noexcept:
    """Return where an array of Python has so many doubles; NULL if it is another thing."""
    if type(items) is not array or (<array>items).ob_descr != A_FEW_DOUBLES.ob_descr:
        return NULL
    return (<array>items).data.as_doubles if (<array>items).ob_size == count else NULL


cdef inline double *writable_doubles(object items, Py_ssize_t count) noexcept:
    """Return where so many doubles of an array may be written; NULL if it is another thing."""
    if type(items) is array:
        return doubles_of(items, count)
    cdef const ArrayOfNumpy *a = block_of_doubles(items)
    cdef Py_ssize_t numbers = 1
    cdef int axis
    if a == NULL or a.flags & (IS_WRITABLE | WARNS) != IS_WRITABLE:
        return NULL
    for axis in range(a.axes):
        numbers *= a.shape[axis]
    return <double *>a.data if numbers == count else NULL
