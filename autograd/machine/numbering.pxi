# Value numbering: `autograd/program/passes/value_numbering.py`, compiled. Part of interpreter.pyx.

from collections import Counter

from autograd.machine import in_python

cdef extern from "Python.h":
    PyObject *PyDict_GetItemWithError(object mapping, object key) except? NULL
    bint PySet_Contains(object items, object item) except -1

cdef set COMMUTATIVE = {rule for rule in RULES.values() if rule.is_commutative}
cdef enum:
    NUMBER_KIND = 0  # CONSTANT, ALIKE, VARYING of numbering.py
    ALIKE_KIND = 1
    VARYING_KIND = 3


cdef tuple placed_at(tuple operands, list places):
    """Return the places of the operands."""
    cdef Py_ssize_t i, size = len(operands)
    cdef tuple placed = PyTuple_New(size)
    for i in range(size):
        place = places[operands[i]]
        Py_INCREF(place)
        PyTuple_SET_ITEM(placed, i, place)
    return placed


@cython.boundscheck(True)  # its lists are open to all: the passes after it rewrite them
@cython.wraparound(True)
cdef class Numbering:
    """Instructions being written, never the same twice: `numbering.Numbering`, compiled."""

    cdef readonly list operation
    cdef readonly list operands
    cdef readonly list number
    cdef readonly bytearray kind
    cdef readonly object removed
    cdef Py_ssize_t given
    cdef dict written
    cdef dict constants
    cdef dict identities
    cdef object fold
    cdef object total
    cdef object instruction

    def __init__(self, Py_ssize_t inputs, Py_ssize_t parameters):
        home = modules[in_python["Numbering"].__module__]
        self.total, self.instruction = home.TOTAL, home.Instruction
        self.identities, self.fold = home.IDENTITIES, home.folded
        self.given = inputs + parameters
        self.operation = [None] * self.given
        self.operands = [()] * self.given
        self.number = [None] * self.given
        self.kind = bytearray([VARYING_KIND] * inputs + [ALIKE_KIND] * parameters)
        self.removed = Counter()
        self.written = {}
        self.constants = {}

    cpdef constant(self, number):
        """Return the slot of a number."""
        key = number
        if not number:
            key = str(number)  # 0.0 and -0.0 are two constants
        elif number != number:
            key = "nan"
        cdef PyObject *found = PyDict_GetItemWithError(self.constants, key)
        if found != NULL:
            return <object>found
        slot = len(self.operation)
        self.constants[key] = slot
        self.operation.append(None)
        self.operands.append(())
        self.number.append(number)
        self.kind.append(NUMBER_KIND)
        return slot

    cpdef emit(self, operation, tuple operands):
        """Return the slot of `operation` applied to slots, writing an instruction if need be."""
        cdef tuple key = operands
        cdef PyObject *found
        cdef dict written
        cdef int own = NUMBER_KIND
        cdef Py_ssize_t operand
        if PySet_Contains(COMMUTATIVE, operation):
            if <Py_ssize_t>operands[0] > <Py_ssize_t>operands[1]:
                key = (operands[1], operands[0])
        found = PyDict_GetItemWithError(self.written, operation)
        if found == NULL:
            written = self.written[operation] = {}
        else:
            written = <dict>found
        found = PyDict_GetItemWithError(written, key)
        if found != NULL:
            self.removed["merged"] += 1
            return <object>found
        for operand in operands:
            own |= self.kind[operand]
        slot = None
        if own == NUMBER_KIND:
            number = self.fold(operation, [self.number[operand] for operand in operands])
            if number is not None:
                self.removed["folded"] += 1
                slot = written[key] = self.constant(number)
                return slot
        found = PyDict_GetItemWithError(self.identities, operation)
        if found != NULL:
            slot = self.without_writing(<tuple>found, operands)
            if slot is not None:
                self.removed["simplified"] += 1
                written[key] = slot
                return slot
        slot = written[key] = len(self.operation)
        self.operation.append(operation)
        self.operands.append(operands)
        self.number.append(None)
        self.kind.append(ALIKE_KIND if operation is self.total or not own else own)
        return slot

    cdef without_writing(self, tuple identity, tuple operands):
        """Return the slot that an identity gives, or None."""
        cdef Py_ssize_t operand
        rule, concerns = identity
        for operand in operands:
            if concerns is None or PySet_Contains(concerns, self.operation[operand]):
                return rule(self, *operands)
        return None

    def extend(self, list slots, instructions):
        """Write instructions whose operands are places in `slots`, which their results join."""
        for operation, operands in instructions:
            slots.append(self.emit(operation, placed_at(operands, slots)))

    def kept(self, wanted):
        """Return what some slots need, numbered anew: constants, instructions, and new numbers."""
        cdef Py_ssize_t slot, operand, size = len(self.operation), next_place = self.given
        cdef bytearray needed = bytearray(size)
        cdef list place = list(range(self.given)) + [-1] * (size - self.given)
        cdef list constants = [], instructions = []
        for slot in wanted:
            needed[slot] = 1
        for slot in range(size - 1, self.given - 1, -1):
            if needed[slot]:
                for operand in <tuple>self.operands[slot]:
                    needed[operand] = 1
        for slot in range(self.given, size):
            if needed[slot] and self.number[slot] is not None:
                place[slot] = next_place
                next_place += 1
                constants.append(self.number[slot])
        for slot in range(self.given, size):
            operation = self.operation[slot]
            if needed[slot] and operation is not None:
                place[slot] = next_place
                next_place += 1
                instructions.append(
                    self.made(operation, placed_at(<tuple>self.operands[slot], place))
                )
        return constants, instructions, place

    cdef made(self, operation, tuple operands):
        """Return an Instruction: a tuple of a class of its own."""
        cdef PyTypeObject *kind = <PyTypeObject *>self.instruction
        made = kind.tp_alloc(kind, 2)
        Py_INCREF(operation)
        PyTuple_SET_ITEM(made, 0, operation)
        Py_INCREF(operands)
        PyTuple_SET_ITEM(made, 1, operands)
        return made
