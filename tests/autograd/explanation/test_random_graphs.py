"""Random graphs over the rule book: what is written has the value of the sweep."""

from __future__ import annotations

import math
import random
import re

import pytest

import autograd
from autograd import Value, explain
from autograd.explanation.quantities import evaluated
from autograd.primitives import RULES
from tests.autograd.explanation.reading import NUMBERS, computed, equations, part

UNARY = [
    rule for rule in RULES.values()
    if rule.arity == 1 and rule.name not in ("asin", "acos", "acosh", "atanh", "lgamma", "digamma")
]  # fmt: skip
BINARY = [
    RULES[name] for name in ("add", "sub", "mul", "div", "maximum", "hypot", "atan2", "pow")
]  # fmt: skip
MANY = [
    autograd.sum, autograd.mean, autograd.prod, autograd.logsumexp,
    lambda xs: autograd.softmax(xs)[0], lambda xs: autograd.dot(xs, [*xs[1:], 2.0], xs[0]),
    lambda xs: autograd.softmax_cross_entropy(xs, [1.0 / len(xs)] * len(xs)),
]  # fmt: skip


def grown(seed):
    """An output and its leaves."""
    source = random.Random(seed)
    labels = [None, "w", "x_1", "a b", "θ"]
    leaves = [Value(source.uniform(0.2, 2.0), source.choice(labels)) for _ in range(3)]
    pool = list(leaves)
    for _ in range(source.randint(1, 14)):
        kind = source.random()
        try:
            if kind < 0.4:
                found = source.choice(UNARY)(source.choice(pool))
            elif kind < 0.75:
                found = source.choice(BINARY)(source.choice(pool), source.choice([*pool, 2.0, 0.5]))
            else:
                xs = [source.choice(pool) for _ in range(source.randint(1, 6))]
                found = source.choice(MANY)(xs)
        except (ArithmeticError, ValueError):
            continue
        if isinstance(found, Value) and abs(found.data) < 50.0:
            pool.append(found)
    return pool[-1], leaves


def _can_be_differentiated(output, source):
    try:
        output.adjoints_of([source])
    except ArithmeticError:
        return False
    return autograd.use_counts(source, output).count > 0


@pytest.mark.parametrize("start", range(0, 400, 40))
def test_random_graphs(start):
    explained = 0
    for seed in range(start, start + 40):
        output, leaves = grown(seed)
        for source in leaves:
            if not _can_be_differentiated(output, source):
                continue
            explanation = explain(output, source)
            explained += 1
            assert explanation.gradient == output.adjoints_of([source])[0]
            for equation in explanation.equations:
                for form in equation.forms:
                    value = evaluated(form)
                    assert math.isclose(value, equation.value, rel_tol=1e-7, abs_tol=1e-9), seed
            for left, rights in equations(part(explanation.text, NUMBERS)):
                if not any(re.search(r"[a-z]\(", right) for right in rights):  # no functions
                    values = [computed(right) for right in rights]
                    for value in values:
                        assert math.isclose(value, values[-1], rel_tol=1e-3, abs_tol=1e-12), left
            text = explanation.latex()
            assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    assert explained > 20
