import math

from autograd import blame
from nn import dead_units, mse


def test_the_infinity_is_blamed_on_the_square_of_the_first_error(demo):
    step, loss = demo.diverging()
    assert loss.data == math.inf
    assert 50 < step < 200
    found = blame(loss)
    assert found.node.op == "*"
    assert all(math.isfinite(operand.data) for operand in found.operands)
    assert demo.diverging(rate=0.01)[1].data < 1e-20


def test_while_it_happens_the_leaf_is_named(demo):
    assert "leaf 'w' (data=1e+200)" in demo.watched()


def test_the_dead_unit_gets_no_gradient_and_comes_back(demo):
    model = demo.dying()
    assert dead_units(model, demo.X) == {1: [2]}
    mse(model(demo.X), [1.0, 0.0, 0.0]).backward()
    unit = model.layers[0].neurons[1]
    assert all(w.grad == 0.0 for w in (*unit.weights, unit.bias))
    assert dead_units(demo.revived(), demo.X) == {1: []}


def test_the_wrong_sign_is_found_and_the_operation_named(demo):
    said = demo.verdict(demo.wrong_softplus)
    assert "2 of 2 derivatives are not confirmed" in said
    assert "the first wrong operation is softplus" in said
    assert demo.verdict(demo.right_softplus).startswith("gradient of f: 2 PASS")


def test_softplus_does_not_overflow(demo):
    assert demo.softplus(1000.0) == 1000.0
    assert demo.softplus(-1000.0) == 0.0
    assert abs(demo.softplus(0.3) - math.log(1.0 + math.exp(0.3))) < 1e-15
