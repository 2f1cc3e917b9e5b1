"""Small words for templates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import template

from strigil.accounts.policy import may as policy_may
from strigil.clinic.minutes import minute_kinds
from strigil.clinic.models import NOTHING_FELT, OF_A_REACTION, Direction, Motion, When
from strigil.clinic.slots import Slot, word_of
from strigil.knowledge import load
from strigil.knowledge.shapes import (
    Adjunct,
    BodyRegion,
    DetectionAssessment,
    Indication,
    Instrument,
    Measure,
    Reaction,
    Stroke,
    Technique,
)
from strigil.pathway.measure import with_unit
from strigil.pathway.treat import by_hand, spoken

register = template.Library()

_KINDS: dict[str, Any] = {
    "region": BodyRegion,
    "indication": Indication,
    "technique": Technique,
    "instrument": Instrument,
    "stroke": Stroke,
    "reaction": Reaction,
    "adjunct": Adjunct,
}


@register.filter
def slot_word(slot: Slot) -> str:
    """A slot as a form or an address carries it."""
    return word_of(slot)


@register.filter
def title_of(key: str, kind: str) -> str:
    """The title of an item on the shelf; the key itself where the shelf no longer has it."""
    found = load().shelf(_KINDS[kind]).get(key)
    return found.title if found else key


@register.filter
def titles_of(keys: list[str], kind: str) -> str:
    return ", ".join(title_of(key, kind) for key in keys)


@register.filter
def measure_name(key: str) -> str:
    """What a measure is called on the pages of a course: ``Pain 0–10``."""
    found = load().shelf(Measure).get(key)
    return found.short if found else key


@register.filter
def site_title(row: Any) -> str:
    """``Forearm, lateral (extensors), right`` of anything with a region and a side."""
    region = row["region"] if isinstance(row, dict) else row.region
    side = row["side"] if isinstance(row, dict) else row.side
    return f"{title_of(region, 'region')}, {side or 'side not known'}"


@register.filter
def site_key(row: Any) -> str:
    """``region/side``, as the screening page sends it."""
    return f"{row.region}/{row.side}"


@register.filter
def amount(value: Decimal | None, unit: str) -> str:
    return "" if value is None else with_unit(value.normalize() if value % 1 else value.quantize(Decimal(1)), unit)


@register.filter
def seconds(value: int | None) -> str:
    """90 → 1 min 30 s; unknown stays unknown."""
    if value is None:
        return "time not recorded"
    minutes, rest = divmod(value, 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


@register.filter
def rule_question(finding: str) -> str:
    rule = load().rules.get(finding)
    return rule.question if rule else finding


@register.filter
def rule_title(finding: str) -> str:
    rule = load().rules.get(finding)
    return rule.title if rule else finding


@register.filter
def lookup(mapping: dict[str, Any], key: str) -> Any:
    return mapping.get(key)


@register.filter
def citations(item: Any) -> list[dict[str, Any]]:
    """An item's citations with what is known of each source."""
    shelf = load()
    return [
        {
            "says": one.says,
            "title": shelf.source_of(one).title,
            "kind": shelf.source_of(one).kind,
            "url": shelf.source_of(one).url if (shelf.source_of(one).url or "").startswith("http") else None,
            "class_": one.class_,
            "class_note": one.class_note,
            "applies_to": one.applies_to,
            "audited": one.audited,
            "audit_note": one.audit_note,
        }
        for one in item.sources
    ]


@register.simple_tag(takes_context=True)
def may(context: template.Context, route: str, method: str = "GET") -> bool:
    """Whether the user of this page may use a route; templates hide what the gate would refuse."""
    return policy_may(route, method, context.get("role") or None)


def _of(row: Any, name: str) -> Any:
    """Of a row, or of one kept with an amendment; an older one may not have it."""
    return row.get(name) if isinstance(row, dict) else getattr(row, name)


def how_words(row: Any) -> str:
    """How an area was given: instrument, strokes, direction, angle, motion and position."""
    angle = _of(row, "angle_degrees")
    said = [
        title_of(_of(row, "instrument"), "instrument") if _of(row, "instrument") else "",
        f"{_of(row, 'edge')} edge" if _of(row, "edge") else "",
        titles_of(sorted(_of(row, "strokes") or []), "stroke").lower(),
        ", ".join(str(Direction(one).label).lower() for one in sorted(_of(row, "directions") or ())),
        f"{angle}°" if angle is not None else "",
        str(Motion(_of(row, "motion")).label).lower() if _of(row, "motion") else "",
        _of(row, "position"),
    ]
    return ", ".join(one for one in said if one)


@register.filter
def dose_words(row: Any) -> str:
    """The dose of one area in one line, but for the force, which stands apart."""
    discomfort = _of(row, "discomfort")
    said = [
        seconds(_of(row, "seconds")),
        f"{_of(row, 'pressure')} pressure" if _of(row, "pressure") else "",
        f"discomfort {discomfort} of 10" if discomfort is not None else "",
        how_words(row),
    ]
    return ", ".join(one for one in said if one)


@register.filter
def force_words(row: Any) -> str:
    """``4.5 N, measured by load cell``: a force never stands without how it is known."""
    force, device = _of(row, "force_newton"), _of(row, "force_device")
    if force is None:
        return ""
    return f"{amount(Decimal(force), 'N')}, {_of(row, 'force_method')}" + (f" by {device}" if device else "")


@register.filter
def planned_time(area: Any) -> str:
    return f"planned {seconds(area.seconds)}"


@register.filter
def found_words(row: Any) -> str:
    """What the instrument found in one area and where; empty where nobody said."""
    names = {one.id: one.name for one in load().shelf(DetectionAssessment)["feel"].words}
    names[NOTHING_FELT] = "nothing felt"
    felt = ", ".join(names.get(one, one).lower() for one in sorted(_of(row, "textures") or ()))
    return "; ".join(one for one in (felt, _of(row, "found_where")) if one)


@register.filter
def hands_time(visit: Any) -> str:
    """The times of all areas of a visit together."""
    return seconds(by_hand([one.seconds for one in visit.treatments.all()]))


@register.filter
def minute_kind(kind: str) -> str:
    return minute_kinds().get(kind, kind).lower()


@register.filter
def minutes_words(minutes: dict[str, int]) -> str:
    """``exercise 10 min, stretching 5 min``."""
    return ", ".join(
        f"{words.lower()} {minutes[kind]} min" for kind, words in minute_kinds().items() if kind in minutes
    )


_OUTCOME_TEXT = {
    "error": "Treat nothing. Screen again; if it stays so, decide without Strigil and tell whoever runs it.",
    "emergency": "Stop. Send the patient to emergency care now.",
    "refer": "No IASTM. Refer to a physician, on the same day if the patient is unwell.",
    "stop": "No IASTM for this problem. Choose another treatment.",
    "hold": "No IASTM today. Rebook.",
    "clearance": "No IASTM until a physician agrees; then at a lower dose.",
    "avoid": "Leave the crossed site alone. Other sites may be treated.",
    "modify": "Treat with a lower dose, closer checks and documented consent.",
    "proceed": "No restriction found.",
    "incomplete": "Not yet known. Nothing is treated until the open questions are answered.",
}


@register.filter
def outcome_text(outcome: str) -> str:
    """What an outcome means in one sentence."""
    return _OUTCOME_TEXT.get(outcome, "")


@register.filter
def published(span: Any, unit: str) -> str:
    low, high = with_unit(span.low, unit), with_unit(span.high, unit)
    return f"published: {low}" if span.low == span.high else f"published: {span.low:f} to {high}"


@register.filter
def phase_names(done: list[str], technique: str) -> str:
    found = load().shelf(Technique).get(technique)
    names = {phase.id: phase.name for phase in found.phases} if found else {}
    return "; ".join(names.get(one, one) for one in done)


@register.filter
def in_unit_of(value: Decimal | str, measure: str) -> str:
    """A stored value in the unit a person reads."""
    found = load().shelf(Measure).get(measure)
    return amount(Decimal(value), found.unit_name if found else "")


@register.filter
def when_word(when: str) -> str:
    """When somebody looked, as in the middle of a line."""
    return str(When(when).label).lower()


@register.filter
def reaction_words(one: Any) -> str:
    """A reaction with where it was and whether it is still there; of a row, or of one kept with an amendment."""
    if isinstance(one, str):
        return title_of(one, "reaction")
    kept = one if isinstance(one, dict) else {name: getattr(one, name) for name in OF_A_REACTION}
    state = {True: "still there", False: "gone"}.get(kept["still_present"])
    details = [site_title(kept) if kept["region"] else None, state, "larger" if kept["larger"] else None]
    said = ", ".join(detail for detail in details if detail)
    return f"{title_of(kept['reaction'], 'reaction')} ({said})" if said else title_of(kept["reaction"], "reaction")


@register.filter
def day(stored: str) -> str:
    """A day kept as text, with its month in letters."""
    return spoken(date.fromisoformat(stored))


@register.filter
def signed(value: Decimal, unit: str) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{amount(abs(value), unit)}"


_SOURCE_KINDS = {
    "trial": "Trial",
    "review": "Review",
    "survey": "Survey",
    "consensus": "Consensus",
    "guideline": "Guideline",
    "commentary": "Commentary",
    "health_service": "Health service",
    "maker": "Maker",
    "course": "Course material",
    "clinic_page": "Clinic page",
    "slide_deck": "Slide deck",
    "flashcard": "Flashcards",
    "code_list": "Code list",
    "reference_work": "Reference work",
    "founding_brief": "Founding brief, not public",
    "data_set": "Data set",
    "study": "Observational study",
    "case_report": "Case report",
    "regulator": "Medicines regulator",
    "professional_body": "Professional body",
    "news": "News report",
    "secondary": "Secondary page",
    "code_excerpt": "Excerpt of a code file",
}


@register.filter
def source_kind(kind: str) -> str:
    return _SOURCE_KINDS[kind]
