"""The body atlas: one region table, and the figures drawn from it."""

from strigil.drawing.body.figure import Kind, Mark, body_figure, definitions, touch_figure, views_for
from strigil.drawing.body.table import atlas

__all__ = ["Kind", "Mark", "atlas", "body_figure", "definitions", "touch_figure", "views_for"]
