"""Write, sign, amend and discard a visit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone

from strigil.accounts.models import Role, User
from strigil.clinic import gather, hindrances
from strigil.clinic.actions.base import Refused, action, audit, raise_version
from strigil.clinic.actions.check_in import make_check_in
from strigil.clinic.actions.evaluate import ReadingInput, check_open, reading_row
from strigil.clinic.actions.plan import check_area
from strigil.clinic.actions.respond import ReactionInput, write_check
from strigil.clinic.hindrances import Hindrance, Way
from strigil.clinic.minutes import minute_kinds
from strigil.clinic.models import (
    EVALUATION,
    EXERCISE,
    NOTHING_FELT,
    OF_A_REACTION,
    Amendment,
    Course,
    Direction,
    Override,
    Reading,
    Treatment,
    Visit,
    VisitStatus,
    When,
)
from strigil.clinic.tallies import tally
from strigil.knowledge import load
from strigil.knowledge.shapes import DetectionAssessment, Technique
from strigil.pathway.facts import Site, most_severe
from strigil.pathway.treat import spoken
from strigil.pathway.treat.minutes import HANDS

MOST_MINUTES = 240
"""Of one kind in one visit."""


@dataclass(frozen=True, slots=True)
class TreatmentInput:
    region: str
    side: str
    instrument: str = ""
    edge: str = ""
    strokes: tuple[str, ...] = ()
    seconds: int | None = None
    pressure: str = ""
    discomfort: int | None = None
    force_newton: Decimal | None = None
    force_method: str = ""
    force_device: str = ""
    angle_degrees: int | None = None
    position: str = ""
    directions: tuple[str, ...] = ()
    motion: str = ""
    textures: tuple[str, ...] = ()
    found_where: str = ""


@dataclass(frozen=True, slots=True)
class VisitInput:
    """A whole visit as the page sends it. ``reactions_asked`` False: nobody asked, which is not "none"."""

    technique: str
    phases_done: tuple[str, ...] = ()
    treatments: tuple[TreatmentInput, ...] = ()
    readings: tuple[ReadingInput, ...] = ()
    reactions_asked: bool = False
    reactions: tuple[ReactionInput, ...] = ()
    found: str = ""
    exercise: str = ""
    other_care: tuple[str, ...] = ()
    minutes: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    unconfirmed: tuple[str, ...] = ()


@action
def start_visit(*, by: User, course: Course, on: date, technique: str) -> Visit:
    """A draft for a day. A course has at most one draft; starting again returns to it."""
    check_open(course)
    Course.objects.select_for_update().get(pk=course.pk)
    draft = course.visits.filter(status=VisitStatus.DRAFT).first()
    if draft is not None:
        return draft
    last = course.visits.aggregate(number=Max("number"), on=Max("on"))
    if last["on"] and last["on"] > on:
        raise Refused(f"A visit on {spoken(last['on'])} is already recorded; a new one cannot lie before it.")
    if on < course.opened_on:
        raise Refused(f"The course began on {spoken(course.opened_on)}; a visit cannot lie before it.")
    visit = Visit.objects.create(
        clinic_id=by.clinic_id,
        created_by=by,
        course=course,
        number=(last["number"] or 0) + 1,
        on=on,
        technique=technique,
    )
    audit(by, "visit.start", visit, course.patient_id)
    return visit


@action
def write_visit(*, by: User, visit: Visit, seen: int, given: VisitInput) -> Visit:
    """Keep a draft as it stands on the page."""
    if visit.is_signed:
        raise Refused("This visit is signed: amend it, with a reason.")
    raise_version(visit, seen)
    _write(by, visit, given)
    audit(by, "visit.write", visit, visit.course.patient_id)
    return visit


@action
def sign_visit(
    *, by: User, visit: Visit, seen: int, confirmed: bool = False, overriding: Collection[str] = (), reason: str = ""
) -> Visit:
    """Sign a draft; from then on it is amended, never edited.

    ``confirmed`` vouches for values still marked copied. ``overriding`` names what stood in the way on the page, by
    key, and ``reason`` why the patient was treated in spite of it.
    """
    if overriding and not visit.is_signed:
        _override(by, visit, overriding, reason)
    check_can_sign(by, visit)
    if visit.unconfirmed and not confirmed:
        raise Refused("Copied is not confirmed: check the values carried over, then confirm them.", "confirm_copied")
    raise_version(visit, seen)
    visit.status, visit.signed_at, visit.signed_by = VisitStatus.SIGNED, timezone.now(), by
    visit.unconfirmed = []
    visit.save(update_fields=["status", "signed_at", "signed_by", "unconfirmed"])
    make_check_in(by=by, visit=visit, now=visit.signed_at)
    audit(by, "visit.sign", visit, visit.course.patient_id)
    return visit


@action
def override_for_visit(*, by: User, visit: Visit, overriding: Collection[str], reason: str) -> Override:
    """Treat in spite of what stands in the way, for one visit, with a reason; ``overriding`` names it by key."""
    if visit.is_signed:
        raise Refused("This visit is signed: what was decided for it stays as it is.")
    sites = [gather.site(row.region, row.side) for row in visit.course.sites.all()]
    return _override(by, visit, overriding, reason, sites)


def _override(
    by: User, visit: Visit, overriding: Collection[str], reason: str, sites: Sequence[Site] | None = None
) -> Override:
    found = {one.key: one for one in hindrances.still_open(visit, sites)}
    if never := [one for one in found.values() if one.way is Way.NEVER]:
        raise Refused(f"{never[0].what} {never[0].do}")
    if not found:
        raise Refused("Nothing stands in the way of this visit; nothing needs overriding.")
    if not overriding or not set(overriding) <= found.keys():
        raise Refused("What stands in the way has changed since this page was opened. Read it again.")
    chosen = [found[key] for key in dict.fromkeys(overriding)]
    if first := [one for one in chosen if one.way is Way.FIRST]:
        raise Refused(f"{first[0].what} {first[0].do}")
    if not reason.strip():
        raise Refused("Give the reason for treating in spite of it.", "reason")
    return _keep_override(by, visit, chosen, reason)


def _keep_override(by: User, visit: Visit, chosen: Sequence[Hindrance], reason: str) -> Override:
    override = Override.objects.create(
        clinic_id=by.clinic_id,
        created_by=by,
        screening_id=next((one.screening for one in chosen if one.screening), None),
        visit=visit,
        outcome=most_severe(*(one.outcome for one in chosen)),
        overridden=[one.stored() for one in chosen],
        reason=reason.strip(),
    )
    audit(by, "visit.override", override, visit.course.patient_id)
    return override


class Hindered(Refused):
    """What was corrected meets something that signing would have met; ``hindering`` says all of it."""

    def __init__(self, hindering: Sequence[Hindrance]) -> None:
        first = hindering[0]
        over = "" if first.way is not Way.REASON else " Read what stands in the way, and save again with your reason."
        super().__init__(f"{first.what} {first.do}{over}".strip())
        self.hindering = hindering


@action
def amend_visit(
    *, by: User, visit: Visit, seen: int, given: VisitInput, reason: str, overriding: Collection[str] = ()
) -> Visit:
    """Correct a signed visit: the visit as it read before is kept with the reason.

    What the correction newly meets of the screen or the gate hinders it as it would have hindered signing;
    ``overriding`` names what of it stood on the page, by key, and the reason is then kept for that too.

    Raises:
        Hindered: when something new stands in the way and was not named.
    """
    if not visit.is_signed:
        raise Refused("This visit is still a draft: just change it.")
    if not reason.strip():
        raise Refused("Say why the visit is amended.", "reason")
    raise_version(visit, seen)
    Amendment.objects.create(
        clinic_id=by.clinic_id, created_by=by, visit=visit, reason=reason.strip(), before=snapshot(visit)
    )
    stood = {one.key for one in hindrances.still_open(visit)}
    _write(by, visit, given)
    check_recorded_dose(visit)
    check_reaction_asked(visit)
    new = [one for one in hindrances.still_open(visit) if one.key not in stood]
    if any(one.way is not Way.REASON or one.key not in overriding for one in new):
        raise Hindered(new)
    if new:
        _keep_override(by, visit, new, reason)
    tally(by, visit.course)
    audit(by, "visit.amend", visit, visit.course.patient_id)
    return visit


@action
def discard_visit(*, by: User, visit: Visit, seen: int) -> None:
    """Throw a draft away. A signed visit stays."""
    if visit.is_signed:
        raise Refused("A signed visit is never discarded.")
    raise_version(visit, seen)
    audit(by, "visit.discard", visit, visit.course.patient_id)
    visit.readings.all().delete()
    Override.objects.filter(visit=visit).delete()
    visit.delete()


def check_can_sign(by: User, visit: Visit) -> None:
    """Raises ``Refused`` with the reason when a visit cannot be signed."""
    if visit.is_signed:
        raise Refused("This visit is already signed.")
    if by.role not in (Role.OWNER, Role.CLINICIAN):
        raise Refused("Only a clinician signs a visit.")
    if missing := wanting(visit):
        raise missing[0]
    check_nothing_hinders(visit)


def wanting(visit: Visit) -> list[Refused]:
    """All that a visit still lacks before it can be signed."""
    found = []
    for check in (check_recorded_dose, check_reaction_asked):
        try:
            check(visit)
        except Refused as refusal:
            found.append(refusal)
    return found


def check_recorded_dose(visit: Visit) -> None:
    """Raises ``Refused`` when a treated area has no time, or nothing at all was recorded."""
    treatments = list(visit.treatments.all())
    if any(one.seconds is None for one in treatments):
        raise Refused("Give the time for each area that was treated.", "treatments")
    if not treatments and not visit.note.strip():
        raise Refused("Nothing was treated: say why in the note.", "note")


def check_reaction_asked(visit: Visit) -> None:
    """Raises ``Refused`` when something was treated and nobody says how the skin was at the end."""
    if visit.treatments.exists() and not visit.reaction_checks.filter(when=When.END).exists():
        raise Refused("Say how skin and symptoms were at the end, or that nothing was seen.", "reactions")


def check_nothing_hinders(visit: Visit) -> None:
    """Raises ``Refused`` when something stands in the way of the treatment that the visit records."""
    for one in hindrances.still_open(visit):
        do = f"{one.do} Or give the reason for treating in spite of it." if one.way is Way.REASON else one.do
        raise Refused(f"{one.what} {do}".strip(), "reason" if one.way is Way.REASON else None)


def _write(by: User, visit: Visit, given: VisitInput) -> None:
    technique = load().shelf(Technique).get(given.technique)
    if technique is None:
        raise Refused(f"{given.technique!r} is not a technique on the shelf.", "technique")
    known = {phase.id for phase in technique.phases}
    if unknown := [phase for phase in given.phases_done if phase not in known]:
        raise Refused(f"{technique.title} has no phase {unknown[0]!r}.", "phases_done")
    _check_minutes(given)
    visit.technique = given.technique
    visit.phases_done = [phase.id for phase in technique.phases if phase.id in given.phases_done]
    visit.minutes = dict(given.minutes)
    visit.found, visit.exercise, visit.note = given.found, given.exercise, given.note
    visit.other_care, visit.unconfirmed = list(given.other_care), list(given.unconfirmed)
    visit.save(
        update_fields=[
            *("technique", "phases_done", "found", "exercise", "note", "other_care", "minutes", "unconfirmed")
        ]
    )
    _write_treatments(by, visit, given.treatments)
    visit.readings.all().delete()
    Reading.objects.bulk_create(
        reading_row(by=by, course=visit.course, on=visit.on, visit=visit, given=one) for one in given.readings
    )
    visit.reaction_checks.filter(when=When.END).delete()
    if given.reactions_asked:
        write_check(by=by, visit=visit, when=When.END, on=visit.on, reactions=given.reactions, note="")


def _check_minutes(given: VisitInput) -> None:
    """Raises ``Refused`` for minutes of something that was not given."""
    for kind, minutes in given.minutes.items():
        if kind not in minute_kinds() or kind == HANDS:
            raise Refused(f"{kind!r} is not a kind of minutes.", f"minutes_{kind}")
        if kind not in (EVALUATION, EXERCISE, *given.other_care):
            raise Refused("Tick what was given, or empty its minutes.", f"minutes_{kind}")
        if not 1 <= minutes <= MOST_MINUTES:
            raise Refused(f"Give whole minutes from 1 to {MOST_MINUTES}.", f"minutes_{kind}")


def _check_felt(textures: Sequence[str]) -> None:
    words = {one.id for one in load().shelf(DetectionAssessment)["feel"].words}
    if unknown := [one for one in textures if one not in words | {NOTHING_FELT}]:
        raise Refused(f"{unknown[0]!r} is not a word on the shelf.", "treatments")
    if NOTHING_FELT in textures and len(textures) > 1:
        raise Refused("Either nothing was felt, or say what was: not both.", "treatments")


def _write_treatments(by: User, visit: Visit, given: Iterable[TreatmentInput]) -> None:
    treatments = list(given)
    if len({(one.region, one.side) for one in treatments}) != len(treatments):
        raise Refused("An area is recorded twice; put its dose in one row.", "treatments")
    visit.treatments.all().delete()
    for one in treatments:
        check_area(one.region, one.instrument, one.strokes)
        _check_felt(one.textures)
        if unknown := [word for word in one.directions if word not in Direction.values]:
            raise Refused(f"{unknown[0]!r} is not a direction.", "treatments")
        if one.force_newton is not None and one.force_method == "measured" and not one.force_device.strip():
            raise Refused("A measured force names its device; typed by hand it is estimated.", "treatments")
    Treatment.objects.bulk_create(
        Treatment(
            clinic_id=by.clinic_id,
            created_by=by,
            visit=visit,
            region=one.region,
            side=one.side,
            instrument=one.instrument,
            edge=one.edge,
            strokes=list(one.strokes),
            seconds=one.seconds,
            pressure=one.pressure,
            discomfort=one.discomfort,
            force_newton=one.force_newton,
            force_method=one.force_method if one.force_newton is not None else "",
            force_device=one.force_device if one.force_newton is not None else "",
            angle_degrees=one.angle_degrees,
            position=one.position,
            directions=list(one.directions),
            motion=one.motion,
            textures=list(one.textures),
            found_where=one.found_where,
        )
        for one in treatments
    )


def snapshot(visit: Visit) -> dict[str, Any]:
    """A visit as it reads now, for the amendment that is about to change it."""
    row = gather.with_doses(Visit.objects.filter(pk=visit.pk)).prefetch_related("readings").get()
    treatment_fields = [field.name for field in Treatment._meta.fields][6:]
    return {
        "version": visit.version,
        "technique": row.technique,
        "phases_done": row.phases_done,
        "found": row.found,
        "exercise": row.exercise,
        "other_care": row.other_care,
        "minutes": row.minutes,
        "note": row.note,
        "treatments": [{name: _plain(getattr(one, name)) for name in treatment_fields} for one in row.treatments.all()],
        "readings": [
            {
                "measure": one.measure,
                "value": f"{one.value.normalize():f}",
                "unit": one.unit,
                "side": one.side,
                "moment": one.moment,
                "detail": one.detail,
                "version_of_form": one.version_of_form,
                "position": one.position,
                "method": one.method,
                "device": one.device,
                "rater": one.rater,
                "on": one.on.isoformat(),
            }
            for one in row.readings.all()
        ],
        "reactions": [
            {
                "when": check.when,
                "on": check.on.isoformat(),
                "none_seen": check.none_seen,
                "note": check.note,
                "said_by": check.said_by,
                "seen": [{name: getattr(one, name) for name in OF_A_REACTION} for one in check.reactions.all()],
            }
            for check in row.reaction_checks.all()
        ],
    }


def _plain(value: object) -> object:
    return f"{value:f}" if isinstance(value, Decimal) else value
