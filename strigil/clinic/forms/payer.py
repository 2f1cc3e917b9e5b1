from __future__ import annotations

from typing import Any

from django import forms

from strigil.clinic.forms.fields import ManyChips, OneInput, Pick
from strigil.clinic.minutes import minute_kinds
from strigil.knowledge import load
from strigil.knowledge.shapes import PayerRule


class PayerForm(forms.Form):
    """By which rule units are suggested, and of which minutes."""

    rule = Pick(choices=[], label="Suggest timed units", widget=OneInput)
    counted = ManyChips(required=False, choices=[], label="Minutes that your payer counts as timed, one to one")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = [(key, one.title) for key, one in load().shelf(PayerRule).items()]
        self.fields["rule"].choices = [("none", "Suggest none"), *rules]  # type: ignore[attr-defined]
        self.fields["counted"].choices = list(minute_kinds().items())  # type: ignore[attr-defined]

    def chosen(self) -> str:
        given: str = self.cleaned_data["rule"]
        return "" if given == "none" else given
