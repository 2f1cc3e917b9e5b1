"""An amended visit beside itself: how each line of it read before, how it reads since, and which of them changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from strigil.clinic import tags
from strigil.clinic.actions.treat import snapshot
from strigil.clinic.models import Amendment, Moment, SaidBy, Visit


@dataclass(frozen=True, slots=True)
class Line:
    what: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Version:
    amendment: Amendment
    lines: tuple[Line, ...]

    @property
    def changes(self) -> int:
        return sum(one.changed for one in self.lines)


def versions(visit: Visit, amendments: Sequence[Amendment]) -> list[Version]:
    """Each amendment of a visit with both readings of it, newest first."""
    if not amendments:
        return []
    read = [lines_of(one.before) for one in amendments] + [lines_of(snapshot(visit))]
    found = [Version(one, tuple(_beside(read[place], read[place + 1]))) for place, one in enumerate(amendments)]
    return found[::-1]


def _beside(before: dict[str, str], after: dict[str, str]) -> Iterator[Line]:
    for what in dict.fromkeys([*before, *after]):
        yield Line(what, before.get(what, "not recorded"), after.get(what, "not recorded"))


def lines_of(kept: dict[str, Any]) -> dict[str, str]:
    """A kept visit line by line, in the words of its page. What an older version did not keep is not there."""
    pairs: list[tuple[str, str]] = [("Technique", tags.title_of(kept["technique"], "technique"))]
    pairs.append(("Phases", tags.phase_names(kept["phases_done"], kept["technique"])))
    pairs += [(tags.site_title(one), tags.dose_words(one)) for one in kept["treatments"]]
    pairs += [(f"{tags.site_title(one)}: force", tags.force_words(one)) for one in kept["treatments"]]
    pairs += [(f"{tags.site_title(one)}: found", tags.found_words(one)) for one in kept["treatments"]]
    pairs += [(_reading_name(one), _reading_words(one)) for one in kept["readings"]]
    pairs += _reactions(kept["reactions"])
    pairs.append(("What the instrument found", kept["found"]))
    pairs.append(("Exercise", kept["exercise"]))
    pairs.append(("Other care", tags.titles_of(kept["other_care"], "adjunct")))
    pairs.append(("Minutes", tags.minutes_words(kept.get("minutes", {}))))
    pairs.append(("Note", kept["note"]))
    return _apart((what, said) for what, said in pairs if said)


def _apart(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Two lines of one name are told apart by number: nothing is written over."""
    found: dict[str, str] = {}
    for what, said in pairs:
        name, number = what, 1
        while name in found:
            number += 1
            name = f"{what} ({number})"
        found[name] = said
    return found


def _reading_name(one: dict[str, Any]) -> str:
    moment = str(Moment(one["moment"]).label).lower()
    return ", ".join(part for part in (tags.measure_name(one["measure"]), one["detail"], one["side"], moment) if part)


def _reading_words(one: dict[str, Any]) -> str:
    said = [tags.in_unit_of(one["value"], one["measure"]), one["method"], one["device"]]
    said += [one.get("position", ""), one.get("version_of_form", "")]
    who = f"by {one['rater']}, {tags.day(one['on'])}" if one.get("rater") else ""
    return ", ".join(part for part in (*said, who) if part)


def _reactions(checks: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    if not checks:
        return [("Skin and symptoms", "not asked")]
    found = []
    for check in checks:
        seen = "; ".join(tags.reaction_words(one) for one in check["seen"])
        day = tags.day(check["on"]) if check.get("on") else ""
        by_patient = "said by the patient" if check.get("said_by") == SaidBy.PATIENT else ""
        said = ["none seen" if check["none_seen"] else seen or "not recorded", by_patient, check["note"], day]
        found.append((f"Skin and symptoms, {tags.when_word(check['when'])}", "; ".join(part for part in said if part)))
    return found
