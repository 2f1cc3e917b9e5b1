"""Register and correct a patient."""

from __future__ import annotations

import unicodedata
from datetime import date

from strigil.accounts.models import User
from strigil.clinic.actions.base import Refused, action, audit, raise_version
from strigil.clinic.models import Origin, Patient


def folded(name: str) -> str:
    """A name as search sees it: no case, no accents, single spaces, nothing that cannot be stored."""
    plain = unicodedata.normalize("NFKD", name.casefold()).replace("\0", "")
    return " ".join("".join(mark for mark in plain if not unicodedata.combining(mark)).split())[:250]


@action
def register_patient(
    *,
    by: User,
    name: str,
    born: date | None,
    sex: str,
    phone: str = "",
    email: str = "",
    may_mail: str = "",
    note: str = "",
    origin: str = Origin.REAL,
    source: str = "",
) -> Patient:
    """A new patient of the user's clinic. Nobody in a demo clinic is real, whatever was asked for."""
    if by.clinic.is_demo and origin == Origin.REAL:
        origin = Origin.SYNTHETIC
    patient = Patient.objects.create(
        clinic_id=by.clinic_id,
        created_by=by,
        name=_name(name),
        born=born,
        sex=sex,
        phone=phone,
        email=email,
        may_mail=may_mail,
        note=note,
        origin=origin,
        source=source,
        search=folded(name),
    )
    audit(by, "patient.register", patient, patient.pk)
    return patient


@action
def correct_patient(
    *,
    by: User,
    patient: Patient,
    seen: int,
    name: str,
    born: date | None,
    sex: str,
    phone: str,
    email: str,
    may_mail: str,
    note: str,
) -> Patient:
    """Correct what is held about a patient."""
    raise_version(patient, seen)
    patient.name, patient.search = _name(name), folded(name)
    patient.born, patient.sex, patient.phone, patient.email, patient.note = born, sex, phone, email, note
    patient.may_mail = may_mail
    patient.save(update_fields=["name", "search", "born", "sex", "phone", "email", "may_mail", "note"])
    audit(by, "patient.correct", patient, patient.pk)
    return patient


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused("Give the patient's name.", "name")
    return name
