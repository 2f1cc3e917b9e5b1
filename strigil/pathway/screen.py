"""Screen: may this patient be treated, at this site, today?

Facts, knowledge and a date go in; one outcome for the patient and one for each site come out, each with its reasons,
and with what still has to be asked. Logic is three-valued (Kleene 1952): a condition over a question without a
current answer is neither true nor false, and a consequence that hangs on it counts as something that could yet happen.

What a yes means stands in ``knowledge/contraindications`` and ``knowledge/red_flags``; this module only applies it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import BodyRegion, Condition, Consequence, ScreeningRule
from strigil.pathway.facts import (
    Answer,
    AnswerValue,
    Case,
    Decision,
    Missing,
    Outcome,
    Reason,
    Side,
    Site,
    SiteOutcome,
    Unasked,
    most_severe,
)


def screen(case: Case, knowledge: Knowledge) -> Decision:
    """Decide for the patient and for each site.

    The most severe consequence that holds wins. Where it would permit treatment while an unanswered question could
    make it worse, the outcome is ``incomplete``; where it already forbids treatment it stands, and ``complete`` says
    that more could come. Without sites the decision is for the patient as a whole.
    """
    resolver = _Resolver(case, knowledge)
    reasons: list[Reason] = []
    possible: list[_Possible] = []
    places: Sequence[Site | None] = case.sites or (None,)
    for name, rule in knowledge.rules.items():
        for consequence in rule.consequences:
            everywhere = consequence.place == "everywhere"
            for place in (None,) if everywhere else places:
                truth = resolver.truth(consequence.when or Condition(finding=name), place, everywhere)
                outcome, cleared = _after_clearance(case, name, consequence)
                if truth.value is True:
                    site = None if everywhere else place
                    reasons.append(Reason(name, outcome, truth.findings, consequence.why, site, cleared))
                elif truth.value is None:
                    possible.append(_Possible(outcome, None if everywhere else place, truth.missing))
    results = [_at(place, reasons, possible) for place in places]
    return Decision(
        outcome=most_severe(*(result.outcome for result in results)),
        complete=all(result.complete for result in results),
        sites=tuple(
            SiteOutcome(site, result.outcome, result.complete)
            for site, result in zip(case.sites, results, strict=False)
        ),
        reasons=tuple(sorted(reasons, key=lambda reason: -reason.outcome.severity)),
        unasked=_unasked(case, knowledge, resolver, results),
        knowledge_version=knowledge.version,
        knowledge_sha256=knowledge.sha256,
    )


class _Possible(NamedTuple):
    """A consequence that nobody can yet rule out."""

    outcome: Outcome
    site: Site | None
    missing: tuple[str, ...]


class _Result(NamedTuple):
    outcome: Outcome
    complete: bool
    worse: tuple[_Possible, ...]


def _at(place: Site | None, reasons: Iterable[Reason], possible: Iterable[_Possible]) -> _Result:
    fired = most_severe(*(reason.outcome for reason in reasons if reason.site in (None, place)))
    worse = tuple(one for one in possible if one.site in (None, place) and one.outcome.severity > fired.severity)
    outcome = Outcome.INCOMPLETE if worse and fired.permits_treatment else fired
    return _Result(outcome, not worse, worse)


def _after_clearance(case: Case, name: str, consequence: Consequence) -> tuple[Outcome, bool]:
    """What remains of a consequence once a physician has agreed to it."""
    outcome = Outcome(consequence.outcome)
    agreed = consequence.cleared_to is not None and any(
        clearance.finding == name and clearance.agreed_on <= case.on <= clearance.until for clearance in case.clearances
    )
    return (Outcome(consequence.cleared_to), True) if agreed and consequence.cleared_to else (outcome, False)


def _unasked(case: Case, knowledge: Knowledge, resolver: _Resolver, results: Iterable[_Result]) -> tuple[Unasked, ...]:
    worst: dict[str, Outcome] = {}
    for result in results:
        for one in result.worse:
            for finding in one.missing:
                worst[finding] = most_severe(worst.get(finding, Outcome.PROCEED), one.outcome)
    order = {name: place for place, name in enumerate(knowledge.rules)}
    asked = sorted(worst, key=lambda finding: (-worst[finding].severity, order[finding]))
    return tuple(
        Unasked(finding, knowledge.rules[finding].question, worst[finding], *resolver.why_missing(finding))
        for finding in asked
    )


# --- Three-valued conditions ------------------------------------------------------------------------------------


class _Truth(NamedTuple):
    """True, False or None (unknown), the findings that made it true, and those that keep it unknown."""

    value: bool | None
    findings: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Held:
    """The state of a finding at a place."""

    value: AnswerValue
    answers: tuple[Answer, ...] = ()


class _Resolver:
    """Reads the case's answers the way the rules need them, once for each finding and place."""

    def __init__(self, case: Case, knowledge: Knowledge) -> None:
        self.case = case
        self.rules = knowledge.rules
        self.regions = knowledge.shelf(BodyRegion)
        self.answers: dict[str, list[Answer]] = {}
        for answer in case.answers:
            self.answers.setdefault(answer.finding, []).append(answer)
        self._held: dict[tuple[str, Site | None, bool], _Held] = {}

    def truth(self, condition: Condition, place: Site | None, everywhere: bool) -> _Truth:
        if condition.all:
            return _conjunction([self.truth(part, place, everywhere) for part in condition.all])
        if condition.any:
            return _disjunction([self.truth(part, place, everywhere) for part in condition.any])
        if condition.finding:
            return self._finding(condition, place, everywhere)
        if condition.site_within:
            return _Truth(None if place is None else self._within(place.region, condition.site_within))
        if condition.technique:
            return _Truth(self.case.technique in condition.technique if self.case.technique else None)
        age = age_on(self.case.born, self.case.on)
        return _Truth(None if age is None or condition.age_under is None else age < condition.age_under)

    def _finding(self, condition: Condition, place: Site | None, everywhere: bool) -> _Truth:
        name = condition.finding or ""
        rule = self.rules[name]
        if self.case.sex in rule.not_asked_of_sex and name not in self.answers:
            return _Truth(False)
        held = self.held(name, place, everywhere)
        if held.value is AnswerValue.NO:
            return _Truth(False)
        if held.value is AnswerValue.UNKNOWN:
            return _Truth(None, (), (name,))
        yes = [answer for answer in held.answers if self._recent(answer, condition.since_under_days)]
        if not yes:
            return _Truth(False)
        if condition.within:
            places = [self._answer_within(answer, condition.within) for answer in yes]
            if True not in places:
                return _Truth(None, (), (name,)) if None in places else _Truth(False)
        return _Truth(True, (name,))

    def _recent(self, answer: Answer, days: int | None) -> bool:
        """An unknown beginning counts as recent: the dangerous reading."""
        return days is None or answer.since is None or (self.case.on - answer.since).days < days

    def _answer_within(self, answer: Answer, regions: Iterable[str]) -> bool | None:
        return None if answer.site is None else self._within(answer.site.region, regions)

    def _within(self, region: str, regions: Iterable[str]) -> bool:
        return any(self._same_or_inside(region, other) for other in regions)

    # --- What is held about a finding ---

    def held(self, name: str, place: Site | None, everywhere: bool) -> _Held:
        """The newest current answer about a finding at a place, or anywhere at all."""
        key = (name, place, everywhere)
        if key not in self._held:
            self._held[key] = self._anywhere(name) if everywhere or place is None else self._here(name, place)
        return self._held[key]

    def _anywhere(self, name: str) -> _Held:
        """Yes wherever it is yes; no only where it is no for the whole person or at every site in question.

        A place that was spoken of and whose newest day disagrees, or says unknown, keeps the person unknown.
        """
        spoken_of = [self._newest(name, location) for location in {answer.site for answer in self._current(name)}]
        yes = tuple(answer for one in spoken_of if one.value is AnswerValue.YES for answer in one.answers)
        if yes:
            return _Held(AnswerValue.YES, yes)
        if any(one.value is AnswerValue.UNKNOWN for one in spoken_of):
            return _Held(AnswerValue.UNKNOWN)
        held = [self._here(name, site) for site in self.case.sites] or [self._newest(name, None)]
        known = all(one.value is AnswerValue.NO for one in held)
        return _Held(AnswerValue.NO if known else AnswerValue.UNKNOWN)

    def _here(self, name: str, site: Site) -> _Held:
        newest = self._newest(name, site)
        if not newest.answers and self._only_elsewhere(name):
            return _Held(AnswerValue.NO)
        return newest

    def _only_elsewhere(self, name: str) -> bool:
        """A current yes that names its places answers for the other places too: the question asks about all of them."""
        current = self._current(name)
        return (
            bool(current)
            and all(one.site is not None for one in current)
            and any(one.answer is AnswerValue.YES for one in current)
        )

    def _newest(self, name: str, site: Site | None) -> _Held:
        """Of the current answers that speak of the place the newest day's; unknown where that day disagrees."""
        current = [one for one in self._current(name) if self._speaks_of(one, site)]
        if not current:
            return _Held(AnswerValue.UNKNOWN)
        day = max(one.asked_on for one in current)
        newest = tuple(one for one in current if one.asked_on == day)
        values = {one.answer for one in newest}
        return _Held(values.pop() if len(values) == 1 else AnswerValue.UNKNOWN, newest)

    def _current(self, name: str) -> list[Answer]:
        valid = self.rules[name].valid_days
        return [one for one in self.answers.get(name, ()) if 0 <= (self.case.on - one.asked_on).days <= valid]

    def _speaks_of(self, answer: Answer, site: Site | None) -> bool:
        if answer.site is None or self.rules[answer.finding].scope == "systemic":
            return True
        return site is not None and self._touches(answer.site, site)

    def _touches(self, one: Site, other: Site) -> bool:
        sides = one.side == other.side or {one.side, other.side} & {None, Side.MIDLINE}
        return bool(sides) and (
            self._same_or_inside(one.region, other.region) or self._same_or_inside(other.region, one.region)
        )

    def _same_or_inside(self, region: str, other: str) -> bool:
        if region == other:
            return True
        return any(self._same_or_inside(parent, other) for parent in self.regions[region].part_of)

    def why_missing(self, name: str) -> tuple[Missing, date | None]:
        """Why a finding counts as unknown, and when it was last asked."""
        answers = [one for one in self.answers.get(name, ()) if one.asked_on <= self.case.on]
        if not answers:
            return Missing.NEVER_ASKED, None
        last = max(one.asked_on for one in answers)
        if not self._current(name):
            return Missing.STALE, last
        values = {one.answer for one in answers if one.asked_on == last}
        if AnswerValue.YES in values and AnswerValue.NO in values:
            return Missing.CONFLICTING, last
        return Missing.NOT_KNOWN, last


def _conjunction(parts: Sequence[_Truth]) -> _Truth:
    if any(part.value is False for part in parts):
        return _Truth(False)
    if any(part.value is None for part in parts):
        return _Truth(None, (), _unique(name for part in parts for name in part.missing))
    return _Truth(True, _unique(name for part in parts for name in part.findings))


def _disjunction(parts: Sequence[_Truth]) -> _Truth:
    true = [part for part in parts if part.value is True]
    if true:
        return _Truth(True, _unique(name for part in true for name in part.findings))
    if any(part.value is None for part in parts):
        return _Truth(None, (), _unique(name for part in parts for name in part.missing))
    return _Truth(False)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def age_on(born: date | None, on: date) -> int | None:
    """Whole years; None where the date of birth is not known."""
    if born is None:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def questions(knowledge: Knowledge, sex: str) -> list[tuple[str, ScreeningRule]]:
    """Every question to put to a person, most dangerous first."""
    asked = [(name, rule) for name, rule in knowledge.asked.items() if sex not in rule.not_asked_of_sex]
    return sorted(asked, key=lambda pair: -Outcome(pair[1].consequences[0].outcome).severity)
