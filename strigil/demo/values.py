"""How the made-up readings move: pain, named activities, motions and DASH over the visits of a course, with noise.

Invented for a demo. The sizes are chosen so that an improver moves by more than the published amounts of change, and
somebody who does not respond stays inside them; a test holds that against the shelf.
"""

from __future__ import annotations

from decimal import Decimal
from random import Random

from strigil.clinic.actions.evaluate import ReadingInput
from strigil.clinic.models import Moment
from strigil.demo.problems import Motion, Problem
from strigil.demo.story import Shape
from strigil.knowledge import load
from strigil.knowledge.shapes import Measure

FULL_COURSE = 6
DASH_ITEMS = 30
ACTIVITIES_AT = frozenset({4, 6, 8, 10})
DASH_AT = frozenset({4, 8})


class Path:
    """One person's values. ``visit`` 0 is the evaluation."""

    def __init__(self, problem: Problem, side: str, shape: Shape, visits: int, chance: Random) -> None:
        self.problem, self.shape, self.chance = problem, shape, chance
        self.side = side if side != "midline" else chance.choice(("left", "right"))
        self.span = max(visits, FULL_COURSE) if shape is Shape.BETTER else max(visits, 1)
        self.pain = chance.randint(3, 5) if shape is Shape.WORSE else chance.randint(6, 8)
        self.ability = {name: chance.randint(3, 4) for name in problem.activities}
        self.motion = {one.measure: Decimal(chance.randint(*one.start)) for one in problem.motions}
        self.dash_sum = chance.randint(84, 99)

    def baseline(self) -> list[ReadingInput]:
        """What is measured at the evaluation."""
        found = [ReadingInput("nprs", Decimal(self.pain), Moment.BASELINE)]
        found += [self._activity(name, value, Moment.BASELINE) for name, value in self.ability.items()]
        found += [self._motion(one, self.motion[one.measure], Moment.BASELINE) for one in self.problem.motions]
        if self.problem.dash:
            found.append(self._dash(self.dash_sum, Moment.BASELINE))
        return found

    def visit(self, number: int, *, after: bool = True) -> list[ReadingInput]:
        """What is measured at a visit: pain before and after, motions, and now and then the questionnaires."""
        before = self._pain(number)
        found = [ReadingInput("nprs", Decimal(before), Moment.BEFORE)]
        if after:
            eased = max(0, before - self.chance.choice((0, 0, 1, 1, 2)))
            found.append(ReadingInput("nprs", Decimal(eased), Moment.AFTER))
        for one in self.problem.motions:
            value = self._moved(one, number)
            found.append(self._motion(one, value, Moment.BEFORE))
            if after and number % 2:
                found.append(self._motion(one, value + one.step * self.chance.randint(0, 3), Moment.AFTER))
        if number in ACTIVITIES_AT:
            found += [self._activity(name, self._able(name, number), Moment.BEFORE) for name in self.ability]
        if number in DASH_AT and self.problem.dash:
            found.append(self._dash(self._dash_sum(number), Moment.BEFORE))
        return found

    # --- Where a value stands at a visit ---

    def _share(self, number: int) -> float:
        """How much of the whole change has happened by a visit: 1 is an improver's, below 0 somebody getting worse."""
        if self.shape is Shape.SAME:
            return 0.0
        share = min(1.0, number / self.span)
        return share if self.shape is Shape.BETTER else -share

    def _pain(self, number: int) -> int:
        share = self._share(number)
        change = round(-(5 if share > 0 else 3) * share + self.chance.uniform(-0.7, 0.7))
        return max(0, min(10, self.pain + change))

    def _able(self, name: str, number: int) -> int:
        change = round(5 * self._share(number) + self.chance.uniform(-0.9, 0.9))
        return max(0, min(10, self.ability[name] + change))

    def _moved(self, one: Motion, number: int) -> Decimal:
        noise = self.chance.choice((-1, 0, 0, 1)) * (one.step if one.step == 1 else 4 * one.step)
        change = Decimal(str(round(one.gain * self._share(number), 1))) + noise
        return (self.motion[one.measure] + change).quantize(one.step)

    def _dash_sum(self, number: int) -> int:
        return max(DASH_ITEMS, self.dash_sum - round(32 * self._share(number)) + self.chance.randint(-4, 4))

    # --- As the action takes it ---

    def _activity(self, name: str, value: int, moment: str) -> ReadingInput:
        return ReadingInput("psfs", Decimal(value), moment, detail=name)

    def _motion(self, one: Motion, value: Decimal, moment: str) -> ReadingInput:
        measure = load().shelf(Measure)[one.measure]
        kept = min(max(value, measure.low), measure.high)
        return ReadingInput(one.measure, kept, moment, self.side if one.sided else "", "active", one.device)

    def _dash(self, total: int, moment: str) -> ReadingInput:
        """The score that the marks of 30 items add up to, by the questionnaire's own rule."""
        score = (Decimal(total) / DASH_ITEMS - 1) * 25
        return ReadingInput("dash", score.quantize(Decimal("0.01")), moment)
