"""Which names the views look for in an address, whether or not any page of ours writes them there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import QueryDict
from django.urls import resolve
from django.utils.functional import cached_property

Asked = dict[str, set[str]]
"""By route, the names."""


@contextmanager
def names_asked_for() -> Iterator[Asked]:
    found: Asked = {}

    class Listening(QueryDict):
        names: ClassVar[set[str]] = set()

        def __getitem__(self, name: str) -> Any:
            self.names.add(name)
            return super().__getitem__(name)

        def __contains__(self, name: object) -> bool:
            self.names.add(str(name))
            return super().__contains__(name)

        def getlist(self, name: str, default: Any = None) -> Any:
            self.names.add(name)
            return super().getlist(name, default)

    def listening(request: WSGIRequest) -> Listening:
        given = Listening(request.META.get("QUERY_STRING", ""))
        given.__dict__["names"] = found.setdefault(str(resolve(request.path_info).url_name), set())
        return given

    prop = cached_property(listening)
    prop.__set_name__(WSGIRequest, "GET")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WSGIRequest, "GET", prop)
        yield found
