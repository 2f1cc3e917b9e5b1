"""Mutation testing of the screening engine: ``make mutants``.

Every module of ``strigil/pathway/screen`` is changed in one small place at a time (an operator, a constant, a
condition, a return, a statement left out), and the tests of the engine run until one fails. A change that no test
notices survives; ``tests/pathway/mutants.yaml`` says of each survivor why. Tests are collected once; each mutant gets a
fork of that process in which the changed code is put in place, so a mutant costs what its first failing test costs. A
run that takes much longer than the unchanged one counts as noticed.
"""

from __future__ import annotations

import argparse
import ast
import copy
import gc
import os
import pickle
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
import yaml

HOME = Path(__file__).parent.parent
PACKAGE = "strigil.pathway.screen"
TESTS = (
    "tests/pathway/test_screen.py",
    "tests/pathway/test_screen_parts.py",
    "tests/pathway/test_screen_examples.py",
    "tests/pathway/test_second_evaluator.py",
    "tests/pathway/test_screen_equal.py",
    "tests/pathway/test_screen_properties.py",
    "tests/cli/test_screen_command.py",
    "tests/cli/test_screen_many.py",
)
NOT_HERE = (
    "parquet or interrupt or killed or reader_that_goes_away or case_of_the_first_issue or installed_command"
    " or every_line or 1003 or caught or breaks or noticed"
)
"""Tests that start processes or threads of their own, which see nothing of a mutant or hang in a fork; and tests that
plant faults of their own."""
EXPLAINED = HOME / "tests/pathway/mutants.yaml"
PAGE = HOME / "docs/reference/mutation-testing.md"
GOAL = 0.95
SLOTS = 2


# --- Mutants ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mutant:
    """One small change: in which function of which module, what stood there and what stands there now."""

    module: str
    function: str
    line: int
    was: str
    became: str
    tree: bytes

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.module, self.function, self.was, self.became

    @cached_property
    def code(self) -> Any:
        return compile(pickle.loads(self.tree), f"{self.module} (mutant)", "exec")  # noqa: S301 - pickled by this very run

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.function}: {self.was}  ->  {self.became}"


COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
FUNCTIONS = {"max": "min", "min": "max", "any": "all", "all": "any"}


def variants(node: ast.AST) -> Iterator[ast.AST]:
    """What a piece of code is turned into."""
    match node:
        case ast.Compare(left, ops, comparators):
            for place, op in enumerate(ops):
                for other in COMPARISONS[type(op)]:
                    yield ast.Compare(left, [*ops[:place], other(), *ops[place + 1 :]], comparators)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.BinOp(left, op, right) if type(op) in OPERATORS:
            yield ast.BinOp(left, OPERATORS[type(op)](), right)
        case ast.AugAssign(target, op, value):
            yield ast.AugAssign(target, OPERATORS[type(op)](), value)
            yield ast.Pass()
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(str() as value):
            yield ast.Constant(value + "XX")
        case ast.If(test, body, orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.While(test, body, orelse):
            yield ast.While(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.comprehension(target, iterated, ifs, is_async) if ifs:
            yield ast.comprehension(target, iterated, [], is_async)
        case ast.Return(value) if value is not None and not _is_none(value):
            yield ast.Return(ast.Constant(None))
        case ast.Name("max" | "min" | "any" | "all" as name, ast.Load()):
            yield ast.Name(FUNCTIONS[name], ast.Load())
        case ast.Expr(ast.Call()) | ast.Raise() | ast.Assign():
            yield ast.Pass()
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def mutants(path: Path) -> Iterator[Mutant]:
    """Every mutant of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node, function in list(_places(tree, "(module)")):
        for variant in variants(node):
            ast.copy_location(variant, node)
            changed = ast.fix_missing_locations(_Swap(node, variant).visit(copy.deepcopy(tree, {id(node): node})))
            yield Mutant(
                path.stem, function, getattr(node, "lineno", 0), _said(node), _said(variant), pickle.dumps(changed)
            )


def _places(node: ast.AST, function: str) -> Iterator[tuple[ast.AST, str]]:
    """Every node that means something when the code runs, with the name of its function."""
    inner = function
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        inner = node.name if function == "(module)" else f"{function}.{node.name}"
    yield node, function
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list") or (isinstance(node, ast.Subscript) and _is_type(node)):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _means_nothing(child, function):
                yield from _places(child, inner)


def _means_nothing(node: ast.AST, function: str) -> bool:
    """Docstrings, imports, names for types, ``__all__``, ``__slots__``, and what is only a guard or a size."""
    match node:
        case (
            ast.Expr(ast.Constant(str()))
            | ast.Import()
            | ast.ImportFrom()
            | ast.keyword("strict" | "slots" | "frozen" | "maxsize")
        ):
            return True
        case ast.Assign([ast.Name(name)], value):
            called = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "TypeVar"
            alias = function == "(module)" and isinstance(value, ast.Subscript) and _is_type(value)
            return name in ("__all__", "__slots__") or called or alias
    return False


def _is_type(node: ast.Subscript) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in {
        "Literal", "list", "tuple", "dict", "NDArray", "Callable", "Iterator",
    }  # fmt: skip


def _said(node: ast.AST) -> str:
    """The code in one line."""
    if isinstance(node, ast.comprehension):
        return ast.unparse(node).strip()
    if isinstance(node, (ast.If, ast.While)):
        return ast.unparse(ast.If(node.test, [ast.Pass()], [])).splitlines()[0]
    return ast.unparse(node).splitlines()[0]


class _Swap(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return copy.deepcopy(self.new) if node is self.old else self.generic_visit(node)


# --- A mutant in place ------------------------------------------------------------------------------------------


def put_in_place(mutant: Mutant) -> None:
    """Change the imported module: code of functions in place, all else wherever its name is known."""
    name = PACKAGE if mutant.module == "__init__" else f"{PACKAGE}.{mutant.module}"
    module = import_module(name)
    before = dict(vars(module))
    for one in [one for one in before if not one.startswith("__")]:
        delattr(module, one)
    exec(mutant.code, vars(module))  # noqa: S102 - our own code, changed in one place
    for one, new in list(vars(module).items()):
        old = before.get(one)
        if old is new or one.startswith("__") or one not in before:
            continue
        if isinstance(old, FunctionType) and isinstance(new, FunctionType):
            _recode(old, new)
            setattr(module, one, old)
        elif isinstance(old, type) and isinstance(new, type):
            for inner, function in vars(new).items():
                if isinstance(function, FunctionType) and function.__module__ == module.__name__:
                    setattr(old, inner, function)
            setattr(module, one, old)
        else:
            for other in [known for known in sys.modules.values() if isinstance(known, ModuleType)]:
                if vars(other).get(one) is old:
                    setattr(other, one, new)


def _recode(old: FunctionType, new: FunctionType) -> None:
    old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__


# --- Running ----------------------------------------------------------------------------------------------------


class Runner:
    """A plugin of pytest: after collection it runs the tests once unchanged, then once for each mutant."""

    def __init__(self, all_mutants: list[Mutant], folder: str) -> None:
        self.mutants, self.folder = all_mutants, folder
        self.survived: list[Mutant] = []
        self.slow: list[Mutant] = []
        self.took: dict[str, float] = {}
        self.kills: Counter[str] = Counter()
        self.failed: str | None = None
        self.told: Path | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.took[report.nodeid] = self.took.get(report.nodeid, 0) + report.duration
        if report.failed:
            self.failed = report.nodeid

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """In a mutant: no report of what failed is needed, and writing one may take long."""
        if self.told and call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
            self.told.write_text(item.nodeid)
            os._exit(1)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for item in session.items:
            _without_shrinking(item)
        self._unchanged(session)
        gc.freeze()
        running: dict[int, tuple[Mutant, float, Path]] = {}
        patience = 4 * sum(self.took.values()) + 20
        for number, mutant in enumerate(self.mutants):
            while len(running) >= SLOTS:
                self._wait(running, patience)
            told = Path(self.folder, str(number))
            running[self._fork(session, mutant, told)] = (mutant, time.monotonic(), told)
            print(f"\r{number + 1:,} of {len(self.mutants):,}", end="", file=sys.__stderr__, flush=True)
        while running:
            self._wait(running, patience)
        print(file=sys.__stderr__)
        return True

    def _unchanged(self, session: pytest.Session) -> None:
        for item, following in zip(session.items, [*session.items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                raise pytest.UsageError(f"fails without any change: {self.failed}")

    def _fork(self, session: pytest.Session, mutant: Mutant, told: Path) -> int:
        pid = os.fork()
        if pid:
            return pid
        os.setpgid(0, 0)
        os.nice(5)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        status = 1
        try:
            session.config.pluginmanager.unregister(name="terminalreporter")
            put_in_place(mutant)
            self.told = told
            self._tests(session)
            status = 0
        finally:
            os._exit(status)

    def _tests(self, session: pytest.Session) -> None:
        """Quick tests first, and those that noticed many mutants before."""
        order = sorted(session.items, key=lambda item: (self.took[item.nodeid] + 0.005) / (1 + self.kills[item.nodeid]))
        for item, following in zip(order, [*order[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

    def _wait(self, running: dict[int, tuple[Mutant, float, Path]], patience: float) -> None:
        """Until one mutant's tests have ended."""
        while True:
            for pid, (mutant, since, told) in list(running.items()):
                done, status = os.waitpid(pid, os.WNOHANG)
                if not done and time.monotonic() - since > patience:
                    self.slow.append(mutant)
                    os.killpg(pid, signal.SIGKILL)
                    done, status = os.waitpid(pid, 0)
                if done:
                    del running[pid]
                    if told.exists():
                        self.kills[told.read_text()] += 1
                        told.unlink()
                    if status == 0:
                        self.survived.append(mutant)
                        print(f"\n{mutant}", file=sys.__stderr__, flush=True)
                    return
            time.sleep(0.01)


def _without_shrinking(item: pytest.Item) -> None:
    """A property that fails has told enough."""
    function = getattr(item, "obj", None)
    if hasattr(function, "hypothesis"):
        from hypothesis import Phase, settings

        asked = function._hypothesis_internal_use_settings
        function._hypothesis_internal_use_settings = settings(asked, phases=[Phase.explicit, Phase.generate])


# --- The page ---------------------------------------------------------------------------------------------------


def explained() -> dict[tuple[str, str, str, str], str]:
    known = yaml.safe_load(EXPLAINED.read_text(encoding="utf-8")) if EXPLAINED.exists() else []
    return {(one["module"], one["function"], one["was"], one["became"]): one["why"] for one in known or []}


def page(all_mutants: list[Mutant], survived: list[Mutant], slow: list[Mutant]) -> str:
    total, left = Counter(one.module for one in all_mutants), Counter(one.module for one in survived)
    why = explained()
    killed = len(all_mutants) - len(survived)
    lines = [
        "<!-- Generated by benchmarks/mutants.py. Do not edit; run: make mutants -->",
        "",
        "# Mutation testing",
        "",
        f"On {date.today().isoformat()} the tests of the screening engine noticed **{killed} of {len(all_mutants)}** "
        f"small changes to `strigil/pathway/screen` ({killed / len(all_mutants):.1%}; the goal is {GOAL:.0%}). Run "
        "again with `make mutants`, which takes half an hour. A change is one operator, constant, condition or return, "
        f"or one statement left out; texts count as constants. {len(slow)} count as noticed because the tests did not "
        "end in four times their time.",
        "",
        "| Module | Changes | Noticed | |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| `{name}` | {total[name]} | {total[name] - left[name]} | {1 - left[name] / total[name]:.1%} |"
            for name in total
        ),
        "",
        "## What survived",
        "",
    ]
    for mutant in survived:
        reason = why.get(mutant.key, "**Not explained.**")
        lines.append(f"- `{mutant.module}`, `{mutant.function}`: `{mutant.was}` to `{mutant.became}`. {reason}")
    if not survived:
        lines.append("Nothing.")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="TEXT", help="mutants whose line has this in it; the page stays as it is")
    given = parser.parse_args()
    paths = sorted((HOME / PACKAGE.replace(".", "/")).glob("*.py"))
    chosen = [one for path in paths for one in mutants(path) if given.only is None or given.only in str(one)]
    options = ["--no-header", "--assert=plain", "--database", "sqlite", "-k", f"not ({NOT_HERE})", *TESTS]
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(chosen, folder)
        code = pytest.main(options, plugins=[runner])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        print(f"the tests do not run: {code}")
        return 2
    killed = len(chosen) - len(runner.survived)
    print(f"{killed} of {len(chosen)} noticed")
    known = explained()
    unexplained = [one for one in runner.survived if one.key not in known]
    for one in unexplained:
        print(f"survived, not explained: {one}")
    if given.only is None:
        PAGE.write_text(page(chosen, runner.survived, runner.slow), encoding="utf-8")
        for key in known.keys() - {one.key for one in runner.survived}:
            print(f"explained, but noticed by now: {' '.join(key)}")
    return int(bool(unexplained) or killed < GOAL * len(chosen))


if __name__ == "__main__":
    sys.exit(main())
