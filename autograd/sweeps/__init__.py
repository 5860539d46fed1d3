"""The reverse sweep step by step, the right one and wrong ones: `backward_steps`.

From the bottom up:

    orders                in which order nodes hand their adjoints on
    sweep                 one sweep, every step of it written down
    tables                steps and verdicts as text and as HTML
    steps                 `backward_steps`
"""

from autograd.sweeps.steps import BackwardStep, BackwardSteps, backward_steps

__all__ = ["BackwardStep", "BackwardSteps", "backward_steps"]
