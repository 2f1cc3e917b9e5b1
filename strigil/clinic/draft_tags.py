"""What a template says to make its form keep drafts and be sent once."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from strigil.accounts.policy import may
from strigil.clinic.actions.draft import own_draft
from strigil.clinic.models import Draft, DraftPage
from strigil.clinic.views.draft import told
from strigil.clinic.views.shared import today_of
from strigil.pathway.treat import spoken

register = template.Library()

DATED_ON_ARRIVAL = frozenset({DraftPage.SCREEN, DraftPage.EVALUATE, DraftPage.PLAN})
"""Pages whose answers carry the day they are saved on: what was typed on an earlier day is shown, not filled in."""


@register.simple_tag(takes_context=True)
def once(context: template.Context) -> SafeString:
    """Hidden fields: the key of this very page, by which a form sent twice is done once, and for whom it was drawn."""
    return format_html(
        '<input type="hidden" name="once" value="{}"><input type="hidden" name="author" value="{}">',
        uuid.uuid4(),
        context["request"].user.pk or "",
    )


@register.simple_tag(takes_context=True)
def drafted(context: template.Context, page: str, about: uuid.UUID, version: int = 0, places: str = "") -> SafeString:
    """Attributes of a form that keeps drafts (draft.js). ``places`` changes where a field's name would mean another."""
    if not may(page, "POST", context.get("role") or None):
        return SafeString("")
    given = {
        "action": context["request"].path if page == DraftPage.PLAN else reverse(page, args=[about]),
        "autocomplete": "off",
        "data-send": "",
        "data-draft": reverse("draft", args=[about, page]),
        "data-page": page,
        "data-about": about,
        "data-patient": context["patient"].pk,
        "data-version": version,
        "data-places": places,
        "data-dated": spoken(today_of(context["request"])) if page in DATED_ON_ARRIVAL else "",
    }
    return format_html_join(" ", '{}="{}"', given.items())


@register.inclusion_tag("draft/notice.html", takes_context=True)
def draft_notice(context: template.Context, page: str, about: uuid.UUID) -> dict[str, Any]:
    """What this person typed and did not save, for the page's script; and who else has something unsaved here."""
    request = context["request"]
    if not may(page, "POST", context.get("role") or None):
        return {}
    kept = list(Draft.objects.filter(about=about, page=page).select_related("created_by"))
    own = next((one for one in kept if one.created_by_id == request.user.pk), None)
    posted = request.method == "POST"
    data = {
        "kept": told(own) if own else _left_over(context, page, about),
        "posted": posted,
        "began": _json(request.POST.get("began", "")) if posted else None,
    }
    return {
        "others": [one for one in kept if one is not own],
        "data": json.dumps(data),
        "user": request.user,
        "screen": page == DraftPage.SCREEN,
    }


def _left_over(context: template.Context, page: str, about: uuid.UUID) -> dict[str, Any] | None:
    """What this person had typed into a visit and not saved when it was signed: offered to the amendment."""
    found = own_draft(context["request"].user, DraftPage.VISIT, about) if page == DraftPage.AMEND else None
    if found is None:
        return None
    typed = {name: given for name, given in found.values.items() if given != found.began.get(name)}
    return told(found) | {"seen": 0, "version": context["visit"].version, "values": typed, "began": {}}


@register.simple_tag(takes_context=True)
def unsaved_of(context: template.Context, about: uuid.UUID) -> list[Draft]:
    """Everybody's unsaved typing about a record, for pages that are about to close it."""
    return list(Draft.objects.filter(about=about).select_related("created_by"))


@register.simple_tag(takes_context=True)
def clinic_time(context: template.Context, at: datetime) -> str:
    """10:42, or 10:42 on 3 November 2026 where that was another day; as the clock of the clinic has it."""
    zone = context["user"].clinic.zone
    there, now = at.astimezone(zone), timezone.now().astimezone(zone)
    return f"{there:%H:%M}" if there.date() == now.date() else f"{there:%H:%M} on {spoken(there.date())}"


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
