from itertools import pairwise

import pytest


@pytest.mark.parametrize(("name", "slope"), [("sigmoid", 0.25), ("tanh", 1.0), ("relu", 1.0)])
def test_the_largest_slopes(demo, name, slope):
    assert demo.largest_slope(name) == pytest.approx(slope, rel=1e-12)


def test_gradients_vanish_through_sigmoids_and_through_small_weights(demo):
    shrinks = demo.sizes().shrinks
    assert shrinks["sigmoid"] < 0.25**demo.DEPTH
    assert shrinks["tanh, too small"] < shrinks["sigmoid"]
    assert min(shrinks["tanh"], shrinks["relu"]) > 0.01


def test_every_layer_of_sigmoids_takes_its_share(demo):
    delta = [layer.delta for layer in demo.sizes().models["sigmoid"]]
    assert all(below < above for below, above in pairwise(delta))
