"""Programs in files and pickles: the same results elsewhere, and no file that does harm."""

from __future__ import annotations

import copy
import inspect
import json
import math
import os
import pickle
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import autograd
from autograd import Primitive, Value
from autograd.primitives import RULES
from autograd.program.compiling import compile
from autograd.program.program import Program, load_program
from autograd.program.storage import files, stored_shapes
from autograd.program.storage.files import described
from autograd.structure import structure_of
from nn import MLP

ROOT = Path(autograd.__file__).parents[1]
ENGINES = ["python"] + ["native"] * (autograd.engine == "native")
WEIGHT = Value(2.0, "weight")


class Pair(NamedTuple):
    first: Any
    second: Any


def bits(tree):
    """Numbers as text that tells -0.0 from 0.0, in the same structure."""
    if isinstance(tree, dict):
        return {str(key): bits(item) for key, item in tree.items()}
    return [bits(item) for item in tree] if isinstance(tree, (list, tuple)) else tree.hex()


def outcome(f, *args):
    """What a call gives, or which error it raises."""
    try:
        return bits(f(*args))
    except (ArithmeticError, ValueError, TypeError) as error:
        return type(error).__name__


# --- Programs of all operations -------------------------------------------------------------------


def random_function(source, points):
    """A function of a number, a list and a dict, with weights, a branch, and any operations.

    Every operation in it is one that succeeds at all the points.
    """
    weights = [Value(source.uniform(-2.0, 2.0), f"w{i}") for i in range(3)]
    weights[1].label = None
    steps = []

    def numbers_of(x, ys, z, weights):
        known = [x, *ys, z["a"], z[2], *weights]
        known.append(x * weights[0] if x > 0.0 else x + weights[0])
        for operation, operands in steps:
            known.append(operation.apply([known[k] if type(k) is int else k for k in operands]))
        return known

    tables = [numbers_of(*point, [w.data for w in weights]) for point in points]
    wanted = source.randint(3, 18)
    while len(steps) < wanted:
        operation = source.choice(list(RULES.values()))
        size = operation.arity if operation.arity >= 0 else source.randint(2, 5)
        operands = [source.randrange(len(tables[0])) for _ in range(size)]
        if source.random() < 0.2 or operation.name == "polygamma":
            operands[0] = source.choice((0.0, -0.0, 1.0, 2.0, math.inf, -math.inf))
        if operation.name == "power_derivative":
            operands[2:] = [source.choice((0.0, 1.0, 2.0)) for _ in range(2)]
        try:
            found = [
                operation.forward(*[table[k] if type(k) is int else k for k in operands])
                for table in tables
            ]
        except (ArithmeticError, ValueError):
            continue
        if all(map(math.isfinite, found)):
            steps.append((operation, operands))
            for table, number in zip(tables, found, strict=True):
                table.append(number)

    def f(x, ys, z):
        known = numbers_of(x, ys, z, weights)
        return {"last": known[-1], "more": (known[-2], known)}

    def single(x, ys, z):
        return autograd.mean(numbers_of(x, ys, z, weights))

    return f, single


def random_point(source):
    numbers = [source.uniform(-2.0, 2.0) for _ in range(5)]
    return numbers[0], numbers[1:3], {"a": numbers[3], 2: numbers[4]}


def random_programs():
    """Programs with points, all recorded."""
    found = []
    for seed in range(30):
        source = random.Random(seed)
        points = [random_point(source) for _ in range(6)]
        for f in random_function(source, points):
            program = compile(f, name=f"random{seed}", uniform=seed % 3)
            for point in points:
                program(*point)
            found.append((program, points))
    return found


@pytest.fixture(scope="module")
def programs():
    return random_programs()


CHILD = f"""
import json, pickle, sys
from autograd import engine
from autograd.program.program import load_program
{inspect.getsource(bits)}
{inspect.getsource(outcome)}
assert engine == sys.argv[1]
found = []
for number, points in enumerate(json.load(open(sys.argv[2] + "/points.json"))):
    program = load_program(sys.argv[2] + "/" + str(number))
    with open(sys.argv[2] + "/" + str(number) + ".pickle", "rb") as file:
        pickled = pickle.load(file)
    for x, ys, z in points:
        point = x, ys, dict(a=z["a"]) | {{2: z["2"]}}
        both = [outcome(program, *point), outcome(program.value_and_grad, *point)]
        assert [outcome(pickled, *point), outcome(pickled.value_and_grad, *point)] == both
        found.append(both)
print(json.dumps(found))
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_loaded_in_another_process_results_are_the_same_bit_for_bit(programs, engine, tmp_path):
    expected = []
    for number, (program, points) in enumerate(programs):
        program.save(tmp_path / str(number))
        (tmp_path / f"{number}.pickle").write_bytes(pickle.dumps(program))
        alone = load_program(tmp_path / str(number))
        for point in points:
            both = [outcome(program, *point), outcome(program.value_and_grad, *point)]
            assert [outcome(alone, *point), outcome(alone.value_and_grad, *point)] == both
            expected.append(both)
    assert sum(type(gradient) is not str for _, gradient in expected) > len(expected) / 4
    (tmp_path / "points.json").write_text(json.dumps([points for _, points in programs]))
    child = subprocess.run(
        [sys.executable, "-c", CHILD, engine, str(tmp_path)],
        env={**os.environ, "AUTOGRAD_ENGINE": engine, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(child.stdout) == expected


def test_the_random_programs_hold_nearly_all_operations_and_branches(programs):
    variants = [variant for program, _ in programs for variant in program.variants]
    used = {op.name for variant in variants for op, _ in variant.recorded.instructions}
    assert len(used) > 0.85 * len(RULES)
    assert any(len(program.variants) > 1 for program, _ in programs)
    assert any(variant.recorded.guards for variant in variants)


# --- What a file keeps ----------------------------------------------------------------------------


def saved(program, folder):
    program.save(folder / "program.json")
    return load_program(folder / "program.json")


def test_a_network_is_trained_on_after_loading(tmp_path):
    model = MLP(3, [4, 1], activation="tanh", seed=7)
    program = compile(lambda xs: (model(xs) - 0.25) ** 2, name="loss")
    point = [0.5, -1.0, 2.0]
    before = program.backward(point)
    alone = saved(program, tmp_path)
    assert alone.backward(point) == before
    by_label = {w.label: w for w in alone.parameters}
    assert [w.label for w in alone.parameters] == [w.label for w in program.parameters]
    for weight in model.parameters():
        assert by_label[weight.label] is not weight
        assert (by_label[weight.label].data, by_label[weight.label].grad) == (
            weight.data, weight.grad,
        )  # fmt: skip
    for weight in [*model.parameters(), *alone.parameters]:
        weight.data -= 0.1 * weight.grad
    assert alone(point) == program(point) < before


def test_each_way_through_the_branches_is_kept_and_others_are_refused(tmp_path):
    def f(x):
        return x * WEIGHT if x > 1.0 else -x if x > 0.0 else x + 1.0

    program = compile(f)
    assert (program(3.0), program(0.5)) == (6.0, -0.5)
    alone = saved(program, tmp_path)
    assert (alone(3.0), alone(0.5), alone(4.0)) == (6.0, -0.5, 8.0)
    with pytest.raises(ValueError, match="without its function"):
        alone(-1.0)
    with pytest.raises(ValueError, match="other arguments"):
        alone([1.0])
    with pytest.raises(TypeError, match="f\\(x\\) takes 1 argument"):
        alone(1.0, 2.0)
    (weight,) = alone.parameters  # one Value, read by the one way that uses it
    weight.data = 10.0
    assert (alone(3.0), program(3.0)) == (30.0, 6.0)


def test_structures_come_back_and_a_named_tuple_as_a_tuple(tmp_path):
    def f(tree, *more):
        return {
            "σ": [tree["a"], (tree[0], [])],
            3: Pair(tree[None], 1.0),
            -0.5: more[0][1],
            True: (),
        }

    program = compile(f, uniform=[0])
    arguments = {"a": 1.0, 0: 2.0, None: 3.0}, (4.0, 5.0)
    expected = program(*arguments)
    assert type(expected[3]) is Pair
    alone = saved(program, tmp_path)
    found = alone(*arguments)
    assert found == {**expected, 3: (3.0, 1.0)}
    assert type(found[3]) is tuple
    assert structure_of(found) == structure_of({**expected, 3: tuple(expected[3])})
    assert [type(key) for key in found] == [type(key) for key in expected]
    assert alone.variants[0].signature == (program.variants[0].signature)
    assert (alone.name, alone.variants[0].recorded.labels) == (
        "f", program.variants[0].recorded.labels,
    )  # fmt: skip


def test_every_float_comes_back_bit_for_bit(tmp_path):
    source = random.Random(5)
    numbers = [0.0, -0.0, 5e-324, 1.7976931348623157e308, 0.1, 2.0**53 + 2.0]
    numbers += [
        math.ldexp(source.uniform(-1.0, 1.0), source.randint(-1073, 1023)) for _ in range(500)
    ]
    weights = [Value(x) for x in [*numbers, math.inf, -math.inf, math.nan]]
    program = compile(lambda x: [x * w for w in weights] + [x + number for number in numbers])
    program(1.0)
    alone = saved(program, tmp_path)
    assert bits([w.data for w in alone.parameters]) == bits([w.data for w in program.parameters])
    assert bits(alone.variants[0].recorded.constants) == bits(
        program.variants[0].recorded.constants
    )


def test_labels_of_any_text_come_back(tmp_path):
    labels = ["", 'a\n"b"', "σ·\u2028", "\ud800", "\U0001f600", "x" * 10_000]
    weights = [Value(1.0, label) for label in labels]
    program = compile(autograd.sum(weights), name="\ud800", inputs=[])
    alone = saved(program, tmp_path)
    assert [w.label for w in alone.parameters] == [w.label for w in program.parameters]
    assert alone.name == program.name


def test_a_compiled_graph_and_saving_again(tmp_path):
    w, x = Value(2.0, "w"), Value(5.0, "x")
    program = compile([w * x, x + 1.0], inputs=[[x]])
    alone = saved(program, tmp_path)
    first = (tmp_path / "program.json").read_bytes()
    assert alone([7.0]) == [14.0, 8.0]
    assert saved(alone, tmp_path)([7.0]) == [14.0, 8.0]
    assert (tmp_path / "program.json").read_bytes() == first


def test_large_programs_make_small_files_in_reasonable_time(tmp_path):
    def f(x, y):
        for _ in range(5000):
            x = x * y + 0.5
            y = autograd.tanh(x - y)
        return x

    program = compile(f)
    count = len(program.record(0.5, 0.25).recorded.instructions)
    begin = time.perf_counter()
    saved(program, tmp_path)
    assert time.perf_counter() - begin < 5.0  # measured: 0.07
    assert (tmp_path / "program.json").stat().st_size < 25 * count


# --- What cannot be saved -------------------------------------------------------------------------


def test_an_operation_outside_the_rule_book_is_refused_before_anything_is_written(tmp_path):
    double = Primitive("double", lambda x: 2.0 * x, (lambda out, x: 2.0,))
    program = compile(lambda x: double(x))
    program.record(2.0)
    (tmp_path / "program.json").write_text("precious")
    with pytest.raises(TypeError, match=r"double.*not in the rule book"):
        program.save(tmp_path / "program.json")
    with pytest.raises(TypeError, match=r"double.*not in the rule book"):
        pickle.dumps(program)
    assert (tmp_path / "program.json").read_text() == "precious"
    assert os.listdir(tmp_path) == ["program.json"]


def test_other_things_that_no_file_holds(tmp_path):
    with pytest.raises(ValueError, match="f is not recorded yet"):
        compile(lambda x: x, name="f").save(tmp_path / "p")
    program = compile(lambda x: x[(1, 2)])
    program({(1, 2): 3.0})
    with pytest.raises(TypeError, match=r"key \(1, 2\) of a dict in x"):
        program.save(tmp_path / "p")
    nested = 1.0
    for _ in range(70):
        nested = [nested]
    program = compile(lambda x: 1.0)
    program(nested)
    with pytest.raises(ValueError, match="64 deep"):
        program.save(tmp_path / "p")
    assert os.listdir(tmp_path) == []


def test_when_writing_fails_what_was_there_stays(tmp_path, monkeypatch):
    program = compile(lambda x: x * 2.0)
    program(1.0)
    path = tmp_path / "program.json"
    program.save(path)
    before = path.read_bytes()

    def full(_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        program.save(path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["program.json"]
    with pytest.raises(FileNotFoundError):
        program.save(tmp_path / "nowhere" / "program.json")
    with pytest.raises(OSError):
        program.save(tmp_path)
    assert os.listdir(tmp_path) == ["program.json"]


@pytest.mark.parametrize(
    ("limit", "most"),
    [(stored_shapes, "MOST_GIVEN"), (files, "_MOST_BYTES"), (files, "_MOST_BRACKETS")],
)
def test_what_could_not_be_loaded_is_not_written(limit, most, monkeypatch, tmp_path):
    program = compile(lambda x: x[0], name="f")
    program([1.0] * 20)
    monkeypatch.setattr(limit, most, 9)
    with pytest.raises(ValueError, match=r"more than 9 numbers|f has more than 9 bytes|may have 9"):
        program.save(tmp_path / "p")
    assert os.listdir(tmp_path) == []


def test_saving_through_a_link_keeps_the_link(tmp_path):
    program = compile(lambda x: x * 2.0)
    program(1.0)
    (tmp_path / "link").symlink_to(tmp_path / "target")
    program.save(str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert load_program(tmp_path / "target")(4.0) == 8.0


# --- Pickles and copies ---------------------------------------------------------------------------


def cube_or_not(x):
    """A function that another process finds by its name."""
    return x * x * x if x > 0.0 else x


def weighted(x):
    return WEIGHT * x


class Line:
    """A callable thing that carries its own weights."""

    def __init__(self):
        self.w = Value(3.0, "w")
        self.program = compile(self)

    def __call__(self, x):
        return self.w * x if x > 0.0 else x


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_lambda_pickles_as_what_was_recorded(protocol):
    program = compile(lambda x: WEIGHT * x if x > 0.0 else x)
    program(2.0)
    again = pickle.loads(pickle.dumps(program, protocol))
    assert again(5.0) == 10.0
    with pytest.raises(ValueError, match="without its function"):
        again(-5.0)


def test_results_after_pickling_are_the_same_bit_for_bit(programs):
    for program, points in programs:
        again = pickle.loads(pickle.dumps(program))
        for point in points:
            assert outcome(again, *point) == outcome(program, *point)
            assert outcome(again.value_and_grad, *point) == outcome(program.value_and_grad, *point)


def test_a_function_of_its_arguments_alone_is_recorded_again_elsewhere(monkeypatch):
    module = sys.modules.setdefault(cube_or_not.__module__, type(sys)(cube_or_not.__module__))
    monkeypatch.setattr(module, "cube_or_not", cube_or_not, raising=False)
    program = compile(cube_or_not)
    again = pickle.loads(pickle.dumps(program))  # recorded nowhere yet
    assert (again(2.0), again(-2.0)) == (8.0, -2.0)
    program(2.0)
    again = pickle.loads(pickle.dumps(program))
    assert (again(3.0), again(-3.0)) == (27.0, -3.0)


def test_a_function_of_values_from_outside_stays_behind(monkeypatch):
    # Recorded again in the other process it would read that process's weight, not the pickled one.
    module = sys.modules.setdefault(weighted.__module__, type(sys)(weighted.__module__))
    monkeypatch.setattr(module, "weighted", weighted, raising=False)
    program = compile(weighted)
    program(2.0)
    again = pickle.loads(pickle.dumps(program))
    again.parameters[0].data = 5.0
    assert again(2.0) == 10.0
    with pytest.raises(ValueError, match="other arguments"):
        again([2.0])


def test_an_operation_as_the_function():
    program = compile(autograd.tanh)
    program(0.5)
    assert pickle.loads(pickle.dumps(program))(0.25) == math.tanh(0.25)
    assert copy.deepcopy(program)(0.25) == math.tanh(0.25)


def test_a_lambda_never_called_does_not_pickle():
    with pytest.raises(TypeError, match="f is not recorded yet"):
        pickle.dumps(compile(lambda x: x, name="f"))


@pytest.mark.parametrize("carried", [lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy])
def test_values_keep_their_identity_within_one_object(carried):
    model = MLP(2, [3, 1], seed=3)
    program = compile(model)
    value = program([1.0, 2.0])
    for order in (slice(None), slice(None, None, -1)):
        again = carried([model, program][order])
        other_model, other = again[order]
        parameters = other_model.parameters()
        assert {id(w) for w in other.parameters} <= {id(w) for w in parameters}
        assert {id(w) for w in other.parameters}.isdisjoint(map(id, model.parameters()))
        assert other([1.0, 2.0]) == value
        parameters[0].data += 1.0
        assert other([1.0, 2.0]) == other_model([1.0, 2.0]).data != value


@pytest.mark.parametrize("carried", [lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy])
def test_a_thing_and_its_program_in_a_circle(carried, monkeypatch):
    module = sys.modules.setdefault(Line.__module__, type(sys)(Line.__module__))
    monkeypatch.setattr(module, "Line", Line, raising=False)
    line = Line()
    line.program(1.0)
    again = carried(line.program)
    again.parameters[0].data = 7.0
    assert (again(2.0), again(-2.0)) == (14.0, -2.0)  # recorded again, with the same weight
    assert (line.program(2.0), len(again.parameters)) == (6.0, 1)
    assert carried(line).program(2.0) == 6.0


def test_a_deep_copy_is_apart_from_its_original():
    w = Value(2.0, "w")
    program = compile(lambda x: w * x)
    program(1.0)
    again = copy.deepcopy(program)
    w.data = 3.0
    assert (program(1.0), again(1.0)) == (3.0, 2.0)
    free = compile(lambda x: x if x > 0.0 else -x)
    assert copy.deepcopy(free)(-2.0) == 2.0


# --- Hostile files --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def good():
    """The text of a small valid file with something of everything in it."""
    w = Value(0.5, "w")

    def f(x, ys, z):
        if x > 0.0:
            return {"a": [w * x + math.inf, autograd.sum(ys)], "b": (autograd.dot(ys, ys, z),)}
        return autograd.clip(x, -1.0, w) + z

    program = compile(f, uniform=2)
    program(-1.0, [2.0], 4.0)
    program(1.0, [2.0, 3.0], 4.0)
    state = program.__reduce__()[2]
    return state[1]


def loaded(text):
    data = text if isinstance(text, bytes) else text.encode()
    return Program(None, *described(data, "it"))


def loaded_or_refused(text):
    """The program, or None if the text is refused with the one error there is for that."""
    try:
        return loaded(text)
    except ValueError as error:
        if not str(error).startswith("it is not a program file: "):
            raise
        return None


def run(program):
    """Run a program that may be anything, as long as it does not crash."""
    for variant in list(program.variants):
        count = len(variant.signature.names)
        for number in (0.5, -2.0):
            arguments = variant.signature.structure.build([number] * count)
            outcome(program, *arguments)
            outcome(program.value_and_grad, *arguments)


JUNK = [
    None, True, False, 0, 1, -1, 2, 7, 10**9, 10**18, -(10**18), 0.5, 1e300, "", "number", "x",
    "mul 0 1", "neg 0", "dot 0 1 2", "0 > 1 true", "nan", "inf", [], {}, [0], [[]], {"list": 2},
    {"list": 10**9}, {"tuple": ["number", {"list": 3}]}, {"dict": [["a", "number"]]},
    {"dict": [[[], "number"]]},
]  # fmt: skip


def mutated(thing, source):
    """Change one thing somewhere in nested JSON."""
    while True:
        inner = thing
        path = []
        while isinstance(inner, (list, dict)) and inner and (not path or source.random() < 0.85):
            key = source.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
            path.append(key)
            parent, inner = inner, inner[key]
        if path:
            break
    kind = source.randrange(5)
    if kind == 0:
        del parent[key]
    elif kind == 1 and isinstance(parent, list):
        parent.insert(key, copy.deepcopy(source.choice(parent)))
    elif kind == 2 and isinstance(inner, str) and " " in inner:
        words = inner.split(" ")
        place = source.randrange(len(words))
        words[place] = source.choice(
            [*RULES, "0", "1", "5", "11", "999", "-1", "", "1e3", "<", "true", words[-1]]
        )
        parent[key] = " ".join(words)
    elif kind == 3 and type(inner) in (int, float):
        parent[key] = inner + source.choice((-1, 1, 0.5, 10**6))
    else:
        parent[key] = copy.deepcopy(source.choice(JUNK))
    return thing


def test_structural_mutations_load_and_run_or_are_refused(good):
    source = random.Random(11)
    accepted = 0
    for _ in range(3000):
        thing = json.loads(good)
        for _ in range(source.choice((1, 1, 1, 2, 3))):
            mutated(thing, source)
        program = loaded_or_refused(json.dumps(thing))
        if program is not None:
            accepted += 1
            run(program)
    assert 100 < accepted < 1500


def test_mutations_of_bytes_load_and_run_or_are_refused(good):
    source = random.Random(12)
    data = good.encode()
    accepted = 0
    for _ in range(4000):
        changed = bytearray(data)
        for _ in range(source.choice((1, 1, 2, 5))):
            at, size = source.randrange(len(changed)), source.choice((0, 1, 1, 2, 8, 100))
            new = source.choice(
                (b"", b"", bytes([source.randrange(256)]), b"9", b"-", b"[", b"]", b'"', b"e9",
                 changed[source.randrange(len(changed)) :][:size])
            )  # fmt: skip
            changed[at : at + size] = new
        program = loaded_or_refused(bytes(changed))
        if program is not None:
            accepted += 1
            run(program)
    assert accepted > 20


def test_every_truncation_is_refused(good):
    data = good.encode()
    loaded(data)
    for size in range(len(data) - 1):
        with pytest.raises(ValueError, match="is not a program file"):
            loaded(data[:size])


def changed(text, **fields):
    """The file with other fields; of its first variant, those with an underscore in front."""
    thing = json.loads(text)
    for name, value in fields.items():
        (thing["variants"][0] if name.startswith("_") else thing)[name.removeprefix("_")] = value
    return json.dumps(thing)


HOSTILE = {
    "version 2": {"version": 2},
    "does not begin with": {"format": "pickle"},
    "name has to be text": {"name": 3},
    "the program has the unknown field 'extra'": {"extra": 1},
    r"arguments\[1\] has to be text": {"arguments": ["x", 1]},
    "required has to be a whole number": {"required": -1},
    "9 arguments are required of 3": {"required": 9},
    "open has to be true or false": {"open": 0},
    "uniform has 7": {"uniform": [7]},
    r"uniform\[0\] has to be a whole number": {"uniform": [True]},
    "parameters has no 'data'": {"parameters": {"labels": []}},
    "parameters has 1 labels for 0": {"parameters": {"labels": ["w"], "data": []}},
    r"parameters.data\[0\] has to be a number, got '1.0'": {
        "parameters": {"labels": ["w"], "data": ["1.0"]}
    },
    "it has no variants": {"variants": []},
    "variants has to be a list": {"variants": {}},
    r"variants\[0\] has to be an object": {"variants": [[]]},
    r"variants\[0\].shape: f\(x, ys, z\) takes 3 arguments, got 0": {"_shape": []},
    r"shape\[1\]: more than 1048576 numbers": {"_shape": ["number", {"list": 10**9}, "number"]},
    r"shape.*: the names of the inputs are too long": {
        "_shape": ["number", {"dict": [["x" * 10**4, {"list": 10**6}]]}, "number"]
    },
    r"shape\[0\]: 'set' is no kind": {"_shape": [{"set": 3}, "number", "number"]},
    r"shape\[0\] has to be a structure": {"_shape": [1, "number", "number"]},
    r"shape\[0\] has to be a whole number": {"_shape": [{"list": -1}, "number", "number"]},
    r"shape\[0\] has a key twice": {
        "_shape": [{"dict": [[1, "number"], [True, "number"]]}, "number", "number"]
    },
    "a key is text or a number": {"_shape": [{"dict": [[[], "number"]]}, "number", "number"]},
    "has to be a key and its structure": {"_shape": [{"dict": [["a"]]}, "number", "number"]},
    "result has 1 numbers for 3 outputs": {"_result": "number"},
    r"variants\[0\].inputs is 1000000000, but there are": {"_inputs": 10**9},
    r"variants\[0\].parameters is 0, but there are": {"_parameters": 0},
    r"captured\[0\] is parameter 5 of 1": {"_captured": [5]},
    "captured has a parameter twice": {"_captured": [0, 0]},
    r"constants\[0\] has to be a number, got a list": {"_constants": [[]]},
    r"instructions\[0\]: 'system' is not in the rule book": {"_instructions": ["system 0"]},
    r"instructions\[0\]: 'total' is not in the rule book": {"_instructions": ["total 0 0"]},
    r"instructions\[0\] has to be an operation": {"_instructions": ["neg -1"]},
    r"instructions\[1\] has to be an operation": {"_instructions": ["neg 0", 5]},
    "instruction 0, neg 0 1: neg takes 1 operand, got 2": {"_instructions": ["neg 0 1"]},
    "instruction 0, neg 400: operand 0": {"_instructions": ["neg 400"]},
    r"outputs\[1\] has to be a whole number": {"_outputs": [0, "1", 2]},
    "output 2 has to be a slot": {"_outputs": [0, 0, 10**6]},
    r"guards\[0\] has to be a comparison": {"_guards": ["0 > 1"]},
    "guard 0: a comparison is one of": {"_guards": ["0 => 1 true"]},
    "guard 0: right has to be a slot": {"_guards": ["0 > 999 true"]},
    "labels: 'x' is not a slot": {"_labels": {"x": "x"}},
    "labels: '01' is not a slot": {"_labels": {"01": "x"}},
    r"labels\[0\] has to be text": {"_labels": {"0": None}},
    "the slot of label 'x'": {"_labels": {"99999": "x"}},
}


@pytest.mark.parametrize("complaint", HOSTILE)
def test_a_hostile_field_is_named(complaint, good):
    with pytest.raises(ValueError, match=complaint):
        loaded(changed(good, **HOSTILE[complaint]))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "byte 0 is not UTF-8"),
        (b"\x00" * 1000, "not JSON"),
        (b"[]", "does not begin"),
        (b'"chainrule program"', "does not begin"),
        (b"[" * 10**6, "nested too deeply"),
        (b'{"a":' * 10**6, "nested too deeply"),
        (b'{"format": "chainrule program", "version": 1, "version": 1}', "'version' stands twice"),
        (b'{"version": ' + b"9" * 10**6 + b"}", "an integer of 1000000 digits"),
        (b'{"version": 1e999}', "too large for a float"),
        (b'{"version": NaN}', "NaN is not JSON"),
        (b"\x80\x04}\x94.", "not UTF-8"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b" " * ((1 << 26) + 1), "more than 67108864 bytes"),
        (b"[" + b"{}," * (1 << 23) + b"0]", "8388609 brackets"),
    ],
)
def test_what_is_no_program_file_is_refused(text, complaint):
    begin = time.perf_counter()
    with pytest.raises(ValueError, match=complaint):
        loaded(text)
    assert time.perf_counter() - begin < 5.0


def test_deep_structures_are_refused_at_any_depth(good):
    for depth in (65, 200, 5000):
        shape = '{"list": [' * depth + '"number"' + "]}" * depth
        text = good.replace('"shape": ["number"', f'"shape": [{shape}', 1)
        assert text != good
        with pytest.raises(ValueError, match="nested"):
            loaded(text)


def test_what_is_not_a_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_program(tmp_path / "nothing")
    with pytest.raises(ValueError, match="is not a file"):
        load_program(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="is not a file"):
        load_program(tmp_path / "pipe")
    with pytest.raises(TypeError):
        load_program(3)
