"""Fit a differential equation: plain Python, differentiated, compiled, handed to SciPy.

A swing slows down: θ″ = −ω² sin θ − c θ′. From thirty noisy angles, find frequency ω, damping c and
the first angle. The solver is a loop of Runge-Kutta steps in plain Python that knows nothing of
derivatives; `jacobian` differentiates through all of its steps, and `compile` records them once.
SciPy's least squares takes both. Differences would need a run for each parameter, and lose half the
digits.

    python demos/18_differential_equation.py        (with SciPy)
"""

from __future__ import annotations

import random
import time
from functools import cache

from showing import heading, run, say

from autograd import Program, check_grads, compile, jacobian, sin
from nn.charts import QUIET, SERIES, Chart

TRUTH = [2.0, 0.3, 1.2]  # ω, c, θ(0)
GUESS = [1.6, 0.05, 0.8]
STEP, EVERY, COUNT = 0.05, 4, 30


def main() -> None:
    heading("The derivative of a whole simulation, against finite differences")
    say(check_grads(lambda p: swing(p)[-1], GUESS, order=1))

    heading("Compiled")
    _, program = programs()
    for name, call in {"recorded at each call": jacobian(swing), "compiled": program}.items():
        began = time.perf_counter()
        call(GUESS)
        say(f"{name:24s}{1e3 * (time.perf_counter() - began):8.2f} ms for 30 angles, 3 slopes each")

    heading("Fitted")
    found = fit()
    names = ("frequency ω", "damping c", "first angle θ(0)")
    for name, truth, guess, number in zip(names, TRUTH, GUESS, found.x, strict=True):
        say(f"{name:18s}guessed {guess:.3f}   found {number:.4f}   true {truth:.3f}")
    say(f"{found.nfev} simulations, {found.njev} derivatives of one")


def swing(p):
    """Return the angle after every fourth of 120 Runge-Kutta steps: floats or Values."""
    frequency, damping, angle = p
    speed, angles = 0.0, []
    stiffness = frequency * frequency

    def force(angle, speed):
        return -stiffness * sin(angle) - damping * speed

    for step in range(1, EVERY * COUNT + 1):
        v1, f1 = speed, force(angle, speed)
        v2 = speed + 0.5 * STEP * f1
        f2 = force(angle + 0.5 * STEP * v1, v2)
        v3 = speed + 0.5 * STEP * f2
        f3 = force(angle + 0.5 * STEP * v2, v3)
        v4 = speed + STEP * f3
        f4 = force(angle + STEP * v3, v4)
        angle = angle + STEP / 6.0 * (v1 + 2.0 * v2 + 2.0 * v3 + v4)
        speed = speed + STEP / 6.0 * (f1 + 2.0 * f2 + 2.0 * f3 + f4)
        if step % EVERY == 0:
            angles.append(angle)
    return angles


def measured() -> list[float]:
    """Return what somebody measured: the true swing, and noise."""
    source = random.Random(1)
    return [float(angle) + source.gauss(0.0, 0.03) for angle in swing(TRUTH)]


@cache
def programs() -> tuple[Program, Program]:
    """Return the simulation and its derivatives, compiled."""
    found = compile(swing), compile(jacobian(swing))
    for program in found:
        program(GUESS)
    return found


@cache
def fit(jac: str = "exact"):
    """Return what SciPy finds from the guess, with exact derivatives or with differences."""
    from scipy.optimize import least_squares

    data = measured()
    program, slopes = programs()

    def residuals(p):
        return [a - b for a, b in zip(program(list(p)), data, strict=True)]

    return least_squares(
        residuals, GUESS, jac=(lambda p: slopes(list(p))) if jac == "exact" else "2-point"
    )


def picture() -> Chart:
    """Return the measured angles, the guess, and the fit."""
    times = [STEP * EVERY * (k + 1) for k in range(COUNT)]
    found = list(fit().x)

    def draw(figure) -> None:
        axes = figure.add_subplot()
        axes.plot(times, swing(GUESS), "--", color=QUIET, label="guess")
        axes.plot(times, swing(found), color=SERIES[0], label="fit")
        axes.plot(times, measured(), "o", color=SERIES[1], markersize=4, label="measured")
        axes.set_xlabel("time")
        axes.set_ylabel("angle")
        axes.legend(ncols=3, loc="lower right", fontsize=9)

    text = "found ω = {:.3f}, c = {:.3f}, θ(0) = {:.3f}".format(*found)
    return Chart(draw, (5.4, 3.0), "A swing, fitted through its differential equation", text)


if __name__ == "__main__":
    run(main, picture)
