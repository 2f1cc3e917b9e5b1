"""Line drawings of exercises: one neutral body, posed from a table."""

from strigil.drawing.exercise.figure import exercise_figure, frames
from strigil.drawing.exercise.table import poses

__all__ = ["exercise_figure", "frames", "poses"]
