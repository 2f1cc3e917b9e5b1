"""``strigil let-in``: for whoever runs the server, where no owner can."""

from __future__ import annotations

import argparse
from typing import Any

from strigil.cli.base import BadInput, print_json, shown, use_record


def add_to(commands: Any) -> None:
    """The sub-command."""
    one = commands.add_parser("let-in", help="a link to a new password, where no owner can", description=run.__doc__)
    one.add_argument("username", metavar="USERNAME", help="under which the person signs in")
    one.add_argument("--forget-second-factor", action="store_true", help="phone and codes are lost: set up anew")
    one.add_argument("--json", action="store_true", help="print one JSON object")
    one.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print a link by which somebody chooses a new password, once, within the hour. Be sure who asks."""
    use_record()
    from django.conf import settings
    from django.urls import reverse

    from strigil.accounts.audit.said import BY_COMMAND, Said, saying
    from strigil.accounts.models import User
    from strigil.clinic.actions import people

    user = User.objects.filter(username=arguments.username, is_active=True).select_related("clinic").first()
    if user is None:
        given = shown(arguments.username)
        raise BadInput(f"nobody may be let in; where: USERNAME; given: {given}; allowed: somebody who is switched on")
    with saying(Said(role=BY_COMMAND)):
        link = people.let_in(user=user, forget=arguments.forget_second_factor)
    address = f"{settings.ADDRESS}{reverse('one_time_link', args=[link])}"
    if arguments.json:
        print_json({"username": user.username, "link": address})
    else:
        print(f"{user.display_name} chooses a new password here, once, within the hour:\n{address}")
    return 0
