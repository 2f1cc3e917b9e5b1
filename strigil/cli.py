"""The ``strigil`` command: one function for each sub-command.

Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 a fault was found, 2 the input is wrong.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MOST_BYTES = 16 * 1024 * 1024


class BadInput(Exception):
    """What was given cannot be used; one line says why."""


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
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="strigil", description="The open clinical system for IASTM.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    one = commands.add_parser("demo", help="start the demo clinic", description=demo.__doc__)
    one.add_argument("--port", type=_port, default=8000, metavar="N")
    one.add_argument("--data", type=Path, default=Path(".demo"), metavar="DIR", help="where the demo clinic is kept")
    one.add_argument("--seed", type=int, default=1, help="another seed makes another clinic")
    one.add_argument("--fresh", action="store_true", help="make the demo clinic anew; the old one is moved aside")
    one.add_argument("--no-browser", action="store_true", help="do not open a browser")
    one.set_defaults(run=demo)

    one = commands.add_parser("knowledge", help="check the shelf and count it", description=knowledge.__doc__)
    one.add_argument("--json", action="store_true")
    one.add_argument("--home", type=Path, default=None, metavar="DIR", help="another shelf than the one shipped")
    one.set_defaults(run=knowledge)

    one = commands.add_parser("screen", help="decide about one case", description=screen.__doc__)
    one.add_argument("case", metavar="CASE.json", help="a file, or - for standard input")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=screen)
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"given {text!r}; allowed: 1 to 65535")
    return int(text)


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


def knowledge(arguments: argparse.Namespace) -> int:
    """Read the whole shelf, say how much is on it, and fail on any fault."""
    from strigil.knowledge import KnowledgeError, load
    from strigil.knowledge.load import HOME

    home = arguments.home or HOME
    if not home.is_dir():
        raise BadInput(f"no shelf; where: --home; given: {str(home)!r}; allowed: a folder of knowledge files")
    try:
        shelf = load(home.resolve())
    except KnowledgeError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        print(f"{len(error.faults)} fault{'s' * (len(error.faults) != 1)}", file=sys.stderr)
        return 1
    if arguments.json:
        _print_json({"version": shelf.version, "sha256": shelf.sha256, "counts": shelf.counts()})
        return 0
    width = max(len(kind) for kind in shelf.counts())
    for kind, count in shelf.counts().items():
        print(f"{kind:<{width}}  {count:>4}")
    print(f"{'version':<{width}}  {shelf.version}")
    print(f"{'sha256':<{width}}  {shelf.sha256}")
    return 0


def screen(arguments: argparse.Namespace) -> int:
    """Decide about one case: outcome, reasons with their sources, and what is still unasked."""
    from strigil.knowledge import load
    from strigil.pathway.screen import screen as decide
    from strigil.pathway.screen_json import CaseError, case_from_json, decision_to_json

    shelf = load()
    try:
        case = case_from_json(_read_json(arguments.case), shelf)
    except CaseError as error:
        raise BadInput(str(error)) from None
    result = decision_to_json(decide(case, shelf), shelf)
    if arguments.json:
        _print_json(result)
    else:
        _print_decision(result)
    return 0


def _print_decision(result: dict[str, Any]) -> None:
    print(f"outcome: {result['outcome']}{'' if result['complete'] else ' (questions are open)'}")
    for site in result["sites"]:
        print(f"  {site['region']}, {site['side']}: {site['outcome']}")
    for reason in result["reasons"]:
        print(f"- {reason['outcome']}: {reason['title']}. {reason['why']} ({len(reason['sources'])} sources)")
    if result["unasked"]:
        print(f"still to ask ({len(result['unasked'])}):")
    for one in result["unasked"]:
        print(f"- could be {one['could_be']}: {one['question']}")


def _read_json(name: str) -> object:
    """One JSON value from a file or standard input, with repeated keys, NaN and oversize refused."""
    try:
        raw = sys.stdin.buffer.read(MOST_BYTES + 1) if name == "-" else _read_bytes(Path(name))
    except (OSError, ValueError) as error:
        given = getattr(error, "strerror", None) or error
        raise BadInput(f"cannot be read; where: {_shown(name)}; given: {given}; allowed: a JSON file") from None
    name = _shown(name)
    if len(raw) > MOST_BYTES:
        raise BadInput(f"too large; where: {name}; given: more than {MOST_BYTES} bytes; allowed: {MOST_BYTES} bytes")
    try:
        text = raw.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_no_repeats, parse_constant=_no_constants)
    except UnicodeDecodeError as error:
        raise BadInput(f"not UTF-8; where: {name}, byte {error.start}; given: other bytes; allowed: UTF-8") from None
    except json.JSONDecodeError as error:
        where = f"{name}, line {error.lineno}, column {error.colno}"
        raise BadInput(f"not JSON; where: {where}; given: {error.msg}; allowed: one JSON object") from None
    except RecursionError:
        raise BadInput(f"nested too deeply; where: {name}; given: too many levels; allowed: a few") from None
    except ValueError as error:
        raise BadInput(f"not usable JSON; where: {name}; given: {error}; allowed: one JSON object") from None


def _shown(name: str) -> str:
    """A file's name on one line, shortened from the front."""
    text = "".join(mark if mark.isprintable() else "?" for mark in name)
    return text if len(text) <= 200 else "…" + text[-200:]


def _read_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = dict(pairs)
    if len(seen) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"key {twice[:80]!r} is repeated")
    return seen


def _no_constants(name: str) -> object:
    raise ValueError(f"{name} is not a number that JSON has")


def _print_json(value: object) -> None:
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(value, ensure_ascii=not utf8, indent=2))


if __name__ == "__main__":
    sys.exit(main())
