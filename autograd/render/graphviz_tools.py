"""The programs that can lay out a graph, if this machine has one."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig

import graphviz

from autograd.installing import install

DOT, GRAPHVIZ_PURE, BUILT_IN = "dot", "graphviz-pure", "built-in"
# dot can take minutes where many long arrows run side by side; the built-in layout does not.
HURRY_SECONDS, PATIENCE_SECONDS = 10.0, 120.0


class DotMissing(graphviz.ExecutableNotFound):  # type: ignore[misc]
    """A drawing was asked for that only Graphviz can make, and Graphviz is not installed."""

    def __init__(self, form: str, program: str = DOT) -> None:
        RuntimeError.__init__(
            self,
            f"drawing {form} needs the program {program}, which is not installed. Install Graphviz "
            "(apt install graphviz, brew install graphviz, winget install graphviz, or "
            f"{install('dot')}); or use svg(), save_svg(path), html() or save(path), which work "
            f"without it, for png and pdf with {install('image')}",
        )


def find_program(name: str) -> str | None:
    """The path of `dot` or `graphviz-pure`; None if it is not installed.

    Example:
        >>> find_program("no-such-program") is None
        True
    """
    found = shutil.which(name)
    if found is None and name == GRAPHVIZ_PURE:
        # A wheel puts its program beside Python, which need not be on the PATH.
        found = shutil.which(name, path=sysconfig.get_path("scripts"))
    return found


def run_program(
    program: str, layout: str, form: str, source: str, seconds: float = PATIENCE_SECONDS
) -> bytes:
    """Pipe DOT source through a program.

    Raises:
        RuntimeError: If the program cannot be started, fails, or takes longer than `seconds`.
    """
    command = [program, f"-K{layout}", f"-T{form}"]
    try:
        done = subprocess.run(
            command,
            input=source.encode("utf-8"),
            capture_output=True,
            check=True,
            timeout=seconds,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(
            f"{program} took longer than {seconds:g} seconds for this graph; "
            f'draw(..., drawn_by="{BUILT_IN}") is faster'
        ) from error
    except subprocess.CalledProcessError as error:
        complaint = error.stderr.decode("utf-8", errors="replace").strip()
        raise RuntimeError(f"{' '.join(command)} failed: {complaint}") from error
    except OSError as error:
        raise RuntimeError(f"{program} cannot be started: {error}") from error
    return done.stdout
