"""Trials side by side: the forest plot and the funnel plot, for page and paper, each with its table."""

from strigil.drawing.trials.figures import MOST, Forest, Group, Row, Summary, forest_rows, funnel_rows
from strigil.drawing.trials.forest import forest_plot
from strigil.drawing.trials.funnel import funnel_plot

__all__ = ["MOST", "Forest", "Group", "Row", "Summary", "forest_plot", "forest_rows", "funnel_plot", "funnel_rows"]
