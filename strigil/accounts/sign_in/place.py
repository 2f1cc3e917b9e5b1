"""Where a request came from."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def source_of(request: HttpRequest) -> str:
    """The network address as a keyed hash. One household or office counts as one.

    Behind a proxy it is what that one proxy has added to ``X-Forwarded-For``; whatever stands before it was written by
    the browser.
    """
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
