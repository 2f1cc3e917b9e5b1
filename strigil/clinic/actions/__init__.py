"""Every write of the record: one transaction each, with its audit event, ``by=`` somebody."""

from strigil.clinic.actions.base import Refused, StaleVersion

__all__ = ["Refused", "StaleVersion"]
