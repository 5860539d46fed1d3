"""Labels of classes as constants of other languages, of one type all of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


def one_kind(labels: Sequence[Any]) -> list[Any]:
    """Return labels of one type: integers within 64 bits, numbers, or else texts.

    Example:
        >>> one_kind([1, 2]), one_kind([0.5, 2]), one_kind([True, False]), one_kind(["a", 1])
        ([1, 2], [0.5, 2.0], [1, 0], ['a', '1'])
    """
    kinds = set(map(type, labels))
    if kinds <= {int, bool} and all(-(1 << 63) < int(label) < 1 << 63 for label in labels):
        return list(map(int, labels))
    exact = all(
        type(label) is float or abs(label) <= 1 << 53 for label in labels if type(label) is not str
    )
    if kinds <= {int, float} and exact:
        return list(map(float, labels))
    texts = list(map(str, labels))
    texts = texts if len(set(texts)) == len(texts) else list(map(repr, labels))  # 1 and "1"
    # Half a character is written in no file.
    return [text.encode("utf-8", "replace").decode("utf-8") for text in texts]


def c_labels(labels: Sequence[Any]) -> tuple[str, list[str]]:
    r"""Return the type of labels in C, and each of them.

    Example:
        >>> c_labels(["é?", "b"]), c_labels([3, -4])
        (('const char *', ['"\\303\\251\\077"', '"b"']), ('long long', ['3', '-4']))
    """
    plain = one_kind(labels)
    if type(plain[0]) is str:
        return "const char *", [
            f'"{"".join(map(_sign_in_c, label.encode("utf-8")))}"' for label in plain
        ]
    return "long long" if type(plain[0]) is int else "double", list(map(repr, plain))


def _sign_in_c(byte: int) -> str:
    # Three octal digits end by themselves; question marks could make a trigraph.
    is_plain = 32 <= byte < 127 and byte not in b'"\\?'
    return chr(byte) if is_plain else f"\\{byte:03o}"


def javascript_labels(labels: Sequence[Any]) -> list[str]:
    """Return each label in JavaScript; large integers are BigInts.

    Example:
        >>> javascript_labels(["a", True, 2**60])
        ['"a"', 'true', '1152921504606846976n']
    """
    return [
        f"{label}n" if type(label) is int and abs(label) > 1 << 53 else json.dumps(label)
        for label in labels
    ]
