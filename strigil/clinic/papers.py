"""The documents of a course, made from the record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from strigil.accounts.models import User
from strigil.clinic import charts, gather, programmes, tags
from strigil.clinic.actions.treat import snapshot
from strigil.clinic.models import Course, HomeProgramme, Plan, Visit, When
from strigil.clinic.reviews import Review
from strigil.clinic.sheets import said, sheet
from strigil.clinic.versions import lines_of, versions
from strigil.drawing.paper import (
    AfterSession,
    ChangeLine,
    CourseReport,
    ExerciseLine,
    FigureOnPaper,
    Programme,
    Referral,
    Said,
    Version,
    VisitNote,
)
from strigil.knowledge import load
from strigil.knowledge.shapes import ExerciseRule, PatientEducation, Reaction
from strigil.pathway import measure
from strigil.pathway.facts import Change, VisitFacts
from strigil.pathway.respond import is_adverse
from strigil.pathway.treat import spoken

DRAFT = "Draft: nobody has signed this visit."


def visit_note(*, by: User, visit: Visit, copied: list[str], on: date) -> VisitNote:
    """The visit as it reads; a draft says so on every page."""
    course, found = visit.course, versions(visit, list(visit.amendments.select_related("created_by")))
    return VisitNote(
        sheet=sheet(by=by, course=course, on=on, more=() if visit.is_signed else (DRAFT,)),
        visit=f"Visit {visit.number}, {spoken(visit.on)}",
        course=_problem(course),
        state=_state(visit),
        lines=tuple(lines_of(snapshot(visit)).items()),
        copied=tuple(copied),
        overrides=tuple(
            f"Overridden by {one.created_by} on {spoken(one.created_at.date())}: {one.reason} "
            f"({'; '.join(each['what'] for each in one.overridden)})"
            for one in visit.overrides.select_related("created_by")
        ),
        versions=tuple(
            Version(
                spoken(one.amendment.created_at.date()),
                str(one.amendment.created_by),
                one.amendment.reason,
                tuple((line.what, line.before, line.after) for line in one.lines if line.changed),
            )
            for one in found
        ),
    )


def _state(visit: Visit) -> str:
    if not visit.is_signed or visit.signed_at is None:
        return DRAFT
    signed = f"Signed by {visit.signed_by} on {spoken(visit.signed_at.date())}"
    amended = [f"amended on {spoken(one.created_at.date())} by {one.created_by}" for one in visit.amendments.all()]
    return "; ".join((signed, *amended))


def course_report(*, by: User, course: Course, on: date) -> CourseReport:
    """The whole course, with every visit."""
    shown = charts.response_figures(course, on, whole=True)
    plan = _newest_plan(course)
    return CourseReport(
        sheet=sheet(by=by, course=course, on=on),
        course=tuple(_course_facts(course)),
        figures=(*_overview_on_paper(shown["overview"]), *(_on_paper(one) for one in shown["figures"])),
        visits=tuple(_visit_row(one) for one in shown["visits"]),
        plan=tuple(_plan_lines(plan)),
        goals=tuple(_goal_lines(course)),
        screen=tuple(_screen_lines(course)),
        advice=_review_words(shown["review"]),
    )


def referral(*, by: User, course: Course, on: date) -> Referral:
    """How the course went, for whoever referred the patient."""
    shown = charts.response_figures(course, on, whole=True)
    facts: list[VisitFacts] = shown["facts"]
    return Referral(
        sheet=sheet(by=by, course=course, on=on),
        problem=_problem(course),
        went=tuple(_went(course, facts)),
        changes=tuple(_change_line(one) for one in shown["changes"]),
        reactions=tuple(_reaction_lines(gather.signed(shown["visits"]))),
        plan=(*_plan_lines(_newest_plan(course)), *_goal_lines(course), *_ending(course)),
        advice=_review_words(shown["review"]),
    )


def after_session(*, by: User, visit: Visit, on: date) -> AfterSession:
    """What the patient of a visit may expect, what helps and when to call; all of it from the shelf."""
    told = load().shelf(PatientEducation)
    reactions = load().shelf(Reaction).values()
    sites = "; ".join(tags.site_title(one) for one in visit.treatments.all())
    return AfterSession(
        sheet=sheet(by=by, course=visit.course, on=on),
        treated=f"Treated on {spoken(visit.on)}: {sites or 'no area is recorded'}.",
        normal=(said(told["tell_bruise"], told["tell_bruise"].plain), *_of_group("expected")),
        helps=_of_group("self_care"),
        now=tuple(said(one, one.ask, proposed=True) for one in reactions if one.id in EMERGENCIES and one.ask),
        call=(said(told["when_call"], told["when_call"].plain),),
        ask=tuple(
            said(one, one.ask, proposed=bool(one.not_in_sources))
            for one in reactions
            if one.group == "adverse" and one.ask and one.id not in EMERGENCIES
        ),
        good_to_know=tuple(said(told[key], told[key].plain) for key in GOOD_TO_KNOW),
    )


EMERGENCIES = frozenset({"emboli"})
"""Reactions of which the shelf says: treat as an emergency; proposed by the project."""
GOOD_TO_KNOW = ("marks_time", "not_alone", "uncertain", "may_decline")


def _of_group(group: str) -> tuple[Said, ...]:
    found = (one for one in load().shelf(Reaction).values() if one.group == group)
    return tuple(
        said(one, f"{one.title}: {one.statement}" + (f" How long: {one.time_course}" if one.time_course else ""))
        for one in found
    )


def home_programme(*, by: User, course: Course, held: HomeProgramme, on: date) -> Programme:
    """The exercises that hold, as a patient takes them home; pain first, for it decides whether to go on."""
    rules = load().shelf(ExerciseRule)
    zones = [f"{one.low} to {one.high} of 10: {one.do}" for one in rules["pain_zones"].zones]
    return Programme(
        sheet=sheet(by=by, course=course, on=on),
        problem=_problem(course),
        exercises=tuple(
            ExerciseLine(
                f"{one.title}. {one.side}", one.dose, one.steps, one.stop_if, one.drawing_svg, (*one.sources, OWN_STEPS)
            )
            for one in programmes.lines(held.exercises.all())
        ),
        stop_if=tuple(one.text for one in rules["stop_exercise"].signs),
        pain=(*zones, FIRST),
        note=held.note,
    )


FIRST = "The stop list of an exercise comes first, and after an operation the limits of your surgeon."
OWN_STEPS = "the steps and the stop list are our own words"


def _problem(course: Course) -> str:
    return f"{tags.title_of(course.indication, 'indication')}, {course.side}"


def _course_facts(course: Course) -> Iterator[tuple[str, str]]:
    yield "Treated for", _problem(course)
    yield "Sites", "; ".join(tags.site_title(one) for one in course.sites.all()) or "not recorded"
    yield "Began", spoken(course.onset) if course.onset else "not known"
    yield (
        "Course",
        f"opened on {spoken(course.opened_on)}; {course.get_status_display().lower()}"
        + (f" on {spoken(course.closed_on)}" if course.closed_on else ""),
    )
    for name, words in (("In the patient’s words", course.complaint), ("Assessment", course.assessment)):
        if words:
            yield name, words


def _on_paper(figure: charts.Figure) -> FigureOnPaper:
    return FigureOnPaper(
        title=figure.label,
        svg=figure.wide if figure.change else "",
        sentence=figure.sentence,
        judged=f"{_changed_by(figure.change)}: {figure.verdict}." if figure.change else "",
        basis=figure.basis,
        header=figure.header,
        rows=figure.rows,
        notes=figure.notes,
    )


def _overview_on_paper(overview: charts.Overview | None) -> Iterator[FigureOnPaper]:
    if overview is not None:
        told = "Its numbers stand in the tables of the figures and of the visits."
        yield FigureOnPaper(overview.chart.title, overview.wide, overview.sentence, "", told, (), ())


def _changed_by(change: Change) -> str:
    unit = charts.unit_of(change.measure)
    return f"{'Changed by' if change.baseline else 'Rated'} {tags.signed(change.change, unit)}"


def _visit_row(visit: Visit) -> tuple[str, str, str, str]:
    dose = [
        "; ".join(part for part in (f"{tags.site_title(one)}: {tags.dose_words(one)}", tags.force_words(one)) if part)
        for one in visit.treatments.all()
    ]
    seen = [
        f"{check.get_when_display()}: "
        + ("none" if check.none_seen else "; ".join(tags.reaction_words(one) for one in check.reactions.all()))
        for check in visit.reaction_checks.all()
    ]
    state = f"signed by {visit.signed_by}" if visit.is_signed else "draft, not signed"
    return (
        f"{visit.number}, {spoken(visit.on)}",
        "\n".join(dose) or "no dose recorded",
        "\n".join(seen) or "not asked",
        state,
    )


def _newest_plan(course: Course) -> Plan | None:
    return course.plans.prefetch_related("areas").select_related("created_by").order_by("id").last()


def _plan_lines(plan: Plan | None) -> Iterator[str]:
    if plan is None:
        return
    reviews = f", review at {', '.join(str(one) for one in plan.review_visits)}" if plan.review_visits else ""
    week = tags.amount(plan.visits_per_week, "a week")
    yield (
        f"{tags.title_of(plan.technique, 'technique')}: {week}, {plan.visits_in_all} visits in all{reviews}. "
        f"Made on {spoken(plan.made_on)} by {plan.created_by}."
    )
    for area in plan.areas.all():
        said_of_it = (tags.seconds(area.seconds), f"{area.pressure} pressure" if area.pressure else "")
        yield f"{tags.site_title(area)}: {', '.join(part for part in said_of_it if part)}"
    for name, words in (("Exercise", plan.exercise), ("At home", plan.home_programme), ("Note", plan.note)):
        if words:
            yield f"{name}: {words}"


def _goal_lines(course: Course) -> Iterator[str]:
    for goal in course.goals.all():
        by = f" by {spoken(goal.by)}" if goal.by else ""
        yield f"Goal: {tags.measure_name(goal.measure)}, {tags.in_unit_of(goal.value, goal.measure)}{by}"


def _screen_lines(course: Course) -> Iterator[str]:
    screening = course.screenings.defer("inputs").order_by("id").last()
    if screening is None:
        yield "Not screened yet."
        return
    yield (
        f"{spoken(screening.on)}: {screening.outcome}. {tags.outcome_text(screening.outcome)} "
        f"Knowledge {screening.knowledge_version}."
    )
    for one in screening.reasons:
        yield f"{one['title']}: {one['outcome']}" + (f", {tags.site_title(one['site'])}" if one["site"] else "")


def _review_words(review: Review) -> str:
    advice, decided = review.advice, review.gone_on
    if advice is None:
        return ""
    own = " Proposed by this project; no study has tested it." if advice.proposed else ""
    words = f"{advice.what} {advice.why}".strip() + own
    return words + (f" {decided.created_by} went on, {spoken(decided.on)}: {decided.reason}" if decided else "")


def _went(course: Course, visits: list[VisitFacts]) -> Iterator[str]:
    treated = [one for one in visits if one.areas]
    span = f", from {spoken(visits[0].on)} to {spoken(visits[-1].on)}" if visits else ""
    yield f"Signed visits: {len(visits)}{span}. Treated with an instrument at {len(treated)} of them."
    techniques = dict.fromkeys(tags.title_of(one.technique, "technique") for one in visits)
    if techniques:
        yield f"Technique: {'; '.join(techniques)}."
    yield "Sites: " + ("; ".join(tags.site_title(one) for one in course.sites.all()) or "not recorded") + "."


def _change_line(change: Change) -> ChangeLine:
    unit = charts.unit_of(change.measure)
    name = tags.measure_name(change.measure)
    parts = (name, change.latest.detail, change.latest.side, change.latest.method)
    held = "no published amount"
    if change.threshold is not None:
        kind = {"mdc": "smallest detectable", "mcid": "smallest important", None: "published"}[change.threshold_kind]
        held = f"{measure.with_unit(change.threshold.normalize(), unit)}, {kind} change in: {change.population}"
    return ChangeLine(
        measure=", ".join(part for part in parts if part),
        first=_read(change.baseline.value, unit, change.baseline.on) if change.baseline else "a rating of change",
        latest=_read(change.latest.value, unit, change.latest.on),
        change=tags.signed(change.change, unit),
        held_against=held,
        verdict=charts.VERDICT_WORDS[change.verdict],
    )


def _read(value: object, unit: str, on: date) -> str:
    return f"{tags.amount(value, unit)}, {spoken(on)}"  # type: ignore[arg-type]


def _reaction_lines(visits: list[Visit]) -> Iterator[str]:
    """What followed, counted; adverse ones one by one, and after how many visits somebody asked."""
    facts = [(visit, gather.visit_facts(visit)) for visit in visits]
    looked = sum(any(check.when == When.END for check in visit.reaction_checks.all()) for visit in visits)
    later = sum(one.reaction_reviewed for _, one in facts)
    of_all = f"of {len(visits)}"
    yield f"Looked at on the day at {looked} {of_all} visits; asked about later after {later} {of_all}."
    names: dict[str, int] = {}
    for visit, one in facts:
        for seen in one.reactions:
            if is_adverse(seen.reaction, load()):
                state = {True: "still there", False: "gone", None: "not recorded as settled"}[seen.still_present]
                yield f"Adverse, visit {visit.number} of {spoken(visit.on)}: {_title(seen.reaction)}, {state}."
            else:
                names[seen.reaction] = names.get(seen.reaction, 0) + 1
    for key, count in names.items():
        yield f"Expected: {_title(key).lower()}, after {count} {of_all} visits."


def _title(reaction: str) -> str:
    return tags.title_of(reaction, "reaction")


def _ending(course: Course) -> Iterator[str]:
    if course.closed_on:
        note = f" {course.closing_note}" if course.closing_note else ""
        yield f"{course.get_status_display()} on {spoken(course.closed_on)}.{note}"
