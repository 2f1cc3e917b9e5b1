from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from strigil.clinic.models.base import Record, one_of
from strigil.clinic.models.course import Course
from strigil.clinic.models.patient import Patient
from strigil.pathway.facts import Outcome


class Judged(models.TextChoices):
    """What a clinician may say, each with the outcome that it means."""

    PROCEED = Outcome.PROCEED.value, "Treat as usual"
    MODIFY = Outcome.MODIFY.value, "Treat more gently"
    AVOID = Outcome.AVOID.value, "Not at this site"
    HOLD = Outcome.HOLD.value, "Not today"
    STOP = Outcome.STOP.value, "Not with IASTM"
    CLEARANCE = Outcome.CLEARANCE.value, "Ask a physician first"
    REFER = Outcome.REFER.value, "Refer"
    EMERGENCY = Outcome.EMERGENCY.value, "Emergency"


class Screening(Record):
    """A decision as it was made: inputs, outcome, reasons, and the knowledge it rests on. Never changed.

    The newest of a course is the one made last, whatever day a wrong clock gave it: its id is the largest.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"inputs", "reasons"})
    shareable: ClassVar[frozenset[str]] = frozenset(
        {"course", "on", "outcome", "complete", "sites", "unasked", "error", "knowledge_version", "knowledge_sha256"}
    )

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="screenings", db_index=False)
    on = models.DateField()
    inputs = models.JSONField()
    outcome = models.CharField(max_length=12)
    complete = models.BooleanField()
    sites = models.JSONField()
    reasons = models.JSONField()
    unasked = models.JSONField()
    error = models.CharField(max_length=300, blank=True)
    knowledge_version = models.CharField(max_length=20)
    knowledge_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["course", "id"], name="screening_of_a_course")]
        constraints = [
            one_of("outcome", [outcome.value for outcome in Outcome], "screening_outcome_is_known_word"),
            models.CheckConstraint(
                condition=~Q(outcome="proceed") | Q(complete=True), name="screening_never_proceeds_incomplete"
            ),
        ]


class OwnAssessment(Record):
    """What the clinician would do, said before the first screen of a course says anything. Never changed."""

    identifying: ClassVar[frozenset[str]] = frozenset({"note"})
    shareable: ClassVar[frozenset[str]] = frozenset({"course", "on", "outcome"})

    course = models.OneToOneField(Course, on_delete=models.PROTECT, related_name="own_assessment")
    on = models.DateField()
    outcome = models.CharField(max_length=12, choices=Judged.choices)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [one_of("outcome", Judged.values, "own_assessment_outcome_is_known_word")]


class Clearance(Record):
    """A physician's agreement: who, when, until when, to what."""

    identifying: ClassVar[frozenset[str]] = frozenset({"patient", "physician", "note"})
    shareable: ClassVar[frozenset[str]] = frozenset({"finding", "agreed_on", "until"})

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="clearances")
    finding = models.CharField(max_length=80)
    physician = models.CharField(max_length=200)
    agreed_on = models.DateField()
    until = models.DateField()
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["agreed_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("agreed_on")), name="clearance_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(physician=""), name="clearance_names_a_physician"),
        ]


class Override(Record):
    """A clinician's decision to treat in spite of what stood in the way, for one visit, with a reason.

    ``overridden`` lists it as it read: what the screen said, what the earlier visits advised, or that no screen of the
    visit's day exists; then there may be no ``screening`` either. ``outcome`` is the most severe of them. Never of
    emergency or refer. A second reason is a second row.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"reason", "overridden"})
    shareable: ClassVar[frozenset[str]] = frozenset({"screening", "visit", "outcome"})

    screening = models.ForeignKey(Screening, on_delete=models.PROTECT, related_name="overrides", null=True)
    visit = models.ForeignKey("clinic.Visit", on_delete=models.PROTECT, related_name="overrides")
    outcome = models.CharField(max_length=12)
    overridden = models.JSONField(default=list)
    reason = models.TextField(max_length=1000)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome__in=["emergency", "refer", "error"]), name="override_never_of_emergency_or_refer"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_a_reason"),
        ]
