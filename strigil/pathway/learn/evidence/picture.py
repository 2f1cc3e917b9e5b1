"""All that the shelf holds of a condition, put side by side, and one plain line made from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from strigil.knowledge import Knowledge
from strigil.knowledge.shapes import Comparator, Review, Study, Verdict
from strigil.pathway.learn.evidence.contrasts import Contrast, contrasts
from strigil.pathway.learn.evidence.pools import Pooling, poolings

ORDER: tuple[Comparator, ...] = ("sham", "no_treatment", "waiting_list", "add_on", "active", "variant", "unclear")
AGAINST: dict[Comparator | None, str] = {
    "sham": "against a sham",
    "no_treatment": "against no treatment",
    "waiting_list": "against a waiting list",
    "add_on": "added to other care, against that care alone",
    "active": "against another treatment",
    "variant": "one way of using the instrument against another",
    "unclear": "against something that is not clear",
    None: "without a comparison",
}
FOR: tuple[Verdict, ...] = ("favours_iastm",)
NOT_FOR: tuple[Verdict, ...] = ("no_advantage", "favours_comparator", "insufficient")


@dataclass(frozen=True, slots=True)
class Group:
    """Studies of one kind of people with one comparator: the only ones that may be compared with each other."""

    who: str
    comparator: Comparator | None
    studies: tuple[Study, ...]
    contrasts: tuple[Contrast, ...]
    poolings: tuple[Pooling, ...]

    @property
    def against(self) -> str:
        return AGAINST[self.comparator]


@dataclass(frozen=True, slots=True)
class Harms:
    """What trials in people say of harm. ``silent``: nothing was read in them, which is not none."""

    trials: int
    looked: int
    said: tuple[Study, ...]
    silent: int


@dataclass(frozen=True, slots=True)
class Views:
    """Reviews side by side."""

    reviews: tuple[Review, ...]
    disagreement: str | None


@dataclass(frozen=True, slots=True)
class Picture:
    condition: str
    groups: tuple[Group, ...]
    near: tuple[Group, ...]
    """Studies that stand near the condition without being of it: healthy people, animals, neighbours. Never pooled."""
    reviews: Views
    general: Views
    """Reviews of all conditions together."""
    harms: Harms
    line: str


def of_condition(condition: str, shelf: Knowledge) -> Picture:
    """Everything about one condition; ``line`` is the sentence that stands beside the plan and the screen."""
    studies = shelf.shelf(Study).values()
    own = [one for one in studies if condition in one.conditions]
    near = [one for one in studies if condition in one.related]
    groups = _groups(own, together=True)
    reviews = shelf.shelf(Review).values()
    return Picture(
        condition,
        groups,
        _groups(near, together=False),
        _views(one for one in reviews if condition in one.conditions),
        _views(one for one in reviews if not one.conditions),
        _harms(own),
        _line(own, groups),
    )


def _groups(studies: Sequence[Study], *, together: bool) -> tuple[Group, ...]:
    found: dict[tuple[str, Comparator | None], list[Study]] = {}
    for study in studies:
        for comparator in _comparators(study):
            found.setdefault((study.population.who, comparator), []).append(study)
    places: list[Comparator | None] = [*ORDER, None]
    people = ("patients", "healthy", "cadavers", "animals")
    order = sorted(found, key=lambda one: (people.index(one[0]), places.index(one[1])))
    return tuple(_group(who, comparator, found[who, comparator], together) for who, comparator in order)


def _comparators(study: Study) -> list[Comparator | None]:
    """What the study compares with, each once; None for a study that compares with nothing."""
    return list(dict.fromkeys(arm.comparator for arm in study.arms if arm.comparator)) or [study.comparator]


def _group(who: str, comparator: Comparator | None, studies: Sequence[Study], together: bool) -> Group:
    held = tuple(one for study in studies for one in contrasts(study) if one.comparator == comparator)
    return Group(who, comparator, tuple(studies), held, poolings(held) if together else ())


# --- Reviews and harms --------------------------------------------------------------------------------------------


def _views(found: Iterable[Review]) -> Views:
    reviews = tuple(sorted(found, key=lambda one: (-(one.year or 0), one.id)))
    favour = [one for one in reviews if one.verdict in FOR]
    against = [one for one in reviews if one.verdict in NOT_FOR]
    if not (favour and against):
        return Views(reviews, None)
    return Views(reviews, f"Reviews disagree. For: {_named(favour)}. Not for: {_named(against)}.")


def _named(reviews: Sequence[Review]) -> str:
    return "; ".join(f"{one.title.split(':')[0]}{_sure(one)}" for one in reviews)


def _sure(review: Review) -> str:
    """What a review is about, how much it holds and how sure it is, as far as that was read."""
    about = [name.replace("_", " ") for name in review.techniques]
    about += dict.fromkeys(one.of for one in review.results if one.of != "several")
    said = [" and ".join(about)] if about else []
    said += [f"{review.k} studies"] if review.k is not None else []
    held = dict.fromkeys(one.certainty for one in review.results if one.certainty)
    said += [f"certainty {' and '.join(one.replace('_', ' ') for one in held)}"] if held else []
    return f" ({', '.join(said)})" if said else ""


def _harms(studies: Sequence[Study]) -> Harms:
    people = [one for one in studies if one.population.who in ("patients", "healthy")]
    said = tuple(one for one in people if one.adverse_events)
    looked = sum(one.adverse_events is not None and one.adverse_events.looked_for == "yes" for one in people)
    return Harms(len(people), looked, said, len(people) - len(said))


# --- The plain line -----------------------------------------------------------------------------------------------


def _line(studies: Sequence[Study], groups: Sequence[Group]) -> str:
    patients = [one for one in studies if one.population.who == "patients"]
    controlled = [one for one in patients if _comparators(one) != [None]]
    if not controlled:
        return f"No controlled trial in people with this condition is on the shelf{_uncontrolled(patients)}."
    parts = [_count(controlled), _against(controlled), _read(controlled), _pooled(groups), _harm_line(_harms(patients))]
    return " ".join(parts)


def _uncontrolled(patients: Sequence[Study]) -> str:
    return f"; {_many(len(patients), 'study')} without a comparison" if patients else ""


def _count(trials: Sequence[Study]) -> str:
    known = [one.population.n for one in trials if one.population.n is not None]
    people = f" with {sum(known)} people" if known else ""
    unknown = len(trials) - len(known)
    rest = f"; of {unknown} the size was not read" if unknown else ""
    return f"{_many(len(trials), 'controlled trial').capitalize()}{people}{rest}."


def _against(trials: Sequence[Study]) -> str:
    counted = {one: sum(one in _comparators(trial) for trial in trials) for one in ORDER}
    parts = [] if counted["sham"] else ["none against a sham"]
    parts += [f"{_number(number)} {AGAINST[one]}" for one, number in counted.items() if number]
    return f"{'; '.join(parts).capitalize()}."


def _read(trials: Sequence[Study]) -> str:
    beyond = sum(one.depth == "text" for one in trials)
    return f"{_several(beyond, len(trials))} read beyond the abstract."


def _pooled(groups: Sequence[Group]) -> str:
    done = [one for group in groups if group.who == "patients" for one in group.poolings if one.pooled]
    if not done:
        return "No pooled estimate: fewer than two comparable trials were read in full with the numbers it needs."
    return f"{_many(len(done), 'pooled estimate').capitalize()}."


def _harm_line(harms: Harms) -> str:
    if not harms.said:
        return "Nothing was read on harm."
    says = "says" if len(harms.said) == 1 else "say"
    return f"{_number(len(harms.said)).capitalize()} of {_number(harms.trials)} {says} anything of harm."


def _several(number: int, of: int) -> str:
    if number == 0:
        return "None was"
    return f"{_number(number).capitalize()} of {_number(of)} {'was' if number == 1 else 'were'}"


_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _number(number: int) -> str:
    return _WORDS[number] if number < len(_WORDS) else str(number)


def _many(number: int, what: str) -> str:
    plural = what if number == 1 else what[:-1] + "ies" if what.endswith("y") else what + "s"
    return f"{_number(number)} {plural}"
