"""Set how the clinic's payer counts minutes."""

from __future__ import annotations

from collections.abc import Collection

from strigil.accounts.models import User
from strigil.clinic.actions.base import Refused, action, audit
from strigil.clinic.minutes import minute_kinds
from strigil.clinic.models import PayerSetting
from strigil.knowledge import load
from strigil.knowledge.shapes import PayerRule


@action
def set_payer_rule(*, by: User, rule: str, counted: Collection[str]) -> PayerSetting:
    """Have units suggested by a payer's rule for the minutes of some kinds; no rule, no suggestion."""
    if rule and rule not in load().shelf(PayerRule):
        raise Refused(f"{rule!r} is not a payer's rule on the shelf.", "rule")
    if unknown := set(counted) - minute_kinds().keys():
        raise Refused(f"{unknown.pop()!r} is not a kind of minutes.", "counted")
    if rule and not counted:
        raise Refused("Say which minutes your payer counts as timed.", "counted")
    kept = [kind for kind in minute_kinds() if kind in counted]
    setting, _ = PayerSetting.objects.update_or_create(
        clinic_id=by.clinic_id,
        defaults={"rule": rule, "counted": kept},
        create_defaults={
            "rule": rule,
            "counted": kept,
            "created_by": by,
            "clinic_id": by.clinic_id,
        },
    )
    audit(by, "payer.set", setting, None)
    return setting
