"""Sums of products, however they were written, become one `dot`; long sums one `sum`.

    ((b + w1·x1) + w2·x2) + …        sum(w * x for w, x in zip(ws, xs))        w1*x1 + w2*x2

An instruction is absorbed only if nothing else needs its result. The additions keep their order, so
the bits stay the same: where a chain does not start from 0.0, its first term is the bias of the
`dot`, and a chain of products alone starts from -0.0, to which anything can be added unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable

from autograd import primitives
from autograd.primitive import Primitive
from autograd.program.code.instructions import Guard
from autograd.program.passes.builder import Builder
from autograd.program.passes.identities import is_never_negative_zero

_FEWEST_PRODUCTS = 3  # two products and their sum are as fast apart, and easier to read
_FEWEST_TERMS = 4
_MANY_TERMS = 16  # worth a `dot` whose factors are 1.0, if a sum from 0.0 might have other bits


def fused(
    builder: Builder, outputs: list[int], guards: Iterable[Guard] = (), computed: Iterable[int] = ()
) -> list[int]:
    """Rewrite the builder's chains of additions; return where the outputs are then.

    The instructions stay where they are: a chain's last addition becomes a `dot` or `sum` in its
    place, and what it absorbed is left without a use, to be dropped by `Builder.finish`.
    """
    uses = _uses(builder, [*outputs, *computed], guards)
    absorbed = bytearray(len(uses))
    operations, add, total = builder.operation, primitives.add, primitives.sum
    for slot in range(len(uses) - 1, -1, -1):
        operation = operations[slot]
        if operation is add and uses[slot] and not absorbed[slot]:
            for term in builder.operands[slot]:
                if operations[term] is add and uses[term] == 1:  # else two terms stay two
                    _fuse_chain(builder, slot, uses, absorbed)
                    break
        elif operation is total and uses[slot]:
            _fuse_sum(builder, slot, uses)
    return outputs


def _uses(builder: Builder, outputs: Iterable[int], guards: Iterable[Guard]) -> list[int]:
    uses = [0] * len(builder.operation)
    for slot in outputs:
        uses[slot] += 2  # an output is needed by itself
    for guard in guards:
        uses[guard.left] += 2
        uses[guard.right] += 2
    operands_of = builder.operands
    for slot in range(len(uses) - 1, -1, -1):
        if uses[slot]:
            for operand in operands_of[slot]:
                uses[operand] += 1
    return uses


def _fuse_chain(builder: Builder, last: int, uses: list[int], absorbed: bytearray) -> None:
    terms: list[int] = []
    links = [last]
    start: int | None = last
    while start is not None:
        left, right = builder.operands[start]
        if len(terms) >= _MANY_TERMS and _are_alike(builder, left, right, uses):
            terms += [right, left]  # ((a+b) + (c+d)) + …: what is added up is sums of two
            break
        for chain, term in ((left, right), (right, left)):
            if builder.operation[chain] is primitives.add and uses[chain] == 1 and chain != term:
                terms.append(term)
                links.append(chain)
                start = chain
                break
        else:
            terms += _last_two(builder, left, right, uses)
            start = None
    terms.reverse()
    products = [_is_product(builder, term, uses) for term in terms]
    if sum(products) >= _FEWEST_PRODUCTS:
        _write_dot(builder, last, terms, products)
    elif len(terms) >= _FEWEST_TERMS and is_never_negative_zero(builder, terms[0]):
        _write(builder, last, primitives.sum, tuple(terms))
    elif len(terms) >= _MANY_TERMS and builder.exact:
        _write_dot(builder, last, terms, products)
    else:
        return
    for link in links:
        absorbed[link] = 1


def _are_alike(builder: Builder, left: int, right: int, uses: list[int]) -> bool:
    operation, add = builder.operation, primitives.add
    if not all(operation[x] is add and uses[x] == 1 for x in (left, right)):
        return False
    return add not in [operation[x] for x in builder.operands[left]]


def _last_two(builder: Builder, left: int, right: int, uses: list[int]) -> list[int]:
    # What is no product comes first in the end: it is what the sum starts from.
    if _is_product(builder, left, uses) and not _is_product(builder, right, uses):
        return [left, right]
    return [right, left]


def _is_product(builder: Builder, slot: int, uses: list[int]) -> bool:
    return builder.operation[slot] is primitives.mul and uses[slot] == 1


def _write_dot(builder: Builder, last: int, terms: list[int], products: list[bool]) -> None:
    one = builder.constant(1.0)
    start: tuple[int, ...] = ()
    if products[0]:
        start = (builder.constant(-0.0),)
    elif str(builder.number[terms[0]]) != "0.0":  # from 0.0 a dot starts by itself
        start = (terms[0],)
    rest = terms if products[0] else terms[1:]
    kinds = products if products[0] else products[1:]
    factors = [
        builder.operands[term] if is_product else (term, one)
        for term, is_product in zip(rest, kinds, strict=True)
    ]
    left, right = zip(*factors, strict=True)
    _write(builder, last, primitives.dot, (*left, *right, *start))


def _fuse_sum(builder: Builder, slot: int, uses: list[int]) -> None:
    terms = builder.operands[slot]
    if len(terms) >= _FEWEST_PRODUCTS and all(_is_product(builder, t, uses) for t in terms):
        left, right = zip(*[builder.operands[term] for term in terms], strict=True)
        _write(builder, slot, primitives.dot, (*left, *right))


def _write(builder: Builder, slot: int, operation: Primitive, operands: tuple[int, ...]) -> None:
    builder.operation[slot] = operation
    builder.operands[slot] = operands
    builder.removed["fused"] += 1
