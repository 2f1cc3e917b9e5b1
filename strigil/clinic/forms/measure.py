from __future__ import annotations

from typing import Any

from django import forms

from strigil.clinic.forms.fields import Prose

BECAUSE = (
    "The dose or the plan has been changed.",
    "Another measure matters more to this patient.",
    "Visits were missed: too early to tell.",
    "The patient knows the advice and wishes to go on.",
)
"""What one touch may say; anything else is typed."""


class GoOnForm(forms.Form):
    """Why a course goes on though a review advised a change or a stop."""

    gate = forms.CharField(widget=forms.HiddenInput, max_length=60)
    because = forms.CharField(required=False, max_length=200)
    reason = Prose(required=False, max_length=800, label="Why the course goes on")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("because") and not (data.get("reason") or "").strip():
            self.add_error("reason", "Say why the course goes on: touch a reason, or write one.")
        return data

    def said(self) -> str:
        return " ".join(part for part in (self.cleaned_data["because"], self.cleaned_data["reason"].strip()) if part)
