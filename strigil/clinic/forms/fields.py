"""Fields that every step uses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from strigil.clinic.models import NOTHING_FELT, Direction, Motion
from strigil.knowledge import load
from strigil.knowledge.shapes import (
    BodyRegion,
    DetectionAssessment,
    Indication,
    Instrument,
    Reaction,
    Stroke,
    Technique,
)
from strigil.pathway.measure import with_unit

Choices = list[tuple[str, str]]

YES_NO_UNKNOWN: Choices = [("yes", "Yes"), ("no", "No"), ("unknown", "Not known")]
SIDES: Choices = [("left", "Left"), ("right", "Right"), ("midline", "Midline")]
EDGES: Choices = [
    ("", "Not recorded"),
    ("concave", "Concave"),
    ("convex", "Convex"),
    ("knob", "Knob"),
    ("point", "Point"),
    ("tip", "Tip"),
    ("flat", "Flat"),
]
DIRECTIONS: Choices = list(Direction.choices)
MOTIONS: Choices = list(Motion.choices)
PRESSURES: Choices = [("light", "Light"), ("moderate", "Moderate"), ("firm", "Firm")]


NOT_OFFERED = "Choose among what is offered here."
TEXT_SAYS: dict[str, Any] = {
    "required": "Fill this in.",
    "max_length": "At most %(limit_value)d characters fit here; this has %(show_value)d.",
    "null_characters_not_allowed": "This holds a character that cannot be kept. Type it again by hand.",
}


class Pick(forms.ChoiceField):
    """One of a list."""

    default_error_messages = {"required": "Choose one.", "invalid_choice": NOT_OFFERED}


class PlainInput:
    """Writes one choice without a template: a page has a hundred, and each would cost as much as a query."""

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        widget = context["widget"]
        if "optgroups" in widget:
            return super()._render(template_name, context, renderer)  # type: ignore[misc,no-any-return]
        said = {"type": widget["type"], "name": widget["name"], "value": widget["value"]} | widget["attrs"]
        return format_html("<input{}>", flatatt(said))


class OneInput(PlainInput, forms.RadioSelect):
    pass


class ManyInput(PlainInput, forms.CheckboxSelectMultiple):
    pass


class Chips(Pick):
    """One of a few, as chips; nothing chosen beforehand."""

    widget = OneInput


class ManyChips(forms.MultipleChoiceField):
    widget = ManyInput
    default_error_messages = {
        "required": "Choose at least one.",
        "invalid_choice": NOT_OFFERED,
        "invalid_list": NOT_OFFERED,
    }


class FindableInput:
    """Each body region brings the words by which it is found beside its title: the structures that lie there."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)  # type: ignore[misc]
        found = load().shelf(BodyRegion).get(str(value))
        if found and found.structures:
            option["attrs"]["data-words"] = ", ".join(found.structures)
        return option


class OneRegionInput(FindableInput, OneInput):
    pass


class ManyRegionsInput(FindableInput, ManyInput):
    pass


class RegionPick(Chips):
    """One body region."""

    widget = OneRegionInput


class RegionsPick(ManyChips):
    """Body regions."""

    widget = ManyRegionsInput


class Scale(forms.TypedChoiceField):
    """Eleven buttons, 0 to 10."""

    widget = OneInput
    default_error_messages = {"required": "Choose one.", "invalid_choice": "Choose a number from 0 to 10."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[(n, str(n)) for n in range(11)], coerce=int, empty_value=None, **kwargs)


class Amount(forms.DecimalField):
    """A number that may be typed with a decimal comma. Whatever is wrong with it, the answer is what is allowed."""

    def __init__(
        self,
        *,
        decimal_places: int,
        low: Decimal | None = None,
        high: Decimal | None = None,
        unit: str = "",
        **kwargs: Any,
    ) -> None:
        says = allowed(low, high, unit, decimal_places)
        super().__init__(
            min_value=low,
            max_value=high,
            decimal_places=decimal_places,
            max_digits=9,
            error_messages=dict.fromkeys(_NUMBER_FAULTS, says) | {"required": f"Fill this in. {says}"},
            **kwargs,
        )

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str):
            value = value.strip().replace(",", ".").replace("−", "-")
        return super().to_python(value)


class Whole(forms.IntegerField):
    """A whole number, with its limits and its unit."""

    def __init__(self, *, low: int, high: int, unit: str = "", **kwargs: Any) -> None:
        says = allowed(Decimal(low), Decimal(high), unit, 0)
        super().__init__(
            min_value=low,
            max_value=high,
            error_messages=dict.fromkeys(_NUMBER_FAULTS, says) | {"required": f"Fill this in. {says}"},
            **kwargs,
        )


_NUMBER_FAULTS = ("invalid", "min_value", "max_value", "max_digits", "max_decimal_places", "max_whole_digits")


def allowed(low: Decimal | None, high: Decimal | None, unit: str, places: int) -> str:
    """What a number field takes, in one sentence."""
    number = "a whole number"
    if places:
        number = f"a number with up to {places} decimal {'place' if places == 1 else 'places'}"
    if low is None or high is None:
        return f"Give {number}."
    return f"Allowed: {number} from {low:f} to {with_unit(high, unit).strip()}."


class SitesOfPage(forms.CharField):
    """The sites a page was drawn for: doses belong to them by their place, so the course must still have the same."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def validate(self, value: str) -> None:
        if value and value != self.initial:
            raise forms.ValidationError(
                "A site was added to this course or removed since you opened this page. Open it again in another tab, "
                "compare, and save there."
            )


class Version(forms.IntegerField):
    """Which version of a record the page was drawn from."""

    widget = forms.HiddenInput
    default_error_messages = dict.fromkeys(
        ("required", "invalid"),
        "This page no longer knows what it was drawn from. Open it again in another tab, compare, and save there.",
    )


OLDEST = date(1880, 1, 1)
"""No day of anybody in care lies before; the same limit as ``strigil screen`` has."""


class Day(forms.DateField):
    """A date, through the browser's own picker; also typed as 3 Nov 2026 or 3/11/2026."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %b %Y", "%d %B %Y"],
            error_messages={"required": "Give the date.", "invalid": "Give a date such as 2026-11-03 or 3 Nov 2026."},
            **kwargs,
        )

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value and value < OLDEST:
            raise forms.ValidationError("Check the year: nobody alive was born then.")


class Line(forms.CharField):
    """One line of text."""

    default_error_messages = TEXT_SAYS


class Prose(Line):
    """Free text that takes dictation: plain, spelling on."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.Textarea(attrs={"rows": rows, "spellcheck": "true", "autocapitalize": "sentences"}), **kwargs
        )


def region_choices(only: Iterable[str] | None = None) -> Choices:
    keys = None if only is None else set(only)
    return [(key, item.title) for key, item in load().shelf(BodyRegion).items() if keys is None or key in keys]


def indication_choices() -> Choices:
    return sorted(((key, item.title) for key, item in load().shelf(Indication).items()), key=lambda pair: pair[1])


def technique_choices() -> Choices:
    return sorted(((key, item.title) for key, item in load().shelf(Technique).items()), key=lambda pair: pair[1])


def instrument_choices(technique: str = "") -> Choices:
    """Every instrument, those of the technique first."""
    shelf = load().shelf(Instrument)
    found = load().shelf(Technique).get(technique)
    first = [key for key in (found.instruments if found else ()) if key in shelf]
    rest = sorted((key for key in shelf if key not in first), key=lambda key: shelf[key].title)
    return [("", "Not recorded"), *((key, shelf[key].title) for key in [*first, *rest])]


def stroke_choices(technique: str = "") -> Choices:
    """Strokes that can be recorded; those that sources tie to the technique come first."""
    shelf = {key: item for key, item in load().shelf(Stroke).items() if item.recordable == "yes"}
    found = load().shelf(Technique).get(technique)
    first = [key for key in (found.strokes if found else ()) if key in shelf]
    return [(key, shelf[key].title) for key in [*first, *(key for key in shelf if key not in first)]]


def reaction_choices(group: str) -> Choices:
    return [(key, item.title) for key, item in load().shelf(Reaction).items() if item.group == group]


def texture_choices() -> Choices:
    """What clinicians call what they feel through the tool."""
    words: Choices = [(one.id, one.name) for one in load().shelf(DetectionAssessment)["feel"].words]
    return [(NOTHING_FELT, "Nothing felt"), *words]
