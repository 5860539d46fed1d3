"""The product of a path, in numbers."""

from __future__ import annotations

from autograd.path_finding.search import Path
from autograd.render.typography import format_number

_FACTORS_SHOWN = 14


def in_numbers(path: Path) -> str:
    """Return its factors and their product, the middle left out where they are many.

    Example:
        >>> from autograd import Value, paths
        >>> x = Value(3.0)
        >>> [in_numbers(path) for path in paths(x, -x * 2.0)]
        ['(-1) × 2 = -2']
    """
    factors = [format_number(factor) for factor in path.local_derivatives]
    factors = [f"({factor})" if factor.startswith("-") else factor for factor in factors]
    if len(factors) > _FACTORS_SHOWN:
        half = _FACTORS_SHOWN // 2
        factors = [*factors[:half], "…", *factors[-half:]]
    product = format_number(path.product)
    return f"{' × '.join(factors)} = {product}" if len(factors) > 1 else product
