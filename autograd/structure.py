"""Structure: how numbers are nested in lists, tuples, named tuples, dicts and arrays.

One form for all: what a function gets and gives is taken apart into its numbers and their
structure, and other things are put in the numbers' places.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from autograd.arrays import array_of, indices, is_array, read
from autograd.carriers import is_carrier
from autograd.real_numbers import as_float
from autograd.sparse_matrices import SparseMatrix
from autograd.streams import for_stream


class Array:
    """The kind of all arrays: of whatever library, they are given back as NumPy's."""


class Structure(tuple[Any, ...]):
    """One number, or a list, tuple, named tuple, dict or array of structures; hashable.

    Attributes:
        kind: The class of the container, dict for any dict, Array for any array; None for a number.
        items: The structures inside, in order; of nothing but numbers, their count. Inside a
            sparse matrix is that of its entries.
        keys: The keys of a dict; the shape of an array, whose numbers stand in C's order; the
            pattern of a sparse matrix.

    Example:
        >>> numbers, structure = flatten({"w": [1.0, 2.0], "b": 3.0}, "params")
        >>> numbers
        [1.0, 2.0, 3.0]
        >>> structure.build("xyz")
        {'w': ['x', 'y'], 'b': 'z'}
        >>> structure.names("params")
        ["params['w'][0]", "params['w'][1]", "params['b']"]
        >>> print(structure)
        a dict of 'w', 'b'
    """

    # A named tuple by hand: to make one by `typing` takes a tenth of `import autograd`.
    __slots__ = ()
    kind: type | None = property(itemgetter(0))  # type: ignore[assignment]
    items: int | tuple[Structure, ...] = property(itemgetter(1))  # type: ignore[assignment]
    keys: tuple[Any, ...] = property(itemgetter(2))  # type: ignore[assignment]

    def __new__(  # noqa: PYI034 - Self is younger than Python 3.10
        cls,
        kind: type | None = None,
        items: int | tuple[Structure, ...] = 0,
        keys: tuple[Any, ...] = (),
    ) -> Structure:
        """Return the structure of this kind, of these items."""
        return super().__new__(cls, (kind, items, keys))

    def __getnewargs__(self) -> Any:
        return tuple(self)

    def __repr__(self) -> str:
        return f"Structure(kind={self.kind!r}, items={self.items!r}, keys={self.keys!r})"

    @property
    def is_number(self) -> bool:
        """Whether it is one number."""
        return self.kind is None

    @property
    def is_flat(self) -> bool:
        """Whether it is a number, or a list or tuple of nothing but numbers."""
        return self.kind not in (dict, Array) and isinstance(self.items, int)

    @property
    def parts(self) -> tuple[Structure, ...]:
        """The structures inside, in order."""
        return (NUMBER,) * self.items if isinstance(self.items, int) else self.items

    @property
    def size(self) -> int:
        """How many numbers there are."""
        if self.kind is None:
            return 1
        if isinstance(self.items, int):
            return self.items
        return sum([part.size for part in self.items])

    @property
    def has_arrays(self) -> bool:
        """Whether there is an array anywhere in it."""
        nested = () if isinstance(self.items, int) else self.items
        return self.kind is Array or any(part.has_arrays for part in nested)

    def build(self, things: Iterable[Any]) -> Any:
        """Return the structure with things in the places of its numbers."""
        return self._built(iter(things))

    def _built(self, things: Iterator[Any]) -> Any:
        if self.kind is None:
            return next(things)
        if isinstance(self.items, int):
            return self.joined([next(things) for _ in range(self.items)])
        return self.joined([part._built(things) for part in self.items])

    def joined(self, parts: list[Any]) -> Any:
        """Return a container like the outermost one, with one thing for each of its parts."""
        kind: Any = self.kind
        if kind is list:
            return parts
        if kind is dict:
            return dict(zip(self.keys, parts, strict=True))
        if kind is Array:
            return array_of(parts, self.keys)
        if kind is SparseMatrix:
            return SparseMatrix(*parts, *self.keys)
        return kind(*parts) if hasattr(kind, "_fields") else kind(parts)

    def names(self, name: str) -> list[str]:
        """Return how the numbers are reached in something of this name.

        Example:
            >>> structure_of(({"x": 1.0}, [2.0])).names("p")
            ["p[0]['x']", 'p[1][0]']
        """
        if self.kind is None:
            return [name]
        steps = self.steps
        if isinstance(self.items, int):
            return [name + step for step in steps]
        pairs = zip(self.items, steps, strict=True)
        return [inner for part, step in pairs for inner in part.names(name + step)]

    @property
    def steps(self) -> list[str]:
        """How each part is reached from the container: by its index, its field or its key."""
        if self.kind is dict:
            return [f"[{key!r}]" for key in self.keys]
        if self.kind is Array:
            return list(indices(self.keys))
        if self.kind is SparseMatrix:
            return [".data"]
        fields: Sequence[str] | None = getattr(self.kind, "_fields", None)
        if fields is not None:
            return [f".{field}" for field in fields]
        return [f"[{i}]" for i in range(len(self.parts))]

    def numbers_of(self, tree: Any, where: str, error: type[Exception] = TypeError) -> list[Any]:
        """Return the numbers of something that has this structure, in the order of the structure.

        Lists, tuples and arrays may stand for each other; dicts are matched by key.

        Raises:
            TypeError: If it is of another structure, naming the place; or another `error`.

        Example:
            >>> structure_of({"a": 0.0, "b": 0.0}).numbers_of({"b": 1.0, "a": 2.0}, "tangents")
            [2.0, 1.0]
        """
        if is_array(tree) and self.kind is not None:
            numbers, given = flatten(tree, where)
            if given.keys == self.axes:
                return numbers
            tree = given.plain().build(numbers)
        elif self.kind is Array:
            numbers, given = flatten(tree, where)
            if given.with_lists().axes == self.keys:
                return numbers
        if self.kind is None and not isinstance(tree, (dict, list, tuple)):
            return [number(tree, where)]
        if self.kind is dict and isinstance(tree, dict) and set(self.keys) == tree.keys():
            parts = [tree[key] for key in self.keys]
        elif isinstance(tree, SparseMatrix) and self.keys == (tree.pattern,):
            parts = [tree.data]
        elif (
            self.kind not in (None, dict, Array, SparseMatrix)
            and isinstance(tree, (list, tuple))
            and len(tree) == len(self.parts)
        ):
            parts = list(tree)
        else:
            told = f"{where} is {tree!r:.80}, which does not have the structure of {self}"
            raise error(for_stream(told))
        triples = zip(self.parts, parts, self.steps, strict=True)
        return [
            inner for part, x, step in triples for inner in part.numbers_of(x, where + step, error)
        ]

    def plain(self) -> Structure:
        """Return it as files have it: named tuples as tuples, arrays and entries as lists."""
        return self._with_kinds(list, tuple)

    def with_lists(self) -> Structure:
        """Return it with lists in place of tuples: of a batch, a row given as either is a row."""
        return self._with_kinds(list, list)

    def _with_kinds(self, of_list: type, of_tuple: type) -> Structure:
        kind = self.kind
        if kind is Array:
            return nested_lists(self.keys)
        if kind is SparseMatrix:
            return self.parts[0]._with_kinds(of_list, of_tuple)
        if kind is not None and kind is not dict:
            kind = of_list if issubclass(kind, list) else of_tuple
        items = self.items
        if not isinstance(items, int):
            items = tuple([part._with_kinds(of_list, of_tuple) for part in items])
        return Structure(kind, items, self.keys)

    @property
    def axes(self) -> tuple[int, ...] | None:
        """The lengths of nested lists, () of a number, an array's shape; None of ragged lists."""
        if self.kind is None:
            return ()
        if self.kind is Array:
            return self.keys
        if self.kind is not list:
            return None
        if isinstance(self.items, int):
            return (self.items,)
        inner = {part.axes for part in self.items}
        if len(inner) > 1 or None in inner:
            return None
        return (len(self.items), *(inner.pop() or ()))

    def __str__(self) -> str:
        return f"{'an' if self.kind is Array else 'a'} {self._in_words(1)}"

    def _in_words(self, count: int) -> str:
        several = "s" * (count != 1)
        if self.kind is None:
            return f"number{several}"
        if self.kind is dict:
            return f"dict{several} of {', '.join(map(repr, self.keys))}"
        if self.kind is Array:
            return f"array{several} of shape {self.keys}"
        if self.kind is SparseMatrix:
            kind = "matrix" if count == 1 else "matrices"
            return f"sparse {kind} of shape {self.keys[0].shape} with {self.size} entries"
        kind = "list" if issubclass(self.kind, list) else "tuple"
        parts = self.parts
        if len(set(parts)) > 1:
            return f"{kind}{several} of {len(parts)} nested structures"
        inner = parts[0] if parts else NUMBER
        return f"{kind}{several} of {len(parts)} {inner._in_words(len(parts))}"


NUMBER = Structure()


def container(kind: type, parts: Sequence[Structure]) -> Structure:
    """Return the structure of a list or tuple of such parts.

    Example:
        >>> container(list, [NUMBER, NUMBER])
        Structure(kind=<class 'list'>, items=2, keys=())
    """
    if parts.count(NUMBER) == len(parts):
        return Structure(kind, len(parts))
    return Structure(kind, tuple(parts))


def nested_lists(axes: Sequence[int]) -> Structure:
    """Return the structure of nested lists with these lengths.

    Example:
        >>> print(nested_lists((2, 3)))
        a list of 2 lists of 3 numbers
    """
    found = NUMBER
    for length in reversed(axes):
        found = container(list, (found,) * length)
    return found


def crossed(outer: Structure, inner: Structure, rows: Iterable[Sequence[Any]]) -> Any:
    """Return the outer structure with the inner one in place of each of its numbers.

    In place of an array's numbers, arrays, lists and tuples of numbers are further axes; containers
    of other things, and what has names, stand outside of the array, for each part an array.

    Args:
        outer: The structure of the results of a function, for example.
        inner: The structure of its arguments.
        rows: For each number of the outer structure what is put into the inner one.

    Example:
        >>> crossed(Structure(list, 2), Structure(tuple, 2), [[1.0, 2.0], [3.0, 4.0]])
        [(1.0, 2.0), (3.0, 4.0)]
        >>> crossed(Structure(Array, 2, (2,)), Structure(list, 2), [[1.0, 2.0], [3.0, 4.0]]).shape
        (2, 2)
    """
    return _crossed(outer, inner, iter(rows))


def _crossed(outer: Structure, inner: Structure, rows: Iterator[Sequence[Any]]) -> Any:
    if outer.kind is None:
        return inner.build(next(rows))
    if outer.kind is Array:
        return _with_axes(outer.keys, inner, [next(rows) for _ in range(outer.size)])
    return outer.joined([_crossed(part, inner, rows) for part in outer.parts])


def _with_axes(shape: tuple[int, ...], inner: Structure, rows: Sequence[Sequence[Any]]) -> Any:
    axes = (inner.size,) if inner.is_flat and inner.kind is tuple else inner.axes
    if axes is not None:
        return array_of([x for row in rows for x in row], shape + axes)
    parts, start = [], 0
    for part in inner.parts:
        stop = start + part.size
        parts.append(_with_axes(shape, part, [row[start:stop] for row in rows]))
        start = stop
    return inner.joined(parts)


def flatten(tree: Any, where: str) -> tuple[list[Any], Structure]:
    """Return the numbers of nested containers, and their structure.

    Args:
        tree: A number, or lists, tuples, named tuples and dicts of such, to any depth; arrays.
        where: What it is, for the error.

    Raises:
        TypeError: If something in it is neither a container nor a number, naming its place.
        ValueError: If values are missing in a column or a table.
    """
    numbers: list[Any] = []
    return numbers, _taken_apart(tree, where, numbers)


def structure_of(tree: Any) -> Structure:
    """Return the structure of nested containers of numbers.

    Example:
        >>> structure_of([[1.0, 2.0], [3.0, 4.0]]).axes
        (2, 2)
    """
    return flatten(tree, "it")[1]


def _taken_apart(tree: Any, where: str, numbers: list[Any]) -> Structure:
    if type(tree) is float:
        numbers.append(tree)
        return NUMBER
    if isinstance(tree, dict):
        parts = [_taken_apart(x, f"{where}[{key!r}]", numbers) for key, x in tree.items()]
        return Structure(dict, tuple(parts), tuple(tree))
    if isinstance(tree, (list, tuple)):
        kind = type(tree)
        if set(map(type, tree)) == {float}:
            numbers += tree
            return Structure(kind, len(tree))
        steps = Structure(kind, len(tree)).steps if hasattr(kind, "_fields") else None
        return container(
            kind,
            [
                _taken_apart(x, where + (steps[i] if steps else f"[{i}]"), numbers)
                for i, x in enumerate(tree)
            ],
        )
    if is_array(tree):
        things, shape = read(tree, where)
        try:
            numbers += [x if type(x) is float else number(x, where) for x in things]
        except TypeError:
            for place, x in zip(indices(shape), things, strict=True):
                number(x, where + place)  # raises, with the name of the element
            raise
        return Structure(Array, len(things), shape)
    if isinstance(tree, SparseMatrix):
        part = _taken_apart(tree.data, f"{where}.data", numbers)
        return Structure(SparseMatrix, (part,), (tree.pattern,))
    numbers.append(number(tree, where))
    return NUMBER


def number(thing: Any, where: str) -> Any:
    """Return a plain number as a float, and a number that carries derivatives as it is.

    Raises:
        TypeError: If it is neither, naming `where` it stands.
    """
    if is_carrier(thing):
        return thing
    try:
        return as_float(thing, where)
    except TypeError:
        instead = ": give it as .tolist()" if hasattr(thing, "tolist") else ""
        given = for_stream(f"{where} is {thing!r}")
        raise TypeError(
            f"{given}; expected a number, or arrays, lists, tuples and dicts of numbers{instead}"
        ) from None
