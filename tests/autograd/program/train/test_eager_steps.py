"""Steps of the function itself: called for every row, the same numbers but for rounding."""

import random

import pytest

from autograd import SGD, Adam, Value, compile


def rows(count=20):
    source = random.Random(1)
    x = [source.gauss(0, 1) for _ in range(count)]
    return x, [2 * each + 0.3 for each in x]


def line():
    w, b = Value(0.1, "w"), Value(0.2, "b")

    def loss(x, y):
        error = w * x + b - y
        return error**2 if error > 0 else 2.0 * error**2

    return w, b, loss


@pytest.mark.parametrize("optimizer", [lambda: SGD(lr=0.05), lambda: Adam(lr=0.05)])
@pytest.mark.parametrize("steering", [{}, {"clip_norm": 0.5, "schedule": lambda k: 0.9**k}])
def test_eager_steps_are_those_of_the_machine(optimizer, steering):
    x, y = rows()
    w, b, loss = line()
    common = dict(batch_size=6, norms=True, **steering)
    compiled = compile(loss).trainer(x, y, optimizer=optimizer(), **common)
    losses = compiled.run(steps=9)
    v, c, other = line()
    eager = compile(other).trainer(x, y, optimizer=optimizer(), eager=True, **common)
    assert eager.run(steps=9) == pytest.approx(losses, rel=1e-12)
    assert (v.data, c.data) == pytest.approx((w.data, b.data), rel=1e-12)
    assert eager.gradient_norms == pytest.approx(compiled.gradient_norms, rel=1e-12)


def test_the_function_is_called_for_every_row_of_every_step():
    x, y = rows()
    _, _, inner = line()
    calls = []

    def loss(x, y):
        calls.append(x.data)
        return inner(x, y)

    trainer = compile(loss).trainer(x, y, optimizer=SGD(lr=0.05), batch_size=5, eager=True)
    for _ in range(4):
        expected = [x[row] for row in trainer.next_rows()]
        calls.clear()
        trainer.step()
        assert calls == expected


def test_what_the_function_raises_names_the_row_and_takes_no_step():
    w = Value(1.0, "w")

    def loss(x):
        if x > 2.5:
            raise RuntimeError("three is too many")
        return w * x

    trainer = compile(loss).trainer(
        [1.0, 2.0, 3.0], optimizer=SGD(lr=0.1), eager=True, shuffle=False
    )
    with pytest.raises(RuntimeError, match="row 2: three is too many"):
        trainer.step()
    assert w.data == 1.0
    assert trainer.steps == 0
    with pytest.raises(TypeError, match="eager must be True or False"):
        compile(loss).trainer([1.0], optimizer=SGD(lr=0.1), eager="yes")
