"""Long statements on several lines, broken between words and never inside one.

The words are what single spaces separate. Emitters write no space where a line must not end.
"""

from __future__ import annotations

WIDTH = 96
INDENT = "    "
HARD_SPACE = "\0"  # inside a dict's key or a declaration: no place to break a line


def broken(text: str, first: str = "", later: str = INDENT, width: int = WIDTH) -> list[str]:
    """Return text on lines of so many characters; a longer word has a line to itself.

    Args:
        text: Words with spaces between them.
        first: In front of the first line.
        later: In front of each other.
        width: Of a line.

    Example:
        >>> broken("f(double a, double b)", width=16)
        ['f(double a,', '    double b)']
    """
    word, *words = text.split(" ")
    lines, line = [], first + word
    for word in words:
        if len(line) + 1 + len(word) <= width:
            line += " " + word
        else:
            lines.append(line)
            line = later + word
    return [*lines, line]


def statement_lines(statement: str) -> list[str]:
    """Return an indented statement; what it begins with stays beside its first operand.

    A line that ended after `return` or `=` would end the statement in Python, and after `return` in
    JavaScript.

    Example:
        >>> statement_lines("return " + "a" * 95)[0][:14]
        '    return aaa'
    """
    if len(INDENT) + len(statement) <= WIDTH or " " not in statement:
        return [INDENT + statement]
    separator = " = " if " = " in statement else " "
    head, _, rest = statement.partition(separator)
    return broken(rest, INDENT + head + separator, 2 * INDENT)


__all__ = ["HARD_SPACE", "INDENT", "WIDTH", "broken", "statement_lines"]
