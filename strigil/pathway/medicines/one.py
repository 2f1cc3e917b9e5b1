"""One name, taken for what it is: settled, ambiguous, taken for another, or unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import (
    LayTerm,
)
from strigil.pathway.medicines.effects import ROUTES, asks_of, by_route, effect_of, effect_of_class, whys
from strigil.pathway.medicines.index import Index, Named, index_of, meaning_of
from strigil.pathway.medicines.likeness import described, mates_of, reach, resemblance, resembling
from strigil.pathway.medicines.records import Meaning, Recognition, Status
from strigil.pathway.medicines.words import CAUTION, JOINED, UNITS, fold, key_of, named_parts, sets_aside, union


def recognise(text: str, knowledge: Knowledge) -> Recognition:
    """Take one name, with or without its dose, for what it is; several parts joined only where each is known."""
    index = index_of(knowledge)
    found = exact(text, index)
    if found:
        return found
    if not CAUTION.search(fold(text)):
        parts = [exact(part, index) for part in named_parts(JOINED.split(text))]
        if len(parts) > 1 and all(parts):
            return _together(text, [part for part in parts if part], index)
    return unknown(text, index)


def choose(recognition: Recognition, choice: str, knowledge: Knowledge) -> Recognition:
    """What a person chose among the meanings or resemblances that were shown; what was typed stays as typed.

    Raises:
        ValueError: where the choice was not one of those shown.
    """
    index = index_of(knowledge)
    typed, aside = recognition.typed, recognition.set_aside
    named = index.names.get(key_of(fold(choice)))
    if recognition.status is Status.LOOKALIKE and choice == recognition.name and named:
        return of_name(typed, (), aside.split(), named, index, confirmed=True)
    for meaning in recognition.meanings:
        if meaning.choice == choice:
            blank = Recognition(typed, Status.UNKNOWN, recognition.name, recognition.name_is, aside, confirmed=True)
            return _settled(blank, meaning, index)
    if named and any(choice == one.name for one in recognition.resembles):
        return of_name(typed, (), aside.split(), named, index, confirmed=True)
    shown = [one.choice for one in recognition.meanings] + [one.name for one in recognition.resembles]
    raise ValueError(f"choice was not shown; given: {choice!r}; allowed: {', '.join(shown) or '(none)'}")


_WHICH = "Which one is it?"


_LOOK_UP = "This name is not on the shelf: look it up, and what it is for."


_CURRENT = "Is it taken now, and by this person?"


_MOST_WORDS_NAMED = 40


def exact(text: str, index: Index) -> Recognition | None:
    """The longest listed name that the text is, once words on dose, form and time around it are set aside."""
    folded = fold(text)
    named = index.names.get(key_of(folded))
    if named:
        return of_name(text, (), (), named, index)
    words = folded.split()
    if not 2 <= len(words) <= _MOST_WORDS_NAMED:
        return None
    last = len(words)
    while last > 1 and sets_aside(words, last - 1):
        last -= 1
    first = 0
    while first < last - 1 and sets_aside(words, first):
        first += 1
    for kept in range(len(words) - 1, last - first - 1, -1):
        for start in range(max(0, len(words) - kept - (len(words) - last)), min(first, len(words) - kept) + 1):
            named = index.names.get("".join(words[start : start + kept]))
            if named:
                return of_name(text, words[:start], words[start + kept :], named, index)
    return None


_MOST_FORMS_KEPT = 2


def of_name(
    typed: str, before: Sequence[str], after: Sequence[str], named: Named, index: Index, confirmed: bool = False
) -> Recognition:
    """What a listed name is, with the words set aside before and after it.

    ``confirmed``: a person has said that it is this name and not one it is taken for.
    """
    aside = [*before, *after]
    said = tuple(sorted({word for word in aside if word in ROUTES}))
    numbered = bool(after) and after[0].isdigit() and (len(after) == 1 or after[1] not in UNITS)
    variant = (said, numbered, confirmed)
    made = named.made.get(variant)
    if made is None:
        made = _made(named, said, numbered, confirmed, index)
        if len(said) <= _MOST_FORMS_KEPT:
            named.made[variant] = made
    return _typed(made, typed, " ".join(aside))


def _typed(made: Recognition, typed: str, aside: str = "") -> Recognition:
    return replace(made, typed=typed, set_aside=aside)


def _made(named: Named, said: Sequence[str], numbered: bool, confirmed: bool, index: Index) -> Recognition:
    blank = Recognition("", Status.UNKNOWN, named.name, named.name_is, confirmed=confirmed)
    if named.denies:
        return replace(blank, status=Status.NONE, denies=named.denies)
    if named.term:
        return _lay(blank, named.term, index)
    if named.name_is == "lookalike":
        return replace(_open(blank, index), resembles=mates_of(named, index), asks=(_LOOK_UP,))
    meanings = named.meanings if named.blocked else by_route(named.meanings, said, index)
    if named.blocked or len(meanings) != 1:
        return _ambiguous(blank, meanings, named, index)
    settled = _settled(blank, meanings[0], index)
    if named.plain_of:
        settled = _perhaps_longer(settled, named, numbered and not confirmed, index)
    return settled if confirmed or not named.groups else _perhaps_another(settled, named, index)


def _perhaps_longer(settled: Recognition, named: Named, numbered: bool, index: Index) -> Recognition:
    """A name that begins longer ones is taken as the plain one, and asked about.

    With a bare number after it (Tylenol 3) it may be the longer one, and stays open.
    """
    asked = replace(settled, asks=(*settled.asks, f"Is it the plain one? Also sold: {'; '.join(named.plain_of)}."))
    if not numbered:
        return asked
    longer = union(reach(name, index, unlisted=True) for name in named.plain_of)
    opens = union((settled.opens, longer, index.baseline))
    return replace(
        asked,
        status=Status.AMBIGUOUS,
        bears_on=union((settled.bears_on, longer, index.baseline)),
        opens=tuple(finding for finding in opens if finding not in settled.sets),
        resembles=tuple(resemblance(name, index) for name in named.plain_of if key_of(fold(name)) in index.names),
    )


def _settled(blank: Recognition, meaning: Meaning, index: Index) -> Recognition:
    """One meaning. A part that no class holds is named, and counts as unknown."""
    effect = effect_of(meaning, index)
    relevant = [name for name in meaning.classes if index.classes[name].relevance != "not_relevant"]
    status = Status.RECOGNISED if relevant else Status.UNKNOWN if meaning.unlisted else Status.NOT_RELEVANT
    asks = asks_of(meaning.classes, index)
    if meaning.unlisted:
        asks = (*asks, f"{', '.join(meaning.unlisted)}: in none of the classes; look it up.")
    return replace(
        blank,
        status=status,
        meanings=(meaning,),
        classes=meaning.classes,
        unlisted=meaning.unlisted,
        bears_on=effect.bears_on,
        sets=effect.sets,
        opens=effect.opens,
        why=whys(meaning.classes, index),
        asks=asks,
    )


def _ambiguous(blank: Recognition, agreeing: Sequence[Meaning], named: Named, index: Index) -> Recognition:
    """Several meanings, or none that agrees with the form that was typed.

    It is a yes only for what every meaning sets, and unknown for whatever any of them could be. A route of which
    nothing is known is a meaning too.
    """
    meanings = agreeing or named.meanings
    effects = [effect_of(meaning, index) for meaning in meanings]
    shared = [finding for finding in effects[0].sets if all(finding in effect.sets for effect in effects)]
    sets = tuple(shared) if agreeing and not named.other_routes else ()
    opens = union((*(effect.sets for effect in effects), *(effect.opens for effect in effects), index.baseline))
    classes = union(meaning.classes for meaning in meanings)
    either = "; or ".join(described(meaning, index) for meaning in meanings)
    question = f"Which is meant, from which country, by which route and for what: {either}?"
    if named.other_routes:
        question += f" It was also seen by another route: {', '.join(named.other_routes)}."
    if not agreeing:
        question = f"By which route is it taken? The form that was typed is not the one known here: {either}."
    return replace(
        blank,
        status=Status.AMBIGUOUS,
        meanings=tuple(meanings),
        classes=classes,
        bears_on=union((*(effect.bears_on for effect in effects), index.baseline)),
        sets=sets,
        opens=tuple(finding for finding in opens if finding not in sets),
        why=whys(classes, index),
        asks=(question, *asks_of(classes, index)),
        resembles=mates_of(named, index),
    )


def _lay(blank: Recognition, term: LayTerm, index: Index) -> Recognition:
    """A lay term is never a medicine: possible classes and a question.

    It is a yes only for a finding that every class it may mean sets; where it is ambiguous and names one class, the
    other meaning lies outside the classes, and nothing is set.
    """
    effects = [effect_of_class(name, index) for name in term.classes]
    bounded = term.ambiguous == "no" or len(effects) > 1
    shared = [finding for finding in effects[0].sets if all(finding in effect.sets for effect in effects)]
    sets = tuple(shared) if bounded else ()
    opens = union((*(effect.sets for effect in effects), *(effect.opens for effect in effects), index.baseline))
    return replace(
        blank,
        status=Status.AMBIGUOUS,
        classes=term.classes,
        bears_on=union((*(effect.bears_on for effect in effects), index.baseline)),
        sets=sets,
        opens=tuple(finding for finding in opens if finding not in sets),
        why=whys(term.classes, index),
        asks=(term.ask,),
    )


def _perhaps_another(settled: Recognition, named: Named, index: Index) -> Recognition:
    """A name that is taken for another must be confirmed where the other could matter more.

    What the typed name sets stays set. A listed lookalike matters where it could bear on a finding that this name does
    not; one that no class holds, where this name sets nothing by itself.
    """
    mates = mates_of(named, index)
    own = {*settled.sets, *settled.opens}
    danger = union(reach(mate.name, index, unlisted=not settled.sets) for mate in mates)
    if own.issuperset(danger):
        return replace(settled, resembles=mates)
    opens = union((settled.opens, danger, index.baseline))
    question = f"Is it {settled.name}, and not {' or '.join(mate.name for mate in mates)}?"
    return replace(
        settled,
        status=Status.LOOKALIKE,
        bears_on=union((settled.bears_on, danger, index.baseline)),
        opens=tuple(finding for finding in opens if finding not in settled.sets),
        asks=(question, *settled.asks),
        resembles=mates,
    )


def unknown(text: str, index: Index) -> Recognition:
    folded = fold(text)
    asks = (_CURRENT, _LOOK_UP) if CAUTION.search(folded) else (_LOOK_UP,)
    blank = _open(Recognition(text, Status.UNKNOWN), index)
    return replace(blank, asks=asks, resembles=resembling(folded, index))


def _open(blank: Recognition, index: Index) -> Recognition:
    return replace(blank, bears_on=index.baseline, opens=index.baseline)


def _together(text: str, parts: Sequence[Recognition], index: Index) -> Recognition:
    """Several known names in one: each counts, and the least settled says how the whole is taken."""
    status = max((part.status for part in parts), key=list(_ORDER).index)
    sets = union(part.sets for part in parts)
    alone = all(len(part.meanings) == 1 for part in parts) and status.settled
    meanings = tuple(meaning for part in parts for meaning in part.meanings)
    if alone:
        ids = union(one.medicines for one in meanings)
        meanings = (meaning_of(index, ids, union(one.unlisted for one in meanings), ""),)
    return Recognition(
        typed=text,
        status=status,
        name=" + ".join(part.name for part in parts),
        name_is="combination",
        set_aside=" ".join(part.set_aside for part in parts if part.set_aside),
        meanings=meanings if alone else (),
        classes=union(part.classes for part in parts),
        unlisted=union(part.unlisted for part in parts),
        bears_on=union(part.bears_on for part in parts),
        sets=sets,
        opens=tuple(finding for finding in union(part.opens for part in parts) if finding not in sets),
        denies=union(part.denies for part in parts),
        why=union(part.why for part in parts),
        asks=union(part.asks for part in parts),
        resembles=tuple(dict.fromkeys(one for part in parts for one in part.resembles)),
    )


_ORDER = (
    Status.NONE,
    Status.NOT_RELEVANT,
    Status.RECOGNISED,
    Status.LOOKALIKE,
    Status.AMBIGUOUS,
    Status.UNKNOWN,
)
