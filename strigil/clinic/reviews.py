"""Where the review of a course stands: what is advised, and whether somebody has decided to go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from strigil.clinic import gather
from strigil.clinic.models import Course, Plan, ReviewDecision, Treatment, Visit, VisitStatus
from strigil.knowledge import load
from strigil.pathway import measure
from strigil.pathway.facts import Advice, Reading


@dataclass(frozen=True, slots=True)
class Review:
    """``gone_on`` is the decision that answers the advice, ``again_at`` the visit at which it is asked again."""

    advice: Advice | None
    treated_visits: int
    worse_days: int
    gone_on: ReviewDecision | None = None
    again_at: int | None = None

    @property
    def gate(self) -> str:
        return self.advice.knowledge[0].removeprefix("gates/") if self.advice else ""

    @property
    def asks(self) -> bool:
        return self.advice is not None and self.gone_on is None


def review_of(
    course: Course, readings: Sequence[Reading] | None = None, treated: int | None = None, plan: Plan | None = None
) -> Review:
    """The review of an open course; of a closed one there is none. What is known already need not be asked for."""
    readings = gather.readings(course) if readings is None else readings
    treated = treated_visits(course) if treated is None else treated
    worse = measure.worse_days(readings, load())
    if not course.is_open:
        return Review(None, treated, worse)
    advice = measure.review(treated, measure.changes(readings, load()), worse, load())
    decision = course.review_decisions.select_related("created_by").order_by("id").last()
    plan = plan or course.plans.order_by("id").last()
    if advice is None or decision is None:
        return Review(advice, treated, worse)
    again = measure.next_review(decision.treated_visits, plan.review_visits if plan else (), load())
    given = measure.GoneOn(decision.gate, decision.treated_visits, decision.worse_days)
    if not measure.holds(given, advice, worse, treated, again):
        return Review(advice, treated, worse)
    return Review(advice, treated, worse, decision, again)


def treated_visits(course: Course) -> int:
    """Signed visits on which something was treated; a course that was read with the number is not asked again."""
    known: int | None = getattr(course, "treated_visits", None)
    if known is not None:
        return known
    number: int = Course.objects.values_list(treated_visits_of(OuterRef("pk")), flat=True).get(pk=course.pk)
    return number


def treated_visits_of(course: OuterRef) -> Coalesce:
    """The same number as a column."""
    treated = Exists(Treatment.objects.filter(visit=OuterRef("pk")))
    visits = Visit.objects.filter(treated, course=course, status=VisitStatus.SIGNED).order_by()
    return Coalesce(Subquery(visits.values("course").annotate(number=Count("pk")).values("number")), 0)
