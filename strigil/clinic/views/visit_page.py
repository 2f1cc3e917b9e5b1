"""The visit page's forms, filled from the draft, the last visit or the plan, and read back as one input."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import QueryDict

from strigil.clinic import gather
from strigil.clinic.actions import Refused
from strigil.clinic.actions.treat import VisitInput
from strigil.clinic.forms.evaluate import SeriesForm
from strigil.clinic.forms.treat import NONE_SEEN, AreaForm, VisitForm
from strigil.clinic.models import Course, Reading, Treatment, Visit, VisitStatus, When
from strigil.clinic.tags import site_title
from strigil.pathway import facts
from strigil.pathway.facts import Moment

DOSE = ("instrument", "edge", "strokes", "seconds", "pressure", "angle_degrees", "position")
TODAY = ("discomfort", "force_newton", "force_method", "force_device")


class VisitPage:
    """Everything on the page. A fresh draft opens on the last visit, or else the plan, with each value marked.

    ``whole``: it is an amendment, and what signing asked for may not be taken away.
    """

    def __init__(self, visit: Visit, course: Course, posted: QueryDict | None, *, whole: bool = False) -> None:
        self.visit, self.course, self.posted, self.whole = visit, course, posted, whole
        treatments = {(row.region, row.side): row for row in visit.treatments.all()}
        self.fresh = not visit.is_signed and visit.version == 1 and not treatments
        self.source, doses = self._doses(treatments)
        self.areas = [self._area(place, site, doses) for place, site in enumerate(self._sites(treatments))]
        self.unconfirmed = self._unconfirmed_at_start()
        self.form = VisitForm(posted, initial=self._initial(), technique=visit.technique)
        self.series = SeriesForm(
            posted,
            series=latest_readings(course, visit),
            moments=(Moment.BEFORE, Moment.AFTER),
            prefix="measured",
            initial={},
        )
        self._fill_readings()

    @property
    def valid(self) -> bool:
        return not any(form.errors for form in [self.form, self.series, *self.areas])

    @property
    def places(self) -> str:
        """Which area each number in a field's name means; a draft typed where it meant another is not filled in."""
        return " ".join(f"{area.region}/{area.side}" for area in self.areas)

    @property
    def seen(self) -> int:
        return int(self.form.cleaned_data["version"])

    def is_valid(self) -> bool:
        fine = all([form.is_valid() for form in [self.form, self.series, *self.areas]])
        if self.whole and not self._is_whole():
            return False
        if fine:
            self.unconfirmed = [name for name in self.unconfirmed if self._untouched(name)]
        return fine

    def _is_whole(self) -> bool:
        """Whether what signing asked for is all there; says so beside the field where it is not."""
        treated = any(area.cleaned_data.get("treated") for area in self.areas)
        if treated and not self.form.cleaned_data.get("reactions") and "reactions" not in self.form.errors:
            self.form.add_error("reactions", "Say how skin and symptoms were at the end, or that nothing was seen.")
        if not treated and not self.form.cleaned_data.get("note", "").strip() and "note" not in self.form.errors:
            self.form.add_error("note", "Nothing was treated: say why in the note.")
        return self.valid

    def refuse(self, refusal: Refused) -> None:
        self.form.add_error(refusal.field if refusal.field in self.form.fields else None, str(refusal))

    def visit_input(self) -> VisitInput:
        data = self.form.cleaned_data
        return VisitInput(
            technique=self.visit.technique,
            phases_done=tuple(data["phases_done"]),
            treatments=tuple(one for area in self.areas if (one := area.treatment())),
            readings=tuple(self.series.readings()),
            reactions_asked=self.form.reactions_asked(),
            reactions=self.form.reactions_seen(),
            found=data["found"],
            exercise=data["exercise"],
            other_care=tuple(data["other_care"]),
            note=data["note"],
            unconfirmed=tuple(self.unconfirmed),
        )

    # --- What the page opens with ---

    def _doses(self, treatments: dict[tuple[str, str], Treatment]) -> tuple[str, dict[tuple[str, str], Any]]:
        """Where values come from, and the dose of each area there."""
        if not self.fresh:
            return "", treatments
        last = (
            self.course.visits.filter(status=VisitStatus.SIGNED, number__lt=self.visit.number)
            .prefetch_related("treatments")
            .order_by("number")
            .last()
        )
        if last and last.technique == self.visit.technique and last.treatments.all():
            return f"visit {last.number}", {(row.region, row.side): row for row in last.treatments.all()}
        plan = self.course.plans.prefetch_related("areas").order_by("made_on", "id").last()
        if plan and plan.technique == self.visit.technique:
            return "the plan", {(row.region, row.side): row for row in plan.areas.all()}
        return "", {}

    def _sites(self, treatments: dict[tuple[str, str], Treatment]) -> list[tuple[str, str]]:
        sites = [(row.region, row.side) for row in self.course.sites.all()]
        return sites + [site for site in treatments if site not in sites]

    def _area(self, place: int, site: tuple[str, str], doses: dict[tuple[str, str], Any]) -> AreaForm:
        initial: dict[str, Any] = {}
        if dose := doses.get(site):
            initial = {name: getattr(dose, name, None) for name in DOSE}
            initial = {name: value for name, value in initial.items() if value not in (None, "", [])}
            if not self.fresh:
                initial |= {name: getattr(dose, name) for name in TODAY} | {"treated": True}
            elif self.source:
                initial["treated"] = True
        return AreaForm(
            self.posted,
            prefix=f"area-{place}",
            initial=initial,
            region=site[0],
            side=site[1],
            technique=self.visit.technique,
            title=site_title({"region": site[0], "side": site[1]}),
            whole=self.whole,
        )

    def _unconfirmed_at_start(self) -> list[str]:
        if not self.fresh:
            return list(self.visit.unconfirmed)
        return [area.add_prefix(name) for area in self.areas for name in area.initial]

    def _untouched(self, name: str) -> bool:
        """Whether a copied value came back as it was, without the tick that confirms it."""
        if self.posted is None or self.posted.get(f"{name}-confirmed"):
            return False
        prefix, field = name.rsplit("-", 1)
        area = next(one for one in self.areas if one.prefix == prefix)
        if field != "treated" and not area.cleaned_data["treated"]:
            return False
        return field not in area.changed_data

    @property
    def ticked(self) -> set[str]:
        """Copied values that were confirmed on the page that came back."""
        return {name for name in self.unconfirmed if self.posted is not None and f"{name}-confirmed" in self.posted}

    def copied_from(self, name: str) -> str:
        """Where a value was copied from, for the mark beside it; empty where it was not."""
        return (self.source or "an earlier visit") if name in self.unconfirmed else ""

    def area_rows(self) -> list[dict[str, Any]]:
        """Each area with its fields and their marks, for the template."""
        return [
            {
                "form": area,
                "title": area.title,
                "fields": {name: area[name] for name in area.fields},
                "copied": {name: self.copied_from(area.add_prefix(name)) for name in ("treated", *DOSE)},
            }
            for area in self.areas
        ]

    def _initial(self) -> dict[str, Any]:
        visit = self.visit
        initial = {name: getattr(visit, name) for name in ("phases_done", "found", "exercise", "other_care", "note")}
        initial["version"] = visit.version
        check = next((one for one in visit.reaction_checks.all() if one.when == When.END), None)
        if check is not None:
            initial["reactions"] = [one.reaction for one in check.reactions.all()] or [NONE_SEEN]
        return initial

    def _fill_readings(self) -> None:
        """A draft's own readings come back; those of other days are only shown beside."""
        own = {(gather.reading(row), row.moment): row for row in self.visit.readings.all()}
        for last, _, moment, name in self.series.rows:
            for reading, at in own:
                if at == moment and _key(reading) == _key(last):
                    value = reading.value
                    self.series.initial[name] = int(value) if value == value.to_integral() else value


def _key(reading: facts.Reading) -> tuple[object, ...]:
    return (reading.measure, reading.side, reading.method, reading.device, reading.detail)


def latest_readings(course: Course, visit: Visit | None = None) -> list[facts.Reading]:
    """The newest reading of each series of a course, not counting this visit; pain always comes first."""
    rows = Reading.objects.filter(course=course).exclude(moment=Moment.AFTER.value)
    if visit is not None:
        rows = rows.exclude(visit=visit)
    ranked = rows.annotate(
        place=Window(
            RowNumber(),
            partition_by=[F("measure"), F("side"), F("method"), F("device"), F("detail")],
            order_by=[F("on").desc(), F("id").desc()],
        )
    ).filter(place=1)
    found = [gather.reading(row) for row in ranked]
    return sorted(found, key=_shown_in_order)


def _shown_in_order(one: facts.Reading) -> tuple[bool, bool, str, str, str, str, str]:
    side = str(one.side or "")
    return (one.measure != "nprs", one.measure == "psfs", one.measure, one.detail, side, one.method, one.device)


def copied_titles(visit: Visit) -> list[str]:
    """The values of a draft that are still only copied, a line for each area."""
    areas = [(row.region, row.side) for row in visit.course.sites.all()]
    areas += [(row.region, row.side) for row in visit.treatments.all() if (row.region, row.side) not in areas]
    copied: dict[int, list[str]] = {}
    for name in visit.unconfirmed:
        prefix, field = name.rsplit("-", 1)
        copied.setdefault(int(prefix.removeprefix("area-")), []).append(field)
    return [
        f"{site_title({'region': areas[place][0], 'side': areas[place][1]})}: "
        + ", ".join(words for field, words in _FIELD_WORDS.items() if field in fields)
        for place, fields in sorted(copied.items())
    ]


_FIELD_WORDS = {
    "treated": "treated today",
    "instrument": "instrument",
    "edge": "edge",
    "strokes": "strokes",
    "seconds": "time",
    "pressure": "pressure",
    "angle_degrees": "angle",
    "position": "position",
}
