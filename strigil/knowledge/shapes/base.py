"""What every shelf has."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1)]
ISODate = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]

Agreement = Literal["strong", "mixed", "single_source", "none_found"]
"""How far sources agree. ``strong``: three or more independent pages say the same; not strength of evidence."""

Outcome = Literal["emergency", "refer", "stop", "hold", "clearance", "avoid", "modify", "proceed"]

SourceKind = Literal[
    "trial",
    "review",
    "survey",
    "consensus",
    "guideline",
    "commentary",
    "health_service",
    "maker",
    "course",
    "clinic_page",
    "slide_deck",
    "flashcard",
    "code_list",
    "reference_work",
    "founding_brief",
    "data_set",
    "study",
    "case_report",
    "regulator",
    "professional_body",
    "news",
    "secondary",
    "code_excerpt",
]
SourceClass = Literal[
    "absolute",
    "relative",
    "precaution",
    "contraindication_unspecified",
    "not_a_good_candidate",
    "physician_permission",
    "trial_exclusion",
]
Audited = Literal["confirmed", "corrected", "added", "not_refound", "doubtful"]


def reference(kind: str) -> Any:
    """A key that must name an item of the given kind; the loader checks it."""
    return Field(pattern=r"^[a-z0-9][a-z0-9_]*$", json_schema_extra={"refers_to": kind})


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Citation(Shape):
    """What one source says of the item, in our own words."""

    source: Annotated[str, reference("sources")]
    says: Text
    class_: SourceClass | None = Field(None, alias="class")
    class_note: Text | None = None
    applies_to: Text | None = None
    audited: Audited | None = None
    audit_note: Text | None = None


class Item(Shape):
    """What every shelf has: an id that is the file's name, a title, sources, and how far they agree."""

    folder: ClassVar[str]

    id: Key
    title: Text
    agreement: Agreement
    sources: Annotated[tuple[Citation, ...], Field(min_length=1)]
    conflict: Text | None = None
    note: Text | None = None
    audited: Audited | None = None
    audit_note: Text | None = None
    reviewed_by: Text | None = None
    reviewed_on: ISODate | None = None

    @model_validator(mode="after")
    def _none_found_or_listed(self) -> Item:
        if self.sources and self.agreement == "none_found":
            raise ValueError("agreement is none_found, yet there are sources")
        return self


class Source(Shape):
    """A page that was read. ``url`` is absent only for the founding brief, which is not public, and for an excerpt
    of a code file that was found without its address."""

    folder: ClassVar[str] = "sources"

    id: Key
    title: Text
    kind: SourceKind
    url: Text | None = None

    @model_validator(mode="after")
    def _public_has_address(self) -> Source:
        if self.url is None and self.kind not in ("founding_brief", "code_excerpt"):
            raise ValueError("url is missing; only a founding_brief may go without, or a code_excerpt")
        return self


class Range(Shape):
    """A published range; equal ends for a single figure. ``text`` keeps what the range alone cannot say."""

    low: Decimal
    high: Decimal
    text: Text | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}")
        return self


class Statement(Item):
    """A sourced statement without further structure."""

    statement: Text
    proposed_default: Text | None = None
