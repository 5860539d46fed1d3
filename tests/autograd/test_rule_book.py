"""One statement of each thing: what is a fact about an operation stands in its entry alone."""

from __future__ import annotations

import ast
import inspect
import itertools
import math
import re
import struct
from pathlib import Path

import pytest

import autograd
import nn
from autograd.primitive import Primitive
from autograd.primitives import RULES
from autograd.program.passes.failing import can_fail

ENGINE = Path(autograd.__file__).parent
FILES = sorted([*ENGINE.rglob("*.py"), *Path(nn.__file__).parent.rglob("*.py")])
EDGES = [
    -math.inf, -1e308, -1000.0, -3.0, -1.0, -0.5, -1e-310, -0.0, 0.0, 1e-310, 0.4, 1.0, 2.0, 1000.0,
    1e308, math.inf,
]  # fmt: skip
FINITE = EDGES[1:-1]
FIXED = [rule for rule in RULES.values() if not rule.is_variadic]
# Independent of the rule book on purpose: oracles recompute what it says, mutants break it.
INDEPENDENT = ENGINE / "verification"


def points(rule, numbers):
    numbers = numbers if rule.arity < 3 else numbers[::3]
    return itertools.product(numbers, repeat=2 if rule.is_variadic else rule.arity)


def value(rule, operands):
    """The value, or None where it raises."""
    try:
        return rule.forward(*operands)
    except (ArithmeticError, ValueError):
        return None


def bits(number):
    return None if number is None else struct.pack("d", number)


# --- The facts are true ---------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [x for x in RULES.values() if x.is_commutative], ids=repr)
def test_operands_of_commutative_operations_change_places_without_changing_a_bit(rule):
    assert rule.arity == 2
    for x, y in points(rule, EDGES):
        assert bits(value(rule, (x, y))) == bits(value(rule, (y, x))), (x, y)


@pytest.mark.parametrize("rule", [x for x in RULES.values() if x.is_bounded], ids=repr)
def test_bounded_results_are_finite_whatever_the_operands(rule):
    for operands in points(rule, EDGES):
        assert math.isfinite(rule.forward(*operands)), operands


@pytest.mark.parametrize("rule", [x for x in RULES.values() if x.is_never_negative_zero], ids=repr)
def test_no_result_is_a_negative_zero(rule):
    found = [value(rule, operands) for operands in points(rule, EDGES)]
    assert bits(-0.0) not in map(bits, found)


@pytest.mark.parametrize("rule", [x for x in RULES.values() if x.neutral], ids=repr)
def test_a_neutral_infinity_makes_nothing_infinite(rule):
    assert len(rule.neutral) == rule.arity
    for position, infinity in enumerate(rule.neutral):
        if infinity is not None:
            for operands in points(rule, FINITE):
                given = [*operands[:position], infinity, *operands[position + 1 :]]
                found = value(rule, given)
                assert found is None or math.isfinite(found), given


@pytest.mark.parametrize("rule", RULES.values(), ids=repr)
def test_a_value_exists_where_the_entry_says_so(rule):
    condition = rule.exists or rule.domain or "True"
    for operands in points(rule, FINITE):
        try:
            rule.forward(*operands)
        except OverflowError:
            continue  # which has left no domain
        except (ArithmeticError, ValueError):
            if rule.is_variadic:
                assert rule.domain, operands
            else:
                said = dict(zip(rule.operand_names, operands, strict=True))
                assert not eval(condition, {}, said), operands


@pytest.mark.parametrize("rule", FIXED, ids=repr)
def test_an_operation_that_cannot_fail_with_some_known_operands_does_not(rule):
    # Every choice of operands that are known: whatever the others are, there is a value.
    for known in itertools.product((False, True), repeat=rule.arity):
        for operands in points(rule, FINITE[::2]):
            numbers = [x if is_known else None for x, is_known in zip(operands, known, strict=True)]
            if not can_fail(rule, numbers):
                try:
                    rule.forward(*operands)
                except OverflowError:
                    pass
                except (ArithmeticError, ValueError) as error:
                    raise AssertionError((numbers, operands)) from error


def test_known_operands_tell_that_an_operation_cannot_fail():
    cases = {
        ("div", (None, 2.0)): False, ("div", (None, 0.0)): True, ("div", (1.0, None)): True,
        ("pow", (None, 2.0)): False, ("pow", (None, 0.5)): True, ("pow", (None, -1.0)): True,
        ("pow", (None, None)): True, ("pow", (2.0, None)): False, ("pow", (-2.0, None)): True,
        ("clip", (None, 0.0, 1.0)): False, ("clip", (None, 1.0, 0.0)): True,
        ("clip", (0.5, None, 1.0)): True, ("xlogy", (None, 2.0)): False,
        ("xlogy", (None, -2.0)): True, ("hypot", (None, None)): False, ("log", (None,)): True,
        ("atan2", (None, None)): False, ("add", (None, None)): False,
    }  # fmt: skip
    for (name, numbers), expected in cases.items():
        assert can_fail(RULES[name], numbers) is expected, (name, numbers)


def test_numpys_other_names_are_names():
    found = {rule.name: rule.numpy_name for rule in RULES.values() if rule.numpy_name}
    assert found == {
        "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2",
        "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
    }  # fmt: skip


# --- They stand in the entries, and are read ------------------------------------------------------


def test_every_attribute_of_an_operation_is_read_outside_the_rule_book():
    own = {ENGINE / "primitive.py", ENGINE / "primitives.py"}
    read = set()
    for path in ENGINE.rglob("*.py*"):
        if path.suffix in (".py", ".pyx") and path not in own:
            text = path.read_text(encoding="utf-8")
            # Of an operation, whatever it is called there: `title` is a word of many others, too.
            read |= set(re.findall(r"\b_?(?:primitive|operation|rule)\.(\w+)", text))
    stated = set(inspect.signature(Primitive.__init__).parameters) - {"self"}
    stated |= {name for name in vars(Primitive) if not name.startswith("_")}
    assert not stated - read


def _names_of_operations(tree: ast.AST) -> dict[str, str]:
    """What a file calls operations: `primitives.add`, and what it imports them as."""
    modules, names = ["primitives"], {}
    for node in ast.walk(tree):
        for alias in node.names if isinstance(node, ast.ImportFrom) else ():
            if (node.module, alias.name) == ("autograd", "primitives"):
                modules.append(alias.asname or alias.name)
            elif node.module in ("autograd", "autograd.primitives") and alias.name in RULES:
                names[alias.asname or alias.name] = alias.name
    return {**names, **{f"{module}.{name}": name for module in modules for name in RULES}}


def _operations(node: ast.AST, names: dict[str, str]) -> list[str]:
    """The operations a node stands for: `primitives.add`, "add", "add sub mul", or several."""
    if isinstance(node, (ast.Attribute, ast.Name)):
        name = names.get(ast.unparse(node))
        return [] if name is None else [name]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        # "exp log", "exp|log", "exp=e^x, log=ln x"; and signs, "+".
        words = [re.split("[=:]", word)[0] for word in re.split(r"[\s,;|()]+", node.value.strip())]
        if node.value in SIGNS:
            return [SIGNS[node.value]]
        known = [word for word in words if word in RULES]
        return known if len(known) >= 0.6 * len(words) else []
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [name for part in node.elts for name in _operations(part, names)]
    return []


def _first(node: ast.AST) -> ast.AST:
    return node.elts[0] if isinstance(node, (ast.List, ast.Tuple)) and node.elts else node


def _asked(function: ast.AST) -> list[ast.AST]:
    """What a function, or what of a file stands in none, compares things with."""
    found: list[ast.AST] = []
    pending = [function]
    while pending:
        node = pending.pop()
        inside = isinstance(function, ast.Module)
        pending += [
            part
            for part in ast.iter_child_nodes(node)
            if not (inside and isinstance(part, (ast.FunctionDef, ast.Lambda)))
        ]
        if isinstance(node, ast.Compare):
            found += [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            found.append(node.value)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ASKING:
            found += node.args
    return found


def _defined(body: list[ast.stmt]) -> list[ast.AST]:
    """What the members of a class are called: `exp`, `_exp`, `visit_exp`."""
    names = []
    for node in body:
        if isinstance(node, ast.FunctionDef):
            names.append(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [target.id for target in targets if isinstance(target, ast.Name)]
    return [ast.Constant(re.sub(r"^(visit|of|do|write)?_(?!_)", "", name)) for name in names]


def _entered(module: ast.Module) -> dict[str, list[ast.AST]]:
    """What a file enters: `table["exp"] = ...` one by one, and what decorators are given."""
    found: dict[str, list[ast.AST]] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Subscript):
                    found.setdefault(ast.unparse(target.value), []).append(target.slice)
        for decorator in getattr(node, "decorator_list", ()):
            if isinstance(decorator, ast.Call):
                found.setdefault(f"@{ast.unparse(decorator.func)}", []).extend(decorator.args)
    return found


def tables(tree: ast.AST) -> list[tuple[int, list[str]]]:
    """What lists, maps or asks for three operations and more: the line and their names."""
    found, known = [], _names_of_operations(tree)
    for node in ast.walk(tree):
        parts: list[ast.AST] = []
        if isinstance(node, ast.Dict):
            parts = [key for key in node.keys if key is not None]
        elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            parts = list(map(_first, node.elts))
        elif isinstance(node, ast.Constant):
            parts = [node]
        elif isinstance(node, ast.Call):
            parts = [ast.Constant(keyword.arg) for keyword in node.keywords]
        elif isinstance(node, ast.ClassDef):
            parts = _defined(node.body)
        elif isinstance(node, (ast.FunctionDef, ast.Module)):
            parts = _asked(node)
        groups = [parts, *(_entered(node).values() if isinstance(node, ast.Module) else ())]
        for group in groups:
            names = [name for part in group for name in _operations(part, known)]
            if len(set(names)) > 2:
                found.append((getattr(node, "lineno", 0), list(dict.fromkeys(names))))
    return found


def tables_in_text(text: str) -> list[str]:
    """The operations that a file of another language names in quotes, as keys or by their code."""
    code = re.sub(r"//[^\n]*|/\*.*?\*/|#[^\n]*", "", text, flags=re.DOTALL)
    named = re.findall(r"""["'`](\w+)["'`]|[{,]\s*(\w+):|\b(?:OP|LOOP)_(\w+)""", code)
    return sorted({name for names in named for name in names if name in RULES})


SIGNS = {rule.symbol: rule.name for rule in RULES.values() if rule.binding}
# Methods of texts that ask which one it is.
ASKING = {"startswith", "endswith", "fullmatch", "__eq__"}
# What may list operations, and why: none of these is a fact about their values.
LISTS = {
    "autograd/__init__.py": "public names that hide builtins",
    "autograd/elsewhere.py": "what names of micrograd and PyTorch are called here",
    "autograd/explanation/algebra.py": "reads formulas: what arithmetic means to somebody",
    "autograd/explanation/derivatives.py": "the same, to write them as people do",
    "autograd/formula.py": "how the signs of arithmetic are written in Unicode",
    "autograd/explanation/losses.py": "which losses compare targets, to call these t",
    "autograd/generate/machine_rules.py": "what the interpreter runs in place, to save time",
    "autograd/generate/update_rules.py": "arithmetic that shows an operand which is not finite",
    "autograd/optimizers/forms.py": "arithmetic, which Python writes with a sign as well",
    "autograd/program/emission/languages/javascript.py": "functions that are in Math there",
    "autograd/program/emission/c_family.py": "sums, which are written as loops",
    "autograd/program/emission/languages/python.py": "sums, which are written as loops",
    "autograd/program/emission/statements.py": "sums, which are written as loops",
    "autograd/program/passes/identities.py": "rewrites code, one rule for each operation it knows",
    "autograd/program/run/in_python.py": "sums, which are written in place",
    "autograd/streams.py": "what stands in for mathematical signs, such as sqrt",
    "nn/activations.py": "what a layer can be told to use, by name",
    "nn/choices.py": "the same names, for type checkers",
    "nn/export/languages/formulas.py": "names of functions in other languages' sources, replaced",
    "nn/export/languages/onnx_graph.py": "activations as nodes of ONNX",
    "nn/export/storage/torch_names.py": "what PyTorch calls the same activations",
    "nn/initializers.py": "which first weights suit which activation",
    "nn/reading/loss_table.py": "which activations of outputs a loss cannot take",
    "nn/textbook/unit_slopes.py": "an independent oracle: derivatives stated by hand",
}


def test_tables_of_operations_are_found():
    found = tables(ast.parse('A = {primitives.add: 1, primitives.mul: 2, primitives.sub: 3}\n"x"'))
    assert found == [(1, ["add", "mul", "sub"])]
    for text in (
        'frozenset("exp log tanh".split())',
        '["exp", "log", "tanh"]',
        '[("exp", "e^x"), ("log", "ln"), ("tanh", "th")]',
        'dict(exp="e^x", log="ln", tanh="th")',
        "from autograd import primitives as rules; {rules.exp: 1, rules.log: 2, rules.tanh: 3}",
        "from autograd.primitives import exp, log as ln, tanh\n{exp: 1, ln: 2, tanh: 3}",
        "def f(x):\n    return 1 if x == 'exp' else 2 if x == 'log' else 3 if x == 'tanh' else 4",
        "def f(x):\n    if x is primitives.exp: pass\n    elif x in (primitives.log, 'tanh'): pass",
        "def f(x):\n    match x:\n        case 'exp': pass\n        case 'log' | 'tanh': pass",
        'x = {n: f for n, f in zip(("exp", "log", "tanh"), ("e^x", "ln", "th"))}',
        'x = dict(p.split("=") for p in "exp=e^x log=ln tanh=th".split())',
        're.compile("exp|log|tanh")',
        'if x == "exp": y = 1\nelif x == "log": y = 2\nelif x == "tanh": y = 3',
        "def f(x):\n    match x:\n        case y if y.startswith('exp'): pass\n"
        "        case y if y.startswith('log'): pass\n        case 'tanh': pass",
        't = {}\nt["exp"] = 1\nt["log"] = 2\nt["tanh"] = 3',
        '@rule("exp")\ndef a(): ...\n@rule("log")\ndef b(): ...\n@rule("tanh")\ndef c(): ...',
        "class A:\n    def visit_exp(self): ...\n    def visit_log(self): ...\n"
        "    def visit_tanh(self): ...",
        "class A:\n    exp = 1\n    log = 2\n    tanh: int = 3",
        'SimpleNamespace(exp="e^x", log="ln", tanh="th")',
        '{"+": 1, "-": 1, "*": 2}',
    ):
        assert tables(ast.parse(text)), text
    assert not tables(ast.parse('"the log of a sum"; x = [primitives.add, y]; {"sum": 1}'))


def test_no_other_file_has_a_table_of_operations():
    with_tables = {}
    for path in FILES:
        is_ours = path.name in ("primitives.py", "special_in_c.py") or INDEPENDENT in path.parents
        found = tables(ast.parse(path.read_text(encoding="utf-8")))
        if found and not is_ours:
            with_tables[path.relative_to(ENGINE.parent).as_posix()] = found
    assert with_tables.keys() == LISTS.keys(), with_tables


# The same in other languages: what the machine and the compiled engine know by its code.
LISTS_IN_C = {
    "autograd/machine/emitter/loops.h": "what is emitted as a loop",
    "autograd/machine/emitter/operations.h": "what is emitted in line, and not called",
    "autograd/machine/emitter/steps.h": "packs that are emitted in line",
    "autograd/machine/kernels/lanes.h": "packs with a kernel of their own",
    "autograd/machine/kernels/lanes_variadic.h": "packs with a kernel of their own",
    "autograd/machine/kernels/points.h": "packs with a kernel of their own",
    "autograd/native/engine.pyx": "operators of Python",
}


def test_no_file_in_c_or_javascript_has_a_table_of_operations():
    files = [p for p in ENGINE.rglob("*") if p.suffix in (".h", ".js", ".pyx", ".pxi")]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    with_tables = {
        path.relative_to(ENGINE.parent).as_posix(): tables_in_text(text)
        for path, text in texts.items()
        if "enerated" not in text[:150] and len(tables_in_text(text)) > 2
    }
    assert with_tables.keys() <= LISTS_IN_C.keys(), with_tables


def test_tables_in_other_languages_are_found():
    for text in (
        'const said = { exp: "e^x", log: "ln x", tanh: "th x" };',
        'static const char *said[] = {"exp", "log", "tanh"};',
        "case OP_exp: case OP_log: case OP_tanh: return 1;",
    ):
        assert tables_in_text(text) == ["exp", "log", "tanh"], text
    assert not tables_in_text('/* "exp", "log", "tanh" */ f(exp(x), "sum of logs");')


def test_no_other_file_states_a_derivative_again():
    told = re.compile(rf"_?({'|'.join(RULES)})_(slopes?|derivatives?|prime|partials?|gradient)")
    stated = {
        f"{path.relative_to(ENGINE.parent).as_posix()}: {node.name}"
        for path in FILES
        if path.name not in ("primitives.py", "unit_slopes.py") and INDEPENDENT not in path.parents
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and told.fullmatch(node.name)
    }
    assert not stated
