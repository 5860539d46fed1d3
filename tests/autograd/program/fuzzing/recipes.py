"""Recipes: random functions over the whole rule book, as data that can be run, printed and cut."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from autograd.operators import COMPARISONS
from autograd.primitives import RULES

# An operand is a constant, or the place of a number: arguments, weights, then results of steps.
SPECIAL = [
    0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, 0.5, -0.5, 0.1, 4.0, 1e-308, -5e-324, 1e308, -1e308,
    40.0, -40.0, 800.0, -800.0, math.inf, -math.inf,
]  # fmt: skip
CONSTANTS = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, 4.0, 0.5, 0.1, -1.5, 1e-308, 1e308, 40.0]
RARE_CONSTANTS = [math.inf, -math.inf, math.nan, -800.0]
ORDERS = (0.0, 1.0, 2.0)  # of derivatives: operands that have to be constants
FIXED = [rule for rule in RULES.values() if not rule.is_variadic]
VARIADIC = [rule for rule in RULES.values() if rule.is_variadic]
ORDER_OPERANDS = {
    rule.name: [k for k, partial in enumerate(rule.partials) if partial is None] for rule in FIXED
}
COUNTS = {"softmax_cross_entropy": (2, 4, 6), "softmax_excess": (2, 3, 5)}


@dataclass(frozen=True)
class Step:
    """One operation, or one of two if it is under a branch: `other` where the comparison fails."""

    operation: str
    operands: tuple[int | float, ...]
    comparison: tuple[int | float, str, int | float] | None = None
    other: str = ""

    def taken(self, numbers):
        """The operation that these numbers choose, and its operands among them."""

        def chosen(x):
            return numbers[x] if type(x) is int else x

        name = self.operation
        if self.comparison is not None:
            left, symbol, right = self.comparison
            if not COMPARISONS[symbol](chosen(left), chosen(right)):
                name = self.other
        return name, [chosen(x) for x in self.operands]

    def __str__(self):
        shown = ", ".join([f"#{x}" if type(x) is int else repr(x) for x in self.operands])
        if self.comparison is None:
            return f"{self.operation}({shown})"
        left, symbol, right = [f"#{x}" if type(x) is int else str(x) for x in self.comparison]
        return f"({self.operation} if {left} {symbol} {right} else {self.other})({shown})"


@dataclass(frozen=True)
class Recipe:
    """A function of numbers that uses weights from outside; its result is the last step's."""

    arguments: int
    weights: tuple[float, ...]
    steps: tuple[Step, ...]

    @property
    def given(self):
        return self.arguments + len(self.weights)

    def function(self, weights, told=lambda number: None):
        """The function, with these numbers or Values for weights; each result is told."""

        def f(*xs):
            numbers = [*xs, *weights]

            for step in self.steps:
                name, operands = step.taken(numbers)
                numbers.append(RULES[name].apply(operands))
                told(numbers[-1])
            return numbers[-1]

        f.__name__ = "recipe"
        # A program names its arguments as the function does.
        return _with_arguments(f, self.arguments)

    def failures(self, weights, point):
        """How many steps fail by themselves; what needs the result of one that fails gets NaN."""
        numbers, count = [*point, *weights], 0
        for step in self.steps:
            name, operands = step.taken(numbers)
            try:
                numbers.append(RULES[name].value(operands))
            except (ArithmeticError, ValueError):
                numbers.append(math.nan)
                count += 1
        return count

    def __str__(self):
        lines = [f"{self.arguments} arguments, weights {list(self.weights)}"]
        lines += [f"  #{self.given + k} = {step}" for k, step in enumerate(self.steps)]
        return "\n".join(lines)


def _with_arguments(f, count):
    names = ", ".join([f"x{k}" for k in range(count)])
    namespace = {"f": f}
    exec(f"def recipe({names}): return f({names})", namespace)
    return namespace["recipe"]


def random_recipe(source):
    """Return a recipe whose every step its result needs."""
    arguments = source.randint(1, 3)
    weights = tuple([random_number(source) for _ in range(source.choice((0, 0, 1, 2)))])
    steps: list[Step] = []
    given = arguments + len(weights)
    unused = set(range(given))
    for _ in range(source.randint(1, 9)):
        step = _random_step(source, given + len(steps), unused)
        unused.difference_update(_read(step))
        unused.add(given + len(steps))
        steps.append(step)
    loose = sorted(unused - {given + len(steps) - 1})
    if loose:
        # What no result needs, a program does not compute: everything counts.
        last = source.choice(("sum", "dot", "logsumexp", "prod", "norm", "mean"))
        steps.append(Step(last, (*loose, given + len(steps) - 1)))
    return pruned(Recipe(arguments, weights, tuple(steps)))


def random_number(source):
    if source.random() < 0.45:
        return source.choice(SPECIAL)
    return source.gauss(0.0, 2.0)


def random_point(source, recipe):
    return tuple([random_number(source) for _ in range(recipe.arguments)])


def _random_step(source, count, unused):
    rule = source.choice(FIXED) if source.random() < 0.8 else source.choice(VARIADIC)
    counts = COUNTS.get(rule.name, (1, 2, 3, 4, 5, 9))
    arity = rule.arity if rule.arity > 0 else source.choice(counts)
    operands = [_random_operand(source, count, unused) for _ in range(arity)]
    if all(type(x) is float for x in operands):
        operands[-1] = source.randrange(count)
    orders = ORDER_OPERANDS.get(rule.name, [])
    for k in orders:
        operands[k] = source.choice(ORDERS)
    if orders and all(type(x) is float for x in operands):
        operands[0 if orders[0] else 1] = source.randrange(count)
    if source.random() > 0.12 or rule.is_variadic or orders:
        return Step(rule.name, tuple(operands))
    alike = [r.name for r in FIXED if r.arity == rule.arity and not ORDER_OPERANDS[r.name]]
    comparison = (
        source.randrange(count),
        source.choice(list(COMPARISONS)),
        source.randrange(count) if source.random() < 0.5 else source.choice(CONSTANTS),
    )
    return Step(rule.name, tuple(operands), comparison, source.choice(alike))


def _random_operand(source, count, unused):
    chance = source.random()
    if chance < 0.2:
        return source.choice(CONSTANTS)
    if chance < 0.22:
        return source.choice(RARE_CONSTANTS)
    if chance < 0.6 and unused:
        return source.choice(sorted(unused))
    return max(source.randrange(count), source.randrange(count))


def _read(step):
    places = [x for x in step.operands if type(x) is int]
    compared = step.comparison or ()
    return places + [x for x in compared if type(x) is int]


# --- Smaller recipes ------------------------------------------------------------------------------


def pruned(recipe):
    """Return a recipe without the steps that its result does not need."""
    needed = {recipe.given + len(recipe.steps) - 1}
    for place in range(len(recipe.steps) - 1, -1, -1):
        if recipe.given + place in needed:
            needed.update(_read(recipe.steps[place]))
    kept = [k for k in range(len(recipe.steps)) if recipe.given + k in needed]
    moved = {k: k for k in range(recipe.given)}
    moved |= {recipe.given + k: recipe.given + new for new, k in enumerate(kept)}
    return replace(recipe, steps=tuple([_moved(recipe.steps[k], moved) for k in kept]))


def _moved(step, places):
    def new(x):
        return places.get(x, x) if type(x) is int else x

    comparison = step.comparison
    if comparison is not None:
        comparison = (new(comparison[0]), comparison[1], new(comparison[2]))
    return replace(step, operands=tuple(map(new, step.operands)), comparison=comparison)


def smaller(recipe):
    """Yield recipes that are a little simpler, those that cut most first."""
    for place in range(len(recipe.steps) - 1):
        yield pruned(replace(recipe, steps=recipe.steps[: place + 1]))
    for place, step in enumerate(recipe.steps):
        for operand in dict.fromkeys(_read(step)):
            if place < len(recipe.steps) - 1:
                moved = {k: k for k in range(recipe.given + len(recipe.steps))}
                moved[recipe.given + place] = operand
                steps = tuple([_moved(s, moved) for s in recipe.steps])
                yield pruned(replace(recipe, steps=steps))
    for place, step in enumerate(recipe.steps):
        for simpler in _simpler_steps(step):
            steps = (*recipe.steps[:place], simpler, *recipe.steps[place + 1 :])
            yield pruned(replace(recipe, steps=steps))
    for place, weight in enumerate(recipe.weights):
        for number in _simpler_numbers(weight):
            weights = (*recipe.weights[:place], number, *recipe.weights[place + 1 :])
            yield replace(recipe, weights=weights)


def _simpler_steps(step):
    if step.comparison is not None:
        yield Step(step.operation, step.operands)
        yield Step(step.other, step.operands)
    if RULES[step.operation].is_variadic:
        for k in range(len(step.operands)):
            shorter = step.operands[:k] + step.operands[k + 1 :]
            if any(type(x) is int for x in shorter):
                yield replace(step, operands=shorter)
    for k, x in enumerate(step.operands):
        if type(x) is float and not ORDER_OPERANDS.get(step.operation):
            for number in _simpler_numbers(x):
                yield replace(step, operands=(*step.operands[:k], number, *step.operands[k + 1 :]))


def _simpler_numbers(number):
    for simple in (1.0, 0.0, 2.0, -1.0, round(number, 1) if math.isfinite(number) else number):
        if number in (1.0, 0.0) and math.copysign(1.0, number) > 0.0:
            return
        if repr(simple) != repr(number):
            yield simple


def smaller_point(point):
    """Yield points with one number simpler."""
    for place, number in enumerate(point):
        for simple in _simpler_numbers(number):
            yield (*point[:place], simple, *point[place + 1 :])
