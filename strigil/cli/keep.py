"""``strigil backup``, ``restore`` and ``check``; ``export`` and ``import``; patients and appointments from CSV."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strigil.cli.base import BadInput, print_json, read_small, shown, there, use_django, use_record

if TYPE_CHECKING:
    from strigil.accounts.models import Clinic
    from strigil.keep.archive import Manifest
    from strigil.keep.sheet import Problem, Report

SHORTEST = 12


def add_to(commands: Any) -> None:
    """The sub-commands of this module."""
    one = commands.add_parser("backup", help="keep everything in one sealed file", description=backup.__doc__)
    one.add_argument("to", type=Path, metavar="DEST", help="a folder, or the name of the file")
    _sealed(one)
    one.set_defaults(run=backup)

    one = commands.add_parser("restore", help="bring a backup back, into a new database", description=restore.__doc__)
    one.add_argument("file", type=Path, metavar="FILE", help="a backup")
    _sealed(one)
    one.set_defaults(run=restore)

    one = commands.add_parser(
        "check", help="look whether the database, or a backup, is sound", description=check.__doc__
    )
    one.add_argument("file", type=Path, metavar="FILE", nargs="?", help="a backup, instead of the database")
    _sealed(one)
    one.set_defaults(run=check)

    one = commands.add_parser("export", help="write a clinic's record as CSV and JSON", description=export.__doc__)
    one.add_argument("to", type=Path, metavar="DIR", help="a new folder")
    one.add_argument("--clinic", metavar="NAME", help="which, where the database holds several")
    _reports(one)
    one.set_defaults(run=export)

    one = commands.add_parser("import", help="read such a folder into a new database", description=bring_in.__doc__)
    one.add_argument("folder", type=Path, metavar="DIR", help="what strigil export has written")
    _reports(one)
    one.set_defaults(run=bring_in)

    one = commands.add_parser("import-patients", help="register patients from a CSV", description=patients.__doc__)
    _sheet(one)
    one.add_argument(
        "--twice",
        choices=("leave-out", "register"),
        default="",
        help="what to do with somebody who may be registered already",
    )
    one.set_defaults(run=patients)

    one = commands.add_parser(
        "import-appointments", help="book appointments from a CSV", description=appointments.__doc__
    )
    _sheet(one)
    one.set_defaults(run=appointments)


def _sealed(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--key-file",
        type=Path,
        metavar="KEY",
        help="a file with the passphrase, - for what is piped in (STRIGIL_BACKUP_KEY)",
    )
    _reports(one)


def _sheet(one: argparse.ArgumentParser) -> None:
    one.add_argument("file", type=Path, metavar="FILE.csv", help="as the other system exported it")
    one.add_argument("--by", required=True, metavar="USERNAME", help="who imports, in whose clinic")
    one.add_argument("--dates", choices=("dmy", "mdy", "ymd"), default="", help="the order of day, month and year")
    one.add_argument("--encoding", choices=("utf-8", "cp1252"), default="utf-8", help="of the file (utf-8)")
    one.add_argument(
        "--column", action="append", default=[], metavar="NAME=HEADING", help="which column is what; may be repeated"
    )
    one.add_argument("--write", action="store_true", help="do it; without it, only say what would be done")
    _reports(one)


def _reports(one: argparse.ArgumentParser) -> None:
    one.add_argument("--json", action="store_true", help="print one JSON object")


def backup(arguments: argparse.Namespace) -> int:
    """Write everything the database holds to one sealed file, while the clinic goes on working, and read it back."""
    use_record(of_any_version=True)
    from strigil.keep.backup import back_up

    path, manifest = back_up(arguments.to, _passphrase(arguments, twice=True))
    _print(arguments, {"file": str(path), **_summary(manifest)})
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """Prove a whole backup, then bring it into a new database of either kind. Nothing is ever overwritten."""
    use_django()
    from strigil.keep.restore import restore as restore_

    manifest, wrong = restore_(there(arguments.file, "a backup"), _passphrase(arguments))
    for one in wrong:
        print(f"strigil: the record is restored, but its log does not hold: {one}", file=sys.stderr)
    _print(arguments, {"file": str(arguments.file), **_summary(manifest)})
    return 1 if wrong else 0


def check(arguments: argparse.Namespace) -> int:
    """Prove every part of a backup without restoring it; without FILE, look at the database and its settings."""
    use_django()
    if arguments.file is not None:
        from strigil.keep.archive import verified

        with there(arguments.file, "a backup").open("rb") as file:
            manifest = verified(file, _passphrase(arguments))
        _print(arguments, {"file": str(arguments.file), **_summary(manifest)})
        return 0
    from strigil.keep.check import check_database

    use_record(of_any_version=True)
    looked = check_database()
    if arguments.json:
        print_json({"sound": not any(one.wrong for one in looked), "looked_at": {one.at: one.wrong for one in looked}})
    else:
        for one in looked:
            print(f"{one.at}: {one.wrong or 'sound'}")
    return 1 if any(one.wrong for one in looked) else 0


def export(arguments: argparse.Namespace) -> int:
    """Write everything of a clinic as CSV and JSON lines with a codebook. The folder is not sealed: keep it safe."""
    use_record(of_any_version=True)
    from strigil.keep.folder import export as export_

    manifest = export_(arguments.to, _clinic(arguments.clinic))
    _print_rows(arguments, arguments.to, manifest.rows, "exported")
    return 0


def bring_in(arguments: argparse.Namespace) -> int:
    """Read what strigil export has written into a new database. Everybody needs a new password afterwards."""
    use_django()
    from strigil.keep.folder import bring_in as bring_in_

    manifest = bring_in_(arguments.folder)
    _print_rows(arguments, arguments.folder, manifest.rows, "imported")
    return 0


def patients(arguments: argparse.Namespace) -> int:
    """Register everybody in a CSV: all of them or, where a row has a problem, nobody. Without --write, a dry run."""
    use_record()
    from strigil.keep.people import import_patients, user_named

    return _taken(
        arguments,
        import_patients(
            there(arguments.file, "a CSV"),
            by=user_named(arguments.by),
            named=_columns(arguments.column),
            dates=arguments.dates,
            twice=arguments.twice,
            encoding=arguments.encoding,
            write=arguments.write,
        ),
    )


def appointments(arguments: argparse.Namespace) -> int:
    """Book what is still to come of a CSV: all of it or, where a row has a problem, nothing. Without --write, a dry
    run."""
    use_record()
    from strigil.keep.people import import_appointments, user_named

    return _taken(
        arguments,
        import_appointments(
            there(arguments.file, "a CSV"),
            by=user_named(arguments.by),
            named=_columns(arguments.column),
            dates=arguments.dates,
            encoding=arguments.encoding,
            write=arguments.write,
        ),
    )


def _columns(given: list[str]) -> dict[str, str]:
    if bad := [one for one in given if "=" not in one]:
        raise BadInput(f"no =; where: --column; given: {bad[0]!r}; allowed: NAME=HEADING, such as born=DOB")
    return dict(one.split("=", 1) for one in given)


def _taken(arguments: argparse.Namespace, report: Report) -> int:
    if arguments.json:
        print_json(report.to_json())
        return 1 if report.problems else 0
    for name, heading in report.columns.items():
        print(f"{name} is read from {heading}")
    for heading in report.not_read:
        print(f"not read: {heading}")
    for one in report.left_out:
        print(f"row {one.row} is left out: {_cell(one)}{one.why}")
    for one in report.problems:
        print(f"row {one.row}: {_cell(one)}{one.why}")
    done = "written" if report.written else "in order; nothing was written"
    bad = len({one.row for one in report.problems})
    print(f"{report.rows} rows, {report.taken} {done}, {len(report.left_out)} left out, {bad} to mend")
    return 1 if report.problems else 0


def _cell(one: Problem) -> str:
    return f"{one.column}, given {one.given!r}: " if one.column else ""


# --- What they share --------------------------------------------------------------------------------------------


def _passphrase(arguments: argparse.Namespace, *, twice: bool = False) -> bytes:
    """The first line of the key file; else what is typed, twice where it seals."""
    from django.conf import settings

    named = arguments.key_file or (Path(settings.BACKUP_KEY) if settings.BACKUP_KEY else None)
    if named is not None:
        given = read_small(str(named), "a file with the passphrase").split(b"\n", 1)[0].strip()
    elif sys.stdin.isatty():
        given = getpass.getpass("Passphrase of the backup: ").encode()
        if twice and given != getpass.getpass("Once more: ").encode():
            raise BadInput("not the same twice; where: the passphrase; given: two; allowed: one")
    else:
        raise BadInput("no passphrase; where: --key-file; given: nothing; allowed: a file, or a terminal to type it in")
    if len(given) < SHORTEST:
        raise BadInput(f"too short; where: the passphrase; given: {len(given)} bytes; allowed: {SHORTEST} or more")
    return given


def _clinic(name: str | None) -> Clinic:
    from strigil.accounts.models import Clinic

    found = list(Clinic.objects.filter(name=name) if name else Clinic.objects.all())
    if len(found) == 1:
        return found[0]
    names = ", ".join(sorted(repr(one.name) for one in Clinic.objects.all())) or "none"
    raise BadInput(f"not one clinic; where: --clinic; given: {name!r}; allowed: {names}")


def _summary(manifest: Manifest) -> dict[str, Any]:
    return {
        "made_at": manifest.made_at,
        "version": manifest.version,
        "database": manifest.database,
        "demo": manifest.demo,
        "knowledge": manifest.knowledge_version,
        "rows": {one.table.name: one.rows for one in manifest.tables},
        "parts": {one.name: one.sha256 for one in manifest.parts},
    }


def _print(arguments: argparse.Namespace, result: dict[str, Any]) -> None:
    if arguments.json:
        print_json(result)
        return
    rows = sum(result["rows"].values())
    print(f"{shown(result['file'])}: {rows:,} rows as of {result['made_at']}, every part proven")


def _print_rows(arguments: argparse.Namespace, folder: Path, rows: dict[str, int], done: str) -> None:
    if arguments.json:
        print_json({"folder": str(folder), "rows": rows})
    else:
        print(f"{shown(str(folder))}: {sum(rows.values()):,} rows {done}")
