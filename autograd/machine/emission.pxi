# When programs get machine code, and what it is. Part of interpreter.pyx.

cdef extern from "words.h":
    int RUNS_BEFORE_EMISSION
    void count_runs(Program *program, const Kernels *kernels, int64_t runs) nogil
    void free_code(Program *program) nogil
    char *listing_of(const Program *program, const Kernels *kernels)

# Values of AUTOGRAD_MACHINE_CODE, and after how many runs machine code is written for each.
cdef dict EMISSIONS = {"": RUNS_BEFORE_EMISSION, "always": 0, "never": -1}
_asked = os.environ.get("AUTOGRAD_MACHINE_CODE", "")
if _asked not in EMISSIONS:
    raise ImportError(f"AUTOGRAD_MACHINE_CODE is 'always', 'never' or unset, got {_asked!r}")


cdef int runs_before_emission(emitted) except? -1:
    """Return after how many runs machine code is written; -1 if never."""
    if emitted is None:
        return EMISSIONS[_asked]
    return 0 if emitted else -1


cdef int prepare_training(Machine machine, bint trains_constants) except -1:
    """Let steps read every number in U after a run, and perhaps write constants."""
    cdef Program *program = &machine.program
    if program.all_is_read and not trains_constants:
        return 0
    machine.take()
    program.all_is_read = 1
    if program.pages != NULL:
        free_code(program)
        program.runs_before_emission = 0
    if trains_constants:
        program.runs_before_emission = -1
    machine.give()
    return 0


def machine_code(Machine machine not None):
    """Return the machine code of a machine as bytes; empty if it has none."""
    machine.check_ready()
    machine.take()
    try:
        return PyBytes_FromStringAndSize(
            <const char *>machine.program.pages, machine.program.code_size
        )
    finally:
        machine.give()


def machine_listing(Machine machine not None):
    """Return the machine code that a machine has or would get, as a listing; empty if none."""
    cdef char *text = NULL
    machine.check_ready()
    machine.take()
    try:
        text = listing_of(&machine.program, &machine.kernels)
        return "" if text == NULL else text.decode()
    finally:
        machine.give()
        PyMem_RawFree(text)
