"""Medicines: what does the name that was typed or dictated mean for the screen?

A name counts only when it is exactly one that ``knowledge/medicine_classes`` or ``knowledge/medicine_names`` holds,
after folding case, accents, punctuation, spaces and trademark signs. Nothing is guessed: a misspelling is unknown and
may show what it resembles, for a person to choose. A name that is unknown, means several things or is taken for
another keeps questions open; it never answers no.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from itertools import product
from typing import Literal, NamedTuple

from strigil.knowledge.load import Fault, Knowledge, KnowledgeError
from strigil.knowledge.shapes import (
    AmbiguousName,
    LayTerm,
    Medicine,
    MedicineClass,
    MedicineNames,
    OtherProduct,
)
from strigil.pathway.facts import Answer, AnswerValue

MOST_SUGGESTIONS = 3
"""Names shown for a misspelling, beside the whole of every lookalike group it is close to."""


class Status(StrEnum):
    """How a name was taken. Only the first three are settled; every other one has to be asked about."""

    RECOGNISED = "recognised"
    NOT_RELEVANT = "not_relevant"
    NONE = "none"
    AMBIGUOUS = "ambiguous"
    LOOKALIKE = "lookalike"
    UNKNOWN = "unknown"

    @property
    def settled(self) -> bool:
        return self in (Status.RECOGNISED, Status.NOT_RELEVANT, Status.NONE)


NameIs = Literal["generic", "synonym", "brand", "combination", "lay_term", "lookalike", "none", ""]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing a name may stand for. ``choice`` is what ``choose`` takes; ``unlisted`` are parts no class holds."""

    choice: str
    medicines: tuple[str, ...]
    classes: tuple[str, ...]
    unlisted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A name on the shelf that what was typed resembles, what it is, and its classes; for a person to choose from."""

    name: str
    what: str
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a typed name was taken for.

    ``typed`` is as it was written. ``set_aside`` are the words on dose, form and time that did not count. ``sets`` are
    the findings that are a yes under every meaning, ``opens`` those that stay unknown until asked, ``bears_on`` all
    that any meaning bears on. ``asks`` is what to ask, ``why`` why it matters.
    """

    typed: str
    status: Status
    name: str = ""
    name_is: NameIs = ""
    set_aside: str = ""
    meanings: tuple[Meaning, ...] = ()
    classes: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    bears_on: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    denies: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    resembles: tuple[Resemblance, ...] = ()
    confirmed: bool = False

    @property
    def medicines(self) -> tuple[str, ...]:
        """The medicines it is, where that is settled."""
        return self.meanings[0].medicines if self.status.settled and self.meanings else ()


@dataclass(frozen=True, slots=True)
class MedicineAsk:
    typed: str
    question: str


@dataclass(frozen=True, slots=True)
class MedicineAnswers:
    """What a list of medicines answers. ``unsettled`` are the names, as typed, that somebody has to look up."""

    answers: tuple[Answer, ...]
    asks: tuple[MedicineAsk, ...]
    unsettled: tuple[str, ...]


# --- The public functions ---------------------------------------------------------------------------------------


def recognise(text: str, knowledge: Knowledge) -> Recognition:
    """Take one name, with or without its dose, for what it is; several parts joined only where each is known."""
    index = _index(knowledge)
    found = _exact(text, index)
    if found:
        return found
    if not _CAUTION.search(fold(text)):
        parts = [_exact(part, index) for part in _named_parts(_JOINED.split(text))]
        if len(parts) > 1 and all(parts):
            return _together(text, [part for part in parts if part], index)
    return _unknown(text, index)


def recognise_list(text: str, knowledge: Knowledge) -> tuple[Recognition, ...]:
    """Take a typed or dictated list apart, and each name for what it is; nothing typed is dropped.

    Commas, semicolons and line ends part names, save where a name on the shelf holds the comma or a number does;
    "and", "+", "/" and "with" part them only where a part is known and the whole is not. A part that is only a dose
    belongs to the name before it.
    """
    index = _index(knowledge)
    found: list[Recognition] = []
    for line in _named_parts(_LINES.split(text)):
        pieces = _named_parts(_COMMAS.split(line))
        while pieces:
            joined = next((n for n in (3, 2) if len(pieces) >= n and _exact(", ".join(pieces[:n]), index)), 1)
            found.extend(_several(", ".join(pieces[:joined]), index))
            del pieces[:joined]
    return tuple(found)


def choose(recognition: Recognition, choice: str, knowledge: Knowledge) -> Recognition:
    """What a person chose among the meanings or resemblances that were shown; what was typed stays as typed.

    Raises:
        ValueError: where the choice was not one of those shown.
    """
    index = _index(knowledge)
    typed, aside = recognition.typed, recognition.set_aside
    named = index.names.get(_key(fold(choice)))
    if recognition.status is Status.LOOKALIKE and choice == recognition.name and named:
        return _of(typed, (), aside.split(), named, index, confirmed=True)
    for meaning in recognition.meanings:
        if meaning.choice == choice:
            blank = Recognition(typed, Status.UNKNOWN, recognition.name, recognition.name_is, aside, confirmed=True)
            return _settled(blank, meaning, index)
    if named and any(choice == one.name for one in recognition.resembles):
        return _of(typed, (), aside.split(), named, index, confirmed=True)
    shown = [one.choice for one in recognition.meanings] + [one.name for one in recognition.resembles]
    raise ValueError(f"choice was not shown; given: {choice!r}; allowed: {', '.join(shown) or '(none)'}")


def answers_from(recognitions: Iterable[Recognition], on: date) -> MedicineAnswers:
    """What the list answers on that day: yes, no or unknown for findings, and what is still to be asked.

    A yes from any medicine stands. A finding that a name could bear on stays unknown until a person answers it. No is
    only what an outright "none", alone, denies; an empty list answers nothing. The unknown ones are for the caller to
    hold against an answer given *before* the list was: they do not undo one given to the question itself after it.
    """
    listed = tuple(recognitions)
    yes = _union(one.sets for one in listed)
    unknown = _union(one.opens for one in listed)
    denied = _union(one.denies for one in listed)
    alone = all(one.status is Status.NONE for one in listed)
    if not alone:
        unknown = _union((unknown, denied))
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


# --- Folding ----------------------------------------------------------------------------------------------------

_MARKS = re.compile(r"[™®©℠]|\((?:tm|r|c|sm)\)", re.IGNORECASE)
_WORD = re.compile(r"\d+(?:[.,]\d+)+[^\W_]*|[^\W_]+")
_APOSTROPHES = re.compile(r"(?<=\w)['’ʼ`´](?=\w)")


def fold(text: str) -> str:
    """Words in one case, without accents, punctuation, trademark signs and repeated spaces."""
    text = _APOSTROPHES.sub("", _MARKS.sub(" ", text))
    if not text.isascii():
        # Folding case can bring out a mark, and taking one apart can bring out a capital: each is done twice.
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).replace("ı", "i")
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(_WORD.findall(text.casefold()))


def _key(folded: str) -> str:
    """Names are compared without their spaces: Co-Codamol, co codamol and Cocodamol are one name."""
    return folded.replace(" ", "")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FORMS = _words(
    "tablet tablets tab tabs capsule capsules cap caps caplet caplets pill pills syrup liquid suspension solution "
    "injection injections inj cream ointment gel lotion foam patch patches spray drops drop puff puffs inhaler nasal "
    "eye ear oral orally mouth suppository suppositories enema rectal sachet sachets ampoule ampoules vial vials "
    "sr xr xl er la mr cr ec retard slow release modified extended prolonged coated enteric dispersible effervescent"
)
_TIMES = _words(
    "once twice daily nightly weekly monthly od bd bid tds tid qds qid qd prn mane nocte hs am day days night week "
    "month morning evening bedtime hourly every each per times time one two three four half needed required"
)
_UNITS = _words("mg mcg g gram grams milligram milligrams microgram micrograms ug μg ml iu unit units percent")
_LINKS = _words("a at as by in if the when")
"""Words that count for nothing only before a word that does: "at night", "twice a day", "by mouth"."""
_AMOUNT = re.compile(r"\d+(?:[.,]\d+)*(?:mg|mcg|g|ug|μg|ml|iu|units?|k|x|st|h|hr|hrs|hours?)?|x\d+")
_CAUTION = re.compile(
    r"\b(?:no|not|never|none|stopped|stop|quit|finished|formerly|former|previous|previously|used to|past|ago|"
    r"allerg\w*|intoleran\w*|avoid\w*|denies|without|mum|mom|mother|dad|father|wife|husband|son|daughter|partner|"
    r"brother|sister|friend|family)\b"
)
"""Words after which a name may not be what this person takes now."""

_JOINED = re.compile(r"\s*(?:[+/&]|\bwith\b|\band\b)\s*", re.IGNORECASE)
_COMMAS = re.compile(r",(?!\d)|(?<!\d),")
_LINES = re.compile(r"[;\n\r\v\f\x1c-\x1e\x85\u2028\u2029•]")

_WHICH = "Which one is it?"
_LOOK_UP = "This name is not on the shelf: look it up, and what it is for."
_CURRENT = "Is it taken now, and by this person?"
_NONE_AND_SOME = "No medicine was said, and yet some are listed: which is right?"


def _sets_aside(words: Sequence[str], place: int) -> bool:
    """Whether a word is about dose, form or time; a unit needs its number, and a link the word it leads to."""
    word = words[place]
    if word in _FORMS or word in _TIMES or _AMOUNT.fullmatch(word):
        return True
    if word in _UNITS:
        return place > 0 and bool(words[place - 1] in _UNITS or _AMOUNT.fullmatch(words[place - 1]))
    following = words[place + 1] if word in _LINKS and place + 1 < len(words) else ""
    return following in _TIMES or following in _FORMS or following in _LINKS


def _only_dose(folded: str) -> bool:
    words = folded.split()
    return bool(words) and all(_sets_aside(words, place) or words[place] in _UNITS for place in range(len(words)))


def _named_parts(pieces: Iterable[str]) -> list[str]:
    """The pieces that hold words; one that is only a dose is joined to the name before it."""
    parts: list[str] = []
    for piece in pieces:
        folded = fold(piece)
        if parts and folded and _only_dose(folded):
            parts[-1] = f"{parts[-1]} {piece.strip()}"
        elif piece.strip():
            parts.append(piece.strip())
    return parts


# --- The index --------------------------------------------------------------------------------------------------


class _Effect(NamedTuple):
    """What taking a class, or one of several, sets, opens and bears on."""

    sets: tuple[str, ...]
    opens: tuple[str, ...]
    bears_on: tuple[str, ...]


@dataclass(slots=True)
class _Named:
    """All that is known of one folded name."""

    name: str
    name_is: NameIs
    meanings: list[Meaning]
    blocked: bool = False
    plain_of: tuple[str, ...] = ()
    term: LayTerm | None = None
    denies: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    other_routes: tuple[str, ...] = ()
    made: dict[tuple[tuple[str, ...], bool, bool], Recognition] = field(default_factory=dict)


@dataclass(slots=True)
class _Index:
    knowledge: Knowledge
    classes: Mapping[str, MedicineClass]
    medicines: dict[str, tuple[Medicine, str]]
    names: dict[str, _Named]
    near: dict[str, list[str]]
    baseline: tuple[str, ...]
    longest: int = 0
    heads: set[str] = field(default_factory=set)
    described: dict[str, Resemblance] = field(default_factory=dict)


_INDEXES: dict[str, _Index] = {}
_MOST_INDEXES = 4


def _index(knowledge: Knowledge) -> _Index:
    """The names of a shelf, gathered once for each version of it."""
    held = _INDEXES.get(knowledge.sha256)
    if held is None or held.knowledge.shelves is not knowledge.shelves:
        held = _gather(knowledge)
        while len(_INDEXES) >= _MOST_INDEXES:
            del _INDEXES[next(iter(_INDEXES))]
        _INDEXES[knowledge.sha256] = held
    return held


def _gather(knowledge: Knowledge) -> _Index:
    classes = knowledge.shelf(MedicineClass)
    medicines = {one.id: (one, key) for key, group in classes.items() for one in group.medicines}
    index = _Index(knowledge, classes, medicines, {}, {}, _union(one.sets for one in classes.values()))
    for medicine, key in medicines.values():
        meaning = Meaning(medicine.id, (medicine.id,), (key,))
        _add(index, medicine.generic, "generic", meaning)
        for name in medicine.synonyms:
            _add(index, name, "synonym", meaning)
        for name in (name for names in medicine.brands.values() for name in names):
            _add(index, name, "brand", meaning)
    tables = knowledge.shelf(MedicineNames)
    for table in tables.values():
        for combination in table.combinations:
            where = f"medicine_names/{table.id}.yaml"
            meaning = _meaning(index, combination.medicines, combination.others, where)
            _add(index, combination.name, "combination", meaning)
    for table in tables.values():
        for row in table.ambiguous:
            _add_ambiguous(index, row, f"medicine_names/{table.id}.yaml")
    for table in tables.values():
        _add_words(index, table)
    for table in tables.values():
        for group in table.lookalikes:
            _add_lookalikes(index, group.names)
    for key, named in index.names.items():
        index.heads.add(fold(named.name).partition(" ")[0])
        for shape in _one_less(key):
            index.near.setdefault(shape, []).append(key)
    index.longest = max(map(len, index.names), default=0)
    return index


def _add(index: _Index, name: str, name_is: NameIs, meaning: Meaning) -> _Named:
    named = index.names.setdefault(_key(fold(name)), _Named(name, name_is, []))
    if meaning not in named.meanings:
        named.meanings.append(meaning)
    return named


def _meaning(index: _Index, medicines: Iterable[str], others: Iterable[str], where: str) -> Meaning:
    ids, unlisted = tuple(dict.fromkeys(medicines)), tuple(others)
    missing = [name for name in ids if name not in index.medicines]
    if missing:
        allowed = "the id of a medicine in medicine_classes"
        raise KnowledgeError([Fault(where, 1, "names a medicine that is nowhere", ", ".join(missing), allowed)])
    classes = tuple(dict.fromkeys(index.medicines[name][1] for name in ids))
    return Meaning("+".join((*ids, *unlisted)), ids, classes, unlisted)


_NOT_IN_THE_WAY = ("longer_name_is_combination", "also_sold_as_combination")


def _add_ambiguous(index: _Index, row: AmbiguousName, where: str) -> None:
    """Every meaning of the name, and the longer names that stand for one of them alone."""
    own = _key(fold(row.name))
    named = index.names.setdefault(own, _Named(row.name, "brand", []))
    for medicine in row.medicines:
        meaning = _meaning(index, (medicine,), (), where)
        if meaning not in named.meanings:
            named.meanings.append(meaning)
    named.blocked = any(kind not in _NOT_IN_THE_WAY for kind in row.kinds)
    named.other_routes = row.other_routes
    named.plain_of = tuple(
        dict.fromkeys((*row.longer_names, *(_printed(one) for one in row.also if one.kind in _NOT_IN_THE_WAY)))
    )
    for other in row.also:
        for meaning in _meanings_of(index, other, where):
            if _key(fold(other.name)) != own:
                _add(index, other.name, "combination" if len(other.parts) > 1 else "brand", meaning)
            if named.blocked and meaning not in named.meanings:
                named.meanings.append(meaning)


def _printed(other: OtherProduct) -> str:
    return f"{other.name} ({', '.join(part.name for part in other.parts)})"


def _meanings_of(index: _Index, other: OtherProduct, where: str) -> Iterator[Meaning]:
    """One meaning for each way its ingredients may be read (an ingredient that goes by several routes)."""
    listed = [part.medicines for part in other.parts if part.medicines]
    unlisted = tuple(part.name for part in other.parts if not part.medicines)
    for chosen in product(*listed):
        yield _meaning(index, chosen, unlisted, where)


def _add_words(index: _Index, table: MedicineNames) -> None:
    for term in table.lay_terms:
        for word in (term.term, *term.variants):
            named = index.names.setdefault(_key(fold(word)), _Named(word, "lay_term", []))
            if named.name_is == "lay_term":
                named.term = term
    for word in table.none_words:
        index.names.setdefault(_key(fold(word)), _Named(word, "none", [], denies=table.none_denies))


def _add_lookalikes(index: _Index, names: tuple[str, ...]) -> None:
    """A lookalike that no class holds is a name all the same: known as such, and nothing else of it."""
    for name in names:
        key = _key(fold(name))
        named = index.names.setdefault(key, _Named(name, "lookalike", []))
        named.groups = (*named.groups, names)


def _one_less(key: str) -> set[str]:
    """The name, and the name without each one of its letters: names that share one are a slip apart."""
    return {key, *(key[:place] + key[place + 1 :] for place in range(len(key)))}


# --- Taking a name for what it is -------------------------------------------------------------------------------


_MOST_WORDS_NAMED = 40


def _exact(text: str, index: _Index) -> Recognition | None:
    """The longest listed name that the text is, once words on dose, form and time around it are set aside."""
    folded = fold(text)
    named = index.names.get(_key(folded))
    if named:
        return _of(text, (), (), named, index)
    words = folded.split()
    if not 2 <= len(words) <= _MOST_WORDS_NAMED:
        return None
    last = len(words)
    while last > 1 and _sets_aside(words, last - 1):
        last -= 1
    first = 0
    while first < last - 1 and _sets_aside(words, first):
        first += 1
    for kept in range(len(words) - 1, last - first - 1, -1):
        for start in range(max(0, len(words) - kept - (len(words) - last)), min(first, len(words) - kept) + 1):
            named = index.names.get("".join(words[start : start + kept]))
            if named:
                return _of(text, words[:start], words[start + kept :], named, index)
    return None


_MOST_FORMS_KEPT = 2


def _of(
    typed: str, before: Sequence[str], after: Sequence[str], named: _Named, index: _Index, confirmed: bool = False
) -> Recognition:
    """What a listed name is, with the words set aside before and after it.

    ``confirmed``: a person has said that it is this name and not one it is taken for.
    """
    aside = [*before, *after]
    said = tuple(sorted({word for word in aside if word in _ROUTES}))
    numbered = bool(after) and after[0].isdigit() and (len(after) == 1 or after[1] not in _UNITS)
    variant = (said, numbered, confirmed)
    made = named.made.get(variant)
    if made is None:
        made = _made(named, said, numbered, confirmed, index)
        if len(said) <= _MOST_FORMS_KEPT:
            named.made[variant] = made
    return _typed(made, typed, " ".join(aside))


def _typed(made: Recognition, typed: str, aside: str = "") -> Recognition:
    return replace(made, typed=typed, set_aside=aside)


def _made(named: _Named, said: Sequence[str], numbered: bool, confirmed: bool, index: _Index) -> Recognition:
    blank = Recognition("", Status.UNKNOWN, named.name, named.name_is, confirmed=confirmed)
    if named.denies:
        return replace(blank, status=Status.NONE, denies=named.denies)
    if named.term:
        return _lay(blank, named.term, index)
    if named.name_is == "lookalike":
        return replace(_open(blank, index), resembles=_mates(named, index), asks=(_LOOK_UP,))
    meanings = named.meanings if named.blocked else _by_route(named.meanings, said, index)
    if named.blocked or len(meanings) != 1:
        return _ambiguous(blank, meanings, named, index)
    settled = _settled(blank, meanings[0], index)
    if named.plain_of:
        settled = _perhaps_longer(settled, named, numbered and not confirmed, index)
    return settled if confirmed or not named.groups else _perhaps_another(settled, named, index)


def _perhaps_longer(settled: Recognition, named: _Named, numbered: bool, index: _Index) -> Recognition:
    """A name that begins longer ones is taken as the plain one, and asked about.

    With a bare number after it (Tylenol 3) it may be the longer one, and stays open.
    """
    asked = replace(settled, asks=(*settled.asks, f"Is it the plain one? Also sold: {'; '.join(named.plain_of)}."))
    if not numbered:
        return asked
    longer = _union(_reach(name, index, unlisted=True) for name in named.plain_of)
    opens = _union((settled.opens, longer, index.baseline))
    return replace(
        asked,
        status=Status.AMBIGUOUS,
        bears_on=_union((settled.bears_on, longer, index.baseline)),
        opens=tuple(finding for finding in opens if finding not in settled.sets),
        resembles=tuple(_resemblance(name, index) for name in named.plain_of if _key(fold(name)) in index.names),
    )


def _settled(blank: Recognition, meaning: Meaning, index: _Index) -> Recognition:
    """One meaning. A part that no class holds is named, and counts as unknown."""
    effect = _effect(meaning, index)
    relevant = [name for name in meaning.classes if index.classes[name].relevance != "not_relevant"]
    status = Status.RECOGNISED if relevant else Status.UNKNOWN if meaning.unlisted else Status.NOT_RELEVANT
    asks = _asks(meaning.classes, index)
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
        why=_whys(meaning.classes, index),
        asks=asks,
    )


def _ambiguous(blank: Recognition, agreeing: Sequence[Meaning], named: _Named, index: _Index) -> Recognition:
    """Several meanings, or none that agrees with the form that was typed.

    It is a yes only for what every meaning sets, and unknown for whatever any of them could be. A route of which
    nothing is known is a meaning too.
    """
    meanings = agreeing or named.meanings
    effects = [_effect(meaning, index) for meaning in meanings]
    shared = [finding for finding in effects[0].sets if all(finding in effect.sets for effect in effects)]
    sets = tuple(shared) if agreeing and not named.other_routes else ()
    opens = _union((*(effect.sets for effect in effects), *(effect.opens for effect in effects), index.baseline))
    classes = _union(meaning.classes for meaning in meanings)
    either = "; or ".join(_described(meaning, index) for meaning in meanings)
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
        bears_on=_union((*(effect.bears_on for effect in effects), index.baseline)),
        sets=sets,
        opens=tuple(finding for finding in opens if finding not in sets),
        why=_whys(classes, index),
        asks=(question, *_asks(classes, index)),
        resembles=_mates(named, index),
    )


def _described(meaning: Meaning, index: _Index) -> str:
    generics = [index.medicines[name][0].generic for name in meaning.medicines]
    titles = [index.classes[name].title for name in meaning.classes]
    substance = " with ".join([*generics, *meaning.unlisted])
    return f"{substance} ({'; '.join(titles)})" if titles else substance


def _lay(blank: Recognition, term: LayTerm, index: _Index) -> Recognition:
    """A lay term is never a medicine: possible classes and a question.

    It is a yes only for a finding that every class it may mean sets; where it is ambiguous and names one class, the
    other meaning lies outside the classes, and nothing is set.
    """
    effects = [_effect_of_class(name, index) for name in term.classes]
    bounded = term.ambiguous == "no" or len(effects) > 1
    shared = [finding for finding in effects[0].sets if all(finding in effect.sets for effect in effects)]
    sets = tuple(shared) if bounded else ()
    opens = _union((*(effect.sets for effect in effects), *(effect.opens for effect in effects), index.baseline))
    return replace(
        blank,
        status=Status.AMBIGUOUS,
        classes=term.classes,
        bears_on=_union((*(effect.bears_on for effect in effects), index.baseline)),
        sets=sets,
        opens=tuple(finding for finding in opens if finding not in sets),
        why=_whys(term.classes, index),
        asks=(term.ask,),
    )


def _perhaps_another(settled: Recognition, named: _Named, index: _Index) -> Recognition:
    """A name that is taken for another must be confirmed where the other could matter more.

    What the typed name sets stays set. A listed lookalike matters where it could bear on a finding that this name does
    not; one that no class holds, where this name sets nothing by itself.
    """
    mates = _mates(named, index)
    own = {*settled.sets, *settled.opens}
    danger = _union(_reach(mate.name, index, unlisted=not settled.sets) for mate in mates)
    if own.issuperset(danger):
        return replace(settled, resembles=mates)
    opens = _union((settled.opens, danger, index.baseline))
    question = f"Is it {settled.name}, and not {' or '.join(mate.name for mate in mates)}?"
    return replace(
        settled,
        status=Status.LOOKALIKE,
        bears_on=_union((settled.bears_on, danger, index.baseline)),
        opens=tuple(finding for finding in opens if finding not in settled.sets),
        asks=(question, *settled.asks),
        resembles=mates,
    )


def _reach(name: str, index: _Index, unlisted: bool) -> tuple[str, ...]:
    """The findings that a lookalike could set or open."""
    named = index.names.get(_key(fold(name)))
    effects = [_effect(meaning, index) for meaning in named.meanings] if named else []
    if not effects:
        return index.baseline if unlisted else ()
    return _union((*(effect.sets for effect in effects), *(effect.opens for effect in effects)))


def _mates(named: _Named, index: _Index) -> tuple[Resemblance, ...]:
    own = _key(fold(named.name))
    names = dict.fromkeys(name for group in named.groups for name in group)
    return tuple(_resemblance(name, index) for name in names if _key(fold(name)) != own)


def _resemblance(name: str, index: _Index) -> Resemblance:
    held = index.described.get(name)
    if held is None:
        held = index.described[name] = _make_resemblance(name, index)
    return held


def _make_resemblance(name: str, index: _Index) -> Resemblance:
    named = index.names[_key(fold(name))]
    classes = _union(meaning.classes for meaning in named.meanings)
    what = "; or ".join(_described(meaning, index) for meaning in named.meanings)
    return Resemblance(name, what or "in none of the classes", classes)


def _unknown(text: str, index: _Index) -> Recognition:
    folded = fold(text)
    asks = (_CURRENT, _LOOK_UP) if _CAUTION.search(folded) else (_LOOK_UP,)
    blank = _open(Recognition(text, Status.UNKNOWN), index)
    return replace(blank, asks=asks, resembles=_resembling(folded, index))


def _open(blank: Recognition, index: _Index) -> Recognition:
    return replace(blank, bears_on=index.baseline, opens=index.baseline)


def _together(text: str, parts: Sequence[Recognition], index: _Index) -> Recognition:
    """Several known names in one: each counts, and the least settled says how the whole is taken."""
    status = max((part.status for part in parts), key=list(_ORDER).index)
    sets = _union(part.sets for part in parts)
    alone = all(len(part.meanings) == 1 for part in parts) and status.settled
    meanings = tuple(meaning for part in parts for meaning in part.meanings)
    if alone:
        ids = _union(one.medicines for one in meanings)
        meanings = (_meaning(index, ids, _union(one.unlisted for one in meanings), ""),)
    return Recognition(
        typed=text,
        status=status,
        name=" + ".join(part.name for part in parts),
        name_is="combination",
        set_aside=" ".join(part.set_aside for part in parts if part.set_aside),
        meanings=meanings if alone else (),
        classes=_union(part.classes for part in parts),
        unlisted=_union(part.unlisted for part in parts),
        bears_on=_union(part.bears_on for part in parts),
        sets=sets,
        opens=tuple(finding for finding in _union(part.opens for part in parts) if finding not in sets),
        denies=_union(part.denies for part in parts),
        why=_union(part.why for part in parts),
        asks=_union(part.asks for part in parts),
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


_MOST_JOINED = 4


def _several(text: str, index: _Index) -> Iterator[Recognition]:
    """One piece of a list: one name, or several joined by words where at least one of them is known.

    The longest name wins: "Advil Cold & Sinus and warfarin" are two.
    """
    joins = [*_JOINED.finditer(text)]
    if not joins or _CAUTION.search(fold(text)):
        yield _exact(text, index) or _unknown(text, index)
        return
    starts, ends = [0, *(join.end() for join in joins)], [*(join.start() for join in joins), len(text)]
    found: list[Recognition | None] = []
    spans: list[tuple[int, int]] = []
    place = 0
    while place < len(starts):
        part, one, last = "", None, place
        for last in range(min(place + _MOST_JOINED, len(starts)) - 1, place - 1, -1):
            part = text[starts[place] : ends[last]]
            one = _exact(part, index)
            if one:
                break
        folded = fold(part)
        if spans and _only_dose(folded):
            spans[-1] = (spans[-1][0], ends[last])
            found[-1] = _with_more(found[-1], folded, text[slice(*spans[-1])], index)
        elif folded:
            spans.append((starts[place], ends[last]))
            found.append(one)
        place = last + 1
    if any(found):
        for one, span in zip(found, spans, strict=True):
            yield one or _unknown(text[slice(*span)], index)
    else:
        yield _unknown(text, index)


def _with_more(found: Recognition | None, folded: str, typed: str, index: _Index) -> Recognition | None:
    """The same name with more words on its dose or form, which may tell its route."""
    named = index.names.get(_key(fold(found.name))) if found else None
    if not found or not named:
        return found
    return _of(typed, (), [*found.set_aside.split(), *folded.split()], named, index)


# --- Routes -----------------------------------------------------------------------------------------------------

_BY_MOUTH = _words("oral_or_injected oral_or_systemic")
_ROUTES: dict[str, frozenset[str]] = {
    **dict.fromkeys(_words("tablet tablets tab tabs capsule capsules cap caps caplet caplets pill pills"), _BY_MOUTH),
    **dict.fromkeys(_words("syrup oral orally mouth"), _BY_MOUTH),
    **dict.fromkeys(_words("injection injections inj"), _BY_MOUTH | {"injected"}),
    **dict.fromkeys(_words("cream ointment gel lotion"), frozenset({"skin"})),
    **dict.fromkeys(_words("inhaler puff puffs"), frozenset({"inhaled"})),
    "nasal": frozenset({"nasal"}),
    **dict.fromkeys(_words("eye ear drop drops suppository suppositories enema rectal"), frozenset()),
}
"""The routes of a medicine that a typed form agrees with; a form that no class holds agrees with none."""


def _by_route(meanings: Sequence[Meaning], said: Sequence[str], index: _Index) -> Sequence[Meaning]:
    """The meanings that agree with the form that was typed; none, where it names a route that no meaning has."""
    routes = [{index.medicines[name][0].route for name in meaning.medicines} for meaning in meanings]
    if not said or any(None in held for held in routes):
        return meanings
    allowed = frozenset.intersection(*(_ROUTES[word] for word in said))
    return [meaning for meaning, held in zip(meanings, routes, strict=True) if held <= allowed]


# --- Effects ----------------------------------------------------------------------------------------------------


def _effect_of_class(name: str, index: _Index) -> _Effect:
    """A relevant class opens what it does not set, and one whose weight is undecided all it bears on.

    The other classes only raise their question.
    """
    one = index.classes[name]
    holds_open = one.relevance in ("relevant", "undecided")
    return _Effect(one.sets, tuple(f for f in one.bears_on if holds_open and f not in one.sets), one.bears_on)


def _effect(meaning: Meaning, index: _Index) -> _Effect:
    """All that the parts of one meaning do together; a part that no class holds opens what any unknown name does."""
    effects = [_effect_of_class(name, index) for name in meaning.classes]
    sets = _union(effect.sets for effect in effects)
    unlisted = index.baseline if meaning.unlisted else ()
    opens = _union((*(effect.opens for effect in effects), unlisted))
    bears_on = _union((*(effect.bears_on for effect in effects), unlisted))
    return _Effect(sets, tuple(finding for finding in opens if finding not in sets), bears_on)


def _whys(classes: Iterable[str], index: _Index) -> tuple[str, ...]:
    return tuple(f"{index.classes[name].title}: {index.classes[name].why}" for name in classes)


def _asks(classes: Iterable[str], index: _Index) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ask for name in classes if (ask := index.classes[name].ask)))


def _union(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for group in groups for one in group))


# --- What an unknown name resembles -----------------------------------------------------------------------------

_MOST_WORDS = 12


def _resembling(folded: str, index: _Index) -> tuple[Resemblance, ...]:
    """Names inside the text, then names a slip away with every lookalike of theirs; never a choice by itself."""
    words = folded.split()[:_MOST_WORDS]
    inside = [
        named.name
        for start in range(len(words))
        if words[start] in index.heads
        for end in range(start + 1, min(start + 5, len(words)) + 1)
        if (named := index.names.get("".join(words[start:end]))) and not named.denies and not named.term
    ]
    key = _key(folded)
    slips: dict[str, None] = {}
    if 3 < len(key) <= index.longest + 1:
        for shape in _one_less(key):
            slips.update(dict.fromkeys(index.near.get(shape, ())))
    close = [index.names[slip] for slip in sorted(slips) if not index.names[slip].denies and not index.names[slip].term]
    names = dict.fromkeys((inside + [named.name for named in close])[:MOST_SUGGESTIONS])
    names |= dict.fromkeys(name for named in close for group in named.groups for name in group)
    return tuple(_resemblance(name, index) for name in names)
