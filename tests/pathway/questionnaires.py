"""Questionnaires made up for the tests: nobody's instrument, and nobody's words."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
URL = "https://clinic.example/Questionnaire/garden"


def option(text: str, score: object) -> dict[str, Any]:
    scored = {"extension": [{"url": ORDINAL, "valueDecimal": score}]}
    return scored | {"valueCoding": {"code": text.lower().replace(" ", "-"), "display": text}}


def choice(name: str, text: str, scores: range = range(6)) -> dict[str, Any]:
    options = [option(f"{'So' if score else 'Not'} much: {score}", score) for score in scores]
    return {"linkId": name, "text": text, "type": "choice", "answerOption": options}


def garden(items: int = 10, scores: range = range(6), **changes: Any) -> dict[str, Any]:
    """A questionnaire about a garden, with so many items of such scores."""
    asked = [choice(f"g{place}", f"How many birds sat on bush {place}?", scores) for place in range(1, items + 1)]
    return {
        "resourceType": "Questionnaire",
        "url": URL,
        "version": "1.0",
        "status": "active",
        "title": "Birds in the garden",
        "publisher": "Nobody",
        "item": [
            {"linkId": "intro", "type": "display", "text": "Think of your garden today."},
            {"linkId": "bushes", "type": "group", "text": "The bushes", "item": asked},
        ],
    } | changes


def packed(resource: object) -> bytes:
    return json.dumps(resource, default=lambda one: float(one) if isinstance(one, Decimal) else str(one)).encode()
