"""How it is shown: charts as SVG and as tables, pure, for page and paper alike."""

from strigil.drawing.multiples import Multiples, Panel, multiples, multiples_rows, multiples_sentence
from strigil.drawing.pairs import pairs_of, pairs_sentence
from strigil.drawing.readings import Band, Goal, Point, Reaction, ResponseChart, Series, Visit
from strigil.drawing.response import response_chart
from strigil.drawing.sparkline import sparkline
from strigil.drawing.tables import notes_of, rows_of
from strigil.drawing.words import ENGLISH, Words, with_unit, written

__all__ = [
    "ENGLISH",
    "Band",
    "Goal",
    "Multiples",
    "Panel",
    "Point",
    "Reaction",
    "ResponseChart",
    "Series",
    "Visit",
    "Words",
    "multiples",
    "multiples_rows",
    "multiples_sentence",
    "notes_of",
    "pairs_of",
    "pairs_sentence",
    "response_chart",
    "rows_of",
    "sparkline",
    "with_unit",
    "written",
]
