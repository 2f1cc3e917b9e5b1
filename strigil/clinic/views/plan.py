from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from strigil.accounts.gate import user_of
from strigil.clinic import cautions
from strigil.clinic.actions import Refused
from strigil.clinic.actions.plan import make_plan
from strigil.clinic.forms.plan import PlanAreaForm, PlanForm, technique_of
from strigil.clinic.models import Course, DraftPage, Plan
from strigil.clinic.tags import site_title
from strigil.clinic.views.once import done, once
from strigil.clinic.views.shared import answer, course_context, course_or_404, posted, today_of
from strigil.knowledge import load
from strigil.knowledge.shapes import Dosage, Technique
from strigil.pathway import plan as pathway
from strigil.pathway.facts import Outcome


@once(DraftPage.PLAN)
def plan(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Choose a technique, then its phases, the dose of each area, the visits and the reviews."""
    course = course_or_404(request, key)
    latest = course.plans.prefetch_related("areas").order_by("id").last()
    technique = _technique(request, latest)
    context = course_context(
        request,
        course,
        "plan",
        latest=latest,
        technique=technique,
        zones=cautions.zones(course.sites.all()),
        techniques=sorted(load().shelf(Technique).values(), key=lambda one: one.title),
    )
    if technique is None:
        context["unchosen"] = request.method == "POST"
        return answer(request, "plan/plan.html", context, valid=request.method != "POST")
    outcome = Outcome(context["screening"].outcome) if context["screening"] else Outcome.INCOMPLETE
    kept = latest if latest and latest.technique == technique.id else None
    form, areas = _forms(request, course, technique, kept)
    if request.method == "POST":
        valid = all([one.is_valid() for one in (form, *(area for _, area in areas))])
        if all(area.cleaned_data.get("seconds") is None and not area.errors for _, area in areas):
            form.add_error(None, "Plan at least one area: give it a time.")
            valid = False
        if valid and _make(request, course, form, [area for _, area in areas], outcome):
            return done("course", course.pk)
    context |= {
        "form": form,
        "areas": areas,
        "gates": cautions.lower_dose() if outcome is Outcome.MODIFY else [],
        "dosage": load().shelf(Dosage),
        "reviews": pathway.reviews(load()),
    }
    invalid = bool(form.errors) or any(area.errors for _, area in areas)
    return answer(request, "plan/plan.html", context, valid=not invalid)


def _technique(request: HttpRequest, latest: Plan | None) -> Technique | None:
    """The technique that was sent or asked for; only a page that asks for none opens on the plan that holds."""
    if request.method == "POST":
        return technique_of(request.POST.get("technique"))
    return technique_of(request.GET.get("technique")) or technique_of(latest.technique if latest else None)


def _forms(
    request: HttpRequest, course: Course, technique: Technique, kept: Plan | None
) -> tuple[PlanForm, list[tuple[str, PlanAreaForm]]]:
    sent = posted(request)
    reviews = ", ".join(str(visit) for visit in pathway.reviews(load()))
    initial: dict[str, Any] = {"phases": [one.id for one in technique.phases], "review_visits": reviews}
    doses: dict[tuple[str, str], dict[str, Any]] = {}
    if kept:
        names = ("phases", "visits_per_week", "visits_in_all", "exercise", "home_programme", "note")
        initial = {name: getattr(kept, name) for name in names}
        initial["visits_per_week"] = f"{Decimal(kept.visits_per_week).normalize():f}"
        initial["review_visits"] = ", ".join(str(visit) for visit in kept.review_visits)
        names = ("seconds", "instrument", "edge", "strokes", "angle_degrees", "pressure")
        doses = {(area.region, area.side): {name: getattr(area, name) for name in names} for area in kept.areas.all()}
    sites = list(course.sites.all())
    named = " ".join(f"{row.region}/{row.side}" for row in sites)
    form = PlanForm(sent, initial=initial, technique=technique, sites=named)
    areas = [
        (
            site_title(row),
            PlanAreaForm(
                sent,
                prefix=f"area-{place}",
                initial=doses.get((row.region, row.side)),
                region=row.region,
                side=row.side,
                technique=technique.id,
            ),
        )
        for place, row in enumerate(sites)
    ]
    return form, areas


def _make(request: HttpRequest, course: Course, form: PlanForm, areas: list[PlanAreaForm], outcome: Outcome) -> bool:
    given = form.plan([area for one in areas if (area := one.area())])
    try:
        make_plan(by=user_of(request), course=course, on=today_of(request), plan=given)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    messages.success(request, "The plan is saved.")
    for advice in pathway.check_dose(
        technique=given.technique,
        seconds=[area.seconds for area in given.areas],
        visits_per_week=given.visits_per_week,
        visits_in_all=given.visits_in_all,
        outcome=outcome,
        knowledge=load(),
    ):
        messages.warning(request, advice.what)
    return True
