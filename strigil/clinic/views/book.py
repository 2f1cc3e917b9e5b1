"""The appointment book: a day, a week, one appointment, and everything that the clinic does with it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from strigil.accounts.gate import own, user_of
from strigil.accounts.models import Clinic, User
from strigil.clinic import links, notices, offers
from strigil.clinic.actions import Refused
from strigil.clinic.actions import book as actions
from strigil.clinic.actions.register import folded, register_patient
from strigil.clinic.forms.book import TimeForm
from strigil.clinic.forms.fields import OLDEST
from strigil.clinic.forms.patients import PatientForm
from strigil.clinic.models import Appointment, AppointmentStatus, Patient
from strigil.clinic.slots import Slot, slot_of, word_of
from strigil.clinic.views.shared import answer, patient_bar, posted, refuse, today_of

A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
LATEST = date(2200, 1, 1)
FOUND = 12
UNDO_WITHIN = timedelta(minutes=15)
UNDO = "strigil.appointment.undo"
RELATED = ("patient", "clinician", "clinic")
USUAL_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Line:
    """A part of somebody's day: an appointment, or times in a row that are free."""

    at: datetime
    appointment: Appointment | None = None
    free: list[Slot] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Column:
    clinician: User
    lines: list[Line]


# --- A day, a week ----------------------------------------------------------------------------------------------


def book(request: HttpRequest) -> HttpResponse:
    """One day of everybody, or of one. With ``patient`` or ``move`` a free time is taken at one touch."""
    clinic, on = user_of(request).clinic, _day(request)
    people = list(offers.clinicians(clinic))
    chosen = next((one for one in people if str(one.pk) == request.GET.get("clinician")), None)
    rows = list(offers.of_days(clinic, on, on).select_related("patient", "clinician").order_by("starts", "id"))
    free = offers.free(clinic, [on], rows) if on >= clinic.today else []
    context = {
        "on": on,
        "day_before": on - A_DAY,
        "day_after": on + A_DAY,
        "is_today": on == clinic.today,
        "zone": clinic.zone,
        "people": people,
        "chosen": chosen,
        "columns": _columns(
            [chosen] if chosen else people, rows, [one for one in free if one.starts >= timezone.now()]
        ),
        "off": [one for one in rows if one.is_off and (chosen is None or one.clinician_id == chosen.pk)],
        "keep": _kept(request),
        "keep_all": _kept(request, "patient", "move"),
        "done": done(request),
    } | _held(request, on)
    return answer(request, "book/day.html", context)


def week(request: HttpRequest) -> HttpResponse:
    """How full each day of a week is, by clinician."""
    clinic, on = user_of(request).clinic, _day(request)
    monday = on - timedelta(days=on.weekday())
    days = [monday + timedelta(days=number) for number in range(7)]
    rows = [one for one in offers.of_days(clinic, days[0], days[-1]) if not one.is_off]
    free = [one for one in offers.free(clinic, days, rows) if one.starts >= timezone.now()]
    table = [
        (
            person,
            [
                (
                    day,
                    sum(1 for one in rows if one.clinician_id == person.pk and _on(one.starts, clinic) == day),
                    [one for one in free if one.clinician == person.pk and _on(one.starts, clinic) == day],
                )
                for day in days
            ],
        )
        for person in offers.clinicians(clinic)
    ]
    context = {
        "on": on,
        "days": days,
        "today_is": clinic.today,
        "table": table,
        "zone": clinic.zone,
        "week_before": monday - A_WEEK,
        "week_after": monday + A_WEEK,
        "keep": _kept(request),
        "keep_all": _kept(request, "patient", "move"),
        "is_today": days[0] <= clinic.today <= days[-1],
    } | _held(request, on)
    return answer(request, "book/week.html", context)


def _columns(people: Iterable[User], rows: Iterable[Appointment], free: Iterable[Slot]) -> list[Column]:
    taken: dict[uuid.UUID, list[Line]] = {}
    for row in rows:
        if not row.is_off:
            taken.setdefault(row.clinician_id, []).append(Line(row.starts, row))
    for slot in free:
        taken.setdefault(slot.clinician, []).append(Line(slot.starts, None, [slot]))
    found = []
    people = list(people)
    for person in people:
        lines: list[Line] = []
        for line in sorted(taken.get(person.pk, []), key=lambda one: one.at):
            if line.free and lines and lines[-1].free:
                lines[-1].free.extend(line.free)
            else:
                lines.append(line)
        if lines or len(people) == 1:
            found.append(Column(person, lines))
    return found


def _on(at: datetime, clinic: Clinic) -> date:
    return at.astimezone(clinic.zone).date()


def _day(request: HttpRequest) -> date:
    try:
        on = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return today_of(request)
    return on if OLDEST < on < LATEST else today_of(request)


def _held(request: HttpRequest, on: date) -> dict[str, Any]:
    """Who or what a free time is wanted for."""
    if key := _uuid(request.GET.get("move", "")):
        moved = own(request, Appointment, key, *RELATED)
        return {"held": moved, "held_for": moved.who, "take": reverse("move_appointment", args=[key])}
    if key := _uuid(request.GET.get("patient", "")):
        patient = own(request, Patient, key)
        return {"held_for": patient.name, "take": reverse("book_patient", args=[key])}
    return {}


def _kept(request: HttpRequest, *names: str) -> str:
    """What another page of the book has to be told again."""
    kept = [(name, _uuid(request.GET.get(name, ""))) for name in names or ("clinician", "patient", "move")]
    return "".join(f"&{name}={key}" for name, key in kept if key)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


# --- Book -------------------------------------------------------------------------------------------------------


def book_time(request: HttpRequest) -> HttpResponse:
    """Somebody for a free time: a part of the name, then one touch."""
    slot = slot_of(request.GET.get("slot", ""))
    if slot is None:
        raise Http404
    clinic = user_of(request).clinic
    person = offers.clinicians(clinic).filter(pk=slot.clinician).first()
    if person is None:
        raise Http404
    asked = request.GET.get("q", "").strip()[:200]
    context = {"slot": slot, "word": word_of(slot), "person": person, "zone": clinic.zone, "asked": asked}
    return answer(request, "book/who.html", context | {"found": _named(request, asked)})


def _named(request: HttpRequest, asked: str) -> list[Patient]:
    if not folded(asked):
        return []
    rows = Patient.objects.filter(clinic_id=user_of(request).clinic_id, search__contains=folded(asked))
    return list(rows.order_by("search", "id")[:FOUND])


def book_patient(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Any time for a patient: a free one of the book, or one that is typed."""
    patient = own(request, Patient, key)
    form, slot = _time(request, {"on": _day(request), "minutes": USUAL_MINUTES})
    if slot:
        try:
            made = actions.book(by=user_of(request), patient=patient, slot=slot, on=today_of(request))
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return _went(request, made, "Booked", actions.Before(slot.clinician, slot.starts, slot.ends, "cancelled"))
    context = {"form": form, "patient": patient, "bar": patient_bar(patient, today_of(request)), "back": "patient"}
    return answer(request, "book/time.html", context | {"back_key": patient.pk}, valid=not form.errors)


def move_appointment(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    found = own(request, Appointment, key, *RELATED)
    before = actions.Before.of(found)
    there = found.starts.astimezone(found.clinic.zone)
    minutes = int((found.ends - found.starts).total_seconds() // 60)
    now_at = {"clinician": str(found.clinician_id), "on": there.date(), "at": there.time(), "minutes": minutes}
    form, slot = _time(request, now_at | {"version": found.version})
    if slot:
        try:
            actions.move(by=user_of(request), appointment=found, seen=_seen(request), slot=slot, now=timezone.now())
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return _went(request, found, "Moved", before)
    context = {"form": form, "moved": found, "zone": found.clinic.zone}
    return answer(request, "book/time.html", context, valid=not form.errors)


def _time(request: HttpRequest, initial: dict[str, Any]) -> tuple[TimeForm, Slot | None]:
    """The form, and the time that was sent: touched in the book, or typed."""
    clinic, sent = user_of(request).clinic, posted(request)
    people = offers.clinicians(clinic)
    if sent is not None and "slot" in sent:
        slot = slot_of(sent.get("slot", ""))
        if slot is None:
            raise Http404
        there = slot.starts.astimezone(clinic.zone)
        minutes = int((slot.ends - slot.starts).total_seconds() // 60)
        typed = {"clinician": slot.clinician, "on": there.date(), "at": f"{there:%H:%M}", "minutes": minutes}
        if "version" in sent:
            typed["version"] = sent["version"]
        return TimeForm(typed, clinicians=people, zone=clinic.zone), slot
    form = TimeForm(sent, initial=initial, clinicians=people, zone=clinic.zone)
    return form, form.slot() if sent is not None and form.is_valid() else None


def _seen(request: HttpRequest, other: str = "version") -> int:
    """The version that the page was drawn from; the one-touch button of Today carries it as its own value."""
    sent = request.POST.get("version", "") or request.POST.get(other, "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


# --- One appointment --------------------------------------------------------------------------------------------

SAYS = {
    AppointmentStatus.ARRIVED.value: "Here",
    AppointmentStatus.MISSED.value: "Did not come",
    AppointmentStatus.CANCELLED.value: "Cancelled",
    AppointmentStatus.BOOKED.value: "Booked after all",
}


def appointment(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """One appointment: what it is, what may be done, and the patient's link."""
    found = own(request, Appointment, key, *RELATED, "course")
    sent = posted(request)
    refused: Refused | None = None
    if sent is not None:
        before = actions.Before.of(found)
        try:
            if "send" in sent:
                return _send(request, found)
            status = AppointmentStatus.ARRIVED.value if "arrived" in sent else sent.get("mark", "")
            if status not in SAYS:
                raise Refused("Choose what to do.")
            actions.mark(by=user_of(request), appointment=found, seen=_seen(request, "arrived"), status=status)
        except Refused as refusal:
            refused = refusal
            found = own(request, Appointment, key, *RELATED, "course")
        else:
            if status == AppointmentStatus.CANCELLED and found.email:
                _tell(request, found)
            return _went(request, found, SAYS[status], before, to_today="arrived" in sent)
    context = {
        "one": found,
        "zone": found.clinic.zone,
        "marks": [(word, SAYS[word]) for word in actions.NEXT[found.status] if word != found.status],
        "link": _link(request, found),
        "can_send": notices.can_send(found),
        "mail": notices.address_of(found),
        "refused": refused,
        "done": done(request),
        "is_request": found.status == AppointmentStatus.REQUESTED,
        "can_move": found.status in (AppointmentStatus.BOOKED, AppointmentStatus.REQUESTED),
    }
    return answer(request, "book/appointment.html", context, valid=not refused)


def confirm_request(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Answer a request: it is from somebody known, or from somebody new."""
    found = own(request, Appointment, key, *RELATED)
    by, on, sent = user_of(request), today_of(request), posted(request)
    known = sent is not None and "patient" in sent
    given = {"name": found.name, "phone": found.phone, "email": found.email, "version": found.version}
    form = PatientForm(None if known else sent, initial=given, today=on)
    refused: Refused | None = None
    if known or (sent is not None and form.is_valid()):
        try:
            with transaction.atomic():
                patient = _known(request) if known else register_patient(by=by, **_about(form))
                actions.confirm(by=by, appointment=found, seen=_seen(request), patient=patient)
        except Refused as refusal:
            refused = refusal
            found.refresh_from_db()
        else:
            messages.success(request, f"Confirmed for {patient.name}.")
            _tell(request, found)
            return redirect("appointment", found.pk)
    asked = request.GET.get("q", "").strip()[:200]
    context = {
        "one": found,
        "zone": found.clinic.zone,
        "form": form,
        "refused": refused,
        "asked": asked,
        "found": _named(request, asked) if asked else _alike(found),
        "is_request": found.status == AppointmentStatus.REQUESTED,
    }
    return answer(request, "book/confirm.html", context, valid=not (refused or form.errors))


def _alike(request: Appointment) -> list[Patient]:
    """Who it could be from: the same name, telephone or mail address."""
    same = Q(search=folded(request.name))
    if request.phone:
        same |= Q(phone=request.phone)
    if request.email:
        same |= Q(email__iexact=request.email)
    return list(Patient.objects.filter(same, clinic_id=request.clinic_id).order_by("search", "id")[:FOUND])


def _known(request: HttpRequest) -> Patient:
    key = _uuid(request.POST.get("patient", ""))
    if key is None:
        raise Http404
    return own(request, Patient, key)


def _about(form: PatientForm) -> dict[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if name != "version"}


def _tell(request: HttpRequest, found: Appointment) -> None:
    if not notices.can_send(found):
        messages.info(request, "No mail was sent. Tell the patient, or hand out the link below.")
    elif notices.send(found, _link(request, found)):
        messages.success(request, f"Sent to {notices.address_of(found)}.")
    else:
        messages.error(request, "The mail could not be sent. Tell the patient, or hand out the link below.")


def _send(request: HttpRequest, found: Appointment) -> HttpResponse:
    _tell(request, found)
    return redirect("appointment", found.pk)


def _link(request: HttpRequest, found: Appointment) -> str:
    return request.build_absolute_uri(reverse("own_appointment", args=[links.token(found)]))


# --- Undo -------------------------------------------------------------------------------------------------------


def _went(
    request: HttpRequest, found: Appointment, said: str, before: actions.Before, *, to_today: bool = False
) -> HttpResponse:
    """Back to the day, which says what was done and offers to undo it."""
    word = undo_word(found, said, before)
    if to_today:
        return redirect(f"{reverse('today')}?done={word}")
    return redirect(f"{reverse('book')}?on={_on(found.starts, found.clinic)}&done={word}")


def undo_word(found: Appointment, said: str, before: actions.Before) -> str:
    """What was done and how it was before, signed: good for a few minutes and for this one appointment."""
    was = [before.clinician.hex, before.starts.timestamp(), before.ends.timestamp(), before.status]
    return signing.dumps([found.pk.hex, found.version, said, was], salt=UNDO, compress=True)


def done(request: HttpRequest) -> dict[str, Any] | None:
    """What was done last, if it was done just now and nothing has happened to it since."""
    kept = _kept_undo(request.GET.get("done", ""))
    if kept is None:
        return None
    key, version, said, _ = kept
    found = (
        Appointment.objects.filter(clinic_id=user_of(request).clinic_id, pk=key, version=version)
        .select_related("patient", "clinician", "clinic")
        .first()
    )
    if found is None:
        return None
    return {"one": found, "said": said, "was": request.GET["done"], "zone": found.clinic.zone}


def _kept_undo(word: str) -> tuple[uuid.UUID, int, str, actions.Before] | None:
    try:
        key, version, said, (clinician, starts, ends, status) = signing.loads(word, salt=UNDO, max_age=UNDO_WITHIN)
    except signing.BadSignature:
        return None
    times = [datetime.fromtimestamp(one, UTC) for one in (starts, ends)]
    return uuid.UUID(key), version, said, actions.Before(uuid.UUID(clinician), times[0], times[1], status)


def undo_appointment(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    found = own(request, Appointment, key, *RELATED)
    kept = _kept_undo(request.POST.get("was", ""))
    if kept is None or kept[0] != found.pk:
        messages.error(request, "That was too long ago to undo. Change the appointment itself.")
        return redirect("appointment", found.pk)
    try:
        actions.put_back(by=user_of(request), appointment=found, seen=kept[1], before=kept[3])
    except Refused as refusal:
        messages.error(request, f"Not undone. {refusal}")
        return redirect("appointment", found.pk)
    messages.success(request, "Undone.")
    return redirect(f"{reverse('book')}?on={_on(found.starts, found.clinic)}")
