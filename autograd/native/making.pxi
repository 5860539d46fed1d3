# Making nodes: reading operands, computing values, recording. Part of engine.pyx.

cdef inline Value new_node(double data):
    cdef PyObject *reused = take_spare(<PyObject *>Value)
    cdef Value node
    if reused == NULL:
        node = Value.__new__(Value)
    else:
        node = <Value>reused
        Py_DECREF(node)  # the cast counted a reference of its own
    node._data = data
    node._stamp = latest_edit
    return node


cdef inline void release(PyObject *node) noexcept:
    # A node without references cannot be reached, not even through a weak reference: its mark is
    # free to be the link to the next one.
    if Py_REFCNT(node) > 1:
        drop(node)
        return
    global dying
    Py_SET_REFCNT(node, 0)
    (<Value>node).mark = <uintptr_t>dying
    dying = node


cdef void bury() noexcept:
    cdef PyObject *node
    global dying, is_burying
    is_burying = True
    while dying != NULL:
        node = dying
        dying = <PyObject *><uintptr_t>(<Value>node).mark
        Py_SET_REFCNT(node, 1)
        drop(node)
    is_burying = False


cdef void deallocate(PyObject *node) noexcept:
    # In place of the method Cython would write, which saves and restores the current exception
    # for every node that dies.
    cdef size_t position
    cdef Operand *block = NULL
    cdef PyObject *users = NULL
    if has_weak_references(node):
        PyObject_ClearWeakRefs(node)
    for position in range((<Value>node).count):
        if not is_number_at(node, position):
            release(operands_of(node)[position].node)
    if (<Value>node).flags & IN_BLOCK:
        block = operands_of(node)
        users = block[(<Value>node).count].node
    (<Value>node)._label = None
    (<Value>node)._origin = None
    (<Value>node)._grad = 0.0
    (<Value>node).mark = 0
    (<Value>node).count = (<Value>node).code = (<Value>node).flags = 0
    if not keep_spare(node):
        Py_DECREF((<Value>node)._label)
        Py_DECREF((<Value>node)._origin)
        PyObject_Free(node)
    if block != NULL:
        PyMem_Free(block)
        if users != NULL:
            drop(users)
    if dying != NULL and not is_burying:
        bury()


(<PyTypeObject *>Value).tp_dealloc = deallocate


cpdef Value constant(thing, primitive=None):
    """Return a plain number, perhaps an operand of `primitive`, as a node without a gradient."""
    cdef Value node
    if type(thing) is float:
        node = new_node(PyFloat_AS_DOUBLE(thing))
    else:
        node = new_node(as_float(thing, naming.operand_of(primitive)))
    node.flags = CONSTANT
    return node


def values(numbers):
    """Return a list of new leaves, one for each number.

    Example:
        >>> values([1.0, 2.0])
        [Value(data=1.0, grad=0.0), Value(data=2.0, grad=0.0)]
    """
    if type(numbers) is not list:
        numbers = primitives.listed("values", "numbers", numbers)
    cdef list found = []
    for x in numbers:
        found.append(new_node(number(x, "values(numbers)")))
    return found


def numbers_of(values):
    """Return the data of Values as an array."""
    cdef Value node
    cdef size_t position = 0
    listed = values if type(values) is list else list(values)
    found = array("d", bytes(8 * len(listed)))
    cdef double[::1] numbers = found
    for node in listed:
        numbers[position] = node._data
        position += 1
    return found


def set_numbers(values, numbers):
    """Set the data of leaves, like an optimizer's step."""
    cdef Py_ssize_t size
    cdef Py_buffer view
    listed = values if type(values) is list else list(values)
    PyObject_GetBuffer(numbers, &view, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS)
    try:  # from here on no code in Python runs that could change the list
        size = PySequence_Fast_GET_SIZE(listed)
        if view.ndim != 1 or not is_of_doubles(&view):
            raise TypeError(f"numbers: needs an array of doubles, got {numbers!r:.60}")
        if view.shape[0] != size:
            raise ValueError(f"{size} Values, but {view.shape[0]} numbers")
        check_leaves(listed)
        write_leaves(PySequence_Fast_ITEMS(listed), size, <double *>view.buf, NULL)
    finally:
        PyBuffer_Release(&view)


cpdef int check_leaves(list values) except -1:
    """Refuse what is no Value, or was computed."""
    cdef Py_ssize_t position
    cdef PyObject **nodes = PySequence_Fast_ITEMS(values)
    for position in range(PySequence_Fast_GET_SIZE(values)):
        if Py_TYPE(nodes[position]) != <PyTypeObject *>Value:
            raise TypeError(f"values[{position}] is {values[position]!r}, not a Value")
        if (<Value>nodes[position]).code:
            values[position].data = 0.0  # raises: only leaves can be edited
    return 0


cdef void write_leaves(
    PyObject **leaves, Py_ssize_t size, const double *numbers, const int32_t *places
) noexcept:
    """Set the data of Values that are known to be leaves: to the numbers, or to those at places."""
    global latest_edit
    cdef Py_ssize_t k
    cdef uint64_t edit = latest_edit + 1
    latest_edit = edit
    for k in range(size - 16):
        fetch(&(<Value>leaves[k + 16])._data)  # by the time it is written to, its memory is near
        write_leaf(leaves[k], numbers[places[k] if places else k], edit)
    for k in range(max(0, size - 16), size):
        write_leaf(leaves[k], numbers[places[k] if places else k], edit)


cdef inline void write_leaf(PyObject *leaf, double number, uint64_t edit) noexcept:
    (<Value>leaf)._data = number
    (<Value>leaf)._stamp = edit


cdef bint is_of_doubles(Py_buffer *view) noexcept:
    """Return whether a buffer's items are doubles in this machine's order of bytes."""
    cdef const char *format = view.format
    if format == NULL or view.itemsize != 8:
        return False
    if format[0] in b"@=" or (format[0] == c"<" and byteorder == "little"):
        format += 1
    return format[0] == c"d" and format[1] == 0


def add_to_gradients(values, const double[::1] numbers):
    """Add to the `.grad` of Values, like a sweep."""
    cdef Value node
    cdef size_t position = 0
    if len(values) != numbers.shape[0]:
        raise ValueError(f"{len(values)} Values, but {numbers.shape[0]} numbers")
    for node in values:
        node._grad += numbers[position]
        position += 1


def restored(fields):
    """Return the node with these fields, which may come from anywhere.

    Raises:
        TypeError: If they are not those of a node.
        ValueError: If no node could have them.
    """
    return remade(copying.checked(fields, Value))


def remade(fields):
    """Return the node with these fields: the inverse of `copying.fields`."""
    global latest_edit
    cdef Value node
    data, grad, label, primitive, is_constant, origin, stamp, parents = fields
    node = new_node(data)
    node._stamp = stamp
    latest_edit = max(latest_edit, node._stamp)  # an edit from now on is later than this node
    if parents:
        keep_operands(
            node, CODES.get(primitive, USERS), primitive, parents, len(<tuple>parents), NULL
        )
    node._grad = grad
    node.label = label
    node.flags |= CONSTANT if is_constant else 0
    node._origin = origin
    return node


cdef inline double number(thing, where) except? -1.0:
    if type(thing) is float:
        return PyFloat_AS_DOUBLE(thing)
    return as_float(thing, where)


cdef inline bint read(object operand, double *data, bint *is_value) except -1:
    # Reads a Value, float or int; returns 0 for anything else.
    is_value[0] = False
    if type(operand) is Value:
        is_value[0] = True
        data[0] = (<Value>operand)._data
    elif type(operand) is float:
        data[0] = PyFloat_AS_DOUBLE(operand)
    elif type(operand) is int:
        data[0] = PyLong_AsDouble(operand)
    else:
        return False
    return True


cdef object infix(int op, left, right, other):
    cdef double x, y
    cdef bint left_is_value, right_is_value
    if read(left, &x, &left_is_value) and read(right, &y, &right_is_value):
        return record_two(op, left, right, x, y, left_is_value, right_is_value)
    return operators.infix(PRIMITIVES[op], left, right, other)


cdef inline object origin_now():
    return groups.origin_now() if recording_group == NULL else <object>recording_group


cdef object record1(int op, operand):
    cdef double x, out
    cdef Value node
    if type(operand) is not Value:
        return PRIMITIVES[op](operand)
    x = (<Value>operand)._data
    if not forward1(op, x, &out) or not isfinite(out):
        out = forward_in_python(PRIMITIVES[op], (operand,))
    node = new_node(out)
    if not recording_graph or (<Value>operand).flags & CONSTANT:
        node.flags = CONSTANT
        if recording_watch:
            switches.tell_frozen(operand)
        return node
    Py_INCREF(operand)
    node.first.node = <PyObject *>operand
    node.count = 1
    node.code = op
    if recording_origins:
        node._origin = origin_now()
    return node


cdef object record2(int op, left, right):
    cdef double x, y
    cdef bint left_is_value, right_is_value
    if read(left, &x, &left_is_value) and read(right, &y, &right_is_value):
        if left_is_value or right_is_value:
            return record_two(op, left, right, x, y, left_is_value, right_is_value)
    return PRIMITIVES[op].apply((left, right))


cdef inline object record_two(
    int op, left, right, double x, double y, bint left_is_value, bint right_is_value
):
    cdef double out
    cdef Value node
    if not forward2(op, x, y, &out) or not isfinite(out):
        out = forward_in_python(PRIMITIVES[op], (left, right))
    node = new_node(out)
    if (
        not recording_graph
        or (not left_is_value or (<Value>left).flags & CONSTANT)
        and (not right_is_value or (<Value>right).flags & CONSTANT)
    ):
        node.flags = CONSTANT
        if recording_watch:
            tell_frozen((left, right))
        return node
    if left_is_value:
        Py_INCREF(left)
        node.first.node = <PyObject *>left
    else:
        node.first.number = x
        node.flags = FIRST_IS_NUMBER
    if right_is_value:
        Py_INCREF(right)
        node.second.node = <PyObject *>right
    else:
        node.second.number = y
        node.flags |= SECOND_IS_NUMBER
    node.count = 2
    node.code = op
    if recording_origins:
        node._origin = origin_now()
    return node


cdef inline object record_n(int op, operands):
    return record_any(op, PRIMITIVES[op], operands)


cdef object record_any(int op, primitive, operands):
    # Any number of operands in one pass; what is not a Value, float or int goes the long way.
    cdef double small[64]
    cdef double *data = small
    cdef double out
    cdef bint is_value, any_value = False, flows = False, known = True
    cdef Value node
    cdef size_t position, n
    cdef object operand
    if type(operands) is not tuple and type(operands) is not list:
        operands = tuple(operands)
    n = PySequence_Fast_GET_SIZE(operands)
    if n == 0:
        return forward_in_python(primitive, ())  # 0.0 or 1.0: nothing to record
    if n > 64:
        data = <double *>PyMem_Malloc(n * sizeof(double))
        if data == NULL:
            raise MemoryError(f"{n} operands")
    try:
        for position in range(n):
            operand = <object>PySequence_Fast_ITEMS(operands)[position]
            if not read(operand, data + position, &is_value):
                operands = tuple(operands)  # a list could change while Python code runs
                level = operand.carrier_level if is_carrier(operand) else -1
                if level > 1:
                    return operand.apply_primitive(primitive, operands)
                if level < 0 and primitive.arity > 0 and has_elements(operand):
                    return primitive.apply(operands)
                data[position] = as_float(operand, naming.operand_of(primitive))
            elif is_value:
                any_value = True
                if not (<Value>operand).flags & CONSTANT:
                    flows = True
        if n == 1:
            known = forward1(op, data[0], &out)
        elif n == 2:
            known = forward2(op, data[0], data[1], &out)
        elif n == 3:
            known = forward3(op, data[0], data[1], data[2], &out)
        elif n == 4:
            known = forward4(op, data[0], data[1], data[2], data[3], &out)
        else:
            known = False
        known = known or forward_n(op, data, n, &out)
        if not known or not isfinite(out):
            operands = tuple(operands)
            if not any_value:
                return primitive.apply(operands)
            out = forward_in_python(primitive, operands)
        if not any_value:
            return out
        node = new_node(out)
        if not flows or not recording_graph:
            node.flags = CONSTANT
            if recording_watch:
                tell_frozen(operands)
            return node
        keep_operands(node, op, primitive, operands, n, data)
        if recording_origins:
            node._origin = origin_now()
        return node
    finally:
        if data != small:
            PyMem_Free(data)


cdef int tell_frozen(operands) except -1:
    for operand in operands:
        if type(operand) is Value:
            switches.tell_frozen(operand)
    return 0


cdef int keep_operands(
    Value node, int op, primitive, operands, size_t n, const double *data
) except -1:
    # Takes references to Values; keeps other operands as numbers (read from `data`).
    cdef Operand *block
    cdef char *kinds
    cdef size_t position
    cdef PyObject *operand
    cdef bint is_value
    if n <= 2 and op != USERS:
        for position in range(n):
            operand = PySequence_Fast_ITEMS(operands)[position]
            is_value = type(<object>operand) is Value
            if is_value:
                Py_INCREF(<object>operand)
            if position == 0:
                if is_value:
                    node.first.node = operand
                else:
                    node.first.number = data[0]
                    node.flags |= FIRST_IS_NUMBER
            elif is_value:
                node.second.node = operand
            else:
                node.second.number = data[1]
                node.flags |= SECOND_IS_NUMBER
    else:
        block = <Operand *>PyMem_Malloc((n + 1) * sizeof(Operand) + n)
        if block == NULL:
            raise MemoryError(f"{n} operands")
        kinds = <char *>(block + n + 1)
        block[n].node = NULL
        if op == USERS:
            Py_INCREF(primitive)
            block[n].node = <PyObject *>primitive
        for position in range(n):
            operand = PySequence_Fast_ITEMS(operands)[position]
            kinds[position] = type(<object>operand) is not Value
            if kinds[position]:
                block[position].number = data[position]
            else:
                Py_INCREF(<object>operand)
                block[position].node = operand
        node.first.node = <PyObject *>block
        node.flags |= IN_BLOCK
    node.count = n
    node.code = op
    return 0


cdef object primitive_of(Value node):
    if node.code == USERS:
        return <object>operands_of(<PyObject *>node)[node.count].node
    return PRIMITIVES[node.code]


cdef double forward_in_python(primitive, operands) except? -1.0:
    # The value where C has none, or none that is finite: raises or returns what floats would.
    cdef list nodes = [], numbers = []
    for x in operands:
        nodes.append(x if type(x) is Value else constant(x, primitive))
        numbers.append((<Value>nodes[len(nodes) - 1])._data)
    try:
        return primitive.value(numbers)
    except (ArithmeticError, ValueError) as error:
        raise naming.with_operands(error, primitive, nodes) from primitive.cause(error)
