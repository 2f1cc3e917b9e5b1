"""The check-in of a visit: made at its signature, mailed, answered once by the patient, looked at by a clinician."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import F

from strigil.accounts.models import User
from strigil.clinic import check_ins, gather
from strigil.clinic.actions.base import Refused, action, audit, raise_version
from strigil.clinic.actions.respond import ReactionInput, write_check
from strigil.clinic.models import CheckIn, Done, ExerciseReport, Visit, When
from strigil.clinic.tallies import tally
from strigil.knowledge import load
from strigil.pathway.facts import ReactionSeen
from strigil.pathway.respond.check_in import NONE, Said, gone, look_by, understood

AN_HOUR = timedelta(hours=1)
ANSWERS_AN_HOUR = 300
"""Of one clinic: more than any has visits in an hour."""
MAIL_TRIES = 2
"""Mails that may have gone out; a second one does less harm than none."""
MAIL_AGAIN_AFTER = timedelta(minutes=10)


class Closed(Refused):
    """Somebody else was faster, or the hours are over."""


class Busy(Refused):
    """Too many answers reach the clinic; nothing was used up."""


def make_check_in(*, by: User, visit: Visit, now: datetime) -> CheckIn | None:
    """The questions of the next day, where the visit has any, without audit: for use inside the action that signs."""
    planned = check_ins.planned_for(visit)
    if planned is None or planned[2] <= now:
        return None
    ended, opens, closes = planned
    made = CheckIn(
        clinic_id=visit.clinic_id,
        created_by=by,
        visit=visit,
        ended_at=ended,
        opens_at=opens,
        closes_at=closes,
        time_zone=visit.clinic.time_zone,
    )
    made.link_hash = check_ins.hash_of(check_ins.token_of(made.nonce))
    made.save()
    return made


# --- The patient answers ----------------------------------------------------------------------------------------


@action
def answer_check_in(*, check_in: CheckIn, said: Said, now: datetime) -> CheckIn:
    """Keep what the patient said, once. What is expected is kept; what is not becomes a task with a time to be done by.

    Raises:
        Closed: when it is answered already, or not open.
        Busy: when the clinic gets more answers than it can have asked for.
    """
    rows = CheckIn.objects.select_for_update(of=("self",)).filter(pk=check_in.pk, **check_ins.still_open(now))
    found = rows.select_related("clinic", "visit__course__created_by").first()
    if found is None:
        raise Closed("This link is no longer open.")
    if CheckIn.objects.filter(clinic_id=found.clinic_id, answered_at__gt=now - AN_HOUR).count() >= ANSWERS_AN_HOUR:
        raise Busy("The clinic gets very many answers just now. Try again in an hour, or call the clinic.")
    visit, on = found.visit, now.astimezone(found.clinic.zone).date()
    come = understood(said, on, load())
    earlier = gather.visit_facts(gather.with_doses(Visit.objects.filter(pk=visit.pk)).get()).reactions
    seen = () if come.is_none else (*come.reactions, *gone(said, on, earlier, load()))
    found.check_made = write_check(
        by=None,
        visit=visit,
        when=When.NEXT_DAY,
        on=on,
        reactions=[_input(one) for one in seen],
        none_seen=come.is_none,
        complete=come.is_complete,
    )
    _keep(found, said)
    found.answered_at = now
    found.look_by = look_by(check_ins.at_work(found.clinic, now), load()) if come.look else None
    found.save()
    _keep_exercises(found, said, on)
    tally(visit.course.created_by, visit.course)
    audit(None, "check_in.answer", found, visit.course.patient_id)
    return found


def _keep(found: CheckIn, said: Said) -> None:
    found.soreness, found.function, found.exercises_done = said.soreness, said.function, said.exercises_done
    found.marks, found.worries = sorted(said.marks), sorted(said.worries)
    found.mark_size, found.mark_change, found.words = said.mark_size, said.mark_change, said.words.strip()


def _keep_exercises(found: CheckIn, said: Said, on: date) -> None:
    """What was said of the home exercises stands where the next visit reads it; nothing where nothing was.

    Words that nobody has read yet may be a worry, whatever was ticked.
    """
    worried: bool | None = None
    if said.worries:
        worried = True if said.worries != {NONE} else None if said.words.strip() else False
    if said.exercises_done in Done.values:
        ExerciseReport.objects.create(
            clinic_id=found.clinic_id,
            course=found.visit.course,
            on=on,
            done=said.exercises_done,
            worried=worried,
        )


def _input(seen: ReactionSeen) -> ReactionInput:
    return ReactionInput(
        seen.reaction,
        seen.site.region if seen.site else "",
        (seen.site.side or "") if seen.site else "",
        still_present=seen.still_present,
        larger=seen.larger,
    )


# --- A clinician looks ------------------------------------------------------------------------------------------


@action
def look_at(*, by: User, check_in: CheckIn, seen: int, note: str, now: datetime) -> CheckIn:
    """Somebody has looked at an answer that is not expected, and says what came of it."""
    raise_version(check_in, seen)
    if not check_in.waits:
        raise Refused("Nobody needs to look at this: it is done, or nothing in it was unexpected.")
    check_in.looked_at, check_in.looked_by, check_in.looked_note = now, by, note.strip()
    check_in.save(update_fields=["looked_at", "looked_by", "looked_note"])
    audit(by, "check_in.look", check_in, check_in.visit.course.patient_id)
    return check_in


@action
def look_again(*, by: User, check_in: CheckIn, seen: int) -> CheckIn:
    """Take it back: it is still to be looked at."""
    raise_version(check_in, seen)
    if check_in.looked_at is None:
        raise Refused("This is still to be looked at.")
    check_in.looked_at, check_in.looked_by, check_in.looked_note = None, None, ""
    check_in.save(update_fields=["looked_at", "looked_by", "looked_note"])
    audit(by, "check_in.look_again", check_in, check_in.visit.course.patient_id)
    return check_in


# --- Mail -------------------------------------------------------------------------------------------------------


@action
def begin_mail(*, check_in: CheckIn, now: datetime) -> bool:
    """Claim the mail before it is sent; False where another run has it. One UPDATE decides."""
    rows = CheckIn.objects.filter(
        pk=check_in.pk,
        mail_tries=check_in.mail_tries,
        mail_tried_at=check_in.mail_tried_at,
        mailed_at__isnull=True,
        **check_ins.still_open(now),
    )
    return rows.update(mail_tries=F("mail_tries") + 1, mail_tried_at=now) == 1


@action
def mail_sent(*, check_in: CheckIn, now: datetime) -> None:
    CheckIn.objects.filter(pk=check_in.pk).update(mailed_at=now)
    audit(None, "check_in.mail", check_in, check_in.visit.course.patient_id)


@action
def mail_failed(*, check_in: CheckIn, for_good: bool) -> None:
    """It is known that nothing went out: that was no try, unless the address itself was refused."""
    CheckIn.objects.filter(pk=check_in.pk).update(mail_tries=MAIL_TRIES if for_good else check_in.mail_tries)
