"""Gradients held against finite differences: of a function, of a loss, of foreign code.

What is claimed is told in `claims`, how differences are made in `differences`, how both meet in
`comparing`, and what follows in `verdicts`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from autograd.functional import gradients
from autograd.primitive import as_float
from autograd.recording import enable_grad, record_locations
from autograd.selection import Value, values
from autograd.structure import flatten
from autograd.verification.claims import OfArguments, OfForeignCode, OfParameters, Point, Subject
from autograd.verification.comparing import compare_along, compare_each
from autograd.verification.culprits import first_wrong_operation
from autograd.verification.foreign import as_lists, claimed_by, evaluator
from autograd.verification.verdicts import VERDICTS, Comparison, GradientError, Report

MODES = ("reverse", "forward", "graph")
# More inputs than this, and `assert_grads` checks along random directions.
_MANY_INPUTS = 16
_LISTED = 8
_NO_CULPRIT = (
    "every operation is right by itself: look for a number taken out of the graph (.data, "
    "detach()), or for rounding where large contributions cancel"
)


def check_grads(
    f: Callable[..., Any],
    *args: Any,
    order: int = 1,
    modes: Sequence[str] = MODES,
    precision: float = 1e-7,
    projections: int | None = None,
    seed: int = 0,
) -> Report:
    """Verify the derivatives of f at args against finite differences, in every mode.

    Args:
        f: A function of numbers, or of nested lists, tuples and dicts of numbers, whose result is
            one number: the same one each time for the same arguments.
        *args: The point. Every number in the arguments is an input; Values count as their data.
        order: Up to which derivative: with 2, every entry of the Hessian is checked as well, save
            the rows of inputs that stand on a kink.
        modes: Which ways to differentiate: "reverse" (as `backward` does), "forward" (as `jvp`),
            "graph" (as `gradients`, whose result can be differentiated again).
        precision: How narrow an error bar has to be for a pass, relative to the slope of f.
        projections: For many inputs: along how many random directions to check instead of one
            input at a time; the second order by Hessian-vector products. A direction that does
            not certify every input of typical effect is halved until the inputs behind it are
            found. An input of less than `precision` times that effect is below the error bar.
        seed: Chooses the random directions.

    Returns:
        The report, if every verdict is PASS or KINK.

    Raises:
        GradientError: If a derivative is wrong, or the error bar too wide to tell. The message
            names input, mode, both numbers, error bar, and the first wrong operation.
        TypeError: If an argument is not made of numbers, or the result of f is not one number.
        ValueError: If there is no number to differentiate with respect to, if f is not finite, is
            random, or edits its inputs.

    Example:
        >>> report = check_grads(lambda p, x: (p["w"] * x).tanh(), {"w": 0.5}, 2.0)
        >>> report.verdict, [row.path for row in report.comparisons]
        ('PASS', ["args[0]['w']", 'args[1]'])
        >>> check_grads(lambda xs: sum(x * x for x in xs), [0.5] * 1000, projections=1).verdict
        'PASS'
    """
    if not modes or any(mode not in MODES for mode in modes):
        raise ValueError(f"modes must be some of {MODES}, got {modes!r}")
    settings = _Settings(order, modes, precision, projections, seed)
    leaves, rebuild = flatten(list(args), "args")
    paths = _paths(list(args), "args")
    point = [_finite(x, path) for x, path in zip(leaves, paths, strict=True)]
    if not point:
        raise ValueError("check_grads found no number in the arguments of f; give it a point")

    def of_inputs(inputs: Sequence[Any]) -> Any:
        if not hasattr(inputs[0], "carrier_level"):
            return f(*rebuild(values(inputs)))
        before = [node.data for node in inputs]
        result = f(*rebuild(inputs))
        for node, number, path in zip(inputs, before, paths, strict=True):
            if node.data != number:
                raise ValueError(
                    f"f edits its inputs: {path} was {number!r} and is {node.data!r} after the "
                    "call; compute new numbers instead"
                )
        return result

    def recorded() -> list[Any]:
        output, inputs = subject.record(point)
        return [output] if order == 1 else [output, *gradients(output, inputs)]

    subject = OfArguments(of_inputs)
    name = getattr(f, "__name__", type(f).__name__)
    title = f"gradient of {'f' if name == '<lambda>' else name}"
    return _checked(subject, point, paths, settings, title, recorded)


def check_parameters(
    loss: Callable[[], Any],
    parameters: Any,
    *,
    order: int = 1,
    precision: float = 1e-7,
    projections: int | None = None,
    seed: int = 0,
) -> Report:
    """Verify the gradient of a loss with respect to Values that it uses from outside.

    The parameters' data are varied in place and put back exactly, also when something goes wrong;
    no `.grad` is touched. Graphs recorded before the check count as edited: record them again.

    Args:
        loss: A function without arguments that computes the loss from the parameters.
        parameters: The Values: a list of them, as `model.parameters()`, or with names, a dict or
            a list of pairs, as `model.named_parameters()`.
        order: As in `check_grads`.
        precision: As in `check_grads`.
        projections: As in `check_grads`.
        seed: As in `check_grads`.

    Returns:
        The report, if every verdict is PASS or KINK.

    Raises:
        GradientError: As in `check_grads`.
        TypeError: If a parameter is not a Value, or the loss is not one number.
        ValueError: If there are no parameters, one is computed or constant, the loss is not finite
            or is random.

    Example:
        >>> w, b = Value(0.5, label="w"), Value(-1.0, label="b")
        >>> check_parameters(lambda: (w * 3.0 + b).tanh(), [w, b])
        gradient of the loss: 2 PASS
          input              gradient  differences  ± error  verdict
          parameters[0] (w)  ...  PASS
          parameters[1] (b)  ...  PASS
    """
    settings = _Settings(order, ("reverse", "graph"), precision, projections, seed)
    nodes, paths = _named(parameters)
    point = [_finite(x, path) for x, path in zip([n.data for n in nodes], paths, strict=True)]

    def recorded() -> list[Any]:
        subject.move_to(point)
        output = loss()
        return [output] if order == 1 else [output, *gradients(output, nodes)]

    subject = OfParameters(loss, nodes)
    try:
        return _checked(subject, point, paths, settings, "gradient of the loss", recorded)
    finally:
        subject.move_to(point)


def check_gradient(
    function: Callable[[Any], Any],
    gradient: Any,
    point: Any,
    *,
    precision: float = 1e-7,
    projections: int | None = None,
    seed: int = 0,
) -> Report:
    """Verify a gradient that somebody else computed, of any function that can be called.

    Args:
        function: Takes the point, returns one number: a float, or a scalar of an array library.
        gradient: What is claimed: a function of the point, or the numbers themselves, in the
            structure of the point.
        point: A float, a NumPy array of any shape, or nested lists, tuples and dicts of these. The
            function is called with new ones of the same kind.
        precision: As in `check_grads`. Single precision cannot do better than about 1e-3.
        projections: As in `check_grads`.
        seed: As in `check_grads`.

    Returns:
        The report, if every verdict is PASS or KINK.

    Raises:
        GradientError: As in `check_grads`; foreign code has no graph, so no operation is named.
        TypeError: If point, result or gradient are not made of real numbers.
        ValueError: If the gradient has not the shape of the point, or the function is not finite,
            is random, or changes its argument.

    Example:
        >>> f = lambda x: x[0] ** 2 * x[1]
        >>> check_gradient(f, lambda x: [2 * x[0] * x[1], x[0]], [3.0, 2.0])
        Traceback (most recent call last):
            ...
        autograd.GradientError: 1 of 2 derivatives are not confirmed (claimed gradient):
          FAIL  point[1]: gradient claims 3.0, differences give 9... ± ...
    """
    settings = _Settings(1, ("gradient",), precision, projections, seed)
    tree = as_lists(point)
    paths = _paths(tree, "point")
    numbers = flatten(tree, "point")[0]
    start = [_finite(x, path) for x, path in zip(numbers, paths, strict=True)]
    if not start:
        raise ValueError("check_gradient found no number in the point")
    subject = OfForeignCode(evaluator(function, point), claimed_by(gradient, point))
    return _checked(subject, start, paths, settings, "claimed gradient", list)


def assert_grads(
    f: Callable[..., Any], *args: Any, order: int = 2, kinks: bool = False, **options: Any
) -> None:
    """Assert in a test that the derivatives of f at args are right, to second order.

    `check_grads` with what suits a test: second order, random directions where there are more than
    16 inputs, and a point on a kink counts as a badly chosen one.

    Args:
        f: As in `check_grads`.
        *args: As in `check_grads`.
        order: As in `check_grads`.
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
    if len(flatten(list(args), "args")[0]) > _MANY_INPUTS:
        options.setdefault("projections", 2)
    report = check_grads(f, *args, order=order, **options)
    rows = [row for row in report.comparisons if row.verdict == "KINK"]
    if rows and not kinks:
        raise GradientError(_listed(report, rows, "at a kink"), report)


# --- Checking -------------------------------------------------------------------------------------


class _Settings:
    """The options of a check, each valid."""

    def __init__(
        self,
        order: int,
        modes: Sequence[str],
        precision: float,
        projections: int | None,
        seed: int,
    ) -> None:
        if not _is_count(order):
            raise ValueError(f"order must be a whole number of at least 1, got {order!r}")
        if projections is not None and not _is_count(projections):
            raise ValueError(
                f"projections must be a whole number of at least 1, or None, got {projections!r}"
            )
        self.order, self.modes, self.precision = order, modes, _positive(precision)
        self.projections, self.seed = projections, seed


def _is_count(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 1


def _checked(
    subject: Subject,
    point: Point,
    paths: Sequence[str],
    settings: _Settings,
    title: str,
    recorded: Callable[[], list[Any]],
) -> Report:
    how = settings.order, settings.modes, settings.precision
    if settings.projections is None:
        comparisons = compare_each(subject, point, paths, *how)
    else:
        title = f"{title}, {len(point)} inputs along random directions"
        along = settings.projections, settings.seed
        comparisons = compare_along(subject, point, paths, *how, *along)
    report = Report(title, subject.evaluate(point), tuple(comparisons))
    return _confirmed(report, recorded)


# --- The point ------------------------------------------------------------------------------------


def _paths(tree: Any, where: str) -> list[str]:
    # The places of the numbers, in the order in which `flatten` finds them.
    if isinstance(tree, dict):
        return [path for key in tree for path in _paths(tree[key], f"{where}[{key!r}]")]
    if isinstance(tree, (list, tuple)):
        names = getattr(tree, "_fields", None)
        places = [f".{name}" for name in names] if names else [f"[{i}]" for i in range(len(tree))]
        parts = zip(tree, places, strict=True)
        return [path for part, place in parts for path in _paths(part, where + place)]
    return [where]


def _finite(number: Any, path: str) -> float:
    x = as_float(number.data if hasattr(number, "carrier_level") else number, path)
    if not math.isfinite(x):
        raise ValueError(f"{path} is {x!r}; a gradient can be checked at finite numbers only")
    return x


def _named(parameters: Any) -> tuple[list[Value], list[str]]:
    if isinstance(parameters, Mapping):
        parameters = parameters.items()
    if isinstance(parameters, (Value, str)) or not isinstance(parameters, Iterable):
        raise TypeError(f"check_parameters needs a list of Values, got {parameters!r}")
    nodes, paths = [], []
    for position, entry in enumerate(parameters):
        name, node = entry if isinstance(entry, tuple) and len(entry) == 2 else (None, entry)
        path = f"parameters[{position}]" if name is None else str(name)
        if not isinstance(node, Value):
            raise TypeError(f"{path} must be a Value, got {node!r}")
        if node.is_constant or not node.is_leaf:
            raise ValueError(
                f"{path} is {node.describe()}; only a Value that was given can be varied"
            )
        nodes.append(node)
        paths.append(f"{path} ({node.label})" if name is None and node.label else path)
    if not nodes:
        raise ValueError("check_parameters got no parameters; there is nothing to check")
    return nodes, paths


def _positive(precision: Any) -> float:
    width = as_float(precision, "precision")
    if not 0.0 < width < 1.0:
        raise ValueError(f"precision must be between 0 and 1, got {precision!r}")
    return width


# --- Failing, with the reason ---------------------------------------------------------------------


def _confirmed(report: Report, recorded: Callable[[], list[Any]]) -> Report:
    failures = sorted(report.failures, key=lambda row: -VERDICTS.index(row.verdict))
    if not failures:
        return report
    message = _listed(report, failures, "not confirmed")
    if report.verdict == "FAIL":
        with enable_grad(), record_locations():
            outputs = recorded()
            culprit = first_wrong_operation(outputs)
        if outputs:
            message += f"\n  {culprit or _NO_CULPRIT}"
    raise GradientError(message, report)


def _listed(report: Report, rows: Sequence[Comparison], what: str) -> str:
    lines = [f"{len(rows)} of {len(report.comparisons)} derivatives are {what} ({report.subject}):"]
    lines += [f"  {row.verdict}  {row}" for row in rows[:_LISTED]]
    if len(rows) > _LISTED:
        lines.append(f"  ... and {len(rows) - _LISTED} more in .report")
    return "\n".join(lines)
