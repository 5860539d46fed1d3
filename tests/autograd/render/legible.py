"""What a reader asks of every picture, measured on its scene."""

from __future__ import annotations

import math

from autograd.render.scene import Circle, Curve, Rectangle, Words


def rectangle(words):
    """Left, top, right and bottom of a text: from the height of its capitals to its baseline."""
    return words.left, words.y - 0.72 * words.size, words.left + words.room, words.y


def points(curve):
    for _, *numbers in curve.segments:
        yield from zip(numbers[::2], numbers[1::2], strict=True)


def extent(mark):
    if isinstance(mark, Words):
        return rectangle(mark)
    if isinstance(mark, Rectangle):
        return mark.x, mark.y, mark.x + mark.width, mark.y + mark.height
    if isinstance(mark, Circle):
        return (mark.x - mark.radius, mark.y - mark.radius,
                mark.x + mark.radius, mark.y + mark.radius)  # fmt: skip
    xs, ys = zip(*points(mark), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def overlap(one, other, tolerance=0.5):
    return (
        min(one[2], other[2]) - max(one[0], other[0]) > tolerance
        and min(one[3], other[3]) - max(one[1], other[1]) > tolerance
    )


def reaches_into(box, disc, tolerance=0.5):
    x, y = min(max(disc.x, box[0]), box[2]), min(max(disc.y, box[1]), box[3])
    return math.hypot(x - disc.x, y - disc.y) < disc.radius - tolerance


def marks(scene, kind):
    return [(cluster, mark) for cluster in scene.clusters for mark in cluster.marks
            if isinstance(mark, kind)]  # fmt: skip


def faults(scene, crowded=False):
    """What is wrong with a picture, in words; `crowded` ones may have texts that touch."""
    found = []
    for _, mark in marks(scene, Words | Rectangle | Circle | Curve):
        box = extent(mark)
        name = getattr(mark, "text", type(mark).__name__)
        if not all(map(math.isfinite, box)):
            found.append(f"{name!r} is nowhere")
        elif box[0] < -0.1 or box[1] < -0.1 or box[2] > scene.width or box[3] > scene.height:
            found.append(f"{name!r} leaves the picture")
    texts = [(cluster, words, rectangle(words)) for cluster, words in marks(scene, Words)]
    discs = marks(scene, Circle)
    cards = [(cluster, card) for cluster, card in marks(scene, Rectangle) if cluster.id]
    for place, (cluster, words, box) in enumerate(texts):
        if words.size < 11:
            found.append(f"{words.text!r} is {words.size} px high")
        for _, other, there in texts[:place] if not crowded else ():
            if overlap(box, there):
                found.append(f"{words.text!r} and {other.text!r} overlap")
        for owner, disc in discs:
            if owner is not cluster and reaches_into(box, disc):
                found.append(f"{words.text!r} covers a disc")
            is_inside = words.anchor == "middle" and box[3] < disc.y + disc.radius
            corners = [(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
            far = max(math.hypot(x - disc.x, y - disc.y) for x, y in corners)
            if owner is cluster and is_inside and far > disc.radius + 1.0:
                found.append(f"{words.text!r} leaves its disc")
        for owner, card in cards:
            if owner is not cluster and overlap(box, extent(card)):
                found.append(f"{words.text!r} covers a card")
            if owner is cluster and not (
                card.x <= box[0] and box[2] <= card.x + card.width
                and card.y <= box[1] and box[3] <= card.y + card.height
            ):  # fmt: skip
                found.append(f"{words.text!r} leaves its card")
    for cluster, line in marks(scene, Curve):
        is_straight = [letter for letter, *_ in line.segments] == ["M", "L"]
        if not cluster.id.startswith("e") or not is_straight:
            continue
        (x1, y1), (x2, y2) = points(line)
        length = math.hypot(x2 - x1, y2 - y1)
        for _, disc in discs:
            along = ((disc.x - x1) * (x2 - x1) + (disc.y - y1) * (y2 - y1)) / length**2
            if 0.02 < along < 0.98:
                x, y = x1 + along * (x2 - x1), y1 + along * (y2 - y1)
                if math.hypot(x - disc.x, y - disc.y) < disc.radius - line.width / 2 - 1:
                    found.append(f"line {cluster.id} runs through a disc")
    return found
