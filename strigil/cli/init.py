"""``strigil init``: a new clinic, its first owner, and the file of settings and keys that the server reads."""

from __future__ import annotations

import argparse
import getpass
import os
import secrets
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from strigil.cli.base import BadInput, print_json, shown, use_django

SETTINGS = "strigil.env"
BACKUP_KEY = "backup-key"
AUDIT_KEY = "audit-key"
Wrong = Callable[[str], Sequence[str]]


def add_to(commands: Any) -> None:
    """The sub-command."""
    one = commands.add_parser("init", help="make a clinic and its first owner", description=run.__doc__)
    one.add_argument("--clinic", metavar="NAME", help="the clinic's name")
    one.add_argument("--time-zone", metavar="ZONE", help="where it is, such as Europe/London")
    one.add_argument("--owner", metavar="NAME", help="the first owner's name")
    one.add_argument("--qualification", metavar="WORDS", default="", help="the owner's, such as PT")
    one.add_argument("--sign-in", metavar="NAME", help="under which the owner signs in")
    one.add_argument("--password-file", metavar="FILE", help="its first line is the owner's password; - is stdin")
    one.add_argument("--address", metavar="URL", help="where it is reached, such as https://clinic.example")
    one.add_argument("--keys", type=Path, metavar="DIR", help=f"where {SETTINGS} and {BACKUP_KEY} go (STRIGIL_DATA)")
    one.add_argument("--json", action="store_true", help="print one JSON object")
    one.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make a clinic and its owner in an empty database, with the keys it needs. What is not given is asked for. Where
    STRIGIL_SECRET_KEY is set, the settings are yours already and no file is written."""
    os.umask(0o077)
    home = None if os.environ.get("STRIGIL_SECRET_KEY") else _folder(arguments)
    os.environ |= {} if home is None else _settings(home, "")
    use_django()
    from strigil.keep import begin

    begin.check_may_begin()
    clinic = _asked(arguments.clinic, "--clinic", "The clinic's name", begin.wrong_with_name)
    zone = _asked(arguments.time_zone, "--time-zone", "Its time zone, such as Europe/London", begin.wrong_with_zone)
    name = _asked(arguments.owner, "--owner", "The first owner's name", begin.wrong_with_name)
    sign_in = _asked(arguments.sign_in, "--sign-in", "The owner signs in as", begin.wrong_with_sign_in)
    owner = begin.Owner(sign_in, name, arguments.qualification)
    password = _password(arguments.password_file, lambda given: begin.wrong_with_password(given, owner))
    files = [] if home is None else [*_write(home, _settings(home, _address(arguments.address))), *_key_of_log()]
    try:
        begin.begin(clinic, zone, owner, password)
    except BaseException:
        for one in files:
            one.unlink()
        raise
    _say(arguments, clinic, sign_in, files)
    return 0


def _say(arguments: argparse.Namespace, clinic: str, sign_in: str, files: Sequence[Path]) -> None:
    if arguments.json:
        print_json({"clinic": clinic, "sign_in": sign_in, "files": [str(one) for one in files]})
        return
    print(f"{shown(clinic)} is ready; its owner signs in as {sign_in}.")
    for one in files:
        print(f"written: {shown(str(one))}")
    if files:
        print("Keep a copy of these files away from this machine: without them no backup and no log opens.")


# --- What is asked ----------------------------------------------------------------------------------------------


def _asked(given: str | None, option: str, words: str, wrong: Wrong) -> str:
    """What the option says; else what is typed, asked for until it will do."""
    if given is not None:
        if faults := wrong(given):
            raise BadInput(f"cannot be used; where: {option}; given: {shown(given)!r}; {' '.join(faults)}")
        return given
    if not sys.stdin.isatty():
        raise BadInput(f"missing; where: {option}; given: nothing; allowed: see strigil init --help")
    while faults := wrong(typed := input(f"{words}: ").strip()):
        print(" ".join(faults), file=sys.stderr)
    return typed


def _password(file: str | None, wrong: Wrong) -> str:
    if file is None and not sys.stdin.isatty():
        raise BadInput("missing; where: --password-file; given: nothing; allowed: a file, or - for standard input")
    if file is not None:
        given = (sys.stdin.readline() if file == "-" else _first_line(Path(file))).rstrip("\r\n")
        if faults := wrong(given):
            raise BadInput(f"cannot be used; where: the password; given: {len(given)} letters; {' '.join(faults)}")
        return given
    while True:
        typed = getpass.getpass("The owner's password: ")
        faults = wrong(typed) or ([] if typed == getpass.getpass("Once more: ") else ["Not the same twice."])
        if not faults:
            return typed
        print(" ".join(faults), file=sys.stderr)


def _first_line(file: Path) -> str:
    with file.open(encoding="utf-8") as reading:
        return reading.readline()


def _address(given: str | None) -> str:
    return _asked(given, "--address", "Where it is reached, such as https://clinic.example", _wrong_with_address)


def _wrong_with_address(address: str) -> Sequence[str]:
    parts = urlsplit(address)
    only = parts.scheme == "https" and parts.hostname and address == f"https://{parts.netloc}"
    return [] if only else ["allowed: https://HOST, without a path"]


# --- What is written --------------------------------------------------------------------------------------------


def _folder(arguments: argparse.Namespace) -> Path:
    """Where the keys go; nothing that is there is overwritten."""
    home: Path = (arguments.keys or Path(os.environ.get("STRIGIL_DATA", "strigil-data"))).resolve()
    for one in (home / SETTINGS, home / BACKUP_KEY, home / AUDIT_KEY):
        if one.exists():
            raise BadInput(
                f"is there already; where: --keys; given: {shown(str(one))}; allowed: a folder without it, or its "
                "settings in the environment"
            )
    return home


def _settings(home: Path, address: str) -> dict[str, str]:
    """Every setting of the new clinic: those of the environment, and those that are made here."""
    data = Path(os.environ.get("STRIGIL_DATA", "strigil-data")).resolve()
    made = {
        "STRIGIL_DATABASE": f"sqlite:{data / 'strigil.sqlite3'}",
        "STRIGIL_SECRET_KEY": secrets.token_urlsafe(50),
        "STRIGIL_BACKUP_KEY": str(home / BACKUP_KEY),
        "STRIGIL_AUDIT_KEY": str(home / AUDIT_KEY),
    }
    if address:
        hosts = f"{urlsplit(address).hostname},127.0.0.1,localhost"
        made |= {"STRIGIL_ADDRESS": address, "STRIGIL_HOSTS": hosts, "STRIGIL_TLS": "yes"}
    given = {name: value for name, value in os.environ.items() if name.startswith("STRIGIL_") and value}
    settings = made | given | {"STRIGIL_DATA": str(data)}
    for name, value in settings.items():
        if "'" in value or not value.isprintable():
            raise BadInput(
                f"cannot stand in a file; where: {name}; given: {shown(value)!r}; allowed: one line without quotes"
            )
    return dict(sorted(settings.items()))


def _write(home: Path, settings: dict[str, str]) -> list[Path]:
    """Files for their owner alone, which a shell and systemd read alike."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
    texts = {home / SETTINGS: lines, home / BACKUP_KEY: f"{secrets.token_urlsafe(30)}\n"}
    for path, text in texts.items():
        with path.open("x", encoding="utf-8") as file:
            path.chmod(0o600)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    return list(texts)


def _key_of_log() -> list[Path]:
    """Where the settings name a key that is there already, nothing is written."""
    from strigil.accounts.audit import keys

    if keys.place().exists():
        return []
    keys.make()
    return [keys.place()]
