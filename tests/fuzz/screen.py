"""Whatever bytes come, ``strigil screen`` decides or refuses in one line: ``make fuzz``.

Driven by atheris, which watches the lines of the engine that each input reaches. An input is either raw bytes, or a
case that is put together from them, so that the deeper parts are reached too; each is screened alone and as a line.
``--fault NAME`` plants one of ``FAULTS``, which must then be found.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["strigil.pathway.screen"]):
    from strigil.pathway.screen import json as screen_json
    from strigil.pathway.screen import resolve, screen
    from strigil.pathway.screen.json import CaseError, case_from_json, decision_to_json, loads
    from strigil.pathway.screen.lines import Chunk, LineError, screen_chunk

from strigil.knowledge import load
from strigil.knowledge.shapes import BodyRegion, Technique
from strigil.pathway.facts import Outcome, most_severe

SHELF = load()
RULES = tuple(SHELF.asked)
REGIONS = tuple(SHELF.shelf(BodyRegion))
TECHNIQUES = tuple(SHELF.shelf(Technique))
DAYS = ("2026-11-20", "2026-11-19", "2026-11-13", "2026-10-20", "2026-08-20", "2026-11-21", "1999-02-29", "1700-01-01")
ODD: tuple[Any, ...] = (None, True, 0, -1, 1.5, 10**400, "", "x", "\ud800", "a\nb\u2028", [], {}, [[]], {"id": 1})


def one_input(data: bytes) -> None:
    """One input in both ways; anything but a decision or a refusal in one line is an error that atheris reports."""
    provider = atheris.FuzzedDataProvider(data)
    raw = built(provider) if provider.ConsumeBool() else provider.ConsumeBytes(len(data))
    alone = decided_alone(raw)
    assert as_lines(raw) == (None if alone is None else [alone, alone])


def as_lines(raw: bytes) -> list[dict[str, Any]] | None:
    """The decisions of the input twice over, as a registry; None where it is refused."""
    try:
        lines = screen_chunk(Chunk(1, (raw, raw)), SHELF)
    except LineError as error:
        check_refusal(str(error))
        return None
    return [json.loads(line) for line in lines.splitlines()]


def decided_alone(raw: bytes) -> dict[str, Any] | None:
    """The decision as JSON with the case's own id; None where the input is refused."""
    try:
        value = loads(raw, "the input")
        case = case_from_json(value, SHELF)
    except CaseError as error:
        check_refusal(str(error))
        return None
    result = decision_to_json(screen(case, SHELF), SHELF)
    check_decision(result, len(case.sites))
    assert isinstance(value, dict)
    own = {"id": value["id"]} if "id" in value else {}
    again: dict[str, Any] = json.loads(json.dumps(own | result, allow_nan=False))
    return again


def check_refusal(line: str) -> None:
    assert len(line) < 1000, len(line)
    assert line.isprintable(), line
    assert all(part in line for part in ("; where: ", "; given: ", "; allowed: ")), line


def check_decision(result: dict[str, Any], sites: int) -> None:
    outcome = Outcome(result["outcome"])
    assert outcome is not Outcome.ERROR, result["error"]
    assert len(result["sites"]) == sites
    if sites:
        assert outcome == most_severe(*(Outcome(one["outcome"]) for one in result["sites"]))
    for reason in result["reasons"]:
        assert bool(reason["sources"]) is (reason["agreement"] != "none_found"), reason
        assert set(reason["findings"]) <= set(RULES), reason
        assert Outcome(reason["outcome"]).severity <= outcome.severity or outcome is Outcome.INCOMPLETE
    assert result["complete"] is not bool(result["unasked"])
    assert outcome is not Outcome.INCOMPLETE or result["unasked"]
    assert all(one["question"] for one in result["unasked"])


# --- A case put together from bytes -----------------------------------------------------------------------------


def built(provider: atheris.FuzzedDataProvider) -> bytes:
    """A case that is mostly right, with something odd now and then, as JSON."""

    def pick(words: tuple[Any, ...]) -> Any:
        if provider.ConsumeIntInRange(0, 60) == 60:
            return ODD[provider.ConsumeIntInRange(0, len(ODD) - 1)]
        return words[provider.ConsumeIntInRange(0, len(words) - 1)]

    def day() -> Any:
        return DAYS[0] if provider.ConsumeBool() else pick(DAYS[: provider.ConsumeIntInRange(1, len(DAYS))])

    def site() -> Any:
        return {"region": pick(REGIONS), "side": pick(("left", "right", "midline"))}

    def answer() -> Any:
        one = {"id": pick(RULES), "answer": pick(("yes", "no", "unknown")), "asked_on": day()}
        if provider.ConsumeBool():
            one["site"] = site()
        if provider.ConsumeBool():
            one["since"] = day()
        return one

    case: dict[str, Any] = {
        "on": pick(DAYS[:1]),
        "patient": {"born": pick((None, "1971-03-02", "2012-11-21")), "sex": pick(("female", "male", "unknown"))},
        "sites": [site() for _ in range(provider.ConsumeIntInRange(0, 4))],
        "findings": [answer() for _ in range(provider.ConsumeIntInRange(0, 12))],
    }
    if provider.ConsumeBool():
        case["findings"] += [{"id": name, "answer": "no", "asked_on": DAYS[0]} for name in RULES]
    if provider.ConsumeBool():
        case["technique"] = pick(TECHNIQUES)
    if provider.ConsumeBool():
        case["clearances"] = [{"id": pick(RULES), "agreed_on": day(), "until": day()}]
    if provider.ConsumeIntInRange(0, 20) == 20:
        case[provider.PickValueInList(["id", "on", "sites", "findings", "patient", "whatever"])] = pick(ODD)
    return json.dumps(case).encode()


# --- Planted faults ---------------------------------------------------------------------------------------------


def day_that_is_not_looked_up() -> None:
    """A day that does not exist is an error of the calendar, and nobody catches it."""
    right = screen_json._Reader.day

    def day(self: Any, value: object, where: str, latest: date | None = None) -> date:
        return date.fromisoformat(value) if isinstance(value, str) else right(self, value, where, latest)

    screen_json._Reader.day = day


def midline_that_is_forgotten() -> None:
    """An answer about the midline breaks the engine, where a site lies in the midline too."""
    right = resolve.touches

    def touches(one: Any, other: Any, rules: Any) -> bool:
        if one.side == other.side == "midline" and one.region == other.region:
            raise LookupError
        return bool(right(one, other, rules))

    resolve.touches = touches


def place_that_is_shown_as_it_came() -> None:
    """A refusal that quotes what it was given, line breaks and all."""
    screen_json._short = str


FAULTS: dict[str, Callable[[], None]] = {
    one.__name__: one for one in (day_that_is_not_looked_up, midline_that_is_forgotten, place_that_is_shown_as_it_came)
}


# --- The command ------------------------------------------------------------------------------------------------


def seeds(folder: Path) -> None:
    """Inputs to begin with: a case as raw bytes, ways of being no case, and bytes to put cases together from."""
    case = {
        "on": DAYS[0],
        "patient": {"born": "1971-03-02", "sex": "female"},
        "sites": [{"region": "knee", "side": "left"}],
        "findings": [{"id": "anticoagulants", "answer": "yes", "asked_on": DAYS[0]}],
    }
    raw = [json.dumps(case).encode(), b"", b"[[", b"NaN", b'{"on":1,"on":2}', b"\xef\xbb\xbf{}", b'"\\ud800"']
    for number, one in enumerate(raw):
        (folder / f"raw{number}").write_bytes(one + b"\0")  # the provider takes its choices from the end
    for number in range(64):
        (folder / f"built{number}").write_bytes(
            bytes((number * 37 + place * 101) % 256 for place in range(200)) + b"\1"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--corpus", type=Path, required=True, help="folder in which inputs that reach new lines are kept"
    )
    parser.add_argument("--fault", choices=FAULTS)
    given, options = parser.parse_known_args()  # the rest is for libFuzzer, such as -runs=1000 or -max_total_time=60
    if given.fault:
        FAULTS[given.fault]()
    given.corpus.mkdir(parents=True, exist_ok=True)
    seeds(given.corpus)
    kept = f"-artifact_prefix={given.corpus.parent}/"
    begun = ["-seed=20261120", "-max_len=4096", "-timeout=20", "-print_final_stats=1", kept, *options]
    atheris.Setup([sys.argv[0], *begun, str(given.corpus)], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
