# The forms of a call's arguments and results, read once and not at every call. Part of interpreter.pyx.

cdef extern from "forms.h":
    int A_NUMBER, SOME_NUMBERS, A_TUPLE, A_LIST, AN_ARRAY, MADE
    ctypedef struct Form:
        int kind
        int32_t first
        Py_ssize_t numbers
        Py_ssize_t parts
        Py_ssize_t forms
        PyObject *given
    object (*array_of)(PyObject *form, const Program *program, int32_t first, Py_ssize_t count)
    object built(const Form *form, const Program *program)


@cython.final
cdef class Forms:
    """A shape or structure (see Calling): a form, with those it is made of behind it.

    Raises:
        ValueError: If it is no structure.
    """

    cdef Form *items
    cdef Py_ssize_t count
    cdef object kept  # what the forms point to
    cdef bint holds_made

    def __cinit__(self, structure):
        self.kept = structure
        numbers = numbers_in(structure)
        if numbers > 0x7FFFFFF0:
            raise ValueError(f"a structure of {numbers} numbers is too large")
        self.items = <Form *>PyMem_RawCalloc(forms_in(structure), sizeof(Form))
        if self.items == NULL:
            raise MemoryError()
        self.add(structure, 0)

    def __dealloc__(self):
        PyMem_RawFree(self.items)

    cdef int add(self, structure, Py_ssize_t first) except -1:
        cdef Form *form = self.items + self.count
        self.count += 1
        form.first, form.numbers = <int32_t>first, numbers_in(structure)
        form.given = <PyObject *>structure
        if type(structure) is int:
            form.kind = A_NUMBER if structure == -1 else SOME_NUMBERS
        elif type(structure) is tuple and is_array(<tuple>structure):
            form.kind = AN_ARRAY
        elif type(structure) is tuple and is_made(<tuple>structure):
            form.kind, form.parts, self.holds_made = MADE, 1, True
            form.given = PyTuple_GET_ITEM(structure, 0)
            self.add(structure[1], first)
        else:
            form.kind = A_LIST if type(structure) is list else A_TUPLE
            form.parts = len(structure)
            for part in structure:
                self.add(part, first)
                first += numbers_in(part)
        form.forms = self.items + self.count - form
        return 0


cdef Py_ssize_t forms_in(structure) except -1:
    if type(structure) is tuple and is_array(<tuple>structure):
        return 1
    if type(structure) is tuple and is_made(<tuple>structure):
        return 1 + forms_in(structure[1])
    if type(structure) is tuple or type(structure) is list:
        return 1 + sum([forms_in(part) for part in structure])
    return 1


cdef inline int put_arguments(
    double *slots, PyObject **arguments, Py_ssize_t count, const Form *shape
) except -1:
    """Write the numbers of a call's arguments; return 0 if they do not match the shape."""
    cdef Py_ssize_t k
    cdef const Form *form = shape
    if count != shape.parts:
        return 0
    for k in range(count):
        form += 1  # no argument's form has parts
        if form.kind == A_NUMBER:
            if is_float(arguments[k]):
                slots[0] = double_of(arguments[k])
                if slots[0] - slots[0] != 0.0:
                    return 0
            elif not put(slots, <object>arguments[k]):
                return 0
        elif form.kind == SOME_NUMBERS:
            if not put_row(slots, <object>arguments[k], form.numbers):
                return 0
        elif form.kind != AN_ARRAY or not put_array(
            slots, <object>arguments[k], <tuple><object>form.given
        ):
            return 0
        slots += form.numbers
    return 1


cdef object array_with(PyObject *form, const Program *program, int32_t first, Py_ssize_t count):
    """Return an array of this form, (..., axes), with so many outputs from one on."""
    cdef Py_buffer view
    cdef double *numbers
    found = empty_of(<tuple><object>form)
    numbers = writable_doubles(found, count)
    if numbers != NULL:
        copy_outputs(program, first, count, numbers)
        return found
    PyObject_GetBuffer(found, &view, PyBUF_WRITABLE)
    copy_outputs(program, first, count, <double *>view.buf)
    PyBuffer_Release(&view)
    return found


array_of = array_with


cdef int pour(const Program *program, object into) except -1:
    """Write all outputs into a buffer; return 0 if it is not one of as many doubles."""
    cdef Py_buffer view
    cdef bint fits
    cdef double *numbers = writable_doubles(into, program.output_count)
    if numbers != NULL:
        copy_outputs(program, 0, program.output_count, numbers)
        return 1
    try:
        PyObject_GetBuffer(into, &view, PyBUF_WRITABLE | PyBUF_FORMAT | PyBUF_C_CONTIGUOUS)
    except (BufferError, TypeError, ValueError):
        return 0
    fits = holds_doubles(&view) and view.len == program.output_count * <Py_ssize_t>sizeof(double)
    if fits:
        copy_outputs(program, 0, program.output_count, <double *>view.buf)
    PyBuffer_Release(&view)
    if doubles is None:
        knows_numpy()  # the next array of its will be filled where it lies
    return fits
