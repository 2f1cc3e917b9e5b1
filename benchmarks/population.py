"""A record of a stated size, the same each time it is made: ``python -m benchmarks.population --patients 50000``.

Nearly all of it belongs to one big clinic, as nothing is harder for one clinic's pages; the rest to eight small ones.
Visits lie in the tables in the order of their days, eight years of them, so that one course is scattered among others.
Everybody is evaluated, planned, treated and asked. Two simplifications keep the size sane: only one course in ten
carries all answers of a screen (the others three), and those others keep a screening without its list of inputs.
The two patients that the pages are timed on answer afresh at each visit whatever has grown too old to count. A record
of two thousand patients or more is one of a thousand in which everybody else stands many times, with other names.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

TODAY = date(2026, 6, 15)
"""A Monday. Timings run on this day, so that what was made once does not grow old."""
DAYS = 8 * 365
SMALL_CLINICS = 8
IN_SMALL_CLINICS = 0.04
SCREENED = 0.1
LONG, SHORT = 500, 10
ONCE = LONG + SHORT
OPEN_FOR = 14
TOLD = 1000
"""Patients whose stories are made up one by one."""
NAMES = 5000


@dataclass(frozen=True, slots=True)
class Size:
    patients: int
    visits: int

    @property
    def name(self) -> str:
        return f"{self.patients}-{self.visits}"

    @property
    def copies(self) -> int:
        return max(1, self.patients // TOLD)

    def told(self) -> Size:
        """What is made up one by one: the two patients that are timed, and each of the others once."""
        return Size(2 + round((self.patients - 2) / self.copies), ONCE + -(-(self.visits - ONCE) // self.copies))


# --- Where it is kept -------------------------------------------------------------------------------------------


def home(keep: Path | None) -> Path:
    """A folder of this user alone, outside the repository."""
    found = keep or Path(tempfile.gettempdir()) / f"strigil-benchmarks-{os.getuid()}"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    if found.stat().st_uid != os.getuid():
        raise SystemExit(f"benchmarks: {found} belongs to somebody else; give another folder with --keep DIR")
    return found.resolve()


def prepare(database: str, size: Size, keep: Path | None) -> tuple[Path, float]:
    """Set Django up on the record of this size; make the record if it is not there. Gives the seconds that took."""
    place = home(keep) / f"{database}-{size.name}"
    stamp = _stamp(size)
    made = place / "made.json"
    if not made.exists() or json.loads(made.read_text())["stamp"] != stamp:
        shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700, exist_ok=True)
    (place / "static").mkdir(exist_ok=True)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="strigil.settings",
        STRIGIL_DATA=str(place),
        STRIGIL_AUDIT_KEY=f"{place}.audit-key",
        STRIGIL_SECRET_KEY="only for benchmarks, and known to whoever reads this",
        STRIGIL_HOSTS="testserver",
        STRIGIL_DATABASE=_address(database, place),
    )
    import django

    django.setup()
    if made.exists():
        return place, 0.0
    started = time.perf_counter()
    counts = _make(size)
    took = time.perf_counter() - started
    made.write_text(json.dumps({"stamp": stamp, "seconds": round(took, 1), "rows": counts}, indent=1))
    return place, took


def _address(database: str, place: Path) -> str:
    if database == "sqlite":
        return f"sqlite:{place / 'strigil.sqlite3'}"
    from tests.postgres import start

    runtime = place / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    return start(place, keep=True)


def _stamp(size: Size) -> str:
    """Another schema or another generator makes another record."""
    from strigil.demo.place import migrations

    here = Path(__file__).parent
    code = b"".join((here / name).read_bytes() for name in ("population.py", "bulk.py"))
    return hashlib.sha256(code + migrations().encode() + size.name.encode()).hexdigest()


# --- Who comes, and when ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Person:
    id: str
    clinic: int
    user: str
    registered: bool = False


@dataclass(slots=True)
class Story:
    """One course: whose, for what, and the days of its visits."""

    person: Person
    days: list[int]
    indication: str
    side: str
    regions: tuple[str, ...]
    technique: str
    motions: tuple[str, ...]
    pain: int
    every_visit: bool = False
    screened: bool = False
    draft: bool = False
    id: str = ""
    asked: dict[str, int] = field(default_factory=dict)


def _lengths(size: Size, chance: random.Random) -> list[tuple[int, int]]:
    """Patient and number of visits of each course, adding up to the visits wanted."""
    lengths = [(0, LONG), (1, SHORT)]
    left = size.visits - ONCE
    usual = min(8, left / size.patients - 1)
    person = 2
    while left > 0:
        for_others = max(0, size.patients - person - 1)
        visits = min(max(1, left - for_others), 40, 1 + int(chance.expovariate(1 / usual)))
        lengths.append((person if person < size.patients else chance.randrange(2, size.patients), visits))
        person += 1
        left -= visits
    return lengths


def _days(visits: int, last: int, chance: random.Random, gap: tuple[int, int]) -> list[int]:
    days = [last]
    for _ in range(visits - 1):
        days.append(days[-1] - chance.randint(*gap))
    return days[::-1]


class _Ids:
    """Version 7 UUIDs as text, in order, from a seed."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._day, self._count = -1, 0
        self._start = 0

    def on(self, day: int) -> None:
        if day != self._day:
            moment = (TODAY - date(1970, 1, 1)).days - DAYS + day
            self._day, self._start, self._count = day, moment * 86_400_000 + 25_200_000, 0

    def __call__(self) -> str:
        self._count += 1
        rest = self._chance.getrandbits(74)
        millisecond = self._start + self._count // 8
        return f"{millisecond:012x}7{rest >> 62:03x}{0x8000000000000000 | rest & 0x3FFFFFFFFFFFFFFF:016x}"


@cache
def _iso(day: int) -> str:
    return (TODAY + timedelta(days=day - DAYS)).isoformat()


# --- Its rows ---------------------------------------------------------------------------------------------------


def _make(size: Size) -> dict[str, int]:
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.bulk import Bulk, counted, loading, repeat, settle
    from strigil.accounts.audit import events, triggers
    from strigil.clinic.models import Tally
    from strigil.clinic.tallies import count_all

    call_command("migrate", verbosity=0)
    triggers.remove(connection)
    scene = _Scene(size.told())
    bulk = Bulk(_shapes())
    with loading():
        for model, row in scene.rows():
            bulk.add(model, row)
        bulk.flush()
    count_all()
    if size.copies > 1:
        with loading():
            repeat([*_shapes(), Tally], size.copies, scene.once, scene.names(NAMES))
    settle()
    events.after_migrate("default")
    return counted([*_shapes(), Tally])


def _shapes() -> dict[Any, tuple[str, ...]]:
    from strigil.clinic import models as record

    own = ("id", "clinic", "created_at", "created_by")
    return {
        record.Patient: (*own, "name", "search", "born", "sex", "phone"),
        record.Course: (
            *own,
            *("patient", "indication", "side", "onset", "complaint", "history", "status"),
            *("opened_on", "closed_on", "closing_note"),
        ),
        record.CourseSite: (*own, "course", "region", "side"),
        record.Goal: (*own, "course", "measure", "value", "unit"),
        record.Finding: (*own, "patient", "course", "finding", "answer", "asked_on"),
        record.Screening: (
            *own,
            *("course", "on", "inputs", "outcome", "complete", "sites", "reasons", "unasked"),
            *("knowledge_version", "knowledge_sha256"),
        ),
        record.Plan: (
            *own,
            *("course", "made_on", "technique", "phases", "visits_per_week", "visits_in_all", "review_visits"),
            "consent_given",
        ),
        record.PlanArea: (*own, "plan", "region", "side", "instrument", "strokes", "seconds"),
        record.Visit: (
            *own,
            *("course", "number", "on", "status", "technique", "phases_done", "note", "signed_at", "signed_by"),
        ),
        record.Treatment: (
            *own,
            *("visit", "region", "side", "instrument", "strokes", "seconds", "pressure", "discomfort"),
            *("force_newton", "force_method"),
        ),
        record.Reading: (
            *own,
            *("course", "visit", "measure", "value", "unit", "side", "method", "device", "detail"),
            *("rater", "on", "moment"),
        ),
        record.ReactionCheck: (*own, "visit", "when", "on", "none_seen"),
        record.Reaction: (*own, "check_made", "reaction", "still_present", "larger"),
        record.AuditEvent: ("id", "clinic", "at", "user", "action", "object_type", "object_id", "patient_id"),
    }


# fmt: off
FIRST = (
    "Ana", "Anaïs", "Ben", "Çağla", "Chloé", "Daan", "Édith", "Farid", "Grace", "Hana", "Ingrid", "Jan", "Jürgen",
    "Kofi", "Lea", "Léo", "María", "Milan", "Nadia", "Noé", "Olga", "Pavel", "Quinn", "René", "Sára", "Søren",
    "Tomás", "Ursula", "Vera", "Wim", "Xenia", "Yusuf", "Zoë", "Émile", "Ilse", "Jonas", "Karin", "Luca", "Maya",
    "Nils",
)
STEMS = (
    "Al", "Bar", "Cas", "Dor", "Ek", "Fer", "Gar", "Hol", "Iv", "Jan", "Kov", "Lin", "Mar", "Nor", "Ols", "Pet",
    "Quir", "Ros", "Sal", "Tor", "Urb", "Val", "Wal", "Yor", "Zim", "Brn", "Cze", "Dvo", "Fal", "Gre", "Hor", "Kuč",
    "Łuk", "Mül", "Nov", "Öz", "Pér", "Rus", "Sch", "Žiž",
)
ENDS = (
    "ski", "son", "sen", "ova", "ez", "ić", "ard", "ini", "ton", "berg", "mann", "ák", "ström", "eau", "elli", "er",
    "i", "o", "a", "escu", "idis", "yan",
)
# fmt: on


def _name(chance: random.Random) -> str:
    return f"{chance.choice(FIRST)} {chance.choice(STEMS)}{chance.choice(ENDS)}"


class _Scene:
    """Everything about the record that is drawn from the seed."""

    def __init__(self, size: Size) -> None:
        from strigil.accounts.models import Clinic, Role, User
        from strigil.clinic import models as record
        from strigil.knowledge import load, shapes

        self.chance = random.Random(20)
        self._decision = cache(self._decide)
        self.ids = _Ids(random.Random(21))
        self.record, self.shelf = record, load()
        self.indications = [one for one in self.shelf.shelf(shapes.Indication).values() if one.regions]
        self.adverse = [key for key, one in self.shelf.shelf(shapes.Reaction).items() if one.group == "adverse"]
        self.cautious = next(
            name
            for name, rule in self.shelf.rules.items()
            if rule.scope == "systemic" and {one.outcome for one in rule.consequences} == {"modify"}
        )
        self.clinics: list[str] = []
        self.users: list[list[str]] = []
        for place in range(SMALL_CLINICS + 1):
            clinic = Clinic.objects.create(
                name="Harbour Clinic" if not place else f"Clinic {place}", time_zone="Europe/London"
            )
            self.clinics.append(clinic.pk.hex)
            self.users.append([])
            for number in range(2 if place else 12):
                user = User.objects.create(
                    username=f"clinician-{place}-{number}",
                    clinic=clinic,
                    role=Role.CLINICIAN,
                    display_name=f"Clinician {number + 1}",
                    qualification="PT",
                )
                self.users[place].append(user.pk.hex)
        self.stories = list(self._stories(size))
        self.once: list[str] = []
        """Rows of the two patients that are timed."""

    def _stories(self, size: Size) -> Iterator[Story]:
        chance = self.chance
        people: dict[int, Person] = {}
        for place, (number, visits) in enumerate(_lengths(size, chance)):
            if number not in people:
                clinic = 0 if place < 2 or chance.random() > IN_SMALL_CLINICS else chance.randint(1, SMALL_CLINICS)
                people[number] = Person("", clinic, chance.choice(self.users[clinic]))
            measured = place < 2
            last = DAYS - 3 if measured else DAYS - int(chance.random() * DAYS)
            days = _days(visits, last, chance, (4, 6) if measured else (2, 7))
            yield self._story(people[number], days, measured)

    def _story(self, person: Person, days: list[int], measured: bool) -> Story:
        from strigil.pathway.evaluate import measures_for
        from strigil.pathway.facts import Side, Site

        chance = self.chance
        found = (
            self.shelf.shelves["indications"]["lateral_epicondylitis"] if measured else chance.choice(self.indications)
        )
        side = chance.choice(("left", "right"))
        regions = tuple(found.regions[:2]) if measured or chance.random() < 0.5 else tuple(found.regions[:1])
        sites = tuple(Site(region, Side(side)) for region in regions)
        motions = [
            one for one in measures_for(found.id, sites, self.shelf) if one.kind == "motion" and one.unit == "deg"
        ]
        return Story(
            person=person,
            days=days,
            indication=found.id,
            side=side,
            regions=regions,
            technique="graston" if measured else chance.choice(("graston", "astym", "gua_sha", "generic_iastm")),
            motions=tuple(one.id for one in motions[:2]),
            pain=chance.randint(4, 9),
            every_visit=measured,
            screened=measured or chance.random() < SCREENED,
            draft=measured,
        )

    def rows(self) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        """Every row, day after day."""
        events = [
            (day, place, number) for place, one in enumerate(self.stories) for number, day in enumerate(one.days, 1)
        ]
        events += [(DAYS, place, len(one.days) + 1) for place, one in enumerate(self.stories) if one.draft]
        for day, place, number in sorted(events):
            self.ids.on(day)
            for model, row in self._on(self.stories[place], day, number):
                if place < 2:
                    self.once.append(row[0])
                yield model, row

    def _on(self, story: Story, day: int, number: int) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        own = (self.clinics[story.person.clinic], f"{_iso(day)} 09:00:00", story.person.user)
        if number == 1:
            yield from self._opening(story, day, own)
        elif story.every_visit:
            yield from self._screening(story, day, own)
        yield from self._visit(story, day, number, own)

    def _opening(self, story: Story, day: int, own: tuple[str, str, str]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        record, ids = self.record, self.ids
        if not story.person.registered:
            yield self._patient(story.person, own)
        story.id = ids()
        on = _iso(day)
        ended = self._ended(story)
        yield (
            record.Course,
            (
                *(story.id, *own, story.person.id, story.indication, story.side, _iso(day - 30)),
                *("Hurts when lifting and at night.", "Tender at the insertion; strength 4 of 5.", *ended),
            ),
        )
        yield self._audit(story, own, "course.open", "Course", story.id)
        for region in story.regions:
            yield record.CourseSite, (ids(), *own, story.id, region, story.side)
        yield record.Goal, (ids(), *own, story.id, "nprs", "2.000", "{score}")
        yield from self._screening(story, day, own)
        plan = ids()
        yield record.Plan, (plan, *own, story.id, on, story.technique, "[]", "2.0", 8, "[4, 6]", 1)
        for region in story.regions:
            yield record.PlanArea, (ids(), *own, plan, region, story.side, "graston_gt4", '["sweep"]', 60)
        for row in self._readings(story, day, 0, "baseline", None):
            yield record.Reading, (ids(), *own, *row)

    def _patient(self, person: Person, own: tuple[str, str, str]) -> tuple[Any, tuple[Any, ...]]:
        from strigil.clinic.actions.register import folded

        chance, name = self.chance, _name(self.chance)
        person.id, person.registered = self.ids(), True
        born = (TODAY - timedelta(days=chance.randint(16 * 365, 90 * 365))).isoformat()
        phone = f"020 7946 {chance.randrange(10_000):04d}"
        return self.record.Patient, (
            person.id,
            *own,
            name,
            folded(name),
            born,
            chance.choice(("female", "male")),
            phone,
        )

    def names(self, count: int) -> list[tuple[str, str]]:
        """Names, and how they are found."""
        from strigil.clinic.actions.register import folded

        chance = random.Random(22)
        return [(name, folded(name)) for name in (_name(chance) for _ in range(count))]

    def _ended(self, story: Story) -> tuple[str, str, str | None, str]:
        """Status, first and last day, note."""
        opened, last = _iso(story.days[0]), story.days[-1]
        draw = self.chance.random()
        if last > DAYS - OPEN_FOR or draw < 0.1:
            return "open", opened, None, ""
        closed = _iso(last)
        return ("finished", opened, closed, "") if draw < 0.8 else ("stopped", opened, closed, "Did not come back.")

    def _screening(self, story: Story, day: int, own: tuple[str, str, str]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        record, ids, on = self.record, self.ids, _iso(day)
        for name, rule in self.shelf.rules.items():
            if not story.screened and len(story.asked) >= 3:
                break
            if name not in story.asked or day - story.asked[name] > rule.valid_days:
                story.asked[name] = day
                answer = "yes" if story.screened and name == self.cautious else "no"
                yield record.Finding, (ids(), *own, story.person.id, story.id, name, answer, on)
        decision = self._decision(story.indication, story.side, story.regions, story.technique)
        inputs = decision["inputs"].replace("2000-01-01", on) if story.screened else "{}"
        yield (
            record.Screening,
            (
                *(ids(), *own, story.id, on, inputs, decision["outcome"], decision["complete"], decision["sites"]),
                *(decision["reasons"], decision["unasked"], self.shelf.version, self.shelf.sha256),
            ),
        )
        yield self._audit(story, own, "screening.store", "Screening", story.id)

    def _decide(self, indication: str, side: str, regions: tuple[str, ...], technique: str) -> dict[str, Any]:
        """What the engine decides where one answer asks for care and every other is no."""
        from strigil.clinic import gather
        from strigil.pathway import facts
        from strigil.pathway.screen import screen
        from strigil.pathway.screen.json import decision_to_json

        on = date(2000, 1, 1)
        words = {name: "yes" if name == self.cautious else "no" for name in self.shelf.rules}
        case = facts.Case(
            on=on,
            born=date(1960, 1, 1),
            sex="female",
            sites=tuple(facts.Site(region, facts.Side(side)) for region in regions),
            answers=tuple(facts.Answer(name, facts.AnswerValue(word), on) for name, word in words.items()),
            technique=technique,
            indication=indication,
        )
        decision = decision_to_json(screen(case, self.shelf), self.shelf)
        return {
            "inputs": json.dumps(gather.stored_case(case)),
            "outcome": decision["outcome"],
            "complete": int(decision["complete"]),
            **{name: json.dumps(decision[name]) for name in ("sites", "reasons", "unasked")},
        }

    def _visit(
        self, story: Story, day: int, number: int, own: tuple[str, str, str]
    ) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        record, ids, chance, on = self.record, self.ids, self.chance, _iso(day)
        visit = ids()
        draft = story.draft and day == DAYS
        signature = ("draft", None, None) if draft else ("signed", f"{on} 09:20:00", own[2])
        yield (
            record.Visit,
            (visit, *own, story.id, number, on, signature[0], story.technique, "[]", "Tolerated well.", *signature[1:]),
        )
        yield self._audit(story, own, "visit.start", "Visit", visit)
        if draft:
            return
        yield self._audit(story, own, "visit.sign", "Visit", visit)
        for region in story.regions:
            force = ("4.5", "estimated") if chance.random() < 0.2 else (None, "")
            yield (
                record.Treatment,
                (
                    *(ids(), *own, visit, region, story.side, "graston_gt4", '["sweep"]', 10 * chance.randint(3, 12)),
                    *("moderate", chance.randint(0, 4), *force),
                ),
            )
        for row in self._readings(story, day, number, "before", visit):
            yield record.Reading, (ids(), *own, *row)
        yield from self._reactions(visit, day, own)

    def _readings(
        self, story: Story, day: int, number: int, moment: str, visit: str | None
    ) -> Iterator[tuple[Any, ...]]:
        """Pain each time, before and after; a motion at every second visit; an activity at every fourth."""
        chance, on = self.chance, _iso(day)
        pain = max(0, min(10, story.pain - number // 3 + chance.randint(-1, 1)))

        def row(
            measure: str, value: int, when: str, side: str = "", method: str = "", device: str = "", detail: str = ""
        ) -> tuple[Any, ...]:
            unit = "deg" if side else "{score}"
            return (story.id, visit, measure, f"{value}.000", unit, side, method, device, detail, "Clinician", on, when)

        yield row("nprs", pain, moment)
        if visit:
            yield row("nprs", max(0, pain - chance.randint(0, 2)), "after")
        if number % 2 == 0:
            for motion in story.motions:
                value = 30 + min(number, 20) + chance.randint(-3, 3)
                yield row(motion, value, moment, story.side, "active", "universal goniometer")
        if number % 4 == 0:
            yield row("psfs", min(10, 3 + number // 4), moment, detail="Lift a kettle")

    def _reactions(self, visit: str, day: int, own: tuple[str, str, str]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        record, ids, chance = self.record, self.ids, self.chance
        checks = [("end", day)] if chance.random() < 0.95 else []
        if chance.random() < 0.6:
            checks.append(("next_day", min(day + 1, DAYS)))
        for when, asked in checks:
            seen = self._seen(when)
            check = ids()
            yield record.ReactionCheck, (check, *own, visit, when, _iso(asked), int(not seen))
            still = None if when == "end" else 1
            for one in seen:
                yield record.Reaction, (ids(), *own, check, one, still, None if still is None else 0)

    def _seen(self, when: str) -> list[str]:
        draw = self.chance.random()
        if draw < 0.004:
            return [self.chance.choice(self.adverse)]
        if when == "end":
            return ["redness_heat", "petechiae"] if draw < 0.15 else ["redness_heat"] if draw < 0.7 else []
        return ["soreness"] if draw < 0.15 else []

    def _audit(self, story: Story, own: tuple[str, str, str], action: str, kind: str, key: str) -> tuple[Any, Any]:
        clinic, at, user = own
        return self.record.AuditEvent, (self.ids(), clinic, at, user, action, kind, key, story.person.id)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--visits", type=int, default=0, help="default: twenty for each patient")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where it is kept (default: the temporary folder)")
    given = parser.parse_args()
    size = Size(given.patients, given.visits or given.patients * 20)
    place, took = prepare(given.database, size, given.keep)
    print(f"{place}: {'made in ' + format(took, '.0f') + ' s' if took else 'already there'}")
    print((place / "made.json").read_text())


if __name__ == "__main__":
    main()
