from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from strigil.clinic.models.base import Record
from strigil.clinic.models.reading import Reading


class QuestionnaireFile(Record):
    """An instrument that the clinic loaded, and its word that it holds the licence. Its content never changes.

    What it asks is its owner's, so none of its words are shareable.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"url", "edition", "title", "content", "licence"})
    shareable: ClassVar[frozenset[str]] = frozenset({"measure", "sha256", "licensed_on", "put_away_on"})

    measure = models.CharField(max_length=60)
    url = models.CharField(max_length=150)
    edition = models.CharField(max_length=40)
    """The version that the file gives itself."""
    title = models.CharField(max_length=200)
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    licence = models.CharField(max_length=200)
    licensed_on = models.DateField()
    put_away_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["measure", "-licensed_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "measure", "url", "edition"], name="questionnaire_edition_once"),
            models.CheckConstraint(condition=~Q(licence=""), name="questionnaire_has_a_licence"),
        ]

    @property
    def canonical(self) -> str:
        """``url|version``, as FHIR writes it."""
        return f"{self.url}|{self.edition}"


class QuestionnaireAnswers(Record):
    """What was answered to each item, behind one score."""

    identifying: ClassVar[frozenset[str]] = frozenset()
    shareable: ClassVar[frozenset[str]] = frozenset({"reading", "file", "answers"})

    reading = models.OneToOneField(Reading, on_delete=models.PROTECT, related_name="answers")
    file = models.ForeignKey(QuestionnaireFile, on_delete=models.PROTECT, related_name="answers")
    answers = models.JSONField()
    """By linkId: the place of the choice in its item and its score, or null where the item was left open."""
