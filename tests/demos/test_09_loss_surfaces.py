import pytest

from nn import convexity

NAMES = ["linear regression", "Adaline", "logistic regression", "softmax regression"]


@pytest.mark.parametrize("name", NAMES)
def test_regressions_lie_below_their_chords(demo, name):
    loss, parameters = demo.losses()[name]
    assert convexity(loss, parameters).counterexample is None


@pytest.mark.parametrize("name", ["network, squared error", "network, cross-entropy"])
def test_networks_do_not(demo, name):
    loss, parameters = demo.losses()[name]
    found = convexity(loss, parameters).counterexample
    assert found.loss > 1.1 * found.chord


def test_in_the_bowl_all_end_near_the_bottom_in_the_network_they_part(demo):
    bowl = demo.bowl()
    assert len(bowl.minima) == 1
    ends = {name: way[-1] for name, way in bowl.trajectories.items()}
    assert all(abs(x - ends["Adam"][0]) < 1.0 for x, _ in ends.values())
    landscape = demo.landscape()
    assert {round(point[0] * point[1] > 0.0) for point in landscape.minima} == {1}
    assert {point[0] > 0.0 for point in landscape.minima} == {True, False}
    sides = {way[-1][0] > 0.0 for way in landscape.trajectories.values()}
    assert sides == {True, False}


def test_both_minima_of_the_network_are_the_same_function(demo):
    values = demo.landscape().values
    mirrored = [list(reversed(line)) for line in reversed(values)]
    assert [x for line in values for x in line] == pytest.approx(
        [x for line in mirrored for x in line], rel=1e-9
    )


def test_where_a_walk_ends_depends_on_its_start_and_on_the_rate(demo):
    ends = demo.ends()
    slow, quick = demo.RATES[0], demo.RATES[-1]
    for start in demo.STARTS:
        assert ends[start, quick] < 0.001 < 0.02 < ends[start, slow]
    assert ends[demo.STARTS[1], slow] > 10.0 * ends[demo.STARTS[2], slow]
