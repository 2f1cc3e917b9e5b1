"""The part of a shelf that a screen rests on, as JSON: kept with the decisions, so that they can be made again."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import BodyRegion, Contraindication, Indication, Item, RedFlag, Source, Technique

KINDS: tuple[type[Item] | type[Source], ...] = (Source, RedFlag, Contraindication, BodyRegion, Technique, Indication)


def to_json(knowledge: Knowledge) -> dict[str, Any]:
    """All that ``screen`` and its reasons read of a shelf."""
    return {
        "version": knowledge.version,
        "sha256": knowledge.sha256,
        "shelves": {
            kind.folder: {
                key: item.model_dump(mode="json", by_alias=True, exclude_defaults=True)
                for key, item in knowledge.shelves[kind.folder].items()
            }
            for kind in KINDS
        },
    }


def from_json(kept: dict[str, Any]) -> Knowledge:
    """A shelf as it was, with the kinds that a screen needs and no others.

    Raises:
        pydantic.ValidationError: when an item has a shape that is no longer known.
    """
    shelves = {
        kind.folder: MappingProxyType(
            {key: kind.model_validate(item) for key, item in kept["shelves"][kind.folder].items()}
        )
        for kind in KINDS
    }
    return Knowledge(kept["version"], kept["sha256"], MappingProxyType(shelves))
