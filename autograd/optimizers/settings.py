"""Settings: numbers with a limit each, checked whenever they are set, at first or later."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar

from autograd.real_numbers import as_float, is_array_of_one_number
from autograd.streams import for_stream, printed_anywhere

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Callable[[type], type]:
        """Only type checkers read which fields make up a constructor."""
        return lambda kind: kind


Limit = Callable[[Any, str], Any]


def number(setting: Any, name: str) -> float:
    """Return a finite float.

    Raises:
        TypeError: If it is no real number; True and False are none here.
        ValueError: If it is NaN or infinite.
    """
    if type(setting) is float and isfinite(setting):
        return setting  # as schedules have it, at every step
    try:
        found = as_float(None if isinstance(setting, bool) else setting, name)
    except TypeError:
        raise TypeError(f"{name} must be a real number, got {described(setting)}") from None
    except OverflowError:
        raise ValueError(f"{name} is too large for a float: {described(setting)}") from None
    if not isfinite(found):
        raise ValueError(f"{name} must be a finite number, got {found}")
    return found


def _number_that(*limits: tuple[str, Callable[[float], bool]]) -> Limit:
    def limit(setting: Any, name: str) -> float:
        found = number(setting, name)
        for must, holds in limits:
            if not holds(found):
                raise ValueError(f"{name} must {must}, got {found:g}")
        return found

    return limit


not_negative = _number_that(("not be negative", lambda x: x >= 0.0))
positive = _number_that(("be above 0", lambda x: x > 0.0))
share = _number_that(("not be negative", lambda x: x >= 0.0), ("be below 1", lambda x: x < 1.0))


def two_shares(setting: Any, name: str) -> tuple[float, float]:
    """Return two numbers, each of them a share of what is kept: from 0 up to but not 1.

    Example:
        >>> two_shares([0.9, 1.0], "betas")
        Traceback (most recent call last):
          ...
        ValueError: betas[1] must be below 1, got 1
    """
    if not isinstance(setting, (list, tuple)) or len(setting) != 2:
        raise TypeError(f"{name} must be two numbers, got {described(setting)}")
    return share(setting[0], f"{name}[0]"), share(setting[1], f"{name}[1]")


def truth(setting: Any, name: str) -> bool:
    """Return True or False."""
    if not (isinstance(setting, int) or is_array_of_one_number(setting)) or setting not in (0, 1):
        raise TypeError(f"{name} must be True or False, got {described(setting)}")
    return bool(setting)


class Setting:
    """A setting of a class: its default and its limit."""

    def __init__(self, default: Any, limit: Limit) -> None:
        self.default, self.limit = default, limit

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, of: Any, owner: type | None = None) -> Any:
        return self if of is None else vars(of)[self.name]

    def __set__(self, of: Configured, setting: Any) -> None:
        own, checked = vars(of), self.limit(setting, self.name)
        before = own[self.name]
        of._changes += before != checked  # sooner than it is: an interrupt may come in between
        try:
            own[self.name] = checked
            of._check_together()
        except BaseException:
            own[self.name] = before
            raise


def setting(*, default: Any, limit: Limit) -> Any:
    """Declare a setting in a class that is `Configured`."""
    return Setting(default, limit)


@printed_anywhere
@dataclass_transform(field_specifiers=(setting,))
class Configured:
    """A class whose constructor takes the settings that it and its bases declare, in that order.

    Example:
        >>> class Decay(Configured):
        ...     rate: float = setting(default=0.5, limit=share)
        ...     shares: tuple[float, float] = setting(default=(0.0, 0.5), limit=two_shares)
        >>> Decay(0.25), Decay._names(), Decay(shares=[0.1, 0.2])._numbers()
        (Decay(rate=0.25), ['rate', 'shares_1', 'shares_2'], [0.5, 0.1, 0.2])
    """

    _settings: ClassVar[dict[str, Setting]] = {}
    _before_settings: ClassVar[tuple[str, ...]] = ()  # what the constructor takes, and sets, sooner

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = {name: thing for name, thing in vars(cls).items() if isinstance(thing, Setting)}
        cls._settings = {**cls._settings, **own}
        defaults = dict.fromkeys(cls._before_settings)
        defaults |= {name: declared.default for name, declared in cls._settings.items()}
        takes = ", ".join(f"{name}=defaults[{name!r}]" for name in defaults)
        given = ", ".join(f"{name}={name}" for name in defaults)
        namespace: dict[str, Any] = {"defaults": defaults}
        exec(f"def __init__(self, {takes}): self._configure({given})", namespace)
        namespace["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
        if "__init__" not in vars(cls):
            type.__setattr__(cls, "__init__", namespace["__init__"])

    def _configure(self, **given: Any) -> None:
        """Do what a constructor does, with all of its arguments."""
        self._changes = 0  # how often a setting became another
        for name, thing in given.items():
            if name in self._settings:
                vars(self)[name] = self._settings[name].limit(thing, name)
            else:
                setattr(self, name, thing)
        self._check_together()

    def _check_together(self) -> None:
        """Raise a ValueError if settings do not go together; then none is changed."""

    def _numbers(self) -> list[float]:
        """Return all settings as numbers, in order."""
        own = vars(self)
        return [float(x) for name in self._settings for x in _as_tuple(own[name])]

    @classmethod
    def _names(cls) -> list[str]:
        """Return the names of these numbers."""
        return [
            f"{name}_{k}" if isinstance(declared.default, tuple) else name
            for name, declared in cls._settings.items()
            for k, _ in enumerate(_as_tuple(declared.default), start=1)
        ]

    def __repr__(self) -> str:
        own, first = vars(self), next(iter(self._settings))
        shown = [
            f"{name}={own[name]!r}"
            for name, declared in self._settings.items()
            if name == first or own[name] != declared.default
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


def _as_tuple(setting: Any) -> tuple[Any, ...]:
    return setting if isinstance(setting, tuple) else (setting,)


def described(thing: Any) -> str:
    """Return the type of an argument and what it holds, for an error."""
    shown = repr(thing)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    return for_stream(f"{type(thing).__name__} {shown}")
