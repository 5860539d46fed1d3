# One more step of a training that goes on as it was. Part of interpreter.pyx.

cdef extern from "Python.h":
    double PyFloat_AsDouble(object number) except? -1.0
    long long as_int64 "PyLong_AsLongLong"(object number) except? -1


cdef class NextStep:
    """The next step of a course, without a look at anything that cannot have changed.

    Whoever makes one has just taken a step; as long as it can tell that nothing else happened, the
    next one begins where that ended.
    """

    cdef Course course
    cdef object acquire, release, locked  # of the trainer's lock
    cdef Steps outside
    cdef list same  # what has to be the same object: dictionary, key and object in turn
    cdef dict settings
    cdef tuple names
    cdef object changes
    cdef dict order
    cdef int64_t taken_before  # of the rows' order, before the course
    cdef tuple dictionaries  # all that are looked into, each once
    cdef Py_ssize_t looked_into  # how many
    cdef uint64_t *versions  # of these after the last step that was taken here; 0: unknown
    cdef Py_ssize_t *places  # among these, of those in `same`

    def __init__(
        self, Course course not None, lock, Steps outside, list same, dict settings, tuple names,
        dict order,
    ):
        """Begin behind the last step of a course.

        Args:
            course: One that has Values.
            lock: Is held during the step.
            outside: What the function reads from outside; None: nothing.
            same: Dictionaries with a key each, and what has to be there: all in turn.
            settings: Of the optimizer, and "_changes", which is another object after each change.
            names: Of the settings, as the rule takes them.
            order: Where "taken" is how many batches were taken.
        """
        cdef Py_ssize_t k
        if course.values is None or len(same) % 3:
            raise ValueError("there are no Values to step, or not three things each")
        for k in range(0, len(same), 3):
            if type(same[k]) is not dict:
                raise TypeError(f"same[{k}] is no dictionary: {same[k]!r:.60}")
        self.course, self.outside = course, outside
        self.acquire, self.release, self.locked = lock.acquire, lock.release, lock.locked
        self.same, self.settings, self.names = list(same), settings, names
        self.changes = settings["_changes"]
        self.order = order
        self.taken_before = order["taken"] - course.training.step
        found = {id(each): each for each in [*same[::3], course.books, settings, order]}
        self.dictionaries = tuple(found.values())
        self.looked_into = len(self.dictionaries)
        self.versions = <uint64_t *>PyMem_RawCalloc(self.looked_into, sizeof(uint64_t))
        self.places = <Py_ssize_t *>PyMem_RawCalloc(len(same), sizeof(Py_ssize_t))
        if self.versions == NULL or self.places == NULL:
            raise MemoryError("there is no room for a few numbers")
        numbered = {key: place for place, key in enumerate(found)}
        for k, each in enumerate(same[::3]):
            self.places[k] = numbered[id(each)]

    def __dealloc__(self):
        PyMem_RawFree(self.versions)
        PyMem_RawFree(self.places)

    def take(self):
        """Take a step and return its loss; None if it has to be taken the long way."""
        # Code in Python may run first; from then on there is none until the books are kept.
        if self.outside is not None and not all_hold(self.outside):
            return None
        if self.is_next() and not self.is_long():  # no other thread can come in between
            return None if self.locked() else self.taken()
        if not self.acquire(False):
            return None
        try:
            return self.taken() if self.goes_on() else None
        finally:
            self.release()

    cdef double terms(self) noexcept:
        """Return how long the next step is, roughly."""
        cdef Training *training = &self.course.training
        return <double>self.course.machine.program.work * training.sizes[training.step]

    cdef bint is_long(self) noexcept:
        """Return whether the interpreter's lock is released meanwhile."""
        return self.terms() >= LONG_WORK or self.course.machine.program.asks_python

    cdef bint goes_on(self) except -1:
        """Return whether there is a step left, and nothing is another than it was."""
        cdef Training *training = &self.course.training
        cdef PyObject **same = PySequence_Fast_ITEMS(self.same)
        cdef Py_ssize_t k
        if training.step >= training.steps or self.course.machine.busy:
            return False
        if self.is_next():
            return True
        for k in range(0, PySequence_Fast_GET_SIZE(self.same), 3):
            if not self.is_unwritten(self.places[k // 3]) and (
                item_of(same[k], same[k + 1]) != same[k + 2]
            ):
                return False
        if as_int64(self.course.books["steps"]) != training.steps_before + training.step:
            return False
        if as_int64(self.order["taken"]) != self.taken_before + training.step:
            return False
        return self.settings["_changes"] is self.changes or self.take_settings()

    cdef bint is_next(self) noexcept:
        """Return whether there is a step left, and no dictionary was written to since the last."""
        cdef Py_ssize_t k
        if self.course.training.step >= self.course.training.steps or self.course.machine.busy:
            return False
        for k in range(self.looked_into):
            if not self.is_unwritten(k):
                return False
        return True

    @cython.final
    cdef inline bint is_unwritten(self, Py_ssize_t k) noexcept:
        """Return whether a dictionary was not written to since the last step."""
        cdef PyObject *each = PyTuple_GET_ITEM(self.dictionaries, k)
        return self.versions[k] != 0 and self.versions[k] == version_of(each)

    cdef void remember(self, bint nobody_wrote) noexcept:
        """Take all dictionaries for what they are now, unless somebody may have written there."""
        cdef PyObject **each = PySequence_Fast_ITEMS(self.dictionaries)
        cdef Py_ssize_t k
        for k in range(self.looked_into):
            self.versions[k] = version_of(each[k]) if nobody_wrote else 0

    cdef bint take_settings(self) except -1:
        """Let the rule have the optimizer's settings; return False if it becomes another."""
        cdef Training *training = &self.course.training
        cdef double *into = training.settings
        cdef double number
        cdef bint was_zero
        cdef list found = []
        for name in self.names:
            setting = self.settings[name]
            if type(setting) is tuple:
                found.extend(<tuple>setting)
            else:
                found.append(setting)
        if len(found) != RULE_SETTINGS[training.rule]:
            return False
        for setting in found:
            number = PyFloat_AsDouble(setting)
            was_zero = (training.learning_rate if into is training.settings else into[0]) == 0.0
            if (number == 0.0) != was_zero:
                return False
            into += 1
        for k, setting in enumerate(found):
            training.settings[k] = PyFloat_AsDouble(setting)
        training.learning_rate = training.settings[0]
        self.changes = self.settings["_changes"]
        return True

    cdef object taken(self):
        cdef Course course = self.course
        cdef Training *training = &course.training
        cdef int64_t step = training.step
        cdef bint is_long = self.is_long()  # other threads, or Python's code, run meanwhile
        cdef int status
        steps, taken = training.steps_before + step + 1, self.taken_before + step + 1
        training.look = look_of(self.terms())
        course.machine.take()
        try:
            course.give_numbers()
            if not is_long:
                status = train(training, step + 1)
            else:
                with nogil:
                    status = train(training, step + 1)
            if status == 0:  # neither needs memory
                course.write_books(steps)
                self.order["taken"] = taken
                self.remember(not is_long)
        finally:
            course.machine.give()
        raise_waiting()
        return None if status else training.losses[step]
