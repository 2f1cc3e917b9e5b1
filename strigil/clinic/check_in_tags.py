"""Template words for what a patient said at a check-in."""

from __future__ import annotations

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from strigil.clinic import check_ins
from strigil.clinic.models import CheckIn, ReactionCheck, SaidBy, Visit
from strigil.clinic.notices import said
from strigil.clinic.tags import reaction_words
from strigil.drawing.qr import qr
from strigil.knowledge import load
from strigil.pathway.respond.check_in import NONE, OTHER, marks, signs

register = template.Library()

QUESTIONS = {"soreness": "soreness", "marks": "marks on the skin", "worries": "worrying signs"}


@register.filter
def seen_words(check: ReactionCheck, none: str = "none seen") -> str:
    """What a check found, in words; ``none`` only where there was none."""
    if check.none_seen:
        return none
    words = [reaction_words(one) for one in check.reactions.all()]
    if check.said_by == SaidBy.PATIENT:
        words += [one for one in why_look(check.check_in) if not any(word.startswith(one) for word in words)]
    return "; ".join(words) or "nothing clear was said"


@register.filter
def who_said(check: ReactionCheck) -> str:
    """Empty where somebody of the clinic asked; else that the patient said it, and whether anybody has looked."""
    if check.said_by != SaidBy.PATIENT:
        return ""
    found = check.check_in
    looked = f"looked at by {found.looked_by.display_name}" if found.looked_by else "not looked at"
    left = [QUESTIONS[one] for one in check_ins.understood_now(found).open]
    return f"said by the patient, {looked}" + (f"; not answered or not clear: {', '.join(left)}" if left else "")


@register.filter
def check_in_of(visit: Visit) -> CheckIn | None:
    return getattr(visit, "check_in", None)


@register.filter
def check_in_state(found: CheckIn) -> str:
    """How a check-in stands; no answer is "not answered", and never "none"."""
    now, zone = timezone.now(), found.clinic.zone
    if found.answered_at:
        return f"answered on {said(found.answered_at, zone)}"
    if now >= found.closes_at:
        return f"not answered; it closed on {said(found.closes_at, zone)}"
    if now < found.opens_at:
        return f"opens on {said(found.opens_at, zone)}"
    return f"not answered yet; open until {said(found.closes_at, zone)}"


@register.filter
def check_in_still_useful(found: CheckIn) -> bool:
    """Whether the link can still be answered, now or later."""
    return timezone.now() < found.closes_at


@register.filter
def check_in_lines(found: CheckIn) -> list[tuple[str, str]]:
    """Each question with its answer; empty where it was left open."""
    named = dict(marks(load())) | {NONE: "no marks", OTHER: "something else, such as raised or bumpy skin"}
    worrying = {key: words for key, words, _ in signs(load())} | {NONE: "none of the signs"}
    return [
        ("Soreness or pain", "" if found.soreness is None else f"{found.soreness} of 10"),
        ("Marks", "; ".join(named.get(one, one) for one in found.marks)),
        ("Size of the largest", found.get_mark_size_display()),
        ("Change of the marks", found.get_mark_change_display()),
        ("Function against before", found.get_function_display()),
        ("Home exercises done", found.get_exercises_done_display()),
        ("Worrying signs", "; ".join(worrying.get(one, one) for one in found.worries)),
        ("In the patient’s words", found.words),
    ]


@register.filter
def why_look(found: CheckIn) -> list[str]:
    return list(check_ins.understood_now(found).look)


@register.simple_tag(takes_context=True)
def check_in_link(context: template.Context, found: CheckIn) -> str:
    return check_ins.link(found, context["request"].build_absolute_uri("/"))


@register.simple_tag
def check_in_code(link: str) -> SafeString:
    return mark_safe(qr(link, id="check-in-code", title="QR code of the check-in link"))  # noqa: S308  (our writer)
