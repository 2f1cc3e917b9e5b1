from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms

from strigil.accounts.models import User
from strigil.clinic.forms.fields import TEXT_SAYS, Chips, Choices, Day, Line, ManyChips, Version, Whole
from strigil.clinic.forms.patients import NOT_AN_ADDRESS
from strigil.clinic.slots import NoSuchTime, Slot, instant

WEEKDAYS: Choices = [
    (str(number), name)
    for number, name in enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
]
SHORTEST, LONGEST = 5, 480


class Clock(forms.TimeField):
    """A time of day, by the clinic's clock."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            input_formats=["%H:%M", "%H.%M", "%H:%M:%S"],
            error_messages={"required": "Give the time.", "invalid": "Give a time such as 09:30."},
            **kwargs,
        )


def who(clinicians: Iterable[User]) -> Choices:
    return [(str(one.pk), one.display_name) for one in clinicians]


class TimeForm(forms.Form):
    """Any time with anybody, in or out of the bookable hours."""

    clinician = Chips(label="With")
    on = Day(label="Day")
    at = Clock(label="Time")
    minutes = Whole(label="Minutes", low=SHORTEST, high=LONGEST)
    version = Version(required=False)

    def __init__(self, *args: Any, clinicians: Iterable[User], zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["clinician"].choices = who(clinicians)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("on") and given.get("at"):
            try:
                given["starts"] = instant(given["on"], given["at"], self.zone)
            except NoSuchTime as error:
                given |= self._one_of_two(error)
            except OverflowError:
                self.add_error("on", "Give a day that can be booked.")
        return given

    def _one_of_two(self, error: NoSuchTime) -> dict[str, datetime]:
        """Of a time that comes twice, whoever books says which; it is asked only then."""
        if not error.twice:
            self.add_error("at", str(error))
            return {}
        offsets = [f"{one.astimezone(self.zone):%z}" for one in error.twice]
        named = [f"UTC{one[:3]}:{one[3:5]}" for one in offsets]
        self.fields["which"] = Chips(
            label="Which of the two",
            choices=[("first", f"The first, {named[0]}"), ("second", f"The second, {named[1]}")],
        )
        self.order_fields([name for name in self.fields if name not in ("minutes", "version")])
        both = dict(zip(("first", "second"), error.twice, strict=True))
        if (which := self.data.get("which")) in both:
            return {"starts": both[which]}
        self.add_error("which", f"{error.how} Say which of the two.")
        return {}

    def slot(self) -> Slot:
        given = self.cleaned_data
        starts = given["starts"]
        return Slot(starts, starts + timedelta(minutes=given["minutes"]), UUID(given["clinician"]))


class AskForm(forms.Form):
    """Who asks for a time, and how to answer. Nothing about health."""

    name = Line(label="Your name", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    phone = Line(
        label="Telephone",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    email = forms.EmailField(
        required=False,
        label="E-mail",
        max_length=254,
        help_text="One of the two is enough.",
        error_messages=TEXT_SAYS | {"invalid": NOT_AN_ADDRESS},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class RequestPageForm(forms.Form):
    is_open = Chips(label="Patients can ask for a time on a page of their own", choices=[("yes", "Yes"), ("no", "No")])
    address = Line(label="Address of the page", max_length=60, help_text="Small letters, digits and hyphens.")
    phone = Line(label="Telephone for patients", max_length=40, required=False)
    notice_hours = Whole(label="At the earliest, hours from now", low=0, high=336, unit="h")
    days_ahead = Whole(label="At the latest, days from now", low=1, high=180)
    version = Version()


class HoursForm(forms.Form):
    clinician = Chips(label="Who")
    weekdays = ManyChips(label="Days of the week", choices=WEEKDAYS)
    begins = Clock(label="From")
    until = Clock(label="Until")
    minutes = Whole(label="Minutes for one appointment", low=SHORTEST, high=240)

    def __init__(self, *args: Any, clinicians: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clinician"].choices = who(clinicians)  # type: ignore[attr-defined]


class ClosedForm(forms.Form):
    clinician = Chips(label="Who is away")
    first = Day(label="First day")
    last = Day(label="Last day", required=False, help_text="Leave empty for one day.")

    def __init__(self, *args: Any, clinicians: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clinician"].choices = [("all", "The whole clinic"), *who(clinicians)]  # type: ignore[attr-defined]
