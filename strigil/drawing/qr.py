"""A QR code as our own SVG: dark on white whatever the colours of the page, with the quiet zone round it."""

from __future__ import annotations

from itertools import groupby

from strigil.drawing.svg import Markup, checked_id, element

QUIET = 4
"""Modules of white on each side, as the standard asks for."""
MODULE = 4
"""Pixels across, before a page makes it larger or smaller."""


def qr(text: str, *, id: str, title: str) -> Markup:
    """A code that a phone reads as the text, also where up to an eighth of it is dirty."""
    import segno  # only the page that shows a code pays for it

    rows = [[bool(one) for one in row] for row in segno.make_qr(text, error="m").matrix]
    size = len(rows) + 2 * QUIET
    runs = "".join(_runs(row, number + QUIET) for number, row in enumerate(rows))
    return element(
        "svg",
        element("title", title, id=f"{checked_id(id)}-title"),
        element("rect", width=size, height=size, fill="#fff"),
        element("path", d=runs, fill="#000"),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {size} {size}",
        width=size * MODULE,
        height=size * MODULE,
        class_="qr",
        role="img",
        shape_rendering="crispEdges",
        aria_labelledby=f"{id}-title",
    )


def _runs(row: list[bool], y: int) -> str:
    """The dark stretches of one row, each as a rectangle one module high."""
    drawn, x = "", QUIET
    for dark, group in groupby(row):
        length = sum(1 for _ in group)
        drawn += f"M{x} {y}h{length}v1h-{length}z" if dark else ""
        x += length
    return drawn
