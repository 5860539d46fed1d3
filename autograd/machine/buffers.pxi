# What Python gives: buffers, held while their memory is used. Part of interpreter.pyx.


cdef class Held:
    """A contiguous buffer of one type of number, held while its memory is used."""

    cdef Py_buffer view
    cdef bint is_held
    cdef Py_ssize_t size

    def __cinit__(self, thing, str name, bytes formats, bint writable=False):
        cdef int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (PyBUF_WRITABLE if writable else 0)
        try:
            PyObject_GetBuffer(thing, &self.view, flags)
        except (BufferError, TypeError, ValueError) as error:
            raise TypeError(f"{name}: needs a contiguous buffer, got {thing!r:.60}") from error
        self.is_held = True
        cdef const char *found = self.view.format
        cdef Py_ssize_t wanted = 8 if formats[0] in b"dq" else 4 if formats[0] == c"i" else 1
        if found == NULL:
            found = b"B"
        if found[0] in b"@=<":
            found += 1
        if self.view.itemsize != wanted or found[0] not in formats or found[1] != 0:
            raise TypeError(
                f"{name}: needs items of format {formats[:1].decode()!r}, got "
                f"{(<bytes>found).decode()!r}"
            )
        self.size = self.view.len // self.view.itemsize

    def __dealloc__(self):
        if self.is_held:
            PyBuffer_Release(&self.view)


cdef int32_t *copied(thing, str name, int32_t *count) except NULL:
    """Return a copy of a buffer of int32, and how many there are."""
    cdef Held held = Held(thing, name, b"il")
    if held.size > 0x7FFFFFF0:
        raise ValueError(f"{name}: {held.size} are too many")
    cdef int32_t *copy = <int32_t *>PyMem_RawMalloc(max(held.view.len, 1))
    if copy == NULL:
        raise MemoryError()
    memcpy(copy, held.view.buf, held.view.len)
    count[0] = <int32_t>held.size
    return copy


cdef class Columns:
    """Where the inputs or the results of rows are, held while they are used.

    Args:
        columns: One C-contiguous block of doubles, rows × count; or a list of (buffer, offset,
            stride), in items.
        rows: How many rows there are.
        count: How many numbers a row has.
        name: What it is, for errors.
        writable: Whether it is written to.
    """

    cdef double **places
    cdef ptrdiff_t *strides
    cdef list held

    def __cinit__(
        self, columns, Py_ssize_t rows, int count, str name="columns", bint writable=False
    ):
        cdef Held held
        cdef Py_ssize_t k, offset, stride, last
        if not 1 <= rows <= MOST_ROWS:
            raise ValueError(f"rows: needs at least one row, at most 2^32, got {rows}")
        self.held = []
        self.places = <double **>PyMem_RawCalloc(count + 1, sizeof(double *))
        self.strides = <ptrdiff_t *>PyMem_RawCalloc(count + 1, sizeof(ptrdiff_t))
        if self.places == NULL or self.strides == NULL:
            raise MemoryError()
        if not isinstance(columns, (list, tuple)):
            held = Held(columns, name, b"d", writable)
            self.held.append(held)
            if held.size != rows * count:
                raise ValueError(f"{name}: needs {rows} × {count} doubles, got {held.size}")
            for k in range(count):
                self.places[k] = <double *>held.view.buf + k
                self.strides[k] = count
            return
        if len(columns) != count:
            raise ValueError(f"{name}: needs one for each of {count} numbers, got {len(columns)}")
        for k in range(count):
            buffer, offset, stride = columns[k]
            held = Held(buffer, f"{name}[{k}]", b"d", writable)
            self.held.append(held)
            if stride and rows - 1 > held.size // abs(stride):
                raise ValueError(
                    f"{name}[{k}]: {rows} rows at a stride of {stride} leave the buffer"
                )
            last = offset + (rows - 1) * stride
            if not (0 <= offset < held.size and 0 <= last < held.size):
                raise ValueError(
                    f"{name}[{k}]: items {offset} to {last} are not within its {held.size}"
                )
            self.places[k] = <double *>held.view.buf + offset
            self.strides[k] = stride

    def __dealloc__(self):
        PyMem_RawFree(self.places)
        PyMem_RawFree(self.strides)
