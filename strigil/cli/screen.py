"""``strigil screen``: one case, or with ``--many`` a file with one case a line."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from strigil.cli.base import BadInput, print_json, read_small, shown
from strigil.knowledge import Knowledge, KnowledgeError, load


def run(arguments: argparse.Namespace) -> int:
    """Decide about a case: outcome, reasons with their sources, and what is still unasked."""
    try:
        shelf = load()
    except KnowledgeError as error:
        print(f"strigil: the shelf has faults, so nothing is decided: {error.faults[0]}", file=sys.stderr)
        return 1
    if arguments.many:
        from strigil.cli.many import run_many

        return run_many(arguments, shelf)
    if arguments.out:
        raise BadInput("no place for one result; where: --out; given: no --many; allowed: --many with --out")
    return _one(arguments, shelf)


def _one(arguments: argparse.Namespace, shelf: Knowledge) -> int:
    from strigil.pathway.screen import screen
    from strigil.pathway.screen.json import CaseError, case_from_json, decision_to_json, loads

    try:
        case = case_from_json(loads(read_small(arguments.case, "a JSON file"), shown(arguments.case)), shelf)
    except CaseError as error:
        raise BadInput(str(error)) from None
    result = decision_to_json(screen(case, shelf), shelf)
    if arguments.json:
        print_json(result)
    else:
        _print_decision(result)
    return 1 if result["outcome"] == "error" else 0


def _print_decision(result: dict[str, Any]) -> None:
    print(f"outcome: {result['outcome']}{'' if result['complete'] else ' (questions are open)'}")
    if "error" in result:
        print(result["error"])
    for site in result["sites"]:
        print(f"  {site['region']}, {site['side']}: {site['outcome']}")
    for reason in result["reasons"]:
        print(f"- {reason['outcome']}: {reason['title']}. {reason['why']} ({len(reason['sources'])} sources)")
    if result["unasked"]:
        print(f"still to ask ({len(result['unasked'])}):")
    for one in result["unasked"]:
        print(f"- could be {one['could_be']}: {one['question']}")
