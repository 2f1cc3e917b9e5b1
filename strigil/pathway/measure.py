"""Measure: how far a reading has moved, and whether that is more than error and more than people notice.

A change counts as improved or worse only from ``max(MDC, MCID)`` on (measures.md of the founding facts builds this on
the Neck Disability Index, whose MCID lies inside its MDC). Where neither is published the verdict is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import Gate, Measure, Threshold
from strigil.pathway.facts import Advice, Change, Moment, Reading, Verdict

GroupKey = tuple[str, str | None, str, str, str]


def alike(reading: Reading) -> GroupKey:
    """Readings with the same key may be compared: same measure, side, method, device and detail."""
    return (reading.measure, reading.side, reading.method, reading.device, reading.detail)


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
    """The change of every series that has a baseline and a later reading."""
    return [
        judge(group[0], group[-1], knowledge)
        for group in series(readings).values()
        if len(group) > 1 and group[0].on < group[-1].on
    ]


def judge(baseline: Reading, latest: Reading, knowledge: Knowledge) -> Change:
    """Hold one change against the published thresholds of its measure.

    Raises:
        ValueError: if the readings are not alike or differ in unit, from each other or from the measure.
    """
    if alike(baseline) != alike(latest) or baseline.unit != latest.unit:
        raise ValueError(f"{baseline.measure}: only readings alike in side, method, device and unit are compared")
    found = knowledge.shelf(Measure)[baseline.measure]
    if baseline.unit != found.unit:
        raise ValueError(f"{baseline.measure}: read in {baseline.unit}, its thresholds are in {found.unit}")
    change = latest.value - baseline.value
    better_by = change if found.better == "higher" else -change
    row = threshold(found)
    if row is None:
        why = "No published amount of change fits this measure, so nobody can say whether this is more than error."
        return Change(found.id, baseline, latest, change, better_by, None, None, "", Verdict.UNKNOWN, why)
    if better_by >= row.value:
        verdict, why = Verdict.IMPROVED, f"at least {row.value} {found.unit_name}"
    elif better_by <= -row.value:
        verdict, why = Verdict.WORSE, f"at least {row.value} {found.unit_name} the wrong way"
    else:
        verdict, why = Verdict.WITHIN_ERROR, f"less than {row.value} {found.unit_name}"
    return Change(found.id, baseline, latest, change, better_by, row.value, row.kind, row.population, verdict, why)


def threshold(measure: Measure) -> Threshold | None:
    """The larger of the measure's chosen MDC and MCID; None where neither is known."""
    chosen = [row for row in measure.thresholds if row.use == "yes"]
    return max(chosen, key=lambda row: row.value, default=None)


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
    name = found.short if not change.baseline.side else f"{found.short}, {change.baseline.side}"
    unit = found.unit_name
    start, end = f"{change.baseline.value:f}", with_unit(change.latest.value, unit)
    if change.change == 0:
        return f"{name} is unchanged at {end}."
    moved = f"{name} {'rose' if change.change > 0 else 'fell'} from {start} to {end}"
    match change.verdict:
        case Verdict.IMPROVED:
            return f"{moved}, more than error alone explains."
        case Verdict.WORSE:
            return f"{moved}: worse, by more than error alone explains."
        case Verdict.WITHIN_ERROR:
            return f"{moved}, which measurement error or an unimportant change could explain."
        case _:
            return f"{moved}; how much of that is error is not known."


def with_unit(value: Decimal, unit: str) -> str:
    """A value and its unit as a person writes them: 12°, 3 of 10, 4.5 cm."""
    return f"{value:f}{unit}" if unit in ("°", "%") else f"{value:f} {unit}"


def review(treated_visits: int, found: Sequence[Change], worse_visits: int, knowledge: Knowledge) -> Advice | None:
    """What the response so far asks for: a change of plan, a stop, or nothing."""
    gates = knowledge.shelf(Gate)
    if worse_visits >= int(gates["worse_twice"].limit or 0):
        return _gate(gates["worse_twice"])
    if overall(found) is Verdict.IMPROVED:
        return None
    for key in ("stop_at_six", "review_at_four"):
        if treated_visits >= int(gates[key].limit or 0):
            return _gate(gates[key])
    return None


def _gate(gate: Gate) -> Advice:
    return Advice(gate.statement, gate.note or "", (f"gates/{gate.id}",), gate.basis == "proposed")
