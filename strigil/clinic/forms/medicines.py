"""What is taken: none, the same as last time, or a list; and which is meant where a name could be several things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict

from strigil.clinic import medicines
from strigil.clinic.actions.medicines import LONGEST
from strigil.clinic.forms.fields import NOT_OFFERED, Prose
from strigil.clinic.forms.screen import Question
from strigil.clinic.medicines import Line
from strigil.clinic.models import MedicineList
from strigil.knowledge import load
from strigil.knowledge.shapes import MedicineNames
from strigil.pathway.facts import AnswerValue
from strigil.pathway.medicines import Recognition, answers_from, recognise, taken_together

NONE, SAME, SOME = "none", "same", "some"


class MedicinesForm:
    """The medicines of the screening page; nothing is chosen beforehand, and untouched it says nothing."""

    def __init__(self, last: MedicineList | None, on: date) -> None:
        self.last, self.on = last, on
        self.counts = last is not None and medicines.counts(last, on)
        self.how = ""
        self.typed = last.typed if last else ""
        self.chosen: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self.given: dict[str, Any] | None = None
        """What ``record_medicines`` takes; None where nothing was said."""
        self.listed = medicines.of(last) if last else []

    def read(self, data: QueryDict) -> bool:
        """Take what was sent; False when something needs mending, and then everything typed is still here."""
        self.how = data.get("medicines", "")
        was, self.typed = self.typed, _plain(data.get("medicine_list", ""))
        written = medicines.recognised(self.typed[:LONGEST], {})
        open_ones = [one for one in (*self.listed, *written) if not one.status.settled]
        self.chosen = {one.typed: word for one in open_ones if (word := data.get(medicines.key_of(one.typed), ""))}
        if not self.how and self.typed and self.typed != _plain(was):
            self.how = SOME
        self._check(changed=self.typed != _plain(was))
        if self.errors:
            return False
        try:
            self._take()
        except ValueError:
            self.errors["medicines"] = NOT_OFFERED
        return not self.errors

    def _check(self, *, changed: bool) -> None:
        if self.how not in ("", NONE, SAME, SOME) or (self.how == SAME and self.last is None):
            self.errors["medicines"] = NOT_OFFERED
        elif self.how in (NONE, SAME) and self.typed and changed:
            self.errors["medicines"] = "Some medicines are written below: which is right?"
        elif self.how == SOME:
            try:
                Prose(max_length=LONGEST).clean(self.typed)
            except ValidationError as error:
                self.errors["medicine_list"] = error.messages[0]
            else:
                if not medicines.recognised(self.typed, {}):
                    self.errors["medicine_list"] = "No name of a medicine stands here."

    def _take(self) -> None:
        kept = medicines.choices_of(self.last) if self.last else {}
        for typed, choice in self.chosen.items():
            kept[typed] = [*kept.get(typed, ()), choice]
        if self.how == NONE or (self.how == SAME and self.last and self.last.none_taken):
            self.given = {"none_taken": True}
            self.listed = [recognise(medicines.NONE_TAKEN, load())]
        elif self.how == SOME:
            self.given = {"typed": self.typed, "chosen": kept}
        elif self.last and (self.how == SAME or self.chosen):
            self.given = {"typed": self.last.typed, "chosen": kept}
        if self.given and "typed" in self.given:
            self.listed = medicines.recognised(self.given["typed"], kept)

    # --- What it means for the questions ---

    def mark(self, groups: Mapping[str, Iterable[Question]]) -> None:
        """Tell each question what the list says of it. A list that no longer counts says nothing."""
        if not (self.counts or self.given):
            return
        before = {one["typed"] for one in self.last.lines} if self.last and self.counts else set()
        said = {one.finding: one.answer for one in answers_from(self.listed, self.on).answers}
        for question in (one for rows in groups.values() for one in rows):
            word = said.get(question.name)
            settled = self.last and question.answered_on and question.answered_on >= self.last.on
            if word is AnswerValue.YES:
                question.taken = self._names(question.name, self.listed)
            elif word is AnswerValue.UNKNOWN:
                opening = [one for one in self.listed if not settled or one.typed not in before]
                question.held = self._names(question.name, opening)
            elif word is AnswerValue.NO and self.given:
                question.none_taken = True

    @staticmethod
    def _names(finding: str, listed: Iterable[Recognition]) -> str:
        return ", ".join(one.typed for one in listed if finding in (*one.sets, *one.opens, *one.denies))

    # --- For the page ---

    @property
    def lines(self) -> list[Line]:
        return [medicines.line(one, self.chosen.get(one.typed, "")) for one in self.listed]

    @property
    def together(self) -> list[tuple[str, str]]:
        """Cautions for medicines that weigh more together, each with the table of the shelf that holds it."""
        said = taken_together(self.listed, load())
        tables = load().shelf(MedicineNames).items()
        return [(row.caution, key) for key, table in tables for row in table.together if row.caution in said]


def _plain(text: str) -> str:
    """As a browser sends it back, and as it was stored."""
    return text.replace("\r\n", "\n").strip()
