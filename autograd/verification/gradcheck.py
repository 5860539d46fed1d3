"""Gradients held against finite differences: of a function, of a loss, of foreign code.

What is claimed is told in `claims`, how differences are made in `differences`, how both meet in
`comparing` and `projecting`, and what follows in `verdicts`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.callables import AnyFunction
from autograd.carriers import is_carrier
from autograd.functional import gradients
from autograd.selection import Value, values
from autograd.structure import flatten
from autograd.verification.checking import DIRECTIONS, FEW_INPUTS, MODES, Settings, check, listed
from autograd.verification.claims import OfArguments, OfForeignCode, OfParameters
from autograd.verification.foreign import ForeignCode
from autograd.verification.points import finite, named_parameters, unwrapped
from autograd.verification.verdicts import GradientError, Report


def check_grads(
    f: AnyFunction,
    *args: Any,
    order: int = 2,
    modes: Sequence[str] = MODES,
    precision: float = 1e-7,
    projections: int | None = None,
    seed: int = 0,
    f_error: float = 0.0,
) -> Report:
    """Verify the derivatives of f at args against finite differences, in every mode.

    Args:
        f: A function of numbers, arrays, or nested lists, tuples and dicts of them, whose result is
            one number: the same one each time for the same arguments.
        *args: The point. Every number in the arguments is an input; Values count as their data. In
            place of an array, f gets an array of Values.
        order: Up to which derivative. With 2, the Hessian is checked as well: of up to 10 inputs
            every entry, save the rows of inputs that stand on a kink; of more, its products with
            two random directions.
        modes: Which ways to differentiate: "reverse" (as `backward` does), "forward" (as `jvp`),
            "graph" (as `gradients`, whose result can be differentiated again).
        precision: How narrow an error bar has to be for a pass, relative to the slope of f.
        projections: For many inputs: along how many random directions to check instead of one
            input at a time; the second order by Hessian-vector products. None: 2 of more than 256
            inputs, which the report then says. Where a direction does
            not certify every input of typical effect, the inputs behind it are found and compared
            one at a time. An input of less than `precision` times that effect is below the error
            bar. With 0, everything is compared one at a time, whatever it takes.
        seed: Draws random directions, and the factors between the closest steps.
        f_error: How far off a value of f may be, if it is known: what the tolerance of a solver
            makes of it, half of the last printed digit. The error bar then is as wide as that makes
            it, and confirms as long as it stays below a hundredth of the slope. For order=1.

    Returns:
        The report, if every verdict is PASS or KINK.

    Raises:
        GradientError: If a derivative is wrong, or the error bar too wide to tell. The message
            names input, mode, both numbers, error bar, and the first wrong operation.
        ArithmeticError: If a derivative, of the second order too, is infinite or undefined.
        TypeError: If an argument is not made of numbers, or the result of f is not one number.
        ValueError: If there is no number to differentiate with respect to, if f is not finite, is
            random, or edits its inputs.

    Example:
        >>> report = check_grads(lambda p, x: (p["w"] * x).tanh(), {"w": 0.5}, 2.0)
        >>> report.verdict, [row.path for row in report.comparisons][:3]
        ('PASS', ["args[0]['w']", 'args[1]', "args[0]['w'] × args[0]['w']"])
        >>> check_grads(lambda xs: sum(x * x for x in xs), [0.5] * 100, projections=1).verdict
        'PASS'
    """
    if not modes or any(mode not in MODES for mode in modes):
        raise ValueError(f"modes must be some of {MODES}, got {modes!r}")
    settings = Settings(order, modes, precision, projections, seed, f_error)
    leaves, structure = flatten(list(args), "args")
    paths = structure.names("args")
    point = [finite(x, path) for x, path in zip(leaves, paths, strict=True)]
    if not point:
        raise ValueError("check_grads found no number in the arguments of f; give it a point")

    def of_inputs(inputs: Sequence[Any]) -> Any:
        if not is_carrier(inputs[0]):
            return unwrapped(f(*structure.build(values(inputs))))
        before = [node.data for node in inputs]
        result = unwrapped(f(*structure.build(inputs)))
        for node, number, path in zip(inputs, before, paths, strict=True):
            if node.data != number:
                raise ValueError(
                    f"f edits its inputs: {path} was {number!r} and is {node.data!r} after the "
                    "call; compute new numbers instead"
                )
        return result

    def recorded() -> list[Any]:
        output, inputs = subject.record(point)
        return _with_gradient(output, inputs, order)

    subject = OfArguments(of_inputs)
    name = getattr(f, "__name__", type(f).__name__)
    title = f"gradient of {'f' if name == '<lambda>' else name}"
    return check(subject, point, paths, settings, title, recorded)


def check_parameters(
    loss: Callable[[], Any],
    parameters: Any,
    *,
    order: int = 2,
    precision: float = 1e-7,
    projections: int | None = None,
    seed: int = 0,
    f_error: float = 0.0,
) -> Report:
    """Verify the gradient of a loss with respect to Values that it uses from outside.

    The parameters' data are varied in place and put back exactly, also when something goes wrong;
    no `.grad` is touched. Graphs recorded before the check count as edited: record them again.

    Args:
        loss: A function without arguments that computes the loss from the parameters.
        parameters: The Values: a list of them, as `model.parameters()`, or with names, a dict or
            a list of pairs, as `model.named_parameters()`; arrays and lists of Values as well.
        order, precision, projections, seed, f_error: As in `check_grads`.

    Returns:
        The report, if every verdict is PASS or KINK.

    Raises:
        GradientError: As in `check_grads`.
        TypeError: If a parameter is not a Value, or the loss is not one number.
        ValueError: If there are no parameters, one is computed, constant or there twice, the loss
            is not finite or is random.

    Example:
        >>> w, b = Value(0.5, label="w"), Value(-1.0, label="b")
        >>> check_parameters(lambda: (w * 3.0 + b).tanh(), [w, b], order=1)
        gradient of the loss: 2 PASS
          input              gradient  differences  ± error  verdict
          parameters[0] (w)  ...  PASS
          parameters[1] (b)  ...  PASS
    """
    settings = Settings(order, ("reverse", "graph"), precision, projections, seed, f_error)
    nodes, paths = named_parameters(parameters)
    point = [finite(node.data, path) for node, path in zip(nodes, paths, strict=True)]

    def recorded() -> list[Any]:
        subject.move_to(point)
        return _with_gradient(unwrapped(loss()), nodes, order)

    subject = OfParameters(lambda: unwrapped(loss()), nodes)
    try:
        return check(subject, point, paths, settings, "gradient of the loss", recorded)
    finally:
        subject.move_to(point)


def check_gradient(
    function: AnyFunction,
    gradient: Any,
    point: Any,
    *more: Any,
    precision: float | None = None,
    projections: int | None = None,
    seed: int = 0,
    f_error: float = 0.0,
) -> Report:
    """Verify a gradient that somebody else computed, of any function that can be called.

    What wrong claims have in common is said, where it is known: all off by one factor, with the
    wrong sign, transposed, shifted, swapped between two arguments, wrong in one entry, row or block
    only, computed in single precision.

    Args:
        function: Takes the point, returns one number: a float, or a scalar of an array library.
        gradient: What is claimed: a function of the point, or the numbers themselves, in the
            structure of the point; of several arguments a list of one for each, or a dict by their
            names.
        point: A float, a NumPy array of any shape, or nested lists, tuples and dicts of these. The
            function is called with new ones of the same kind; arrays of NumPy hold doubles.
        *more: Further arguments of the function. Where there are several, and of an array with
            several axes, entries have the names of the function's parameters: `W[1, 2]`.
        precision: As in `check_grads`. None: as narrow as the format of the function's result and
            of the claim allows, 1e-7 of doubles, 1e-2 of float32, which the report then says in
            its first line.
        projections, seed, f_error: As in `check_grads`.

    Returns:
        The report, if every verdict is PASS or KINK.

    Raises:
        GradientError: As in `check_grads`; foreign code has no graph, so no operation is named.
        TypeError: If point, result or gradient are not made of real numbers.
        ValueError: If the gradient has another shape than the point, or the function is not finite,
            is random, or changes its argument.

    Example:
        >>> f = lambda x: x[0] ** 2 * x[1]
        >>> check_gradient(f, lambda x: [2 * x[0] * x[1], x[0]], [3.0, 2.0])
        Traceback (most recent call last):
            ...
        autograd.GradientError: 1 of 2 derivatives are not confirmed (claimed gradient):
          FAIL  point[1]: gradient claims 3.0, differences give 9... ± ...
          only point[1] is wrong
        >>> import numpy as np
        >>> W, x = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([0.5, -1.0])
        >>> def loss(W, x):
        ...     return np.sum(np.tanh(W @ x))
        >>> def backward(W, x):
        ...     delta = 1.0 - np.tanh(W @ x) ** 2
        ...     return np.outer(x, delta), W.T @ delta
        >>> check_gradient(loss, backward, W, x)
        Traceback (most recent call last):
            ...
        autograd.GradientError: 2 of 6 derivatives are not confirmed (claimed gradient):
          FAIL  W[0, 1]: gradient claims 0.0132..., differences give -0.180... ± ...
          FAIL  W[1, 0]: gradient claims -0.180..., differences give 0.0132... ± ...
          the claims of W are the transpose; all else is right
    """
    Settings(1, ("gradient",), precision, projections, seed, f_error)
    code = ForeignCode(function, gradient, (point, *more))
    subject, start = OfForeignCode(code), code.form.start
    # What it returns says in which format it computes.
    value, _ = subject.evaluate(start), subject.claims(start, ("gradient",))
    kinds = code.format, code.format_of_claims, value
    settings = Settings(1, ("gradient",), precision, projections, seed, f_error, *kinds)
    return check(subject, start, code.form.names, settings, "claimed gradient", list)


def assert_grads(
    f: AnyFunction, *args: Any, order: int = 2, kinks: bool = False, **options: Any
) -> None:
    """Assert in a test that the derivatives of f at args are right, to second order.

    `check_grads` with what suits a test: of more than 10 inputs, the first order along random
    directions too, and a point on a kink counts as a badly chosen one.

    Args:
        f, *args, order: As in `check_grads`.
        kinks: Whether the verdict KINK is accepted.
        **options: Further arguments of `check_grads`.

    Raises:
        GradientError: An AssertionError, if a verdict is not PASS.

    Example:
        >>> assert_grads(lambda x, y: (x * y).tanh(), 0.5, 2.0)
        >>> assert_grads(abs, 0.0)
        Traceback (most recent call last):
            ...
        autograd.GradientError: 1 of 1 derivatives are at a kink (gradient of abs):
          KINK  args[0]: reverse, forward, graph modes give 0.0, differences give -1 from the ...
    """
    if len(flatten(list(args), "args")[0]) > FEW_INPUTS:
        options.setdefault("projections", DIRECTIONS)
    report = check_grads(f, *args, order=order, **options)
    rows = [row for row in report.comparisons if row.verdict == "KINK"]
    if rows and not kinks:
        raise GradientError(listed(report, rows, "at a kink"), report)


def _with_gradient(output: Any, inputs: Sequence[Value], order: int) -> list[Any]:
    # The graph of the gradient too: what is wrong in second order only is to be found there.
    if order == 1 or not isinstance(output, Value):
        return [output]
    return [output, *gradients(output, inputs)]
