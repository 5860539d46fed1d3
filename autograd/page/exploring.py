"""`explore`: the graph of a value, or of a model at an input, as a page to play with."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from html import escape
from inspect import signature
from pathlib import Path
from typing import Any

from autograd import files
from autograd.page.document import document
from autograd.page.learning import Learning
from autograd.page.model import PageModel
from autograd.page.operation_script import without_javascript
from autograd.page.sources import script, style
from autograd.render import draw
from autograd.render.typography import shown_label
from autograd.selection import Value
from autograd.streams import printed_anywhere

_HEIGHT = 720  # of the frame in a notebook, in pixels


def explore(
    target: Any,
    *arguments: Any,
    level: str | None = None,
    loss: Any = None,
    optimizer: Any = None,
    batch_size: int | None = None,
    seed: int | None = None,
) -> Exploration:
    """Return a live page of a graph: every number, every path, every step, and what if.

    The page is one HTML file that computes for itself: point at a value and its paths to the output
    light up, with their factors, products and sum, which is the gradient; go through the forward
    and the backward pass one step at a time, also in a wrong order; change any leaf and see what it
    does. It asks nothing of any server.

    `explore(model, X, y)` is a page that learns: it takes the steps of gradient descent itself, and
    shows the loss, the answers over the plane of two inputs, what every unit makes of it, and why a
    weight has moved.

    Args:
        target: The value at the end of the graph, such as a loss; or a model, called with the
            arguments.
        arguments: What the model is called with; or the rows X and targets y to learn, as for
            `model.fit`.
        level: What is shown first: "operation", "neuron" or "layer".
        loss: What is learned by, as for `model.fit`: a name, a function, or what suits y.
        optimizer: What steps: a name or an optimizer, as for `model.fit`; "sgd", if not given.
        batch_size: How many examples a step takes; all, if not given.
        seed: Of the order of the examples, where a step does not take all.

    Returns:
        A page in a notebook; `save("page.html")` writes it.

    Raises:
        TypeError: If target is neither a Value nor a model that returns one, or a model that is to
            learn is no Module; as `model.fit` for what is to be learned.
        ValueError: If the graph has no such level; as `model.fit`, or if there is more to learn
            than a page can, or with an operation that JavaScript cannot compute. A page that does
            not learn shows Python's numbers then, and says why none can be changed.

    Example:
        >>> from autograd import Value, explore
        >>> x = Value(3.0, label="x")
        >>> y = x * x; y.label = "y"
        >>> explore(y)
        <Exploration of the graph of y: 2 nodes>
        >>> from nn import MLP
        >>> from nn.data import moons
        >>> X, y = moons(100)
        >>> explore(MLP(2, [4, 1], "tanh", seed=3), X, y)
        <Exploration of MLP(2 → 4 tanh → 1 linear, 17 parameters) learning 100 examples: ... nodes>
    """
    options = {"loss": loss, "optimizer": optimizer, "batch_size": batch_size, "seed": seed}
    given = {name: thing for name, thing in options.items() if thing is not None}
    if given or _is_to_learn(target, arguments):
        learning = _learning(target, arguments, level, given)
        return Exploration(learning.output, learning.title, learning.model, learning.script())
    output, title = _graph_of(target, arguments)
    return Exploration(output, title, PageModel(output, title, level))


@printed_anywhere
class Exploration:
    """A live page of a graph: what `explore` returns.

    Example:
        >>> import os, tempfile
        >>> from autograd import Value, explore
        >>> x = Value(3.0, label="x")
        >>> page = explore(x * x)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = page.save(os.path.join(folder, "square.html"))
        >>> path.name, page.html().startswith("<!DOCTYPE html>")
        ('square.html', True)
    """

    def __init__(self, output: Any, title: str, model: PageModel, learning: str = "") -> None:
        self._output = output
        self._title = title
        self._size = len(model.table.order)
        if learning and model.still:
            missing = without_javascript(model.table.kinds)
            raise ValueError("; ".join(missing.values()))
        parts = [model.rules, learning, script("main")]
        sheets = style("page")
        if learning:
            parts[-1] = script("learning")
            sheets += style("learning")
        self._html = document(
            f"explore {title}", model.content, "\n".join(filter(None, parts)), sheets
        )

    def __repr__(self) -> str:
        return f"<Exploration of {self._title}: {self._size} nodes>"

    def html(self) -> str:
        """Return the page as text."""
        return self._html

    def save(self, path: files.Path) -> Path:
        """Write the page to a file, all at once or not at all, and return its path.

        Raises:
            OSError: If the file cannot be written, or there is a folder, a pipe or a device; what
                was there is still there.
            ValueError: If the path is empty, or does not end with .html or .htm.
        """
        name = os.fsdecode(path)
        if not name.lower().endswith((".html", ".htm")):
            raise ValueError(f"a page is saved as .html, not as {name!r}")
        files.replace_file(path, self._html.encode("utf-8"))
        return Path(name)

    def _repr_html_(self) -> str:
        """The page in a frame; where frames are not shown, a picture stands in for it."""
        picture = draw(self._output).svg().encode("utf-8")
        address = "data:image/svg+xml;base64," + base64.b64encode(picture).decode("ascii")
        title = escape(f"explore {self._title}", quote=True)
        return (
            f'<iframe srcdoc="{escape(self._html, quote=True)}" title="{title}" '
            f'width="100%" height="{_HEIGHT}" style="border:0"></iframe>'
            f'<img class="chainrule-instead" src="{address}" alt="{title}" style="max-width:100%">'
        )

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, str]:
        shows = {"text/html": self._repr_html_, "text/plain": self.__repr__}
        wanted = set(shows) if include is None else set(include)
        wanted -= set(exclude or ())
        return {kind: show() for kind, show in shows.items() if kind in wanted}


def _graph_of(target: Any, arguments: tuple[Any, ...]) -> tuple[Any, str]:
    """The value at the end of the graph, and what it is called."""
    if isinstance(target, Value):
        if arguments:
            raise TypeError(
                "explore(value) takes no arguments; explore(model, x) calls a model with them"
            )
        return target, f"the graph of {shown_label(target.label) if target.label else 'a value'}"
    if not callable(target):
        raise TypeError(
            f"explore() needs a Value, or a model and what to call it with, not "
            f"{type(target).__name__} {target!r:.80}"
        )
    found = target(*arguments)
    if isinstance(found, (list, tuple)) and len(found) == 1:
        (found,) = found
    if not isinstance(found, Value):
        raise TypeError(
            f"explore() shows what leads to one number, but the model returned "
            f"{type(found).__name__} {found!r:.80}; explore a loss, or one of its outputs"
        )
    given = ", ".join(f"{argument!r:.40}" for argument in arguments)
    return found, f"{_name(target)} at {given}"


def _is_to_learn(target: Any, arguments: tuple[Any, ...]) -> bool:
    """Whether a model is given rows and targets: two arguments that it does not take itself."""
    if len(arguments) != 2 or not hasattr(target, "_lesson"):
        return False
    try:
        signature(target).bind(*arguments)
    except TypeError:
        return True
    return False


def _learning(
    model: Any, arguments: tuple[Any, ...], level: str | None, options: dict[str, Any]
) -> Learning:
    if not hasattr(model, "_lesson"):
        raise TypeError(
            f"{', '.join(options)}: only a Module of nn learns on a page, not "
            f"{type(model).__name__} {model!r:.80}; write explore(model, X, y, ...)"
        )
    if len(arguments) != 2:
        raise TypeError(
            f"a page that learns takes rows and targets, explore(model, X, y, "
            f"{'=..., '.join(options)}=...), got {len(arguments)} arguments beside the model"
        )
    lesson = model._lesson(*arguments, **options)
    title = f"{_name(model)} learning {len(lesson.rows)} example{'s' * (len(lesson.rows) != 1)}"
    return Learning(lesson, title, level)


def _name(model: Any) -> str:
    return str(getattr(model, "__name__", "")) or f"{model!r:.80}"
