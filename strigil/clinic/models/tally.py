from __future__ import annotations

from typing import ClassVar

from django.db import models

from strigil.clinic.models.base import Record, one_of
from strigil.clinic.models.course import Course, CourseStatus
from strigil.pathway.facts import Verdict


class Tally(Record):
    """What one closed course adds to the clinic's counts, so that nobody waits while years of visits are read.

    The action that closes a course makes it, and one that changes a closed course makes it again. ``verdict`` is on
    pain, as judged with that version of the knowledge. A course without a signed visit and a published case have none.
    """

    shareable: ClassVar[frozenset[str]] = frozenset(
        {
            *("course", "indication", "status", "verdict", "visits", "reactions_asked", "adverse", "treatments"),
            *("seconds_recorded", "force_measured", "knowledge_version"),
        }
    )

    course = models.OneToOneField(Course, on_delete=models.PROTECT, related_name="tally")
    indication = models.CharField(max_length=60)
    status = models.CharField(max_length=10)
    verdict = models.CharField(max_length=12)
    visits = models.PositiveIntegerField()
    reactions_asked = models.PositiveIntegerField()
    adverse = models.PositiveIntegerField()
    treatments = models.PositiveIntegerField()
    seconds_recorded = models.PositiveIntegerField()
    force_measured = models.PositiveIntegerField()
    knowledge_version = models.CharField(max_length=40)

    class Meta:
        indexes = [
            models.Index(
                fields=[
                    *("clinic", "indication", "status", "verdict", "visits", "reactions_asked", "adverse"),
                    *("treatments", "seconds_recorded", "force_measured"),
                ],
                name="tally_of_a_clinic",
            )
        ]
        constraints = [
            one_of("status", [CourseStatus.FINISHED, CourseStatus.STOPPED], "tally_status_is_known_word"),
            one_of("verdict", [one.value for one in Verdict], "tally_verdict_is_known_word"),
        ]
