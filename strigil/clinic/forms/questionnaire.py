from __future__ import annotations

from typing import Any

from django import forms

from strigil.clinic.forms.fields import Chips, Line, Pick
from strigil.clinic.forms.reading import SIDES
from strigil.knowledge import load
from strigil.knowledge.shapes import Measure
from strigil.pathway.questionnaire import Heading, Question, Questionnaire

OPEN = "open"


class LoadForm(forms.Form):
    """A file, what it is, and the licence for it."""

    measure = Pick(choices=[], label="Which measure it is")
    file = forms.FileField(
        label="File",
        help_text="A FHIR R4 Questionnaire in JSON, as its owner or your vendor gave it to you.",
        error_messages={"required": "Choose the file.", "empty": "The file is empty."},
        widget=forms.FileInput(attrs={"accept": ".json,application/json,application/fhir+json"}),
    )
    licence = Line(
        max_length=200, label="Licence", help_text="From whom, and its number or date; or why it needs none."
    )
    holds_licence = forms.BooleanField(
        label="This clinic may use this instrument, in this form",
        error_messages={"required": "Say that the clinic holds the licence; without it the instrument is not used."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scored = [(one.title, key) for key, one in load().shelf(Measure).items() if one.score is not None]
        self.fields["measure"].choices = [("", "Choose …"), *((key, title) for title, key in sorted(scored))]  # type: ignore[attr-defined]


class FillForm(forms.Form):
    """The items of a questionnaire, each a row of touches. None is chosen beforehand, none has to be."""

    def __init__(self, *args: Any, questionnaire: Questionnaire, measure: Measure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questionnaire = questionnaire
        if measure.sided != "no":
            self.fields["side"] = Chips(required=measure.sided == "yes", choices=SIDES, help_text="Of the patient.")
        for place, asked in enumerate(questionnaire.questions):
            choices = [*((str(number), one.text) for number, one in enumerate(asked.choices)), (OPEN, "No answer")]
            self.fields[f"item_{place}"] = Chips(required=False, choices=choices, label=asked.text)

    def lines(self) -> list[Heading | forms.BoundField]:
        """Headings and fields in the order of the file."""
        places = iter(range(len(self.questionnaire.questions)))
        return [self[f"item_{next(places)}"] if isinstance(one, Question) else one for one in self.questionnaire.lines]

    def answers(self) -> list[int | None]:
        """The place of each choice; None where an item was left open."""
        given = [self.cleaned_data[f"item_{place}"] for place in range(len(self.questionnaire.questions))]
        return [None if one in ("", OPEN) else int(one) for one in given]
