"""The documentation is true: generated pages are current, examples run, links and names resolve."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import pytest

from strigil import docs
from strigil.docs import links, pages, settings
from strigil.knowledge import load
from strigil.knowledge.load import HOME as SHELF

HOME = docs.HOME
TRIED = sorted([*(HOME / "docs/how-to").glob("*.md"), *(HOME / "docs/explanation").glob("*.md")])


class Block(NamedTuple):
    """A fenced block, with the name a comment on the line above gives it."""

    line: int
    kind: str
    name: str
    text: str


def blocks(page: Path) -> Iterator[Block]:
    lines = page.read_text(encoding="utf-8").splitlines()
    start = None
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            continue
        if start is None:
            start = number
        else:
            above = lines[start - 1] if start else ""
            named = re.fullmatch(r"<!-- (\S+) -->", above)
            text = "\n".join(lines[start + 1 : number]) + "\n"
            yield Block(start + 1, lines[start][3:].strip(), named[1] if named else "", text)
            start = None


def pages_with(*kinds: str) -> list[object]:
    return [pytest.param(page, id=page.stem) for page in TRIED if any(one.kind in kinds for one in blocks(page))]


# --- Examples ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", pages_with("python"))
def test_python_of_a_page_runs_and_prints_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    """Blocks run in order in one fresh interpreter; a ``text`` block right after one is what it prints."""
    found = list(blocks(page))
    script, shown = [], []
    for place, one in enumerate(found):
        if one.kind != "python":
            continue
        script += [f"print('--- {one.line}')", one.text]
        after = found[place + 1] if place + 1 < len(found) else None
        shown.append((one.line, after.text if after and after.kind == "text" else None))
    script.append("import sys; assert 'django' not in sys.modules")
    (tmp_path / "page.py").write_text("\n".join(script), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-W", "error", "page.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, f"{page.name}: {run.stderr}"
    printed = dict(re.findall(r"^--- (\d+)\n((?:(?!--- ).*\n?)*)", run.stdout, flags=re.MULTILINE))
    for line, text in shown:
        assert text is None or printed[str(line)] == text, f"{page.name}:{line}"


@pytest.mark.parametrize("page", pages_with("console"))
def test_commands_of_a_page_print_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    for one in blocks(page):
        if one.name and one.kind in ("json", "csv"):
            (tmp_path / one.name).write_text(one.text, encoding="utf-8")
        if one.kind != "console":
            continue
        command, *wanted = one.text.splitlines()
        assert command.startswith("$ strigil "), f"{page.name}:{one.line}: only strigil is tried here: {command}"
        run = subprocess.run(
            [sys.executable, "-m", "strigil.cli", *command.split()[2:]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        printed = (run.stdout + run.stderr).splitlines()
        assert matches(wanted, printed), f"{page.name}:{one.line}: {command}\n" + "\n".join(printed[:40])


def matches(wanted: list[str], printed: list[str]) -> bool:
    """Line by line; ``…`` in a line is any text, alone on a line any lines."""
    if not wanted:
        return not printed
    if wanted[0] == "…":
        return any(matches(wanted[1:], printed[place:]) for place in range(len(printed) + 1))
    pattern = re.sub(r"[\[*?]", lambda mark: f"[{mark[0]}]", wanted[0]).replace("…", "*")
    return bool(printed) and fnmatchcase(printed[0], pattern) and matches(wanted[1:], printed[1:])


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (["a", "…", "c"], True),
        (["a", "…"], True),
        (["a", "b"], False),
        (["a", "…", "b"], False),
        (["…b*[…", "c"], True),
    ],
)
def test_shown_output_is_compared_line_by_line(wanted: list[str], fits: bool) -> None:
    assert matches(wanted, ["ab*[x", "c"] if wanted[0] == "…b*[…" else ["a", "b", "c"]) is fits


def test_example_files_of_the_shelf_are_accepted(tmp_path: Path) -> None:
    home = tmp_path / "knowledge"
    shutil.copytree(SHELF, home, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    found = [one for one in blocks(HOME / "docs/how-to/add-a-knowledge-file.md") if one.kind == "yaml"]
    assert found
    for one in found:
        (home / one.name).write_text(one.text, encoding="utf-8")
    assert sum(load(home).counts().values()) == sum(load().counts().values()) + len(found)


# --- Generated pages, links, settings ----------------------------------------------------------------------------


def test_generated_pages_are_current_and_links_and_settings_hold() -> None:
    assert docs.faults() == []


def test_a_page_that_is_not_current_is_named_with_what_to_run(tmp_path: Path) -> None:
    docs.write(tmp_path)
    assert list(pages.stale(tmp_path)) == []
    (tmp_path / "docs/reference/settings.md").write_text("old", encoding="utf-8")
    (tmp_path / "docs/reference/policy.md").unlink()
    assert list(pages.stale(tmp_path)) == [
        "docs/reference/settings.md: is not current; run: python -m strigil.docs --write",
        "docs/reference/policy.md: is missing; run: python -m strigil.docs --write",
    ]


def test_a_link_to_nothing_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.md").write_text("# One thing\n\n[b](b.md) [c](#one-thing) `[d](d.md)`\n[e](a.md#two)\n")
    (tmp_path / "README.md").write_text("![p](docs/p.png) [out](https://example.org)\n```\n[f](f.md)\n```\n")
    assert [fault.split(" points")[0] for fault in links.broken_links(tmp_path)] == [
        "README.md:1: link to docs/p.png",
        "docs/a.md:3: link to b.md",
        "docs/a.md:4: link to a.md#two",
    ]


def test_a_setting_that_is_read_is_found_whatever_its_form(tmp_path: Path) -> None:
    file = tmp_path / "settings.py"
    file.write_text("import os\nA = os.environ['A']\nB = os.environ.get('B', '1')\nC = os.getenv('C')\n")
    assert settings.settings_read(file) == {"A": "none; needed", "B": "`1`", "C": "none"}


def test_a_setting_that_nobody_explains_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        settings, "SETTINGS", {key: said for key, said in settings.SETTINGS.items() if key != "STRIGIL_TLS"}
    )
    assert any("reads STRIGIL_TLS" in fault for fault in settings.unexplained())


# --- Front pages -------------------------------------------------------------------------------------------------


def glossary() -> list[tuple[str, str]]:
    rows = re.findall(r"^\| (.+?) \| .+? \| `(.+?)` \|", (HOME / "GLOSSARY.md").read_text("utf-8"), flags=re.MULTILINE)
    assert len(rows) > 60
    return rows


@pytest.mark.parametrize(("term", "path"), glossary())
def test_a_term_names_something_that_exists(term: str, path: str) -> None:
    parts = path.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for name in parts[cut:]:
            found = getattr(found, name)
        return
    raise AssertionError(f"{term}: {path} cannot be imported")


def test_the_glossary_is_in_order_and_has_each_term_once() -> None:
    terms = [term.casefold() for term, _ in glossary()]
    assert terms == sorted(set(terms))


def test_every_outcome_has_its_term() -> None:
    from strigil.pathway.facts import Outcome

    assert {one.value for one in Outcome} <= {term for term, _ in glossary()}


def dependencies() -> list[str]:
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    wanted += [one for extra in extras for one in extra]
    wanted += re.findall(r"^[a-z].*", (HOME / "requirements-audit.in").read_text("utf-8"), re.MULTILINE)
    return sorted({re.split(r"[\[<>=~! ;]", one)[0] for one in wanted})


@pytest.mark.parametrize("page", ["README.md", "THIRD_PARTY.md"])
def test_every_dependency_has_its_line_and_no_other_has(page: str) -> None:
    listed = re.findall(
        r"^\| `([a-z0-9-]+)`(?: \(optional\))? \| .+ \|$", (HOME / page).read_text("utf-8"), re.MULTILINE
    )
    assert sorted(listed) == dependencies()


def test_the_readme_has_exactly_two_commands() -> None:
    commands = re.findall(r"^```sh\n(.+?)```", (HOME / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert commands == ["make demo\n", "make test\n"]


def test_decisions_are_numbered_without_gap() -> None:
    names = sorted(path.name for path in (HOME / "docs/adr").glob("*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    for name in names:
        assert (HOME / "docs/adr" / name).read_text("utf-8").startswith(f"# {name[:4]} "), name


# --- What no file may name ---------------------------------------------------------------------------------------

# In two parts, so that this file does not name them either.
FORBIDDEN = {
    "a package registry": r"py" r"pi\.org|python" r"hosted\.org|registry\.npm" r"js\.org|proxy\.go" r"lang\.org",
    "a machine's path": r"(?<![\w.-])/(?:ro" r"ot|wo" r"rk|home/\w+)/",
    "a folder beside the repository": r"\.\./sha" r"red",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_names(what: str) -> None:
    """What belongs to one machine stays out of the repository."""
    if shutil.which("git") is None or not (HOME / ".git").exists():
        pytest.skip("no git: the tracked files are not known")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=True).stdout.split("\0")
    found = []
    for name in filter(None, names):
        try:
            text = (HOME / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        found += [
            f"{name}:{text[: one.start()].count(chr(10)) + 1}: {one[0]}" for one in re.finditer(FORBIDDEN[what], text)
        ]
    assert found == []
