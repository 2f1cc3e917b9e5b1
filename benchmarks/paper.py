"""A chart and a course report timed beside what others would take: ``python -m benchmarks.paper``, or ``make bench``.

The chart of twelve visits: ours against the same chart by Vega-Lite (vl-convert). The report as PDF/UA: ours against
the like page by WeasyPrint. All in one run and in turns, so that other work on the machine falls on all alike. Each
report is of another patient, so that nothing is answered from a cache. In time of the processor, which does not count
while others have it. ``--write`` puts the figures into docs/reference/performance.md. What a machine cannot run is
said, not failed.
"""

from __future__ import annotations

import argparse
import html
import importlib
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

from strigil.drawing import Band, Goal, Point, ResponseChart, Series, Visit, response_chart, rows_of
from strigil.drawing.paper import CourseReport, FigureOnPaper, Sheet, course_report, pdf

PAGE = Path(__file__).parent.parent / "docs/reference/performance.md"
BEGIN, END = "<!-- paper figures: python -m benchmarks.paper --write -->", "<!-- end of paper figures -->"
START = date(2026, 9, 1)
BEFORE, AFTER = (7, 7, 6, 6, 6, 5, 5, 4, 4, 3, 3, 2), (6, 5, 5, 5, 4, 4, 4, 3, 3, 2, 2, 1)
KINDS: Any = ("none", "expected", "expected", "adverse", None, "none", "none", "expected", "none", "none", "none", None)
CHART_GOAL, REPORT_GOAL = 0.001, 0.1


def days(number: int) -> date:
    return START + timedelta(days=4 * number)


def readings(values: Sequence[int]) -> tuple[Point, ...]:
    return tuple(Point(days(n), Decimal(value)) for n, value in enumerate(values))


SECONDS = (60, 75, 90, 105, 60, 75, None, 105, None, 75, 90, 105)
VISITS = tuple(Visit(days(n), n + 1, n != 6, kind, SECONDS[n]) for n, kind in enumerate(KINDS))
CHART = ResponseChart(
    id="pain",
    title="Right ankle: worst pain",
    unit="of 10",
    low=Decimal(0),
    high=Decimal(10),
    series=(Series("", readings(BEFORE)),),
    better="lower",
    band=Band(Decimal(5), Decimal(9), "Less than 2 of 10 from the start"),
    goal=Goal(Decimal(2)),
    visits=VISITS,
    today=days(12),
    description="Pain fell from 7 to 2 of 10.",
)
PAIRED = replace(CHART, id="both", series=(Series("Before", readings(BEFORE)), Series("Right after", readings(AFTER))))


@dataclass(slots=True)
class Row:
    """One way of making something: how, and what it took, in seconds. ``why`` says what the machine lacks."""

    name: str
    make: Callable[[int], object] | None
    why: str = ""
    took: list[float] = field(default_factory=list)

    def time(self, number: int) -> None:
        if self.make is not None:
            began = time.process_time()
            self.make(number)
            self.took.append(time.process_time() - began)


def ours(chart: ResponseChart) -> Callable[[int], str]:
    return lambda number: response_chart(replace(chart, title=f"{chart.title} {number}"))


def vega_lite(chart: ResponseChart) -> dict[str, Any]:
    """The same chart as a specification: band, goal, line and points, visits, reactions and doses, on one time axis."""
    x = {"field": "on", "type": "temporal", "title": None}
    y = {"field": "value", "type": "quantitative", "title": "of 10", "scale": {"domain": [0, 10]}}
    band, goal = chart.band, chart.goal
    assert band
    assert goal
    points = [
        {"on": point.on.isoformat(), "value": float(point.value), "series": series.label}
        for series in chart.series
        for point in series.points
    ]
    visits = [
        {
            "on": one.on.isoformat(),
            "number": one.number,
            "reaction": one.reaction or "not known",
            "seconds": one.seconds,
        }
        for one in chart.visits
    ]
    colour = {"field": "series", "type": "nominal"}
    upper: list[Any] = [
        {
            "data": {"values": [{"low": float(band.low), "high": float(band.high)}]},
            "mark": {"type": "rect", "color": "#E6ECEF"},
            "encoding": {"y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "data": {"values": [{"value": float(goal.value)}]},
            "mark": {"type": "rule", "strokeDash": [7, 3]},
            "encoding": {"y": y},
        },
        {
            "data": {"values": points},
            "mark": {"type": "line", "point": True},
            "encoding": {"x": x, "y": y, "color": colour},
        },
        {
            "data": {"values": points},
            "mark": {"type": "text", "dy": -10},
            "encoding": {"x": x, "y": y, "text": {"field": "value"}},
        },
    ]
    strip = {"data": {"values": visits}, "width": 560}
    shape = {"field": "reaction", "type": "nominal"}
    bar = {"x": x, "y": {"field": "seconds", "type": "quantitative", "title": "s"}}
    panels = [
        {"width": 560, "height": 140, "layer": upper, "title": chart.title},
        {**strip, "height": 16, "mark": "text", "encoding": {"x": x, "text": {"field": "number"}}},
        {**strip, "height": 16, "mark": "point", "encoding": {"x": x, "shape": shape}},
        {**strip, "height": 30, "mark": "bar", "encoding": bar},
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "vconcat": panels,
        "resolve": {"scale": {"x": "shared"}},
    }


def by_vega_lite(chart: ResponseChart) -> Row:
    name = "Vega-Lite by vl-convert"
    try:
        converter: Any = importlib.import_module("vl_convert")
    except ImportError as lack:
        return Row(name, None, f"not on this machine: {lack}")
    spec = vega_lite(chart)

    def make(number: int) -> object:
        spec["vconcat"][0]["title"] = f"{chart.title} {number}"
        return converter.vegalite_to_svg(spec)

    return Row(f"{name} {version('vl-convert-python')}", make)


def report(number: int) -> CourseReport:
    """A course of twelve visits with two figures, as the page of the record makes it."""
    sheet = Sheet(
        f"Zoë Łukasz {number}", "2 March 1971", days(12), "Clinic at the Bridge", "Ana Example", "2026.11.1",
        ("Screen of 20 November 2026: avoid. Open wound.",), "This patient is made up. Do not send this on.",
    )  # fmt: skip
    figures = tuple(
        FigureOnPaper(
            chart.title, response_chart(chart), "Pain fell from 7 to 2 of 10.", "Changed by −5 of 10: better.",
            "Held against 2 of 10, found in: low back pain.", *rows_of(chart),
        )
        for chart in (CHART, PAIRED)
    )  # fmt: skip
    visits = tuple(
        (f"{one.number}, {one.on:%d %B %Y}", f"Forearm, right: {one.seconds} s", str(one.reaction), "signed by Ana")
        for one in VISITS
    )
    plan = ("Graston Technique: 2 a week, 8 visits in all, review at 4, 6",)
    facts = (("Treated for", "Tennis elbow, right"), ("Began", "not known"))
    return CourseReport(sheet, facts, figures, visits, plan, ("Goal: 2 of 10",), ("Avoid.",), "")


def as_html(given: CourseReport) -> str:
    """The like report as a page: the same words, tables and pictures, with the warnings in the head of every page."""
    e = html.escape

    def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        head = "".join(f"<th>{e(one)}</th>" for one in header)
        body = "".join("<tr>" + "".join(f"<td>{e(one)}</td>" for one in row) + "</tr>" for row in rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    sheet = given.sheet
    figures = "".join(f"{one.svg}<p>{e(one.sentence)}</p><p>{e(one.basis)}</p>" for one in given.figures)
    tables = "".join(f"<h3>{e(one.title)}</h3>{table(one.header, one.rows)}" for one in given.figures)
    lines = "".join(f"<li>{e(one)}</li>" for one in (*given.plan, *given.goals, *given.screen))
    facts = "".join(f"<dt>{e(name)}</dt><dd>{e(words)}</dd>" for name, words in given.course)
    style = (
        "@page{size:A4;margin:40mm 22mm 20mm;@top-left{content:element(head)}@bottom-right{content:counter(page)}}"
        "header{position:running(head)}body{font:10.5pt 'Source Sans 3',sans-serif}"
        "td,th{border-bottom:.5pt solid;text-align:left}"
    )
    warnings = "".join(f"<p>{e(one)}</p>" for one in (sheet.mark, *sheet.warnings))
    visits = table(("Visit", "Dose", "Skin and symptoms", "State"), given.visits)
    return (
        f"<html lang=en><head><title>{e(sheet.patient)}</title><style>{style}</style></head><body>"
        f"<header>{e(sheet.patient)}{warnings}</header>"
        f"<h1>Course report</h1><dl>{facts}</dl>{figures}{visits}<ul>{lines}</ul>{tables}</body></html>"
    )


def by_weasyprint() -> Row:
    name = "WeasyPrint"
    try:
        weasyprint: Any = importlib.import_module("weasyprint")
    except (ImportError, OSError) as lack:
        return Row(name, None, f"not on this machine: {str(lack).splitlines()[0]}")

    def make(number: int) -> object:
        return weasyprint.HTML(string=as_html(report(number))).write_pdf(pdf_variant="pdf/ua-1")

    return Row(f"{name} {version('weasyprint')}", make)


def measure(rounds: int) -> str:
    groups = [
        ("A chart of 12 visits", CHART_GOAL, 20, [Row("Strigil", ours(CHART)), by_vega_lite(CHART)]),
        ("The same with two series", CHART_GOAL, 20, [Row("Strigil", ours(PAIRED)), by_vega_lite(PAIRED)]),
        (
            "A course report, PDF/UA",
            REPORT_GOAL,
            1,
            [Row("Strigil by typst " + version("typst"), lambda n: pdf(course_report(report(n)))), by_weasyprint()],
        ),
    ]
    before = os.getloadavg()[0]
    for _, _, _, rows in groups:
        for row in rows:
            row.time(0)
            row.took.clear()
    for number in range(1, rounds + 1):
        for _, _, often, (own, other) in groups:
            for again in range(often):
                own.time(number * 100 + again)
            other.time(number)
    said = (
        f"Measured on {date.today().isoformat()}: {rounds} rounds in turns, warm, time of the processor; "
        f"{os.cpu_count()} processors, load average {before:.1f} before and {os.getloadavg()[0]:.1f} after "
        f"(above {os.cpu_count()}: others were at work); Python {platform.python_version()}."
    )
    head = "| What | Made by | Median | Quickest | Times Strigil's | Goal |"
    lines = [said, "", head, "| --- | --- | ---: | ---: | ---: | --- |"]
    lines += [line for what, goal, _, rows in groups for line in _table(what, goal, rows)]
    return "\n".join(lines)


def _table(what: str, goal: float, rows: Sequence[Row]) -> list[str]:
    base = statistics.median(rows[0].took)
    lines = []
    for row in rows:
        if not row.took:
            lines.append(f"| {what} | {row.name} | {row.why} | | | |")
            continue
        middle, least = statistics.median(row.took), min(row.took)
        met = f"{spoken(goal)}: {'met' if middle <= goal else '**missed**'}" if row is rows[0] else ""
        lines.append(f"| {what} | {row.name} | {spoken(middle)} | {spoken(least)} | {middle / base:,.3g} | {met} |")
    return lines


def spoken(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms"


def write(text: str) -> None:
    """Put the figures between their marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.name}")
    given = parser.parse_args()
    text = measure(given.rounds)
    print(text)
    if given.write:
        write(text)


if __name__ == "__main__":
    main()
