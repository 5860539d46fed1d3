"""What an operation is: a frozen record of its value, its partial derivatives and its spellings.

This room knows nothing of nodes, graphs or particular operations. A number that wants to take part
in an operation (a graph node, a dual number, a symbol) says so with two attributes:
`carrier_level`, which settles who handles a mixed expression, and `apply_primitive`, which does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from math import isfinite
from types import CodeType
from typing import Any

from autograd.arrays import elementwise, has_elements
from autograd.carriers import is_carrier
from autograd.many_operands import Elementwise, Pairwise, Partial
from autograd.real_numbers import as_float
from autograd.streams import printed_anywhere

# Python's own arithmetic errors, which are made from a message alone.
PLAIN_ERRORS = (ArithmeticError, FloatingPointError, OverflowError, ValueError, ZeroDivisionError)
_OPERANDS_SHOWN = 4
_RULE_BOOK = "autograd.primitives"
_CO_VARARGS = 0x04  # as in `inspect`, which would take a quarter of the time of `import autograd`


@printed_anywhere
class Primitive:
    """An elementary operation: its value, and one partial derivative per operand, each stated once.

    The partials have the signature `(out, *operands)` and use only operators, other primitives and
    float constants, so the same line runs on floats (backward), on graph nodes (higher order), on
    dual numbers (forward mode) and on symbols (formulas, C, JavaScript).

    Attributes:
        name: The operation's name, as in `math` or NumPy.
        forward: The value, a function of floats; raises what `math` raises.
        partials: One function per operand (None: not differentiable in it); for a variadic
            operation one function that returns the partials of all operands: `Elementwise`,
            `Pairwise`, or a function of your own.
        pack: For a variadic operation, turns the arguments of a call into the operands.
        defaults: Values of trailing operands that may be left out.
        arity: The number of operands, or -1 for a variadic operation.
        symbol: How the operation is written in a drawing; the name unless it is an infix operator.
        binding: How tightly an operator binds: 1 for sums, 2 for products, 4 for powers; 0 for an
            operation that is written as a function.
        c: The value in C, where it is not `name(operands)`.
        javascript: The value in JavaScript, where it is not the C text with `Math.` in front.
        numpy: The value in NumPy, where it is not the C text: a function's name, or an expression
            of arrays; of the list x for a variadic operation.
        latex: The value in LaTeX, where it is not an upright function name.
        means: For an operation that only rules use, what people write for it: a formula of the
            operands in better known operations, equal in real numbers; None where there is none.
        same_bits_in_c: Whether the C text gives the bits that `forward` gives.
        domain: Where value and derivatives exist, as a Python condition on the operand names.
        exists: Where the value exists, where that is more than `domain`.
        ieee: What IEEE arithmetic gives where `forward` raises, a function of the operands; without
            it infinity for an overflow, else NaN.
        note: What is chosen at a kink, a tie or another special point.
        is_commutative: Whether the two operands may change places without changing a bit.
        is_bounded: Whether the result is finite whatever the operands.
        is_never_negative_zero: Whether the result is never -0.0, so that adding 0.0 leaves it.
        neutral: For every operand the infinity that has no effect there, None if each has one.
        is_reference: Whether the result is a point of reference, of derivative 0 by decree: what is
            computed relative to it does not depend on it, and no difference confirms the 0.

    Example:
        >>> square = Primitive("square", lambda x: x * x, (lambda out, x: 2.0 * x,))
        >>> square(3.0)
        9.0
        >>> square.partials[0](9.0, 3.0)
        6.0
        >>> square.operand_names, square.is_variadic
        (('x',), False)
    """

    def __init__(
        self,
        name: str,
        forward: Callable[..., float],
        partials: tuple[Partial | None, ...] | Partial,
        *,
        pack: Callable[..., Sequence[Any]] | None = None,
        defaults: tuple[float, ...] = (),
        symbol: str = "",
        binding: int = 0,
        c: str = "",
        javascript: str = "",
        numpy: str = "",
        latex: str = "",
        means: Callable[..., Any] | None = None,
        same_bits_in_c: bool = True,
        domain: str = "",
        exists: str = "",
        ieee: Callable[..., float] | None = None,
        note: str = "",
        is_commutative: bool = False,
        is_bounded: bool = False,
        is_never_negative_zero: bool = False,
        neutral: tuple[float | None, ...] = (),
        is_reference: bool = False,
    ) -> None:
        self.__module__ = _module_of_caller()
        self.name = name
        self.forward = forward
        self.partials = partials
        self.pack = pack
        self.defaults = defaults
        self.symbol = symbol or name
        self.binding = binding
        self.c = c
        self.javascript = javascript
        self.numpy = numpy
        self.latex = latex
        self.means = means
        self.same_bits_in_c = same_bits_in_c
        self.domain = domain
        self.exists = exists
        self.ieee = ieee
        self.note = note
        self.is_commutative = is_commutative
        self.is_bounded = is_bounded
        self.is_never_negative_zero = is_never_negative_zero
        self.neutral = neutral
        self.is_reference = is_reference
        if isinstance(partials, tuple):
            self._check_signatures(partials)
        elif not _takes_any_number(partials):
            raise TypeError(
                f"the partials of {name} are one function, not a tuple of functions: for an "
                "operation of one operand write (lambda out, x: ...,) with the comma"
            )
        for position, partial in enumerate(self._stated_partials()):
            if partial is not None:
                _name_in_tracebacks(partial, f"partial_{position}_of_{name}")
        # Those that are sure to return floats of floats: the rule book's, stated one per operand.
        is_ours = self.__module__ == _RULE_BOOK
        self.checked_partials = partials if is_ours and isinstance(partials, tuple) else ()
        self.arity = len(partials) if isinstance(partials, tuple) else -1  # the last: now frozen

    def __setattr__(self, name: str, value: Any) -> None:
        if "arity" in vars(self):
            raise AttributeError(f"{self!r} cannot be changed; replace() makes another one")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{self!r} cannot be changed; replace() makes another one")

    def replace(self, **changes: Any) -> Primitive:
        """Return another operation that differs in some attributes.

        Example:
            >>> square = Primitive("square", lambda x: x * x, (lambda out, x: 2.0 * x,))
            >>> wrong = square.replace(partials=(lambda out, x: 3.0 * x,))
            >>> wrong.name, wrong.partials[0](9.0, 3.0)
            ('square', 9.0)
        """
        code = Primitive.__init__.__code__
        names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
        return type(self)(**{**{name: getattr(self, name) for name in names}, **changes})

    __replace__ = replace  # of copy.replace, from Python 3.13 on

    def _check_signatures(self, partials: tuple[Partial | None, ...]) -> None:
        for position, partial in enumerate(partials):
            if partial is None:
                continue
            if not callable(partial):
                raise TypeError(f"partial {position} of {self.name} is {partial!r}, not a function")
            if _takes_any_number(partial):
                continue
            if not hasattr(partial, "__code__"):
                raise TypeError(
                    f"partial {position} of {self.name} is {partial!r}; write a function of out "
                    f"and the operands, such as lambda out, x: cos(x), with operations of autograd"
                )
            if partial.__code__.co_argcount != len(partials) + 1:
                raise TypeError(
                    f"partial {position} of {self.name} takes {partial.__code__.co_argcount} "
                    f"arguments; {len(partials)} partials are called with out and "
                    f"{len(partials)} operands"
                )

    def _stated_partials(self) -> tuple[Partial | None, ...]:
        if isinstance(self.partials, Elementwise):
            return (self.partials.partial, self.partials.of_last)
        if isinstance(self.partials, Pairwise):
            return (self.partials.of_left, self.partials.of_right)
        return self.partials if isinstance(self.partials, tuple) else (self.partials,)

    @property
    def is_variadic(self) -> bool:
        """Whether the operation takes any number of operands."""
        return not isinstance(self.partials, tuple)

    @property
    def operand_names(self) -> tuple[str, ...]:
        """The operands' names, read from the signature of a partial; empty when variadic."""
        if not isinstance(self.partials, tuple):
            return ()
        stated = next(partial for partial in self.partials if partial is not None)
        code: CodeType = stated.__code__
        return code.co_varnames[1 : code.co_argcount]

    @property
    def numpy_name(self) -> str:
        """The name NumPy has for the operation, where it is another one.

        Example:
            >>> from autograd import primitives
            >>> primitives.asin.numpy_name, primitives.sin.numpy_name
            ('arcsin', '')
        """
        name = self.numpy
        return name if name.isidentifier() and name != self.name else ""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Apply the operation to numbers, graph nodes, dual numbers, symbols, or arrays of them."""
        __tracebackhide__ = True
        if len(arguments) == self.arity and not named:
            for argument in arguments:
                if type(argument) is not float:
                    break
            else:
                try:
                    out = self.forward(*arguments)
                    return out if type(out) is float else self._float(out)
                except (ArithmeticError, ValueError) as error:
                    raise in_operation(error, self, arguments, repr) from self.cause(error)
        return self.apply(self._operands(arguments, named))

    def apply(self, operands: Sequence[Any]) -> Any:
        """Apply the operation to operands in the order of its partials; arrays by element.

        Example:
            >>> from autograd.primitives import mul
            >>> mul.apply((2.0, 3.0))
            6.0
        """
        __tracebackhide__ = True
        carrier = None
        highest = -1
        for operand in operands:
            if type(operand) is not float:
                if is_carrier(operand):
                    if operand.carrier_level > highest:
                        carrier, highest = operand, operand.carrier_level
                elif isinstance(operand, (float, int)) or self.arity < 0:
                    continue
                elif has_elements(operand):
                    return elementwise(self, operands, self.name)
        if carrier is not None:
            return carrier.apply_primitive(self, operands)
        numbers = [as_float(operand, f"an operand of {self.name}") for operand in operands]
        try:
            return self.value(numbers)
        except (ArithmeticError, ValueError) as error:
            raise in_operation(error, self, numbers, repr) from self.cause(error)

    def value(self, numbers: Sequence[float]) -> float:
        """Return `forward` of floats as a float.

        Raises:
            TypeError: If `forward` returns something that is not one real number.

        Example:
            >>> Primitive("nothing", lambda x: None, (lambda out, x: 1.0,)).value([2.0])
            Traceback (most recent call last):
                ...
            TypeError: the value of nothing needs a real number, got None: does forward return it?
        """
        out = self.forward(*numbers)
        return out if type(out) is float else self._float(out)

    def _float(self, out: Any) -> float:
        return _returned(out, f"the value of {self.name}", "forward")

    def cause(self, error: Exception) -> Exception | None:
        """Return what an error that says more than this one is raised from.

        Where an operation of the user's own failed, the traceback goes there. Of the rule book's it
        would begin in here, with nothing that the new error does not say.

        Example:
            >>> from autograd.primitives import log
            >>> log.cause(ValueError("of the rule book")) is None
            True
        """
        return None if self.__module__ == _RULE_BOOK else error

    @property
    def checked_forward(self) -> Callable[..., float]:
        """The function `forward`, sure to return a float: as it is if it is the rule book's.

        Example:
            >>> Primitive("two", lambda x: 2, (lambda out, x: 0.0,)).checked_forward(1.0)
            2.0
        """
        is_ours = self.__module__ == _RULE_BOOK
        return self.forward if is_ours else lambda *numbers: self.value(numbers)

    def derivatives(
        self, out: Any, operands: Sequence[Any], wanted: Sequence[bool]
    ) -> list[Any | None]:
        """Return the partial derivative for every wanted operand, and None for the others.

        Only wanted partials are evaluated: `x ** 3` never asks for `log(x)`.

        Raises:
            ArithmeticError: If a wanted derivative is infinite although every operand is finite,
                or whatever computing it raised.
            TypeError: If the operation is not differentiable in a wanted operand.

        Example:
            >>> from autograd.primitives import mul
            >>> mul.derivatives(6.0, (2.0, 3.0), (True, False))
            [3.0, None]
        """
        partials = self.partials
        found: list[Any | None]
        if isinstance(partials, tuple):
            found = [
                self._stated(partial, position)(out, *operands) if is_wanted else None
                for position, (partial, is_wanted) in enumerate(zip(partials, wanted, strict=True))
            ]
        else:
            if isinstance(partials, (Elementwise, Pairwise)):
                together = partials.wanted(out, operands, wanted)
            else:
                together = partials(out, *operands)
            if len(together) != len(operands):
                raise TypeError(
                    f"the partials of {self.name} returned {len(together)} derivatives for "
                    f"{len(operands)} operands"
                )
            found = [d if want else None for d, want in zip(together, wanted, strict=True)]
        for position, derivative in enumerate(found):
            if type(derivative) is float:
                if derivative - derivative != 0.0:  # infinite or NaN
                    _refuse_infinite(derivative, position, operands)
            elif wanted[position]:
                found[position] = self._checked(derivative, position, operands)
        return found

    def _stated(self, partial: Partial | None, position: int) -> Partial:
        if partial is None:
            raise TypeError(
                f"{self.name} is not differentiable in its operand "
                f"{self.operand_names[position]!r}; pass a plain number there"
            )
        return partial

    def _checked(self, derivative: Any, position: int, operands: Sequence[Any]) -> Any:
        """Return what a rule returned, if it is a number; a float if it is a plain one."""
        if not is_carrier(derivative):
            where = f"the derivative of {self.name} by its operand {position}"
            derivative = _returned(derivative, where, "its partial")
        if not isfinite(_data(derivative)):
            _refuse_infinite(derivative, position, operands)
        return derivative

    def _operands(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> Sequence[Any]:
        if self.pack is not None:
            return self.pack(*arguments, **named)
        arity = self.arity
        if arity < 0:
            raise TypeError(
                f"{self.name} takes any number of operands and does not say how they are given: "
                f"use {self.name}.apply(operands), or define it with pack=..."
            )
        if len(arguments) == arity and not named:
            return arguments
        names = self.operand_names
        operands = dict(zip(names[arity - len(self.defaults) :], self.defaults, strict=True))
        given = dict(zip(names, arguments, strict=False))
        unknown = [name for name in named if name not in names or name in given]
        operands.update(given)
        operands.update(named)
        if len(arguments) > arity or unknown or len(operands) < arity:
            raise TypeError(
                f"{self.name}({', '.join(names)}) takes {arity} operands; got "
                f"{len(arguments)} by position" + (f" and {', '.join(named)}" if named else "")
            )
        return [operands[name] for name in names]

    def __reduce__(self) -> str:
        # As a function does: by its module and its name there.
        module: Any = sys.modules.get(self.__module__)
        home: dict[str, Any] = {} if module is None else vars(module)
        names = [name for name in (self.name, *home) if home.get(name) is self]
        if not names:
            raise TypeError(
                f"{self!r} has no name at the top level of the module {self.__module__}, where it "
                "was made, so a pickle could not say which it is; make it there, or pickle the "
                "parameters"
            )
        return names[0]

    def __deepcopy__(self, memo: dict[int, Any]) -> Primitive:
        return self

    def __repr__(self) -> str:
        return f"<primitive {self.name}({', '.join(self.operand_names) or '...'})>"


def _data(number: Any) -> float:
    return number if type(number) is float else number.data


def _refuse_infinite(derivative: Any, position: int, operands: Sequence[Any]) -> None:
    # An infinity that came in with the operands may pass on, as in float arithmetic.
    if all(isfinite(_data(operand)) for operand in operands):
        raise ArithmeticError(f"with respect to operand {position} it is {_data(derivative)}")


def reason(error: Exception) -> str:
    """Return what an error says, without an error number."""
    return str(error.args[-1]) if error.args else type(error).__name__


def in_operation(
    error: Exception,
    primitive: Primitive,
    operands: Sequence[Any],
    describe: Callable[[Any], str],
    place: str = "",
) -> Exception:
    """Return an error of the same type that says which operation of which operands failed.

    An exception of another kind (an operation of the user's own may raise any) is raised as it is.
    """
    if type(error) not in PLAIN_ERRORS:
        raise error
    shown = ", ".join(map(describe, operands[:_OPERANDS_SHOWN]))
    more = f", ... ({len(operands)} operands)" if len(operands) > _OPERANDS_SHOWN else ""
    return type(error)(f"{reason(error)}: in {primitive.name} of {shown}{more}{place}")


def _returned(result: Any, where: str, by: str) -> float:
    """Return what a user's function returned as a float, or say which function it was."""
    try:
        return as_float(result, where)
    except TypeError as error:
        raise TypeError(f"{error}: does {by} return it?") from None


def _module_of_caller() -> str:
    """Return the module of the code that makes an operation."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    name: str = frame.f_globals.get("__name__", "__main__")
    return name


def _from_the_rule_book(name: str) -> Any:
    # What pickles written by version 0.1 call.
    return getattr(sys.modules[_RULE_BOOK], name)


def _takes_any_number(function: Partial) -> bool:
    code = getattr(function, "__code__", None)
    return code is None or bool(code.co_flags & _CO_VARARGS)


def _name_in_tracebacks(function: Partial, name: str) -> None:
    if function.__name__ == "<lambda>":
        function.__code__ = function.__code__.replace(co_name=name)
        function.__name__ = function.__qualname__ = name
