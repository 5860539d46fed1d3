"""The safetensors format: named arrays of numbers behind a header of JSON, nothing executed.

A file is the length of the header in 8 bytes, the header, and the numbers, all of them with the
least byte first: https://huggingface.co/docs/safetensors, "Format".
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from autograd.strict_json import count_in, fields_in, list_in, shown, text_in
from nn.export.storage.bounded_json import MOST_NUMBERS, json_of, json_text
from nn.export.storage.tensors import Tensor

_SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
_MOST_HEADER = 1 << 24
_MOST_DIMENSIONS = 8


def tensor_bytes(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """Return the bytes of a safetensors file with these tensors, as 64-bit floats.

    Example:
        >>> data = tensor_bytes({"bias": Tensor((2,), [0.5, -0.0])}, {"made by": "hand"})
        >>> tensors_in(data)
        ({'bias': Tensor(shape=(2,), items=array('d', [0.5, -0.0]))}, {'made by': 'hand'})
    """
    header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    end = 0
    for name, tensor in tensors.items():
        begin, end = end, end + 8 * len(tensor.items)
        header[name] = {"dtype": "F64", "shape": list(tensor.shape), "data_offsets": [begin, end]}
    text = json_text(header).encode("ascii")
    text += b" " * (-len(text) % 8)
    numbers = [_little_endian(array("d", tensor.items)).tobytes() for tensor in tensors.values()]
    return struct.pack("<Q", len(text)) + text + b"".join(numbers)


def tensors_in(data: bytes) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the tensors and the metadata in the bytes of a safetensors file.

    Raises:
        ValueError: If they are those of something else, or of other than floats of 64, 32 or 16
            bits, or of more than 2²² of them.

    Example:
        >>> tensors_in(b"PK")
        Traceback (most recent call last):
          ...
        ValueError: 2 bytes; the length of the header alone takes 8
    """
    if len(data) < 8:
        raise ValueError(f"{len(data)} bytes; the length of the header alone takes 8")
    (length,) = struct.unpack_from("<Q", data)
    if length > min(_MOST_HEADER, len(data) - 8):
        raise ValueError(
            f"the header is to have {length} bytes; {len(data) - 8} follow, and {_MOST_HEADER} is "
            "the most"
        )
    try:
        header = json_of(data[8 : 8 + length])
    except ValueError as error:
        raise ValueError(f"header: {error}") from None
    if not isinstance(header, dict):
        raise ValueError(f"the header has to be an object, got {shown(header)}")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict):
        raise ValueError(f"__metadata__ has to be an object, got {shown(metadata)}")
    for key, text in metadata.items():
        text_in(text, f"__metadata__[{shown(key)}]")
    return _tensors(header, data, 8 + length), metadata


def _tensors(header: dict[str, Any], data: bytes, start: int) -> dict[str, Tensor]:
    spans: list[tuple[int, int, str]] = []
    kinds: dict[str, tuple[str, tuple[int, ...]]] = {}
    for name, entry in header.items():
        where = shown(name)
        fields = fields_in(entry, where, "dtype shape data_offsets")
        dtype = text_in(fields["dtype"], f"{where}.dtype")
        if dtype not in _SIZES:
            raise ValueError(f"{where} has the dtype {shown(dtype)}; read are {', '.join(_SIZES)}")
        shape = _counts(fields["shape"], f"{where}.shape")
        offsets = _counts(fields["data_offsets"], f"{where}.data_offsets")
        if len(shape) > _MOST_DIMENSIONS or len(offsets) != 2:
            raise ValueError(f"{where}: a shape of {len(shape)}, offsets of {len(offsets)} numbers")
        begin, end = offsets
        if prod(shape) > MOST_NUMBERS or end - begin != prod(shape) * _SIZES[dtype]:
            raise ValueError(f"{where} of shape {shape} cannot be bytes {begin} to {end}")
        spans.append((begin, end, name))
        kinds[name] = dtype, shape
    after = 0
    found: dict[str, Tensor] = {}
    if sum(prod(shape) for _, shape in kinds.values()) > MOST_NUMBERS:
        raise ValueError(f"more than {MOST_NUMBERS} numbers")
    for begin, end, name in sorted(spans):
        if begin != after:
            raise ValueError(
                f"{shown(name)} begins at byte {begin}, the one before ends at {after}"
            )
        after = end
    if after != len(data) - start:
        raise ValueError(f"the numbers take {after} bytes, {len(data) - start} follow the header")
    for begin, end, name in spans:
        dtype, shape = kinds[name]
        found[name] = Tensor(shape, _numbers(data[start + begin : start + end], dtype))
    return found


def _counts(thing: Any, where: str) -> tuple[int, ...]:
    return tuple(
        count_in(count, f"{where}[{place}]") for place, count in enumerate(list_in(thing, where))
    )


def _numbers(data: bytes, dtype: str) -> Sequence[float]:
    if dtype == "F64":
        return _little_endian(array("d", data))
    if dtype == "F32":
        return array("d", _little_endian(array("f", data)))
    if dtype == "F16":
        return array("d", struct.unpack(f"<{len(data) // 2}e", data))
    # The upper half of a 32-bit float.
    upper = b"".join(b"\0\0" + data[place : place + 2] for place in range(0, len(data), 2))
    return array("d", _little_endian(array("f", upper)))


def _little_endian(numbers: array[float]) -> array[float]:
    if sys.byteorder == "big":
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    return numbers
