"""The medicines of a patient as the screening page reads them: the list that counts, and what each line means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zlib import crc32

from strigil.clinic.models import MedicineList
from strigil.knowledge import load
from strigil.knowledge.shapes import MedicineClass
from strigil.pathway import medicines
from strigil.pathway.medicines import Recognition, Status

NONE_TAKEN = "no medicines"
"""The words of the shelf for somebody who takes nothing."""

Chosen = Mapping[str, Sequence[str]]
"""For a name as typed, what a person chose among the things it could be, one choice after another."""


def latest(patient_id: UUID) -> MedicineList | None:
    """The list that was said last."""
    return MedicineList.objects.filter(patient_id=patient_id).select_related("created_by").order_by("id").last()


def counts(found: MedicineList, on: date) -> bool:
    """A list counts as long as the shortest-lived answer that a medicine can give."""
    return 0 <= (on - found.on).days <= valid_days()


def valid_days() -> int:
    classes = load().shelf(MedicineClass).values()
    return min(load().rules[name].valid_days for one in classes for name in one.sets)


def recognised(typed: str, chosen: Chosen) -> list[Recognition]:
    """Each name of a list with what was chosen for it.

    Raises:
        ValueError: where a choice was not one of those shown.
    """
    return [_chosen(one, chosen.get(one.typed, ())) for one in medicines.recognise_list(typed, load())]


def _chosen(one: Recognition, choices: Iterable[str]) -> Recognition:
    for choice in choices:
        one = medicines.choose(one, choice, load())
    return one


def of(found: MedicineList) -> list[Recognition]:
    """What a stored list means by the shelf of today; a choice that it no longer offers leaves the name open."""
    if found.none_taken:
        return [medicines.recognise(NONE_TAKEN, load())]
    listed = medicines.recognise_list(found.typed, load())
    chosen = choices_of(found)
    return [_as_far(one, chosen.get(one.typed, ())) for one in listed]


def _as_far(one: Recognition, choices: Sequence[str]) -> Recognition:
    try:
        return _chosen(one, choices)
    except ValueError:
        return one


def choices_of(found: MedicineList) -> dict[str, list[str]]:
    return {one["typed"]: one["choices"] for one in found.lines if one["choices"]}


@dataclass(frozen=True, slots=True)
class Line:
    """One medicine as the page shows it. ``options`` are what it may be, for a person to choose from."""

    one: Recognition
    options: tuple[tuple[str, str], ...]
    chosen: str = ""

    @property
    def key(self) -> str:
        return key_of(self.one.typed)

    @property
    def open(self) -> bool:
        return not self.one.status.settled

    @property
    def substance(self) -> str:
        """What it is by its generic names, where the name itself does not say so."""
        names = " with ".join(_generic(name) for name in self.one.medicines)
        return "" if medicines.fold(names) == medicines.fold(self.one.name) else names

    @property
    def does_not_matter(self) -> bool:
        return self.one.status is Status.NOT_RELEVANT

    @property
    def classes(self) -> list[MedicineClass]:
        shelf = load().shelf(MedicineClass)
        return [shelf[name] for name in self.one.classes]


def key_of(typed: str) -> str:
    """The name of a line's choices on the page."""
    return f"medicine-{crc32(typed.encode()):08x}"


def line(one: Recognition, chosen: str = "") -> Line:
    return Line(one, _options(one), chosen)


def _options(one: Recognition) -> tuple[tuple[str, str], ...]:
    """What ``choose`` takes, each in words; nothing where no choice could settle it."""
    if one.status.settled:
        return ()
    own = [(one.name, one.name)] if one.status is Status.LOOKALIKE else []
    meanings = [(each.choice, _meaning(each)) for each in one.meanings] if one.status is Status.AMBIGUOUS else []
    return (*own, *meanings, *((each.name, f"{each.name}: {each.what}") for each in one.resembles))


def _generic(medicine: str) -> str:
    classes = load().shelf(MedicineClass).values()
    return next(made.generic for one in classes for made in one.medicines if made.id == medicine)


def _meaning(each: medicines.Meaning) -> str:
    shelf = load().shelf(MedicineClass)
    names = [_generic(name) for name in each.medicines] + list(each.unlisted)
    return f"{' with '.join(names)}: {'; '.join(shelf[name].title for name in each.classes)}"
