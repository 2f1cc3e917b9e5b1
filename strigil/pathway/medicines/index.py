"""The names of a shelf, gathered once: what each may mean, and which are near it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from strigil.knowledge.load import Fault, Knowledge, KnowledgeError
from strigil.knowledge.shapes import (
    AmbiguousName,
    LayTerm,
    Medicine,
    MedicineClass,
    MedicineNames,
    OtherProduct,
)
from strigil.pathway.medicines.records import Meaning, NameIs, Recognition, Resemblance
from strigil.pathway.medicines.words import fold, key_of, union


@dataclass(slots=True)
class Named:
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
class Index:
    knowledge: Knowledge
    classes: Mapping[str, MedicineClass]
    medicines: dict[str, tuple[Medicine, str]]
    names: dict[str, Named]
    near: dict[str, list[str]]
    baseline: tuple[str, ...]
    longest: int = 0
    heads: set[str] = field(default_factory=set)
    described: dict[str, Resemblance] = field(default_factory=dict)


_INDEXES: dict[str, Index] = {}


_MOST_INDEXES = 4


def index_of(knowledge: Knowledge) -> Index:
    """The names of a shelf, gathered once for each version of it."""
    held = _INDEXES.get(knowledge.sha256)
    if held is None or held.knowledge.shelves is not knowledge.shelves:
        held = _gather(knowledge)
        while len(_INDEXES) >= _MOST_INDEXES:
            del _INDEXES[next(iter(_INDEXES))]
        _INDEXES[knowledge.sha256] = held
    return held


def _gather(knowledge: Knowledge) -> Index:
    classes = knowledge.shelf(MedicineClass)
    medicines = {one.id: (one, key) for key, group in classes.items() for one in group.medicines}
    index = Index(knowledge, classes, medicines, {}, {}, union(one.sets for one in classes.values()))
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
            meaning = meaning_of(index, combination.medicines, combination.others, where)
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
        for shape in one_less(key):
            index.near.setdefault(shape, []).append(key)
    index.longest = max(map(len, index.names), default=0)
    return index


def _add(index: Index, name: str, name_is: NameIs, meaning: Meaning) -> Named:
    named = index.names.setdefault(key_of(fold(name)), Named(name, name_is, []))
    if meaning not in named.meanings:
        named.meanings.append(meaning)
    return named


def meaning_of(index: Index, medicines: Iterable[str], others: Iterable[str], where: str) -> Meaning:
    ids, unlisted = tuple(dict.fromkeys(medicines)), tuple(others)
    missing = [name for name in ids if name not in index.medicines]
    if missing:
        allowed = "the id of a medicine in medicine_classes"
        raise KnowledgeError([Fault(where, 1, "names a medicine that is nowhere", ", ".join(missing), allowed)])
    classes = tuple(dict.fromkeys(index.medicines[name][1] for name in ids))
    return Meaning("+".join((*ids, *unlisted)), ids, classes, unlisted)


_NOT_IN_THE_WAY = ("longer_name_is_combination", "also_sold_as_combination")


def _add_ambiguous(index: Index, row: AmbiguousName, where: str) -> None:
    """Every meaning of the name, and the longer names that stand for one of them alone."""
    own = key_of(fold(row.name))
    named = index.names.setdefault(own, Named(row.name, "brand", []))
    for medicine in row.medicines:
        meaning = meaning_of(index, (medicine,), (), where)
        if meaning not in named.meanings:
            named.meanings.append(meaning)
    named.blocked = any(kind not in _NOT_IN_THE_WAY for kind in row.kinds)
    named.other_routes = row.other_routes
    named.plain_of = tuple(
        dict.fromkeys((*row.longer_names, *(_printed(one) for one in row.also if one.kind in _NOT_IN_THE_WAY)))
    )
    for other in row.also:
        for meaning in _meanings_of(index, other, where):
            if key_of(fold(other.name)) != own:
                _add(index, other.name, "combination" if len(other.parts) > 1 else "brand", meaning)
            if named.blocked and meaning not in named.meanings:
                named.meanings.append(meaning)


def _printed(other: OtherProduct) -> str:
    return f"{other.name} ({', '.join(part.name for part in other.parts)})"


def _meanings_of(index: Index, other: OtherProduct, where: str) -> Iterator[Meaning]:
    """One meaning for each way its ingredients may be read (an ingredient that goes by several routes)."""
    listed = [part.medicines for part in other.parts if part.medicines]
    unlisted = tuple(part.name for part in other.parts if not part.medicines)
    for chosen in product(*listed):
        yield meaning_of(index, chosen, unlisted, where)


def _add_words(index: Index, table: MedicineNames) -> None:
    for term in table.lay_terms:
        for word in (term.term, *term.variants):
            named = index.names.setdefault(key_of(fold(word)), Named(word, "lay_term", []))
            if named.name_is == "lay_term":
                named.term = term
    for word in table.none_words:
        index.names.setdefault(key_of(fold(word)), Named(word, "none", [], denies=table.none_denies))


def _add_lookalikes(index: Index, names: tuple[str, ...]) -> None:
    """A lookalike that no class holds is a name all the same: known as such, and nothing else of it."""
    for name in names:
        key = key_of(fold(name))
        named = index.names.setdefault(key, Named(name, "lookalike", []))
        named.groups = (*named.groups, names)


def one_less(key: str) -> set[str]:
    """The name, and the name without each one of its letters: names that share one are a slip apart."""
    return {key, *(key[:place] + key[place + 1 :] for place in range(len(key)))}
