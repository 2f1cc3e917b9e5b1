"""Measure: how far a reading has moved, and whether that is more than error and more than people notice.

A change counts as improved or worse only from ``max(MDC, MCID)`` on (measures.md of the founding facts builds this on
the Neck Disability Index, whose MCID lies inside its MDC). Where neither is published the verdict is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import Measure, Threshold
from strigil.pathway.facts import Change, Moment, Reading, Verdict

PAIN = "nprs"
GroupKey = tuple[str, str | None, str, str, str, str, str, str]


def alike(reading: Reading) -> GroupKey:
    """Readings with the same key may be compared: all but value, day, moment and rater are the same."""
    return (
        reading.measure,
        reading.side,
        reading.method,
        reading.device,
        reading.version,
        reading.position,
        reading.detail,
        reading.unit,
    )


def series(readings: Iterable[Reading]) -> dict[GroupKey, list[Reading]]:
    """Readings that may be compared with each other, each list oldest first.

    Values taken right after treatment stay out: they answer another question than change since the start.
    """
    groups: dict[GroupKey, list[Reading]] = {}
    for reading in sorted(readings, key=lambda one: one.on):
        if reading.moment is not Moment.AFTER:
            groups.setdefault(alike(reading), []).append(reading)
    return groups


def changes(readings: Iterable[Reading], knowledge: Knowledge) -> list[Change]:
    """The change of every series that has one."""
    found = (change_of(group, knowledge) for group in series(readings).values())
    return [one for one in found if one is not None]


def change_of(group: Sequence[Reading], knowledge: Knowledge) -> Change | None:
    """The change of one series, oldest first; None where no later day can be compared with its baseline.

    A rating of change is judged by its newest value alone.
    """
    if not group:
        return None
    if is_rating(group[-1].measure, knowledge):
        return judge(None, group[-1], knowledge)
    return judge(group[0], group[-1], knowledge) if group[0].on < group[-1].on else None


def is_rating(measure: str, knowledge: Knowledge) -> bool:
    """Whether a reading of the measure is itself a rating of change."""
    return knowledge.shelf(Measure)[measure].rates_change == "yes"


def judge(baseline: Reading | None, latest: Reading, knowledge: Knowledge) -> Change:
    """Hold one change against the published thresholds of its measure; a rating of change has no baseline.

    Raises:
        ValueError: if the readings are not alike or differ in unit, from each other or from the measure, or if a
            baseline is missing, or given for a rating of change.
    """
    found = knowledge.shelf(Measure)[latest.measure]
    if baseline and alike(baseline) != alike(latest):
        raise ValueError(
            f"{baseline.measure}: only readings alike in side, method, device, version, position and unit are compared"
        )
    if (baseline is None) != is_rating(found.id, knowledge):
        raise ValueError(f"{found.id}: a rating of change is judged alone, and every other measure from its baseline")
    if latest.unit != found.unit:
        raise ValueError(f"{found.id}: read in {latest.unit}, its thresholds are in {found.unit}")
    change = latest.value - (baseline.value if baseline else found.unchanged)
    better_by = {"higher": change, "lower": -change, "unknown": None}[found.better]
    row = threshold(found, latest.device)
    if better_by is None or row is None or _another_version(found, latest):
        why = f"{missing(found, latest)} So nobody can say whether this is more than error."
        return Change(found.id, baseline, latest, change, better_by, None, None, "", Verdict.UNKNOWN, why)
    amount = with_unit(row.value.normalize(), found.unit_name)
    if better_by >= row.value:
        verdict, why = Verdict.IMPROVED, f"at least {amount}"
    elif better_by <= -row.value:
        verdict, why = Verdict.WORSE, f"at least {amount} the wrong way"
    else:
        verdict, why = Verdict.WITHIN_ERROR, f"less than {amount}"
    return Change(found.id, baseline, latest, change, better_by, row.value, row.kind, row.population, verdict, why)


def _another_version(measure: Measure, reading: Reading) -> bool:
    """Whether the reading names another version of the form than the one the amounts were found with."""
    return bool(measure.version and reading.version) and reading.version.casefold() != str(measure.version).casefold()


def threshold(measure: Measure, device: str = "") -> Threshold | None:
    """The larger of the measure's chosen MDC and MCID, in its own unit; None where neither is known.

    Where an error was found with the very device of the readings, and the chosen one with another, its own counts.
    """
    chosen = [row for row in measure.thresholds if row.use == "yes" and row.unit == measure.unit]
    errors = [row for row in chosen if row.kind == "mdc"]
    own = [row for row in measure.thresholds if row.kind == "mdc" and row.unit == measure.unit and _with(device, row)]
    if errors and own and not any(_with(device, row) for row in errors):
        chosen = [row for row in chosen if row.kind != "mdc"] + own
    return max(chosen, key=lambda row: row.value, default=None)


def _with(device: str, row: Threshold) -> bool:
    return bool(device) and (row.device or "").casefold() == device.casefold() and row.rater != "different"


def missing(measure: Measure, reading: Reading | None = None) -> str:
    """Why there is nothing to hold a change against."""
    if measure.better == "unknown":
        return "Which direction is better is not known for this measure, or depends on the aim."
    if reading and _another_version(measure, reading):
        return f"The amounts of this measure hold for version {measure.version}, not for {reading.version}."
    if measure.thresholds:
        return "The amounts of change published for this measure were found not to suit it, so none is used."
    return "No amount of change is published for this measure."


def worse_days(readings: Iterable[Reading], knowledge: Knowledge) -> int:
    """Days at the end of the record, one after another, on which pain was worse than at the start."""
    runs = [0]
    for key, group in series(readings).items():
        if key[0] == PAIN:
            by_day = {reading.on: reading for reading in group[1:] if reading.on > group[0].on}
            worse = [judge(group[0], one, knowledge).verdict is Verdict.WORSE for one in by_day.values()]
            runs.append(next((place for place, one in enumerate(reversed(worse)) if not one), len(worse)))
    return max(runs)


def overall(found: Sequence[Change]) -> Verdict:
    """One verdict for a course: worse if anything is worse, else improved if anything is, else the best known."""
    verdicts = {one.verdict for one in found}
    for verdict in (Verdict.WORSE, Verdict.IMPROVED, Verdict.WITHIN_ERROR):
        if verdict in verdicts:
            return verdict
    return Verdict.UNKNOWN


def sentence(change: Change, knowledge: Knowledge) -> str:
    """What a chart shows, made from the data."""
    found = knowledge.shelf(Measure)[change.measure]
    name = found.short if not change.latest.side else f"{found.short}, {change.latest.side}"
    end = with_unit(change.latest.value, found.unit_name)
    if change.baseline is None:
        return f"{name} is rated {end}{_RATED[change.verdict]}."
    if change.change == 0:
        return f"{name} is unchanged at {end}."
    moved = f"{name} {'rose' if change.change > 0 else 'fell'} from {change.baseline.value:f} to {end}"
    return f"{moved}{_MOVED[change.verdict]}."


_MOVED = {
    Verdict.IMPROVED: ", more than error alone explains",
    Verdict.WORSE: ": worse, by more than error alone explains",
    Verdict.WITHIN_ERROR: ", which measurement error or an unimportant change could explain",
    Verdict.UNKNOWN: "; how much of that is error is not known",
}
_RATED = {
    Verdict.IMPROVED: ": better, by what counts as important",
    Verdict.WORSE: ": worse, by what counts as important",
    Verdict.WITHIN_ERROR: ", less than what counts as important",
    Verdict.UNKNOWN: "; from where on that is important is not known",
}


def basis(measure: Measure, change: Change | None) -> list[str]:
    """The amount that a change is held against, whom it was found in, and what is doubtful about it."""
    row = threshold(measure, change.latest.device if change else "")
    if row is None or measure.better == "unknown" or (change and change.threshold is None):
        return [missing(measure, change.latest if change else None)]
    amount = with_unit(row.value.normalize(), measure.unit_name)
    said = [f"Held against {amount}, the {_KINDS[row.kind]} found in: {row.population}."]
    amounts = {one.value for one in measure.thresholds if one.unit == measure.unit}
    if len(amounts) > 1:
        low, high = (f"{amount.normalize():f}" for amount in (min(amounts), max(amounts)))
        said.append(f"Published amounts differ, from {low} to {with_unit(Decimal(high), measure.unit_name)}.")
    if measure.conflict:
        said.append(measure.conflict)
    if row.ci == "90":
        said.append("Its confidence is 90%, not 95%.")
    readings = [one for one in (change.baseline, change.latest) if one] if change else []
    if row.rater == "same" and len({one.rater for one in readings if one.rater}) > 1:
        said.append("It was found with one rater; these readings are by two, which adds error.")
    devices = sorted({one.device for one in readings if one.device and one.device != row.device})
    if row.device and devices:
        said.append(f"It was found with: {row.device}; this was read with: {', '.join(devices)}.")
    return said


_KINDS = {"mdc": "smallest detectable change", "mcid": "smallest important change"}


def with_unit(value: Decimal, unit: str) -> str:
    """A value and its unit as a person writes them: 12°, 3 of 10, 4.5 cm."""
    return f"{value:f}{unit}" if unit in ("°", "%") else f"{value:f} {unit}"
