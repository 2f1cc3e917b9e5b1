from __future__ import annotations

from typing import Any

from django import forms

from strigil.clinic.forms.fields import SIDES, Chips, Line, RegionPick, Version, region_choices
from strigil.clinic.models import Course, When


class PhotographForm(forms.Form):
    """A picture, and what it shows. Side and place are never chosen beforehand."""

    file = forms.FileField(
        label="Photograph",
        help_text="JPEG, PNG or WebP, at most 15 MB. Place and camera are taken out of the file.",
        error_messages={"required": "Take or choose the photograph.", "empty": "The file is empty. Choose it again."},
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp", "capture": "environment"}),
    )
    when = Chips(choices=When.choices, label="When it was taken")
    region = RegionPick(choices=[], label="Where it was taken")
    side = Chips(choices=SIDES, label="Side it shows", help_text="Of the patient.")
    note = Line(required=False, max_length=300)
    agreed = forms.BooleanField(
        label="The patient agreed to this photograph being kept",
        error_messages={"required": "Ask the patient first; without their agreement no photograph is kept."},
    )

    def __init__(self, *args: Any, course: Course, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = course.sites.values_list("region", flat=True)
        self.fields["region"].choices = region_choices(sites)  # type: ignore[attr-defined]


class RemoveForm(forms.Form):
    version = Version()
    because = Line(max_length=300, label="Why")
