"""What the pages of a course share: the patient bar, the steps, the caution that never scrolls away."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from strigil.accounts.gate import user_of
from strigil.accounts.policy import may
from strigil.clinic.actions import Refused, StaleVersion
from strigil.clinic.forms.evaluate import title_of_indication
from strigil.clinic.models import (
    Course,
    ExerciseReport,
    Finding,
    HomeProgramme,
    Origin,
    Patient,
    Plan,
    ReactionCheck,
    Reading,
    Screening,
    Visit,
    VisitStatus,
    When,
)
from strigil.clinic.reviews import treated_visits_of
from strigil.clinic.standing import doubt_of, standing
from strigil.clinic.tags import outcome_text
from strigil.pathway.facts import Outcome
from strigil.pathway.screen import age_on
from strigil.pathway.treat import spoken

ORIGIN_MARKS = {Origin.SYNTHETIC.value: "made up", Origin.PUBLISHED.value: "published case: one person, no proof"}
UNPROCESSABLE = 422
CONFLICT = 409
STALE = "stale"
_here = threading.local()


def today_of(request: HttpRequest) -> date:
    """The day it is in the clinic."""
    return user_of(request).clinic.today


@dataclass(frozen=True, slots=True)
class Step:
    word: str
    state: str
    href: str | None


def course_or_404(request: HttpRequest, key: UUID) -> Course:
    """A course of the user's own clinic, with its patient and how far it has come, in one query."""
    found = _with_progress().filter(clinic_id=user_of(request).clinic_id, pk=key).first()
    if found is None:
        raise Http404
    return found


def _with_progress() -> QuerySet[Course]:
    """Made once: to put so many questions together takes longer than to have them answered.

    One for each thread: while Django writes it, it counts in the inner questions how often each table is named.
    """
    if not hasattr(_here, "courses"):
        of_course = {"course": OuterRef("pk")}
        signed = Visit.objects.filter(**of_course, status=VisitStatus.SIGNED)
        looked_after = ReactionCheck.objects.filter(visit__course=OuterRef("pk"), complete=True).exclude(when=When.END)
        _here.courses = Course.objects.select_related("patient").annotate(
            is_evaluated=Exists(Reading.objects.filter(**of_course)),
            is_screened=Exists(Screening.objects.filter(**of_course)),
            is_planned=Exists(Plan.objects.filter(**of_course)),
            is_treated=Exists(signed),
            is_answered=Exists(looked_after),
            is_measured=Exists(signed.filter(number__gte=2)),
            has_findings=Exists(Finding.objects.filter(**of_course)),
            home_size=Subquery(HomeProgramme.objects.filter(**of_course).order_by("-id").values("size")[:1]),
            home_done=Subquery(ExerciseReport.objects.filter(**of_course).order_by("-id").values("done")[:1]),
            treated_visits=treated_visits_of(OuterRef("pk")),
        )
    return cast("QuerySet[Course]", _here.courses)


def course_context(request: HttpRequest, course: Course, step: str, **extra: Any) -> dict[str, Any]:
    """Context of a page of the pathway. ``step`` is one of the seven verbs, or ``""`` for the course itself."""
    on = today_of(request)
    screening = course.screenings.defer("inputs").order_by("id").last()
    patient = course.patient
    doubt = doubt_of(screening, on, user_of(request).clinic)
    stands_today = standing(screening, on, doubt)
    return {
        "course": course,
        "patient": patient,
        "screening": screening,
        "doubt": doubt,
        "standing": stands_today,
        "on": on,
        "steps": _steps(request, course, step),
        "bar": patient_bar(patient, on)
        | {
            "side": course.side,
            "indication": title_of_indication(course.indication),
            "caution": _caution(screening, on, doubt),
            "caution_outcome": stands_today,
        },
    } | extra


def patient_bar(patient: Patient, on: date) -> dict[str, Any]:
    return {
        "name": patient.name,
        "born": patient.born or "on a day not known",
        "age": age_on(patient.born, on),
        "href": reverse("patient", args=[patient.pk]),
        "mark": ORIGIN_MARKS.get(patient.origin, ""),
    }


def _caution(screening: Screening | None, on: date, doubt: str) -> str:
    if screening is None:
        return "Not screened yet: nothing is treated."
    if screening.outcome == Outcome.ERROR:
        return outcome_text(screening.outcome)
    words = [] if screening.on == on else [f"Screened on {spoken(screening.on)}; confirm for today."]
    if doubt:
        words.append("The screen may be of an earlier day; confirm for today.")
    reasons = list(dict.fromkeys(one["title"] for one in screening.reasons))
    if reasons:
        words.append("; ".join(reasons[:3]) + (f" and {len(reasons) - 3} more" if len(reasons) > 3 else "") + ".")
    if screening.unasked:
        words.append(f"{len(screening.unasked)} {'question' if len(screening.unasked) == 1 else 'questions'} open.")
    if not words and screening.outcome == Outcome.PROCEED:
        words.append("No restriction found today.")
    return " ".join(words)


def _steps(request: HttpRequest, course: Course, current: str) -> list[Step]:
    done = {
        "evaluate": course.is_evaluated,  # type: ignore[attr-defined]
        "screen": course.is_screened,  # type: ignore[attr-defined]
        "plan": course.is_planned,  # type: ignore[attr-defined]
        "treat": course.is_treated,  # type: ignore[attr-defined]
        "respond": course.is_answered,  # type: ignore[attr-defined]
        "measure": course.is_measured,  # type: ignore[attr-defined]
        "learn": False,
    }
    here = reverse("course", args=[course.pk])
    pages = {step: reverse(step, args=[course.pk]) for step in ("evaluate", "screen", "plan", "measure")}
    pages |= {
        "treat": f"{here}#visits",
        "respond": f"{here}#reactions",
        "learn": reverse("knowledge_item", args=["indications", course.indication]),
    }
    role = user_of(request).role
    return [
        Step(
            step.capitalize(),
            "current" if step == current else "done" if finished else "todo",
            pages[step] if step not in ("evaluate", "screen", "plan", "measure") or may(step, "GET", role) else None,
        )
        for step, finished in done.items()
    ]


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, even when it is empty; None where nothing was."""
    return request.POST if request.method == "POST" else None


def answer(
    request: HttpRequest, template: str, context: dict[str, Any], *, valid: bool = True, stale: bool = False
) -> HttpResponse:
    """A page; with a status that says so when the form on it needs mending, or somebody else was faster."""
    stale = stale or any(is_stale(one) for one in context.values())
    return render(request, template, context, status=CONFLICT if stale else 200 if valid else UNPROCESSABLE)


def refuse(form: BaseForm, refusal: Refused) -> None:
    """Say on a form why it was not taken."""
    code = STALE if isinstance(refusal, StaleVersion) else "refused"
    where = refusal.field if refusal.field in form.fields else None
    form.add_error(where, ValidationError(str(refusal), code=code))


def is_stale(said: object) -> bool:
    """Whether a form, or a refusal, says that somebody else was faster. What is lazy stays unread."""
    if isinstance(said, SimpleLazyObject):
        return False
    if isinstance(said, BaseForm):
        return said.has_error(NON_FIELD_ERRORS, STALE)
    return isinstance(said, StaleVersion)


def storable(given: object) -> bool:
    """Whether a database keeps it as JSON: PostgreSQL takes neither NUL nor half a letter."""
    try:
        text = json.dumps(given, ensure_ascii=False)
        text.encode()
    except (ValueError, RecursionError):
        return False
    return "\\u0000" not in text.replace("\\\\", "")
