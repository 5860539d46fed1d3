# Calls from Python at the price of arithmetic. Part of interpreter.pyx.

cdef class Calling:
    """What calls programs from Python; a subclass connects the machines and does the slow calls.

    A shape has for every argument -1 (a float), n (a list of n floats) or (..., axes), an array
    of NumPy. The structure of a result is one of these, or a tuple or list of structures.

    Attributes:
        _captured: The Values whose data are the machines' parameters.
        _takes_out: Whether the argument `out` is a buffer for the results, and not the function's.
    """

    cdef Machine value_machine
    cdef Machine gradient_machine
    cdef Forms value_shape
    cdef Forms gradient_shape
    cdef Forms value_structure
    cdef Forms gradient_structure
    cdef public list _captured
    cdef uint64_t seen  # of all edits of leaves, those the machines know of
    cdef Steps outside
    cdef bint are_finite
    cdef public bint _takes_out
    cdef vectorcallfunc vectorcall
    cdef object __weakref__

    def __cinit__(self):
        self.vectorcall = <vectorcallfunc>call_vector

    def __init__(self):
        self._captured = []

    def _connect_value(self, shape, machine, structure):
        """Let calls with arguments of this shape run on a machine for points; None: no longer.

        Raises:
            ValueError: If the machine has other inputs or outputs than they say.
        """
        found, made = forms_of(machine, shape, structure)
        take_vectors(Py_TYPE(<PyObject *>self))
        self.value_shape, self.value_structure, self.value_machine = found, made, machine
        self.seen = edit_count[0] - 1  # another number

    def _connect_outside(self, steps):
        """Leave calls to the slow way where these steps do not hold; None: look at nothing."""
        self.outside = steps

    def _connect_gradient(self, shape, machine, structure):
        """The same for `value_and_grad`."""
        found, made = forms_of(machine, shape, structure)
        self.gradient_shape, self.gradient_structure = found, made
        self.gradient_machine = machine
        self.seen = edit_count[0] - 1  # another number

    def __call__(self, *args, **by_name):
        """Return the results for these arguments.

        Args:
            *args: Those of the function.
            **by_name: Likewise. `out`, unless the function has an argument of that name: a buffer
                of doubles, such as `array("d")` or an array of NumPy, that takes the numbers of the
                result, in order, and is returned.

        Raises:
            TypeError: If `out` is no buffer of doubles.
            ValueError: If it is read-only or has another size than the result.
        """
        if by_name:
            into = by_name.pop("out", None) if self._takes_out else None
            return self._poured(self._call_slowly(*args, **by_name), into)
        return call(self, PySequence_Fast_ITEMS(args), len(args), None)

    def _poured(self, found, into):
        """Return what a slow call found, written into a buffer if there is one."""
        if into is None:
            return found
        raise NotImplementedError


# Calls and `value_and_grad` take their arguments from where Python has them: no tuple is made.

cdef tuple together(PyObject **args, Py_ssize_t count):
    return tuple([<object>args[k] for k in range(count)])


cdef dict named(PyObject **args, PyObject *names):
    """Return the arguments that are given by name."""
    if names == NULL:
        return {}
    return dict(zip(<tuple>names, together(args, len(<tuple>names))))


cdef inline bint names_out(Calling calling, PyObject *names) except -1:
    """Return whether all that is given by name is where the results go."""
    return (
        calling._takes_out and PySequence_Fast_GET_SIZE(<object>names) == 1
        and <str>(<object>PyTuple_GET_ITEM(<object>names, 0)) == "out"
    )


cdef object call(Calling calling, PyObject **args, Py_ssize_t count, into):
    found = called(
        calling, calling.value_machine, args, count, calling.value_shape,
        calling.value_structure, into,
    )
    if found is not None:
        return found
    return calling._poured(calling._call_slowly(*together(args, count)), into)


cdef object call_vector(PyObject *self, PyObject **args, size_t flagged_count, PyObject *names):
    cdef Calling calling = <Calling>self
    cdef Py_ssize_t count = PyVectorcall_NARGS(flagged_count)
    if Py_TYPE(self).tp_call != (<PyTypeObject *>Calling).tp_call or (
        names != NULL and not names_out(calling, names)
    ):  # somebody replaced the class's __call__; or arguments by name
        arguments, keywords = together(args, count), named(args + count, names)
        return Py_TYPE(self).tp_call(self, <PyObject *>arguments, <PyObject *>keywords)
    return call(calling, args, count, None if names == NULL else <object>args[count])


cdef int take_vectors(PyTypeObject *kind) noexcept:
    """Let instances of a class be called by vector; before Python 3.12 subclasses do not inherit it."""
    if kind.tp_call == (<PyTypeObject *>Calling).tp_call:
        kind.tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL
    return 0


cdef object value_and_grad(
    PyObject *self, PyObject **args, Py_ssize_t count, PyObject *names
):
    cdef Calling calling = <Calling>self
    cdef object into = None
    if names != NULL:
        if not names_out(calling, names):
            arguments, keywords = together(args, count), named(args + count, names)
            into = keywords.pop("out", None) if calling._takes_out else None
            return calling._poured(calling._value_and_grad_slowly(*arguments, **keywords), into)
        into = <object>args[count]
    found = called(
        calling, calling.gradient_machine, args, count, calling.gradient_shape,
        calling.gradient_structure, into,
    )
    if found is not None:
        return found
    return calling._poured(calling._value_and_grad_slowly(*together(args, count)), into)


cdef PyMethodDef VALUE_AND_GRAD
VALUE_AND_GRAD.ml_name = "value_and_grad"
VALUE_AND_GRAD.ml_meth = <PyCFunction><void *>value_and_grad
VALUE_AND_GRAD.ml_flags = METH_FASTCALL | METH_KEYWORDS
VALUE_AND_GRAD.ml_doc = b"""value_and_grad($self, /, *args, **by_name)
--

Return the result, one number, and its derivatives by all arguments.

`out` is that of calls: the number comes first, the derivatives follow.

Returns:
    The number, and the gradient with the structure of the argument; of several arguments,
    a tuple.

Raises:
    TypeError: If the result is not one number, or `out` no buffer of doubles.
    ValueError: If `out` is read-only or has another size.
    ArithmeticError: If a derivative is infinite or undefined, as in eager code.
"""


cdef int prepare_calls() except -1:
    """Tell Python of what Cython cannot declare: a vector of arguments instead of a tuple."""
    cdef PyTypeObject *kind = <PyTypeObject *>Calling
    cdef Calling one = Calling()
    kind.tp_vectorcall_offset = <char *>&one.vectorcall - <char *><PyObject *>one
    take_vectors(kind)
    (<dict>kind.tp_dict)["value_and_grad"] = PyDescr_NewMethod(kind, &VALUE_AND_GRAD)
    PyType_Modified(kind)
    return 0


prepare_calls()


cdef tuple forms_of(Machine machine, shape, structure):
    """Return both as Forms, if the machine has as many inputs and outputs; None without one."""
    cdef Forms inputs, outputs
    if machine is None:
        return None, None
    machine.check_ready()
    if machine.program.varying:
        raise ValueError("a machine over rows cannot be called at a point")
    inputs, outputs = Forms(<tuple?>shape), Forms(structure)
    if (
        machine.program.inputs != inputs.items.numbers
        or machine.program.output_count != outputs.items.numbers
    ):
        raise ValueError(
            f"the machine has {machine.program.inputs} inputs and {machine.program.output_count} "
            f"outputs, the call {inputs.items.numbers} and {outputs.items.numbers}"
        )
    return inputs, outputs


cdef object called(
    Calling calling, Machine machine, PyObject **arguments, Py_ssize_t count, Forms shape,
    Forms structure, object into,
):
    """Return the machine's outputs, in a buffer if there is one, or None if the call has to go the slow way."""
    if machine is None or (into is not None and structure.holds_made):
        return None
    if calling.outside is not None and not all_hold(calling.outside):
        return None
    if calling._captured and not captured_are_finite(calling):
        return None
    machine.take()
    try:
        return outputs_at(machine, arguments, count, shape.items, structure.items, into)
    finally:
        machine.give()


cdef inline object outputs_at(
    Machine machine, PyObject **arguments, Py_ssize_t count, const Form *shape,
    const Form *structure, object into,
):
    cdef double *inputs = machine.program.U + machine.program.inputs_at
    if not put_arguments(inputs, arguments, count, shape) or machine.run_now() != 0:
        return None
    if into is None:
        return built(structure, &machine.program)
    return into if pour(&machine.program, into) else None


cdef bint captured_are_finite(Calling calling) except -1:
    """Give the machines the Values from outside as they are; return whether those are to be used."""
    if switches.watchers:
        return False  # inside a function that is being compiled, weights are to be recorded
    cdef uint64_t edited = edit_count[0]
    if edited != calling.seen:
        calling.are_finite = calling._refresh()
        calling.seen = edited
    return calling.are_finite
