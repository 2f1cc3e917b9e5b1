"""``strigil audit``: whether the log is whole, where it stands, and a new key for it."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from strigil.cli.base import print_json, there, use_django, use_record

if TYPE_CHECKING:
    from strigil.accounts.audit.verify import Report


def run(arguments: argparse.Namespace) -> int:
    """Verify the log, anchor it outside the database, or give it a new key."""
    if arguments.do == "new-key":
        use_django()  # before a backup is restored whose key is lost, there is no record
    else:
        use_record()
    from strigil.accounts.audit.keys import NoKey
    from strigil.accounts.audit.verify import NoAnchor

    try:
        return {"verify": _verify, "anchor": _anchor, "new-key": _new_key}[arguments.do](arguments)
    except (NoKey, NoAnchor) as error:
        print(f"strigil: {error}", file=sys.stderr)
        return 1


def _verify(arguments: argparse.Namespace) -> int:
    from strigil.accounts.audit import verify

    named = arguments.anchors and there(arguments.anchors, "what audit anchor wrote", pipe=True)
    file = named or verify.anchors_file()
    anchors = verify.read_anchors(file) if file.exists() else []
    report = verify.verify(anchors=anchors, every_row=arguments.rows)
    if arguments.json:
        print_json(asdict(report) | {"holds": report.holds})
    else:
        _say(report, arguments.rows)
    return 0 if report.holds else 1


def _say(report: Report, every_row: bool) -> None:
    for fault in report.faults:
        print(f"broken: {fault}")
    for trigger in report.triggers:
        print(f"broken: the trigger {trigger}")
    print(f"{report.lines} lines of {report.clinics} chains hold, {report.anchors} of them anchored")
    if every_row:
        print(
            f"{report.rows} rows looked at, {report.older} of them older than the log, "
            f"{report.unshaped} not comparable since their table changed"
        )
    if report.waiting:
        print(f"{report.waiting} writes past the application wait for their line; the next one that is saved adds it")


def _anchor(arguments: argparse.Namespace) -> int:
    from strigil.accounts.audit import verify

    file = arguments.anchors or verify.anchors_file()
    found = verify.anchor(file)
    if arguments.json:
        print_json(found)
    else:
        print(f"{len(found)} chains are anchored in {file}")
    return 0


def _new_key(arguments: argparse.Namespace) -> int:
    from strigil.accounts.audit import keys
    from strigil.accounts.audit.events import change_key
    from strigil.keep.faults import Unable
    from strigil.keep.tables import check_there

    try:
        check_there()
    except Unable:
        old, new = keys.add()  # before a backup is restored whose key is lost
    else:
        old, new = change_key()
    if arguments.json:
        print_json({"old": old, "new": new})
    else:
        print(f"Key {new} seals from now on.")
        if old != "none":
            print(f"Key {old} stays in the file, to read what it sealed.")
    return 0
