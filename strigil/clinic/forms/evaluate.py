from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from zlib import crc32

from django import forms

from strigil.clinic.actions.evaluate import ReadingInput, SiteInput
from strigil.clinic.forms.fields import (
    SIDES,
    Amount,
    Chips,
    Choices,
    Day,
    Line,
    Pick,
    Prose,
    RegionPick,
    RegionsPick,
    Scale,
    Version,
    indication_choices,
    region_choices,
)
from strigil.knowledge import load
from strigil.knowledge.shapes import Indication, Measure
from strigil.pathway.facts import Moment, Reading
from strigil.pathway.measure import with_unit
from strigil.pathway.questionnaire import METHOD as FILLED
from strigil.pathway.score import score

METHODS: Choices = [("active", "Active"), ("passive", "Passive")]
DEVICES: Choices = [
    ("universal goniometer", "Goniometer"),
    ("inclinometer", "Inclinometer"),
    ("phone inclinometer", "Phone"),
    ("tape measure", "Tape"),
    ("by eye", "By eye"),
]
ACTIVITIES, FIRST_ACTIVITIES = 5, 3
MEAN = "mean of own activities"
LONGEST_DETAIL = 200


class CourseForm(forms.Form):
    """A new course: what for, which side, where, since when."""

    indication = Pick(choices=[])
    side = Chips(choices=SIDES, help_text="Of the patient.")
    regions = RegionsPick(choices=[], label="Body regions", help_text="Where IASTM is considered.")
    onset = Day(required=False, label="Began on", help_text="Leave empty if not known.")
    complaint = Prose(required=False, max_length=4000, label="In the patient's words")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["indication"].choices = [("", "Choose …"), *indication_choices()]  # type: ignore[attr-defined]
        self.fields["regions"].choices = region_choices()  # type: ignore[attr-defined]

    def clean_onset(self) -> date | None:
        return not_in_future(self.cleaned_data["onset"], self.today)

    def sites(self) -> list[SiteInput]:
        return [SiteInput(region, self.cleaned_data["side"]) for region in self.cleaned_data["regions"]]


class SiteForm(forms.Form):
    """One more site of a course."""

    region = RegionPick(choices=[], label="Body region")
    side = Chips(choices=SIDES, help_text="Of the patient.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = region_choices()  # type: ignore[attr-defined]


class HistoryForm(forms.Form):
    complaint = Prose(required=False, max_length=4000, label="In the patient's words")
    history = Prose(
        required=False, max_length=4000, label="History and findings", help_text="What you saw, felt and tested."
    )
    assessment = Prose(
        required=False,
        max_length=4000,
        label="Your assessment",
        help_text="Written before the screen's advice is read.",
    )
    onset = Day(required=False, label="Began on")
    version = Version()

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_onset(self) -> date | None:
        return not_in_future(self.cleaned_data["onset"], self.today)


def not_in_future(onset: date | None, today: date) -> date | None:
    if onset and onset > today:
        raise forms.ValidationError("It cannot have begun in the future.")
    return onset


class GoalForm(forms.Form):
    """One goal, on a measure of the course."""

    measure = Pick(required=False, choices=[], label="Goal on")
    value = Amount(required=False, label="Wanted value", decimal_places=3)
    by = Day(required=False, label="By")

    def __init__(self, *args: Any, measures: Sequence[Measure], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].choices = [  # type: ignore[attr-defined]
            ("", "No goal yet"),
            *((one.id, f"{one.short} ({one.unit_name})") for one in measures),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("measure") and data.get("value") is None and "value" not in self.errors:
            self.add_error("value", "Give the value that is wanted.")
        if data.get("measure") and data.get("value") is not None:
            measure = load().shelf(Measure)[data["measure"]]
            if not measure.low <= data["value"] <= measure.high:
                self.add_error("value", f"Allowed: {measure.low} to {with_unit(measure.high, measure.unit_name)}.")
        if data.get("value") is not None and not data.get("measure") and "measure" not in self.errors:
            self.add_error("measure", "Say what the goal is measured by.")
        return data


class ReadingsForm(forms.Form):
    """Baseline readings: pain, the activities the patient names, and the motions of the regions."""

    nprs = Scale(required=False, label="Pain now")
    method = Chips(required=False, choices=METHODS, label="Motion was")
    device = Chips(required=False, choices=DEVICES, label="Measured with")

    def __init__(
        self, *args: Any, measures: Sequence[Measure], first: Collection[str], side: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.side, self.first = side, first
        self.motions = [one for one in measures if one.kind == "motion"]
        for place in range(ACTIVITIES):
            self.fields[f"activity_{place}"] = Line(required=False, max_length=200, label=f"Activity {place + 1}")
            self.fields[f"ability_{place}"] = Scale(required=False, label=f"Ability in activity {place + 1}")
        for motion in self.motions:
            self.fields[motion.id] = number_field(motion)

    def activities(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"activity_{place}"], self[f"ability_{place}"]) for place in range(ACTIVITIES)]

    def first_motions(self) -> list[tuple[forms.BoundField, Measure]]:
        """The motions that come first for the regions."""
        return [(self[motion.id], motion) for motion in self.motions if motion.id in self.first]

    def more_motions(self) -> list[tuple[forms.BoundField, Measure]]:
        return [(self[motion.id], motion) for motion in self.motions if motion.id not in self.first]

    @property
    def more_motions_sent(self) -> bool:
        """Whether what is folded away holds something, so that it has to be seen."""
        return any(field.value() not in (None, "") for field, _ in self.more_motions())

    @property
    def more_activities_sent(self) -> bool:
        return any(named.value() or rated.value() for named, rated in self.activities()[FIRST_ACTIVITIES:])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for place in range(ACTIVITIES):
            named, rated = data.get(f"activity_{place}"), data.get(f"ability_{place}")
            if rated is not None and not named:
                self.add_error(f"activity_{place}", "Name the activity that was rated.")
            if named and rated is None:
                self.add_error(f"ability_{place}", "Rate the activity from 0 (cannot) to 10 (as before).")
        if any(data.get(motion.id) is not None for motion in self.motions):
            for name, what in (("method", "Say whether motion was active or passive."), ("device", "Say with what.")):
                if not data.get(name):
                    self.add_error(name, what)
        return data

    def readings(self) -> list[ReadingInput]:
        data = self.cleaned_data
        found: list[ReadingInput] = []
        if data["nprs"] is not None:
            found.append(ReadingInput("nprs", Decimal(data["nprs"]), Moment.BASELINE))
        for place in range(ACTIVITIES):
            if data[f"activity_{place}"]:
                value = Decimal(data[f"ability_{place}"])
                found.append(ReadingInput("psfs", value, Moment.BASELINE, detail=data[f"activity_{place}"].strip()))
        for motion in self.motions:
            if data[motion.id] is not None:
                side = self.side if motion.sided == "yes" else ""
                found.append(
                    ReadingInput(
                        motion.id, data[motion.id], Moment.BASELINE, side, method=data["method"], device=data["device"]
                    )
                )
        return with_mean(found)


def number_field(measure: Measure) -> Amount:
    """A field that accepts what the measure's range and step allow."""
    places = -int(measure.step.normalize().as_tuple().exponent)
    return Amount(
        required=False,
        label=measure.short,
        low=measure.low,
        high=measure.high,
        unit=measure.unit_name,
        decimal_places=max(places, 0),
        widget=forms.NumberInput(
            attrs={
                "min": f"{measure.low:f}",
                "max": f"{measure.high:f}",
                "step": f"{measure.step:f}",
                "inputmode": "decimal",
            }
        ),
    )


def with_mean(readings: list[ReadingInput]) -> list[ReadingInput]:
    """The readings, and the mean of the patient's own activities where as many were rated as its rule asks for.

    The mean carries the names of its activities, so that means of other activities are never compared with it.
    """
    rated = [one for one in readings if one.measure == "psfs"]
    mean = score(load().shelf(Measure)["psfs"], [one.value for one in rated]).value
    names = "; ".join(sorted(one.detail for one in rated))
    if mean is None or len(names) > LONGEST_DETAIL:
        return readings
    return [*readings, ReadingInput("psfs", round(mean, 3), rated[0].moment, method=MEAN, detail=names)]


class SeriesForm(forms.Form):
    """Readings that continue the series of a course: the same measure, side, method, device and detail as before.

    A series that was filled in item by item, or worked out of others, is not continued by a typed value.
    """

    def __init__(self, *args: Any, series: Sequence[Reading], moments: Sequence[Moment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shelf, self.given = load().shelf(Measure), series
        self.rows: list[tuple[Reading, Measure, Moment, str]] = []
        for last in series:
            if last.method in (FILLED, MEAN):
                continue
            measure = shelf[last.measure]
            for moment in moments:
                if moment is Moment.AFTER and measure.id == "psfs":
                    continue
                name = f"{moment.value}_{series_key(last)}"
                field = Scale(required=False) if is_scale(measure) else number_field(measure)
                field.label = series_label(last, measure)
                self.fields[name] = field
                self.rows.append((last, measure, moment, name))

    def shown(self) -> list[dict[str, Any]]:
        """What the page draws: each series with its fields and its last value."""
        drawn: dict[Reading, dict[str, Any]] = {}
        for last, measure, moment, name in self.rows:
            row = drawn.setdefault(
                last,
                {
                    "measure": measure,
                    "label": series_label(last, measure),
                    "scale": is_scale(measure),
                    "last": last,
                    "last_text": f"last {with_unit(last.value, measure.unit_name)}",
                    "fields": [],
                },
            )
            row["fields"].append((moment.value, self[name]))
        return list(drawn.values())

    def readings(self) -> list[ReadingInput]:
        given = [
            ReadingInput(
                last.measure,
                Decimal(self.cleaned_data[name]),
                moment,
                last.side or "",
                last.method,
                last.device,
                last.detail,
                last.version,
                last.position,
            )
            for last, _, moment, name in self.rows
            if self.cleaned_data.get(name) is not None
        ]
        return with_mean(given)


def series_key(last: Reading) -> str:
    """A series by itself, not by its place on the page: a series added meanwhile moves no value to another measure."""
    apart = "/".join((last.side or "", last.method, last.device, last.detail, last.version, last.position))
    return f"{last.measure}_{crc32(apart.encode()):08x}" if apart.strip("/") else last.measure


def is_scale(measure: Measure) -> bool:
    """Whether eleven buttons do."""
    return measure.kind == "patient_reported" and [measure.low, measure.high, measure.step] == [
        Decimal(0),
        Decimal(10),
        Decimal(1),
    ]


def series_label(last: Reading, measure: Measure) -> str:
    parts = [measure.short, last.detail, str(last.side or ""), last.method, last.position, last.device, last.version]
    return ", ".join(part for part in parts if part)


def title_of_indication(key: str) -> str:
    found = load().shelf(Indication).get(key)
    return found.title if found else key
