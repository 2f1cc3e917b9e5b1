"""``strigil check-ins send``: for cron or a systemd timer, every ten minutes or so."""

from __future__ import annotations

import argparse

from strigil.cli.base import BadInput, print_json, use_record


def send(arguments: argparse.Namespace) -> int:
    """Mail the links of the check-ins that are open now to those who agreed; run it as often as you like."""
    use_record()
    from django.conf import settings

    for name in ("MAIL", "ADDRESS"):
        if not getattr(settings, name):
            raise BadInput(f"no mail can be sent; where: STRIGIL_{name}; given: nothing; allowed: see the settings")
    from django.utils import timezone

    from strigil.clinic.check_in_mail import send_all

    counts = send_all(timezone.now())
    if arguments.json:
        print_json({"sent": counts.sent, "failed": counts.failed, "later": counts.later})
    else:
        print(f"{counts.sent} sent, {counts.failed} failed, {counts.later} wait for the morning")
    return 1 if counts.failed else 0
