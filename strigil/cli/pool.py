"""``strigil pool``: trials from a file, pooled, as words, JSON and drawings."""

from __future__ import annotations

import argparse
import codecs
import io
from pathlib import Path
from typing import Any

import numpy as np

from strigil.cli.base import BadInput, opened, print_json, shown
from strigil.drawing.trials import MOST, Forest, Group, Row, Summary, forest_plot, funnel_plot
from strigil.pathway.learn.pool import distributions
from strigil.pathway.learn.pool.model import Pooled, PoolError, pool, tau2_interval
from strigil.pathway.learn.pool.regression import Grouped, by_group
from strigil.pathway.learn.pool.table import NAMES, Trials, back, read, scale_of

MOST_BYTES = 64 * 1024 * 1024
LEVEL = 0.95


def run(arguments: argparse.Namespace) -> int:
    """Pool the trials of a CSV file: one line for each study, under a line that names the columns."""
    by: str = arguments.by or ""
    try:
        trials = read(io.StringIO(_text(arguments.file), newline=""), arguments.measure, by)
        whole = pool(trials.yi, trials.vi, method=arguments.method, test=arguments.test)
        grouped = (
            by_group(trials.yi, trials.vi, trials.groups, method=arguments.method, test=arguments.test) if by else None
        )
    except PoolError as error:
        raise BadInput(f"{error}; where: {shown(arguments.file)}") from None
    result = as_json(trials, whole, grouped)
    for out, draw in ((arguments.forest, forest_plot), (arguments.funnel, funnel_plot)):
        if out is not None:
            _write(out, draw(_drawn(trials, whole, grouped), narrow=arguments.narrow))
    if arguments.json:
        print_json(result)
    else:
        _print(result)
    return 0


def _text(name: str) -> str:
    with opened(name, "a CSV file") as file:
        raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise BadInput(f"too large; where: {shown(name)}; given: more than {MOST_BYTES} bytes; allowed: {MOST_BYTES}")
    try:
        return raw.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BadInput(f"line {line}: is not UTF-8; where: {shown(name)}; allowed: a CSV file in UTF-8") from None


def as_json(trials: Trials, whole: Pooled, grouped: Grouped | None) -> dict[str, Any]:
    """The result as one object; effects are on the scale of the analysis, ``back_transformed`` on the reader's."""
    result: dict[str, Any] = {"measure": trials.measure, "scale": scale_of(trials.measure)}
    result |= _of_pooled(trials, whole, slice(None))
    result["notes"] += trials.notes
    if grouped:
        chosen = {name: np.array([one == name for one in trials.groups]) for name in grouped.groups}
        result["groups"] = [
            {"group": name, **_of_pooled(trials, one, chosen[name])} for name, one in grouped.groups.items()
        ]
        result["group_test"] = {"q": grouped.q, "q_df": grouped.q_df, "q_p": grouped.q_p}
    result["studies"] = list(_studies(trials, whole))
    return result


def _of_pooled(trials: Trials, one: Pooled, chosen: Any) -> dict[str, Any]:
    several = one.k > 1
    random = several and one.method != "EE"
    turn = back(trials.measure)
    ends = {name: getattr(one, name) for name in ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")}
    return {
        "k": one.k,
        "method": one.method,
        "test": one.test,
        "level": one.level,
        "estimate": one.estimate,
        "se": one.se,
        "ci_low": one.ci_low,
        "ci_high": one.ci_high,
        "p": one.p,
        "pi_low": one.pi_low,
        "pi_high": one.pi_high,
        "tau2": one.tau2 if several else None,
        "tau2_ci": tau2_interval(trials.yi[chosen], trials.vi[chosen]) if random else None,
        "i2": one.i2 if several else None,
        "h2": one.h2 if several else None,
        "q": one.q if several else None,
        "q_df": one.q_df,
        "q_p": one.q_p if several else None,
        "back_transformed": {name: _finite(turn(value)) if value is not None else None for name, value in ends.items()}
        if turn
        else None,
        "notes": [*one.notes],
    }


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def _studies(trials: Trials, whole: Pooled) -> Any:
    reach = distributions.normal_quantile(0.5 + LEVEL / 2)
    errors = np.sqrt(trials.vi)
    columns = (trials.yi, trials.vi, errors, trials.yi - reach * errors, trials.yi + reach * errors, whole.weights)
    for place, numbers in enumerate(zip(*[one.tolist() for one in columns], strict=True)):
        yield {
            "study": trials.studies[place],
            "line": trials.lines[place],
            **({"group": trials.groups[place]} if trials.groups else {}),
            **dict(zip(("yi", "vi", "se", "ci_low", "ci_high", "weight"), numbers, strict=True)),
        }


# --- Words -------------------------------------------------------------------------------------------------------


def _print(result: dict[str, Any]) -> None:
    print(f"{NAMES[result['measure']]}: {_studies_word(result['k'])}")
    _print_pooled(result)
    for one in result.get("groups", ()):
        print(f"{one['group']}: {_studies_word(one['k'])}")
        _print_pooled(one)
    if (test := result.get("group_test")) and test["q_p"] is not None:
        print(f"between groups: Q {test['q']:.2f}, df {test['q_df']}, p {_p(test['q_p'])}")


def _studies_word(k: int) -> str:
    return f"{k} stud{'y' if k == 1 else 'ies'}"


def _print_pooled(one: dict[str, Any]) -> None:
    seen = one["back_transformed"] or one
    print(f"  {one['method']}, {one['test']}: {_interval(seen, 'estimate', 'ci')}, p {_p(one['p'])}")
    if one["pi_low"] is not None:
        print(f"  prediction interval: {_number(seen['pi_low'])} to {_number(seen['pi_high'])}")
    if one["k"] > 1:
        ends = one["tau2_ci"]
        between = f" ({_number(ends[0])} to {_number(ends[1])})" if ends else ""
        print(f"  tau² {_number(one['tau2'])}{between}, I² {one['i2']:.1f} %, H² {one['h2']:.2f}")
        print(f"  Q {one['q']:.2f}, df {one['q_df']}, p {_p(one['q_p'])}")
    for note in one["notes"]:
        print(f"  {note}")


def _interval(one: dict[str, Any], middle: str, ends: str) -> str:
    return f"{_number(one[middle])} ({_number(one[f'{ends}_low'])} to {_number(one[f'{ends}_high'])})"


def _number(value: float | None) -> str:
    return "beyond all numbers" if value is None else f"{value:.4g}"


def _p(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"


# --- Drawings ----------------------------------------------------------------------------------------------------


def _drawn(trials: Trials, whole: Pooled, grouped: Grouped | None) -> Forest:
    if whole.k > MOST:
        raise BadInput(f"too many to draw; given: {whole.k} studies; allowed: {MOST}; use --json")
    rows = [
        Row(one["study"], one["yi"], one["ci_low"], one["ci_high"], one["weight"], one["se"])
        for one in _studies(trials, whole)
    ]
    groups = []
    for name, one in grouped.groups.items() if grouped else ():
        members = tuple(row for row, group in zip(rows, trials.groups, strict=True) if group == name)
        groups.append(Group(str(name), members, _summary(f"{name}: {one.method}", one)))
    measure = NAMES[trials.measure]
    name = f"{whole.method}, {whole.test}" if whole.k > 1 else "one study"
    return Forest(
        id="pool",
        title=f"{measure}: {_studies_word(whole.k)}",
        measure=measure,
        scale=scale_of(trials.measure),
        groups=tuple(groups) or (Group("", tuple(rows), None),),
        summary=_summary(f"Pooled ({name})", whole),
        heterogeneity=f"I² {whole.i2:.0f} %, tau² {whole.tau2:.3g}" if whole.k > 1 else "",
    )


def _summary(label: str, one: Pooled) -> Summary:
    return Summary(label, one.estimate, one.ci_low, one.ci_high, one.pi_low, one.pi_high)


def _write(out: Path, drawing: str) -> None:
    try:
        out.write_text(drawing, encoding="utf-8")
    except (OSError, ValueError) as error:
        given = getattr(error, "strerror", None) or error
        raise BadInput(f"cannot be written; where: {shown(str(out))}; given: {given}; allowed: a file name") from None
