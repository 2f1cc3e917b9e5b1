from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from strigil.clinic.actions.respond import ReactionInput
from strigil.clinic.actions.treat import MOST_MINUTES, TreatmentInput
from strigil.clinic.forms.fields import (
    DIRECTIONS,
    EDGES,
    MOTIONS,
    PRESSURES,
    SIDES,
    Amount,
    Chips,
    Choices,
    Line,
    ManyChips,
    Pick,
    Prose,
    RegionPick,
    Scale,
    SitesOfPage,
    Version,
    Whole,
    allowed,
    instrument_choices,
    reaction_choices,
    region_choices,
    stroke_choices,
    texture_choices,
)
from strigil.clinic.hindrances import Hindrance, Way
from strigil.clinic.minutes import minute_kinds
from strigil.clinic.models import NOTHING_FELT
from strigil.knowledge import load
from strigil.knowledge.shapes import Adjunct, Technique
from strigil.pathway.treat.minutes import HANDS

NONE_SEEN = "none"


def minutes_field(label: str) -> Whole:
    return Whole(
        required=False,
        low=1,
        high=MOST_MINUTES,
        unit="min",
        label=label,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "placeholder": " "}),
    )


class VisitForm(forms.Form):
    """What belongs to the visit as a whole."""

    phases_done = ManyChips(required=False, choices=[], label="Phases done")
    reactions = ManyChips(required=False, choices=[], label="Skin and symptoms at the end")
    found = Prose(required=False, max_length=2000, rows=2, label="What the instrument found, in words")
    exercise = Prose(required=False, max_length=2000, rows=2, label="Exercise done")
    other_care = ManyChips(required=False, choices=[], label="Other care given")
    note = Prose(required=False, max_length=8000, rows=3)
    sites = SitesOfPage()
    version = Version()

    COPIED = ("exercise", "minutes_exercise")

    def __init__(self, *args: Any, technique: str, sites: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sites"].initial = sites
        for kind, words in minute_kinds().items():
            if kind != HANDS:
                self.fields[f"minutes_{kind}"] = minutes_field(f"{words}, minutes")
        found = load().shelf(Technique)[technique]
        phases: Choices = [(one.id, one.name) for one in found.phases]
        care: Choices = [(key, one.title) for key, one in load().shelf(Adjunct).items() if one.recordable == "yes"]
        seen: Choices = [(NONE_SEEN, "None seen"), *reaction_choices("expected"), *reaction_choices("adverse")]
        self.fields["phases_done"].choices = phases  # type: ignore[attr-defined]
        self.fields["other_care"].choices = care  # type: ignore[attr-defined]
        self.fields["reactions"].choices = seen  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for kind in self.care:
            if data.get(f"minutes_{kind}") and kind not in (data.get("other_care") or []):
                self.add_error(f"minutes_{kind}", "Tick what was given, or empty its minutes.")
        return data

    @property
    def care(self) -> list[str]:
        """The care that can be given beside IASTM."""
        return [kind for kind, _ in self.fields["other_care"].choices]  # type: ignore[attr-defined]

    def care_rows(self) -> list[tuple[forms.boundfield.BoundWidget, forms.BoundField]]:
        """Each kind of other care: its chip, and its minutes."""
        return [(chip, self[f"minutes_{chip.data['value']}"]) for chip in self["other_care"]]

    def minutes(self) -> dict[str, int]:
        kinds = (name.removeprefix("minutes_") for name in self.fields if name.startswith("minutes_"))
        return {kind: given for kind in kinds if (given := self.cleaned_data[f"minutes_{kind}"])}

    def clean_reactions(self) -> list[str]:
        seen: list[str] = self.cleaned_data["reactions"]
        if NONE_SEEN in seen and len(seen) > 1:
            raise forms.ValidationError("Either nothing was seen, or say what was: not both.")
        return seen

    def reactions_asked(self) -> bool:
        return bool(self.cleaned_data["reactions"])

    def reactions_seen(self) -> tuple[ReactionInput, ...]:
        return tuple(ReactionInput(one) for one in self.cleaned_data["reactions"] if one != NONE_SEEN)


class AreaForm(forms.Form):
    """The dose of one area as given today. ``whole``: nothing that signing asks for may be left out."""

    treated = forms.BooleanField(required=False, label="Treated today")
    instrument = Pick(required=False, choices=[])
    edge = Pick(required=False, choices=EDGES)
    strokes = ManyChips(required=False, choices=[])
    seconds = Whole(
        required=False,
        low=1,
        high=3600,
        unit="s",
        label="Time",
        widget=forms.NumberInput(attrs={"step": 10, "inputmode": "numeric"}),
    )
    pressure = Chips(required=False, choices=PRESSURES)
    discomfort = Scale(required=False, label="Discomfort while treated")
    angle_degrees = Whole(
        required=False,
        low=0,
        high=90,
        unit="°",
        label="Angle",
        widget=forms.NumberInput(attrs={"step": 5, "inputmode": "numeric"}),
    )
    directions = ManyChips(required=False, choices=DIRECTIONS, label="Direction of the strokes")
    motion = Chips(required=False, choices=MOTIONS, label="While treated, the area was")
    position = Prose(required=False, max_length=200, rows=1, label="Position")
    textures = ManyChips(required=False, choices=[], label="What the instrument found")
    found_where = Prose(required=False, max_length=200, rows=1, label="Where it was found")
    force_newton = Amount(
        required=False, low=Decimal("0.1"), high=Decimal(500), unit="N", decimal_places=1, label="Force"
    )
    force_method = Chips(
        required=False,
        choices=[("estimated", "Estimated by hand"), ("measured", "Measured by a device")],
        label="How the force is known",
    )
    force_device = Line(required=False, max_length=100, label="Device")

    COPIED = (
        *("instrument", "edge", "strokes", "directions", "seconds", "pressure", "angle_degrees", "position", "motion"),
    )
    """What may be repeated from the last visit. Discomfort, force and what was found are today's."""
    TODAY = ("discomfort", "force_newton", "force_method", "force_device", "textures", "found_where")

    def __init__(
        self, *args: Any, region: str, side: str, technique: str, title: str, whole: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.region, self.side, self.title = region, side, title
        self.whole = whole
        self.fields["instrument"].choices = instrument_choices(technique)  # type: ignore[attr-defined]
        self.fields["strokes"].choices = stroke_choices(technique)  # type: ignore[attr-defined]
        self.fields["textures"].choices = texture_choices()  # type: ignore[attr-defined]

    def clean_textures(self) -> list[str]:
        felt: list[str] = self.cleaned_data["textures"]
        if NOTHING_FELT in felt and len(felt) > 1:
            raise forms.ValidationError("Either nothing was felt, or say what was: not both.")
        return felt

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("force_newton") is not None:
            if not data.get("force_method"):
                self.add_error("force_method", "Say whether the force was measured or estimated.")
            if data.get("force_method") == "measured" and not data.get("force_device", "").strip():
                self.add_error("force_device", "Name the device that measured it.")
        elif data.get("force_method") and "force_newton" not in self.errors:
            self.add_error("force_newton", "Give the force, or leave how it is known empty.")
        typed = [name for name in self.changed_data if name != "treated" and data.get(name) not in (None, "", [])]
        if typed and not data.get("treated"):
            self.add_error("treated", "Tick this if the area was treated, or empty what was filled in below.")
        if self.whole and data.get("treated") and data.get("seconds") is None and "seconds" not in self.errors:
            self.add_error("seconds", f"Give the time. {allowed(Decimal(1), Decimal(3600), 's', 0)}")
        return data

    def treatment(self) -> TreatmentInput | None:
        data = self.cleaned_data
        if not data["treated"]:
            return None
        measured = data["force_newton"] is not None and data["force_method"] == "measured"
        return TreatmentInput(
            region=self.region,
            side=self.side,
            instrument=data["instrument"],
            edge=data["edge"],
            strokes=tuple(data["strokes"]),
            seconds=data["seconds"],
            pressure=data["pressure"],
            discomfort=data["discomfort"],
            force_newton=data["force_newton"],
            force_method=data["force_method"] if data["force_newton"] is not None else "",
            force_device=data["force_device"].strip() if measured else "",
            angle_degrees=data["angle_degrees"],
            position=data["position"].strip(),
            directions=tuple(data["directions"]),
            motion=data["motion"],
            textures=tuple(data["textures"]),
            found_where=data["found_where"].strip(),
        )


class AmendForm(forms.Form):
    reason = Prose(max_length=1000, rows=2, label="Why it is amended")
    overriding = Line(required=False, widget=forms.HiddenInput)

    def keys(self) -> list[str]:
        """What stood in the way on the page that was sent."""
        return str(self.cleaned_data["overriding"]).split()


class SignForm(forms.Form):
    version = Version()
    confirm_copied = forms.BooleanField(required=False, label="The copied values above are right for today")

    overriding = Line(required=False, widget=forms.HiddenInput)
    reason = Prose(max_length=1000, label="Why the patient was treated in spite of it")

    def __init__(self, *args: Any, copied: Sequence[str], hindering: Sequence[Hindrance], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.copied = copied
        if not copied:
            del self.fields["confirm_copied"]
        keys = [one.key for one in hindering if one.way is Way.REASON]
        self.fields["overriding"].initial = " ".join(keys)
        if not keys:
            del self.fields["overriding"], self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.copied and not data.get("confirm_copied"):
            self.add_error("confirm_copied", "Copied is not confirmed: check the values, then tick this.")
        return data

    def overridden(self) -> dict[str, Any]:
        """What stood on the page and the reason given for it, as the action takes them."""
        keys = self.cleaned_data.get("overriding", "").split()
        return {"overriding": keys, "reason": self.cleaned_data.get("reason", "")}


class DiscardForm(forms.Form):
    version = Version()


class ReactionForm(forms.Form):
    """How skin and symptoms were after a visit."""

    when = Chips(choices=[("next_day", "Next day"), ("next_visit", "At the next visit")], label="When")
    reactions = ManyChips(choices=[], label="What was seen or felt")
    still_there = Chips(
        required=False,
        choices=[("yes", "Still there"), ("no", "Gone"), ("unknown", "Not known")],
        label="Is it still there?",
    )
    larger = Chips(
        required=False,
        choices=[("yes", "Larger"), ("no", "Not larger"), ("unknown", "Not known")],
        label="Is any mark larger than at the end of the visit?",
    )
    region = RegionPick(required=False, choices=[], label="Where it was", help_text="Empty: nobody said where.")
    side = Chips(required=False, choices=SIDES, label="Side it was on", help_text="Of the patient.")
    note = Line(required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = region_choices()  # type: ignore[attr-defined]
        seen: Choices = [(NONE_SEEN, "None"), *reaction_choices("expected"), *reaction_choices("adverse")]
        self.fields["reactions"].choices = seen  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        seen = data.get("reactions") or []
        if NONE_SEEN in seen and len(seen) > 1:
            self.add_error("reactions", "Either nothing was seen, or say what was: not both.")
        elif seen and NONE_SEEN not in seen and not data.get("still_there"):
            self.add_error("still_there", "Say whether it is still there, or that it is not known.")
        self._check_place(data)
        return data

    def _check_place(self, data: dict[str, Any]) -> None:
        region, side = data.get("region"), data.get("side")
        if region and not side and "side" not in self.errors:
            self.add_error("side", "Say which side of the patient.")
        if side and not region and "region" not in self.errors:
            self.add_error("region", "Say where on that side.")
        if region and data.get("reactions") == [NONE_SEEN]:
            self.add_error("region", "Nothing was seen, so it was nowhere: take the place away, or say what was seen.")

    def seen(self) -> list[ReactionInput]:
        known = {"yes": True, "no": False}
        return [
            ReactionInput(
                one,
                self.cleaned_data["region"],
                self.cleaned_data["side"],
                still_present=known.get(self.cleaned_data["still_there"]),
                larger=known.get(self.cleaned_data["larger"]),
            )
            for one in self.cleaned_data["reactions"]
            if one != NONE_SEEN
        ]


class CloseForm(forms.Form):
    status = Chips(choices=[("finished", "Finished"), ("stopped", "Stopped early")], label="How it ended")
    note = Prose(required=False, max_length=2000, rows=2, label="Why", help_text="Needed where it was stopped early.")
    version = Version()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("status") == "stopped" and not data.get("note", "").strip():
            self.add_error("note", "Say why the course was stopped.")
        return data
