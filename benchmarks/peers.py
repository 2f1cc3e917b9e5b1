"""Other rule engines on Strigil's own rules.

They get the easy part: every atom is worked out for them beforehand, as one flat object of true and false (``p3`` of
the person, ``s3`` of the site), and every condition becomes one line of their language. None of them knows *unknown*,
so they are compared on cases in which nothing is. Each is asked in the quickest way it offers.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from strigil.pathway.screen.resolve import Held
from strigil.pathway.screen.rules import Line, Node, Rules

NODE_PACKAGES = ("json-logic-js@2.0.5", "cql-execution@3.3.2")
Atoms = dict[str, bool]


class Peer(Protocol):
    name: str

    def truths(self, number: int) -> list[bool]:
        """What it says of every line of one case."""

    def seconds(self, times: int) -> float:
        """Of one case, over all cases so many times."""


# --- The rules and a case in words that a peer knows ------------------------------------------------------------


def lines_of(rules: Rules) -> list[tuple[str, Line]]:
    return [("p", line) for line in rules.everywhere] + [("s", line) for line in rules.at_site]


def atoms_of(held: Held, rules: Rules) -> Atoms | None:
    """The atoms that the lines look at, at the first site; None where one of them is unknown."""
    atoms: Atoms = {}
    for place, line in lines_of(rules):
        bit = 2 if place == "s" else 1
        for atom in _atoms(line.node):
            if not (held.true[atom] | held.false[atom]) & bit:
                return None
            atoms[f"{place}{atom}"] = bool(held.true[atom] & bit)
    return atoms


def _atoms(node: Node) -> Iterator[int]:
    if node.atom is not None:
        yield node.atom
    for part in node.parts:
        yield from _atoms(part)


def _infix(node: Node, place: str) -> str:
    if node.atom is not None:
        return f"{place}{node.atom}"
    word = " and " if node.how == "all" else " or "
    return "(" + word.join(_infix(part, place) for part in node.parts) + ")"


def _jsonlogic(node: Node, place: str) -> Any:
    if node.atom is not None:
        return {"var": f"{place}{node.atom}"}
    return {"and" if node.how == "all" else "or": [_jsonlogic(part, place) for part in node.parts]}


def _elm(rules: Rules) -> dict[str, Any]:
    """A CQL library as the translator would write it, by hand: the atoms are properties of the patient."""

    def expression(node: Node, place: str) -> dict[str, Any]:
        if node.atom is not None:
            patient = {"type": "ExpressionRef", "name": "Patient"}
            return {"type": "Property", "path": f"{place}{node.atom}", "source": patient}
        first, *rest = (expression(part, place) for part in node.parts)
        for part in rest:
            first = {"type": "And" if node.how == "all" else "Or", "operand": [first, part]}
        return first

    retrieve = {"type": "Retrieve", "dataType": "{https://github.com/cqframework/cql-execution/simple}Patient"}
    patient = {"name": "Patient", "context": "Patient", "expression": {"type": "SingletonFrom", "operand": retrieve}}
    defined = [
        {"name": f"line {number}", "context": "Patient", "expression": expression(line.node, place)}
        for number, (place, line) in enumerate(lines_of(rules))
    ]
    about = {"identifier": {"id": "Screen", "version": "1"}, "schemaIdentifier": {"id": "urn:hl7-org:elm"}}
    using = {"def": [{"localIdentifier": "Simple", "uri": "https://github.com/cqframework/cql-execution/simple"}]}
    return {"library": {**about, "usings": using, "statements": {"def": [patient, *defined]}}}


# --- Peers in Python --------------------------------------------------------------------------------------------


class Here:
    """A peer in this process."""

    def __init__(self, name: str, ask: Callable[[Atoms], Sequence[bool]], cases: Sequence[Atoms]) -> None:
        self.name, self._ask, self._cases = name, ask, cases

    def truths(self, number: int) -> list[bool]:
        return list(self._ask(self._cases[number]))

    def seconds(self, times: int) -> float:
        ask, cases = self._ask, self._cases
        started = time.process_time()
        for _ in range(times):
            for one in cases:
                ask(one)
        return (time.process_time() - started) / times / len(cases)


def in_python(rules: Rules, cases: Sequence[Atoms]) -> Iterator[Peer]:
    import json_logic
    import rule_engine
    import zen

    infix = [_infix(line.node, place) for place, line in lines_of(rules)]
    together = f"[{', '.join(infix)}]"
    yield Here("rule-engine, a list of all conditions", rule_engine.Rule(together).evaluate, cases)

    decision = zen.ZenEngine().create_decision(json.dumps(_zen_graph(infix)))
    names = [f"line{number}" for number in range(len(infix))]

    def decide(one: Atoms) -> list[bool]:
        found = decision.evaluate(one)["result"]
        return [found[name] for name in names]

    yield Here("zen-engine, a decision", decide, cases)
    yield Here("zen-engine, one expression, no decision", zen.compile_expression(together).evaluate, cases)

    logic = [_jsonlogic(line.node, place) for place, line in lines_of(rules)]
    yield Here("panzi-json-logic", lambda one: json_logic.jsonLogic(logic, one), cases)


def _zen_graph(infix: Sequence[str]) -> dict[str, Any]:
    values = [{"id": str(number), "key": f"line{number}", "value": one} for number, one in enumerate(infix)]
    kinds = {"in": "inputNode", "rules": "expressionNode", "out": "outputNode"}
    nodes: list[dict[str, Any]] = [
        {"id": name, "name": name, "type": kind, "position": {"x": 0, "y": 0}} for name, kind in kinds.items()
    ]
    nodes[1]["content"] = {"expressions": values}
    edges = [("in", "rules"), ("rules", "out")]
    return {
        "nodes": nodes,
        "edges": [{"id": one + two, "sourceId": one, "targetId": two, "type": "edge"} for one, two in edges],
    }


# --- Peers in Node ----------------------------------------------------------------------------------------------


class InNode:
    """A peer in a Node process that times itself: no request is in the figure."""

    def __init__(self, name: str, process: subprocess.Popen[str], skipped: int) -> None:
        self.name, self._process, self._skipped = name, process, skipped

    def truths(self, number: int) -> list[bool]:
        found = self._asked({"engine": self.name, "number": number})
        return [bool(one) for one in found[self._skipped :]]

    def seconds(self, times: int) -> float:
        return float(self._asked({"engine": self.name, "times": times}))

    def _asked(self, what: dict[str, Any]) -> Any:
        return _exchange(self._process, what)


def _exchange(process: subprocess.Popen[str], what: Any) -> Any:
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(what) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


@contextmanager
def in_node(rules: Rules, cases: Sequence[Atoms], folder: Path) -> Iterator[list[Peer]]:
    """The peers of Node, installed into a folder that is thrown away; says so and gives none where that fails."""
    try:
        if not (shutil.which("node") and shutil.which("npm")):
            raise FileNotFoundError("no node or npm on this machine")
        install = ["npm", "install", "--prefix", str(folder), "--silent", "--no-audit", "--no-fund"]
        subprocess.run([*install, *NODE_PACKAGES], check=True, timeout=300, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"\n*** WITHOUT THE PEERS OF NODE (json-logic-js, cql-execution): {error} ***\n", flush=True)
        yield []
        return
    command = ["node", str(Path(__file__).with_suffix(".mjs")), str(folder.resolve())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        logic = [_jsonlogic(line.node, place) for place, line in lines_of(rules)]
        _exchange(process, {"jsonlogic": logic, "elm": _elm(rules), "cases": cases})
        yield [InNode("json-logic-js", process, 0), InNode("cql-execution", process, 1)]
        assert process.stdin
        process.stdin.close()
