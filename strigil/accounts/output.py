"""What the server prints: that something failed, where and of what kind; nothing of what a patient or a page said."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

WRONG_HOST = "asked for under a name that STRIGIL_HOSTS does not list"
"""Whoever looks for weak servers asks like this all day: a line each, without where in Django it was refused."""

Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Plain(logging.Formatter):
    """A request is named by its route, an exception by its type and the lines it went through.

    Addresses hold names that were searched and links that open something; the words of an exception hold values.
    """

    def format(self, record: logging.LogRecord) -> str:
        told = logging.makeLogRecord(record.__dict__)
        if (request := getattr(record, "request", None)) is not None:
            match = getattr(request, "resolver_match", None)
            route = (match.url_name if match else None) or "no route"
            told.msg, told.args = f"{getattr(record, 'status_code', '')} {request.method} {route}".strip(), None
        elif record.name.startswith("django.security"):
            told.msg, told.args = "refused", None
        if record.name == "django.security.DisallowedHost":
            told.msg, told.exc_info = f"{told.msg}, {WRONG_HOST}", None
        told.exc_text = None
        return super().format(told)

    def formatException(self, ei: Raised) -> str:  # noqa: N802 - the name that logging calls
        kind, error, trace = ei
        if kind is None or error is None:
            return ""
        lines = [f"  {one.filename}:{one.lineno} in {one.name}" for one in traceback.extract_tb(trace)]
        because = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if because is not None:
            lines.insert(0, self.formatException((type(because), because, because.__traceback__)))
        return "\n".join([*lines, f"{kind.__module__}.{kind.__qualname__}"])
