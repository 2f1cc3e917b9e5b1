"""Names that are taken for one another, and what a misspelling resembles."""

from __future__ import annotations

from strigil.pathway.medicines.effects import effect_of
from strigil.pathway.medicines.index import Index, Named, one_less
from strigil.pathway.medicines.records import Meaning, Resemblance
from strigil.pathway.medicines.words import fold, key_of, union

MOST_SUGGESTIONS = 3
"""Names shown for a misspelling, beside the whole of every lookalike group it is close to."""


def described(meaning: Meaning, index: Index) -> str:
    generics = [index.medicines[name][0].generic for name in meaning.medicines]
    titles = [index.classes[name].title for name in meaning.classes]
    substance = " with ".join([*generics, *meaning.unlisted])
    return f"{substance} ({'; '.join(titles)})" if titles else substance


def reach(name: str, index: Index, unlisted: bool) -> tuple[str, ...]:
    """The findings that a lookalike could set or open."""
    named = index.names.get(key_of(fold(name)))
    effects = [effect_of(meaning, index) for meaning in named.meanings] if named else []
    if not effects:
        return index.baseline if unlisted else ()
    return union((*(effect.sets for effect in effects), *(effect.opens for effect in effects)))


def mates_of(named: Named, index: Index) -> tuple[Resemblance, ...]:
    own = key_of(fold(named.name))
    names = dict.fromkeys(name for group in named.groups for name in group)
    return tuple(resemblance(name, index) for name in names if key_of(fold(name)) != own)


def resemblance(name: str, index: Index) -> Resemblance:
    held = index.described.get(name)
    if held is None:
        held = index.described[name] = _make_resemblance(name, index)
    return held


def _make_resemblance(name: str, index: Index) -> Resemblance:
    named = index.names[key_of(fold(name))]
    classes = union(meaning.classes for meaning in named.meanings)
    what = "; or ".join(described(meaning, index) for meaning in named.meanings)
    return Resemblance(name, what or "in none of the classes", classes)


_MOST_WORDS = 12


def resembling(folded: str, index: Index) -> tuple[Resemblance, ...]:
    """Names inside the text, then names a slip away with every lookalike of theirs; never a choice by itself."""
    words = folded.split()[:_MOST_WORDS]
    inside = [
        named.name
        for start in range(len(words))
        if words[start] in index.heads
        for end in range(start + 1, min(start + 5, len(words)) + 1)
        if (named := index.names.get("".join(words[start:end]))) and not named.denies and not named.term
    ]
    key = key_of(folded)
    slips: dict[str, None] = {}
    if 3 < len(key) <= index.longest + 1:
        for shape in one_less(key):
            slips.update(dict.fromkeys(index.near.get(shape, ())))
    close = [index.names[slip] for slip in sorted(slips) if not index.names[slip].denies and not index.names[slip].term]
    names = dict.fromkeys((inside + [named.name for named in close])[:MOST_SUGGESTIONS])
    names |= dict.fromkeys(name for named in close for group in named.groups for name in group)
    return tuple(resemblance(name, index) for name in names)
