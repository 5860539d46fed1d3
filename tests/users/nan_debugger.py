"""The loss is nan. Where does it come from?"""

import math

from autograd import AnomalyError, Value, blame, detect_anomaly, log, sqrt


def loss(w, x):
    hidden = (w * x).relu()
    return (sqrt(hidden) + log(hidden + 1.0)) * 2.0


w = Value(0.7, label="w")
good, bad = loss(w, 2.0), loss(w, -2.0)
good.backward()
assert math.isfinite(w.grad)
w.grad = 0.0
try:
    bad.backward()
except ArithmeticError as error:
    print(f"{type(error).__name__}: {error}")
    assert "sqrt" in str(error)
else:
    raise AssertionError("the slope of sqrt at 0 is infinite")

with detect_anomaly() as watch:
    try:
        watch(loss(w, -2.0))
    except (AnomalyError, ArithmeticError) as error:
        print(error)
huge = Value(1e200, label="huge")
print(blame(huge * huge))
assert "huge" in str(blame(huge * huge))
