"""Who may do what: one table from route to roles. A route that is not in it cannot be reached and fails the build."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from strigil.accounts.models import Role

ANYONE: Final = frozenset({"anyone"})
SIGNED_IN: Final = frozenset(Role.values)
CLINICAL: Final = frozenset({Role.OWNER.value, Role.CLINICIAN.value})
HANDS_ON: Final = CLINICAL | {Role.ASSISTANT.value}
READS_RECORD: Final = HANDS_ON | {Role.AUDITOR.value}
SEES_PATIENTS: Final = SIGNED_IN
REGISTERS: Final = HANDS_ON | {Role.FRONT_DESK.value}

READ: Final = ("GET", "HEAD")
WRITE: Final = ("GET", "HEAD", "POST")


def _allow(readers: frozenset[str], writers: frozenset[str] | None = None) -> Mapping[str, frozenset[str]]:
    """Who may read and who may write; a way that is for nobody is no way to use the route."""
    rule = {"GET": readers, "HEAD": readers} if readers else {}
    return rule if writers is None else rule | {"POST": writers}


POLICY: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    # open to all
    "home": _allow(ANYONE),
    "about": _allow(ANYONE),
    "about_iastm": _allow(ANYONE),
    "gallery": _allow(ANYONE),
    "live": _allow(ANYONE),
    "ready": _allow(ANYONE),
    "sign_in": _allow(ANYONE, ANYONE),
    "knowledge": _allow(ANYONE),
    "knowledge_shelf": _allow(ANYONE),
    "knowledge_item": _allow(ANYONE),
    "knowledge_sources": _allow(ANYONE),
    "knowledge_source": _allow(ANYONE),
    "ask": _allow(ANYONE, ANYONE),
    "own_appointment": _allow(ANYONE, ANYONE),
    "own_calendar": _allow(ANYONE),
    "check_in": _allow(ANYONE, ANYONE),
    # for everyone who works here
    "sign_out": _allow(frozenset(), SIGNED_IN),
    "today": _allow(SEES_PATIENTS),
    "patients": _allow(SEES_PATIENTS),
    "patient": _allow(SEES_PATIENTS),
    "register": _allow(REGISTERS, REGISTERS),
    "edit_patient": _allow(REGISTERS, REGISTERS),
    # the book
    "book": _allow(SEES_PATIENTS),
    "book_week": _allow(SEES_PATIENTS),
    "book_time": _allow(REGISTERS),
    "book_patient": _allow(REGISTERS, REGISTERS),
    "appointment": _allow(SEES_PATIENTS, REGISTERS),
    "move_appointment": _allow(REGISTERS, REGISTERS),
    "undo_appointment": _allow(frozenset(), REGISTERS),
    "confirm_request": _allow(REGISTERS, REGISTERS),
    "book_rules": _allow(REGISTERS, CLINICAL),
    # how the clinic works
    "payer_rule": _allow(CLINICAL, CLINICAL),
    "questionnaires": _allow(CLINICAL, CLINICAL),
    # the pathway
    "open_course": _allow(CLINICAL, CLINICAL),
    "course": _allow(READS_RECORD),
    "course_sites": _allow(CLINICAL, CLINICAL),
    "close_course": _allow(CLINICAL, CLINICAL),
    "evaluate": _allow(READS_RECORD, CLINICAL),
    "screen": _allow(READS_RECORD, CLINICAL),
    "screenings": _allow(READS_RECORD),
    "screening": _allow(READS_RECORD),
    "changed": _allow(READS_RECORD),
    "override": _allow(CLINICAL, CLINICAL),
    "clearance": _allow(CLINICAL, CLINICAL),
    "letter": _allow(CLINICAL),
    "course_report": _allow(READS_RECORD),
    "referral": _allow(CLINICAL),
    "plan": _allow(READS_RECORD, CLINICAL),
    "home_programme": _allow(READS_RECORD, CLINICAL),
    "home_programme_print": _allow(READS_RECORD),
    "home_programme_pdf": _allow(READS_RECORD),
    "start_visit": _allow(frozenset(), HANDS_ON),
    "visit": _allow(READS_RECORD, HANDS_ON),
    "sign_visit": _allow(CLINICAL, CLINICAL),
    "amend_visit": _allow(CLINICAL, CLINICAL),
    "discard_visit": _allow(HANDS_ON, HANDS_ON),
    "visit_note": _allow(READS_RECORD),
    "after_session": _allow(HANDS_ON),
    "draft": _allow(frozenset(), HANDS_ON),
    "merge_visit": _allow(frozenset(), HANDS_ON),
    "respond": _allow(READS_RECORD, HANDS_ON),
    "photographs": _allow(READS_RECORD, HANDS_ON),
    "photograph": _allow(READS_RECORD),
    "remove_photograph": _allow(CLINICAL, CLINICAL),
    "look_at_check_in": _allow(frozenset(), CLINICAL),
    "measure": _allow(READS_RECORD, HANDS_ON),
    "go_on": _allow(frozenset(), CLINICAL),
    "reading": _allow(HANDS_ON, HANDS_ON),
    "incline": _allow(HANDS_ON, HANDS_ON),
    "fill": _allow(HANDS_ON, HANDS_ON),
    "learn": _allow(READS_RECORD),
}


def may(route: str, method: str, role: str | None) -> bool:
    """Whether somebody in a role (None: signed out) may use a route in this way. Unlisted is no."""
    allowed = POLICY.get(route, {}).get(method, frozenset())
    return "anyone" in allowed or (role is not None and role in allowed)


def needs_sign_in(route: str) -> bool:
    """Whether signing in could help: the route exists and is not open to all."""
    return route in POLICY and not any("anyone" in roles for roles in POLICY[route].values())
