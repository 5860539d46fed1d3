"""Listings: what `print(program)` shows."""

import pytest

from autograd.primitives import RULES
from autograd.program.code.instructions import Code, Guard, Instruction
from autograd.program.code.listing import listing


def chain(length, labels=None):
    instructions = tuple(Instruction(RULES["sin"], (k,)) for k in range(length))
    return Code(1, 0, (), instructions, (length,), (), labels or {})


def test_a_neuron_is_read_as_one_would_write_it():
    code = Code(
        2, 3, (2.0, 0.5),
        (
            Instruction(RULES["dot"], (2, 3, 0, 1, 4)),
            Instruction(RULES["tanh"], (7,)),
            Instruction(RULES["pow"], (8, 5)),
            Instruction(RULES["neg"], (9,)),
            Instruction(RULES["leaky_relu"], (10, 6)),
        ),
        (11,), (Guard(0, ">", 5, True), Guard(8, "<=", 1, False)), {7: "z^(1)", 8: "a^(1)"},
    )  # fmt: skip
    removed = {"folded": 3, "merged": 1, "simplified": 0, "dead": 12}
    assert listing(code, ["x", "y", "w_1", "w_2", "b"], removed).splitlines() == [
        "inputs      x, y",
        "parameters  w_1, w_2, b",
        "guard  x > 2 is True",
        "t1 = dot([w_1, w_2], [x, y]) + b   z^(1)",
        "t2 = tanh(t1)                      a^(1)",
        "guard  t2 <= y is False",
        "t3 = t2 ** 2",
        "t4 = -t3",
        "t5 = leaky_relu(t4, 0.5)",
        "-> t5",
        "5 instructions after simplification: 3 folded, 1 merged, 12 dropped",
    ]


def test_labels_that_are_names_become_the_names():
    shown = listing(chain(2, {1: "a", 2: "x"}), ["x"]).splitlines()
    assert shown == ["inputs  x", "a  = sin(x)", "t2 = sin(a)   x", "-> t2", "2 instructions"]


def test_inputs_named_like_results_keep_their_names():
    assert listing(chain(1), ["t1"]).splitlines()[1] == "v1 = sin(t1)"


def test_the_middle_of_a_long_listing_is_left_out_unless_asked_for():
    code = chain(1_000)
    shown = listing(code, ["x"]).splitlines()
    assert len(shown) == 1 + 40 + 2
    assert "…  961 more lines" in shown
    assert shown[1].split() == ["t1", "=", "sin(x)"]
    assert shown[-3:] == ["t1000 = sin(t999)", "-> t1000", "1,000 instructions"]
    everything = listing(code, ["x"], lines=None).splitlines()
    assert len(everything) == 1_003
    assert [line for line in shown if "…" not in line] == [
        line for line in everything if line in shown
    ]
    assert len(listing(chain(40), ["x"]).splitlines()) == 43  # nothing to leave out


def test_long_rows_of_operands_show_their_ends():
    count = 100
    dot = Instruction(RULES["dot"], tuple(range(2 * count)))
    total = Instruction(RULES["sum"], tuple(range(count)))
    code = Code(count, count, (), (dot, total), (200, 201))
    names = [f"x_{k}" for k in range(count)] + [f"w_{k}" for k in range(count)]
    shown = listing(code, names).splitlines()
    assert shown[2:4] == [
        "t1 = dot([x_0 … x_99 (100)], [w_0 … w_99 (100)])",
        "t2 = sum([x_0 … x_99 (100)])",
    ]
    assert max(map(len, shown)) < 80


def test_every_operation_and_every_number_is_shown():
    for primitive in RULES.values():
        count = primitive.arity if primitive.arity > 0 else 2
        constants = (float("inf"), -0.0, 1e-3, 2.0)[:count]
        code = Code(0, 0, constants, (Instruction(primitive, tuple(range(count))),), (count,))
        line = listing(code, []).splitlines()[1]
        assert line.startswith("t1 = ")
        assert "inf" in line


def test_labels_cannot_break_the_lines():
    shown = listing(chain(1, {1: "a\nb\u202ec"}), ["x"]).splitlines()
    assert shown[1] == "t1 = sin(x)   a b c"
    assert len(shown) == 4


def test_code_without_instructions_or_inputs():
    assert listing(Code(0, 0, (1.5,), (), (0,)), []).splitlines() == [
        "inputs  none", "-> 1.5", "0 instructions",
    ]  # fmt: skip


def test_names_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="1 inputs and parameters; got 2 names"):
        listing(chain(1), ["x", "y"])
