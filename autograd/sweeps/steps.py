"""`backward_steps`: what `backward()` does, one contribution at a time, and wrong ways to do it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, overload

from autograd import switches
from autograd.graph import topological_order
from autograd.real_numbers import as_float
from autograd.reverse import adjoints, inspect, refuse_constant, refuse_stale
from autograd.selection import Value
from autograd.streams import printed_anywhere
from autograd.sweeps import tables
from autograd.sweeps.orders import wanted_order
from autograd.sweeps.sweep import SweepRecord, refuse_overflowing, run_sweep


@printed_anywhere
@dataclass(frozen=True, eq=False, slots=True)
class BackwardStep:
    """One contribution: a node hands its adjoint, times a local derivative, to one operand.

    Attributes:
        index: The place among the steps; in tables, captions and `draw(step=)`, where 0 is the
            beginning, the step is called `number`, which is one more.
        node: The node that hands on.
        operand: To which of its operands: `node.parents[operand]`.
        target: That operand.
        upstream: The adjoint of the node, ∂output/∂node, as far as it is known then.
        local_derivative: ∂node/∂target, by this operand.
        contribution: local derivative · upstream.
        total: What the target has now, this contribution included.
        pending: How many uses of the target have not handed on to it yet; at 0 it is complete.
        flaw: What is wrong with this step; empty in a right sweep.

    Example:
        >>> from autograd import Value, backward_steps
        >>> x = Value(3.0, label="x")
        >>> for step in backward_steps(x * x): print(step)
        step 1: * → x (operand 0): 1 × 3 = 3, total 3, still waiting for 1 use
        step 2: * → x (operand 1): 1 × 3 = 3, total 6, complete
        >>> backward_steps(x * x)[1].number
        2
    """

    index: int
    node: Any
    operand: int
    target: Any
    upstream: float
    local_derivative: float
    contribution: float
    total: float
    pending: int
    flaw: str = ""

    @property
    def number(self) -> int:
        """What this step is called in tables, captions and `draw(step=)`: index + 1."""
        return self.index + 1

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BackwardStep):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self.index, id(self.node), self.operand))

    def _key(self) -> tuple[object, ...]:
        # Nodes by identity: as Values they would be compared by their numbers.
        numbers = (self.upstream, self.local_derivative, self.contribution, self.total)
        return (
            self.index,
            id(self.node),
            self.operand,
            *map(repr, numbers),
            self.pending,
            self.flaw,
        )

    def __str__(self) -> str:
        return tables.sentence(self)

    def __repr__(self) -> str:
        return f"<BackwardStep {self}>"


@printed_anywhere
@dataclass(frozen=True, eq=False, repr=False)
class BackwardSteps(Sequence[BackwardStep]):
    """The steps of one sweep, in their order; printed, a table.

    A sequence: `len`, iteration, indices, slices (which print a part of the table). Steps are made
    as they are asked for.

    Example:
        >>> from autograd import Value, backward_steps
        >>> x = Value(1.0, label="x")
        >>> a = 2.0 * x
        >>> steps = backward_steps(a + 3.0 * a, order="depth-first")
        >>> steps.manner, steps.is_right, steps.gradients[x], steps.right[x]
        ('depth-first', False, 2.0, 8.0)
        >>> steps.first_wrong.number, [leaf.label for leaf in steps.wrong_leaves]
        (3, ['x'])
        >>> steps.seed, steps.output.op, len(steps[:2]), len(steps[:2].whole)
        (1.0, '+', 2, 4)
    """

    _sweep: SweepRecord
    _right: array[float]
    _manner: tables.Manner
    _span: range

    def __len__(self) -> int:
        return len(self._span)

    @overload
    def __getitem__(self, index: int) -> BackwardStep: ...
    @overload
    def __getitem__(self, index: slice) -> BackwardSteps: ...

    def __getitem__(self, index: int | slice) -> BackwardStep | BackwardSteps:
        if isinstance(index, slice):
            return BackwardSteps(self._sweep, self._right, self._manner, self._span[index])
        try:
            return self._step(self._span[index])
        except IndexError:
            raise IndexError(
                f"there is no step {index}: steps go from 0 to {len(self) - 1}"
                if self
                else f"there is no step {index}: there are no steps"
            ) from None

    def _step(self, index: int) -> BackwardStep:
        done = self._sweep
        turn, operand = done.turn[index], done.operand[index]
        node, upstream = done.nodes[done.node[turn]], done.adjoint[turn]
        derivative = done.local_derivative[index]
        share = derivative * upstream
        return BackwardStep(
            index,
            node,
            operand,
            node.parents[operand],
            upstream,
            derivative,
            share,
            done.before[index] + share if done.accumulate else share,
            done.pending[index],
            tables.flaw_in_words(done, index) if done.flaw[index] else "",
        )

    @property
    def whole(self) -> BackwardSteps:
        """All steps of the sweep, of which these may be a part, in their order."""
        every = range(len(self._sweep.turn))
        return BackwardSteps(self._sweep, self._right, self._manner, every)

    @property
    def output(self) -> Any:
        """The node from which the sweep started."""
        return self._sweep.nodes[-1]

    @property
    def seed(self) -> float:
        """The adjoint from which the sweep started: ∂output/∂output, or what was asked for."""
        return self._manner.seed

    @property
    def manner(self) -> str:
        """In which other way than the usual one this sweep was run, in words; empty if in none."""
        return str(self._manner)

    @cached_property
    def gradients(self) -> Mapping[Any, float]:
        """Node to adjoint as this sweep leaves it, for every node that is no constant."""
        return MappingProxyType(dict(zip(self._sweep.nodes, self._sweep.adjoints, strict=True)))

    @cached_property
    def right(self) -> Mapping[Any, float]:
        """Node to adjoint as `backward()` finds it."""
        return MappingProxyType(dict(zip(self._sweep.nodes, self._right, strict=True)))

    @cached_property
    def first_wrong(self) -> BackwardStep | None:
        """The first step with a flaw, such as a node that hands on too early; None without one."""
        flaws = self._sweep.flaw
        return next((self._step(index) for index, flaw in enumerate(flaws) if flaw), None)

    @cached_property
    def is_right(self) -> bool:
        """Whether every leaf has its gradient.

        It has if no step has a flaw (another order of adding may round otherwise); and it may by
        luck, bit for bit, for instance where all that came too late was 0.
        """
        return self.first_wrong is None or not self.wrong_leaves

    @cached_property
    def wrong_leaves(self) -> tuple[Any, ...]:
        """The leaves whose gradient is not the right one, unless no step has a flaw."""
        if self.first_wrong is None:
            return ()
        triples = zip(self._sweep.nodes, self._sweep.adjoints, self._right, strict=True)
        leaves = [triple for triple in triples if not triple[0].parents]
        # NaN, unlike itself, is right where NaN is.
        return tuple([x for x, got, want in leaves if got != want and (got == got or want == want)])

    def __repr__(self) -> str:
        return tables.text(self)

    def _repr_html_(self) -> str:
        return tables.html(self)


def backward_steps(
    output: Any,
    *,
    order: Literal["depth-first", "breadth-first", "recursive"] | Iterable[Any] | None = None,
    accumulate: bool = True,
    operands: Literal["tuple", "set"] = "tuple",
    seed: float = 1.0,
) -> BackwardSteps:
    """Return every step of the reverse sweep from `output`, in the order in which it is taken.

    Each node hands its adjoint on to its operands, times the local derivative by each. What a node
    receives adds up, bit for bit, to what `backward()` writes to its `.grad`, a leaf's from zero;
    no `.grad` is touched here. Why nodes are taken in reverse topological order, why contributions
    are added, why operands are a tuple is seen by doing otherwise:

    Args:
        output: The node to differentiate.
        order: In which order nodes hand on. None, as `backward()`: each after all its uses have.
            `"depth-first"`: a recursion hands a node's adjoint on to all its operands and then
            enters each of them, the first one first, unless it has been there. `"breadth-first"`:
            the same with a queue, so that nodes follow by their distance from the output.
            `"recursive"`: the recursion without a memory, which enters a node once for each path
            from the output and hands on all it has by then, again and again. Or a list of the
            graph's computed nodes, or of their names, each once.
        accumulate: False for `=` in place of `+=`.
        operands: `"set"` for an engine that keeps a node's operands in a set, so that `x * x` has
            one, with the local derivative of the last.
        seed: The adjoint of the output.

    Returns:
        The steps; with `gradients`, as they come out, beside the `right` ones, `first_wrong`, the
        first step with a flaw, and `is_right`.

    Raises:
        TypeError: If output is not a Value, or an argument is of the wrong type; in a function that
            is being compiled, where the result would be frozen.
        ValueError: If output is a constant, a leaf was edited after the graph was recorded, or an
            order misses nodes, repeats one, or has one that is not in the graph.
        LookupError: If no node has a name that stands in the order.
        ArithmeticError: If a derivative is infinite or undefined, or overflows, as in `backward()`.

    Example:
        >>> from autograd import Value, backward_steps
        >>> x = Value(1.0, label="x")
        >>> a = 2 * x; a.label = "a"
        >>> b = 3 * a; b.label = "b"
        >>> print(backward_steps(a + b))
        backward() from +: 4 steps
        step  from  to    upstream × local = contribution  total so far  still waiting for
           0           +                             seed             1           complete
           1  +     0: a                        1 × 1 = 1             1              1 use
           2  +     1: b                        1 × 1 = 1             1           complete
           3  b     1: a                        1 × 3 = 3             4           complete
           4  a     1: x                        4 × 2 = 8             8           complete
        >>> depth_first = backward_steps(a + b, order="depth-first")
        >>> depth_first.gradients[x], depth_first.right[x]
        (2.0, 8.0)
        >>> depth_first.first_wrong.flaw
        'hands on too early: 1 use of it still to come'
    """
    if switches.watchers:
        switches.tell_swept("backward_steps()", __name__)
    if not isinstance(output, Value):
        raise TypeError(
            f"backward_steps needs a Value as output, not {type(output).__name__} {output!r:.80}"
        )
    if not isinstance(accumulate, bool):
        raise TypeError(f"accumulate must be True or False, not {accumulate!r:.80}")
    if operands not in ("tuple", "set"):
        raise ValueError(f"operands must be 'tuple' or 'set', not {operands!r:.80}")
    start = as_float(seed, "backward_steps(seed)")
    refuse_constant(output, "backward_steps()")
    topological = topological_order(output)
    refuse_stale(topological)
    wanted = wanted_order(order, output, topological)
    inspect(output, start)
    is_usual = order is None and accumulate and operands == "tuple"
    right = None if is_usual else adjoints(output, start)
    done = run_sweep(
        wanted,
        topological,
        start,
        accumulate=accumulate,
        as_set=operands == "set",
        is_repeating=isinstance(order, str) and order == "recursive",
    )
    if right is None:
        refuse_overflowing(done, start)
        known = done.adjoints
    else:
        known = array("d", [right[node] for node in done.nodes])
    manner = tables.Manner(
        start,
        None if order is None else order if isinstance(order, str) else "in an order of your own",
        accumulate,
        operands == "set",
    )
    return BackwardSteps(done, known, manner, range(len(done.turn)))
