"""What the pages of patients share, who are signed in nowhere."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac


def private(response: HttpResponse) -> HttpResponse:
    """Kept by no cache and no search engine."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def source_of(request: HttpRequest) -> str:
    """Where a request came from, as a keyed hash. One household or office counts as one."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.SESSION_COOKIE_SECURE:
        address = request.headers.get("X-Forwarded-For", address).split(",")[-1].strip()
    try:
        known = ipaddress.ip_address(address)
        if known.version == 6:
            address = str(ipaddress.ip_network((known, 64), strict=False))
    except ValueError:
        pass
    return salted_hmac("strigil.request", address).hexdigest()[:64]
