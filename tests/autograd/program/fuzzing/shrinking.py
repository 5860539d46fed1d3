"""Shrinking: the smallest recipe and points that still show a fault, found by greedy steps."""

from __future__ import annotations

from .recipes import smaller, smaller_point


def shrunk(recipe, points, shows, most):
    """Return a smaller recipe and points for which `shows` still holds, in so many trials."""
    trials = 0
    progress = True
    while progress and trials < most:
        progress = False
        for candidate in _candidates(recipe, points):
            trials += 1
            if shows(*candidate):
                recipe, points = candidate
                progress = True
                break
            if trials >= most:
                break
    return recipe, points


def _candidates(recipe, points):
    if len(points) > 1:
        for k in range(len(points)):
            yield recipe, [*points[:k], *points[k + 1 :]]
    for simpler in smaller(recipe):
        if simpler.steps:
            yield simpler, points
    for k, point in enumerate(points):
        for other in smaller_point(point):
            yield recipe, [*points[:k], other, *points[k + 1 :]]
