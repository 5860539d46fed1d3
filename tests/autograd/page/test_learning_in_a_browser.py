"""A page that learns takes Python's steps, and shows where they lead."""

import math
import random
import re

import pytest

from autograd import SGD, Adam, explore, mean
from autograd.page.learning import Learning
from autograd.program.emission.languages import javascript
from nn import MLP, losses
from nn.data import blobs, moons
from tests.autograd.page.test_access_in_a_browser import violations

STEPS = """(count) => {
    const {descent} = window.page.learning;
    const found = [];
    for (let step = 0; step < count; step++) {
        if (descent.step()) break;
        found.push(descent.history.at(-1));
    }
    return found;
}"""
NUMBERS = "() => [...window.page.learning.descent.numbers]"


def line():
    X = [[k / 8] for k in range(-8, 9)]
    return X, [math.sin(3.0 * x) for (x,) in X]


def small_moons(n=30):
    X, y = moons(n, seed=1)
    return X, y


def lessons():
    """Model, rows, targets as the loss takes them, the loss, optimizer, how exact."""
    X, y = small_moons()
    signs = [2.0 * t - 1.0 for t in y]
    relu = MLP(2, [4, 4, 1], seed=3)
    yield "mse", relu, X, signs, losses.mse, SGD(lr=0.1), 0.0
    yield "squared_error", MLP(2, [3, 1], seed=1), X, signs, losses.squared_error, SGD(lr=0.05), 0.0
    yield "hinge", MLP(2, [4, 1], seed=2), X, signs, losses.hinge, SGD(lr=0.1, momentum=0.9), 0.0
    tanh = MLP(2, [4, 4, 1], "tanh", seed=3)
    yield "bce_with_logits", tanh, X, y, losses.bce_with_logits, SGD(lr=0.5), 1e-12
    sigmoid = MLP(2, [3, 1], "tanh", "sigmoid", seed=5)
    yield "bce", sigmoid, X, [float(t) for t in y], losses.bce, Adam(lr=0.05), 1e-12
    points, classes = blobs(24, seed=1)
    softmax = MLP(2, [4, 3], "tanh", seed=4)
    yield "cross_entropy", softmax, points, classes, losses.cross_entropy, SGD(lr=0.2), 1e-12
    rows, targets = line()
    yield "mse", MLP(1, [5, 1], "tanh", seed=1), rows, targets, losses.mse, SGD(lr=0.1), 1e-12


LESSONS = list(lessons())
KINDS = [
    f"{name}-{type(optimizer).__name__}-{place}"
    for place, (name, *_, optimizer, _) in enumerate(LESSONS)
]


def numbers_of(model):
    return [parameter.data for parameter in model.parameters()]


def eager_steps(model, X, y, loss, optimizer, count):
    """What anybody would write: the losses before each step."""
    parameters = model.parameters()
    stepper = type(optimizer)(parameters, **optimizer.state_dict()["settings"])
    found = []
    for _ in range(count):
        total = mean([loss(model(row), target) for row, target in zip(X, y, strict=True)])
        stepper.zero_grad()
        total.backward()
        stepper.step()
        found.append(total.data)
    return found


def agree(got, wanted, tolerance):
    if not tolerance:
        return got == wanted
    pairs = zip(got, wanted, strict=True)
    return all(math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance) for a, b in pairs)


@pytest.fixture(params=[None, 25], ids=["whole", "in parts"])
def parts(request, monkeypatch):
    """Functions as they are, or cut into parts that are shorter than any would be cut."""
    if request.param is not None:
        monkeypatch.setattr(javascript, "LONGEST_PART", request.param)


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize("lesson", LESSONS, ids=KINDS)
def test_ten_steps_are_those_of_python(lesson, opened):
    name, model, X, y, loss, optimizer, tolerance = lesson
    page = opened(explore(model, X, y, loss=name, optimizer=optimizer))
    got, numbers = page.evaluate(STEPS, 10), page.evaluate(NUMBERS)
    before = numbers_of(model)
    try:
        assert agree(got, eager_steps(model, X, y, loss, optimizer, 10), tolerance)
        assert agree(numbers, numbers_of(model), tolerance)
    finally:
        for parameter, number in zip(model.parameters(), before, strict=True):
            parameter.data = number


def bent(predicted, target):
    """A loss with two ways through it, decided by a computed number."""
    far = predicted - target
    return far * far if -1.0 < far < 1.0 else 2.0 * abs(far) - 1.0


@pytest.mark.usefixtures("parts")
def test_the_way_through_a_loss_may_change_while_it_learns(opened):
    X, y = small_moons()
    signs = [2.0 * t - 1.0 for t in y]
    model = MLP(2, [4, 4, 1], seed=3)
    page = opened(explore(model, X, signs, loss=bent, optimizer=SGD(lr=0.1)))
    assert page.evaluate("() => window.page.learning.descent.code.losses.length") > 1
    assert page.evaluate(STEPS, 10) == eager_steps(model, X, signs, bent, SGD(lr=0.1), 10)
    assert page.evaluate(NUMBERS) == numbers_of(model)


def test_a_model_of_thousands_of_parameters_learns(opened):
    X, y = small_moons(8)
    signs = [2.0 * t - 1.0 for t in y]
    model = MLP(2, [60, 60, 1], seed=3)
    page = opened(explore(model, X, signs, loss="mse", optimizer=SGD(lr=0.01)))
    assert page.evaluate(STEPS, 3) == eager_steps(model, X, signs, losses.mse, SGD(lr=0.01), 3)
    assert page.evaluate(NUMBERS) == numbers_of(model)


def test_no_function_is_too_long_to_be_optimized():
    X, y = small_moons(4)
    script = Learning(MLP(2, [60, 60, 1], seed=3)._lesson(X, y), "", None).script()
    longest = max(map(len, re.split(r"^const part", script, flags=re.MULTILINE)))
    assert longest < 30_000  # V8 optimizes up to 60 kB of its own code, and each is about a letter


def test_mini_batches_are_those_of_fit(opened):
    X, y = small_moons()
    model = MLP(2, [4, 1], seed=3)
    page = opened(explore(model, X, y, loss="mse", optimizer=SGD(lr=0.1), batch_size=7, seed=5))
    got = page.evaluate(STEPS, 12)
    history = model.fit(
        X, y, loss="mse", optimizer=SGD(lr=0.1), batch_size=7, seed=5, epochs=2, progress=False,
    )  # fmt: skip
    wanted = [
        sum(loss * size for loss, size in zip(got[start : start + 5], [7, 7, 7, 7, 2], strict=True))
        / 30
        for start in (0, 5)
    ]
    assert agree(wanted, [epoch.loss for epoch in history], 1e-12)


def test_weights_from_a_seed_are_those_of_python(opened):
    X, y = small_moons()
    page = opened(explore(MLP(2, [4, 4, 1], "tanh", seed=3), X, y))
    for seed in (0, 3, 7, 2**40 + 5):
        page.evaluate("(seed) => window.page.learning.restart(seed)", seed)
        assert page.evaluate(NUMBERS) == numbers_of(MLP(2, [4, 4, 1], "tanh", seed=seed))
    drawn = page.evaluate("""() => {
        const random = new window.page.learning.descent.random.constructor(12);
        return Array.from({length: 700}, () => random.random());
    }""")
    source = random.Random(12)
    assert drawn == [source.random() for _ in drawn]


def test_the_learning_rate_changes_at_once_and_start_again_forgets(opened):
    X, y = small_moons()
    model = MLP(2, [4, 1], seed=3)
    page = opened(explore(model, X, y, loss="mse", optimizer=SGD(lr=0.1)))
    first = page.evaluate(NUMBERS)
    page.evaluate(STEPS, 3)
    page.locator("#rate").fill("0.02")
    page.get_by_role("button", name="one step").click()
    assert page.evaluate("() => window.page.learning.descent.taken") == 4
    eager_steps(model, X, y, losses.mse, SGD(lr=0.1), 3)
    eager_steps(model, X, y, losses.mse, SGD(lr=0.02), 1)
    assert page.evaluate(NUMBERS) == numbers_of(model)
    page.get_by_role("button", name="start again").click()
    assert page.evaluate(NUMBERS) == first
    page.locator("#seed").fill("8")
    page.locator("#seed").press("Enter")
    assert page.evaluate(NUMBERS) == numbers_of(MLP(2, [4, 1], seed=8))
    page.get_by_role("button", name="the model's own first weights").click()
    assert page.evaluate(NUMBERS) == first


def test_play_and_pause(opened):
    X, y = small_moons()
    page = opened(explore(MLP(2, [4, 4, 1], "tanh", seed=3), X, y, optimizer=SGD(lr=0.5)))
    assert page.evaluate("() => !window.page.learning.isPlaying")
    page.get_by_role("button", name="▶ learn").press("Enter")
    page.wait_for_function("() => window.page.learning.descent.taken > 20")
    page.get_by_role("button", name="‖ pause").press(" ")
    taken = page.evaluate("() => window.page.learning.descent.taken")
    page.wait_for_timeout(100)
    assert page.evaluate("() => window.page.learning.descent.taken") == taken
    assert page.locator(".count").inner_text().startswith(f"step {taken} ")
    shown = page.evaluate("""() => {
        const {page} = window, {descent} = page.learning;
        return descent.lesson.parameters.map((place) => page.tape.values[place]);
    }""")
    assert shown == page.evaluate(NUMBERS)


def test_a_frame_that_steps_have_used_up_draws_when_drawing_is_overdue(opened):
    """Frames stay short: pictures wait for one that has time for them, but not for long."""
    X, y = small_moons()
    page = opened(explore(MLP(2, [4, 4, 1], "tanh", seed=3), X, y, optimizer=SGD(lr=0.5)))
    drawn = page.evaluate("""() => {
        const {learning} = window.page, now = performance.now();
        let count = 0;
        const draw = () => count++;
        Object.assign(learning, {isPlaying: true, told: Infinity, next: () => {}, draw});
        learning.network.drawSome = draw;
        return [[0, 1], [50, 1], [50, 300]].map(([used, overdue]) => {
            performance.now = () => now + used; // a clock that stands still
            learning.due = {numbers: Infinity, pictures: now - overdue};
            count = 0;
            learning.tick(now);
            return count;
        });
    }""")
    assert drawn == [1, 0, 1]


@pytest.mark.parametrize(("loss", "rate"), [("mse", 1e9), ("mse", 1.5)])
def test_divergence_is_told_and_stops(loss, rate, opened):
    X, y = small_moons()
    page = opened(explore(MLP(2, [8, 1], seed=3), X, y, loss=loss, optimizer=SGD(lr=rate)))
    trouble = page.locator(".diverged")
    assert not trouble.is_visible()
    page.get_by_role("button", name="▶ learn").click()
    trouble.wait_for(state="visible")
    assert "too high" in trouble.inner_text()
    assert page.evaluate("() => !window.page.learning.isPlaying")
    assert all(map(math.isfinite, page.evaluate(NUMBERS)))
    page.locator("#rate").fill("0.01")
    page.get_by_role("button", name="start again").click()
    assert not trouble.is_visible()


def test_a_rate_that_leads_nowhere_is_told(opened):
    X, y = small_moons()
    page = opened(explore(MLP(2, [4, 4, 1], "tanh", seed=3), X, y, optimizer=SGD(lr=1000.0)))
    page.evaluate("() => window.page.learning.step(1)")
    assert "lower learning rate" not in page.locator(".count").inner_text()
    worse = page.evaluate("""() => {
        const {learning} = window.page, {descent} = learning;
        for (let step = 0; step < 50; step++) learning.step(1);
        return descent.loss() > 2 * descent.history[0];
    }""")
    assert worse == ("lower learning rate" in page.locator(".count").inner_text())
    assert worse


def test_why_a_weight_moves_is_what_the_next_step_does(opened):
    X, y = small_moons()
    page = opened(explore(MLP(2, [4, 1], "tanh", seed=3), X, y, optimizer=Adam(lr=0.1)))
    ahead = page.evaluate("""() => {
        const {page} = window, {descent} = page.learning;
        descent.step();
        page.store.set({picked: descent.lesson.parameters[1]});
        return [descent.lookAhead(1), [...descent.pulls(1)], [...descent.numbers]];
    }""")
    (next_one, pulls, before) = ahead
    assert math.isclose(next_one["gradient"], sum(pulls) / len(pulls), rel_tol=1e-12)
    assert "Why does w₂₁⁽¹⁾ move?" in page.locator(".moves").inner_text()
    page.get_by_role("button", name="one step").click()
    after = page.evaluate(NUMBERS)
    assert after[1] == next_one["number"] != before[1]


def test_the_figure_shows_the_example_that_is_chosen(opened):
    X, y = small_moons()
    model = MLP(2, [4, 4, 1], "tanh", seed=3)
    page = opened(explore(model, X, y))
    for example in (0, 11, 29):
        page.locator("#example").fill(str(example + 1))
        page.locator("#example").press("Enter")
        loss = losses.bce_with_logits(model(X[example]), y[example])
        model.zero_grad()
        loss.backward()
        shown = page.evaluate("""() => {
            const {tape, learning} = window.page;
            const {parameters} = learning.descent.lesson;
            return [tape.values[tape.output], ...parameters.map((place) => tape.adjoints[place])];
        }""")
        wanted = [loss.data, *[parameter.grad for parameter in model.parameters()]]
        assert agree(shown, wanted, 1e-12)
    box = page.locator("canvas.plane").bounding_box()
    x, y_ = page.evaluate("() => window.page.learning.plane.places[4]")
    page.mouse.click(box["x"] + x + 1, box["y"] + y_ + 1)
    chosen = page.evaluate("() => window.page.learning.example")
    near = page.evaluate("() => window.page.learning.plane.places")[chosen]
    assert math.dist(near, (x, y_)) < 4


def test_the_figure_shows_an_example_of_several_classes(opened):
    points, classes = blobs(24, seed=1)
    model = MLP(2, [4, 3], "tanh", seed=4)
    page = opened(explore(model, points, classes))
    for example in (1, 13):
        page.evaluate("(example) => window.page.learning.show(example)", example)
        loss = losses.cross_entropy(model(points[example]), classes[example])
        shown = page.evaluate("() => window.page.tape.values[window.page.tape.output]")
        assert math.isclose(shown, loss.data, rel_tol=1e-12)
    assert not page.locator(".trouble").is_visible()


def test_a_weight_changed_by_hand_is_changed_in_the_training(opened):
    X, y = small_moons()
    page = opened(explore(MLP(2, [4, 1], "tanh", seed=3), X, y))
    page.evaluate(
        "() => window.page.store.set({picked: window.page.learning.descent.lesson.parameters[0]})"
    )
    page.locator("#leaf-number").fill("1.25")
    assert page.evaluate(NUMBERS)[0] == 1.25
    loss = page.evaluate("() => window.page.learning.descent.loss()")
    page.get_by_role("button", name="one step").click()
    assert page.evaluate("() => window.page.learning.descent.history[0]") == loss


@pytest.mark.parametrize("optimizer", [SGD(lr=0.5), Adam(lr=0.05)], ids=["SGD", "Adam"])
def test_the_training_as_python(optimizer, opened, tmp_path, monkeypatch):
    X, y = small_moons()
    page = opened(explore(MLP(2, [3, 1], "tanh", seed=3), X, y, optimizer=optimizer))
    page.evaluate("() => window.page.learning.step(4)")
    page.evaluate("() => window.page.learning.setRate(0.25)")
    code, numbers = page.evaluate("window.page.python()"), page.evaluate(NUMBERS)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(code, names)
    assert numbers_of(names["model"]) == numbers
    assert (tmp_path / "explored.html").exists()
    again = opened(names["page"])
    assert again.evaluate(STEPS, 5) == page.evaluate(STEPS, 5)


def test_the_address_keeps_the_training(opened):
    X, y = small_moons()
    exploration = explore(MLP(2, [3, 1], "tanh", seed=3), X, y)
    page = opened(exploration)
    page.evaluate("""() => {
        const {learning} = window.page;
        learning.setRate(0.3);
        learning.setBatch(10);
        learning.restart(6);
        learning.step(7);
        learning.show(12);
    }""")
    page.wait_for_function(
        "() => location.hash.includes('steps=7') && location.hash.includes('example')"
    )
    again = opened(exploration, page.evaluate("location.hash"))
    state = """() => {
        const {descent, example} = window.page.learning;
        const {rate, batch, seed, taken, numbers} = descent;
        return [rate, batch, seed, taken, example, [...numbers]];
    }"""
    assert again.evaluate(state) == page.evaluate(state)


def test_the_plane_and_the_units_are_what_the_model_answers(opened):
    X, y = small_moons()
    model = MLP(2, [4, 4, 1], "tanh", seed=3)
    page = opened(explore(model, X, y))
    grid, values, units = page.evaluate("""() => {
        const {plane} = window.page.learning;
        return [plane.grid, plane.values, plane.units].map((all) => Array.from(all, (one) => (
            typeof one === "number" ? one : [...one])));
    }""")
    for place in range(0, len(grid), 97):
        trace = model.trace(grid[place])
        z = [node.data for layer in trace.z for node in layer]
        assert agree([unit[place] for unit in units], z, 1e-12)
        probability = 1.0 / (1.0 + math.exp(-z[-1]))
        assert math.isclose(values[place], probability, rel_tol=1e-12)
    assert page.locator(".map .zero").count() == 9


@pytest.fixture(scope="module")
def exploration():
    X, y = small_moons()
    return explore(MLP(2, [4, 4, 1], "tanh", seed=3), X, y, optimizer=SGD(lr=0.5))


def busy(page):
    """Half way through a training, with a weight that is asked about."""
    page.evaluate("""() => {
        const {learning, store} = window.page;
        learning.step(40);
        store.set({picked: learning.descent.lesson.parameters[0]});
    }""")


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1240), ("dark", 1240), ("light", 400)]
)  # fmt: skip
def test_axe_finds_nothing(scheme, width, exploration, opened):
    page = opened(exploration, color_scheme=scheme, viewport={"width": width, "height": 780})
    busy(page)
    assert violations(page) == []


@pytest.mark.parametrize("width", [400, 1000, 2000])
def test_nothing_is_cut_off(width, exploration, opened):
    page = opened(exploration, viewport={"width": width, "height": 900})
    busy(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    for name in ("▶ learn", "one step", "start again", "the next example"):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


@pytest.mark.parametrize(("motion", "pictures"), [("reduce", 5), ("no-preference", 20)])
def test_less_motion_is_fewer_pictures_and_no_fewer_steps(motion, pictures, exploration, opened):
    page = opened(exploration, reduced_motion=motion)
    page.clock.install()  # no machine is slow by a clock that it does not move
    page.clock.pause_at("2030-01-01")
    page.evaluate("""() => {
        const {learning} = window.page, {plane} = learning;
        window.drawn = 0;
        const draw = plane.draw.bind(plane);
        plane.draw = (example) => { window.drawn++; draw(example); };
        learning.play();
    }""")
    page.clock.run_for(2000)
    drawn, taken = page.evaluate("() => [window.drawn, window.page.learning.descent.taken]")
    assert abs(taken - 600) <= 30  # 300 steps a second, and frames of 16 ms
    assert drawn == pictures if motion == "reduce" else drawn > pictures
    page.clock.resume()


def test_who_listens_hears_where_it_is_once_it_rests(exploration, opened):
    page = opened(exploration)
    page.get_by_role("button", name="one step").click()
    heard = page.locator(".learning .heard")
    assert heard.get_attribute("role") == "status"
    assert heard.inner_text().startswith("step 1 · loss ")
    told = page.locator("canvas.plane").get_attribute("aria-label")
    assert told.endswith("of 30 right")
