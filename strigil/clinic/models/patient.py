from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models

from strigil.clinic.models.base import Record, one_of


class Sex(models.TextChoices):
    FEMALE = "female", "Female"
    MALE = "male", "Male"
    OTHER = "other", "Other"
    UNKNOWN = "unknown", "Not recorded"


class Origin(models.TextChoices):
    """Whether a person exists. Only ``real`` people are patients; the others are marked wherever they appear."""

    REAL = "real", "Patient"
    SYNTHETIC = "synthetic", "Made up"
    PUBLISHED = "published", "Published case"


class MayMail(models.TextChoices):
    """Whether the patient agreed to check-ins by e-mail; empty where nobody asked, which is no yes."""

    YES = "yes", "Yes"
    NO = "no", "No"


class Patient(Record):
    """A person in care."""

    identifying: ClassVar[frozenset[str]] = frozenset({"name", "born", "phone", "email", "search", "note"})
    shareable: ClassVar[frozenset[str]] = frozenset({"sex", "origin", "source", "may_mail"})

    name = models.CharField(max_length=200)
    born = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=10, choices=Sex.choices)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    may_mail = models.CharField(max_length=3, choices=MayMail.choices, blank=True)
    note = models.TextField(blank=True, max_length=2000)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.REAL)
    source = models.CharField(max_length=100, blank=True)
    """For a published case: the id of the study."""
    search = models.CharField(max_length=250)
    """The name folded for case and accents, so that search finds É under e on every database."""

    class Meta:
        ordering = ["search", "id"]
        indexes = [models.Index(fields=["clinic", "search"])]
        constraints = [
            one_of("sex", Sex.values, "patient_sex_is_known_word"),
            one_of("may_mail", ["", *MayMail.values], "patient_may_mail_is_known_word"),
            one_of("origin", Origin.values, "patient_origin_is_known_word"),
            models.CheckConstraint(
                condition=models.Q(born__isnull=True) | models.Q(born__gte=date(1880, 1, 1)),
                name="patient_born_1880_on",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_real(self) -> bool:
        return self.origin == Origin.REAL
