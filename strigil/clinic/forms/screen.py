from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from strigil.clinic.actions.evaluate import AnswerInput
from strigil.clinic.forms.fields import YES_NO_UNKNOWN, Chips, Day, Line, ManyChips, Prose
from strigil.clinic.hindrances import Hindrance, Way
from strigil.clinic.models import Judged
from strigil.knowledge import load
from strigil.knowledge.shapes import Condition, ScreeningRule

GROUPS: Sequence[tuple[str, str, tuple[str, ...]]] = (
    ("emergency", "Could be an emergency", ("emergency",)),
    ("refer", "Would need a physician first", ("refer",)),
    ("today", "Today", ("stop", "hold")),
    ("clearance", "Health and medicines", ("clearance", "modify")),
    ("skin", "Skin and tissue where you would treat", ("avoid",)),
)


@dataclass
class Question:
    """One question as the page draws it and as it came back."""

    name: str
    rule: ScreeningRule
    last: str = ""
    missing: str = ""
    """Why what was answered does not count today, where it does not."""
    current: str = ""
    answered_on: date | None = None
    """When it was last answered yes or no."""
    answer: str = ""
    sites: tuple[str, ...] = ()
    since: str = ""
    error: str = ""
    taken: str = ""
    """Medicines by which the answer is yes."""
    held: str = ""
    """Medicines that keep it open until it is answered by itself."""
    none_taken: bool = False
    """Whether it was said just now that no medicine is taken."""

    @property
    def by_itself(self) -> bool:
        """Whether "none of these" leaves it out, since a medicine bears on it."""
        return bool(self.taken or self.held)

    @property
    def asks_when(self) -> bool:
        """What is in one place began at some time; what is not, where a rule looks at when."""
        return self.asks_where or self.name in looked_at_since()

    @property
    def folder(self) -> str:
        return type(self.rule).folder

    @property
    def asks_where(self) -> bool:
        return self.rule.scope != "systemic"


def looked_at_since() -> frozenset[str]:
    """Findings of which some rule looks at when they began."""
    conditions = [one.when for rule in load().rules.values() for one in rule.consequences if one.when]
    return frozenset(name for one in conditions for name in _since(one))


def _since(condition: Condition) -> Iterator[str]:
    if condition.finding and condition.since_under_days:
        yield condition.finding
    for part in (*condition.all, *condition.any):
        yield from _since(part)


class AnswersForm:
    """The answers of the screening page. A group answered "none of these" gives each its own explicit no."""

    def __init__(self, groups: Mapping[str, list[Question]], sites: Iterable[tuple[str, str]], on: date) -> None:
        self.groups = groups
        self.sites = list(sites)
        self.on = on
        self.answers: list[AnswerInput] = []

    def read(self, data: QueryDict) -> bool:
        """Take what was sent; False when something needs mending, and then every question still holds it."""
        fine = True
        none_of = data.get("none", "")
        for group, questions in self.groups.items():
            for question in questions:
                question.answer = data.get(f"{question.name}", "")
                question.sites = tuple(data.getlist(f"{question.name}-site"))
                question.since = data.get(f"{question.name}-since", "").strip()
                said = question.by_itself or question.current
                left = not (question.answer or said or question.since or question.sites)
                if none_of == group and left:
                    question.answer = "no"
                fine = self._check(question) and fine
        return fine

    def _check(self, question: Question) -> bool:
        if not question.answer:
            if question.since or question.sites:
                question.error = "Say yes, no or not known as well."
            return not question.error
        if question.answer not in dict(YES_NO_UNKNOWN):
            question.error = "Choose yes, no or not known."
            return False
        if question.answer == "no" and question.taken:
            question.error = f"The medicines say yes: {question.taken}. Answer yes, or correct the medicines."
            return False
        if question.answer == "yes" and question.none_taken:
            question.error = "You also said that no medicine is taken: which is right?"
            return False
        since: date | None = None
        if question.since and question.answer == "yes":
            try:
                since = Day(required=False).clean(question.since)
            except ValidationError as error:
                question.error = error.messages[0]
            if since and since > self.on:
                question.error = "That day has not come yet."
        places = [tuple(one.split("/", 1)) for one in question.sites] if question.answer == "yes" else []
        if any(place not in self.sites for place in places):
            question.error = f"{question.error} Choose among the sites of this course.".strip()
        if question.error:
            return False
        for region, side in places or [("", "")]:
            self.answers.append(AnswerInput(question.name, question.answer, region, side, since))
        return True

    @property
    def errors(self) -> list[Question]:
        return [one for questions in self.groups.values() for one in questions if one.error]


class OwnForm(forms.Form):
    """What the clinician would do; nothing is chosen beforehand."""

    judged = Chips(
        choices=Judged.choices,
        label="What would you do today?",
        error_messages={"required": "Say what you would do. It is asked once a course, before Strigil says anything."},
    )
    judged_note = Line(max_length=500, required=False, label="Why, in a sentence")


class ClearanceForm(forms.Form):
    physician = Line(max_length=200, help_text="Who agreed.")
    agreed_on = Day(label="Agreed on")
    until = Day(label="Until")
    note = Line(max_length=500, required=False, help_text="Conditions, or where the letter is.")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        agreed_on, until = data.get("agreed_on"), data.get("until")
        if agreed_on and agreed_on > self.today:
            self.add_error("agreed_on", "The agreement cannot lie in the future.")
        if agreed_on and until and until < agreed_on:
            self.add_error("until", "It must end after it begins.")
        return data


class OverrideForm(forms.Form):
    """Which of the things that stand in the way are overridden, and why. A single one needs no choosing."""

    overriding = ManyChips(choices=[], label="What is overridden")
    reason = Prose(max_length=1000, help_text="Why this patient is treated in spite of it, for this one visit.")

    def __init__(self, *args: Any, hindering: Sequence[Hindrance], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = [one.key for one in hindering if one.way is Way.REASON]
        if len(self.keys) == 1:
            del self.fields["overriding"]
        else:
            choices = [(one.key, one.what) for one in hindering if one.way is Way.REASON]
            self.fields["overriding"].choices = choices  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        return {"overriding": self.cleaned_data.get("overriding", self.keys), "reason": self.cleaned_data["reason"]}
