"""A second evaluator of the screening rules: the plainest possible walk over the tables, straight from the YAML.

It shares nothing with ``strigil.pathway.screen`` (not even the loader), so that a mistake would have to be made twice
to pass unseen. It takes a case as ``strigil screen`` reads it and returns plain words. It is slow and does not try
to be anything else.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import yaml

LADDER = ["proceed", "modify", "avoid", "incomplete", "clearance", "hold", "stop", "refer", "emergency"]
"""From mild to severe."""


def read_tables(home: Path) -> dict[str, Any]:
    """The rules by finding, and what each region is a part of."""
    rules = {}
    for path in sorted((home / "red_flags").glob("*.yaml")):
        rules["red_flag_" + path.stem] = _read(path)
    for path in sorted((home / "contraindications").glob("*.yaml")):
        rules[path.stem] = _read(path)
    regions = {path.stem: _read(path) for path in sorted((home / "body_regions").glob("*.yaml"))}
    return {"rules": rules, "part_of": {name: region.get("part_of", []) for name, region in regions.items()}}


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506 - makes nothing but text


def plain_screen(case: dict[str, Any], tables: dict[str, Any]) -> dict[str, Any]:
    walk = _Walk(case, tables)
    places = case["sites"] if case["sites"] else [None]
    lines = []  # every consequence at every place: (rule, outcome, place, yes / no / open, findings that keep it open)
    for name, rule in tables["rules"].items():
        for consequence in rule["consequences"]:
            outcome = consequence["outcome"]
            if "cleared_to" in consequence and walk.cleared(name):
                outcome = consequence["cleared_to"]
            when = consequence.get("when", {"finding": name})
            if consequence["place"] == "everywhere":
                truth, open_findings = walk.holds(when, None)
                lines.append((name, outcome, "everywhere", truth, open_findings))
            else:
                for place in places:
                    truth, open_findings = walk.holds(when, place if place else "nowhere in particular")
                    lines.append((name, outcome, _key(place), truth, open_findings))

    sites, unasked = [], {}
    for place in places:
        here = [line for line in lines if line[2] in ("everywhere", _key(place))]
        worst = max([LADDER.index(line[1]) for line in here if line[3] == "yes"], default=0)
        worse = [line for line in here if line[3] == "open" and LADDER.index(line[1]) > worst]
        outcome = LADDER[worst]
        if worse and outcome in ("proceed", "modify", "avoid"):
            outcome = "incomplete"
        sites.append({"place": _key(place), "outcome": outcome, "complete": not worse})
        for line in worse:
            for finding in line[4]:
                unasked[finding] = max(unasked.get(finding, 0), LADDER.index(line[1]))
    return {
        "outcome": max((one["outcome"] for one in sites), key=LADDER.index),
        "complete": all(one["complete"] for one in sites),
        "sites": [(one["place"], one["outcome"], one["complete"]) for one in sites if one["place"]],
        "fired": {(line[0], line[1], line[2]) for line in lines if line[3] == "yes"},
        "unasked": {finding: LADDER[severity] for finding, severity in unasked.items()},
    }


def _key(place: Any) -> Any:
    return (place["region"], place["side"]) if place else None


class _Walk:
    def __init__(self, case: dict[str, Any], tables: dict[str, Any]) -> None:
        self.case = case
        self.rules = tables["rules"]
        self.part_of = tables["part_of"]
        self.answers: dict[str, list[dict[str, Any]]] = {name: [] for name in self.rules}
        for one in case["findings"]:
            self.answers[one["id"]].append(one)

    def days_before(self, day: str) -> int:
        return (datetime.date.fromisoformat(self.case["on"]) - datetime.date.fromisoformat(day)).days

    def cleared(self, name: str) -> bool:
        for one in self.case.get("clearances", []):
            if one["id"] == name and self.days_before(one["agreed_on"]) >= 0 >= self.days_before(one["until"]):
                return True
        return False

    # --- conditions: "yes", "no" or "open", and the findings to ask ---

    def holds(self, when: dict[str, Any], place: Any) -> tuple[str, set[str]]:
        if "all" in when or "any" in when:
            word, other = ("all", "no") if "all" in when else ("any", "yes")
            parts = [self.holds(part, place) for part in when[word]]
            if other in [truth for truth, _ in parts]:
                return other, set()
            if "open" in [truth for truth, _ in parts]:
                waiting = set().union(*(findings for truth, findings in parts if truth == "open"))
                if word == "all" and waiting & set(self.rules):
                    waiting &= set(self.rules)  # technique, site and age matter only once the findings are known
                return "open", waiting
            return ("yes" if other == "no" else "no"), set()
        if "site_within" in when:
            if not isinstance(place, dict):
                return "open", {"site"}
            return self.yes_or_no(any(self.inside(place["region"], other) for other in when["site_within"]))
        if "technique" in when:
            if self.case.get("technique") is None:
                return "open", {"technique"}
            return self.yes_or_no(self.case["technique"] in when["technique"])
        if "age_under" in when:
            if self.case["patient"]["born"] is None:
                return "open", {"born"}
            born, on = self.case["patient"]["born"], self.case["on"]
            years = int(on[:4]) - int(born[:4]) - (1 if on[5:] < born[5:] else 0)
            return self.yes_or_no(years < int(when["age_under"]))
        return self.finding_holds(when, place)

    def yes_or_no(self, truth: bool) -> tuple[str, set[str]]:
        return ("yes" if truth else "no"), set()

    def finding_holds(self, when: dict[str, Any], place: Any) -> tuple[str, set[str]]:
        name = when["finding"]
        not_asked = self.case["patient"]["sex"] in self.rules[name].get("not_asked_of_sex", [])
        if not_asked and not self.answers[name]:
            return "no", set()
        if isinstance(place, dict):
            state, yeses = self.state_here(name, place)
        else:
            state, yeses = self.state_of_person(name)
        if state == "unknown":
            return "open", {name}
        if state == "no":
            return "no", set()
        if "since_under_days" in when:
            limit = int(when["since_under_days"])
            yeses = [one for one in yeses if not one.get("since") or self.days_before(one["since"]) < limit]
        if "within" in when and yeses:
            inside = [
                "open"
                if not one.get("site")
                else "yes"
                if any(self.inside(one["site"]["region"], other) for other in when["within"])
                else "no"
                for one in yeses
            ]
            for truth in ("yes", "open", "no"):
                if truth in inside:
                    return truth, {name} if truth == "open" else set()
        return self.yes_or_no(bool(yeses))

    # --- what is known of a finding ---

    def current(self, name: str) -> list[dict[str, Any]]:
        valid = int(self.rules[name]["valid_days"])
        return [one for one in self.answers[name] if 0 <= self.days_before(one["asked_on"]) <= valid]

    def newest(self, answers: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
        """The newest day's answer; unknown where there is none or that day disagrees."""
        if not answers:
            return "unknown", []
        last = max(one["asked_on"] for one in answers)
        of_that_day = [one for one in answers if one["asked_on"] == last]
        said = {one["answer"] for one in of_that_day}
        return (said.pop(), of_that_day) if len(said) == 1 else ("unknown", of_that_day)

    def about(self, name: str, place: Any) -> list[dict[str, Any]]:
        """The current answers that speak of a place.

        All of a systemic finding, and those without a place. Of the others: a no speaks of what lies wholly in its
        place, a yes or an unknown of all that its place meets.
        """
        if self.rules[name]["scope"] == "systemic":
            return self.current(name)
        found = []
        for one in self.current(name):
            if not one.get("site"):
                found.append(one)
            elif place and one["answer"] == "no":
                if one["site"]["side"] == place["side"] and self.inside(place["region"], one["site"]["region"]):
                    found.append(one)
            elif place and self.meet(one["site"], place):
                found.append(one)
        return found

    def said_of_each_place(self, name: str) -> list[tuple[str, list[dict[str, Any]]]]:
        return [self.newest(self.about(name, one.get("site"))) for one in self.current(name)]

    def state_here(self, name: str, place: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        answers = self.about(name, place)
        if answers:
            return self.newest(answers)
        elsewhere = {state for state, _ in self.said_of_each_place(name)}
        if "yes" in elsewhere and "unknown" not in elsewhere:
            return "no", []  # a yes that names other places, and those only
        return "unknown", []

    def state_of_person(self, name: str) -> tuple[str, list[dict[str, Any]]]:
        said = self.said_of_each_place(name)
        yeses = [one for state, answers in said if state == "yes" for one in answers]
        if yeses:
            return "yes", yeses
        if "unknown" in [state for state, _ in said]:
            return "unknown", []
        if self.case["sites"]:
            states = [self.state_here(name, place)[0] for place in self.case["sites"]]
        else:
            states = [self.newest(self.about(name, None))[0]]
        return ("no" if set(states) == {"no"} else "unknown"), []

    # --- places ---

    def inside(self, region: str, other: str) -> bool:
        return region == other or any(self.inside(outer, other) for outer in self.part_of[region])

    def meet(self, one: dict[str, Any], other: dict[str, Any]) -> bool:
        if {one["side"], other["side"]} == {"left", "right"}:
            return False
        return self.inside(one["region"], other["region"]) or self.inside(other["region"], one["region"])
