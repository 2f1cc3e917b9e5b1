"""What stands on every page of a document about a course: who, which day, and what to mind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from strigil.accounts.models import User
from strigil.clinic import cautions, gather
from strigil.clinic.models import CheckIn, Clearance, Course, Origin, Screening, VisitStatus
from strigil.clinic.standing import doubt_of
from strigil.clinic.tags import rule_title, site_title, title_of
from strigil.drawing.paper import Said, Sheet
from strigil.knowledge import load
from strigil.knowledge.shapes.base import Item
from strigil.pathway.facts import Outcome, VisitFacts
from strigil.pathway.respond import is_adverse
from strigil.pathway.treat import spoken

NO_EVIDENCE = frozenset(
    {"maker", "course", "clinic_page", "slide_deck", "flashcard", "founding_brief", "news", "secondary"}
)
"""Kinds of source that say something and show nothing."""
AGREEMENT = {
    "strong": "three or more sources agree",
    "mixed": "sources differ",
    "single_source": "a single source",
    "none_found": "no source found",
}
MARKS = {
    Origin.SYNTHETIC.value: "This patient is made up. Do not send this on.",
    Origin.PUBLISHED.value: "A published case: one person, no comparison, no proof of an effect. Do not send this on.",
}
NAMED = 2
"""Sources named beside a statement on paper; how many more there are is said."""


def sheet(*, by: User, course: Course, on: date, screening: Screening | None = None, more: Sequence[str] = ()) -> Sheet:
    """The sheet of a document on a course; with what the newest screen says, or one that the document is about."""
    patient = course.patient
    screening = screening or course.screenings.defer("inputs").order_by("id").last()
    return Sheet(
        patient=patient.name,
        born=spoken(patient.born) if patient.born else "on a day not known",
        on=on,
        clinic=by.clinic.name,
        writer=str(by),
        knowledge=load().version,
        warnings=(*more, *_warnings(course, screening, on, doubt_of(screening, on, by.clinic))),
        mark=MARKS.get(patient.origin, ""),
    )


def _warnings(course: Course, screening: Screening | None, on: date, doubt: str) -> Iterator[str]:
    yield from _of_the_screen(screening, on, doubt)
    for row in Clearance.objects.filter(patient_id=course.patient_id):
        holds = "agreed to" if row.until >= on else "agreement has run out:"
        said = f"{row.physician} {holds} {rule_title(row.finding)}, {spoken(row.agreed_on)} until {spoken(row.until)}"
        yield f"{said}; {row.note}" if row.note else f"{said}."
    for zone, sites in cautions.zones(course.sites.all()):
        yield f"Keep off at {'; '.join(sites)}: {zone.title}."
    for visit in gather.signed(gather.with_doses(course.visits.filter(status=VisitStatus.SIGNED))):
        yield from _not_settled(gather.visit_facts(visit))
    unseen = CheckIn.objects.filter(visit__course=course, look_by__isnull=False, looked_at=None)
    for number in unseen.values_list("visit__number", flat=True):
        yield f"Said at the check-in after visit {number}, and not looked at yet: see Today."


def _of_the_screen(screening: Screening | None, on: date, doubt: str) -> Iterator[str]:
    if screening is None:
        yield "Not screened: nothing is treated."
        return
    outcome = screening.outcome
    if outcome != Outcome.PROCEED:
        titles = list(dict.fromkeys(one["title"] for one in screening.reasons))
        said = f"Screen of {spoken(screening.on)}: {outcome}. {'; '.join(titles)}"
        yield said.rstrip(". ") + "."
    if screening.unasked:
        yield f"Open questions of the screen: {len(screening.unasked)}."
    if screening.on != on:
        yield f"Screened on {spoken(screening.on)}, not on {spoken(on)}."
    if doubt:
        yield doubt


def _not_settled(visit: VisitFacts) -> Iterator[str]:
    for seen in visit.reactions:
        if is_adverse(seen.reaction, load()) and seen.still_present is not False:
            where = f", {site_title({'region': seen.site.region, 'side': seen.site.side})}" if seen.site else ""
            yield f"Not recorded as settled: {title_of(seen.reaction, 'reaction')} after visit {visit.number}{where}."


def said(item: Item, text: str, *, proposed: bool = False) -> Said:
    """A statement of the shelf with the sources behind it."""
    titles = list(dict.fromkeys(load().source_of(one).title for one in item.sources))
    more = len(titles) - NAMED
    named = "; ".join(titles[:NAMED]) + (f" and {more} more" if more > 0 else "")
    return Said(text, f"{named}: {AGREEMENT[item.agreement]}", proposed)
