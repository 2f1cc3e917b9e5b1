"""Medicines on the screening page: recognised by name, kept as typed, open where unclear, never a no by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from strigil.clinic import medicines
from strigil.clinic.actions import Refused
from strigil.clinic.actions.medicines import record_medicines
from strigil.clinic.models import AuditEvent, Course, Finding, MedicineList
from tests.clinic.cast import Story, everything
from tests.clinic.page import Page
from tests.clinic.work import JUDGED, no_to_all

UNCLEAR = medicines.key_of("asprin")


def given(course: Course) -> dict[str, str]:
    """The newest answer of each question."""
    return dict(Finding.objects.filter(patient=course.patient).order_by("id").values_list("finding", "answer"))


class Screen:
    def __init__(self, story: Story, tablet: Client) -> None:
        self.story, self.tablet, self.course = story, tablet, story.course()
        self.address = f"/courses/{self.course.pk}/screen"

    def page(self) -> Page:
        return Page(self.tablet.get(self.address))

    def sends(self, wanted: int = 302, **sent: Any) -> Page:
        names = {name.replace("__", "-"): value for name, value in sent.items()}
        response = self.tablet.post(self.address, JUDGED | names)
        assert response.status_code == wanted, Page(response).text
        return self.page() if wanted == 302 else Page(response)

    def lists(self, text: str, wanted: int = 302, **more: Any) -> Page:
        return self.sends(wanted, medicines="some", medicine_list=text, **more)


@pytest.fixture
def at(story: Story, tablet: Client) -> Screen:
    return Screen(story, tablet)


def test_the_page_asks_and_chooses_nothing_beforehand(at: Screen) -> None:
    page = at.page()
    assert len(page.controls("medicines")) == 2
    assert not [one for one in page.checked() if one[0] == "medicines"]
    at.sends()
    assert not MedicineList.objects.exists()
    assert given(at.course) == {}


def test_each_name_says_what_it_is_taken_for_and_only_ever_answers_yes(at: Screen) -> None:
    page = at.lists("Xarelto 20 mg\nparacetamol")
    words = page.text_of["medicines"]
    assert "Xarelto 20 mg read as Xarelto (rivaroxaban)." in " ".join(words.split())
    assert "paracetamol known, and nothing here depends on it." in " ".join(words.split())
    assert "#anticoagulants" in page.links
    assert "/knowledge/medicine_classes/anticoagulant_doac" in page.links
    assert given(at.course)["anticoagulants"] == "yes"
    assert "no" not in given(at.course).values()
    row = Finding.objects.get(finding="anticoagulants")
    assert row.detail == "From the medicines: Xarelto 20 mg"
    assert at.course.screenings.get().outcome == "clearance"
    kept = MedicineList.objects.get()
    assert kept.typed == "Xarelto 20 mg\nparacetamol"
    assert [one["status"] for one in kept.lines] == ["recognised", "not_relevant"]
    assert AuditEvent.objects.filter(action="medicines.record", object_id=kept.pk).count() == 1


def test_what_is_not_recognised_stays_open_through_none_of_the_group_and_through_a_no_beside_it(at: Screen) -> None:
    page = at.lists("Foozolol", **dict.fromkeys(("none",), "clearance"), anticoagulants="no")
    assert given(at.course)["anticoagulants"] == "unknown"
    assert given(at.course)["long_term_steroids"] == "unknown"
    assert given(at.course)["osteoporosis"] == "no"
    assert "not recognised: still open" in page.text_of["medicines"]
    assert "Open because of the medicines : Foozolol" in " ".join(page.text.split())
    at.sends(none="clearance")
    assert given(at.course)["anticoagulants"] == "unknown"
    at.sends(anticoagulants="no", long_term_steroids="no")
    assert given(at.course)["anticoagulants"] == "no"
    assert "Open because" not in at.page().text


def test_a_misspelling_is_never_guessed_and_a_person_chooses(at: Screen) -> None:
    page = at.lists("asprin")
    offered = [one["value"] for one in page.controls(UNCLEAR)]
    assert "aspirin" in offered
    assert UNCLEAR not in dict(page.checked())
    page = at.sends(**{UNCLEAR: "aspirin"})
    offered = [one["value"] for one in page.controls(UNCLEAR)]
    assert "aspirin_low_dose" in offered
    page = at.sends(**{UNCLEAR: "aspirin_low_dose"})
    assert not page.controls(UNCLEAR)
    assert given(at.course)["anticoagulants"] == "yes"
    assert [one.typed for one in MedicineList.objects.order_by("id")] == ["asprin"] * 3
    assert MedicineList.objects.order_by("id").last().lines[0]["choices"] == ["aspirin", "aspirin_low_dose"]  # type: ignore[union-attr]


def test_a_choice_that_was_not_shown_is_refused(at: Screen) -> None:
    at.lists("asprin")
    before = everything()
    page = at.sends(422, **{UNCLEAR: "warfarin"})
    assert "Choose among what is offered here" in page.says("medicines")
    assert everything() == before


def test_no_medicine_said_outright_answers_no_and_is_kept(at: Screen) -> None:
    page = at.sends(medicines="none")
    assert given(at.course) == {"anticoagulants": "no"}
    assert MedicineList.objects.get().none_taken
    assert "no medicine is taken" in page.text_of["medicines"]


@pytest.mark.parametrize(
    ("sent", "field", "says"),
    [
        ({"medicines": "none", "medicine_list": "Xarelto"}, "medicines", "which is right?"),
        ({"medicines": "some", "medicine_list": " \n"}, "medicine_list", "Fill this in"),
        ({"medicines": "some", "medicine_list": ",;"}, "medicine_list", "No name of a medicine"),
        ({"medicines": "some", "medicine_list": "x" * 4001}, "medicine_list", "At most 4000"),
        ({"medicines": "some", "medicine_list": "war\0farin"}, "medicine_list", "cannot be kept"),
        ({"medicines": "same"}, "medicines", "Choose among"),
        ({"medicines": "perhaps"}, "medicines", "Choose among"),
    ],
)
def test_what_cannot_be_kept_is_said_and_everything_typed_stays(
    at: Screen, sent: dict[str, str], field: str, says: str
) -> None:
    before = everything()
    page = at.sends(422, **sent, crps="unknown", judged_note="as it looks")
    assert says in page.says(field)
    assert page.holds("medicine_list", sent.get("medicine_list", "").strip())
    assert page.holds("crps", "unknown")
    assert page.holds("judged_note", "as it looks")
    assert everything() == before


def test_a_fault_elsewhere_keeps_the_medicines_that_were_typed(at: Screen) -> None:
    page = at.lists("Xarelto", 422, cancer="perhaps")
    assert page.holds("medicine_list", "Xarelto")
    assert page.holds("medicines", "some")
    assert not MedicineList.objects.exists()


@pytest.mark.parametrize("later", [False, True])
def test_a_no_against_a_medicine_that_says_yes_is_asked_about(at: Screen, later: bool) -> None:
    if later:
        at.lists("Xarelto")
        page = at.sends(422, anticoagulants="no")
    else:
        page = at.lists("Xarelto", 422, anticoagulants="no")
    assert "The medicines say yes: Xarelto" in page.says("anticoagulants")


def test_a_yes_against_no_medicine_is_asked_about(at: Screen) -> None:
    page = at.sends(422, medicines="none", anticoagulants="yes")
    assert "no medicine is taken: which is right?" in page.says("anticoagulants")


def test_none_of_the_group_leaves_a_yes_of_the_medicines_alone(at: Screen) -> None:
    at.lists("Xarelto", none="clearance")
    assert given(at.course)["anticoagulants"] == "yes"
    assert given(at.course)["osteoporosis"] == "no"


def test_a_yes_with_its_day_is_not_replaced_by_that_of_a_medicine(at: Screen) -> None:
    at.lists("prednisolone", long_term_steroids="yes", anticoagulants="yes")
    assert Finding.objects.filter(finding="long_term_steroids").count() == 1


def test_listing_a_name_again_does_not_undo_what_was_answered_since(at: Screen) -> None:
    at.lists("Foozolol")
    at.sends(anticoagulants="no", long_term_steroids="no")
    at.sends(medicines="same")
    assert MedicineList.objects.count() == 2
    assert given(at.course)["anticoagulants"] == "no"
    at.lists("Foozolol\nBarzolol")
    assert given(at.course)["anticoagulants"] == "unknown"


def test_a_list_is_stated_later_and_asked_again_once_it_is_too_old(story: Story, tablet: Client) -> None:
    then = story.days(-31)
    course = then.course()
    then.screened(course)
    record_medicines(by=story.by, course=course, on=then.on, typed="Xarelto")
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    assert "Asked on 20 October 2026 by" in page.text_of["medicines"]
    assert "too long ago to count, ask again" in page.text_of["medicines"]
    assert "id_medicine_list" not in page.folded
    assert given(course)["anticoagulants"] == "yes"
    tablet.post(f"/courses/{course.pk}/screen", no_to_all() | {"medicines": "", "anticoagulants": "no"})
    assert given(course)["anticoagulants"] == "no"
    tablet.post(f"/courses/{course.pk}/screen", {"medicines": "same", "medicine_list": "Xarelto"})
    assert given(course)["anticoagulants"] == "yes"
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    assert "Asked on 20 November 2026 by" in page.text_of["medicines"]
    assert "id_medicine_list" in page.folded


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "say which"),
        ({"typed": "Xarelto", "none_taken": True}, "say which"),
        ({"typed": "x" * 4001}, "At most"),
        ({"typed": ",;"}, "No name"),
        ({"typed": "asprin", "chosen": {"asprin": ["warfarin"]}}, "Choose among"),
    ],
)
def test_the_action_refuses_what_is_no_list(sent: dict[str, Any], says: str, story: Story) -> None:
    course = story.course()
    before = everything()
    with pytest.raises(Refused, match=says):
        record_medicines(by=story.by, course=course, on=story.on, **sent)
    assert everything() == before


def test_none_of_the_group_is_not_offered_for_what_only_a_medicine_holds_open(at: Screen) -> None:
    at.sends(**no_to_all())
    page = at.lists("Foozolol")
    assert "none" not in [one.get("name") for tag, one in page.tags if tag == "button"]
    assert "#medicines" in page.links
