"""Drafts belong to one record and one author; a form sent twice is done once; two versions end in a person's choice."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from strigil.accounts.models import User
from strigil.clinic.models import AuditEvent, Draft, Merge, Plan, Sent, Visit
from tests.clinic.cast import Story, everything
from tests.clinic.page import Page
from tests.clinic.test_at_once import at_once
from tests.clinic.work import PLAN, VISIT

SCRIPT = {"Strigil-Send": "page"}
TYPED = {"note": ["Half a sen"], "area-0-seconds": ["6O"], "reactions": []}


@pytest.fixture
def visit(story: Story) -> Visit:
    return story.draft(story.ready())


def keep(client: Client, visit: Visit, **more: Any) -> Any:
    sent = {"values": TYPED, "began": {}, "seen": 0, "version": visit.version} | more
    address = more.pop("address", f"/drafts/{visit.pk}/visit")
    return client.post(address, json.dumps(sent), content_type="application/json", headers=SCRIPT)


# --- Drafts ---


def test_what_is_typed_comes_back_exactly_as_it_was_invalid_values_too(visit: Visit, tablet: Client) -> None:
    assert keep(tablet, visit).status_code == 200
    page = Page(tablet.get(f"/visits/{visit.pk}"))
    told = next(held["data-draft-told"] for _, held in page.tags if "data-draft-told" in held)
    assert json.loads(told or "")["kept"]["values"] == TYPED
    visit.refresh_from_db()
    assert (visit.version, visit.note) == (1, "")


def test_a_draft_is_shown_to_its_author_and_only_told_to_a_colleague(
    visit: Visit, tablet: Client, someone: Any, signed_in: Any
) -> None:
    keep(tablet, visit)
    answer = signed_in(someone("clinician")).get(f"/visits/{visit.pk}")
    assert "Half a sen" not in answer.content.decode()
    assert re.search(r"Clinician has unsaved changes from \d\d:\d\d\.", Page(answer).text)
    assert "has unsaved changes" not in Page(tablet.get(f"/visits/{visit.pk}")).text


def test_a_draft_is_of_one_visit_only(story: Story, visit: Visit, tablet: Client) -> None:
    other = story.draft(story.ready())
    keep(tablet, visit)
    assert "Half a sen" not in tablet.get(f"/visits/{other.pk}").content.decode()


def test_a_draft_typed_about_another_patient_or_by_another_person_is_refused(
    story: Story, visit: Visit, tablet: Client, someone: Any
) -> None:
    before = everything()
    assert keep(tablet, visit, patient=str(story.patient().pk)).status_code == 409
    assert keep(tablet, visit, author=str(someone("clinician").pk)).status_code == 409
    assert everything()["Draft"] == before["Draft"] == []


def test_a_form_drawn_for_somebody_else_is_not_saved_in_the_name_of_who_signed_in_since(
    visit: Visit, tablet: Client, someone: Any
) -> None:
    author = str(someone("clinician").pk)
    before = everything()
    answer = tablet.post(f"/visits/{visit.pk}", VISIT | {"version": 1, "author": author})
    assert answer.status_code == 409
    assert "Nothing was saved." in answer.content.decode()
    assert everything() == before


def test_who_may_not_do_it_either_is_told_that_the_form_was_drawn_for_somebody_else(
    clinician: User, someone: Any, signed_in: Any
) -> None:
    owner, before = someone("owner"), everything()
    asked = {"what": "change", "author": str(owner.pk)}
    answer = signed_in(clinician).post(f"/people/{owner.pk}", asked, headers={"Strigil-Send": "page"})
    assert answer.status_code == 403
    assert answer.json()["why"].startswith(f"{clinician.display_name} is signed in now")
    own = signed_in(clinician).post(f"/people/{owner.pk}", asked | {"author": str(clinician.pk)})
    assert (own.status_code, "is signed in now" in own.content.decode()) == (403, False)
    assert everything() == before


@pytest.mark.parametrize("role", ["auditor", "front_desk"])
def test_who_may_not_write_a_visit_may_not_draft_one(role: str, visit: Visit, someone: Any, signed_in: Any) -> None:
    assert keep(signed_in(someone(role)), visit).status_code == 403


def test_an_assistant_drafts_visits_but_no_plan(visit: Visit, someone: Any, signed_in: Any) -> None:
    client = signed_in(someone("assistant"))
    assert keep(client, visit).status_code == 200
    assert keep(client, visit, address=f"/drafts/{visit.course_id}/plan").status_code == 403


def test_a_visit_of_another_clinic_takes_no_draft(visit: Visit, stranger: User, signed_in: Any) -> None:
    assert keep(signed_in(stranger), visit).status_code == 404
    assert keep(signed_in(stranger), visit, address=f"/drafts/{visit.pk}/today").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"values": ["note"]}, {"values": {"note": "x"}}, {"values": {"note": [1]}}, {"began": None}, {"seen": "1"},
        {"seen": -1}, {"seen": True}, {"version": 1.5}, {"version": 2**31}, {"also": []}, {"values": {"note": ["\0"]}},
        {"values": {"\0": ["x"]}}, {"values": {"note": ["\ud800"]}}, {"also": {"note": "\0"}},
    ],
)  # fmt: skip
def test_what_is_no_draft_is_refused(wrong: dict[str, Any], visit: Visit, tablet: Client) -> None:
    assert keep(tablet, visit, **wrong).status_code == 422
    assert not Draft.objects.exists()


@pytest.mark.parametrize("body", [" ", "[]", "{", "[" * 100_000, "null", '"x"', "9" * 5000])
def test_what_is_no_json_is_refused(body: str, visit: Visit, tablet: Client) -> None:
    answer = tablet.post(f"/drafts/{visit.pk}/visit", body, content_type="application/json", headers=SCRIPT)
    assert answer.status_code == 422


def test_more_than_a_form_takes_is_refused_as_too_large(visit: Visit, tablet: Client) -> None:
    assert keep(tablet, visit, values={"note": ["x" * 300_000]}).status_code == 413
    assert not Draft.objects.exists()


def test_of_two_devices_the_second_is_shown_what_the_first_typed(visit: Visit, tablet: Client) -> None:
    first = keep(tablet, visit).json()["kept"]
    assert keep(tablet, visit).json()["kept"] == first, "heard twice"
    again = keep(tablet, visit, values={"note": ["other"]})
    assert again.status_code == 409
    assert again.json()["kept"] == first
    assert keep(tablet, visit, seen=first["seen"], values={"note": ["both"]}).status_code == 200
    assert keep(tablet, visit, seen=first["seen"], values={"note": ["late"]}).status_code == 409
    assert Draft.objects.get().values == {"note": ["both"]}


def test_a_draft_of_a_form_that_was_taken_is_told_so_and_nobody_elses_key_tells_anything(
    visit: Visit, tablet: Client, someone: Any, signed_in: Any
) -> None:
    once = str(uuid.uuid4())
    assert keep(tablet, visit, once=once).json()["kept"]["seen"] == 1, "a key that was never taken"
    saved = tablet.post(f"/visits/{visit.pk}", VISIT | {"version": 1, "once": once})
    said = keep(tablet, visit, once=once).json()
    assert said == {"kept": None, "to": saved.url}
    assert not Draft.objects.exists()
    other = keep(signed_in(someone("clinician")), visit, once=once).json()
    assert "to" not in other
    for odd in ("", "x", 5, [], None, {"a": 1}):
        assert keep(tablet, visit, seen=0, once=odd).status_code in (200, 409)


def test_a_plain_form_keeps_a_draft_too(visit: Visit, tablet: Client) -> None:
    answer = tablet.post(f"/drafts/{visit.pk}/visit", {"note": "Half", "version": "1", "once": "x"})
    assert answer.url == f"/visits/{visit.pk}"
    assert Draft.objects.get().values == {"note": ["Half"]}


def test_saving_lets_go_of_the_draft_and_of_no_colleagues(
    visit: Visit, tablet: Client, someone: Any, signed_in: Any
) -> None:
    colleague = someone("clinician")
    keep(signed_in(colleague), visit)
    keep(tablet, visit)
    assert tablet.post(f"/visits/{visit.pk}", VISIT | {"version": 1}).status_code == 302
    assert [one.created_by for one in Draft.objects.all()] == [colleague]


def test_a_form_that_was_not_taken_lets_go_of_nothing(story: Story, visit: Visit, tablet: Client) -> None:
    keep(tablet, visit)
    for address, sent in (
        (f"/visits/{visit.pk}", VISIT | {"version": 1, "area-0-seconds": "x"}),
        (f"/visits/{visit.pk}", VISIT | {"version": ""}),
        (f"/visits/{visit.pk}/merge", {}),
        (f"/visits/{visit.pk}/sign", {"version": 1}),
        (f"/visits/{visit.pk}/discard", {"version": 99}),
        (f"/visits/{visit.pk}/amend", VISIT | {"version": 1}),
    ):
        tablet.post(address, sent)
        assert Draft.objects.count() == 1, address


def test_signing_tells_of_what_is_not_saved_and_then_lets_go_of_it(story: Story, tablet: Client) -> None:
    visit = story.written(story.draft(story.ready()))
    keep(tablet, visit)
    page = Page(tablet.get(f"/visits/{visit.pk}/sign"))
    assert "You have unsaved changes of this visit" in page.text
    assert tablet.post(f"/visits/{visit.pk}/sign", {"version": visit.version}).status_code == 302
    assert not Draft.objects.exists()


def test_what_was_typed_when_somebody_else_signed_is_offered_to_the_amendment(
    story: Story, tablet: Client, someone: Any, signed_in: Any
) -> None:
    visit = story.written(story.draft(story.ready()))
    colleague = someone("clinician")
    hers = signed_in(colleague)
    typed = {"note": ["Half a sen"], "found": ["Rough."], "area-0-seconds": ["60"]}
    keep(hers, visit, values=typed, began={"note": ["As planned."], "found": [""], "area-0-seconds": ["60"]})
    assert tablet.post(f"/visits/{visit.pk}/sign", {"version": visit.version}).status_code == 302
    assert "was not saved when this visit was signed" in Page(hers.get(f"/visits/{visit.pk}")).text
    assert "was not saved" not in Page(tablet.get(f"/visits/{visit.pk}")).text
    page = Page(hers.get(f"/visits/{visit.pk}/amend"))
    kept = json.loads(next(held["data-draft-told"] or "" for _, held in page.tags if "data-draft-told" in held))["kept"]
    assert kept["values"] == {"note": ["Half a sen"], "found": ["Rough."]}
    visit.refresh_from_db()
    assert kept["version"] == visit.version
    amended = VISIT | {"version": visit.version, "reason": "typed before it was signed", "note": "Half a sen"}
    assert hers.post(f"/visits/{visit.pk}/amend", amended).status_code == 302
    assert not Draft.objects.exists()


def test_a_discarded_visit_takes_everybodys_drafts_with_it(
    visit: Visit, tablet: Client, someone: Any, signed_in: Any
) -> None:
    keep(signed_in(someone("clinician")), visit)
    assert "They will be gone too." in Page(tablet.get(f"/visits/{visit.pk}/discard")).text
    tablet.post(f"/visits/{visit.pk}/discard", {"version": 1})
    assert not Draft.objects.exists()
    assert AuditEvent.objects.filter(action="draft.end").count() == 1


def test_a_draft_can_be_dropped_by_its_author(visit: Visit, tablet: Client, someone: Any, signed_in: Any) -> None:
    keep(tablet, visit)
    for client, left in ((signed_in(someone("clinician")), 1), (tablet, 0)):
        client.post(f"/drafts/{visit.pk}/visit", '{"forget": true}', content_type="application/json", headers=SCRIPT)
        assert Draft.objects.count() == left


def test_what_is_typed_while_an_older_draft_is_let_go_stays(visit: Visit, tablet: Client) -> None:
    keep(tablet, visit)
    keep(tablet, visit, seen=1, values=TYPED | {"note": ["typed since"]})
    for seen, left in ((1, 1), (2, 0)):
        let_go = json.dumps({"forget": True, "seen": seen})
        tablet.post(f"/drafts/{visit.pk}/visit", let_go, content_type="application/json", headers=SCRIPT)
        assert Draft.objects.count() == left


# --- What a script is told ---


def test_a_script_is_told_where_to_go_and_never_led_to_a_sign_in_page(
    visit: Visit, tablet: Client, signed_in: Any
) -> None:
    answer = tablet.post(f"/visits/{visit.pk}", VISIT | {"version": 1, "draft": "1"}, headers=SCRIPT)
    assert (answer.status_code, answer.json()) == (200, {"to": f"/visits/{visit.pk}"})
    for address in (f"/visits/{visit.pk}", f"/drafts/{visit.pk}/visit"):
        answer = signed_in(None).post(address, {}, headers=SCRIPT)
        assert (answer.status_code, "to" in answer.json()) == (401, False), address


# --- Once ---


def test_a_form_sent_again_is_answered_and_not_done_again(story: Story, tablet: Client) -> None:
    course = story.course()
    sent = PLAN | {"once": str(uuid.uuid4()), "csrfmiddlewaretoken": "one"}
    answers = [tablet.post(f"/courses/{course.pk}/plan", sent)]
    answers.append(tablet.post(f"/courses/{course.pk}/plan", sent | {"csrfmiddlewaretoken": "two"}))
    assert [one.url for one in answers] == [f"/courses/{course.pk}"] * 2
    assert Plan.objects.count() == 1


def test_the_start_sent_again_after_the_signature_opens_no_second_visit(story: Story, tablet: Client) -> None:
    course = story.ready()
    sent = {"once": str(uuid.uuid4())}
    to = tablet.post(f"/courses/{course.pk}/visits/new", sent).url
    visit = story.written(course.visits.get())
    sign = {"once": str(uuid.uuid4()), "version": visit.version}
    signed = [tablet.post(f"/visits/{visit.pk}/sign", sign).url for _ in range(2)]
    assert signed == [f"/courses/{course.pk}"] * 2
    assert AuditEvent.objects.filter(action="visit.sign").count() == 1
    assert tablet.post(f"/courses/{course.pk}/visits/new", sent).url == to
    assert Visit.objects.count() == 1
    assert tablet.post(f"/courses/{course.pk}/visits/new", {"once": str(uuid.uuid4())}).url != to


def test_a_key_with_other_values_or_for_another_page_is_refused_and_gives_back_what_was_typed(
    story: Story, tablet: Client
) -> None:
    one, two = story.course(), story.course()
    sent = PLAN | {"once": str(uuid.uuid4())}
    tablet.post(f"/courses/{one.pk}/plan", sent)
    for page, changes in ((two, {}), (one, {"note": "another wish"})):
        answer = tablet.post(f"/courses/{page.pk}/plan", sent | changes)
        assert answer.status_code == 422
        assert "not saved" in Page(answer).text
        assert all(given in Page(answer).text for given in changes.values())
    assert (one.plans.count(), two.plans.count()) == (1, 0)


def test_a_key_of_somebody_else_is_theirs(story: Story, tablet: Client, someone: Any, signed_in: Any) -> None:
    course = story.course()
    sent = PLAN | {"once": str(uuid.uuid4())}
    tablet.post(f"/courses/{course.pk}/plan", sent)
    signed_in(someone("clinician")).post(f"/courses/{course.pk}/plan", sent)
    assert course.plans.count() == 2


def test_a_form_that_was_refused_leaves_its_key_free(story: Story, tablet: Client) -> None:
    course = story.course()
    sent = PLAN | {"once": str(uuid.uuid4())}
    assert tablet.post(f"/courses/{course.pk}/plan", sent | {"visits_in_all": "x"}).status_code == 422
    assert not Sent.objects.exists()
    assert tablet.post(f"/courses/{course.pk}/plan", sent).status_code == 302


def test_a_key_that_is_none_is_as_no_key(story: Story, tablet: Client) -> None:
    course = story.course()
    for once in ("", "x", "\0", "1" * 5000):
        assert tablet.post(f"/courses/{course.pk}/plan", PLAN | {"once": once}).status_code == 302
    assert not Sent.objects.exists()


def test_a_fault_after_the_write_takes_the_key_back_with_it(
    story: Story, tablet: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = story.course()
    sent = PLAN | {"once": str(uuid.uuid4())}
    monkeypatch.setattr("strigil.clinic.views.once.forget_draft", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tablet.post(f"/courses/{course.pk}/plan", sent)
    assert (Plan.objects.count(), Sent.objects.count()) == (0, 0)


def test_a_key_is_kept_for_a_month(story: Story, tablet: Client) -> None:
    from datetime import timedelta

    from django.utils import timezone

    course = story.course()
    for days, left in ((29, 2), (31, 1)):
        Sent.objects.all().delete()
        tablet.post(f"/courses/{course.pk}/plan", PLAN | {"once": str(uuid.uuid4())})
        Sent.objects.update(created_at=timezone.now() - timedelta(days=days))
        tablet.post(f"/courses/{course.pk}/plan", PLAN | {"once": str(uuid.uuid4())})
        assert Sent.objects.count() == left, days


@pytest.mark.django_db(transaction=True)
def test_the_same_form_twice_at_the_same_moment_is_done_once(clinician: User, on: Any) -> None:
    course = Story(clinician, on).course()
    sent = PLAN | {"once": str(uuid.uuid4())}

    def send() -> str:
        client = Client()
        client.force_login(clinician)
        return str(client.post(f"/courses/{course.pk}/plan", sent).url)

    if connection.vendor == "sqlite":
        # The tests' own database lives in one connection's memory and locks by table; one after the other, then.
        got: list[object] = [send(), send()]
    else:
        got = at_once(send)
    assert got == [f"/courses/{course.pk}"] * 2
    assert (Plan.objects.count(), Sent.objects.count()) == (1, 1)


# --- Two versions ---


@pytest.fixture
def parted(story: Story, visit: Visit, someone: Any, signed_in: Any) -> Visit:
    """A visit that a colleague saved after this tablet had opened it."""
    anna = someone("clinician")
    anna.display_name = "Anna Kowalska"
    anna.save()
    theirs = VISIT | {"version": 1, "note": "Stopped early.", "area-0-seconds": "45", "found": "Rough."}
    assert signed_in(anna).post(f"/visits/{visit.pk}", theirs).status_code == 302
    return visit


MINE = VISIT | {"version": 1, "note": "Tolerated well.", "exercise": "Stretching"}
BEGAN = {
    "note": [""], "area-0-seconds": ["60"], "found": [""], "exercise": [""], "reactions": [], "area-0-treated": ["on"],
    "area-0-instrument": ["graston_gt4"], "area-0-strokes": ["sweep"],
}  # fmt: skip


def test_both_are_shown_and_what_one_side_changed_is_taken_over(parted: Visit, tablet: Client) -> None:
    answer = tablet.post(f"/visits/{parted.pk}", MINE | {"began": json.dumps(BEGAN)})
    page = Page(answer)
    assert answer.status_code == 409
    assert "Anna Kowalska saved this visit at" in page.text
    assert "Tolerated well. you" in page.text
    assert "Stopped early. Anna Kowalska, saved" in page.text
    assert {held["name"] for tag, held in page.tags if held.get("type") == "radio"} == {"take-note"}
    assert page.checked() == []
    taken = page.text.split("taken over")[1]
    for words in (
        "Time 45 Anna Kowalska; when you opened it: 60",
        "Exercise done Stretching you",
        "What the instrument found, in words Rough. Anna",
    ):
        assert words in taken, words
    parted.refresh_from_db()
    assert (parted.version, parted.note) == (2, "Stopped early.")


def test_without_a_script_nobody_knows_who_changed_what_and_each_is_asked(parted: Visit, tablet: Client) -> None:
    page = Page(tablet.post(f"/visits/{parted.pk}", MINE))
    asked = {held["name"] for tag, held in page.tags if held.get("type") == "radio"}
    assert asked == {"take-note", "take-area-0-seconds", "take-found", "take-exercise"}
    assert page.checked() == []


@pytest.mark.parametrize(("side", "note"), [("typed", "Tolerated well."), ("stands", "Stopped early.")])
def test_what_is_chosen_is_saved_and_both_are_kept(side: str, note: str, parted: Visit, tablet: Client) -> None:
    page = Page(tablet.post(f"/visits/{parted.pk}", MINE | {"began": json.dumps(BEGAN)}))
    sent = {name: page.controls(name)[0].get("value") or "" for name in ("typed", "began", "version", "once", "author")}
    unanswered = tablet.post(f"/visits/{parted.pk}/merge", sent)
    assert unanswered.status_code == 422
    assert "Note: choose one of the two." in Page(unanswered).text
    answer = tablet.post(f"/visits/{parted.pk}/merge", sent | {"take-note": side})
    assert answer.url == f"/visits/{parted.pk}"
    parted.refresh_from_db()
    assert (parted.version, parted.note, parted.found, parted.exercise) == (3, note, "Rough.", "Stretching")
    assert parted.treatments.get().seconds == 45
    kept = Merge.objects.get()
    assert (kept.typed["note"], kept.stood["note"]) == (["Tolerated well."], ["Stopped early."])
    assert (kept.taken["note"], kept.stood_by, kept.over) == (side, "Anna Kowalska", 2)
    assert AuditEvent.objects.filter(action="visit.merge").count() == 1


def test_a_third_save_in_between_is_shown_again(parted: Visit, story: Story, tablet: Client) -> None:
    page = Page(tablet.post(f"/visits/{parted.pk}", MINE | {"began": json.dumps(BEGAN)}))
    sent = {name: page.controls(name)[0].get("value") or "" for name in ("typed", "began", "version")}
    parted.refresh_from_db()
    story.written(parted, note="A third.")
    answer = tablet.post(f"/visits/{parted.pk}/merge", sent | {"take-note": "typed"})
    assert answer.status_code == 409
    assert "A third." in Page(answer).text
    assert not Merge.objects.exists()


def test_a_visit_signed_meanwhile_is_not_merged_into(parted: Visit, story: Story, tablet: Client) -> None:
    keep(tablet, parted)
    story.screened(parted.course)
    parted.refresh_from_db()
    treatable = story.written(parted)
    from strigil.clinic.actions import treat

    treat.sign_visit(by=story.by, visit=treatable, seen=treatable.version, confirmed=True)
    sent = {"typed": json.dumps({"note": ["mine"]}), "began": "", "version": treatable.version}
    answer = tablet.post(f"/visits/{parted.pk}/merge", sent, follow=True)
    assert "this visit is signed by now" in Page(answer).text
    assert Draft.objects.exists()
