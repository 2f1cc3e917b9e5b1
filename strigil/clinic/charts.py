"""The figures of a course: each series of readings held against its thresholds, as picture, sentence and table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe

from strigil.clinic import gather
from strigil.clinic.forms.evaluate import series_label
from strigil.clinic.forms.measure import BECAUSE, GoOnForm
from strigil.clinic.models import Course, Goal, Treatment, Visit, VisitStatus
from strigil.clinic.reviews import review_of
from strigil.clinic.tags import site_title
from strigil.drawing import (
    Band,
    Multiples,
    Panel,
    Point,
    ResponseChart,
    Series,
    multiples,
    multiples_rows,
    multiples_sentence,
    notes_of,
    pairs_sentence,
    response_chart,
    rows_of,
)
from strigil.drawing import Goal as GoalMark
from strigil.drawing import Visit as VisitMark
from strigil.drawing.readings import Reaction
from strigil.knowledge import load
from strigil.knowledge.shapes import Measure
from strigil.pathway import measure
from strigil.pathway.facts import Change, Moment, Reading, Verdict, VisitFacts
from strigil.pathway.respond import is_adverse
from strigil.pathway.treat import by_hand, spoken

VERDICT_WORDS = {
    Verdict.IMPROVED: "better, by more than error and by what people notice",
    Verdict.WORSE: "worse, by more than error and by what people notice",
    Verdict.WITHIN_ERROR: "within what error or an unimportant change could explain",
    Verdict.UNKNOWN: "not known: there is no published amount to hold it against",
}


@dataclass(frozen=True)
class Figure:
    """One series, as the page and the paper show it; drawn when it is asked for."""

    label: str
    measure: Measure
    chart: ResponseChart
    sentence: str
    change: Change | None
    verdict: str
    basis: str
    kept: tuple[tuple[str, ...], ...]
    """Each treatment: its day, what was read before, right after and next, and what was left."""
    forecast: str

    @cached_property
    def wide(self) -> SafeString:
        return mark_safe(response_chart(self.chart))  # noqa: S308  (the writer escapes every text)

    @property
    def narrow(self) -> SafeString:
        return mark_safe(response_chart(self.chart, narrow=True))  # noqa: S308  (the same)

    @property
    def header(self) -> tuple[str, ...]:
        return rows_of(self.chart)[0]

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        return rows_of(self.chart)[1]

    @property
    def notes(self) -> tuple[str, ...]:
        return notes_of(self.chart)


@dataclass(frozen=True)
class Overview:
    """Every measure and every area of a course below each other, on one time line."""

    chart: Multiples

    @property
    def sentence(self) -> str:
        return multiples_sentence(self.chart)

    @property
    def wide(self) -> SafeString:
        return mark_safe(multiples(self.chart))  # noqa: S308  (the same)

    @property
    def narrow(self) -> SafeString:
        return mark_safe(multiples(self.chart, narrow=True))  # noqa: S308  (the same)

    @property
    def header(self) -> tuple[str, ...]:
        return multiples_rows(self.chart)[0]

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        return multiples_rows(self.chart)[1]


AHEAD = timedelta(days=14)
"""How far ahead a forecast looks where no goal has a day; proposed by this project."""
SHOWN = 24
"""Newest visits that a page shows, with the readings since then, unless it is asked for all."""


def response_figures(course: Course, on: date, *, whole: bool = False) -> dict[str, Any]:
    """Figures, changes, review and visits of a course, for the page that shows them.

    A long course is drawn and listed from its newest end, or ``whole``; change counts from the first reading anyway.
    """
    number = _counted(course)
    cut = not whole and number["all"] > SHOWN
    visits = list(reversed(gather.with_doses(course.visits.order_by("-number"))[: SHOWN if cut else None]))
    since = visits[0].on if cut else None
    readings = gather.readings(course, since)
    goals = list(course.goals.all())
    facts = [gather.visit_facts(row) for row in gather.signed(visits)]
    found = measure.changes(readings, load())
    marks = tuple(_visit(row) for row in gather.signed(visits))
    kept = measure.retention(readings, load())
    figures = [
        _figure(place, group, _series(group, readings, since), goals, marks, on, kept.get(measure.alike(group[0]), []))
        for place, group in enumerate(_ordered(measure.series(readings)))
    ]
    review = review_of(course, readings, number["treated"])
    shown = {
        "go_on": GoOnForm(),
        "because": BECAUSE,
        "cut": cut,
        "visits_in_all": number["all"],
        "overview": _overview(figures, visits),
    }
    return {"figures": figures, "changes": found, "review": review, "visits": visits, "facts": facts} | shown


def _counted(course: Course) -> dict[str, int]:
    """How many visits there are, and on how many of the signed ones something was treated."""
    treated = Q(Exists(Treatment.objects.filter(visit=OuterRef("pk"))), status=VisitStatus.SIGNED)
    return course.visits.aggregate(all=Count("id"), treated=Count("id", filter=treated))


def _ordered(groups: dict[measure.GroupKey, list[Reading]]) -> list[list[Reading]]:
    return sorted(
        groups.values(), key=lambda group: (group[0].measure != "nprs", group[0].measure == "psfs", group[0].measure)
    )


def _figure(
    place: int,
    group: list[Reading],
    drawn: tuple[Series, ...],
    goals: list[Goal],
    visits: tuple[VisitMark, ...],
    on: date,
    kept: list[measure.Retained],
) -> Figure:
    found = load().shelf(Measure)[group[0].measure]
    label = series_label(group[0], found)
    change = measure.change_of(group, load())
    sentence = measure.sentence(change, load()) if change else _nothing_to_compare(group)
    chart = ResponseChart(
        id=f"figure-{place}",
        title=label,
        unit=found.unit_name,
        low=found.low,
        high=found.high,
        series=drawn,
        zoom=found.kind == "motion",
        better=None if found.better == "unknown" else found.better,
        band=_band(group[0], found),
        goal=next(
            (
                GoalMark(goal.value)
                for goal in goals
                if goal.measure == found.id and goal.detail in ("", group[0].detail)
            ),
            None,
        ),
        visits=visits,
        today=on,
        description=sentence,
    )
    goal = next((one.by for one in goals if one.measure == found.id and one.by and one.by > on), None)
    if found.kind == "motion" and len(drawn) > 1:
        pairs = pairs_sentence(drawn[0].points, drawn[1].points, found.unit_name)
        sentence = f"{sentence} {pairs}"
        chart = replace(chart, paired=True, description=sentence)
    return Figure(
        label=label,
        measure=found,
        chart=chart,
        sentence=sentence,
        change=change,
        verdict=VERDICT_WORDS[change.verdict] if change else "",
        basis=" ".join(measure.basis(found, change)),
        kept=tuple(_kept(one, found) for one in kept),
        forecast=_forecast(group, goal or on + AHEAD, found) if change and change.baseline else "",
    )


def _series(group: list[Reading], readings: Sequence[Reading], since: date | None) -> tuple[Series, ...]:
    """The series itself, and beside it what was measured right after treatment; all, or what there is since a day."""
    after = [one for one in readings if one.moment is Moment.AFTER and measure.alike(one) == measure.alike(group[0])]
    if since is not None:
        group = [one for one in group if one.on >= since] or group
        after = [one for one in after if one.on >= since]
    lines = [Series("Before" if after else "", tuple(Point(one.on, one.value) for one in group))]
    if after:
        lines.append(Series("Right after", tuple(Point(one.on, one.value) for one in after)))
    return tuple(lines)


def _kept(one: measure.Retained, found: Measure) -> tuple[str, ...]:
    before, after = one.right_after.baseline, one.right_after.latest
    later = one.later.latest if one.later else None
    share = f", {one.share:.0f}% of the gain" if one.share is not None else ""
    return (
        spoken(after.on),
        _amount(before.value, found) if before else "",
        _amount(after.value, found),
        f"{_amount(after.value - before.value, found, '+')}: {KEPT_WORDS[one.right_after.verdict]}" if before else "",
        f"{_amount(later.value, found)} on {spoken(later.on)}" if later else "not measured since",
        f"{_amount(one.later.change, found, '+')}{share}: {KEPT_WORDS[one.later.verdict]}" if one.later else "",
    )


def _amount(value: Decimal, found: Measure, sign: str = "") -> str:
    text = measure.with_unit(value.normalize(), found.unit_name)
    return f"{'+' if sign and value > 0 else ''}{text}".replace("-", "−")


KEPT_WORDS = {
    Verdict.IMPROVED: "more than error",
    Verdict.WORSE: "worse by more than error",
    Verdict.WITHIN_ERROR: "within error",
    Verdict.UNKNOWN: "error not known",
}


def _forecast(group: list[Reading], on: date, found: Measure) -> str:
    """In words, and never without its interval."""
    ahead = measure.forecast(group, on, load())
    if isinstance(ahead, measure.NoForecast):
        return f"No forecast for {spoken(on)}: {ahead.why}"
    places = max(-int(found.step.normalize().as_tuple().exponent), 0) + 1
    value, low, high = (f"{one:.{places}f}".replace("-", "−") for one in (ahead.value, ahead.low, ahead.high))
    cut = ", cut where the scale ends" if ahead.cut else ""
    return (
        f"Forecast for {spoken(on)}: {value}, 95% interval {low} to {high} {found.unit_name}{cut}. A straight line "
        f"through this patient’s own readings of {ahead.days} days; it assumes that the line goes on."
    )


def _overview(figures: Sequence[Figure], visits: Sequence[Visit]) -> Overview | None:
    """Nothing where there is one line only: its own figure shows it."""
    panels = (*(_panel(one) for one in figures), *_area_panels(gather.signed(visits)))
    if len(panels) < 2:
        return None
    chart = Multiples("overview", "All measures and areas on one time line", panels)
    return Overview(replace(chart, description=multiples_sentence(chart)))


def _panel(figure: Figure) -> Panel:
    chart = figure.chart
    return Panel(
        figure.label, chart.unit, chart.low, chart.high, chart.series[0].points, goal=chart.goal, zoom=chart.zoom
    )


def _area_panels(visits: Sequence[Visit]) -> Iterator[Panel]:
    """For each area how long it was treated at each visit; a time that nobody recorded is shown as such."""
    areas: dict[str, list[tuple[date, int | None]]] = {}
    for visit in visits:
        for one in visit.treatments.all():
            areas.setdefault(site_title(one), []).append((visit.on, one.seconds))
    for title, given in areas.items():
        known = tuple(Point(on, Decimal(seconds)) for on, seconds in given if seconds is not None)
        unknown = tuple(on for on, seconds in given if seconds is None)
        yield Panel(f"{title}: time treated", "s", Decimal(0), Decimal(1), known, "bars", unknown=unknown)


def unit_of(key: str) -> str:
    """The unit of a measure as people write it."""
    found = load().shelf(Measure).get(key)
    return found.unit_name if found else ""


def _nothing_to_compare(group: list[Reading]) -> str:
    if len(group) == 1:
        only = group[0]
        value = measure.with_unit(only.value.normalize(), load().shelf(Measure)[only.measure].unit_name)
        return f"{value} on {spoken(only.on)}. One reading so far: nothing to compare with yet."
    return f"{len(group)} readings, all of one day: nothing to compare with yet."


def _band(baseline: Reading, found: Measure) -> Band | None:
    """What error or an unimportant change could explain: around the first reading, or around 0 where 0 is no change."""
    row = measure.threshold(found, baseline.device)
    if row is None or found.better == "unknown":
        return None
    rating = found.rates_change == "yes"
    middle = found.unchanged if rating else baseline.value
    low, high = max(found.low, middle - row.value), min(found.high, middle + row.value)
    amount = measure.with_unit(row.value.normalize(), found.unit_name)
    return Band(low, high, f"Less than {amount} {'either way' if rating else 'from the start'}")


def _visit(row: Visit) -> VisitMark:
    areas = list(row.treatments.all())
    seconds = by_hand([one.seconds for one in areas]) if areas else None
    return VisitMark(row.on, row.number, bool(areas), _reaction(gather.visit_facts(row), row), seconds)


def _reaction(facts: VisitFacts, row: Visit) -> Reaction | None:
    """Nobody asked is None, which is not "none"."""
    if not row.reaction_checks.all():
        return None
    if any(is_adverse(seen.reaction, load()) for seen in facts.reactions):
        return "adverse"
    return "expected" if facts.reactions else "none"
