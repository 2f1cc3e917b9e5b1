from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject

from strigil.accounts.gate import own, user_of
from strigil.accounts.policy import may
from strigil.clinic import gather, hindrances
from strigil.clinic.actions import Refused, StaleVersion
from strigil.clinic.actions import treat as actions
from strigil.clinic.forms.treat import AmendForm, DiscardForm, SignForm
from strigil.clinic.hindrances import Hindrance, Way
from strigil.clinic.models import Course, DraftPage, Screening, Visit
from strigil.clinic.reviews import review_of
from strigil.clinic.standing import doubt_of
from strigil.clinic.versions import versions
from strigil.clinic.views import merge
from strigil.clinic.views.once import done, once
from strigil.clinic.views.shared import answer, course_context, course_or_404, posted, refuse, today_of
from strigil.clinic.views.visit_page import VisitPage, copied_titles, suggested
from strigil.knowledge.shapes import PayerRule
from strigil.pathway.treat import Units


@once("start_visit")
def start_visit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Open today's visit, or return to the draft that is already open."""
    course = course_or_404(request, key)
    plan = course.plans.order_by("id").last()
    if plan is None:
        messages.error(request, "Make a plan first: the visit takes its technique and areas from it.")
        return redirect("plan", course.pk)
    try:
        visit = actions.start_visit(by=user_of(request), course=course, on=today_of(request), technique=plan.technique)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("course", course.pk)
    return done("visit", visit.pk)


@once(DraftPage.VISIT)
def visit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The visit: what was treated and how, what was measured, what the skin did."""
    found = _visit(request, key)
    course = course_or_404(request, found.course_id)
    prefetch_related_objects([course], "sites")
    if found.is_signed and request.method != "POST":
        return answer(request, "treat/signed.html", _signed(request, course, found))
    earlier = gather.earlier(found)
    page = VisitPage(found, course, posted(request), earlier=earlier, repeat=request.GET.get("copies") != "none")
    if request.method == "POST" and page.is_valid():
        try:
            actions.write_visit(by=user_of(request), visit=found, seen=page.seen, given=page.visit_input())
        except StaleVersion as stale:
            if 0 < page.seen < Visit.objects.get(pk=found.pk).version:
                return merge.offer(request, found, course, request.POST, merge.began_of(request.POST))
            page.refuse(stale)
        except Refused as refusal:
            page.refuse(refusal)
        else:
            if "draft" in request.POST:
                messages.success(request, "Saved as a draft.")
                return done("visit", found.pk)
            if not may("sign_visit", "POST", user_of(request).role):
                messages.success(request, "Saved. A clinician reads and signs it.")
                return done("visit", found.pk)
            return done("sign_visit", found.pk)
    sites = [gather.site(row.region, row.side) for row in course.sites.all()]
    keys: dict[int | None, uuid.UUID] = {row.number: row.pk for row in earlier}
    gate = [(one, keys.get(one.visit)) for one in hindrances.advice(found, sites, earlier)]
    of_the_day = _of_the_day(found)
    context = _context(request, course, found, page=page, gate=gate, of_the_day=of_the_day)
    if found.on != context["on"]:
        context["doubt"] = doubt_of(of_the_day, found.on, found.clinic)
    context["review"] = review_of(course, plan=page.plan)
    _say_how_far(context, page)
    return answer(request, "treat/visit.html", context, valid=page.valid, stale=page.stale)


@once("sign_visit")
def sign_visit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Read the visit once more, and sign it."""
    found = _visit(request, key)
    course = course_or_404(request, found.course_id)
    if found.is_signed:
        return _signed_meanwhile(request, course, found) if request.method == "POST" else redirect("visit", found.pk)
    copied = copied_titles(found)
    hindering = hindrances.still_open(found)
    form = SignForm(posted(request), initial={"version": found.version}, copied=copied, hindering=hindering)
    wanting = actions.wanting(found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.sign_visit(
                by=user_of(request),
                visit=found,
                seen=form.cleaned_data["version"],
                confirmed=bool(copied),
                **form.overridden(),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"Visit {found.number} is signed.")
            return done("course", course.pk)
    blocked = bool(wanting) or any(one.way is not Way.REASON for one in hindering)
    context = _context(
        request, course, found, form=form, hindering=hindering, wanting=wanting, blocked=blocked, copied=copied
    )
    return answer(request, "treat/sign.html", context, valid=not form.errors)


def _signed_meanwhile(request: HttpRequest, course: Course, visit: Visit) -> HttpResponse:
    messages.error(request, "Not signed now: it was signed since you opened it. Below is what was signed.")
    return answer(request, "treat/signed.html", _signed(request, course, visit), stale=True)


@once(DraftPage.AMEND)
def amend_visit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Correct a signed visit; how it read before is kept."""
    found = _visit(request, key)
    course = course_or_404(request, found.course_id)
    if not found.is_signed:
        return redirect("visit", found.pk)
    sent = posted(request)
    page = VisitPage(found, course, sent, whole=True)
    why = AmendForm(sent)
    hindering: Sequence[Hindrance] = ()
    if sent is not None and page.is_valid() & why.is_valid():
        try:
            actions.amend_visit(
                by=user_of(request),
                visit=found,
                seen=page.seen,
                given=page.visit_input(),
                reason=why.cleaned_data["reason"],
                overriding=why.keys(),
            )
        except actions.Hindered as refusal:
            page.refuse(refusal)
            hindering = refusal.hindering
        except Refused as refusal:
            page.refuse(refusal)
        else:
            messages.success(request, "Amended. The visit as it read before is kept below.")
            return done("visit", found.pk)
    overriding = " ".join(one.key for one in hindering if one.way is Way.REASON)
    context = _context(request, course, found, page=page, why=why, hindering=hindering, overriding=overriding)
    _say_how_far(context, page)
    return answer(request, "treat/visit.html", context, valid=page.valid and not why.errors, stale=page.stale)


@once("discard_visit")
def discard_visit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Throw a draft away, after asking once."""
    found = _visit(request, key)
    course = course_or_404(request, found.course_id)
    form = DiscardForm(posted(request), initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        try:
            actions.discard_visit(by=user_of(request), visit=found, seen=form.cleaned_data["version"])
        except StaleVersion as stale:
            refuse(form, stale)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("course", course.pk)
        else:
            messages.success(request, "The draft is discarded.")
            return done("course", course.pk)
    elif found.is_signed:
        return redirect("visit", found.pk)
    context = _context(request, course, found, form=form)
    return answer(request, "treat/discard.html", context, valid=not form.errors)


def _signed(request: HttpRequest, course: Course, visit: Visit) -> dict[str, object]:
    context = _context(request, course, visit)
    recorded = context["recorded"]
    context["versions"] = versions(visit, list(recorded.amendments.all()))
    return context


def _say_how_far(context: dict[str, Any], page: VisitPage) -> None:
    """Where in the plan this visit stands, in the bar that stays in sight; and what its saved minutes come to."""
    if page.plan is not None:
        number, planned = page.visit.number, page.plan.visits_in_all
        if number <= planned:
            context["bar"]["visit"] = f"Visit {number} of {planned}"
    context["suggested"] = SimpleLazyObject(partial(suggested, page.visit, page.treated))


def _visit(request: HttpRequest, key: uuid.UUID) -> Visit:
    return own(request, Visit, key, "course", "clinic", "signed_by")


def _context(request: HttpRequest, course: Course, visit: Visit, **extra: object) -> dict[str, Any]:
    context = course_context(request, course, "treat", visit=visit, **extra)
    context["bar"]["visit"] = f"Visit {visit.number}"
    context["overrides"] = visit.overrides.select_related("created_by")
    context["recorded"] = SimpleLazyObject(partial(_recorded, visit))
    context["suggested"] = SimpleLazyObject(partial(_suggested, context["recorded"]))
    return context


def _recorded(visit: Visit) -> Visit | None:
    """The visit as it reads, fetched by the pages that show it."""
    rows = gather.with_doses(Visit.objects.filter(pk=visit.pk))
    return rows.prefetch_related("readings", "amendments__created_by").first()


def _suggested(recorded: Visit) -> tuple[Units | None, PayerRule] | None:
    return suggested(recorded, list(recorded.treatments.all()))


def _of_the_day(visit: Visit) -> Screening | None:
    """The newest screen of the visit's own day."""
    return Screening.objects.filter(course_id=visit.course_id, on=visit.on).defer("inputs").order_by("id").last()
