"""What was taken from a name, and what a list of names answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from strigil.pathway.facts import Answer


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
