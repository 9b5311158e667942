"""Print one table of what is fast and what is not, measured now on this machine."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time

from benchmarks.rounds import FULL, QUICK
from benchmarks.rows import Row, table
from benchmarks.sections import SECTIONS, measured_alone


def main() -> int:
    options = _arguments()
    begun = time.monotonic()
    rows: list[Row] = []
    for section in options.only or SECTIONS:
        print(f"Measuring {section} ...", file=sys.stderr)
        rows += measured_alone(section, QUICK if options.quick else FULL)
    print(table(rows))
    print("\nMedians of all rounds, with the least and the most; ratios are of single rounds, taken A B A B ...")
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, took {time.monotonic() - begun:.0f} s.")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="one section; may be given again")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
