"""What paper shows. On a page charts.css says the same for light, and its own for dark; a test compares the two."""

from __future__ import annotations

FONTS = "'Source Sans 3', 'Noto Sans', Inter, 'Helvetica Neue', Arial, sans-serif"

LINES = ("#00567A", "#4A7184", "#00567A", "#4A7184")
INK = "#33424D"
MUTED = "#48585F"
AXIS = "#71838E"
GRID = "#DCE2E6"
BAND = "#E6ECEF"
GOAL = "#3B6B58"
BRONZE = "#855520"
SURFACE = "#FFFFFF"
