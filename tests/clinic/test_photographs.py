"""A photograph of the skin: kept small and bare, of a named side, with the patient's agreement, for the own clinic."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from strigil.clinic.models import AuditEvent, Photograph, PhotographContent, Visit
from strigil.clinic.pictures import LONGEST, NoPicture, cleaned
from tests.clinic.cast import Story, everything
from tests.clinic.page import Page
from tests.clinic.taken import BLUE, RED, TURNED, bomb, moving, taken

SAID = {"when": "end", "region": "forearm_lateral", "side": "right", "agreed": "on"}


@pytest.fixture
def visit(story: Story) -> Visit:
    return story.signed(story.ready())


def send(client: Client, visit: Visit, given: bytes = b"", name: str = "a.jpg", **changes: str) -> Any:
    sent = {key: value for key, value in (SAID | changes).items() if value}
    return client.post(
        reverse("photographs", args=[visit.pk]), sent | {"file": SimpleUploadedFile(name, given or taken())}
    )


def near(given: Any, wanted: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 30 for one, other in zip(given, wanted, strict=True))


# --- What becomes of a picture ---


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_is_kept_is_the_picture_and_nothing_beside_it(kind: str) -> None:
    given = taken(kind=kind)
    assert b"Phone of Dana" in given
    made = cleaned(given)
    assert b"Phone of Dana" not in made.content
    with Image.open(BytesIO(made.content)) as kept:
        assert kept.format == "JPEG"
        assert not kept.getexif()
        assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert near(kept.getpixel((10, 10)), RED)
        assert near(kept.getpixel((390, 290)), BLUE)


def test_a_picture_that_keeps_its_place_would_be_seen() -> None:
    """The same look at what a careless copy would keep."""
    with Image.open(BytesIO(taken())) as careless:
        again = BytesIO()
        careless.save(again, "JPEG", exif=careless.getexif())
    with Image.open(again) as kept:
        assert kept.getexif()
    assert b"Phone of Dana" in again.getvalue()


def test_a_phone_held_upright_gives_an_upright_picture_that_is_not_mirrored() -> None:
    made = cleaned(taken((400, 300), TURNED))
    assert (made.width, made.height) == (300, 400)
    with Image.open(BytesIO(made.content)) as kept:
        assert near(kept.getpixel((150, 20)), RED), "left becomes the top when turned to the right"
        assert near(kept.getpixel((150, 380)), BLUE)
    assert cleaned(made.content).width == 300, "turned once"


def test_a_large_picture_is_made_small() -> None:
    made = cleaned(taken((5000, 4000)))
    assert (made.width, made.height) == (LONGEST, LONGEST * 4 // 5)


def zipped() -> bytes:
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a", bytes(20_000_000))
    return kept.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]></svg>'
REFUSED = {
    "a bomb": (bomb(14_000, 13_000), "more than 40 million"),
    "a small bomb": (bomb(7_000, 6_500), "more than 40 million"),
    "a size that is not there": (bomb(60_000, 4)[:60], "more than 40 million|damaged|no photograph"),
    "a zip": (zipped(), "no photograph"),
    "frames": (moving(), "no photograph"),
    "frames in a PNG": (moving("PNG"), "moves"),
    "frames in a WebP": (moving("WEBP"), "moves"),
    "a drawing": (SVG, "no photograph"),
    "XML": (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "http://evil.example/">]><a>&b;</a>',
        "no photograph",
    ),
    "a page": (b"<html><script>alert(1)</script></html>", "no photograph"),
    "cut off": (taken()[:2000], "damaged"),
    "cut off PNG": (taken(kind="PNG")[:200], "damaged"),
    "one letter": (b"x", "no photograph"),
    "a name only": (b"\xff\xd8\xff", "no photograph|damaged"),
    "zeros": (bytes(4096), "no photograph"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_photograph_is_refused_in_one_sentence(what: str) -> None:
    given, why = REFUSED[what]
    with pytest.raises(NoPicture, match=why):
        cleaned(given)


def test_a_bomb_is_small_as_it_comes() -> None:
    given = bomb(14_000, 13_000)
    assert len(given) < 40_000
    assert 14_000 * 13_000 > 178_000_000, "Pillow itself only warns of less"


@pytest.mark.parametrize("tail", [zipped(), b"<script>alert(1)</script>", b"\0PK\x05\x06" + bytes(18)])
def test_a_second_file_behind_a_picture_is_gone(tail: bytes) -> None:
    made = cleaned(taken() + tail)
    assert tail[:20] not in made.content
    assert len(made.content) < 20_000


# --- The page ---


def test_a_photograph_is_kept_with_side_place_and_agreement(visit: Visit, tablet: Client) -> None:
    assert send(tablet, visit, note="After the second area").status_code == 302
    kept = Photograph.objects.get()
    page = Page(tablet.get(reverse("photographs", args=[visit.pk])))
    assert "Forearm, lateral (extensors), right" in page.text
    assert "After the second area" in page.text
    assert "the patient agreed" in page.text
    response = tablet.get(reverse("photograph", args=[kept.pk]))
    assert response["Content-Type"] == "image/jpeg"
    assert response["Cache-Control"] == "no-store"
    assert "sandbox" in response["Content-Security-Policy"]
    with Image.open(BytesIO(response.content)) as shown:
        assert shown.size == (400, 300)


@pytest.mark.parametrize("missing", ["when", "region", "side", "agreed"])
def test_nothing_is_kept_until_all_is_said_and_what_was_said_stays(missing: str, visit: Visit, tablet: Client) -> None:
    before = everything()
    response = send(tablet, visit, note="typed", **{missing: ""})
    page = Page(response)
    assert response.status_code == 422
    assert page.says(missing)
    assert page.holds("note", "typed")
    assert everything() == before


def test_no_side_is_chosen_beforehand(visit: Visit, tablet: Client) -> None:
    page = Page(tablet.get(reverse("photographs", args=[visit.pk])))
    assert not page.checked()
    assert not page.chosen()


@pytest.mark.parametrize("what", ["a bomb", "frames", "a drawing", "cut off", "a page"])
def test_a_refused_file_says_why_beside_it_and_leaves_nothing(what: str, visit: Visit, tablet: Client) -> None:
    before = everything()
    response = send(tablet, visit, REFUSED[what][0], "../../../etc/cron.d/x.jpg")
    assert response.status_code == 422
    assert Page(response).says("file")
    assert everything() == before


def test_too_large_is_refused_and_half_an_upload_leaves_nothing(visit: Visit, tablet: Client) -> None:
    before, files = everything(), sorted(Path(django.DATA).rglob("*"))
    assert send(tablet, visit, bytes(16 * 1024 * 1024)).status_code == 413
    whole = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + taken((4000, 3000))
    address = reverse("photographs", args=[visit.pk])
    half = tablet.generic("POST", address, whole[: len(whole) // 2], content_type="multipart/form-data; boundary=x")
    assert half.status_code == 422
    assert everything() == before
    assert sorted(Path(django.DATA).rglob("*")) == files
    assert django.FILE_UPLOAD_HANDLERS == ["django.core.files.uploadhandler.MemoryFileUploadHandler"]


@pytest.mark.parametrize(
    "name", ["../../x.jpg", "..\\x", "/etc/passwd", "\u202egpj.exe", "a" * 5000, "x\r\ny", "CON", ""]
)
def test_the_name_of_a_file_is_never_used(name: str, visit: Visit, tablet: Client) -> None:
    send(tablet, visit, name=name or "x")
    for kept in Photograph.objects.all():
        response = tablet.get(reverse("photograph", args=[kept.pk]))
        assert response["Content-Disposition"] == 'inline; filename="photograph.jpg"'
    assert "passwd" not in str(everything())


def test_another_clinic_finds_none(visit: Visit, story: Story, signed_in: Any, stranger: Any) -> None:
    kept, other = story.photographed(visit), signed_in(stranger)
    nowhere = other.get(reverse("photograph", args=[visit.pk]))
    for address in (reverse("photograph", args=[kept.pk]), reverse("photographs", args=[visit.pk])):
        assert other.get(address).status_code == 404
        assert len(other.get(address).content) == len(nowhere.content)
    assert signed_in(None).get(reverse("photograph", args=[kept.pk])).status_code == 302


def test_removing_one_takes_the_picture_and_leaves_the_fact(visit: Visit, story: Story, tablet: Client) -> None:
    kept = story.photographed(visit)
    address = reverse("remove_photograph", args=[kept.pk])
    assert Page(tablet.post(address, {"version": 1, "because": ""})).says("because")
    assert PhotographContent.objects.count() == 1
    assert tablet.post(address, {"version": 1, "because": "Shows her face."}).status_code == 302
    assert PhotographContent.objects.count() == 0
    assert tablet.get(reverse("photograph", args=[kept.pk])).status_code == 404
    page = Page(tablet.get(reverse("photographs", args=[visit.pk])))
    assert "Removed on 20 November 2026 by Clinician: Shows her face." in page.text
    assert {one.action for one in AuditEvent.objects.filter(object_id=kept.pk)} == {
        "photograph.add",
        "photograph.remove",
    }
    assert tablet.post(address, {"version": 2, "because": "again"}).status_code == 422


def test_nothing_is_said_of_what_a_picture_shows(visit: Visit, story: Story, tablet: Client) -> None:
    story.photographed(visit)
    page = Page(tablet.get(reverse("photographs", args=[visit.pk])))
    assert "concludes nothing from it" in page.text
