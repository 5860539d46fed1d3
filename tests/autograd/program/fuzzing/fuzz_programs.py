"""Hours of the differential fuzzer: python tests/autograd/program/fuzzing/fuzz_programs.py"""

from __future__ import annotations

import argparse
import collections
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

from tests.autograd.program.fuzzing.campaign import campaign, smallest

_AT_A_TIME = 50


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to go on")
    parser.add_argument("--seed", type=int, default=0, help="the first recipe's")
    parser.add_argument("--most", type=int, default=3, help="findings of a kind to show")
    asked = parser.parse_args()
    counts, kinds = collections.Counter(), collections.Counter()
    end = time.monotonic() + asked.seconds
    seed = asked.seed
    while time.monotonic() < end:
        for finding in campaign(range(seed, seed + _AT_A_TIME), counts):
            kind = finding.mode.replace(" again", ""), finding.verdict
            kinds[kind] += 1
            if kinds[kind] <= asked.most:
                print(smallest(finding), end="\n\n", flush=True)
        seed += _AT_A_TIME
    print(f"seeds {asked.seed} to {seed - 1}")
    for verdict, count in counts.most_common():
        print(f"{count:8}  {verdict}")
    for (mode, verdict), count in kinds.most_common():
        print(f"{count:8}  NOT DOCUMENTED  {mode}: {verdict}")
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
