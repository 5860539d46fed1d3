"""What carries derivatives along with a number: graph nodes, dual numbers, symbols.

They say so by `carrier_level`, an attribute of their class. The class is asked, never the object:
an array has a `.data`, a path has `.parents`, and a stand-in of a test answers to any name.
"""

from __future__ import annotations

from typing import Any


def is_carrier(thing: Any) -> bool:
    """Return whether this is a number that carries derivatives.

    Example:
        >>> from autograd import Value
        >>> is_carrier(Value(3.0)), is_carrier(3.0), is_carrier(memoryview(b"3"))
        (True, False, False)
    """
    return hasattr(type(thing), "carrier_level")
