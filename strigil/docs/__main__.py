"""The command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from strigil.docs import HOME, faults, write


def main(argv: Sequence[str] | None = None) -> int:
    """Write or check, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m strigil.docs", description="Write or check the documentation.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--write", action="store_true", help="make the generated pages anew")
    what.add_argument("--check", action="store_true", help="fail where the documentation is not true")
    arguments = parser.parse_args(argv)
    if not (HOME / "docs").is_dir():
        print("strigil.docs: no docs/ beside the package; run it in a checkout", file=sys.stderr)
        return 2
    if arguments.write:
        for path in write():
            print(path)
        return 0
    found = faults()
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
