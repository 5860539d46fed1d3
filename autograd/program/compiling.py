"""compile: a function, or a recorded graph, becomes a program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeAlias, overload

from autograd.callables import AnyFunction
from autograd.program.program import Program
from autograd.program.record.arguments import Arguments, CallForm, arguments_of
from autograd.program.record.signature import signature, taken_apart
from autograd.program.record.tracing import code_of
from autograd.program.variants.variant import Variant
from autograd.selection import Value
from autograd.structure import flatten

Chosen: TypeAlias = "int | str | Iterable[int | str] | None"
_NO_FUNCTION: Any = object()


@overload
def compile(
    *,
    parameters: Any = None,
    uniform: Chosen = None,
    static: Chosen = None,
    name: str | None = None,
    checked: bool | None = None,
) -> Callable[[Callable[..., Any]], Program]: ...
@overload
def compile(
    f: AnyFunction,
    inputs: Any = None,
    parameters: Any = None,
    *,
    uniform: Chosen = None,
    static: Chosen = None,
    name: str | None = None,
    checked: bool | None = None,
) -> Program: ...
@overload
def compile(
    f: object,
    inputs: Any = None,
    parameters: Any = None,
    *,
    uniform: Chosen = None,
    static: Chosen = None,
    name: str | None = None,
    checked: bool | None = None,
) -> Program: ...
def compile(
    f: Any = _NO_FUNCTION,
    inputs: Any = None,
    parameters: Any = None,
    *,
    uniform: Chosen = None,
    static: Chosen = None,
    name: str | None = None,
    checked: bool | None = None,
) -> Any:
    """Return a program: a function, or a recorded graph, that runs at native speed.

    Args:
        f: A function of numbers, arrays, and nested lists, tuples and dicts of numbers, recorded
            when it is first called; or a recorded graph: its output, a Value, or lists, tuples and
            dicts of outputs. Without it, a decorator that takes the function: `@compile(name="f")`.
        inputs: Of a graph: the list of leaves that are the program's arguments; lists of leaves
            make arguments that are lists.
        parameters: The Values whose gradients are wanted, in this order; all that the function or
            graph uses beside its arguments, if not given. Others are read at every call, too.
        uniform: Of a function: the names or positions of arguments that are the same for all rows
            of a batch, such as weights.
        static: Of a function: the names or positions of arguments that are plain values to it:
            whole numbers for `range` or an index, text, None, True, a model. For each other value
            it is recorded anew.
        name: The program's name; the function's, if not given.
        checked: Of a function: when to look whether something that it reads from outside is no
            longer as it was. True: at each call; False: at each batch and training only; None: at
            each call where that is little: up to 4096 names, 32 numbers of a list or an array for
            each, or as many as the program has instructions.

    Arguments are given by position or by name, and defaults stand in for them, as in the function.
    Compiled in a class, a function is a method: each object has a program of its own.

    A branch on a Value that the function takes is recorded with it: a call that would branch
    otherwise records the function again. Of a compiled graph the branches are frozen. Values that
    the function uses from outside (a model's weights) are read at every call.

    What is no Value is recorded as it is. Where such a thing from outside has changed since (a
    plain number, a list, an array, an attribute, a function, and a Value put in the place of
    another), the function is recorded anew: its code says what it reads, from its closure, globals
    and defaults on; the environment (`os.environ`) and context variables are looked at, too. A
    file, a number that a library has (`math.pi`, a precision of `decimal`), what text for `eval`
    names, or what C code holds is not; a function that does something else each time it is
    recorded, as one that draws random numbers or asks a clock, is refused.

    Results on single points are those of eager code bit for bit, errors too: where something is not
    finite, the point is run again eagerly. In batches they are off by 4 ulp an operation at most,
    with eager code's errors. These differences remain (`AGREEMENT.md` has their reasons):

    - What the function computes and no result uses is not recorded, and cannot fail any more; what
      a result uses, if only in a branch of `where`, or in the value behind a compiled derivative,
      fails as in eager code, unless it merely overflows.
    - A derivative that is zero is 0.0, as in `.grad`; eager code's is -0.0 here and there where it
      makes a graph of it.
    - NaN in a batch is refused, unless `not_finite="keep"`.
    - A program without its function raises ValueError where it knows no way that fits, and where
      several operations fail, the error of the first in its listing.
    - Emitted C and JavaScript have no errors, and emitted text treats infinities as IEEE does.

    Raises:
        TypeError: If f is neither a function nor a recorded graph, or arguments do not fit it.
        ValueError: If an input is not a leaf of its own.

    Example:
        >>> program = compile(lambda x, y: x * y + x**2)
        >>> program(3.0, 4.0)
        21.0
        >>> program.value_and_grad(3.0, 4.0)
        (21.0, (10.0, 3.0))
        >>> w, x = Value(2.0, "w"), Value(5.0, "x")
        >>> line = compile(w * x + 1.0, inputs=[x])
        >>> w.data = 3.0
        >>> line(10.0)
        31.0
    """
    if f is _NO_FUNCTION:
        if inputs is not None:
            raise TypeError("inputs belong to a recorded graph; compile(graph, inputs)")
        return partial(
            _of_function,
            parameters=parameters,
            uniform=uniform,
            static=static,
            name=name,
            checked=checked,
        )
    if isinstance(f, (classmethod, staticmethod)) or (callable(f) and not isinstance(f, Value)):
        if inputs is not None:
            raise TypeError("inputs belong to a recorded graph; a function has arguments")
        return _of_function(f, parameters, uniform, static, name, checked)
    for option, given in (("uniform", uniform), ("static", static), ("checked", checked)):
        if given is not None:
            raise TypeError(f"{option} belongs to a function; a graph is recorded")
    return _of_graph(f, inputs, parameters, name or "program")


def _of_function(
    f: Any, parameters: Any, uniform: Any, static: Any, name: str | None, checked: bool | None
) -> Program:
    if isinstance(f, (classmethod, staticmethod)):
        raise TypeError(f"write @{type(f).__name__} above @compile: that takes the function inside")
    if not callable(f) or isinstance(f, Value):
        raise TypeError(f"compile needs a function, got {f!r:.80}")
    arguments = arguments_of(f)
    shared = arguments.chosen(uniform, "uniform")
    arguments = arguments._replace(static=frozenset(arguments.chosen(static, "static")))
    both = arguments.static.intersection(shared)
    if both:
        raise ValueError(f"{min(both)} is uniform and static; what is static is not differentiated")
    listed = None if parameters is None else _checked_parameters(parameters)
    called = name or getattr(f, "__name__", type(f).__name__).strip("<>")
    if checked not in (None, True, False):
        raise TypeError(f"checked is True, False or None, got {checked!r}")
    return Program(f, called, arguments, shared, (), listed, checked)


def _of_graph(outputs: Any, inputs: Any, parameters: Any, name: str) -> Program:
    found, structure = flatten(outputs, "the outputs")
    if not any(isinstance(output, Value) for output in found):
        raise TypeError(f"compile needs a function or a recorded graph, got {outputs!r}")
    if isinstance(inputs, Value):
        raise TypeError("inputs is a list of leaves: write [x] for one")
    names = _names_of_inputs(inputs or ())
    call = taken_apart(tuple(inputs or ()), CallForm(tuple(names), tuple(range(len(names)))))
    given = _checked_leaves(call.numbers, "inputs")
    listed = _checked_parameters(parameters or ())
    if len({*given, *listed}) < len(given) + len(listed):
        raise ValueError("a leaf is named twice among inputs and parameters")
    how = signature(call.structure, names, ())
    code, others = code_of(found, [*given, *listed], len(given))
    trained = None if parameters is None else len(listed)
    variant = Variant(code, how, [*listed, *others], structure, trained)
    return Program(None, name, Arguments(tuple(names), len(names)), (), [variant])


def _checked_leaves(things: Iterable[Any], where: str) -> list[Value]:
    leaves = []
    for position, thing in enumerate(things):
        if not isinstance(thing, Value):
            raise TypeError(f"{where} must be leaves of the graph, got {thing!r} at {position}")
        if not thing.is_leaf or thing.is_constant:
            raise ValueError(f"{where} must be leaves of the graph, got {thing.describe()}")
        leaves.append(thing)
    return leaves


def _checked_parameters(parameters: Any) -> list[Value]:
    if isinstance(parameters, Value) or not isinstance(parameters, Iterable):
        raise TypeError(
            f"parameters is a list of Values, for example model.parameters(), got {parameters!r}"
        )
    listed = _checked_leaves(parameters, "parameters")
    if len(set(listed)) < len(listed):
        raise ValueError("a Value is named twice among the parameters")
    return listed


def _names_of_inputs(inputs: Sequence[Any]) -> list[str]:
    names = []
    for position, thing in enumerate(inputs):
        label = thing.label if isinstance(thing, Value) else None
        names.append(label or f"x{position + 1}")
    return names
