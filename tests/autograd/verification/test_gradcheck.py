import math
import random
from collections import namedtuple

import pytest

import autograd as ag
from autograd import Value, primitives
from autograd.primitive import Primitive
from autograd.verification.gradcheck import check_grads, check_parameters
from autograd.verification.verdicts import VERDICTS, GradientError, judge

UNARY_POINTS = {
    primitive.name: 1.7 if "x > 1" in primitive.domain else 0.37
    for primitive in primitives.RULES.values()
    if primitive.arity == 1 and primitive.name not in ("sign", "step", "nonzero", "rint")
}


def planted(primitive, factor, operand=0):
    """The primitive with one wrong partial: a copy, the rule book stays as it is."""
    partials = list(primitive.partials)
    right = partials[operand]
    partials[operand] = lambda out, *operands: right(out, *operands) * factor
    return primitive.replace(partials=tuple(partials))


@pytest.mark.parametrize("name", UNARY_POINTS)
def test_right_rules_pass_to_second_order(name):
    report = check_grads(primitives.RULES[name], UNARY_POINTS[name], order=2)
    assert report.verdict == "PASS"
    assert len(report.comparisons) == 2


@pytest.mark.parametrize("factor", [-1.0, 0.0, 2.0, 1.0 + 1e-6, 1.0 - 1e-6])
@pytest.mark.parametrize("name", UNARY_POINTS)
def test_a_planted_wrong_partial_fails_and_is_named(name, factor):
    wrong = planted(primitives.RULES[name], factor)
    with pytest.raises(GradientError) as caught:
        check_grads(lambda x: wrong(x) * 2.0 + 1.0, UNARY_POINTS[name])
    assert caught.value.report.verdict == "FAIL"
    assert f"the first wrong operation is {name} " in str(caught.value)


@pytest.mark.parametrize("operand", [0, 1])
@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "pow", "atan2", "hypot", "logaddexp"])
def test_a_wrong_partial_of_one_operand_is_named_by_its_position(name, operand):
    wrong = planted(primitives.RULES[name], 1.0 + 1e-6, operand)
    with pytest.raises(GradientError) as caught:
        check_grads(lambda x, y: wrong(x, y), 1.3, 0.8)
    message = str(caught.value)
    assert f"FAIL  args[{operand}]: reverse, forward, graph modes give" in message
    assert f"args[{1 - operand}]" not in message
    assert f"its rule for operand {operand} gives" in message


def test_the_wrong_operation_is_found_in_the_middle_of_a_graph_with_its_line():
    wrong = planted(primitives.tanh, 1.0 + 1e-6)
    with pytest.raises(GradientError, match=r"first wrong operation is tanh .*test_gradcheck\.py:"):
        check_grads(lambda x, y: ag.exp(wrong(x * y) * y) + x.sin(), 0.4, 0.9)


def test_wrong_at_one_index_of_two_hundred():
    def off_at_117(out, *xs):
        return [2.0 * x * (1.0 + 1e-6 * (i == 117)) for i, x in enumerate(xs)]

    squares = Primitive("squares", lambda *xs: sum(x * x for x in xs), off_at_117, pack=tuple)
    source = random.Random(1)
    point = [source.uniform(0.5, 1.5) for _ in range(200)]
    with pytest.raises(GradientError) as caught:
        check_grads(squares, point, modes=("reverse",))
    (failure,) = caught.value.report.failures
    assert failure.path == "args[0][117]"


def test_a_rule_that_is_wrong_in_second_order_only():
    # The value of the partial is right, but it is detached from its operand.
    frozen = primitives.tanh.replace(partials=(lambda out, x: (1.0 - out * out) * _frozen(out),))
    assert check_grads(frozen, 0.5, order=1).verdict == "PASS"
    with pytest.raises(GradientError, match=r"FAIL  args\[0\] × args\[0\]"):
        check_grads(frozen, 0.5)


def _frozen(out):
    # 1 in value, with derivative 3.
    data = out.data if hasattr(out, "carrier_level") else out
    return 1.0 + 3.0 * (out - data) if hasattr(out, "carrier_level") else 1.0


def test_a_function_that_loses_its_gradient_fails():
    with pytest.raises(GradientError, match=r"give 0\.0, differences give 2 ±"):
        check_grads(lambda x: x.data * 2.0, 1.0)


def test_when_no_operation_is_wrong_the_message_says_where_to_look():
    with pytest.raises(
        GradientError, match="every operation is right by itself: look for a number"
    ):
        check_grads(lambda x: x * x.data, 3.0)


def test_digits_lost_in_a_sweep_are_a_failure_of_that_mode_alone():
    def f(x):
        growth = ag.exp(x)
        return (x + (growth - growth)) / growth

    with pytest.raises(GradientError, match="rounding where large contributions cancel") as caught:
        check_grads(f, 144.6124496104348)
    (row,) = caught.value.report.comparisons
    assert (row.verdicts["reverse"], row.verdicts["forward"]) == ("FAIL", "PASS")
    true = (1.0 - 144.6124496104348) * math.exp(-144.6124496104348)
    assert row.measured.value == pytest.approx(true, rel=1e-8)


def test_one_wrong_mode_is_named_alone():
    # Only a float sees this factor: the reverse sweep runs the partials on floats.
    def partial(out, x):
        return 2.0 * x if hasattr(x, "carrier_level") else 2.5 * x

    square = Primitive("square", lambda x: x * x, (partial,))
    with pytest.raises(GradientError) as caught:
        check_grads(square, 3.0)
    verdicts = caught.value.report.comparisons[0].verdicts
    assert verdicts["reverse"] == "FAIL"
    assert verdicts["graph"] == "PASS"


@pytest.mark.parametrize(
    ("f", "x", "left", "right"),
    [
        (ag.relu, 0.0, 0.0, 1.0),
        (abs, 0.0, -1.0, 1.0),
        (lambda x: ag.maximum(x, 2.0 * x), 0.0, 1.0, 2.0),
        (lambda x: ag.leaky_relu(x - 2.0), 2.0, 0.01, 1.0),
        (lambda x: ag.clip(x, -1.0, 1.0), 1.0, 1.0, 0.0),
    ],
)
def test_kinks_are_neither_failures_nor_passes(f, x, left, right):
    report = check_grads(f, x)
    (row,) = report.comparisons
    assert report.verdict == "KINK"
    assert (row.measured.left, row.measured.right) == pytest.approx((left, right), abs=1e-9)


def test_a_subgradient_outside_of_the_kink_is_wrong():
    wrong = primitives.relu.replace(partials=(lambda out, x: 1.5,))
    with pytest.raises(GradientError, match=r"0 from the left and 1 from the right"):
        check_grads(wrong, 0.0)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: 1e10 + x,
        lambda x: 1e16 + x,
        lambda x: ag.step(x - 1.0) * 1.0,
        lambda x: x + 1e-7 * _scrambled(x),
        lambda x: (x * 1e8 + 1e18) - 1e18,
    ],
)
def test_what_is_too_noisy_to_tell_is_inconclusive_and_no_pass(f):
    with pytest.raises(GradientError) as caught:
        check_grads(f, 1.0)
    assert caught.value.report.verdict == "INCONCLUSIVE"


@pytest.mark.parametrize("claimed", [0.0, 1.0, 5.0, -3.0])
def test_no_gradient_at_all_is_certified_below_an_overwhelming_offset(claimed):
    hidden = Primitive("hidden", lambda x: 1e16 + x, (lambda out, x: claimed + 0.0 * x,))
    with pytest.raises(GradientError):
        check_grads(hidden, 1.0)


def _scrambled(x):
    # Deterministic noise: depends on the last bits of x only.
    return random.Random(x.data if hasattr(x, "carrier_level") else x).random()


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: x * x, (1e12,)),
        (lambda x: x * x, (1e-12,)),
        (lambda x: ag.sin(x * 1e12), (1e-12,)),
        (lambda x: ag.cos(x), (0.0,)),
        (lambda x: ag.sin(x), (math.pi / 2,)),
        (lambda x, y: x * y, (1e12, 1e-12)),
        (lambda x: 1e6 * x + 1e-6, (1e-9,)),
        (lambda x: ag.exp(-1e4 * x * x), (0.01,)),
        (lambda x: x**1.5, (0.0,)),
        (lambda x: ag.log(x), (1e-300,)),
        (lambda x: ag.acosh(x), (1.0 + 1e-9,)),
        (lambda x: 5.0, (2.0,)),
        (lambda x: ag.relu(x) * 3.0, (-2.0,)),
        (lambda x: abs(x) * x, (0.0,)),
        (lambda x: ag.sqrt(x * x + 1e-30) - 1e-15, (1.0,)),
    ],
)
def test_right_functions_of_odd_scales_pass(f, args):
    assert check_grads(f, *args, order=1).verdict == "PASS"


@pytest.mark.parametrize(("f", "x"), [(lambda x: x**1.5, 0.0), (lambda x: ag.log(x), 1e-300)])
@pytest.mark.parametrize("projections", [None, 1])
def test_a_second_derivative_that_does_not_exist_is_told_as_such(f, x, projections):
    assert check_grads(f, x, order=1, projections=projections).verdict == "PASS"
    with pytest.raises(ArithmeticError, match=r"in the derivative of .*, order 2; with order=1"):
        check_grads(f, x, projections=projections)


def test_the_second_derivative_may_have_a_kink_where_the_first_has_none():
    report = check_grads(lambda x: abs(x) * x, 0.0)
    assert [row.verdict for row in report.comparisons] == ["PASS", "KINK"]


def test_the_path_names_the_number_in_any_structure():
    Pair = namedtuple("Pair", "left right")
    point = {"w": [1.0, 2.0], "pair": Pair(3.0, (4.0,))}
    report = check_grads(
        lambda p, b: p["w"][0] * p["w"][1] + p["pair"].left * p["pair"].right[0] + b,
        point,
        5,
        order=1,
    )
    assert [row.path for row in report.comparisons] == [
        "args[0]['w'][0]",
        "args[0]['w'][1]",
        "args[0]['pair'].left",
        "args[0]['pair'].right[0]",
        "args[1]",
    ]
    assert [row.claimed["reverse"] for row in report.comparisons] == [2.0, 1.0, 4.0, 3.0, 1.0]


def test_the_report_is_a_table_and_shows_what_is_not_connected():
    text = repr(check_grads(lambda x, y: x * x, 3.0, 4.0, order=1))
    first, header, *rows = text.splitlines()
    assert first == "gradient of f: 2 PASS"
    assert header.split() == ["input", "gradient", "differences", "±", "error", "verdict"]
    assert rows[0].split()[:3] == ["args[0]", "6", "6"]
    assert rows[1].endswith("PASS (not connected)")


def test_an_input_that_hardly_matters_is_marked():
    report = check_grads(lambda x, y: x + 1e-12 * y, 1.0, 1.0, order=1)
    assert [row.is_negligible for row in report.comparisons] == [False, True]
    assert repr(report).endswith("PASS (negligible)")


def test_the_sides_of_a_slight_kink_are_told_apart():
    text = repr(check_grads(lambda x: x + 1e-5 * abs(x - 1.0), 1.0, order=1))
    assert "0.99999 | 1.00001" in text


def test_a_dead_relu_passes_and_is_called_flat():
    report = check_grads(lambda x, y: x + ag.relu(y), 1.0, -1.0)
    assert report.verdict == "PASS"
    assert repr(report).endswith("PASS (flat)")


def test_a_slope_too_steep_for_floats_to_follow_is_not_called_wrong():
    with pytest.raises(GradientError) as caught:
        check_grads(lambda x: ag.sin(x * 1e19), 1.3)
    assert caught.value.report.verdict == "INCONCLUSIVE"


def test_a_long_report_shows_the_kink_and_hides_passes():
    text = repr(check_grads(lambda xs: sum((abs(x) for x in xs), 0.0), [1.0] * 40 + [0.0], order=1))
    assert "args[0][40]" in text
    assert "... and 17 more in .comparisons" in text


@pytest.mark.parametrize(
    ("error", "f", "args", "said"),
    [
        (TypeError, lambda x: [x], (1.0,), "the result of f: .* got a list"),
        (TypeError, lambda x: "text", (1.0,), "the result of f: .* got the str 'text'"),
        (TypeError, lambda x: None, (1.0,), "the result of f: .* got None"),
        (TypeError, lambda x: x, ("text",), r"args\[0\] is 'text'"),
        (TypeError, lambda x: x, (1j,), r"args\[0\] is 1j"),
        (ValueError, lambda: 1.0, (), "no number in the arguments"),
        (ValueError, lambda xs: 1.0, ([],), "no number in the arguments"),
        (ValueError, lambda x: x, (math.nan,), r"args\[0\] is nan"),
        (ValueError, lambda x: x * math.inf, (1.0,), "f is inf at this point"),
        (ValueError, lambda x: x * random.random(), (1.0,), "f is random"),
        (ArithmeticError, lambda x: ag.sqrt(x), (0.0,), "infinite or undefined"),
    ],
)
def test_bad_input_is_told_apart_from_wrong_gradients(error, f, args, said):
    with pytest.raises(error, match=said) as caught:
        check_grads(f, *args)
    assert not isinstance(caught.value, GradientError)


@pytest.mark.parametrize(
    "options",
    [
        {"order": 0},
        {"order": 1.5},
        {"modes": ()},
        {"modes": ("backward",)},
        {"precision": 0},
        {"modes": ("gradient",)},
    ],
)
def test_bad_options(options):
    with pytest.raises(ValueError, match="must be"):
        check_grads(lambda x: x, 1.0, **options)


def test_the_arguments_are_not_changed():
    point = {"w": [1.0, 2.0]}
    x = Value(3.0)

    def f(p, x):
        p["w"].append(0.0)
        return p["w"][0] * p["w"][1] * x

    check_grads(f, point, x)
    assert point == {"w": [1.0, 2.0]}
    assert (x.data, x.grad) == (3.0, 0.0)


def test_a_function_that_uses_values_from_outside():
    w = Value(2.0)
    assert check_grads(lambda x: (w * x).tanh(), 0.3, order=2).verdict == "PASS"
    assert w.grad == 0.0


@pytest.mark.parametrize(
    ("claimed", "verdict"),
    [(12.0, "PASS"), (12.0 * (1 + 1e-6), "FAIL"), (math.nan, "FAIL"), (math.inf, "FAIL")],
)
def test_verdicts_on_a_cube(claimed, verdict):
    from autograd.verification.differences import difference

    assert judge(claimed, difference(lambda x: x**3, 2.0), 1e-7) == verdict
    assert verdict in VERDICTS


# --- Random programs ------------------------------------------------------------------------------

STEPS = [
    *(primitives.add, primitives.sub, primitives.mul, primitives.div),
    *(primitives.atan2, primitives.hypot, primitives.logaddexp),
    *(primitives.exp, primitives.log, primitives.sqrt, primitives.sin, primitives.atan),
    *(primitives.tanh, primitives.softplus, primitives.erf, primitives.gelu),
]


def random_program(source, inputs):
    steps = []
    for length in range(inputs, inputs + source.randint(2, 8)):
        primitive = source.choice(STEPS)
        steps.append((primitive, [source.randrange(length) for _ in range(primitive.arity)]))
    return steps


def runs(steps):
    def program(*xs):
        numbers = list(xs)
        for primitive, places in steps:
            numbers.append(primitive(*[numbers[place] for place in places]))
        return numbers[-1]

    return program


def checked(steps, point):
    try:
        return check_grads(runs(steps), *point, order=1, modes=("reverse",))
    except GradientError as error:
        return error.report


@pytest.mark.parametrize("seed", range(8))
def test_random_programs_never_fail_and_planted_faults_never_pass(seed):
    source = random.Random(seed)
    passed = faults = 0
    while passed < 15 or faults < 5:
        point = [source.uniform(-2.0, 2.0) * 10.0 ** source.randint(-2, 2) for _ in range(2)]
        steps = random_program(source, len(point))
        try:
            right = checked(steps, point)
        except (ArithmeticError, ValueError):
            continue  # outside of the domain
        if right.verdict == "FAIL":
            # x / eˣ + (eˣ - eˣ) at x = 145: the reverse sweep adds 1e-124 to 1e-63, and it is lost.
            # The check is right to complain; that the rules are right, forward mode shows.
            forward = check_grads(runs(steps), *point, order=1, modes=("forward",))
            assert forward.verdict == "PASS", right
            continue
        passed += right.verdict == "PASS"
        place = source.randrange(len(steps))
        factor = source.choice([1.0 + 1e-6, 1.0 - 1e-6, 1.001, -1.0, 0.0])
        steps[place] = (planted(steps[place][0], factor), steps[place][1])
        wrong = checked(steps, point)
        for before, after in zip(right.comparisons, wrong.comparisons, strict=True):
            true, claimed = before.claimed["reverse"], after.claimed["reverse"]
            if abs(claimed - true) > 5e-7 * max(abs(true), abs(claimed)):
                assert after.verdict != "PASS" or after.is_negligible, (before, after)
                faults += after.verdict == "FAIL"


# --- Parameters -----------------------------------------------------------------------------------


def line():
    w, b = Value(0.5, label="w"), Value(-0.0, label="b")
    w.grad, b.grad = 7.0, 8.0
    return w, b


def test_parameters_pass_and_are_left_as_they_were():
    w, b = line()
    report = check_parameters(lambda: (w * 3.0 + b).tanh() ** 2, [w, b], order=1)
    assert report.verdict == "PASS"
    truth = 2.0 * math.tanh(1.5) * (1.0 - math.tanh(1.5) ** 2)
    assert report.comparisons[0].measured.value == pytest.approx(3.0 * truth, rel=1e-10)
    assert [row.path for row in report.comparisons] == ["parameters[0] (w)", "parameters[1] (b)"]
    assert (w.data, b.data, math.copysign(1.0, b.data)) == (0.5, 0.0, -1.0)
    assert (w.grad, b.grad) == (7.0, 8.0)


@pytest.mark.parametrize("names", [dict, list])
def test_named_parameters_go_by_their_names(names):
    w, b = line()
    named = names([("layer.w", w), ("layer.b", b)])
    report = check_parameters(lambda: w * b, named, order=1)
    assert [row.path for row in report.comparisons] == ["layer.w", "layer.b"]


def test_a_wrong_rule_under_a_loss_is_found_and_everything_put_back():
    w, b = line()
    wrong = planted(primitives.tanh, 1.0 + 1e-6)
    with pytest.raises(GradientError, match=r"parameters\[0\] \(w\).*reverse, graph") as caught:
        check_parameters(lambda: wrong(w * 3.0 + b), [w, b])
    assert "the first wrong operation is tanh" in str(caught.value)
    assert (w.data, b.data, w.grad, b.grad) == (0.5, 0.0, 7.0, 8.0)


def test_a_loss_that_fails_half_way_leaves_the_parameters_as_they_were():
    w, b = line()
    calls = []

    def loss():
        calls.append(None)
        if len(calls) == 20:
            raise KeyError("half-way")
        return w * b

    with pytest.raises(KeyError, match="half-way"):
        check_parameters(loss, [w, b])
    assert (w.data, b.data) == (0.5, 0.0)
    assert (w.grad, b.grad) == (7.0, 8.0)


def test_a_detached_parameter_is_a_wrong_gradient():
    w, b = line()
    with pytest.raises(GradientError, match=r"parameters\[0\]"):
        check_parameters(lambda: w.detach() * 2.0 + b, [w, b])


def test_a_parameter_that_is_not_used_is_shown_so():
    w, b = line()
    report = check_parameters(lambda: w * 2.0, [w, b], order=1)
    assert [row.is_connected for row in report.comparisons] == [True, False]


@pytest.mark.parametrize(
    ("error", "parameters", "said"),
    [
        (TypeError, Value(1.0), "needs a list of Values"),
        (TypeError, 3.0, "needs a list of Values"),
        (TypeError, [1.0], r"parameters\[0\] must be a Value"),
        (ValueError, [], "no parameters"),
        (ValueError, [Value(1.0) + 1.0], "only a Value that was given"),
        (ValueError, [Value(1.0).detach()], "only a Value that was given"),
        (ValueError, [Value(math.nan)], r"parameters\[0\] is nan"),
    ],
)
def test_bad_parameters(error, parameters, said):
    with pytest.raises(error, match=said):
        check_parameters(lambda: Value(1.0), parameters)


# --- Functions that misbehave ---------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"projections": 1}])
def test_a_function_that_edits_its_inputs_is_told_which(options):
    def f(xs):
        xs[1].data = 5.0
        return xs[0] * xs[1]

    with pytest.raises(
        ValueError, match=r"f edits its inputs: args\[0\]\[1\] was 2\.0 and is 5\.0"
    ):
        check_grads(f, [1.0, 2.0], **options)


def test_what_a_function_raises_at_the_point_comes_through():
    def f(x):
        raise LookupError("no data file")

    with pytest.raises(LookupError, match="no data file"):
        check_grads(f, 1.0)


@pytest.mark.parametrize("options", [{}, {"projections": 2}])
def test_steps_that_leave_the_domain_are_not_taken(options):
    close = [math.nextafter(1.0, 0.0) - 1e-12, 0.2]
    report = check_grads(lambda xs: ag.acos(xs[0]) * xs[1], close, precision=1e-3, **options)
    assert report.verdict == "PASS"


@pytest.mark.parametrize("options", [{}, {"projections": 2}])
def test_at_a_border_of_the_domain_one_side_is_enough(options):
    report = check_grads(lambda xs: xs[0] ** 1.5 + xs[0] * xs[1], [0.0, 2.0], order=1, **options)
    assert report.verdict == "PASS"
    assert {row.measured.side for row in report.comparisons} == {"right", "both"}
    assert "(right side only)" in repr(report)
