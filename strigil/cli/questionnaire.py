"""``strigil questionnaire``: whether a file could be filled in and scored here."""

from __future__ import annotations

import argparse
import sys

from strigil.cli.base import BadInput, print_json, read_small, shown
from strigil.knowledge import load
from strigil.knowledge.shapes import Measure


def run(arguments: argparse.Namespace) -> int:
    """Check a FHIR R4 Questionnaire as the page that loads one does. Nothing is loaded. Every fault is said."""
    from strigil.pathway.questionnaire import Faulty, fit, read

    measure = load().shelf(Measure).get(arguments.measure)
    if measure is None:
        raise BadInput(f"no such measure; given: {shown(arguments.measure)}; allowed: an id of the shelf measures")
    try:
        found = read(read_small(arguments.file, "a JSON file"))
        fit(found, measure, load())
    except Faulty as wrong:
        if arguments.json:
            print_json({"usable": False, "faults": list(wrong.faults)})
        else:
            print("\n".join(f"strigil: {fault}" for fault in wrong.faults), file=sys.stderr)
        return 2
    told = {"title": found.title, "version": found.version, "canonical": found.edition, "measure": measure.id}
    if arguments.json:
        print_json({"usable": True, "questions": len(found.questions)} | told)
    else:
        print(f"{found.title}, version {found.version}\n  {found.edition}")
        print(f"  questions: {len(found.questions)}, scored as {measure.title}")
    return 0
