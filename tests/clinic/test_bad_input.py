"""Bad input on every form: a message beside the field, nothing typed is lost, nothing is saved, nothing breaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from strigil.clinic.models import Patient, Visit
from tests.clinic.cast import Story, everything
from tests.clinic.page import Page
from tests.clinic.work import VISIT, WORK

WRIST = "wrist_flexion_"


class Form:
    """A form where it stands, what is right to send, and which of its fields take what."""

    text: dict[str, tuple[str, ...]] = {
        "register": ("name", "phone", "note"),
        "edit_patient": ("name", "phone", "note"),
        "open_course": ("complaint",),
        "close_course": ("note",),
        "evaluate": ("complaint", "history", "assessment", "base-activity_0"),
        "clearance": ("physician", "note"),
        "override": ("reason",),
        "plan": ("exercise", "home_programme", "note"),
        "visit": ("found", "exercise", "note", "area-0-position", "area-0-force_device"),
        "amend_visit": ("found", "exercise", "note", "reason", "area-0-position", "area-0-force_device"),
        "respond": ("note",),
    }
    numbers: dict[str, tuple[str, ...]] = {
        "evaluate": ("base-wrist_flexion", "base-elbow_flexion", "goal-value"),
        "plan": ("visits_per_week", "visits_in_all", "area-0-seconds", "area-0-angle_degrees"),
        "visit": ("area-0-seconds", "area-0-angle_degrees", "area-0-force_newton", "measured-before_wrist"),
        "amend_visit": ("area-0-seconds", "area-0-angle_degrees", "area-0-force_newton", "measured-after_wrist"),
        "measure": ("measured-before_wrist",),
        "book_patient": ("minutes",),
        "move_appointment": ("minutes",),
    }
    days: dict[str, tuple[str, ...]] = {
        "register": ("born",),
        "edit_patient": ("born",),
        "open_course": ("onset",),
        "evaluate": ("onset", "goal-by"),
        "screen": ("surgical_incision-since",),
        "clearance": ("agreed_on", "until"),
        "book_patient": ("on",),
        "move_appointment": ("on",),
    }
    choices: dict[str, tuple[str, ...]] = {
        "register": ("sex",),
        "edit_patient": ("sex",),
        "open_course": ("indication", "side", "regions"),
        "close_course": ("status",),
        "evaluate": ("base-nprs", "base-ability_0", "base-method", "base-device", "goal-measure"),
        "screen": ("cancer", "crps"),
        "plan": ("phases", "area-0-instrument", "area-0-edge", "area-0-strokes", "area-0-pressure"),
        "visit": (
            "phases_done", "reactions", "other_care", "area-0-instrument", "area-0-edge", "area-0-strokes",
            "area-0-pressure", "area-0-discomfort", "area-0-force_method", "measured-before_nprs",
        ),
        "amend_visit": ("phases_done", "reactions", "other_care", "area-0-edge", "measured-after_nprs"),
        "respond": ("when", "reactions", "still_there", "larger"),
        "measure": ("measured-before_nprs",),
        "book_patient": ("clinician",),
        "book_rules": ("hours-clinician", "hours-weekdays"),
    }  # fmt: skip
    versioned = ("move_appointment", "edit_patient", "close_course", "evaluate", "visit", "sign_visit", "amend_visit")

    def __init__(self, route: str, story: Story, client: Client) -> None:
        self.client = client
        self.address, self.right = WORK[route](story)
        if route == "screen":
            self.right = {**self.right, "surgical_incision": "yes"}
        names = Page(client.get(self.address)).tags
        held = [one.get("name") or "" for tag, one in names if tag == "input"]
        self.before = everything()
        self.full = {"wrist": next((one.split("_", 1)[1] for one in held if WRIST in one), "")}

    def named(self, name: str) -> str:
        return name.replace("_wrist", "_" + self.full["wrist"]) if name.endswith("_wrist") else name

    def send(self, changes: Mapping[str, Any]) -> HttpResponse:
        data = {name: value for name, value in {**self.right, **changes}.items() if value is not None}
        body = urlencode(data, doseq=True)
        return self.client.post(self.address, body, content_type="application/x-www-form-urlencoded")

    def refused(self, changes: Mapping[str, Any]) -> Page:
        """Send it; it must come back, and the record must be as it was."""
        response = self.send(changes)
        assert response.status_code in (409, 422), (response.status_code, getattr(response, "url", ""))
        assert everything() == self.before
        return Page(response)


def fields_of(kind: str) -> list[str]:
    return sorted(getattr(Form, kind))


def kept(page: Page, sent: Mapping[str, Any]) -> None:
    for name, value in sent.items():
        for one in value if isinstance(value, list) else [value]:
            assert page.holds(name, str(one)), (name, one)


NO_NUMBER = [
    "twelve",
    "1,000,000",
    "1000000",
    "-1000000",
    "1e9",
    "NaN",
    "Infinity",
    "--",
    "0x10",
    "²",
    "1" * 5000,
    "\0",
]


@pytest.mark.parametrize("route", fields_of("numbers"))
def test_a_number_field_says_what_it_takes(route: str, story: Story, tablet: Client) -> None:
    form = Form(route, story, tablet)
    names = [form.named(one) for one in Form.numbers[route]]
    for given in NO_NUMBER:
        changes = dict.fromkeys(names, given) | ({"goal-measure": "nprs"} if route == "evaluate" else {})
        page = form.refused(changes)
        for name in names:
            assert page.says(name), (name, given)
            assert name in "".join(page.links), "the box on top leads to the field"
        kept(page, {name: value for name, value in (form.right | changes).items() if value != "\0"})


NO_DAY = ["soon", "20l6-11-03", "2026-02-30", "31/31/2026", "9999-99-99", "0001-01-01", "1066-10-14", "\0", "9" * 400]


@pytest.mark.parametrize("route", fields_of("days"))
def test_a_date_field_says_what_it_takes(route: str, story: Story, tablet: Client) -> None:
    form = Form(route, story, tablet)
    for given in NO_DAY:
        changes = dict.fromkeys(Form.days[route], given)
        page = form.refused(changes)
        for name in Form.days[route]:
            assert page.says(name) or page.says(name.removesuffix("-since")), (name, given)
        kept(page, {name: value for name, value in (form.right | changes).items() if value != "\0"})


@pytest.mark.parametrize(
    ("route", "name"),
    [
        ("register", "born"),
        ("edit_patient", "born"),
        ("open_course", "onset"),
        ("evaluate", "onset"),
        ("screen", "surgical_incision-since"),
        ("clearance", "agreed_on"),
    ],
)
@pytest.mark.parametrize("given", ["2026-11-21", "9999-12-31"])
def test_what_has_happened_cannot_lie_in_the_future(
    given: str, route: str, name: str, story: Story, tablet: Client
) -> None:
    form = Form(route, story, tablet)
    page = form.refused({name: given})
    assert page.says(name) or page.says(name.removesuffix("-since"))
    kept(page, form.right | {name: given})


@pytest.mark.parametrize("route", fields_of("choices"))
def test_a_choice_that_was_never_offered_is_refused(route: str, story: Story, tablet: Client) -> None:
    form = Form(route, story, tablet)
    for given in ("nonsense", "-1", "None", "\0", "<b>", "é" * 300):
        page = form.refused(dict.fromkeys(Form.choices[route], given))
        for name in Form.choices[route]:
            assert page.says(name), (name, given)
        kept(page, {name: value for name, value in form.right.items() if name not in Form.choices[route]})


@pytest.mark.parametrize("technique", ["", "nonsense", "\0", None])
def test_a_plan_without_a_technique_of_the_list_is_not_saved(
    technique: str | None, story: Story, tablet: Client
) -> None:
    form = Form("plan", story, tablet)
    assert "choose a technique" in form.refused({"technique": technique}).text


def test_a_plan_is_never_saved_for_another_technique_than_was_sent(story: Story, tablet: Client) -> None:
    course = story.ready()
    before = everything()
    response = tablet.post(f"/courses/{course.pk}/plan", {"technique": "nonsense", "visits_in_all": "3"})
    assert response.status_code == 422
    assert everything() == before


def test_review_visits_are_visit_numbers(story: Story, tablet: Client) -> None:
    form = Form("plan", story, tablet)
    for given in ("²", "4;6", "four", "0", "61", "4,-6", "1" * 61, "4.5", "٤x"):
        page = form.refused({"review_visits": given})
        assert page.says("review_visits"), given
        kept(page, form.right | {"review_visits": given})


# --- Text ---

ODD = {
    "markup": "<script>alert('x')</script> & <b onclick=x>\"bold\"</b>",
    "right to left": "شحادة \u202e محمد",
    "emoji": "👩🏽‍⚕️ 🦵 ok",
    "accents": "Zażółć gęślą jaźń, Ḿ̈, ﷺ",
    "template": "{{ user }} {% now 'Y' %} %s %(x)s ${x}",
    "quotes": "O'Brien\" -- ; DROP TABLE clinic_visit; \\",
    "surrogate": b"half \xed\xa0\x80 a pair",
    "bad utf-8": b"\xff\xfe caf\xe9",
}


@pytest.mark.parametrize("route", fields_of("text"))
def test_odd_text_is_kept_as_it_is_and_shown_as_text(route: str, story: Story, tablet: Client) -> None:
    form = Form(route, story, tablet)
    for given in ODD.values():
        with transaction.atomic():
            check_odd_text(form, route, given, story)
            transaction.set_rollback(True)


def check_odd_text(form: Form, route: str, given: str | bytes, story: Story) -> None:
    text = given if isinstance(given, str) else given.decode(errors="replace")
    changes: dict[str, Any] = dict.fromkeys(Form.text[route], given)
    if "phone" in changes:
        changes["phone"] = "+48 22"
    if route == "evaluate":
        changes["base-ability_0"] = "4"
    if "area-0-force_device" in changes:
        changes |= {"area-0-force_newton": "4,5", "area-0-force_method": "measured"}
    response = form.send(changes)
    assert response.status_code == 302, Page(response).summary
    stored = str(everything())
    assert repr(text)[1:-1] in stored or repr(" ".join(text.split()))[1:-1] in stored
    if text not in (ODD["markup"], ODD["template"]):
        return
    for address in shown_at(story, response.url.split("#")[0]):
        page = form.client.get(address)
        assert page.status_code == 200, address
        assert b"<script>alert" not in page.content, address
        assert b"onclick=x>" not in page.content, address
        assert b"clinician-Northside" not in page.content, address


def shown_at(story: Story, landed: str) -> list[str]:
    places = [landed, "/today", "/patients"]
    for patient in Patient.objects.all():
        places += [f"/patients/{patient.pk}", f"/patients/{patient.pk}/edit"]
        places += [f"/courses/{one.pk}" for one in patient.courses.all()]
    return places + [f"/visits/{one.pk}" for one in Visit.objects.all()]


@pytest.mark.parametrize("route", fields_of("text"))
def test_text_that_cannot_be_kept_is_refused_and_given_back(route: str, story: Story, tablet: Client) -> None:
    form = Form(route, story, tablet)
    for given in ("x" * 9000, "a\0b"):
        changes = dict.fromkeys(Form.text[route], given)
        page = form.refused(changes)
        for name in Form.text[route]:
            assert page.says(name), name
        kept(page, {name: value for name, value in (form.right | changes).items() if "\0" not in str(value)})


@pytest.mark.parametrize("route", fields_of("text"))
def test_the_longest_text_that_a_field_takes_can_be_stored(route: str, story: Story, tablet: Client) -> None:
    form = Form(route, story, tablet)
    page = Page(tablet.get(form.address + ("?technique=graston" if route == "plan" else "")))
    full = {name: "ﷺ" * int(page.controls(name)[0]["maxlength"] or 0) for name in Form.text[route]}
    more: dict[str, Any] = {"base-ability_0": "4"} if route == "evaluate" else {}
    if "area-0-force_device" in full:
        more = {"area-0-force_newton": "4.5", "area-0-force_method": "measured"}
    assert form.send(full | more).status_code == 302
    stored = str(everything())
    for name, text in full.items():
        assert text, name
        assert f"'{text}'" in stored, name


@pytest.mark.parametrize(
    "email", ["nobody", "a@b", "a b@c.de", "a\0@c.de", f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 60}.de"]
)
def test_an_address_that_is_none_or_too_long_is_refused(email: str, story: Story, tablet: Client) -> None:
    form = Form("register", story, tablet)
    page = form.refused({"email": email})
    assert page.says("email")


# --- Nothing, and what a page sends without being seen ---

MUST = {
    "register": ("name", "sex"),
    "edit_patient": ("name", "sex"),
    "open_course": ("indication", "side", "regions"),
    "close_course": ("status",),
    "clearance": ("physician", "agreed_on", "until"),
    "override": ("reason",),
    "plan": ("visits_per_week", "visits_in_all", "consent_given"),
    "amend_visit": ("reason",),
    "respond": ("when", "reactions"),
    "book_patient": ("clinician", "on", "at", "minutes"),
    "book_rules": ("hours-clinician", "hours-weekdays", "hours-begins", "hours-until", "hours-minutes"),
}


@pytest.mark.parametrize("route", MUST)
def test_what_must_be_given_is_asked_for_beside_its_field(route: str, story: Story, tablet: Client) -> None:
    form = Form(route, story, tablet)
    for blank in ("", "   ", "\t\r\n", None):
        changes: dict[str, str | None] = dict.fromkeys(MUST[route], blank)
        if route == "plan":
            changes["consent_given"] = None
        page = form.refused(changes)
        for name in MUST[route]:
            assert page.says(name), (name, blank)
        kept(page, {name: value for name, value in form.right.items() if name not in MUST[route]})


@pytest.mark.parametrize("route", Form.versioned)
def test_a_page_without_the_version_it_was_drawn_from_saves_nothing(route: str, story: Story, tablet: Client) -> None:
    form = Form(route, story, tablet)
    for version in (None, "", "one", "1.5x", "\0", "1" * 5000, "-1", "99", "9" * 30):
        page = form.refused({"version": version})
        assert page.summary.strip(), version
        kept(page, {name: value for name, value in form.right.items() if name != "version"})


@pytest.mark.parametrize("version", [None, "", "one", "99"])
def test_a_draft_is_not_thrown_away_from_an_old_page(version: str | None, story: Story, tablet: Client) -> None:
    form = Form("discard_visit", story, tablet)
    before = everything()
    response = form.send({"version": version})
    landed = response if response.status_code in (409, 422) else tablet.get(response.url)
    assert "Not discarded" in Page(landed).text or "Somebody else saved this" in Page(landed).text
    assert everything() == before


@pytest.mark.parametrize("route", sorted(set(WORK) - {"start_visit"}))
def test_an_empty_request_breaks_nothing(route: str, story: Story, someone: Any, signed_in: Any) -> None:
    address, _ = WORK[route](story)
    tablet = signed_in(someone("owner"))  # who may send every form
    with transaction.atomic():
        assert tablet.post(address, {}).status_code in (302, 409, 422)
        transaction.set_rollback(True)
    assert tablet.post(address, b"\xff\x00=&&;%", content_type="application/x-www-form-urlencoded").status_code in (
        302,
        409,
        422,
    )


@pytest.mark.parametrize("route", ["evaluate", "amend_visit", "edit_patient", "close_course"])
def test_the_second_of_two_pages_loses_nothing_that_was_typed(route: str, story: Story, tablet: Client) -> None:
    form = Form(route, story, tablet)
    assert form.send({}).status_code == 302
    before = everything()
    response = form.send({"note": "mine", "complaint": "mine"})
    page = Page(response)
    assert response.status_code == 409
    assert "Somebody else saved this" in page.summary
    kept(page, {"complaint" if route == "evaluate" else "note": "mine"})
    assert everything() == before


def test_a_draft_that_was_signed_meanwhile_gives_back_what_was_typed(story: Story, tablet: Client) -> None:
    visit = story.signed(story.ready())
    before = everything()
    response = tablet.post(f"/visits/{visit.pk}", VISIT | {"version": 2, "note": "typed for an hour"})
    page = Page(response)
    assert response.status_code == 422
    assert "This visit is signed: amend it, with a reason." in page.summary
    assert page.holds("note", "typed for an hour")
    assert everything() == before


# --- What only some forms ask ---


@pytest.mark.parametrize(
    ("route", "changes", "beside"),
    [
        ("evaluate", {"base-ability_0": "4"}, "base-activity_0"),
        ("evaluate", {"base-activity_0": "lift"}, "base-ability_0"),
        ("evaluate", {"base-wrist_flexion": "50"}, "base-method"),
        ("evaluate", {"base-wrist_flexion": "50", "base-method": "active"}, "base-device"),
        ("evaluate", {"goal-value": "3"}, "goal-measure"),
        ("evaluate", {"goal-measure": "nprs"}, "goal-value"),
        ("evaluate", {"goal-measure": "nprs", "goal-value": "11"}, "goal-value"),
        ("plan", {"area-0-seconds": "", "area-0-edge": "convex"}, "area-0-seconds"),
        ("plan", {"consent_given": None}, "consent_given"),
        ("visit", {"reactions": ["none", "soreness"]}, "reactions"),
        ("visit", {"area-0-force_newton": "5"}, "area-0-force_method"),
        ("visit", {"area-0-force_newton": "0", "area-0-force_method": "estimated"}, "area-0-force_newton"),
        ("visit", {"area-0-force_newton": "5", "area-0-force_method": "measured"}, "area-0-force_device"),
        ("visit", {"area-0-force_method": "estimated"}, "area-0-force_newton"),
        ("visit", {"area-0-treated": None, "area-0-seconds": "75"}, "area-0-treated"),
        ("visit", {"area-0-treated": None, "area-0-discomfort": "3"}, "area-0-treated"),
        ("respond", {"reactions": ["none", "soreness"]}, "reactions"),
        ("respond", {"reactions": ["soreness"]}, "still_there"),
        ("close_course", {"status": "stopped"}, "note"),
        ("clearance", {"agreed_on": "2026-11-10", "until": "2026-11-09"}, "until"),
        ("screen", {"open_wound": "", "open_wound-site": "forearm_lateral/right"}, "open_wound"),
        ("screen", {"open_wound": "yes", "open_wound-site": "knee/left"}, "open_wound"),
        (
            "screen",
            {"surgical_incision": "", "surgical_incision-since": "2026-10-01", "none": "clearance"},
            "surgical_incision",
        ),
    ],
)  # fmt: skip
def test_a_form_asks_for_what_is_missing(
    route: str, changes: dict[str, Any], beside: str, story: Story, tablet: Client
) -> None:
    form = Form(route, story, tablet)
    page = form.refused(changes)
    assert page.says(beside)
    sent = {name: value for name, value in (form.right | changes).items() if value and value != "knee/left"}
    kept(page, {name: value for name, value in sent.items() if name != "none"})


@pytest.mark.parametrize("route", ["plan", "visit", "amend_visit"])
def test_what_an_action_refuses_is_said_on_the_page(
    route: str, story: Story, tablet: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from strigil.clinic.actions import Refused

    def refuse(**_: object) -> None:
        raise Refused("The shelf changed meanwhile.")

    form = Form(route, story, tablet)
    where = {"plan": "plan.make_plan", "visit": "treat.actions.write_visit", "amend_visit": "treat.actions.amend_visit"}
    monkeypatch.setattr(f"strigil.clinic.views.{where[route]}", refuse)
    page = form.refused({})
    assert "The shelf changed meanwhile." in page.summary
    kept(page, form.right)


@pytest.mark.parametrize("asked", ["%00", "é", "%ff%fe", "%", "_", "\\", "x" * 5000, "'--", "<script>", "🦵"])
def test_any_search_is_answered(asked: str, story: Story, tablet: Client) -> None:
    story.patient()
    for query in (
        {"q": asked},
        {"after": asked},
        {"after": asked + "/" + str(story.by.pk)},
        {"q": asked, "after": "/"},
    ):
        response = tablet.get("/patients", query)
        assert response.status_code == 200
        assert b"<script>" not in response.content.replace(b'<script type="module"', b"")
    assert tablet.get(f"/patients?q={asked}").status_code == 200


def test_a_percent_sign_finds_only_names_with_one(story: Story, tablet: Client) -> None:
    story.patient("Per Cent")
    story.patient("50% Discount")
    page = Page(tablet.get("/patients?q=%25"))
    assert "50% Discount" in page.text
    assert "Per Cent" not in page.text
