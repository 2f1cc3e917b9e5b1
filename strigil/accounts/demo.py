"""Who signs in to the demo clinic. Passwords are public on purpose: nobody here exists.

Imports no Django, so that the demo server can print the table without loading the application.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class SignIn:
    username: str
    password: str
    display_name: str
    qualification: str
    role: str


SIGN_INS = (
    SignIn("owner", "strigil-demo-owner", "Tamsin Quillfeather", "PT, clinic lead", "owner"),
    SignIn("clinician", "strigil-demo-clinician", "Ravindu Askerholm", "PT", "clinician"),
    SignIn("clinician2", "strigil-demo-clinician2", "Solveig Marrowby", "DC", "clinician"),
    SignIn("assistant", "strigil-demo-assistant", "Joaquín Velderrama", "PTA", "assistant"),
    SignIn("front_desk", "strigil-demo-front-desk", "Perpetua Lindqvane", "", "front_desk"),
    SignIn("auditor", "strigil-demo-auditor", "Ottoline Brackwater", "Records auditor", "auditor"),
)
"""Roles are the words of ``strigil.accounts.models.Role``; a test holds them together."""


def sign_ins() -> list[dict[str, str]]:
    """The demo sign-ins, for the sign-in page of a demo clinic."""
    return [asdict(one) for one in SIGN_INS]


def table() -> str:
    """The sign-ins as lines for a terminal."""
    head = ("user name", "password", "who")
    rows = [
        (one.username, one.password, ", ".join(filter(None, (one.display_name, one.qualification)))) for one in SIGN_INS
    ]
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(2)]
    return "\n".join(f"  {row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}" for row in (head, *rows))
