import math

import pytest

from autograd import softmax

pytest.importorskip("sklearn")


def test_softmax_regression_has_no_hidden_layer_and_a_hidden_one_helps(demo):
    _, test = demo.data()
    (plain, _), (hidden, history) = demo.learn("softmax regression"), demo.learn("one hidden layer")
    assert len(plain.layers) == 1
    assert len(hidden.layers) == 2
    assert demo.accuracy(plain, test) > 0.94
    assert demo.accuracy(hidden, test) > 0.95
    assert history["loss"][-1] < 0.02


def test_probabilities_add_up_and_are_the_softmax_of_the_scores(demo):
    model, (_, test) = demo.learn("softmax regression")[0], demo.data()
    for row in test.X[:5]:
        (found,) = model.predict_proba([row])
        assert math.fsum(found) == pytest.approx(1.0)
        assert list(found) == pytest.approx([p.data for p in softmax(model(row))], rel=1e-9)


def test_a_template_is_ten_times_sixty_four_weights(demo):
    assert [len(weights) for weights in demo.templates()] == [64] * 10


def test_a_digit_in_letters(demo):
    said = demo.drawn([0.0] * 32 + [1.0] * 32).splitlines()
    assert said[:4] == [" " * 16] * 4
    assert said[4:] == ["#" * 16] * 4
