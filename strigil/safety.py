"""The hazard log and the page made of it: what could do harm here, what holds it back, and which tests show so.

``safety/hazards.yaml`` is read as strictly as the shelf: as text, with unknown and repeated keys refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from strigil.knowledge.load import read_as
from strigil.knowledge.shapes import Key, Shape, Text

LOG = Path("safety/hazards.yaml")
SEVERITIES = ("minor", "significant", "considerable", "major", "catastrophic")
LIKELIHOODS = ("very_low", "low", "medium", "high", "very_high")
RISK = ((1, 1, 2, 2, 3), (1, 2, 3, 3, 4), (2, 3, 3, 4, 5), (2, 3, 4, 5, 5), (3, 4, 5, 5, 5))
"""Risk from 1 to 5 by severity and likelihood, as in the templates used with DCB0129."""


class Rating(Shape):
    severity: Literal["minor", "significant", "considerable", "major", "catastrophic"]
    likelihood: Literal["very_low", "low", "medium", "high", "very_high"]

    @property
    def risk(self) -> int:
        return RISK[SEVERITIES.index(self.severity)][LIKELIHOODS.index(self.likelihood)]

    def __str__(self) -> str:
        return f"{self.severity}, {self.likelihood.replace('_', ' ')}: {self.risk}"


class Control(Shape):
    """What holds a hazard back, and the file that does it."""

    class_: Literal["design", "protection", "information"] = Field(alias="class")
    what: Text
    held_by: Text


class Hazard(Shape):
    """Software makes harm less likely, not less severe: only likelihood falls."""

    id: Key
    hazard: Text
    harm: Text
    causes: Annotated[tuple[Text, ...], Field(min_length=1)]
    before: Rating
    after: Rating
    controls: Annotated[tuple[Control, ...], Field(min_length=1)]
    remains: Text
    tests: Annotated[tuple[Annotated[str, Field(pattern=r"^tests/[\w/]+\.py::test_\w+$")], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _only_likelihood_falls(self) -> Hazard:
        if self.after.severity != self.before.severity:
            raise ValueError("severity changes; controls in software lower the likelihood only")
        if LIKELIHOODS.index(self.after.likelihood) > LIKELIHOODS.index(self.before.likelihood):
            raise ValueError("likelihood rises")
        return self


class Log(Shape):
    ratings: Literal["proposed", "confirmed"]
    confirmed_by: Text | None = None
    hazards: Annotated[tuple[Hazard, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> Log:
        names = [one.id for one in self.hazards]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"named twice: {', '.join(twice)}")
        if (self.ratings == "confirmed") != bool(self.confirmed_by):
            raise ValueError("ratings are confirmed by somebody, and by nobody while they are proposed")
        return self


def hazards(home: Path) -> Log:
    """The hazard log of a checkout.

    Raises:
        KnowledgeError: with every fault found, each with its line.
    """
    return read_as(Log, LOG.as_posix(), (home / LOG).read_bytes())


def page(home: Path) -> str:
    """``docs/explanation/safety.md``."""
    log = hazards(home)
    signed = (
        f"The ratings were confirmed by {log.confirmed_by}."
        if log.confirmed_by
        else "**The ratings are proposed by this project; no clinical safety officer has confirmed them.**"
    )
    return "\n\n".join([_INTRODUCTION.strip(), signed, _table(log), *(_section(one) for one in log.hazards)])


def _table(log: Log) -> str:
    worst_first = sorted(log.hazards, key=lambda one: (-one.after.risk, -one.before.risk))
    rows = [f"| [{one.hazard}](#{one.id}) | {one.harm} | {one.before.risk} | {one.after.risk} |" for one in worst_first]
    return "\n".join(["| Hazard | Harm | Risk before | Residual risk |", "| --- | --- | --- | --- |", *rows])


def _section(one: Hazard) -> str:
    controls = [f"- {held.what} ({held.class_}: [`{held.held_by}`](../../{held.held_by}))" for held in one.controls]
    tests = [f"- `{node}`" for node in one.tests]
    return "\n\n".join(
        [
            f"### {one.id}",
            f"**{one.hazard}.** Harm: {one.harm}. Causes: {'; '.join(one.causes)}.",
            f"Before: {one.before}. After: {one.after}. What remains: {one.remains}",
            "\n".join(["Controls:", "", *controls]),
            "\n".join(["Verified by:", "", *tests]),
        ]
    )


_INTRODUCTION = """
# Safety

## Intended use

For clinicians trained in IASTM. Strigil asks the questions that sources say bear on IASTM, shows what follows from the
answers and why, and keeps the record of what was done. The clinician decides.

## What it is not

- No diagnosis, and no substitute for examination or judgement.
- No emergency service: it tells the clinician to act, it notifies nobody.
- No device that measures. A force typed by hand is *estimated*; only a named instrument makes it *measured*.
- Not certified as a medical device anywhere.
- No study has tested whether using it makes patients safer.

## Where the rules come from

From pages, trials, consensus statements, makers' texts and course material, each listed with its kind and with what it
says; pages of makers, clinics and courses, slides and flashcards are marked as no evidence. That a finding matters is
sourced. What follows from it, the order of outcomes, the days an answer counts, the limits on the next visit and the
reviews at visits 4 and 6 are proposed by this project; they say so where they are shown.

## Their limits

- **No clinician has signed the rules.** Fields for who reviewed an item and when are there, and are empty.
- **The item tables of the 2025 Delphi consensus on contraindications have not been read**, nor those of its survey and
  of the 2019 commentary; only abstracts were. Most pages were read as an excerpt.
- For children no rule was found: a patient under 18 needs a physician's agreement, and the rule says that it has no
  source.
- A question left out of the shelf is not asked.
- An answer is as good as the patient's memory and the clinician's question.
- `proceed` means that nothing on the shelf restricts treatment. It does not mean that treatment is safe or will help.
- A place that is not a site of the course cannot be named in an answer; a yes without a place counts everywhere.
- Pages work without JavaScript. Without a network nothing is saved, and what was typed since the last save is in the
  browser only.

## When something goes wrong

A failed save says so and keeps what was typed. Where the engine cannot decide, nothing is treated on it. Tell whoever
runs your Strigil; a wrong rule or a missing source is a bug, and [CONTRIBUTING](../../CONTRIBUTING.md) says how to
mend it. A bug that could have done harm adds a hazard, or a cause to one, in `safety/hazards.yaml`.

## Hazards

What could do harm in what this code does today, what holds it back, and the tests that show so; a test fails where a
hazard has none that runs. Risk is given from 1 (acceptable) to 5 (unacceptable), from severity and likelihood, by the
matrix of the templates that are used with the NHS standard DCB0129. Software makes harm less likely, not less severe.
"""
