"""What a patient said the day after a visit, sorted: expected, adverse, or not clear. What was left open stays open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import Gate, Reaction, RedFlag
from strigil.pathway.facts import ReactionSeen
from strigil.pathway.respond import MARKS, is_adverse

NONE, OTHER = "none", "other"
"""As an answer: nothing of the kind; something that the shelf has no word for."""
ONLY_NONE = frozenset({NONE})
RED_FLAG = "red_flag_"


@dataclass(frozen=True, slots=True)
class Said:
    """The answers of one check-in. Empty or None is a question left open, which is never "none"."""

    soreness: int | None = None
    marks: frozenset[str] = frozenset()
    mark_size: str = ""
    mark_change: str = ""
    function: str = ""
    exercises_done: str = ""
    worries: frozenset[str] = frozenset()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """What the answers come to. ``look`` says why somebody is to look at them; empty where all is expected."""

    reactions: tuple[ReactionSeen, ...]
    open: tuple[str, ...]
    look: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether soreness, marks and worries were all answered, and clearly."""
        return not self.open

    @property
    def is_none(self) -> bool:
        """Whether the patient said outright that there was nothing."""
        return self.is_complete and not self.reactions and not self.look


def understood(said: Said, on: date, knowledge: Knowledge) -> Understood:
    """Sort the answers given on a day. The words themselves are never read for meaning: somebody looks at them."""
    seen: list[ReactionSeen] = []
    still_open: list[str] = []
    if said.soreness is None:
        still_open.append("soreness")
    elif said.soreness > 0:
        seen.append(ReactionSeen("soreness", on, still_present=True))
    grown = {"larger": True, "same": False, "smaller": False}.get(said.mark_change)
    marks = said.marks - {NONE, OTHER}
    seen += [ReactionSeen(one, on, still_present=True, larger=grown) for one in sorted(marks)]
    if OTHER in said.marks or said.marks == frozenset() or (NONE in said.marks and said.marks != ONLY_NONE):
        still_open.append("marks")
    worries = said.worries - {NONE}
    shelf = knowledge.shelf(Reaction)
    seen += [ReactionSeen(one, on) for one in sorted(worries) if one in shelf]
    if not said.worries:
        still_open.append("worries")
    return Understood(tuple(seen), tuple(still_open), tuple(_why_look(said, seen, knowledge)))


def _why_look(said: Said, seen: Iterable[ReactionSeen], knowledge: Knowledge) -> Iterable[str]:
    shelf, flags = knowledge.shelf(Reaction), knowledge.shelf(RedFlag)
    yield from (flags[one.removeprefix(RED_FLAG)].title for one in sorted(said.worries) if one.startswith(RED_FLAG))
    yield from (shelf[one.reaction].title for one in seen if is_adverse(one.reaction, knowledge))
    limit = knowledge.shelf(Gate)["severe_soreness"].limit
    if said.soreness is not None and limit is not None and said.soreness >= limit:
        yield f"Soreness {said.soreness} of 10"
    if said.mark_change == "larger":
        yield "A mark that has grown"
    if OTHER in said.marks:
        yield "A mark that the list has no word for"
    if said.words.strip():
        yield "The patient wrote something"


def gone(said: Said, on: date, earlier: Iterable[ReactionSeen], knowledge: Knowledge) -> tuple[ReactionSeen, ...]:
    """Of what was seen before, what the patient says has gone. What is adverse only a clinician calls settled."""
    away = (MARKS if said.marks == ONLY_NONE else frozenset()) | (
        frozenset({"soreness"}) if said.soreness == 0 else frozenset()
    )
    return tuple(
        replace(one, noted_on=on, still_present=False, larger=False)
        for one in earlier
        if one.reaction in away and one.still_present is not False and not is_adverse(one.reaction, knowledge)
    )


def signs(knowledge: Knowledge) -> tuple[tuple[str, str, bool], ...]:
    """The worrying signs that a check-in asks for: key, words, and whether to call for help at once; those first."""
    flags = [
        (f"{RED_FLAG}{key}", one.plain, one.consequences[0].outcome == "emergency")
        for key, one in knowledge.shelf(RedFlag).items()
        if one.plain
    ]
    adverse = [
        (key, one.plain, one.emergency == "yes")
        for key, one in knowledge.shelf(Reaction).items()
        if one.plain and one.group == "adverse"
    ]
    return tuple(sorted([*adverse, *flags], key=lambda one: not one[2]))


def marks(knowledge: Knowledge) -> tuple[tuple[str, str], ...]:
    """The marks on the skin that a check-in asks for, in the patient's words."""
    return tuple(
        (key, one.plain)
        for key, one in knowledge.shelf(Reaction).items()
        if one.plain and one.group == "expected" and key in MARKS
    )


def window(ended: datetime, knowledge: Knowledge) -> tuple[datetime, datetime]:
    """From when and until when a visit's check-in can be answered: hours that pass, whatever the clocks do."""
    return ended + _hours("check_in_opens", knowledge), ended + _hours("check_in_closes", knowledge)


def look_by(at_work: datetime, knowledge: Knowledge) -> datetime:
    """Until when somebody is to look at an answer; ``at_work`` is the clinic's first working moment after it."""
    return at_work + _hours("look_at_answer", knowledge)


def _hours(gate: str, knowledge: Knowledge) -> timedelta:
    limit = knowledge.shelf(Gate)[gate].limit
    if limit is None:
        raise ValueError(f"gates/{gate} has no limit")
    return timedelta(hours=int(limit))
