"""A typed name is taken exactly or not at all, and what is not known keeps the question open."""

from __future__ import annotations

import doctest
import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strigil.knowledge import load, shapes
from strigil.knowledge.load import Knowledge, KnowledgeError
from strigil.pathway import medicines
from strigil.pathway.facts import AnswerValue
from strigil.pathway.medicines import (
    MedicineAnswers,
    Recognition,
    Status,
    answers_from,
    choose,
    fold,
    recognise,
    recognise_list,
    taken_together,
)

ON = date(2026, 11, 21)
SHELF = load()
CLASSES = SHELF.shelf(shapes.MedicineClass)
TABLES = SHELF.shelf(shapes.MedicineNames)
OPEN = {Status.AMBIGUOUS, Status.LOOKALIKE, Status.UNKNOWN}

GENERICS = sorted({one.generic for group in CLASSES.values() for one in group.medicines})
BRANDS = sorted(
    {name for group in CLASSES.values() for one in group.medicines for names in one.brands.values() for name in names}
)
COMBINATIONS = sorted(one.name for one in TABLES["combinations"].combinations)
LAY = sorted(
    word for key in ("lay_terms", "class_words") for one in TABLES[key].lay_terms for word in (one.term, *one.variants)
)
LOOKALIKES = sorted({name for one in TABLES["lookalikes"].lookalikes for name in one.names})
LISTED = st.sampled_from([*GENERICS, *BRANDS, *COMBINATIONS, *LAY, *LOOKALIKES])
ANY_NAME = LISTED | st.text(max_size=30)


def take(text: str) -> Recognition:
    return recognise(text, SHELF)


def listed(text: str) -> list[tuple[str, Status]]:
    return [(one.name or one.typed, one.status) for one in recognise_list(text, SHELF)]


def answered(*names: str) -> dict[str, AnswerValue]:
    return by_finding(answers_from([take(name) for name in names], ON))


def by_finding(answers: MedicineAnswers) -> dict[str, AnswerValue]:
    return {answer.finding: answer.answer for answer in answers.answers}


def same(one: Recognition) -> Recognition:
    return replace(one, typed="", set_aside="")


# --- The vectors of the facts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "status", "classes", "medicines"),
    [
        ("Coumadin", Status.RECOGNISED, ["anticoagulant_vka"], ["warfarin"]),
        ("COUMADIN 5 mg", Status.RECOGNISED, ["anticoagulant_vka"], ["warfarin"]),
        ("eliquis", Status.RECOGNISED, ["anticoagulant_doac"], ["apixaban"]),
        ("Clexane", Status.RECOGNISED, ["heparin_lmwh"], ["enoxaparin"]),
        ("Plaxil", Status.UNKNOWN, [], []),
        ("Celebrix", Status.UNKNOWN, [], []),
        ("Tylenol", Status.NOT_RELEVANT, ["not_relevant"], ["paracetamol"]),
        ("Aggrenox", Status.RECOGNISED, ["aspirin_low_dose", "antiplatelet"], ["aspirin_low_dose", "dipyridamole"]),
        ("Cartia", Status.AMBIGUOUS, ["aspirin_low_dose", "antihypertensive"], []),
        ("Glynase", Status.AMBIGUOUS, ["antidiabetic"], []),
        ("Betacap", Status.AMBIGUOUS, ["corticosteroid_topical", "antihypertensive"], []),
        ("Voltaren", Status.AMBIGUOUS, ["nsaid_nonselective", "nsaid_topical"], []),
        ("Levaquin", Status.RECOGNISED, ["fluoroquinolone"], ["levofloxacin"]),
        ("Crestor", Status.RECOGNISED, ["statin"], ["rosuvastatin"]),
        ("Ecotrin", Status.RECOGNISED, ["nsaid_nonselective"], ["aspirin_analgesic"]),
        ("Nurofen Plus", Status.RECOGNISED, ["nsaid_nonselective", "opioid"], ["ibuprofen", "codeine"]),
        ("Tylenol W/ Codeine", Status.RECOGNISED, ["not_relevant", "opioid"], ["paracetamol", "codeine"]),
        ("water tablets", Status.AMBIGUOUS, ["diuretic"], []),
        ("fish oil 1000mg", Status.RECOGNISED, ["supplement_bleeding"], ["supp_fish_oil"]),
        ("Wegovy", Status.RECOGNISED, ["glp1_agonist"], ["semaglutide"]),
        ("zzqx", Status.UNKNOWN, [], []),
    ],
)
def test_vectors_of_the_facts(typed: str, status: Status, classes: list[str], medicines: list[str]) -> None:
    found = take(typed)
    assert found.status is status
    assert list(found.classes) == classes
    assert list(found.medicines) == medicines
    assert found.typed == typed


def test_blood_thinner_is_a_lay_term_that_all_its_meanings_answer_alike() -> None:
    found = take("blood thinner")
    assert (found.status, found.name_is) == (Status.AMBIGUOUS, "lay_term")
    assert found.medicines == ()
    assert found.sets == ("anticoagulants",)
    assert found.asks


@pytest.mark.parametrize(
    ("typed", "shown"), [("Plaxil", {"Plavix", "Paxil"}), ("Celebrix", {"Celebrex", "Celexa", "Cerebyx"})]
)
def test_misspelling_shows_the_whole_lookalike_group_and_chooses_none(typed: str, shown: set[str]) -> None:
    found = take(typed)
    assert shown <= {one.name for one in found.resembles}
    assert found.sets == ()


def test_wegovy_never_sets_diabetes() -> None:
    assert "diabetes" in take("Wegovy").bears_on
    assert answered("Wegovy") == {}


# --- Exactly, after folding -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "WARFARIN",
        " warfarin ",
        "Wârfarin",
        "warfarin®",
        "Warfarin™",
        "warfarin(TM)",
        "warfarin.",
        "- warfarin",
        "WarFarin\u0301",
    ],
)
def test_case_accents_punctuation_and_marks_do_not_matter(typed: str) -> None:
    assert take(typed).medicines == ("warfarin",)


@pytest.mark.parametrize("typed", ["Co-Codamol", "co codamol", "cocodamol", "CO‑CODAMOL", "co-codamol 30/500"])
def test_hyphens_and_spaces_do_not_matter(typed: str) -> None:
    assert take(typed).name == "Co-Codamol"


@pytest.mark.parametrize("typed", ["St John's wort", "St. John’s Wort", "st johns wort"])
def test_apostrophes_do_not_matter(typed: str) -> None:
    assert take(typed).medicines == ("supp_st_johns_wort",)


@pytest.mark.parametrize(
    ("typed", "aside"),
    [
        ("warfarin 5 mg", "5 mg"),
        ("warfarin 5mg tablets once daily", "5mg tablets once daily"),
        ("warfarin 2.5 mg at night", "2.5 mg at night"),
        ("warfarin 1,25mg in the morning", "1,25mg in the morning"),
        ("Tab warfarin 5", "tab 5"),
        ("warfarin 3 mg twice a day", "3 mg twice a day"),
        ("warfarin 1x", "1x"),
    ],
)
def test_dose_form_and_time_are_set_aside_and_kept(typed: str, aside: str) -> None:
    found = take(typed)
    assert (found.medicines, found.set_aside) == (("warfarin",), aside)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Cartia XT 120 mg", "CARTIA XT"),
        ("Advil PM", "Advil PM"),
        ("Diovan HCT 80 mg", "Diovan HCT"),
        ("Robaxin 750", "Robaxin-750"),
        ("Diane-35", "Diane-35"),
        ("5 FU", "5-FU"),
        ("Cipro XR 500 mg", "Cipro XR"),
    ],
)
def test_word_of_a_listed_name_is_never_set_aside(typed: str, name: str) -> None:
    assert fold(take(typed).name) == fold(name)


@pytest.mark.parametrize(
    "typed", ["rivaroxabann", "apixxaban", "notalistedxaban", "superfloxacin", "adalimumabb", "warfarn"]
)
def test_near_miss_and_stem_never_decide(typed: str) -> None:
    found = take(typed)
    assert found.status is Status.UNKNOWN
    assert found.sets == ()
    assert found.classes == ()


def test_near_miss_shows_what_it_resembles_for_a_person_to_choose() -> None:
    found = take("warfarn")
    assert "warfarin" in {one.name for one in found.resembles}
    chosen = choose(found, "warfarin", SHELF)
    assert (chosen.status, chosen.typed, chosen.confirmed) == (Status.RECOGNISED, "warfarn", True)
    assert chosen.sets == ("anticoagulants",)


@pytest.mark.parametrize("typed", ["no aspirin", "stopped warfarin 2019", "allergic to ibuprofen", "mum takes Eliquis"])
def test_name_that_may_not_be_taken_now_is_asked_about(typed: str) -> None:
    found = take(typed)
    assert found.status is Status.UNKNOWN
    assert found.sets == ()
    assert found.resembles
    assert "now" in found.asks[0]


# --- Several meanings -------------------------------------------------------------------------------------------


def test_several_meanings_are_a_yes_only_where_all_agree() -> None:
    assert answered("aspirin")["anticoagulants"] is AnswerValue.YES
    assert answered("Cartia")["anticoagulants"] is AnswerValue.UNKNOWN
    assert answered("Voltaren")["anticoagulants"] is AnswerValue.UNKNOWN


def test_chosen_meaning_settles_it() -> None:
    found = take("Voltaren")
    assert {one.choice for one in found.meanings} == {"diclofenac", "diclofenac_topical"}
    assert choose(found, "diclofenac", SHELF).sets == ("anticoagulants",)
    gel = choose(found, "diclofenac_topical", SHELF)
    assert (gel.status, gel.sets, gel.opens) == (Status.RECOGNISED, (), ())
    with pytest.raises(ValueError, match="was not shown"):
        choose(found, "warfarin", SHELF)


def test_meaning_that_no_class_holds_stays_unknown_when_chosen() -> None:
    assert choose(take("Panadol"), "nicotinates", SHELF).status is Status.UNKNOWN
    assert choose(take("Panadol"), "paracetamol", SHELF).status is Status.NOT_RELEVANT


@pytest.mark.parametrize(
    ("typed", "classes"),
    [
        ("ibuprofen", ["nsaid_nonselective", "nsaid_topical"]),
        ("ibuprofen gel", ["nsaid_topical"]),
        ("ibuprofen 400 mg tablets", ["nsaid_nonselective"]),
        ("fluticasone nasal spray", ["corticosteroid_other_local"]),
        ("fluticasone inhaler", ["corticosteroid_inhaled"]),
    ],
)
def test_form_that_was_typed_tells_the_route(typed: str, classes: list[str]) -> None:
    assert sorted(take(typed).classes) == sorted(classes)


@pytest.mark.parametrize("typed", ["prednisolone eye drops", "diclofenac gel tablets", "diclofenac suppository"])
def test_form_that_agrees_with_nothing_listed_is_asked_about(typed: str) -> None:
    found = take(typed)
    assert found.status is Status.AMBIGUOUS
    assert found.sets == ()


def test_brand_that_begins_longer_names_is_the_plain_one_and_asked_about() -> None:
    assert take("Tylenol 500 mg").status is Status.NOT_RELEVANT
    assert any("plain" in question for question in take("Tylenol").asks)


def test_bare_number_after_such_a_brand_keeps_it_open() -> None:
    found = take("Tylenol 3")
    assert found.status is Status.AMBIGUOUS
    assert {"sensory_loss", "anticoagulants"} <= set(found.opens)
    assert choose(found, "Tylenol W/ Codeine", SHELF).classes == ("not_relevant", "opioid")
    assert choose(found, "paracetamol", SHELF).status is Status.NOT_RELEVANT


# --- Lookalikes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ("Paxil", Status.LOOKALIKE),  # Plavix would ask for clearance
        ("Plavix", Status.RECOGNISED),  # Paxil could not make it worse
        ("Celebrex", Status.LOOKALIKE),
        ("Prilosec", Status.LOOKALIKE),
        ("Toradol", Status.LOOKALIKE),
        ("prednisone", Status.RECOGNISED),
        ("Xanax", Status.UNKNOWN),  # known only as a lookalike of Zantac
    ],
)
def test_lookalike_is_confirmed_where_the_other_could_matter_more(typed: str, status: Status) -> None:
    found = take(typed)
    assert found.status is status
    assert found.resembles


def test_lookalike_keeps_its_own_yes_and_opens_what_the_other_could_be() -> None:
    assert answered("Toradol")["anticoagulants"] is AnswerValue.YES
    assert answered("Paxil")["anticoagulants"] is AnswerValue.UNKNOWN


def test_confirmed_lookalike_is_settled_either_way() -> None:
    assert choose(take("Paxil"), "Paxil", SHELF).status is Status.RECOGNISED
    assert choose(take("Paxil"), "Plavix", SHELF).sets == ("anticoagulants",)


# --- Combinations -----------------------------------------------------------------------------------------------


def test_combination_counts_every_part() -> None:
    assert take("Symbyax").unlisted == ("olanzapine",)
    assert "anticoagulants" in take("Symbyax").opens
    assert take("paracetamol/codeine").medicines == ("paracetamol", "codeine")
    assert take("warfarin with aspirin").sets == ("anticoagulants",)


def test_combination_with_a_part_that_is_nowhere_is_not_called_harmless() -> None:
    assert take("Midol Complete").status is Status.UNKNOWN
    assert take("paracetamol + zzqx").status is Status.UNKNOWN


def test_joined_names_are_taken_apart_only_where_each_is_known() -> None:
    assert take("glucosamine and chondroitin").medicines == ("supp_glucosamine_chondroitin",)
    assert take("warfarin and zzqx").status is Status.UNKNOWN


# --- Lists ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("warfarin 5mg, paracetamol; fish oil\nzzqx", ["warfarin", "paracetamol", "fish oil", "zzqx"]),
        ("1. warfarin 2.5 mg\n2. omeprazole 20 mg at night", ["warfarin", "omeprazole"]),
        ("aspirin, 75 mg, once daily", ["aspirin"]),
        ("warfarin\n5 mg", ["warfarin"]),
        ("estrogens, conjugated, warfarin", ["estrogens, conjugated", "warfarin"]),
        ("Advil Cold & Sinus and warfarin", ["Advil Cold & Sinus", "warfarin"]),
        ("glucosamine and chondroitin + warfarin", ["glucosamine and chondroitin", "warfarin"]),
        ("warfarin and zzqx", ["warfarin", "zzqx"]),
        ("bits and pieces", ["bits and pieces"]),
        ("salbutamol 5mg/ml and warfarin 3 mg and 2 mg tablets", ["salbutamol", "warfarin"]),
        ("warfarin 1,5 mg, aspirin", ["warfarin", "aspirin"]),
        ("", []),
        (" ; , \n", []),
    ],
)
def test_list_is_taken_apart(text: str, names: list[str]) -> None:
    assert [name for name, _ in listed(text)] == names


def test_form_that_follows_a_join_still_tells_the_route() -> None:
    (found,) = recognise_list("diclofenac gel and tablets", SHELF)
    assert found.status is Status.AMBIGUOUS


def test_refusal_keeps_its_line_together() -> None:
    assert listed("no aspirin and warfarin") == [("no aspirin and warfarin", Status.UNKNOWN)]


# --- Answers ----------------------------------------------------------------------------------------------------


def test_medicine_sets_what_asks_for_it_and_opens_the_rest() -> None:
    assert answered("warfarin") == {"anticoagulants": AnswerValue.YES, "easy_bruising": AnswerValue.UNKNOWN}


def test_antibiotic_never_answers_the_red_flag_of_a_torn_tendon() -> None:
    assert answered("Levaquin")["red_flag_tendon_rupture"] is AnswerValue.UNKNOWN


@pytest.mark.parametrize("typed", ["Celecoxib", "metformin", "bisoprolol", "garlic capsules"])
def test_weak_or_pointing_class_asks_and_sets_nothing(typed: str) -> None:
    found = take(typed)
    assert found.asks
    assert AnswerValue.YES not in answered(typed).values()


@pytest.mark.parametrize("typed", ["zzqx", "Cartia", "Paxil", "heart tablets", "", "Xanax", "Tylenol 3"])
def test_name_that_is_not_settled_keeps_the_blood_thinner_question_open(typed: str) -> None:
    assert answered(typed)["anticoagulants"] is AnswerValue.UNKNOWN
    assert answered("paracetamol", typed)["anticoagulants"] is AnswerValue.UNKNOWN
    assert answers_from([take(typed)], ON).unsettled == (typed,)


def test_empty_or_harmless_list_is_not_a_no() -> None:
    assert answered() == {}
    assert answered("paracetamol", "omeprazole") == {}


@pytest.mark.parametrize("typed", ["none", "None.", "NO MEDICINES", "nil", "not taking anything"])
def test_only_an_outright_none_denies(typed: str) -> None:
    assert take(typed).status is Status.NONE
    assert answered(typed) == {"anticoagulants": AnswerValue.NO}


def test_none_beside_a_medicine_denies_nothing() -> None:
    assert answered("none", "warfarin")["anticoagulants"] is AnswerValue.YES
    assert answered("none", "paracetamol") == {"anticoagulants": AnswerValue.UNKNOWN}
    assert any("which is right" in one.question for one in answers_from([take("none"), take("paracetamol")], ON).asks)


def test_answers_are_of_the_day_asked() -> None:
    assert {answer.asked_on for answer in answers_from([take("warfarin")], ON).answers} == {ON}


def test_medicines_that_weigh_more_together_are_named() -> None:
    def cautions(*names: str) -> tuple[str, ...]:
        return taken_together([take(name) for name in names], SHELF)

    assert len(cautions("warfarin", "sertraline")) == 1
    assert len(cautions("Levaquin", "prednisone")) == 1
    assert cautions("warfarin", "Coumadin") == ()
    assert cautions("warfarin", "omeprazole") == ()


# --- What must always hold --------------------------------------------------------------------------------------


@given(LISTED, st.data())
def test_case_accents_and_space_never_change_the_result(name: str, data: st.DataObject) -> None:
    letters = []
    for letter in name:
        letters.append(data.draw(st.sampled_from([letter.lower(), letter.upper()])))
        if letter.isalpha():
            letters.append(data.draw(st.sampled_from(["", "", "\u0301", "\u0308"])))
        if letter == " ":
            letters.append(data.draw(st.sampled_from(["", "  ", "\t", "\u00a0"])))
    typed = (
        data.draw(st.sampled_from(["", " ", "\u2003"]))
        + "".join(letters)
        + data.draw(st.sampled_from(["", "™", " .", "®"]))
    )
    assert same(take(typed)) == same(take(name))


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ANY_NAME)
def test_unknown_text_never_yields_a_finding_or_passes_for_harmless(text: str) -> None:
    found = take(text)
    if found.status is Status.UNKNOWN:
        assert found.sets == ()
        assert found.denies == ()
        assert "anticoagulants" in found.opens
    else:
        named = fold(found.name).replace(" ", "")
        assert found.name_is == "combination" or named in fold(text).replace(" ", "")


@given(st.sampled_from([*GENERICS, *BRANDS]), st.data())
def test_slip_of_a_letter_is_another_listed_name_or_unknown(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    typed = name[:place] + letter + name[place + 1 :]
    found = take(typed)
    if found.status is not Status.UNKNOWN:
        assert fold(found.name).replace(" ", "") in fold(typed).replace(" ", "")


@given(ANY_NAME)
def test_what_is_not_settled_always_holds_the_blood_thinner_question(text: str) -> None:
    found = take(text)
    if found.status in OPEN:
        assert "anticoagulants" in (*found.sets, *found.opens)
        assert found.asks


@given(st.lists(ANY_NAME, max_size=6), ANY_NAME)
def test_adding_a_medicine_never_removes_a_finding(names: list[str], more: str) -> None:
    before, after = answered(*names), answered(*names, more)
    for finding, value in before.items():
        assert finding in after
        if value is AnswerValue.YES:
            assert after[finding] is AnswerValue.YES
        if value is AnswerValue.UNKNOWN:
            assert after[finding] is not AnswerValue.NO


@given(st.lists(ANY_NAME, max_size=6), st.randoms())
def test_order_of_the_list_never_matters(names: list[str], chance: object) -> None:
    shuffled = list(names)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert answered(*names) == answered(*shuffled)


@given(st.lists(st.sampled_from([*GENERICS, *BRANDS]), min_size=1, max_size=6))
def test_list_says_what_its_lines_say(names: list[str]) -> None:
    apart = [recognise_list(name, SHELF) for name in names]
    together = recognise_list("\n".join(names), SHELF)
    assert [same(one) for one in together] == [same(one) for line in apart for one in line]


@given(st.text(max_size=80))
def test_no_word_of_a_list_is_dropped(text: str) -> None:
    kept = " ".join(fold(one.typed) for one in recognise_list(text, SHELF)).split()
    joins = {"and", "with"}
    lost = [word for word in fold(text).split() if word not in joins and word.replace(",", "") not in "".join(kept)]
    assert not lost


@given(ANY_NAME)
def test_every_choice_that_is_shown_can_be_made(text: str) -> None:
    found = take(text)
    for choice in [*(one.choice for one in found.meanings), *(one.name for one in found.resembles)]:
        chosen = choose(found, choice, SHELF)
        assert chosen.typed == text
        assert chosen.confirmed


# --- The shelf and the clock ------------------------------------------------------------------------------------


def test_every_name_of_every_medicine_is_taken_for_it() -> None:
    lost = []
    for group in CLASSES.values():
        for one in group.medicines:
            for name in (one.generic, *one.synonyms, *(name for names in one.brands.values() for name in names)):
                found = take(name)
                if one.id not in {key for meaning in found.meanings for key in meaning.medicines}:
                    lost.append((name, one.id, found.status))
    assert not lost


def test_medicine_that_is_nowhere_is_a_fault_and_not_silence() -> None:
    table = TABLES["combinations"]
    broken = table.combinations[0].model_copy(update={"medicines": ("nowhere_at_all",)})
    shelves = dict(SHELF.shelves)
    shelves["medicine_names"] = {"combinations": table.model_copy(update={"combinations": (broken,)})}
    with pytest.raises(KnowledgeError, match="nowhere_at_all"):
        recognise("warfarin", Knowledge("0", "another", shelves))


def test_another_shelf_with_the_same_hash_is_not_mistaken_for_this_one() -> None:
    empty = Knowledge("0", SHELF.sha256, {"medicine_classes": {}, "medicine_names": {}})
    assert recognise("warfarin", empty).status is Status.UNKNOWN
    assert take("warfarin").status is Status.RECOGNISED


@pytest.mark.parametrize("typed", ["mg 5 " * 5000, "warfarin " * 5000, "a" * 100_000, "and " * 5000, "5 " * 5000])
def test_hostile_text_ends_soon_and_is_unknown(typed: str) -> None:
    begun = time.perf_counter()
    assert take(typed).status is Status.UNKNOWN
    assert all(one.status in OPEN | {Status.RECOGNISED} for one in recognise_list(typed, SHELF))
    assert time.perf_counter() - begun < 3


# --- As the screen asks it --------------------------------------------------------------------------------------

TWENTY = [
    *("Warfarin 5 mg od", "Xarelto", "blood thinner", "metoprolol", "ibuprofen 400", "paracetamol", "vitamin D"),
    *("zzzqx", "prednisolone 5 mg", "aspirin 75", "amoxicillin", "ramipril", "simvastatin 20 mg nocte", "Lantus"),
    *("levothyroxine", "omeprazol", "methotrexate 15 mg weekly", "Clexane", "citalopram", "fish oil"),
]


def test_the_example_in_the_documentation_is_true() -> None:
    assert doctest.testmod(medicines) == (0, 2)


def test_lines_and_one_text_are_taken_alike() -> None:
    assert recognise_list(TWENTY, SHELF) == recognise_list("\n".join(TWENTY), SHELF)
    assert [one.typed for one in recognise_list(TWENTY, SHELF)] == TWENTY


def test_a_list_answers_yes_or_unknown_and_never_no() -> None:
    given = by_finding(answers_from(recognise_list(TWENTY, SHELF), ON))
    assert given["anticoagulants"] is AnswerValue.YES
    assert set(given.values()) == {AnswerValue.YES, AnswerValue.UNKNOWN}


def test_twenty_names_take_less_than_a_millisecond() -> None:
    took = []
    for _ in range(50):
        begun = time.perf_counter()
        recognise_list(TWENTY, SHELF)
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.001
