"""Loads demonstrations, whose names begin with numbers."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

DEMOS = Path(__file__).resolve().parents[2] / "demos"
sys.path.append(str(DEMOS))


@pytest.fixture(scope="module")
def demo(request):
    """The demonstration that a file of tests is about: 02_two_paths of test_02_two_paths."""
    return import_module(Path(request.path).stem.removeprefix("test_"))
