"""The ``strigil`` command: one function for each sub-command.

Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 a fault was found, 2 the input is wrong.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from strigil.cli import audit, check_ins, init, keep, let_in, measure, questionnaire, screen, walls
from strigil.cli.base import BadInput, database_fault, print_json, shown
from strigil.keep.faults import Unable


def main(argv: Sequence[str] | None = None) -> int:
    """Run one sub-command and return its exit code."""
    arguments = _parser().parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter is no reason to fail
    try:
        return int(arguments.run(arguments))
    except BadInput as error:
        print(f"strigil: {error}", file=sys.stderr)
        return 2
    except Unable as error:
        print(f"strigil: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except OSError as error:
        print(f"strigil: {error.strerror}; where: {shown(str(error.filename or 'a file'))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if not (said := database_fault(error)):
            raise
        print(f"strigil: {said}", file=sys.stderr)
        return 1


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the command in one line."""

    def error(self, message: str) -> NoReturn:
        print(f"strigil: {message}; allowed: see {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="strigil", description="The open clinical system for IASTM.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    one = commands.add_parser("demo", help="start the demo clinic", description=demo.__doc__)
    one.add_argument("--port", type=_port, default=8000, metavar="N", help="where it listens (8000)")
    one.add_argument("--data", type=Path, default=Path(".demo"), metavar="DIR", help="where the demo clinic is kept")
    one.add_argument("--seed", type=int, default=1, help="another seed makes another clinic")
    one.add_argument("--fresh", action="store_true", help="make the demo clinic anew; the old one is moved aside")
    one.add_argument("--no-browser", action="store_true", help="do not open a browser")
    one.set_defaults(run=demo)

    one = commands.add_parser("serve", help="serve a live clinic", description=serve.__doc__)
    one.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where it listens (127.0.0.1)")
    one.add_argument("--port", type=_port, default=8000, metavar="N", help="where it listens (8000)")
    one.add_argument("--workers", type=_workers, metavar="N", help="processes that answer (one a core, at most 4)")
    one.set_defaults(run=serve)

    one = commands.add_parser("knowledge", help="check the shelf and count it", description=knowledge.__doc__)
    one.add_argument("--json", action="store_true", help="print one JSON object")
    one.add_argument("--home", type=Path, default=None, metavar="DIR", help="another shelf than the one shipped")
    one.set_defaults(run=knowledge)
    several = one.add_subparsers(title="commands", metavar="COMMAND")
    one = several.add_parser("add-study", help="put a study on the shelf, step by step", description=_add_study.__doc__)
    one.add_argument(
        "--from", dest="file", metavar="FILE.yaml", help="a file, or - for standard input: nothing is asked"
    )
    one.add_argument(
        "--draft", type=Path, default=Path("add-study.draft"), metavar="FILE", help="answers so far (add-study.draft)"
    )
    one.add_argument("--home", type=Path, default=None, metavar="DIR", help="another shelf than the one shipped")
    one.set_defaults(run=_add_study)

    one = commands.add_parser("screen", help="decide about one case, or about many", description=screen.run.__doc__)
    one.add_argument("case", metavar="CASE.json", help="a file, or - for standard input")
    one.add_argument("--json", action="store_true", help="print one JSON object")
    one.add_argument("--many", action="store_true", help="the file has one case a line; results go to --out")
    one.add_argument("--out", type=Path, metavar="RESULTS", help="with --many: a file that ends in .ndjson or .parquet")
    one.set_defaults(run=screen.run)

    one = commands.add_parser("audit", help="verify the log of who saw and changed what", description=audit.run.__doc__)
    one.add_argument("do", choices=("verify", "anchor", "new-key"), help="what to do")
    one.add_argument("--json", action="store_true", help="print one JSON object")
    one.add_argument("--rows", action="store_true", help="verify: hold every row of the record against the log too")
    one.add_argument("--anchors", type=Path, metavar="FILE", help="where the log was anchored (beside the key)")
    one.set_defaults(run=audit.run)
    one = commands.add_parser("measure", help="judge readings over time", description=measure.run.__doc__)
    one.add_argument("readings", metavar="FILE.csv", help="a file, or - for standard input")
    one.add_argument("--json", action="store_true", help="print one JSON object")
    one.set_defaults(run=measure.run)
    one = commands.add_parser("check-ins", help="the questions of the day after a visit", description=check_ins.__doc__)
    several = one.add_subparsers(title="commands", required=True, metavar="COMMAND")
    one = several.add_parser("send", help="mail the links that are due", description=check_ins.send.__doc__)
    one.add_argument("--json", action="store_true", help="print one JSON object")
    one.set_defaults(run=check_ins.send)
    let_in.add_to(commands)

    one = commands.add_parser(
        "questionnaire", help="check a questionnaire before it is loaded", description=questionnaire.run.__doc__
    )
    one.add_argument("file", metavar="FILE.json", help="a file, or - for standard input")
    one.add_argument("--measure", required=True, metavar="ID", help="which measure it is, as on the shelf")
    one.add_argument("--json", action="store_true", help="print one JSON object")
    one.set_defaults(run=questionnaire.run)
    one = commands.add_parser("pool", help="pool trials from a file", description=_pool.__doc__)
    one.add_argument("file", metavar="FILE.csv", help="one study a line, or - for standard input")
    one.add_argument("--measure", default="SMD", metavar="SMD", help="MD, SMD, ROM, OR, RR, RD, COR, ZCOR or GEN (SMD)")
    one.add_argument("--method", default="REML", help="EE, DL, PM, ML, REML, EB, HS, HE or SJ (REML)")
    one.add_argument("--test", default="z", help="z, knha (Hartung and Knapp) or adhoc (it, never narrower) (z)")
    one.add_argument("--by", metavar="COLUMN", help="pool each group of this column by itself too")
    one.add_argument("--json", action="store_true", help="print one JSON object")
    one.add_argument("--forest", type=Path, metavar="OUT.svg", help="draw a forest plot")
    one.add_argument("--funnel", type=Path, metavar="OUT.svg", help="draw a funnel plot")
    one.add_argument("--narrow", action="store_true", help="draw for a phone")
    one.set_defaults(run=_pool)
    keep.add_to(commands)
    init.add_to(commands)
    one = commands.add_parser("walls", help="part the clinics in PostgreSQL itself", description=walls.run.__doc__)
    one.add_argument("--role", required=True, metavar="ROLE", help="as which the web serves; it must be there")
    one.add_argument("--json", action="store_true", help="print one JSON object")
    one.set_defaults(run=walls.run)
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"given {text!r}; allowed: 1 to 65535")
    return int(text)


def _workers(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"given {text!r}; allowed: 1 to 64")
    return int(text)


def _pool(arguments: argparse.Namespace) -> int:
    """Pool the trials of a CSV file: one study a line, under a line that names the columns. Defaults are metafor's."""
    from strigil.cli import pool

    return pool.run(arguments)


def _add_study(arguments: argparse.Namespace) -> int:
    """Put a study on the shelf: what was read of it, and on which page each number was read.

    Every answer is checked and kept at once. Ctrl-C ends; the same command goes on where it was left. An empty answer
    means: not read. "<" takes the last answer back.
    """
    from strigil.cli import add_study

    return add_study.run(arguments)


def demo(arguments: argparse.Namespace) -> int:
    """Start the demo clinic: made-up people, real pages, SQLite. Ctrl-C ends it."""
    from strigil.demo import serve

    return serve.run(
        data=arguments.data,
        port=arguments.port,
        seed=arguments.seed,
        fresh=arguments.fresh,
        browser=not arguments.no_browser,
    )


def serve(arguments: argparse.Namespace) -> int:
    """Serve a live clinic behind a proxy that speaks https. On SIGTERM it finishes the requests it has, and ends."""
    from strigil.serve.run import run

    return run(host=arguments.host, port=arguments.port, workers=arguments.workers or min(4, os.cpu_count() or 1))


def knowledge(arguments: argparse.Namespace) -> int:
    """Read the whole shelf, say how much is on it, and fail on any fault."""
    from strigil.knowledge import KnowledgeError, load
    from strigil.knowledge.load import HOME

    home = arguments.home or HOME
    if not home.is_dir():
        raise BadInput(f"no shelf; where: --home; given: {shown(str(home))!r}; allowed: a folder of knowledge files")
    try:
        shelf = load(home.resolve())
    except KnowledgeError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        print(f"{len(error.faults)} fault{'s' * (len(error.faults) != 1)}", file=sys.stderr)
        return 1
    if arguments.json:
        print_json({"version": shelf.version, "sha256": shelf.sha256, "counts": shelf.counts()})
        return 0
    width = max(len(kind) for kind in shelf.counts())
    for kind, count in shelf.counts().items():
        print(f"{kind:<{width}}  {count:>4}")
    print(f"{'version':<{width}}  {shelf.version}")
    print(f"{'sha256':<{width}}  {shelf.sha256}")
    return 0
