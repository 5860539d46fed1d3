"""The reference: every public name has a sentence and an example that runs.

A function or class has an example in its docstring. A method or attribute has one in its own, or
one in that of its class, or of a class it comes from, which uses it.
"""

from __future__ import annotations

import doctest
import inspect
import re
import sys
from collections.abc import Iterator
from functools import cached_property
from types import ModuleType
from typing import Any

import pytest

import autograd
import nn
from autograd import primitives
from autograd.generate.documents import told
from autograd.ufuncs import METHODS
from autograd.value import Value as ReferenceValue

OPERATIONS = {*primitives.RULES, *filter(None, (r.numpy_name for r in primitives.RULES.values()))}

# Names without an example, and why.
WITHOUT = {
    "nn.Neuron.labelled": "gives a subclass's activation its name; `activate` calls it",
    "nn.Neuron.labelled_batch": "the same for a batch; `activations` calls it",
}

# Examples that need an extra are marked `+SKIP` for the doctests, and run here where it is.
NEEDS = {
    "nn.Chart": "matplotlib",
    "nn.data.breast_cancer": "sklearn",
    "nn.data.diabetes": "sklearn",
    "nn.data.digits": "sklearn",
    "nn.data.wine": "sklearn",
    "nn.minimize": "scipy",
}


def modules() -> Iterator[ModuleType]:
    """The modules that a user imports from."""
    yield from (autograd, nn)
    yield from (thing for name in nn.__all__ if isinstance(thing := getattr(nn, name), ModuleType))


def public() -> dict[str, Any]:
    """Every public function and class by its name; what has two names stands once."""
    found: dict[int, tuple[str, Any]] = {}
    for module in modules():
        own = [
            name
            for name, thing in vars(module).items()
            if getattr(thing, "__module__", "") == module.__name__
        ]
        names = getattr(module, "__all__", None) or own
        for name in {*names, *(dir(module) if module is autograd else ())}:
            thing = getattr(module, name)
            if not name.startswith("_") and callable(thing):
                found.setdefault(id(thing), (f"{module.__name__}.{name}", thing))
    return dict(sorted(found.values()))


def docstring(name: str) -> str:
    """What `help` shows of a public name; of compiled code what it is a twin of."""
    short = name.removeprefix("autograd.")
    rule, composed = primitives.RULES.get(short), primitives.COMPOSED.get(short)
    thing = composed or CLASSES.get(name, PUBLIC[name])
    text = told(rule) if rule else inspect.getdoc(thing)
    assert text, f"{name} has no docstring"
    return text


def examples(text: str | None) -> list[doctest.Example]:
    return doctest.DocTestParser().get_examples(text or "")


PUBLIC = public()
CLASSES = {
    name: ReferenceValue if thing is autograd.Value else thing
    for name, thing in PUBLIC.items()
    if inspect.isclass(thing)
}
MEMBERS = {
    f"{name}.{member}": (kind, member, thing)
    for name, kind in CLASSES.items()
    for member, thing in vars(kind).items()
    if not member.startswith("_")
    and (
        inspect.isroutine(thing)
        or isinstance(thing, (property, cached_property, staticmethod, classmethod))
    )
}
# The doctests find what says that it was made in the module where it stands.
NOT_FOUND = [
    name
    for name, thing in PUBLIC.items()
    if name.removeprefix("autograd.") in primitives.RULES
    or name in NEEDS
    or (inspect.isclass(thing) and thing.__module__ in ("autograd", "nn"))
]


@pytest.mark.any_engine
@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_has_a_sentence_and_an_example(name):
    text = docstring(name)
    assert text.split("\n")[0].endswith((".", ":"))
    assert bool(examples(text)) != (name in WITHOUT)


@pytest.mark.any_engine
@pytest.mark.parametrize("name", MEMBERS)
def test_what_a_user_calls_has_a_sentence_and_is_used_in_an_example(name):
    kind, member, thing = MEMBERS[name]
    text = inspect.getdoc(thing)
    assert text, "no docstring"
    assert text.split("\n")[0].endswith((".", ":"))
    if kind is ReferenceValue and (member in OPERATIONS or member in METHODS):
        return  # the function of this name has the example
    used = examples(text)
    for base in kind.__mro__:
        used += examples(inspect.getdoc(vars(base).get(member)))
        whole = examples(base.__doc__)
        used += [one for one in whole if re.search(rf"\b{member}\b", one.source)]
    assert bool(used) != (name in WITHOUT)


@pytest.mark.parametrize("name", NOT_FOUND)
def test_an_example_that_the_doctests_do_not_find_runs(name, tmp_path, monkeypatch):
    pytest.importorskip(NEEDS.get(name, "autograd"))
    monkeypatch.chdir(tmp_path)
    given = examples(docstring(name))
    for one in given:
        one.options.pop(doctest.SKIP, None)
    module = sys.modules.get(getattr(inspect.unwrap(PUBLIC[name]), "__module__", ""), autograd)
    test = doctest.DocTest(given, {**vars(autograd), **vars(module)}, name, None, None, None)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert runner.run(test).failed == 0


def test_the_tables_name_what_there_is():
    assert {*WITHOUT, *NEEDS} <= {*PUBLIC, *MEMBERS}
