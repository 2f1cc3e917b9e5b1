"""A statement of the shelf on paper: the sentence, and who says so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """``by`` names the sources and how far they agree; ``proposed`` says that this project made it, and nobody else."""

    text: str
    by: str
    proposed: bool = False

    @property
    def line(self) -> tuple[str, str]:
        return self.text, self.by + "; proposed by the Strigil project, no study has tested it" * self.proposed


NO_CLAIM = "One course without a comparison: it cannot show that the treatment caused a change."
"""Stands wherever a change is told."""
