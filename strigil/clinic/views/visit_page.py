"""The visit page's forms, filled from the draft, the last visit or the plan, and read back as one input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, Window
from django.db.models.functions import RowNumber
from django.http import QueryDict

from strigil.clinic import gather
from strigil.clinic.actions import Refused
from strigil.clinic.actions.treat import VisitInput
from strigil.clinic.forms.evaluate import SeriesForm, series_key
from strigil.clinic.forms.treat import NONE_SEEN, AreaForm, VisitForm
from strigil.clinic.models import EXERCISE, Course, Motion, PayerSetting, Plan, Treatment, Visit, When
from strigil.clinic.tags import how_words, site_title
from strigil.clinic.views.shared import is_stale, refuse
from strigil.knowledge import load
from strigil.knowledge.shapes import Measure, PayerRule, Technique
from strigil.pathway import facts
from strigil.pathway.facts import Moment
from strigil.pathway.measure import alike, with_unit
from strigil.pathway.treat import Units, by_hand, suggested_units

HOW = ("instrument", "edge", "strokes", "directions", "angle_degrees", "position", "motion")
"""Of a dose, what seldom changes from one visit to the next."""
_ASKS = {
    "examine": ("the screen and the gate", "h-gate"),
    "warm_up": ("minutes of heat or warm-up", "care-heat"),
    "scan": ("what the instrument found", "id_area-0-textures"),
    "treat": ("the dose of each area", "h-area-1"),
    "stretch": ("minutes of stretching", "care-stretch"),
    "strengthen": ("exercise and its minutes", "id_exercise"),
    "reassess": ("the readings after", "h-after"),
}
"""What a part of a session asks the record for, and where on the page that is."""


class VisitPage:
    """Everything on the page. A fresh draft opens on the last visit, or else the plan, with each value marked.

    ``earlier``: the signed visits before it, oldest first. ``repeat``: False opens it empty. ``whole``: it is an
    amendment, and what signing asked for may not be taken away.
    """

    def __init__(
        self,
        visit: Visit,
        course: Course,
        posted: QueryDict | None,
        *,
        earlier: Sequence[Visit] = (),
        repeat: bool = True,
        whole: bool = False,
    ) -> None:
        self.visit, self.course, self.posted, self.whole = visit, course, posted, whole
        self.last = earlier[-1] if earlier else None
        self.plan: Plan | None = course.plans.prefetch_related("areas").order_by("id").last()
        treatments = {(row.region, row.side): row for row in visit.treatments.all()}
        self.treated = list(treatments.values())
        self.fresh = not visit.is_signed and visit.version == 1 and not treatments
        self.source, self.copied, doses = self._repeated(repeat, treatments)
        sites = self._sites(treatments)
        self.areas = [self._area(place, site, doses) for place, site in enumerate(sites)]
        listed = " ".join("/".join(site) for site in sites)
        initial = self._initial() | self.copied
        self.form = VisitForm(posted, initial=initial, technique=visit.technique, sites=listed)
        self.unconfirmed = self._unconfirmed_at_start()
        latest, self._after = latest_readings(course, visit)
        self.series = SeriesForm(
            posted,
            series=latest,
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
        refuse(self.form, refusal)

    @property
    def stale(self) -> bool:
        """Somebody else saved the visit since this page was drawn."""
        return is_stale(self.form)

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
            minutes=self.form.minutes(),
            note=data["note"],
            unconfirmed=tuple(self.unconfirmed),
        )

    # --- What the page opens with ---

    def _repeated(
        self, repeat: bool, treatments: dict[tuple[str, str], Treatment]
    ) -> tuple[str, dict[str, Any], dict[tuple[str, str], Any]]:
        """Where values come from, those of the visit as a whole, and the dose of each area."""
        if not self.fresh:
            return "", {}, treatments
        last, plan = self.last, self.plan
        if not repeat:
            return "", {}, {}
        if last and last.technique == self.visit.technique and last.treatments.all():
            whole = {"exercise": last.exercise, "minutes_exercise": last.minutes.get("exercise")}
            doses: dict[tuple[str, str], Any] = {(row.region, row.side): row for row in last.treatments.all()}
            return f"visit {last.number}", {name: value for name, value in whole.items() if value}, doses
        if plan and plan.technique == self.visit.technique:
            whole = {"exercise": plan.exercise} if plan.exercise else {}
            return "the plan", whole, {(row.region, row.side): row for row in plan.areas.all()}
        return "", {}, {}

    def _sites(self, treatments: dict[tuple[str, str], Treatment]) -> list[tuple[str, str]]:
        sites = [(row.region, row.side) for row in self.course.sites.all()]
        return sites + [site for site in treatments if site not in sites]

    def _area(self, place: int, site: tuple[str, str], doses: dict[tuple[str, str], Any]) -> AreaForm:
        initial: dict[str, Any] = {}
        if dose := doses.get(site):
            initial = {name: getattr(dose, name, None) for name in AreaForm.COPIED}
            initial = {name: value for name, value in initial.items() if value not in (None, "", [])}
            if not self.fresh:
                initial |= {name: getattr(dose, name) for name in AreaForm.TODAY} | {"treated": True}
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
        return [*(area.add_prefix(name) for area in self.areas for name in area.initial), *self.copied]

    def _untouched(self, name: str) -> bool:
        """Whether a copied value came back as it was, without the tick that confirms it or its whole area."""
        if self.posted is None or self.posted.get(f"{name}-confirmed"):
            return False
        prefix, _, field = name.rpartition("-")
        if not prefix:
            return field not in self.form.changed_data
        area = next(one for one in self.areas if one.prefix == prefix)
        if self.posted.get(f"{prefix}-confirmed") or (field != "treated" and not area.cleaned_data["treated"]):
            return False
        return field not in area.changed_data

    @property
    def ticked(self) -> set[str]:
        """Copied values, and whole areas, that were confirmed on the page that came back."""
        names = {*self.unconfirmed, *(area.prefix or "" for area in self.areas)}
        return {name for name in names if self.posted is not None and f"{name}-confirmed" in self.posted}

    def copied_from(self, name: str) -> str:
        """Where a value was copied from, for the mark beside it; empty where it was not."""
        return (self.source or "an earlier visit") if name in self.unconfirmed else ""

    def area_rows(self) -> list[dict[str, Any]]:
        """Each area with its fields, their marks and what was planned, for the template."""
        planned = {(row.region, row.side): row for row in self.plan.areas.all()} if self.plan else {}
        return [
            {
                "form": area,
                "title": area.title,
                "fields": {name: area[name] for name in area.fields},
                "copied": (
                    copied := {name: self.copied_from(area.add_prefix(name)) for name in ("treated", *AreaForm.COPIED)}
                ),
                "any_copied": any(copied.values()),
                **self._how(area, copied),
                "planned": planned.get((area.region, area.side)),
                "as_last": f"{area.prefix}-confirmed",
                "as_last_ticked": area.prefix in self.ticked,
            }
            for area in self.areas
        ]

    def _how(self, area: AreaForm, copied: dict[str, str]) -> dict[str, Any]:
        """How the area was given, in one line, and whether its fields stand open: where nothing fills them, or one
        has to be mended."""
        given = {name: area.initial.get(name) for name in HOW}
        said = how_words(given)
        changed = any(area[name].errors or name in area.changed_data for name in HOW) and area.is_bound
        return {"how": said, "how_open": not said or changed, "how_copied": any(copied[name] for name in HOW)}

    def _initial(self) -> dict[str, Any]:
        visit = self.visit
        initial = {name: getattr(visit, name) for name in ("phases_done", "found", "exercise", "other_care", "note")}
        initial["version"] = visit.version
        initial |= {f"minutes_{kind}": given for kind, given in visit.minutes.items()}
        check = next((one for one in visit.reaction_checks.all() if one.when == When.END), None)
        if check is not None:
            initial["reactions"] = [one.reaction for one in check.reactions.all()] or [NONE_SEEN]
        return initial

    def _fill_readings(self) -> None:
        """A draft's own readings come back; those of other days are only shown beside."""
        own = {(gather.reading(row), row.moment): row for row in self.visit.readings.all()}
        for last, _, moment, name in self.series.rows:
            for reading, at in own:
                if at == moment and alike(reading) == alike(last):
                    value = reading.value
                    self.series.initial[name] = int(value) if value == value.to_integral() else value

    # --- What stands beside ---

    @property
    def copied_whole(self) -> dict[str, str]:
        """Where what is copied for the visit as a whole comes from."""
        return {name: self.copied_from(name) for name in VisitForm.COPIED}

    @property
    def planned_phases(self) -> list[str]:
        return list(self.plan.phases) if self.plan and self.plan.technique == self.visit.technique else []

    def phase_rows(self) -> list[dict[str, Any]]:
        """The technique's phases in its order: the chip, whether it is planned, what it asks for and where."""
        phases = {one.id: one for one in load().shelf(Technique)[self.visit.technique].phases}
        rows = []
        for chip in self.form["phases_done"]:
            phase = phases[chip.data["value"]]
            words, where = _ASKS.get(phase.part, ("", ""))
            if self.whole and phase.part == "examine":
                words = where = ""  # an amendment has no gate
            if phase.motion:
                words += f", {Motion(phase.motion).label.lower()}"
            rows.append({"chip": chip, "planned": phase.id in self.planned_phases, "asks": words, "where": where})
        return rows

    @property
    def function_due(self) -> bool:
        """Whether this is a visit at which the plan looks at function."""
        return self.plan is not None and self.visit.number in self.plan.review_visits

    @property
    def function_moments(self) -> set[str]:
        """When function can be rated."""
        return {moment.value for _, measure, moment, _ in self.series.rows if is_function(measure)}

    @property
    def function_sent(self) -> bool:
        """Whether function was rated, on the page that came back or in the draft."""
        names = [name for _, measure, _, name in self.series.rows if is_function(measure)]
        return any(self.series[name].value() not in (None, "") for name in names)

    @property
    def next_review(self) -> int | None:
        later = [one for one in self.plan.review_visits if one > self.visit.number] if self.plan else []
        return min(later, default=None)

    def series_rows(self) -> list[dict[str, Any]]:
        """Each series with its last value before, and its last value after a treatment."""
        after = {series_key(one): one for one in self._after}
        rows = self.series.shown()
        for row in rows:
            was: facts.Reading | None = after.get(series_key(row["last"]))
            row["last_after"] = f"last {with_unit(was.value, row['measure'].unit_name)}" if was else ""
            row["is_function"] = is_function(row["measure"])
        return rows

    def hands_seconds(self) -> int | None:
        """The time by hand as it is recorded."""
        return by_hand([one.seconds for one in self.treated])


def is_function(measure: Measure) -> bool:
    """Whether it asks how the patient manages: rated when a review is due, not at every visit."""
    return measure.kind == "patient_reported" and measure.id != "nprs"


def suggested(visit: Visit, treated: Sequence[Treatment]) -> tuple[Units | None, PayerRule] | None:
    """The units that the clinic's payer rule suggests for a visit as recorded; nothing where it has no rule."""
    setting = PayerSetting.objects.filter(clinic_id=visit.clinic_id).first()
    rule = load().shelf(PayerRule).get(setting.rule) if setting else None
    if setting is None or rule is None:
        return None
    hands = by_hand([one.seconds for one in treated])
    given = [*visit.other_care, *([EXERCISE] if visit.exercise else [])]
    return suggested_units(hands, visit.minutes, given, setting.counted, rule), rule


def latest_readings(course: Course, visit: Visit | None = None) -> tuple[list[facts.Reading], list[facts.Reading]]:
    """The newest reading of each series of a course, not counting this visit; pain always comes first.

    Then the newest of each that was taken after treatment, which the first list leaves out.
    """
    rows = course.readings.exclude(visit=visit) if visit else course.readings.all()
    after = ExpressionWrapper(Q(moment=Moment.AFTER.value), BooleanField())
    place = Window(RowNumber(), partition_by=[after, *gather.OF_A_SERIES], order_by=["-on", "-id"])
    newest = rows.order_by().annotate(place=place).filter(place=1).values_list(*gather.OF_A_READING, named=True)
    found = sorted((gather.reading(row) for row in newest), key=_shown_in_order)
    return (
        [one for one in found if one.moment != Moment.AFTER],
        [one for one in found if one.moment == Moment.AFTER],
    )


def _shown_in_order(one: facts.Reading) -> tuple[bool | str, ...]:
    own = (one.measure, one.detail, str(one.side or ""), one.method, one.device, one.version, one.position)
    return (one.measure != "nprs", one.measure == "psfs", *own)


def copied_titles(visit: Visit) -> list[str]:
    """The values of a draft that are still only copied, a line for each area and one for the visit as a whole."""
    areas = [(row.region, row.side) for row in visit.course.sites.all()]
    areas += [(row.region, row.side) for row in visit.treatments.all() if (row.region, row.side) not in areas]
    copied: dict[str, list[str]] = {}
    for name in visit.unconfirmed:
        prefix, _, field = name.rpartition("-")
        copied.setdefault(prefix, []).append(field)
    return [
        f"{_whose(prefix, areas)}: " + ", ".join(words for field, words in _FIELD_WORDS.items() if field in fields)
        for prefix, fields in sorted(copied.items(), key=lambda pair: (not pair[0], len(pair[0]), pair[0]))
    ]


def _whose(prefix: str, areas: Sequence[tuple[str, str]]) -> str:
    if not prefix:
        return "The visit"
    region, side = areas[int(prefix.removeprefix("area-"))]
    return site_title({"region": region, "side": side})


_FIELD_WORDS = {
    "treated": "treated today",
    "instrument": "instrument",
    "edge": "edge",
    "strokes": "strokes",
    "directions": "direction",
    "seconds": "time",
    "pressure": "pressure",
    "angle_degrees": "angle",
    "motion": "motion",
    "position": "position",
    "exercise": "exercise",
    "minutes_exercise": "minutes of exercise",
}
