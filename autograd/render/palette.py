"""The colours of every picture, chosen to stay apart for colour-blind readers and in grey.

Paths take the hues of Okabe and Ito (2008), darkened so that numbers can be set in them; on dark
ground lightened. Text keeps a contrast of at least 4.5 to 1 on its ground, light or dark, unless it
is dimmed on purpose.
"""

from __future__ import annotations


class Colour(str):
    """A colour: its text is what it is on light ground, in hexadecimal digits.

    Attributes:
        name: What it is for; equal colours have equal names.
        dark: What it is on dark ground.

    Example:
        >>> INK, INK.name, INK.dark
        ('#1F2933', 'ink', '#E6EAF0')
    """

    name: str
    dark: str

    def __new__(  # noqa: PYI034 - Self is younger than Python 3.10
        cls, light: str, name: str, dark: str
    ) -> Colour:
        """Make a colour of its text on light ground, its name, and its text on dark ground."""
        colour = super().__new__(cls, light)
        colour.name, colour.dark = name, dark
        return colour

    def __getnewargs__(self) -> tuple[str, str, str]:  # type: ignore[override]
        """What `copy` and `pickle` make it of."""
        return str(self), self.name, self.dark


PATHS = (
    Colour("#0072B2", "path-1", "#4BA3F5"),
    Colour("#C85200", "path-2", "#E5703F"),
    Colour("#00805A", "path-3", "#3FE0A0"),
    Colour("#8A2F7E", "path-4", "#C27DBB"),
    Colour("#5F4B00", "path-5", "#F0D54A"),
    Colour("#3F4348", "path-6", "#C6D0DE"),
)
MANY_PATHS = PATHS[0]

INK = Colour("#1F2933", "ink", "#E6EAF0")
QUIET_INK = Colour("#616E7C", "quiet-ink", "#A3AFBC")
LINE = Colour("#52606D", "line", "#8B98A6")
PAPER = Colour("#FFFFFF", "paper", "#14181D")

COMPUTED_FILL = PAPER
OPERATION_FILL = Colour("#E9EDF2", "operation-fill", "#2A323C")
PARAMETER_FILL = Colour("#FFF4D1", "parameter-fill", "#3A3010")
PARAMETER_LINE = Colour("#A87900", "parameter-line", "#C9A02E")
CONSTANT_FILL = Colour("#F6F7F9", "constant-fill", "#1C2128")
CONSTANT_LINE = Colour("#BCC4CE", "constant-line", "#4A5562")
CONSTANT_INK = Colour("#5E6975", "constant-ink", "#97A3B0")

DIM_FILL = Colour("#FCFCFD", "dim-fill", "#171B21")
DIM_LINE = Colour("#D8DDE3", "dim-line", "#333C47")
DIM_INK = Colour("#9AA5B1", "dim-ink", "#66717E")
