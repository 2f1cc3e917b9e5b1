"""Who is asked what, when: every screening question once, then again as soon as its answer is too old.

Only a yes, a "not known" or a question left out is told in a story; all else is answered no in so many words, as a
clinician would ask it. Nothing is taken for a no because nobody asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from strigil.clinic.actions.evaluate import AnswerInput
from strigil.demo.story import Story, Yes
from strigil.knowledge import load
from strigil.pathway.screen import questions


class Asking:
    """The answers of one person over time."""

    def __init__(self, story: Story, sides: Mapping[str, str], opened: date) -> None:
        self.sides, self.opened = sides, opened
        self.standing = {one.finding: one for one in story.yes}
        self.not_known = frozenset(story.not_known)
        shelf = questions(load(), story.sex)
        self.valid_days = {name: rule.valid_days for name, rule in shelf if name not in story.not_asked}
        self.asked: dict[str, date] = {}

    def ask(self, on: date, today: Iterable[Yes] = ()) -> list[AnswerInput]:
        """The answers of a day: to what was never asked, to what is stale, and to what is new today."""
        new = {one.finding: one for one in today}
        due = [name for name, valid in self.valid_days.items() if name in new or self._due(name, valid, on)]
        self.asked |= dict.fromkeys(due, on)
        return [self._answer(name, new.get(name, self.standing.get(name))) for name in due]

    def _due(self, name: str, valid: int, on: date) -> bool:
        return name not in self.asked or (on - self.asked[name]).days > valid

    def _answer(self, name: str, yes: Yes | None) -> AnswerInput:
        if yes is None:
            return AnswerInput(name, "unknown" if name in self.not_known else "no")
        since = None if yes.since is None else self.opened - timedelta(days=yes.since)
        side = self.sides[yes.region] if yes.region else ""
        return AnswerInput(name, "yes", yes.region, side, since, yes.detail)
