# Calls over rows whose way is known: buffers in, buffers out. Part of interpreter.pyx.


cdef class RowCall:
    """A call over rows like one before, of the same types, through the same code.

    Args:
        machine: A machine over rows.
        kinds: The type of every argument.
        forms: Of each the axes of a row's numbers: (), (k,), …; of one that is the same for all
            rows (..., axes).
        captured: Values from outside, whose numbers are the parameters behind those.
        steps: What tells whether the program's world is as it was; None: it has none.
        leaves: The axes of each part of a row's results, in their order.
        template: The results, with the number of each part in its place; None: the machine's
            outputs are wanted.
        room: Returns a list of writable buffers of doubles, one for each part, for so many rows.
        empty: NumPy's `empty` where results are its arrays, None elsewhere: its columns are made
            without `room`.
        is_mean: Whether the weight of a row is one over their number, or 1.
        keep: Whether what is not finite is no trouble.
    """

    cdef Machine machine
    cdef tuple kinds, forms, leaves
    cdef list captured
    cdef Steps steps
    cdef object template, room
    cdef bint are_arrays, is_mean, keep
    cdef Py_ssize_t inputs, shared

    def __init__(
        self, Machine machine not None, tuple kinds, tuple forms, list captured, Steps steps,
        tuple leaves, template, room, empty, bint is_mean, bint keep,
    ):
        cdef Program *program = &machine.program
        machine.check_ready()
        if len(kinds) != len(forms):
            raise ValueError(f"{len(kinds)} kinds of arguments, but {len(forms)} forms")
        self.machine, self.kinds, self.forms, self.captured = machine, kinds, forms, captured
        self.steps, self.leaves, self.template = steps, leaves, template
        self.room, self.is_mean, self.keep = room, is_mean, keep
        self.are_arrays = empty is not None and not any(leaves) and knows_numpy()
        for form in forms:
            if is_array(form):
                self.shared += numbers_in(form)
            else:
                self.inputs += numbers_in((..., *form))
        results = sum([numbers_in((..., *axes)) for axes in leaves])
        known = (program.inputs, program.parameters, program.row_output_count)
        own = (self.inputs, self.shared + len(captured) + 2, results)
        if known != own:
            raise ValueError(f"the machine has inputs, parameters, results {known}, the call {own}")

    def __call__(self, tuple args, into=None, threads=None):
        """Return the results, written into buffers if some are given, or None.

        None says that the call has to go another way: its arguments are of other types or shapes,
        share memory with the results, or a row branches or fails.
        """
        cdef Py_ssize_t k, count = len(self.kinds)
        if len(args) != count or not (threads is None or type(threads) is int and threads > 0):
            return None
        for k in range(count):
            if type(args[k]) is not self.kinds[k]:
                return None
        if self.steps is not None and not all_hold(self.steps):
            return None
        return RowsAtWork(self).results(args, into, 0 if threads is None else threads)


cdef class RowsAtWork:
    """One such call: the buffers that it holds."""

    cdef RowCall call
    cdef Py_ssize_t rows
    cdef void *room
    cdef Py_buffer *views
    cdef Py_ssize_t held, given  # how many buffers are held; those of arguments among them
    cdef bint holds  # arrays, too, by their buffers: whether they overlap is asked
    cdef double **places
    cdef ptrdiff_t *strides
    cdef double *numbers

    def __cinit__(self, RowCall call):
        cdef Py_ssize_t columns = call.inputs + call.machine.program.row_output_count
        cdef Py_ssize_t buffers = len(call.kinds) + len(call.leaves)
        cdef Py_ssize_t numbers = call.machine.program.parameters + call.inputs
        self.call, self.rows = call, -1
        self.room = PyMem_RawMalloc(
            buffers * sizeof(Py_buffer) + columns * (sizeof(double *) + sizeof(ptrdiff_t))
            + numbers * sizeof(double)
        )
        if self.room == NULL:
            raise MemoryError()
        self.views = <Py_buffer *>self.room
        self.places = <double **>(self.views + buffers)
        self.strides = <ptrdiff_t *>(self.places + columns)
        self.numbers = <double *>(self.strides + columns)

    def __dealloc__(self):
        cdef Py_ssize_t k
        for k in range(self.held):
            PyBuffer_Release(self.views + k)
        PyMem_RawFree(self.room)

    cdef object results(self, tuple args, into, int threads):
        cdef RowCall call = self.call
        cdef Program *program = &call.machine.program
        cdef Job job
        cdef int status
        cdef Held held
        cdef list found
        self.holds = into is not None
        if not self.take_arguments(args) or self.rows < 1 or self.rows > MOST_ROWS:
            return None
        memset(&job, 0, sizeof(job))
        job.program, job.kernels, job.rows = program, &call.machine.kernels, self.rows
        job.inputs.columns, job.inputs.strides = <const double **>self.places, self.strides
        job.looks_at_inputs = not call.keep
        self.given = self.held
        outputs = None
        if call.template is None:
            outputs = array("d", bytes(program.output_count * sizeof(double)))
            held = Held(outputs, "outputs", b"d", True)
        else:
            found = []
            if into is not None:
                if not leaves_of(call.template, into, found):
                    return None
            elif call.are_arrays:
                found = new_columns(len(call.leaves), self.rows)
            else:
                found = call.room(self.rows)
            if not self.take_results(found):
                return None
            job.results.columns = self.places + call.inputs
            job.results.strides = self.strides + call.inputs
        status = call.machine.rows_of_job(
            &job, 1.0 / self.rows if call.is_mean else 1.0, threads,
            self.numbers + call.inputs, NULL if outputs is None else <double *>held.view.buf,
        )
        if call.keep:
            status &= ~SUSPECT
        if status:
            return None
        if outputs is not None:
            return outputs
        return filled(call.template, found) if into is None else into

    cdef int take_arguments(self, tuple args) except -1:
        """Note where the arguments are; return 0 if one has another form."""
        cdef RowCall call = self.call
        cdef Py_ssize_t k, column = 0, numbers = 0
        cdef double *shared = self.numbers + call.inputs
        cdef Held captured
        cdef object argument
        cdef tuple form
        for k in range(len(args)):
            argument, form = args[k], <tuple>call.forms[k]
            if is_array(form):
                if not put_shared(shared, argument, form):
                    return 0
                shared += numbers_in(form)
            elif type(argument) is float or type(argument) is int:
                if form or not put(self.numbers + numbers, argument):
                    return 0
                self.places[column], self.strides[column] = self.numbers + numbers, 0
                numbers += 1
                column += 1
            elif not self.take(argument, form, &column, False):
                return 0
        if call.captured:
            captured = Held(numbers_of(call.captured), "parameters", b"d")
            memcpy(shared, captured.view.buf, captured.view.len)
            shared += captured.size
        shared[0] = shared[1] = 0.0  # the weight of a row and their number
        return call.keep or c_all_finite(
            self.numbers + call.inputs, call.machine.program.parameters
        )

    cdef int take_results(self, list found) except -1:
        """Note where results go; return 0 if they do not fit there, or overlap something."""
        cdef Py_ssize_t k, j, column = self.call.inputs
        for k in range(len(found)):
            if not self.take(found[k], <tuple>self.call.leaves[k], &column, True):
                return 0
        for k in range(self.given, self.held):  # new ones overlap nothing
            for j in range(k):
                if overlap(self.views + j, self.views + k):
                    return 0
        return 1

    cdef int take(self, thing, tuple axes, Py_ssize_t *column, bint writable) except -1:
        """Note where the numbers of rows in a buffer are; return 0 if it has another form."""
        cdef const ArrayOfNumpy *a = NULL
        if not self.holds:
            a = array_of_doubles(thing)
        cdef Py_buffer *view = self.views + self.held
        if a != NULL:
            return self.take_at(a.data, a.axes, a.shape, a.strides, axes, column)
        try:
            PyObject_GetBuffer(
                thing, view, PyBUF_FORMAT | PyBUF_STRIDES | (PyBUF_WRITABLE if writable else 0)
            )
        except (BufferError, TypeError, ValueError):
            return 0
        self.held += 1
        if view.format == NULL or view.format[0] != b"d" or view.format[1] != 0:
            return 0
        if view.itemsize != 8 or <uintptr_t>view.buf % 8:
            return 0
        return self.take_at(<char *>view.buf, view.ndim, view.shape, view.strides, axes, column)

    cdef int take_at(
        self, char *data, int ndim, const Py_ssize_t *shape, const Py_ssize_t *strides,
        tuple axes, Py_ssize_t *column,
    ) except -1:
        """Note where the numbers of rows are, doubles; return 0 if they have another form."""
        cdef Py_ssize_t axis, i, rest, offset, size = 1, count = len(axes)
        if ndim != count + 1:
            return 0
        if self.rows < 0:
            self.rows = shape[0]
        if shape[0] != self.rows or strides[0] % 8:
            return 0
        for axis in range(1, count + 1):
            if shape[axis] != <Py_ssize_t>axes[axis - 1] or strides[axis] % 8:
                return 0
            size *= shape[axis]
        for i in range(size):
            rest, offset = i, 0
            for axis in range(count, 0, -1):
                offset += rest % shape[axis] * strides[axis]
                rest //= shape[axis]
            self.places[column[0]] = <double *>(data + offset)
            self.strides[column[0]] = strides[0] // 8
            column[0] += 1
        return 1


cdef list new_columns(Py_ssize_t count, Py_ssize_t rows):
    """Return new arrays of NumPy, rows of one block: they are quicker cut from it than made."""
    cdef Py_ssize_t k
    if count == 1:
        return [empty_of((..., rows))]
    block = empty_of((..., count, rows))
    return [PySequence_GetItem(block, k) for k in range(count)]


cdef int put_shared(double *slots, object argument, tuple form) except -1:
    """Write the numbers of what is the same for all rows; return 0 if it has another form."""
    if len(form) == 1:
        return put(slots, argument)
    if type(argument) is list or type(argument) is array:
        return len(form) == 2 and put_row(slots, argument, <Py_ssize_t>form[1])
    return put_array(slots, argument, form)


cdef bint overlap(Py_buffer *x, Py_buffer *y) noexcept:
    """Return whether two buffers may share memory; of columns of a table, whether they do."""
    cdef char *x_first
    cdef char *x_last
    cdef char *y_first
    cdef char *y_last
    cdef Py_ssize_t step, apart
    bounds(x, &x_first, &x_last)
    bounds(y, &y_first, &y_last)
    if x_last < y_first or y_last < x_first:
        return False
    if x.ndim == 1 and y.ndim == 1 and x.strides[0] == y.strides[0]:
        step = abs(x.strides[0])
        apart = abs(<char *>x.buf - <char *>y.buf)
        return step < 16 or apart % step < 8 or step - apart % step < 8
    return True


cdef void bounds(Py_buffer *view, char **first, char **last) noexcept:
    """Set where the first and the last byte of a buffer are."""
    cdef Py_ssize_t axis, reach
    first[0] = <char *>view.buf
    last[0] = <char *>view.buf + 7
    for axis in range(view.ndim):
        reach = (view.shape[axis] - 1) * view.strides[axis]
        if reach < 0:
            first[0] += reach
        else:
            last[0] += reach


cdef object filled(template, list leaves):
    """Return a template with the things themselves in the places of their numbers."""
    cdef object part
    if type(template) is int:
        return leaves[<Py_ssize_t>template]
    if type(template) is tuple:
        return tuple([filled(part, leaves) for part in <tuple>template])
    if type(template) is dict:
        return {key: filled(part, leaves) for key, part in (<dict>template).items()}
    parts = [filled(part, leaves) for part in template]
    kind = type(template)
    if kind is list:
        return parts
    return kind(*parts) if hasattr(kind, "_fields") else kind(parts)


cdef int leaves_of(template, things, list found) except -1:
    """Append the things in the places of a template's numbers; return 0 if they do not fit."""
    cdef object part
    if type(template) is int:
        found.append(things)
        return 1
    if type(things) is not type(template) or len(things) != len(template):
        return 0
    if type(template) is dict:
        for key, part in (<dict>template).items():
            if key not in things or not leaves_of(part, things[key], found):
                return 0
        return 1
    for part, thing in zip(template, things):
        if not leaves_of(part, thing, found):
            return 0
    return 1


def columns_are_finite(columns, Py_ssize_t rows):
    """Return whether none of the numbers of columns is infinite or NaN.

    Args:
        columns: A list of (buffer, offset, stride), in items.
        rows: How many numbers of each.
    """
    cdef Columns source = Columns(columns, rows, <int>len(columns))
    cdef Py_ssize_t k
    for k in range(len(columns)):
        if not column_is_finite(source.places[k], source.strides[k], rows):
            return False
    return True
