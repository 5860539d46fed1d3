"""Losses over two weights and along segments: right numbers, all put back, honest verdicts."""

import itertools
import math
import random

import pytest

from autograd import SGD, Adam, Value, log, no_grad
from nn import MLP, bce_with_logits, cross_entropy, initializers, mse, squared_error
from nn.textbook import segments
from nn.textbook.descents import descent_paths
from nn.textbook.loss_probe import LossProbe
from nn.textbook.segments import convexity
from nn.textbook.surface_charts import _math, contour_levels
from nn.textbook.surfaces import loss_surface

CORNERS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
XOR = [0.0, 1.0, 1.0, 0.0]


def network(seed=3):
    model = MLP(2, [2, 1], "tanh", seed=seed)
    return model, lambda: mse(model(CORNERS), XOR)


def test_the_grid_holds_the_loss_and_nothing_has_moved():
    model, loss = network()
    before = [parameter.data for parameter in model.parameters()]
    for parameter in model.parameters():
        parameter.grad = 3.0
    surface = loss_surface(loss, "w_11^(1)", "w_11^(2)", model=model, span=2.0, steps=5)
    assert [parameter.data for parameter in model.parameters()] == before
    assert [parameter.grad for parameter in model.parameters()] == [3.0] * 9
    x, _, now = surface.present
    assert surface.w1[::2] == pytest.approx([x - 2.0, x, x + 2.0])
    assert surface.values[2][2] == pytest.approx(now)
    assert now == loss().data
    for i, j in [(0, 0), (4, 1), (3, 2)]:
        model["w_11^(1)"], model["w_11^(2)"] = surface.w1[i], surface.w2[j]
        assert surface.values[j][i] == loss().data
    low = min(min(line) for line in surface.values)
    assert surface.minimum[2] == low
    assert f"lowest {low:.4g} at w_11^(1) =" in repr(surface)


def test_a_loss_that_cannot_be_compiled_is_called():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    hidden = lambda: a * b + a.data**2  # the square is a number: a program would freeze it
    for loss in (hidden, lambda: (a.data + b.data) ** 2, lambda: float(hidden().data)):
        surface = loss_surface(loss, a, b, span=1.0, steps=3)
        for j, y in enumerate(surface.w2):
            for i, x in enumerate(surface.w1):
                a.data, b.data = x, y
                found = loss()
                assert surface.values[j][i] == (found.data if isinstance(found, Value) else found)
        a.data, b.data = 1.0, 2.0


def test_valleys_are_counted():
    a, b = Value(0.3, "a"), Value(0.0, "b")
    surface = loss_surface(lambda: (a * a - 1.0) ** 2 + b * b, a, b, span=((-2, 2), (-2, 2)))
    assert [point[:2] for point in surface.minima] == [(-1.0, 0.0), (1.0, 0.0)]
    assert "2 minima on the grid" in repr(surface)


def test_points_without_a_finite_loss_are_holes():
    a, b = Value(1.0, "a"), Value(1.0, "b")
    surface = loss_surface(lambda: a.log() + b * b, a, b, span=2.0, steps=5)
    assert sum(math.isnan(number) for line in surface.values for number in line) == 10
    assert "no finite loss at 10 points" in repr(surface)
    assert surface.w1[2] == 1.0


def test_everything_is_put_back_after_an_error():
    a, b = Value(1.0, "a"), Value(1.0, "b")

    def loss():
        if a.data > 1.5:
            raise RuntimeError("of the user")
        return float(a.data)

    with pytest.raises(RuntimeError, match="of the user"):
        loss_surface(loss, a, b, span=1.0)
    assert (a.data, b.data) == (1.0, 1.0)


def test_paths_are_those_of_the_optimizers():
    model, loss = network()
    w1, w2 = model["w_11^(1)"], model["w_11^(2)"]
    w1.grad, before = 5.0, (w1.data, w2.data)
    optimizer = SGD(lr=0.3, momentum=0.9)
    paths = descent_paths(
        loss, w1, w2, {"momentum": optimizer, "Adam": Adam(lr=0.1)}, start=(-2.0, 2.0), steps=20
    )
    assert (w1.data, w2.data) == before
    assert (w1.grad, optimizer.parameters) == (5.0, [])
    for name, lone in [
        ("momentum", SGD([w1, w2], lr=0.3, momentum=0.9)),
        ("Adam", Adam([w1, w2], 0.1)),
    ]:
        w1.data, w2.data = -2.0, 2.0
        expected = [(-2.0, 2.0)]
        for _ in range(20):
            lone.zero_grad()
            loss().backward()
            lone.step()
            expected.append((w1.data, w2.data))
        assert paths[name] == expected
    surface = loss_surface(loss, w1, w2, trajectories=paths)
    for way in paths.values():
        assert all(surface.w1[0] < x < surface.w1[-1] for x, _ in way)
        assert all(surface.w2[0] < y < surface.w2[-1] for _, y in way)
    assert "momentum: 21 points, from (-2, 2)" in repr(surface)


def test_a_path_that_leads_to_infinity_ends():
    a, b = Value(1.0), Value(1.0)
    (way,) = descent_paths(lambda: a**4 + b**4, a, b, {"wild": SGD(lr=10.0)}, steps=50).values()
    assert 2 <= len(way) < 51
    assert all(map(math.isfinite, way[-1]))


def test_pictures():
    pytest.importorskip("matplotlib")
    model, loss = network()
    paths = descent_paths(loss, "w_11^(1)", "w_11^(2)", {"SGD": SGD(lr=0.1)}, model=model)
    surface = loss_surface(loss, "w_11^(1)", "w_11^(2)", model=model, steps=9, trajectories=paths)
    both = surface.chart()
    names = {axes.name for part in both.figure.subfigs for axes in part.axes}
    assert names == {"rectilinear", "3d"}
    contour = surface.contour().figure
    assert [text.get_text() for text in contour.axes[0].get_legend().get_texts()] == ["SGD"]
    assert surface.relief().figure.axes[0].name == "3d"
    assert both.text == repr(surface)


def test_levels():
    assert contour_levels([[1.0, 1.0]]) == pytest.approx([0.5 + k / 13 for k in range(14)])
    wide = contour_levels([[1e-3, math.nan, 1e3]])
    ratios = [high / low for low, high in itertools.pairwise(wide)]
    assert max(ratios) == pytest.approx(min(ratios))
    assert contour_levels([[0.0] * 99 + [1e9]])[-1] < 1e9


@pytest.mark.parametrize(
    ("name", "expected"),
    [("w_11^(1)", "$w_{11}^{(1)}$"), ("b", "$b$"), ("w1", "w1"), ("my weight", "my weight")],
)
def test_names_are_set_as_formulas(name, expected):
    assert _math(name) == expected


A, B = Value(1.0, "a"), Value(2.0, "b")


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        ((3.0, A, B), {}, TypeError, "loss must be a function"),
        ((lambda: A * B, A, A), {}, ValueError, "occurs twice"),
        ((lambda: A * B, A, 2.0), {}, TypeError, "number 2 is float 2.0"),
        ((lambda: A * B, A, A * B), {}, TypeError, "computed or constant"),
        ((lambda: A * B, "w_11^(1)", B), {}, ValueError, "say in which model"),
        ((lambda: A * B, A, B), {"span": 0}, ValueError, "span must be positive"),
        ((lambda: A * B, A, B), {"span": ((1, 0), (0, 1))}, ValueError, "span must be one number"),
        ((lambda: A * B, A, B), {"steps": 1}, ValueError, "steps must be at least 2"),
        ((lambda: [A, B], A, B), {}, TypeError, "must be one number"),
        ((lambda: A * math.inf, A, B), {}, ValueError, "the loss must be a finite"),
        ((lambda: A * B, A, B), {"trajectories": {"x": []}}, ValueError, "pairs of weights"),
        ((lambda: A * B, A, B), {"trajectories": {"x": [(1, 2, 3)]}}, ValueError, "pairs of"),
        ((lambda: A * B, A, B), {"trajectories": {"x": [(1, math.nan)]}}, ValueError, "finite"),
    ],
)
def test_bad_arguments(arguments, options, error, words):
    with pytest.raises(error, match=words):
        loss_surface(*arguments, **options)
    assert (A.data, B.data) == (1.0, 2.0)


def test_unknown_names_and_things_that_are_no_optimizers():
    model, loss = network()
    with pytest.raises(KeyError, match=r"w_11\^\(1\)"):
        loss_surface(loss, "w_11^(7)", "w_11^(1)", model=model)
    with pytest.raises(TypeError, match=r"optimizers\['SGD'\] must be an optimizer"):
        descent_paths(loss, "w_11^(1)", "w_21^(1)", {"SGD": SGD}, model=model)


# --- Convexity -----------------------------------------------------------------------------------


def rows(count=12, seed=1):
    source = random.Random(seed)
    return [[source.uniform(-1.0, 1.0) for _ in range(2)] for _ in range(count)]


def convex_losses():
    data = rows()
    numbers = [x - 0.5 * y for x, y in data]
    sides = [float(x > y) for x, y in data]
    classes = [int(3.0 * (x + 1.0) / 2.001) for x, _ in data]
    line, unit = MLP(2, [1], seed=1), MLP(2, [1], seed=2)
    three, logistic = MLP(2, [3], seed=3), MLP(2, [1], activation="sigmoid", seed=4)
    return {
        "linear regression": (line, lambda: mse(line(data), numbers)),
        "Adaline": (unit, lambda: squared_error(unit(data), [2.0 * side - 1.0 for side in sides])),
        "logistic regression": (unit, lambda: bce_with_logits(unit(data), sides)),
        "softmax regression": (three, lambda: cross_entropy(three(data), classes)),
        "not: squared error after a sigmoid": (logistic, lambda: mse(logistic(data), sides)),
    }


@pytest.mark.parametrize("name", convex_losses())
def test_regressions_have_no_counterexample(name):
    model, loss = convex_losses()[name]
    found = convexity(loss, model.parameters(), segments=100, seed=0)
    assert found.convex is (False if name.startswith("not") else None)
    assert ("no counterexample in 100 segments" in repr(found)) is not name.startswith("not")


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_a_network_has_a_counterexample_that_can_be_checked(activation):
    model = MLP(2, [3, 1], activation, seed=5)
    loss = lambda: mse(model(CORNERS), XOR)
    before = [parameter.data for parameter in model.parameters()]
    found = convexity(loss, model.parameters()).counterexample
    assert [parameter.data for parameter in model.parameters()] == before
    assert found.excess > 0.01

    def at(point):
        for parameter, number in zip(model.parameters(), point, strict=True):
            parameter.data = number
        with no_grad():
            return loss().data

    assert at(found.start) == found.start_loss
    assert at(found.end) == found.end_loss
    assert at(found.point) == found.loss
    assert found.loss > (1 - found.share) * found.start_loss + found.share * found.end_loss


def test_rounding_is_no_counterexample():
    a = Value(1.0)
    for loss in (lambda: a * 1e8 + 1e8 / 3.0, lambda: 0.1 + a * 0.0, lambda: a * 0.1 * 0.1):
        assert convexity(loss, [a]).convex is None
    assert convexity(lambda: a * a - 1e-3 * a**4, [a], span=100.0).convex is False


def test_a_check_that_took_everything_for_convex_would_be_caught(monkeypatch):
    monkeypatch.setattr(segments, "_BEYOND_ROUNDING", math.inf)
    a = Value(0.0)
    assert convexity(lambda: -(a * a), [a]).convex is not False


def test_the_same_seed_finds_the_same():
    model, loss = network()
    assert repr(convexity(loss, model.parameters(), seed=4)) == repr(
        convexity(loss, model.parameters(), seed=4)
    )


def test_segments_without_a_finite_loss_are_counted():
    a = Value(3.0)
    found = convexity(lambda: -(a.log()), [a], span=6.0)
    assert found.convex is None
    assert found.undefined + found.segments == 200
    assert f"{found.undefined} more had no finite loss" in repr(found)
    with pytest.raises(ValueError, match="no segment of 20 has finite losses"):
        convexity(lambda: (a - 3.0).exp().log() + (1e300 * (a - 3.0)) ** 2, [a], 20, span=1e9)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"segments": 0}, "segments must be at least 1"),
        ({"span": -1}, "span must be positive"),
        ({"parameters": []}, "no parameters"),
    ],
)
def test_bad_segments(options, words):
    with pytest.raises(ValueError, match=words):
        convexity(**{"loss": lambda: A * A, "parameters": [A], **options})


def test_the_picture_of_a_chord():
    pytest.importorskip("matplotlib")
    model, loss = network()
    found = convexity(loss, model.parameters())
    chord, curve, mark = found.chart().figure.axes[0].lines
    assert len(curve.get_xdata()) == 61
    assert mark.get_ydata()[1] > mark.get_ydata()[0]
    assert chord.get_ydata()[0] == curve.get_ydata()[0]
    flat = convexity(lambda: A * A, [A]).chart()
    assert len(flat.figure.axes[0].lines) == 2


def test_equal_weights_make_a_probe_of_equal_losses():
    model = MLP(1, [2, 1], "tanh", initializer=initializers.constant(0.5))
    first, second = model["w_11^(1)"], model["w_12^(1)"]
    probe = LossProbe(lambda: mse(model([[1.0]]), [0.5]), [first, second])
    with probe.moving():
        assert probe([0.25, 0.75]) == pytest.approx(probe([0.75, 0.25]), rel=1e-15)
    assert (first.data, second.data) == (0.5, 0.5)


def test_what_is_no_way_and_no_grid_is_told():
    a, b = Value(1.0), Value(2.0)
    with pytest.raises(TypeError, match="optimizers must be a dict"):
        descent_paths(lambda: a * b, a, b, [SGD(lr=0.1)])
    with pytest.raises(ValueError, match=r"^start must be pairs of weights"):
        descent_paths(lambda: a * b, a, b, {"SGD": SGD(lr=0.1)}, start=[1.0])
    with pytest.raises(TypeError, match="trajectories must be a dict"):
        loss_surface(lambda: a * b, a, b, trajectories=[(1.0, 2.0)])
    for parameters, words in ((MLP(2, [1]), r"pass model.parameters\(\)"), (a, "a list of Values")):
        with pytest.raises(TypeError, match=words):
            convexity(lambda: a * b, parameters)
    with pytest.raises(ValueError, match="no point of the grid has a finite loss"):
        loss_surface(lambda: log(a - 0.999) + 0.0 * b, a, b, span=((-3.0, 0.5), (0.0, 1.0)))
