"""What every page knows without being told."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from strigil.accounts.models import User
from strigil.accounts.sign_in.session import whole_seconds_left
from strigil.knowledge import load


def strigil(request: HttpRequest) -> dict[str, Any]:
    match = request.resolver_match
    name = match.url_name if match else ""
    user = getattr(request, "user", None)
    inside = isinstance(user, User)
    return {
        "demo_clinic": settings.DEMO,
        "knowledge_version": load().version,
        "section": _SECTIONS.get(name or "", ""),
        "session_left": whole_seconds_left(request) if inside else 0,
        "role": user.role if isinstance(user, User) else "",
    }


_SECTIONS = {
    "today": "today",
    "patients": "patients",
    "patient": "patients",
    "register": "patients",
    "book": "book",
    "book_week": "book",
    "book_rules": "book",
    "patient_log": "patients",
    "clinic_log": "clinic_log",
    "learn": "learn",
    "sign_in": "sign_in",
    "knowledge": "knowledge",
    "knowledge_shelf": "knowledge",
    "knowledge_item": "knowledge",
    "knowledge_sources": "knowledge",
    "knowledge_source": "knowledge",
    "evidence": "knowledge",
    "evidence_condition": "knowledge",
    "evidence_item": "knowledge",
}
