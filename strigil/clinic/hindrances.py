"""What stands in the way of a visit: what the screen of its day says, and what earlier visits left to be looked at.

Each says what may be done about it. Signing, the override and their pages all ask here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID
from zlib import crc32

from strigil.clinic import gather
from strigil.clinic.clock import in_doubt
from strigil.clinic.models import Screening, Visit
from strigil.clinic.tags import site_title
from strigil.knowledge import load
from strigil.pathway import treat
from strigil.pathway.facts import Advice, Outcome, Site
from strigil.pathway.treat import spoken

NEVER_OVERRIDDEN = (Outcome.EMERGENCY, Outcome.REFER, Outcome.ERROR)


class Way(StrEnum):
    """What may be done about a hindrance."""

    FIRST = "first"
    """Something else has to be done before; no reason stands in for it."""
    REASON = "reason"
    """A clinician may treat in spite of it, for this visit, and says why."""
    NEVER = "never"


class Page(StrEnum):
    """Where it is mended."""

    SCREEN = "screen"
    SITES = "course_sites"
    RESPOND = "respond"


@dataclass(frozen=True, slots=True)
class Hindrance:
    kind: Literal["screen", "gate", "late"]
    what: str
    outcome: Outcome
    way: Way
    do: str = ""
    site: Site | None = None
    screening: UUID | None = None
    page: Page | None = None
    visit: UUID | None = None
    """The earlier visit that nobody has asked about."""
    questions: tuple[str, ...] = ()
    """Those still open."""

    @property
    def key(self) -> str:
        """The same only for the same words about the same thing: a reason given for one is none for another."""
        parts = (self.kind, self.what, self.outcome, self.site, self.questions)
        return f"{crc32('/'.join(map(str, parts)).encode()):08x}"

    def stored(self) -> dict[str, Any]:
        """As an override keeps it."""
        site = {"region": self.site.region, "side": self.site.side} if self.site else None
        return {"key": self.key, "kind": self.kind, "outcome": self.outcome.value, "what": self.what, "site": site}


def still_open(visit: Visit, sites: Sequence[Site] | None = None) -> list[Hindrance]:
    """What stands in the way and has not been overridden for this visit, gravest first.

    ``sites`` are those to be treated; without them those that the visit records. Where nothing is treated, nothing
    stands in the way.
    """
    treated = treated_sites(visit) if sites is None else list(sites)
    if not treated:
        return []
    given = {one["key"] for row in visit.overrides.all() for one in row.overridden}
    found = [one for one in [*_of_the_day(visit, treated), *_of_earlier(visit, treated)] if one.key not in given]
    return sorted(found, key=lambda one: (one.way is not Way.NEVER, one.way is not Way.FIRST, -one.outcome.severity))


def treated_sites(visit: Visit) -> list[Site]:
    return [gather.site(row.region, row.side) for row in visit.treatments.all()]


# --- The screen -------------------------------------------------------------------------------------------------


def _of_the_day(visit: Visit, treated: Sequence[Site]) -> list[Hindrance]:
    screening = Screening.objects.filter(course_id=visit.course_id, on__lte=visit.on).order_by("id").last()
    late = visit.on < visit.clinic.today
    if screening is not None and (screening.on == visit.on or (late and screening.outcome in NEVER_OVERRIDDEN)):
        found = list(_of_screen(screening, treated, can_screen=not late and visit.course.is_open))
        doubt = in_doubt(screening, visit.clinic)
        return [_late(visit, doubt) if late else _doubted(doubt), *found] if doubt else found
    if late:
        return [_late(visit), *(_of_reasons(screening, treated) if screening else ())]
    what = (
        f"The screen is from an earlier day ({spoken(screening.on)})."
        if screening
        else "No screen is recorded for this course."
    )
    do = "Confirm it for this visit: ask what has changed." if screening else "Screen first."
    return [Hindrance("screen", what, Outcome.INCOMPLETE, Way.FIRST, do, page=Page.SCREEN)]


def _doubted(what: str) -> Hindrance:
    do = "Confirm it once more: ask what has changed. And tell whoever runs Strigil."
    return Hindrance("screen", what, Outcome.INCOMPLETE, Way.FIRST, do, page=Page.SCREEN)


def _late(visit: Visit, doubt: str = "") -> Hindrance:
    why = f". {doubt} None" if doubt else f": no screen of {spoken(visit.on)} exists, and none"
    what = f"Recorded late{why} can be made for a day that has passed."
    do = "Say why it is recorded late and how it was known that treatment was safe that day."
    return Hindrance("late", what, Outcome.INCOMPLETE, Way.REASON, do)


def _of_screen(screening: Screening, treated: Sequence[Site], *, can_screen: bool) -> Iterator[Hindrance]:
    """``can_screen``: a site that was left out can still be looked at."""
    outcome = Outcome(screening.outcome)
    if outcome in NEVER_OVERRIDDEN:
        what = f"The screen of {spoken(screening.on)} says {outcome.value}."
        yield Hindrance("screen", what, outcome, Way.NEVER, _DO[outcome], None, screening.pk, Page.SCREEN)
        return
    reasons = _of_reasons(screening, treated)
    yield from reasons
    if not screening.complete:
        questions = f"{len(screening.unasked)} {'question' if len(screening.unasked) == 1 else 'questions'}"
        what = f"The screen of {spoken(screening.on)} is not complete: {questions} open."
        yield Hindrance(
            "screen",
            what,
            Outcome.INCOMPLETE,
            Way.REASON,
            "Ask them first.",
            screening=screening.pk,
            page=Page.SCREEN,
            questions=tuple(sorted(one["finding"] for one in screening.unasked)),
        )
    if not (outcome.permits_treatment or outcome is Outcome.INCOMPLETE or reasons):
        yield _said(screening, outcome)
    looked_at = {(one["region"], one["side"]): Outcome(one["outcome"]) for one in screening.sites}
    for site in treated:
        said = looked_at.get((site.region, site.side))
        if said is None and not can_screen:
            day = spoken(screening.on)
            what = f"Recorded late: {_named(site)} was treated, and the screen of {day} did not look at it."
            do = "Say how it was known that treatment there was safe that day."
            yield Hindrance("late", what, Outcome.INCOMPLETE, Way.REASON, do, site, screening.pk)
        elif said is None:
            what = f"{_named(site)} was treated, and the screen did not look at it."
            do = "Add the site and screen it."
            yield Hindrance("screen", what, Outcome.INCOMPLETE, Way.FIRST, do, site, screening.pk, Page.SITES)
        elif said is Outcome.AVOID and not any(one.site == site for one in reasons):
            yield _said(screening, said, site)


_GO_ON = "Take the treated areas out of this visit, and say in the note what happened."
_DO = {
    Outcome.EMERGENCY: f"That is never overridden. Send the patient to emergency care now. {_GO_ON}",
    Outcome.REFER: f"That is never overridden. Refer the patient to a physician. {_GO_ON}",
    Outcome.ERROR: "Strigil could not decide, and that is never overridden. Treat nothing, screen again, and if it "
    f"stays so tell whoever runs Strigil. {_GO_ON}",
}


def _of_reasons(screening: Screening, treated: Sequence[Site]) -> list[Hindrance]:
    """What the screen gave as reasons: what forbids treatment anywhere, and ``avoid`` where it was treated."""
    found = []
    for one in screening.reasons:
        outcome = Outcome(one["outcome"])
        site = gather.site(one["site"]["region"], one["site"]["side"]) if one["site"] else None
        if (outcome is Outcome.AVOID and (site is None or site in treated)) or not outcome.permits_treatment:
            where = f" at {_named(site)}" if site else ""
            what = f"The screen of {spoken(screening.on)} says {outcome.value}{where}: {one['title']}."
            found.append(Hindrance("screen", what, outcome, Way.REASON, "", site, screening.pk, Page.SCREEN))
    return found


def _said(screening: Screening, outcome: Outcome, site: Site | None = None) -> Hindrance:
    where = f" at {_named(site)}" if site else ""
    what = f"The screen of {spoken(screening.on)} says {outcome.value}{where}."
    return Hindrance("screen", what, outcome, Way.REASON, "", site, screening.pk, Page.SCREEN)


# --- Earlier visits ---------------------------------------------------------------------------------------------


def advice(visit: Visit, sites: Sequence[Site], earlier: Sequence[Visit]) -> list[Advice]:
    """What the earlier visits of the course mean for this one."""
    return treat.gate(visit.on, sites, [gather.visit_facts(row) for row in earlier], load())


def _of_earlier(visit: Visit, treated: Sequence[Site]) -> Iterator[Hindrance]:
    earlier = gather.earlier(visit)
    keys = {row.number: row.pk for row in earlier}
    for one in advice(visit, treated, earlier):
        if one.outcome is None or not treat.keeps_from_treating(one) or (one.site and not _touches(one.site, treated)):
            continue
        where = f"{_named(one.site)}: " if one.site else ""
        asked = None if one.visit is None else keys[one.visit]
        never = one.outcome in NEVER_OVERRIDDEN
        yield Hindrance(
            "gate",
            where + one.what,
            one.outcome,
            Way.NEVER if never else Way.REASON,
            _SETTLE if never else "" if asked else one.why,
            one.site,
            page=Page.RESPOND if asked else None,
            visit=asked,
        )


_SETTLE = (
    "That is never overridden. Refer the patient; treatment goes on once the reaction is recorded as gone. " + _GO_ON
)


def _touches(site: Site, treated: Iterable[Site]) -> bool:
    return any(treat.same_site(site, one) for one in treated)


def _named(site: Site) -> str:
    return site_title({"region": site.region, "side": site.side})
