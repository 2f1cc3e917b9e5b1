"""Every setting: what the process reads, and what it does."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from strigil.docs.markdown import table

SETTINGS: Mapping[str, str] = {
    "STRIGIL_DATA": "Folder for what Strigil keeps. Relative to the working directory unless it begins with a slash.",
    "STRIGIL_DATABASE": (
        "`sqlite:PATH` or `postgresql://user:password@host:port/name`; for a socket, "
        "`postgresql://user@/name?host=FOLDER`. Without it: `strigil.sqlite3` in `STRIGIL_DATA`."
    ),
    "STRIGIL_BACKUP_KEY": (
        "Path of the file whose first line is the passphrase of backups, for runs by a timer. Without it, and without "
        "`--key-file`, the passphrase is asked for."
    ),
    "STRIGIL_SECRET_KEY": "Signs sessions and forms; keep it secret. Needed: an empty one is refused.",
    "STRIGIL_HOSTS": "Host names under which the clinic is reached, with commas and no spaces.",
    "STRIGIL_ORIGINS": (
        "Origins that may send forms, such as `https://clinic.example`, with commas. Needed where a proxy changes the "
        "host or the scheme."
    ),
    "STRIGIL_TLS": (
        "`yes` where the clinic is reached over https: cookies are then sent over https only, browsers are told to "
        "stay on https, and `X-Forwarded-Proto` and the last address of `X-Forwarded-For`, as the proxy sets them, are "
        "believed."
    ),
    "STRIGIL_ADDRESS": (
        "Where patients reach Strigil, such as `https://strigil.clinic.example`: links in mail begin with it. Without "
        "it no check-in is mailed, and links on a page begin with the address under which that page was opened."
    ),
    "STRIGIL_MAIL": (
        "Where mail to patients goes: `smtp://user:password@host:587` (with STARTTLS), `smtps://user:password@host`, "
        "`file:/FOLDER` or `console`. Without it no mail is sent and the front desk hands out the link."
    ),
    "STRIGIL_MAIL_FROM": "The clinic's mail address, as the sender of mail and the organiser in calendar files.",
    "STRIGIL_WALLS": (
        "`yes` for the process that serves the web, on PostgreSQL, once `strigil walls` has been run: each request "
        "then sees the rows of one clinic, and the process does not start where it could see more. Commands go without."
    ),
    "STRIGIL_AUDIT_KEY": (
        "The file with the key that seals the log. Without it: beside the data folder, its name with `.audit-key` "
        "added. Made when the database is set up, for its owner alone; keep a copy apart from the backups."
    ),
    "STRIGIL_DEMO": "`yes` marks a demo clinic on every page and shows its sign-ins. Never for real patients.",
}
SETTINGS_FILE = Path(__file__).parents[1] / "settings.py"


def settings_page() -> str:
    """Every environment variable that the settings read."""
    found = settings_read()
    rows = [(f"`{name}`", default, SETTINGS.get(name, "Not explained.")) for name, default in found.items()]
    return "\n\n".join(
        [
            "# Settings",
            "Read from the environment when the process starts (`strigil/settings.py`). "
            "`strigil demo` sets what it needs itself.",
            table(("Variable", "Default", "What it does"), rows),
        ]
    )


def settings_read(source: Path = SETTINGS_FILE) -> dict[str, str]:
    """The environment variables that the settings read, with their defaults as a reader writes them."""
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            found[ast.literal_eval(node.slice)] = "none; needed"
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "os.getenv"):
            name, *default = node.args
            found[ast.literal_eval(name)] = _given(default[0]) if default else "none"
    return dict(sorted(found.items()))


def _given(default: ast.expr) -> str:
    if isinstance(default, ast.Constant):
        return f"`{default.value!s}`" if default.value else "empty"
    return "see text"


def unexplained() -> Iterator[str]:
    read = settings_read()
    for name in sorted(read.keys() - SETTINGS.keys()):
        yield (
            f"strigil/settings.py: reads {name}, which docs/reference/settings.md does not explain; "
            "add it to SETTINGS in strigil/docs/settings.py"
        )
    for name in sorted(SETTINGS.keys() - read.keys()):
        yield f"strigil/docs/settings.py: SETTINGS explains {name}, which strigil/settings.py does not read; remove it"
