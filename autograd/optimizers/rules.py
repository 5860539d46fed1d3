"""The family: each optimizer with its settings and its update rule, stated once.

p is the parameter, g its gradient, t the number of the step, from 1 on; what a rule remembers comes
in as it was after step t − 1 and is returned as it is after step t.
"""

from __future__ import annotations

from typing import Any

from autograd.optimizers.optimizer import Optimizer
from autograd.optimizers.settings import not_negative, positive, setting, share, truth, two_shares
from autograd.primitives import maximum, sign, sqrt


class SGD(Optimizer):
    """Gradient descent, on whatever examples the gradients come from; with momentum, if wanted.

        g ← g + weight_decay p        v ← momentum v + g        p ← p − lr v

    and with Nesterov's momentum p ← p − lr (g + momentum v). Without momentum v is g. Momentum:
    Polyak 1964; Nesterov 1983, as formulated by Sutskever et al. 2013.

    Args:
        parameters: The parameters to step; if there are none, those that it first steps.
        lr: The learning rate.
        momentum: How much of the velocity v is kept, at least 0 and below 1.
        nesterov: Whether the step looks ahead.
        weight_decay: The factor of an added penalty weight_decay/2 Σ p².

    Raises:
        TypeError: If the parameters are not a list of Values, or a setting is no number.
        ValueError: If there are no parameters, one occurs twice or is not a leaf, a setting is out
            of its range, or nesterov is asked for without momentum.

    Example:
        >>> from autograd import Value
        >>> p = Value(1.0)
        >>> optimizer = SGD([p], lr=0.25)
        >>> (p * p).backward()
        >>> optimizer.step()
        >>> p.data
        0.5
    """

    momentum: float = setting(default=0.0, limit=share)
    nesterov: bool = setting(default=False, limit=truth)
    weight_decay: float = setting(default=0.0, limit=not_negative)

    def _check_together(self) -> None:
        """Nesterov's momentum is one."""
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov needs momentum above 0, e.g. momentum=0.9")

    def rule(self, p: Any, g: Any, t: Any, velocity: Any = 0.0) -> Any:
        """Return p and its velocity after a step."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        if not self.momentum:
            return p - self.lr * g, velocity
        velocity = self.momentum * velocity + g
        if self.nesterov:
            return p - self.lr * (g + self.momentum * velocity), velocity
        return p - self.lr * velocity, velocity


class Adam(Optimizer):
    """Steps scaled by running means of the gradient and of its square, corrected at first.

        m ← β₁ m + (1 − β₁) g        v ← β₂ v + (1 − β₂) g²
        p ← p − lr (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + epsilon)

    Kingma and Ba 2015, algorithm 1.

    Args:
        parameters: The parameters to step; if there are none, those that it first steps.
        lr: The learning rate.
        betas: β₁ and β₂, from 0 up to but not 1.
        epsilon: Above 0.
        weight_decay: How much of p is added to g.
        decoupled: Whether p is instead made smaller by the factor 1 − lr weight_decay.

    Example:
        >>> Adam(lr=0.5).rule(1.0, -3.0, 1, 0.0, 0.0)[0]
        1.499999998...
    """

    betas: tuple[float, float] = setting(default=(0.9, 0.999), limit=two_shares)
    epsilon: float = setting(default=1e-8, limit=positive)
    weight_decay: float = setting(default=0.0, limit=not_negative)
    decoupled: bool = setting(default=False, limit=truth)

    def rule(self, p: Any, g: Any, t: Any, mean: Any = 0.0, square: Any = 0.0) -> Any:
        """Return p, the mean of the gradient and of its square after a step."""
        p, g = _decayed(self, p, g)
        beta1, beta2 = self.betas
        mean = beta1 * mean + (1.0 - beta1) * g
        square = beta2 * square + (1.0 - beta2) * (g * g)
        # What is the same for all parameters comes first: it is computed once a step.
        lr, correction = self.lr / (1.0 - beta1**t), 1.0 / (1.0 - beta2**t)
        scale = sqrt(correction * square) + self.epsilon
        return p - lr * mean / scale, mean, square


class AdamW(Adam):
    """Adam with decoupled weight decay: p is made smaller by lr weight_decay p besides its step.

    Loshchilov and Hutter 2019, algorithm 2.

    Args:
        parameters: The parameters to step; if there are none, those that it first steps.
        lr: The learning rate.
        betas: β₁ and β₂, from 0 up to but not 1.
        epsilon: Above 0.
        weight_decay: How much smaller p becomes, times lr.
        decoupled: Without it this is Adam.

    Example:
        >>> AdamW(lr=0.5, weight_decay=0.5).rule(1.0, 0.0, 1, 0.0, 0.0)
        (0.75, 0.0, 0.0)
    """

    weight_decay: float = setting(default=0.01, limit=not_negative)
    decoupled: bool = setting(default=True, limit=truth)


def _decayed(optimizer: Adam, p: Any, g: Any) -> tuple[Any, Any]:
    if not optimizer.weight_decay:
        return p, g
    if optimizer.decoupled:
        return p * (1.0 - optimizer.lr * optimizer.weight_decay), g
    return p, g + optimizer.weight_decay * p


class NAdam(Adam):
    """Adam with Nesterov's momentum: the mean looks ahead, by a β₁ that grows with the steps.

        μₜ = β₁ (1 − ½ 0.96^(t momentum_decay))      Π = μ₁ μ₂ … μₜ
        p ← p − lr (μₜ₊₁ m / (1 − Π μₜ₊₁) + (1 − μₜ) g / (1 − Π)) / (√(v / (1 − β₂ᵗ)) + epsilon)

    with m and v as in Adam. Dozat 2016, algorithm 2 and its schedule.

    Args:
        parameters: The parameters to step; if there are none, those that it first steps.
        lr: The learning rate.
        betas: β₁ and β₂, from 0 up to but not 1.
        epsilon: Above 0.
        weight_decay: How much of p is added to g.
        decoupled: Whether p is instead made smaller by the factor 1 − lr weight_decay.
        momentum_decay: How fast μ grows.

    Example:
        >>> NAdam(lr=0.5).rule(1.0, 0.0, 1)
        (1.0, 0.0, 0.0, 0.45007347...)
    """

    lr: float = setting(default=0.002, limit=not_negative)
    momentum_decay: float = setting(default=0.004, limit=not_negative)

    def rule(
        self, p: Any, g: Any, t: Any, mean: Any = 0.0, square: Any = 0.0, product: Any = 1.0
    ) -> Any:
        """Return p, the means of the gradient and of its square, and the product of all μ."""
        p, g = _decayed(self, p, g)
        beta1, beta2 = self.betas
        now = beta1 * (1.0 - 0.5 * 0.96 ** (t * self.momentum_decay))
        ahead = beta1 * (1.0 - 0.5 * 0.96 ** ((t + 1.0) * self.momentum_decay))
        product = product * now
        mean = beta1 * mean + (1.0 - beta1) * g
        square = beta2 * square + (1.0 - beta2) * (g * g)
        scale = sqrt(square / (1.0 - beta2**t)) + self.epsilon
        step = ahead * mean / (1.0 - product * ahead) + (1.0 - now) * g / (1.0 - product)
        return p - self.lr * step / scale, mean, square, product


class RMSprop(Optimizer):
    """Steps scaled by a running mean of the gradient's square.

        v ← α v + (1 − α) g²        p ← p − lr g / (√v + epsilon)

    If centered, v less the square of the gradient's running mean, its variance, stands under the
    root; with momentum, p ← p − lr b where b ← momentum b + g / (…). Tieleman and Hinton 2012,
    lecture 6e; centered: Graves 2013.

    Args:
        parameters: The parameters to step; if there are none, those that it first steps.
        lr: The learning rate.
        alpha: α, how much of the mean is kept, at least 0 and below 1.
        epsilon: Above 0.
        weight_decay: How much of p is added to g.
        momentum: How much of the steps' velocity b is kept, at least 0 and below 1.
        centered: Whether the variance takes the place of the mean square.

    Example:
        >>> RMSprop(lr=0.5, alpha=0.75).rule(1.0, -3.0, 1)[:2]
        (1.99999999..., 2.25)
    """

    lr: float = setting(default=0.01, limit=not_negative)
    alpha: float = setting(default=0.99, limit=share)
    epsilon: float = setting(default=1e-8, limit=positive)
    weight_decay: float = setting(default=0.0, limit=not_negative)
    momentum: float = setting(default=0.0, limit=share)
    centered: bool = setting(default=False, limit=truth)

    def rule(
        self, p: Any, g: Any, t: Any, square: Any = 0.0, mean: Any = 0.0, velocity: Any = 0.0
    ) -> Any:
        """Return p, the means of the gradient's square and of the gradient, and the velocity."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        square = self.alpha * square + (1.0 - self.alpha) * (g * g)
        spread = square
        if self.centered:
            mean = self.alpha * mean + (1.0 - self.alpha) * g
            spread = maximum(square - mean * mean, 0.0)  # which rounding may make negative
        step = g / (sqrt(spread) + self.epsilon)
        if self.momentum:
            step = velocity = self.momentum * velocity + step
        return p - self.lr * step, square, mean, velocity


class Adagrad(Optimizer):
    """Steps scaled by all gradients so far: large ones for parameters that were rarely moved.

        s ← s + g²        p ← p − lr / (1 + (t − 1) lr_decay) g / (√s + epsilon)

    Duchi, Hazan and Singer 2011, the diagonal form.

    Args:
        parameters: The parameters to step; if there are none, those that it first steps.
        lr: The learning rate.
        lr_decay: How fast the learning rate falls.
        epsilon: Above 0.
        weight_decay: How much of p is added to g.

    Example:
        >>> Adagrad(lr=0.5).rule(1.0, 2.0, 1, 12.0)
        (0.75000000..., 16.0)
    """

    lr: float = setting(default=0.01, limit=not_negative)
    lr_decay: float = setting(default=0.0, limit=not_negative)
    epsilon: float = setting(default=1e-10, limit=positive)
    weight_decay: float = setting(default=0.0, limit=not_negative)

    def rule(self, p: Any, g: Any, t: Any, total: Any = 0.0) -> Any:
        """Return p and the sum of the gradients' squares after a step."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        total = total + g * g
        rate = self.lr / (1.0 + (t - 1.0) * self.lr_decay)
        return p - rate * g / (sqrt(total) + self.epsilon), total


class Lion(Optimizer):
    """Steps of one size, by the sign of a running mean of the gradient.

        p ← p − lr (sign(β₁ m + (1 − β₁) g) + weight_decay p)        m ← β₂ m + (1 − β₂) g

    Chen et al. 2023, algorithm 2. A good lr is some five times smaller than that of AdamW, and
    weight_decay as much larger.

    Args:
        parameters: The parameters to step; if there are none, those that it first steps.
        lr: The learning rate, which is the size of a step.
        betas: β₁ and β₂, from 0 up to but not 1.
        weight_decay: How much of p is added to the sign.

    Example:
        >>> Lion(lr=0.25, weight_decay=0.5).rule(1.0, 8.0, 1, 0.0)
        (0.625, 0.08000000...)
    """

    lr: float = setting(default=0.0001, limit=not_negative)
    betas: tuple[float, float] = setting(default=(0.9, 0.99), limit=two_shares)
    weight_decay: float = setting(default=0.0, limit=not_negative)

    def rule(self, p: Any, g: Any, t: Any, mean: Any = 0.0) -> Any:
        """Return p and the mean of the gradient after a step."""
        beta1, beta2 = self.betas
        direction = sign(beta1 * mean + (1.0 - beta1) * g)
        if self.weight_decay:
            direction = direction + self.weight_decay * p
        return p - self.lr * direction, beta2 * mean + (1.0 - beta2) * g
