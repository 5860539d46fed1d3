"""The colours of every picture, chosen to stay apart for colour-blind readers and in grey.

Paths take the palette of Okabe and Ito (2008), darkened so that numbers can be set in it. Text
keeps a contrast of at least 4.5 to 1 on its background, unless it is dimmed on purpose.
"""

from __future__ import annotations

PATHS = ("#0072B2", "#C25100", "#007A5A", "#A8437F", "#806000", "#5A5A5A")
MANY_PATHS = "#0072B2"

INK = "#1F2933"
QUIET_INK = "#616E7C"
LINE = "#52606D"
PAPER = "#FFFFFF"

COMPUTED_FILL = "#FFFFFF"
OPERATION_FILL = "#E9EDF2"
PARAMETER_FILL = "#FFF4D1"
PARAMETER_LINE = "#A87900"
CONSTANT_FILL = "#F6F7F9"
CONSTANT_LINE = "#BCC4CE"
CONSTANT_INK = "#66717E"

DIM_FILL = "#FCFCFD"
DIM_LINE = "#D8DDE3"
DIM_INK = "#9AA5B1"
