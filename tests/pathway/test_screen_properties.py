"""What must hold of every screen, whatever the case. Each property is a function that Hypothesis drives twice: over the
engine, which must keep it, and over engines with a planted fault, which must be caught."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from strigil.knowledge import load
from strigil.pathway.facts import Answer, AnswerValue, Case, Clearance, Decision, Outcome, Side, Site, most_severe
from strigil.pathway.screen import screen
from tests.pathway.cases import DAY, bare, case, no, unknown, with_rule, yes

SHELF = load()
RULES = tuple(SHELF.asked)
LOCAL = tuple(name for name, rule in SHELF.asked.items() if rule.scope != "systemic")
REGIONS = ("forearm_lateral", "hand_fingers", "knee", "lower_leg_posterior", "trunk_posterior", "hip_buttock")

Decide = Callable[[Case], Decision]
settings.register_profile(
    "pathway",
    max_examples=150,
    deadline=None,
    derandomize=True,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
steady = settings.get_profile("pathway")


def engine(one: Case) -> Decision:
    return screen(one, SHELF)


# --- Cases ------------------------------------------------------------------------------------------------------

sites = st.builds(Site, st.sampled_from(REGIONS), st.sampled_from(Side))
days_ago = st.sampled_from((0, 0, 0, 1, 2, 7, 8, 30, 31, 90, 91)).map(lambda days: DAY - timedelta(days))
beginnings = st.none() | st.sampled_from((0, 83, 84, 400)).map(lambda days: DAY - timedelta(days))
clearances = st.builds(
    lambda finding, begins, length: Clearance(finding, DAY + timedelta(begins), DAY + timedelta(begins + length)),
    st.sampled_from([name for name, rule in SHELF.rules.items() if any(one.cleared_to for one in rule.consequences)]),
    st.sampled_from((-30, -1, 0, 1)),
    st.sampled_from((0, 1, 60)),
)


@st.composite
def answers(draw: st.DrawFn, finding: str) -> Answer:
    word = draw(st.sampled_from(AnswerValue))
    since = draw(beginnings) if word is AnswerValue.YES else None
    return Answer(finding, word, draw(days_ago), draw(st.none() | sites), since)


@st.composite
def cases(draw: st.DrawFn, most_sites: int = 3, **other: Any) -> Case:
    """All is answered no, but for a few findings that have any answers at all, or none."""
    changed = draw(st.lists(st.sampled_from(RULES), max_size=4, unique=True))
    given = [one for name in changed for one in draw(st.lists(answers(name), max_size=3))]
    return case(
        *given,
        but=changed,
        sites=draw(st.lists(sites, max_size=most_sites, unique=True)),
        sex=draw(st.sampled_from(("female", "male"))),
        clearances=tuple(draw(st.lists(clearances, max_size=2))),
        **other,
    )


def with_answers(one: Case, finding: str, *given: Answer) -> Case:
    """The case with these as the only answers about the finding."""
    return replace(one, answers=tuple(other for other in one.answers if other.finding != finding) + given)


def results(decision: Decision) -> list[tuple[Site | None, Outcome, bool]]:
    """Each site's outcome; the patient's where there are no sites."""
    if not decision.sites:
        return [(None, decision.outcome, decision.complete)]
    return [(one.site, one.outcome, one.complete) for one in decision.sites]


def floor(decision: Decision, place: Site | None) -> Outcome:
    """What is certain already: the most severe reason that holds at the place."""
    return most_severe(*(one.outcome for one in decision.reasons if one.site in (None, place)))


def ceiling(decision: Decision) -> Outcome:
    """The worst that any open question could still bring."""
    return most_severe(floor_of_all(decision), *(one.could_be for one in decision.unasked))


def floor_of_all(decision: Decision) -> Outcome:
    return most_severe(*(one.outcome for one in decision.reasons))


# --- Replacing unknown by an answer only refines ----------------------------------------------------------------


def completions(one: Case, decision: Decision) -> Iterator[Case]:
    """The case with every open question answered, in each way: no, yes, yes at each site, yes elsewhere.

    What was answered stays answered: a yes stays yes and is given a place, since its place is what is open; a finding
    answered for some sites is answered for those that no answer speaks of.
    """
    elsewhere = (Site("foot_plantar", Side.LEFT), Site("upper_arm_medial", Side.LEFT))
    ways: list[list[tuple[Answer, ...]]] = []
    for question in decision.unasked:
        name = question.finding
        held = tuple(given for given in one.answers if given.finding == name)
        current = [given for given in held if is_current(one, given)]
        said = [given for given in current if given.answer is not AnswerValue.UNKNOWN]
        if all(given.site is None for given in current) and len({given.answer for given in newest(current)}) > 1:
            said = []  # a day that disagrees with itself has said nothing
        somewhere = [(Answer(name, AnswerValue.YES, DAY, place),) for place in (*one.sites, *elsewhere)]
        if not said:
            ways.append([(no(name),), (yes(name),), *somewhere])
        elif all(given.site is None and given.answer is AnswerValue.YES for given in said):
            ways.append(somewhere)
        else:
            elsewhere_yes = any(given.answer is AnswerValue.YES for given in current)  # a no for all other places
            places = [
                place for place in one.sites if not elsewhere_yes and not any(may_meet(g.site, place) for g in held)
            ]
            words = (AnswerValue.YES, AnswerValue.NO)
            ways.append([(*held, Answer(name, word, DAY, place)) for place in places[:1] for word in words] or [held])
    for chosen in product(*ways):
        completed = one
        for name, way in zip((question.finding for question in decision.unasked), chosen, strict=True):
            completed = with_answers(completed, name, *way)
        yield completed


def newest(answers: list[Answer]) -> list[Answer]:
    return [one for one in answers if one.asked_on == max(other.asked_on for other in answers)]


def is_current(one: Case, given: Answer) -> bool:
    return 0 <= (one.on - given.asked_on).days <= SHELF.rules[given.finding].valid_days


def may_meet(one: Site | None, other: Site) -> bool:
    return one is None or (one.region == other.region and {one.side, other.side} != {Side.LEFT, Side.RIGHT})


def check_refines(one: Case, decide: Decide) -> None:
    """Every completion lies between what is certain and what is possible; a complete outcome is every completion's."""
    partial = decide(one)
    if len(partial.unasked) > 2:
        return
    for completed in completions(one, partial):
        full = decide(completed)
        for (place, outcome, complete), (_, then, _) in zip(results(partial), results(full), strict=True):
            assert floor(partial, place).severity <= then.severity, (completed, "milder than what was certain")
            worst = ceiling(full) if then is Outcome.INCOMPLETE else then
            assert worst.severity <= ceiling(partial).severity, (completed, "worse than what was possible")
            if complete:
                assert then == outcome, (completed, "a complete outcome changed")
        kept = {(reason.rule, reason.why, reason.site) for reason in partial.reasons}
        assert kept <= {(reason.rule, reason.why, reason.site) for reason in full.reasons}


def check_open_means_open(one: Case, decide: Decide) -> None:
    """What is called incomplete could indeed become worse: some completion does."""
    partial = decide(one)
    if not 0 < len(partial.unasked) <= 2 or not all(is_open(one, question.finding) for question in partial.unasked):
        return
    worst = most_severe(*(decide(completed).outcome for completed in completions(one, partial)))
    assert worst.severity > min(floor(partial, place).severity for place, _, _ in results(partial))


@steady
@given(cases())
@example(case(but=["pregnancy", "red_flag_dvt"]))
@example(case(yes("skin_infection_local")))
def test_answering_an_open_question_only_refines(one: Case) -> None:
    check_refines(one, engine)


@steady
@given(cases())
@example(case(unknown("skin_infection_local"), but=["open_wound"]))
def test_open_questions_could_each_make_it_worse(one: Case) -> None:
    check_open_means_open(one, engine)


# --- With a dangerous question open, never proceed --------------------------------------------------------------


def check_never_proceeds_blind(one: Case, decide: Decide) -> None:
    """If a yes to a question without a current answer would make a site worse, treatment there is not permitted yet.

    Whether a question is open is judged here, not by the engine: no answer, stale ones, or unknown on the last day.
    """
    before = decide(one)
    for name in RULES:
        if not is_open(one, name):
            continue
        after = decide(with_answers(one, name, yes(name)))
        for (place, outcome, complete), (_, then, _) in zip(results(before), results(after), strict=True):
            if floor(after, place).severity > floor(before, place).severity:
                assert not outcome.permits_treatment, (name, place, outcome)
                assert not complete, (name, place)
                assert then.severity >= floor(after, place).severity
                assert name in {question.finding for question in before.unasked}


def is_open(one: Case, name: str) -> bool:
    rule = SHELF.rules[name]
    given = [held for held in one.answers if held.finding == name]
    if not given:
        return one.sex not in rule.not_asked_of_sex
    current = [held for held in given if is_current(one, held)]
    return all(held.answer is AnswerValue.UNKNOWN for held in newest(current)) and all(
        held.site is None for held in current
    )


@steady
@given(cases())
def test_open_question_that_matters_never_lets_treatment_proceed(one: Case) -> None:
    check_never_proceeds_blind(one, engine)


@settings(steady, max_examples=60)
@given(st.sets(st.sampled_from(RULES), min_size=1), st.sampled_from(("left out", "unknown", "stale", "conflicting")))
def test_any_set_of_open_questions_is_never_proceed(names: set[str], how: str) -> None:
    given = {
        "left out": lambda name: (),
        "unknown": lambda name: (unknown(name),),
        "stale": lambda name: (no(name, days_ago=SHELF.rules[name].valid_days + 1),),
        "conflicting": lambda name: (no(name), yes(name)),
    }[how]
    decision = engine(case(*(one for name in names for one in given(name)), but=names))
    assert (decision.outcome, decision.complete) == ("incomplete", False)
    assert {one.finding for one in decision.unasked} == names


# --- A yes never makes it milder --------------------------------------------------------------------------------


def check_yes_never_milder(one: Case, finding: str, place: Site | None, decide: Decide) -> None:
    """From no to yes at the same place: what was certain stays certain, and the worst possible does not shrink.

    The exception that the knowledge names is a physician's clearance; it is the same before and after. The outcome
    itself may go from ``incomplete`` to ``avoid``: no milder, since what was open is no longer worse than what holds.
    """
    before = decide(with_answers(one, finding, Answer(finding, AnswerValue.NO, DAY, place)))
    after = decide(with_answers(one, finding, Answer(finding, AnswerValue.YES, DAY, place)))
    reasons = {(reason.rule, reason.outcome, reason.site, reason.why) for reason in after.reasons}
    assert {(reason.rule, reason.outcome, reason.site, reason.why) for reason in before.reasons} <= reasons
    for (where, outcome, _), (_, then, _) in zip(results(before), results(after), strict=True):
        assert floor(before, where).severity <= floor(after, where).severity
        if outcome is not Outcome.INCOMPLETE:
            assert outcome.severity <= then.severity
    if place is None:
        assert ceiling(before).severity <= ceiling(after).severity


@steady
@given(cases(), st.sampled_from(RULES), st.none() | sites)
def test_yes_never_makes_the_outcome_milder(one: Case, finding: str, place: Site | None) -> None:
    check_yes_never_milder(one, finding, place, engine)


@steady
@given(cases(), st.data())
def test_one_more_yes_of_today_never_takes_a_reason_away(one: Case, data: st.DataObject) -> None:
    """Unless it answers anew about the same finding: then the newest day is what counts."""
    before = engine(one)
    unanswered = [name for name in RULES if is_open(one, name)]
    finding = data.draw(st.sampled_from(unanswered or ["easy_bruising"]))
    after = engine(replace(one, answers=(*one.answers, yes(finding))))
    kept = {(reason.rule, reason.why, reason.site) for reason in before.reasons if finding not in reason.findings}
    assert kept <= {(reason.rule, reason.why, reason.site) for reason in after.reasons}


@steady
@given(cases(), clearances)
def test_clearance_never_makes_it_worse_and_only_softens_clearance(one: Case, clearance: Clearance) -> None:
    before = engine(replace(one, clearances=()))
    after = engine(replace(one, clearances=(clearance,)))
    assert floor_of_all(after).severity <= floor_of_all(before).severity
    if before.outcome in ("emergency", "refer", "stop", "hold"):
        assert after.outcome == before.outcome


# --- Order ------------------------------------------------------------------------------------------------------


def check_order_never_matters(one: Case, shuffled: list[Answer], turned: list[Site], decide: Decide) -> None:
    assert decide(replace(one, answers=tuple(shuffled))) == decide(one)
    plain, other = decide(one), decide(replace(one, answers=tuple(shuffled), sites=tuple(turned)))
    assert (plain.outcome, plain.complete, plain.unasked) == (other.outcome, other.complete, other.unasked)
    assert set(plain.sites) == set(other.sites)
    assert set(plain.reasons) == set(other.reasons)


@steady
@given(cases(), st.data())
def test_order_of_answers_and_sites_never_matters(one: Case, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(one.answers))
    check_order_never_matters(one, shuffled, data.draw(st.permutations(one.sites)), engine)


@steady
@given(cases(most_sites=4))
def test_sites_are_decided_one_by_one(one: Case) -> None:
    """The outcome of a site does not depend on which other sites are in question, if all is answered for the person."""
    whole_person = replace(one, answers=tuple(replace(held, site=None) for held in one.answers))
    together = {held.site: held for held in engine(whole_person).sites}
    for place in one.sites:
        (alone,) = engine(replace(whole_person, sites=(place,))).sites
        assert alone == together[place]


@steady
@given(cases())
def test_the_patient_has_the_most_severe_of_the_sites(one: Case) -> None:
    decision = engine(one)
    assert decision.outcome == most_severe(*(outcome for _, outcome, _ in results(decision)))
    assert decision.complete is all(complete for _, _, complete in results(decision))
    assert decision.complete or decision.unasked or not one.sites
    severities = [reason.outcome.severity for reason in decision.reasons]
    assert severities == sorted(severities, reverse=True)
    could_be = [question.could_be.severity for question in decision.unasked]
    assert could_be == sorted(could_be, reverse=True)


# --- Left and right ---------------------------------------------------------------------------------------------


def check_left_stays_left(one: Case, finding: str, region: str, decide: Decide) -> None:
    """A yes at the left, in place of a no, leaves the right as it was, unless it is about the whole person."""
    left, right = Site(region, Side.LEFT), Site(region, Side.RIGHT)
    one = replace(one, sites=(left, right))
    before = decide(with_answers(one, finding, no(finding)))
    after = decide(with_answers(one, finding, Answer(finding, AnswerValue.YES, DAY, left)))
    at_right = [
        {(reason.rule, reason.outcome, reason.why) for reason in decision.reasons if reason.site == right}
        for decision in (before, after)
    ]
    assert at_right[0] == at_right[1], "a reason at the right came from the left"
    new = [reason for reason in after.reasons if reason.site is None and reason not in before.reasons]
    if SHELF.rules[finding].scope == "local":
        assert {reason.outcome for reason in new} <= {"emergency", "refer"}
    if not new and {q.finding for q in after.unasked} == {q.finding for q in before.unasked}:
        assert [held for held in after.sites if held.site == right] == [
            held for held in before.sites if held.site == right
        ]


@steady
@given(cases(), st.sampled_from(LOCAL), st.sampled_from(REGIONS))
def test_left_sided_finding_never_touches_the_right(one: Case, finding: str, region: str) -> None:
    check_left_stays_left(one, finding, region, engine)


@pytest.mark.parametrize("finding", LOCAL)
def test_left_sided_finding_alone_never_touches_the_right(finding: str) -> None:
    check_left_stays_left(case(), finding, "knee", engine)


# --- Planted faults ---------------------------------------------------------------------------------------------


def unknown_is_no(one: Case) -> Decision:
    given = (
        replace(held, answer=AnswerValue.NO) if held.answer is AnswerValue.UNKNOWN else held for held in one.answers
    )
    return engine(replace(one, answers=tuple(given)))


def unanswered_is_no(one: Case) -> Decision:
    given = {held.finding for held in one.answers}
    return engine(replace(one, answers=one.answers + tuple(no(name) for name in RULES if name not in given)))


def sides_forgotten(one: Case) -> Decision:
    given = (replace(held, site=held.site and Site(held.site.region, None)) for held in one.answers)
    return engine(replace(one, answers=tuple(given)))


def last_answer_wins(one: Case) -> Decision:
    return engine(replace(one, answers=tuple({held.finding: held for held in one.answers}.values())))


def yes_softens(one: Case) -> Decision:
    """An open wound, of all things, is taken for a clearance of blood thinners."""
    wounded = any(held.finding == "open_wound" and held.answer is AnswerValue.YES for held in one.answers)
    extra = (Clearance("anticoagulants", DAY, DAY),) if wounded else ()
    return engine(replace(one, clearances=one.clearances + extra))


def always_complete(one: Case) -> Decision:
    """The open questions are answered no, and nobody is told."""
    decision = engine(one)
    for question in decision.unasked:
        one = with_answers(one, question.finding, no(question.finding))
    return engine(one)


def unforeseen(one: Case) -> Decision:
    """That an infected leg is an emergency is known only once the leg is named."""
    consequences = SHELF.rules["skin_infection_local"].consequences[:2]
    placed = any(held.finding == "skin_infection_local" and held.site for held in one.answers)
    return screen(one, SHELF if placed else with_rule(SHELF, "skin_infection_local", consequences=consequences))


def caught(check: Callable[..., None], *strategies: st.SearchStrategy[Any], by: Callable[..., Any]) -> None:
    """Hypothesis finds a case in which the faulty engine breaks the property."""

    @settings(steady, max_examples=400, print_blob=False, phases=[Phase.generate])
    @given(st.tuples(*strategies))
    def run(drawn: tuple[Any, ...]) -> None:
        by(check, *drawn)

    with pytest.raises(AssertionError):
        run()


@pytest.mark.parametrize("fault", [unknown_is_no, unanswered_is_no, always_complete])
def test_unknown_read_as_no_breaks_a_property(fault: Decide) -> None:
    caught(check_never_proceeds_blind, cases(), by=lambda check, one: check(one, fault))


def test_emergency_that_was_not_foreseen_breaks_refinement() -> None:
    with pytest.raises(AssertionError):
        check_refines_against(case(yes("skin_infection_local")), unforeseen)


@pytest.mark.parametrize("fault", [unknown_is_no, unanswered_is_no])
def test_unknown_read_as_no_breaks_refinement(fault: Decide) -> None:
    caught(check_refines, cases(), by=lambda check, one: check_refines_against(one, fault))


def check_refines_against(one: Case, fault: Decide) -> None:
    """Refinement with the honest engine naming what is open and the faulty one deciding."""
    partial = fault(one)
    honest = engine(one)
    if len(honest.unasked) > 2:
        return
    for completed in completions(one, honest):
        for (_, outcome, complete), (_, then, _) in zip(results(partial), results(fault(completed)), strict=True):
            assert not complete or then == outcome


def test_forgotten_side_breaks_a_property() -> None:
    strategies = (cases(), st.sampled_from(LOCAL), st.sampled_from(REGIONS))
    caught(check_left_stays_left, *strategies, by=lambda check, *drawn: check(*drawn, sides_forgotten))


def test_last_answer_wins_breaks_a_property() -> None:
    def run(check: Callable[..., None], one: Case) -> None:
        check(one, list(reversed(one.answers)), list(one.sites), last_answer_wins)

    caught(check_order_never_matters, cases(), by=run)


def test_yes_that_softens_breaks_a_property() -> None:
    with pytest.raises(AssertionError):
        check_yes_never_milder(case(yes("anticoagulants")), "open_wound", None, yes_softens)


def test_a_whole_case_of_yes_is_an_emergency() -> None:
    assert engine(bare(*(yes(name) for name in RULES))).outcome == "emergency"
