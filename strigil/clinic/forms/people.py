from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator

from strigil.accounts.forms import NewPasswordForm
from strigil.accounts.models import Role
from strigil.clinic.actions.people import PersonInput
from strigil.clinic.forms.fields import TEXT_SAYS, Chips, Line
from strigil.clinic.forms.patients import NOT_AN_ADDRESS

NAME_SAYS = "Use letters, digits and @ . + - _ only."


class PersonForm(forms.Form):
    """Somebody who works here."""

    display_name = Line(max_length=200, label="Name", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    qualification = Line(max_length=100, required=False, help_text="As it stands below notes, such as PT or DC.")
    email = forms.EmailField(
        required=False, label="E-mail", max_length=254, error_messages=TEXT_SAYS | {"invalid": NOT_AN_ADDRESS}
    )
    role = Chips(choices=Role.choices)
    is_active = forms.BooleanField(required=False, label="May sign in")

    def given(self) -> PersonInput:
        return PersonInput(**{name: self.cleaned_data[name] for name in PersonInput.__dataclass_fields__})


class InviteForm(PersonForm):
    username = Line(
        max_length=150,
        help_text="What they type to sign in. It cannot be changed later.",
        validators=[UnicodeUsernameValidator(message=NAME_SAYS)],
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    field_order = ["username"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["is_active"]

    def given(self) -> PersonInput:
        names = ("display_name", "qualification", "email", "role")
        return PersonInput(**{name: self.cleaned_data[name] for name in names})


class OwnNameForm(forms.Form):
    display_name = Line(max_length=200, label="Name")
    qualification = Line(max_length=100, required=False)


class OldPasswordForm(forms.Form):
    """The password once more, before something is changed that lets people in."""

    password = forms.CharField(
        label="Your password now",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class OwnPasswordForm(OldPasswordForm, NewPasswordForm):
    field_order = ["password", "new", "again"]
