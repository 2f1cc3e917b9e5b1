from __future__ import annotations

import uuid

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from strigil.accounts.gate import own, user_of
from strigil.accounts.policy import may
from strigil.clinic import gather
from strigil.clinic.actions import Refused
from strigil.clinic.actions import evaluate as actions
from strigil.clinic.bodies import Picker, sites_body
from strigil.clinic.forms.evaluate import CourseForm, GoalForm, HistoryForm, ReadingsForm, SiteForm
from strigil.clinic.measuring import offers
from strigil.clinic.models import Course, CourseSite, DraftPage, Moment, Patient
from strigil.clinic.views.once import done, once
from strigil.clinic.views.shared import answer, course_context, course_or_404, patient_bar, posted, refuse, today_of
from strigil.knowledge import load
from strigil.pathway import evaluate as pathway
from strigil.pathway.facts import Advice, Site
from strigil.pathway.offer import offered


def open_course(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Begin an episode of care."""
    found = own(request, Patient, key)
    on = today_of(request)
    form = CourseForm(posted(request), today=on)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            course = actions.open_course(
                by=user_of(request),
                patient=found,
                on=on,
                indication=given["indication"],
                side=given["side"],
                sites=form.sites(),
                onset=given["onset"],
                complaint=given["complaint"],
            )
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect("evaluate", course.pk)
    picker = Picker(form["regions"], form["side"])
    context = {"form": form, "picker": picker, "patient": found, "bar": patient_bar(found, on)}
    return answer(request, "evaluate/open.html", context, valid=not form.errors)


def sites(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Add a site to an open course, or take one back that was never treated."""
    course = course_or_404(request, key)
    sent = posted(request)
    removing = sent is not None and "remove" in sent
    form = SiteForm(None if removing else sent)
    refused = ""
    try:
        if sent is not None and removing:
            actions.remove_site(by=user_of(request), site=_site(course, sent.get("remove", "")))
            messages.success(request, "The site is removed.")
            return redirect("course_sites", course.pk)
        if sent is not None and form.is_valid():
            given = actions.SiteInput(form.cleaned_data["region"], form.cleaned_data["side"])
            actions.add_site(by=user_of(request), course=course, site=given)
            messages.success(request, "The site is added. Screen it before it is treated.")
            return redirect("screen", course.pk)
    except Refused as refusal:
        if removing:
            refused = str(refusal)
        else:
            form.add_error(refusal.field, str(refusal))
    rows = [(row, _why_it_stays(row)) for row in course.sites.select_related("course")]
    context = course_context(request, course, "evaluate", form=form, rows=rows, refused=refused)
    context |= sites_body([row for row, _ in rows], context["screening"])
    context["picker"] = Picker(form["region"], form["side"]) if course.is_open else None
    return answer(request, "evaluate/sites.html", context, valid=not form.errors and not refused)


def _site(course: Course, key: str) -> CourseSite:
    try:
        return course.sites.select_related("course").get(pk=uuid.UUID(key))
    except (ValueError, CourseSite.DoesNotExist):
        raise Http404 from None


def _why_it_stays(site: CourseSite) -> str:
    try:
        actions.check_can_remove_site(site)
    except Refused as refusal:
        return str(refusal)
    return ""


@once(DraftPage.EVALUATE)
def evaluate(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """History, findings, and where the patient stands before anything is done."""
    course = course_or_404(request, key)
    rows = list(course.sites.all())
    sites = tuple(gather.site(row.region, row.side) for row in rows)
    measures = pathway.measures_for(course.indication, sites, load())
    choice = offered(course.indication, {row.region for row in rows}, course.is_treated, load())  # type: ignore[attr-defined]
    first = {one.id: one for one in choice.first}
    initial = {name: getattr(course, name) for name in ("complaint", "history", "assessment", "onset", "version")}
    sent = posted(request)
    history = HistoryForm(sent, initial=initial, today=today_of(request))
    readings = ReadingsForm(sent, measures=measures, first=first, side=course.side, prefix="base")
    goal = GoalForm(sent, measures=[*({one.id: one for one in measures} | first).values()], prefix="goal")
    forms = (history, readings, goal)
    if sent is not None and all([form.is_valid() for form in forms]):
        try:
            _save(request, course, history, readings, goal)
        except Refused as refusal:
            refuse(history, refusal)
        else:
            messages.success(request, "Saved.")
            return done("screen" if not course.is_screened else "course", course.pk)  # type: ignore[attr-defined]
    context = course_context(
        request,
        course,
        "evaluate",
        history=history,
        readings=readings,
        goal=goal,
        taken=course.readings.filter(moment=Moment.BASELINE),
        goals=course.goals.all(),
        sites=sites,
        odd=[advice for site in sites for advice in _odd(course, site)],
    )
    context |= sites_body(rows, context["screening"])
    if course.is_open and may("reading", "GET", user_of(request).role):
        context["offers"] = offers(course, {"nprs", "psfs", *(one.id for one in measures)})
    return answer(request, "evaluate/evaluate.html", context, valid=not any(form.errors for form in forms))


def _odd(course: Course, site: Site) -> list[Advice]:
    return pathway.check_site(course.indication, site, load())


@transaction.atomic
def _save(request: HttpRequest, course: Course, history: HistoryForm, readings: ReadingsForm, goal: GoalForm) -> None:
    by, on = user_of(request), today_of(request)
    text = history.cleaned_data
    actions.describe_course(
        by=by,
        course=course,
        seen=text["version"],
        complaint=text["complaint"],
        history=text["history"],
        assessment=text["assessment"],
        onset=text["onset"],
    )
    actions.record_readings(by=by, course=course, on=on, readings=readings.readings())
    wanted = goal.cleaned_data
    if wanted["measure"]:
        actions.set_goal(by=by, course=course, measure=wanted["measure"], value=wanted["value"], by_day=wanted["by"])
