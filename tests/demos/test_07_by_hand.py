import pytest

from nn import squared_error


def test_deltas_by_hand_are_those_of_the_engine(demo):
    trace = demo.network().trace(demo.X)
    squared_error(trace.output, demo.T).backward()
    engine = [delta for layer in (2, 1) for delta in trace.delta[layer]]
    # The lecture's delta is that of what is to be added: minus the engine's.
    assert [number for *_, number in demo.deltas()] == pytest.approx(
        [-d for d in engine], rel=1e-13
    )


def test_every_gradient_is_delta_times_what_came_in(demo):
    found = {row.name: row.engine for row in demo.table().rows}
    _, (x, hidden, _) = demo.forward()
    deltas = {name: number for name, _, number in demo.deltas()}
    for layer, below in ((1, x), (2, hidden)):
        for j in (1, 2):
            delta = deltas[f"δ_{j}^({layer})"]
            assert -found[f"b_{j}^({layer})"] == pytest.approx(delta, rel=1e-13)
            for i, y in enumerate(below, start=1):
                assert -found[f"w_{i}{j}^({layer})"] == pytest.approx(delta * y, rel=1e-13)


def test_all_four_ways_agree(demo):
    table = demo.table()
    assert table.agrees
    assert table.measured == len(table.rows) == 12
    assert table.factors[1:] == [5, 3]
