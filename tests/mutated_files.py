"""Files with damage of every kind: what reads them refuses them, or what it makes of them works."""

from __future__ import annotations

import argparse
import random
import re
import time

from autograd import primitives


def mutated(data, source):
    """A file with some of its bytes changed, its parts repeated, or its words exchanged."""
    data = bytearray(data)
    for _ in range(source.choice([1, 1, 2, 5, 20])):
        at, end = sorted(source.randrange(len(data) + 1) for _ in range(2))
        kind = source.randrange(7)
        if kind == 0 and data:
            data[source.randrange(len(data))] = source.randrange(256)
        elif kind == 1:
            del data[at : min(end, at + source.randrange(40))]
        elif kind == 2:
            data[at:at] = data[at : min(end, at + 200)] * source.choice([1, 2, 50])
        elif kind == 3:
            words = bytes(data).split(b" ")
            one, other = (source.randrange(len(words)) for _ in range(2))
            words[one], words[other] = words[other], words[one]
            data = bytearray(b" ".join(words))
        elif kind == 4:
            data[at:at] = source.choice(_TOKENS)
        elif kind == 5:  # another operation, another operand: these are programs, as a rule
            words = [*re.finditer(rb"[a-z_]+|[0-9]+", bytes(data[data.find(b'"variants"') :]))]
            if words:
                word = source.choice(words)
                alike = _OPERATIONS if word[0].isalpha() else [b"0", b"1", b"2", b"3", b"4"]
                place = data.find(b'"variants"') + word.start()
                data[max(place, 0) : max(place, 0) + len(word[0])] = source.choice(alike)
        else:
            number = source.choice(_NUMBERS)
            digits = [k for k, c in enumerate(data) if 48 <= c < 58]
            if digits:
                place = source.choice(digits)
                data[place : place + 1] = number
    return bytes(data)


_TOKENS = [
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b":",
    b'"',
    b"\\",
    b"null",
    b"true",
    b'"inf"',
    b"\xff",
    b"\0",
]
_OPERATIONS = [name.encode() for name in primitives.RULES]
_NUMBERS = [b"0", b"-1", b"999999999", b"1e308", b"1e999", b"0.5", b"4294967296", b"9" * 30, b"NaN"]


def fuzz(mutate, look_through, seconds, seed, most=10**9):
    """Make and read mutated files; return how many, and how many of them were taken.

    Args:
        mutate: Returns the bytes of a file, by a source of random numbers.
        look_through: Reads and uses them; returns whether they were taken, and raises an error
            where they are neither taken nor refused in the way that is documented.
    """
    source = random.Random(seed)
    end, count, taken = time.monotonic() + seconds, 0, 0
    while time.monotonic() < end and count < most:
        data = mutate(source)
        begin = time.process_time()  # others may keep the machine busy
        try:
            taken += look_through(data)
        except Exception as error:
            raise AssertionError((seed, data)) from error
        assert time.process_time() - begin < 5.0, (seed, data)
        count += 1
    return count, taken


def from_command_line(kinds):
    """Fuzz as it is asked for on the command line.

    Args:
        kinds: By name, how a file is made, and how it is read.
    """
    parser = argparse.ArgumentParser(description="Read and use mutated files.")
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--files", type=int, default=10**9)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    given = parser.parse_args()
    for kind, (mutate, look_through) in kinds.items():
        count, taken = fuzz(mutate, look_through, given.seconds, given.seed, given.files)
        print(f"seed {given.seed}: {count} {kind}, {taken} of them taken", flush=True)
