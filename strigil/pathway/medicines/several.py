"""A typed or dictated list taken apart, and what it answers as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import product

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import (
    MedicineNames,
)
from strigil.pathway.facts import Answer, AnswerValue
from strigil.pathway.medicines.index import Index, index_of
from strigil.pathway.medicines.one import exact, of_name, unknown
from strigil.pathway.medicines.records import MedicineAnswers, MedicineAsk, Recognition, Status
from strigil.pathway.medicines.words import CAUTION, COMMAS, JOINED, LINES, fold, key_of, named_parts, only_dose, union


def recognise_list(typed: str | Iterable[str], knowledge: Knowledge) -> tuple[Recognition, ...]:
    """Take a typed or dictated list, or its lines, apart, and each name for what it is; nothing typed is dropped.

    Commas, semicolons and line ends part names, save where a name on the shelf holds the comma or a number does;
    "and", "+", "/" and "with" part them only where a part is known and the whole is not. A part that is only a dose
    belongs to the name before it.
    """
    index = index_of(knowledge)
    found: list[Recognition] = []
    text = typed if isinstance(typed, str) else "\n".join(typed)
    for line in named_parts(LINES.split(text)):
        pieces = named_parts(COMMAS.split(line))
        while pieces:
            joined = next((n for n in (3, 2) if len(pieces) >= n and exact(", ".join(pieces[:n]), index)), 1)
            found.extend(_several(", ".join(pieces[:joined]), index))
            del pieces[:joined]
    return tuple(found)


def answers_from(recognitions: Iterable[Recognition], on: date) -> MedicineAnswers:
    """What the list answers on that day: yes, no or unknown for findings, and what is still to be asked.

    A yes from any medicine stands. A finding that a name could bear on stays unknown until a person answers it. No is
    only what an outright "none", alone, denies; an empty list answers nothing. The unknown ones are for the caller to
    hold against an answer given *before* the list was: they do not undo one given to the question itself after it.
    """
    listed = tuple(recognitions)
    yes = union(one.sets for one in listed)
    unknown = union(one.opens for one in listed)
    denied = union(one.denies for one in listed)
    alone = all(one.status is Status.NONE for one in listed)
    if not alone:
        unknown = union((unknown, denied))
    values = (
        [(finding, AnswerValue.YES) for finding in yes]
        + [(finding, AnswerValue.UNKNOWN) for finding in unknown if finding not in yes]
        + [(finding, AnswerValue.NO) for finding in denied if alone]
    )
    asks = [MedicineAsk(one.typed, question) for one in listed for question in one.asks]
    if denied and not alone:
        asks.append(MedicineAsk(next(one.typed for one in listed if one.denies), _NONE_AND_SOME))
    return MedicineAnswers(
        answers=tuple(Answer(finding, value, on) for finding, value in values),
        asks=tuple(dict.fromkeys(asks)),
        unsettled=tuple(one.typed for one in listed if not one.status.settled),
    )


def taken_together(recognitions: Iterable[Recognition], knowledge: Knowledge) -> tuple[str, ...]:
    """Cautions for medicines of different classes that weigh more together, for the clinician to judge."""
    classes = {name for one in recognitions if one.status.settled for name in one.classes}
    return tuple(
        row.caution
        for table in knowledge.shelf(MedicineNames).values()
        for row in table.together
        if any(a != b for a, b in product(classes.intersection(row.first), classes.intersection(row.second)))
    )


_NONE_AND_SOME = "No medicine was said, and yet some are listed: which is right?"


_MOST_JOINED = 4


def _several(text: str, index: Index) -> Iterator[Recognition]:
    """One piece of a list: one name, or several joined by words where at least one of them is known.

    The longest name wins: "Advil Cold & Sinus and warfarin" are two.
    """
    joins = [*JOINED.finditer(text)]
    if not joins or CAUTION.search(fold(text)):
        yield exact(text, index) or unknown(text, index)
        return
    starts, ends = [0, *(join.end() for join in joins)], [*(join.start() for join in joins), len(text)]
    found: list[Recognition | None] = []
    spans: list[tuple[int, int]] = []
    place = 0
    while place < len(starts):
        part, one, last = "", None, place
        for last in range(min(place + _MOST_JOINED, len(starts)) - 1, place - 1, -1):
            part = text[starts[place] : ends[last]]
            one = exact(part, index)
            if one:
                break
        folded = fold(part)
        if spans and only_dose(folded):
            spans[-1] = (spans[-1][0], ends[last])
            found[-1] = _with_more(found[-1], folded, text[slice(*spans[-1])], index)
        elif folded:
            spans.append((starts[place], ends[last]))
            found.append(one)
        place = last + 1
    if any(found):
        for one, span in zip(found, spans, strict=True):
            yield one or unknown(text[slice(*span)], index)
    else:
        yield unknown(text, index)


def _with_more(found: Recognition | None, folded: str, typed: str, index: Index) -> Recognition | None:
    """The same name with more words on its dose or form, which may tell its route."""
    named = index.names.get(key_of(fold(found.name))) if found else None
    if not found or not named:
        return found
    return of_name(typed, (), [*found.set_aside.split(), *folded.split()], named, index)
