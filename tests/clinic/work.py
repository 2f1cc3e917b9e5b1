"""For each route that writes: where it stands in a record that is ready for it, and what a person would send."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from strigil.accounts.models import LinkKind
from strigil.accounts.sign_in.links import make
from strigil.clinic import check_ins, links
from strigil.clinic.actions.book import Before
from strigil.clinic.slots import word_of
from strigil.clinic.views.book import undo_word
from strigil.knowledge import load
from tests.clinic.cast import Story
from tests.clinic.taken import taken
from tests.pathway.questionnaires import garden, packed

Sent = tuple[str, dict[str, Any]]

PATIENT = {"name": "Marek Nowak", "sex": "male", "born": "1980-05-06"}
PLAN = {
    "technique": "graston",
    "phases": ["scan"],
    "visits_per_week": "2",
    "visits_in_all": "8",
    "review_visits": "4, 6",
    "area-0-seconds": "60",
    "area-0-instrument": "graston_gt4",
    "area-0-strokes": ["sweep"],
    "consent_given": "on",
}
VISIT = {
    "area-0-treated": "on",
    "area-0-instrument": "graston_gt4",
    "area-0-strokes": ["sweep"],
    "area-0-seconds": "60",
    "reactions": ["redness_heat"],
    "note": "fine",
}


JUDGED = {"judged": "proceed"}
"""What the clinician would do, as the first screen of a course asks it."""


def no_to_all() -> dict[str, str]:
    return dict.fromkeys(load().asked, "no") | JUDGED


def register(_: Story) -> Sent:
    return reverse("register"), PATIENT


def edit_patient(story: Story) -> Sent:
    return reverse("edit_patient", args=[story.patient().pk]), PATIENT | {"version": 1}


def open_course(story: Story) -> Sent:
    sent = {"indication": "lateral_epicondylitis", "side": "right", "regions": ["forearm_lateral"]}
    return reverse("open_course", args=[story.patient().pk]), sent


def course_sites(story: Story) -> Sent:
    return reverse("course_sites", args=[story.course().pk]), {"region": "upper_arm_lateral", "side": "right"}


def close_course(story: Story) -> Sent:
    return reverse("close_course", args=[story.course().pk]), {"status": "finished", "version": 1}


def evaluate(story: Story) -> Sent:
    return reverse("evaluate", args=[story.course().pk]), {"version": 1, "complaint": "it hurts", "base-nprs": "7"}


def screen(story: Story) -> Sent:
    return reverse("screen", args=[story.course().pk]), no_to_all()


def clearance(story: Story) -> Sent:
    course = story.course()
    story.screened(course, yes=["anticoagulants"])
    sent = {"physician": "Dr Adler", "agreed_on": "2026-11-19", "until": "2027-01-31"}
    return reverse("clearance", args=[course.pk]) + "?finding=anticoagulants", sent


def override(story: Story) -> Sent:
    course = story.ready()
    story.screened(course, yes=["malnourished_fatigued"])
    return reverse("override", args=[story.draft(course).pk]), {"reason": "Ate since; well again."}


def plan(story: Story) -> Sent:
    return reverse("plan", args=[story.course().pk]), PLAN


def start_visit(story: Story) -> Sent:
    return reverse("start_visit", args=[story.ready().pk]), {}


def visit(story: Story) -> Sent:
    return reverse("visit", args=[story.draft(story.ready()).pk]), VISIT | {"version": 1}


def sign_visit(story: Story) -> Sent:
    found = story.written(story.draft(story.ready()))
    return reverse("sign_visit", args=[found.pk]), {"version": found.version}


def amend_visit(story: Story) -> Sent:
    found = story.signed(story.ready())
    return reverse("amend_visit", args=[found.pk]), VISIT | {"version": found.version, "reason": "time was wrong"}


def discard_visit(story: Story) -> Sent:
    found = story.draft(story.ready())
    return reverse("discard_visit", args=[found.pk]), {"version": found.version}


def draft(story: Story) -> Sent:
    found = story.draft(story.ready())
    return reverse("draft", args=[found.pk, "visit"]), {"note": "half a sen", "version": 1}


def merge_visit(story: Story) -> Sent:
    found = story.written(story.draft(story.ready()))
    typed = {name: given if isinstance(given, list) else [given] for name, given in VISIT.items()}
    untouched: dict[str, list[str]] = {"phases_done": [], "measured-before_nprs": [], "area-0-pressure": []}
    sent = {
        "version": found.version,
        "typed": json.dumps(typed),
        "began": json.dumps(typed | untouched | {"note": ["As planned."]}),
    }
    return reverse("merge_visit", args=[found.pk]), sent | {"take-area-0-discomfort": "typed"}


def respond(story: Story) -> Sent:
    return reverse("respond", args=[story.signed(story.ready()).pk]), {"when": "next_day", "reactions": ["none"]}


def measure(story: Story) -> Sent:
    return reverse("measure", args=[story.ready().pk]), {"measured-before_nprs": "4"}


def go_on(story: Story) -> Sent:
    sent = {"gate": "review_at_four", "reason": "Two visits were missed."}
    return reverse("go_on", args=[story.unchanged().pk]), sent


def reading(story: Story) -> Sent:
    sent = {"value": "50", "side": "right", "method": "active", "device": "universal goniometer"}
    return reverse("reading", args=[story.ready().pk, "elbow_flexion"]), sent


def incline(story: Story) -> Sent:
    sent = {"value": "43", "side": "right", "method": "active", "device": "iPhone, Safari"}
    return reverse("incline", args=[story.ready().pk, "elbow_flexion"]), sent


def fill(story: Story) -> Sent:
    answered = {f"item_{place}": "2" for place in range(10)}
    return reverse("fill", args=[story.ready().pk, story.questionnaire().pk]), answered


def photographs(story: Story) -> Sent:
    sent = {"when": "end", "region": "forearm_lateral", "side": "right", "agreed": "on"}
    file = SimpleUploadedFile("mark.jpg", taken(), "image/jpeg")
    return reverse("photographs", args=[story.signed(story.ready()).pk]), sent | {"file": file}


def remove_photograph(story: Story) -> Sent:
    found = story.photographed(story.signed(story.ready()))
    return reverse("remove_photograph", args=[found.pk]), {"version": 1, "because": "Shows a face."}


def questionnaires(_: Story) -> Sent:
    file = SimpleUploadedFile("garden.json", packed(garden()), "application/json")
    sent = {"measure": "ndi", "file": file, "licence": "Nobody, 2026", "holds_licence": "on"}
    return reverse("questionnaires"), sent


def look_at_check_in(story: Story) -> Sent:
    found = story.answered(story.signed(story.ready()), worries=["nerve"])
    return reverse("look_at_check_in", args=[found.pk]), {"version": 1, "note": "Called; better already."}


def home_programme(story: Story) -> Sent:
    sent = {
        "act": "prescribe",
        "stage": "early",
        "band_row-chosen": "on",
        "band_row-side": "both",
        "band_row-sets": "2",
    }
    return reverse("home_programme", args=[story.ready().pk]), sent


TIME = {"on": "2026-11-23", "at": "10:00", "minutes": "45"}


def book_patient(story: Story) -> Sent:
    return reverse("book_patient", args=[story.patient().pk]), TIME | {"clinician": str(story.by.pk)}


def appointment(story: Story) -> Sent:
    return reverse("appointment", args=[story.booked().pk]), {"mark": "arrived", "version": 1}


def move_appointment(story: Story) -> Sent:
    sent = TIME | {"clinician": str(story.by.pk), "version": 1}
    return reverse("move_appointment", args=[story.booked().pk]), sent


def undo_appointment(story: Story) -> Sent:
    found = story.booked()
    before = Before(found.clinician_id, found.starts, found.ends, "cancelled")
    return reverse("undo_appointment", args=[found.pk]), {"was": undo_word(found, "Booked", before)}


def confirm_request(story: Story) -> Sent:
    found = story.days(3).asked_for(story.page(address=f"ask-{story.by.pk.hex[-12:]}"))
    return reverse("confirm_request", args=[found.pk]), {"patient": str(story.patient().pk), "version": 1}


def book_rules(story: Story) -> Sent:
    hours = {
        "clinician": str(story.by.pk),
        "weekdays": ["0", "2"],
        "begins": "08:00",
        "until": "12:00",
        "minutes": "40",
    }
    return reverse("book_rules"), {"what": "hours"} | {f"hours-{name}": value for name, value in hours.items()}


def payer_rule(_: Story) -> Sent:
    return reverse("payer_rule"), {"rule": "eight_minute", "counted": ["hands", "exercise"]}


def account(story: Story) -> Sent:
    return reverse("account"), {"what": "name", "display_name": "Anna Byrne", "qualification": "OT"}


def person(story: Story) -> Sent:
    found = story.colleague()
    sent = {"what": "change", "display_name": "Ben Cole", "role": "front_desk", "is_active": "on"}
    return reverse("person", args=[found.pk]), sent


WORK: dict[str, Callable[[Story], Sent]] = {
    made.__name__: made
    for made in (
        register,
        edit_patient,
        open_course,
        course_sites,
        close_course,
        evaluate,
        screen,
        clearance,
        override,
        plan,
        start_visit,
        visit,
        sign_visit,
        amend_visit,
        discard_visit,
        draft,
        merge_visit,
        respond,
        measure,
        go_on,
        reading,
        incline,
        fill,
        questionnaires,
        photographs,
        remove_photograph,
        look_at_check_in,
        home_programme,
        book_patient,
        appointment,
        move_appointment,
        undo_appointment,
        confirm_request,
        book_rules,
        payer_rule,
        account,
        person,
    )
}


MORE = (
    "today",
    "changed",
    "patients",
    "register",
    "learn",
    "book",
    "book_week",
    "book_rules",
    "payer_rule",
    "clinic_log",
    "questionnaires",
    "account",
    "people",
    "session",
    "second_factor",
    "set_up_second_factor",
)
"""Pages without a key that are not open to all."""


def addresses(story: Story) -> dict[str, str]:
    """One address for every route, in a record that has something to show at each."""
    course = story.with_visits(1)
    visit = course.visits.get()
    draft = story.draft(course)
    keys = {
        "patient": course.patient_id,
        "edit_patient": course.patient_id,
        "patient_log": course.patient_id,
        "open_course": course.patient_id,
        "visit": draft.pk,
        "screening": course.screenings.latest("id").pk,
        "override": draft.pk,
        "sign_visit": draft.pk,
        "discard_visit": draft.pk,
        "merge_visit": draft.pk,
        "amend_visit": visit.pk,
        "respond": visit.pk,
        "look_at_check_in": visit.check_in.pk,
        "visit_note": visit.pk,
        "after_session": visit.pk,
    }
    story.prescribed(course)
    steps = ("evaluate", "screen", "screenings", "clearance", "plan", "start_visit", "measure", "go_on")
    steps += ("course_report", "referral", "home_programme", "home_programme_print", "home_programme_pdf")
    keys |= dict.fromkeys(("course", "course_sites", "close_course", *steps), course.pk)
    booked = story.booked(patient=course.patient)
    keys |= dict.fromkeys(("appointment", "move_appointment", "undo_appointment"), booked.pk)
    page = story.page(address=f"ask-{story.by.pk.hex[-12:]}")
    keys |= {"book_patient": course.patient_id, "confirm_request": story.days(3).asked_for(page).pk}
    found = {route: reverse(route, args=[key]) for route, key in keys.items()}
    found |= {route: reverse(route, args=[links.token(booked)]) for route in ("own_appointment", "own_calendar")}
    found["check_in"] = reverse("check_in", args=[check_ins.token(story.check_in(visit))])
    found |= {"ask": reverse("ask", args=[page.address])}
    for route in ("reading", "incline"):
        found[route] = reverse(route, args=[course.pk, "wrist_flexion"])
    found["fill"] = reverse("fill", args=[course.pk, story.questionnaire().pk])
    found["book_time"] = reverse("book_time") + f"?slot={word_of(story.slot('17:00'))}"
    kept = story.photographed(visit)
    found["photographs"] = reverse("photographs", args=[visit.pk])
    found |= {route: reverse(route, args=[kept.pk]) for route in ("photograph", "remove_photograph")}
    found["draft"] = reverse("draft", args=[draft.pk, "visit"])
    other = story.course()
    story.screened(other, yes=["anticoagulants"])
    colleague = story.colleague()
    found["person"] = reverse("person", args=[colleague.pk])
    found["one_time_link"] = reverse("one_time_link", args=[make(colleague, LinkKind.INVITATION, story.by)])
    found["letter"] = reverse("letter", args=[other.pk])
    found["clearance"] += "?finding=anticoagulants"
    found["knowledge_source"] = reverse("knowledge_source", args=[next(iter(load().sources))])
    found["knowledge_shelf"] = reverse("knowledge_shelf", args=["techniques"])
    found["knowledge_item"] = reverse("knowledge_item", args=["techniques", "graston"])
    found["evidence_condition"] = reverse("evidence_condition", args=["low_back_pain"])
    found["evidence_item"] = reverse("evidence_item", args=["studies", "lee_2016"])
    plain = (
        "home",
        "about",
        "about_iastm",
        "gallery",
        "live",
        "ready",
        "sign_in",
        "sign_out",
        "knowledge",
        "knowledge_sources",
        "evidence",
    )
    return found | {route: reverse(route) for route in (*plain, *MORE)}
