# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Value, compiled: the same class as autograd/value.py, with the same behaviour and error messages.

A node keeps its operands as pointers (or, for plain numbers, as doubles) and its operation as a
code; values and partials are C functions generated from the rule book (rules.h). Python is asked
only where a result or a derivative is not finite, to raise or return what floats would.

No list comprehensions of new objects: Cython from 3.2 on drops a reference too many where there is
no memory for one.

No collector tracking: a Value refers only to older Values, and its references cannot be changed.
"""

from array import array
from sys import byteorder

cimport cython
from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, PyBuffer_Release, PyObject_GetBuffer,
)
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject, Py_LT, Py_LE, Py_EQ, Py_NE, Py_GT, Py_GE
from cpython.ref cimport Py_INCREF, Py_DECREF
from libc.math cimport isfinite
from libc.stdint cimport int32_t, int64_t, uint64_t, uint32_t, uintptr_t
from libc.string cimport memset

from autograd import (
    copying, elsewhere, groups, naming, operators, primitives, reverse, streams, switches, ufuncs,
)
from autograd.arrays import has_elements
from autograd.carriers import is_carrier
from autograd.graph import topological_order
from autograd.groups import Group
from autograd.html_table import value_html
from autograd.real_numbers import as_float
from autograd.primitives import RULES
from autograd.value import Value as reference

cdef extern from "nodes.h":
    void fetch(const void *at)
    int recording_graph
    int recording_origins
    PyObject *recording_group
    int recording_inspector
    int recording_watch
    ctypedef union Operand:
        PyObject *node
        double number
    ctypedef struct Stack:
        uint64_t *items
        size_t size
        size_t capacity
    int CONSTANT, FIRST_IS_NUMBER, SECOND_IS_NUMBER, IN_BLOCK
    int stack_push(Stack *stack, uint64_t item)
    int stack_zeros(Stack *stack, size_t size)
    void stack_free(Stack *stack)
    void stack_trim(Stack *stack)
    PyObject *take_spare(PyObject *type)
    int keep_spare(PyObject *node)
    int has_weak_references(PyObject *node)
    PyObject *dying
    int is_burying

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
    int forward4(int op, double x0, double x1, double x2, double x3, double *out)
    int partials4(int op, int wanted, double out, double x0, double x1, double x2, double x3,
                  double *d0, double *d1, double *d2, double *d3)
    int ROOM
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
        const char *tp_doc
        void (*tp_dealloc)(PyObject *node) noexcept
    PyTypeObject *Py_TYPE(PyObject *thing)
    Py_ssize_t Py_REFCNT(PyObject *thing)
    void Py_SET_REFCNT(PyObject *thing, Py_ssize_t count)
    void drop "Py_DECREF"(PyObject *thing)
    void PyObject_ClearWeakRefs(PyObject *node)
    void PyObject_Free(void *memory)
    void PyType_Modified(type kind)

if BUILT_FOR != tuple(RULES):
    raise ImportError(
        "the compiled engine was built from another rule book: build it again, or set "
        "AUTOGRAD_ENGINE=python"
    )

cdef tuple SYMBOLS = ("<", "<=", "==", "!=", ">", ">=")  # by Py_LT, Py_LE, …
cdef list PRIMITIVES = [None, *RULES.values()]
cdef dict CODES = {primitive: code for code, primitive in enumerate(PRIMITIVES)}
cdef uint64_t latest_edit = 0
cdef uint32_t latest_sweep = 0
cdef uint32_t NO_ADJOINT = 0xFFFFFFFF
cdef enum:
    USERS = 0xFFFF  # the code of operations that are not in the rule book; C knows none of their rules
    STALE = 2  # what went wrong while placing nodes; 1 is: out of memory


cdef object no_deleter(str name):
    return AttributeError(f"property {name!r} of 'Value' object has no deleter")


@cython.final
@cython.no_gc
cdef class Value:
    """A scalar node of a computation graph: `autograd.value.Value`, compiled."""

    carrier_level = 1

    cdef double _data
    cdef uint64_t _stamp  # beside the data: training writes both
    cdef double _grad
    cdef object _label
    cdef object _origin  # see groups.py
    cdef object __weakref__
    # Up to two operands lie here. Of more, `first` is a block: the operands, an operation that is not
    # in the rule book (an owned reference, or NULL), and for each operand whether it is a number.
    cdef Operand first
    cdef Operand second
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
        if recording_watch:
            switches.tell_looked_at(self)
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

    @data.deleter
    def data(self):
        raise no_deleter("data")

    @property
    def grad(self):
        """d output / d this node, as the latest `backward()` calls left it."""
        if recording_watch:
            switches.tell_swept(".grad")
        return self._grad

    @grad.setter
    def grad(self, new):
        self._grad = number(new, "Value.grad")

    @grad.deleter
    def grad(self):
        raise no_deleter("grad")

    @property
    def label(self):
        """The name of this node in drawings, explanations and errors; empty if it has none."""
        return "" if self._label is None else self._label

    @label.setter
    def label(self, new):
        if new is not None and not isinstance(new, str):
            raise TypeError(elsewhere.no_label(new))
        self._label = new

    @label.deleter
    def label(self):
        raise no_deleter("label")

    @property
    def location(self):
        """`file:line` that recorded this node, if `record_locations()` was on; else None."""
        return groups.location_in(self._origin)

    @property
    def group(self):
        """The part of a model that recorded this node; None outside of any."""
        return groups.group_in(self._origin)

    @group.setter
    def group(self, new):
        if self._origin is None and (type(new) is Group or new is None):
            self._origin = new
        else:
            self._origin = groups.origin_of(self.location, groups.checked_group(new))

    @group.deleter
    def group(self):
        raise no_deleter("group")

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
        return primitive_of(self)

    @property
    def op(self):
        """The operation as it is drawn, or an empty string for a leaf."""
        return primitive_of(self).symbol if self.code else ""

    @property
    def _op(self):
        """The operation as micrograd writes it, such as "**2"."""
        return elsewhere.op(self)

    @property
    def parents(self):
        """The operands in order and with multiplicity: `x * x` has two."""
        cdef list found = []
        for position in range(self.count):
            found.append(parent(self, position))
        return tuple(found)

    @property
    def _prev(self):
        """The operands as micrograd has them: a set, without the exponent of `x**2`."""
        return elsewhere.prev(self)

    # --- What a node does -------------------------------------------------------------------------

    def _backward(self):
        """Do this node's step of a sweep alone: `parent.grad += ∂self/∂parent · self.grad`."""
        if recording_watch:
            switches.tell_swept("_backward()")
        elsewhere.step(self)

    def apply_primitive(self, primitive, operands):
        """Compute `primitive` of Values and plain numbers and record it as a new node."""
        return record_any(CODES.get(primitive, USERS), primitive, operands)

    def backward(self, seed=1.0):
        """Set `.grad` of every node this one depends on to d self / d node (times `seed`).

        Gradients of leaves accumulate over calls until `zero_grad()`; those of computed nodes
        belong to one sweep and are overwritten.

        Raises:
            ArithmeticError: If a derivative is infinite or undefined, or overflows on the way;
                nothing is changed then.
            ValueError: If a leaf was edited after this node was recorded, or this is a constant.
        """
        if recording_watch:
            switches.tell_swept("backward()")
        if self.flags & CONSTANT:
            reverse.backward(self)  # raises
        sweep(self, number(seed, "backward(seed)"), None)

    def adjoints_of(self, inputs):
        """Return d self / d input for each input, as floats, writing no `.grad`."""
        if recording_watch:
            switches.tell_swept("adjoints_of()")
        return sweep(self, 1.0, inputs)

    def leaves(self):
        """Return the leaves this node depends on, constants left out, in topological order."""
        return leaves_below(self)

    def zero_grad(self):
        """Set this node's gradient to 0."""
        self._grad = 0.0

    def detach(self):
        """Return the same number as a constant: no gradient flows through it."""
        if recording_watch:
            switches.tell_frozen(self)
        return constant(self._data)

    def describe(self):
        """Return how errors name this node: its label, operation, data and source line."""
        return naming.describe(self)

    def __repr__(self):
        if recording_watch:
            switches.tell_frozen(self)
        label = f", label={self._label!r}" if self._label else ""
        return streams.for_stream(f"Value(data={self._data!r}, grad={self._grad!r}{label})")

    def __format__(self, specification):
        if recording_watch:
            switches.tell_frozen(self)
        return format(self._data, specification) if specification else str(self)

    def _repr_html_(self):
        if recording_watch:
            switches.tell_frozen(self)
        return value_html(self)

    def __dir__(self):
        return elsewhere.listed(self)

    def __copy__(self):
        return remade(copying.fields(self))

    def __deepcopy__(self, memo):
        if recording_watch:
            for node in topological_order(self):
                switches.tell_frozen(node)
        return deep_copied(self, memo)

    def __reduce__(self):
        if self.code or recording_watch:
            return copying.reduce(self)
        return leaf_reduced(self)

    # --- Comparison and conversion ----------------------------------------------------------------

    def __richcmp__(self, other, int operator):
        cdef double mine = self._data, theirs
        if recording_watch:
            return operators.comparison(SYMBOLS[operator], self, other)
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
        if recording_watch:
            return operators.comparison("!=", self, 0.0)
        return self._data != 0.0

    def __float__(self):
        return operators.refuse_float(self)

    def __int__(self):
        return operators.refuse_float(self)

    def __index__(self):
        return operators.refuse_float(self)

    def __round__(self, digits=None):
        operators.refuse_rounding("round(x)")

    def __mod__(self, other):
        operators.refuse_rounding("x % y")

    def __rmod__(self, other):
        operators.refuse_rounding("x % y")

    def __floordiv__(self, other):
        operators.refuse_rounding("x // y")

    def __rfloordiv__(self, other):
        operators.refuse_rounding("x // y")

    def __divmod__(self, other):
        operators.refuse_rounding("divmod(x, y)")

    def __rdivmod__(self, other):
        operators.refuse_rounding("divmod(x, y)")

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


include "making.pxi"
include "sweep.pxi"
include "copying.pxi"

# --- Functions ------------------------------------------------------------------------------------

include "functions.pxi"
include "methods.pxi"


# For the machine, which must not need memory to look, or to write.
EDITS_AT = <uintptr_t>&latest_edit
WRITE_LEAVES_AT = <uintptr_t>&write_leaves


def edits():
    """Return how often the data of a leaf was edited so far."""
    return latest_edit


include "switching.pxi"
