"""Gradients held against finite differences: of a function, or of a loss in its parameters.

How differences are made is told in `differences`, what follows from them in `verdicts`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from autograd.culprits import first_wrong_operation
from autograd.differences import difference, measure_noise
from autograd.forward import jvp
from autograd.functional import grad, gradients
from autograd.primitive import as_float
from autograd.recording import enable_grad, no_grad, record_locations
from autograd.reverse import adjoints
from autograd.selection import Value
from autograd.structure import flatten
from autograd.verdicts import VERDICTS, Comparison, GradientError, Report, judge

MODES = ("reverse", "forward", "graph")
# An input matters to less than this part of the one that matters most: its error bar may be wider.
_NEGLIGIBLE = 1e-3
_LISTED = 8

Point = list[float]
Function = Callable[[Sequence[Any]], Any]


def check_grads(
    f: Callable[..., Any],
    *args: Any,
    order: int = 1,
    modes: Sequence[str] = MODES,
    precision: float = 1e-7,
) -> Report:
    """Verify the derivatives of f at args against finite differences, in every mode.

    Args:
        f: A function of numbers, or of nested lists, tuples and dicts of numbers, whose result is
            one number: the same one each time for the same arguments.
        *args: The point. Every number in the arguments is an input; Values count as their data.
        order: Up to which derivative: with 2, every entry of the Hessian is checked as well.
        modes: Which ways to differentiate: "reverse" (as `backward` does), "forward" (as `jvp`),
            "graph" (as `gradients`, whose result can be differentiated again).
        precision: How narrow an error bar has to be for a pass, relative to the slope of f.

    Returns:
        The report, if every verdict is PASS or KINK.

    Raises:
        GradientError: If a derivative is wrong, or the error bar too wide to tell. The message
            names input, mode, both numbers, error bar, and the first wrong operation.
        TypeError: If an argument is not made of numbers, or the result of f is not one number.
        ValueError: If there is no number to differentiate with respect to, if f is not finite, or
            if f is random.

    Example:
        >>> report = check_grads(lambda p, x: (p["w"] * x).tanh(), {"w": 0.5}, 2.0)
        >>> report.verdict, [row.path for row in report.comparisons]
        ('PASS', ["args[0]['w']", 'args[1]'])
    """
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"order must be a whole number of at least 1, got {order!r}")
    if not modes or any(mode not in MODES for mode in modes):
        raise ValueError(f"modes must be some of {MODES}, got {modes!r}")
    leaves, rebuild = flatten(list(args), "args")
    paths = _paths(list(args), "args")
    point = [_finite(x, path) for x, path in zip(leaves, paths, strict=True)]
    if not point:
        raise ValueError("check_grads found no number in the arguments of f; give it a point")

    def of_inputs(inputs: Sequence[Any]) -> Any:
        nodes = [x if hasattr(x, "carrier_level") else Value(x) for x in inputs]
        return f(*rebuild(nodes))

    name = getattr(f, "__name__", type(f).__name__)
    subject = f"gradient of {'f' if name == '<lambda>' else name}"
    precision = _positive(precision)
    comparisons = _compare_orders(of_inputs, point, paths, order, modes, precision, "")
    report = Report(subject, _evaluate(of_inputs, point), tuple(comparisons))

    def recorded() -> list[Any]:
        inputs = [Value(x) for x in point]
        output = of_inputs(inputs)
        return [output] if order == 1 else [output, *gradients(output, inputs)]

    return _confirmed(report, recorded)


def check_parameters(
    loss: Callable[[], Any], parameters: Any, *, precision: float = 1e-7
) -> Report:
    """Verify the gradient of a loss with respect to Values that it uses from outside.

    The parameters' data are varied in place and put back exactly, also when something goes wrong;
    no `.grad` is touched. Graphs recorded before the check count as edited: record them again.

    Args:
        loss: A function without arguments that computes the loss from the parameters.
        parameters: The Values: a list of them, as `model.parameters()`, or with names, a dict or
            a list of pairs, as `model.named_parameters()`.
        precision: As in `check_grads`.

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
    nodes, paths = _named(parameters)
    originals = [node.data for node in nodes]
    point = [_finite(x, path) for x, path in zip(originals, paths, strict=True)]

    def of_inputs(numbers: Sequence[float]) -> Any:
        for node, number in zip(nodes, numbers, strict=True):
            if node.data != number:
                node.data = number
        return loss()

    try:
        with enable_grad():
            output = loss()
        claimed, connected = _reverse_and_graph(output, nodes, ("reverse", "graph"))
        comparisons = _compare(of_inputs, point, paths, claimed, connected, _positive(precision))
    finally:
        for node, original in zip(nodes, originals, strict=True):
            if node.data != original or math.copysign(1.0, node.data) != math.copysign(
                1.0, original
            ):
                node.data = original
    report = Report("gradient of the loss", _number(output, "the loss"), tuple(comparisons))
    return _confirmed(report, lambda: [loss()])


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


# --- What the modes claim -------------------------------------------------------------------------


def _reverse_and_graph(
    output: Any, inputs: Sequence[Value], modes: Sequence[str]
) -> tuple[dict[str, list[float]], list[bool]]:
    if not isinstance(output, Value):
        _number(output, "the result of f")
        output = Value(output).detach()
    found = adjoints(output)
    claimed = {"reverse": [found.get(node, 0.0) for node in inputs]}
    if "graph" in modes:
        claimed["graph"] = [node.data for node in gradients(output, inputs)]
    return claimed, [node in found for node in inputs]


def _forward(f: Function, point: Point) -> list[float]:
    found = []
    for position in range(len(point)):
        unit = [float(position == other) for other in range(len(point))]
        _, tangent = jvp(lambda inputs: f(inputs), (point,), (unit,))
        found.append(_number(tangent, "the tangent of f"))
    return found


def _component(f: Function, position: int) -> Function:
    def component(inputs: Sequence[Any]) -> Any:
        return grad(f)(list(inputs))[position]

    return component


# --- What differences find ------------------------------------------------------------------------


def _compare_orders(
    f: Function,
    point: Point,
    paths: Sequence[str],
    order: int,
    modes: Sequence[str],
    precision: float,
    along: str,
) -> list[Comparison]:
    inputs = [Value(x) for x in point]
    with enable_grad():
        output = f(inputs)
    claimed, connected = _reverse_and_graph(output, inputs, modes)
    if "forward" in modes:
        claimed["forward"] = _forward(f, point)
    chosen = {mode: claimed[mode] for mode in modes}
    places = [along + path for path in paths]
    comparisons = _compare(f, point, places, chosen, connected, precision)
    if order > 1:
        for position, place in enumerate(places):
            nested = _component(f, position), point, paths, order - 1, modes, precision
            comparisons += _compare_orders(*nested, f"{place} × ")
    return comparisons


def _compare(
    f: Function,
    point: Point,
    paths: Sequence[str],
    claimed: Mapping[str, Sequence[float]],
    connected: Sequence[bool],
    precision: float,
) -> list[Comparison]:
    value = _evaluate(f, point)
    if not math.isfinite(value):
        raise ValueError(
            f"f is {value!r} at this point; a gradient can be checked where f is finite"
        )
    again = _evaluate(f, point)
    if again != value:
        raise ValueError(
            f"f is random: evaluated twice at the same point it gave {value!r} and {again!r}; "
            "seed it inside, or draw the random numbers outside"
        )
    magnitudes = [abs(x) or 1.0 for x in point]
    noise = measure_noise(lambda t: _evaluate(f, _moved(point, magnitudes, t)))
    effects = [
        max(abs(slopes[i]) for slopes in claimed.values()) * magnitudes[i]
        for i in range(len(point))
    ]
    effect = max([e for e in effects if math.isfinite(e)], default=0.0) or 1.0
    comparisons = []
    for position, path in enumerate(paths):
        measured = difference(_along(f, point, position), point[position], noise)
        floor = _NEGLIGIBLE * effect / magnitudes[position]
        own = {mode: slopes[position] for mode, slopes in claimed.items()}
        strict = {mode: judge(slope, measured, precision) for mode, slope in own.items()}
        verdicts = {mode: judge(slope, measured, precision, floor) for mode, slope in own.items()}
        is_negligible = strict != verdicts
        comparisons.append(
            Comparison(path, own, measured, verdicts, connected[position], is_negligible)
        )
    return comparisons


def _along(f: Function, point: Point, position: int) -> Callable[[float], float]:
    moved = list(point)

    def along(x: float) -> float:
        moved[position] = x
        return _evaluate(f, moved)

    return along


def _moved(point: Point, magnitudes: Sequence[float], t: float) -> Point:
    # Alternating and unequal, so that symmetric terms do not cancel.
    return [
        x + t * magnitude * (1.0 - 0.01 * (i % 50)) * (-1.0) ** i
        for i, (x, magnitude) in enumerate(zip(point, magnitudes, strict=True))
    ]


def _evaluate(f: Function, point: Point) -> float:
    with no_grad():
        return _number(f(list(point)), "the result of f")


def _number(result: Any, what: str) -> float:
    while hasattr(result, "carrier_level"):
        result = result.data
    return as_float(result, f"{what}: a gradient check")


# --- Failing, with the reason ---------------------------------------------------------------------


def _confirmed(report: Report, recorded: Callable[[], list[Any]]) -> Report:
    failures = sorted(report.failures, key=lambda row: -VERDICTS.index(row.verdict))
    if not failures:
        return report
    lines = [
        f"{len(failures)} of {len(report.comparisons)} derivatives are not confirmed "
        f"({report.subject}):"
    ]
    lines += [f"  {row.verdict}  {row}" for row in failures[:_LISTED]]
    if len(failures) > _LISTED:
        lines.append(f"  ... and {len(failures) - _LISTED} more in .report")
    if report.verdict == "FAIL":
        with enable_grad(), record_locations():
            culprit = first_wrong_operation(recorded())
        lines += [f"  {culprit}"] if culprit else []
    raise GradientError("\n".join(lines), report)
