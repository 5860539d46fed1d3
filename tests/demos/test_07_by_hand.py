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


def test_the_lectures_step_is_that_of_gradient_descent_and_lowers_the_error(demo):
    (_, before), (by_hand, error), (by_sgd, _) = demo.steps().values()
    assert by_hand == pytest.approx(by_sgd, rel=1e-14)
    assert error < 0.7 * before


def test_brackets_count_examples_whose_slopes_add_up(demo):
    *each, (name, total) = demo.examples()
    assert [label for label, _ in each] == ["z_1^(2)[1]", "z_1^(2)[2]", "z_1^(2)[3]"]
    assert name == "b_1^(2)"
    assert sum(slope for _, slope in each) == pytest.approx(total, rel=1e-13)


def test_the_error_is_half_the_sum_of_squares(demo):
    outputs = demo.forward()[1][-1]
    halves = [0.5 * (t - y) ** 2 for t, y in zip(demo.T, outputs, strict=True)]
    assert squared_error(demo.network()(demo.X), demo.T).data == pytest.approx(sum(halves))
