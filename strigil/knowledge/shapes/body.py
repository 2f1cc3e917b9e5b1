"""The body: its regions and tissues."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from strigil.knowledge.shapes.base import Item, Text, reference


class BodyRegion(Item):
    folder: ClassVar[str] = "body_regions"

    paired: Literal["yes", "no"]
    limb: Literal["head_neck", "trunk", "upper_limb", "lower_limb"]
    structures: tuple[Text, ...] = ()
    part_of: tuple[Annotated[str, reference("body_regions")], ...] = ()


class SoftTissue(Item):
    folder: ClassVar[str] = "soft_tissues"

    statement: Text
