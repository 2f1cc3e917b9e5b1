"""What is typed to sign in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest

from strigil.accounts.models import User
from strigil.accounts.sign_in import throttle
from strigil.accounts.sign_in.passwords import LONGEST, Length
from strigil.accounts.sign_in.place import source_of

NOT_RIGHT = (
    "The username or the password is not right, or there were too many tries: after ten, the right password is "
    "refused too for a quarter of an hour. Capital and small letters differ. The owner of your clinic can give you a "
    "link by which you choose a new password."
)
CODE_NOT_RIGHT = (
    "This code is not right, was used before, or there were too many tries. Wait for the next code of your app, or "
    "take a recovery code. After ten tries no code is taken for a quarter of an hour."
)


class SignInForm(AuthenticationForm):
    """One answer for every name and password that do not open, whether there is such a name or not."""

    error_messages = {"invalid_login": NOT_RIGHT, "inactive": NOT_RIGHT}

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name is None or not password:
            return self.cleaned_data
        guess = throttle.Guess(name, source_of(self.request) if self.request else "")
        if not throttle.claim(guess):
            raise self.get_invalid_login_error()
        cleaned: dict[str, Any] = super().clean()
        throttle.give_back(guess)
        return cleaned


class CodeForm(forms.Form):
    """A code of the app, or one on paper."""

    code = forms.CharField(
        max_length=40,
        label="Code",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}),
    )


class NewPasswordForm(forms.Form):
    """A password, typed twice."""

    new = forms.CharField(
        label="New password",
        strip=False,
        max_length=LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=Length().get_help_text(),
    )
    again = forms.CharField(
        label="The new password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        validate_password(new, self.user)
        return new

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("new") and given.get("again") is not None and given["new"] != given["again"]:
            self.add_error("again", "This is not the same as above.")
        return given


def password_is_right(request: HttpRequest, user: User, password: str) -> bool:
    """Asked again of somebody who is signed in; a guess here counts as one at the door."""
    guess = throttle.Guess(user.username, source_of(request))
    if not throttle.claim(guess) or not user.check_password(password):
        return False
    throttle.give_back(guess)
    return True
