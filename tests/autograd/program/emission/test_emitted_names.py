"""Names in emitted code: every word of three languages, as a name of everything that has a name."""

from __future__ import annotations

import builtins
import ctypes
import json
import keyword
import os
import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import primitives
from autograd.primitive import Primitive
from autograd.program.code.instructions import Code, Instruction
from autograd.program.compiling import compile
from autograd.program.emission import c_words
from autograd.program.emission.languages import c, javascript, python
from autograd.program.emission.unit import Argument, Unit
from autograd.structure import Structure, structure_of

COMPILER, CPP, NODE = (shutil.which(name) for name in ("cc", "c++", "node"))
pytestmark = pytest.mark.any_engine
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="no C compiler here")
needs_node = pytest.mark.skipif(NODE is None, reason="no Node here")
WARNINGS = ["-pedantic", "-Wall", "-Wextra", "-Werror"]
listed = str.split
HEADERS = listed("math stddef stdio float errno stdlib limits string ctype time stdint")

C_KEYWORDS = listed("""
auto break case char const continue default do double else enum extern float for goto if inline int
long register restrict return short signed sizeof static struct switch typedef union unsigned void
volatile while _Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert
_Thread_local alignas alignof bool constexpr false nullptr static_assert thread_local true typeof
typeof_unqual _BitInt _Decimal128 _Decimal32 _Decimal64 asm __asm__ __typeof__ __attribute__
__func__ __FILE__ __LINE__ __restrict stdin stdout stderr errno NULL NAN INFINITY M_PI EOF
""")
CPP_KEYWORDS = listed("""
and and_eq bitand bitor catch class compl concept const_cast const_iterator consteval constinit
co_await co_return co_yield char8_t char16_t char32_t decltype delete dynamic_cast explicit export
friend mutable namespace new noexcept not not_eq operator or or_eq private protected public
reinterpret_cast requires static_cast template this throw try typeid typename using virtual wchar_t
xor xor_eq import module final override std __cplusplus beta hermite lerp
""")
LIBM = [name + end for name in c_words.LIBRARY.split() for end in ("", "f", "l")]
JS_WORDS = listed("""
abstract arguments async await boolean break byte case catch char class const constructor continue
debugger default delete do double else enum eval export extends false final finally float for from
function get goto if implements import in instanceof int interface let long meta native new null of
package private protected prototype public return set short static super switch synchronized target
this throw throws transient true try typeof undefined var void volatile while with yield NaN
Infinity Math Object Array Number RangeError globalThis window self name length __proto__ toString
__defineGetter__ hasOwnProperty valueOf Symbol Function Promise module require exports
""")
PYTHON_WORDS = [*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "__all__", "__getattr__"]
OWN = listed("""
f x n i t1 t2 v1 s1 u1 parameters result inside value PARAMETERS f_gradient f_parameters d_x d_f
digamma polygamma norm erf erfc lgamma sigmoid softplus logsumexp t1_terms total term z k power
math annotations _relu s f_part1 f_start
""")
LONG = ["w" * 62, "w" * 63, "w" * 64, "w" * 64 + "a", "w" * 64 + "b", "W" * 64, "w" * 200]
ODD = listed("""
x X ﬁ fi é é e café cafe_ θ theta Θ ϑ µ μ K K ℌ H ñ n 中 国 \u0430 a _ __ ___ _1 _a _A ŝ s_hat
\U0001d465 ｘ ª º ſ
""")
ANY = ["", " ", "a b", "a-b", "1", "1x", "*/", '"""', "\\", "a\nb", "\x00", "🦊", "\ud800", "a.b"]


@cache
def macros():
    """Every macro that stands for something, of the headers that programs include."""
    text = "".join(f"#include <{header}.h>\n" for header in HEADERS)
    found = set()
    for standard in ("c99", "gnu11"):
        command = [COMPILER, f"-std={standard}", "-dM", "-E", "-x", "c", "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        found |= set(re.findall(r"^#define (\w+) ", done.stdout, re.MULTILINE))
    return sorted(found)


def words():
    of_c = macros() if COMPILER else []
    every = [*C_KEYWORDS, *CPP_KEYWORDS, *LIBM, *JS_WORDS, *PYTHON_WORDS, *OWN, *LONG, *ODD, *ANY]
    return list(dict.fromkeys([*every, *of_c]))


DIGAMMA = primitives.RULES["digamma"]


def many_arguments(names):
    """A function of all names, whose result depends on each in its own way."""
    size = len(names)
    weights = tuple(float(k + 1) for k in range(size))
    constants = tuple(range(size, 2 * size))
    steps = (primitives.dot, (*range(size), *constants)), (DIGAMMA, (2 * size,))
    code = Code(
        size, 0, weights, tuple([Instruction(*step) for step in steps]),
        (2 * size,), (), dict(enumerate(names, 2 * size)),
    )  # fmt: skip
    return Unit("f", tuple(map(Argument, names)), (), code)


def one_function(name, argument="x"):
    """A small function by a name, with a parameter."""
    code = Code(1, 1, (), (Instruction(primitives.mul, (0, 1)),), (2,))
    return Unit(name, (Argument(argument),), ((name, 3.0),), code, replace(code, outputs=(2, 1, 0)))


def in_c(texts, folder, *flags, compiler=COMPILER, end="c", before=""):
    """Compile every text by itself and all of them into one library."""
    files = [folder / f"unit{number}.{end}" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(before + text, encoding="utf-8")
    made = folder / "made.so"
    command = [compiler, *flags, *WARNINGS, "-O0", "-shared", "-fPIC", *map(str, files)]
    done = subprocess.run(
        [*command, "-o", str(made), "-lm"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr[:3000]) == (0, "")
    return ctypes.CDLL(str(made)) if made.exists() else None  # not with -fsyntax-only


# --- Arguments ------------------------------------------------------------------------------------


def groups(size):
    every = words()
    return [every[k : k + size] for k in range(0, len(every), size)]


C_LANGUAGES = [
    ("-std=c99", COMPILER, "c"), ("-std=gnu11", COMPILER, "c"), ("-std=gnu2x", COMPILER, "c"),
    ("-std=c++11", CPP, "cpp"), ("-std=gnu++20", CPP, "cpp"),
]  # fmt: skip


@needs_compiler
@pytest.mark.parametrize(
    ("standard", "compiler", "end", "headers"),
    [*[(*language, True) for language in C_LANGUAGES], (*C_LANGUAGES[0], False)],
)
def test_every_word_is_an_argument_in_c(standard, compiler, end, headers, tmp_path):
    if compiler is None:
        pytest.skip("no such compiler here")
    before = "".join(f"#include <{header}.h>\n" for header in HEADERS) if headers else ""
    found = groups(1000)  # as many as ctypes calls with
    texts = [
        c.source(Unit(f"f{k}", u.arguments, (), u.value))
        for k, u in enumerate(map(many_arguments, found))
    ]
    if end == "cpp":
        texts = [f'extern "C" {{\n{text}}}\n'.replace("#include", "}\n#include", 1).replace(
            "<math.h>\n", '<math.h>\nextern "C" {\n', 1) for text in texts]  # fmt: skip
    library = in_c(texts, tmp_path, standard, compiler=compiler, end=end, before=before)
    for number, names in enumerate(found):
        function = getattr(library, f"f{number}")
        function.restype = ctypes.c_double
        given = [0.5 + k % 7 for k in range(len(names))]
        expected = sum(x * (k + 1.0) for k, x in enumerate(given))
        assert function(*map(ctypes.c_double, given)) == expected


def test_every_word_is_an_argument_in_python():
    names = words()
    unit = many_arguments(names)
    space = {}
    exec(python.source(unit), space)
    given = [0.5 + k % 7 for k in range(len(names))]
    assert space["f"](*given) == sum(x * (k + 1.0) for k, x in enumerate(given))


def called_in_javascript(texts, calls, folder):
    """Import every text as a module; return what the calls, {m} for a module, give."""
    lines = []
    for number, text in enumerate(texts):
        (folder / f"m{number}.mjs").write_text(text, encoding="utf-8")
        lines.append(f'import * as m{number} from "./m{number}.mjs";')
    lines += [f"console.log(JSON.stringify({call}));" for call in calls]
    (folder / "main.mjs").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        [NODE, "main.mjs"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr[:3000]) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


@needs_node
def test_every_word_is_an_argument_in_javascript(tmp_path):
    names = words()
    given = [0.5 + k % 7 for k in range(len(names))]
    text = javascript.source(many_arguments(names))
    (found,) = called_in_javascript([text], [f"m0.f(...{given})"], tmp_path)
    assert found == sum(x * (k + 1.0) for k, x in enumerate(given))


# --- Functions ------------------------------------------------------------------------------------


def functions(text):
    return re.findall(r"^(?:double|export function|def)\s+(\w+)\(", text, re.MULTILINE)


def shown(text):
    """What a file shows to others: its functions and its array."""
    return {*functions(text), *re.findall(r"^extern const double (\w+)", text, re.MULTILINE)}


@cache
def functions_by_every_word():
    texts = [c.source(one_function(name, name)) for name in words()]
    names = [functions(text) for text in texts]
    assert all(len(found) == len(set(found)) == 2 for found in names)
    return texts


@needs_compiler
@pytest.mark.parametrize(
    ("standard", "compiler", "end"),
    C_LANGUAGES if "CHAINRULE_PATIENT" in os.environ else [C_LANGUAGES[0], C_LANGUAGES[-1]],
    ids=lambda x: x,
)
def test_every_word_is_a_function_in_c(standard, compiler, end, tmp_path):
    if compiler is None:
        pytest.skip("no such compiler here")
    texts = functions_by_every_word()
    before = "".join(f"#include <{header}.h>\n" for header in HEADERS)
    seen, kept = set(), []
    for text in texts:
        found = shown(text)
        if seen.isdisjoint(found):
            seen.update(found)
            kept.append(text)
    flags = standard, "-fsyntax-only"  # names are judged where text is read
    in_c(["".join(kept)], tmp_path, *flags, compiler=compiler, end=end, before=before)


@needs_compiler
def test_functions_by_any_word_give_the_same_numbers_in_c(tmp_path):
    chosen = [*C_KEYWORDS, *OWN, *LONG, *ODD, "printf", "malloc", "index", "strike", "total"]
    units, seen = {}, set()
    for name in chosen:
        text = c.source(one_function(name))
        if seen.isdisjoint(shown(text)):
            seen.update(shown(text))
            units[name] = text, functions(text)
    library = in_c(["".join([text for text, _ in units.values()])], tmp_path, "-std=c99")
    for text, (value, gradient) in units.values():
        assert text
        d_x, d_p = ctypes.c_double(), (ctypes.c_double * 1)()
        parameters = (ctypes.c_double * 1)(3.0)
        for function in (getattr(library, value), getattr(library, gradient)):
            function.restype = ctypes.c_double
        assert getattr(library, value)(ctypes.c_double(2.0), parameters) == 6.0
        found = getattr(library, gradient)(ctypes.c_double(2.0), parameters, ctypes.byref(d_x), d_p)
        assert (found, d_x.value, d_p[0]) == (6.0, 3.0, 2.0)


def test_every_word_is_a_function_in_python():
    for name in words():
        text = python.source(one_function(name, name))
        value, gradient = functions(text)[-2:]
        space = {}
        exec(text, space)
        assert space[value](2.0) == 6.0
        assert space[gradient](2.0) == (6.0, 3.0, [2.0])


@needs_node
def test_every_word_is_a_function_in_javascript(tmp_path):
    texts = [javascript.source(one_function(name, name)) for name in words()]
    names = [functions(text)[-2:] for text in texts]
    calls = [
        f"[m{k}.{value}(2), Object.values(m{k}.{gradient}(2))]"
        for k, (value, gradient) in enumerate(names)
    ]
    for found in called_in_javascript(texts, calls, tmp_path):
        assert found == [6.0, [6.0, 3.0, [2.0]]]


# --- Operands, keys, doubles ----------------------------------------------------------------------


@needs_compiler
def test_operands_of_a_helper_are_renamed_too(tmp_path):
    slopes = (lambda out, typeof, fabs: typeof, lambda out, typeof, fabs: fabs)
    bent = Primitive(
        "bent", lambda typeof, fabs: typeof * typeof - fabs * fabs, slopes,
        c="({typeof} * {typeof} - fabs({fabs}) * {fabs})",
    )  # fmt: skip
    code = Code(2, 0, (), (Instruction(bent, (0, 1)),), (2,))
    library = in_c([c.source(Unit("g", (Argument("x"), Argument("y")), (), code))], tmp_path)
    library.g.restype = ctypes.c_double
    assert library.g(ctypes.c_double(3.0), ctypes.c_double(2.0)) == 5.0


KEYS = [*JS_WORDS, *PYTHON_WORDS, *OWN, *ANY, 0, 1, -1, 2**40, 1.5, None, (1, 2), 10**30]


def keyed_unit(keys):
    keys = list(dict.fromkeys(keys))
    structure = structure_of(dict.fromkeys(keys, 0.0))
    unit = many_arguments([str(k) for k in range(len(keys))])
    slopes = Code(
        unit.value.inputs, 0, unit.value.constants, unit.value.instructions,
        (unit.value.outputs[0], *range(unit.value.inputs, 2 * unit.value.inputs)),
    )  # fmt: skip
    return keys, Unit("f", (Argument("p", structure),), (), unit.value, slopes)


def test_every_word_is_a_key_in_python():
    keys, unit = keyed_unit([*KEYS, True, "True", float("inf"), b"x"])
    space = {}
    exec(python.source(unit), space)
    given = {key: 0.5 + k for k, key in enumerate(keys)}
    expected = sum(x * (k + 1.0) for k, x in enumerate(given.values()))
    assert space["f"](given) == expected
    assert space["f_gradient"](given)[1] == {key: k + 1.0 for k, key in enumerate(keys)}


@needs_node
def test_every_word_is_a_key_in_javascript(tmp_path):
    keys, unit = keyed_unit([key for key in KEYS if key not in ("1", "None")])
    given = {str(key): 0.5 + k for k, key in enumerate(keys)}
    assert len(given) == len(keys)
    data = json.dumps(json.dumps(given))
    calls = [f"m0.f(JSON.parse({data}))", f"m0.f_gradient(JSON.parse({data}))"]
    value, gradient = called_in_javascript([javascript.source(unit)], calls, tmp_path)
    assert value == gradient["value"] == sum(x * (k + 1.0) for k, x in enumerate(given.values()))
    assert gradient["d_p"] == {str(key): k + 1.0 for k, key in enumerate(keys)}


@pytest.mark.parametrize(
    "keys", [(True, "True"), (1, "1"), (None, "None"), (1.5, "1.5"), ((1,), "(1,)")]
)
def test_keys_that_are_one_in_javascript_are_refused_and_told_apart_in_python(keys):
    _, unit = keyed_unit(keys)
    space = {}
    exec(python.source(unit), space)
    assert space["f"](dict(zip(keys, (1.0, 10.0), strict=True))) == 21.0
    with pytest.raises(ValueError, match="the same property in JavaScript"):
        javascript.source(unit)
    nested = Unit(
        "g", (Argument("q", Structure(list, (unit.arguments[0].structure,))),), (), unit.value
    )
    with pytest.raises(ValueError, match=r"of q\[0\] are the same property"):
        javascript.source(nested)


class Colour:
    """A key that no source text is."""


@pytest.mark.parametrize("write", [python.source, javascript.source])
@pytest.mark.parametrize("key", [Colour(), float("nan"), Colour])
def test_keys_that_no_text_is_are_refused(write, key):
    unit = Unit("f", (Argument("p", structure_of({key: 0.0})),), (), Code(1, 0, (), (), (0,)))
    with pytest.raises(ValueError, match="cannot be written in source text"):
        write(unit)


def test_arguments_behind_a_star_have_names_of_their_own():
    def f(x2, *rest, x3_=0.0, x3=0.0):
        return x2 - 10.0 * rest[0] - 100.0 * rest[1]

    program = compile(f)
    assert program(1.0, 2.0, 3.0) == -319.0
    for language in ("python", "c", "javascript"):
        source = program.source(language)
        assert all(source.count(name) >= 2 for name in ("x2_", "x3__"))
    space = {}
    exec(program.source(), space)
    assert space["f"](1.0, 2.0, 3.0) == -319.0


TEXTS = st.lists(
    st.one_of(st.sampled_from([*LONG, *ODD, *ANY, *OWN]), st.text(max_size=70)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60)
@given(TEXTS, st.text(max_size=8))
def test_any_names_stay_apart(names, function):
    """No compiler is asked: what the languages say of names is checked on the text."""
    unit = many_arguments(names)
    unit = Unit(function, unit.arguments, (), unit.value)
    head = re.findall(r"\w+\((double [^)]*)\)\n\{", c.source(unit))[-1]
    found = [text.split()[1] for text in re.split(r",\s+", head)]
    assert len(set(found)) == len(found) == len(names)
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", name) for name in found)
    space = {}
    text = python.source(unit)
    exec(text, space)
    given_numbers = [0.5 + k for k in range(len(names))]
    expected = sum(x * (k + 1.0) for k, x in enumerate(given_numbers))
    assert space[functions(text)[-1]](*given_numbers) == expected
