"""The score of each room, and the faults that nobody noticed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from equivalent import EQUIVALENT


def judged(records: Sequence[dict[str, Any]]) -> str:
    """Return `noticed of planted`, without the faults that change nothing anybody could notice."""
    counted = [record for record in records if not _reason(record)]
    noticed = sum(bool(record["noticed"]) for record in counted)
    share = 100.0 * noticed / len(counted) if counted else 100.0
    return f"{noticed} of {len(counted)} noticed, {share:.0f} %"


def table(records: Sequence[dict[str, Any]], sample: int) -> str:
    """Return the scores as a page of Markdown."""
    lines = ["# Faults planted, faults noticed", "", _INTRODUCTION.format(sample=sample), ""]
    lines += ["| room | possible | planted | noticed | change nothing | not noticed | score |"]
    lines += ["|---|--:|--:|--:|--:|--:|--:|"]
    rooms = list(dict.fromkeys(record["room"] for record in records))
    for room in (*rooms, None):
        mine = [record for record in records if room in (None, record["room"])]
        noticed = sum(bool(record["noticed"]) for record in mine)
        same = sum(bool(_reason(record)) for record in mine)
        missed = len(mine) - noticed - same
        score = 100.0 * noticed / max(1, len(mine) - same)
        there = sum({record["room"]: record["of"] for record in mine}.values())
        name = room or "**all**"
        lines.append(
            f"| {name} | {there} | {len(mine)} | {noticed} | {same} | {missed} | {score:.0f} % |"
        )
    for title, wanted in (("Not noticed", False), ("Change nothing anybody could notice", True)):
        lines += ["", f"## {title}", ""]
        for record in records:
            reason = _reason(record)
            if not record["noticed"] and bool(reason) == wanted:
                change = f"`{_short(record['before'])}` → `{_short(record['after'])}`"
                place = f"{record['module']}:{record['line']}"
                because = f": {reason}" if reason else ""
                lines.append(f"- {place} ({record['kind']}): {change}{because}")
    return "\n".join(lines) + "\n"


def _reason(record: dict[str, Any]) -> str:
    if record["noticed"]:
        return ""
    return EQUIVALENT.get((record["module"], record["before"], record["after"]), "")


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 90 else words[:87] + "..."


_INTRODUCTION = """\
`python tests/benchmarks/mutation/run.py` plants small faults, {sample} drawn by chance per room,
and runs that room's tests (`rooms.py`) on each. The score leaves out the faults read one by one and
found to change nothing that anybody could notice; `equivalent.py` gives the reason for each."""
