"""The self-test tests the checker; these tests test the self-test."""

import pytest

from autograd import gradients, jvp, primitives, values
from autograd.reverse import adjoints
from autograd.verification import gradcheck, mutants, quiet_mutants
from autograd.verification.broken_sweeps import SWEEPS, gradient_by
from autograd.verification.mutants import selftest
from autograd.verification.quiet_mutants import QUIET_MUTANTS


@pytest.fixture(scope="module")
def result():
    return selftest()


def test_every_broken_rule_and_sweep_is_noticed(result):
    assert result.missed == ()
    assert result.alarms == ()
    assert result.is_sound


def test_every_rule_and_every_operand_was_broken(result):
    said = "\n".join(result.noticed)
    for primitive in [rule for rule in primitives.RULES.values() if not rule.is_reference]:
        operands = range(4 if primitive.is_variadic else primitive.arity)
        for position in operands:
            constant = primitive.operand_names[position : position + 1] in [("n",), ("m",)]
            assert constant or f"{primitive.name}, operand {position}: " in said
    for fault in ("sign", "off by 1e-6", "missing", "one instead of zero", "swapped operands"):
        assert said.count(fault) >= 4, fault
    for name in SWEEPS:
        assert f"sweep: {name}" in said


def test_a_checker_that_passes_everything_is_found_out(monkeypatch, result):
    class Blind:
        verdict = "PASS"

    monkeypatch.setattr(mutants, "check_grads", lambda *args, **options: Blind)
    monkeypatch.setattr(mutants, "check_gradient", lambda *args: Blind)
    monkeypatch.setattr(quiet_mutants, "check_grads", lambda *args, **options: Blind)
    monkeypatch.setattr(quiet_mutants, "second_opinion", lambda *args: Blind)
    found = selftest()
    assert found.noticed == ()
    assert set(found.missed) == set(result.noticed)
    assert not found.is_sound
    assert "MISSED  tanh, operand 0: sign" in str(found)


@pytest.mark.parametrize("mutant", QUIET_MUTANTS, ids=lambda mutant: mutant.name)
def test_no_comparison_of_modes_sees_what_all_modes_share(mutant):
    def f(*xs):
        return mutant.wrong.apply(xs)

    nodes = values(mutant.point)
    by_graph = [slope.data for slope in gradients(f(*nodes), nodes)]
    f(*nodes).backward()
    units = [[float(i == j) for i in range(len(nodes))] for j in range(len(nodes))]
    by_duals = [jvp(f, mutant.point, unit)[1] for unit in units]
    assert by_graph == [node.grad for node in nodes] == by_duals


def test_a_checker_that_fails_everything_is_found_out(monkeypatch):
    monkeypatch.setattr(gradcheck.OfArguments, "evaluate", lambda self, point: sum(point) * 12345.0)
    found = selftest()
    assert found.alarms
    assert not found.is_sound
    assert "FALSE ALARM" in str(found)


def test_the_counterexample_of_the_dropped_order():
    def f(x):
        a = 2.0 * x[0]
        b = 3.0 * a
        return b + a

    assert gradient_by(SWEEPS["dropped topological order"][0], f)([1.0]) == [2.0]
    assert gradient_by(adjoints, f)([1.0]) == [8.0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("missing accumulation", 3.0),
        ("operands in a set", 3.0),
        ("stale data", 6.2),
        ("missing chain", 6.0),
    ],
)
def test_what_a_square_shows_of_a_fault(name, expected):
    found = gradient_by(SWEEPS[name][0], lambda x: x[0] * x[0])([3.0])
    assert found == pytest.approx([expected])


def test_a_second_sweep_over_stale_interior_gradients_is_half_as_much_again():
    # micrograd, issues 53 and 54: (2x)² twice.
    found = gradient_by(SWEEPS["interior gradients not reset"][0], lambda x: (2.0 * x[0]) ** 2)
    assert found([3.0]) == [48.0]
