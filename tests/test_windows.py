"""As on Windows: no modules of Unix, no compiler, no Graphviz, a code page for files and pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parents[1]

PROGRAM = r"""
import builtins, importlib, io, os, pkgutil, sys
for name in ("fcntl", "resource", "termios", "pwd", "grp", "tty", "pty", "syslog"):
    sys.modules[name] = None
for name in ("register_at_fork", "fork", "forkpty", "chown", "getuid", "geteuid", "mkfifo",
             "sched_getaffinity", "getpgid", "killpg", "setsid", "O_NOFOLLOW", "O_NONBLOCK"):
    if hasattr(os, name):
        delattr(os, name)
os.supports_dir_fd.clear()  # before shutil looks
import tempfile
opened = builtins.open
def open(file, mode="r", *args, encoding=None, **named):
    text = "b" not in mode and not isinstance(file, int)
    assert encoding or not text or not str(file).startswith(folder), f"{file}: no encoding"
    return opened(file, mode, *args, encoding=encoding or ("cp1252" if text else None), **named)
builtins.open = open
sys.stdout = io.TextIOWrapper(io.BytesIO(), encoding="cp1252", newline="\r\n")

with tempfile.TemporaryDirectory(prefix="Müller Ωmega ") as folder:
    import autograd, nn
    for package in (autograd, nn):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not module.name.endswith(("__main__", "nn.sklearn", "engine", "interpreter")):
                importlib.import_module(module.name)
    x = autograd.Value(0.5, "x₁")
    y = (x * x).tanh()
    y.backward()
    for name in ("y.svg", "y.html", "y.tex", "y.txt", "y.dot"):
        autograd.draw(y, highlight=x).save(os.path.join(folder, name))
    assert "x₁" in opened(os.path.join(folder, "y.txt"), encoding="utf-8").read()
    assert b"\r" not in opened(os.path.join(folder, "y.txt"), "rb").read()
    model = nn.MLP(2, [3, 2], "tanh", seed=1)
    path = os.path.join(folder, "run.ckpt")
    model.fit([[0.0, 1.0], [1.0, 0.0]], ["été", "hiver"], epochs=2, checkpoint=path, progress=False)
    for name in ("net.json", "net.safetensors"):
        model.save(os.path.join(folder, name))
        again = nn.load_model(os.path.join(folder, name))
        assert again.predict([[0.0, 1.0]]) == model.predict([[0.0, 1.0]])
    for name in ("net.py", "net.h", "net.mjs"):
        model.export(os.path.join(folder, name))
    program = autograd.compile(lambda x: x * x + 1.0)
    assert program(2.0) == 5.0
    program.save(os.path.join(folder, "f.json"))
    assert autograd.load_program(os.path.join(folder, "f.json"))(2.0) == 5.0
    print(autograd.draw(y), autograd.path_sum(x, y), model, autograd.find(y, "x_1"))
    sys.stdout.flush()
    told = sys.stdout.buffer.getvalue().decode("cp1252")
    assert "x_1 -> * -> tanh" in told and "MLP(2 -> 3 tanh" in told, told
sys.stderr.write("done")
"""


WARNED = ("-X", "warn_default_encoding", "-W", "error::EncodingWarning")


def test_it_works_as_on_windows():
    environment = {"PATH": os.devnull, "PYTHONPATH": str(HERE), "PYTHONUTF8": "0"}
    keep = ("SYSTEMROOT", "AUTOGRAD_ENGINE", "TEMP", "TMP", "TMPDIR")
    environment |= {name: os.environ[name] for name in keep if name in os.environ}
    done = subprocess.run(
        [sys.executable, *WARNED, "-c", PROGRAM],
        capture_output=True, text=True, encoding="utf-8", env=environment, check=False,
    )  # fmt: skip
    assert done.stderr == "done"
