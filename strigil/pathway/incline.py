"""Incline: where a phone may be read as an inclinometer, and what was found about that."""

from __future__ import annotations

from dataclasses import dataclass

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import Measure, PhoneValidity

METHOD = "phone inclinometer"


@dataclass(frozen=True, slots=True)
class Phone:
    """Whether a motion is offered by phone. ``found`` is what speaks of it, the motion's own findings first."""

    offered: bool
    why: str
    found: tuple[PhoneValidity, ...] = ()


def phone(measure: Measure, knowledge: Knowledge) -> Phone:
    """Whether the phone is offered for a measure: for angles only, and not where one finding advises against it.

    The page reads how the phone tilts and never its compass, so that a finding against the compass alone counts too:
    what is left to read of such a motion, tilt does not show.
    """
    if measure.unit != "deg":
        return Phone(False, f"{measure.title} is no angle, so a phone has nothing to read.")
    shelf = knowledge.shelf(PhoneValidity).values()
    own = tuple(one for one in shelf if measure.id in one.measures)
    against = [one for one in own if one.advice == "not_recommended"]
    if against:
        return Phone(False, f"Not offered for {measure.title.lower()}: {against[0].finding}", own)
    general = tuple(one for one in shelf if not one.measures)
    if not own:
        return Phone(
            True, "No study of this motion by phone was found; what is known is of phones in general.", general
        )
    careful = all(one.advice == "with_care" for one in own)
    return Phone(True, "To be read with care." if careful else "Good enough, by what was found.", own + general)
