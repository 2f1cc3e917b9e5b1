"""Values that a careless copy bends."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from strigil.clinic.models import Draft, KeptShelf, LinkMiss, Patient, Reading, RequestCount
from strigil.knowledge import load
from tests.clinic.cast import Story

NAMES = (
    "Ng",
    "מרים בן־דוד",
    "محمد الأمين",
    "山田 花子",
    "İpek Ğüş",
    "Zoe\u0308 (NFD)",
    'O\'Brien "Bo" \\ ; -- %s %% {0}',
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "-1",
    "+44",
    "'quoted",
    "👩🏽‍⚕️ Emoji",
    "x" * 200,
)
DEEP = {"z": [1, 2.5, None, True, {"é": "\u2028"}], "a": {}, "": "", "n": None, "big": 2**53, "text": '{"a": 1}'}


def odd_rows(story: Story) -> None:
    for place, name in enumerate(NAMES):
        born = None if place % 2 else date(1880 + place, 2, 28)
        made = story.patient(name, note="line one\nline two\r\n\ttab" if place % 3 else "")
        Patient.objects.filter(pk=made.pk).update(
            born=born, created_at=datetime(2026, 11, 20, 12, 0, 0, 0 if place % 2 else place + 1, tzinfo=UTC)
        )
    LinkMiss.objects.create(at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC), source="0" * 64)
    patient = story.patient("Of the drafts")
    course = story.course(patient)
    Draft.objects.create(
        clinic=story.by.clinic, created_by=story.by, patient=patient, page="visit", about=UUID(int=1),
        values=DEEP, also={}, saved_at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    )  # fmt: skip
    for value in ("0", "0.0001", "-12.5", "99999.9999"):
        Reading.objects.create(
            clinic=story.by.clinic, created_by=story.by, course=course, measure="nprs", value=Decimal(value),
            unit="1", rater=story.by, on=story.on, moment="baseline",
        )  # fmt: skip
    RequestCount.objects.create(clinic=story.by.clinic, at=datetime(2026, 11, 20, tzinfo=UTC), source="a" * 64)
    shelf = load()
    KeptShelf.objects.get_or_create(sha256=shelf.sha256, defaults={"knowledge_version": shelf.version, "content": DEEP})
