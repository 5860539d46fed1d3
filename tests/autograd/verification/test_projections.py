"""Random directions: fast for many inputs, and no pass for what single inputs refute."""

import itertools
import math
import random

import pytest

import autograd as ag
from autograd import Primitive, Value, primitives
from autograd.verification.claims import OfArguments
from autograd.verification.comparing import How
from autograd.verification.gradcheck import assert_grads, check_grads, check_parameters
from autograd.verification.projecting import compare_along
from autograd.verification.verdicts import GradientError
from tests.shallow import PATIENT

MANY = 1000 if PATIENT else 200


def squares(wrong_at, factor):
    """x · x, and its gradient wrong at one index."""

    def partials(out, *xs):
        return [2.0 * x * (factor if i == wrong_at else 1.0) for i, x in enumerate(xs)]

    return Primitive(
        "squares", lambda *xs: math.fsum(x * x for x in xs), partials, pack=lambda xs: tuple(xs)
    )


def point_of(size, seed):
    source = random.Random(seed)
    return [source.uniform(0.5, 1.5) * source.choice((-1, 1)) for _ in range(size)]


@pytest.mark.parametrize("factor", [1.0 + 1e-6, 1.0 - 1e-6, 1.001, 0.0, -1.0])
@pytest.mark.parametrize("wrong_at", [0, 47, 99])
def test_wrong_at_one_index_of_many_never_passes_and_is_explained(wrong_at, factor):
    wrong = squares(wrong_at, factor)
    with pytest.raises(GradientError) as caught:
        check_grads(wrong, point_of(100, wrong_at), projections=1, modes=("reverse",))
    (failure,) = caught.value.report.failures
    assert failure.path == f"args[0][{wrong_at}]"
    assert f"its rule for operand {wrong_at} gives" in str(caught.value)


@pytest.mark.parametrize(
    ("size", "wrong_at", "factor"),
    [
        *[(1000, wrong_at, 1.0 + 1e-6) for wrong_at in (0, 417, 999)],
        *[(MANY, MANY - 1, factor) for factor in (1.0 - 1e-6, 1.001, 0.0, -1.0)],
    ],
)
def test_a_direction_that_moves_many_inputs_sees_one_that_is_wrong(size, wrong_at, factor):
    wrong = squares(wrong_at, factor)
    subject = OfArguments(lambda xs: wrong(xs))
    point = point_of(size, wrong_at)
    paths = [str(i) for i in range(size)]
    found = compare_along(subject, point, paths, [1], How(("reverse",), 1e-7, seed=wrong_at), 1)
    assert [row.path for row in found if row.verdict == "FAIL"] == [str(wrong_at)]
    assert len(found) < 40


@pytest.mark.parametrize("seed", range(20))
def test_no_seed_lets_a_wrong_gradient_pass(seed):
    wrong = squares(seed * 7, 1.0 + 1e-6)
    subject = OfArguments(lambda xs: wrong(xs))
    point = point_of(150, seed)
    paths = [str(i) for i in range(150)]
    found = compare_along(subject, point, paths, [1], How(("reverse",), 1e-7, seed=seed), 1)
    assert [row.path for row in found if row.verdict == "FAIL"] == [str(seed * 7)]


@pytest.mark.parametrize("seed", range(5))
def test_a_right_gradient_of_a_thousand_inputs_passes_along_directions_alone(seed):
    calls = []

    def f(xs):
        calls.append(None)
        return ag.tanh(ag.dot(xs, xs[::-1]) * 1e-3) + ag.mean([ag.exp(x) for x in xs])

    report = check_grads(f, point_of(1000, seed), order=1, projections=2, seed=seed)
    assert [row.path for row in report.comparisons] == ["direction 1", "direction 2"]
    assert set(report.comparisons[0].claimed) == {"reverse", "forward", "graph"}
    assert report.verdict == "PASS"
    assert len(calls) < 400


def test_the_directions_are_those_of_the_seed():
    def report(seed):
        return check_grads(lambda xs: ag.norm(xs), point_of(30, 1), projections=1, seed=seed)

    assert report(3).comparisons == report(3).comparisons
    assert report(3).comparisons[0].claimed != report(4).comparisons[0].claimed


def test_second_order_by_hessian_vector_products():
    report = check_grads(
        lambda xs: ag.sum([ag.sin(x) * y for x, y in itertools.pairwise(xs)]),
        point_of(60, 2),
        order=2,
        projections=2,
    )
    assert [row.path for row in report.comparisons] == [
        "direction 1",
        "direction 2",
        "direction 1, order 2",
        "direction 2, order 2",
    ]
    assert report.verdict == "PASS"


def test_the_second_derivative_along_a_direction_is_the_one_worked_out_by_hand():
    # f = Σ x³ / 6 has the Hessian diag(x): any vᵀ H w is Σ v_i x_i w_i.
    xs = point_of(10, 5)
    cubes = [x**3 / 6.0 for x in xs]
    report = check_grads(
        lambda xs: ag.sum([x**3 / 6.0 for x in xs]), xs, order=2, projections=1, seed=9
    )
    source = random.Random(9)

    def direction():
        return [abs(x) * source.choice((-1.0, 1.0)) * source.uniform(0.5, 1.5) for x in xs]

    first, weights, second = direction(), direction(), direction()
    weights = [w / max(map(abs, weights)) for w in weights]
    slopes = [x * x / 2.0 for x in xs]
    expected = [
        math.fsum(s * v for s, v in zip(slopes, first, strict=True)),
        math.fsum(x * w * v for x, w, v in zip(xs, weights, second, strict=True)),
    ]
    assert math.isclose(report.value, math.fsum(cubes), rel_tol=1e-14)
    assert [row.claimed["reverse"] for row in report.comparisons] == pytest.approx(
        expected, rel=1e-12
    )


def test_wrong_in_second_order_only_at_one_index_of_many():
    def frozen(out, x):
        # The right number, cut off from its operand.
        return x.detach() * 2.0 if hasattr(x, "detach") else x * 2.0

    wrong = Primitive("square", lambda x: x * x, (frozen,))

    def f(xs):
        return ag.sum([wrong(x) if i == 13 else x * x for i, x in enumerate(xs)])

    xs = point_of(24, 3)
    assert check_grads(f, xs, order=1, projections=2).verdict == "PASS"
    for projections in (1, None):
        with pytest.raises(GradientError, match=r"FAIL  args\[0\]\[13\] × args\[0\]\[13\]: "):
            check_grads(f, xs, projections=projections)


def test_a_kink_is_left_to_the_inputs_one_by_one():
    xs = [1.0, 0.0, -2.0]
    report = check_grads(lambda xs: ag.sum([abs(x) for x in xs]), xs, order=1, projections=2)
    assert [row.path for row in report.comparisons] == ["args[0][0]", "args[0][1]", "args[0][2]"]
    assert [row.verdict for row in report.comparisons] == ["PASS", "KINK", "PASS"]


def test_what_is_right_along_every_axis_and_wrong_between_them_is_a_failure():
    # x² y / (x² + y²) at the origin: both partial derivatives are 0, the diagonal slope is not.
    def claimed_flat(out, x, y):
        return 0.0 * x

    bent = Primitive(
        "bent",
        lambda x, y: x * x * y / (x * x + y * y) if x or y else 0.0,
        (claimed_flat, claimed_flat),
    )
    assert check_grads(bent, 0.0, 0.0, modes=("reverse",)).verdict == "PASS"
    with pytest.raises(GradientError, match="FAIL  direction 1"):
        check_grads(bent, 0.0, 0.0, modes=("reverse",), projections=1)


def test_parameters_by_projection_to_second_order_are_left_as_they_were():
    source = random.Random(0)
    ws = [Value(source.uniform(-1, 1)) for _ in range(40)]
    before = [w.data for w in ws]

    def loss(tanh=primitives.tanh):
        return tanh(ag.dot(ws[:20], ws[20:])) ** 2

    assert check_parameters(loss, ws, order=2, projections=2).verdict == "PASS"
    assert check_parameters(loss, ws[:3], order=2).counts == {"PASS": 12}
    wrong = primitives.tanh.replace(partials=(lambda out, x: 1.00001 - out * out,))
    with pytest.raises(GradientError, match="the first wrong operation is tanh"):
        check_parameters(lambda: loss(wrong), ws, projections=1)
    assert [w.data for w in ws] == before
    assert [w.grad for w in ws] == [0.0] * 40


def test_assert_grads_goes_to_second_order_and_refuses_a_kink_unless_it_is_expected():
    assert_grads(lambda x, y: ag.exp(x * y), 0.3, 2.0)
    assert_grads(lambda xs: ag.norm(xs), point_of(100, 1))
    assert_grads(ag.relu, 0.0, kinks=True)
    with pytest.raises(AssertionError, match="at a kink"):
        assert_grads(ag.relu, 0.0)
    detached = Primitive(
        "cube", lambda x: x**3, (lambda out, x: 3.0 * getattr(x, "data", x) ** 2 + 0.0 * x,)
    )
    assert_grads(detached, 2.0, order=1)
    with pytest.raises(AssertionError, match=r"args\[0\] × args\[0\]"):
        assert_grads(detached, 2.0)


@pytest.mark.parametrize("projections", [-1, 1.5, True])
def test_bad_projections(projections):
    with pytest.raises(ValueError, match="projections must be"):
        check_grads(ag.tanh, 1.0, projections=projections)


def test_a_random_function_is_told_so_along_directions_too():
    with pytest.raises(ValueError, match="f is random"):
        check_grads(lambda xs: xs[0] * random.random(), [1.0, 2.0], projections=1)


def test_the_report_is_a_table_in_notebooks():
    report = check_grads(lambda p, y: p["<w>"] ** 2 + abs(y), {"<w>": 3.0}, 0.0, order=1)
    html = report._repr_html_()
    assert "<caption>gradient of f: 1 PASS, 1 KINK</caption>" in html
    assert "&lt;w&gt;" in html
    assert "<w>" not in html
    assert html.count("<tr>") == 3
    many = check_grads(lambda xs: ag.sum(xs), [1.0] * 30, order=1)
    assert "... and 6 more in .comparisons" in many._repr_html_()


def test_the_report_knows_what_is_disconnected():
    report = check_grads(lambda x, p: x * p["a"], 2.0, {"a": 3.0, "b": 4.0})
    assert report.disconnected == ("args[1]['b']",)


# --- What random directions explain is what the full check would say ------------------------------


def failures_of(f, *args, **options):
    with pytest.raises(GradientError) as caught:
        check_grads(f, *args, **options)
    return caught.value.report.failures, str(caught.value)


def off_at(faults, size):
    """x · x whose gradient is off by a factor at some indices."""

    def partials(out, *xs):
        return [2.0 * x * faults.get(i, 1.0) for i, x in enumerate(xs)]

    return Primitive("squares", lambda *xs: math.fsum(x * x for x in xs), partials, pack=tuple)


@pytest.mark.parametrize(
    "faults",
    [
        {7: 1.0 + 1e-6},
        {0: -1.0, 59: 0.0},
        {3: 1.0 + 1e-6, 4: 1.0 - 1e-6, 31: 1.001, 58: 0.0, 59: -1.0},
        dict.fromkeys(range(0, 60, 3), 1.0 + 1e-6),
        dict.fromkeys(range(60), 1.1),
    ],
    ids=["one", "two", "five", "every third", "all but those that are not listed"],
)
def test_the_explanation_is_the_full_check_s(faults):
    f, point = off_at(faults, 60), point_of(60, 4)
    full, _ = failures_of(f, point, projections=0)
    found, message = failures_of(f, point, projections=1)
    assert [row.path for row in full] == [f"args[0][{place}]" for place in sorted(faults)]
    singles = [row for row in found if "others" not in row.path]
    assert singles == [row for row in full if row in singles]
    assert len(singles) == min(len(faults), len(singles)) >= min(len(faults), 32)
    assert f"its rule for operand {min(faults)} gives" in message


def test_small_effects_beside_large_ones_are_explained_as_in_the_full_check():
    scales = [10.0 ** -(place % 12) for place in range(36)]
    wrong = {5: 1.01, 11: 0.0, 30: 1.0 + 1e-5}

    def partials(out, *xs):
        return [
            2.0 * scale * x * wrong.get(i, 1.0)
            for i, (x, scale) in enumerate(zip(xs, scales, strict=True))
        ]

    def value(*xs):
        return math.fsum(scale * x * x for x, scale in zip(xs, scales, strict=True))

    f = Primitive("scaled squares", value, partials, pack=tuple)
    full, _ = failures_of(f, point_of(36, 2), projections=0, modes=("reverse",))
    found, _ = failures_of(f, point_of(36, 2), projections=1, modes=("reverse",))
    assert found == full
    assert [row.path for row in full] == ["args[0][5]", "args[0][11]", "args[0][30]"]


def test_an_explanation_in_second_order_is_the_full_check_s():
    def frozen(out, x, y):
        return getattr(y, "data", y) + 0.0 * x

    # The derivative by x forgets that it depends on y: one entry of the Hessian is wrong.
    forgetful = Primitive("mul", lambda x, y: x * y, (frozen, lambda out, x, y: x))

    def f(xs):
        pairs = [(5, 7, forgetful), (4, 3, forgetful), (1, 2, primitives.mul)]
        return ag.sum([mul(xs[i], xs[j]) for i, j, mul in pairs]) + ag.sum([x**3 for x in xs])

    # Backwards the entries (5, 7) and (4, 3) are wrong, in forward mode their mirror images.
    full, _ = failures_of(f, point_of(8, 5))
    found, message = failures_of(f, point_of(8, 5), projections=1)
    assert [row.path for row in full] == [
        f"args[0][{i}] × args[0][{j}]" for i, j in [(3, 4), (4, 3), (5, 7), (7, 5)]
    ]
    assert sorted(found, key=str) == sorted(full, key=str)
    assert "the rule of mul " in message
    assert (
        "for operand 0 is right, and wrong when it is differentiated again: by operand" in message
    )


def test_of_many_wrong_inputs_the_first_are_explained_and_the_rest_is_not_left_out():
    found, message = failures_of(
        off_at(dict.fromkeys(range(MANY), 2.0), MANY), point_of(MANY, 1), order=1, projections=1
    )
    singles = [row for row in found if "others" not in row.path]
    groups = [int(row.path.split(" and ")[1].split()[0]) for row in found if "others" in row.path]
    assert 32 <= len(singles) < 50
    assert len(singles) + sum(groups) + len(groups) == MANY
    assert "the first wrong operation is squares" in message


def test_many_inputs_have_their_hessian_checked_along_directions_unless_it_is_asked_for():
    def f(xs):
        return ag.sum([ag.sin(x) * y for x, y in itertools.pairwise(xs)])

    of_few = check_grads(f, point_of(10, 1), modes=("graph",))
    of_many = check_grads(f, point_of(11, 1))
    assert len(of_few.comparisons) == 10 + 100
    assert [row.path for row in of_many.comparisons[11:]] == [
        "direction 1, order 2",
        "direction 2, order 2",
    ]
    of_all = check_grads(f, point_of(11, 1), projections=0, modes=("graph",))
    assert len(of_all.comparisons) == 11 + 121
