"""Folding a name, and telling its words from those on dose, form and time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

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


def key_of(folded: str) -> str:
    """Names are compared without their spaces: Co-Codamol, co codamol and Cocodamol are one name."""
    return folded.replace(" ", "")


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FORMS = word_set(
    "tablet tablets tab tabs capsule capsules cap caps caplet caplets pill pills syrup liquid suspension solution "
    "injection injections inj cream ointment gel lotion foam patch patches spray drops drop puff puffs inhaler nasal "
    "eye ear oral orally mouth suppository suppositories enema rectal sachet sachets ampoule ampoules vial vials "
    "sr xr xl er la mr cr ec retard slow release modified extended prolonged coated enteric dispersible effervescent"
)


_TIMES = word_set(
    "once twice daily nightly weekly monthly od bd bid tds tid qds qid qd prn mane nocte hs am day days night week "
    "month morning evening bedtime hourly every each per times time one two three four half needed required"
)


UNITS = word_set("mg mcg g gram grams milligram milligrams microgram micrograms ug μg ml iu unit units percent")


_LINKS = word_set("a at as by in if the when")
"""Words that count for nothing only before a word that does: "at night", "twice a day", "by mouth"."""


_AMOUNT = re.compile(r"\d+(?:[.,]\d+)*(?:mg|mcg|g|ug|μg|ml|iu|units?|k|x|st|h|hr|hrs|hours?)?|x\d+")


CAUTION = re.compile(
    r"\b(?:no|not|never|none|stopped|stop|quit|finished|formerly|former|previous|previously|used to|past|ago|"
    r"allerg\w*|intoleran\w*|avoid\w*|denies|without|mum|mom|mother|dad|father|wife|husband|son|daughter|partner|"
    r"brother|sister|friend|family)\b"
)
"""Words after which a name may not be what this person takes now."""


JOINED = re.compile(r"\s*(?:[+/&]|\bwith\b|\band\b)\s*", re.IGNORECASE)


COMMAS = re.compile(r",(?!\d)|(?<!\d),")


LINES = re.compile(r"[;\n\r\v\f\x1c-\x1e\x85\u2028\u2029•]")


def sets_aside(words: Sequence[str], place: int) -> bool:
    """Whether a word is about dose, form or time; a unit needs its number, and a link the word it leads to."""
    word = words[place]
    if word in _FORMS or word in _TIMES or _AMOUNT.fullmatch(word):
        return True
    if word in UNITS:
        return place > 0 and bool(words[place - 1] in UNITS or _AMOUNT.fullmatch(words[place - 1]))
    following = words[place + 1] if word in _LINKS and place + 1 < len(words) else ""
    return following in _TIMES or following in _FORMS or following in _LINKS


def only_dose(folded: str) -> bool:
    words = folded.split()
    return bool(words) and all(sets_aside(words, place) or words[place] in UNITS for place in range(len(words)))


def named_parts(pieces: Iterable[str]) -> list[str]:
    """The pieces that hold words; one that is only a dose is joined to the name before it."""
    parts: list[str] = []
    for piece in pieces:
        folded = fold(piece)
        if parts and folded and only_dose(folded):
            parts[-1] = f"{parts[-1]} {piece.strip()}"
        elif piece.strip():
            parts.append(piece.strip())
    return parts


def union(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for group in groups for one in group))
