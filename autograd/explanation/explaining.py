"""`explain`: the chain rule written out for one value, in symbols, in numbers and path by path."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from autograd import switches
from autograd.explanation.blocks import Block, Heading, Row, Sentence
from autograd.explanation.cone import Between, cone
from autograd.explanation.derivation import MOST_EQUATIONS, Derivation, Equation, substituted
from autograd.explanation.derivatives import Speller
from autograd.explanation.examples import ExampleSum, batch_of
from autograd.explanation.latex_page import latex_rows
from autograd.explanation.losses import has_loss, name_single_losses, name_targets
from autograd.explanation.names import Naming
from autograd.explanation.quantities import Derivative, Prime, Quantity, as_number, quantities_in
from autograd.explanation.routes import routes
from autograd.explanation.text_page import text_page
from autograd.name_search import resolved
from autograd.path_finding.cone import require_values
from autograd.streams import for_stream, printed_anywhere
from autograd.units import Units, units_of

_NUMBERED = 60  # in graphs of more nodes, names v are given as they are needed
_SEARCHED = 10_000  # edges: in larger graphs paths are counted, not listed
_IN_A_LINE = 5
_VALUES = 25  # that stand in front of the numbers
_DEFINED = 12  # names v
_EXPLAINED = 8  # zeros that are told


@printed_anywhere
class Explanation:
    """The chain rule for one value: what `explain` returns.

    Printing it, or `text`, gives plain text; a notebook shows it as mathematics; `latex()` is for a
    document.

    Attributes:
        gradient: ∂output/∂source, which the last line of the numbers says.
        equations: The equations of adjoints, that of the source first.
        text: All of it as plain text.

    Example:
        >>> from autograd import Value, explain
        >>> x = Value(3.0, label="x")
        >>> found = explain(x * x, x)
        >>> found.gradient
        6.0
        >>> print(found.text.splitlines()[1].strip())
        ∂y/∂x = x + x
    """

    def __init__(
        self, name: Quantity, equations: tuple[Equation, ...], blocks: tuple[Block, ...]
    ) -> None:
        self.gradient = name.value
        self._name = name
        self.equations = equations
        self._blocks = blocks

    @property
    def text(self) -> str:
        """The explanation as plain text."""
        return for_stream(text_page(self._blocks))

    def latex(self) -> str:
        r"""Return the explanation as an `align*` environment for a document with amsmath.

        Example:
            >>> from autograd import Value
            >>> a = Value(2.0, label="a")
            >>> print(explain(a * a, a).latex().splitlines()[0])
            \begin{align*}
        """
        return f"\\begin{{align*}}\n{latex_rows(self._blocks)}\\end{{align*}}\n"

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        left = text_page([Row(self._name, (), self.gradient)])
        return f"<Explanation: {left.strip()}>"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle\n\\begin{{aligned}}\n{latex_rows(self._blocks)}\\end{{aligned}}$"


def explain(output: Any, source: Any, *, example: int | None = None, limit: int = 6) -> Explanation:
    """Write out the chain rule for ∂output/∂source: in symbols, in numbers, and path by path.

    In a network of `nn` the names are the textbook's: z and a of the units, δ = ∂L/∂z, examples of
    a batch in brackets. Elsewhere they are labels, and v₁, v₂, … for what has none. What reverse
    mode computes once stands in brackets, or has a name of its own. Where the derivatives of a loss
    and of an activation cancel, as those of a log-likelihood and a sigmoid do down to a − t, the
    steps are shown. The text is short however large the graph is, and says what it leaves out.

    Args:
        output: What is differentiated, a loss for instance.
        source: By what: a weight, a bias, an input, a value in between; or its name.
        example: The example of a batch that is written out, by its number in brackets; by default
            the first.
        limit: How many paths to list, the largest first.

    Raises:
        TypeError: If output or source is not a Value, or example or limit not a whole number.
        LookupError: If no node has that name.
        ValueError: If several nodes have that name, no path leads from the source to the output,
            there is no such example, limit is negative, or a leaf was edited after the graph was
            recorded.
        ArithmeticError: If a local derivative is infinite or undefined; the error names the node.

    Example:
        >>> from autograd import Value
        >>> a, b = Value(2.0, label="a"), Value(-0.5, label="b")
        >>> y = (a * b).tanh()
        >>> print(explain(y, a))  # doctest: +ELLIPSIS
        The chain rule, as reverse mode computes it
          ∂y/∂a = b · (1 − y²)
        ...
    """
    if switches.watchers:
        switches.tell_swept("explain()", __name__)
    source = resolved(output, source)
    require_values(source, output)
    for name, number in (("example", example), ("limit", limit)):
        is_whole = isinstance(number, int) and not isinstance(number, bool)
        if not is_whole and not (name == "example" and number is None):
            raise TypeError(f"{name} must be a whole number, not {number!r:.80}")
    if limit < 0:
        raise ValueError(f"limit must not be negative, but is {limit}")
    return _Explaining(cone(source, output), example, limit).explanation()


class _Explaining:
    """One explanation while it is made."""

    def __init__(self, between: Between, example: int | None, limit: int) -> None:
        self.cone = between
        self.limit = limit
        nodes = between.nodes
        is_network = any(
            node.group is not None and node.group.kind in ("unit", "net input") for node in nodes
        )
        units = units_of(between.output) if is_network else Units((), {}, 0, [])
        numbered = []
        if not is_network and len(nodes) <= _NUMBERED:
            numbered = [n for n in nodes if not n.label and n is not between.output]
        self.names = Naming(between.output, units, numbered)
        is_loss = is_network and has_loss(between)
        self.is_loss = is_loss
        examples = {self.names.example(after) for after, _ in between.exits(between.source)}
        if len(examples - {None}) > 1:  # else the loss is differentiated, not that of an example
            name_single_losses(self.names, between)
        if is_loss:
            name_targets(self.names, between)
        singles = set(map(id, self.names.losses.values()))

        def is_inline(node: Any) -> bool:
            is_hidden = is_network and not node.label and self.names.unit(node) is None
            return is_hidden and node is not between.output and id(node) not in singles

        self.speller = Speller(self.names, is_inline)
        self.derivation = Derivation(between, self.names, self.speller, is_loss)
        self.batch: ExampleSum | None = batch_of(between, self.names, self.derivation, example)

    def explanation(self) -> Explanation:
        equations = self._equations()
        symbols = [row for equation in equations for row in self._in_names(equation)]
        numbers = [row for equation in reversed(equations) for row in self._in_numbers(equation)]
        blocks: list[Block] = [Heading("The chain rule, as reverse mode computes it")]
        blocks += self._loss()
        if self.batch is not None:
            blocks += self.batch.symbols()
        blocks += symbols
        blocks += self._where(equations)
        blocks.append(Heading("The same with numbers, from the output back"))
        blocks += self._values(equations)
        blocks += numbers
        if self.batch is not None:
            blocks += self.batch.numbers()
        blocks += self._remarks()
        listed = len(self.cone.uses.edges) <= _SEARCHED
        blocks += routes(self.cone, self.names, self.speller, self.limit if listed else 0)
        gradient = self.cone.adjoints[self.cone.source]
        name = Derivative(
            self.names.of(self.cone.output), self.names.of(self.cone.source), gradient
        )
        return Explanation(name, tuple(equations), tuple(blocks))

    def _loss(self) -> list[Block]:
        """Which losses there are, in the words of the network."""
        if not self.is_loss:
            return []
        output = self.cone.output
        groups = [node.group for node in self.cone.nodes if node.group is not None]
        losses = dict.fromkeys(
            f"{group.name}: {group.detail}" for group in groups if group.kind == "loss"
        )
        if self.names.losses:
            return [Sentence(("the loss of an example is ", " or ".join(losses)))]
        is_whole = output.group is not None and output.group.kind == "loss"
        verb = "is" if is_whole and len(losses) == 1 else "contains"
        return [Sentence((self.names.of(output), f" {verb} ", " and ".join(losses)))]

    def _equations(self) -> list[Equation]:
        first = self._headline()
        equations, pending = [first], _wanted([first])
        # What a second form of the first equation spells out needs no equation of its own.
        spelled = _wanted([first]) if len(first.forms) > 1 else []
        if spelled:
            pending = _wanted([replace(first, forms=first.forms[1:])])
        seen = {first.left.name}
        while pending and len(equations) <= MOST_EQUATIONS:
            node = pending.pop(0)
            name = self.derivation.name(node)
            if name.name in seen:
                continue
            seen.add(name.name)
            equation = self.derivation.equation(node)
            uses = self.cone.entries(node, 1000)
            if uses > 1:
                many = "1,000 times and more" if uses == 1000 else f"{uses} times"
                equation.notes.append(f"computed once, used {many}")
            equations.append(equation)
            pending = list(dict.fromkeys([*pending, *_wanted([equation])]))
        self.left_out = [n for n in pending if self.derivation.name(n).name not in seen]
        return equations

    def _headline(self) -> Equation:
        if self.batch is not None:
            return self.batch.headline()
        source = self.cone.source
        equation = self.derivation.equation(source)
        if source is self.cone.output:
            equation.left = self.names.derivative(source, 1.0)
            equation.forms = [1.0]
            return equation
        ways = self.derivation.exits(source)
        return substituted(equation, self.derivation, ways[0]) if len(ways) == 1 else equation

    def _in_names(self, equation: Equation) -> list[Row]:
        note = tuple(equation.notes)
        rights = [equation.meaning] if equation.meaning is not None else []
        rows = []
        left: Any = equation.left
        for place, form in enumerate(equation.forms):
            is_last = place == len(equation.forms) - 1
            beside: tuple[Any, ...] = note if is_last else ()
            if place == 0:
                for name, meaning in equation.meanings:
                    beside = (*beside, name, " = ", meaning)
            rows.append(Row(left, (*rights, form), None, beside))
            left, rights = None, []
        return rows

    def _in_numbers(self, equation: Equation) -> list[Row]:
        forms = equation.forms
        if equation.is_substituted:  # what is computed first stands first
            forms = forms[::-1]
        return [Row(equation.left, tuple(forms), equation.value)]

    def _where(self, equations: list[Equation]) -> list[Block]:
        """What f′ and names are that stand in the equations."""
        rows: list[Block] = []
        shown = [q for e in equations for form in e.forms for q in quantities_in(form)]
        seen = set()
        for name in shown:
            if isinstance(name, Prime) and name.operation not in seen:
                seen.add(name.operation)
                rows.append(Row(name, (name.formula,), None, (f"f is {name.operation}",)))
        known = {name.name: name for name in shown}
        for title, (quantity, formula) in self.speller.definitions.items():
            if title in known:
                rows.append(Row(quantity, (formula,)))
        return rows + self._definitions(known)

    def _definitions(self, known: dict[str, Quantity]) -> list[Block]:
        """How the nodes named v were computed, and those that they were computed from."""
        pending = [name for name in known.values() if _is_generated(name)]
        found: dict[int, Row] = {}
        while pending and len(found) < _DEFINED:
            name = pending.pop(0)
            number = int(name.title.low)
            if number in found:
                continue
            node = name.value_of
            formula = self.speller.formula(node) if node.parents else None
            if formula is None:
                what = f"computed from {len(node.parents)} values" if node.parents else "a leaf"
                found[number] = Row(name, (), None, (what,))
                continue
            found[number] = Row(name, (formula,))
            pending += [q for q in quantities_in(formula) if _is_generated(q)]
        rows: list[Block] = [found[number] for number in sorted(found)]
        left = {name.name for name in pending if int(name.title.low) not in found}
        if left:
            rows.append(Sentence((f"and {len(left)} more, which are values of the graph",)))
        return rows

    def _values(self, equations: list[Equation]) -> list[Block]:
        """The numbers that the equations begin with."""
        values: dict[str, Quantity] = {}
        for equation in equations:
            for form in equation.forms:
                for name in quantities_in(form):
                    is_plain = name.value_of is not None or name.name[:1] == "t"
                    if is_plain and name.adjoint_of is None:
                        values.setdefault(name.name, name)
        for quantity, _ in self.speller.definitions.values():
            if any(
                quantity.name == q.name
                for e in equations
                for f in e.forms
                for q in quantities_in(f)
            ):
                values.setdefault(quantity.name, quantity)
        shown = list(values.values())[:_VALUES]
        lines: list[Block] = []
        pieces: list[Any]
        for start in range(0, len(shown), _IN_A_LINE):
            pieces = []
            for name in shown[start : start + _IN_A_LINE]:
                pieces += [", " if pieces else "", name, " = ", name.value]
            lines.append(Sentence(tuple(pieces)))
        if len(values) > _VALUES:
            lines.append(Sentence((f"and {len(values) - _VALUES} more",)))
        return lines

    def _remarks(self) -> list[Block]:
        found: list[Block] = []
        pieces: list[Any]
        if self.left_out:
            shown = self.left_out[:3]
            pieces = ["computed in the same way: "]
            for node in shown:
                name = self.derivation.name(node)
                pieces += [", " if len(pieces) > 1 else "", name, " = ", name.value]
            more = len(self.left_out) - len(shown)
            found.append(Sentence((*pieces, f", and {more} more" if more else "")))
        nodes = self.cone.nodes
        if self.batch is not None:
            own = self.batch.example
            nodes = [n for n in nodes if self.names.example(n) in (None, own)]
        hidden = sum(node not in self.derivation.expanded for node in nodes[:-1])
        hidden -= self.cone.source not in self.derivation.expanded
        if hidden > 0 and (self.left_out or hidden > 3):
            found.append(
                Sentence((f"{hidden} of {len(nodes)} nodes on the paths are not written out",))
            )
        gradient = self.cone.adjoints[self.cone.source]
        if math.isnan(gradient):
            found.append(Sentence(("the gradient is not a number: blame(loss) finds the reason",)))
        elif gradient == 0.0:
            found += self._zeros()
        return found

    def _zeros(self) -> list[Block]:
        """Which local derivatives are zero: a dead unit, an input of 0."""
        found: list[Block] = []
        pending, seen = [self.cone.source], {self.cone.source}
        while pending and len(seen) < _SEARCHED and len(found) < _EXPLAINED:
            node = pending.pop(0)
            for way in self.derivation.exits(node):
                if way.value != 0.0:
                    if way.after not in seen:
                        seen.add(way.after)
                        pending.append(way.after)
                    continue
                short = way.factor.short
                shown = way.factor.inner if short is None else short
                ends = self.names.of(node), self.names.of(way.after)
                what = () if as_number(shown) is not None else (shown, " = ")
                told = ("nothing passes from ", ends[0], " to ", ends[1], ": ", *what, "0")
                found.append(Sentence(told))
        return found[:_EXPLAINED]


def _is_generated(name: Quantity) -> bool:
    return name.value_of is not None and not name.value_of.label and name.title.base == "v"


def _wanted(equations: list[Equation]) -> list[Any]:
    """The nodes whose adjoints stand in equations, in the order of reading."""
    return list(
        dict.fromkeys(
            name.adjoint_of
            for equation in equations
            for form in equation.forms
            for name in quantities_in(form)
            if name.adjoint_of is not None
        )
    )
