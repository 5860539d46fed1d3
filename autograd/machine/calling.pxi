# Calls from Python at the price of arithmetic. Part of interpreter.pyx.

from sys import modules

from autograd.loaded_numpy import loaded_numpy

cdef extern from "Python.h":
    Py_ssize_t PySequence_Fast_GET_SIZE(object sequence)
    PyObject **PySequence_Fast_ITEMS(object sequence)
    double PyFloat_AS_DOUBLE(object number)
    double PyLong_AsDouble(object number) except? -1.0
    object PyFloat_FromDouble(double number)
    PyObject *new_float "PyFloat_FromDouble"(double number) except NULL
    object PyTuple_New(Py_ssize_t size)
    PyObject *PyTuple_GET_ITEM(object items, Py_ssize_t i)
    void PyTuple_SET_ITEM(object items, Py_ssize_t i, object item)  # takes a reference
    void put_in_tuple "PyTuple_SET_ITEM"(object items, Py_ssize_t i, PyObject *item)
    object PyList_New(Py_ssize_t size)
    void put_in_list "PyList_SET_ITEM"(object items, Py_ssize_t i, PyObject *item)
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

cdef object A_FLOAT = -1  # in a shape or structure; small ints are all the same object


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


cdef object whole_numpy = object()


cdef bint is_whole(numpy) except -1:
    """Return whether this is NumPy, and no other thread is still loading it."""
    global whole_numpy
    if numpy is None or loaded_numpy() is not numpy or not hasattr(numpy, "ndarray"):
        return False
    whole_numpy = numpy
    return True


cdef int put_row(double *slots, object items, Py_ssize_t size) except -1:
    """Write a list of floats, or a buffer of doubles; return 0 if it is none."""
    cdef Py_ssize_t i
    if type(items) is list:
        if PySequence_Fast_GET_SIZE(items) != size:
            return 0
        for i in range(size):
            if not put(slots + i, <object>PySequence_Fast_ITEMS(items)[i]):
                return 0
        return 1
    return type(items) is array and put_buffer(slots, items, (..., size))


cdef int put_array(double *slots, object items, tuple form) except -1:
    """Write an array of this shape; return 0 if it is none of real numbers."""
    numpy = modules.get("numpy")
    if numpy is not whole_numpy and not is_whole(numpy) or type(items) is not numpy.ndarray:
        return 0
    if put_buffer(slots, items, form):
        return 1
    if items.dtype.kind not in "biuf" or items.dtype == numpy.float64:
        return 0
    return put_buffer(slots, numpy.asarray(items, dtype=numpy.float64), form)


cdef int put_buffer(double *slots, object items, tuple form) except -1:
    """Write the doubles of a buffer of this form, (..., axes); return 0 if it is another."""
    cdef Py_ssize_t i, axis, rest, offset, numbers = 1
    cdef Py_ssize_t axes = len(form) - 1
    cdef Py_buffer view
    if PyObject_GetBuffer(items, &view, PyBUF_FORMAT | PyBUF_STRIDES) < 0:
        return 0
    try:
        if view.ndim != axes or view.itemsize != 8:
            return 0
        if view.format == NULL or view.format[0] != b"d" or view.format[1] != 0:
            return 0
        for axis in range(axes):
            if view.shape[axis] != <Py_ssize_t>form[axis + 1]:
                return 0
            numbers *= view.shape[axis]
        for i in range(numbers):
            rest, offset = i, 0
            for axis in range(axes - 1, 0, -1):
                offset += rest % view.shape[axis] * view.strides[axis]
                rest //= view.shape[axis]
            if axes:
                offset += rest * view.strides[0]
            slots[i] = (<double *>(<char *>view.buf + offset))[0]
            if slots[i] - slots[i] != 0.0:
                return 0
    finally:
        PyBuffer_Release(&view)
    return 1


cdef int put_arguments(
    double *slots, PyObject **arguments, Py_ssize_t count, tuple shape
) except -1:
    """Write the numbers of a call's arguments; return 0 if they do not match the shape."""
    cdef Py_ssize_t k, size
    cdef object argument, kind
    if count != len(shape):
        return 0
    for k in range(count):
        argument = <object>arguments[k]
        kind = <object>PyTuple_GET_ITEM(shape, k)
        if type(kind) is tuple:
            if not put_array(slots, argument, <tuple>kind):
                return 0
            slots += numbers_in(kind)
            continue
        size = -1 if kind is A_FLOAT else kind
        if size < 0:
            if not put(slots, argument):
                return 0
            slots += 1
        else:
            if not put_row(slots, argument, size):
                return 0
            slots += size
    return 1


cdef object structured(Program *program, object structure, int *k):
    """Return the outputs from number k on, in their structure."""
    cdef Py_ssize_t i, size
    cdef object found, part
    cdef list parts
    if type(structure) is tuple:
        if is_array(<tuple>structure):
            return array_of(program, <tuple>structure, k)
        if is_made(<tuple>structure):
            return (<tuple>structure)[0](structured(program, (<tuple>structure)[1], k))
        size = len(<tuple>structure)
        found = PyTuple_New(size)
        for i in range(size):
            if PyTuple_GET_ITEM(structure, i) == <PyObject *>A_FLOAT:
                put_in_tuple(found, i, new_float(program.U[program.outputs[k[0]]]))
                k[0] += 1
            else:
                part = structured(program, <object>PyTuple_GET_ITEM(structure, i), k)
                Py_INCREF(part)
                PyTuple_SET_ITEM(found, i, part)
        return found
    if type(structure) is list:
        parts = []
        for part in <list>structure:
            parts.append(structured(program, part, k))
        return parts
    size = structure
    if size < 0:
        k[0] += 1
        return PyFloat_FromDouble(program.U[program.outputs[k[0] - 1]])
    found = PyList_New(size)
    for i in range(size):
        put_in_list(found, i, new_float(program.U[program.outputs[k[0] + i]]))
    k[0] += <int>size
    return found


cdef inline bint is_array(tuple form) except -1:
    """Return whether this is the form of an array: (..., axes)."""
    return len(form) > 0 and form[0] is ...


cdef inline bint is_made(tuple form) except -1:
    """Return whether this is the form of what a function makes: (the function, the form of its argument)."""
    return len(form) == 2 and callable(form[0])


cdef object array_of(Program *program, tuple form, int *k):
    """Return the outputs from number k on as an array of NumPy."""
    cdef Py_ssize_t i, place, first = k[0]
    cdef Py_buffer view
    cdef double *into
    found = modules["numpy"].empty(form[1:])
    PyObject_GetBuffer(found, &view, PyBUF_WRITABLE)
    into = <double *>view.buf
    k[0] += <int>(view.len // <Py_ssize_t>sizeof(double))
    if program.changing_count < program.output_count:
        memset(into, 0, view.len)
    for i in range(first_from(program, first), program.changing_count):
        place = program.changing[i]
        if place >= k[0]:
            break
        into[place - first] = program.U[program.outputs[place]]
    PyBuffer_Release(&view)
    return found


cdef Py_ssize_t first_from(Program *program, Py_ssize_t first) noexcept:
    """Return which of the changing outputs is the first from an output on."""
    cdef Py_ssize_t low = 0, high = min(first, program.changing_count), middle
    while low < high:
        middle = (low + high) // 2
        if program.changing[middle] < first:
            low = middle + 1
        else:
            high = middle
    return low


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


cdef class Calling:
    """What calls programs from Python; a subclass connects the machines and does the slow calls.

    A shape has for every argument -1 (a float), n (a list of n floats) or (..., axes), an array
    of NumPy. The structure of a result is one of these, or a tuple or list of structures.

    Attributes:
        _captured: The Values whose data are the machines' parameters.
    """

    cdef Machine value_machine
    cdef Machine gradient_machine
    cdef tuple value_shape
    cdef tuple gradient_shape
    cdef object value_structure
    cdef object gradient_structure
    cdef public list _captured
    cdef object seen
    cdef Steps outside
    cdef bint are_finite
    cdef vectorcallfunc vectorcall
    cdef object __weakref__

    def __cinit__(self):
        self.vectorcall = <vectorcallfunc>call_vector

    def __init__(self):
        self._captured = []

    def _connect_value(self, shape, machine, structure):
        """Let calls with arguments of this shape run on a machine for points; None: no longer.

        Raises:
            ValueError: If the machine has other inputs or outputs than they say.
        """
        check_matches(machine, shape, structure)
        take_vectors(Py_TYPE(<PyObject *>self))
        self.value_shape, self.value_machine, self.value_structure = shape, machine, structure
        self.seen = None

    def _connect_outside(self, steps):
        """Leave calls to the slow way where these steps do not hold; None: look at nothing."""
        self.outside = steps

    def _connect_gradient(self, shape, machine, structure):
        """The same for `value_and_grad`."""
        check_matches(machine, shape, structure)
        self.gradient_shape, self.gradient_machine = shape, machine
        self.gradient_structure = structure
        self.seen = None

    def __call__(self, *args, **by_name):
        """Return the program's outputs at one point."""
        if by_name:
            return self._call_slowly(*args, **by_name)
        return call(self, PySequence_Fast_ITEMS(args), len(args))


# Calls and `value_and_grad` take their arguments from where Python has them: no tuple is made.

cdef tuple together(PyObject **args, Py_ssize_t count):
    return tuple([<object>args[k] for k in range(count)])


cdef dict named(PyObject **args, PyObject *names):
    """Return the arguments that are given by name."""
    if names == NULL:
        return {}
    return dict(zip(<tuple>names, together(args, len(<tuple>names))))


cdef object call(Calling calling, PyObject **args, Py_ssize_t count):
    found = called(
        calling, calling.value_machine, args, count, calling.value_shape, calling.value_structure
    )
    return calling._call_slowly(*together(args, count)) if found is None else found


cdef object call_vector(PyObject *self, PyObject **args, size_t flagged_count, PyObject *names):
    cdef Calling calling = <Calling>self
    cdef Py_ssize_t count = PyVectorcall_NARGS(flagged_count)
    if names != NULL or Py_TYPE(self).tp_call != (<PyTypeObject *>Calling).tp_call:
        # Arguments by name; or somebody replaced the class's __call__.
        arguments, keywords = together(args, count), named(args + count, names)
        return Py_TYPE(self).tp_call(self, <PyObject *>arguments, <PyObject *>keywords)
    return call(calling, args, count)


cdef int take_vectors(PyTypeObject *kind) noexcept:
    """Let instances of a class be called by vector; before Python 3.12 subclasses do not inherit it."""
    if kind.tp_call == (<PyTypeObject *>Calling).tp_call:
        kind.tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL
    return 0


cdef object value_and_grad(
    PyObject *self, PyObject **args, Py_ssize_t count, PyObject *names
):
    cdef Calling calling = <Calling>self
    if names != NULL:
        arguments, keywords = together(args, count), named(args + count, names)
        return calling._value_and_grad_slowly(*arguments, **keywords)
    found = called(
        calling, calling.gradient_machine, args, count, calling.gradient_shape,
        calling.gradient_structure,
    )
    return calling._value_and_grad_slowly(*together(args, count)) if found is None else found


cdef PyMethodDef VALUE_AND_GRAD
VALUE_AND_GRAD.ml_name = "value_and_grad"
VALUE_AND_GRAD.ml_meth = <PyCFunction><void *>value_and_grad
VALUE_AND_GRAD.ml_flags = METH_FASTCALL | METH_KEYWORDS
VALUE_AND_GRAD.ml_doc = b"""value_and_grad($self, /, *args, **by_name)
--

Return the result, one number, and its derivatives by all arguments.

Returns:
    The number, and the gradient with the structure of the argument; of several arguments,
    a tuple.

Raises:
    TypeError: If the result is not one number.
    ArithmeticError: If a derivative is infinite or undefined, as in eager code.
"""


cdef int prepare_calls() except -1:
    """Tell Python of what Cython cannot declare: a vector of arguments instead of a tuple."""
    cdef PyTypeObject *kind = <PyTypeObject *>Calling
    cdef Calling one = Calling()
    kind.tp_vectorcall_offset = <char *>&one.vectorcall - <char *><PyObject *>one
    take_vectors(kind)
    (<dict>kind.tp_dict)["value_and_grad"] = PyDescr_NewMethod(kind, &VALUE_AND_GRAD)
    PyType_Modified(kind)
    return 0


prepare_calls()


cdef int check_matches(Machine machine, tuple shape, object structure) except -1:
    cdef Py_ssize_t inputs, outputs
    if machine is None:
        return 0
    machine.check_ready()
    if machine.program.varying:
        raise ValueError("a machine over rows cannot be called at a point")
    inputs, outputs = numbers_in(shape), numbers_in(structure)
    if machine.program.inputs != inputs or machine.program.output_count != outputs:
        raise ValueError(
            f"the machine has {machine.program.inputs} inputs and {machine.program.output_count} "
            f"outputs, the call {inputs} and {outputs}"
        )
    return 0


cdef object called(
    Calling calling, Machine machine, PyObject **arguments, Py_ssize_t count, tuple shape,
    object structure,
):
    """Return the machine's outputs, or None if the call has to go the slow way."""
    cdef int k = 0
    if machine is None:
        return None
    if calling.outside is not None and not all_hold(calling.outside):
        return None
    if calling._captured:
        if switches.watchers:
            return None  # inside a function that is being compiled, weights are to be recorded
        edited = edits()
        if edited != calling.seen:
            calling.are_finite = calling._refresh()
            calling.seen = edited
        if not calling.are_finite:
            return None
    machine.take()
    try:
        if not put_arguments(
            machine.program.U + machine.program.inputs_at, arguments, count, shape
        ):
            return None
        if machine.run_now() != 0:
            return None
        return structured(&machine.program, structure, &k)
    finally:
        machine.give()
