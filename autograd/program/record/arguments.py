"""The arguments of a function: which hold numbers, which are static, and how a call gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import CO_VARARGS, CO_VARKEYWORDS, Parameter, signature
from types import FunctionType
from typing import Any, NamedTuple

from autograd.primitive import Primitive
from autograd.program.outside.fixed import Fixed

_BY_POSITION = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
Place = int | Fixed  # the number of an argument among those that hold numbers; a static one


class CallForm(NamedTuple):
    """How a call gives a function its arguments, without the numbers in them.

    Attributes:
        names: Of the arguments that hold numbers, in order.
        by_position: What is given by position.
        by_name: What is given by name.
    """

    names: tuple[str, ...]
    by_position: tuple[Place, ...]
    by_name: tuple[tuple[str, Place], ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether every argument holds numbers and is given by position."""
        return not self.by_name and len(self.by_position) == len(self.names)

    @property
    def key(self) -> tuple[Any, ...]:
        """What calls have in common that differ in nothing but numbers; nothing lives by it."""
        if self.is_plain:
            return ()
        placed = [(None, x) for x in self.by_position] + [*self.by_name]
        return self.names, *[(n, x.key if isinstance(x, Fixed) else x) for n, x in placed]

    @property
    def fixed(self) -> dict[str, Any]:
        """The static arguments by their names."""
        return {x.name: x.thing for x in self._places if isinstance(x, Fixed)}

    @property
    def _places(self) -> list[Place]:
        return [*self.by_position, *[place for _, place in self.by_name]]

    def call(self, f: Callable[..., Any], numbers: Sequence[Any]) -> Any:
        """Call f with these in the places of the arguments that hold numbers."""
        if self.is_plain:
            return f(*numbers)

        def at(place: Place) -> Any:
            return place.thing if isinstance(place, Fixed) else numbers[place]

        return f(
            *[at(place) for place in self.by_position],
            **{name: at(place) for name, place in self.by_name},
        )


class Handed(NamedTuple):
    """What a call gives: the arguments that hold numbers, and the form of the call."""

    args: tuple[Any, ...]
    form: CallForm


class Arguments(NamedTuple):
    """The arguments that a function takes.

    Attributes:
        names: Those that may be given by position.
        required: How many of them have to be given.
        open: Whether there may be more, as after `*args`.
        by_position_only: How many of the names are no keywords.
        keywords: The names of those that are given by name only.
        required_keywords: Those of them that have to be given.
        open_keywords: Whether there may be more, as after `**options`.
        static: The names of those that hold no numbers.
    """

    names: tuple[str, ...]
    required: int
    open: bool = False
    by_position_only: int = 0
    keywords: tuple[str, ...] = ()
    required_keywords: tuple[str, ...] = ()
    open_keywords: bool = False
    static: frozenset[str] = frozenset()

    def without_first(self) -> Arguments:
        """Return those of a method of an object."""
        return self._replace(
            names=self.names[1:],
            required=max(0, self.required - 1),
            by_position_only=max(0, self.by_position_only - 1),
            static=self.static - {self.names[0]},
        )

    def takes(self, name: str) -> bool:
        """Return whether an argument of this name can be given by name."""
        by_name = (*self.names[self.by_position_only :], *self.keywords)
        return self.open_keywords or name in by_name

    def __str__(self) -> str:
        star = ["…"] if self.open else ["*"] if self.keywords else []
        more = ["**…"] if self.open_keywords else []
        return ", ".join([*self.names, *star, *self.keywords, *more])

    def named(self, count: int, owner: str) -> list[str]:
        """Return the names of the arguments of a call with `count` of them.

        Raises:
            TypeError: If the function does not take so many.
        """
        if count < self.required or (count > len(self.names) and not self.open):
            raise TypeError(f"{owner}({self}) takes {self._how_many()}, got {count}")
        if self.required_keywords:
            self._require(self.required_keywords, (), owner)
        return [self.name_at(position) for position in range(count)]

    def name_at(self, position: int) -> str:
        """Return what the argument at a position is called."""
        if position < len(self.names):
            return self.names[position]
        name = f"x{position + 1}"
        while name in self.names or name in self.keywords:
            name += "_"
        return name

    def chosen(self, which: Any, option: str) -> tuple[str, ...]:
        """Return the names of arguments that were chosen by name or position.

        Raises:
            TypeError: If one is neither.
            ValueError: If the function has no such argument.
        """
        listed = [which] if isinstance(which, (int, str)) else [*(() if which is None else which)]
        return tuple([self._chosen(x, option) for x in listed])

    def _chosen(self, which: Any, option: str) -> str:
        if isinstance(which, bool) or not isinstance(which, (int, str)):
            raise TypeError(f"{option} holds names or positions of arguments, got {which!r}")
        if isinstance(which, str):
            if which in self.names or which in self.keywords or self.open_keywords:
                return which
        elif 0 <= which < len(self.names) or (self.open and which >= 0):
            return self.name_at(which)
        raise ValueError(f"{option} has {which!r}; the arguments are {self}")

    def _how_many(self) -> str:
        if self.open:
            return f"at least {self.required} arguments"
        if self.required < len(self.names):
            return f"{self.required} to {len(self.names)} arguments"
        return f"{self.required} argument" + "s" * (self.required != 1)

    def given(self, args: tuple[Any, ...], by_name: Mapping[str, Any], owner: str) -> Handed:
        """Return the arguments of a call that hold numbers, and its form.

        Raises:
            TypeError: If the function does not take these.

        Example:
            >>> arguments = arguments_of(lambda x, n=2, *, scale=1.0: x)
            >>> arguments = arguments._replace(static=frozenset({"n"}))
            >>> arguments.given((3.0,), {"scale": 2.0, "n": 4}, "f").args
            (3.0, 2.0)
        """
        if not by_name and not self.static:
            names = tuple(self.named(len(args), owner))
            return Handed(args, CallForm(names, tuple(range(len(args)))))
        positional, rest = self._sorted(args, by_name, owner)
        numbers: list[Any] = []
        known: list[str] = []

        def place(name: str, thing: Any) -> Place:
            if name in self.static:
                return Fixed(name, thing)
            numbers.append(thing)
            known.append(name)
            return len(numbers) - 1

        placed = tuple([place(self.name_at(i), thing) for i, thing in enumerate(positional)])
        named = tuple([(name, place(name, thing)) for name, thing in rest])
        return Handed(tuple(numbers), CallForm(tuple(known), placed, named))

    def _sorted(
        self, args: tuple[Any, ...], by_name: Mapping[str, Any], owner: str
    ) -> tuple[list[Any], list[tuple[str, Any]]]:
        """Return what is given by position, what could be included, and the rest in order."""
        positional, left = list(args), dict(by_name)
        if len(args) > len(self.names) and not self.open:
            raise TypeError(f"{owner}({self}) takes {self._how_many()}, got {len(args)}")
        for name in self.names[len(args) :]:
            if name not in left or self.names.index(name) < self.by_position_only:
                break
            positional.append(left.pop(name))
        known = {*self.names[self.by_position_only :], *self.keywords}
        for name in left:
            if name in self.names[: len(positional)] and name in known:
                raise TypeError(f"{owner}({self}) got {name} twice, by position and by name")
            if name not in known and not self.open_keywords:
                raise TypeError(f"{owner}({self}) has no argument {name!r}")
        self._require(self.names[len(positional) : self.required], left, owner)
        self._require(self.required_keywords, left, owner)
        ordered = [name for name in (*self.names, *self.keywords) if name in left]
        return positional, [(name, left[name]) for name in dict.fromkeys([*ordered, *left])]

    def _require(self, needed: Iterable[str], given: Iterable[str], owner: str) -> None:
        missing = [name for name in needed if name not in given]
        if missing:
            raise TypeError(f"{owner}({self}) needs {' and '.join(missing)}")


def arguments_of(f: Callable[..., Any]) -> Arguments:
    """Return the arguments of a function.

    Example:
        >>> print(arguments_of(lambda x, y=1.0: x))
        x, y
    """
    if isinstance(f, Primitive):
        names = f.operand_names
        return Arguments(names, len(names) - len(f.defaults), open=f.is_variadic)
    if type(f) is FunctionType and not hasattr(f, "__wrapped__"):
        code = f.__code__
        count, by_name = code.co_argcount, code.co_kwonlyargcount
        keywords = code.co_varnames[count : count + by_name]
        known = f.__kwdefaults__ or {}
        return Arguments(
            code.co_varnames[:count],
            count - len(f.__defaults__ or ()),
            bool(code.co_flags & CO_VARARGS),
            code.co_posonlyargcount,
            keywords,
            tuple([name for name in keywords if name not in known]),
            bool(code.co_flags & CO_VARKEYWORDS),
        )
    try:
        parameters = list(signature(f).parameters.values())
    except (TypeError, ValueError):  # written in C: it will say itself what it takes
        return Arguments((), 0, open=True, open_keywords=True)
    kinds = [parameter.kind for parameter in parameters]
    placed = [p for p in parameters if p.kind in _BY_POSITION]
    named = [p for p in parameters if p.kind is Parameter.KEYWORD_ONLY]
    return Arguments(
        tuple([p.name for p in placed]),
        len([p for p in placed if p.default is Parameter.empty]),
        Parameter.VAR_POSITIONAL in kinds,
        kinds.count(Parameter.POSITIONAL_ONLY),
        tuple([p.name for p in named]),
        tuple([p.name for p in named if p.default is Parameter.empty]),
        Parameter.VAR_KEYWORD in kinds,
    )
