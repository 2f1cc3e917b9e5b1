"""The patients' own pages, signed out: ask for a time; see, move or cancel one appointment by its link."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from strigil.accounts.models import Clinic
from strigil.accounts.sign_in.place import source_of
from strigil.clinic import links, notices, offers
from strigil.clinic.actions import Refused
from strigil.clinic.actions import book as actions
from strigil.clinic.forms.book import AskForm
from strigil.clinic.models import Appointment, AppointmentStatus, RequestPage
from strigil.clinic.slots import Slot, slot_of, word_of
from strigil.clinic.views.by_patients import private
from strigil.clinic.views.shared import answer, posted

A_WEEK = 7
COMING = (AppointmentStatus.REQUESTED, AppointmentStatus.BOOKED)


def ask(request: HttpRequest, address: str) -> HttpResponse:
    """Choose a time; then say who you are. Nothing about health is asked."""
    page = RequestPage.objects.filter(address=address, is_open=True).select_related("clinic").first()
    if page is None:
        raise Http404
    slot = slot_of(request.POST.get("slot") or request.GET.get("slot", ""))
    if slot is None or not offers.is_offered(page, slot, timezone.now()):
        return _choose(request, page, taken=slot is not None)
    form = AskForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data | {"source": source_of(request), "now": timezone.now()}
            made = actions.ask(page=page, slot=slot, **given)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect("own_appointment", links.token(made))
    person = offers.clinicians(page.clinic).filter(pk=slot.clinician).first()
    context = {"page": page, "slot": slot, "word": word_of(slot), "person": person, "form": form}
    context |= {"clinic": page.clinic, "phone": page.phone}
    return private(answer(request, "book/ask.html", context | {"zone": page.clinic.zone}, valid=not form.errors))


def _choose(request: HttpRequest, page: RequestPage, *, taken: bool) -> HttpResponse:
    context: dict[str, Any] = {"page": page, "taken": taken, "zone": page.clinic.zone, "here": "?"}
    context |= {"clinic": page.clinic, "phone": page.phone}
    context |= _week_of(request, page)
    return private(answer(request, "book/choose.html", context, valid=not (taken and request.method == "POST")))


def _week_of(request: HttpRequest, page: RequestPage) -> dict[str, Any]:
    """The first week that has a free time, or the one asked for."""
    today = page.clinic.today
    try:
        first = max(today, date.fromisoformat(request.GET.get("from", "")))
    except ValueError:
        first = today
    last = today + timedelta(days=page.days_ahead)
    first = min(first, last)
    free = offers.to_patients(
        page, [first + timedelta(days=number) for number in range((last - first).days + 1)], timezone.now()
    )
    days = _by_day(free, page.clinic)
    shown = [one for one in days if one[0] < days[0][0] + timedelta(days=A_WEEK)] if days else []
    later = days[len(shown)][0] if len(days) > len(shown) else None
    return {
        "days": shown,
        "later": later,
        "earlier": max(today, first - timedelta(days=A_WEEK)) if first > today else None,
        "names": {one.pk: one.display_name for one in offers.clinicians(page.clinic)},
    }


def _by_day(free: Iterable[Slot], clinic: Clinic) -> list[tuple[date, list[tuple[Slot, str]]]]:
    """Each time once: who is free first by name stays first, the others are as good."""
    once = {one.starts: one for one in sorted(free, reverse=True)}
    rows = sorted(once.values())
    return [
        (day, [(one, word_of(one)) for one in group])
        for day, group in groupby(rows, key=lambda one: one.starts.astimezone(clinic.zone).date())
    ]


# --- By link ----------------------------------------------------------------------------------------------------


def own_appointment(request: HttpRequest, token: str) -> HttpResponse:
    """What the link opens: one appointment, to be seen, moved or cancelled."""
    found = _opened(token)
    page = offers.open_page(found.clinic)
    sent = posted(request)
    refused: Refused | None = None
    if sent is not None:
        try:
            _change(found, sent.get("cancel"), sent.get("slot", ""), sent.get("version", ""))
        except Refused as refusal:
            refused = refusal
            found = _opened(token)
        else:
            return redirect("own_appointment", token)
    can_change = found.status in COMING and found.starts > timezone.now()
    context: dict[str, Any] = {
        "one": found,
        "page": page,
        "clinic": found.clinic,
        "phone": page.phone if page else "",
        "token": token,
        "zone": found.clinic.zone,
        "refused": refused,
        "can_change": can_change,
        "can_move": can_change and page is not None,
        "moving": bool(can_change and page and ("move" in request.GET or "from" in request.GET)),
        "here": "?move=1&",
    }
    if context["moving"] and page:
        context |= _week_of(request, page)
    return private(answer(request, "book/own.html", context, valid=not refused))


def _change(found: Appointment, cancel: str | None, word: str, version: str) -> None:
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    if cancel:
        actions.mark(by=None, appointment=found, seen=seen, status=AppointmentStatus.CANCELLED)
        return
    slot = slot_of(word)
    if slot is None:
        raise Refused("Choose a time.")
    actions.move(by=None, appointment=found, seen=seen, slot=slot, now=timezone.now())


def own_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The appointment for the patient's own calendar."""
    found = _opened(token)
    response = HttpResponse(notices.calendar_file(found, settings.MAIL_ADDRESS), content_type="text/calendar")
    response.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return private(response)


def _opened(token: str) -> Appointment:
    found = links.appointment_of(token)
    if found is None:
        raise Http404
    return found
