"""Second opinions on the gradient of a recorded graph, from other kinds of numbers.

    exact fractions   rules on ℚ against the algebra of a + b ε on ℚ: equal, with zero tolerance
    complex step      Im f(x + i h) / h, which cancels nothing (Squire & Trapp 1998)
    dual numbers      forward mode on the same graph
    high precision    rules in 50 digits against differences in 150 digits (needs mpmath)
    intervals         rules on outward-rounded intervals: an enclosure of the true gradient

Which of them apply, the graph says: fractions need rational operations, the others functions that
their numbers have. No derivative is written a second time: the rules are the rule book's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from typing import Any

from autograd.arrays import is_array, read
from autograd.forward import pushed_forward
from autograd.reverse import adjoints
from autograd.selection import Value
from autograd.streams import printed_anywhere
from autograd.verification.oracles.complex_step import COMPLEX
from autograd.verification.oracles.digits import high_precision
from autograd.verification.oracles.intervals import INTERVALS, Interval
from autograd.verification.oracles.jets import JETS, RATIONAL, Jet
from autograd.verification.oracles.kinds import UnsupportedError, sign_of, sign_off_kinks
from autograd.verification.oracles.replay import Replay

_DIGITS = 50
_IMAGINARY_STEP = 1e-100
# Agreement of float results, relative to the sum of all |contributions|; of digits beyond floats,
# where only the rule book's own constants (log 2, √π) are rounded.
_FLOAT_AGREEMENT = 1e-9
_DIGIT_AGREEMENT = 1e-14


@printed_anywhere
@dataclass(frozen=True)
class Opinion:
    """What one oracle says.

    Attributes:
        oracle: Its name.
        gradient: The derivative by each input as it finds it: exact fractions, intervals, floats.
        verdict: "PASS", "FAIL", or "ABSTAIN" where the graph is not for it.
        reason: Why it fails or abstains.
    """

    oracle: str
    gradient: tuple[Any, ...] = ()
    verdict: str = "ABSTAIN"
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.oracle:16s} {self.verdict:8s} {self.reason}".rstrip()


@printed_anywhere
@dataclass(frozen=True)
class SecondOpinion:
    """What all oracles say about one gradient.

    Attributes:
        gradient: The gradient in question, by `adjoints`.
        opinions: One per oracle.

    Example:
        >>> from autograd import Value, second_opinion
        >>> x = Value(3.0)
        >>> found = second_opinion(x * x, [x])
        >>> found.gradient, found.verdict, found["dual numbers"].verdict
        ((6.0,), 'PASS', 'PASS')
    """

    gradient: tuple[float, ...]
    opinions: tuple[Opinion, ...]

    @property
    def verdict(self) -> str:
        """FAIL if any oracle disagrees, else PASS if any agrees, else ABSTAIN."""
        verdicts = [opinion.verdict for opinion in self.opinions]
        return next((v for v in ("FAIL", "PASS") if v in verdicts), "ABSTAIN")

    def __getitem__(self, oracle: str) -> Opinion:
        return next(opinion for opinion in self.opinions if opinion.oracle == oracle)

    def __str__(self) -> str:
        head = f"gradient by {len(self.gradient)} inputs: {self.verdict}"
        return "\n".join([head, *[f"  {opinion}" for opinion in self.opinions]])

    __repr__ = __str__


def second_opinion(output: Any, inputs: Sequence[Any]) -> SecondOpinion:
    """Return what independent oracles say about d output / d input, on the same recorded graph.

    Args:
        output: The root of a recorded graph.
        inputs: Leaves of it; arrays of them count one by one.

    Raises:
        TypeError: If output or an input is not a Value.
        ValueError: If there is no input, or one is not a leaf, there twice, or was edited after the
            graph was recorded.
        ArithmeticError: If the gradient in question does not exist.

    Example:
        >>> x, y = Value(3.0), Value(7.0)
        >>> found = second_opinion(x / y + x * x, [x, y])
        >>> found["exact fractions"].gradient
        (Fraction(43, 7), Fraction(-3, 49))
        >>> print(found)
        gradient by 2 inputs: PASS
          exact fractions  PASS
          complex step     PASS
          dual numbers     PASS
          high precision   ...
          intervals        PASS     enclosed to 1... of its size
    """
    if not isinstance(output, Value):
        raise TypeError(f"second_opinion needs a Value as output, got {output!r}")
    inputs = [node for one in _listed(inputs) for node in _listed(one)]
    if not inputs:
        raise ValueError("second_opinion got no inputs; there is nothing to check")
    places: dict[Any, int] = {}
    for position, node in enumerate(inputs):
        if not isinstance(node, Value):
            raise TypeError(f"second_opinion needs Values as inputs, got {node!r} at {position}")
        if not node.is_leaf or node.is_constant:
            raise ValueError(f"inputs[{position}] is {node.describe()}; it needs leaves")
        first = places.setdefault(node, position)
        if first != position:
            raise ValueError(f"inputs[{position}] is the same Value as inputs[{first}]")
    found = adjoints(output)
    gradient = [found.get(node, 0.0) for node in inputs]
    graph = Replay(output, inputs, gradient)
    oracles = {
        "exact fractions": _by_fractions,
        "complex step": _by_complex_step,
        "dual numbers": _by_duals,
        "high precision": _by_high_precision,
        "intervals": _by_intervals,
    }
    opinions = []
    for name, oracle in oracles.items():
        try:
            opinions.append(oracle(graph))
        except UnsupportedError as error:
            opinions.append(Opinion(name, reason=str(error)))
        except (ArithmeticError, ValueError) as error:
            opinions.append(Opinion(name, reason=f"outside of its range: {error}"))
    return SecondOpinion(tuple(gradient), tuple(opinions))


def _listed(inputs: Any) -> list[Any]:
    if is_array(inputs):
        return read(inputs, "inputs")[0]
    if isinstance(inputs, Mapping):
        return list(inputs.values())
    return list(inputs) if isinstance(inputs, Iterable) else [inputs]


def _judged(oracle: str, gradient: Sequence[Any], disagreements: Sequence[str | None]) -> Opinion:
    found = [text for text in disagreements if text]
    return Opinion(oracle, tuple(gradient), "FAIL" if found else "PASS", "; ".join(found[:3]))


def _by_fractions(graph: Replay) -> Opinion:
    by_rules = graph.by_rules(RATIONAL)
    found = []
    for node in graph.inputs:
        jet = Jet(Fraction(node.data), Fraction(1))
        found.append(Jet.of(graph.replay(JETS, {node: jet})[graph.output]).b)
    scales = graph.contributions()
    wrong: list[str | None] = []
    for place, (rule, exact) in enumerate(zip(by_rules, found, strict=True)):
        if rule != exact:
            wrong.append(f"inputs[{place}]: the rules give {rule}, exactly it is {exact}")
        else:
            wrong.append(_off(graph, place, float(exact), scales[place]))
    return _judged("exact fractions", found, wrong)


def _by_complex_step(graph: Replay) -> Opinion:
    found = []
    for node in graph.inputs:
        step = _IMAGINARY_STEP * (abs(node.data) or 1.0)
        result = graph.replay(COMPLEX, {node: complex(node.data, step)})[graph.output]
        found.append(complex(result).imag / step)
    return _close("complex step", graph, found)


def _by_duals(graph: Replay) -> Opinion:
    def again(*numbers: Any) -> Any:
        values: dict[Any, Any] = dict(zip(graph.inputs, numbers, strict=True))
        for node in graph.order:
            if node not in values:
                operands = [values[parent] for parent in node.parents]
                values[node] = node.primitive.apply(operands) if operands else node.data
        return values[graph.output]

    point = [node.data for node in graph.inputs]
    units = [[float(i == j) for i in range(len(point))] for j in range(len(point))]
    found = [pushed_forward(again, point, unit)[1] for unit in units]
    return _close("dual numbers", graph, found)


def _by_high_precision(graph: Replay) -> Opinion:
    try:
        mpmath = import_module("mpmath")
    except ModuleNotFoundError:
        raise UnsupportedError("mpmath is not installed") from None
    with mpmath.workdps(_DIGITS):
        by_rules = graph.by_rules(high_precision(mpmath, sign_of))
        smooth = high_precision(mpmath, sign_off_kinks)
        scales = graph.contributions()
        found: list[Any] = []
        wrong: list[str | None] = []
        for place, node in enumerate(graph.inputs):
            graph.replay(smooth, {})  # refuses a kink
            # A step so small that curvature counts for nothing, at logits of 1e16 too.
            with mpmath.workdps(3 * _DIGITS):
                step = mpmath.mpf(10) ** -_DIGITS * (abs(node.data) or 1.0)
                above, below = (
                    graph.replay(smooth, {node: node.data + side * step})[graph.output]
                    for side in (1, -1)
                )
                slope = (above - below) / (2 * step)
            found.append(float(slope))
            if abs(by_rules[place] - slope) > _DIGIT_AGREEMENT * scales[place]:
                rule = mpmath.nstr(by_rules[place], 20)
                wrong.append(
                    f"inputs[{place}]: the rules give {rule}, it is {mpmath.nstr(slope, 20)}"
                )
            else:
                wrong.append(_off(graph, place, float(slope), scales[place]))
    return _judged("high precision", found, wrong)


def _by_intervals(graph: Replay) -> Opinion:
    found = [Interval.of(slope) for slope in graph.by_rules(INTERVALS)]
    wrong = []
    widest = 0.0
    for place, (interval, slope) in enumerate(zip(found, graph.gradient, strict=True)):
        inside = slope in interval
        said = f"inputs[{place}]: {slope!r} is outside of [{interval.low!r}, {interval.high!r}]"
        wrong.append(None if inside else said)
        size = max(abs(interval.low), abs(interval.high))
        widest = max(widest, (interval.high - interval.low) / size if size else 0.0)
    opinion = _judged("intervals", found, wrong)
    width = f"enclosed to {widest:.0e} of its size"
    return opinion if any(wrong) else Opinion(opinion.oracle, opinion.gradient, "PASS", width)


def _close(oracle: str, graph: Replay, found: Sequence[float]) -> Opinion:
    scales = graph.contributions()
    places = range(len(found))
    return _judged(oracle, found, [_off(graph, i, found[i], scales[i]) for i in places])


def _off(graph: Replay, place: int, truth: float, scale: float) -> str | None:
    claimed = graph.gradient[place]
    if abs(claimed - truth) <= _FLOAT_AGREEMENT * scale:
        return None
    return f"inputs[{place}]: the gradient is {claimed!r}, it should be {truth!r}"
