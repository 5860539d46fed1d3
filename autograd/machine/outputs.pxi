# Where the outputs of a program are. Part of interpreter.pyx.


cdef int find_changing(Program *program) except -1:
    """Find the outputs that are not the constant 0.0, as most are of a Hessian of a chain."""
    cdef double *constants = program.U + program.constants_at
    cdef int32_t k, constant
    program.changing = <int32_t *>PyMem_RawMalloc(
        max(program.output_count * <Py_ssize_t>sizeof(int32_t), 1)
    )
    if program.changing == NULL:
        raise MemoryError()
    for k in range(program.output_count):
        constant = program.outputs[k] - program.constants_at
        if 0 <= constant < program.constants and not signbit(constants[constant]):
            if constants[constant] == 0.0:
                continue
        program.changing[program.changing_count] = k
        program.changing_count += 1
    return 0


cdef Py_ssize_t first_side_by_side(const Program *program) noexcept:
    """Return the output from which on all lie side by side."""
    cdef Py_ssize_t k = max(0, program.output_count - 1)
    while k and program.outputs[k] - program.outputs[k - 1] == 1:
        k -= 1
    return k


cdef void copy_outputs(Machine machine, Py_ssize_t first, Py_ssize_t count, double *into) noexcept:
    """Write so many outputs from one on."""
    cdef const Program *program = &machine.program
    cdef Py_ssize_t k, place
    if count and first >= machine.side_by_side:
        memcpy(into, program.U + program.outputs[first], count * sizeof(double))
        return
    if program.changing_count == program.output_count:
        for k in range(count):
            into[k] = program.U[program.outputs[first + k]]
        return
    memset(into, 0, count * sizeof(double))
    for k in range(first_changing(program, first), program.changing_count):
        place = program.changing[k] - first
        if place >= count:
            break
        into[place] = program.U[program.outputs[first + place]]


cdef Py_ssize_t first_changing(const Program *program, Py_ssize_t first) noexcept:
    """Return which of the changing outputs is the first from an output on."""
    cdef Py_ssize_t low = 0, high = min(first, program.changing_count), middle
    while low < high:
        middle = (low + high) // 2
        if program.changing[middle] < first:
            low = middle + 1
        else:
            high = middle
    return low
