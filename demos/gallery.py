"""Draw the pictures of the gallery again, or say which of them have changed.

    python demos/gallery.py                    write all pictures
    python demos/gallery.py 09_loss_surfaces   write one
    python demos/gallery.py --check            write none, and fail if one would be another

The same versions on the same machine give the same bytes. Elsewhere a number may differ in its last
digits, and matplotlib may set a line of text a hair lower: that counts as the same picture.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from showing import HERE, NAMES, load

PICTURES = HERE / "pictures"
# What is allowed between machines: a thousandth of what a picture says in numbers, and a share of
# its points that look different, at the width of the gallery.
CLOSE, ALIKE, WIDTH = 2e-3, 0.02, 400
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def drawn(name: str) -> str:
    """Return the picture of a demonstration as SVG."""
    text: str = load(name).picture().svg()
    return text if text.endswith("\n") else text + "\n"


def change(old: str, new: str) -> str | None:
    """Return how a picture differs from what it was; None if it says and shows the same."""
    if old == new:
        return None
    words = [_words(text) for text in (old, new)]
    if _NUMBER.sub("#", words[0]) != _NUMBER.sub("#", words[1]):
        return "it says something else"
    for one, two in zip(*(map(float, _NUMBER.findall(text)) for text in words), strict=True):
        if abs(one - two) > CLOSE * max(abs(one), abs(two), 1e-3):
            return f"it says {two:g} where it said {one:g}"
    share = _different(old, new)
    return f"{share:.1%} of it looks different" if share > ALIKE else None


def _words(svg: str) -> str:
    """Return what a picture says: its title and description, and all of its text.

    Text that is outlines is known by the numbers that its letters have in their font.
    """
    told = re.findall(r"<(?:title|desc|text)\b[^>]*>(.*?)</(?:title|desc|text)>", svg, re.DOTALL)
    letters = re.findall(r'id="text_|href="#\w+(?:-\w+)*-([0-9a-f]+)"', svg)
    outlined = "".join([chr(int(letter, 16)) if letter else "\n" for letter in letters])
    return re.sub(r"<[^>]*>", "", "\n".join(told)) + outlined


def _different(old: str, new: str) -> float:
    """Return the share of points that look different, at the width of the gallery."""
    import io

    from PIL import Image, ImageChops
    from resvg_py import svg_to_bytes

    images = []
    for svg in (old, new):
        drawn = Image.open(io.BytesIO(bytes(svg_to_bytes(svg_string=svg, width=WIDTH))))
        paper = Image.new("RGBA", drawn.size, "white")
        images.append(Image.alpha_composite(paper, drawn.convert("RGBA")).convert("L"))
    if images[0].size != images[1].size:
        return 1.0
    off = ImageChops.difference(*images).histogram()
    return sum(off[64:]) / sum(off)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write pictures, or compare them; return how many are not as they were."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="name", help="of demonstrations; all of them")
    parser.add_argument("--check", action="store_true", help="compare and write nothing")
    options = parser.parse_args(arguments)
    changed = 0
    for name in options.names or NAMES:
        path = PICTURES / f"{name}.svg"
        new, old = drawn(name), path.read_text(encoding="utf-8") if path.exists() else ""
        told = "it is new" if not old else change(old, new)
        print(f"{name:28s}{len(new.encode()):8d} bytes   {told or 'the same'}", flush=True)
        changed += told is not None
        if told and not options.check:
            _write(path, new)
    return changed if options.check else 0


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
