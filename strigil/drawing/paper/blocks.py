"""What a printed document is made of: a sheet that every page carries, and blocks in reading order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on every page: who it is about, of which day, what to mind, and on which knowledge it rests.

    ``mark`` is the sentence of a record that is no patient of this clinic: made up, or a published case.
    """

    patient: str
    born: str
    on: date
    clinic: str
    writer: str
    knowledge: str
    warnings: tuple[str, ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 2
    kind: str = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``quiet`` for what supports, ``strong`` for what decides."""

    text: str
    tone: str = ""
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with what is said of each."""

    rows: tuple[tuple[str, str], ...]
    kind: str = "facts"


@dataclass(frozen=True, slots=True)
class Bullets:
    """Lines of a list, numbered where their order counts."""

    lines: tuple[str, ...]
    numbered: bool = False
    kind: str = "bullets"


@dataclass(frozen=True, slots=True)
class Told:
    """Lines of a list, each with who says so in quiet print beneath."""

    lines: tuple[tuple[str, str], ...]
    kind: str = "told"


@dataclass(frozen=True, slots=True)
class Table:
    """A header, which each page repeats, and rows, which no page tears apart. ``widths`` are shares of the line."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...] = ()
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of ours, and in words what it shows; ``width`` in hundredths of the line."""

    svg: str
    alt: str
    width: int = 100
    kind: str = "picture"


@dataclass(frozen=True, slots=True)
class Boxes:
    """Lines to tick by hand."""

    lines: tuple[str, ...]
    kind: str = "boxes"


@dataclass(frozen=True, slots=True)
class Rules:
    """Lines to write on by hand, each with what belongs there."""

    lines: tuple[str, ...]
    kind: str = "rules"


@dataclass(frozen=True, slots=True)
class Together:
    """Blocks that are not torn apart by the end of a page."""

    blocks: tuple[Block, ...]
    kind: str = "together"


Block = Heading | Paragraph | Facts | Bullets | Told | Table | Picture | Boxes | Rules | Together


@dataclass(frozen=True, slots=True)
class Document:
    """A title, the sheet, and what it says."""

    title: str
    sheet: Sheet
    blocks: tuple[Block, ...]
