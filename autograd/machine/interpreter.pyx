# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""The machine that runs compiled programs: an interpreter in C of packs of equal operations.

The words of a program are described in words.h. A Machine verifies them when it is made; after
that, no word can make it touch memory outside its own.

Here too: calls of programs from Python, and the numbering that writes their code.
"""

import itertools
import os
from importlib import import_module
from threading import main_thread
from time import sleep

cimport cython
from cpython.array cimport array
from cpython.exc cimport PyErr_CheckSignals, PyErr_Occurred
from cpython.mem cimport PyMem_RawCalloc, PyMem_RawFree, PyMem_RawMalloc, PyMem_RawRealloc
from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_Release,
    PyObject_GetBuffer,
)
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from cpython.sequence cimport PySequence_GetItem
from libc.stdint cimport int32_t, int64_t, uint64_t, uintptr_t
from libc.string cimport memcpy, memset

from autograd import switches
from autograd.primitives import RULES

cdef extern from "Python.h":
    void *PyThreadState_Get()

cdef extern from "words.h":
    ctypedef struct Run:
        pass
    int LANE_COUNT, CHUNK_ROWS, OTHER_BRANCH, SUSPECT, IN_U, IN_V
    const char *BUILT_FOR
    ctypedef struct Program:
        int32_t *words
        int32_t word_count
        int32_t ends[3]
        double *U
        int32_t uniforms, varying
        int32_t constants_at, constants
        int32_t parameters_at, parameters
        int32_t inputs_at, inputs
        int32_t scale_at, rows_at
        int32_t totals_at, totals
        int32_t *outputs
        int32_t *row_outputs
        int32_t *guards
        Run *runs
        int32_t output_count, row_output_count, guard_count
        int64_t work
        int asks_python, all_is_read
        int32_t runs_before_emission
        void *pages
        size_t code_size
        char problem[200]
    ctypedef struct Memory:
        int trouble
    ctypedef struct Kernels:
        pass
    ctypedef struct Inputs:
        const double **columns
        ptrdiff_t *strides
        const int64_t *order
    ctypedef struct Results:
        double **columns
        ptrdiff_t *strides
    ctypedef struct Look:
        pass
    ctypedef struct Sharing:
        double alone
    ctypedef struct Job:
        const Program *program
        const Kernels *kernels
        Inputs inputs
        int64_t rows
        Results results
        char *failing
        double *chunk_totals
        int64_t first_chunk, end_chunk, next_chunk
        int looks_at_inputs, status, flags, stop
    int (*ask_python)(int code, const double *x, size_t n, double *out) except -1
    Kernels kernels_of(int plain)
    int verify(Program *program) nogil
    double *room_for(int64_t count) nogil
    void free_room(double *room) nogil
    int take_memory(const Program *program, Memory *memory) nogil
    void free_memory(Memory *memory) nogil
    int column_is_finite(const double *column, ptrdiff_t stride, ptrdiff_t rows) nogil
    int find_runs(Program *program) nogil
    void copy_outputs(const Program *program, int32_t first, int64_t count, double *into) nogil
    int copy_finite(double *to, const double *from_, ptrdiff_t n) nogil
    int c_all_finite "all_finite"(const double *x, ptrdiff_t n) nogil
    int c_run_point "run_point"(Program *program, const Kernels *kernels, Memory *memory) nogil
    void run_before(Job *job, Memory *memory, double scale) nogil
    Look first_look(int (*ask)() except -1) nogil
    void run_with(
        Job *job, Memory *memory, int64_t chunks, int64_t together, int threads, Look *look
    ) nogil
    void run_measured(
        Job *job, Memory *memory, int64_t chunks, int64_t together, int threads, Look *look,
        Sharing *sharing
    ) nogil
    void run_after(Job *job, Memory *memory) nogil

# The codes are places in this order: another rule book would mean other operations by them.
if BUILT_FOR.decode() != " ".join(RULES):
    raise ImportError(
        "the machine of programs was built from another rule book: build it again, or set "
        "AUTOGRAD_ENGINE=python"
    )

cdef list FORWARD = [None, *[rule.forward for rule in RULES.values()]]
cdef dict CODES = {name: code for code, name in enumerate(RULES, start=1)}
cdef int64_t ROOM_FOR_CHUNKS = 1 << 23  # doubles of totals kept at a time: 64 MiB
cdef int64_t MOST_ROWS = <int64_t>1 << 32  # that many times the most outputs are still 64 bits
cdef int64_t LONG_WORK = 20000  # terms from which a run at a point releases the interpreter's lock


cdef int forward_in_python(int code, const double *x, size_t n, double *out) except -1 with gil:
    cdef size_t k
    cdef list numbers
    if PyErr_Occurred() != NULL:
        return 1  # a signal's exception is waiting
    try:
        numbers = []
        for k in range(n):
            numbers.append(x[k])
        out[0] = FORWARD[code](*numbers)
    except Exception:
        return 1  # the caller runs the point again in eager code, which raises it
    return 0


ask_python = forward_in_python


include "signals.pxi"
include "buffers.pxi"


cdef class Machine:
    """A program ready to run: verified words, and the memory they work in."""

    cdef Program program
    cdef Memory memory
    cdef Kernels kernels
    cdef bint has_memory
    cdef unsigned int busy  # the generation of the process that runs it, or 0
    cdef void *owner  # the thread that does
    cdef int64_t user  # the number of the course whose parameters it has, or 0
    cdef int latest_flags  # of the rows of the latest run over rows
    cdef Sharing sharing

    def __init__(
        self, *, words, sections, uniforms, varying, constants, constants_at, parameters_at,
        parameters, inputs_at, inputs, scale_at, rows_at, totals_at, totals, outputs, row_outputs,
        guards, plain=False, emitted=None,
    ):
        """Verify a program and make room for it.

        Args:
            emitted: Whether machine code is written, at once or never; None: see emission.pxi.

        Raises:
            ValueError: If a word, a region or a count is not right; the message names it.
        """
        cdef Program *program = &self.program
        cdef int32_t guard_words
        if self.has_memory or program.words != NULL:
            raise TypeError("a Machine cannot be initialised again")
        program.words = copied(words, "words", &program.word_count)
        program.outputs = copied(outputs, "outputs", &program.output_count)
        program.row_outputs = copied(row_outputs, "row_outputs", &program.row_output_count)
        program.guards = copied(guards, "guards", &guard_words)
        if guard_words % 6:
            raise ValueError(f"guards: {guard_words} words are no whole number of sixes")
        program.guard_count = guard_words // 6
        try:
            program.ends = sections
            program.uniforms, program.varying = uniforms, varying
            program.parameters_at, program.parameters = parameters_at, parameters
            program.inputs_at, program.inputs = inputs_at, inputs
            program.scale_at, program.rows_at = scale_at, rows_at
            program.totals_at, program.totals = totals_at, totals
            program.constants_at = constants_at
        except (OverflowError, TypeError) as error:
            raise ValueError(f"a region is not of whole 32-bit numbers: {error}") from error
        cdef Held numbers = Held(constants, "constants", b"d")
        if numbers.size > 0x7FFFFFF0:
            raise ValueError(f"constants: {numbers.size} are too many")
        program.constants = <int32_t>numbers.size
        if not verify(program):
            raise ValueError(program.problem.decode())
        program.U = room_for(program.uniforms)
        if program.U == NULL or not take_memory(program, &self.memory):
            raise MemoryError("there is no room for the program's numbers")
        self.has_memory = True
        memcpy(program.U + program.constants_at, numbers.view.buf, numbers.view.len)
        if not find_runs(program):
            raise MemoryError("there is no room for the program's outputs")
        self.kernels = kernels_of(plain)
        program.runs_before_emission = runs_before_emission(emitted)

    def __dealloc__(self):
        if self.has_memory:
            free_memory(&self.memory)
        free_code(&self.program)
        free_room(self.program.U)
        PyMem_RawFree(self.program.words)
        PyMem_RawFree(self.program.outputs)
        PyMem_RawFree(self.program.row_outputs)
        PyMem_RawFree(self.program.guards)
        PyMem_RawFree(self.program.runs)

    # One run at a time: U and V are the machine's. Code in Python that runs meanwhile (a forward, a
    # finaliser, what an argument does when it is looked at) must not wait for its own thread.

    cdef int wait(self) except -1:
        while self.busy:
            if self.owner == PyThreadState_Get():
                raise RuntimeError("this program is already running in this thread")
            if self.busy != generation:
                return 0
            sleep(1e-5)
        return 0

    @cython.final
    cdef inline int take(self) except -1:
        if self.busy:
            self.wait()
        self.busy = generation
        self.owner = PyThreadState_Get()
        return 0

    @cython.final
    cdef inline void give(self) noexcept:
        self.busy = 0

    cdef int check_ready(self) except -1:
        if not self.has_memory:
            raise TypeError("this Machine was not initialised")
        return 0

    @cython.final
    cdef inline int run_now(self) except -1:
        """Run at the point whose inputs are in U."""
        cdef int status
        if self.program.work < LONG_WORK:
            status = c_run_point(&self.program, &self.kernels, &self.memory)
        else:
            with nogil:
                status = c_run_point(&self.program, &self.kernels, &self.memory)
        if self.program.asks_python:
            raise_waiting()
        return status

    def set_parameters(self, numbers):
        """Set the parameters from a buffer of doubles; return whether all are finite."""
        cdef Held held = Held(numbers, "parameters", b"d")
        self.check_ready()
        if held.size != self.program.parameters:
            raise ValueError(
                f"parameters: the program has {self.program.parameters}, got {held.size}"
            )
        self.take()
        memcpy(self.program.U + self.program.parameters_at, held.view.buf, held.view.len)
        self.user = 0
        self.give()
        return c_all_finite(<const double *>held.view.buf, held.size)

    def parameters(self):
        """Return the parameters as an array of doubles."""
        self.check_ready()
        found = array("d", bytes(self.program.parameters * sizeof(double)))
        self.copy_parameters(found)
        return found

    def copy_parameters(self, into, Py_ssize_t first=0):
        """Fill a writable buffer of doubles with the parameters from one on."""
        cdef Held held = Held(into, "into", b"d", True)
        self.check_ready()
        if first < 0 or held.size > self.program.parameters - first:
            raise ValueError(
                f"parameters: the program has {self.program.parameters}, not {held.size} "
                f"from {first} on"
            )
        memcpy(
            held.view.buf, self.program.U + self.program.parameters_at + first, held.view.len
        )

    def outputs(self):
        """Return the outputs of the latest run as an array of doubles."""
        self.check_ready()
        found = array("d", bytes(self.program.output_count * sizeof(double)))
        cdef Held held = Held(found, "outputs", b"d", True)
        copy_outputs(&self.program, 0, held.size, <double *>held.view.buf)
        return found

    def run_point(self, inputs):
        """Run at one point; return the status.

        Bit 1: a guard came out differently; bit 2: overflow, division by zero or an invalid
        operation happened, an operation raised, or an output is not finite.
        """
        cdef Held held = Held(inputs, "inputs", b"d")
        self.check_ready()
        if self.program.varying:
            raise ValueError("this program runs over rows: run_rows")
        if held.size != self.program.inputs:
            raise ValueError(f"inputs: the program has {self.program.inputs}, got {held.size}")
        self.take()
        try:
            memcpy(self.program.U + self.program.inputs_at, held.view.buf, held.view.len)
            return self.run_now()
        finally:
            self.give()

    def run_at(self, inputs, numbers):
        """Run at one point with these parameters; return the status and the outputs.

        A number that is not finite is trouble: no flag is raised by inf / 0, which Python refuses.
        Nobody else's numbers come between: all of it happens under the machine's lock.
        """
        cdef Held held = Held(inputs, "inputs", b"d"), given = Held(numbers, "parameters", b"d")
        cdef int status
        self.check_ready()
        if self.program.varying:
            raise ValueError("this program runs over rows: run_rows")
        if held.size != self.program.inputs:
            raise ValueError(f"inputs: the program has {self.program.inputs}, got {held.size}")
        if given.size != self.program.parameters:
            raise ValueError(
                f"parameters: the program has {self.program.parameters}, got {given.size}"
            )
        self.take()
        try:
            memcpy(self.program.U + self.program.parameters_at, given.view.buf, given.view.len)
            memcpy(self.program.U + self.program.inputs_at, held.view.buf, held.view.len)
            status = self.run_now()
            if not c_all_finite(<const double *>held.view.buf, held.size):
                status |= SUSPECT
            if not c_all_finite(<const double *>given.view.buf, given.size):
                status |= SUSPECT
            return status, self.outputs()
        finally:
            self.give()

    def run_rows(
        self, columns, Py_ssize_t rows, double scale, results=None, failing=None, bint check=True,
        int threads=1,
    ):
        """Run over rows; return the status as `run_point`.

        Args:
            columns: One C-contiguous block of doubles, rows × inputs; or a list of (buffer,
                offset, stride), one per input, in items.
            rows: How many rows, at least 1.
            scale: What the program multiplies its seed with: 1.0, or 1/rows for a mean.
            results: Writable, likewise: rows × row outputs.
            failing: A writable buffer of bytes; those of rows whose guard failed are set to 1.
            check: Whether floating-point trouble is reported.
            threads: How many share the rows; 0: as many as pay. The results do not depend on it.
        """
        cdef int status = self.rows_now(
            columns, rows, scale, results, failing, threads, None, None, False
        )
        return status if check else status & ~SUSPECT

    def run_rows_at(
        self, columns, Py_ssize_t rows, numbers, double scale, results=None, failing=None,
        int threads=1,
    ):
        """Run over rows with these parameters; return the status and the outputs.

        A number of the rows or the parameters that is not finite is trouble, too. Nobody else's
        numbers come between: all of it happens under the machine's lock.
        """
        cdef Held given = Held(numbers, "parameters", b"d")
        outputs = array("d", bytes(self.program.output_count * sizeof(double)))
        status = self.rows_now(
            columns, rows, scale, results, failing, threads, given, outputs, True
        )
        if not c_all_finite(<const double *>given.view.buf, given.size):
            status |= SUSPECT
        return status, outputs

    cdef int rows_now(
        self, columns, Py_ssize_t rows, double scale, results, failing, int threads, Held given,
        outputs, bint looks_at_inputs,
    ) except -1:
        cdef Job job
        cdef Columns source, room
        cdef Held held_failing, held_outputs
        self.check_ready()
        if self.program.varying == 0 and self.program.inputs:
            raise ValueError("this program runs at one point: run_point")
        if threads < 0:
            raise ValueError(f"threads: needs at least one thread, got {threads}")
        if given is not None and given.size != self.program.parameters:
            raise ValueError(
                f"parameters: the program has {self.program.parameters}, got {given.size}"
            )
        memset(&job, 0, sizeof(job))
        job.program, job.kernels, job.rows = &self.program, &self.kernels, rows
        job.looks_at_inputs = looks_at_inputs
        source = Columns(columns, rows, self.program.inputs)
        job.inputs.columns, job.inputs.strides = <const double **>source.places, source.strides
        if results is not None:
            room = Columns(results, rows, self.program.row_output_count, "results", True)
            job.results.columns, job.results.strides = room.places, room.strides
        if failing is not None:
            held_failing = Held(failing, "failing", b"Bbc?", True)
            if held_failing.size != rows:
                raise ValueError(f"failing: needs {rows} bytes, got {held_failing.size}")
            job.failing = <char *>held_failing.view.buf
        if outputs is not None:
            held_outputs = Held(outputs, "outputs", b"d", True)
        return self.rows_of_job(
            &job, scale, threads, NULL if given is None else <double *>given.view.buf,
            NULL if outputs is None else <double *>held_outputs.view.buf,
        )

    cdef int rows_of_job(
        self, Job *job, double scale, int threads, const double *parameters, double *outputs
    ) except -1:
        """Run a job with these parameters, if they are given; return its status."""
        cdef Look look = look_of(<double>job.rows * self.program.work)
        self.take()
        try:
            if parameters != NULL:
                memcpy(
                    self.program.U + self.program.parameters_at, parameters,
                    self.program.parameters * sizeof(double),
                )
                self.user = 0
            self.run_job(job, scale, threads, &look)
            if outputs != NULL:
                copy_outputs(&self.program, 0, self.program.output_count, outputs)
        finally:
            self.give()
        self.latest_flags = job.flags
        return job.status

    cdef int run_job(self, Job *job, double scale, int threads, Look *look) except -1:
        cdef int64_t chunks = (job.rows + CHUNK_ROWS - 1) // CHUNK_ROWS
        cdef int64_t together = max(1, ROOM_FOR_CHUNKS // max(1, self.program.totals))
        cdef bint is_measured = threads == 0
        if self.program.asks_python or chunks < 3 and is_measured:
            threads, is_measured = 1, False  # they would wait for the interpreter's lock
        elif is_measured:
            threads = processors()
        together = min(chunks, max(together, threads))
        job.chunk_totals = room_for(together * self.program.totals)
        if job.chunk_totals == NULL:
            raise MemoryError("there is no room for the totals of the rows")
        # Until all threads have ended, nothing here may raise.
        with nogil:
            count_runs(&self.program, &self.kernels, (job.rows + LANE_COUNT - 1) // LANE_COUNT)
            run_before(job, &self.memory, scale)
            if is_measured and threads > 1:
                run_measured(job, &self.memory, chunks, together, threads, look, &self.sharing)
            else:
                run_with(job, &self.memory, chunks, together, threads, look)
            if not job.stop:
                run_after(job, &self.memory)
            free_room(job.chunk_totals)
        return raise_waiting()


include "emission.pxi"
include "training.pxi"
include "outside.pxi"
include "stepping.pxi"
include "arrays.pxi"
include "placing.pxi"
include "forms.pxi"
include "calling.pxi"
include "row_calls.pxi"
include "elementwise.pxi"
include "numbering.pxi"
include "assembly.pxi"
