"""Points drawn from a seed: against their definitions, scikit-learn's, and their own statistics."""

import hashlib
import json
import math
import random
import statistics
from itertools import pairwise

import pytest

from nn.data import blobs, circles, moons, spirals, xor

GENERATORS = {"moons": moons, "circles": circles, "spirals": spirals, "xor": xor, "blobs": blobs}


def of_class(data, code):
    return [x for x, y in zip(*data, strict=True) if y == code]


@pytest.mark.parametrize("n", [2, 3, 100, 101])
def test_moons_are_half_circles(n):
    data = moons(n, noise=0.0)
    upper, lower = of_class(data, 0), of_class(data, 1)
    assert (len(upper), len(lower)) == (n // 2, n - n // 2)
    for x, y in upper:
        assert math.hypot(x, y) == pytest.approx(1.0, abs=2e-9)
        assert y >= 0.0
    for x, y in lower:
        assert math.hypot(1.0 - x, 0.5 - y) == pytest.approx(1.0, abs=2e-9)
        assert y <= 0.5


def test_circles_have_their_radii():
    data = circles(101, noise=0.0, factor=0.3)
    outer, inner = of_class(data, 0), of_class(data, 1)
    assert (len(outer), len(inner)) == (50, 51)
    assert [math.hypot(*x) for x in outer] == pytest.approx([1.0] * 50, abs=2e-9)
    assert [math.hypot(*x) for x in inner] == pytest.approx([0.3] * 51, abs=2e-9)
    angles = sorted(math.atan2(y, x) % math.tau for x, y in inner)
    gaps = [b - a for a, b in pairwise(angles)]
    assert gaps == pytest.approx([math.tau / 51] * 50, abs=1e-7)


@pytest.mark.parametrize("make", ["make_moons", "make_circles"])
def test_without_noise_as_scikit_learn(make):
    datasets = pytest.importorskip("sklearn.datasets")
    if make == "make_moons":
        data, (points, labels) = moons(75, noise=0.0), datasets.make_moons(75, shuffle=False)
    else:
        data = circles(75, noise=0.0, factor=0.4)
        points, labels = datasets.make_circles(75, shuffle=False, factor=0.4)
    theirs = sorted(
        [*point, label] for point, label in zip(points.round(7).tolist(), labels, strict=True)
    )
    ours = sorted([round(a, 7), round(b, 7), y] for (a, b), y in zip(*data, strict=True))
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == pytest.approx(other, abs=2e-7)


@pytest.mark.parametrize(("arms", "turns"), [(1, 1.0), (2, 1.5), (3, 2.0)])
def test_spirals_turn_with_their_radius(arms, turns):
    data = spirals(90, noise=0.0, turns=turns, arms=arms)
    for arm in range(arms):
        points = of_class(data, arm)
        assert len(points) == 90 // arms
        assert max(math.hypot(*point) for point in points) == pytest.approx(1.0, abs=2e-9)
        for x, y in points:
            radius = math.hypot(x, y)
            angle = math.tau * (turns * radius + arm / arms)
            assert (x, y) == pytest.approx(
                (radius * math.cos(angle), radius * math.sin(angle)), abs=1e-7
            )


def test_xor_is_its_truth_table_and_may_be_blurred():
    assert tuple(xor()) == ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    blurred = xor(400, noise=0.1)
    assert blurred.counts == {"equal": 200, "different": 200}
    for (x, y), label in zip(*blurred, strict=True):
        assert (x > 0.5) ^ (y > 0.5) == label
    assert xor(5).X[4] == [0.0, 0.0]


@pytest.mark.parametrize("generator", [moons, circles, spirals])
def test_noise_is_normal_with_its_deviation(generator):
    clean, noisy = (sorted(generator(2, noise=0.0, seed=s).X) for s in (1, 2))
    assert clean == noisy  # chance has the order alone
    points, labels = generator(2, noise=0.0)
    still = dict(zip(labels, points, strict=True))
    source, moved = random.Random(4), []
    for _ in range(2000):
        for point, label in zip(*generator(2, noise=0.25, seed=source), strict=True):
            moved += [a - b for a, b in zip(point, still[label], strict=True)]
    # Five standard errors of mean, deviation, and of the part beyond two deviations.
    n = len(moved)
    assert abs(statistics.fmean(moved)) < 5 * 0.25 / math.sqrt(n)
    assert statistics.pstdev(moved) == pytest.approx(0.25, abs=5 * 0.25 / math.sqrt(2 * n))
    beyond = sum(abs(x) > 0.5 for x in moved) / n
    assert beyond == pytest.approx(0.0455, abs=5 * math.sqrt(0.0455 * 0.9545 / n))


def test_blobs_have_their_centres_and_deviations():
    centres, deviations = [[0.0, 100.0, -3.0], [5.0, 5.0, 5.0]], [0.5, 2.0]
    data = blobs(6001, centres, deviation=deviations, seed=3)
    assert data.counts == {"blob 1": 3000, "blob 2": 3001}
    for label, (centre, deviation) in enumerate(zip(centres, deviations, strict=True)):
        for column, middle in zip(zip(*of_class(data, label), strict=True), centre, strict=True):
            error = 5 * deviation / math.sqrt(3000)
            assert statistics.fmean(column) == pytest.approx(middle, abs=error)
            assert statistics.pstdev(column) == pytest.approx(deviation, abs=error)


def test_drawn_centres_fill_their_square():
    centres = blobs(2000, 2000, features=3, deviation=0.0, seed=1).X
    for column in zip(*centres, strict=True):
        assert -10.0 <= min(column) < -9.9
        assert 9.9 < max(column) <= 10.0
        assert statistics.fmean(column) == pytest.approx(0.0, abs=5 * 5.78 / math.sqrt(2000))


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_rounding_is_small_at_every_scale(scale):
    small, unit = (
        blobs(30, [[0.0, 0.0], [s, -s]], deviation=0.3 * s, seed=2).X for s in (scale, 1.0)
    )
    for mine, other in zip(small, unit, strict=True):
        assert [x / scale for x in mine] == pytest.approx(other, abs=1e-8)


@pytest.mark.parametrize("name", GENERATORS)
def test_a_seed_repeats_and_another_does_not(name):
    generator = GENERATORS[name]
    first = generator(60, seed=7) if name == "blobs" else generator(60, noise=0.2, seed=7)
    again, other = (
        generator(60, seed=s) if name == "blobs" else generator(60, noise=0.2, seed=s)
        for s in (random.Random(7), 8)
    )
    assert first == again
    assert first.X != other.X


def test_without_a_seed_the_module_random_decides():
    random.seed(5)
    first = moons(20, seed=None)
    random.seed(5)
    assert moons(20, seed=None) == first
    assert moons(20, seed=None) != first


def test_a_seed_leaves_the_module_random_alone():
    random.seed(5)
    before = random.getstate()
    for generator in GENERATORS.values():
        generator(20, seed=1)
    assert random.getstate() == before


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("moons", "8316bf388a79876d"),
        ("circles", "e79bc8683051a583"),
        ("spirals", "aa2c1e14ee8bf078"),
        ("xor", "59bd753f43e4b467"),
        ("blobs", "a0fc6d32f6d70822"),
    ],
)
def test_the_same_numbers_on_every_platform(name, digest):
    drawn = GENERATORS[name](500) if name != "xor" else xor(500, noise=0.1)
    text = json.dumps([drawn.X, drawn.y])
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == digest


def test_how_many_there_are_and_where_they_come_from():
    for name, generator in GENERATORS.items():
        assert len(generator()) == {"xor": 4, "spirals": 200}.get(name, 100)
        assert generator().source.startswith("drawn by chainrule: ")
    assert moons(noise=0.25).source == "drawn by chainrule: two half circles, noise 0.25"


@pytest.mark.parametrize("generator", [moons, circles, spirals, blobs])
def test_rows_are_shuffled(generator):
    labels = generator(60).y
    assert labels != sorted(labels)
    changes = sum(a != b for a, b in pairwise(labels))
    assert changes > 15


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: moons(1), ValueError, "n must be at least 2, a point for each class, got 1"),
        (lambda: moons(1.5), TypeError, "n must be an integer"),
        (lambda: moons(10, noise=-0.1), ValueError, "noise is a standard deviation"),
        (lambda: moons(10, noise="much"), TypeError, "noise must be a real number"),
        (lambda: moons(10, seed="one"), TypeError, "seed must be an integer"),
        (lambda: circles(10, factor=1.0), ValueError, "factor must be the smaller radius"),
        (lambda: circles(10, noise=math.nan), ValueError, "noise must be a finite number"),
        (lambda: spirals(2, arms=3), ValueError, "n must be at least 3"),
        (lambda: spirals(20, arms=0), ValueError, "arms must be at least 1"),
        (lambda: spirals(20, turns=math.inf), ValueError, "turns must be a finite"),
        (lambda: xor(3), ValueError, "n must be at least 4"),
        (lambda: blobs(2, 3), ValueError, "n must be at least 3"),
        (lambda: blobs(9, []), ValueError, "centers must be points"),
        (lambda: blobs(9, [[]]), ValueError, "centers must be points"),
        (lambda: blobs(9, "three"), TypeError, "centers must be a list of points"),
        (lambda: blobs(9, [[0.0], [1.0, 2.0]]), ValueError, r"centers\[1\] has 2 numbers"),
        (lambda: blobs(9, [[0.0, math.nan]]), ValueError, r"centers\[0\] must be a finite"),
        (lambda: blobs(9, 3, features=0), ValueError, "features must be at least 1"),
        (lambda: blobs(9, 3, deviation=[1.0]), ValueError, "deviation has 1 number, but .* 3"),
        (lambda: blobs(9, 3, deviation=-1.0), ValueError, "deviation is a standard deviation"),
    ],
)
def test_bad_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()
