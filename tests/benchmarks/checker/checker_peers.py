"""The same claims before other checkers, where they are installed: do they accept them?"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from checker_cases import Case

PEERS: dict[str, Callable[[Case, list[float]], bool]] = {}


def _by_torch(torch: Any) -> Callable[[Case, list[float]], bool]:
    def accepts(case: Case, claim: list[float]) -> bool:
        class Claimed(torch.autograd.Function):  # type: ignore[misc]
            @staticmethod
            def forward(context: Any, x: Any) -> Any:
                return torch.tensor(case.f(x.tolist()), dtype=torch.float64)

            @staticmethod
            def backward(context: Any, grad: Any) -> Any:
                return grad * torch.tensor(claim, dtype=torch.float64)

        x = torch.tensor(case.point, dtype=torch.float64, requires_grad=True)
        try:
            found = torch.autograd.gradcheck(Claimed.apply, (x,), raise_exception=False)
        except (ValueError, ArithmeticError):
            return False
        return bool(found)

    return accepts


def _by_scipy(optimize: Any) -> Callable[[Case, list[float]], bool]:
    def accepts(case: Case, claim: list[float]) -> bool:
        # It returns a distance; its documentation calls about 1e-6 of the gradient right.
        try:
            away = optimize.check_grad(
                lambda x: case.f(list(map(float, x))), lambda x: claim, case.point
            )
        except (ValueError, ArithmeticError):
            return False
        return bool(away <= 1e-6 * max(1.0, *map(abs, claim)))

    return accepts


for _name, _module, _make in (
    ("torch.autograd.gradcheck", "torch", _by_torch),
    ("scipy.optimize.check_grad", "scipy.optimize", _by_scipy),
):
    try:
        PEERS[_name] = _make(import_module(_module))
    except ModuleNotFoundError:
        continue
