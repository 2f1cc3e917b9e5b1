"""From answers to atoms: what is known, here and anywhere, on the day of the screen.

Bits stand for places. Bit 0 is the patient as a whole ("anywhere"); bit 1 on are the sites to be treated, in order. A
case without sites has one bit beside bit 0, which sees what bit 0 sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from strigil.pathway.facts import Answer, AnswerValue, Case, Missing, Side, Site
from strigil.pathway.screen.rules import Atom, Rules

YES, NO, UNKNOWN = AnswerValue.YES, AnswerValue.NO, AnswerValue.UNKNOWN


class Held(NamedTuple):
    """T and F of every atom, each an integer of one bit a place; ``mask`` has every place's bit."""

    true: list[int]
    false: list[int]
    mask: int


def resolve(case: Case, rules: Rules) -> Held:
    """What is known of every atom at every place."""
    places = max(len(case.sites), 1)
    mask = (2 << places) - 1
    true, false = [0] * len(rules.atoms), [0] * len(rules.atoms)
    answers = grouped(case.answers)
    on = case.on
    for name, rule, number in rules.plain:
        given = answers.get(name)
        if given is None:
            if case.sex in rule.not_asked_of_sex:
                false[number] = mask
            continue
        if len(given) == 1 and given[0].site is None:
            one = given[0]
            if 0 <= (on - one.asked_on).days <= rule.valid_days:
                if one.answer is NO:
                    false[number] = mask
                elif one.answer is YES:
                    true[number] = mask
            continue
        current = [one for one in given if 0 <= (on - one.asked_on).days <= rule.valid_days]
        if current:
            true[number], false[number] = _states(current, case, rules, rule.scope == "systemic", mask)
    for number, atom in rules.narrowed:
        true[number], false[number] = _narrowed(atom, case, rules, answers, true, false)
    for number, atom in rules.other:
        true[number], false[number] = _other(atom, case, rules, mask)
    return Held(true, false, mask)


def grouped(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    found: dict[str, list[Answer]] = {}
    for one in answers:
        if one.finding in found:
            found[one.finding].append(one)
        else:
            found[one.finding] = [one]
    return found


# --- A finding at every place -----------------------------------------------------------------------------------


def _states(current: Sequence[Answer], case: Case, rules: Rules, systemic: bool, mask: int) -> tuple[int, int]:
    """T and F of a finding over all places."""
    if systemic:
        value = _newest(current)
        return (mask if value is YES else 0), (mask if value is NO else 0)
    said = [_newest(speaking) for speaking in _by_place(current, rules)]
    somewhere, doubtful = YES in said, UNKNOWN in said
    true = false = 0
    for bit, site in enumerate(case.sites, start=1):
        speaking = _speaking_of(site, current, rules)
        value = _newest(speaking)
        if not speaking and somewhere and not doubtful:
            value = NO
        true |= (value is YES) << bit
        false |= (value is NO) << bit
    if somewhere:
        true |= 1
    elif not doubtful:
        false |= false == mask & ~1 if case.sites else _newest(_speaking_of(None, current, rules)) is NO
    if not case.sites:
        true |= (true & 1) << 1
        false |= (false & 1) << 1
    return true, false


def _by_place(current: Sequence[Answer], rules: Rules) -> list[list[Answer]]:
    """For each place spoken of, the answers that speak of it."""
    return [_speaking_of(place, current, rules) for place in dict.fromkeys(one.site for one in current)]


def _speaking_of(place: Site | None, current: Iterable[Answer], rules: Rules) -> list[Answer]:
    """The answers that bear on a place, or on the person where there is none.

    A yes and a not known bear on every place that they touch; a no on what it covers and nothing more. Where no answer
    bears on a place, a yes that named other places is a no here: the question asks about all places at once, and
    the answer said which. A no about another place, or a place in doubt, says nothing here (ADR 0004).
    """
    return [
        one
        for one in current
        if one.site is None or (place is not None and (covers if one.answer is NO else touches)(one.site, place, rules))
    ]


def _newest(current: Sequence[Answer]) -> AnswerValue:
    """The answer of the newest day; unknown where there is none, or where that day disagrees with itself."""
    values = {one.answer for one in _of_the_newest_day(current)}
    return values.pop() if len(values) == 1 else UNKNOWN


def _of_the_newest_day(current: Sequence[Answer]) -> list[Answer]:
    day = max((one.asked_on for one in current), default=None)
    return [one for one in current if one.asked_on == day]


def yes_anywhere(current: Sequence[Answer], rules: Rules) -> tuple[Answer, ...]:
    """The answers that make a finding true somewhere: at each place spoken of, those of its newest day."""
    found: list[Answer] = []
    for speaking in _by_place(current, rules):
        if _newest(speaking) is YES:
            found += [one for one in _of_the_newest_day(speaking) if one not in found]
    return tuple(found)


def covers(one: Site, other: Site, rules: Rules) -> bool:
    """Whether a place has the whole of another in it."""
    return other.side is not None and one.side is other.side and one.region in rules.above[other.region]


def touches(one: Site, other: Site, rules: Rules) -> bool:
    """The same region or one inside the other, on sides that may be the same. The midline touches both sides."""
    if one.side is not other.side and one.side not in _EITHER and other.side not in _EITHER:
        return False
    return other.region in rules.above[one.region] or one.region in rules.above[other.region]


_EITHER = (None, Side.MIDLINE)


# --- Narrower atoms ---------------------------------------------------------------------------------------------


def _narrowed(
    atom: Atom, case: Case, rules: Rules, answers: dict[str, list[Answer]], true: list[int], false: list[int]
) -> tuple[int, int]:
    """A finding narrowed by when it began (an unknown beginning counts as recent) or by where it lies."""
    name = atom.finding or ""
    _, rule, number = rules.plain[rules.order[name]]
    yes, no = true[number], false[number]
    if not yes:
        return 0, no
    current = [one for one in answers[name] if 0 <= (case.on - one.asked_on).days <= rule.valid_days]
    t = f = 0
    for bit in range(max(len(case.sites), 1) + 1):
        if not yes >> bit & 1:
            continue
        here = _said_yes(current, case.sites[bit - 1] if bit and case.sites else None, rules, rule.scope == "systemic")
        value = _detail(atom, here, case.on, rules)
        t |= (value is True) << bit
        f |= (value is False) << bit
    return t, f | no


def _said_yes(current: Sequence[Answer], site: Site | None, rules: Rules, systemic: bool) -> Sequence[Answer]:
    if systemic:
        return _of_the_newest_day(current)
    if site is None:
        return yes_anywhere(current, rules)
    return _of_the_newest_day(_speaking_of(site, current, rules))


def _detail(atom: Atom, yes: Sequence[Answer], on: date, rules: Rules) -> bool | None:
    if atom.since_under_days is not None:
        yes = [one for one in yes if one.since is None or (on - one.since).days < atom.since_under_days]
        if not yes:
            return False
    if not atom.within:
        return True
    known = [bool(rules.above[one.site.region] & atom.within) for one in yes if one.site is not None]
    if True in known:
        return True
    return None if len(known) < len(yes) else False


def _other(atom: Atom, case: Case, rules: Rules, mask: int) -> tuple[int, int]:
    """Site, technique and age. What is not known of the case stays unknown at every place it would be needed."""
    if atom.site_within:
        true = false = 0
        for bit, site in enumerate(case.sites, start=1):
            inside = bool(rules.above[site.region] & atom.site_within)
            true |= inside << bit
            false |= (not inside) << bit
        return true, false
    value: bool | None
    if atom.technique:
        value = case.technique in atom.technique if case.technique else None
    else:
        age = age_on(case.born, case.on)
        value = None if age is None or atom.age_under is None else age < atom.age_under
    return (mask if value is True else 0), (mask if value is False else 0)


def age_on(born: date | None, on: date) -> int | None:
    """Whole years; None where the date of birth is not known."""
    if born is None:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def why_missing(name: str, case: Case, rules: Rules) -> tuple[Missing, date | None]:
    """Why a finding counts as unknown, and when it was last asked."""
    given = [one for one in case.answers if one.finding == name and one.asked_on <= case.on]
    if not given:
        return Missing.NEVER_ASKED, None
    last = max(one.asked_on for one in given)
    _, rule, _ = rules.plain[rules.order[name]]
    if (case.on - last).days > rule.valid_days:
        return Missing.STALE, last
    values = {one.answer for one in given if one.asked_on == last}
    if {YES, NO} <= values:
        return Missing.CONFLICTING, last
    return Missing.NOT_KNOWN, last
