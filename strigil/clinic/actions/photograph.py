"""Keep a photograph of the marks after a visit, and take one away."""

from __future__ import annotations

from datetime import date

from strigil.accounts.models import User
from strigil.clinic.actions.base import Refused, action, audit, raise_version
from strigil.clinic.models import Photograph, PhotographContent, Side, Visit, When
from strigil.clinic.pictures import NoPicture, cleaned
from strigil.knowledge import load
from strigil.knowledge.shapes import BodyRegion

MOST = 20
"""Photographs of one visit."""


@action
def add_photograph(
    *, by: User, visit: Visit, on: date, given: bytes, when: str, region: str, side: str, agreed: bool, note: str = ""
) -> Photograph:
    """Keep the picture, made anew from what was sent; the patient has agreed to this one.

    Raises:
        Refused: when it says not whose side or place it shows, nobody agreed, or it is no picture that can be kept.
    """
    if not agreed:
        raise Refused("Ask the patient first; without their agreement no photograph is kept.", "agreed")
    if when not in When.values:
        raise Refused("Say when it was taken.", "when")
    if on < visit.on:
        raise Refused("A photograph of the marks cannot be older than the visit.", "when")
    if region not in load().shelf(BodyRegion):
        raise Refused("Say where on the body it was taken.", "region")
    if side not in Side.values:
        raise Refused("Say which side of the patient it shows.", "side")
    if Photograph.objects.filter(visit=visit, removed_on=None).count() >= MOST:
        raise Refused(f"A visit keeps at most {MOST} photographs. Remove one first.", "file")
    try:
        picture = cleaned(given)
    except NoPicture as error:
        raise Refused(str(error), "file") from None
    kept = Photograph.objects.create(
        clinic_id=visit.clinic_id,
        created_by=by,
        visit=visit,
        when=when,
        on=on,
        region=region,
        side=side,
        agreed=True,
        note=note,
        width=picture.width,
        height=picture.height,
        sha256=picture.sha256,
        original_sha256=picture.original_sha256,
    )
    PhotographContent.objects.create(clinic_id=visit.clinic_id, created_by=by, photograph=kept, content=picture.content)
    audit(by, "photograph.add", kept, visit.course.patient_id)
    return kept


@action
def remove_photograph(*, by: User, photograph: Photograph, seen: int, on: date, because: str) -> None:
    """Take the picture away for good; that there was one, who removed it and why stays."""
    if not because.strip():
        raise Refused("Say why it is removed.", "because")
    raise_version(photograph, seen)
    if photograph.removed_on is not None:
        raise Refused("This photograph is removed already.")
    photograph.removed_on, photograph.removed_by, photograph.removed_because = on, by, because.strip()
    photograph.save(update_fields=["removed_on", "removed_by", "removed_because"])
    PhotographContent.objects.filter(photograph=photograph).delete()
    audit(by, "photograph.remove", photograph, photograph.visit.course.patient_id)
