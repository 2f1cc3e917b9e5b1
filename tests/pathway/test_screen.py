"""What a screen decides, one sentence a test. ``case`` answers no to all that is not named, ``bare`` nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest

from strigil.knowledge import load
from strigil.knowledge.shapes import Condition, Consequence
from strigil.pathway.facts import Clearance, Missing, Outcome, Side, Site, most_severe
from strigil.pathway.screen import age_on, questions, screen
from tests.pathway.cases import (
    DAY,
    asked,
    at,
    bare,
    case,
    fired,
    no,
    unknown,
    with_parts,
    with_rule,
    without_rule,
    yes,
)

SHELF = load()


def decide(one):
    return screen(one, SHELF)


# --- The whole --------------------------------------------------------------------------------------------------


def test_the_case_of_the_first_issue_asks_for_clearance_and_is_not_complete():
    decision = decide(replace(bare(yes("anticoagulants")), technique="graston", indication="lateral_epicondylitis"))
    assert decision.outcome == "clearance"
    assert decision.complete is False
    assert [(one.outcome, one.complete) for one in decision.sites] == [("clearance", False)]
    assert fired(decision) == {("anticoagulants", "clearance", None)}
    assert decision.unasked[0].could_be == "emergency"


def test_all_answered_no_proceeds():
    decision = decide(case())
    assert (decision.outcome, decision.complete) == ("proceed", True)
    assert decision.reasons == ()
    assert decision.unasked == ()


def test_nothing_asked_is_incomplete_and_everything_is_unasked():
    decision = decide(bare())
    assert (decision.outcome, decision.complete) == ("incomplete", False)
    assert set(asked(decision)) == set(SHELF.asked)


@pytest.mark.parametrize("rule", SHELF.asked)
def test_every_question_matters_when_it_alone_is_open(rule):
    decision = decide(case(but=[rule]))
    assert (decision.outcome, decision.complete) == ("incomplete", False)
    assert asked(decision) == [rule]
    assert decision.unasked[0].question == SHELF.asked[rule].question


@pytest.mark.parametrize("rule", SHELF.asked)
def test_every_yes_fires_its_rule(rule):
    decision = decide(case(yes(rule)))
    first = SHELF.asked[rule].consequences[0]
    assert (rule, first.outcome) in {(name, outcome) for name, outcome, _ in fired(decision)}
    assert decision.outcome.severity >= Outcome(first.outcome).severity


def test_decision_carries_the_version_of_the_knowledge():
    decision = decide(case())
    assert (decision.knowledge_version, decision.knowledge_sha256) == (SHELF.version, SHELF.sha256)


def test_outcomes_are_ordered_as_the_design_orders_them():
    order = ["emergency", "refer", "stop", "hold", "clearance", "avoid", "modify", "proceed"]
    assert sorted(order, key=lambda one: -Outcome(one).severity) == order
    assert Outcome.ERROR.severity > Outcome.EMERGENCY.severity
    assert Outcome.CLEARANCE.severity > Outcome.INCOMPLETE.severity > Outcome.AVOID.severity
    assert {one for one in Outcome if one.permits_treatment} == {"avoid", "modify", "proceed"}
    assert most_severe() == "proceed"


# --- Unknown is never no ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ((), Missing.NEVER_ASKED),
        ((unknown("anticoagulants"),), Missing.NOT_KNOWN),
        ((no("anticoagulants", days_ago=31),), Missing.STALE),
        ((yes("anticoagulants", days_ago=31),), Missing.STALE),
        ((unknown("anticoagulants", days_ago=30),), Missing.NOT_KNOWN),
        ((no("anticoagulants"), yes("anticoagulants")), Missing.CONFLICTING),
        ((no("anticoagulants"), unknown("anticoagulants")), Missing.NOT_KNOWN),
        ((no("anticoagulants", days_ago=3), unknown("anticoagulants")), Missing.NOT_KNOWN),
        (
            (no("anticoagulants", days_ago=3), yes("anticoagulants", days_ago=2), unknown("anticoagulants")),
            Missing.NOT_KNOWN,
        ),
    ],
)
def test_answer_that_does_not_count_is_unknown_and_says_why(answers, why):
    decision = decide(case(*answers, but=["anticoagulants"]))
    assert (decision.outcome, decision.complete) == ("incomplete", False)
    assert [(one.finding, one.missing) for one in decision.unasked] == [("anticoagulants", why)]


def test_unasked_says_when_it_was_last_asked():
    decision = decide(case(no("anticoagulants", days_ago=40), no("anticoagulants", days_ago=31)))
    assert decision.unasked[0].last_asked == DAY - timedelta(31)
    assert decide(case(but=["anticoagulants"])).unasked[0].last_asked is None


@pytest.mark.parametrize("rule", SHELF.asked)
def test_answer_counts_to_its_last_day_and_no_longer(rule):
    valid = SHELF.asked[rule].valid_days
    assert decide(case(no(rule, days_ago=valid))).outcome == "proceed"
    assert decide(case(no(rule, days_ago=valid + 1))).outcome == "incomplete"


def test_answer_given_after_the_day_does_not_count():
    later = replace(no("anticoagulants"), asked_on=DAY + timedelta(1))
    assert decide(case(later)).unasked[0].missing is Missing.NEVER_ASKED


@pytest.mark.parametrize("rule", SHELF.asked)
def test_conflicting_answers_of_one_day_are_unknown(rule):
    decision = decide(case(yes(rule), no(rule)))
    assert (decision.outcome, asked(decision)) == ("incomplete", [rule])


def test_conflict_is_settled_by_a_newer_answer():
    older = (yes("anticoagulants", days_ago=2), no("anticoagulants", days_ago=2))
    assert decide(case(*older, no("anticoagulants", days_ago=1))).outcome == "proceed"
    assert decide(case(*older, yes("anticoagulants", days_ago=1))).outcome == "clearance"


def test_the_same_answer_twice_is_no_conflict():
    assert decide(case(yes("anticoagulants"), yes("anticoagulants"))).outcome == "clearance"


def test_newest_answer_wins():
    assert decide(case(yes("anticoagulants", days_ago=2), no("anticoagulants"))).outcome == "proceed"
    assert decide(case(no("anticoagulants", days_ago=2), yes("anticoagulants"))).outcome == "clearance"
    assert decide(case(no("anticoagulants", days_ago=2), unknown("anticoagulants"))).outcome == "incomplete"


def test_stale_yes_under_a_newer_no_is_no():
    assert decide(case(yes("open_wound", days_ago=2), no("open_wound"))).outcome == "proceed"


def test_conflict_at_another_place_keeps_the_person_unknown():
    """An infection of the knee that is both yes and no today may still be one, and that is about the person."""
    decision = decide(case(yes("osteomyelitis", "knee/left"), no("osteomyelitis", "knee/left")))
    assert (decision.outcome, asked(decision)) == ("incomplete", ["osteomyelitis"])


def test_unknown_after_a_yes_at_another_place_keeps_the_person_unknown():
    decision = decide(case(yes("osteomyelitis", "knee/left", days_ago=1), unknown("osteomyelitis", "knee/left")))
    assert (decision.outcome, asked(decision)) == ("incomplete", ["osteomyelitis"])


# --- Side and site ----------------------------------------------------------------------------------------------

BOTH_KNEES = ("knee/left", "knee/right")


def test_local_yes_at_the_left_never_touches_the_right():
    decision = decide(case(yes("open_wound", "knee/left"), sites=BOTH_KNEES))
    assert (at(decision, "knee/left"), at(decision, "knee/right")) == ("avoid", "proceed")
    assert decision.outcome == "avoid"


def test_yes_and_no_at_two_sides_are_no_conflict():
    decision = decide(case(yes("open_wound", "knee/left"), no("open_wound", "knee/right"), sites=BOTH_KNEES))
    assert (at(decision, "knee/left"), at(decision, "knee/right"), decision.complete) == ("avoid", "proceed", True)


def test_no_at_the_left_says_nothing_of_the_right():
    decision = decide(case(no("open_wound", "knee/left"), sites=BOTH_KNEES))
    assert (at(decision, "knee/left"), at(decision, "knee/right")) == ("proceed", "incomplete")
    assert [one.complete for one in decision.sites] == [True, False]


def test_no_at_another_region_says_nothing_of_this_one():
    assert decide(case(no("open_wound", "knee/left"))).outcome == "incomplete"


def test_yes_in_the_midline_touches_both_sides():
    sites = ("trunk_posterior/left", "trunk_posterior/midline", "trunk_posterior/right")
    decision = decide(case(yes("open_wound", "trunk_posterior/midline"), sites=sites))
    assert {one.outcome for one in decision.sites} == {"avoid"}


def test_yes_at_one_side_touches_the_midline():
    sites = ("trunk_posterior/left", "trunk_posterior/midline", "trunk_posterior/right")
    decision = decide(case(yes("open_wound", "trunk_posterior/left"), sites=sites))
    assert [one.outcome for one in decision.sites] == ["avoid", "avoid", "proceed"]


def test_yes_whose_side_nobody_said_touches_both():
    decision = decide(case(yes("open_wound", "knee"), sites=BOTH_KNEES))
    assert {one.outcome for one in decision.sites} == {"avoid"}


def test_site_whose_side_nobody_said_is_touched_by_either():
    decision = decide(case(yes("open_wound", "knee/left"), sites=[Site("knee", None)]))
    assert decision.outcome == "avoid"


def test_yes_without_a_place_touches_every_site():
    decision = decide(case(yes("open_wound"), sites=["knee/left", "forearm_lateral/right"]))
    assert {one.outcome for one in decision.sites} == {"avoid"}


def test_yes_elsewhere_answers_for_this_site():
    """The question asks about every place; a yes that names its place is a no for the others."""
    decision = decide(case(yes("open_wound", "knee/left")))
    assert (decision.outcome, decision.complete) == ("proceed", True)


def test_contradicted_yes_elsewhere_answers_for_nothing():
    decision = decide(case(yes("open_wound", "knee/left"), no("open_wound", "knee/left"), sites=["knee/right"]))
    assert decision.outcome == "incomplete"


def test_stale_yes_elsewhere_answers_for_nothing():
    assert decide(case(yes("open_wound", "knee/left", days_ago=2))).outcome == "incomplete"


def test_unknown_elsewhere_answers_for_nothing():
    assert decide(case(unknown("open_wound", "knee/left"))).outcome == "incomplete"


@pytest.mark.parametrize(
    ("finding_at", "treated", "outcome"),
    [
        ("hand_fingers/right", "forearm_lateral/right", "avoid"),
        ("forearm_lateral/right", "hand_fingers/right", "avoid"),
        ("hand_fingers/left", "forearm_lateral/right", "proceed"),
        ("forearm_lateral/left", "hand_fingers/right", "proceed"),
        ("hand_fingers/right", "upper_arm_lateral/right", "avoid"),
        ("hand_fingers/right", "upper_arm_medial/right", "proceed"),
    ],
)
def test_yes_inside_a_region_is_a_yes_of_the_region_and_the_other_way_round(finding_at, treated, outcome):
    shelf = with_parts(SHELF, {"hand_fingers": "forearm_lateral", "forearm_lateral": "upper_arm_lateral"})
    assert screen(case(yes("open_wound", finding_at), sites=[treated]), shelf).outcome == outcome


def test_no_at_a_part_of_a_region_is_no_answer_for_the_whole():
    shelf = with_parts(SHELF, {"hand_fingers": "forearm_lateral"})
    decision = screen(case(no("open_wound", "hand_fingers/right"), sites=["forearm_lateral/right"]), shelf)
    assert decision.outcome == "incomplete"


@pytest.mark.parametrize(("looked_at", "treated"), [("left", "midline"), ("midline", "left"), ("left", None)])
def test_no_at_one_side_is_no_answer_for_more_than_that_side(looked_at, treated):
    place = Site("trunk_posterior", Side(treated) if treated else None)
    decision = decide(case(no("open_wound", f"trunk_posterior/{looked_at}"), sites=[place]))
    assert decision.outcome == "incomplete"


def test_systemic_finding_ignores_the_place_it_was_given_with():
    decision = decide(case(yes("anticoagulants", "knee/left"), sites=["forearm_lateral/right"]))
    assert decision.outcome == "clearance"
    assert decide(case(no("anticoagulants", "knee/left"))).outcome == "proceed"


@pytest.mark.parametrize("rule", [name for name, one in SHELF.asked.items() if one.scope == "systemic"])
def test_systemic_yes_touches_every_site(rule):
    decision = decide(case(yes(rule, "knee/left"), sites=["knee/left", "knee/right", "trunk_posterior/midline"]))
    whole = Outcome(SHELF.asked[rule].consequences[0].outcome)
    assert {one.outcome for one in decision.sites} == {whole}


def test_local_finding_about_the_person_is_told_whatever_the_site():
    decision = decide(case(yes("skin_infection_local", "hand_fingers/left"), sites=["knee/right"]))
    assert (decision.outcome, at(decision, "knee/right")) == ("refer", "refer")


def test_infection_of_the_leg_is_an_emergency_and_of_the_arm_a_referral():
    assert decide(case(yes("skin_infection_local", "ankle/left"))).outcome == "emergency"
    assert decide(case(yes("skin_infection_local", "hand_fingers/left"))).outcome == "refer"


def test_infection_whose_place_is_not_known_could_still_be_an_emergency():
    decision = decide(case(yes("skin_infection_local")))
    assert (decision.outcome, decision.complete) == ("refer", False)
    assert [(one.finding, one.could_be) for one in decision.unasked] == [("skin_infection_local", "emergency")]


def test_sites_have_outcomes_of_their_own_and_the_patient_has_the_most_severe():
    decision = decide(case(yes("burn_scars", "knee/left"), yes("open_wound", "knee/right"), sites=BOTH_KNEES))
    assert (at(decision, "knee/left"), at(decision, "knee/right"), decision.outcome) == ("modify", "avoid", "avoid")


# --- Time -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "outcome"), [(None, "clearance"), (0, "clearance"), (83, "clearance"), (84, "proceed")]
)
def test_operation_counts_as_recent_below_84_days_and_when_its_date_is_unknown(days, outcome):
    assert decide(case(yes("surgical_incision", since_days_ago=days))).outcome == outcome


def test_newer_answer_about_an_older_operation_does_not_hide_the_recent_one_of_the_same_day():
    both = (yes("surgical_incision", since_days_ago=400), yes("surgical_incision", since_days_ago=10))
    assert decide(case(*both)).outcome == "clearance"
    assert decide(case(*reversed(both))).outcome == "clearance"


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2008, 11, 20), DAY, 18),
        (date(2008, 11, 21), DAY, 17),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (DAY, DAY, 0),
        (None, DAY, None),
    ],
)
def test_age_is_counted_in_whole_years(born, on, age):
    assert age_on(born, on) == age


# --- Clearance --------------------------------------------------------------------------------------------------


def agreed(finding, begins, ends):
    return (Clearance(finding, DAY + timedelta(begins), DAY + timedelta(ends)),)


@pytest.mark.parametrize(
    ("begins", "ends", "outcome"),
    [(-10, 10, "modify"), (0, 0, "modify"), (-10, 0, "modify"), (-10, -1, "clearance"), (1, 10, "clearance")],
)
def test_clearance_turns_to_modify_only_within_its_dates(begins, ends, outcome):
    decision = decide(case(yes("anticoagulants"), clearances=agreed("anticoagulants", begins, ends)))
    assert decision.outcome == outcome
    assert [one.cleared for one in decision.reasons] == [outcome == "modify"]


def test_clearance_for_one_finding_does_not_clear_another():
    decision = decide(case(yes("anticoagulants"), clearances=agreed("heart_failure", -1, 1)))
    assert decision.outcome == "clearance"


def test_clearance_never_softens_an_emergency_or_a_referral():
    for rule, held in SHELF.asked.items():
        decision = decide(case(yes(rule), clearances=agreed(rule, -1, 1)))
        if held.consequences[0].outcome != "clearance":
            assert decision.outcome.severity >= Outcome(held.consequences[0].outcome).severity, rule


def test_clearance_for_an_unasked_finding_does_not_answer_it():
    decision = decide(case(but=["anticoagulants"], clearances=agreed("anticoagulants", -1, 1)))
    assert (decision.outcome, decision.unasked[0].could_be) == ("incomplete", "modify")


def test_only_what_says_so_is_left_after_a_clearance():
    left = {
        rule: decide(case(yes(rule), clearances=agreed(rule, -1, 1), technique="graston")).outcome
        for rule in SHELF.asked
    }
    assert {rule for rule, outcome in left.items() if outcome == "modify"} == {
        "anticoagulants", "bleeding_disorder", "burn_scars", "connective_tissue_disorder", "controlled_hypertension",
        "crps", "diabetes", "easy_bruising", "healing_closed_fracture", "heart_failure", "immunosuppressants",
        "incision_not_ready", "ischaemia_pad", "keloid", "kidney_dysfunction", "long_term_steroids", "lymphedema",
        "osteoporosis", "pregnancy", "ra_autoimmune", "radiotherapy_area", "recent_injection", "surgical_incision",
    }  # fmt: skip


def test_tumour_site_is_avoided_after_clearance_and_the_rest_modified():
    cleared = agreed("cancer", -1, 1)
    decision = decide(case(yes("cancer", "knee/left"), sites=BOTH_KNEES, clearances=cleared))
    assert (at(decision, "knee/left"), at(decision, "knee/right")) == ("avoid", "modify")


def test_low_back_is_avoided_in_pregnancy_after_clearance_and_the_elbow_modified():
    sites = ("trunk_posterior/midline", "forearm_lateral/right")
    decision = decide(case(yes("pregnancy"), sites=sites, clearances=agreed("pregnancy", -1, 1)))
    assert [one.outcome for one in decision.sites] == ["avoid", "modify"]


def test_keloid_stays_untouched_after_clearance_and_the_rest_is_modified():
    given = (yes("keloid"), yes("raised_scar", "knee/left"))
    decision = decide(case(*given, sites=BOTH_KNEES, clearances=agreed("keloid", -1, 1)))
    assert (at(decision, "knee/left"), at(decision, "knee/right")) == ("avoid", "modify")


def test_cleared_keloid_is_open_until_somebody_looked_for_a_raised_scar():
    decision = decide(case(yes("keloid"), but=["raised_scar"], clearances=agreed("keloid", -1, 1)))
    assert (decision.outcome, asked(decision)) == ("incomplete", ["raised_scar"])


def test_bleeding_disorder_that_a_physician_agreed_to_is_still_a_stop_under_gua_sha():
    outcomes = {
        technique: decide(
            case(yes("bleeding_disorder"), technique=technique, clearances=agreed("bleeding_disorder", -1, 1))
        ).outcome
        for technique in ("graston", "gua_sha", None)
    }
    assert outcomes == {"graston": "modify", "gua_sha": "stop", None: "incomplete"}


# --- Reasons that lean on two findings --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ((yes("diabetes"), yes("sensory_loss")), ("diabetes", "avoid", ("diabetes", "sensory_loss"))),
        ((yes("diabetes"), yes("open_wound")), ("diabetes", "avoid", ("diabetes", "open_wound"))),
        (
            (yes("diabetes"), yes("open_wound"), yes("sensory_loss")),
            ("diabetes", "avoid", ("diabetes", "sensory_loss", "open_wound")),
        ),
        (
            (yes("ra_autoimmune"), yes("acute_injury_effusion")),
            ("ra_autoimmune", "avoid", ("ra_autoimmune", "acute_injury_effusion")),
        ),
        (
            (yes("ra_autoimmune"), yes("long_term_steroids")),
            ("ra_autoimmune", "clearance", ("ra_autoimmune", "long_term_steroids")),
        ),
        (
            (yes("skin_infection_local", "hand_fingers/left"), yes("red_flag_cellulitis")),
            ("skin_infection_local", "emergency", ("skin_infection_local", "red_flag_cellulitis")),
        ),
        (
            (yes("unstable_fracture"), yes("red_flag_fracture")),
            ("unstable_fracture", "emergency", ("unstable_fracture", "red_flag_fracture")),
        ),
    ],
)
def test_reason_names_every_finding_that_fired_it(answers, reason):
    reasons = [(one.rule, one.outcome, one.findings) for one in decide(case(*answers)).reasons]
    assert reason in reasons


def test_one_half_of_a_pair_does_not_fire_it():
    reasons = decide(case(yes("diabetes"))).reasons
    assert [(one.rule, one.outcome) for one in reasons] == [("diabetes", "modify")]


def test_open_half_of_a_pair_is_still_asked_for():
    decision = decide(case(yes("ra_autoimmune"), but=["long_term_steroids"]))
    assert (decision.outcome, asked(decision)) == ("incomplete", ["long_term_steroids"])


# --- Complete and unasked ---------------------------------------------------------------------------------------


def test_emergency_stands_and_is_complete():
    decision = decide(bare(yes("red_flag_dvt")))
    assert (decision.outcome, decision.complete, decision.unasked) == ("emergency", True, ())


def test_referral_stands_but_is_not_complete_while_emergencies_are_unasked():
    decision = decide(bare(yes("red_flag_cancer")))
    assert (decision.outcome, decision.complete) == ("refer", False)
    assert {one.could_be for one in decision.unasked} == {"emergency"}


@pytest.mark.parametrize(
    ("answered", "open_question", "outcome", "complete"),
    [
        ("diabetes", "red_flag_dvt", "incomplete", False),
        ("diabetes", "open_wound", "incomplete", False),
        ("diabetes", "osteoporosis", "modify", True),
        ("open_wound", "diabetes", "avoid", True),
        ("open_wound", "anticoagulants", "incomplete", False),
        ("anticoagulants", "open_wound", "clearance", True),
        ("anticoagulants", "red_flag_cancer", "clearance", False),
        ("systemic_infection", "central_sensitisation", "hold", False),
        ("central_sensitisation", "systemic_infection", "stop", True),
        ("red_flag_cancer", "red_flag_dvt", "refer", False),
        ("red_flag_cancer", "red_flag_neuro_deficit", "refer", True),
    ],
)
def test_outcome_is_complete_when_no_open_question_could_make_it_worse(answered, open_question, outcome, complete):
    decision = decide(case(yes(answered), but=[open_question]))
    assert (decision.outcome, decision.complete) == (outcome, complete)
    assert asked(decision) == ([] if complete else [open_question])


def test_unasked_comes_most_severe_first():
    could_be = [one.could_be.severity for one in decide(bare()).unasked]
    assert could_be == sorted(could_be, reverse=True)
    assert could_be[0] == Outcome.EMERGENCY.severity
    assert could_be[-1] == Outcome.MODIFY.severity


def test_questions_are_put_most_dangerous_first():
    put = [Outcome(rule.consequences[0].outcome).severity for _, rule in questions(SHELF, "female")]
    assert put == sorted(put, reverse=True)
    assert len(put) == len(SHELF.asked)


def test_reasons_come_most_severe_first():
    decision = decide(bare(*(yes(rule) for rule in SHELF.asked)))
    severity = [one.outcome.severity for one in decision.reasons]
    assert severity == sorted(severity, reverse=True)
    assert {one.rule for one in decision.reasons} == set(SHELF.asked)


def test_every_reason_says_why_in_the_words_of_the_shelf():
    for one in decide(bare(*(yes(rule) for rule in SHELF.asked))).reasons:
        assert one.why in {consequence.why for consequence in SHELF.asked[one.rule].consequences}


# --- Who --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sex", "outcome"),
    [("male", "proceed"), ("female", "incomplete"), ("other", "incomplete"), ("unknown", "incomplete")],
)
def test_only_a_man_is_not_asked_about_pregnancy(sex, outcome):
    assert decide(case(but=["pregnancy"], sex=sex)).outcome == outcome
    assert ("pregnancy" in dict(questions(SHELF, sex))) is (sex != "male")


def test_answer_about_pregnancy_is_heard_whatever_the_sex():
    assert decide(case(yes("pregnancy"), sex="male")).outcome == "clearance"


def test_unknown_date_of_birth_leaves_it_open_whether_the_patient_is_a_minor():
    assert decide(case(born=None)).outcome == "incomplete"


def test_rule_about_age_holds_below_it_and_is_open_while_the_birthday_is_unknown():
    young = Consequence(outcome="clearance", place="everywhere", when=Condition(age_under=18), why="Under age.")
    shelf = with_rule(SHELF, "body_art", consequences=(young,))
    assert screen(case(born=date(2008, 11, 21)), shelf).outcome == "clearance"
    assert screen(case(born=date(2008, 11, 20)), shelf).outcome == "proceed"
    assert screen(case(born=None), shelf).outcome == "incomplete"


def test_rule_about_a_technique_holds_for_it_and_is_open_while_none_is_chosen():
    marks = Consequence(outcome="stop", place="everywhere", when=Condition(technique=("gua_sha",)), why="Marks.")
    shelf = with_rule(SHELF, "body_art", consequences=(marks,))
    assert screen(case(technique="gua_sha"), shelf).outcome == "stop"
    assert screen(case(technique="graston"), shelf).outcome == "proceed"
    assert screen(case(technique=None), shelf).outcome == "incomplete"


# --- Without sites ----------------------------------------------------------------------------------------------


def test_without_sites_the_decision_is_for_the_patient_as_a_whole():
    decision = decide(case(sites=()))
    assert (decision.outcome, decision.complete, decision.sites) == ("proceed", True, ())


def test_without_sites_a_local_yes_anywhere_is_told():
    assert decide(case(yes("open_wound", "knee/left"), sites=())).outcome == "avoid"


def test_without_sites_a_no_at_one_place_is_no_answer():
    assert decide(case(no("open_wound", "knee/left"), sites=())).outcome == "incomplete"


def test_without_sites_nothing_asked_is_incomplete():
    assert set(asked(decide(bare(sites=())))) == set(SHELF.asked)


def test_rule_that_waits_for_the_technique_asks_for_it():
    marks = Consequence(
        outcome="stop",
        place="everywhere",
        why="Marks are meant.",
        when=Condition(all=(Condition(finding="easy_bruising"), Condition(technique=("gua_sha",)))),
    )
    shelf = with_rule(SHELF, "easy_bruising", consequences=(marks,))
    for technique, outcome, open_ in (
        (None, "incomplete", ["technique"]),
        ("graston", "proceed", []),
        ("gua_sha", "stop", []),
    ):
        decision = screen(case(yes("easy_bruising"), technique=technique), shelf)
        assert (decision.outcome, asked(decision)) == (outcome, open_)
    assert screen(case(), shelf).outcome == "proceed"


def test_rule_that_waits_for_the_age_asks_when_the_patient_was_born():
    decision = decide(case(born=None))
    assert (decision.outcome, asked(decision)) == ("incomplete", ["born"])
    assert decision.unasked[0].question == "When was the patient born?"
    assert decide(case(born=date(2010, 1, 1))).outcome == "clearance"
    assert decide(case()).outcome == "proceed"


# --- An error is never silence ----------------------------------------------------------------------------------


def test_failure_inside_is_an_outcome_that_stops_treatment_and_says_why():
    broken = replace(case(), sites=(Site("no_such_region", Side.LEFT),))
    decision = decide(broken)
    assert (decision.outcome, decision.complete) == ("error", False)
    assert [(one.site.region, one.outcome, one.complete) for one in decision.sites] == [
        ("no_such_region", "error", False)
    ]
    assert not decision.outcome.permits_treatment
    assert "KeyError" in decision.error
    assert "Treat nothing" in decision.error


# --- Order and size ---------------------------------------------------------------------------------------------


def test_order_of_answers_never_matters():
    answers = (
        yes("open_wound", "knee/left"),
        no("open_wound", "knee/right", days_ago=1),
        unknown("open_wound"),
        yes("cancer", days_ago=9),
        no("cancer", "knee/left"),
    )
    decisions = [decide(bare(*order, sites=BOTH_KNEES)) for order in permutations(answers)]
    assert all(one == decisions[0] for one in decisions)


def test_order_of_sites_never_matters():
    answers = (yes("open_wound", "knee/left"), yes("burn_scars", "ankle/right"))
    sites = ("knee/left", "ankle/right", "knee/right")
    for order in permutations(sites):
        decision = decide(case(*answers, sites=order))
        assert [str(one.site) for one in decision.sites] == list(order)
        assert {str(one.site): one.outcome for one in decision.sites} == {
            "knee/left": "avoid",
            "ankle/right": "modify",
            "knee/right": "proceed",
        }
        assert decision.outcome == "avoid"


def test_removed_rule_no_longer_asks():
    assert screen(case(but=["anticoagulants"]), without_rule(SHELF, "anticoagulants")).outcome == "proceed"


def test_same_case_gives_the_same_decision():
    one = bare(yes("cancer", "knee/left"), no("open_wound"), sites=BOTH_KNEES)
    assert decide(one) == decide(one)
