"""Medicine classes and names."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from strigil.knowledge.shapes.base import Item, Key, Shape, Text, reference

Country = Literal["AU", "CA", "EU", "IN", "UK", "US"]
"""Where a name was seen: the country, or EU for a central authorisation, of the list that holds it."""


class Medicine(Shape):
    """One substance by one route, under every name that counts as it. The names are exact: nothing near them counts."""

    id: Key
    generic: Text
    synonyms: tuple[Text, ...] = ()
    brands: dict[Country, tuple[Text, ...]] = {}
    route: Literal["oral_or_injected", "oral_or_systemic", "injected", "skin", "inhaled", "nasal"] | None = None
    atc: tuple[Text, ...] = ()
    evidence: Text | None = None
    note: Text | None = None
    sources: Annotated[tuple[Annotated[str, reference("sources")], ...], Field(min_length=1)]
    """The lists that tie these names to the substance."""


class MedicineClass(Item):
    """Medicines that bear on the same findings for the same reason; ``not_relevant`` holds those in no other class.

    ``sets`` are the findings that ask for the medicine itself: taking it is the yes. The others in ``bears_on`` ask
    about the person; a ``relevant`` class keeps them unknown until asked, every other class only raises its question.
    """

    folder: ClassVar[str] = "medicine_classes"

    relevance: Literal["relevant", "lower", "marker", "undecided", "recognise_only", "not_relevant"]
    certainty: Literal["high", "medium", "low", "not_researched"]
    certainty_note: Text | None = None
    bears_on: tuple[Annotated[str, reference("findings")], ...] = ()
    sets: tuple[Annotated[str, reference("findings")], ...] = ()
    why: Text
    ask: Text | None = None
    atc: tuple[Text, ...] = ()
    basis: Literal["proposed"]
    """What follows from a class and what to ask was proposed by this project; the names and reasons have sources."""
    medicines: Annotated[tuple[Medicine, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _no_more_than_it_bears_on(self) -> MedicineClass:
        if strange := sorted(set(self.sets) - set(self.bears_on)):
            raise ValueError(f"sets {', '.join(strange)}, which bears_on does not hold")
        if self.sets and self.relevance != "relevant":
            raise ValueError("only a relevant class sets a finding")
        if self.bears_on and self.relevance in ("recognise_only", "not_relevant"):
            raise ValueError(f"a {self.relevance} class bears on nothing")
        return self


class CombinationProduct(Shape):
    """One name for several substances. ``others`` are parts that no class holds."""

    name: Text
    medicines: Annotated[tuple[Key, ...], Field(min_length=1)]
    others: tuple[Text, ...] = ()
    seen_in: tuple[Country, ...]
    note: Text | None = None
    sources: Annotated[tuple[Annotated[str, reference("sources")], ...], Field(min_length=1)]


class Part(Shape):
    """An ingredient as a list prints it, and the medicines it may be; none where no class holds it."""

    name: Text
    medicines: tuple[Key, ...] = ()


NameKind = Literal[
    "different_generic",
    "longer_name_different_generic",
    "other_route_seen",
    "same_generic_other_route_or_dose",
    "longer_name_is_combination",
    "also_sold_as_combination",
]


class OtherProduct(Shape):
    name: Text
    country: Country
    kind: NameKind
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]


class AmbiguousName(Shape):
    """A name that means more than one thing. The last two kinds do not stand in the way of an exact match."""

    name: Text
    medicines: Annotated[tuple[Key, ...], Field(min_length=1)]
    kinds: Annotated[tuple[NameKind, ...], Field(min_length=1)]
    longer_names: tuple[Text, ...] = ()
    other_routes: tuple[Text, ...] = ()
    also: tuple[OtherProduct, ...] = ()


class LookalikeNames(Shape):
    """Names that are taken for each other. ``computed`` ones were found by comparing spellings, not in a source."""

    names: Annotated[tuple[Text, ...], Field(min_length=2)]
    basis: Literal["source", "computed"]
    distance: int | None = None
    note: Text | None = None
    sources: tuple[Annotated[str, reference("sources")], ...] = ()


class LayTerm(Shape):
    """What people say instead of a name: never a medicine, only possible classes and a question."""

    term: Text
    variants: tuple[Text, ...] = ()
    classes: Annotated[tuple[Annotated[str, reference("medicine_classes")], ...], Field(min_length=1)]
    ambiguous: Literal["yes", "no"]
    ask: Text
    basis: Literal["source", "proposed"]
    sources: tuple[Annotated[str, reference("sources")], ...] = ()


class TakenTogether(Shape):
    """A caution for two medicines of different classes, one of ``first`` and one of ``second``."""

    id: Key
    first: Annotated[tuple[Annotated[str, reference("medicine_classes")], ...], Field(min_length=1)]
    second: Annotated[tuple[Annotated[str, reference("medicine_classes")], ...], Field(min_length=1)]
    caution: Text
    sources: Annotated[tuple[Annotated[str, reference("sources")], ...], Field(min_length=1)]


class MedicineNames(Item):
    """A table of names that need more than a class."""

    folder: ClassVar[str] = "medicine_names"

    combinations: tuple[CombinationProduct, ...] = ()
    ambiguous: tuple[AmbiguousName, ...] = ()
    lookalikes: tuple[LookalikeNames, ...] = ()
    lay_terms: tuple[LayTerm, ...] = ()
    together: tuple[TakenTogether, ...] = ()
    none_words: tuple[Text, ...] = ()
    """What says outright that no medicine is taken; silence never does."""
    none_denies: tuple[Annotated[str, reference("findings")], ...] = ()
    """The findings that such a word answers no."""

    @model_validator(mode="after")
    def _one_table(self) -> MedicineNames:
        tables = (self.combinations, self.ambiguous, self.lookalikes, self.lay_terms, self.together, self.none_words)
        if sum(1 for table in tables if table) != 1:
            raise ValueError(
                "give exactly one table: combinations, ambiguous, lookalikes, lay_terms, together, none_words"
            )
        return self
