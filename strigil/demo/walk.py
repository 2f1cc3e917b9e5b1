"""One person's way through the clinic, told by the same actions that the pages call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from strigil.accounts.models import User
from strigil.clinic import hindrances
from strigil.clinic.actions.check_in import answer_check_in, make_check_in
from strigil.clinic.actions.evaluate import (
    SiteInput,
    close_course,
    open_course,
    record_answers,
    record_readings,
    set_goal,
)
from strigil.clinic.actions.exercise import as_proposed, prescribe, report
from strigil.clinic.actions.medicines import record_medicines
from strigil.clinic.actions.plan import AreaInput, PlanInput, make_plan
from strigil.clinic.actions.register import register_patient
from strigil.clinic.actions.respond import ReactionInput, record_reaction
from strigil.clinic.actions.screen import record_assessment, record_clearance, store_screening
from strigil.clinic.actions.treat import (
    TreatmentInput,
    VisitInput,
    amend_visit,
    sign_visit,
    start_visit,
    write_visit,
)
from strigil.clinic.models import (
    EVALUATION,
    EXERCISE,
    Course,
    Motion,
    Origin,
    Patient,
    Pressure,
    Screening,
    Visit,
    When,
)
from strigil.clinic.programmes import current, proposal_of
from strigil.demo.asking import Asking
from strigil.demo.problems import KITS, PROBLEMS
from strigil.demo.story import NEXT_VISIT, Agreed, Check, Draft, Stage, Story, Yes
from strigil.demo.values import Path
from strigil.knowledge import load
from strigil.knowledge.shapes import BodyRegion, Technique
from strigil.pathway.facts import Outcome
from strigil.pathway.plan import reviews

SATURDAY = 5
JUST_NOW = 2
CAREFUL_SECONDS, CAREFUL_ANGLE = 30, 30
FOUND = (
    "Two rough strips, tender on firm pressure.",
    "Gritty feel over a finger's width; skin moves well.",
    "Less grain than last time, same place.",
    "Tight band, gives way towards the end.",
    "Smooth; one tender point remains.",
)
FELT = (("rough",), ("grit",), ("grit",), ("ropiness",), ("bump",))
"""The same in the words to record by."""
OTHER_CARE = ("heat", "stretch", "strength", "foam", "balance")


@dataclass(frozen=True, slots=True)
class Staff:
    clinicians: Sequence[User]
    assistant: User
    front_desk: User


class Walk:
    """Registers one person and takes them as far as the story goes. All chance comes from ``chance``."""

    def __init__(self, story: Story, staff: Staff, on: date, chance: Random) -> None:
        self.story, self.staff, self.on, self.chance = story, staff, on, chance
        self.by = chance.choice(staff.clinicians)
        self.technique = story.technique
        self.days = visit_days(story, on)
        self.opened = last_day(story, on)
        if self.days:
            self.opened = weekday(self.days[0] - timedelta(days=chance.choice((0, 0, 2, 3))))

    def go(self) -> Patient:
        """Everything the story tells, in the order in which it happened."""
        self.patient = self._register()
        if self.story.stage >= Stage.EVALUATED:
            self._evaluate()
        if self.story.stage >= Stage.SCREENED:
            self._judge()
            if self.story.medicines:
                record_medicines(by=self.by, course=self.course, on=self.opened, typed=self.story.medicines)
            screening = self._screen(self.opened)
            if self.story.agreed:
                screening = self._agree(self.story.agreed)
            if self.story.stage >= Stage.PLANNED:
                self._plan(_careful(screening))
        self._treat()
        self._end()
        return self.patient

    # --- Evaluate, screen, plan ---

    def _register(self) -> Patient:
        story, chance = self.story, self.chance
        return register_patient(
            by=self.staff.front_desk,
            name=story.name,
            born=birthday(self.on, story.age, chance.randrange(360)),
            sex=story.sex,
            # Numbers that the British regulator keeps free for fiction.
            phone=f"07700 900{chance.randrange(1000):03d}" if chance.random() < 0.7 else "",
            note=story.note,
            origin=Origin.SYNTHETIC,
        )

    def _evaluate(self) -> None:
        story = self.story
        self.problem = PROBLEMS[story.problem]
        regions = load().shelf(BodyRegion)
        sides = {one: story.side if regions[one].paired == "yes" else "midline" for one in self.problem.regions}
        self.sites = list(sides.items())
        self.course: Course = open_course(
            by=self.by,
            patient=self.patient,
            on=self.opened,
            indication=self.problem.indication,
            side=story.side,
            sites=[SiteInput(region, side) for region, side in self.sites],
            onset=self.opened - timedelta(days=self.chance.randint(25, 400)),
            complaint=self.problem.complaint,
        )
        self.asking = Asking(story, sides, self.opened)
        self.path = Path(self.problem, story.side, story.shape, story.visits, self.chance)
        record_readings(by=self.by, course=self.course, on=self.opened, readings=self.path.baseline())

    def _judge(self) -> None:
        """Said before the advice, from what stands out, and so not always what the advice says."""
        outcome = Outcome.MODIFY if self.story.yes else Outcome.PROCEED
        if self.story.agreed:
            outcome = Outcome.CLEARANCE
        record_assessment(by=self.by, course=self.course, on=self.opened, outcome=outcome.value)

    def _screen(self, on: date, today: Sequence[Yes] = ()) -> Screening:
        answers = self.asking.ask(on, today)
        record_answers(by=self.by, course=self.course, on=on, answers=answers)
        return store_screening(by=self.by, course=self.course, on=on, technique=self.technique)

    def _agree(self, agreed: Agreed) -> Screening:
        """A physician agrees, and the screen is made again on the strength of that."""
        record_clearance(
            by=self.by,
            patient=self.patient,
            finding=agreed.finding,
            physician=agreed.physician,
            agreed_on=self.opened,
            until=self.opened + timedelta(days=agreed.days),
            on=self.opened,
            note="By telephone; letter to follow.",
        )
        return self._screen(self.opened)

    def _plan(self, careful: bool) -> None:
        kit, chance, story = KITS[self.technique], self.chance, self.story
        self.instrument, self.edge = chance.choice(kit.instruments)
        self.strokes = tuple(sorted(chance.sample(kit.strokes, min(len(kit.strokes), 2))))
        self.angle = chance.choice(kit.angles) if kit.angles else None
        self.seconds = {
            site: chance.randrange(kit.seconds[0], kit.seconds[1] + 1, kit.seconds[2]) for site in self.sites
        }
        self.pressure = chance.choice((Pressure.LIGHT, Pressure.MODERATE, Pressure.MODERATE, Pressure.FIRM))
        if careful:
            self._lower()
        for measure, value, detail in (("nprs", 2, ""), ("psfs", 8, self.problem.activities[0])):
            by_day = self.opened + timedelta(days=42)
            set_goal(
                by=self.by, course=self.course, measure=measure, value=Decimal(value), by_day=by_day, detail=detail
            )
        areas = tuple(
            AreaInput(
                region,
                side,
                self.seconds[region, side],
                self.instrument,
                self.edge,
                self.strokes,
                self.angle,
                self.pressure,
            )
            for region, side in self.sites
        )
        self.phases = tuple(one.id for one in load().shelf(Technique)[self.technique].phases)
        plan = PlanInput(
            technique=self.technique,
            phases=self.phases,
            visits_per_week=Decimal("1" if story.gap >= 6 else kit.per_week),
            visits_in_all=max(kit.in_all, story.visits),
            review_visits=reviews(load()),
            areas=areas,
            consent_given=True,
            exercise=self.problem.exercise,
            home_programme=self.problem.home,
        )
        make_plan(by=self.by, course=self.course, on=self.opened, plan=plan)
        self._send_home()

    def _send_home(self) -> None:
        """What the page proposes for the first stage, where it proposes anything; of the midline both sides."""
        proposal = proposal_of(self.course, "early", self.opened)
        chosen = [as_proposed(one, self.course) for one in proposal.offered if one.chosen] if proposal else []
        if chosen:
            exercises = [replace(one, side=one.side or "both") for one in chosen]
            prescribe(by=self.by, course=self.course, on=self.opened, stage="early", exercises=exercises)

    def _lower(self) -> None:
        """The lower dose that goes with ``modify``."""
        self.seconds = {site: min(amount, CAREFUL_SECONDS) for site, amount in self.seconds.items()}
        self.angle = None if self.angle is None else min(self.angle, CAREFUL_ANGLE)
        self.pressure = Pressure.LIGHT

    # --- Treat and respond ---

    def _treat(self) -> None:
        story = self.story
        draft_day = self.on - timedelta(days=story.draft_on) if story.draft else None
        following = [*self.days[1:], draft_day]
        for number, (day, next_day) in enumerate(zip(self.days, following, strict=False), start=1):
            visit = self._signed(number, day)
            self._look_back(visit, number, next_day)
        if story.screened_today:
            self._screen(self.on, story.today)
        if draft_day:
            self._draft(draft_day)

    def _signed(self, number: int, day: date) -> Visit:
        screening = self._screen(day, self.story.today if day == self.on else ())
        given = self._visit_input(number, screening)
        visit = start_visit(by=self.by, course=self.course, on=day, technique=self.technique)
        if number > 1 and current(self.course):
            self._ask_of_exercises(number, day, visit)
        visit = write_visit(by=self.by, visit=visit, seen=visit.version, given=given)
        overriding = [one.key for one in hindrances.still_open(visit)]
        visit = sign_visit(
            by=self.by, visit=visit, seen=visit.version, overriding=overriding, reason=self.story.override
        )
        self._set_demo_clock(visit)
        if self.story.check_in and number == self.story.visits:
            self._check_in(visit)
        if self.story.amended and number == self.story.visits:
            self._amend(visit, given)
        return visit

    def _ask_of_exercises(self, number: int, day: date, visit: Visit) -> None:
        """Every third time nobody asks; pain eases as the visits go by."""
        if number % 3:
            pain = max(1, 5 - number)
            done = "some" if number == 2 else "all"
            report(
                by=self.by, course=self.course, on=day, visit=visit, done=done, pain=pain, settled=True, worried=False
            )

    def _set_demo_clock(self, visit: Visit) -> None:
        """A demo clock: the actions run now, but a visit of three weeks ago was signed three weeks ago."""
        if visit.on < self.on:
            minute = timedelta(minutes=self.chance.randrange(9 * 60))
            visit.signed_at = datetime.combine(visit.on, time(8, 30), UTC) + minute
            Visit.objects.filter(pk=visit.pk).update(signed_at=visit.signed_at)
            visit.overrides.update(created_at=visit.signed_at)

    def _check_in(self, visit: Visit) -> None:
        """Signed first thing in the morning, so that the patient can have answered before anybody opens the demo."""
        visit.signed_at = datetime.combine(visit.on, time(8, 30), UTC)
        Visit.objects.filter(pk=visit.pk).update(signed_at=visit.signed_at)
        made = make_check_in(by=self.by, visit=visit, now=visit.signed_at)
        if made and self.story.said:
            answer_check_in(check_in=made, said=self.story.said, now=made.opens_at + timedelta(hours=2))

    def _visit_input(self, number: int, screening: Screening) -> VisitInput:
        chance = self.chance
        sites = self._open_sites(screening)
        usual = (("redness_heat",), ("redness_heat",), ("redness_heat", "soreness"), ())
        seen = self.story.at_end.get(number) or chance.choice(usual)
        given = VisitInput(
            technique=self.technique,
            phases_done=tuple(one for one in self.phases if one == "treat" or chance.random() < 0.9),
            treatments=tuple(self._dose(site, _careful(screening)) for site in sites),
            readings=tuple(self.path.visit(number)),
            reactions_asked=True,
            reactions=tuple(ReactionInput(one) for one in seen),
            found=chance.choice(FOUND),
            exercise=self.problem.exercise,
            other_care=(care := tuple(sorted(chance.sample(OTHER_CARE, chance.randint(0, 2))))),
            minutes={EVALUATION: 15 if number == 1 else 5, EXERCISE: 10} | dict.fromkeys(care, 5),
        )
        felt = FELT[FOUND.index(given.found)]
        return replace(given, treatments=tuple(replace(one, textures=felt) for one in given.treatments))

    def _open_sites(self, screening: Screening) -> list[tuple[str, str]]:
        """Where treatment may go on: an ``avoid`` at one site leaves the others."""
        if self.story.override:
            return self.sites
        outcomes = {(one["region"], one["side"]): Outcome(one["outcome"]) for one in screening.sites}
        free = [site for site in self.sites if outcomes[site] in (Outcome.MODIFY, Outcome.PROCEED)]
        if not free:
            raise RuntimeError(f"demo story {self.story.key!r}: the screen says {screening.outcome}, nothing to treat")
        return free

    def _dose(self, site: tuple[str, str], careful: bool) -> TreatmentInput:
        chance = self.chance
        measured = self.story.force_device
        guessed = not measured and chance.random() < 0.15
        force = Decimal(chance.randint(20, 75)) / 10 if measured or guessed else None
        return TreatmentInput(
            region=site[0],
            side=site[1],
            instrument=self.instrument,
            edge=self.edge,
            strokes=self.strokes,
            seconds=self.seconds[site],
            pressure=self.pressure,
            discomfort=chance.randint(0, 2 if careful else 5),
            force_newton=force,
            force_method="" if force is None else "measured" if measured else "estimated",
            force_device=measured,
            angle_degrees=self.angle,
            position=self.problem.position,
            motion=Motion.STRETCHED if "stretch" in self.problem.position.lower() else Motion.STILL,
        )

    def _amend(self, visit: Visit, given: VisitInput) -> None:
        longer = tuple(replace(one, seconds=(one.seconds or 0) + 30) for one in given.treatments)
        reason = self.story.amended
        amend_visit(by=self.by, visit=visit, seen=visit.version, given=replace(given, treatments=longer), reason=reason)

    def _look_back(self, visit: Visit, number: int, following: date | None) -> None:
        """Asked the next day, or at the next visit; a last visit nobody has asked about stays that way."""
        told = self.story.checks.get(number)
        if told is None and following:
            told = (Check(1 if self.chance.random() < 0.3 else NEXT_VISIT),)
        elif told is None and self.story.asked and visit.on < self.on:
            told = (Check(1),)
        for check in told or ():
            day = visit.on + timedelta(days=1) if check.after == 1 else following
            if day is not None and day <= self.on:
                record_reaction(
                    by=self.staff.assistant if check.after == 1 else self.by,
                    visit=visit,
                    when=When.NEXT_DAY if check.after == 1 else When.NEXT_VISIT,
                    on=day,
                    reactions=[
                        ReactionInput(one.reaction, still_present=one.still_present, larger=one.larger)
                        for one in check.seen
                    ],
                    note=check.note,
                )

    def _draft(self, day: date) -> None:
        """An unsigned visit: the draft of today, or one that somebody forgot."""
        screening = self._screen(day)
        visit = start_visit(by=self.by, course=self.course, on=day, technique=self.technique)
        if self.story.draft is Draft.STARTED:
            return
        given = self._visit_input(self.story.visits + 1, screening)
        if self.story.draft is Draft.HALF:
            before = tuple(self.path.visit(visit.number, after=False))
            # The page carries the dose over from the last visit; two of its values are not confirmed yet.
            copied = ("area-0-seconds", "area-0-position")
            given = replace(
                given, readings=before, reactions_asked=False, reactions=(), phases_done=(), unconfirmed=copied
            )
        write_visit(by=self.by, visit=visit, seen=visit.version, given=given)

    def _end(self) -> None:
        ending = self.story.ending
        if ending is None:
            return
        last = self.days[-1] if self.days else self.opened
        close_course(
            by=self.by,
            course=self.course,
            seen=self.course.version,
            on=last + timedelta(days=ending.after),
            status=ending.status,
            note=ending.note,
        )


def visit_days(story: Story, on: date) -> list[date]:
    """The days of the signed visits, counted back from the last one over working days."""
    gaps = dict(story.gaps)
    days: list[date] = []
    for number in range(story.visits, 0, -1):
        gap = timedelta(days=gaps.get(number + 1, story.gap))
        days.insert(0, weekday(days[0] - gap) if days else last_day(story, on))
    return days


def last_day(story: Story, on: date) -> date:
    """The day of the last signed visit, or of the evaluation; what was this week keeps its exact distance."""
    day = on - timedelta(days=story.last)
    return day if story.last <= JUST_NOW else weekday(day)


def weekday(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - SATURDAY + 1))


def birthday(on: date, age: int, days: int) -> date:
    """A date of birth that makes somebody so many whole years old; ``days`` less than a year since the birthday."""
    then = on - timedelta(days=days)
    return date(then.year - age, then.month, min(then.day, 28))


def _careful(screening: Screening) -> bool:
    return Outcome(screening.outcome) is Outcome.MODIFY
