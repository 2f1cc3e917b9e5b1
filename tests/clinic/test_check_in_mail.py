"""The link goes out by mail to those who agreed, once, whatever happens to the run that sends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import override_settings
from django.utils import timezone

from strigil.cli import main
from strigil.clinic import check_in_mail, check_ins
from strigil.clinic.actions import check_in as actions
from strigil.clinic.models import CheckIn, Visit
from tests.clinic.cast import Story

ADA = {"email": "ada@mail.example", "may_mail": "yes"}


@pytest.fixture(autouse=True)
def mails(noon: None) -> Iterator[None]:
    with override_settings(
        MAIL="console", ADDRESS="https://strigil.clinic.example", MAIL_ADDRESS="desk@clinic.example"
    ):
        yield


def treated(story: Story, **person: str) -> Visit:
    return story.signed(story.ready(patient=story.patient("Ada Fern", **person)))


def run() -> check_in_mail.Sent:
    return check_in_mail.send_all(timezone.now())


def test_the_link_goes_out_once_while_it_is_open_and_opens_the_page(story: Story, client: Any) -> None:
    found = story.check_in(treated(story, **ADA))
    assert run().sent == 1
    assert [run().sent for _ in range(3)] == [0, 0, 0]
    (one,) = mail.outbox
    assert one.to == ["ada@mail.example"]
    assert f"https://strigil.clinic.example/check-in/{check_ins.token(found)}" in one.body
    link = next(line for line in one.body.splitlines() if "/check-in/" in line)
    assert client.get(link.removeprefix("https://strigil.clinic.example")).status_code == 200
    assert "mailed on" in client_text(story, found)


def client_text(story: Story, found: CheckIn) -> str:
    from django.test import Client

    from tests.clinic.page import Page

    tablet = Client()
    tablet.force_login(story.by)
    return Page(tablet.get(f"/visits/{found.visit_id}")).text


def test_the_mail_says_nothing_of_the_patient_and_what_to_do_in_an_emergency(story: Story) -> None:
    story.check_in(treated(story, **ADA))
    run()
    (one,) = mail.outbox
    said = f"{one.subject}\n{one.body}"
    assert not [word for word in ("Ada", "Fern", "elbow", "skin", "bruise", story.by.display_name) if word in said]
    assert "Nobody reads the answer at once. In an emergency call your emergency number." in said
    assert "until Friday 20 November 2026, 18:00 (Europe/London)" in said


@pytest.mark.parametrize(
    "person",
    [{}, {"email": "ada@mail.example"}, {"email": "ada@mail.example", "may_mail": "no"}, {"may_mail": "yes"}],
)
def test_nobody_is_mailed_who_did_not_say_yes(person: dict[str, str], story: Story) -> None:
    story.check_in(treated(story, **person))
    assert run().sent == 0
    assert mail.outbox == []


@pytest.mark.parametrize("hours", [19.9, 30, 50])
def test_nothing_goes_out_before_it_opens_or_after_it_closes(hours: float, story: Story) -> None:
    story.check_in(treated(story, **ADA), hours_ago=hours)
    assert run().sent == 0


def test_nothing_goes_out_where_the_patient_has_answered(story: Story) -> None:
    story.answered(treated(story, **ADA), soreness=1)
    assert run().sent == 0


@pytest.mark.parametrize(
    ("at", "ended", "sent"),
    [
        (datetime(2026, 11, 21, 5, 30, tzinfo=UTC), datetime(2026, 11, 20, 9, tzinfo=UTC), 0),
        (datetime(2026, 11, 21, 8, 0, tzinfo=UTC), datetime(2026, 11, 20, 9, tzinfo=UTC), 1),
        (datetime(2026, 11, 21, 6, 30, tzinfo=UTC), datetime(2026, 11, 20, 1, tzinfo=UTC), 1),
        (datetime(2026, 11, 21, 22, 0, tzinfo=UTC), datetime(2026, 11, 21, 1, tzinfo=UTC), 1),
    ],
)
def test_nobody_is_mailed_at_night_unless_it_closes_before_the_morning(
    at: datetime, ended: datetime, sent: int, story: Story
) -> None:
    found = story.check_in(treated(story, **ADA))
    CheckIn.objects.filter(pk=found.pk).update(
        ended_at=ended, opens_at=ended + timedelta(hours=20), closes_at=ended + timedelta(hours=30)
    )
    with time_machine.travel(at, tick=False):
        counts = run()
    assert (counts.sent, counts.later) == (sent, 1 - sent)


# --- Killed, refused, twice at once -----------------------------------------------------------------------------


class Killed(BaseException):
    """The process ends here; nothing after it runs."""


def test_a_run_killed_in_the_middle_of_a_mail_is_made_up_for_once_and_never_twice(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.check_in(treated(story, **ADA), hours_ago=20)
    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "send_messages", killed_after_sending)
        for minutes in (0, 11, 22, 33):
            with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
                try:
                    run()
                except Killed:
                    continue
    assert len(SENT) == 2, "it may have gone out once or twice, never more"
    SENT.clear()


SENT: list[Any] = []


def killed_after_sending(self: Any, messages: list[Any]) -> int:
    SENT.extend(messages)
    raise Killed


def test_a_run_killed_before_the_mail_left_is_made_up_for(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    story.check_in(treated(story, **ADA))
    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "send_messages", killed)
        with pytest.raises(Killed):
            run()
    assert run().sent == 0, "another run may be at it still"
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        assert run().sent == 1
    assert len(mail.outbox) == 1


def killed(self: Any, messages: list[Any]) -> int:
    raise Killed


def test_a_mail_server_that_is_down_is_tried_again_until_it_takes_the_mail(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.check_in(treated(story, **ADA), hours_ago=20)
    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "send_messages", down)
        for minutes in range(0, 60, 12):
            with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
                assert run().failed == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=72)):
        assert run().sent == 1


def down(self: Any, messages: list[Any]) -> int:
    raise SMTPServerDisconnected("down")


def test_an_address_that_is_refused_is_not_tried_again(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    story.check_in(treated(story, **ADA), hours_ago=20)
    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "send_messages", refused)
        assert run().failed == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=30)):
        assert run() == check_in_mail.Sent()


def refused(self: Any, messages: list[Any]) -> int:
    raise SMTPRecipientsRefused({})


def test_one_mail_that_fails_keeps_no_other_from_going_out(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("a@mail.example", "b@mail.example", "c@mail.example"):
        story.check_in(treated(story, email=address, may_mail="yes"))
    real = EmailBackend.send_messages

    def some(self: Any, messages: list[Any]) -> int:
        if messages[0].to == ["b@mail.example"]:
            raise SMTPServerDisconnected
        return int(real(self, messages))

    monkeypatch.setattr(EmailBackend, "send_messages", some)
    assert run() == check_in_mail.Sent(sent=2, failed=1)


def test_of_two_runs_at_once_one_sends(story: Story) -> None:
    found = story.check_in(treated(story, **ADA))
    first, second = CheckIn.objects.get(pk=found.pk), CheckIn.objects.get(pk=found.pk)
    now = timezone.now()
    assert [actions.begin_mail(check_in=one, now=now) for one in (first, second)] == [True, False]


# --- The command ------------------------------------------------------------------------------------------------


def test_the_command_sends_into_a_folder_and_says_what_it_did(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story.check_in(treated(story, **ADA))
    files = {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": str(tmp_path)}
    with override_settings(**files):
        assert main(["check-ins", "send", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"sent": 1, "failed": 0, "later": 0}
        assert main(["check-ins", "send"]) == 0
    assert capsys.readouterr().out == "0 sent, 0 failed, 0 wait for the morning\n"
    (written,) = tmp_path.iterdir()
    assert "To: ada@mail.example" in written.read_text()


@pytest.mark.parametrize("missing", ["MAIL", "ADDRESS"])
def test_the_command_says_which_setting_it_wants(missing: str, db: None, capsys: pytest.CaptureFixture[str]) -> None:
    with override_settings(**{missing: ""}):
        assert main(["check-ins", "send"]) == 2
    assert f"STRIGIL_{missing}" in capsys.readouterr().err
