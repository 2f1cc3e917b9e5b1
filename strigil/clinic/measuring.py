"""What a course can measure: each measure with its page, and the questionnaires that the clinic may fill in."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from strigil.clinic.models import Course, QuestionnaireFile
from strigil.knowledge import load
from strigil.knowledge.shapes import Measure
from strigil.pathway.facts import Reading
from strigil.pathway.offer import offered
from strigil.pathway.questionnaire import METHOD as FILLED


def fillable(course: Course, measure: str | None = None) -> list[QuestionnaireFile]:
    """The files that are in use in the clinic of a course, the newest of a measure first."""
    files = QuestionnaireFile.objects.filter(clinic_id=course.clinic_id, put_away_on=None).defer("content")
    return list(files if measure is None else files.filter(measure=measure))


def offers(course: Course, taken: Collection[str] = ()) -> dict[str, Any]:
    """Three lists of measures for a page: which come first and are not taken yet, of the regions, and the others."""
    regions = {row.region for row in course.sites.all()}
    found = offered(course.indication, regions, course.is_treated, load())  # type: ignore[attr-defined]
    files = {one.measure for one in fillable(course)}

    def rows(measures: tuple[Measure, ...]) -> list[tuple[Measure, bool]]:
        return [(one, one.id in files) for one in measures]

    return {
        "first": rows(tuple(one for one in found.first if one.id not in taken)),
        "of_regions": rows(found.of_regions),
        "others": [(title, rows(part)) for title, part in found.others],
        "others_number": sum(len(part) for _, part in found.others),
        "sets": found.sets,
    }


def filled_again(course: Course, series: Iterable[Reading]) -> list[QuestionnaireFile]:
    """The questionnaires in use that were filled in before in this course."""
    before = {one.measure for one in series if one.method == FILLED}
    return [one for one in fillable(course) if one.measure in before]
