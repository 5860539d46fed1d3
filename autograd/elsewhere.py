"""What code written for micrograd or PyTorch asks of a node: answered, or told what to use here."""

from __future__ import annotations

from typing import Any, NoReturn

from autograd import primitives
from autograd.reverse import local_derivatives, stale

_ONE_NUMBER = "a Value is one number: numbers of a shape are lists, or NumPy arrays, of Values"
_EDIT = "edit a leaf in place, `x.data += 0.1`, or compute a new Value"
_MANY = "of several Values it is a function: `autograd.{}([a, b, c])`"
_PLAIN = "a Value is a Python float on no device: leave it out"
_OPERAND = "operations record their operands: read `.parents`, or as in micrograd `._prev`"

# What to use instead of a name that a Value does not have.
ADVICE = {
    **dict.fromkeys(("item", "tolist", "value", "val"), "the number is `.data`"),
    "numpy": "the number is `.data`; of many Values `np.array([x.data for x in xs])`",
    **dict.fromkeys(("shape", "size", "ndim", "dim", "numel", "T", "t", "view"), _ONE_NUMBER),
    **dict.fromkeys(("reshape", "squeeze", "unsqueeze", "flatten", "transpose"), _ONE_NUMBER),
    **dict.fromkeys(("cpu", "cuda", "to", "device", "dtype", "float", "double", "type"), _PLAIN),
    "astype": _PLAIN,
    "contiguous": _PLAIN,
    **dict.fromkeys(
        ("requires_grad", "requires_grad_"),
        "every Value has a gradient unless `.is_constant`: make a constant with `.detach()`, or "
        "record nothing in `with autograd.no_grad():`",
    ),
    "detach_": "nodes do not change: write `x = x.detach()`",
    "stop_gradient": "write `x.detach()`",
    "clone": "write `+x`, through which gradients flow, or `copy.copy(x)`",
    "copy": "write `copy.copy(x)`, or `+x`, through which gradients flow",
    "grad_fn": "the operation is `.primitive`, its operands are `.parents`",
    **dict.fromkeys(("children", "_children", "prev", "inputs"), _OPERAND),
    "name": "the name is `.label`",
    "gradient": "the gradient is `.grad`; of functions see `autograd.grad`",
    "retain_grad": "nothing to do: `.grad` of every node is kept",
    "register_hook": "look at `autograd.backward_steps(output)` to see each step of a sweep",
    "zero_": "write `x.zero_grad()` for the gradient, `x.data = 0.0` for the number",
    **dict.fromkeys(("add_", "sub_", "mul_", "div_", "copy_", "fill_", "assign"), _EDIT),
    **{name: _MANY.format(name) for name in ("sum", "mean", "prod", "norm", "softmax")},
    "max": "of two it is `autograd.maximum(a, b)`",
    "min": "of two it is `autograd.minimum(a, b)`",
    **dict.fromkeys(("clamp", "clamp_"), "write `autograd.clip(x, low, high)`"),
    **dict.fromkeys(("matmul", "mm"), "of two lists of Values it is `autograd.dot(a, b)`"),
    "rsqrt": "write `1 / x.sqrt()`",
}


class Elsewhere:
    """The place of a name that other libraries have: reading or setting it says what to use."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.__doc__ = f"Not here: {ADVICE[name]}."

    def __get__(self, node: Any, owner: type) -> Any:
        """Return this place itself for the class; raise for a node.

        Raises:
            AttributeError: What to use instead.
        """
        return self if node is None else self._refuse()

    def __set__(self, node: Any, thing: Any) -> None:
        """Raise an AttributeError that says what to use instead."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise AttributeError(f"a Value has no {self._name!r}: {ADVICE[self._name]}")


def places(kind: type) -> dict[str, Elsewhere]:
    """Return what to put into a class for every name that it does not have."""
    return {name: Elsewhere(name) for name in ADVICE if not hasattr(kind, name)}


def listed(node: Any) -> list[str]:
    """Return the names that a node has, without those that only say what to use instead."""
    kind = type(node)
    return [x for x in object.__dir__(node) if not isinstance(getattr(kind, x, None), Elsewhere)]


def no_label(thing: Any) -> str:
    """Return the message about a label that is none, which may be meant as micrograd's operands."""
    meant = ""
    if isinstance(thing, (tuple, set, list)):
        meant = (
            "; operands are not given but recorded: compute with operations, or make one of your "
            "own with autograd.Primitive"
        )
    return f"a label is a str or None, got {thing!r:.80}{meant}"


def prev(node: Any) -> set[Any]:
    """Return the operands as micrograd has them: a set, without the exponent of `x**2`.

    Example:
        >>> from autograd import Value
        >>> x = Value(3.0)
        >>> prev(x**2) == prev(x * x) == {x}
        True
    """
    return set(node.parents[:1] if _exponent(node) else node.parents)


def op(node: Any) -> str:
    """Return the operation as micrograd writes it: the exponent of `x**2` is a part of it.

    Example:
        >>> from autograd import Value
        >>> op(Value(3.0) ** 2), op(Value(3.0) ** -0.5), op(2.0 ** Value(3.0))
        ('**2', '**-0.5', '**')
    """
    return str(node.op + _exponent(node))


def _exponent(node: Any) -> str:
    if node.primitive is not primitives.pow:
        return ""
    exponent = node.parents[1]
    if not exponent.is_constant or exponent.label:
        return ""
    return f"{exponent.data:.17g}" if exponent.data.is_integer() else repr(exponent.data)


def step(node: Any) -> None:
    """Do this node's step of a reverse sweep: add to each operand's `.grad` what flows into it.

        parent.grad += ∂node/∂parent · node.grad

    Raises:
        ArithmeticError: If a derivative is infinite or undefined; nothing is changed then.
        ValueError: If an operand was edited after this node was recorded.

    Example:
        >>> from autograd import Value
        >>> x, w = Value(2.0), Value(-3.0)
        >>> y = x * w
        >>> y.grad = 0.5
        >>> step(y)
        >>> x.grad, w.grad
        (-1.5, 1.0)
    """
    for parent in node.parents:
        if parent.stamp > node.stamp:
            raise ValueError(stale(parent, node))
    above = node.grad
    shares = [d if d is None else d * above for d in local_derivatives(node, above)]
    for parent, share in zip(node.parents, shares, strict=True):
        if share is not None:
            parent.grad += share
