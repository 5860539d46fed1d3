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
    cdef object acquire, release
    cdef Steps outside
    cdef list same  # what has to be the same object: dictionary, key and object in turn
    cdef dict settings
    cdef tuple names
    cdef object changes
    cdef dict order
    cdef int64_t taken_before  # of the rows' order, before the course

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
        self.acquire, self.release = lock.acquire, lock.release
        self.same, self.settings, self.names = list(same), settings, names
        self.changes = settings["_changes"]
        self.order = order
        self.taken_before = order["taken"] - course.training.step

    def take(self):
        """Take a step and return its loss; None if it has to be taken the long way."""
        if not self.acquire(False):
            return None
        try:
            # Code in Python may run first; from then on there is none until the books are kept.
            if self.outside is not None and not all_hold(self.outside):
                return None
            return self.taken() if self.goes_on() else None
        finally:
            self.release()

    cdef bint goes_on(self) except -1:
        """Return whether there is a step left, and nothing is another than it was."""
        cdef Training *training = &self.course.training
        cdef PyObject **same = PySequence_Fast_ITEMS(self.same)
        cdef Py_ssize_t k
        if training.step >= training.steps or self.course.machine.busy:
            return False
        for k in range(0, PySequence_Fast_GET_SIZE(self.same), 3):
            if item_of(same[k], same[k + 1]) != same[k + 2]:
                return False
        if as_int64(self.course.books["steps"]) != training.steps_before + training.step:
            return False
        if as_int64(self.order["taken"]) != self.taken_before + training.step:
            return False
        return self.settings["_changes"] is self.changes or self.take_settings()

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
        cdef double terms = <double>course.machine.program.work * training.sizes[step]
        cdef int status
        steps, taken = training.steps_before + step + 1, self.taken_before + step + 1
        training.look = look_of(terms)
        course.machine.take()
        try:
            course.give_numbers()
            if terms < LONG_WORK:
                status = train(training, step + 1)
            else:
                with nogil:
                    status = train(training, step + 1)
            if status == 0:  # neither needs memory
                course.write_books(steps)
                self.order["taken"] = taken
        finally:
            course.machine.give()
        raise_waiting()
        return None if status else training.losses[step]
