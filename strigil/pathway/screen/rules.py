"""The rules, compiled: every consequence on the shelf as one line of three-valued logic.

The lines are generated from the validated conditions, never from text, and run unchanged on two kinds of value: Python
integers, one bit a place, for one patient; and NumPy arrays, one bit a case, for a whole registry. So there is one set
of rules and nothing to keep in step. Logic is Kleene's (1952): every atom and every condition has a T (known true) and
an F (known false); where neither is set it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import BodyRegion, Condition, ScreeningRule
from strigil.pathway.facts import Outcome

Evaluate = Callable[[Sequence[Any], Sequence[Any]], tuple[tuple[Any, ...], tuple[Any, ...]]]
"""Takes T and F of every atom; gives T and F of every consequence of its place."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One thing that can be known true, known false or unknown.

    Of a finding: answered yes, narrowed by when it began or by where it lies. Else of the site to be treated, the
    technique, or the patient's age.
    """

    finding: str | None = None
    since_under_days: int | None = None
    within: frozenset[str] = frozenset()
    site_within: frozenset[str] = frozenset()
    technique: frozenset[str] = frozenset()
    age_under: int | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A condition as a tree over atoms: an atom's number, or ``all`` / ``any`` of further nodes."""

    atom: int | None = None
    how: str = ""
    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One consequence: what follows from which rule, when.

    ``place`` is its place in the order of the shelf; ``finding`` what alone decides it, where one finding does.
    """

    place: int
    rule: str
    outcome: Outcome
    severity: int
    cleared_to: Outcome | None
    why: str
    node: Node
    finding: str | None


@dataclass(frozen=True, slots=True)
class Rules:
    """Every consequence, those about the patient and those about a site, with the code that evaluates them."""

    atoms: tuple[Atom, ...]
    everywhere: tuple[Line, ...]
    at_site: tuple[Line, ...]
    evaluate_everywhere: Evaluate
    evaluate_at_site: Evaluate
    plain: tuple[tuple[str, ScreeningRule, int], ...]
    """Each finding with its rule and the number of its plain atom."""
    narrowed: tuple[tuple[int, Atom], ...]
    """Atoms of a finding that also look at when or where."""
    other: tuple[tuple[int, Atom], ...]
    """Atoms that look at the site, the technique or the age."""
    above: dict[str, frozenset[str]] = field(default_factory=dict)
    """Each region with every region that it lies in, itself included."""
    order: dict[str, int] = field(default_factory=dict)


@lru_cache(maxsize=8)
def compiled(knowledge: Knowledge) -> Rules:
    """The rules of a shelf, compiled once."""
    atoms: dict[Atom, int] = {}
    for name in knowledge.rules:
        atoms.setdefault(Atom(finding=name), len(atoms))
    everywhere: list[Line] = []
    at_site: list[Line] = []
    for name, rule in knowledge.rules.items():
        for one in rule.consequences:
            when = one.when or Condition(finding=name)
            cleared_to = Outcome(one.cleared_to) if one.cleared_to else None
            outcome = Outcome(one.outcome)
            line = Line(
                place=len(everywhere) + len(at_site),
                rule=name,
                outcome=outcome,
                severity=outcome.severity,
                cleared_to=cleared_to,
                why=one.why,
                node=_node(when, atoms),
                finding=when.finding,
            )
            (everywhere if one.place == "everywhere" else at_site).append(line)
    numbered = tuple(atoms)
    return Rules(
        atoms=numbered,
        everywhere=tuple(everywhere),
        at_site=tuple(at_site),
        evaluate_everywhere=_generate(everywhere),
        evaluate_at_site=_generate(at_site),
        plain=tuple((name, rule, atoms[Atom(finding=name)]) for name, rule in knowledge.rules.items()),
        narrowed=tuple((number, one) for number, one in enumerate(numbered) if one.since_under_days or one.within),
        other=tuple((number, one) for number, one in enumerate(numbered) if one.finding is None),
        above=_above(knowledge),
        order={name: place for place, name in enumerate(knowledge.rules)},
    )


def _node(condition: Condition, atoms: dict[Atom, int]) -> Node:
    for how in ("all", "any"):
        if parts := getattr(condition, how):
            return Node(how=how, parts=tuple(_node(part, atoms) for part in parts))
    atom = Atom(
        finding=condition.finding,
        since_under_days=condition.since_under_days,
        within=frozenset(condition.within),
        site_within=frozenset(condition.site_within),
        technique=frozenset(condition.technique),
        age_under=condition.age_under,
    )
    return Node(atom=atoms.setdefault(atom, len(atoms)))


def _above(knowledge: Knowledge) -> dict[str, frozenset[str]]:
    regions = knowledge.shelf(BodyRegion)

    def climb(key: str, seen: frozenset[str]) -> frozenset[str]:
        for parent in regions[key].part_of:
            if parent not in seen:
                seen = climb(parent, seen | {parent})
        return seen

    return {key: climb(key, frozenset({key})) for key in regions}


# --- Generated code ---------------------------------------------------------------------------------------------


def _generate(lines: Sequence[Line]) -> Evaluate:
    """One function with one expression for each consequence. Only numbers and operators ever reach the compiler."""
    true = ", ".join(_expression(line.node, "T", "&", "|") for line in lines)
    false = ", ".join(_expression(line.node, "F", "|", "&") for line in lines)
    source = f"def evaluate(T, F):\n    return ({true},), ({false},)\n"
    space: dict[str, Any] = {"__builtins__": {}}
    exec(compile(source, "<screening rules>", "exec"), space)  # noqa: S102 - numbers and operators only
    function: Evaluate = space["evaluate"]
    return function


def _expression(node: Node, name: str, for_all: str, for_any: str) -> str:
    if node.atom is not None:
        return f"{name}[{int(node.atom)}]"
    operator = f" {for_all if node.how == 'all' else for_any} "
    return "(" + operator.join(_expression(part, name, for_all, for_any) for part in node.parts) + ")"
