"""Keeps the documentation true: ``python -m strigil.docs --write`` or ``--check``.

``--write`` makes the generated pages anew: those of docs/reference, and docs/explanation/safety.md. ``--check`` fails
where such a page is not current, where a link in the documentation points to nothing, or where a setting is not
explained.
"""

from __future__ import annotations

from pathlib import Path

from strigil.docs.links import broken_links
from strigil.docs.pages import HOME, stale, write
from strigil.docs.settings import unexplained

__all__ = ["HOME", "faults", "write"]


def faults(home: Path = HOME) -> list[str]:
    """Everything that is not as it should be, each with its file and what to do."""
    return [*stale(home), *unexplained(), *broken_links(home)]
