"""How it is shown: charts as SVG and as tables, pure, for page and paper alike."""

from strigil.drawing.readings import Band, Goal, Point, Reaction, ResponseChart, Series, Visit
from strigil.drawing.response import response_chart
from strigil.drawing.sparkline import sparkline
from strigil.drawing.tables import notes_of, rows_of
from strigil.drawing.words import ENGLISH, Words, with_unit, written

__all__ = [
    "ENGLISH",
    "Band",
    "Goal",
    "Point",
    "Reaction",
    "ResponseChart",
    "Series",
    "Visit",
    "Words",
    "notes_of",
    "response_chart",
    "rows_of",
    "sparkline",
    "with_unit",
    "written",
]
