"""Who may do what: one table from route to roles. A route that is not in it cannot be reached and fails the build."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from strigil.accounts.models import Role

ANYONE: Final = frozenset({"anyone"})
SIGNED_IN: Final = frozenset(Role.values)
HALF: Final = "half"
"""Who gave a password and not yet the second factor: in the place of a role."""
HALF_WAY: Final = frozenset({HALF})
OWNER: Final = frozenset({Role.OWNER.value})
CLINICAL: Final = frozenset({Role.OWNER.value, Role.CLINICIAN.value})
HANDS_ON: Final = CLINICAL | {Role.ASSISTANT.value}
READS_RECORD: Final = HANDS_ON | {Role.AUDITOR.value}
AUDITS: Final = frozenset({Role.OWNER.value, Role.AUDITOR.value})
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
    "evidence": _allow(ANYONE),
    "evidence_condition": _allow(ANYONE),
    "evidence_item": _allow(ANYONE),
    "ask": _allow(ANYONE, ANYONE),
    "own_appointment": _allow(ANYONE, ANYONE),
    "own_calendar": _allow(ANYONE),
    "check_in": _allow(ANYONE, ANYONE),
    "one_time_link": _allow(ANYONE, ANYONE),
    # between the password and the second factor
    "second_factor": _allow(HALF_WAY, HALF_WAY),
    "set_up_second_factor": _allow(HALF_WAY, HALF_WAY),
    # for everyone who works here
    "sign_out": _allow(frozenset(), SIGNED_IN | HALF_WAY),
    "session": _allow(SIGNED_IN, SIGNED_IN),
    "account": _allow(SIGNED_IN, SIGNED_IN),
    "today": _allow(SEES_PATIENTS),
    "patients": _allow(SEES_PATIENTS),
    "patient": _allow(SEES_PATIENTS),
    "register": _allow(REGISTERS, REGISTERS),
    "edit_patient": _allow(REGISTERS, REGISTERS),
    # who saw and changed what
    "patient_log": _allow(CLINICAL | AUDITS),
    "clinic_log": _allow(AUDITS),
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
    "people": _allow(OWNER, OWNER),
    "person": _allow(OWNER, OWNER),
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
TASKS: Final[Mapping[str, str]] = {
    "today": "See who comes today and what is still to do",
    "patients": "Find a patient",
    "patient": "See who a patient is, with courses and appointments",
    "register": "Register a patient",
    "edit_patient": "Correct who a patient is",
    "book": "See a day of the book",
    "book_week": "See how full a week is",
    "book_time": "Choose whom a free time is for",
    "book_patient": "Book a time",
    "appointment": "Say that somebody is here, did not come, or cancelled",
    "move_appointment": "Move an appointment",
    "undo_appointment": "Undo the last change of an appointment",
    "confirm_request": "Confirm a time that a patient asked for",
    "book_rules": "Set the hours, the closed days and the page for requests",
    "payer_rule": "Set how a payer counts minutes",
    "questionnaires": "Load an instrument, or put one away",
    "open_course": "Open a course",
    "course": "See a course",
    "course_sites": "Add or remove a site",
    "close_course": "Close a course",
    "evaluate": "Write the history, the baseline and the goals",
    "screen": "Answer the questions and screen",
    "screenings": "See every decision of a course",
    "screening": "See one decision with what it rests on",
    "changed": "See which courses today's knowledge would decide otherwise",
    "override": "Treat in spite of what stands in the way, with a reason",
    "clearance": "Record a physician's agreement",
    "letter": "Print the letter to a physician",
    "course_report": "Print the report of a course",
    "referral": "Print a referral",
    "plan": "Make a plan",
    "home_programme": "Prescribe a home programme",
    "home_programme_print": "See the home programme as it is printed",
    "home_programme_pdf": "Print the home programme",
    "start_visit": "Start a visit",
    "visit": "Write a visit",
    "sign_visit": "Sign a visit",
    "amend_visit": "Amend a signed visit",
    "discard_visit": "Discard a visit that was not signed",
    "visit_note": "Print the note of a visit",
    "after_session": "Print what to expect after a session",
    "draft": "Have what is typed kept",
    "merge_visit": "Decide between two versions of a visit",
    "respond": "Record how skin and symptoms were",
    "look_at_check_in": "Look at what a patient answered",
    "measure": "Record a measure",
    "go_on": "Go on after a review",
    "reading": "Record one reading",
    "incline": "Measure an angle with the phone",
    "fill": "Fill in an instrument",
    "photographs": "Photograph the skin after a visit",
    "photograph": "See a photograph",
    "remove_photograph": "Remove a photograph, with a reason",
    "learn": "See what the clinic's courses add up to",
    "patient_log": "See who saw and changed a patient's record",
    "clinic_log": "See who saw and changed what in the clinic",
    "people": "See and invite who works here",
    "person": "Change what somebody may do, or let them in again",
    "account": "Change one's own name, password and second factors",
    "set_up_second_factor": "Set up a second factor",
    "second_factor": "Give the second factor",
    "session": "Stay signed in",
    "sign_out": "Sign out",
}
"""What each route that needs a sign-in is for."""

BY_LINK: Final = frozenset({"by link"})
"""A patient, signed in nowhere, by a link or a page of the clinic."""
BY_ITSELF: Final = frozenset({"by itself"})
"""Strigil, at a time that was set."""

ACTIONS: Final[Mapping[str, frozenset[str]]] = {
    "register.register_patient": REGISTERS,
    "register.correct_patient": REGISTERS,
    # the book
    "book.book": REGISTERS,
    "book.ask": BY_LINK,
    "book.confirm": REGISTERS,
    "book.move": REGISTERS | BY_LINK,
    "book.mark": REGISTERS | BY_LINK,
    "book.put_back": REGISTERS,
    "book.set_request_page": CLINICAL,
    "book.add_bookable_times": CLINICAL,
    "book.add_closed_days": CLINICAL,
    "book.remove_rule": CLINICAL,
    # how the clinic works
    "payer.set_payer_rule": CLINICAL,
    "questionnaire.load_questionnaire": CLINICAL,
    "questionnaire.put_away_questionnaire": CLINICAL,
    # who works here, and what people change about themselves
    "people.invite": OWNER,
    "people.change_person": OWNER,
    "people.give_link": OWNER,
    "people.forget_second_factor": OWNER,
    "people.let_in": BY_ITSELF,
    "people.change_own_name": SIGNED_IN,
    "people.change_own_password": SIGNED_IN,
    "people.end_own_sessions": SIGNED_IN,
    "people.remove_passkey": SIGNED_IN,
    # the pathway
    "evaluate.open_course": CLINICAL,
    "evaluate.add_site": CLINICAL,
    "evaluate.remove_site": CLINICAL,
    "evaluate.describe_course": CLINICAL,
    "evaluate.record_answers": CLINICAL,
    "evaluate.record_readings": HANDS_ON,
    "evaluate.set_goal": CLINICAL,
    "evaluate.close_course": CLINICAL,
    "medicines.record_medicines": CLINICAL,
    "screen.store_screening": CLINICAL,
    "screen.record_assessment": CLINICAL,
    "screen.record_clearance": CLINICAL,
    "screen.write_letter": CLINICAL,
    "plan.make_plan": CLINICAL,
    "exercise.prescribe": CLINICAL,
    "exercise.progress": CLINICAL,
    "exercise.stop": CLINICAL,
    "exercise.report": HANDS_ON,
    "treat.start_visit": HANDS_ON,
    "treat.write_visit": HANDS_ON,
    "treat.sign_visit": CLINICAL,
    "treat.override_for_visit": CLINICAL,
    "treat.amend_visit": CLINICAL,
    "treat.discard_visit": HANDS_ON,
    "merge.merge_visit": HANDS_ON,
    "draft.keep_draft": HANDS_ON,
    "draft.forget_draft": HANDS_ON,
    "draft.forget_drafts_of": HANDS_ON,
    "respond.record_reaction": HANDS_ON,
    "photograph.add_photograph": HANDS_ON,
    "photograph.remove_photograph": CLINICAL,
    "check_in.answer_check_in": BY_LINK,
    "check_in.look_at": CLINICAL,
    "check_in.look_again": CLINICAL,
    "check_in.begin_mail": BY_ITSELF,
    "check_in.mail_sent": BY_ITSELF,
    "check_in.mail_failed": BY_ITSELF,
    "measure.go_on": CLINICAL,
    "questionnaire.fill_questionnaire": HANDS_ON,
    # paper, which leaves a trace
    "papers.print_note": READS_RECORD,
    "papers.print_report": READS_RECORD,
    "papers.print_referral": CLINICAL,
    "papers.print_after_session": HANDS_ON,
    "papers.print_home_programme": READS_RECORD,
}
"""Who may do what to the record, whichever page or program asks for it. An action that is not listed cannot be made."""

NO_RECORD: Final = "no record of anybody"
WHOLE: Final = "the whole database"
ONE_CLINIC: Final = "one clinic"
EACH_CLINIC: Final = "each clinic, one record at a time"
AS_SOMEBODY: Final = "the clinic of the person it is run as, with that person's role"

COMMANDS: Final[Mapping[str, str]] = {
    "demo": ONE_CLINIC,
    "let-in": ONE_CLINIC,
    "init": ONE_CLINIC,
    "serve": WHOLE,
    "knowledge": NO_RECORD,
    "knowledge add-study": NO_RECORD,
    "screen": NO_RECORD,
    "measure": NO_RECORD,
    "check-ins send": EACH_CLINIC,
    "questionnaire": NO_RECORD,
    "pool": NO_RECORD,
    "backup": WHOLE,
    "restore": WHOLE,
    "check": WHOLE,
    "audit": WHOLE,
    "walls": WHOLE,
    "export": ONE_CLINIC,
    "import": ONE_CLINIC,
    "import-patients": AS_SOMEBODY,
    "import-appointments": AS_SOMEBODY,
}
"""What each command of ``strigil`` can reach. Whoever runs one can read the database's files without it."""


def may_act(action: str, role: str | None) -> bool:
    """Whether somebody in a role may do an action; None is nobody who is signed in."""
    allowed = ACTIONS[action]
    return bool(allowed & (BY_LINK | BY_ITSELF)) if role is None else role in allowed


def may(route: str, method: str, role: str | None) -> bool:
    """Whether somebody in a role (None: signed out) may use a route in this way. Unlisted is no."""
    allowed = POLICY.get(route, {}).get(method, frozenset())
    return "anyone" in allowed or (role is not None and role in allowed)


def way_of(route: str) -> str:
    """How a route is used for what it is for."""
    return "POST" if "POST" in POLICY[route] else "GET"


def needs_sign_in(route: str) -> bool:
    """Whether signing in could help: the route exists and is not open to all."""
    return route in POLICY and not any("anyone" in roles for roles in POLICY[route].values())
