"""Screen one case: may this patient be treated, at this site, today?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import ScreeningRule
from strigil.pathway.facts import Case, Decision, Missing, Outcome, Reason, SiteOutcome, Unasked
from strigil.pathway.screen.resolve import Held, resolve, why_missing
from strigil.pathway.screen.rules import Atom, Line, Node, Rules, compiled

SEVERITY = {outcome: outcome.severity for outcome in Outcome}
PERMITTED = SEVERITY[Outcome.AVOID]
QUESTIONS = {
    "born": "When was the patient born?",
    "site": "Which region is to be treated, and on which side?",
    "technique": "Which technique is to be used?",
}
"""Details of the case that a rule may wait for, asked beside the findings of the shelf."""


def screen(case: Case, knowledge: Knowledge) -> Decision:
    """Decide for the patient and for each site.

    The most severe consequence that holds wins. Where it would permit treatment while an unanswered question could
    make it worse, the outcome is ``incomplete``; where it already forbids treatment it stands, and ``complete`` says
    that more could come. Without sites the decision is for the patient as a whole. If the engine itself fails, the
    outcome is ``error``, which stops treatment and says why.
    """
    try:
        return _decide(case, knowledge, compiled(knowledge))
    except Exception as error:
        return _failed(case, knowledge, error)


def _decide(case: Case, knowledge: Knowledge, rules: Rules) -> Decision:
    held = resolve(case, rules)
    fired, undecided = _evaluate(case, held, rules)
    return assemble(case, knowledge, rules, held, fired, undecided)


def assemble(
    case: Case, knowledge: Knowledge, rules: Rules, held: Held, fired: Sequence[Hit], undecided: Sequence[Hit]
) -> Decision:
    """A decision from the lines that hold and those that could yet."""
    results = [_at(1 << bit, fired, undecided) for bit in range(1, max(len(case.sites), 1) + 1)]
    return Decision(
        outcome=max((result.outcome for result in results), key=SEVERITY.__getitem__),
        complete=not any(result.worse for result in results),
        sites=tuple(
            SiteOutcome(site, result.outcome, not result.worse)
            for site, result in zip(case.sites, results, strict=False)
        ),
        reasons=_reasons(case, fired, held, rules),
        unasked=_unasked(case, knowledge, rules, held, results),
        knowledge_version=knowledge.version,
        knowledge_sha256=knowledge.sha256,
    )


def _failed(case: Case, knowledge: Knowledge, error: Exception) -> Decision:
    why = f"The engine failed and decided nothing: {type(error).__name__}. Treat nothing; tell whoever runs Strigil."
    return Decision(
        outcome=Outcome.ERROR,
        complete=False,
        sites=tuple(SiteOutcome(site, Outcome.ERROR, False) for site in case.sites),
        reasons=(),
        unasked=(),
        knowledge_version=knowledge.version,
        knowledge_sha256=knowledge.sha256,
        error=why,
    )


# --- Which lines hold, and which could yet ----------------------------------------------------------------------


class Hit(NamedTuple):
    """A line with the places where it holds, or could yet: bit 0 is everywhere."""

    line: Line
    outcome: Outcome
    severity: int
    cleared: bool
    bits: int


def _evaluate(case: Case, held: Held, rules: Rules) -> tuple[list[Hit], list[Hit]]:
    cleared = cleared_findings(case)
    fired: list[Hit] = []
    undecided: list[Hit] = []
    for lines, evaluate, mask in (
        (rules.everywhere, rules.evaluate_everywhere, 1),
        (rules.at_site, rules.evaluate_at_site, held.mask & ~1),
    ):
        true, false = evaluate(held.true, held.false)
        for line, t, f in zip(lines, true, false, strict=True):
            if holds := t & mask:
                fired.append(hit_of(line, holds, cleared))
            if could := mask & ~(t | f):
                undecided.append(hit_of(line, could, cleared))
    return fired, undecided


def cleared_findings(case: Case) -> set[str]:
    """Findings to which a physician has agreed, on the day of the screen."""
    return {one.finding for one in case.clearances if one.agreed_on <= case.on <= one.until}


def hit_of(line: Line, bits: int, cleared: Collection[str]) -> Hit:
    """A line at some places, with what a physician's agreement leaves of it."""
    if line.cleared_to is not None and line.rule in cleared:
        return Hit(line, line.cleared_to, SEVERITY[line.cleared_to], True, bits)
    return Hit(line, line.outcome, line.severity, False, bits)


class _Result(NamedTuple):
    """The outcome at one place, and the lines that could make it worse."""

    bit: int
    outcome: Outcome
    worse: list[Hit]


def _at(bit: int, fired: Sequence[Hit], undecided: Sequence[Hit]) -> _Result:
    here = bit | 1
    holding = [hit for hit in fired if hit.bits & here]
    worst = max(holding, key=lambda hit: hit.severity, default=None)
    severity = worst.severity if worst else 0
    worse = [hit for hit in undecided if hit.severity > severity and hit.bits & here]
    if worse and severity <= PERMITTED:
        return _Result(bit, Outcome.INCOMPLETE, worse)
    return _Result(bit, worst.outcome if worst else Outcome.PROCEED, worse)


# --- Reasons, and what is still unasked -------------------------------------------------------------------------


def _reasons(case: Case, fired: Iterable[Hit], held: Held, rules: Rules) -> tuple[Reason, ...]:
    found = []
    for hit in fired:
        for bit in _bits(hit.bits):
            site = case.sites[bit - 1] if bit and case.sites else None
            alone = hit.line.finding
            findings = (alone,) if alone else _true(hit.line.node, held, 1 << bit, rules)
            reason = Reason(hit.line.rule, hit.outcome, findings, hit.line.why, site, hit.cleared)
            found.append((-hit.severity, hit.line.place, bit, reason))
    found.sort(key=lambda one: one[:3])
    return tuple(reason for *_, reason in found)


def _unasked(
    case: Case, knowledge: Knowledge, rules: Rules, held: Held, results: Iterable[_Result]
) -> tuple[Unasked, ...]:
    worst: dict[str, Outcome] = {}
    for result in results:
        for hit in result.worse:
            alone = hit.line.finding
            bit = 1 if hit.bits & 1 else result.bit
            for finding in (alone,) if alone else _missing(hit.line.node, held, bit, rules):
                known = worst.get(finding)
                if known is None or SEVERITY[known] < hit.severity:
                    worst[finding] = hit.outcome
    last = len(rules.order)
    asked = sorted(worst, key=lambda finding: (-SEVERITY[worst[finding]], rules.order.get(finding, last), finding))
    answered = {one.finding for one in case.answers}
    shelf = knowledge.rules
    return tuple(
        Unasked(finding, shelf[finding].question, worst[finding], *why_missing(finding, case, rules))
        if finding in answered
        else _never_asked(finding, shelf[finding].question if finding in shelf else QUESTIONS[finding], worst[finding])
        for finding in asked
    )


@lru_cache(maxsize=4096)
def _never_asked(finding: str, question: str, could_be: Outcome) -> Unasked:
    """The same for every patient, so made once."""
    return Unasked(finding, question, could_be, Missing.NEVER_ASKED)


def _bits(bits: int) -> Iterator[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def _true(node: Node, held: Held, bit: int, rules: Rules) -> tuple[str, ...]:
    """The findings that make a condition true at a place, each once."""
    if node.atom is not None:
        finding = rules.atoms[node.atom].finding
        return (finding,) if finding else ()
    holding = [part for part in node.parts if _value(part, held, bit) is True]
    return tuple(dict.fromkeys(finding for part in holding for finding in _true(part, held, bit, rules)))


def _missing(node: Node, held: Held, bit: int, rules: Rules) -> Iterator[str]:
    """What an undecided condition waits for at a place: findings, or details of the case (``QUESTIONS``).

    Where all parts must hold, details are asked for only once the findings are known: a no ends the question.
    """
    if node.atom is not None:
        yield _asks(rules.atoms[node.atom])
        return
    waiting = [
        name for part in node.parts if _value(part, held, bit) is None for name in _missing(part, held, bit, rules)
    ]
    findings = [name for name in waiting if name in rules.order] if node.how == "all" else []
    yield from findings or waiting


def _asks(atom: Atom) -> str:
    if atom.finding:
        return atom.finding
    return "site" if atom.site_within else "technique" if atom.technique else "born"


def _value(node: Node, held: Held, bit: int) -> bool | None:
    if node.atom is not None:
        return True if held.true[node.atom] & bit else False if held.false[node.atom] & bit else None
    values = [_value(part, held, bit) for part in node.parts]
    decisive = node.how == "any"
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def questions(knowledge: Knowledge, sex: str) -> list[tuple[str, ScreeningRule]]:
    """Every question to put to a person, most dangerous first."""
    asked = [(name, rule) for name, rule in knowledge.asked.items() if sex not in rule.not_asked_of_sex]
    return sorted(asked, key=lambda pair: -Outcome(pair[1].consequences[0].outcome).severity)
