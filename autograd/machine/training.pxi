# Training inside the machine.

cdef extern from "words.h":
    int UPDATE_RULES
    const char *const RULE_TEXTS[]
    const unsigned char RULE_SETTINGS[]
    const unsigned char RULE_MEMORIES[]
    ctypedef struct Limits:
        double value, norm
    ctypedef struct Training:
        Program *program
        const Kernels *kernels
        Memory *memory
        Inputs inputs
        const int64_t *sizes
        const double *factors
        int64_t first_factor
        int64_t steps, step, position
        int is_mean, check
        int rule, memories
        double learning_rate
        double *settings
        Limits limits
        int64_t steps_before
        ptrdiff_t trained
        const int32_t *trained_slots
        const int32_t *gradient_slots
        int32_t trained_at, gradients_at, loss_at
        double *state
        double *next_state
        double *losses
        double *norms
        double *room
        Look look
    int train(Training *training, int64_t last) nogil


cdef extern from "Python.h":
    void PyErr_Fetch(PyObject **kind, PyObject **error, PyObject **traceback)
    void PyErr_Restore(PyObject *kind, PyObject *error, PyObject *traceback)

cdef object COURSES = itertools.count(1)
cdef object native_engine = import_module("autograd.native.engine")
# How many leaves were edited.
cdef const uint64_t *edit_count = <const uint64_t *><uintptr_t>native_engine.EDITS_AT
cdef object numbers_of = native_engine.numbers_of
ctypedef void (*LeavesWriter)(
    PyObject **leaves, Py_ssize_t size, const double *numbers, const int32_t *places
) noexcept
cdef LeavesWriter write_leaves = <LeavesWriter><uintptr_t>native_engine.WRITE_LEAVES_AT
cdef object check_leaves = native_engine.check_leaves


cdef int check_batches(Held order, Held sizes, int64_t rows) except -1:
    """Refuse batches that are empty, or of rows that are not there."""
    cdef int64_t k, number, total = 0
    for k in range(sizes.size):
        number = (<int64_t *>sizes.view.buf)[k]
        if number < 1 or number > order.size - total:
            raise ValueError(f"sizes[{k}]: a batch of {number} of the {order.size - total} left")
        total += number
    if total != order.size:
        raise ValueError(f"sizes: {total} rows in batches, but {order.size} in the order")
    for k in range(order.size):
        number = (<int64_t *>order.view.buf)[k]
        if number < 0 or number >= rows:
            raise ValueError(f"order[{k}]: there is no row {number} among {rows}")
    return 0


cdef Held check_slots(slots, str name, int64_t count, int32_t uniforms, int32_t *base):
    """Return a buffer of slots in U, or None where they lie side by side from `base` on."""
    cdef Held held
    cdef int64_t k
    if isinstance(slots, int):
        if slots < 0 or slots + count > uniforms:
            raise ValueError(f"{name}: {slots} to {slots + count} are not within {uniforms}")
        base[0] = slots
        return None
    held = Held(slots, name, b"il")
    if held.size != count:
        raise ValueError(f"{name}: needs {count} slots, got {held.size}")
    for k in range(count):
        if not 0 <= (<int32_t *>held.view.buf)[k] < uniforms:
            raise ValueError(
                f"{name}[{k}]: slot {(<int32_t *>held.view.buf)[k]} is not within {uniforms}"
            )
    return held


# The numbers of the update rules that the machine was built with, by all there is to them.
cdef dict UPDATE_RULE_NUMBERS = {RULE_TEXTS[k].decode(): k for k in range(UPDATE_RULES)}


def knows_update_rule(str text):
    """Return whether the machine was built with this form of an optimizer's rule."""
    return text in UPDATE_RULE_NUMBERS


cdef class Course:
    """A training: everything it reads and writes, held until it ends.

    Attributes:
        steps_done: How many steps are done; the parameters are those after the last whole one.
    """

    cdef Training training
    cdef Machine machine
    cdef tuple held
    cdef int64_t number  # of this course among all
    cdef int64_t booked, rows_booked  # steps of which the Values and the optimizer know, their rows
    cdef uint64_t edits  # of leaves, when the machine last had the Values' numbers
    cdef list values, captured
    cdef dict books
    cdef Held held_state
    cdef double *own_state  # of the optimizer, until the steps are booked

    def __init__(
        self, Machine machine not None, columns, Py_ssize_t rows, order, sizes, str rule,
        settings, gradients, loss, losses, *, trained=None, count=None, state=None,
        int64_t steps_before=0, bint mean=True, bint check=True, double clip_value=0.0,
        double clip_norm=0.0, norms=None, list values=None, list captured=None, numbers=None,
        dict books=None,
    ):
        """Check everything.

        Args:
            machine: A machine over rows.
            columns: The data, as for `Machine.run_rows`.
            rows: How many rows of data there are.
            order: int64, the numbers of the rows, batch after batch, for all steps.
            sizes: int64, how many rows each step's batch has.
            rule: The text of the form of an update rule that the machine was built with.
            settings: A buffer of doubles: what the rule is set to, the learning rate first.
            gradients: The slots in U of the gradients: the first, or a buffer of int32.
            loss: The slot in U of the loss.
            losses: A writable buffer of doubles, one a step.
            trained: The slots in U of the trained parameters, likewise; all parameters if None.
            count: How many parameters are trained; all if None.
            state: A writable buffer of doubles: for each memory of the rule one number per trained
                parameter.
            steps_before: How many steps the state has seen.
            mean: Whether the seed is 1/batch, or 1.
            check: Whether overflow, division by zero and invalid operations end the training.
            clip_value: The largest size of a gradient's numbers; 0 for any.
            clip_norm: That of all together, after this; likewise.
            norms: A writable buffer of doubles for the norms of the gradients, before they are
                clipped: one a step; or None.
            values: The Values that are trained, set after every run; if there are some,
            captured: those whose data are the parameters, read before a run,
            numbers: the parameters before those, a buffer of doubles, and
            books: where "steps" is set to how many the state has seen.
        """
        cdef Training *training = &self.training
        cdef Program *program = &machine.program
        cdef Held held_order = Held(order, "order", b"ql"), held_sizes = Held(sizes, "sizes", b"ql")
        cdef Held held_losses = Held(losses, "losses", b"d", True)
        cdef Held held_state, held_norms = None, held_trained, held_gradients
        cdef Columns source = Columns(columns, rows, program.inputs)
        machine.check_ready()
        if self.machine is not None:
            raise TypeError("a Course cannot be initialised again")
        if program.varying == 0:
            raise ValueError("training needs a machine over rows")
        check_batches(held_order, held_sizes, rows)
        if rule not in UPDATE_RULE_NUMBERS:
            raise ValueError(f"rule: the machine was not built with {rule!r}")
        training.rule = UPDATE_RULE_NUMBERS[rule]
        training.memories = RULE_MEMORIES[training.rule]
        cdef Held held_settings = self.checked_settings(settings)
        training.trained = program.parameters if count is None else count
        if training.trained < 0 or training.trained > program.uniforms:
            raise ValueError(f"count: {training.trained} parameters of {program.uniforms} slots")
        held_trained = check_slots(
            program.parameters_at if trained is None else trained, "trained", training.trained,
            program.uniforms, &training.trained_at,
        )
        held_gradients = check_slots(
            gradients, "gradients", training.trained, program.uniforms, &training.gradients_at
        )
        check_slots(loss, "loss", 1, program.uniforms, &training.loss_at)
        if held_losses.size != held_sizes.size:
            raise ValueError(f"losses: needs {held_sizes.size} doubles, got {held_losses.size}")
        held_state = Held(array("d") if state is None else state, "state", b"d", True)
        if held_state.size != training.trained * training.memories:
            raise ValueError(
                f"state: needs {training.trained} × {training.memories} doubles, got "
                f"{held_state.size}"
            )
        if not clip_value >= 0.0 or not clip_norm >= 0.0:
            raise ValueError(f"clip_value, clip_norm: {clip_value}, {clip_norm} are not above 0")
        training.limits.value, training.limits.norm = clip_value, clip_norm
        if norms is not None:
            held_norms = Held(norms, "norms", b"d", True)
            if held_norms.size != held_sizes.size:
                raise ValueError(f"norms: needs {held_sizes.size} doubles, got {held_norms.size}")
            training.norms = <double *>held_norms.view.buf
        training.program, training.kernels = program, &machine.kernels
        training.memory = &machine.memory
        training.inputs.columns = <const double **>source.places
        training.inputs.strides = source.strides
        training.inputs.order = <int64_t *>held_order.view.buf
        training.sizes, training.steps = <int64_t *>held_sizes.view.buf, held_sizes.size
        training.is_mean, training.check = mean, check
        training.steps_before = steps_before
        if held_trained is not None:
            training.trained_slots = <int32_t *>held_trained.view.buf
        if held_gradients is not None:
            training.gradient_slots = <int32_t *>held_gradients.view.buf
        training.state, training.losses = (
            <double *>held_state.view.buf, <double *>held_losses.view.buf
        )
        self.held_state = held_state
        training.room = room_for((3 + training.memories) * training.trained)
        training.settings = room_for(held_settings.size)  # its own: rates are written there
        if training.room == NULL or training.settings == NULL:
            raise MemoryError("there is no room for the next parameters")
        self.set(held_settings)
        cdef Held held_numbers = None
        if values is not None:
            held_numbers = Held(numbers, "numbers", b"d")
            if len(values) != training.trained or books is None or captured is None or (
                held_numbers.size + len(captured) > program.parameters
            ):
                raise ValueError("values, captured, numbers and books do not fit the machine")
            check_leaves(values)
            self.values, self.captured, self.books = list(values), list(captured), books
            self.own_state = room_for(held_state.size)
            if self.own_state == NULL:
                raise MemoryError("there is no room for the optimizer's memory")
            memcpy(self.own_state, held_state.view.buf, held_state.view.len)
            training.state = self.own_state
        training.next_state = training.room + 3 * training.trained
        self.number = next(COURSES)
        self.machine = machine
        prepare_training(machine, self.trains_constants())
        self.held = (
            source, held_order, held_sizes, held_losses, held_state, held_norms, held_trained,
            held_gradients, held_numbers,
        )

    cdef bint trains_constants(self) noexcept:
        """Return whether steps write where machine code would take numbers to be constant."""
        cdef Program *program = &self.machine.program
        cdef ptrdiff_t k
        cdef int32_t slot
        for k in range(self.training.trained):
            slot = self.training.trained_at + <int32_t>k
            if self.training.trained_slots != NULL:
                slot = self.training.trained_slots[k]
            if 0 <= slot - program.constants_at < program.constants:
                return True
        return False

    cdef Held checked_settings(self, settings):
        cdef Held held = Held(settings, "settings", b"d")
        if held.size != RULE_SETTINGS[self.training.rule]:
            raise ValueError(
                f"settings: needs {RULE_SETTINGS[self.training.rule]} doubles, got {held.size}"
            )
        return held

    cdef void set(self, Held settings) noexcept:
        memcpy(self.training.settings, settings.view.buf, settings.view.len)
        self.training.learning_rate = self.training.settings[0]

    def __dealloc__(self):
        free_room(self.training.room)
        free_room(self.training.settings)
        free_room(self.own_state)

    @property
    def steps_done(self):
        """How many steps are done."""
        return self.booked

    cdef int give_numbers(self) except -1:
        """Give the machine the numbers of the Values, unless it has them."""
        cdef Program *program = &self.machine.program
        cdef double *at = program.U + program.parameters_at
        cdef Held given, fixed
        if self.machine.user == self.number and self.edits == edit_count[0]:
            return 0
        fixed = self.held[8]
        given = Held(numbers_of(self.captured), "captured", b"d")
        memcpy(at, fixed.view.buf, fixed.view.len)
        memcpy(at + fixed.size, given.view.buf, given.view.len)
        self.machine.user = self.number
        self.edits = edit_count[0]
        return 0

    cdef int keep_books(self) except -1:
        """Let the Values and the optimizer know of the steps taken: of all or, on an error, none."""
        cdef Training *training = &self.training
        if self.values is None:
            self.give_state()
            self.booked = training.step
        if self.booked == training.step:
            return 0
        try:
            steps = training.steps_before + training.step  # the last thing that needs memory
        except MemoryError:
            training.step, training.position = self.booked, self.rows_booked
            memcpy(training.state, self.held_state.view.buf, self.held_state.view.len)
            self.machine.user = 0
            raise
        self.write_books(steps)
        return 0

    cdef void give_state(self) noexcept:
        """Put the state where the caller's is, if it is elsewhere."""
        cdef Training *training = &self.training
        cdef double *own = <double *>self.held_state.view.buf
        if training.state != own:
            memcpy(own, training.state, self.held_state.view.len)
            training.next_state, training.state = training.state, own

    cdef int write_books(self, steps) except -1:
        cdef Training *training = &self.training
        cdef bint has_numbers = self.edits == edit_count[0]  # no thread edited one meanwhile
        write_leaves(
            PySequence_Fast_ITEMS(self.values), training.trained,
            training.program.U + (0 if training.trained_slots else training.trained_at),
            training.trained_slots,
        )
        memcpy(self.held_state.view.buf, training.state, self.held_state.view.len)
        self.books["steps"] = steps
        self.booked, self.rows_booked = training.step, training.position
        if has_numbers:
            self.edits = edit_count[0]
        return 0

    # From here on to the end of a run no code in Python is between a step and its book-keeping,
    # where a signal's handler could raise.

    def run(self, steps=None, *, settings=None, factors=None):
        """Take steps, all that are left or so many; return the status.

        Args:
            steps: How many at most; all if None.
            settings: What the rule is set to from now on, if that changed.
            factors: A buffer of doubles by which the learning rate is multiplied, one a step.

        A status other than 0 says that the next step was not taken: bit 1, a guard came out
        differently; bit 2, floating-point trouble, or a loss, gradient or parameter would not be
        finite. Ctrl-C is answered between steps.
        """
        cdef Training *training = &self.training
        cdef int status
        cdef int64_t last = training.steps
        cdef Held held_settings = None, held_factors = None
        if self.machine is None:
            raise TypeError("this Course was not initialised")
        if steps is not None:
            if steps < 0:
                raise ValueError(f"steps: {steps} is negative")
            last = min(last, training.step + <int64_t>min(steps, last))
        if settings is not None:
            held_settings = self.checked_settings(settings)
        if factors is not None:
            held_factors = Held(factors, "factors", b"d")
            if held_factors.size < last - training.step:
                raise ValueError(
                    f"factors: needs {last - training.step} doubles, got {held_factors.size}"
                )
        training.look = look_of(<double>(last - training.step) * self.machine.program.work)
        self.machine.take()
        try:
            if held_settings is not None:
                self.set(held_settings)
            if self.values is not None:
                self.give_numbers()
            training.factors, training.first_factor = NULL, training.step
            if held_factors is not None:
                training.factors = <const double *>held_factors.view.buf
            with nogil:
                status = train(training, last)
            self.books_kept()
        finally:
            training.factors = NULL
            self.machine.give()
        return status

    cdef int books_kept(self) except -1:
        """Keep the books, then raise what a signal's handler left."""
        cdef PyObject *kind = NULL
        cdef PyObject *error = NULL
        cdef PyObject *traceback = NULL
        PyErr_Fetch(&kind, &error, &traceback)
        self.keep_books()
        PyErr_Restore(kind, error, traceback)
        return raise_waiting()
