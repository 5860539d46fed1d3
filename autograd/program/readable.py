"""Programs to be read: their code as a listing, and as source text in other languages."""

from __future__ import annotations

from autograd.html_table import html_text
from autograd.program.code.instructions import Code
from autograd.program.code.listing import listing
from autograd.program.emission.languages import emitter
from autograd.program.run.point_runner import machine_listing
from autograd.program.variants.recorder import Recorder
from autograd.streams import for_stream, printed_anywhere


@printed_anywhere
class Readable:
    """What a program shows of itself."""

    _recorder: Recorder

    @property
    def code(self) -> Code:
        """The simplified code of the results, of the variant used last."""
        return self._recorder.latest().value.code

    @property
    def instructions(self) -> int:
        """How many instructions the value takes."""
        return len(self.code.instructions)

    @property
    def removed(self) -> dict[str, int]:
        """How many instructions simplification removed from the value, by what it did."""
        return {how: count for how, count in self._recorder.latest().value.removed.items() if count}

    def listing(
        self, gradient: bool = False, lines: int | None = 40, machine_code: bool = False
    ) -> str:
        """Return the code of the value, or of value and gradient, as text.

        Args:
            gradient: Whether all derivatives, of the parameters too, are computed.
            lines: The most lines to show; None shows all.
            machine_code: Whether to show what the processor runs at a point once the program has
                run often, all lines of it; empty where programs get no machine code.

        Example:
            >>> from autograd.program.compiling import compile
            >>> program = compile(lambda x, y: x * y + 1.0)
            >>> value = program(3.0, 4.0)
            >>> print(program.listing())
            inputs  x, y
            t1 = x * y
            t2 = t1 + 1
            -> t2
            2 instructions
        """
        variant = self._recorder.latest()
        derived = variant.full_gradient if gradient else variant.value
        if machine_code:
            return machine_listing(derived.code)
        return for_stream(listing(derived.code, variant.names, derived.removed, lines))

    def source(self, language: str = "python") -> str:
        """Return the program as source text that depends on nothing: value and gradient functions.

        Args:
            language: "python", "c" (C99) or "javascript" (an ES module).

        Raises:
            ValueError: If the language is another, or an operation has no text in it.
        """
        return emitter(language)(self._recorder.latest().unit(self._recorder.name))

    def __str__(self) -> str:
        return self.listing() if self._recorder.variants else repr(self)

    def __repr__(self) -> str:
        known = self._recorder.variants
        called = f"program {self._recorder.name}({self._recorder.arguments})"
        if not known:
            return f"<{called}, not recorded yet>"
        count = len(known)
        variants = f", {count} variants" if count > 1 else ""
        size = f"{self.instructions} instruction" + "s" * (self.instructions != 1)
        return f"<{called}, {size}{variants}>"

    def _repr_html_(self) -> str:
        title = repr(self).strip("<>")
        if not self._recorder.variants:
            return html_text(title)
        return html_text(f"{title}\n{self.listing()}")
