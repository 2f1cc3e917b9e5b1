"""Links of the documentation that point to nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from strigil.docs.pages import HOME

FRONT = ("README.md", "CONTRIBUTING.md", "GLOSSARY.md", "THIRD_PARTY.md", "CHANGELOG.md", "SECURITY.md")


def documents(home: Path = HOME) -> list[Path]:
    """Every page of the documentation."""
    return [home / name for name in FRONT if (home / name).exists()] + sorted((home / "docs").rglob("*.md"))


def broken_links(home: Path = HOME) -> Iterator[str]:
    """Links that point to no file, or to no heading of it."""
    for page in documents(home):
        for number, target in links(page):
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            where = f"{page.relative_to(home).as_posix()}:{number}"
            if not file.exists():
                yield f"{where}: link to {target} points to nothing; mend the link or add the file"
            elif anchor and file.suffix == ".md" and anchor not in _anchors(file):
                yield f"{where}: link to {target} points to no heading of {file.name}; mend the link"


def links(page: Path) -> Iterator[tuple[int, str]]:
    """The targets of a page's links and pictures within the repository, with their lines; code is no link."""
    for number, line in _prose(page):
        for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", line)):
            if not re.match(r"[a-z][a-z0-9+.-]*:", target):
                yield number, target


def _prose(page: Path) -> Iterator[tuple[int, str]]:
    fenced = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, line


def _anchors(page: Path) -> set[str]:
    titles = [line.lstrip("#").strip() for _, line in _prose(page) if re.match(r"#{1,6} ", line)]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
