# The inner loops of assembly: only what has a machine assembles, so they have no twin in Python.
# Part of interpreter.pyx.

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdlib cimport qsort

cdef extern from "words.h":
    int LISTED
    int MOST_OPERANDS
    int ROW "(MOST_OPERANDS + 1)"  # words of an element: its operands' addresses, and its slot

cdef set ELEMENTWISE = {rule for rule in RULES.values() if not rule.is_variadic}
cdef set VARIADIC = {rule for rule in RULES.values() if rule.is_variadic}
cdef Py_ssize_t MOST_SLOTS = 0x7FFFFFF0  # that many have 32-bit addresses
cdef int FEW = 4  # results; fewer numbers are computed sooner one by one than as a pack


cdef tuple operands_in(instruction):
    """Return the operands of an instruction, a tuple of the operation and a tuple of slots."""
    if not isinstance(instruction, tuple) or len(instruction) != 2:
        raise TypeError(f"not an instruction: {instruction!r:.60}")
    return <tuple?><object>PyTuple_GET_ITEM(instruction, 1)


def packs_at_a_point(tuple instructions, Py_ssize_t first):
    """Return instructions in packs of one operation and depth, in the order of their depth.

    Args:
        instructions: Those of the code.
        first: The slot of the first one's result.

    Returns:
        Of each pack the operation and the slots of the results. In a pack of a variadic operation,
        all instructions have as many operands.

    Raises:
        ValueError: If an operation takes more than a point.
    """
    cdef Py_ssize_t slot = first, depth, operand, count = len(instructions)
    cdef int32_t *reached = NULL
    cdef list found = [], by_level = []
    cdef tuple operands
    cdef dict packs
    cdef PyObject *slots
    if not 0 <= first <= MOST_SLOTS - count:
        raise ValueError(f"first: {first} and {count} instructions are not within {MOST_SLOTS}")
    reached = <int32_t *>PyMem_RawCalloc(first + count + 1, sizeof(int32_t))
    if reached == NULL:
        raise MemoryError()
    try:
        for instruction in instructions:
            operands = operands_in(instruction)
            operation = <object>PyTuple_GET_ITEM(instruction, 0)
            depth = 0
            for operand in operands:
                if not 0 <= operand < slot:
                    raise ValueError(f"slot {slot} is computed of slot {operand}, a later one")
                depth = max(depth, reached[operand])
            reached[slot] = <int32_t>(depth + 1)
            if depth == len(by_level):
                by_level.append({})
            packs = <dict>by_level[depth]
            key = operation
            if not PySet_Contains(ELEMENTWISE, operation):
                if not PySet_Contains(VARIADIC, operation):  # a total over rows, say
                    raise ValueError(f"{operation.name} in code for single points")
                key = (operation, len(operands))
            slots = PyDict_GetItemWithError(packs, key)
            if slots == NULL:
                packs[key] = [slot]
            else:
                (<list>slots).append(slot)
            slot += 1
    finally:
        PyMem_RawFree(reached)
    for packs in by_level:
        for key, together in packs.items():
            found.append((key[0] if type(key) is tuple else key, together))
    return found


cdef class Ints:
    """32-bit words, more and more of them."""

    cdef int32_t *items
    cdef Py_ssize_t size
    cdef Py_ssize_t room

    cdef int32_t *more(self, Py_ssize_t count) except NULL:
        """Return where the next so many words are to be written."""
        cdef int32_t *items
        cdef Py_ssize_t room
        if self.size + count > self.room:
            room = max(2 * self.room, self.size + count, 256)
            items = <int32_t *>PyMem_RawRealloc(self.items, room * sizeof(int32_t))
            if items == NULL:
                raise MemoryError()
            self.items, self.room = items, room
        self.size += count
        return self.items + self.size - count

    cdef int push(self, int32_t word) except -1:
        self.more(1)[0] = word
        return 0

    cdef int extend(self, words) except -1:
        cdef int32_t word
        for word in words:
            self.push(word)
        return 0

    def __dealloc__(self):
        PyMem_RawFree(self.items)


cdef int in_order(const void *one, const void *other) noexcept nogil:
    """Compare two rows of words."""
    cdef const int32_t *x = <const int32_t *>one
    cdef const int32_t *y = <const int32_t *>other
    cdef int k
    for k in range(ROW):
        if x[k] != y[k]:
            return -1 if x[k] < y[k] else 1
    return 0


cdef bint lie_a_step_apart(const int32_t *places, Py_ssize_t count, Py_ssize_t apart) noexcept:
    """Return whether places, so many words apart, go up or down by the same step."""
    cdef Py_ssize_t k
    for k in range(2, count):
        if places[k * apart] - places[(k - 1) * apart] != places[apart] - places[0]:
            return False
    return True


cdef bint goes_down(const int32_t *rows, Py_ssize_t count, Py_ssize_t arity) noexcept:
    """Return whether the first operand whose places differ goes down from element to element."""
    cdef const int32_t *last = rows + ROW * (count - 1)
    cdef Py_ssize_t a
    for a in range(arity):
        if rows[a] != last[a]:
            return rows[a] > last[a]
    return False


@cython.boundscheck(True)  # slots come from Python
cdef class Words:
    """Words of packs, which a Machine reads: see words.h.

    Slots that lie a step apart are written as the first and the step; others are listed behind all
    packs, each list once.

    Args:
        instructions: Those of the code.
        first: The slot of the first one's result.
        address: Of every slot its place; results get theirs when their pack is written.
        in_rows: Of every slot whether it varies from row to row, and so is in V.

    Example:
        >>> words = Words((), 0, [], bytearray())
        >>> words.operand([3, 5, 7], in_v=False)
        >>> words.operand([3, 5, 6], in_v=True)
        >>> words.finished()
        array('i', [0, 3, 2, 3, 6, 0, 3, 5, 6])
    """

    cdef tuple instructions
    cdef Py_ssize_t first
    cdef list address
    cdef bytearray in_rows
    cdef Ints packs
    cdef Ints lists
    cdef Ints pointers  # words that are to point into the lists
    cdef dict known  # where lists are

    def __cinit__(self, tuple instructions, Py_ssize_t first, list address, bytearray in_rows):
        self.instructions, self.first = instructions, first
        self.address, self.in_rows = address, in_rows
        self.packs, self.lists, self.pointers = Ints(), Ints(), Ints()
        self.known = {}

    def __len__(self):
        return self.packs.size

    def finished(self):
        """Return all words as an array, the lists behind those of the packs."""
        cdef Py_ssize_t k
        found = array("i", [0]) * (self.packs.size + self.lists.size)
        cdef Held held = Held(found, "words", b"i", True)
        cdef int32_t *words = <int32_t *>held.view.buf
        if self.packs.size:
            memcpy(words, self.packs.items, self.packs.size * sizeof(int32_t))
        if self.lists.size:
            memcpy(words + self.packs.size, self.lists.items, self.lists.size * sizeof(int32_t))
        for k in range(self.pointers.size):
            words[self.pointers.items[k]] += <int32_t>self.packs.size
        return found

    def write(self, *numbers):
        """Write words as they are."""
        self.packs.extend(numbers)

    def operand(self, addresses, bint in_v):
        """Write where the elements of an operand are, in U or in V."""
        cdef Ints places = Ints()
        places.extend(addresses)
        self.write_operand(places.items, places.size, 1, IN_V if in_v else IN_U)

    def grid(self, rows, bint in_v):
        """Write where the terms of all elements are: a row of places for each."""
        cdef Ints places = Ints()
        cdef Py_ssize_t k, count = len(rows), size = len(rows[0])
        cdef int mode = IN_V if in_v else IN_U
        cdef const int32_t *items
        cdef int32_t row_step
        cdef bint regular, is_shared
        for row in rows:
            if len(row) != size:
                raise ValueError(f"rows of {size} and of {len(row)} terms in one pack")
            places.extend(row)
        items = places.items
        row_step = items[size] - items[0] if size and count > 1 else 0
        regular, is_shared = lie_a_step_apart(items, size, 1), True
        for k in range(size, count * size):
            is_shared = is_shared and items[k] == items[k - size]
            regular = regular and items[k] - items[k - size] == row_step
        self.write_start(mode, items, size if is_shared else count * size, 1, regular)
        if regular:
            self.packs.push(row_step)
            self.packs.push(items[1] - items[0] if size > 1 else 0)
        else:
            self.packs.push(0 if is_shared else 1)
            self.packs.push(0)

    def elementwise(self, int32_t code, list slots, int32_t base):
        """Write an operation whose results lie side by side from a place on.

        The results get their places here, in the order that suits the operands.
        """
        cdef Py_ssize_t count = len(slots), k, slot
        cdef tuple operands = self.operands_of(slots[0])
        cdef int arity = len(operands), a, varying = 0
        cdef bint regular = True
        cdef int32_t *rows
        cdef int32_t *row
        if arity > MOST_OPERANDS:
            raise ValueError(f"an elementwise operation of more than {MOST_OPERANDS} operands: {arity}")
        for a in range(arity):
            varying |= self.in_rows[operands[a]] << a
        if count < FEW and not varying:
            for slot in slots:
                self.write_single(code, slot, base, arity)
                base += 1
            return
        rows = <int32_t *>PyMem_RawCalloc(count, ROW * sizeof(int32_t))
        if rows == NULL:
            raise MemoryError()
        try:
            for k in range(count):
                operands = self.operands_of(slots[k])
                for a in range(arity):
                    rows[ROW * k + a] = self.address[operands[a]]
                rows[ROW * k + ROW - 1] = slots[k]
            for a in range(arity):
                regular = regular and lie_a_step_apart(rows + a, count, ROW)
            if not regular:
                qsort(rows, count, ROW * sizeof(int32_t), in_order)
            elif goes_down(rows, count, arity):  # upwards, as vectors are read
                for k in range(count // 2):
                    for a in range(ROW):
                        rows[ROW * k + a], rows[ROW * (count - 1 - k) + a] = (
                            rows[ROW * (count - 1 - k) + a], rows[ROW * k + a]
                        )
            for k in range(count):
                self.address[rows[ROW * k + ROW - 1]] = base + k
            row = self.packs.more(3)
            row[0], row[1], row[2] = code, <int32_t>count, base
            for a in range(arity):
                self.write_operand(rows + a, count, ROW, IN_V if varying >> a & 1 else IN_U)
        finally:
            PyMem_RawFree(rows)

    cdef tuple operands_of(self, Py_ssize_t slot):
        if slot < self.first:
            raise IndexError(f"slot {slot} is given; results start with slot {self.first}")
        return operands_in(self.instructions[slot - self.first])

    cdef int write_single(self, int32_t code, Py_ssize_t slot, int32_t at, Py_ssize_t arity) except -1:
        cdef tuple operands = self.operands_of(slot)
        cdef int32_t *words = self.packs.more(3 + 3 * arity)
        cdef Py_ssize_t a
        words[0], words[1], words[2] = code, 1, at
        for a in range(arity):
            words += 3
            words[0], words[1], words[2] = IN_U, self.address[operands[a]], 0
        self.address[slot] = at
        return 0

    cdef int write_operand(
        self, const int32_t *places, Py_ssize_t count, Py_ssize_t apart, int mode
    ) except -1:
        cdef bint regular = lie_a_step_apart(places, count, apart)
        self.write_start(mode, places, count, apart, regular)
        self.packs.push(places[apart] - places[0] if regular and count > 1 else 0)
        return 0

    cdef int write_start(
        self, int mode, const int32_t *places, Py_ssize_t count, Py_ssize_t apart, bint regular
    ) except -1:
        """Write a mode, and the first place or where the list of places is."""
        cdef Ints together
        cdef Py_ssize_t k
        if regular:
            self.packs.push(mode)
            self.packs.push(places[0] if count else 0)
            return 0
        if apart != 1:
            together = Ints()
            for k in range(count):
                together.push(places[k * apart])
            places = together.items
        key = PyBytes_FromStringAndSize(<const char *>places, count * sizeof(int32_t))
        at = self.known.get(key)
        if at is None:
            at = self.known[key] = self.lists.size
            memcpy(self.lists.more(count), places, count * sizeof(int32_t))
        self.packs.push(mode | LISTED)
        self.pointers.push(<int32_t>self.packs.size)
        self.packs.push(at)
        return 0
