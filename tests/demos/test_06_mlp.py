import math

from nn.data import xor


def test_one_layer_learns_nothing_of_xor_and_two_solve_it(demo):
    model, history = demo.learn(xor(), [1])
    assert len(model.layers) == 1
    assert abs(history["loss"][-1] - math.log(2.0)) < 1e-3  # guessing
    model, history = demo.learn(xor(), [2, 1])
    assert len(model.layers) == 2
    assert history["loss"][-1] < 0.02
    assert [z.data > 0.0 for z in model(xor().X)] == [False, True, True, False]


def test_two_moons_need_the_hidden_layers(demo):
    shares = [
        demo.accuracy(demo.learn(demo.MOONS, sizes)[0], demo.MOONS) for sizes in ([1], [8, 1])
    ]
    assert shares[0] < 0.93
    assert shares[1] > 0.97


def test_the_same_gradients_serve_every_optimizer(demo):
    losses = demo.descents()
    assert set(losses) == {"SGD", "momentum", "Adam"}
    assert all(loss < 0.35 < math.log(2.0) for loss in losses.values())
    scipy = demo.by_scipy()
    assert scipy is None or scipy < min(losses.values())
