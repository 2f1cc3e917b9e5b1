from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from strigil.clinic.forms.fields import TEXT_SAYS, Chips, Day, Line, Prose, Version
from strigil.clinic.models import MayMail, Sex

NOT_AN_ADDRESS = "Give an address such as eva@example.org, or leave it empty."


class PatientForm(forms.Form):
    """Who a patient is. ``version`` is that of the record the page was drawn from."""

    name = Line(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    born = Day(label="Date of birth", required=False, help_text="Leave empty if not known.")
    sex = Chips(choices=Sex.choices, label="Sex recorded at birth")
    phone = Line(max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    email = forms.EmailField(
        required=False, label="E-mail", max_length=254, error_messages=TEXT_SAYS | {"invalid": NOT_AN_ADDRESS}
    )
    may_mail = Chips(
        choices=MayMail.choices,
        required=False,
        label="May we e-mail the check-in link on the day after a visit?",
        help_text="Ask the patient. Leave it open where nobody asked; then nothing is sent.",
    )
    note = Prose(required=False, max_length=2000, rows=2, help_text="Nothing clinical: that belongs in a course.")
    another = forms.BooleanField(required=False, label="This is another person of the same name")
    version = Version(required=False)

    def __init__(self, *args: Any, today: date, same_name: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if not same_name:
            del self.fields["another"]

    def clean_another(self) -> bool:
        if not self.cleaned_data["another"]:
            raise forms.ValidationError("Somebody of this name is registered: look above, then tick this if it is not.")
        return True

    def clean_born(self) -> date | None:
        born: date | None = self.cleaned_data["born"]
        if born and born > self.today:
            raise forms.ValidationError("A date of birth cannot lie in the future.")
        return born
