from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from strigil.clinic.forms.fields import Chips, Day, Prose
from strigil.clinic.models import Sex


class PatientForm(forms.Form):
    """Who a patient is. ``version`` is that of the record the page was drawn from."""

    name = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    born = Day(label="Date of birth", required=False, help_text="Leave empty if not known.")
    sex = Chips(choices=Sex.choices, label="Sex recorded at birth")
    phone = forms.CharField(max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    email = forms.EmailField(required=False, label="E-mail", max_length=254)
    note = Prose(required=False, max_length=2000, rows=2, help_text="Nothing clinical: that belongs in a course.")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_born(self) -> date | None:
        born: date | None = self.cleaned_data["born"]
        if born and born > self.today:
            raise forms.ValidationError("A date of birth cannot lie in the future.")
        return born
