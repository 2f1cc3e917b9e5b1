from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from strigil.accounts.gate import own as own_record
from strigil.accounts.gate import user_of
from strigil.accounts.models import User
from strigil.clinic import cautions, gather, hindrances, medicines
from strigil.clinic.actions import Refused
from strigil.clinic.actions import screen as actions
from strigil.clinic.actions.evaluate import check_open, record_answers
from strigil.clinic.actions.medicines import record_medicines
from strigil.clinic.actions.treat import override_for_visit
from strigil.clinic.forms.medicines import MedicinesForm
from strigil.clinic.forms.screen import GROUPS, AnswersForm, ClearanceForm, OverrideForm, OwnForm, Question
from strigil.clinic.hindrances import NEVER_OVERRIDDEN, Way
from strigil.clinic.letters import asks_a_physician
from strigil.clinic.models import Course, DraftPage, OwnAssessment, Screening, Visit
from strigil.clinic.standing import stands
from strigil.clinic.tags import outcome_text
from strigil.clinic.views.once import done, once
from strigil.clinic.views.shared import answer, course_context, course_or_404, posted, today_of
from strigil.knowledge import load
from strigil.knowledge.shapes import Item
from strigil.pathway.facts import Advice, Answer, AnswerValue, Missing, Outcome
from strigil.pathway.screen import questions
from strigil.pathway.screen import screen as decide
from strigil.pathway.treat import same_site, spoken


@once(DraftPage.SCREEN)
def screen(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Ask what bears on safety, and say what follows."""
    course = course_or_404(request, key)
    on = today_of(request)
    form = AnswersForm(_questions(course, on), _sites(course), on)
    own = OwnForm(posted(request)) if actions.asks_own_assessment(course) else None
    taken = MedicinesForm(medicines.latest(course.patient_id), on)
    refused = ""
    if _read(request, form, taken, own):
        try:
            _save(user_of(request), course, on, form, taken, own)
        except Refused as refusal:
            refused = str(refusal)
        else:
            return done(reverse("screen", args=[course.pk]) + "#outcome")
    sites = list(course.sites.all())
    context = course_context(
        request,
        course,
        "screen",
        groups=[(group, title, _by_age(form.groups[group])) for group, title, _ in GROUPS],
        errors=form.errors,
        own=own,
        taken=taken,
        refused=refused,
        sites=sites,
        zones=cautions.zones(sites),
        open_questions=sum(1 for rows in form.groups.values() for one in rows if not one.current),
        questions_in_all=sum(len(rows) for rows in form.groups.values()),
        clearances=course.patient.clearances.filter(until__gte=on),
        open_visit=course.visits.filter(status="draft", on=on).first(),
    )
    if screening := context["screening"]:
        context["shown"] = _shown(screening)
        context["judged"] = _judged(course)
        context["questions_to_physician"] = sum(1 for one in screening.reasons if asks_a_physician(one))
        day = None if context["doubt"] else screening.on
        context["confirmed_today"] = day == on
        context["since"] = None if day == on else screening.on
        # An engine that could not decide has said nothing of any site.
        said = [] if screening.outcome == Outcome.ERROR else screening.sites
        context["sites_standing"] = [(one, stands(one["outcome"], day, on)) for one in said]
        if Outcome.MODIFY in (context["standing"], *(outcome for _, outcome in context["sites_standing"])):
            context["gates"] = cautions.lower_dose()
        lapsed = _lapsed(screening.on, on, context["doubt"]) if context["standing"] != screening.outcome else ""
        context["standing_text"] = lapsed or outcome_text(screening.outcome)
        stays = (*NEVER_OVERRIDDEN, Outcome.PROCEED, Outcome.MODIFY)
        context["can_override"] = screening.on == on and screening.outcome not in stays
    invalid = bool(form.errors or taken.errors or refused or (own is not None and own.errors))
    return answer(request, "screen/screen.html", context, valid=not invalid)


def _read(request: HttpRequest, form: AnswersForm, taken: MedicinesForm, own: OwnForm | None) -> bool:
    """Whether something was sent that can be kept. The medicines come first: the questions are held against them."""
    if request.method != "POST":
        taken.mark(form.groups)
        return False
    listed = taken.read(request.POST)
    taken.mark(form.groups)
    return all([listed, form.read(request.POST), own is None or own.is_valid()])


@transaction.atomic
def _save(by: User, course: Course, on: date, form: AnswersForm, taken: MedicinesForm, own: OwnForm | None) -> None:
    """The clinician's own judgement, then the answers, then what the medicines answer, then the decision on it all."""
    check_open(course)
    if own is not None:
        judged, note = own.cleaned_data["judged"], own.cleaned_data["judged_note"]
        actions.record_assessment(by=by, course=course, on=on, outcome=judged, note=note)
    record_answers(by=by, course=course, on=on, answers=form.answers)
    if taken.given is not None:
        record_medicines(by=by, course=course, on=on, **taken.given)
    actions.store_screening(by=by, course=course, on=on, technique=_technique(course))


def _lapsed(screened_on: date, on: date, doubt: str) -> str:
    of = "names a day that is yet to come" if screened_on > on else f"{'may be' if doubt else 'is'} of an earlier day"
    return f"The last screen {of}. Nothing is treated until it is confirmed for today."


def _questions(course: Course, on: date) -> dict[str, list[Question]]:
    """Every question in its group, with what was answered last and whether that still counts."""
    case = gather.case(course, on)
    asked_for = {one.finding: one.missing for one in decide(case, load()).unasked}
    answers: dict[str, list[Answer]] = {}
    for one in case.answers:
        answers.setdefault(one.finding, []).append(one)
    groups: dict[str, list[Question]] = {group: [] for group, _, _ in GROUPS}
    for name, rule in questions(load(), course.patient.sex):
        first = rule.consequences[0].outcome
        group = next(group for group, _, outcomes in GROUPS if first in outcomes)
        question = Question(name, rule)
        if held := answers.get(name):
            _last(question, held, on, asked_for.get(name))
        groups[group].append(question)
    return groups


def _last(question: Question, held: list[Answer], on: date, missing: Missing | None) -> None:
    """What was answered last, in words; as current only where it counts today and nobody has to ask again."""
    day = max(one.asked_on for one in held)
    newest = [one for one in held if one.asked_on == day]
    words = " and ".join(sorted({_word(one.answer) for one in newest}))
    if all(one.answer is not AnswerValue.UNKNOWN for one in newest):
        question.answered_on = day
    if (on - day).days > question.rule.valid_days:
        question.last, question.missing = f"{words} when asked on {spoken(day)}", "too long ago to count"
    elif any(one.answer is AnswerValue.UNKNOWN for one in newest) or missing is Missing.NOT_KNOWN:
        question.last, question.missing = f"Not known when asked on {spoken(day)}", "ask again"
    elif missing is not None or _disagree(newest):
        question.last, question.missing = f"Two answers of {spoken(day)} disagree: {words}", "ask again"
    else:
        question.last = f"{words}, asked on {spoken(day)}"
        question.current = newest[0].answer.value


def _disagree(answers: list[Answer]) -> bool:
    """A yes and a no of one place; of two places both may be true."""
    places = {word: {one.site for one in answers if one.answer is word} for word in AnswerValue}
    yes, no = places[AnswerValue.YES], places[AnswerValue.NO]
    return any(one is None or other is None or same_site(one, other) for one in yes for other in no)


def _by_age(rows: list[Question]) -> dict[str, list[Question]]:
    """Questions to ask now, and those whose answer still counts; one touched just now stays in sight."""
    current = [one for one in rows if one.current and not one.answer and not one.error]
    left = [one for one in rows if one not in current]
    by_itself = [one for one in left if one.by_itself]
    return {
        "open": left,
        "current": current,
        "by_itself": by_itself,
        "for_none": [one for one in left if one not in by_itself],
    }


def _word(answer: str) -> str:
    return {"yes": "Yes", "no": "No", "unknown": "Not known"}[answer]


def _sites(course: Course) -> list[tuple[str, str]]:
    return [(row.region, row.side) for row in course.sites.all()]


def _technique(course: Course) -> str | None:
    plan = course.plans.order_by("id").last()
    return plan.technique if plan else None


def _judged(course: Course) -> dict[str, object] | None:
    """What the clinician judged before the advice, and what the screens of that day came to."""
    own = OwnAssessment.objects.filter(course=course).select_related("created_by").first()
    if own is None:
        return None
    told = course.screenings.filter(on=own.on).order_by("id").values_list("outcome", flat=True).last()
    graver = told is not None and Outcome(own.outcome).severity > Outcome(told).severity
    return {"own": own, "told": told, "graver": graver}


def _shown(screening: Screening) -> list[dict[str, object]]:
    """The stored reasons, each with its rule as the shelf has it today, for sources and disagreement."""
    rules = load().rules
    return [
        {
            "outcome": one["outcome"],
            "title": one["title"],
            "why": one["why"],
            "site": one["site"],
            "cleared": one["cleared"],
            "rule": one["rule"],
            "item": rules.get(one["rule"]),
            "folder": type(rules[one["rule"]]).folder if one["rule"] in rules else "",
            "sources": one["sources"],
            "agreement": one["agreement"],
            "conflict": one["conflict"],
            "asks_a_physician": asks_a_physician(one),
            "clearable": one["rule"] in rules and actions.can_be_cleared(rules[one["rule"]]),
        }
        for one in screening.reasons
    ]


def clearance(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Record that a physician agreed, and screen again with it."""
    course = course_or_404(request, key)
    on = today_of(request)
    finding = request.GET.get("finding", "")
    rule = load().rules.get(finding)
    if rule is None or not actions.can_be_cleared(rule):
        raise Http404
    form = ClearanceForm(posted(request), today=on)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                actions.record_clearance(
                    by=user_of(request), patient=course.patient, finding=finding, on=on, **form.cleaned_data
                )
                actions.store_screening(by=user_of(request), course=course, on=on, technique=_technique(course))
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, "The agreement is recorded, and the screen was made again with it.")
            return redirect(reverse("screen", args=[course.pk]) + "#outcome")
    context = course_context(request, course, "screen", form=form, rule=rule, folder=rule.folder, finding=finding)
    return answer(request, "screen/clearance.html", context, valid=not form.errors)


def letter(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The letter to a physician on what the last screen asks of one: on one rule, or on all."""
    course = course_or_404(request, key)
    screening = course.screenings.order_by("id").last()
    if screening is None:
        raise Http404
    try:
        made = actions.write_letter(
            by=user_of(request), course=course, screening=screening, rule=request.GET.get("rule", "")
        )
    except Refused as refusal:
        raise Http404 from refusal
    named = {"Content-Disposition": 'inline; filename="letter-to-physician.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(made, content_type="application/pdf", headers=named)


def override(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Say why a patient is treated in spite of what stands in the way, before the visit is signed."""
    visit = own_record(request, Visit, key, "course", "clinic")
    course = course_or_404(request, visit.course_id)
    if visit.is_signed:
        raise Http404
    sites = [gather.site(row.region, row.side) for row in course.sites.all()]
    found = hindrances.still_open(visit, sites)
    may_override = any(one.way is Way.REASON for one in found) and not any(one.way is Way.NEVER for one in found)
    form = OverrideForm(posted(request), hindering=found) if may_override else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            override_for_visit(by=user_of(request), visit=visit, **form.given())
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, "The override is recorded for this visit.")
            return redirect("visit", visit.pk)
    chosen_from = form is not None and "overriding" in form.fields
    listed = [one for one in found if one.way is not Way.REASON] if chosen_from else found
    context = course_context(
        request, course, "screen", form=form, visit=visit, hindering=listed, typed=request.POST.get("reason", "")
    )
    context["behind"] = _behind(context["screening"], hindrances.advice(visit, sites, gather.earlier(visit)))
    valid = request.method != "POST" if form is None else not form.errors
    return answer(request, "screen/override.html", context, valid=valid)


def _behind(screening: Screening | None, advice: Iterable[Advice]) -> list[Item]:
    """What on the shelf stands behind what stands in the way: the rules of the screen, the gates of earlier visits."""
    rules = load().rules
    found = [rules[one["rule"]] for one in (screening.reasons if screening else ()) if one["rule"] in rules]
    named = [key.split("/", 1) for one in advice for key in one.knowledge]
    held = [load().shelves[folder].get(key) for folder, key in named]
    return list({one.id: one for one in (*found, *held) if one}.values())
