import pytest


@pytest.mark.parametrize("name", ["all zero", "all 0.5"])
def test_units_that_start_alike_stay_alike(demo, name):
    seen = demo.train(name)
    assert seen.identical_units() == [[1, 2, 3]]
    assert seen.losses[-1] > 0.1


def test_from_zero_only_the_last_bias_moves(demo):
    weights = demo.train("all zero").weights
    assert {w for unit in weights[0] for history in unit for w in history} == {0.0}
    *outgoing, bias = weights[1][0]
    assert {w for history in outgoing for w in history} == {0.0}
    assert bias[-1] == pytest.approx(0.5, abs=1e-3)  # the mean of the targets
    assert demo.predictions("all zero") == pytest.approx([0.5] * 4, abs=1e-3)


def test_random_weights_part_and_learn(demo):
    seen = demo.train("random")
    assert len(seen.identical_units()) == 3
    assert demo.predictions("random") == pytest.approx([0.0, 1.0, 1.0, 0.0], abs=0.05)
