"""What a medicine sets, opens and bears on, and by which route it is taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from strigil.pathway.medicines.index import Index
from strigil.pathway.medicines.records import Meaning
from strigil.pathway.medicines.words import union, word_set


class _Effect(NamedTuple):
    """What taking a class, or one of several, sets, opens and bears on."""

    sets: tuple[str, ...]
    opens: tuple[str, ...]
    bears_on: tuple[str, ...]


_BY_MOUTH = word_set("oral_or_injected oral_or_systemic")


ROUTES: dict[str, frozenset[str]] = {
    **dict.fromkeys(word_set("tablet tablets tab tabs capsule capsules cap caps caplet caplets pill pills"), _BY_MOUTH),
    **dict.fromkeys(word_set("syrup oral orally mouth"), _BY_MOUTH),
    **dict.fromkeys(word_set("injection injections inj"), _BY_MOUTH | {"injected"}),
    **dict.fromkeys(word_set("cream ointment gel lotion"), frozenset({"skin"})),
    **dict.fromkeys(word_set("inhaler puff puffs"), frozenset({"inhaled"})),
    "nasal": frozenset({"nasal"}),
    **dict.fromkeys(word_set("eye ear drop drops suppository suppositories enema rectal"), frozenset()),
}
"""The routes of a medicine that a typed form agrees with; a form that no class holds agrees with none."""


def by_route(meanings: Sequence[Meaning], said: Sequence[str], index: Index) -> Sequence[Meaning]:
    """The meanings that agree with the form that was typed; none, where it names a route that no meaning has."""
    routes = [{index.medicines[name][0].route for name in meaning.medicines} for meaning in meanings]
    if not said or any(None in held for held in routes):
        return meanings
    allowed = frozenset.intersection(*(ROUTES[word] for word in said))
    return [meaning for meaning, held in zip(meanings, routes, strict=True) if held <= allowed]


def effect_of_class(name: str, index: Index) -> _Effect:
    """A relevant class opens what it does not set, and one whose weight is undecided all it bears on.

    The other classes only raise their question.
    """
    one = index.classes[name]
    holds_open = one.relevance in ("relevant", "undecided")
    return _Effect(one.sets, tuple(f for f in one.bears_on if holds_open and f not in one.sets), one.bears_on)


def effect_of(meaning: Meaning, index: Index) -> _Effect:
    """All that the parts of one meaning do together; a part that no class holds opens what any unknown name does."""
    effects = [effect_of_class(name, index) for name in meaning.classes]
    sets = union(effect.sets for effect in effects)
    unlisted = index.baseline if meaning.unlisted else ()
    opens = union((*(effect.opens for effect in effects), unlisted))
    bears_on = union((*(effect.bears_on for effect in effects), unlisted))
    return _Effect(sets, tuple(finding for finding in opens if finding not in sets), bears_on)


def whys(classes: Iterable[str], index: Index) -> tuple[str, ...]:
    return tuple(f"{index.classes[name].title}: {index.classes[name].why}" for name in classes)


def asks_of(classes: Iterable[str], index: Index) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ask for name in classes if (ask := index.classes[name].ask)))
