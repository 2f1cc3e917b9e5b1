"""The home programme: proposed by stage, prescribed, moved on, stopped; and the patient's sheet."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from strigil.accounts.gate import user_of
from strigil.clinic.actions import Refused
from strigil.clinic.actions import exercise as actions
from strigil.clinic.forms.exercise import ExerciseForm, ProgrammeForm, ReportForm, StopForm, proposed
from strigil.clinic.models import Course, ExerciseReport, HomeProgramme, Visit, VisitStatus
from strigil.clinic.programmes import changed, current, dose_words, lines, next_step, proposal_of, published
from strigil.clinic.views.once import done, once
from strigil.clinic.views.shared import answer, course_context, course_or_404, today_of
from strigil.drawing.exercise import exercise_figure
from strigil.knowledge import load
from strigil.knowledge.shapes import Exercise, ExerciseRule
from strigil.pathway.exercise import STAGES, Proposal

SAID = {
    "prescribe": "The home programme is prescribed.",
    "progress": "Moved on: the programme before is kept below.",
    "report": "Kept: what the patient said.",
    "stop": "The home programme is stopped.",
}
Rows = list[tuple[Any, ExerciseForm]]


@once("home_programme")
def home(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """What holds, what the patient says of it, and what is proposed next."""
    course = course_or_404(request, key)
    held = current(course)
    act = request.POST.get("act", "")
    stage = request.POST.get("stage") or request.GET.get("stage") or (held.stage if held else "")
    proposal = proposal_of(course, stage if stage in STAGES else "early", today_of(request))
    programme, rows = _forms(request, course, proposal)
    told = ReportForm(request.POST if act == "report" else None)
    stop = StopForm(request.POST if act == "stop" else None)
    if request.method == "POST":
        form = {"prescribe": programme, "report": told, "stop": stop}.get(act, programme)
        if act not in SAID:
            messages.error(request, "Nothing was changed: press one of the buttons of this page.")
        try:
            if act == "progress" or _valid(form, rows if act == "prescribe" else []):
                _write(request, course, act, form, rows)
                messages.success(request, SAID[act])
                return done("home_programme", course.pk)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    report = ExerciseReport.objects.filter(course=course).order_by("id").last()
    context = course_context(
        request,
        course,
        "",
        held=held,
        held_rows=_held(held),
        history=_history(course),
        report=report,
        next=next_step(held, report) if held else None,
        proposal=proposal,
        form=programme,
        rows=[_shown(one, form) for one, form in rows],
        told=told,
        stop=stop,
        stop_rule=load().shelf(ExerciseRule)["stop_exercise"],
        rules=[one for one in load().shelf(ExerciseRule).values() if one.about == "progression"],
        pain=load().shelf(ExerciseRule)["pain_zones"],
        stages=[(one.id, one.title) for one in proposal.programme.stages] if proposal else [],
    )
    return answer(request, "exercise/home.html", context, valid=request.method != "POST")


def home_print(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The patient's sheet of the programme that holds."""
    course = course_or_404(request, key)
    held = current(course)
    context = course_context(
        request,
        course,
        "",
        held=held,
        lines=lines(held.exercises.all()) if held else (),
        stop_rule=load().shelf(ExerciseRule)["stop_exercise"],
        pain=load().shelf(ExerciseRule)["pain_zones"],
    )
    return answer(request, "exercise/print.html", context)


def _forms(request: HttpRequest, course: Course, proposal: Proposal | None) -> tuple[ProgrammeForm, Rows]:
    sent = request.POST if request.POST.get("act") == "prescribe" else None
    form = ProgrammeForm(sent, initial={"stage": proposal.stage.id if proposal else "early"})
    offered = proposal.offered if proposal else ()
    return form, [
        (
            one,
            ExerciseForm(sent, prefix=one.exercise.id, initial=proposed(one, course), exercise=one.exercise),
        )
        for one in offered
    ]


def _valid(form: Any, rows: Rows) -> bool:
    return all([form.is_valid(), *(one.is_valid() for _, one in rows)])


def _write(request: HttpRequest, course: Course, act: str, form: Any, rows: Rows) -> None:
    given: dict[str, Any] = {"by": user_of(request), "course": course, "on": today_of(request), "visit": _today(course)}
    match act:
        case "prescribe":
            exercises = [one for _, row in rows if (one := row.given())]
            actions.prescribe(**given, exercises=exercises, **form.cleaned_data)
        case "progress":
            exercise, _, way = request.POST.get("to", "").partition(" ")
            actions.progress(**given, exercise=exercise, way=way)
        case "report":
            actions.report(**given, **form.answers())
        case "stop":
            actions.stop(**given, reason=form.cleaned_data["why"])
        case _:
            raise Refused("Choose what to do with the programme.")


def _today(course: Course) -> Visit | None:
    """The visit that is being written: what changes now was changed there."""
    return Visit.objects.filter(course=course, status=VisitStatus.DRAFT).first()


def _shown(one: Any, form: ExerciseForm) -> dict[str, Any]:
    """An exercise that is offered, with its drawing and what its source gives beside each number."""
    dose = one.exercise.dose
    steppers = [
        {"field": form[name], "unit": unit, "last": published(dose, name)}
        for name, unit in (
            ("sets", "sets"),
            ("repetitions", "times"),
            ("hold_s", "s"),
            ("times_per_day", "a day"),
            ("times_per_week", "days"),
        )
    ]
    side = form["side"].value() or ""
    drawn = exercise_figure(one.exercise.id, title=one.exercise.title, side=side if side in ("right", "left") else "")
    return {"offered": one, "form": form, "steppers": steppers, "drawing": drawn, "dose": dose}


def _held(held: HomeProgramme | None) -> Sequence[dict[str, Any]]:
    shelf = load().shelf(Exercise)
    rows = held.exercises.all() if held else []
    return [
        {"row": row, "exercise": shelf.get(row.exercise), "dose": dose_words(row), "changed": changed(row)}
        for row in rows
    ]


def _history(course: Course) -> Sequence[HomeProgramme]:
    rows = HomeProgramme.objects.filter(course=course).select_related("created_by", "visit")
    return list(rows.prefetch_related("exercises").order_by("-id")[:20])
