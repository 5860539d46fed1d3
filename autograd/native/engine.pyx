# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Value, compiled: the same class as autograd/value.py, with the same behaviour and error messages.

A node keeps its operands as pointers (or, for plain numbers, as doubles) and its operation as a
code; values and partials are C functions generated from the rule book (rules.h). Python is asked
only where a result or a derivative is not finite, to raise or return what floats would.

No collector tracking: a Value refers only to older Values, and its references cannot be changed.
"""

cimport cython
from cpython.object cimport PyObject, Py_LT, Py_LE, Py_EQ, Py_NE, Py_GT, Py_GE
from cpython.ref cimport Py_INCREF, Py_DECREF
from libc.math cimport isfinite
from libc.stdint cimport uint64_t, uint32_t, uintptr_t
from libc.stdlib cimport malloc, free
from libc.string cimport memset

from autograd import copying, naming, operators, primitives, recording, reverse
from autograd.primitive import as_float
from autograd.primitives import RULES

cdef extern from "nodes.h":
    int recording_graph
    int recording_locations
    ctypedef union Operand:
        PyObject *node
        double number
    ctypedef struct Stack:
        uint64_t *items
        size_t size
        size_t capacity
    int CONSTANT, FIRST_IS_NUMBER, SECOND_IS_NUMBER
    int stack_push(Stack *stack, uint64_t item)
    int stack_zeros(Stack *stack, size_t size)
    void stack_free(Stack *stack)
    void stack_trim(Stack *stack)
    PyObject *take_spare(PyObject *type)
    int keep_spare(PyObject *node)
    int has_weak_references(PyObject *node)
    void release(PyObject *node)
    void bury()

cdef extern from "rules.h":
    int OPERATIONS
    int forward1(int op, double x0, double *out)
    int forward2(int op, double x0, double x1, double *out)
    int forward_n(int op, const double *x, size_t n, double *out)
    int partials1(int op, int wanted, double out, double x0, double *d0)
    int partials2(int op, int wanted, double out, double x0, double x1, double *d0, double *d1)
    int forward3(int op, double x0, double x1, double x2, double *out)
    int partials3(int op, int wanted, double out, double x0, double x1, double x2,
                  double *d0, double *d1, double *d2)
    int partials_n(int op, double out, const double *x, size_t n, double *d)

include "codes.pxi"

cdef extern from "Python.h":
    object PyFloat_FromDouble(double number)
    double PyFloat_AS_DOUBLE(object number)
    double PyLong_AsDouble(object number) except? -1.0
    Py_ssize_t PySequence_Fast_GET_SIZE(object sequence)
    PyObject **PySequence_Fast_ITEMS(object sequence)
    ctypedef struct PyTypeObject:
        PyObject *tp_dict
        void (*tp_dealloc)(PyObject *node) noexcept
    void PyObject_ClearWeakRefs(PyObject *node)
    void PyObject_Free(void *memory)
    void PyType_Modified(type kind)

if BUILT_FOR != tuple(RULES):
    raise ImportError(
        "the compiled engine was built from another rule book: build it again, or set "
        "AUTOGRAD_ENGINE=python"
    )

cdef list PRIMITIVES = [None, *RULES.values()]
cdef dict CODES = {primitive: code for code, primitive in enumerate(PRIMITIVES)}
cdef uint64_t latest_edit = 0
cdef uint32_t latest_sweep = 0
cdef uint32_t NO_ADJOINT = 0xFFFFFFFF
cdef enum:
    STALE = 2  # what went wrong while placing nodes; 1 is: out of memory


@cython.final
@cython.no_gc
cdef class Value:
    """A scalar node of a computation graph: `autograd.value.Value`, compiled; see there.

    Example:
        >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
        >>> c = (a * b + 10.0).tanh()
        >>> c.backward()
        >>> c
        Value(data=0.999329299739067, grad=1.0)
    """

    carrier_level = 1

    cdef double _data
    cdef double _grad
    cdef object _label
    cdef object _location
    cdef object __weakref__
    # Up to two operands lie here; of more, `first` is a block of them followed by their kinds.
    cdef Operand first
    cdef Operand second
    cdef uint64_t _stamp
    cdef uint64_t mark  # which sweep placed this node, and where in its order
    cdef uint32_t count
    cdef unsigned short code
    cdef unsigned short flags

    def __init__(self, data, label=None):
        if self.code:
            raise TypeError("a computed Value cannot be initialised again")
        self._data = number(data, "Value(data)")
        if label is not None:
            self.label = label
        self._stamp = latest_edit

    # --- What a node holds ------------------------------------------------------------------------

    @property
    def data(self):
        """The number this node holds."""
        return self._data

    @data.setter
    def data(self, new):
        global latest_edit
        if self.code:
            raise ValueError(
                f"the data of {self.describe()} was computed; edit the leaves it was computed "
                "from, or detach() it first"
            )
        self._data = number(new, "Value.data")
        latest_edit += 1
        self._stamp = latest_edit

    @property
    def grad(self):
        """d output / d this node, as the latest `backward()` calls left it."""
        return self._grad

    @grad.setter
    def grad(self, new):
        self._grad = number(new, "Value.grad")

    @property
    def label(self):
        """The name of this node in drawings, explanations and errors."""
        return self._label

    @label.setter
    def label(self, new):
        if new is not None and not isinstance(new, str):
            raise TypeError(f"a label is a str or None, got {new!r}")
        self._label = new

    @property
    def location(self):
        """`file:line` that recorded this node, if `record_locations()` was on; else None."""
        return self._location

    @property
    def stamp(self):
        """The number of the latest edit of any leaf when this node's data was set."""
        return self._stamp

    @property
    def is_constant(self):
        """Whether no gradient flows here: a plain number, or a detached result."""
        return bool(self.flags & CONSTANT)

    @property
    def is_leaf(self):
        """Whether this node was given rather than computed."""
        return self.code == 0

    @property
    def primitive(self):
        """The operation that computed this node, or None for a leaf."""
        return PRIMITIVES[self.code]

    @property
    def op(self):
        """The operation as it is drawn, or an empty string for a leaf."""
        return PRIMITIVES[self.code].symbol if self.code else ""

    @property
    def _op(self):
        return self.op

    @property
    def parents(self):
        """The operands in order and with multiplicity: `x * x` has two."""
        return tuple([parent(self, position) for position in range(self.count)])

    @property
    def _prev(self):
        return self.parents

    # --- What a node does -------------------------------------------------------------------------

    def apply_primitive(self, primitive, operands):
        """Compute `primitive` of Values and plain numbers and record it as a new node."""
        return record_n(code_of(primitive), operands)

    def backward(self, seed=1.0):
        """Set `.grad` of every node this one depends on to d self / d node (times `seed`).

        Gradients of leaves accumulate over calls until `zero_grad()`; those of computed nodes
        belong to one sweep and are overwritten.

        Raises:
            ArithmeticError: If a derivative is infinite or undefined; nothing is changed then.
            ValueError: If a leaf was edited after this node was recorded, or this is a constant.
        """
        if self.flags & CONSTANT:
            reverse.backward(self)  # raises
        sweep(self, number(seed, "backward(seed)"), None)

    def adjoints_of(self, inputs):
        """Return d self / d input for each input, as floats, writing no `.grad`."""
        return sweep(self, 1.0, inputs)

    def leaves(self):
        """Return the leaves this node depends on, constants left out, in topological order."""
        return leaves_below(self)

    def zero_grad(self):
        """Set this node's gradient to 0."""
        self._grad = 0.0

    def detach(self):
        """Return the same number as a constant: no gradient flows through it."""
        return constant(self._data)

    def describe(self):
        """Return how errors name this node: its label, operation, data and source line."""
        return naming.describe(self)

    def __repr__(self):
        label = f", label={self._label!r}" if self._label is not None else ""
        return f"Value(data={self._data!r}, grad={self._grad!r}{label})"

    def __format__(self, specification):
        return format(self._data, specification) if specification else str(self)

    def __copy__(self):
        return restored(copying.fields(self))

    def __deepcopy__(self, memo):
        return copying.deep_copy(self, memo, restored)

    def __reduce__(self):
        return copying.reduce(self)

    # --- Comparison and conversion ----------------------------------------------------------------

    def __richcmp__(self, other, int operator):
        cdef double mine = self._data, theirs
        if type(other) is Value:
            theirs = (<Value>other)._data
        elif type(other) is float:
            theirs = PyFloat_AS_DOUBLE(other)
        else:
            compared = operators.compared(other)
            if compared is NotImplemented:
                return NotImplemented
            if operator == Py_EQ:
                return mine == compared
            if operator == Py_NE:
                return mine != compared
            if operator == Py_LT:
                return mine < compared
            if operator == Py_LE:
                return mine <= compared
            if operator == Py_GT:
                return mine > compared
            return mine >= compared
        if operator == Py_EQ:
            return mine == theirs
        if operator == Py_NE:
            return mine != theirs
        if operator == Py_LT:
            return mine < theirs
        if operator == Py_LE:
            return mine <= theirs
        if operator == Py_GT:
            return mine > theirs
        return mine >= theirs

    def __hash__(self):
        return <Py_hash_t>(<uintptr_t><PyObject *>self >> 4)

    def __bool__(self):
        return self._data != 0.0

    def __float__(self):
        return operators.refuse_float(self)

    def __int__(self):
        return operators.refuse_float(self)

    def __index__(self):
        return operators.refuse_float(self)

    # --- Operators and named methods --------------------------------------------------------------

    def __add__(self, other):
        return infix(OP_add, self, other, other)

    def __radd__(self, other):
        return infix(OP_add, other, self, other)

    def __sub__(self, other):
        return infix(OP_sub, self, other, other)

    def __rsub__(self, other):
        return infix(OP_sub, other, self, other)

    def __mul__(self, other):
        return infix(OP_mul, self, other, other)

    def __rmul__(self, other):
        return infix(OP_mul, other, self, other)

    def __truediv__(self, other):
        return infix(OP_div, self, other, other)

    def __rtruediv__(self, other):
        return infix(OP_div, other, self, other)

    def __pow__(self, other, modulus):
        if modulus is not None:
            return NotImplemented
        return infix(OP_pow, self, other, other)

    def __rpow__(self, other, modulus):
        if modulus is not None:
            return NotImplemented
        return infix(OP_pow, other, self, other)

    def __neg__(self):
        return record1(OP_neg, self)

    def __pos__(self):
        return record1(OP_pos, self)

    def __abs__(self):
        return record1(OP_abs, self)


# --- Making nodes ---------------------------------------------------------------------------------

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


cdef void deallocate(PyObject *node) noexcept:
    # In place of the method Cython would write, which saves and restores the current exception
    # for every node that dies.
    cdef size_t position
    if has_weak_references(node):
        PyObject_ClearWeakRefs(node)
    for position in range((<Value>node).count):
        if not is_number_at(node, position):
            release(operands_of(node)[position].node)
    if (<Value>node).count > 2:
        free((<Value>node).first.node)
    (<Value>node)._label = None
    (<Value>node)._location = None
    (<Value>node)._grad = 0.0
    (<Value>node).mark = 0
    (<Value>node).count = (<Value>node).code = (<Value>node).flags = 0
    if not keep_spare(node):
        Py_DECREF((<Value>node)._label)
        Py_DECREF((<Value>node)._location)
        PyObject_Free(node)
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
    return [new_node(number(x, "values(numbers)")) for x in numbers]


def restored(fields):
    """Return the node with these fields: the inverse of `copying.fields`."""
    global latest_edit
    cdef Value node
    data, grad, label, primitive, is_constant, location, stamp, parents = fields
    latest_edit = max(latest_edit, <uint64_t>stamp)  # an edit from now on is later than this node
    node = new_node(data)
    node._stamp = stamp
    if parents:
        operands = [x for x in parents]
        keep_operands(node, code_of(primitive), operands, len(operands), NULL)
    node._grad = grad
    node.label = label
    node.flags |= CONSTANT if is_constant else 0
    node._location = location
    return node


cdef int code_of(primitive) except -1:
    # An operation that is not in the rule book gets a code too; C knows none of its rules.
    code = CODES.get(primitive)
    if code is None:
        code = CODES[primitive] = len(PRIMITIVES)
        PRIMITIVES.append(primitive)
        if code > 65535:
            raise OverflowError("more than 65535 different operations")
    return code


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


cdef object record1(int op, operand):
    cdef double x, out
    cdef Value node
    if type(operand) is not Value:
        return PRIMITIVES[op](operand)
    x = (<Value>operand)._data
    if not forward1(op, x, &out) or not isfinite(out):
        out = forward_in_python(op, (operand,))
    node = new_node(out)
    if not recording_graph or (<Value>operand).flags & CONSTANT:
        node.flags = CONSTANT
        return node
    Py_INCREF(operand)
    node.first.node = <PyObject *>operand
    node.count = 1
    node.code = op
    if recording_locations:
        node._location = recording.caller()
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
        out = forward_in_python(op, (left, right))
    node = new_node(out)
    if (
        not recording_graph
        or (not left_is_value or (<Value>left).flags & CONSTANT)
        and (not right_is_value or (<Value>right).flags & CONSTANT)
    ):
        node.flags = CONSTANT
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
    if recording_locations:
        node._location = recording.caller()
    return node


cdef object record_n(int op, operands):
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
        return forward_in_python(op, ())  # 0.0 or 1.0: nothing to record
    if n > 64:
        data = <double *>malloc(n * sizeof(double))
        if data == NULL:
            raise MemoryError(f"{n} operands")
    try:
        for position in range(n):
            operand = <object>PySequence_Fast_ITEMS(operands)[position]
            if not read(operand, data + position, &is_value):
                operands = tuple(operands)  # a list could change while Python code runs
                level = getattr(operand, "carrier_level", -1)
                if level > 1:
                    return operand.apply_primitive(PRIMITIVES[op], operands)
                data[position] = as_float(operand, naming.operand_of(PRIMITIVES[op]))
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
        else:
            known = False
        known = known or forward_n(op, data, n, &out)
        if not known or not isfinite(out):
            operands = tuple(operands)
            out = forward_in_python(op, operands)
        if not any_value:
            return out
        node = new_node(out)
        if not flows or not recording_graph:
            node.flags = CONSTANT
            return node
        keep_operands(node, op, operands, n, data)
        if recording_locations:
            node._location = recording.caller()
        return node
    finally:
        if data != small:
            free(data)


cdef int keep_operands(Value node, int op, operands, size_t n, const double *data) except -1:
    # Takes references to Values; keeps other operands as numbers (read from `data`).
    cdef Operand *block
    cdef char *kinds
    cdef size_t position
    cdef PyObject *operand
    cdef bint is_value
    if n <= 2:
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
        block = <Operand *>malloc(n * (sizeof(Operand) + 1))
        if block == NULL:
            raise MemoryError(f"{n} operands")
        kinds = <char *>(block + n)
        for position in range(n):
            operand = PySequence_Fast_ITEMS(operands)[position]
            kinds[position] = type(<object>operand) is not Value
            if kinds[position]:
                block[position].number = data[position]
            else:
                Py_INCREF(<object>operand)
                block[position].node = operand
        node.first.node = <PyObject *>block
    node.count = n
    node.code = op
    return 0


cdef double forward_in_python(int op, operands) except? -1.0:
    # The value where C has none, or none that is finite: raises or returns what floats would.
    cdef object primitive = PRIMITIVES[op]
    nodes = [x if type(x) is Value else constant(x, primitive) for x in operands]
    try:
        return primitive.forward(*[(<Value>x)._data for x in nodes])
    except (ArithmeticError, ValueError) as error:
        raise naming.with_operands(error, primitive, nodes) from error


# --- Operands -------------------------------------------------------------------------------------
# From here on a node is often a bare pointer: `(<Value>node).field` then counts no references.

cdef inline Operand *operands_of(PyObject *node) noexcept:
    if (<Value>node).count > 2:
        return <Operand *>(<Value>node).first.node
    return &(<Value>node).first


cdef inline bint is_number_at(PyObject *node, size_t position) noexcept:
    if (<Value>node).count > 2:
        return (<char *>(<Operand *>(<Value>node).first.node + (<Value>node).count))[position]
    return (<Value>node).flags & (FIRST_IS_NUMBER << position)


cdef inline double data_at(PyObject *node, size_t position) noexcept:
    cdef Operand *operand = operands_of(node) + position
    return operand.number if is_number_at(node, position) else (<Value>operand.node)._data


cdef Value parent(Value node, size_t position):
    # A number among the operands becomes a node when somebody asks, and stays that node.
    cdef PyObject *child = <PyObject *>node
    cdef Operand *operand = operands_of(child) + position
    cdef Value made
    if is_number_at(child, position):
        made = constant(operand.number)
        made._stamp = node._stamp
        Py_INCREF(made)
        operand.node = <PyObject *>made
        if node.count > 2:
            (<char *>(operands_of(child) + node.count))[position] = 0
        else:
            node.flags &= ~(FIRST_IS_NUMBER << position)
    return <Value>operand.node


# --- The sweep ------------------------------------------------------------------------------------

cdef struct Sweep:
    Stack pending  # pairs: node, next operand to visit
    Stack order    # nodes, parents before children
    Stack edges    # for each operand of each placed node, its place in the order or NO_ADJOINT
    Stack storage  # of the adjoints
    double *adjoints


# The memory of the latest sweep, kept for the next; a sweep that starts within another (a derivative
# computed in Python may do anything) finds nothing here and allocates its own.
cdef Sweep spare
memset(&spare, 0, sizeof(spare))


cdef object sweep(Value output, double seed, inputs):
    """Run reverse mode; write `.grad` (inputs is None) or return the adjoints of the inputs."""
    cdef Sweep work
    cdef PyObject *node
    cdef size_t position
    borrow(&work)
    try:
        place_in_order(&work, <PyObject *>output)
        if stack_zeros(&work.storage, work.order.size):
            raise MemoryError(f"{work.order.size} adjoints")
        work.adjoints = <double *>work.storage.items
        work.adjoints[work.order.size - 1] = seed
        accumulate(&work)
        if inputs is not None:
            return adjoints_found(&work, inputs)
        for position in range(work.order.size):
            node = <PyObject *><uintptr_t>work.order.items[position]
            if (<Value>node).code:
                (<Value>node)._grad = work.adjoints[position]
            else:
                (<Value>node)._grad += work.adjoints[position]
    finally:
        give_back(&work)


cdef list leaves_below(Value output):
    cdef Sweep work
    cdef PyObject *node
    cdef size_t position
    cdef list found = []
    if output.flags & CONSTANT:
        return found
    borrow(&work)
    try:
        place_in_order(&work, <PyObject *>output)
        for position in range(work.order.size):
            node = <PyObject *><uintptr_t>work.order.items[position]
            if (<Value>node).count == 0:
                found.append(<Value>node)
        return found
    finally:
        give_back(&work)


cdef void borrow(Sweep *work) noexcept:
    global spare
    work[0] = spare
    memset(&spare, 0, sizeof(spare))
    work.pending.size = work.order.size = work.edges.size = work.storage.size = 0


cdef void give_back(Sweep *work) noexcept:
    global spare
    stack_free(&spare.pending)
    stack_free(&spare.order)
    stack_free(&spare.edges)
    stack_free(&spare.storage)
    stack_trim(&work.pending)
    stack_trim(&work.order)
    stack_trim(&work.edges)
    stack_trim(&work.storage)
    spare = work[0]


cdef int place_in_order(Sweep *work, PyObject *output) except -1:
    # Depth-first with an explicit stack; no Python code runs here, so marks stay ours throughout.
    global latest_sweep
    cdef uint64_t mine
    cdef PyObject *node = output
    cdef PyObject *below
    cdef Operand *operands
    cdef size_t position, count
    cdef int failed
    latest_sweep += 1
    if latest_sweep == 0:
        latest_sweep = 1  # 0 marks nodes that no sweep has met
    mine = <uint64_t>latest_sweep << 32
    failed = enter(work, output, mine)
    while work.pending.size and not failed:
        node = <PyObject *><uintptr_t>work.pending.items[work.pending.size - 2]
        position = work.pending.items[work.pending.size - 1]
        operands = operands_of(node)
        count = (<Value>node).count
        while position < count:
            if not is_number_at(node, position):
                below = operands[position].node
                if ((<Value>below).mark >> 32) << 32 != mine:
                    if not (<Value>below).flags & CONSTANT:
                        if (<Value>below).count:
                            break
                        failed |= place(work, below, mine)
            position += 1
        if position < count:
            work.pending.items[work.pending.size - 1] = position + 1
            failed |= enter(work, below, mine)
        else:
            work.pending.size -= 2
            failed |= place(work, node, mine)
    if failed & STALE:
        refuse_stale(node)
    if failed:
        raise MemoryError(f"the order of {work.order.size} nodes and more")
    return 0


cdef int refuse_stale(PyObject *node) except -1:
    for operand in (<Value>node).parents:
        if (<Value>operand)._stamp > (<Value>node)._stamp:
            raise ValueError(reverse.stale(operand, <Value>node))
    return 0


cdef inline int enter(Sweep *work, PyObject *node, uint64_t mine) noexcept:
    (<Value>node).mark = mine
    return stack_push(&work.pending, <uintptr_t>node) | stack_push(&work.pending, 0)


cdef inline int place(Sweep *work, PyObject *node, uint64_t mine) noexcept:
    cdef size_t position
    cdef uint64_t edge
    cdef PyObject *below
    cdef Operand *operands = operands_of(node)
    cdef int failed = 0
    for position in range((<Value>node).count):
        edge = NO_ADJOINT
        if not is_number_at(node, position):
            below = operands[position].node
            if (<Value>below)._stamp > (<Value>node)._stamp:
                return STALE
            if not (<Value>below).flags & CONSTANT:
                edge = <uint32_t>(<Value>below).mark
        failed |= stack_push(&work.edges, edge)
    (<Value>node).mark = mine | work.order.size
    return failed | stack_push(&work.order, <uintptr_t>node)


cdef int accumulate(Sweep *work) except -1:
    cdef double *adjoints = work.adjoints
    cdef uint64_t *edges = work.edges.items + work.edges.size
    cdef size_t position = work.order.size
    cdef PyObject *node
    cdef double adjoint, dx, dy
    cdef int wanted, code
    while position:
        position -= 1
        node = <PyObject *><uintptr_t>work.order.items[position]
        if (<Value>node).count == 0:
            continue
        adjoint = adjoints[position]
        edges -= (<Value>node).count
        code = (<Value>node).code
        if (<Value>node).count == 2:
            wanted = (edges[0] != NO_ADJOINT) | (edges[1] != NO_ADJOINT) << 1
            dx = dy = 0.0
            if partials2(
                code, wanted, (<Value>node)._data, data_at(node, 0), data_at(node, 1), &dx, &dy
            ) and isfinite(dx) and isfinite(dy):
                if wanted & 1:
                    adjoints[edges[0]] += dx * adjoint
                if wanted & 2:
                    adjoints[edges[1]] += dy * adjoint
                continue
        elif (<Value>node).count == 1:
            if partials1(code, 1, (<Value>node)._data, data_at(node, 0), &dx) and isfinite(dx):
                adjoints[edges[0]] += dx * adjoint
                continue
        accumulate_many(node, edges, adjoint, adjoints)
    return 0


cdef int accumulate_many(
    PyObject *node, const uint64_t *edges, double adjoint, double *adjoints
) except -1:
    # More than two operands, a variadic operation, or derivatives that C cannot give.
    cdef double small[128]
    cdef double *data = small
    cdef double *derivatives
    cdef size_t n = (<Value>node).count, position
    cdef double out = (<Value>node)._data
    cdef int wanted = 0, code = (<Value>node).code
    cdef bint known = False
    if n > 64:
        data = <double *>malloc(2 * n * sizeof(double))
        if data == NULL:
            raise MemoryError(f"{n} derivatives")
    derivatives = data + n
    try:
        for position in range(n):
            data[position] = data_at(node, position)
            derivatives[position] = 0.0
        if n == 3:
            for position in range(n):
                wanted |= (edges[position] != NO_ADJOINT) << position
            known = partials3(
                code, wanted, out, data[0], data[1], data[2],
                derivatives, derivatives + 1, derivatives + 2,
            )
        known = known or partials_n(code, out, data, n, derivatives)
        for position in range(n):
            if edges[position] != NO_ADJOINT and not isfinite(derivatives[position]):
                known = False
        if not known:
            for position, derivative in enumerate(reverse.local_derivatives(<object>node)):
                if derivative is not None:
                    derivatives[position] = derivative
        for position in range(n):
            if edges[position] != NO_ADJOINT:
                adjoints[edges[position]] += derivatives[position] * adjoint
    finally:
        if data != small:
            free(data)
    return 0


cdef list adjoints_found(Sweep *work, inputs):
    # Other sweeps may have run meanwhile (derivatives in Python), so places are looked up afresh.
    cdef dict places = {}
    cdef size_t place
    cdef list found = []
    wanted = {id(node) for node in inputs}
    for place in range(work.order.size):
        if <uintptr_t>work.order.items[place] in wanted:
            places[<uintptr_t>work.order.items[place]] = work.adjoints[place]
    return [places.get(id(node), 0.0) for node in inputs]


# --- Functions ------------------------------------------------------------------------------------

include "functions.pxi"


cdef object packed(int op, xs):
    if (type(xs) is list or type(xs) is tuple) and len(xs):
        return record_n(op, xs)
    return record_n(op, PRIMITIVES[op].pack(xs))


def dot(a, b, bias=None):
    if (type(a) is list or type(a) is tuple) and (type(b) is list or type(b) is tuple):
        if len(a) == len(b):
            return record_n(OP_dot, [*a, *b] if bias is None else [*a, *b, bias])
    return record_n(OP_dot, PRIMITIVES[OP_dot].pack(a, b, bias))


def softmax(xs):
    logits = primitives.listed("softmax", "xs", xs)
    total = FUNCTIONS["logsumexp"](logits)
    return [softmax_component(x, total) for x in logits]


FUNCTIONS["dot"] = dot
FUNCTIONS["softmax"] = softmax

# An operation with a fixed number of operands is also a method. The class is a static type, which
# takes new attributes only through its own dictionary.
cdef dict attributes = <dict>(<PyTypeObject *>Value).tp_dict
for name, function in FUNCTIONS.items():
    function.__name__ = function.__qualname__ = name
    function.__module__ = "autograd"
    function.__doc__ = getattr(RULES.get(name, primitives.softmax), "__doc__", None)
    if name in RULES and not RULES[name].is_variadic:
        attributes[name] = function
        if RULES[name].numpy:
            attributes[RULES[name].numpy] = function
PyType_Modified(Value)


def follow_switches(bint graph, bint locations):
    """Keep this thread's copy of the switches of recording.py."""
    global recording_graph, recording_locations
    recording_graph = graph
    recording_locations = locations


recording.followers.append(follow_switches)
