"""Value: a number that remembers how it was computed. The reference engine, in plain Python.

A Value refers only to older Values, so a graph has no cycle and dies by reference count the moment
its output does.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import starmap
from typing import TYPE_CHECKING, Any, NoReturn, SupportsFloat, final

from autograd import copying, elsewhere, primitives, recording, reverse, sweeping, switches
from autograd.graph import topological_order
from autograd.groups import (
    Group,
    Origin,
    checked_group,
    group_in,
    location_in,
    origin_now,
    origin_of,
)
from autograd.html_table import value_html
from autograd.naming import describe, operand_of, with_operands
from autograd.primitive import Primitive
from autograd.real_numbers import as_float
from autograd.streams import printed_anywhere
from autograd.switches import current

if TYPE_CHECKING:  # generated from the rule book, with exact types
    from autograd.operations import Arithmetic as Operators
else:
    from autograd.operators import Operators

_latest_edit = 0


@printed_anywhere
@final
class Value(Operators):
    """A scalar node of a computation graph.

    Args:
        data: Any real number; kept as a float.
        label: A name for drawings, explanations and errors.

    Attributes:
        data: The number. A leaf's may be edited in place (`p.data -= 0.1 * p.grad`); graphs
            recorded before the edit then refuse `backward()`: old and new are never mixed.
        grad: d output / d this node, after `output.backward()`; 0.0 before.
        label: The name; empty if it has none.
        primitive: The operation that computed it, or None for a leaf.
        parents: The operands in order and with multiplicity: `x * x` has two.
        is_constant: Whether no gradient flows here: a plain number, or a detached result.
        location: `file:line` that recorded it, if `record_locations()` was on; else None.
        group: The part of a model that recorded it (see `group`); else None.

    Comparisons compare the numbers, `==` too; `is`, sets and dicts tell nodes apart.

    Raises:
        TypeError: If data is not one real number.

    Example:
        >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
        >>> c = (a * b + 10.0).tanh()
        >>> c.backward()
        >>> c
        Value(data=0.999329299739067, grad=1.0)
        >>> a
        Value(data=2.0, grad=-0.004022852049..., label='a')
        >>> c.op, c.primitive.name, [parent.op for parent in c.parents], a.is_leaf, a.label
        ('tanh', 'tanh', ['+'], True, 'a')
        >>> a.data, a.grad < 0.0, (a * b.detach()).parents[1].is_constant
        (2.0, True, True)
        >>> c.location, c.group
        (None, None)
    """

    __slots__ = (
        "__weakref__",
        "_data",
        "_grad",
        "_is_constant",
        "_label",
        "_operands",
        "_origin",
        "_primitive",
        "_stamp",
    )
    carrier_level = 1

    _data: float
    _grad: float
    _is_constant: bool
    _label: str | None
    _operands: tuple[Value | float, ...]  # a number becomes a node when somebody asks
    _origin: Origin
    _primitive: Primitive | None
    _stamp: int

    def __init__(self, data: SupportsFloat, label: str | None = None) -> None:
        self._data = data if type(data) is float else as_float(data, "Value(data)")
        if label is not None and not isinstance(label, str):
            raise TypeError(elsewhere.no_label(label))
        self._label = label
        self._stamp = _latest_edit
        self._grad = 0.0
        self._is_constant = False
        self._operands = ()
        self._origin = self._primitive = None

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("Value cannot be subclassed: the compiled engine relies on it being final")

    @property
    def data(self) -> float:
        """The number this node holds."""
        if switches.watchers:
            switches.tell_looked_at(self)
        return self._data

    @data.setter
    def data(self, number: SupportsFloat) -> None:
        if self._operands:
            raise ValueError(
                f"the data of {self.describe()} was computed; edit the leaves it was computed "
                "from, or detach() it first"
            )
        global _latest_edit
        self._data = number if type(number) is float else as_float(number, "Value.data")
        _latest_edit += 1
        self._stamp = _latest_edit

    @property
    def grad(self) -> float:
        """The derivative of the output by this node, as `backward()` calls left it."""
        if switches.watchers:
            switches.tell_swept(".grad")
        return self._grad

    @grad.setter
    def grad(self, number: SupportsFloat) -> None:
        self._grad = number if type(number) is float else as_float(number, "Value.grad")

    @property
    def label(self) -> str:
        """The name of this node in drawings, explanations and errors; empty if it has none."""
        return self._label or ""

    @label.setter
    def label(self, label: str | None) -> None:
        if label is not None and not isinstance(label, str):
            raise TypeError(elsewhere.no_label(label))
        self._label = label

    @property
    def stamp(self) -> int:
        """The number of the latest edit of any leaf when this node's data was set.

        Example:
            >>> x = Value(3.0)
            >>> y = x * x
            >>> x.data = 4.0
            >>> x.stamp > y.stamp
            True
        """
        return self._stamp

    @property
    def parents(self) -> tuple[Value, ...]:
        """The operands in order and with multiplicity: `x * x` has two."""
        if float in map(type, self._operands):
            self._operands = tuple([self._node(x) for x in self._operands])
        return self._operands  # type: ignore[return-value]

    def _node(self, operand: Value | float) -> Value:
        if type(operand) is Value:
            return operand
        node = constant(operand)
        node._stamp = self._stamp
        return node

    @property
    def primitive(self) -> Primitive | None:
        """The operation that computed this node, or None for a leaf."""
        return self._primitive

    @property
    def is_constant(self) -> bool:
        """Whether no gradient flows here: a plain number, or a detached result."""
        return self._is_constant

    @property
    def location(self) -> str | None:
        """`file:line` that recorded this node, if `record_locations()` was on; else None."""
        return location_in(self._origin)

    @property
    def group(self) -> Group | None:
        """The part of a model that recorded this node; None outside of any."""
        return group_in(self._origin)

    @group.setter
    def group(self, group: Group | None) -> None:
        self._origin = origin_of(self.location, checked_group(group))

    @property
    def op(self) -> str:
        """The operation as it is drawn, or an empty string for a leaf."""
        return "" if self._primitive is None else self._primitive.symbol

    @property
    def is_leaf(self) -> bool:
        """Whether this node was given rather than computed."""
        return not self._operands

    @property
    def _prev(self) -> set[Value]:
        """The operands as micrograd has them: a set, without the exponent of `x**2`."""
        return elsewhere.prev(self)

    @property
    def _op(self) -> str:
        """The operation as micrograd writes it, such as "**2"."""
        return elsewhere.op(self)

    def _backward(self) -> None:
        """Do this node's step of a sweep alone: `parent.grad += ∂self/∂parent · self.grad`."""
        if switches.watchers:
            switches.tell_swept("_backward()")
        elsewhere.step(self)

    def apply_primitive(self, primitive: Primitive, operands: Sequence[Any]) -> Value:
        """Compute `primitive` of Values and plain numbers and record it as a new node.

        Example:
            >>> from autograd.primitives import mul
            >>> x = Value(3.0)
            >>> x.apply_primitive(mul, (x, 2.0))
            Value(data=6.0, grad=0.0)
        """
        __tracebackhide__ = True
        kinds = (Value, float)
        given: tuple[Any, ...] = tuple(
            [x if type(x) in kinds else as_float(x, operand_of(primitive)) for x in operands]
        )
        try:
            data = primitive.value([x if type(x) is float else x._data for x in given])
        except (ArithmeticError, ValueError) as error:
            nodes = [x if type(x) is Value else constant(x) for x in given]
            raise with_operands(error, primitive, nodes) from primitive.cause(error)
        flowing = [x for x in given if type(x) is Value and not x._is_constant]
        if not flowing:
            return constant(data)
        if not switches.switched:
            return recorded(data, primitive, given)
        if not current.graph:
            for node in flowing:
                switches.tell_frozen(node)
            return constant(data)
        value = recorded(data, primitive, given)
        if current.locations or current.group is not None:
            value._origin = origin_now()
        return value

    def backward(self, seed: float = 1.0) -> None:
        """Set `.grad` of every node this one depends on to d self / d node (times `seed`).

        Gradients of leaves accumulate over calls until `zero_grad()`; those of computed nodes
        belong to one sweep and are overwritten, so a second call is right too.

        Raises:
            ArithmeticError: If a derivative is infinite or undefined, or overflows on the way;
                nothing is changed then.
            ValueError: If a leaf was edited after this node was recorded, or this is a constant.

        Example:
            >>> x = Value(3.0)
            >>> (x * x).backward()
            >>> x.grad
            6.0
        """
        if switches.watchers:
            switches.tell_swept("backward()")
        seed = seed if type(seed) is float else as_float(seed, "backward(seed)")
        reverse.backward(self, seed, sweeping.adjoints)

    def adjoints_of(self, inputs: Sequence[Value]) -> list[float]:
        """Return d self / d input for each input, as floats, writing no `.grad`.

        Example:
            >>> x, y = Value(3.0), Value(2.0)
            >>> (x * x * y).adjoints_of([x, y])
            [12.0, 9.0]
            >>> x.grad
            0.0
        """
        if switches.watchers:
            switches.tell_swept("adjoints_of()")
        reverse.inspect(self)
        found = sweeping.adjoints(self)
        return [found.get(node, 0.0) for node in inputs]

    def leaves(self) -> list[Value]:
        """Return the leaves this node depends on, constants left out, in topological order.

        Raises:
            ValueError: If one of them was edited after this node was recorded.

        Example:
            >>> x = Value(3.0, label="x")
            >>> (2.0 * x + x).leaves()
            [Value(data=3.0, grad=0.0, label='x')]
        """
        order = topological_order(self)
        reverse.refuse_stale(order)
        return [node for node in order if node.is_leaf and not node.is_constant]

    def zero_grad(self) -> None:
        """Set this node's gradient to 0.

        Example:
            >>> x = Value(3.0)
            >>> (x * x).backward()
            >>> x.zero_grad()
            >>> x.grad
            0.0
        """
        self.grad = 0.0

    def detach(self) -> Value:
        """Return the same number as a constant: no gradient flows through it.

        Example:
            >>> x = Value(3.0)
            >>> (x * x.detach()).backward()
            >>> x.grad
            3.0
        """
        switches.tell_frozen(self)
        return constant(self._data)

    def describe(self) -> str:
        """Return how errors name this node: its label, operation, data and source line.

        Example:
            >>> (Value(3.0) * 2.0).describe()
            'mul (data=6.0)'
        """
        return describe(self)

    def __repr__(self) -> str:
        if switches.watchers:
            switches.tell_frozen(self)
        label = f", label={self._label!r}" if self._label else ""
        return f"Value(data={self._data!r}, grad={self._grad!r}{label})"

    def _repr_html_(self) -> str:
        if switches.watchers:
            switches.tell_frozen(self)
        return value_html(self)

    def __dir__(self) -> list[str]:
        return elsewhere.listed(self)

    def __copy__(self) -> Value:
        return remade(copying.fields(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        copied: Value = copying.deep_copy(self, memo, remade)
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        return copying.reduce(self)


_new: Callable[[type[Value]], Value] = object.__new__


def recorded(data: float, primitive: Primitive, operands: tuple[Value | float, ...]) -> Value:
    """Return the node of a number that a primitive computed of operands that are no constants."""
    value = _new(Value)
    value._data = data
    value._primitive = primitive
    value._operands = operands
    value._stamp = _latest_edit
    value._grad = 0.0
    value._is_constant = False
    value._label = value._origin = None
    return value


for _name, _thing in [
    *recording.methods(Value, recorded).items(),
    *elsewhere.places(Value).items(),
]:
    setattr(Value, _name, _thing)


def constant(number: Any, primitive: Primitive | None = None) -> Value:
    """Return a plain number, perhaps an operand of `primitive`, as a node without a gradient."""
    value = _new(Value)
    value._data = number if type(number) is float else as_float(number, operand_of(primitive))
    value._label = value._origin = value._primitive = None
    value._stamp = _latest_edit
    value._grad = 0.0
    value._is_constant = True
    value._operands = ()
    return value


def values(numbers: Iterable[SupportsFloat]) -> list[Value]:
    """Return a list of new leaves, one for each number.

    Example:
        >>> values([1.0, 2.0])
        [Value(data=1.0, grad=0.0), Value(data=2.0, grad=0.0)]
    """
    return [Value(number) for number in primitives.listed("values", "numbers", numbers)]


def edits() -> int:
    """Return how often the data of a leaf was edited so far."""
    return _latest_edit


def numbers_of(values: Iterable[Value]) -> array[float]:
    """Return the data of Values as an array.

    Example:
        >>> numbers_of(values([1.0, 2.0]))
        array('d', [1.0, 2.0])
    """
    return array("d", [value._data for value in values])


def set_numbers(values: Sequence[Value], numbers: Sequence[float]) -> None:
    """Set the data of leaves, like an optimizer's step."""
    global _latest_edit
    pairs = list(zip(values, array("d", numbers), strict=True))
    for value, _ in pairs:
        if not value.is_leaf:
            value.data = 0.0  # raises: only leaves can be edited
    _latest_edit += 1
    stamps = [(value, _latest_edit) for value in values]
    # Each in one call of C, in which no handler of a signal can raise; stamps first, since an edit
    # that is noted and not done does no harm.
    deque(starmap(Value._stamp.__set__, stamps), maxlen=0)  # type: ignore[attr-defined]
    deque(starmap(Value._data.__set__, pairs), maxlen=0)  # type: ignore[attr-defined]


def add_to_gradients(values: Sequence[Value], numbers: Sequence[float]) -> None:
    """Add to the `.grad` of Values, like a sweep."""
    for value, number in zip(values, numbers, strict=True):
        value._grad += number


def restored(fields: tuple[Any, ...]) -> Value:
    """Return the node with these fields, which may come from anywhere.

    Raises:
        TypeError: If they are not those of a node.
        ValueError: If no node could have them.
    """
    return remade(copying.checked(fields, Value))


def remade(fields: tuple[Any, ...]) -> Value:
    """Return the node with these fields: the inverse of `copying.fields`."""
    global _latest_edit
    data, grad, label, primitive, is_constant, origin, stamp, operands = fields
    value = _new(Value)
    value._data = data if type(data) is float else float(data)
    value._grad = grad if type(grad) is float else float(grad)
    value._label = label
    value._stamp = stamp
    if stamp > _latest_edit:
        _latest_edit = stamp  # an edit from now on is later than this node
    value._primitive = primitive
    value._is_constant = is_constant
    value._origin = origin
    value._operands = operands
    return value
