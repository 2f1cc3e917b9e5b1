"""Who works in the clinic: invite, change, switch off, let in again. And what people change about themselves."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from strigil.accounts.models import Clinic, LinkKind, Role, User
from strigil.accounts.sign_in import links, second
from strigil.accounts.sign_in.session import end_all
from strigil.clinic.actions.base import Refused, action, audit

LAST_OWNER = "This is the last owner of the clinic. Make somebody else an owner first."
IN_A_DEMO = "In a demo the sign-ins stay as they are."


@dataclass(frozen=True, slots=True)
class PersonInput:
    display_name: str
    role: str
    qualification: str = ""
    email: str = ""
    is_active: bool = True


@action
def invite(*, by: User, username: str, person: PersonInput) -> tuple[User, str]:
    """Somebody new, and the token of the link by which they choose a password."""
    _check_no_demo(by)
    if User.objects.filter(username__iexact=username).exists():
        raise Refused("Somebody signs in under this name already. Choose another.", "username")
    user = User(
        username=username,
        clinic_id=by.clinic_id,
        role=_role(person.role),
        display_name=person.display_name,
        qualification=person.qualification,
        email=person.email,
    )
    user.set_unusable_password()
    user.save()
    audit(by, "person.invite", user, None)
    return user, links.make(user, LinkKind.INVITATION, by)


@action
def change_person(*, by: User, user: User, person: PersonInput) -> None:
    """What somebody is called and may do, and whether they sign in. A new role or switching off ends their sessions."""
    _check_no_demo(by)
    found = _of_clinic(by, user)
    keeps = person.role == Role.OWNER and person.is_active
    if found.role == Role.OWNER and found.is_active and not keeps and not _other_owners(found):
        raise Refused(LAST_OWNER, "role" if person.role != Role.OWNER else "is_active")
    is_another = (found.role, found.is_active) != (person.role, person.is_active)
    found.role, found.is_active = _role(person.role), person.is_active
    found.display_name, found.qualification, found.email = person.display_name, person.qualification, person.email
    found.save()
    if is_another:
        end_all(found)
    audit(by, "person.change", found, None)


@action
def give_link(*, by: User, user: User) -> str:
    """The token of a link by which somebody chooses a new password within the hour. The old one works until then."""
    _check_no_demo(by)
    found = _of_clinic(by, user)
    if not found.is_active:
        raise Refused("Switch this person on first.")
    audit(by, "person.link", found, None)
    return links.make(found, LinkKind.RESET if found.has_usable_password() else LinkKind.INVITATION, by)


@action
def forget_second_factor(*, by: User, user: User) -> None:
    """Somebody lost phone and codes: at the next sign-in they set up a second factor anew."""
    _check_no_demo(by)
    found = _of_clinic(by, user)
    second.forget_all(found)
    end_all(found)
    audit(by, "person.forget_second_factor", found, None)


@action
def let_in(*, user: User, forget: bool) -> str:
    """As the owner's link, for whoever runs the server: an owner may be who is locked out."""
    _check_no_demo(user)
    if forget:
        second.forget_all(user)
        end_all(user)
    audit(None, "person.let_in", user, None)
    return links.make(user, LinkKind.RESET, None)


# --- About oneself ----------------------------------------------------------------------------------------------


@action
def change_own_name(*, by: User, display_name: str, qualification: str) -> None:
    by.display_name, by.qualification = display_name, qualification
    by.save(update_fields=["display_name", "qualification"])
    audit(by, "account.name", by, None)


@action
def change_own_password(*, by: User, new: str) -> None:
    """Ends every other session too. The caller has asked for the old one."""
    _check_no_demo(by)
    try:
        validate_password(new, by)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), "new") from None
    by.set_password(new)
    by.save(update_fields=["password"])
    end_all(by)
    audit(by, "account.password", by, None)


@action
def end_own_sessions(*, by: User) -> None:
    end_all(by)
    audit(by, "account.end_sessions", by, None)


@action
def remove_passkey(*, by: User, key: int) -> None:
    """One of one's passkeys; never the last way to sign in."""
    found = next((one for one in second.passkeys(by) if one.pk == key), None)
    if found is None:
        raise Refused("This passkey is gone already.")
    if not second.has_app(by) and len(second.passkeys(by)) == 1:
        raise Refused("This is your only second factor. Add another one first.")
    second.remove(by, found)
    end_all(by)
    audit(by, "account.remove_passkey", by, None)


# --- What they share --------------------------------------------------------------------------------------------


def _check_no_demo(by: User) -> None:
    if by.clinic.is_demo:
        raise Refused(IN_A_DEMO)


def _of_clinic(by: User, user: User) -> User:
    """The person as they are now; nobody else changes who works in this clinic meanwhile."""
    Clinic.objects.select_for_update().get(pk=by.clinic_id)
    found = User.objects.select_for_update().filter(clinic_id=by.clinic_id, pk=user.pk).first()
    if found is None:
        raise Refused("This person works in another clinic.")
    return found


def _other_owners(user: User) -> bool:
    owners = User.objects.filter(clinic_id=user.clinic_id, role=Role.OWNER, is_active=True)
    return owners.exclude(pk=user.pk).exists()


def _role(given: str) -> str:
    if given not in Role.values:
        raise Refused(f"{given!r} is no role.", "role")
    return given
