"""The lectures' names for the numbers of a network, as labels of nodes.

Superscripts in parentheses count layers, without the input layer: the first hidden layer is (1).
The weight w_ij^(l) leads from unit i of layer l-1 to unit j of layer l:

    z_j^(l) = sum_i w_ij^(l) a_i^(l-1) + b_j^(l),    a_j^(l) = f(z_j^(l)),    a_i^(0) = x_i

Units are counted from 1. A comma separates indices when one of them has more than one digit:
w_11^(1), w_12,3^(1). Outside of a network the layer, and outside of a layer the unit, is left out.
Brackets count the examples of a batch, from 1 like units and layers: a_1^(2)[5].
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache


def label(symbol: str, *indices: int | None, layer: int | None = None) -> str:
    """Return the label of a quantity; indices that are None are left out.

    Example:
        >>> label("w", 1, 2, layer=1), label("w", 12, 3, layer=1), label("b", 2), label("z")
        ('w_12^(1)', 'w_12,3^(1)', 'b_2', 'z')
    """
    known = [str(index) for index in indices if index is not None]
    separator = "," if any(len(index) > 1 for index in known) else ""
    subscript = f"_{separator.join(known)}" if known else ""
    superscript = "" if layer is None else f"^({layer})"
    return f"{symbol}{subscript}{superscript}"


def names_in_batch(name: str, count: int) -> Sequence[str]:
    """Return a quantity's names for the examples of a batch, which are counted from 1.

    Example:
        >>> names_in_batch("a_1^(2)", 3)
        ('a_1^(2)[1]', 'a_1^(2)[2]', 'a_1^(2)[3]')
    """
    return _kept_names(name, count) if count <= _KEPT_COUNT else _made_names(name, count)


def _made_names(name: str, count: int) -> tuple[str, ...]:
    return tuple([f"{name}[{example}]" for example in range(1, count + 1)])


# To make them takes a tenth of a forward pass; the same batches come again and again. Kept are
# at most so many names in so many batches, some 20 MB.
_KEPT_COUNT = 256
_kept_names = lru_cache(maxsize=1024)(_made_names)
