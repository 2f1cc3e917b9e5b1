"""The shelf refuses what does not hold together, and says which file and line, what was given and what is allowed."""

from __future__ import annotations

import gc
import json
import re
import typing
from pathlib import Path

import pytest
import yaml

from strigil.cli import main
from strigil.knowledge import load, shapes
from strigil.knowledge.load import HOME, references
from tests.knowledge.shelf import Shelf, fresh

PROMISED = {
    "body_regions": 24,
    "soft_tissues": 9,
    "indications": 34,
    "techniques": 12,
    "instruments": 20,
    "strokes": 13,
    "reactions": 18,
    "adjuncts": 10,
    "healing_phases": 5,
    "patient_education": 9,
    "contraindications": 50,
    "red_flags": 13,
    "no_go_zones": 5,
    "studies": 71,
    "reviews": 15,
    "force_studies": 13,
    "safety_sources": 3,
    "claims": 6,
}
UNREAD = {"delphi_x", "survey25"}
"""A second page of the 2025 Delphi and its survey: not read in full; no statement rests on them yet."""


CARD = "contraindications/anticoagulants.yaml"
REGION = "body_regions/knee.yaml"
ZONE = "no_go_zones/carotids.yaml"
SOURCE = "sources/chicago.yaml"


# --- The shelf as it is shipped ---------------------------------------------------------------------------------


def test_shipped_shelf_has_no_fault() -> None:
    assert fresh(HOME).version


@pytest.mark.parametrize("on", [True, False])
def test_loading_leaves_the_collector_of_rubbish_as_it_was(shelf: Shelf, on: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if on else gc.disable)()
        fresh(shelf.home)
        assert gc.isenabled() is on
        shelf.replace(REGION, "paired: yes", "paired: maybe")
        assert shelf.faults()
        assert gc.isenabled() is on, "after a fault too"
    finally:
        (gc.enable if before else gc.disable)()


@pytest.mark.parametrize(("kind", "count"), PROMISED.items())
def test_shipped_shelf_holds_what_was_promised(kind: str, count: int) -> None:
    assert load().counts()[kind] == count


def test_every_source_is_cited_by_something() -> None:
    shelf = load()
    cited = {
        name
        for items in shelf.shelves.values()
        for item in items.values()
        for kind, name, _ in references(item)
        if kind == "sources"
    }
    idle = set(shelf.sources) - cited
    assert idle == UNREAD, f"sources that nothing cites: {sorted(idle - UNREAD)}; cited now: {sorted(UNREAD - idle)}"


def test_every_citation_names_a_source_that_exists() -> None:
    shelf = load()
    lost = [
        (folder, item.id, citation.source)
        for folder, items in shelf.shelves.items()
        if folder != "sources"
        for item in items.values()
        for citation in getattr(item, "sources", ())
        if citation.source not in shelf.sources
    ]
    assert not lost


def test_no_two_sources_are_the_same_page() -> None:
    addresses = [source.url for source in load().sources.values() if source.url]
    twice = sorted({address for address in addresses if addresses.count(address) > 1})
    assert not twice


def test_nothing_is_reviewed_until_a_clinician_has_signed() -> None:
    signed = [name for name, rule in load().rules.items() if rule.reviewed_by or rule.reviewed_on]
    assert not signed, "say in docs/explanation/safety.md who signed, then change this test"


def test_threshold_in_use_has_the_unit_of_its_measure() -> None:
    wrong = [
        (measure.id, row.kind, row.unit)
        for measure in load().shelf(shapes.Measure).values()
        for row in measure.thresholds
        if row.use == "yes" and row.unit != measure.unit
    ]
    assert not wrong


def test_copy_of_the_shelf_has_the_same_hash(shelf: Shelf) -> None:
    assert fresh(shelf.home).sha256 == load().sha256


def test_hash_changes_when_any_file_changes(shelf: Shelf) -> None:
    before = fresh(shelf.home).sha256
    for name in (CARD, REGION, ZONE, SOURCE, "measures/nprs.yaml", "gates/two_days.yaml", "red_flags/dvt.yaml"):
        shelf.write(name, shelf.text(name) + "# one more line\n")
        assert fresh(shelf.home).sha256 != before, name
        shelf.restore()


def test_hash_changes_when_a_file_goes(shelf: Shelf) -> None:
    before = fresh(shelf.home).sha256
    raw = (shelf.home / "gates/shallow_angle.yaml").read_bytes()
    (shelf.home / "gates/shallow_angle.yaml").unlink()
    try:
        assert fresh(shelf.home).sha256 != before
    finally:
        (shelf.home / "gates/shallow_angle.yaml").write_bytes(raw)


# --- Keys -------------------------------------------------------------------------------------------------------


def test_unknown_key_is_refused_with_the_keys_allowed(shelf: Shelf) -> None:
    shelf.replace(REGION, "paired: yes", "paired: yes\npared: yes")
    fault = shelf.fault()
    assert (fault.file, fault.line) == (REGION, shelf.line(REGION, "pared:"))
    assert "'pared' is unknown" in fault.what
    assert fault.given == "yes"
    assert "paired" in fault.allowed
    assert "part_of" in fault.allowed


def test_unknown_key_inside_a_list_is_refused_at_its_line(shelf: Shelf) -> None:
    shelf.replace(CARD, "    place: everywhere\n", "    place: everywhere\n    until: forever\n")
    fault = shelf.fault()
    assert fault.line == shelf.line(CARD, "until:")
    assert "consequences.0.until" in fault.what
    assert fault.given == "forever"
    assert "cleared_to" in fault.allowed


def test_python_name_of_a_key_is_not_a_second_spelling(shelf: Shelf) -> None:
    """``class`` is called ``class_`` in Python only; a file that says ``class_`` says nothing the shelf knows."""
    shelf.replace(CARD, "    class: relative\n", "    class: relative\n    class_: absolute\n")
    assert [fault.line for fault in shelf.faults()] == [shelf.line(CARD, "class_:")]


def test_repeated_key_is_refused_at_the_second_one(shelf: Shelf) -> None:
    shelf.replace(REGION, "paired: yes", "paired: yes\npaired: no")
    fault = shelf.fault()
    assert (fault.file, fault.line) == (REGION, shelf.line(REGION, "paired: no"))
    assert "'paired' is repeated" in fault.what
    assert fault.allowed == "each key once"


def test_repeated_key_inside_a_list_is_refused(shelf: Shelf) -> None:
    shelf.replace(CARD, "    class: relative\n", "    class: relative\n    class: absolute\n")
    fault = shelf.fault()
    assert fault.line == shelf.line(CARD, "class: absolute")
    assert "repeated" in fault.what


def test_key_of_several_words_in_brackets_is_refused(shelf: Shelf) -> None:
    shelf.replace(REGION, "paired: yes", "paired: yes\n[a, b]: yes")
    fault = shelf.fault()
    assert fault.line == shelf.line(REGION, "[a, b]")
    assert "one word" in fault.what


def test_missing_key_is_refused_with_the_keys_needed(shelf: Shelf) -> None:
    shelf.replace(ZONE, "statement: No pressure over the carotid arteries, ever.\n", "")
    fault = shelf.fault()
    assert (fault.file, fault.line) == (ZONE, 1)
    assert fault.what == "statement is missing"
    assert fault.given == "nothing"
    assert "statement" in fault.allowed


def test_missing_key_inside_a_list_is_refused_at_the_entry(shelf: Shelf) -> None:
    shelf.replace(ZONE, "    says: Never where to press is a major risk; the carotids are an example.\n", "")
    fault = shelf.fault()
    assert (fault.file, fault.line) == (ZONE, shelf.line(ZONE, "- source: stmfish"))
    assert fault.what == "sources.0.says is missing"
    assert "says" in fault.allowed


# --- Sources ----------------------------------------------------------------------------------------------------


def test_missing_source_list_is_refused(shelf: Shelf) -> None:
    shelf.write(ZONE, shelf.text(ZONE).partition("sources:")[0])
    fault = shelf.fault()
    assert (fault.file, fault.line, fault.what, fault.given) == (ZONE, 1, "sources is missing", "nothing")
    assert "sources" in fault.allowed


@pytest.mark.parametrize("empty", ["sources: []", "sources:", "sources: null"])
def test_empty_source_list_is_refused(shelf: Shelf, empty: str) -> None:
    shelf.write(ZONE, shelf.text(ZONE).partition("sources:")[0] + empty + "\n")
    fault = shelf.fault()
    assert (fault.file, fault.line) == (ZONE, shelf.line(ZONE, "sources:"))
    assert fault.what == "sources is empty"
    assert fault.given == "no source"
    assert fault.allowed == "one source or more"


def test_threshold_without_a_source_is_refused(shelf: Shelf) -> None:
    name = "measures/ankle_dorsiflexion_wblt.yaml"
    head, _, tail = shelf.text(name).partition("    sources:\n")
    _, _, rest = tail.partition("  - kind: mdc")
    shelf.write(name, f"{head}    sources: []\n  - kind: mdc{rest}")
    fault = shelf.fault()
    assert fault.line == shelf.line(name, "sources: []")
    assert fault.what == "sources is empty"


def test_source_without_an_address_is_refused_unless_it_is_a_founding_brief(shelf: Shelf) -> None:
    shelf.write(SOURCE, "\n".join(line for line in shelf.text(SOURCE).splitlines() if not line.startswith("url")))
    assert any(fault.file == SOURCE and "url is missing" in fault.what for fault in shelf.faults())


def test_citation_with_empty_words_is_refused(shelf: Shelf) -> None:
    shelf.replace(ZONE, "says: Never where to press is a major risk; the carotids are an example.", "says: ''")
    fault = shelf.fault()
    assert fault.line == shelf.line(ZONE, "says:")
    assert "sources.0.says" in fault.what


# --- References -------------------------------------------------------------------------------------------------

NOWHERE = "nowhere_at_all"
ADDED = {
    "Citation.source": (ZONE, "source: stmfish", f"source: {NOWHERE}"),
    "Measure.regions": ("measures/wrist_extension.yaml", "- forearm_lateral", f"- {NOWHERE}"),
    "Gate.rests_on": ("gates/bruised_twice.yaml", "rests_on: [mild_bruise]", f"rests_on: [{NOWHERE}]"),
    # no file on the shelf has these yet
    "BodyRegion.part_of": (REGION, "paired: yes", f"paired: yes\npart_of: [{NOWHERE}]"),
    "Condition.technique": (
        "contraindications/cancer.yaml",
        "    when:\n      finding: cancer\n",
        f"    when:\n      technique: [{NOWHERE}]\n",
    ),
}


@pytest.mark.parametrize(("name", "old", "new"), ADDED.values(), ids=list(ADDED))
def test_dangling_reference_is_refused_at_its_line(shelf: Shelf, name: str, old: str, new: str) -> None:
    shelf.replace(name, old, new)
    fault = shelf.fault()
    assert (fault.file, fault.line) == (name, shelf.line(name, NOWHERE))
    assert "points nowhere" in fault.what
    assert fault.given == NOWHERE
    assert fault.allowed.startswith("an id in ")
    assert "such as" in fault.allowed


Place = tuple[str | int, ...]


def every_kind_of_reference() -> dict[str, tuple[str, Place]]:
    """One file and place for each kind of reference that the shelf holds: ``regions → body_regions`` and so on."""
    found: dict[str, tuple[str, Place]] = {}
    for folder, items in load().shelves.items():
        for key, item in items.items():
            for kind, _, place in references(item):
                words = ".".join(part for part in place if isinstance(part, str))
                found.setdefault(f"{words} → {kind}", (f"{folder}/{key}.yaml", place))
    return found


@pytest.mark.parametrize(("name", "place"), every_kind_of_reference().values(), ids=list(every_kind_of_reference()))
def test_every_kind_of_reference_is_followed(shelf: Shelf, name: str, place: Place) -> None:
    mark = spot(yaml.compose(shelf.text(name), Loader=yaml.CSafeLoader), place)
    lines = shelf.text(name).splitlines(keepends=True)
    before, after = lines[mark.line][: mark.column], lines[mark.line][mark.column :]
    lines[mark.line] = before + re.sub(r"^\w+", NOWHERE, after)
    shelf.write(name, "".join(lines))
    faults = shelf.faults()
    assert {fault.file for fault in faults} == {name}
    if name.startswith("medicine_classes/"):
        return  # its fields also have to agree with each other, and that is checked before
    assert [(fault.line, fault.given) for fault in faults] == [(mark.line + 1, NOWHERE)]
    assert "points nowhere" in faults[0].what


def spot(node: typing.Any, place: Place) -> typing.Any:
    """Where the value at a place begins."""
    for part in place:
        node = node.value[part] if isinstance(part, int) else next(v for k, v in node.value if k.value == part)
    return node.start_mark


def test_dangling_reference_names_near_ids(shelf: Shelf) -> None:
    shelf.replace("indications/lateral_epicondylitis.yaml", "- forearm_lateral", "- forearm_laterale")
    assert "forearm_lateral" in shelf.fault().allowed


def test_removing_a_source_is_noticed_wherever_it_is_cited(shelf: Shelf) -> None:
    cited = load().cited_by("chicago")
    raw = (shelf.home / SOURCE).read_bytes()
    (shelf.home / SOURCE).unlink()
    try:
        files = {fault.file for fault in shelf.faults()}
    finally:
        (shelf.home / SOURCE).write_bytes(raw)
    assert files == {f"{folder}/{item.id}.yaml" for folder, item in cited}


# --- Words, ids and files ---------------------------------------------------------------------------------------


def test_id_that_is_not_the_file_name_is_refused(shelf: Shelf) -> None:
    shelf.replace("gates/shallow_angle.yaml", "id: shallow_angle", "id: steep_angle")
    fault = shelf.fault()
    assert (fault.file, fault.line) == ("gates/shallow_angle.yaml", 1)
    assert fault.what == "id is not the file's name"
    assert (fault.given, fault.allowed) == ("steep_angle", "shallow_angle")


def test_contraindication_cannot_take_the_place_of_a_red_flag(shelf: Shelf) -> None:
    """The rules of a screen share one list of ids; a second ``red_flag_dvt`` would silence the first."""
    text = shelf.text(CARD).replace("anticoagulants", "red_flag_dvt")
    shelf.write("contraindications/red_flag_dvt.yaml", text)
    fault = shelf.fault()
    assert (fault.file, fault.line) == ("contraindications/red_flag_dvt.yaml", 1)
    assert "red_flag_dvt" in fault.given


@pytest.mark.parametrize(
    ("name", "old", "new", "word", "allowed"),
    [
        (CARD, "agreement: mixed", "agreement: strongly", "strongly", "single_source"),
        (CARD, "  - outcome: clearance", "  - outcome: clearence", "clearence", "clearance"),
        (CARD, "    place: everywhere", "    place: nowhere", "nowhere", "everywhere"),
        (CARD, "scope: systemic", "scope: global", "global", "either"),
        (CARD, "{id: anticoagulants, answer: no}", "{id: anticoagulants, answer: n}", "n", "unknown"),
        (CARD, "    class: precaution", "    class: prudence", "prudence", "trial_exclusion"),
        (CARD, "    audited: confirmed", "    audited: sure", "sure", "not_refound"),
        (REGION, "paired: yes", "paired: true", "true", "yes"),
        (SOURCE, "kind: clinic_page", "kind: blog", "blog", "flashcard"),
    ],
)
def test_word_outside_its_list_is_refused(shelf: Shelf, name: str, old: str, new: str, word: str, allowed: str) -> None:
    shelf.replace(name, old, new)
    fault = shelf.fault()
    assert (fault.file, fault.line) == (name, shelf.line(name, new.strip().removeprefix("- ")))
    assert fault.given == word
    assert f"'{allowed}'" in fault.allowed


def test_number_that_is_no_number_is_refused(shelf: Shelf) -> None:
    shelf.replace(CARD, "valid_days: 30", "valid_days: thirty")
    fault = shelf.fault()
    assert fault.line == shelf.line(CARD, "valid_days:")
    assert fault.given == "thirty"


def test_negative_validity_is_refused(shelf: Shelf) -> None:
    shelf.replace(CARD, "valid_days: 30", "valid_days: -1")
    assert shelf.fault().line == shelf.line(CARD, "valid_days:")


def test_range_upside_down_is_refused(shelf: Shelf) -> None:
    shelf.replace("techniques/gua_sha.yaml", "low: 600", "low: 700")
    fault = shelf.fault()
    assert fault.line == shelf.line("techniques/gua_sha.yaml", "seconds_per_area:")
    assert "above high" in fault.what


def test_condition_with_two_forms_is_refused(shelf: Shelf) -> None:
    name = "contraindications/cancer.yaml"
    shelf.replace(name, "      finding: cancer\n", "      finding: cancer\n      age_under: 18\n")
    fault = shelf.fault()
    assert fault.line == shelf.line(name, "when:")
    assert "exactly one of" in fault.what


def test_what_holds_everywhere_but_asks_for_the_site_is_refused(shelf: Shelf) -> None:
    name = "contraindications/cancer.yaml"
    asks = "      any:\n      - finding: cancer\n      - site_within: [knee]\n"
    shelf.replace(name, "      finding: cancer\n", asks)
    shelf.replace(name, "place: site", "place: everywhere")
    fault = shelf.fault()
    assert fault.file == name
    assert "cannot depend on the site" in fault.what


def test_two_thresholds_in_use_are_refused(shelf: Shelf) -> None:
    name = "measures/ankle_dorsiflexion_wblt.yaml"
    shelf.replace(name, "    rater: different\n    sources", "    rater: different\n    use: yes\n    sources")
    fault = shelf.fault()
    assert fault.file == name
    assert "more than one mdc row" in fault.what


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        (b"id: knee\ntitle: [open\n", 3, "cannot be read as YAML"),
        (b"id: knee\n\ttitle: Knee\n", 2, "cannot be read as YAML"),
        (b"id: knee\n---\nid: knee\n", 2, "cannot be read as YAML"),
        (b"id: knee\ntitle: \x00\n", 1, "cannot be read as YAML"),
        (b"id: knee\ntitle: Kn\xe9e\n", 2, "not UTF-8"),
        (b"\xff\xfei\x00d\x00", 1, "not UTF-8"),
        (b"- id: knee\n", 1, "one mapping a file"),
        (b"knee\n", 1, "one mapping a file"),
        (b"", 1, "one mapping a file"),
        (b"# only a remark\n", 1, "one mapping a file"),
    ],
)
def test_file_that_is_no_mapping_of_utf8_yaml_is_refused(shelf: Shelf, content: bytes, line: int, what: str) -> None:
    shelf.write(REGION, content)
    fault = next(fault for fault in shelf.faults() if fault.file == REGION)
    assert fault.line == line
    assert what in fault.what


def test_alias_to_itself_is_refused(shelf: Shelf) -> None:
    shelf.replace(REGION, "paired: yes", "paired: yes\npart_of: &loop [*loop]")
    assert any(fault.file == REGION for fault in shelf.faults())


LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("[" * 100_000, "nested too deeply"),
        ("- " * 100_000, "nested too deeply"),
        ("a: " + "[" * 1900 + "]" * 1900, "nested too deeply"),
        ("".join(f"{' ' * level}a:\n" for level in range(1500)), "nested too deeply"),
        (LAUGHS, "an alias"),
    ],
)
def test_a_file_that_would_end_or_hold_up_the_process_is_refused(content: str, what: str, shelf: Shelf) -> None:
    shelf.write(REGION, content)
    assert next(fault for fault in shelf.faults() if fault.file == REGION).what == what


@pytest.mark.parametrize("name", ["stray.yaml", "folder/stray.yaml", "gates/stray.yml", "gates/deep/stray.yaml"])
def test_stray_file_is_refused(shelf: Shelf, name: str) -> None:
    shelf.write(name, "id: stray\n")
    fault = shelf.fault()
    assert (fault.file, fault.line) == (name, 1)
    assert "no kind claims this file" in fault.what
    assert fault.given == name.split("/")[0]
    assert "body_regions" in fault.allowed


@pytest.mark.parametrize("name", ["gates/stray.YAML", "gates/stray.Yml"])
def test_stray_file_in_capitals_is_refused(shelf: Shelf, name: str) -> None:
    shelf.write(name, "id: stray\n")
    assert shelf.fault().file == name


def test_every_fault_is_told_at_once(shelf: Shelf) -> None:
    shelf.replace(REGION, "paired: yes", "paired: maybe")
    shelf.replace(ZONE, "agreement: single_source", "agreement: none")
    assert {fault.file for fault in shelf.faults()} >= {REGION, ZONE}


# --- Scalars ----------------------------------------------------------------------------------------------------


SCALARS = ["no", "yes", "on", "off", "True", "0010", "1_000", "2026-11-20", "1e3", "0x1F", "12:30:45", ".inf", "="]


def test_scalar_is_read_as_text(shelf: Shelf) -> None:
    text = shelf.text(REGION).replace("id: knee", "id: scalars")
    head, _, tail = text.partition("structures:\n")
    rest = re.sub(r"\A(  - .*\n)+", "", tail)
    shelf.write("body_regions/scalars.yaml", f"{head}structures: [{', '.join(SCALARS)}]\nconflict: no\n{rest}")
    region = fresh(shelf.home).shelf(shapes.BodyRegion)["scalars"]
    assert (list(region.structures), region.conflict) == (SCALARS, "no")


@pytest.mark.parametrize("scalar", ["null", "~", "Null", ""])
def test_bare_null_is_nothing_and_never_the_word(shelf: Shelf, scalar: str) -> None:
    shelf.replace(REGION, "paired: yes", f"paired: yes\nreviewed_by: {scalar}")
    assert fresh(shelf.home).shelf(shapes.BodyRegion)["knee"].reviewed_by is None


@pytest.mark.parametrize("scalar", ["'null'", '"~"', "nil", "none", "nullable"])
def test_null_like_word_is_text(shelf: Shelf, scalar: str) -> None:
    shelf.replace(REGION, "paired: yes", f"paired: yes\nreviewed_by: {scalar}")
    assert fresh(shelf.home).shelf(shapes.BodyRegion)["knee"].reviewed_by == scalar.strip("'\"")


def test_null_where_something_is_needed_is_refused(shelf: Shelf) -> None:
    shelf.replace(ZONE, "statement: No pressure over the carotid arteries, ever.", "statement: null")
    assert shelf.fault().line == shelf.line(ZONE, "statement:")


def test_no_stays_an_answer() -> None:
    example = load().rules["anticoagulants"].examples[1]
    assert example.answers[0].answer == "no"


# --- The command ------------------------------------------------------------------------------------------------


def test_command_counts_what_is_on_the_shelf(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["knowledge"]) == 0
    printed = dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert printed["version"] == load().version
    assert printed["sha256"] == load().sha256
    assert {kind: int(printed[kind]) for kind in PROMISED} == PROMISED


def test_command_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["knowledge", "--json"]) == 0
    captured = capsys.readouterr()
    printed = json.loads(captured.out)
    assert printed == {"version": load().version, "sha256": load().sha256, "counts": load().counts()}
    assert captured.err == ""


@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_command_fails_on_a_fault_and_names_file_and_line(
    shelf: Shelf, capsys: pytest.CaptureFixture[str], extra: list[str]
) -> None:
    shelf.replace(REGION, "paired: yes", "paired: maybe")
    assert main(["knowledge", "--home", str(shelf.home), *extra]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"{REGION}:{shelf.line(REGION, 'paired:')}: ")
    assert "given: maybe" in captured.err
    assert "allowed: 'yes' or 'no'" in captured.err
    assert captured.err.endswith("1 fault\n")


def test_command_wants_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["knowledge", "--home", str(tmp_path / "nothing")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert "nothing" in captured.err
