"""How often the gradient checker is wrong: random functions, right gradients and broken ones.

    python tests/benchmarks/checker_errors.py --cases 100000 --write tests/benchmarks/CHECKER.md
    python tests/benchmarks/checker_errors.py --cases 2000 --peers
    python tests/benchmarks/checker_errors.py --seed 4711

Case k is drawn from seed k alone, so that every one can be looked at again: `--seed`.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().with_name("checker")))

from checker_cases import KINDS, PRECISION, Case
from checker_drawing import broken_claim, drawn, is_wrong
from checker_peers import PEERS

from autograd import GradientError, check_gradient

OURS = "ours"
FALSE_PASS, FALSE_FAIL, UNDECIDED = "false PASS", "false FAIL", "INCONCLUSIVE"
_LISTED = 8
_TITLES = {OURS: "This checker"}


def verdicts(case: Case, claim: list[float]) -> tuple[list[str], str]:
    """Return the checker's verdict on every input, and on all."""
    try:
        report = check_gradient(case.f, claim, case.point, f_error=case.f_error)
    except GradientError as error:
        report = error.report
    return [row.verdict for row in report.comparisons], report.verdict


def errors_of(case: Case, claim: list[float]) -> str:
    """Return what is wrong with the verdicts on a claim; "" if nothing is."""
    try:
        found, _ = verdicts(case, claim)
    except ArithmeticError as error:
        return f"raised {error!r}"
    worst = ""
    for i, verdict in enumerate(found):
        away, scale = case.deviation(claim, i), case.scale(i)
        precision = 1e-2 if case.f_error else PRECISION
        if verdict in ("PASS", "KINK") and away > 2.0 * precision * scale:
            return FALSE_PASS
        if verdict == "FAIL" and away <= 1e-12 * scale:
            return FALSE_FAIL
        if verdict == "INCONCLUSIVE" and _can_decide(case, claim, i):
            worst = UNDECIDED
    return worst


def _can_decide(case: Case, claim: list[float], i: int) -> bool:
    # What an analyst could: noise over a step of a twentieth of x, beside what has to be seen.
    if not case.decidable or math.isnan(case.low[i]):
        return False
    away, scale = case.deviation(claim, i), case.scale(i)
    visible = 100.0 * case.noise / (0.05 * case.reach * (abs(case.point[i]) or 1.0))
    if away <= 1e-10 * scale:
        return visible <= (1e-2 if case.f_error else PRECISION) * scale
    return away > 1e-6 * scale and away > visible


def tried(seed: int, with_peers: bool) -> dict[str, list[tuple[str, str, str]]]:
    """Return, by checker, what happened on the case of a seed: kind, claim, error."""
    case = drawn(seed)
    claims = [("right", case.claims["right"])] if "right" in case.claims else []
    broken = broken_claim(case, random.Random(seed))
    claims += [broken] if broken else []
    found = {OURS: [(case.kind, way, errors_of(case, claim)) for way, claim in claims]}
    if with_peers:
        for name, accepts in PEERS.items():
            rows = []
            for way, claim in claims:
                accepted = accepts(case, claim)
                error = FALSE_PASS if accepted and is_wrong(case, claim) else ""
                if not accepted and way == "right" and (case.decidable or case.kind == "rounded"):
                    error = FALSE_FAIL
                rows.append((case.kind, way, error))
            found[name] = rows
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print the table, write it if asked; 1 if there is a false verdict."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=2000, help="how many seeds, from 0 on")
    parser.add_argument("--seed", type=int, help="only this one, in full")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument(
        "--peers", action="store_true", help="PyTorch and SciPy too, where they are"
    )
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="stop drawing after so long")
    parser.add_argument("--write", type=Path, help="where to write the table")
    options = parser.parse_args(arguments)
    if options.seed is not None:
        return _shown(options.seed)
    started, rows, cases = time.time(), {}, 0
    seeds = range(options.first, options.first + options.cases)
    with ProcessPoolExecutor(options.processes) as pool:
        for start in range(0, len(seeds), 500):
            if time.time() - started > 60.0 * options.minutes:
                break
            part = seeds[start : start + 500]
            results = pool.map(tried, part, repeat(options.peers), chunksize=25)
            for seed, found in zip(part, results, strict=True):
                cases += 1
                for name, outcomes in found.items():
                    rows.setdefault(name, []).extend((seed, *outcome) for outcome in outcomes)
    text = table(rows, cases, time.time() - started, options.first)
    print(text)
    if options.write:
        options.write.write_text(text + "\n", encoding="utf-8")
    return int(any(row[3] in (FALSE_PASS, FALSE_FAIL) for row in rows[OURS]))


def table(
    rows: dict[str, list[tuple[int, str, str, str]]], cases: int, seconds: float, first: int
) -> str:
    """Return the outcome as Markdown."""
    lines = [
        "# How often the gradient checker is wrong",
        "",
        f"`python tests/benchmarks/checker_errors.py --first {first} --cases {cases}`: random "
        f"functions from seeds {first} to {first + cases - 1}, each with a right gradient and with "
        f"one broken in one of twenty ways; {len(rows[OURS])} claims, {seconds / 60:.0f} minutes. "
        "Truth: one-sided differences in 100 digits.",
        "",
        "- false PASS: a claim that is off by more than twice the precision (1e-7), confirmed",
        "- false FAIL: a right claim (to 1e-12) that is called wrong",
        "- INCONCLUSIVE: where noise would have let an analyst decide, right or wrong",
        "",
    ]
    for name, found in rows.items():
        lines += [
            f"## {_TITLES.get(name, name)}",
            "",
            "| kind | claims | false PASS | false FAIL | INCONCLUSIVE |",
        ]
        lines += ["|---|---:|---:|---:|---:|"]
        for kind in (*KINDS, "all"):
            of_kind = [row for row in found if kind in (row[1], "all")]
            count = Counter(row[3] for row in of_kind)
            share = f"{100.0 * count[UNDECIDED] / max(len(of_kind), 1):.2f} %"
            cells = (kind, len(of_kind), count[FALSE_PASS], count[FALSE_FAIL], share)
            lines.append(f"| {' | '.join(map(str, cells))} |")
        lines.append("")
        for error in (FALSE_PASS, FALSE_FAIL, "raised", UNDECIDED):
            seeds = [f"{row[0]} ({row[2]})" for row in found if row[3].startswith(error)]
            if seeds and name == OURS:
                more = f", and {len(seeds) - _LISTED} more" if len(seeds) > _LISTED else ""
                lines += [f"{error}: seeds {', '.join(seeds[:_LISTED])}{more}", ""]
    return "\n".join(lines).rstrip()


def _shown(seed: int) -> int:
    case = drawn(seed)
    print(f"{case.kind} at {case.point}, noise {case.noise:.1g}: {case.low} to {case.high}")
    for way, claim in case.claims.items():
        error = errors_of(case, claim)
        print(f"{way:20s} {claim}  {verdicts(case, claim)[0]}  {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
