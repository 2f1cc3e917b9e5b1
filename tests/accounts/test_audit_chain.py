"""Whoever tampers with the log or with a row past it is found out, and where."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from strigil.accounts.audit import events, keys, triggers
from strigil.accounts.audit.chain import head, record
from strigil.accounts.audit.models import What
from strigil.accounts.audit.said import Said
from strigil.accounts.audit.verify import Report, anchor, read_anchors, verify
from strigil.accounts.models import Chain, Clinic, LogLine, User, uuid7
from strigil.clinic.models import Patient
from tests.accounts.test_audit_writes import ada, raw, stored
from tests.clinic.cast import Story
from tests.clinic.work import WORK

pytestmark = pytest.mark.django_db(transaction=True)
POSTGRESQL = connection.vendor == "postgresql"
LENGTH = 60


@pytest.fixture
def log(clinician: User) -> Clinic:
    """A clinic with a log of many lines: reads, and writes."""
    patients = [ada(clinician, f"Person {number}") for number in range(4)]
    said = Said(clinician.pk, clinician.role, clinician.clinic_id, "patient", "GET", uuid7())
    while LogLine.objects.filter(clinic_id=clinician.clinic_id).count() < LENGTH:
        record(
            What.OPENED, clinic=clinician.clinic_id, said=said, outcome="shown", patients=[random.choice(patients).pk]
        )
    assert verify().holds
    return clinician.clinic


@pytest.fixture
def master() -> Iterator[None]:
    """Somebody with every right on the database, and without the key."""
    if POSTGRESQL:
        raw("SET session_replication_role = replica")
    else:
        triggers.remove(connection)
    yield
    if POSTGRESQL:
        raw("SET session_replication_role = origin")


def line(clinic: Clinic, seq: int) -> LogLine:
    return LogLine.objects.get(clinic_id=clinic.pk, seq=seq)


def write(clinic: Clinic, seq: int, **values: Any) -> None:
    LogLine.objects.filter(clinic_id=clinic.pk, seq=seq).update(**values)


def place(clinic: Clinic, seq: int, to: int) -> None:
    raw("UPDATE accounts_logline SET seq = %s WHERE clinic_id = %s AND seq = %s", to, stored(clinic.pk), seq)


def edit(clinic: Clinic, chance: random.Random) -> int:
    seq = chance.randint(1, LENGTH)
    name, value = chance.choice(
        [
            ("user_id", uuid7()),
            ("outcome", "unseen"),
            ("patients", json.dumps([uuid7().hex])),
            ("route", "elsewhere"),
            ("row", "0" * 64),
            ("table", "none"),
            ("object_id", uuid7().hex),
            ("role", "owner?"),
        ]
    )
    write(clinic, seq, **{name: value})
    return seq


def back_date(clinic: Clinic, chance: random.Random) -> int:
    seq = chance.randint(2, LENGTH)
    write(clinic, seq, at=line(clinic, 1).at)
    return seq


def delete(clinic: Clinic, chance: random.Random) -> int:
    seq = chance.randint(1, LENGTH - 1)
    LogLine.objects.filter(clinic_id=clinic.pk, seq=seq).delete()
    return seq


def delete_and_close_the_gap(clinic: Clinic, chance: random.Random) -> int:
    seq = delete(clinic, chance)
    for later in range(seq + 1, LENGTH + 1):
        place(clinic, later, later - 1)
    Chain.objects.filter(pk=clinic.pk).update(seq=LENGTH - 1)
    return seq


def delete_the_tail(clinic: Clinic, chance: random.Random) -> int:
    """And set the head back, as whoever can write does; only what was anchored outside tells."""
    last = chance.randint(0, LENGTH - 1)
    for table in ("accounts_logline", "accounts_logpatient"):
        raw(f"DELETE FROM {table} WHERE clinic_id = %s AND seq > %s", stored(clinic.pk), last)  # noqa: S608
    Chain.objects.filter(pk=clinic.pk).update(seq=last, mac=line(clinic, last).mac if last else "")
    return last + 1


def insert(clinic: Clinic, chance: random.Random) -> int:
    """A copy of a line under a new name, in between; the later ones move up."""
    seq = chance.randint(1, LENGTH)
    copied = line(clinic, seq)
    for later in range(LENGTH, seq - 1, -1):
        place(clinic, later, later + 1)
    copied.id, copied.seq = uuid7(), seq
    copied.save(force_insert=True)
    Chain.objects.filter(pk=clinic.pk).update(seq=LENGTH + 1)
    return seq


def append(clinic: Clinic, chance: random.Random) -> int:
    """A line at the end that nobody sealed, with the head set to it."""
    last = line(clinic, LENGTH)
    made = LogLine(**{name: getattr(last, name) for name in last.__dict__ if not name.startswith("_")})
    made.id, made.seq, made.prev, made.mac = uuid7(), LENGTH + 1, last.mac, f"{chance.getrandbits(256):064x}"
    made.save(force_insert=True)
    Chain.objects.filter(pk=clinic.pk).update(seq=made.seq, mac=made.mac)
    return LENGTH + 1


def swap(clinic: Clinic, chance: random.Random) -> int:
    first, second = sorted(chance.sample(range(1, LENGTH + 1), 2))
    place(clinic, first, -1)
    place(clinic, second, first)
    place(clinic, -1, second)
    return first


def swap_patients(clinic: Clinic, chance: random.Random) -> int:
    """The line and the index as well."""
    about = list(LogLine.objects.filter(clinic_id=clinic.pk).exclude(patients=""))
    first = chance.choice(about)
    other = chance.choice([one for one in about if one.patients != first.patients])
    write(clinic, first.seq, patients=other.patients)
    write(clinic, other.seq, patients=first.patients)
    return min(first.seq, other.seq)


def hide_from_the_index(clinic: Clinic, chance: random.Random) -> int:
    """The patient's page would no longer show the line."""
    seq = chance.choice([one.seq for one in LogLine.objects.filter(clinic_id=clinic.pk).exclude(patients="")])
    raw("DELETE FROM accounts_logpatient WHERE clinic_id = %s AND seq = %s", stored(clinic.pk), seq)
    return seq


def recompute(clinic: Clinic, chance: random.Random) -> int:
    """Everything sealed anew from one line on, with a key of one's own in place of the right one."""
    import secrets

    from strigil.accounts.audit.chain import TOLD, seal

    start = chance.randint(1, LENGTH)
    key, prev = secrets.token_bytes(32), line(clinic, start).prev
    for one in LogLine.objects.filter(clinic_id=clinic.pk, seq__gte=start).order_by("seq"):
        told = {name: getattr(one, name) for name in TOLD} | ({"outcome": "unseen"} if one.seq == start else {})
        mac = seal(key, told, one.seq, prev)
        write(clinic, one.seq, prev=prev, mac=mac, outcome=told["outcome"])
        prev = mac
    Chain.objects.filter(pk=clinic.pk).update(mac=prev)
    return start


TAMPERINGS: list[Callable[[Clinic, random.Random], int]] = [
    *(edit, back_date, delete, delete_and_close_the_gap, delete_the_tail, insert, append, swap, swap_patients),
    *(hide_from_the_index, recompute),
]


def tampered(how: Callable[[Clinic, random.Random], int], clinic: Clinic, times: int) -> None:
    """Each tampering in a state of its own, put back afterwards; found, and at the very line."""
    from django.db import transaction

    anchored = [head()]
    for number in range(times):
        with transaction.atomic():
            where = how(clinic, random.Random(number))
            found = verify(anchors=anchored).faults
            assert [(one.clinic, one.seq) for one in found] == [(str(clinic.pk), where)], (how.__name__, number, found)
            transaction.set_rollback(True)
    assert verify(anchors=anchored).faults == []


@pytest.mark.parametrize("how", TAMPERINGS, ids=lambda one: one.__name__)
def test_tampering_is_found_at_the_line(how: Callable[[Clinic, random.Random], int], log: Clinic, master: None) -> None:
    tampered(how, log, 15)


@pytest.mark.assure
def test_a_thousand_tamperings_of_each_kind_are_found_at_the_line(
    log: Clinic, master: None, assurance: Callable[..., None]
) -> None:
    for how in TAMPERINGS:
        tampered(how, log, 1000)
    assurance("tampering", kinds=len(TAMPERINGS), tamperings=1000 * len(TAMPERINGS), not_found_at_their_line=0)


def test_without_an_anchor_a_cut_tail_is_not_seen_and_with_one_it_is(log: Clinic, master: None, tmp_path: Path) -> None:
    """What the anchor is for: the planted fault passes a check that has none."""
    anchor(tmp_path / "anchors")
    delete_the_tail(log, random.Random(1))
    assert verify().faults == []
    assert "the log ends here" in verify(anchors=read_anchors(tmp_path / "anchors")).faults[0].why


def test_a_log_replaced_as_a_whole_is_found_by_its_anchor(log: Clinic, tmp_path: Path) -> None:
    other = tmp_path / "anchors"
    other.write_text(json.dumps({str(log.pk): {"seq": 7, "mac": "f" * 64}}) + "\n")
    found = verify(anchors=read_anchors(other)).faults
    assert [(one.seq, one.why) for one in found] == [(7, "it is not the line that was anchored")]


# --- The rows ---------------------------------------------------------------------------------------------------


def test_a_row_changed_past_the_log_is_found(log: Clinic, master: None) -> None:
    victim = Patient.objects.order_by("pk")[2]
    assert verify(every_row=True).faults == []
    raw("UPDATE clinic_patient SET note = 'never allergic' WHERE id = %s", stored(victim.pk))
    assert verify().faults == []
    found = verify(every_row=True).faults
    assert [(one.table, one.object_id, one.why) for one in found] == [
        ("clinic_patient", victim.pk.hex, "it was changed past the log")
    ]


def test_a_row_removed_past_the_log_is_found(log: Clinic, master: None) -> None:
    victim = Patient.objects.order_by("pk")[1]
    raw("DELETE FROM clinic_patient WHERE id = %s", stored(victim.pk))
    assert [(one.object_id, one.why) for one in verify(every_row=True).faults] == [
        (victim.pk.hex, "it was removed past the log")
    ]


def test_a_row_added_past_the_log_is_found(log: Clinic, clinician: User, master: None) -> None:
    Patient.objects.bulk_create([Patient(clinic=log, created_by=clinician, name="No", search="no", sex="female")])
    assert [(one.table, one.why) for one in verify(every_row=True).faults] == [
        ("clinic_patient", "1 rows are in no line of the log; 0 may be, from before it")
    ]


def test_a_write_past_the_application_whose_line_waits_is_no_fault(log: Clinic) -> None:
    victim = Patient.objects.order_by("pk")[0]
    raw("UPDATE clinic_patient SET note = 'x' WHERE id = %s", stored(victim.pk))
    report = verify(every_row=True)
    assert (report.faults, report.waiting) == ([], 1)


# --- Keys -------------------------------------------------------------------------------------------------------


@pytest.fixture
def own_key(settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_KEY = str(tmp_path / "key")
    keys.make()


def test_a_new_key_seals_from_its_line_on_and_the_old_one_reads_what_it_sealed(own_key: None, clinician: User) -> None:
    ada(clinician)
    old, new = events.change_key()
    ada(clinician, "Next")
    assert old != new
    mine = LogLine.objects.filter(clinic_id=clinician.clinic_id).order_by("seq")
    assert list(dict.fromkeys(mine.values_list("key", flat=True))) == [old, new]
    assert not chains_of(verify(), clinician)


def test_a_line_sealed_with_the_old_key_after_it_was_replaced_is_found(own_key: None, clinician: User) -> None:
    """As by somebody who got hold of the key that was replaced for that reason."""
    ada(clinician)
    before = keys.place().read_text()
    events.change_key()
    both = keys.place().read_text()
    keys.place().write_text(before)
    ada(clinician, "Forged")
    keys.place().write_text(both)
    forged = LogLine.objects.filter(clinic_id=clinician.clinic_id, what="added").order_by("seq")
    after = LogLine.objects.get(clinic_id=clinician.clinic_id, what="key").seq
    (fault,) = chains_of(verify(), clinician)
    assert fault.seq == forged.filter(seq__gt=after)[0].seq
    assert fault.why == "it is sealed with a key that had been replaced"


def test_another_key_reads_nothing(own_key: None, clinician: User) -> None:
    ada(clinician)
    keys.place().write_text("ab" * 32 + "\n")
    (fault,) = chains_of(verify(), clinician)
    assert fault.seq == 1
    assert "is not in the key file" in fault.why


def chains_of(report: Report, user: User) -> list[Any]:
    return [one for one in report.faults if one.clinic == str(user.clinic_id)]


# --- A clinic that is older than its log ------------------------------------------------------------------------


def test_rows_from_before_the_log_are_said_to_be_so_and_not_sealed_as_if_they_had_been(clinician: User) -> None:
    triggers.remove(connection)
    raw("DELETE FROM accounts_touched")
    patient = ada(clinician)
    Chain.objects.all().delete()
    if POSTGRESQL:
        raw("SET session_replication_role = replica")
    LogLine.objects.all().delete()
    if POSTGRESQL:
        raw("SET session_replication_role = origin")
    events.after_migrate("default")
    begun, _knowledge = LogLine.objects.filter(clinic_id=clinician.clinic_id)
    assert begun.what == "begun"
    assert json.loads(begun.details) == {
        "accounts_clinic": 1,
        "accounts_user": 1,
        "clinic_auditevent": 1,
        "clinic_patient": 1,
    }
    report = verify(every_row=True)
    assert (report.faults, report.older) == ([], 4)
    Patient.objects.filter(pk=patient.pk).update(note="seen")
    ada(clinician, "Next")
    assert (verify(every_row=True).faults, verify(every_row=True).older) == ([], 3)


def test_a_photograph_is_a_row_like_any_other(story: Story, request: pytest.FixtureRequest) -> None:
    """Its content is bytes, which the hash of a row takes as well."""
    place, sent = WORK["photographs"](story)
    browser = Client()
    browser.force_login(story.by)
    assert browser.post(place, sent).status_code == 302
    assert verify(every_row=True).faults == []
    request.getfixturevalue("master")
    raw(
        "UPDATE clinic_photographcontent SET content = '\\x00'::bytea"
        if POSTGRESQL
        else "UPDATE clinic_photographcontent SET content = x'00'"
    )
    assert [one.table for one in verify(every_row=True).faults] == ["clinic_photographcontent"]
