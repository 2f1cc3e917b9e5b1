"""Which arm of a trial stands against which, and why a comparison cannot be pooled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from strigil.knowledge.shapes import Comparator, Result, Study, StudyOutcome

FEWEST = 2
"""People in an arm, at least; one has no spread."""

BANDS: tuple[tuple[int, str], ...] = ((1, "within a day"), (42, "up to 6 weeks"), (182, "up to 6 months"))
"""Times that may stand together, by their last day; proposed by this project."""
LATER = "later than 6 months"
UNTIMED = "at a time that is not one"

_DAYS = {
    "minute": Decimal(0),
    "hour": Decimal(1) / 24,
    "day": Decimal(1),
    "week": Decimal(7),
    "month": Decimal(365) / 12,
}
_PAIN_SCALES = ("vas_pain", "nprs")
_OF_ARMS = ("post", "pre_post", "change")

_DESIGNS = {
    "randomisation_not_stated": "it is not said that people were allocated at random",
    "crossover": "each person had both, which needs a paired analysis",
    "within_person": "each person was their own control, which needs a paired analysis",
    "within_person_randomised": "each person was their own control, which needs a paired analysis",
}
_DEPTHS = {
    "abstract": "only an abstract was read",
    "secondary": "it was read only on another page about it",
    "registry": "only its registration was read",
}


@dataclass(frozen=True, slots=True)
class Contrast:
    """One arm with the instrument against one without it, for one outcome."""

    study: Study
    outcome: StudyOutcome
    treated: Result
    other: Result
    comparator: Comparator

    @property
    def about(self) -> str:
        """What may stand together: pain on any scale, function on any scale, otherwise the same measure."""
        if self.outcome.of == "function" or self.outcome.on_shelf in _PAIN_SCALES:
            return self.outcome.of
        return self.outcome.on_shelf or self.outcome.measure

    @property
    def when(self) -> str:
        return band(self.outcome.when)

    @property
    def counts(self) -> bool:
        return self.treated.events is not None


def contrasts(study: Study) -> Iterator[Contrast]:
    """Every comparison of an arm that gets the instrument with one that does not; none of an arm with itself."""
    against = {arm.id: arm.comparator for arm in study.arms}
    for outcome in study.outcomes:
        if outcome.kind == "baseline":
            continue
        for treated in (one for one in outcome.results if against[one.arm] is None):
            for other in outcome.results:
                if comparator := against[other.arm]:
                    yield Contrast(study, outcome, treated, other, comparator)


def why_not(contrast: Contrast) -> str | None:
    """Why a comparison cannot be pooled; None if it can."""
    study, outcome = contrast.study, contrast.outcome
    depth = next((page.depth for page in study.pages if page.id == outcome.read_in), "secondary")
    if study.population.who not in ("patients", "healthy"):
        return f"it is of {study.population.who}"
    if outcome.kind == "within_arm_effect" or (outcome.effect and outcome.effect.comparison == "within"):
        return "only changes within an arm are given, which are no effect of the treatment"
    if len(study.conditions) > 1:
        return "people with different conditions stand in one row"
    if outcome.of == "several":
        return "several outcomes stand in one row"
    if study.design != "rct":
        return _DESIGNS.get(study.design, "people were not allocated at random")
    if depth != "text":
        return _DEPTHS[depth]
    if outcome.better not in ("higher", "lower"):
        return "it is not said which way is better"
    if contrast.when == UNTIMED:
        return "it does not say one time"
    return _unread(contrast)


def _unread(contrast: Contrast) -> str | None:
    pair = (contrast.treated, contrast.other)
    if any(one.n is None or one.n < FEWEST for one in pair):
        return "how many people an arm had was not read"
    if contrast.outcome.kind == "responders":
        return None if all(one.events is not None for one in pair) else "the counts of an arm were not read"
    if contrast.outcome.kind not in _OF_ARMS:
        return "no means of the arms are given"
    if any(one.mean is None or not one.sd for one in pair):
        return "the mean or the spread of an arm was not read"
    return None


def band(when: str) -> str:
    """The span that a time falls in, where the words give one time.

    >>> band("straight after"), band("4 weeks"), band("day 21"), band("1 week, 1, 3, 6 and 12 months")
    ('within a day', 'up to 6 weeks', 'up to 6 weeks', 'at a time that is not one')
    """
    numbers = re.findall(r"\d+", when)
    if not numbers and when == "straight after":
        return BANDS[0][1]
    found = re.search(r"(\d+) (minute|hour|day|week|month)|(day) (\d+)", when)
    if len(numbers) != 1 or not found:
        return UNTIMED
    amount, unit = (found[1], found[2]) if found[1] else (found[4], found[3])
    days = int(amount) * _DAYS[unit]
    return next((words for last, words in BANDS if days <= last), LATER)
