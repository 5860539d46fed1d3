"""`python -m autograd`: which version and engine this is."""

import os
import sys

from autograd.selection import engine
from autograd.version import __distribution__, __version__

_ABOUT = {
    "native": "compiled (AUTOGRAD_ENGINE=python selects the one in plain Python)",
    "python": "plain Python (to build the compiled one, install again where there is a C compiler)",
}

if __name__ == "__main__":
    print(f"{__distribution__} {__version__} on Python {sys.version.split()[0]}")
    asked = os.environ.get("AUTOGRAD_ENGINE")
    about = f"as AUTOGRAD_ENGINE={asked} asks" if asked else _ABOUT[engine]
    print(f"engine: {engine}, {about}")
