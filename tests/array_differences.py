"""Derivatives of functions of arrays by finite differences."""

import numpy as np


def differences(f, x, step=1e-6):
    """The derivatives of f's results by the elements of x, as an array of both shapes."""
    columns = []
    for place in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[place] += step
        behind[place] -= step
        columns.append((np.asarray(f(ahead)) - np.asarray(f(behind))) / (2 * step))
    result = np.asarray(f(x)).shape
    return np.moveaxis(np.array(columns), 0, -1).reshape(result + x.shape)
